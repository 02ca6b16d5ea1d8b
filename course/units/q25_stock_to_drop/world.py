"""The world of q25: funds of twenty shares that have to buy one every month, and what became of prices.

Prices are real in their parts. Daily returns of twenty large American shares (January 2000 to December 2022) come from
the file `sp500_dataset.csv.gz` of the package skfolio, whose code is not used. They are taken apart into what the
market did (the mean of all shares), each share's beta, and the rest. A window is put together anew, month by month: a
month of market from one date, a month of rests from another, both chosen among months that follow upon a similar
unrest. Betas and rests are rescaled, shares change places and levels, and what a share earned on its own over those
years is taken out, the market's mean too: both are known only because these twenty lived. So whatever comes after a
decision was drawn after it, and the package's file doesn't hold it.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

SHARES, FUND = 20, 8e6
#: Trading days from one purchase to the next, purchases of a window, rows of a table, days before the first purchase.
MONTH, MONTHS, ROWS, PAST = 21, 12, 420, 420
#: What is bought each month, as a share of the fund at the start; half spreads; euros that move a price by 100 %.
AMOUNT, SPREAD, DEPTH = (0.04, 0.09), (3e-4, 40e-4), (2e7, 2e8)
#: Months that are thought alike in unrest: as many of the nearest are drawn from.
ALIKE = 80
#: How far a window's betas move, the spread of the factor on what is a share's own, and share of days without a price.
BETAS, OWN, HALTED = (0.7, 1.3), 0.3, 0.002
#: Days since the listing of a newcomer; how much wilder it is on its own, usually and in the slice; newcomers there.
YOUNG, WILDER, NEWCOMERS = (25, 100), (2.0, 3.5), 6
#: What a key draws from: euros of a lot, days of the lock, euros of a ticket, price of a unit of variance.
LOTS, LOCKS = range(700, 1_901, 10), (30, 50, 70)
TICKETS, PRICES = (170, 180, 190, 200, 210), (0.45, 0.475, 0.5, 0.525, 0.55)
#: Most that may be raised, as a multiple of what is needed.
MOST = 1.03
START = "2000-01-01"
#: Volatility of all shares together over a window's year: windows lie in these by turns, so no figure hangs on a crash.
YEARS = ((0.10, 0.13), (0.13, 0.16), (0.16, 0.20), (0.20, 0.30))


class Rules(NamedTuple):
    """The house book of a term: `lot` and `ticket` in euros, `lock` in trading days, `price` of variance."""

    lot: int
    lock: int
    ticket: int
    price: float


@dataclass(frozen=True, eq=False)
class Window:
    """A year of one fund.

    prices : float64 (days, shares), NaN before a share was listed and on days without a price.
    first : row of the first purchase; the others follow after `MONTH` rows each.
    today : which row of its table a purchase's day is.
    holdings : euros in each share at the first purchase. spread : half spreads. depth : euros (see `judge.costs`).
    buys, amounts : which share is bought for how many euros, for each purchase.
    """

    prices: np.ndarray
    first: int
    today: int
    holdings: np.ndarray
    spread: np.ndarray
    depth: np.ndarray
    buys: np.ndarray
    amounts: np.ndarray

    def table(self, month: int, rng: np.random.Generator) -> np.ndarray:
        """What is known at a purchase; the rows after its day are made up, from returns of the past in any order."""
        at = self.first + month * MONTH
        past = self.prices[at - self.today : at + 1]
        steps = past[-40:] / past[-41:-1]
        steps[np.isnan(steps)] = 1.0
        made = past[-1] * np.cumprod(steps[rng.integers(len(steps), size=ROWS - len(past))], axis=0)
        return np.concatenate([past, made])

    def after(self, month: int) -> np.ndarray:
        """Prices by that of the day of a purchase, for that day and the month after it: (MONTH + 1, shares)."""
        at = self.first + month * MONTH
        return self.prices[at : at + MONTH + 1] / self.prices[at]


class Parts(NamedTuple):
    """The file's daily log returns, taken apart.

    `unrest` is the market's volatility over the month up to a day; `days` are the first days of possible months, by
    the unrest before them, which is `rising`.
    """

    market: np.ndarray
    betas: np.ndarray
    rests: np.ndarray
    unrest: np.ndarray
    days: np.ndarray
    rising: np.ndarray


@cache
def packaged() -> pd.DataFrame:
    """The package's prices from 2000 on, a column each share. Earlier ones have three decimals of a split dollar."""
    import pandas as pd

    file = importlib.metadata.distribution("skfolio").locate_file("skfolio/datasets/data/sp500_dataset.csv.gz")
    return pd.read_csv(str(file), index_col=0, parse_dates=True).loc[START:]


