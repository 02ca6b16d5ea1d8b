"""What a unit shows in a notebook: as HTML there, as plain text anywhere else."""

from __future__ import annotations

import dataclasses
import io
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from course.contract.show import SIGNS, summary, word
from course.contract.terms.report import Clause, Report

if TYPE_CHECKING:
    from course.contract.terms.estimates import Estimate
    from course.learning.memo import Memo
    from course.learning.middling import Middling


#: Columns of text outside notebooks.
WIDTH = 110


class Points(float):
    """Points earned by a clause. Prints as a plain number, which nbgrader reads; shows as a table in a notebook."""

    html: str = ""

    def _repr_html_(self) -> str:
        return self.html


class Panel:
    """A Report that shows itself: as a page in a notebook, as text elsewhere.

    `said` are sentences to end with; `trail` are earlier attempts for the picture, values by clause; `par` is what the
    reference reaches, as text by clause.
    """

    def __init__(
        self,
        report: Report,
        said: Sequence[str] = (),
        trail: Sequence[Mapping[str, float]] = (),
        *,
        drawn: bool = True,
        par: Mapping[str, str] | None = None,
    ) -> None:
        self.report, self.said, self.trail, self.drawn, self.par = report, said, trail, drawn, par or {}

    def _repr_html_(self) -> str:
        from course.contract.show.page import page
        from course.contract.show.picture import picture

        drawn = picture(self.report, trail=self.trail) if self.drawn else None
        alt = drawn[1] if drawn else ""
        return page(self.report, picture=drawn and drawn[0], alt=alt, said=self.said, par=self.par)

    def __repr__(self) -> str:
        from rich.console import Console

        from course.contract.show.terminal import show

        out = io.StringIO()
        console = Console(file=out, width=WIDTH, force_jupyter=False, force_terminal=False)
        show(self.report, console, self.said, self.par)
        return out.getvalue().rstrip()


class Later(Panel):
    """The check of a submission that is being graded: it is made only for a program that asks what was measured."""

    def __init__(self, check: Callable[[], Panel]) -> None:
        self._check = check

    def __getattr__(self, name: str) -> object:
        if name.startswith("_"):  # a notebook asks for many ways to show a value
            raise AttributeError(name)
        self.__dict__ |= vars(self._check())
        return getattr(self, name)

    def _repr_html_(self) -> str:
        return Words(repr(self))._repr_html_()

    def __repr__(self) -> str:
        return "Left to the test cells, which measure it for the grade."


class Answers(Panel):
    """The check of the estimates: each question with the answer that was handed in."""

    def __init__(
        self, report: Report, said: Sequence[str], questions: Mapping[str, Estimate], given: Mapping[str, float | None]
    ) -> None:
        super().__init__(report, said, drawn=False)
        self._rows = [
            (
                question.question,
                f"{given[name]:,.6g} {question.unit}".strip() if given[name] is not None else "—",
                "not attempted" if given[name] is None else "kept" if question.accepts(given[name]) else "broken",
            )
            for name, question in questions.items()
        ]
        self._any = any(answer is not None for answer in given.values())

    def _repr_html_(self) -> str:
        from course.contract.show.page import card, colour, grid, page, paragraph, row, verdict_line

        if not self._any:
            return page(self.report, said=self.said)
        rows = "".join(
            row(
                question,
                escape(answer),
                f'<span style="color:{colour(v)};font-weight:600">{SIGNS[v]} {_in_range(v)}</span>',
            )
            for question, answer, v in self._rows
        )
        clause = self.report.clauses[0]
        return card(
            f'<p style="margin:0 0 6px"><strong>{verdict_line(clause, self.report.holdout)}</strong></p>',
            grid(("Question", "Your answer", "In range?"), rows, f"Your estimates for {self.report.unit}"),
            *(paragraph(text, faint=True) for text in (clause.advice, *self.said) if text),
        )

    def __repr__(self) -> str:
        if not self._any:
            return super().__repr__()
        clause = self.report.clauses[0]
        lines = [f"{SIGNS[v]} {_in_range(v)}: {question} {answer}" for question, answer, v in self._rows]
        return "\n".join([*lines, *filter(None, (clause.advice, summary(self.report), *self.said))])


def _in_range(verdict: str) -> str:
    return {"kept": "in range", "broken": "not yet"}.get(verdict, verdict)


class Comparison:
    """Several models side by side."""

    def __init__(self, reports: Mapping[str, Report]) -> None:
        self.reports = reports

    def _repr_html_(self) -> str:
        from course.contract.show.page import comparison
        from course.contract.show.picture import picture

        points = [dataclasses.replace(report.you, name=name) for name, report in self.reports.items() if report.you]
        drawn = picture(next(iter(self.reports.values())), points, you=False)
        return comparison(self.reports, drawn)

    def __repr__(self) -> str:
        return "\n".join(
            f"{name:14}" + "  ".join(f"{SIGNS[c.verdict]} {c.name} {c.shown}" for c in report.clauses)
            for name, report in self.reports.items()
        )


