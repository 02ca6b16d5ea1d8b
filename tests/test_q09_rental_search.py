"""q09: looks follow places alone, the former order echoes in the log, and orders are worth what they bring."""

from __future__ import annotations

import dataclasses
import hashlib

import numpy as np
import onnx
import pytest
from onnx import helper

from course import units
from course.contract.measure import measure
from course.key import OPEN, Key
from course.units.kit.worlds import Draw
from course.units.q09_rental_search import CALL, PAGES, judge, picture, world
from course.units.q09_rental_search.graph import Graph, ask

UNIT = units.load("q09-rental-search")
OTHER = Key(hashlib.sha256(b"another").digest(), "another")
HIDDEN = ("new", "outage", "kroner", "crowd")
PLACES = np.arange(1, world.PAGE + 1)


@pytest.fixture(scope="module")
def data():
    return UNIT.public_data(OPEN)


@pytest.fixture(scope="module")
def private():
    return UNIT.private_holdout(OPEN)


def column(X, name):
    return X[:, world.AT[name]]


def shown(data, part):
    return world.rows(data["homes"], data[f"search_{part}"], data[f"home_{part}"])


def test_the_same_key_gives_the_same_world_and_another_key_another(data):
    again, other = UNIT.release(Draw(UNIT.name, OPEN)), UNIT.public_data(OTHER)
    assert all(np.array_equal(data[name], again[name], equal_nan=data[name].dtype.kind == "f") for name in data)
    assert all(values.dtype.kind in "iufb" for values in data.values())
    assert world.world(OPEN.rng(UNIT.name, "world")) != world.world(OTHER.rng(UNIT.name, "world"))
    assert not np.array_equal(data["home_log"], other["home_log"])


