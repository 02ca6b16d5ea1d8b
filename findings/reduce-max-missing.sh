#!/bin/sh
# ReduceMax and ArgMax see a NaN or not, depending on its place.
#
# Version      onnxruntime 1.32.0
# Expected     a NaN anywhere in a row gives NaN (as numpy does), or is left out anywhere
# Behaviour    it depends on where in the row it stands
# Seen         rows with the same three numbers and a NaN in each place do not all get the same answer
. "$(dirname "$0")/lib.sh"
packages numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0
"$python" - <<'PYTHON'
import numpy as np, onnxruntime, sys
from onnx import TensorProto, helper


def asked(operator, kind, X):
    graph = helper.make_graph(
        [helper.make_node(operator, ["X"], ["Y"], keepdims=0, **({"axes": [1]} if operator == "ReduceMax" else {"axis": 1}))],
        "g", [helper.make_tensor_value_info("X", TensorProto.FLOAT, ["N", 4])],
        [helper.make_tensor_value_info("Y", kind, ["N"])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"X": X})[0]


X = np.float32([[1, 3, 2, 0]] * 4)
X[np.arange(4), np.arange(4)] = np.nan
X = np.where(np.isnan(X), X, np.float32(1))  # ones, and a NaN in each place
most = asked("ReduceMax", TensorProto.FLOAT, X)
first = asked("ArgMax", TensorProto.INT64, X)
print(f"ReduceMax, NaN in place 0 to 3: {most}; ArgMax: {first}; numpy: {X.max(axis=1)}, {X.argmax(axis=1)}")
depends = 0 < np.isnan(most).sum() < 4
other = first.tolist() != [0, 1, 2, 3]
sys.exit(not (depends or other))
PYTHON
