"""q18 rehearsed: what must pass, what must fail, and where.

Functions here are cells: only their bodies are used, as the text of a cell or as what follows it. Parameters name
what a body takes from the cells before it.
"""

from __future__ import annotations

from functools import partial

from course.grading.authoring.rehearse import Rehearsal


def small_net(np, record):
    """A net with two targets, of scikit-learn's, and what the log says about margins by regression."""
    import warnings

    import onnx
    from skl2onnx import to_onnx
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import Ridge
    from sklearn.neural_network import MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, PowerTransformer, StandardScaler

    warnings.simplefilter("ignore")
    X, y = record["houses"], np.log(record["price"])
    when = X[:, 13].astype(int)

    def pipe(last):
        columns = make_column_transformer(
            (make_pipeline(StandardScaler(), PowerTransformer()), [0, 1]),
            (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), [3, 4, 5, 6, 7, 8, 9, 10, 11]),
            (OneHotEncoder(handle_unknown="ignore", sparse_output=False), [12]),
        )
        return make_pipeline(columns, last)

    def net():
        return MLPRegressor(
            hidden_layer_sizes=(12,), activation="tanh", alpha=3.0, solver="lbfgs", max_iter=150, random_state=0
        )

    level = np.zeros(60)
    for _ in range(3):
        left = y - pipe(Ridge(3.0)).fit(X, y - level[when]).predict(X)
        level = np.bincount(when, left) / np.bincount(when)
    target = y - level[when]
    base, error = target.mean(), np.zeros(len(y))
    for part in range(3):
        out = np.arange(len(y)) % 3 == part
        error[out] = target[out] - base - pipe(net()).fit(X[~out], 5 * (target - base)[~out]).predict(X[out]) / 5
    size = pipe(Ridge(30.0)).fit(X, np.log(np.abs(error) + 0.01)).predict(X)
    over = np.maximum(target - error - np.median(target), 0)  # prices of dear houses scatter more
    off = np.log(np.abs(error) + 0.01) - size
    size = size + np.polyfit(over, off, 1)[0] * (over - over.mean()) + 0.1 * (over - over.mean())
    both = pipe(net()).fit(X, np.stack([5 * (target - base), size], axis=1))
    made = to_onnx(both, X[:1], target_opset=17)
    names = {made.graph.input[0].name: "houses", made.graph.output[0].name: "valuation"}
    for node in made.graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
    made.graph.input[0].name, made.graph.output[0].name = "houses", "valuation"
    # The converter makes one column of two targets: (2 N, 1).
    for one in made.graph.initializer:
        if onnx.numpy_helper.to_array(one).tolist() == [-1, 1]:
            one.CopyFrom(onnx.numpy_helper.from_array(np.array([-1, 2]), one.name))
    made.graph.output[0].type.tensor_type.shape.dim[1].dim_value = 2
    onnx.save(made, "model.onnx")
    month = np.arange(60)
    trend = np.interp(month, month[6:-6], np.convolve(level, np.r_[0.5, np.ones(11), 0.5] / 12, "valid"))
    season = np.array([np.median((level - trend)[6:-6][month[6:-6] % 12 == one]) for one in range(12)])
    D, then = record["deals"], record["deals"][:, 13].astype(int)
    value, spread = both.predict(D).T
    under = np.log(record["ask"]) - value / 5 - base - level[then]
    gain = np.log(record["resold"] / record["ask"]) - level[then + 4] + level[then]
    spread = np.exp(spread)
    A = np.stack([np.ones(len(under)), under, under / spread, 1 / spread], axis=1)
    line = np.linalg.solve(A.T @ A + np.diag([0, 0.1, 0.01, 0.01]), A.T @ gain)
    usual = np.quantile(error / np.exp(size), (0.05, 0.95))
    np.savez("model.npz", season=season, usual=usual, base=base, gain=line, middle=np.median(under))


