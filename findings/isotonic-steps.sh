#!/bin/sh
# Isotonic calibration: converted, the curve is looked up at the nearest step and not between two.
#
# Version      skl2onnx 1.20.0 (scikit-learn 1.9.1, onnxruntime 1.32.0)
# Expected     a curve of lines between the points that were fitted, as `predict_proba` draws it
# Behaviour    the value of the nearest point
# Seen         some probabilities of fresh rows are off by hundredths; sigmoid calibration agrees
. "$(dirname "$0")/lib.sh"
packages $CONVERTING
"$python" - <<'PYTHON'
import numpy as np, onnxruntime, sys
from skl2onnx import to_onnx
from sklearn.calibration import CalibratedClassifierCV
from sklearn.naive_bayes import GaussianNB

rng = np.random.default_rng(0)
X = rng.normal(size=(2400, 4)).astype(np.float32)
y = (X[:, 0] * X[:, 1] + X[:, 2] + rng.normal(size=2400) > 0).astype(int)
most = {}
for method in ("sigmoid", "isotonic"):
    model = CalibratedClassifierCV(GaussianNB(), method=method).fit(X[:400], y[:400])
    graph = to_onnx(model, X[:1], options={id(model): {"zipmap": False}}, target_opset=17)
    found = onnxruntime.InferenceSession(graph.SerializeToString()).run(None, {"X": X[400:]})[1]
    far = np.abs(found - model.predict_proba(X[400:])).max(axis=1)
    most[method] = far.max()
    print(f"{method}: {(far > 0.001).mean():.1%} of fresh rows are off by more than 0.001, up to {far.max():.3f}")
sys.exit(not (most["sigmoid"] < 1e-4 and most["isotonic"] > 0.005))
PYTHON
