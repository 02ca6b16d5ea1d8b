"""A Review in the terminal: the tables of the page without its pictures, cut to what fits a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from course.contract.show import SIGNS
from course.grading.review import words
from course.grading.review.gather import Review
from course.problem import readable

if TYPE_CHECKING:
    from rich.console import Console

#: Rows of a table, and close verdicts and groups of equal files that are listed.
MOST = 10


def show(review: Review, console: Console) -> None:
    """Print where the class stands."""
    for sentence in words.head(review):
        _say(console, sentence)
    for sentence in words.look(review):
        _say(console, sentence)
    console.print(_clauses(review))
    if review.reasons:
        console.print(_reasons(review))
    if review.dearest:
        console.print(_dearest(review))
    _say(console, words.close(review))
    for one in review.close[:MOST]:
        _say(
            console, f"  {SIGNS[one.verdict]} {readable(one.student)}: {one.clause} {one.shown}, asked for {one.asked}"
        )
    _more(console, len(review.close))
    for sentence in words.same(review) if review.same else ():
        _say(console, sentence)
    for same in review.same[:MOST]:
        known = f" ({same.known})" if same.known else ""
        who = words.names(same.students, MOST)
        _say(console, f"  {same.file}, {same.bytes:,} bytes, {len(same.students):,} students{known}: {who}")
    _more(console, len(review.same))


def _clauses(review: Review) -> Table:
    table = Table(title=f"{review.unit}, private hold-out, {review.graded:,} graded", title_justify="left")
    for head in ("Clause", "Asked for", *(SIGNS[name] for name in SIGNS), "Kept", "Median", "Worst"):
        table.add_column(head, justify="left" if head in ("Clause", "Asked for") else "right")
    for spread in review.spreads:
        term = spread.term
        values = (("–" if value is None else words.about(term, value)) for value in (spread.median, spread.worst))
        table.add_row(
            term.title,
            f"{'at most' if term.better == 'lower' else 'at least'} {term.show(term.budget)}",
            *(f"{number:,}" for _, number in words.verdicts(spread)),
            f"{spread.share:.0%}" if spread.of else "–",
            *values,
        )
    table.caption = ", ".join(f"{sign} {name}" for name, sign in SIGNS.items())
    return table


def _reasons(review: Review) -> Table:
    table = Table("Students", "Why clauses are not kept", "Clauses", "Who", title_justify="left", show_lines=True)
    for reason in review.reasons[:MOST]:
        cells = (reason.told, words.names(reason.clauses, 3, "; "), words.names(reason.students, words.NAMED))
        table.add_row(f"{len(reason.students):,}", *map(Text, cells))
    if len(review.reasons) > MOST:
        table.caption = f"{len(review.reasons) - MOST:,} more reasons"
    return table


def _dearest(review: Review) -> Table:
    table = Table("", title="Slowest and dearest", title_justify="left")
    for title in review.dearest:
        table.add_column(title)
    for place in range(max(map(len, review.dearest.values()))):
        ones = (found[place] if place < len(found) else None for found in review.dearest.values())
        cells = (Text(f"{SIGNS[one.verdict]} {readable(one.student)} {one.shown}" if one else "") for one in ones)
        table.add_row(str(place + 1), *cells)
    return table


def _say(console: Console, sentence: str) -> None:
    console.print(sentence, markup=False)


def _more(console: Console, number: int) -> None:
    if number > MOST:
        _say(console, f"  and {number - MOST:,} more, on the page")
