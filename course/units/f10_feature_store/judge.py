"""What `offline` and a `Store` answer, checked; a season that is played to both, restarts included."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from course.contract.artifacts.modules import Ship
from course.contract.processes import expect
from course.contract.processes.calls import CallError, Remote, Shipped, mismatch
from course.contract.terms.report import Measurement
from course.problem import Problem
from course.units.f10_feature_store import world
from course.units.f10_feature_store.world import Season
from course.units.kit import judges
from course.units.kit.replay import Replay

#: How far a value may be off, absolutely and relatively, where it is compared with the truth.
OFF = 1e-6
#: What no feature can be.
MOST = 1e30
#: Seconds of the log that a store has taken in before a burst of lookups.
STOCK = 36 * 3_600
#: Answers that are judged of each burst that is timed.
SPOT = 5


def store(season: Season) -> judges.Stateful:
    """The contract's class for the features of a season."""
    return judges.Stateful("Store", (list(season.definitions),))


def offline(shipped: Shipped, season: Season, events: pd.DataFrame, requests: pd.DataFrame) -> np.ndarray:
    """The table for these requests, checked, as floats (requests, definitions). Raises CallError."""
    args = (f"{len(season.definitions)} definitions", f"{len(events):,} events", f"{len(requests):,} requests")
    names = [one["feature"] for one in season.definitions]
    value = expect.table(shipped.call("offline", list(season.definitions), events, requests), names, "offline", args)
    if len(value) != len(requests):
        raise CallError(mismatch("offline", args, f"{len(value):,} rows", f"{len(requests):,}: one for each request"))
    for name in names:
        if value[name].dtype.kind not in "fiu":
            raise CallError(
                mismatch("offline", args, f"`{name}` as {value[name].dtype}", "floats, NaN where nothing is")
            )
    made = value[names].to_numpy(float)
    if not (np.isnan(made) | (np.abs(made) < MOST)).all():
        raise CallError(mismatch("offline", args, "an infinite value", "finite numbers or NaN"))
    return made


def lookups(remote: Remote, season: Season, requests: pd.DataFrame) -> np.ndarray:
    """What a store answers to these requests, checked, as floats (requests, definitions). Raises CallError."""
    asked = requests.to_dict("records")
    return answered(remote.map("lookup", [(one,) for one in asked]), asked, len(season.definitions))


def answered(answers: Sequence, asked: Sequence[dict], count: int) -> np.ndarray:
    """What was answered to requests, checked, as floats (requests, definitions). Raises CallError."""
    for value, one in zip(answers, asked, strict=True):
        for number in expect.sequence(value, count, "Store.lookup", [one]):
            if type(number) not in (int, float) or not (number != number or abs(number) < MOST):
                raise CallError(mismatch("Store.lookup", [one], number, "finite numbers or NaN"))
    return np.array(answers, dtype=float).reshape(len(asked), count)


def stream(remote: Remote, season: Season, requests: pd.DataFrame, **when: int) -> np.ndarray:
    """What a store over there answers to requests in the order of their times; see `world.played`. Raises CallError.

    A store is never sent anything that arrives after the lookups that it answers: that takes an exchange for each time.
    """
    return world.played(
        season,
        requests,
        lambda messages, now: remote.call("ingest", messages, now),
        lambda rows: lookups(remote, season, rows),
        **when,
    )


