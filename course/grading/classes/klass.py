"""A class: autograde, feedback, and the table that sums it up.

What is graded is recorded by plain `nbgrader autograde`; this only calls it and reads what it left.
"""

from __future__ import annotations

import contextlib
import fnmatch
import os
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from course import sandbox
from course.grading.authoring.lessons import Lesson
from course.grading.classes import gradebook, results, resume
from course.grading.classes.commands import LOG, GradingProblem, is_known, nbgrader
from course.grading.classes.rows import Row, table_rows
from course.grading.places import require_plain
from course.grading.submissions import ingest
from course.learning.workspace import shown
from course.problem import readable
from course.units.base import Unit

#: Remarks that are printed, of those that are no reason to look.
ASIDES = 10


@dataclass(frozen=True)
class How:
    """How to grade: how many submissions at a time, on which Dask scheduler (empty: this machine), and what again."""

    jobs: int = 1
    scheduler: str = ""
    force: bool = False
    no_cache: bool = False


def grade(
    unit: Unit, root: Path, how: How, console: Console, show: Callable[[list[Row]], None], *, only: Sequence[str] = ()
) -> list[str]:
    """Grade what lies in submitted/ (of the students named by `only`), write feedback, `show` all rows.

    The work is done side by side (see `spread`), and then recorded by plain `nbgrader autograde`. Returns the students,
    of those that were meant, whose submission a person should look at. Raises GradingProblem when there is nothing to
    grade or something was not graded; what was graded until then is kept.
    """
    start = time.monotonic()
    require_plain(root)
    gradebook.is_made(gradebook.url(root))  # one that can't be reached is said before anything else
    students = _students(unit, root, only)
    problems = {name: why for name in students if (why := ingest.unusable(name))}
    if not is_known(unit, root):
        with (
            console.status("entering the unit into the gradebook"),
            tempfile.TemporaryDirectory(dir=sandbox.home()) as scratch,
        ):
            Lesson(unit, root).settle()
            # Not into release/: a learner may be working there.
            elsewhere = f"--CourseDirectory.release_directory={scratch}"
            nbgrader(root, "generate_assignment", unit.name, "--create", elsewhere)
    recorded = gradebook.students(gradebook.url(root), unit.name)
    waiting = [
        name
        for name in students
        if name not in problems
        and (
            how.force
            or name not in recorded  # it may be another gradebook than last time
            or not resume.is_finished(root / "autograded" / name / unit.name, root / "submitted" / name / unit.name)
        )
    ]
    failed = ""
    with contextlib.ExitStack() as ending:
        environment = {}
        if how.no_cache:
            environment[results.FOLDER] = ending.enter_context(tempfile.TemporaryDirectory(dir=sandbox.home()))
        if waiting and (how.scheduler or how.jobs > 1):
            with _environment(environment):
                problems |= _side_by_side(unit, root, waiting, how, console)
        ready = [name for name in waiting if name not in problems]
        if ready:
            with console.status(f"recording {counted(ready)} of {unit.name} (log: {LOG})"):
                again = ["--force"] if how.force else []
                try:
                    nbgrader(root, "autograde", unit.name, *again, environment=environment, students=ready)
                except GradingProblem as problem:
                    failed = str(problem)
    untold = [name for name in students if name in ready or not _has_feedback(root, name, unit)]
    untold = [name for name in untold if (root / "autograded" / name / unit.name / f"{unit.name}.ipynb").is_file()]
    if untold:
        with console.status(f"writing feedback for {counted(untold)}"):
            try:
                _feedback(unit, root, untold, how.jobs)
            except GradingProblem as problem:
                failed = failed or str(problem)
    rows = table_rows(unit, root)
    show(rows)
    _tell_feedback(unit, root, students, problems, console)
    same = len(students) - len(waiting) - len(problems.keys() - set(waiting))
    unchanged = f" {same} more did not change since grading (--no-cache grades again)." if same else ""
    console.print(f"Graded {counted(ready)} in {time.monotonic() - start:.0f} s.{unchanged}")
    _tell_asides([row for row in rows if row.remarks and not row.look and row.student in students], console)
    look = [row for row in rows if row.look and row.student in students]
    for row in look:
        console.print(f"! {readable(row.student)}: {' '.join(row.look)}", markup=False)
    for name, why in problems.items():
        console.print(f"✗ {readable(name)} was not graded: {why.rstrip('.')}.", markup=False)
    if problems and not failed:
        failed = f"{counted([*problems])} could not be graded. The same command tries again."
    if failed:
        raise GradingProblem(failed)
    return [row.student for row in look]


def _students(unit: Unit, root: Path, only: Sequence[str]) -> list[str]:
    """Who handed in, of those that have one of the names or match one of the patterns; all without any."""
    students = sorted(path.parent.name for path in (root / "submitted").glob(f"*/{unit.name}"))
    if not students:
        raise GradingProblem(nothing_handed_in(unit))
    chosen: set[str] = set()
    for name in only:
        # A name goes first: it may have brackets in it, which in a pattern stand for one letter.
        found = [name] if name in students else fnmatch.filter(students, name)
        if not found:
            raise GradingProblem(f"Nobody in submitted/*/{unit.name} matches {name!r}.")
        chosen.update(found)
    return [name for name in students if not only or name in chosen]


def _page(root: Path, student: str, unit: Unit) -> Path:
    return root / "feedback" / student / unit.name / f"{unit.name}.html"


def _has_feedback(root: Path, student: str, unit: Unit) -> bool:
    """Is there a page that is not older than the grades? Plain `nbgrader autograde` writes none."""
    page, graded = _page(root, student, unit), root / "autograded" / student / unit.name / resume.LIST
    try:
        return page.stat().st_mtime >= graded.stat().st_mtime
    except OSError:
        return page.is_file()


def _tell_feedback(
    unit: Unit, root: Path, students: Sequence[str], problems: Collection[str], console: Console
) -> None:
    without = [name for name in students if not _page(root, name, unit).is_file()]
    if len(without) < len(students):
        who = students[0] if len(students) == 1 else "STUDENT"
        console.print(f"Feedback: {readable(shown(_page(root, who, unit)))}", markup=False, soft_wrap=True)
    silent = [readable(name) for name in without if name not in problems]
    if silent:
        more = f" and {len(silent) - 5} more" if len(silent) > 5 else ""
        console.print(f"No feedback was written for {', '.join(silent[:5])}{more}; see {LOG}.", markup=False)


def _tell_asides(rows: Sequence[Row], console: Console) -> None:
    """What is worth knowing, and no reason to look."""
    for row in rows[:ASIDES]:
        said = " ".join(remark.text for remark in row.remarks)
        console.print(f"○ {readable(row.student)}: {said}", markup=False)
    if len(rows) > ASIDES:
        console.print(f"○ and {counted(rows[ASIDES:])} more with remarks; --csv has them all.")


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
            pool.submit(nbgrader, root, "generate_feedback", unit.name, "--force", students=part) for part in parts
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
