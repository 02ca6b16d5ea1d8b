"""A gradebook over a term: collecting from platforms, export, practice apart, moving to another database."""

from __future__ import annotations

import datetime
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT
from nbgrader.api import Gradebook
from rich.console import Console

from course import units
from course.grading import places
from course.grading.classes import cluster, gradebook, klass, moving, practice, resume, rows
from course.grading.classes.commands import GradingProblem
from course.grading.submissions import ingest, submission
from course.grading.submissions.collect import NAMES, Collector
from course.grading.submissions.remarks import Remark
from course.problem import Problem

UNIT = units.load("f01")
DUE = datetime.datetime(2027, 3, 1, 12)


def nbgrader(root, *arguments):
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    ran = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=root,
        env=os.environ | {"PATH": programs},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout + ran.stderr


@pytest.fixture
def root(tmp_path):
    """A course with settings and nothing else."""
    made = tmp_path / "course"
    made.mkdir()
    shutil.copy(ROOT / "nbgrader_config.py", made)
    return made


@pytest.fixture
def book(root, monkeypatch):
    """A gradebook with two units, of which one was handed in: by two students, a sample and `me`."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    where = gradebook.url(root)
    with Gradebook(where) as book:
        for name in (UNIT.name, "f02-one-percent"):
            book.add_assignment(name, duedate=DUE)
            book.add_notebook(name, name)
            book.add_grade_cell("quality", name, name, max_score=30, cell_type="code")
        for student in ("ada", "bea", "sample-trap", "me"):
            book.add_student(student, first_name=student.title())
            book.add_submission(UNIT.name, student)
            book.find_grade("quality", UNIT.name, UNIT.name, student).manual_score = 12.5
        book.db.commit()
    return where


# --- collecting -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "student", "file"),
    [
        ("/x/adalovelace_4711_98765_model.onnx", "adalovelace", "model.onnx"),
        ("/x/adalovelace_LATE_4711_98765_policy-1.py", "adalovelace", "policy-1.py"),
        ("/x/Ada Lovelace_4711_assignsubmission_file/policy.py", "Ada Lovelace", "policy.py"),
        ("/x/Ada Lovelace_4711_assignsubmission_file_/deep/policy.py", "Ada Lovelace", "deep/policy.py"),
        ("/x/Ada Lovelace_4711_assignsubmission_file_policy.py", "Ada Lovelace", "policy.py"),
        ("/x/f02_ada1_attempt_2027-01-30-15-00-00_policy.py", "ada1", "policy.py"),
    ],
)
def test_whose_file_it_is(path, student, file):
    found = Collector().collect(path)
    assert (found["student_id"], found["file_id"]) == (student, file)


def test_what_is_collected_is_what_units_name():
    endings = Collector().valid_ext
    assert {".ipynb", ".onnx", ".json", ".py"} <= set(endings)
    assert Collector().collect("/x/ada_1_2_notes.pdf") is None and Collector().collect("/x/notes.py") is None
    assert (
        Collector(named_regexp=r".*/(?P<student_id>\w+)-(?P<file_id>.*)").collect("/x/ada-a.py")["student_id"] == "ada"
    )
    assert NAMES in Collector().named_regexp


@pytest.mark.slow
def test_archives_of_canvas_and_moodle_are_collected_with_their_artifacts(root):
    archive = root / "downloaded" / UNIT.name / "archive"
    archive.mkdir(parents=True)
    shutil.copytree(ROOT / "release" / UNIT.name, root / "release" / UNIT.name)
    for platform, name in (("canvas", "ada_4711_99_{}"), ("moodle", "Bea Best_12_assignsubmission_file/{}")):
        with zipfile.ZipFile(archive / f"{platform}.zip", "w") as made:
            for file in (f"{UNIT.name}.ipynb", "model.onnx", "estimates.json"):
                made.writestr(name.format(file), "{}")
    nbgrader(root, "zip_collect", UNIT.name)
    found = {path.relative_to(root / "submitted").as_posix() for path in (root / "submitted").glob("*/*/*")}
    wanted = {f"{UNIT.name}.ipynb", "model.onnx", "estimates.json"}
    assert {f"{who}/{UNIT.name}/{file}" for who in ("ada", "Bea Best") for file in wanted} <= found


# --- what a class sees ------------------------------------------------------------------------------------------------


def test_the_export_has_no_practice_and_no_unit_that_nobody_handed_in(root, book):
    (root / "grades.csv").write_text("mine")
    nbgrader(root, "export")
    lines = (root / "export.csv").read_text().splitlines()
    assert [line.split(",")[3] for line in lines[1:]] == ["ada", "bea"]
    assert all(line.startswith(UNIT.name) for line in lines[1:]) and (root / "grades.csv").read_text() == "mine"


def test_practice_can_be_cleared(root, book):
    for kind in ("submitted", "autograded"):
        for student in ("ada", "sample-trap", "me"):
            (root / kind / student / UNIT.name).mkdir(parents=True)
    (root / "practice" / "submitted" / "sample-reference").mkdir(parents=True)
    assert practice.clear(root) == ["me", "sample-reference", "sample-trap"]
    with Gradebook(book) as left:
        assert [one.id for one in left.students] == ["ada", "bea"]
    assert [path.name for path in (root / "submitted").iterdir()] == ["ada"] and not (root / "practice").exists()


def test_practice_is_a_course_of_its_own(tmp_path, root):
    shutil.copytree(ROOT / "source" / UNIT.name, root / "source" / UNIT.name)
    where = practice.course(UNIT, root)
    assert gradebook.url(where) != gradebook.url(root)
    assert (where / "source" / UNIT.name / f"{UNIT.name}.ipynb").is_file()


def test_nothing_of_students_is_committed_by_accident():
    for name in ("grades.csv", "export.csv", "downloaded/x", "submitted/x", "practice/x", "gradebook.db", "exchange/x"):
        assert not subprocess.run(["git", "check-ignore", "-q", name], cwd=ROOT).returncode, name


def test_grading_oneself_before_one_has_begun_says_so(tmp_path, root, monkeypatch):
    mine = tmp_path / "my" / UNIT.name
    shutil.copytree(ROOT / "release" / UNIT.name, mine, ignore=shutil.ignore_patterns("*.onnx", "*.json"))
    monkeypatch.chdir(mine)
    with pytest.raises(GradingProblem, match="is as it was released"):
        practice.hand_in_mine(UNIT, root, Console(quiet=True))
    assert not (root / "submitted").exists()
    notebook = json.loads((mine / f"{UNIT.name}.ipynb").read_text(encoding="utf-8"))
    notebook["cells"].append({"cell_type": "code", "source": "x = 1", "metadata": {}, "outputs": []})
    (mine / f"{UNIT.name}.ipynb").write_text(json.dumps(notebook))
    practice.hand_in_mine(UNIT, root, Console(quiet=True))
    assert (root / "submitted" / "me" / UNIT.name / "timestamp.txt").read_text().endswith("UTC")


# --- the gradebook ----------------------------------------------------------------------------------------------------


def test_a_gradebook_moves_with_all_that_is_in_it(tmp_path, book):
    target = f"sqlite:///{tmp_path / 'other.db'}"
    copied = moving.copy(book, target)
    assert copied["student"] == 4
    tables = []
    for where in (book, target):
        with Gradebook(where) as one:
            handed_in = one.assignment_submissions(UNIT.name)
            marks = {s.student.id: [g.manual_score for n in s.notebooks for g in n.grades] for s in handed_in}
            tables.append((marks, [s.duedate for s in handed_in], sorted(s.first_name for s in one.students)))
    assert tables[0] == tables[1] and tables[0][1][0] == DUE and tables[0][0]["ada"] == [12.5]
    with pytest.raises(Problem, match="empty database"):
        moving.copy(book, target)
    with pytest.raises(Problem, match="no gradebook to copy"):
        moving.copy(f"sqlite:///{tmp_path / 'none.db'}", target)


def test_what_is_done_is_judged_by_the_gradebook_in_use(tmp_path, book):
    assert gradebook.students(book, UNIT.name) == {"ada", "bea", "sample-trap", "me"}
    assert gradebook.students(book, "f02-one-percent") == set()
    assert gradebook.students(f"sqlite:///{tmp_path / 'none.db'}", UNIT.name) == set()
    folder, handed_in = tmp_path / "autograded" / "ada" / UNIT.name, tmp_path / "submitted" / "ada" / UNIT.name
    for made in (folder, handed_in):
        made.mkdir(parents=True)
    resume.finish(UNIT.name, "ada", [str(handed_in / "n.ipynb")])
    resume.drop_unfinished(folder, handed_in, recorded=True)
    assert folder.is_dir()
    resume.drop_unfinished(folder, handed_in, recorded=False)
    assert not folder.exists()


def test_feedback_of_what_was_laid_in_by_hand_can_be_released(tmp_path):
    graded, page = (tmp_path / kind / "ada" / UNIT.name for kind in ("autograded", "feedback"))
    for folder in (graded, page):
        folder.mkdir(parents=True)
    (page / "submission_secret.txt").write_text("its own")
    submission.make_releasable(UNIT.name, "ada", [str(graded / f"{UNIT.name}.ipynb")])
    assert (page / "timestamp.txt").read_text() == "" and (page / "submission_secret.txt").read_text() == "its own"


# --- names ------------------------------------------------------------------------------------------------------------


def test_an_exact_name_goes_before_a_pattern(tmp_path):
    for name in ("lee [erasmus]", "lee e", "[a-z]*", "zoe"):
        (tmp_path / "submitted" / name / UNIT.name).mkdir(parents=True)
    assert klass._students(UNIT, tmp_path, ("lee [erasmus]",)) == ["lee [erasmus]"]
    assert klass._students(UNIT, tmp_path, ("[a-z]*",)) == ["[a-z]*"]
    assert klass._students(UNIT, tmp_path, ("lee*",)) == ["lee [erasmus]", "lee e"]


def test_names_are_no_markup_in_any_table(capsys):
    console = Console(width=200, markup=True)
    names = ("[red]x[bold", "lee [erasmus]", "a", "b", "c")
    several = [rows.Row(name, 1, 2, 0, None, (Remark("Look."),)) for name in names]
    for some in (several[:3], several):
        console.print(rows.table(UNIT, some))
        shown = capsys.readouterr().out
        assert all(row.student in shown for row in some) and "!" in shown


@pytest.mark.parametrize("name", ["ada", "Zoë Müller", "lee [erasmus]", "=dora", "a*", "{x}", "bea, the first"])
def test_names_that_nbgrader_takes(name):
    assert ingest.unusable(name) == ""


@pytest.mark.parametrize("name", [".hidden", "two\nlines", "\x1b[31mred"])
def test_names_that_it_does_not_take_are_said(name):
    assert "give the folder in submitted/ another name" in ingest.unusable(name)


def test_a_path_with_brackets_is_said_at_once(tmp_path):
    places.require_plain(tmp_path)
    with pytest.raises(Problem, match=r"whose path has \[ or \] in it"):
        places.require_plain(tmp_path / "course [2027]")


def test_a_sheet_is_written_over_a_sheet_alone(tmp_path):
    file = tmp_path / "grades.csv"
    row = rows.Row("ada", 1, 2, 20, None, (Remark("=look"), Remark("said", look=False)))
    for _ in range(2):
        rows.write_csv(UNIT, [row], file)
    assert file.read_text().splitlines()[1].startswith("ada,1,2,20,look,'=look said,")
    file.write_text("assignment,duedate\n")
    with pytest.raises(Problem, match="no table of `course grade`"):
        rows.write_csv(UNIT, [row], file)


# --- a cluster --------------------------------------------------------------------------------------------------------


class Client:
    """A cluster as `Watch` sees it: workers, and what each says about the course."""

    def __init__(self, **workers):
        self.workers = workers

    def nthreads(self):
        return dict.fromkeys(self.workers, 1)

    def run(self, function, needed, workers, on_error):
        assert function(needed) == "course.grading.execution.work"
        return {name: self.workers[name] for name in workers}


def test_a_worker_without_the_course_is_named(monkeypatch):
    monkeypatch.setattr(cluster, "EVERY_S", 0)
    client = Client(a="0.1.0")
    watch = cluster.Watch(client)
    watch.look()
    client.workers["b"] = ModuleNotFoundError("No module named 'nbformat'")
    with pytest.raises(
        cluster.ClusterProblem, match=r"where the worker at b runs \(No module named 'nbformat'\).*goes on"
    ):
        watch.look()


def test_a_cluster_without_workers_is_waited_for_a_while(monkeypatch):
    monkeypatch.setattr(cluster, "EVERY_S", 0)
    client = Client(a="0.1.0")
    watch = cluster.Watch(client)
    client.workers.clear()
    watch.look()
    monkeypatch.setattr(cluster, "PATIENCE_S", 0)
    with pytest.raises(cluster.ClusterProblem, match="No worker is left"):
        watch.look()
