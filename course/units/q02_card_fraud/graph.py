"""A fitted classifier and a rule behind it, as the one ONNX file that the contract asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from course import graph
from course.contract.cost.calibration import ML_OPSET, OPSET
from course.units.q02_card_fraud.world import AT, COLUMNS


class Graph(graph.Graph):
    """Operators behind a classifier of scikit-learn that was fitted on `columns` (names), in this order.

    `score` names its probability of the class 1, `column` gives the name of a column: float32 [N], both. Without a
    classifier there is no `score`, and everything is yours to add; "payments" is the input, float32 [N, 22].
    """

    def __init__(self, classifier: Any = None, columns: Sequence[str] = ()):
        super().__init__({"payments": (np.float32, len(COLUMNS))})
        if classifier is not None:
            from skl2onnx import to_onnx

            row, versions = np.zeros((1, len(columns)), np.float32), {"": OPSET, graph.ML: ML_OPSET}
            made = to_onnx(classifier, row, options={"zipmap": False}, target_opset=versions)
            chosen = self.add("Gather", "payments", np.array([AT[name] for name in columns]), axis=1)
            _, probabilities = self.insert(made, chosen)
            self.score = self.add("Gather", probabilities, np.array(1), axis=1)

    def column(self, name: str) -> str:
        """The name of one column of the payments, float32 [N]."""
        return self.add("Gather", "payments", np.array(AT[name]), axis=1)

    def save(self, path: str, probability: str, review: str) -> None:
        """Write the file. `probability` names a float32 [N], `review` a bool [N] or a number that is 0 or 1."""
        super().save(path, probability=probability, review=self.add("Cast", review, to=7))


def ask(path: str, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`probability` and `review` of a saved model for payments (N, 22)."""
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return tuple(session.run(["probability", "review"], {"payments": np.asarray(X, np.float32)}))
