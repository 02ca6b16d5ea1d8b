"""The table of vectors, taught by the decks of all units: wordings of one card move together, others apart.

It is made once, in seconds, and kept (4 MB); decks that change, or another version of the package, make it anew.
Questions that are held out teach nothing.
"""

from __future__ import annotations

import hashlib
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from course import cache as kept
from course import units
from course.learning.interview import pieces

#: Passes over the decks, the length of a step, how much of the last one is kept, words left out, sharpness.
PASSES, STEP, MOMENTUM, LEFT_OUT, SHARP = 5, 1.0, 0.9, 0.2, 12


@cache
def table() -> np.ndarray:
    """A row for each piece, (pieces, 128) int8."""
    texts = _texts()
    state = hashlib.sha256(f"{pieces.version()} {PASSES} {STEP} {MOMENTUM} {LEFT_OUT} {SHARP}".encode())
    for text in texts:
        state.update(text.encode())
    content = kept.content(kept.own() / f"words-{state.hexdigest()[:16]}.bin", lambda: _made(texts))
    return np.frombuffer(content, np.int8).reshape(-1, pieces.DIMENSIONS)


def _texts() -> list[str]:
    """The decks of the course's own units as they are written."""
    found = (files("course.units") / name.replace("-", "_") / "interview.toml" for name in units.own())
    return [file.read_text(encoding="utf-8") for file in found if file.is_file()]


def _made(texts: list[str]) -> bytes:
    rows = pieces.rows()
    taught = _taught(rows / np.linalg.norm(rows, axis=1).mean(), [_lesson(tomllib.loads(text)) for text in texts])
    step = np.percentile(np.abs(taught), 99.9) / 127
    return np.clip(np.round(taught / step), -127, 127).astype(np.int8).tobytes()


def _taught(rows: np.ndarray, lessons: list[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> np.ndarray:
    """The rows after some passes over all decks, by the slope of a softmax over the middles of a deck's cards."""
    rng, last = np.random.default_rng(1), np.zeros_like(rows)
    for _ in range(PASSES):
        for at in rng.permutation(len(lessons)):
            counts, places, owner = lessons[at]
            some = counts * (rng.random(counts.shape) > LEFT_OUT)
            last[places] = MOMENTUM * last[places] + _slope(some, counts, rows[places], owner)
            rows[places] -= STEP * last[places]
    return rows


def _lesson(deck: dict[str, Any]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How often each wording of a deck has each piece (rare words count more), the pieces, whose wording it is."""
    cards = [[asks, *_lines(card)] for asks, card in deck["facts"].items()]
    cards += [[card["asks"], *_lines(card)] for card in deck["others"]]
    texts = [text for card in cards for text in card]
    weight = pieces.rarity(texts)
    parts = [pieces.parts(text, weight) for text in texts]
    places = sorted({piece for part in parts for piece in part})
    column = {piece: at for at, piece in enumerate(places)}
    counts = np.zeros((len(parts), len(places)), np.float32)
    for row, part in zip(counts, parts, strict=True):
        for piece, count in part.items():
            row[column[piece]] = count
    return counts, np.array(places), np.repeat(np.arange(len(cards)), [len(card) for card in cards])


def _lines(card: dict[str, Any]) -> list[str]:
    return [line.strip() for line in card["wordings"].splitlines() if line.strip()]


def _slope(some: np.ndarray, counts: np.ndarray, rows: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """Which way the rows would have to go for wordings to be further from the middle of their own card."""
    sums = some @ rows
    length = np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-6)
    asked, whole, each = sums / length, _unit(counts @ rows), np.arange(len(owner))
    mine = (owner[:, None] == np.arange(owner.max() + 1)).astype(np.float32)
    middle = mine.T @ whole
    own = _unit(middle[owner] - whole)  # a wording is no part of the middle that it is held against
    middle = _unit(middle)
    near = asked @ middle.T
    near[each, owner] = (asked * own).sum(axis=1)
    chance = np.exp(SHARP * (near - near.max(axis=1, keepdims=True)))
    chance /= chance.sum(axis=1, keepdims=True)
    wrong = SHARP * (chance - mine) / len(owner)
    pull = wrong @ middle + wrong[each, owner][:, None] * (own - middle[owner])
    return some.T @ ((pull - (pull * asked).sum(axis=1, keepdims=True) * asked) / length)


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
