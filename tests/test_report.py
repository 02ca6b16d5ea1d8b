"""Terms, clauses and Reports: credit, verdicts, rounding, the round trip, and how they are shown."""

from __future__ import annotations

import dataclasses
import io
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from course.contract.show import SIGNS, THEMES
from course.contract.show.page import page
from course.contract.show.picture import _label, picture
from course.contract.show.terminal import show
from course.contract.terms.report import Landmark, Measurement, Report, Term, settle
from course.learning.panels import Panel

QUALITY = Term("quality", "Accuracy", "%", 0.94, "higher", 30, "Look again.", floor=0.84, band=0.005, scale=100)
SIZE = Term("size", "Bytes", "kB", 143_000, "lower", 6, "Fewer weights.", scale=1e-3)
LATENCY = Term("latency", "Cost", "x", 0.6, "lower", 8, "Fewer operators.")


def report(quality=0.95, size=100_000.0, cost=0.3, holdout="public", to_come=3) -> Report:
    found = ((QUALITY, quality), (SIZE, size), (LATENCY, cost))
    clauses = tuple(settle(term, Measurement(value)) for term, value in found)
    return Report("f00-test", holdout, clauses, (Landmark("winner", 0.96, 1e8, 300.0),), to_come)


def in_terminal(found, width=80):
    out = io.StringIO()
    show(found, Console(file=out, width=width))
    return out.getvalue()


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_credit_is_always_between_nothing_and_worth(value):
    for term in (QUALITY, SIZE):
        assert 0 <= term.credit(value) <= term.worth


def test_credit_falls_linearly_from_target_to_floor():
    assert [QUALITY.credit(value) for value in (0.95, 0.94, 0.89, 0.84, 0.5)] == [30, 30, 15, 0, 0]
    assert [SIZE.credit(value) for value in (143_000, 143_001)] == [6, 0]


def test_a_verdict_of_the_measurement_outranks_the_comparison():
    assert settle(LATENCY, Measurement(0.61, verdict="too close to call")).points == 8
    assert settle(LATENCY, Measurement(0.59, verdict="broken")).points == 0


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_broken_and_can_be_written(value):
    clause = settle(QUALITY, Measurement(value))
    assert clause.verdict == "broken" and clause.points == 0
    Report("u", "public", (clause,)).to_json()


def test_private_values_are_published_in_bands():
    clause = settle(QUALITY, Measurement(0.93274), rounded=True)
    assert clause.value == 0.93 and clause.shown == "about 93.0 %" and clause.points == 27
    just_under = settle(QUALITY, Measurement(0.9399), rounded=True)
    assert just_under.verdict == "broken" and just_under.value == 0.935
    assert settle(QUALITY, Measurement(0.93274)).value == 0.93274


def test_bands_of_what_should_be_low_end_at_the_worse_end_too():
    loss = Term("loss", "Money lost", "%", 0.75, "lower", 30, "Look again.", floor=1.0, band=0.01, scale=100)
    just_over = settle(loss, Measurement(0.7504), rounded=True)
    assert just_over.value == 0.76 and just_over.verdict == "broken" and just_over.points == 28.8
    assert settle(loss, Measurement(0.7461), rounded=True).value == 0.75
    assert settle(loss, Measurement(0.613), rounded=True).shown == "about 62.0 %"


def test_round_trip():
    before = report()
    assert Report.from_json(before.to_json()) == before
    with pytest.raises(ValueError, match="no report"):
        Report.from_json('{"unit": 3}')


def test_summary_says_what_is_still_to_come():
    for shown in (page(report()), in_terminal(report())):
        assert "✓ All 3 public checks kept; 3 hidden checks run at grading." in shown
    assert "✗ Not yet: 2 of 3 public checks kept." in page(report(cost=0.7))
    assert "2 of 3 clauses kept on the private hold-out, 36 of 44 points." in page(report(cost=0.7, holdout="private"))


def test_nothing_is_broken_for_good_before_grading():
    assert "✗ not yet" in page(report(cost=0.7)) and "broken" not in page(report(cost=0.7)).replace("-broken", "")
    assert "✗ broken" in page(report(cost=0.7, holdout="private"))
    close = Report("u", "public", (settle(LATENCY, Measurement(0.61, verdict="too close to call")),))
    assert "≈ kept (too close to call)" in page(close) and "✓ 1 public check kept." in in_terminal(close)


def luminance(colour):
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    """The contrast ratio of WCAG 2."""
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_computed_as_wcag_says():
    assert contrast("#000000", "#ffffff") == pytest.approx(21) and contrast("#777777", "#ffffff") < 4.5 < 4.6


