"""The student version of a unit in release/, made by nbgrader from the lesson."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from course.contract.terms.holdout import PUBLIC_FILE
from course.grading.authoring.lessons import Lesson
from course.grading.classes.commands import GradingProblem, nbgrader
from course.units.base import Unit


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
    nbgrader(root, "generate_assignment", unit.name, "--create", "--force")
    console.print(
        f"{unit.name}: {'remade' if changed else 'unchanged'}, released to {lesson.student.parent.relative_to(root)}/"
    )
