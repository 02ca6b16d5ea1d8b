"""Handing in without a class: the course's samples, and a self-learner's own work."""

from __future__ import annotations

import shutil
from pathlib import Path

from rich.console import Console

from course.grading.authoring.lessons import Lesson
from course.grading.classes.commands import GradingProblem
from course.units.base import Unit

#: The name under which a self-learner hands in, and how the names of sample submissions begin.
ME, SAMPLE = "me", "sample-"


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
