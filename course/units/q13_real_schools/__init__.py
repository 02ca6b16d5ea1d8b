"""q13: real schools. How many of the schools in the directory exist, and which of the others may be taken off?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses
from course.contract.cost.throughput import throughput
from course.contract.processes.calls import CallError, Module, Shipped
from course.contract.terms.estimates import Estimate
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import EARNS, Measurement, Term
from course.key import Key
from course.units.base import ModuleUnit
from course.units.q13_real_schools.hints import HINTS

if TYPE_CHECKING:
    import numpy as np

    from course.units.q13_real_schools.judge import Audited
    from course.units.q13_real_schools.world import Directory

#: Directories that were checked to the last school, of the public check, and that are hidden; audits of each.
PAST, PUBLIC, PRIVATE, AGAIN = 24, 40, 100, 4
#: Directories that a process is asked about before it is replaced; directories in an exchange that is timed.
TOGETHER, TIMED = 25, 2

STEP = b"""

def step(listings):
    import numpy as np
    nothing = {"school": np.zeros(0, np.int64), "call": np.zeros(0, bool), "said": np.zeros(0, np.int64)}
    return Audit(listings, 7).ask(nothing)
"""


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
            "How far does the interval of 300 plain labels reach to each side, at 8 %?",
            "percentage points",
            2.4,
            2.75,
            "1.645 x sqrt(0.08 x 0.92 / 300) = 0.0258",
        ),
        "none_found": Estimate(
            "How often do 300 plain labels hold none at all, at 0.5 %?",
            "% of samples",
            21,
            24,
            "0.995^300 = 0.222",
        ),
        "settled": Estimate(
            "How many schools do 300 credits settle?",
            "schools",
            210,
            217,
            "300 / (1 + 0.1 x 4) = 214",
        ),
        "two_strata": Estimate(
            "How far does the interval of two strata reach to each side?",
            "percentage points",
            1.45,
            1.68,
            "(0.9 x sqrt(0.01 x 0.99) + 0.1 x sqrt(0.6 x 0.4)) / sqrt(214) = 0.0095; x 1.645 = 0.0156",
        ),
        "elsewhere": Estimate(
            "What is a score of 90 % worth where 1 % is no school?",
            "%",
            49,
            53.5,
            "odds 9 x (0.01 / 0.99) / (0.08 / 0.92) = 1.05, so 51 %",
        ),
    }

    terms = (
        Term(
            "estimates", "Estimates in range", "of 5", 5, "higher", 10, "Work the estimates out again.",
            floor=0, digits=0,
        ),
        Term(
            "baseline", "Baseline's width and misses", "x a plain sample's width", 1.9, "lower", 4,
            "Check schools at random, call where the desk can't tell, and use Wilson's interval.", band=0.1, digits=2,
        ),
        Term(
            "interface", "Serves as the contract says", "of 6 checks", 6, "higher", 6,
            "Read what `Audit` takes and returns again.", floor=0, digits=0,
        ),
        Term(
            "coverage", "Intervals that hold the true share", "% of audits", 0.85, "higher", 8,
            "Which schools could your sample not hold, or not settle? What does it count twice?",
            floor=0.60, band=0.01, scale=100,
        ),
        Term(
            "quality", "Width and misses of intervals", "x a plain sample's width", 0.75, "lower", 9,
            "Spend checks where the answer is uncertain, and weigh each by how likely it was to be made.",
            floor=1.30, band=0.05, digits=2,
        ),
        Term(
            "precision", "Delisted schools that are none, in the worse half", "% of schools", 0.95, "higher", 8,
            "What is the same score worth in a directory where hardly anything is wrong?",
            floor=0.87, band=0.01, scale=100,
        ),
        Term(
            "recall", "Of what is no school, delisted", "% of schools", 0.30, "higher", 5,
            "The better the scores, the more lies above the line. Which columns have you not used?",
            floor=0.05, band=0.02, scale=100,
        ),
        Term(
            "spent", "Credits that the dearest audit asks for", "credits", 300, "lower", 6,
            "A school that the desk can't tell costs five credits. Keep enough for those of the last day.",
            digits=0, production=True,
        ),
        Term(
            "throughput", "Cost of the first day of an audit", "x summing its columns", 40.0, "lower", 8,
            "Sum up by school with arrays, and score all schools in one call.", production=True,
        ),
        Term(
            "size", "Bytes that are shipped", "kB", 400_000, "lower", 6,
            "Shallow trees, and not too many of them, or a small net.", scale=0.001, digits=0, production=True,
        ),
        Term(
            "few", "The same where next to all is real", "% of audits", 0.80, "higher", 4,
            "A sample without a single fake doesn't say that there is none.",
            floor=0.55, band=0.02, scale=100, digits=0, hidden=True,
        ),
        Term(
            "silent", "The same where the desk often can't tell", "% of audits", 0.80, "higher", 3,
            "Of whom can't the desk tell? What becomes of them in your estimate?",
            floor=0.55, band=0.02, scale=100, digits=0, hidden=True,
        ),
        Term(
            "guard", "Strange but real schools delisted", "of 10,000", 0.0030, "lower", 3,
            "Tiny, new or foreign is no evidence by itself.",
            floor=0.0150, band=0.0005, scale=10_000, digits=0, hidden=True,
        ),
    )  # fmt: skip

    def public_data(self, key: Key) -> dict[str, np.ndarray]:
        """Directories that were checked to the last school, and others to try audits on; see `world.packed`."""
        from course.units.q13_real_schools import world

        return {
            name: values
            for part, count in (("past", PAST), ("public", PUBLIC))
            for name, values in world.packed(_directories(self, key, part, count), part).items()
        }

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """Forty directories."""
        from course.units.q13_real_schools import world

        return Holdout("public", truth={"directories": world.unpacked(data, "public")})

    def private_holdout(self, key: Key) -> Holdout:
        """A hundred others of the same world."""
        seed = int(key.rng(self.name, "seeds").integers(2**31))
        return Holdout("private", truth={"directories": list(_directories(self, key, "private", PRIVATE))}, seed=seed)

    @clauses("coverage", "quality", "precision", "recall", "spent", "few", "silent", "guard")
    def audit(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Four audits of each directory, each with a seed of its own."""
        from course.units.q13_real_schools import judge

        found = audits(ship, holdout.truth["directories"], holdout.seed)
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
        """Six promises of the contract, each tried by itself."""
        checks, notes = [_early, _small, _extremes, _alone, _twice, _random], []
        some = holdout.truth["directories"][:2]
        while checks:  # what fails may have ended the process: the others get a new one
            try:
                with ship.open() as shipped:
                    while checks:
                        checks.pop(0)(ship, shipped, some)
            except CallError as error:
                notes.append(str(error))
                if len(notes) > 6:  # it can't even be opened
                    break
        return {"interface": Measurement(6.0 - min(len(notes), 6), notes[0] if notes else "")}

    @clauses("throughput")
    def cost(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Make an audit of two directories in one, and take its first questions."""
        from course.units.q13_real_schools import world

        directories = holdout.truth["directories"]

        def fresh(draws: np.random.Generator) -> Sequence[tuple]:
            some = draws.choice(len(directories), TIMED, replace=False)
            return [(world.pooled([directories[at] for at in some], draws),)]

        theirs = Module(ship.module.file, ship.module.content + STEP, ship.module.beside)
        ours = Module("yardstick.py", (Path(__file__).parent / "yardstick.py").read_bytes(), {})
        found = throughput(theirs, ours, "step", fresh, self.term("throughput").budget, seed=holdout.seed)
        note = found.note or ("" if found.verdict in EARNS else self.term("throughput").advice)
        aside = f"{found.us_per_row / 1000:.0f} ms for some 12,000 listings on this machine"
        return {"throughput": Measurement(found.ratio, note, found.verdict, aside)}


def audits(ship: Ship, directories: Sequence[Directory], seed: int) -> list[Audited]:
    """Each directory audited `AGAIN` times. Raises CallError."""
    import numpy as np

    from course.units.q13_real_schools.judge import audited

    found, seeds = [], np.random.default_rng([seed, 13]).integers(2**31, size=(len(directories), AGAIN)).tolist()
    for start in range(0, len(directories), TOGETHER):
        with ship.open() as shipped:
            for at in range(start, min(start + TOGETHER, len(directories))):
                found += [audited(shipped, directories[at], one) for one in seeds[at]]
    return found


@lru_cache(maxsize=4)
def _directories(unit: RealSchools, key: Key, part: str, count: int) -> tuple[Directory, ...]:
    from course.units.q13_real_schools import world

    looks = world.world(key.rng(unit.name, "world"))
    return tuple(world.directories(looks, key.rng(unit.name, part), count))


def _early(ship: Ship, shipped: Shipped, some: Sequence[Directory]) -> None:
    """An interval and a list before anything was asked."""
    from course.units.q13_real_schools.judge import NOTHING, delisted, interval

    audit = shipped.make("Audit", dict(some[0].listings), 1)
    interval(audit, NOTHING)
    delisted(audit, NOTHING, len(some[0]))


def _small(ship: Ship, shipped: Shipped, some: Sequence[Directory]) -> None:
    """Directories of one school, and of twenty."""
    from course.units.q13_real_schools.judge import audited

    for size in (1, 20):
        audited(shipped, some[0].first(size), 2)


def _extremes(ship: Ship, shipped: Shipped, some: Sequence[Directory]) -> None:
    """Nothing is real, everything is, and the desk can't tell of any."""
    import dataclasses

    from course.units.q13_real_schools.judge import audited

    one = some[0].first(400)
    for kind, dark in ((0, False), (2, False), (0, True)):
        audited(shipped, dataclasses.replace(one, kinds=one.kinds * 0 + kind, dark=one.dark & False | dark), 3)


def _alone(ship: Ship, shipped: Shipped, some: Sequence[Directory]) -> None:
    import numpy as np

    from course.units.q13_real_schools.judge import NOTHING

    listings = dict(some[0].first(800).listings)
    answers = {"school": np.arange(60), "call": np.zeros(60, bool), "said": np.arange(60) % 3}
    if not shipped.leaves_alone("Audit", listings, 4):
        raise CallError("The listings were changed: they belong to the caller, so work on a copy.")
    audit = shipped.make("Audit", listings, 4)
    for name in ("ask", "share", "delist"):
        if not all(audit.leaves_alone(name, given) for given in (NOTHING, answers)):
            raise CallError(f"`Audit.{name}` changed the answers: they belong to the caller, so work on a copy.")


def _twice(ship: Ship, shipped: Shipped, some: Sequence[Directory]) -> None:
    from course.units.q13_real_schools.judge import audited

    with ship.open() as other:
        first, second = (audited(one, some[1], 5) for one in (shipped, other))
    same = (first.low, first.high, first.spent) == (second.low, second.high, second.spent)
    if not same or first.delisted.tolist() != second.delisted.tolist():
        raise CallError("The same directory, seed and answers gave another audit in a second process; they must not.")


def _random(ship: Ship, shipped: Shipped, some: Sequence[Directory]) -> None:
    from course.units.q13_real_schools.judge import NOTHING, asked

    first, second = (asked(shipped.make("Audit", dict(some[0].listings), k), NOTHING, len(some[0])) for k in (6, 7))
    if {*first[0].tolist(), *first[1].tolist()} == {*second[0].tolist(), *second[1].tolist()}:
        raise CallError("Two seeds asked about the same schools: what is checked must be drawn, from the seed.")


UNIT = RealSchools()
