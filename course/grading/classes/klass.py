"""A class: release, hand in samples, autograde, feedback, and the table that sums it up.

What is graded is recorded by plain `nbgrader autograde`; this only calls it and reads what it left.
"""

from __future__ import annotations

import contextlib
import csv
import fnmatch
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from course import key
from course.contract.show import SIGNS
from course.contract.terms.holdout import PUBLIC_FILE
from course.contract.terms.report import EARNS, Clause, Report, Term
from course.grading.authoring.lessons import Lesson
from course.grading.classes import gradebook, results, resume
from course.grading.execution.trusted import REPORT
from course.grading.submissions import submission
from course.problem import Problem
from course.units.base import Unit

LOG = "build/nbgrader.log"
#: The name under which a self-learner hands in, and how the names of sample submissions begin.
ME, SAMPLE = "me", "sample-"


class GradingProblem(Problem):
    """nbgrader did not do what was asked; the message says what to do."""


@dataclass(frozen=True)
class Row:
    """One student's line of the table: auto points, marks still to give by hand, and the Report if there is one."""

    student: str
    points: float
    worth: float
    by_hand: float
    report: Report | None


def release(unit: Unit, root: Path, console: Console) -> None:
    """Write the instructor's notebook from the lesson and the student's notebook from that.

    Raises GradingProblem where somebody has worked in release/: nbgrader would delete it.
    """
    lesson = Lesson(unit, root)
    mine = (lesson.student.name, PUBLIC_FILE, ".ipynb_checkpoints")
    work = sorted(path.name for path in lesson.student.parent.glob("*") if path.name not in mine)
    if work:
        raise GradingProblem(
            f"{lesson.student.parent.relative_to(root)}/ holds somebody's work ({', '.join(work)}). "
            "Move it to a folder of its own, then make the release again."
        )
    changed = lesson.write()
    lesson.settle()
    _nbgrader(root, "generate_assignment", unit.name, "--create", "--force")
    console.print(
        f"{unit.name}: {'remade' if changed else 'unchanged'}, released to {lesson.student.parent.relative_to(root)}/"
    )


@dataclass(frozen=True)
class How:
    """How to grade: how many submissions at a time, on which Dask scheduler (empty: this machine), and what again."""

    jobs: int = 1
    scheduler: str = ""
    force: bool = False
    no_cache: bool = False


def grade(
    unit: Unit, root: Path, how: How, console: Console, show: Callable[[list[Row]], None], *, only: Sequence[str] = ()
) -> None:
    """Grade what lies in submitted/ (of the students that match a pattern of `only`), write feedback, `show` all rows.

    The work is done side by side (see `spread`), and then recorded by plain `nbgrader autograde`. Raises GradingProblem
    when there is nothing to grade or something was not graded; what was graded until then is kept.
    """
    start = time.monotonic()
    if not _known(unit, root):
        with console.status("entering the unit into the gradebook"), tempfile.TemporaryDirectory() as scratch:
            Lesson(unit, root).settle()
            # Not into release/: a learner may be working there.
            elsewhere = f"--CourseDirectory.release_directory={scratch}"
            _nbgrader(root, "generate_assignment", unit.name, "--create", elsewhere)
    students = _students(unit, root, only)
    waiting = [
        name
        for name in students
        if how.force
        or not resume.is_finished(root / "autograded" / name / unit.name, root / "submitted" / name / unit.name)
    ]
    with console.status("preparing") as status:
        unit.prepare(unit.public_data(key.current()), status.update)
    problems: dict[str, str] = {}
    with contextlib.ExitStack() as ending:
        environment = {}
        if how.no_cache:
            environment[results.FOLDER] = ending.enter_context(tempfile.TemporaryDirectory(prefix="course-"))
        if waiting and (how.scheduler or how.jobs > 1):
            with _environment(environment):
                problems = _side_by_side(unit, root, waiting, how, console)
        ready = [name for name in waiting if name not in problems]
        failed = ""
        if ready:
            with console.status(f"recording {counted(ready)} of {unit.name} (log: {LOG})"):
                again = ["--force"] if how.force else []
                try:
                    _nbgrader(root, "autograde", unit.name, *again, environment=environment, students=ready)
                except GradingProblem as problem:
                    failed = str(problem)
            with console.status(f"writing feedback for {counted(ready)}"):
                try:
                    _feedback(unit, root, ready, how.jobs)
                except GradingProblem as problem:
                    failed = failed or str(problem)
    show(table_rows(unit, root))
    who = students[0] if len(students) == 1 else "STUDENT"
    console.print(f"Feedback: feedback/{who}/{unit.name}/{unit.name}.html")
    same = len(students) - len(waiting)
    unchanged = f" {same} more did not change since grading (--no-cache grades again)." if same else ""
    console.print(f"Graded {counted(ready)} in {time.monotonic() - start:.0f} s.{unchanged}")
    for name, why in problems.items():
        console.print(f"✗ {name} was not graded: {why.rstrip('.')}.", markup=False)
    if problems and not failed:
        failed = f"{counted([*problems])} could not be graded. The same command tries again."
    if failed:
        raise GradingProblem(failed)


