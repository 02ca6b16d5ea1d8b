"""A Report as HTML: one self-contained fragment with inline styles, for notebooks and feedback pages."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from html import escape

from course.contract.report import Clause, Report
from course.contract.show import COLOURS, SIGNS, summary

_CELL = "padding:6px 10px;text-align:left;vertical-align:top;border-bottom:1px solid #c9ced6;white-space:normal"
_CARD = (
    "background:#fff;color:#1b1f24;border:1px solid #c9ced6;border-radius:6px;padding:12px 14px;"
    "max-width:60rem;font-family:system-ui,sans-serif;font-size:14px;line-height:1.45;overflow-x:auto"
)


def page(report: Report, *, only: Iterable[str] = (), picture: bytes | None = None, alt: str = "") -> str:
    """The report as an HTML fragment.

    Parameters
    ----------
    only : names of the clauses to show; all of them by default.
    picture : a PNG to show below the table, with `alt` as its text.
    """
    chosen = list(only)
    clauses = [clause for clause in report.clauses if not chosen or clause.name in chosen]
    lead = _verdict(clauses[0]) if len(clauses) == 1 else escape(summary(report))
    parts = [f'<div class="course-report" style="{_CARD}"><p style="margin:0 0 8px"><strong>{lead}</strong></p>']
    if any(clause.verdict != "not attempted" for clause in clauses):
        parts.append(_table(report, clauses))
    else:
        parts += [
            f'<p style="margin:0">{escape(text)}</p>' for text in dict.fromkeys(c.advice for c in clauses) if text
        ]
    if picture:
        data = base64.b64encode(picture).decode()
        parts.append(
            f'<img alt="{escape(alt)}" src="data:image/png;base64,{data}" '
            'style="max-width:100%;margin-top:10px;background:#fff">'
        )
    return "".join(parts) + "</div>"


def _verdict(clause: Clause) -> str:
    return (
        f'<span style="color:{COLOURS[clause.verdict]}">{SIGNS[clause.verdict]} {clause.verdict}</span>: '
        f"{escape(clause.title)}, {clause.points:g} of {clause.worth:g} points"
    )


def _table(report: Report, clauses: list[Clause]) -> str:
    heads = ("Clause", "Measured", "Asked for", "Against the budget", "Verdict", "Points")
    head = "".join(f'<th scope="col" style="{_CELL}">{text}</th>' for text in heads)
    rows = "".join(_row(clause) for clause in clauses)
    caption = f"{escape(report.unit)}: each clause of the contract on the {escape(report.holdout)} hold-out"
    return (
        '<table style="border-collapse:collapse;width:100%;font-size:inherit;color:inherit;background:#fff">'
        f'<caption style="text-align:left;padding:0 10px 4px;color:#434a54;caption-side:top">{caption}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _row(clause: Clause) -> str:
    advice = f'<br><span style="color:#434a54">{escape(clause.advice)}</span>' if clause.advice else ""
    aside = f'<br><span style="color:#434a54">{escape(clause.aside)}</span>' if clause.aside else ""
    sign = SIGNS[clause.verdict]
    cells = [
        f'<th scope="row" style="{_CELL};font-weight:600">{escape(clause.title)}{advice}</th>',
        f'<td style="{_CELL}">{escape(clause.shown)}{aside}</td>',
        f'<td style="{_CELL}">{escape(clause.asked)}</td>',
        f'<td style="{_CELL};min-width:9rem">{_bar(clause)}</td>',
        f'<td style="{_CELL};color:{COLOURS[clause.verdict]};font-weight:600">{sign} {clause.verdict}</td>',
        f'<td style="{_CELL}">{clause.points:g} of {clause.worth:g}</td>'
        if clause.worth
        else f'<td style="{_CELL}">–</td>',
    ]
    return f'<tr style="background:#fff">{"".join(cells)}</tr>'


def _bar(clause: Clause) -> str:
    """A bar on which the budget is a mark at two thirds of the width."""
    if clause.share is None:
        return "not measured"
    width = min(max(clause.share, 0.0), 1.5) / 1.5 * 100
    return (
        '<div aria-hidden="true" style="position:relative;height:12px;background:#e6e9ee;border-radius:2px">'
        f'<div style="width:{width:.1f}%;height:12px;border-radius:2px;background:{COLOURS[clause.verdict]}"></div>'
        '<div style="position:absolute;left:66.7%;top:-3px;width:2px;height:18px;background:#1b1f24"></div></div>'
        f"{escape(clause.distance)}"
    )
