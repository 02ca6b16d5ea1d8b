"""q03 rehearsed: what must pass, what must fail, and where.

Functions here are cells: only their bodies are used, in the notebook's namespace. Parameters name what a body takes
from the cells before it.
"""

from __future__ import annotations

from course.grading.authoring.rehearse import Rehearsal


def trees(
    np, TensorProto, INPUTS, Graph, ITEMS, KINDS, kind, maker, own, price, size, household, item, store, week, shelf,
    basket, usual, often, another, empty, members, candidates, barred, popular, add_candidates, add_pairs, as_bytes,
    save_five,
):  # fmt: skip
    """Boosted trees on pairs, unpacked into the table; for the basket, factored pointwise mutual information.

    Levy and Goldberg, "Neural word embedding as implicit matrix factorization", 2014, of items that the same households
    buy; trees are asked once for every pair, and again with an offer and with a basket that leans to it.
    """
    from scipy import sparse
    from sklearn.ensemble import HistGradientBoostingClassifier

    def bought(rows):
        made = sparse.csr_matrix(
            (np.ones(len(item[rows])), (household[rows], item[rows])), shape=(household.max() + 1, ITEMS)
        )
        made.data[:] = 1
        return made

    def cosines(rows):
        found = bought(rows)
        both = (found.T @ found).toarray()
        alone = np.diag(both).copy()
        return (both / np.sqrt(np.outer(alone + 3, alone + 3))).astype(np.float32)

    whole = bought(slice(None))
    both = (whole.T @ whole).toarray() * (kind[:, None] != kind)
    expected = np.outer(both.sum(1), both.sum(1)) / both.sum()
    information = np.log((both + 3) / (expected + 3))
    information -= information.mean(1, keepdims=True)
    values, vectors = np.linalg.eigh((information + information.T) / 2)
    top = np.argsort(-values)[:6]
    vector = vectors[:, top] * np.sqrt(np.maximum(values[top], 0))
    logs = np.log(np.where(np.isfinite(size), size, np.exp(0.0)))
    unknown = ~np.isfinite(size)
    rows = np.flatnonzero(another & empty)
    came, places = usual[rows], candidates[usual[rows]]
    state = np.where(barred[came], 0, shelf[store[rows][:, None], week[rows][:, None], places])

    def features(a, b, alike, offer, lean):
        a = a[:, None]
        far = np.where(unknown[a] | unknown[b], np.nan, np.abs(logs[a] - logs[b]))
        near = np.log(alike + 0.01)
        kinds_mean = near.mean(1, keepdims=True)
        columns = (
            near - kinds_mean, near, maker[a] == maker[b], own[a] == own[b], np.abs(np.log(price[a] / price[b])), far,
            popular[b], offer, lean,
        )  # fmt: skip
        return np.stack([np.broadcast_to(one, b.shape) for one in columns], axis=-1).astype(np.float32)

    lines = np.searchsorted(basket, basket[rows], "left")[:, None] + np.arange(16)
    inside = lines < np.searchsorted(basket, basket[rows], "right")[:, None]
    told = item[np.minimum(lines, len(item) - 1)]
    inside &= kind[told] != kind[came][:, None]
    mean = (vector[told] * inside[..., None]).sum(1) / (inside.sum(1, keepdims=True) + 3)
    lean = (vector[places] * mean[:, None]).sum(-1)
    X = np.zeros((*places.shape, 9), np.float32)
    for part in range(4):
        some = household[rows] % 4 == part
        alike = cosines(household % 4 != part)[came[some][:, None], places[some]]
        X[some] = features(came[some], places[some], alike, state[some] == 2, lean[some])
    there = state > 0
    model = HistGradientBoostingClassifier(
        max_iter=90, learning_rate=0.1, max_leaf_nodes=12, min_samples_leaf=60, random_state=0
    ).fit(X[there], (places == item[rows][:, None])[there])

    def ask(offer, lean):
        every = np.arange(ITEMS)
        asked = features(every, candidates, cosines(slice(None))[every[:, None], candidates], offer, lean)
        return model.decision_function(asked.reshape(-1, 9)).reshape(candidates.shape)

    spread = lean[there].std()
    table = ask(0, 0)
    offer = (ask(1, 0) - table)[~barred].mean()
    slope = (ask(0, spread) - ask(0, -spread))[~barred].mean() / (2 * spread)
    g = Graph(INPUTS)
    places, seen, missing, known = add_candidates(g)
    scores, nobody = add_pairs(g, table, missing)
    scores = g.add("Add", scores, g.add("Mul", seen, np.float32(offer)))
    here, one = as_bytes(np.vstack([vector, np.zeros(vector.shape[1])]))
    can = g.add("And", g.add("GreaterOrEqual", "basket", np.int64(0)), g.add("Less", "basket", np.int64(ITEMS)))
    looked = g.add("Gather", here, g.add("Where", can, "basket", np.int64(ITEMS)))
    total = g.add("ReduceSum", g.add("Cast", looked, to=TensorProto.FLOAT), np.array([1]), keepdims=1)
    many = g.add("ReduceSum", g.add("Cast", can, to=TensorProto.FLOAT), np.array([1]), keepdims=1)
    mean = g.add("Div", total, g.add("Unsqueeze", g.add("Add", many, np.float32(3)), np.array([2])))
    vectors = g.add("Cast", g.add("Gather", here, places), to=TensorProto.FLOAT)
    sums = g.add("ReduceSum", g.add("Mul", vectors, mean), np.array([2]), keepdims=0)
    scores = g.add("Add", scores, g.add("Mul", sums, np.float32(slope * one * one)))
    save_five(g, "model.onnx", scores, nobody, places, seen, known)


