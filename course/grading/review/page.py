"""A Review as one page: tables with pictures, nothing to load, nothing that runs, all names escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from course.contract.show import SIGNS
from course.contract.show.page import card, colour, document, grid, paragraph, row
from course.contract.terms.report import Term
from course.grading.review import words
from course.grading.review.gather import Found, Review, Spread
from course.grading.review.histogram import histogram
from course.problem import readable

#: Reasons that are shown.
REASONS = 30


def page(review: Review) -> str:
    """The whole page as HTML text."""
    parts = [
        _section("The class", _points(review), *(paragraph(text) for text in words.head(review))),
        *([_section("Look at these yourself", *map(paragraph, words.look(review)))] if review.look else []),
        _section("Clause by clause", *map(paragraph, words.about_clauses(review)), _clauses(review)),
        _section("Why clauses are not kept", *_reasons(review)),
        _section("Slowest and dearest", *_dearest(review)),
        _section("Too close to call", *_close(review)),
        _section("Files with the same bytes", *_same(review)),
        paragraph("This page names students: it is for instructors.", faint=True),
    ]
    return document(f"{review.unit}: {review.title}, where the class stands", *parts)


def _section(title: str, *parts: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{card(*parts)}</section>"


def _points(review: Review) -> str:
    return histogram(
        review.points,
        lambda value: f"{value:g}",
        f"Autograded points of {len(review.points)}: {words.points(review)}",
        grain=max(review.worth / 25, 0.1),
    )


def _clauses(review: Review) -> str:
    heads = ("Clause", "Measured, against the budget", "Verdicts", "Kept", "Median", "Worst")
    rows = "".join(row(spread.term.title, *_cells(spread)) for spread in review.spreads)
    return grid(heads, rows, f"{review.unit}: each clause of the contract on the private hold-out")


def _cells(spread: Spread) -> Iterable[str]:
    term = spread.term
    yield f"{_drawn(spread)}<br>{escape(words.asked(term))}"
    yield "<br>".join(_verdict(name, number) for name, number in words.verdicts(spread) if number)
    yield f"{spread.share:.0%} of {spread.of:,}" if spread.of else "–"
    yield "–" if spread.median is None else escape(words.about(term, spread.median))
    yield "–" if spread.worst is None else f"{escape(words.about(term, spread.worst))}<br>{_names(spread.worst_of, 1)}"


def _drawn(spread: Spread) -> str:
    term = spread.term
    whole = not term.digits and term.scale == 1 and all(value == int(value) for value in spread.values)
    return histogram(
        spread.values,
        lambda value: _number(term, value),
        words.picture(spread),
        budget=term.budget,
        better=term.better,
        grain=term.band or (1.0 if whole else None),
    )


def _number(term: Term, value: float) -> str:
    return f"{value * term.scale:,.{term.digits}f}"


def _verdict(name: str, number: int) -> str:
    return f'<span style="color:{colour(name)};white-space:nowrap">{SIGNS[name]} {number:,} {name}</span>'


def _reasons(review: Review) -> Iterable[str]:
    if not review.reasons:
        yield paragraph("Every clause is kept by everybody who is graded.")
        return
    rows = "".join(
        row(
            f"{len(reason.students):,}",
            escape(reason.told),
            escape("; ".join(reason.clauses)),
            _names(reason.students, words.NAMED),
        )
        for reason in review.reasons[:REASONS]
    )
    yield grid(("Students", "Reason", "Clauses", "Who"), rows, "Most frequent first; # stands for a number")
    if len(review.reasons) > REASONS:
        yield paragraph(f"{len(review.reasons) - REASONS:,} more are not shown; --json has them all.", faint=True)


def _dearest(review: Review) -> Iterable[str]:
    if not review.dearest:
        yield paragraph("No clause of this unit is a time or another cost in production, or none was measured.")
        return
    most = max(map(len, review.dearest.values()))
    rows = "".join(
        row(str(place + 1), *(_dear(found, place) for found in review.dearest.values())) for place in range(most)
    )
    asked = (f"{title} ({found[0].asked})" for title, found in review.dearest.items())
    yield grid(("", *asked), rows, f"The {most} that cost the most")


def _dear(found: Sequence[Found], place: int) -> str:
    if place >= len(found):
        return ""
    one = found[place]
    verdict = f'<span style="color:{colour(one.verdict)}">{SIGNS[one.verdict]} {escape(one.verdict)}</span>'
    return f"<strong>{_name(one.student)}</strong> {escape(one.shown)}<br>{verdict}, {escape(one.distance)}"


def _close(review: Review) -> Iterable[str]:
    yield paragraph(words.close(review))
    if review.close:
        rows = "".join(
            row(readable(one.student), escape(one.clause), escape(one.shown), escape(one.asked)) for one in review.close
        )
        yield grid(("Student", "Clause", "Measured", "Asked for"), rows, "Verdicts that are too close to call")


def _same(review: Review) -> Iterable[str]:
    yield from map(paragraph, words.same(review))
    if review.same:
        rows = "".join(
            row(
                same.file,
                f"{same.bytes:,}",
                f"{len(same.students):,}",
                _names(same.students),
                escape(same.known or "–"),
            )
            for same in review.same
        )
        heads = ("File", "Bytes", "Students", "Who", "What is known")
        yield grid(heads, rows, "Groups with the same bytes: a reason to look, not a proof")


def _name(student: str) -> str:
    return escape(readable(student))


def _names(students: Sequence[str], most: int | None = None) -> str:
    return escape(words.names(students, most))
