"""A fund's year, purchase by purchase: what was sold, what that cost, and how much the fund shook afterwards."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from course.contract.artifacts.modules import Ship
from course.contract.processes import plain
from course.contract.processes.calls import CallError, Remote, Shipped, mismatch
from course.units.kit.replay import Replay
from course.units.q25_stock_to_drop.world import MONTH, MONTHS, MOST, Rules, Window

#: Windows that a process is asked about; trading days since a purchase that was never made; euros that don't matter.
TOGETHER, NEVER, CENT = 12, 9_999, 0.01
#: Exchanges that were timed and are asked again elsewhere; purchases whose future is changed.
ONCE_MORE, POISONED = 6, 36
#: Words for each rule that may be broken.
LOTS = "an order is neither whole lots nor a whole holding"
LOCKED = "a share is sold that was bought too short a time ago"
HELD = "more is sold than is held"
BOUGHT = "the share that is bought is sold"
SHORT = "what is raised doesn't pay for the purchase and the costs"
IDLE = "more than 3 % too much is raised"

Answer = Callable[[Sequence[tuple]], list[np.ndarray]]


class Step(NamedTuple):
    """What came of one purchase: euros sold, needed and paid; the risk charge; the month's squares; a rule broken."""

    sold: float
    needed: float
    cost: float
    charge: float
    squares: float
    wrong: str
    orders: int
    gain: float


@dataclass
class Fund:
    """One fund as it goes: euros in each share, trading days since each was last bought, and what was."""

    of: Window
    holdings: np.ndarray = field(init=False)
    since: np.ndarray = field(init=False)
    steps: list[Step] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.holdings = self.of.holdings.copy()
        self.since = np.full(len(self.holdings), NEVER)

    def papers(self, month: int) -> tuple[dict, dict]:
        """What `sell` is told of the fund and of the order at a purchase."""
        of = self.of
        fund = {"holdings": self.holdings.copy(), "since": self.since.copy(), "spread": of.spread, "depth": of.depth}
        return fund, {"stock": int(of.buys[month]), "amount": float(of.amounts[month])}

    def asked(self, month: int, rng: np.random.Generator) -> tuple[np.ndarray, int, dict, dict]:
        """The arguments of `sell` at a purchase."""
        return self.of.table(month, rng), self.of.today, *self.papers(month)

    def go(self, month: int, sold: np.ndarray | None, book: Rules) -> None:
        """Sell, buy, and wait a month. Where a rule is broken, or for None, the desk sells pro rata instead."""
        of, (fund, order) = self.of, self.papers(month)
        wrong = broken(sold, fund, order, book) if sold is not None else ""
        sold = pro_rata(fund, order, book) if sold is None or wrong else sold
        cost = costs(sold, fund, book)
        held = self.holdings - sold
        held[order["stock"]] += order["amount"]
        path = of.after(month) @ held
        squares = float(((np.diff(path) / path[0]) ** 2).sum())
        needed, orders, gain = order["amount"] + cost, int((sold > 0).sum()), float(path[-1] - path[0])
        charge = book.price * squares * float(path[0])
        self.steps.append(Step(float(sold.sum()), needed, cost, charge, squares, wrong, orders, gain))
        self.holdings = held * of.after(month)[-1]
        self.since = np.minimum(self.since + MONTH, NEVER)
        self.since[order["stock"]] = MONTH

    def total(self, name: str) -> float:
        """The sum of something over all purchases."""
        return float(sum(getattr(step, name) for step in self.steps))

    @property
    def bill(self) -> float:
        """What risk and trading cost together, in euros."""
        return self.total("charge") + self.total("cost")


def costs(sold: np.ndarray, fund: Mapping, book: Rules) -> float:
    """Euros that selling costs: a ticket an order, half the spread, and what the order itself moves the price."""
    return float(book.ticket * (sold > 0).sum() + (sold * (fund["spread"] + sold / fund["depth"])).sum())


