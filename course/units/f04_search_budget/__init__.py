"""f04: a search with a bill. Every training step costs money; name the configuration that will be best at the end."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses, read
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import Measurement
from course.units.base import ModuleUnit
from course.units.f04_search_budget.hints import HINTS
from course.units.kit import contract, judges, replay
from course.units.kit.worlds import Draw

if TYPE_CHECKING:
    import numpy as np

#: Labs: past ones, hold-outs, and each hidden slice.
PAST, PUBLIC, PRIVATE, SLICE = 60, 120, 240, 100
#: Labs on which the contract is tried out; labs whose nights are timed.
TRIED, TIMED = 30, 80


def _regret(ship: Ship, holdout: Holdout, clause: str) -> Measurement:
    """Regret in the clause's labs, beside that of searches at random in them."""
    from course.units.f04_search_budget import judge

    with ship.open() as shipped:
        lost, random = judge.regrets(*judge.search(shipped, holdout.truth[clause]))
    return Measurement(lost / random)


class SearchBudget(ModuleUnit):
    """What a search is told, to what it trains next and what it names: judged by regret, bill, nights and time."""

    name, title, brief, example, estimates, terms = contract.beside(__file__)
    module = ModuleSpec(
        "search.py",
        {"plan": "plan(lab) -> requests", "pick": "pick(lab) -> configuration"},
        beside=("learned.json",),
        seconds=20.0,
    )
    also = ("baseline.py",)
    hints: ClassVar[Mapping[str, tuple[str, ...]]] = HINTS

    def release(self, draw: Draw) -> dict[str, np.ndarray]:
        """Past labs and the public hold-out, as `world.unpacked` reads them, everything to the end among it."""
        from course.units.f04_search_budget import world

        at = world.world(draw("world"))
        past, public = world.labs(at, draw("history"), PAST), world.labs(at, draw("public"), PUBLIC)
        return world.packed(past, "history") | world.packed(public, "public")

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """Other labs of the same world as the past ones."""
        from course.units.f04_search_budget import world

        return Holdout("public", truth={"usual": world.unpacked(data, "public")})

    def hidden(self, draw: Draw) -> Holdout:
        """Labs that nobody has seen, and some of each kind that is rare among them."""
        from course.units.f04_search_budget import world

        at = world.world(draw("world"))
        truth = {"usual": world.labs(at, draw("private"), PRIVATE)}
        for name, kind in world.SLICES.items():
            truth[name] = world.labs(at, draw(f"private {name}"), SLICE, kind)
        return Holdout("private", truth=truth, seed=draw.seed())

    @clauses("quality", "bill", "nights")
    def usual(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Search in every lab."""
        from course.units.f04_search_budget import judge

        with ship.open() as shipped:
            named, sessions = judge.search(shipped, holdout.truth["usual"])
        lost, random = judge.regrets(named, sessions)
        shares = f"{lost:.1%} of its errors were avoidable, of random search's {random:.1%}"
        return {
            "quality": Measurement(lost / random, aside=shares if holdout.name == "public" else ""),
            "bill": Measurement(float(sum(session.refused for session in sessions))),
            "nights": Measurement(sum(session.nights for session in sessions) / len(sessions)),
        }

    slow = judges.single("slow", _regret)
    noisy = judges.single("noisy", _regret)
    crashes = judges.single("crashes", _regret)
    tight = judges.single("tight", _regret)

    @clauses("interface")
    def answers(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Four promises of the contract."""
        from course.units.f04_search_budget.promises import PROMISES

        return {"interface": judges.promises(ship, PROMISES, holdout.truth["usual"][:TRIED])}

    @clauses("untouched")
    def leave(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """What the lab tells is as it was, on the first evening and later."""
        from course.units.f04_search_budget import world

        told = [one for lab in holdout.truth["usual"][:3] for one in (world.Session(lab).told(), world.midway(lab))]
        with ship.open() as shipped:
            return {
                "untouched": judges.untouched(*((shipped, name, (one,)) for one in told for name in ("plan", "pick")))
            }

    @clauses("throughput")
    def time(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Planning nights of its own searches, against a line through every curve; what it plans is what it planned."""
        from course.units.f04_search_budget import judge

        with ship.open() as shipped:
            nights = judge.nights(shipped, holdout.truth["usual"][:TIMED])
        term, ours = self.term("throughput"), judges.yardstick(__file__)
        found = judges.cost(term, ship.module, ours, "plan", nights.fresh, holdout, what="a plan", check=nights.check)
        return {"throughput": found}

    def replay(self, folder: Path, holdout: Holdout, case: int) -> replay.Replay:
        """The search in the lab of that number, night by night."""
        from course.units.f04_search_budget import judge

        lab = replay.case(holdout.truth["usual"], case, "labs")
        with read(folder, self.module).open() as shipped:
            return judge.replayed(shipped, lab, case)


UNIT = SearchBudget()
