"""f05: divide and conquer. A support desk in seven blocks: which are learned, which are rules, and which are bought?"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from course.contract.artifacts import models
from course.contract.artifacts.gate import ModelSpec, Tensor
from course.contract.artifacts.modules import ModuleSpec, Ship, clauses, read
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import EARNS, Measurement, Term
from course.units.base import ModuleUnit
from course.units.f05_divide_and_conquer.estimates import ESTIMATES
from course.units.f05_divide_and_conquer.hints import HINTS
from course.units.kit import judges, terms
from course.units.kit.replay import Replay
from course.units.kit.worlds import Draw

if TYPE_CHECKING:
    import numpy as np

    from course.contract.terms.estimates import Estimate
    from course.units.f05_divide_and_conquer.world import World

#: Letters: past ones, hold-outs, each hidden slice; that are tried out.
PAST, PUBLIC, PRIVATE, SLICE, TRIED = 3_000, 800, 1_000, 300, 97
#: The fewest rows by which the router's latency is measured.
ROWS = 512


class DivideAndConquer(ModuleUnit):
    """Letters in; hidden, found, dated, closed or sent to a team, with as few questions and mistakes as it takes."""

    name = "f05-divide-and-conquer"
    title = "Divide and conquer"
    brief = "Our support desk drowns. Put an AI in front of it."
    module = ModuleSpec(
        "desk.py",
        {"read": "read(tickets, tables) -> records, features", "decide": "decide(scores) -> pairs"},
        beside=("router.onnx",),
        seconds=30.0,
    )
    router = ModelSpec(
        {"features": Tensor("float32", (None, 2048))}, {"scores": Tensor("float32", (None, 7))}, file="router.onnx"
    )
    also = ("baseline.py",)
    hints: ClassVar[Mapping[str, tuple[str, ...]]] = HINTS
    estimates: ClassVar[Mapping[str, Estimate]] = ESTIMATES

    terms = (
        terms.estimates(6),
        terms.baseline(
            "Baseline's bill", "€ per 1,000 letters", 5_800, better="lower", band=50, digits=0,
            advice="The list of words for the team, nothing urgent, nothing closed, and questions where there are "
            "numbers.",
        ),
        terms.interface(
            4, 3, "Read what `read` and `decide` take and return again.", "Desk answers as the contract says"
        ),
        Term(
            "router", "Router serves as the contract says", "of 5 checks", 5, "higher", 3,
            "Read the router's input and output again.",
            floor=0, digits=0, definition=terms.interface(5).definition,
        ),
        Term(
            "quality", "The bill", "€ per 1,000 letters", 330, "lower", 12,
            "Look at what the bill is made of: the largest part first.",
            floor=800, band=10, digits=0,
            definition="The brief's price list summed up over all letters, questions included, by 1,000 and divided by "
            "the number of letters. Text and orders are charged for every letter; time, team and urgency only where "
            "somebody is to answer and the letter was not closed.",
        ),
        terms.share(
            "accuracy", "Letters that reach the right team", "letters", 0.97, 4,
            "Which letters does the router get wrong, and what do they say besides?", floor=0.70, band=0.005,
            definition="Of the letters that somebody is to answer, the share that was not closed and whose team, after "
            "router and questions, is the right one.",
        ),
        Term(
            "redaction", "Letters in which too much or too little is hidden", "letters", 0, "lower", 5,
            "One wrong letter is too many: print the first that differs, sign by sign.",
            band=5, digits=0,
            definition="Letters whose `text`, as it stands in the end, is not sign for sign what the rules make of it. "
            "Copies and robots' letters count as well.",
        ),
        Term(
            "orders", "Letters with wrong order numbers", "letters", 0, "lower", 3,
            "The check digit decides; people write numbers in many ways.",
            band=5, digits=0, definition="Letters whose list of `orders` is another one, or in another order.",
        ),
        Term(
            "dates", "Letters with a wrong time to reply", "letters", 0, "lower", 3,
            "Take the clock of the customer's country for hours, days and holidays, and UTC for what goes in and out.",
            band=5, digits=0,
            definition="Letters whose `reply_by` is not that minute. All letters count, closed ones too.",
        ),
        Term(
            "closed", "Letters wrongly closed or kept open", "letters", 0, "lower", 3,
            "Headers say what is automatic, and the rule of the brief what is a copy.",
            band=5, digits=0, definition="Letters in which `automatic` or `copy_of` is not what the rules say.",
        ),
        terms.latency(
            1.3, "Router, one letter", "Count the multiplications for one row; what does a hidden layer bring?", worth=5
        ),
        terms.size(400_000, "Count the weights and the bytes of each.", worth=5, title="Bytes of desk and router"),
        terms.memory(
            3.0, "Memory follows from weights and from what a graph keeps between its operators.", worth=4,
            title="Memory to load and run the router",
        ),
        terms.throughput(
            8.0, "Time of reading a letter", "counting its words",
            "Look for what is compiled, parsed or walked through again for each letter.",
        ),
        Term(
            "rare", "Blocks without a mistake, rare letters", "of 4", 4, "higher", 4,
            "The brief's rules hold for every letter, and on every day of the year.",
            floor=0, digits=0, hidden=True,
            definition="Hiding, orders, times to reply, closing: how many of these four have no mistake at all in "
            "letters with more numbers, copies and robots than usual, from days around holidays and changes of clocks.",
        ),
        terms.share(
            "typos", "Right team, many typing errors", "letters", 0.94, 3,
            "A word with a slip is another word, but much of it is the same.",
            floor=0.60, band=0.01, digits=0, hidden=True,
            definition="*Letters that reach the right team*, of letters in which many words have a slip.",
        ),
        terms.share(
            "long", "Right team, long letters", "letters", 0.94, 3,
            "Of a long letter one sentence asks for something; which lines did the customer not write at all?",
            floor=0.60, band=0.01, digits=0, hidden=True,
            definition="*Letters that reach the right team*, of letters that tell much besides, and quote.",
        ),
    )  # fmt: skip
    example = (
        '`text` is "My card is 4111 1111 1111 1111. Write to tom@example.org. It is about a-1234-5678-9." The record '
        'says "My card is [card]. Write to [mail]. It is about a-1234-5678-9." and has `orders` ["A123456789"]: '
        "2x1 + 3x2 + 4x3 + 5x4 + 6x5 + 7x6 + 8x7 + 9x8 = 240 leaves 9 when divided by 11. It came in Belgium at "
        '"2026-03-02 11:30", half past twelve there, in the break of a desk that is open from 09:00 to 12:00 and '
        '13:00 to 17:00. With 60 minutes promised `reply_by` is "2026-03-02 13:00", two o\'clock there.'
    )

    @property
    def handed_in(self) -> dict[str, str]:
        """Every file that is handed in, the notebook first, with what it is."""
        return super().handed_in | {self.router.file: "the router, measured with it"}

    def release(self, draw: Draw) -> dict[str, np.ndarray]:
        """The desk's tables and list of words, past letters and the public hold-out, as `world.unpacked` reads them."""
        from course.units.f05_divide_and_conquer import world

        at = _world(draw)
        past = world.past(at, draw("history"), PAST)
        return world.packed(at, {"history": past, "public": world.days(at, draw("public"), PUBLIC, "2026-03-23")})

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """Letters of two weeks in spring."""
        from course.units.f05_divide_and_conquer import world

        truth = {"tables": world.told(data)["tables"], "usual": world.unpacked(data, "public")}
        return Holdout("public", truth=truth)

    def hidden(self, draw: Draw) -> Holdout:
        """Letters of autumn, and some of each kind that is rare among them."""
        from course.units.f05_divide_and_conquer import world

        at = _world(draw)
        truth = {"tables": at.tables, "usual": world.days(at, draw("private"), PRIVATE, "2026-10-19")}
        for name, kind in world.SLICES.items():
            truth[name] = world.days(at, draw(f"private {name}"), SLICE, "2026-09-07", kind)
        return Holdout("private", truth=truth, seed=draw.seed())

    @clauses("quality", "accuracy", "redaction", "orders", "dates", "closed")
    def usual(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """All letters of two weeks."""
        from course.units.f05_divide_and_conquer import judge, service

        days, public = holdout.truth["usual"], holdout.name == "public"
        found = judge.served(ship, self.router, days, holdout.truth["tables"])
        cost = found.bill(days)
        shown = sorted(((some, what) for what, some in cost.items() if some >= 0.5), reverse=True)
        aside = ", ".join(f"€{some:,.0f} {what}" for some, what in shown) if public else ""
        measured = {"quality": Measurement(sum(cost.values()), aside=aside)}
        measured["accuracy"] = Measurement(found.accuracy(days))
        for clause, fields in service.CLAUSES.items():
            measured[clause] = found.mistakes(days, fields, public)
        return measured

    @clauses("rare", "typos", "long")
    def slices(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """The rules' blocks on rare letters; teams of hurried and of long ones."""
        from course.units.f05_divide_and_conquer import judge, service

        def judged(name: str) -> Measurement:
            days = holdout.truth[name]
            found = judge.served(ship, self.router, days, holdout.truth["tables"])
            if name != "rare":
                return Measurement(found.accuracy(days))
            wrong = [found.mistakes(days, fields, False).value for fields in service.CLAUSES.values()]
            return Measurement(float(wrong.count(0.0)))

        there = [name for name in ("rare", "typos", "long") if name in holdout.truth]
        return judges.apart(ship, {name: partial(judged, name) for name in there})

    @clauses("interface")
    def answers(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Four promises of the contract."""
        from course.units.f05_divide_and_conquer.promises import PROMISES

        some = holdout.truth["usual"].tickets[:TRIED], holdout.truth["tables"]
        return {"interface": judges.promises(ship, PROMISES, *some)}

    @clauses("router")
    def route(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """The router by itself."""
        return {"router": models.interface(ship.model(self.router), self.router, _inputs(ship, holdout))}

    @clauses("latency")
    def pause(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """One letter after another."""
        model = ship.model(self.router)
        return {"latency": models.latency(model, _inputs(ship, holdout), self.term("latency"), holdout.seed)}

    @clauses("memory")
    def remember(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """What the router takes."""
        return {"memory": models.memory(ship.model(self.router), _inputs(ship, holdout))}

    @clauses("throughput")
    def time(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Reading letters of the hold-out, each with a word more, which are then judged as those are."""
        from course.units.f05_divide_and_conquer import timed

        term, ours, what = self.term("throughput"), judges.yardstick(__file__), f"for {timed.TIMED} letters"
        some = timed.Timed(holdout.truth["usual"], holdout.truth["tables"])
        found = judges.cost(
            term, ship.module, ours, "read", some.fresh, holdout, what=what, check=some.check
        )  # fmt: skip
        if found.verdict in EARNS:
            some.compare(ship, self.router)
        return {"throughput": found}

    def replay(self, folder: Path, holdout: Holdout, case: int) -> Replay:
        """The letters of one day, the first being 0: what was asked, what is wrong, what it costs."""
        from course.units.f05_divide_and_conquer import judge

        ship = read(folder, self.module)
        return judge.replayed(ship, self.router, holdout.truth["usual"], holdout.truth["tables"], case)


@lru_cache(maxsize=8)
def _world(draw: Draw) -> World:
    from course.units.f05_divide_and_conquer import world

    return world.world(draw("world"))


def _inputs(ship: Ship, holdout: Holdout) -> dict[str, np.ndarray]:
    """Features of letters of the hold-out, as the learner's own `read` makes them. Raises CallError."""
    from course.units.f05_divide_and_conquer.judge import taken

    with ship.open() as shipped:
        _, features = taken(shipped, holdout.truth["usual"].tickets[:ROWS], holdout.truth["tables"])
    return {"features": features}


UNIT = DivideAndConquer()
