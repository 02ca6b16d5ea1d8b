"""Throughput of functions: what a call costs, as a ratio to a yardstick function on the same arguments.

Both run in processes of their own and are timed from outside, over the call interface, because a learner's module could
change any clock that it can reach. An exchange costs the lesser of wall time and the process's CPU time; CPU time
counts only as long as nothing else in that sandbox works as well (a helper process, say): then it is wall time alone.
The statistics are those of `latency`: super-blocks of interleaved passes, the least of each, a sign test, three
verdicts, "broken" only if a second pair of processes says so as well.

What the interface itself costs is measured beside them, by sending the same arguments to no function at all, and taken
off both sides. Functions may remember what they were asked, so no arguments are ever sent twice to the same process.
One exchange, which nobody can know beforehand, is asked again in a fresh process afterwards and must get the same
answers: a module that answered anything at all while it is timed would be quick. The answers of an object that
`remembers` depend on the exchanges before, so there they are all sent again, up to that one.
"""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from course import sandbox
from course.contract.cost import clock, sampling, sequential
from course.contract.cost.latency import Latency, judged, summary
from course.contract.processes import calls, plain

#: Most passes of a super-block, and exchanges that warm a process up.
PASSES, WARM = 4, 3
#: Seconds that the calls of a super-block may take: long exchanges get fewer passes, but never less than two.
BLOCK_S = 0.1
#: Seconds after the first look. A machine in bursts is unkind to one long exchange beside a short one: more are needed.
AFTER_FIRST_LOOK_S = 15.0

Fresh = Callable[[np.random.Generator], Sequence[tuple]]
Start = Callable[[calls.Shipped], calls.Remote]


def itself(shipped: calls.Shipped) -> calls.Remote:
    """What is called when it is the module's own functions."""
    return shipped


def throughput(
    module: calls.Module,
    yardstick: calls.Module,
    name: str,
    fresh: Fresh,
    budget: float,
    *,
    seed: int,
    start: Start = itself,
    remembers: bool = False,
    seconds: float = 10.0,
    progress: Callable[[int, int], None] | None = None,
) -> Latency:
    """Is the cost of `name` within `budget` times what it costs in the yardstick?

    Parameters
    ----------
    module, yardstick : define the function; the yardstick is the course's own.
    fresh : draws the arguments of one exchange, a tuple for each call; always about as much work. The yardstick should
        take some 5 ms for it: much less is noise, much more takes long.
    budget : the largest ratio of costs that is kept.
    start : makes the object whose method is called, from a served module; by default the module itself.
    remembers : an object's answers depend on what it was asked before. `fresh` must draw the same from equal draws.
    seconds : how long one exchange may take.

    Returns
    -------
    Latency: `ratio` of costs a call; `us_per_row` and `cal_us_per_row` are microseconds a call of the function and the
    yardstick. Raises CallError if a call fails.
    """
    count = len(fresh(np.random.default_rng([seed, 0])))

    def measure(number: int) -> sampling.Samples:
        with (
            calls.serve(module, seconds=seconds) as theirs,
            calls.serve(yardstick, seconds=seconds) as ours,
        ):
            side = Side(start(theirs), name)
            found = _sample(side, Side(start(ours), name), fresh, budget, number, progress)
        with calls.serve(module, seconds=seconds) as again:
            side.compare(start(again), _past(fresh, number, side.kept) if remembers else ())
        return found

    runs, verdict, why = judged(measure, budget, seed)
    return summary(runs, budget, count, verdict, why)


class Side:
    """One function in its process, and its timing."""

    def __init__(self, remote: calls.Remote, name: str):
        self._remote, self._name = remote, name
        self._pid = remote.shipped.pid
        self._cpu = clock.process_clock(sandbox.program_of(self._pid))
        self.values = b""  # of the latest answer
        self._asked, self.kept, self._kept = 0, 0, ([], b"")  # exchanges, number and content of the one that is kept
        self._before = (sandbox.cpu_s(self._pid), self._cpu() if self._cpu else 0)

    def run(self, many: Sequence[tuple], *, called: bool = True) -> tuple[float, float]:
        """(wall, CPU) seconds of one exchange, checked; with `called` false, of passing the arguments alone."""
        shipped, name = self._remote.shipped, self._name if called else ""
        request = shipped.request(self._remote.on, name, [(args, {}) for args in many])
        content = plain.dumps(request)
        cpu, wall = self._cpu() if self._cpu else 0, time.perf_counter()
        answer = shipped.send(content, self._name)
        wall = time.perf_counter() - wall
        cpu = (self._cpu() - cpu) * 1e-9 if self._cpu else wall
        said = shipped.checked(answer, request["id"], self._name)
        shipped.values(said, len(many), self._name)
        self.values = said["values"]
        self._asked += called
        if called and secrets.randbelow(self._asked) == 0:  # each exchange with the same chance
            self.kept, self._kept = self._asked, (list(many), self.values)
        return wall, min(wall, cpu)

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


def _past(fresh: Fresh, seed: int, number: int) -> Iterable[Sequence[tuple]]:
    """The exchanges before the one of that number (from 1 on), as `_sample` drew them."""
    draws = np.random.default_rng([seed, 1])
    for _ in range(number - 1):
        yield fresh(draws)


def _sample(
    theirs: Side, ours: Side, fresh: Fresh, budget: float, seed: int, progress: Callable[[int, int], None] | None
) -> sampling.Samples:
    """Seconds an exchange of both, one pair for each super-block, until the sign test decides or time is up."""
    draws, order = np.random.default_rng([seed, 1]), random.Random(seed)
    sides = {"model": (theirs, True), "cal": (ours, True), "floor": (ours, False)}
    for _ in range(WARM):
        many = fresh(draws)
        pilot = {which: side.run(many, called=called)[1] for which, (side, called) in sides.items()}
    far = pilot["model"] > sampling.FAR * budget * pilot["cal"]
    passes = 1 if far else min(max(int(BLOCK_S / sum(pilot.values())), 2), PASSES)
    blocks: list[dict[str, list[tuple[float, float]]]] = []
    deadline = time.monotonic() + (sampling.FAR_LIMIT_S if far else sampling.LIMIT_S)
    while not blocks or time.monotonic() < deadline:
        spans: dict[str, list[tuple[float, float]]] = {which: [] for which in sides}
        for _ in range(passes):
            many = fresh(draws)
            for which in order.sample(sorted(sides), len(sides)):
                time.sleep(order.uniform(0, sampling.SLEEP_S))
                side, called = sides[which]
                spans[which].append(side.run(many, called=called))
        blocks.append(spans)
        found = _samples(blocks, far, cpu=theirs.alone())
        if progress:
            progress(len(blocks), sequential.next_look(len(blocks)))
        if found.decided(budget):
            break
        if len(blocks) == sequential.LOOKS[0]:
            deadline = min(deadline, time.monotonic() + AFTER_FIRST_LOOK_S)
    return found


def _samples(blocks: list[dict[str, list[tuple[float, float]]]], far: bool, cpu: bool) -> sampling.Samples:
    """The least of each super-block's passes, without what the interface costs; by CPU time or by wall time."""
    found = sampling.Samples(far=far)
    for spans in blocks:
        least = {which: min(span[1 if cpu else 0] for span in some) for which, some in spans.items()}
        # What is left of a function that costs next to nothing is noise around 0.
        found.model.append(max(least["model"] - least["floor"], 1e-7))
        found.cal.append(max(least["cal"] - least["floor"], 1e-7))
    return found
