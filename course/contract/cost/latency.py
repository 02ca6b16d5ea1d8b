"""Latency as a ratio to the calibration model, with a verdict that is the same on any machine, idle or busy.

No absolute time survives a busy machine, so both models are timed interleaved in one fresh process (see `sampling`),
and a verdict needs evidence (see `sequential`). What stays too close to call goes in the learner's favour.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from course.contract.cost import canary, sampling
from course.contract.cost.calibration import calibration_model
from course.contract.cost.sequential import Verdict, median_interval
from course.contract.processes import runner

if TYPE_CHECKING:
    import numpy as np

#: Wall seconds of one process: the longest sampling, loading, and one call that began just before the limit.
TIMEOUT_S = sampling.LIMIT_S + 30
#: Seconds to wait before "broken" is looked at again because the machine was not fair.
WAIT_S = 2.0


@dataclass(frozen=True)
class Latency:
    """A model's cost in units of the calibration model.

    `ratio` is the median over super-blocks, `low` to `high` its distribution-free 95 % interval within these processes
    (another process may differ by some 5 % more, so budgets are placed far from honest solutions). `blocks` counts the
    super-blocks of all processes. The microseconds hold for this machine at this moment only. `confirmed` is True if
    the verdict needed a second process and got it: every "broken" did. `note` is a sentence for the learner, or empty.
    """

    ratio: float
    low: float
    high: float
    budget: float
    blocks: int
    verdict: Verdict
    us_per_row: float
    cal_us_per_row: float
    confirmed: bool
    note: str


def latency(
    model: bytes,
    rows: Mapping[str, np.ndarray],
    budget: float,
    *,
    batch: int = 1,
    seed: int,
    progress: Callable[[int, int], None] | None = None,
) -> Latency:
    """Is the model's cost a row within `budget` times the calibration model's?

    Parameters
    ----------
    model : an ONNX file that the gate let through.
    rows : a pool of fresh rows by input name, first axis = row; at least 512 for single rows, since the same row again
        flatters a forest. Super-blocks use no row twice until the pool is used up; then it is shuffled and used again.
    budget : the largest ratio that is kept.
    batch : rows a call. Both models are then run in batches of that size, so that both gain what a batch brings on
        this machine: a ratio in batches compares with another in batches only. Batches are cut from the pool once.
    seed : for the order of rows and passes, the sleeps, and the calibration model's rows.
    progress : called with (super-blocks done, super-blocks at the next look). Starts again from 1 when "broken" is
        repeated in a second process.

    Returns
    -------
    Latency. "broken" was found in two fresh processes, or else it is "too close to call". Where the canary says that
    the machine was not fair meanwhile, "broken" is looked at once more, and is "not measured" if that was not fair
    either; so is what too few comparisons could be had of, also the second time. What is surely more than 3 times over
    the budget is broken on any machine.

    Raises
    ------
    RunnerError
        The model can't be run, or did not finish in time at all.
    ValueError
        The budget is not positive, or there are fewer rows than a batch.
    """
    if not 0 < budget < math.inf:
        raise ValueError(f"a budget is a positive number, not {budget}")
    if batch < 1 or min(len(values) for values in rows.values()) < batch:
        raise ValueError(f"measuring in batches of {batch} needs at least as many rows")
    runs, verdict, why = judged(lambda number: _measure(model, rows, budget, batch, number, progress), budget, seed)
    return summary(runs, budget, batch, verdict, why)


def judged(measure: Callable[[int], sampling.Samples], budget: float, seed: int):
    """Samples, the verdict, and why the machine was not fair (empty if it was): see `latency`.

    `measure` samples in a fresh process, with a seed of its own each time.
    """
    runs, verdict, why = _watched(measure, budget, seed)
    if why or verdict == "not measured":
        time.sleep(WAIT_S)
        runs, verdict, why = _watched(measure, budget, seed + 2)
    return runs, "not measured" if why else verdict, why


def _watched(measure: Callable[[int], sampling.Samples], budget: float, seed: int):
    """Samples, the verdict, and why the canary does not let it stand; empty if it does."""
    before = canary.look()
    runs, verdict = _twice(measure, budget, seed)
    if verdict != "broken" or all(median_interval(run.log_ratios)[1] > math.log(sampling.FAR * budget) for run in runs):
        return runs, verdict, ""
    return runs, verdict, canary.unfair(before, canary.look())


def _twice(measure: Callable[[int], sampling.Samples], budget: float, seed: int):
    """Samples of one process or, if that says "broken", of two; and the verdict."""
    first = measure(seed)
    verdict = first.verdict(budget)
    if verdict != "broken":
        return [first], verdict
    second = measure(seed + 1)
    again = second.verdict(budget)
    return [first, second], "too close to call" if again == "kept" else again


def _measure(model: bytes, rows: Mapping[str, np.ndarray], budget: float, batch: int, seed: int, progress):
    settings = {"budget": float(budget), "batch": int(batch), "seed": int(seed), "cal_seed": int(seed) % 2**63}
    models = {"model": model, "cal": calibration_model()}
    said, _ = runner.run("latency", models, rows, settings, timeout_s=TIMEOUT_S, progress=progress)
    try:
        found = sampling.Samples([float(s) for s in said["model"]], [float(s) for s in said["cal"]], bool(said["far"]))
        good = len(found.model) == len(found.cal) > 0 and all(0 < s < math.inf for s in found.model + found.cal)
    except (KeyError, TypeError, ValueError):
        good = False
    if not good:
        raise runner.RunnerError(runner.INCOMPLETE)
    return found


def summary(runs: list[sampling.Samples], budget: float, batch: int, verdict: Verdict, unfair: str = "") -> Latency:
    """What the samples of all processes say, `batch` rows having been run a call."""
    middle, low, high = (math.exp(value) for value in median_interval([log for run in runs for log in run.log_ratios]))
    micro = 1e6 / batch
    return Latency(
        ratio=middle,
        low=low,
        high=high,
        budget=budget,
        blocks=sum(len(run.model) for run in runs),
        verdict=verdict,
        us_per_row=statistics.median(s for run in runs for s in run.model) * micro,
        cal_us_per_row=statistics.median(s for run in runs for s in run.cal) * micro,
        confirmed=verdict == "broken",
        note=_note(runs, budget, verdict, low, high, unfair),
    )


def _note(runs: list[sampling.Samples], budget: float, verdict: Verdict, low: float, high: float, unfair: str) -> str:
    between = f"between {low:.2f} and {high:.2f}, against a budget of {budget:.2f}"
    if unfair:
        return f"{unfair}, so this is no fair verdict ({between}). Measure again when the machine is free."
    count = sum(len(run.model) for run in runs)
    if verdict == "not measured":
        return (
            f"Only {count} comparisons could be made in the time there is, too few for a verdict ({between}). "
            "Measure again when the machine is free; work that takes less time is also measured more often."
        )
    if verdict == "too close to call":
        over = sum(log > math.log(budget) for run in runs for log in run.log_ratios)
        return (
            f"Of {count} comparisons {over} lay over {budget:.2f} and {count - over} did not: too close to call, so it "
            "counts as kept. A little less work would make sure."
        )
    if verdict == "broken" and any(run.far for run in runs):
        return f"Far over the budget (about {high / budget:,.0f} times), so measuring stopped early."
    return ""
