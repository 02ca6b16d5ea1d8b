"""Putting submissions in order: nothing is lost, nobody's file is moved because of somebody else."""

from __future__ import annotations

import os

import pytest

from course.grading.submissions import ingest

UNIT = "f01-shrink-ensemble"


@pytest.fixture
def hand_in(tmp_path):
    """Make a submission of a few files; each folder is made before its files, as a copy or an archive makes it."""

    def make(student, **files):
        folder = tmp_path / "course" / "submitted" / student / UNIT
        folder.mkdir(parents=True)
        for name, text in files.items():
            (folder / name.replace("_", ".")).write_text(text)
        return folder

    return make


def aside(folder):
    return folder.parents[2] / "quarantine" / folder.parent.name / UNIT


@pytest.fixture
def ageless(monkeypatch):
    """A file system that does not keep times of birth."""
    monkeypatch.setattr(ingest, "_born", lambda path: None)


def needs_ages(folder):
    if ingest._born(folder) is None:
        pytest.skip("this file system does not keep times of birth")


def test_an_ordinary_submission_is_left_as_it_is(hand_in):
    folder = hand_in("ada", model_onnx="model", notes_txt="notes")
    before = {path: path.stat() for path in folder.iterdir()}
    ingest.clean(folder)
    assert {path: path.stat() for path in folder.iterdir()} == before and not aside(folder).exists()


@pytest.mark.parametrize("first", ["ada", "mallory"])
def test_a_linked_file_stays_where_it_was_made(hand_in, first):
    ada = hand_in("ada", model_onnx="ada's model")
    needs_ages(ada)
    mallory = hand_in("mallory", notes_txt="notes")
    (mallory / "model.onnx").hardlink_to(ada / "model.onnx")
    for folder in sorted((ada, mallory), key=lambda folder: folder.parent.name != first):
        ingest.clean(folder)
    assert (ada / "model.onnx").read_text() == "ada's model" and not aside(ada).exists()
    assert not (mallory / "model.onnx").exists() and (aside(mallory) / "model.onnx").read_text() == "ada's model"
    assert "a link" in (mallory / "model.onnx.refused").read_text()
    (aside(mallory) / "model.onnx").write_text("changed")  # it is a file of its own by now
    assert (ada / "model.onnx").read_text() == "ada's model"


@pytest.mark.parametrize("first", ["ada", "mallory"])
def test_where_ages_do_not_tell_nobody_loses_a_file(hand_in, ageless, first):
    ada, mallory = hand_in("ada", model_onnx="one model"), hand_in("mallory")
    (mallory / "model.onnx").hardlink_to(ada / "model.onnx")
    for folder in sorted((ada, mallory), key=lambda folder: folder.parent.name != first):
        ingest.clean(folder)
    assert (ada / "model.onnx").read_text() == (mallory / "model.onnx").read_text() == "one model"
    (mallory / "model.onnx").write_text("changed")
    assert (ada / "model.onnx").read_text() == "one model"


def test_a_backup_by_hard_links_costs_nobody_a_file(hand_in, tmp_path):
    ada = hand_in("ada", model_onnx="ada's model")
    needs_ages(ada)
    os.link(ada / "model.onnx", tmp_path / "backup.onnx")
    ingest.clean(ada)
    assert (ada / "model.onnx").read_text() == "ada's model" and not aside(ada).exists()


def test_a_name_of_a_file_from_elsewhere_goes(hand_in, tmp_path, ageless):
    (tmp_path / "secret.txt").write_text("secret")
    mallory = hand_in("mallory")
    os.link(tmp_path / "secret.txt", mallory / "mine.txt")
    ingest.clean(mallory)
    assert not (mallory / "mine.txt").exists() and (tmp_path / "secret.txt").read_text() == "secret"


def test_what_is_set_aside_twice_is_there_twice(hand_in):
    folder = hand_in("ada")
    for target in ("first", "second"):
        (folder / "model.onnx").symlink_to(target)
        ingest.clean(folder)
    assert [os.readlink(aside(folder) / name) for name in ("model.onnx", "model.onnx.1")] == ["first", "second"]


def test_too_many_files_are_set_aside_and_the_expected_ones_stay(hand_in):
    folder = hand_in("ada", zzz_txt="z")
    for number in range(ingest.MOST_FILES + 20):
        (folder / f"a{number}").touch()
    for name in ("model.onnx", "estimates.json"):
        (folder / name).write_text(name)
    ingest.clean(folder)
    assert len(list(folder.iterdir())) == ingest.MOST_FILES and (folder / "model.onnx").is_file()
    assert len(list(aside(folder).iterdir())) == 23


def test_a_submission_that_is_a_link_is_an_empty_one(hand_in):
    ada = hand_in("ada", model_onnx="ada's model")
    mallory = ada.parents[1] / "mallory" / UNIT
    mallory.parent.mkdir()
    mallory.symlink_to(ada)
    ingest.clean(mallory)
    assert mallory.is_dir() and not mallory.is_symlink() and not list(mallory.iterdir())
    assert (ada / "model.onnx").read_text() == "ada's model"


@pytest.mark.parametrize("text", ["2027-02-30 25:00", "soon", "1" * 5000])
def test_a_time_stamp_that_cannot_be_read_is_left_out(hand_in, text):
    folder = hand_in("ada", timestamp_txt=text, model_onnx="model")
    ingest.clean(folder)
    assert not (folder / "timestamp.txt").exists() and (aside(folder) / "timestamp.txt").read_text() == text
    good = hand_in("bea", timestamp_txt="2027-02-28 12:00:00 UTC\n")
    ingest.clean(good)
    assert (good / "timestamp.txt").is_file()
