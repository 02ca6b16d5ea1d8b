"""q10: autocomplete. Three suggestions for each keystroke, and never what is nobody else's business."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses, read
from course.contract.cost.tail import FEWEST, WARM, tail
from course.contract.terms.estimates import Estimate
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import EARNS, Measurement, Term
from course.problem import Problem
from course.units.base import ModuleUnit
from course.units.kit import judges, terms
from course.units.kit.replay import Replay
from course.units.kit.worlds import Draw
from course.units.q10_autocomplete import judge
from course.units.q10_autocomplete.hints import HINTS

if TYPE_CHECKING:
    import numpy as np

    from course.units.q10_autocomplete.world import World

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
        terms.estimates(5),
        terms.baseline(
            "Baseline's keystrokes saved", "% of characters", 0.30, band=0.01, scale=100,
            advice="Suggest the commonest words that begin as the last word of the text does, without what is typed "
            "already.",
        ),
        terms.interface(5, advice="Read what `suggest` takes and returns again."),
        terms.share(
            "quality", "Keystrokes saved on unseen messages", "characters", 0.48, 14,
            "Which words follow the ones before? And when is the word after the next one sure enough to come along?",
            floor=0.42, band=0.005,
            definition="1 - (keys + taps) / characters, all messages pooled. At each place the suggestion that writes "
            "most is tapped if it writes two characters or more, else the next character is typed. A suggestion writes "
            "if the message goes on so, capitals or not, and a word ends there; the space behind it comes along.",
        ),
        Term(
            "secrets", "Planted secrets that come out", "secrets", 0, "lower", 6,
            "Count the stations that wrote a thing, not how often they did; of pairs and triples as well as of words.",
            digits=0,
            definition="Secrets that are suggested when somebody types what stands before them, and their first "
            "characters, by themselves or behind other words. A number or name counts if it is in a suggestion or "
            "completed by one; a pass phrase if three of its words in a row are each suggested before their first "
            "letter.",
        ),
        Term(
            "private", "Words suggested that fewer than three stations wrote", "words", 0, "lower", 4,
            "Count the stations of every word before you keep it.", digits=0,
            definition="Different words (letters and digits in a row) that a suggestion begins, goes on with or ends, "
            "over all texts of the messages that were typed, and that fewer than three stations wrote in the past.",
        ),
        Term(
            "blocked", "Suggestions with a blocked word", "suggestions", 0, "lower", 6,
            "Look at the words of `text + suggestion`, also behind a slash or a bracket.", digits=0,
            definition="Suggestions, over all texts of the messages that were typed, with a part in a word (letters in "
            "a row, capitals or not) that begins with a blocked stem.",
        ),
        Term(
            "latency", "Slowest keystroke of a hundred", "x one look at 4,000 words", 1.0, "lower", 8,
            "Which texts take longest? Work out beforehand what does not depend on the text.",
            digits=2, production=True,
            definition="The 99th percentile of what a call costs (over some 500 texts of messages as they are typed, "
            "each once), divided by a usual look at each of 4,000 words for those that begin so. A call costs the "
            "least of five fresh processes, so what is left is its own slowness.",
        ),
        terms.size(1_000_000, "Store what is suggested, not everything that was counted.",
                   title="Bytes of suggest.py and model.bin"),
        terms.memory(
            24e6, "What is held that no keystroke needs? Packages count too.", title="Memory after a shift", scale=1e-6,
            definition="Resident memory of the process after 3,000 keystrokes, less that of one that runs the "
            "yardstick: a module with a list of 4,000 words (1 MB = 1,000,000 bytes).",
        ),
        terms.share(
            "later", "Keystrokes saved, two years later", "characters", 0.47, 3,
            "People write other things than they did: fall back on less, but on something.",
            floor=0.41, band=0.005, hidden=True,
            definition="The same share, of messages written later than everything in the past.",
        ),
        terms.share(
            "sloppy", "Keystrokes saved, clumsy hands", "characters", 0.40, 4,
            "What does a small letter, a slip or a second space do to the words that you look for?",
            floor=0.30, band=0.005, hidden=True,
            definition="The same share, of messages in small letters with slips and double spaces in them.",
        ),
        Term(
            "evasive", "Blocked words that were nearly typed", "suggestions", 0, "lower", 3,
            "Type the beginning of a blocked word, however you like: the rest must not be suggested.",
            digits=0, hidden=True,
            definition="As *suggestions with a blocked word*, behind texts that end before or within a blocked word.",
        ),
    )  # fmt: skip
    example = (
        "The message is NO DMG TO A/C. Behind `NO ` the suggestions are DMG TO, DMG and REMAINS: DMG TO writes 7 "
        "characters with the space behind it, DMG only 4, REMAINS none. Three keys, one tap on DMG TO, and behind "
        "`NO DMG TO ` a tap on A/C (3 characters): 3 + 1 + 1 strokes for 13 characters, and one key for the full stop: "
        "1 - 6 / 14 = 57 % saved."
    )

    def release(self, draw: Draw) -> dict[str, np.ndarray]:
        """Messages to learn from, their stations, blocked stems, messages to be typed, secrets that are told."""
        from course.units.q10_autocomplete import world

        return world.packed(_world(draw))

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

    def hidden(self, draw: Draw) -> Holdout:
        """Other messages, of the same years and of later ones, some from clumsy hands; all secrets."""
        from course.units.q10_autocomplete import world

        at, rng = _world(draw), draw("slices")
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
        return Holdout("private", truth=truth, seed=draw.seed())

    @clauses("quality", "private", "blocked")
    def typist(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Unseen messages, typed to the end."""
        truth, public = holdout.truth, holdout.name == "public"
        with ship.open() as shipped:
            strokes, seen = judge.typed(lambda texts: judge.suggestions(shipped, texts), truth["messages"])
        private = sorted(judge.private_words(seen, truth["writers"]))
        blocked = judge.blocked(seen, truth["blocked"])
        return {
            "quality": Measurement(judge.saved(truth["messages"], strokes)),
            "private": Measurement(float(len(private)), _such_as(private) if public else ""),
            "blocked": Measurement(float(len(blocked)), _such_as(blocked) if public else ""),
        }

    @clauses("secrets")
    def canaries(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Secrets of the past, typed up to where they begin, and on."""
        with ship.open() as shipped:
            found = judge.leaked(lambda texts: judge.suggestions(shipped, texts), holdout.truth["secrets"])
        named = _such_as([one.text for one in found]) if holdout.name == "public" else ""
        return {"secrets": Measurement(float(len(found)), named)}

    @clauses("interface")
    def serve(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Five promises of the contract."""
        from course.units.q10_autocomplete.promises import PROMISES

        return {"interface": judges.promises(ship, PROMISES, holdout.truth["messages"])}

    @clauses("latency")
    def slowest(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Keystroke after keystroke of messages that were not typed yet."""
        term, texts = self.term("latency"), judge.beginnings(holdout.truth["messages"][::-1], TIMED)
        with ship.open() as shipped:
            judge.suggestions(shipped, texts)  # what is no answer is not timed
        found = tail(ship.module, judges.yardstick(__file__), "suggest", [(text,) for text in texts], term.budget)
        note = found.note or ("" if found.verdict in EARNS else term.advice)
        aside = f"{found.us:.0f} µs on this machine; a usual keystroke {found.middle:.2f} x"
        return {"latency": Measurement(found.ratio, note, found.verdict, aside)}

    @clauses("memory")
    def remember(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Resident memory after thousands of keystrokes, more than that of a module that knows nothing."""
        texts, sizes = judge.beginnings(holdout.truth["past"], WORKED), []
        for module in (ship, Ship(judges.yardstick(__file__), self.module)):
            with module.open() as shipped:
                judge.suggestions(shipped, texts)
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
            given = dict(zip(texts, judge.suggestions(shipped, texts), strict=True))
        return {"evasive": Measurement(float(len(judge.blocked(given, holdout.truth["blocked"]))))}

    def replay(self, folder: Path, holdout: Holdout, case: int) -> Replay:
        """The message of that number, stroke by stroke."""
        messages = holdout.truth["messages"]
        if not 0 <= case < len(messages):
            raise Problem(f"There are messages 0 to {len(messages) - 1}; {case} is none of them.")
        with read(folder, self.module).open() as shipped:
            return judge.replayed(shipped, messages[case], case)


def _share(ship: Ship, holdout: Holdout, which: str) -> dict[str, Measurement]:
    if which not in holdout.truth:
        return {}
    with ship.open() as shipped:
        strokes, _ = judge.typed(lambda texts: judge.suggestions(shipped, texts), holdout.truth[which])
    return {which: Measurement(judge.saved(holdout.truth[which], strokes))}


def _such_as(some: Sequence[str]) -> str:
    return f"Such as {some[0][-60:]!r}." if some else ""


@lru_cache(maxsize=8)
def _world(draw: Draw) -> World:
    from course.units.q10_autocomplete import world

    return world.world(draw("world"), draw("secrets"))


UNIT = Autocomplete()
