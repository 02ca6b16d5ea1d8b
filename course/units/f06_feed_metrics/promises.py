"""Four promises of the contract. All raise CallError where they are broken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from course.contract.artifacts.modules import Ship
from course.contract.processes.calls import CallError, Shipped
from course.units.f06_feed_metrics.judge import answers, columns, metrics
from course.units.f06_feed_metrics.logs import Case
from course.units.kit import judges


def _odd_tables(table: pd.DataFrame) -> list[pd.DataFrame]:
    """One session; people who did nothing at all; newcomers."""
    idle = table.copy()
    idle[["clicks", "quick_backs", "finished", "hides", "shares", "dwell_s", "survey"]] = 0
    return [table.head(1), idle, table.assign(visits_before=table["visits_before"] * 0)]


def odd_cases(case: Case) -> list[Case]:
    """A usual log; one without a reward; one where everything was rewarded; few rows; a policy that shows one item."""
    one = np.zeros_like(case.policy)
    one[:, int(case.log["item"].mode()[0])] = 1
    return [
        case,
        replace(case, log=case.log.assign(reward=case.log["reward"] * 0)),
        replace(case, log=case.log.assign(reward=case.log["reward"] * 0 + 1)),
        replace(case, log=case.log.head(40), policy=case.policy[:40]),
        replace(case, policy=one),
    ]


def _numbers(ship: Ship, shipped: Shipped, tables: Sequence[pd.DataFrame], cases: Sequence[Case]) -> None:
    metrics(shipped, columns(shipped), [*tables, *_odd_tables(tables[0])])


def _intervals(ship: Ship, shipped: Shipped, tables: Sequence[pd.DataFrame], cases: Sequence[Case]) -> None:
    answers(shipped, cases)


def _order(ship: Ship, shipped: Shipped, tables: Sequence[pd.DataFrame], cases: Sequence[Case]) -> None:
    names = columns(shipped)
    mixed = [table.sample(frac=1, random_state=1)[list(table.columns[::-1])] for table in tables]
    pairs = zip(metrics(shipped, names, tables), metrics(shipped, names[::-1], mixed), strict=True)
    if not all(abs(one - two) <= 1e-6 * max(abs(one), abs(two)) for one, two in pairs):
        raise CallError("`metric` gave another number for the same sessions in another order.")


def _again(ship: Ship, shipped: Shipped, tables: Sequence[pd.DataFrame], cases: Sequence[Case]) -> None:
    def everything(where: Shipped) -> list:
        names = columns(where)
        return [names, metrics(where, names, tables), answers(where, cases[:1])]

    judges.twice(ship, shipped, everything, "The same arguments gave other answers")


PROMISES = (_numbers, _intervals, _order, _again)
