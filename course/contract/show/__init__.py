"""A Report for people: `page` (HTML), `terminal` (rich), `picture` (matplotlib). Nothing here measures."""

from __future__ import annotations

#: A sign and a word for every verdict, so that colour is never the only sign.
SIGNS = {"kept": "✓", "too close to call": "≈", "broken": "✗", "not attempted": "○"}
#: Foreground colours with a contrast of at least 4.5 : 1 on white.
COLOURS = {"kept": "#1a7337", "too close to call": "#7a5b00", "broken": "#b3261e", "not attempted": "#5b6470"}


def summary(report) -> str:
    """One sentence on where the submission stands."""
    clauses = report.clauses
    if all(clause.verdict == "not attempted" for clause in clauses):
        return "Not attempted yet. Nothing is wrong; work through the cells above, then run this one again."
    kept = sum(clause.verdict in ("kept", "too close to call") for clause in clauses)
    text = f"{kept} of {len(clauses)} clauses kept on the {report.holdout} hold-out"
    text += f", {report.points:g} of {report.worth:g} points." if report.holdout == "private" else "."
    if report.to_come:
        text += f" {report.to_come} more are measured only at grading, on data nobody has seen."
    return text
