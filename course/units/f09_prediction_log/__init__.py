"""f09: a prediction log. What must be written down of a decision, so that the next model can be trained and judged?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses
from course.contract.cost.latency import Latency
from course.contract.cost.throughput import throughput
from course.contract.processes.calls import CallError, Module, Shipped
from course.contract.terms.estimates import Estimate
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import EARNS, Measurement, Term
from course.key import Key
from course.units.base import ModuleUnit
from course.units.f09_prediction_log.hints import HINTS
from course.units.f09_prediction_log.judge import (
    complete,
    counted,
    deleted,
    flat,
    forgotten,
    ids_of,
    is_event,
    people,
    persons_of,
    policies_held,
    read,
    read_many,
    right_rows,
    written,
)

if TYPE_CHECKING:
    import numpy as np

    from course.units.f09_prediction_log.world import Event, Log

#: Events of the logs on which damage, deletion and intruders are tried; damaged copies of each kind.
SOME, MANY, FLIPS, CUTS = 128, 640, 60, 16
#: A record that nobody wrote counts as so many lost ones.
INVENTED = 20
#: Share of right training rows from which on a log is weighed.
WEIGHED = 0.9
#: Events that are encoded or decoded in one exchange while that is timed.
TIMED = 150


class PredictionLog(ModuleUnit):
    """Events in, bytes out, and back; a person's events out of the bytes."""

    name = "f09-prediction-log"
    title = "The prediction log"
    brief = "The next model will be trained and judged from what this one does today. Design the log."
    module = ModuleSpec(
        "logbook.py",
        {
            "encode": "encode(events, key) -> bytes",
            "decode": "decode(data, key) -> events",
            "forget": "forget(data, card, key) -> bytes",
        },
        seconds=20.0,
    )
    also = ("baseline.py",)

    estimates: Mapping[str, Estimate] = {
        "events_per_second": Estimate(
            "How many events a second are written in the busiest hour?", "events/s", 155, 167,
            "2,000,000 x (1 + 1.9) = 5.8e6 a day; 10 % of them in 3,600 s: 161",
        ),
        "gigabytes_a_year": Estimate(
            "How much does the log grow in a year at 45 bytes an event?", "GB", 92, 99,
            "5.8e6 x 365 x 45 bytes = 95 GB; today's lines of 180 bytes would be 381 GB",
        ),
        "guess_seconds": Estimate(
            "How long does it take to find every card behind unkeyed hashes, at 2 million hashes a second?",
            "s", 4.9, 5.1,
            "There are 10^7 card numbers: 10^7 / 2e6 = 5 s for all of them",
        ),
        "people_mixed_up": Estimate(
            "How many pairs of 300,000 readers share a pseudonym of 32 bits?", "pairs", 10, 11,
            "300,000² / 2 pairs = 4.5e10, each with one chance in 2^32: 10.5. With 64 bits: 2.4e-9",
        ),
        "visits_to_log": Estimate(
            "How many visits must be logged until 400 of them show what the new policy would?",
            "visits", 155_000, 165_000,
            "a given one of 16 books is shown at random in 0.04 / 16 = 0.25 % of visits: 400 / 0.0025 = 160,000",
        ),
    }  # fmt: skip

    hints: ClassVar[Mapping[str, tuple[str, ...]]] = HINTS

    terms = (
        Term(
            "estimates", "Estimates in range", "of 5", 5, "higher", 10, "Work the estimates out again.",
            floor=0, digits=0,
        ),
        Term(
            "baseline", "Baseline's answers right", "% of answers", 0.45, "higher", 4,
            "The baseline must at least give back the training rows; look at what its `decode` returns.",
            band=0.05, scale=100, digits=0,
        ),
        Term(
            "interface", "Serves as the contract says", "of 4 checks", 4, "higher", 4,
            "Read what `encode`, `decode` and `forget` take and return again.", floor=0, digits=0,
        ),
        Term(
            "untouched", "Leaves events alone", "of 1", 1, "higher", 2,
            "Events belong to the caller: make new dicts, never change those that are passed in.", digits=0,
        ),
        Term(
            "quality", "Answers right: training rows, policies", "% of answers", 0.97, "higher", 14,
            "Compare what the log says with what happened: first the rows, then the weights of a policy.",
            floor=0.50, band=0.01, scale=100,
        ),
        Term(
            "forgotten", "Deletions that are right", "% of trials", 1.0, "higher", 8,
            "Nothing of that person may be left, reports and unreadable bytes included; everybody else must stay.",
            floor=0.40, scale=100, digits=0,
        ),
        Term(
            "damage", "Records lost to one damage", "records", 1.5, "lower", 8,
            "One bit may cost one record: its neighbours must be found, and what is wrong must not be believed.",
            floor=6, digits=2,
        ),
        Term(
            "bytes", "Size of the log", "bytes an event", 62, "lower", 8,
            "Which fields does nobody ask for? How exact must each of the others be?", production=True,
        ),
        Term(
            "throughput", "Cost of an event, worse of writing and reading", "x lines of JSON", 3.0, "lower", 8,
            "No object, array or slow hash for each number of each event.", digits=2, production=True,
        ),
        Term(
            "private", "Readers found without the key", "% of readers", 0.02, "lower", 4,
            "Whoever has the log and your code must not be able to try out all library cards.", scale=100,
            production=True,
        ),
        Term(
            "versions", "Old logs right", "% of old events", 0.99, "higher", 4,
            "Read the tables of both old versions again, field by field.", floor=0.50, band=0.01, scale=100,
        ),
        Term(
            "limits", "Rows right, at the limits of the contract", "% of rows", 0.99, "higher", 3,
            "Try the smallest and the largest of everything that the contract allows.",
            floor=0.70, band=0.01, scale=100, hidden=True,
        ),
        Term(
            "storm", "Untouched records read, after a bad week", "% of records", 0.99, "higher", 3,
            "Torn writes and lost sectors: where does the next record begin?",
            floor=0.90, band=0.01, scale=100, hidden=True,
        ),
    )  # fmt: skip

    def public_data(self, key: Key) -> dict[str, np.ndarray]:
        """The public log (`world.packed`), and the bytes of two old ones that hold some of its events."""
        return dict(_public(self, key))

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """The public log, and the old ones."""
        from course.units.f09_prediction_log import world

        old = {name: data[name].tobytes() for name in ("version_1", "version_2")}
        return Holdout("public", truth={"log": world.unpacked(data), "old": old})

    def private_holdout(self, key: Key) -> Holdout:
        """Other weeks of the same world, in the three versions; events at the limits; weeks of damage."""
        return _private(self, key)

    @clauses("quality", "bytes")
    def answer(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Training rows with late labels joined, and values of other policies, from the log; its bytes."""
        log = holdout.truth["log"]
        with ship.open() as shipped:
            data = b"".join(written(shipped, log.flushes(), log.key))
        with ship.open() as shipped:  # a process that remembers nothing of what was written
            events = read(shipped, data, log.key)
        rows, policies = right_rows(events, log), policies_held(events, log)
        found = Measurement((rows + policies) / 2, aside=f"{rows:.0%} of rows, {policies:.0%} of policies")
        if holdout.name != "public":
            found = Measurement(found.value)
        light = f"A log that gives back {rows:.0%} of the training rows is not weighed."
        weight = Measurement(len(data) / len(log.events)) if rows >= WEIGHED else Measurement(None, light, "broken")
        return {"quality": found, "bytes": weight}

    @clauses("interface")
    def serve(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Four promises of the contract, each tried by itself."""
        log, notes = holdout.truth["log"], []
        for check in (_fields, _appended, _nothing, _twice):
            try:
                with ship.open() as shipped:
                    check(ship, shipped, log)
            except CallError as error:
                notes.append(str(error))
        return {"interface": Measurement(4.0 - len(notes), notes[0] if notes else "")}

    @clauses("untouched")
    def leave(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Events are as they were."""
        log = holdout.truth["log"]
        with ship.open() as shipped:
            return {"untouched": Measurement(float(shipped.leaves_alone("encode", list(log.events[:SOME]), log.key)))}

    @clauses("forgotten")
    def delete(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Deletions from a file in another order: of many visits, of few, of some that are damaged, of none."""
        log = holdout.truth["log"]
        flushes = log.flushes(most=MANY)[::-1]
        events = flat(flushes)
        with ship.open() as shipped:
            data = b"".join(written(shipped, flushes, log.key))
            complete(read(shipped, data, log.key), events)
            apart = written(shipped, [[one] for one in events], log.key)
            trials = [deleted(shipped, data, events, apart, card, log.key, harm) for card, harm in people(events)]
        wrong = [trial for trial in trials if trial]
        return {"forgotten": Measurement(1 - len(wrong) / len(trials), wrong[0] if wrong else "")}

    @clauses("damage")
    def damage(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Copies of a log with one flipped bit each, and copies that end in the middle."""
        from course.units.f09_prediction_log import world

        log, rng = holdout.truth["log"], _rng(holdout, 1)
        with ship.open() as shipped:
            pieces = written(shipped, log.flushes(most=SOME), log.key)
            data, parts = b"".join(pieces), read_many(shipped, pieces, log.key)
            complete(flat(parts), log.events[:SOME])
            copies, whole = [], []  # and how many pieces must be read in full
            for place, bit in rng.integers(2**31, size=(FLIPS, 2)).tolist():
                copies.append(world.flipped(data, place % len(data), bit % 8))
                whole.append(len(pieces))
            for k, place in rng.integers(2**31, size=(CUTS, 2)).tolist():
                whole.append(1 + k % (len(pieces) - 1))
                copies.append(
                    b"".join(pieces[: whole[-1]]) + pieces[whole[-1]][: place % (len(pieces[whole[-1]]) or 1)]
                )
            found = [counted(events) for events in read_many(shipped, copies, log.key)]
        wanted = [counted(flat(parts[:k])) for k in range(len(parts) + 1)]
        lost = [(wanted[k] - events).total() for k, events in zip(whole, found, strict=True)]
        invented = sum((events - wanted[-1]).total() for events in found)
        each = sum(lost[:FLIPS]) / FLIPS + sum(lost[FLIPS:]) / CUTS + INVENTED * invented / len(found)
        note = f"{invented} records were read that nobody wrote." if invented else ""
        return {"damage": Measurement(each, note)}

    @clauses("private")
    def spy(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Readers whom somebody finds who has everything but the key."""
        from course.units.f09_prediction_log import intruder

        log = holdout.truth["log"]
        with ship.open() as shipped:
            data = b"".join(written(shipped, log.flushes(most=MANY), log.key))
            complete(read(shipped, data, log.key), log.events[:MANY])
        decisions = [one for one in log.events[:MANY] if one["kind"] == "decision"]
        named = intruder.found(ship, data, decisions)
        return {"private": Measurement(len(named) / len({one["card"] for one in decisions}))}

    @clauses("versions")
    def remember(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Old logs, read and deleted from; their readers have the pseudonyms that they have in new ones."""
        log, shares, notes = holdout.truth["log"], [], []
        events = log.events[:MANY]
        with ship.open() as shipped:
            persons = persons_of(shipped, log, events)
            for name, data in holdout.truth["old"].items():
                found = read(shipped, data, log.key)
                good = [is_event(one, event, persons) for one, event in zip(found, events, strict=False)]
                shares.append(sum(good) / max(len(events), len(found)))
                if shares[-1] < 1:
                    notes.append(f"{name}: {shares[-1]:.0%} of the events are right.")
                card = people(events)[0][0]
                left = read(shipped, forgotten(shipped, data, card, log.key), log.key)
                stay = [event for event in events if event["id"] not in ids_of(events, card)]
                good = [is_event(one, event, persons) for one, event in zip(left, stay, strict=False)]
                shares.append(sum(good) / max(len(left), len(stay), 1))
                if shares[-1] < 1:
                    notes.append(f"{name}: after `forget`, {shares[-1]:.0%} of the events are right.")
        return {"versions": Measurement(sum(shares) / len(shares), notes[0] if notes else "")}

    @clauses("throughput")
    def speed(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Cost of writing, and of reading what was written, against lines of JSON; the worse counts."""
        from course.units.f09_prediction_log import yardstick

        log, budget = holdout.truth["log"], self.term("throughput").budget
        beside = {"log.jsonl": yardstick.encode(_timed(log)(_rng(holdout, 2)), log.key)}
        lines = Module("yardstick.py", Path(yardstick.__file__).read_bytes(), beside)
        found: dict[str, Latency] = {}
        with ship.open() as writer:
            fresh = _timed(log)
            events = fresh(_rng(holdout, 4))
            complete(read(writer, *written(writer, [events], log.key), log.key), events)

            def logs(draws: np.random.Generator) -> list[tuple]:
                return [(*written(writer, [fresh(draws)], log.key), log.key)]

            jobs = {"encode": lambda draws: [(fresh(draws), log.key)], "decode": logs}
            for name, draw in jobs.items():
                found[name] = throughput(ship.module, lines, name, draw, budget, seed=holdout.seed)
                if found[name].verdict not in EARNS:
                    break
        name = max(found, key=lambda name: (found[name].verdict not in EARNS, found[name].ratio))
        worse = found[name]
        words = {"encode": "writing", "decode": "reading"}
        note = worse.note or ("" if worse.verdict in EARNS else self.term("throughput").advice)
        aside = f"{words[name]}: {worse.us_per_row / TIMED:.1f} µs an event on this machine"
        return {"throughput": Measurement(worse.ratio, note, worse.verdict, aside)}

    @clauses("limits")
    def reach(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Events at the limits."""
        log = holdout.truth.get("limits")
        if not log:
            return {}
        with ship.open() as shipped:
            data = b"".join(written(shipped, log.flushes(), log.key))
        with ship.open() as shipped:
            events = read(shipped, data, log.key)
        return {"limits": Measurement(right_rows(events, log, propensities=True))}

    @clauses("storm")
    def endure(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """A log that was written an event at a time, and suffered."""
        from course.units.f09_prediction_log import world

        log = holdout.truth.get("storm")
        if not log:
            return {}
        with ship.open() as shipped:
            pieces = written(shipped, log.flushes(1), log.key)
            data, hit = world.stormed(pieces, _rng(holdout, 3))
            whole = read_many(shipped, pieces, log.key)
            events = counted(read(shipped, data, log.key))
        untouched = counted(flat(some for k, some in enumerate(whole) if k not in hit))
        wanted = len(pieces) - len(hit)
        kept = wanted - max((untouched - events).total(), wanted - untouched.total())
        invented = (events - counted(flat(whole))).total()
        note = f"{invented} records were read that nobody wrote." if invented else ""
        return {"storm": Measurement(max(kept - INVENTED * invented, 0) / wanted, note)}


@lru_cache(maxsize=32)
def _public(unit: PredictionLog, key: Key) -> dict[str, np.ndarray]:
    import numpy as np

    from course.units.f09_prediction_log import world

    at, rng = world.world(key.rng(unit.name, "world")), key.rng(unit.name, "public old")
    log = world.log(at, key.rng(unit.name, "public"))
    old = {"version_1": world.version_1(log.events[:MANY], rng), "version_2": world.version_2(log.events[:MANY])}
    return world.packed(log) | {name: np.frombuffer(data, np.uint8) for name, data in old.items()}


@lru_cache(maxsize=32)
def _private(unit: PredictionLog, key: Key) -> Holdout:
    from course.units.f09_prediction_log import world

    at, rng = world.world(key.rng(unit.name, "world")), key.rng(unit.name, "slices")
    log = world.log(at, key.rng(unit.name, "private"))
    old = {"version_1": world.version_1(log.events[:MANY], rng), "version_2": world.version_2(log.events[:MANY])}
    truth = {
        "log": log,
        "old": old,
        "limits": world.limits(at, rng),
        "storm": world.log(at, rng, decisions=300, policies=0),
    }
    return Holdout("private", truth=truth, seed=int(key.rng(unit.name, "timing").integers(2**31)))


def _rng(holdout: Holdout, purpose: int) -> np.random.Generator:
    import numpy as np

    return np.random.default_rng([holdout.seed, purpose])


def _timed(log: Log) -> Callable[[np.random.Generator], list[Event]]:
    """Draws events for one exchange: those of a log with new ids and new readers."""

    def fresh(draws: np.random.Generator) -> list[Event]:
        events = [log.events[k] for k in draws.integers(len(log.events), size=TIMED).tolist()]
        ids, cards = draws.integers(2**62, size=TIMED).tolist(), draws.integers(10**7, size=TIMED).tolist()
        return [
            {**one, "id": number} | ({"card": f"L{card:07d}"} if one["kind"] == "decision" else {})
            for one, number, card in zip(events, ids, cards, strict=True)
        ]

    return fresh


def _fields(ship: Ship, shipped: Shipped, log: Log) -> None:
    """Decoded events are in the order of the log, one for each."""
    events = list(log.events[:SOME])
    found = read(shipped, *written(shipped, [events], log.key), log.key)
    if [(one["kind"], one["id"]) for one in found] != [(one["kind"], one["id"]) for one in events]:
        raise CallError(
            f"Called `decode` on what `encode` made of {len(events)} events: got {len(found)} events, expected the "
            "same ones in the same order."
        )


def _appended(ship: Ship, shipped: Shipped, log: Log) -> None:
    """One log behind another is a log."""
    pieces = written(shipped, log.flushes(most=SOME), log.key)
    apart = flat(read_many(shipped, pieces, log.key))
    if read(shipped, b"".join(pieces), log.key) != apart or len(apart) != SOME:
        raise CallError("`decode` of two logs, one behind the other, is not what it gives for both; it must be.")


def _nothing(ship: Ship, shipped: Shipped, log: Log) -> None:
    """No events, no bytes."""
    (empty,) = written(shipped, [[]], log.key)
    left = forgotten(shipped, b"", log.cards[0], log.key)
    if any(read_many(shipped, [empty, b"", left], log.key)):
        raise CallError("Called `decode` on a log without events: got events, expected an empty list.")


def _twice(ship: Ship, shipped: Shipped, log: Log) -> None:
    """Another process answers the same."""
    flushes, answers = log.flushes(most=SOME), []
    with ship.open() as other:
        for one in (shipped, other):
            data = b"".join(written(one, flushes, log.key))
            answers.append((data, read(one, data, log.key), forgotten(one, data, log.cards[0], log.key)))
    if answers[0] != answers[1]:
        raise CallError("The same events gave another answer in a second process; it must not.")


UNIT = PredictionLog()
