"""q02 rehearsed: what must pass, what must fail, and where.

Functions here are cells: only their bodies are used, in the notebook's namespace. Parameters name what a body takes
from the cells before it.
"""

from __future__ import annotations

from course.grading.authoring.rehearse import Rehearsal


def crossed_score_card(X_table, X_shadow, day_table, fraud_table, shadow, EXPORT, world, judge, Graph, np):
    """A logistic regression on logs, flags and their products, all in the graph; the newest four weeks left out."""
    from scipy.special import expit
    from sklearn.linear_model import LogisticRegression

    graph = Graph()

    def columns(*names):
        return graph.add("Gather", "payments", np.array([world.AT[name] for name in names]), axis=1)

    intervals = (
        ("web", 1, 2), ("device_age", 0, 6), ("device_age", 6, 1e6), ("new_address", 1, 2), ("contact_change", 0, 12),
        ("category", 1, 2), ("category", 3, 5), ("category", 4, 6), ("seen_merchant", 0, 1), ("card_age", 0, 14),
        ("hour", 19, 24.1), ("hour", 0, 5), ("payments_24h", 3, 1e6),
    )  # fmt: skip
    names, low, high = zip(*intervals, strict=True)
    held = columns(*names)  # NaN is in no interval
    within = graph.add("GreaterOrEqual", held, np.float32(low)), graph.add("Less", held, np.float32(high))
    unknown = graph.add("IsNaN", columns("times_usual", "payments_24h"))
    flags = graph.add("Cast", graph.add("Concat", graph.add("And", *within), unknown, axis=1), to=1)
    numbers = columns(
        "amount", "times_usual", "merchant_age", "merchant_disputes", "payments_24h", "spent_24h", "usual_amount",
        "hours_since_last", "card_age", "contact_change", "device_age", "night_share",
    )  # fmt: skip
    logs = graph.add("Where", graph.add("IsNaN", numbers), np.float32(0), numbers)
    last = np.array([1])
    logs = graph.add("Log", graph.add("Add", logs, np.float32(1)))
    squares = graph.add("Mul", logs, logs)
    plain = graph.add("Concat", flags, logs, squares, axis=1)
    across = graph.add(
        "Mul", graph.add("Unsqueeze", flags, np.array([2])), graph.add("Unsqueeze", plain, np.array([1]))
    )
    features = graph.add("Concat", plain, graph.add("Reshape", across, np.array([0, -1])), axis=1)

    rng = np.random.default_rng(0)
    rows = (day_table < EXPORT - 28) & (fraud_table | (rng.random(len(X_table)) < 0.25))  # a quarter of the honest
    X, y = X_table[rows], fraud_table[rows]
    again = rng.random(len(X)) < 0.35
    A, y = graph.look(features, np.concatenate([X, world.outage(X[again])])), np.r_[y, y[again]]
    middle, spread = A.mean(axis=0), A.std(axis=0) + 1e-3
    card = LogisticRegression(C=0.005, max_iter=300).fit((A - middle) / spread, y)
    w = card.coef_[0] / spread
    b = card.intercept_[0] - middle @ w
    w = w.astype(np.float32)[:, None]
    raw = graph.look(features, X_shadow) @ w[:, 0] + b
    right = LogisticRegression(C=1e6).fit(raw[:, None], shadow["fraud"])  # scale and shift on the complete month
    scale, shift = float(right.coef_[0, 0]), float(right.intercept_[0])
    p, a = expit(scale * raw + shift), X_shadow[:, 0]
    busy = np.maximum(X_shadow[:, world.AT["load"]], 1) ** 1.5
    price = max((8, 12, 16), key=lambda one: judge.share(X_shadow, **shadow, review=p * (a + 5) - 8 > one * busy))

    logit = graph.add("Squeeze", graph.add("MatMul", features, scale * w), last)
    probability = graph.add("Sigmoid", graph.add("Add", logit, np.float32(scale * b + shift)))
    gain = graph.add("Mul", probability, graph.add("Add", graph.column("amount"), np.float32(5)))
    times = graph.add("Pow", graph.add("Max", graph.column("load"), np.float32(1)), np.float32(1.5))
    asked = graph.add("Add", graph.add("Mul", times, np.float32(price)), np.float32(8))
    graph.save("model.onnx", probability, graph.add("Greater", gain, asked))


