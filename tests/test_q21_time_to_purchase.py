"""q21: the world is what the brief says, it moves with the key, and whatever `nudge.py` returns is one sentence."""

from __future__ import annotations

import dataclasses
import hashlib
import subprocess
import sys

import numpy as np
import pytest

from course import units
from course.contract.measure import measure
from course.contract.terms.holdout import Holdout
from course.key import OPEN, Key
from course.problem import Problem
from course.units.kit.worlds import Draw
from course.units.q21_time_to_purchase import judge, shops, world, yardstick

UNIT = units.load("q21-time-to-purchase")
OTHER = Key(hashlib.sha256(b"another").digest(), "another")
JUDGED = ("quality", "returns", "helped", "nudges", "spend", "capped", "state")


@pytest.fixture(scope="module")
def data():
    return UNIT.public_data(OPEN)


@pytest.fixture(scope="module")
def some(data):
    return shops(data)


@pytest.fixture(scope="module")
def small(some):
    """One shop of 600 customers, and a log of 3,100 rows."""
    one = some[0]
    log = {name: values[:3_100] for name, values in one.log.items()}
    return Holdout("public", truth={"shops": [dataclasses.replace(one, customers=one.customers.first(600), log=log)]})


def test_the_same_key_gives_the_same_world_and_another_key_another(data):
    again, other = UNIT.release(Draw(UNIT.name, OPEN)), UNIT.public_data(OTHER)
    assert all(np.array_equal(data[name], again[name], equal_nan=True) for name in data)
    assert not np.array_equal(data["shop0_weights"], other["shop0_weights"])
    drawn = [world.rules(np.random.default_rng(seed)) for seed in range(60)]
    assert len({tuple(one.kinds) for one in drawn}) == 6 and {one.most for one in drawn} == {2, 3}
    assert all(one.names[one.voucher] == "voucher" and one.euros[one.voucher] == 0 for one in drawn)
    assert all(0.13 <= one.off <= 0.18 and 1.5 <= one.euros.max() <= 2.2 for one in drawn)


def test_public_arrays_hold_the_shops(data, some):
    again = world.packed(some[1], "shop1") | world.packed_rules(some[1].rules)
    assert all(np.array_equal(again[name], data[name], equal_nan=True) for name in again)


def test_shops_are_moved_by_other_columns(some):
    hidden = UNIT.private_holdout(OPEN).truth["shops"]
    assert len({one.weights.tobytes() for one in (*some, *hidden)}) == len(some) + len(hidden)
    for one in (*some, *hidden):
        assert (np.abs(one.weights) > 0).sum(axis=1).tolist() == [0, 2, 2, 2]


def test_waits_are_those_of_the_file():
    """The hazard gives the real quantiles back."""
    at, value = world.gaps()["gap by the household's mean"]
    assert np.allclose(np.exp(-world.hazard(value)), 1 - at)
    assert (np.diff(world.hazard(np.linspace(0, 9, 400))) > 0).all()


def test_customers_and_logs_are_as_the_brief_says(some):
    for one in some:
        log, lot = one.log, one.log["by_lot"]
        assert len(lot) == 20_000 and lot.sum() == 4_000
        shares = np.bincount(log["nudge"][lot], minlength=4) / lot.sum()
        assert np.allclose(shares, world.CHANCES, atol=0.03)
        assert (log["days"] >= 1).all() and (log["days"][~log["bought"]] == 42).all() and log["days"].max() == 42
        assert not log["back"][~log["bought"]].any()
        assert (log["left"] == 42).all() and (log["nudged"] == 0).all()
        assert 0.15 < np.isnan(log["opens"]).mean() < 0.25
        seen = one.customers.seen(5, np.ones(len(one.customers)))
        assert tuple(seen) == world.COLUMNS and all(values.dtype == np.float32 for values in seen.values())
        assert (seen["left"] == 7).all() and not np.isnan(one.customers.opens).any()
        assert 0.1 < (seen["orders"] <= world.NEW).mean() < 0.4
        assert 0.1 < (seen["sent_back"] >= world.PICKY).mean() < 0.3


