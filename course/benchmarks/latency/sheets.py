"""The study's records as tables: plain columns and rows, shown by rich in the terminal and as Markdown on the page."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from course.benchmarks.latency import stats
from course.benchmarks.latency.naive import METHODS
from course.benchmarks.latency.study import CLEAR, LOADS, NEAR, QUIET, Record


@dataclass(frozen=True)
class Sheet:
    """A table of text. The first column is words, the others are figures."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def rich(self):
        """For the terminal."""
        from rich.table import Table

        made = Table(title=self.title, title_justify="left")
        for k, name in enumerate(self.columns):
            made.add_column(name, justify="right" if k else "left")
        for row in self.rows:
            made.add_row(*row)
        return made

    def markdown(self) -> str:
        """For the page."""
        lines = [self.columns, ("---", *("---:",) * (len(self.columns) - 1)), *self.rows]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def by_load(records: Sequence[Record]) -> Sheet:
    """Verdicts by load and position, with bounds and times; the last rows are all loads together."""
    columns = ("Load", "Stands at", "Gradings", "Kept", "Too close", "Broken", "Wrong", "Upper 95 %", "By the spread",
               "Median s", "Longest s")  # fmt: skip
    known, rows = stats.errors(records), []
    for load, chosen in _by_load(stats.graded(records)):
        for position in sorted({record.position for record in chosen}):
            some = [record for record in chosen if record.position == position]
            rows.append((load, f"{position:g}", *_cells(stats.count(some, known))))
    for words, near in (("0.75 and 1.33", CLEAR), ("0.9 and 1.1", NEAR)):
        some = [record for record in stats.graded(records) if record.position in near]
        if some:
            rows.append(("all loads", words, *_cells(stats.count(some, known))))
    return Sheet("Verdicts", columns, tuple(rows))


def _cells(count: stats.Count) -> tuple[str, ...]:
    whole = (count.n, count.kept, count.close, count.broken, count.wrong)
    times = f"{count.seconds:.1f}", f"{count.most_seconds:.1f}"
    return (*(f"{n:,}" for n in whole), f"{count.bound:.2%}", _small(count.implied), *times)


def beside(records: Sequence[Record]) -> Sheet:
    """Wrong verdicts: the protocol's and those of the naive methods, on the same work."""
    naive, rows = stats.naive_errors(records), []
    every = stats.clear(records)
    near = [record for record in stats.graded(records) if record.position in NEAR]
    for load, chosen in (*_by_load(every), ("all loads", every), ("all loads, 10 % from the budget", near)):
        if not chosen:
            continue
        ids = {id(record) for record in chosen}
        found = [[pair for pair in naive[method] if id(pair[0]) in ids] for method in METHODS]
        ours = sum(stats.is_wrong(record.verdict, record.position) for record in chosen)
        wrong = [f"{stats.naive_wrong(pairs) / len(pairs):.1%}" for pairs in found]
        rows.append((load, f"{len(chosen):,}", f"{ours / len(chosen):.1%}", *wrong))
    columns = ("Load", "Gradings", "The protocol", *(name.capitalize() for name in METHODS))
    return Sheet("Wrong verdicts 25 % from the budget, by method", columns, tuple(rows))


def by_model(records: Sequence[Record]) -> Sheet:
    """Each model's cost and how far its gradings were from it: the worst load's mean and the largest spread."""
    known, rows = stats.errors(records), []
    for quiet in (record for record in records if record.load == QUIET):
        found = {load: known[quiet.subject, load] for load in LOADS if len(known.get((quiet.subject, load), ())) > 2}
        chosen = [record for record in stats.clear(records) if record.subject == quiet.subject]
        if not chosen or not found:
            continue
        means = [statistics.mean(logs) for logs in found.values()]
        spread = max(statistics.stdev(logs) for logs in found.values())
        wrong = sum(stats.is_wrong(record.verdict, record.position) for record in chosen)
        bias = math.expm1(max(means, key=abs))
        cells = f"{quiet.ratio:.2f}", f"{len(chosen)}", f"{wrong}", f"{bias:+.1%}", f"{spread:.1%}"
        rows.append((f"{quiet.model} ({quiet.family})", f"{quiet.machine}", *cells))
    columns = ("Model", "Machine", "Cost", "Gradings", "Wrong", "Worst load's bias", "Largest spread")
    return Sheet("Models, 25 % from the budget (cost in calibration models)", columns, tuple(rows))


def in_short(records: Sequence[Record]) -> list[str]:
    """The study in a few sentences."""
    known, every = stats.errors(records), stats.clear(records)
    if not every:
        return ["There is no grading 25 % from its budget yet."]
    count = stats.count(every, known)
    off = [abs(math.expm1(error)) for errors in known.values() for error in errors]
    toward, away = (math.expm1(most) for most in stats.one_way(records))
    loaded = [record for record in every if record.load != "idle"] or every
    machines = sorted({record.machine for record in records})
    where = f"{len(machines)} machine{'s' * (len(machines) > 1)}"
    return [
        f"{count.n:,} gradings in fresh processes on {where} at 25 % or more from the budget: "
        f"{count.wrong} wrong, {count.close} too close to call ({count.close / count.n:.1%}).",
        f"With 95 % confidence the rate of wrong verdicts is at most {count.bound:.2%}; errors that were normal, with "
        f"the bias and spread measured for each model and load, would make it {_small(count.implied)}.",
        f"The ratio that a grading found was off by {statistics.median(off):.1%} (median) and at most {max(off):.1%}.",
        f"Large errors go one way, towards a ratio of 1: at most {toward:.1%} that way, at most {away:.1%} the other.",
        f"Median wall time to a verdict under load: {_times(loaded)}; the longest took {count.most_seconds:.1f} s.",
        *(
            f"Of the smaller model of each family on machine {number}: "
            f"{_times([r for r in loaded if r.machine == number and r.model in _smaller(records)])}."
            for number in machines
        ),
    ]


def _times(records: Sequence[Record]) -> str:
    kept, broken = ([r for r in records if r.verdict == verdict] for verdict in ("kept", "broken"))
    return f"{_seconds(kept)} for kept, {_seconds(broken)} for broken (found twice), {_seconds(records)} for both"


def _smaller(records: Sequence[Record]) -> set[str]:
    """The first model of each family: the reference values come in that order."""
    first: dict[str, str] = {}
    for record in records:
        first.setdefault(record.family, record.model)
    return set(first.values())


def _seconds(records: Sequence[Record]) -> str:
    return f"{statistics.median(record.seconds for record in records):.1f} s" if records else "-"


def _by_load(records: Iterable[Record]) -> list[tuple[str, list[Record]]]:
    records = list(records)
    found = [(load, [record for record in records if record.load == load]) for load in LOADS]
    return [(load, chosen) for load, chosen in found if chosen]


def _small(rate: float) -> str:
    """A rate as a share; very small ones as a power of ten."""
    if math.isnan(rate):
        return "-"
    if rate >= 1e-4:
        return f"{rate:.2%}"
    return "under 1e-12" if rate < 1e-12 else f"{rate:.0e}"
