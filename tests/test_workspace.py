"""A learner's own folder: started from the release, never overwritten, found again."""

from __future__ import annotations

import dataclasses
import shutil

import pytest
from conftest import ROOT
from rich.console import Console

from course import units
from course.grading.classes import practice
from course.learning import overview, welcome, workspace
from course.problem import Problem

UNIT = units.load("f01")
NOTEBOOK = f"{UNIT.name}.ipynb"


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout with one released unit, entered."""
    root = tmp_path / "course"
    (root / "source").mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    shutil.copytree(ROOT / "release" / UNIT.name, root / "release" / UNIT.name)
    monkeypatch.chdir(root)
    monkeypatch.delenv("COURSE_ROOT", raising=False)
    return root


def test_start_copies_what_was_released_and_nothing_that_somebody_made_there(checkout):
    released = checkout / "release" / UNIT.name
    (released / "model.onnx").write_bytes(b"made in release")
    (released / "public.npz").write_bytes(b"a class's data")
    (released / NOTEBOOK).chmod(0o444)
    folder, backup = workspace.start(UNIT)
    assert folder == checkout / "my-work" / UNIT.name and backup is None
    assert sorted(path.name for path in folder.iterdir()) == [NOTEBOOK, "public.npz"]
    assert (folder / NOTEBOOK).read_bytes() == (released / NOTEBOOK).read_bytes()
    assert (folder / NOTEBOOK).stat().st_mode & 0o200 and folder.stat().st_mode & 0o500 == 0o500


def test_start_never_overwrites_and_force_keeps_each_former_folder(checkout):
    folder, _ = workspace.start(UNIT)
    (folder / NOTEBOOK).write_text("a week's work")
    with pytest.raises(Problem, match=r"my-work/f01-shrink-ensemble is there already .*`course start .* --force"):
        workspace.start(UNIT)
    assert (folder / NOTEBOOK).read_text() == "a week's work"
    for number in (1, 2):
        (folder / "model.onnx").write_text(f"attempt {number}")
        _, backup = workspace.start(UNIT, force=True)
        assert backup == folder.with_name(f"{UNIT.name}.backup-{number}")
        assert (backup / "model.onnx").read_text() == f"attempt {number}" and not (folder / "model.onnx").exists()
    assert (folder.with_name(f"{UNIT.name}.backup-1") / NOTEBOOK).read_text() == "a week's work"
    assert sorted(path.name for path in folder.parent.iterdir() if path.name.startswith(".")) == []


def test_start_elsewhere_and_into_an_empty_folder(checkout, tmp_path):
    (tmp_path / "empty").mkdir()
    assert workspace.start(UNIT, tmp_path / "empty")[0] == tmp_path / "empty"
    assert (tmp_path / "empty" / NOTEBOOK).is_file()
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(Problem, match="is there already"):
        workspace.start(UNIT, tmp_path / "file")
    with pytest.raises(Problem, match=r"can't be written .* Choose another folder with --dir"):
        workspace.start(UNIT, tmp_path / "file" / "below")
    assert (tmp_path / "file").read_text() == "no folder"


def test_start_of_all_skips_what_is_there(checkout):
    assert workspace.start_missing([UNIT]) == [checkout / "my-work" / UNIT.name]
    (checkout / "my-work" / UNIT.name / NOTEBOOK).write_text("mine")
    assert workspace.start_missing([UNIT]) == []
    assert (checkout / "my-work" / UNIT.name / NOTEBOOK).read_text() == "mine"


def test_the_page_to_begin_with_leads_to_what_is_there_and_to_what_comes_next(checkout):
    folder, _ = workspace.start(UNIT)
    other = units.load("q02")
    page = welcome.write(folder.parent, overview.course([UNIT, other]))
    text = page.read_text(encoding="utf-8")
    assert page == checkout / "my-work" / "START-HERE.md"
    assert f"**Begin with** [f01 {UNIT.title}]({UNIT.name}/{NOTEBOOK}): {UNIT.brief}" in text
    assert f"| q02 {other.title} | {other.brief} | {other.about.total} | ○&nbsp;not&nbsp;attempted |" in text
    started, (_, rest) = overview.course([UNIT, other])
    kept = dataclasses.replace(started[1], state="kept")
    text = welcome.write(folder.parent, [(UNIT, kept), (other, rest)]).read_text(encoding="utf-8")
    assert f"**Go on with** q02 {other.title}" in text and "✓&nbsp;kept |" in text
    text = welcome.write(folder.parent, [(UNIT, kept)]).read_text(encoding="utf-8")
    assert "**All is kept.**" in text and "course grade f01 --mine" in text


def test_a_unit_that_is_not_released(checkout):
    shutil.rmtree(checkout / "release")
    with pytest.raises(Problem, match="There is no released unit here"):
        workspace.start(UNIT)
    with pytest.raises(Problem, match="Begin with: course start f01"):
        workspace.find(UNIT)


def test_the_folder_is_found_where_work_most_likely_lies(checkout, tmp_path, monkeypatch):
    assert workspace.find(UNIT) == checkout / "release" / UNIT.name
    mine, _ = workspace.start(UNIT)
    assert workspace.find(UNIT) == mine
    here = checkout / UNIT.name
    here.mkdir()
    assert workspace.find(UNIT) == here
    monkeypatch.chdir(here)
    assert workspace.find(UNIT) == here
    other = tmp_path / "other"
    other.mkdir()
    (other / "model.onnx").touch()
    monkeypatch.chdir(other)
    assert workspace.find(UNIT) == other
    monkeypatch.setattr(units, "names", lambda: (UNIT.name, other.name))  # the model of another unit
    mine_here = ROOT / "my-work" / UNIT.name  # whoever runs the tests may learn here
    assert workspace.find(UNIT) == (mine_here if mine_here.is_dir() else ROOT / "release" / UNIT.name)
    monkeypatch.setenv("COURSE_ROOT", str(checkout))
    assert workspace.find(UNIT) == mine
    assert workspace.find(UNIT, mine) == mine and workspace.find(UNIT, mine / NOTEBOOK) == mine
    for missing in (tmp_path / "nowhere", mine / "other.ipynb"):
        with pytest.raises(Problem, match="Say where your files are: course check f01-shrink-ensemble --dir FOLDER"):
            workspace.find(UNIT, missing)


def test_make_learn_opens_the_learners_folder_and_git_leaves_it_alone():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe = makefile.partition("\nlearn:")[2].partition("\n\n")[0]
    assert "course start && " in recipe and f"jupyter lab --ServerApp.root_dir={workspace.FOLDER} " in recipe
    assert f"{workspace.FOLDER}/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_handing_in_ones_own_work_takes_the_files_of_the_unit_alone(tmp_path, monkeypatch):
    mine, target = tmp_path / "my-work" / UNIT.name, tmp_path / "submitted" / "me" / UNIT.name
    for folder, names in ((mine, (f"{UNIT.name}.ipynb", "model.onnx", "small.onnx")), (target, ("baseline.onnx",))):
        folder.mkdir(parents=True)
        for name in names:
            (folder / name).write_text(name)
    monkeypatch.chdir(mine)
    practice.hand_in_mine(UNIT, tmp_path, Console(quiet=True))
    assert sorted(path.name for path in target.iterdir()) == [
        f"{UNIT.name}.ipynb",
        "model.onnx",
        "timestamp.txt",
    ]
    monkeypatch.chdir(target)
    with pytest.raises(Problem, match="start this elsewhere"):
        practice.hand_in_mine(UNIT, tmp_path, Console(quiet=True))
    assert (target / "model.onnx").is_file()
