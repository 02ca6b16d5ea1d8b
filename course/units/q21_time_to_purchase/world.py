"""The world of q21: shops for pet food, when their customers buy again, and what three nudges do to that.

How long households wait between purchases is real (gaps.csv, quantiles that `record` took from a grocer's year); who is
moved by which nudge is made up, and drawn anew for each shop. What all shops of a key have in common are their rules:
how nudges are numbered, what they cost, how many a customer may get.

A customer is followed from Monday to Monday. Within a week each day has its chance of a purchase, which a nudge of that
Monday changes; on the next Monday the nudge is forgotten. Some of what moves her is in no column: a full basket, which
the team that wrote the log has seen.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

KINDS = ("nothing", "reminder", "advice", "voucher")
REMINDER, ADVICE, VOUCHER = 1, 2, 3
#: Mondays of a season, days of a week and of a season, price of a reminder.
WEEKS, WEEK = 6, 7
DAYS = WEEKS * WEEK
STAMP = 0.05
#: Shares of the randomised part of the log that got each.
CHANCES = (0.31, 0.23, 0.23, 0.23)
COLUMNS = (
    "since", "gap", "orders", "visits", "opens", "bargains", "novel", "app", "animals", "basket", "sent_back", "nudged",
    "left",
)  # fmt: skip
#: What an effect may depend on beside `due`: seven columns, in units of their own spread.
MODERATORS = ("visits", "opens", "bargains", "novel", "app", "animals", "basket")
#: New customers have no more orders than that; picky ones sent back no smaller share of theirs.
NEW, PICKY = 2, 0.2
#: Share of customers of whose mails nothing is known, and how a full basket and habit move a week's hazard.
UNKNOWN, FULL, HABIT = 0.2, 5.0, 0.35


@dataclass(frozen=True)
class Rules:
    """What all shops of a key have in common.

    `kinds` (4,): what a nudge of each number is, an index into `KINDS`; `euros` (4,): what it costs to send, by number;
    `off`: share of the basket that a voucher takes off; `most`: nudges that a customer may get in a season.
    """

    kinds: np.ndarray
    euros: np.ndarray
    off: float
    most: int

    @property
    def voucher(self) -> int:
        """Its number."""
        return int(np.flatnonzero(self.kinds == VOUCHER)[0])

    @property
    def names(self) -> list[str]:
        """What each number is, in words."""
        return [KINDS[kind] for kind in self.kinds]


@dataclass(frozen=True)
class Customers:
    """Customers as they are: what stays of their columns (n,) by name, and what each week brings (n, 6).

    `opens` is the share of mails opened, also where the column says NaN; `busy` is True where a basket is full that
    week; `chance` (n,) uniform: the purchase comes when the hazard has added up to -log(chance); `eager` (n,)
    multiplies the hazard, and no column tells it.
    """

    fixed: Mapping[str, np.ndarray]
    opens: np.ndarray
    visits: np.ndarray
    busy: np.ndarray
    eager: np.ndarray
    chance: np.ndarray

    def __len__(self) -> int:
        return len(self.chance)

    def seen(self, week: int, nudged: np.ndarray, *, truly: bool = False) -> dict[str, np.ndarray]:
        """The columns on the Monday of a week (0 to 5), float32 (n,), of customers who have not bought since the first.

        `truly` gives what is so also where nobody knows it.
        """
        at = dict(self.fixed)
        if truly:
            at["opens"] = self.opens
        at["since"] = at["since"] + np.float32(WEEK * week)
        at["visits"], at["nudged"] = self.visits[:, week], nudged
        at["left"] = np.full(len(self), DAYS - WEEK * week)
        return {name: np.asarray(at[name], np.float32) for name in COLUMNS}

    def first(self, count: int) -> Customers:
        """The first of them."""
        fixed = {name: values[:count] for name, values in self.fixed.items()}
        rest = (getattr(self, name)[:count] for name in ("opens", "visits", "busy", "eager", "chance"))
        return Customers(fixed, *rest)


@dataclass(frozen=True)
class Shop:
    """One shop: its log, which a learner gets, its customers of the next season, and who is moved by what.

    `weights` and `returns` (4, 8), by number of the nudge: how the log of the hazard's factor, and the log odds of
    sending the parcel back, grow with `due` and each of `MODERATORS`; `base` and `shift` (4,) are their intercepts.
    """

    rules: Rules
    weights: np.ndarray
    base: np.ndarray
    returns: np.ndarray
    shift: np.ndarray
    customers: Customers
    log: Mapping[str, np.ndarray]

    def effects(self, truly: Mapping[str, np.ndarray], busy: np.ndarray) -> np.ndarray:
        """(n, 4): log of the factor by which each nudge changes this week's hazard; a second one does less."""
        made = np.clip(self.base + moderators(truly) @ self.weights.T, -0.7, 1.5)
        made[:, 0] = 0
        tired = np.where((made > 0) & (truly["nudged"] > 0)[:, None], 0.6, 1.0)
        return made * tired * np.where(busy, 0.1, 1.0)[:, None]

    def sent_back(self, truly: Mapping[str, np.ndarray]) -> np.ndarray:
        """(n, 4): chance that a purchase in the week of each nudge is sent back."""
        odds = -2.2 + 4.0 * truly["sent_back"] + 0.8 * (truly["novel"] - 0.375)
        return 1 / (1 + np.exp(-(odds[:, None] + self.shift + moderators(truly) @ self.returns.T)))


