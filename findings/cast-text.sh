#!/bin/sh
# Cast takes what it can of a text and says nothing of the rest.
#
# Version      onnxruntime 1.32.0
# Expected     a text that is no number is refused, or a missing value
# Behaviour    what stands in front is read and what follows is dropped; sixteens are read too
# Seen         "1.5abc" is 1.5, "1,240.50" is 1, "0x10" is 16
. "$(dirname "$0")/lib.sh"
packages numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0
"$python" - <<'PYTHON'
import numpy as np, onnxruntime, sys
from onnx import TensorProto, helper

graph = helper.make_graph(
    [helper.make_node("Cast", ["X"], ["Y"], to=TensorProto.FLOAT)], "g",
    [helper.make_tensor_value_info("X", TensorProto.STRING, ["N"])], [helper.make_tensor_value_info("Y", TensorProto.FLOAT, ["N"])],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
texts = np.array(["1.5", "1.5abc", "1,240.50", "0x10"], object)
found = onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"X": texts})[0].tolist()
print(dict(zip(texts, found)))
sys.exit(found != [1.5, 1.5, 1.0, 16.0])
PYTHON
