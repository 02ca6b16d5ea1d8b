"""The simulated half of f06: feed rankers, the sessions that people have with them, and whom they keep for 28 days.

What a session leaves in the log moves a person's habit: stories that were read, stories that were left at once, hidden
ones, shared ones, finished ones, each with a weight of the world. The weights, how rankers differ and how people answer
them come from the key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pandas as pd

#: Bytes of one session in each column of the log, in the log's order.
WIDTHS = {
    "visits_before": 1,
    "joined_days": 2,
    "shown": 2,
    "clicks": 1,
    "quick_backs": 1,
    "finished": 1,
    "hides": 1,
    "shares": 1,
    "dwell_s": 4,
    "session_s": 4,
    "survey": 1,
    "gap_h": 2,
}
#: Visits in the four weeks before a test: mean, and shape of the gamma distribution of how active people are.
VISITS, SHAPE = 9.0, 1.6
#: What a session with an ordinary ranker does to the habit of a person of activity 1.
ORDINARY = 2.0
#: A week in hours: who has not come back by then has this gap.
WEEK_H = 168


@dataclass(frozen=True)
class World:
    """What is the same for all rankers of a key."""

    click: tuple[float, float, float]  # log of clicks: level, by match, by bait
    quick: tuple[float, float, float]  # log-odds that a click is left at once: level, by bait, by match (taken off)
    habit: tuple[float, float, float, float, float]  # of a read, a quick back, a hide, a share, a finished story
    pull: float  # of habit on 28-day retention, in log-odds
    week: float  # of one session's habit on coming back within a week


@dataclass(frozen=True)
class Rankers:
    """What rankers are like, an array each: (rankers,)."""

    match: np.ndarray  # how well stories fit
    bait: np.ndarray  # from 0 to 1
    length: np.ndarray  # log of how long stories are
    annoy: np.ndarray  # log of how often something is hidden
    stir: np.ndarray  # log of how often something is shared
    scroll: np.ndarray  # log of how much is shown
    else_: np.ndarray  # what retention depends on and no log knows, in log-odds
    tilt: np.ndarray  # of the week's crowd, towards regulars

    def __len__(self) -> int:
        return len(self.match)

    def __getitem__(self, which: object) -> Rankers:
        return Rankers(*(np.atleast_1d(getattr(self, name)[which]) for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Trial:
    """Sessions with some rankers, as many with each and one ranker after another; and whom the rankers keep."""

    sessions: pd.DataFrame
    retention: np.ndarray  # (rankers,): share of people who are there after 28 days

    def tables(self, count: int) -> Iterator[pd.DataFrame]:
        """The sessions, `count` at a time."""
        for start in range(0, len(self.sessions), count):
            yield self.sessions.iloc[start : start + count]


def world(rng: np.random.Generator) -> World:
    """A world in which people come to like an ordinary ranker, and in which each of the three `changes` can be made."""
    signs = rng.choice([-1.0, 1.0], 2)
    while True:
        share, finish = signs * rng.uniform([3.0, 0.7], [6.0, 1.2])
        at = World(
            click=(0.0, float(rng.uniform(0.12, 0.2)), float(rng.uniform(0.4, 0.8))),
            quick=(float(rng.uniform(-2.2, -1.8)), float(rng.uniform(2.0, 3.0)), float(rng.uniform(0.1, 0.3))),
            # A story that was read is worth 1 on average, whatever finishing it adds.
            habit=tuple(map(float, (1 - finish / 2, -rng.uniform(1.0, 1.8), -rng.uniform(4.0, 6.0), share, finish))),
            pull=1.0,
            week=0.12,
        )
        # As many clicks as make an ordinary ranker good for the habit; then a scale on which changes are equally small.
        silent = replace(at, click=(-50.0, *at.click[1:]))
        start = habit(silent, _plain(bait=np.array([0.15])))[0]
        each = habit(at, _plain(bait=np.array([0.15])))[0] - start
        if each <= 0 or not 0.4 < np.log((ORDINARY - start) / each) < 1.9:
            continue
        at = replace(at, click=(float(np.log((ORDINARY - start) / each)), *at.click[1:]))
        habits = habit(at, _plain(bait=np.array([0.6, 0.0, 0.6]), annoy=np.array([0.0, 0.0, -1.5])))
        if min(habits[1:] - habits[0]) > 0.9:
            seen = sessions(at, _plain(bait=np.array([0.6])), 20_000, np.random.default_rng(0))
            return replace(at, pull=0.45 / float(moved(at, seen).std()))


def moved(at: World, seen: pd.DataFrame) -> np.ndarray:
    """What each session of a log does to the habit of the person who had it."""
    some = seen[["clicks", "quick_backs", "hides", "shares", "finished"]].to_numpy(float)
    read, quick, *others = at.habit
    return some @ np.array([read, quick - read, *others])


def draw(rng: np.random.Generator, count: int, *, bait: float = 0.2, crowds: float = 0.0) -> Rankers:
    """Rankers, of which a share of `bait` lives on it; `crowds` is how far those of their weeks lean to either side."""
    baiting = rng.permutation(np.arange(count) < round(bait * count))
    return Rankers(
        match=rng.normal(size=count),
        bait=np.where(baiting, rng.uniform(0.4, 1.0, count), rng.uniform(0.0, 0.25, count)),
        length=0.6 * rng.normal(size=count),
        annoy=0.5 * rng.normal(size=count),
        stir=0.7 * rng.normal(size=count),
        scroll=0.4 * rng.normal(size=count),
        else_=0.015 * rng.normal(size=count),
        tilt=0.1 * rng.normal(size=count) + crowds * rng.choice([-1.0, 1.0], count),
    )


def rates(at: World, some: Rankers) -> dict[str, np.ndarray]:
    """What a person of activity 1 does in a session, on average, or with which probability."""
    level, by_match, by_bait = at.click
    start, bait, match = at.quick
    return {
        "clicks": np.exp(level + by_match * some.match + by_bait * some.bait),
        "quick": _odds(start + bait * some.bait - match * some.match),
        "finish": _odds(0.15 * some.match - 1.6 * some.length),
        "hides": 0.3 * np.exp(some.annoy),
        "shares": 0.2 * np.exp(some.stir),
        "shown": 20 * np.exp(some.scroll),
    }


def habit(at: World, some: Rankers) -> np.ndarray:
    """What a session does to the habit of a person of activity 1, on average: (rankers,)."""
    rate = rates(at, some)
    read, quick, hide, share, finish = at.habit
    clicks = rate["clicks"]
    kept = clicks * (1 - rate["quick"])
    read_or_left = read * kept + quick * clicks * rate["quick"] + finish * kept * rate["finish"]
    return read_or_left + hide * rate["hides"] + share * rate["shares"]


def retention(at: World, some: Rankers) -> np.ndarray:
    """Share of people who are there after 28 days, in a crowd like everybody: (rankers,)."""
    visits, active = _everybody()
    odds = -1.2 + 0.5 * np.log1p(visits) + at.pull * habit(at, some)[:, None] * active + some.else_[:, None]
    return _odds(odds).mean(axis=1)


def sessions(at: World, some: Rankers, count: int, rng: np.random.Generator) -> pd.DataFrame:
    """`count` sessions with each ranker, one after another, in the columns of the log."""
    which = np.repeat(np.arange(len(some)), count)
    rate = {name: values[which] for name, values in rates(at, some).items()}
    known, weight = _visits()
    visits = np.concatenate([_crowd(rng, known, weight, float(tilt), count) for tilt in some.tilt])
    active = rng.gamma(SHAPE + visits) / (SHAPE + VISITS)
    clicks = rng.poisson(active * rate["clicks"])
    quick = rng.binomial(clicks, rate["quick"])
    reads = clicks - quick
    finished = rng.binomial(reads, rate["finish"])
    hides, shares = rng.poisson(active * rate["hides"]), rng.poisson(active * rate["shares"])
    shown = np.maximum(rng.poisson(active * rate["shown"]), clicks + hides)
    read_s = reads * 60 * np.exp(some.length[which] + rng.normal(0, 0.6, len(which))) + 5 * quick
    forgotten = (rng.random(len(which)) < 0.03) * rng.uniform(600, 14_400, len(which))
    done = np.column_stack([reads, quick, hides, shares, finished]) @ np.array(at.habit)
    back = rng.random(len(which)) < _odds(-0.9 + 0.5 * np.log1p(visits) + at.week * done + some.else_[which])
    gap = np.where(back, np.minimum(rng.exponential(30 / np.sqrt(active + 0.1)) + 1, WEEK_H - 1), WEEK_H)
    happy = np.clip(np.round(3.2 + 0.25 * done / np.sqrt(active + 0.3) + rng.normal(0, 1, len(which))), 1, 5)
    table = {
        "visits_before": visits,
        "joined_days": rng.exponential(400, len(which)) * (0.3 + visits / VISITS),
        "shown": shown,
        "clicks": clicks,
        "quick_backs": quick,
        "finished": finished,
        "hides": hides,
        "shares": shares,
        "dwell_s": read_s + forgotten,
        "session_s": read_s + forgotten + 3 * shown,
        "survey": np.where(rng.random(len(which)) < 0.02, happy, 0),
        "gap_h": gap,
    }
    kinds = {name: f"u{width}" for name, width in WIDTHS.items()}
    return pd.DataFrame({n: np.minimum(table[n], np.iinfo(kinds[n]).max).astype(kinds[n]) for n in WIDTHS})


def trial(at: World, some: Rankers, count: int, rng: np.random.Generator) -> Trial:
    """What a test of these rankers leaves behind, `count` sessions with each."""
    return Trial(sessions(at, some, count, rng), retention(at, some))


def packed(made: Trial, name: str) -> dict[str, np.ndarray]:
    """A trial as arrays by name."""
    return {f"{name}_{column}": made.sessions[column].to_numpy() for column in WIDTHS} | {
        f"{name}_retention": made.retention
    }


def unpacked(data: Mapping[str, np.ndarray], name: str) -> Trial:
    """What `packed` made arrays of."""
    return Trial(pd.DataFrame({column: data[f"{name}_{column}"] for column in WIDTHS}), data[f"{name}_retention"])


def changes(at: World, points: float) -> Rankers:
    """An ordinary ranker, and three that keep `points` more of 100: better fit, less bait, less annoyance."""
    now = _plain(bait=np.full(4, 0.6))
    aim = retention(at, now[0])[0] + points / 100
    lanes = {"match": (0.0, 6.0), "bait": (0.6, -0.6), "annoy": (0.0, -6.0)}
    for k, (name, (start, end)) in enumerate(lanes.items(), 1):
        low, high = 0.0, 1.0
        for _ in range(30):
            middle = (low + high) / 2
            values = getattr(now, name).copy()
            values[k] = start + middle * (end - start)
            low, high = (low, middle) if retention(at, replace(now, **{name: values})[k])[0] > aim else (middle, high)
        now = replace(now, **{name: values})
    return now


def _plain(**known: np.ndarray) -> Rankers:
    """Rankers that are ordinary in all but what is given."""
    count = len(next(iter(known.values())))
    return Rankers(**(dict.fromkeys(Rankers.__dataclass_fields__, np.zeros(count)) | known))


def _odds(logit: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-logit))


@cache
def _visits() -> tuple[np.ndarray, np.ndarray]:
    """Numbers of visits before, and how many of everybody have so many."""
    from scipy.stats import nbinom

    known = np.arange(61)
    weight = nbinom.pmf(known, SHAPE, SHAPE / (SHAPE + VISITS))
    return known, weight / weight.sum()


def _crowd(rng: np.random.Generator, known: np.ndarray, weight: np.ndarray, tilt: float, count: int) -> np.ndarray:
    tilted = weight * (1.0 + known) ** tilt
    return rng.choice(known, count, p=tilted / tilted.sum())


@cache
def _everybody() -> tuple[np.ndarray, np.ndarray]:
    """Visits before and activity of 4,000 people like everybody."""
    rng = np.random.default_rng(0)
    known, weight = _visits()
    visits = rng.choice(known, 4_000, p=weight)
    return visits, rng.gamma(SHAPE + visits) / (SHAPE + VISITS)
