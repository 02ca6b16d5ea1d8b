"""Rubric, middling memo and worked memo of a unit side by side, for those who mark. For instructors alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from course.contract.terms.holdout import PUBLIC_FILE
from course.learning.middling import Middling, middling
from course.learning.rubric import Criterion, by_row
from course.learning.solutions import worked
from course.problem import Problem

if TYPE_CHECKING:
    from rich.console import Console

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


def show(units: Sequence[Unit], console: Console, *, html: Path | None, as_json: bool) -> None:
    """Print the memos of units, or write them to a page. Raises Problem where they are missing, or the page's place."""
    from course.grading.memos import page, terminal

    found = [gather(unit) for unit in units]
    if html:
        _write(html, page.page(found))
        console.print(f"The page to print: {html}", markup=False, soft_wrap=True)
    if as_json:
        print(json.dumps([asdict(one) for one in found], indent=1, ensure_ascii=False))
    elif not html:
        for one in found:
            terminal.show(one, console)


def _write(file: Path, text: str) -> None:
    if file.suffix.lower() not in (".html", ".htm"):
        raise Problem(f"{file} is not the name of a page: give --html a file that ends in .html.")
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Problem(f"The page can't be written to {file} ({error.strerror}); give --html another place.") from None
