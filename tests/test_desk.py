"""The unit as seen from a notebook: data, answers, checks by step, hints, solutions, points that nbgrader can read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings

import nbformat
import numpy as np
import pytest
import text_unit
from conftest import ROOT, linear_model, save

import course
from course import key, sandbox, units
from course.contract.terms import holdout
from course.contract.terms.report import Report
from course.grading.authoring.lessons import Lesson
from course.grading.authoring.release import public_bytes
from course.learning import desk as desks
from course.learning import kept, work
from course.learning.desk import Desk
from course.learning.progress import Progress
from course.problem import Problem

UNIT = units.load("f01")


@pytest.fixture
def desk(tmp_path):
    return Desk(UNIT, tmp_path)


@pytest.fixture
def text(tmp_path):
    return Desk(text_unit.TextUnit(), tmp_path)


def hand_in(folder, text=text_unit.GOOD, *, answer=42, base="0.6"):
    (folder / "text.txt").write_text(text)
    (folder / "base.txt").write_text(base)
    (folder / "estimates.json").write_text(json.dumps({"answer": answer}))


# --- data and answers ---------------------------------------------------------------------------------------------


def test_data_comes_from_the_file_that_was_released(desk, tmp_path):
    private = key.Key(b"p" * 32, "spring")
    (tmp_path / "public.npz").write_bytes(public_bytes(UNIT, private))
    assert np.array_equal(desk.data["X_public"], UNIT.public_data(private)["X_public"])
    assert not np.array_equal(Desk(UNIT, tmp_path / "..").data["X_public"], desk.data["X_public"])


def test_a_damaged_file_is_one_sentence(desk, tmp_path):
    (tmp_path / "public.npz").write_bytes(b"PK damaged")
    with pytest.raises(Problem, match="copy it again"):
        _ = desk.data


def test_answers(desk, capsys):
    desk.answer(crops_per_second=480, winner_cores="many", updates=3)
    said = capsys.readouterr().out
    assert "`updates` is not one of the questions" in said and "`winner_cores` must be one number" in said
    assert desk.grade("estimates") == 2.0


def test_answers_in_a_folder_that_cant_be_written_are_one_sentence(text, tmp_path):
    (tmp_path / "estimates.json").mkdir()
    with pytest.raises(Problem, match=r"can't be saved in .*; work in a folder of your own: course start f90-text"):
        text.answer(answer=42)


# --- checks -------------------------------------------------------------------------------------------------------


def test_three_states_of_each_step_by_sign_and_word(text, tmp_path):
    for step in ("estimates", "baseline", "artifact"):
        for shown in (repr(text.check(step)), text.check(step)._repr_html_()):
            assert "○" in shown and "not attempted" in shown.lower() and "✗" not in shown
    hand_in(tmp_path, text_unit.POOR, answer=40, base="0.4")
    for step, measured, asked, advice in (
        ("estimates", "40 apples", "What is the answer?", "out again (you said 40 apples)"),
        ("baseline", "40.0 %", "at least 50.0 %", "Guess less."),
        ("artifact", "70.0 %", "at least 90.0 %", "Look at the rows."),
    ):
        for shown in (repr(text.check(step)), text.check(step)._repr_html_()):
            for words in ("✗", "ot yet", measured, asked, advice, "unit.hint(", "next of 3 hints"):
                assert words in shown, (step, words)
    hand_in(tmp_path)
    for step in ("estimates", "baseline", "artifact"):
        for shown in (repr(text.check(step)), text.check(step)._repr_html_()):
            assert "✓" in shown and "kept" in shown and "✗" not in shown and "unit.hint(" not in shown


def test_a_check_of_all_ends_with_what_is_still_to_come(text, tmp_path):
    hand_in(tmp_path)
    for shown in (repr(text.check()), text.check()._repr_html_()):
        assert "✓ All 5 public checks kept; 1 hidden check runs at grading." in shown
    assert "hidden" not in repr(text.check("artifact"))


def test_what_is_too_close_to_call_counts_as_kept_and_says_so(text, tmp_path, monkeypatch):
    from course.contract.terms.report import Measurement

    hand_in(tmp_path)
    close = Measurement(1010.0, "Too close to the budget to call.", "too close to call")
    monkeypatch.setattr(
        text_unit.TextUnit,
        "examine",
        lambda *a: {"quality": Measurement(0.95), "interface": Measurement(1.0), "state": close},
    )
    shown = text.check("artifact")._repr_html_()
    assert "≈ kept (too close to call)" in shown and "✓ All 3 public checks kept." in shown
    assert Progress().record("f90-text").step("artifact").state == "kept"


def test_an_unknown_step(text):
    with pytest.raises(Problem, match="has no step 'model'; its steps are: estimates, baseline, artifact"):
        text.check("model")


def test_called_got_expected_is_shown_as_it_is(text, tmp_path):
    hand_in(tmp_path, "0.95 500 0")
    assert "Called f(2), got 5, expected 4." in repr(text.check("artifact"))
    assert "Called f(2), got 5, expected 4." in text.check("artifact")._repr_html_()


def test_an_artifact_of_another_unit_is_one_sentence(desk, tmp_path):
    save(linear_model(features=64, names=("X", "label")), tmp_path / "model.onnx")
    assert "the contract asks for 'pixels' float32[N, 784]" in " ".join(repr(desk.check("artifact")).split())


def test_cells_out_of_order_or_a_restarted_kernel_need_only_the_files(text, tmp_path):
    hand_in(tmp_path)
    assert "✓" in repr(text.check("artifact"))
    assert "✓ All 5" in repr(Desk(text_unit.TextUnit(), tmp_path).check())


def test_the_picture_has_the_trail_and_you(text, tmp_path):
    for quality in ("0.6", "0.7", "0.95"):
        hand_in(tmp_path, f"{quality} 500 1")
        shown = text.check()._repr_html_()
    assert 'alt="Quality against the bytes of its state' in shown
    assert "you: 95.0 %, 0.5 kB" in shown and "Earlier attempts drawn as a line: 2." in shown


def test_a_check_that_is_stopped_is_one_sentence_and_loses_nothing(text, tmp_path, monkeypatch):
    hand_in(tmp_path, text_unit.POOR)
    text.check()
    hand_in(tmp_path)

    def stopped(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(text_unit.TextUnit, "examine", stopped)
        with pytest.raises(work.Stopped) as caught:
            text.check()
    assert caught.value._render_traceback_() == ["The check was stopped. Nothing is lost: run it again when you like."]
    assert Progress().record("f90-text").step("artifact").state == "not yet"
    assert "✓ All 5" in repr(text.check())


def test_a_notebook_that_was_written_for_a_later_course():
    with pytest.raises(
        Problem, match=rf"written for course 99.1 and you have {course.__version__}. Update it: git pull"
    ):
        course.unit("f01", needs="99.1")
    assert course.unit("f01", needs="0.1.0").name == UNIT.name


# --- measured once ------------------------------------------------------------------------------------------------


def test_an_unchanged_artifact_is_measured_once_in_any_process(text, tmp_path):
    hand_in(tmp_path)
    text.check()
    before = text_unit.TextUnit.measured
    text.check(), text.grade("quality"), Desk(text_unit.TextUnit(), tmp_path).check("artifact")
    assert text_unit.TextUnit.measured == before
    text.check("artifact", fresh=True)
    assert text_unit.TextUnit.measured == before + 1


def test_another_answer_leaves_the_artifacts_report_as_it_is(text, tmp_path):
    hand_in(tmp_path)
    text.check("artifact")
    before = text_unit.TextUnit.measured
    hand_in(tmp_path, answer=41)
    text.check("artifact")
    assert text_unit.TextUnit.measured == before
    hand_in(tmp_path, text_unit.FAT)
    assert "✗" in repr(text.check("artifact")) and text_unit.TextUnit.measured == before + 1


def test_public_data_and_code_are_part_of_what_is_kept(text, tmp_path, monkeypatch):
    names = {kept.name_of(text_unit.TextUnit(), tmp_path, "artifact", tmp_path / "public.npz")}
    (tmp_path / "public.npz").write_bytes(b"other data")
    names.add(kept.name_of(text_unit.TextUnit(), tmp_path, "artifact", tmp_path / "public.npz"))
    monkeypatch.setattr(kept, "_code", lambda file: b"other code")
    names.add(kept.name_of(text_unit.TextUnit(), tmp_path, "artifact", tmp_path / "public.npz"))
    assert len(names) == 3


def test_of_kept_reports_the_oldest_are_dropped(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "MOST", 2)
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    report = Report("f90-text", "public", ())
    for number in range(4):
        kept.keep(str(number), report)
        os.utime(tmp_path / "reports" / f"{number}.json", ns=(number, number))
    assert [kept.find(str(number)) for number in range(4)] == [None, None, report, report]


def test_a_file_that_changes_while_it_is_measured_is_not_taken_for_what_it_was(text, tmp_path, monkeypatch):
    def meanwhile(*arguments):
        hand_in(tmp_path, text_unit.FAT)
        return real(*arguments)

    hand_in(tmp_path, text_unit.GOOD)
    real = text_unit.TextUnit.examine
    with monkeypatch.context() as patched:
        patched.setattr(text_unit.TextUnit, "examine", meanwhile)
        with pytest.raises(work.FileChanged, match="Run the check again"):
            text.check("artifact")
    hand_in(tmp_path, text_unit.GOOD)
    assert "✓ All 3" in repr(text.check("artifact"))


def test_a_damaged_report_is_measured_again(text, tmp_path):
    hand_in(tmp_path)
    text.check()
    reports = list((tmp_path / "no-progress" / "reports").iterdir())
    assert len(reports) == 3
    for file in reports:
        file.write_text("{")
    assert "✓ All 5" in repr(Desk(text_unit.TextUnit(), tmp_path).check())


def test_what_could_not_be_measured_is_not_kept(text, tmp_path):
    hand_in(tmp_path, "nothing")
    text.check("artifact")
    assert not list((tmp_path / "no-progress" / "reports").iterdir())


def test_grading_trusts_no_report_that_was_kept(text, tmp_path, monkeypatch):
    hand_in(tmp_path, text_unit.POOR)
    text.check()
    for file in (tmp_path / "no-progress" / "reports").iterdir():  # forge them: everything is kept
        data = json.loads(file.read_text())
        for clause in data["clauses"]:
            clause |= {"verdict": "kept", "points": clause["worth"]}
        file.write_text(json.dumps(data))
    assert "✓" in repr(Desk(text_unit.TextUnit(), tmp_path).check("artifact"))  # the learner's own check believes it
    before = sorted((tmp_path / "no-progress").rglob("*"))
    unit = text_unit.TextUnit()
    holdout.write(unit.private_holdout(key.OPEN), tmp_path / "holdout")
    monkeypatch.setenv(work.PRIVATE, str(tmp_path / "holdout"))
    assert Desk(text_unit.TextUnit(), tmp_path).grade("quality") == 15
    assert Report.from_json((tmp_path / "report.json").read_text()).holdout == "private"
    assert sorted((tmp_path / "no-progress").rglob("*")) == before


# --- points -------------------------------------------------------------------------------------------------------


def test_points_print_as_the_number_that_nbgrader_reads(desk):
    points = desk.grade("quality")
    assert repr(points) == str(points) == "0.0" and "not attempted" in points._repr_html_()


def test_an_unknown_clause_and_a_hidden_one(desk):
    with pytest.raises(KeyError, match="has no clause 'speed'; it has: estimates"):
        desk.grade("speed")
    assert desk.grade("pen") == 0 and "measured when your work is graded" in desk.grade("pen")._repr_html_()


def test_validate_gets_one_line_instead_of_a_traceback(desk, monkeypatch):
    monkeypatch.setenv("NBGRADER_VALIDATING", "1")
    with pytest.raises(desks.NotKept) as caught:
        desk.grade("size")
    (line,) = caught.value._render_traceback_()
    assert (
        line == "Bytes of the file: ○ not attempted. There is no model.onnx yet: build it and save it under that name."
    )


def test_warnings_of_a_measurement_stay_out_of_the_cell(text, tmp_path, monkeypatch, capfd):
    def noisy(*arguments):
        warnings.warn("careful", stacklevel=1)
        print("careful", file=sys.stderr)
        os.write(2, b"native code\n")
        return real(*arguments)

    hand_in(tmp_path)
    real = text_unit.TextUnit.examine
    monkeypatch.setattr(text_unit.TextUnit, "examine", noisy)
    assert text.grade("state") == 20
    assert capfd.readouterr().err == ""


def test_compare_shows_models_side_by_side(desk, tmp_path):
    save(linear_model(scale=0.01), tmp_path / "a.onnx")
    (tmp_path / "b.onnx").write_bytes(b"no model")
    shown = desk.compare({"first": "a.onnx", "second": "b.onnx"})
    assert "b.onnx is no ONNX file" in shown._repr_html_() and "first" in repr(shown)
    assert 'scope="row"' in shown._repr_html_() and "<img alt=" in shown._repr_html_()


def test_contract_and_check_show_themselves_as_text_too(desk):
    assert "Bytes of the file: at most 143 kB (6 points)" in repr(desk.contract())
    shown = desk.contract()._repr_html_()
    assert all(file in shown for file in ("f01-shrink-ensemble.ipynb", "model.onnx", "baseline.onnx", "estimates.json"))
    assert "Accuracy with a thick pen (measured at grading)" in shown and "Together" in shown and ">100<" in shown
    assert "Not attempted yet" in repr(desk.check()) and "\x1b" not in repr(desk.check())


# --- hints, solutions, memos --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", units.names())
def test_every_step_has_three_hints_or_more_and_none_is_empty(name):
    unit = units.load(name)
    from course.learning.steps import steps

    assert set(unit.hints) == set(steps(unit))
    for step, hints in unit.hints.items():
        assert len(hints) >= 3 and len(set(hints)) == len(hints), step
        assert all(len(hint.split()) >= 8 for hint in hints), step


def test_hints_come_one_by_one_for_the_step_that_is_not_kept_yet(text, tmp_path):
    assert "Hint 1 of 3 for the estimates" in repr(text.hint())
    hand_in(tmp_path, text_unit.POOR)
    text.check()
    shown = [repr(text.hint()) for _ in range(4)]
    for number, said in zip((1, 2, 3, 3), shown, strict=True):
        assert f"Hint {number} of 3 for the artifact" in said
    assert "That was the last" in shown[3] and 'unit.solution("artifact")' in shown[3]
    assert "Hint 1 of 3 for the baseline" in repr(text.hint("baseline"))
    assert "Hint 2 of 3 for the baseline" in repr(Desk(text_unit.TextUnit(), tmp_path).hint("baseline"))
    hand_in(tmp_path)
    text.check()
    assert "nothing left to hint at" in repr(text.hint())


def test_a_solution_is_shown_once_kept_or_anyway_and_that_is_recorded(desk):
    assert "is not kept yet" in repr(desk.solution("baseline"))
    assert 'unit.solution("baseline", anyway=True)' in repr(desk.solution("baseline"))
    assert Progress().record(UNIT.name).step("baseline").solution == ""
    shown = repr(desk.solution("baseline", anyway=True))
    assert "LogisticRegression(" in shown and "def train(" not in shown and "### BEGIN" not in shown
    assert Progress().record(UNIT.name).step("baseline").solution == "anyway"
    desk.answer(
        crops_per_second=480,
        microseconds_on_laptop=26,
        winner_cores=115,
        winner_update_hours=4.9,
        parcels_by_hand=24_000,
    )
    desk.check("estimates")
    assert "8 parcels x 5 digits x 12 crops = 480" in repr(desk.solution())
    assert Progress().record(UNIT.name).step("estimates").solution == "kept"


def test_solutions_hold_every_cell_of_the_reference():
    from course.learning.solutions import worked

    cells = worked(UNIT, ROOT / "nowhere", "public.npz").cells
    assert set(cells) == {"estimates", "baseline", "artifact"}
    reference = {name: text for name, text in Lesson(UNIT, ROOT).solutions().items() if name != "memo"}
    assert sorted(text for group in cells.values() for text in group) == sorted(reference.values())


def test_a_class_has_no_solutions(desk, tmp_path):
    hand_in(tmp_path)
    text = Desk(text_unit.TextUnit(), tmp_path)
    assert "The worked solution" in repr(text.check("artifact"))
    (tmp_path / "public.npz").write_bytes(public_bytes(text_unit.TextUnit(), key.OPEN))
    with pytest.raises(Problem, match="not part of a class's release"):
        desk.solution(anyway=True)
    assert "The worked solution" not in repr(Desk(text_unit.TextUnit(), tmp_path).check("artifact"))


def notebook_with_memo(folder, memo):
    notebook = nbformat.read(ROOT / "release" / UNIT.name / f"{UNIT.name}.ipynb", as_version=4)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "memo" and memo is not None:
            cell.source = memo
    nbformat.write(notebook, folder / f"{UNIT.name}.ipynb")


def test_where_it_is_graded_the_memo_is_not_asked_for(desk, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", os.devnull)
    assert repr(desk.memo()) == "The memo is marked by hand."


def test_a_memo_is_compared_once_it_is_written_and_complete(desk, tmp_path):
    assert "There is no notebook with a memo" in repr(desk.memo())
    notebook_with_memo(tmp_path, None)
    assert "○ The memo is not attempted yet, as the notebook was last saved" in repr(desk.memo())
    notebook_with_memo(tmp_path, "**Metric.** Parcels that are read. " * 3)
    shown = repr(desk.memo())
    assert "✗" in shown and "15 words" in shown and "missing: Goal and users, Constraints, Data, Baseline" in shown
    complete = Lesson(UNIT, ROOT).solutions()["memo"]
    notebook_with_memo(tmp_path, complete)
    early = repr(desk.memo())
    assert "[ ] Goal and users (2): says who is better off" in early and "unit.memo(anyway=True)" in early
    assert "115 controller cores" not in early and Progress().record(UNIT.name).memo == "", "it gives answers away"
    Progress().change(UNIT.name, lambda record: setattr(record.step("artifact"), "state", "kept"))
    shown = desk.memo()
    assert "[ ] Goal and users (2): says who is better off" in repr(shown) and "115 controller cores" in repr(shown)
    html = shown._repr_html_()
    assert html.count('type="checkbox"') == 8 and "<strong>Goal and users.</strong>" in html
    assert Progress().record(UNIT.name).memo == "compared"
    (tmp_path / "public.npz").write_bytes(b"")
    assert "names every row of the rubric" in repr(desk.memo())


# --- everywhere ---------------------------------------------------------------------------------------------------


def test_a_script_prints_what_a_notebook_would_show(tmp_path):
    hand_in(tmp_path, text_unit.POOR)
    program = (
        "import text_unit; from course.learning.desk import Desk\n"
        "unit = Desk(text_unit.TextUnit()); unit.contract(); unit.check('estimates'); unit.hint()\n"
        "unit.check(); unit.grade('state')"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT / "tests")},
    )  # fmt: skip
    assert ran.returncode == 0 and ran.stderr == ""
    for words in (
        "Bytes of its state: at most 1.0 kB",
        "✓ in range",
        "Hint 1 of 3",
        "✗ Not yet: 4 of 5 public checks kept.",
    ):
        assert words in ran.stdout, ran.stdout
    assert ran.stdout.count("Hint 1 of 3") == 1 and "\x1b" not in ran.stdout
    assert ran.stdout.rstrip().endswith("Bytes of its state: ✓ kept: 0.5 kB")


def test_where_it_is_graded_a_check_measures_only_if_asked_and_leaves_nothing_behind(tmp_path):
    hand_in(tmp_path, text_unit.POOR)
    before = sorted(tmp_path.rglob("*"))
    program = (
        "import text_unit; from course.learning.desk import Desk\npanel = Desk(text_unit.TextUnit()).check()\n"
        "assert not hasattr(panel, '_repr_png_') and 'report' not in vars(panel)\n"
        "assert 'Left to the test cells' in panel._repr_html_()\n"
        "print(panel.report['state'].shown, len(panel.trail))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True,
        env=sandbox.python_environment(str(tmp_path)) | {"PYTHONPATH": str(ROOT / "tests")},
    )  # fmt: skip
    assert ran.stdout.splitlines() == ["Left to the test cells, which measure it for the grade.", "0.5 kB 0"]
    assert ran.stderr == ""
    assert sorted(tmp_path.rglob("*")) == before


def test_a_notebook_run_by_nbconvert_shows_pages_and_leaves_no_bar(tmp_path):
    hand_in(tmp_path)
    cells = [
        "import text_unit; from course.learning.desk import Desk; unit = Desk(text_unit.TextUnit())",
        "unit.check()",
        "with unit.progress() as tell:\n    tell('training, 1 of 2')",
        "unit.check('nothing')",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in cells])
    nbformat.write(notebook, tmp_path / "n.ipynb")
    ran = subprocess.run(
        [sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--allow-errors", "--inplace", "n.ipynb"],
        cwd=tmp_path, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT / "tests")},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    _, checked, bar, wrong = nbformat.read(tmp_path / "n.ipynb", as_version=4).cells
    assert [output.data["text/html"] for output in checked.outputs if output.output_type == "display_data"] == [""]
    page = checked.outputs[-1].data["text/html"]
    assert "✓ All 5 public checks kept" in page and "<img alt=" in page
    assert [output.data["text/html"] for output in bar.outputs] == [""]
    (error,) = wrong.outputs
    assert error.traceback == ["f90-text has no step 'nothing'; its steps are: estimates, baseline, artifact."]


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_ctrl_c_during_a_check_in_a_script_leaves_no_traceback_of_ours_and_nothing_half_written(tmp_path):
    program = (
        "import os, signal, text_unit; from course.learning.desk import Desk\n"
        "text_unit.TextUnit.examine = lambda *a: os.kill(os.getpid(), signal.SIGINT)\n"
        "try:\n    Desk(text_unit.TextUnit()).check()\nexcept Exception as error:\n    print(error)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT / "tests")},
    )  # fmt: skip
    assert ran.stdout == "The check was stopped. Nothing is lost: run it again when you like.\n"
    assert not list((tmp_path / "no-progress").glob("reports/*"))


@pytest.mark.parametrize("name", units.names())
def test_every_lesson_has_a_check_under_each_step(name):
    notebook = nbformat.read(ROOT / "release" / name / f"{name}.ipynb", as_version=4)
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    for check, test in (('unit.check("estimates")', "estimates"), ('unit.check("baseline")', "baseline")):
        assert cells.index(check) < cells.index(f'unit.grade("{test}")'), check
    assert "unit.memo()" in cells and cells.index("unit.check()") > cells.index('unit.check("baseline")')


def test_a_mistyped_call_says_what_was_meant(desk):
    with pytest.raises(AttributeError, match=r"there is no unit.chekc; did you mean unit.check\?"):
        desk.chekc()
    with pytest.raises(AttributeError, match="there are answer, brief, check, "):
        _ = desk.xyz
