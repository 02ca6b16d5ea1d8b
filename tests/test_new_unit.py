"""A new unit works as it is, in the checkout and in a package; nothing that is there is written over."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest
from conftest import ROOT

from course import guests, units
from course.grading.authoring import fresh

NAME = "q90-parcels"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of the course's own code and settings, without its units' notebooks."""
    copy = tmp_path_factory.mktemp("checkout")
    for part in ("course", "nbgrader_config.py", "pyproject.toml"):
        (shutil.copytree if (ROOT / part).is_dir() else shutil.copy)(ROOT / part, copy / part)
    (copy / "source").mkdir()
    (copy / "tests").mkdir()
    return copy


def run(at, *arguments, **environment):
    ran = subprocess.run(
        [sys.executable, "-m", "course", *arguments], cwd=at, capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": str(at), "COURSE_ROOT": str(at)} | environment,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.mark.slow
def test_it_is_released_and_rehearsed_without_touching_another_file(checkout):
    before = {path for path in checkout.rglob("*") if path.is_file()}
    assert "course release q90-parcels" in run(checkout, "new-unit", NAME)
    run(checkout, "release", NAME)
    made = {path.relative_to(checkout).parts for path in checkout.rglob("*") if path.is_file() and path not in before}
    kept = {parts[:3] for parts in made if not {"__pycache__", "build", "gradebook.db"} & {*parts}}
    assert kept == {
        ("course", "units", "q90_parcels"), ("source", NAME, "lesson.py"), ("source", NAME, f"{NAME}.ipynb"),
        ("release", NAME, f"{NAME}.ipynb"), ("tests", "rehearsals", "q90_parcels.py"),
    }  # fmt: skip
    shown = run(checkout, "rehearse", NAME, "--quick")
    assert shown.count("✓") == 3 and "✗" not in shown
    config = str(ROOT / "pyproject.toml")
    for check in (["check"], ["format", "--check"]):
        ran = subprocess.run([sys.executable, "-m", "ruff", *check, "--config", config, "."], cwd=checkout)
        assert ran.returncode == 0


@pytest.mark.slow
def test_a_package_brings_a_unit(checkout, tmp_path):
    name = "x90-parcels"
    fresh.begin_package("ours-parcels", tmp_path / "ours-parcels", name)
    site = tmp_path / "site"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    package = tmp_path / "ours-parcels"
    if subprocess.run([sys.executable, "-c", "import pip, setuptools"], capture_output=True).returncode == 0:
        subprocess.run([*command, "--target", site, package], check=True)
    else:  # an environment without pip: what an installation leaves, by hand
        shutil.copytree(package / "ours_parcels", site / "ours_parcels")
        info = site / "ours_parcels-0.1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: ours-parcels\nVersion: 0.1.0\n")
        (info / "entry_points.txt").write_text(f"[course.units]\n{name} = ours_parcels.units.x90_parcels\n")
    path = os.pathsep.join([str(checkout), str(site)])
    assert name in run(checkout, "units", PYTHONPATH=path)
    run(checkout, "release", name, PYTHONPATH=path)
    assert (checkout / "release" / name / f"{name}.ipynb").is_file()
    shown = run(checkout, "rehearse", name, "--quick", PYTHONPATH=path)
    assert shown.count("✓") == 3 and "✗" not in shown
    twice = tmp_path / "twice" / "theirs-1.dist-info"
    twice.mkdir(parents=True)
    (twice / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1\n")
    (twice / "entry_points.txt").write_text(f"[course.units]\n{name} = theirs.units.x90_parcels\n")
    ran = subprocess.run(
        [sys.executable, "-m", "course", "units"], cwd=checkout, capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([path, str(twice.parent)])},
    )  # fmt: skip
    assert ran.returncode == 2 and "both bring a unit called x90-parcels. Uninstall one" in ran.stderr


@pytest.mark.parametrize("name", ["q3-x", "replacements", "q03_replacements", "../q03-x", "x01-shop", "q02-other"])
def test_a_name_that_can_not_be_used_is_one_sentence(name, tmp_path):
    with pytest.raises(fresh.NewUnitProblem, match=r"no name for a unit|There is q02-card-fraud already"):
        fresh.begin(name, tmp_path)
    assert not list(tmp_path.iterdir())


def test_what_is_there_is_not_written_over(tmp_path):
    there = tmp_path / "tests" / "rehearsals" / "q90_parcels.py"
    there.parent.mkdir(parents=True)
    there.write_text("mine")
    with pytest.raises(fresh.NewUnitProblem, match=r"q90_parcels.py is there already; nothing was written"):
        fresh.begin(NAME, tmp_path)
    assert there.read_text() == "mine" and not (tmp_path / "source").exists()


def test_the_courses_own_names_are_none_of_a_guest():
    assert not set(units.own()) & set(guests.guests())
    with pytest.raises(fresh.NewUnitProblem, match="no name for a package"):
        fresh.begin_package("Ours", ROOT, "x90-parcels")
