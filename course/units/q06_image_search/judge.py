"""A search as it is carried out: towers, index, and what is found; each in a process of its own."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from course.contract.artifacts.gate import ModelSpec, Tensor
from course.contract.artifacts.models import flaw
from course.contract.artifacts.modules import Ship
from course.contract.processes import expect
from course.contract.processes.calls import CallError, Remote, mismatch
from course.contract.processes.runner import predict
from course.contract.terms.holdout import Holdout
from course.units.kit.judges import Watched
from course.units.q06_image_search.world import SIDE, SIZE, TOP, WORDS, Queries

_VECTOR = {"vector": Tensor("float32", (None, SIZE))}
IMAGE = ModelSpec({"pixels": Tensor("uint8", (None, SIDE, SIDE, 3))}, _VECTOR, file="image.onnx", batch=64)
TEXT = ModelSpec({"words": Tensor("int64", (None, WORDS))}, _VECTOR, file="text.onnx")
#: Words are numbers from 0 to this one.
MOST_WORD = 2**31 - 1
#: What was searched last, by what it depends on: several clauses ask the same.
_KEPT: OrderedDict[str, Found] = OrderedDict()
MOST_KEPT = 4


@dataclass(frozen=True)
class Found:
    """What came of a hold-out: the index, and by kind of query its words, its vectors and what was found."""

    index: bytes
    vectors: np.ndarray
    words: dict[str, np.ndarray]
    asked: dict[str, np.ndarray]
    places: dict[str, np.ndarray]


def towers(prefix: str = "") -> tuple[ModelSpec, ModelSpec]:
    """Both towers; the baseline's have a prefix to their names."""
    return replace(IMAGE, file=prefix + IMAGE.file), replace(TEXT, file=prefix + TEXT.file)


def searched(ship: Ship, holdout: Holdout, prefix: str = "") -> Found:
    """All queries of a hold-out, searched. Raises CallError, Refused, RunnerError."""
    parts = [ship.module.content, *(content for _, content in sorted(ship.module.beside.items()))]
    parts += [prefix.encode(), holdout.truth["gallery"].tobytes()]
    parts += [repr(some.texts).encode() for some in holdout.truth["queries"].values()]
    name = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()
    if name not in _KEPT:
        _KEPT[name] = _searched(ship, holdout.truth["gallery"], holdout.truth["queries"], towers(prefix))
        while len(_KEPT) > MOST_KEPT:
            _KEPT.popitem(last=False)
    return _KEPT[name]


def _searched(
    ship: Ship, gallery: np.ndarray, queries: dict[str, Queries], specs: tuple[ModelSpec, ModelSpec]
) -> Found:
    image, text = specs
    vectors = tower(ship, image, {"pixels": gallery})
    with ship.open() as shipped:
        index = indexed(shipped, vectors)
    kinds, texts = list(queries), [text for some in queries.values() for text in some.texts]
    ends = np.cumsum([len(some) for some in queries.values()])[:-1]
    with ship.open() as shipped:
        words = encoded(shipped, texts)
    asked = tower(ship, text, {"words": words})
    with ship.open() as shipped:
        places = found(shipped.make("Search", index), asked, len(gallery))
    by_kind = [dict(zip(kinds, np.split(whole, ends), strict=True)) for whole in (words, asked, places)]
    return Found(index, vectors, *by_kind)


def tower(ship: Ship, spec: ModelSpec, inputs: dict[str, np.ndarray]) -> np.ndarray:
    """What a tower says, float32 (n, 48), in calls of 64 rows. Raises Refused, RunnerError, CallError."""
    (said,) = predict(ship.model(spec).content, [inputs], rows=IMAGE.batch)
    if problem := flaw(said, spec, len(next(iter(inputs.values())))):
        raise CallError(f"{spec.file}: {problem}")
    return said[0]


def indexed(shipped: Remote, vectors: np.ndarray) -> bytes:
    """The index of a gallery. Raises CallError."""
    return expect.instance(shipped.call("index", vectors), bytes, "index", ["..."])


def encoded(shipped: Remote, texts: Sequence[str]) -> np.ndarray:
    """Words of texts as numbers, int64 (n, 32). Raises CallError."""
    return _numbers(shipped.call("encode", list(texts)), (len(texts), WORDS), MOST_WORD, "encode", ["..."])


