"""q03: the world is what the brief says, the judge counts as the contract says, and odd files get a sentence."""

from __future__ import annotations

import hashlib

import numpy as np
import onnx
import pytest
from conftest import linear_model

from course import units
from course.contract.measure import measure
from course.graph import Graph
from course.key import OPEN, Key
from course.units.q03_replacements import PRIVATE, PUBLIC, judge, picture, world

UNIT = units.load("q03-replacements")
OTHER = Key(hashlib.sha256(b"another").digest(), "another")
INPUTS = {"item": (np.int64,), "basket": (np.int64, 16), "shelf": (np.uint8, world.ITEMS)}
QUICK = ("interface", "quality", "available", "size", "operators", "odd", "few", "new")


@pytest.fixture(scope="module")
def data():
    return UNIT.public_data(OPEN)


@pytest.fixture(scope="module")
def holdout():
    return UNIT.private_holdout(OPEN)


@pytest.fixture(scope="module")
def other():
    return world.world(OTHER.rng(UNIT.name, "world"))


def test_a_key_decides_items_shelves_and_choices(data, other):
    again = world.world(OPEN.rng(UNIT.name, "world"))
    assert np.array_equal(again.kind, data["kind"]) and np.array_equal(again.shelf[:, :44], data["shelf"])
    assert not np.array_equal(again.kind, other.kind) and not np.array_equal(again.popular, other.popular)
    assert set(again.real_item) != set(other.real_item), "other items too"
    assert all(again.weight[name] != other.weight[name] for name in world.WEIGHT)


def test_kinds_and_items_are_what_the_brief_says(data, other):
    for kind in (data["kind"], other.kind):
        sizes = sorted(np.bincount(kind).tolist())
        assert sizes == sorted(size for count, size in world.SIZES for _ in range(count))
    real = world.real()
    assert [real.kinds[k] for k in real.kind[other.real_item]] == [other.names[k] for k in other.kind]
    assert np.array_equal(other.own, real.own[other.real_item])
    assert np.array_equal(other.price, real.price[other.real_item])
    assert (real.price > 0).all(), "prices have logarithms"
    assert "CIGARETTES" not in real.kinds and len(real.kinds) > 100
    late = (data["shelf"] > 0).any(axis=0)[:28].any(axis=0)
    assert 0.03 < 1 - late.mean() < 0.1, "one in sixteen came late"


def test_households_and_weeks_of_the_parts_are_apart(data, other):
    parts = other.people
    assert sum(map(len, parts.values())) == len(set(np.concatenate(list(parts.values())))) == len(other.taste)
    assert data["week"].max() < min(data["week_public"]) and max(data["week_public"]) < min(world.PRIVATE)
    asked = world.requests(other, np.random.default_rng(0), "private", world.PRIVATE, 300)
    assert set(asked.household) <= set(parts["private"]) and set(asked.week) <= set(world.PRIVATE)


def test_the_log_holds_what_tills_see(data):
    assert (np.diff(data["basket"].astype(int)) >= 0).all() and len(data["item"]) > 80_000
    pairs = data["basket"].astype(np.int64) * world.ITEMS + data["item"]
    assert len(np.unique(pairs)) == len(pairs), "an item stands in a basket once"
    assert (data["shelf"][data["store"], data["week"], data["item"]] > 0).all(), "nobody buys what is not there"
    assert data["shelf"].shape == (60, 44, 1800) and set(np.unique(data["shelf"])) == {0, 1, 2}
    asked, came_for = data["asked"], data["came_for"]
    assert len(asked) == len(set(asked)) == world.SURVEY
    assert (data["kind"][data["item"][asked]] == data["kind"][came_for]).all()


def test_a_definition_without_the_shelf_is_mostly_wrong(data):
    asked, household = data["asked"].astype(int), data["household"].astype(np.int64)
    kind, item = data["kind"][data["item"]], data["item"].astype(np.int64)
    pair = household * 80 + kind
    counts = np.zeros((household.max() + 1) * 80 * 40, np.int32)
    place = np.zeros(world.ITEMS, int)
    for group in world.members(data["kind"]):
        place[group[group >= 0]] = np.arange((group >= 0).sum())
    np.add.at(counts, pair * 40 + place[item], 1)
    usual = world.members(data["kind"])[kind, counts.reshape(-1, 40)[pair].argmax(axis=1)][asked]
    other = usual != item[asked]
    empty = data["shelf"][data["store"][asked], data["week"][asked], usual] == 0
    right = data["came_for"] == usual
    assert right[other].mean() < 0.3 and 0.35 < right[other & empty].mean() < 0.7


