"""What a learner has done so far: kept safely, shown well."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import subprocess
import sys

import pytest
import text_unit
from conftest import ROOT
from rich.console import Console

from course.contract.measure import measure
from course.contract.show import page
from course.contract.terms.report import Measurement, Report, Term, settle
from course.learning import overview
from course.learning import progress as progresses
from course.learning.desk import Desk
from course.learning.keepsake import keepsake
from course.learning.progress import Attempt, Progress, Record, Step
from course.learning.steps import clauses
from course.problem import Problem


@pytest.fixture
def progress(tmp_path):
    return Progress(tmp_path / "data")


def report(tmp_path, text, step="artifact"):
    (tmp_path / "text.txt").write_text(text)
    unit = text_unit.TextUnit()
    return measure(unit, tmp_path, unit.public_holdout({}), wanted=clauses(unit, step))


def test_it_survives_the_round_trip(progress):
    record = Record({"artifact": Step("not yet", 2, 3, 4, "digest", 1, "anyway")}, [Attempt(3.5, {"quality": 1.0})])
    record.best, record.memo = record.attempts[0], "compared"
    progress.change("f90-text", lambda entry: entry.__dict__.update(record.__dict__))
    assert Progress(progress.file.parent).records() == {"f90-text": record}


def test_attempts_are_counted_once_each_and_the_best_is_kept(progress, tmp_path):
    for text in (text_unit.POOR, text_unit.POOR, text_unit.GOOD, text_unit.FAT):
        progress.change("f90-text", lambda entry, t=text: entry.take("artifact", t, report(tmp_path, t)))
    record = progress.record("f90-text")
    assert record.step("artifact").attempts == 3 and record.step("artifact").state == "not yet"
    assert record.best.values["state"] == 500 and record.best.shown["quality"] == "95.0 %"
    assert [attempt.values["quality"] for attempt in record.attempts] == [0.7, 0.95, 0.95]


def test_nothing_handed_in_is_no_attempt(progress, tmp_path):
    unit = text_unit.TextUnit()
    empty = measure(unit, tmp_path, unit.public_holdout({}), wanted=clauses(unit, "artifact"))
    progress.change("f90-text", lambda entry: entry.take("artifact", "a", empty))
    assert progress.record("f90-text") == Record({"artifact": Step(of=3)})


def test_only_so_many_attempts_are_kept(progress, tmp_path):
    for number in range(progresses.MOST_ATTEMPTS + 5):
        found = report(tmp_path, f"0.6 {number} 1")
        progress.change("f90-text", lambda entry, n=number, f=found: entry.take("artifact", str(n), f))
    attempts = progress.record("f90-text").attempts
    assert len(attempts) == progresses.MOST_ATTEMPTS and attempts[-1].values["state"] == number


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"\xff\xfe", b'{"units": 3}', b'{"units": {"f90-text": 3}}', b"[" * 100_000,
        b'{"units": {"f90-text": {"steps": {"artifact": {"attempts": "many"}}, "attempts": []}}}',
        b'{"units": {"f90-text": {"steps": {}, "attempts": [{"values": []}]}}}',
    ],
)  # fmt: skip
def test_a_damaged_file_is_moved_aside_with_one_sentence(progress, content):
    progress.file.parent.mkdir()
    for number in (1, 2):
        progress.file.write_bytes(content)
        progress.change("f90-text", lambda entry: setattr(entry.step("artifact"), "hints", 1))
        aside = progress.file.with_name(f"progress.damaged-{number}.json")
        assert aside.read_bytes() == content
        assert progress.notes.pop() == f"The progress file was damaged. It is now {aside}, and a new one was begun."
    assert Progress(progress.file.parent).record("f90-text").step("artifact").hints == 1


def test_a_check_says_so_once(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    (tmp_path / "progress.json").write_text("no progress")
    desk = Desk(text_unit.TextUnit(), tmp_path)
    assert "The progress file was damaged" in repr(desk.check("artifact"))
    assert "damaged" not in repr(desk.check("artifact"))


def test_what_a_later_course_wrote_is_read_as_far_as_it_is_known(progress):
    progress.file.parent.mkdir()
    later = {
        "version": 2,
        "units": {"f90-text": {"steps": {"artifact": {"hints": 2, "new": 1}}, "attempts": [], "x": 1}},
    }
    progress.file.write_text(json.dumps(later))
    assert progress.record("f90-text").step("artifact").hints == 2 and progress.notes == []


def test_a_home_that_cant_be_written_costs_only_memory(tmp_path):
    (tmp_path / "file").write_text("in the way")
    progress = Progress(tmp_path / "file" / "data")
    for _ in range(2):
        record = progress.change("f90-text", lambda entry: setattr(entry.step("artifact"), "hints", 2))
    assert record.step("artifact").hints == 2 and Progress(tmp_path / "file" / "data").record("f90-text") == record
    assert len(progress.notes) == 1 and "can't be saved" in progress.notes[0]


def test_two_notebooks_at_once_lose_nothing(tmp_path):
    program = (
        "import sys; from pathlib import Path; from course.learning.progress import Progress\n"
        "def one_more(record): record.step('artifact').hints += 1\n"
        "for _ in range(40): Progress(Path(sys.argv[1])).change(sys.argv[2], one_more)"
    )
    names = ("f90-text", "f90-text", "f91-text", "f90-text")
    running = [subprocess.Popen([sys.executable, "-c", program, str(tmp_path), name]) for name in names]
    assert [process.wait() for process in running] == [0, 0, 0, 0]
    records = Progress(tmp_path).records()
    assert records["f90-text"].step("artifact").hints == 120 and records["f91-text"].step("artifact").hints == 40
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix != ".lock") == ["progress.json"]


# --- course progress ----------------------------------------------------------------------------------------------


@pytest.fixture
def course_of_three(tmp_path, monkeypatch):
    """Three units: one kept, one not yet (with hints and a solution seen), one not attempted."""
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "data"))
    made = [text_unit.named(f"f9{n}-{name}", title) for n, (name, title) in enumerate(
        [("kept", "A unit that is done"), ("going", "A unit with a title that goes on for a while, as titles do"),
         ("waiting", "A unit for tomorrow")]
    )]  # fmt: skip
    for unit, text, answer in zip(made, (text_unit.GOOD, text_unit.POOR, None), (42, 42, None), strict=True):
        folder = tmp_path / unit.name
        folder.mkdir()
        if text:
            (folder / "text.txt").write_text(text)
            (folder / "base.txt").write_text("0.6")
            Desk(unit, folder).answer(answer=answer)
        Desk(unit, folder).check()
    desk = Desk(made[1], tmp_path / made[1].name)
    desk.hint(), desk.hint()
    Progress().change(made[1].name, lambda record: setattr(record.step("artifact"), "solution", "anyway"))
    return made


def shown(units, **more):
    out = io.StringIO()
    records = Progress().records()
    overview.show(
        [overview.standing(unit, records.get(unit.name, Record())) for unit in units], Console(file=out, **more)
    )
    return out.getvalue()


def test_three_units_in_three_states_at_80_columns(course_of_three):
    assert shown(course_of_three, width=80) == (ROOT / "tests" / "expected" / "progress.txt").read_text(
        encoding="utf-8"
    )
    assert max(map(len, shown(course_of_three, width=80).splitlines())) <= 80


def test_no_escape_codes_in_a_pipe_and_colours_in_a_terminal(course_of_three):
    assert "\x1b" not in shown(course_of_three, width=80)
    assert "\x1b[" in shown(course_of_three, width=80, force_terminal=True, color_system="standard")


def test_the_same_for_programs(course_of_three):
    plain = overview.plain([overview.standing(unit, Progress().record(unit.name)) for unit in course_of_three])
    assert [one["state"] for one in plain] == ["kept", "not yet", "not attempted"]
    assert plain[1]["attempts"] == {"estimates": 1, "baseline": 1, "artifact": 1} and plain[1]["kept"] == 4
    assert json.dumps(plain)


def test_the_command(tmp_path):
    ran = subprocess.run(
        [sys.executable, "-m", "course", "progress"], capture_output=True, text=True, cwd=ROOT,
        env=os.environ | {"COURSE_DATA": str(tmp_path)},
    )  # fmt: skip
    assert ran.returncode == 0 and "○ f01-shrink-ensemble" in ran.stdout and "\x1b" not in ran.stdout
    assert max(map(len, ran.stdout.splitlines())) <= 80 and "Next unit: course start f01" in ran.stdout


def test_progress_belongs_to_a_checkout(tmp_path, monkeypatch):
    monkeypatch.delenv("COURSE_DATA", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    files = []
    for name in ("one", "two"):
        (tmp_path / name / "source").mkdir(parents=True)
        (tmp_path / name / "nbgrader_config.py").touch()
        monkeypatch.setenv("COURSE_ROOT", str(tmp_path / name))
        files.append(Progress().file)
    assert files[0] != files[1] and files[0].parent.name.startswith("one-")


def test_the_best_attempt_has_most_points_and_then_the_best_quality():
    record = Record()
    for number, (value, points) in enumerate([(0.93, 30), (0.95, 30), (0.94, 30), (0.99, 20)]):
        term = Term("quality", "Accuracy", "%", 0.9, "higher", 30, "Try.")
        clause = dataclasses.replace(settle(term, Measurement(value)), points=points)
        record.take("artifact", str(number), Report("f90-text", "public", (clause,)))
    assert record.best.values == {"quality": 0.95}


def test_a_page_to_print_has_what_was_kept_and_nothing_else(progress, tmp_path):
    progress.change("f90-text", lambda entry: entry.take("artifact", "x", report(tmp_path, text_unit.GOOD)))
    unit = text_unit.TextUnit()
    page = keepsake([overview.standing(unit, progress.record("f90-text")), overview.standing(unit, Record())])
    assert page.count("f90-text") == 1 and "1 not begun" in page and "95.0 %" in page and "1 attempt" in page
    assert "<script" not in page and "http" not in page


def test_a_record_that_can_not_be_written_is_one_sentence(tmp_path):
    for file, said in (("x.txt", "is not the name of a page"), ("gone/x.html", "can't be written")):
        with pytest.raises(Problem, match=said):
            page.write(tmp_path / file, "<p>")