def found(search: Remote, asked: np.ndarray, count: int) -> np.ndarray:
    """Places of ten prints of a gallery of `count` for each vector, int64 (n, 10). Raises CallError."""
    return checked(search.call("find", asked), len(asked), count)


def checked(value: Any, rows: int, count: int) -> np.ndarray:
    """Ten different places for each of so many rows. Raises CallError."""
    places = _numbers(value, (rows, TOP), count - 1, "Search.find", ["..."])
    order = np.sort(places, axis=1)
    if (twice := np.flatnonzero((order[:, 1:] == order[:, :-1]).any(axis=1))).size:
        row = places[twice[0]].tolist()
        raise CallError(mismatch("Search.find", ["..."], row, "ten different prints for each vector"))
    return places


def _numbers(value: Any, shape: tuple[int, int], most: int, name: str, args: Sequence[Any]) -> np.ndarray:
    """Whole numbers from 0 to `most` in that shape, from an array or lists. Raises CallError."""
    if isinstance(value, list | tuple) and len(value) == shape[0]:
        rows = [expect.sequence(row, shape[1], name, args) for row in value]
        whole = all(type(one) is int and abs(one) < 2**62 for row in rows for one in row)
        value = np.array(rows, np.int64).reshape(shape) if whole else value
    words = f"whole numbers from 0 to {most:,}, {shape[1]} for each of {shape[0]:,} rows"
    if not isinstance(value, np.ndarray) or value.shape != shape or value.dtype.kind not in "iu":
        raise CallError(mismatch(name, args, value, words))
    if value.size and (value.min() < 0 or value.max() > most):
        wrong = value.min() if value.min() < 0 else value.max()
        raise CallError(mismatch(name, args, int(wrong), words))
    return value.astype(np.int64)


def hits(places: np.ndarray, queries: Queries) -> np.ndarray:
    """For each query the share that was found, of the prints that fit or of ten if more than ten do: (n,)."""
    rows = zip(places.tolist(), queries.fits, strict=True)
    return np.array([len(set(row) & set(fit.tolist())) / min(TOP, len(fit)) for row, fit in rows])


def recall(some: Found, holdout: Holdout, kind: str) -> float:
    """Recall at ten of queries of one kind."""
    return float(hits(some.places[kind], holdout.truth["queries"][kind]).mean())


def played(search: Remote, many: Sequence[tuple[str, np.ndarray]]) -> list:
    """Queries one by one: words of each text, and what is found for each vector."""
    words = search.shipped.map("encode", [([text],) for text, _ in many])
    places = search.map("find", [(vector,) for _, vector in many])
    return [[*both] for both in zip(words, places, strict=True)]


class Timed:
    """Queries that are timed: a fresh choice for each exchange, and what must come out."""

    def __init__(self, holdout: Holdout, some: Found, kinds: Sequence[str], each: int):
        queries = holdout.truth["queries"]
        self.texts = [text for kind in kinds for text in queries[kind].texts]
        self.fits = [fit for kind in kinds for fit in queries[kind].fits]
        self.words, self.asked, self.places = (
            np.concatenate([part[kind] for kind in kinds]) for part in (some.words, some.asked, some.places)
        )
        self.at = {text: k for k, text in enumerate(self.texts)}
        self.each, self.count, self.watched = each, len(some.vectors), Watched()

    def fresh(self, draws: np.random.Generator) -> list[tuple]:
        """Texts with their vectors."""
        some = draws.choice(len(self.texts), self.each, replace=False)
        return [(self.texts[k], self.asked[k : k + 1]) for k in some.tolist()]

    def check(self, many: Sequence[tuple], answers: list) -> None:
        """The same words as elsewhere, and as much of what fits. Raises CallError."""
        for (text, _), (words, places) in zip(many, answers, strict=True):
            at = self.at[text]
            got = _numbers(words, (1, WORDS), MOST_WORD, "encode", ["..."])
            if not np.array_equal(got[0], self.words[at]):
                raise CallError("`encode` gave a text other numbers while it was timed: answers must not change.")
            row = checked(places, 1, self.count)[0]
            fit = self.fits[at]
            self.watched.add(len(set(row.tolist()) & set(fit.tolist())) / min(TOP, len(fit)), 1)

    def compare(self) -> None:
        """What was found while it was timed is as good as elsewhere. Raises CallError."""
        self.watched.compare(float(hits(self.places, Queries(tuple(self.texts), tuple(self.fits))).mean()))