@cache
def gaps() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Quantiles of real waits: what -> (at, value)."""
    rows: dict[str, list] = {}
    with Path(__file__).with_name("gaps.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows.setdefault(row["what"], []).append((float(row["at"]), float(row["value"])))
    return {what: (np.array(values)[:, 0], np.array(values)[:, 1]) for what, values in rows.items()}


def hazard(relative: np.ndarray) -> np.ndarray:
    """-log of the share of real waits that are longer, by the wait in units of the household's own mean."""
    at, value = gaps()["gap by the household's mean"]
    value, total = np.concatenate([[0], value]), np.concatenate([[0], -np.log1p(-at)])
    slope = (total[-1] - total[-8]) / (value[-1] - value[-8])
    return np.interp(relative, value, total) + slope * np.maximum(relative - value[-1], 0)


def rules(rng: np.random.Generator) -> Rules:
    """The rules of a key."""
    kinds = np.concatenate([[0], 1 + rng.permutation(3)])
    prices = np.array([0.0, STAMP, np.round(rng.uniform(1.5, 2.2), 2), 0.0])
    return Rules(kinds, prices[kinds], float(np.round(rng.uniform(0.13, 0.18), 2)), int(rng.integers(2, 4)))


def customers(rng: np.random.Generator, count: int) -> Customers:
    """So many, on the Monday a season begins."""
    at, value = gaps()["mean days between purchases"]
    gap = np.interp(rng.random(count), at, value).clip(9)
    # How long ago the last purchase was: as in a renewal process that has gone on for long.
    grid = np.linspace(0, 5, 501)
    left = np.cumsum(np.exp(-hazard(grid)))
    relative = np.interp(rng.random(count), left / left[-1], grid)
    orders = rng.geometric(0.14, count)
    own = gap * np.where(orders <= NEW, rng.lognormal(0, 0.45, count), rng.lognormal(0, 0.08, count))
    spread = rng.normal(0, 1, (count, 5))
    opens = np.round(1 / (1 + np.exp(-(-0.3 + 1.2 * spread[:, 0]))), 2).astype(np.float32)
    busy = rng.random((count, WEEKS)) < (0.16 * np.exp(0.4 * spread[:, 4]))[:, None].clip(0, 0.6)
    visits = rng.poisson((1.2 * np.exp(0.5 * spread[:, 3]))[:, None] * np.where(busy, 2.2, 1.0))
    fixed = {
        "since": np.round(relative * gap),
        "gap": np.round(own, 1).clip(3),
        "orders": orders,
        "opens": np.where(rng.random(count) < UNKNOWN, np.nan, opens),
        "bargains": np.round(rng.beta(1.2, 2.4, count), 2),
        "novel": np.round(rng.beta(1.5, 2.5, count), 2),
        "app": rng.random(count) < 0.45,
        "animals": rng.geometric(0.5, count).clip(1, 6),
        "basket": np.round(np.exp(3.5 + 0.45 * spread[:, 1]), 2),
        "sent_back": np.round(rng.beta(1.0, 7.0, count), 2),
    }
    fixed = {name: values.astype(np.float32) for name, values in fixed.items()}
    even = (rng.permutation(count) + rng.random(count)) / count
    return Customers(fixed, opens, visits.astype(np.float32), busy, np.exp(HABIT * spread[:, 2]), even)


