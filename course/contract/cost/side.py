"""One function in its process, timed from outside: what an exchange costs, whoever in its sandbox does the work.

A learner's module could change any clock that it can reach, so the grader's clocks time it, over the call interface.
Time is told apart by the kernel's accounts of both sides: what the process used, what it (or the grader) waited for a
CPU, which is the machine's doing, and the rest, which the module chose to wait.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Sequence

from course import sandbox
from course.contract.cost import clock
from course.contract.processes import calls, plain
from course.contract.processes.waits import waits

#: Waiting that is charged: more than this share of the CPU time, and more than so many seconds. Less is switching.
WAITED, WAITED_S = 0.25, 0.002


class Side:
    """One function in its process, and its timing."""

    def __init__(self, remote: calls.Remote, name: str):
        self._remote, self._name = remote, name
        self._pid = remote.shipped.pid
        self._program = remote.shipped.program
        self._cpu = clock.process_clock(self._program)
        self.values = b""  # of the latest answer
        self.delayed = 0.0  # seconds in which an exchange stood still because the machine was busy
        self._asked, self.kept, self._kept = 0, 0, ([], b"")  # exchanges, number and content of the one that is kept
        self._before = (sandbox.cpu_s(self._pid), self._cpu() if self._cpu else 0)

    def run(self, many: Sequence[tuple], *, called: bool = True) -> tuple[float, float]:
        """Seconds of one exchange, checked, twice: with all waiting but for a CPU, and as the process itself cost them.

        The latter is its CPU time, and what it chose to wait where that is much. With `called` false, of passing the
        arguments alone. Where the system says nothing of waiting, the first is wall time and the second CPU time.
        """
        shipped, name = self._remote.shipped, self._name if called else ""
        request = shipped.request(self._remote.on, name, [(args, {}) for args in many])
        content = plain.dumps(request)
        before, cpu, wall = waits(self._program), self._cpu() if self._cpu else 0, time.perf_counter()
        answer = shipped.send(content, self._name)
        wall = time.perf_counter() - wall
        cpu = (self._cpu() - cpu) * 1e-9 if self._cpu else wall
        after = waits(self._program)
        said = shipped.checked(answer, request["id"], self._name)
        shipped.values(said, len(many), self._name)
        self.values = said["values"]
        self._asked += called
        if called and secrets.randbelow(self._asked) == 0:  # each exchange with the same chance
            self.kept, self._kept = self._asked, (list(many), self.values)
        if before is None or after is None:
            return wall, min(wall, cpu)
        delay = min(max(after.delayed - before.delayed, 0.0), wall)
        self.delayed += delay
        chosen = wall - delay - cpu - (after.ran - before.ran)
        charged = chosen if chosen > max(WAITED * cpu, WAITED_S) else 0.0
        return max(wall - delay, cpu), cpu + charged

    def answers(self, count: int) -> list:
        """The values of the latest answer, which was to so many calls."""
        return self._remote.shipped.values({"values": self.values}, count, self._name)

    def compare(self, remote: calls.Remote, past: Iterable[Sequence[tuple]] = ()) -> None:
        """Ask one exchange again elsewhere, after those of the `past`. Raises CallError if the answers are others."""
        for many in past:
            remote.map(self._name, many)
        many, answers = self._kept
        request = remote.shipped.request(remote.on, self._name, [(args, {}) for args in many])
        if remote.shipped.exchange(request, self._name).get("values") != answers:
            raise calls.CallError(f"`{self._name}` gave other answers to the same arguments while it was timed.")

    def alone(self) -> bool:
        """True if the CPU time of this sandbox, within a twentieth and two ticks, is that of the one process."""
        if not self._cpu:
            return True
        everything = sandbox.cpu_s(self._pid) - self._before[0]
        own = (self._cpu() - self._before[1]) * 1e-9
        return everything <= 1.05 * own + 0.03
