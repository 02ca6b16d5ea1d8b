"""f06: metrics for a feed. Which ranker keeps readers, seen within a week? And what would a policy earn, from logs?"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses, read
from course.contract.terms.estimates import Estimate
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import Measurement, Term
from course.units.base import ModuleUnit
from course.units.f06_feed_metrics.hints import HINTS
from course.units.kit import judges, replay, terms
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

    name = "f06-feed-metrics"
    title = "Metrics for a feed"
    brief = "Our feed needs a metric. Which one?"
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

    estimates: Mapping[str, Estimate] = {
        "retention_days": Estimate(
            "How many days of traffic does a test of 28-day retention itself need, before the 28 days of waiting?",
            "days", 60, 69,
            "2 x 0.45 x 0.55 x (1.96 + 0.84)^2 / 0.01^2 = 38,800 people an arm; at 600 a day 65 days",
        ),
        "shift_days": Estimate(
            "How many days of traffic does a metric need that the same change moves by 0.09 standard deviations?",
            "days", 3.0, 3.5,
            "2 x 2.8^2 / 0.09^2 = 1,936 sessions an arm; at 600 a day 3.2 days",
        ),
        "memory_mb": Estimate(
            "How much memory does a year of sessions take, at 8 bytes each?", "MB", 340, 360,
            "120,000 x 365 x 8 bytes = 350 MB",
        ),
        "one_click": Estimate(
            "How much does one click add to a plain IPS estimate, on an item of probability 0.000001?",
            "clicks a row", 9.5, 10.5,
            "weight 0.02 / 0.000001 = 20,000; divided by 2,000 rows 10 clicks a row",
        ),
        "effective_rows": Estimate(
            "How many equally weighted rows are as good as 2,000 whose weights sum to 2,000, their squares to 32,000?",
            "rows", 120, 130,
            "(sum of weights)^2 / sum of squares = 4,000,000 / 32,000 = 125",
        ),
    }  # fmt: skip

    terms = (
        terms.estimates(5),
        terms.baseline(
            "Baseline's rank agreement", "Spearman", 0.60, band=0.05, digits=2,
            advice="The baseline is the share of sessions whose reader came back within a week; look at `gap_h`.",
        ),
        terms.interface(
            4, 4, "Read what the contract says about arguments and answers again.", "Answers as the contract says"
        ),
        terms.untouched("Work on copies: tables and arrays belong to the caller.", title="Arguments left as they were"),
        Term(
            "quality", "Rank agreement with 28-day retention", "Spearman", 0.96, "higher", 15,
            "Look at rankers that your metric places wrongly: what do their sessions have that you don't count?",
            floor=0.75, band=0.02, digits=2,
            definition="Spearman's rank correlation, over rankers, of your metric on a ranker's sessions with the "
            "share of people that it keeps for 28 days. Two processes are asked about them in two orders.",
        ),
        terms.share(
            "coverage", "Intervals that hold the true value", "logs", 0.80, 8,
            "Compare your values with the true ones: are they off to one side, or are the intervals too narrow?",
            floor=0.60, band=0.02,
            definition="Of all logs, those of all campaigns pooled, the share for which low <= true value <= high.",
        ),
        terms.share(
            "width", "Half an interval", "the true value", 0.36, 7,
            "A few rows with huge weights carry the estimate: look at the largest one.",
            better="lower", floor=0.46, band=0.02,
            definition="(high - low) / 2 / true value, the mean over all logs.",
        ),
        Term(
            "bytes", "Bytes read of a session", "bytes", 8, "lower", 10,
            "Every column costs: which could go without a ranker changing places?", digits=0, production=True,
            definition="The widths of the columns that `columns()` names, summed; `metric` is given no others.",
        ),
        Term(
            "days", "Days until a small change is seen", "days", 7.0, "lower", 10,
            "Of three changes one is seen late or never: is it the fit, the bait or the annoyance?", digits=1,
            band=0.5, production=True,
            definition="For each of three changes (better fit, less bait, less annoyance) that are worth a point of "
            "retention: 2 x variance x (1.96 + 0.84)^2 / shift^2 / 600, where shift is how far it moves your metric "
            "and variance is that of the metric times the sessions it was measured on; 7 days more if `gap_h` is read. "
            "The slowest of the three counts; a change that moves the metric down is never seen.",
        ),
        Term(
            "bait", "Rank agreement, most rankers bait", "Spearman", 0.93, "higher", 3,
            "Where nearly everybody baits, a click says little; what does a reader do after it?",
            floor=0.60, band=0.02, digits=2, hidden=True,
            definition="What *quality* measures, over rankers most of which live on bait.",
        ),
        Term(
            "crowd", "Rank agreement, other crowds", "Spearman", 0.88, "higher", 3,
            "Newcomers do less of everything. Does your metric blame the ranker for who came that week?",
            floor=0.50, band=0.02, digits=2, hidden=True,
            definition="What *quality* measures, over rankers whose weeks brought other people than usual.",
        ),
        terms.share(
            "far", "Intervals that hold, bolder policies", "logs", 0.76, 4,
            "A policy further from the log has more weight on fewer rows: do your intervals know?",
            floor=0.50, band=0.02, hidden=True,
            definition="What *coverage* measures, for policies that are further from the shop's own.",
        ),
    )  # fmt: skip
    example = (
        "metric(sessions) of two sessions with clicks 3 and 1 and quick_backs 1 and 0, if it is the mean of clicks - 2 "
        "x quick_backs, is (1 + 1) / 2 = 1.0. offline_value(log, policy) of two rows: item 0 was shown with propensity "
        "0.5 and rewarded, item 1 with 0.2 and not; policy is [[0.25, 0.75], [0.6, 0.4]]. Weights are 0.25 / 0.5 = 0.5 "
        "and 0.4 / 0.2 = 2, so plain IPS gives a value of (0.5 x 1 + 2 x 0) / 2 = 0.25. An interval of 0.05 to 0.45 "
        "around it holds a true value of 0.3; half its width is 0.2 / 0.3 = 67 % of that."
    )

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
            found = {"bytes": Measurement(float(sum(rankers.WIDTHS[name] for name in names)), aside=read)}
            for name, part in {"quality": "usual", "bait": "bait", "crowd": "crowd"}.items():
                if part in truth:
                    found[name] = judges.tried(lambda trial=truth[part]: judge.ranks(asked, trial, SESSIONS))
            pieces, late = list(truth["arms"].tables(judge.PIECE)), "gap_h" in names
            found["days"] = judges.tried(lambda: judge.days(asked(pieces), ARM_POINTS, late, term, public))
        return found

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
