"""The picture of a contract: quality against what it costs, with the budget, known models, earlier attempts and you.

Where a contract has no quality, or nothing that costs, the picture shows what share of each budget is used.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from course.contract.terms.report import Clause, Landmark, Report

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MARKS = ("s", "D", "^", "v", "P", "X", "o", "p")
#: Clauses that may be drawn against quality, the first two of a contract's; and their words.
_COSTS = {
    "size": "bytes",
    "latency": "the cost of one row",
    "throughput": "throughput",
    "memory": "memory",
    "state": "the bytes of its state",
}
YOU = "you"
#: Earlier attempts that are drawn.
TRAIL = 6
_BUDGET, _MINE = "#d5ead9", "#b3261e"


def picture(
    report: Report,
    others: Sequence[Landmark] = (),
    *,
    you: bool = True,
    trail: Sequence[Mapping[str, float]] = (),
) -> tuple[bytes, str] | None:
    """A PNG and the text that stands for it, or None where there is nothing to draw.

    Parameters
    ----------
    others : further models to mark (a lesson's comparison), beside `report.landmarks`.
    you : mark the report's own artifact too.
    trail : earlier attempts, oldest first: values by clause. The last few are drawn.
    """
    there = {clause.name: clause for clause in report.clauses}
    costs = [there[name] for name in _COSTS if name in there][:2]
    if "quality" not in there or not costs:
        return _shares(report)
    axes = [there["quality"], *costs]
    known = [(mark.name, _values(mark)) for mark in (*report.landmarks, *others)]
    points = [(name, values) for name, values in known if _has(values, axes)]
    mine = {clause.name: clause.value for clause in report.clauses if clause.value is not None}
    if you and _has(mine, axes):
        points.append((YOU, mine))
    path = [values for values in trail if _has(values, axes)][-TRAIL:]
    if not points:
        return None
    return _draw(axes, points, path), _in_words(axes, points, path)


def _values(mark: Landmark) -> dict[str, float]:
    return {"quality": mark.quality, "size": mark.bytes, "latency": mark.cost}


def _has(values: Mapping[str, float], axes: Sequence[Clause]) -> bool:
    return all(clause.name in values for clause in axes)


def _draw(clauses: Sequence[Clause], points: Sequence[tuple], path: Sequence[Mapping[str, float]]) -> bytes:
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    quality, *costs = clauses
    figure = Figure(figsize=(4.6 * len(costs), 4.2), dpi=110, layout="constrained")
    panels = figure.subplots(1, len(costs), sharey=True, squeeze=False)[0]
    all_values = [values for _, values in points] + list(path)
    heights = [values["quality"] for values in all_values] + [quality.budget]
    room = max(max(heights) - min(heights), 0.02 * abs(quality.budget) or 0.02)
    low, high = min(heights) - 0.2 * room, max(heights) + 0.3 * room
    if quality.unit.startswith("%"):
        high = min(high, 1.005)
    for axes, cost in zip(panels, costs, strict=True):
        _scale(axes, cost, [values[cost.name] for values in all_values] + [cost.budget])
        left, right = axes.get_xlim()
        across = (left, cost.budget) if cost.better == "lower" else (cost.budget, right)
        up = (quality.budget, high) if quality.better == "higher" else (low, quality.budget)
        axes.fill_between(across, *up, color=_BUDGET, zorder=0, label="the budget")
        if path:
            steps = [*path, *(values for name, values in points if name == YOU)]
            xs, ys = [v[cost.name] for v in steps], [v["quality"] for v in steps]
            axes.plot(xs, ys, color=_MINE, lw=1, alpha=0.6, marker=".", ms=7, label="your attempts so far", zorder=3)
        for index, (name, values) in enumerate(points):
            style = {"marker": "*", "ms": 16, "color": _MINE} if name == YOU else _style(index)
            axes.plot([values[cost.name]], [values["quality"]], ls="", label=name, zorder=4, **style)
        axes.grid(alpha=0.3)
    panels[0].set_ylim(low, high)
    panels[0].set_ylabel(_label(quality))
    panels[0].yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    digits = 0 if room * quality.scale > 5 else 1 if room * quality.scale > 0.5 else 2
    panels[0].yaxis.set_major_formatter(lambda value, _: f"{value * quality.scale:,.{digits}f}")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False)
    out = io.BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


def _label(clause: Clause) -> str:
    """A clause's title and unit, in lines that fit beside an axis."""
    return textwrap.fill(f"{clause.title}{f', {clause.unit}' if clause.unit else ''}", 36)


def _scale(axes: Axes, cost: Clause, values: Sequence[float]) -> None:
    axes.set_xlabel(_label(cost))
    if min(values) > 0:
        axes.set(xscale="log", xlim=(min(values) / 2.5, max(values) * 2.5))
    else:
        axes.set_xlim(min(values), max(values) * 1.2 or 1)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value * cost.scale:,.6g}")
    if min(values) > 0:
        axes.xaxis.set_minor_formatter(lambda value, _: "")


def _style(index: int) -> dict:
    """Shape and colour of a point: told apart by shape, so that colour is not needed."""
    return {"marker": _MARKS[index % len(_MARKS)], "ms": 9, "color": f"C{index}", "alpha": 0.85}


def _in_words(clauses: Sequence[Clause], points: Sequence[tuple], path: Sequence[Mapping[str, float]]) -> str:
    against = " and against ".join(_COSTS[cost.name] for cost in clauses[1:])
    models = "; ".join(
        f"{name}: {', '.join(clause.show(values[clause.name]) for clause in clauses)}" for name, values in points
    )
    asked = ", ".join(f"{clause.title} {clause.asked}" for clause in clauses)
    before = f" Earlier attempts drawn as a line: {len(path)}." if path else ""
    return f"Quality against {against}. Budget: {asked}. {models}.{before}"


def _shares(report: Report) -> tuple[bytes, str] | None:
    """Bars: what share of its budget, or of the way to its target, each measured clause has."""
    found = [clause for clause in report.clauses if clause.share is not None]
    if not found:
        return None
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 1.2 + 0.4 * len(found)), dpi=110, layout="constrained")
    axes = figure.subplots()
    names = [clause.title for clause in found]
    shares = [min(max(clause.share, 0.0), 2.0) for clause in found]
    bars = axes.barh(names, shares, color="#5b7fa6", height=0.6)
    ground = {"facecolor": "white", "edgecolor": "none", "pad": 1}  # the budget's line may run behind a label
    axes.bar_label(bars, [clause.shown for clause in found], padding=4, bbox=ground)
    axes.axvline(1, color="#1b1f24", lw=2)
    axes.set(xlim=(0, 2.4), xticks=[0, 1], xticklabels=["0", "the budget"])
    axes.invert_yaxis()
    out = io.BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})
    words = "; ".join(f"{clause.title}: {clause.shown}, {clause.distance}" for clause in found)
    return out.getvalue(), f"Each measurement as a share of its budget. {words}."
