"""f12: drift watch. What is wrong in this stream, since when, and what is to be done about it; or is it just Sunday?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses
from course.contract.cost.throughput import throughput
from course.contract.processes import expect
from course.contract.processes.calls import CallError, Module, Remote, Shipped
from course.contract.terms.estimates import Estimate
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import EARNS, Measurement, Term
from course.key import Key
from course.units.base import ModuleUnit
from course.units.f12_drift_watch.hints import HINTS

if TYPE_CHECKING:
    import numpy as np

    from course.units.f12_drift_watch.world import Stream

#: Incidents of each kind and healthy streams of a hold-out; gentle incidents of each kind, weeks with a holiday.
EACH, HEALTHY = {"public": 3, "private": 5}, {"public": 3, "private": 6}
GENTLE, HOLIDAYS = 3, 4
#: Batches in one exchange; hours before a fault in which a false alarm makes the next one go unheard.
BLOCK, TIRED = 12, 24
#: Hours after the first outcomes of a fault at which a monitor is restarted.
LATER = 3
UPDATE = "Monitor.update"


class DriftWatch(ModuleUnit):
    """Batches in, hour by hour; an answer out: all is well, or what is to be done."""

    name = "f12-drift-watch"
    title = "Drift watch"
    brief = "The model is live. Tell us when something is wrong with it."
    module = ModuleSpec("monitor.py", {"Monitor": "class Monitor"}, seconds=20.0)
    also = ("baseline.py",)
    hints: ClassVar[Mapping[str, tuple[str, ...]]] = HINTS

    estimates: Mapping[str, Estimate] = {
        "alarms_by_luck": Estimate(
            "How many of 1,000 healthy hours raise an alarm, if each of six columns is tested at p < 0.05?",
            "hours of 1,000", 255, 275,
            "1 - 0.95^6 = 26.5 %, if the tests are independent of each other",
        ),
        "p_per_million": Estimate(
            "At which p, in millionths, would the six tests together raise one alarm in 2,000 healthy hours?",
            "millionths", 80, 87,
            "1 / (2,000 x 6) = 83e-6",
        ),
        "refund_hours": Estimate(
            "How long after refunds doubled do outcomes show an excess of four standard deviations?", "hours", 37, 42,
            "36 x 0.065 = 2.34 too many an hour; sqrt(36 x 0.115 x 0.885) = 1.91 is an hour's standard deviation; "
            "2.34 n = 4 x 1.91 x sqrt(n) at n = 10.7, after the 28 hours until claims are closed",
        ),
        "wait_euros": Estimate(
            "What does a bad version cost in one city, if only outcomes show it, after 39 hours?", "€", 1_000, 1_020,
            "39 x 36 x €0.72 = €1,011; seen after two hours it costs €52",
        ),
        "keep_gigabytes": Estimate(
            "How much is kept for all cities if each monitor keeps a year's rentals?", "GB", 1.5, 1.75,
            "36 x 8,760 x 8 numbers x 8 bytes = 20.2 MB a city, times 80 cities",
        ),
    }  # fmt: skip

    terms = (
        Term(
            "estimates", "Estimates in range", "of 5", 5, "higher", 10, "Work the estimates out again.",
            floor=0, digits=0,
        ),
        Term(
            "baseline", "Baseline's right answers", "% of faults", 0.05, "higher", 4,
            "Sum refunds minus scores over the outcomes of two days; where that is far above its spread, say so.",
            band=0.05, scale=100, digits=0,
        ),
        Term(
            "interface", "Serves as the contract says", "of 6 checks", 6, "higher", 6,
            "Read what `Monitor` takes and returns again.", floor=0, digits=0,
        ),
        Term(
            "quality", "Faults answered rightly", "% of faults", 0.90, "higher", 14,
            "Write down which of columns, scores and outcomes move in each kind of fault, and in which order.",
            floor=0.45, band=0.05, scale=100, digits=0,
        ),
        Term(
            "urgent", "Until a broken column or version is answered rightly", "hours", 15, "lower", 8,
            "Neither needs an outcome to be seen: look at the values, and at scores beside what they are made of.",
            floor=48, band=2,
        ),
        Term(
            "slow", "Until other riders or more refunds are answered rightly", "hours", 36, "lower", 8,
            "Add small differences up hour by hour; what one hour does not show, ten do.", floor=56, band=2,
        ),
        Term(
            "false_alarms", "False alarms", "in 1,000 hours", 2.0, "lower", 8,
            "Compare an hour with what is usual at such an hour of such a day, and ask for more evidence.",
            band=0.5, production=True,
        ),
        Term(
            "state", "Bytes of the state, after four weeks", "bytes", 16_000, "lower", 6,
            "Sums and counts say what rows say. What does the next `update` really read?", digits=0, production=True,
        ),
        Term(
            "throughput", "Cost of an hour's batch", "x a profile of it", 5.0, "lower", 6,
            "Work out what the history says once; an update must not go through it again.", production=True,
        ),
        Term(
            "restart", "Same answers after a restart", "% of streams", 1.0, "higher", 3,
            "Put the evidence that has been gathered so far into the state.", band=0.1, scale=100, digits=0,
        ),
        Term(
            "holidays", "False alarms in special weeks", "in 1,000 hours", 4.0, "lower", 4,
            "What in the brief makes a healthy week unlike the last four?", floor=12, band=1, hidden=True,
        ),
        Term(
            "gentle", "Gentle faults answered rightly", "% of faults", 0.80, "higher", 3,
            "What comes slowly does not come in all columns at the same hour, or to all rentals.",
            floor=0.35, band=0.05, scale=100, digits=0, hidden=True,
        ),
    )  # fmt: skip

    def public_data(self, key: Key) -> dict[str, np.ndarray]:
        """The public history, and then incidents and healthy streams, one after another; see `world.packed`."""
        return dict(_public(self, key))

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """Four weeks of history and what came after."""
        from course.units.f12_drift_watch import world

        past, *streams = world.unpacked(data)
        return Holdout("public", truth={"history": past, "streams": streams})

    def private_holdout(self, key: Key) -> Holdout:
        """Another part of the year in the same city; gentle faults, and special weeks."""
        return _private(self, key)

    @clauses("quality", "urgent", "slow", "false_alarms")
    def watch(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """All streams, each from a new monitor: what was answered, when, and how often for nothing."""
        seen = watched(ship, holdout.truth["history"], holdout.truth["streams"])
        public = holdout.name == "public"
        return {
            "quality": Measurement(seen.share, aside=seen.by_kind() if public else ""),
            "urgent": Measurement(seen.wait(urgent=True)),
            "slow": Measurement(seen.wait(urgent=False)),
            "false_alarms": Measurement(seen.false_alarms, aside=f"in {seen.hours:,} healthy hours"),
        }

    @clauses("holidays")
    def special(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Public holidays, and an evening when everybody rides."""
        if "holidays" not in holdout.truth:
            return {}
        return {
            "holidays": Measurement(watched(ship, holdout.truth["history"], holdout.truth["holidays"]).false_alarms)
        }

    @clauses("gentle")
    def slowly(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Faults that take two days to be there in full, and bad versions that are only tried."""
        if "gentle" not in holdout.truth:
            return {}
        return {"gentle": Measurement(watched(ship, holdout.truth["history"], holdout.truth["gentle"]).share)}

    @clauses("interface")
    def serve(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Six promises of the contract, each tried by itself."""
        checks, notes = [_answers, _empty, _missing, _alone, _twice, _comes_back], []
        batches = holdout.truth["streams"][-1].batches
        while checks:  # what fails may have ended the process: the others get a new one
            with ship.open() as shipped:
                try:
                    while checks:
                        checks.pop(0)(ship, shipped, holdout.truth["history"].table, batches)
                except CallError as error:
                    notes.append(str(error))
        return {"interface": Measurement(6.0 - len(notes), notes[0] if notes else "")}

    @clauses("state")
    def remember(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """The largest state in four weeks of batches."""
        past, sizes = holdout.truth["history"], []
        with ship.open() as shipped:
            monitor = shipped.make("Monitor", past.table)
            for at in range(0, len(past), len(past) // 8):
                answers(monitor, past.batches[at : at + len(past) // 8])
                sizes.append(len(state(monitor)))
        return {"state": Measurement(float(max(sizes)))}

    @clauses("restart")
    def come_back(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Streams in which refunds are more, with and without a restart in another process while evidence gathers."""
        past = holdout.truth["history"].table
        streams = [one for one in holdout.truth["streams"] if one.kind == "label"]
        cuts = [one.onset + one.delay + LATER for one in streams]
        kept, on, after = [], [], []
        with ship.open() as shipped:
            for one, cut in zip(streams, cuts, strict=True):
                monitor = shipped.make("Monitor", past)
                answers(monitor, one.batches[:cut])
                kept.append(state(monitor))
                on.append(answers(monitor, one.batches[cut:]))
        with ship.open() as shipped:
            for one, cut, content in zip(streams, cuts, kept, strict=True):
                after.append(answers(shipped.make("Monitor.restore", content), one.batches[cut:]))
        same = sum(one == other for one, other in zip(on, after, strict=True)) / len(streams)
        if not any(set(one) - {"ok"} for one in on):
            return {"restart": Measurement(None, "In no stream was there any answer but ok to compare.", "broken")}
        return {"restart": Measurement(same)}

    @clauses("throughput")
    def cost(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """A batch, among whole weeks of them."""
        from course.units.f12_drift_watch.world import WEEK

        past = holdout.truth["history"]

        def week(draws: np.random.Generator) -> Sequence[tuple]:
            at = int(draws.integers(len(past) // WEEK)) * WEEK
            return [(_turned(one, draws),) for one in past.batches[at : at + WEEK]]

        found = throughput(
            ship.module,
            Module("yardstick.py", (Path(__file__).parent / "yardstick.py").read_bytes(), {}),
            "update",
            week,
            self.term("throughput").budget,
            seed=holdout.seed,
            start=lambda shipped: shipped.make("Monitor", past.table),
            remembers=True,
        )
        note = found.note or ("" if found.verdict in EARNS else self.term("throughput").advice)
        aside = f"{found.us_per_row:.0f} µs a batch on this machine"
        return {"throughput": Measurement(found.ratio, note, found.verdict, aside)}


@dataclass
class Watched:
    """What came of some streams: hours until the right answer by kind (`AFTER` where there was none), false alarms."""

    waits: dict[str, list[int]] = field(default_factory=dict)
    hours: int = 0
    alarms: int = 0

    @property
    def share(self) -> float:
        """Which share of the faults was answered rightly."""
        from course.units.f12_drift_watch.world import AFTER

        every = [wait for waits in self.waits.values() for wait in waits]
        return sum(wait < AFTER for wait in every) / len(every)

    def wait(self, urgent: bool) -> float:
        """Mean hours until the right answer."""
        from course.units.f12_drift_watch.world import URGENT

        some = [wait for kind, waits in self.waits.items() if (kind in URGENT) == urgent for wait in waits]
        return sum(some) / len(some)

    @property
    def false_alarms(self) -> float:
        """In 1,000 hours."""
        return 1000 * self.alarms / self.hours

    def by_kind(self) -> str:
        """Right answers by kind."""
        from course.units.f12_drift_watch.world import AFTER

        said = [f"{sum(w < AFTER for w in waits)} of {len(waits)} {kind}" for kind, waits in self.waits.items()]
        return ", ".join(said)


def outcome(stream: Stream, given: Callable[[Sequence[dict]], list[str]]) -> tuple[list[str], int | None]:
    """All answers until the first alarm since the onset, and hours until it if it is right, else None.

    Who was called for nothing within the last `TIRED` hours before the fault does not hear it.
    """
    from course.units.f12_drift_watch.world import OK, RIGHT

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
    from course.units.f12_drift_watch.world import AFTER, OK

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


def answers(monitor: Remote, batches: Sequence[dict[str, Any]]) -> list[str]:
    """What a monitor over there answers to batches, one after another, checked. Raises CallError."""
    from course.units.f12_drift_watch.world import ANSWERS

    return [
        expect.one_of(value, ANSWERS, UPDATE, ["..."]) for value in monitor.map("update", [(one,) for one in batches])
    ]


def state(monitor: Remote) -> bytes:
    """The state of a monitor. Raises CallError."""
    return expect.instance(monitor.call("state"), bytes, "Monitor.state")


@lru_cache(maxsize=32)
def _public(unit: DriftWatch, key: Key) -> dict[str, np.ndarray]:
    from course.units.f12_drift_watch import world

    _, past, streams = _weeks(unit, key, "public")
    return world.packed([past, *streams])


@lru_cache(maxsize=32)
def _private(unit: DriftWatch, key: Key) -> Holdout:
    from course.units.f12_drift_watch import world

    at, past, streams = _weeks(unit, key, "private")
    slices = key.rng(unit.name, "slices")
    truth = {
        "history": past,
        "streams": streams,
        "holidays": world.holidays(at, slices, HOLIDAYS),
        "gentle": world.incidents(at, slices, GENTLE, lambda fault: fault.gentle),
    }
    return Holdout("private", truth=truth, seed=int(key.rng(unit.name, "timing").integers(2**31)))


def _weeks(unit: DriftWatch, key: Key, which: str) -> tuple[Any, Stream, list[Stream]]:
    """The world, the history of a hold-out and its streams, healthy ones last."""
    from course.units.f12_drift_watch import world

    at, rng = world.world(key.rng(unit.name, "world")), key.rng(unit.name, which)
    start = at.starts[which == "private"]
    past = world.history(at, rng, start)
    streams = world.incidents(at, rng, EACH[which]) + world.healthy(at, rng, start + world.HISTORY, HEALTHY[which])
    return at, past, streams


def _turned(batch: dict[str, Any], draws: np.random.Generator) -> dict[str, Any]:
    """The same batch with its rows in another order."""
    order = draws.permutation(len(batch["score"]))
    return batch | {name: batch[name][order] for name in ("features", "version", "score")}


def _first(batch: dict[str, Any], rows: int) -> dict[str, Any]:
    """A batch with its first rows alone, and as many outcomes."""
    outcomes = {name: values[:rows] for name, values in batch["outcomes"].items()}
    return batch | {name: batch[name][:rows] for name in ("features", "version", "score")} | {"outcomes": outcomes}


def _answers(ship: Ship, shipped: Shipped, past: dict, batches: list) -> None:
    answers(shipped.make("Monitor", past), batches[: 2 * TIRED])


def _empty(ship: Ship, shipped: Shipped, past: dict, batches: list) -> None:
    """Hours with no rental, and with one."""
    answers(shipped.make("Monitor", past), [_first(one, k % 2) for k, one in enumerate(batches[:TIRED])])


def _missing(ship: Ship, shipped: Shipped, past: dict, batches: list) -> None:
    """No value of a column is there for hours."""
    import numpy as np

    monitor, holes = shipped.make("Monitor", past), batches[TIRED : 2 * TIRED]
    for column in range(holes[0]["features"].shape[1]):
        where = np.arange(holes[0]["features"].shape[1]) == column
        answers(monitor, [one | {"features": np.where(where, np.nan, one["features"])} for one in holes[:BLOCK]])


def _alone(ship: Ship, shipped: Shipped, past: dict, batches: list) -> None:
    monitor = shipped.make("Monitor", past)
    if not shipped.leaves_alone("Monitor", past) or not all(
        monitor.leaves_alone("update", one) for one in batches[:BLOCK]
    ):
        raise CallError("The history or a batch was changed: they belong to the caller, so work on a copy.")


def _twice(ship: Ship, shipped: Shipped, past: dict, batches: list) -> None:
    import numpy as np

    # At last nothing is as it was, so that there is something to say.
    odd = [one | {"features": one["features"] * np.array([1, 3, 1, 1, 1])} for one in batches[:TIRED]]
    with ship.open() as other:
        said = [answers(one.make("Monitor", past), [*batches, *odd]) for one in (shipped, other)]
    if said[0] != said[1]:
        raise CallError("The same batches got other answers in a second process; they must not.")


def _comes_back(ship: Ship, shipped: Shipped, past: dict, batches: list) -> None:
    monitor = shipped.make("Monitor", past)
    answers(monitor, batches[:TIRED])
    answers(shipped.make("Monitor.restore", state(monitor)), batches[TIRED : 2 * TIRED])


UNIT = DriftWatch()
