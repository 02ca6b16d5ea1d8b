"""q06: the world is what the brief says, it moves with the key, and whatever `search.py` returns is one sentence."""

from __future__ import annotations

import hashlib
import re

import numpy as np
import pytest

from course import units
from course.contract.terms.holdout import Holdout
from course.graph import Graph
from course.key import OPEN, Key
from course.problem import Problem
from course.units.kit.worlds import Draw
from course.units.q06_image_search import judge, world, yardstick

UNIT = units.load("q06-image-search")
OTHER = Key(hashlib.sha256(b"another").digest(), "another")


@pytest.fixture(scope="module")
def workshop():
    return world.workshop(Draw(UNIT.name, OPEN)("workshop"))


@pytest.fixture(scope="module")
def shelf(workshop):
    inks = np.r_[: world.SEEN, world.CHART - world.NEW : world.CHART]
    return world.prints(workshop, 1_500, inks, np.random.default_rng(1), lines=1 / world.LINES)


@pytest.fixture(scope="module")
def small(workshop, shelf):
    """Two hundred prints and half as many queries."""
    some = world.Prints(*(part[:200] for part in shelf))
    asked = {kind: world.queries(workshop, some, kind, 50, np.random.default_rng(2)) for kind in ("seen", "new")}
    return Holdout("public", truth={"gallery": some.pixels, "queries": asked})


GOOD = """
import numpy as np
def encode(texts):
    return np.zeros((len(texts), 32), np.int64)
def index(vectors):
    return np.int64(len(vectors)).tobytes() + vectors.tobytes()
class Search:
    def __init__(self, index):
        if len(index) < 8 or len(index) != 8 + 192 * np.frombuffer(index[:8], np.int64)[0]:
            raise ValueError("no index")
        self.vectors = np.frombuffer(index[8:], np.float32).reshape(-1, 48)
    def find(self, vectors):
        return np.argsort(-(vectors @ self.vectors.T), axis=1, kind="stable")[:, :10]
"""


@pytest.fixture
def folder(tmp_path):
    """Towers that say nothing, and a search that works."""
    g = Graph({"pixels": (np.uint8, 24, 24, 3)})
    some = g.add("Reshape", g.add("Cast", "pixels", to=1), np.array([0, -1]))
    g.save(tmp_path / "image.onnx", vector=g.add("MatMul", some, np.eye(1728, 48, dtype=np.float32)))
    t = Graph({"words": (np.int64, 32)})
    wide = t.add("MatMul", t.add("Cast", "words", to=1), np.ones((32, 48), np.float32))
    t.save(tmp_path / "text.onnx", vector=wide)
    (tmp_path / "search.py").write_text(GOOD)
    return tmp_path


def found(folder, holdout, *clauses):
    return UNIT.examine(folder, holdout, clauses, lambda words: None)


def test_a_key_has_its_own_blocks_chart_and_press(workshop):
    other = world.workshop(Draw(UNIT.name, OTHER)("workshop"))
    again = world.workshop(Draw(UNIT.name, OPEN)("workshop"))
    assert again.icons == workshop.icons and np.array_equal(again.cuts, workshop.cuts)
    assert len(set(workshop.icons) & set(other.icons)) < 30 and len(set(workshop.chart) & set(other.chart)) < 160
    paper = [one.press.paper(workshop.rgb) for one in (workshop, other)]
    assert np.abs(paper[0] - paper[1]).mean() > 0.02


def test_no_two_blocks_or_colours_of_a_workshop_are_alike(workshop):
    known = world.pictograms()
    at = [known.names.index(one) for one in workshop.icons]
    alike = world.likeness()[np.ix_(at, at)] - np.eye(len(at))
    assert alike.max() < 0.8 and len(at) == world.ICONS and len(workshop.chart) == world.CHART
    shown = world.lab(workshop.press.paper(workshop.rgb))
    apart = np.linalg.norm(shown[:, None] - shown[None], axis=2) + 99 * np.eye(len(shown))
    assert apart.min() > 6


def test_no_word_is_both_a_pictograms_and_a_colours(workshop):
    blocks, hues = ({word for name in names for word in name.split()} for names in (workshop.icons, workshop.chart))
    assert not blocks & hues and not (blocks | hues) & world.SMALL_WORDS
    assert all(re.fullmatch("[a-z]+( [a-z]+){0,2}", name) for name in (*workshop.icons, *workshop.chart))


