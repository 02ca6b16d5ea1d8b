"""Six promises of the contract, each tried by itself. All raise CallError where they are broken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from course.contract.artifacts.modules import Ship
from course.contract.processes.calls import CallError, Shipped
from course.units.f12_drift_watch.judge import BLOCK, MONITOR, TIRED, answers
from course.units.kit import judges

Batches = Sequence[dict[str, Any]]


def _first(batch: dict[str, Any], rows: int) -> dict[str, Any]:
    """A batch with its first rows alone, and as many outcomes."""
    outcomes = {name: values[:rows] for name, values in batch["outcomes"].items()}
    return batch | {name: batch[name][:rows] for name in ("features", "version", "score")} | {"outcomes": outcomes}


def _answers(ship: Ship, shipped: Shipped, past: dict, batches: Batches) -> None:
    answers(shipped.make("Monitor", past), batches[: 2 * TIRED])


def _empty(ship: Ship, shipped: Shipped, past: dict, batches: Batches) -> None:
    """Hours with no rental, and with one."""
    answers(shipped.make("Monitor", past), [_first(one, k % 2) for k, one in enumerate(batches[:TIRED])])


def _missing(ship: Ship, shipped: Shipped, past: dict, batches: Batches) -> None:
    """No value of a column is there for hours."""
    monitor, holes = shipped.make("Monitor", past), batches[TIRED : 2 * TIRED]
    for column in range(holes[0]["features"].shape[1]):
        where = np.arange(holes[0]["features"].shape[1]) == column
        answers(monitor, [one | {"features": np.where(where, np.nan, one["features"])} for one in holes[:BLOCK]])


def _alone(ship: Ship, shipped: Shipped, past: dict, batches: Batches) -> None:
    monitor = shipped.make("Monitor", past)
    if not shipped.leaves_alone("Monitor", past) or not all(
        monitor.leaves_alone("update", one) for one in batches[:BLOCK]
    ):
        raise CallError("The history or a batch was changed: they belong to the caller, so work on a copy.")


def _twice(ship: Ship, shipped: Shipped, past: dict, batches: Batches) -> None:
    # At last nothing is as it was, so that there is something to say.
    odd = [one | {"features": one["features"] * np.array([1, 3, 1, 1, 1])} for one in batches[:TIRED]]
    said = "The same batches got other answers"
    judges.twice(ship, shipped, lambda one: answers(one.make("Monitor", past), [*batches, *odd]), said)


def _comes_back(ship: Ship, shipped: Shipped, past: dict, batches: Batches) -> None:
    monitor = shipped.make("Monitor", past)
    answers(monitor, batches[:TIRED])
    answers(MONITOR.restore(shipped, MONITOR.state(monitor)), batches[TIRED : 2 * TIRED])


PROMISES = (_answers, _empty, _missing, _alone, _twice, _comes_back)
