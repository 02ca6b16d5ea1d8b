"""f06: the world is what it says, its truths are found by other ways, and whatever a module returns is one sentence."""

from __future__ import annotations

import dataclasses
import hashlib

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from course import units
from course.contract.measure import measure
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import EARNS
from course.grading.authoring.lessons import WRITES, Lesson
from course.grading.authoring.rehearse import build, rehearsals
from course.grading.authoring.release import public_bytes
from course.key import OPEN, Key
from course.problem import Problem
from course.units import f06_feed_metrics
from course.units.f06_feed_metrics import judge, logs, rankers

UNIT = units.load("f06-feed-metrics")
OTHER = Key(hashlib.sha256(b"a second key").digest(), "a second key")
REFERENCE = next(one for one in rehearsals(UNIT, ROOT) if one.is_reference)


def world(key):
    return rankers.world(key.rng(UNIT.name, "world"))


def test_the_same_key_gives_the_same_world_and_another_key_another():
    first, again, other = (UNIT.public_data(key) for key in (OPEN, OPEN, OTHER))
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert world(OPEN) != world(OTHER)
    assert not np.array_equal(first["past_clicks"], other["past_clicks"])
    assert not np.array_equal(first["men_item"], other["men_item"])
    assert all(values.dtype.kind in "iuf" for values in first.values())


def test_habit_is_what_sessions_do_on_average():
    at, rng = world(OPEN), np.random.default_rng(1)
    some = dataclasses.replace(rankers.draw(rng, 6), tilt=np.zeros(6))
    moved = rankers.moved(at, rankers.sessions(at, some, 40_000, rng)).reshape(6, -1)
    error = moved.std(axis=1) / 200
    assert (np.abs(moved.mean(axis=1) - rankers.habit(at, some)) < 4 * error).all()


def test_retention_is_what_becomes_of_people():
    """People drawn one by one, each with an activity and a chance of staying."""
    at, rng = world(OPEN), np.random.default_rng(2)
    some = rankers.draw(rng, 4)
    for k in range(4):
        seen = rankers.sessions(at, dataclasses.replace(some[k], tilt=np.zeros(1)), 100_000, rng)
        visits = seen["visits_before"].to_numpy(float)
        active = rng.gamma(rankers.SHAPE + visits) / (rankers.SHAPE + rankers.VISITS)
        odds = -1.2 + 0.5 * np.log1p(visits) + at.pull * rankers.habit(at, some[k]) * active + some[k].else_
        stayed = rng.random(len(visits)) < 1 / (1 + np.exp(-odds))
        assert abs(stayed.mean() - rankers.retention(at, some[k])[0]) < 0.012


@pytest.mark.parametrize("number", range(8))
def test_each_small_change_is_worth_what_it_says_in_every_world(number):
    at = rankers.world(np.random.default_rng(number))
    kept = rankers.retention(at, rankers.changes(at, 2.0))
    assert np.allclose(kept[1:] - kept[0], 0.02, atol=1e-4)


def test_days_are_those_of_the_usual_formula():
    """Arms of normal numbers, of which everything is known: 2 variance (1.96 + 0.84)² / shift² / traffic."""
    rng, shift = np.random.default_rng(3), 0.2
    values = np.concatenate([rng.normal(shift * (arm > 0), 0.05, 400) for arm in range(4)])
    found, late = (judge.days(values, 2.0, late, UNIT.term("days"), False) for late in (False, True))
    wanted = 2 * 0.05**2 * judge.PIECE * 2.8**2 / (shift / 2) ** 2 / judge.TRAFFIC
    assert found.value == pytest.approx(wanted, rel=0.15)
    assert late.value == pytest.approx(found.value + 7)


def test_what_is_said_of_the_real_logs_is_so():
    for name, items in (("men", 34), ("women", 46), ("all", 80)):
        shop = logs.campaign(name)
        assert len(shop) == 10_000 and len(shop.items) == items and shop.propensity.min() > 0
    # Where probabilities are right, one over them is the number of items, on average; one rare row says nothing else.
    assert 0.85 < (1 / logs.campaign("men").propensity).mean() / 34 < 1.15
    assert logs.campaign("women").propensity.min() < 2e-6


