"""f04: labs that follow from the key and are no copies of the record; what a lab bills; what bad functions are told."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import ROOT

from course import key, units
from course.contract.measure import measure
from course.grading.authoring.lessons import Lesson
from course.problem import Problem
from course.units.f04_search_budget import record, world

UNIT = units.load("f04")
OTHER = key.Key(b"another key of the course, for tests", "another term")
FEW = 24


def reference() -> str:
    return Lesson(UNIT, ROOT).solutions()["write-search"].partition("\n")[2]


def private(secret=key.OPEN, few=FEW):
    """The private hold-out, with fewer labs."""
    import dataclasses

    holdout = UNIT.private_holdout(secret)
    return dataclasses.replace(holdout, truth={name: labs[:few] for name, labs in holdout.truth.items()})


def judged(folder, text, wanted, holdout=None):
    (folder / "search.py").write_text(text, encoding="utf-8")
    return measure(UNIT, folder, holdout or private(), exact=True, wanted=wanted)


def small() -> world.Lab:
    shown = np.linspace([0.5, 0.4, 0.9], [0.1, 0.2, np.nan], world.STEPS).T
    return world.Lab(np.array([2, 3, 5]), 200, shown, np.array([0.1, 0.2, 0.9]))


def test_the_record_is_complete_and_small():
    recorded = world.recorded()
    assert len(recorded) == 6 and record.CURVES.stat().st_size < 200_000
    for curves, weights, guess in recorded.values():
        assert curves.shape == (record.CONFIGURATIONS, record.STEPS) and len(weights) == len(curves)
        assert np.nanmin(curves[:, -1]) < 0.8 * guess


def test_one_configuration_on_record_is_what_training_gives_again():
    """The first network of the digits, for two steps."""
    (name, X, y), configurations = next(record.tasks()), record.configurations()
    number = next(k for k, one in enumerate(configurations) if one["kind"] == "network")
    order = np.random.default_rng([4, 0]).permutation(len(y))
    held, train = order[: record.HELD_OUT], order[record.HELD_OUT :]
    again = record.curve(configurations[number], X[train], y[train], (X[held], y[held]), number)
    found = np.array(again) / len(held)
    assert name == "digits" and found == pytest.approx(world.recorded()["digits"][0][number], abs=0.03)


def test_labs_follow_from_the_key():
    one, again, other = (UNIT.public_data(secret) for secret in (key.OPEN, key.OPEN, OTHER))
    assert all(np.array_equal(one[name], again[name]) for name in one)
    assert not np.array_equal(one["public_prices"], other["public_prices"])
    labs = world.unpacked(one, "public")
    made = world.labs(world.world(key.OPEN.rng(UNIT.name, "world")), key.OPEN.rng(UNIT.name, "public"), len(labs))
    for lab, same in zip(labs, made, strict=True):
        assert lab.bill == same.bill and np.allclose(lab.shown, same.shown, atol=1e-4, equal_nan=True)
        assert (lab.regrets >= 0).all() and lab.regrets.min() == 0 < lab.random < 1


def test_a_lab_bills_every_step_and_refuses_past_the_bill():
    session = world.Session(small())
    session.train([(0, 10), (1, 20)])
    assert (session.spent, session.nights, session.done) == (80, 1, [10, 20, 0]) and not session.over
    session.train([(0, 60)])  # the 60th step is the last
    assert (session.spent, session.done) == (180, [60, 20, 0])
    told = session.told()
    session.train([(1, 1), (2, 4)])
    assert session.over and session.refused and not session.ended
    assert (session.spent, session.done, session.nights) == (180, [60, 20, 0], 2), (
        "nothing of a refused night is trained"
    )
    assert session.told() == told and [len(curve) for curve in told["curves"]] == [60, 20, 0]


def test_a_lab_is_closed_after_its_last_night_and_when_nothing_is_asked():
    session = world.Session(small())
    for _ in range(world.NIGHTS):
        assert not session.over
        session.train([(0, 1)])
    assert session.over and not session.ended and session.spent == 2 * world.STEPS
    session = world.Session(small())
    session.train([])
    assert session.over and session.ended and session.nights == 0


def test_a_bent_curve_starts_slower_and_ends_where_it_should():
    curve = np.linspace(0.5, 0.1, world.STEPS)
    slow = world.bent(curve, 0.9, 2.0, 0.0)
    assert (slow[5:50] > curve[5:50]).all() and slow[-1] == pytest.approx(curve[-1])
    assert world.bent(curve, 0.9, 1.0, 0.3)[-1] == pytest.approx(0.1 * np.exp(0.3))
    broken = np.where(np.arange(world.STEPS) < 30, curve, np.nan)
    assert np.isnan(world.bent(broken, 0.9, 1.0, 0.0)[30:]).all()


def test_who_knows_the_record_by_heart_still_has_to_search():
    """One step each, then the end of that recorded curve which begins most alike at some pace."""
    known, ends = [], []
    for curves, _, guess in world.recorded().values():
        for curve in curves:
            for pace in (1.0, 1.3, 1.6, 2.0):
                known.append(world.bent(curve, guess, pace, 0.0))
                ends.append(curve[-1])
    known, ends = np.log(np.array(known) + 1e-3), np.array(ends)

    def pick(told):
        likely = [ends[np.abs(known[:, 0] - np.log(curve[0] + 1e-3)).argsort()[:5]].mean() for curve in told["curves"]]
        return int(np.nanargmin(likely))

    labs = UNIT.private_holdout(key.OPEN).truth["usual"][:60]
    named = [pick({"curves": lab.shown[:, :1].tolist()}) for lab in labs]
    lost = np.mean([lab.regrets[one] for lab, one in zip(labs, named, strict=True)])
    assert lost > np.mean([lab.random for lab in labs])


def test_the_answers_of_one_key_are_none_under_another(tmp_path):
    best = {int(lab.prices.sum()) * 100_003 + lab.bill: int(lab.final.argmin()) for lab in private().truth["usual"]}
    text = (
        f"BEST = {best!r}\n\ndef plan(lab):\n    return []\n\n\ndef pick(lab):\n"
        "    return BEST.get(sum(lab['prices']) * 100_003 + lab['bill'], 0)\n"
    )
    assert judged(tmp_path, text, ("quality",))["quality"].value == 0
    assert judged(tmp_path, text, ("quality",), private(OTHER))["quality"].points == 0
    report = judged(tmp_path, reference(), ("quality", "bill", "interface"), private(OTHER, 120))
    assert report.kept


EVERY = ("quality", "bill", "nights")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("def plan(lab):\n    return [[0, 1], [0, 2]]", "each configuration once"),
        ("def plan(lab):\n    return [[0, 0]]", "at least one step"),
        ("def plan(lab):\n    return [[0, 1.5]]", "whole numbers"),
        ("def plan(lab):\n    return [[-1, 2]]", "an int from 0 to"),
        ("def plan(lab):\n    return {0: 1}", "a list of [configuration, steps]"),
        ("def plan(lab):\n    return None", "a list of [configuration, steps]"),
        ("def pick(lab):\n    return len(lab['prices'])", "an int from 0 to"),
        ("def pick(lab):\n    return float('nan')", "the number of a configuration"),
        ("def pick(lab):\n    raise KeyError('no')", "KeyError"),
        ("import os\n\n\ndef pick(lab):\n    os._exit(0)", "ended while"),
        ("del plan", "does not define `plan(lab) -> requests`"),
    ],
)
def test_what_bad_functions_are_told(tmp_path, change, sentence):
    report = judged(tmp_path, f"{reference()}\n\n\n{change}\n", (*EVERY, "interface"), private(few=6))
    for name in EVERY:
        assert report[name].points == 0 and sentence in report[name].advice, report[name]
    assert report["interface"].points < 4


def test_a_search_that_never_ends_is_closed_and_told(tmp_path):
    change = "def plan(lab):\n    return [[0, 1]] if lab['spent'] + lab['prices'][0] <= lab['bill'] else []\n"
    report = judged(tmp_path, f"{reference()}\n\n\n{change}", ("nights", "interface"), private(few=4))
    assert report["nights"].value == world.NIGHTS and report["nights"].points == 0
    assert report["interface"].points == 3 and "did not end by itself" in report["interface"].advice


def test_what_is_timed_is_what_was_searched(tmp_path):
    """A search always begins with a first night; this one knows by that when it is timed, and plans no more then."""
    change = """
