"""The probes: nothing comes through; and where the guard is off, something does."""

from __future__ import annotations

import contextlib
import json
import logging
from collections import Counter

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from lab import Lab, require_browser

from course import sandbox
from course.contract.processes import plain
from course.grading import probes
from course.grading.probes import command
from course.grading.probes.bench import Bench
from course.grading.probes.judge import outcomes
from course.grading.probes.off import off
from course.grading.probes.place import UNIT
from course.grading.submissions import parcel

ALL = probes.corpus(ROOT)
isolated = pytest.mark.skipif(bool(sandbox.problem()), reason=sandbox.problem() or "isolated")


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    logging.getLogger("course").addHandler(logging.NullHandler())
    return Bench(ROOT, tmp_path_factory.mktemp("probes") / "bench")


@pytest.fixture(scope="module")
def seen(bench):
    """What came through, by probe. All run before the guard is switched off for the first time."""
    return outcomes(bench, ALL)


def test_every_channel_has_probes_and_their_names_are_their_own():
    count = Counter(probe.channel for probe in ALL)
    assert list(count) == list(probes.CHANNELS) and min(count.values()) >= 5
    assert max(Counter(probe.title for probe in ALL).values()) == 1
    assert {probe.channel for probe in ALL if probe.shows} == set(probes.CHANNELS)


@isolated
@pytest.mark.slow
@pytest.mark.parametrize("probe", ALL, ids=lambda probe: probe.title)
def test_nothing_comes_through(seen, probe):
    assert seen[probe.title] == probes.HELD


@isolated
@pytest.mark.slow
@pytest.mark.parametrize("channel", probes.CHANNELS)
def test_a_probe_fails_where_the_guard_of_its_channel_is_off(bench, seen, channel):
    some = [probe for probe in ALL if probe.channel == channel and probe.shows]
    with off(channel):
        through = outcomes(bench, some)
    assert all(through.values()), "each of these is said to show that probes can fail"


@isolated
@pytest.mark.slow
@pytest.mark.browser
def test_nothing_of_a_submission_is_live_in_the_formgrader(bench, seen):
    from nbgrader.api import Gradebook

    require_browser()
    with Gradebook(f"sqlite:///{bench.place.root / 'gradebook.db'}") as book:
        found = {one.student.id: one.notebooks[0].id for one in book.assignment_submissions(UNIT)}
    opened = [name for name in found if name.startswith("mallory")]
    assert len(opened) >= 3
    with Lab(bench.place.root, timeout=120) as lab:
        page = lab.context.new_page()
        for name in opened:
            address = f"{lab.url}/formgrader/submissions/{found[name]}/?token={lab.token}"
            answer = page.goto(address, wait_until="load")
            assert answer.status == 200 and "Manual Grading" in page.locator("body").inner_text(), name
            live = page.evaluate("Array.from(document.querySelectorAll('*'), one => one.localName)")
            assert len(live) > 50 and not [element for element in live if element.startswith("x-")], name


def test_the_record_is_of_these_probes_and_nothing_came_through():
    file = ROOT / "course" / "benchmarks" / "probes.json"
    if not file.is_file():
        pytest.skip("there is no record yet")
    recorded = json.loads(file.read_text(encoding="utf-8"))
    assert recorded == command.record(ALL, {probe.title: probes.HELD for probe in ALL}), (
        "run: course probes --json > course/benchmarks/probes.json"
    )


def test_the_table_says_what_came_through():
    found = command.record(ALL[:2], {ALL[0].title: "", ALL[1].title: "it was read"})
    assert f"{ALL[1].name}: it was read |" in command.markdown(found)
    assert command.markdown({"gate": {"a": ""}}).endswith("| 1: a | nothing |")


@pytest.mark.parametrize(
    "tree",
    [
        *({"array": [kind, [1], 0]} for kind in ("O", "|O", "V8", "f8,f8", "(3,)f8", "{}", "(1,", "O8,i4", "S5", "x")),
        {"dict": 3}, {"dict": [[[], 1]]}, {"tuple": None}, {"bytes": "0"}, {"bytes": -2}, {"bytes": 7},
        {"table": []}, {"table": [[[1, 2]], 3, 4]}, {"table": [[], [None, "x", None]]}, {"index": {"array": []}},
        {"series": {}}, {"series": [None, {"texts": [1]}, [None, 1, None]]}, {"texts": [1]},
        {"array": ["<f8", [2], 0]}, {"array": ["<f8", [-1], 0]}, {"array": ["<f8", ["1"], 0]}, {}, {"a": 1, "b": 2},
        {"eval": "1"}, [{"bytes": 0}, {"bytes": 0}], [{"array": ["<f8", [1], 0]}] * 2, {"time": None},
    ],
    ids=str,
)  # fmt: skip
def test_nothing_that_no_value_has_is_read(tree):
    head = json.dumps([tree, [8]]).encode()
    with pytest.raises(ValueError, match=r"\w"):
        plain.loads(len(head).to_bytes(8, "big") + head + bytes(8))


@given(st.binary(max_size=60), st.integers(0, 80))
@settings(max_examples=300)
def test_no_bytes_whatever_are_more_than_a_value_or_a_refusal(content, size):
    for message in (content, size.to_bytes(8, "big") + content):
        with contextlib.suppress(ValueError):
            plain.loads(message)
        with contextlib.suppress(ValueError):
            parcel.opened(message)
