"""Pictures that are drawn here: the map of the units, and what a reference reaches. Plain SVG, inside the page.

Colours are the theme's variables, so that they change with it; text is text, boxes are links.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from html import escape

from course.contract.terms.report import Measurement, Term, settle
from pages.order import Order, short

BOX, TALL, ACROSS, DOWN = 128, 54, 26, 10
LETTERS = 20  # of a title in a line of a box


def world(order: Order) -> str:
    """The map: a column for each depth, an arrow from a unit to those that build on it."""
    columns: list[list[str]] = [[] for _ in range(max(order.depth.values()) + 1)]
    for name, depth in order.depth.items():
        columns[depth].append(name)
    place: dict[str, tuple[float, float]] = {}
    rows = max(len(column) for column in columns)
    for at, column in enumerate(columns):
        above = {name: _mean([place[other][1] for other in order.builds_on[name]]) for name in column}
        column.sort(key=lambda name: (above[name], name))
        start = (rows - len(column)) * (TALL + DOWN) / 2
        for row, name in enumerate(column):
            place[name] = (at * (BOX + ACROSS) + 2, start + row * (TALL + DOWN) + 2)
    wide, tall = len(columns) * (BOX + ACROSS) - ACROSS + 4, rows * (TALL + DOWN) - DOWN + 4
    arrows = [_arrow(other, name, place) for name in order.units for other in order.builds_on[name]]
    boxes = [_box(order, name, *place[name]) for name in sorted(place, key=lambda one: place[one])]
    style = "".join(
        f"#map:has(a.{short(name)}:is(:hover,:focus-visible)) path.{short(name)}{{stroke:var(--color-brand-content);"
        "stroke-width:2.5;opacity:1}"
        for name in order.units
    )
    words = f"Map of {len(order.units)} units in {len(columns)} columns: an arrow leads from a unit to one that builds on it."
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="The map, which may be scrolled sideways">'
        f'<svg id="map" viewBox="0 0 {wide} {tall:g}" role="group" aria-labelledby="map-title map-words">'
        f'<title id="map-title">Map of the units</title><desc id="map-words">{words}</desc><style>{style}</style>'
        f"{''.join(arrows)}{''.join(boxes)}</svg></div>"
    )


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0


def _arrow(one: str, other: str, place: Mapping[str, tuple[float, float]]) -> str:
    (x, y), (u, v) = place[one], place[other]
    x, y, v = x + BOX, y + TALL / 2, v + TALL / 2
    bend = max(ACROSS, (u - x) / 2)
    path = f"M{x:g} {y:g} C{x + bend:g} {y:g} {u - bend:g} {v:g} {u:g} {v:g}"
    return f'<path class="edge {short(one)} {short(other)}" d="{path}"/>'


def _box(order: Order, name: str, x: float, y: float) -> str:
    unit, wanted = order.units[name], order.builds_on[name]
    lines = textwrap.wrap(unit.title, LETTERS)[:2]
    said = f"{short(name)}, {unit.title}; builds on {', '.join(map(short, wanted)) or 'no other unit'}"
    texts = "".join(
        f'<text x="{x + 8:g}" y="{y + 32 + 14 * number:g}">{escape(line)}</text>' for number, line in enumerate(lines)
    )
    return (
        f'<a class="{short(name)} {name[0]}" href="units/{name}.html" aria-label="{escape(said)}">'
        f'<rect x="{x:g}" y="{y:g}" width="{BOX}" height="{TALL}" rx="{2 if name[0] == "f" else 14}"/>'
        f'<text class="name" x="{x + 8:g}" y="{y + 17:g}">{short(name)}</text>{texts}</a>'
    )


def reached(terms: Mapping[str, Term], values: Mapping[str, float]) -> str:
    """Bars: how much of each budget the reference uses, or how near it is to each target; empty without values."""
    found = [(terms[name], value) for name, value in values.items() if name in terms]
    shown = [(term, value, _share(term, value)) for term, value in found if term.worth]
    if not shown:
        return ""
    wide, bar, most = 700, 260, 1.25
    rows, said = [], []
    for number, (term, value, share) in enumerate(shown):
        y = number * 40
        clause = settle(term, Measurement(value))
        words = f"{term.show(value)} (asked: {clause.asked})"
        said.append(f"{term.title}: {words}.")
        long = max(2.0, min(share, most) / most * bar)
        rows.append(
            f'<text x="0" y="{y + 14}">{escape(term.title)}</text>'
            f'<rect class="track" x="0" y="{y + 20}" width="{bar}" height="10"/>'
            f'<rect class="used" x="0" y="{y + 20}" width="{long:.1f}" height="10"/>'
            f'<path class="mark" d="M{bar / most:.1f} {y + 16} v18"/>'
            f'<text x="{bar + 12}" y="{y + 30}">{escape(words)}</text>'
        )
    words = escape("What the reference reaches; the upright line is what is asked. " + " ".join(said))
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="A picture, which may be scrolled sideways">'
        f'<svg class="reached" viewBox="0 0 {wide} {len(shown) * 40}" role="img" aria-label="{words}">'
        f"{''.join(rows)}</svg></div>"
    )


def _share(term: Term, value: float) -> float:
    """1 is just what is asked: below it for a budget, above it for a target."""
    return value / term.budget if term.budget else (0.0 if value == 0 else 2.0)