@pytest.mark.parametrize("theme", THEMES)
def test_colours_have_the_contrast_of_aa(theme):
    colours = THEMES[theme]
    assert colours.keys() == THEMES["light"].keys()
    for name in ("ink", "faint", *SIGNS):
        assert contrast(colours[name], colours["paper"]) >= 4.5, name
    for name in ("ink", *SIGNS):  # bars, and the mark of the budget on them
        assert contrast(colours[name], colours["track"]) >= 3, name


def test_pages_use_no_other_colour():
    found = set(re.findall(r"#[0-9a-f]{3,6}\b", page(report(cost=0.7), picture=b"png", alt="a")))
    assert found - {"#fff"} <= set(THEMES["light"].values()) | set(THEMES["dark"].values())


def test_page_is_inert_and_accessible():
    hostile = settle(QUALITY, Measurement(0.5, note="<script>alert(1)</script>"))
    text = page(Report("u", "public", (hostile,)))
    assert "<script" not in text and "&lt;script" in text
    whole = page(report(), picture=b"png", alt='a "picture"')
    for sign in ('scope="col"', 'scope="row"', "<caption", 'alt="a &quot;picture&quot;"'):
        assert sign in whole


def test_not_attempted_is_friendly():
    blank = Report("u", "public", tuple(settle(t, Measurement(None, "Build it.")) for t in (QUALITY, SIZE)))
    text = page(blank)
    assert "Not attempted yet" in text and text.count("Build it.") == 1 and "✗" not in text


def test_distance_says_by_how_much():
    assert report(size=286_000.0)["size"].distance == "2.0 times the budget"
    assert report(size=71_500.0)["size"].distance == "50% of the budget"
    assert report(quality=0.89)["quality"].distance == "50% of the way to the target"


def test_what_a_kernel_shows_as_text_has_no_escape_codes(monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")  # ipykernel sets it
    assert "\x1b" not in repr(Panel(report()))


def test_terminal_has_no_escape_codes_in_a_pipe():
    text = in_terminal(report(quality=0.9))
    assert "\x1b" not in text and "✗ not yet" in text and "quality: Look again." in text
    assert max(map(len, text.splitlines())) <= 80


def test_picture_comes_with_words():
    png, alt = picture(report())
    assert png.startswith(b"\x89PNG") and "winner: 96.0 %, 100,000.0 kB, 300.0 x" in alt and "you: 95.0 %" in alt
    assert alt.startswith("Quality against bytes and against the cost of one row. Budget: Accuracy at least 94.0 %")
    assert picture(Report("u", "public", ())) is None


def test_picture_of_a_unit_without_bytes_or_latency_takes_what_it_has():
    state = Term("state", "Bytes of its state", "kB", 1000, "lower", 20, "Keep less.", scale=1e-3)
    clauses = (settle(QUALITY, Measurement(0.95)), settle(state, Measurement(500.0)))
    png, alt = picture(Report("u", "public", clauses), trail=[{"quality": 0.9, "state": 2000.0}, {"quality": 0.5}])
    assert png.startswith(b"\x89PNG") and alt == (
        "Quality against the bytes of its state. Budget: Accuracy at least 94.0 %, Bytes of its state at most 1.0 kB. "
        "you: 95.0 %, 0.5 kB. Earlier attempts drawn as a line: 1."
    )


def test_picture_of_a_unit_without_costs_shows_shares_of_budgets():
    png, alt = picture(Report("u", "public", (settle(QUALITY, Measurement(0.89)),)))
    assert png.startswith(b"\x89PNG")
    assert alt == "Each measurement as a share of its budget. Accuracy: 89.0 %, 50% of the way to the target."
    assert picture(Report("u", "public", (settle(QUALITY, Measurement(None)),))) is None


def test_where_nothing_is_allowed_nothing_is_as_asked_for():
    term = Term("again", "Rows changed", "rows", 0, "lower", 4, "Clean once.")
    assert settle(term, Measurement(0.0)).distance == "as asked for"
    shown = page(Report("f00", "public", (settle(term, Measurement(0.0)),)))
    assert "as asked for" in shown and "not measured" not in shown
    assert settle(term, Measurement(3.0)).distance == "over the budget"
    assert settle(term, Measurement(None)).distance == "not measured"


def test_long_titles_are_drawn_in_lines():
    long = dataclasses.replace(LATENCY, name="throughput", title="Cost of an event, worse of writing and reading")
    clauses = (settle(QUALITY, Measurement(0.95)), settle(long, Measurement(0.3)))
    label = _label(clauses[1])
    assert label.replace("\n", " ").startswith(long.title) and max(map(len, label.splitlines())) <= 36
    png, _ = picture(Report("u", "public", clauses))
    assert png.startswith(b"\x89PNG")
