"""f02: its world, and what becomes of policies that are no good."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.stats import ks_2samp

from course import key
from course.contract.measure import measure
from course.contract.terms.holdout import Holdout
from course.grading.authoring.rehearse import build, rehearsals
from course.grading.authoring.release import public_bytes
from course.problem import Problem
from course.units import load
from course.units.f02_one_percent import rules, world
from course.units.kit.worlds import Draw

UNIT = load("f02-one-percent")
OTHER = key.Key(b"k" * 32, "another term")
FACE = """
def choose(candidates, shop):
    def earned(c):
        answers = c["right"].mean() * (shop["right_eur"] - shop["wrong_eur"])
        waiting = shop["sales_eur"] * shop["slowdown"] * c["latency_ms"] / 100
        return shop["searches"] * (answers - waiting) - c["replicas"] * c["replica_eur"] - c["upkeep_eur"]
    return max(candidates, key=earned)["name"]
"""


def draw(count=200, sort=world.USUAL, secret=key.OPEN, purpose="test"):
    draws = Draw(UNIT.name, secret)
    return world.draw(world.gains(draws("gains")), count, draws(purpose), sort)


@pytest.fixture(scope="module")
def holdout():
    return Holdout("public", truth={"usual": draw(120)})


def found(tmp_path, holdout, text, wanted=("interface", "untouched", "quality", "size")):
    (tmp_path / "policy.py").write_text(text)
    return measure(UNIT, tmp_path, holdout, wanted=wanted)


def test_the_same_key_gives_the_same_world_and_another_key_another():
    mine, again, theirs = (UNIT.public_data(secret) for secret in (key.OPEN, key.OPEN, OTHER))
    assert all(np.array_equal(mine[name], again[name]) for name in mine)
    assert not np.array_equal(mine["public_shops"], theirs["public_shops"])
    mine, theirs = (world.gains(Draw(UNIT.name, secret)("gains")) for secret in (key.OPEN, OTHER))
    assert mine != theirs


def test_public_and_private_decisions_share_nothing():
    def marks(decisions):
        return {(d.shop["searches"], d.shop["right_eur"], d.candidates[0]["name"]) for d in decisions}

    data, truth = UNIT.public_data(key.OPEN), UNIT.private_holdout(key.OPEN).truth
    assert set(truth) == {"usual", "gains", *world.SLICES} and len(truth["usual"]) == len(marks(truth["usual"])) == 2000
    past, public = (marks(world.unpack(data, part)) for part in ("history", "public"))
    assert len(past) == 1500 and len(public) == 1000
    assert not marks(truth["usual"]) & (past | public) and not past & public


def test_decisions_are_as_the_brief_says():
    decisions = [d for name, part in UNIT.private_holdout(OTHER).truth.items() if name != "gains" for d in part]
    for d in decisions:
        assert 2 <= len(d.candidates) <= 8 and [c["recipe"] for c in d.candidates].count("current") == 1
        assert len({c["name"] for c in d.candidates}) == len(d.candidates)
        rows = {len(c["right"]) for c in d.candidates}
        assert len(rows) == 1 and 40 <= min(rows) <= 6000 and d.candidates[0]["right"].dtype == bool
        assert 0.029 < d.shop["right_eur"] - d.shop["wrong_eur"] < 0.101 and d.shop["wrong_eur"] <= 0
        assert all(c["replicas"] >= 2 for c in d.candidates if c["recipe"] == "current")
    assert 5_000 <= min(d.shop["searches"] for d in decisions) < max(d.shop["searches"] for d in decisions) <= 5e6


def test_packing_loses_nothing():
    before = draw(20)
    after = world.unpack(world.pack(before, "part"), "part")
    for one, two in zip(before, after, strict=True):
        assert one.shop == two.shop and np.array_equal(one.accuracy, two.accuracy)
        for c, d in zip(one.candidates, two.candidates, strict=True):
            assert np.array_equal(c["right"], d["right"]) and list(c)[:-1] == list(d)[:-1]
            assert {**c, "right": 0} == {**d, "right": 0} and type(d["replicas"]) is int


def test_a_very_large_test_set_shows_the_true_accuracy_and_near_copies_agree():
    decisions = draw(12, dataclasses.replace(world.USUAL, rows=(200_000, 200_000)))
    differ = {recipe: [] for recipe in world.RECIPES}
    for d in decisions:
        current = next(c["right"] for c in d.candidates if c["recipe"] == "current")
        for c, true in zip(d.candidates, d.accuracy, strict=True):
            assert abs(c["right"].mean() - true) < 4.5 * (0.25 * true * (1 - true) * 4 / 200_000) ** 0.5
            if c["recipe"] != "current":
                differ[c["recipe"]].append((c["right"] != current).mean())
    assert max(differ["tuned"]) < 0.025 < min(differ["larger"])


def test_profit_in_money_worked_by_hand():
    candidate = {"latency_ms": 50, "replicas": 3, "replica_eur": 40.0, "upkeep_eur": 100.0}
    shop = {"searches": 1000.0, "right_eur": 0.05, "wrong_eur": -0.01, "sales_eur": 0.2, "slowdown": 0.01}
    # 900 right answers, 100 wrong ones, 1,000 sales of which 0.5 % are lost, three machines, one share of a person
    assert world.profit(candidate, 0.9, shop) == pytest.approx(900 * 0.05 - 100 * 0.01 + 1000 * 0.2 * 0.995 - 120 - 100)


def test_money_lost_is_never_negative_and_nothing_for_the_best():
    for d in draw(30):
        best = d.candidates[int(np.argmax(d.profits))]["name"]
        assert d.lost(best) == 0 and all(d.lost(c["name"]) >= 0 for c in d.candidates)


@pytest.mark.parametrize("secret", [key.OPEN, OTHER], ids=["open", "other"])
def test_pairing_wins_where_an_unpaired_error_loses(secret):
    decisions = draw(600, secret=secret)
    face, paired, unpaired, best, cheapest = (
        rules.lost(decisions, rule)
        for rule in (rules.face_value, rules.sure_of(True), rules.sure_of(False), rules.best_accuracy, rules.cheapest)
    )
    assert paired < 1.3 * face and unpaired > 1.4 * paired
    assert best > 2 * face and cheapest > face


def test_what_one_world_teaches_does_not_pass_in_another(tmp_path, root):
    """Constants that were fitted under one key, and even more so its list of answers, fail under another."""
    reference = next(r for r in rehearsals(UNIT, root) if r.is_reference)
    mine, theirs = (Holdout("private", truth={"usual": draw(1000, secret=s)}) for s in (key.OPEN, OTHER))
    folder = tmp_path
    build(UNIT, reference, public_bytes(UNIT, key.OPEN), root, folder)
    assert measure(UNIT, folder, mine, wanted=["quality"], exact=True)["quality"].verdict == "kept"
    foreign = measure(UNIT, folder, theirs, wanted=["quality"], exact=True)["quality"]
    build(UNIT, reference, public_bytes(UNIT, OTHER), root, folder)
    assert measure(UNIT, folder, theirs, wanted=["quality"], exact=True)["quality"].verdict == "kept"
    assert foreign.verdict == "broken" and foreign.points < 20


def test_a_fixed_list_of_answers_is_worth_nothing_in_another_world():
    mine, theirs = draw(600), draw(600, secret=OTHER)
    places = [int(np.argmax(d.profits)) for d in mine]
    lost = np.mean([d.lost(d.candidates[p % len(d.candidates)]["name"]) for d, p in zip(theirs, places, strict=True)])
    assert lost > 2 * rules.lost(theirs, rules.face_value)


def test_face_value_is_the_floor(tmp_path, holdout):
    report = found(tmp_path, holdout, FACE)
    assert report["quality"].value == pytest.approx(1) and report["quality"].points == 0
    assert report["interface"].points == 4 and report["untouched"].points == 2 and report["size"].points == 8
    assert "€ a month" in report["quality"].aside


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("0", "got 0, expected one of"),
        ("None", "got None"),
        ("'nobody'", "got 'nobody'"),
        ("float('nan')", "got nan"),
        ("[c['name'] for c in candidates]", "expected one of"),
        ("candidates[9]['name']", "IndexError in line 2"),
        ("{'a'}", "returned a set"),
    ],
)
def test_answers_that_are_no_name(tmp_path, holdout, answer, words):
    report = found(tmp_path, holdout, f"def choose(candidates, shop):\n    return {answer}\n")
    for name in ("interface", "quality"):
        assert report[name].verdict == "broken" and report[name].points == 0
        assert words in report[name].advice and "\n" not in report[name].advice
    assert report["size"].points == 8


def test_a_changed_argument_costs_its_own_clause_alone(tmp_path, holdout):
    changes = FACE.replace("    def earned", "    candidates[0]['right'][:1] ^= True\n    def earned", 1)
    report = found(tmp_path, holdout, changes)
    assert report["untouched"].points == 0 and "Work on copies" in report["untouched"].advice
    assert report["interface"].points >= 3


def test_chance_and_memory_cost_a_check(tmp_path, holdout):
    by_chance = (
        "import random\ndef choose(candidates, shop):\n    return random.SystemRandom().choice(candidates)['name']\n"
    )
    report = found(tmp_path, holdout, by_chance)
    assert report["interface"].value == 2 and "fresh process" in report["interface"].advice
    first = "def choose(candidates, shop):\n    return candidates[0]['name']\n"
    report = found(tmp_path, holdout, first)
    assert report["interface"].value == 3 and "another order" in report["interface"].advice


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def decide(candidates, shop): return 1", "does not define `choose(candidates, shop) -> name`"),
        ("def choose(candidates, shop:", "can't be loaded: SyntaxError"),
        ("open('gains.json')\ndef choose(candidates, shop): return 1", "FileNotFoundError in line 1"),
        ("def choose(candidates, shop):\n    while True: pass", "did not answer within 1 s"),
    ],
)
def test_a_module_that_does_not_run(tmp_path, holdout, monkeypatch, text, words):
    monkeypatch.setattr(type(UNIT), "module", dataclasses.replace(UNIT.module, seconds=1))
    report = found(tmp_path, holdout, text, ["interface", "quality"])
    assert {report[name].points for name in ("interface", "quality")} == {0} and words in report["quality"].advice


def test_an_empty_cell_is_not_attempted(tmp_path, holdout):
    report = found(tmp_path, holdout, "# your code here\n", ["interface", "quality", "size"])
    assert {clause.verdict for clause in report.clauses} == {"not attempted"}


def test_what_lies_beside_counts_as_bytes(tmp_path, holdout):
    (tmp_path / "gains.json").write_text("[]" + " " * 4000)
    assert found(tmp_path, holdout, FACE, ["size"])["size"].points == 0


def test_timed_decisions_are_of_the_kind_that_is_judged():
    """Sizes of tests and shops, spread as in the hold-out: nothing tells one from the other."""
    gains = world.gains(Draw(UNIT.name, key.OPEN)("gains"))
    judged, timed = draw(1500), world.apart(gains, 1500, np.random.default_rng(5))
    for what in (
        lambda d: np.log(len(d.candidates[0]["right"])),
        lambda d: np.log(d.shop["searches"]),
        lambda d: d.shop["right_eur"],
        lambda d: len(d.candidates),
        lambda d: d.candidates[0]["right"].mean(),
    ):
        assert ks_2samp([what(d) for d in judged], [what(d) for d in timed]).pvalue > 1e-3
    assert {d.candidates[0]["right"].dtype for d in timed} == {np.dtype(bool)}


def test_gains_are_learned_from_the_past_as_they_are():
    gains = world.gains(Draw(UNIT.name, key.OPEN)("gains"))
    learned = world.learned(draw(800))
    for recipe in world.RECIPES:
        assert learned.mean[recipe] == pytest.approx(gains.mean[recipe], abs=0.0012)
        assert learned.spread[recipe] == pytest.approx(gains.spread[recipe], abs=0.0015)


def test_other_answers_while_it_is_timed_break_the_clause(tmp_path, holdout):
    """It is honest in the first hundreds of calls of a process, which is all that anybody would look at."""
    tired = (
        FACE
        + """
