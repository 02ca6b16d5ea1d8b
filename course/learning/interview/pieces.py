"""What texts are made of: words, and the word pieces of wordllama (MIT licence), read from that package's files.

Of its 32,000 pieces those of small Latin letters and digits are used, and of the 256 numbers of each the first 128:
they were trained to be cut. A word that is no piece is put together of as few pieces as possible.
"""

from __future__ import annotations

import importlib.metadata
import json
import re
import struct
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from math import log
from pathlib import Path

import numpy as np

PACKAGE = "wordllama"
DIMENSIONS = 128
_VOCABULARY = "wordllama/tokenizers/l2_supercat_tokenizer_config.json"
_WEIGHTS = "wordllama/weights/l2_supercat_256.safetensors"
_WORD = re.compile(r"[a-z]+|\d+")
#: Letters of a word that are looked at.
_LONGEST = 24

#: How much a word counts.
Weight = Callable[[str], float]


def words(text: str) -> list[str]:
    """The words of a text in small letters; what follows an apostrophe belongs to its word."""
    return _WORD.findall(text.casefold().replace("'", "").replace("’", ""))


def rarity(texts: Sequence[str]) -> Weight:
    """A weight for which words that are rare in these texts count more."""
    seen = Counter(word for text in texts for word in set(words(text)))
    of = log(len(texts) + 1)
    rare = {word: 1 - log(count + 1) / of for word, count in seen.items()}
    return lambda word: rare.get(word, 1.0)


def parts(text: str, weight: Weight = lambda word: 1.0) -> dict[int, float]:
    """The rows of the table that a text is made of, and how much each counts."""
    found: dict[int, float] = {}
    for word in words(text):
        for row in _made_of(word):
            found[row] = found.get(row, 0.0) + weight(word)
    return found


def rows() -> np.ndarray:
    """The vectors of all pieces as the package has them, (pieces, 128) float32."""
    content = _file(_WEIGHTS).read_bytes()
    size = struct.unpack("<Q", content[:8])[0]
    (head,) = (part for name, part in json.loads(content[8 : 8 + size]).items() if name != "__metadata__")
    start, end = head["data_offsets"]
    table = np.frombuffer(content[8 + size + start : 8 + size + end], np.float16).reshape(head["shape"])
    return table[list(_wanted().values()), :DIMENSIONS].astype(np.float32)


def version() -> str:
    """The package's version."""
    return importlib.metadata.version(PACKAGE)


def _file(name: str) -> Path:
    return Path(str(importlib.metadata.distribution(PACKAGE).locate_file(name)))


@cache
def _wanted() -> dict[str, int]:
    """Pieces in alphabetical order ("_" begins a word), and their rows in the package's table."""
    known = json.loads(_file(_VOCABULARY).read_text(encoding="utf-8"))["model"]["vocab"]
    wanted = {piece.replace("▁", "_"): at for piece, at in known.items() if re.fullmatch("▁?[a-z0-9]+", piece)}
    return dict(sorted(wanted.items()))


@cache
def _known() -> dict[str, int]:
    return {piece: at for at, piece in enumerate(_wanted())}


@cache
def _made_of(word: str) -> tuple[int, ...]:
    """The rows that a word is made of; none if it can't be made."""
    known = _known()
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
