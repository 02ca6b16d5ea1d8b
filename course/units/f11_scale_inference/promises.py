"""Six promises of the contract, each tried by itself. All raise what stops them where they are broken."""

from __future__ import annotations

import numpy as np

from course.contract.artifacts import models
from course.contract.artifacts.gate import ModelSpec, Refused
from course.contract.artifacts.modules import Ship
from course.contract.processes.calls import CallError
from course.contract.processes.runner import RunnerError
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import Measurement
from course.units.f11_scale_inference import fleet, judge

#: Crops that the contract is tried out on.
TRIED = 300


def kept(ship: Ship, holdout: Holdout) -> Measurement:
    """How many promises are kept; the note is about the first that is not."""
    crops, forecast = holdout.truth["hours"][-1].pixels[:TRIED], holdout.truth["forecast"].tolist()
    notes = []
    for check in (
        lambda: _model(ship, judge.SMALL, crops),
        lambda: _model(ship, judge.LARGE, crops),
        lambda: _plans(ship, forecast),
        lambda: _escalate(ship, crops),
        lambda: _keys(ship, crops),
        lambda: _twice(ship, crops, forecast),
    ):
        try:
            check()
        except (CallError, RunnerError, Refused) as error:
            notes.append(str(error))
    return Measurement(6.0 - len(notes), notes[0] if notes else "")


def _model(ship: Ship, spec: ModelSpec, crops: np.ndarray) -> None:
    """What any model must do. Raises CallError and whatever else stops it."""
    found = models.interface(ship.model(spec), spec, {"pixels": crops.astype(np.float32)})
    if found.note:
        raise CallError(f"{spec.file}: {found.note}")


def _plans(ship: Ship, forecast: list[float]) -> None:
    """Days that are quiet, even and ten times as busy; arguments that stay as they are."""
    with ship.open() as shipped:
        for day in (forecast, [0.0] * 24, [100.0] * 24):
            judge.plan_of(shipped, day, fleet.HOUSE)
        if not shipped.leaves_alone("plan", forecast, fleet.HOUSE):
            raise CallError("`plan` changed its arguments: they belong to the caller, so work on a copy.")


def _escalate(ship: Ship, crops: np.ndarray) -> None:
    """Row by row as in a batch, and none at all."""
    some = judge.probabilities(ship, judge.SMALL, crops[:TRIED].astype(np.float32))
    with ship.open() as shipped:
        together = judge.escalate(shipped, some)
        alone = [bool(judge.escalate(shipped, some[k : k + 1])[0]) for k in range(60)]
        if alone != together[:60].tolist():
            raise CallError("`escalate` says something else of a row alone than in a batch; treat each row by itself.")
        judge.escalate(shipped, some[:0])
        if not shipped.leaves_alone("escalate", some):
            raise CallError("`escalate` changed its argument: it belongs to the caller, so work on a copy.")


def _keys(ship: Ship, crops: np.ndarray) -> None:
    """Crop by crop as in a batch, in another process too; the same crop has the same key."""
    some = crops[:TRIED]
    with ship.open() as shipped:
        together = judge.keys_of(shipped, some)
        turned = judge.keys_of(shipped, some[::-1].copy())[::-1]
        alone = [judge.keys_of(shipped, some[k : k + 1])[0] for k in range(20)]
        if together != turned or alone != together[:20]:
            raise CallError("`cache_keys` gives a crop another key alone, or beside others, than in a batch.")
        if not shipped.leaves_alone("cache_keys", some):
            raise CallError("`cache_keys` changed its argument: it belongs to the caller, so work on a copy.")


def _twice(ship: Ship, crops: np.ndarray, forecast: list[float]) -> None:
    """The same answers in a second process."""
    some = np.random.default_rng(0).dirichlet(np.ones(10) / 4, TRIED).astype(np.float32)
    said = []
    for _ in range(2):
        with ship.open() as shipped:
            flags = judge.escalate(shipped, some).tolist()
            said.append((judge.plan_of(shipped, forecast, fleet.HOUSE), flags, judge.keys_of(shipped, crops[:TRIED])))
    if said[0] != said[1]:
        raise CallError("The same arguments got other answers in a second process; they must not.")
