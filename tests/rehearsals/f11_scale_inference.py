"""f11 rehearsed: what must pass, what must fail, and where.

Functions here are cells: only their bodies are used, in the notebook's namespace or as the text of `policy.py`.
Parameters name what a body takes from the cells, or the reference's text, before it.
"""

from __future__ import annotations

from course.grading.authoring.rehearse import Rehearsal


def landmarks(X_train, y_train, np, nets, MLPClassifier, warnings):
    """The large model is no net: nearness to 600 crops, as edges see them, and one system of equations."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        small = MLPClassifier((40,), learning_rate_init=0.003, max_iter=20, random_state=1)
        small.fit(X_train / 255, y_train)
    nets.write(small, "small.onnx", scale=255)
    sharp, keep, rows = 6.0, 600, nets.edges(X_train)
    rows /= np.sqrt((rows**2).sum(axis=1, keepdims=True))
    marks = rows[np.random.default_rng(0).choice(len(rows), keep, replace=False)]
    near = np.exp(sharp * (rows @ marks.T - 1))
    weights = np.linalg.solve(near.T @ near + 0.01 * np.eye(keep), near.T @ np.eye(10)[y_train])
    g = nets.begin()
    unit = g.add("LpNormalization", nets.edge_features(g), axis=1, p=2)
    apart = g.dense(unit, [(sharp * marks.T, np.full(keep, -sharp))])
    votes = g.dense(g.add("Exp", apart), [(8 * weights, np.zeros(10))])
    g.save("large.onnx", probabilities=g.add("Softmax", votes, axis=1))


def by_margin():
    """Doubt is a small distance between two digits; spare workers as a root asks for (Halfin and Whitt, 1981)."""
    import numpy as np

    def escalate(probabilities):
        best = np.sort(probabilities, axis=1)
        return (best[:, -1] - best[:, -2] < 0.7).tolist()

    def cache_keys(pixels):
        return [row.tobytes() for row in pixels]

    def plan(forecast, costs):
        small = costs["small"][8] / 8
        large = costs["large"][8] / 8
        busy = np.array(forecast) * 0.4 * (small + 0.09 * large) / 1000
        return {
            "workers": np.ceil(np.maximum(busy + 0.6 * np.sqrt(busy), 1)).astype(int).tolist(),
            "small_batch": 24,
            "small_wait_ms": 0,
            "large_batch": 6,
            "large_wait_ms": 0,
            "cache_entries": 15_000,
        }


def large_for_all(escalate, plan):
    """One model for all, the large one; workers for that."""

    def escalate(probabilities):
        return probabilities.max(axis=1) < 2

    DOUBTED = 1.0  # noqa: F841


def small_for_all(escalate):
    """The small model answers everything."""

    def escalate(probabilities):
        return probabilities.max(axis=1) < 0

    DOUBTED = 0.0  # noqa: F841


def to_be_sure(escalate):
    """The level with the best accuracy."""
    SURE, DOUBTED = 0.9995, 0.85  # noqa: F841


def doubtful_eighth():
    """The most doubtful eighth of what there is, whatever there is."""

    def escalate(probabilities):
        sure = probabilities.max(axis=1)
        return sure <= sorted(sure.tolist())[len(sure) // 8] if len(sure) else []


def full_batches(plan):
    """A batch is worth it when it is full."""
    thrifty = plan

    def plan(forecast, costs):
        full = {"small_batch": 64, "large_batch": 64, "small_wait_ms": 2000, "large_wait_ms": 2000}
        return thrifty(forecast, costs) | full


def one_by_one(plan):
    """No batches: each crop is a call, and workers for that."""
    TOGETHER = 1  # noqa: F841
    thrifty = plan

    def plan(forecast, costs):
        return thrifty(forecast, costs) | {"small_batch": 1, "large_batch": 1}


def for_the_mean(plan):
    """The same workers all day, for the mean of it."""
    follow = plan

    def plan(forecast, costs):
        mean = [sum(forecast) / 24] * 24
        return follow(forecast, costs) | {"workers": follow(mean, costs)["workers"]}


def for_the_peak(plan):
    """The same workers all day, for the peak of it."""
    follow = plan

    def plan(forecast, costs):
        made = follow(forecast, costs)
        return made | {"workers": [max(made["workers"])] * 24}


def to_the_brim(plan):
    """Workers that are always busy are well paid for: two fifths of them, since batches fill."""
    follow = plan

    def plan(forecast, costs):
        made = follow(forecast, costs)
        return made | {"workers": [max(2 * workers // 5, 1) for workers in made["workers"]]}


def no_cache():
    """Every request is new, and workers for that."""

    def cache_keys(pixels):
        return [None] * len(pixels)

    NEW = 1.0  # noqa: F841


def look_alikes():
    """Photos of the same bill shall be the same: a thumbnail of nine shades is the key."""

    def cache_keys(pixels):
        tiles = pixels.reshape(-1, 7, 2, 7, 2).mean(axis=(2, 4))[:, ::2, ::2]
        return [(row > 60).tobytes() for row in tiles.reshape(len(pixels), -1)]


def never_forgets(plan):
    """A cache of a million answers, in case somebody comes back."""
    short = plan

    def plan(forecast, costs):
        return short(forecast, costs) | {"cache_entries": 1_000_000}


def wide(X_train, y_train, features, spread, nets, MLPClassifier, warnings):
    """A larger large model, because there is room on the laptop."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        large = MLPClassifier((1024, 256), learning_rate_init=0.001, max_iter=6, random_state=0)
        large.fit(features / spread, y_train)
    nets.write(large, "large.onnx", scale=spread, of_edges=True)


