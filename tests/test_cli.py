"""The command line as people mistype it: one sentence, an exit status, no traceback."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, linear_model, save

from course import patience, units


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
    learner = ("units", "start", "check", "hint", "solution", "progress", "doctor")
    assert all(name in ran.stdout for name in (*learner, "grade", "report", "rehearse", "margins", "bench", "key"))


@pytest.mark.parametrize(
    "command", ["check", "start", "hint", "solution", "grade", "report", "rehearse", "margins", "release"]
)
def test_an_unknown_unit(command):
    ran = course(command, "f01-shrink-ensembel")
    assert ran.returncode == 2 and ran.stdout == ""
    assert ran.stderr == ("course: There is no unit called 'f01-shrink-ensembel'. Did you mean f01-shrink-ensemble?\n")


def test_an_unknown_benchmark_and_an_unknown_folder(tmp_path):
    assert "There are:" in course("bench", "nothing").stderr
    ran = course("check", "f01", "--dir", str(tmp_path / "nowhere"))
    assert ran.returncode == 2 and f"There is no {tmp_path / 'nowhere'}. Say where your files are" in ran.stderr


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
    said = " ".join(ran.stdout.split())  # where lines break depends on the length of the folder's name
    assert ran.returncode == 1 and "the contract asks for 'pixels' float32[N, 784]" in said
    assert "Stuck on the estimates? `course hint f01-shrink-ensemble --step estimates`" in said


def test_check_takes_one_step_and_a_notebook(tmp_path):
    folder = tmp_path / "f01-shrink-ensemble"
    assert course("start", "f01", "--dir", str(folder)).returncode == 0
    for given in (
        ["f01", "--dir", folder / "f01-shrink-ensemble.ipynb"],
        [folder / "f01-shrink-ensemble.ipynb"],
        [folder],
    ):
        ran = course("check", *map(str, given), "--step", "estimates", "--json")
        assert ran.returncode == 1, ran.stderr
        assert [clause["name"] for clause in json.loads(ran.stdout)["clauses"]] == ["estimates"]
    other = tmp_path / "homework.ipynb"
    other.write_text("{}")
    assert "does not have a unit's name" in course("check", str(other)).stderr
    ran = course("check", "f01", "--step", "model", cwd=folder)
    assert ran.returncode == 2 and "its steps are: estimates, baseline, artifact" in ran.stderr


def test_hints_in_a_terminal_name_commands():
    assert "Hint 1 of 4 for the estimates" in course("hint", "f01").stdout
    assert "Hint 2 of 4 for the estimates" in course("hint", "f01").stdout
    ran = course("solution", "f01", "--step", "baseline")
    assert "is not kept yet" in ran.stdout
    assert "`course solution f01-shrink-ensemble --step baseline --anyway`" in ran.stdout
    assert "LogisticRegression(" in course("solution", "f01", "--step", "baseline", "--anyway").stdout
    where = json.loads(course("progress", "--json").stdout)
    assert where[0]["hints"] == 2 and where[0]["solutions"] == ["baseline"]


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_watch_measures_again_when_a_file_changes_and_ends_with_ctrl_c(tmp_path):
    command = [sys.executable, "-m", "course", "check", "f01", "--dir", str(tmp_path), "--watch", "--step", "estimates"]
    with subprocess.Popen(
        [*command, "--json"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as watching:
        decoder, text, seen = json.JSONDecoder(), "", []
        while len(seen) < 2 and (line := watching.stdout.readline()):
            text += line
            if text.strip() and text.rstrip().endswith("}"):
                try:
                    report, _ = decoder.raw_decode(text.strip())
                except ValueError:
                    continue
                seen.append(report["clauses"][0]["verdict"])
                text = ""
                (tmp_path / "estimates.json").write_text('{"crops_per_second": 480}')
        watching.send_signal(signal.SIGINT)
        _, errors = patience.finished(watching, 60)
    assert seen == ["not attempted", "broken"]
    assert watching.returncode == 130 and errors == "course: stopped; nothing was lost.\n"


def test_completion_knows_units_and_steps():
    def completed(words, word):
        asked = {"_COURSE_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(word)}
        program = shutil.which("course", path=Path(sys.executable).parent)
        return subprocess.run([program], env=os.environ | asked, capture_output=True, text=True).stdout.split()

    assert completed("course check f0", 2) == [name for name in units.names() if name.startswith("f0")]
    assert completed("course hint f01 --step ", 4) == ["estimates", "baseline", "artifact"]


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


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("q2", "q02-card-fraud"), ("f1", "f01-shrink-ensemble"), ("fraud", "q02-card-fraud"),
     ("card-fraut", "q02-card-fraud"), ("F01x", "f01-shrink-ensemble"), ("drift", "f12-drift-watch")],
)  # fmt: skip
def test_a_mistyped_unit_is_told_what_was_meant(typed, meant):
    with pytest.raises(units.UnknownUnit, match=f"Did you mean {meant}"):
        units.load(typed)
    assert units.load(meant.split("-")[0].upper()).name == meant


def test_where_nothing_temporary_can_be_written_the_doctor_says_so(monkeypatch):
    import tempfile

    from course.learning import doctor

    def nowhere():
        raise FileNotFoundError(2, "No usable temporary directory found in ['/tmp']")

    monkeypatch.setattr(tempfile, "gettempdir", nowhere)
    found = list(doctor.examine())
    assert found[-1].state == "mend" and "name one with TMPDIR" in found[-1].said and len(found) == 2
