"""`course report`: what it makes of reports, points and files; what it says of damage; what its page shows."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from conftest import ROOT
from rich.console import Console
from text_unit import TextUnit, named

from course import units
from course.contract.terms.report import Measurement, Report, settle
from course.grading.classes import gradebook, resume
from course.grading.review import copies, review, terminal
from course.grading.review.gather import gather, plain, without_numbers
from course.grading.review.histogram import histogram
from course.grading.review.page import page
from course.problem import Problem

UNIT = named()
HOSTILE = "<script>alert(1)<script>[bold]\x1b"
LONG = "\n".join(f"{number} is a number" for number in range(100))
PRIVATE = {"estimates": 1.0, "baseline": 0.6, "interface": 1.0, "quality": 0.95, "state": 500.0, "slice": 0.85}


def measured(unit=UNIT, **values) -> Report:
    """A private report of a toy unit; a value may be a Measurement, or None."""
    found = {
        name: one if isinstance(one, Measurement) else Measurement(one) for name, one in (PRIVATE | values).items()
    }
    return Report(unit.name, "private", tuple(settle(term, found[term.name], rounded=True) for term in unit.terms))


@pytest.fixture(scope="module", autouse=True)
def empty(tmp_path_factory):
    """An empty gradebook, made once: it takes a second. nbgrader calls alembic by its bare name."""
    from nbgrader.api import Gradebook

    global EMPTY
    EMPTY = tmp_path_factory.mktemp("empty") / "gradebook.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        Gradebook(f"sqlite:///{EMPTY}").close()


@pytest.fixture(autouse=True)
def settings(tmp_path):
    """nbgrader's settings, which say where the gradebook is: where it is by default."""
    (tmp_path / "nbgrader_config.py").touch()


def enter(root, unit, students):
    """A gradebook in which they are graded: student -> autograded points. Each has a memo of 20 to be marked."""
    from nbgrader.api import Gradebook

    shutil.copy(EMPTY, root / "gradebook.db")
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as book:
        book.add_assignment(unit.name)
        book.add_notebook(unit.name, unit.name)
        book.add_grade_cell("all", unit.name, unit.name, max_score=80, cell_type="code")
        book.add_grade_cell("memo", unit.name, unit.name, max_score=20, cell_type="markdown")
        for student, points in students.items():
            book.add_student(student)
            book.add_submission(unit.name, student)
            auto = book.find_grade("all", unit.name, unit.name, student)
            auto.auto_score, auto.needs_manual_grade = points, False
            book.find_grade("memo", unit.name, unit.name, student).needs_manual_grade = True
        book.db.commit()


def hand_in(root, student, unit=UNIT):
    folder = root / "submitted" / student / unit.name
    folder.mkdir(parents=True)
    (folder / f"{unit.name}.ipynb").write_text("{}")
    return folder


def grade(root, reports, files=None, unit=UNIT):
    """A class as grading leaves it: student -> Report, or the text of a report, or None; and files by student."""
    for student, report in reports.items():
        submitted = hand_in(root, student, unit)
        folder = root / "autograded" / student / unit.name
        folder.mkdir(parents=True)
        if report is not None:
            (folder / "report.json").write_text(report if isinstance(report, str) else report.to_json())
        for name, content in (files or {}).get(student, {}).items():
            (folder / name).write_text(content)
        resume.finish(unit.name, student, [str(submitted / f"{unit.name}.ipynb")])
    enter(root, unit, {s: r.points if isinstance(r, Report) else 10 for s, r in reports.items()})
    return gather(unit, root)


def in_terminal(found, width=140):
    out = io.StringIO()
    terminal.show(found, Console(file=out, width=width, highlight=False))
    return out.getvalue()


def spread(found, name):
    return next(one for one in found.spreads if one.term.name == name)


@pytest.fixture
def small(tmp_path):
    """Five students: two good, one poor, one too close to call, one who did nothing."""
    close = Measurement(1010.0, verdict="too close to call")
    nothing = {name: Measurement(None, "There is no text.txt yet: write it.") for name in PRIVATE}
    reports = {
        "ada": measured(),
        "bob": measured(state=900.0),
        HOSTILE: measured(quality=0.7, interface=Measurement(0.0, "Called f(2), got 5, expected 4.")),
        "dan": measured(state=close, interface=Measurement(0.0, "Called f(31), got -1.5e3, expected 1,024.")),
        "eve": measured(**nothing),
    }
    return grade(tmp_path, reports)


