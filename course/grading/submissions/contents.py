"""A feedback page: the whole contract as one table at its head, nothing from the network, nothing beyond the window."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

from course.contract.show import SIGNS, word
from course.contract.show.page import colour, grid, row
from course.contract.terms.report import Clause, Report

_LIST = re.compile(r'(<div id="toc">\s*)<ol>(.*?)</ol>', re.DOTALL)
_ENTRY = re.compile(r'<li><a href="#([\w-]+)">[^<]*</a> \(Score: ([\d.]+) / ([\d.]+)\)</li>')
#: What nbgrader lists besides cells with points: comments, a penalty.
_MORE = re.compile(r"<li(?: class=\"late-penalty\")?>(?:<a href=\"#comment-.*?</a>|Late submission.*?)</li>", re.DOTALL)
#: nbconvert's page fetches MathJax, and typesets a memo that speaks of dollars.
_MATHS = re.compile(r"<!-- Loading mathjax macro -->.*?<!-- End of mathjax configuration -->", re.DOTALL)
#: Where nbgrader's release cuts hidden tests off; of no use to a reader.
_MARKS = re.compile(r'<span class="c1">### (?:BEGIN|END) HIDDEN TESTS</span>\n?')
#: Code scrolls in its own place, pictures shrink.
_FITS = (
    "<style>div.inner_cell,div.output_area,div.output_subarea{min-width:0}div.prompt{min-width:0}"
    "div.input_area,div.output_subarea,.highlight pre{overflow-x:auto}img{max-width:100%;height:auto}</style></head>"
)
_HEADS = ("Clause", "Measured", "Asked for", "Verdict", "Points")


def put(page: str, report: Report | None, waiting: Mapping[str, float]) -> str:
    """A feedback page with that table at its head, where nbgrader's list is found.

    `waiting` are points, by cell, that a person has not given yet.
    """
    page = _MARKS.sub("", _MATHS.sub("", page)).replace("</head>", _FITS, 1)
    found = _LIST.search(page)
    if not found:
        return page
    known = {clause.name: clause for clause in report.clauses} if report else {}
    scores = [(name, float(score), float(worth)) for name, score, worth in _ENTRY.findall(found[2])]
    rows = "".join(_row(known.get(name), name, score, worth, name in waiting) for name, score, worth in scores)
    open_ = sum(waiting.values())
    total, most = sum(score for _, score, _ in scores), sum(worth for *_, worth in scores)
    said = f"{total:g} of {most - open_:g} so far; {open_:g} wait for a person" if open_ else f"{total:g} of {most:g}"
    rows += row("Together", "", "", "", escape(said))
    more = "".join(_MORE.findall(found[2]))
    made = f"{found[1]}{grid(_HEADS, rows, 'The contract; each clause leads to its cell')}"
    made = page[: found.start()] + made + (f"<ul>{more}</ul>" if more else "") + page[found.end() :]
    return made.replace("<html>", '<html lang="en">', 1)


def _row(clause: Clause | None, name: str, score: float, worth: float, waiting: bool) -> str:
    """A row; a cell of which the report says nothing, such as the memo, has its points alone."""
    points = f"waits ({worth:g})" if waiting else f"{score:g} of {worth:g}"
    title = clause.title if clause else {"memo": "Design memo"}.get(name, name)
    cells = ("–", "marked by hand, with its rubric" if name == "memo" else "–", "–")
    if clause:
        said = f"{SIGNS[clause.verdict]} {word(clause, 'private')}"
        cells = (
            escape(clause.shown),
            escape(clause.asked),
            f'<span style="color:{colour(clause.verdict)}">{said}</span>',
        )
    made = row(title, *cells, points)
    return made.replace(f">{escape(title)}</th>", f'><a href="#{escape(name)}">{escape(title)}</a></th>', 1)
