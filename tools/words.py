"""Make course/learning/interview/words.txt: vectors of word pieces, cut down from those of wordllama (MIT licence).

    pip download --no-deps wordllama==0.4.0.post1, unpack the wheel, then: python tools/words.py FOLDER

Of 256 numbers of each piece the first 128 are kept (they were trained to be cut), in a byte each; of 32,000 pieces
those of small Latin letters and digits. Then they are taught by the decks of all units: wordings of one card move
together, those of different cards apart. Held-out questions teach nothing. A line is a piece ("_" begins a word) and
its bytes in base 64.
"""

from __future__ import annotations

import base64
import json
import re
import struct
import sys
from pathlib import Path

import numpy as np

from course import units
from course.learning.interview import vectors
from course.learning.interview.deck import deck
from course.learning.interview.matcher import Matcher

DIMENSIONS = vectors.DIMENSIONS
#: Passes over the decks, the length of a step, how much of the last one is kept, words left out, sharpness.
PASSES, STEP, MOMENTUM, LEFT_OUT, SHARP = 5, 1.0, 0.9, 0.2, 12


def main(folder: Path) -> None:
    """Read the weights and the vocabulary in `folder`, write the table, teach it, and write it again."""
    content = next(folder.rglob("*.safetensors")).read_bytes()
    size = struct.unpack("<Q", content[:8])[0]
    (head,) = (part for name, part in json.loads(content[8 : 8 + size]).items() if name != "__metadata__")
    start, end = head["data_offsets"]
    table = np.frombuffer(content[8 + size + start : 8 + size + end], np.float16).reshape(head["shape"])
    table = table[:, :DIMENSIONS].astype(np.float32)
    known = json.loads(next(folder.rglob("*tokenizer_config.json")).read_text(encoding="utf-8"))["model"]["vocab"]
    wanted = {piece.replace("▁", "_"): at for piece, at in known.items() if re.fullmatch("▁?[a-z0-9]+", piece)}
    names = sorted(wanted)
    rows = table[[wanted[name] for name in names]]
    write(names, rows)
    vectors.forget()
    write(names, taught(rows / np.linalg.norm(rows, axis=1).mean()))


def write(names: list[str], rows: np.ndarray) -> None:
    """A byte for each number."""
    step = np.percentile(np.abs(rows), 99.9) / 127
    numbers = np.clip(np.round(rows / step), -127, 127).astype(np.int8)
    lines = [f"{name} {base64.b64encode(row.tobytes()).decode()}" for name, row in zip(names, numbers, strict=True)]
    vectors.FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def taught(rows: np.ndarray) -> np.ndarray:
    """The rows after some passes over all decks, by the slope of a softmax over the middles of a deck's cards."""
    rng, last, lessons = np.random.default_rng(1), np.zeros_like(rows), [_lesson(name) for name in units.own()]
    for _ in range(PASSES):
        for at in rng.permutation(len(lessons)):
            counts, pieces, owner = lessons[at]
            some = counts * (rng.random(counts.shape) > LEFT_OUT)
            last[pieces] = MOMENTUM * last[pieces] + _slope(some, counts, rows[pieces], owner)
            rows[pieces] -= STEP * last[pieces]
    return rows


def _lesson(name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How often each wording of a deck has each piece (rare words count more), the pieces, whose wording it is."""
    asked = Matcher(deck(units.load(name)).cards)
    parts = [asked.parts(text) for text in asked.texts]
    pieces = sorted({piece for part in parts for piece in part})
    counts = np.zeros((len(parts), len(pieces)), np.float32)
    for row, part in zip(counts, parts, strict=True):
        for piece, count in part.items():
            row[pieces.index(piece)] = count
    return counts, np.array(pieces), asked.owner


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


if __name__ == "__main__":
    main(Path(sys.argv[1]))
