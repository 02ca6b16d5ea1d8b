"""f08: training code and requests are what the brief says, and whatever a graph does is one sentence."""

from __future__ import annotations

import dataclasses
import hashlib
import math
import re

import numpy as np
import onnx
import pandas as pd
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper, numpy_helper

from course import units
from course.contract.artifacts.gate import read
from course.contract.artifacts.models import _run
from course.contract.measure import measure
from course.contract.terms.holdout import Holdout
from course.grading.authoring.rehearse import build, rehearsals
from course.grading.authoring.release import public_bytes
from course.key import OPEN, Key
from course.units.f08_one_graph import picture, training, world
from course.units.kit.worlds import Draw

UNIT = units.load("f08-one-graph")
OTHER = Key(hashlib.sha256(b"another").digest(), "another")
JUDGED = ("quality", "unseen", "missing", "numbers", "tariffs", "empty")


@pytest.fixture(scope="module")
def data():
    return UNIT.public_data(OPEN)


@pytest.fixture(scope="module")
def pipeline(data):
    return training.load(data)


@pytest.fixture(scope="module")
def private():
    return UNIT.private_holdout(OPEN)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    """A folder with the reference's files."""
    folder = tmp_path_factory.mktemp("reference")
    reference = next(one for one in rehearsals(UNIT, ROOT) if one.is_reference)
    build(UNIT, reference, public_bytes(UNIT, OPEN), ROOT, folder)
    return folder


def test_the_same_key_gives_the_same_world_and_another_key_another(data):
    again, other = UNIT.release(Draw(UNIT.name, OPEN)), UNIT.public_data(OTHER)
    assert all(np.array_equal(data[name], again[name], equal_nan=data[name].dtype.kind == "f") for name in data)
    assert all(values.dtype.kind in "Uiufb" for values in data.values())
    assert not np.array_equal(data["model"], other["model"])
    assert training.load(data).tariffs != training.load(other).tariffs


def test_arrays_hold_the_pipeline_and_the_requests(data, pipeline):
    frame = world.frame(data)
    assert np.array_equal(pipeline.predict(frame), data["answers"])
    again = world.arrays(frame)
    assert all(np.array_equal(again[name], data[name], equal_nan=name in training.NUMBERS) for name in training.COLUMNS)
    assert data["kinds"].shape == (len(frame), len(world.KINDS))


def test_bookings_are_real_and_none_is_in_two_parts():
    found = world.bookings()
    assert len(found) > 14_000 and found["rate"].between(19, 427).all() and not found.isna().any().any()
    parts = world.split(np.random.default_rng(0))
    assert sum(map(len, parts.values())) == len(found)
    assert len(parts["private"]) >= world.PRIVATE + 4 * world.SLICE


def by_hand(pipeline, row):
    """What `prepare` makes of one request, without pandas."""

    def tidy(text):
        text = text.strip(" ").lower()
        return "" if text in ("-", "n/a", "null") else text

    def number(text):
        text = text.strip(" ")
        whole, point, rest = text.partition(".")
        groups = whole.split(",")
        digits = all(re.fullmatch("[0-9]+", part) for part in (*groups, rest or "0")) and (rest != "" or not point)
        thousands = len(groups) == 1 or (len(groups[0]) <= 3 and all(len(part) == 3 for part in groups[1:]))
        return float(text.replace(",", "")) if digits and thousands else math.nan

    def known(value, name):
        return pipeline.medians[name] if math.isnan(value) else value

    means = [pipeline.means[name].get(tidy(row[name]), pipeline.means[name]["other"]) for name in training.RATED]
    date = row["arrival"].strip(" ").split("-")
    dated = [len(part) for part in date] == [4, 2, 2] and all(re.fullmatch("[0-9]+", part) for part in date)
    season = pipeline.season.get(date[1], pipeline.season[""]) if dated else pipeline.season[""]
    nightly = known(number(row["total"]) / float(row["nights"]), "nightly")
    band = sum(tariff <= nightly for tariff in pipeline.tariffs)
    numbers = [known(float(row[name]), name) for name in ("nights", "guests")]
    segment = [float(tidy(row["segment"]) == name) for name in pipeline.segments]
    return np.float32([*means, season, known(number(row["lead"]), "lead"), band, *numbers, *segment])


