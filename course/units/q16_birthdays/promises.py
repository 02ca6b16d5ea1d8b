"""Six promises of the contract, each tried by itself. All raise CallError where they are broken."""

from __future__ import annotations

import numpy as np

from course.contract.artifacts.modules import Ship
from course.contract.processes.calls import CallError, Shipped
from course.units.kit import judges
from course.units.q16_birthdays.judge import asked, bare
from course.units.q16_birthdays.world import Members

SOME = np.arange(0, 200, dtype=np.int32)
NOBODY_AT_ALL = np.zeros(0, np.int32)


def _new(shipped: Shipped, of: Members):
    return shipped.make("Birthdays", of.people)


def _early(ship: Ship, shipped: Shipped, of: Members) -> None:
    """Before anything was written; nobody is asked about."""
    remote = _new(shipped, of)
    posterior, _ = asked(remote, SOME)
    if np.abs(posterior - bare(shipped)).max() > 1e-9:
        raise CallError("Before anything was written, `posterior` was not `prior()` for everybody.")
    asked(remote, NOBODY_AT_ALL)


def _empty(ship: Ship, shipped: Shipped, of: Members) -> None:
    """Weeks without a row, weeks of one, somebody who leaves twice."""
    remote = _new(shipped, of)
    for out, rows in of.weeks(0, 3):
        remote.call("update", out, {name: values[:0] for name, values in rows.items()})
        remote.call("update", SOME[:2], {name: values[:1] for name, values in rows.items()})
    asked(remote, SOME)


def _any_order(ship: Ship, shipped: Shipped, of: Members) -> None:
    """Members in any order, and one twice."""
    remote = _new(shipped, of)
    remote.map("update", of.weeks(0, 12))
    posterior, greets = asked(remote, SOME)
    for order in (SOME[::-1], np.append(SOME[7:9], SOME[7])):
        again, days = asked(remote, order)
        if np.abs(again - posterior[order]).max() > 1e-9 or (days != greets[order]).any():
            raise CallError("`posterior` or `greet` said something else of a member among others.")


def _alone(ship: Ship, shipped: Shipped, of: Members) -> None:
    if not shipped.leaves_alone("Birthdays", of.people):
        raise CallError("The table of members was changed: it belongs to the caller, so work on a copy.")
    remote = _new(shipped, of)
    if not all(remote.leaves_alone("update", *week) for week in of.weeks(20, 26)):
        raise CallError("A week was changed: it belongs to the caller, so work on a copy.")
    if not all(remote.leaves_alone(name, SOME) for name in ("posterior", "greet")):
        raise CallError("The members that were asked about were changed: work on a copy.")


def _twice(ship: Ship, shipped: Shipped, of: Members) -> None:
    def told(one: Shipped) -> list:
        remote = _new(one, of)
        remote.map("update", of.weeks(0, 12))
        return [*asked(remote, SOME), remote.call("state")]

    judges.twice(ship, shipped, told, "The same weeks gave other answers or another state")


def _comes_back(ship: Ship, shipped: Shipped, of: Members) -> None:
    """From the state of a new one, and from a later one: the same answers, up to the order of a sum."""
    remote = _new(shipped, of)
    for first in (0, 30):
        remote.map("update", of.weeks(first, first + 6))
        posterior, greets = asked(remote, SOME)
        state = remote.call("state")
        if not isinstance(state, bytes):
            raise CallError("`Birthdays.state` must return bytes.")
        remote = shipped.make("Birthdays.restore", of.people, state)
        again, days = asked(remote, SOME)
        if np.abs(again - posterior).max() > 1e-9 or (days != greets).any():
            raise CallError("An object that was restored from a state gave other answers than the one before.")


PROMISES = (_early, _empty, _any_order, _alone, _twice, _comes_back)
