"""The competition winner: five members, averaged. Its figures are on record; it is trained when it is first asked."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from course import cache

#: What `course bench shrink` measured under the open key.
MEASURED = Path(__file__).with_name("measured.json")


def untrained(seed: int = 0) -> dict[str, Any]:
    """The untrained members by name."""
    from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.neural_network import MLPClassifier
    from sklearn.svm import SVC

    return {
        "random forest": RandomForestClassifier(300, n_jobs=2, random_state=seed),
        "extra trees": ExtraTreesClassifier(500, n_jobs=2, random_state=seed),
        "RBF machine": SVC(C=10, gamma=0.02, probability=True, random_state=seed),
        "nearest neighbours": KNeighborsClassifier(4, weights="distance"),
        "net": MLPClassifier((256,), max_iter=30, random_state=seed),
    }


class Winner:
    """The winner for rows (n, 784) in 0..255 and their labels; `tell` is told how far training is."""

    def __init__(self, X_train: np.ndarray, y_train: np.ndarray, tell: Callable[[str], None]):
        self._X, self._y, self._tell = X_train, y_train, tell

    @cached_property
    def members(self) -> dict[str, Any]:
        """The fitted members by name, for pixels in 0..1."""
        fitted = untrained()
        for number, (name, member) in enumerate(fitted.items(), 1):
            self._tell(f"training the winner, {number} of {len(fitted)}: {name}")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # the net stops after 30 passes on purpose; SVC's probabilities go
                member.fit(self._X / np.float32(255), self._y)
        return fitted

    def predict_proba(self, pixels: np.ndarray) -> np.ndarray:
        """Probabilities, float32 (n, 10), for scans (n, 784) in 0..255."""
        scaled = pixels / np.float32(255)
        return np.mean([member.predict_proba(scaled) for member in self.members.values()], axis=0).astype(np.float32)

    @cached_property
    def proba_train(self) -> np.ndarray:
        """Its probabilities, float32 (rows, 10), for its own training rows; kept in the cache."""
        digest = hashlib.sha256(b"winner 2" + self._X.tobytes() + self._y.tobytes()).hexdigest()[:24]
        file = cache.shared() / f"f01-winner-{digest}.npz"
        return cache.arrays(file, lambda: {"train": self.predict_proba(self._X)})["train"]

    @property
    def facts(self) -> dict[str, tuple[float, float, float]]:
        """On record, for members and "the winner": accuracy on the public hold-out, bytes, microseconds a scan."""
        records = json.loads(MEASURED.read_text(encoding="utf-8"))
        return next(record["members"] for record in records if record["name"] == "the winner")

    def _repr_html_(self) -> str:
        head = "<tr><th scope='col'>Model</th><th scope='col'>Accuracy on line scans</th>"
        head += "<th scope='col'>MB, pickled</th><th scope='col'>ms a scan, alone</th></tr>"
        rows = "".join(
            f"<tr><th scope='row'>{name}</th><td>{share:.1%}</td><td>{size / 1e6:.1f}</td><td>{us / 1e3:.2f}</td></tr>"
            for name, (share, size, us) in self.facts.items()
        )
        return f"<table><caption>The winner and its members, public hold-out (on record)</caption>{head}{rows}</table>"

    def __repr__(self) -> str:
        return "\n".join(
            f"{name:20} {share:6.1%} {size / 1e6:8.1f} MB {us / 1000:7.2f} ms a scan"
            for name, (share, size, us) in self.facts.items()
        )


def winner(X_train: np.ndarray, y_train: np.ndarray, tell: Callable[[str], None] | None = None) -> Winner:
    """The winner of these rows: nothing is trained before it is asked, which then takes half a minute."""
    return Winner(X_train, y_train, tell or _say)


def _say(words: str) -> None:
    print(words, flush=True)