def test_the_training_code_does_what_can_be_done_by_hand(pipeline, private):
    for name, probe in private.probes.items():
        frame = world.frame(probe.inputs).head(200)
        found = pipeline.prepare(frame)
        wanted = np.stack([by_hand(pipeline, row) for row in frame.to_dict("records")])
        assert np.array_equal(found, wanted), name


blanks = st.sampled_from(["", " ", "   "])
digits = st.text("0123456789", min_size=1, max_size=9)
thousands = st.integers(0, 999_999_999).map("{:,}".format)
shapes = st.one_of(
    digits, thousands, st.builds("{}.{}".format, st.one_of(digits, thousands), st.text("0123456789", max_size=3)),
    st.text("0123456789,.- ne/a+€", max_size=8), st.sampled_from(world.NOTHINGS),
)  # fmt: skip
#: With at most nine digits before the point, as the contract says.
numbers = st.builds("{}{}{}".format, blanks, shapes, blanks).filter(
    lambda text: len(re.sub(r"\D", "", text.split(".")[0])) <= 9
)
dates = st.one_of(
    st.dates().map(str),
    st.text("0123456789-", max_size=10),
    st.builds("2017-{:02d}-{:02d}".format, *[st.integers(0, 99)] * 2),
)


def named(*kept):
    """Names that were kept, others, and nothing; in any case, with blanks around."""
    name = st.one_of(
        st.sampled_from([*kept, "other", "-", "", "null", "N/A"]), st.text("abPRTprtgGE_-/.0~", max_size=6)
    )
    cased = st.builds(
        lambda text, ups: "".join(c.upper() if ups >> k & 1 else c for k, c in enumerate(text)),
        name,
        st.integers(0, 2**12),
    )
    return st.builds("{}{}{}".format, blanks, cased, blanks)


@settings(max_examples=60)
@given(choice=st.data())
def test_the_reference_agrees_on_anything_that_the_contract_allows(shipped, pipeline, choice):
    count = st.one_of(st.just(math.nan), st.integers(1, 40).map(float))
    columns = {name: named(*list(pipeline.means[name])[:4]) for name in training.RATED}
    columns |= {"segment": named(*pipeline.segments), "arrival": dates, "lead": numbers, "total": numbers}
    columns |= {"nights": count, "guests": count}
    rows = [choice.draw(st.fixed_dictionaries(columns)) for _ in range(choice.draw(st.integers(1, 4)))]
    frame = pd.DataFrame(rows).astype(dict.fromkeys(training.NUMBERS, np.float32))
    assert np.allclose(
        picture.asked(str(shipped / "model.onnx"), world.arrays(frame)), pipeline.predict(frame), atol=world.CENT
    )


@pytest.mark.parametrize("key", [OTHER, Key(hashlib.sha256(b"tie").digest(), "tie")], ids=lambda key: key.term)
def test_another_machines_last_digit_moves_few_answers(key):
    """Sums may end in another digit on another processor, and equally good splits of a tree then fall differently."""
    at, parts = world.world(key.rng(UNIT.name, "world")), world.split(key.rng(UNIT.name, "split"))
    frame, _ = world.requests(parts["train"], at, key.rng(UNIT.name, "train"), new=0.0)
    rates = parts["train"]["rate"].to_numpy()
    digit = np.random.default_rng(0).choice([-1, 0, 1], len(rates)) * np.finfo(float).eps
    here, there = (training.fit(frame, some, at.tariffs, at.least) for some in (rates, rates * (1 + digit)))
    asked, _ = world.batch(parts["public"], at, key.rng(UNIT.name, "public"))
    far = np.abs(here.predict(asked) - there.predict(asked))
    assert np.mean(far > world.CENT) < (1 - UNIT.term("quality").budget) / 2


