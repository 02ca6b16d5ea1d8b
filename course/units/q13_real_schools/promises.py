"""Six promises of the contract, each tried by itself. All raise CallError where they are broken."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from course.contract.artifacts.modules import Ship
from course.contract.processes.calls import CallError, Shipped
from course.units.kit import judges
from course.units.q13_real_schools.judge import NOTHING, asked, audited, delisted, interval
from course.units.q13_real_schools.world import Directory


def _early(ship: Ship, shipped: Shipped, some: Sequence[Directory]) -> None:
    """An interval and a list before anything was asked."""
    audit = shipped.make("Audit", dict(some[0].listings), 1)
    interval(audit, NOTHING)
    delisted(audit, NOTHING, len(some[0]))


def _small(ship: Ship, shipped: Shipped, some: Sequence[Directory]) -> None:
    """Directories of one school, and of twenty."""
    for size in (1, 20):
        audited(shipped, some[0].first(size), 2)


def _extremes(ship: Ship, shipped: Shipped, some: Sequence[Directory]) -> None:
    """Nothing is real, everything is, and the desk can't tell of any."""
    one = some[0].first(400)
    for kind, dark in ((0, False), (2, False), (0, True)):
        audited(shipped, dataclasses.replace(one, kinds=one.kinds * 0 + kind, dark=one.dark & False | dark), 3)


def _alone(ship: Ship, shipped: Shipped, some: Sequence[Directory]) -> None:
    listings = dict(some[0].first(800).listings)
    answers = {"school": np.arange(60), "call": np.zeros(60, bool), "said": np.arange(60) % 3}
    if not shipped.leaves_alone("Audit", listings, 4):
        raise CallError("The listings were changed: they belong to the caller, so work on a copy.")
    audit = shipped.make("Audit", listings, 4)
    for name in ("ask", "share", "delist"):
        if not all(audit.leaves_alone(name, given) for given in (NOTHING, answers)):
            raise CallError(f"`Audit.{name}` changed the answers: they belong to the caller, so work on a copy.")


def _twice(ship: Ship, shipped: Shipped, some: Sequence[Directory]) -> None:
    def audit(one: Shipped) -> list:
        found = audited(one, some[1], 5)
        return [found.low, found.high, found.spent, found.delisted]

    judges.twice(ship, shipped, audit, "The same directory, seed and answers gave another audit")


def _random(ship: Ship, shipped: Shipped, some: Sequence[Directory]) -> None:
    first, second = (asked(shipped.make("Audit", dict(some[0].listings), k), NOTHING, len(some[0])) for k in (6, 7))
    if {*first[0].tolist(), *first[1].tolist()} == {*second[0].tolist(), *second[1].tolist()}:
        raise CallError("Two seeds asked about the same schools: what is checked must be drawn, from the seed.")


PROMISES = (_early, _small, _extremes, _alone, _twice, _random)
