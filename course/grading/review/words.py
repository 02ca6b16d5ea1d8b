"""What page and terminal say alike."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence

from course.contract.terms.report import Term
from course.grading.classes.klass import counted
from course.grading.review.copies import TRIVIAL
from course.grading.review.gather import Review, Spread
from course.problem import readable

#: Students who are named where more may be meant.
NAMED = 5


def names(students: Sequence[str], most: int | None = None, between: str = ", ") -> str:
    """Names as one line, at most so many of them."""
    shown = students if most is None or len(students) <= most else students[:most]
    more = f" and {len(students) - len(shown):,} more" if len(shown) < len(students) else ""
    return between.join(map(readable, shown)) + more


def points(review: Review) -> str:
    """The distribution of the autograded points."""
    low, middle, high = review.quartiles
    ends = f"from {review.points[0]:g} to {review.points[-1]:g}"
    return f"median {middle:g} of {review.worth:g}, quartiles {low:g} and {high:g}, {ends}"


def head(review: Review) -> Iterator[str]:
    """Where grading itself stands: a sentence for each thing that there is to say."""
    yield f"Graded: {counted(range(review.graded))}. Autograded points: {points(review)}."
    if review.absent:
        yield f"Nothing attempted, so left out of these points ({len(review.absent):,}): {names(review.absent, NAMED)}."
    if review.late:
        students = [f"{student} by {delay(seconds)}" for student, seconds in review.late]
        yield f"Late ({len(review.late):,}): {names(students, NAMED)}."
    if review.memos:
        middle = statistics.median(review.memos)
        ends = f"median {middle:g}, from {review.memos[0]:g} to {review.memos[-1]:g}"
        yield f"Marked by hand: {counted(review.memos)}, {ends} points."
    if review.by_hand:
        whose = counted(range(review.by_hand_students))
        yield f"Still to mark by hand: up to {review.by_hand:,.6g} points, for {whose}."
    else:
        yield "Nothing is left to mark by hand."
    grade = f"course grade {review.unit}"
    again = f"remove autograded/STUDENT/{review.unit} and run {grade}"
    told = (
        (review.waiting, "Handed in, not graded yet", grade),
        (review.anew, "Changed since they were graded, or cut off in between", grade),
        (review.missing, "Graded, but there is no report, so only their points are counted here", again),
        (review.damaged, "The report can't be read, so only their points are counted here", again),
        (review.outdated, "Graded against an earlier version of the contract", f"{grade} --force"),
    )
    for students, what, command in told:
        if students:
            yield f"{what} ({len(students):,}): {names(students, NAMED)}. To grade them: {command}"


def delay(seconds: float) -> str:
    """How late something is: "2 d 3 h", "1 h 5 min"."""
    minutes = max(round(seconds / 60), 1)
    parts = ((minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "min"))
    return " ".join(f"{number} {unit}" for number, unit in [one for one in parts if one[0]][:2])


def look(review: Review) -> Iterator[str]:
    """Whose submission a person should look at, and why."""
    for student, why in review.look:
        yield f"! {readable(student)}: {why}"


def about_clauses(review: Review) -> Iterator[str]:
    """How the table of clauses is to be read."""
    yield (
        "On the side of the line that says kept, and at it, a clause is kept. Beyond it a clause is broken, or too "
        "close to call, which earns full points and counts as kept."
    )
    banded = [spread.term.title for spread in review.spreads if spread.term.band]
    if banded:
        yield (
            f"In bands (about): {'; '.join(banded)}. Exact values of the private hold-out are not in the reports: each "
            "of these is the worse end of its band, and what is kept is never shown as worse than the budget. "
            "Median and worst are no finer than that, and a heap at the budget is no sign of anything."
        )


def asked(term: Term) -> str:
    """A clause's budget, its points, and its band."""
    sign = "at most" if term.better == "lower" else "at least"
    band = f"; in bands of {term.show(term.band)}" if term.band else ""
    return f"{sign} {term.show(term.budget)}{f'; {term.worth:g} points' if term.worth else ''}{band}"


def about(term: Term, value: float) -> str:
    """A value, said to be in a band where it is."""
    return f"{'about ' if term.band else ''}{term.show(value)}"


def verdicts(spread: Spread) -> list[tuple[str, int]]:
    """How many there are of each verdict, in the order of their signs."""
    return [
        ("kept", spread.kept),
        ("too close to call", spread.close),
        ("broken", spread.broken),
        ("not measured", spread.not_measured),
        ("not attempted", spread.not_attempted),
    ]


def picture(spread: Spread) -> str:
    """What stands for a clause's histogram."""
    term, values = spread.term, spread.values
    counts = ", ".join(f"{number:,} {name}" for name, number in verdicts(spread) if number)
    where = f"{len(values):,} values from {term.show(values[0])} to {term.show(values[-1])}, " if values else ""
    return f"{term.title}: {where}asked for {asked(term)}. {counts}."


def close(review: Review) -> str:
    """What is too close to call."""
    if not review.close:
        return "No verdict was too close to call."
    number, students = len(review.close), len({one.student for one in review.close})
    verdicts = f"{number:,} verdict{'s' * (number != 1)} of {students:,} student{'s' * (students != 1)}"
    return f"Too close to call, and so in the student's favour: {verdicts}."


def same(review: Review) -> Iterator[str]:
    """What the groups of equal files are, and what they are not."""
    left = f" Files left as released, which are not compared: {review.untouched:,}." if review.untouched else ""
    yield f"Groups of equal files: {len(review.same):,}.{left}"
    yield (
        "Equal bytes are a reason to look, not a proof. Builds repeat: whoever takes the same steps with the same seed "
        "gets the same bytes, so a file that is the worked solution's, that a rehearsal has too, or that many have is "
        "most likely such a build. Nor does it find what was copied and changed by a letter. "
        f"Estimates and files under {TRIVIAL} bytes are not compared."
    )