def test_a_last_terms_artifact_agrees_on_nothing(shipped):
    report = measure(UNIT, shipped, UNIT.private_holdout(OTHER), exact=True, wanted=("quality",))
    assert report["quality"].value < 0.05


def test_the_rates_in_the_package_are_no_answers(private):
    """Whoever has read the package knows what was agreed, which is not what the pipeline says."""
    rows = world.split(OPEN.rng(UNIT.name, "split"))["private"].iloc[: world.PRIVATE]
    far = np.abs(private.truth["rate"]["rows"][:, 0] - rows["rate"].to_numpy())
    assert np.mean(far <= world.CENT) < 0.01


def unknown(frame, pipeline):
    """Which requests have a name that was not kept, bool (N,)."""
    tidied = {name: training.tidy(frame[name]) for name in (*training.RATED, "segment")}
    kept = {**{name: {*pipeline.means[name], "other"} for name in training.RATED}, "segment": {"", *pipeline.segments}}
    return np.logical_or.reduce([~tidied[name].isin(kept[name]) for name in tidied])


@pytest.mark.parametrize("key", [OPEN, OTHER], ids=lambda key: key.term)
def test_slices_are_what_they_are_called(key):
    pipeline, holdout = training.load(UNIT.public_data(key)), UNIT.private_holdout(key)
    frames = {name: world.frame(probe.inputs) for name, probe in holdout.probes.items()}
    assert set(frames) == {"rows", *JUDGED[1:]} and len(frames["rows"]) == world.PRIVATE
    assert unknown(frames["unseen"], pipeline).mean() > 0.85
    assert (pipeline.prepare(frames["empty"]) == pipeline.prepare(frames["empty"])[0]).all()
    assert (frames["empty"][list(training.TEXTS)].apply(lambda texts: texts.str.strip(" ")) == "").all(axis=None)
    nothing = sum(training.tidy(frames["missing"][name]) == "" for name in training.TEXTS)
    assert nothing.mean() > 2
    commas = frames["numbers"]["total"].str.contains(",").mean()
    none = training.number(frames["numbers"]["total"]).isna().mean()
    assert commas > 0.3 and 0.1 < none < 0.4
    total = training.number(frames["tariffs"]["total"]) / frames["tariffs"]["nights"].astype("float64")
    far = np.abs(total.to_numpy()[:, None] - np.array(pipeline.tariffs)).min(axis=1)
    assert (far < 1e-9).mean() > 0.99


def test_precisions_put_prices_on_different_sides(pipeline):
    found = [picture.sides(tariff) for tariff in pipeline.tariffs]
    apart = [((one["float64"] < 0) != (one["float32"] < 0)).mean() for one in found]
    assert np.mean(apart) > 0.05
    assert all(np.abs(steps).max() <= 1 for one in found for steps in one.values())


def changed(shipped, folder, change):
    """The reference's graph, changed by a function, in a folder of its own."""
    model = onnx.load(shipped / "model.onnx")
    change(model.graph)
    onnx.save(model, folder / "model.onnx")
    return folder


def reach(graph, kind):
    return next(node for node in graph.node if node.op_type == kind)


def no_locale(graph):
    node = reach(graph, "StringNormalizer")
    kept = [one for one in node.attribute if one.name != "locale"]
    del node.attribute[:]
    node.attribute.extend(kept)


def not_a_number(graph):
    graph.node[-1].output[:] = ["trees"]
    graph.node.append(helper.make_node("Log", ["negative"], ["nan"]))
    graph.node.append(helper.make_node("Add", ["trees", "nan"], ["rate"]))
    graph.initializer.append(numpy_helper.from_array(np.float32([-1]), "negative"))


def flat(graph):
    graph.node[-1].output[:] = ["trees"]
    graph.node.append(helper.make_node("Reshape", ["trees", "flat"], ["rate"]))
    graph.initializer.append(numpy_helper.from_array(np.array([1, -1]), "flat"))


def any_text(graph):
    """Cast meets whatever was typed."""
    where = reach(graph, "Where")
    for node in graph.node:
        node.input[:] = [where.input[1] if name == where.output[0] else name for name in node.input]