@cache
def parts() -> Parts:
    """The returns of `packaged` as market, betas and rests; the means of all are taken out."""
    returns = np.diff(np.log(packaged().to_numpy(float)), axis=0)
    market = returns.mean(axis=1)
    betas = (market - market.mean()) @ returns / ((market - market.mean()) ** 2).sum()
    rests = returns - market[:, None] * betas
    squares = np.cumsum(np.concatenate([np.zeros(1), market**2]))
    unrest = np.full(len(market), np.nan)
    unrest[MONTH - 1 :] = np.sqrt((squares[MONTH:] - squares[:-MONTH]) / MONTH)
    days = np.arange(MONTH, len(market) - MONTH)
    days = days[np.argsort(unrest[days - 1], kind="stable")]
    return Parts(market - market.mean(), betas, rests - rests.mean(axis=0), unrest, days, unrest[days - 1])


def rules(rng: np.random.Generator) -> Rules:
    """The house book of a term."""
    lot, lock, ticket = (int(rng.choice(some)) for some in (LOTS, LOCKS, TICKETS))
    return Rules(lot, lock, ticket, float(rng.choice(PRICES)))


def _next(of: Parts, unrest: float, rng: np.random.Generator) -> int:
    """The first day of a month that follows upon about as much unrest."""
    place = int(np.searchsorted(of.rising, unrest))
    low = min(max(place - ALIKE // 2, 0), len(of.rising) - ALIKE)
    return int(of.days[low + int(rng.integers(ALIKE))])


def returns(months: int, wild: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Log returns of so many months of one window, (days, shares): nothing in a month was there in the one before.

    `wild` multiplies what is each share's own.
    """
    of = parts()
    start, market, rests = int(rng.integers(MONTH, len(of.market) - MONTH)), [], []
    for _ in range(months):
        market.append(of.market[start : start + MONTH])
        other = _next(of, of.unrest[start - 1], rng)
        rests.append(of.rests[other : other + MONTH])
        start = _next(of, of.unrest[start + MONTH - 1], rng)
    places = rng.permutation(SHARES)
    betas = of.betas * rng.uniform(*BETAS, SHARES)
    own = np.exp(rng.normal(0, OWN, SHARES))
    moved = np.concatenate(market)[:, None] * betas[places]
    return moved + (np.concatenate(rests) * own)[:, places] * wild


def window(rng: np.random.Generator, year: tuple[float, float], newcomers: int | None = None) -> Window:
    """A fund's year of so much volatility; without `newcomers` up to two shares were listed a short time ago."""
    before = -(-PAST // MONTH)
    new = rng.permutation(SHARES)[: rng.integers(3) if newcomers is None else newcomers]
    wild = np.where(np.isin(np.arange(SHARES), new), WILDER[newcomers is not None], 1.0)
    while True:
        made = returns(before + MONTHS, wild, rng)
        if year[0] <= np.sqrt((made[before * MONTH :].mean(axis=1) ** 2).sum()) < year[1]:
            break
    prices = np.exp(np.cumsum(made, axis=0) + rng.uniform(2.5, 5.5, SHARES))
    first = before * MONTH - 1
    halted = rng.random(prices.shape) < HALTED
    halted[first:] = False
    prices[halted] = np.nan
    for share in new:
        prices[: first - int(rng.integers(*YOUNG)), share] = np.nan
    low, high = np.log(SPREAD), np.log(DEPTH)
    return Window(
        prices.astype(np.float32).astype(float),
        first,
        int(rng.integers(ROWS - 60, ROWS - 20)),
        np.round(rng.dirichlet(np.full(SHARES, 2.0)) * FUND),
        np.exp(rng.uniform(*low, SHARES)),
        np.exp(rng.uniform(*high, SHARES)),
        rng.integers(SHARES, size=MONTHS),
        np.round(FUND * rng.uniform(*AMOUNT, MONTHS), -2),
    )


def windows(rng: np.random.Generator, count: int, newcomers: int | None = None) -> list[Window]:
    """So many of them. The generator is public: draw as many of your own as you like."""
    return [window(rng, YEARS[number % len(YEARS)], newcomers) for number in range(count)]


def packed(some: Sequence[Window], book: Rules) -> dict[str, np.ndarray]:
    """Windows and the house book as arrays."""
    made = {name: np.array([getattr(one, name) for one in some]) for name in Window.__dataclass_fields__}
    return {**made, "prices": made["prices"].astype(np.float32), "rules": np.array(book, dtype=float)}


def unpacked(data: Mapping[str, np.ndarray]) -> list[Window]:
    """The windows that `packed` wrote."""
    rows = {name: data[name] for name in Window.__dataclass_fields__}
    rows["prices"] = rows["prices"].astype(float)
    found = []
    for at in range(len(rows["first"])):
        one = {name: values[at] for name, values in rows.items()}
        found.append(Window(**{**one, "first": int(one["first"]), "today": int(one["today"])}))
    return found


def book_of(data: Mapping[str, np.ndarray]) -> Rules:
    """The house book that `packed` wrote."""
    lot, lock, ticket, price = data["rules"].tolist()
    return Rules(int(lot), int(lock), int(ticket), price)