def test_verdicts_are_counted_and_values_summed_up(small):
    state = spread(small, "state")
    assert (state.kept, state.close, state.broken, state.not_attempted) == (3, 1, 0, 1)
    assert state.share == 0.8 and state.of == 5
    assert spread(small, "baseline").worst_of == (HOSTILE, "ada", "bob", "dan"), "four have the same"
    assert state.values == (500.0, 500.0, 900.0, 1010.0) and state.median == 700.0
    assert (state.worst, state.worst_of) == (1010.0, ("dan",))
    quality = spread(small, "quality")
    assert (quality.worst, quality.worst_of) == (0.7, (HOSTILE,)), "what is worst depends on what is better"


def test_points_and_what_is_to_mark(small):
    assert small.graded == 5 and small.worth == 80
    assert small.points == tuple(sorted(small.points)) and small.quartiles[1] == sum(small.points[1:3]) / 2
    assert small.absent == ("eve",) and len(small.points) == 4, "who did nothing says nothing about the others"
    assert (small.by_hand, small.by_hand_students) == (100, 5)
    assert "Graded: 5 submissions. Autograded points: median 77 of 80" in in_terminal(small)
    assert "Nothing attempted, so left out of these points (1): eve." in in_terminal(small)
    assert "up to 100 points, for 5 submissions." in in_terminal(small)


def test_a_column_for_each_sign(tmp_path):
    found = grade(tmp_path, {"ada": measured(state=Measurement(None, "Measure it again.", "not measured"))})
    assert spread(found, "state").not_measured == 1 and spread(found, "state").share == 0
    title = spread(found, "state").term.title
    row = next(line for line in in_terminal(found).splitlines() if line.startswith(f"│ {title}"))
    assert [cell.strip() for cell in row.split("│")[3:9]] == ["0", "0", "0", "1", "0", "0%"]


def test_who_was_late_and_what_was_given_by_hand(tmp_path):
    from nbgrader.api import Gradebook

    grade(tmp_path, {"ada": measured(), "bob": measured()})
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as book:
        book.update_or_create_assignment(UNIT.name, duedate="2026-03-01 12:00:00")
        for student, day, score in (("ada", "2026-03-01 11:00:00", 14.0), ("bob", "2026-03-03 15:20:00", 9.0)):
            book.update_or_create_submission(UNIT.name, student, timestamp=day)
            memo = book.find_grade("memo", UNIT.name, UNIT.name, student)
            memo.manual_score, memo.needs_manual_grade = score, False
        book.db.commit()
    said = in_terminal(gather(UNIT, tmp_path))
    assert "Late (1): bob by 2 d 3 h." in said
    assert "Marked by hand: 2 submissions, median 11.5, from 9 to 14 points." in said


def test_one_student_is_a_class_too(tmp_path):
    found = grade(tmp_path, {"ada": measured()})
    assert found.quartiles == (80, 80, 80) and "Graded: 1 submission." in in_terminal(found)


def test_equal_reasons_are_one_whatever_their_numbers(small):
    first, second = small.reasons[:2]
    assert first.sentence == "Called f(#), got #, expected #." and set(first.students) == {HOSTILE, "dan"}
    assert first.example in ("Called f(2), got 5, expected 4.", "Called f(31), got -1.5e3, expected 1,024.")
    assert first.clauses == ("Serves",)
    assert second.students == (HOSTILE,) or second.students == ("eve",)
    nothing = next(one for one in small.reasons if "no text.txt" in one.sentence)
    assert nothing.students == ("eve",) and len(nothing.clauses) == len(UNIT.terms), "once, for all its clauses"
    assert nothing.told == "There is no text.txt yet: write it."
    assert all(one.sentence != "Keep less." for one in small.reasons), "what is too close to call is no failure"


@pytest.mark.parametrize(
    ("sentence", "general"),
    [
        ("You said 12; 3 of 5 are not in range.", "You said #; # of # are not in range."),
        ("Got [0.5, 1e-05, -3], expected 5.", "Got [#, …], expected #."),
        ("`f01` reads float32, int8 and R² of 97.5 %.", "`f01` reads float32, int8 and R² of # %."),
        ("1,234,567 bytes", "# bytes"),
    ],
)
def test_numbers_are_taken_out_and_names_stay(sentence, general):
    assert without_numbers(sentence) == general


def test_the_dearest_come_first(tmp_path):
    found = grade(tmp_path, {f"s{number:02d}": measured(state=float(number)) for number in range(15)})
    (title, dearest), *rest = found.dearest.items()
    assert title == "Bytes of its state" and not rest, "the only cost in production of this unit"
    assert [one.student for one in dearest] == [f"s{number:02d}" for number in range(14, 4, -1)]


