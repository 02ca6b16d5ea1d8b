"""A class under plain `nbgrader autograde`: bad submissions earn what their files deserve, the rest is still graded."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import onnx
import pytest
from conftest import ROOT, linear_model, save

from course import key, sandbox, units
from course.contract.measure import measure
from course.contract.terms.estimates import write_estimates
from course.contract.terms.report import Report
from course.grading.authoring.lessons import Lesson
from course.grading.classes.rows import table_rows

UNIT = units.load("f01")
PROGRAMS = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
SECONDS = 10
SAMPLE = {name: (question.low + question.high) / 2 for name, question in UNIT.estimates.items()}


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


def hand_in(classroom, student, model_cell="", model=None, raw=None, answers=None, change=None):
    """A submission whose files are ready made, so that its notebook has nothing to train, and may be cut off."""
    folder = classroom / "submitted" / student / UNIT.name
    folder.mkdir(parents=True)
    if raw is not None:
        (folder / f"{UNIT.name}.ipynb").write_bytes(raw)
        return folder
    answers = SAMPLE if answers is None else answers
    notebook = nbformat.read(Lesson(UNIT, classroom).student, as_version=4)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name == "build-model":
            cell.source = model_cell
        elif cell.cell_type == "code" and not name:
            cell.source = ""  # the explorations of the lesson, which take time
        elif name == "answer-estimates":
            cell.source = f"unit.answer({', '.join(f'{key}={value!r}' for key, value in answers.items())})"
    if change:
        change(notebook)
    nbformat.write(notebook, folder / f"{UNIT.name}.ipynb")
    save(model or refused(), folder / "model.onnx")
    write_estimates(UNIT.estimates, folder, answers)
    return folder


def refused():
    """A model that the gate refuses: nothing of it has to be measured, and only the estimates earn points."""
    return linear_model(dtype=onnx.TensorProto.DOUBLE)


def tagged(notebook):
    """Test cells that say 1,000, are worth 1,000, are skipped, and have their outputs already."""
    result = nbformat.v4.new_output("execute_result", {"text/plain": "1000.0"}, execution_count=1)
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and marks.get("grade"):
            cell.source, cell.outputs = "1000.0", [result]
            cell.metadata.tags, marks.points, marks.locked = ["skip-execution"], 1000, False


HOSTILE = {
    "mallory": """
import os
get_ipython().input_transformers_cleanup.append(lambda lines: ["1000.0"])
type(get_ipython()).run_cell_async = None
""",
    "oscar": """
import os, sqlite3, subprocess, sys
for path in (COURSE + "/gradebook.db", COURSE + "/submitted/ada/f01-shrink-ensemble/model.onnx", "/etc/passwd"):
    try:
        print(open(path, "rb").read(100))
        sqlite3.connect(path).execute("update grade set auto_score = 1000")
    except Exception as error:
        print(error)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", "left-by-oscar"], start_new_session=True)
""",
    "trudy": """
import os
held = []
while True:
    os.fork()
    held.append(bytearray(b"x" * 10_000_000))
