"""Two years of a log, told week by week, and what may be said of the answers at its end."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from course.contract.artifacts.modules import Ship
from course.contract.processes.calls import CallError, Remote, Shipped, mismatch
from course.units.kit import judges
from course.units.kit.replay import Replay
from course.units.q16_birthdays.world import DAYS, FLAT, NOBODY, WEEKS, Members

#: Probability that a set of days is to hold; what a wrong greeting costs; the least probability that is counted.
HELD, COSTS, LEAST = 0.8, 9.0, 2.0**-20
#: Restarts in another process, rows that are few and some, members that are shown.
RESTARTS, FEW, SOME, SHOWN = 4, 5, 9, 12
#: What no row of anybody else holds.
NONSENSE = {"hour": -(10**6), "phrase": 255}


@dataclass(frozen=True)
class Told:
    """What is known of members at the end: (N, 366) probabilities, whom to greet and when, states, the bare prior."""

    of: Members
    posterior: np.ndarray
    greets: np.ndarray
    states: Sequence[bytes]
    prior: np.ndarray

    @cached_property
    def asked(self) -> np.ndarray:
        """Members about whom may be told: those who were never left out."""
        return np.flatnonzero(self.of.day != NOBODY)

    def gains(self, some: np.ndarray) -> np.ndarray:
        """Bits by which each of these members' days is likelier than in a flat calendar."""
        day = self.of.day[some]
        return np.log2(np.maximum(self.posterior[some, day], LEAST)) - np.log2(FLAT[day])

    def value(self, some: np.ndarray) -> float:
        """Right greetings less nine times wrong ones, for each member."""
        greets, day = self.greets[some], self.of.day[some]
        right = greets == day
        return float((right - COSTS * (~right & (greets != NOBODY))).mean())

    def off(self, some: np.ndarray) -> float:
        """How far coverage of the 80 % set is off, at worst, among members of few rows, some and many."""
        held, rows = covered(self.posterior[some], self.of.day[some]), self.of.named[some]
        groups = [rows <= FEW, (rows > FEW) & (rows <= SOME), rows > SOME]
        return max(abs(float(held[group].mean()) - HELD) for group in groups if group.any())


def covered(posterior: np.ndarray, day: np.ndarray) -> np.ndarray:
    """How much of each member's day is in the 80 % set: 1, 0, or a part if it is the last that the set needs.

    The set has days from the likeliest on; of the last one only as much as makes 80 % exactly.
    """
    order = np.argsort(-posterior, axis=1, kind="stable")
    ranked = np.take_along_axis(posterior, order, axis=1)
    place = (np.arange(len(day)), np.argmax(order == day[:, None], axis=1))
    before = np.cumsum(ranked, axis=1)[place] - ranked[place]
    return np.clip((HELD - before) / np.maximum(ranked[place], 1e-12), 0, 1)


def lost(prior: np.ndarray, births: np.ndarray) -> float:
    """What a prior loses of what the calendar tells: its divergence from real births, by that of a flat calendar."""

    def divergence(other: np.ndarray) -> float:
        some = births > 0
        return float((births[some] * np.log(births[some] / np.maximum(other[some], 1e-9))).sum())

    return divergence(prior) / divergence(FLAT)


def lived(ship: Ship, of: Members, seed: int) -> Told:
    """Two years, with four restarts at weeks that `seed` hides; then everybody is asked about. Raises CallError."""
    draws = np.random.default_rng([seed, 16])
    cuts = [0, *np.sort(draws.choice(np.arange(8, WEEKS - 4), RESTARTS, replace=False)).tolist(), WEEKS]
    everybody = np.arange(len(of), dtype=np.int32)
    answers: dict[str, np.ndarray] = {}

    def part(first: int, last: int) -> Any:
        def play(remote: Remote) -> None:
            remote.map("update", of.weeks(first, last))
            if last == WEEKS:
                answers["posterior"], answers["greets"] = asked(remote, everybody)

        return play

    kind = judges.Stateful("Birthdays", (of.people,))
    found = judges.lived(ship, kind, [part(*cut) for cut in itertools.pairwise(cuts)])
    with ship.open() as shipped:
        prior = bare(shipped)
    return Told(of, answers["posterior"], answers["greets"], found.states, prior)


def bare(shipped: Remote) -> np.ndarray:
    """What `prior()` returns, checked: float64 (366,). Raises CallError."""
    return _days(shipped.call("prior"), "prior", 1)[0]


