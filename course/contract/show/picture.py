"""The picture of a contract: quality against bytes and latency, with the budget box, the known models and you."""

from __future__ import annotations

import io
from collections.abc import Sequence

from course.contract.report import Landmark, Report

_MARKS = ("s", "D", "^", "v", "P", "X")


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

    figure = Figure(figsize=(9.2, 3.7), dpi=110, layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    quality = report["quality"]
    panels = (
        (left, "bytes", "size", "bytes of the model file"),
        (right, "cost", "latency", "cost of one row (1 = calibration model)"),
    )
    for axes, what, clause, label in panels:
        values = [getattr(point, what) for point in points] + [report[clause].budget]
        low, high = min(values) / 2.5, max(values) * 4
        axes.set(xscale="log", xlim=(low, high), xlabel=label)
        axes.fill_between([low, report[clause].budget], quality.budget, 2, color="#d5ead9", zorder=0)
        axes.annotate(
            "the budget box",
            (low * 1.15, 0.995),
            xycoords=("data", "axes fraction"),
            va="top",
            fontsize=8,
            color="#1a7337",
        )
        for index, point in enumerate(points):
            marker = "*" if point is mine else _MARKS[index % len(_MARKS)]
            _mark(axes, getattr(point, what), point, marker, point is mine)
        axes.grid(alpha=0.3)
    qualities = [point.quality for point in points] + [quality.budget]
    room = max(max(qualities) - min(qualities), 0.02)
    left.set_ylim(min(qualities) - 0.25 * room, max(qualities) + 0.35 * room)
    left.set_ylabel(quality.title)
    left.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}" if room > 0.06 else f"{value:.1%}")
    out = io.BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue(), _in_words(report, points)


def _mark(axes, x: float, point: Landmark, marker: str, you: bool) -> None:
    axes.plot([x], [point.quality], marker, ms=15 if you else 8, color="#b3261e" if you else "#274b7a", zorder=4)
    axes.annotate(
        point.name, (x, point.quality), xytext=(0, 10), textcoords="offset points", ha="center",
        fontsize=9, fontweight="bold" if you else "normal", zorder=5,
    )  # fmt: skip


def _in_words(report: Report, points: Sequence[Landmark]) -> str:
    models = "; ".join(
        f"{p.name}: quality {p.quality:.1%}, {p.bytes / 1000:,.0f} kB, cost {p.cost:,.2g}" for p in points
    )
    return (
        "Quality against bytes and against the cost of one row, on logarithmic scales. "
        f"Budget: quality {report['quality'].asked}, size {report['size'].asked}, "
        f"latency {report['latency'].asked}. {models}."
    )
