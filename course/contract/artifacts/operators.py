"""Operators that the gate has something to say about."""

from __future__ import annotations

#: Operators that run subgraphs: their cost depends on the data and can't be bounded by looking.
SUBGRAPHS = {"If", "Loop", "Scan", "SequenceMap"}
#: The only operators of onnxruntime's own domain that are let in: those its quantiser emits.
MICROSOFT = {
    "QuantizeLinear", "DequantizeLinear", "QLinearAdd", "QLinearMul", "QLinearSigmoid", "QLinearLeakyRelu",
    "QLinearAveragePool", "QLinearGlobalAveragePool", "QLinearConcat", "QLinearSoftmax", "QGemm",
    "DynamicQuantizeMatMul", "MatMulIntegerToFloat", "FusedMatMul", "FusedGemm", "Gelu",
}  # fmt: skip
_OPTIMISED = (
    "it comes from a session that was saved after it was optimised: hand in the model as it was before, or save it "
    "with graph_optimization_level = ORT_ENABLE_BASIC"
)
#: Operators of onnxruntime's own domain that people meet, and what to do instead.
_INSTEAD = {
    "MatMulNBits": "for weights of 4 bits quantise with quant_format=QuantFormat.QDQ, or use 8 bits",
    "CDist": "k nearest neighbours don't pass, since they carry their rows with them: train a model that sums rows up",
    **dict.fromkeys(
        ("FusedConv", "BiasGelu", "FastGelu", "QuickGelu", "SkipLayerNormalization", "EmbedLayerNormalization"),
        _OPTIMISED,
    ),
}


def instead(domain: str, operator: str) -> str:
    """What to do in place of an operator that is not let in, or where the list is: the end of a sentence."""
    if domain.startswith("com.microsoft."):  # layouts of one kind of processor
        return f"; {_OPTIMISED}"
    if domain == "com.microsoft" and operator in _INSTEAD:
        return f"; {_INSTEAD[operator]}"
    return ". The list: ONNX's own and ai.onnx.ml's, and print(course.contract.artifacts.operators.MICROSOFT)"
