"""A counter through four weeks, and what may be said of its lists: bursts had in time, what does not trend, spam."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from course.contract.artifacts.modules import Ship
from course.contract.processes.calls import CallError, Remote, Shipped, mismatch
from course.units.kit import judges
from course.units.kit.replay import Replay
from course.units.q07_trending_tags.world import DAY, FEW, HOUR, QUIET, STEP, WEEK, K, Stream, Truth

#: Bytes of a state that is kept over night.
MOST = 65_536
TRENDS = judges.Stateful("Trends", most=MOST)
#: Batches after which a burst is no longer found in time; batches of calm that part two bursts; what is no burst yet.
LATE, APART, BRIEF = HOUR, 2 * HOUR, 2
#: Midnights of the last week at which another process goes on.
MOVES = 2
#: Restarts in another process, all while something trends with so few accounts; batches for which both are asked.
RESTARTS, BARELY, ASKED = 4, 70, 24


@dataclass(frozen=True)
class Found:
    """What lists after each batch were worth: minutes until each burst was listed, by kind, and entries."""

    waits: dict[str, list[int]]
    right: int
    wrong: list[tuple[int, int]]  # (batch, tag) that surely did not trend and is nobody's spam
    spam: set[int]
    spammers: int

    def share(self, *kinds: str) -> float:
        """Which share of bursts (of these kinds, or of all) was listed in time."""
        every = [wait for kind, waits in self.waits.items() if not kinds or kind in kinds for wait in waits]
        return sum(wait < LATE * STEP for wait in every) / len(every) if every else 1.0

    @property
    def wait(self) -> float:
        """Mean minutes until a burst was listed."""
        every = [wait for waits in self.waits.values() for wait in waits]
        return sum(every) / len(every) if every else 0.0

    @property
    def wrong_share(self) -> float:
        """Which share of entries did not trend, of those that can be called right or wrong; spam is not among them."""
        return len(self.wrong) / max(self.right + len(self.wrong), 1)

    @property
    def quality(self) -> float:
        """Harmonic mean of the shares of entries that trend and of bursts that were found in time."""
        right, found = 1 - self.wrong_share, self.share()
        return 2 * right * found / (right + found) if self.right and found else 0.0

    @property
    def spam_share(self) -> float:
        """Which share of spammers had their tag listed."""
        return len(self.spam) / max(self.spammers, 1)


def runs(trends: np.ndarray) -> list[tuple[int, int]]:
    """First and last batch of each burst of a tag."""
    found: list[tuple[int, int]] = []
    for at in np.flatnonzero(trends).tolist():
        if found and at - found[-1][1] <= APART:
            found[-1] = (found[-1][0], at)
        else:
            found.append((at, at))
    return found


def judged(of: Stream, truth: Truth, lists: Sequence[Sequence[int]]) -> Found:
    """Judge the lists after each batch of the last week. A list of which more than half is wrong nobody reads."""
    place = {tag: k for k, tag in enumerate(truth.tags.tolist())}
    read = np.zeros((len(truth.tags), WEEK), dtype=bool)
    trends, plain = truth.trends, truth.plain
    spammers = {tag for tag, last in zip(of.spam.tolist(), of.spam_ends.tolist(), strict=True) if last > QUIET * WEEK}
    right, wrong, spam = 0, [], set()
    for at, some in enumerate(lists):
        here = [place[tag] for tag in some if tag in place]
        bad = [tag for tag in some if tag not in place or plain[place[tag], at]]
        good = int(trends[here, at].sum())
        right += good
        spam |= spammers & set(bad)
        wrong += [(at, tag) for tag in bad if tag not in spammers]
        read[here, at] = len(bad) <= good
    waits: dict[str, list[int]] = {}
    for row, shown, tag in zip(trends, read, truth.tags.tolist(), strict=True):
        for first, last in runs(row):
            if last - first >= BRIEF:
                hits = np.flatnonzero(shown[first : first + LATE])
                waits.setdefault(of.kinds.get(tag, "other"), []).append(STEP * int(hits[0] if len(hits) else LATE))
    return Found(waits, right, wrong, spam, len(spammers))


def listed(counter: Remote, k: int) -> list[int]:
    """What `top(k)` returns, checked. Raises CallError."""
    value = counter.call("top", k)
    some = value.tolist() if hasattr(value, "tolist") else value
    good = isinstance(some, list | tuple) and len(some) <= k and all(type(one) is int for one in some)
    if not good or len(set(some)) < len(some):
        raise CallError(mismatch("Trends.top", [k], value, f"a list of at most {k} different tags, whole numbers"))
    return list(some)


def after(counter: Remote, batch: Mapping[str, Any]) -> list[int]:
    """Tags that are listed after one more batch. Raises CallError."""
    counter.call("update", batch)
    return listed(counter, K)


def watched(ship: Ship, stream: Stream, seed: int, days: int = 0) -> judges.Lived:
    """A counter through the first `days` of a stream (all of them if 0), restarted each midnight from its own state.

    The answers of a day are the lists after each of its batches; in the weeks in which nobody asks, none. Another
    process goes on where the last week begins, and at midnights of it that `seed` hides. Raises CallError.
    """
    answers, states, begin, end = [], [], QUIET * WEEK, days * DAY or len(stream)
    hidden = begin + DAY * np.random.default_rng([seed, 7]).choice(np.arange(1, 7), MOVES, replace=False)
    for first, last in itertools.pairwise([0, begin, *(at for at in sorted(hidden.tolist()) if at < end), end]):
        with ship.open() as shipped:
            for start in range(first, last, DAY):
                counter = restored(shipped, states[-1]) if states else TRENDS.make(shipped)
                batches, lists = stream.batches(start, start + DAY), []
                if start < QUIET * WEEK:
                    counter.map("update", [(one,) for one in batches])
                else:
                    lists = [after(counter, one) for one in batches]
                answers.append(lists)
                states.append(TRENDS.state(counter))
    return judges.Lived(answers, states, sum(len(one) > MOST for one in states))


@dataclass(frozen=True)
class Restart:
    """A counter's state after some batch; what it listed after the next ones, and what one made from the state did."""

    first: int
    kept: bytes
    lists: list[list[int]]
    again: list[list[int]]


