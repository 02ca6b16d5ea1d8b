"""What is done to a log, and what comes of it: deletions, damage, old versions.

Whoever writes, reads or forgets has a process of its own: what is not in the bytes is not there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from course.contract.terms.report import Measurement
from course.problem import Problem
from course.units.f09_prediction_log import world
from course.units.f09_prediction_log.judge import (
    complete,
    counted,
    flat,
    forgotten,
    ids_of,
    is_event,
    persons_of,
    reread,
    written,
    wrote,
)
from course.units.f09_prediction_log.world import FLUSH, OLD, Event, Log
from course.units.kit.replay import Replay

if TYPE_CHECKING:
    from course.contract.artifacts.modules import Ship

#: Events of a log on which damage is tried; damaged copies of each kind, each of a log of its own.
SOME, FLIPS, CUTS = 128, 60, 16
#: Events of the logs from which people are deleted.
MANY = 640
#: A record that nobody wrote counts as so many lost ones.
INVENTED = 20
#: Pieces of a record so long are found again only where the record is still there.
TRACE = 12


@dataclass(frozen=True)
class Deletion:
    """One deletion: whose, of which events (each also by itself, as `apart`), and what is in the bytes and is read."""

    card: str
    events: Sequence[Event]
    apart: Sequence[bytes]
    before: Sequence[Event]
    left: bytes
    after: Sequence[Event]

    @property
    def known(self) -> set[int]:
        """Ids of their decisions that could be read. Reports about others are nobody's, and may stay."""
        return ids_of(self.events, self.card) & {one["id"] for one in self.before if one["kind"] == "decision"}

    @property
    def wrong(self) -> str:
        """What is wrong with it; nothing if it is right."""
        ids, known = ids_of(self.events, self.card), self.known
        who = f"After `forget` of {'somebody' if ids else 'a card that is not in the log'}"
        if any(one["id"] in known for one in self.after):
            return f"{who}, decisions of theirs or reports about them are still read."
        if counted([one for one in self.before if one["id"] not in known]) != counted(self.after):
            return f"{who}, what is read of other people is not the same as before."
        pairs = list(zip(self.events, self.apart, strict=True))
        others = b"\0".join(record for one, record in pairs if one["id"] not in ids)
        for one, record in pairs:
            if one.get("card") == self.card or one["id"] in known:
                traces = {record[k : k + TRACE] for k in range(len(record) - TRACE + 1)}
                if any(trace in self.left and trace not in others for trace in traces):
                    return f"{who}, pieces of their records are still in the bytes."
        return ""


