"""The posts of one region: what its people tag at which hour of which day, what bursts, who spams, and what trends.

Whether a tag trends is arithmetic on the posts themselves (see `Truth`); the plan that made them is not asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

#: Minutes of a batch; batches of an hour, a day, a week; weeks in which nobody asks, and the one that is judged.
STEP, HOUR, DAY, WEEK = 15, 4, 96, 672
QUIET, WEEKS = 3, 4
#: Tags that are asked for; accounts in an hour, and times the usual: what trends has so many, what does not has fewer.
K, MANY, FEW, TIMES, TWICE = 10, 40, 20, 4, 2
#: Tags with habits: favourites, those of an hour of the day, or of the week. Rare tags, and posts an hour with them.
FAVOURITES, DAILY, WEEKLY, RARE, TAIL = 16, 30, 50, 250_000, 800
#: Share of rare tags that are never used again, accounts, share of posts that come twice.
ONCE, ACCOUNTS, AGAIN = 0.08, 60_000, 0.04
#: The longest burst, in batches; numbers of tags from here on are new; rare tags behind this place are seldom used.
LONGEST, NEW, SELDOM = 25, 2**30, 1_000
KINDS = ("rare", "known", "newborn", "small", "crowd")


@dataclass(frozen=True)
class World:
    """One region: names (numbers) of its tags, and accounts an hour for tags with habits, by quarter of the week."""

    names: np.ndarray  # (tags,) habits first, then rare ones
    habits: np.ndarray  # (habits, WEEK)
    volume: np.ndarray  # (WEEK,) of all other posts, mean 1
    steep: float  # of rare tags


@dataclass(frozen=True)
class Burst:
    """A tag that many use at once: from which batch, hours of rise, stay and fall, accounts an hour at its peak."""

    tag: int
    start: int
    hours: tuple[float, float, float]
    peak: float
    kind: str


@dataclass(frozen=True)
class Spam:
    """Accounts that repeat a tag: from which batch to which, and posts an hour in all."""

    tag: int
    start: int
    end: int
    accounts: np.ndarray
    rate: float


@dataclass(frozen=True)
class Stream:
    """Batches of `WEEKS` weeks from a Monday on, one after another: `ends[k]` is the number of posts up to batch k."""

    tags: np.ndarray
    accounts: np.ndarray
    ends: np.ndarray
    spam: np.ndarray  # tags of spammers
    spam_ends: np.ndarray  # and the batch in which each stops
    kinds: Mapping[int, str]  # of bursts, by tag

    def batch(self, at: int) -> dict[str, Any]:
        """What a counter is told of one quarter of an hour."""
        rows = slice(self.ends[at - 1] if at else 0, self.ends[at])
        return {"time": at % WEEK * STEP, "tags": self.tags[rows], "accounts": self.accounts[rows]}

    def batches(self, start: int, end: int) -> list[dict[str, Any]]:
        """Some of them."""
        return [self.batch(at) for at in range(start, end)]

    def __len__(self) -> int:
        return len(self.ends)


@dataclass(frozen=True)
class Truth:
    """Accounts in the hour up to each batch of the last week, and usual ones, of tags that ever had `FEW`."""

    tags: np.ndarray
    now: np.ndarray  # (tags, WEEK)
    usual: np.ndarray  # (tags, WEEK)

    @property
    def trends(self) -> np.ndarray:
        """True where a tag trends."""
        return (self.now >= MANY) & (self.now >= TIMES * self.usual)

    @property
    def plain(self) -> np.ndarray:
        """True where a tag surely does not trend; between both neither answer is wrong."""
        return (self.now < FEW) | (self.now < TWICE * self.usual)


def world(rng: np.random.Generator) -> World:
    """A region."""
    quarter = np.arange(WEEK)
    hour, day = quarter / HOUR % 24, quarter // DAY

    def bump(at: float, width: float) -> np.ndarray:
        return np.exp(-((((hour - at + 12) % 24 - 12) / width) ** 2) / 2)

    lunch, night, late = rng.uniform(12, 13.5), rng.uniform(20, 21.5), 1 + 0.3 * (day >= 4)
    volume = 0.25 + bump(8.2, 1.5) * (day < 5) + 0.9 * bump(lunch, 2) + 1.6 * late * bump(night, 2.5)
    volume /= volume.mean()
    rows = [rng.uniform(25, 90) * volume for _ in range(FAVOURITES)]
    for k in range(DAILY):
        days = [day < 7, day < 7, day < 5, day >= 5][k % 4]
        peak = rng.uniform(45, 140) * bump(rng.uniform(6, 23), rng.uniform(0.6, 1.4))
        rows.append(0.6 * volume + peak * days)
    for _ in range(WEEKLY):
        peak = rng.uniform(60, 220) * bump(rng.uniform(8, 23), rng.uniform(0.5, 1.1))
        rows.append(0.4 * volume + peak * (day == rng.integers(7)))
    names = rng.choice(NEW, FAVOURITES + DAILY + WEEKLY + RARE, replace=False)
    return World(names.astype(np.int64), np.array(rows), volume, float(rng.uniform(0.72, 0.82)))


def bursts(at: World, rng: np.random.Generator, counts: Mapping[str, int], week: int) -> list[Burst]:
    """So many bursts of each kind within a week, most when most people are awake; a crowd has an evening to itself."""
    evening = int(rng.integers(7)) * DAY + 19 * HOUR
    awake = at.volume[: WEEK - LONGEST].copy()  # they end within the week
    if "crowd" in counts:
        awake[max(evening - LONGEST, 0) : evening + HOUR + LONGEST] = 0
    awake /= awake.sum()
    made = []
    for kind, count in counts.items():
        for place in _places(at, rng, kind, count):
            hours = (rng.uniform(0.5, 1.2), rng.uniform(1.5, 3), rng.uniform(0.5, 2))
            peak = rng.uniform(60, 80) if kind == "small" else np.exp(rng.uniform(np.log(80), np.log(240)))
            first = evening + int(rng.integers(HOUR)) if kind == "crowd" else int(rng.choice(len(awake), p=awake))
            while kind == "known" and at.habits[place][np.arange(first - HOUR, first + LONGEST) % WEEK].max() > 5:
                first = int(rng.choice(len(awake), p=awake))
            tag = int(NEW + rng.integers(NEW)) if kind == "newborn" else int(at.names[place])
            made.append(Burst(tag, week * WEEK + first, hours, peak, kind))
    return made


def _places(at: World, rng: np.random.Generator, kind: str, count: int) -> np.ndarray:
    """Where among the names the tags of bursts are: what has its hour of the week, or rare ones."""
    if kind == "known":
        return FAVOURITES + DAILY + rng.choice(WEEKLY, count, replace=False)
    return len(at.habits) + SELDOM + rng.choice(RARE - SELDOM, count, replace=False)


def spams(at: World, rng: np.random.Generator, count: int, week: int) -> list[Spam]:
    """Campaigns within a week, of one account and of up to ten."""
    made = []
    for k in range(count):
        first = week * WEEK + int(rng.integers(WEEK - 12 * HOUR))
        last = first + int(rng.integers(3 * HOUR, 10 * HOUR))
        several = 1 if k % 2 else int(rng.integers(8, 11))
        tag = at.names[len(at.habits) + SELDOM + int(rng.integers(RARE - SELDOM))]
        made.append(Spam(int(tag), first, last, rng.integers(ACCOUNTS, size=several), rng.uniform(150, 400)))
    return made


def stream(at: World, rng: np.random.Generator, some: Sequence[Burst], spam: Sequence[Spam]) -> Stream:
    """All posts of `WEEKS` weeks."""
    habits, length = len(at.habits), WEEKS * WEEK
    days = rng.lognormal(0, 0.12, (habits, WEEKS * 7)) * np.repeat(rng.lognormal(0, 0.1, (habits, WEEKS)), 7, axis=1)
    counts = rng.poisson(np.tile(at.habits, WEEKS) * np.repeat(days, DAY, axis=1) / HOUR)
    tag_rows = [np.repeat(at.names[:habits], counts.sum(axis=1))]
    when = [np.concatenate([np.repeat(np.arange(length), row) for row in counts])]
    rare = rng.poisson(TAIL / HOUR * np.tile(at.volume, WEEKS))
    rank = RARE * rng.random(rare.sum()) ** (1 / (1 - at.steep))
    rank = np.minimum(rank + rng.exponential(400, len(rank)), RARE - 1).astype(np.int64)
    once = rng.random(len(rank)) < ONCE
    tag_rows.append(np.where(once, 2 * NEW + rng.integers(NEW, size=len(rank)), at.names[habits + rank]))
    when.append(np.repeat(np.arange(length), rare))
    for one in some:
        rise, stay, fall = np.cumsum(one.hours)
        hours = np.arange(int(fall * HOUR) + 1) / HOUR
        line = one.peak * np.interp(hours + 0.125, [0, rise, stay, fall], [0, 1, 1, 0])
        count = rng.poisson(line / HOUR)
        tag_rows.append(np.full(count.sum(), one.tag))
        when.append(np.minimum(one.start + np.repeat(np.arange(len(count)), count), length - 1))
    tags, when = np.concatenate(tag_rows), np.concatenate(when)
    accounts = rng.integers(ACCOUNTS, size=len(tags))
    again = rng.random(len(tags)) < AGAIN
    parts = [(tags, when, accounts), (tags[again], when[again], accounts[again])]
    for one in spam:
        count = rng.poisson(one.rate / HOUR, one.end - one.start)
        parts.append(
            (
                np.full(count.sum(), one.tag),
                np.repeat(np.arange(one.start, one.end), count),
                rng.choice(one.accounts, count.sum()),
            )
        )
    tags, when, accounts = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.lexsort((rng.random(len(when)), when))
    ends = np.bincount(when, minlength=length).cumsum()
    names = {one.tag: one.kind for one in some}
    numbers, stops = np.array([(one.tag, one.end) for one in spam], dtype=np.int64).reshape(-1, 2).T
    return Stream(tags[order], 10**6 + accounts[order], ends, numbers, stops, names)


def truth(of: Stream) -> Truth:
    """Accounts in the hour up to each batch of the last week, for all tags that matter, and what is usual."""
    when = np.repeat(np.arange(len(of)), np.diff(of.ends, prepend=0))
    tags, number = np.unique(of.tags, return_inverse=True)
    last = when >= QUIET * WEEK - HOUR
    often = np.bincount(number[last], minlength=len(tags)) >= FEW
    relevant = often[number]
    place = np.cumsum(often) - 1
    number, when, who = place[number[relevant]], when[relevant], of.accounts[relevant]
    order = np.lexsort((when, who, number))
    number, when, who = number[order], when[order], who[order]
    same = (np.diff(number) == 0) & (np.diff(who) == 0)
    # A post counts in the HOUR windows that end at or after it, but only until the account's next post.
    gone = np.append(np.where(same, np.minimum(np.diff(when), HOUR), HOUR), HOUR)
    steps = np.zeros((int(often.sum()), len(of) + HOUR), dtype=np.int32)
    np.add.at(steps, (number, when), 1)
    np.add.at(steps, (number, when + gone), -1)
    counts = steps.cumsum(axis=1)[:, : len(of)].reshape(len(steps), WEEKS, WEEK)
    keep = counts[:, QUIET].max(axis=1) >= FEW
    return Truth(tags[often][keep], counts[keep, QUIET], counts[keep, :QUIET].mean(axis=1))


def packed(of: Stream) -> dict[str, np.ndarray]:
    """A stream as arrays."""
    return {
        "tags": of.tags.astype(np.uint32),
        "accounts": of.accounts.astype(np.uint32),
        "ends": of.ends,
        "spam": np.stack([of.spam, of.spam_ends]),
        "bursts": np.array([(tag, KINDS.index(kind)) for tag, kind in of.kinds.items()], dtype=np.int64),
    }


def unpacked(data: Mapping[str, np.ndarray]) -> Stream:
    """The stream that `packed` wrote."""
    posts = (data[name].astype(np.int64) for name in ("tags", "accounts"))
    kinds = {tag: KINDS[kind] for tag, kind in data["bursts"].tolist()}
    return Stream(*posts, data["ends"], *data["spam"], kinds)
