"""The corpus under plain nbgrader: a course for each attack, because attacks there ruin each other's.

Nothing of this course takes part; what runs is nbgrader as it is installed, with a hidden test as its manual shows one.
So that the corpus hurts nobody who runs it, all of it happens in a container that can write to its own folder alone.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import nbformat

from course.grading.attacks import HELD, MARK, UNIT, Attack, Place, Scene, student_name
from course.grading.attacks.place import hand_in, make_place, must, nbgrader, snapshot, text
from course.problem import Problem

SECONDS = 240
_CONFIG = """
c = get_config()
c.CourseDirectory.root = {root!r}
c.CourseDirectory.course_id = "plain"
c.Execute.timeout = 10
"""
_TEST = """
import numpy as np
import onnxruntime
### BEGIN HIDDEN TESTS
hidden = np.load("../../../source/hidden.npz")
session = onnxruntime.InferenceSession("model.onnx", providers=["CPUExecutionProvider"])
digits = session.run(None, {"pixels": hidden["X"]})[0]
round(30 * float((digits == hidden["y"]).mean()), 1)
### END HIDDEN TESTS
"""
#: Inside the container: grade, make feedback, see what is left running, say how long it took.
_DRIVER = """
import glob, json, os, subprocess, sys, time
mark = os.environ.pop("LEFT_BEHIND").encode()  # not an argument: then this process would hold it as well
start = time.monotonic()
for command in ("autograde", "generate_feedback"):
    subprocess.run([sys.executable, "-m", "nbgrader", command, sys.argv[1]], stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
seconds = time.monotonic() - start
time.sleep(0.5)
left = 0
for path in glob.glob("/proc/[0-9]*/cmdline"):
    try:
        left += mark in open(path, "rb").read()
    except OSError:
        pass
json.dump({"seconds": seconds, "left": left}, open(sys.argv[2], "w"))
"""


class Plain:
    """`outcome` says what an attack gained ('' if nothing)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.honest = 0.0
        self._lock = threading.Lock()

    def check(self) -> None:
        """Raise Problem where an honest submission is not graded either: then outcomes would say nothing."""
        if found := self.outcome(Attack("honest", "nothing", "raise")):
            raise Problem(f"Plain nbgrader can't grade an honest submission here ({found}): nothing can be compared.")

    def outcome(self, attack: Attack) -> str:
        """Graded after ada, who was graded before, and before zoe."""
        place = make_place(self.folder / student_name(attack))
        try:
            self._course(place)
            from attacks.honest import model

            for who, name in ((None, "zoe"), (attack, student_name(attack))):
                hand_in(who, name, place, place.root / "release" / UNIT / f"{UNIT}.ipynb", model())
            before = snapshot(place)
            return self._graded(attack, place, before)
        except OSError as error:
            return f"the grader failed: {type(error).__name__}"
        finally:
            subprocess.run(["rm", "-rf", "--", str(place.root.parent)], stderr=subprocess.DEVNULL, check=False)

    def _course(self, place: Place) -> None:
        import numpy as np

        hidden = place.root / "source" / "hidden.npz"
        hidden.parent.mkdir()
        rng = np.random.default_rng(1)
        rows = rng.uniform(0, 255, (500, 784)).astype("float32")
        np.savez(hidden, X=rows, y=rng.integers(0, 10, 500), note=np.array(place.tokens["ada"]))
        (place.root / "nbgrader_config.py").write_text(_CONFIG.format(root=str(place.root)), encoding="utf-8")
        (place.root / "source" / UNIT).mkdir()
        cells = [
            _cell("setup", "import os", locked=True),
            _cell("memo", "### BEGIN SOLUTION\nWords\n### END SOLUTION", solution=True, points=20),
            _cell("build-model", "### BEGIN SOLUTION\nx = 1\n### END SOLUTION", solution=True),
            _cell("quality", _TEST, locked=True, points=30),
        ]
        metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
        notebook = nbformat.v4.new_notebook(cells=cells, metadata=metadata)
        nbformat.write(notebook, place.root / "source" / UNIT / f"{UNIT}.ipynb")
        template = self.folder / "template"
        with self._lock:
            if not template.is_dir():  # the first course is made and grades ada for all
                from attacks.honest import model

                must(nbgrader(place, "generate_assignment", UNIT, "--create"))
                hand_in(None, "ada", place, place.root / "release" / UNIT / f"{UNIT}.ipynb", model())
                must(nbgrader(place, "autograde", UNIT))
                shutil.copytree(place.root, template)
            else:
                leave = shutil.ignore_patterns("source", "*.py")
                shutil.copytree(template, place.root, dirs_exist_ok=True, ignore=leave)
                (place.submitted("ada") / "notes.txt").write_text(place.tokens["ada"], encoding="utf-8")
        place.tokens["source"] = "BEGIN SOLUTION"

    def _graded(self, attack: Attack, place: Place, before: dict[str, str]) -> str:
        name, said = student_name(attack), place.root.parent / "said.json"
        try:
            subprocess.run(
                [*_container(place), sys.executable, "-c", _DRIVER, UNIT, str(said)],
                cwd=place.root, env=place.environment() | {"LEFT_BEHIND": MARK}, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=SECONDS, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return "hung the grader"
        found = json.loads(said.read_text(encoding="utf-8")) if said.is_file() else {"left": 0, "seconds": 0.0}
        rows = _rows(place)
        mine, zoe, ada = rows.get(name), rows.get("zoe"), rows.get("ada")
        if mine is not None and zoe is not None and mine > zoe:
            return f"raised: {mine:g} of 30 points, not {zoe:g}"
        if zoe is None:
            return "aborted the batch"
        if ada != zoe:
            return "changed somebody else's row"
        notebook, page = place.notebook(name), place.page(name)
        size = notebook.stat().st_size if notebook.is_file() else 0
        scene = Scene(place, name, text(notebook) + text(page), "", found["seconds"], size, page)
        for token, secret in place.tokens.items():
            if secret in scene.shown:
                return f"leaked: {token}"
        if found["left"]:
            return "left a process behind"
        if attack.canary and (gained := attack.canary(scene)):
            return gained
        if snapshot(place) != before:
            return "changed files outside"
        return "not graded" if mine is None and not attack.spoils else HELD


def _container(place: Place) -> list[str]:
    """A container in which everything is as it is here, but only the folder of `place` can be written to."""
    folder = str(place.root.parent)
    shared = ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", "--tmpfs", "/dev/shm"]
    for path in dict.fromkeys((sys.prefix, sys.base_prefix)):  # this Python may lie under /tmp
        shared += ["--ro-bind", path, path]
    return ["bwrap", "--die-with-parent", "--new-session", "--unshare-pid", "--unshare-net", "--unshare-ipc", *shared,
            "--bind", folder, folder, "--chdir", str(place.root)]  # fmt: skip


def _cell(name: str, source: str, *, solution=False, locked=False, points=None) -> nbformat.NotebookNode:
    make = nbformat.v4.new_markdown_cell if name == "memo" else nbformat.v4.new_code_cell
    cell = make(source, id=name)
    marks = {"grade": points is not None, "grade_id": name, "locked": locked, "schema_version": 3}
    cell.metadata["nbgrader"] = marks | {"solution": solution, "task": False, "cell_type": cell.cell_type}
    if points is not None:
        cell.metadata["nbgrader"]["points"] = points
    return cell


def _rows(place: Place) -> dict[str, float | None]:
    """Points of the test cell by student; None where there are none."""
    from nbgrader.api import Gradebook

    rows: dict[str, float | None] = {}
    try:
        with Gradebook(f"sqlite:///{place.root / 'gradebook.db'}") as gradebook:
            for found in gradebook.assignment_submissions(UNIT):
                graded = place.notebook(found.student.id).is_file()
                scores = [grade.auto_score for book in found.notebooks for grade in book.grades if grade.auto_score]
                rows[found.student.id] = float(sum(scores)) if graded else None
    except Exception:  # a gradebook that can't be read holds nobody's points
        return {}
    return rows
