"""q15: tired or paused. Who will come back to a show by themselves, and for whom does a message change that?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses, read
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import Measurement
from course.units.base import ModuleUnit
from course.units.kit import contract, judges, replay
from course.units.kit.worlds import Draw
from course.units.q15_tired_or_paused.hints import HINTS

if TYPE_CHECKING:
    import numpy as np

#: Pairs of a night that is timed.
TIMED = 250


class TiredOrPaused(ModuleUnit):
    """A night's history in; a chance to return and an action for each pair out."""

    name, title, brief, example, estimates, terms = contract.beside(__file__)
    module = ModuleSpec(
        "viewers.py",
        {"predict": "predict(history, now) -> chances", "act": "act(history, now) -> actions"},
        beside=("model.onnx", "model.npz"),
    )
    also = ("baseline.py",)
    hints: ClassVar[Mapping[str, tuple[str, ...]]] = HINTS

    def release(self, draw: Draw) -> dict[str, np.ndarray]:
        """The log with its trial, ten nights of June, and prices; see `world.log`, `world.packed`.

        `prices` float64 (3,): € that a return is worth, that a reminder costs, that another show costs. `best` is what
        perfect knowledge would bring in June, in € a pair.
        """
        import numpy as np

        from course.units.q15_tired_or_paused import judge, world

        at = world.world(draw("world"))
        june = world.nights(at, draw("public"), world.PUBLIC, world.DRAWN)
        best = judge.best(june, at.prices)
        return world.log(at, draw("log")) | world.packed(june, "public") | {"prices": at.prices, "best": np.array(best)}

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """Ten nights of June, in which the trial went on."""
        from course.units.q15_tired_or_paused import world

        truth = {"nights": world.unpacked(data, "public"), "prices": data["prices"], "best": float(data["best"])}
        return Holdout("public", truth=truth, seed=1)

    def hidden(self, draw: Draw) -> Holdout:
        """Twelve nights of July and August, with true chances."""
        from course.units.q15_tired_or_paused import judge, world

        at = world.world(draw("world"))
        nights = world.nights(at, draw("private"), world.PRIVATE, world.DRAWN)
        truth = {"nights": nights, "prices": at.prices, "best": judge.best(nights, at.prices)}
        return Holdout("private", truth=truth, seed=draw.seed())

    @clauses("quality", "calibration", "value", "contacts", "asof", "rare", "long")
    def decide(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Each night by a process of its own."""
        from course.units.q15_tired_or_paused import judge

        public, prices, best = holdout.name == "public", holdout.truth["prices"], holdout.truth["best"]
        found = judge.every(ship, holdout.truth["nights"])
        rows = judge.rows(found)
        (skill, skilled), (euros, error) = judge.skill(rows), judge.value(found, prices)
        measured = {
            "quality": self._by_chance("quality", skill, skilled, public),
            "value": self._by_chance("value", euros / best, error / best, public),
            "calibration": Measurement(judge.calibration(rows)),
            "contacts": Measurement(judge.busiest(found)),
            "asof": Measurement(judge.unmoved(ship, found, holdout.seed)),
        }
        if not public:
            measured["rare"] = Measurement(judge.calibration(rows.only(rows.rare), 5))
            measured["long"] = Measurement(judge.calibration(rows.only(rows.silent > 30), 5))
        return measured

    def _by_chance(self, name: str, value: float, error: float, public: bool) -> Measurement:
        """A value that chance moves: on the public nights it is estimated from what there happened to be."""
        if not public:
            return Measurement(value)
        close = value < self.term(name).budget <= value + error
        note = "Chance alone may be the difference; at grading it is not there: aim higher." if close else ""
        aside = f"give or take {100 * error:.0f} points by chance"
        return Measurement(value, note, "too close to call" if close else None, aside)

    @clauses("interface")
    def serve(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Six promises of the contract."""
        from course.units.q15_tired_or_paused.promises import PROMISES

        return {"interface": judges.promises(ship, PROMISES, holdout.truth["nights"][:2])}

    @clauses("throughput")
    def cost(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Nights of 250 pairs, drawn anew from those of the hold-out."""
        from course.units.q15_tired_or_paused import judge

        nights, timed = [one for one in holdout.truth["nights"] if len(one) >= TIMED], []

        def fresh(draws: np.random.Generator) -> Sequence[tuple]:
            return [(nights[int(draws.integers(len(nights)))].some(draws, TIMED),)]

        found = judges.cost(
            self.term("throughput"), ship.module, judges.yardstick(__file__), judge.played, fresh, holdout,
            what="a night", check=lambda many, answers: timed.append((many, answers)),
        )  # fmt: skip
        judge.same_again(ship, timed)
        return {"throughput": found}

    def replay(self, folder: Path, holdout: Holdout, case: int) -> replay.Replay:
        """The night of that number, pair by pair."""
        from course.units.q15_tired_or_paused import judge

        night = replay.case(holdout.truth["nights"], case, "nights")
        with read(folder, self.module).open() as shipped:
            return judge.replayed(shipped, night, case)


UNIT = TiredOrPaused()
