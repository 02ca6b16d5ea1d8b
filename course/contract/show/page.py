"""A Report as HTML: one self-contained fragment for notebooks and feedback pages.

Styles are inline, colours are CSS variables with the light theme's as fallback: a style sheet that is dropped by a
front end (a notebook that is not trusted) costs the dark theme and nothing else.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from types import MappingProxyType

from course.contract.show import SIGNS, THEMES, heads_of, summary, word
from course.contract.terms.report import Clause, Report
from course.problem import Problem


def _variable(name: str) -> str:
    return f"--course-{name.replace(' ', '-')}"


def colour(name: str) -> str:
    """A colour of the theme as a CSS value."""
    return f"var({_variable(name)},{THEMES['light'][name]})"


_DARK = "".join(f"{_variable(name)}:{value};" for name, value in THEMES["dark"].items())
#: JupyterLab and nbconvert mark a dark theme on the body in one way, VS Code in another.
_SHEET = (
    f'<style>[data-jp-theme-light="false"] .course-report,.vscode-dark .course-report,'
    f".vscode-high-contrast:not(.vscode-high-contrast-light) .course-report{{{_DARK}}}</style>"
)
_CELL = (
    f"padding:6px 10px;text-align:left;vertical-align:top;border-bottom:1px solid {colour('line')};white-space:normal"
)
_ROW = f"background:{colour('paper')};color:{colour('ink')}"
_HEAD = f"{_CELL};font-weight:600"
_CARD = (
    f"{_ROW};border:1px solid {colour('line')};border-radius:6px;padding:12px 14px;"
    "max-width:60em;font-family:system-ui,sans-serif;font-size:14px;line-height:1.45;overflow-x:auto"
)
_FAINT = f"color:{colour('faint')}"


def page(
    report: Report,
    *,
    only: Iterable[str] = (),
    picture: bytes | None = None,
    alt: str = "",
    said: Iterable[str] = (),
    par: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """The report as an HTML fragment.

    Parameters
    ----------
    only : names of the clauses to show; all of them by default.
    picture : a PNG to show below the table, with `alt` as its text.
    said : sentences to end with.
    par : what the reference reaches, by clause; where there is any it has a column.
    """
    chosen = list(only)
    clauses = [clause for clause in report.clauses if not chosen or clause.name in chosen]
    lead = verdict_line(clauses[0], report.holdout) if len(clauses) == 1 else escape(summary(report))
    parts = [f'<p style="margin:0 0 6px"><strong>{lead}</strong></p>']
    if len(clauses) == 1:
        parts.append(_single(clauses[0]))
    elif any(clause.verdict != "not attempted" for clause in clauses):
        heads = heads_of(par)
        caption = f"{report.unit}: each clause of the contract on the {report.holdout} hold-out"
        parts.append(grid(heads, "".join(_row(clause, report.holdout, par) for clause in clauses), caption))
    else:
        parts += [paragraph(text) for text in dict.fromkeys(clause.advice for clause in clauses) if text]
    if picture:
        parts.append(image(picture, alt))
    return card(*parts, *(paragraph(text, faint=True) for text in said))


def comparison(reports: Mapping[str, Report], drawn: tuple[bytes, str] | None) -> str:
    """Several models, a row each, and the picture of all."""
    first = next(iter(reports.values()))
    heads = ("Model", *(f"{clause.title} ({clause.asked})" for clause in first.clauses))
    rows = "".join(
        row(
            name,
            *(
                f"{_coloured(c, report.holdout)}<br>{escape(c.shown if c.value is not None else c.advice)}"
                for c in report.clauses
            ),
        )
        for name, report in reports.items()
    )
    return card(grid(heads, rows, f"Measured on the {first.holdout} hold-out"), image(*drawn) if drawn else "")


def document(title: str, *parts: str) -> str:
    """HTML parts as a page of its own, which follows the theme of the system and loads nothing."""
    sheet = (
        f"body{{margin:0 auto;padding:16px;max-width:72em;background:{colour('paper')};color:{colour('ink')};"
        f"font-family:system-ui,sans-serif;font-size:14px;line-height:1.45}}h1{{font-size:22px}}h2{{font-size:17px}}"
        ".course-report{max-width:none!important}caption{padding-top:12px!important}"
        f"@media screen and (prefers-color-scheme:dark){{:root{{color-scheme:dark;{_DARK}}}}}"
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{sheet}</style></head><body><main><h1>{escape(title)}</h1>{''.join(parts)}</main></body></html>\n"
    )


def write(file: Path, text: str) -> None:
    """Write a page to a file that somebody named. Raises Problem where it has no page's name, or can't be written."""
    if file.suffix.lower() not in (".html", ".htm"):
        raise Problem(f"{file} is not the name of a page: give --html a file that ends in .html.")
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Problem(f"The page can't be written to {file} ({error.strerror}); give --html another place.") from None


def card(*parts: str) -> str:
    """HTML parts in a frame that follows the theme."""
    return f'{_SHEET}<div class="course-report" style="{_CARD}">{"".join(parts)}</div>'


def paragraph(text: str, *, faint: bool = False) -> str:
    """A paragraph of plain text; lines stay lines."""
    return f'<p style="margin:6px 0 0;white-space:pre-line{";" + _FAINT if faint else ""}">{inline(text)}</p>'


def inline(text: str) -> str:
    """Plain text as HTML; what stands between backticks is code, and between asterisks emphasised."""
    made = re.sub(r"`([^`\n]+)`", r"<code>\1</code>", escape(text))
    return re.sub(r"(?<![\w*])\*(\w[^*\n]*)\*(?![\w*])", r"<em>\1</em>", made)


def image(png: bytes, alt: str) -> str:
    """A picture with the text that stands for it."""
    data = base64.b64encode(png).decode()
    return (
        f'<img alt="{escape(alt)}" src="data:image/png;base64,{data}" '
        'style="max-width:100%;margin-top:10px;background:#fff;border-radius:4px">'
    )


def grid(heads: Iterable[str], rows: str, caption: str) -> str:
    """A table with column heads and a caption."""
    head = "".join(f'<th scope="col" style="{_HEAD}">{escape(text)}</th>' for text in heads)
    return (
        f'<table style="border-collapse:collapse;table-layout:auto;width:100%;font-size:inherit;{_ROW}">'
        f'<caption style="text-align:left;padding:0 10px 4px;caption-side:top;{_FAINT}">'
        f'{escape(caption)}</caption><thead><tr style="{_ROW}">{head}</tr></thead><tbody>{rows}</tbody></table>'
    )


def row(head: str, *cells: str) -> str:
    """A row with its head; the cells are HTML."""
    rest = "".join(f'<td style="{_CELL}">{cell}</td>' for cell in cells)
    return f'<tr style="{_ROW}"><th scope="row" style="{_HEAD}">{escape(head)}</th>{rest}</tr>'


def _coloured(clause: Clause, holdout: str) -> str:
    said = f"{SIGNS[clause.verdict]} {word(clause, holdout)}"
    return f'<span style="color:{colour(clause.verdict)}">{said}</span>'


def verdict_line(clause: Clause, holdout: str) -> str:
    """One clause's sign, word, title and points, as HTML."""
    points = f", {clause.points:g} of {clause.worth:g} points" if clause.worth else ""
    return f"{_coloured(clause, holdout)}: {escape(clause.title)}{points}"


