"""What every unit has. A unit is one module of this folder that defines `UNIT`, an instance of a subclass of `Unit`.

Units know `course.contract` and nothing above it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from course.contract.estimates import ESTIMATES, Estimate
from course.contract.gate import ModelSpec
from course.contract.holdout import Holdout
from course.contract.report import Landmark, Measurement, Term
from course.key import Key

if TYPE_CHECKING:
    import numpy as np


class Unit(ABC):
    """One unit: its world, its budgets, its evaluation."""

    name: ClassVar[str]
    title: ClassVar[str]
    brief: ClassVar[str]  # the interviewer's one line
    model: ClassVar[ModelSpec]
    terms: ClassVar[tuple[Term, ...]]
    estimates: ClassVar[Mapping[str, Estimate]]
    also: ClassVar[tuple[str, ...]] = ()  # further files that are handed in beside model.onnx
    seconds: ClassVar[int] = 300  # what a submission's notebook may take when it is graded

    @abstractmethod
    def public_data(self, key: Key) -> Mapping[str, np.ndarray]:
        """The arrays that a learner may see (training rows, public hold-out): what a release carries as a file."""

    @abstractmethod
    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """The public hold-out, made of the arrays of `public_data` alone."""

    @abstractmethod
    def private_holdout(self, key: Key) -> Holdout:
        """The private hold-out, with the slices and stresses that only grading measures."""

    @abstractmethod
    def evaluate(self, answers: Mapping[str, Mapping[str, np.ndarray]], holdout: Holdout) -> dict[str, Measurement]:
        """Judge a model's answers: probe -> output name -> array, to a measurement for each of the unit's own terms."""

    def prepare(self, data: Mapping[str, np.ndarray], tell: Callable[[str], None]) -> None:  # noqa: B027
        """Put into the cache what notebooks take from it, and `tell` how far it is.

        Called before submissions run, because they can only read the cache.
        """

    def landmarks(self) -> Sequence[Landmark]:
        """Known models for the picture (the baseline, the big one)."""
        return ()

    @property
    def files(self) -> tuple[str, ...]:
        """Every file that a submission consists of."""
        return (self.model.file, *self.also, ESTIMATES)

    def term(self, name: str) -> Term:
        """The term of that name. Raises KeyError with the names that exist."""
        for term in self.terms:
            if term.name == name:
                return term
        raise KeyError(f"{self.name} has no clause {name!r}; it has: {', '.join(t.name for t in self.terms)}")
