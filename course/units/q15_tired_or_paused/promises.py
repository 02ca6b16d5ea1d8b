"""Six promises of the contract, each tried by itself. All raise CallError where they are broken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from course.contract.artifacts.modules import Ship
from course.contract.processes.calls import CallError, Shipped
from course.units.kit import judges
from course.units.q15_tired_or_paused.judge import answered
from course.units.q15_tired_or_paused.world import Night


def _usual(ship: Ship, shipped: Shipped, some: Sequence[Night]) -> None:
    """A whole night."""
    answered(shipped, some[0])


def _small(ship: Ship, shipped: Shipped, some: Sequence[Night]) -> None:
    """A night with one pair, and one with none."""
    for size in (1, 0):
        answered(shipped, some[0].some(np.random.default_rng(1), size))


def _bare(ship: Ship, shipped: Shipped, some: Sequence[Night]) -> None:
    """Pairs of which nothing is known yet: no row at all, and rows told later alone."""
    night = some[0].some(np.random.default_rng(2), 30)
    for keep in (night.plays["pair"] < 0, night.plays["told"] > night.now):
        answered(shipped, replace(night, plays={name: rows[keep] for name, rows in night.plays.items()}))


def _order(ship: Ship, shipped: Shipped, some: Sequence[Night]) -> None:
    """Rows in another order say the same."""
    night = some[0].known()
    order = np.random.default_rng(3).permutation(len(night.plays["pair"]))
    again = answered(shipped, replace(night, plays={name: rows[order] for name, rows in night.plays.items()}))
    if np.abs(again.chance - answered(shipped, night).chance).max() > 1e-4:
        raise CallError("`predict` gave other chances when the same rows came in another order.")


def _alone(ship: Ship, shipped: Shipped, some: Sequence[Night]) -> None:
    """What is given stays as it is."""
    night = some[0].some(np.random.default_rng(4), 60)
    for name in ("predict", "act"):
        if not shipped.leaves_alone(name, night.history, night.now):
            raise CallError(f"`{name}` changed the history: it belongs to the caller, so work on a copy.")


def _twice(ship: Ship, shipped: Shipped, some: Sequence[Night]) -> None:
    """Another process answers the same, whatever it was asked before."""

    def ask(one: Shipped) -> list:
        found = answered(one, some[1])
        return [found.chance, found.action]

    answered(shipped, some[0])
    judges.twice(ship, shipped, ask, "The same night got other answers")


PROMISES = (_usual, _small, _bare, _order, _alone, _twice)
