"""Devcontainer and Binder install what everybody else does: they name the one lock file and a Python that fits."""

from __future__ import annotations

import json
import os
import re
import sys
import tomllib
from itertools import chain
from pathlib import Path

import pytest
from conftest import ROOT
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from course.learning import welcome

PYTHONS = SpecifierSet(
    tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["requires-python"]
)


def lines(name):
    text = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [line.partition("#")[0].strip() for line in text if line.partition("#")[0].strip()]


@pytest.mark.parametrize("name", ["requirements", "requirements-class", "requirements-site", "requirements-test"])
def test_a_lock_holds_all_that_is_required_and_all_locks_agree(name):
    locked = pins(name)
    wanted, files = [], [name]
    for file in files:
        files += [line.removeprefix("-r ").removesuffix(".txt") for line in lines(f"{file}.txt") if line[:2] == "-r"]
        wanted += [Requirement(line) for line in lines(f"{file}.txt") if line[:2] != "-r"]
    for one in wanted:
        assert all(one.specifier.contains(version) for version in locked[one.name.lower()]), one
    everything = pins("requirements-test")
    assert all(everything[package] == version for package, version in locked.items())


def pins(name):
    """Versions of each package of a lock; there may be several, for several Pythons."""
    found = {}
    for one in map(Requirement, lines(f"{name}.lock")):
        found.setdefault(one.name.lower(), set()).update(pin.version for pin in one.specifier)
    return found


def test_what_only_tests_or_a_cluster_need_is_not_in_everybodys_lock():
    assert not {"playwright", "pytest", "hypothesis", "ruff", "distributed", "psycopg"} & pins("requirements").keys()


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
    setup = (ROOT / "tools" / "setup.sh").read_text(encoding="utf-8")
    assert "lock=requirements${1:+-$1}.lock" in setup and setup.count('-r "$lock"') == 2
    assert "://" not in setup, "the registry is the one that pip or uv was told of"


def test_ci_installs_what_the_browser_tests_need():
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    wanted = ("bubblewrap", "chromium")
    container = (ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8")
    assert all(name in text for name, text in chain.from_iterable(((w, ci), (w, container)) for w in wanted))


def test_make_learn_opens_a_jupyterlab_without_news_and_without_the_instructors_panel():
    folder = ROOT / "tools" / "jupyter"
    (line,) = [one for one in (ROOT / "Makefile").read_text(encoding="utf-8").splitlines() if "jupyter lab" in one]
    assert "JUPYTER_CONFIG_PATH=$(CURDIR)/tools/jupyter" in line
    off = json.loads((folder / "labconfig" / "page_config.json").read_text(encoding="utf-8"))["disabledExtensions"]
    panel = "@jupyter/nbgrader:create-assignment"
    assert off[panel] is True
    parts = Path(sys.prefix, "share", "jupyter", "labextensions", "@jupyter", "nbgrader", "static").glob("*.js")
    assert any(f'"{panel}"' in part.read_text(encoding="utf-8") for part in parts), "nbgrader calls it otherwise now"
    settings = json.loads((folder / "labconfig" / "default_setting_overrides.json").read_text(encoding="utf-8"))
    assert settings["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"
    assert f"--LabApp.default_url=/lab/tree/{welcome.FILE} " in line  # shown, and not as source
    assert settings["@jupyterlab/docmanager-extension:plugin"]["defaultViewers"]["markdown"] == "Markdown Preview"
