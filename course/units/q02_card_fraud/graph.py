"""A fitted classifier and a rule behind it, as the one ONNX file that the contract asks for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from course import graph
from course.contract.cost.calibration import ML_OPSET
from course.units.q02_card_fraud.world import AT, COLUMNS, DAYS, outage, region, world


class Graph(graph.Graph):
    """Operators behind a classifier of scikit-learn that was fitted on `columns` (names), in this order.

    `score` names its probability of the class 1, `column` gives the name of a column: float32 [N], both. Without a
    classifier there is no `score`, and everything is yours to add; "payments" is the input, float32 [N, 22]. Raises
    Differs where the classifier is converted into something that answers otherwise; with `ml=5` trees are not
    converted but written by hand.
    """

    def __init__(self, classifier: Any = None, columns: Sequence[str] = (), *, ml: int = ML_OPSET):
        super().__init__({"payments": (np.float32, len(COLUMNS))}, ml=ml)
        if classifier is not None:
            places = [AT[name] for name in columns]
            chosen = self.add("Gather", "payments", np.array(places), axis=1)
            probabilities = self.probabilities(classifier, chosen, _payments()[:, places])
            self.score = self.add("Gather", probabilities, np.array(1), axis=1)

    def column(self, name: str) -> str:
        """The name of one column of the payments, float32 [N]."""
        return self.add("Gather", "payments", np.array(AT[name]), axis=1)

    def save(self, path: str, probability: str, review: str) -> None:
        """Write the file. `probability` names a float32 [N], `review` a bool [N] or a number that is 0 or 1."""
        super().save(path, probability=probability, review=self.add("Cast", review, to=7))


@cache
def _payments() -> np.ndarray:
    """Payments of some world, (n, 22), a quarter of them while the store is down: what a conversion is tried on."""
    rng = np.random.default_rng(2)
    X = region(rng, world(rng), DAYS, DAYS + 1).X
    X = X[rng.permutation(len(X))[:1_500]]
    return np.concatenate([X, outage(X[::3])])


def ask(path: str, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`probability` and `review` of a saved model for payments (N, 22)."""
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return tuple(session.run(["probability", "review"], {"payments": np.asarray(X, np.float32)}))
