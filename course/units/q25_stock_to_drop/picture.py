"""The pictures of q25: what an order costs, and whose rank lasts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from course.units.q25_stock_to_drop import judge
from course.units.q25_stock_to_drop.world import Rules, Window

#: Trading days that prophets look back, and orders that they give.
LOOKS, ORDERS = (21, 63, 250), (2, 5, 10)


class Scored(NamedTuple):
    """By strategy: gain beyond pro rata in percent of the fund a year, and risk and costs by those of pro rata."""

    gain: np.ndarray
    bill: np.ndarray


def prophet(days: int, sign: int, orders: int, book: Rules) -> judge.Answer:
    """Sell the shares that beat the market most (sign 1) or least (-1) over so many days, for about the same each.

    The market's part is each share's beta times the mean return: else a rule would be a bet on the market.
    """

    def one(prices: np.ndarray, today: int, fund: Mapping, order: Mapping) -> np.ndarray:
        steps = np.nan_to_num(np.diff(np.log(prices[max(today - 250, 0) : today + 1]), axis=0))
        market = steps.mean(axis=1)
        beaten = (steps - market[:, None] * (market @ steps / (market @ market)))[-days:].sum(axis=0)
        held = fund["holdings"]
        may = (fund["since"] >= book.lock) & (held > 10 * book.lot)
        may[order["stock"]] = False
        best = np.argsort(np.where(may, -sign * beaten, np.inf))
        sold = np.zeros(len(held))
        first = best[: min(orders, may.sum())]
        sold[first] = np.floor(np.minimum(held[first], order["amount"] / orders) / book.lot) * book.lot
        while sold.sum() < order["amount"] + judge.costs(sold, fund, book):
            some = [at for at in best[: may.sum()] if sold[at] + book.lot <= held[at]][:orders]
            sold[min(some, key=lambda at: sold[at])] += book.lot
        return sold

    return lambda many: [one(*case) for case in many]


def prophets(book: Rules) -> dict[str, judge.Answer]:
    """Eighteen of them by name."""
    return {
        f"{count} {what} of {days} days": prophet(days, sign, count, book)
        for days in LOOKS
        for what, sign in (("winners", 1), ("losers", -1))
        for count in ORDERS
    }


def scored(some: Mapping[str, judge.Answer], windows: Sequence[Window], book: Rules) -> Scored:
    """What each strategy makes of these windows."""
    plainly, gains, bills = judge.usual(windows, book), [], []
    for answer in some.values():
        found = judge.lived(answer, windows, book, np.random.default_rng(0))
        extra = [
            (one.total("gain") - one.total("cost") - other.total("gain") + other.total("cost")) / one.of.holdings.sum()
            for one, other in zip(found, plainly, strict=True)
        ]
        gains.append(100 * np.mean(extra))
        bills.append(judge.ratio(found, plainly))
    return Scored(np.array(gains), np.array(bills))


def together(one: np.ndarray, other: np.ndarray) -> float:
    """Spearman's rank correlation."""
    ranks = [np.argsort(np.argsort(values)) for values in (one, other)]
    return float(np.corrcoef(*ranks)[0, 1])


def ranks(public: Scored, hidden: Sequence[Scored]) -> None:
    """Draw ranks here against ranks elsewhere, for gain and for risk and costs, and say in words how they agree."""
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(1, 2, figsize=(10, 4), sharey=True, layout="constrained")
    names = {"gain": "rank by gain", "bill": "rank by risk and costs"}
    for axis, (name, words) in zip(axes, names.items(), strict=True):
        here, there = getattr(public, name), getattr(hidden[0], name)
        axis.plot(np.argsort(np.argsort(here)) + 1, np.argsort(np.argsort(there)) + 1, "o", color="black")
        axis.plot([1, len(here)], [1, len(here)], ":", color="0.6")
        agree = [together(here, getattr(other, name)) for other in hidden]
        axis.set(title=words, xlabel="on the public windows")
        print(
            f"{words}: rank correlation with {len(hidden)} sets of windows that nobody has seen: "
            f"{', '.join(f'{value:+.2f}' for value in agree)}; mean {np.mean(agree):+.2f}"
        )
    axes[0].set_ylabel("on windows that nobody has seen")
    plt.show()


def orders(amount: float, spread: float, depth: float, ticket: float, most: int = 19) -> None:
    """Draw what it costs to raise an amount by so many equal orders, and say it in words too."""
    import matplotlib.pyplot as plt

    count = np.arange(1, most + 1)
    parts: dict[str, Callable] = {
        "tickets": lambda n: ticket * n,
        "spread": lambda n: np.full(len(n), amount * spread),
        "impact": lambda n: amount**2 / depth / n,
    }
    values = [part(count) for part in parts.values()]
    _, axis = plt.subplots(figsize=(8, 3.4), layout="constrained")
    below = np.zeros(most)
    for (name, value), (grey, hatch) in zip(
        zip(parts, values, strict=True), (("0.3", ""), ("0.6", "//"), ("0.85", "..")), strict=True
    ):
        axis.bar(count, value, bottom=below, color=grey, hatch=hatch, edgecolor="white", label=name)
        below = below + value
    axis.set(xlabel="equal orders", ylabel="€", xticks=count)
    axis.legend()
    plt.show()
    best = int(np.argmin(below))
    print(f"one order: {below[0]:,.0f} €; {count[best]} orders: {below[best]:,.0f} €; {most}: {below[-1]:,.0f} €")
