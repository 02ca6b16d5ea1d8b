"""What a graded notebook can do without: the release's own cells that nothing handed in speaks of, and no others."""

from __future__ import annotations

import nbformat
import pytest
from conftest import ROOT

from course import key, units
from course.grading.authoring.lessons import Lesson
from course.grading.execution import student, work
from course.grading.submissions import needed, submission
from course.grading.submissions.rebuild import rebuild

FILES = ("model.onnx", "baseline.onnx", "estimates.json")


def code(name, source, released=False):
    return nbformat.v4.new_code_cell(source, id=name, metadata={needed.RELEASED: True} if released else {})


def run(*cells):
    """What runs of cells: (text of the release's own cells ...), and of the learner's last one."""
    *ours, theirs = cells
    made = [code(f"c{k}", text, released=True) for k, text in enumerate(ours)] + [code("mine", theirs)]
    left = needed.spared(made, FILES)
    assert "mine" not in left
    return [text for k, text in enumerate(ours) if f"c{k}" not in left]


DRAWS = "import matplotlib.pyplot as plt\nfig, axes = plt.subplots()\naxes.plot(X)\naxes.title = 'x'"


@pytest.mark.parametrize("text", [DRAWS, "train(X, 'small.onnx')\nunit.compare({'small': 'small.onnx'})", "X.mean()"])
def test_what_only_shows_something_is_left_out(text):
    assert run(text, "model = fit(X)") == []


@pytest.mark.parametrize("theirs", ["plt.show()", "use(fig)", "f'{axes}'", "# axes are kept", "vars()", "In[3]"])
def test_what_is_spoken_of_runs(theirs):
    assert run(DRAWS, theirs) == [DRAWS]


def test_a_file_that_is_spoken_of_is_made_and_so_is_what_made_it():
    first, second, third = "big = winner(X)", "teach(big.proba, 'small.onnx')", "other = 1"
    assert run(first, second, third, "open('small.onnx')") == [first, second]


@pytest.mark.parametrize(
    "text",
    [
        "%%writefile helper.py\nx = 1", "X[0] = 1", "unit.data = {}", "del X", "from numpy import *", "global X",
        "save(best, 'model.onnx')", "for n in names: save(n, f'{n}.onnx')", "class A: pass\nB.x = 1",
    ],
)  # fmt: skip
def test_what_may_change_something_runs(text):
    assert run(text, "1") == [text]


def test_what_merely_asks_the_unit_is_shown():
    assert run("unit.contract()", "unit.check('baseline')", "unit.compare({})", "1") == [
        "unit.contract()",
        "unit.check('baseline')",
    ]


def test_a_cell_that_the_learner_changed_runs_and_one_as_released_is_said_to_be_left_out(tmp_path):
    unit = units.load("f01")
    lesson = Lesson(unit, ROOT)
    template = submission.released(lesson.instructor)
    handed_in = nbformat.read(lesson.student, as_version=4)
    asks = [cell for cell in handed_in.cells if "compress.distil" in cell.source and not cell.metadata.get("nbgrader")]
    assert len(asks) == 1
    file = tmp_path / lesson.student.name
    for mine, runs in ((asks[0].source, False), (asks[0].source + "\nprint(1)", True)):
        asks[0].source = mine
        nbformat.write(handed_in, file)
        rebuilt, _ = rebuild(template, file)
        (cell,) = [cell for cell in rebuilt.cells if "compress.distil" in cell.source]
        assert (cell.id in needed.spared(student.part(rebuilt), unit.files)) == (not runs)
        task = work.task(unit, rebuilt, tmp_path, key.OPEN, 1.0)
        assert (cell.id in dict(task.theirs)) == runs