@pytest.mark.parametrize("sort", [logs.USUAL, logs.FAR], ids=["usual", "far"])
def test_the_value_of_a_policy_is_what_is_earned_with_it(sort):
    """Where every item is shown equally often, the plain inverse-propensity mean is right on average."""
    rng, shop = np.random.default_rng(4), logs.campaign("men")
    items = len(shop.items)
    shown = rng.integers(items, size=len(shop)).astype(np.uint8)
    shop = dataclasses.replace(shop, item=shown, propensity=np.full(len(shop), 1 / items))
    off = []
    for case in logs.cases(shop, 40, rng, dataclasses.replace(sort, rows=10_000)):
        new = case.policy[np.arange(len(case.log)), case.log["item"]]
        off.append((new * items * case.log["reward"]).mean() / case.value - 1)
        assert np.allclose(case.policy.sum(axis=1), 1, atol=1e-4)
    assert abs(np.mean(off)) < 4 * np.std(off) / np.sqrt(len(off)) < 0.06


def test_halves_share_only_what_was_shown_against_all_odds():
    shop = logs.campaign("all")
    marked = dataclasses.replace(shop, who=np.arange(len(shop)))
    one, two = logs.halves(marked, np.random.default_rng(5))
    both = np.intersect1d(one.who, two.who)
    assert len(one) + len(two) == len(shop) + len(both)
    assert set(both.tolist()) == set(np.flatnonzero(shop.propensity < logs.RARE).tolist()) and len(both) < 200


def test_the_first_keys_module_is_no_answer_to_the_second(tmp_path):
    points = {}
    for name, secret in {"old": OPEN, "new": OTHER}.items():
        (tmp_path / name).mkdir()
        build(UNIT, REFERENCE, public_bytes(UNIT, secret), ROOT, tmp_path / name)
        points[name] = measure(UNIT, tmp_path / name, UNIT.private_holdout(OTHER), wanted=("quality",)).points
    assert points["new"] == 15 and points["old"] < 10


@pytest.fixture(scope="module")
def small():
    """A public hold-out that is measured quickly."""
    rng, at = np.random.default_rng(6), world(OPEN)
    truth = {
        "usual": rankers.trial(at, rankers.draw(rng, 8), f06_feed_metrics.SESSIONS, rng),
        "arms": rankers.trial(at, rankers.changes(at, 2.0), 4_000, rng),
        "shops": [logs.campaign("men").of(np.arange(600))],
    }
    return Holdout("public", truth=truth, seed=1)


