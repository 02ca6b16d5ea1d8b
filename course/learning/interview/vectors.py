"""Questions as vectors: the sum of what their words mean."""

from __future__ import annotations

import numpy as np

from course.learning.interview import pieces
from course.learning.interview.taught import table


def vector(text: str, weight: pieces.Weight = lambda word: 1.0) -> np.ndarray:
    """A text as a vector of length 1; zeros if nothing of it is known. `weight` says how much a word counts."""
    total = np.zeros(pieces.DIMENSIONS)
    for row, counts in pieces.parts(text, weight).items():
        total += counts * table()[row]
    length = np.linalg.norm(total)
    return total / length if length else total
