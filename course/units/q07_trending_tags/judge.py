"""What may be said of lists of tags: bursts that they had in time, entries that do not trend, spam."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from course.units.q07_trending_tags.world import HOUR, QUIET, STEP, WEEK, Stream, Truth

#: Batches after which a burst is no longer found in time; batches of calm that part two bursts; what is no burst yet.
LATE, APART, BRIEF = HOUR, 2 * HOUR, 2


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
