"""A learner's design memo, as it stands in the notebook file: is it there, long enough, does it cover the rubric?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from course import notebooks
from course.learning.solutions import MEMO

if TYPE_CHECKING:
    from course.units.base import Unit

#: Words of a memo of one page; a worked memo has some 450.
LEAST_WORDS, MOST_WORDS = 150, 900
STUB = "*Your answer here.*"
_ROW = re.compile(r"^\| ([^|]+?) \| (\d+) \| (.+?) \|$", re.MULTILINE)


@dataclass(frozen=True)
class Criterion:
    """One row of the rubric."""

    name: str
    points: int
    asks: str


@dataclass(frozen=True)
class Memo:
    """A memo and its rubric. `problems` says in sentences what is missing before it is worth comparing."""

    text: str
    rubric: tuple[Criterion, ...]

    @property
    def words(self) -> int:
        """How many words it has."""
        return len(re.findall(r"\w[\w'’.,-]*", self.text))

    @property
    def written(self) -> bool:
        """True if there is anything but the stub."""
        return self.text.strip() not in ("", STUB)

    @property
    def missing(self) -> tuple[str, ...]:
        """Sections of the rubric that the memo does not name."""
        text = self.text.casefold()
        return tuple(row.name for row in self.rubric if row.name.casefold() not in text)

    @property
    def problems(self) -> tuple[str, ...]:
        """What to mend first; empty if the memo can be compared."""
        found = []
        if self.words < LEAST_WORDS:
            found.append(f"It has {self.words} words; a page that a colleague can use has {LEAST_WORDS} or more.")
        if self.words > MOST_WORDS:
            found.append(f"It has {self.words} words; cut it to one page, at most {MOST_WORDS}.")
        if self.missing:
            found.append(f"Begin a paragraph with each name of the rubric; missing: {', '.join(self.missing)}.")
        return tuple(found)


def read(unit: Unit, folder: Path) -> Memo | None:
    """The memo in the unit's notebook in `folder` (or in another notebook there that has one), as last saved.

    Its halves count together, where its cell was split. Raises Unreadable where there is a notebook that can't be read.
    """
    own = folder / f"{unit.name}.ipynb"
    if not own.is_file() and not notebooks.others(folder, own):
        return None
    cells = notebooks.find(folder, unit.name).cells
    memo = [cell.source for cell in cells if cell.grade_id == MEMO]
    rubric = [cell.source for cell in cells if cell.source.startswith("## 2. Design memo")]
    if not memo:
        return None
    return Memo("\n\n".join(memo), rows(rubric[0]) if rubric else ())


def rows(text: str) -> tuple[Criterion, ...]:
    """The rows of a rubric, in the text that holds its table."""
    return tuple(Criterion(name, int(points), asks) for name, points, asks in _ROW.findall(text))