BROKEN = {
    "locale": (no_locale, "set locale='C'"),
    "nan": (not_a_number, "NaN"),
    "shape": (flat, "float32[1, "),
    "cast": (any_text, "a Cast met text that is no number"),
    "input": (lambda graph: graph.input.pop(), "the contract asks for 'country' string[N, 1]"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_can_not_be_judged_is_one_sentence_and_earns_nothing(case, shipped, data, tmp_path):
    change, sentence = BROKEN[case]
    report = measure(UNIT, changed(shipped, tmp_path, change), UNIT.public_holdout(data), wanted=("quality",))
    assert report.points == 0 and report["quality"].verdict == "broken"
    assert sentence in report["quality"].advice and "\n" not in report["quality"].advice, report["quality"].advice


def empty_only(graph):
    """A first part is there only if any name of the batch is."""
    split = reach(graph, "StringSplit")
    joined = next(node for node in graph.node if node.output[0] == split.input[0])
    split.input[0] = joined.input[0]


def test_a_batch_that_fails_breaks_its_own_clause_alone(shipped, private, tmp_path):
    folder = changed(shipped, tmp_path, empty_only)
    report = measure(UNIT, folder, private, wanted=JUDGED)
    assert report["empty"].points == 0 and "Gather failed" in report["empty"].advice
    assert report["quality"].value > 0.3 and report["unseen"].value > 0.3


def test_an_answer_is_judged_to_half_a_cent_and_the_worst_kind_is_named(data, private):
    holdout = UNIT.public_holdout(data)
    near, far = (UNIT.evaluate({"rows": {"rate": data["answers"] + np.float32(off)}}, holdout) for off in (0.004, 0.01))
    assert near["quality"].value == 1 and near["quality"].note == "" and far["quality"].value == 0
    comma = world.KINDS.index("a comma in a number")
    wrong = data["answers"] + 3 * data["kinds"][:, [comma]].astype(np.float32)
    found = UNIT.evaluate({"rows": {"rate": wrong}}, holdout)["quality"]
    assert found.value == pytest.approx(1 - data["kinds"][:, comma].mean())
    assert found.note == "Fewest agree among requests with a comma in a number: 0%." and "€ a night" in found.aside
    hidden = dataclasses.replace(holdout, name="private")
    found = UNIT.evaluate({"rows": {"rate": wrong}}, hidden)["quality"]
    assert found.note == "Fewest agree among requests with a comma in a number." and found.aside == ""
    right = {name: {"rate": rate} for name, rate in private.truth["rate"].items()}
    assert {name: one.value for name, one in UNIT.evaluate(right, private).items()} == dict.fromkeys(JUDGED, 1.0)


def test_a_graph_sees_requests_and_no_answers(private, shipped):
    assert all(set(probe.inputs) == set(UNIT.model.inputs) for probe in private.probes.values())
    model = read(shipped / "model.onnx", UNIT.model)
    small = {name: private.probes[name] for name in ("rows", "empty")}
    assert [len(found[0]) for found in _run(model, small, UNIT.model.batch).values()] == [
        len(probe) for probe in small.values()
    ]


def test_pictures_are_drawn_of_what_is_there(data, shipped, tmp_path, monkeypatch, capsys):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    monkeypatch.setattr(plt, "show", lambda: plt.close("all"))
    picture.boundary(100.2)
    picture.agreement(data, {"reference": str(shipped / "model.onnx"), "none": str(tmp_path / "none.onnx")})
    said = capsys.readouterr().out
    assert "float64 says 'below the tariff' for" in said and "none does not answer: there is no" in said
    assert re.search(r"a new name \(\d+\) +100", said)


def test_a_small_holdout_needs_no_slices(data, shipped):
    some = {name: data[name][:100] for name in (*training.COLUMNS, "answers", "kinds")}
    holdout = UNIT.public_holdout(some)
    assert isinstance(holdout, Holdout) and len(holdout.probes["rows"]) == 100
    report = measure(UNIT, shipped, holdout, wanted=("interface", "quality", "size", "memory", "operators"))
    assert report.kept