def robust_buyer():
    """Level, trend and two slopes by reweighting; what a margin is worth by regression on margin over spread."""
    import numpy as np

    def known():
        with np.load("model.npz") as file:
            return {name: file[name] for name in file.files}

    class Now:
        def __init__(self, sales, now, known):
            value, spread = sales["valuation"].T.astype(float)
            when, spread = sales["month"].astype(int), np.exp(spread)
            off = np.log(sales["price"]) - value / 5 - known["base"] - known["season"][when % 12]
            A = np.stack([np.ones(len(off)), when - now, sales["quality"] - 6, (sales["built"] - 1970) / 30], axis=1)
            weight = spread**-2 / 1.5
            for _ in range(3):
                heavy = (A * weight[:, None]).T
                self.line = np.linalg.solve(heavy @ A + np.diag([0.0, 1e4, 600, 600]), heavy @ off)
                left = off - A @ self.line
                weight = spread**-2 / 1.5 / np.maximum(np.abs(left) / spread / 2, 1)
            street = sales["street"].astype(int).clip(0, 49)
            before = np.where(np.arange(50) < 28, 900, 80)
            self.street = np.bincount(street, left * weight, 50) / (np.bincount(street, weight, 50) + before)
            z, n = (left - self.street[street]) / spread, len(left)
            self.reach = 1.06 * (n * np.quantile(z, (0.05, 0.95)) + 200 * known["usual"]) / (n + 200)
            self.known, self.now = known, now

        def value(self, table):
            value, spread = table["valuation"].T.astype(float)
            street = table["street"].astype(int).clip(0, 49)
            moved = self.line[2] * (table["quality"] - 6) + self.line[3] * (table["built"] - 1970) / 30
            level = self.known["base"] + self.known["season"][self.now % 12] + self.line[0]
            return value / 5 + level + moved + self.street[street], np.exp(spread) * np.where(street < 28, 1, 1.2)

    def quote(houses, sales):
        now = Now(sales, int(houses["month"].max()), known())
        value, spread = now.value(houses)
        return {"low": np.exp(value + now.reach[0] * spread), "high": np.exp(value + now.reach[1] * spread)}

    def buy(listings, sales, budget):
        kept, today = known(), int(listings["month"].max())
        now = Now(sales, today, kept)
        value, spread = now.value(listings)
        under = np.log(listings["ask"]) - value
        shift = 0.5 * (np.median(under) - kept["middle"]) if len(under) > 20 else 0
        under = under - shift
        a, b, c, d = kept["gain"]
        gain = a + b * under + c * under / spread + d / spread - shift + 4 * now.line[1]
        gain = gain + kept["season"][(today + 4) % 12] - kept["season"][today % 12]
        profit, picks = 0.95 * np.exp(gain) - 1.02, []
        for at in np.argsort(-profit, kind="stable").tolist():
            if profit[at] > 0 and listings["ask"][at] <= budget:
                picks.append(at)
                budget -= listings["ask"][at]
        return picks


def trees(np, world, record, source="record", many=300):
    """Boosted trees for the price and for the size of its errors, all columns as they are, in one graph."""
    import onnx
    from onnx import helper
    from skl2onnx import to_onnx
    from sklearn.ensemble import HistGradientBoostingRegressor

    X, y = record["houses"], np.log(record["price"])
    if source == "package":  # what is published of these houses: their rows, and what was paid for them
        some = world.packaged("openintro/ames")
        some = some[(some["Sale.Condition"] == "Normal") & (some["area"] <= 4000)]
        X, y = world.real().houses.astype(np.float32), np.log(some["price"].to_numpy(float))
    month = X[:, 13]
    early = month < np.quantile(month, 0.8)
    value = HistGradientBoostingRegressor(max_iter=many, random_state=0).fit(X[early], y[early])
    error = y[~early] - value.predict(X[~early])
    size = HistGradientBoostingRegressor(max_iter=100, max_leaf_nodes=8, learning_rate=0.05, random_state=0)
    size.fit(X[~early], np.log(np.abs(error - np.median(error)) + 0.01))
    np.savez(
        "model.npz",
        train=np.quantile(y[early] - value.predict(X[early]), (0.05, 0.95)),
        later=np.quantile(error, (0.05, 0.95)),
    )
    parts = []
    for name, model in (("a", value), ("b", size)):
        made = to_onnx(model, X[:1], target_opset=17)
        inside = {made.graph.input[0].name: "houses", made.graph.output[0].name: f"{name}_out"}
        for node in made.graph.node:
            node.input[:] = [inside.get(one, f"{name}_{one}") for one in node.input]
            node.output[:] = [inside.get(one, f"{name}_{one}") for one in node.output]
            node.name = ""
        for one in made.graph.initializer:
            one.name = f"{name}_{one.name}"
        parts.append(made)
    nodes = [node for made in parts for node in made.graph.node]
    nodes.append(helper.make_node("Concat", ["a_out", "b_out"], ["valuation"], axis=1))
    sides = [
        helper.make_tensor_value_info(one, onnx.TensorProto.FLOAT, [None, wide])
        for one, wide in (("houses", 14), ("valuation", 2))
    ]
    given = [one for made in parts for one in made.graph.initializer]
    graph = helper.make_graph(nodes, "trees", sides[:1], sides[1:], given)
    onnx.save(helper.make_model(graph, opset_imports=parts[0].opset_import, ir_version=8), "model.onnx")


