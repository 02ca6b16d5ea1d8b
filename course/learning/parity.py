"""The panel of `unit.parity`: a fitted model and its file side by side."""

from __future__ import annotations

import io
from html import escape
from typing import TYPE_CHECKING

from course.contract.parity.compare import percent
from course.contract.show import SIGNS
from course.learning.panels import WIDTH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from course.contract.parity import Parity

PARTS = ("Rows", "Output", "Answered differently", "By up to")
WORST = ("Row", "What it is", "Output", "The model says", "The file says")


class Sides:
    """What a comparison found, as a page in a notebook and as text elsewhere."""

    def __init__(self, parity: Parity) -> None:
        self.parity = parity

    @property
    def kept(self) -> bool:
        """Does the file answer as the model does, on all rows?"""
        return self.parity.kept

    @property
    def _title(self) -> str:
        found = self.parity
        verdict = "kept" if found.kept else "broken"
        said = "answers as the model does" if found.kept else "does not answer what the model answers"
        return f"{SIGNS[verdict]} {found.file} {said}"

    def _parts(self) -> Iterator[tuple[str, ...]]:
        for part in self.parity.parts:
            differ = f"{percent(part.differ / part.rows)} ({part.differ:,} of {part.rows:,})" if part.differ else "none"
            yield part.rows_of, part.output, differ, f"{part.most:.2g}" if part.most == part.most else "–"

    def _worst(self) -> Iterator[tuple[str, ...]]:
        for one in self.parity.worst:
            yield f"{one.number}, {one.rows_of}", one.values, one.output, one.model, one.file

    def _said(self) -> list[str]:
        found = self.parity
        said = [f"Likely cause: {one.what} ({one.version}). {one.happens} {one.instead}" for one in found.causes]
        if not found.kept and not said:
            said = ["No known fault of a converter fits. Look at the worst rows: what do they have in common?"]
        return [*said, *(f"Not compared: {one}." for one in found.not_compared)]

    def _repr_html_(self) -> str:
        from course.contract.show.page import card, colour, grid, paragraph, row

        found = self.parity
        ink = colour("kept" if found.kept else "broken")
        tables = [grid(PARTS, "".join(row(head, *map(escape, rest)) for head, *rest in self._parts()), "All rows")]
        if found.worst:
            rows = "".join(row(head, *map(escape, rest)) for head, *rest in self._worst())
            tables.append(grid(WORST, rows, "The worst rows, side by side"))
        return card(
            f'<p style="margin:0 0 6px"><strong style="color:{ink}">{escape(self._title)}</strong></p>',
            *(paragraph(text) for text in self._said()),
            *tables,
        )

    def __repr__(self) -> str:
        from rich.console import Console

        out = io.StringIO()
        self.show(Console(file=out, width=WIDTH, force_jupyter=False, force_terminal=False))
        return out.getvalue().rstrip()

    def show(self, console: Console) -> None:
        """Print it."""
        from rich.table import Table

        console.print(self._title, markup=False, highlight=False)
        for text in self._said():
            console.print(text, markup=False, highlight=False)
        for heads, rows in ((PARTS, list(self._parts())), (WORST, list(self._worst()))):
            if rows:
                table = Table(*heads)
                for one in rows:
                    table.add_row(*(text.replace("[", "\\[") for text in one))
                console.print(table)
