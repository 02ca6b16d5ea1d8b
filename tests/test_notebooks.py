"""Notebook files as they come: which one it is, what is in it, and one sentence where there is none."""

from __future__ import annotations

import json

import pytest
from conftest import ROOT

from course import notebooks
from course.learning import memo
from course.notebooks import Unreadable, essence, find, read
from course.units import load

UNIT = load("f01")
NAME = UNIT.name
RELEASED = (ROOT / "release" / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8")


def sources(notebook):
    return [cell.source for cell in notebook.cells]


@pytest.fixture
def plain(tmp_path):
    (tmp_path / "plain.ipynb").write_text(RELEASED, encoding="utf-8")
    return sources(read(tmp_path / "plain.ipynb"))


@pytest.mark.parametrize(
    "name",
    [f"{NAME} (1).ipynb", f"{NAME}-1.ipynb", f"Copy of {NAME}.ipynb", "Untitled.ipynb", "in/a/folder.ipynb", "B.IPYNB"],
)
def test_a_notebook_under_another_name_is_taken_and_said(tmp_path, plain, name):
    (tmp_path / "plain.ipynb").unlink()
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(RELEASED, encoding="utf-8")
    found = find(tmp_path, NAME)
    assert sources(found) == plain
    (note,) = found.notes
    assert note == f"There is no {NAME}.ipynb. {name} was read in its place."


def test_the_one_with_the_right_name_is_the_one(tmp_path, plain):
    (tmp_path / f"{NAME}.ipynb").write_text(RELEASED.replace("Brief", "Letter"), encoding="utf-8")
    found = find(tmp_path, NAME)
    assert found.notes == () and any("Letter" in source for source in sources(found))


def test_of_several_none_is_guessed_unless_they_are_the_same(tmp_path):
    for number in (1, 2):
        (tmp_path / f"{NAME}-{number}.ipynb").write_text(RELEASED, encoding="utf-8")
    assert f"{NAME}-1.ipynb was read" in find(tmp_path, NAME).notes[0]
    (tmp_path / f"{NAME}-2.ipynb").write_text(RELEASED.replace("Brief", "Letter"), encoding="utf-8")
    with pytest.raises(Unreadable, match=rf"There are 2 notebooks, {NAME}-1.ipynb, {NAME}-2.ipynb, and none is called"):
        find(tmp_path, NAME)
    (tmp_path / f"{NAME}-2.ipynb").write_text('{"cells": [{"cell_type": "code", "source": "my own notes"}]}')
    assert f"{NAME}-1.ipynb was read" in find(tmp_path, NAME).notes[0]  # the other has nothing of the unit in it


def test_checkpoints_are_nobodys_notebook(tmp_path):
    for folder in (".ipynb_checkpoints", "__MACOSX"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{NAME}.ipynb").write_text(RELEASED, encoding="utf-8")
    with pytest.raises(Unreadable, match=f"There is no notebook: hand in {NAME}.ipynb"):
        find(tmp_path, NAME)


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "utf-16"])
def test_byte_order_marks_are_passed_over(tmp_path, plain, code):
    (tmp_path / "marked.ipynb").write_bytes(RELEASED.encode(code))
    assert sources(read(tmp_path / "marked.ipynb")) == plain


def test_what_an_old_editor_saved_is_read(tmp_path):
    (tmp_path / "n.ipynb").write_bytes(b'{"cells": [{"cell_type": "markdown", "source": "caf\xe9"}]}')
    assert sources(read(tmp_path / "n.ipynb")) == ["café"]


def test_outputs_do_not_count(tmp_path, plain):
    data = json.loads(RELEASED)
    cell = next(cell for cell in data["cells"] if cell["cell_type"] == "code")
    cell["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": {"image/png": "A" * 22_000_000}}]
    (tmp_path / "n.ipynb").write_text(json.dumps(data))
    assert sources(read(tmp_path / "n.ipynb")) == plain


