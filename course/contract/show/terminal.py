"""A Report as a table in the terminal; without colours when it is piped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from rich.console import Console
from rich.table import Table

from course.contract.show import SIGNS, heads_of, summary, word
from course.contract.terms.report import Report
from course.problem import readable

_STYLES = {
    "kept": "green",
    "too close to call": "yellow",
    "broken": "bold red",
    "not measured": "magenta",
    "not attempted": "dim",
}


def show(
    report: Report, console: Console, said: Iterable[str] = (), par: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Print the report's clauses, advice for those that are not kept, its summary, and sentences to end with.

    `par` is what the reference reaches, by clause; where there is any it has a column.
    """
    title = f"{report.unit}, {report.holdout} hold-out"
    if any(clause.verdict != "not attempted" for clause in report.clauses):
        console.print(_table(report, title, par))
    else:
        console.print(title)
    told = set()
    for clause in report.clauses:
        if clause.advice and clause.advice not in told:
            told.add(clause.advice)
            _say(console, f"{SIGNS[clause.verdict]} {clause.name}: {clause.advice}")
    for sentence in (summary(report), *said):
        _say(console, sentence)


def _say(console: Console, words: str) -> None:
    """Print what may quote a submission: nothing in it is obeyed by the terminal."""
    console.print("\n".join(readable(line, 2_000) for line in words.splitlines()), highlight=False, markup=False)


def _table(report: Report, title: str, par: Mapping[str, str]) -> Table:
    table = Table(title=title, title_justify="left", expand=False)
    for head in heads_of(par):
        table.add_column(head, justify="right" if head == "Points" else "left")
    for clause in report.clauses:
        table.add_row(
            clause.title,
            f"{SIGNS[clause.verdict]} {word(clause, report.holdout)}",
            f"{clause.points:g}/{clause.worth:g}" if clause.worth else "–",
            clause.shown + (f"\n({clause.aside})" if clause.aside else ""),
            clause.asked,
            *([par.get(clause.name, "")] if par else []),
            clause.distance,
            style=_STYLES[clause.verdict] if clause.verdict != "kept" else None,
        )
    return table
