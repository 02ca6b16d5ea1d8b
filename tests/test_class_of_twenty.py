"""A class of twenty as it really comes: every third submission is odd. Nobody is silent, nothing is lost."""

from __future__ import annotations

import base64
import copy
import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, linear_model, save
from onnx import TensorProto

from course import sandbox, units
from course.contract.terms.estimates import write_estimates
from course.grading.classes import results

UNIT = units.load("f01")
NAME = UNIT.name
MEMO = "A memo, to be marked by hand."
isolated = pytest.mark.skipif(bool(sandbox.problem()), reason=sandbox.problem() or "isolated")


def released() -> dict:
    """The released notebook, in which open cells do nothing and the memo is written."""
    notebook = json.loads((ROOT / "release" / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
        if cell["cell_type"] == "code" and not cell["metadata"].get("nbgrader"):
            cell["source"] = "pass"
    find(notebook, "memo")["source"] = MEMO
    return notebook


def find(notebook: dict, name: str) -> dict:
    return next(cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == name)


def without_ids(notebook):
    notebook["nbformat_minor"] = 0
    for cell in notebook["cells"]:
        cell.pop("id", None)


def memo_below(notebook):
    memo = find(notebook, "memo")
    memo["source"] = "*Your answer here.*"
    below = {"cell_type": "markdown", "id": "mine", "metadata": {}, "source": MEMO}
    notebook["cells"].insert(notebook["cells"].index(memo) + 1, below)


def large_output(notebook):
    cell = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    picture = base64.b64encode(bytes(18_000_000)).decode()
    cell["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": {"image/png": picture}}]


def overwrites(notebook):
    """A cell with code writes other estimates than the file that was handed in."""
    find(notebook, "answer-estimates")["source"] = "open('estimates.json', 'w').write('{\"winner_cores\": 1}')"


#: The odd ones: what is done to the notebook, its name, what is said; and whether somebody must look.
ODD = {
    "renamed": (None, f"{NAME} (1).ipynb", f"{NAME} (1).ipynb was read in its place", False),
    "damaged": (None, f"{NAME}.ipynb", "its end is missing", True),
    "no-ids": (without_ids, f"{NAME}.ipynb", "", False),
    "memo-below": (memo_below, f"{NAME}.ipynb", "words stand in other cells", True),
    "lee [erasmus]": (None, f"{NAME}.ipynb", "", False),
    "large": (large_output, f"{NAME}.ipynb", "", False),
    "overwrites": (overwrites, f"{NAME}.ipynb", "estimates.json was handed in, and a cell", True),
}
LOOK = sorted(name for name, odd in ODD.items() if odd[3])
CLASS = [
    list(ODD)[number // 3] if number % 3 == 0 else f"student-{number:02d}" for number in range(20)
]  # every third one is odd


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The class, graded by one command; the course's folder and what the command said."""
    root = tmp_path_factory.mktemp("twenty") / "course"
    (root / "source").mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    shutil.copytree(ROOT / "source" / NAME, root / "source" / NAME)
    answers = {name: (question.low + question.high) / 2 for name, question in UNIT.estimates.items()}
    plain = released()
    for student in CLASS:
        folder = root / "submitted" / student / NAME
        folder.mkdir(parents=True)
        change, file, *_ = ODD.get(student, (None, f"{NAME}.ipynb"))
        notebook = copy.deepcopy(plain)
        if change:
            change(notebook)
        text = json.dumps(notebook)
        (folder / file).write_text(text[:-500] if student == "damaged" else text, encoding="utf-8")
        model = "model (1).onnx" if student == "renamed" else "model.onnx"
        save(linear_model(dtype=TensorProto.DOUBLE), folder / model)  # refused at once: nothing to measure
        write_estimates(UNIT.estimates, folder, answers)
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    known = str(root.parent / "known")
    ran = subprocess.run(
        [sys.executable, "-m", "course", "grade", "f01", "--jobs", "2", "--json", "--csv", "all.csv"],
        cwd=root,
        env=os.environ | {"PATH": programs, "COURSE_ROOT": str(root), results.FOLDER: known},
        capture_output=True,
        text=True,
    )
    return root, ran, {row["student"]: row for row in json.loads(ran.stdout)}


@isolated
@pytest.mark.slow
class TestAClassOfTwenty:
    """Graded once."""

    def test_everybody_is_graded_and_the_status_says_that_somebody_must_look(self, graded):
        _, ran, found = graded
        assert ran.returncode == 1 and sorted(found) == sorted(CLASS), ran.stderr
        assert all(row["report"] for row in found.values())

    def test_odd_ones_earn_what_all_others_earn(self, graded):
        _, _, found = graded
        points = {name: row["points"] for name, row in found.items()}
        assert points.pop("overwrites") < 10  # what its cell wrote was measured, and it is told so
        assert set(points.values()) == {10.0}

    def test_who_needs_a_look_is_named_with_why(self, graded):
        _, ran, found = graded
        assert sorted(name for name, row in found.items() if row["look"]) == LOOK
        for name, (*_, said, look) in ODD.items():
            assert said in " ".join(found[name]["remarks"])
            lines = [line for line in " ".join(ran.stderr.split()).split("! ") if line.startswith(f"{name}:")]
            assert bool(lines) == look

    def test_the_sheet_says_it_too(self, graded):
        root, *_ = graded
        with open(root / "all.csv", newline="", encoding="utf-8") as file:
            sheet = {line["student"]: line for line in csv.DictReader(file)}
        assert sorted(name for name, line in sheet.items() if line["look"]) == LOOK
        assert "model (1).onnx was taken in its place" in sheet["renamed"]["remarks"]

    def test_every_memo_waits_for_a_person(self, graded):
        assert {row["by_hand"] for row in graded[2].values()} == {20.0}

    def test_everybody_has_a_page_that_says_it(self, graded):
        root, *_ = graded
        for name in CLASS:
            page = (root / "feedback" / name / NAME / f"{NAME}.html").read_text(encoding="utf-8")
            said = ODD[name][2] if name in ODD else ""
            assert said in page and ("About this submission" in page) == bool(said)
            assert (MEMO in page) == (name != "damaged") and len(page) < 3_000_000

    def test_what_was_handed_in_is_there(self, graded):
        root, *_ = graded
        for name in CLASS:
            file = ODD[name][1] if name in ODD else f"{NAME}.ipynb"
            assert (root / "submitted" / name / NAME / file).stat().st_size > 1000
        assert not (root / "quarantine").exists()

    def test_the_same_command_leaves_all_as_it_is(self, graded):
        from course.grading.classes import gradebook, resume

        root, *_ = graded
        assert gradebook.students(gradebook.url(root), NAME) == set(CLASS)
        for name in CLASS:
            assert resume.is_finished(root / "autograded" / name / NAME, root / "submitted" / name / NAME)
