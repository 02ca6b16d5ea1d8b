"""A month as it is carried out: the model's numbers, bounds for houses, houses bought; and what may be said of many."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from course.contract.artifacts.gate import ModelSpec, Tensor
from course.contract.artifacts.models import flaw
from course.contract.artifacts.modules import Ship
from course.contract.processes import plain
from course.contract.processes.calls import CallError, Remote, mismatch
from course.contract.processes.runner import predict
from course.units.kit.replay import Replay
from course.units.q18_house_prices import world
from course.units.q18_house_prices.world import BUDGET, COLUMNS, Case

MODEL = ModelSpec(
    {"houses": Tensor("float32", (None, len(COLUMNS)))}, {"valuation": Tensor("float32", (None, 2))}, batch=64
)
#: What is promised, and what it costs to miss by one in logarithms (2 / 0.1).
PROMISED, FINE = 0.90, 20.0
#: Runs that were timed and are played again.
ONCE_MORE = 8
Tables = tuple[dict, dict, dict]


@dataclass(frozen=True)
class Month:
    """What came of one case: bounds (N, 2) for the houses asked about, listings bought."""

    of: Case
    bounds: np.ndarray
    bought: np.ndarray

    @property
    def holds(self) -> np.ndarray:
        """True for each house whose price lies within its bounds."""
        return (self.of.asked_price >= self.bounds[:, 0]) & (self.of.asked_price <= self.bounds[:, 1])

    @property
    def earned(self) -> float:
        """Dollars of profit."""
        return world.profit(self.of, self.bought)

    @property
    def could(self) -> float:
        """Dollars that the surveyor earns with the same money."""
        return world.profit(self.of, self.of.picks)


def score(bounds: np.ndarray, price: np.ndarray) -> np.ndarray:
    """The interval score (Gneiting and Raftery, 2007) of each house, in logarithms."""
    low, high, paid = np.log(bounds[:, 0]), np.log(bounds[:, 1]), np.log(price)
    return high - low + FINE * np.maximum(np.maximum(low - paid, paid - high), 0)


def tables(ship: Ship, some: Sequence[Case]) -> list[Tables]:
    """Sales, houses and listings of each case as the module gets them, with its model's numbers if there is a model.

    Raises CallError, Refused, RunnerError.
    """
    parts = [part for one in some for part in (one.sales, one.asked, one.listed)]
    numbers: list[Any] = [None] * len(parts)
    if MODEL.file in ship.module.beside:
        rows = np.concatenate(parts)
        (found,) = predict(ship.model(MODEL).content, [{"houses": rows}], rows=MODEL.batch)
        if problem := flaw(found, MODEL, len(rows)):
            raise CallError(problem)
        numbers = np.split(found[0], np.cumsum([len(part) for part in parts])[:-1])
    made = []
    for one, valued in zip(some, zip(*[iter(numbers)] * 3, strict=True), strict=True):
        sales, asked, listed = valued
        made.append(
            (
                world.table(one.sales, valuation=sales, price=one.paid),
                world.table(one.asked, valuation=asked),
                world.table(one.listed, valuation=listed, ask=one.ask),
            )
        )
    return made


def months(ship: Ship, some: Sequence[Case]) -> list[Month]:
    """Each case in a process of its own: no month can know of another. Raises CallError, Refused, RunnerError."""
    found = []
    for one, given in zip(some, tables(ship, some), strict=True):
        with ship.open() as shipped:
            found.append(Month(one, *month(shipped, given)))
    return found


def month(shipped: Remote, given: Tables, budget: float = BUDGET) -> tuple[np.ndarray, np.ndarray]:
    """Bounds for the houses, then what is bought. Raises CallError."""
    sales, asked, listed = given
    return quoted(shipped, asked, sales), bought(shipped, listed, sales, budget)


def quoted(shipped: Remote, asked: dict, sales: dict) -> np.ndarray:
    """Bounds of each house: (N, 2), dollars. Raises CallError."""
    value = shipped.call("quote", asked, sales)
    count = len(asked["area"])
    if not isinstance(value, dict) or set(value) != {"low", "high"}:
        raise CallError(mismatch("quote", ["houses", "sales"], value, "a dict with 'low' and 'high'"))
    sides = []
    for name in ("low", "high"):
        some = value[name].tolist() if hasattr(value[name], "tolist") else value[name]
        if not isinstance(some, list | tuple) or len(some) != count or not all(_dollars(one) for one in some):
            words = f"{count:,} prices above 0 under {name!r}, in a list or an array"
            raise CallError(mismatch("quote", ["houses", "sales"], value[name], words))
        sides.append(np.array(some, dtype=float))
    if (sides[0] > sides[1]).any():
        at = int(np.argmax(sides[0] > sides[1]))
        got = [float(side[at]) for side in sides]
        raise CallError(mismatch("quote", ["houses", "sales"], got, f"'low' not above 'high' (house {at})"))
    return np.stack(sides, axis=1)


def _dollars(value: Any) -> bool:
    return type(value) in (int, float) and 1e-3 < value < 1e12


def bought(shipped: Remote, listed: dict, sales: dict, budget: float) -> np.ndarray:
    """Numbers of the listings that are bought. Raises CallError, also where they cost more than there is."""
    value = shipped.call("buy", listed, sales, budget)
    some = value.tolist() if hasattr(value, "tolist") else value
    count, args = len(listed["area"]), ["listings", "sales", budget]
    good = isinstance(some, list | tuple) and all(type(one) is int and 0 <= one < count for one in some)
    if not good or len(set(some)) < len(some):
        words = f"different whole numbers from 0 to {count - 1:,}, in a list or an array"
        raise CallError(mismatch("buy", args, value, words))
    picks = np.array(some, dtype=np.int64)
    total = float(listed["ask"][picks].sum())
    if total > budget + 1e-6:
        words = f"listings whose asks come to ${budget:,.0f} at most; these cost ${total:,.0f}"
        raise CallError(mismatch("buy", args, value, words))
    return picks


def coverage(found: Sequence[Month], which: str = "") -> float:
    """Share of bounds that hold: of ordinary houses, or of those that a case marks as `which` ("dear", "new")."""
    marks = [getattr(one.of, which) if which else ~one.of.new for one in found]
    return float(np.concatenate([one.holds[mark] for one, mark in zip(found, marks, strict=True)]).mean())


def width(found: Sequence[Month]) -> float:
    """Mean interval score of ordinary houses, as a multiple of the surveyor's."""
    ours = [score(one.bounds, one.of.asked_price)[~one.of.new] for one in found]
    best = [score(one.of.bounds, one.of.asked_price)[~one.of.new] for one in found]
    return float(np.concatenate(ours).mean() / np.concatenate(best).mean())


