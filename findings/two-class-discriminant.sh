#!/bin/sh
# Linear discriminant analysis of two classes: converted, the probability is the sigmoid of twice the score.
#
# Version      skl2onnx 1.20.0 (scikit-learn 1.9.1, onnxruntime 1.32.0)
# Expected     probabilities as `predict_proba` gives them: the sigmoid of the score
# Behaviour    each is as if the score were twice as large; labels are right, so accuracy shows nothing
# Seen         every row
. "$(dirname "$0")/lib.sh"
packages $CONVERTING
"$python" - <<'PYTHON'
import numpy as np, onnxruntime, sys
from skl2onnx import to_onnx
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

rng = np.random.default_rng(0)
X = rng.normal(size=(600, 3)).astype(np.float32)
y = (X[:, 0] + rng.normal(size=600) > 0).astype(int)
model = LinearDiscriminantAnalysis().fit(X, y)
graph = to_onnx(model, X[:1], options={"zipmap": False}, target_opset=17)
label, found = onnxruntime.InferenceSession(graph.SerializeToString()).run(None, {"X": X})
doubled = 1 / (1 + np.exp(-2 * model.decision_function(X)))
far = np.abs(found[:, 1] - model.predict_proba(X)[:, 1])
print(f"probabilities are off by {far.mean():.3f} on average and up to {far.max():.3f}; labels that differ: {(label != model.predict(X)).sum()}")
sys.exit(not (np.allclose(found[:, 1], doubled, atol=1e-5) and far.mean() > 0.02))
PYTHON
