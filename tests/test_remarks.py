"""What is said about a submission: files under other names, files set aside, files that a cell replaced."""

from __future__ import annotations

import pytest

from course.grading.submissions import pictures, places, remarks
from course.grading.submissions.remarks import Remark


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "submitted" / "ada" / "f01-x"
    made.mkdir(parents=True)
    return made


@pytest.mark.parametrize(
    "name", ["model (1).onnx", "model-1.onnx", "Model.onnx", "model_2.ONNX", "Copy of model.onnx", "f01-x/model.onnx"]
)
def test_a_renamed_file_is_taken_and_said(folder, name):
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"1")
    assert places.files_in(folder, ("model.onnx", "estimates.json"))["model.onnx"] == b"1"
    (said,) = remarks.about_files(folder, ("model.onnx",))
    assert said == Remark(f"There is no model.onnx; {name} was taken in its place.", look=False)


@pytest.mark.parametrize("name", ["mymodel.onnx", "model.onnx.txt", "model-tiny.onnx", "model.py"])
def test_another_file_is_not(folder, name):
    (folder / name).write_bytes(b"1")
    assert "model.onnx" not in places.files_in(folder, ("model.onnx",))
    assert remarks.about_files(folder, ("model.onnx",)) == []


def test_of_several_none_is_guessed(folder):
    (folder / "model-1.onnx").write_bytes(b"1")
    (folder / "model-2.onnx").write_bytes(b"2")
    assert "model.onnx" not in places.files_in(folder, ("model.onnx",))
    (said,) = remarks.about_files(folder, ("model.onnx",))
    assert said.look and "2 files may be meant (model-1.onnx, model-2.onnx)" in said.text
    (folder / "model.onnx").write_bytes(b"3")
    assert places.files_in(folder, ("model.onnx",))["model.onnx"] == b"3"
    assert remarks.about_files(folder, ("model.onnx",)) == []


def test_what_was_set_aside_is_said(folder, tmp_path):
    (folder / "model.onnx.refused").write_text("model.onnx has 90.0 MB.")
    (folder / "model (1).onnx").write_bytes(b"1")
    (tmp_path / "quarantine" / "ada" / "f01-x").mkdir(parents=True)
    said = remarks.about_files(folder, ("model.onnx",))
    assert [one.text for one in said] == [
        "model.onnx has 90.0 MB.",
        "Something that can't be graded was set aside: it lies in quarantine/ada/f01-x.",
    ]
    assert all(one.look for one in said) and "model.onnx" not in places.files_in(folder, ("model.onnx",))


def test_a_file_that_a_cell_replaced_is_said():
    names = ("policy.py", "estimates.json", "model.onnx")
    before = {"policy.py": b"def f(): return 1\n", "estimates.json": b'{"a": 1}', "model.onnx": b"1"}
    same = {"policy.py": b"# mine\r\ndef f(): return 1", "estimates.json": b'{"a":1.0}', "model.onnx": b"1"}
    assert remarks.about_run(before, same, names, "") == []
    after = {"policy.py": b"def f(): return 2", "estimates.json": b'{"a": null}', "model.onnx": b"2"}
    policy, estimates, model = remarks.about_run(before, after, names, "")
    assert policy.look and policy.text.startswith("policy.py was handed in, and a cell")
    assert estimates.look and not model.look and "made anew" in model.text
    assert remarks.about_run({}, after, names, "The kernel died.") == [Remark("The kernel died.", look=False)]


def test_remarks_are_kept(folder):
    said = [Remark("One <b>thing</b>."), Remark("Another.", look=False)]
    remarks.write(folder, said)
    assert list(remarks.read(folder)) == said
    assert "&lt;b>" in remarks.cell(said)
    (folder / remarks.FILE).write_text("[1]")
    assert remarks.read(folder) == ()


def picture(kind, width, height):
    if kind == "png":
        return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes(9)
    size = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    return b"\xff\xd8\xff\xe0\x00\x04\x00\x00\xff\xc2\x00\x0b\x08" + size + bytes(9)


@pytest.mark.parametrize("kind", ["png", "jpeg"])
def test_how_large_a_picture_is_when_drawn(kind):
    assert pictures.fits(picture(kind, 1200, 800))
    assert not pictures.fits(picture(kind, 40_000, 40_000)) and not pictures.fits(picture(kind, 0, 3))
    for junk in (
        b"",
        b"GIF89a",
        picture(kind, 9, 9)[:12],
        b"\xff\xd8" + b"\xff" * 50,
        b"\x89PNG\r\n\x1a\n" + bytes(30),
    ):
        assert not pictures.fits(junk)
