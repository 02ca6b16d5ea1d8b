"""How what comes back from a `logbook.py` is judged: events that are as they were, policies, deletions."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from course.contract.processes import expect
from course.contract.processes.calls import CallError, Shipped, mismatch

if TYPE_CHECKING:
    from course.contract.artifacts.modules import Ship
    from course.units.f09_prediction_log.world import Event, Log

#: How far a number may be off, absolutely and relatively; how far a propensity, relatively.
OFF, OFF_PROPENSITY = 0.01, 0.10
#: Standard errors of a 95 % interval; how much wider than from complete events one may be.
WIDTH, WIDER = 1.96, 1.15
#: What readers must get, by kind: field -> types.
FIELDS: Mapping[str, Mapping[str, tuple[type, ...]]] = {
    "decision": {
        "id": (int,),
        "time": (int,),
        "person": (str,),
        "model": (int,),
        "context": (list,),
        "candidates": (list,),
        "action": (int,),
        "propensity": (int, float),
    },
    "label": {"id": (int,), "time": (int,), "minutes": (int, float)},
}


def wrote(ship: Ship, flushes: Sequence[Sequence[Event]], key: bytes) -> list[bytes]:
    """What `encode` makes of each list of events, in a process that ends then. Raises CallError."""
    with ship.open() as shipped:
        return written(shipped, flushes, key)


def reread(ship: Ship, logs: Sequence[bytes], key: bytes) -> list[list[Event]]:
    """What `decode` makes of several logs, in a process that has not seen them written. Raises CallError."""
    with ship.open() as shipped:
        return read_many(shipped, logs, key)


def written(shipped: Shipped, flushes: Sequence[Sequence[Event]], key: bytes) -> list[bytes]:
    """What `encode` makes of each list of events. Raises CallError."""
    pieces = shipped.map("encode", [(list(events), key) for events in flushes])
    return [expect.instance(piece, bytes, "encode", [f"{len(flushes[0])} events"]) for piece in pieces]


def read(shipped: Shipped, data: bytes, key: bytes) -> list[Event]:
    """What `decode` makes of a log, checked. Raises CallError."""
    return read_many(shipped, [data], key)[0]


def read_many(shipped: Shipped, logs: Sequence[bytes], key: bytes) -> list[list[Event]]:
    """What `decode` makes of several logs, checked. Raises CallError."""
    found = []
    for start in range(0, len(logs), 200):
        some = logs[start : start + 200]
        answers = shipped.map("decode", [(data, key) for data in some])
        found += [checked(answer, f"{len(data):,} bytes") for answer, data in zip(answers, some, strict=True)]
    return found


def complete(found: Sequence[Event], events: Sequence[Event]) -> None:
    """Raise CallError if other decisions than those of `events` were read: a log of nothing can't lose anything."""
    read_ids, ids = (Counter(one["id"] for one in some if one["kind"] == "decision") for some in (found, events))
    if read_ids != ids:
        raise CallError(
            f"Of an undamaged log with {len(ids):,} decisions, `decode` gave {(read_ids & ids).total():,}: "
            "it must give all, before anything else can be judged."
        )


def forgotten(shipped: Shipped, data: bytes, card: str, key: bytes) -> bytes:
    """What `forget` leaves of a log. Raises CallError."""
    args = (f"{len(data):,} bytes", card)
    return expect.instance(shipped.call("forget", data, card, key), bytes, "forget", args)


def checked(answer: Any, given: str) -> list[Event]:
    """A list of events, each with its fields and numbers that are finite. Raises CallError."""
    if not isinstance(answer, list):
        raise CallError(mismatch("decode", [given], answer, "a list of dicts"))
    for one in answer:
        fields = FIELDS.get(one["kind"]) if isinstance(one, dict) and isinstance(one.get("kind"), str) else None
        if fields is None:
            raise CallError(mismatch("decode", [given], one, "a dict whose `kind` is decision or label"))
        for name, kinds in fields.items():
            value = one.get(name)
            if type(value) not in kinds:
                wanted = f"`{name}` of a {one['kind']} as {kinds[-1].__name__}"
                raise CallError(mismatch("decode", [given], value, wanted))
            numbers = value if kinds == (list,) else [value] if kinds[-1] is float else ()
            if not all(type(number) in (int, float) and abs(number) < 1e300 for number in numbers):
                raise CallError(mismatch("decode", [given], value, f"finite numbers in `{name}`"))
    return answer


def flat(parts: Iterable[Sequence[Event]]) -> list[Event]:
    """The events of several logs, one after another."""
    return [one for part in parts for one in part]


def near(found: Sequence[float], wanted: Sequence[float]) -> bool:
    """Are these numbers within the tolerance?"""
    return len(found) == len(wanted) and all(
        abs(one - other) <= OFF * (1 + abs(other)) for one, other in zip(found, wanted, strict=True)
    )


def same_decision(one: Event, event: Event) -> bool:
    """Is a decoded decision that one, but for person and propensity?"""
    return all(one[name] == event[name] for name in ("id", "time", "model", "candidates", "action")) and near(
        one["context"], event["context"]
    )


