"""What is measured of a module: a Python file whose functions, or objects with methods, are what is shipped.

A unit judges it in methods that are marked with the clauses that they measure:

    @clauses("quality", "new_cards")
    def decide(self, ship, holdout):
        with ship.open() as shipped:
            ...
        return {"quality": Measurement(...), "new_cards": Measurement(...)}
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from course.contract.artifacts.gate import Model, ModelSpec, Refused, check, content
from course.contract.processes import calls
from course.contract.processes.runner import RunnerError
from course.contract.terms.report import Measurement, Term

if TYPE_CHECKING:
    from course.contract.terms.holdout import Holdout

BASELINE = "baseline.py"


@dataclass(frozen=True)
class ModuleSpec:
    """What a unit says about its module: what it must define, name -> signature as learners know it; its limits."""

    file: str
    defines: Mapping[str, str]
    most_bytes: int = 200_000
    beside: tuple[str, ...] = ()  # further files that it may read from its own folder
    beside_bytes: int = 4_000_000
    seconds: float = 10.0  # for one exchange (see `calls`)
    total: float = 300.0  # for everything that is judged, timing apart


class Judge(Protocol):
    """Who says what a module must be, and judges it in methods that are marked with `clauses`: a unit."""

    module: ModuleSpec

    def term(self, name: str) -> Term:
        """The term of that name."""


@dataclass(frozen=True)
class Ship:
    """A module that was handed in, to be run as often as it takes."""

    module: calls.Module
    spec: ModuleSpec
    purse: calls.Purse

    @contextlib.contextmanager
    def open(self) -> Iterator[calls.Shipped]:
        """A fresh process with the module in it. Raises CallError."""
        spec = self.spec
        with calls.serve(self.module, spec.defines, seconds=spec.seconds, purse=self.purse) as shipped:
            yield shipped

    def model(self, spec: ModelSpec) -> Model:
        """The model that lies beside the module, through the gate. Raises Refused, also where there is none."""
        if spec.file not in self.module.beside:
            raise Refused(
                f"There is no {spec.file} beside {self.module.file} yet: build it and save it under that name."
            )
        return check(self.module.beside[spec.file], spec, name=spec.file)

    @property
    def size(self) -> int:
        """Bytes of everything that is shipped."""
        return len(self.module.content) + sum(map(len, self.module.beside.values()))


def read(folder: Path, spec: ModuleSpec, file: str = "") -> Ship:
    """The module in `folder` (called `file` where it is not the spec's own), with what lies beside it.

    Raises FileNotFoundError if there is none, or none with a line of code in it; Refused for a file that may not be
    used.
    """
    name = file or spec.file
    text = content(folder / name, spec.most_bytes)
    if all(not line.strip() or line.lstrip().startswith(b"#") for line in text.splitlines()):
        raise FileNotFoundError(name)
    if b"\0" in text[:1000]:
        raise Refused(f"{name} is no Python file; write it with the cell magic `%%writefile {name}`.")
    beside = {}
    for other in spec.beside:
        with contextlib.suppress(FileNotFoundError):
            beside[other] = content(folder / other, spec.beside_bytes)
    return Ship(calls.Module(name, text, beside), spec, calls.Purse(spec.total))


def clauses(*names: str) -> Callable[[Callable], Callable]:
    """Mark a unit's method as the one that measures these clauses.

    It is called with a Ship and a hold-out, and returns a Measurement by clause name. A CallError, Refused or
    RunnerError that it lets through makes all its clauses broken, with that sentence, so what can fail by itself should
    have a method of its own.
    """

    def mark(method: Callable) -> Callable:
        method.clauses = names
        return method

    return mark


def judges(unit: Judge) -> list[Callable]:
    """The unit's marked methods, in the order they were written."""
    found = {
        name: None
        for kind in reversed(type(unit).__mro__)
        for name, value in vars(kind).items()
        if hasattr(value, "clauses")
    }
    return [getattr(unit, name) for name in found]


def measure_module(
    unit: Judge, folder: Path, holdout: Holdout, names: Collection[str], tell: Callable[[str], None]
) -> dict[str, Measurement]:
    """What the clauses called `names` find about a module."""
    try:
        ship = read(folder, unit.module)
    except FileNotFoundError:
        missing = f"There is no code in {unit.module.file} yet: write it, and run the cell."
        return dict.fromkeys(names, Measurement(None, missing))
    except Refused as refusal:
        return dict.fromkeys(names, Measurement(None, str(refusal), "broken"))
    found = {"size": Measurement(float(ship.size))} if "size" in names else {}
    for judge in judges(unit):
        if set(judge.clauses) & set(names):
            tell(f"measuring {', '.join(unit.term(name).title.lower() for name in judge.clauses if name in names)}")
            found |= _judged(judge, ship, holdout)
    return {name: found.get(name, Measurement(None)) for name in names}


def measure_baseline(unit: Judge, folder: Path, holdout: Holdout) -> Measurement:
    """The quality of the plain module that a learner starts from, `baseline.py`."""
    try:
        ship = read(folder, unit.module, BASELINE)
    except FileNotFoundError:
        return Measurement(None, f"There is no code in {BASELINE} yet: write it, and run the cell.")
    except Refused as refusal:
        return Measurement(None, str(refusal), "broken")
    judge = next(judge for judge in judges(unit) if "quality" in judge.clauses)
    return _judged(judge, ship, holdout)["quality"]


def _judged(judge: Callable, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
    try:
        return dict(judge(ship, holdout))
    except Exception as error:
        return dict.fromkeys(judge.clauses, broken(error, ship))


def broken(error: Exception, ship: Ship) -> Measurement:
    """What is said of a clause whose judge let an error through."""
    if isinstance(error, calls.CallError | RunnerError | Refused):
        return Measurement(None, str(error), "broken")
    # What comes back may be anything; a value of a kind that the unit did not think of breaks these clauses alone.
    kind = type(error).__name__
    sentence = f"What {ship.module.file} returned can't be judged ({kind}); read its contract again."
    return Measurement(None, sentence, "broken")
