"""The unit as seen from a notebook: data, answers, points that nbgrader can read."""

from __future__ import annotations

import sys
import warnings

import numpy as np
import pytest
from conftest import linear_model, save

from course import key, units
from course.grading.release import public_bytes
from course.learning import desk as desks
from course.learning.desk import Desk
from course.problem import Problem

UNIT = units.load("f01")


@pytest.fixture
def desk(tmp_path):
    return Desk(UNIT, tmp_path)


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


def test_points_print_as_the_number_that_nbgrader_reads(desk):
    points = desk.grade("quality")
    assert repr(points) == str(points) == "0.0" and "not attempted" in points._repr_html_()


def test_an_unknown_clause(desk):
    with pytest.raises(KeyError, match="has no clause 'speed'; it has: estimates"):
        desk.grade("speed")


def test_validate_gets_one_line_instead_of_a_traceback(desk, monkeypatch):
    monkeypatch.setenv("NBGRADER_VALIDATING", "1")
    with pytest.raises(desks.NotKept) as caught:
        desk.grade("size")
    (line,) = caught.value._render_traceback_()
    assert (
        line == "Bytes of the file: ○ not attempted. There is no model.onnx yet: build it and save it under that name."
    )


def test_warnings_of_a_measurement_stay_out_of_the_cell(desk, monkeypatch, capfd):
    def noisy(*arguments, **more):
        import os

        warnings.warn("careful", stacklevel=1)
        print("careful", file=sys.stderr)
        os.write(2, b"native code\n")
        return real(*arguments, **more)

    real = desks.measure
    monkeypatch.setattr(desks, "measure", noisy)
    desk.grade("size")
    assert capfd.readouterr().err == ""


def test_an_unchanged_submission_is_measured_once(desk, tmp_path, monkeypatch):
    calls = []
    real = desks.measure
    monkeypatch.setattr(desks, "measure", lambda *a, **k: calls.append(1) or real(*a, **k))
    desk.grade("size"), desk.grade("quality")
    assert len(calls) == 1
    desk.answer(crops_per_second=480)
    desk.grade("estimates")
    assert len(calls) == 2


def test_compare_shows_models_side_by_side(desk, tmp_path):
    save(linear_model(scale=0.01), tmp_path / "a.onnx")
    (tmp_path / "b.onnx").write_bytes(b"no model")
    shown = desk.compare({"first": "a.onnx", "second": "b.onnx"})
    assert "b.onnx is no ONNX file" in shown._repr_html_() and "first" in repr(shown)
    assert 'scope="row"' in shown._repr_html_() and "<img alt=" in shown._repr_html_()


def test_contract_and_check_show_themselves_as_text_too(desk):
    assert "Bytes of the file: at most 143 kB (6 points)" in repr(desk.contract())
    assert "Robustness" in desk.contract()._repr_html_()
    assert "Not attempted yet" in repr(desk.check()) and "\x1b" not in repr(desk.check())