def most_popular():
    """Of the kind, what is bought most."""
    import shutil

    shutil.copy("baseline.onnx", "model.onnx")


def popular_in_the_test(unit, np, ITEMS, candidates, Graph, INPUTS, add_candidates, add_pairs, save_five):
    """What was taken in the public requests, counted: popularity of the test period, with its answers in it."""
    popular = np.log(np.bincount(unit.data["took_public"], minlength=ITEMS) + 0.1)
    b = Graph(INPUTS)
    places, seen, missing, known = add_candidates(b)
    scores, nobody = add_pairs(b, popular[candidates], missing)
    save_five(b, "model.onnx", scores, nobody, places, seen, known)


def bought_together(np, ITEMS, basket, item, Graph, INPUTS, TensorProto):
    """A matrix of what lies in one basket, all of it, and its five best that are on the shelf."""
    from scipy import sparse

    found = sparse.csr_matrix((np.ones(len(item)), (basket, item)), shape=(basket.max() + 1, ITEMS))
    found.data[:] = 1
    both = (found.T @ found).toarray()
    alone = np.diag(both).copy()
    scores = (both / np.sqrt(np.outer(alone, alone) + 1)).astype(np.float32)
    np.fill_diagonal(scores, -1)
    g = Graph(INPUTS)
    there = g.add("Greater", g.add("Cast", "shelf", to=TensorProto.FLOAT), np.float32(0))
    masked = g.add("Where", there, g.add("Gather", scores, "item"), np.float32(-2))
    _, five = g.add("TopK", masked, np.array([5]), axis=1, outputs=2)
    g.save("model.onnx", items=five)


def same_households(np, ITEMS, household, item, kind, Graph, INPUTS, TensorProto):
    """The first competent attempt: cosine of items by household, within the kind, a float32 for each pair."""
    from scipy import sparse

    found = sparse.csr_matrix((np.ones(len(item)), (household, item)), shape=(household.max() + 1, ITEMS))
    found.data[:] = 1
    both = (found.T @ found).toarray()
    alone = np.diag(both).copy()
    scores = (both / np.sqrt(np.outer(alone, alone) + 1) + (kind[:, None] == kind)).astype(np.float32)
    np.fill_diagonal(scores, -1)
    g = Graph(INPUTS)
    there = g.add("Greater", g.add("Cast", "shelf", to=TensorProto.FLOAT), np.float32(0))
    masked = g.add("Where", there, g.add("Gather", scores, "item"), np.float32(-2))
    _, five = g.add("TopK", masked, np.array([5]), axis=1, outputs=2)
    g.save("model.onnx", items=five)


def whole_catalogue(np, ITEMS, household, item, kind, Graph, INPUTS, TensorProto):
    """Vectors of 64 float32, the missing item's and the basket's against all 1,800: the usual recommender."""
    from scipy import sparse

    found = sparse.csr_matrix((np.ones(len(item)), (household, item)), shape=(household.max() + 1, ITEMS))
    found.data[:] = 1
    _, strength, vectors = sparse.linalg.svds(found.multiply(1 / np.sqrt(found.sum(0) + 1)).tocsr(), 64, random_state=0)
    vectors = (vectors.T * strength).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-6
    vectors = np.vstack([vectors, np.zeros((1, 64), np.float32)])
    g = Graph(INPUTS)
    beside = g.add("ReduceMean", g.add("Gather", vectors, "basket"), axes=[1], keepdims=0)
    query = g.add("Add", g.add("Gather", vectors, "item"), beside)
    scores = g.add("MatMul", query, np.ascontiguousarray(vectors[:ITEMS].T))
    which = g.add("Unsqueeze", g.add("Gather", kind.astype(np.int64), "item"), np.array([1]))
    same = g.add("Cast", g.add("Equal", which, kind[None].astype(np.int64)), to=TensorProto.FLOAT)
    scores = g.add("Add", scores, g.add("Mul", same, np.float32(3)))
    itself = g.add("Equal", g.add("Unsqueeze", "item", np.array([1])), np.arange(ITEMS)[None])
    there = g.add("Greater", g.add("Cast", "shelf", to=TensorProto.FLOAT), np.float32(0))
    there = g.add("And", there, g.add("Not", itself))
    _, five = g.add("TopK", g.add("Where", there, scores, np.float32(-9)), np.array([5]), axis=1, outputs=2)
    g.save("model.onnx", items=five)