def moderators(truly: Mapping[str, np.ndarray]) -> np.ndarray:
    """(n, 8): `due` and `MODERATORS`, each about 0 on average and 1 in spread."""
    columns = [
        (np.log((truly["since"] + 3) / truly["gap"]).clip(-2.5, 2) + 0.45) / 0.9,
        (np.log1p(truly["visits"]) - 0.8) / 0.6,
        (truly["opens"] - 0.44) / 0.24,
        (truly["bargains"] - 0.33) / 0.22,
        (truly["novel"] - 0.375) / 0.22,
        (truly["app"] - 0.45) / 0.5,
        (np.log(truly["animals"]) - 0.55) / 0.55,
        (np.log(truly["basket"]) - 3.5) / 0.45,
    ]
    return np.stack(columns, axis=1).astype(float)


def daily(of: Customers, week: int) -> np.ndarray:
    """(n, 7): each day's hazard in a week, without a nudge."""
    edges = of.fixed["since"][:, None] + WEEK * week + np.arange(WEEK + 1)
    steps = np.diff(hazard(edges / of.fixed["gap"][:, None]), axis=1)
    return steps * (of.eager * np.where(of.busy[:, week], FULL, 1.0))[:, None]


def shop(of: Rules, rng: np.random.Generator, count: int, logged: int, drawn: int) -> Shop:
    """A shop with `count` customers and a log of so many rows by the team, and so many with a nudge by lot."""
    order, signs = rng.permutation(len(MODERATORS)), rng.choice([-1.0, 1.0], len(MODERATORS))
    weights, returns = np.zeros((4, 8)), np.zeros((4, 8))
    weights[REMINDER, 0] = 0.7
    for nudge, which in ((REMINDER, order[:1]), (ADVICE, order[1:3]), (VOUCHER, order[3:5])):
        weights[nudge, 1 + which] = 0.7 * signs[which]
    returns[VOUCHER, 1 + order[5]] = 0.9 * signs[order[5]]
    base = np.array([0, -0.2, -0.1, 0.2]) + rng.uniform(-0.05, 0.05, 4) * [0, 1, 1, 1]
    shift = np.array([0, 0.1, -0.5, 0.95])
    by = of.kinds
    made = Shop(of, weights[by], base[by], returns[by], shift[by], customers(rng, count), {})
    parts = [_logged(made, rng, logged, False), _logged(made, rng, drawn, True)]
    mixed = rng.permutation(logged + drawn)
    log = {name: np.concatenate([part[name] for part in parts])[mixed] for name in parts[0]}
    return replace(made, log=log)


