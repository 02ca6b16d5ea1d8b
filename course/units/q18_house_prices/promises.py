"""Six promises of the contract, each tried by itself. All raise CallError where they are broken."""

from __future__ import annotations

import numpy as np

from course.contract.artifacts.modules import Ship
from course.contract.processes.calls import CallError, Shipped
from course.units.kit import judges
from course.units.q18_house_prices import judge
from course.units.q18_house_prices.world import BUDGET


def _one(ship: Ship, shipped: Shipped, given: judge.Tables) -> None:
    """One house, one listing."""
    judge.month(shipped, judge.first(given, 10_000, 1))


def _few(ship: Ship, shipped: Shipped, given: judge.Tables) -> None:
    """No more than twenty sales, as in a quiet winter."""
    judge.month(shipped, judge.first(given, 20, 40))


def _poor(ship: Ship, shipped: Shipped, given: judge.Tables) -> None:
    """Hardly any money, and none."""
    for budget in (float(np.median(given[2]["ask"])), 0.0):
        judge.bought(shipped, given[2], given[0], budget)


def _alone(ship: Ship, shipped: Shipped, given: judge.Tables) -> None:
    sales, asked, _ = given
    whole = judge.quoted(shipped, asked, sales)
    some = np.arange(len(whole))[::-3]
    part = judge.quoted(shipped, {name: np.ascontiguousarray(values[some]) for name, values in asked.items()}, sales)
    if not np.allclose(part, whole[some], rtol=1e-4):
        raise CallError("`quote` gave a house other bounds among other houses; they must depend on it and on sales.")


def _untouched(ship: Ship, shipped: Shipped, given: judge.Tables) -> None:
    sales, asked, listed = given
    for name, args in (("quote", (asked, sales)), ("buy", (listed, sales, float(BUDGET)))):
        if not shipped.leaves_alone(name, *args):
            raise CallError(f"`{name}` changed its arguments: they belong to the caller, so work on a copy.")


def _twice(ship: Ship, shipped: Shipped, given: judge.Tables) -> None:
    judges.twice(
        ship, shipped, lambda one: judge.played(one, [(given,)]), "The same month had another answer"
    )  # fmt: skip


PROMISES = (_one, _few, _poor, _alone, _untouched, _twice)
