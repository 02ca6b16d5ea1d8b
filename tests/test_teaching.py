"""The commands of handbook/teaching.md, run in their order as an instructor would, with a class of two."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import proved
import pytest
from conftest import ROOT

from course import sandbox

UNIT = "f02-one-percent"
POLICY = "def choose(candidates, shop):\n    return max(candidates, key=lambda one: one['right'].mean())['name']\n"
PAGE = (ROOT / "handbook" / "teaching.md").read_text(encoding="utf-8")
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]


def hand_in(folder):
    """The released notebook with a memo in it, and a plain policy beside it."""
    folder.mkdir(parents=True)
    notebook = json.loads((ROOT / "release" / UNIT / f"{UNIT}.ipynb").read_text(encoding="utf-8"))
    memo = next(one for one in notebook["cells"] if one["metadata"].get("nbgrader", {}).get("grade_id") == "memo")
    memo["source"] = "We choose by money."
    (folder / f"{UNIT}.ipynb").write_text(json.dumps(notebook))
    (folder / "policy.py").write_text(POLICY)
    (folder / "baseline.py").write_text(POLICY)
    (folder / "estimates.json").write_text("{}")


@pytest.fixture
def term(tmp_path, monkeypatch):
    """A course of its own, with a key, an exchange and a home of its own; a function that runs a line in it."""
    root = tmp_path / "course"
    root.mkdir()
    settings = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
    exchange = tmp_path / "exchange"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    (root / "nbgrader_config.py").write_text(f"{settings}\nget_config().Exchange.root = {str(exchange)!r}\n")
    shutil.copytree(ROOT / "source" / UNIT, root / "source" / UNIT)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "course").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m course "$@"\n')
    (tmp_path / "bin" / "course").chmod(0o755)
    own = os.environ | {
        "PATH": f"{tmp_path / 'bin'}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COURSE_ROOT": str(root),
        "COURSE_KEY_FILE": str(tmp_path / "key.json"),
        "HOME": str(tmp_path),
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
    }

    def run(line, status=(0,)):
        ran = subprocess.run(["sh", "-c", line], cwd=root, env=own, capture_output=True, text=True)
        assert ran.returncode in status, f"{line}\n{ran.stdout}\n{ran.stderr}"
        return ran.stdout + ran.stderr

    return root, run


@pytest.mark.slow
@pytest.mark.skipif(bool(sandbox.problem()), reason=sandbox.problem() or "isolated")
@pytest.mark.skipif(not proved.is_due("teaching"), reason="the page has not changed since `make prove` performed it")
def test_a_term_from_start_to_end(term):
    root, run = term
    seen = {}
    for line in COMMANDS:
        if line.startswith("nbgrader zip_collect"):  # what a platform gave: Ada's, and Bea's
            archive = root / "downloaded" / UNIT / "archive"
            archive.mkdir(parents=True)
            for student in ("ada", "bea"):
                hand_in(folder := root / "build" / student)
                with zipfile.ZipFile(archive / f"{student}.zip", "w") as made:
                    for file in folder.iterdir():
                        made.write(file, f"{student}_4711_98765_{file.name}")
        seen[line] = run(line, (0, 1) if line.startswith("course grade") else (0,))
    said = "\n".join(seen.values())
    assert "your own key for 2027-spring" in said and "Traceback" not in said
    assert (root / "release" / UNIT / "public.npz").is_file()
    rows = list(csv.DictReader((root / "grades-f02.csv").open(encoding="utf-8")))
    assert sorted(row["student"] for row in rows) == ["ada", "bea"]
    page = (root / "feedback" / "ada" / UNIT / f"{UNIT}.html").read_text(encoding="utf-8")
    assert "each clause leads to its cell" in page and "20 wait for a person" in page
    assert "Test cell</a>" not in page and 'href="#quality">Money lost</a>' in page
    assert (root / "build" / "report-f02.html").is_file()
    export = (root / "export.csv").read_text(encoding="utf-8")
    assert "ada" in export and "Lovelace" in export
    assert json.loads(run("course practice; nbgrader db student list | grep -c bea || true").splitlines()[-1]) == 0


def test_every_command_of_the_page_is_one_that_exists():
    assert len(COMMANDS) >= 15
    assert {line.split()[0] for line in COMMANDS} == {"course", "nbgrader", "python"}
