"""f12: drift watch. What is wrong in this stream, since when, and what is to be done about it; or is it just Sunday?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses, read
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import Measurement
from course.problem import Problem
from course.units.base import ModuleUnit
from course.units.f12_drift_watch.hints import HINTS
from course.units.kit import contract, judges
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

    name, title, brief, example, estimates, terms = contract.beside(__file__)
    module = ModuleSpec("monitor.py", {"Monitor": "class Monitor"}, seconds=20.0)
    also = ("baseline.py",)
    hints: ClassVar[Mapping[str, tuple[str, ...]]] = HINTS

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

        seen = judge.watched(ship, holdout.truth["history"], holdout.truth["streams"], holdout.seed)
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
        seen = judge.watched(ship, holdout.truth["history"], holdout.truth["holidays"], holdout.seed)
        return {"holidays": Measurement(seen.false_alarms)}

    @clauses("gentle")
    def slowly(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Faults that take two days to be there in full, and bad versions that are only tried."""
        from course.units.f12_drift_watch import judge

        if "gentle" not in holdout.truth:
            return {}
        seen = judge.watched(ship, holdout.truth["history"], holdout.truth["gentle"], holdout.seed)
        return {"gentle": Measurement(seen.share)}

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

        timed = judge.Timed(ship, holdout.truth["history"], holdout.truth["streams"], holdout.seed)
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
