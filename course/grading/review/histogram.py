"""A small histogram as inline SVG: values as bars, and the budget as a line that no bar crosses."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from html import escape
from typing import Literal

from course.contract.show.page import colour

WIDTH, HEIGHT, TOP, BASE = 340, 92, 30, 72
#: About how many bars there are, and the share of values at either end that may go into the last bar.
BARS, TAIL = 28, 0.02
#: About how wide a letter is.
LETTER = 6.5
#: How many times as far as nearly all values the others must reach to be cut.
FAR = 2.0
#: From this ratio between the ends on, the axis is logarithmic.
WIDE = 30.0


def histogram(
    values: Sequence[float],
    show: Callable[[float], str],
    words: str,
    *,
    budget: float | None = None,
    better: Literal["lower", "higher"] = "higher",
    grain: float | None = None,
) -> str:
    """Draw `values` (ascending, finite).

    Parameters
    ----------
    show : a value as a short text.
    words : the text that stands for the picture.
    budget : where the line is drawn; bars on its better side are those that keep it, a value at it does too.
    grain : values come in steps of this, so a bar is as wide as a whole number of them.
    """
    if not values:
        return "nothing measured"
    origin = values[0] if budget is None else budget
    low, high = (values[round(share * (len(values) - 1))] for share in (TAIL, 1 - TAIL))
    logs = (
        budget is not None and min(values[0], origin) > 0 and max(high, origin) / min(low, origin) > WIDE and not grain
    )
    at = math.log if logs else float
    if at(values[-1]) - at(values[0]) <= FAR * (at(high) - at(low)):  # nothing is so far off that it has to be cut
        low, high = values[0], values[-1]
    start, end, zero = at(min(low, origin)), at(max(high, origin)), at(origin)
    step = (end - start or abs(zero) or 1.0) / BARS
    if grain:
        step = grain * max(math.ceil(step / grain - 1e-9), 1)
    sign = -1 if better == "lower" else 1  # on the kept side bars have the numbers 0, 1, 2, ...
    first, last = sorted(math.floor(sign * (edge - zero) / step + 1e-9) for edge in (start, end))
    if budget is not None:  # room for the word beside the line
        last = max(last, math.ceil(-first / 5) - 1)
    counts = Counter(min(max(math.floor(sign * (at(value) - zero) / step + 1e-9), first), last) for value in values)
    wide = WIDTH / (last - first + 1)
    most = max(counts.values())

    def left(bar: float) -> float:
        """Where a bar begins, or the line before it stands."""
        return (bar - first) * wide if sign > 0 else WIDTH - (bar - first) * wide

    parts = []
    for bar, count in sorted(counts.items()):
        tall = max((BASE - TOP) * count / most, 2)
        fill = colour("ink" if budget is None else "kept" if bar >= 0 else "broken")
        parts.append(_box(min(left(bar), left(bar + 1)) + 0.5, BASE - tall, max(wide - 1, 1), tall, fill))
    top = min(counts, key=lambda bar: (-counts[bar], bar))
    middle, half = (left(top) + left(top + 1)) / 2, LETTER * len(f"{most:,}") / 2 + 2
    if budget is not None and abs(middle - left(0)) < half:  # beside the line, not on it
        middle = left(0) + math.copysign(half, middle - left(0))
    parts.append(_text(middle, TOP - 4, f"{most:,}"))
    parts.append(_box(0, BASE, WIDTH, 1, colour("ink")))
    ends = sorted((left(min(counts)) + sign * wide / 2, left(max(counts)) + sign * wide / 2))
    marks = [
        (ends[0], show(values[0]) if values[0] >= low else f"≤ {show(low)}"),
        (ends[1], show(values[-1]) if values[-1] <= high else f"≥ {show(high)}"),
    ]
    if budget is not None:
        x = min(max(left(0), 1), WIDTH - 1)
        parts.append(_box(x - 1, 2, 2, BASE + 3, colour("ink")))
        parts.append(_text(x + 5 * sign, 12, "kept →" if sign > 0 else "← kept", "start" if sign > 0 else "end"))
        if logs:  # at the end that is farther from the line
            parts.append(_text(0, 12, "log scale", "start") if x > WIDTH / 2 else _text(WIDTH, 12, "log scale", "end"))
        marks.insert(0, (x + sign * wide / 2 if step == grain else x, show(budget)))
    taken: list[tuple[float, float]] = []
    for x, text in marks:
        half = LETTER * len(text) / 2
        x = min(max(x, half), WIDTH - half)
        if all(abs(x - other) > half + its + LETTER for other, its in taken):
            taken.append((x, half))
            parts.append(_text(x, HEIGHT - 4, text))
    return (
        f'<svg role="img" aria-label="{escape(words)}" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        f'height="{HEIGHT}"><title>{escape(words)}</title>{"".join(parts)}</svg>'
    )


def _box(x: float, y: float, wide: float, tall: float, fill: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{tall:.1f}" style="fill:{fill}"/>'


def _text(x: float, y: float, text: str, anchor: str = "middle") -> str:
    x = min(max(x, LETTER * len(text) / 2), WIDTH - LETTER * len(text) / 2) if anchor == "middle" else x
    style = f"fill:{colour('ink')};font-size:11px"
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" style="{style}">{escape(text)}</text>'
