"""The pictures of q21: what the log says of nudges and what the lot says, and where a policy's days come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course.contract.processes.calls import CallError
from course.problem import Problem
from course.units.q21_time_to_purchase.judge import Played, checked, days, each, knowing, plays, returns, saved
from course.units.q21_time_to_purchase.world import DAYS, Shop

if TYPE_CHECKING:
    from course.learning.desk import Desk


def kept(log: Mapping[str, np.ndarray]) -> np.ndarray:
    """Days to a kept purchase, a row of the log each: 42 where nothing was bought, or it came back."""
    return np.where(log["bought"] & ~log["back"], log["days"], float(DAYS))


def two_logs(shop: Shop) -> None:
    """Draw the days that each nudge seems to save, by the team's rows and by lot, fast and kept; say it in words."""
    import matplotlib.pyplot as plt

    log, names = shop.log, shop.rules.names
    _, axes = plt.subplots(1, 2, figsize=(11, 3.4), sharey=True, layout="constrained")
    for axis, (title, y) in zip(
        axes, {"to a purchase": log["days"].astype(float), "to a kept purchase": kept(log)}.items(), strict=True
    ):
        said = []
        for shift, (by_lot, grey) in zip((-0.2, 0.2), ((False, "0.7"), (True, "0.2")), strict=True):
            rows = [y[(log["by_lot"] == by_lot) & (log["nudge"] == nudge)] for nudge in range(4)]
            gain = np.array([rows[0].mean() - one.mean() for one in rows[1:]])
            error = [np.hypot(one.std() / len(one) ** 0.5, rows[0].std() / len(rows[0]) ** 0.5) for one in rows[1:]]
            label, hatch = ("drawn by lot", "") if by_lot else ("the team's choice", "//")
            axis.bar(
                np.arange(3) + shift, gain, 0.4, yerr=1.645 * np.array(error), color=grey, hatch=hatch, label=label,
                edgecolor="black", capsize=4,
            )  # fmt: skip
            each_said = (f"{name} {one:+.1f}" for name, one in zip(names[1:], gain, strict=True))
            said.append(f"{label}: {', '.join(each_said)}")
        axis.axhline(0, color="black", lw=0.8)
        axis.set(title=f"Days {title} that each seems to save", xticks=range(3), xticklabels=names[1:])
        print(f"Days {title}: {'; '.join(said)}")
    axes[0].set_ylabel("days")
    axes[0].legend()
    plt.show()


def seasons(unit: Desk, shops: Sequence[Shop], files: Mapping[str, str]) -> None:
    """Draw who has bought by each day, in the first shop, and say what modules (name -> file) save in all of them."""
    import matplotlib.pyplot as plt

    found: dict[str, list[Played]] = {}
    plain = [(plays(shop, None), plays(shop, knowing(shop))) for shop in shops]
    for name, file in files.items():
        try:
            module = unit.load(file)
            if not hasattr(module, "learn") or not hasattr(module, "choose"):
                print(f"There is no learn and choose in {file} yet.")
                continue
            found[name] = [Played(_played(module, shop), *two) for shop, two in zip(shops, plain, strict=True)]
        except (Problem, CallError) as problem:
            print(problem)
    _, axis = plt.subplots(figsize=(9, 3.6), layout="constrained")
    lines = {"no nudges": plain[0][0]} | {name: some[0].sent for name, some in found.items()}
    at = np.arange(DAYS + 1)
    for (name, season), style in zip(lines.items(), (":", "--", "-", "-."), strict=False):
        share = [(1 - season.back)[~season.waiting & (season.day <= day)].sum() / len(season.day) for day in at]
        axis.plot(at, share, style, color="black", label=name)
    axis.set(xlabel="day of the season", ylabel="share with a kept purchase", title="First shop", ylim=(0, 1))
    axis.legend()
    plt.show()
    for name, some in found.items():
        print(
            f"{name}: {days(some)[1]:.2f} days saved, {saved(some):.0%} of the best; returns x {returns(some):.2f}; "
            f"{each(some, 'nudged'):.2f} nudges and {each(some, 'euros'):.2f} euros a customer"
        )


def _played(module: object, shop: Shop):
    model = module.learn({name: values.copy() for name, values in shop.log.items()})  # type: ignore[attr-defined]
    return plays(shop, lambda seen, waiting, week: checked(module.choose(model, seen), len(seen["since"])))  # type: ignore[attr-defined]
