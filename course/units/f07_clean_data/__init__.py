"""f07: clean the data. People type as they please and exports break the rest; what may a model be trained on?"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses, read
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import Measurement
from course.units.base import ModuleUnit
from course.units.f07_clean_data.hints import HINTS
from course.units.kit import contract, judges
from course.units.kit.replay import Replay
from course.units.kit.worlds import Draw

if TYPE_CHECKING:
    import numpy as np

    from course.units.f07_clean_data.world import World

#: People in a table, and of the real answers those that are in the public one; people in the lab; rows of promises.
PUBLIC, PRIVATE, REAL, LAB, TRIED = 1_500, 1_700, 450, 400, 300


class CleanData(ModuleUnit):
    """A raw table in; the rows that may be trained on, and the others with what is wrong with them, out."""

    name, title, brief, example, estimates, terms = contract.beside(__file__)
    module = ModuleSpec("clean.py", {"clean": "clean(frame) -> (frame, quarantine)"}, seconds=5.0)
    also = ("baseline.py",)
    hints: ClassVar[Mapping[str, tuple[str, ...]]] = HINTS

    def release(self, draw: Draw) -> dict[str, np.ndarray]:
        """The raw public table, what it must become, and people measured in the lab: see `world.packed`."""
        from course.units.f07_clean_data import world

        at = _world(draw)
        found = world.sheet(PUBLIC, at, draw("public"), _answers(draw)[0])
        return world.packed(found, world.lab(LAB, at, draw("public lab")))

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """The public table."""
        from course.units.f07_clean_data import world

        found = world.Sheet(*(world.unpacked(data, name) for name in ("raw", "good", "bad")))
        return Holdout("public", truth={"sheet": found, "lab": world.unpacked(data, "lab")})

    def hidden(self, draw: Draw) -> Holdout:
        """Another table of the same world, and three that differ from it as the contract allows."""
        from course.units.f07_clean_data import world

        at, rng = _world(draw), draw("slices")
        truth = {
            "sheet": world.sheet(PRIVATE, at, draw("private"), _answers(draw)[1]),
            "lab": world.lab(LAB, at, draw("private lab")),
            "writing": world.sheet(400, world.other_writing(at, rng), rng),
            "alone": world.sheet(20, world.other_writing(at, rng, 0.2), rng),
            "others": [world.sheet(250, other, rng) for other in world.other_crowds(at, rng)],
        }
        return Holdout("private", truth=truth, seed=draw.seed())

    @clauses("quality", "kept", "right", "model")
    def work(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """What is found, what comes through, and what it is good for."""
        from course.units.f07_clean_data import judge

        sheet = holdout.truth["sheet"]
        found = judge.asked(ship, sheet.raw)
        jobs = {
            "quality": lambda: judge.found(found.bad, sheet),
            "kept": lambda: Measurement(float(sheet.good["row"].isin(found.good["row"]).mean())),
            "right": lambda: judge.right(found.good, sheet),
            "model": lambda: judge.model(found.good, holdout),
        }
        return judges.apart(ship, jobs)

    @clauses("again", "order")
    def repeat(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """The cleaned table, and the rows in another order, each in a process that has not seen the first."""
        from course.units.f07_clean_data import judge

        raw = holdout.truth["sheet"].raw
        with ship.open() as shipped:
            first = shipped.call("clean", raw)
        jobs = {
            "again": lambda: Measurement(float(judge.differing(*judge.again(ship, first, raw)))),
            "order": lambda: Measurement(float(judge.differing(*judge.order(ship, first, raw, holdout.seed)))),
        }
        return judges.apart(ship, jobs)

    @clauses("writing", "alone", "others")
    def stress(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Tables that differ as the contract allows; rows that come one at a time, to a process that has seen none."""
        from course.units.f07_clean_data import judge

        truth = holdout.truth
        if "writing" not in truth:
            return {}
        with ship.open() as shipped:
            jobs = {
                "writing": lambda: judge.worst(shipped, truth["writing"]),
                "others": lambda: judge.worst(shipped, *truth["others"]),
            }
            found = judges.apart(ship, jobs)
        return found | judges.apart(ship, {"alone": lambda: judge.one_by_one(ship, truth["alone"])})

    @clauses("interface")
    def serve(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Four promises of the contract."""
        from course.units.f07_clean_data.promises import PROMISES

        return {"interface": judges.promises(ship, PROMISES, holdout.truth["sheet"].raw.head(TRIED))}

    @clauses("untouched")
    def leave(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """The table is as it was."""
        with ship.open() as shipped:
            return {"untouched": judges.untouched((shipped, "clean", (holdout.truth["sheet"].raw.head(TRIED),)))}

    @clauses("throughput")
    def speed(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Cost of a row against plain pandas, in tables whose answers are judged as well."""
        from course.units.f07_clean_data import judge, world

        sheet, watched, drawn = holdout.truth["sheet"], judges.Watched(), []
        of = world.drawable(sheet)

        def fresh(draws: np.random.Generator) -> Sequence[tuple]:
            drawn[:] = [world.timed(sheet, of, draws)]
            return [(drawn[0].raw,)]

        def check(many: Sequence[tuple], answers: list) -> None:
            if watched.count and secrets.randbelow(3):  # a third of them, and nobody can foresee which
                return
            watched.add(judge.share(judge.checked(answers[0], drawn[0].raw), drawn[0]), 1)

        term, ours, what = self.term("throughput"), judges.yardstick(__file__), f"for {world.TIMED_ROWS:,} rows"
        found = judges.cost(term, ship.module, ours, "clean", fresh, holdout, what=what, check=check)
        watched.compare(judge.share(judge.asked(ship, sheet.raw), sheet), 0.10)
        return {"throughput": found}

    def replay(self, folder: Path, holdout: Holdout, case: int) -> Replay:
        """What differs row by row: from what must come (0), after cleaning twice (1), in another order (2)."""
        from course.units.f07_clean_data import judge

        return judge.replayed(read(folder, self.module), holdout, case)


@lru_cache(maxsize=8)
def _world(draw: Draw) -> World:
    from course.units.f07_clean_data import world

    return world.world(draw("world"))


@lru_cache(maxsize=8)
def _answers(draw: Draw) -> tuple[tuple[list, list], tuple[list, list]]:
    """Real answers (heights, sexes) for the public table and for the private one."""
    from course.units.f07_clean_data import world

    heights, sexes = world.reported()
    order = draw("split").permutation(len(heights))
    first, second = (([heights[k] for k in some], [sexes[k] for k in some]) for some in (order[:REAL], order[REAL:]))
    return first, second


UNIT = CleanData()
