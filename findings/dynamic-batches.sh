#!/bin/sh
# Dynamic quantisation: a row's answer depends on the rows beside it.
#
# Version      onnxruntime 1.32.0
# Expected     a row is answered as it is alone, whatever else is in the batch
# Behaviour    activations are rounded on a scale that is found from all rows of a call
# Seen         the same row alone and beside a row of large numbers: answers are apart by far more than rounding
. "$(dirname "$0")/lib.sh"
packages numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0
"$python" - <<'PYTHON'
import logging, numpy as np, onnx, onnxruntime, sys
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import quantize_dynamic

logging.getLogger().setLevel(logging.ERROR)
weights = np.random.default_rng(0).normal(size=(16, 4)).astype(np.float32)
graph = helper.make_graph(
    [helper.make_node("MatMul", ["X", "w"], ["Y"])], "g",
    [helper.make_tensor_value_info("X", TensorProto.FLOAT, ["N", 16])],
    [helper.make_tensor_value_info("Y", TensorProto.FLOAT, ["N", 4])], [numpy_helper.from_array(weights, "w")],
)
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), "plain.onnx")
quantize_dynamic("plain.onnx", "small.onnx")
row, large = np.random.default_rng(1).normal(size=(1, 16)).astype(np.float32), np.full((1, 16), 50, np.float32)
far = {}
for name in ("plain", "small"):
    session = onnxruntime.InferenceSession(f"{name}.onnx")
    alone, beside = session.run(None, {"X": row})[0][0], session.run(None, {"X": np.concatenate([row, large])})[0][0]
    far[name] = float(np.abs(alone - beside).max() / np.abs(alone).max())
print(f"alone and beside a large row: {far['plain']:.1e} apart in float32, {far['small']:.0%} in 8 bits")
sys.exit(not (far["plain"] < 1e-5 and far["small"] > 0.02))
PYTHON
