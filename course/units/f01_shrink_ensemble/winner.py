"""The competition winner: five members, averaged. Trained once on the rows as they are, then kept in the cache."""

from __future__ import annotations

import hashlib
import pickle
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from course import cache


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


@dataclass
class Winner:
    """The trained winner, or what is known about it.

    Attributes
    ----------
    proba_train : float32 (rows, 10), its probabilities for its own training rows.
    proba_public : float32 (scans, 10), its probabilities for the public hold-out.
    facts : for each member and for "the winner": accuracy on the public hold-out, bytes, microseconds a scan.
    tell : is told how far training is.
    """

    X_train: np.ndarray
    y_train: np.ndarray
    proba_train: np.ndarray
    proba_public: np.ndarray
    facts: dict[str, tuple[float, float, float]]
    tell: Callable[[str], None]
    _fitted: dict[str, Any] | None = None

    @property
    def members(self) -> dict[str, Any]:
        """The fitted members by name, for pixels in 0..1; trained now if only their figures were in the cache."""
        if self._fitted is None:
            self._fitted = _fit(self.X_train, self.y_train, self.tell)
        return self._fitted

    def predict_proba(self, pixels: np.ndarray) -> np.ndarray:
        """Probabilities, float32 (n, 10), for scans (n, 784) in 0..255."""
        return _proba(self.members, pixels)

    def _repr_html_(self) -> str:
        head = "<tr><th scope='col'>Model</th><th scope='col'>Accuracy on line scans</th>"
        head += "<th scope='col'>MB, pickled</th><th scope='col'>ms a scan, alone</th></tr>"
        rows = "".join(
            f"<tr><th scope='row'>{name}</th><td>{share:.1%}</td><td>{size / 1e6:.1f}</td><td>{us / 1e3:.2f}</td></tr>"
            for name, (share, size, us) in self.facts.items()
        )
        return f"<table><caption>The winner and its members, public hold-out</caption>{head}{rows}</table>"

    def __repr__(self) -> str:
        return "\n".join(
            f"{name:20} {share:6.1%} {size / 1e6:8.1f} MB {us / 1000:7.2f} ms a scan"
            for name, (share, size, us) in self.facts.items()
        )


def winner(
    X_train: np.ndarray,
    y_train: np.ndarray,
    X_public: np.ndarray,
    y_public: np.ndarray,
    tell: Callable[[str], None] | None = None,
) -> Winner:
    """Train the winner on rows (n, 784) in 0..255, or take what the cache knows about it; tells how far it is."""
    tell = tell or _say
    digest = hashlib.sha256(b"winner 1" + X_train.tobytes() + y_train.tobytes() + X_public.tobytes()).hexdigest()[:24]
    fitted: list[dict[str, Any]] = []

    def make() -> dict[str, np.ndarray]:
        fitted.append(_fit(X_train, y_train, tell))
        tell("measuring the winner")
        facts = _facts(fitted[0], X_public, y_public)
        return {
            "train": _proba(fitted[0], X_train),
            "public": _proba(fitted[0], X_public),
            "names": np.array(list(facts)),
            "facts": np.array(list(facts.values())),
        }

    found = cache.arrays(cache.shared() / f"f01-winner-{digest}.npz", make)
    facts = {str(name): tuple(map(float, row)) for name, row in zip(found["names"], found["facts"], strict=True)}
    return Winner(X_train, y_train, found["train"], found["public"], facts, tell, fitted[0] if fitted else None)


def _fit(X: np.ndarray, y: np.ndarray, tell: Callable[[str], None]) -> dict[str, Any]:
    fitted = untrained()
    for number, (name, member) in enumerate(fitted.items(), 1):
        tell(f"training the winner, {number} of {len(fitted)}: {name}")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the net stops after 30 passes on purpose; SVC's probabilities are going
            member.fit(X / np.float32(255), y)
    return fitted


def _proba(fitted: dict[str, Any], pixels: np.ndarray) -> np.ndarray:
    scaled = pixels / np.float32(255)
    return np.mean([member.predict_proba(scaled) for member in fitted.values()], axis=0).astype(np.float32)


def _facts(fitted: dict[str, Any], X: np.ndarray, y: np.ndarray) -> dict[str, tuple[float, float, float]]:
    """Accuracy, bytes and microseconds a scan: of every member, and of all together."""
    facts = {}
    for name, member in fitted.items():
        accuracy = float((member.predict_proba(X / np.float32(255)).argmax(axis=1) == y).mean())
        facts[name] = (accuracy, float(len(pickle.dumps(member))), _alone(member, X))
    whole = float((_proba(fitted, X).argmax(axis=1) == y).mean())
    total = np.sum([fact[1:] for fact in facts.values()], axis=0)
    facts["the winner"] = (whole, float(total[0]), float(total[1]))
    return facts


def _alone(member: Any, X: np.ndarray, rows: int = 12) -> float:
    """Microseconds for one scan by itself: the least of several, because other work only adds."""
    if hasattr(member, "n_jobs"):
        member.set_params(n_jobs=1)
    times = []
    for row in X[:rows] / np.float32(255):
        start = time.perf_counter()
        member.predict_proba(row[None])
        times.append(time.perf_counter() - start)
    return float(np.min(times) * 1e6)


def _say(words: str) -> None:
    print(words, flush=True)
