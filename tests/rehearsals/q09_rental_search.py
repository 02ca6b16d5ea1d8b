"""q09 rehearsed: what must pass, what must fail, and where.

Functions here are cells: only their bodies are used, in the notebook's namespace. Parameters name what a body takes
from the cells before it.
"""

from __future__ import annotations

from course.grading.authoring.rehearse import Rehearsal


def score_cards(X_log, clicked, booked, place, Graph, world, np):
    """Two logistic regressions on hinges, flags and ratios; the place is a feature, and left out when served."""
    from sklearn.linear_model import LogisticRegression

    graph = Graph()

    def number(name, filled=0.0):
        value = graph.columns(name)
        return graph.add("Where", graph.add("IsNaN", value), np.float32(filled), value)

    def flag(condition):
        return graph.add("Cast", condition, to=1)

    def log(value, plus=0.0):
        return graph.add("Log", graph.add("Add", value, np.float32(plus)))

    def hinges(value, at):
        return [graph.add("Relu", graph.add("Sub", value, np.float32(one))) for one in at]

    def both(*values):
        product = values[0]
        for value in values[1:]:
            product = graph.add("Mul", product, value)
        return product

    def above(value, least):
        return flag(graph.add("Greater", value, np.float32(least)))

    euros = log(graph.add("Mul", graph.columns("price"), graph.columns("rate")))
    usual = graph.columns("usual_price")
    known = flag(graph.add("Not", graph.add("IsNaN", usual)))
    missing = graph.add("Sub", np.float32(1), known)
    guests = graph.columns("guests")
    large = graph.add("Sub", euros, graph.add("Mul", log(guests), np.float32(0.7)))
    dear = graph.add("Sub", euros, log(number("usual_price", 1.0)))
    spare = graph.add("Sub", graph.columns("sleeps"), guests)
    photo, amenities, lead = (graph.columns(name) for name in ("photo", "amenities", "lead"))
    pictures = log(graph.columns("pictures"))
    old = flag(graph.add("Not", graph.add("IsNaN", graph.columns("clicks_90d"))))
    new = graph.add("Sub", np.float32(1), old)
    shown, clicks, bookings = (number(name) for name in ("shown_90d", "clicks_90d", "bookings_90d"))
    drawn = both(old, graph.add("Sub", log(clicks, 1), log(shown, 10)))
    follow = both(old, graph.add("Sub", log(bookings, 1), log(clicks, 10)))
    stars = graph.add("Sub", number("review_score", 4.5), np.float32(4.5))
    poor = both(above(photo, 7.5), flag(graph.add("Less", pictures, np.float32(2.3))))
    parts = [
        *(both(known, hinge) for hinge in (dear, *hinges(dear, (-0.3, 0, 0.3)))),
        *(both(missing, hinge) for hinge in (large, *hinges(large, (3.7, 4.0, 4.3)))),
        missing, flag(graph.add("Less", spare, np.float32(0))), *hinges(spare, (1,)),
        log(graph.columns("distance"), 1), photo, *hinges(photo, (5, 7)), pictures, poor, amenities,
        graph.columns("instant"), both(graph.columns("instant"), flag(graph.add("Less", lead, np.float32(8)))),
        graph.columns("free_cancel"), both(graph.columns("free_cancel"), above(lead, 30)),
        old, drawn, follow, stars, both(new, amenities), both(new, pictures),
    ]  # fmt: skip
    features = graph.add("Concat", *parts, axis=1)
    down = np.random.default_rng(1).random(len(X_log)) < 0.15  # some rows as they look in an outage
    F = graph.look(features, np.where(down[:, None], world.outage(X_log), X_log))
    phone = X_log[:, [world.AT["phone"]]]
    stood = np.log(place)[:, None] * np.concatenate([phone, 1 - phone], axis=1)
    scores = []
    for rows, beside, label in (
        (slice(None), np.concatenate([stood, phone], axis=1), clicked),
        (clicked, np.zeros((len(F), 0)), booked),
    ):
        A = np.concatenate([F, beside], axis=1)[rows]
        middle, spread = A.mean(axis=0), A.std(axis=0) + 1e-6
        card = LogisticRegression(C=0.3, max_iter=300).fit((A - middle) / spread, label[rows])
        w = card.coef_[0] / spread
        w, b = w[: F.shape[1]], card.intercept_[0] - middle @ w  # without the place: as if all stood first
        scores.append(graph.add("Sigmoid", graph.dense(features, [(w[:, None], [b])])))
    graph.save("model.onnx", graph.add("Mul", *scores))


