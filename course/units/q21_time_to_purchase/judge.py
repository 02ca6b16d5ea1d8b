"""A season from the first Monday to the last, with nudges and without, and what may be said of many of them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from course.contract.artifacts.modules import Ship
from course.contract.processes import expect
from course.contract.processes.calls import CallError, Remote, mismatch
from course.units.kit.replay import Replay
from course.units.q21_time_to_purchase.world import DAYS, NEW, PICKY, WEEK, WEEKS, Shop, daily, hazard

#: What the policy that knows every effect asks of a nudge: days that it must save, and days for each euro.
WORTH, EURO = 1.5, 1.0
#: From this many more purchases that week that are kept, of one, a nudge has helped.
HELPED = 0.04
#: Timed exchanges that are asked again.
ONCE_MORE = 8

Choose = Callable[[dict, np.ndarray, int], np.ndarray]


class Season:
    """Customers of one shop, from Monday to Monday; `play` sends nudges and lets a week pass.

    Attributes of each customer (n,): `waiting` until the purchase, `day` of it (42 without), `back`, the chance that it
    is sent back, `nudged` times, `over` times beyond what is allowed, `euros`, `helped` nudges that did.
    """

    def __init__(self, shop: Shop):
        self.shop, count = shop, len(shop.customers)
        self.need, self.total = -np.log(shop.customers.chance), np.zeros(count)
        self.waiting, self.day, self.back = np.ones(count, bool), np.full(count, float(DAYS)), np.zeros(count)
        self.nudged, self.over, self.helped = (np.zeros(count, int) for _ in range(3))
        self.euros, self.week = np.zeros(count), 0
        self.history: list[tuple] = []

    def seen(self) -> dict[str, np.ndarray]:
        """The columns of those who wait, as a module gets them."""
        seen = self.shop.customers.seen(self.week, self.nudged)
        return {name: values[self.waiting] for name, values in seen.items()}

    def play(self, chosen: np.ndarray) -> None:
        """Send these nudges, one number for each who waits, and let the week pass."""
        shop, of = self.shop, self.shop.customers
        rules, every = shop.rules, np.arange(len(of))
        nudge = np.zeros(len(of), int)
        nudge[self.waiting] = chosen
        over = (nudge > 0) & (self.nudged >= rules.most)
        nudge[over] = 0
        truly, busy = of.seen(self.week, self.nudged, truly=True), of.busy[:, self.week]
        factor, back = np.exp(shop.effects(truly, busy)), shop.sent_back(truly)
        plain = daily(of, self.week)
        steps = self.total[:, None] + np.cumsum(plain * factor[every, nudge][:, None], axis=1)
        hits = self.waiting & (steps[:, -1] >= self.need)
        sent = nudge > 0
        keeps = (1 - np.exp(-plain.sum(axis=1)[:, None] * factor)) * (1 - back)
        self.helped += sent & (keeps[every, nudge] >= keeps[:, 0] + HELPED)
        self.over += over
        self.nudged += sent
        used = hits & (nudge == rules.voucher)
        self.euros += rules.euros[nudge] + used * rules.off * of.fixed["basket"]
        self.day[hits] = WEEK * self.week + (steps < self.need[:, None]).sum(axis=1)[hits] + 1
        self.back[hits] = back[every, nudge][hits]
        counts = np.bincount(nudge[self.waiting], minlength=4)
        self.history.append((int(self.waiting.sum()), *counts.tolist(), int(hits.sum()), float(self.back[hits].sum())))
        self.total, self.waiting, self.week = steps[:, -1], self.waiting & ~hits, self.week + 1

    @property
    def kept(self) -> np.ndarray:
        """Days to a purchase that is kept, on average over whether it is: one that is sent back counts as none."""
        return np.where(self.waiting, DAYS, (1 - self.back) * self.day + self.back * DAYS)

    def returns(self, some: np.ndarray | None = None) -> tuple[float, int]:
        """Parcels that are sent back, on average, and purchases; of some customers alone, where given."""
        bought = ~self.waiting if some is None else ~self.waiting & some
        return float(self.back[bought].sum()), int(bought.sum())


@dataclass(frozen=True)
class Played:
    """One shop's season three times, with the same chances: with the module's nudges, with none, with the best."""

    sent: Season
    none: Season
    best: Season
    model: bytes = b""

    def saved(self, some: np.ndarray | None = None) -> float:
        """Days saved a customer, as a share of what the best saves."""
        of = slice(None) if some is None else some
        none = self.none.kept[of].mean()
        return float((none - self.sent.kept[of].mean()) / (none - self.best.kept[of].mean()))


def plays(shop: Shop, choose: Choose | None) -> Season:
    """A season in which `choose`, given the columns, who waits and the week, says what is sent; None sends nothing."""
    season = Season(shop)
    for week in range(WEEKS):
        none = np.zeros(int(season.waiting.sum()), int)
        season.play(choose(season.seen(), season.waiting, week) if choose else none)
    return season


def knowing(shop: Shop) -> Choose:
    """What one would send who knew how every customer is moved, but neither full baskets nor habits."""

    def choose(seen: dict, waiting: np.ndarray, week: int) -> np.ndarray:
        truly = dict(seen, opens=shop.customers.opens[waiting])
        bare = np.diff(hazard(np.stack([seen["since"], seen["since"] + WEEK], axis=1) / seen["gap"][:, None]), axis=1)
        buys = 1 - np.exp(-bare * np.exp(shop.effects(truly, np.zeros(len(bare), bool))))
        keeps = buys * (1 - shop.sent_back(truly))
        euros = np.tile(shop.rules.euros, (len(bare), 1))
        euros[:, shop.rules.voucher] += shop.rules.off * seen["basket"] * buys[:, shop.rules.voucher]
        worth = (keeps - keeps[:, :1]) * ahead(seen["left"])[:, None] - EURO * euros - WORTH
        worth[:, 0] = 0
        worth[seen["nudged"] >= shop.rules.most, 1:] = -1
        return worth.argmax(axis=1)

    return choose


def ahead(left: np.ndarray) -> np.ndarray:
    """Days by which a purchase of this week comes before the one that would come later, by the days that are left."""
    return 0.6 * np.maximum(left - 4, 1)


def experiment(ship: Ship, shops: Sequence[Shop]) -> list[Played]:
    """All shops' seasons: each log is learned from in a process of its own, each Monday is one. Raises CallError."""
    models = [learned(ship, shop.log) for shop in shops]
    seasons = [Season(shop) for shop in shops]
    for _ in range(WEEKS):
        monday(ship, seasons, models)
    return [
        Played(season, plays(shop, None), plays(shop, knowing(shop)), model)
        for shop, season, model in zip(shops, seasons, models, strict=True)
    ]


