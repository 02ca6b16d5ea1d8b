"""Counting verdicts, and what may be said about a rate after so many of them. Pure functions of records."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from course.benchmarks.latency.naive import METHODS
from course.benchmarks.latency.study import CLEAR, QUIET, Record


def upper_bound(wrong: int, n: int, coverage: float = 0.95) -> float:
    """The one-sided Clopper-Pearson bound: the rate at which `wrong` of `n` or fewer would be seen in 5 % of studies.

    Raises ValueError unless 0 <= wrong <= n and n > 0.
    """
    if not 0 <= wrong <= n or not n:
        raise ValueError(f"{wrong} of {n} is no rate")
    if wrong == n:
        return 1.0
    from scipy.special import betaincinv

    return float(betaincinv(wrong + 1, n - wrong, coverage))


def is_wrong(verdict: str, position: float) -> bool:
    """True for "broken" below the budget and "kept" above it. "Too close to call" is never wrong."""
    return verdict == ("broken" if position < 1 else "kept")


def tail(position: float, bias: float, spread: float) -> float:
    """The chance that a normal log ratio with this bias and standard deviation lies on the wrong side of the budget."""
    off = math.log(position) + bias
    return statistics.NormalDist().cdf((off if position < 1 else -off) / max(spread, 1e-12))


@dataclass(frozen=True)
class Count:
    """Gradings and their verdicts. `seconds` and `most_seconds`: median and longest wall time to a verdict.

    `implied` is the chance of a wrong verdict if log ratios were normal with the bias and spread that they had, the
    mean over models and loads; NaN where there are too few records to tell a spread.
    """

    n: int
    kept: int
    close: int
    broken: int
    wrong: int
    bound: float
    implied: float
    seconds: float
    most_seconds: float


def graded(records: Iterable[Record]) -> list[Record]:
    """The records without the quiet reference values."""
    return [record for record in records if record.load != QUIET]


def clear(records: Iterable[Record]) -> list[Record]:
    """The gradings at 25 % or more from the budget."""
    return [record for record in graded(records) if record.position in CLEAR]


Errors = dict[tuple[tuple[int, str], str], list[float]]


def errors(records: Iterable[Record]) -> Errors:
    """(subject, load) -> logs of the ratios that its gradings found over its true ratio, which set the budgets."""
    records = list(records)
    truth = {record.subject: record.ratio for record in records if record.load == QUIET}
    found: Errors = {}
    for record in graded(records):
        found.setdefault((record.subject, record.load), []).append(math.log(record.ratio / truth[record.subject]))
    return found


def one_way(records: Iterable[Record]) -> tuple[float, float]:
    """The largest errors, as logs, towards a ratio of 1 and away from it.

    What disturbs both models alike adds to both costs and so moves their ratio towards 1, and no further.
    """
    records = list(records)
    truth = {record.subject: math.log(record.ratio) for record in records if record.load == QUIET}
    # Positive where a cheap model looks dearer or a dear one cheaper than it is.
    moves = [-math.copysign(error, error * truth[m]) for (m, _), logs in errors(records).items() for error in logs]
    return max(max(moves, default=0.0), 0.0), max(-min(moves, default=0.0), 0.0)


def count(chosen: Sequence[Record], all_errors: Errors) -> Count:
    """Count the chosen gradings, at least one. `all_errors` is from `errors` and of all records."""
    verdicts = Counter(record.verdict for record in chosen)
    wrong = sum(is_wrong(record.verdict, record.position) for record in chosen)
    tails = []
    for record in chosen:
        found = all_errors[record.subject, record.load]
        if len(found) > 2:
            tails.append(tail(record.position, statistics.mean(found), statistics.stdev(found)))
    return Count(
        n=len(chosen),
        kept=verdicts["kept"],
        close=verdicts["too close to call"],
        broken=verdicts["broken"],
        wrong=wrong,
        bound=upper_bound(wrong, len(chosen)),
        implied=statistics.mean(tails) if tails else math.nan,
        seconds=statistics.median(record.seconds for record in chosen),
        most_seconds=max(record.seconds for record in chosen),
    )


def naive_errors(records: Sequence[Record]) -> dict[str, list[tuple[Record, float]]]:
    """Method -> each grading with the log of that method's estimate over its own quiet value for the model."""
    columns = [name.replace(" ", "_") for name in METHODS]
    truth = {record.subject: record for record in records if record.load == QUIET}
    return {
        method: [
            (record, math.log(getattr(record, column) / getattr(truth[record.subject], column)))
            for record in graded(records)
        ]
        for method, column in zip(METHODS, columns, strict=True)
    }


def naive_wrong(found: Sequence[tuple[Record, float]]) -> int:
    """How many would get a wrong verdict: two values only, kept up to the budget and broken beyond it."""
    return sum((record.position < 1) == (math.log(record.position) + error > 0) for record, error in found)
