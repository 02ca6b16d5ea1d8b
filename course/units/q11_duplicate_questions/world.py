"""The world of q11: a forum with fifty thousand questions, and people who ask some of them again in other words.

A question means something (what is to be done with what, on which product, where, how often, or that it must *not*
happen) and is worded somehow; two questions are the same if they mean the same. The words are those of `lexicon`, the
vectors of words those of wordllama (MIT licence), read from that package's files. What the key decides: the names of
products and the house's own words for things, which meanings were asked before, how each is worded, and which words
nobody has been seen to use for each other.
"""

from __future__ import annotations

import dataclasses
import importlib.metadata
import json
import random
import re
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from course.units.q11_duplicate_questions import lexicon

if TYPE_CHECKING:
    import numpy as np

#: Questions in the store; flags that moderators decided, half of them right.
STORED, FLAGS = 50_000, 3_000
#: Questions of a hold-out that were asked before, and that were not.
AGAIN, NEW = {"public": 400, "private": 600}, {"public": 2_000, "private": 3_000}
#: Questions of a slice: half are in the store, of half the nearest is.
SLICE = 400
#: Products, their versions, things for which the house has a word of its own.
PRODUCTS, VERSIONS, HOUSE_WORDS = 16, ("2", "3", "4", "5", "6"), 24
#: Words that vectors know and that no flag shows, for each hold-out; how much nearer a word of the line must be.
UNSEEN, NEARER, NEAR = 18, 0.08, 0.42
#: How often somebody takes such a word where there is one.
FRESH = 0.75
#: How often a line of chat stands before a question, or behind it; how often a word is misspelled, but in the store.
CHAT, SLIPS = {"store": 0.1, "flags": 0.2, "public": 0.35, "private": 0.35}, 0.2
#: Numbers of a word's vector.
DIMENSIONS = 256
WORD = re.compile(r"[a-z]+|\d+")


class Meaning(NamedTuple):
    """What somebody wants; None where a question does not say."""

    kind: str
    verb: str  # a line of the lexicon, as are thing and circumstance
    thing: str
    never: bool = False
    route: tuple[str, str] | None = None  # from, to
    circumstance: str | None = None
    amount: tuple[str, int] | None = None  # the form, and which number
    product: tuple[int, str] | None = None  # which one, and its version


class Asked(NamedTuple):
    """A question as it was asked, and which stored one it repeats: -1 if none."""

    text: str
    same: int


@dataclass(frozen=True)
class World:
    """A forum."""

    products: tuple[str, ...]
    house: Mapping[str, str]  # line of the lexicon -> the house's own word
    stored: tuple[Meaning, ...]
    words: tuple[Mapping[str, str], ...]  # of each stored question: line -> the word that it has
    texts: tuple[str, ...]
    unseen: Mapping[str, frozenset[str]]  # "public" and "private": words that no flag shows
    known: frozenset[Meaning]
    chat: Mapping[str, tuple[Sequence[str], Sequence[str]]]  # before and behind, by part

    def barred(self, part: str) -> frozenset[str]:
        """Words that nobody of that part uses."""
        return frozenset().union(*(words for name, words in self.unseen.items() if name != part))


# --- words and their vectors -----------------------------------------------------------------------------------------


def lines(text: str) -> list[str]:
    """The meanings in a part of the lexicon, each as its words: what is called a line here."""
    return [" ".join(one.split()) for one in text.split(",")]


def said(line: str) -> list[str]:
    """The words that mean what a line does; a circumstance begins with words that only lead to it."""
    return [word for word in line.split() if word not in _LEADS]


_LEADS = {"in", "at", "on", "for", "before", "during", "after", "the", "my"}


