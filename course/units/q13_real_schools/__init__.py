"""q13: real schools. How many of the schools in the directory exist, and which of the others may be taken off?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses, read
from course.contract.terms.estimates import Estimate
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import Measurement, Term
from course.problem import Problem
from course.units.base import ModuleUnit
from course.units.kit import judges, terms
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

    name = "q13-real-schools"
    title = "Real schools"
    brief = "Which share of the high schools that people list is real?"
    module = ModuleSpec("audit.py", {"Audit": "class Audit"}, beside=("model.onnx", "model.npz"), seconds=20.0)
    also = ("baseline.py",)
    hints: ClassVar[Mapping[str, tuple[str, ...]]] = HINTS

    estimates: Mapping[str, Estimate] = {
        "plain_points": Estimate(
            "How far does the interval of 300 plain labels reach to each side, at 8 %?", "percentage points", 2.4, 2.75,
            "1.645 x sqrt(0.08 x 0.92 / 300) = 0.0258",
        ),
        "none_found": Estimate(
            "How often do 300 plain labels hold none at all, at 0.5 %?", "% of samples", 21, 24,
            "0.995^300 = 0.222",
        ),
        "settled": Estimate(
            "How many schools do 300 credits settle?", "schools", 210, 217,
            "300 / (1 + 0.1 x 4) = 214",
        ),
        "two_strata": Estimate(
            "How far does the interval of two strata reach to each side?", "percentage points", 1.45, 1.68,
            "(0.9 x sqrt(0.01 x 0.99) + 0.1 x sqrt(0.6 x 0.4)) / sqrt(214) = 0.0095; x 1.645 = 0.0156",
        ),
        "elsewhere": Estimate(
            "What is a score of 90 % worth where 1 % is no school?", "%", 49, 53.5,
            "odds 9 x (0.01 / 0.99) / (0.08 / 0.92) = 1.05, so 51 %",
        ),
    }  # fmt: skip

    terms = (
        terms.estimates(5),
        terms.baseline(
            "Baseline's width and misses", "x a plain sample's width", 1.9, better="lower", band=0.1, digits=2,
            advice="Check schools at random, call where the desk can't tell, and use Wilson's interval.",
        ),
        terms.interface(6, advice="Read what `Audit` takes and returns again."),
        terms.share(
            "coverage", "Intervals that hold the true share", "audits", 0.85, 8,
            "Which schools could your sample not hold, or not settle? What does it count twice?",
            floor=0.60, band=0.01,
            definition="Of all audits (four of each directory, each with a seed of its own), the share whose interval "
            "holds the directory's true share of real schools. 90 % is promised; chance moves it by some points.",
        ),
        Term(
            "quality", "Width and misses of intervals", "x a plain sample's width", 0.75, "lower", 9,
            "Spend checks where the answer is uncertain, and weigh each by how likely it was to be made.",
            floor=1.30, band=0.05, digits=2,
            definition="The interval score: (width + 20 x the distance by which the interval misses the truth), "
            "divided by the width of Wilson's 90 % interval from 300 perfect labels at the true share; the mean over "
            "all audits.",
        ),
        terms.share(
            "precision", "Delisted schools that are none, in the worse half", "schools", 0.95, 8,
            "What is the same score worth in a directory where hardly anything is wrong?", floor=0.87, band=0.01,
            definition="Of the schools that were delisted and never checked, the share that is no school: all audits "
            "of a half of the directories pooled, once for the half with more and once for that with fewer such "
            "schools; the worse counts.",
        ),
        terms.share(
            "recall", "Of what is no school, delisted", "schools", 0.30, 5,
            "The better the scores, the more lies above the line. Which columns have you not used?",
            floor=0.05, band=0.02,
            definition="Of what is no school and was never checked, the share that was delisted, all audits pooled.",
        ),
        Term(
            "spent", "Credits that the dearest audit asks for", "credits", 300, "lower", 6,
            "A school that the desk can't tell costs five credits. Keep enough for those of the last day.",
            digits=0, production=True,
            definition="One credit for each school at the desk and four for each call, over all days of an audit; the "
            "largest of all audits. Who asks for more than 300 gets no answer to that, and what follows is judged.",
        ),
        terms.throughput(
            40.0, "Cost of an audit", "a plain audit", worth=8,
            advice="Sum up by school with arrays, and score all schools in one call.",
            definition="What an audit costs from the first question to the list, as a multiple of one that sums each "
            "column by school, sorts by a weighted sum, and draws a plain sample, of the same directory with the same "
            "seed. Audits are timed as they are judged, and some of them are compared with what comes out elsewhere. "
            "The figure is the median of ratios; a verdict needs evidence: see how latency is judged.",
        ),
        terms.size(
            400_000, "Shallow trees, and not too many of them, or a small net.", title="Bytes that are shipped"
        ),
        terms.share(
            "few", "The same where next to all is real", "audits", 0.80, 4,
            "A sample without a single fake doesn't say that there is none.",
            floor=0.55, band=0.02, digits=0, hidden=True,
            definition="Intervals that hold the true share, of the audits of directories where next to all is real.",
        ),
        terms.share(
            "silent", "The same where the desk often can't tell", "audits", 0.80, 3,
            "Of whom can't the desk tell? What becomes of them in your estimate?",
            floor=0.55, band=0.02, digits=0, hidden=True,
            definition="Intervals that hold the true share, of the audits of directories where the desk often can't "
            "tell.",
        ),
        Term(
            "guard", "Strange but real schools delisted", "of 10,000", 0.0030, "lower", 3,
            "Tiny, new or foreign is no evidence by itself.",
            floor=0.0150, band=0.0005, scale=10_000, digits=0, hidden=True,
            definition="Of real schools that are tiny, new or foreign, the share that was delisted, all audits pooled.",
        ),
    )  # fmt: skip
    example = (
        "A directory of 5 schools, of which 4 are real (80 %). `share` gives [0.70, 0.85]: it holds 0.80, so its score "
        "is (0.15 + 20 x 0) / plain, where plain is the width of Wilson's interval at 0.80 from 300 labels, 0.076: "
        "1.98. [0.82, 0.90] misses by 0.02: (0.08 + 20 x 0.02) / 0.076 = 6.3. `delist` gives [4]: if 4 is the one that "
        "is no school and was never checked, precision and recall are both 100 %."
    )

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
