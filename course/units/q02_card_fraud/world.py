"""The world of q02: honest payments after real baskets, and fraudsters who change their ways.

Hours, weekdays, amounts and how often cards pay follow `baskets.csv` (see `record.py`). Fraud is made up, because no
bank publishes it: what it looks like, how its four kinds replace each other, and when its victims complain come from
the key.
Each region of the bank is a population of its own, drawn by the same rules.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

#: What is known of a payment when it is made, in the order of the model's input.
NOW = (
    "amount", "hour", "weekday", "web", "category", "merchant_age", "merchant_disputes", "device_age", "new_address",
    "contact_change", "card_age", "load",
)  # fmt: skip
#: What the history store knows of the card, NaN where it knows too little (or is down).
HISTORY = (
    "hours_since_last", "payments_24h", "spent_24h", "usual_amount", "times_usual", "night_share", "seen_merchant",
)  # fmt: skip
#: What the training table was given on the day of the export.
EXPORT = ("disputes_at_export", "blocked_at_export", "merchant_disputes_at_export")
COLUMNS = (*NOW, *HISTORY, *EXPORT)
AT = {name: k for k, name in enumerate(COLUMNS)}
CATEGORIES = ("groceries", "household", "fuel", "electronics", "gift cards", "marketplace")
KINDS = ("testing", "night", "mimic", "letterbox")

#: Decimals that are stored; none of the others.
DIGITS = {
    "amount": 2, "hour": 2, "merchant_disputes": 1, "device_age": 1, "contact_change": 1, "card_age": 1, "load": 2,
    "hours_since_last": 1, "spent_24h": 2, "usual_amount": 2, "times_usual": 2, "night_share": 2,
    "merchant_disputes_at_export": 1,
}  # fmt: skip
#: Days of the table, of a later period, and before either, in which cards only get a history.
DAYS, LATER, BEFORE = 168, 28, 28
#: The first days of the shadow month and of the month in which the model is judged.
SHADOW, LIVE = DAYS + 7, DAYS + 42
#: Cards of a region; payments of a card for each basket that a household buys in the record.
CARDS, PER_BASKET = 2_500, 2.4
FRAUD = 0.003
#: Reviews that a region's desk can do in a day, euros that one costs, euros that a wrong one costs in goodwill.
REVIEWS, COST, GOODWILL = 7, 3.0, 5.0
#: No card pays more at once.
MOST = 900.0
NEW_CARD = 14  # days
#: How many times the usual number of payments a busy day has.
BUSY = (2.2, 3.2)


@cache
def baskets() -> Mapping[str, tuple[np.ndarray, np.ndarray]]:
    """What was recorded of real baskets: for each thing where (hours, or levels of quantiles) and the values."""
    found: dict[str, list[tuple[float, float]]] = {}
    with Path(__file__).with_name("baskets.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["what"], []).append((float(row["at"]), float(row["value"])))
    return {what: (np.array(rows)[:, 0], np.array(rows)[:, 1]) for what, rows in found.items()}


def quantile(what: str, rng: np.random.Generator, size: int) -> np.ndarray:
    """Draws from recorded quantiles."""
    at, values = baskets()[what]
    return np.interp(rng.random(size), at, values)


@dataclass(frozen=True)
class World:
    """What a key decides of fraud."""

    testing: float  # half-life of the wave of card testing with which the table begins, days
    mimic_from: float  # day on which the first mimics appear
    mimic: float  # their share of fraudulent payments in the end
    letterbox: float  # share of payments with cards that were stolen from letterboxes
    night: tuple[float, float]  # median amount at night in euros, spread of its log
    bold: tuple[float, float]  # how many times the usual a mimic pays: median, spread of its log
    hour: float  # when the night shift begins
    earlier: float  # hours by which it has come forward in the end, because the night is watched
    spoofed: float  # share of mimics whose device seems to be the customer's own
    sent: float  # share of mimics and night orders that go to a new address
    delay: tuple[float, float]  # days until the victim complains: median, spread of its log
    busy: int  # a busy day of the table


def world(rng: np.random.Generator) -> World:
    """The world of one key."""
    between = rng.uniform
    return World(
        testing=between(35, 45),
        mimic_from=between(58, 66),
        mimic=between(0.40, 0.46),
        letterbox=between(0.13, 0.17),
        night=(between(190, 240), between(0.35, 0.45)),
        bold=(between(2.8, 3.3), between(0.4, 0.5)),
        hour=between(23.0, 24.5),
        earlier=between(3.5, 4.5),
        spoofed=between(0.45, 0.55),
        sent=between(0.55, 0.7),
        delay=(between(28, 32), between(0.45, 0.55)),
        busy=int(rng.integers(95, 125)),
    )


def mix(at: World, day: np.ndarray) -> np.ndarray:
    """Shares of the four kinds among fraudulent payments on each day, (N, 4)."""
    day = np.asarray(day, float)
    testing = 0.2 + 0.4 * 0.5 ** (np.maximum(day, 0) / at.testing)
    mimic = at.mimic / (1 + np.exp(-(day - at.mimic_from - 35) / 13)) * (day >= at.mimic_from)
    rest = np.maximum(1 - testing - mimic - at.letterbox, 0.06)
    shares = np.stack([testing, rest, mimic, np.full_like(day, at.letterbox)], axis=-1)
    return shares / shares.sum(axis=-1, keepdims=True)


@dataclass(frozen=True)
class Payments:
    """Payments of some regions, each in order of time."""

    X: np.ndarray  # float32 (N, 22), as known when each payment was made
    day: np.ndarray  # int64 (N,), counted from the first of the table
    desk: np.ndarray  # int64 (N,): the region, whose desk does the reviews
    fraud: np.ndarray  # bool (N,), the truth
    kind: np.ndarray  # int64 (N,), index of KINDS, -1 for an honest payment
    known: np.ndarray  # float64 (N,), the day on which the bank learns of the fraud; NaN for an honest payment
    card: np.ndarray  # int64 (N,)

    def __len__(self) -> int:
        return len(self.day)

    def only(self, rows: np.ndarray) -> Payments:
        """Some of them."""
        return Payments(**{name: values[rows] for name, values in vars(self).items()})


def together(parts: Sequence[Payments]) -> Payments:
    """Payments of several desks, which are numbered anew."""
    desks = [np.full(len(part), k) for k, part in enumerate(parts)]
    names = [name for name in vars(parts[0]) if name != "desk"]
    return Payments(
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in names}, desk=np.concatenate(desks)
    )


class _Cards:
    """Who pays: n cards and their habits."""

    def __init__(self, rng: np.random.Generator, first: int, last: int, count: int):
        self.rate = quantile("baskets a week of a household", rng, count) * PER_BASKET / 7
        self.mean = quantile("mean log amount of a household", rng, count)
        self.shift = rng.normal(0, 1.5, count)
        self.web = rng.beta(1.3, 3.2, count)
        old = rng.random(count) < 0.84
        self.issued = np.where(old, first - rng.uniform(30, 1500, count), rng.uniform(first, last, count))
        # When a phone was new, and when an address, a number or a mail was told to have changed, last and next.
        self.device = np.sort(rng.uniform(first - 700, last + 500, (count, 2)), axis=1)
        self.contact = np.sort(rng.uniform(first - 500, last + 300, (count, 2)), axis=1)
        self.moved = rng.random(count) < 0.5


def _since(moments: np.ndarray, at: np.ndarray, never: float) -> np.ndarray:
    """Days since the last of two moments, `never` if both are still to come."""
    first, second = at - moments[:, 0], at - moments[:, 1]
    return np.where(second >= 0, second, np.where(first >= 0, first, never))


def _honest(rng: np.random.Generator, cards: _Cards, first: int, last: int, busy: Mapping[int, float]) -> dict:
    """Honest payments, in no order."""
    days = np.arange(first, last)
    weekday = baskets()["share of baskets by weekday"][1]
    weight = weekday[days % 7] * 7 * np.array([busy.get(int(day), 1.0) for day in days])
    number = rng.poisson(cards.rate * weight.sum())
    card = np.repeat(np.arange(len(number)), number)
    n = len(card)
    day = rng.choice(days, n, p=weight / weight.sum())
    shares = baskets()["share of baskets by hour"][1]
    hour = (rng.choice(24, n, p=shares / shares.sum()) + rng.random(n) + cards.shift[card]) % 24
    kept = day + hour / 24 >= cards.issued[card]
    card, day, hour = card[kept], day[kept], hour[kept]
    n = len(card)
    awake = (hour < 6) | (hour > 22)
    web = rng.random(n) < np.where(awake, 0.35 + 0.65 * cards.web[card], cards.web[card])
    in_shop, online = (0.63, 0.20, 0.12, 0.03, 0.02, 0.0), (0.12, 0.27, 0.0, 0.17, 0.08, 0.36)
    category = np.where(web, rng.choice(6, n, p=online), rng.choice(6, n, p=in_shop))
    amount = np.exp(cards.mean[card] + quantile("log amount less the household's mean", rng, n))
    amount *= np.array([1.0, 1.2, 1.6, 4.5, 2.0, 1.3])[category]
    treat = web & (rng.random(n) < 0.03)  # once in a while: a television, presents, a sofa
    category = np.where(treat, rng.choice([1, 3, 4, 5], n, p=[0.2, 0.4, 0.1, 0.3]), category)
    amount *= np.where(treat, rng.lognormal(0.8, 0.4, n), 1)
    time = day + hour / 24
    device = np.where(rng.random(n) < 0.06, rng.uniform(0, 3, n), _since(cards.device[card], time, 900))
    contact = _since(cards.contact[card], time, np.nan)
    address = rng.random(n) < np.where((contact < 60) & cards.moved[card], 0.5, 0.08)
    seen = np.where(rng.random(n) < np.where(treat, 0.9, np.where(web, 0.5, 0.22)), 0, rng.geometric(0.25, n))
    return {
        "card": card, "day": day, "hour": hour, "amount": amount, "web": web, "category": category,
        "merchant_age": rng.gamma(1.6, 700, n), "merchant_disputes": rng.gamma(0.5, 1.6, n),
        "device_age": device, "new_address": address, "contact_change": contact, "seen_merchant": seen,
        "kind": np.full(n, -1),
    }  # fmt: skip


def _episodes(rng: np.random.Generator, at: World, cards: _Cards, first: int, last: int, each_day: np.ndarray) -> dict:
    """Fraudulent payments, `each_day` of them on average, in no order."""
    parts = []
    days = np.arange(first, last)
    wanted = rng.poisson(each_day[:, None] * mix(at, days) / np.array([4.5, 1.75, 1.5, 1.75]))
    for kind in range(4):
        start = np.repeat(days, wanted[:, kind])
        if len(start):
            parts.append(_episode(rng, at, cards, kind, start))
    found = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    inside = (found["day"] >= first) & (found["day"] < last)
    return {name: values[inside] for name, values in found.items()}


def _episode(rng: np.random.Generator, at: World, cards: _Cards, kind: int, start: np.ndarray) -> dict:
    """Payments of fraudsters of one kind who begin on the days `start`."""
    n = len(start)
    issued = cards.issued
    if kind == 3:  # cards that are on their way
        order = np.argsort(issued)
        place = np.searchsorted(issued[order], start + rng.uniform(0, 1, n))
        card = order[np.maximum(place - 1 - rng.integers(0, 3, n), 0)]
    else:  # cards that have been used for a while, those that are used often more likely
        chance = cards.rate / cards.rate.sum()
        card = rng.choice(len(chance), n, p=chance)
        for _ in range(8):
            young = issued[card] > start
            card[young] = rng.choice(len(chance), int(young.sum()), p=chance)
    number = rng.choice(np.array([[3, 4, 5, 6], [1, 1, 2, 3], [1, 1, 2, 2], [1, 1, 2, 3]])[kind], n)
    which = np.repeat(np.arange(n), number)
    turn = np.arange(len(which)) - np.repeat(np.cumsum(number) - number, number)
    m, card, day = len(which), card[which], start[which].astype(float)
    usual = np.exp(cards.mean[card])
    shares = baskets()["share of baskets by hour"][1]
    by_day = rng.choice(24, n, p=shares / shares.sum())[which] + rng.random(m)
    if kind == 0:
        hour = (rng.uniform(0, 24, n)[which] + turn * rng.uniform(0.02, 0.25, n)[which]) % 24
        last = (turn == number[which] - 1) & (rng.random(n) < 0.5)[which]
        amount = np.where(last, rng.lognormal(np.log(90), 0.5, m), rng.uniform(0.5, 6, m))
        web, category = np.ones(m, bool), rng.choice([3, 4, 5], m, p=[0.2, 0.35, 0.45])
        device, contact = rng.uniform(0, 0.3, m), np.full(m, np.nan)
        age, disputes, address = rng.gamma(1.0, 200, m), rng.gamma(0.9, 4.0, m), rng.random(m) < 0.3
    elif kind == 1:
        begins = at.hour - at.earlier * np.clip((start - 80) / 100, 0, 1)
        hour = (begins[which] + rng.uniform(0, 5, n)[which] + turn * rng.uniform(0.1, 0.5, n)[which]) % 24
        amount = rng.lognormal(np.log(at.night[0]), at.night[1], m)
        web, category = np.ones(m, bool), rng.choice([3, 4, 5], m, p=[0.55, 0.35, 0.10])
        own = rng.random(m) < 0.2
        device, contact = np.where(own, rng.uniform(30, 600, m), rng.uniform(0, 2, m)), np.full(m, np.nan)
        age, disputes, address = rng.gamma(1.3, 500, m), rng.gamma(0.7, 2.5, m), rng.random(m) < at.sent
    elif kind == 2:
        hour = (by_day + cards.shift[card]) % 24
        day += turn * rng.integers(1, 4, n)[which]
        amount = usual * rng.lognormal(np.log(at.bold[0]), at.bold[1], m) * 1.6
        web, category = np.ones(m, bool), rng.choice([1, 3, 4, 5], m, p=[0.25, 0.25, 0.15, 0.35])
        own = rng.random(m) < at.spoofed
        device = np.where(own, rng.uniform(30, 600, m), rng.uniform(0, 6, m))
        contact = np.where(rng.random(n)[which] < 0.7, rng.uniform(0.2, 9, n)[which] + (day - start[which]), np.nan)
        age, disputes, address = rng.gamma(1.5, 450, m), rng.gamma(0.6, 2.2, m), rng.random(m) < at.sent
    else:
        hour = np.clip(rng.normal(14, 3.5, m), 8, 21.9)
        day += turn * rng.integers(0, 2, n)[which]
        amount = rng.lognormal(np.log(160), 0.55, m)
        web, category = rng.random(m) < 0.25, rng.choice([1, 3, 4], m, p=[0.3, 0.5, 0.2])
        device, contact = rng.uniform(0, 5, m), np.full(m, np.nan)
        age, disputes, address = rng.gamma(1.6, 600, m), rng.gamma(0.55, 2.0, m), rng.random(m) < 0.5
    return {
        "card": card, "day": day.astype(int), "hour": hour, "amount": amount, "web": web, "category": category,
        "merchant_age": age, "merchant_disputes": disputes, "device_age": device, "new_address": address,
        "contact_change": contact, "seen_merchant": np.where(rng.random(m) < 0.93, 0, 1), "kind": np.full(m, kind),
    }  # fmt: skip


def region(
    rng: np.random.Generator, at: World, first: int, last: int, busy: Mapping[int, float] | None = None
) -> Payments:
    """Payments of one region from day `first` up to `last`; `busy` has the days with more than usual, and how many."""
    begin, busy = first - BEFORE, busy or {}
    cards = _Cards(rng, begin, last, CARDS)
    honest = _honest(rng, cards, begin, last, busy)
    per_day = np.bincount(honest["day"] - begin, minlength=last - begin)
    each_day = FRAUD / (1 - FRAUD) * per_day
    fraud = _episodes(rng, at, cards, begin, last, each_day)
    raw = {name: np.concatenate([honest[name], fraud[name]]) for name in honest}
    time = raw["day"] + raw["hour"] / 24
    own = _since(cards.contact[raw["card"]], time, np.nan)
    raw["contact_change"] = np.where(np.isnan(raw["contact_change"]), own, raw["contact_change"])
    raw["amount"] = np.clip(np.round(raw["amount"], 2), 0.3, MOST)
    order = np.lexsort((time, raw["card"]))
    raw, time = {name: values[order] for name, values in raw.items()}, time[order]
    table = raw | _history(raw["card"], time, raw["amount"]) | {"weekday": raw["day"] % 7}
    table["times_usual"] = raw["amount"] / table["usual_amount"]
    table["card_age"] = np.maximum(time - cards.issued[raw["card"]], 0)
    volume = np.array([busy.get(int(day), 1.0) for day in range(begin, last)])
    noise = rng.normal(0, 0.1, (last - begin, 24))
    table["load"] = volume[raw["day"] - begin] * np.exp(noise[raw["day"] - begin, raw["hour"].astype(int)])
    for name in ("device_age", "new_address"):
        table[name] = np.where(raw["web"], raw[name], np.nan)
    fraud = raw["kind"] >= 0
    late = rng.lognormal(np.log(at.delay[0]), at.delay[1], len(time))
    known = np.where(fraud, raw["day"] + np.maximum(1, np.round(late)), np.nan)
    known = np.where(fraud & old_rules(table), raw["day"], known)
    table |= _as_served(raw, known)
    X = np.column_stack([np.round(table[name].astype(float), DIGITS.get(name, 0)) for name in COLUMNS])
    found = Payments(X.astype(np.float32), raw["day"], np.zeros(len(time), int), fraud, raw["kind"], known, raw["card"])
    inside = np.flatnonzero(raw["day"] >= first)
    return found.only(inside[np.argsort(time[inside], kind="stable")])


def _history(card: np.ndarray, time: np.ndarray, amount: np.ndarray) -> dict[str, np.ndarray]:
    """The card's earlier payments, as the history store has them; payments are in order of card and time."""
    n = len(card)
    new = np.r_[True, card[1:] != card[:-1]]
    start = np.maximum.accumulate(np.where(new, np.arange(n), 0))
    before = np.arange(n) - start

    def sums(values: np.ndarray) -> np.ndarray:
        return np.r_[0.0, np.cumsum(values)]

    line = card * 10_000.0 + time
    recent = np.maximum(np.searchsorted(line, line - 1.0), start)
    spent, logs, nights = sums(amount), sums(np.log(amount)), sums((time % 1 < 0.25).astype(float))
    here = np.arange(n)
    few = np.where(before >= 3, before, np.nan)
    return {
        "hours_since_last": np.where(new, np.nan, np.r_[0.0, np.diff(time)] * 24),
        "payments_24h": (here - recent).astype(float),
        "spent_24h": spent[here] - spent[recent],
        "usual_amount": np.exp((logs[here] - logs[start]) / few),
        "night_share": (nights[here] - nights[start]) / few,
    }


