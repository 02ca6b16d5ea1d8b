"""The pictures of f11: a day, what being busy costs, and a plan beside its neighbours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from course.units.f11_scale_inference import fleet
from course.units.f11_scale_inference.queueing import Rules, simulate
from course.units.f11_scale_inference.world import Hour

#: Requests of one queue, seconds that each takes, and how busy its one worker is.
COUNT, TAKES_S = 20_000, 0.010
LOADS = (0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95)
STYLES = (("o", "-"), ("s", "--"), ("^", "-."), ("D", ":"))


def crops(hour: Hour, across: int = 12) -> None:
    """Printed and handwritten crops of an hour, a row each."""
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(2, across, figsize=(across, 2.2))
    for row, hand, name in zip(axes, (False, True), ("printed", "written"), strict=True):
        for axis, k in zip(row, np.flatnonzero(hour.handwritten == hand), strict=False):
            axis.imshow(hour.pixels[k].reshape(14, 14), cmap="gray_r", vmin=0, vmax=255)
            axis.set(xticks=[], yticks=[])
        row[0].set_ylabel(name)
    plt.show()


def day(forecast: Sequence[float]) -> None:
    """The forecast, hour by hour, beside its mean."""
    import matplotlib.pyplot as plt

    _, axis = plt.subplots(figsize=(9, 2.6), layout="constrained")
    axis.bar(range(24), forecast, color="0.6", edgecolor="black")
    axis.axhline(np.mean(forecast), color="black", ls="--", label="mean of the day")
    axis.set(xlabel="hour of the day", ylabel="requests a second", xticks=range(0, 24, 2))
    axis.legend()
    plt.show()


def hockey_stick(hour: Hour, escalated: float = 0.12) -> None:
    """Left: one worker, one request at a time. Right: an hour by four rules, with models nobody has trained."""
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(1, 2, figsize=(13, 4), layout="constrained")
    gaps = np.random.default_rng(0).exponential(size=COUNT)
    waits = []
    for load in LOADS:
        times = np.cumsum(gaps) * TAKES_S / load
        served = simulate(times, [None] * COUNT, [False] * COUNT, 1, lambda step, rows: TAKES_S, Rules())
        waits.append((served.seconds - TAKES_S) * 1000)
    smooth = np.linspace(0.1, 0.96, 200)
    axes[0].plot(smooth, 1000 * TAKES_S * smooth / (2 * (1 - smooth)), color="0.6", lw=4, label="mean, by the formula")
    axes[0].plot(LOADS, [wait.mean() for wait in waits], "o", color="black", label="mean, simulated")
    axes[0].plot(LOADS, [np.quantile(wait, 0.99) for wait in waits], "s--", color="black", label="99 of 100 wait less")
    axes[0].set(xlabel="share of its time that the worker is busy", ylabel="wait in the queue, ms")
    axes[0].set_title("One worker, 10 ms a request, one by one")
    axes[0].legend()
    flags = np.random.default_rng(1).random(len(hour.pixels)) < escalated
    ways = {
        "one by one": {"small_batch": 1, "large_batch": 1},
        "wait for 64, 2 s at most": {"small_wait_ms": 2000, "large_wait_ms": 2000, "large_batch": 64},
        "what is there, up to 64": {},
        "the same, and a cache": {"cache_entries": 20_000},
    }
    for (name, change), (mark, line) in zip(ways.items(), STYLES, strict=True):
        workers, found = (2, 3, 4, 6, 8, 12, 16, 24, 32, 48), []
        for count in workers:
            plan = _plan(count) | change
            found.append(fleet.p99(hour, fleet.serve(hour, plan, fleet.HOUSE, range(len(flags)), flags)))
        axes[1].plot(workers, found, marker=mark, ls=line, color="black", markerfacecolor="white", label=name)
    axes[1].axhline(400, color="0.6", lw=4, label="objective")
    axes[1].set(xscale="log", yscale="log", xlabel="workers", ylabel="99 of 100 answers within, ms", xticks=workers)
    axes[1].set_xticks(workers, [str(count) for count in workers])
    axes[1].minorticks_off()
    axes[1].set_title("The busiest hour, both models")
    axes[1].legend(loc="upper left", bbox_to_anchor=(1, 1), fontsize="small")
    plt.show()


def around(
    hours: Sequence[Hour],
    plan: Mapping[str, Any],
    costs: fleet.Costs,
    keys: Sequence[Sequence[bytes | None]],
    escalated: Sequence[np.ndarray],
) -> None:
    """p99 of a plan in each hour with fewer and more workers than it asks for."""
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(1, len(hours), figsize=(4 * len(hours), 3.4), sharey=True, layout="constrained")
    for axis, hour, names, flags in zip(axes, hours, keys, escalated, strict=True):
        asked = int(plan["workers"][hour.hour])
        workers = sorted({max(asked + k, 1) for k in (-4, -3, -2, -1, 0, 1, 2, 4)})
        for count in workers:
            with_count = {**plan, "workers": [count] * 24}
            served = fleet.serve(hour, with_count, costs, names, flags)
            ms = fleet.p99(hour, served)
            axis.plot(count, ms, "o", color="black", markerfacecolor="black" if count == asked else "white")
            axis.annotate(f"{served.busy:.0%}", (count, ms), textcoords="offset points", xytext=(3, 6), fontsize=8)
        axis.axhline(400, color="0.6", lw=4)
        axis.set(title=f"{hour.name}: hour {hour.hour}", xlabel="workers", yscale="log", xticks=workers)
    axes[0].set_ylabel("99 of 100 answers within, ms")
    plt.show()


def _plan(workers: int) -> dict[str, Any]:
    waits = {"small_wait_ms": 0, "large_wait_ms": 0}
    return {"workers": [workers] * 24, "small_batch": 64, "large_batch": 16, "cache_entries": 0, **waits}
