"""The pictures of q18: what margins come true, where prices scatter, and how a buyer's months go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from course.contract.processes.calls import CallError
from course.problem import Problem
from course.units.q18_house_prices import judge, world
from course.units.q18_house_prices.world import BUYING, SELLING, Case

if TYPE_CHECKING:
    from course.learning.desk import Desk


def curse(value: np.ndarray, ask: np.ndarray, resold: np.ndarray) -> None:
    """Draw the profit that a value promises beside the one that came true, by tenths of the promise; say it too."""
    import matplotlib.pyplot as plt

    promised, true = (((1 - SELLING) * one - (1 + BUYING) * ask) / ask for one in (value, resold))
    tenth = np.array_split(np.argsort(promised), 10)
    x = np.array([promised[rows].mean() for rows in tenth])
    y = np.array([true[rows].mean() for rows in tenth])
    _, axis = plt.subplots(figsize=(6, 3.6), layout="constrained")
    axis.plot(100 * x, 100 * x, "--", color="0.55", label="as promised")
    axis.plot(100 * x, 100 * y, "o-", color="black", label="as it came")
    axis.axhline(0, color="0.8", linewidth=1)
    axis.set(xlabel="promised profit, % of the ask", ylabel="% of the ask", title="Listings by tenths of the promise")
    axis.legend()
    plt.show()
    print(
        f"The tenth with the largest promises: {x[-1]:+.0%} of the ask promised, {y[-1]:+.0%} came. "
        f"Promised a profit: {(promised > 0).mean():.0%} of listings; of these {(true[promised > 0] > 0).mean():.0%} "
        "made one."
    )


def scatter(said: np.ndarray, log: np.ndarray) -> None:
    """Draw how far a model is off, by fifths of what it says; say it in words too."""
    import matplotlib.pyplot as plt

    off = log - said - np.median(log - said)
    parts = np.array_split(np.argsort(said), 10)
    low, high = (np.array([np.quantile(off[rows], at) for rows in parts]) for at in (0.05, 0.95))
    _, axis = plt.subplots(figsize=(6, 3.6), layout="constrained")
    axis.vlines(np.arange(10) + 1, 100 * low, 100 * high, color="black", linewidth=3, label="nine errors in ten")
    axis.axhline(0, color="0.7", linewidth=1)
    axis.set(xlabel="tenth of houses, from cheap to dear", ylabel="error, %", title="How far prices lie from the model")
    axis.legend()
    plt.show()
    print(f"Nine errors in ten span {high[4] - low[4]:.0%} in the fifth tenth, {high[9] - low[9]:.0%} in the dearest.")


def months(unit: Desk, some: Sequence[Case], files: Mapping[str, str]) -> None:
    """Draw coverage by tenths of worth, and profit by month, for modules (name -> file); say it in words too."""
    import matplotlib.pyplot as plt

    made = {}
    for name, file in files.items():
        try:
            module, given = unit.load(file), judge.tables(_ship(), some)
            if hasattr(module, "quote") and hasattr(module, "buy"):
                made[name] = [
                    judge.Month(one, *judge.month(_Here(module), three)) for one, three in zip(some, given, strict=True)
                ]
            else:
                print(f"There is no quote or no buy in {file} yet.")
        except (Problem, CallError) as problem:
            print(problem)
    if not made:
        return
    _, (left, right) = plt.subplots(1, 2, figsize=(12, 3.6), layout="constrained")
    for (name, found), style in zip(made.items(), ("s--", "o-"), strict=False):
        color = "0.55" if style == "s--" else "black"
        left.plot(np.arange(10) + 1, [100 * part for part in _tenths(found)], style, color=color, label=name)
        right.plot([one.of.month for one in found], [one.earned / 1e3 for one in found], style, color=color, label=name)
    best = [world.profit(one, one.picks) / 1e3 for one in some]
    right.plot([one.month for one in some], best, "^:", color="0.3", label="the surveyor")
    left.axhline(90, color="0.8", linewidth=1)
    left.set(title="Bounds that hold, %", xlabel="tenth of houses, from cheap to dear", ylim=(50, 101))
    right.set(title="Profit by month, thousands of dollars", xlabel="month")
    right.axhline(0, color="0.8", linewidth=1)
    for axis in (left, right):
        axis.legend()
    plt.show()
    for name, found in made.items():
        print(
            f"{name}: {judge.coverage(found):.0%} of bounds hold, {judge.coverage(found, 'dear'):.0%} of the dear "
            f"tenth; {judge.width(found):.2f} x the surveyor's width and misses; "
            f"${sum(one.earned for one in found):,.0f} of his ${sum(one.could for one in found):,.0f}."
        )


def _tenths(found: Sequence[judge.Month]) -> list[float]:
    held = np.concatenate([one.holds for one in found])
    worth = np.concatenate([one.of.bounds.mean(axis=1) for one in found])
    return [float(held[rows].mean()) for rows in np.array_split(np.argsort(worth), 10)]


def _ship() -> Any:
    """What lies in this folder, as a ship: the model is run as it is when it is judged."""
    from pathlib import Path

    from course.contract.artifacts.modules import Ship
    from course.contract.processes.calls import Module, Purse
    from course.units.q18_house_prices import UNIT

    file = Path(judge.MODEL.file)
    beside = {file.name: file.read_bytes()} if file.is_file() else {}
    return Ship(Module(UNIT.module.file, b"", beside), UNIT.module, Purse(60.0))


class _Here:
    """A module that runs in this process, asked as if it were another one."""

    def __init__(self, module: Any):
        self.module = module

    def call(self, name: str, *args: Any) -> Any:
        return getattr(self.module, name)(*args)
