"""The head of a feedback page: one table of the contract instead of ten lines *Test cell*."""

from __future__ import annotations

import re

import pytest

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