def test_format_3_is_read(tmp_path):
    cells = [
        {"cell_type": "heading", "level": 2, "source": ["A head"]},
        {"cell_type": "code", "input": ["x = 1\r\n", "y = 2"], "outputs": []},
    ]
    (tmp_path / "n.ipynb").write_text(json.dumps({"nbformat": 3, "worksheets": [{"cells": cells}]}))
    found = read(tmp_path / "n.ipynb").cells
    assert [(cell.kind, cell.source) for cell in found] == [("markdown", "## A head"), ("code", "x = 1\ny = 2")]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"\0" * 100, "is empty"),
        (RELEASED.encode()[:-2000], "damaged: its end is missing"),
        (RELEASED.encode().replace(b'"cells"', b'"cells" oh'), "damaged: line 2 can't be read"),
        (RELEASED.replace(' "cells"', '<<<<<<< HEAD\n "cells"').encode(), "git has put marks of a merge into it"),
        (b"PK\x03\x04....", "a zip archive"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b"[]", "is no notebook"),
        (b'{"cells": [1, 2]}', "is no notebook"),
    ],
)
def test_what_can_t_be_read_says_why_and_what_to_do(tmp_path, content, sentence):
    (tmp_path / f"{NAME}.ipynb").write_bytes(content)
    with pytest.raises(Unreadable, match=sentence) as caught:
        find(tmp_path, NAME)
    assert "hand that file in" in str(caught.value) and "\n" not in str(caught.value)


def test_a_damaged_one_gives_way_to_its_copy(tmp_path, plain):
    (tmp_path / f"{NAME}.ipynb").write_text(RELEASED[:500], encoding="utf-8")
    found = find(tmp_path, NAME)
    assert sources(found) == plain and "damaged" in found.notes[0] and "plain.ipynb was read" in found.notes[0]


def test_limits_are_said(tmp_path, monkeypatch):
    monkeypatch.setattr(notebooks, "MOST_CELLS", 3)
    monkeypatch.setattr(notebooks, "MOST_SOURCE", 40)
    cells = [{"cell_type": "code", "source": "x" * size} for size in (1, 50, 2, 3)]
    (tmp_path / "n.ipynb").write_text(json.dumps({"cells": cells}))
    found = read(tmp_path / "n.ipynb")
    assert sources(found) == ["x", "xx"]
    assert "4 cells; those after the first 3 were left out" in found.notes[0]
    assert "Cell 2 of n.ipynb has over 40 characters" in found.notes[1]
    monkeypatch.setattr(notebooks, "MOST_PARTS", 5)
    with pytest.raises(Unreadable, match="Clear its outputs"):
        read(tmp_path / "n.ipynb")


def test_the_memo_is_looked_at_where_the_grader_finds_it(tmp_path):
    data = json.loads(RELEASED)
    cell = next(c for c in data["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == "memo")
    cell["source"] = "First half."
    data["cells"].append({**cell, "source": "Second half."})
    (tmp_path / f"{NAME} (1).ipynb").write_bytes(b"\xef\xbb\xbf" + json.dumps(data).encode())
    found = memo.read(UNIT, tmp_path)
    assert found.text == "First half.\n\nSecond half." and found.rubric
    (tmp_path / f"{NAME} (1).ipynb").write_text("{")
    with pytest.raises(Unreadable, match="damaged"):
        memo.read(UNIT, tmp_path)


def test_what_matters_of_code():
    assert essence("%%writefile policy.py\r\n# see policy.py\n\n") == essence("%%writefile policy.py\n# your code here")
    assert essence("if a:\n    b()  \n") == "if a:\n    b()"
    assert essence("if a:\n    b()") != essence("if a:\nb()")


def test_a_notebook_as_text_says_how_to_make_one(tmp_path):
    (tmp_path / f"{NAME}.py").write_text("# %%\nx = 1\n")
    with pytest.raises(Unreadable, match=f"only {NAME}.py: jupytext --to ipynb makes {NAME}.ipynb of it"):
        find(tmp_path, NAME)
