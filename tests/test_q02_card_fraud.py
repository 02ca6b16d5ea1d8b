"""q02: payments are what the brief says, the table knows what it should, and money is counted as at the desk."""

from __future__ import annotations

import dataclasses
import hashlib

import numpy as np
import onnx
import pytest
from onnx import helper

from course import units
from course.contract.measure import measure
from course.contract.processes.calls import CallError
from course.key import OPEN, Key
from course.problem import Problem
from course.units.kit.worlds import Draw
from course.units.q02_card_fraud import DESKS, judge, picture, world
from course.units.q02_card_fraud.graph import Graph, ask

UNIT = units.load("q02-card-fraud")
OTHER = Key(hashlib.sha256(b"another").digest(), "another")
HIDDEN = ("new", "busy", "outage", "promise")


@pytest.fixture(scope="module")
def data():
    return UNIT.public_data(OPEN)


@pytest.fixture(scope="module")
def private():
    return UNIT.private_holdout(OPEN)


@pytest.fixture(scope="module")
def month():
    rng = np.random.default_rng(5)
    return world.region(rng, world.world(rng), world.LIVE, world.LIVE + world.LATER, {world.LIVE + 3: 3.0})


def column(X, name):
    return X[:, world.AT[name]]


def test_the_same_key_gives_the_same_payments_and_another_key_others(data):
    again, other = UNIT.release(Draw(UNIT.name, OPEN)), UNIT.public_data(OTHER)
    assert all(np.array_equal(data[name], again[name], equal_nan=data[name].dtype.kind == "f") for name in data)
    assert all(values.dtype.kind in "iufb" for values in data.values())
    assert world.world(OPEN.rng(UNIT.name, "world")) != world.world(OTHER.rng(UNIT.name, "world"))
    assert not np.array_equal(data["X_shadow"][:100], other["X_shadow"][:100], equal_nan=True)


def test_payments_are_as_many_as_the_brief_says_and_in_order_of_time(data):
    X, day = data["X_table"], data["day_table"]
    assert X.shape == (len(day), 22) and 850 < len(X) / world.DAYS < 1_100
    time = day + column(X, "hour") / 24
    assert (np.diff(time) >= -0.01).all() and day.min() == 0 and day.max() == world.DAYS - 1
    for desk in range(DESKS["shadow"]):
        rows = data["desk_shadow"] == desk
        assert (np.diff(data["day_shadow"][rows]) >= 0).all()
    assert 0.0022 < data["fraud_shadow"].mean() < 0.0042
    assert (column(X, "weekday") == day % 7).all()


def test_honest_amounts_and_hours_follow_the_record(data):
    X, honest = data["X_table"], ~data["fraud_table"]
    groceries = X[honest & (column(X, "category") == 0) & (column(X, "web") == 0)]
    spread = world.baskets()["log amount less the household's mean"][1]
    assert np.log(column(groceries, "amount")).std() > spread.std()
    hours = np.bincount(column(X, "hour").astype(int) % 24, minlength=24) / len(X)
    assert np.corrcoef(hours, world.baskets()["share of baskets by hour"][1])[0, 1] > 0.95


def test_labels_come_late_and_what_was_looked_at_at_once(month):
    frauds = month.only(month.fraud)
    delay = frauds.known - frauds.day
    looked = world.old_rules({name: frauds.X[:, k] for name, k in world.AT.items()})
    assert (delay[looked] == 0).all() and (delay[~looked] >= 1).all()
    assert 22 < np.median(delay[~looked]) < 40
    assert np.isnan(month.known[~month.fraud]).all()


def test_the_newest_weeks_of_the_table_know_few_of_their_frauds(data):
    _, known, expected = picture.by_block(data)
    assert known[-1] < 0.6 * known[-3:-1].mean()
    assert (expected >= known).all() and expected[0] == pytest.approx(known[0], rel=0.02)
    late = data["dispute_day_table"][data["fraud_table"]]
    assert (late <= world.DAYS).all() and np.isnan(data["dispute_day_table"][~data["fraud_table"]]).all()


