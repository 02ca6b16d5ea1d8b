"""The world of q26: what children draw, with what, and what a sensor of 32 x 32 pixels makes of it.

Every drawing is drawn anew from the key: an outline with a child's hand, a pen, strokes that belong to nothing, light.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SIDE = 32
SHAPES = ("triangle", "circle", "square")
#: Points of an outline, and how much finer than the sensor it is drawn.
POINTS, FINE = 96, 3
_FRAME = SIDE * FINE
_AROUND = np.linspace(0, 2 * np.pi, POINTS, endpoint=False)
#: A hand's wobble along an outline: slow waves are large, quick ones small.
_WAVES = np.concatenate([np.stack([np.cos(k * _AROUND), np.sin(k * _AROUND)]) / k**1.5 for k in range(1, 7)])
#: A square's sides and a circle's axes differ by so much at most; no angle of a triangle is below 40 degrees.
UNEVEN, LEAST_ANGLE = 0.14, np.deg2rad(40)


@dataclass(frozen=True)
class Pen:
    """What is drawn with: width in pixels of the sensor, how much ink (0 to 1), and how the hand moves it."""

    width: tuple[float, float]
    ink: tuple[float, float] = (0.6, 1.0)
    wobble: float = 0.03
    grain: bool = False  # paper shows through
    filled: bool = False
    lines: int = 1
    light: bool = False  # light on dark


PENS = {
    "crayon": Pen((2.0, 3.2), wobble=0.035, grain=True),
    "pencil": Pen((0.9, 1.3), ink=(0.45, 0.75)),
    "felt-tip": Pen((1.0, 2.0), filled=True),
    "twice": Pen((0.8, 1.5), wobble=0.06, lines=2),
}
#: Not for sale yet when the model is built.
CHALK = Pen((1.0, 2.2), wobble=0.04, grain=True, light=True)


def outline(shape: str, rng: np.random.Generator) -> np.ndarray:
    """A closed outline (POINTS, 2) around the origin, about as large as the unit circle, not turned."""
    if shape == "circle":
        return np.column_stack([np.cos(_AROUND), np.sin(_AROUND) * rng.uniform(1 - UNEVEN, 1)])
    if shape == "square":
        corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * 0.8 * [1, rng.uniform(1 - UNEVEN, 1)]
    else:
        at = np.zeros(3)
        # An angle on a circle is half of the arc that it sees.
        while np.diff(at, append=at[0] + 2 * np.pi).min() < 2 * LEAST_ANGLE:
            at = np.sort(rng.uniform(0, 2 * np.pi, 3))
        corners = 1.1 * np.column_stack([np.cos(at), np.sin(at)])
    corners = corners + rng.normal(0, 0.05, corners.shape)
    corners = np.append(corners, corners[:1], axis=0)
    there = np.append(0, np.cumsum(np.hypot(*np.diff(corners, axis=0).T)))
    along = np.linspace(0, there[-1], POINTS, endpoint=False)
    return np.column_stack([np.interp(along, there, side) for side in corners.T])


def draw(shape: str, pen: Pen, rng: np.random.Generator) -> np.ndarray:
    """One drawing as the sensor sees it, float (SIDE, SIDE): 0 is black, 1 is white."""
    from PIL import Image, ImageDraw

    form, angle = outline(shape, rng), rng.uniform(0, 2 * np.pi)
    size = rng.uniform(0.26, 0.44) * _FRAME
    turn = size * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    centre = _FRAME / 2 + rng.uniform(-1, 1, 2) * max(_FRAME / 2 - 0.95 * size, 0)

    def hand() -> np.ndarray:
        """The outline once, begun anywhere, as a hand draws it."""
        form_now = form + pen.wobble * (rng.normal(size=(2, len(_WAVES))) @ _WAVES).T
        return np.roll(form_now @ turn.T + centre, rng.integers(POINTS), axis=0)

    image = Image.new("L", (_FRAME, _FRAME))
    canvas = ImageDraw.Draw(image)

    def line(points: np.ndarray, width: float, ink: float) -> None:
        canvas.line(points.ravel().tolist(), fill=int(255 * ink), width=max(round(width * FINE), 1))

    for _ in range(rng.poisson(1.2)):  # strokes that belong to nothing
        start = rng.uniform(0, _FRAME, 2)
        end = start + rng.normal(0, 5.5 * FINE, 2)
        line(
            np.stack([start, (start + end) / 2 + rng.normal(0, 2 * FINE, 2), end]), *rng.uniform((0.5, 0.4), (1.7, 0.9))
        )
    width, ink = rng.uniform(*pen.width), rng.uniform(*pen.ink)
    for _ in range(pen.lines):
        points = hand()
        if pen.filled:
            canvas.polygon(points.ravel().tolist(), fill=int(255 * ink))
        elif rng.random() < 0.4:
            line(points[: POINTS - rng.integers(8)], width, ink)  # not closed
        else:
            line(np.append(points, points[: rng.integers(1, 12)], axis=0), width, ink)  # or drawn too far
    marks = np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BOX), dtype=np.float32) / 255
    if pen.grain:
        marks = marks * rng.uniform(0.35, 1, marks.shape)
    down, right = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    shade = 0.12 + rng.normal(0, 0.08) * down + rng.normal(0, 0.08) * right
    seen = shade + 0.8 * marks + rng.normal(0, rng.uniform(0.02, 0.1), marks.shape)
    return np.clip(seen if pen.light else 1 - seen, 0, 1)


def drawings(pens: dict[str, Pen], each: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`each` drawings of every shape with every pen, shuffled.

    Pixels (n, SIDE * SIDE) uint8, shapes (n,) int64 by place in SHAPES, pens (n,) int64 by place in `pens`.
    """
    kinds = [(shape, pen) for shape in range(len(SHAPES)) for pen in range(len(pens)) for _ in range(each)]
    shapes, used = rng.permutation(np.array(kinds)).T
    given = list(pens.values())
    seen = [draw(SHAPES[shape], given[pen], rng).ravel() for shape, pen in zip(shapes, used, strict=True)]
    return np.rint(255 * np.array(seen)).astype(np.uint8), shapes.astype(np.int64), used.astype(np.int64)


def turned(pixels: np.ndarray) -> np.ndarray:
    """The same drawings (n, SIDE * SIDE) in all eight ways to lay a square sheet: (8 n, SIDE * SIDE), way by way."""
    sheets = pixels.reshape(-1, SIDE, SIDE)
    ways = [np.rot90(side, quarter, axes=(1, 2)) for side in (sheets, sheets[:, :, ::-1]) for quarter in range(4)]
    return np.concatenate(ways).reshape(-1, SIDE * SIDE)
