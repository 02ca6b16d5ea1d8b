"""A Report as a table in the terminal; without colours when it is piped."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from course.contract.show import SIGNS, summary, word
from course.contract.terms.report import Report

_STYLES = {"kept": "green", "too close to call": "yellow", "broken": "bold red", "not attempted": "dim"}


def show(report: Report, console: Console, said: Iterable[str] = ()) -> None:
    """Print the report's clauses, advice for those that are not kept, its summary, and sentences to end with."""
    title = f"{report.unit}, {report.holdout} hold-out"
    if any(clause.verdict != "not attempted" for clause in report.clauses):
        console.print(_table(report, title))
    else:
        console.print(title)
    told = set()
    for clause in report.clauses:
        if clause.advice and clause.advice not in told:
            told.add(clause.advice)
            console.print(f"{SIGNS[clause.verdict]} {clause.name}: {clause.advice}", highlight=False, markup=False)
    for sentence in (summary(report), *said):
        console.print(sentence, highlight=False, markup=False)


def _table(report: Report, title: str) -> Table:
    table = Table(title=title, title_justify="left", expand=False)
    for head in ("Clause", "Measured", "Asked for", "Against the budget", "Verdict", "Points"):
        table.add_column(head, justify="right" if head == "Points" else "left")
    for clause in report.clauses:
        table.add_row(
            clause.title,
            clause.shown + (f"\n({clause.aside})" if clause.aside else ""),
            clause.asked,
            clause.distance,
            f"{SIGNS[clause.verdict]} {word(clause, report.holdout)}",
            f"{clause.points:g}/{clause.worth:g}" if clause.worth else "–",
            style=_STYLES[clause.verdict] if clause.verdict != "kept" else None,
        )
    return table
