"""An audit from the first question to the last, and what may be said of many of them."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from course.contract.artifacts.modules import Ship
from course.contract.processes import plain as plain_data
from course.contract.processes.calls import CallError, Remote, Shipped, mismatch
from course.units.kit.replay import Replay
from course.units.q13_real_schools.world import CALL, CANT, CREDITS, DAYS, DESK, IS, NOT, Directory

#: What is promised, the normal quantile that belongs to it, and what a unit of missing it costs (2 / 0.1).
PROMISED, Z, FINE = 0.90, 1.6449, 20.0
#: Most directories that a process is asked about, each once; audits of each; runs of audits that are played again.
TOGETHER, AGAIN, ONCE_MORE = 25, 4, 8
NOTHING = {"school": np.zeros(0, np.int64), "call": np.zeros(0, bool), "said": np.zeros(0, np.int64)}


@dataclass(frozen=True)
class Audited:
    """One audit: its interval for the share of real schools, what it delists, what it asked for, which were checked."""

    of: Directory
    low: float
    high: float
    delisted: np.ndarray
    spent: int
    checked: np.ndarray

    @property
    def covers(self) -> bool:
        """True if the share lies in the interval."""
        return self.low <= self.of.share <= self.high

    @property
    def plain(self) -> float:
        """Width of the interval that a plain sample of as many perfect labels as there are credits would give."""
        return plain(self.of.share)

    @property
    def score(self) -> float:
        """The interval score (Gneiting and Raftery, 2007), by `plain`: width, and 20 times what it misses by."""
        missed = max(self.low - self.of.share, self.of.share - self.high, 0.0)
        return (self.high - self.low + FINE * missed) / self.plain

    def marks(self) -> tuple[np.ndarray, np.ndarray]:
        """For each school: True if it is delisted; True if it was not checked, so that this counts."""
        marked, counts = np.zeros(len(self.of), bool), np.ones(len(self.of), bool)
        marked[self.delisted], counts[self.checked] = True, False
        return marked, counts


def plain(share: float) -> float:
    """Width of Wilson's 90 % interval of `CREDITS` labels, at a share (Wilson, 1927)."""
    n = CREDITS
    return float(2 * Z / (1 + Z * Z / n) * np.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n)))


