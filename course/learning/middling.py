"""A unit's middling memo: as a decent candidate writes it in twenty minutes, with the points of each row and why.

It lies beside the lesson, in source/UNIT/middling.md: the text, the heading "## Marked", and a table with a row of the
rubric in each line: name, points, why.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from course.learning.solutions import home

if TYPE_CHECKING:
    from course.units.base import Unit

FILE, MARKED = "middling.md", "## Marked"
_NUMBER = re.compile(r"(\d+)?([½]|[.,]5)?")


@dataclass(frozen=True)
class Mark:
    """The points of one row, and a sentence why."""

    row: str
    points: float
    why: str


@dataclass(frozen=True)
class Middling:
    """A memo with the marks that it got."""

    text: str
    marks: tuple[Mark, ...]

    @property
    def total(self) -> float:
        """Points of all rows."""
        return sum(mark.points for mark in self.marks)

    def of(self, row: str) -> Mark | None:
        """The mark of the row of that name."""
        return next((mark for mark in self.marks if mark.row == row), None)


def shown(points: float) -> str:
    """Points as a person writes them: 2, 1½, ½."""
    whole, half = divmod(points, 1)
    return f"{whole:.0f}" * (whole > 0 or not half) + "½" * (half > 0)


def parse(content: str) -> Middling:
    """Read what an author has written. Points are `1½ of 3` or `1.5 of 3`; lines that are no marks are passed over."""
    text, _, table = content.partition(f"\n{MARKED}")
    marks = []
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        points = _points(cells[1]) if len(cells) > 2 else None
        if points is not None:
            marks.append(Mark(cells[0], points, cells[-1]))
    return Middling(text.strip(), tuple(marks))


def _points(cell: str) -> float | None:
    found = _NUMBER.fullmatch(cell.split(" of ")[0].strip())
    if not found or not found[0]:
        return None
    return int(found[1] or 0) + (0.5 if found[2] else 0.0)


def middling(unit: Unit, folder: Path, public: str) -> Middling | None:
    """The unit's middling memo; None where nobody has written one. Raises Problem where sources are missing."""
    file = home(unit, folder, public) / FILE
    return parse(file.read_text(encoding="utf-8")) if file.is_file() else None
