"""Letters through a desk, its router and the hosted model: what comes back, checked; and one day, letter by letter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from course.contract.artifacts.gate import ModelSpec
from course.contract.artifacts.modules import Ship
from course.contract.processes.calls import CallError, Shipped, mismatch
from course.contract.processes.runner import RunnerError, predict
from course.problem import Problem
from course.units.f05_divide_and_conquer.prices import euros
from course.units.f05_divide_and_conquer.service import Served, through
from course.units.f05_divide_and_conquer.world import ASK, COLUMNS, FIELDS, TEAMS, Days, Ticket
from course.units.kit.replay import Replay


def served(ship: Ship, router: ModelSpec, days: Days, tables: Mapping[str, Any]) -> Served:
    """All letters through the desk, the router and the hosted model. Raises CallError, Refused, RunnerError."""
    with ship.open() as shipped:
        records, features = taken(shipped, days.tickets, tables)
        return through(
            days,
            records,
            lambda rows: scored(ship, router, features[rows]),
            lambda scores: decided(shipped, scores),
        )


def taken(shipped: Shipped, tickets: Sequence[Ticket], tables: Mapping[str, Any]) -> tuple[list[dict], np.ndarray]:
    """What `read` makes of letters, its form checked. Raises CallError."""
    return formed(shipped.call("read", list(tickets), dict(tables)), len(tickets))


def formed(value: Any, count: int) -> tuple[list[dict], np.ndarray]:
    """What `read` gave for so many letters, if it has the form that the contract says. Raises CallError."""
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise CallError(mismatch("read", ["..."], value, "a pair: a list of records, and an array of features"))
    records, features = value
    if not isinstance(records, list) or len(records) != count or not all(isinstance(one, dict) for one in records):
        raise CallError(mismatch("read", ["..."], records, f"{count:,} records, a dict for each letter"))
    good = isinstance(features, np.ndarray) and features.shape == (count, COLUMNS) and features.dtype == np.float32
    if not good or not np.isfinite(features).all():
        got = f"{features.dtype}{list(features.shape)}" if isinstance(features, np.ndarray) else features
        if good:
            got = "NaN or infinite values"
        raise CallError(mismatch("read", ["..."], got, f"features as a float32 array [{count}, {COLUMNS}], all finite"))
    return records, features


def scored(ship: Ship, router: ModelSpec, features: np.ndarray) -> np.ndarray:
    """What the router says. Raises Refused, RunnerError."""
    (scores,) = predict(ship.model(router).content, [{"features": np.ascontiguousarray(features)}])[0]
    if scores.shape != (len(features), 7) or scores.dtype != np.float32 or not np.isfinite(scores).all():
        raise RunnerError(
            f"For {len(features)} letters the router's scores are {scores.dtype}{list(scores.shape)}; "
            f"the contract asks for finite float32[{len(features)}, 7]."
        )
    return scores


def decided(shipped: Shipped, scores: np.ndarray) -> list[tuple[str, bool | str]]:
    """A team and whether it is urgent, for each row of scores. Raises CallError."""
    pairs = shipped.call("decide", scores)
    if not isinstance(pairs, list | tuple) or len(pairs) != len(scores):
        raise CallError(mismatch("decide", ["..."], pairs, f"{len(scores):,} pairs of a team and whether it is urgent"))
    for pair in pairs:
        good = isinstance(pair, list | tuple) and len(pair) == 2
        good = good and type(pair[0]) is str and pair[0] in (*TEAMS, ASK) and (type(pair[1]) is bool or pair[1] == ASK)
        if not good:
            expected = "a pair such as ['sales', False], where either may be 'ask'"
            raise CallError(mismatch("decide", ["..."], pair, expected))
    return pairs


def replayed(ship: Ship, router: ModelSpec, days: Days, tables: Mapping[str, Any], case: int) -> Replay:
    """The letters of one day, as they are judged: among all others. Raises Problem, CallError, Refused, RunnerError."""
    dates = sorted({one["time"][:10] for one in days.tickets})
    if not 0 <= case < len(dates):
        raise Problem(f"There are days 0 to {len(dates) - 1}; {case} is none of them.")
    found, rows = served(ship, router, days, tables), []
    for k, ticket in enumerate(days.tickets):
        if ticket["time"].startswith(dates[case]):
            asked = [name for place, name in found.asked if place == k]
            said = {name: found.said[name][k : k + 1] for name in FIELDS}
            cost = sum(euros(days.only(k), said, len(asked)).values())
            wrong = [found.mistake(days, k, name) for name in FIELDS if found.said[name][k] != days.right[name][k]]
            rows.append((ticket["id"], ticket["time"][11:], ", ".join(asked), "; ".join(wrong), round(cost, 2)))
    bill, questions = sum(row[-1] for row in rows), sum(bool(row[2]) for row in rows)
    said_of = (
        f"{len(rows)} letters cost €{bill:,.2f}. The hosted model was asked about {questions} of them; "
        f"{sum(bool(row[3]) for row in rows)} have a mistake (one in a letter that is closed may cost nothing)."
    )
    heads = ("letter", "came", "asked", "mistakes", "€")
    return Replay(f"Letters of {dates[case]}", heads, rows, said_of)
