"""f09: a prediction log. What must be written down of a decision, so that the next model can be trained and judged?"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses, read
from course.contract.processes.calls import Module
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import EARNS, Measurement, Term
from course.units.base import ModuleUnit
from course.units.f09_prediction_log.estimates import ESTIMATES
from course.units.f09_prediction_log.hints import HINTS
from course.units.kit import judges, terms
from course.units.kit.replay import Replay
from course.units.kit.worlds import Draw

if TYPE_CHECKING:
    import numpy as np

    from course.contract.terms.estimates import Estimate
    from course.units.f09_prediction_log.world import World

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
    hints: ClassVar[Mapping[str, tuple[str, ...]]] = HINTS
    estimates: ClassVar[Mapping[str, Estimate]] = ESTIMATES

    terms = (
        terms.estimates(5),
        terms.baseline(
            "Baseline's answers right", "% of answers", 0.45, band=0.05, scale=100, digits=0,
            advice="The baseline must at least give back the training rows; look at what its `decode` returns.",
        ),
        terms.interface(4, 4, "Read what `encode`, `decode` and `forget` take and return again."),
        terms.untouched(
            "Events belong to the caller: make new dicts, never change those that are passed in.",
            title="Leaves events alone",
        ),
        terms.share(
            "quality", "Answers right: training rows, policies", "answers", 0.97, 14,
            "Compare what the log says with what happened: first the rows, then the weights of a policy.",
            floor=0.50, band=0.01,
            definition="The mean of two shares. Of all decisions, those that come back with all fields right (numbers "
            "within 1 % and another 0.01, propensities aside), a person who is that card's alone, and the minutes of "
            "the latest report. Of two dozen policies, those whose true value lies in the log's 95 % interval, which "
            "may be 15 % wider than the one from complete events.",
        ),
        terms.share(
            "forgotten", "Deletions that are right", "trials", 1.0, 8,
            "Nothing of that person may be left, reports and unreadable bytes included; everybody else must stay.",
            floor=0.40, digits=0,
            definition="Deletions after which nothing of that person is read, everything else is read exactly as "
            "before, and no twelve bytes of their records are left. Each is tried on a file of its own copy, of many "
            "visits, of few, of none, of some that are damaged.",
        ),
        Term(
            "damage", "Records lost to one damage", "records", 1.5, "lower", 8,
            "One bit may cost one record: its neighbours must be found, and what is wrong must not be believed.",
            floor=6, digits=2,
            definition="The mean number of records lost to a flipped bit, plus the mean number of those lost from "
            "writes that were complete when the file was torn in a later one, plus 20 for each record read that nobody "
            "wrote, divided by the number of damaged logs.",
        ),
        Term(
            "bytes", "Size of the log", "bytes an event", 62, "lower", 8,
            "Which fields does nobody ask for? How exact must each of the others be?",
            production=True,
            definition="Bytes of everything that `encode` returns, written 32 events at a time, divided by the number "
            "of events, decisions and reports alike. Weighed only if nine of ten training rows come back.",
        ),
        terms.throughput(
            3.0, "Cost of an event, worse of writing and reading", "lines of JSON", worth=8, digits=2,
            advice="No object, array or slow hash for each number of each event.",
        ),
        terms.share(
            "private", "Readers found without the key", "readers", 0.02, 4,
            "Whoever has the log and your code must not be able to try out all library cards.",
            better="lower", production=True,
            definition="Of the readers in a log, those whom somebody finds who has its bytes, your code and all cards, "
            "but not the key: by card, address or device in the bytes, in what they unpack to or in what `decode` "
            "says, or by trying cards out.",
        ),
        terms.share(
            "versions", "Old logs right", "old events", 0.99, 4,
            "Read the tables of both old versions again, field by field.", floor=0.50, band=0.01,
            definition="For each old file, the share of events that `decode` gives right, and the same after `forget`; "
            "the mean of all of these. Propensities may be off by a tenth, and a person must be who that card is in a "
            "new log.",
        ),
        terms.share(
            "limits", "Rows right, at the limits of the contract", "rows", 0.99, 3,
            "Try the smallest and the largest of everything that the contract allows.",
            floor=0.70, band=0.01, hidden=True,
            definition="Of decisions with the smallest and largest of everything that the contract allows, those that "
            "come back right, with their minutes and with a propensity within a tenth.",
        ),
        terms.share(
            "storm", "Untouched records read, after a bad week", "records", 0.99, 3,
            "Torn writes and lost sectors: where does the next record begin?",
            floor=0.90, band=0.01, hidden=True,
            definition="Of the records that no torn write, lost sector or flipped bit has touched, those that are "
            "read; 20 are taken off for each record that nobody wrote.",
        ),
    )  # fmt: skip
    example = (
        "A decision has `candidates` [512, 77, 9031], `probabilities` [0.96, 0.037, 0.003] and `action` 9031. It comes "
        "back with these candidates in this order, action 9031, `propensity` 0.003 (0.0027 to 0.0033 count as right) "
        "and a `person`, any text that belongs to that card alone. Reports say 85 minutes at time 2000 and, arriving "
        "later, 12 minutes at time 1000: the decision earned 85. For a policy that shows 9031 with probability 0.3 the "
        "row counts 0.3 / 0.003 = 100 times: in a log of 1,000 decisions it adds 100 x 85 / 1,000 = 8.5 minutes a "
        "visit."
    )

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