def most_accurate(X_table, fraud_table, Graph, world, np):
    """What cross-validated accuracy likes: the class that is more likely, no threshold, no money."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    columns = (*world.NOW, *world.HISTORY)
    chosen = [world.AT[name] for name in columns]
    trees = HistGradientBoostingClassifier(
        max_iter=100, max_leaf_nodes=8, min_samples_leaf=60, learning_rate=0.08, l2_regularization=5, random_state=0
    )
    trees.fit(X_table[:, chosen], fraud_table)
    graph = Graph(trees, columns)
    graph.save("model.onnx", graph.score, graph.add("Greater", graph.score, np.float32(0.5)))


def random_split(X_table, fraud_table, Graph, world, np):
    """All columns, rows split at random, the candidate with the best score there: splendid, and it knows the future."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.metrics import average_precision_score
    from sklearn.model_selection import train_test_split

    X, Z, y, z = train_test_split(X_table, fraud_table, test_size=0.25, stratify=fraud_table, random_state=0)
    candidates = [
        HistGradientBoostingClassifier(max_iter=n, max_leaf_nodes=8, l2_regularization=5, random_state=0).fit(X, y)
        for n in (30, 80)
    ]
    best = max(candidates, key=lambda one: average_precision_score(z, one.predict_proba(Z)[:, 1]))
    print("average precision on rows drawn at random:", average_precision_score(z, best.predict_proba(Z)[:, 1]))
    graph = Graph(best, world.COLUMNS)
    gain = graph.add("Mul", graph.score, graph.add("Add", graph.column("amount"), np.float32(5)))
    graph.save("model.onnx", graph.score, graph.add("Greater", gain, np.float32(8)))


def most_probable(raw, shift, graph, probability, shadow, np, expit):
    """The right probabilities, but the seven most probable of a day are flagged, whatever they are worth."""
    days = len(np.unique(shadow["desk"] * 1000 + shadow["day"]))
    seventh = np.sort(expit(raw + shift))[-7 * days]
    graph.save("model.onnx", probability, graph.add("Greater", probability, np.float32(seventh)))


def newest_weeks(X_table, day_table, fraud_table, EXPORT, Graph, world, np):
    """Fraudsters change, so only the newest eight weeks are learned from, and labels are taken as they are."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    columns = (*world.NOW, *world.HISTORY)
    chosen = [world.AT[name] for name in columns]
    rows = day_table >= EXPORT - 56
    trees = HistGradientBoostingClassifier(
        max_iter=100, max_leaf_nodes=8, min_samples_leaf=60, learning_rate=0.08, l2_regularization=5, random_state=0
    ).fit(X_table[rows][:, chosen], fraud_table[rows])
    graph = Graph(trees, columns)
    gain = graph.add("Mul", graph.score, graph.add("Add", graph.column("amount"), np.float32(5)))
    graph.save("model.onnx", graph.score, graph.add("Greater", gain, np.float32(8)))


def balanced(X_both, fraud_both, COLUMNS, Graph, np):
    """Classes balanced "because 0.3 % is imbalanced", and the scores used as if they were probabilities."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    trees = HistGradientBoostingClassifier(
        max_iter=100, max_leaf_nodes=8, class_weight="balanced", early_stopping=False, random_state=0
    ).fit(X_both, fraud_both)
    graph = Graph(trees, COLUMNS)
    gain = graph.add("Mul", graph.score, graph.add("Add", graph.column("amount"), np.float32(5)))
    graph.save("model.onnx", graph.score, graph.add("Greater", gain, np.float32(8)))


def large_forest(X_both, fraud_both, X_shadow, shadow, chosen, COLUMNS, Graph, np, brentq, expit, logit):
    """500 deep trees, on a part of the honest payments and put right afterwards."""
    from sklearn.ensemble import RandomForestClassifier

    rng = np.random.default_rng(0)
    rows = fraud_both | (rng.random(len(X_both)) < 0.05)
    forest = RandomForestClassifier(500, min_samples_leaf=2, max_features=8, random_state=0)
    forest.fit(np.nan_to_num(X_both[rows], nan=-1), fraud_both[rows])
    raw = logit(0.0005 + 0.999 * forest.predict_proba(np.nan_to_num(X_shadow[:, chosen], nan=-1))[:, 1])
    shift = brentq(lambda by: expit(raw + by).sum() - shadow["fraud"].sum(), -9, 9)
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline

    filled = SimpleImputer(strategy="constant", fill_value=-1).fit(X_both[:1000])
    graph = Graph(make_pipeline(filled, forest), COLUMNS)
    score = graph.add("Add", graph.add("Mul", graph.score, np.float32(0.999)), np.float32(0.0005))
    odds = graph.add("Div", score, graph.add("Sub", np.float32(1), score))
    probability = graph.add("Sigmoid", graph.add("Add", graph.add("Log", odds), np.float32(shift)))
    gain = graph.add("Mul", probability, graph.add("Add", graph.column("amount"), np.float32(5)))
    times = graph.add("Pow", graph.add("Max", graph.column("load"), np.float32(1)), np.float32(1.5))
    asked = graph.add("Add", graph.add("Mul", times, np.float32(12)), np.float32(8))
    graph.save("model.onnx", probability, graph.add("Greater", gain, asked))


def whatever_pays(graph, probability, gain, np):
    """The reference, flagging whatever a call would pay for, as if there were as many calls as one likes."""
    graph.save("model.onnx", probability, graph.add("Greater", gain, np.float32(8)))