def kept(log):
    return np.where(log["bought"] & ~log["back"], log["days"], 42.0)


def test_the_team_flatters_nudges(some):
    """By its rows each nudge saves far more than by lot, counted as on the wall."""
    for one in some:
        log, gains = one.log, {}
        for by_lot in (False, True):
            rows = [log["days"][(log["by_lot"] == by_lot) & (log["nudge"] == nudge)].mean() for nudge in range(4)]
            gains[by_lot] = rows[0] - np.array(rows[1:])
        assert (gains[False] > gains[True]).all() and (gains[False] - gains[True]).mean() > 2


def played(shop, choose):
    return judge.Played(judge.plays(shop, choose), judge.plays(shop, None), judge.plays(shop, judge.knowing(shop)))


def all_of(number):
    return lambda seen, waiting, week: np.full(len(seen["since"]), number)


def test_vouchers_bring_purchases_and_take_kept_ones_away(some):
    found = [played(one, all_of(one.rules.voucher)) for one in some]
    assert judge.returns(found) > 1.3 and judge.saved(found) < 0.2 and judge.each(found, "euros") > 2
    faster = np.mean([one.none.day.mean() - one.sent.day.mean() for one in found])
    assert faster > 0.5 > judge.days(found)[1]


def test_the_knowing_policy_stays_far_within_the_budgets(some):
    best = [played(one, judge.knowing(one)) for one in some]
    assert judge.saved(best) == 1 and judge.returns(best) < 1
    assert judge.each(best, "nudged") < 0.85 and judge.each(best, "euros") < 0.85 and judge.helped(best) > 0.8


def test_nothing_sent_saves_nothing(some):
    found = [played(one, all_of(0)) for one in some]
    assert judge.saved(found) == 0 and judge.returns(found) == 1 and judge.helped(found) is None
    assert judge.each(found, "euros") == 0 and judge.each(found, "nudged") == 0


def test_nudges_beyond_the_rules_are_not_sent(some):
    one = some[0]
    found = played(one, all_of(one.rules.kinds.tolist().index(world.REMINDER)))
    assert found.sent.nudged.max() == one.rules.most
    assert judge.each([found], "over", any_of=True) == (found.sent.over > 0).mean() > 0.2
    assert np.allclose(found.sent.euros, world.STAMP * found.sent.nudged)


def test_kept_days_are_those_of_the_example(some):
    season = judge.plays(some[0], None)
    season.waiting, season.day, season.back = np.array([False, False, True]), np.array([10, 30, 42.0]), np.full(3, 0.2)
    assert season.kept.tolist() == pytest.approx([16.4, 32.4, 42.0])
    assert season.returns() == pytest.approx((0.4, 2))
    assert season.returns(np.array([True, False, True])) == pytest.approx((0.2, 1))


def test_estimates_follow_from_the_brief():
    rows = (1 / 920 + 1 / 1240) ** 0.5
    week = 100 * (0.3 * 0.7) ** 0.5 * rows
    made = {
        "error_days": 16 * rows,
        "error_week": week,
        "more_rows": ((8 / week) / (1.6 / (16 * rows))) ** 2,
        "apparent": 45 * (0.136 / 0.2032 - 0.024 / 0.7968),
        "voucher_euros": 0.3 * 5.25 / 0.1,
        "fast_returns": 0.84 * 20 + 0.16 * 42 - 0.6 * 8 - 0.4 * 42,
    }
    assert set(made) == set(UNIT.estimates)
    for name, estimate in UNIT.estimates.items():
        assert estimate.accepts(made[name]), name
    # What the quick mistakes give: one arm's error, the root of the ratio, vouchers of those added, every return alike.
    assert not UNIT.estimates["error_days"].accepts(16 / 920**0.5)
    assert not UNIT.estimates["more_rows"].accepts(made["more_rows"] ** 0.5)
    assert not UNIT.estimates["voucher_euros"].accepts(5.25)
    assert not UNIT.estimates["fast_returns"].accepts(12)


