"""Throughput of functions: what a call costs, as a ratio to a yardstick function on the same arguments.

What is timed is one function, called with all arguments in one exchange, or cases of several exchanges that a unit
plays as its judge does. Both sides run in processes of their own and are timed from outside (see `side`). An exchange
costs the process's CPU time and what it chose to wait; as soon as anything else in that sandbox works as well (a helper
process, say), all of the time in which it was not the machine that kept it waiting. The statistics are those of
`latency`: super-blocks of interleaved passes, the least of each, a sign test, "broken" only if a second pair of
processes says so as well.

What the interface itself costs is measured beside them, by sending the same arguments to no function at all, and taken
off both sides. Functions may remember what they were asked, so no arguments are ever sent twice to the same process.
What is timed is judged: `check` sees the answers to every exchange, so where a unit draws its arguments with their
truth, a module that answers anything at all while it is timed breaks the clause. Besides, one exchange, which nobody
can know beforehand, is asked again in a fresh process afterwards and must get the same answers. Those of an object that
`remembers` depend on the exchanges before, so there they are all sent again, up to that one.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from course.contract.cost import sampling, sequential
from course.contract.cost.latency import Latency, judged, summary
from course.contract.cost.side import Play, Side
from course.contract.processes import calls

if TYPE_CHECKING:
    import numpy as np

#: Most passes of a super-block, and exchanges that warm a process up.
PASSES, WARM = 4, 3
#: Seconds that the calls of a super-block may take: long exchanges get fewer passes, but never less than two.
BLOCK_S = 0.1
#: Seconds after the first look. A machine in bursts is unkind to one long exchange beside a short one: more are needed.
AFTER_FIRST_LOOK_S = 15.0

Fresh = Callable[["np.random.Generator"], Sequence[tuple]]
Start = Callable[[calls.Shipped], calls.Remote]
Check = Callable[[Sequence[tuple], list], None]


def itself(shipped: calls.Shipped) -> calls.Remote:
    """What is called when it is the module's own functions."""
    return shipped


def throughput(
    module: calls.Module,
    yardstick: calls.Module,
    play: str | Play,
    fresh: Fresh,
    budget: float,
    *,
    seed: int,
    start: Start = itself,
    remembers: bool = False,
    seconds: float = 10.0,
    check: Check | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Latency:
    """Is the cost of what is played within `budget` times what it costs in the yardstick?

    Parameters
    ----------
    module, yardstick : define the function; the yardstick is the course's own.
    play : the function's name: one exchange has all calls. Or what plays cases, given what `start` made and a tuple of
        arguments for each, in as many exchanges as they take, and returns a plain answer for each.
    fresh : draws the arguments of one exchange (or the cases of one run), a tuple for each call; always about as much
        work. The yardstick should take some 5 ms for it: much less is noise, much more takes long.
    budget : the largest ratio of costs that is kept.
    start : makes the object whose method is called, from a served module; by default the module itself.
    remembers : an object's answers depend on what it was asked before. `fresh` must draw the same from equal draws.
    seconds : how long one exchange may take.
    check : called with the arguments and the answers of each exchange of the function, warming up included; raises
        CallError where an answer is wrong.

    Returns
    -------
    Latency: `ratio` of costs a call; `us_per_row` and `cal_us_per_row` are microseconds a call of the function and the
    yardstick. Raises CallError if a call fails.
    """
    count = len(fresh(_draws(seed, 0)))

    def measure(number: int) -> sampling.Samples:
        with (
            calls.serve(module, seconds=seconds) as theirs,
            calls.serve(yardstick, seconds=seconds) as ours,
        ):
            side = Side(start(theirs), play)
            found = _sample(side, Side(start(ours), play), fresh, budget, number, progress, check)
        with calls.serve(module, seconds=seconds) as again:
            side.compare(start(again), _past(fresh, number, side.kept) if remembers else ())
        return found

    runs, verdict, why = judged(measure, budget, seed)
    return summary(runs, budget, count, verdict, why)


def _draws(*seed: int) -> np.random.Generator:
    import numpy as np  # here: a check of what has not changed imports units and measures nothing

    return np.random.default_rng(seed)


def _past(fresh: Fresh, seed: int, number: int) -> Iterable[Sequence[tuple]]:
    """The exchanges before the one of that number (from 1 on), as `_sample` drew them."""
    draws = _draws(seed, 1)
    for _ in range(number - 1):
        yield fresh(draws)


def _sample(
    theirs: Side,
    ours: Side,
    fresh: Fresh,
    budget: float,
    seed: int,
    progress: Callable[[int, int], None] | None,
    check: Check | None = None,
) -> sampling.Samples:
    """Seconds an exchange of both, one pair for each super-block, until the sign test decides or time is up.

    Time that the machine kept both waiting does not count, for at most as long again.
    """
    draws, order = _draws(seed, 1), random.Random(seed)
    sides = {"model": (theirs, True), "cal": (ours, True), "floor": (ours, False)}

    def run(which: str, many: Sequence[tuple]) -> tuple[float, float]:
        side, called = sides[which]
        span = side.run(many, called=called)
        if check and which == "model":
            check(many, side.latest)
        return span

    for _ in range(WARM):
        many = fresh(draws)
        pilot = {which: run(which, many) for which in sides}
    cpu = int(theirs.alone())
    far = pilot["model"][cpu] > sampling.FAR * budget * pilot["cal"][1]
    passes = 1 if far else min(max(int(BLOCK_S / sum(span[cpu] for span in pilot.values())), 2), PASSES)
    blocks: list[dict[str, list[tuple[float, float]]]] = []
    begun, before = time.monotonic(), theirs.delayed + ours.delayed
    limit = sampling.FAR_LIMIT_S if far else sampling.LIMIT_S

    def used() -> float:
        passed = time.monotonic() - begun
        return max(passed - (theirs.delayed + ours.delayed - before), passed / 2)

    while not blocks or used() < limit:
        spans: dict[str, list[tuple[float, float]]] = {which: [] for which in sides}
        for _ in range(passes):
            many = fresh(draws)
            for which in order.sample(sorted(sides), len(sides)):
                time.sleep(order.uniform(0, sampling.SLEEP_S))
                spans[which].append(run(which, many))
        blocks.append(spans)
        found = _samples(blocks, far, cpu=theirs.alone())
        if progress:
            progress(len(blocks), sequential.next_look(len(blocks)))
        if found.decided(budget):
            break
        if len(blocks) == sequential.LOOKS[0]:
            limit = min(limit, used() + AFTER_FIRST_LOOK_S)
    return found


def _samples(blocks: list[dict[str, list[tuple[float, float]]]], far: bool, cpu: bool) -> sampling.Samples:
    """The least of each super-block's passes, without what the interface costs; what the process cost, or all of it."""
    found = sampling.Samples(far=far)
    for spans in blocks:
        least = {which: min(span[1 if cpu else 0] for span in some) for which, some in spans.items()}
        # What is left of a function that costs next to nothing is noise around 0.
        found.model.append(max(least["model"] - least["floor"], 1e-7))
        found.cal.append(max(least["cal"] - least["floor"], 1e-7))
    return found