def test_prints_are_paper_at_the_border_and_one_in_six_is_a_line_print(workshop, shelf):
    assert shelf.pixels.shape == (1_500, 24, 24, 3) and shelf.pixels.dtype == np.uint8
    assert 0.13 < shelf.line.mean() < 0.21 and not np.any((shelf.ink >= 120) & (shelf.ink < 180))
    border = shelf.pixels[:, 0].mean(axis=1) / 255
    assert np.abs(border - workshop.press.paper(workshop.rgb)[shelf.paper]).mean() < 0.05
    assert workshop.far[shelf.ink, shelf.paper].all()


def test_queries_are_what_the_brief_says(workshop, shelf):
    rng = np.random.default_rng(3)
    by_kind = {kind: world.queries(workshop, shelf, kind, 80, rng) for kind in ("seen", "new", "lines", "partial")}
    for kind in ("seen", "new", "lines"):
        at = np.concatenate(by_kind[kind].fits)
        new = (shelf.ink[at] >= world.SEEN) | (shelf.paper[at] >= world.SEEN)
        assert (shelf.line[at] == (kind == "lines")).all()
        assert kind == "lines" or (new == (kind == "new")).all()
        for text, place in zip(by_kind[kind].texts, at.tolist(), strict=True):
            ways = [world.caption(workshop.icons[shelf.icon[place]], workshop.chart[shelf.ink[place]],
                                  workshop.chart[shelf.paper[place]], way) for way in range(3)]  # fmt: skip
            assert text in ways
    for text, fit in zip(by_kind["partial"].texts, by_kind["partial"].fits, strict=True):
        assert len(set(shelf.icon[fit])) == 1 and workshop.icons[shelf.icon[fit[0]]] in text and len(fit)


def test_a_slip_is_one_and_makes_no_other_word(workshop):
    known, rng = world.vocabulary(workshop), np.random.default_rng(4)
    for _ in range(300):
        word = str(rng.choice(sorted(one for one in known if len(one) >= 5)))
        wrong = world.slip(f"on {word}", known, rng)
        assert wrong.startswith("on ") and wrong[3:] not in known and abs(len(wrong) - 3 - len(word)) <= 1
    assert world.slip("on a", known, rng) == "on a"


def test_public_arrays_say_nothing_of_which_new_colours_are_hidden(workshop):
    data = UNIT.public_data(OPEN)
    assert data["chart"].tolist() == sorted(workshop.chart) and data["inks"].tolist() == list(workshop.chart[:120])
    texts = "\n".join(str(data[name]) for name in ("texts", "seen_texts", "new_texts"))
    named = {part for text in texts.split("\n") for part in re.split(" on |on |, a | in ", text)}
    assert not named & set(workshop.chart[180:])
    assert world.unpacked("new", data).texts == tuple(str(data["new_texts"]).split("\n"))
    assert data["gallery"].shape == (8_000, 24, 24, 3) and data["lines"].shape == (200, 24, 24, 3)


def test_hits_divide_by_what_fits_or_by_ten():
    queries = world.Queries(("a", "b", "c"), (np.array([3]), np.array([1, 50]), np.arange(12)))
    places = np.array([np.arange(10), np.arange(10), np.r_[0:5, 90:95]])
    assert judge.hits(places, queries).tolist() == [1.0, 0.5, 0.5]


def test_a_search_that_works_keeps_all_promises(folder, small):
    measured = found(folder, small, "interface", "towers", "index", "size")
    assert measured["interface"].value == 6, measured["interface"].note
    assert measured["towers"].value == 10 and measured["index"].value == 192 + 8 / 200


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[:, :10]\n", "[:, :9]\n", "10 for each"),
        ("[:, :10]\n", "[:, :10] * 0\n", "ten different prints"),
        ("[:, :10]\n", "[:, :10] + 200\n", "from 0 to 199"),
        ("[:, :10]\n", "[:, :10].astype(float)\n", "whole numbers"),
        ("return np.int64(len(vectors)).tobytes() + vectors.tobytes()", "return vectors.tolist()", "a bytes"),
        ("np.int64)", "np.int64) - 1", "whole numbers from 0"),
        ("np.zeros((len(texts), 32), np.int64)", "[[0] * 31 + [True] for _ in texts]", "whole numbers"),
        ("np.zeros((len(texts), 32), np.int64)", "[[0] * 31 + [2**70] for _ in texts]", "whole numbers"),
        ("np.zeros((len(texts), 32), np.int64)", "None", "None"),
        ("def index(vectors):", "def index(vectors):\n    raise KeyError('no')", "KeyError"),
    ],
)
def test_whatever_comes_back_is_one_sentence(folder, small, old, new, said):
    assert old in GOOD
    (folder / "search.py").write_text(GOOD.replace(old, new))
    note = found(folder, small, "quality")["quality"]
    assert note.value is None and said in note.note and "\n" not in note.note, note.note


