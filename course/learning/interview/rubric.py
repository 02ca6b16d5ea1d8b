"""Which rows of the rubric does what was said touch? By words in common: a mirror, not a marker."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from course.learning.interview.vectors import words
from course.learning.memo import Criterion

FILE = Path(__file__).with_name("rows.toml")
#: Different words of a row that a sentence has before it counts, and where it was said about that very row.
ENOUGH, ENOUGH_THERE = 3, 1
#: Words of a sentence that can touch anything.
SHORTEST = 4
#: Characters of a sentence that are quoted.
QUOTED = 240
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9€*(\"'])|\n+")
_PLAIN = frozenset(
    words(
        "the and that this with from what which says say for are was were has have had not but its their them they "
        "than then when who how why all any each both into more most one two only other does did can could would "
        "should will may must names name gives give least another itself about over particular those these there here"
    )
)
_GENERAL = "Say a little more about that. What would you do, in one sentence?"


@dataclass(frozen=True)
class Touched:
    """A row and the sentence that touches it best ("" if none does)."""

    row: Criterion
    sentence: str


def sentences(text: str) -> list[str]:
    """The sentences of what was said."""
    parts = (" ".join(part.split()).strip("-* ") for part in _SENTENCE.split(text))
    return [part for part in parts if len(part) > 2]


def touched(rubric: Sequence[Criterion], design: Mapping[str, str], answers: Mapping[str, str]) -> list[Touched]:
    """Each row with the sentence that touches it, from what was said about it, about everything, about other rows."""
    found = []
    for row in rubric:
        about = _about(row)
        own = [*sentences(design.get(row.name, "")), *sentences(answers.get(row.name, ""))]
        rest = [part for name, text in design.items() if name != row.name for part in sentences(text)]
        best = _best(own, about, ENOUGH_THERE) or _best(rest, about, ENOUGH)
        found.append(Touched(row, best[:QUOTED] + "…" * (len(best) > QUOTED)))
    return found


def follow_up(row: Criterion) -> str:
    """What an interviewer asks where a row was not touched."""
    return _rows().get(_kind(row), {}).get("follow_up", _GENERAL)


def _best(parts: Sequence[str], about: frozenset[str], enough: int) -> str:
    counted = [(len(set(map(_stem, words(part))) & about), part) for part in parts if len(words(part)) >= SHORTEST]
    most = max((count for count, _ in counted), default=0)
    return next(part for count, part in counted if count == most) if most >= enough else ""


@cache
def _about(row: Criterion) -> frozenset[str]:
    kind = _rows().get(_kind(row), {}).get("words", "")
    own = [word for word in words(f"{row.name} {row.asks}") if len(word) > 3 and word not in _PLAIN]
    return frozenset(_stem(word) for word in (*words(kind), *own))


def _kind(row: Criterion) -> str:
    return (words(row.name) or [""])[0]


def _stem(word: str) -> str:
    for end in ("ing", "ies", "ed", "es", "s", "y"):
        if word.endswith(end) and len(word) - len(end) >= 3:
            return word[: -len(end)]
    return word


@cache
def _rows() -> dict:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))
