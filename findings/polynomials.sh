#!/bin/sh
# A regression on cubes of columns near 100: converted, float32 has too few digits for it.
#
# Version      skl2onnx 1.20.0 (scikit-learn 1.9.1, onnxruntime 1.32.0)
# Expected     predictions to float32's six or seven digits
# Behaviour    products of a million nearly cancel; the graph computes them in float32
# Seen         most predictions are off by more than the noise of the data; with float64 inputs none is
. "$(dirname "$0")/lib.sh"
packages $CONVERTING
"$python" - <<'PYTHON'
import numpy as np, onnxruntime, sys
from skl2onnx import to_onnx
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures

rng = np.random.default_rng(0)
X = (100 + 0.1 * rng.normal(size=(600, 4))).astype(np.float32).astype(np.float64)
y = (X - 100) @ np.array([1, 2, 0, -1]) + 0.01 * rng.normal(size=600)
model = make_pipeline(PolynomialFeatures(3), LinearRegression()).fit(X, y)
shares = {}
for dtype in (np.float32, np.float64):
    graph = to_onnx(model, X[:1].astype(dtype), target_opset=17)
    found = onnxruntime.InferenceSession(graph.SerializeToString()).run(None, {"X": X.astype(dtype)})[0].ravel()
    shares[dtype.__name__] = (np.abs(found - model.predict(X)) > 0.01).mean()
print({name: f"{share:.0%} of predictions off by more than 0.01" for name, share in shares.items()})
sys.exit(not (shares["float32"] > 0.5 and shares["float64"] == 0))
PYTHON
