"""q18: the world is what the brief says, it moves with the key, and whatever `buyer.py` returns is one sentence."""

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
from course.units.q18_house_prices import judge, picture, world, yardstick

UNIT = units.load("q18-house-prices")
OTHER = Key(hashlib.sha256(b"another").digest(), "another")
AT = world.AT


@pytest.fixture(scope="module")
def data():
    return UNIT.public_data(OPEN)


@pytest.fixture(scope="module")
def public(data):
    return world.unpacked(data, "public")


@pytest.fixture(scope="module")
def private():
    return UNIT.private_holdout(OPEN)


@pytest.fixture(scope="module")
def small(public):
    """Two months."""
    return Holdout("public", truth={"cases": public[:2]})


def test_the_same_key_gives_the_same_world_and_another_key_another(data):
    again, other = UNIT.release(Draw(UNIT.name, OPEN)), UNIT.public_data(OTHER)
    assert all(np.array_equal(data[name], again[name], equal_nan=True) for name in data)
    assert not np.array_equal(data["price"], other["price"])
    towns = [world.town(key.rng(UNIT.name, "town")) for key in (OPEN, OTHER)]
    assert np.abs(towns[0].premiums - towns[1].premiums).max() > 0.1
    assert np.abs(towns[0].slopes / towns[1].slopes - 1).max() > 0.2


def test_public_arrays_hold_the_months_and_nothing_of_the_town(data, public):
    again = world.packed(public, "public")
    assert all(np.array_equal(again[name], data[name], equal_nan=True) for name in again)
    assert set(data) - set(again) == {"houses", "price", "deals", "ask", "resold"}
    assert [one.month for one in public] == list(world.PUBLIC)


