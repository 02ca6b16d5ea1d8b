"""A learner's record as a page to print: what was kept, with which figures, and what was looked at before."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from course.contract.show import STANDING
from course.contract.show.page import document, grid, paragraph, row
from course.learning.overview import Standing
from course.package import VERSION


def keepsake(standings: Sequence[Standing]) -> str:
    """The page; units that nobody has touched are only counted."""
    touched = [one for one in standings if one.state != "not attempted"]
    kept = sum(one.state == "kept" for one in standings)
    rows = "".join(row(f"{one.unit}: {one.title}", *_cells(one)) for one in touched)
    said = (
        "Public checks of the course, kept by the learner's own machine. Hidden hold-outs and memos are no part of it, "
        f"and nobody has confirmed it. Version {VERSION} of the course."
    )
    return document(
        "Under Budget: what I have kept",
        paragraph(f"{kept} of {len(standings)} units kept; {len(standings) - len(touched)} not begun."),
        grid(("Unit", "State", "Checks", "Best figures", "Attempts and help"), rows, "Units that were begun"),
        paragraph(said, faint=True),
    )


def _cells(one: Standing) -> tuple[str, ...]:
    best = "<br>".join(escape(f"{title}: {shown}") for title, shown in one.best.items()) or "–"
    tried = sum(one.attempts.values())
    help_ = [f"{tried} attempt{'s' * (tried != 1)}"]
    if one.hints:
        help_.append(f"{one.hints} hint{'s' * (one.hints != 1)}")
    if one.solutions:
        help_.append(f"solution seen before: {', '.join(one.solutions)}")
    return (
        escape(f"{STANDING[one.state]} {one.state}"),
        f"{one.kept} of {one.of}",
        best,
        escape("; ".join(help_)),
    )
