"""Memos as a page to print: each unit on sheets of its own, in each line a row of the rubric. Nothing runs or loads."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from course.contract.show.page import card, document, grid, paragraph, row
from course.grading.memos.gather import NONE_YET, Memos, Row
from course.learning.middling import shown
from course.learning.panels import marked, paragraphs

_SHEET = (
    "<style>@page{size:A4 landscape;margin:12mm}@media print{body{padding:0;font-size:11px}tr{break-inside:avoid}"
    "section+section{break-before:page}}td,tbody th{width:28%}tbody th{width:12%}</style>"
)


def page(found: Sequence[Memos]) -> str:
    """The whole page as HTML text."""
    what = found[0].unit if len(found) == 1 else "all units"
    return document(f"Design memos, {what}: rubric, middling and worked", _SHEET, *map(_unit, found))


def _unit(memos: Memos) -> str:
    heads = ["Row", "Full points if the memo ...", *["Middling memo"] * (memos.total is not None), "Worked memo"]
    rows = "".join(
        row(f"{one.criterion.name}, {one.criterion.points}", marked(one.criterion.asks), *_middling(one, memos))
        for one in memos.rows
    )
    caption = f"{memos.unit}: the rubric, row by row"
    about = NONE_YET.format(memos.unit)
    if memos.total is not None:
        about = f"The middling memo has {shown(memos.total)} of {memos.worth} points."
    title = f"<h2>{escape(memos.unit)}: {escape(memos.title)}</h2>"
    return f"<section>{title}{paragraph(about)}{card(grid(heads, rows, caption))}</section>"


def _middling(one: Row, memos: Memos) -> list[str]:
    cells = [paragraphs(one.worked or "–")]
    if memos.total is not None:
        points = "not marked" if one.points is None else f"{shown(one.points)} of {one.criterion.points}"
        cells.insert(0, f"{paragraphs(one.middling or '–')}<p><strong>{points}.</strong> {marked(one.why)}</p>")
    return cells
