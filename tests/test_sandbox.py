"""What a student's notebook can reach while it is graded."""

from __future__ import annotations

import json

import nbformat
import pytest
from conftest import ROOT

from course import cache, key, sandbox
from course.grading import student

isolated = pytest.mark.skipif(bool(sandbox.problem()), reason=sandbox.problem() or "isolated")

PROBES = {
    "own folder": "print(sorted(os.listdir('.')))",
    "root": "print(sorted(os.listdir('/')))",
    "environment": "print(sorted(os.environ))",
    "first process": "print(open('/proc/1/environ').read())",
    "network": "import socket; socket.create_connection(('127.0.0.1', 1), 1)",
    "sources": "print(os.path.exists(SOURCE), os.path.exists(TESTS), os.path.exists(KEY))",
    "course": "import course; print(course.__version__); open(course.__file__, 'a')",
    "user": "print(os.getuid())",
    "leaves": "open('model.onnx', 'wb').write(b'made here')",
}


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """What each probe printed, in one notebook; and the files that came back."""
    folder = tmp_path_factory.mktemp("submission")
    (folder / "handed-in.csv").write_text("1,2")
    (folder / "sklearn").mkdir()
    (folder / "sklearn" / "__init__.py").write_text("raise SystemExit('shadowed')")
    names = {"SOURCE": ROOT / "source", "TESTS": ROOT / "tests", "KEY": key.path()}
    start = "import os\n" + "\n".join(f"{name} = {str(path)!r}" for name, path in names.items())
    cells = [nbformat.v4.new_code_cell(start, id="start")]
    cells += [nbformat.v4.new_code_cell(code, id=name.replace(" ", "-")) for name, code in PROBES.items()]
    ran = student.run(nbformat.v4.new_notebook(cells=cells), folder, ("model.onnx",), seconds=60)
    assert not ran.note
    text = {}
    for cell, outputs in ran.outputs.items():
        text[cell.replace("-", " ")] = "".join(str(o.get("text", "")) + str(o.get("evalue", "")) for o in outputs)
    return text, ran.files


@isolated
def test_it_sees_its_own_folder_and_little_else(seen):
    text, _ = seen
    assert "handed-in.csv" in text["own folder"]
    assert "'submission'" in text["root"] and "'srv'" not in text["root"] and "'boot'" not in text["root"]
    assert text["sources"].strip() == "False False False"
    assert text["user"].strip() == "65534"


@isolated
def test_its_environment_is_empty_and_it_has_no_network(seen):
    text, _ = seen
    assert "COURSE_KEY_FILE" not in text["environment"] + text["first process"]
    assert "refused" in text["network"] or "unreachable" in text["network"]


def test_what_was_rehearsed_is_not_in_the_cache_that_students_read():
    assert cache.own() != cache.shared() and cache.shared() not in cache.own().parents
    assert not list(cache.shared().glob("rehearsal-*"))


@isolated
def test_it_can_read_the_course_and_not_change_it(seen):
    assert "Read-only file system" in seen[0]["course"]


def test_its_files_come_back(seen):
    assert seen[1] == {"model.onnx": b"made here"}


def test_shadowing_a_library_does_not_stop_the_runner(seen):
    assert "shadowed" not in "".join(seen[0].values())


def test_a_notebook_that_takes_too_long_keeps_what_it_saved(tmp_path):
    cell = nbformat.v4.new_code_cell("open('model.onnx', 'w').write('x')\nwhile True: pass", id="endless")
    ran = student.run(nbformat.v4.new_notebook(cells=[cell]), tmp_path, ("model.onnx",), seconds=3)
    assert "did not end within 3 s" in ran.note and ran.files == {"model.onnx": b"x"}


DAMAGED = ("{}", '{"outputs": {"a": [1]}, "note": ""}', '{"outputs": {"a": [{}]}, "note": ""}')


@pytest.mark.parametrize("content", DAMAGED)
def test_outputs_that_are_damaged_are_not_shown(content):
    outputs, note = student._outputs(json.loads(content))
    assert outputs == {} and "damaged" in note


def test_outputs_that_are_shown_are_inert():
    evil = "<script>alert(1)</script>"
    outputs = [
        {"output_type": "display_data", "data": {"text/html": evil, "text/plain": "t"}, "metadata": {"x": evil}},
        {
            "output_type": "execute_result",
            "data": {"application/javascript": evil},
            "metadata": {},
            "execution_count": 1,
        },
        {"output_type": "display_data", "data": {"image/png": "aGk=\n"}, "metadata": {"image/png": {"width": evil}}},
        {"output_type": "stream", "name": evil, "text": "said"},
    ]
    shown, note = student._outputs({"outputs": {"a": outputs}, "note": ""})
    assert not note and "script" not in json.dumps(shown)
    assert [output.get("data", {}) for output in shown["a"]] == [{"text/plain": "t"}, {}, {"image/png": "aGk="}, {}]
    outputs[2]["data"]["image/png"] = '"><script>alert(1)</script>'
    assert "script" not in json.dumps(student._outputs({"outputs": {"a": outputs}, "note": ""})[0])


def test_where_it_is_missing_the_message_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None)
    sandbox.problem.cache_clear()
    try:
        assert "apt install bubblewrap" in sandbox.problem()
        with pytest.raises(sandbox.Problem, match="only the open key"):
            sandbox.require(key.Key(b"x" * 32, "t"))
        sandbox.require(key.OPEN)
    finally:
        sandbox.problem.cache_clear()
