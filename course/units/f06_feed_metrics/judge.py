"""What a module says about tables and logs, checked; and what that is worth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pandas as pd

from course.contract.artifacts.modules import Ship
from course.contract.processes import expect
from course.contract.processes.calls import CallError, Shipped, mismatch
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import Measurement, Term
from course.units.f06_feed_metrics import logs
from course.units.f06_feed_metrics.logs import Case
from course.units.f06_feed_metrics.rankers import WIDTHS, Trial
from course.units.kit.replay import Replay

#: Sessions of the pieces in which arms are measured; sessions that one arm of a test gets in a day.
PIECE, TRAFFIC = 400, 600
#: Percentage points of retention that a test must see; standard errors that it must see (5 % false alarms on both
#: sides, 80 % power).
POINTS, ERRORS = 1.0, 1.96 + 0.84
#: What the arms of a small change differ in, in the order of `rankers.changes`.
CHANGES = ("better fit", "less bait", "less annoyance")
#: Days until it is known after how many hours a reader came back.
WAIT = 7
#: Tables or logs of one exchange.
TOGETHER, LOGS_TOGETHER = 24, 5


def columns(shipped: Shipped) -> list[str]:
    """The columns that the metric reads, checked. Raises CallError."""
    said = shipped.call("columns")
    named = said if isinstance(said, list | tuple) else [said]
    for name in named:
        expect.one_of(name, list(WIDTHS), "columns")
    if not named or len(set(named)) < len(named):
        raise CallError(mismatch("columns", (), said, "a list of names, each once"))
    return list(named)


def metrics(shipped: Shipped, names: Sequence[str], tables: Sequence[pd.DataFrame]) -> list[float]:
    """The metric of each table, of which it sees the named columns alone. Raises CallError."""
    found: list[float] = []
    for start in range(0, len(tables), TOGETHER):
        some = tables[start : start + TOGETHER]
        values = shipped.map("metric", [(table[list(names)].reset_index(drop=True),) for table in some])
        shown = [(f"{len(table):,} sessions",) for table in some]
        found += [expect.number(value, "metric", args) for value, args in zip(values, shown, strict=True)]
    return found


@dataclass(frozen=True)
class Asked:
    """Two processes that are asked in other orders, so that nothing comes of remembering."""

    both: Sequence[Shipped]
    names: Sequence[str]
    seed: int

    def __call__(self, tables: Sequence[pd.DataFrame]) -> list[float]:
        """The metric of each table. Raises CallError."""
        runs = []
        for number, shipped in enumerate(self.both):
            order = np.random.default_rng([self.seed, number]).permutation(len(tables)).tolist()
            values = metrics(shipped, self.names, [tables[k] for k in order])
            runs.append([value for _, value in sorted(zip(order, values, strict=True))])
        if runs[0] != runs[1]:
            raise CallError("`metric` gave another number for the same sessions when it was asked in another order.")
        return runs[0]


def ranks(asked: Asked, trial: Trial, sessions: int) -> Measurement:
    """Spearman's rank correlation of the metric with retention; 0 for a metric that never changes. Raises CallError."""
    from scipy.stats import spearmanr

    values = asked(list(trial.tables(sessions)))
    return Measurement(float(spearmanr(values, trial.retention).statistic) if np.ptp(values) > 0 else 0.0)


def days(asked: Sequence[float], points: float, late: bool, term: Term, public: bool) -> Measurement:
    """Days of traffic after which a test sees the slowest of three small changes, each worth a point.

    `asked` are the metrics of the arms' pieces, one arm after another; their retention differs by `points`. A metric
    that is known `late` waits for it.
    """
    values = np.reshape(asked, (len(CHANGES) + 1, -1))
    noise = float(values.var(axis=1, ddof=1).mean()) * PIECE
    moved = (values[1:].mean(axis=1) - values[0].mean()) * POINTS / points
    if moved.min() <= 0 or noise <= 0:
        why = "moves down" if moved.min() < 0 else "does not move"
        which = CHANGES[int(moved.argmin())]
        return Measurement(None, f"The change to {which} is never seen: the metric {why}.", "broken")
    needed = 2 * noise * (ERRORS / moved) ** 2 / TRAFFIC + (WAIT if late else 0)
    note = "" if term.keeps(needed.max()) or not late else f"`gap_h` is known {WAIT} days late."
    told = ", ".join(f"{what} {day:,.1f}" for what, day in zip(CHANGES, needed, strict=True))
    return Measurement(float(needed.max()), note, aside=told if public else "")


def cases(holdout: Holdout, count: int, *, far: bool = False) -> Iterator[Case]:
    """`count` logs of each campaign, always the same for a hold-out."""
    for number, shop in enumerate(holdout.truth["shops"]):
        rng = np.random.default_rng([holdout.seed, number, far])
        yield from logs.cases(shop, count, rng, logs.FAR if far else logs.USUAL)


def intervals(ship: Ship, some: Iterator[Case]) -> tuple[float, float]:
    """Share of intervals that hold the true value; mean of half their widths, in true values. Raises CallError."""
    hits, halves, total = 0, 0.0, 0
    with ship.open() as shipped:
        while together := list(islice(some, LOGS_TOGETHER)):
            for case, (_, low, high) in zip(together, answers(shipped, together), strict=True):
                hits += low <= case.value <= high
                halves += (high - low) / 2 / case.value
                total += 1
    return hits / total, halves / total


def answers(shipped: Shipped, cases: Sequence[Case]) -> list[tuple[float, float, float]]:
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


def replayed_ranks(ship: Ship, trial: Trial, sessions: int, seed: int) -> Replay:
    """Rankers by how far the metric places them from where they belong. Raises CallError."""
    with ship.open() as shipped, ship.open() as other:
        asked = Asked((shipped, other), columns(shipped), seed)
        values = asked(list(trial.tables(sessions)))
    means = trial.sessions.groupby(np.repeat(np.arange(len(values)), sessions)).mean()
    table = pd.DataFrame({"ranker": range(len(values)), "metric": values, "kept, %": (100 * trial.retention).round(2)})
    table["place by metric"], table["place"] = (table[name].rank(ascending=False) for name in ("metric", "kept, %"))
    table["off by"] = (table["place by metric"] - table["place"]).abs()
    table = table.join(means[["clicks", "quick_backs", "finished", "hides", "shares", "visits_before"]].round(2))
    table = table.sort_values("off by", ascending=False, kind="stable")
    said = (
        f"Of {len(values)} rankers {int((table['off by'] >= 5).sum())} are five places or more from where they belong."
    )
    return Replay("Rankers, the worst placed first", tuple(table), table.to_numpy().tolist(), said)


def replayed_logs(ship: Ship, some: Sequence[Case], name: str) -> Replay:
    """The intervals of a campaign's logs beside the true values. Raises CallError."""
    rows = []
    with ship.open() as shipped:
        for start in range(0, len(some), LOGS_TOGETHER):
            together = some[start : start + LOGS_TOGETHER]
            for case, (value, low, high) in zip(together, answers(shipped, together), strict=True):
                weight = case.policy[np.arange(len(case.log)), case.log["item"]] / case.log["propensity"]
                figures = (round(one, 4) for one in (case.value, value, low, high))
                rows.append(
                    (len(rows), *figures, "" if low <= case.value <= high else "missed", round(weight.max(), 1))
                )
    heads = ("log", "true value", "value", "low", "high", "", "largest weight")
    missed = sum(row[5] == "missed" for row in rows)
    return Replay(
        f"Logs of the campaign {name}", heads, rows, f"{missed} of {len(rows)} intervals miss the true value."
    )
