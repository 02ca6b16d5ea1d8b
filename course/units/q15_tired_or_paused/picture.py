"""The pictures of q15: how returns come in, and whether chances are what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from course.contract.processes.calls import CallError
from course.problem import Problem
from course.units.q15_tired_or_paused.judge import BINS, Answered, answered, calibration, rows
from course.units.q15_tired_or_paused.world import ACTIONS, END, WITHIN, Night

if TYPE_CHECKING:
    from course.learning.desk import Desk

LINES, MARKS = ("-", "--", ":"), ("o", "s", "^")


def trial(plays: Mapping[str, np.ndarray], data: Mapping[str, np.ndarray]) -> None:
    """Draw which share of the trial's pairs is back after so many days, as far as each was followed; say it too.

    The curves are those of Kaplan and Meier (1958), all pairs alike; crosses are what is left if everybody who was not
    seen to return is called lost.
    """
    import matplotlib.pyplot as plt

    size = len(data["log_genre"])
    night = np.full(size, END + 1)
    night[data["sent_pair"]] = data["sent_night"]
    later = (plays["what"] > 0) & (plays["day"] > night[plays["pair"]])
    wait = np.full(size, 1000)
    np.minimum.at(wait, plays["pair"][later], (plays["day"] - night[plays["pair"]])[later])
    wait, followed = wait[data["sent_pair"]], END - data["sent_night"].astype(int)
    _, axis = plt.subplots(figsize=(9, 4), layout="constrained")
    days = np.arange(1, WITHIN + 1)
    for action, name in enumerate(ACTIONS):
        own = data["sent_action"] == action
        still = [own & (wait >= t) & (followed >= t) for t in days]
        stays = np.cumprod([1 - (wait[some] == t).mean() for t, some in zip(days, still, strict=True)])
        axis.plot(days, 1 - stays, LINES[action], marker=MARKS[action], markevery=5, color="black", label=name)
        naive = (wait[own] <= WITHIN).mean()
        axis.plot([WITHIN + 1 + 0.5 * action], [naive], "x", color="black", ms=8)
        print(
            f"{name}: {1 - stays[9]:.0%} are back after ten days and {1 - stays[-1]:.0%} after thirty; "
            f"{naive:.0%} if who was not seen to return is called lost"
        )
    axis.set(xlabel="days after the night", ylabel="share that is back", title="Returns in the trial", ylim=(0, 1))
    axis.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axis.legend()
    plt.show()


def chances(unit: Desk, some: Sequence[Night], files: Mapping[str, str]) -> None:
    """Draw for modules (name -> file) what they said against what came of it, in ten bins; say it in words too."""
    import matplotlib.pyplot as plt

    made: dict[str, list[Answered]] = {}
    for name, file in files.items():
        try:
            module = unit.load(file)
            if hasattr(module, "predict") and hasattr(module, "act"):
                made[name] = [answered(_Here(module), night) for night in some]
            else:
                print(f"There is no predict and act in {file} yet.")
        except (Problem, CallError) as problem:
            print(problem)
    if not made:
        return
    _, axis = plt.subplots(figsize=(5.5, 5), layout="constrained")
    axis.plot([0, 1], [0, 1], color="0.7", lw=1)
    for (name, found), line, mark in zip(made.items(), LINES, MARKS, strict=False):
        of = rows(found)
        bins = np.array_split(np.argsort(of.said, kind="stable"), BINS)
        said, true = (
            [float(np.average(values[at], weights=of.weight[at])) for at in bins] for values in (of.said, of.true)
        )
        axis.plot(said, true, line, marker=mark, color="black", label=name)
        print(
            f"{name}: from {said[0]:.0%} said ({true[0]:.0%} came back) to {said[-1]:.0%} said ({true[-1]:.0%}); "
            f"{100 * calibration(of):.1f} points off beyond chance"
        )
    axis.set(xlabel="chance said", ylabel="share that came back", xlim=(0, 1), ylim=(0, 1))
    axis.legend()
    plt.show()


class _Here:
    """A module in this process, asked as one is that was shipped."""

    def __init__(self, of: Any):
        self.of = of

    def call(self, name: str, *args: Any) -> Any:
        """What its function returns."""
        return getattr(self.of, name)(*args)
