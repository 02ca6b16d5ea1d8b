"""What is promised, before or while it is kept: the contract, one clause of it, one case played step by step."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING

from course.contract.artifacts.gate import Refused
from course.contract.processes.calls import CallError
from course.contract.terms.report import Measurement, Term, settle
from course.learning.panels import WIDTH, Words
from course.problem import Problem

if TYPE_CHECKING:
    import pandas as pd

    from course.units.base import Unit
    from course.units.kit.replay import Replay

#: Points of the memo, which a person marks.
MEMO = 20
#: Rows of a replay that are shown; `frame()` has all of them.
MOST_ROWS = 60


def asked(term: Term) -> str:
    """The budget in words: "at least 93.0 % of scans"."""
    return settle(term, Measurement(None)).asked


class Terms:
    """A contract: the files that are handed in, every clause with its budget and points, and one worked example."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    def _rows(self) -> list[tuple[str, str, str]]:
        terms = sorted(self._unit.terms, key=lambda term: term.hidden)
        rows = [
            (
                term.title + (" (measured at grading)" if term.hidden else ""),
                asked(term),
                f"{term.worth:g}" if term.worth else "no",
            )
            for term in terms
        ]
        total = sum(term.worth for term in terms) + MEMO
        return [*rows, ("Design memo", "marked by hand, with its rubric", f"{MEMO}"), ("Together", "", f"{total:g}")]

    def _more(self) -> list[str]:
        names = ", ".join(f"`{term.name}`" for term in self._unit.terms)
        last = self._unit.terms[-1].name
        more = [f'What a clause counts, over what and how: `unit.contract("{last}")`. Names: {names}.']
        return [f"An example. {self._unit.example}", *more] if self._unit.example else more

    def _repr_html_(self) -> str:
        from course.contract.show.page import card, grid, paragraph, row

        name = self._unit.name
        files = "".join(row(file, escape(what)) for file, what in self._unit.handed_in.items())
        clauses = "".join(row(title, escape(budget), points) for title, budget, points in self._rows())
        return card(
            grid(("File", "What it is"), files, f"What is handed in for {name}"),
            grid(("Clause", "Asked for", "Points"), clauses, f"The contract of {name}"),
            *(paragraph(text, faint=True) for text in self._more()),
        )

    def __repr__(self) -> str:
        files = [f"Handed in: {file}, {what}" for file, what in self._unit.handed_in.items()]
        rows = [f"{title}: {budget} ({points} points)" for title, budget, points in self._rows()[:-1]]
        total = f"Together {self._rows()[-1][2]} points."
        return "\n".join([*files, "", *rows, total, "", *(textwrap.fill(text, WIDTH) for text in self._more())])


class About(Words):
    """One clause: what is counted, over what, pooled or averaged; the budget, and what it is worth."""

    def __init__(self, term: Term) -> None:
        partly = f", falling to 0 at {term.show(term.floor)}" if term.floor is not None else ", all or none"
        worth = f"{term.worth:g} points{partly}" if term.worth else "no points, but a limit"
        when = "Measured at grading, on data that nobody has seen." if term.hidden else ""
        bound = f"Asked for: {asked(term)}; {worth}."
        super().__init__(f"{term.title} (`{term.name}`)", *filter(None, (term.definition, bound, when)))


class Played:
    """A case that was played: a row a step. It is played when it is first looked at."""

    def __init__(self, play: Callable[[], Replay], *, later: bool = False) -> None:
        self._play, self._later = play, later
        self._replay: Replay | None = None

    def made(self) -> Played:
        """The same, played by now. Raises Problem where the artifact fails or there is nothing to play."""
        if self._replay is None:
            try:
                self._replay = self._play()
            except FileNotFoundError as missing:
                raise Problem(f"There is no code in {missing.args[0]} yet: write it, and run the cell.") from None
            except (CallError, Refused) as error:
                raise Problem(str(error)) from None
        return self

    @property
    def replay(self) -> Replay:
        """Columns, rows and a sentence or two."""
        replay = self.made()._replay
        assert replay
        return replay

    def frame(self) -> pd.DataFrame:
        """All rows as a pandas table."""
        return self.replay.frame()

    def _repr_html_(self) -> str:
        from course.contract.show.page import card, grid, paragraph, row

        if self._later:
            return Words(repr(self))._repr_html_()
        replay = self.replay
        rows = "".join(row(_text(one[0]), *(escape(_text(v)) for v in one[1:])) for one in replay.rows[:MOST_ROWS])
        return card(
            grid(replay.columns, rows, replay.title), *(paragraph(text, faint=True) for text in self._said(replay))
        )

    def _said(self, replay: Replay) -> list[str]:
        more = len(replay.rows) - MOST_ROWS
        return [*filter(None, [f"{more} more rows: `.frame()` has them all." if more > 0 else "", replay.said])]

    def __repr__(self) -> str:
        if self._later:
            return "Left out while your work is graded; `.frame()` plays it."
        replay = self.replay
        cells = [replay.columns, *([_text(value) for value in one] for one in replay.rows[:MOST_ROWS])]
        widths = [max(len(row[at]) for row in cells) for at in range(len(replay.columns))]
        lines = ["  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True)) for row in cells]
        return "\n".join([replay.title, *lines, *(textwrap.fill(text, WIDTH) for text in self._said(replay))])


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.4g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
