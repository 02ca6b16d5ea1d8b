"""Trees written by hand answer what the fitted trees answer, wherever a converter loses something."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from course.benchmarks.parity.models import Data, convert
from course.contract.artifacts import gate
from course.contract.parity import compare
from course.graph import Graph


@pytest.fixture(scope="module")
def data():
    return Data(1_000)


def fitted(name, d):
    from sklearn import ensemble, tree

    boosted, number = ensemble.HistGradientBoostingClassifier, ensemble.HistGradientBoostingRegressor
    mixed = np.column_stack([d.X[:, :1], d.kinds_holes, d.X[:, 1:3]]).astype(np.float32)
    return {
        "tree": lambda: d.fit(tree.DecisionTreeClassifier(random_state=0), d.holes, d.three),
        "stump without a split": lambda: d.fit(tree.DecisionTreeRegressor(), d.X, np.ones(len(d.X))),
        "forest": lambda: d.fit(ensemble.RandomForestClassifier(20, random_state=0), d.holes, d.by_holes),
        "extra trees of a number": lambda: d.fit(ensemble.ExtraTreesRegressor(10, random_state=0), d.holes, d.score),
        "forest on a grid": lambda: d.fit(ensemble.RandomForestClassifier(20, random_state=0), d.grid, d.by_grid),
        "boosting": lambda: d.fit(boosted(max_iter=20), d.holes, d.three),
        "boosting, two classes": lambda: d.fit(boosted(max_iter=20), d.holes, d.by_holes),
        "boosting on categories": lambda: d.fit(boosted(max_iter=20, categorical_features=[0, 2]), d.kinds, d.by_kind),
        "boosting on some categories, some missing": lambda: d.fit(
            number(max_iter=20, categorical_features=[1, 3]), mixed, np.nan_to_num(mixed[:, 1]) % 3 + d.score
        ),
        "boosting, gamma": lambda: d.fit(number(max_iter=20, loss="gamma"), d.holes, d.positive),
    }[name]()


NAMES = (
    "tree", "stump without a split", "forest", "extra trees of a number", "forest on a grid", "boosting",
    "boosting, two classes", "boosting on categories", "boosting on some categories, some missing", "boosting, gamma",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_they_answer_what_the_model_answers(name, data, tmp_path):
    model, rows = fitted(name, data)
    g = Graph({"X": (np.float32, rows.shape[1])}, ml=5)
    answer = g.trees("X", model)
    g.save(tmp_path / "model.onnx", answer=answer)
    found = compare(model, tmp_path / "model.onnx", rows)
    assert found.kept, found.sentence
    width = len(model.classes_) if hasattr(model, "classes_") else 1
    spec = gate.ModelSpec(
        {"X": gate.Tensor("float32", (None, rows.shape[1]))}, {"answer": gate.Tensor("float32", (None, width))}
    )
    onnx.checker.check_model(onnx.load_from_string(gate.read(tmp_path / "model.onnx", spec).content), full_check=True)


def test_they_take_less_than_half_of_the_bytes(data):
    model, rows = fitted("boosting", data)
    g = Graph({"X": (np.float32, rows.shape[1])}, ml=5)
    assert g.model(answer=g.trees("X", model)).ByteSize() < 0.45 * len(convert(model, rows))


def test_a_value_just_at_a_split_falls_as_it_does_outside(data):
    from sklearn.tree import DecisionTreeRegressor

    first = np.float32(100)
    second = np.nextafter(first, np.float32(200))
    for low, high in ((first, second), (second, np.nextafter(second, np.float32(200)))):
        X = np.repeat([low, high], 20)[:, None]  # their middle is no float32: it is rounded to one or the other
        model = DecisionTreeRegressor().fit(X, X[:, 0] > low)
        g = Graph({"X": (np.float32, 1)}, ml=5)
        assert g.look(g.trees("X", model), X).ravel().tolist() == model.predict(X).tolist() == [0] * 20 + [1] * 20


def test_what_is_no_tree_and_what_a_version_has_not_is_said(data):
    from sklearn.linear_model import LinearRegression

    model, rows = fitted("boosting", data)
    new, old = (Graph({"X": (np.float32, 6)}, ml=ml) for ml in (5, 3))
    with pytest.raises(TypeError, match="LinearRegression can't be written by hand"):
        new.trees("X", LinearRegression())
    with pytest.raises(ValueError, match=r"'TreeEnsemble' came with version 5: use Graph\(\.\.\., ml=5\)"):
        old.trees("X", model)
    with pytest.raises(ValueError, match=r"ai\.onnx\.ml 5 has no TreeEnsembleClassifier any more"):
        new.convert(model, "X", rows, wanted="probabilities")


def test_a_missing_key_is_known_from_version_4_on():
    X = np.array([[1], [np.nan], [3]], np.float32)

    def looked_up(ml):
        g = Graph({"X": (np.float32, 1)}, ml=ml)
        keys = {"keys_floats": [1.0, float("nan")], "values_floats": [5.0, 7.0], "default_float": 0.0}
        return g.look(g.add("LabelEncoder", "X", **keys), X).ravel().tolist()

    assert looked_up(4) == [5, 7, 0] and looked_up(3) == [5, 0, 0]


def test_a_converted_classifier_and_trees_by_hand_stand_behind_the_same_call(data):
    model, rows = fitted("boosting", data)
    found = {}
    for ml in (3, 5):
        g = Graph({"X": (np.float32, 6)}, ml=ml)
        found[ml] = g.look(g.probabilities(model, "X", rows), rows)
    assert np.allclose(found[3], found[5], atol=1e-5) and found[3].shape == (len(rows), 3)