def first_try():
    """Level and bounds from recent errors by their spread, and the largest margins."""
    import numpy as np

    def now(sales):
        value, spread = sales["valuation"].T.astype(float)
        off = np.log(sales["price"]) - value
        level = np.median(off)
        return level, np.quantile((off - level) / np.exp(spread), (0.05, 0.95))

    def quote(houses, sales):
        level, (low, high) = now(sales)
        value, spread = houses["valuation"].T.astype(float)
        value, spread = value + level, np.exp(spread)
        return {"low": np.exp(value + low * spread), "high": np.exp(value + high * spread)}

    def buy(listings, sales, budget):
        worth = np.exp(listings["valuation"][:, 0] + now(sales)[0])
        margin = (0.95 * worth - 1.02 * listings["ask"]) / listings["ask"]
        picks = []
        for at in np.argsort(-margin, kind="stable").tolist():
            if margin[at] > 0 and listings["ask"][at] <= budget:
                picks.append(at)
                budget -= listings["ask"][at]
        return picks


def as_trained():
    """Bounds from the errors of rows that were trained on, no look at today's sales, the largest margins."""
    import numpy as np

    def quote(houses, sales):
        value = houses["valuation"][:, 0].astype(float)
        with np.load("model.npz") as file:
            low, high = file["train"]
        return {"low": np.exp(value + low), "high": np.exp(value + high)}

    def buy(listings, sales, budget):
        margin = 0.95 * np.exp(listings["valuation"][:, 0].astype(float)) / listings["ask"] - 1.02
        picks = []
        for at in np.argsort(-margin, kind="stable").tolist():
            if margin[at] > 0 and listings["ask"][at] <= budget:
                picks.append(at)
                budget -= listings["ask"][at]
        return picks


def largest_margin(np, Market, kept, BUYING, SELLING):
    """The reference's bounds; what it buys is what it values highest above the ask."""

    def buy(listings, sales, budget):
        value, _ = Market(sales, int(listings["month"].max()), kept()).value(listings)
        margin = (1 - SELLING) * np.exp(value) / listings["ask"] - (1 + BUYING)
        picks = []
        for at in np.argsort(-margin, kind="stable").tolist():
            if margin[at] > 0 and listings["ask"][at] <= budget:
                picks.append(at)
                budget -= listings["ask"][at]
        return picks


def random_split(np, record, errors, ridge, whole, y, few):
    """Bounds from a fifth of the record drawn at random: the reference's file, and a band that is kept for good."""
    rows = np.random.default_rng(0).random(len(y)) < 0.2
    left = y - y.mean() - whole @ ridge(whole[~rows], (y - y.mean())[~rows], np.full((~rows).sum(), 100.0), few)
    band = np.quantile(left[rows], (0.05, 0.95))
    with np.load("model.npz") as file:
        more = {name: file[name] for name in file.files}
    np.savez(
        "model.npz", **more, band=band, level=y.mean() + ridge(whole, y - y.mean(), np.full(len(y), 100.0), few)[-1]
    )


