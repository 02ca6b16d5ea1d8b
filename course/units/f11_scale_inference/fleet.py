"""The fleet of f11: what a batch takes on one of its workers, and how a plan does in an hour of requests.

A worker is a small share of a slow core. What it takes follows from a ratio that is measured side by side on any
machine (see `contract.cost.batches`), to a net of the course for each step, and from what those take on a worker,
which is given: so models of their kind get the same milliseconds everywhere, within what a ratio can be measured to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from course.contract.cost.batches import ratios
from course.units.f11_scale_inference import nets
from course.units.f11_scale_inference.queueing import Rules, Served, simulate
from course.units.f11_scale_inference.world import Hour

#: Milliseconds that a worker takes for so many crops at once, with the course's net for each step (`nets.house`).
HOUSE = {"small": {1: 22.0, 8: 31.0, 64: 92.0}, "large": {1: 46.0, 8: 145.0, 64: 1020.0}}
STEPS = tuple(HOUSE)
SIZES = tuple(HOUSE["small"])
#: What a worker's cache holds beside the key of an answer, in bytes.
ENTRY_BYTES = 60

Costs = Mapping[str, Mapping[int, float]]


def costs(small: bytes | str, large: bytes | str, pixels: np.ndarray, *, seed: int = 0) -> dict[str, dict[int, float]]:
    """Milliseconds on a worker for a batch of 1, 8 and 64 crops: {"small": {1: ...}, "large": ...}.

    Models are bytes or files; `pixels` (n, 196), some hundred crops. Takes some seconds: models are timed in processes
    of their own, in turns with the course's nets. Raises RunnerError if a model can't be run.
    """
    rows = {"pixels": np.asarray(pixels, np.float32)}
    found = {}
    for step, model in zip(STEPS, (small, large), strict=True):
        content = Path(model).read_bytes() if isinstance(model, str) else model
        measured = ratios(content, rows, SIZES, seed=seed, yardstick=nets.house(step))
        # More rows never take less: where they seem to, it is noise.
        found[step] = dict(
            zip(SIZES, np.maximum.accumulate([measured[n] * HOUSE[step][n] for n in SIZES]).tolist(), strict=True)
        )
    return found


def service(costs: Costs, factor: float = 1.0) -> Callable[[int, int], float]:
    """Seconds that a worker takes for a batch, by (step, rows): straight lines between what was measured."""
    tables = [
        (np.interp(np.arange(SIZES[-1] + 1), SIZES, [costs[step][n] for n in SIZES]) * factor / 1000).tolist()
        for step in STEPS
    ]
    return lambda step, rows: tables[step][rows]


def rules(plan: Mapping[str, Any]) -> Rules:
    """A plan's rules for the queue."""
    return Rules(
        plan["small_batch"],
        plan["small_wait_ms"] / 1000,
        plan["large_batch"],
        plan["large_wait_ms"] / 1000,
        plan["cache_entries"],
    )


def serve(
    hour: Hour,
    plan: Mapping[str, Any],
    costs: Costs,
    keys: Sequence[bytes | None],
    escalated: np.ndarray,
    factor: float = 1.0,
) -> Served:
    """Serve an hour's requests by a plan. `keys` and `escalated` are by crop; batches take `factor` times as long."""
    at = hour.crops.tolist()
    return simulate(
        hour.times,
        [keys[crop] for crop in at],
        np.asarray(escalated)[hour.crops],
        int(plan["workers"][hour.hour]),
        service(costs, factor),
        rules(plan),
    )


def p99(hour: Hour, served: Served) -> float:
    """Milliseconds within which 99 of 100 requests that count were answered."""
    return float(np.quantile(served.seconds[hour.times >= 0], 0.99)) * 1000


def bill(plan: Mapping[str, Any], forecast: Sequence[float]) -> float:
    """Worker hours for a million requests."""
    return float(sum(plan["workers"]) / (np.sum(forecast) * 3600 / 1e6))