def audits(ship: Ship, directories: Sequence[Directory], seed: int) -> list[Audited]:
    """Each directory audited `AGAIN` times, in as many processes: no audit can know of another one's answers.

    Raises CallError.
    """
    draws = np.random.default_rng([seed, 13])
    seeds = draws.integers(2**31, size=(len(directories), AGAIN)).tolist()
    found = {}
    for turn in range(AGAIN):
        order = draws.permutation(len(directories))
        for some in np.array_split(order, -(-len(order) // TOGETHER)):
            with ship.open() as shipped:
                for at in some.tolist():
                    found[at, turn] = audited(shipped, directories[at], seeds[at][turn])
    return [found[key] for key in sorted(found)]


def played(remote: Remote, many: Sequence[tuple[Directory, int]]) -> list:
    """Audits of directories, each with a seed, and what comes of them: bounds, what goes, what was spent."""
    found = [audited(remote, of, seed) for of, seed in many]
    return [[one.low, one.high, one.delisted, one.spent] for one in found]


def same_again(ship: Ship, timed: Sequence[tuple[Sequence[tuple], list]]) -> None:
    """Some audits that were timed, nobody knows which, come out the same where they are not. Raises CallError."""
    chosen = sorted(secrets.SystemRandom().sample(range(len(timed)), min(ONCE_MORE, len(timed))))
    with ship.open() as shipped:
        for many, answers in (timed[at] for at in chosen):
            if plain_data.dumps(played(shipped, many)) != plain_data.dumps(answers):
                raise CallError(
                    "The same audit came out otherwise while it was timed: answers must be the same always."
                )


def audited(shipped: Remote, of: Directory, seed: int, days: list | None = None) -> Audited:
    """Carry out an audit; `days`, where it is given, is told of each. Raises CallError."""
    audit = shipped.make("Audit", dict(of.listings), seed)
    answers, spent = NOTHING, 0
    for _ in range(DAYS):
        desk, call = asked(audit, answers, len(of))
        bill = DESK * len(desk) + CALL * len(call)
        spent += bill
        if days is not None:
            days.append((len(days) + 1, desk, call, spent))
        if not bill or spent > CREDITS:  # whoever asks for more than there is gets no answer
            break
        answers = {
            "school": np.concatenate([answers["school"], desk, call]),
            "call": np.concatenate([answers["call"], np.zeros(len(desk), bool), np.ones(len(call), bool)]),
            "said": np.concatenate([answers["said"], of.answer(desk, False), of.answer(call, True)]),
        }
    low, high = interval(audit, answers)
    return Audited(of, low, high, delisted(audit, answers, len(of)), spent, np.unique(answers["school"]))


def replayed(shipped: Shipped, of: Directory, seed: int) -> Replay:
    """An audit day by day: what was asked for, what it cost, what the answers were. Raises CallError."""
    days: list = []
    found = audited(shipped, of, seed, days)
    rows = []
    for day, desk, call, spent in days:
        said = [of.answer(desk, False), of.answer(call, True)] if spent <= CREDITS else [np.zeros(0), np.zeros(0)]
        told = np.concatenate(said).astype(int)
        rows.append((day, len(desk), len(call), spent, *(int((told == kind).sum()) for kind in (IS, NOT, CANT))))
    heads = ("day", "at the desk", "by a call", "credits so far", "is one", "is none", "can't tell")
    low, high, wrong = found.low, found.high, int(of.real[found.delisted].sum())
    said = (
        f"The interval is {low:.1%} to {high:.1%}; the truth is {of.share:.1%}, so it "
        f"{'holds' if found.covers else 'misses'}, and scores {found.score:.2f}. "
        f"{len(found.delisted)} schools were delisted, {wrong} of them real."
    )
    return Replay(f"Directory with {len(of):,} schools, audited with seed {seed}", heads, rows, said)


def asked(audit: Remote, answers: dict, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Which schools are to be checked at the desk, and which by a call. Raises CallError."""
    value = audit.call("ask", answers)
    if not isinstance(value, dict) or set(value) != {"desk", "call"}:
        raise CallError(mismatch("Audit.ask", ["answers"], value, "a dict with 'desk' and 'call'"))
    return _schools(value["desk"], size, "ask"), _schools(value["call"], size, "ask")


def interval(audit: Remote, answers: dict) -> tuple[float, float]:
    """The interval for the share of real schools. Raises CallError."""
    value = audit.call("share", answers)
    some = value.tolist() if hasattr(value, "tolist") else value
    good = isinstance(some, list | tuple) and len(some) == 2
    good = good and all(isinstance(one, int | float) and not isinstance(one, bool) for one in some)
    if not good or not 0 <= some[0] <= some[1] <= 1:
        raise CallError(mismatch("Audit.share", ["answers"], value, "two numbers, 0 <= low <= high <= 1"))
    return float(some[0]), float(some[1])


def delisted(audit: Remote, answers: dict, size: int) -> np.ndarray:
    """Which schools are to be taken off. Raises CallError."""
    return _schools(audit.call("delist", answers), size, "delist")


def _schools(value: Any, size: int, name: str) -> np.ndarray:
    some = value.tolist() if hasattr(value, "tolist") else value
    good = isinstance(some, list | tuple) and all(type(one) is int and 0 <= one < size for one in some)
    if not good or len(set(some)) < len(some):
        words = f"different whole numbers from 0 to {size - 1:,}, in a list or an array"
        raise CallError(mismatch(f"Audit.{name}", ["answers"], value, words))
    return np.array(some, dtype=np.int64)


def coverage(some: Collection[Audited]) -> float:
    """Share of intervals that hold the truth."""
    return float(np.mean([one.covers for one in some])) if some else 1.0


def precision(some: Sequence[Audited]) -> float | None:
    """Share of delisted schools that are none: of the half of directories in which it is worse.

    Halves are those with more and with fewer of what is no school. None where a half delists nothing.
    """
    middle = np.median([one.of.share for one in some])
    found = [_right([one for one in some if (one.of.share > middle) == high]) for high in (False, True)]
    return None if None in found else min(found)  # type: ignore[type-var]


def _right(some: Sequence[Audited]) -> float | None:
    right = wrong = 0
    for one in some:
        marked, counts = one.marks()
        right += int((marked & counts & ~one.of.real).sum())
        wrong += int((marked & counts & one.of.real).sum())
    return right / (right + wrong) if right + wrong else None


def recall(some: Sequence[Audited]) -> float:
    """Share of what is no school, and was not checked, that is delisted."""
    hits, every = 0, 0
    for one in some:
        marked, counts = one.marks()
        hits += int((marked & counts & ~one.of.real).sum())
        every += int((counts & ~one.of.real).sum())
    return hits / max(every, 1)


def hurt(some: Sequence[Audited]) -> float:
    """Share of strange schools that are real, checked or not, which are delisted."""
    hits, every = 0, 0
    for one in some:
        strange = one.of.real & one.of.strange()
        hits += int((one.marks()[0] & strange).sum())
        every += int(strange.sum())
    return hits / max(every, 1)
