"""f12: drift watch. What is wrong in this stream, since when, and what is to be done about it; or is it just Sunday?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses, read
from course.contract.terms.estimates import Estimate
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import Measurement, Term
from course.problem import Problem
from course.units.base import ModuleUnit
from course.units.f12_drift_watch.hints import HINTS
from course.units.kit import judges, terms
from course.units.kit.replay import Replay
from course.units.kit.worlds import Draw

if TYPE_CHECKING:
    import numpy as np

    from course.units.f12_drift_watch.world import Stream, World

#: Incidents of each kind and healthy streams of a hold-out; gentle incidents of each kind, weeks with a holiday.
EACH, HEALTHY = {"public": 3, "private": 5}, {"public": 3, "private": 6}
GENTLE, HOLIDAYS = 3, 4


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
        terms.estimates(5),
        terms.baseline(
            "Baseline's right answers", "% of faults", 0.05, band=0.05, scale=100, digits=0,
            advice="Sum refunds minus scores over the outcomes of two days; where that is far above its spread, "
            "say so.",
        ),
        terms.interface(6, advice="Read what `Monitor` takes and returns again."),
        terms.share(
            "quality", "Faults answered rightly", "faults", 0.90, 14,
            "Write down which of columns, scores and outcomes move in each kind of fault, and in which order.",
            floor=0.45, band=0.05, digits=0,
            definition="Of all faults, a stream each, the share that was answered rightly: the first alarm from the "
            "hour of the fault on comes within 96 hours, is the right action, and there was no alarm in the 24 hours "
            "before the fault.",
        ),
        Term(
            "urgent", "Until a broken column or version is answered rightly", "hours", 15, "lower", 8,
            "Neither needs an outcome to be seen: look at the values, and at scores beside what they are made of.",
            floor=48, band=2,
            definition="Hours from the first batch with the fault (which counts as 1) to the right answer, 96 where "
            "there was none; the mean over all broken columns and bad versions.",
        ),
        Term(
            "slow", "Until other riders or more refunds are answered rightly", "hours", 36, "lower", 8,
            "Add small differences up hour by hour; what one hour does not show, ten do.", floor=56, band=2,
            definition="The same, of streams with other riders and of those with more refunds.",
        ),
        Term(
            "false_alarms", "False alarms", "in 1,000 hours", 2.0, "lower", 8,
            "Compare an hour with what is usual at such an hour of such a day, and ask for more evidence.",
            band=0.5, production=True,
            definition="1,000 x answers other than ok / hours, over all hours without a fault: streams that have none, "
            "and the others before theirs; all pooled.",
        ),
        terms.state(
            16_000, "Bytes of the state, after four weeks", worth=6,
            advice="Sums and counts say what rows say. What does the next `update` really read?",
            definition="The largest `bytes` that `state()` gives while a monitor is told the four weeks of the history "
            "again, batch by batch, and where restarts are judged.",
        ),
        terms.throughput(
            5.0, "Cost of an hour's batch", "a profile of it",
            "Work out what the history says once; an update must not go through it again.",
            definition="What a new monitor costs that is told a stream, batch by batch, as a multiple of one that "
            "profiles each batch (and does nothing else). Both run in turns, in processes of their own, on one thread; "
            "the figure is the median of ratios, and a verdict needs evidence: see how latency is judged. The answers "
            "must be those that are judged.",
        ),
        terms.restart(
            "streams", "Same answers after a restart", worth=3, band=0.1,
            advice="Put the evidence that has been gathered so far into the state.",
        ),
        Term(
            "holidays", "False alarms in special weeks", "in 1,000 hours", 4.0, "lower", 4,
            "What in the brief makes a healthy week unlike the last four?", floor=12, band=1, hidden=True,
            definition="The same as *false alarms*, over weeks without a fault that hold a public holiday and an "
            "evening when far more people ride.",
        ),
        terms.share(
            "gentle", "Gentle faults answered rightly", "faults", 0.80, 3,
            "What comes slowly does not come in all columns at the same hour, or to all rentals.",
            floor=0.35, band=0.05, digits=0, hidden=True,
            definition="As *faults answered rightly*, of faults that grow slowly or reach only some rentals.",
        ),
    )  # fmt: skip
    example = (
        "A column breaks in batch 60 of a stream (the first is 0). The answer is ok up to batch 62, and fix upstream "
        "in batch 63. With no alarm in batches 36 to 59 it is answered rightly, after 63 - 60 + 1 = 4 hours; the 60 "
        "hours before are healthy and had no false alarm. With retrain in batch 63 the action is wrong: 96 hours. With "
        "any alarm in batch 50, a false one, nobody hears what follows: 96 hours as well."
    )

    def release(self, draw: Draw) -> dict[str, np.ndarray]:
        """The public history, and then incidents and healthy streams, one after another; see `world.packed`."""
        from course.units.f12_drift_watch import world

        _, past, streams = _weeks(draw, "public")
        return world.packed([past, *streams])

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """Four weeks of history and what came after."""
        from course.units.f12_drift_watch import world

        past, *streams = world.unpacked(data)
        return Holdout("public", truth={"history": past, "streams": streams})

    def hidden(self, draw: Draw) -> Holdout:
        """Another part of the year in the same city; gentle faults, and special weeks."""
        from course.units.f12_drift_watch import world

        at, past, streams = _weeks(draw, "private")
        slices = draw("slices")
        truth = {
            "history": past,
            "streams": streams,
            "holidays": world.holidays(at, slices, HOLIDAYS),
            "gentle": world.incidents(at, slices, GENTLE, lambda fault: fault.gentle),
        }
        return Holdout("private", truth=truth, seed=draw.seed())

    @clauses("quality", "urgent", "slow", "false_alarms")
    def watch(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """All streams, each from a new monitor: what was answered, when, and how often for nothing."""
        from course.units.f12_drift_watch import judge

        seen = judge.watched(ship, holdout.truth["history"], holdout.truth["streams"])
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
        from course.units.f12_drift_watch import judge

        if "holidays" not in holdout.truth:
            return {}
        seen = judge.watched(ship, holdout.truth["history"], holdout.truth["holidays"])
        return {"holidays": Measurement(seen.false_alarms)}

    @clauses("gentle")
    def slowly(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Faults that take two days to be there in full, and bad versions that are only tried."""
        from course.units.f12_drift_watch import judge

        if "gentle" not in holdout.truth:
            return {}
        return {"gentle": Measurement(judge.watched(ship, holdout.truth["history"], holdout.truth["gentle"]).share)}

    @clauses("interface")
    def serve(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Six promises of the contract."""
        from course.units.f12_drift_watch.promises import PROMISES

        past, batches = holdout.truth["history"].table, holdout.truth["streams"][-1].batches
        return {"interface": judges.promises(ship, PROMISES, past, batches)}

    @clauses("state")
    def remember(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """The largest state in four weeks of batches."""
        from course.units.f12_drift_watch import judge

        return {
            "state": Measurement(float(judge.largest_state(ship, holdout.truth["history"], holdout.truth["streams"])))
        }

    @clauses("restart")
    def come_back(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Streams in which refunds are more, with and without a restart in another process while evidence gathers."""
        from course.units.f12_drift_watch import judge

        pairs = judge.came_back(ship, holdout.truth["history"], holdout.truth["streams"])
        if not any(set(one) - {"ok"} for one, _ in pairs):
            return {"restart": Measurement(None, "In no stream was there any answer but ok to compare.", "broken")}
        return {"restart": Measurement(sum(one == other for one, other in pairs) / len(pairs))}

    @clauses("throughput")
    def cost(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Streams as they are judged: a new monitor, and batch after batch; what it answers is judged as well."""
        from course.units.f12_drift_watch import judge

        timed = judge.Timed(ship, holdout.truth["history"], holdout.truth["streams"])
        found = judges.cost(
            self.term("throughput"), ship.module, judges.yardstick(__file__), timed.play, timed.fresh, holdout,
            what="a stream", check=timed.check,
        )  # fmt: skip
        return {"throughput": found}

    def replay(self, folder: Path, holdout: Holdout, case: int) -> Replay:
        """The stream of that number, hour by hour, until the first alarm since its fault."""
        from course.units.f12_drift_watch import judge

        streams = holdout.truth["streams"]
        if not 0 <= case < len(streams):
            raise Problem(f"There are streams 0 to {len(streams) - 1}; {case} is none of them.")
        return judge.replayed(read(folder, self.module), holdout.truth["history"], streams[case], case)


def _weeks(draw: Draw, which: str) -> tuple[World, Stream, list[Stream]]:
    """The world, the history of a hold-out and its streams, healthy ones last."""
    from course.units.f12_drift_watch import world

    at, rng = world.world(draw("world")), draw(which)
    start = at.starts[which == "private"]
    past = world.history(at, rng, start)
    streams = world.incidents(at, rng, EACH[which]) + world.healthy(at, rng, start + world.HISTORY, HEALTHY[which])
    return at, past, streams


UNIT = DriftWatch()