def monday(ship: Ship, seasons: Sequence[Season], models: Sequence[bytes]) -> None:
    """A Monday of several shops, in a process of its own: it knows of other Mondays what the model and columns say."""
    with ship.open() as shipped:
        for season, model in zip(seasons, models, strict=True):
            season.play(chosen(shipped, model, season.seen()))


def learned(ship: Ship, log: Mapping[str, np.ndarray]) -> bytes:
    """What `learn` makes of a log. Raises CallError."""
    with ship.open() as shipped:
        return expect.instance(shipped.call("learn", dict(log)), bytes, "learn", ["log"])


def chosen(shipped: Remote, model: bytes, seen: dict[str, np.ndarray]) -> np.ndarray:
    """The nudge of each customer. Raises CallError."""
    return checked(shipped.call("choose", model, seen), len(seen["since"]))


def checked(value: Any, count: int) -> np.ndarray:
    """What `choose` returned, as int64 (count,). Raises CallError."""
    good = isinstance(value, np.ndarray) and value.dtype.kind in "iu" and value.shape == (count,)
    if not good or (count and not 0 <= int(value.min()) <= int(value.max()) <= 3):
        words = f"an array of {count:,} whole numbers from 0 to 3, one for each customer"
        raise CallError(mismatch("choose", ["model", "customers"], value, words))
    return value.astype(np.int64)