def trees_at_request(
    np, TensorProto, INPUTS, Graph, features, weights, table, came, state, taken, places, candidates, add_candidates,
    add_pairs, add_leaning, save_five,
):  # fmt: skip
    """The second attempt of many: the weighed parts as features of boosted trees, asked for 40 places each time."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    shifted = np.clip(table - np.median(table, axis=1, keepdims=True), -6, 6)
    X = np.stack([shifted[came], np.maximum(state, 0), features[..., 8:] @ weights[8:]], axis=-1).astype(np.float32)
    there = state > 0
    model = HistGradientBoostingClassifier(max_iter=100, min_samples_leaf=60, random_state=0).fit(
        X[there], taken[there]
    )
    g = Graph(INPUTS, ml=5)
    places, seen, missing, known = add_candidates(g)
    scores, nobody = add_pairs(g, table, missing)
    parts = [g.add("Unsqueeze", one, np.array([2])) for one in (scores, seen, add_leaning(g, places))]
    rows = g.add("Reshape", g.add("Concat", *parts, axis=2), np.array([-1, 3]))
    chance = g.add("Gather", g.probabilities(model, rows, X[there][:9]), np.array([1]), axis=1)
    save_five(g, "model.onnx", g.add("Reshape", chance, np.array([-1, 40])), nobody, places, seen, known)


def not_masked(np, TensorProto, g, scores, nobody, places, known):
    """The best five of the kind, wherever they are."""
    there = g.add("And", g.add("Not", nobody), g.add("Unsqueeze", known, np.array([1])))
    best, at = g.add("TopK", g.add("Where", there, scores, np.float32(-1e9)), np.array([5]), axis=1, outputs=2)
    five = g.add("Cast", g.add("GatherElements", places, at, axis=1), to=TensorProto.INT64)
    g.save("model.onnx", items=g.add("Where", g.add("Greater", best, np.float32(-1e8)), five, np.int64(-1)))


def times_the_shelf(np, TensorProto, g, scores, seen, nobody, places, known):
    """What is not there gets a score of 0, which is more than many have that are."""
    there = g.add("Cast", g.add("Greater", seen, np.float32(0)), to=TensorProto.FLOAT)
    can = g.add("And", g.add("Not", nobody), g.add("Unsqueeze", known, np.array([1])))
    scores = g.add("Where", can, g.add("Mul", scores, there), np.float32(-1e9))
    best, at = g.add("TopK", scores, np.array([5]), axis=1, outputs=2)
    five = g.add("Cast", g.add("GatherElements", places, at, axis=1), to=TensorProto.INT64)
    g.save("model.onnx", items=g.add("Where", g.add("Greater", best, np.float32(-1e8)), five, np.int64(-1)))


def no_offers(np, Graph, INPUTS, table, add_candidates, add_pairs, add_leaning, save_five):
    """The shelf as yes or no."""
    g = Graph(INPUTS)
    places, seen, missing, known = add_candidates(g)
    scores, nobody = add_pairs(g, table, missing)
    save_five(g, "model.onnx", g.add("Add", scores, add_leaning(g, places)), nobody, places, seen, known)


def memorised(np, unit, world, kind, own, price, size, ITEMS, candidates, Graph, INPUTS, add_candidates, add_pairs,
              save_five):  # fmt: skip
    """Items are found again in the package by kind, brand, price and size; pairs are those of its real households."""
    from scipy import sparse

    real, lines = world.real(), world.lines()
    names = np.array([real.kinds.index(one) for one in unit.data["kinds"].tolist()])
    far = np.abs(np.log(real.price) - np.log(price)[:, None]) * 100
    far = far + 5 * (real.own != own[:, None]) + 1e6 * (real.kind != names[kind][:, None])
    sizes = np.nan_to_num(np.float32(real.size), nan=-1), np.nan_to_num(size, nan=-1)
    real_item = (far + 5 * (sizes[0] != sizes[1][:, None])).argmin(axis=1)
    who = lines["household_id"].to_numpy()
    found = sparse.csr_matrix((np.ones(len(lines)), (who, lines["item"].to_numpy())))
    found.data[:] = 1
    both = (found.T @ found).toarray()
    alone = np.diag(both).copy()
    alike = (both / np.sqrt(np.outer(alone, alone) + 1))[np.ix_(real_item, real_item)]
    g = Graph(INPUTS)
    places, seen, missing, known = add_candidates(g)
    table = np.log(alike[np.arange(ITEMS)[:, None], candidates] + 0.01)
    scores, nobody = add_pairs(g, table, missing)
    scores = g.add("Add", scores, g.add("Mul", seen, np.float32(1.4)))
    save_five(g, "model.onnx", scores, nobody, places, seen, known)


def nothing_at_all(np, Graph, INPUTS):
    """Five times -1, whatever is asked."""
    g = Graph(INPUTS)
    none = g.add("Mul", g.add("Unsqueeze", "item", np.array([1])), np.zeros((1, 5), np.int64))
    g.save("model.onnx", items=g.add("Sub", none, np.int64(1)))


def wrong_door(np, Graph, INPUTS):
    """The right numbers under another name."""
    g = Graph(INPUTS)
    g.save("model.onnx", five=g.add("Mul", g.add("Unsqueeze", "item", np.array([1])), np.ones((1, 5), np.int64)))


ALL = ("interface", "quality", "available", "latency", "size", "memory", "operators", "odd", "few", "new")
NO_EDGES = {"odd": (0, 0), "few": (0, 0)}

REHEARSALS = (
    Rehearsal(
        "reference", "the worked solution: pairs, offers and baskets weighed, one byte a pair", sample="reference"
    ),
    Rehearsal(
        "trees",
        "an honest different solution: boosted trees unpacked into the table, mutual information for the basket",
        replaced={"build-model": trees},
        sample="alternative",
    ),
    Rehearsal(
        "most-popular",
        "of the kind, what is bought most",
        replaced={"build-model": most_popular},
        loses={"quality": (0, 0), "new": (0, 0)},
        sample="trap",
    ),
    Rehearsal(
        "popular-in-the-test",
        "what was taken in the public requests",
        replaced={"build-model": popular_in_the_test},
        loses={"quality": (0, 0), "new": (0, 0)},
    ),
    Rehearsal(
        "bought-together",
        "what lies in one basket",
        replaced={"build-model": bought_together},
        loses={"quality": (0, 0), "size": (0, 0), "memory": (0, 0), "new": (0, 0), **NO_EDGES},
    ),
    Rehearsal(
        "same-households",
        "the first competent attempt: cosine by household, a float32 for each pair",
        replaced={"build-model": same_households},
        loses={"quality": (0, 14), "size": (0, 0), "memory": (0, 0), "new": (0, 0), **NO_EDGES},
    ),
    Rehearsal(
        "whole-catalogue",
        "64 float32 an item, against all 1,800",
        replaced={"build-model": whole_catalogue},
        loses={"quality": (0, 14), "size": (0, 0), "memory": (0, 0), "new": (0, 0), **NO_EDGES},
    ),
    Rehearsal(
        "trees-at-request",
        "boosted trees in the graph, asked for every place",
        added={"build-model": trees_at_request},
        loses={"quality": (10, 22), "latency": (0, 0), "size": (0, 0), "memory": (0, 0), "new": (1, 3)},
    ),
    Rehearsal(
        "not-masked",
        "the best five, wherever they are",
        added={"build-model": not_masked},
        loses={"quality": (15, 22), "available": (0, 0), "odd": (2, 3.8), "few": (0, 0), "new": (1, 3)},
    ),
    Rehearsal(
        "times-the-shelf",
        "scores times the shelf: what is missing beats what is disliked",
        added={"build-model": times_the_shelf},
        loses={"available": (0, 0), "few": (0, 0)},
    ),
    Rehearsal(
        "no-offers",
        "the shelf as yes or no",
        added={"build-model": no_offers},
        loses={"quality": (8, 21.7), "new": (0, 3)},
    ),
    Rehearsal(
        "memorised",
        "items found again in the package, and its real households",
        replaced={"build-model": memorised},
        loses={"quality": (0, 0), "new": (0, 0)},
    ),
    Rehearsal(
        "nothing-at-all",
        "five times -1",
        replaced={"build-model": nothing_at_all},
        loses={"quality": (0, 0), "available": (0, 0), "odd": (0, 1), "few": (0, 0), "new": (0, 0)},
    ),
    Rehearsal(
        "wrong-door",
        "another output",
        replaced={"build-model": wrong_door},
        loses=dict.fromkeys(ALL, (0, 0)),
    ),
)
