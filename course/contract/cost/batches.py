"""What a model costs in batches of several sizes, as ratios to a known model in batches of the same sizes.

An estimate for what is computed from it (a queue, say), not a verdict: a few interleaved super-blocks a size instead of
as many as a sign test needs. Two estimates on a busy machine differ by some per cent; who judges by them allows for it.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from course.contract.cost.calibration import calibration_model
from course.contract.processes import runner

if TYPE_CHECKING:
    import numpy as np

#: Super-blocks a size, and seconds of CPU time for all of it.
BLOCKS, TIMEOUT_S = 7, 60.0


def ratios(
    model: bytes, rows: Mapping[str, np.ndarray], sizes: Sequence[int], *, seed: int, yardstick: bytes = b""
) -> dict[int, float]:
    """Cost of a call with each number of rows over the calibration model's, or a yardstick's, in one fresh process.

    Parameters
    ----------
    model : an ONNX file that the gate let through.
    rows : a pool of fresh rows by input name, first axis = row; several times the largest size.
    seed : for the order of rows and passes, the sleeps, and the calibration model's rows.
    yardstick : a model of the same inputs that takes the calibration model's place. What is computed from ratios is the
        same on another kind of machine only if the yardstick's operators are those that are expected: vector units
        speed a convolution up and leave the calibration model, which is mostly trees, as it is.

    Raises RunnerError if the model can't be run; ValueError if there are fewer rows than a batch has.
    """
    if not sizes or min(sizes) < 1 or min(len(values) for values in rows.values()) < max(sizes):
        raise ValueError(f"measuring in batches of {list(sizes)} needs at least as many rows")
    settings = {"sizes": list(sizes), "blocks": BLOCKS, "seed": int(seed)}
    settings["cal_seed"] = None if yardstick else int(seed) % 2**63
    models = {"model": model, "cal": yardstick or calibration_model()}
    said, _ = runner.run("batches", models, rows, settings, timeout_s=TIMEOUT_S, patience=runner.PATIENCE)
    try:
        found = {
            size: statistics.median(float(a) / float(b) for a, b in zip(ours, cal, strict=True))
            for size, (ours, cal) in zip(sizes, said["found"], strict=True)
        }
        good = all(0 < ratio < math.inf for ratio in found.values())
    except (KeyError, TypeError, ValueError, ZeroDivisionError, statistics.StatisticsError):
        good = False
    if not good:
        raise runner.RunnerError(runner.INCOMPLETE)
    return found
