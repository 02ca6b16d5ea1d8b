"""What follows from measured costs: who waits how long, and verdicts that allow for how well costs can be measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from course.contract.artifacts.modules import Ship
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import Measurement, Term
from course.units.f11_scale_inference import fleet, judge
from course.units.f11_scale_inference.world import Hour
from course.units.kit.replay import Replay

#: Measured costs may be wrong by this share, and on a machine that was not fair by that one: what is over a budget only
#: because of it is too close to call.
SLACK, UNFAIR_SLACK = 0.1, 0.5


def waits(ship: Ship, holdout: Holdout, hours: Sequence[Hour]) -> Callable[[dict, float], dict[str, float]]:
    """p99 in each of the hours (ms), from costs and a factor for what batches take."""
    keys = [judge.cache_keys(ship, hour.pixels) for hour in hours]
    found = judge.answers(ship, np.concatenate([hour.pixels for hour in hours]))
    flags = np.split(found.escalated, np.cumsum([len(hour.pixels) for hour in hours])[:-1])

    def by_hour(costs: dict, factor: float) -> dict[str, float]:
        plan = judge.plan(ship, holdout.truth["forecast"].tolist(), costs)
        return {
            hour.name: fleet.p99(hour, fleet.serve(hour, plan, costs, names, some, factor))
            for hour, names, some in zip(hours, keys, flags, strict=True)
        }

    return by_hour


def judged(term: Term, ask: Callable[[dict, float], float], ship: Ship, holdout: Holdout) -> Measurement:
    """What follows from measured costs, with a verdict that allows for how well they can be measured.

    `ask` gives the value from costs, and from a factor for what batches take. It is broken only if it is over the
    budget by costs that were measured twice, the lesser of each counting, and with batches that take a tenth less.
    Where the machine was not fair the second time they are measured once more; if it was not fair then either, what
    is broken must be so with batches that take half as long.
    """
    costs, _ = judge.costs(ship, holdout)
    value = ask(costs, 1.0)
    if term.keeps(value):
        return Measurement(value)
    costs, unfair = judge.costs(ship, holdout, 2)
    if unfair:
        costs, unfair = judge.costs(ship, holdout, 3)
    value, slack = ask(costs, 1.0), UNFAIR_SLACK if unfair else SLACK
    if term.keeps(value) or not term.keeps(ask(costs, 1.0 - slack)):
        return Measurement(value)
    why = unfair or f"It would be kept if batches took {SLACK:.0%} less, and they can't be measured better than that"
    return Measurement(value, f"{why}: too close to call, which counts as kept.", "too close to call")


def replayed(ship: Ship, holdout: Holdout, hour: Hour) -> Replay:
    """An hour second by second, from the costs that are judged. Raises CallError, Refused, RunnerError."""
    costs, _ = judge.costs(ship, holdout)
    plan = judge.plan(ship, holdout.truth["forecast"].tolist(), costs)
    flags = judge.answers(ship, hour.pixels).escalated
    served = fleet.serve(hour, plan, costs, judge.cache_keys(ship, hour.pixels), flags)
    counts, large, rows = hour.times >= 0, flags[hour.crops] & ~served.cached, []
    for second in range(int(np.floor(hour.times.min())), int(np.ceil(hour.times.max()))):
        now = np.floor(hour.times) == second
        ms = 1000 * served.seconds[now]
        slowest = [f"{value:,.0f}" for value in (np.median(ms), ms.max())] if len(ms) else ["", ""]
        rows.append((second, int(now.sum()), int(served.cached[now].sum()), int(large[now].sum()), *slowest))
    heads = ("second", "requests", "from the cache", "to the large model", "median ms", "slowest ms")
    said = (
        f"{plan['workers'][hour.hour]} workers, busy {served.busy:.0%} of the time. 99 of 100 answers within "
        f"{fleet.p99(hour, served):,.0f} ms, of the {counts.sum():,} requests from second 0 on; those before fill the "
        "cache."
    )
    return Replay(f"The {hour.name} hour ({hour.hour} o'clock)", heads, rows, said)
