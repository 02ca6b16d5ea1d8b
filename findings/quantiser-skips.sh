#!/bin/sh
# The quantiser leaves weights alone that stand in a Constant node or behind a Cast, and says nothing.
#
# Version      onnxruntime 1.32.0
# Expected     quantize_dynamic makes weights 8 bits wide, or says which it could not
# Behaviour    only weights that are initializers of float32 are seen
# Seen         the same net: a quarter of the bytes from an initializer; all of them from a Constant node; all of
#              them where weights are float16 behind a Cast
. "$(dirname "$0")/lib.sh"
packages numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0
"$python" - <<'PYTHON'
import logging, numpy as np, onnx, os, sys
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import quantize_dynamic

logging.getLogger().setLevel(logging.ERROR)
weights = np.random.default_rng(0).normal(size=(256, 256)).astype(np.float32)
constant = helper.make_node("Constant", [], ["w"], value=numpy_helper.from_array(weights))
cast = helper.make_node("Cast", ["half"], ["w"], to=TensorProto.FLOAT)
ways = {
    "initializer": ([], [numpy_helper.from_array(weights, "w")]),
    "Constant": ([constant], []),
    "behind a Cast": ([cast], [numpy_helper.from_array(weights.astype(np.float16), "half")]),
}
ratios = {}
for name, (nodes, stored) in ways.items():
    graph = helper.make_graph(
        [*nodes, helper.make_node("MatMul", ["X", "w"], ["Y"])], "g",
        [helper.make_tensor_value_info("X", TensorProto.FLOAT, ["N", 256])],
        [helper.make_tensor_value_info("Y", TensorProto.FLOAT, ["N", 256])], stored,
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), "plain.onnx")
    quantize_dynamic("plain.onnx", "small.onnx")
    ratios[name] = os.path.getsize("small.onnx") / os.path.getsize("plain.onnx")
print({name: f"{ratio:.2f} of the bytes" for name, ratio in ratios.items()})
sys.exit(not (ratios["initializer"] < 0.3 and ratios["Constant"] > 0.95 and ratios["behind a Cast"] > 0.95))
PYTHON
