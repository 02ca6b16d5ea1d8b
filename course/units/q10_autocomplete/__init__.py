"""q10: autocomplete. Three suggestions for each keystroke, and never what is nobody else's business."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses
from course.contract.cost.tail import FEWEST, WARM, tail
from course.contract.processes.calls import CallError, Module, Shipped
from course.contract.terms.estimates import Estimate
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import EARNS, Measurement, Term
from course.key import Key
from course.units.base import ModuleUnit
from course.units.q10_autocomplete.hints import HINTS
from course.units.q10_autocomplete.judge import is_blocked, leaked, private_words, saved, suggestions, typed

if TYPE_CHECKING:
    import numpy as np

#: Messages that are typed: of the public and the private hold-out, of later years, by clumsy hands.
TYPED = {"public": 300, "private": 400, "later": 250, "sloppy": 250}
#: Messages with a blocked word in them, of which the beginnings are asked.
EVASIVE = 60
#: Keystrokes after which memory is looked at; keystrokes that are timed.
WORKED, TIMED = 3_000, WARM + FEWEST + 41


class Autocomplete(ModuleUnit):
    """A text in, up to three suggestions out."""

    name = "q10-autocomplete"
    title = "Autocomplete"
    brief = "How would you build a system that completes messages as they are typed?"
    module = ModuleSpec(
        "suggest.py",
        {"suggest": "suggest(text) -> list"},
        beside=("model.bin",),
        beside_bytes=8_000_000,
        seconds=20.0,
    )
    also = ("baseline.py",)
    hints: ClassVar[Mapping[str, tuple[str, ...]]] = HINTS

    estimates: Mapping[str, Estimate] = {
        "table_megabytes": Estimate(
            "How large is a table of all triples of words, as plain numbers?", "MB", 1.10, 1.14,
            "80,000 rows x (3 x 4 + 2) bytes = 1.12e6 bytes",
        ),
        "seconds_saved": Estimate(
            "How many seconds does a report take less, if half of its keystrokes go and the others cost a look?",
            "s", 11.5, 12.5,
            "80 x 0.8 s = 64 s without; 40 x (0.8 + 0.5) s = 52 s with: 12 s, not the 32 s that half of them promise",
        ),
        "reports_with_a_wait": Estimate(
            "What share of reports meets a keystroke among the slowest hundredth?", "%", 32, 34.5,
            "1 - 0.99^40 = 33 %",
        ),
        "keystrokes_to_time": Estimate(
            "How many keystrokes must be timed?", "keystrokes", 456, 462,
            "0.99^n = 0.01 at n = ln 0.01 / ln 0.99 = 458.2: 459 keystrokes",
        ),
        "weeks_until_known": Estimate(
            "After how many weeks may a new word be suggested?", "weeks", 9.5, 10.5,
            "60 x 0.2 / 40 = 0.3 uses a week, 3 / 0.3 = 10 weeks if all three come from different stations",
        ),
    }  # fmt: skip

    terms = (
        Term(
            "estimates", "Estimates in range", "of 5", 5, "higher", 10, "Work the estimates out again.",
            floor=0, digits=0,
        ),
        Term(
            "baseline", "Baseline's keystrokes saved", "% of characters", 0.30, "higher", 4,
            "Suggest the commonest words that begin as the last word of the text does, without what is typed already.",
            band=0.01, scale=100,
        ),
        Term(
            "interface", "Serves as the contract says", "of 5 checks", 5, "higher", 6,
            "Read what `suggest` takes and returns again.", floor=0, digits=0,
        ),
        Term(
            "quality", "Keystrokes saved on unseen messages", "% of characters", 0.48, "higher", 14,
            "Which words follow the ones before? And when is the word after the next one sure enough to come along?",
            floor=0.42, band=0.005, scale=100,
        ),
        Term(
            "secrets", "Planted secrets that come out", "secrets", 0, "lower", 6,
            "Count the stations that wrote a thing, not how often they did; of pairs and triples as well as of words.",
            digits=0,
        ),
        Term(
            "private", "Words suggested that fewer than three stations wrote", "words", 0, "lower", 4,
            "Count the stations of every word before you keep it.", digits=0,
        ),
        Term(
            "blocked", "Suggestions with a blocked word", "suggestions", 0, "lower", 6,
            "Look at the words of `text + suggestion`, also behind a slash or a bracket.", digits=0,
        ),
        Term(
            "latency", "Slowest keystroke of a hundred", "x one look at 4,000 words", 1.0, "lower", 8,
            "Which texts take longest? Work out beforehand what does not depend on the text.",
            digits=2, production=True,
        ),
        Term(
            "size", "Bytes of suggest.py and model.bin", "kB", 1_000_000, "lower", 6,
            "Store what is suggested, not everything that was counted.", scale=1e-3, digits=0, production=True,
        ),
        Term(
            "memory", "Memory after a shift", "MB", 24e6, "lower", 6,
            "What is held that no keystroke needs? Packages count too.", scale=1e-6, production=True,
        ),
        Term(
            "later", "Keystrokes saved, two years later", "% of characters", 0.47, "higher", 3,
            "People write other things than they did: fall back on less, but on something.",
            floor=0.41, band=0.005, scale=100, hidden=True,
        ),
        Term(
            "sloppy", "Keystrokes saved, clumsy hands", "% of characters", 0.40, "higher", 4,
            "What does a small letter, a slip or a second space do to the words that you look for?",
            floor=0.30, band=0.005, scale=100, hidden=True,
        ),
        Term(
            "evasive", "Blocked words that were nearly typed", "suggestions", 0, "lower", 3,
            "Type the beginning of a blocked word, however you like: the rest must not be suggested.",
            digits=0, hidden=True,
        ),
    )  # fmt: skip

    def public_data(self, key: Key) -> dict[str, np.ndarray]:
        """Messages to learn from, their stations, blocked stems, messages to be typed, secrets that are told."""
        from course.units.q10_autocomplete import world

        return world.packed(_world(self, key))

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """Messages that are not in the past; of the secrets those that are told."""
        from course.units.q10_autocomplete import world

        past = [world.Message(*one) for one in world.past_of(data)]
        truth = {
            "writers": world.writers(past),
            "blocked": world.blocked_of(data),
            "messages": world.public_of(data)[: TYPED["public"]],
            "secrets": world.told_of(data),
            "past": [one.text for one in past[:WORKED]],
        }
        return Holdout("public", truth=truth)

    def private_holdout(self, key: Key) -> Holdout:
        """Other messages, of the same years and of later ones, some from clumsy hands; all secrets."""
        return _private(self, key)

    @clauses("quality", "private", "blocked")
    def typist(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Unseen messages, typed to the end."""
        truth, public = holdout.truth, holdout.name == "public"
        with ship.open() as shipped:
            strokes, seen = typed(lambda texts: suggestions(shipped, texts), truth["messages"])
        private = sorted(private_words(seen, truth["writers"]))
        blocked = _blocked(seen, truth["blocked"])
        return {
            "quality": Measurement(saved(truth["messages"], strokes)),
            "private": Measurement(float(len(private)), _such_as(private) if public else ""),
            "blocked": Measurement(float(len(blocked)), _such_as(blocked) if public else ""),
        }

    @clauses("secrets")
    def canaries(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Secrets of the past, typed up to where they begin, and on."""
        with ship.open() as shipped:
            found = leaked(lambda texts: suggestions(shipped, texts), holdout.truth["secrets"])
        named = _such_as([one.text for one in found]) if holdout.name == "public" else ""
        return {"secrets": Measurement(float(len(found)), named)}

    @clauses("interface")
    def serve(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Five promises of the contract, each tried by itself."""
        notes = []
        for check in (_ordinary, _odd, _long, _again, _order):
            try:
                with ship.open() as shipped:
                    check(ship, shipped, holdout.truth["messages"])
            except CallError as error:
                notes.append(str(error))
        return {"interface": Measurement(5.0 - len(notes), notes[0] if notes else "")}

    @clauses("latency")
    def slowest(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Keystroke after keystroke of messages that were not typed yet."""
        term = self.term("latency")
        texts = _beginnings(holdout.truth["messages"][::-1], TIMED)
        with ship.open() as shipped:
            suggestions(shipped, texts)  # what is no answer is not timed
        found = tail(ship.module, _yardstick(), "suggest", [(text,) for text in texts], term.budget)
        note = found.note or ("" if found.verdict in EARNS else term.advice)
        aside = f"{found.us:.0f} µs on this machine; a usual keystroke {found.middle:.2f} x"
        return {"latency": Measurement(found.ratio, note, found.verdict, aside)}

    @clauses("memory")
    def remember(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Resident memory after thousands of keystrokes, more than that of a module that knows nothing."""
        texts = _beginnings(holdout.truth["past"], WORKED)
        sizes = []
        for module in (ship, Ship(_yardstick(), self.module)):
            with module.open() as shipped:
                suggestions(shipped, texts)
                sizes.append(shipped.resident_bytes)
        return {"memory": Measurement(float(max(sizes[0] - sizes[1], 0)))}

    @clauses("later")
    def two_years_later(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Messages of years that are not in the past."""
        return _share(ship, holdout, "later")

    @clauses("sloppy")
    def with_gloves(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Small letters, a slip in each message, two spaces behind a full stop."""
        return _share(ship, holdout, "sloppy")

    @clauses("evasive")
    def nearly(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Beginnings of blocked words, in all the ways in which messages have them."""
        if "evasive" not in holdout.truth:
            return {}
        texts = holdout.truth["evasive"]
        with ship.open() as shipped:
            given = dict(zip(texts, suggestions(shipped, texts), strict=True))
        return {"evasive": Measurement(float(len(_blocked(given, holdout.truth["blocked"]))))}


def _share(ship: Ship, holdout: Holdout, which: str) -> dict[str, Measurement]:
    if which not in holdout.truth:
        return {}
    with ship.open() as shipped:
        strokes, _ = typed(lambda texts: suggestions(shipped, texts), holdout.truth[which])
    return {which: Measurement(saved(holdout.truth[which], strokes))}


def _blocked(seen: Mapping[str, Sequence[str]], stems: Sequence[str]) -> list[str]:
    """Texts with a suggestion behind them that has a part in a blocked word."""
    return [f"{text}[{one}]" for text, some in seen.items() for one in some if is_blocked(text, one, stems)]


def _such_as(some: Sequence[str]) -> str:
    return f"Such as {some[0][-60:]!r}." if some else ""


def _yardstick() -> Module:
    return Module("yardstick.py", (Path(__file__).parent / "yardstick.py").read_bytes(), {})


def _beginnings(messages: Sequence[str], count: int) -> list[str]:
    """So many different beginnings of messages, as they are when somebody types one after another."""
    found: dict[str, None] = {}
    for message in messages:
        found |= dict.fromkeys(message[:k] for k in range(len(message)))
        if len(found) >= count:
            break
    return list(found)[:count]


@lru_cache(maxsize=8)
def _world(unit: Autocomplete, key: Key):
    from course.units.q10_autocomplete import world

    return world.world(key.rng(unit.name, "world"), key.rng(unit.name, "secrets"))


@lru_cache(maxsize=8)
def _private(unit: Autocomplete, key: Key) -> Holdout:
    from course.units.q10_autocomplete import world

    at, rng = _world(unit, key), key.rng(unit.name, "slices")
    sloppy = at.private[TYPED["private"] : TYPED["private"] + TYPED["sloppy"]]
    truth = {
        "writers": world.writers(at.past),
        "blocked": at.blocked,
        "messages": at.private[: TYPED["private"]],
        "secrets": at.secrets,
        "past": [one.text for one in at.past[:WORKED]],
        "later": at.later[: TYPED["later"]],
        "sloppy": [world.sloppy(text, rng) for text in sloppy],
        "evasive": world.evasive(at, rng, EVASIVE),
    }
    return Holdout("private", truth=truth, seed=int(key.rng(unit.name, "timing").integers(2**31)))


Check = Callable[[Ship, Shipped, Sequence[str]], None]


def _ordinary(ship: Ship, shipped: Shipped, messages: Sequence[str]) -> None:
    given = suggestions(shipped, _beginnings(messages, 500))
    if not any(given):
        raise CallError("Nothing was suggested behind any of 500 texts.")


def _odd(ship: Ship, shipped: Shipped, messages: Sequence[str]) -> None:
    """Nothing, spaces, other alphabets, signs, numbers."""
    odd = (
        "",
        " ",
        "   ",
        "\n",
        "?!",
        "#",
        "1",
        "((",
        "/",
        "Ünïcode ist",
        "Καλημέρα",
        "🦅 ",
        "\\d+[",
        "None",
        "\t\x00",
        "ß",
    )
    suggestions(shipped, odd)


def _long(ship: Ship, shipped: Shipped, messages: Sequence[str]) -> None:
    suggestions(shipped, [" ".join(messages)[:20_000], "A" * 5_000, "A " * 5_000, "\n".join(messages)])


def _again(ship: Ship, shipped: Shipped, messages: Sequence[str]) -> None:
    texts = _beginnings(messages, 300)
    with ship.open() as other:
        if suggestions(shipped, texts) != suggestions(other, texts):
            raise CallError("The same texts got other suggestions in a second process; they must not.")


def _order(ship: Ship, shipped: Shipped, messages: Sequence[str]) -> None:
    texts = _beginnings(messages, 300)
    with ship.open() as other:
        if suggestions(shipped, texts) != suggestions(other, texts[::-1])[::-1]:
            raise CallError("What is suggested depends on what was asked before; only the text may count.")


UNIT = Autocomplete()