def test_columns_of_the_export_know_the_future_and_are_served_without(data, private):
    X, fraud = data["X_table"], data["fraud_table"]
    assert (column(X, "disputes_at_export")[fraud] >= 1).all() and (column(X, "blocked_at_export")[fraud] == 1).all()
    assert column(X, "blocked_at_export")[~fraud].mean() < 0.3
    assert (column(X, "merchant_disputes_at_export") >= column(X, "merchant_disputes") - 0.051).all()
    for served in (data["X_shadow"], private.probes["rows"].inputs["payments"]):
        assert (column(served, "blocked_at_export") == 0).all()
        assert np.array_equal(column(served, "merchant_disputes_at_export"), column(served, "merchant_disputes"))
    live, truth = private.probes["rows"].inputs["payments"], private.truth["rows"]["fraud"]
    assert column(live, "disputes_at_export")[truth].mean() < 0.5


def test_history_is_that_of_earlier_payments_alone():
    card, time = np.array([3, 3, 3, 3, 8]), np.array([1.0, 1.5, 1.9, 9.1, 2.0])
    found = world._history(card, time, np.array([10.0, 20.0, 40.0, 5.0, 7.0]))
    assert np.array_equal(found["payments_24h"], [0, 1, 2, 0, 0])
    assert np.allclose(found["spent_24h"], [0, 10, 30, 0, 0])
    assert np.allclose(found["hours_since_last"], [np.nan, 12, 9.6, 172.8, np.nan], equal_nan=True)
    assert np.allclose(found["usual_amount"], [np.nan, np.nan, np.nan, 20, np.nan], equal_nan=True)
    changed = world._history(card, time, np.array([10.0, 20.0, 40.0, 500.0, 7.0]))
    assert all(np.allclose(found[name], changed[name], equal_nan=True) for name in found), "no payment knows itself"


def test_styles_replace_each_other():
    at = world.world(np.random.default_rng(0))
    early, late = world.mix(at, np.array([0.0, world.LIVE]))
    assert early.sum() == pytest.approx(1) and late.sum() == pytest.approx(1)
    testing, _, mimic, _ = range(4)
    assert early[testing] > 0.5 > 0.3 > late[testing] and early[mimic] == 0 and late[mimic] > 0.35


def test_an_outage_and_busy_days_are_what_they_are_called(private):
    rows, down, busy = (private.probes[name].inputs["payments"] for name in ("rows", "outage", "busy"))
    history = [world.AT[name] for name in world.HISTORY]
    assert np.isnan(down[:, history]).all()
    rest = np.delete(np.arange(22), history)
    same = private.truth["rows"]["desk"] < DESKS["outage"]
    assert np.array_equal(down[:, rest], rows[same][:, rest], equal_nan=True)
    assert np.median(column(rows, "load")) == pytest.approx(1, abs=0.05) and np.median(column(busy, "load")) > 2.1
    truth = private.truth["busy"]
    days = len(np.unique(truth["desk"] * 100_000 + truth["day"]))
    assert len(busy) / days > 2 * 900


def test_a_desk_looks_at_the_first_seven_of_a_day():
    day, desk = np.repeat([0, 0, 1], 10), np.tile([0, 1], 15)
    found = judge.looked_at(desk, day, np.ones(30, bool))
    assert found.sum() == 7 + 7 + 5 + 5
    assert np.flatnonzero(found & (desk == 0) & (day == 0)).tolist() == [0, 2, 4, 6, 8, 10, 12]
    flagged = np.arange(30) % 3 == 0
    assert (judge.looked_at(desk, day, flagged) == flagged).all(), "few flags are all looked at"
    assert not judge.looked_at(desk, day, np.zeros(30, bool)).any()


def test_money_is_amounts_less_calls_and_nobody_saves_more_than_who_knows_all(month):
    truth = {"day": month.day, "desk": month.desk, "fraud": month.fraud}
    amount = column(month.X, "amount").astype(float)
    best = judge.best(**truth, amount=amount)
    assert judge.share(month.X, **truth, review=best) == pytest.approx(1)
    assert judge.share(month.X, **truth, review=np.zeros(len(month))) == 0
    assert judge.share(month.X, **truth, review=np.ones(len(month))) < 0
    one = np.zeros(len(month), bool)
    one[np.flatnonzero(month.fraud & (amount > 50))[0]] = True
    wanted = (amount[one][0] - world.COST) / judge.worth(amount, month.fraud)[best].sum()
    assert judge.share(month.X, **truth, review=one) == pytest.approx(wanted)
    honest = np.zeros(len(month), bool)
    honest[np.flatnonzero(~month.fraud)[:3]] = True
    assert judge.share(month.X, **truth, review=one | honest) < wanted


