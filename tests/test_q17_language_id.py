"""q17: no message and no stranger lies in two parts, and the judge asks what the contract says."""

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
from course.units.kit.worlds import Draw
from course.units.q17_language_id import UNKNOWN, WORST, picture, world

UNIT = units.load("q17-language-id")
OTHER = Key(hashlib.sha256(b"another").digest(), "another")
KEYS = (OPEN, OTHER)
QUICK = ("interface", "quality", "strangers", "size", "operators", "worst", "capitals", "mixed", "nothing")


def at(key):
    return world.world(key.rng(UNIT.name, "world"))


def text(row):
    return "".join(map(chr, row[row > 0]))


@pytest.fixture(scope="module")
def holdout():
    return UNIT.private_holdout(OTHER)


def test_the_same_key_gives_the_same_texts_and_another_key_others():
    first, other = (UNIT.public_data(key) for key in KEYS)
    again = UNIT.release(Draw(UNIT.name, OPEN))
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not np.array_equal(first["languages"], other["languages"])
    assert str(first["texts_train"]) != str(other["texts_train"])


@pytest.mark.parametrize("key", KEYS, ids=["open", "another"])
def test_languages_are_known_or_strange_and_no_stranger_is_met_twice(key):
    found = at(key)
    known, public, private = set(found.languages), *map(set, found.strangers.values())
    assert len(found.languages) == UNKNOWN and len(public) == len(private) == 8
    assert not known & public and not known & private and not public & private
    assert all(len(world.strings()[one]) >= 250 for one in known)
    assert {"nb", "nn", "pt", "pt_BR", "sr", "sr_Latn", "hr", "id", "ms", "zh_Hans", "zh_Hant"} <= known


@pytest.mark.parametrize("key", KEYS, ids=["open", "another"])
def test_no_message_lies_in_two_parts(key):
    found, data = at(key), UNIT.public_data(key)
    counts = {part: sum(one == part for one in found.part.values()) for part in world.PARTS}
    for part, share in world.PARTS.items():
        assert counts[part] == pytest.approx(share * len(found.part), abs=1)
    texts = str(data["texts_train"]).split("\n")
    learned = set(zip(texts, data["y_train"].tolist(), strict=True))
    for place, language in enumerate(found.languages):
        own, train = world.strings()[language], set()
        for message, said in own.items():
            if found.part[message] == "train":
                train.add(said)
        assert {said for said, where in learned if where == place} == train
        assert set(own.values()) - train, "something is left to be tested with"


def test_a_text_belongs_to_one_language_and_is_text():
    seen = {}
    for language, said in world.strings().items():
        for one in said.values():
            assert seen.setdefault(one.casefold(), language) == language
            assert sum(map(str.isalpha, one)) >= 4 and "\n" not in one and one == one.strip()
    english = {one.casefold() for one in world.strings()["en"].values()}
    assert not english & {one.casefold() for one in world.strings()["de"].values()}
    assert world.clean("Wählen Sie %(count)d {name}<b>Einträge</b>\n &amp; mehr %s") == "Wählen Sie Einträge mehr"
    assert world.clean("e\u0301") == "é"


def test_windows_are_what_the_brief_says():
    texts = ["Der Zugang wurde verweigert, weil das Passwort nicht stimmt.", "zu kurz", "日本語の文"]
    shown = world.windows(texts, 30, np.random.default_rng(0))
    assert shown and len(set(shown)) == len(shown)
    for one in shown:
        assert len(one) <= world.CELLS and any(one in whole for whole in texts)
        assert world.letters(one) >= world.LEAST
    assert not any("zu kurz" in one for one in shown) and "日本語の文" in shown
    assert any(not one.startswith("Der") for one in shown), "a window begins anywhere"
    codes = world.codes(["é", "x" * 50, ""])
    assert codes.dtype == np.int32 and codes.shape == (3, 40)
    assert codes[0].tolist() == [233] + [0] * 39 and (codes[1] == ord("x")).all() and not codes[2].any()


