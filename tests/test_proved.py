"""What `make prove` keeps: a unit is proved anew when anything that it depends on has changed, and only then."""

from __future__ import annotations

import json
import subprocess

import proved
import pytest
from conftest import ROOT

from course import units

FILES = (
    "course/graph.py", "course/contract/cost/latency.py", "course/contract/show/page.py", "course/learning/desk.py",
    "course/units/base.py", "course/units/f11_one/__init__.py", "course/units/f12_other/__init__.py",
    "source/f11-one/lesson.py", "source/f12-other/lesson.py", "tests/rehearsals/f11_one.py", "tests/test_browser.py",
    "requirements-test.lock", "course/grading/classes/klass.py", "README.md", "tests/test_f11_one.py",
)  # fmt: skip


@pytest.fixture
def tree(tmp_path):
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


@pytest.mark.parametrize("name", FILES)
def test_a_change_is_seen_where_it_matters(name, tree):
    kinds = proved.SHARED, proved.own("f11-one"), proved.own("f12-other")
    before = [proved.digest(patterns, tree) for patterns in kinds]
    (tree / name).write_text("changed")
    changed = [old != proved.digest(patterns, tree) for old, patterns in zip(before, kinds, strict=True)]
    nobody = name.endswith(("klass.py", "README.md", "test_f11_one.py"))  # tested where they are
    f11, f12 = "f11" in name and not nobody, "f12" in name
    assert changed == [not (nobody or f11 or f12), f11, f12]


def test_files_that_are_added_moved_or_swapped_are_seen(tree):
    seen = {proved.digest(proved.own("f11-one"), tree)}
    (tree / "course/units/f11_one/world.py").write_text("world")
    seen.add(proved.digest(proved.own("f11-one"), tree))
    (tree / "course/units/f11_one/world.py").rename(tree / "course/units/f11_one/words.py")
    seen.add(proved.digest(proved.own("f11-one"), tree))
    (tree / "course/units/f11_one/words.py").unlink()
    (tree / "course/units/f11_one/__init__.py").write_text("")
    seen.add(proved.digest(proved.own("f11-one"), tree))
    assert len(seen) == 4


def test_all_that_a_unit_is_made_of_is_among_its_files():
    shared = {path.relative_to(ROOT).as_posix() for path in proved.files(proved.SHARED)}
    assert {"course/learning/panels.py", "course/units/base.py", "requirements-test.lock"} <= shared
    for name in units.names():
        module = name.replace("-", "_")
        found = {path.relative_to(ROOT).as_posix() for path in proved.files(proved.own(name))}
        assert f"course/units/{module}/__init__.py" in found and f"source/{name}/lesson.py" in found
        assert f"tests/rehearsals/{module}.py" in found and not found & shared
        assert all(module in path or name in path for path in found)


def test_everybody_has_a_turn(monkeypatch):
    names = units.names()
    turns = set()
    for commit in range(len(names)):
        git = subprocess.CompletedProcess([], 0, f"{commit:08x}", "")
        monkeypatch.setattr(subprocess, "run", lambda *_, git=git, **__: git)
        found = proved.in_turn(names)
        assert len(set(found)) == proved.FEW
        turns |= set(found)
    assert turns == set(names)


def test_who_is_proved_in_full(monkeypatch, tmp_path):
    names = units.names()
    monkeypatch.delenv(proved.ALL, raising=False)
    monkeypatch.setattr(proved, "RECORD", tmp_path / "proved.json")
    monkeypatch.setattr(proved, "in_turn", lambda names, few=2: names[3 : 3 + few])
    assert proved.changed(names) == names, "without a record all are"
    assert proved.in_full(names) == names[3 : 3 + proved.MOST], "of many, some"
    record = {
        "shared": proved.digest(proved.SHARED),
        "units": {name: proved.digest(proved.own(name)) for name in names},
    }
    proved.RECORD.write_text(json.dumps(record))
    assert proved.in_full(names) == ()
    record["units"][names[8]] = "0" * 32
    proved.RECORD.write_text(json.dumps(record))
    assert proved.in_full(names) == (names[8],)
    proved.RECORD.write_text(json.dumps(record | {"shared": "0" * 32}))
    assert proved.in_full(names) == (*names[3:5], names[8])
    monkeypatch.setenv(proved.ALL, "1")
    assert proved.in_full(names) == names