@cache
def _package() -> tuple[Mapping[str, int], np.ndarray]:
    """Pieces ("▁" begins a word) and their rows; the table, (32000, 256) float16."""
    import numpy as np

    def content(name: str) -> bytes:
        return Path(str(importlib.metadata.distribution("wordllama").locate_file(f"wordllama/{name}"))).read_bytes()

    pieces = json.loads(content("tokenizers/l2_supercat_tokenizer_config.json"))["model"]["vocab"]
    weights = content("weights/l2_supercat_256.safetensors")
    size = struct.unpack("<Q", weights[:8])[0]
    (head,) = (part for name, part in json.loads(weights[8 : 8 + size]).items() if name != "__metadata__")
    start, end = head["data_offsets"]
    return pieces, np.frombuffer(weights[8 + size + start : 8 + size + end], np.float16).reshape(head["shape"])


@cache
def _made_of(word: str) -> tuple[int, ...]:
    """The rows of as few pieces as make a word."""
    pieces, _ = _package()
    best: list[tuple[float, tuple[int, ...]] | None] = [(0, ()), *[None] * len(word)]
    for end in range(1, len(word) + 1):
        for start in range(end):
            row, before = pieces.get("▁" * (start == 0) + word[start:end]), best[start]
            if row is not None and before is not None:
                cost = before[0] + 1 + 0.1 / (end - start)
                if best[end] is None or cost < best[end][0]:
                    best[end] = (cost, (*before[1], row))
    return best[-1][1] if best[-1] else ()


def vector(word: str) -> np.ndarray:
    """A word's 256 numbers, float32 of length 1: the mean of its pieces."""
    import numpy as np

    mean = _package()[1][list(_made_of(word)), :DIMENSIONS].astype(np.float32).mean(axis=0)
    return mean / np.linalg.norm(mean)


@cache
def vocabulary() -> tuple[tuple[str, ...], np.ndarray]:
    """Words in alphabetical order, with their vectors, float16: all that are one piece, and all of the lexicon."""
    import numpy as np

    pieces, _ = _package()
    english = {piece[1:] for piece in pieces if re.fullmatch("▁[a-z]{2,}", piece)}
    sayings = (*lexicon.ASKS, *lexicon.NEVER, *lexicon.HELLO, *lexicon.THANKS, *sum(lexicon.AMOUNTS.values(), ()))
    ours = {word for text in (*sayings, *lexicon.ENDS, *lexicon.NUMBERS) for word in WORD.findall(text.lower())}
    ours |= {form for line in every_line() for word in line.split() for form in (word, plural(word))}
    words = tuple(sorted(english | {word for word in ours if len(word) > 1 and word.isalpha()}))
    return words, np.stack([vector(word) for word in words]).astype(np.float16)


def plural(word: str) -> str:
    """More than one of them."""
    if word.endswith("y") and word[-2] not in "aeiou":
        return f"{word[:-1]}ies"
    return word + ("es" if word.endswith(("s", "x", "z", "ch", "sh")) else "s")


def every_line() -> list[str]:
    """All lines of the lexicon, each once."""
    parts = (*lexicon.VERBS.values(), *lexicon.THINGS.values(), lexicon.CIRCUMSTANCES)
    return list(dict.fromkeys(line for part in parts for line in lines(part)))


def _families() -> list[list[str]]:
    """Lines among which a word must be told from others: what is done, things, circumstances."""
    parts = (lexicon.VERBS.values(), lexicon.THINGS.values(), [lexicon.CIRCUMSTANCES])
    return [list(dict.fromkeys(line for part in some for line in lines(part))) for some in parts]


@cache
def _likeness() -> tuple[tuple[str, ...], Mapping[str, Sequence[str]]]:
    """Words that vectors tell right, one family after another; and for each line others, the most similar first."""
    import numpy as np

    families = [[(word, line) for line in family for word in said(line)] for family in _families()]
    words = list(dict.fromkeys(pair for family in families for pair in family))
    table = np.stack([vector(word) for word, _ in words])
    near = table @ table.T
    near[np.array([[word == other for other, _ in words] for word, _ in words])] = -1
    own = np.array([[line == other for _, other in words] for _, line in words])
    mate, stranger = (np.where(mask, near, -1).max(axis=1) for mask in (own, ~own))
    told = [word for k, (word, _) in enumerate(words) if mate[k] >= max(NEAR, stranger[k] + NEARER)]
    alike = {}
    for family in families:
        among = {line for _, line in family}
        for line in among:
            nearest = near[[of == line for _, of in words]].max(axis=0)
            order = np.argsort(-nearest, kind="stable")
            alike[line] = list(dict.fromkeys(words[k][1] for k in order if words[k][1] in among - {line}))
    return tuple(dict.fromkeys(told)), alike


