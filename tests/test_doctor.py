"""`course doctor`: each thing that can be wrong with an installation is found and said in plain words."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from conftest import ROOT

from course import sandbox
from course.learning import doctor


def found(about):
    return next(finding for finding in doctor.examine() if finding.about == about)


def test_a_good_installation(tmp_path):
    ran = subprocess.run([sys.executable, "-m", "course", "doctor"], cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout
    assert "Nothing to do." in ran.stdout and "✗" not in ran.stdout and ran.stderr == ""


def test_something_to_mend_is_exit_status_1(tmp_path):
    key = tmp_path / "key.json"
    key.write_text("damaged")
    key.chmod(0o600)
    ran = subprocess.run(
        [sys.executable, "-m", "course", "doctor", "--json"], cwd=ROOT, capture_output=True, text=True,
        env=os.environ | {"COURSE_KEY_FILE": str(key)},
    )  # fmt: skip
    wrong = [one for one in json.loads(ran.stdout) if one["state"] == "mend"]
    assert ran.returncode == 1 and [one["about"] for one in wrong] == ["key"]
    assert wrong[0]["said"].endswith("is damaged. Restore it from your backup.")


def test_python(monkeypatch):
    monkeypatch.setattr(doctor.sys, "version_info", (3, 14, 0))
    assert found("Python").state == "mend" and "the course needs 3.11 to 3.13" in found("Python").said


def test_packages(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    (tmp_path / "source").mkdir()
    (tmp_path / "nbgrader_config.py").touch()
    assert found("packages").state == "note"
    lines = [
        "numpy==0.1  # old",
        "no-such-package-of-ours==1",
        "appnope==9 ; sys_platform == 'nowhere'",
        "",
        "-r other",
    ]
    (tmp_path / "requirements.lock").write_text("\n".join(lines))
    said = found("packages")
    assert said.state == "mend" and "no-such-package-of-ours is missing" in said.said and ", not 0.1" in said.said
    assert "appnope" not in said.said and "make setup" in said.said


def test_the_kernel(monkeypatch, tmp_path):
    kernel = tmp_path / "kernels" / "python3"
    kernel.mkdir(parents=True)
    (kernel / "kernel.json").write_text(
        json.dumps({"argv": ["/elsewhere/python", "-m", "x"], "display_name": "Python"})
    )
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    said = found("notebook kernel")
    assert said.state == "mend" and "starts /elsewhere/python, where the course is not" in said.said
    assert "-m ipykernel install --sys-prefix" in said.said


def test_folders_that_cant_be_written(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "file" / "cache"))
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "file" / "data"))
    for about in ("cache", "cache of reports", "progress"):
        assert found(about).state == "mend" and "can't be written" in found(about).said


def test_a_damaged_progress_file(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    (tmp_path / "progress.json").write_text("damaged")
    said = found("progress file")
    assert said.state == "note" and "progress.damaged-1.json" in said.said


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
def test_a_key_that_others_can_read(tmp_path, monkeypatch):
    key = tmp_path / "key.json"
    key.write_text("{}")
    key.chmod(0o644)
    monkeypatch.setenv("COURSE_KEY_FILE", str(key))
    assert found("key").state == "mend" and f"chmod 600 {key}" in found("key").said


def test_no_isolation_is_a_note_because_learning_does_not_need_it(monkeypatch):
    monkeypatch.setattr(sandbox, "problem", lambda: "Submissions can't be isolated: bubblewrap is missing. Install it.")
    said = found("isolation")
    assert said.state == "note" and said.said.endswith("To learn and to check yourself it is not needed.")