def came_back(ship: Ship, stream: Stream, truth: Truth) -> list[Restart]:
    """One counter, and at busy moments of the last week others that go on elsewhere from it. Raises CallError."""
    start = QUIET * WEEK
    cuts = [start + at for at in busy(truth)]
    lists, kept = {}, {}
    with ship.open() as shipped:
        counter = TRENDS.make(shipped)
        for day in range(0, start, DAY):
            counter.map("update", [(one,) for one in stream.batches(day, day + DAY)])
        for at in range(start, cuts[-1] + ASKED):
            if at in cuts:
                kept[at] = TRENDS.state(counter)
            lists[at] = after(counter, stream.batch(at))
    found = []
    for cut, state in kept.items():
        with ship.open() as shipped:
            counter = restored(shipped, state)
            again = [after(counter, one) for one in stream.batches(cut, cut + ASKED)]
        found.append(Restart(cut, state, [lists[at] for at in range(cut, cut + ASKED)], again))
    return found


def restored(shipped: Shipped, state: bytes) -> Remote:
    """A counter that goes on from a state, or a new one if that was too large to be kept. Raises CallError."""
    return TRENDS.restore(shipped, state) if len(state) <= MOST else TRENDS.make(shipped)


def busy(truth: Truth) -> list[int]:
    """Batches, far from each other and none at a full hour, in which a tag trends that they alone would not show."""
    found: list[int] = []
    some = truth.trends & (truth.now < BARELY)
    for at in range(2, some.shape[1] - ASKED):
        if at % 4 and (not found or at > found[-1] + ASKED) and (truth.trends[:, at - 1] & some[:, at]).any():
            found.append(at)
    return found[:RESTARTS]


def replayed(ship: Ship, of: Stream, truth: Truth, seed: int, day: int) -> Replay:
    """A day of the last week, quarter by quarter, of a counter that lived as it is judged. Raises CallError."""
    lived = watched(ship, of, seed, 7 * QUIET + day + 1)
    place, rows = {tag: k for k, tag in enumerate(truth.tags.tolist())}, []
    for at, some in enumerate(lived.answers[-1], day * DAY):
        trends = set(truth.tags[truth.trends[:, at]].tolist())
        plain = [tag for tag in some if tag not in place or truth.plain[place[tag], at]]
        missed = sorted(trends - set(some))
        minutes = (at % DAY + 1) * STEP
        rows.append((
            f"{minutes // 60:02}:{minutes % 60:02}", len(some), len(trends & set(some)),
            ", ".join(_counted(tag, truth, place, at) for tag in missed),
            ", ".join(_counted(tag, truth, place, at) for tag in plain),
        ))  # fmt: skip
    heads = ("until", "listed", "trend", "trend and are not listed", "are listed and do not trend")
    size = f"The state was at most {lived.largest:,} bytes" + (f", and lost {lived.lost} times" if lived.lost else "")
    said = f"Of a tag: accounts in the hour up to then, and usual ones. {size}."
    return Replay(f"Day {day} of the fourth week, after {7 * QUIET + day} nights with a restart", heads, rows, said)


def _counted(tag: int, truth: Truth, place: Mapping[int, int], at: int) -> str:
    if tag not in place:
        return f"{tag} (never {FEW})"
    return f"{tag} ({truth.now[place[tag], at]}, {truth.usual[place[tag], at]:.0f})"
