#!/bin/sh
# Trees with missing values: converted, a missing value always goes right.
#
# Version      skl2onnx 1.20.0 (scikit-learn 1.9.1, onnxruntime 1.32.0)
# Expected     each split of a fitted tree knows whether missing values go left or right; the graph keeps it
# Behaviour    the converter writes no such mark, and a missing value takes the right branch
# Seen         a tree with one split by "missing or not": all rows with a missing value get the other answer
. "$(dirname "$0")/lib.sh"
packages $CONVERTING
"$python" - <<'PYTHON'
import numpy as np, onnxruntime, sys
from skl2onnx import to_onnx
from sklearn.tree import DecisionTreeClassifier

rng = np.random.default_rng(0)
X = rng.normal(size=(400, 1)).astype(np.float32)
X[::4] = np.nan
y = np.where(np.isnan(X[:, 0]), 0, X[:, 0] > 0).astype(int)  # missing belongs with the small ones
tree = DecisionTreeClassifier(max_depth=1).fit(X, y)
graph = to_onnx(tree, X[:1], options={"zipmap": False}, target_opset=17)
label = onnxruntime.InferenceSession(graph.SerializeToString()).run(["label"], {"X": X})[0]
gone = np.isnan(X[:, 0])
wrong = label != tree.predict(X)
print(f"differ: {wrong[gone].mean():.0%} of rows with a missing value, {wrong[~gone].mean():.0%} of the others")
sys.exit(not (wrong[gone].all() and not wrong[~gone].any()))
PYTHON