def asked(remote: Remote, some: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Posterior and greetings for some members, checked. Raises CallError."""
    posterior = _days(remote.call("posterior", some), "Birthdays.posterior", len(some), many=True)
    value = remote.call("greet", some)
    listed = value.tolist() if hasattr(value, "tolist") else value
    good = isinstance(listed, list | tuple) and len(listed) == len(some)
    if not good or not all(type(one) is int and NOBODY <= one < DAYS for one in listed):
        words = f"{len(some):,} whole numbers from -1 to 365, in a list or an array"
        raise CallError(mismatch("Birthdays.greet", ["members"], value, words))
    return posterior, np.array(listed, dtype=np.int64)


def _days(value: Any, name: str, count: int, many: bool = False) -> np.ndarray:
    shape = (count, DAYS) if many else (DAYS,)
    words = f"a float64 array {shape} of probabilities, {'each row ' if many else ''}with sum 1"
    good = isinstance(value, np.ndarray) and value.dtype == np.float64 and value.shape == shape
    if good:
        rows = value.reshape(count, DAYS)
        good = bool(np.isfinite(rows).all() and (rows >= 0).all() and (np.abs(rows.sum(axis=1) - 1) < 1e-6).all())
    if not good:
        given = value.shape if isinstance(value, np.ndarray) and value.shape != shape else value
        raise CallError(mismatch(name, ["members"] if many else [], given, words))
    return rows


def other_rows(of: Members, seed: int) -> Members:
    """The same log, where what must not be read is something else.

    Rows that name somebody who is left out hold nonsense, or are gone. What was written about those who leave later,
    and about nobody else, was written of other days, by other people.
    """
    draws = np.random.default_rng([seed, 61])
    left, rows = of.left, {name: values.copy() for name, values in of.rows.items()}
    names = [rows["about"], rows["by"], np.where(rows["also"] < 0, rows["about"], rows["also"])]
    theirs = np.any([left[some] <= of.week for some in names], axis=0)
    for name, value in NONSENSE.items():
        rows[name][theirs] = value
    late = ~theirs & (left[rows["about"]] < WEEKS) & (rows["also"] < 0)
    rows["hour"][late] += 24 * draws.integers(-3, 4, late.sum()).astype(np.int32)
    rows["hour"][late] = np.clip(rows["hour"][late], of.week[late] * 168, of.week[late] * 168 + 167)
    rows["phrase"][late] = draws.permutation(rows["phrase"][late])
    keep = np.flatnonzero(~theirs | (draws.random(len(theirs)) < 0.7))
    return Members(
        of.zone, of.settings, of.out, {name: values[keep] for name, values in rows.items()}, of.week[keep], of.leaves,
        of.day, of.pranked,
    )  # fmt: skip


def unread(ship: Ship, told: Told, seed: int) -> str:
    """What gives away that somebody who is left out was read: a sentence, or "" for nothing. Raises CallError."""
    out = told.of.left < WEEKS
    if told.posterior[out].tobytes() != np.tile(told.prior, (int(out.sum()), 1)).tobytes():
        return "Somebody who is left out got another answer than `prior()`, bit for bit."
    if (told.greets[out] != NOBODY).any():
        return "Somebody who is left out would be greeted."
    other = lived(ship, other_rows(told.of, seed), seed)
    if other.posterior.tobytes() != told.posterior.tobytes() or (other.greets != told.greets).any():
        return "Answers changed with rows that name somebody who is left out."
    if other.states[-1] != told.states[-1]:
        return "The state changed with rows that name somebody who is left out, or left later."
    return ""


def replayed(ship: Ship, of: Members, seed: int, case: int) -> Replay:
    """Twelve members from that one on, after two years as they are judged. Raises CallError."""
    told, rows = lived(ship, of, seed), []
    for one in range(case, min(case + SHOWN, len(of))):
        day, answer = int(of.day[one]), told.posterior[one]
        top = int(answer.argmax())
        known = day != NOBODY
        rows.append((
            one, int(of.named[one]), top, float(answer[top]), int(told.greets[one]),
            day if known else "left out", float(answer[day]) if known else "",
            float(told.gains(np.array([one]))[0]) if known else "",
        ))  # fmt: skip
    heads = ("member", "rows", "likeliest day", "its probability", "greeted on", "born on", "its probability ", "bits")
    said = f"After {RESTARTS} restarts; the state was {len(told.states[-1]) / len(of):.1f} bytes a member at the end."
    return Replay(f"Members {case} to {case + len(rows) - 1} after two years", heads, rows, said)


class Asks:
    """Eight weeks from a state, then 400 members asked about: what is timed, with what comes out where it is not."""

    WEEKS, MEMBERS, BEGINS = 8, 400, (30, 45, 60, 75)

    def __init__(self, ship: Ship, of: Members):
        self.of, self.states, self.right = of, {}, {}
        everybody = np.arange(len(of), dtype=np.int32)
        kind = judges.Stateful("Birthdays", (of.people,))
        before = 0
        with ship.open() as shipped:
            remote = kind.make(shipped)
            for begin in self.BEGINS:
                remote.map("update", of.weeks(before, begin))
                self.states[begin], before = kind.state(remote), begin
        for begin, state in self.states.items():
            with ship.open() as shipped:
                remote = kind.restore(shipped, state)
                remote.map("update", of.weeks(begin, begin + self.WEEKS))
                self.right[begin] = asked(remote, everybody)

    def fresh(self, draws: np.random.Generator) -> list[tuple[int, np.ndarray, int]]:
        """A week to begin with, members, and a seed for the order of rows."""
        some = draws.choice(len(self.of), self.MEMBERS, replace=False).astype(np.int32)
        return [(int(draws.choice(self.BEGINS)), some, int(draws.integers(2**31)))]

    def play(self, shipped: Shipped, many: Sequence[tuple]) -> list:
        """Posterior and greetings of each. Raises CallError."""
        found = []
        for begin, some, seed in many:
            draws = np.random.default_rng(seed)
            weeks = [(out, _shuffled(rows, draws)) for out, rows in self.of.weeks(begin, begin + self.WEEKS)]
            remote = shipped.make("Birthdays.restore", self.of.people, self.states[begin])
            remote.map("update", weeks)
            answers = list(asked(remote, some))
            remote.call("state")
            found.append(answers)
        return found

    def check(self, many: Sequence[tuple], found: Sequence) -> None:
        """Raises CallError where other answers are given than elsewhere."""
        for (begin, some, _), (posterior, greets) in zip(many, found, strict=True):
            right, days = self.right[begin]
            if np.abs(posterior - right[some]).max() > 1e-6 or (greets != days[some]).mean() > 0.01:
                raise CallError("The same weeks gave other answers while they were timed: what is timed is judged.")


def _shuffled(rows: Mapping[str, np.ndarray], draws: np.random.Generator) -> dict[str, np.ndarray]:
    order = draws.permutation(len(rows["hour"]))
    return {name: values[order] for name, values in rows.items()}
