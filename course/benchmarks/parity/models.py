"""Fitted models whose conversion is known to differ, one or more for each row of the table of known cases.

Data are drawn from seeds; `n` is the number of rows that a comparison is asked about.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

#: Makes a fitted model, and rows like those it was fitted on.
Made = Callable[["Data"], tuple[Any, Any]]
#: Rows that models are fitted on; a comparison's rows go on behind them.
FITTED = 600


class Data:
    """Rows and targets of several kinds, of the same length: the first `FITTED` to fit on, the others fresh."""

    def __init__(self, n: int):
        self.n = n
        rng = np.random.default_rng(0)
        size = FITTED + n
        self.X = rng.normal(size=(size, 6)).astype(np.float32)
        self.score = self.X[:, 0] + self.X[:, 1] * self.X[:, 2] + 0.3 * rng.normal(size=size)
        self.two, self.three = (self.score > 0).astype(int), np.digitize(self.score, [-0.5, 0.5])
        self.rare = (self.score > 1.5).astype(int)
        self.positive = np.exp(self.score)
        self.holes = self.X.copy()
        self.holes[rng.random(self.X.shape) < 0.2] = np.nan
        there = np.isnan(self.holes[:, 0]).astype(int)
        self.by_holes = (np.nan_to_num(self.holes).sum(axis=1) + 2 * there > 0).astype(int)
        self.kinds = rng.integers(0, 12, (size, 3)).astype(np.float32)
        self.by_kind = ((self.kinds[:, 0] % 3 == 0) ^ (self.kinds[:, 1] > 6)).astype(int)
        self.kinds_holes = np.where(rng.random(self.kinds.shape) < 0.1, np.nan, self.kinds).astype(np.float32)
        self.grid = (rng.integers(0, 10, (size, 4)).astype(np.float32) * np.float32(0.1)).astype(np.float32)
        self.by_grid = (self.grid.sum(axis=1) + 0.5 * rng.normal(size=size) > 1.8).astype(int)
        self.counts = rng.poisson(2, (size, 6)).astype(np.float32)
        common = np.minimum(rng.zipf(1.5, (size, 2)), 12)
        self.names = np.array([[f"a{a:02}", f"b{13 - b:02}"] for a, b in common], object)
        words = np.array(["I", "saw", "a", "cat", "and", "a", "dog", "on", "the", "mat", "mat", "x"], object)
        self.few = np.random.default_rng(4).poisson(1, (size, 4)).astype(np.float32)
        self.texts = np.array([" ".join(rng.choice(words, 8)) for _ in range(size)], object)

    def fit(self, model: Any, X: np.ndarray, y: np.ndarray | None = None) -> tuple[Any, np.ndarray]:
        """The model fitted on the first rows, and the others."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(X[:FITTED]) if y is None else model.fit(X[:FITTED], y[:FITTED])
        return model, X[FITTED:]


def convert(model: Any, rows: np.ndarray) -> bytes:
    """The model as skl2onnx converts it, with arrays of probabilities and a locale that is everywhere."""
    import onnx
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import StringTensorType

    versions = {"": 17, "ai.onnx.ml": 3}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if rows.ndim == 1:
            made = to_onnx(model, initial_types=[("X", StringTensorType([None, 1]))], target_opset=versions)
        else:
            try:
                made = to_onnx(model, rows[:1], options={id(model): {"zipmap": False}}, target_opset=versions)
            except NameError:  # no such option
                made = to_onnx(model, rows[:1], target_opset=versions)
    for node in made.graph.node:
        if node.op_type == "StringNormalizer":
            node.attribute.append(onnx.helper.make_attribute("locale", "C"))
    return made.SerializeToString()


def quantised(model: Any, rows: np.ndarray) -> bytes:
    """The model with weights of 8 bits, as `quantize_dynamic` makes it of a converted one."""
    import logging

    from onnxruntime.quantization import quantize_dynamic

    logging.getLogger().setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="course-") as folder:
        plain, small = Path(folder) / "plain.onnx", Path(folder) / "small.onnx"
        plain.write_bytes(convert(model, rows))
        quantize_dynamic(plain, small)
        return small.read_bytes()