def few_together(plan):
    """Whoever comes next does not wait for eight."""
    eight = plan

    def plan(forecast, costs):
        return eight(forecast, costs) | {"large_batch": 4}


MODELS, POLICY = "build-models", "write-policy"

REHEARSALS = (
    Rehearsal("reference", "the worked solution: two nets, no waiting, 75 % busy", sample="reference"),
    Rehearsal(
        "landmarks",
        "an honest different solution: landmarks in place of the large net, doubt by margin, square-root staffing",
        added={MODELS: landmarks},
        replaced={POLICY: by_margin},
        sample="alternative",
    ),
    Rehearsal(
        "large-for-all",
        "a trap: the large model reads everything",
        added={POLICY: large_for_all},
        loses={"bill": (0, 0), "p99": (0, 7)},
    ),
    Rehearsal(
        "small-for-all",
        "a trap: the small model reads everything",
        added={POLICY: small_for_all},
        loses={"quality": (0, 12), "handwritten": (0, 2)},
        sample="trap",
    ),
    Rehearsal(
        "to-be-sure",
        "the reference with the level that is best for accuracy alone",
        added={POLICY: to_be_sure},
        loses={"bill": (0, 0), "p99": (0, 7)},
    ),
    Rehearsal(
        "doubtful-eighth",
        "the reference that looks at a batch as a whole",
        added={POLICY: doubtful_eighth},
        loses={"interface": (4, 5)},
    ),
    Rehearsal(
        "full-batches",
        "the reference that waits for 64",
        added={POLICY: full_batches},
        loses={"p99": (0, 0), "crowd": (0, 2.5)},
    ),
    Rehearsal(
        "one-by-one",
        "the reference without batches, and workers for that",
        added={POLICY: one_by_one},
        loses={"p99": (0, 0), "bill": (0, 0)},
    ),
    Rehearsal(
        "for-the-mean",
        "the same workers all day, for the mean rate",
        added={POLICY: for_the_mean},
        loses={"p99": (0, 0), "crowd": (0, 0)},
    ),
    Rehearsal(
        "for-the-peak",
        "the same workers all day, for the peak",
        added={POLICY: for_the_peak},
        loses={"bill": (0, 0)},
    ),
    Rehearsal(
        "to-the-brim",
        "two fifths of the reference's workers: a quiet evening may go well, no other",
        added={POLICY: to_the_brim},
        loses={"p99": (0, 2), "crowd": (0, 0)},
    ),
    Rehearsal(
        "no-cache",
        "the reference without a cache, and workers for that",
        added={POLICY: no_cache},
        loses={"bill": (0, 0)},
    ),
    Rehearsal(
        "look-alikes",
        "the reference with a coarse key",
        added={POLICY: look_alikes},
        loses={"wrong": (0, 0)},
    ),
    Rehearsal(
        "never-forgets",
        "the reference with a cache for ever",
        added={POLICY: never_forgets},
        loses={"memory": (0, 0)},
    ),
    Rehearsal(
        "wide",
        "the reference with a large model that is larger, in smaller batches",
        added={MODELS: wide, POLICY: few_together},
        loses={"size": (0, 0), "bill": (0, 7), "p99": (0, 7), "crowd": (0, 3)},
    ),
)
