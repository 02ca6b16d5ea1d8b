"""A file answers what its model answers, or it is said on how many rows it doesn't, and why."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from conftest import ROOT

import course
from course.benchmarks.parity import honest, models
from course.contract.parity import Differs, compare, converted
from course.contract.parity.cases import CASES
from course.contract.parity.edges import edges
from course.graph import Graph
from course.problem import Problem

FAULTY, HONEST = models.faulty(), honest.honest()


@pytest.fixture(scope="module")
def data():
    return models.Data(1_000)


def test_every_row_of_the_table_is_confirmed_by_a_model_and_its_script_is_there():
    assert {case.name for case in CASES} == {case for case, _ in FAULTY.values()}
    assert len({case.name for case in CASES}) == len(CASES)
    for case in CASES:
        assert case.happens.endswith(".") and case.instead.endswith("."), case.name
        assert not case.finding or (ROOT / "findings" / f"{case.finding}.sh").is_file(), case.finding


@pytest.mark.parametrize("name", FAULTY)
def test_a_known_fault_is_there_and_is_named(name, data):
    case, make = FAULTY[name]
    model, rows = make(data)
    way = models.quantised if case == "dynamic quantisation" else models.convert
    found = compare(model, way(model, rows), rows)
    assert not found.kept, f"{name} is mended in the pinned versions: take the row {case!r} out of the table"
    assert found.causes and found.causes[0].name == case
    assert 1 <= len(found.worst) <= 3 and found.causes[0].happens in found.sentence


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_conversion_passes_in_silence(name, data):
    model, rows = HONEST[name](data)
    found = compare(model, models.convert(model, rows), rows)
    assert found.kept, found.sentence
    assert not found.causes and not found.worst and "as the model does" in found.sentence


@pytest.fixture
def linear(data):
    from sklearn.linear_model import LogisticRegression

    return data.fit(LogisticRegression(), data.X, data.two)


def graph(rows, build, **inputs):
    g = Graph(inputs or {"X": (np.float32, rows.shape[1])})
    return g.model(**build(g)).SerializeToString()


def test_a_difference_without_a_known_cause_is_shown_all_the_same(linear):
    model, rows = linear

    def shifted(g):
        scores = g.add("Gemm", "X", model.coef_.T.astype(np.float32), model.intercept_.astype(np.float32))
        return {"chance": g.add("Sigmoid", g.add("Add", scores, np.float32(0.5)))}

    found = compare(model, graph(rows, shifted), rows)
    (given,) = [part for part in found.parts if part.rows_of == "rows as given"]
    assert given.differ > 0.9 * len(rows) and 0.05 < given.most < 0.2
    assert not found.causes and "No known fault" in found.sentence
    assert float(found.worst[0].file) > float(found.worst[0].model)


def test_one_row_in_a_thousand_is_found(linear):
    model, rows = linear
    marked = int(np.argmax(rows[:, 3]))

    def spoiled(g):
        scores = g.add("Gemm", "X", model.coef_.T.astype(np.float32), model.intercept_.astype(np.float32))
        column = g.add("Gather", "X", np.array([3]), axis=1)
        there = g.add("Equal", column, rows[marked, 3:4])
        return {"chance": g.add("Where", there, np.float32([[0.5]]), g.add("Sigmoid", scores))}

    found = compare(model, graph(rows, spoiled), rows, tried=False)
    assert [(part.differ, part.rows) for part in found.parts] == [(1, len(rows))]
    assert found.worst[0].number == marked and "0.1 % of 1,000 rows" in found.sentence


def test_a_row_whose_answer_depends_on_its_batch_is_found(linear):
    model, rows = linear

    def together(g):
        mean = g.add("ReduceMean", "X", axes=[0], keepdims=1)
        scores = g.add("Gemm", g.add("Sub", "X", mean), model.coef_.T.astype(np.float32), np.float32([0]))
        return {"chance": g.add("Sigmoid", scores)}

    found = compare(model, graph(rows, together), rows)
    assert {part.rows_of for part in found.parts if part.differ} >= {"one row alone", "a batch of 97"}


def test_a_function_may_stand_for_the_model_and_outputs_may_be_chosen(linear):
    model, rows = linear
    file = models.convert(model, rows)
    assert compare(lambda X: {"probabilities": model.predict_proba(X)}, file, rows).not_compared
    assert compare(lambda X: {"label": 1 - model.predict(X)}, file, rows).parts[0].differ == len(rows)
    assert {part.output for part in compare(model, file, rows, outputs=("label",)).parts} == {"label"}


def test_frames_with_named_columns_text_among_them():
    import pandas as pd
    from skl2onnx import to_onnx
    from sklearn.compose import make_column_transformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"kind": rng.choice(["a", "b", "c"], 500), "price": rng.normal(size=500).astype(np.float32)})
    columns = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["kind"]), (StandardScaler(), ["price"]))
    model = make_pipeline(columns, LogisticRegression()).fit(frame, frame["price"] + (frame["kind"] == "a") > 0)
    made = to_onnx(model, frame[:1], options={"zipmap": False}, target_opset={"": 17, "ai.onnx.ml": 3})
    found = compare(model, made.SerializeToString(), frame)
    assert found.kept and "unseen categories" in {part.rows_of for part in found.parts}
    with pytest.raises(Problem, match="no column price"):
        compare(model, made.SerializeToString(), frame[["kind"]])
    with pytest.raises(Problem, match="DataFrame"):
        compare(model, made.SerializeToString(), frame.to_numpy())


def test_edges_stand_only_where_they_make_sense(data):
    assert set(edges(data.X)) == {"ties", "extremes"}
    assert set(edges(data.holes)) == {"missing values", "ties", "extremes"}
    unseen = edges(data.kinds)["unseen categories"]
    assert (unseen > data.kinds.max()).sum() == len(unseen) and edges(data.texts) == {}
    assert all(len(rows) <= 60 for rows in edges(np.zeros((3000, 784), np.float32)).values())
    before = data.holes.copy()
    edges(data.holes)
    assert np.array_equal(before, data.holes, equal_nan=True)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"file": b"no model"}, "can't load the file"),
        ({"rows": np.zeros((0, 6), np.float32)}, "no rows"),
        ({"rows": np.zeros((9, 5), np.float32)}, "can't answer these rows"),
        ({"outputs": ("score",)}, "no output called score; it has label, probabilities"),
        ({"model": lambda X: {"other": X}}, "nothing of the graph could be compared"),
    ],
)
def test_what_can_not_be_compared_is_one_sentence(change, words, linear):
    model, rows = linear
    asked = {"model": model, "file": models.convert(model, rows), "rows": rows} | change
    with pytest.raises(Problem) as caught:
        compare(**asked)
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_a_model_that_can_not_take_the_rows_is_said_to_be_the_one(data, linear):
    model, rows = linear
    other, _ = data.fit(type(model)(), data.X[:, :3], data.two)
    with pytest.raises(Problem, match=r"the model can't answer these rows: X has 6 features"):
        compare(other, models.convert(model, rows), rows)


def test_converting_refuses_with_the_sentence_and_counts_only_what_is_wanted(data):
    model, rows = FAULTY["tuned threshold"][1](data)
    with pytest.raises(Differs, match=r"the converted Tuned.* answers .* % of 1,000 rows .*threshold is left behind"):
        converted(model, rows)
    assert isinstance(converted(model, rows, outputs=("probabilities",)), onnx.ModelProto)
    with pytest.raises(Problem, match="can't convert this OutputCodeClassifier"):
        from sklearn.multiclass import OutputCodeClassifier

        converted(OutputCodeClassifier(type(model.estimator)()).fit(data.X, data.three), rows)


def test_the_desk_and_the_command_show_the_same(tmp_path, data, capsys, monkeypatch):
    import joblib
    from typer.testing import CliRunner

    from course.__main__ import app

    model, rows = FAULTY["boosting on categories"][1](data)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.onnx").write_bytes(models.convert(model, rows))
    joblib.dump(model, "model.joblib")
    np.save("rows.npy", rows)
    panel = course.unit("f01").parity(model, "model.onnx", rows)
    html = panel._repr_html_()
    assert not panel.kept and "Likely cause" in html and "<code>categorical_features</code>" in html
    assert "The worst rows, side by side" in html and "model.onnx does not answer" in repr(panel)
    ran = CliRunner().invoke(app, ["parity", "model.joblib", "model.onnx", "rows.npy"])
    assert ran.exit_code == 1 and "A split by categories" in ran.output
    kept = CliRunner().invoke(app, ["parity", "model.joblib", "model.onnx", "rows.npy", "--output", "none"])
    assert isinstance(kept.exception, Problem) and "no output called none" in str(kept.exception)
    for bad in ("nothing.npy", "model.onnx"):
        ran = CliRunner().invoke(app, ["parity", "model.joblib", "model.onnx", bad])
        assert isinstance(ran.exception, Problem) and "\n" not in str(ran.exception)
