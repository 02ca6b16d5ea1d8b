"""The pictures of q13: what is behind a score, and where intervals lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from course.contract.processes.calls import CallError
from course.problem import Problem
from course.units.q13_real_schools.judge import audited, plain
from course.units.q13_real_schools.world import CREDITS, Directory

if TYPE_CHECKING:
    from course.learning.desk import Desk

EDGES = np.array([0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 0.6, 0.9, 1.0001])


def scores(some: Sequence[Directory], given: Sequence[np.ndarray]) -> None:
    """Draw how many schools have a score, what they are, and of how many the desk can't tell; say it in words too."""
    import matplotlib.pyplot as plt

    score = np.concatenate(list(given))
    fake, dark = np.concatenate([~one.real for one in some]), np.concatenate([one.dark for one in some])
    place = np.digitize(score, EDGES) - 1
    bins = len(EDGES) - 1
    every = np.bincount(place, minlength=bins)
    none = np.bincount(place, fake, bins) / np.maximum(every, 1)
    told = np.bincount(place, fake & ~dark, bins) / np.maximum(np.bincount(place, ~dark, bins), 1)
    names = [f"{low:.1%}" if low < 0.01 else f"{low:.0%}" for low in EDGES[:-1]]
    _, (left, right) = plt.subplots(1, 2, figsize=(12, 3.8), layout="constrained")
    at = np.arange(bins)
    left.bar(at - 0.2, every / every.sum(), 0.4, color="0.75", label="share of schools")
    left.bar(at + 0.2, _needs(every, none), 0.4, color="black", label="share of the checks that they need")
    right.plot(at, none, "o-", color="black", label="all of them")
    right.plot(at, told, "s--", color="0.55", label="those of which the desk can tell")
    left.set(title="Where the schools are, and where the doubt is")
    right.set(title="Share that is no school", ylim=(-0.02, 1.02))
    for axis in (left, right):
        axis.set(xticks=at, xticklabels=names, xlabel="score, from ... on")
        axis.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        axis.legend()
    plt.show()
    low, high = score < 0.03, score >= 0.3
    print(
        f"{low.mean():.0%} of schools have a score below 3 %, and {fake[low].sum() / fake.sum():.0%} of what is no "
        f"school is among them; {high.mean():.0%} have 30 % or more. The desk can't tell of {dark[~fake].mean():.0%} "
        f"of real schools and of {dark[fake].mean():.0%} of the others."
    )


def intervals(unit: Desk, some: Sequence[Directory], files: Mapping[str, str]) -> None:
    """Draw one interval of each directory, around the truth, for modules (name -> file), and say it in words too."""
    import matplotlib.pyplot as plt

    made = {}
    for name, file in files.items():
        try:
            module = unit.load(file)
            if hasattr(module, "Audit"):
                made[name] = [audited(_Here(module), one, 11) for one in some]
            else:
                print(f"There is no Audit in {file} yet.")
        except (Problem, CallError) as problem:
            print(problem)
    if not made:
        return
    order = np.argsort([one.share for one in some])[::-1]
    truth = 100 * np.array([1 - some[at].share for at in order])
    _, axes = plt.subplots(
        len(made), 1, figsize=(12, 2.6 * len(made)), sharex=True, sharey=True, squeeze=False, layout="constrained"
    )
    for axis, (name, found) in zip(axes[:, 0], made.items(), strict=True):
        # Around the truth: above it more was taken for no school than is none.
        low, high = (100 * (1 - np.array([getattr(found[at], k) for at in order])) - truth for k in ("high", "low"))
        missed = (low > 1e-9) | (high < -1e-9)
        at = np.arange(len(order))
        axis.vlines(at[~missed], low[~missed], high[~missed], color="0.5", lw=4, label="holds the truth")
        axis.vlines(at[missed], low[missed], high[missed], color="black", lw=4, label="does not")
        axis.axhline(0, color="black", lw=0.8)
        axis.set(title=name, ylabel="points off", ylim=(-9, 9))
        axis.set_xticks(at[::5], [f"{truth[k]:.1f} %" for k in at[::5]])
        width = np.mean([one.high - one.low for one in found])
        print(
            f"{name}: {len(at) - missed.sum()} of {len(at)} intervals hold the truth; on average they are "
            f"{100 * width:.1f} points wide, where a plain sample of {CREDITS} perfect labels would have "
            f"{100 * np.mean([plain(one.share) for one in some]):.1f}"
        )
    axes[-1, 0].set_xlabel("directories, by the share that is no school")
    axes[0, 0].legend(loc="upper left", ncols=2)
    plt.show()


def _needs(every: np.ndarray, none: np.ndarray) -> np.ndarray:
    """Neyman's allocation."""
    need = every * np.sqrt(none * (1 - none))
    return need / max(need.sum(), 1e-9)


class _Here:
    """A module, or an object of it, in this process; asked as one is that was shipped."""

    def __init__(self, of: Any):
        self.of = of

    def make(self, name: str, *args: Any) -> _Here:
        return _Here(getattr(self.of, name)(*args))

    def call(self, name: str, *args: Any) -> Any:
        return getattr(self.of, name)(*args)
