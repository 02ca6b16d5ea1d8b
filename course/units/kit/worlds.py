"""Worlds drawn from the key: what a unit's simulator takes its random numbers from, and what of it is made once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from course.key import Key

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Draw:
    """The random streams of one unit under one key: `draw("labels")` is a fresh generator, the same for that purpose.

    Different purposes give independent streams, so what a learner may see says nothing about what is hidden. It can be
    an argument of a cached function.
    """

    unit: str
    key: Key

    def __call__(self, purpose: str) -> np.random.Generator:
        """A generator for that purpose, at its beginning."""
        return self.key.rng(self.unit, purpose)

    def seed(self, purpose: str = "timing") -> int:
        """A whole number for what can't take a generator."""
        return int(self(purpose).integers(2**31))