def test_promises_are_off_either_way():
    fraud = np.arange(1_000) < 10
    assert judge.factor(np.full(1_000, 0.01), fraud) == pytest.approx(1)
    assert judge.factor(np.full(1_000, 0.02), fraud) == pytest.approx(2)
    assert judge.factor(np.full(1_000, 0.005), fraud) == pytest.approx(2)
    assert judge.factor(np.zeros(1_000), fraud) == float("inf")


def answers(holdout, flag, probability):
    """What a model would say that flags where `flag(name, X)` is true."""
    return {
        name: {
            "probability": np.full(len(probe), probability, np.float32),
            "review": flag(name, probe.inputs["payments"]).astype(np.int64),
        }
        for name, probe in holdout.probes.items()
    }


def test_who_knows_all_is_right_in_every_clause_and_who_flags_nothing_saves_nothing(private):
    def knows(name, X):
        truth = private.truth[name]
        return judge.best(**truth, amount=column(X, "amount").astype(float))

    rate = float(private.truth["rows"]["fraud"].mean())
    found = UNIT.evaluate(answers(private, knows, rate), private)
    assert {name: round(one.value, 2) for name, one in found.items()} == dict.fromkeys(("quality", *HIDDEN), 1.0)
    none = UNIT.evaluate(answers(private, lambda name, X: np.zeros(len(X)), 0.5), private)
    assert [none[name].value for name in ("quality", "new", "busy", "outage")] == [0] * 4
    assert none["promise"].value > 100 and "less than one payment a day" in none["quality"].note
    everything = UNIT.evaluate(answers(private, lambda name, X: np.ones(len(X)), rate), private)
    assert everything["quality"].value < 0 and "7 a day" in everything["quality"].note


def test_numbers_of_flags_are_told_on_the_public_month_alone(data, private):
    public = UNIT.public_holdout(data)

    def large(name, X):
        return column(X, "amount") > 600

    assert "flags a day" in UNIT.evaluate(answers(public, large, 0.003), public)["quality"].aside
    assert UNIT.evaluate(answers(private, large, 0.003), private)["quality"].aside == ""


def small(holdout, rows=3_000):
    """A hold-out of its first payments."""
    probes = {
        name: dataclasses.replace(probe, inputs={"payments": probe.inputs["payments"][:rows]})
        for name, probe in holdout.probes.items()
    }
    truth = {name: {what: values[:rows] for what, values in one.items()} for name, one in holdout.truth.items()}
    return dataclasses.replace(holdout, probes=probes, truth=truth)


def rule(path, probability=0.003, review=200.0, **change):
    """A model without learning: whoever spends more than `review` euros is called."""
    graph = Graph()
    amount = graph.column("amount")
    same = graph.add("Add", graph.add("Mul", amount, np.float32(0)), np.float32(probability))
    graph.save(str(path / "model.onnx"), same, graph.add("Greater", amount, np.float32(review)))
    model = onnx.load(path / "model.onnx")
    for name, value in change.items():
        globals()[name](model.graph, value)
    onnx.save(model, path / "model.onnx")


def twice(graph, by):
    """Reviews of 0 and `by`."""
    graph.node[-1].output[0] = "once"
    graph.initializer.append(onnx.numpy_helper.from_array(np.int64(by), "by"))
    graph.node.append(helper.make_node("Mul", ["once", "by"], ["review"]))


def test_a_graph_without_a_classifier_does_what_it_says(tmp_path, data, private):
    rule(tmp_path)
    X = data["X_shadow"][:500]
    probability, review = ask(str(tmp_path / "model.onnx"), X)
    assert np.array_equal(review, column(X, "amount") > 200) and np.allclose(probability, 0.003)
    graph = Graph()
    assert np.array_equal(graph.look(graph.column("hour"), X), column(X, "hour"))
    report = measure(UNIT, tmp_path, small(private), wanted=("interface", "quality", "size", "operators", *HIDDEN))
    assert report["interface"].value == 5 and report["size"].verdict == "kept" and report["quality"].points == 0


