"""What a learner sees: JupyterLab in a real browser, untouched and solved, light and dark, Validate pressed.

Units that are proved in full are opened (see proved.py), and always the first two, which ship a model and a module.
Those are looked at closely: both themes, zoom, and Validate, which runs once more what was run already. Where
$COURSE_SCREENSHOTS names a folder all of those are, and screenshots lie there.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import proved
import pytest
from conftest import ROOT
from lab import Lab, require_browser

from course import units
from course.grading.authoring.lessons import Lesson

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(params=sorted({*units.names()[:2], *proved.in_full(units.names())}))
def lesson(request):
    return Lesson(units.load(request.param), ROOT)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab on fresh copies of the released units, as `make learn` starts it (nbgrader's settings are read)."""
    require_browser()
    from course import cache

    folder = tmp_path_factory.mktemp("learner")
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    (folder / "source").mkdir()
    for name in units.names():
        shutil.copytree(ROOT / "release" / name, folder / name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_CACHE", str(cache.shared()))
        with Lab(folder, timeout=300) as opened:
            yield opened


@pytest.fixture
def shots(tmp_path, lesson):
    """Where screenshots go; without $COURSE_SCREENSHOTS those of one unit are made, and thrown away."""
    folder = os.environ.get("COURSE_SCREENSHOTS", tmp_path if lesson.unit.name == units.names()[0] else "")
    if not folder:
        return None
    Path(folder).mkdir(parents=True, exist_ok=True)
    return Path(folder)


def graded(unit):
    return [term.name for term in unit.terms if term.worth and not term.hidden]


def test_untouched_is_friendly_and_solved_is_kept(lab, lesson, shots):
    unit, name = lesson.unit, lesson.unit.name
    with lab.open(f"{name}/{name}.ipynb") as notebook:
        notebook.run_all()
        for clause in graded(unit):
            assert "○ not attempted" in notebook.text(clause), clause
        assert not re.search(r"\w(Error|Exception): |Traceback", notebook.text())
        notebook.screenshots(shots, f"{name}-untouched")
        closely = "COURSE_SCREENSHOTS" in os.environ or name in units.names()[:2]
        if closely:
            said = notebook.validate(shots and shots / f"{name}-untouched-validate.png")
            assert "not attempted" in said and "Traceback" not in said

        for cell, source in lesson.solutions().items():
            notebook.set_source(cell, source)
        notebook.run_all()
        for clause in graded(unit):
            assert "kept" in notebook.text(clause), notebook.text(clause)
        assert "public checks kept" in notebook.text()
        pictures = notebook.page.locator(".course-report img")
        assert pictures.count() >= 1
        assert all(pictures.nth(i).get_attribute("alt") for i in range(pictures.count()))
        if closely:
            for theme in ("dark", "light"):
                notebook.theme(theme)
                notebook.screenshots(shots, f"{name}-solved-{theme}")
                assert notebook.contrast(".course-report") >= 4.5
            assert notebook.overflow(".course-report", zoom=2) == 0
            said = notebook.validate(shots and shots / f"{name}-validate.png")
            assert "Success! Your notebook passes all the tests" in said
