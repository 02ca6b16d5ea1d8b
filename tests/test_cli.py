"""The command line as people mistype it: one sentence, an exit status, no traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from conftest import ROOT, linear_model, save


def course(*arguments, cwd=ROOT, **environment):
    ran = subprocess.run(
        [sys.executable, "-m", "course", *arguments],
        cwd=cwd, capture_output=True, text=True, env=os.environ | environment,
    )  # fmt: skip
    assert "Traceback" not in ran.stdout + ran.stderr
    return ran


def test_units_lists_all():
    ran = course("units")
    assert ran.returncode == 0 and "f01-shrink-ensemble" in ran.stdout and "\x1b" not in ran.stdout


def test_help_names_the_commands():
    ran = course("--help")
    assert all(name in ran.stdout for name in ("units", "check", "grade", "rehearse", "margins", "bench", "key"))


@pytest.mark.parametrize("command", ["check", "grade", "rehearse", "margins", "release"])
def test_an_unknown_unit(command):
    ran = course(command, "f01-shrink-ensembel")
    assert ran.returncode == 2 and ran.stdout == ""
    assert ran.stderr == ("course: There is no unit called 'f01-shrink-ensembel'. Did you mean f01-shrink-ensemble?\n")


def test_an_unknown_benchmark_and_an_unknown_folder(tmp_path):
    assert "There are:" in course("bench", "nothing").stderr
    ran = course("check", "f01", "--dir", str(tmp_path / "nowhere"))
    assert ran.returncode == 2 and "There is no folder" in ran.stderr


def test_grade_with_nothing_handed_in(tmp_path):
    ran = course("grade", "f01", cwd=tmp_path, COURSE_ROOT=str(tmp_path))
    assert ran.returncode == 2 and "needs a checkout" in ran.stderr


def test_check_of_an_empty_folder(tmp_path):
    ran = course("check", "f01", "--dir", str(tmp_path))
    assert ran.returncode == 1 and "Not attempted yet" in ran.stdout
    ran = course("check", "f01", "--dir", str(tmp_path), "--json")
    report = json.loads(ran.stdout)
    assert {clause["verdict"] for clause in report["clauses"]} == {"not attempted"}


def test_check_of_a_bad_model(tmp_path):
    save(linear_model(names=("X", "label")), tmp_path / "model.onnx")
    ran = course("check", "f01", "--dir", str(tmp_path))
    assert ran.returncode == 1 and "the contract asks for 'pixels' float32[N, 784]" in ran.stdout


def test_the_key(tmp_path):
    file = str(tmp_path / "keys" / "key.json")
    assert "the open key" in course("key", "show", COURSE_KEY_FILE=file).stdout
    made = course("key", "new", "--term", "spring", COURSE_KEY_FILE=file)
    assert made.returncode == 0
    shown = course("key", "show", COURSE_KEY_FILE=file)
    secret = json.loads((tmp_path / "keys" / "key.json").read_text())["secret"]
    assert "spring" in shown.stdout and secret not in shown.stdout + made.stdout
    again = course("key", "new", "--term", "autumn", COURSE_KEY_FILE=file)
    assert again.returncode == 2 and "There is a key" in again.stderr
