#!/bin/sh
# An ordinal encoder that groups rare categories: converted, every column groups as the first does.
#
# Version      skl2onnx 1.20.0 (scikit-learn 1.9.1, onnxruntime 1.32.0)
# Expected     each column has its own rare categories
# Behaviour    those of the first column are looked for at the same places in the others
# Seen         the first column is right; a second one, whose rare categories stand elsewhere, is wrong for many rows
. "$(dirname "$0")/lib.sh"
packages $CONVERTING
"$python" - <<'PYTHON'
import numpy as np, onnxruntime, sys
from skl2onnx import to_onnx
from sklearn.preprocessing import OrdinalEncoder

rng = np.random.default_rng(0)
a, b = rng.choice(list("abcdef"), 600, p=[0.4, 0.3, 0.24, 0.02, 0.02, 0.02]), rng.choice(list("abcdef"), 600, p=[0.02, 0.02, 0.02, 0.24, 0.3, 0.4])
X = np.column_stack([a, b]).astype(object)
encoder = OrdinalEncoder(min_frequency=60).fit(X)
graph = to_onnx(encoder, X[:1], target_opset=17)
found = onnxruntime.InferenceSession(graph.SerializeToString()).run(None, {"X": X})[0]
wrong = (found != encoder.transform(X)).mean(axis=0)
print(f"the first column differs in {wrong[0]:.0%} of rows, the second in {wrong[1]:.0%}")
sys.exit(not (wrong[0] == 0 and wrong[1] > 0.2))
PYTHON
