"""Grading that is killed: the same command goes on, no grade is lost, none is doubled."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from conftest import ROOT, linear_model, save
from onnx import TensorProto

from course import patience, sandbox, units
from course.contract.terms.estimates import write_estimates
from course.grading.authoring.lessons import Lesson
from course.grading.classes import results, resume
from course.grading.classes.commands import LOG, is_known
from course.grading.classes.rows import table_rows

UNIT = units.load("f01")
STUDENTS = ("ada", "bea")
KILLS = 2


@pytest.fixture(autouse=True)
def no_results(tmp_path, monkeypatch):
    """Nothing is known from the test before."""
    monkeypatch.setenv(results.FOLDER, str(tmp_path / "results"))


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course in which two students handed in; nothing is graded, nothing is in a gradebook."""
    root = tmp_path_factory.mktemp("resume") / "course"
    root.mkdir()
    shutil.copy(ROOT / "nbgrader_config.py", root)
    shutil.copytree(ROOT / "source", root / "source")
    notebook = nbformat.read(Lesson(UNIT, ROOT).student, as_version=4)
    solution = Lesson(UNIT, ROOT).solutions()["answer-estimates"]
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if cell.cell_type == "code" and (name == "build-model" or not name):
            cell.source = ""
        if name == "answer-estimates":
            cell.source = solution
        if name == "memo":
            cell.source = "A memo, to be marked by hand."
    for student in STUDENTS:
        folder = root / "submitted" / student / UNIT.name
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / f"{UNIT.name}.ipynb")
        save(linear_model(dtype=TensorProto.DOUBLE), folder / "model.onnx")  # refused at once: nothing to measure
        answers = {name: (question.low + question.high) / 2 for name, question in UNIT.estimates.items()}
        write_estimates(UNIT.estimates, folder, answers)
    return root


def copy_of(course, folder):
    shutil.copytree(course, folder)
    return folder


