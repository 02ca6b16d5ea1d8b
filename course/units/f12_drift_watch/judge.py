"""A monitor in streams of batches: what it answered, when, and how often for nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from course.contract.artifacts.modules import Ship
from course.contract.processes import expect
from course.contract.processes.calls import CallError, Remote, Shipped
from course.units.f12_drift_watch.world import AFTER, ANSWERS, OK, RIGHT, URGENT, Stream
from course.units.kit import judges
from course.units.kit.replay import Replay

#: Batches in one exchange; hours before a fault in which a false alarm makes the next one go unheard.
BLOCK, TIRED = 12, 24
#: Streams of which one process is told.
TOGETHER = 8
#: Hours after the first outcomes of a fault at which a monitor is restarted; parts of a history after which its state
#: is asked for.
LATER, PARTS = 3, 8
#: Hours of a stream in which answers may be others if rows come in another order.
EXCUSED = 3
UPDATE = "Monitor.update"
#: Made with a history, and restored from a state alone.
MONITOR = judges.Stateful("Monitor")


def answers(monitor: Remote, batches: Sequence[dict[str, Any]]) -> list[str]:
    """What a monitor over there answers to batches, one after another, checked. Raises CallError."""
    said = monitor.map("update", [(one,) for one in batches])
    return [expect.one_of(value, ANSWERS, UPDATE, ["..."]) for value in said]


@dataclass
class Watched:
    """What came of some streams: hours until the right answer by kind (`AFTER` where there was none), false alarms."""

    waits: dict[str, list[int]] = field(default_factory=dict)
    hours: int = 0
    alarms: int = 0

    @property
    def share(self) -> float:
        """Which share of the faults was answered rightly."""
        every = [wait for waits in self.waits.values() for wait in waits]
        return sum(wait < AFTER for wait in every) / len(every)

    def wait(self, urgent: bool) -> float:
        """Mean hours until the right answer."""
        some = [wait for kind, waits in self.waits.items() if (kind in URGENT) == urgent for wait in waits]
        return sum(some) / len(some)

    @property
    def false_alarms(self) -> float:
        """In 1,000 hours."""
        return 1000 * self.alarms / self.hours

    def by_kind(self) -> str:
        """Right answers by kind."""
        said = [f"{sum(w < AFTER for w in waits)} of {len(waits)} {kind}" for kind, waits in self.waits.items()]
        return ", ".join(said)


def heard(monitor: Remote, stream: Stream) -> list[str]:
    """Answers to a stream, `BLOCK` batches an exchange, to the end of that with the first alarm since the onset.

    Raises CallError.
    """
    said: list[str] = []
    for at in range(0, len(stream), BLOCK):
        said += answers(monitor, stream.batches[at : at + BLOCK])
        if stream.kind and any(answer != OK for answer in said[stream.onset :]):
            break
    return said


def outcome(stream: Stream, said: Sequence[str]) -> tuple[list[str], int | None]:
    """All answers until the first alarm since the onset, and hours until it if it is right, else None.

    Who was called for nothing within the last `TIRED` hours before the fault does not hear it.
    """
    since = [hour for hour, answer in enumerate(said) if answer != OK and 0 <= stream.onset <= hour]
    if not since:
        return list(said), None
    tired = any(answer != OK for answer in said[max(stream.onset - TIRED, 0) : stream.onset])
    right = said[since[0]] == RIGHT[stream.kind] and not tired
    return list(said[: since[0] + 1]), since[0] - stream.onset + 1 if right else None


def told(ship: Ship, past: Stream, streams: Sequence[Stream], seed: int) -> list[list[str]]:
    """What new monitors answer, one to each stream. Raises CallError.

    Their order is hidden, so that which stream it is can't be told from how many there were before in a process.
    """
    said: list[list[str]] = [[] for _ in streams]
    order = np.random.default_rng([seed, 12]).permutation(len(streams)).tolist()
    for start in range(0, len(order), TOGETHER):
        with ship.open() as shipped:
            for number in order[start : start + TOGETHER]:
                said[number] = heard(shipped.make("Monitor", past.table), streams[number])
    return said


def watched(ship: Ship, past: Stream, streams: Sequence[Stream], seed: int) -> Watched:
    """What a new monitor answers in each stream. Raises CallError."""
    seen = Watched()
    for one, answered in zip(streams, told(ship, past, streams, seed), strict=True):
        said, hours = outcome(one, answered)
        healthy = said[: one.onset] if one.kind else said
        seen.hours += len(healthy)
        seen.alarms += sum(answer != OK for answer in healthy)
        if one.kind:
            seen.waits.setdefault(one.kind, []).append(hours or AFTER)
    return seen


def largest_state(ship: Ship, past: Stream, streams: Sequence[Stream]) -> int:
    """Bytes of the largest state: of a monitor that is told its history again, and where `came_back` asks.

    Raises CallError.
    """
    with ship.open() as shipped:
        monitor, sizes = shipped.make("Monitor", past.table), []
        for at in range(0, len(past), len(past) // PARTS):
            answers(monitor, past.batches[at : at + len(past) // PARTS])
            sizes.append(len(MONITOR.state(monitor)))
        return max(*sizes, *(len(kept) for _, kept, _ in _gathering(shipped, past, streams)))


def came_back(ship: Ship, past: Stream, streams: Sequence[Stream]) -> list[tuple[list[str], list[str]]]:
    """Answers after the first outcomes of more refunds, of a monitor that goes on and of one restored elsewhere.

    Raises CallError.
    """
    with ship.open() as shipped:
        some = list(_gathering(shipped, past, streams))
    with ship.open() as shipped:
        return [(on, answers(MONITOR.restore(shipped, kept), rest)) for rest, kept, on in some]


def _gathering(
    shipped: Shipped, past: Stream, streams: Sequence[Stream]
) -> Iterator[tuple[list[dict[str, Any]], bytes, list[str]]]:
    """From the first outcomes of more refunds on, in each such stream: the batches, the state, and the answers."""
    for one in streams:
        if one.kind == "label":
            cut = one.onset + one.delay + LATER
            monitor = shipped.make("Monitor", past.table)
            answers(monitor, one.batches[:cut])
            kept = MONITOR.state(monitor)
            yield one.batches[cut:], kept, answers(monitor, one.batches[cut:])


def replayed(ship: Ship, past: Stream, one: Stream, number: int) -> Replay:
    """A stream hour by hour, as it is judged. Raises CallError."""
    said, hours = outcome(one, told(ship, past, [one], 0)[0])
    rows = []
    for at, (batch, answer) in enumerate(zip(one.batches, said, strict=False)):
        outcomes, score, missing = batch["outcomes"], batch["score"], np.isnan(batch["features"]).sum(axis=0)
        rows.append((
            at, at - one.onset if one.kind else None, batch["hour"], len(score), missing.tolist(),
            int(batch["version"].max()) if len(score) else None, round(float(score.sum()), 1),
            round(float(outcomes["score"].sum()), 1), int(outcomes["refund"].sum()), answer,
        ))  # fmt: skip
    heads = (
        "batch", "since the fault", "hour", "rentals", "missing", "version", "their scores", "outcomes' scores",
        "refunds", "answer",
    )  # fmt: skip
    healthy = said[: one.onset] if one.kind else said
    words = f"{sum(answer != OK for answer in healthy)} false alarms in {len(healthy)} healthy hours."
    if one.kind:
        right = f"answered rightly after {hours} hours" if hours else f"not answered rightly ({RIGHT[one.kind]!r})"
        words = f"The fault ({one.kind}) was {right}. {words}"
    return Replay(f"Stream {number}, from a new monitor", heads, rows, words)


class Timed:
    """Streams as they are judged, to be timed: each from a new monitor, and as much of it as is judged.

    `said` has the answers that were given where nothing is timed. What is drawn is the number of a stream, and a seed
    for the order of its rows, so that nothing is ever told twice.
    """

    def __init__(self, ship: Ship, past: Stream, streams: Sequence[Stream], seed: int):
        self.past, self.streams = past, streams
        self.said = told(ship, past, streams, seed)

    def fresh(self, draws: np.random.Generator) -> list[tuple[int, int]]:
        """One stream."""
        return [(int(draws.integers(len(self.streams))), int(draws.integers(2**31)))]

    def play(self, shipped: Shipped, many: Sequence[tuple[int, int]]) -> list[list[str]]:
        """Answers to each. Raises CallError."""
        found = []
        for number, seed in many:
            draws, until = np.random.default_rng(seed), len(self.said[number])
            batches = [_turned(one, draws) for one in self.streams[number].batches[:until]]
            monitor = shipped.make("Monitor", self.past.table)
            found.append([said for at in range(0, until, BLOCK) for said in answers(monitor, batches[at : at + BLOCK])])
        return found

    def check(self, many: Sequence[tuple[int, int]], found: Sequence[list[str]]) -> None:
        """Raises CallError where answers differ, in more hours than the order of rows can excuse."""
        for (number, _), said in zip(many, found, strict=True):
            if sum(one != other for one, other in zip(said, self.said[number], strict=True)) > EXCUSED:
                raise CallError(f"`{UPDATE}` gave other answers while it was timed.")


def _turned(batch: dict[str, Any], draws: np.random.Generator) -> dict[str, Any]:
    """The same batch with its rows in another order."""
    order = draws.permutation(len(batch["score"]))
    return batch | {name: batch[name][order] for name in ("features", "version", "score")}