def clicks_as_they_are(X_log, clicked, Graph, world):
    """All columns, clicks as labels, boosted trees."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    graph = Graph()
    features = graph.columns(*world.COLUMNS)
    trees = HistGradientBoostingClassifier(max_iter=100, max_leaf_nodes=12, random_state=0, early_stopping=False)
    graph.save("model.onnx", graph.probability(trees.fit(graph.look(features, X_log), clicked), features))


def bookings_as_they_are(plain, features, Graph, graph):
    """We want bookings, so bookings are the labels: the baseline is shipped."""
    graph.save("model.onnx", graph.probability(plain, features))


def unweighted(F, clicked_both, settings, says_yes, features, graph, HistGradientBoostingClassifier):
    """The reference, but nobody asked who was looked at."""
    appeal = HistGradientBoostingClassifier(**settings).fit(F, clicked_both)
    graph.save(
        "model.onnx", graph.add("Mul", graph.probability(appeal, features), graph.probability(says_yes, features))
    )


def postcards(appeal, features, graph):
    """Clicks put right by looks, and nothing said of bookings."""
    graph.save("model.onnx", graph.probability(appeal, features))


def most_popular(Graph, np):
    """Clicks for each time shown: no learning at all, and nothing is new under the sun."""
    graph = Graph()
    rate = graph.add("Div", graph.columns("clicks_90d"), graph.add("Add", graph.columns("shown_90d"), np.float32(10)))
    graph.save("model.onnx", graph.add("Where", graph.add("IsNaN", rate), np.float32(0), rate))


def large_forest(F, clicked_both, booked_both, weight, again, features, graph, np):
    """The reference's features and weights, and two forests of deep trees."""
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline

    both = np.r_[weight, weight[again]]
    rows = clicked_both | (np.random.default_rng(0).random(len(F)) < 0.12)
    first = make_pipeline(
        SimpleImputer(strategy="constant", fill_value=-9),
        RandomForestClassifier(120, min_samples_leaf=4, random_state=0),
    ).fit(F[rows], clicked_both[rows], randomforestclassifier__sample_weight=both[rows])
    second = make_pipeline(
        SimpleImputer(strategy="constant", fill_value=-9),
        RandomForestClassifier(120, min_samples_leaf=8, random_state=0),
    ).fit(F[clicked_both], booked_both[clicked_both])
    graph.save("model.onnx", graph.add("Mul", graph.probability(first, features), graph.probability(second, features)))


def price_as_printed(
    X_log, again, clicked_both, booked_both, weight, settings, world, Graph, np, HistGradientBoostingClassifier
):
    """Trees find out by themselves what matters: all columns as they are, with the right weights and two models."""
    graph = Graph()
    features = graph.columns(*world.COLUMNS)
    A = np.concatenate([X_log, world.outage(X_log[again])])
    first = HistGradientBoostingClassifier(**settings).fit(A, clicked_both, np.r_[weight, weight[again]])
    second = HistGradientBoostingClassifier(**settings).fit(A[clicked_both], booked_both[clicked_both])
    graph.save("model.onnx", graph.add("Mul", graph.probability(first, features), graph.probability(second, features)))


