"""A board in its process: used honestly, attacked, stopped and restored; and what it costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from course.contract.artifacts.modules import Ship
from course.contract.cost.throughput import Start
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
#: Accuracies of models that are sent to a board of that size first, and how far from the last one its top may be.
STEPS, STEP_ERROR = (0.55, 0.7, 0.85), 0.15
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


def played(shipped: Shipped, season: Season, seed: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Scores shown in a season as it was, and under the boosting attack on another board. Raises CallError."""
    rng = np.random.default_rng(seed)
    shown = ask(board(shipped, season.labels, rng))(season.submissions)
    asked = ask(board(shipped, season.labels, rng))
    return np.array(shown), attacks.boosting(asked, len(season.labels), rng, submissions=BOOSTING)


def restarted(ship: Ship, season: Season, seed: Sequence[int]) -> tuple[list[float], list[float] | str, list[int]]:
    """Scores of a board that goes on; of one that was restored elsewhere, or why there are none; bytes of states.

    Raises CallError for the board that goes on.
    """
    rng = np.random.default_rng(seed)
    half = int(season.steps[2])  # the next submission is a step of real size
    flood = list(attacks.coins(rng, FLOOD, len(season.labels)))
    # Too small a change of the best to take the lead, unless it is forgotten who leads.
    change = max(season.submissions[:half], key=lambda one: (one == season.labels).sum()).copy()
    change[np.flatnonzero(change != season.labels)[:8]] ^= 1
    rest = [*flood[:100], change, *season.submissions[half:]]
    with ship.open() as shipped:
        used = board(shipped, season.labels, rng)
        sizes = []
        for block in (season.submissions[:half], flood):
            ask(used)(block)
            sizes.append(len(state(used)))
        kept = state(used)
        on = ask(used)(rest)
    sizes.append(len(kept))
    try:
        with ship.open() as shipped:
            return on, ask(shipped.make("Leaderboard.restore", season.labels, kept))(rest), sizes
    except CallError as error:
        return on, str(error), sizes


def replayed(shipped: Shipped, season: Season, number: int, seed: Sequence[int], attack: bool) -> Replay:
    """A season, submission by submission, as it was or under attack. Raises CallError."""
    honest, boosted = played(shipped, season, seed)
    shown = boosted if attack else honest
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
    on, after, sizes = restarted(ship, season, seed)
    if isinstance(after, str):
        raise CallError(after)
    rows = [
        (at, f"{100 * one:.4f}", f"{100 * two:.4f}", "" if one == two else "other")
        for at, (one, two) in enumerate(zip(on, after, strict=True))
    ]
    heads = ("submission", "shown without a restart, %", "shown after one, %", "")
    same = np.mean(np.array(on) == np.array(after))
    said = f"The state had at most {max(sizes):,} bytes; {same:.0%} of scores are the same."
    return Replay(f"Season {number}, restarted in the middle", heads, rows, said)


def coins(rng: np.random.Generator) -> list[tuple]:
    """Arguments of the submissions of one exchange that is timed."""
    return [(one,) for one in attacks.coins(rng, TIMED, TIMED_ROWS)]


def seasoned(seed: int) -> Start:
    """Makes a board that has seen some submissions."""

    def start(shipped: Shipped) -> Remote:
        rng = np.random.default_rng([seed, 3000])
        (labels,) = attacks.coins(rng, 1, TIMED_ROWS)
        made = shipped.make("Leaderboard", labels, 7)
        for _ in range(BEFORE // TIMED + 1):
            made.map("submit", coins(rng))
        return made

    return start


def listens(ship: Ship, seed: int) -> str:
    """Nothing, or what is wrong with a board that shows too little of models where it is timed. Raises CallError."""
    rng = np.random.default_rng([seed, 4000])
    (labels,) = attacks.coins(rng, 1, TIMED_ROWS)
    with ship.open() as shipped:
        shown = ask(shipped.make("Leaderboard", labels, 7))([world.model(rng, labels, known) for known in STEPS])
    if abs(max(shown) - STEPS[-1]) <= STEP_ERROR:
        return ""
    return f"On {TIMED_ROWS:,} rows it showed {max(shown):.1%} where the best model has {STEPS[-1]:.0%}."


def _climbing(shipped: Shipped, truth: Mapping[str, Any], rng: np.random.Generator) -> float:
    errors = []
    for season in truth["seasons"][:2]:
        start = world.model(rng, season.labels, START)
        shown = attacks.climbing(ask(board(shipped, season.labels, rng)), start, rng, CLIMBING)
        errors.append(abs(shown.max() - START))
    return float(np.mean(errors))


def _rare(shipped: Shipped, truth: Mapping[str, Any], rng: np.random.Generator) -> float:
    start = np.zeros_like(truth["rare"])
    shown = attacks.probing(ask(board(shipped, truth["rare"], rng)), start, rng)
    return abs(float(shown.max()) - (1 - truth["ones"]))


def _late(shipped: Shipped, truth: Mapping[str, Any], rng: np.random.Generator) -> float:
    errors = []
    for season in truth["seasons"][:2]:
        asked = ask(board(shipped, season.labels, rng))
        top = attacks.boosting(asked, len(season.labels), rng, FLOOD).max()
        for accuracy in LATE:
            top = max(top, *asked([world.model(rng, season.labels, accuracy) for _ in range(2)]))
            errors.append(abs(top - accuracy))
    return float(np.mean(errors))


#: Two other attacks, and good models after an attack: the error at the end. Each raises CallError.
GAMES = {"climbing": _climbing, "rare": _rare, "late": _late}