calls, honest = 0, choose

def choose(candidates, shop):
    global calls
    calls += 1
    return honest(candidates, shop) if calls < 300 else candidates[0]["name"]
"""
    )
    timed = dataclasses.replace(holdout, truth={**holdout.truth, "gains": world.learned(holdout.truth["usual"])})
    report = found(tmp_path, timed, tired, ["throughput"])
    assert report["throughput"].points == 0 and "while it was timed" in report["throughput"].advice


def test_a_replayed_decision_is_judged_as_the_check_judges_it(tmp_path, holdout):
    (tmp_path / "policy.py").write_text(FACE)
    shown = UNIT.replay(tmp_path, holdout, 3)
    decision = holdout.truth["usual"][3]
    chosen = [row[0] for row in shown.rows if "chosen" in row[-1]]
    assert chosen == [rules.face_value(decision.candidates, decision.shop)]
    assert [row[0] for row in shown.rows if "best" in row[-1]] == [
        decision.candidates[decision.profits.argmax()]["name"]
    ]
    assert f"loses €{decision.lost(chosen[0]):,.0f} a month" in shown.said and len(shown.frame()) == len(shown.rows)
    with pytest.raises(Problem, match="decisions 0 to 119; 120 is none"):
        UNIT.replay(tmp_path, holdout, 120)


def test_the_worked_example_is_right():
    shop = {"searches": 1e5, "right_eur": 0.03, "wrong_eur": -0.02, "sales_eur": 0.15, "slowdown": 0.01}
    costs = {"m-0a1": (2, 40.0, 50.0, 40.0), "m-9zz": (3, 60.0, 80.0, 80.0)}
    earned = [
        world.profit(dict(zip(world.COSTS, cost, strict=True)), accuracy, shop)
        for cost, accuracy in zip(costs.values(), (0.95, 0.96), strict=True)
    ]
    assert [round(one) for one in earned] == [17_560, 17_420]
    assert all(figure in UNIT.example for figure in ("€17,560", "€17,420", "€140"))


def test_points_and_hints():
    assert sum(term.worth for term in UNIT.terms) == 80
    assert set(UNIT.hints) == {"estimates", "baseline", "artifact"} and min(map(len, UNIT.hints.values())) >= 3