def _students(unit: Unit, root: Path, only: Sequence[str]) -> list[str]:
    """Who handed in, of those that match a pattern; all without patterns."""
    students = sorted(path.parent.name for path in (root / "submitted").glob(f"*/{unit.name}"))
    if not students:
        raise GradingProblem(nothing_handed_in(unit))
    for pattern in only:
        if not fnmatch.filter(students, pattern):
            raise GradingProblem(f"Nobody in submitted/*/{unit.name} matches {pattern!r}.")
    return [name for name in students if not only or any(fnmatch.fnmatchcase(name, pattern) for pattern in only)]


def _side_by_side(unit: Unit, root: Path, waiting: list[str], how: How, console: Console) -> dict[str, str]:
    """Grade submissions side by side, with a progress bar; why some were not, by student."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from course.grading.classes import spread

    problems: dict[str, str] = {}
    columns = (
        TextColumn("grading"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(), TextColumn("{task.fields[failed]}"),
    )  # fmt: skip
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("", total=len(waiting), rate="", failed="")

        def done(name: str, problem: str) -> None:
            if problem:
                problems[name] = problem
            speed = progress.tasks[0].speed
            rate = f"{60 * speed:.1f} a minute" if speed else ""
            progress.update(bar, advance=1, rate=rate, failed=f"{len(problems)} failed" if problems else "")

        spread.run_all(unit, root, waiting, jobs=how.jobs, scheduler=how.scheduler, done=done)
    return problems


def _feedback(unit: Unit, root: Path, students: list[str], jobs: int) -> None:
    """Write feedback in several processes: it takes as long as recording, and only reads the gradebook."""
    parts = [part for part in (students[k::jobs] for k in range(jobs)) if part]
    with ThreadPoolExecutor(len(parts)) as pool:
        for written in [
            pool.submit(_nbgrader, root, "generate_feedback", unit.name, "--force", students=part) for part in parts
        ]:
            written.result()


@contextlib.contextmanager
def _environment(more: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ |= more
    try:
        yield
    finally:
        os.environ.clear()
        os.environ |= before


def nothing_handed_in(unit: Unit) -> str:
    """What to say, and to do, when nobody has handed in."""
    return (
        f"There is nothing to grade: no folder submitted/STUDENT/{unit.name}. "
        f"Try it with: course grade {unit.name} --samples"
    )


def counted(names: Collection) -> str:
    """How many submissions, in words."""
    return f"{len(names)} submission{'s' * (len(names) != 1)}"


def hand_in_samples(unit: Unit, root: Path, console: Console) -> None:
    """Put the rehearsals that are marked as samples into submitted/, as three students would hand them in."""
    import nbformat

    from course.grading.authoring.rehearse import rehearsals

    lesson = Lesson(unit, root)
    for rehearsal in rehearsals(unit, root):
        if not rehearsal.sample:
            continue
        folder = root / "submitted" / f"{SAMPLE}{rehearsal.sample}" / unit.name
        folder.mkdir(parents=True, exist_ok=True)
        nbformat.write(lesson.submission(rehearsal.cells(lesson.solutions())), folder / f"{unit.name}.ipynb")
        console.print(f"handed in: {folder.relative_to(root)}/ ({rehearsal.about})")


def hand_in_mine(unit: Unit, root: Path, console: Console) -> None:
    """Put a self-learner's own files into submitted/me, in place of what was handed in there before.

    Raises GradingProblem where they lie there already: they would be lost.
    """
    from course.learning import workspace

    folder, target = workspace.find(unit), root / "submitted" / ME / unit.name
    target.mkdir(parents=True, exist_ok=True)
    if folder.samefile(target):
        raise GradingProblem(f"You are in {workspace.shown(target)}, where work is handed in; start this elsewhere.")
    found = []
    for name in (f"{unit.name}.ipynb", *unit.files):
        (target / name).unlink(missing_ok=True)
        if (folder / name).is_file():
            shutil.copyfile(folder / name, target / name)
            found.append(name)
    console.print(f"handed in from {workspace.shown(folder)}: {', '.join(found) or 'nothing'}")


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


def _known(unit: Unit, root: Path) -> bool:
    """Is the unit in the gradebook, with all its cells? They are entered one by one, so a killed run leaves some."""
    import nbformat
    from nbgrader.api import MissingEntry

    where = gradebook.url(root)
    if not gradebook.is_made(where):
        return False
    notebook = nbformat.read(root / "source" / unit.name / f"{unit.name}.ipynb", as_version=4)
    marks = [cell.metadata.get("nbgrader", {}) for cell in notebook.cells]
    expected = {m.grade_id for m in marks if any(m.get(kind) for kind in ("grade", "solution", "locked", "task"))}
    with gradebook.opened(where) as book:
        try:
            entered = book.find_notebook(unit.name, unit.name).source_cells
        except MissingEntry:
            return False
    return expected <= {cell.name for cell in entered}


def _nbgrader(
    root: Path, *arguments: str, environment: Mapping[str, str] | None = None, students: Sequence[str] | None = None
) -> None:
    """Run one nbgrader command, about some students; its output goes to the log.

    Raises GradingProblem with its first complaint.
    """
    log = root / LOG
    log.parent.mkdir(exist_ok=True)
    # nbgrader calls alembic by its bare name: the environment's programs come first on the path.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    more = {"PATH": path, resume.PARENT: str(os.getpid())} | dict(environment or {})
    with (
        tempfile.TemporaryDirectory(prefix="course-") as scratch,
        log.open("a+", encoding="utf-8", errors="replace") as out,
    ):
        if students is not None:
            more[submission.STUDENTS] = str(Path(scratch) / "students.json")
            Path(more[submission.STUDENTS]).write_text(json.dumps(students), encoding="utf-8")
        print("$ nbgrader", *arguments, file=out, flush=True)
        start = out.seek(0, os.SEEK_END)
        ran = subprocess.run(
            [sys.executable, "-m", "nbgrader", *arguments],
            cwd=root,
            env=os.environ | more,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        )
        out.seek(start)
        said = out.read()
    if ran.returncode:
        errors = [line.split("]", 1)[-1].strip() for line in said.splitlines() if "ERROR]" in line]
        noise = ("Traceback", "There was an error processing", "Please see the the above")
        known = [line for line in errors if line and not line.startswith(noise)]
        raise GradingProblem(f"nbgrader {arguments[0]}: {known[0] if known else 'failed; see ' + LOG}")
