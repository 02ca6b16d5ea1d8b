"""Pictures that are drawn here: the map of the units, and what a reference reaches. Plain SVG, inside the page.

Colours are the theme's variables, so that they change with it; text is text, boxes are links.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from html import escape
from itertools import pairwise

from course.contract.terms.report import Measurement, Term, settle
from pages.order import Order, short

BOX, TALL, ACROSS, DOWN, LANE = 124, 54, 34, 8, 6
LETTERS = 20  # of a title in a line of a box
#: A unit's name, or a lane: an arrow from one unit to another, where it passes a column.
Item = str | tuple[str, str, int]


def world(order: Order) -> str:
    """The map: a column for each depth, an arrow from a unit to those that build on it.

    An arrow that passes a column has a place of its own in it, a lane, so that it runs behind no box.
    """
    columns, ways = _columns(order)
    tall = {item: LANE if isinstance(item, tuple) else TALL for column in columns for item in column}
    whole = max(sum(tall[item] + DOWN for item in column) for column in columns) - DOWN
    middle: dict[Item, float] = {}
    before = {two: [one for one, other in _pairs(ways) if other == two] for way in ways for two in way[1:]}
    for column in columns:
        wanted = {item: _mean([middle[one] for one in before.get(item, ())]) for item in column}
        column.sort(key=lambda item: (wanted[item], str(item)))
        y = (whole - sum(tall[item] + DOWN for item in column) + DOWN) / 2 + 2
        for item in column:
            middle[item] = y + tall[item] / 2
            y += tall[item] + DOWN
    left = {item: at * (BOX + ACROSS) + 2 for at, column in enumerate(columns) for item in column}
    wide = len(columns) * (BOX + ACROSS) - ACROSS + 4
    arrows = [_arrow(way, left, middle) for way in ways]
    names = sorted(order.units, key=lambda name: (left[name], middle[name]))
    boxes = [_box(order, name, left[name], middle[name] - TALL / 2) for name in names]
    style = "".join(
        f"#map:has(a.{short(name)}:is(:hover,:focus-visible)) path.{short(name)}{{stroke:var(--color-brand-content);"
        "stroke-width:2.5;opacity:1}"
        for name in names
    )
    words = f"{len(names)} units in {len(columns)} columns: an arrow leads from a unit to one that builds on it."
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="The map, which may be scrolled sideways">'
        f'<svg id="map" viewBox="0 0 {wide} {whole + 4:g}" role="group" aria-labelledby="map-title map-words">'
        f'<title id="map-title">Map of the units</title><desc id="map-words">{words}</desc><style>{style}</style>'
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path class="tip" d="M0 0.5 L7.5 4 L0 7.5 z"/></marker></defs>'
        f"{''.join(arrows)}{''.join(boxes)}</svg></div>"
    )


def _columns(order: Order) -> tuple[list[list[Item]], list[list[Item]]]:
    """What stands in each column, and every arrow's way from a unit through lanes to a unit."""
    columns: list[list[Item]] = [[] for _ in range(max(order.depth.values()) + 1)]
    for name, depth in order.depth.items():
        columns[depth].append(name)
    ways = []
    for name in order.units:
        for other in order.builds_on[name]:
            lanes = [(other, name, depth) for depth in range(order.depth[other] + 1, order.depth[name])]
            for lane in lanes:
                columns[lane[2]].append(lane)
            ways.append([other, *lanes, name])
    return columns, ways


def _pairs(ways: list[list[Item]]) -> Iterable[tuple[Item, Item]]:
    return (pair for way in ways for pair in pairwise(way))


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0


def _arrow(way: list[Item], left: Mapping[Item, float], middle: Mapping[Item, float]) -> str:
    """One arrow, straight through its lanes."""
    x, y = left[way[0]] + BOX, middle[way[0]]
    path = f"M{x:g} {y:g}"
    for item in way[1:]:
        u, v = left[item], middle[item]
        end = u - (0 if isinstance(item, tuple) else 1)
        path += f" C{x + ACROSS * 0.6:g} {y:g} {u - ACROSS * 0.6:g} {v:g} {end:g} {v:g}"
        if isinstance(item, tuple):
            path += f" H{u + BOX:g}"
        x, y = u + BOX, v
    return f'<path class="edge {short(way[0])} {short(way[-1])}" d="{path}" marker-end="url(#tip)"/>'


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
    """A list with bars: how much of a budget the reference uses, how near it is to a target; empty without values."""
    found = [(terms[name], value) for name, value in values.items() if name in terms]
    shown = [(term, value, _share(term, value)) for term, value in found if term.worth]
    if not shown:
        return ""
    bar, most, rows = 260, 1.25, []
    for term, value, share in shown:
        long = max(2.0, min(share, most) / most * bar)
        asked = settle(term, Measurement(value)).asked
        rows.append(
            f"<li><strong>{escape(term.title)}</strong>: {escape(term.show(value))} (asked: {escape(asked)})"
            f'<svg viewBox="0 0 {bar} 18" width="{bar}" height="18" aria-hidden="true">'
            f'<rect class="track" y="4" width="{bar}" height="10"/>'
            f'<rect class="used" y="4" width="{long:.1f}" height="10"/>'
            f'<path class="mark" d="M{bar / most:.1f} 0 v18"/></svg></li>'
        )
    return f'<ul class="reached">{"".join(rows)}</ul>'


def _share(term: Term, value: float) -> float:
    """1 is just what is asked: below it for a budget, above it for a target."""
    return value / term.budget if term.budget else (0.0 if value == 0 else 2.0)
