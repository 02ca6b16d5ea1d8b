"""The picture of the page: how far each method's estimates were from the truth, a histogram for each."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

import numpy as np

from course.benchmarks.latency import stats
from course.benchmarks.latency.study import CLEAR, Record

PROTOCOL = "the protocol"
#: Estimates beyond these are drawn at the edge.
EDGES = (0.25, 10.0)


def errors(records: Sequence[Record]) -> dict[str, np.ndarray]:
    """Method -> estimate over truth of every grading; the protocol first, then the better before the worse."""
    ours = {PROTOCOL: [error for found in stats.errors(records).values() for error in found]}
    naive = {method: [error for _, error in found] for method, found in stats.naive_errors(records).items()}
    order = sorted(naive, key=lambda method: np.abs(naive[method]).mean())
    return {method: np.exp(found) for method, found in (ours | {method: naive[method] for method in order}).items()}


def inside(found: np.ndarray) -> float:
    """The share of estimates between 0.75 and 1.33 of the truth, where a model 25 % from its budget is judged right."""
    return float(((found >= 1 / CLEAR[1]) & (found <= 1 / CLEAR[0])).mean())


def draw(records: Sequence[Record]) -> tuple[bytes, str]:
    """The picture as PNG, and its alt text."""
    from matplotlib.figure import Figure

    found = errors(records)
    bins = np.geomspace(*EDGES, 121)
    figure = Figure(figsize=(8.6, 4.6), layout="constrained")
    axes = figure.subplots(len(found), 1, sharex=True)
    for axis, (method, values) in zip(axes, found.items(), strict=True):
        shares = np.histogram(np.clip(values, *EDGES), bins)[0] / len(values)
        colour = "#1b7837" if method == PROTOCOL else "#b35806"
        axis.axvspan(1 / CLEAR[1], 1 / CLEAR[0], color="#d9ead3", zorder=0)
        axis.bar(bins[:-1], shares, np.diff(bins), align="edge", color=colour)
        axis.set_title(method, loc="left", fontsize=10)
        axis.set_title(f"{1 - inside(values):.1%} outside", loc="right", fontsize=10)
        axis.set_yticks([])
        axis.spines[["top", "left", "right"]].set_visible(False)
    axes[-1].set_xscale("log")
    axes[-1].set_xlim(*EDGES)
    ticks = [EDGES[0], 0.5, 0.75, 1, 1.33, 2, 5, EDGES[1]]
    axes[-1].set_xticks(ticks, ["¼ or less", *(f"{tick:g}" for tick in ticks[1:-1]), "10 or more"])
    axes[-1].minorticks_off()
    axes[-1].set_xlabel("estimate over the model's true cost (the band: right 25 % from the budget)")
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=110, metadata={"Software": None})
    return out.getvalue(), alt(found)


def alt(found: dict[str, np.ndarray]) -> str:
    """The picture in words."""
    parts = []
    for method, values in found.items():
        low, high = (_times(float(np.quantile(values, q))) for q in (0.01, 0.99))
        parts.append(f"{method}: 98 % of its estimates lie between {low} and {high} times the truth")
    start = f"Four histograms of estimates over the true cost, {len(found[PROTOCOL]):,} gradings under all loads. "
    return start + "; ".join(parts) + "."


def _times(value: float) -> str:
    return f"{value:.2f}" if value < 2 else f"{math.floor(value + 0.5):g}"