def test_time_comes_before_other_costs(tmp_path):
    unit = units.load("f01")
    clauses = tuple(settle(term, Measurement(term.budget * 0.9)) for term in unit.terms)
    found = grade(tmp_path, {"ada": Report(unit.name, "private", clauses)}, unit=unit)
    assert next(iter(found.dearest)) == unit.term("latency").title and len(found.dearest) > 1


def test_close_verdicts_are_listed_with_names(small):
    (one,) = small.close
    assert (one.student, one.clause) == ("dan", "Bytes of its state")
    assert "in the student's favour: 1 verdict of 1 student." in in_terminal(small)
    assert "≈ dan: Bytes of its state 1.0 kB, asked for at most 1.0 kB" in in_terminal(small)


def test_equal_files_are_grouped(tmp_path, monkeypatch):
    hashed = []
    digest = copies._digest
    monkeypatch.setattr(copies, "_digest", lambda file: hashed.append(file.parents[1].name) or digest(file))
    other = LONG.replace("7", "8")  # as long, and not the same
    files = {
        "ada": {"text.txt": LONG, "base.txt": LONG, "estimates.json": LONG},
        "bob": {"text.txt": LONG, "base.txt": "1", "estimates.json": LONG},
        "cyd": {"text.txt": other, "base.txt": "1"},
        "dan": {"text.txt": LONG + "!"},
        "eli": {"text.txt": other},
        "sample-trap": {"text.txt": LONG},
    }
    found = grade(tmp_path, dict.fromkeys(files, measured()), files)
    assert [(one.file, one.students) for one in found.same] == [
        ("text.txt", ("ada", "bob")),
        ("text.txt", ("cyd", "eli")),
    ], "neither estimates nor what is trivial, and text.txt is not base.txt"
    assert [one.known for one in found.same] == ["", ""]
    assert "dan" not in hashed, "a file is read only where another has its size"
    assert "sample-trap" not in hashed and found.graded == 5, "practice is no part of a class"
    for text in (in_terminal(found), page(found)):
        assert "ada, bob" in text and "a reason to look, not a proof" in text


def test_what_was_released_is_not_compared_and_worked_solutions_are_named(tmp_path):
    unit = units.load("f07")
    for place in ("source", "release"):
        (tmp_path / place).mkdir()
        (tmp_path / place / unit.name).symlink_to(ROOT / place / unit.name)
    lesson = copies.Lesson(unit, tmp_path)
    (solution,) = (text for text in lesson.solutions().values() if text.startswith("%%writefile clean.py"))
    from course.grading.submissions.submission import released

    (stub,) = (c.source for c in released(lesson.instructor).cells if c.source.startswith("%%writefile clean.py"))
    written = {name: text.split("\n", 1)[1] + "\n" for name, text in (("solution", solution), ("stub", stub))}
    files = {f"{name}-{number}": {"clean.py": text} for name, text in written.items() for number in range(3)}
    report = Report(unit.name, "private", tuple(settle(term, Measurement(None)) for term in unit.terms))
    found = grade(tmp_path, dict.fromkeys(files, report), files, unit)
    (group,) = found.same
    assert group.students == ("solution-0", "solution-1", "solution-2")
    assert group.known == "the worked solution's own bytes" and found.untouched == 3
    assert "Files left as released, which are not compared: 3." in in_terminal(found)


@pytest.mark.parametrize("damage", ["", "{}", "[]", "null", '{"unit": "f90-text"', '{"clauses": [1]}'])
def test_a_damaged_report_is_one_sentence_and_costs_nobody_anything(tmp_path, damage):
    found = grade(tmp_path, {"ada": measured(), "bob": damage, "cyd": None})
    assert found.damaged == ("bob",) and found.missing == ("cyd",) and found.graded == 3
    assert spread(found, "quality").of == 1, "only what was read is counted"
    text = in_terminal(found, width=200)
    assert f"The report can't be read, so only their points are counted here (1): bob. To grade them: {AGAIN}" in text
    assert f"there is no report, so only their points are counted here (1): cyd. To grade them: {AGAIN}" in text
    assert (tmp_path / "autograded/bob" / UNIT.name / "report.json").read_text() == damage


AGAIN = f"remove autograded/STUDENT/{UNIT.name} and run course grade {UNIT.name}"


def test_nobody_has_a_report(tmp_path):
    found = grade(tmp_path, {"ada": None})
    assert "–" in in_terminal(found) and "nothing measured" in page(found)


