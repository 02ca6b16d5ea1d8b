"""Valid and odd: a tenth of the benchmark `course bench odd`, and what its record says."""

from __future__ import annotations

import json

import pytest
from conftest import ROOT

from course import sandbox
from course.benchmarks import killed, odd
from course.contract.artifacts import gate

isolated = pytest.mark.skipif(bool(sandbox.problem()), reason=sandbox.problem() or "isolated")


def faults(ends):
    return [end for end in ends if end.startswith("FAULT")]


def test_sets_of_estimates_are_judged():
    ends = odd.estimates(odd.QUICK)
    assert not faults(ends) and sum(ends.values()) == odd.QUICK


@isolated
@pytest.mark.slow
def test_models_are_run_or_get_a_sentence():
    ends = odd.models(odd.QUICK)
    assert not faults(ends) and sum(ends.values()) == odd.QUICK
    assert ends["run"] > 10 and ends["refused, with a sentence"] > 10


@isolated
@pytest.mark.slow
def test_notebooks_are_graded_as_a_class():
    assert odd.notebooks(odd.QUICK) == {"graded, with feedback": odd.QUICK}


def test_a_fault_is_seen(monkeypatch):
    def failed(*arguments, **named):
        raise TypeError

    monkeypatch.setattr(gate, "check", failed)
    assert odd.models(3) == {"FAULT: TypeError": 3}


def test_the_same_things_are_drawn_every_time():
    assert odd.drawn(odd.model_files(), 5) == odd.drawn(odd.model_files(), 5)


def record(name):
    file = ROOT / "course" / "benchmarks" / f"{name}.json"
    if not file.is_file():
        pytest.skip("there is no record yet")
    return json.loads(file.read_text(encoding="utf-8"))


def test_the_record_has_no_fault():
    for ends in record("odd").values():
        assert sum(ends.values()) in (odd.QUICK, odd.COUNT) and not faults(ends)


def test_the_record_of_kills_has_no_fault():
    found = record("killed")
    assert found["kills"] in (killed.QUICK_KILLS, killed.KILLS) and found["before the end"] > found["kills"] / 2
    assert not [fault for fault in killed.FAULTS if found[fault]]
