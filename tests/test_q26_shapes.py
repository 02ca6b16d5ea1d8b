"""q26: drawings are what the brief says, they move with the key, and no turn of the paper is a new drawing."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from conftest import linear_model

from course import units
from course.contract.measure import measure
from course.graph import Graph
from course.key import OPEN, Key
from course.units.kit.worlds import Draw
from course.units.q26_shapes import EACH, TURNED, world

UNIT = units.load("q26-shapes")
OTHER = Key(hashlib.sha256(b"another").digest(), "another")
QUICK = ("interface", "quality", "size", "operators", "chalk", "worst", "turned")


@pytest.fixture(scope="module")
def holdout():
    return UNIT.private_holdout(OTHER)


def test_the_same_key_gives_the_same_drawings_and_another_key_others(monkeypatch):
    monkeypatch.setitem(EACH, "train", 8)
    monkeypatch.setitem(EACH, "public", 5)
    first, again, other = (UNIT.release(Draw(UNIT.name, key)) for key in (OPEN, OPEN, OTHER))
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not np.array_equal(first["X_train"], other["X_train"])
    known = {row.tobytes() for row in first["X_train"]}
    assert not known & {row.tobytes() for row in first["X_public"]}
    for part in ("train", "public"):
        groups = np.bincount(4 * first[f"y_{part}"] + first[f"pen_{part}"])
        assert groups.tolist() == [EACH[part]] * 12


def test_outlines_are_what_the_brief_says():
    rng = np.random.default_rng(0)
    for shape in world.SHAPES:
        for _ in range(50):
            points = world.outline(shape, rng)
            sides = np.diff(points, axis=0, append=points[:1])
            turns = np.angle(np.exp(1j * np.diff(np.arctan2(*sides.T[::-1]), append=np.arctan2(*sides[0][::-1]))))
            assert points.shape == (world.POINTS, 2) and 0.5 < np.hypot(*points.T).max() < 1.5
            if shape == "circle":
                long, short = np.ptp(points, axis=0)
                assert short / long > 0.85 and np.abs(turns).max() < 0.3
            else:  # straight sides: it turns at its corners alone
                assert (np.abs(turns) > 0.1).sum() <= 2 * (3 if shape == "triangle" else 4)


def test_what_is_seen_is_dark_on_light_but_for_chalk():
    rng = np.random.default_rng(1)
    for name, pen in {**world.PENS, "chalk": world.CHALK}.items():
        seen = np.array([world.draw(shape, pen, rng) for shape in world.SHAPES for _ in range(10)])
        assert seen.shape[1:] == (world.SIDE, world.SIDE) and seen.min() >= 0 and seen.max() <= 1
        assert (np.median(seen) < 0.5) == (name == "chalk"), name
    filled, outlined = (
        np.mean([world.draw("square", world.PENS[pen], rng) for _ in range(20)]) for pen in ("felt-tip", "pencil")
    )
    assert filled < outlined, "what is filled in is darker"


def test_eight_ways_to_lay_a_sheet():
    sheet = np.arange(1024).reshape(1, -1)
    ways = world.turned(np.concatenate([sheet, sheet + 1]))
    assert ways.shape == (16, 1024) and len({row.tobytes() for row in ways[::2]}) == 8
    assert np.array_equal(ways[0], sheet[0]) and np.array_equal(ways[1], sheet[0] + 1)
    assert np.array_equal(world.turned(ways[2:3])[3], sheet[0]), "three quarters more are a whole turn"


def test_a_hold_out_has_each_drawing_that_is_turned_in_all_ways(holdout):
    rows, turned = holdout.probes["rows"].inputs["pixels"], holdout.probes["turned"].inputs["pixels"]
    assert turned.shape == (8 * TURNED, 1024) and np.array_equal(turned[:TURNED], rows[:TURNED])
    assert np.array_equal(np.sort(turned[3 * TURNED]), np.sort(rows[0]))
    assert len(holdout.timing) >= 512 and len(holdout.probes["chalk"]) == 3 * EACH["chalk"]
    truth = holdout.truth["shape"]
    perfect = {
        "rows": {"shape": truth},
        "chalk": {"shape": holdout.truth["chalk"]},
        "turned": {"shape": np.tile(truth[:TURNED], 8)},
    }
    assert {name: found.value for name, found in UNIT.evaluate(perfect, holdout).items()} == dict.fromkeys(
        ("quality", "chalk", "worst", "turned"), 1.0
    )
    once = np.tile(truth[:TURNED], 8)
    once[5 * TURNED] = (once[5 * TURNED] + 1) % 3
    found = UNIT.evaluate(perfect | {"turned": {"shape": once}}, holdout)
    assert found["turned"].value == 1 - 1 / TURNED
    always = {name: {"shape": np.zeros(len(probe), np.int64)} for name, probe in holdout.probes.items()}
    found = UNIT.evaluate(always, holdout)
    assert found["quality"].value == pytest.approx(1 / 3) and found["worst"].value == 0
    assert found["turned"].value < 0.5, "who always says the same is not right in all ways"


def test_a_graph_that_is_looked_into_is_the_graph_that_is_saved(tmp_path, holdout):
    X = np.random.default_rng(0).integers(0, 256, (700, 1024)).astype(np.uint8)
    g = Graph({"pixels": (np.float32, 1024)})
    halves = g.add("Mul", "pixels", np.float32(0.5))
    assert np.array_equal(g.look(halves, X), X / np.float32(2))
    scores = g.add("Slice", halves, np.array([0]), np.array([3]), np.array([1]))
    g.save(tmp_path / "model.onnx", shape=g.add("ArgMax", scores, axis=1, keepdims=0))
    found = measure(UNIT, tmp_path, holdout, wanted=QUICK)
    assert found["interface"].value == 5 and 0.2 < found["quality"].value < 0.5
    assert found["quality"].points == found["worst"].points == 0 and found["size"].verdict == "kept"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"not a model", "no ONNX"),
        (linear_model(features=1024, classes=3).SerializeToString(), "the output 'digit'"),
        (linear_model(features=784, classes=3, names=("pixels", "shape")).SerializeToString(), "float32[N, 1024]"),
        (
            linear_model(features=1024, classes=3, names=("pixels", "shape"), scale=np.nan).SerializeToString(),
            "",
        ),
    ],
    ids=["no ONNX", "other names", "other shape", "NaN in weights"],
)
def test_what_is_no_model_of_the_contract_is_one_sentence(tmp_path, holdout, content, words):
    (tmp_path / "model.onnx").write_bytes(content)
    found = measure(UNIT, tmp_path, holdout, wanted=QUICK)
    assert words in found["quality"].advice and found["quality"].points == 0
    assert "\n" not in found["quality"].advice.strip() and "Traceback" not in found["quality"].advice
