"""A class graded side by side, on a cluster, from what is known: always the same gradebook."""

from __future__ import annotations

import csv
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import nbformat
import pytest
from conftest import ROOT, linear_model, save
from onnx import TensorProto

from course import key, sandbox, units
from course.contract.terms.estimates import write_estimates
from course.contract.terms.report import Measurement, Report, settle
from course.grading.authoring.lessons import Lesson
from course.grading.classes import klass, results, spread
from course.grading.classes.commands import GradingProblem
from course.grading.classes.rows import Row
from course.grading.execution import work
from course.grading.submissions import submission
from course.patience import Patience, finished

UNIT = units.load("f01")
#: Each student's model: scale of its weights, or none.
STUDENTS = {"ada": 0.01, "Bea Ünal": None, "carl": 0.02, "=dora": None, "eve": 0.01}
PROGRAMS = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
isolated = pytest.mark.skipif(bool(sandbox.problem()), reason=sandbox.problem() or "isolated")


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory):
    """A course in which five students handed in, one of them a hostile notebook; nothing is graded."""
    root = tmp_path_factory.mktemp("class") / "course"
    root.mkdir()
    shutil.copy(ROOT / "nbgrader_config.py", root)
    shutil.copytree(ROOT / "source" / UNIT.name, root / "source" / UNIT.name)
    notebook = nbformat.read(Lesson(UNIT, ROOT).student, as_version=4)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if cell.cell_type == "code" and (name == "build-model" or not name):
            cell.source = ""
        if name == "memo":
            cell.source = "A memo, to be marked by hand."
    answers = {name: (question.low + question.high) / 2 for name, question in UNIT.estimates.items()}
    for student, scale in STUDENTS.items():
        folder = root / "submitted" / student / UNIT.name
        folder.mkdir(parents=True)
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("grade_id") == "build-model":
                cell.source = "import os\nos.kill(os.getppid(), 9)\nos._exit(1)" if student == "eve" else "print(1 + 1)"
        nbformat.write(notebook, folder / f"{UNIT.name}.ipynb")
        model = linear_model(scale=scale) if scale else linear_model(dtype=TensorProto.DOUBLE)  # the latter is refused
        save(model, folder / "model.onnx")
        write_estimates(UNIT.estimates, folder, answers)
    return root


def copy_of(course, folder):
    return Path(shutil.copytree(course, folder))


def environment(root, known):
    return os.environ | {"PATH": PROGRAMS, "COURSE_ROOT": str(root), results.FOLDER: str(known)}


def run(root, known, *command):
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=root, env=environment(root, known), capture_output=True, text=True
    )


