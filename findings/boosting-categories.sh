#!/bin/sh
# Boosting with categorical_features: converted, a set of categories becomes a comparison of numbers.
#
# Version      skl2onnx 1.20.0 (scikit-learn 1.9.1, onnxruntime 1.32.0)
# Expected     a model with splits by categories is converted with them, or refused
# Behaviour    it is converted without a word; a split by a set is written as "at most this number"
# Seen         a quarter of all labels differ where the target is every third of twelve categories
. "$(dirname "$0")/lib.sh"
packages $CONVERTING
"$python" - <<'PYTHON'
import numpy as np, onnxruntime, sys
from skl2onnx import to_onnx
from sklearn.ensemble import HistGradientBoostingClassifier

X = np.random.default_rng(0).integers(0, 12, (1000, 1)).astype(np.float32)
y = (X[:, 0] % 3 == 0).astype(int)
model = HistGradientBoostingClassifier(categorical_features=[0], max_iter=10).fit(X, y)
graph = to_onnx(model, X[:1], options={"zipmap": False}, target_opset=17)
label = onnxruntime.InferenceSession(graph.SerializeToString()).run(["label"], {"X": X})[0]
share = (label != model.predict(X)).mean()
print(f"the model is right on {model.score(X, y):.0%}; the graph answers {share:.0%} of rows differently")
sys.exit(not (model.score(X, y) == 1 and share > 0.2))
PYTHON
