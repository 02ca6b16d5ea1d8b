"""The tail of a function's cost: what the slowest calls take, one call at a time, as a ratio to a yardstick function.

A mean hides what a user feels: one slow answer among fifty. Here each of many different calls is an exchange of its own
(see `throughput`, whose clocks, floors and processes these are). What a call costs is the least of several fresh
processes, each of which is asked it once, in the same order: so what remains of a slow call is its own slowness and not
the machine's, and nothing is gained by remembering an earlier pass. The tail is the nearest-rank percentile over calls:
with at least 459 of them, the slowest hundredth is among them with 99 % certainty (0.99^459 < 0.01).

"Broken" is found twice, or it is "too close to call".
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from course.contract.cost import canary, sampling
from course.contract.cost.latency import WAIT_S
from course.contract.cost.sequential import Verdict
from course.contract.cost.side import Side
from course.contract.cost.throughput import Check
from course.contract.processes import calls

#: Fewest calls for a 99th percentile; fresh processes; calls at the start that only warm a process up.
FEWEST, PROCESSES, WARM = 459, 5, 20
#: Seconds of one process from which on no further one is started.
LONG_S = 4.0


@dataclass(frozen=True)
class Tail:
    """A tail cost: `ratio` of the percentile to the yardstick's median call, the same in microseconds, the verdict.

    `middle` is the ratio of the median calls. `note` is a sentence for the learner, or empty.
    """

    ratio: float
    middle: float
    us: float
    budget: float
    verdict: Verdict
    note: str


def nearest_rank(values: Sequence[float], share: float) -> float:
    """The least value that is not below `share` of all values (no interpolation)."""
    return sorted(values)[max(math.ceil(share * len(values)), 1) - 1]


def tail(
    module: calls.Module,
    yardstick: calls.Module,
    name: str,
    many: Sequence[tuple],
    budget: float,
    *,
    share: float = 0.99,
    seconds: float = 10.0,
    check: Check | None = None,
) -> Tail:
    """Is the 99th percentile of what a call of `name` costs within `budget` times a usual call of the yardstick?

    Parameters
    ----------
    module, yardstick : define the function; the yardstick is the course's own and takes 0.1 ms or more, as what the
        interface costs is taken off and leaves its noise.
    many : arguments of the calls, all different; the first `WARM` are not counted, at least `FEWEST` others are.
    budget : the largest ratio that is kept.
    seconds : how long one call may take.
    check : called with the arguments and the answer of each call, a list of one each; raises CallError where it is
        wrong.

    Raises CallError if a call fails, or if processes answer differently; ValueError for too few calls.
    """
    if len(many) < FEWEST + WARM:
        raise ValueError(f"a tail needs {FEWEST + WARM} calls, not {len(many)}")
    before = canary.look()
    found = [_measure(module, yardstick, name, many, share, budget, seconds, check)]
    if found[0][0] > budget:
        time.sleep(WAIT_S)
        found.append(_measure(module, yardstick, name, many, share, budget, seconds, check))
    ratio, middle, us = min(found)
    verdict: Verdict = "kept" if found[0][0] <= budget else "broken" if ratio > budget else "too close to call"
    note = ""
    if verdict == "broken" and ratio <= sampling.FAR * budget:
        unfair = canary.unfair(before, canary.look())
        if unfair:
            verdict, note = "not measured", f"{unfair}, so this is no fair verdict. Measure again when it is free."
    if verdict == "too close to call" and not note:
        note = f"Once over {budget:.2f} and once not: it counts as kept, and a little less work would make sure."
    return Tail(ratio, middle, us, budget, verdict, note)


def _measure(
    module: calls.Module,
    yardstick: calls.Module,
    name: str,
    many: Sequence[tuple],
    share: float,
    budget: float,
    seconds: float,
    check: Check | None,
) -> tuple[float, float, float]:
    """Ratio of the tail, ratio of the medians, and microseconds of the tail."""
    least = {which: [math.inf] * len(many) for which in ("theirs", "ours", "floor")}
    answers: list[bytes] = []
    for _ in range(PROCESSES):
        start = time.monotonic()
        with calls.serve(module, seconds=seconds) as one, calls.serve(yardstick, seconds=seconds) as other:
            side, cal = Side(one, name), Side(other, name)
            spans: list[dict[str, tuple[float, float]]] = []
            said = []
            for call in many:
                spans.append({"theirs": side.run([call])})
                if check:
                    check([call], side.latest)
                said.append(side.values)
                spans[-1] |= {"ours": cal.run([call]), "floor": cal.run([call], called=False)}
            which = int(side.alone())  # CPU time, if nothing else works beside the one process
        if answers and said != answers:
            raise calls.CallError(f"`{name}` gave other answers to the same arguments in another process.")
        answers = said
        for k, some in enumerate(spans):
            for kind, span in some.items():
                least[kind][k] = min(least[kind][k], span[which])
        slow, middle, usual = _costs(least, share)
        if slow > sampling.FAR * budget * usual and time.monotonic() - start > LONG_S:
            break
    return slow / usual, middle / usual, slow * 1e6


def _costs(least: Mapping[str, Sequence[float]], share: float) -> tuple[float, float, float]:
    """Seconds of the tail, of the median call and of the yardstick's, without what the interface costs."""
    theirs, ours = (
        [max(cost - floor, 1e-7) for cost, floor in zip(least[which][WARM:], least["floor"][WARM:], strict=True)]
        for which in ("theirs", "ours")
    )
    return nearest_rank(theirs, share), statistics.median(theirs), statistics.median(ours)
