"""What is read of a unit's memos, row by row of its rubric."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from course.contract.terms.holdout import PUBLIC_FILE
from course.learning.middling import Middling, middling
from course.learning.rubric import Criterion, by_row
from course.learning.solutions import worked
from course.problem import Problem

if TYPE_CHECKING:
    from course.units.base import Unit

#: A folder with no data of a class, so that the checkout's sources are what counts.
_NOWHERE = Path("nowhere")
NO_SOURCES = (
    "The memos lie in source/, which is not here: a class's release and an installed package go without. Run this in "
    "the checkout that the release was made from."
)
NONE_YET = "Nobody has written a middling memo for this unit yet: it goes into source/{}/middling.md."


@dataclass(frozen=True)
class Row:
    """One row of the rubric, with what both memos say of it."""

    criterion: Criterion
    middling: str
    points: float | None
    why: str
    worked: str


@dataclass(frozen=True)
class Memos:
    """A unit's rubric and memos."""

    unit: str
    title: str
    rows: tuple[Row, ...]
    total: float | None

    @property
    def worth(self) -> int:
        """Points of the whole rubric."""
        return sum(row.criterion.points for row in self.rows)


def gather(unit: Unit) -> Memos:
    """Read a unit's memos, row by row. Raises Problem where its sources are missing."""
    try:
        answer, between = worked(unit, _NOWHERE, PUBLIC_FILE), middling(unit, _NOWHERE, PUBLIC_FILE)
    except Problem:
        raise Problem(NO_SOURCES) from None
    best = by_row(answer.memo, answer.rubric)
    said = by_row(between.text, answer.rubric) if between else {}
    rows = tuple(_row(one, said.get(one.name, ""), between, best.get(one.name, "")) for one in answer.rubric)
    return Memos(unit.name, unit.title, rows, between.total if between else None)


def _row(criterion: Criterion, said: str, between: Middling | None, best: str) -> Row:
    mark = between.of(criterion.name) if between else None
    return Row(criterion, said, mark.points if mark else None, mark.why if mark else "", best)