def faulty() -> dict[str, tuple[str, Made]]:
    """Each by what it is: the name of its case in the table, and how it is made."""
    from sklearn import (
        calibration,
        cluster,
        discriminant_analysis,
        ensemble,
        gaussian_process,
        linear_model,
        model_selection,
        multiclass,
        naive_bayes,
        neighbors,
        neural_network,
        pipeline,
        preprocessing,
        svm,
        tree,
    )
    from sklearn.feature_extraction import text
    from sklearn.impute import SimpleImputer

    missing = "trees, missing values"
    return {
        "random forest, missing values": (
            missing, lambda d: d.fit(ensemble.RandomForestClassifier(25, random_state=0), d.holes, d.by_holes)
        ),
        "extra trees, missing values": (
            missing, lambda d: d.fit(ensemble.ExtraTreesClassifier(25, random_state=0), d.holes, d.by_holes)
        ),
        "one tree, missing values": (
            missing, lambda d: d.fit(tree.DecisionTreeClassifier(random_state=0), d.holes, d.three)
        ),
        "forest of a number, missing values": (
            missing, lambda d: d.fit(ensemble.RandomForestRegressor(10, random_state=0), d.holes, d.score)
        ),
        "extra trees of a number, missing values": (
            missing, lambda d: d.fit(ensemble.ExtraTreesRegressor(10, random_state=0), d.holes, d.score)
        ),
        "boosting on categories": (
            "boosting, categories",
            lambda d: d.fit(
                ensemble.HistGradientBoostingClassifier(categorical_features=[0, 1, 2], max_iter=20), d.kinds, d.by_kind
            ),
        ),
        "boosting of a number on categories": (
            "boosting, categories",
            lambda d: d.fit(
                ensemble.HistGradientBoostingRegressor(categorical_features=[0], max_iter=20), d.kinds,
                d.score + d.by_kind,
            ),
        ),
        "boosting, Poisson": (
            "boosting, exponential",
            lambda d: d.fit(ensemble.HistGradientBoostingRegressor(loss="poisson", max_iter=20), d.X, d.positive),
        ),
        "boosting, gamma": (
            "boosting, exponential",
            lambda d: d.fit(ensemble.HistGradientBoostingRegressor(loss="gamma", max_iter=20), d.X, d.positive),
        ),
        "tuned threshold": (
            "threshold",
            lambda d: d.fit(
                model_selection.TunedThresholdClassifierCV(linear_model.LogisticRegression(), random_state=0), d.X,
                d.rare,
            ),
        ),
        "linear discriminant, two classes": (
            "two classes, discriminant",
            lambda d: d.fit(discriminant_analysis.LinearDiscriminantAnalysis(), d.X, d.two),
        ),
        "neighbours by distance": (
            "neighbours, distance",
            lambda d: d.fit(neighbors.KNeighborsClassifier(5, weights="distance"), d.X, d.three),
        ),
        "neighbours of a number, by distance": (
            "neighbours, distance", lambda d: d.fit(neighbors.KNeighborsRegressor(5, weights="distance"), d.X, d.score)
        ),
        "neighbours on a grid": (
            "neighbours, ties", lambda d: d.fit(neighbors.KNeighborsClassifier(5), d.grid, d.by_grid)
        ),
        "ordinal encoder, min_frequency": (
            "ordinal encoder, infrequent",
            lambda d: d.fit(
                preprocessing.OrdinalEncoder(
                    min_frequency=60, handle_unknown="use_encoded_value", unknown_value=-1
                ), d.names,
            ),
        ),
        "ordinal encoder, max_categories": (
            "ordinal encoder, infrequent",
            lambda d: d.fit(
                preprocessing.OrdinalEncoder(
                    max_categories=4, handle_unknown="use_encoded_value", unknown_value=-1
                ), d.names,
            ),
        ),
        "ordinal encoder, missing values": (
            "ordinal encoder, missing", lambda d: d.fit(preprocessing.OrdinalEncoder(), d.kinds_holes)
        ),
        "target encoder, missing values": (
            "target encoder, missing",
            lambda d: d.fit(preprocessing.TargetEncoder(random_state=0), d.kinds_holes, d.by_kind),
        ),
        "isotonic calibration": (
            "isotonic calibration",
            lambda d: d.fit(
                calibration.CalibratedClassifierCV(naive_bayes.GaussianNB(), method="isotonic"), d.X, d.two
            ),
        ),
        "SGD, modified Huber": (
            "modified Huber",
            lambda d: d.fit(linear_model.SGDClassifier(loss="modified_huber", random_state=0), d.X, d.three),
        ),
        "SVC, break_ties": (
            "SVC, broken ties", lambda d: d.fit(svm.SVC(break_ties=True), d.X, d.three)
        ),
        "complement naive Bayes, norm": (
            "complement naive Bayes", lambda d: d.fit(naive_bayes.ComplementNB(norm=True), d.few, d.three)
        ),
        "MaxAbsScaler, clip": ("clipping scaler", lambda d: d.fit(preprocessing.MaxAbsScaler(clip=True), d.X)),
        "Normalizer, max": ("normaliser", lambda d: d.fit(preprocessing.Normalizer("max"), d.X)),
        "power transformer, missing values": (
            "power transformer, missing", lambda d: d.fit(preprocessing.PowerTransformer(), d.holes)
        ),
        "imputer with indicators": ("indicators", lambda d: d.fit(SimpleImputer(add_indicator=True), d.holes)),
        "bagging of linear SVCs": (
            "bagging", lambda d: d.fit(ensemble.BaggingClassifier(svm.LinearSVC(), 10, random_state=0), d.X, d.two)
        ),
        "quadratic discriminant": (
            "label of another shape",
            lambda d: d.fit(discriminant_analysis.QuadraticDiscriminantAnalysis(), d.X, d.three),
        ),
        "one SVC against the rest": (
            "scores of one against the rest",
            lambda d: d.fit(multiclass.OneVsRestClassifier(svm.LinearSVC()), d.X, d.three),
        ),
        "tf-idf, sublinear": ("sublinear counts", lambda d: d.fit(text.TfidfVectorizer(sublinear_tf=True), d.texts)),
        "bigrams, stop words": (
            "bigrams, words left out",
            lambda d: d.fit(text.CountVectorizer(ngram_range=(1, 2), stop_words=["the", "on"]), d.texts),
        ),
        "bigrams, words of one letter": (
            "bigrams, short words", lambda d: d.fit(text.TfidfVectorizer(ngram_range=(1, 2)), d.texts)
        ),
        "forest behind a scaler": (
            "scaled trees",
            lambda d: d.fit(
                pipeline.make_pipeline(
                    preprocessing.StandardScaler(), ensemble.RandomForestClassifier(25, random_state=0)
                ), d.grid, d.by_grid,
            ),
        ),
        "50 fully grown trees on a grid": (
            "ties of votes", lambda d: d.fit(ensemble.RandomForestClassifier(50, random_state=0), d.grid, d.by_grid)
        ),
        "Gaussian process": (
            "Gaussian process",
            lambda d: d.fit(gaussian_process.GaussianProcessRegressor(alpha=0.1), d.X, d.score),
        ),
        "k-means far from zero": (
            "k-means, far from zero",
            lambda d: d.fit(cluster.KMeans(4, random_state=0, n_init=2), d.X + np.float32(1000)),
        ),
        "a net with two targets": (
            "two targets",
            lambda d: d.fit(
                neural_network.MLPRegressor(hidden_layer_sizes=(8,), max_iter=30, random_state=0), d.X, d.X[:, :2]
            ),
        ),
        "cubes of columns near 100": (
            "polynomials",
            lambda d: d.fit(
                pipeline.make_pipeline(preprocessing.PolynomialFeatures(3), linear_model.LinearRegression()),
                (d.X / 10 + 100).astype(np.float32), d.score,
            ),
        ),
        "a net in 8 bits, dynamically": (
            "dynamic quantisation",
            lambda d: d.fit(neural_network.MLPClassifier((20,), max_iter=50, random_state=0), d.X, d.three),
        ),
    }  # fmt: skip
