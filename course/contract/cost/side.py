"""One module in its process, timed from outside: what an exchange costs, whoever in its sandbox does the work.

A learner's module could change any clock that it can reach, so the grader's clocks time it, over the call interface.
Time is told apart by the kernel's accounts of both sides: what the process used, what it (or the grader) waited for a
CPU, which is the machine's doing, and the rest, which the module chose to wait.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from course import sandbox
from course.contract.cost import clock
from course.contract.processes import calls, plain
from course.contract.processes.waits import waits

#: Waiting that is charged: more than this share of the CPU time, and more than so many seconds. Less is switching.
WAITED, WAITED_S = 0.25, 0.002

#: Plays cases (a tuple of arguments each) in as many exchanges as they take, and returns a plain answer for each.
Play = Callable[[calls.Remote, Sequence[tuple]], list]


class Meter:
    """Times the exchanges of a module for as long as it is its `meter`, and keeps the requests."""

    def __init__(self, program: int):
        self._program = program
        self.wall = self.delayed = self.ran = 0.0
        self.told = True  # whether the system says who waited for what
        self.requests: list[dict] = []

    def timed(self, request: dict, send: Callable[[], bytes]) -> bytes:
        """What `send` returns."""
        self.requests.append(request)
        before, start = waits(self._program), time.perf_counter()
        answer = send()
        wall, after = time.perf_counter() - start, waits(self._program)
        self.wall += wall
        if before is None or after is None:
            self.told = False
        else:
            self.delayed += min(max(after.delayed - before.delayed, 0.0), wall)
            self.ran += after.ran - before.ran
        return answer


class Side:
    """A module in its process, and its timing: of a function, by its name and called with all cases, or of a Play."""

    def __init__(self, remote: calls.Remote, play: str | Play):
        self._remote, self._play = remote, _calling(play) if isinstance(play, str) else play
        self._title = play if isinstance(play, str) else remote.shipped.file
        self._pid = remote.shipped.pid
        self._program = remote.shipped.program
        self._cpu = clock.process_clock(self._program)
        self._requests: list[dict] = []  # of the latest cases
        self.latest: list = []  # their answers
        self.delayed = 0.0  # seconds in which an exchange stood still because the machine was busy
        self._asked, self.kept, self._kept = 0, 0, ([], b"")  # runs, number and content of the one that is kept
        self._before = (sandbox.cpu_s(self._pid), self._cpu() if self._cpu else 0)

    def run(self, many: Sequence[tuple], *, called: bool = True) -> tuple[float, float]:
        """Seconds of the exchanges of these cases, twice: with all waiting but for a CPU, and as the process cost them.

        The latter is its CPU time, and what it chose to wait where that is much. With `called` false, of passing what
        the latest cases passed, and nothing else. Where the system says nothing of waiting, the first is wall time and
        the second CPU time.
        """
        shipped = self._remote.shipped
        meter, cpu = Meter(self._program), self._cpu() if self._cpu else 0
        shipped.meter = meter
        try:
            if called:
                self.latest = self._play(self._remote, many)
            else:
                for request in self._requests:
                    shipped.exchange(shipped.request(None, "", request["calls"]), self._title)
        finally:
            shipped.meter = None
        cpu = (self._cpu() - cpu) * 1e-9 if self._cpu else meter.wall
        if called:
            self._requests = meter.requests
            self._asked += 1
            if secrets.randbelow(self._asked) == 0:  # each run with the same chance
                self.kept, self._kept = self._asked, (list(many), self.values)
        if not meter.told:
            return meter.wall, min(meter.wall, cpu)
        self.delayed += meter.delayed
        chosen = meter.wall - meter.delayed - cpu - meter.ran
        charged = chosen if chosen > max(WAITED * cpu, WAITED_S) else 0.0
        return max(meter.wall - meter.delayed, cpu), cpu + charged

    @property
    def values(self) -> bytes:
        """The latest answers as bytes, to be compared."""
        return plain.dumps(self.latest)

    def compare(self, remote: calls.Remote, past: Iterable[Sequence[tuple]] = ()) -> None:
        """Play the cases of one run again elsewhere, after those of the `past`. Raises CallError if answers differ."""
        for many in past:
            self._play(remote, many)
        many, answers = self._kept
        if plain.dumps(self._play(remote, many)) != answers:
            raise calls.CallError(f"`{self._title}` gave other answers to the same arguments while it was timed.")

    def alone(self) -> bool:
        """True if the CPU time of this sandbox, within a twentieth and two ticks, is that of the one process."""
        if not self._cpu:
            return True
        everything = sandbox.cpu_s(self._pid) - self._before[0]
        own = (self._cpu() - self._before[1]) * 1e-9
        return everything <= 1.05 * own + 0.03


def _calling(name: str) -> Play:
    def play(remote: calls.Remote, many: Sequence[tuple]) -> list[Any]:
        return remote.map(name, many)

    return play
