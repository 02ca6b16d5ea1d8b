"""The world of f03: hold-outs, honest seasons on them, and how good every submission really is.

A submission is a vector of 0 and 1 for the rows of a hold-out. Its true accuracy is that of the model behind it on rows
that nobody has seen. It is known here without a sample, because the model is: who flips a coin is right in half of all
rows, and a competitor's model is right with a probability that the season sets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

#: Rows of a hold-out, share of ones, competitors: from the key, within these.
ROWS, ONES, TEAMS = (2400, 3600), (0.3, 0.7), (4, 12)
#: Steps of real size in a season, their size, and what is submitted between two of them.
STEPS, STEP, BETWEEN = 5, (0.05, 0.075), 6
#: Where competitors begin, and what tuning that is no real step changes.
FIRST, TUNING = (0.53, 0.60), (-0.005, 0.015)
#: Share of a model's luck that it has in common with all others (rows are easy or hard), and with its last version.
COMMON, KEPT = 0.7, 0.8


@dataclass(frozen=True)
class Season:
    """One season of honest work on one hold-out.

    Attributes
    ----------
    labels : uint8 (rows,), the hold-out.
    submissions : uint8 (submissions, rows), in the order in which they arrive.
    truth : float (submissions,), the true accuracy of each.
    steps : int (steps,), which submissions begin a step of real size; the one after it is of the same model, refined.
    """

    labels: np.ndarray
    submissions: np.ndarray
    truth: np.ndarray
    steps: np.ndarray

    @property
    def best(self) -> np.ndarray:
        """The best true accuracy so far, after each submission."""
        return np.maximum.accumulate(self.truth)


def size(rng: np.random.Generator) -> tuple[int, float, int]:
    """Rows, share of ones and competitors of a key's seasons."""
    rows, teams = rng.integers(*ROWS, endpoint=True), rng.integers(*TEAMS, endpoint=True)
    return int(rows), float(rng.uniform(*ONES)), int(teams)


def labels(rng: np.random.Generator, rows: int, ones: float) -> np.ndarray:
    """A hold-out: uint8 (rows,), of which about the share `ones` is 1."""
    return (rng.random(rows) < ones).astype(np.uint8)


def season(rng: np.random.Generator, rows: int, ones: float, teams: int) -> Season:
    """Competitors tune their models; now and then one of them takes a step of real size.

    A model is right in a row if its score there, a sum of the row's ease and the model's own luck (both normal), is
    below the quantile of its accuracy: so models agree more than chance would have it, versions of one most of all.
    """
    truth = labels(rng, rows, ones)
    ease, luck = rng.standard_normal(rows), rng.standard_normal((teams, rows))
    skill = rng.uniform(*FIRST, teams)
    sent: list[np.ndarray] = []
    accuracy: list[float] = []
    steps: list[int] = []

    def submit(team: int) -> None:
        luck[team] = np.sqrt(KEPT) * luck[team] + np.sqrt(1 - KEPT) * rng.standard_normal(rows)
        score = np.sqrt(COMMON) * ease + np.sqrt(1 - COMMON) * luck[team]
        right = score < NormalDist().inv_cdf(skill[team])
        sent.append(np.where(right, truth, 1 - truth).astype(np.uint8))
        accuracy.append(float(skill[team]))

    for team in range(teams):
        submit(team)
    for _ in range(STEPS):
        best = skill.max()
        for team in rng.integers(teams, size=BETWEEN):
            skill[team] = min(skill[team] + rng.uniform(*TUNING), best)
            submit(team)
        team = int(rng.integers(teams)) if rng.random() < 0.4 else int(skill.argmax())
        skill[team] = best + rng.uniform(*STEP)
        steps.append(len(sent))
        submit(team)
        submit(team)
    return Season(truth, np.stack(sent), np.array(accuracy), np.array(steps))


def model(rng: np.random.Generator, truth: np.ndarray, accuracy: float) -> np.ndarray:
    """A submission of a model of that true accuracy."""
    return np.where(rng.random(len(truth)) < accuracy, truth, 1 - truth).astype(np.uint8)


def seen(season: Season, shown: Sequence[float]) -> np.ndarray:
    """For each step of real size: did the top of the board rise by half of it within two submissions?

    `shown` holds what each submission was shown; the top of the board is the highest of it so far.
    """
    top = np.maximum.accumulate(np.asarray(shown, float))
    sizes = season.best[season.steps] - season.best[season.steps - 1]
    return top[season.steps + 1] - top[season.steps - 1] >= sizes / 2
