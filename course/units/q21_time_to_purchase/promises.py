"""Five promises of the contract, each tried by itself. All raise CallError where they are broken."""

from __future__ import annotations

import numpy as np

from course.contract.artifacts.modules import Ship
from course.contract.processes import expect
from course.contract.processes.calls import CallError, Shipped
from course.units.kit import judges
from course.units.q21_time_to_purchase.judge import chosen
from course.units.q21_time_to_purchase.world import Shop

#: Rows of the log that promises are tried with, and of one that is short.
SOME, SHORT = 3_000, 40


def _part(shop: Shop, keep: np.ndarray) -> dict[str, np.ndarray]:
    return {name: values[keep] for name, values in shop.log.items()}


def _some(shop: Shop) -> dict[str, np.ndarray]:
    return _part(shop, np.arange(SOME))


def _learned(shipped: Shipped, log: dict[str, np.ndarray]) -> bytes:
    return expect.instance(shipped.call("learn", log), bytes, "learn", ["log"])


def _seen(shop: Shop, count: int = 200) -> dict[str, np.ndarray]:
    return shop.customers.first(count).seen(2, np.arange(count) % 3)


def _rows(seen: dict[str, np.ndarray], keep: np.ndarray | slice) -> dict[str, np.ndarray]:
    return {name: values[keep] for name, values in seen.items()}


def _sizes(ship: Ship, shipped: Shipped, shop: Shop) -> None:
    """Nobody, one, many; of nobody's mails is anything known."""
    model, seen = _learned(shipped, _some(shop)), _seen(shop)
    for some in (_rows(seen, slice(0, 0)), _rows(seen, slice(0, 1)), seen):
        chosen(shipped, model, some)
    chosen(shipped, model, {**seen, "opens": np.full(200, np.nan, np.float32)})


def _alone(ship: Ship, shipped: Shipped, shop: Shop) -> None:
    """A customer gets the same alone, and in another order."""
    model, seen = _learned(shipped, _some(shop)), _seen(shop)
    together, order = chosen(shipped, model, seen), np.random.default_rng(4).permutation(200)
    same = np.array_equal(chosen(shipped, model, _rows(seen, order)), together[order])
    for row in range(0, 200, 20):
        same &= bool(chosen(shipped, model, _rows(seen, slice(row, row + 1)))[0] == together[row])
    if not same:
        raise CallError("A customer got another nudge alone than among others: each is chosen for by itself.")


def _untouched(ship: Ship, shipped: Shipped, shop: Shop) -> None:
    log = _some(shop)
    if not shipped.leaves_alone("learn", log):
        raise CallError("`learn` changed the log: it belongs to the caller, so work on a copy.")
    if not shipped.leaves_alone("choose", _learned(shipped, log), _seen(shop)):
        raise CallError("`choose` changed the columns: they belong to the caller, so work on a copy.")


def _twice(ship: Ship, shipped: Shipped, shop: Shop) -> None:
    def ask(one: Shipped) -> list:
        model = _learned(one, _some(shop))
        return [model, chosen(one, model, _seen(shop))]

    judges.twice(ship, shipped, ask, "The same log and customers gave another model or other nudges")


def _scarce(ship: Ship, shipped: Shipped, shop: Shop) -> None:
    """A short log; one in which a nudge was never drawn; one in which nothing came back."""
    never = ~(shop.log["by_lot"] & (shop.log["nudge"] == 2)) & (np.arange(len(shop.log["nudge"])) < SOME)
    short = np.flatnonzero(shop.log["by_lot"])[:SHORT]
    for log in (_part(shop, short), _part(shop, never), {**_some(shop), "back": np.zeros(SOME, bool)}):
        chosen(shipped, _learned(shipped, log), _seen(shop))


PROMISES = (_sizes, _alone, _untouched, _twice, _scarce)
