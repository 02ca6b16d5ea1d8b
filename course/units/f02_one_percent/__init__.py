"""f02: one per cent. Models differ by a point on a finite test set, and by much in what they cost: which one serves?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses
from course.contract.terms.estimates import Estimate
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import Measurement, Term
from course.key import Key
from course.units.base import ModuleUnit
from course.units.f02_one_percent.hints import HINTS

if TYPE_CHECKING:
    import numpy as np

    from course.contract.processes.calls import Shipped
    from course.units.f02_one_percent.world import Decision

#: Decisions: past ones with what came out, public hold-out, private hold-out, and each hidden slice.
PAST, PUBLIC, PRIVATE, SLICE = 1500, 1000, 2000, 600
#: Decisions of one exchange when they are judged.
TOGETHER = 50
#: Decisions of one exchange when they are timed; the candidates and rows of each.
TIMED, CANDIDATES, ROWS = 16, 8, 1000


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

    hints: ClassVar[Mapping[str, tuple[str, ...]]] = HINTS

    terms = (
        Term(
            "estimates", "Estimates in range", "of 6", 6, "higher", 10, "Work the estimates out again.",
            floor=0, digits=0,
        ),
        Term(
            "baseline", "Baseline's money lost", "% of the loss at face value", 1.05, "lower", 4,
            "Compare your prices with `profits` of a past decision: is anything left out?",
            band=0.05, scale=100, digits=0,
        ),
        Term(
            "interface", "Answers as the contract says", "of 4 checks", 4, "higher", 4,
            "Read what the contract says about arguments and answers again.", floor=0, digits=0,
        ),
        Term(
            "untouched", "Arguments left as they were", "of 1 check", 1, "higher", 2,
            "Work on copies: sort with `sorted`, and make new dicts and arrays.", digits=0,
        ),
        Term(
            "quality", "Money lost", "% of the loss at face value", 0.70, "lower", 30,
            "Look at past decisions that lost the most: which gain did your rule believe that did not come true?",
            floor=1.0, band=0.01, scale=100, digits=0,
        ),
        Term(
            "throughput", "Time of a decision", "x counting rows one by one", 0.5, "lower", 12,
            "Look for loops over rows, for resamples, and for work that could be done once, when the module is loaded.",
            digits=2, production=True,
        ),
        Term(
            "size", "Bytes of policy.py and gains.json", "kB", 6_000, "lower", 8,
            "Ship what was learned from the past decisions, not the decisions.", scale=1e-3, production=True,
        ),
        Term(
            "small_shops", "Money lost, small shops", "% of the loss at face value", 1.25, "lower", 2,
            "Where few people search no accuracy pays for a machine: is traffic in every price?",
            band=0.05, scale=100, digits=0, hidden=True,
        ),
        Term(
            "tiny_tests", "Money lost, tiny test sets", "% of the loss at face value", 0.65, "lower", 3,
            "A hundred rows say little: how much does your rule believe them?",
            band=0.05, scale=100, digits=0, hidden=True,
        ),
        Term(
            "rich_tests", "Money lost, large test sets", "% of the loss at face value", 1.25, "lower", 3,
            "Thousands of rows can be believed, and a tenth of a point pays: does your rule doubt them less?",
            band=0.05, scale=100, digits=0, hidden=True,
        ),
        Term(
            "many_candidates", "Money lost, eight candidates", "% of the loss at face value", 0.80, "lower", 2,
            "The best of eight was lucky: does your rule know?",
            band=0.05, scale=100, digits=0, hidden=True,
        ),
    )  # fmt: skip

    def public_data(self, key: Key) -> dict[str, np.ndarray]:
        """Past decisions and the public hold-out, as `world.unpack` reads them, true accuracies among them."""
        from course.units.f02_one_percent import world

        gains = world.gains(key)
        past = world.draw(gains, PAST, key.rng(self.name, "history"))
        public = world.draw(gains, PUBLIC, key.rng(self.name, "public"))
        return world.pack(past, "history") | world.pack(public, "public")

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """1,000 decisions of the same world as the past ones."""
        from course.units.f02_one_percent import world

        return Holdout("public", truth={"usual": world.unpack(data, "public")})

    def private_holdout(self, key: Key) -> Holdout:
        """2,000 other decisions, and 600 of each slice."""
        from course.units.f02_one_percent import world

        gains = world.gains(key)
        truth = {"usual": world.draw(gains, PRIVATE, key.rng(self.name, "private"))}
        for name, sort in world.SLICES.items():
            truth[name] = world.draw(gains, SLICE, key.rng(self.name, f"private {name}"), sort)
        return Holdout("private", truth=truth, seed=int(key.rng(self.name, "timing").integers(2**31)))

    @clauses("quality")
    def usual(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Money lost over the hold-out."""
        return {"quality": _lost(ship, holdout, "usual")}

    @clauses("small_shops")
    def small(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Money lost where few people search."""
        return {"small_shops": _lost(ship, holdout, "small_shops")}

    @clauses("tiny_tests")
    def tiny(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Money lost where few rows are labelled."""
        return {"tiny_tests": _lost(ship, holdout, "tiny_tests")}

    @clauses("rich_tests")
    def rich(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Money lost where thousands of rows are labelled and many people search."""
        return {"rich_tests": _lost(ship, holdout, "rich_tests")}

    @clauses("many_candidates")
    def many(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Money lost where there are eight candidates."""
        return {"many_candidates": _lost(ship, holdout, "many_candidates")}

    @clauses("interface")
    def answers(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Names of candidates, for usual and for odd decisions; in whatever order; the same in another process."""
        usual = holdout.truth["usual"][: 2 * TOGETHER]
        with ship.open() as shipped:
            first = _choices(shipped, usual)
            for decision in _odd(usual):
                _choices(shipped, [decision])
            clear = [decision for decision in holdout.truth["usual"] if _no_ties(decision)][:TOGETHER]
            straight = _choices(shipped, clear)
            turned = _choices(shipped, [_turned(decision) for decision in clear])
        with ship.open() as again:
            second = _choices(again, usual[::-1])[::-1]
        kept, note = 2, ""
        if straight == turned:
            kept += 1
        else:
            note = "`choose` gave another name when the same candidates came in another order."
        if first == second:
            kept += 1
        else:
            note = "`choose` gave another name for the same decision in a fresh process: leave out chance and memory."
        return {"interface": Measurement(float(kept), note)}

    @clauses("untouched")
    def mutation(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Whether candidates and shop are the same after a call as before."""
        with ship.open() as shipped:
            for decision in holdout.truth["usual"][:TOGETHER]:
                if not shipped.leaves_alone("choose", decision.candidates, decision.shop):
                    return {"untouched": Measurement(0.0, "`choose` changed its arguments; work on copies.")}
        return {"untouched": Measurement(1.0)}

    @clauses("throughput")
    def time(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Time of a decision about eight candidates on 1,000 rows, against a loop over their rows."""
        from course.contract.cost.throughput import throughput

        found = throughput(
            ship.module, _yardstick(), "choose", _timed, self.term("throughput").budget, seed=holdout.seed
        )
        aside = f"{found.us_per_row:,.0f} µs a decision on this machine"
        return {"throughput": Measurement(found.ratio, found.note, found.verdict, aside)}


def _lost(ship: Ship, holdout: Holdout, part: str) -> Measurement:
    """€ lost over a part of the hold-out, as a share of what the rule loses that takes tests at face value."""
    from course.units.f02_one_percent import rules

    decisions = holdout.truth[part]
    with ship.open() as shipped:
        names = _choices(shipped, decisions)
    lost = sum(decision.lost(name) for decision, name in zip(decisions, names, strict=True))
    lost, plain = lost / len(decisions), rules.lost(decisions, rules.face_value)
    euros = f"{lost:,.1f} € a month a decision, at face value {plain:,.1f} €"
    return Measurement(lost / plain, aside=euros if holdout.name == "public" else "")


def _choices(shipped: Shipped, decisions: Sequence[Decision]) -> list[str]:
    """The name chosen in each decision. Raises CallError for anything that is none."""
    from course.contract.processes import expect

    names: list[Any] = []
    for start in range(0, len(decisions), TOGETHER):
        some = [(decision.candidates, decision.shop) for decision in decisions[start : start + TOGETHER]]
        names += shipped.map("choose", some)
    return [
        expect.one_of(name, [c["name"] for c in decision.candidates], "choose", (decision.candidates, decision.shop))
        for decision, name in zip(decisions, names, strict=True)
    ]


def _odd(decisions: Sequence[Decision]) -> list[Decision]:
    """Decisions that happen rarely: two models with the same bits, no fault on any row, a month without searches."""
    import dataclasses

    first, second, third = decisions[:3]
    same = [c | {"right": first.candidates[0]["right"].copy()} for c in first.candidates]
    perfect = [c | {"right": c["right"] | True} for c in second.candidates]
    return [
        dataclasses.replace(first, candidates=same),
        dataclasses.replace(second, candidates=perfect),
        dataclasses.replace(third, shop=third.shop | {"searches": 0.0}),
    ]


def _no_ties(decision: Decision) -> bool:
    """True if candidates differ in recipe, in costs and in how many rows they have right: then order can't decide."""
    count = len(decision.candidates)
    costs = {(c["replicas"] * c["replica_eur"] + c["upkeep_eur"], c["latency_ms"]) for c in decision.candidates}
    scores = {int(c["right"].sum()) for c in decision.candidates}
    return len(costs) == len(scores) == count


def _turned(decision: Decision) -> Decision:
    import dataclasses

    return dataclasses.replace(decision, candidates=decision.candidates[::-1], accuracy=decision.accuracy[::-1])


def _yardstick() -> Any:
    from pathlib import Path

    from course.contract.processes.calls import Module

    file = "yardstick.py"
    return Module(file, (Path(__file__).parent / file).read_bytes(), {})


def _timed(rng: np.random.Generator) -> list[tuple]:
    """Decisions of one size; chance alone decides the rest, because only how much there is to read takes time."""
    import numpy as np

    from course.units.f02_one_percent import world

    shape = (TIMED, CANDIDATES, ROWS)
    right = np.frombuffer(rng.bytes(TIMED * CANDIDATES * ROWS), dtype=np.uint8).reshape(shape) < 243
    costs = rng.uniform(1, 50, (TIMED, CANDIDATES, len(world.COSTS))).tolist()
    recipes = ("current", *world.RECIPES, *world.RECIPES)[:CANDIDATES]
    shop = {"searches": 400_000.0, "right_eur": 0.03, "wrong_eur": -0.02, "sales_eur": 0.1, "slowdown": 0.01}
    return [
        (
            [
                {
                    "name": f"m-{j}",
                    "recipe": recipe,
                    **dict(zip(world.COSTS, costs[i][j], strict=True)),
                    "right": right[i, j],
                }
                for j, recipe in enumerate(recipes)
            ],
            shop,
        )
        for i in range(TIMED)
    ]


UNIT = OnePercent()
