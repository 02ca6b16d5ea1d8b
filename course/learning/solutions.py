"""Worked solutions and memos: read from source/ of a checkout, which a class's release does not carry."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from course import checkout
from course.guests import guests
from course.learning.rubric import Criterion, rubric
from course.learning.steps import step_of
from course.problem import Problem

if TYPE_CHECKING:
    from course.units.base import Unit

_SOLUTION = re.compile(r"^[ \t]*### BEGIN SOLUTION\n(.*?)^[ \t]*### END SOLUTION\n?", re.DOTALL | re.MULTILINE)
MEMO = "memo"


@dataclass(frozen=True)
class Worked:
    """A unit's worked answers: source code of the cells of each step, and the memo with its rubric."""

    cells: dict[str, list[str]]
    memo: str
    rubric: tuple[Criterion, ...] = ()


def home(unit: Unit, folder: Path, public: str) -> Path:
    """The folder with a unit's worked answers.

    Raises Problem where they are not there: in a release for a class, which is known by its data file `public`, or
    without a checkout.
    """
    guest = guests().get(unit.name)
    found = guest.home if guest else checkout.find()
    source = found and found / "source" / unit.name
    if (folder / public).is_file() or not source or not (source / f"{unit.name}.ipynb").is_file():
        raise Problem("Worked solutions are not part of a class's release; your instructor can show them.")
    return source


def worked(unit: Unit, folder: Path, public: str) -> Worked:
    """The worked answers of a unit. Raises Problem where they are not there."""
    source = home(unit, folder, public) / f"{unit.name}.ipynb"
    cells: dict[str, list[str]] = {}
    memo, waiting, texts = "", [], []
    for cell in json.loads(source.read_text(encoding="utf-8"))["cells"]:
        marks = cell["metadata"].get("nbgrader", {})
        text = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
        texts.append(text)
        if marks.get("grade_id") == MEMO:
            memo = "".join(_SOLUTION.findall(text)).strip()
        elif marks.get("solution"):
            waiting.append(_SOLUTION.sub(r"\1", text).strip())
        elif marks.get("grade") and waiting:  # the cells before a test belong to the step that it tests
            cells.setdefault(step_of(marks["grade_id"]), []).extend(waiting)
            waiting = []
    return Worked(cells, memo, rubric(texts))