def test_a_tower_that_is_missing_or_another_shape_is_said(folder, small):
    (folder / "text.onnx").unlink()
    assert "text.onnx" in found(folder, small, "towers")["towers"].note
    g = Graph({"pixels": (np.uint8, 24, 24, 3)})
    some = g.add("Reshape", g.add("Cast", "pixels", to=1), np.array([0, -1]))
    g.save(folder / "image.onnx", vector=g.add("MatMul", some, np.full((1728, 48), np.nan, np.float32)))
    said = found(folder, small, "quality")["quality"].note
    assert "image.onnx" in said and "NaN" in said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('raise ValueError("no index")\n', "index = bytes([10, *[0] * 1927])\n", "took an empty index"),
        ("np.zeros((len(texts), 32), np.int64)",
         "np.array([[sum(t.encode()) for _ in range(32)] for t in texts], np.int64).reshape(-1, 32)", "capitals"),
    ],
)  # fmt: skip
def test_a_broken_promise_is_named(folder, small, old, new, said):
    assert old in GOOD
    (folder / "search.py").write_text(GOOD.replace(old, new))
    kept = found(folder, small, "interface")["interface"]
    assert kept.value == 5 and said in kept.note, kept.note


def test_what_is_timed_must_be_what_is_judged(folder, small):
    some = judge.searched(_ship(folder), small)
    timed = judge.Timed(small, some, ["seen", "new"], 3)
    many = timed.fresh(np.random.default_rng(0))
    right = [[np.zeros((1, 32), np.int64), some.places["seen"][:1]] for _ in many]
    timed.check(many, right)
    with pytest.raises(Problem, match="while it was timed"):
        timed.check(many, [[words + 1, places] for words, places in right])
    with pytest.raises(Problem, match="ten different"):
        timed.check(many, [[words, places * 0] for words, places in right])


def test_the_yardstick_finds_the_largest_products():
    rng = np.random.default_rng(5)
    vectors = rng.normal(size=(50, 48)).astype(np.float32)
    assert yardstick.Search(vectors.tobytes()).find(10 * vectors[:3])[:, 0].tolist() == [0, 1, 2]
    assert yardstick.encode(["navy canoe", ""]).shape == (2, 32)


def test_nothing_handed_in_is_not_attempted(tmp_path, small):
    for name, one in found(tmp_path, small, "quality", "baseline").items():
        assert one.value is None and one.verdict is None and "There is no code" in one.note, name


def test_the_package_gives_no_pixels_away(workshop, shelf):
    """The nearest of all packaged drawings is hardly ever the right one: blocks are recut, turned and mirrored."""
    filled = np.flatnonzero(~shelf.line)[:150]
    dark = shelf.pixels[filled].astype(float).mean(axis=3)
    dark = np.abs(dark - np.median(dark[:, 0], axis=1)[:, None, None]).reshape(len(filled), -1)
    drawn = world.pictograms().dark.reshape(-1, 24, 4, 24, 4).mean(axis=(2, 4)).reshape(-1, 576)
    sides = [one - one.mean(axis=1, keepdims=True) for one in (dark, drawn)]
    sides = [one / np.linalg.norm(one, axis=1, keepdims=True) for one in sides]
    best = (sides[0] @ sides[1].T).argmax(axis=1)
    right = np.mean(
        [world.pictograms().names[k] == workshop.icons[i] for k, i in zip(best, shelf.icon[filled], strict=True)]
    )
    assert right < 0.25


def _ship(folder):
    from course.contract.artifacts.modules import read

    return read(folder, UNIT.module)
