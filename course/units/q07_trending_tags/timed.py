"""Restarts as they are judged, to be timed: from a state, quarter by quarter; and what is listed is judged as well."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course.contract.artifacts.modules import Ship
from course.contract.processes.calls import CallError, Shipped
from course.units.q07_trending_tags.judge import ASKED, after, came_back, restored
from course.units.q07_trending_tags.world import Stream, Truth

#: Restarts that are played in a run; share of entries that may be others if posts come in another order.
TOGETHER, EXCUSED = 2, 0.1


class Restarts:
    """The restarts of `came_back`, which has what is listed where nothing is timed.

    What is drawn is the number of a restart, and a seed for the order of posts in each batch, so that nothing is ever
    told twice.
    """

    def __init__(self, ship: Ship, stream: Stream, truth: Truth):
        self.stream, self.some = stream, came_back(ship, stream, truth)

    def fresh(self, draws: np.random.Generator) -> list[tuple[int, int]]:
        """Two of them."""
        chosen = draws.choice(len(self.some), TOGETHER, replace=False)
        return [(int(number), int(draws.integers(2**31))) for number in chosen]

    def play(self, shipped: Shipped, many: Sequence[tuple[int, int]]) -> list[list[list[int]]]:
        """The lists of each. Raises CallError."""
        found = []
        for number, seed in many:
            one, draws, lists = self.some[number], np.random.default_rng(seed), []
            counter = restored(shipped, one.kept)
            for batch in self.stream.batches(one.first, one.first + ASKED):
                order = draws.permutation(len(batch["tags"]))
                lists.append(after(counter, batch | {name: batch[name][order] for name in ("tags", "accounts")}))
            found.append(lists)
        return found

    def check(self, many: Sequence[tuple[int, int]], found: Sequence[list[list[int]]]) -> None:
        """Raises CallError where lists hold other tags, in more places than the order of posts can excuse."""
        for (number, _), lists in zip(many, found, strict=True):
            pairs = [(set(one), set(other)) for one, other in zip(lists, self.some[number].again, strict=True)]
            if sum(len(one ^ other) for one, other in pairs) > EXCUSED * sum(len(one | other) for one, other in pairs):
                raise CallError("`Trends.top` gave other lists while it was timed.")
