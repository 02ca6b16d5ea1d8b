"""What grading left of a class, put together: points, clauses, reasons, costs, close verdicts, identical files.

It reads the gradebook, the reports and, where two have the same size, the graded files, a block at a time: a class of
thousands fits into memory.
"""

from __future__ import annotations

import dataclasses
import re
import statistics
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from course.contract.terms.report import EARNS, Clause, Report, Term
from course.grading.authoring.rehearse import TIMES
from course.grading.classes import klass, resume
from course.grading.classes.practice import is_practice
from course.grading.classes.rows import table_rows
from course.grading.execution.trusted import REPORT
from course.grading.review.copies import Same, same_files
from course.problem import Problem, readable
from course.units.base import Unit

#: How many of the dearest are named for each clause that is a cost.
DEAREST = 10
_NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[-+]?\d+)?(?!\w|\.\d)", re.IGNORECASE)


@dataclass(frozen=True)
class Spread:
    """One clause over the class: how many of each verdict, and the measured values in ascending order."""

    term: Term
    kept: int
    close: int
    broken: int
    not_measured: int
    not_attempted: int
    values: tuple[float, ...]
    median: float | None
    worst: float | None
    worst_of: tuple[str, ...]  # students whose value that is

    @property
    def of(self) -> int:
        """How many reports have the clause."""
        return self.kept + self.close + self.broken + self.not_measured + self.not_attempted

    @property
    def share(self) -> float:
        """The share of them that earns the clause's full points."""
        return (self.kept + self.close) / self.of if self.of else 0.0


@dataclass(frozen=True)
class Reason:
    """One reason why clauses are not kept: the sentence (numbers as #), one as it was told, where, and for whom."""

    sentence: str
    example: str
    clauses: tuple[str, ...]
    students: tuple[str, ...]

    @property
    def told(self) -> str:
        """What to show: the sentence, with one student's own numbers where they differ."""
        return self.sentence if self.sentence == self.example else f"{self.sentence} (as in: {self.example})"


@dataclass(frozen=True)
class Found:
    """One student's measurement of one clause, as it is shown."""

    student: str
    clause: str
    shown: str
    asked: str
    distance: str
    verdict: str


@dataclass(frozen=True)
class Review:
    """Everything about one unit's class. Students are named in alphabetical order."""

    unit: str
    title: str
    worth: float
    graded: int  # students in the gradebook with this unit
    points: tuple[float, ...]  # autograded, ascending, one for each who is graded and attempted anything
    absent: tuple[str, ...]  # handed in and graded, but not a clause was attempted
    quartiles: tuple[float, float, float]
    by_hand: float
    by_hand_students: int
    memos: tuple[float, ...]  # points given by hand, ascending
    late: tuple[tuple[str, float], ...]  # who handed in late, and by how many seconds
    waiting: tuple[str, ...]  # handed in, never graded
    anew: tuple[str, ...]  # graded, but what lies in submitted/ is something else, or grading was cut off
    missing: tuple[str, ...]  # graded without a report
    damaged: tuple[str, ...]  # the report can't be read
    outdated: tuple[str, ...]  # graded against other clauses or budgets than the unit has now
    look: tuple[tuple[str, str], ...]  # students whose submission a person should look at, and why
    spreads: tuple[Spread, ...]
    reasons: tuple[Reason, ...]
    close: tuple[Found, ...]
    dearest: dict[str, tuple[Found, ...]]  # by the clause's title
    same: tuple[Same, ...]
    untouched: int  # files left as they were released


def plain(review: Review) -> dict:
    """The same for programs: what json.dumps takes."""
    shares = {spread.term.name: spread.share for spread in review.spreads}
    made = dataclasses.asdict(review)
    for spread in made["spreads"]:
        spread["share"] = shares[spread["term"]["name"]]
    return made


