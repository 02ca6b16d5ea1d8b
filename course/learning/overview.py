"""Where a learner stands in the whole course: every unit's state, best measurements, attempts, and what comes next."""

from __future__ import annotations

import dataclasses
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from course.contract.show import STANDING
from course.learning import workspace
from course.learning.progress import Progress, Record
from course.learning.steps import ARTIFACT_STEP, WORDS, State, clauses, steps

if TYPE_CHECKING:
    from rich.console import Console

    from course.units.base import Unit

_STYLES = {"kept": "green", "not yet": "bold red", "not attempted": "dim"}
BAR = 20


@dataclass(frozen=True)
class Standing:
    """One unit: how many public checks are kept, in how many attempts, the best artifact, what to do next."""

    unit: str
    title: str
    state: State
    kept: int
    of: int
    steps: dict[str, State]
    attempts: dict[str, int]
    hints: int
    solutions: tuple[str, ...]
    best: dict[str, str]
    next: str
    par: tuple[str, ...] = ()  # clauses in which the best artifact is better than the reference


def standing(unit: Unit, record: Record) -> Standing:
    """Where a learner stands in one unit."""
    found = {step: record.steps[step].state if step in record.steps else "not attempted" for step in steps(unit)}
    states = set(found.values())
    state: State = "kept" if states == {"kept"} else "not attempted" if states == {"not attempted"} else "not yet"
    open_ = next((step for step in found if found[step] != "kept"), "")
    if state == "not attempted" and not record.steps:
        following = _begin(unit)
    elif state != "kept":
        following = f"work on {WORDS[open_]}; course hint {unit.name} helps"
    else:
        grade = f"grade yourself: course grade {unit.name} --mine"
        following = grade if record.memo else "compare your memo: unit.memo() in the notebook"
    return Standing(
        unit.name,
        unit.title,
        state,
        sum(record.steps[step].kept for step in found if step in record.steps),
        sum(len(clauses(unit, step)) for step in found),
        found,
        {step: record.steps[step].attempts if step in record.steps else 0 for step in found},
        sum(step.hints for step in record.steps.values()),
        tuple(name for name, step in record.steps.items() if step.solution == "anyway"),
        _main(unit, record),
        following,
        _beaten(unit, record),
    )


def course(units: Iterable[Unit]) -> list[tuple[Unit, Standing]]:
    """These units, each with where the learner stands in it."""
    records = Progress().records()
    return [(unit, standing(unit, records.get(unit.name) or Record())) for unit in units]


def minutes(unit: Unit) -> int:
    """How long a unit takes a person; 0 where it doesn't say."""
    return unit.about.total if unit.about else 0


def _beaten(unit: Unit, record: Record) -> tuple[str, ...]:
    """Titles of clauses in which the best artifact, once it is kept, is better than what `course par` recorded."""
    if record.best is None or ARTIFACT_STEP not in record.steps or record.steps[ARTIFACT_STEP].state != "kept":
        return ()
    par, values = unit.par(), record.best.values
    both = [term for term in unit.terms if term.name in par and term.name in values]
    higher = {True: lambda one, other: one > other, False: lambda one, other: one < other}
    return tuple(term.title for term in both if higher[term.better == "higher"](values[term.name], par[term.name]))


def _begin(unit: Unit) -> str:
    folder = workspace.home() / unit.name
    return f"open {workspace.shown(folder)}" if folder.is_dir() else f"course start {unit.name}"


def _main(unit: Unit, record: Record) -> dict[str, str]:
    """What the best artifact measured in quality and in what it costs, by title."""
    shown = record.best.shown if record.best else {}
    told = [term for term in unit.terms if term.worth and (term.name == "quality" or term.production)]
    return {term.title: shown[term.name] for term in told if term.name in shown}


def plain(standings: Sequence[Standing]) -> list[dict]:
    """The same for programs."""
    return [dataclasses.asdict(one) for one in standings]


def show(standings: Sequence[Standing], console: Console) -> None:
    """Print the course as a bar, units that were touched with what is known, the others as a list."""
    from rich.text import Text

    done = sum(one.state == "kept" for one in standings)
    console.print(Text(f"{_bar(done, len(standings))} {done} of {len(standings)} units kept", style="bold"))
    for one in standings:
        if one.state == "not attempted" and not one.hints:
            continue
        console.print()
        head = Text(f"{STANDING[one.state]} {one.state:8}", style=_STYLES[one.state])
        console.print(head.append(f" {one.unit}: {one.title}", style="default not bold"))
        number = one.attempts.get(ARTIFACT_STEP, 0)
        tried = f", {number} attempt{'s' * (number != 1)}" if number else ""
        helped = f", {one.hints} hint{'s' * (one.hints != 1)}" if one.hints else ""
        looked = f", solution seen ({', '.join(one.solutions)})" if one.solutions else ""
        _say(console, f"{_bar(one.kept, one.of)} {one.kept} of {one.of} public checks kept{tried}{helped}{looked}")
        _say(console, "steps: " + "; ".join(f"{step} {STANDING[state]} {state}" for step, state in one.steps.items()))
        if one.best:
            _say(console, "best: " + ", ".join(f"{name} {shown}" for name, shown in one.best.items()))
        if one.par:
            _say(console, f"better than the reference: {', '.join(one.par)}")
        if one.next:
            _say(console, f"next: {one.next}")
    waiting = [one for one in standings if one.state == "not attempted" and not one.hints]
    if waiting:
        console.print()
        console.print(f"Not attempted yet ({len(waiting)}):")
        for one in waiting:
            _say(console, f"○ {one.unit}: {one.title}")
        console.print()
        console.print(f"Next unit: {waiting[0].next}", markup=False, highlight=False, soft_wrap=True)


def _bar(done: int, of: int) -> str:
    full = round(BAR * done / of) if of else 0
    return f"[{'#' * full}{'.' * (BAR - full)}]"


def _say(console: Console, text: str) -> None:
    """A line, indented also where it wraps."""
    for line in textwrap.wrap(text, console.width - 4):
        console.print(f"  {line}", markup=False, highlight=False)
