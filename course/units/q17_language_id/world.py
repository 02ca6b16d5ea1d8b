"""The world of q17: what a braille display shows forty characters of, in 64 languages and in some that nobody named.

The strings are translations of the messages of Django (Django Software Foundation and contributors, BSD 3-Clause) in
the files that its package carries; no code of it is run. Which messages are in which part, which languages are
strangers, and where each window begins come from the key.
"""

from __future__ import annotations

import ast
import gettext
import importlib.metadata
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

#: Cells of the display.
CELLS = 40
#: Letters that a window has at least; a letter of Chinese, Japanese or Korean counts as `WIDE`.
LEAST, WIDE = 10, 3
#: Characters of a text that stands beside something else.
BESIDE = 26
#: Shares of all messages. They are split by message: a row's translations never lie in two parts.
PARTS = {"train": 0.62, "public": 0.16, "private": 0.22}
#: Windows of a known language and of a stranger in a hold-out.
KNOWN, STRANGE = 50, 60
#: Languages of which a key draws strangers, as many for the public as for the private hold-out, by script.
DRAWN = (
    (3, ("br", "cy", "eu", "fi", "hu", "sq", "sw", "tk", "uz", "vi")),
    (1, ("ig", "kab")),
    (2, ("kk", "ky", "mn", "os", "tg", "tt")),
    (1, ("ckb", "ug")),
    (1, ("am", "km", "kn", "my", "pa", "ta", "te")),
)
#: Too few strings to learn from: strangers or nothing.
FEW = {"ig", "kab", "am", "km", "kn", "my", "pa", "ta", "te"}
#: Regional variants that share most strings with a language of the list, too small, or all but one with a neighbour.
LEFT_OUT = {
    "ar_DZ", "es_AR", "es_CO", "es_MX", "es_VE", "en_AU", "en_GB", "ast", "bs", "fy", "ia", "io", "lb", "udm",
}  # fmt: skip
_NOT_TEXT = re.compile(r"%\([^)]*\)[-.\d]*[a-z]?|%%|%[a-zA-Z]|\{[^}]*\}|<[^>]*>|&\w+;|https?://\S+")
_NUMBERS = ("{day:02d}.{month:02d}.2026", "{hour}:{minute:02d}", "{minute},{day:02d} €", "+{day} {year} {minute}")
_OTHER = (
    *_NUMBERS, "v{hour}.{month}.{day}", "#{year}",
    "info@example.org", "www.example.org", "IMG_{year}.jpg", "report-{day}.pdf",
)  # fmt: skip


def clean(text: str) -> str:
    """A message without placeholders, tags and addresses; composed characters (NFC), single blanks."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", _NOT_TEXT.sub(" ", text))).strip()


@cache
def strings() -> Mapping[str, Mapping[str, str]]:
    """By language, then by English message: what that language alone says for it. Four letters or more."""
    package, found = importlib.metadata.distribution("django"), defaultdict(dict)
    for file in sorted(str(file) for file in package.files or ()):
        at = re.fullmatch(r"django/(?:conf|contrib/\w+)/locale/(\w+)/LC_MESSAGES/django\.mo", file)
        if not at or at[1] in LEFT_OUT or at[1] == "en":
            continue
        with open(str(package.locate_file(file)), "rb") as opened:
            messages = gettext.GNUTranslations(opened)._catalog
        for key, said in messages.items():
            message = (key[0] if isinstance(key, tuple) else key).split("\x04")[-1]  # without plural and context
            if message:
                found[at[1]].setdefault(message, clean(said))
    found["en"] = {message: clean(message) for message in sorted({m for said in found.values() for m in said})}
    english = {text.casefold() for text in found["en"].values()}
    speakers = defaultdict(set)
    for language, said in found.items():
        for text in said.values():
            speakers[text.casefold()].add(language)
    return {
        language: {
            message: text
            for message, text in said.items()
            if sum(map(str.isalpha, text)) >= 4
            and len(speakers[text.casefold()]) == 1
            and (language == "en" or text.casefold() not in english)
        }
        for language, said in sorted(found.items())
    }


@cache
def names() -> Mapping[str, str]:
    """English names of languages by code, read from Django's own list."""
    file = Path(str(importlib.metadata.distribution("django").locate_file("django/conf/locale/__init__.py")))
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "LANG_INFO":
            listed = ast.literal_eval(node.value)
            break
    codes = {code: code.replace("_", "-").lower() for code in strings()}
    return {code: listed.get(short, {}).get("name", code) for code, short in codes.items()}


@dataclass(frozen=True)
class World:
    """What a key decides."""

    languages: tuple[str, ...]  # the known ones, in the order of the answers
    strangers: Mapping[str, tuple[str, ...]]  # "public" and "private"
    part: Mapping[str, str]  # message -> part


