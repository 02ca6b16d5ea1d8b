"""f06: metrics for a feed. Which ranker keeps readers, seen within a week? And what would a policy earn, from logs?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar

from course.contract.artifacts.modules import ModuleSpec, Ship, clauses
from course.contract.processes import expect
from course.contract.processes.calls import CallError, Shipped, mismatch
from course.contract.terms.estimates import Estimate
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import Measurement, Term
from course.key import Key
from course.units.base import ModuleUnit
from course.units.f06_feed_metrics.hints import HINTS

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from course.units.f06_feed_metrics.logs import Campaign, Case
    from course.units.f06_feed_metrics.rankers import Trial

#: Past rankers that learners get; rankers of the public and the private hold-out, and of each hidden slice.
PAST, RANKERS, SLICE = 80, {"public": 64, "private": 80}, 48
#: Sessions of each ranker; of each arm of a small change; of the pieces in which arms are measured.
SESSIONS, ARM, PIECE = 1_000, 24_000, 400
#: Sessions that one arm of a test gets in a day; percentage points of retention that a test must see, and that the
#: arms differ by; standard errors that a test must see (5 % false alarms on both sides, 80 % power).
TRAFFIC, POINTS, ARM_POINTS, ERRORS = 600, 1.0, 2.0, 1.96 + 0.84
#: What the arms of a small change differ in, in the order of `rankers.changes`.
CHANGES = ("better fit", "less bait", "less annoyance")
#: Days until it is known after how many hours a reader came back.
WAIT = 7
#: Campaigns of the shop; logs that are judged from each, public and private, and those of the hidden slice.
CAMPAIGNS, LOGS, FAR_LOGS = ("men", "women", "all"), 45, 35
#: Tables or logs of one exchange.
TOGETHER, LOGS_TOGETHER = 24, 5


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

    hints: ClassVar[Mapping[str, tuple[str, ...]]] = HINTS

    terms = (
        Term(
            "estimates", "Estimates in range", "of 5", 5, "higher", 10, "Work the estimates out again.",
            floor=0, digits=0,
        ),
        Term(
            "baseline", "Baseline's rank agreement", "Spearman", 0.60, "higher", 4,
            "The baseline is the share of sessions whose reader came back within a week; look at `gap_h`.",
            band=0.05, digits=2,
        ),
        Term(
            "interface", "Answers as the contract says", "of 4 checks", 4, "higher", 4,
            "Read what the contract says about arguments and answers again.", floor=0, digits=0,
        ),
        Term(
            "untouched", "Arguments left as they were", "of 1 check", 1, "higher", 2,
            "Work on copies: tables and arrays belong to the caller.", digits=0,
        ),
        Term(
            "quality", "Rank agreement with 28-day retention", "Spearman", 0.96, "higher", 15,
            "Look at rankers that your metric places wrongly: what do their sessions have that you don't count?",
            floor=0.75, band=0.02, digits=2,
        ),
        Term(
            "coverage", "Intervals that hold the true value", "% of logs", 0.80, "higher", 8,
            "Compare your values with the true ones: are they off to one side, or are the intervals too narrow?",
            floor=0.60, band=0.02, scale=100,
        ),
        Term(
            "width", "Half an interval", "% of the true value", 0.36, "lower", 7,
            "A few rows with huge weights carry the estimate: look at the largest one.",
            floor=0.46, band=0.02, scale=100,
        ),
        Term(
            "bytes", "Bytes read of a session", "bytes", 8, "lower", 10,
            "Every column costs: which could go without a ranker changing places?", digits=0, production=True,
        ),
        Term(
            "days", "Days until a small change is seen", "days", 7.0, "lower", 10,
            "Of three changes one is seen late or never: is it the fit, the bait or the annoyance?", digits=1,
            band=0.5, production=True,
        ),
        Term(
            "bait", "Rank agreement, most rankers bait", "Spearman", 0.93, "higher", 3,
            "Where nearly everybody baits, a click says little; what does a reader do after it?",
            floor=0.60, band=0.02, digits=2, hidden=True,
        ),
        Term(
            "crowd", "Rank agreement, other crowds", "Spearman", 0.88, "higher", 3,
            "Newcomers do less of everything. Does your metric blame the ranker for who came that week?",
            floor=0.50, band=0.02, digits=2, hidden=True,
        ),
        Term(
            "far", "Intervals that hold, bolder policies", "% of logs", 0.76, "higher", 4,
            "A policy further from the log has more weight on fewer rows: do your intervals know?",
            floor=0.50, band=0.02, scale=100, hidden=True,
        ),
    )  # fmt: skip

    def public_data(self, key: Key) -> dict[str, np.ndarray]:
        """Past rankers, the public hold-out, and half the rows of each campaign: see `packed` in both modules."""
        return dict(_public(self, key))

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """Rankers of the same world as the past ones, arms of three small changes, and the campaigns' public halves."""
        from course.units.f06_feed_metrics import logs, rankers

        truth = {name: rankers.unpacked(data, name) for name in ("usual", "arms")}
        truth["shops"] = [logs.unpacked(data, name) for name in CAMPAIGNS]
        return Holdout("public", truth=truth, seed=int(data["seed"]))

    def private_holdout(self, key: Key) -> Holdout:
        """Other rankers of that world, two slices of them, other arms, and the campaigns' other halves."""
        return _private(self, key)

    @clauses("quality", "bytes", "days", "bait", "crowd")
    def measure_metric(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Everything about the metric, with the columns that the module named once, at the start."""
        truth = holdout.truth
        with ship.open() as shipped, ship.open() as other:
            names = columns(shipped)
            read = ", ".join(names) if holdout.name == "public" else ""
            found = {"bytes": Measurement(float(width(names)), aside=read)}

            def ask(tables: Iterator[pd.DataFrame]) -> list[float]:
                return _values((shipped, other), names, list(tables), holdout.seed)

            for name, part in {"quality": "usual", "bait": "bait", "crowd": "crowd"}.items():
                if part in truth:
                    found[name] = _kept(lambda trial=truth[part]: _ranks(ask(trial.tables(SESSIONS)), trial))
            found["days"] = _kept(lambda: self._days(ask(truth["arms"].tables(PIECE)), names, holdout))
        return found

    def _days(self, asked: Sequence[float], names: Sequence[str], holdout: Holdout) -> Measurement:
        """Days of traffic after which a test sees the slowest of three small changes, each worth a point."""
        import numpy as np

        term, values = self.term("days"), np.array(asked).reshape(len(holdout.truth["arms"].retention), -1)
        noise = float(values.var(axis=1, ddof=1).mean()) * PIECE
        moved = (values[1:].mean(axis=1) - values[0].mean()) * POINTS / ARM_POINTS
        if moved.min() <= 0 or noise <= 0:
            why = "moves down" if moved.min() < 0 else "does not move"
            which = CHANGES[int(moved.argmin())]
            return Measurement(None, f"The change to {which} is never seen: the metric {why}.", "broken")
        days = 2 * noise * (ERRORS / moved) ** 2 / TRAFFIC + (WAIT if "gap_h" in names else 0)
        note = "" if term.keeps(days.max()) or "gap_h" not in names else f"`gap_h` is known {WAIT} days late."
        told = ", ".join(f"{what} {day:,.1f}" for what, day in zip(CHANGES, days, strict=True))
        return Measurement(float(days.max()), note, aside=told if holdout.name == "public" else "")

    @clauses("coverage", "width")
    def measure_intervals(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Intervals for policies that are much like the shop's own."""
        hits, halves = _intervals(ship, _cases(holdout, LOGS))
        return {"coverage": Measurement(hits), "width": Measurement(halves)}

    @clauses("far")
    def measure_far(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Intervals for policies that differ more from the shop's own."""
        return {"far": Measurement(_intervals(ship, _cases(holdout, FAR_LOGS, far=True))[0])}

    @clauses("interface")
    def serve(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Numbers for usual and odd tables, intervals for usual and odd logs; in any order; the same elsewhere."""
        tables = [*islice(holdout.truth["usual"].tables(SESSIONS), 4)]
        cases = _odd_cases(next(_cases(holdout, 1)))

        def numbers() -> str:
            _metrics(shipped, columns(shipped), [*tables, *_odd_tables(tables[0])])
            return ""

        def intervals() -> str:
            _answers(shipped, cases)
            return ""

        def order() -> str:
            names = columns(shipped)
            mixed = [table.sample(frac=1, random_state=1)[list(table.columns[::-1])] for table in tables]
            pairs = zip(_metrics(shipped, names, tables), _metrics(shipped, names[::-1], mixed), strict=True)
            same = all(abs(one - two) <= 1e-6 * max(abs(one), abs(two)) for one, two in pairs)
            return "" if same else "`metric` gave another number for the same sessions in another order."

        def again() -> str:
            everything = [
                (columns(where), _metrics(where, columns(where), tables), _answers(where, cases[:1]))
                for where in (shipped, other)
            ]
            same = everything[0] == everything[1]
            return "" if same else "The same arguments gave other answers in a fresh process; they must not."

        kept, problems = 0, []
        with ship.open() as shipped, ship.open() as other:
            for check in (numbers, intervals, order, again):
                try:
                    problem = check()
                except CallError as error:
                    problem = str(error)
                kept += not problem
                problems += [problem] if problem else []
        return {"interface": Measurement(float(kept), problems[0] if problems else "")}

    @clauses("untouched")
    def mutation(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Whether sessions, log and policy are the same after a call as before."""
        table = next(holdout.truth["usual"].tables(SESSIONS))
        case = next(_cases(holdout, 1))
        with ship.open() as shipped:
            names = columns(shipped)
            for name, args in {"metric": (table[names],), "offline_value": (case.log, case.policy)}.items():
                if not shipped.leaves_alone(name, *args):
                    return {"untouched": Measurement(0.0, f"`{name}` changed its arguments; work on copies.")}
        return {"untouched": Measurement(1.0)}


@lru_cache(maxsize=32)
def _public(unit: FeedMetrics, key: Key) -> dict[str, np.ndarray]:
    import numpy as np

    from course.units.f06_feed_metrics import logs, rankers

    at = rankers.world(key.rng(unit.name, "world"))
    rng = key.rng(unit.name, "public")
    past = rankers.trial(at, rankers.draw(rng, PAST), SESSIONS, rng)
    noisy = past.retention + rng.normal(0, 0.003, PAST)
    usual = rankers.trial(at, rankers.draw(rng, RANKERS["public"]), SESSIONS, rng)
    arms = rankers.trial(at, rankers.changes(at, ARM_POINTS), ARM, rng)
    found = {"seed": np.array(rng.integers(2**31))}
    for name, made in {"past": rankers.Trial(past.sessions, noisy), "usual": usual, "arms": arms}.items():
        found |= rankers.packed(made, name)
    for name in CAMPAIGNS:
        found |= logs.packed(_half(unit, key, name, 0), name)
    return found


@lru_cache(maxsize=32)
def _private(unit: FeedMetrics, key: Key) -> Holdout:
    from course.units.f06_feed_metrics import rankers

    at = rankers.world(key.rng(unit.name, "world"))
    rng = key.rng(unit.name, "private")
    drawn = {
        "usual": rankers.draw(rng, RANKERS["private"]),
        "bait": rankers.draw(rng, SLICE, bait=0.9),
        "crowd": rankers.draw(rng, SLICE, crowds=1.0),
    }
    truth: dict[str, Any] = {name: rankers.trial(at, some, SESSIONS, rng) for name, some in drawn.items()}
    truth["arms"] = rankers.trial(at, rankers.changes(at, ARM_POINTS), ARM, rng)
    truth["shops"] = [_half(unit, key, name, 1) for name in CAMPAIGNS]
    return Holdout("private", truth=truth, seed=int(rng.integers(2**31)))


def _half(unit: FeedMetrics, key: Key, name: str, which: int) -> Campaign:
    from course.units.f06_feed_metrics import logs

    return logs.halves(logs.campaign(name), key.rng(unit.name, f"rows of {name}"))[which]


def columns(shipped: Shipped) -> list[str]:
    """The columns that the metric reads, checked. Raises CallError."""
    from course.units.f06_feed_metrics.rankers import WIDTHS

    said = shipped.call("columns")
    named = said if isinstance(said, list | tuple) else [said]
    for name in named:
        expect.one_of(name, list(WIDTHS), "columns")
    if not named or len(set(named)) < len(named):
        raise CallError(mismatch("columns", (), said, "a list of names, each once"))
    return list(named)


def width(names: Sequence[str]) -> int:
    """Bytes of a session in these columns."""
    from course.units.f06_feed_metrics.rankers import WIDTHS

    return sum(WIDTHS[name] for name in names)


def _ranks(values: Sequence[float], trial: Trial) -> Measurement:
    """Spearman's rank correlation of the metric with retention; 0 for a metric that never changes."""
    import numpy as np
    from scipy.stats import spearmanr

    return Measurement(float(spearmanr(values, trial.retention).statistic) if np.ptp(values) > 0 else 0.0)


def _kept(measured: Callable[[], Measurement]) -> Measurement:
    """A measurement, or the sentence that says why there is none."""
    try:
        return measured()
    except CallError as error:
        return Measurement(None, str(error), "broken")


def _metrics(shipped: Shipped, names: Sequence[str], tables: Sequence[pd.DataFrame]) -> list[float]:
    """The metric of each table, of which it sees the named columns alone. Raises CallError."""
    found: list[float] = []
    for start in range(0, len(tables), TOGETHER):
        some = tables[start : start + TOGETHER]
        values = shipped.map("metric", [(table[list(names)].reset_index(drop=True),) for table in some])
        shown = [(f"{len(table):,} sessions",) for table in some]
        found += [expect.number(value, "metric", args) for value, args in zip(values, shown, strict=True)]
    return found


def _values(both: Sequence[Shipped], names: Sequence[str], tables: Sequence[pd.DataFrame], seed: int) -> list[float]:
    """The metric of each table; two processes are asked in other orders, so that nothing comes of remembering."""
    import numpy as np

    runs = []
    for number, shipped in enumerate(both):
        order = np.random.default_rng([seed, number]).permutation(len(tables)).tolist()
        values = _metrics(shipped, names, [tables[k] for k in order])
        runs.append([value for _, value in sorted(zip(order, values, strict=True))])
    if runs[0] != runs[1]:
        raise CallError("`metric` gave another number for the same sessions when it was asked in another order.")
    return runs[0]


def _cases(holdout: Holdout, count: int, *, far: bool = False) -> Iterator[Case]:
    """`count` logs of each campaign, always the same for a hold-out."""
    import numpy as np

    from course.units.f06_feed_metrics import logs

    for number, shop in enumerate(holdout.truth["shops"]):
        rng = np.random.default_rng([holdout.seed, number, far])
        yield from logs.cases(shop, count, rng, logs.FAR if far else logs.USUAL)


def _intervals(ship: Ship, cases: Iterator[Case]) -> tuple[float, float]:
    """Share of intervals that hold the true value; mean of half their widths, in true values."""
    hits, halves, total = 0, 0.0, 0
    with ship.open() as shipped:
        while some := list(islice(cases, LOGS_TOGETHER)):
            for case, (_, low, high) in zip(some, _answers(shipped, some), strict=True):
                hits += low <= case.value <= high
                halves += (high - low) / 2 / case.value
                total += 1
    return hits / total, halves / total


def _answers(shipped: Shipped, cases: Sequence[Case]) -> list[tuple[float, float, float]]:
    """Value and interval of each case. Raises CallError for anything that is none."""
    found = []
    for case, said in zip(cases, shipped.map("offline_value", [(c.log, c.policy) for c in cases]), strict=True):
        args = (f"{len(case.log):,} rows", f"{case.policy.shape[1]} items")
        value, low, high = (
            expect.number(one, "offline_value", args) for one in expect.sequence(said, 3, "offline_value", args)
        )
        if not low <= value <= high:
            raise CallError(mismatch("offline_value", args, said, "low <= value <= high"))
        found.append((value, low, high))
    return found


def _odd_tables(table: pd.DataFrame) -> list[pd.DataFrame]:
    """One session; people who did nothing at all; newcomers."""
    idle = table.copy()
    idle[["clicks", "quick_backs", "finished", "hides", "shares", "dwell_s", "survey"]] = 0
    return [table.head(1), idle, table.assign(visits_before=table["visits_before"] * 0)]


def _odd_cases(case: Case) -> list[Case]:
    """A usual log; one without a reward; one where everything was rewarded; few rows; a policy that shows one item."""
    from dataclasses import replace

    import numpy as np

    one = np.zeros_like(case.policy)
    one[:, int(case.log["item"].mode()[0])] = 1
    return [
        case,
        replace(case, log=case.log.assign(reward=case.log["reward"] * 0)),
        replace(case, log=case.log.assign(reward=case.log["reward"] * 0 + 1)),
        replace(case, log=case.log.head(40), policy=case.policy[:40]),
        replace(case, policy=one),
    ]


UNIT = FeedMetrics()
