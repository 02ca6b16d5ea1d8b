"""q18: house prices. Bounds that hold while the market moves, and which listings to buy with the firm's money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from course.contract.artifacts import models
from course.contract.artifacts.modules import ModuleSpec, Ship, clauses, read
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import Measurement
from course.units.base import ModuleUnit
from course.units.kit import contract, judges, replay
from course.units.kit.replay import Replay
from course.units.kit.worlds import Draw
from course.units.q18_house_prices.hints import HINTS

if TYPE_CHECKING:
    import numpy as np

    from course.units.q18_house_prices.world import Town


class HousePrices(ModuleUnit):
    """Houses in; bounds for their prices out, and a list of what to buy."""

    name, title, brief, example, estimates, terms = contract.beside(__file__)
    module = ModuleSpec(
        "buyer.py",
        {"quote": "quote(houses, sales) -> low, high", "buy": "buy(listings, sales, budget) -> listings"},
        beside=("model.onnx", "model.npz"),
    )
    also = ("baseline.py",)
    hints: ClassVar[Mapping[str, tuple[str, ...]]] = HINTS

    @property
    def handed_in(self) -> dict[str, str]:
        """Every file that is handed in, the notebook first, with what it is."""
        return super().handed_in | {"model.onnx": "the model, run for you on every house and measured"}

    def release(self, draw: Draw) -> dict[str, np.ndarray]:
        """The record of sales and of deals (see `world.record`), and ten later months (see `world.packed`)."""
        from course.units.q18_house_prices import world

        at = _town(draw)
        public = world.packed(world.cases(at, draw("public"), world.PUBLIC), "public")
        return world.record(at, draw("record")) | public

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """Ten months after the record."""
        from course.units.q18_house_prices import world

        return Holdout("public", truth={"cases": world.unpacked(data, "public")})

    def hidden(self, draw: Draw) -> Holdout:
        """Two years after those."""
        from course.units.q18_house_prices import world

        at = _town(draw)
        truth = {"cases": world.cases(at, draw("private"), world.PRIVATE), "turn": at.turn}
        return Holdout("private", truth=truth, seed=draw.seed())

    @clauses("quality", "coverage", "money", "dear", "new", "fall")
    def trade(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Every month of the hold-out, each in a process of its own."""
        from course.units.q18_house_prices import judge

        found = judge.months(ship, holdout.truth["cases"])
        earned, could = (sum(getattr(one, what) for one in found) for what in ("earned", "could"))
        public = holdout.name == "public"
        measured = {
            "quality": Measurement(judge.width(found)),
            "coverage": Measurement(judge.coverage(found)),
            "money": Measurement(
                judge.money(found), aside=f"${earned:,.0f} where the surveyor earns ${could:,.0f}" if public else ""
            ),
        }
        if not public:
            measured["dear"] = Measurement(judge.coverage(found, "dear"))
            measured["new"] = Measurement(judge.coverage(found, "new"))
            measured["fall"] = Measurement(judge.money(judge.falling(found, holdout.truth["turn"])))
        return measured

    @clauses("interface")
    def serve(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Six promises of the contract."""
        from course.units.q18_house_prices import judge
        from course.units.q18_house_prices.promises import PROMISES

        given = judge.tables(ship, holdout.truth["cases"][:1])[0]
        return {"interface": judges.promises(ship, PROMISES, given)}

    @clauses("model")
    def value(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """The model by itself."""
        from course.units.q18_house_prices.judge import MODEL

        return {"model": models.interface(ship.model(MODEL), MODEL, _rows(holdout))}

    @clauses("latency")
    def wait(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """A call of the model, with as many houses as when it is judged."""
        from course.units.q18_house_prices.judge import MODEL

        model = ship.model(MODEL)
        return {
            "latency": models.latency(model, _rows(holdout), self.term("latency"), holdout.seed, batch=MODEL.batch)
        }  # fmt: skip

    @clauses("memory")
    def remember(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """What the model takes."""
        from course.units.q18_house_prices.judge import MODEL

        return {"memory": models.memory(ship.model(MODEL), _rows(holdout), MODEL.batch)}

    @clauses("throughput")
    def cost(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Whole months, with their rows in another order."""
        from course.units.q18_house_prices import judge

        given, timed = judge.tables(ship, holdout.truth["cases"]), []

        def fresh(draws: np.random.Generator) -> Sequence[tuple]:
            some = draws.choice(len(given), TIMED, replace=False)
            return [(judge.shuffled(given[at], draws),) for at in some]

        found = judges.cost(
            self.term("throughput"), ship.module, judges.yardstick(__file__), judge.played, fresh, holdout,
            what="a month", check=lambda many, answers: timed.append((many, answers)),
        )  # fmt: skip
        judge.same_again(ship, timed)
        return {"throughput": found}

    def replay(self, folder: Path, holdout: Holdout, case: int) -> Replay:
        """One month: what is bought, between which bounds it was put, and what it fetched."""
        from course.units.q18_house_prices import judge

        one = replay.case(holdout.truth["cases"], case, "months")
        return judge.replayed(read(folder, self.module), one, case)


#: Months that are timed together: one alone is too short.
TIMED = 3


@lru_cache(maxsize=8)
def _town(draw: Draw) -> Town:
    from course.units.q18_house_prices import world

    return world.town(draw("town"))


def _rows(holdout: Holdout) -> dict[str, np.ndarray]:
    import numpy as np

    return {"houses": np.concatenate([one.asked for one in holdout.truth["cases"]])}


UNIT = HousePrices()
