"""A board in its process: used honestly, attacked, stopped and restored; and what it costs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from course.contract.artifacts.modules import Ship
from course.contract.processes import expect
from course.contract.processes.calls import CallError, Remote, Shipped
from course.units.f03_leaderboard_luck import attacks, world
from course.units.f03_leaderboard_luck.world import Season
from course.units.kit.replay import Replay

#: Submissions of the attacks; accuracies of what a climb starts from and of two models that arrive late.
BOOSTING, CLIMBING, FLOOD = 2000, 2500, 1000
START, LATE = 0.57, (0.72, 0.80)
#: Submissions in one exchange.
BLOCK = 25
#: Rows of the hold-out on which a board is timed, submissions of one exchange, those that it has seen before.
TIMED_ROWS, TIMED, BEFORE = 100_000, 40, 300
#: In which share of exchanges there is a better model, until it has so much; how far off the top may be there.
OFTEN, MOST, LARGE_ERROR = 0.15, 0.9, 0.03
SUBMIT = "Leaderboard.submit"


def board(shipped: Shipped, labels: np.ndarray, rng: np.random.Generator) -> Remote:
    """A new board over there."""
    return shipped.make("Leaderboard", labels, int(rng.integers(2**31)))


def ask(remote: Any) -> Callable[[Sequence[np.ndarray]], list[float]]:
    """How an attack submits to a board: some at a time, and every score is checked. Raises CallError."""

    def asked(many: Sequence[np.ndarray]) -> list[float]:
        shown: list[float] = []
        for at in range(0, len(many), BLOCK):
            block = many[at : at + BLOCK]
            given = remote.map("submit", [(one,) for one in block])
            shown += [expect.number(v, SUBMIT, [one], 0, 1) for v, one in zip(given, block, strict=True)]
        return shown

    return asked


def state(remote: Remote) -> bytes:
    """The state of a board. Raises CallError."""
    return expect.instance(remote.call("state"), bytes, "Leaderboard.state")


class Hosted:
    """A board as it is run: stopped now and then, and restored in another process from its state and nothing else.

    A state that can't be had or can't be restored is lost, and a new board goes on. `sizes` are bytes of the states;
    `trouble` is the sentence about one that could not be had.
    """

    def __init__(self, ship: Ship, labels: np.ndarray, rng: np.random.Generator, until: int, restarts: int = 1):
        self._ship, self._labels, self._seed = ship, labels, int(rng.integers(2**31))
        self._moments = sorted(np.random.default_rng(self._seed).integers(1, until, restarts).tolist())
        self._stack, self._count = contextlib.ExitStack(), 0
        self.sizes: list[int] = []
        self.trouble = ""

    def __enter__(self) -> Hosted:
        self._board = self._open().make("Leaderboard", self._labels, self._seed)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def __call__(self, many: Sequence[np.ndarray]) -> list[float]:
        """The score shown for each submission. Raises CallError."""
        shown: list[float] = []
        while len(shown) < len(many):
            left = self._moments[0] - self._count if self._moments else len(many)
            some = many[len(shown) : len(shown) + left]
            shown += ask(self._board)(some)
            self._count += len(some)
            if self._moments and self._count >= self._moments[0]:
                self._restart()
        return shown

    def _open(self) -> Shipped:
        self._stack.close()
        return self._stack.enter_context(self._ship.open())

    def _restart(self) -> None:
        self._moments = [moment for moment in self._moments if moment > self._count]
        try:
            kept = state(self._board)
        except CallError as error:
            self.trouble = self.trouble or str(error)
            self._board = self._open().make("Leaderboard", self._labels, self._seed)
            return
        self.sizes.append(len(kept))
        try:
            self._board = self._open().make("Leaderboard.restore", self._labels, kept)
        except CallError:
            self._board = self._open().make("Leaderboard", self._labels, self._seed)


@dataclass(frozen=True)
class Played:
    """Scores shown in a season as it was, and under the boosting attack on another board; bytes of states."""

    honest: np.ndarray
    attacked: np.ndarray
    sizes: list[int]
    trouble: str


def played(ship: Ship, season: Season, seed: Sequence[int]) -> Played:
    """A season twice, each board restarted once. Raises CallError."""
    rng = np.random.default_rng(seed)
    with Hosted(ship, season.labels, rng, len(season.submissions)) as first:
        shown = first(season.submissions)
    with Hosted(ship, season.labels, rng, BOOSTING) as second:
        attacked = attacks.boosting(second, len(season.labels), rng, submissions=BOOSTING)
    return Played(np.array(shown), attacked, first.sizes + second.sizes, first.trouble or second.trouble)


def restarted(ship: Ship, season: Season, seed: Sequence[int]) -> tuple[list[float], list[float], int]:
    """Scores of a board that goes on, and of one that was restored elsewhere; bytes of its state. Raises CallError."""
    rng = np.random.default_rng(seed)
    half = int(season.steps[2])  # the next submission is a step of real size
    flood = list(attacks.coins(rng, FLOOD, len(season.labels)))
    # Too small a change of the best to take the lead, unless it is forgotten who leads.
    change = max(season.submissions[:half], key=lambda one: (one == season.labels).sum()).copy()
    change[np.flatnonzero(change != season.labels)[:8]] ^= 1
    rest = [*flood[:100], change, *season.submissions[half:]]
    with ship.open() as shipped:
        used = board(shipped, season.labels, rng)
        ask(used)([*season.submissions[:half], *flood])
        kept = state(used)
        on = ask(used)(rest)
    with ship.open() as shipped:
        return on, ask(shipped.make("Leaderboard.restore", season.labels, kept))(rest), len(kept)


def replayed(ship: Ship, season: Season, number: int, seed: Sequence[int], attack: bool) -> Replay:
    """A season, submission by submission, as it was or under attack. Raises CallError."""
    game = played(ship, season, seed)
    shown = game.attacked if attack else game.honest
    top = np.maximum.accumulate(shown)
    truth = np.full(len(shown), 0.5) if attack else season.truth
    best, steps = np.maximum.accumulate(truth), set() if attack else set(season.steps.tolist())
    figures = zip(shown.tolist(), top.tolist(), truth.tolist(), best.tolist(), strict=True)
    rows = [
        (at, *(f"{100 * one:.2f}" for one in some), "a real step" if at in steps else "")
        for at, some in enumerate(figures)
    ]
    heads = ("submission", "shown, %", "top of the board, %", "its true accuracy, %", "truth, %", "")
    if attack:
        said = f"At the end the top is off by {100 * abs(top[-1] - 0.5):.1f} points."
        return Replay(f"Season {number} under attack", heads, rows, said)
    seen, off = world.seen(season, shown), np.abs(top - best).mean()
    said = f"On average the top is off by {100 * off:.1f} points; {seen.sum()} of {len(seen)} real steps were seen."
    return Replay(f"Season {number} as it was", heads, rows, said)


def replayed_restart(ship: Ship, season: Season, number: int, seed: Sequence[int]) -> Replay:
    """What is shown after the middle of a season, with and without a restart. Raises CallError."""
    on, after, size = restarted(ship, season, seed)
    rows = [
        (at, f"{100 * one:.4f}", f"{100 * two:.4f}", "" if one == two else "other")
        for at, (one, two) in enumerate(zip(on, after, strict=True))
    ]
    heads = ("submission", "shown without a restart, %", "shown after one, %", "")
    same = np.mean(np.array(on) == np.array(after))
    said = f"The state had {size:,} bytes; {same:.0%} of scores are the same."
    return Replay(f"Season {number}, restarted in the middle", heads, rows, said)


class Large:
    """A season on next year's hold-out, which is timed: coin flips, and now and then a model that is a real step.

    Scores shown are judged: on so many rows chance is next to nothing, so the top must be where the best model is.
    """

    def __init__(self, seed: int):
        self._seed = seed
        (self._labels,) = attacks.coins(np.random.default_rng([seed, 3000]), 1, TIMED_ROWS)
        self._of, self._skill, self._best, self._top = None, 0.5, 0.0, 0.0

    def start(self, shipped: Shipped) -> Remote:
        """A board that has seen some coin flips. Raises CallError."""
        made, rng = shipped.make("Leaderboard", self._labels, 7), np.random.default_rng([self._seed, 3001])
        for _ in range(BEFORE // TIMED + 1):
            made.map("submit", [(one,) for one in attacks.coins(rng, TIMED, TIMED_ROWS)])
        return made

    def fresh(self, rng: np.random.Generator) -> list[tuple]:
        """The submissions of one exchange; where there is a better model, its refinement comes behind it."""
        if rng is not self._of:  # another process
            self._of, self._skill, self._best, self._top = rng, 0.5, 0.0, 0.0
        many = list(attacks.coins(rng, TIMED, TIMED_ROWS))
        if rng.random() < OFTEN and self._skill < MOST:
            self._skill += rng.uniform(*world.STEP)
            at = int(rng.integers(TIMED - 1))
            many[at : at + 2] = [world.model(rng, self._labels, self._skill) for _ in range(2)]
        return [(one,) for one in many]

    def check(self, many: Sequence[tuple], values: list) -> None:
        """The top of the board is where the best model so far is. Raises CallError."""
        for (one,), value in zip(many, values, strict=True):
            self._top = max(self._top, expect.number(value, SUBMIT, [one], 0, 1))
            self._best = max(self._best, float((one == self._labels).mean()))
        if abs(self._top - self._best) > LARGE_ERROR:
            where = f"the top of the board is {self._top:.1%} where the best model has {self._best:.1%}"
            raise CallError(f"On {TIMED_ROWS:,} rows {where}.")


def _climbing(ship: Ship, truth: Mapping[str, Any], rng: np.random.Generator) -> float:
    errors = []
    for season in truth["seasons"][:2]:
        start = world.model(rng, season.labels, START)
        with Hosted(ship, season.labels, rng, CLIMBING) as asked:
            shown = attacks.climbing(asked, start, rng, CLIMBING)
        errors.append(abs(shown.max() - START))
    return float(np.mean(errors))


def _rare(ship: Ship, truth: Mapping[str, Any], rng: np.random.Generator) -> float:
    start = np.zeros_like(truth["rare"])
    with Hosted(ship, truth["rare"], rng, len(start)) as asked:
        shown = attacks.probing(asked, start, rng)
    return abs(float(shown.max()) - (1 - truth["ones"]))


def _late(ship: Ship, truth: Mapping[str, Any], rng: np.random.Generator) -> float:
    errors = []
    for season in truth["seasons"][:2]:
        with Hosted(ship, season.labels, rng, FLOOD) as asked:
            top = attacks.boosting(asked, len(season.labels), rng, FLOOD).max()
            for accuracy in LATE:
                top = max(top, *asked([world.model(rng, season.labels, accuracy) for _ in range(2)]))
                errors.append(abs(top - accuracy))
    return float(np.mean(errors))


#: Two other attacks, and good models after an attack: the error at the end. Each raises CallError.
GAMES = {"climbing": _climbing, "rare": _rare, "late": _late}
