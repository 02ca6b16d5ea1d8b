"""What `make prove` keeps: a unit is proved anew when anything that it depends on has changed, and only then."""

from __future__ import annotations

import json

import proved
import pytest
from conftest import ROOT

from course import units

FILES = (
    "course/graph.py", "course/contract/cost/latency.py", "course/contract/show/page.py", "course/learning/desk.py",
    "course/units/base.py", "course/units/f11_one/__init__.py", "course/units/f12_other/__init__.py",
    "source/f11-one/lesson.py", "source/f12-other/lesson.py", "tests/rehearsals/f11_one.py", "tests/test_browser.py",
    "requirements.lock", "course/grading/classes/klass.py", "README.md", "tests/test_f11_one.py",
)  # fmt: skip


@pytest.fixture
def tree(tmp_path):
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


@pytest.mark.parametrize("name", FILES)
def test_a_change_is_seen_where_it_matters(name, tree):
    before = [proved.digest(unit, tree) for unit in ("f11-one", "f12-other")]
    (tree / name).write_text("changed")
    changed = [old != proved.digest(unit, tree) for old, unit in zip(before, ("f11-one", "f12-other"), strict=True)]
    nobody = ("klass.py", "README.md", "test_f11_one.py")  # tested where they are
    assert changed == ([False] * 2 if name.endswith(nobody) else ["f12" not in name, "f11" not in name])


def test_files_that_are_added_moved_or_swapped_are_seen(tree):
    seen = {proved.digest("f11-one", tree)}
    (tree / "course/units/f11_one/world.py").write_text("world")
    seen.add(proved.digest("f11-one", tree))
    (tree / "course/units/f11_one/world.py").rename(tree / "course/units/f11_one/words.py")
    seen.add(proved.digest("f11-one", tree))
    (tree / "course/units/f11_one/words.py").unlink()
    (tree / "course/units/f11_one/__init__.py").write_text("")
    seen.add(proved.digest("f11-one", tree))
    assert len(seen) == 4


def test_all_that_a_unit_is_made_of_is_among_its_files():
    for name in units.names():
        module = name.replace("-", "_")
        found = {path.relative_to(ROOT).as_posix() for path in proved.files(name)}
        own = {path for path in found if module in path or name in path}
        assert f"course/units/{module}/__init__.py" in own and f"source/{name}/lesson.py" in own
        assert f"tests/rehearsals/{module}.py" in own and "course/learning/panels.py" in found
        assert not any(other.replace("-", "_") in path for other in units.names() for path in found if other != name)


def test_who_is_proved_in_full(monkeypatch, tmp_path):
    names = units.names()
    monkeypatch.delenv(proved.ALL, raising=False)
    monkeypatch.setattr(proved, "RECORD", tmp_path / "proved.json")
    assert proved.in_full(names) == names, "without a record all are"
    record = {name: proved.digest(name) for name in names}
    proved.RECORD.write_text(json.dumps(record))
    assert proved.in_full(names) == names[:2]
    proved.RECORD.write_text(json.dumps({**record, names[5]: "0" * 32}))
    assert proved.in_full(names) == (*names[:2], names[5])
    monkeypatch.setenv(proved.ALL, "1")
    assert proved.in_full(names) == names
