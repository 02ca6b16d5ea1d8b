"""Four promises of the contract, each tried by itself. All raise CallError where they are broken."""

from __future__ import annotations

from course.contract.artifacts.modules import Ship
from course.contract.processes.calls import CallError, Shipped
from course.units.f09_prediction_log.judge import flat, forgotten, read, read_many, reread, written
from course.units.f09_prediction_log.world import Log
from course.units.kit import judges

#: Events of a log on which promises are tried.
TRIED = 128


def _fields(ship: Ship, shipped: Shipped, log: Log) -> None:
    """Decoded events are in the order of the log, one for each."""
    events = list(log.events[:TRIED])
    (found,) = reread(ship, written(shipped, [events], log.key), log.key)
    if [(one["kind"], one["id"]) for one in found] != [(one["kind"], one["id"]) for one in events]:
        raise CallError(
            f"Called `decode` on what `encode` made of {len(events)} events: got {len(found)} events, expected the "
            "same ones in the same order."
        )


def _appended(ship: Ship, shipped: Shipped, log: Log) -> None:
    """One log behind another is a log."""
    pieces = written(shipped, log.flushes(most=TRIED), log.key)
    apart = flat(read_many(shipped, pieces, log.key))
    if read(shipped, b"".join(pieces), log.key) != apart or len(apart) != TRIED:
        raise CallError("`decode` of two logs, one behind the other, is not what it gives for both; it must be.")


def _nothing(ship: Ship, shipped: Shipped, log: Log) -> None:
    """No events, no bytes."""
    (empty,) = written(shipped, [[]], log.key)
    left = forgotten(shipped, b"", log.cards[0], log.key)
    if any(read_many(shipped, [empty, b"", left], log.key)):
        raise CallError("Called `decode` on a log without events: got events, expected an empty list.")


def _twice(ship: Ship, shipped: Shipped, log: Log) -> None:
    def answers(one: Shipped) -> list:
        data = b"".join(written(one, log.flushes(most=TRIED), log.key))
        return [data, read(one, data, log.key), forgotten(one, data, log.cards[0], log.key)]

    judges.twice(ship, shipped, answers, "The same events gave another answer")


PROMISES = (_fields, _appended, _nothing, _twice)
