#!/bin/sh
# Boosting with loss="poisson": converted, the exponential is left out.
#
# Version      skl2onnx 1.20.0 (scikit-learn 1.9.1, onnxruntime 1.32.0)
# Expected     the graph predicts counts, as `predict` does
# Behaviour    it gives their logarithm
# Seen         every row: the exponential of what the graph says is what the model says
. "$(dirname "$0")/lib.sh"
packages $CONVERTING
"$python" - <<'PYTHON'
import numpy as np, onnxruntime, sys
from skl2onnx import to_onnx
from sklearn.ensemble import HistGradientBoostingRegressor

rng = np.random.default_rng(0)
X = rng.normal(size=(600, 3)).astype(np.float32)
y = rng.poisson(np.exp(X[:, 0] + 1))
model = HistGradientBoostingRegressor(loss="poisson", max_iter=20).fit(X, y)
graph = to_onnx(model, X[:1], target_opset=17)
found = onnxruntime.InferenceSession(graph.SerializeToString()).run(None, {"X": X})[0].ravel()
wanted = model.predict(X)
print(f"mean of the model {wanted.mean():.2f}, of the graph {found.mean():.2f}, of its exponential {np.exp(found).mean():.2f}")
sys.exit(not (np.allclose(np.exp(found), wanted, rtol=1e-4) and abs(found.mean() - wanted.mean()) > 1))
PYTHON