def start(root, *command):
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COURSE_ROOT": str(root),
    }
    with open(root / "log.txt", "ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=root, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip


def lines(*files):
    return sum(file.read_bytes().count(b"\n") for file in files if file.is_file())


def killed(root, command, number, group):
    """Start a command and kill it when `number` more lines are in the logs; True if it was killed before its end."""
    logs = (root / "log.txt", root / LOG)
    until = lines(*logs) + number
    process = start(root, *command)
    while process.poll() is None and lines(*logs) < until:
        time.sleep(0.002)
    cut_off = process.poll() is None
    if cut_off:
        os.killpg(process.pid, signal.SIGKILL) if group else process.kill()
    process.wait()
    return cut_off


def finished(root, command):
    """Run a command to its end; how many lines it logged."""
    logs = (root / "log.txt", root / LOG)
    before = lines(*logs)
    process = start(root, *command)
    patience.finished(process, 600)
    assert process.returncode in (0, 1), (root / "log.txt").read_text(errors="replace")[-2000:]  # 1: look at somebody
    return lines(*logs) - before


def marks(root):
    """Everything that a gradebook says about everybody."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as book:
        found = book.assignment_submissions(UNIT.name)
        grades = [
            (one.student.id, grade.name, grade.auto_score, grade.manual_score, grade.needs_manual_grade)
            for one in found
            for notebook in one.notebooks
            for grade in notebook.grades
        ]
        return sorted(grades, key=str), sorted(student.id for student in book.students), len(found)


def assert_whole(root, expected):
    assert marks(root) == expected
    for student in STUDENTS:
        folder = root / "autograded" / student / UNIT.name
        assert resume.is_finished(folder, root / "submitted" / student / UNIT.name)
        notebook = nbformat.read(folder / f"{UNIT.name}.ipynb", as_version=4)
        tests = [c for c in notebook.cells if c.cell_type == "code" and c.metadata.get("nbgrader", {}).get("grade")]
        assert tests and all(cell.outputs for cell in tests)


COMMANDS = {
    "nbgrader": ("nbgrader", "autograde", UNIT.name),
    "course": ("course", "grade", UNIT.name, "--jobs", "1"),
    "side by side": ("course", "grade", UNIT.name, "--jobs", "2"),
}


@pytest.fixture(scope="module", params=COMMANDS)
def calm(request, course, tmp_path_factory):
    """An undisturbed run: the command, what the gradebook says after it, how many lines it logged."""
    command = COMMANDS[request.param]
    root = copy_of(course, tmp_path_factory.mktemp("calm") / "course")
    entered(root, command)
    logged = finished(root, command)
    expected = marks(root)
    assert expected[2] == len(STUDENTS) and any(grade[2] for grade in expected[0])
    return command, expected, logged


def entered(root, command):
    """Plain nbgrader is told of a unit by a command of its own."""
    if command[0] == "nbgrader":
        finished(root, ("nbgrader", "generate_assignment", UNIT.name, "--create"))


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are killed as Linux does it")
@pytest.mark.parametrize("group", [True, False], ids=["with its group", "alone"])
def test_a_killed_run_is_taken_up_by_the_same_command(calm, course, tmp_path, group):
    command, expected, logged = calm
    root = copy_of(course, tmp_path / "course")
    entered(root, command)
    draws = random.Random(f"{command[0]} {group}")
    cut_off = [killed(root, command, draws.randrange(1, logged), group) for _ in range(KILLS)]
    assert any(cut_off)
    finished(root, command)
    assert_whole(root, expected)
    before = {path: path.stat().st_mtime_ns for path in (root / "autograded").rglob("*.ipynb")}
    finished(root, command)  # nothing is left to do: nothing is graded again
    assert {path: path.stat().st_mtime_ns for path in (root / "autograded").rglob("*.ipynb")} == before
    assert_whole(root, expected)


def test_a_folder_is_finished_when_its_list_and_all_that_it_lists_are_there(tmp_path):
    notebook = tmp_path / "submitted" / "ada" / "f01" / "f01.ipynb"
    folder = tmp_path / "autograded" / "ada" / "f01"
    (folder / "inner").mkdir(parents=True)
    for name in ("f01.ipynb", "model.onnx", "inner/line\nbreak.txt"):
        (folder / name).write_text("x")
    assert not resume.is_finished(folder, notebook.parent)
    resume.finish("f01", "ada", [str(notebook)])
    assert resume.is_finished(folder, notebook.parent)
    resume.drop_unfinished(folder, notebook.parent)
    assert folder.is_dir()
    (folder / "later.txt").write_text("an instructor's note")
    assert resume.is_finished(folder, notebook.parent)
    (folder / "model.onnx").unlink()
    assert not resume.is_finished(folder, notebook.parent)
    resume.drop_unfinished(folder, notebook.parent)
    assert not folder.exists()


def test_what_was_handed_in_anew_is_graded_anew(tmp_path, caplog):
    notebook, folder = tmp_path / "submitted" / "ada" / "f01" / "f01.ipynb", tmp_path / "autograded" / "ada" / "f01"
    for path in (notebook, folder / "f01.ipynb"):
        path.parent.mkdir(parents=True)
        path.write_text("x")
    resume.finish("f01", "ada", [str(notebook)])
    (notebook.parent / "link").symlink_to(notebook)
    assert not resume.is_finished(folder, notebook.parent), "a link is seen, and not followed"
    (notebook.parent / "link").unlink()
    assert resume.is_finished(folder, notebook.parent)
    notebook.write_text("y")
    resume.drop_unfinished(folder, notebook.parent)
    assert not folder.exists() and "ada: something else was handed in since" in caplog.text


def test_what_was_handed_in_is_looked_at_before_it_was_put_in_order(tmp_path):
    """Too deep for recursion, too deep for a path, and links out of the course: neither followed nor fatal."""
    submission, folder = tmp_path / "submitted" / "eve" / "f01", tmp_path / "autograded" / "eve" / "f01"
    for path in (submission, folder):
        path.mkdir(parents=True)
    here = os.getcwd()
    try:
        os.chdir(submission)
        for _ in range(1500):
            os.mkdir("deep")
            os.chdir("deep")
        Path("end").touch()
    finally:
        os.chdir(here)
    resume.finish("f01", "eve", [str(submission / "f01.ipynb")])
    assert resume.is_finished(folder, submission)
    subprocess.run(["rm", "-rf", str(submission)], check=True)
    submission.symlink_to("/")
    assert not resume.is_finished(folder, submission)


@pytest.mark.slow
def test_a_unit_half_entered_is_entered_again(course, tmp_path):
    from nbgrader.api import Gradebook

    root = copy_of(course, tmp_path / "course")
    finished(root, ("nbgrader", "generate_assignment", UNIT.name, "--create"))
    assert is_known(UNIT, root)
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as book:
        cell = book.find_notebook(UNIT.name, UNIT.name).source_cells[-1]
        book.db.delete(cell)
        book.db.commit()
    assert not is_known(UNIT, root)
    finished(root, ("nbgrader", "generate_assignment", UNIT.name, "--create", "--force"))
    assert is_known(UNIT, root)


@pytest.mark.slow
@pytest.mark.skipif(bool(sandbox.problem()), reason=sandbox.problem() or "isolated")
def test_a_formgrader_can_grade_twice(course, tmp_path, monkeypatch):
    """It grades in its own process, which lives on: the lock of one run must not stand in the way of the next."""
    from nbgrader.apps import NbGraderAPI
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

    from course.grading.config import configure

    root = copy_of(course, tmp_path / "course")
    finished(root, ("nbgrader", "generate_assignment", UNIT.name, "--create"))
    monkeypatch.chdir(root)
    settings = Config()
    configure(settings, root)
    api = NbGraderAPI(CourseDirectory(config=settings), config=settings)
    for _ in range(2):
        said = api.autograde(UNIT.name, "ada", force=True)
        assert said["success"], said
    assert table_rows(UNIT, root)[0].points > 0
