#!/bin/sh
# An array in the other byte order is read as it lies in memory.
#
# Version      onnxruntime 1.32.0 (on a little-endian processor)
# Expected     numbers are numbers, as everywhere in numpy, or the array is refused
# Behaviour    its bytes are taken for numbers of this machine's order
# Seen         1.0 from a file of big-endian floats (as FITS, IDX and many archives hold them) is 4.6e-41
. "$(dirname "$0")/lib.sh"
packages numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0
"$python" - <<'PYTHON'
import numpy as np, onnxruntime, sys
from onnx import TensorProto, helper

graph = helper.make_graph(
    [helper.make_node("Identity", ["X"], ["Y"])], "g",
    [helper.make_tensor_value_info("X", TensorProto.FLOAT, ["N"])], [helper.make_tensor_value_info("Y", TensorProto.FLOAT, ["N"])],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
given = np.array([1.0, 2.0], ">f4")
found = onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"X": given})[0]
print(f"given {given}, answered {found}; the same bytes in this machine's order: {given.view('<f4')}")
sys.exit(not (np.array_equal(found, given.view("<f4")) and not np.array_equal(found, given)))
PYTHON