def test_who_waits_who_changed_and_who_was_graded_by_another_contract(tmp_path):
    old = measured()
    clauses = tuple(clause for clause in old.clauses if clause.name != "slice")
    grade(tmp_path, {"ada": measured(), "bob": measured(), "cyd": Report(old.unit, "private", clauses)})
    hand_in(tmp_path, "dan")
    (tmp_path / "submitted" / "bob" / UNIT.name / "text.txt").write_text("another")
    found = gather(UNIT, tmp_path)
    assert (found.waiting, found.anew, found.outdated) == (("dan",), ("bob",), ("cyd",))
    assert spread(found, "slice").of == 2
    text = in_terminal(found, width=200)
    assert f"Handed in, not graded yet (1): dan. To grade them: course grade {UNIT.name}\n" in text
    assert "Graded against an earlier version of the contract (1): cyd." in text


def test_nothing_to_report_is_one_sentence(tmp_path):
    with pytest.raises(Problem, match=f"no folder submitted/STUDENT/{UNIT.name}"):
        gather(UNIT, tmp_path)
    hand_in(tmp_path, "ada")
    with pytest.raises(Problem, match=f"1 submission of {UNIT.name} handed in, none graded yet: course grade"):
        gather(UNIT, tmp_path)
    assert not gradebook.is_made(gradebook.url(tmp_path)), "to look is not to make"