first, planned = [], plan


def plan(lab):
    first.append(lab["night"])
    return planned(lab) if first[0] == 0 and len(first) < 400 else []
"""
    report = judged(tmp_path, f"{reference()}\n{change}", ("throughput",), private(few=12))
    assert report["throughput"].points == 0 and "while it was timed" in report["throughput"].advice


def test_a_replayed_search_is_the_one_that_is_judged(tmp_path):
    (tmp_path / "search.py").write_text(reference(), encoding="utf-8")
    holdout = private(few=1)
    report = measure(UNIT, tmp_path, holdout, exact=True, wanted=EVERY)
    shown, lab = UNIT.replay(tmp_path, holdout, 0), holdout.truth["usual"][0]
    nights = [row for row in shown.rows if row[3]]
    assert len(nights) == report["nights"].value and shown.rows[-1][-1] == "the search ends"
    assert sum(row[3] for row in nights) == lab.bill - shown.rows[-1][4] <= lab.bill
    assert f"Regret {report['quality'].value * lab.random:.1%};" in shown.said
    with pytest.raises(Problem, match="labs 0 to 0; 1 is none"):
        UNIT.replay(tmp_path, holdout, 1)


def test_the_worked_example_is_right():
    lab = world.Lab(np.array([2, 3, 5]), 100, np.full((3, world.STEPS), 0.5), np.array([0.10, 0.12, 0.30]))
    session = world.Session(lab)
    session.train([(0, 1), (1, 1), (2, 1)])
    assert (session.spent, session.nights) == (10, 1)
    session.train([(0, 5), (1, 4)])
    assert (session.spent, session.nights) == (32, 2) and f"{lab.regrets[1]:.0%}" == "17%"


def test_no_file(tmp_path):
    report = measure(UNIT, tmp_path, private(few=2), wanted=EVERY)
    assert {clause.verdict for clause in report.clauses} == {"not attempted"}