def pro_rata(fund: Mapping, order: Mapping, book: Rules) -> np.ndarray:
    """The same part of every holding that may be sold, to the cent: no lots are asked of the desk itself."""
    may = np.where(fund["since"] >= book.lock, fund["holdings"], 0.0)
    may[order["stock"]] = 0
    sold, needed = np.zeros(len(may)), order["amount"]
    for _ in range(6):
        sold = may * min(needed / max(may.sum(), 1.0), 1.0)
        needed = order["amount"] + costs(sold, fund, book)
    return sold


def broken(sold: np.ndarray, fund: Mapping, order: Mapping, book: Rules) -> str:
    """Which rule of the house book a decision breaks, in words; "" if none."""
    holdings = fund["holdings"]
    whole = np.abs(sold - np.round(sold / book.lot) * book.lot) < CENT
    raised, needed = sold.sum(), order["amount"] + costs(sold, fund, book)
    kept = {
        HELD: (sold <= holdings + CENT).all(),
        BOUGHT: sold[order["stock"]] == 0,
        LOCKED: not (sold[fund["since"] < book.lock] > 0).any(),
        LOTS: (whole | (np.abs(sold - holdings) < CENT)).all(),
        SHORT: raised >= needed - CENT,
        IDLE: raised <= MOST * needed,
    }
    return next((words for words, good in kept.items() if not good), "")


def checked(value: Any, shares: int) -> np.ndarray:
    """What `sell` returned, as euros by share. Raises CallError."""
    some = value.tolist() if hasattr(value, "tolist") else value
    good = isinstance(some, list | tuple) and len(some) == shares
    good = good and all(isinstance(one, int | float) and not isinstance(one, bool) for one in some)
    if not good or not all(0 <= one < 1e12 for one in some):
        words = f"{shares} numbers of 0 or more, euros to sell of each share, in a list or an array"
        raise CallError(mismatch("sell", ["prices", "today", "fund", "order"], value, words))
    return np.array(some, dtype=float)


def asks(remote: Remote) -> Answer:
    """Ask a served module about many purchases in one exchange."""
    return lambda many: [checked(v, one[0].shape[1]) for v, one in zip(remote.map("sell", many), many, strict=True)]


def lived(answer: Answer, some: Sequence[Window], book: Rules, rng: np.random.Generator) -> list[Fund]:
    """The funds of these windows after their year, each purchase of all in one exchange. Raises CallError."""
    funds = [Fund(of) for of in some]
    for month in range(MONTHS):
        asked = [fund.asked(month, rng) for fund in funds]
        for fund, sold in zip(funds, answer(asked), strict=True):
            fund.go(month, sold, book)
    return funds


def usual(some: Iterable[Window], book: Rules, months: int = MONTHS) -> list[Fund]:
    """The same funds, sold pro rata, after so many purchases."""
    funds = [Fund(of) for of in some]
    for fund in funds:
        for month in range(months):
            fund.go(month, None, book)
    return funds


