"""f02: one per cent. Models differ by a point on a finite test set, and by much in what they cost: which one serves?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses, read
from course.contract.terms.estimates import Estimate
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import Measurement
from course.units.base import ModuleUnit
from course.units.f02_one_percent.hints import HINTS
from course.units.kit import judges, replay, terms
from course.units.kit.worlds import Draw

if TYPE_CHECKING:
    import numpy as np

#: Decisions: past ones with what came out, public hold-out, private hold-out, and each hidden slice.
PAST, PUBLIC, PRIVATE, SLICE = 1500, 1000, 2000, 600
#: Decisions on which it is tried whether arguments stay as they were.
TRIED = 50
#: What the terms about money are shares of.
FACE = "the loss at face value"


def _money(ship: Ship, holdout: Holdout, clause: str) -> Measurement:
    """Money lost over the clause's part of the hold-out, beside what face value loses there."""
    from course.units.f02_one_percent import judge

    lost, plain = judge.lost(ship, holdout.truth["usual" if clause == "quality" else clause])
    euros = f"{lost:,.1f} € a month a decision, at face value {plain:,.1f} €"
    return Measurement(lost / plain, aside=euros if holdout.name == "public" else "")


class OnePercent(ModuleUnit):
    """Candidates in, a name out: judged by the money that the choice loses against the truly best candidate."""

    name = "f02-one-percent"
    title = "95 % or 96 %?"
    brief = "One model is 95 % right, the other 96 %. Which one do we ship?"
    module = ModuleSpec(
        "policy.py",
        {"choose": "choose(candidates, shop) -> name"},
        most_bytes=100_000,
        beside=("gains.json",),
    )
    also = ("baseline.py",)
    hints: ClassVar[Mapping[str, tuple[str, ...]]] = HINTS

    estimates: Mapping[str, Estimate] = {
        "point_eur": Estimate(
            "What is one point of accuracy worth to the shop, if all else is equal?", "€ a month", 195, 205,
            "400,000 searches x 0.01 x (0.03 + 0.02) € = 200",
        ),
        "slower_eur": Estimate(
            "What does it cost the shop if every search takes 40 ms longer?", "€ a month", 235, 245,
            "400,000 searches x 0.15 € x 0.01 x 40 / 100 = 240",
        ),
        "rows_unpaired": Estimate(
            "How many rows must each test set have, if the two models are tested on different rows?",
            "rows", 3_300, 3_560,
            "4 x (0.95 x 0.05 + 0.96 x 0.04) / 0.01^2 = 3,436",
        ),
        "rows_paired": Estimate(
            "How many rows must the test set have, if both are tested on the same rows and disagree on 3 % of them?",
            "rows", 1_150, 1_230,
            "4 x (0.03 - 0.01^2) / 0.01^2 = 1,196",
        ),
        "best_of_eight": Estimate(
            "What does the best of eight models show, that are all 95 % right and are tested on 500 rows each?",
            "% of rows", 96.1, 96.6,
            "one standard error is 0.97 points; the largest of eight normal draws lies 1.42 above the mean: 96.4 %",
        ),
        "decision_us": Estimate(
            "How long may one decision take on your laptop, if fetching it is part of it?", "µs", 195, 205,
            "600 s / (40,000 x 25) = 600 µs on that core; a laptop is three times faster: 200 µs",
        ),
    }  # fmt: skip

    terms = (
        terms.estimates(6),
        terms.baseline(
            "Baseline's money lost", f"% of {FACE}", 1.05, better="lower", band=0.05, scale=100, digits=0,
            advice="Compare your prices with `profits` of a past decision: is anything left out?",
        ),
        terms.interface(
            4, 4, "Read what the contract says about arguments and answers again.", "Answers as the contract says"
        ),
        terms.untouched(
            "Work on copies: sort with `sorted`, and make new dicts and arrays.", title="Arguments left as they were"
        ),
        terms.share(
            "quality", "Money lost", FACE, 0.70, 30,
            "Look at past decisions that lost the most: which gain did your rule believe that did not come true?",
            better="lower", floor=1.0, band=0.01, digits=0,
            definition="What the truly best candidate would have earned, less what the chosen one earns, in € a month "
            "and with true accuracies: the mean over all decisions. It is divided by the same mean of a rule that "
            "takes every test result at face value.",
        ),
        terms.throughput(
            1.0, "Time of a decision", "counting rows one by one", worth=12, digits=2,
            advice="Look for loops over rows, for resamples, and for work that could be done once, when the module is "
            "loaded.",
        ),
        terms.size(
            6_000, "Ship what was learned from the past decisions, not the decisions.", 8,
            "Bytes of policy.py and gains.json", digits=1,
        ),
        terms.share(
            "small_shops", "Money lost, small shops", FACE, 1.25, 2,
            "Where few people search no accuracy pays for a machine: is traffic in every price?",
            better="lower", band=0.05, digits=0, hidden=True,
            definition="What *quality* measures, over decisions of shops in which few people search.",
        ),
        terms.share(
            "tiny_tests", "Money lost, tiny test sets", FACE, 0.65, 3,
            "A hundred rows say little: how much does your rule believe them?",
            better="lower", band=0.05, digits=0, hidden=True,
            definition="What *quality* measures, over decisions with few labelled rows.",
        ),
        terms.share(
            "rich_tests", "Money lost, large test sets", FACE, 1.25, 3,
            "Thousands of rows can be believed, and a tenth of a point pays: does your rule doubt them less?",
            better="lower", band=0.05, digits=0, hidden=True,
            definition="What *quality* measures, over decisions with thousands of labelled rows and much traffic.",
        ),
        terms.share(
            "many_candidates", "Money lost, eight candidates", FACE, 0.80, 2,
            "The best of eight was lucky: does your rule know?",
            better="lower", band=0.05, digits=0, hidden=True,
            definition="What *quality* measures, over decisions between eight candidates.",
        ),
    )  # fmt: skip
    example = (
        "A shop has 100,000 searches, right_eur 0.03, wrong_eur -0.02, sales_eur 0.15 and slowdown 0.01. Of 200 rows "
        "m-0a1 (current) has 190 right, at 40 ms, 2 replicas of €40 and an upkeep of €50; m-9zz (larger) has 194, at "
        "80 ms, 3 replicas of €60 and an upkeep of €80. If 95 % and 96 % are their true accuracies, m-0a1 earns "
        "100,000 x (0.95 x 0.03 - 0.05 x 0.02 + 0.15 x (1 - 0.01 x 40 / 100)) - 80 - 50 = €17,560 a month and m-9zz "
        "€17,420. So choose(candidates, shop) should return 'm-0a1'; 'm-9zz' loses €140."
    )

    def release(self, draw: Draw) -> dict[str, np.ndarray]:
        """Past decisions and the public hold-out, as `world.unpack` reads them, true accuracies among them."""
        from course.units.f02_one_percent import world

        gains = world.gains(draw("gains"))
        past, public = world.draw(gains, PAST, draw("history")), world.draw(gains, PUBLIC, draw("public"))
        return world.pack(past, "history") | world.pack(public, "public")

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """1,000 decisions of the same world as the past ones."""
        from course.units.f02_one_percent import world

        gains = world.learned(world.unpack(data, "history"))
        return Holdout("public", truth={"usual": world.unpack(data, "public"), "gains": gains})

    def hidden(self, draw: Draw) -> Holdout:
        """2,000 other decisions, and 600 of each slice."""
        from course.units.f02_one_percent import world

        gains = world.gains(draw("gains"))
        truth: dict[str, Any] = {"gains": gains, "usual": world.draw(gains, PRIVATE, draw("private"))}
        for name, sort in world.SLICES.items():
            truth[name] = world.draw(gains, SLICE, draw(f"private {name}"), sort)
        return Holdout("private", truth=truth, seed=draw.seed())

    usual = judges.single("quality", _money)
    small = judges.single("small_shops", _money)
    tiny = judges.single("tiny_tests", _money)
    rich = judges.single("rich_tests", _money)
    many = judges.single("many_candidates", _money)

    @clauses("interface")
    def answers(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Names of candidates, for usual and for odd decisions; in whatever order; the same in another process."""
        from course.units.f02_one_percent.promises import PROMISES

        return {"interface": judges.promises(ship, PROMISES, holdout.truth["usual"])}

    @clauses("untouched")
    def mutation(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Whether candidates and shop are the same after a call as before."""
        some = holdout.truth["usual"][:TRIED]
        with ship.open() as shipped:
            asked = ((shipped, "choose", (decision.candidates, decision.shop)) for decision in some)
            return {"untouched": judges.untouched(*asked)}

    @clauses("throughput")
    def time(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Time of a usual decision, against a loop over the rows of its candidates."""
        from course.units.f02_one_percent.judge import Timed

        term, ours, timed = self.term("throughput"), judges.yardstick(__file__), Timed(holdout.truth["gains"])
        found = judges.cost(
            term, ship.module, ours, "choose", timed.fresh, holdout, what="a decision", check=timed.check
        )
        timed.again(ship)
        return {"throughput": found}

    def replay(self, folder: Path, holdout: Holdout, case: int) -> replay.Replay:
        """The decision of that number, a row a candidate: what was shown, what is true, what was chosen."""
        from course.units.f02_one_percent import judge

        decision = replay.case(holdout.truth["usual"], case, "decisions")
        with read(folder, self.module).open() as shipped:
            return judge.replayed(shipped, decision, case)


UNIT = OnePercent()
