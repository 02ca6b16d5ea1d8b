#!/bin/sh
# Products of 8 bits saturate on processors without VNNI; `reduce_range` is the setting against it.
#
# Version      onnxruntime 1.32.0 (x86-64)
# Expected     the same quantised file gives the same answers on all processors
# Behaviour    without VNNI two products are added in 16 bits, and a sum that is too large is cut
# Seen         large weights and activations: answers differ from exact ones on a processor without VNNI, and not
#              with one, or with weights of 7 bits (reduce_range)
. "$(dirname "$0")/lib.sh"
packages numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0
"$python" - <<'PYTHON'
import numpy as np, onnxruntime, pathlib, platform, sys
from onnx import TensorProto, helper, numpy_helper

if platform.machine() not in ("x86_64", "AMD64"):
    sys.exit(print("this is about x86-64"))
flags = pathlib.Path("/proc/cpuinfo").read_text() if pathlib.Path("/proc/cpuinfo").exists() else ""
vnni = "vnni" in flags


def worst(most):
    weights = np.full((64, 16), most, np.int8)
    X = np.full((4, 64), 255, np.uint8)
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["X", "w"], ["Y"])], "g",
        [helper.make_tensor_value_info("X", TensorProto.UINT8, ["N", 64])],
        [helper.make_tensor_value_info("Y", TensorProto.INT32, ["N", 16])], [numpy_helper.from_array(weights, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    found = onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"X": X})[0]
    exact = X.astype(np.int64) @ weights.astype(np.int64)
    return float(np.abs(found - exact).max() / np.abs(exact).max())


eight, seven = worst(127), worst(63)
print(f"{'with' if vnni else 'without'} VNNI: 8 bits are off by {eight:.0%}, 7 bits by {seven:.0%}")
sys.exit(not (seven == 0 and (eight == 0) == vnni))
PYTHON
