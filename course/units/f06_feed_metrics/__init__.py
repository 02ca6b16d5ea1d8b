"""f06: metrics for a feed. Which ranker keeps readers, seen within a week? And what would a policy earn, from logs?"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses, read
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import Measurement
from course.units.base import ModuleUnit
from course.units.f06_feed_metrics.hints import HINTS
from course.units.kit import contract, judges, replay
from course.units.kit.worlds import Draw

if TYPE_CHECKING:
    import numpy as np

    from course.units.f06_feed_metrics.logs import Campaign
    from course.units.f06_feed_metrics.rankers import World

#: Past rankers that learners get; rankers of the public and the private hold-out, and of each hidden slice.
PAST, RANKERS, SLICE = 80, {"public": 64, "private": 80}, 48
#: Sessions of each ranker; of each arm of a small change; percentage points of retention that its arms differ by.
SESSIONS, ARM, ARM_POINTS = 1_000, 24_000, 2.0
#: Campaigns of the shop; logs that are judged from each, public and private, and those of the hidden slice.
CAMPAIGNS, LOGS, FAR_LOGS = ("men", "women", "all"), 45, 35


class FeedMetrics(ModuleUnit):
    """Sessions in, a number out that orders rankers; logs and a policy in, its value and an interval out."""

    name, title, brief, example, estimates, terms = contract.beside(__file__)
    module = ModuleSpec(
        "metrics.py",
        {
            "columns": "columns() -> list of names",
            "metric": "metric(sessions) -> number",
            "offline_value": "offline_value(log, policy) -> (value, low, high)",
        },
        most_bytes=100_000,
        beside=("weights.json",),
        beside_bytes=100_000,
    )
    also = ("baseline.py",)
    hints: ClassVar[Mapping[str, tuple[str, ...]]] = HINTS

    def release(self, draw: Draw) -> dict[str, np.ndarray]:
        """Past rankers, the public hold-out, and half the rows of each campaign: see `packed` in both modules."""
        import numpy as np

        from course.units.f06_feed_metrics import logs, rankers

        at, rng = _world(draw), draw("public")
        past = rankers.trial(at, rankers.draw(rng, PAST), SESSIONS, rng)
        noisy = past.retention + rng.normal(0, 0.003, PAST)
        usual = rankers.trial(at, rankers.draw(rng, RANKERS["public"]), SESSIONS, rng)
        arms = rankers.trial(at, rankers.changes(at, ARM_POINTS), ARM, rng)
        found = {"seed": np.array(rng.integers(2**31))}
        for name, made in {"past": rankers.Trial(past.sessions, noisy), "usual": usual, "arms": arms}.items():
            found |= rankers.packed(made, name)
        for name in CAMPAIGNS:
            found |= logs.packed(_half(draw, name, 0), name)
        return found

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """Rankers of the same world as the past ones, arms of three small changes, and the campaigns' public halves."""
        from course.units.f06_feed_metrics import logs, rankers

        truth = {name: rankers.unpacked(data, name) for name in ("usual", "arms")}
        truth["shops"] = [logs.unpacked(data, name) for name in CAMPAIGNS]
        return Holdout("public", truth=truth, seed=int(data["seed"]))

    def hidden(self, draw: Draw) -> Holdout:
        """Other rankers of that world, two slices of them, other arms, and the campaigns' other halves."""
        from course.units.f06_feed_metrics import rankers

        at, rng = _world(draw), draw("private")
        drawn = {
            "usual": rankers.draw(rng, RANKERS["private"]),
            "bait": rankers.draw(rng, SLICE, bait=0.9),
            "crowd": rankers.draw(rng, SLICE, crowds=1.0),
        }
        truth: dict[str, Any] = {name: rankers.trial(at, some, SESSIONS, rng) for name, some in drawn.items()}
        truth["arms"] = rankers.trial(at, rankers.changes(at, ARM_POINTS), ARM, rng)
        truth["shops"] = [_half(draw, name, 1) for name in CAMPAIGNS]
        return Holdout("private", truth=truth, seed=int(rng.integers(2**31)))

    @clauses("quality", "bytes", "days", "bait", "crowd")
    def measure_metric(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Everything about the metric, with the columns that the module named once, at the start."""
        from course.units.f06_feed_metrics import judge, rankers

        truth, public, term = holdout.truth, holdout.name == "public", self.term("days")
        with ship.open() as shipped, ship.open() as other:
            names = judge.columns(shipped)
            asked = judge.Asked((shipped, other), names, holdout.seed)
            read = ", ".join(names) if public else ""
            pieces, late = list(truth["arms"].tables(judge.PIECE)), "gap_h" in names
            jobs: dict[str, Any] = {
                name: partial(judge.ranks, asked, truth[part], SESSIONS)
                for name, part in {"quality": "usual", "bait": "bait", "crowd": "crowd"}.items()
                if part in truth
            }
            jobs["days"] = lambda: judge.days(asked(pieces), ARM_POINTS, late, term, public)
            found = {"bytes": Measurement(float(sum(rankers.WIDTHS[name] for name in names)), aside=read)}
            return found | judges.apart(ship, jobs)

    @clauses("coverage", "width")
    def measure_intervals(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Intervals for policies that are much like the shop's own."""
        from course.units.f06_feed_metrics import judge

        hits, halves = judge.intervals(ship, judge.cases(holdout, LOGS))
        return {"coverage": Measurement(hits), "width": Measurement(halves)}

    @clauses("far")
    def measure_far(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Intervals for policies that differ more from the shop's own."""
        from course.units.f06_feed_metrics import judge

        return {"far": Measurement(judge.intervals(ship, judge.cases(holdout, FAR_LOGS, far=True))[0])}

    @clauses("interface")
    def serve(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Numbers for usual and odd tables, intervals for usual and odd logs; in any order; the same elsewhere."""
        from course.units.f06_feed_metrics import judge, promises

        tables = [*islice(holdout.truth["usual"].tables(SESSIONS), 4)]
        cases = promises.odd_cases(next(judge.cases(holdout, 1)))
        return {"interface": judges.promises(ship, promises.PROMISES, tables, cases)}

    @clauses("untouched")
    def mutation(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Whether sessions, log and policy are the same after a call as before."""
        from course.units.f06_feed_metrics import judge

        table, case = next(holdout.truth["usual"].tables(SESSIONS)), next(judge.cases(holdout, 1))
        with ship.open() as shipped:
            metric = (shipped, "metric", (table[judge.columns(shipped)],))
            return {"untouched": judges.untouched(metric, (shipped, "offline_value", (case.log, case.policy)))}

    def replay(self, folder: Path, holdout: Holdout, case: int) -> replay.Replay:
        """0: the metric of each ranker beside its retention; 1, 2, 3: the logs of a campaign, and their intervals."""
        from course.units.f06_feed_metrics import judge

        what = replay.case(("the rankers", *CAMPAIGNS), case, "replays")
        ship = read(folder, self.module)
        if not case:
            return judge.replayed_ranks(ship, holdout.truth["usual"], SESSIONS, holdout.seed)
        return judge.replayed_logs(ship, list(judge.cases(holdout, LOGS))[(case - 1) * LOGS : case * LOGS], what)


@lru_cache(maxsize=8)
def _world(draw: Draw) -> World:
    from course.units.f06_feed_metrics import rankers

    return rankers.world(draw("world"))


def _half(draw: Draw, name: str, which: int) -> Campaign:
    from course.units.f06_feed_metrics import logs

    return logs.halves(logs.campaign(name), draw(f"rows of {name}"))[which]


UNIT = FeedMetrics()