# --- a forum ---------------------------------------------------------------------------------------------------------


def world(rng: np.random.Generator) -> World:
    """The forum of a key."""
    draw = _python(rng)
    names = [first + last for first in lexicon.FIRST for last in lexicon.LAST]
    draw.shuffle(names)
    things = [line for part in lexicon.THINGS.values() for line in lines(part)]
    house = dict(zip(draw.sample(things, HOUSE_WORDS), names[PRODUCTS:], strict=False))
    unseen = _kept_back(draw)
    listed: list[Meaning] = []
    known: set[Meaning] = set()
    while len(listed) < STORED:
        one = neighbour(draw.choice(listed), draw) if listed and draw.random() < 0.5 else meaning(draw)
        if one not in known:
            known.add(one)
            listed.append(one)
    products = tuple(name.capitalize() for name in names[:PRODUCTS])
    made = World(products, house, tuple(listed), (), (), unseen, frozenset(known), _chat(draw))
    words = tuple(_worded(made, one, draw, "store") for one in listed)
    texts = tuple(_written(made, one, some, draw, "store") for one, some in zip(listed, words, strict=True))
    return dataclasses.replace(made, words=words, texts=texts)


def _chat(draw: random.Random) -> dict[str, tuple[Sequence[str], Sequence[str]]]:
    """A third of what means nothing is in the store; another third comes along in each hold-out."""
    hello, thanks = (draw.sample(some, len(some)) for some in (lexicon.HELLO, lexicon.THANKS))
    part = len(hello) // 3
    of = {"store": (0,), "flags": (0,), "public": (0, 1), "private": (0, 2)}
    return {
        name: tuple([one for k in which for one in some[k * part : (k + 1) * part]] for some in (hello, thanks))
        for name, which in of.items()
    }


def _python(rng: np.random.Generator) -> random.Random:
    """Python's own generator, which draws single things faster."""
    return random.Random(int(rng.integers(2**63)))


def _kept_back(draw: random.Random) -> dict[str, frozenset[str]]:
    """Words that no flag shows: of each line one at most, of words that vectors tell right."""
    others = {word for text in (*lexicon.HELLO, *lexicon.THANKS, *lexicon.NEVER) for word in tokens(text)}
    told = [word for word in _likeness()[0] if word not in others.union(lexicon.ENDS)]
    draw.shuffle(told)
    lines_of = {word: line for line in every_line() for word in said(line)}
    one_each = list({lines_of[word]: word for word in told}.values())[: 2 * UNSEEN]
    return {"public": frozenset(one_each[:UNSEEN]), "private": frozenset(one_each[UNSEEN:])}


def meaning(draw: random.Random) -> Meaning:
    """Something that somebody may want."""
    full = _full(draw.choices(_KINDS, (4, 2, 3, 3))[0], draw)
    left_out = [name for name, share in _SAID.items() if draw.random() >= share]
    return full._replace(**dict.fromkeys(left_out))


#: How often a question says where, how many, and with which product.
_SAID = {"circumstance": 0.5, "amount": 0.4, "product": 0.65}


def _full(kind: str, draw: random.Random) -> Meaning:
    """Something that somebody may want who says everything."""
    verb, thing = draw.choice(_VERBS[kind]), draw.choice(_THINGS[kind])
    return Meaning(
        kind,
        verb,
        thing,
        never=draw.random() < 0.15,
        route=tuple(draw.sample(lexicon.ENDS, 2)) if _routed(verb) else None,
        circumstance=draw.choice(_CIRCUMSTANCES),
        amount=(draw.choice(lexicon.AMOUNTS[kind]), draw.randint(2, 12)),
        product=(draw.randrange(PRODUCTS), draw.choice(VERSIONS)),
    )


