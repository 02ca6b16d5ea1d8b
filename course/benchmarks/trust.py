"""What trust costs: CPU seconds a submission, this course beside plain nbgrader, the same class and test cells.

What a killed sandbox used is in no process's account afterwards. So CPU seconds are those of a control group, where one
can be made (as root, mostly); else they are the whole machine's, and nothing else should run meanwhile.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
from rich.table import Table

from course import cache, key, sandbox
from course.contract.cost import canary
from course.contract.cost.calibration import IR_VERSION, OPSET
from course.contract.terms import holdout
from course.contract.terms.estimates import write_estimates
from course.grading.authoring.lessons import Lesson
from course.grading.classes import gradebook, results
from course.grading.places import root
from course.learning.work import PRIVATE
from course.problem import Problem
from course.units import load

UNIT = "f01-shrink-ensemble"
#: Students of the small and of the large class: the difference leaves out what a run costs by itself.
CLASSES, QUICK = (1, 7), (1, 3)
PLAIN = """
c = get_config()
c.CourseDirectory.course_id = "plain"
c.CourseDirectory.db_url = "sqlite:///gradebook.db"
c.ClearSolutions.code_stub = {"python": "# your code here"}
c.Execute.timeout = 300
"""


def run(quick: bool, progress: Callable[[str], None]) -> dict[str, dict[str, float]]:
    """CPU and wall seconds of a whole run and of one more submission, for "plain nbgrader" and "this course".

    Plain nbgrader measures on the same private hold-out, in the student's kernel, and nothing of it is isolated. It
    runs the checks of the lesson too; this course leaves them out: they measure what is measured for the grade.
    """
    if problem := sandbox.problem():
        raise Problem(f"There is nothing to measure without isolation. {problem}")
    small, large = QUICK if quick else CLASSES
    found = {}
    for name, isolated in (("plain nbgrader", False), ("this course", True)):
        spent = {}
        for size in (small, large):
            progress(f"{name}: a class of {size}")
            with tempfile.TemporaryDirectory(prefix="course-") as scratch:
                spent[size] = _graded(Path(scratch), size, isolated)
        cpu, wall = ((spent[large][k] - spent[small][k]) / (large - small) for k in (0, 1))
        found[name] = {"cpu": cpu, "wall": wall, "run cpu": spent[small][0], "run wall": spent[small][1]}
    return found


def table(result: dict[str, dict[str, float]]) -> Table:
    """Both side by side, and what one costs more."""
    made = Table("", "CPU s a submission", "Wall s a submission", "CPU s of a run with one", title="What trust costs")
    for name, spent in result.items():
        made.add_row(name, *(f"{spent[what]:.2f}" for what in ("cpu", "wall", "run cpu")))
    plain, ours = result.values()
    made.add_section()
    made.add_row("difference", *(f"{ours[what] - plain[what]:+.2f}" for what in ("cpu", "wall", "run cpu")))
    return made


def _graded(course: Path, students: int, isolated: bool) -> tuple[float, float]:
    """Hand in a class and grade it; CPU and wall seconds of `nbgrader autograde`."""
    where = root()
    shutil.copytree(where / "source" / UNIT, course / "source" / UNIT, ignore=shutil.ignore_patterns("lesson.py"))
    if isolated:
        gradebook.copy_settings(where, course)
    else:
        (course / "nbgrader_config.py").write_text(PLAIN, encoding="utf-8")
    for number in range(students):
        hand_in(course, number, "")
    programs = str(Path(sys.executable).parent)
    environment = os.environ | {
        "PATH": programs + (os.pathsep + os.environ.get("PATH", os.defpath)) * isolated,
        "COURSE_KEY_FILE": str(course / "no-key.json"),
        "COURSE_CACHE": str(cache.shared()),
        "COURSE_ROOT": str(where),
        "COURSE_DATA": str(course / "data"),  # plain nbgrader runs checks as a learner does, who has progress
    }
    if not isolated:
        holdout.write(load(UNIT).private_holdout(key.OPEN), course / "holdout")
        environment |= {PRIVATE: str(course / "holdout")}
    environment[results.FOLDER] = str(course / "results")  # nothing is known from an earlier run
    nbgrader = [sys.executable, "-m", "nbgrader"]
    spent([*nbgrader, "generate_assignment", UNIT, "--create"], course, environment)
    return spent([*nbgrader, "autograde", UNIT], course, environment)


def hand_in(course: Path, number: int, build: str) -> None:
    """One submission: a model of its own, and the lesson with its checks and without its explorations.

    `build` is the student's own work; the explorations would be the same work anywhere.
    """
    unit = load(UNIT)
    notebook = Lesson(unit, root()).submission({"build-model": build, "build-baseline": "", "memo": "A memo."})
    for cell in notebook.cells:
        if cell.cell_type == "code" and not cell.metadata.get("nbgrader") and not cell.source.startswith("unit."):
            cell.source = ""
    folder = course / "submitted" / f"student-{number:05d}" / UNIT
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(model(number))
    answers = {name: (question.low + question.high) / 2 for name, question in unit.estimates.items()}
    write_estimates(unit.estimates, folder, answers)
    nbformat.write(notebook, folder / f"{UNIT}.ipynb")


def spent(command: list[str], course: Path, environment: dict[str, str]) -> tuple[float, float]:
    """CPU and wall seconds of a command and all that it started. Raises Problem if it fails."""
    with _account() as (enter, used):
        before, started = used(), time.monotonic()
        ran = subprocess.run(
            [*enter, *command], cwd=course, env=environment, capture_output=True, text=True, errors="replace"
        )
        wall, cpu = time.monotonic() - started, used() - before
    if ran.returncode:
        raise Problem(f"{' '.join(command[2:4])} failed: {ran.stderr[-500:]}")
    return cpu, wall


@contextlib.contextmanager
def _account() -> Iterator[tuple[list[str], Callable[[], float]]]:
    """What stands before a command that is to be accounted for, and how many CPU seconds were used until now."""
    version_2 = canary.CGROUPS / "cgroup.controllers"
    for parent, file, unit in (
        (Path(canary.CGROUPS, "cpuacct"), "cpuacct.usage", 1e-9),
        (Path(canary.CGROUPS), "cpu.stat", 1e-6),
    ):
        group = parent / f"course-bench-{os.getpid()}"
        if file == "cpu.stat" and not Path(version_2).is_file():
            continue
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            enter = ["/bin/sh", "-c", f'echo $$ > {group}/cgroup.procs && exec "$@"', "sh"]
            # "usage_usec 123" is the first line of cpu.stat; cpuacct.usage is one number.
            yield enter, lambda f=group / file, u=unit: float(f.read_text().split("\n")[0].split()[-1]) * u
        finally:
            with contextlib.suppress(OSError):
                group.rmdir()
        return
    yield [], lambda: canary.look().wanted / os.sysconf("SC_CLK_TCK")


def model(seed: int) -> bytes:
    """Random weights in two operators: measured in every clause."""
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper

    weights = np.random.default_rng(seed).normal(size=(784, 10)).astype(np.float32)
    nodes = [
        helper.make_node("MatMul", ["pixels", "w"], ["s"]),
        helper.make_node("ArgMax", ["s"], ["digit"], axis=1, keepdims=0),
    ]
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["N", 784])],
        [helper.make_tensor_value_info("digit", TensorProto.INT64, ["N"])],
        [numpy_helper.from_array(weights, "w")],
    )
    opsets = [helper.make_opsetid("", OPSET)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION).SerializeToString()