#: A reminder for all who had none: what the sentences below are said of.
PLAIN = """import numpy as np


def learn(log):
    return bytes([1])


def choose(model, customers):
    return np.where(customers["nudged"] < 1, model[0], 0)
"""


def examined(folder, text, holdout, wanted):
    (folder / "nudge.py").write_text(text, encoding="utf-8")
    return measure(UNIT, folder, holdout, wanted=wanted)


def test_a_plain_module_serves(small, tmp_path):
    report = examined(tmp_path, PLAIN, small, (*JUDGED, "interface"))
    assert {"interface", "capped", "state"} <= {one.name for one in report.clauses if one.points == one.worth}, report
    assert report["nudges"].value == pytest.approx(1, abs=0.02)


ADDED = "\n\ndef {}:\n    {}\n"
CHOOSE, LEARN = "choose(model, customers)", "learn(log)"
NUMBERS = "whole numbers from 0 to 3, one for each customer"
#: What is put behind the plain module, and what must be said.
WRONG = {
    "a list": (CHOOSE, "return [0] * len(customers['gap'])", NUMBERS),
    "floats": (CHOOSE, "return np.zeros(len(customers['gap']))", NUMBERS),
    "bools": (CHOOSE, "return np.zeros(len(customers['gap']), bool)", NUMBERS),
    "one too few": (CHOOSE, "return np.zeros(len(customers['gap']) - 1, int)", NUMBERS),
    "a column": (CHOOSE, "return np.zeros((len(customers['gap']), 1), int)", NUMBERS),
    "a fourth": (CHOOSE, "return np.full(len(customers['gap']), 4)", NUMBERS),
    "below": (CHOOSE, "return np.full(len(customers['gap']), -1)", NUMBERS),
    "nothing": (CHOOSE, "return None", NUMBERS),
    "raises": (CHOOSE, "return 1 / 0", "ZeroDivisionError"),
    "ends": (CHOOSE, "__import__('os')._exit(0)", "ended while"),
    "no bytes": (LEARN, "return {'weights': [1.0]}", "bytes"),
    "no model": (LEARN, "return None", "bytes"),
    "fails": (LEARN, "return log['weights']", "KeyError"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_can_not_be_judged_is_one_sentence_and_earns_nothing(case, small, tmp_path):
    head, line, sentence = WRONG[case]
    report = examined(tmp_path, PLAIN + ADDED.format(head, line), small, JUDGED)
    assert report.points == 0
    assert all(sentence in report[name].advice and "\n" not in report[name].advice for name in JUDGED), report


#: What breaks one promise of the contract alone, and the sentence.
ODD = {
    "a quota": (CHOOSE, "return (np.arange(len(customers['gap'])) < 20).astype(int)", "another nudge alone"),
    "changes": (CHOOSE, "customers['gap'][:] = 1; return np.zeros(len(customers['gap']), int)", "changed the columns"),
    "changes the log": (LEARN, "log['days'][:] = 1; return bytes([1])", "changed the log"),
    "noise": (LEARN, "import os; return b'\\x01' + os.urandom(9)", "another model or other nudges"),
    "rows it needs": (LEARN, "return bytes([1 + 0 * log['nudge'][1_000]])", "IndexError"),
    "customers it needs": (CHOOSE, "return np.full(len(customers['gap']), int(customers['gap'][0] > 0))", "IndexError"),
}  # fmt: skip


@pytest.mark.parametrize("case", ODD)
def test_promises_are_tried_one_by_one(case, small, tmp_path):
    head, line, sentence = ODD[case]
    report = examined(tmp_path, PLAIN + ADDED.format(head, line), small, ("interface",))
    assert 3 <= report["interface"].points < 6 and sentence in report["interface"].advice, report


def test_what_does_not_load_keeps_no_promise(small, tmp_path):
    report = examined(tmp_path, "import nothing_of_the_kind\n", small, ("interface", "quality"))
    assert report.points == 0 and "can't be loaded" in report["interface"].advice
    (tmp_path / "nudge.py").unlink()
    report = measure(UNIT, tmp_path, small, wanted=("baseline", "quality", "state"))
    assert {clause.verdict for clause in report.clauses} == {"not attempted"}


#: A probe: it remembers whom it met, and would send a nudge to nobody whom it meets again.
REMEMBERS = (
    PLAIN
    + """

met = set()


def choose(model, customers):
    key = float(customers["basket"][0])
    again = key in met
    met.add(key)
    return np.full(len(customers["gap"]), 0 if again else 1)
"""
)


def test_mondays_know_nothing_of_each_other(small, tmp_path):
    """Every Monday is a first one, so everybody is asked for too often."""
    shop = small.truth["shops"][0]
    report = examined(tmp_path, REMEMBERS, small, ("capped", "nudges"))
    found = played(shop, all_of(1))
    assert report["nudges"].value == pytest.approx(found.sent.nudged.mean())


def test_a_replay_is_a_season_as_it_is_judged(small, tmp_path):
    (tmp_path / "nudge.py").write_text(PLAIN, encoding="utf-8")
    (found,) = [UNIT.replay(tmp_path, small, 0)]
    table, shop = found.frame(), small.truth["shops"][0]
    assert len(table) == 6 and table["waiting"].iloc[0] == 600
    assert table[shop.rules.names[1]].tolist() == [600, 0, 0, 0, 0, 0]
    assert (table["waiting"].diff().dropna().to_numpy() == -table["bought"].to_numpy()[:-1]).all()
    assert "1.00 nudges" in found.said
    with pytest.raises(Problem, match="shops 0 to 0"):
        UNIT.replay(tmp_path, small, 1)


#: A probe: after as many calls as are judged in a process it thinks that it is timed, and does nothing any more.
IDLES = (
    PLAIN
    + """

calls = 0


def choose(model, customers):
    global calls
    calls += 1
    return np.full(len(customers["gap"]), int(calls <= 12))
"""
)


def test_what_is_timed_comes_out_as_it_does_elsewhere(small, tmp_path):
    report = examined(tmp_path, PLAIN, small, ("throughput",))
    assert report["throughput"].points == 6, report
    report = examined(tmp_path, IDLES, small, ("throughput",))
    assert report["throughput"].points == 0 and "while it was timed" in report["throughput"].advice, report


def test_the_yardstick_chooses(some):
    assert set(np.unique(yardstick.choose(b"", some[0].customers.seen(1, np.zeros(3_000))))) <= {0, 1, 2, 3}


def test_pictures_are_drawn_of_what_is_there(small, capsys):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    from course.units.q21_time_to_purchase import picture

    class Desk:
        def load(self, file):
            if file == "missing.py":
                raise Problem("There is no missing.py yet.")
            names: dict = {}
            exec(compile(PLAIN if file == "nudge.py" else "", file, "exec"), names)
            return type(
                "module", (), {name: staticmethod(names[name]) for name in ("learn", "choose") if name in names}
            )

    picture.two_logs(small.truth["shops"][0])
    picture.seasons(Desk(), small.truth["shops"], {"one": "nudge.py", "two": "missing.py", "three": "empty.py"})
    said = capsys.readouterr().out
    assert "drawn by lot" in said and "one: " in said and "nudges and" in said
    assert "no missing.py" in said and "no learn and choose in empty.py" in said
    assert len(plt.get_fignums()) == 2
    plt.close("all")


def test_the_world_is_the_same_in_another_process(data):
    program = (
        "import hashlib; from course import units; from course.key import OPEN; "
        "d = units.load('q21-time-to-purchase').public_data(OPEN); "
        "print(hashlib.sha256(b''.join(d[k].tobytes() for k in sorted(d))).hexdigest())"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()
    assert said == hashlib.sha256(b"".join(data[k].tobytes() for k in sorted(data))).hexdigest()
