"""Graphs by hand: what is looked at is what is saved, and what does not fit is said at once."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper

from course.contract.artifacts import gate
from course.graph import Graph

X = np.random.default_rng(0).normal(size=(1203, 6)).astype(np.float32)
LAYERS = [(np.random.default_rng(k).normal(size=size), np.ones(size[1])) for k, size in enumerate([(6, 4), (4, 3)])]


def asked(model, **inputs):
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return session.run(None, inputs)


def test_what_is_looked_at_is_what_is_saved_and_what_numpy_says(tmp_path):
    g = Graph({"X": (np.float32, 6)})
    scores = g.dense("X", LAYERS)
    (w0, b0), (w1, b1) = LAYERS
    wanted = np.maximum(X @ w0 + b0, 0) @ w1 + b1
    assert np.allclose(g.look(scores, X), wanted, atol=1e-4)
    g.save(tmp_path / "model.onnx", best=g.add("ArgMax", scores, axis=1, keepdims=0))
    spec = gate.ModelSpec(
        inputs={"X": gate.Tensor("float32", (None, 6))}, outputs={"best": gate.Tensor("int64", (None,))}
    )
    passed = gate.read(tmp_path / "model.onnx", spec)
    assert passed.operators == 4
    (best,) = asked(onnx.load(tmp_path / "model.onnx"), X=X)
    assert np.array_equal(best, wanted.argmax(axis=1))


def test_what_outputs_do_not_need_stays_out_and_looking_changes_nothing():
    g = Graph({"X": (np.float32, 6)})
    half = g.add("Mul", "X", np.float32(0.5))
    before = g.model(half=half)
    g.add("MatMul", "X", np.zeros((6, 100_000), np.float32))  # leads nowhere
    g.look(half, X)
    assert g.model(half=half) == before and before.ByteSize() < 300


def test_equal_values_are_stored_once():
    g = Graph({"X": (np.float32, 6)})
    many = np.arange(6, dtype=np.float32)
    for _ in range(3):
        value = g.add("Mul", g.add("Add", "X", many), many.copy())
    other = g.add("Mul", value, many.astype(np.float64).astype(np.float32)[None])  # of another shape
    assert len(g.model(other=other).graph.initializer) == 2


def test_outputs_have_types_shapes_and_names_whatever_they_are():
    g = Graph({"X": (np.float32, 6), "when": (np.int64,)})
    a, b = g.add("Split", "X", np.array([2, 4]), axis=1, outputs=2)
    later = g.add("Add", "when", np.int64(1))
    model = g.model(left=a, right=b, again=b, same="X", later=later)
    onnx.checker.check_model(model, full_check=True)
    shapes = {
        one.name: [size.dim_param or size.dim_value for size in one.type.tensor_type.shape.dim]
        for one in model.graph.output
    }
    assert shapes == {"left": ["N", 2], "right": ["N", 4], "again": ["N", 4], "same": ["N", 6], "later": ["N"]}
    left, right, again, same, after = asked(model, X=X, when=np.arange(len(X)))
    assert np.array_equal(np.hstack([left, right]), X) and np.array_equal(again, right) and np.array_equal(same, X)
    assert after[0] == 1
    assert np.array_equal(g.look(later, X, range(len(X)), rows=7), after), "inputs may be of any type"


def test_text():
    g = Graph({"words": (object, 1)}, opset=20)
    code = g.add("LabelEncoder", "words", keys_strings=["a", "b"], values_int64s=[3, 4], default_int64=9)
    assert g.look(code, np.array([["b"], ["c"]], dtype=object)).tolist() == [[4], [9]]
    either = g.add("Where", g.add("Equal", "words", np.array("a")), np.array("first"), "words")
    assert g.look(either, [["a"], ["x"]]).tolist() == [["first"], ["x"]]


def test_another_model_is_put_behind_and_keeps_what_it_says():
    from skl2onnx import to_onnx
    from sklearn.ensemble import HistGradientBoostingClassifier

    y = (X[:, 0] * X[:, 1] > 0).astype(int)
    trees = HistGradientBoostingClassifier(max_iter=5).fit(X[:, :2], y)
    made = to_onnx(trees, X[:1, :2], options={"zipmap": False}, target_opset={"": 17, "ai.onnx.ml": 3})
    before = made.SerializeToString()
    g = Graph({"X": (np.float32, 6)})
    first = g.add("Gather", "X", np.array([0, 1]), axis=1)
    label, probabilities = g.insert(made, first)
    swapped, _ = g.insert(made, g.add("Gather", "X", np.array([1, 0]), axis=1))  # a second time, under other names
    said, chances, other = asked(g.model(label=label, chances=probabilities, swapped=swapped), X=X)
    assert np.array_equal(said, trees.predict(X[:, :2])) and np.array_equal(other, trees.predict(X[:, [1, 0]]))
    assert np.allclose(chances, trees.predict_proba(X[:, :2]), atol=1e-5)
    assert made.SerializeToString() == before
    with pytest.raises(ValueError, match="zip"):
        g.insert(made, first, first)


def test_the_same_calls_give_the_same_bytes():
    def built():
        g = Graph({"X": (np.float32, 6)})
        return g.model(scores=g.dense("X", LAYERS))

    assert built().SerializeToString() == built().SerializeToString()
    assert all(numpy_helper.to_array(one).dtype == np.float32 for one in built().graph.initializer)


def test_what_does_not_fit_is_said_where_it_is_written():
    g = Graph({"X": (np.float32, 6)})
    with pytest.raises(ValueError, match=r"no operator 'Sotfmax'\. Did you mean 'Softmax'"):
        g.add("Sotfmax", "X")
    with pytest.raises(ValueError, match=r"no operator 'Qqqqqqqq'\.$"):
        g.add("Qqqqqqqq", "X")
    with pytest.raises(ValueError, match=r"no value 'Softmax'\.$"):
        g.add("Softmax", "Softmax")
    half = g.add("Mul", "X", np.float32(0.5))
    for wrong in (lambda: g.add("Relu", "Mul1"), lambda: g.look("Mul1", X), lambda: g.save("no.onnx", out="Mul1")):
        with pytest.raises(ValueError, match=rf"no value 'Mul1'. Did you mean '{half}'"):
            wrong()
    with pytest.raises(Exception, match=r"tensor\(float\) and tensor\(double\) in node \(sum\)"):
        g.model(sum=g.add("Add", "X", np.zeros(6)))
