#!/bin/sh
# A classifier with a tuned threshold: converted, the threshold is 0.5.
#
# Version      skl2onnx 1.20.0 (scikit-learn 1.9.1, onnxruntime 1.32.0)
# Expected     labels as `predict` gives them, with the threshold that was tuned
# Behaviour    the graph is that of the classifier inside: the label is that of the larger probability
# Seen         all rows whose probability lies between the two thresholds
. "$(dirname "$0")/lib.sh"
packages $CONVERTING
"$python" - <<'PYTHON'
import numpy as np, onnxruntime, sys
from skl2onnx import to_onnx
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import TunedThresholdClassifierCV

rng = np.random.default_rng(0)
X = rng.normal(size=(1000, 3)).astype(np.float32)
y = (X[:, 0] + rng.normal(size=1000) > 1.2).astype(int)
model = TunedThresholdClassifierCV(LogisticRegression(), scoring="balanced_accuracy", random_state=0).fit(X, y)
graph = to_onnx(model, X[:1], options={id(model): {"zipmap": False}}, target_opset=17)
label, chances = onnxruntime.InferenceSession(graph.SerializeToString()).run(None, {"X": X})
between = (chances[:, 1] >= model.best_threshold_) & (chances[:, 1] < 0.5)
wrong = label != model.predict(X)
print(f"tuned to {model.best_threshold_:.2f}: {wrong.mean():.1%} of labels differ, all between it and 0.5")
sys.exit(not (wrong.any() and np.array_equal(wrong, between)))
PYTHON
