"""q21: time to purchase. Which nudge for whom, learned from a log that the team's own choice has bent?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses, read
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import Measurement
from course.units.base import ModuleUnit
from course.units.kit import contract, judges
from course.units.kit.replay import Replay
from course.units.kit.replay import case as numbered
from course.units.kit.worlds import Draw
from course.units.q21_time_to_purchase.hints import HINTS

if TYPE_CHECKING:
    import numpy as np

    from course.units.q21_time_to_purchase.world import Rules, Shop

#: Shops of the public check and hidden ones; customers of each; rows of a log by the team, and by lot.
PUBLIC, PRIVATE, CUSTOMERS, LOGGED, BY_LOT = 3, 6, 3_000, 16_000, 4_000
#: Customers of a call that is timed.
TIMED = 8_000


class TimeToPurchase(ModuleUnit):
    """A shop's log in, a small model out; with it, the columns of customers in, a nudge for each out."""

    name, title, brief, example, estimates, terms = contract.beside(__file__)
    module = ModuleSpec(
        "nudge.py",
        {"learn": "learn(log) -> bytes", "choose": "choose(model, customers) -> one whole number a customer"},
        beside=("rules.json",),
        seconds=30.0,
    )
    also = ("baseline.py",)
    hints: ClassVar[Mapping[str, tuple[str, ...]]] = HINTS

    def release(self, draw: Draw) -> dict[str, np.ndarray]:
        """The rules, and three shops with all that is behind them; see `world.packed`."""
        from course.units.q21_time_to_purchase import world

        made = world.packed_rules(_rules(draw))
        for number, shop in enumerate(_shops(draw, "public", PUBLIC)):
            made |= world.packed(shop, f"shop{number}")
        return made

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """The three shops."""
        return Holdout("public", truth={"shops": shops(data)}, seed=21)

    def hidden(self, draw: Draw) -> Holdout:
        """Six others, in which other customers are moved by other nudges."""
        return Holdout("private", truth={"shops": list(_shops(draw, "private", PRIVATE))}, seed=draw.seed())

    @clauses("quality", "returns", "helped", "nudges", "spend", "capped", "state", "new", "picky")
    def experiment(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """A season of every shop, with nudges and without."""
        from course.units.q21_time_to_purchase import judge

        found = judge.experiment(ship, holdout.truth["shops"])
        days = judge.days(found)
        aside = f"{days[1]:.2f} of {days[0]:.1f} days a customer" if holdout.name == "public" else ""
        right = judge.helped(found)
        measured = {
            "quality": Measurement(judge.saved(found), aside=aside),
            "returns": Measurement(judge.returns(found)),
            "helped": Measurement(right),
            "nudges": Measurement(judge.each(found, "nudged")),
            "spend": Measurement(judge.each(found, "euros")),
            "capped": Measurement(1 - judge.each(found, "over", any_of=True)),
            "state": Measurement(float(max(len(one.model) for one in found))),
        }
        if right is None:
            measured["helped"] = Measurement(None, "Nobody was sent anything, so no nudge helped.", "broken")
        if holdout.name == "private":
            measured["new"] = Measurement(judge.saved_new(found))
            measured["picky"] = Measurement(judge.returns(found, picky=True))
        return measured

    @clauses("interface")
    def serve(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Five promises of the contract."""
        from course.units.q21_time_to_purchase.promises import PROMISES

        return {"interface": judges.promises(ship, PROMISES, holdout.truth["shops"][0])}

    @clauses("throughput")
    def cost(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Calls of `choose` with customers whom nobody has seen, some of which are asked about again elsewhere."""
        from course.units.q21_time_to_purchase import judge, world

        models = [judge.learned(ship, shop.log) for shop in holdout.truth["shops"]]
        timed: list = []

        def fresh(draws: np.random.Generator) -> Sequence[tuple]:
            some = world.customers(draws, TIMED)
            seen = some.seen(int(draws.integers(world.WEEKS)), draws.integers(0, 3, TIMED))
            return [(models[int(draws.integers(len(models)))], seen)]

        found = judges.cost(
            self.term("throughput"), ship.module, judges.yardstick(__file__), "choose", fresh, holdout,
            what=f"for {TIMED:,} customers", check=lambda many, answers: timed.append((many, answers)),
        )  # fmt: skip
        judge.same_again(ship, timed)
        return {"throughput": found}

    def replay(self, folder: Path, holdout: Holdout, case: int) -> Replay:
        """The season of the shop of that number, Monday by Monday."""
        from course.units.q21_time_to_purchase import judge

        shop = numbered(holdout.truth["shops"], case, "shops")
        return judge.replayed(read(folder, self.module), shop, case)


def shops(data: Mapping[str, np.ndarray]) -> list[Shop]:
    """The public shops, made of a release's arrays."""
    from course.units.q21_time_to_purchase import world

    rules = world.unpacked_rules(data)
    return [world.unpacked(rules, data, f"shop{number}") for number in range(PUBLIC)]


def _rules(draw: Draw) -> Rules:
    from course.units.q21_time_to_purchase import world

    return world.rules(draw("rules"))


@lru_cache(maxsize=4)
def _shops(draw: Draw, part: str, count: int) -> tuple[Shop, ...]:
    from course.units.q21_time_to_purchase import world

    rng = draw(part)
    return tuple(world.shop(_rules(draw), rng, CUSTOMERS, LOGGED, BY_LOT) for _ in range(count))


UNIT = TimeToPurchase()
