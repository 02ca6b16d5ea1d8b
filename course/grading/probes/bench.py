"""Where probes are made: a course with markers in it, and limits that are small enough to be passed without harm."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import nbformat

from course import units
from course.contract.processes import calls
from course.grading.authoring.lessons import Lesson
from course.grading.classes import gradebook
from course.grading.execution import student
from course.grading.probes.place import UNIT, make_place, must, nbgrader
from course.sandbox import limits


class Bench:
    """A course with markers in it. `seconds` is how long each probe took, `log` what nbgrader said of the class."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.place = make_place(folder)
        self.unit = units.load(UNIT)
        self.seconds: dict[str, float] = {}
        self.log = ""
        gradebook.copy_settings(root, self.place.root)
        shutil.copytree(root / "source" / UNIT, self.place.root / "source" / UNIT)
        must(nbgrader(self.place, "generate_assignment", UNIT, "--create"))
        self.lesson = Lesson(self.unit, self.place.root)
        self.released = nbformat.read(self.lesson.student, as_version=4)


@contextlib.contextmanager
def small_limits() -> Iterator[None]:
    """Limits of sandboxes small enough that running into them is quick and hurts nobody."""
    small = {
        (limits, "MOST_MEMORY"): 600_000_000,
        (limits, "MOST_TASKS"): 80,
        (limits, "FOLDER_BYTES"): 50_000_000,
        (limits, "TMP_BYTES"): 50_000_000,
        (limits, "SHM_BYTES"): 50_000_000,
        (calls, "LOAD_S"): 10.0,
        (student, "GRACE"): 10.0,
    }
    before = {(where, name): getattr(where, name) for where, name in small}
    try:
        for (where, name), limit in small.items():
            setattr(where, name, limit)
        yield
    finally:
        for (where, name), limit in before.items():
            setattr(where, name, limit)
