"""The picture of a contract: quality against bytes and latency, with the budget box, the known models and you."""

from __future__ import annotations

import io
from collections.abc import Sequence

from course.contract.report import Landmark, Report

_MARKS = ("s", "D", "^", "v", "P", "X", "o", "p")


def picture(report: Report, others: Sequence[Landmark] = (), *, you: bool = True) -> tuple[bytes, str] | None:
    """A PNG and the text that stands for it, or None where there is nothing to draw.

    Parameters
    ----------
    others : further models to mark (a learner's earlier attempts, a lesson's comparison), beside `report.landmarks`.
    you : mark the report's own model too.
    """
    mine = report.you if you else None
    points = [*report.landmarks, *others, *([mine] if mine else [])]
    if len(points) < 2:
        return None
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(9.2, 4.2), dpi=110, layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    quality = report["quality"]
    panels = (
        (left, "bytes", "size", "bytes of the model file"),
        (right, "cost", "latency", "cost of one row (1 = calibration model)"),
    )
    for axes, what, clause, label in panels:
        values = [getattr(point, what) for point in points] + [report[clause].budget]
        low, high = min(values) / 2.5, max(values) * 2.5
        axes.set(xscale="log", xlim=(low, high), xlabel=label)
        axes.fill_between(
            [low, report[clause].budget], quality.budget, 2, color="#d5ead9", zorder=0, label="the budget"
        )
        for index, point in enumerate(points):
            style = {"marker": "*", "ms": 16, "color": "#b3261e"} if point is mine else _style(index)
            axes.plot([getattr(point, what)], [point.quality], ls="", label=point.name, zorder=4, **style)
        axes.grid(alpha=0.3)
    qualities = [point.quality for point in points] + [quality.budget]
    room = max(max(qualities) - min(qualities), 0.02)
    left.set_ylim(min(qualities) - 0.2 * room, min(max(qualities) + 0.3 * room, 1.005))
    left.set_ylabel(quality.title)
    left.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    left.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}" if room > 0.05 else f"{value:.1%}")
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False)
    out = io.BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue(), _in_words(report, points)


def _style(index: int) -> dict:
    """Shape and colour of a point: told apart by shape, so that colour is not needed."""
    return {"marker": _MARKS[index % len(_MARKS)], "ms": 9, "color": f"C{index}", "alpha": 0.85}


def _in_words(report: Report, points: Sequence[Landmark]) -> str:
    models = "; ".join(
        f"{p.name}: quality {p.quality:.1%}, {p.bytes / 1000:,.0f} kB, cost {p.cost:,.2f}" for p in points
    )
    return (
        "Quality against bytes and against the cost of one row, on logarithmic scales. "
        f"Budget: quality {report['quality'].asked}, size {report['size'].asked}, "
        f"latency {report['latency'].asked}. {models}."
    )