def world(rng: np.random.Generator) -> World:
    """The world of one key."""
    strange: dict[str, list[str]] = {"public": [], "private": []}
    for each, pool in DRAWN:
        drawn = [pool[k] for k in rng.permutation(len(pool))[: 2 * each]]
        strange["public"] += drawn[:each]
        strange["private"] += drawn[each:]
    aside = FEW.union(*strange.values())
    messages = sorted({message for said in strings().values() for message in said})
    parts = np.repeat(list(PARTS), np.diff(np.rint(np.cumsum([0, *PARTS.values()]) * len(messages)).astype(int)))
    return World(
        tuple(sorted(language for language in strings() if language not in aside)),
        {name: tuple(sorted(some)) for name, some in strange.items()},
        dict(zip(messages, rng.permutation(parts).tolist(), strict=True)),
    )


def training(at: World) -> tuple[list[str], np.ndarray]:
    """Whole strings of the known languages, and the place of each one's language in `at.languages`, int64."""
    pairs = [
        (text, place)
        for place, language in enumerate(at.languages)
        for message, text in strings()[language].items()
        if at.part[message] == "train"
    ]
    return [text for text, _ in pairs], np.array([place for _, place in pairs], dtype=np.int64)


def letters(text: str) -> int:
    """How much there is to read: its letters, a wide one counted as `WIDE`."""
    return sum(WIDE if character >= "⺀" else 1 for character in text if character.isalpha())


def windows(texts: Iterable[str], count: int, rng: np.random.Generator, cells: int = CELLS) -> list[str]:
    """`count` windows of at most `cells` characters that begin anywhere in some text and have `LEAST` letters.

    Fewer, if there aren't as many different ones.
    """
    texts, found = list(texts), {}
    for _ in range(20 * count):
        text = texts[int(rng.integers(len(texts)))]
        begin = int(rng.integers(max(len(text) - cells // 2, 0) + 1))
        shown = text[begin : begin + cells].strip()
        if letters(shown) >= LEAST:
            found[shown] = None
        if len(found) == count:
            break
    return list(found)


def holdout(at: World, part: str, rng: np.random.Generator, cells: int = CELLS) -> tuple[list[str], np.ndarray]:
    """Windows of a part, and the place of each one's language; strangers have the places behind the known ones."""
    texts, places = [], []
    for place, language in enumerate(at.languages):
        said = [text for message, text in strings()[language].items() if at.part[message] == part]
        shown = windows(said, KNOWN, rng, cells)
        texts += shown
        places += [place] * len(shown)
    for place, language in enumerate(at.strangers[part], start=len(at.languages)):
        shown = windows(strings()[language].values(), STRANGE, rng, cells)
        texts += shown
        places += [place] * len(shown)
    return texts, np.array(places, dtype=np.int64)


def capitals(texts: Sequence[str]) -> list[str]:
    """The same windows in capitals, as far as they fit."""
    return [text.upper()[:CELLS] for text in texts]


def mixed(texts: Sequence[str], rng: np.random.Generator) -> list[str]:
    """Windows of `BESIDE` characters with something behind or before them that is in no language."""
    found = []
    for text in texts:
        other = _filled(_OTHER[int(rng.integers(len(_OTHER)))], rng)
        found.append((f"{text} {other}" if rng.random() < 0.5 else f"{other} {text}")[:CELLS])
    return found


def nothing(count: int, rng: np.random.Generator) -> list[str]:
    """Windows without a single letter: numbers, dates, signs, pictures; the first is empty."""
    signs = list(" .,:;!?-+*/=()[]0123456789€$%#&@|<>·–…“”→✓★😀👍")
    found = [""]
    while len(found) < count:
        if rng.random() < 0.5:
            found.append("".join(rng.choice(signs, int(rng.integers(1, CELLS + 1)))))
        else:
            found.append(_filled(_NUMBERS[int(rng.integers(len(_NUMBERS)))], rng))
    return found


def _filled(form: str, rng: np.random.Generator) -> str:
    limits = {"day": (1, 29), "month": (1, 13), "hour": (0, 24), "minute": (10, 60), "year": (1000, 10_000)}
    return form.format(**{name: int(rng.integers(*limit)) for name, limit in limits.items()})


def codes(texts: Sequence[str]) -> np.ndarray:
    """Code points, int32 (n, CELLS); zeros behind the end of a text. What is longer is cut."""
    found = np.zeros((len(texts), CELLS), np.int32)
    for row, text in zip(found, texts, strict=True):
        shown = text[:CELLS]
        row[: len(shown)] = [ord(character) for character in shown]
    return found