def judged(ship: Ship, some: Sequence[Window], book: Rules, seed: int) -> list[Fund]:
    """`lived` in as many processes as it takes, which windows share one is drawn from the seed. Raises CallError."""
    draws = np.random.default_rng([seed, 25])
    found: dict[int, Fund] = {}
    order = draws.permutation(len(some))
    for chosen in np.array_split(order, max(-(-len(order) // TOGETHER), 1)):
        with ship.open() as shipped:
            funds = lived(asks(shipped), [some[at] for at in chosen.tolist()], book, draws)
        found |= dict(zip(chosen.tolist(), funds, strict=True))
    return [found[at] for at in range(len(some))]


def ratio(found: Sequence[Fund], plainly: Sequence[Fund]) -> float:
    """Risk and costs by those of selling pro rata: the mean over windows."""
    return float(np.mean([one.bill / other.bill for one, other in zip(found, plainly, strict=True)]))


def shaking(found: Sequence[Fund], plainly: Sequence[Fund]) -> float:
    """Volatility by that of selling pro rata: the mean over windows."""
    pairs = zip(found, plainly, strict=True)
    return float(np.mean([np.sqrt(one.total("squares") / other.total("squares")) for one, other in pairs]))


def costing(found: Sequence[Fund], plainly: Sequence[Fund]) -> float:
    """Trading costs by those of selling pro rata, all windows pooled."""
    return sum(one.total("cost") for one in found) / sum(one.total("cost") for one in plainly)


def beyond(found: Sequence[Fund]) -> float:
    """What was sold beyond need, as a share of the need, all purchases pooled."""
    needed = sum(one.total("needed") for one in found)
    return sum(one.total("sold") for one in found) / needed - 1


def breaches(found: Sequence[Fund]) -> list[str]:
    """The rules that were broken, one for each purchase that broke any."""
    return [step.wrong for one in found for step in one.steps if step.wrong]


def rough(plainly: Sequence[Fund]) -> list[int]:
    """Numbers of the third of the windows in which a fund that sells pro rata shakes most."""
    order = np.argsort([-one.total("squares") for one in plainly], kind="stable")
    return sorted(order[: max(len(order) // 3, 1)].tolist())


def poisoned(ship: Ship, plainly: Sequence[Fund], book: Rules, rng: np.random.Generator) -> float:
    """Share of purchases that are answered otherwise if nothing but rows after today differ. Raises CallError."""
    cases = []
    for _ in range(POISONED):
        of, month = plainly[int(rng.integers(len(plainly)))].of, int(rng.integers(MONTHS))
        cases.append(usual([of], book, month)[0].asked(month, rng))
    with ship.open() as shipped:
        first = [plain.dumps(one.tolist()) for one in asks(shipped)(cases)]
    changed = []
    for number, (prices, today, fund, order) in enumerate(cases):
        prices, after = prices.copy(), len(prices) - today - 1
        prices[today + 1 :] = (np.nan, 0.0, prices[today] * rng.uniform(0.2, 5, (after, 1)))[number % 3]
        changed.append((prices, today, fund, order))
    with ship.open() as shipped:
        second = [plain.dumps(one.tolist()) for one in asks(shipped)(changed)]
    return float(np.mean([one != other for one, other in zip(first, second, strict=True)]))


def shuffled(case: tuple, rng: np.random.Generator) -> tuple:
    """The same purchase with shares in other places, at other prices, and with other holdings: one nobody has seen."""
    prices, today, fund, order = case
    places = rng.permutation(prices.shape[1])
    moved = {name: np.asarray(values)[places] for name, values in fund.items()}
    moved["holdings"] = np.round(moved["holdings"] * rng.uniform(0.8, 1.25, len(places)))
    stock = int(np.argsort(places)[order["stock"]])
    return prices[:, places] * rng.uniform(0.5, 2, len(places)), today, moved, order | {"stock": stock}


def same_again(ship: Ship, timed: Sequence[tuple[Sequence[tuple], list]]) -> None:
    """Some purchases that were timed, nobody knows which, come out the same elsewhere. Raises CallError."""
    chosen = secrets.SystemRandom().sample(range(len(timed)), min(ONCE_MORE, len(timed)))
    with ship.open() as shipped:
        for many, answers in (timed[at] for at in sorted(chosen)):
            if plain.dumps(shipped.map("sell", many)) != plain.dumps(answers):
                raise CallError(
                    "The same purchase came out otherwise while it was timed: answers must be the same always."
                )


def replayed(shipped: Shipped, of: Window, book: Rules, number: int) -> Replay:
    """One year, purchase by purchase, beside pro rata. Raises CallError."""
    fund, other = lived(asks(shipped), [of], book, np.random.default_rng(number))[0], usual([of], book)[0]
    rows = [
        (month + 1, int(of.buys[month]), float(of.amounts[month]), one.orders, round(one.sold - one.needed),
         round(one.cost), round(two.cost), round(one.charge), round(two.charge), one.wrong)
        for month, (one, two) in enumerate(zip(fund.steps, other.steps, strict=True))
    ]  # fmt: skip
    heads = (
        "purchase", "share", "€", "orders", "€ too much", "costs", "costs pro rata", "risk", "risk pro rata", "broken",
    )  # fmt: skip
    said = (
        f"Risk and costs are {fund.bill:,.0f} €, and {other.bill:,.0f} € pro rata: {fund.bill / other.bill:.2f}. "
        f"Volatility: {shaking([fund], [other]):.3f}, costs: {costing([fund], [other]):.2f} times those of pro rata."
    )
    return Replay(f"Window {number}: a fund of {of.holdings.sum():,.0f} €", heads, rows, said)
