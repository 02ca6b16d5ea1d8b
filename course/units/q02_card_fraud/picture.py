"""The pictures of q02: what late labels and changing styles look like in the table, and a month at the desk."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from course.units.q02_card_fraud import judge, world
from course.units.q02_card_fraud.graph import ask

WEEKS = 4


def by_block(data: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each four weeks of the table: payments, known frauds, and frauds that there will be once all are known."""
    day, fraud = data["day_table"], data["fraud_table"]
    age, delay = world.DAYS - day, data["dispute_day_table"] - day
    seen = np.sort(delay[fraud & (age > 84) & (delay > 0)])
    share = np.searchsorted(seen, age, side="right") / len(seen)
    stands_for = np.where(delay > 0, 1 / np.maximum(share, 0.1), 1.0)
    block = day // (7 * WEEKS)
    payments, known = np.bincount(block), np.bincount(block, fraud)
    return payments, known, np.bincount(block[fraud], stands_for[fraud], minlength=len(payments))


def labels(data: Mapping[str, np.ndarray]) -> None:
    """Known frauds of each four weeks, corrected for those that are not known yet; hours and amounts by thirds."""
    import matplotlib.pyplot as plt

    payments, known, expected = by_block(data)
    _, axes = plt.subplots(1, 4, figsize=(12, 3.2), layout="constrained", width_ratios=[1.5, 1, 1, 1])
    at = np.arange(len(known))
    axes[0].bar(at, known, color="0.7", edgecolor="black", label="known at the export")
    axes[0].plot(at, expected, "D", markerfacecolor="white", markeredgecolor="black", label="corrected for delay")
    names = [f"{WEEKS * k + 1}-{WEEKS * k + WEEKS}" for k in at]
    axes[0].set(xticks=at, xticklabels=names, xlabel="weeks", ylabel="frauds", title="When frauds were done")
    axes[0].set_ylim(0, 1.45 * expected.max())
    axes[0].legend(fontsize="small", loc="upper right")
    X, fraud = data["X_table"], data["fraud_table"]
    third = data["day_table"] * 3 // world.DAYS
    for k, axis in enumerate(axes[1:]):
        rows = X[fraud & (third == k)]
        axis.semilogy(rows[:, world.AT["hour"]], rows[:, world.AT["amount"]], "o", color="black", ms=3, alpha=0.6)
        axis.set(xlim=(0, 24), xticks=range(0, 25, 6), ylim=(0.3, world.MOST), xlabel="hour")
        axis.set_title(f"Known frauds of weeks {8 * k + 1}-{8 * k + 8}", fontsize="medium")
        axis.tick_params(axis="y", labelleft=k == 0)
    axes[1].set_ylabel("€")
    plt.show()
    for name, n, some, all_ in zip(names, payments, known, expected, strict=True):
        print(f"weeks {name:>5}: {n:,} payments, {int(some)} known frauds, about {all_:.0f} with those still to come")


def desk(data: Mapping[str, np.ndarray], file: str) -> None:
    """What a model's desk saves in the shadow month with more or fewer flags, and what it finds by size of amount."""
    import matplotlib.pyplot as plt
    import pandas as pd

    if not Path(file).is_file():
        print(f"There is no {file} yet.")
        return
    X, truth = data["X_shadow"], {name: data[f"{name}_shadow"] for name in ("day", "desk", "fraud")}
    probability, review = ask(file, X)
    amount = X[:, world.AT["amount"]].astype(float)
    days = len(np.unique(truth["desk"] * 100_000 + truth["day"]))
    gain = probability * (amount + world.GOODWILL) - world.GOODWILL - world.COST
    flags = np.array([0.5, 1, 1.5, 2, 3, 4, 5, 6, 7, 9, 12, 16, 24])
    least = np.sort(gain)[::-1][(flags * days).astype(int)]
    curve = [100 * judge.share(X, **truth, review=gain > one) for one in least]
    mine = 100 * judge.share(X, **truth, review=review)
    _, axis = plt.subplots(figsize=(7, 3), layout="constrained")
    axis.plot(flags, curve, "o-", color="black", label="one price on all days, low to high")
    axis.plot(review.sum() / days, mine, "s", ms=9, markerfacecolor="white", markeredgecolor="black", label=file)
    axis.axvline(world.REVIEWS, color="0.6", linestyle=":")
    axis.set(xlabel="flags a day and desk (dotted: calls)", ylabel="% of what can be saved")
    axis.legend(fontsize="small")
    plt.show()
    seen = judge.looked_at(truth["desk"], truth["day"], review.astype(bool))
    size = pd.cut(amount, [0, 20, 80, 200, world.MOST + 1], labels=["under €20", "€20-80", "€80-200", "over €200"])
    frame = pd.DataFrame({
        "frauds": truth["fraud"], "promised": probability, "flags": review, "looked at": seen,
        "frauds found": seen & truth["fraud"],
    })  # fmt: skip
    print(frame.groupby(size, observed=False).sum().round(0).astype(int).to_string())
    print(f"{mine:.0f} % of what can be saved, {review.sum() / days:.1f} flags a day and desk")