def shuffled_only(data, X_shuffled, Graph, world, HistGradientBoostingClassifier):
    """Only the shuffled pages are right, so only these are learned from: splendid, on the shuffled pages."""
    graph = Graph()
    features = graph.columns(*world.COLUMNS)
    trees = HistGradientBoostingClassifier(max_iter=80, max_leaf_nodes=8, random_state=0, early_stopping=False)
    trees.fit(graph.look(features, X_shuffled), data["booked_shuffled"].ravel())
    graph.save("model.onnx", graph.probability(trees, features))


def wrong_door(X_log, booked):
    """A classifier with the converter's own names and outputs."""
    import onnx
    from skl2onnx import to_onnx
    from sklearn.tree import DecisionTreeClassifier

    model = DecisionTreeClassifier(max_depth=4).fit(X_log, booked)
    onnx.save(to_onnx(model, X_log[:1], options={"zipmap": False}), "model.onnx")


ALL = ("interface", "quality", "latency", "size", "memory", "operators", "new", "outage", "kroner", "crowd")

REHEARSALS = (
    Rehearsal("reference", "the worked solution: clicks weighted by looks, bookings among clicks", sample="reference"),
    Rehearsal(
        "score-cards",
        "an honest different solution: two logistic regressions, the place a feature that is left out when served",
        replaced={"build-model": score_cards},
        sample="alternative",
    ),
    Rehearsal(
        "clicks-as-they-are",
        "boosted trees on all columns, clicks as labels",
        replaced={"build-model": clicks_as_they_are},
        loses={"quality": (0, 0), "new": (0, 0.5), "outage": (0, 0.3), "kroner": (0, 0), "crowd": (0, 0)},
        sample="trap",
    ),
    Rehearsal(
        "bookings-as-they-are",
        "the baseline is shipped",
        replaced={"build-model": bookings_as_they_are},
        loses={"quality": (0, 3), "new": (0, 0.5), "outage": (0, 0.3), "kroner": (0, 0.3), "crowd": (0, 0.8)},
    ),
    Rehearsal(
        "unweighted",
        "the reference without looks",
        added={"build-model": unweighted},
        loses={"quality": (15, 23), "new": (2.8, 4), "outage": (0.8, 1.8), "kroner": (0.4, 1.9), "crowd": (0.8, 2)},
    ),
    Rehearsal(
        "postcards",
        "appeal alone, put right by looks",
        added={"build-model": postcards},
        loses={"quality": (12, 22), "new": (3, 4), "outage": (0.4, 2), "kroner": (0.4, 2), "crowd": (0, 1.1)},
    ),
    Rehearsal(
        "most-popular",
        "clicks over times shown",
        replaced={"build-model": most_popular},
        loses=dict.fromkeys(("quality", "new", "outage", "kroner", "crowd"), (0, 0)),
    ),
    Rehearsal(
        "large-forest",
        "two forests of deep trees",
        added={"build-model": large_forest},
        loses={
            "latency": (0, 0),
            "size": (0, 0),
            "memory": (0, 0),
            "quality": (25, 30),
            "new": (3.5, 4),
            "crowd": (1.5, 2),
        },
    ),
    Rehearsal(
        "price-as-printed",
        "all columns as they are",
        added={"build-model": price_as_printed},
        loses={"quality": (24, 30), "new": (2.5, 4), "outage": (1.6, 2), "kroner": (0, 1.8), "crowd": (1.5, 2)},
    ),
    Rehearsal(
        "shuffled-only",
        "trained on the shuffled pages",
        added={"build-model": shuffled_only},
        loses={"quality": (2, 20), "new": (2, 4), "outage": (0, 1.8), "kroner": (0, 1), "crowd": (0, 1.2)},
    ),
    Rehearsal(
        "wrong-door",
        "the converter's own names and outputs",
        replaced={"build-model": wrong_door},
        loses=dict.fromkeys(ALL, (0, 0)),
    ),
)