def stocked(shipped: Shipped, season: Season, seconds: int = STOCK) -> Remote:
    """A store that has taken in what arrived in so many seconds until the season's `cut`."""
    remote, cut = store(season).make(shipped), season.cut
    for low, high in ((cut - seconds, cut - seconds // 2), (cut - seconds // 2, cut)):
        remote.call("ingest", [one for one in season.messages if low < one["arrived"] <= high], high)
    return remote


@dataclass
class Timed:
    """Bursts of lookups that are timed; of each, some answers are judged, and nobody can foresee which."""

    season: Season

    def __post_init__(self) -> None:
        self._lately, self._last, self.watched = self.season.lately(STOCK), self.season.burst(), judges.Watched()

    def fresh(self, draws: np.random.Generator) -> Sequence[tuple]:
        """The arguments of one exchange."""
        self._last = self.season.burst(draws)
        return [(one,) for one in self._last.to_dict("records")]

    def check(self, many: Sequence[tuple], answers: list) -> None:
        """Judge some of the answers to what was drawn last. Raises CallError."""
        places = [secrets.randbelow(len(answers)) for _ in range(SPOT)]
        rows = self._last.iloc[places]
        found = answered([answers[k] for k in places], rows.to_dict("records"), len(self.season.definitions))
        self.watched.add(float(right(found, world.features(self.season.definitions, self._lately, rows)).mean()), 1)

    def compare(self, ship: Ship) -> None:
        """Raise CallError if less was right than where nothing is timed."""
        burst = self.season.burst()
        with ship.open() as shipped:
            found = lookups(stocked(shipped, self.season), self.season, burst)
        truth = world.features(self.season.definitions, self._lately, burst)
        self.watched.compare(float(right(found, truth).mean()))


def right(found: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Which values are as they should be."""
    return np.isclose(found, truth, rtol=OFF, atol=OFF, equal_nan=True)


def identical(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Which values are the same number, or both NaN."""
    return (one == other) | (np.isnan(one) & np.isnan(other))


def both(shipped: Shipped, season: Season, table: np.ndarray) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Online answers to what is served, and which share of each feature is right on both sides.

    Online this counts a stream of requests and a burst of lookups, to a store that was filled as it is where lookups
    are timed.
    """
    served = ~season.train
    online = stream(store(season).make(shipped), season, season.requests[served])
    burst = lookups(stocked(shipped, season), season, season.burst())
    truth = world.features(season.definitions, season.lately(STOCK), season.burst())
    hits = np.vstack([right(online, season.truth[served]), right(burst, truth)])
    return online, {"offline": right(table, season.truth).mean(axis=0), "online": hits.mean(axis=0)}


def sides(season: Season, shares: Mapping[str, np.ndarray]) -> str:
    """Both sides in words, with the feature that is worst where not all is right."""
    said = []
    for side, share in shares.items():
        worst = season.definitions[int(share.argmin())]["feature"]
        said.append(f"{share.mean():.1%} {side}" + (f", worst `{worst}`" if share.min() < 1 else ""))
    return "; ".join(said)


def model(table: np.ndarray, online: np.ndarray, season: Season, public: bool) -> Measurement:
    """Skill of a model that is trained on the table and asked online, against one with the true features."""
    train, served = season.train, ~season.train

    def skill(asked: np.ndarray) -> float:
        return world.skill(table[train], season.late[train], asked, season.late[served])

    live = skill(online)
    return Measurement(live / season.best_skill, aside=f"Brier skill {live:.2f} in service" if public else "")


def known(ship: Ship, season: Season) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """The table, answers online from a process that has not seen the log, and what is right. Raises CallError."""
    with ship.open() as shipped:
        table = offline(shipped, season, season.events, season.requests)
    with ship.open() as shipped:
        online, shares = both(shipped, season, table)
    return table, online, shares


@dataclass(frozen=True)
class Restarted:
    """The last flights: requests, answers of a store that goes on and of one that is restarted, states by time."""

    requests: pd.DataFrame
    wanted: np.ndarray
    found: np.ndarray
    states: Mapping[int, bytes]

    @property
    def same(self) -> float:
        """Share of the lookups in which both say the same."""
        return float(identical(self.found, self.wanted).all(axis=1).mean())

    def each(self, season: Season) -> float:
        """Bytes of a state for each live entity, the most of all states."""
        return max(len(kept) / season.live_entities(time) for time, kept in self.states.items())


def restarted(ship: Ship, season: Season, rng: np.random.Generator) -> Restarted:
    """One store goes on; another is restarted twice, in new processes, at times nobody knows. Raises CallError."""
    requests, kind = season.requests[~season.train], store(season)
    first, second = requests["time"].quantile(rng.uniform((0.15, 0.6), (0.4, 0.9))).astype(int).tolist()
    part = np.searchsorted((first, second), requests["time"])
    parts = [requests[part == k] for k in range(3)]
    with ship.open() as shipped:
        remote = kind.make(shipped)
        stream(remote, season, parts[0], until=first)
        kept = kind.state(remote)
        wanted = stream(remote, season, pd.concat(parts[1:]), since=first)

    def played(rows: pd.DataFrame, **when: int) -> Callable[[Remote], np.ndarray]:
        return lambda remote: stream(remote, season, rows, **when)

    went = (played(parts[1], since=first, until=second), played(parts[2], since=second))
    found = judges.lived(ship, kind, went, kept)
    states = {first: kept, second: found.states[0]}
    return Restarted(pd.concat(parts[1:]), wanted, np.vstack(found.answers), states)


def poisoned(ship: Ship, season: Season, rng: np.random.Generator) -> int:
    """Requests that are answered otherwise where logs differ in nothing but what had not arrived. Raises CallError."""
    changed = 0
    for part in (0.5, 0.9):
        now, answers = int(season.requests["time"].quantile(part)), []
        asked = season.requests[season.requests["time"].between(now - 8 * world.HOUR, now)]
        for log in world.poisoned(season.events, now, rng):
            with ship.open() as shipped:  # each log is all that a process has ever seen
                answers.append(offline(shipped, season, log, asked))
        changed += int((~identical(*answers).all(axis=1)).sum())
    return changed


def replayed(ship: Ship, season: Season, rng: np.random.Generator, case: int) -> Replay:
    """A flight that is served, feature by feature, on all sides. Raises Problem, CallError."""
    served = np.flatnonzero(~season.train)
    if not 0 <= case < len(served):
        raise Problem(f"There are flights 0 to {len(served) - 1} of those that are served; {case} is none of them.")
    table, online, _ = known(ship, season)
    again = restarted(ship, season, rng)
    request = season.requests.iloc[served[case]]
    place = np.flatnonzero(again.requests.index == request.name)
    late = again.found[place[0]] if len(place) else ["before the first restart"] * len(season.definitions)
    told = zip(season.definitions, season.truth[served[case]], table[served[case]], online[case], late, strict=True)
    rows = [(one["feature"], one["how"], one["seconds"], *map(_plain, values)) for one, *values in told]
    wrong = [
        int((~right(made, season.truth[served]).all(axis=1)).argmax())
        if not right(made, season.truth[served]).all()
        else None
        for made in (table[served], online)
    ]
    first = " ".join(
        f"The first flight that is wrong {side} is {k}." for side, k in zip(("offline", "online"), wrong, strict=True)
        if k is not None
    )  # fmt: skip
    who = f"{request['plane']} from {request['origin']}, alternate {request['alternate']}, asked at {request['time']}"
    heads = ("feature", "how", "seconds", "right", "offline", "online", "after restarts")
    return Replay(f"Flight {case}: {who}", heads, rows, first or "All flights are right on both sides.")


def _plain(value: float | str) -> float | str:
    return value if isinstance(value, str) else float(value)