def test_requests_are_what_the_contract_says(data, holdout):
    public = UNIT.public_holdout(data)
    for some, count in ((public, PUBLIC), (holdout, PRIVATE)):
        given = some.probes["rows"].inputs
        item, basket, shelf = given["item"], given["basket"], given["shelf"]
        assert len(item) == count and basket.shape == (count, 16) and shelf.dtype == np.uint8
        assert not shelf[np.arange(count), item].any()
        member, chance, best = some.truth["rows"]
        left = (member >= 0) & (np.take_along_axis(shelf, np.maximum(member, 0), 1) > 0)
        assert left.sum(axis=1).min() >= 5 and not (chance * ~left).any()
        assert np.allclose(chance.sum(axis=1), 1) and 0.5 < best < 1
        told = basket >= 0
        assert told.any() and (np.diff(told.astype(int), axis=1) <= 0).all(), "-1 behind the last"
        kinds = data["kind"]
        assert not (told & (kinds[np.maximum(basket, 0)] == kinds[item][:, None])).any()
    few, rows = holdout.probes["few"].inputs, holdout.probes["rows"].inputs
    member = holdout.truth["rows"][0]
    left = ((np.take_along_axis(few["shelf"], np.maximum(member, 0), 1) > 0) & (member >= 0)).sum(axis=1)
    assert set(left) == {0, 1, 2, 3, 4} and np.array_equal(few["item"], rows["item"])


def test_what_is_missing_in_the_slice_of_new_items_came_late(data, holdout):
    late = ~(data["shelf"][:, :28] > 0).any(axis=(0, 1))
    assert late[holdout.probes["new"].inputs["item"]].all() and len(holdout.probes["new"]) > 500


def test_suggestions_are_judged_as_in_the_example():
    member = np.array([[3, 7, 12, 40, 41, -1]])
    shelf = np.zeros((1, 50), np.uint8)
    shelf[0, [3, 12, 40, 41]] = 1, 1, 2, 1
    items = np.array([[12, 3, 3, 7, 40]])
    good = judge.honest(items, np.array([7]), shelf)
    assert good.tolist() == [[True, True, False, False, True]]
    chance = np.array([[0.15, 0, 0.4, 0.05, 0.2, 0]])
    assert judge.caught(items, good, member, chance)[0] == pytest.approx(0.6)
    assert judge.best(chance) == pytest.approx(0.8)
    for wrong in (-1, 50, 2**40, -(2**40), 13):
        assert not judge.honest(np.full((1, 5), wrong), np.array([7]), shelf).any()


def test_all_that_is_left_is_each_once_and_nothing_else():
    member, shelf = np.array([[3, 7, 12, -1, -1, -1]]), np.zeros((1, 50), np.uint8)
    shelf[0, [3, 12, 20]] = 1

    def ask(*items):
        return bool(judge.all_that_is_left(np.array([items]), member, np.array([7]), shelf)[0])

    assert ask(3, 12, -1, -1, -1) and ask(-1, 12, -1, 3, -1)
    assert not ask(3, -1, -1, -1, -1) and not ask(3, 12, 12, -1, -1) and not ask(3, 12, 20, -1, -1)


def best_lists(holdout, name):
    """What one answers who knows the chances."""
    member, chance, _ = holdout.truth[name]
    return np.take_along_axis(member, np.argsort(-chance, axis=1)[:, :5], 1)


