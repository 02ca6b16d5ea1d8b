#!/bin/sh
# k-means on columns far from zero: converted, distances to the centres are noise.
#
# Version      skl2onnx 1.20.0 (scikit-learn 1.9.1, onnxruntime 1.32.0)
# Expected     distances as `transform` gives them, to float32's six or seven digits
# Behaviour    a distance is the root of a difference of large squares, in float32
# Seen         years (about 2000) of which distances are 1 to 20: one in six is off by more than 5 %; less 2000, none is
. "$(dirname "$0")/lib.sh"
packages $CONVERTING
"$python" - <<'PYTHON'
import numpy as np, onnxruntime, sys
from skl2onnx import to_onnx
from sklearn.cluster import KMeans

rng = np.random.default_rng(0)
years = (2000 + rng.normal(0, 1.5, (600, 2)) + rng.choice([-8, 0, 8], (600, 1))).astype(np.float32)


def off(X):
    model = KMeans(3, n_init=3, random_state=0).fit(X)
    graph = to_onnx(model, X[:1], target_opset=17)
    found = onnxruntime.InferenceSession(graph.SerializeToString()).run(["scores"], {"X": X})[0]
    return (np.abs(found / model.transform(X) - 1) > 0.05).mean()


far, near = off(years), off(years - np.float32(2000))
print(f"distances off by more than 5 %: {far:.0%} as they are, {near:.0%} less 2000")
sys.exit(not (far > 0.1 and near == 0))
PYTHON