def propensity_right(one: Event, event: Event) -> bool:
    """Is a decoded propensity a probability, and within its tolerance?"""
    from course.units.f09_prediction_log import world

    wanted = world.propensity(event)
    return 0 < one["propensity"] <= 1 and abs(one["propensity"] - wanted) <= OFF_PROPENSITY * wanted


def is_event(one: Event, event: Event, persons: Mapping[str, str]) -> bool:
    """Is a decoded event that one? `persons` are the pseudonyms by card."""
    if one["kind"] != event["kind"]:
        return False
    if event["kind"] == "label":
        return (one["id"], one["time"]) == (event["id"], event["time"]) and near([one["minutes"]], [event["minutes"]])
    return same_decision(one, event) and propensity_right(one, event) and one["person"] == persons.get(event["card"])


def right_events(found: Sequence[Event], events: Sequence[Event]) -> int:
    """How many of the events came back as they were, with a person who is one card's alone; propensities aside."""
    same = list(zip(found, events, strict=False)) if len(found) == len(events) else _matched(found, events)
    pairs = {(event["card"], one["person"]) for one, event in same if one["kind"] == event["kind"] == "decision"}
    cards, persons = (Counter(pair[side] for pair in pairs) for side in (0, 1))
    right = 0
    for one, event in same:
        if one["kind"] != event["kind"]:
            continue
        if event["kind"] == "label":
            right += all(one[k] == event[k] for k in ("id", "time")) and near([one["minutes"]], [event["minutes"]])
        else:
            right += same_decision(one, event) and cards[event["card"]] == persons[one["person"]] == 1
    return right


def _matched(found: Sequence[Event], events: Sequence[Event]) -> list[tuple[Event, Event]]:
    """Events that came back with those that were written, where some are missing: by kind, id and time."""
    known = {(one["kind"], one["id"], one["time"]): one for one in found}
    return [(known[key], one) for one in events if (key := (one["kind"], one["id"], one["time"])) in known]


def alike(ship: Ship, flushes: Sequence[Sequence[Event]], key: bytes) -> float:
    """The share of events that come back from a log as they were. Raises CallError if a decision is missing."""
    (found,), events = reread(ship, [b"".join(wrote(ship, flushes, key))], key), flat(flushes)
    complete(found, events)
    return right_events(found, events) / len(events)


def right_rows(events: Sequence[Event], log: Log, *, propensities: bool = False) -> float:
    """The share of decisions that are right: fields, minutes that came of them, a person who is one card's alone."""
    from course.units.f09_prediction_log import world

    decoded = {one["id"]: one for one in events if one["kind"] == "decision"}
    minutes = world.joined(events)
    pairs = {(one["card"], decoded[one["id"]]["person"]) for one in log.decisions if one["id"] in decoded}
    cards, persons = (Counter(pair[side] for pair in pairs) for side in (0, 1))
    right = 0
    for event in log.decisions:
        one = decoded.get(event["id"])
        right += (
            one is not None
            and same_decision(one, event)
            and cards[event["card"]] == persons[one["person"]] == 1
            and near([minutes.get(event["id"], 0.0)], [log.minutes[event["id"]]])
            and (not propensities or propensity_right(one, event))
        )
    return right / len(log.decisions)


def policies_held(events: Sequence[Event], log: Log) -> float:
    """The share of policies whose true value the log's own interval holds, if that is hardly wider than need be.

    Rows that no reader could use (no probability, a book that was no candidate) are left out.
    """
    import numpy as np

    from course.units.f09_prediction_log import world

    minutes, shelf = world.joined(events), set(log.books.tolist())
    rows = [
        (one["context"], one["candidates"], one["action"], one["propensity"], minutes.get(one["id"], 0.0))
        for one in events
        if one["kind"] == "decision"
        and 0 < one["propensity"] <= 1
        and len(one["context"]) == len(world.CONTEXT)
        and min(one["context"]) >= 0
        and one["action"] in one["candidates"]
        and shelf.issuperset(one["candidates"])
    ]
    if not rows:
        return 0.0
    with np.errstate(all="ignore"):  # where numbers are absurd, no interval holds anything
        values, errors = log.replay(rows)
    held = (np.abs(values - log.values) <= WIDTH * errors) & (errors <= WIDER * log.complete[1])
    return float(held.mean())


def counted(events: Sequence[Event]) -> Counter:
    """How often each event is there."""
    return Counter(json.dumps(one, sort_keys=True, default=repr) for one in events)


def ids_of(events: Sequence[Event], card: str) -> set[int]:
    """The decisions of one card, by id."""
    return {one["id"] for one in events if one.get("card") == card}


def persons_of(events: Sequence[Event], read: Sequence[Event]) -> dict[str, str]:
    """Pseudonyms by card, as a log of these events gives them."""
    persons = {one["id"]: one["person"] for one in read if one["kind"] == "decision"}
    return {one["card"]: persons[one["id"]] for one in events if one["kind"] == "decision" and one["id"] in persons}
