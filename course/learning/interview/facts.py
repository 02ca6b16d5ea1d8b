"""What the interviewer knows: the facts, as the brief of a lesson or of a released notebook has them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from course import checkout, notebooks
from course.guests import guests
from course.learning.rubric import HEAD, Criterion, rubric
from course.problem import Problem

if TYPE_CHECKING:
    from course.units.base import Unit

_TABLE = re.compile(r"^\| You ask \| \w+ says? \|\n\|[-| :]+\|\n((?:\|.*\|[ \t]*(?:\n|$))+)", re.MULTILINE)
_CELLS = re.compile(r"(?<!\\)\|")
BRIEF = "## 1. Brief"


@dataclass(frozen=True)
class Fact:
    """A row of the brief's table."""

    asks: str
    says: str


@dataclass(frozen=True)
class Brief:
    """The facts of a unit and the rubric that its memo is marked by."""

    facts: tuple[Fact, ...]
    rubric: tuple[Criterion, ...]


def brief(unit: Unit, folder: Path | None = None) -> Brief:
    """The brief of a unit: from its lesson, else from its released notebook, else from the notebook in `folder`.

    Raises Problem where there is none of them, or none with a table of facts.
    """
    for place in _places(unit, folder):
        found = _read(place)
        if found.facts:
            return found
    raise Problem(
        f"The interviewer of {unit.name} has nothing to say here: neither its lesson nor its notebook is in "
        f"reach. Go to the folder of the course, or to the one that course start {unit.name} made."
    )


def _places(unit: Unit, folder: Path | None) -> list[Path]:
    guest, found = guests().get(unit.name), checkout.find()
    homes = [home for home in (found, guest.home if guest else None) if home]
    lessons = [home / "source" / unit.name / "lesson.py" for home in homes]
    released = [home / "release" / unit.name / f"{unit.name}.ipynb" for home in homes]
    here = [Path.cwd() / f"{unit.name}.ipynb"] if folder is None else [folder / f"{unit.name}.ipynb"]
    return [place for place in (*lessons, *released, *here) if place.is_file()]


def _read(place: Path) -> Brief:
    """What a lesson or a notebook says; without facts where it can't be read."""
    if place.suffix == ".py":
        text = place.read_text(encoding="utf-8")
        return parse(re.sub(r"^# ?", "", text, flags=re.MULTILINE))
    try:
        return parse("\n\n".join(cell.source for cell in notebooks.read(place).cells if cell.kind == "markdown"))
    except (FileNotFoundError, notebooks.Unreadable):
        return Brief((), ())


def parse(text: str) -> Brief:
    """The facts and the rubric in the text of a lesson, its comment signs taken off."""
    head, _, rest = text.partition(BRIEF)[2].partition(HEAD)
    table = _TABLE.search(head)
    facts = []
    for line in table[1].splitlines() if table else ():
        cells = [cell.strip().replace("\\|", "|") for cell in _CELLS.split(line.strip()[1:-1])]
        if len(cells) == 2 and all(cells):
            facts.append(Fact(*cells))
    return Brief(tuple(facts), rubric([HEAD + rest.partition("\n## ")[0]]))
