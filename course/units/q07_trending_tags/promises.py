"""Six promises of the contract, each tried by itself. All raise CallError where they are broken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from course.contract.artifacts.modules import Ship
from course.contract.processes.calls import CallError, Shipped, mismatch
from course.units.kit import judges
from course.units.q07_trending_tags.judge import TRENDS, after, listed

Batches = Sequence[dict[str, Any]]


def _lists(ship: Ship, shipped: Shipped, batches: Batches) -> None:
    """Lists of several lengths; the shorter is the beginning of the longer."""
    counter, came = TRENDS.make(shipped), set()
    for at, batch in enumerate(batches):
        counter.call("update", batch)
        came |= set(batch["tags"].tolist())
        if at % 8 == 7:
            long, short = listed(counter, 10), listed(counter, 3)
            if not set(long) <= came:
                raise CallError(mismatch("Trends.top", [10], long, "tags that have been in a batch"))
            if long[:3] != short:
                raise CallError(mismatch("Trends.top", [3], short, f"the first of what `top(10)` returned, {long[:3]}"))
            listed(counter, 1)
            listed(counter, 50)


def _empty(ship: Ship, shipped: Shipped, batches: Batches) -> None:
    """Before the first batch, and hours without a post."""
    counter = TRENDS.make(shipped)
    if first := listed(counter, 10):
        raise CallError(mismatch("Trends.top", [10], first, "an empty list, as there was no batch yet"))
    for batch in batches[:12]:
        after(counter, {"time": batch["time"], "tags": batch["tags"][:0], "accounts": batch["accounts"][:0]})


def _odd(ship: Ship, shipped: Shipped, batches: Batches) -> None:
    """Any whole numbers; one post; a stream that begins in the middle of the week."""
    counter = TRENDS.make(shipped)
    for at, tag in enumerate((0, 1, 2**32 - 1, 2**53 + 1, 2**63 - 1)):
        rows = 1 + 50 * (at % 2)
        batch = {"time": 6_000 + 15 * at, "tags": np.full(rows, tag), "accounts": np.arange(rows) * 2**40 + tag % 7}
        after(counter, batch)


def _alone(ship: Ship, shipped: Shipped, batches: Batches) -> None:
    counter = TRENDS.make(shipped)
    if not all(counter.leaves_alone("update", one) for one in batches[:24]):
        raise CallError("A batch was changed: it belongs to the caller, so work on a copy.")


def _twice(ship: Ship, shipped: Shipped, batches: Batches) -> None:
    def lists(one: Shipped) -> list:
        counter = TRENDS.make(one)
        return [after(counter, batch) for batch in batches]

    judges.twice(ship, shipped, lists, "The same batches gave other lists")


def _comes_back(ship: Ship, shipped: Shipped, batches: Batches) -> None:
    """New, and after some hours."""
    counter = TRENDS.restore(shipped, TRENDS.state(TRENDS.make(shipped)))
    for batch in batches[:50]:
        after(counter, batch)
    counter = TRENDS.restore(shipped, TRENDS.state(counter))
    for batch in batches[50:60]:
        after(counter, batch)


PROMISES = (_lists, _empty, _odd, _alone, _twice, _comes_back)
