"""f05: divide and conquer. A support desk in seven blocks: which are learned, which are rules, and which are bought?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from course.contract.artifacts import models
from course.contract.artifacts.gate import ModelSpec, Tensor
from course.contract.artifacts.modules import ModuleSpec, Ship, clauses
from course.contract.cost.throughput import throughput
from course.contract.processes.calls import CallError, Module, Shipped, mismatch
from course.contract.terms.estimates import Estimate
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import EARNS, Measurement, Term
from course.key import Key
from course.units.base import ModuleUnit
from course.units.f05_divide_and_conquer.hints import HINTS
from course.units.f05_divide_and_conquer.service import CLAUSES, Served, through

if TYPE_CHECKING:
    import numpy as np

    from course.units.f05_divide_and_conquer.world import Days, Ticket

#: Letters: past ones, hold-outs, each hidden slice; of one exchange when reading is timed; that are tried out.
PAST, PUBLIC, PRIVATE, SLICE, TIMED, TRIED = 3_000, 800, 1_000, 300, 60, 97
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

    estimates: Mapping[str, Estimate] = {
        "ask_all_eur": Estimate(
            "What do questions cost for 1,000 letters if the hosted model is asked everything?", "€", 1_390, 1_410,
            "1,000 x 7 x €0.20 = €1,400",
        ),
        "leaks_eur": Estimate(
            "What do leaks cost for 1,000 letters if the hosted model hides what is to be hidden?", "€", 195, 205,
            "1,000 x 0.25 x 0.02 x €40 = €200",
        ),
        "ask_from_percent": Estimate(
            "From which chance that the router's team is wrong does a question pay?", "%", 11.2, 11.5,
            "p x 2.40 = 0.20 + 0.03 x 2.40, so p = 0.03 + 0.20 / 2.40 = 11.3 %",
        ),
        "urgent_from_percent": Estimate(
            "From which chance of being urgent is a letter best called urgent, if nobody is asked?", "%", 14, 14.6,
            "p x 9 = (1 - p) x 1.50, so p = 1.5 / 10.5 = 14.3 %",
        ),
        "luhn_by_luck": Estimate(
            "How many of 1,000 parcel numbers with 16 digits at random pass Luhn's check?", "numbers", 95, 105,
            "For each 15 digits one last digit of ten is right: 100",
        ),
        "router_kilobytes": Estimate(
            "How large is a linear router, with 4 bytes for each weight?", "kB", 56, 59,
            "7 x (2,048 + 1) x 4 bytes = 57.4 kB",
        ),
    }  # fmt: skip

    terms = (
        Term(
            "estimates", "Estimates in range", "of 6", 6, "higher", 10, "Work the estimates out again.",
            floor=0, digits=0,
        ),
        Term(
            "baseline", "Baseline's bill", "€ per 1,000 letters", 5_800, "lower", 4,
            "The list of words for the team, nothing urgent, nothing closed, and questions where there are numbers.",
            band=50, digits=0,
        ),
        Term(
            "interface", "Desk answers as the contract says", "of 4 checks", 4, "higher", 3,
            "Read what `read` and `decide` take and return again.", floor=0, digits=0,
        ),
        Term(
            "router", "Router serves as the contract says", "of 5 checks", 5, "higher", 3,
            "Read the router's input and output again.", floor=0, digits=0,
        ),
        Term(
            "quality", "The bill", "€ per 1,000 letters", 330, "lower", 12,
            "Look at what the bill is made of: the largest part first.", floor=800, band=10, digits=0,
        ),
        Term(
            "accuracy", "Letters that reach the right team", "% of letters", 0.97, "higher", 4,
            "Which letters does the router get wrong, and what do they say besides?",
            floor=0.70, band=0.005, scale=100,
        ),
        Term(
            "redaction", "Letters in which too much or too little is hidden", "letters", 0, "lower", 5,
            "One wrong letter is too many: print the first that differs, sign by sign.", band=5, digits=0,
        ),
        Term(
            "orders", "Letters with wrong order numbers", "letters", 0, "lower", 3,
            "The check digit decides; people write numbers in many ways.", band=5, digits=0,
        ),
        Term(
            "dates", "Letters with a wrong time to reply", "letters", 0, "lower", 3,
            "Take the clock of the customer's country for hours, days and holidays, and UTC for what goes in and out.",
            band=5, digits=0,
        ),
        Term(
            "closed", "Letters wrongly closed or kept open", "letters", 0, "lower", 3,
            "Headers say what is automatic, and the rule of the brief what is a copy.", band=5, digits=0,
        ),
        Term(
            "latency", "Router, one letter", "x calibration model", 1.3, "lower", 5,
            "Count the multiplications for one row; what does a hidden layer bring?", digits=2, production=True,
        ),
        Term(
            "size", "Bytes of desk and router", "kB", 400_000, "lower", 5,
            "Count the weights and the bytes of each.", scale=1e-3, digits=0, production=True,
        ),
        Term(
            "memory", "Memory to load and run the router", "MB", 3.0, "lower", 4,
            "Memory follows from weights and from what a graph keeps between its operators.", production=True,
        ),
        Term(
            "throughput", "Time of reading a letter", "x counting its words", 8.0, "lower", 6,
            "Look for what is compiled, parsed or walked through again for each letter.", digits=1, production=True,
        ),
        Term(
            "rare", "Blocks without a mistake, rare letters", "of 4", 4, "higher", 4,
            "The brief's rules hold for every letter, and on every day of the year.", floor=0, digits=0, hidden=True,
        ),
        Term(
            "typos", "Right team, many typing errors", "% of letters", 0.94, "higher", 3,
            "A word with a slip is another word, but much of it is the same.",
            floor=0.60, band=0.01, scale=100, digits=0, hidden=True,
        ),
        Term(
            "long", "Right team, long letters", "% of letters", 0.94, "higher", 3,
            "Of a long letter one sentence asks for something; which lines did the customer not write at all?",
            floor=0.60, band=0.01, scale=100, digits=0, hidden=True,
        ),
    )  # fmt: skip

    def public_data(self, key: Key) -> dict[str, np.ndarray]:
        """The desk's tables and list of words, past letters and the public hold-out, as `world.unpacked` reads them."""
        return dict(_public(self, key))

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """Letters of two weeks in spring."""
        from course.units.f05_divide_and_conquer import world

        truth = {"tables": world.told(data)["tables"], "usual": world.unpacked(data, "public")}
        return Holdout("public", truth=truth)

    def private_holdout(self, key: Key) -> Holdout:
        """Letters of autumn, and some of each kind that is rare among them."""
        return _private(self, key)

    @clauses("quality", "accuracy", "redaction", "orders", "dates", "closed")
    def usual(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """All letters of two weeks."""
        days, public = holdout.truth["usual"], holdout.name == "public"
        found = served(self, ship, days, holdout.truth["tables"])
        cost = found.bill(days)
        shown = sorted(((some, what) for what, some in cost.items() if some >= 0.5), reverse=True)
        aside = ", ".join(f"€{some:,.0f} {what}" for some, what in shown) if public else ""
        measured = {"quality": Measurement(sum(cost.values()), aside=aside)}
        measured["accuracy"] = Measurement(found.accuracy(days))
        for clause, fields in CLAUSES.items():
            measured[clause] = found.mistakes(days, fields, public)
        return measured

    @clauses("rare")
    def rare(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """The rules' blocks, on days when clocks change and offices are closed, with many numbers."""
        if "rare" not in holdout.truth:
            return {}
        days = holdout.truth["rare"]
        found = served(self, ship, days, holdout.truth["tables"])
        right = [found.mistakes(days, fields, False) for fields in CLAUSES.values()]
        return {"rare": Measurement(float(sum(one.value == 0 for one in right)))}

    @clauses("typos")
    def typos(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Letters that were typed in a hurry."""
        return self._slice(ship, holdout, "typos")

    @clauses("long")
    def long(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Letters that say a lot, and quote."""
        return self._slice(ship, holdout, "long")

    def _slice(self, ship: Ship, holdout: Holdout, name: str) -> dict[str, Measurement]:
        if name not in holdout.truth:
            return {}
        days = holdout.truth[name]
        return {name: Measurement(served(self, ship, days, holdout.truth["tables"]).accuracy(days))}

    @clauses("interface")
    def answers(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Four promises of the contract, each tried by itself."""
        notes = []
        for check in (_odd, _alone, _again, _untouched):
            try:
                check(ship, holdout.truth["usual"].tickets[:TRIED], holdout.truth["tables"])
            except CallError as error:
                notes.append(str(error))
        return {"interface": Measurement(4.0 - len(notes), notes[0] if notes else "")}

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
        """Reading letters that are put together anew of halves of others."""
        tables, tickets = holdout.truth["tables"], holdout.truth["usual"].tickets

        def fresh(draws: np.random.Generator) -> Sequence[tuple]:
            order = draws.permutation(len(tickets))
            some = zip(order[:TIMED], order[TIMED : 2 * TIMED], strict=True)
            return [([_joined(tickets[a], tickets[b]) for a, b in some], tables)]

        found = throughput(
            ship.module,
            Module("yardstick.py", (Path(__file__).parent / "yardstick.py").read_bytes(), {}),
            "read",
            fresh,
            self.term("throughput").budget,
            seed=holdout.seed,
        )
        note = found.note or ("" if found.verdict in EARNS else self.term("throughput").advice)
        aside = f"{found.us_per_row / TIMED:,.0f} µs a letter on this machine"
        return {"throughput": Measurement(found.ratio, note, found.verdict, aside)}


def served(unit: DivideAndConquer, ship: Ship, days: Days, tables: Mapping[str, Any]) -> Served:
    """All letters through the desk, the router and the hosted model. Raises CallError, Refused, RunnerError."""
    with ship.open() as shipped:
        records, features = taken(shipped, days.tickets, tables)
        return through(
            days,
            records,
            lambda rows: scored(unit, ship, features[rows]),
            lambda scores: decided(shipped, scores),
        )


def taken(shipped: Shipped, tickets: Sequence[Ticket], tables: Mapping[str, Any]) -> tuple[list[dict], np.ndarray]:
    """What `read` makes of letters, its form checked. Raises CallError."""
    import numpy as np

    from course.units.f05_divide_and_conquer.world import COLUMNS

    value = shipped.call("read", list(tickets), dict(tables))
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise CallError(mismatch("read", ["..."], value, "a pair: a list of records, and an array of features"))
    records, features = value
    count = len(tickets)
    if not isinstance(records, list) or len(records) != count or not all(isinstance(one, dict) for one in records):
        raise CallError(mismatch("read", ["..."], records, f"{count:,} records, a dict for each letter"))
    good = isinstance(features, np.ndarray) and features.shape == (count, COLUMNS) and features.dtype == np.float32
    if not good or not np.isfinite(features).all():
        got = f"{features.dtype}{list(features.shape)}" if isinstance(features, np.ndarray) else features
        if good:
            got = "NaN or infinite values"
        raise CallError(mismatch("read", ["..."], got, f"features as a float32 array [{count}, {COLUMNS}], all finite"))
    return records, features


def scored(unit: DivideAndConquer, ship: Ship, features: np.ndarray) -> np.ndarray:
    """What the router says. Raises Refused, RunnerError."""
    import numpy as np

    from course.contract.processes.runner import RunnerError, predict

    (scores,) = predict(ship.model(unit.router).content, [{"features": np.ascontiguousarray(features)}])[0]
    if scores.shape != (len(features), 7) or scores.dtype != np.float32 or not np.isfinite(scores).all():
        raise RunnerError(
            f"For {len(features)} letters the router's scores are {scores.dtype}{list(scores.shape)}; "
            f"the contract asks for finite float32[{len(features)}, 7]."
        )
    return scores


def decided(shipped: Shipped, scores: np.ndarray) -> list[tuple[str, bool | str]]:
    """A team and whether it is urgent, for each row of scores. Raises CallError."""
    from course.units.f05_divide_and_conquer.world import ASK, TEAMS

    pairs = shipped.call("decide", scores)
    if not isinstance(pairs, list | tuple) or len(pairs) != len(scores):
        raise CallError(mismatch("decide", ["..."], pairs, f"{len(scores):,} pairs of a team and whether it is urgent"))
    for pair in pairs:
        good = isinstance(pair, list | tuple) and len(pair) == 2
        good = good and type(pair[0]) is str and pair[0] in (*TEAMS, ASK) and (type(pair[1]) is bool or pair[1] == ASK)
        if not good:
            expected = "a pair such as ['sales', False], where either may be 'ask'"
            raise CallError(mismatch("decide", ["..."], pair, expected))
    return pairs


def _inputs(ship: Ship, holdout: Holdout) -> dict[str, np.ndarray]:
    """Features of letters of the hold-out, as the learner's own `read` makes them. Raises CallError."""
    with ship.open() as shipped:
        _, features = taken(shipped, holdout.truth["usual"].tickets[:ROWS], holdout.truth["tables"])
    return {"features": features}


def _joined(one: Ticket, other: Ticket) -> Ticket:
    """A letter that begins as one and goes on as another."""
    first, second = one["text"].split("\n"), other["text"].split("\n")
    return one | {"text": "\n".join([*first[: (len(first) + 1) // 2], *second[len(second) // 2 :]])}


def _odd(ship: Ship, tickets: list[Ticket], tables: dict) -> None:
    """No letter, an empty one, a long one, only quoted lines, other alphabets; no row of scores."""
    import numpy as np

    texts = ("", " \n\n", "> quoted\n> and nothing else", "Καλημέρα 🎻 " * 2_000, "1" * 20_000)
    with ship.open() as shipped:
        taken(shipped, [], tables)
        taken(shipped, [tickets[0] | {"id": k, "text": text} for k, text in enumerate(texts)], tables)
        decided(shipped, np.zeros((0, 7), np.float32))
        decided(shipped, np.full((1, 7), 0.5, np.float32))


def _alone(ship: Ship, tickets: list[Ticket], tables: dict) -> None:
    """A letter by itself is read as among others, but for what it may be a copy of."""
    import numpy as np

    with ship.open() as shipped:
        records, features = taken(shipped, tickets, tables)
        for k in range(0, len(tickets), 12):
            (record,), row = taken(shipped, [tickets[k]], tables)
            same = {name: value for name, value in record.items() if name != "copy_of"}
            before = {name: value for name, value in records[k].items() if name != "copy_of"}
            if same != before or not np.allclose(row[0], features[k], rtol=1e-4, atol=1e-6):
                raise CallError("`read` makes something else of a letter alone than among others.")


def _again(ship: Ship, tickets: list[Ticket], tables: dict) -> None:
    """Two processes say the same."""
    import numpy as np

    seen = []
    scores = np.random.default_rng(5).dirichlet(np.ones(7), TRIED).astype(np.float32)
    for _ in range(2):
        with ship.open() as shipped:
            records, features = taken(shipped, tickets, tables)
            seen.append((records, features.tobytes(), [list(pair) for pair in decided(shipped, scores)]))
    if seen[0] != seen[1]:
        raise CallError("A second process said something else about the same letters; `hash` of text differs, for one.")


def _untouched(ship: Ship, tickets: list[Ticket], tables: dict) -> None:
    with ship.open() as shipped:
        if not shipped.leaves_alone("read", tickets, tables):
            raise CallError("`read` changed the letters or the tables that it was given; work on copies.")


@lru_cache(maxsize=8)
def _public(unit: DivideAndConquer, key: Key) -> dict[str, np.ndarray]:
    from course.units.f05_divide_and_conquer import world

    at = world.world(key.rng(unit.name, "world"))
    past = world.past(at, key.rng(unit.name, "history"), PAST)
    public = world.days(at, key.rng(unit.name, "public"), PUBLIC, "2026-03-23")
    return world.packed(at, {"history": past, "public": public})


@lru_cache(maxsize=8)
def _private(unit: DivideAndConquer, key: Key) -> Holdout:
    from course.units.f05_divide_and_conquer import world

    at = world.world(key.rng(unit.name, "world"))
    truth = {"tables": at.tables, "usual": world.days(at, key.rng(unit.name, "private"), PRIVATE, "2026-10-19")}
    for name, kind in world.SLICES.items():
        truth[name] = world.days(at, key.rng(unit.name, f"private {name}"), SLICE, "2026-09-07", kind)
    return Holdout("private", truth=truth, seed=int(key.rng(unit.name, "timing").integers(2**31)))


UNIT = DivideAndConquer()
