"""The key: open by default, private when made, never shown, never overwritten."""

from __future__ import annotations

import os
import stat

import pytest

from course import key


def test_open_without_a_file():
    assert key.current() == key.OPEN and key.current().open


def test_a_made_key_is_private_and_used(tmp_path):
    file = key.make("2027-spring")
    assert file == tmp_path / "no-key.json"
    now = key.current()
    assert not now.open and now.term == "2027-spring" and len(now.secret) == 32
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert now.secret.hex() not in repr(now) + str(now) + now.fingerprint()
    with pytest.raises(key.KeyProblem, match="already"):
        key.make("2028-spring")
    assert key.current() == now


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_a_key_that_others_can_read_is_refused():
    key.make("t").chmod(0o644)
    with pytest.raises(key.KeyProblem, match="chmod 600"):
        key.current()


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"secret": "zz", "term": "t"}', '{"secret": "ab", "term": "t"}'])
def test_a_damaged_key_is_refused_and_kept(tmp_path, text):
    file = tmp_path / "no-key.json"
    file.write_text(text)
    file.chmod(0o600)
    with pytest.raises(key.KeyProblem, match="backup"):
        key.current()
    assert file.read_text() == text


def test_streams_are_reproducible_and_independent():
    one = key.OPEN.rng("f01", "split").integers(0, 2**62, 4)
    assert (one == key.OPEN.rng("f01", "split").integers(0, 2**62, 4)).all()
    others = [key.OPEN.rng("f01", "warp"), key.OPEN.rng("f02", "split"), key.Key(b"x" * 32, "open").rng("f01", "split")]
    assert all((one != other.integers(0, 2**62, 4)).any() for other in others)


def test_a_unit_s_key_gives_its_streams_and_no_other_unit_s():
    course = key.Key(b"x" * 32, "spring")
    alone = course.for_unit("f01-a")
    assert alone.rng("f01-a", "p").integers(2**60) == course.rng("f01-a", "p").integers(2**60)
    assert alone.for_unit("f01-a") == alone and alone.secret != course.secret and not alone.open
    with pytest.raises(key.KeyProblem, match="f02-b has another"):
        alone.rng("f02-b", "p")


def test_a_unit_s_key_can_be_kept_in_a_file(tmp_path, monkeypatch):
    file = tmp_path / "unit.json"
    file.write_text(key.Key(b"x" * 32, "spring").for_unit("f01-a").to_json())
    file.chmod(0o600)
    monkeypatch.setenv("COURSE_KEY_FILE", str(file))
    assert key.current().unit == "f01-a" and key.current() == key.Key(b"x" * 32, "spring").for_unit("f01-a")
