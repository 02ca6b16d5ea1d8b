"""f07: clean the data. People type as they please and exports break the rest; what may a model be trained on?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses, read
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import Measurement, Term
from course.units.base import ModuleUnit
from course.units.f07_clean_data.estimates import ESTIMATES
from course.units.f07_clean_data.hints import HINTS
from course.units.kit import judges, terms
from course.units.kit.replay import Replay
from course.units.kit.worlds import Draw

if TYPE_CHECKING:
    import numpy as np

    from course.contract.terms.estimates import Estimate
    from course.units.f07_clean_data.world import World

#: People in a table, and of the real answers those that are in the public one; people in the lab; rows of promises.
PUBLIC, PRIVATE, REAL, LAB, TRIED = 1_500, 1_700, 450, 400, 300


class CleanData(ModuleUnit):
    """A raw table in; the rows that may be trained on, and the others with what is wrong with them, out."""

    name = "f07-clean-data"
    title = "Clean the data"
    brief = "The step model got worse. Clean up the sign-up data, will you?"
    module = ModuleSpec("clean.py", {"clean": "clean(frame) -> (frame, quarantine)"}, seconds=5.0)
    also = ("baseline.py",)
    hints: ClassVar[Mapping[str, tuple[str, ...]]] = HINTS
    estimates: ClassVar[Mapping[str, Estimate]] = ESTIMATES

    terms = (
        terms.estimates(5),
        terms.baseline(
            "Baseline's faults found", "F1 over kinds", 0.005, band=0.005, digits=3,
            advice="The baseline must put into quarantine what it drops, as `missing` or `duplicate`.",
        ),
        terms.interface(
            4, 4, "Read the columns, the types and the vocabulary again.", "Returns what the contract says"
        ),
        terms.untouched(
            "Work on a copy: the caller still needs the table as it came.", title="Leaves the caller's table alone"
        ),
        Term(
            "quality", "Faults found, by kind", "F1 over kinds", 0.97, "higher", 12,
            "Compare your quarantine with the public one, kind by kind.",
            floor=0.50, band=0.01, digits=3,
            definition="For each of the six kinds 2 x right / (put there + belonging there), counted in rows; the mean "
            "over the kinds, so a rare kind counts as much as a common one.",
        ),
        terms.share(
            "kept", "Good rows kept", "good rows", 0.99, 4, "Good rows are lost: look at which, and why.",
            floor=0.95, band=0.005,
            definition="Of the rows that must stay, the share that is in your good table, whatever its values.",
        ),
        terms.share(
            "right", "Good rows with every value right", "good rows", 0.97, 7,
            "Compare your values with the public ones, column by column.", floor=0.40, band=0.01,
            definition="Of the rows that must stay, the share that is in your good table with all ten columns right: "
            "numbers within 0.1 cm or kg, all else equal. A row that is lost is not right.",
        ),
        Term(
            "model", "R² of the step model, against clean data", "%", 0.98, "higher", 7,
            "A few wrong heights bend the model: look at the rows far from its line.",
            floor=0.50, band=0.01, scale=100,
            definition="R² on people measured by hand of a linear model of step length (from height, weight, age and "
            "sex) trained on your good rows of `train`; 0 where it is negative; divided by that of the same model "
            "trained on the rows that must stay.",
        ),
        terms.throughput(
            5.0, "Cost of a row", "plain pandas", worth=12, digits=2,
            advice="Don't build an object for each row: read whole columns, or each different text once.",
        ),
        Term(
            "again", "Rows changed by cleaning twice", "rows", 0, "lower", 4,
            "Clean what you have cleaned: every reader must take what it wrote.",
            digits=0, definition="Rows of your own good table that are refused, lost or changed in any value, however "
            "little, when it is cleaned again by another process.",
        ),
        Term(
            "order", "Rows changed by another order", "rows", 0, "lower", 4,
            "Shuffle the rows: what is kept, and how, must not depend on what comes first.",
            digits=0, definition="Rows that end in another table or queue, or with another value, when another process "
            "gets the same rows shuffled.",
        ),
        terms.share(
            "writing", "Rows right, other ways of writing", "rows", 0.95, 4,
            "The contract names more ways of writing, and more that stands for nothing, than the public table shows.",
            floor=0.75, band=0.02, hidden=True,
            definition="Of all rows of a table in which most heights are written in ways that the contract names and "
            "the public table lacks, the share that is in the right table, in the right queue, with every value right.",
        ),
        terms.share(
            "alone", "Rows right, one at a time", "rows", 0.97, 3,
            "A row is judged by the contract, not by its neighbours, the order of columns or the index.",
            floor=0.80, band=0.02, hidden=True,
            definition="The same share, of rows that come in a table of their own each, with the columns in another "
            "order and one more.",
        ),
        terms.share(
            "others", "Rows right, other crowds", "rows", 0.98, 3,
            "Other crowds write and err at other rates; a rule that looks at the whole table moves with them.",
            floor=0.85, band=0.02, hidden=True,
            definition="The same share, in the worst of three tables of people who write and err at other rates.",
        ),
    )  # fmt: skip
    example = (
        'A row has `email` " Ann+run@Post.example", `height` `5\'10"`, `weight` "154 lb", `step` "-31.5", `born` '
        '"02.03.1987". It becomes ann@post.example; (5 x 12 + 10) x 2.54 = 177.8 cm; 154 x 0.45359237 = 69.85 kg; 31.5 '
        "is 0.18 of the height and no step in cm, 2.54 x 31.5 = 80.01 is 0.45 of it: 80.01 cm; 2 March 1987. With "
        '`height` "5.25" the row would go to quarantine as `height`, with `step` "0" as `missing`.'
    )

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
        """Tables that differ as the contract allows."""
        from course.units.f07_clean_data import judge

        truth = holdout.truth
        if "writing" not in truth:
            return {}
        jobs = {
            "writing": lambda: judge.worst(ship, truth["writing"]),
            "alone": lambda: judge.one_by_one(ship, truth["alone"]),
            "others": lambda: judge.worst(ship, *truth["others"]),
        }
        return judges.apart(ship, jobs)

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

        def fresh(draws: np.random.Generator) -> Sequence[tuple]:
            drawn[:] = [world.timed(sheet, draws)]
            return [(drawn[0].raw,)]

        def check(many: Sequence[tuple], answers: list) -> None:
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
