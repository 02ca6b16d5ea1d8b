"""f04: a search with a bill. Every training step costs money; name the configuration that will be best at the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses
from course.contract.cost.throughput import throughput
from course.contract.processes.calls import CallError, Module, Shipped, mismatch
from course.contract.terms.estimates import Estimate
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import EARNS, Measurement, Term
from course.key import Key
from course.units.base import ModuleUnit
from course.units.f04_search_budget.hints import HINTS

if TYPE_CHECKING:
    import numpy as np

    from course.units.f04_search_budget.world import Lab, Session

#: Labs: past ones, hold-outs, and each hidden slice.
PAST, PUBLIC, PRIVATE, SLICE = 60, 120, 240, 100
#: Labs on which the contract is tried out; labs of one exchange when planning is timed.
TRIED, TIMED = 30, 40
#: Labs whose night is planned in one exchange.
TOGETHER = 40


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

    hints: ClassVar[Mapping[str, tuple[str, ...]]] = HINTS

    terms = (
        Term(
            "estimates", "Estimates in range", "of 6", 6, "higher", 10, "Work the estimates out again.",
            floor=0, digits=0,
        ),
        Term(
            "baseline", "Baseline's regret", "% of random search's", 1.35, "lower", 4,
            "Train in order, to the end, while the bill lasts; name the one whose last error is lowest.",
            band=0.05, scale=100, digits=0,
        ),
        Term(
            "interface", "Answers as the contract says", "of 4 checks", 4, "higher", 4,
            "Read what `plan` and `pick` take and return again.", floor=0, digits=0,
        ),
        Term(
            "untouched", "Leaves what it is given alone", "of 1", 1, "higher", 2,
            "The lab's lists belong to the lab: work on copies.", digits=0,
        ),
        Term(
            "quality", "Regret", "% of random search's", 0.55, "lower", 30,
            "Take the labs in which you lost most: in which night was the best one given up, and how did it look then?",
            floor=1.0, band=0.02, scale=100, digits=0,
        ),
        Term(
            "bill", "Labs in which the bill was overdrawn", "labs", 0, "lower", 8,
            "Add up steps x price of a night before you ask for it, and compare with what is left.", band=5, digits=0,
        ),
        Term(
            "nights", "Nights until an answer", "nights a lab", 14, "lower", 6,
            "What is asked for in one evening is trained side by side: ask for more at once.", digits=1,
            production=True,
        ),
        Term(
            "throughput", "Time of planning a night", "x a line through every curve", 10, "lower", 6,
            "Look for what is fitted again and again; what was learned from past labs can be shipped.", digits=1,
            production=True,
        ),
        Term(
            "slow", "Regret, slow starters", "% of random search's", 0.90, "lower", 3,
            "What is good at the end may begin late: how early does your search give up?",
            floor=1.0, band=0.05, scale=100, digits=0, hidden=True,
        ),
        Term(
            "noisy", "Regret, small validation sets", "% of random search's", 0.80, "lower", 3,
            "One error on a hundred rows says little: of how many do you make up your mind?",
            floor=1.0, band=0.05, scale=100, digits=0, hidden=True,
        ),
        Term(
            "crashes", "Regret, many that diverge", "% of random search's", 0.65, "lower", 2,
            "A configuration that tells NaN never comes back; give its money to others.",
            floor=1.0, band=0.05, scale=100, digits=0, hidden=True,
        ),
        Term(
            "tight", "Regret, half of the bill", "% of random search's", 0.85, "lower", 2,
            "Does your plan follow from the bill, or from the bill that you had in mind?",
            floor=1.0, band=0.05, scale=100, digits=0, hidden=True,
        ),
    )  # fmt: skip

    def public_data(self, key: Key) -> dict[str, np.ndarray]:
        """Past labs and the public hold-out, as `world.unpacked` reads them, everything to the end among it."""
        from course.units.f04_search_budget import world

        at = world.world(key.rng(self.name, "world"))
        past = world.labs(at, key.rng(self.name, "history"), PAST)
        public = world.labs(at, key.rng(self.name, "public"), PUBLIC)
        return world.packed(past, "history") | world.packed(public, "public")

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """Other labs of the same world as the past ones."""
        from course.units.f04_search_budget import world

        return Holdout("public", truth={"usual": world.unpacked(data, "public")})

    def private_holdout(self, key: Key) -> Holdout:
        """Labs that nobody has seen, and some of each kind that is rare among them."""
        return _private(self, key)

    @clauses("quality", "bill", "nights")
    def usual(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Search in every lab."""
        with ship.open() as shipped:
            named, sessions = search(shipped, holdout.truth["usual"])
        lost, random = regrets(named, sessions)
        refused = sum(session.refused for session in sessions)
        nights = sum(session.nights for session in sessions) / len(sessions)
        shares = f"{lost:.1%} of its errors were avoidable, of random search's {random:.1%}"
        return {
            "quality": Measurement(lost / random, aside=shares if holdout.name == "public" else ""),
            "bill": Measurement(float(refused)),
            "nights": Measurement(nights),
        }

    @clauses("slow")
    def slow(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Labs in which the early steps say less."""
        return {"slow": _slice(ship, holdout, "slow")}

    @clauses("noisy")
    def noisy(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Labs with few rows to validate on."""
        return {"noisy": _slice(ship, holdout, "noisy")}

    @clauses("crashes")
    def crashes(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Labs in which many configurations diverge."""
        return {"crashes": _slice(ship, holdout, "crashes")}

    @clauses("tight")
    def tight(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Labs with a small bill."""
        return {"tight": _slice(ship, holdout, "tight")}

    @clauses("interface")
    def answers(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Four promises of the contract, each tried by itself."""
        notes = []
        for check in (_plans, _picks, _ends, _again):
            try:
                check(ship, holdout.truth["usual"][:TRIED])
            except CallError as error:
                notes.append(str(error))
        return {"interface": Measurement(4.0 - len(notes), notes[0] if notes else "")}

    @clauses("untouched")
    def leave(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """What the lab tells is as it was, on the first evening and later."""
        from course.units.f04_search_budget import world

        told = [one for lab in holdout.truth["usual"][:3] for one in (world.Session(lab).told(), world.midway(lab))]
        with ship.open() as shipped:
            alone = all(shipped.leaves_alone(name, one) for one in told for name in ("plan", "pick"))
        return {"untouched": Measurement(float(alone))}

    @clauses("throughput")
    def time(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Planning in the middle of a search, against a line through every curve."""
        from course.units.f04_search_budget import world

        labs = holdout.truth["usual"][:TIMED]
        yardstick = Module("yardstick.py", (Path(__file__).parent / "yardstick.py").read_bytes(), {})
        found = throughput(
            ship.module,
            yardstick,
            "plan",
            lambda draws: [(world.midway(lab, draws),) for lab in labs],
            self.term("throughput").budget,
            seed=holdout.seed,
        )
        note = found.note or ("" if found.verdict in EARNS else self.term("throughput").advice)
        aside = f"{found.us_per_row:,.0f} µs a plan on this machine"
        return {"throughput": Measurement(found.ratio, note, found.verdict, aside)}


@lru_cache(maxsize=8)
def _private(unit: SearchBudget, key: Key) -> Holdout:
    from course.units.f04_search_budget import world

    at = world.world(key.rng(unit.name, "world"))
    truth = {"usual": world.labs(at, key.rng(unit.name, "private"), PRIVATE)}
    for name, kind in world.SLICES.items():
        truth[name] = world.labs(at, key.rng(unit.name, f"private {name}"), SLICE, kind)
    return Holdout("private", truth=truth, seed=int(key.rng(unit.name, "timing").integers(2**31)))


def search(shipped: Shipped, labs: Sequence[Lab]) -> tuple[list[int], list[Session]]:
    """Search in all labs, night by night: the configurations that were named, and what happened. Raises CallError."""
    from course.units.f04_search_budget import world

    sessions = [world.Session(lab) for lab in labs]
    named: list[int] = []
    for some in (sessions[at : at + TOGETHER] for at in range(0, len(sessions), TOGETHER)):
        while running := [session for session in some if not session.over]:
            for session, one, value in _asked(shipped, "plan", running):
                session.train(requests(value, one))
        named += [number(value, "pick", one) for _, one, value in _asked(shipped, "pick", some)]
    return named, sessions


def _asked(shipped: Shipped, name: str, sessions: Sequence[Session]) -> Iterator[tuple[Session, dict, Any]]:
    """Each session, what it was told, and what the function answers."""
    told = [session.told() for session in sessions]
    return zip(sessions, told, shipped.map(name, [(one,) for one in told]), strict=True)


def requests(value: Any, told: dict) -> list[tuple[int, int]]:
    """What `plan` asked for, checked. Raises CallError."""
    wanted = "a list of [configuration, steps] in whole numbers, each configuration once"
    if not isinstance(value, list | tuple) or not all(isinstance(one, list | tuple) and len(one) == 2 for one in value):
        raise CallError(mismatch("plan", ["lab"], value, wanted))
    made = [(number(one[0], "plan", told), one[1]) for one in value]
    if len({which for which, _ in made}) < len(made) or any(type(n) is not int or not n >= 1 for _, n in made):
        raise CallError(mismatch("plan", ["lab"], value, f"{wanted}, and at least one step"))
    return made


def number(value: Any, name: str, told: dict) -> int:
    """The number of a configuration, checked. Raises CallError."""
    count = len(told["prices"])
    if type(value) is not int or not 0 <= value < count:
        raise CallError(mismatch(name, ["lab"], value, f"the number of a configuration, an int from 0 to {count - 1}"))
    return value


def regrets(named: Sequence[int], sessions: Sequence[Session]) -> tuple[float, float]:
    """Mean regret of what was named, and of searches at random in the same labs."""
    lost = sum(float(session.lab.regrets[one]) for session, one in zip(sessions, named, strict=True))
    return lost / len(sessions), sum(session.lab.random for session in sessions) / len(sessions)


def _slice(ship: Ship, holdout: Holdout, name: str) -> Measurement:
    with ship.open() as shipped:
        lost, random = regrets(*search(shipped, holdout.truth[name]))
    return Measurement(lost / random)


def _odd(lab: Lab) -> list[dict]:
    """What a search may be told that is rare: one configuration, no money, everything diverged but one."""
    from course.units.f04_search_budget import world

    told = world.midway(lab)
    alive = max(range(len(told["curves"])), key=lambda k: told["curves"][k][-1])
    diverged = [curve if k == alive else [*curve[:-1], float("nan")] for k, curve in enumerate(told["curves"])]
    return [
        told | {"prices": told["prices"][:1], "curves": [[]], "spent": 0, "night": 0},
        told | {"bill": 0, "spent": 0, "night": 0, "curves": [[] for _ in told["curves"]]},
        told | {"curves": diverged},
    ]


def _plans(ship: Ship, labs: Sequence[Lab]) -> None:
    with ship.open() as shipped:
        for told in _odd(labs[0]):
            requests(shipped.call("plan", told), told)


def _picks(ship: Ship, labs: Sequence[Lab]) -> None:
    with ship.open() as shipped:
        for told in _odd(labs[0]):
            named = number(shipped.call("pick", told), "pick", told)
            if any(curve and curve[-1] == curve[-1] for curve in told["curves"]):
                last = told["curves"][named][-1:]
                if last and last[0] != last[0]:
                    raise CallError("`pick` named a configuration that had diverged, and there was one that had not.")


def _ends(ship: Ship, labs: Sequence[Lab]) -> None:
    with ship.open() as shipped:
        _, sessions = search(shipped, labs)
    if not all(session.ended or session.refused for session in sessions):
        raise CallError("A search did not end by itself: `plan` must return an empty list when it has done enough.")


def _again(ship: Ship, labs: Sequence[Lab]) -> None:
    found = []
    for order in (labs, labs[::-1]):
        with ship.open() as shipped:
            named, sessions = search(shipped, order)
        found.append([(one, session.done) for one, session in zip(named, sessions, strict=True)])
    if found[0] != found[1][::-1]:
        raise CallError("In a second process, with labs in another order, a search asked for other steps; it must not.")


UNIT = SearchBudget()
