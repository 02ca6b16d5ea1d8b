"""Questions as vectors: the sum of what their words mean, from a small table that ships with the course.

`words.txt` was made by tools/words.py from the vectors of wordllama (MIT licence) and the decks of all units. A word
that the table lacks is put together of as few pieces as possible.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

FILE = Path(__file__).with_name("words.txt")
DIMENSIONS = 128
_WORD = re.compile(r"[a-z]+|\d+")
#: Letters of a word that are looked at.
_LONGEST = 24


def words(text: str) -> list[str]:
    """The words of a text in small letters; what follows an apostrophe belongs to its word."""
    return _WORD.findall(text.casefold().replace("'", "").replace("’", ""))


@cache
def _table() -> tuple[dict[str, int], np.ndarray]:
    """Piece -> row, and the rows."""
    names, rows = [], []
    for line in FILE.read_text(encoding="utf-8").splitlines():
        name, _, row = line.partition(" ")
        names.append(name)
        rows.append(base64.b64decode(row))
    table = np.frombuffer(b"".join(rows), np.int8).reshape(len(rows), DIMENSIONS)
    return {name: at for at, name in enumerate(names)}, table


@cache
def _pieces(word: str) -> tuple[int, ...]:
    """The rows that a word is made of; none if it can't be made."""
    known, _ = _table()
    word = word[:_LONGEST]
    if f"_{word}" in known:
        return (known[f"_{word}"],)
    best: list[tuple[float, tuple[int, ...]] | None] = [(0, ()), *[None] * len(word)]
    for end in range(1, len(word) + 1):
        for start in range(end):
            row = known.get("_" * (start == 0) + word[start:end])
            if best[start] is None or row is None:
                continue
            cost = best[start][0] + 1 + 0.1 / (end - start)
            if best[end] is None or cost < best[end][0]:
                best[end] = (cost, (*best[start][1], row))
    return best[-1][1] if best[-1] else ()


def parts(text: str, weight: Callable[[str], float] = lambda word: 1.0) -> dict[int, float]:
    """The rows of the table that a text is made of, and how much each counts; `weight` says it for a word."""
    found: dict[int, float] = {}
    for word in words(text):
        for row in _pieces(word):
            found[row] = found.get(row, 0.0) + weight(word)
    return found


def vector(text: str, weight: Callable[[str], float] = lambda word: 1.0) -> np.ndarray:
    """A text as a vector of length 1; zeros if nothing of it is known."""
    total = np.zeros(DIMENSIONS)
    for row, counts in parts(text, weight).items():
        total += counts * _table()[1][row]
    length = np.linalg.norm(total)
    return total / length if length else total


def forget() -> None:
    """Read the table again when it is needed next."""
    _table.cache_clear()
    _pieces.cache_clear()
