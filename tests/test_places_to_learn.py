"""Devcontainer and Binder install what everybody else does: they name the one lock file and a Python that fits."""

from __future__ import annotations

import json
import os
import re
import tomllib
from itertools import chain

from conftest import ROOT
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

PYTHONS = SpecifierSet(
    tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["requires-python"]
)


def lines(name):
    text = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [line.partition("#")[0].strip() for line in text if line.partition("#")[0].strip()]


def test_the_lock_holds_all_that_is_required():
    locked = {Requirement(line).name.lower(): Requirement(line) for line in lines("requirements.lock")}
    for wanted in map(Requirement, lines("requirements.txt")):
        (pin,) = locked[wanted.name.lower()].specifier
        assert wanted.specifier.contains(pin.version), wanted


def test_binder_installs_the_lock_and_the_course():
    assert lines("binder/requirements.txt") == ["-r ../requirements.lock", "-e ."]
    (runtime,) = lines("binder/runtime.txt")
    assert PYTHONS.contains(runtime.removeprefix("python-"))
    assert os.access(ROOT / "binder" / "postBuild", os.X_OK) and lines("binder/postBuild")[-1] == "course start"


def test_the_devcontainer_is_set_up_by_make():
    made = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    assert PYTHONS.contains(re.fullmatch(r"python:(3\.\d+)-\w+", made["image"])[1])
    steps = [step.strip() for step in made["postCreateCommand"].split("&&")]
    assert steps[-2:] == ["make setup", ".venv/bin/course start"]
    assert made["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"].endswith("/.venv/bin/python")
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^\$\(STAMP\): requirements.lock", recipe, re.MULTILINE)
    assert "-r requirements.lock" in (ROOT / "tools" / "setup.sh").read_text(encoding="utf-8")


def test_ci_installs_what_the_browser_tests_need():
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    wanted = ("bubblewrap", "chromium")
    container = (ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8")
    assert all(name in text for name, text in chain.from_iterable(((w, ci), (w, container)) for w in wanted))
