"""TF-IDF over a few hundred short texts, without a library that takes seconds to import."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from math import log, sqrt

import numpy as np

from course.learning.interview.pieces import words


def word_parts(text: str) -> list[str]:
    """Words, and pairs of neighbours."""
    found = words(text)
    return [*found, *map(" ".join, pairwise(found))]


def letter_parts(text: str) -> list[str]:
    """Groups of three to five letters of each word, its two ends included."""
    return [
        f" {word} "[at : at + size] for word in words(text) for size in (3, 4, 5) for at in range(len(word) + 3 - size)
    ]


class Tfidf:
    """How alike a question is to each of some texts: the cosine of their parts, rare parts counting more."""

    def __init__(self, texts: Sequence[str], parts: Callable[[str], list[str]]) -> None:
        self._parts, self._size = parts, len(texts)
        every = [Counter(parts(text)) for text in texts]
        seen = Counter(part for found in every for part in found)
        self._rare = {part: 1 + log((1 + len(texts)) / (1 + count)) for part, count in seen.items()}
        self._where: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for at, found in enumerate(every):
            for part, weight in self._weighed(found):
                self._where[part].append((at, weight))

    def near(self, question: str) -> np.ndarray:
        """A cosine for each text."""
        found = np.zeros(self._size)
        for part, weight in self._weighed(Counter(self._parts(question))):
            for at, other in self._where[part]:
                found[at] += weight * other
        return found

    def _weighed(self, found: Counter) -> Iterable[tuple[str, float]]:
        weights = {part: (1 + log(count)) * self._rare[part] for part, count in found.items() if part in self._rare}
        length = sqrt(sum(weight * weight for weight in weights.values()))
        return [(part, weight / length) for part, weight in weights.items()]
