"""q25: stock to drop. Is a parcel over two kilograms, told from fifteen readings of a scale that shakes?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses, read
from course.contract.processes.calls import CallError, Shipped
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import Measurement
from course.units.base import ModuleUnit
from course.units.kit import contract, judges
from course.units.kit.replay import Replay
from course.units.kit.worlds import Draw
from course.units.q25_stock_to_drop.hints import HINTS

if TYPE_CHECKING:
    import numpy as np

#: Parcels of the public and of the private hold-out and of the slice; parcels in a call that is timed.
PUBLIC, PRIVATE, SLICE, TIMED = 2_000, 4_000, 2_000, 4_000


class StockToDrop(ModuleUnit):
    """Readings in, *over* or not out."""

    name, title, brief, example, estimates, terms = contract.beside(__file__)
    module = ModuleSpec("scale.py", {"over": "over(readings) -> one bool a parcel"})
    also = ("baseline.py",)
    hints: ClassVar[Mapping[str, tuple[str, ...]]] = HINTS

    def release(self, draw: Draw) -> dict[str, np.ndarray]:
        """`readings` float64 (N, 15) in kg, and `weight` float64 (N,): the true weights of past parcels."""
        from course.units.q25_stock_to_drop import world

        readings, weight = world.parcels(draw("public"), PUBLIC)
        return {"readings": readings, "weight": weight}

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """The past parcels."""
        return Holdout("public", truth={"usual": (data["readings"], data["weight"])}, seed=1)

    def hidden(self, draw: Draw) -> Holdout:
        """Other parcels, and some of a scale that often drops to zero."""
        from course.units.q25_stock_to_drop import world

        truth = {
            "usual": world.parcels(draw("private"), PRIVATE),
            "stuck": world.parcels(draw("stuck"), SLICE, dropped=1 / 3),
        }
        return Holdout("private", truth=truth, seed=draw.seed())

    @clauses("quality", "stuck")
    def decide(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """The share of right answers."""
        with ship.open() as shipped:
            right = {name: _right(shipped, *given) for name, given in holdout.truth.items()}
        return {
            "quality" if name == "usual" else name: Measurement(float(share.mean())) for name, share in right.items()
        }

    @clauses("interface")
    def serve(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Three promises of the contract."""
        readings = holdout.truth["usual"][0][:50]
        return {"interface": judges.promises(ship, (_answers, _alone, _same), readings)}

    @clauses("throughput")
    def cost(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Calls with 4,000 parcels each, whose answers are judged as well."""
        from course.units.q25_stock_to_drop import world

        def fresh(draws: np.random.Generator) -> Sequence[tuple]:
            readings, weight = world.parcels(draws, TIMED)
            weights[readings.tobytes()] = weight
            return [(readings,)]

        def check(many: Sequence[tuple], answers: list) -> None:
            for (readings,), given in zip(many, answers, strict=True):
                checked = _checked(given, readings)
                if (checked == (weights[readings.tobytes()] > world.LIMIT)).mean() < self.term("quality").floor:
                    raise CallError("`over` was wrong about more parcels while it was timed than it may ever be.")

        weights: dict[bytes, np.ndarray] = {}
        ours = judges.yardstick(__file__)
        what = "for 4,000 parcels"
        term = self.term("throughput")
        return {"throughput": judges.cost(term, ship.module, ours, "over", fresh, holdout, what=what, check=check)}

    def replay(self, folder: Path, holdout: Holdout, case: int) -> Replay:
        """Twenty parcels from that number on: what the scale said, what you said, what was true."""
        readings, weight = (part[case : case + 20] for part in holdout.truth["usual"])
        with read(folder, self.module).open() as shipped:
            said = _checked(shipped.call("over", readings), readings)
        rows = [
            (case + at, float(one.min()), float(one.mean()), bool(answer), float(true))
            for at, (one, answer, true) in enumerate(zip(readings, said, weight, strict=True))
        ]
        return Replay("Twenty parcels", ("parcel", "lowest reading", "mean", "over?", "true weight"), rows)


def _checked(value: object, readings: np.ndarray) -> np.ndarray:
    import numpy as np

    if not isinstance(value, np.ndarray) or value.dtype != bool or value.shape != (len(readings),):
        raise CallError(f"`over` must return a bool array of shape ({len(readings)},), one answer a parcel.")
    return value


def _right(shipped: Shipped, readings: np.ndarray, weight: np.ndarray) -> np.ndarray:
    from course.units.q25_stock_to_drop import world

    return _checked(shipped.call("over", readings), readings) == (weight > world.LIMIT)


def _answers(ship: Ship, shipped: Shipped, readings: np.ndarray) -> None:
    for some in (readings, readings[:1], readings[:0]):
        _checked(shipped.call("over", some), some)


def _alone(ship: Ship, shipped: Shipped, readings: np.ndarray) -> None:
    if not shipped.leaves_alone("over", readings):
        raise CallError("`over` changed the readings: they belong to the caller, so work on a copy.")


def _same(ship: Ship, shipped: Shipped, readings: np.ndarray) -> None:
    judges.twice(ship, shipped, lambda one: one.call("over", readings), "`over` gave other answers")


UNIT = StockToDrop()