_KINDS = tuple(lexicon.VERBS)
_VERBS = {kind: lines(part) for kind, part in lexicon.VERBS.items()}
_THINGS = {kind: lines(part) for kind, part in lexicon.THINGS.items()}
_CIRCUMSTANCES = lines(lexicon.CIRCUMSTANCES)


def changes(of: Meaning) -> list[str]:
    """What can be changed in a meaning so that it is another."""
    found = ["verb", "thing", "never", "detail"]
    found += ["route"] if of.route else []
    found += ["circumstance"] if of.circumstance else []
    found += ["number"] if of.amount else []
    return found + (["version", "product"] if of.product else [])


def neighbour(of: Meaning, draw: random.Random, what: str = "") -> Meaning:
    """A meaning that differs in one thing, in `what` if that is given (see `changes`)."""
    what = what or draw.choice(changes(of))
    if what == "never":
        return of._replace(never=not of.never)
    if what == "detail":
        name = draw.choice(("circumstance", "amount", "product"))
        kept = getattr(of, name)
        return of._replace(**{name: None if kept else getattr(_full(of.kind, draw), name)})
    if what == "route":
        return of._replace(route=of.route[::-1])
    if what == "number":
        form, n = of.amount
        return of._replace(amount=(form, draw.choice([k for k in range(2, 13) if k != n])))
    if what == "version":
        return of._replace(product=(of.product[0], draw.choice([v for v in VERSIONS if v != of.product[1]])))
    if what == "product":
        return of._replace(product=(draw.choice([k for k in range(PRODUCTS) if k != of.product[0]]), of.product[1]))
    if what == "circumstance":
        return of._replace(circumstance=_like(of.circumstance, _CIRCUMSTANCES, draw))
    if what == "thing":
        return of._replace(thing=_like(of.thing, _THINGS[of.kind], draw))
    others = [one for one in _VERBS[of.kind] if _routed(one) == bool(of.route)]
    return of._replace(verb=_like(of.verb, others, draw))


def _like(line: str, among: Sequence[str], draw: random.Random) -> str:
    """Another line; every second time one of the four that look most like it."""
    allowed = set(among) - {line}
    near = [one for one in _likeness()[1][line] if one in allowed]
    return draw.choice(near[:4] if draw.random() < 0.5 else near)


# --- how it is worded ------------------------------------------------------------------------------------------------


def _worded(
    at: World, of: Meaning, draw: random.Random, part: str, before: Mapping[str, str] | None = None
) -> dict[str, str]:
    """A word for each line, as people of that part have them, and mostly not the one that it had `before`."""
    found, barred = {}, at.barred(part)
    for line in (of.verb, of.thing, of.circumstance):
        if line is None:
            continue
        words = [word for word in (*said(line), *filter(None, [at.house.get(line)])) if word not in barred]
        other = [word for word in words if word != (before or {}).get(line)]
        found[line] = draw.choice(other if other and draw.random() < 0.8 else words)
        fresh = [word for word in words if word in at.unseen.get(part, ())]
        if fresh and draw.random() < FRESH:
            found[line] = fresh[0]
    return found


