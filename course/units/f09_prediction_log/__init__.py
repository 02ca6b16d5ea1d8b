"""f09: a prediction log. What must be written down of a decision, so that the next model can be trained and judged?"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses, read
from course.contract.processes.calls import Module
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import EARNS, Measurement
from course.units.base import ModuleUnit
from course.units.f09_prediction_log.hints import HINTS
from course.units.kit import contract, judges
from course.units.kit.replay import Replay
from course.units.kit.worlds import Draw

if TYPE_CHECKING:
    import numpy as np

    from course.units.f09_prediction_log.world import World

#: Share of right training rows from which on a log is weighed.
WEIGHED = 0.9
#: Events that are encoded or decoded in one exchange while that is timed.
TIMED = 150


class PredictionLog(ModuleUnit):
    """Events in, bytes out, and back; a person's events out of the bytes."""

    name, title, brief, example, estimates, terms = contract.beside(__file__)
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
    hints: ClassVar[Mapping[str, tuple[str, ...]]] = HINTS

    def release(self, draw: Draw) -> dict[str, np.ndarray]:
        """The public log (`world.packed`), and the bytes of two old ones that hold some of its events."""
        import numpy as np

        from course.units.f09_prediction_log import world

        log = world.log(_world(draw), draw("public"))
        old = {name: np.frombuffer(data, np.uint8) for name, data in world.older(log, draw("public old")).items()}
        return world.packed(log) | old

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """The public log, and the old ones."""
        from course.units.f09_prediction_log import world

        old = {name: data[name].tobytes() for name in ("version_1", "version_2")}
        return Holdout("public", truth={"log": world.unpacked(data), "old": old})

    def hidden(self, draw: Draw) -> Holdout:
        """Other weeks of the same world, in the three versions; events at the limits; weeks of damage."""
        from course.units.f09_prediction_log import world

        at, rng, log = _world(draw), draw("slices"), world.log(_world(draw), draw("private"))
        truth = {
            "log": log,
            "old": world.older(log, rng),
            "limits": world.limits(at, rng),
            "storm": world.log(at, rng, decisions=300, policies=0),
        }
        return Holdout("private", truth=truth, seed=draw.seed())

    @clauses("quality", "bytes")
    def answer(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Training rows with late labels joined, and values of other policies, from the log; its bytes."""
        from course.units.f09_prediction_log import judge

        log = holdout.truth["log"]
        data = b"".join(judge.wrote(ship, log.flushes(), log.key))
        (events,) = judge.reread(ship, [data], log.key)
        rows, policies = judge.right_rows(events, log), judge.policies_held(events, log)
        aside = f"{rows:.0%} of rows, {policies:.0%} of policies" if holdout.name == "public" else ""
        light = f"A log that gives back {rows:.0%} of the training rows is not weighed."
        weight = Measurement(len(data) / len(log.events)) if rows >= WEIGHED else Measurement(None, light, "broken")
        return {"quality": Measurement((rows + policies) / 2, aside=aside), "bytes": weight}

    @clauses("interface")
    def serve(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Four promises of the contract."""
        from course.units.f09_prediction_log.promises import PROMISES

        return {"interface": judges.promises(ship, PROMISES, holdout.truth["log"])}

    @clauses("untouched")
    def leave(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Events are as they were."""
        log = holdout.truth["log"]
        with ship.open() as shipped:
            return {"untouched": judges.untouched((shipped, "encode", (log.flushes(128)[0], log.key)))}

    @clauses("forgotten")
    def delete(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Deletions of different people."""
        from course.units.f09_prediction_log import trials

        found = trials.deletions(ship, holdout.truth["log"])
        wrong = [one.wrong for one in found if one.wrong]
        return {"forgotten": Measurement(1 - len(wrong) / len(found), wrong[0] if wrong else "")}

    @clauses("damage")
    def damage(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Flipped bits and torn writes."""
        from course.units.f09_prediction_log import trials

        return {"damage": trials.damage(trials.harms(ship, holdout.truth["log"], _rng(holdout, 1)))}

    @clauses("private")
    def spy(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Readers whom somebody finds who has everything but the key."""
        from course.units.f09_prediction_log import intruder, judge, trials

        log = holdout.truth["log"]
        events = log.events[: trials.MANY]
        data = b"".join(judge.wrote(ship, log.flushes(most=trials.MANY), log.key))
        judge.complete(*judge.reread(ship, [data], log.key), events)
        decisions = [one for one in events if one["kind"] == "decision"]
        named = intruder.found(ship, data, decisions)
        return {"private": Measurement(len(named) / len({one["card"] for one in decisions}))}

    @clauses("versions")
    def remember(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Old logs."""
        from course.units.f09_prediction_log import trials

        return {"versions": trials.versions(ship, holdout.truth["log"], holdout.truth["old"])}

    @clauses("throughput")
    def speed(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Cost of writing, and of reading what was written, against lines of JSON; the worse counts."""
        from course.units.f09_prediction_log import judge, yardstick
        from course.units.f09_prediction_log.timed import Timed

        log, term, found = holdout.truth["log"], self.term("throughput"), []
        beside = {"log.jsonl": yardstick.encode(log.window(_rng(holdout, 2), TIMED), log.key)}
        lines = Module("yardstick.py", judges.yardstick(__file__).content, beside)
        elsewhere = judge.alike(ship, log.flushes(most=4 * TIMED), log.key)
        with ship.open() as writer:
            for name in ("encode", "decode"):
                what = f"for {'writing' if name == 'encode' else 'reading'} {TIMED} events"
                some = Timed(log, TIMED, writer if name == "decode" else None)
                found.append(
                    judges.cost(term, ship.module, lines, name, some.fresh, holdout, what=what, check=some.check)
                )
                if found[-1].verdict not in EARNS:
                    break
                some.right(ship).compare(elsewhere)
        return {"throughput": max(found, key=lambda one: (one.verdict not in EARNS, one.value or 0.0))}

    @clauses("limits", "storm")
    def stress(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Events at the limits; a log that suffered."""
        from course.units.f09_prediction_log import judge, trials

        if "limits" not in holdout.truth:
            return {}
        log, storm = holdout.truth["limits"], holdout.truth["storm"]

        def limits() -> Measurement:
            data = b"".join(judge.wrote(ship, log.flushes(), log.key))
            return Measurement(judge.right_rows(judge.reread(ship, [data], log.key)[0], log, propensities=True))

        return judges.apart(ship, {"limits": limits, "storm": lambda: trials.storm(ship, storm, _rng(holdout, 3))})

    def replay(self, folder: Path, holdout: Holdout, case: int) -> Replay:
        """A deletion (the first ones), or a damaged copy of a log."""
        from course.units.f09_prediction_log import trials

        return trials.replayed(read(folder, self.module), holdout.truth["log"], _rng(holdout, 1), case)


@lru_cache(maxsize=8)
def _world(draw: Draw) -> World:
    from course.units.f09_prediction_log import world

    return world.world(draw("world"))


def _rng(holdout: Holdout, purpose: int) -> np.random.Generator:
    import numpy as np

    return np.random.default_rng([holdout.seed, purpose])


UNIT = PredictionLog()
