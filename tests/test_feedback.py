"""The head of a feedback page: one table of the contract instead of ten lines *Test cell*."""

from __future__ import annotations

import re

import nbformat
import pytest
from lab import CHROMIUM_ARGS, chromium_path, require_browser
from nbconvert.exporters import HTMLExporter
from nbgrader.converters import GenerateFeedback

from course.contract.terms.report import Measurement, Report, settle
from course.grading.submissions import contents
from course.units import load

UNIT = load("f02")
LINES = {"memo": ("Written response", 20), "quality": ("Test cell", 30), "size": ("Test cell", 6)}
VALUES = {"quality": 0.6, "size": 9000}


def page(more=""):
    """What nbgrader writes."""
    entries = "".join(
        f'\n <li><a href="#{name}">{what}</a> (Score: {0.0 if name != "quality" else 30.0} / {worth:.1f})</li>'
        for name, (what, worth) in LINES.items()
    )
    return f'<html>\n<h4>x</h4><div id="toc">\n <ol>{entries}{more}\n </ol>\n </div><p id="quality">'


@pytest.fixture
def report():
    clauses = tuple(settle(UNIT.term(name), Measurement(value)) for name, value in VALUES.items())
    return Report(UNIT.name, "private", clauses)


def test_every_clause_has_its_row_and_leads_to_its_cell(report):
    made = contents.put(page(), report, {"memo": 20.0})
    assert made.startswith('<html lang="en">') and "Test cell" not in made and made.count("<tr") == 5
    rows = re.findall(r"<tr.*?</tr>", made, re.DOTALL)
    texts = [re.sub(r"<[^>]+>", " ", row) for row in rows]
    assert "waits (20)" in texts[1] and "Design memo" in texts[1]
    assert "✓ kept" in texts[2] and "30 of 30" in texts[2] and 'href="#quality"' in rows[2]
    assert "✗ broken" in texts[3] and report["size"].shown in texts[3] and report["size"].asked in texts[3]
    assert "30 of 36 so far; 20 wait for a person" in texts[4]


def test_comments_and_a_penalty_stay(report):
    comment = '\n <li><a href="#comment-memo">Comment</a></li>'
    late = '\n <li class="late-penalty">Late submission penalty (Score: -5.0)</li>'
    made = contents.put(page(comment + late), report, {})
    assert "#comment-memo" in made and "penalty (Score: -5.0)" in made and "30 of 56" in made


def test_without_a_report_points_are_shown_and_another_page_stays_as_it_is():
    made = contents.put(page(), None, {})
    assert "30 of 30" in made and "✓" not in made
    assert contents.put("<html><p>other</p></html>", None, {}) == "<html><p>other</p></html>"


def test_a_real_page_needs_no_network_and_fits_a_narrow_window(tmp_path):
    require_browser()
    from playwright.sync_api import sync_playwright

    file = tmp_path / "page.html"
    file.write_text(contents.put(exported(), None, {}), encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_ARGS)
        opened, asked = browser.new_page(viewport={"width": 700, "height": 900}), []
        opened.on("request", lambda request: asked.append(request.url))
        opened.goto(file.as_uri())
        wide = opened.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        text = opened.inner_text("body")
        browser.close()
    assert wide == [700, 700] and asked == [file.as_uri()]
    assert "unit.grade" in text and "HIDDEN TESTS" not in text


def exported():
    """What nbgrader's template makes of a long line, a wide picture and a cell of hidden tests."""
    made = nbformat.v4.new_notebook()
    wide = '<img width="1500" height="20" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">'
    picture = nbformat.v4.new_output("display_data", {"text/html": wide})
    hidden = "### BEGIN HIDDEN TESTS\nunit.grade('pen')\n### END HIDDEN TESTS"
    made.cells = [
        nbformat.v4.new_code_cell("x = 1  # " + "long " * 100, outputs=[picture]),
        nbformat.v4.new_code_cell(hidden),
    ]
    known = GenerateFeedback().config
    score = {"score": 0, "max_score": 0, "late_penalty": 0}
    resources = {"nbgrader": {"notebook": "page", "student": "me", "assignment": "f01"} | score}
    return HTMLExporter(config=known).from_notebook_node(made, resources=resources)[0]