def gather(unit: Unit, root: Path) -> Review:
    """Read what grading left of `unit` in the checkout `root`. Raises Problem when nothing is graded."""
    handed_in = {path.parent.name for path in (root / "submitted").glob(f"*/{unit.name}")}
    handed_in = {name for name in handed_in if not is_practice(name)}
    rows = [row for row in table_rows(unit, root) if not is_practice(row.student)]
    if not rows and not handed_in:
        raise Problem(klass.nothing_handed_in(unit))
    if not rows:
        number = klass.counted(handed_in)
        raise Problem(f"{number} of {unit.name} handed in, none graded yet: course grade {unit.name}")
    folders = {row.student: root / "autograded" / row.student / unit.name for row in rows}
    reports = {row.student: row.report for row in rows if row.report}
    without = [row.student for row in rows if not row.report]
    same, untouched = same_files(unit, root, folders)
    absent = {name for name, report in reports.items() if {one.verdict for one in report.clauses} == {"not attempted"}}
    points = sorted(row.points for row in rows if row.student not in absent) or [0.0]
    by_hand = [row.by_hand for row in rows if row.by_hand]
    return Review(
        unit=unit.name,
        title=unit.title,
        worth=max(row.worth for row in rows),
        graded=len(rows),
        points=tuple(points),
        absent=tuple(sorted(absent)),
        quartiles=_quartiles(points),
        by_hand=sum(by_hand),
        by_hand_students=len(by_hand),
        memos=tuple(sorted(row.given for row in rows if row.given is not None)),
        late=tuple((row.student, row.late) for row in rows if row.late),
        waiting=tuple(sorted(handed_in - folders.keys())),
        anew=tuple(
            student
            for student, folder in folders.items()
            if student in handed_in
            and folder.is_dir()
            and not resume.is_finished(folder, root / "submitted" / student / unit.name)
        ),
        missing=tuple(student for student in without if not (folders[student] / REPORT).is_file()),
        damaged=tuple(student for student in without if (folders[student] / REPORT).is_file()),
        outdated=tuple(student for student, report in reports.items() if _asked(report.clauses) != _asked(unit.terms)),
        look=tuple((row.student, " ".join(row.look)) for row in rows if row.look),
        spreads=tuple(_spread(term, reports) for term in unit.terms),
        reasons=_reasons(reports),
        close=tuple(_found(*one) for one in _clauses(reports) if one[1].verdict == "too close to call"),
        dearest=dict(_dearest(unit, reports)),
        same=same,
        untouched=untouched,
    )


def _quartiles(points: Sequence[float]) -> tuple[float, float, float]:
    low, middle, high = statistics.quantiles(points, method="inclusive") if len(points) > 1 else [points[0]] * 3
    return low, middle, high


def _asked(terms: Sequence[Term | Clause]) -> dict[str, float]:
    return {term.name: term.budget for term in terms}


def _clauses(reports: dict[str, Report]) -> Iterator[tuple[str, Clause]]:
    return ((student, clause) for student, report in reports.items() for clause in report.clauses)


def _found(student: str, clause: Clause) -> Found:
    return Found(student, clause.title, clause.shown, clause.asked, clause.distance, clause.verdict)


def _measured(name: str, reports: dict[str, Report]) -> list[tuple[str, Clause]]:
    """Students with their clause of that name, the worst value first."""
    found = [(student, report[name]) for student, report in reports.items() if name in report]
    measured = [one for one in found if one[1].value is not None]
    return sorted(measured, key=lambda one: (one[1].value if one[1].better == "higher" else -one[1].value, one[0]))


def _spread(term: Term, reports: dict[str, Report]) -> Spread:
    verdicts = [report[term.name].verdict for report in reports.values() if term.name in report]
    measured = _measured(term.name, reports)
    values = sorted(clause.value for _, clause in measured)
    worst = measured[0][1].value if measured else None
    return Spread(
        term=term,
        kept=verdicts.count("kept"),
        close=verdicts.count("too close to call"),
        broken=verdicts.count("broken"),
        not_measured=verdicts.count("not measured"),
        not_attempted=verdicts.count("not attempted"),
        values=tuple(values),
        median=statistics.median(values) if values else None,
        worst=worst,
        worst_of=tuple(student for student, clause in measured if clause.value == worst),
    )


def _dearest(unit: Unit, reports: dict[str, Report]) -> Iterator[tuple[str, tuple[Found, ...]]]:
    costs = [term for term in unit.terms if term.name in TIMES or term.production]
    for term in sorted(costs, key=lambda term: term.name not in TIMES):
        if measured := _measured(term.name, reports)[:DEAREST]:
            yield term.title, tuple(_found(*one) for one in measured)


def without_numbers(sentence: str) -> str:
    """A sentence with # for each number, so that equal reasons are equal sentences."""
    return re.sub(r"#(?:, #)+", "#, …", _NUMBER.sub("#", sentence))


def _reasons(reports: dict[str, Report]) -> tuple[Reason, ...]:
    """Reasons by how many students they concern, most first."""
    told: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for student, clause in _clauses(reports):
        if clause.verdict not in EARNS:
            sentence = readable(clause.advice) or f"{clause.title}: {clause.verdict}, without a sentence."
            told[without_numbers(sentence)].append((student, clause.title, sentence))
    reasons = []
    for general, cases in told.items():
        students, titles, sentences = (tuple(dict.fromkeys(column)) for column in zip(*cases, strict=True))
        reasons.append(Reason(general if len(sentences) > 1 else sentences[0], sentences[0], titles, students))
    return tuple(sorted(reasons, key=lambda reason: (-len(reason.students), reason.sentence)))
