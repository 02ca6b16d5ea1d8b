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

    usual = _usual(past)
    _, axes = plt.subplots(len(RIGHT), 3, figsize=(12, 9), sharex=True, layout="constrained")
    for row, kind in zip(axes, RIGHT, strict=True):
        # Of each kind the one whose columns move most: some broken columns keep their mean.
        some = [(stream, *_lines(stream, usual)) for stream in streams if stream.kind == kind]
        stream, lines, excess = max(some, key=lambda one: np.abs(one[1][:4, BEFORE:].mean(axis=1)).max())
        hours = np.arange(len(excess)) - BEFORE
        for name, style, line in zip(COLUMNS[:-1], STYLES, lines, strict=False):
            row[0].plot(hours, line, ls=style, color="black", label=name)
        row[1].plot(hours, lines[-1], color="black")
        row[2].plot(hours, excess, color="black")
        row[2].axvline(stream.delay, color="0.6", ls=":")
        row[0].set(ylabel=f"{kind}\n\nspreads", ylim=(-3, 3))
        row[1].set_ylim(-2, 2)
        for axis in row:
            axis.axvline(0, color="0.6", lw=3)
            axis.axhline(0, color="0.6", lw=0.8)
    axes[0, 0].legend(ncols=2, fontsize="small", loc="upper left")
    titles = ("Columns, beside such hours", "Mean score, beside such hours", "Refunds minus scores, summed up")
    for k, title in enumerate(titles):
        axes[0, k].set_title(title)
        axes[-1, k].set_xlabel("hours since the fault began")
    plt.show()


def timeline(unit: Desk, past: Stream, streams: Sequence[Stream], files: Mapping[str, str]) -> None:
    """Alarms of monitors (name -> file) in each stream, until the first since a fault; says what can't be drawn."""
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
    size = (6 * len(monitors), 5)
    figure, axes = plt.subplots(1, len(monitors), figsize=size, sharey=True, squeeze=False, layout="constrained")
    for axis, (name, monitor) in zip(axes[0], monitors.items(), strict=True):
        for row, stream in enumerate(streams):
            watching, start = monitor(past.table), max(stream.onset, 0)
            axis.plot([-start, len(stream) - start], [row, row], color="0.85", zorder=1)
            for hour, batch in enumerate(stream.batches):
                answer = watching.update(batch)
                if answer == OK:
                    continue
                right = 0 <= stream.onset <= hour and answer == RIGHT[stream.kind]
                face = "black" if right else "white"
                axis.scatter(
                    hour - start, row, marker=MARKS.get(answer, "x"), facecolor=face, edgecolor="black", zorder=2
                )
                if 0 <= stream.onset <= hour:
                    break
            else:
                axis.text(len(stream) - start, row, " missed" if stream.kind else "", va="center")
        axis.axvline(0, color="0.6", lw=3, zorder=0)
        axis.set(title=name, xlabel="hours since the fault began (or the stream)")
        axis.set_yticks(range(len(streams)), [stream.kind or "healthy" for stream in streams])
    axes[0, 0].invert_yaxis()
    handles = [plt.Line2D([], [], ls="", marker=mark, color="black", label=answer) for answer, mark in MARKS.items()]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(MARKS), title="filled: the right answer")
    plt.show()


def _lines(stream: Stream, usual: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Hour by hour around the onset: `_rows` beside such hours (6, hours), smoothed; refunds minus scores so far."""
    mean, spread = usual
    batches = stream.batches[stream.onset - BEFORE : stream.onset + AFTER]
    sums, counts = [], []
    for batch in batches:
        off = (_rows(batch) - mean[int(batch["weekday"] >= 5 or batch["holiday"]), batch["hour"]]) / spread
        sums.append(np.nansum(off, axis=0))
        counts.append((~np.isnan(off)).sum(axis=0))
    smooth = [
        np.convolve(total, np.ones(SMOOTH))[: len(batches)]
        / np.maximum(np.convolve(count, np.ones(SMOOTH))[: len(batches)], 1)
        for total, count in zip(np.transpose(sums), np.transpose(counts), strict=True)
    ]
    excess = [(batch["outcomes"]["refund"] - batch["outcomes"]["score"]).sum() for batch in batches]
    return np.array(smooth), np.cumsum(excess)


def _rows(batch: Mapping[str, Any]) -> np.ndarray:
    """Columns, and the log odds of the score (rows, 6)."""
    score = np.clip(batch["score"], 1e-4, 1 - 1e-4)
    return np.column_stack([batch["features"], np.log(score / (1 - score))])


def _usual(past: Stream) -> tuple[np.ndarray, np.ndarray]:
    """Means of the history by day off and hour (2, 24, 6), and the spread of its rows (6,)."""
    table = past.table
    rows, off = _rows(table), table["holiday"] | (table["weekday"] >= 5)
    mean = np.tile(np.nanmean(rows, axis=0), (2, 24, 1))
    for place in np.ndindex(2, 24):
        there = rows[(off == place[0]) & (table["hour"] == place[1])]
        if len(there) > 1:
            mean[place] = np.nanmean(there, axis=0)
    return mean, np.nanstd(rows, axis=0)