def same_again(ship: Ship, timed: Sequence[tuple[Sequence[tuple], list]]) -> None:
    """Some batches that were timed, nobody knows which, get the same where they are not. Raises CallError."""
    picked = secrets.SystemRandom().sample(range(len(timed)), min(ONCE_MORE, len(timed)))
    with ship.open() as shipped:
        for many, answers in (timed[at] for at in sorted(picked)):
            for (model, seen), said in zip(many, answers, strict=True):
                count = len(seen["since"])
                if not np.array_equal(chosen(shipped, model, seen), checked(said, count)):
                    raise CallError(
                        "`choose` chose otherwise while it was timed: the same customers get the same, always."
                    )


def saved(some: Sequence[Played]) -> float:
    """Days saved, of those that can be: the mean over shops."""
    return float(np.mean([one.saved() for one in some]))


def returns(some: Sequence[Played], picky: bool = False) -> float:
    """Parcels sent back per purchase, all shops together, by the same without nudges; of picky customers alone."""
    sent, none = np.zeros(2), np.zeros(2)
    for one in some:
        of = one.sent.shop.customers.fixed["sent_back"] >= PICKY if picky else None
        sent, none = sent + one.sent.returns(of), none + one.none.returns(of)
    return float(sent[0] / max(sent[1], 1) / (none[0] / max(none[1], 1)))


def saved_new(some: Sequence[Played]) -> float:
    """Days saved among new customers, of those that can be, all shops together."""
    gains = np.zeros(2)
    for one in some:
        new = one.sent.shop.customers.fixed["orders"] <= NEW
        none = one.none.kept[new].sum()
        gains += none - one.sent.kept[new].sum(), none - one.best.kept[new].sum()
    return float(gains[0] / gains[1])


def helped(some: Sequence[Played]) -> float | None:
    """Share of nudges that helped, all shops together; None without a nudge."""
    sent = sum(int(one.sent.nudged.sum()) for one in some)
    return sum(int(one.sent.helped.sum()) for one in some) / sent if sent else None


def each(some: Sequence[Played], what: str, any_of: bool = False) -> float:
    """Mean of an attribute of seasons over all customers; or the share of customers where it is not 0."""
    values = np.concatenate([getattr(one.sent, what) for one in some])
    return float(np.mean(values > 0 if any_of else values))


def days(some: Sequence[Played]) -> tuple[float, float]:
    """Days to a purchase that is kept, without nudges, and how many of them were saved: means over all customers."""
    none, sent = (np.concatenate([getattr(one, which).kept for one in some]) for which in ("none", "sent"))
    return float(none.mean()), float(none.mean() - sent.mean())


def replayed(ship: Ship, shop: Shop, number: int) -> Replay:
    """One shop's season: who waited each Monday, what was sent, who bought, what will come back. Raises CallError."""
    one = experiment(ship, [shop])[0]
    rows = [
        (week + 1, *counts, bought, round(back / max(bought, 1), 3))
        for week, (*counts, bought, back) in enumerate(one.sent.history)
    ]
    heads = ("week", "waiting", *shop.rules.names, "bought", "share sent back")
    none, saved_days = days([one])
    said = (
        f"{saved_days:.2f} of {none:.1f} days saved a customer; who knows every effect saves "
        f"{none - one.best.kept.mean():.2f}, so that is {one.saved():.0%}. Returns per purchase are "
        f"{returns([one]):.2f} times those without nudges; {each([one], 'nudged'):.2f} nudges and "
        f"{each([one], 'euros'):.2f} euros a customer."
    )
    return Replay(f"Shop {number}: {len(shop.customers):,} customers", heads, rows, said)
