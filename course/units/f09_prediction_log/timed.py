"""Events that are written and logs that are read while that is timed, and whether what comes back is right."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import numpy as np

from course.contract.artifacts.modules import Ship
from course.contract.processes.calls import Shipped
from course.units.f09_prediction_log.judge import checked, reread, right_events, written
from course.units.f09_prediction_log.world import Event, Log
from course.units.kit import judges

#: Logs that are read again of all that were written, drawn so that nobody can foresee them.
REREAD = 20


class Timed:
    """Draws windows of a log: lists of events, or with a `writer` the bytes that it makes of them."""

    def __init__(self, log: Log, size: int, writer: Shipped | None = None) -> None:
        self._log, self._size, self._writer = log, size, writer
        self._last: list[Event] = []
        self._kept: list[tuple[list[Event], bytes]] = []
        self._watched, self._seen = judges.Watched(), 0

    def fresh(self, draws: np.random.Generator) -> Sequence[tuple]:
        """The arguments of one exchange."""
        self._last = self._log.window(draws, self._size)
        first = written(self._writer, [self._last], self._log.key)[0] if self._writer else self._last
        return [(first, self._log.key)]

    def check(self, many: Sequence[tuple], answers: list) -> None:
        """Judge what was read; keep some of what was written."""
        if self._writer:
            self._watched.add(right_events(checked(answers[0], "a log"), self._last), self._size)
            return
        self._seen += 1
        place = len(self._kept) if len(self._kept) < REREAD else secrets.randbelow(self._seen)
        if place < REREAD:
            self._kept[place : place + 1] = [(self._last, answers[0])]

    def right(self, ship: Ship) -> judges.Watched:
        """How many events were right; those that were written are read by another process. Raises CallError."""
        if self._kept:
            found = reread(ship, [data for _, data in self._kept], self._log.key)
            for (events, _), read in zip(self._kept, found, strict=True):
                self._watched.add(right_events(read, events), self._size)
        return self._watched