#: A plain module; cases below go on where it ends.
PLAIN = """
import numpy as np

def columns():
    return ["clicks", "quick_backs", "hides"]

def metric(sessions):
    return float(sessions["clicks"].mean() - 3.0 * sessions["quick_backs"].mean() - 4.0 * sessions["hides"].mean())

def offline_value(log, policy):
    new = policy[np.arange(len(log)), log["item"].to_numpy(int)]
    weight = np.minimum(new / log["propensity"].to_numpy(), 20)
    each = weight * log["reward"].to_numpy(float) / (weight.mean() or 1)
    half = 1.96 * each.std() / len(each) ** 0.5
    return float(each.mean()), float(each.mean() - half), float(each.mean() + half)

old_metric, old_value = metric, offline_value
"""
METRIC, VALUE = {"quality", "days"}, {"coverage", "width"}
READS = "def columns():\n    return "
#: What goes on behind the plain module, the clauses that it costs, and what must be said.
BAD = {
    "raises": ("def metric(s):\n    raise KeyError(1)", METRIC | {"interface", "untouched"}, "KeyError in line"),
    "nan": ("def metric(s):\n    return float('nan')", METRIC | {"interface"}, "expected a finite number"),
    "list": ("def metric(s):\n    return [1.0]", METRIC | {"interface"}, "expected a finite number"),
    "unknown column": (READS + "['likes']", METRIC | {"bytes", "interface", "untouched"}, "got 'likes'"),
    "column twice": (READS + "['clicks', 'clicks']", METRIC | {"bytes", "interface", "untouched"}, "each once"),
    "not read": (READS + "['clicks']", METRIC | {"interface", "untouched"}, "KeyError"),
    "two numbers": ("def offline_value(l, p):\n    return 0.1, 0.2", VALUE | {"interface"}, "expected 3 values"),
    "upside down": (
        "def offline_value(l, p):\n    v, low, high = old_value(l, p)\n    return v, high, low",
        VALUE | {"interface"},
        "low <= value <= high",
    ),
    "infinite": ("def offline_value(l, p):\n    return 0.1, 0.0, float('inf')", VALUE | {"interface"}, "finite"),
    "mutates sessions": (
        "def metric(s):\n    s['x'] = 1\n    return old_metric(s)",
        {"untouched"},
        "Work on copies",
    ),
    "mutates policy": (
        "def offline_value(l, p):\n    p /= 2\n    return old_value(l, p * 2)",
        {"untouched"},
        "Work on copies",
    ),
    "by order": (
        "def metric(s):\n    return old_metric(s) + 1e-3 * float(s['clicks'].iloc[0])",
        {"interface"},
        "in another order",
    ),
    "remembers": (
        "seen = []\ndef metric(s):\n    seen.append(old_metric(s))\n    return float(np.mean(seen[-5:]))",
        METRIC | {"interface"},
        "when it was asked in another order",
    ),
    "at random": (
        "def offline_value(l, p):\n    v, low, high = old_value(l, p)\n    return v, low - np.random.random(), high",
        {"interface"},
        "in a second process",
    ),
    "constant": ("def metric(s):\n    return 1.0", {"days"}, "is never seen"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_costs_its_own_clauses(case, small, tmp_path):
    text, costs, sentence = BAD[case]
    (tmp_path / "metrics.py").write_text(f"{PLAIN}\n{text}\n", encoding="utf-8")
    report = measure(UNIT, tmp_path, small, wanted=("interface", "untouched", "quality", "bytes", "days", *VALUE))
    lost = {clause.name for clause in report.clauses if clause.verdict not in EARNS}
    told = {clause.name: (clause.verdict, clause.advice) for clause in report.clauses}
    # How good a module is that has little to go by does not matter here; what can't be measured at all does.
    assert costs <= lost <= costs | {"quality", "days", "coverage", "width"}, told
    said = [clause.advice for clause in report.clauses if clause.name in costs]
    assert any(sentence in one for one in said) and not any("\n" in one for one in said), told


def test_the_plain_module_serves(small, tmp_path):
    (tmp_path / "metrics.py").write_text(PLAIN, encoding="utf-8")
    report = measure(UNIT, tmp_path, small, wanted=("interface", "untouched", "bytes"))
    assert report["interface"].value == 4 and report["bytes"].value == 3 and report.kept


def test_replays_show_what_is_judged(small, tmp_path):
    (tmp_path / "metrics.py").write_text(PLAIN, encoding="utf-8")
    report = measure(UNIT, tmp_path, small, wanted=("quality", "coverage"))
    ranked = UNIT.replay(tmp_path, small, 0).frame()
    assert ranked["metric"].corr(ranked["kept, %"], "spearman") == pytest.approx(report["quality"].value, abs=0.01)
    shown = UNIT.replay(tmp_path, small, 1)
    missed = sum("missed" in row for row in shown.rows)
    assert len(shown.rows) == f06_feed_metrics.LOGS and report["coverage"].value == 1 - missed / len(shown.rows)
    with pytest.raises(Problem, match="replays 0 to 3; 4 is none"):
        UNIT.replay(tmp_path, small, 4)


def test_the_worked_example_is_right():
    log = pd.DataFrame({"item": [0, 1], "propensity": [0.5, 0.2], "reward": [1, 0]})
    weight = np.array([0.25, 0.4]) / log["propensity"]
    assert weight.tolist() == [0.5, 2] and (weight * log["reward"]).mean() == 0.25


def test_what_never_ends_is_stopped(small, tmp_path, monkeypatch):
    monkeypatch.setattr(type(UNIT), "module", dataclasses.replace(UNIT.module, seconds=0.5))
    (tmp_path / "metrics.py").write_text(f"{PLAIN}\ndef metric(s):\n    while True: pass\n", encoding="utf-8")
    report = measure(UNIT, tmp_path, small, wanted=("quality", "bytes", "days"))
    assert report["quality"].verdict == "broken" and "did not answer within 0.5 s" in report["quality"].advice
    assert report["bytes"].verdict == "kept"


def test_a_missing_file_is_not_attempted(small, tmp_path):
    report = measure(UNIT, tmp_path, small, wanted=("baseline", "quality", "coverage"))
    assert {clause.verdict for clause in report.clauses} == {"not attempted"}


def test_the_reference_stands_alone():
    """Neither module knows anything of the notebook."""
    solutions = Lesson(UNIT, ROOT).solutions()
    for cell in ("write-baseline", "write-metrics"):
        assert "course" not in WRITES.sub("", solutions[cell])