def test_the_record_is_what_the_brief_says(data):
    houses = data["houses"]
    assert houses.shape == (3_000, 14) and houses.dtype == np.float32 and len(data["ask"]) == world.DEALS
    assert np.array_equal(np.bincount(houses[:, AT["month"]].astype(int)), np.full(60, 50))
    gone = np.isnan(houses).mean(axis=0)
    assert 0.1 < gone[AT["frontage"]] < 0.25 and 0.02 < gone[AT["garage"]] < 0.06 and (gone > 0).sum() == 3
    assert set(np.unique(houses[:, AT["street"]])) <= set(range(28))
    assert (houses[:, AT["built"]] <= 2006 + houses[:, AT["month"]] // 12).all()
    assert data["deals"][:, AT["month"]].max() + world.HOLD < world.RECORD


def test_months_are_what_the_brief_says(private):
    cases = private.truth["cases"]
    assert [one.month for one in cases] == list(range(74, 98)) and 80 < private.truth["turn"] < 92
    for one in cases:
        when = one.sales[:, AT["month"]]
        assert len(one.sales) == 300 and when.min() == one.month - 6 and when.max() == one.month - 1
        assert (one.asked[:, AT["month"]] == one.month).all() and (one.listed[:, AT["month"]] == one.month).all()
        assert one.new.sum() == 24 and one.dear.sum() == 24 and not (one.new & one.dear).any()
        assert (one.asked[one.new][:, AT["street"]] >= 28).all()
        assert one.ask[one.picks].sum() <= world.BUDGET
    assert any((one.sales[:, AT["street"]] >= 28).any() for one in cases)


def test_the_market_rises_turns_and_falls(private):
    at = world.town(Draw(UNIT.name, OPEN)("town"))
    assert at.path[12 + 59] > 0.15 and at.path[12 + private.truth["turn"]] < at.path[12 + 64] - 0.1
    spring, autumn = at.season[[4, 5, 6]].mean(), at.season[[9, 10, 11]].mean()
    assert spring > autumn + 0.02


def test_the_surveyors_bounds_hold_and_he_earns_and_the_largest_margin_does_not(private):
    cases = private.truth["cases"]
    best = [judge.Month(one, one.bounds, one.picks) for one in cases]
    assert 0.88 < judge.coverage(best) < 0.92 and judge.width(best) == 1 and judge.money(best) == 1
    assert 0.85 < judge.coverage(best, "dear") < 0.95
    middle = [np.exp(np.log(one.bounds).mean(axis=1)) for one in cases]
    assert all(np.isfinite(one).all() for one in middle)


def test_what_was_really_paid_says_nothing_more(data):
    """The price in the package of the row that is nearest explains nothing that columns leave open."""
    real, some = world.real().houses, world.packaged("openintro/ames")
    some = some[(some["Sale.Condition"] == "Normal") & (some["area"] <= 4000)]
    at = world.town(Draw(UNIT.name, OPEN)("town"))
    full = np.where(np.isnan(data["houses"]), np.nanmedian(data["houses"], axis=0), data["houses"]).astype(float)
    left = np.log(data["price"]) - at.worth(full) - at.market(full[:, AT["month"]])
    columns = [AT[name] for name in ("area", "lot", "quality", "condition", "built", "baths", "fireplaces")]
    scale = real[:, columns].std(axis=0)
    rows = np.arange(0, len(full), 3)
    near = [np.argmin((((real[:, columns] - full[row, columns]) / scale) ** 2).sum(axis=1)) for row in rows]
    paid = np.log(some["price"].to_numpy(float))[near]
    made = np.column_stack([world.design(real[near]), np.ones(len(near))])
    beyond = paid - made @ np.linalg.lstsq(made, paid, rcond=None)[0]
    assert abs(np.corrcoef(beyond, left[rows])[0, 1]) < 0.12


def month_of(one, low, high, bought=()):
    bounds = np.stack([np.full(len(one.asked), low), np.full(len(one.asked), high)], axis=1).astype(float)
    return judge.Month(one, bounds, np.array(bought, int))


def test_scores_are_those_of_the_example():
    bounds = np.array([[180_000, 230_000], [160_000, 190_000], [250_000, 340_000]], float)
    found = judge.score(bounds, np.array([200_000, 150_000, 300_000.0]))
    assert found == pytest.approx([0.2451, 0.1719 + 1.2908, 0.3075], abs=1e-3)


def test_money_is_what_is_left(public):
    one = public[0]
    found = month_of(one, 1, 1e7, [3, 5])
    wanted = 0.95 * one.resold[[3, 5]].sum() - 1.02 * one.ask[[3, 5]].sum()
    assert found.earned == pytest.approx(wanted) and month_of(one, 1, 1e7).earned == 0
    assert judge.coverage([found]) == 1 and judge.coverage([month_of(one, 1, 2)]) == 0


def test_estimates_follow_from_the_brief():
    from statistics import NormalDist

    normal = NormalDist()
    made = {
        "break_even": 100 * (1 - 0.99**4 * 0.95 / 1.02),
        "most_overrated": 11 * float(np.random.default_rng(0).normal(size=(20_000, 140)).max(axis=1).mean()),
        "true_bargain": 20 * 0.05**2 / (0.05**2 + 0.11**2),
        "which_error": 270,
        "dear_held": 100 * (2 * normal.cdf(17 / 18) - 1),
    }
    for name, estimate in UNIT.estimates.items():
        assert estimate.accepts(made[name]), name
    assert not UNIT.estimates["break_even"].accepts(100 * (1 - 0.95 / 1.02))
    assert not UNIT.estimates["true_bargain"].accepts(20 * 0.11**2 / (0.05**2 + 0.11**2))
    assert not UNIT.estimates["which_error"].accepts(0.9 * 299 - 1) and not UNIT.estimates["dear_held"].accepts(90)


#: Plain bounds and nothing bought: what the sentences below are said of.
PLAIN = """import numpy as np


def quote(houses, sales):
    return {"low": houses["area"] * 40, "high": houses["area"] * 250}


def buy(listings, sales, budget):
    return []
"""


def examined(folder, text, holdout, wanted):
    (folder / "buyer.py").write_text(text, encoding="utf-8")
    return measure(UNIT, folder, holdout, wanted=wanted)


def test_plain_bounds_serve_without_a_model(small, tmp_path):
    report = examined(tmp_path, PLAIN, small, ("quality", "coverage", "money", "interface", "model"))
    assert report["coverage"].value > 0.9 and report["money"].value == 0 and report["interface"].points == 4, report
    assert "There is no model.onnx" in report["model"].advice and report["quality"].points == 0


ADDED = "\n\ndef {}:\n    {}\n"
QUOTE, BUY = "quote(houses, sales)", "buy(listings, sales, budget)"
#: What is put behind the plain module, and what must be said.
WRONG = {
    "no dict": (QUOTE, "return [1, 2]", "a dict with 'low' and 'high'"),
    "too few": (QUOTE, "return {'low': [1.0], 'high': [2.0]}", "264 prices above 0"),
    "nan": (QUOTE, "n = len(houses['area']); return {'low': np.full(n, np.nan), 'high': np.ones(n)}", "above 0"),
    "negative": (QUOTE, "n = len(houses['area']); return {'low': -np.ones(n), 'high': np.ones(n)}", "above 0"),
    "turned": (QUOTE, "n = len(houses['area']); return {'low': 2 * np.ones(n), 'high': np.ones(n)}", "not above"),
    "no list": (BUY, "return None", "different whole numbers"),
    "not there": (BUY, "return [140]", "different whole numbers"),
    "twice": (BUY, "return [3, 3]", "different whole numbers"),
    "a mask": (BUY, "return listings['ask'] < 1e5", "different whole numbers"),
    "too dear": (BUY, "return list(range(len(listings['ask'])))", "come to $3,000,000 at most"),
    "raises": (BUY, "return 1 / 0", "ZeroDivisionError"),
    "ends": (BUY, "__import__('os')._exit(0)", "ended while"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_can_not_be_judged_is_one_sentence_and_earns_nothing(case, small, tmp_path):
    head, line, sentence = WRONG[case]
    report = examined(tmp_path, PLAIN + ADDED.format(head, line), small, ("quality", "coverage", "money"))
    assert report.points == 0
    assert sentence in report["money"].advice and "\n" not in report["money"].advice, report


#: What breaks one promise of the contract alone, and the sentence.
ODD = {
    "changes": (QUOTE, "sales['price'] *= 2; return {'low': houses['area'], 'high': houses['area'] * 9}", "changed"),
    "noise": (
        QUOTE,
        "import os; n = len(houses['area']); x = 1 + int.from_bytes(os.urandom(2)) * 1e-9 + np.zeros(n); "
        "return {'low': x, 'high': x + 1}",
        "had another answer",
    ),
    "together": (QUOTE, "x = houses['area'] * len(houses['area']); return {'low': x, 'high': 2 * x}", "other bounds"),
    "spends": (BUY, "return [int(np.argsort(listings['ask'])[0])]", "asks come to $0"),
}


@pytest.mark.parametrize("case", ODD)
def test_promises_are_tried_one_by_one(case, small, tmp_path):
    head, line, sentence = ODD[case]
    report = examined(tmp_path, PLAIN + ADDED.format(head, line), small, ("interface",))
    assert 2 <= report["interface"].points < 4 and sentence in report["interface"].advice, report


#: A probe: it remembers the sales that it saw before, and is wrong if there were any.
REMEMBERS = PLAIN + ADDED.format(QUOTE, "met.append(1); f = 1 if len(met) == 1 else 1e-3; x = houses['area'] * f; "
                                 "return {'low': x * 40, 'high': x * 250}") + "\nmet = []\n"  # fmt: skip


def test_months_know_nothing_of_each_other(small, tmp_path):
    report = examined(tmp_path, REMEMBERS, small, ("coverage",))
    assert report["coverage"].value > 0.9


def test_a_replay_is_a_month_as_it_is_judged(small, tmp_path):
    text = PLAIN + ADDED.format(BUY, "return [2, 7]")
    (tmp_path / "buyer.py").write_text(text, encoding="utf-8")
    found = UNIT.replay(tmp_path, small, 1)
    table, one = found.frame(), small.truth["cases"][1]
    assert table["listing"].tolist() == [2, 7] and table["asked"].tolist() == one.ask[[2, 7]].tolist()
    assert table["profit"].sum() == pytest.approx(world.profit(one, np.array([2, 7])), abs=2)
    assert "2 houses were bought" in found.said
    with pytest.raises(Problem, match="months 0 to 1"):
        UNIT.replay(tmp_path, small, 2)


def test_the_yardstick_keeps_the_contract(public):
    sales = world.table(public[0].sales, price=public[0].paid)
    listed = world.table(public[0].listed, ask=public[0].ask)
    found = yardstick.quote(listed, sales)
    picks = yardstick.buy(listed, sales, 500_000.0)
    assert (found["low"] < found["high"]).all() and len(picks) >= 1 and listed["ask"][picks].sum() <= 500_000


def test_pictures_say_in_words_what_they_show(data, public, tmp_path, monkeypatch, capsys):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    class Desk:
        def load(self, file):
            if file == "missing.py":
                raise Problem("There is no missing.py yet.")
            names: dict = {}
            exec(compile(PLAIN if file == "plain.py" else "", file, "exec"), names)
            return type("module", (), {name: staticmethod(names[name]) for name in ("quote", "buy") if name in names})

    monkeypatch.setattr(plt, "show", lambda: plt.close("all"))
    monkeypatch.chdir(tmp_path)
    picture.curse(data["resold"] * 1.2, data["ask"], data["resold"])
    picture.scatter(np.log(data["price"]), np.log(data["price"]) + 0.1)
    picture.months(Desk(), public[:2], {"one": "plain.py", "two": "missing.py", "three": "empty.py"})
    said = capsys.readouterr().out
    assert "largest promises" in said and "Nine errors in ten" in said
    assert "of bounds hold" in said and "no missing.py" in said and "no quote or no buy in empty.py" in said


def test_a_model_is_run_for_every_table(small, tmp_path):
    import onnx
    from onnx import helper

    sides = [
        helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [None, wide])
        for name, wide in (("houses", 14), ("valuation", 2))
    ]
    rows = onnx.numpy_helper.from_array(np.array([0, 13]), "rows")
    nodes = [helper.make_node("Gather", ["houses", "rows"], ["valuation"], axis=1)]
    graph = helper.make_graph(nodes, "two", sides[:1], sides[1:], [rows])
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), tmp_path / "model.onnx"
    )
    text = PLAIN + ADDED.format(
        QUOTE, "assert (houses['valuation'][:, 0] == houses['area']).all(); "
        "return {'low': houses['area'] * 40, 'high': sales['valuation'].max() + houses['area'] * 250}")  # fmt: skip
    report = examined(tmp_path, text, small, ("coverage", "model", "size"))
    assert report["coverage"].value > 0.9 and report["model"].points == 2, report


def test_the_world_is_the_same_in_another_process(data):
    program = (
        "import hashlib, numpy as np; from course import units; from course.key import OPEN; "
        "d = units.load('q18-house-prices').public_data(OPEN); "
        "print(hashlib.sha256(b''.join(d[k].tobytes() for k in sorted(d))).hexdigest())"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()
    assert said == hashlib.sha256(b"".join(data[k].tobytes() for k in sorted(data))).hexdigest()
    assert dataclasses.is_dataclass(world.Case)
