"""q10: autocomplete. Three suggestions for each keystroke, and never what is nobody else's business."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses, read
from course.contract.cost.tail import FEWEST, WARM, tail
from course.contract.processes.calls import CallError, serve
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import EARNS, Measurement
from course.problem import Problem
from course.units.base import ModuleUnit
from course.units.kit import contract, judges
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
#: Keystrokes that are timed.
TIMED = WARM + FEWEST + 41


class Autocomplete(ModuleUnit):
    """A text in, up to three suggestions out."""

    name, title, brief, example, estimates, terms = contract.beside(__file__)
    module = ModuleSpec(
        "suggest.py",
        {"suggest": "suggest(text) -> list"},
        beside=("model.bin",),
        beside_bytes=8_000_000,
        seconds=20.0,
    )
    also = ("baseline.py",)
    hints: ClassVar[Mapping[str, tuple[str, ...]]] = HINTS

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
            "later": at.later[: TYPED["later"]],
            "sloppy": [world.sloppy(text, rng) for text in sloppy],
            "evasive": world.evasive(at, rng, EVASIVE),
        }
        return Holdout("private", truth=truth, seed=draw.seed())

    @clauses("quality", "private", "blocked", "memory")
    def typist(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Unseen messages, typed to the end; what the process holds then, and one would that knows nothing."""
        truth, public = holdout.truth, holdout.name == "public"
        with ship.open() as shipped:
            strokes, seen = judge.typed(lambda texts: judge.suggestions(shipped, texts), truth["messages"])
            holds = shipped.resident_bytes
        with serve(judges.yardstick(__file__)) as plain:
            judge.suggestions(plain, list(seen))
            holds -= plain.resident_bytes
        private = sorted(judge.private_words(seen, truth["writers"]))
        blocked = judge.blocked(seen, truth["blocked"])
        return {
            "quality": Measurement(judge.saved(truth["messages"], strokes)),
            "private": Measurement(float(len(private)), _such_as(private) if public else ""),
            "blocked": Measurement(float(len(blocked)), _such_as(blocked) if public else ""),
            "memory": Measurement(float(max(holds, 0))),
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
        """The strokes of messages as they are judged; what is suggested is judged as well."""
        term = self.term("latency")
        with ship.open() as shipped:
            _, seen = judge.typed(
                lambda texts: judge.suggestions(shipped, texts), holdout.truth["messages"][::-1], TIMED
            )

        def check(many: Sequence[tuple], given: list) -> None:
            if any(list(some) != seen[text] for (text,), some in zip(many, given, strict=True)):
                raise CallError("`suggest` gave other suggestions while it was timed.")

        ours = judges.yardstick(__file__)
        found = tail(ship.module, ours, "suggest", [(text,) for text in seen], term.budget, check=check)
        note = found.note or ("" if found.verdict in EARNS else term.advice)
        aside = f"{found.us:.0f} µs on this machine; a usual keystroke {found.middle:.2f} x"
        return {"latency": Measurement(found.ratio, note, found.verdict, aside)}

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