def test_a_classifier_in_a_graph_says_what_it_says_outside(tmp_path, data):
    from sklearn.ensemble import HistGradientBoostingClassifier

    columns = ("amount", "device_age", "times_usual", "load")
    places = [world.AT[name] for name in columns]
    X, y = data["X_table"][::7], data["fraud_table"][::7]
    trees = HistGradientBoostingClassifier(max_iter=5, max_leaf_nodes=4).fit(X[:, places], y)
    graph = Graph(trees, columns)
    graph.save(str(tmp_path / "model.onnx"), graph.score, graph.add("Greater", graph.score, np.float32(0.01)))
    for rows in (data["X_shadow"][:2_000], world.outage(data["X_shadow"][:500])):
        probability, review = ask(str(tmp_path / "model.onnx"), rows)
        wanted = trees.predict_proba(rows[:, places])[:, 1]
        assert np.allclose(probability, wanted, atol=1e-6) and set(review) <= {0, 1}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"probability": 1.5}, "leaves 0 to 1"),
        ({"probability": float("nan")}, "NaN"),
        ({"twice": 2}, "must be 1 (look at this payment) or 0"),
    ],
)
def test_what_can_not_be_judged_is_one_sentence_and_earns_nothing(change, words, tmp_path, data):
    rule(tmp_path, **change)
    report = measure(UNIT, tmp_path, small(UNIT.public_holdout(data)), wanted=("quality",))
    assert report.points == 0 and words in report["quality"].advice and "\n" not in report["quality"].advice


def test_a_replay_is_the_month_of_a_desk_as_it_is_judged(tmp_path, data):
    holdout = UNIT.public_holdout(data)
    rule(tmp_path)
    truth, X = holdout.truth["rows"], data["X_shadow"]
    gain = judge.worth(column(X, "amount").astype(float), truth["fraud"])
    seen = judge.looked_at(truth["desk"], truth["day"], column(X, "amount") > 200)
    for case in range(DESKS["shadow"]):
        found = UNIT.replay(tmp_path, holdout, case)
        table = found.frame()
        assert len(table) == world.LATER and (table["flagged"] >= table["of them looked at"]).all()
        assert table["€ saved"].sum() == pytest.approx(gain[seen & (truth["desk"] == case)].sum(), abs=len(table))
        assert (table["€ saved"] <= table["€ at best"]).all() and "This desk saved" in found.said
    with pytest.raises(Problem, match="desks 0 to 1"):
        UNIT.replay(tmp_path, holdout, DESKS["shadow"])
    rule(tmp_path, twice=2)
    with pytest.raises(CallError, match="must be 1"):
        UNIT.replay(tmp_path, holdout, 0)


def test_pictures_say_in_words_what_they_show(data, tmp_path, monkeypatch, capsys):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    monkeypatch.setattr(plt, "show", lambda: plt.close("all"))
    picture.labels(data)
    picture.desk(data, str(tmp_path / "model.onnx"))
    rule(tmp_path)
    picture.desk(data, str(tmp_path / "model.onnx"))
    said = capsys.readouterr().out
    assert "weeks 21-24" in said and "There is no" in said and "flags a day and desk" in said


def test_what_a_converter_gets_wrong_is_refused_and_trees_by_hand_are_right(tmp_path, data):
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier

    from course.contract.parity import Differs

    columns = ("amount", "category", "device_age", "times_usual")
    places = [world.AT[name] for name in columns]
    X, y = data["X_table"][::7], data["fraud_table"][::7]
    rows = np.flatnonzero(y | (np.random.default_rng(0).random(len(y)) < 0.1))
    boosted = HistGradientBoostingClassifier(max_iter=10, max_leaf_nodes=6, categorical_features=[1], random_state=0)
    forest = RandomForestClassifier(5, max_depth=5, random_state=0)
    for model, words in ((boosted, "A split by categories"), (forest, "which way a missing value goes")):
        model.fit(X[rows][:, places], y[rows])
        with pytest.raises(Differs, match=words):
            Graph(model, columns)
        graph = Graph(model, columns, ml=5)
        graph.save(str(tmp_path / "model.onnx"), graph.score, graph.add("Greater", graph.score, np.float32(0.01)))
        for asked in (data["X_shadow"][:500], world.outage(data["X_shadow"][:500])):
            probability, _ = ask(str(tmp_path / "model.onnx"), asked)
            assert np.allclose(probability, model.predict_proba(asked[:, places])[:, 1], atol=1e-6)
