"""The steps of a unit: estimates, baseline, artifact. Every visible clause belongs to one of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from course.contract.terms.report import EARNS, Clause
from course.problem import Problem

if TYPE_CHECKING:
    from course.units.base import Unit

State = Literal["not attempted", "not yet", "kept"]
ESTIMATES_STEP, BASELINE_STEP, ARTIFACT_STEP = STEPS = ("estimates", "baseline", "artifact")
#: A step in a sentence.
WORDS = {"estimates": "the estimates", "baseline": "the baseline", "artifact": "the artifact"}


def step_of(clause: str) -> str:
    """The step to which the clause of that name belongs."""
    return clause if clause in STEPS else ARTIFACT_STEP


def steps(unit: Unit) -> tuple[str, ...]:
    """The steps that a unit has."""
    there = {step_of(term.name) for term in unit.terms if not term.hidden}
    return tuple(step for step in STEPS if step in there)


def chosen(unit: Unit, step: str | None) -> tuple[str, ...]:
    """The steps that are meant by `step`: that one, or all of them. Raises Problem if the unit has no such step."""
    if step is None:
        return steps(unit)
    if step not in steps(unit):
        raise Problem(f"{unit.name} has no step {step!r}; its steps are: {', '.join(steps(unit))}.")
    return (step,)


def clauses(unit: Unit, step: str) -> tuple[str, ...]:
    """Names of a step's clauses, in the order of the contract."""
    return tuple(term.name for term in unit.terms if not term.hidden and step_of(term.name) == step)


def state(found: Iterable[Clause]) -> State:
    """Where these clauses stand together. What is too close to call counts as kept."""
    verdicts = {clause.verdict for clause in found}
    if verdicts <= {"not attempted"}:
        return "not attempted"
    return "kept" if verdicts <= set(EARNS) else "not yet"
