"""f04: a search with a bill. Every training step costs money; name the configuration that will be best at the end."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses, read
from course.contract.terms.estimates import Estimate
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import Measurement, Term
from course.units.base import ModuleUnit
from course.units.f04_search_budget.hints import HINTS
from course.units.kit import judges, replay, terms
from course.units.kit.worlds import Draw

if TYPE_CHECKING:
    import numpy as np

#: Labs: past ones, hold-outs, and each hidden slice.
PAST, PUBLIC, PRIVATE, SLICE = 60, 120, 240, 100
#: Labs on which the contract is tried out; labs whose nights are timed.
TRIED, TIMED = 30, 80
#: What the terms about regret are shares of.
RANDOM = "random search's"


def _regret(ship: Ship, holdout: Holdout, clause: str) -> Measurement:
    """Regret in the clause's labs, beside that of searches at random in them."""
    from course.units.f04_search_budget import judge

    with ship.open() as shipped:
        lost, random = judge.regrets(*judge.search(shipped, holdout.truth[clause]))
    return Measurement(lost / random)


class SearchBudget(ModuleUnit):
    """What a search is told, to what it trains next and what it names: judged by regret, bill, nights and time."""

    name = "f04-search-budget"
    title = "A search with a bill"
    brief = "They searched with 450 GPUs for a week. You have three thousand euros. Find us a network."
    module = ModuleSpec(
        "search.py",
        {"plan": "plan(lab) -> requests", "pick": "pick(lab) -> configuration"},
        beside=("learned.json",),
        seconds=20.0,
    )
    also = ("baseline.py",)
    hints: ClassVar[Mapping[str, tuple[str, ...]]] = HINTS

    estimates: Mapping[str, Estimate] = {
        "gpu_years": Estimate(
            "How many GPU-years did that search take?", "GPU-years", 8.5, 8.75,
            "450 x 7 days = 3,150 days; / 365 = 8.6",
        ),
        "growth": Estimate(
            "How much more compute is that after 63 months, if it doubles every 3.5 months?", "times", 250_000, 310_000,
            "63 / 3.5 = 18 doublings: 2^18 = 262,144; the usual figure is 300,000",
        ),
        "to_the_end": Estimate(
            "How many configurations does the bill train to the end?", "configurations", 5, 5.6,
            "60 steps x €9 = €540; 3,000 / 540 = 5.6, so 5",
        ),
        "chance_percent": Estimate(
            "How likely is it that one of the best three of 48 is among 5 at random?", "%", 27, 31,
            "1 - (45 x 44 x 43 x 42 x 41) / (48 x 47 x 46 x 45 x 44) = 1 - 0.714 = 29 %; 3 x 5 / 48 = 31 % is close",
        ),
        "halving_eur": Estimate(
            "What does the plan with four rounds cost?", "€", 2_750, 2_830,
            "48 x 2 + 16 x 4 + 5 x 14 + 2 x 40 = 310 steps x €9 = €2,790",
        ),
        "noise_points": Estimate(
            "What is the standard deviation of the error of a network that is wrong in 10 % of cases, on 500 rows?",
            "points", 1.3, 1.4,
            "sqrt(0.1 x 0.9 / 500) = 0.0134: 1.3 points",
        ),
    }  # fmt: skip

    terms = (
        terms.estimates(6),
        terms.baseline(
            "Baseline's regret", f"% of {RANDOM}", 1.35, better="lower", band=0.05, scale=100, digits=0,
            advice="Train in order, to the end, while the bill lasts; name the one whose last error is lowest.",
        ),
        terms.interface(4, 4, "Read what `plan` and `pick` take and return again.", "Answers as the contract says"),
        terms.untouched("The lab's lists belong to the lab: work on copies."),
        Term(
            "quality", "Regret", f"% of {RANDOM}", 0.55, "lower", 30,
            "Take the labs in which you lost most: in which night was the best one given up, and how did it look then?",
            floor=1.0, band=0.02, scale=100, digits=0,
            definition="A lab's regret is 1 - (true error at the end of its best configuration) / (that of the one you "
            "name). The mean over labs, divided by the same mean for random search, which trains configurations to the "
            "end in random order while the bill lasts and names the one whose last five errors are lowest on average.",
        ),
        Term(
            "bill", "Labs in which the bill was overdrawn", "labs", 0, "lower", 8,
            "Add up steps x price of a night before you ask for it, and compare with what is left.", band=5, digits=0,
            definition="In how many labs a night was asked for that costs more than was left. Nothing of it is "
            "trained, and the search is over.",
        ),
        Term(
            "nights", "Nights until an answer", "nights a lab", 14, "lower", 6,
            "What is asked for in one evening is trained side by side: ask for more at once.", digits=1,
            production=True,
            definition="Nights in which something was trained, the mean over labs.",
        ),
        terms.throughput(
            10, "Time of planning a night", "a line through every curve",
            "Look for what is fitted again and again; what was learned from past labs can be shipped.",
        ),
        Term(
            "slow", "Regret, slow starters", f"% of {RANDOM}", 0.90, "lower", 3,
            "What is good at the end may begin late: how early does your search give up?",
            floor=1.0, band=0.05, scale=100, digits=0, hidden=True,
            definition="What *quality* measures, in labs whose early steps say less than usual.",
        ),
        Term(
            "noisy", "Regret, small validation sets", f"% of {RANDOM}", 0.80, "lower", 3,
            "One error on a hundred rows says little: of how many do you make up your mind?",
            floor=1.0, band=0.05, scale=100, digits=0, hidden=True,
            definition="What *quality* measures, in labs that count errors on few rows.",
        ),
        Term(
            "crashes", "Regret, many that diverge", f"% of {RANDOM}", 0.65, "lower", 2,
            "A configuration that tells NaN never comes back; give its money to others.",
            floor=1.0, band=0.05, scale=100, digits=0, hidden=True,
            definition="What *quality* measures, in labs where many configurations diverge.",
        ),
        Term(
            "tight", "Regret, half of the bill", f"% of {RANDOM}", 0.85, "lower", 2,
            "Does your plan follow from the bill, or from the bill that you had in mind?",
            floor=1.0, band=0.05, scale=100, digits=0, hidden=True,
            definition="What *quality* measures, in labs with about half of the usual bill.",
        ),
    )  # fmt: skip
    example = (
        "plan({'prices': [2, 3, 5], 'steps': 60, 'bill': 100, 'spent': 10, 'night': 1, 'curves': [[0.52], [0.47], "
        "[0.61]]}) may return [[0, 5], [1, 4]]: five steps more of configuration 0 and four of 1, for 5 x 2 + 4 x 3 = "
        "€22, so that €32 of €100 are spent and night 2 begins. [] ends the search; pick then returns the number of a "
        "configuration, 1 say. If true errors at the end are 0.10, 0.12 and 0.30, the regret is 1 - 0.10 / 0.12 = 17 %."
    )

    def release(self, draw: Draw) -> dict[str, np.ndarray]:
        """Past labs and the public hold-out, as `world.unpacked` reads them, everything to the end among it."""
        from course.units.f04_search_budget import world

        at = world.world(draw("world"))
        past, public = world.labs(at, draw("history"), PAST), world.labs(at, draw("public"), PUBLIC)
        return world.packed(past, "history") | world.packed(public, "public")

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """Other labs of the same world as the past ones."""
        from course.units.f04_search_budget import world

        return Holdout("public", truth={"usual": world.unpacked(data, "public")})

    def hidden(self, draw: Draw) -> Holdout:
        """Labs that nobody has seen, and some of each kind that is rare among them."""
        from course.units.f04_search_budget import world

        at = world.world(draw("world"))
        truth = {"usual": world.labs(at, draw("private"), PRIVATE)}
        for name, kind in world.SLICES.items():
            truth[name] = world.labs(at, draw(f"private {name}"), SLICE, kind)
        return Holdout("private", truth=truth, seed=draw.seed())

    @clauses("quality", "bill", "nights")
    def usual(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Search in every lab."""
        from course.units.f04_search_budget import judge

        with ship.open() as shipped:
            named, sessions = judge.search(shipped, holdout.truth["usual"])
        lost, random = judge.regrets(named, sessions)
        shares = f"{lost:.1%} of its errors were avoidable, of random search's {random:.1%}"
        return {
            "quality": Measurement(lost / random, aside=shares if holdout.name == "public" else ""),
            "bill": Measurement(float(sum(session.refused for session in sessions))),
            "nights": Measurement(sum(session.nights for session in sessions) / len(sessions)),
        }

    slow = judges.single("slow", _regret)
    noisy = judges.single("noisy", _regret)
    crashes = judges.single("crashes", _regret)
    tight = judges.single("tight", _regret)

    @clauses("interface")
    def answers(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Four promises of the contract."""
        from course.units.f04_search_budget.promises import PROMISES

        return {"interface": judges.promises(ship, PROMISES, holdout.truth["usual"][:TRIED])}

    @clauses("untouched")
    def leave(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """What the lab tells is as it was, on the first evening and later."""
        from course.units.f04_search_budget import world

        told = [one for lab in holdout.truth["usual"][:3] for one in (world.Session(lab).told(), world.midway(lab))]
        with ship.open() as shipped:
            return {
                "untouched": judges.untouched(*((shipped, name, (one,)) for one in told for name in ("plan", "pick")))
            }

    @clauses("throughput")
    def time(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Planning nights of its own searches, against a line through every curve; what it plans is what it planned."""
        from course.units.f04_search_budget import judge

        with ship.open() as shipped:
            nights = judge.nights(shipped, holdout.truth["usual"][:TIMED])
        term, ours = self.term("throughput"), judges.yardstick(__file__)
        found = judges.cost(term, ship.module, ours, "plan", nights.fresh, holdout, what="a plan", check=nights.check)
        return {"throughput": found}

    def replay(self, folder: Path, holdout: Holdout, case: int) -> replay.Replay:
        """The search in the lab of that number, night by night."""
        from course.units.f04_search_budget import judge

        lab = replay.case(holdout.truth["usual"], case, "labs")
        with read(folder, self.module).open() as shipped:
            return judge.replayed(shipped, lab, case)


UNIT = SearchBudget()
