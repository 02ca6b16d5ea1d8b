"""`measure` on whatever is handed in: always a Report, one sentence for what can't be measured, no traceback."""

from __future__ import annotations

import json

import numpy as np
import onnx
import pytest
from conftest import linear_model, save
from onnx import TensorProto, helper, numpy_helper

from course import key, units
from course.contract.measure import _estimates, artifact_digest, measure
from course.contract.terms.estimates import read_estimates, write_estimates
from course.contract.terms.holdout import Holdout, Probe

UNIT = units.load("f01")


@pytest.fixture(scope="module")
def holdout():
    """A public hold-out of 300 scans: enough to measure, quick to run."""
    data = UNIT.public_data(key.OPEN)
    return UNIT.public_holdout({"X_public": data["X_public"][:600], "y_public": data["y_public"][:600]})


def test_an_empty_folder(tmp_path, holdout):
    report = measure(UNIT, tmp_path, holdout)
    assert {clause.verdict for clause in report.clauses} == {"not attempted"} and report.points == 0
    assert [c.name for c in report.clauses] == [t.name for t in UNIT.terms if not t.hidden] and report.to_come == 3


def test_a_model_is_measured_in_every_clause(tmp_path, holdout):
    save(linear_model(scale=0.01), tmp_path / "model.onnx")
    said = []
    report = measure(UNIT, tmp_path, holdout, progress=said.append)
    assert report["interface"].verdict == report["size"].verdict == report["memory"].verdict == "kept"
    assert report["quality"].verdict == "broken" and report["quality"].advice
    assert report["latency"].value > 0 and "µs a row on this machine" in report["latency"].aside
    assert said and report["size"].value == (tmp_path / "model.onnx").stat().st_size


def constant(tensor, name, kind, shape=("N",)):
    """A model whose output does not depend on its input in the way the contract wants."""
    graph = helper.make_graph(
        [helper.make_node("Identity", ["t"], [name])],
        "g",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["N", 784])],
        [helper.make_tensor_value_info(name, kind, list(shape))],
        [numpy_helper.from_array(tensor, "t")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def test_an_output_of_the_wrong_length(tmp_path, holdout):
    save(constant(np.zeros(3, np.int64), "digit", TensorProto.INT64), tmp_path / "model.onnx")
    report = measure(UNIT, tmp_path, holdout)
    assert report["quality"].verdict == report["interface"].verdict == "broken"
    assert "int64[3]" in report["quality"].advice and report["quality"].points == 0


def test_nan_scores_are_one_sentence():
    from course.contract.artifacts.gate import ModelSpec, Tensor
    from course.contract.artifacts.models import flaw

    spec = ModelSpec({"x": Tensor("float32", (None,))}, {"score": Tensor("float32", (None,))})
    assert "NaN" in flaw([np.array([1, np.nan], np.float32)], spec, 2)
    assert flaw([np.ones(2, np.float32)], spec, 2) == ""


def test_a_graph_that_onnxruntime_refuses(tmp_path, holdout):
    broken = linear_model()
    broken.graph.node[0].op_type = "Add"  # 784 columns and 784 x 10 weights don't add
    save(broken, tmp_path / "model.onnx")
    report = measure(UNIT, tmp_path, holdout)
    assert report["quality"].verdict == "broken" and "\n" not in report["quality"].advice


def test_rows_that_depend_on_each_other_are_found(tmp_path, holdout):
    mean = helper.make_node("ReduceMean", ["pixels"], ["m"], axes=[0], keepdims=1)
    less = helper.make_node("Sub", ["pixels", "m"], ["x"])
    save(linear_model(scale=0.01, nodes=[mean, less]), tmp_path / "model.onnx")
    report = measure(UNIT, tmp_path, holdout)
    assert report["interface"].verdict == "broken" and "alone" in report["interface"].advice


@pytest.mark.parametrize("text", ["{}", '{"winner_cores": "many"}', '{"winner_cores": 1e999}'])
def test_estimates_that_are_none(tmp_path, text):
    (tmp_path / "estimates.json").write_text(text)
    found = _estimates(UNIT, tmp_path)
    assert found.value is None and found.verdict is None and "no estimate was handed in" in found.note


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "damaged"),
        ("[" * 5000, "damaged"),
        ("[]", "no answers"),
        ("null", "no answers"),
        (" " * 200_000, "too large"),
    ],
)
def test_estimates_that_can_t_be_read_are_said_to_be_there(tmp_path, text, sentence):
    (tmp_path / "estimates.json").write_text(text)
    found = _estimates(UNIT, tmp_path)
    assert found.verdict == "broken" and sentence in found.note and "run the cell that writes it again" in found.note