def people(events: Sequence[Event]) -> list[tuple[str, bool]]:
    """Cards for which deletion is tried, and whether one of their records is damaged before."""
    visits = Counter(one["card"] for one in events if one["kind"] == "decision")
    usual = [card for card, _ in visits.most_common()]
    nobody = next(card for card in (f"L{number:07d}" for number in range(1, 10**4)) if card not in visits)
    return [(card, False) for card in (*usual[:3], usual[len(usual) // 2], nobody)] + [
        (card, True) for card in usual[3:5]
    ]


def deletions(ship: Ship, log: Log) -> list[Deletion]:
    """From a file in another order: of many visits, of few, of none, of some that are damaged. Raises CallError."""
    flushes = log.flushes(most=MANY)[::-1]
    events = flat(flushes)
    with ship.open() as shipped:
        data = b"".join(written(shipped, flushes, log.key))
        apart = written(shipped, [[one] for one in events], log.key)
    cards, files = people(events), []
    for card, harm in cards:
        lost = next(record for one, record in zip(events, apart, strict=True) if not harm or one.get("card") == card)
        place = max(data.find(lost), 0) + len(lost) // 2
        files.append(world.flipped(data, place, 3) if harm else data)
    whole, *befores = reread(ship, [data, *files], log.key)
    complete(whole, events)
    with ship.open() as shipped:
        lefts = [forgotten(shipped, file, card, log.key) for (card, _), file in zip(cards, files, strict=True)]
    told = zip(cards, befores, lefts, reread(ship, lefts, log.key), strict=True)
    return [Deletion(card, events, apart, before, left, after) for (card, _), before, left, after in told]


@dataclass(frozen=True)
class Harm:
    """One damaged copy: what was done, and the events that were in it, that must be read, and that were read."""

    done: str
    whole: Counter
    wanted: Counter
    found: Counter

    @property
    def lost(self) -> int:
        """Events that must be read and were not."""
        return (self.wanted - self.found).total()

    @property
    def invented(self) -> int:
        """Events that were read and were never written."""
        return (self.found - self.whole).total()


def harms(ship: Ship, log: Log, rng: np.random.Generator) -> list[Harm]:
    """Logs with one flipped bit each, and logs that end in the middle of a write. Raises CallError."""
    logs = [log.window(rng, SOME) for _ in range(FLIPS + CUTS)]
    each = -(-SOME // FLUSH)
    flushes = [events[k : k + FLUSH] for events in logs for k in range(0, SOME, FLUSH)]
    every, parts = wrote(ship, flushes, log.key), []
    pieces = [every[k : k + each] for k in range(0, len(every), each)]
    read = reread(ship, every, log.key)
    for k, events in enumerate(logs):
        parts.append(read[k * each : (k + 1) * each])
        complete(flat(parts[-1]), events)
    copies, whole, done = [], [], []  # and how many pieces must be read in full
    for k, (some, (place, bit)) in enumerate(
        zip(pieces, rng.integers(2**31, size=(len(logs), 2)).tolist(), strict=True)
    ):
        data = b"".join(some)
        if k < FLIPS:
            copies.append(world.flipped(data, place % len(data), bit % 8))
            whole.append(each)
            done.append(f"Bit {bit % 8} of byte {place % len(data):,} of {len(data):,} was flipped")
            continue
        whole.append(1 + k % (each - 1))
        torn = some[whole[-1]]
        copies.append(b"".join(some[: whole[-1]]) + torn[: place % (len(torn) or 1)])
        done.append(f"It ends after {len(copies[-1]):,} of {len(data):,} bytes")
    found = map(counted, reread(ship, copies, log.key))
    told = zip(done, parts, whole, found, strict=True)
    return [Harm(what, counted(flat(of)), counted(flat(of[:k])), events) for what, of, k, events in told]


def damage(found: Sequence[Harm]) -> Measurement:
    """Records lost for a flipped bit, and for a torn write; what was invented counts more."""
    lost, invented = [one.lost for one in found], sum(one.invented for one in found)
    each = sum(lost[:FLIPS]) / FLIPS + sum(lost[FLIPS:]) / CUTS + INVENTED * invented / len(found)
    return Measurement(each, f"{invented} records were read that nobody wrote." if invented else "")


def storm(ship: Ship, log: Log, rng: np.random.Generator) -> Measurement:
    """The share of untouched records that are read, of a log that was written an event at a time, and suffered."""
    pieces = wrote(ship, log.flushes(1), log.key)
    data, hit = world.stormed(pieces, rng)
    whole = reread(ship, pieces, log.key)
    events = counted(flat(reread(ship, [data], log.key)))
    untouched = counted(flat(some for k, some in enumerate(whole) if k not in hit))
    wanted = len(pieces) - len(hit)
    kept = wanted - max((untouched - events).total(), wanted - untouched.total())
    invented = (events - counted(flat(whole))).total()
    note = f"{invented} records were read that nobody wrote." if invented else ""
    return Measurement(max(kept - INVENTED * invented, 0) / wanted, note)


def versions(ship: Ship, log: Log, old: dict[str, bytes]) -> Measurement:
    """Old logs, read and deleted from; their readers have the pseudonyms that they have in new ones."""
    events, shares, notes = log.events[:OLD], [], []
    card = people(events)[0][0]
    stay = [event for event in events if event["id"] not in ids_of(events, card)]
    new, *found = reread(ship, [*wrote(ship, [events], log.key), *old.values()], log.key)
    persons = persons_of(events, new)
    with ship.open() as shipped:
        lefts = [forgotten(shipped, data, card, log.key) for data in old.values()]

    def share(read: Sequence[Event], wanted: Sequence[Event], what: str) -> None:
        good = [is_event(one, event, persons) for one, event in zip(read, wanted, strict=False)]
        shares.append(sum(good) / max(len(wanted), len(read), 1))
        if shares[-1] < 1:
            notes.append(f"{what} {shares[-1]:.0%} of the events are right.")

    for name, read, after in zip(old, found, reread(ship, lefts, log.key), strict=True):
        share(read, events, f"{name}:")
        share(after, stay, f"{name}: after `forget`,")
    return Measurement(sum(shares) / len(shares), notes[0] if notes else "")


def replayed(ship: Ship, log: Log, rng: np.random.Generator, case: int) -> Replay:
    """A deletion, or a damaged copy, event by event. Raises Problem, CallError."""
    count = len(people(log.events[:MANY]))
    if not 0 <= case < count + FLIPS + CUTS:
        raise Problem(
            f"There are deletions 0 to {count - 1} and damaged copies {count} to {count + FLIPS + CUTS - 1}; {case} is "
            "none of them."
        )
    if case >= count:
        one = harms(ship, log, rng)[case - count]
        rows = [("lost", event, many) for event, many in (one.wanted - one.found).items()]
        rows += [("invented", event, many) for event, many in (one.found - one.whole).items()]
        said = f"{one.done}: {one.lost} of {one.wanted.total()} records are lost, {one.invented} were never written."
        return Replay(f"Damaged copy {case}", ("what", "event", "times"), rows, said)
    trial = deletions(ship, log)[case]
    said = trial.wrong or "The deletion is right."
    heads = ("place", "kind", "id", "theirs", "read before", "read after")
    return Replay(f"Deletion of {trial.card}", heads, list(_deleted(trial)), said)


def _deleted(trial: Deletion) -> Iterator[tuple]:
    """Their events, and those of others that are read less or more often than before."""
    ids = ids_of(trial.events, trial.card)
    before, after = (
        Counter((one["kind"], one["id"]) for one in some) for some in (trial.before, trial.after)
    )  # fmt: skip
    for place, event in enumerate(trial.events):
        one = event["kind"], event["id"]
        if event["id"] in ids or before[one] != after[one]:
            yield place, *one, event["id"] in ids, before[one], after[one]