def start(root, known, *command):
    with open(root / "log.txt", "ab") as log:
        return subprocess.Popen(
            command, cwd=root, env=environment(root, known), stdin=subprocess.DEVNULL,
            stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip


def gradebook(root):
    """Every row of the gradebook that is about somebody's work, and not about when."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as book:
        return sorted(
            (one.student.id, grade.name, grade.auto_score, grade.manual_score, grade.max_score,
             grade.needs_manual_grade, grade.failed_tests)
            for one in book.assignment_submissions(UNIT.name)
            for notebook in one.notebooks
            for grade in notebook.grades
        )  # fmt: skip


@pytest.fixture(scope="module")
def plain(handed_in, tmp_path_factory):
    """The class, graded by `nbgrader autograde` alone; and where its results are kept."""
    where = tmp_path_factory.mktemp("plain")
    root, known = copy_of(handed_in, where / "course"), where / "known"
    for step in (("generate_assignment", "--create"), ("autograde",)):
        ran = run(root, known, "nbgrader", step[0], UNIT.name, *step[1:])
        assert ran.returncode == 0, ran.stderr
    return root, known


@isolated
@pytest.mark.slow
def test_side_by_side_the_gradebook_is_that_of_nbgrader_alone(plain, handed_in, tmp_path):
    root = copy_of(handed_in, tmp_path / "course")
    ran = run(root, tmp_path / "known", "course", "grade", "f01", "--jobs", "3", "--json", "--csv", "all.csv")
    assert ran.returncode == 0, ran.stderr
    assert gradebook(root) == gradebook(plain[0])
    assert {file.name for file in (tmp_path / "known").iterdir()} == {file.name for file in plain[1].iterdir()}
    rows = json.loads(ran.stdout)
    assert [row["student"] for row in rows] == sorted(STUDENTS)
    with open(root / "all.csv", newline="", encoding="utf-8") as file:
        sheet = list(csv.DictReader(file))
    assert [(float(line["points"]), line["quality verdict"]) for line in sheet] == [
        (row["points"], next(c["verdict"] for c in row["report"]["clauses"] if c["name"] == "quality")) for row in rows
    ]
    assert "'=dora" in [line["student"] for line in sheet]  # for a spreadsheet: no formula
    assert {path.parents[1].name for path in (root / "feedback").glob("*/*/*.html")} == set(STUDENTS)


@isolated
@pytest.mark.slow
def test_a_class_that_is_known_is_only_recorded(plain, handed_in, tmp_path):
    """Neither notebooks nor models run: even the times that were measured are those of the first run."""
    root, known = copy_of(handed_in, tmp_path / "course"), copy_of(plain[1], tmp_path / "known")
    ran = run(root, known, "course", "grade", "f01", "--jobs", "2")
    assert ran.returncode == 0, ran.stderr
    assert gradebook(root) == gradebook(plain[0])
    kept = {file.name: file.read_bytes() for file in plain[1].iterdir()}
    assert {file.name: file.read_bytes() for file in known.iterdir()} == kept
    assert len(kept) == len(STUDENTS) - 1  # two handed in the same
    reports = [set(), set()]
    for found, course in zip(reports, (root, plain[0]), strict=True):
        found |= {file.read_bytes() for file in course.glob("autograded/*/*/report.json")}  # measured times included
    assert reports[0] == reports[1]
    one = run(root, known, "course", "grade", "f01", "--students", "c*", "--force", "--no-cache")
    assert one.returncode == 0 and "Graded 1 submission " in one.stdout, one.stderr
    assert len(list(known.iterdir())) == len(kept) and gradebook(root) == gradebook(plain[0])
    nobody = run(root, known, "course", "grade", "f01", "--students", "zoe")
    assert nobody.returncode == 2 and "Nobody in submitted/" in nobody.stderr


@isolated
@pytest.mark.slow
def test_ctrl_c_ends_what_is_being_graded(handed_in, tmp_path):
    root = copy_of(handed_in, tmp_path / "course")
    for student in ("ada", "carl"):
        file = root / "submitted" / student / UNIT.name / f"{UNIT.name}.ipynb"
        file.write_text(file.read_text().replace("print(1 + 1)", "import time; time.sleep(250)"))
    grading = start(root, tmp_path / "known", sys.executable, "-m", "course", "grade", "f01", "--jobs", "2",
                    "--students", "ada", "--students", "carl")  # fmt: skip
    waiting = Patience(grading.pid, 120)
    while not waiting.is_over() and grading.poll() is None:
        programs = [Path(f"/proc/{pid}/cmdline") for pid in sandbox.tree(grading.pid)]
        if sum(b"ipykernel" in file.read_bytes() for file in programs if file.exists()) == 2:
            break
        time.sleep(0.1)
    grading.send_signal(signal.SIGINT)
    finished(grading, 100)
    assert grading.returncode == 130, (root / "log.txt").read_text()
    assert "Traceback" not in (root / "log.txt").read_text()
    assert not list((tmp_path / "known").glob("*.zip"))


# --- a cluster ----------------------------------------------------------------------------------------------------


@pytest.fixture
def cluster(tmp_path):
    """A scheduler and two workers, started by the commands that the handbook has."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    port, programs = address.rpartition(":")[2], Path(sys.executable).parent
    known = tmp_path / "the-workers-know-nothing"
    scheduler = start(
        tmp_path, known, str(programs / "dask"), "scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard"
    )
    workers = [
        start(tmp_path, known, str(programs / "dask"), "worker", address, "--nthreads", "1", "--no-dashboard",
              "--host", "127.0.0.1")
        for _ in range(2)
    ]  # fmt: skip
    yield address, workers
    for process in (*workers, scheduler):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@isolated
@pytest.mark.slow
def test_a_cluster_that_loses_a_worker_gives_the_same_gradebook(plain, handed_in, cluster, tmp_path):
    address, workers = cluster
    root, known = copy_of(handed_in, tmp_path / "course"), tmp_path / "known"
    grading = start(root, known, sys.executable, "-m", "course", "grade", "f01", "--scheduler", address)
    waiting = Patience(workers[0].pid, 300)
    while not list(known.glob("*.zip")) and grading.poll() is None and not waiting.is_over():
        time.sleep(0.05)
    time.sleep(random.uniform(0, 1))
    os.killpg(workers[0].pid, signal.SIGKILL)
    finished(grading, 600)
    assert grading.returncode == 0, (root / "log.txt").read_text(errors="replace")[-2000:]
    assert gradebook(root) == gradebook(plain[0])
    assert not (tmp_path / "the-workers-know-nothing").exists()


def test_no_scheduler_and_no_worker_are_one_sentence(tmp_path, monkeypatch, cluster):
    monkeypatch.setattr(spread, "WAIT_S", 0.2)
    with (
        pytest.raises(spread.ClusterProblem, match="There is no Dask scheduler at"),
        spread._workers(1, "tcp://127.0.0.1:9"),
    ):
        pass
    with (
        pytest.raises(spread.ClusterProblem, match="no Dask scheduler at no-address"),
        spread._workers(1, "no-address"),
    ):
        pass


def test_without_dask_a_cluster_is_one_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(spread.ClusterProblem, match="make class"), spread._workers(1, "tcp://127.0.0.1:9"):
        pass


@pytest.mark.slow
def test_a_task_that_kills_workers_stops_nobody_else(monkeypatch, cluster):
    monkeypatch.setattr(work, "do", exec)  # so that a task is what a worker does
    deeds = {"ada": "pass", "eve": "import os; os._exit(1)", "bea": "pass", "dora": "1 / 0", "carl": "pass"}
    with spread._workers(1, cluster[0]) as workers:
        tasks = ((name, Stub(deed)) for name, deed in deeds.items())
        found = {name: result for name, _, result in spread._in_turn(workers, tasks)}
    assert "every worker that tried it died" in found.pop("eve").problem
    assert found.pop("dora").problem == "the course failed (ZeroDivisionError: division by zero)"
    assert found == {"ada": None, "bea": None, "carl": None}


class Stub(str):
    """In place of a Task; elsewhere it is a plain string."""

    digest = property(str)

    def __reduce__(self):
        return str, (str(self),)


def test_only_a_few_tasks_are_made_before_they_are_done(monkeypatch):
    """However large the class is: its files are not all in memory."""
    monkeypatch.setattr(work, "do", lambda task: work.Result(note=task))
    made = Counter()

    def tasks():
        for number in range(200):
            made["made"] += 1
            yield f"s{number}", Stub(number)

    with spread._workers(2, "") as workers:
        for _ in spread._in_turn(workers, tasks()):
            made["done"] += 1
            assert made["made"] - made["done"] <= 4
    assert made == {"made": 200, "done": 200}


def said(verdict):
    """A result whose report has one clause with that verdict."""
    clause = settle(UNIT.term("latency"), Measurement(1.2, "", verdict))
    return work.Result(files={"report.json": Report(UNIT.name, "private", (clause,)).to_json().encode()})


#: Who was measured, in order, and what is found the first and the second time.
ASKED: list[str] = []
VERDICTS = {"ada": ("kept",), "bea": ("not measured", "broken"), "carl": ("not measured", "not measured")}


def measured(task):
    """In place of `work.do`; a function of this module, since Dask takes a copy of any other."""
    ASKED.append(str(task))
    return said(VERDICTS[task][ASKED.count(task) - 1])


def test_what_was_not_measured_is_measured_again_after_the_others(monkeypatch):
    """And what still is not has no points, and is said to the instructor."""
    kept, done = {}, []
    ASKED.clear()
    monkeypatch.setattr(work, "do", measured)
    monkeypatch.setattr(sandbox, "require", lambda secret: None)
    monkeypatch.setattr(spread.ingest, "clean", lambda folder: None)
    monkeypatch.setattr(spread.submission, "released", lambda *_, **__: None)
    monkeypatch.setattr(spread, "rebuild", lambda template, file: (file.parents[1].name, None))
    monkeypatch.setattr(work, "task", lambda unit, name, *_: Stub(name))
    monkeypatch.setattr(results, "has", lambda digest: False)
    monkeypatch.setattr(results, "keep", lambda digest, result: kept.update({digest: result.unmeasured}))
    spread.run_all(UNIT, ROOT, list(VERDICTS), jobs=1, scheduler="", done=lambda name, why: done.append((name, why)))
    assert ASKED[:3] == ["ada", "bea", "carl"] and sorted(ASKED[3:]) == ["bea", "carl"]
    assert kept == {"ada": (), "bea": (), "carl": ("latency",)}
    assert sorted(done) == [("ada", ""), ("bea", ""), ("carl", "")]
    row = Row("carl", 0, 80, 20, Report.from_json(said("not measured").files["report.json"].decode()))
    assert row.report.points == 0 and "Cost of one scan. Grade it again with --no-cache" in row.look[0]


# --- tasks and results --------------------------------------------------------------------------------------------


def a_task(root=ROOT, secret=key.OPEN, **changes):
    notebook = submission.released(root / "source" / UNIT.name / f"{UNIT.name}.ipynb")
    task = work.task(UNIT, notebook, root / "source" / UNIT.name, secret, 10.0)
    return work.Task(**{name: changes.get(name, getattr(task, name)) for name in task.__dataclass_fields__})


def test_a_digest_depends_on_everything_that_grading_depends_on():
    mine = key.Key(b"k" * 32, "spring")
    base = a_task(files={"model.onnx": b"a"})
    others = [
        a_task(files={"model.onnx": b"b"}),
        a_task(files={"model.onn": b"xa"}),
        a_task(files={"model.onnx": b"a", "more": b""}),
        a_task(files={"model.onnx": b"a"}, theirs=(*base.theirs, ("x", "1"))),
        a_task(files={"model.onnx": b"a"}, ours=base.ours[1:]),
        a_task(files={"model.onnx": b"a"}, seconds=11.0),
        a_task(files={"model.onnx": b"a"}, code="other"),
        a_task(files={"model.onnx": b"a"}, unit="f02-one-percent"),
        a_task(secret=mine, files={"model.onnx": b"a"}),
    ]
    assert len({base.digest, *(other.digest for other in others)}) == 10
    assert a_task(files={"model.onnx": b"a"}).digest == base.digest


def test_a_task_has_the_key_of_its_unit_alone_and_never_shows_it():
    import pickle

    secret = key.Key(bytes(range(32)), "spring")
    task = a_task(secret=secret)
    assert task.secret == secret.for_unit(UNIT.name)
    assert secret.secret not in pickle.dumps(task) and task.secret.secret.hex() not in repr(task)
    with pytest.raises(key.KeyProblem):
        task.secret.for_unit("f02-one-percent")


def test_another_version_of_the_course_does_not_answer():
    assert "another version of the course" in work.do(a_task(code="older")).problem


@pytest.fixture
def known(tmp_path, monkeypatch):
    monkeypatch.setenv(results.FOLDER, str(tmp_path / "known"))
    return tmp_path / "known"


RESULT = work.Result({"c1": [{"output_type": "stream", "name": "stdout", "text": "ü"}]}, {"model.onnx": b"\0" * 9}, "n")


def test_a_result_comes_back_as_it_was_kept(known):
    assert results.fetch("d1") is None and not results.has("d1")
    results.keep("d1", RESULT)
    results.keep("d2", work.Result(problem="the machine was on fire"))
    assert results.fetch("d1") == RESULT and results.has("d1") and not results.has("d2")
    assert known.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04", None, b"x" * 500])
def test_a_damaged_result_is_none(known, damage):
    results.keep("d1", RESULT)
    file = known / "d1.zip"
    file.write_bytes(file.read_bytes()[:-40] if damage is None else damage)
    assert results.fetch("d1") is None
    results.keep("d1", RESULT)
    assert results.fetch("d1") == RESULT


def test_what_was_not_used_for_longest_goes_first(known):
    for number in range(5):
        results.keep(f"d{number}", RESULT)
        os.utime(known / f"d{number}.zip", (1e9 + number, 1e9 + number))
    (known / "old.half").write_bytes(b"x")
    os.utime(known / "old.half", (1e9, 1e9))
    size = (known / "d0.zip").stat().st_size
    results.prune(0)  # all within a day: they may wait to be recorded
    assert len(list(known.iterdir())) == 6
    assert results.has("d0")  # and so it is used
    results.prune(3 * size)
    assert sorted(path.name for path in known.iterdir()) == ["d0.zip", "d3.zip", "d4.zip"]


def test_a_folder_that_can_t_be_written_costs_only_time(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv(results.FOLDER, str(tmp_path / "file"))
    results.keep("d1", RESULT)
    assert results.fetch("d1") is None and not results.has("d1")
    results.prune()


def test_names_of_students_choose_what_nbgrader_is_about(tmp_path, monkeypatch):
    found = {f"submitted/{name}/u": [] for name in ("ada", "bea, the first", "[c]")}
    assert submission.chosen(found) == found
    (tmp_path / "names.json").write_text(json.dumps(["[c]", "bea, the first"]))
    monkeypatch.setenv(submission.STUDENTS, str(tmp_path / "names.json"))
    assert list(submission.chosen(found)) == ["submitted/bea, the first/u", "submitted/[c]/u"]


def test_students_are_chosen_by_patterns(tmp_path):
    for name in ("ada", "alan", "bea"):
        (tmp_path / "submitted" / name / UNIT.name).mkdir(parents=True)
    assert klass._students(UNIT, tmp_path, ()) == ["ada", "alan", "bea"]
    assert klass._students(UNIT, tmp_path, ("a*",)) == ["ada", "alan"]
    with pytest.raises(GradingProblem, match="matches 'x'"):
        klass._students(UNIT, tmp_path, ("bea", "x"))