def test_a_stub_writes_over_no_answers(tmp_path):
    write_estimates(UNIT.estimates, tmp_path, {"winner_cores": 3.84})
    (said,) = write_estimates(UNIT.estimates, tmp_path, {})
    assert "left as it is" in said and read_estimates(UNIT.estimates, tmp_path)["winner_cores"] == 3.84
    assert write_estimates(UNIT.estimates, tmp_path, {"winner_cores": 4}) == []


def test_what_is_not_answered_is_not_wrong(tmp_path):
    write_estimates(UNIT.estimates, tmp_path, {"winner_cores": "many", "crops_per_second": 480})
    note = _estimates(UNIT, tmp_path).note
    assert (
        "out again" not in note
        and note.startswith("Not answered yet, with one number each: ")
        and "`winner_cores`" in note
    )


def test_estimates_earn_two_points_each(tmp_path, holdout):
    (tmp_path / "estimates.json").write_text(json.dumps({"crops_per_second": 480, "winner_cores": 3.84}))
    clause = measure(UNIT, tmp_path, holdout)["estimates"]
    assert clause.points == 2 and "you said 3.84" in clause.advice and "1 of 5 is not in range" in clause.advice
    assert clause.advice.count("`") == 2 + 2 * 3  # three are not answered


def test_hidden_terms_are_measured_on_a_private_holdout(tmp_path):
    onnx.save(linear_model(scale=0.01), tmp_path / "model.onnx")
    report = measure(UNIT, tmp_path, UNIT.private_holdout(key.OPEN))
    assert report.to_come == 0 and {"digits", "pen", "shifted"} <= {clause.name for clause in report.clauses}
    assert report["quality"].shown.startswith("about ")


def test_a_probe_that_fails_breaks_the_clause_of_its_name_alone(tmp_path, holdout):
    """The graph looks at the first of 784 columns: where that is negative there is no such row in a table of two."""
    nodes = [
        helper.make_node("Slice", ["pixels", "from", "to", "axis"], ["first"]),
        helper.make_node("Cast", ["first"], ["code"], to=TensorProto.INT64),
        helper.make_node("Gather", ["table", "code"], ["rows"]),
        helper.make_node("Reshape", ["rows", "flat"], ["digit"]),
    ]
    given = {"from": [0], "to": [1], "axis": [1], "table": [0, 0], "flat": [-1]}
    model = constant(np.zeros(1, np.int64), "digit", TensorProto.INT64)
    del model.graph.node[:], model.graph.initializer[:]
    model.graph.node.extend(nodes)
    model.graph.initializer.extend(numpy_helper.from_array(np.array(value), name) for name, value in given.items())
    save(model, tmp_path / "model.onnx")
    pixels = holdout.probes["rows"].inputs["pixels"]
    probes = {name: Probe({"pixels": pixels * 0 - off}) for name, off in (("rows", 0), ("pen", 99), ("shifted", 0))}
    report = measure(
        UNIT, tmp_path, Holdout("private", probes, holdout.truth), wanted=("quality", "digits", "pen", "shifted")
    )
    assert report["quality"].value and report["shifted"].value and report["digits"].value is not None
    assert report["pen"].verdict == "broken" and report["pen"].points == 0 and "Gather failed" in report["pen"].advice
    probes["rows"], probes["pen"] = probes["pen"], probes["rows"]
    report = measure(UNIT, tmp_path, Holdout("private", probes, holdout.truth), wanted=("quality", "pen", "shifted"))
    assert {clause.verdict for clause in report.clauses} == {"broken"}


