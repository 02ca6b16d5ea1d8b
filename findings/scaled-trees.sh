#!/bin/sh
# Trees behind a scaler: converted, a value that is just at a split falls to its other side.
#
# Version      skl2onnx 1.20.0 (scikit-learn 1.9.1, onnxruntime 1.32.0)
# Expected     a scaler changes nothing for trees, and float32 is what trees compare in anyway
# Behaviour    scikit-learn scales in float64 and then rounds; the graph scales in float32, which can end a step away
# Seen         prices with one decimal: some rows get another answer, and none without the scaler
. "$(dirname "$0")/lib.sh"
packages $CONVERTING
"$python" - <<'PYTHON'
import numpy as np, onnxruntime, sys
from skl2onnx import to_onnx
from sklearn.ensemble import RandomForestRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

rng = np.random.default_rng(0)
X = (rng.integers(0, 200, (3000, 4)) / 10).astype(np.float32)
y = X.sum(axis=1) + rng.normal(size=3000)


def differ(*scaler):
    model = make_pipeline(*scaler, RandomForestRegressor(20, random_state=0)).fit(X[:1000].astype(np.float64), y[:1000])
    graph = to_onnx(model, X[:1], target_opset=17)
    found = onnxruntime.InferenceSession(graph.SerializeToString()).run(None, {"X": X})[0].ravel()
    return (np.abs(found - model.predict(X.astype(np.float64))) > 1e-3).mean()


without, behind = differ(), differ(StandardScaler())
print(f"rows off by more than 0.001: {without:.2%} without a scaler, {behind:.2%} behind one")
sys.exit(not (without == 0 and behind > 0))
PYTHON