def _written(at: World, of: Meaning, words: Mapping[str, str], draw: random.Random, part: str) -> str:
    """The question, in words, as people of that part write."""
    words = dict(words)
    if part != "store" and draw.random() < SLIPS:
        line = draw.choice(list(words))
        words[line] = slip(words[line], draw)
    thing = words[of.thing]
    article = draw.choice(("the", "my", "a", ""))
    if article == "a":
        article = "an" if thing[0] in "aeiou" else "a"
    elif draw.random() < 0.4:
        thing = plural(thing)
    what = [words[of.verb], article, thing]
    if of.route:
        what.append(f"from the {of.route[0]} to the {of.route[1]}")
    more = []
    if of.circumstance:
        leads = [word for word in of.circumstance.split() if word in _LEADS]
        more.append(" ".join([*leads, words[of.circumstance]]))
    if of.amount:
        form, n = of.amount
        more.append(form.format(n=lexicon.NUMBERS[n - 2] if draw.random() < 0.5 else n))
    if of.product:
        name = f"{at.products[of.product[0]]} {of.product[1]}"
        more.append(draw.choice(("on", "with")) + " " + draw.choice(("my", "the", "a")) + f" {name}")
    draw.shuffle(more)
    first = more.pop() + ", " if more and draw.random() < 0.25 else ""
    form = draw.choice(lexicon.NEVER if of.never else lexicon.ASKS)
    text = form.replace("{what}", " ".join([*filter(None, what), *more]))
    if first:
        text = first[0].upper() + first[1:] + (text if text.startswith("I ") else text[0].lower() + text[1:])
    before, behind = at.chat[part]
    if draw.random() < CHAT[part]:
        text = f"{draw.choice(before)} {text}"
    if draw.random() < CHAT[part]:
        text = f"{text} {draw.choice(behind)}"
    return text


def slip(word: str, draw: random.Random) -> str:
    """The word with two letters that changed places, or with one too few or too many; short words stay."""
    if len(word) < 5:
        return word
    at, how = draw.randrange(1, len(word) - 2), draw.randrange(3)
    if how == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + word[at + 1 :] if how == 1 else word[:at] + word[at] + word[at:]


# --- what is asked ---------------------------------------------------------------------------------------------------


def again(at: World, place: int, draw: random.Random, part: str) -> str:
    """A stored question, in other words."""
    of = at.stored[place]
    for _ in range(20):
        text = _written(at, of, _worded(at, of, draw, part, at.words[place]), draw, part)
        if tokens(text) != tokens(at.texts[place]):
            break
    return text


def tokens(text: str) -> list[str]:
    """Words and numbers, in small letters."""
    return WORD.findall(text.lower())


def near_miss(at: World, draw: random.Random, part: str, what: str = "") -> tuple[str, int]:
    """A question that was never asked, and a stored one that differs from it in one thing."""
    while True:
        place = draw.randrange(len(at.stored))
        if what and what not in changes(at.stored[place]):
            continue
        one = neighbour(at.stored[place], draw, what)
        if one not in at.known:
            return _written(at, one, _worded(at, one, draw, part, at.words[place]), draw, part), place


def flags(at: World, rng: np.random.Generator) -> list[tuple[str, int, bool]]:
    """Questions that somebody flagged as asked before, the stored one that was meant, and whether it was the same.

    Half are. No word that is kept back is among them.
    """
    draw = _python(rng)
    found = []
    for k in range(FLAGS):
        text, place = near_miss(at, draw, "flags") if k % 2 else _repeated(at, draw, "flags")
        found.append((text, place, k % 2 == 0))
    draw.shuffle(found)
    return found


def traffic(at: World, rng: np.random.Generator, part: str) -> list[Asked]:
    """What people ask, in no order: some of it is in the store, of the rest half is nearly so."""
    draw = _python(rng)
    found = [Asked(*_repeated(at, draw, part)) for _ in range(AGAIN[part])]
    for k in range(NEW[part]):
        found.append(Asked(near_miss(at, draw, part)[0] if k % 2 else _fresh(at, draw, part), -1))
    draw.shuffle(found)
    return found


def slice_of(at: World, rng: np.random.Generator, *what: str) -> list[Asked]:
    """Questions with a number (a negation, two sides) in them: half are stored, the others differ in it alone."""
    draw, found = _python(rng), []
    while len(found) < SLICE:
        one = draw.choice(what)
        if len(found) % 2:
            found.append(Asked(near_miss(at, draw, "private", one)[0], -1))
            continue
        place = draw.randrange(len(at.stored))
        if one in changes(at.stored[place]) and (one != "never" or at.stored[place].never):
            found.append(Asked(again(at, place, draw, "private"), place))
    draw.shuffle(found)
    return found


