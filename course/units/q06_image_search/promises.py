"""Six promises of the contract, each tried by itself. All raise CallError where they are broken."""

from __future__ import annotations

import numpy as np

from course.contract.artifacts.modules import Ship
from course.contract.processes.calls import CallError, Shipped
from course.contract.terms.holdout import Holdout
from course.units.kit import judges
from course.units.q06_image_search import judge
from course.units.q06_image_search.judge import TEXT, Found

#: How an exception of the learner's code is told.
REJECTED = "failed: ValueError"
#: What people type when they type something else.
ODD = [
    "",
    "   ",
    ",",
    "on",
    "a in on",
    "Größe 12!",
    "🚲 on 🟥",
    "BICYCLE ON NAVY",
    "on on on on",
    "x" * 500,
    "on " * 200,
]


def kept(ship: Ship, holdout: Holdout) -> tuple:
    """What the promises are tried on."""
    some = judge.searched(ship, holdout)
    kind = next(iter(some.asked))
    return some, kind, list(holdout.truth["queries"][kind].texts[:40])


def _odd(ship: Ship, shipped: Shipped, some: Found, kind: str, texts: list[str]) -> None:
    """Odd texts and empty ones get vectors and ten prints; no text at all gets none."""
    vectors = judge.tower(ship, TEXT, {"words": judge.encoded(shipped, ODD)})
    judge.found(shipped.make("Search", some.index), vectors, len(some.vectors))
    judge.encoded(shipped, [])


def _small(ship: Ship, shipped: Shipped, some: Found, kind: str, texts: list[str]) -> None:
    """Galleries of ten, eleven and two hundred, and the same print many times."""
    for rows in (some.vectors[:10], some.vectors[:11], some.vectors[:200], np.repeat(some.vectors[:1], 60, axis=0)):
        index = judge.indexed(shipped, np.ascontiguousarray(rows))
        judge.found(shipped.make("Search", index), some.asked[kind][:20], len(rows))


def _broken(ship: Ship, shipped: Shipped, some: Found, kind: str, texts: list[str]) -> None:
    """An index that is missing, or cut off, is refused with a sentence of the module's own."""
    for what, index in (("an empty index", b""), ("half an index", some.index[: len(some.index) // 2])):
        try:
            shipped.make("Search", index)
        except CallError as error:
            if REJECTED not in str(error):
                raise
        else:
            raise CallError(f"`Search` took {what}; raise ValueError with a sentence that says what to do.")


def _alone(ship: Ship, shipped: Shipped, some: Found, kind: str, texts: list[str]) -> None:
    """A query gets alone what it gets in a batch; capitals are small letters."""
    words = judge.encoded(shipped, texts)
    if any(not np.array_equal(judge.encoded(shipped, [text])[0], row) for text, row in zip(texts, words, strict=True)):
        raise CallError("`encode` gave a text other numbers alone than among others; treat each by itself.")
    if not np.array_equal(judge.encoded(shipped, [text.upper() for text in texts]), words):
        raise CallError("`encode` gave a text in capitals other numbers; capitals are small letters here.")
    search, vectors, count = shipped.make("Search", some.index), some.asked[kind][:40], len(some.vectors)
    together = judge.found(search, vectors, count)
    apart = [judge.found(search, vectors[k : k + 1], count) for k in range(len(vectors))]
    if not np.array_equal(np.concatenate(apart), together):
        raise CallError("`Search.find` gave a vector other prints alone than among others; treat each by itself.")


def _untouched(ship: Ship, shipped: Shipped, some: Found, kind: str, texts: list[str]) -> None:
    search = shipped.make("Search", some.index)
    asked = ((shipped, "encode", (texts,)), (shipped, "index", (some.vectors[:200].copy(),)))
    if not all(
        remote.leaves_alone(name, *args) for remote, name, args in (*asked, (search, "find", (some.asked[kind][:20],)))
    ):
        raise CallError("An argument was changed: it belongs to the caller, so work on a copy.")


def _twice(ship: Ship, shipped: Shipped, some: Found, kind: str, texts: list[str]) -> None:
    def ask(one: Shipped) -> list:
        index = judge.indexed(one, some.vectors[:500])
        places = judge.found(one.make("Search", index), some.asked[kind][:40], 500)
        return [index, judge.encoded(one, texts).tolist(), places.tolist()]

    judges.twice(ship, shipped, ask, "The same gallery and texts had another index or other answers")


PROMISES = (_odd, _small, _broken, _alone, _untouched, _twice)
