"""q13: real schools. How many of the schools in the directory exist, and which of the others may be taken off?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses, read
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import Measurement
from course.problem import Problem
from course.units.base import ModuleUnit
from course.units.kit import contract, judges
from course.units.kit.replay import Replay
from course.units.kit.worlds import Draw
from course.units.q13_real_schools.hints import HINTS

if TYPE_CHECKING:
    import numpy as np

    from course.units.q13_real_schools.world import Directory

#: Directories that were checked to the last school, of the public check, and that are hidden.
PAST, PUBLIC, PRIVATE = 24, 40, 100
#: Audits that are timed together: one alone is too short.
TIMED = 2


class RealSchools(ModuleUnit):
    """Listings in; questions out, then an interval, then what to take off."""

    name, title, brief, example, estimates, terms = contract.beside(__file__)
    module = ModuleSpec("audit.py", {"Audit": "class Audit"}, beside=("model.onnx", "model.npz"), seconds=20.0)
    also = ("baseline.py",)
    hints: ClassVar[Mapping[str, tuple[str, ...]]] = HINTS

    def release(self, draw: Draw) -> dict[str, np.ndarray]:
        """Directories that were checked to the last school, and others to try audits on; see `world.packed`."""
        from course.units.q13_real_schools import world

        return {
            name: values
            for part, count in (("past", PAST), ("public", PUBLIC))
            for name, values in world.packed(_directories(draw, part, count), part).items()
        }

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """Forty directories."""
        from course.units.q13_real_schools import world

        return Holdout("public", truth={"directories": world.unpacked(data, "public")})

    def hidden(self, draw: Draw) -> Holdout:
        """A hundred others of the same world."""
        truth = {"directories": list(_directories(draw, "private", PRIVATE))}
        return Holdout("private", truth=truth, seed=draw.seed("seeds"))

    @clauses("coverage", "quality", "precision", "recall", "spent", "few", "silent", "guard")
    def audit(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Four audits of each directory, each with a seed of its own."""
        from course.units.q13_real_schools import judge

        found = judge.audits(ship, holdout.truth["directories"], holdout.seed)
        right, score = judge.precision(found), sum(one.score for one in found) / len(found)
        width = sum((one.high - one.low) / one.plain for one in found) / len(found)
        nothing = "" if right is not None else "In one half of directories nothing was delisted, so there is none."
        measured = {
            "coverage": Measurement(judge.coverage(found)),
            "quality": Measurement(score, aside=f"{width:.2f} is width" if holdout.name == "public" else ""),
            "precision": Measurement(right, nothing, "broken" if nothing else None),
            "recall": Measurement(judge.recall(found)),
            "spent": Measurement(float(max(one.spent for one in found))),
        }
        if holdout.name == "private":
            measured["few"] = Measurement(judge.coverage([one for one in found if one.of.few]))
            measured["silent"] = Measurement(judge.coverage([one for one in found if one.of.silent]))
            measured["guard"] = Measurement(judge.hurt(found))
        return measured

    @clauses("interface")
    def serve(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Six promises of the contract."""
        from course.units.q13_real_schools.promises import PROMISES

        return {"interface": judges.promises(ship, PROMISES, holdout.truth["directories"][:2])}

    @clauses("throughput")
    def cost(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Whole audits, of directories in another order of schools, with seeds of their own."""
        from course.units.q13_real_schools import judge

        directories, timed = holdout.truth["directories"], []

        def fresh(draws: np.random.Generator) -> Sequence[tuple]:
            some = draws.choice(len(directories), TIMED, replace=False)
            return [(directories[at].renumbered(draws), int(draws.integers(2**31))) for at in some]

        found = judges.cost(
            self.term("throughput"), ship.module, judges.yardstick(__file__), judge.played, fresh, holdout,
            what="an audit", check=lambda many, answers: timed.append((many, answers)),
        )  # fmt: skip
        judge.same_again(ship, timed)
        return {"throughput": found}

    def replay(self, folder: Path, holdout: Holdout, case: int) -> Replay:
        """One audit of the directory of that number, day by day."""
        from course.units.q13_real_schools import judge

        directories = holdout.truth["directories"]
        if not 0 <= case < len(directories):
            raise Problem(f"There are directories 0 to {len(directories) - 1}; {case} is none of them.")
        with read(folder, self.module).open() as shipped:
            return judge.replayed(shipped, directories[case], case)


@lru_cache(maxsize=8)
def _directories(draw: Draw, part: str, count: int) -> tuple[Directory, ...]:
    from course.units.q13_real_schools import world

    return tuple(world.directories(world.world(draw("world")), draw(part), count))


UNIT = RealSchools()
