"""Columns, arithmetic and fitted classifiers as the one ONNX file that the contract asks for."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from course import graph
from course.contract.cost.calibration import ML_OPSET
from course.units.q09_rental_search.world import AT, COLUMNS, homes, outage, pages, rows, world


class Graph(graph.Graph):
    """Operators on "candidates", float32 [N, 20]. Everything in between is [N, k]."""

    def __init__(self, *, ml: int = ML_OPSET):
        super().__init__({"candidates": (np.float32, len(COLUMNS))}, ml=ml)

    def columns(self, *names: str) -> str:
        """These columns of the candidates, float32 [N, k]. Raises KeyError for a name that is none."""
        return self.add("Gather", "candidates", np.array([AT[name] for name in names]), axis=1)

    def probability(self, classifier: Any, features: str) -> str:
        """What a classifier of scikit-learn, fitted on `graph.look(features, X)`, says of class 1: float32 [N, 1].

        Raises Differs where the classifier is converted into something that answers otherwise; with `Graph(ml=5)` trees
        are not converted but written by hand.
        """
        seen = self.look(features, _candidates())
        probabilities = self.probabilities(classifier, features, seen)
        return self.add("Gather", probabilities, np.array([1]), axis=1)

    def save(self, path: str, score: str) -> None:
        """Write the file; `score` names a float32 [N, 1] or [N]."""
        super().save(path, score=self.add("Reshape", score, np.array([-1])))


@cache
def _candidates() -> np.ndarray:
    """Candidates of some world, (n, 20), a quarter while nothing is remembered: what a conversion is tried on."""
    rng = np.random.default_rng(9)
    at = world(rng)
    there = homes(rng, at, 0.14, each=200)
    found = pages(rng, at, there, 60, shuffled=True)
    X = rows(there.table, found.search, found.home)
    return np.concatenate([X, outage(X[::3])])


def ask(path: str, X: np.ndarray) -> np.ndarray:
    """Scores of a saved model for candidates (N, 20)."""
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.run(["score"], {"candidates": np.asarray(X, np.float32)})[0]