def other_words(at: World, rng: np.random.Generator) -> list[Asked]:
    """Questions with a word that neither the store nor a flag nor a public question has.

    Half are stored with another word for it; of the others one is stored that has something else in its place.
    """
    draw, found, kept = _python(rng), [], at.unseen["private"]
    fresh = {line: word for line in every_line() for word in said(line) if word in kept}
    while len(found) < SLICE:
        place, new = draw.randrange(len(at.stored)), len(found) % 2 == 1
        one = at.stored[place]
        if new:
            slot = draw.choice([name for name in ("verb", "thing", "circumstance") if getattr(one, name)])
            among = {"verb": _VERBS[one.kind], "thing": _THINGS[one.kind], "circumstance": _CIRCUMSTANCES}[slot]
            others = [line for line in among if line in fresh and _routed(line) <= bool(one.route)]
            one = one._replace(**{slot: draw.choice(others)}) if others else one
            if one in at.known or (one.route and not _routed(one.verb)):
                continue
        lines_of = [line for line in (one.verb, one.thing, one.circumstance) if line in fresh]
        if lines_of:
            words = _worded(at, one, draw, "private", at.words[place]) | {line: fresh[line] for line in lines_of}
            found.append(Asked(_written(at, one, words, draw, "private"), -1 if new else place))
    draw.shuffle(found)
    return found


def _routed(verb: str) -> bool:
    """True if what the verb says has two sides."""
    return verb.split()[0] in lexicon.ROUTES


def _repeated(at: World, draw: random.Random, part: str) -> tuple[str, int]:
    place = draw.randrange(len(at.stored))
    return again(at, place, draw, part), place


def _fresh(at: World, draw: random.Random, part: str) -> str:
    while True:
        one = meaning(draw)
        if one not in at.known:
            return _written(at, one, _worded(at, one, draw, part), draw, part)


# --- as arrays -------------------------------------------------------------------------------------------------------


def packed(at: World, flagged: Sequence[tuple[str, int, bool]], asked: Sequence[Asked]) -> dict[str, np.ndarray]:
    """What a learner may see, as arrays: texts as UTF-8 with a newline behind each."""
    import numpy as np

    words, vectors = vocabulary()
    return {
        "stored": _bytes(at.texts),
        "flag_texts": _bytes(text for text, _, _ in flagged),
        "flag_stored": np.array([place for _, place, _ in flagged], np.int32),
        "flag_same": np.array([same for _, _, same in flagged], np.int8),
        "asked": _bytes(one.text for one in asked),
        "asked_same": np.array([one.same for one in asked], np.int32),
        "words": _bytes(words),
        "vectors": vectors,
    }


def stored_of(data: Mapping[str, np.ndarray]) -> list[str]:
    """The stored questions; the place in the list is the id."""
    return _lines(data["stored"])


def flags_of(data: Mapping[str, np.ndarray]) -> list[tuple[str, int, bool]]:
    """(what was asked, id of the stored one that was meant, whether it is the same) of every flag."""
    return list(
        zip(_lines(data["flag_texts"]), data["flag_stored"].tolist(), map(bool, data["flag_same"]), strict=True)
    )


def asked_of(data: Mapping[str, np.ndarray]) -> list[Asked]:
    """Questions of the public hold-out: text, and the id of the stored one that it repeats, or -1."""
    return [Asked(*one) for one in zip(_lines(data["asked"]), data["asked_same"].tolist(), strict=True)]


def vectors_of(data: Mapping[str, np.ndarray]) -> tuple[list[str], np.ndarray]:
    """Words, and a row of 256 numbers for each, float16 of length 1."""
    return _lines(data["words"]), data["vectors"]


def _bytes(texts: Iterable[str]) -> np.ndarray:
    import numpy as np

    return np.frombuffer("".join(f"{text}\n" for text in texts).encode(), np.uint8)


def _lines(array: np.ndarray) -> list[str]:
    return array.tobytes().decode().splitlines()