def _single(clause: Clause) -> str:
    """One clause in words, with its bar."""
    said = paragraph(clause.advice, faint=True) if clause.advice else ""
    if clause.value is None:
        return said
    aside = f" ({escape(clause.aside)})" if clause.aside else ""
    words = f"Measured {escape(clause.shown)}{aside}; asked for {escape(clause.asked)}."
    return f'<p style="margin:0 0 4px">{words}</p><div style="max-width:24em">{_bar(clause)}</div>{said}'


def _row(clause: Clause, holdout: str, par: Mapping[str, str]) -> str:
    aside = f'<br><span style="{_FAINT}">{escape(clause.aside)}</span>' if clause.aside else ""
    last = ";border-bottom:0" if clause.advice else ""
    cells = [
        f'<th scope="row" style="{_HEAD}{last}">{escape(clause.title)}</th>',
        f'<td style="{_HEAD}{last}">{_coloured(clause, holdout)}</td>',
        f'<td style="{_CELL}{last}">{f"{clause.points:g} of {clause.worth:g}" if clause.worth else "–"}</td>',
        f'<td style="{_CELL}{last}">{escape(clause.shown)}{aside}</td>',
        f'<td style="{_CELL}{last}">{escape(clause.asked)}</td>',
        *([f'<td style="{_CELL}{last}">{escape(par.get(clause.name, ""))}</td>'] if par else []),
        f'<td style="{_CELL}{last};min-width:10em">{_bar(clause)}</td>',
    ]
    made = f'<tr style="{_ROW}">{"".join(cells)}</tr>'
    if clause.advice:
        style = f"{_CELL};padding-top:0;white-space:pre-line;{_FAINT}"
        made += f'<tr style="{_ROW}"><td colspan="{len(cells)}" style="{style}">{inline(clause.advice)}</td></tr>'
    return made


def _bar(clause: Clause) -> str:
    """A bar on which the budget is a mark at two thirds of the width."""
    if clause.share is None:
        return escape(clause.distance)
    width = min(max(clause.share, 0.0), 1.5) / 1.5 * 100
    fill = f"width:{width:.1f}%;height:12px;border-radius:2px;background:{colour(clause.verdict)}"
    mark = f"position:absolute;left:66.7%;top:-3px;width:2px;height:15px;background:{colour('ink')}"
    return (
        f'<div aria-hidden="true" style="position:relative;height:12px;background:{colour("track")};border-radius:2px">'
        f'<div style="{fill}"></div><div style="{mark}"></div></div>{escape(clause.distance)}'
    )
