"""A unit's rubric, as its notebook prints it; what belongs to which row of a memo."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

#: How the cell begins that holds the rubric.
HEAD = "## 2. Design memo"
_ROW = re.compile(r"^\| ([^|]+?) \| (\d+) \| (.+?) \|$", re.MULTILINE)
_NAMED = re.compile(r"\*\*(.+?)\.?\*\*\.?\s*")


@dataclass(frozen=True)
class Criterion:
    """One row of the rubric."""

    name: str
    points: int
    asks: str


def rubric(cells: Iterable[str]) -> tuple[Criterion, ...]:
    """The rows of the rubric among a notebook's texts; none where there is no such cell."""
    text = next((cell for cell in cells if cell.startswith(HEAD)), "")
    return tuple(Criterion(name, int(points), asks) for name, points, asks in _ROW.findall(text))


def by_row(memo: str, rows: Iterable[Criterion]) -> dict[str, str]:
    """A memo's paragraphs by the row that they begin with; what stands before the first is under the empty name.

    A paragraph without a name belongs to the one above it.
    """
    names = {row.name.casefold(): row.name for row in rows}
    found: dict[str, list[str]] = {}
    now = ""
    for paragraph in memo.strip().split("\n\n"):
        head = _NAMED.match(paragraph)
        if head and head[1].casefold() in names:
            now, paragraph = names[head[1].casefold()], paragraph[head.end() :]
        found.setdefault(now, []).append(" ".join(paragraph.split("\n")))
    return {name: "\n\n".join(parts) for name, parts in found.items()}
