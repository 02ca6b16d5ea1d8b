"""A Report as HTML: one self-contained fragment with inline styles, for notebooks and feedback pages."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from html import escape

from course.contract.report import Clause, Report
from course.contract.show import COLOURS, SIGNS, summary

_CELL = "padding:6px 10px;text-align:left;vertical-align:top;border-bottom:1px solid #c9ced6;white-space:normal"
_CARD = (
    "background:#fff;color:#1b1f24;border:1px solid #c9ced6;border-radius:6px;padding:12px 14px;"
    "max-width:960px;font-family:system-ui,sans-serif;font-size:14px;line-height:1.45;overflow-x:auto"
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
    parts = [f'<p style="margin:0 0 6px"><strong>{lead}</strong></p>']
    if len(clauses) == 1:
        parts.append(_single(clauses[0]))
    elif any(clause.verdict != "not attempted" for clause in clauses):
        heads = ("Clause", "Measured", "Asked for", "Against the budget", "Verdict", "Points")
        caption = f"{report.unit}: each clause of the contract on the {report.holdout} hold-out"
        parts.append(_grid(heads, "".join(_row(clause) for clause in clauses), caption))
    else:
        parts += [f'<p style="margin:0">{escape(text)}</p>' for text in {c.advice: 0 for c in clauses} if text]
    if picture:
        parts.append(_image(picture, alt))
    return _card(*parts)


def terms(report: Report, hidden: float) -> str:
    """A contract before anything is measured: clauses, budgets, points, and what robustness is worth."""
    rows = "".join(
        f'<tr style="background:#fff"><th scope="row" style="{_CELL};font-weight:600">{escape(clause.title)}</th>'
        f'<td style="{_CELL}">{escape(clause.asked)}</td>'
        f'<td style="{_CELL}">{f"{clause.worth:g}" if clause.worth else "–"}</td></tr>'
        for clause in report.clauses
    )
    rows += (
        f'<tr style="background:#fff"><th scope="row" style="{_CELL};font-weight:600">Robustness</th>'
        f'<td style="{_CELL}">stands up to what the brief says; measured at grading</td>'
        f'<td style="{_CELL}">{hidden:g}</td></tr>'
    )
    return _card(_grid(("Clause", "Asked for", "Points"), rows, f"The contract of {report.unit}"))


def comparison(reports: Mapping[str, Report], drawn: tuple[bytes, str] | None) -> str:
    """Several models, a row each, and the picture of all."""
    first = next(iter(reports.values()))
    heads = ("Model", *(f"{clause.title} ({clause.asked})" for clause in first.clauses))
    rows = ""
    for name, report in reports.items():
        cells = "".join(
            f'<td style="{_CELL}"><span style="color:{COLOURS[c.verdict]}">{SIGNS[c.verdict]} {c.verdict}</span>'
            f"<br>{escape(c.shown if c.value is not None else c.advice)}</td>"
            for c in report.clauses
        )
        head = f'<th scope="row" style="{_CELL};font-weight:600">{escape(name)}</th>'
        rows += f'<tr style="background:#fff">{head}{cells}</tr>'
    return _card(_grid(heads, rows, f"Measured on the {first.holdout} hold-out"), _image(*drawn) if drawn else "")


def _card(*parts: str) -> str:
    return f'<div class="course-report" style="{_CARD}">{"".join(parts)}</div>'


def _image(png: bytes, alt: str) -> str:
    data = base64.b64encode(png).decode()
    return (
        f'<img alt="{escape(alt)}" src="data:image/png;base64,{data}" '
        'style="max-width:100%;margin-top:10px;background:#fff">'
    )


def _grid(heads: Iterable[str], rows: str, caption: str) -> str:
    head = "".join(f'<th scope="col" style="{_CELL}">{escape(text)}</th>' for text in heads)
    return (
        '<table style="border-collapse:collapse;width:100%;font-size:inherit;color:inherit;background:#fff">'
        '<caption style="text-align:left;padding:0 10px 4px;color:#434a54;caption-side:top">'
        f"{escape(caption)}</caption>"
        f'<thead><tr style="background:#fff">{head}</tr></thead><tbody>{rows}</tbody></table>'
    )


def _verdict(clause: Clause) -> str:
    return (
        f'<span style="color:{COLOURS[clause.verdict]}">{SIGNS[clause.verdict]} {clause.verdict}</span>: '
        f"{escape(clause.title)}, {clause.points:g} of {clause.worth:g} points"
    )


def _single(clause: Clause) -> str:
    """One clause in words, with its bar."""
    said = f'<p style="margin:0;color:#434a54">{escape(clause.advice)}</p>' if clause.advice else ""
    if clause.value is None:
        return said
    aside = f" ({escape(clause.aside)})" if clause.aside else ""
    words = f"Measured {escape(clause.shown)}{aside}; asked for {escape(clause.asked)}."
    return f'<p style="margin:0 0 4px">{words}</p><div style="max-width:24em">{_bar(clause)}</div>{said}'


def _row(clause: Clause) -> str:
    aside = f'<br><span style="color:#434a54">{escape(clause.aside)}</span>' if clause.aside else ""
    sign, last = SIGNS[clause.verdict], ";border-bottom:0" if clause.advice else ""
    cells = [
        f'<th scope="row" style="{_CELL}{last};font-weight:600">{escape(clause.title)}</th>',
        f'<td style="{_CELL}{last}">{escape(clause.shown)}{aside}</td>',
        f'<td style="{_CELL}{last}">{escape(clause.asked)}</td>',
        f'<td style="{_CELL}{last};min-width:10em">{_bar(clause)}</td>',
        f'<td style="{_CELL}{last};color:{COLOURS[clause.verdict]};font-weight:600">{sign} {clause.verdict}</td>',
        f'<td style="{_CELL}{last}">{f"{clause.points:g} of {clause.worth:g}" if clause.worth else "–"}</td>',
    ]
    row = f'<tr style="background:#fff">{"".join(cells)}</tr>'
    if clause.advice:
        style = f"{_CELL};padding-top:0;color:#434a54"
        row += f'<tr style="background:#fff"><td colspan="6" style="{style}">{escape(clause.advice)}</td></tr>'
    return row


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
