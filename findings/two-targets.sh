#!/bin/sh
# A net with two targets: converted, both stand in one column, twice as long as the rows.
#
# Version      skl2onnx 1.20.0 (scikit-learn 1.9.1, onnxruntime 1.32.0)
# Expected     MLPRegressor fitted on two targets gives an output of two columns, or is refused
# Behaviour    it is converted without a word; its last Reshape is fixed at one column
# Seen         three rows give six numbers in one column; read row by row they are what the model says
. "$(dirname "$0")/lib.sh"
packages $CONVERTING
"$python" - <<'PYTHON'
import numpy as np, onnxruntime, sys
from skl2onnx import to_onnx
from sklearn.neural_network import MLPRegressor

X = np.random.default_rng(0).normal(size=(200, 4)).astype(np.float32)
y = np.stack([X.sum(axis=1), X[:, 0] - X[:, 1]], axis=1)
model = MLPRegressor(hidden_layer_sizes=(8,), max_iter=30, random_state=0).fit(X, y)
graph = to_onnx(model, X[:1], target_opset=17)
found = onnxruntime.InferenceSession(graph.SerializeToString()).run(None, {"X": X[:3]})[0]
wanted = model.predict(X[:3])
print(f"the model answers {wanted.shape}, the graph {found.shape}")
sys.exit(not (found.shape == (6, 1) and np.allclose(found.reshape(3, 2), wanted, atol=1e-4)))
PYTHON
