"""Six promises of the contract, on a small hold-out. All raise CallError where they are broken."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course.contract.artifacts.modules import Ship
from course.contract.processes import expect
from course.contract.processes.calls import CallError, Shipped
from course.units.f03_leaderboard_luck import world
from course.units.f03_leaderboard_luck.judge import SUBMIT, ask, state
from course.units.kit import judges

#: Rows of the small hold-out, and the seed of its boards.
SMALL, SEED = 900, 7
#: How an exception of the learner's code is told.
REJECTED = "failed: ValueError"


def given(seed: int) -> tuple[np.ndarray, list[np.ndarray]]:
    """Labels, and submissions of models that get better."""
    rng = np.random.default_rng([seed, 1000])
    labels = world.labels(rng, SMALL, 0.5)
    return labels, [world.model(rng, labels, accuracy) for accuracy in np.linspace(0.6, 0.9, 12)]


def _near(ship: Ship, shipped: Shipped, labels: np.ndarray, sent: Sequence[np.ndarray]) -> None:
    """The first score is shown, give or take five points."""
    exact = float((sent[0] == labels).mean())
    value = shipped.make("Leaderboard", labels, SEED).call("submit", sent[0])
    expect.number(value, SUBMIT, [sent[0]], exact - 0.05, exact + 0.05)


def _kinds(ship: Ship, shipped: Shipped, labels: np.ndarray, sent: Sequence[np.ndarray]) -> None:
    boards = {kind: shipped.make("Leaderboard", labels, SEED) for kind in ("uint8", "int64", "bool")}
    if len({ask(one)([sent[0].astype(kind)])[0] for kind, one in boards.items()}) > 1:
        raise CallError("The same predictions as int64 or bool were shown another score.")


def _alone(ship: Ship, shipped: Shipped, labels: np.ndarray, sent: Sequence[np.ndarray]) -> None:
    made = shipped.make("Leaderboard", labels, SEED)
    if not shipped.leaves_alone("Leaderboard", labels, SEED) or not made.leaves_alone("submit", sent[0]):
        raise CallError("Labels or predictions were changed: they belong to the caller, so work on a copy.")


def _same(ship: Ship, shipped: Shipped, labels: np.ndarray, sent: Sequence[np.ndarray]) -> None:
    def scores(at: Shipped) -> list[float]:
        return ask(at.make("Leaderboard", labels, SEED))(sent)

    judges.twice(ship, shipped, scores, "The same seed and submissions were shown other scores")


def _rejects(ship: Ship, shipped: Shipped, labels: np.ndarray, sent: Sequence[np.ndarray]) -> None:
    tried, other = (shipped.make("Leaderboard", labels, SEED) for _ in range(2))
    before = ask(tried)(sent[:6])
    for bad in (sent[0][:-1], np.full(SMALL, 2, np.uint8)):
        try:
            tried.call("submit", bad)
        except CallError as error:
            if REJECTED in str(error):
                continue
            raise
        raise CallError("A submission of another length, or with a 2 in it, was taken; raise ValueError.")
    if before + ask(tried)(sent[6:]) != ask(other)(sent):
        raise CallError("After a rejected submission the scores were others than without it.")


def _comes_back(ship: Ship, shipped: Shipped, labels: np.ndarray, sent: Sequence[np.ndarray]) -> None:
    used = shipped.make("Leaderboard", labels, SEED)
    ask(used)(sent[:6])
    ask(shipped.make("Leaderboard.restore", labels, state(used)))(sent[6:])


PROMISES = (_near, _kinds, _alone, _same, _rejects, _comes_back)
