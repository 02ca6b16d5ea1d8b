"""The page that JupyterLab opens with: what this is, where to go on, and every unit with what it asks and takes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from course.contract.show import STANDING
from course.learning.overview import minutes

if TYPE_CHECKING:
    from course.learning.overview import Standing
    from course.units.base import Unit

FILE = "START-HERE.md"
_HEAD = """\
# Under Budget

*Machine learning systems design, built and measured.* Each folder beside this page is a unit: a question as an
interviewer asks it, then brief, design memo, estimates, build, ship check. Open its notebook and run the cells from
the top; each step has a check of its own.

**{word}** {link}{rest}

- Units that begin with **f** are foundations, each about one part of a system; those with **q** are whole questions.
  The first cell of a notebook says what it builds on.
- Stuck? `unit.hint()` in a cell. To be asked first, as in an interview: `unit.interview()`. Where you stand: `course
  progress` in a terminal.

| Unit | The question | Minutes | You |
| --- | --- | ---: | --- |
"""
_FOOT = "\n*Made anew by `make learn` and `course start`: write nothing here.*\n"


def write(folder: Path, course: Sequence[tuple[Unit, Standing]]) -> Path:
    """Put the page for these units, in the order of the course, into the learner's folder; its path."""
    rows = []
    for unit, one in course:
        state = f"{STANDING[one.state]} {one.state}".replace(" ", "&nbsp;")
        rows.append(f"| {_link(folder, unit)} | {unit.brief} | {minutes(unit) or '–'} | {state} |")
    waiting = [unit for unit, one in course if one.state != "kept"]
    begun = any(one.state != "not attempted" for _, one in course)
    if waiting:
        next_ = waiting[0]
        word, rest = ("Go on with" if begun else "Begin with"), f": {next_.brief}"
        head = _HEAD.format(word=word, link=_link(folder, next_), rest=rest)
    else:
        head = _HEAD.format(word="All is kept.", link="", rest="Grade yourself: `course grade f01 --mine`.")
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / FILE
    page.write_text(head + "\n".join(rows) + "\n" + _FOOT, encoding="utf-8")
    return page


def _link(folder: Path, unit: Unit) -> str:
    notebook = f"{unit.name}/{unit.name}.ipynb"
    title = f"{unit.name.split('-')[0]} {unit.title}"
    return f"[{title}]({notebook})" if (folder / notebook).is_file() else title
