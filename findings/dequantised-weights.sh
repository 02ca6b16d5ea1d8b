#!/bin/sh
# A dequantised weight before MatMul: onnxruntime rounds the activations too.
#
# Version      onnxruntime 1.32.0
# Expected     DequantizeLinear gives the weights back in float32, and MatMul multiplies in float32
# Behaviour    both are fused into a product of 8 bits, for which activations are rounded as well
# Seen         answers are off by more than a hundredth of their spread; without fusing they are exact
. "$(dirname "$0")/lib.sh"
packages numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0
"$python" - <<'PYTHON'
import numpy as np, onnxruntime, sys
from onnx import TensorProto, helper, numpy_helper

rng = np.random.default_rng(0)
small, scale = rng.integers(-127, 128, (64, 16)).astype(np.int8), np.float32(0.01)
X = rng.normal(size=(200, 64)).astype(np.float32)
wanted = X @ (small * scale)
graph = helper.make_graph(
    [helper.make_node("DequantizeLinear", ["q", "s", "z"], ["w"]), helper.make_node("MatMul", ["X", "w"], ["Y"])], "g",
    [helper.make_tensor_value_info("X", TensorProto.FLOAT, ["N", 64])], [helper.make_tensor_value_info("Y", TensorProto.FLOAT, ["N", 16])],
    [numpy_helper.from_array(small, "q"), numpy_helper.from_array(scale, "s"), numpy_helper.from_array(np.int8(0), "z")],
)
content = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10).SerializeToString()
far = {}
for level in ("ORT_DISABLE_ALL", "ORT_ENABLE_ALL"):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = getattr(onnxruntime.GraphOptimizationLevel, level)
    found = onnxruntime.InferenceSession(content, options).run(None, {"X": X})[0]
    far[level] = float(np.abs(found - wanted).max() / wanted.std())
print({level: f"off by up to {share:.2g} of a standard deviation" for level, share in far.items()})
sys.exit(not (far["ORT_DISABLE_ALL"] < 1e-4 and far["ORT_ENABLE_ALL"] > 0.01))
PYTHON
