"""Which rows of the rubric does what was said touch? By words in common and nearness: a mirror, not a marker."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from course.learning.interview.pieces import words
from course.learning.interview.vectors import vector
from course.learning.rubric import Criterion

FILE = Path(__file__).with_name("rows.toml")
#: How well a sentence fits a row before it touches it, and where it was said about that very row.
ENOUGH, ENOUGH_THERE = 2.0, 0.7
#: What nearness in meaning counts beside a word in common; words of a sentence that can touch anything.
NEARNESS, SHORTEST = 3.0, 4
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
    """Each row with the sentence that touches it best.

    A sentence said about a row (or under its name) is weighed against that row alone; any other touches the one row
    that it fits best, if it fits well enough.
    """
    rubric = tuple(rubric)
    own, free = {row.name: [] for row in rubric}, []
    for name, text in (*design.items(), *answers.items()):
        for heading, part in _under(rubric, name, text):
            own.get(heading, free).extend(sentences(part))
    found = []
    fits = [(fit, part) for part in free if (fit := _fit(rubric, part)) is not None]
    for at, row in enumerate(rubric):
        there = [(fit[at], part) for part in own[row.name] if (fit := _fit(rubric, part)) is not None]
        there = [pair for pair in there if pair[0] >= ENOUGH_THERE]
        there = there or [(fit[at], part) for fit, part in fits if fit[at] >= ENOUGH and fit.argmax() == at]
        best = max(there, key=lambda pair: pair[0], default=(0, ""))[1]
        found.append(Touched(row, best[:QUOTED] + "…" * (len(best) > QUOTED)))
    return found


def _under(rubric: tuple[Criterion, ...], name: str, text: str) -> list[tuple[str, str]]:
    """A text in paragraphs (lines, where no line is empty), each with the row that it begins with, else `name`."""
    known = {row.name.casefold(): row.name for row in rubric}
    head = re.compile(rf"[#* ]*({'|'.join(map(re.escape, known))})[.:*]+" if known else r"(?!)", re.IGNORECASE)
    found = []
    for part in re.split(r"\n\s*\n" if re.search(r"\n\s*\n", text.strip()) else r"\n", text.strip()):
        begins = head.match(part)
        found.append((known[begins[1].casefold()], part[begins.end() :]) if begins else (name, part))
    return found


def _fit(rubric: tuple[Criterion, ...], sentence: str) -> np.ndarray | None:
    """How well a sentence fits each row: words in common, rare ones counting more, and nearness in meaning."""
    said = words(sentence)
    if len(said) < SHORTEST:
        return None
    stems, at, (about, rare, near) = set(map(_stem, said)), vector(sentence, _weight), _measures(rubric)
    shared = [sum(rare[word] for word in stems & row) for row in about]
    return np.array(shared) + NEARNESS * np.array([(parts @ at).max() for parts in near])


@cache
def _measures(rubric: tuple[Criterion, ...]) -> tuple[list[frozenset[str]], dict[str, float], list[np.ndarray]]:
    """For each row its words and vectors of what it asks; for each word how much it tells."""
    about = [_about(row) for row in rubric]
    rare = {word: 1 / count for word, count in Counter(word for row in about for word in row).items()}
    asked = [(f"{row.name} {row.asks}", *row.asks.split(";"), follow_up(row)) for row in rubric]
    return about, rare, [np.array([vector(text, _weight) for text in texts]) for texts in asked]


def _weight(word: str) -> float:
    return float(len(word) > 2 and word not in _PLAIN)


def follow_up(row: Criterion) -> str:
    """What an interviewer asks where a row was not touched."""
    return _rows().get(_kind(row), {}).get("follow_up", _GENERAL)


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
