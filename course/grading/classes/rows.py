"""The table that sums a class up: a row for each student, shown in a terminal, as JSON or as a sheet."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table
from rich.text import Text

from course.contract.show import SIGNS
from course.contract.terms.report import EARNS, Clause, Report, Term
from course.grading.classes import gradebook
from course.grading.execution.trusted import REPORT
from course.grading.submissions import remarks
from course.grading.submissions.remarks import Remark
from course.problem import Problem, readable
from course.units.base import Unit


@dataclass(frozen=True)
class Row:
    """One student's line of the table: auto points, marks to give by hand, the Report if there is one, remarks.

    `given` are the points given by hand, None before that; `late` is by how many seconds it was handed in late.
    """

    student: str
    points: float
    worth: float
    by_hand: float
    report: Report | None
    remarks: tuple[Remark, ...] = ()
    given: float | None = None
    late: float = 0.0

    @property
    def look(self) -> tuple[str, ...]:
        """Why a person should look at the submission; empty if nobody need."""
        said = tuple(remark.text for remark in self.remarks if remark.look)
        clauses = self.report.clauses if self.report else ()
        unmeasured = [clause.title for clause in clauses if clause.verdict == "not measured"]
        if unmeasured:
            names = ", ".join(unmeasured)
            said += (
                f"Not measured, twice, for want of evidence, so without points: {names}. Grade it again with "
                "--no-cache when the machine is free.",
            )
        return said


def table_rows(unit: Unit, root: Path) -> list[Row]:
    """What the gradebook and the reports say about every graded submission of a unit."""
    from nbgrader.api import Assignment, Grade, SubmittedAssignment, SubmittedNotebook
    from sqlalchemy.orm import selectinload

    rows = []
    where = gradebook.url(root)
    if not gradebook.is_made(where):
        return rows
    with gradebook.opened(where) as book:
        # As book.assignment_submissions, but in three questions to the database and not in one for each grade.
        submissions = book.db.query(SubmittedAssignment).join(Assignment).filter(Assignment.name == unit.name)
        grades_too = selectinload(SubmittedAssignment.notebooks).selectinload(SubmittedNotebook.grades)
        for submission in submissions.options(grades_too.joinedload(Grade.cell)):
            grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
            auto = [grade for grade in grades if grade.cell.cell_type == "code"]
            hand = [grade for grade in grades if grade.cell.cell_type != "code"]
            given = [grade.score or 0 for grade in hand if not grade.needs_manual_grade]
            rows.append(
                Row(
                    submission.student_id,
                    sum(grade.score or 0 for grade in auto),
                    sum(grade.cell.max_score for grade in auto),
                    sum(grade.cell.max_score for grade in grades if grade.needs_manual_grade),
                    read_report(root / "autograded" / submission.student_id / unit.name / REPORT),
                    remarks.read(root / "autograded" / submission.student_id / unit.name),
                    sum(given) if given and len(given) == len(hand) else None,
                    submission.total_seconds_late,
                )
            )
    return sorted(rows, key=lambda row: row.student)


def read_report(file: Path) -> Report | None:
    """The report in a graded folder; None where there is none that can be read (`course report` says whose)."""
    try:
        return Report.from_json(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _clause(row: Row, term: Term) -> Clause | None:
    """A clause of a student's report; None without one, or where it is of an older contract."""
    return row.report[term.name] if row.report and term.name in row.report else None


def table(unit: Unit, rows: list[Row]) -> Table:
    """A table of clauses by students for a few, of students by clauses for a class."""
    if len(rows) > 4:
        return _long(unit, rows)
    made = Table(title=f"{unit.name}, private hold-out", title_justify="left")
    made.add_column("Clause")
    made.add_column("Asked for")
    for row in rows:
        made.add_column(_name(row), overflow="fold")
    for term in unit.terms:
        cells = []
        for row in rows:
            clause = _clause(row, term)
            points = f"  {clause.points:g}/{clause.worth:g}" if clause and clause.worth else ""
            cells.append(f"{SIGNS[clause.verdict]} {clause.shown}{points}" if clause else "not graded")
        sign = "at most" if term.better == "lower" else "at least"
        made.add_row(term.title, f"{sign} {term.show(term.budget)}", *cells)
    made.add_section()
    made.add_row("Points, autograded", "", *(f"{row.points:g} of {row.worth:g}" for row in rows), style="bold")
    made.add_row("Still to mark by hand", "", *(f"{row.by_hand:g}" for row in rows))
    if any(row.look for row in rows):
        made.add_row("Look at it yourself", "", *("!" if row.look else "" for row in rows))
    return made


def _long(unit: Unit, rows: list[Row]) -> Table:
    made = Table(title=f"{unit.name}, private hold-out", title_justify="left")
    look = any(row.look for row in rows)
    for head in ("Student", *(term.name for term in unit.terms), "Points", *(["Look"] if look else [])):
        made.add_column(head, overflow="fold")  # a name is never cut
    for row in rows:
        clauses = (_clause(row, term) for term in unit.terms)
        signs = (SIGNS[clause.verdict] if clause else "?" for clause in clauses)
        made.add_row(_name(row), *signs, f"{row.points:g}/{row.worth:g}", *(["!" if row.look else ""] if look else []))
    return made


def _name(row: Row) -> Text:
    """A student's name as it is: nothing in it is markup, and a terminal does nothing for it."""
    return Text(readable(row.student))


def plain(row: Row) -> dict:
    """A row as plain data, for JSON."""
    report = json.loads(row.report.to_json()) if row.report else None
    passed = bool(row.report) and all(clause.verdict in EARNS for clause in row.report.clauses)
    return {
        "student": row.student, "points": row.points, "worth": row.worth, "by_hand": row.by_hand,
        "kept": passed, "look": list(row.look), "remarks": [remark.text for remark in row.remarks], "report": report,
    }  # fmt: skip


#: How a sheet of ours begins.
HEAD = ("student", "points", "worth", "by hand")


def require_ours(file: Path) -> None:
    """Raises Problem where a sheet would be written over something else."""
    if not file.exists():
        return
    try:
        with file.open(encoding="utf-8", newline="") as there:
            first = next(csv.reader(there), [])
    except (OSError, ValueError, csv.Error):
        first = ["something else"]
    if first and tuple(first[: len(HEAD)]) != HEAD:
        raise Problem(f"{file} is there already and is no table of `course grade`; give --csv another name.")


def write_csv(unit: Unit, rows: list[Row], file: Path) -> None:
    """A line for each student: points, remarks, and for each clause points, value (in the contract's unit) and verdict.

    Raises Problem where the file is there and something else than such a sheet, or can't be written.
    """
    require_ours(file)
    with file.open("w", newline="", encoding="utf-8") as out:
        sheet = csv.writer(out)
        parts = [f"{term.name} {what}" for term in unit.terms for what in ("points", "value", "verdict")]
        sheet.writerow([*HEAD, "look", "remarks", *parts])
        for row in rows:
            clauses = [_clause(row, term) for term in unit.terms]
            cells = [cell for one in clauses for cell in ((one.points, one.value, one.verdict) if one else [""] * 3)]
            said = " ".join(remark.text for remark in row.remarks)
            first = [
                _as_text(row.student),
                row.points,
                row.worth,
                row.by_hand,
                "look" if row.look else "",
                _as_text(said),
            ]
            sheet.writerow([*first, *cells])


def _as_text(words: str) -> str:
    """Words that a spreadsheet would take for a formula are shown as text."""
    return f"'{words}" if words.startswith(("=", "+", "-", "@", "\t")) else words