class Words:
    """A few paragraphs under a heading; some of them are code."""

    def __init__(self, title: str, *paragraphs: str, code: Sequence[str] = ()) -> None:
        self.title, self.paragraphs, self.code = title, paragraphs, code

    def _repr_html_(self) -> str:
        from course.contract.show.page import card, inline, paragraph

        pre = "margin:8px 0 0;white-space:pre-wrap;overflow-wrap:anywhere;background:none;color:inherit;font-size:13px"
        return card(
            f'<p style="margin:0"><strong>{inline(self.title)}</strong></p>',
            *(paragraph(text) for text in self.paragraphs),
            *(f'<pre style="{pre}">{escape(text)}</pre>' for text in self.code),
        )

    def __repr__(self) -> str:
        lines = [[textwrap.fill(line, WIDTH) for line in text.split("\n")] for text in self.paragraphs]
        return "\n\n".join([self.title, *map("\n".join, lines), *self.code])


class WorkedMemo:
    """The rubric as a checklist beside the middling memo with its marks, if there is one, and the worked memo."""

    def __init__(self, memo: Memo, worked: str, middling: Middling | None = None) -> None:
        self.memo, self.worked, self.middling = memo, worked, middling

    def _repr_html_(self) -> str:
        from course.contract.show.page import card

        boxes = "".join(
            f'<li style="margin:0 0 6px"><label><input type="checkbox"> <strong>{escape(row.name)}</strong> '
            f"({row.points}): {marked(row.asks)}</label></li>"
            for row in self.memo.rubric
        )
        parts = [("Rubric", f"{_mark_your_own(self.memo)}: tick what it does", _list(boxes))]
        if self.middling:
            marks = "".join(f'<li style="margin:0 0 6px">{marked(line)}</li>' for line in self._marks())
            parts.append(("Middling memo", self._about(), paragraphs(self.middling.text) + _list(marks)))
        parts.append(("Worked memo", "A worked memo", paragraphs(self.worked)))
        head = "<p style='margin:0 0 6px'><strong>{}</strong></p>"
        return card(
            '<div style="display:flex;flex-wrap:wrap;gap:1.5em">'
            + "".join(
                f'<section style="flex:1 1 22em;min-width:0" aria-label="{label}">{head.format(title)}{html}</section>'
                for label, title, html in parts
            )
            + "</div>"
        )

    def __repr__(self) -> str:
        boxes = [f"[ ] {row.name} ({row.points}): {row.asks}" for row in self.memo.rubric]
        between = [self._about(), "", self.middling.text, "", *self._marks(), ""] if self.middling else []
        return "\n".join(
            ["Mark your own memo: tick what it does", *boxes, "", *between, "A worked memo", "", self.worked]
        )

    def _about(self) -> str:
        from course.learning.middling import shown

        return f"A middling memo: {shown(self.middling.total)} of {sum(row.points for row in self.memo.rubric)}"

    def _marks(self) -> list[str]:
        from course.learning.middling import shown

        worth = {row.name: row.points for row in self.memo.rubric}
        return [
            f"**{mark.row}:** {shown(mark.points)} of {worth[mark.row]}. {mark.why}"
            for mark in self.middling.marks
            if mark.row in worth
        ]


def _mark_your_own(memo: Memo) -> str:
    return f"Mark your own, out of {sum(row.points for row in memo.rubric)}"


def _list(items: str) -> str:
    return f'<ul style="list-style:none;margin:0;padding:0">{items}</ul>'


def paragraphs(text: str) -> str:
    """Paragraphs of markdown as HTML."""
    return "".join(f'<p style="margin:0 0 8px">{marked(part)}</p>' for part in text.split("\n\n"))


def marked(text: str) -> str:
    """A paragraph of markdown as HTML: bold, italics and code, nothing else."""
    from course.contract.show.page import inline

    return re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", inline(" ".join(text.split("\n"))))


class NotKept(Exception):
    """A clause is not kept (raised only for Validate). Shows as one line instead of a traceback."""

    def __init__(self, clause: Clause) -> None:
        measured = f": {clause.shown}, asked for {clause.asked}" if clause.value is not None else ""
        said = f"{clause.title}: {SIGNS[clause.verdict]} {word(clause, 'public')}{measured}. {clause.advice}"
        super().__init__(said.strip())

    def _render_traceback_(self) -> list[str]:
        return [str(self)]
