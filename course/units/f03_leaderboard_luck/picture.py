"""The picture of f03: what a board shows, beside the truth, in an honest season and under attack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from course.problem import Problem
from course.units.f03_leaderboard_luck import attacks
from course.units.f03_leaderboard_luck.world import Season

if TYPE_CHECKING:
    from types import ModuleType

    from course.learning.desk import Desk

STYLES = ("--", "-", ":", "-.")


def honest(module: ModuleType, season: Season) -> np.ndarray:
    """The top of a module's board after each submission of a season."""
    board = module.Leaderboard(season.labels, 0)
    return np.maximum.accumulate([board.submit(one) for one in season.submissions])


def attacked(module: ModuleType, season: Season, submissions: int = 2500) -> np.ndarray:
    """The top of a module's board after each submission of the boosting attack."""
    board, rng = module.Leaderboard(season.labels, 0), np.random.default_rng(0)

    def ask(many: list[np.ndarray]) -> list[float]:
        return [board.submit(one) for one in many]

    return np.maximum.accumulate(attacks.boosting(ask, len(season.labels), rng, submissions))


def draw(unit: Desk, season: Season, files: Mapping[str, str]) -> None:
    """Draw boards (name -> file) in an honest season and under the boosting attack; say which can't be drawn."""
    import matplotlib.pyplot as plt

    boards = {}
    for name, file in files.items():
        try:
            module = unit.load(file)
        except Problem as problem:
            print(problem)
            continue
        if hasattr(module, "Leaderboard"):
            boards[name] = module
        else:
            print(f"There is no Leaderboard in {file} yet.")
    _, axes = plt.subplots(1, 2, figsize=(10, 3.8), sharey=True, layout="constrained")
    axes[0].step(np.arange(len(season.best)), 100 * season.best, "k", lw=4, alpha=0.3, where="post", label="truth")
    axes[1].axhline(50, color="k", lw=4, alpha=0.3, label="truth")
    for style, (name, module) in zip(STYLES, boards.items(), strict=False):
        shown = 100 * honest(module, season)
        axes[0].step(np.arange(len(shown)), shown, ls=style, where="post", label=name)
        axes[1].plot(100 * attacked(module, season), style, label=name)
    axes[0].set(title="An honest season", xlabel="submissions", ylabel="top of the board, % of rows right")
    axes[1].set(title="Coin flips that vote", xlabel="submissions")
    for axis in axes:
        axis.legend(loc="upper left")
        axis.set_ylim(45, 100)
    plt.show()
