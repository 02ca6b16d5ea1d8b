"""Six promises of the contract, each tried by itself. All raise CallError where they are broken."""

from __future__ import annotations

import numpy as np

from course.contract.artifacts.modules import Ship
from course.contract.processes.calls import CallError, Shipped
from course.units.kit import judges
from course.units.q25_stock_to_drop import judge
from course.units.q25_stock_to_drop.world import Rules, Window


def _case(of: Window, month: int = 0) -> tuple:
    return judge.Fund(of).asked(month, np.random.default_rng(month))


def _legal(shipped: Shipped, case: tuple, book: Rules, when: str) -> None:
    sold = judge.checked(shipped.call("sell", *case), case[0].shape[1])
    if wrong := judge.broken(sold, case[2], case[3], book):
        raise CallError(f"{when}, a rule of the house book was broken: {wrong}.")


def _few(ship: Ship, shipped: Shipped, of: Window, book: Rules) -> None:
    prices, today, fund, _ = _case(of)
    fund = {name: np.asarray(values)[:4] for name, values in fund.items()} | {"holdings": np.full(4, 800_000.0)}
    _legal(shipped, (prices[:, :4], today, fund, {"stock": 3, "amount": 300_000.0}), book, "In a fund of four shares")


def _new(ship: Ship, shipped: Shipped, of: Window, book: Rules) -> None:
    prices, today, fund, order = _case(of)
    prices = prices.copy()
    prices[: today - 4] = np.nan
    _legal(shipped, (prices, today, fund, order), book, "Where every share was listed four days ago")


def _begun(ship: Ship, shipped: Shipped, of: Window, book: Rules) -> None:
    prices, today, fund, order = _case(of)
    _legal(shipped, (prices[today - 1 :], 1, fund, order), book, "In a table that begins yesterday")


def _much(ship: Ship, shipped: Shipped, of: Window, book: Rules) -> None:
    prices, today, fund, order = _case(of)
    fund["holdings"] = np.full(len(of.holdings), 400_000.0)
    fund["since"][:2] = 1
    _legal(shipped, (prices, today, fund, order | {"amount": 2_500_000.0}), book, "Where a third of the fund is needed")


def _alone(ship: Ship, shipped: Shipped, of: Window, book: Rules) -> None:
    if not shipped.leaves_alone("sell", *_case(of)):
        raise CallError("`sell` changed what it was given: that belongs to the caller, so work on a copy.")


def _twice(ship: Ship, shipped: Shipped, of: Window, book: Rules) -> None:
    def both(one: Shipped) -> list:
        return [judge.checked(one.call("sell", *_case(of, month)), len(of.spread)).tolist() for month in (0, 3, 0)]

    judges.twice(ship, shipped, both, "The same purchase was answered otherwise")


PROMISES = (_few, _new, _begun, _much, _alone, _twice)
