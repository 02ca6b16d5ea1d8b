"""The usual ways to make a net smaller, each in a few lines: to be measured, not to be believed."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np


def small_net(X: np.ndarray, y: np.ndarray, path: str, hidden: int = 64, seed: int = 0) -> None:
    """Train one hidden layer on rows (n, 784) in 0..255 with digits (n,), and save it."""
    from sklearn.neural_network import MLPClassifier

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net = MLPClassifier((hidden,), max_iter=40, random_state=seed).fit(X / np.float32(255), y)
    write([*net.coefs_, *net.intercepts_], path)


def distil(X: np.ndarray, probabilities: np.ndarray, path: str, hidden: int = 64, seed: int = 0) -> None:
    """Teach a net the teacher's probabilities (n, 10) for rows (n, 784), and save it.

    The teacher's logarithms, centred for each row, are the targets of a regression (Ba and Caruana, "Do deep nets
    really need to be deep?", 2014).
    """
    from sklearn.neural_network import MLPRegressor

    logits = np.log(np.clip(probabilities, 1e-3, None))
    logits -= logits.mean(axis=1, keepdims=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net = MLPRegressor(hidden_layer_sizes=(hidden,), max_iter=40, random_state=seed).fit(
            X / np.float32(255), logits
        )
    write([*net.coefs_, *net.intercepts_], path)


def prune(source: str, path: str, share: float) -> None:
    """Set the smallest `share` of each weight matrix to zero (magnitude pruning)."""
    import onnx
    from onnx import numpy_helper

    model = onnx.load(source)
    for tensor in model.graph.initializer:
        weights = numpy_helper.to_array(tensor).copy()
        if weights.ndim == 2:
            weights[np.abs(weights) < np.quantile(np.abs(weights), share)] = 0
            tensor.CopyFrom(numpy_helper.from_array(weights, tensor.name))
    onnx.save(model, path)


def quantise(source: str, path: str) -> None:
    """Store weights as 8-bit integers (onnxruntime's dynamic quantisation)."""
    import logging

    from onnxruntime.quantization import QuantType, quantize_dynamic

    logging.getLogger().setLevel(logging.ERROR)  # the quantiser advises to pre-process; the graph is three nodes
    quantize_dynamic(Path(source), Path(path), weight_type=QuantType.QInt8)


def write(weights: list[np.ndarray], path: str) -> None:
    """Save a net of one hidden layer: weights of both layers, then biases of both."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    w0, w1, b0, b1 = (w.astype(np.float32) for w in weights)
    tensors = {"w0": w0 / np.float32(255), "b0": b0, "w1": w1, "b1": b1}
    nodes = [
        helper.make_node("MatMul", ["pixels", "w0"], ["m0"]),
        helper.make_node("Add", ["m0", "b0"], ["a0"]),
        helper.make_node("Relu", ["a0"], ["r0"]),
        helper.make_node("MatMul", ["r0", "w1"], ["m1"]),
        helper.make_node("Add", ["m1", "b1"], ["a1"]),
        helper.make_node("ArgMax", ["a1"], ["digit"], axis=1, keepdims=0),
    ]
    graph = helper.make_graph(
        nodes,
        "digits",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["N", 784])],
        [helper.make_tensor_value_info("digit", TensorProto.INT64, ["N"])],
        [numpy_helper.from_array(value, name) for name, value in tensors.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