def _logged(of: Shop, rng: np.random.Generator, count: int, by_lot: bool) -> dict[str, np.ndarray]:
    """Rows of a log: what was known on a Monday, the nudge, and what came of it in six weeks without another."""
    some = customers(rng, count)
    none = np.zeros(count)
    seen, truly, busy = some.seen(0, none), some.seen(0, none, truly=True), some.busy[:, 0]
    nudge = rng.choice(4, count, p=CHANCES) if by_lot else _team(of, truly, busy, rng)
    need, total, days = -np.log(some.chance), np.zeros(count), np.full(count, DAYS)
    bought, chance = np.zeros(count, bool), np.zeros(count)
    for week in range(WEEKS):
        now = nudge if week == 0 else np.zeros(count, int)
        truly = some.seen(week, none, truly=True)
        steps = total[:, None] + np.cumsum(daily(some, week) * _factor(of, truly, some.busy[:, week], now), axis=1)
        hits = ~bought & (steps[:, -1] >= need)
        days[hits] = WEEK * week + (steps < need[:, None]).sum(axis=1)[hits] + 1
        chance[hits] = of.sent_back(truly)[np.arange(count), now][hits]
        total, bought = steps[:, -1], bought | hits
    found = {"nudge": nudge, "by_lot": np.full(count, by_lot), "days": days, "bought": bought}
    return {**seen, **found, "back": rng.random(count) < chance}


def _factor(of: Shop, truly: Mapping[str, np.ndarray], busy: np.ndarray, nudge: np.ndarray) -> np.ndarray:
    return np.exp(np.take_along_axis(of.effects(truly, busy), nudge[:, None], axis=1))


def _team(of: Shop, truly: Mapping[str, np.ndarray], busy: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """What the team sent: mostly to full baskets, where it helps least, and in them to those whom it would not help."""
    count = len(busy)
    liked = 5 * moderators(truly) @ of.weights.T[:, 1:]
    luck, moved = rng.gumbel(size=(count, 3)), rng.random(count)
    lapsed = ~busy & (truly["since"] > 1.2 * truly["gap"])
    to_full = 1 + (luck - liked + (of.rules.kinds[1:] == VOUCHER)).argmax(axis=1)
    rest = np.where(moved < np.where(lapsed, 0.1, 0.03), 1 + luck.argmax(axis=1), 0)
    return np.where(busy, np.where(moved < 0.9, to_full, 0), rest)


#: How a log's columns and a season's lie in a file.
_ROWS = (*COLUMNS, "nudge", "by_lot", "days", "bought", "back")
_SMALL = {"nudge": np.int8, "by_lot": bool, "days": np.int8, "bought": bool, "back": bool}


def packed(of: Shop, name: str) -> dict[str, np.ndarray]:
    """A shop as arrays whose names begin with `name`."""
    made = {part: getattr(of, part) for part in ("weights", "base", "returns", "shift")}
    made |= {f"log_{row}": of.log[row].astype(_SMALL.get(row, np.float32)) for row in _ROWS}
    made |= {f"now_{row}": values for row, values in of.customers.fixed.items()}
    for part in ("opens", "visits", "busy", "eager", "chance"):
        made[f"of_{part}"] = getattr(of.customers, part)
    return {f"{name}_{part}": values for part, values in made.items()}


def unpacked(of: Rules, data: Mapping[str, np.ndarray], name: str) -> Shop:
    """The shop that `packed` wrote under that name."""
    fixed = {row: data[f"{name}_now_{row}"] for row in COLUMNS if f"{name}_now_{row}" in data}
    rest = (data[f"{name}_of_{part}"] for part in ("opens", "visits", "busy", "eager", "chance"))
    log = {row: data[f"{name}_log_{row}"] for row in _ROWS}
    log |= {row: log[row].astype(np.int64) for row in ("nudge", "days")}
    known = (data[f"{name}_{part}"] for part in ("weights", "base", "returns", "shift"))
    return Shop(of, *known, Customers(fixed, *rest), log)


def packed_rules(of: Rules) -> dict[str, np.ndarray]:
    """Rules as arrays."""
    return {"kinds": of.kinds, "euros": of.euros, "off": np.array(of.off), "most": np.array(of.most)}


def unpacked_rules(data: Mapping[str, np.ndarray]) -> Rules:
    """What `packed_rules` wrote."""
    return Rules(data["kinds"], data["euros"], float(data["off"]), int(data["most"]))
