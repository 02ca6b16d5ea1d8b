"""A monitor in streams of batches: what it answered, when, and how often for nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from course.contract.artifacts.modules import Ship
from course.contract.processes import expect
from course.contract.processes.calls import Remote
from course.units.f12_drift_watch.world import AFTER, ANSWERS, OK, RIGHT, URGENT, Stream
from course.units.kit import judges
from course.units.kit.replay import Replay

#: Batches in one exchange; hours before a fault in which a false alarm makes the next one go unheard.
BLOCK, TIRED = 12, 24
#: Hours after the first outcomes of a fault at which a monitor is restarted; parts of a history after which its state
#: is asked for.
LATER, PARTS = 3, 8
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


def outcome(stream: Stream, given: Callable[[Sequence[dict]], list[str]]) -> tuple[list[str], int | None]:
    """All answers until the first alarm since the onset, and hours until it if it is right, else None.

    Who was called for nothing within the last `TIRED` hours before the fault does not hear it.
    """
    said: list[str] = []
    for at in range(0, len(stream), BLOCK):
        said += given(stream.batches[at : at + BLOCK])
        since = [hour for hour, answer in enumerate(said) if answer != OK and 0 <= stream.onset <= hour]
        if since:
            tired = any(answer != OK for answer in said[max(stream.onset - TIRED, 0) : stream.onset])
            right = said[since[0]] == RIGHT[stream.kind] and not tired
            return said[: since[0] + 1], since[0] - stream.onset + 1 if right else None
    return said, None


def watched(ship: Ship, past: Stream, streams: Sequence[Stream]) -> Watched:
    """What a new monitor answers in each stream. Raises CallError."""
    seen = Watched()
    with ship.open() as shipped:
        for one in streams:
            monitor = shipped.make("Monitor", past.table)
            said, hours = outcome(one, lambda some, on=monitor: answers(on, some))
            healthy = said[: one.onset] if one.kind else said
            seen.hours += len(healthy)
            seen.alarms += sum(answer != OK for answer in healthy)
            if one.kind:
                seen.waits.setdefault(one.kind, []).append(hours or AFTER)
    return seen


def largest_state(ship: Ship, past: Stream) -> int:
    """Bytes of the largest state while a monitor is told its history again. Raises CallError."""
    sizes = []
    with ship.open() as shipped:
        monitor = shipped.make("Monitor", past.table)
        for at in range(0, len(past), len(past) // PARTS):
            answers(monitor, past.batches[at : at + len(past) // PARTS])
            sizes.append(len(MONITOR.state(monitor)))
    return max(sizes)


def came_back(ship: Ship, past: Stream, streams: Sequence[Stream]) -> list[tuple[list[str], list[str]]]:
    """Answers after the first outcomes of more refunds, of a monitor that goes on and of one restored elsewhere.

    Raises CallError.
    """
    some = [one for one in streams if one.kind == "label"]
    cuts = [one.onset + one.delay + LATER for one in some]
    kept, on, after = [], [], []
    with ship.open() as shipped:
        for one, cut in zip(some, cuts, strict=True):
            monitor = shipped.make("Monitor", past.table)
            answers(monitor, one.batches[:cut])
            kept.append(MONITOR.state(monitor))
            on.append(answers(monitor, one.batches[cut:]))
    with ship.open() as shipped:
        for one, cut, content in zip(some, cuts, kept, strict=True):
            after.append(answers(MONITOR.restore(shipped, content), one.batches[cut:]))
    return list(zip(on, after, strict=True))


def replayed(ship: Ship, past: Stream, one: Stream, number: int) -> Replay:
    """A stream hour by hour, as it is judged. Raises CallError."""
    with ship.open() as shipped:
        monitor = shipped.make("Monitor", past.table)
        said, hours = outcome(one, lambda some: answers(monitor, some))
    rows = []
    for at, (batch, answer) in enumerate(zip(one.batches, said, strict=False)):
        told, score, missing = batch["outcomes"], batch["score"], np.isnan(batch["features"]).sum(axis=0)
        rows.append((
            at, at - one.onset if one.kind else None, batch["hour"], len(score), missing.tolist(),
            int(batch["version"].max()) if len(score) else None, round(float(score.sum()), 1),
            round(float(told["score"].sum()), 1), int(told["refund"].sum()), answer,
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
