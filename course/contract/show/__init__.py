"""A Report for people: `page` (HTML), `terminal` (rich), `picture` (matplotlib). Nothing here measures."""

from __future__ import annotations

from course.contract.terms.report import EARNS, Clause, Report

#: A sign and a word for every verdict, so that colour is never the only sign.
SIGNS = {"kept": "✓", "too close to call": "≈", "broken": "✗", "not measured": "?", "not attempted": "○"}
#: What a learner reads: before grading nothing is broken for good.
#: Signs of where a learner stands in a unit or a step.
STANDING = {"kept": "✓", "not yet": "✗", "not attempted": "○"}
WORDS = {"kept": "kept", "too close to call": "kept (too close to call)", "broken": "not yet"}
#: Colours by theme. Text has a contrast of at least 4.5 : 1 on paper, bars of at least 3 : 1 on their track.
THEMES = {
    "light": {
        "paper": "#ffffff",
        "ink": "#1b1f24",
        "faint": "#434a54",
        "line": "#c9ced6",
        "track": "#e6e9ee",
        "kept": "#1a7337",
        "too close to call": "#7a5b00",
        "broken": "#b3261e",
        "not measured": "#6b3fa0",
        "not attempted": "#5b6470",
    },
    "dark": {
        "paper": "#1d2127",
        "ink": "#e8ebf0",
        "faint": "#b6beca",
        "line": "#4b535f",
        "track": "#373e48",
        "kept": "#6fd08c",
        "too close to call": "#e3c15a",
        "broken": "#ff9a90",
        "not measured": "#c9a7f5",
        "not attempted": "#aab3bf",
    },
}


def heads_of(par: object) -> list[str]:
    """Heads of a table of clauses; with `par` also of what the reference reaches.

    The verdict comes early: in a narrow pane the last columns have to be scrolled to.
    """
    return ["Clause", "Verdict", "Points", "Measured", "Asked for", *(["Par"] if par else []), "Against the budget"]


def word(clause: Clause, holdout: str) -> str:
    """A clause's verdict in a word or two."""
    return WORDS.get(clause.verdict, clause.verdict) if holdout == "public" else clause.verdict


def summary(report: Report) -> str:
    """Where the submission stands, and what is still to come."""
    clauses = report.clauses
    if all(clause.verdict == "not attempted" for clause in clauses):
        return "○ Not attempted yet. Nothing is wrong: work through the notebook, then check again."
    kept = sum(clause.verdict in EARNS for clause in clauses)
    if report.holdout == "private":
        points = f"{report.points:g} of {report.worth:g} points"
        return f"{kept} of {len(clauses)} clauses kept on the private hold-out, {points}."
    if kept < len(clauses):
        return f"✗ Not yet: {kept} of {_checks(len(clauses))} kept."
    coming = f"; {report.to_come} hidden {'check runs' if report.to_come == 1 else 'checks run'} at grading"
    return f"✓ {'All ' * (kept > 1)}{_checks(kept)} kept{coming if report.to_come else ''}."


def _checks(number: int) -> str:
    return f"{number} public {'check' if number == 1 else 'checks'}"