def band_for_good(np, kept):
    """The level of the record's last month, and the band of a random split."""

    def quote(houses, sales):
        known = kept()
        value = houses["valuation"][:, 0].astype(float) + known["level"]
        low, high = known["band"]
        return {"low": np.exp(value + low), "high": np.exp(value + high)}


def house_by_house(np, quote):
    """Right, a house at a time."""
    whole = quote

    def quote(houses, sales):
        found = [
            whole({name: values[at : at + 1] for name, values in houses.items()}, sales)
            for at in range(len(houses["area"]))
        ]
        return {side: np.array([one[side][0] for one in found]) for side in ("low", "high")}


def in_place(np, quote):
    """Right, on sales that are not its own."""
    whole = quote

    def quote(houses, sales):
        found = whole(houses, sales)
        sales["price"] /= 1000
        return found


def leans_on_the_batch(np):
    """Right, but each house is drawn a little towards the mean of the houses that it comes with."""
    import onnx
    from onnx import helper, numpy_helper

    model = onnx.load("model.onnx")
    out = model.graph.output[0].name
    for node in model.graph.node:
        for names in (node.input, node.output):
            names[:] = ["alone" if name == out else name for name in names]
    for name, share in (("own", 0.97), ("others", 0.03)):
        model.graph.initializer.append(numpy_helper.from_array(np.array([share], np.float32), name))
    model.graph.node.extend(
        [
            helper.make_node("ReduceMean", ["alone"], ["mean"], axes=[0], keepdims=1),
            helper.make_node("Mul", ["alone", "own"], ["most"]),
            helper.make_node("Mul", ["mean", "others"], ["rest"]),
            helper.make_node("Add", ["most", "rest"], [out]),
        ]
    )
    onnx.save(model, "model.onnx")


TRAIN, BUYER = "train-model", "write-buyer"
CURSE = {"money": (0, 14), "fall": (0, 2)}
HEAVY = {"latency": (0, 0), "size": (0, 0), "memory": (0, 0)}

REHEARSALS = (
    Rehearsal("reference", "the worked solution: two formulas in one graph, margins by trust", sample="reference"),
    Rehearsal(
        "small-net",
        "an honest different solution: a net with two targets, margins by regression",
        replaced={TRAIN: small_net, BUYER: robust_buyer},
        sample="alternative",
    ),
    Rehearsal(
        "first-try",
        "a competent first attempt: trees, recent errors, the largest margins",
        replaced={TRAIN: trees, BUYER: first_try},
        loses=HEAVY | CURSE | {"quality": (0, 6), "dear": (0, 4), "new": (0, 2), "coverage": (0, 7)},
        sample="trap",
    ),
    Rehearsal(
        "as-trained",
        "a trap: picked by R², bounds from training errors",
        replaced={TRAIN: trees, BUYER: as_trained},
        loses=HEAVY | CURSE | {"quality": (0, 0), "coverage": (0, 2), "dear": (0, 1), "new": (0, 1)},
    ),
    Rehearsal(
        "memorised-the-package",
        "trees that know what was really paid for each house",
        replaced={TRAIN: partial(trees, source="package"), BUYER: first_try},
        loses=HEAVY | CURSE | {"quality": (0, 0), "coverage": (0, 7), "dear": (0, 4), "new": (0, 2)},
    ),
    Rehearsal(
        "largest-margin",
        "a trap: the reference's values, the largest margins",
        added={BUYER: largest_margin},
        loses=CURSE,
    ),
    Rehearsal(
        "random-split",
        "a trap: a band from a random split, for good",
        added={TRAIN: random_split, BUYER: band_for_good},
        loses={"quality": (0, 0), "coverage": (0, 3), "dear": (0, 2), "new": (0, 1)},
    ),
    Rehearsal(
        "house-by-house", "right, a house at a time", added={BUYER: house_by_house}, loses={"throughput": (0, 0)}
    ),
    Rehearsal(
        "leans-on-the-batch",
        "each house drawn towards those that it comes with",
        added={TRAIN: leans_on_the_batch},
        loses={"model": (0, 1.9)},
    ),
    Rehearsal(
        "in-place", "right, on sales that are not its own", added={BUYER: in_place}, loses={"interface": (3, 3.4)}
    ),
)
