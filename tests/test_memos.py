"""Design memos: rubrics that add up, middling memos that are marked in full and stay at home, `course memos`."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys

import nbformat
import pytest
from conftest import ROOT
from rich.console import Console

from course import checkout, units
from course.contract.terms.holdout import PUBLIC_FILE
from course.grading.memos import page, terminal
from course.grading.memos.gather import gather
from course.grading.places import NEVER_RELEASED
from course.learning import middling
from course.learning.desk import Desk
from course.learning.middling import Middling, parse, shown
from course.learning.progress import Progress
from course.learning.rubric import Criterion, by_row
from course.learning.solutions import worked
from course.problem import Problem

EACH = pytest.mark.parametrize("name", units.own())
UNIT = units.load("f01")
#: What a demand of a row is worth, as the row says it.
WORTH = {"½": 0.5, "1": 1.0, "1½": 1.5, "2": 2.0, "2½": 2.5, "3": 3.0}


def written(name) -> Middling:
    file = ROOT / "source" / name / middling.FILE
    assert file.is_file(), f"write {file.relative_to(ROOT)}: a middling memo with its marks"
    return parse(file.read_text(encoding="utf-8"))


def rubric_of(name):
    return worked(units.load(name), ROOT / "nowhere", PUBLIC_FILE).rubric


@EACH
def test_a_middling_memo_is_marked_in_full_and_marks_add_up(name):
    found, rows = written(name), rubric_of(name)
    assert [mark.row for mark in found.marks] == [row.name for row in rows], "every row, in order"
    for mark, row in zip(found.marks, rows, strict=True):
        assert 0 <= mark.points <= row.points and mark.points * 2 == int(mark.points * 2), mark.row
        assert len(mark.why.split()) >= 4 and mark.why.endswith("."), mark.row
    assert 9 <= found.total <= 13, "middling"
    table = (ROOT / "source" / name / middling.FILE).read_text(encoding="utf-8").split(middling.MARKED)[1]
    worths = re.findall(r"\| [\d½.,]+ of (\d+) \|", table)
    assert not worths or [int(one) for one in worths] == [row.points for row in rows]


@EACH
def test_a_middling_memo_is_one_that_could_be_handed_in(name):
    found, rows = written(name), rubric_of(name)
    assert 280 <= len(re.findall(r"\w[\w'’.,-]*", found.text)) <= 420
    assert set(by_row(found.text, rows)) == {row.name for row in rows}, "a paragraph for each row, nothing before"


@EACH
def test_no_release_names_the_middling_memo(name):
    assert middling.FILE in NEVER_RELEASED
    assert [file.name for file in (ROOT / "release" / name).iterdir() if file.suffix == ".md"] == []
    notebook = nbformat.read(ROOT / "release" / name / f"{name}.ipynb", as_version=4)
    text = "\n".join(cell.source for cell in notebook.cells)
    found = written(name)
    sentences = [s for s in re.split(r"(?<=[.:;])\s+", " ".join(found.text.split())) if len(s) > 30]
    flat = " ".join(text.split())
    assert middling.FILE not in text and not [s for s in sentences if s in flat]
    assert not [mark.why for mark in found.marks if mark.why in flat]


@EACH
def test_the_demands_of_a_row_are_priced_and_add_up(name):
    rows = rubric_of(name)
    assert sum(row.points for row in rows) == 20
    for row in rows:
        prices = [WORTH[price] for price in re.findall(r"\((½|\d½?)\)", row.asks)]
        assert sum(prices) == row.points, row.name


@EACH
def test_a_worked_memo_has_a_paragraph_for_each_row(name):
    answer = worked(units.load(name), ROOT / "nowhere", PUBLIC_FILE)
    assert set(by_row(answer.memo, answer.rubric)) == {row.name for row in answer.rubric}


@pytest.mark.parametrize(("points", "text"), [(0, "0"), (0.5, "½"), (1, "1"), (1.5, "1½"), (12.5, "12½")])
def test_points_are_written_and_read(points, text):
    assert shown(points) == text
    table = "| Row | Points | Why |\n|---|---|---|\n"
    for cell in (f"{text} of 20", f"{points} of 20", text):
        (mark,) = parse(f"Memo.\n\n## Marked\n\n{table}| Data | {cell} | Because. |\n").marks
        assert (mark.row, mark.points, mark.why) == ("Data", points, "Because.")


def test_a_paragraph_without_a_name_belongs_to_the_one_above():
    rows = (Criterion("Data", 3, ""), Criterion("Metric", 2, ""))
    memo = "Before.\n\n**Data.** One\ntwo.\n\n**Not a row.** Three.\n\n**metric**. Four."
    assert by_row(memo, rows) == {"": "Before.", "Data": "One two.\n\n**Not a row.** Three.", "Metric": "Four."}


# --- what a learner sees ------------------------------------------------------------------------------------------


@pytest.fixture
def desk(tmp_path):
    """A desk with a memo that is written and complete, and no artifact yet."""
    notebook = nbformat.read(ROOT / "release" / UNIT.name / f"{UNIT.name}.ipynb", as_version=4)
    memo = next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == "memo")
    memo.source = "\n\n".join(f"**{row.name}.** {'My own words. ' * 10}" for row in rubric_of(UNIT.name))
    nbformat.write(notebook, tmp_path / f"{UNIT.name}.ipynb")
    return Desk(UNIT, tmp_path)


def test_the_middling_memo_is_shown_before_the_worked_one(desk):
    between = written(UNIT.name)
    for view in (repr(desk.memo()), desk.memo()._repr_html_()):
        assert f"A middling memo: {shown(between.total)} of 20" in view and between.marks[0].why[:40] in view
        assert "115 controller cores" not in view and "once the artifact is kept" in view
    Progress().change(UNIT.name, lambda record: setattr(record.step("artifact"), "state", "kept"))
    for view in (repr(desk.memo()), desk.memo()._repr_html_()):
        assert view.index("A middling memo") < view.index("115 controller cores")


def test_nobody_sees_it_who_has_not_written(tmp_path, desk):
    notebook = nbformat.read(ROOT / "release" / UNIT.name / f"{UNIT.name}.ipynb", as_version=4)
    nbformat.write(notebook, tmp_path / f"{UNIT.name}.ipynb")
    assert "A middling memo" not in repr(desk.memo())


def test_a_class_does_not_see_it(tmp_path, desk):
    (tmp_path / PUBLIC_FILE).write_bytes(b"")
    said = " ".join(repr(desk.memo()).split())
    assert "A middling memo" not in said and "your instructor can show them" in said


def test_a_unit_without_one_shows_the_rest(desk, monkeypatch):
    monkeypatch.setattr(middling, "FILE", "nowhere.md")
    view = repr(desk.memo())
    assert "A middling memo" not in view and "[ ] Goal and users" in view


# --- what an instructor sees --------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [140, 60])
def test_the_terminal_has_all_three_row_by_row(width):
    out = io.StringIO()
    found = gather(UNIT)
    terminal.show(found, Console(file=out, width=width))
    text = " ".join(out.getvalue().split())
    assert f"The middling memo has {shown(found.total)} of 20 points." in text
    where = [text.index(f"{row.criterion.name}, {row.criterion.points} points:") for row in found.rows]
    assert where == sorted(where) and "\x1b" not in text
    if width == 60:  # in turn, so that sentences are whole
        for row in found.rows:
            assert " ".join(row.why.replace("*", "").replace("`", "").split()) in text
            assert row.worked.split(".")[0][:50].replace("`", "") in text


def test_the_page_is_inert_and_has_all_units():
    found = [gather(units.load(name)) for name in units.own()]
    text = page.page(found)
    assert "<script" not in text and "http" not in text and "url(" not in text
    assert text.count("<section>") == len(found) and "break-before:page" in text
    assert text.count('scope="row"') == sum(len(one.rows) for one in found)
    for one in found:
        assert f"<h2>{one.unit}: " in text and all(row.worked and row.middling for row in one.rows)


def test_the_command(tmp_path):
    def course(*arguments):
        command = [sys.executable, "-m", "course", "memos", *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=ROOT)

    ran = course("f01", "--html", str(tmp_path / "f01.html"))
    assert ran.returncode == 0 and "The page to print" in ran.stdout and "Goal and users," not in ran.stdout
    assert "Design memos, f01-shrink-ensemble" in (tmp_path / "f01.html").read_text(encoding="utf-8")
    assert [one["unit"] for one in json.loads(course("q02", "--json").stdout)] == ["q02-card-fraud"]
    ran = course("f01", "--html", str(tmp_path / "f01.txt"))
    assert ran.returncode == 2 and "ends in .html" in ran.stderr


def test_without_sources_it_is_one_sentence(monkeypatch):
    monkeypatch.setattr(checkout, "find", lambda: None)
    with pytest.raises(Problem, match=r"The memos lie in source/, which is not here: a class's release"):
        gather(UNIT)