def test_the_digest_sees_every_file(tmp_path):
    seen = {artifact_digest(UNIT, tmp_path)}
    for name in UNIT.files:
        (tmp_path / name).write_bytes(b"1")
        seen.add(artifact_digest(UNIT, tmp_path))
        (tmp_path / name).write_bytes(b"2")
        seen.add(artifact_digest(UNIT, tmp_path))
    assert len(seen) == 1 + 2 * len(UNIT.files)


def test_another_key_is_another_world():
    mine, other = (UNIT.private_holdout(k) for k in (key.OPEN, key.Key(b"k" * 32, "t")))
    assert not np.array_equal(mine.probes["rows"].inputs["pixels"], other.probes["rows"].inputs["pixels"])
    public = UNIT.public_data(key.OPEN)
    rows = {row.tobytes() for row in public["X_train"]}
    hidden = mine.probes["rows"].inputs["pixels"].astype("uint8")
    assert not any(row.tobytes() in rows for row in hidden)


def test_what_is_judged_is_what_is_timed(holdout):
    """Answers come from calls of the size whose cost is measured: a graph that counts its rows gives itself away."""
    from course.contract.processes.runner import predict

    count = helper.make_node("Shape", ["pixels"], ["s"], start=0, end=1)
    cast = helper.make_node("Cast", ["s"], ["f"], to=TensorProto.FLOAT)
    graph = helper.make_graph(
        [count, cast, helper.make_node("Slice", ["pixels", "a", "b", "axis"], ["first"]),
         helper.make_node("Mul", ["first", "zero"], ["nil"]), helper.make_node("Add", ["nil", "f"], ["rows"])],
        "g",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["N", 784])],
        [helper.make_tensor_value_info("rows", TensorProto.FLOAT, ["N", 1])],
        [numpy_helper.from_array(np.array([v], np.int64), name) for name, v in (("a", 0), ("b", 1), ("axis", 1))]
        + [numpy_helper.from_array(np.float32(0), "zero")],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9).SerializeToString()
    inputs = {"pixels": holdout.probes["rows"].inputs["pixels"][:10]}
    whole, parts = [predict(model, [inputs], rows=rows)[0][0].ravel().tolist() for rows in (0, 4)]
    assert whole == [10] * 10 and parts == [4] * 8 + [2] * 2


def test_an_answer_that_hangs_on_its_batch_by_dynamic_quantisation_is_said_to(tmp_path):
    from course.contract.artifacts import gate
    from course.contract.artifacts.models import interface
    from course.graph import Graph
    from course.units.f01_shrink_ensemble.compress import quantise

    rng = np.random.default_rng(0)
    X = (rng.normal(size=(97, 16)) * rng.lognormal(0, 2, (97, 1))).astype(np.float32)
    g = Graph({"x": (np.float32, 16)})
    g.save(tmp_path / "plain.onnx", y=g.add("MatMul", "x", rng.normal(size=(16, 4)).astype(np.float32)))
    quantise(str(tmp_path / "plain.onnx"), str(tmp_path / "small.onnx"))
    spec = gate.ModelSpec({"x": gate.Tensor("float32", (None, 16))}, {"y": gate.Tensor("float32", (None, 4))})
    found = {name: interface(gate.read(tmp_path / f"{name}.onnx", spec), spec, {"x": X}) for name in ("plain", "small")}
    assert found["plain"].value == 5 and not found["plain"].note
    assert found["small"].value == 4 and "Dynamic quantisation rounds on a scale that all rows" in found["small"].note
