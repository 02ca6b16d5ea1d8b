"""When to stop comparing, and what may then be said. Pure statistics: no clock, no input or output.

The question is whether the median of a stream of log-ratios lies above a log-budget. A sign test asks nothing of the
shape of the noise, only that the comparisons are independent; it is applied at eight looks fixed in advance, each at
`ALPHA`, so that a model whose ratio is exactly the budget is called broken at most 8 times in a million (and the same
for kept).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Literal

Verdict = Literal["kept", "too close to call", "broken", "not measured"]

#: Numbers of comparisons after which a verdict may fall. No verdict before the first.
LOOKS = (20, 24, 32, 40, 48, 64, 80, 96)
#: Largest chance of a wrong verdict at one look.
ALPHA = 1e-6
#: Where the first look is out of reach: this many comparisons that all lie so many times over, or so many times under
#: the budget, are evidence; any number is if all lie over it and their median is `FAR` times the budget.
FEW, OVER, UNDER, FAR = 7, 1.5, 1.25, 3.0


@cache
def tail(n: int, k: int) -> float:
    """The chance of at least `k` heads in `n` tosses of a fair coin, exactly."""
    return sum(math.comb(n, j) for j in range(max(k, 0), n + 1)) / 2**n


def judge(log_ratios: Sequence[float], log_budget: float) -> Verdict | None:
    """The verdict on the comparisons so far; None as long as more are needed.

    Parameters
    ----------
    log_ratios : log of cost over reference cost, one for each comparison, in the order they were made.
    log_budget : log of the largest ratio that is kept. A comparison that is equal to it counts for the model.

    The first look that decides is final: a longer stream that begins the same way gets the same verdict.
    """
    for look in LOOKS:
        if len(log_ratios) < look:
            return None
        found = at_look(look, sum(value > log_budget for value in log_ratios[:look]))
        if found:
            return found
    return "too close to call"


def settled(log_ratios: Sequence[float], log_budget: float) -> Verdict:
    """The verdict when sampling has ended: of `judge`, else of what few comparisons say, else "not measured".

    Evidence that lies on both sides of the budget after the first look is too close to call. Fewer comparisons, which
    happens where a call takes seconds or the machine is busy, count only as far as they go: nothing is kept without
    evidence for it.
    """
    found = judge(log_ratios, log_budget)
    if found or len(log_ratios) >= LOOKS[0]:
        return found or "too close to call"
    above = [value - log_budget for value in log_ratios]
    if above and min(above) > 0 and median_interval(above)[0] > math.log(FAR):
        return "broken"
    if len(above) >= FEW and min(above) > math.log(OVER):
        return "broken"
    return "kept" if len(above) >= FEW and max(above) < -math.log(UNDER) else "not measured"


def at_look(look: int, over: int) -> Verdict | None:
    """What `over` of `look` comparisons over the budget say by themselves; None if they do not decide."""
    if tail(look, over) <= ALPHA:
        return "broken"
    return "kept" if tail(look, look - over) <= ALPHA else None


def next_look(done: int) -> int:
    """The number of comparisons at which the stream is judged next, after `done` of them (at most the last look)."""
    return next((look for look in LOOKS if look > done), LOOKS[-1])


def median_interval(values: Sequence[float], coverage: float = 0.95) -> tuple[float, float, float]:
    """The median, and an interval (median, low, high) that covers the true median whatever the distribution.

    The ends are order statistics. With fewer than six values no such interval has 95 % coverage: the range is given.
    Stopping early makes the true coverage a little smaller; a verdict never rests on the interval.
    Raises ValueError when there are no values.
    """
    if not values:
        raise ValueError("an interval needs at least one value")
    ordered = sorted(values)
    n = len(ordered)
    # The median lies outside the ends after dropping j values on either side if at most j of n fell on one side of it.
    trim = max((j for j in range((n + 1) // 2) if 2 * tail(n, n - j) <= 1 - coverage), default=0)
    middle = (ordered[(n - 1) // 2] + ordered[n // 2]) / 2
    return middle, ordered[trim], ordered[n - 1 - trim]
