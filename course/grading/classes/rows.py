"""The table that sums a class up: a row for each student, shown in a terminal, as JSON or as a sheet."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from course.contract.show import SIGNS
from course.contract.terms.report import EARNS, Clause, Report, Term
from course.grading.classes import gradebook
from course.grading.execution.trusted import REPORT
from course.units.base import Unit


@dataclass(frozen=True)
class Row:
    """One student's line of the table: auto points, marks still to give by hand, and the Report if there is one."""

    student: str
    points: float
    worth: float
    by_hand: float
    report: Report | None


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
            rows.append(
                Row(
                    submission.student_id,
                    sum(grade.score or 0 for grade in auto),
                    sum(grade.cell.max_score for grade in auto),
                    sum(grade.cell.max_score for grade in grades if grade.needs_manual_grade),
                    _report(root / "autograded" / submission.student_id / unit.name / REPORT),
                )
            )
    return sorted(rows, key=lambda row: row.student)


def _report(file: Path) -> Report | None:
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
        made.add_column(row.student)
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
    return made


def _long(unit: Unit, rows: list[Row]) -> Table:
    made = Table(title=f"{unit.name}, private hold-out", title_justify="left")
    for head in ("Student", *(term.name for term in unit.terms), "Points"):
        made.add_column(head)
    for row in rows:
        clauses = (_clause(row, term) for term in unit.terms)
        signs = (SIGNS[clause.verdict] if clause else "?" for clause in clauses)
        made.add_row(row.student, *signs, f"{row.points:g}/{row.worth:g}")
    return made


def plain(row: Row) -> dict:
    """A row as plain data, for JSON."""
    report = json.loads(row.report.to_json()) if row.report else None
    passed = bool(row.report) and all(clause.verdict in EARNS for clause in row.report.clauses)
    return {
        "student": row.student, "points": row.points, "worth": row.worth, "by_hand": row.by_hand,
        "kept": passed, "report": report,
    }  # fmt: skip


def write_csv(unit: Unit, rows: list[Row], file: Path) -> None:
    """A line for each student: points, and for each clause points, value (in the contract's unit) and verdict."""
    with file.open("w", newline="", encoding="utf-8") as out:
        sheet = csv.writer(out)
        parts = [f"{term.name} {what}" for term in unit.terms for what in ("points", "value", "verdict")]
        sheet.writerow(["student", "points", "worth", "by hand", *parts])
        for row in rows:
            clauses = [_clause(row, term) for term in unit.terms]
            cells = [cell for one in clauses for cell in ((one.points, one.value, one.verdict) if one else [""] * 3)]
            # A name that a spreadsheet would take for a formula is shown as text.
            name = f"'{row.student}" if row.student.startswith(("=", "+", "-", "@", "\t")) else row.student
            sheet.writerow([name, row.points, row.worth, row.by_hand, *cells])
