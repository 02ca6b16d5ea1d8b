"""Memos in a terminal: row by row, both side by side where there is room, else in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from course.grading.memos.gather import NONE_YET, Memos, Row
from course.learning.middling import shown

if TYPE_CHECKING:
    from rich.console import Console

#: Columns from which on two texts stand side by side.
ROOM = 100


def show(memos: Memos, console: Console) -> None:
    """Print one unit's memos."""
    from rich.markdown import Markdown
    from rich.table import Table

    console.rule(f"{memos.unit}: {memos.title}", align="left", characters="─")
    if memos.total is None:
        console.print(NONE_YET.format(memos.unit), markup=False, soft_wrap=True)
    else:
        console.print(f"The middling memo has {shown(memos.total)} of {memos.worth} points.", markup=False)
    for row in memos.rows:
        console.print()
        console.print(Markdown(f"**{row.criterion.name}**, {row.criterion.points} points: {row.criterion.asks}"))
        texts = [(_head(row), row.middling, row.why)] * (memos.total is not None)
        texts.append(("Worked", row.worked, ""))
        if console.width >= ROOM and len(texts) > 1:
            table = Table(show_header=True, header_style="bold", expand=True, show_edge=False, padding=(0, 2, 0, 2))
            for head, _, _ in texts:
                table.add_column(head, ratio=1)
            table.add_row(*(Markdown(_joined(said, why)) for _, said, why in texts))
            console.print(table)
        else:
            for head, said, why in texts:
                console.print(Markdown(f"*{head}.* {_joined(said, why)}"))
    console.print()


def _head(row: Row) -> str:
    if row.points is None:
        return "Middling: not marked"
    return f"Middling: {shown(row.points)} of {row.criterion.points}"


def _joined(said: str, why: str) -> str:
    return "\n\n".join(filter(None, (said or "–", why and f"→ *{why.replace('*', '')}*")))
