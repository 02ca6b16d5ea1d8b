"""q11: duplicate questions. Has this been asked before, in whatever words?"""

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
from course.units.base import ModuleUnit
from course.units.kit import contract, judges, replay
from course.units.kit.replay import Replay
from course.units.kit.worlds import Draw
from course.units.q11_duplicate_questions import judge
from course.units.q11_duplicate_questions.hints import HINTS

if TYPE_CHECKING:
    import numpy as np

    from course.units.q11_duplicate_questions.world import World

#: Questions that are timed, and that promises are tried with.
TIMED, TRIED = WARM + FEWEST + 41, 150
#: Slices, and what may differ in each.
SLICES = {"numbers": ("number", "version"), "negation": ("never",), "sides": ("route",)}


def _right(ship: Ship, holdout: Holdout, name: str) -> Measurement:
    if name not in holdout.truth:
        return Measurement(None)
    asked = holdout.truth[name]
    with ship.open() as shipped:
        return Measurement(judge.right(asked, judge.answers(shipped, [one.text for one in asked])))


class DuplicateQuestions(ModuleUnit):
    """A question in; up to five ids, or "new"."""

    name, title, brief, example, estimates, terms = contract.beside(__file__)
    module = ModuleSpec(
        "find.py",
        {"find": "find(question) -> ids or 'new'"},
        most_bytes=4_000_000,
        beside=("index.bin",),
        beside_bytes=64_000_000,
    )
    also = ("baseline.py",)
    hints: ClassVar[Mapping[str, tuple[str, ...]]] = HINTS

    def release(self, draw: Draw) -> dict[str, np.ndarray]:
        """The store, flags that were decided, questions of the public hold-out, vectors; see `world.packed`."""
        from course.units.q11_duplicate_questions import world

        at = _world(draw)
        return world.packed(at, world.flags(at, draw("flags")), world.traffic(at, draw("public"), "public"))

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """Questions of one week."""
        from course.units.q11_duplicate_questions import world

        return Holdout("public", truth={"asked": world.asked_of(data), "stored": world.stored_of(data)})

    def hidden(self, draw: Draw) -> Holdout:
        """Questions of another week, by people with other words; and those in which one small thing counts."""
        from course.units.q11_duplicate_questions import world

        at = _world(draw)
        truth = {"asked": world.traffic(at, draw("private"), "private"), "stored": at.texts}
        truth |= {name: world.slice_of(at, draw(name), *what) for name, what in SLICES.items()}
        truth["words"] = world.other_words(at, draw("words"))
        return Holdout("private", truth=truth, seed=draw.seed())

    @clauses("quality", "first", "false", "memory")
    def week(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """A week of questions; what the process holds then, and one would that knows nothing."""
        asked = holdout.truth["asked"]
        texts = [one.text for one in asked]
        with ship.open() as shipped:
            given = judge.answers(shipped, texts)
            holds = shipped.resident_bytes
        with serve(judges.yardstick(__file__)) as plain:
            judge.answers(plain, texts)
            holds -= plain.resident_bytes
        return {
            "quality": Measurement(judge.recall(asked, given)),
            "first": Measurement(judge.recall(asked, given, most=1)),
            "false": Measurement(judge.false_duplicates(asked, given)),
            "memory": Measurement(float(max(holds, 0))),
        }

    @clauses("interface")
    def serve(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Six promises of the contract."""
        from course.units.q11_duplicate_questions.promises import PROMISES

        texts = [one.text for one in holdout.truth["asked"][:TRIED]]
        return {"interface": judges.promises(ship, PROMISES, texts)}

    @clauses("latency")
    def slowest(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Questions of the week, one at a time; what is answered is judged as well."""
        term, texts = self.term("latency"), [one.text for one in holdout.truth["asked"]]
        texts = list(dict.fromkeys(texts[::-1]))[:TIMED]
        with ship.open() as shipped:
            seen = dict(zip(texts, judge.answers(shipped, texts), strict=True))

        def check(many: Sequence[tuple], given: list) -> None:
            if any(judge.checked(text, value) != seen[text] for (text,), value in zip(many, given, strict=True)):
                raise CallError("`find` gave other answers while it was timed.")

        ours = judges.yardstick(__file__)
        found = tail(ship.module, ours, "find", [(text,) for text in texts], term.budget, check=check)
        note = found.note or ("" if found.verdict in EARNS else term.advice)
        aside = f"{found.us:.0f} µs on this machine; a usual question {found.middle:.2f} x"
        return {"latency": Measurement(found.ratio, note, found.verdict, aside)}

    numbers = judges.single("numbers", _right)
    negation = judges.single("negation", _right)
    sides = judges.single("sides", _right)
    words = judges.single("words", _right)

    def replay(self, folder: Path, holdout: Holdout, case: int) -> Replay:
        """The question of that number, with the stored ones that were answered."""
        one = replay.case(holdout.truth["asked"], case, "questions")
        with read(folder, self.module).open() as shipped:
            return judge.replayed(shipped, one, case, holdout.truth["stored"])


@lru_cache(maxsize=4)
def _world(draw: Draw) -> World:
    from course.units.q11_duplicate_questions import world

    return world.world(draw("world"))


UNIT = DuplicateQuestions()