def test_hold_outs_have_every_language_and_what_only_grading_shows(holdout):
    place = holdout.truth["place"]
    assert np.bincount(place[place < UNKNOWN]).tolist() == [world.KNOWN] * UNKNOWN
    assert (np.bincount(place)[UNKNOWN:] >= 15).all() and place.max() == UNKNOWN + 7
    rows = holdout.probes["rows"].inputs["codes"]
    known = {(text(row).upper()[:40], where) for row, where in zip(rows, place.tolist(), strict=True)}
    loud = [text(row) for row in holdout.probes["capitals"].inputs["codes"]]
    assert set(zip(loud, holdout.truth["capitals"].tolist(), strict=True)) <= known
    for some in ("capitals", "mixed"):
        assert np.bincount(holdout.truth[some]).tolist() == [world.KNOWN // 2] * UNKNOWN
    assert len(holdout.probes["mixed"]) == len(holdout.truth["mixed"])
    for row in holdout.probes["mixed"].inputs["codes"][:300]:
        assert any(one.isdigit() for one in text(row)) or "example" in text(row)
    empty = [text(row) for row in holdout.probes["nothing"].inputs["codes"]]
    assert empty[0] == "" and not any(one.isalpha() for said in empty for one in said)
    assert any(ord(one) > 0xFFFF for said in empty for one in said), "code points beyond two bytes are code points too"
    public = {row.tobytes() for row in UNIT.public_data(OTHER)["codes_public"]}
    assert len(public & {row.tobytes() for row in rows}) < 0.03 * len(rows)


def answers(holdout, rows):
    """A model's answers: `rows` to the windows, and the right ones to all else."""
    return {
        "rows": {"language": np.asarray(rows)},
        "capitals": {"language": holdout.truth["capitals"]},
        "mixed": {"language": holdout.truth["mixed"]},
        "nothing": {"language": np.full(len(holdout.probes["nothing"]), UNKNOWN)},
    }


def test_perfect_is_perfect_and_refusing_everything_earns_nothing(holdout):
    place = holdout.truth["place"]
    found = UNIT.evaluate(answers(holdout, np.minimum(place, UNKNOWN)), holdout)
    assert {name: one.value for name, one in found.items()} == dict.fromkeys(
        ("quality", "strangers", "worst", "capitals", "mixed", "nothing"), 1.0
    )
    found = UNIT.evaluate(answers(holdout, np.full(len(place), UNKNOWN)), holdout)
    assert found["strangers"].value == found["quality"].value == 0
    half = np.where(np.arange(len(place)) % 2, UNKNOWN, np.minimum(place, UNKNOWN - 1))
    assert abs(UNIT.evaluate(answers(holdout, half), holdout)["strangers"].value) < 0.06, "luck earns nothing either"
    assert not any(one.aside for one in found.values()), "numbers on hidden windows would be an oracle"


def test_languages_count_alike_and_the_worst_six_are_the_worst_six(holdout):
    place = holdout.truth["place"]
    said = np.minimum(place, UNKNOWN)
    said[place == 5] = 7
    found = UNIT.evaluate(answers(holdout, said), holdout)
    assert found["quality"].value == pytest.approx(1 - 1 / UNKNOWN)
    assert found["worst"].value == pytest.approx(1 - 1 / WORST)
    said = np.minimum(place, UNKNOWN)
    said[place == UNKNOWN + 2] = 3
    assert UNIT.evaluate(answers(holdout, said), holdout)["strangers"].value == pytest.approx(7 / 8)


def constant(path, answer):
    g = Graph({"codes": (np.int32, 40)})
    none = g.add("Mul", g.add("ReduceMax", "codes", axes=[1], keepdims=0), np.int32(0))
    g.save(path, language=g.add("Add", g.add("Cast", none, to=onnx.TensorProto.INT64), np.int64(answer)))


def test_a_graph_that_is_looked_into_is_the_graph_that_is_saved_without_what_it_does_not_need(tmp_path, holdout):
    g = Graph({"codes": (np.int32, 40)})
    twice = g.add("Mul", "codes", np.int32(2))
    g.add("Gather", np.zeros((1000, 1000), np.int8), "codes")  # leads nowhere
    codes = holdout.probes["rows"].inputs["codes"]
    assert np.array_equal(g.look(twice, codes), 2 * codes)
    g.save(tmp_path / "model.onnx", language=g.add("ArgMax", twice, axis=1, keepdims=0))
    found = measure(UNIT, tmp_path, holdout, wanted=QUICK)
    assert found["interface"].value == 5 and found["size"].value < 1000
    assert found["quality"].points == found["strangers"].points == 0
    constant(tmp_path / "model.onnx", UNKNOWN + 1)
    assert "65; the contract has 0 to 64" in measure(UNIT, tmp_path, holdout, wanted=QUICK)["quality"].advice
    constant(tmp_path / "model.onnx", UNKNOWN)
    found = measure(UNIT, tmp_path, holdout, wanted=QUICK)
    assert found["nothing"].points == 2 and found["strangers"].points == found["quality"].points == 0


def test_the_picture_tells_what_it_draws(capsys, monkeypatch, tmp_path):
    import matplotlib.pyplot as plt

    monkeypatch.setattr(plt, "show", plt.close)
    data = UNIT.public_data(OPEN)
    said, probability = picture.pairs(data)
    known = data["y_public"] < UNKNOWN
    assert 0.75 < (said == data["y_public"])[known].mean() < 0.95
    assert ((probability > 0) & (probability <= 1 + 1e-9)).all()
    picture.sure(data)
    drawn = capsys.readouterr().out
    assert f"strangers: {100 * (probability[~known] > 0.999).mean():.0f} %" in drawn and "nan" not in drawn
    monkeypatch.chdir(tmp_path)
    picture.mistakes(data)
    assert "There is no model.onnx yet." in capsys.readouterr().out
    constant(tmp_path / "model.onnx", UNKNOWN)
    picture.mistakes(data)
    assert f"refused: {known.sum()} of {known.sum():,}" in capsys.readouterr().out
    (tmp_path / "model.onnx").write_bytes(b"x")
    picture.mistakes(data)
    assert "model.onnx does not answer" in capsys.readouterr().out


def wrong_shape():
    g = Graph({"codes": (np.int32, 40)})
    first = g.add("Cast", g.add("ReduceMax", "codes", axes=[1], keepdims=1), to=onnx.TensorProto.INT64)
    return g.model(language=first).SerializeToString()


def beyond_the_table():
    """A table of letters without room for all code points."""
    g = Graph({"codes": (np.int32, 40)})
    looked = g.add("Gather", np.zeros(0x10000, np.int64), "codes")
    last = g.add("ReduceMax", looked, axes=[1], keepdims=0)
    return g.model(language=last).SerializeToString()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"not a model", "no ONNX"),
        (linear_model(features=40, classes=64).SerializeToString(), "the input 'pixels'"),
        (linear_model(features=40, classes=64, names=("codes", "language")).SerializeToString(), "int32[N, 40]"),
        (wrong_shape(), "the contract asks for int64[N]."),
    ],
    ids=["no ONNX", "other names", "other type", "other shape"],
)
def test_what_is_no_model_of_the_contract_is_one_sentence(tmp_path, holdout, content, words):
    (tmp_path / "model.onnx").write_bytes(content)
    found = measure(UNIT, tmp_path, holdout, wanted=QUICK)
    said = found["quality"].advice
    assert words in said
    assert found["quality"].points == 0 and "\n" not in said.strip() and "Traceback" not in said


def test_code_points_beyond_a_table_break_the_clause_that_has_them_and_no_other(tmp_path, holdout):
    (tmp_path / "model.onnx").write_bytes(beyond_the_table())
    found = measure(UNIT, tmp_path, holdout, wanted=QUICK)
    assert found["nothing"].verdict == "broken" and "Gather failed" in found["nothing"].advice
    assert found["interface"].value == 5 and found["quality"].value is not None
