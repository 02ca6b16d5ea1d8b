"""q25: stock to drop. The fund must buy one share: which of the others does it sell, and how much?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses, read
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import Measurement
from course.units.base import ModuleUnit
from course.units.kit import contract, judges, replay
from course.units.kit.worlds import Draw
from course.units.q25_stock_to_drop.hints import HINTS

if TYPE_CHECKING:
    import numpy as np

    from course.units.q25_stock_to_drop.judge import Fund
    from course.units.q25_stock_to_drop.world import Rules, Window

#: Windows of the public check, those that are hidden, and those with newcomers; purchases in an exchange that is timed.
PUBLIC, PRIVATE, YOUNG, TIMED = 30, 72, 24, 16


class StockToDrop(ModuleUnit):
    """Prices, a fund and an order in; euros to sell of each share out."""

    name, title, brief, example, estimates, terms = contract.beside(__file__)
    module = ModuleSpec(
        "drop.py", {"sell": "sell(prices, today, fund, order) -> euros to sell of each share"}, beside=("rules.json",)
    )
    also = ("baseline.py",)
    hints: ClassVar[Mapping[str, tuple[str, ...]]] = HINTS

    def release(self, draw: Draw) -> dict[str, np.ndarray]:
        """Thirty windows and the house book; see `world.packed`."""
        from course.units.q25_stock_to_drop import world

        return world.packed(world.windows(draw("public"), PUBLIC), world.rules(draw("rules")))

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """Those thirty."""
        from course.units.q25_stock_to_drop import world

        return Holdout("public", truth={"windows": world.unpacked(data), "rules": world.book_of(data)}, seed=1)

    def hidden(self, draw: Draw) -> Holdout:
        """Other windows of the same world and house book, and some with many newcomers."""
        from course.units.q25_stock_to_drop import world

        truth = {
            "windows": world.windows(draw("private"), PRIVATE),
            "young": world.windows(draw("young"), YOUNG, world.NEWCOMERS),
            "rules": world.rules(draw("rules")),
        }
        return Holdout("private", truth=truth, seed=draw.seed())

    @clauses("quality", "risk", "rules", "bill", "turnover", "rough")
    def trade(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Each fund's year, beside the same sold pro rata."""
        from course.units.q25_stock_to_drop import judge

        windows, book = holdout.truth["windows"], holdout.truth["rules"]
        plainly = _usual(holdout)
        found = judge.judged(ship, windows, book, holdout.seed)
        wrong = judge.breaches(found)
        first = f"{len(wrong)} of {len(found) * len(found[0].steps)} purchases, the first: {wrong[0]}." if wrong else ""
        measured = {
            "quality": Measurement(judge.ratio(found, plainly)),
            "risk": Measurement(judge.shaking(found, plainly)),
            "rules": Measurement(len(wrong) / (len(found) * len(found[0].steps)), first),
            "bill": Measurement(judge.costing(found, plainly)),
            "turnover": Measurement(judge.beyond(found)),
        }
        if holdout.name == "private":
            some = judge.rough(plainly)
            measured["rough"] = Measurement(judge.ratio([found[at] for at in some], [plainly[at] for at in some]))
        return measured

    @clauses("young")
    def newcomers(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """The same where six of twenty shares were listed a short time ago."""
        from course.units.q25_stock_to_drop import judge

        if "young" not in holdout.truth:
            return {}
        windows, book = holdout.truth["young"], holdout.truth["rules"]
        found = judge.judged(ship, windows, book, holdout.seed + 1)
        return {"young": Measurement(judge.ratio(found, judge.usual(windows, book)))}

    @clauses("poisoned")
    def poison(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Purchases asked about twice, with tables that differ in nothing but rows after today."""
        import numpy as np

        from course.units.q25_stock_to_drop import judge

        rng = np.random.default_rng([holdout.seed, 5000])
        return {"poisoned": Measurement(judge.poisoned(ship, _usual(holdout), holdout.truth["rules"], rng))}

    @clauses("interface")
    def serve(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Six promises of the contract."""
        from course.units.q25_stock_to_drop.promises import PROMISES

        return {
            "interface": judges.promises(ship, PROMISES, holdout.truth["windows"][0], holdout.truth["rules"]),
        }

    @clauses("throughput")
    def cost(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Purchases of funds that nobody has seen, in exchanges of sixteen."""
        import numpy as np

        from course.units.q25_stock_to_drop import judge

        rng, book, timed = np.random.default_rng([holdout.seed, 7]), holdout.truth["rules"], []
        cases = [judge.usual([of], book, month)[0].asked(month, rng) for of, month in _some(holdout.truth["windows"])]

        def fresh(draws: np.random.Generator) -> Sequence[tuple]:
            return [judge.shuffled(cases[at], draws) for at in draws.integers(len(cases), size=TIMED).tolist()]

        def check(many: Sequence[tuple], answers: list) -> None:
            for case, answer in zip(many, answers, strict=True):
                judge.checked(answer, case[0].shape[1])
            timed.append((many, answers))

        found = judges.cost(
            self.term("throughput"), ship.module, judges.yardstick(__file__), "sell", fresh, holdout,
            what="a purchase", check=check,
        )  # fmt: skip
        judge.same_again(ship, timed)
        return {"throughput": found}

    def replay(self, folder: Path, holdout: Holdout, case: int) -> replay.Replay:
        """One window, purchase by purchase."""
        from course.units.q25_stock_to_drop import judge

        of = replay.case(holdout.truth["windows"], case, "windows")
        with read(folder, self.module).open() as shipped:
            return judge.replayed(shipped, of, holdout.truth["rules"], case)


def _some(windows: Sequence[Window]) -> list[tuple[Window, int]]:
    """A purchase of each of the first windows, early and late ones."""
    return [(of, number * 5 % len(of.buys)) for number, of in enumerate(windows[:24])]


def _usual(holdout: Holdout) -> list[Fund]:
    return _sold(tuple(holdout.truth["windows"]), holdout.truth["rules"])


@lru_cache(maxsize=4)
def _sold(windows: tuple[Window, ...], book: Rules) -> list[Fund]:
    from course.units.q25_stock_to_drop import judge

    return judge.usual(windows, book)


UNIT = StockToDrop()
