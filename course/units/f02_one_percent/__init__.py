"""f02: one per cent. Models differ by a point on a finite test set, and by much in what they cost: which one serves?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses, read
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import Measurement
from course.units.base import ModuleUnit
from course.units.f02_one_percent.hints import HINTS
from course.units.kit import contract, judges, replay
from course.units.kit.worlds import Draw

if TYPE_CHECKING:
    import numpy as np

#: Decisions: past ones with what came out, public hold-out, private hold-out, and each hidden slice.
PAST, PUBLIC, PRIVATE, SLICE = 1500, 1000, 2000, 600
#: Decisions on which it is tried whether arguments stay as they were.
TRIED = 50


def _money(ship: Ship, holdout: Holdout, clause: str) -> Measurement:
    """Money lost over the clause's part of the hold-out, beside what face value loses there."""
    from course.units.f02_one_percent import judge

    lost, plain = judge.lost(ship, holdout.truth["usual" if clause == "quality" else clause])
    euros = f"{lost:,.1f} € a month a decision, at face value {plain:,.1f} €"
    return Measurement(lost / plain, aside=euros if holdout.name == "public" else "")


class OnePercent(ModuleUnit):
    """Candidates in, a name out: judged by the money that the choice loses against the truly best candidate."""

    name, title, brief, example, estimates, terms = contract.beside(__file__)
    module = ModuleSpec(
        "policy.py",
        {"choose": "choose(candidates, shop) -> name"},
        most_bytes=100_000,
        beside=("gains.json",),
    )
    also = ("baseline.py",)
    hints: ClassVar[Mapping[str, tuple[str, ...]]] = HINTS

    def release(self, draw: Draw) -> dict[str, np.ndarray]:
        """Past decisions and the public hold-out, as `world.unpack` reads them, true accuracies among them."""
        from course.units.f02_one_percent import world

        gains = world.gains(draw("gains"))
        past, public = world.draw(gains, PAST, draw("history")), world.draw(gains, PUBLIC, draw("public"))
        return world.pack(past, "history") | world.pack(public, "public")

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """1,000 decisions of the same world as the past ones."""
        from course.units.f02_one_percent import world

        gains = world.learned(world.unpack(data, "history"))
        return Holdout("public", truth={"usual": world.unpack(data, "public"), "gains": gains})

    def hidden(self, draw: Draw) -> Holdout:
        """2,000 other decisions, and 600 of each slice."""
        from course.units.f02_one_percent import world

        gains = world.gains(draw("gains"))
        truth: dict[str, Any] = {"gains": gains, "usual": world.draw(gains, PRIVATE, draw("private"))}
        for name, sort in world.SLICES.items():
            truth[name] = world.draw(gains, SLICE, draw(f"private {name}"), sort)
        return Holdout("private", truth=truth, seed=draw.seed())

    usual = judges.single("quality", _money)
    small = judges.single("small_shops", _money)
    tiny = judges.single("tiny_tests", _money)
    rich = judges.single("rich_tests", _money)
    many = judges.single("many_candidates", _money)

    @clauses("interface")
    def answers(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Names of candidates, for usual and for odd decisions; in whatever order; the same in another process."""
        from course.units.f02_one_percent.promises import PROMISES

        return {"interface": judges.promises(ship, PROMISES, holdout.truth["usual"])}

    @clauses("untouched")
    def mutation(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Whether candidates and shop are the same after a call as before."""
        some = holdout.truth["usual"][:TRIED]
        with ship.open() as shipped:
            asked = ((shipped, "choose", (decision.candidates, decision.shop)) for decision in some)
            return {"untouched": judges.untouched(*asked)}

    @clauses("throughput")
    def time(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Time of a usual decision, against a loop over the rows of its candidates."""
        from course.units.f02_one_percent.judge import Timed

        term, ours, timed = self.term("throughput"), judges.yardstick(__file__), Timed(holdout.truth["gains"])
        found = judges.cost(
            term, ship.module, ours, "choose", timed.fresh, holdout, what="a decision", check=timed.check
        )
        timed.again(ship)
        return {"throughput": found}

    def replay(self, folder: Path, holdout: Holdout, case: int) -> replay.Replay:
        """The decision of that number, a row a candidate: what was shown, what is true, what was chosen."""
        from course.units.f02_one_percent import judge

        decision = replay.case(holdout.truth["usual"], case, "decisions")
        with read(folder, self.module).open() as shipped:
            return judge.replayed(shipped, decision, case)


UNIT = OnePercent()
