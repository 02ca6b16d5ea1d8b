"""What every unit has. A unit is one module of this folder that defines `UNIT`, an instance of a subclass of `Unit`.

Units know `course.contract` and nothing above it.
"""

from __future__ import annotations

import json
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from course.contract.terms.estimates import ESTIMATES, Estimate
from course.contract.terms.report import Landmark, Measurement, Term
from course.key import Key
from course.problem import Problem
from course.units.kit import contract
from course.units.kit.about import About
from course.units.kit.replay import Replay
from course.units.kit.worlds import Draw

if TYPE_CHECKING:
    import numpy as np

    from course.contract.artifacts.gate import ModelSpec
    from course.contract.artifacts.modules import ModuleSpec
    from course.contract.terms.holdout import Holdout


class Unit(ABC):
    """One unit: its world, its budgets, its evaluation."""

    name: ClassVar[str]
    title: ClassVar[str]
    brief: ClassVar[str]  # the interviewer's one line
    terms: ClassVar[tuple[Term, ...]]
    estimates: ClassVar[Mapping[str, Estimate]]
    hints: ClassVar[Mapping[str, tuple[str, ...]]] = {}  # by step, from a nudge to nearly the way
    also: ClassVar[tuple[str, ...]] = ()  # further files that are handed in beside the artifact
    seconds: ClassVar[int] = 300  # what a submission's notebook may take when it is graded
    example: ClassVar[str] = ""  # one input with the right output, worked out: shown under the contract

    @property
    @abstractmethod
    def artifact(self) -> str:
        """The file that is shipped."""

    @property
    def about(self) -> About | None:
        """What it is for, what it builds on and how long it takes; None if its contract says nothing of that."""
        return contract.about_beside(sys.modules[type(self).__module__].__file__ or "")

    @property
    def files(self) -> tuple[str, ...]:
        """Every file that a submission consists of."""
        return (self.artifact, *self.also, ESTIMATES)

    @property
    def handed_in(self) -> dict[str, str]:
        """Every file that is handed in, the notebook first, with what it is."""
        known = {f"{self.name}.ipynb": "the notebook: memo, estimates, code", self.artifact: "what is measured"}
        for name in self.files:
            known.setdefault(name, "the plain start" if _plain(name) else "read from its folder, where you need it")
        return known | {ESTIMATES: "your answers to the estimates"}

    @property
    def shipped(self) -> tuple[str, ...]:
        """The files that go to production: the artifact, and what it needs beside it."""
        return tuple(dict.fromkeys(name for name in self.files if name != ESTIMATES and not _plain(name)))

    def release(self, draw: Draw) -> Mapping[str, np.ndarray]:
        """The arrays that a learner may see (training rows, public hold-out), drawn from the key."""
        raise NotImplementedError

    @abstractmethod
    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """The public hold-out, made of the arrays of `release` alone."""

    def hidden(self, draw: Draw) -> Holdout:
        """The private hold-out, with the slices and stresses that only grading measures, drawn from the key."""
        raise NotImplementedError

    def public_data(self, key: Key) -> dict[str, np.ndarray]:
        """What a release carries as a file, under that key; made once in a process."""
        return dict(_drawn(self, key, "release"))

    def private_holdout(self, key: Key) -> Holdout:
        """The private hold-out under that key; made once in a process."""
        return _drawn(self, key, "hidden")

    @abstractmethod
    def examine(
        self, folder: Path, holdout: Holdout, wanted: Collection[str], tell: Callable[[str], None]
    ) -> dict[str, Measurement]:
        """A measurement for each wanted clause but the estimates, of the files in `folder`.

        It never raises for what was handed in; `tell` is called with a few words before each step that takes time.
        """

    def landmarks(self) -> Sequence[Landmark]:
        """Known models for the picture (the baseline, the big one)."""
        return ()

    def replay(self, folder: Path, holdout: Holdout, case: int) -> Replay:
        """Play one case of a hold-out with the artifact in `folder` exactly as it is judged, restarts included.

        Raises Problem where there is no such case, CallError where the artifact fails.
        """
        raise Problem(f"{self.name} has nothing to replay: every row is judged by itself.")

    def par(self) -> Mapping[str, float]:
        """What the reference reaches on the public hold-out of the open key, by clause, as `course par` recorded it."""
        file = Path(sys.modules[type(self).__module__].__file__ or "").with_name("par.json")
        return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}

    def term(self, name: str) -> Term:
        """The term of that name. Raises KeyError with the names that exist."""
        for term in self.terms:
            if term.name == name:
                return term
        raise KeyError(f"{self.name} has no clause {name!r}; it has: {', '.join(t.name for t in self.terms)}")


def _plain(name: str) -> bool:
    return name.startswith("baseline")


@lru_cache(maxsize=16)
def _drawn(unit: Unit, key: Key, what: str) -> Any:
    return getattr(unit, what)(Draw(unit.name, key))


class ModelUnit(Unit):
    """A unit whose artifact is an ONNX model."""

    model: ClassVar[ModelSpec]

    @abstractmethod
    def evaluate(self, answers: Mapping[str, Mapping[str, np.ndarray]], holdout: Holdout) -> dict[str, Measurement]:
        """Judge a model's answers: probe -> output name -> array, to a measurement for each of the unit's own terms.

        A probe on which the model failed is not among them if a clause has its name.
        """

    @property
    def artifact(self) -> str:
        """The file that is shipped."""
        return self.model.file

    def examine(
        self, folder: Path, holdout: Holdout, wanted: Collection[str], tell: Callable[[str], None]
    ) -> dict[str, Measurement]:
        """What is found about `model.onnx` and, for the clause "baseline", about `baseline.onnx`."""
        from course.contract.artifacts import models

        found = {}
        if "baseline" in wanted:
            tell("running the baseline")
            found["baseline"] = models.measure_baseline(self, folder, holdout)
        others = [name for name in wanted if name != "baseline"]
        return found | models.measure_model(self, folder / self.artifact, holdout, others, tell)


class ModuleUnit(Unit):
    """A unit whose artifact is a Python module: functions, or classes whose objects keep a state.

    Its own terms are measured by methods marked with `course.contract.artifacts.modules.clauses`.
    """

    module: ClassVar[ModuleSpec]

    @property
    def artifact(self) -> str:
        """The file that is shipped."""
        return self.module.file

    @property
    def files(self) -> tuple[str, ...]:
        """Every file that a submission consists of."""
        return (*super().files, *self.module.beside)

    def examine(
        self, folder: Path, holdout: Holdout, wanted: Collection[str], tell: Callable[[str], None]
    ) -> dict[str, Measurement]:
        """What is found about the module and, for the clause "baseline", about `baseline.py`."""
        from course.contract.artifacts import modules

        found = {}
        if "baseline" in wanted:
            tell("running the baseline")
            found["baseline"] = modules.measure_baseline(self, folder, holdout)
        others = [name for name in wanted if name != "baseline"]
        return found | modules.measure_module(self, folder, holdout, others, tell)