def money(found: Sequence[Month]) -> float:
    """Profit of all months, as a share of the surveyor's."""
    return sum(one.earned for one in found) / max(sum(one.could for one in found), 1.0)


def falling(found: Sequence[Month], before: int) -> list[Month]:
    """Those of months before the market turns up again."""
    return [one for one in found if one.of.month < before]


def shuffled(given: Tables, draws: np.random.Generator) -> Tables:
    """The same month with its rows in another order: about as much work, and nothing that was seen before."""
    return tuple(_taken(part, draws.permutation(len(part["area"]))) for part in given)  # type: ignore[return-value]


def _taken(part: dict, rows: np.ndarray) -> dict:
    return {name: np.ascontiguousarray(values[rows]) for name, values in part.items()}


def first(given: Tables, sales: int, houses: int) -> Tables:
    """The same month with its newest sales and its first houses alone."""
    sold, asked, listed = given
    newest = np.argsort(-sold["month"], kind="stable")[:sales]
    return _taken(sold, newest), _taken(asked, np.arange(houses)), _taken(listed, np.arange(houses))


def played(remote: Remote, many: Sequence[tuple[Tables]]) -> list:
    """Months, and what comes of each."""
    return [[part.tolist() for part in month(remote, given)] for (given,) in many]


def same_again(ship: Ship, timed: Sequence[tuple[Sequence[tuple], list]]) -> None:
    """Some months that were timed, nobody knows which, come out the same where they are not. Raises CallError."""
    chosen = sorted(secrets.SystemRandom().sample(range(len(timed)), min(ONCE_MORE, len(timed))))
    with ship.open() as shipped:
        for many, answers in (timed[at] for at in chosen):
            if plain.dumps(played(shipped, many)) != plain.dumps(answers):
                raise CallError("The same month came out otherwise while it was timed: answers must not change.")


def replayed(ship: Ship, one: Case, case: int) -> Replay:
    """One month house by house that was bought. Raises CallError, Refused, RunnerError."""
    (found,) = months(ship, [one])
    order = found.bought
    low = np.full(len(one.listed), np.nan)
    high = low.copy()
    given = tables(ship, [replace(one, asked=one.listed)])[0]
    with ship.open() as shipped:
        low, high = quoted(shipped, given[1], given[0]).T
    rows = []
    for at in order.tolist():
        gain = (1 - world.SELLING) * one.resold[at] - (1 + world.BUYING) * one.ask[at]
        rows.append((at, one.ask[at], round(float(low[at])), round(float(high[at])), one.resold[at], round(float(gain)),
                     at in set(one.picks.tolist())))  # fmt: skip
    heads = ("listing", "asked", "low", "high", "fetched later", "profit", "surveyor too")
    said = (
        f"{found.holds[~one.new].mean():.0%} of bounds hold, {found.holds[one.dear].mean():.0%} of the dear tenth. "
        f"{len(order)} houses were bought for ${one.ask[order].sum():,.0f}; they earn ${found.earned:,.0f}, "
        f"and the surveyor's {len(one.picks)} earn ${found.could:,.0f}."
    )
    return Replay(f"Month {one.month}, case {case}", heads, rows, said)