def test_the_best_lists_are_all_and_nothing_is_nothing(holdout):
    given = holdout.probes["few"].inputs
    member = holdout.truth["rows"][0]
    left = (member >= 0) & (np.take_along_axis(given["shelf"], np.maximum(member, 0), 1) > 0)
    few = -np.sort(-np.where(left, member, -1), axis=1)[:, :5]
    lists = best_lists(holdout, "rows")
    odd = lists[holdout.truth["odd"]]
    answers = {"rows": lists, "new": best_lists(holdout, "new"), "few": few,
               "odd": np.concatenate([np.full_like(odd, -1), odd, odd, odd])}  # fmt: skip
    found = UNIT.evaluate({name: {"items": items} for name, items in answers.items()}, holdout)
    assert {name: round(one.value, 9) for name, one in found.items()} == dict.fromkeys(
        ("quality", "available", "odd", "few", "new"), 1.0
    )
    assert not any(one.aside for one in found.values()), "numbers on hidden requests would be an oracle"
    answers = {name: {"items": np.full_like(items, -1)} for name, items in answers.items()}
    found = UNIT.evaluate(answers, holdout)
    assert found["quality"].value == found["available"].value == found["new"].value == 0
    assert found["odd"].value < 0.5 and found["few"].value < 0.3
    lists[7, 2] = holdout.probes["rows"].inputs["item"][7]
    found = UNIT.evaluate({"rows": {"items": lists}, "new": {"items": best_lists(holdout, "new")}}, holdout)
    assert found["available"].value < 1 and found["available"].note.startswith("1 suggestions can't be had")
    assert not UNIT.term("available").keeps(found["available"].value), "one in twenty thousand is one too many"


def constant(path, item):
    g = Graph(INPUTS)
    none = g.add("Mul", g.add("Unsqueeze", "item", np.array([1])), np.zeros((1, 5), np.int64))
    g.save(path, items=g.add("Add", none, np.int64(item)))


def looks_up_first():
    g = Graph(INPUTS)
    looked = g.add("Gather", np.zeros((world.ITEMS, 5), np.int64), "item")
    return g.model(items=looked).SerializeToString()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"not a model", "no ONNX"),
        (linear_model(features=40, classes=64).SerializeToString(), "the input 'pixels'"),
    ],
    ids=["no ONNX", "other names"],
)
def test_what_is_no_model_of_the_contract_is_one_sentence(tmp_path, holdout, content, words):
    (tmp_path / "model.onnx").write_bytes(content)
    said = measure(UNIT, tmp_path, holdout, wanted=QUICK)["quality"]
    assert words in said.advice and said.points == 0
    assert "\n" not in said.advice.strip() and "Traceback" not in said.advice


def test_no_file_is_said_and_a_gather_that_stops_breaks_odd_questions_alone(tmp_path, holdout):
    assert "There is no model.onnx yet" in measure(UNIT, tmp_path, holdout, wanted=QUICK)["quality"].advice
    (tmp_path / "model.onnx").write_bytes(looks_up_first())
    found = measure(UNIT, tmp_path, holdout, wanted=QUICK)
    assert found["odd"].verdict == "broken" and "Gather" in found["odd"].advice
    assert found["interface"].value == 5 and found["quality"].value is not None
    constant(tmp_path / "model.onnx", -1)
    found = measure(UNIT, tmp_path, holdout, wanted=QUICK)
    assert found["available"].points == found["quality"].points == found["odd"].points == 0


def test_the_pictures_tell_what_they_draw(capsys, monkeypatch, tmp_path, data):
    import matplotlib.pyplot as plt

    monkeypatch.setattr(plt, "show", plt.close)
    monkeypatch.chdir(tmp_path)
    picture.together(data)
    drawn = capsys.readouterr().out
    assert drawn.startswith("bought together most") and "100% of the suggestions are of the kind" in drawn
    picture.lists(data)
    assert "There is no model.onnx yet." in capsys.readouterr().out
    constant(tmp_path / "model.onnx", 0)
    picture.lists(data, requests=(5, len(data["item_public"])))
    assert f"{len(data['item_public'])} is none of them" in capsys.readouterr().out
    picture.lists(data, requests=(5,))
    assert "can not be had" in capsys.readouterr().out
    (tmp_path / "model.onnx").write_bytes(onnx.ModelProto().SerializeToString())
    picture.lists(data)
    assert "model.onnx does not answer" in capsys.readouterr().out


def test_real_habits_are_mostly_left_while_their_item_is_there():
    found = picture.habits()
    assert found["trips"] > 100_000 and 0.2 < found["other"] < 0.5
    assert 0.6 < found["sold"] / found["sold_usual"] < 1
