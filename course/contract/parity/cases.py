"""What converters are known to get wrong: a table, each row of which a test converts, runs and confirms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from course.contract.parity.nested import nested

CONVERTER, RUNTIME = "skl2onnx 1.20.0", "onnxruntime 1.32.0"


@dataclass(frozen=True)
class Case:
    """One known fault.

    `estimators` are names of classes; `when` looks at a fitted one. `sign` is what must be true of the rows that
    differ: "missing" (nearly all have a missing value), "tie" (their best two scores are equal), "label",
    "probability", "values", "shape" (the answer has another), "batch" (it depends on the rows beside it). `operator`
    must be in the graph.
    `happens` and `instead` are sentences; `finding` names a script in findings/.
    """

    name: str
    what: str
    estimators: tuple[str, ...]
    happens: str
    instead: str
    when: Callable[[Any], bool] = lambda one: True
    sign: str = ""
    operator: str = ""
    version: str = CONVERTER
    finding: str = ""


def _given(name: str, *values: Any) -> Callable[[Any], bool]:
    return lambda one: getattr(one, name, None) in values


def _long(one: Any) -> bool:
    return one.ngram_range[1] > 1


BOOSTED = ("HistGradientBoostingClassifier", "HistGradientBoostingRegressor")
FORESTS = ("RandomForestClassifier", "RandomForestRegressor", "ExtraTreesClassifier", "ExtraTreesRegressor")
TREES = ("DecisionTreeClassifier", "DecisionTreeRegressor", "ExtraTreeClassifier", "ExtraTreeRegressor")
NEIGHBOURS = ("KNeighborsClassifier", "KNeighborsRegressor")
WORDS = ("TfidfVectorizer", "CountVectorizer")
BY_HAND = "Write the trees by hand (`Graph(..., ml=5)` and `Graph.trees` of course.graph)"

#: Where several rows fit the first is named, so the more particular ones stand first.
CASES = (
    Case(
        "trees, missing values", "a tree, a random forest or extra trees that met missing values", (*FORESTS, *TREES),
        "The converter drops which way a missing value goes: in the graph it always goes right.",
        f"{BY_HAND}, put an imputer before them, or boost (HistGradientBoosting keeps its way).",
        sign="missing", finding="trees-missing",
    ),
    Case(
        "boosting, categories", "histogram gradient boosting with `categorical_features`", BOOSTED,
        "A split by categories is written as a comparison of numbers.",
        f"{BY_HAND}, or one-hot encode the categories before.",
        when=lambda one: getattr(one, "is_categorical_", None) is not None and bool(one.is_categorical_.any()),
        finding="boosting-categories",
    ),
    Case(
        "boosting, exponential", 'histogram gradient boosting with `loss="poisson"` or `"gamma"`', BOOSTED,
        "The exponential behind the sum of trees is left out.",
        "Add it to the graph: `Exp` of the converter's output.",
        when=_given("loss", "poisson", "gamma"), finding="boosting-exponential",
    ),
    Case(
        "threshold", "a classifier with a tuned threshold", ("TunedThresholdClassifierCV",),
        "The threshold is left behind: the label is that of 0.5.",
        "Compare the probability with `best_threshold_` in the graph.",
        sign="label", finding="tuned-threshold",
    ),
    Case(
        "two classes, discriminant", "linear discriminant analysis with two classes", ("LinearDiscriminantAnalysis",),
        "Probabilities are the sigmoid of twice the score; labels are right.",
        "Write it by hand: one `Gemm` and one `Sigmoid`.",
        when=lambda one: len(getattr(one, "classes_", ())) == 2, sign="probability", finding="two-class-discriminant",
    ),
    Case(
        "neighbours, distance", 'nearest neighbours with `weights="distance"`', NEIGHBOURS,
        "The weights are put together differently, and so are the answers.",
        'Use `weights="uniform"`.', when=_given("weights", "distance"), finding="neighbours-distance",
    ),
    Case(
        "neighbours, ties", "nearest neighbours where several rows are equally far", NEIGHBOURS,
        "Which of equally distant rows is a neighbour is another choice.",
        "Use odd numbers of neighbours and columns that don't repeat, or count the difference as noise.",
        when=_given("weights", "uniform"), 
    ),
    Case(
        "ordinal encoder, infrequent", "an ordinal encoder with `min_frequency` or `max_categories`",
        ("OrdinalEncoder",),
        "The rare categories of every column are taken to be where the first column has its own.",
        "Group rare categories before the encoder, or write one `LabelEncoder` a column by hand.",
        when=lambda one: one.min_frequency is not None or one.max_categories is not None, finding="ordinal-infrequent",
    ),
    Case(
        "ordinal encoder, missing", "an ordinal encoder and missing values", ("OrdinalEncoder",),
        "A missing value gets the number of the unknown, or of another category.",
        "Give missing values a name of their own before the encoder; a NaN key needs a `LabelEncoder` of ai.onnx.ml 4.",
        sign="missing",
    ),
    Case(
        "target encoder, missing", "a target encoder and missing values", ("TargetEncoder",),
        "A missing value gets the mean of all, not its own.",
        "Give missing values a number of their own before the encoder.", sign="missing",
    ),
    Case(
        "isotonic calibration", 'a calibrated classifier with `method="isotonic"`', ("CalibratedClassifierCV",),
        "The curve is looked up at the nearest step; scikit-learn draws lines between steps.",
        'Use `method="sigmoid"`, or write the curve by hand.', when=_given("method", "isotonic"),
        finding="isotonic-steps",
    ),
    Case(
        "modified Huber", 'SGD with `loss="modified_huber"` and three classes or more', ("SGDClassifier",),
        "The label is that of the clipped probabilities, where several are equal, not of the scores.",
        "Take the label from the scores: `MatMul`, `Add`, `ArgMax`.",
        when=lambda one: one.loss == "modified_huber" and len(one.classes_) > 2, sign="label",
    ),
    Case(
        "SVC, broken ties", "a support vector classifier with `break_ties=True`", ("SVC", "NuSVC"),
        "Ties of votes are not broken by the scores: the first class wins.",
        "Take the label as the `ArgMax` of the scores.", when=_given("break_ties", True), sign="label",
    ),
    Case(
        "complement naive Bayes", "complement naive Bayes with `norm=True`", ("ComplementNB",),
        "A row of equal counts has the same score in every class, and rounding decides.", "Use `norm=False`.",
        when=_given("norm", True), sign="tie",
    ),
    Case(
        "clipping scaler", "`MaxAbsScaler(clip=True)`", ("MaxAbsScaler",),
        "Values beyond what was seen are not clipped.", "Add a `Clip` behind it, or use MinMaxScaler(clip=True).",
        when=_given("clip", True),
    ),
    Case(
        "normaliser", '`Normalizer("max")` and negative values', ("Normalizer",),
        "Rows are divided by their greatest value, not by the greatest absolute value.",
        "Divide by `ReduceMax` of `Abs` by hand.", when=_given("norm", "max"),
    ),
    Case(
        "power transformer, missing", "a power transformer and missing values", ("PowerTransformer",),
        "A missing value becomes a number; scikit-learn keeps it missing.",
        "Put an imputer before it, or boost on the columns as they are.", sign="missing",
    ),
    Case(
        "indicators", "an imputer with `add_indicator=True`", ("SimpleImputer", "KNNImputer"),
        "The indicators' columns are left out.", "Add them by hand: `IsNaN`, `Cast`, `Concat`.",
        when=_given("add_indicator", True), sign="shape",
    ),
    Case(
        "bagging", "bagging of models without probabilities", ("BaggingClassifier",),
        "The file answers one row for each member, not for each row.", "Use members with `predict_proba`.",
        when=lambda one: not hasattr(one.estimators_[0], "predict_proba"), sign="shape",
    ),
    Case(
        "label of another shape", "quadratic discriminant analysis", ("QuadraticDiscriminantAnalysis",),
        "The labels of n rows have the shape [1, n].", "Add a `Reshape` to [-1] behind them.", sign="shape",
    ),
    Case(
        "scores of one against the rest", "one against the rest with models without probabilities",
        ("OneVsRestClassifier",),
        "Scores are divided by the length of their row; labels are right.",
        "Use members with `predict_proba`, or only the label.",
        when=lambda one: not hasattr(one.estimators_[0], "predict_proba"), sign="values",
    ),
    Case(
        "sublinear counts", "tf-idf with `sublinear_tf=True`", ("TfidfVectorizer", "TfidfTransformer"),
        "Counts become log(1 + tf) in place of 1 + log(tf).", "Use `sublinear_tf=False`.",
        when=_given("sublinear_tf", True), finding="words-counted",
    ),
    Case(
        "bigrams, words left out", "n-grams of words beside stop words", WORDS,
        "Stop words leave a gap in the graph, so words on both sides of it are no pair.",
        "Count single words, or keep stop words.", when=lambda one: _long(one) and bool(one.stop_words),
    ),
    Case(
        "bigrams, short words", "n-grams of words beside words of one letter", WORDS,
        "A word of one letter separates its neighbours in the graph; scikit-learn drops it, and they are a pair.",
        'Count single words, or give `token_pattern="[a-zA-Z0-9_]+"`.',
        when=lambda one: _long(one) and one.analyzer == "word", finding="words-counted",
    ),
    Case(
        "scaled trees", "trees behind a scaler", ("Pipeline",),
        "The scaler works in float32 in the graph: a value that is just at a split can fall to its other side.",
        "Trees need no scaler: leave it out.",
        when=lambda one: any("Scaler" in type(step).__name__ for _, step in one.steps[:-1])
        and type(one.steps[-1][1]).__name__ in (*FORESTS, *TREES, *BOOSTED),
        finding="scaled-trees",
    ),
    Case(
        "ties of votes", "fully grown trees that vote", ("RandomForestClassifier", "ExtraTreesClassifier"),
        "Exact ties of votes are decided by rounding.", "Grow an odd number of trees, or count it as noise.",
        sign="tie",
    ),
    Case(
        "Gaussian process", "a Gaussian process in float32", ("GaussianProcessRegressor",),
        "Large weights of both signs nearly cancel, and float32 has too few digits for it.",
        "Use SVR, which keeps its digits, or leave the process outside of the graph.",
    ),
    Case(
        "k-means, far from zero", "k-means on columns far from zero", ("KMeans", "MiniBatchKMeans"),
        "Distances are differences of large squares, for which float32 has too few digits.",
        "Take the mean from every column before.", sign="values", finding="k-means-far",
    ),
    Case(
        "two targets", "a net with two targets or more", ("MLPRegressor",),
        "All targets stand in one column, one after another.", "Add a `Reshape` to [-1, targets] behind it.",
        when=lambda one: one.n_outputs_ > 1, sign="shape", finding="two-targets",
    ),
    Case(
        "polynomials", "polynomials of columns far from zero", ("PolynomialFeatures",),
        "Large products nearly cancel, and float32 has too few digits for it.",
        "Scale the columns before they are multiplied.", finding="polynomials",
    ),
    Case(
        "dynamic quantisation", "weights quantised with `quantize_dynamic`", (),
        "Activations are rounded on a scale that all rows of a batch share: a row's answer depends on its neighbours.",
        "Quantise statically (`quantize_static`), or answer row by row.",
        sign="batch", operator="DynamicQuantizeLinear", version=RUNTIME, finding="dynamic-batches",
    ),
)  # fmt: skip


def likely(model: Any, content: bytes, signs: set[str]) -> tuple[Case, ...]:
    """The cases that fit a fitted model, its graph and what was seen of the rows that differ."""
    import onnx

    operators = {node.op_type for node in onnx.load_model_from_string(content).graph.node}
    inside = nested(model)
    return tuple(case for case in CASES if _fits(case, inside, operators, signs))


def _fits(case: Case, inside: list[Any], operators: set[str], signs: set[str]) -> bool:
    if (case.sign and case.sign not in signs) or (case.operator and case.operator not in operators):
        return False
    return not case.estimators or any(type(one).__name__ in case.estimators and _when(case, one) for one in inside)


def _when(case: Case, one: Any) -> bool:
    try:
        return case.when(one)
    except AttributeError:  # a template inside another estimator, which nobody fitted
        return False
