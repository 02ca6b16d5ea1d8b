"""Handing in without a class: the course's samples, and a self-learner's own work.

Practice is a course of its own, in practice/: with a gradebook, submissions and feedback that no class sees.
"""

from __future__ import annotations

import datetime
import shutil
from pathlib import Path

from rich.console import Console

from course import notebooks
from course.grading.authoring.lessons import Lesson
from course.grading.classes import gradebook
from course.grading.classes.commands import GradingProblem
from course.notebooks import essence
from course.units.base import Unit

FOLDER = "practice"
#: The name under which a self-learner hands in, and how the names of sample submissions begin.
ME, SAMPLE = "me", "sample-"


def is_practice(student: str) -> bool:
    """True for a name of practice: earlier versions put them into a class's gradebook."""
    return student == ME or student.startswith(SAMPLE)


def course(unit: Unit, root: Path) -> Path:
    """The course to practise in, with this unit in it, in the checkout `root`."""
    folder = root / FOLDER
    folder.mkdir(exist_ok=True)
    gradebook.copy_settings(root, folder)
    Lesson(unit, root).settle()
    shutil.copytree(root / "source" / unit.name, folder / "source" / unit.name, dirs_exist_ok=True)
    return folder


def clear(root: Path) -> list[str]:
    """Remove all practice: practice/, and what earlier versions put among the class. Returns the students' names."""
    gone = {path.name for path in (root / FOLDER / "submitted").glob("*")}
    shutil.rmtree(root / FOLDER, ignore_errors=True)
    where = gradebook.url(root)
    if gradebook.is_made(where):
        with gradebook.opened(where) as book:
            for student in [one.id for one in book.students if is_practice(one.id)]:
                book.remove_student(student)
                gone.add(student)
    for kind in ("submitted", "autograded", "feedback", "quarantine"):
        for path in (root / kind).glob("*"):
            if is_practice(path.name) and path.is_dir() and not path.is_symlink():
                _remove(path)
                gone.add(path.name)
    return sorted(gone)


def _remove(folder: Path) -> None:
    from nbgrader.utils import rmtree

    rmtree(str(folder))  # nbgrader's own: graded files are read-only


def hand_in_samples(unit: Unit, root: Path, target: Path, console: Console) -> None:
    """Hand in the rehearsals of the checkout `root` that are marked as samples, as three students, in `target`."""
    import nbformat

    from course.grading.authoring.rehearse import rehearsals

    lesson = Lesson(unit, root)
    for rehearsal in rehearsals(unit, root):
        if not rehearsal.sample:
            continue
        folder = target / "submitted" / f"{SAMPLE}{rehearsal.sample}" / unit.name
        folder.mkdir(parents=True, exist_ok=True)
        nbformat.write(lesson.submission(rehearsal.cells(lesson.solutions())), folder / f"{unit.name}.ipynb")
        console.print(f"handed in: {folder.relative_to(root)}/ ({rehearsal.about})", markup=False, soft_wrap=True)


def hand_in_mine(unit: Unit, target: Path, console: Console) -> None:
    """Hand in a self-learner's own files in the course `target`, in place of what was handed in there before.

    Raises GradingProblem where they lie there already (they would be lost), and where nobody has begun: the notebook's
    cells would be run for minutes, to say that nothing is there.
    """
    from course.learning import workspace

    folder, place = workspace.find(unit), target / "submitted" / ME / unit.name
    if place.is_dir() and folder.samefile(place):
        raise GradingProblem(f"You are in {workspace.shown(place)}, where work is handed in; start this elsewhere.")
    if _is_untouched(unit, folder):
        raise GradingProblem(
            f"{workspace.shown(folder)} is as it was released: there is nothing of yours to grade yet. "
            f"Begin in the notebook, then look with: course check {unit.name}"
        )
    place.mkdir(parents=True, exist_ok=True)
    found = []
    for name in (f"{unit.name}.ipynb", *unit.files):
        (place / name).unlink(missing_ok=True)
        if (folder / name).is_file():
            shutil.copyfile(folder / name, place / name)
            found.append(name)
    now = datetime.datetime.now(datetime.UTC)
    (place / "timestamp.txt").write_text(f"{now:%Y-%m-%d %H:%M:%S.%f %Z}", encoding="utf-8")
    console.print(f"handed in from {workspace.shown(folder)}: {', '.join(found) or 'nothing'}", markup=False)


def _is_untouched(unit: Unit, folder: Path) -> bool:
    """True where no file is built yet, and every cell for a learner is as released."""
    from course.learning import workspace

    origin = workspace.released(unit)
    if origin is None or any((folder / name).is_file() for name in unit.files):
        return False
    try:
        mine, released = (notebooks.find(place, unit.name).cells for place in (folder, origin))
    except notebooks.Unreadable:
        return False
    return {essence(cell.source) for cell in mine} <= {essence(cell.source) for cell in released} | {""}