""",
    "eve": "open('estimates.json', 'w').write('[' * 100_000)\nopen('model.onnx', 'wb').write(b'\\x80\\x04pickle')",
    "sybil": "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)",
}


@pytest.fixture(scope="module")
def graded(classroom):
    """A class of twenty: everybody handed in; one run of nbgrader autograde, one of generate_feedback."""
    hand_in(classroom, "ada", model=linear_model(scale=0.01))
    hand_in(classroom, "bea")
    hand_in(classroom, "Zoë Müller")
    hand_in(classroom, "李雷", answers={})
    first = next(iter(SAMPLE))
    hand_in(classroom, "carl", answers={first: SAMPLE[first]})
    hand_in(classroom, "dora", answers=SAMPLE | {first: 1e12})
    hand_in(classroom, "endless", "while True: pass")
    hand_in(classroom, "killer", "import os\nos._exit(1)")
    hand_in(classroom, "printer", "print('x' * 10_000_000)\nprint('the end')")
    hand_in(classroom, "vandal", "import os\nfor f in filter(os.path.isfile, os.listdir('.')): os.remove(f)")
    hand_in(classroom, "warner", "import sys\nprint('careful', file=sys.stderr)\n1 / 0")
    hand_in(classroom, "garbage", "open('model.onnx', 'w').write('no model')")
    hand_in(classroom, "junk", raw=b"this is no notebook")
    hand_in(classroom, "lost", "").joinpath(f"{UNIT.name}.ipynb").rename(
        classroom / "submitted" / "lost" / UNIT.name / "Untitled.ipynb"
    )
    huge = hand_in(classroom, "huge") / "model.onnx"
    huge.unlink()
    with open(huge, "wb") as file:
        file.truncate(3_000_000_000)
    for student, cell in HOSTILE.items():
        hand_in(classroom, student, f"COURSE = {str(classroom)!r}\n{cell}", change=tagged)
    eve = classroom / "submitted" / "eve" / UNIT.name
    (eve / "mine.onnx").hardlink_to(classroom / "submitted" / "ada" / UNIT.name / "model.onnx")
    (eve / "notes.txt").symlink_to("/etc/passwd")
    os.mkfifo(eve / "timestamp.txt")
    (classroom / "release" / UNIT.name / "model.onnx").write_bytes(b"somebody works here")
    (classroom / "release" / UNIT.name / f"{UNIT.name}.ipynb").write_text("and has broken the notebook")
    ran = nbgrader(classroom, "autograde", UNIT.name, f"--TrustedExecute.seconds={SECONDS}")
    feedback = nbgrader(classroom, "generate_feedback", UNIT.name)
    assert feedback.returncode == 0, feedback.stderr
    assert ran.returncode == 0, ran.stderr
    return {row.student: row for row in table_rows(UNIT, classroom)}


def feedback(classroom, student):
    return (classroom / "feedback" / student / UNIT.name / f"{UNIT.name}.html").read_text(encoding="utf-8")


@pytest.mark.slow
class TestAClass:
    """One class, graded once."""

    def test_everybody_has_a_row(self, graded):
        assert len(graded) == 20 and all(row.report for row in graded.values())
        # Untouched memos are no work; one that could not be read waits for a person.
        assert {name for name, row in graded.items() if row.by_hand} == {"junk"}
        assert "junk" in {name for name, row in graded.items() if row.look}

    def test_everybody_earns_what_the_files_deserve(self, graded, tmp_path):
        (worth,) = {row.worth for row in graded.values()}
        save(refused(), tmp_path / "model.onnx")
        deserved = {}
        for name, answers in {"all": SAMPLE, "none": {}}.items():
            (tmp_path / "estimates.json").unlink(missing_ok=True)
            write_estimates(UNIT.estimates, tmp_path, answers)
            deserved[name] = measure(UNIT, tmp_path, UNIT.private_holdout(key.OPEN)).points
        assert deserved["all"] == 10 > deserved["none"] == 0 and worth > 50
        full = ["bea", "Zoë Müller", "endless", "killer", "printer", "warner", "garbage", "huge"]
        full += ["mallory", "oscar", "trudy", "sybil", "lost"]
        assert {name: graded[name].points for name in full} == dict.fromkeys(full, deserved["all"])
        nothing = ["李雷", "vandal", "junk", "eve"]
        assert {name: graded[name].points for name in nothing} == dict.fromkeys(nothing, deserved["none"])
        assert 0 < graded["carl"].points < graded["dora"].points < deserved["all"] < graded["ada"].points

    def test_an_honest_small_model_earns_what_it_deserves(self, graded):
        ada = graded["ada"]
        assert ada.report["estimates"].points == 10 and ada.report["size"].points == 6
        assert ada.report["interface"].points == 6 and ada.report["quality"].points == 0  # random weights
        assert ada.points == ada.report.points > 20

    def test_grading_leaves_release_as_it_is(self, graded, classroom):
        assert (classroom / "release" / UNIT.name / "model.onnx").read_bytes() == b"somebody works here"

    def test_hostile_members_see_and_change_nothing(self, graded, classroom):
        page = feedback(classroom, "oscar")
        assert "SQLite format" not in page and "root:" not in page
        assert "root:" not in feedback(classroom, "eve")
        ada = classroom / "submitted" / "ada" / UNIT.name / "model.onnx"
        assert ada.read_bytes() == linear_model(scale=0.01).SerializeToString() and ada.stat().st_nlink == 1
        assert not (classroom / "submitted" / "eve" / UNIT.name / "mine.onnx").exists()
        assert (classroom / "quarantine" / "eve" / UNIT.name / "mine.onnx").read_bytes() == ada.read_bytes()
        lines = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
        assert not any(b"left-by-oscar" in line for line in lines)

    @pytest.mark.parametrize(
        ("student", "sentence"),
        [
            ("garbage", "model.onnx is no ONNX file"),
            ("huge", "model.onnx has 3,000.0 MB"),
            ("eve", "model.onnx is no ONNX file"),
            ("vandal", "There is no model.onnx yet"),
            ("junk", "There is no model.onnx yet"),
            ("junk", "is no notebook"),
            ("lost", "Untitled.ipynb was read in its place"),
            ("eve", "set aside"),
            ("endless", f"did not end within {SECONDS} s"),
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
        assert (classroom / "submitted" / "lost" / UNIT.name / "Untitled.ipynb").read_bytes()

    def test_reports_are_kept_beside_the_notebook(self, graded, classroom):
        text = (classroom / "autograded" / "ada" / UNIT.name / "report.json").read_text(encoding="utf-8")
        assert Report.from_json(text) == graded["ada"].report and json.loads(text)["holdout"] == "private"

    def test_export_works(self, graded, classroom):
        ran = nbgrader(classroom, "export")
        assert ran.returncode == 0, ran.stderr
        assert len((classroom / "export.csv").read_text().splitlines()) == 21

    def test_a_second_run_while_one_is_going_on(self, graded, classroom):
        import fcntl

        with open(classroom / ".grading.lock", "a+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            ran = nbgrader(classroom, "autograde", UNIT.name, "--force")
        assert ran.returncode != 0 and "Another grading run is going on" in ran.stderr
        assert "Traceback" not in ran.stderr
        assert {row.student: row.points for row in table_rows(UNIT, classroom)} == {
            student: row.points for student, row in graded.items()
        }


def test_a_private_key_is_refused_without_isolation(monkeypatch):
    from course.grading.execution import execute
    from course.problem import Problem

    key.make("spring")
    monkeypatch.setattr(sandbox.bubble, "problem", lambda: "Submissions can't be isolated: bubblewrap is missing.")
    preprocessor = execute.TrustedExecute()
    with pytest.raises(Problem, match="only the open key"):
        preprocessor.preprocess(nbformat.v4.new_notebook(), {"nbgrader": {"assignment": UNIT.name}})


@pytest.mark.slow
def test_with_a_private_key_data_is_released_and_another_world_is_graded(tmp_path, monkeypatch):
    import numpy as np

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
    folder = hand_in(tmp_path, "ada", "print(unit.data['X_public'].sum())", model=linear_model(scale=0.01))
    ran = nbgrader(tmp_path, "autograde", UNIT.name)
    assert ran.returncode == 0, ran.stderr
    (row,) = table_rows(UNIT, tmp_path)
    mine = measure(UNIT, folder, UNIT.private_holdout(key.current()))
    opened = measure(UNIT, folder, UNIT.private_holdout(key.OPEN))
    exact = ("quality", "digits", "pen", "shifted")
    assert [row.report[name].value for name in exact] == [mine[name].value for name in exact]
    assert [mine[name].value for name in exact] != [opened[name].value for name in exact]
    notebook = (tmp_path / "autograded" / "ada" / UNIT.name / f"{UNIT.name}.ipynb").read_text(encoding="utf-8")
    assert str(ours["X_public"].sum()) in notebook  # the student's cells saw the class's data, not the open key's
    assert key.current().secret.hex() not in notebook