def test_a_page_has_different_homes_of_one_market(data):
    for part in ("log", "shuffled"):
        home = data[f"home_{part}"]
        assert home.shape == (PAGES[part], world.PAGE)
        assert (np.diff(np.sort(home, axis=1).astype(int), axis=1) > 0).all()
        assert (home // world.HOMES == home[:, :1] // world.HOMES).all()
        assert not (data[f"booked_{part}"] & ~data[f"clicked_{part}"]).any(), "a booking needs a click"


def test_on_shuffled_pages_clicks_fall_as_looks_do(data):
    at = world.world(OPEN.rng(UNIT.name, "world"))
    for phone in (0, 1):
        clicked = data["clicked_shuffled"][data["search_shuffled"][:, world.AT["phone"]] == phone]
        each = clicked.mean(axis=0)
        wanted = world.looks(at, np.array(phone), PLACES)
        assert np.corrcoef(each, wanted)[0, 1] > 0.97
        assert each[0] > 3 * each[-8:].mean()
    assert at.steep[1] > at.steep[0], "phones are steeper"


def test_the_former_order_puts_what_was_clicked_what_is_dear_and_what_is_instant_on_top(data):
    X, place = shown(data, "log"), np.tile(PLACES, PAGES["log"])
    top, bottom = place <= 6, place > 18
    euros = column(X, "price") * column(X, "rate")
    assert column(X, "instant")[top].mean() > 0.7 > 0.3 > column(X, "instant")[bottom].mean()
    assert np.median(euros[top]) > 1.3 * np.median(euros[bottom])
    assert np.nanmedian(column(X, "clicks_90d")[top]) > 1.5 * np.nanmedian(column(X, "clicks_90d")[bottom])
    new = column(X, "days_listed") < world.NEW_DAYS
    assert new[bottom].mean() > 2 * new[top].mean()
    S, where = shown(data, "shuffled"), np.tile(PLACES, PAGES["shuffled"])
    assert abs(np.corrcoef(where, column(S, "instant"))[0, 1]) < 0.02, "on shuffled pages the place knows nothing"


def test_in_the_log_dear_and_instant_homes_are_clicked_more_and_on_shuffled_pages_they_are_not(data):
    for name, least in (("instant", 0.5), ("price", 80.0)):
        rates = {}
        for part in ("log", "shuffled"):
            X = shown(data, part)
            value = column(X, name) * (column(X, "rate") if name == "price" else 1)
            clicked = data[f"clicked_{part}"].ravel()
            rates[part] = clicked[value > least].mean() / clicked[value <= least].mean()
        assert rates["log"] > 1.4 * rates["shuffled"]


def test_postcards_are_clicked_and_not_booked():
    at = world.world(np.random.default_rng(3))
    there = world.homes(np.random.default_rng(4), at, 0.14)
    made = world.pages(np.random.default_rng(5), at, there, 600, shuffled=True)
    bait = there.bait[made.home]
    assert 0.1 < bait.mean() < 0.2
    assert made.appeal[bait].mean() > 1.5 * made.appeal[~bait].mean()
    assert (made.chance / made.appeal)[bait].mean() < 0.6 * (made.chance / made.appeal)[~bait].mean()
    assert (made.chance <= made.appeal).all() and made.appeal.max() < 1


def test_new_homes_have_no_history_and_are_as_good_as_others(private):
    X, chance = private.probes["rows"].inputs["candidates"], private.truth["rows"][0].ravel()
    new = column(X, "days_listed") < world.NEW_DAYS
    history = [world.AT[name] for name in world.HISTORY]
    assert np.isnan(X[new][:, history]).all() and not np.isnan(column(X, "clicks_90d")[~new]).any()
    assert 0.25 < new.mean() < 0.35
    assert 0.75 < chance[new].mean() / chance[~new].mean() < 1.25


def test_hidden_probes_are_what_they_are_called(private):
    rows, down, kroner, crowd = (private.probes[n].inputs["candidates"] for n in ("rows", "outage", "kroner", "crowd"))
    assert np.isnan(down[:, [world.AT[name] for name in world.HISTORY]]).all()
    assert set(column(kroner, "rate")) == {np.float32(world.KRONER)}
    same = [np.median(column(X, "price") * column(X, "rate")) for X in (rows, kroner)]
    assert same[1] == pytest.approx(same[0], rel=0.15), "a market's money changes what is printed, not what is paid"
    assert private.truth["crowd"][0].shape == (PAGES["crowd"], CALL) and len(crowd) == PAGES["crowd"] * CALL
    assert len(private.timing) >= 8 * CALL


def test_lift_is_the_discounted_sum_over_that_of_a_shuffled_page():
    gain = np.zeros((2, 24))
    gain[0, 3], gain[1, 5] = 1, 1
    score = np.zeros((2, 24))
    score[0, 3], score[1, [1, 5]] = 9, (9, 8)  # the first at place 1, the second at place 2
    value, error = judge.lift(score.ravel(), gain)
    wanted = (1 + 1 / np.log2(3)) / (2 * judge.DISCOUNT.sum() / 24)
    assert value == pytest.approx(wanted) and error > 0
    assert judge.lift(-score.ravel(), gain)[0] == 0, "what stands below ten counts nothing"
    alone = np.zeros((2, 24), bool)
    alone[0, 3] = True
    assert judge.lift(score.ravel(), gain, alone)[0] == pytest.approx(24 / judge.DISCOUNT.sum())


def test_a_shuffled_order_is_worth_one_and_the_truth_most(private):
    rng = np.random.default_rng(0)
    for gain, best in private.truth.values():
        assert judge.lift(rng.random(gain.size), gain)[0] == pytest.approx(1, abs=0.12)
        assert best > 2.3 and best >= judge.lift(gain.ravel() + rng.normal(0, 0.01, gain.size), gain)[0]


def test_public_bookings_stand_for_chances(data):
    """Booked or not, on shuffled pages, gives the lift that true chances would, within what is said of chance."""
    at = world.world(OPEN.rng(UNIT.name, "world"))
    there = world.homes(OPEN.rng(UNIT.name, "homes"), at, world.NEW["log"])
    made = world.pages(OPEN.rng(UNIT.name, "shuffled"), at, there, PAGES["shuffled"], shuffled=True)
    assert np.array_equal(made.home, data["home_shuffled"])
    photo = there.table[:, world.AT["photo"] - len(world.SEARCH)][made.home]
    score = (there.quality[made.home] + 0.3 * photo).ravel()
    assert judge.best(made.chance) == pytest.approx(float(data["best_shuffled"]))
    value, error = judge.lift(score, made.booked)
    assert value == pytest.approx(judge.lift(score, made.chance)[0], abs=3.5 * error) and error < 0.12


def test_equal_scores_gain_nothing_by_where_homes_stood(data):
    public = UNIT.public_holdout(data)
    same = {"rows": {"score": np.zeros(public.truth["rows"][0].size, np.float32)}}
    found = UNIT.evaluate(same, public)["quality"]
    assert found.value == pytest.approx(1 / data["best_shuffled"], abs=0.08) and "that is no order" in found.note
    assert "by chance" in found.aside


def test_on_bookings_that_there_happened_to_be_near_the_target_is_too_close_to_call(data):
    public = UNIT.public_holdout(data)
    booked, _ = public.truth["rows"]
    score = booked.ravel() + np.random.default_rng(1).normal(0, 0.3, booked.size)
    answers = {"rows": {"score": score.astype(np.float32)}}
    value, error = judge.lift(answers["rows"]["score"], booked)
    for part, verdict in ((0.5, "too close to call"), (3.0, None)):  # standard errors under the target
        best = (value + part * error) / UNIT.term("quality").budget
        moved = dataclasses.replace(public, truth={"rows": (booked, best)})
        assert UNIT.evaluate(answers, moved)["quality"].verdict == verdict


def small(holdout, pages=60):
    """A hold-out of its first pages."""
    probes, truth = {}, {}
    for name, probe in holdout.probes.items():
        gain, best = holdout.truth[name]
        some = gain[: 3 if name == "crowd" else pages]
        truth[name] = (some, best)
        probes[name] = dataclasses.replace(probe, inputs={"candidates": probe.inputs["candidates"][: some.size]})
    return dataclasses.replace(holdout, probes=probes, truth=truth)


def test_a_graph_does_what_it_says(tmp_path, data, private):
    path = str(tmp_path / "model.onnx")
    graph = Graph()
    graph.save(path, graph.add("Neg", graph.columns("price")))
    X = shown(data, "shuffled")[:500]
    assert np.array_equal(ask(path, X), -column(X, "price"))
    assert graph.look(graph.columns("photo", "rate"), X).shape == (500, 2)
    with pytest.raises(KeyError):
        graph.columns("place")
    report = measure(UNIT, tmp_path, small(private), wanted=("interface", "quality", "size", "memory", *HIDDEN))
    assert report["interface"].value == 5 and report["size"].verdict == report["memory"].verdict == "kept"
    assert report["quality"].points == 0 and "a call" not in report["memory"].aside


def test_a_classifier_in_a_graph_says_what_it_says_outside(tmp_path, data):
    from sklearn.ensemble import HistGradientBoostingClassifier

    X, y = shown(data, "log")[::9], data["clicked_log"].ravel()[::9]
    graph = Graph()
    features = graph.columns("photo", "usual_price", "review_score")
    trees = HistGradientBoostingClassifier(max_iter=5, max_leaf_nodes=4).fit(graph.look(features, X), y)
    graph.save(str(tmp_path / "model.onnx"), graph.probability(trees, features))
    for rows in (X[:2_000], world.outage(X[:500])):
        wanted = trees.predict_proba(graph.look(features, rows))[:, 1]
        assert np.allclose(ask(str(tmp_path / "model.onnx"), rows), wanted, atol=1e-6)


def test_what_is_missing_or_no_model_is_one_sentence_in_every_clause(tmp_path, data):
    public, wanted = UNIT.public_holdout(data), ("quality", "latency", "memory", "size")
    missing = measure(UNIT, tmp_path, public, wanted=wanted)
    assert {missing[name].verdict for name in wanted} == {"not attempted"}
    assert all("There is no model.onnx yet" in missing[name].advice for name in wanted)
    (tmp_path / "model.onnx").write_bytes(b"no model")
    refused = measure(UNIT, tmp_path, public, wanted=wanted)
    assert all("is no ONNX file" in refused[name].advice for name in wanted) and refused.points == 0


@pytest.mark.parametrize(("spoil", "words"), [("Sqrt", "NaN"), ("twice", "float32[2880]")])
def test_what_can_not_be_judged_is_one_sentence_and_earns_nothing(spoil, words, tmp_path, data):
    graph, path = Graph(), tmp_path / "model.onnx"
    value = graph.add("Neg", graph.columns("price"))
    graph.save(path, graph.add("Sqrt", value) if spoil == "Sqrt" else value)
    if spoil == "twice":  # a score too many for each candidate
        model = onnx.load(path)
        model.graph.node[-1].output[0] = "once"
        model.graph.node.append(helper.make_node("Concat", ["once", "once"], ["score"], axis=0))
        onnx.save(model, path)
    report = measure(UNIT, tmp_path, small(UNIT.public_holdout(data)), wanted=("quality",))
    assert report.points == 0 and words in report["quality"].advice and "\n" not in report["quality"].advice


def test_pictures_say_in_words_what_they_show(data, tmp_path, monkeypatch, capsys):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    monkeypatch.setattr(plt, "show", lambda: plt.close("all"))
    picture.looks(data)
    picture.order(data, {"mine": str(tmp_path / "model.onnx")})
    graph = Graph()
    graph.save(tmp_path / "model.onnx", graph.columns("photo"))
    picture.order(data, {"mine": str(tmp_path / "model.onnx")})
    said = capsys.readouterr().out
    assert "new homes, former order" in said and "There is no" in said and "bookings for 10,000 homes" in said
    clicks, follow, _ = picture.by_photo(data)
    assert clicks[4] > 2 * clicks[1] and follow[4] < follow[2], "the best photographs are clicked most and booked least"


def test_a_forest_that_meets_missing_values_is_refused_and_by_hand_it_is_right(tmp_path, data):
    from sklearn.ensemble import RandomForestClassifier

    from course.contract.parity import Differs

    X, y = shown(data, "log")[::9], data["clicked_log"].ravel()[::9]
    for ml in (3, 5):
        graph = Graph(ml=ml)
        features = graph.columns("photo", "usual_price", "review_score")
        forest = RandomForestClassifier(5, max_depth=6, random_state=0).fit(graph.look(features, X), y)
        if ml == 3:
            with pytest.raises(Differs, match="which way a missing value goes"):
                graph.probability(forest, features)
            continue
        graph.save(str(tmp_path / "model.onnx"), graph.probability(forest, features))
        for rows in (X[:500], world.outage(X[:500])):
            wanted = forest.predict_proba(graph.look(features, rows))[:, 1]
            assert np.allclose(ask(str(tmp_path / "model.onnx"), rows), wanted, atol=1e-6)
