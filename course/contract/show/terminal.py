"""A Report as a table in the terminal; without colours when it is piped."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from course.contract.report import Report
from course.contract.show import SIGNS, summary

_STYLES = {"kept": "green", "too close to call": "yellow", "broken": "bold red", "not attempted": "dim"}


def show(report: Report, console: Console) -> None:
    """Print the report's summary, its clauses, and advice for those that are not kept."""
    table = Table(title=f"{report.unit}, {report.holdout} hold-out", title_justify="left", expand=False)
    for head in ("Clause", "Measured", "Asked for", "Against the budget", "Verdict", "Points"):
        table.add_column(head, justify="right" if head == "Points" else "left")
    for clause in report.clauses:
        table.add_row(
            clause.title,
            clause.shown + (f"\n({clause.aside})" if clause.aside else ""),
            clause.asked,
            clause.distance,
            f"{SIGNS[clause.verdict]} {clause.verdict}",
            f"{clause.points:g}/{clause.worth:g}" if clause.worth else "–",
            style=_STYLES[clause.verdict] if clause.verdict != "kept" else None,
        )
    console.print(table)
    said = set()
    for clause in report.clauses:
        if clause.advice and clause.advice not in said:
            said.add(clause.advice)
            console.print(f"{SIGNS[clause.verdict]} {clause.name}: {clause.advice}", highlight=False, markup=False)
    console.print(summary(report), highlight=False)
