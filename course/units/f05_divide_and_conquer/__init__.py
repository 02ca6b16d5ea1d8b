"""f05: divide and conquer. A support desk in seven blocks: which are learned, which are rules, and which are bought?"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from course.contract.artifacts import models
from course.contract.artifacts.gate import ModelSpec, Tensor
from course.contract.artifacts.modules import ModuleSpec, Ship, clauses, read
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import EARNS, Measurement
from course.units.base import ModuleUnit
from course.units.f05_divide_and_conquer.hints import HINTS
from course.units.kit import contract, judges
from course.units.kit.replay import Replay
from course.units.kit.worlds import Draw

if TYPE_CHECKING:
    import numpy as np

    from course.units.f05_divide_and_conquer.world import World

#: Letters: past ones, hold-outs, each hidden slice; that are tried out.
PAST, PUBLIC, PRIVATE, SLICE, TRIED = 3_000, 800, 1_000, 300, 97
#: The fewest rows by which the router's latency is measured.
ROWS = 512


class DivideAndConquer(ModuleUnit):
    """Letters in; hidden, found, dated, closed or sent to a team, with as few questions and mistakes as it takes."""

    name, title, brief, example, estimates, terms = contract.beside(__file__)
    module = ModuleSpec(
        "desk.py",
        {"read": "read(tickets, tables) -> records, features", "decide": "decide(scores) -> pairs"},
        beside=("router.onnx",),
        seconds=30.0,
    )
    router = ModelSpec(
        {"features": Tensor("float32", (None, 2048))}, {"scores": Tensor("float32", (None, 7))}, file="router.onnx"
    )
    also = ("baseline.py",)
    hints: ClassVar[Mapping[str, tuple[str, ...]]] = HINTS

    @property
    def handed_in(self) -> dict[str, str]:
        """Every file that is handed in, the notebook first, with what it is."""
        return super().handed_in | {self.router.file: "the router, measured with it"}

    def release(self, draw: Draw) -> dict[str, np.ndarray]:
        """The desk's tables and list of words, past letters and the public hold-out, as `world.unpacked` reads them."""
        from course.units.f05_divide_and_conquer import world

        at = _world(draw)
        past = world.past(at, draw("history"), PAST)
        return world.packed(at, {"history": past, "public": world.days(at, draw("public"), PUBLIC, "2026-03-23")})

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """Letters of two weeks in spring."""
        from course.units.f05_divide_and_conquer import world

        truth = {"tables": world.told(data)["tables"], "usual": world.unpacked(data, "public")}
        return Holdout("public", truth=truth)

    def hidden(self, draw: Draw) -> Holdout:
        """Letters of autumn, and some of each kind that is rare among them."""
        from course.units.f05_divide_and_conquer import world

        at = _world(draw)
        truth = {"tables": at.tables, "usual": world.days(at, draw("private"), PRIVATE, "2026-10-19")}
        for name, kind in world.SLICES.items():
            truth[name] = world.days(at, draw(f"private {name}"), SLICE, "2026-09-07", kind)
        return Holdout("private", truth=truth, seed=draw.seed())

    @clauses("quality", "accuracy", "redaction", "orders", "dates", "closed")
    def usual(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """All letters of two weeks."""
        from course.units.f05_divide_and_conquer import judge, service

        days, public = holdout.truth["usual"], holdout.name == "public"
        found = judge.served(ship, self.router, days, holdout.truth["tables"])
        cost = found.bill(days)
        shown = sorted(((some, what) for what, some in cost.items() if some >= 0.5), reverse=True)
        aside = ", ".join(f"€{some:,.0f} {what}" for some, what in shown) if public else ""
        measured = {"quality": Measurement(sum(cost.values()), aside=aside)}
        measured["accuracy"] = Measurement(found.accuracy(days))
        for clause, fields in service.CLAUSES.items():
            measured[clause] = found.mistakes(days, fields, public)
        return measured

    @clauses("rare", "typos", "long")
    def slices(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """The rules' blocks on rare letters; teams of hurried and of long ones."""
        from course.units.f05_divide_and_conquer import judge, service

        def judged(name: str) -> Measurement:
            days = holdout.truth[name]
            found = judge.served(ship, self.router, days, holdout.truth["tables"])
            if name != "rare":
                return Measurement(found.accuracy(days))
            wrong = [found.mistakes(days, fields, False).value for fields in service.CLAUSES.values()]
            return Measurement(float(wrong.count(0.0)))

        there = [name for name in ("rare", "typos", "long") if name in holdout.truth]
        return judges.apart(ship, {name: partial(judged, name) for name in there})

    @clauses("interface")
    def answers(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Four promises of the contract."""
        from course.units.f05_divide_and_conquer.promises import PROMISES

        some = holdout.truth["usual"].tickets[:TRIED], holdout.truth["tables"]
        return {"interface": judges.promises(ship, PROMISES, *some)}

    @clauses("router")
    def route(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """The router by itself."""
        return {"router": models.interface(ship.model(self.router), self.router, _inputs(ship, holdout))}

    @clauses("latency")
    def pause(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """One letter after another."""
        model = ship.model(self.router)
        return {"latency": models.latency(model, _inputs(ship, holdout), self.term("latency"), holdout.seed)}

    @clauses("memory")
    def remember(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """What the router takes."""
        return {"memory": models.memory(ship.model(self.router), _inputs(ship, holdout))}

    @clauses("throughput")
    def time(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Reading letters of the hold-out, each with a word more, which are then judged as those are."""
        from course.units.f05_divide_and_conquer import timed

        term, ours, what = self.term("throughput"), judges.yardstick(__file__), f"for {timed.TIMED} letters"
        some = timed.Timed(holdout.truth["usual"], holdout.truth["tables"])
        found = judges.cost(
            term, ship.module, ours, "read", some.fresh, holdout, what=what, check=some.check
        )  # fmt: skip
        if found.verdict in EARNS:
            some.compare(ship, self.router)
        return {"throughput": found}

    def replay(self, folder: Path, holdout: Holdout, case: int) -> Replay:
        """The letters of one day, the first being 0: what was asked, what is wrong, what it costs."""
        from course.units.f05_divide_and_conquer import judge

        ship = read(folder, self.module)
        return judge.replayed(ship, self.router, holdout.truth["usual"], holdout.truth["tables"], case)


@lru_cache(maxsize=8)
def _world(draw: Draw) -> World:
    from course.units.f05_divide_and_conquer import world

    return world.world(draw("world"))


def _inputs(ship: Ship, holdout: Holdout) -> dict[str, np.ndarray]:
    """Features of letters of the hold-out, as the learner's own `read` makes them. Raises CallError."""
    from course.units.f05_divide_and_conquer.judge import taken

    with ship.open() as shipped:
        _, features = taken(shipped, holdout.truth["usual"].tickets[:ROWS], holdout.truth["tables"])
    return {"features": features}


UNIT = DivideAndConquer()
