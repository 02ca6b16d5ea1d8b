"""The pictures of f12: what each kind of fault moves, and what a monitor answered when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from course.problem import Problem
from course.units.f12_drift_watch.world import COLUMNS, OK, RIGHT, Stream

if TYPE_CHECKING:
    from course.learning.desk import Desk

#: Hours over which a line is smoothed; hours shown before and after the onset.
SMOOTH, BEFORE, AFTER = 6, 48, 72
STYLES = ("-", "--", "-.", ":", (0, (1, 3)))
MARKS = {"fix upstream": "s", "roll back": "<", "retrain": "o", "recalibrate": "D"}


def fingerprints(past: Stream, streams: Sequence[Stream]) -> None:
    """For one stream of each kind: columns and scores beside such hours of the history, and refunds beside scores."""
    import matplotlib.pyplot as plt

    usual, spread = _usual(past)
    chosen = {kind: next(s for s in streams if s.kind == kind) for kind in RIGHT}
    _, axes = plt.subplots(len(chosen), 3, figsize=(12, 9), sharex=True, layout="constrained")
    for row, (kind, stream) in zip(axes, chosen.items(), strict=True):
        first = stream.onset - BEFORE
        batches = stream.batches[first : stream.onset + AFTER]
        hours = np.arange(len(batches)) - BEFORE
        off = np.array(
            [(_mean(_rows(b)) - usual[_place(b)]) / spread if len(b["score"]) else np.zeros(6) for b in batches]
        )
        size = np.array([len(b["score"]) for b in batches])
        wave = np.ones(SMOOTH)
        smooth = np.stack(
            [
                np.convolve(np.nan_to_num(one) * size, wave)[: len(size)]
                / np.maximum(np.convolve(size, wave)[: len(size)], 1)
                for one in off.T
            ]
        )
        for name, style, line in zip(COLUMNS[:-1], STYLES, smooth, strict=False):
            row[0].plot(hours, line, ls=style, color="black", label=name)
        row[1].plot(hours, smooth[5], color="black")
        known = [b["outcomes"] for b in batches]
        row[2].plot(hours, np.cumsum([(one["refund"] - one["score"]).sum() for one in known]), color="black")
        row[0].set(ylabel=f"{kind}\n\nspreads", ylim=(-2.5, 2.5))
        row[1].set(ylim=(-1.5, 1.5))
        for axis in row:
            axis.axvline(0, color="0.6", lw=3)
            axis.axhline(0, color="0.6", lw=0.8)
        row[2].axvline(stream.delay, color="0.6", ls=":")
    axes[0, 0].legend(ncols=2, fontsize="small", loc="lower left")
    for axis, title in zip(
        axes[0],
        ("Columns, beside such hours", "Mean score, beside such hours", "Refunds minus scores, summed up"),
        strict=True,
    ):
        axis.set_title(title)
    for axis in axes[-1]:
        axis.set_xlabel("hours since the fault began")
    plt.show()


def timeline(unit: Desk, past: Stream, streams: Sequence[Stream], files: Mapping[str, str]) -> None:
    """What monitors (name -> file) answered in each stream, hour by hour; says which can't be drawn."""
    import matplotlib.pyplot as plt

    monitors = {}
    for name, file in files.items():
        try:
            module = unit.load(file)
        except Problem as problem:
            print(problem)
            continue
        if hasattr(module, "Monitor"):
            monitors[name] = module.Monitor
        else:
            print(f"There is no Monitor in {file} yet.")
    if not monitors:
        return
    _, axes = plt.subplots(
        1, len(monitors), figsize=(6 * len(monitors), 5), sharey=True, squeeze=False, layout="constrained"
    )
    for axis, (name, monitor) in zip(axes[0], monitors.items(), strict=True):
        for row, stream in enumerate(streams):
            watching = monitor(past.table)
            said = [watching.update(batch) for batch in stream.batches]
            start = max(stream.onset, 0)
            axis.plot([-start, len(said) - start], [row, row], color="0.85", zorder=1)
            for answer, mark in MARKS.items():
                hours = np.array([hour for hour, one in enumerate(said) if one == answer], int) - start
                right = (hours >= 0) & (RIGHT.get(stream.kind) == answer)
                axis.scatter(hours[right], np.full(right.sum(), row), marker=mark, color="black", zorder=3)
                wrong = np.full((~right).sum(), row)
                axis.scatter(hours[~right], wrong, marker=mark, facecolor="white", edgecolor="black", zorder=2)
            if set(said) == {OK} and stream.kind:
                axis.text(len(said) - start, row, " missed", va="center")
        axis.axvline(0, color="0.6", lw=3, zorder=0)
        axis.set(title=name, xlabel="hours since the fault began (or the stream)")
        axis.set_yticks(range(len(streams)), [stream.kind or "healthy" for stream in streams])
    axes[0, 0].invert_yaxis()
    handles = [plt.Line2D([], [], ls="", marker=mark, color="black", label=answer) for answer, mark in MARKS.items()]
    axes[0, -1].legend(handles=handles, loc="lower right", title="filled: the right answer")
    plt.show()


def _place(batch: Mapping[str, Any]) -> tuple[int, int]:
    return int(batch["weekday"] >= 5 or batch["holiday"]), batch["hour"]


def _rows(batch: Mapping[str, Any]) -> np.ndarray:
    """Columns, and the log odds of the score (rows, 6)."""
    score = np.clip(batch["score"], 1e-4, 1 - 1e-4)
    return np.column_stack([batch["features"], np.log(score / (1 - score))])


def _mean(rows: np.ndarray) -> np.ndarray:
    """The mean of what is not missing (6,), 0 where all is."""
    return np.nansum(rows, axis=0) / np.maximum((~np.isnan(rows)).sum(axis=0), 1)


def _usual(past: Stream) -> tuple[np.ndarray, np.ndarray]:
    """Means of the history by day off and hour (2, 24, 6), and the spread of its rows (6,)."""
    table = past.table
    rows, off = _rows(table), table["holiday"] | (table["weekday"] >= 5)
    places = [[rows[(off == one) & (table["hour"] == hour)] for hour in range(24)] for one in (False, True)]
    return np.array([[_mean(some) for some in day] for day in places]), np.nanstd(rows, axis=0)