class Page(HTMLParser):
    """Tags with their attributes, and the text."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def test_page_is_inert_self_contained_and_accessible(small):
    text = page(small)
    parsed = Page(text)
    kinds = {tag for tag, _ in parsed.tags}
    assert not kinds & {"script", "link", "iframe", "object", "img"} and "http" not in text and "url(" not in text
    assert not any(name.startswith("on") or name in ("src", "href") for _, attrs in parsed.tags for name in attrs)
    assert "<script>alert(1)<script>[bold]" in parsed.text and "\x1b" not in text, "as text, and nothing else"
    pictures = [attrs for tag, attrs in parsed.tags if tag == "svg"]
    assert len(pictures) == len(UNIT.terms) + 1
    assert all(picture["role"] == "img" and len(picture["aria-label"]) > 40 for picture in pictures)
    assert "1 too close to call" in next(p["aria-label"] for p in pictures if p["aria-label"].startswith("Bytes of"))
    assert all(re.search(rf"{sign} [\d,]+ {word}", text) for sign, word in (("✓", "kept"), ("≈", "too close"))), "words"


def test_page_says_what_comes_in_bands(tmp_path):
    unit = units.load("f01")
    clauses = tuple(settle(term, Measurement(term.budget * 0.987), rounded=True) for term in unit.terms)
    text = Page(page(grade(tmp_path, {"ada": Report(unit.name, "private", clauses)}, unit=unit))).text
    assert f"In bands (about): {unit.term('baseline').title}" in text
    assert f"in bands of {unit.term('quality').show(unit.term('quality').band)}" in text
    assert "Exact values of the private hold-out are not in the reports" in text


def test_a_name_that_is_no_text_can_be_shown(tmp_path):
    grade(tmp_path, {"bob": measured()})
    hand_in(tmp_path, os.fsdecode(b"ada-\xff"))
    found = gather(UNIT, tmp_path)
    assert "ada-" in page(found).encode("utf-8").decode() and "ada-" in in_terminal(found).encode("utf-8").decode()
    json.dumps(plain(found)).encode("utf-8")


def test_terminal_shows_names_as_they_are(small):
    text = in_terminal(small)
    assert "[bold]" in text and "\x1b" not in text, "no markup of rich either"


def bars(svg):
    """Bars as (left, right, colour), without the axis and the line of the budget."""
    found = re.findall(r'<rect x="([\d.-]+)" y="[\d.]+" width="([\d.]+)" height="([\d.]+)" style="fill:([^"]+)"', svg)
    return [(float(x), float(x) + float(w), colour) for x, w, h, colour in found if float(w) > 2 and float(h) > 1]


def line(svg):
    return float(re.search(r'<rect x="([\d.-]+)" y="2.0"', svg)[1]) + 1


@pytest.mark.parametrize("better", ["lower", "higher"])
@pytest.mark.parametrize(
    "values",
    [[0.2, 0.5, 0.9, 1.0, 1.0001, 7.0], [1.0, 1.0, 1.0], [0.0, 0.0], [3.0], [0.001, 1.0, 900.0], [-5.0, 1.0, 2.0]],
)
def test_bars_are_on_the_side_of_the_budget_where_the_values_are(better, values):
    svg = histogram(sorted(values), "{:g}".format, "words", budget=1.0, better=better)
    kept = sum(value <= 1 if better == "lower" else value >= 1 for value in values)
    drawn = bars(svg)
    for left, right, colour in drawn:
        right_side = left >= line(svg) - 1
        assert right_side or right <= line(svg) + 1, "no bar crosses the line"
        assert ("kept" in colour) == (right_side == (better == "higher"))
        assert left >= -1 and right <= 341
    assert any("kept" in colour for *_, colour in drawn) == (kept > 0)
    assert any("broken" in colour for *_, colour in drawn) == (kept < len(values))


def test_a_logarithmic_axis_says_so():
    wide, narrow = [0.01, 0.1, 0.9, 2.0, 30.0], [0.8, 0.9, 1.1]
    drawn = [histogram(values, "{:g}".format, "words", budget=1.0, better="lower") for values in (wide, narrow)]
    assert ["log scale" in svg for svg in drawn] == [True, False]


def test_outliers_do_not_squeeze_the_rest():
    values = sorted([0.9 + 0.002 * number for number in range(100)] + [1e9])
    svg = histogram(values, "{:.3g}".format, "words", budget=1.0, better="lower")
    assert len(bars(svg)) > 20 and "≥ 1.1" in svg


def test_values_in_bands_make_no_comb():
    values = sorted(0.01 * number for number in range(50, 100) for _ in range(3))
    svg = histogram(values, "{:g}".format, "words", budget=0.9, better="higher", grain=0.01)
    tall = [float(height) for height in re.findall(r'height="([\d.]+)" style="fill:var\(--course-broken', svg)]
    assert len(tall) >= 20 and max(tall[1:-1]) - min(tall[1:-1]) < 0.2


def test_no_value_no_picture():
    assert histogram([], str, "words") == "nothing measured"


def test_json_survives_a_round_trip(small):
    data = json.loads(json.dumps(plain(small), allow_nan=False))
    assert data["graded"] == 5 and data["unit"] == UNIT.name
    state = next(one for one in data["spreads"] if one["term"]["name"] == "state")
    assert state["share"] == 0.8 and state["values"] == [500.0, 500.0, 900.0, 1010.0]
    assert data["reasons"][0]["students"] == list(small.reasons[0].students)


def test_the_page_is_written_where_it_is_asked_for(tmp_path, small):
    out = io.StringIO()
    console = Console(file=out, width=60)
    review(UNIT, tmp_path, html=None, as_json=False, console=console)
    file = tmp_path / "build" / f"report-{UNIT.name}.html"
    assert str(file) in out.getvalue() and file.read_text(encoding="utf-8") == page(small)
    with pytest.raises(Problem, match=r"ends in \.html"):
        review(UNIT, tmp_path, html=tmp_path / "gradebook.db", as_json=False, console=console)
    with pytest.raises(Problem, match="can't be written"):
        review(UNIT, tmp_path, html=tmp_path / "nowhere" / "a.html", as_json=False, console=console)


def test_the_command(tmp_path):
    unit = units.load("f01")
    (tmp_path / "source").mkdir()
    environment = os.environ | {"COURSE_ROOT": str(tmp_path)}

    def course(*arguments):
        command = [sys.executable, "-m", "course", "report", *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment)

    ran = course("f01")
    assert ran.returncode == 2 and ran.stderr.startswith("course: There is nothing to grade") and not ran.stdout
    clauses = tuple(settle(term, Measurement(term.budget)) for term in unit.terms)
    grade(tmp_path, {"ada": Report(unit.name, "private", clauses)}, unit=unit)
    ran = course("f01", "--json", "--html", "mine.html")
    assert ran.returncode == 0 and json.loads(ran.stdout)["graded"] == 1
    assert "mine.html" in ran.stderr and (tmp_path / "mine.html").is_file()
    ran = course("f01")
    assert ran.returncode == 0 and "100%" in ran.stdout and "\x1b" not in ran.stdout
    assert (tmp_path / "build" / "report-f01-shrink-ensemble.html").is_file()


def test_a_class_of_thousands_is_read_without_its_files(tmp_path, monkeypatch):
    sparse = TextUnit.name
    reports = {f"s{number:04d}": measured(state=float(number)) for number in range(40)}
    grade(tmp_path, reports)
    for number, student in enumerate(reports):
        with (tmp_path / "autograded" / student / sparse / "text.txt").open("wb") as file:
            file.truncate(10**9 + number)  # a gigabyte each, none as long as another
    assert gather(UNIT, tmp_path).same == ()
