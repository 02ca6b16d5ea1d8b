"""A class under plain `nbgrader autograde`: bad submissions earn what their files deserve, the rest is still graded."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from conftest import ROOT, linear_model, save

from course import sandbox, units
from course.contract.measure import measure
from course.contract.report import Report
from course.grading import ahead, klass
from course.grading.lessons import Lesson

UNIT = units.load("f01")
PROGRAMS = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
SECONDS = 20


def nbgrader(folder, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=folder, capture_output=True, text=True, env=os.environ | {"PATH": PROGRAMS},
    )  # fmt: skip


@pytest.fixture(scope="module")
def classroom(tmp_path_factory):
    """A course of its own: config, source, release; no gradebook yet."""
    folder = tmp_path_factory.mktemp("classroom")
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    shutil.copytree(ROOT / "source", folder / "source")
    made = nbgrader(folder, "generate_assignment", UNIT.name, "--create")
    assert made.returncode == 0, made.stderr
    return folder


def hand_in(classroom, student, model_cell="", model=None, raw=None):
    """A submission whose files are ready made, so that its notebook has nothing to train."""
    folder = classroom / "submitted" / student / UNIT.name
    folder.mkdir(parents=True)
    if raw is not None:
        (folder / f"{UNIT.name}.ipynb").write_bytes(raw)
        return folder
    notebook = nbformat.read(Lesson(UNIT, classroom).student, as_version=4)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name == "build-model":
            cell.source = model_cell
        elif cell.cell_type == "code" and not name:
            cell.source = ""  # the explorations of the lesson, which take time
        elif name == "answer-estimates":
            cell.source = Lesson(UNIT, classroom).solutions()[name]
    nbformat.write(notebook, folder / f"{UNIT.name}.ipynb")
    save(model or linear_model(scale=0.01), folder / "model.onnx")
    return folder


@pytest.fixture(scope="module")
def graded(classroom):
    """Everybody handed in; one run of nbgrader autograde, one of generate_feedback."""
    hand_in(classroom, "ada")
    hand_in(classroom, "endless", "while True: pass")
    hand_in(classroom, "deaf", "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass")
    hand_in(classroom, "killer", "import os\nos._exit(1)")
    hand_in(classroom, "printer", "print('x' * 100_000_000)\nprint('the end')")
    hand_in(classroom, "vandal", "import os\nfor f in os.listdir('.'): os.remove(f)")
    hand_in(classroom, "warner", "import sys\nprint('careful', file=sys.stderr)\n1 / 0")
    hand_in(classroom, "garbage", "open('model.onnx', 'w').write('no model')")
    hand_in(classroom, "junk", raw=b"this is no notebook")
    huge = hand_in(classroom, "huge") / "model.onnx"
    huge.unlink()
    with open(huge, "wb") as file:
        file.truncate(3_000_000_000)
    link = hand_in(classroom, "link") / "model.onnx"
    link.unlink()
    link.symlink_to("/etc/passwd")
    (classroom / "release" / UNIT.name / "model.onnx").write_bytes(b"somebody works here")
    (classroom / "release" / UNIT.name / f"{UNIT.name}.ipynb").write_text("and has broken the notebook")
    ran = nbgrader(classroom, "autograde", UNIT.name, f"--TrustedExecute.seconds={SECONDS}")
    feedback = nbgrader(classroom, "generate_feedback", UNIT.name)
    assert feedback.returncode == 0, feedback.stderr
    assert ran.returncode == 0, ran.stderr
    return {row.student: row for row in klass.table_rows(UNIT, classroom)}


def feedback(classroom, student):
    return (classroom / "feedback" / student / UNIT.name / f"{UNIT.name}.html").read_text(encoding="utf-8")


@pytest.mark.slow
class TestAClass:
    """One class, graded once."""

    def test_everybody_has_a_row(self, graded):
        assert len(graded) == 11 and all(row.report for row in graded.values())
        assert all(row.by_hand == 0 for row in graded.values())  # untouched memos are no work

    def test_an_honest_small_model_earns_what_it_deserves(self, graded):
        ada = graded["ada"]
        assert ada.report["estimates"].points == 10 and ada.report["size"].points == 6
        assert ada.report["interface"].points == 6 and ada.report["quality"].points == 0  # random weights
        assert ada.points == ada.report.points > 20

    def test_grading_leaves_release_as_it_is(self, graded, classroom):
        assert (classroom / "release" / UNIT.name / "model.onnx").read_bytes() == b"somebody works here"

    @pytest.mark.parametrize("student", ["endless", "deaf", "killer", "printer", "warner"])
    def test_bad_cells_neither_cost_nor_gain(self, graded, student):
        for name in ("estimates", "interface", "quality", "size", "memory", "digits", "pen"):
            assert graded[student].report[name].points == graded["ada"].report[name].points, name

    @pytest.mark.parametrize(
        ("student", "sentence"),
        [
            ("garbage", "model.onnx is no ONNX file"),
            ("huge", "model.onnx has 3,000.0 MB"),
            ("link", "a link or a special file"),
            ("vandal", "There is no model.onnx yet"),
            ("junk", "There is no model.onnx yet"),
            ("endless", f"did not end within {SECONDS} s"),
            ("deaf", f"did not end within {SECONDS} s"),
            ("killer", "The kernel died in this cell"),
            ("printer", "it was too long"),
        ],
    )
    def test_feedback_says_one_clear_sentence(self, graded, classroom, student, sentence):
        page = feedback(classroom, student)
        assert sentence in page and len(page) < 3_000_000

    def test_no_traceback_of_ours(self, graded, classroom):
        for student in graded:
            assert "course/grading" not in feedback(classroom, student)

    def test_nothing_handed_in_is_lost(self, graded, classroom):
        huge = classroom / "quarantine" / "huge" / UNIT.name / "model.onnx"
        assert huge.stat().st_size == 3_000_000_000
        assert (classroom / "submitted" / "junk" / UNIT.name / f"{UNIT.name}.ipynb").read_bytes()

    def test_reports_are_kept_beside_the_notebook(self, graded, classroom):
        text = (classroom / "autograded" / "ada" / UNIT.name / "report.json").read_text(encoding="utf-8")
        assert Report.from_json(text) == graded["ada"].report and json.loads(text)["holdout"] == "private"

    def test_export_works(self, graded, classroom):
        ran = nbgrader(classroom, "export")
        assert ran.returncode == 0, ran.stderr
        assert len((classroom / "grades.csv").read_text().splitlines()) == 12

    def test_a_second_run_while_one_is_going_on(self, graded, classroom):
        import fcntl

        with open(classroom / ".grading.lock", "a+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            ran = nbgrader(classroom, "autograde", UNIT.name, "--force")
        assert ran.returncode != 0 and "Another grading run is going on" in ran.stderr
        assert "Traceback" not in ran.stderr
        assert {row.student: row.points for row in klass.table_rows(UNIT, classroom)} == {
            student: row.points for student, row in graded.items()
        }

    def test_a_regrade_takes_up_what_ran_ahead_and_gives_the_same_points(
        self, graded, classroom, tmp_path, monkeypatch
    ):
        monkeypatch.setenv(ahead.FOLDER, str(tmp_path))
        done = []
        ahead.run_all(UNIT, classroom, ["ada"], 2, done.append)
        assert done == ["ada"] and len(list(tmp_path.iterdir())) == 1
        ran = nbgrader(classroom, "autograde", UNIT.name, "--student=ada", "--force")
        assert ran.returncode == 0, ran.stderr
        assert len(list(tmp_path.iterdir())) == 1  # the same digest in nbgrader's process: nothing was run again
        again = {row.student: row for row in klass.table_rows(UNIT, classroom)}
        assert again["ada"].report["memory"].verdict == graded["ada"].report["memory"].verdict
        assert again["ada"].points == graded["ada"].points


def test_a_private_key_is_refused_without_isolation(monkeypatch):
    from course import key
    from course.grading import execute
    from course.problem import Problem

    key.make("spring")
    monkeypatch.setattr(sandbox, "problem", lambda: "Submissions can't be isolated: bubblewrap is missing.")
    preprocessor = execute.TrustedExecute()
    with pytest.raises(Problem, match="only the open key"):
        preprocessor.preprocess(nbformat.v4.new_notebook(), {"nbgrader": {"assignment": UNIT.name}})


@pytest.mark.slow
def test_with_a_private_key_data_is_released_and_another_world_is_graded(tmp_path, monkeypatch):
    import numpy as np

    from course import key

    file = key.make("spring")
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    shutil.copytree(ROOT / "source", tmp_path / "source")
    monkeypatch.setenv("COURSE_KEY_FILE", str(file))
    ran = nbgrader(tmp_path, "generate_assignment", UNIT.name, "--create")
    assert ran.returncode == 0, ran.stderr
    released = tmp_path / "release" / UNIT.name
    assert sorted(path.name for path in released.iterdir()) == [f"{UNIT.name}.ipynb", "public.npz"]
    with np.load(released / "public.npz") as data:
        ours = UNIT.public_data(key.current())
        assert all(np.array_equal(data[name], ours[name]) for name in ours)
        assert not np.array_equal(data["X_public"], UNIT.public_data(key.OPEN)["X_public"])
    if sandbox.problem():
        pytest.skip(sandbox.problem())
    folder = hand_in(tmp_path, "ada", "print(unit.data['X_public'].sum())")
    ran = nbgrader(tmp_path, "autograde", UNIT.name)
    assert ran.returncode == 0, ran.stderr
    (row,) = klass.table_rows(UNIT, tmp_path)
    mine = measure(UNIT, folder, UNIT.private_holdout(key.current()))
    opened = measure(UNIT, folder, UNIT.private_holdout(key.OPEN))
    exact = ("quality", "digits", "pen", "shifted")
    assert [row.report[name].value for name in exact] == [mine[name].value for name in exact]
    assert [mine[name].value for name in exact] != [opened[name].value for name in exact]
    notebook = (tmp_path / "autograded" / "ada" / UNIT.name / f"{UNIT.name}.ipynb").read_text(encoding="utf-8")
    assert str(ours["X_public"].sum()) in notebook  # the student's cells saw the class's data, not the open key's
    assert key.current().secret.hex() not in notebook