def old_rules(table: Mapping[str, np.ndarray]) -> np.ndarray:
    """Which payments were looked at before there was a model: large ones on the web at night, and bursts."""
    night = (table["hour"] < 5) | (table["hour"] >= 23)
    return (table["web"] > 0) & night & (table["amount"] > 120) | (table["payments_24h"] >= 6)


def _as_served(raw: Mapping[str, np.ndarray], known: np.ndarray) -> dict[str, np.ndarray]:
    """The columns of the export as they are when a payment is made: nobody is blocked yet."""
    return {
        "disputes_at_export": disputes(raw["card"], known, raw["day"] - 1),
        "blocked_at_export": np.zeros(len(known)),
        "merchant_disputes_at_export": raw["merchant_disputes"],
    }


def disputes(card: np.ndarray, known: np.ndarray, until: np.ndarray) -> np.ndarray:
    """How many frauds on the payment's card the bank knows of by the day `until`."""
    bad = ~np.isnan(known)
    line = np.sort(card[bad] * 10_000.0 + known[bad] + 1_000)
    return np.searchsorted(line, card * 10_000.0 + until + 1_000, side="right") - np.searchsorted(line, card * 10_000.0)


def exported(rng: np.random.Generator, paid: Payments, day: int) -> tuple[np.ndarray, np.ndarray]:
    """The table as it is exported on a day: X with the three columns as they are then, and the fraud known by then."""
    X, label = paid.X.copy(), paid.known <= day
    X[:, AT["disputes_at_export"]] = disputes(paid.card, paid.known, np.full(len(paid), day))
    X[:, AT["blocked_at_export"]] = X[:, AT["disputes_at_export"]] > 0
    X[:, AT["merchant_disputes_at_export"]] += rng.gamma(0.4, 1.0, len(paid)) + label * rng.gamma(2.0, 3.0, len(paid))
    return X, label


def outage(X: np.ndarray) -> np.ndarray:
    """The same payments while the history store is down."""
    X = X.copy()
    X[:, [AT[name] for name in HISTORY]] = np.nan
    return X


def month(rng: np.random.Generator, at: World, first: int, desks: int) -> Payments:
    """Four weeks of some regions, one busy day among them."""
    busy = {first + int(rng.integers(3, LATER - 3)): float(rng.uniform(*BUSY))}
    return together([region(rng, at, first, first + LATER, busy) for _ in range(desks)])


def busy_days(rng: np.random.Generator, at: World, first: int, desks: int) -> Payments:
    """Only the busy days of regions that have one every other day."""
    days = np.arange(first, first + LATER, 2)
    loads = rng.uniform(*BUSY, len(days))
    paid = together(
        [region(rng, at, first, first + LATER, dict(zip(days.tolist(), loads, strict=True))) for _ in range(desks)]
    )
    return paid.only((paid.day - first) % 2 == 0)