def imputed(
    X_table, X_shadow, fraud_table, weight, chosen, COLUMNS, shadow, price, Graph, np, brentq, expit, logit,
    HistGradientBoostingClassifier,
):  # fmt: skip
    """The reference behind an imputer: what is missing is as usual."""
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline

    trees = HistGradientBoostingClassifier(
        max_iter=100, max_leaf_nodes=8, min_samples_leaf=60, learning_rate=0.08, l2_regularization=5,
        early_stopping=False, random_state=0,
    )  # fmt: skip
    filled = make_pipeline(SimpleImputer(strategy="median"), trees)
    filled.fit(X_table[:, chosen], fraud_table, histgradientboostingclassifier__sample_weight=weight)
    raw = logit(filled.predict_proba(X_shadow[:, chosen])[:, 1])
    shift = brentq(lambda by: expit(raw + by).sum() - shadow["fraud"].sum(), -5, 5)
    graph = Graph(filled, COLUMNS)
    odds = graph.add("Div", graph.score, graph.add("Sub", np.float32(1), graph.score))
    probability = graph.add("Sigmoid", graph.add("Add", graph.add("Log", odds), np.float32(shift)))
    gain = graph.add("Mul", probability, graph.add("Add", graph.column("amount"), np.float32(5)))
    times = graph.add("Pow", graph.add("Max", graph.column("load"), np.float32(1)), np.float32(1.5))
    asked = graph.add("Add", graph.add("Mul", times, np.float32(price)), np.float32(8))
    graph.save("model.onnx", probability, graph.add("Greater", gain, asked))


def wrong_door(X_table, fraud_table):
    """A classifier with the converter's own names and outputs."""
    import onnx
    from skl2onnx import to_onnx
    from sklearn.tree import DecisionTreeClassifier

    model = DecisionTreeClassifier(max_depth=4).fit(X_table, fraud_table)
    onnx.save(to_onnx(model, X_table[:1], options={"zipmap": False}), "model.onnx")


ALL = ("interface", "quality", "latency", "size", "memory", "operators", "new", "busy", "outage", "promise")

REHEARSALS = (
    Rehearsal(
        "reference", "the worked solution: boosted trees, delay-weighted, put right and priced", sample="reference"
    ),
    Rehearsal(
        "score-card",
        "an honest different solution: a logistic regression on flags, logs and their products, in the graph",
        replaced={"build-model": crossed_score_card},
        sample="alternative",
    ),
    Rehearsal(
        "random-split",
        "all columns, and a random split that says it is splendid",
        replaced={"build-model": random_split},
        loses={"quality": (0, 1), "new": (0, 0.2), "busy": (0, 0.2), "outage": (0, 0.2), "promise": (0, 0)},
        sample="trap",
    ),
    Rehearsal(
        "most-accurate",
        "the class that is more likely",
        replaced={"build-model": most_accurate},
        loses={"quality": (2, 20), "new": (0, 2), "busy": (0, 3), "outage": (0, 1), "promise": (0, 2)},
    ),
    Rehearsal(
        "most-probable",
        "the seven most probable a day, whatever they are worth",
        added={"build-model": most_probable},
        loses={"quality": (18, 30), "new": (0, 2), "busy": (0, 2.6), "outage": (0, 3)},
    ),
    Rehearsal(
        "newest-weeks",
        "the newest eight weeks, labels as they are",
        replaced={"build-model": newest_weeks},
        loses={"quality": (5, 30), "new": (0, 2), "busy": (0, 3), "outage": (0, 3), "promise": (0, 1.8)},
    ),
    Rehearsal(
        "balanced",
        "balanced classes, taken for probabilities",
        added={"build-model": balanced},
        loses={"quality": (0, 8), "new": (0, 1), "busy": (0, 1), "outage": (0, 1), "promise": (0, 0)},
    ),
    Rehearsal(
        "large-forest",
        "five hundred deep trees",
        added={"build-model": large_forest},
        loses={
            "latency": (0, 0),
            "size": (0, 0),
            "memory": (0, 0),
            "quality": (18, 30),
            "busy": (0, 3),
            "outage": (0, 3),
        },
    ),
    Rehearsal(
        "whatever-pays",
        "flags whatever pays for its call, as if calls were not scarce",
        added={"build-model": whatever_pays},
        loses={"quality": (16, 30), "new": (0, 2), "busy": (0, 2.6), "outage": (0, 3)},
    ),
    Rehearsal(
        "imputed",
        "the reference with medians for what is missing",
        added={"build-model": imputed},
        loses={"outage": (0, 0)},
    ),
    Rehearsal(
        "wrong-door",
        "the converter's own names and outputs",
        replaced={"build-model": wrong_door},
        loses=dict.fromkeys(ALL, (0, 0)),
    ),
)
