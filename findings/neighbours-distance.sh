#!/bin/sh
# Nearest neighbours weighted by distance: converted, the answers are others.
#
# Version      skl2onnx 1.20.0 (scikit-learn 1.9.1, onnxruntime 1.32.0)
# Expected     the mean of the neighbours' values, each weighted by one over its distance
# Behaviour    another mean
# Seen         nearly every row of a regression, one label in five of a classification; uniform weights agree
. "$(dirname "$0")/lib.sh"
packages $CONVERTING
"$python" - <<'PYTHON'
import numpy as np, onnxruntime, sys
from skl2onnx import to_onnx
from sklearn.neighbors import KNeighborsRegressor

rng = np.random.default_rng(0)
X = rng.normal(size=(800, 4)).astype(np.float32)
y, asked = X[:, 0] * X[:, 1] + 0.1 * rng.normal(size=800), X[400:]
shares = {}
for weights in ("uniform", "distance"):
    model = KNeighborsRegressor(5, weights=weights).fit(X[:400], y[:400])
    graph = to_onnx(model, X[:1], target_opset=17)
    found = onnxruntime.InferenceSession(graph.SerializeToString()).run(None, {"X": asked})[0].ravel()
    shares[weights] = (np.abs(found - model.predict(asked)) > 0.01).mean()
print({weights: f"{share:.0%} of answers off by more than 0.01" for weights, share in shares.items()})
sys.exit(not (shares["uniform"] == 0 and shares["distance"] > 0.5))
PYTHON
