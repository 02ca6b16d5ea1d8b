"""Four promises of the contract, each tried by itself. All raise CallError where they are broken."""

from __future__ import annotations

import numpy as np

from course.contract.artifacts.modules import Ship
from course.contract.processes.calls import CallError, Shipped, mismatch
from course.units.f10_feature_store.judge import identical, lookups, offline, stocked, store
from course.units.f10_feature_store.world import Season
from course.units.kit import judges

#: Seconds of the log and requests with which small things are tried.
SHORT, TRIED = 3 * 3_600, 60


def _rows(ship: Ship, shipped: Shipped, season: Season) -> None:
    events, requests = season.events.head(2_000), season.requests.head(TRIED)
    plain = offline(shipped, season, events, requests)
    other = requests.assign(note="x").iloc[::-1, ::-1].set_axis(range(7, 7 + len(requests)))
    if not identical(plain, offline(shipped, season, events.assign(note="x").iloc[::-1], other)[::-1]).all():
        raise CallError("`offline` gave other values when rows and columns came in another order; rows stay in order.")
    value = shipped.call("offline", list(season.definitions), events, requests)
    names = [one["feature"] for one in season.definitions]
    if list(value.columns) != names or any(kind.kind != "f" for kind in value.dtypes):
        kinds = sorted({str(kind) for kind in value.dtypes})
        raise CallError(
            f"Called `offline`: got the columns {list(value.columns)} as {kinds}, expected {names} as floats."
        )


def _numbers(ship: Ship, shipped: Shipped, season: Season) -> None:
    """Plain floats, of nobody too."""
    remote = stocked(shipped, season, SHORT)
    nobody = season.burst().head(3).assign(origin="nowhere", plane="nobody", alternate="nowhere")
    for value in remote.map(
        "lookup", [(one,) for one in [*season.burst().to_dict("records"), *nobody.to_dict("records")]]
    ):
        if not isinstance(value, list) or any(type(number) is not float for number in value):
            raise CallError(mismatch("Store.lookup", ["..."], value, "a list of floats, one for each definition"))
    _empty(lookups(remote, season, nobody), season, "Store.lookup` for an unknown aircraft at an unknown airport")


def _nothing(ship: Ship, shipped: Shipped, season: Season) -> None:
    """No requests; no events."""
    offline(shipped, season, season.events, season.requests.head(0))
    _empty(offline(shipped, season, season.events.head(0), season.requests.head(3)), season, "offline` without events")
    remote = store(season).make(shipped)
    remote.call("ingest", [], season.cut)
    _empty(lookups(remote, season, season.burst().head(3)), season, "Store.lookup` before any event")


def _empty(found: np.ndarray, season: Season, title: str) -> None:
    wanted = np.array([0.0 if one["how"] == "count" else np.nan for one in season.definitions])
    if not identical(found, np.tile(wanted, (len(found), 1))).all():
        raise CallError(f"Called `{title}: got {found[0].tolist()}, expected NaN, and 0 for a count.")


def _twice(ship: Ship, shipped: Shipped, season: Season) -> None:
    def table(one: Shipped) -> list:
        return _texts(offline(one, season, season.events.head(2_000), season.requests.head(TRIED)))

    def answers(one: Shipped) -> list:
        return _texts(lookups(stocked(one, season, SHORT), season, season.burst()))

    judges.twice(ship, shipped, table, "`offline` gave other values")
    judges.twice(ship, shipped, answers, "`Store.lookup` gave other values")


def _texts(found: np.ndarray) -> list:
    """Values to compare: to the last bit, with all NaN alike."""
    return [[repr(float(value)) for value in row] for row in found]


PROMISES = (_rows, _numbers, _nothing, _twice)
