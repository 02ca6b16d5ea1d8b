"""What a learner sees: JupyterLab in a real browser, untouched and solved, Validate pressed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from conftest import ROOT
from lab import Lab, require_browser

from course import units
from course.grading.lessons import Lesson

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module", params=units.names())
def lesson(request):
    return Lesson(units.load(request.param), ROOT)


@pytest.fixture(scope="module")
def lab(tmp_path_factory, lesson):
    """JupyterLab on a fresh copy of one released unit, as `make learn` starts it (nbgrader's settings are read)."""
    require_browser()
    from course import cache, key

    lesson.unit.prepare(lesson.unit.public_data(key.OPEN), print)
    folder = tmp_path_factory.mktemp("learner")
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    (folder / "source").mkdir()
    shutil.copytree(ROOT / "release" / lesson.unit.name, folder / lesson.unit.name)
    os.environ["COURSE_CACHE"] = str(cache.shared())
    try:
        with Lab(folder, timeout=300) as opened:
            yield opened
    finally:
        del os.environ["COURSE_CACHE"]


@pytest.fixture
def shots(tmp_path):
    """Where screenshots go: $COURSE_SCREENSHOTS to look at them, else thrown away."""
    folder = Path(os.environ.get("COURSE_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def test_untouched_is_friendly_and_solved_is_kept(lab, lesson, shots):
    name = lesson.unit.name
    with lab.open(f"{name}/{name}.ipynb") as notebook:
        notebook.run_all()
        assert "not attempted" in notebook.text("quality")
        assert "Error" not in notebook.text() and "Traceback" not in notebook.text()
        notebook.screenshots(shots, f"{name}-untouched")
        said = notebook.validate(shots / f"{name}-untouched-validate.png")
        assert "not attempted" in said and "Traceback" not in said

        for cell, source in lesson.solutions().items():
            notebook.set_source(cell, source)
        notebook.run_all()
        for term in lesson.unit.terms:
            if term.worth and not term.hidden:
                assert "kept" in notebook.text(term.name), notebook.text(term.name)
        assert notebook.page.locator('img[alt^="Quality against bytes"]').count() >= 1
        notebook.screenshots(shots, f"{name}-solved")
        notebook.screenshots(shots, f"{name}-solved", "dark")
        assert "Success! Your notebook passes all the tests" in notebook.validate(shots / f"{name}-validate.png")
