"""Notebooks follow from lessons; nothing that a learner must not see is in release/."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys

import nbformat
import pytest
from conftest import ROOT
from rich.console import Console

from course import units
from course.grading.authoring.lessons import Lesson
from course.grading.classes import releasing
from course.grading.classes.commands import GradingProblem
from course.grading.submissions import submission

LESSONS = [Lesson(units.load(name), ROOT) for name in units.names()]
each = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.unit.name)


@each
def test_the_instructors_notebook_is_what_the_lesson_says(lesson):
    assert lesson.instructor.read_text(encoding="utf-8") == nbformat.writes(lesson.notebook()) + "\n", (
        f"run: course release {lesson.unit.name}"
    )


MAKE = """
import sys
from nbgrader.apps import NbGraderAPI
from traitlets.config import PyFileConfigLoader
config = PyFileConfigLoader("nbgrader_config.py", ".").load_config()
config.SaveCells.enabled, config.GenerateAssignment.no_database = False, True  # as --no-db does
nbgrader = NbGraderAPI(config=config)
for name in sys.argv[1:]:
    made = nbgrader.generate_assignment(name)
    assert made["success"], made.get("error") or made.get("log")
"""


@pytest.fixture(scope="module")
def nbgraders(tmp_path_factory):
    """What nbgrader makes of all lessons, in one go: to start it takes longer than that."""
    folder = tmp_path_factory.mktemp("course")
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    for lesson in LESSONS:
        shutil.copytree(lesson.source, folder / "source" / lesson.unit.name)
    names = [lesson.unit.name for lesson in LESSONS]
    ran = subprocess.run([sys.executable, "-c", MAKE, *names], cwd=folder, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return folder / "release"


@each
def test_the_released_notebook_is_what_nbgrader_makes(lesson, nbgraders):
    made = nbgraders / lesson.unit.name
    assert sorted(path.name for path in made.iterdir()) == [lesson.student.name]
    assert lesson.student.read_text(encoding="utf-8") == (made / lesson.student.name).read_text(encoding="utf-8"), (
        f"run: course release {lesson.unit.name}"
    )


@each
def test_what_submissions_are_rebuilt_from_is_the_release(lesson):
    template, released = submission.released(lesson.instructor), nbformat.read(lesson.student, as_version=4)
    assert [(c.id, c.cell_type, c.source, c.metadata) for c in template.cells] == [
        (c.id, c.cell_type, c.source, c.metadata) for c in released.cells
    ]


@each
def test_a_release_in_which_somebody_worked_is_not_remade(lesson, tmp_path):
    work = tmp_path / "release" / lesson.unit.name / "model.onnx"
    work.parent.mkdir(parents=True)
    work.write_bytes(b"a week's work")
    with pytest.raises(GradingProblem, match=r"holds somebody's work \(model.onnx\)"):
        releasing.release(lesson.unit, tmp_path, Console(quiet=True))
    assert work.read_bytes() == b"a week's work"


@each
def test_release_holds_no_solution_no_hidden_test_no_memo(lesson):
    committed = subprocess.run(
        ["git", "ls-files", str(lesson.student.parent)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert committed.stdout.split() == [str(lesson.student.relative_to(ROOT))]
    released = nbformat.read(lesson.student, as_version=4)
    text = "\n".join(cell.source for cell in released.cells)
    assert "SOLUTION" not in text and "HIDDEN" not in text
    assert not any(cell.get("outputs") for cell in released.cells)
    known = {line.strip() for cell in released.cells for line in cell.source.splitlines()}
    for name, solution in lesson.solutions().items():
        shown = next(c.source for c in released.cells if c.metadata.get("nbgrader", {}).get("grade_id") == name)
        lines = [line.strip() for line in solution.splitlines() if len(line.strip()) > 12]
        given = {line.strip() for line in shown.splitlines()}
        # A module that a cell writes imports again what the notebook has imported: that is no secret.
        secret = [line for line in lines if line not in given and not line.startswith(("import ", "from "))]
        assert secret and not [line for line in secret if line in known], name
    hidden = re.findall(r"### BEGIN HIDDEN TESTS\n(.*?)### END", lesson.instructor_text(), re.DOTALL)
    assert hidden and not [line for block in hidden for line in block.split("\n") if line.strip() and line in text]


@each
def test_a_lesson_has_the_shape_that_all_share(lesson):
    notebook = lesson.notebook()
    headings = [line for c in notebook.cells if c.cell_type == "markdown" for line in c.source.splitlines()]
    sections = [line[3:] for line in headings if line.startswith("## ")]
    assert sections == ["1. Brief", "2. Design memo", "3. Estimates", "4. Build", "5. Ship check"]
    points = {
        c.metadata.nbgrader.grade_id: c.metadata.nbgrader.points
        for c in notebook.cells
        if c.metadata.get("nbgrader", {}).get("grade")
    }
    assert sum(points.values()) == 100 and points["memo"] == 20 and points["estimates"] == 10
    assert {term.name: term.worth for term in lesson.unit.terms if term.worth} == {
        name: worth for name, worth in points.items() if name != "memo"
    }


@each
def test_rubric_points_add_up(lesson):
    rubric = next(c.source for c in lesson.notebook().cells if c.source.startswith("## 2. Design memo"))
    assert sum(int(points) for points in re.findall(r"\| (\d+) \|", rubric)) == 20


def test_metadata_is_stable():
    for lesson in LESSONS:
        assert json.loads(lesson.instructor.read_text())["cells"][0]["id"] == "00-text"
