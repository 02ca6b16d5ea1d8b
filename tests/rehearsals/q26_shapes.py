"""q26 rehearsed: what must pass, what must fail, and where.

Functions here are cells: only their bodies are used, in the notebook's namespace. Parameters name what a body takes
from the cells before it.
"""

from __future__ import annotations

from functools import partial

from course.grading.rehearse import Rehearsal


def filters_and_net(X_train, y_train, graph, make_node, np, pool=4, hidden=16, turns=10):
    """Oriented edge filters, pooled, and a small net that saw each drawing in ten positions, half of them inverted.

    With one turn drawings stay as they lie.
    """
    from onnx import TensorProto
    from scipy.ndimage import affine_transform
    from sklearn.neural_network import MLPClassifier

    rng = np.random.default_rng(0)

    def copies():
        out = np.empty((len(X_train), 32, 32), np.float32)
        for sheet, pixels in zip(out, X_train.reshape(-1, 32, 32).astype(np.float32), strict=True):
            angle = rng.uniform(0, 2 * np.pi) if turns > 1 else 0.0
            turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
            matrix = turn * rng.uniform(0.9, 1.15) * [1, rng.choice([-1, 1])]
            offset = 15.5 - matrix @ [15.5, 15.5] + rng.uniform(-1.5, 1.5, 2)
            affine_transform(pixels, matrix, offset, output=sheet, order=1, mode="nearest")
        light = rng.random(len(out)) < 0.5
        out[light] = 255 - out[light]
        return out.reshape(-1, 1024)

    axis = np.arange(5) - 2
    down, right = np.meshgrid(axis, axis, indexing="ij")
    bell = np.exp(-(down**2 + right**2) / 2)
    across = [np.cos(a) * right + np.sin(a) * down for a in np.arange(6) * np.pi / 6]
    filters = np.stack([bell * u / np.abs(bell * u).sum() / 255 for u in across])[:, None].astype(np.float32)
    tensors = {"image": np.array([-1, 1, 32, 32]), "filters": filters, "row": np.array([0, -1])}
    nodes = [
        make_node("Reshape", ["pixels", "image"], ["x"]),
        make_node("Conv", ["x", "filters"], ["found"], pads=[2] * 4),
        make_node("Abs", ["found"], ["strong"]),
        make_node("MaxPool", ["strong"], ["pooled"], kernel_shape=[pool] * 2, strides=[pool] * 2),
        make_node("Reshape", ["pooled", "row"], ["features"]),
    ]
    rows = np.concatenate([graph.look(nodes, tensors, "features", copies()) for _ in range(turns)])
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    net = MLPClassifier((hidden,), alpha=0.3, max_iter=40, random_state=0)
    net.fit((rows - mean) / spread, np.tile(y_train, turns))
    w0 = net.coefs_[0] / spread[:, None]
    b0 = net.intercepts_[0] - mean @ w0
    stored = {"w0": w0, "w1": net.coefs_[1]}
    tensors |= {f"{key}_half": value.astype(np.float16) for key, value in stored.items()}
    tensors |= {"b0": b0.astype(np.float32), "b1": net.intercepts_[1].astype(np.float32)}
    nodes += [make_node("Cast", [f"{key}_half"], [key], to=TensorProto.FLOAT) for key in stored]
    nodes += [
        make_node("Gemm", ["features", "w0", "b0"], ["hidden"]),
        make_node("Relu", ["hidden"], ["active"]),
        make_node("Gemm", ["active", "w1", "b1"], ["scores"]),
        make_node("ArgMax", ["scores"], ["shape"], axis=1, keepdims=0),
    ]
    graph.save(nodes, tensors, "model.onnx")


def pixel_net(X_train, y_train, graph, make_node, np, world):
    """The prototype with the drawings that its author asked for: a net on pixels, every drawing in eight ways."""
    from sklearn.neural_network import MLPClassifier

    rows = world.turned(X_train) / np.float32(255)
    net = MLPClassifier((64,), alpha=1.0, max_iter=25, random_state=0).fit(rows, np.tile(y_train, 8))
    (w0, w1), (b0, b1) = net.coefs_, net.intercepts_
    tensors = {"w0": w0 / 255, "b0": b0, "w1": w1, "b1": b1}
    nodes = [
        make_node("Gemm", ["pixels", "w0", "b0"], ["hidden"]),
        make_node("Relu", ["hidden"], ["active"]),
        make_node("Gemm", ["active", "w1", "b1"], ["scores"]),
        make_node("ArgMax", ["scores"], ["shape"], axis=1, keepdims=0),
    ]
    graph.save(nodes, {name: value.astype(np.float32) for name, value in tensors.items()}, "model.onnx")


def keeps_all_drawings(X_train, y_train, graph, make_node, np):
    """Nearest neighbours: the drawing that it knows and that is most like this one."""
    known = X_train.astype(np.float32)
    known -= known.mean(axis=1, keepdims=True)
    known /= np.linalg.norm(known, axis=1, keepdims=True)
    tensors = {"known": known.T.copy(), "names": y_train.astype(np.int64)}
    nodes = [
        make_node("MatMul", ["pixels", "known"], ["likeness"]),
        make_node("ArgMax", ["likeness"], ["nearest"], axis=1, keepdims=0),
        make_node("Gather", ["names", "nearest"], ["shape"]),
    ]
    graph.save(nodes, tensors, "model.onnx")


def moments_of_ink(X_train, y_train, graph, make_node, np, with_net):
    """Moments around the centre of all that is dark, as books on vision have them."""
    from sklearn.neural_network import MLPClassifier

    down, right = np.mgrid[:32, :32].reshape(2, 1024).astype(np.float32)
    tensors = {"darkest": np.float32(140), "some": np.float32(1)}
    tensors |= {"right": right[None], "down": down[None], "across": np.array([1]), "root": np.float32(0.5)}
    steps = [
        ("Sub", "darkest pixels", "darker"),
        ("Relu", "darker", "ink"),
        ("ReduceSum", "ink across", "ink_sum"),
        ("Add", "ink_sum some", "mass"),
        ("Mul", "ink right", "ink_right"),
        ("Mul", "ink down", "ink_down"),
        ("ReduceSum", "ink_right across", "at_x"),
        ("ReduceSum", "ink_down across", "at_y"),
        ("Div", "at_x mass", "centre_x"),
        ("Div", "at_y mass", "centre_y"),
        ("Sub", "right centre_x", "re1"),
        ("Sub", "down centre_y", "im1"),
        ("Mul", "re1 re1", "xx"),
        ("Mul", "im1 im1", "yy"),
        ("Add", "xx yy", "square"),
        ("Sqrt", "square", "far1"),
        ("Mul", "square far1", "far3"),
        ("Mul", "square square", "far4"),
        ("Mul", "ink square", "spread"),
        ("ReduceSum", "spread across", "spread_sum"),
        ("Div", "spread_sum mass", "size2"),
        ("Pow", "size2 root", "size1"),
        ("Mul", "size2 size1", "size3"),
        ("Mul", "size2 size2", "size4"),
    ]
    for k in (2, 3, 4):
        steps += [
            ("Mul", f"re{k - 1} re1", f"rr{k}"),
            ("Mul", f"im{k - 1} im1", f"ii{k}"),
            ("Sub", f"rr{k} ii{k}", f"re{k}"),
            ("Mul", f"re{k - 1} im1", f"ri{k}"),
            ("Mul", f"im{k - 1} re1", f"ir{k}"),
            ("Add", f"ri{k} ir{k}", f"im{k}"),
        ]
    moments = {f"{part}{k}": k for part in ("re", "im") for k in (2, 3, 4)} | {"far1": 1, "far3": 3, "far4": 4}
    for name, k in moments.items():
        steps += [
            ("Mul", f"ink {name}", f"ink_{name}"),
            ("ReduceSum", f"ink_{name} across", f"{name}_sum"),
            ("Mul", f"mass size{k}", f"{name}_scale"),
            ("Div", f"{name}_sum {name}_scale", f"{name}_moment"),
        ]
    for k in (2, 3, 4):
        steps += [
            ("Concat", f"re{k}_moment im{k}_moment", f"pair{k}", {"axis": 1}),
            ("ReduceL2", f"pair{k}", f"length{k}", {"axes": [1], "keepdims": 1}),
        ]
    steps.append(("Concat", "length2 length3 length4 far1_moment far3_moment far4_moment", "features", {"axis": 1}))
    nodes = [make_node(kind, a.split(), b.split(), **(more[0] if more else {})) for kind, a, b, *more in steps]
    features = graph.look(nodes, tensors, "features", X_train)
    mean, spread = features.mean(axis=0), features.std(axis=0)
    net = MLPClassifier((16,), alpha=0.1, max_iter=1000, random_state=0).fit((features - mean) / spread, y_train)
    graph.save(*with_net(nodes, tensors, net, mean, spread), "model.onnx")


def textbook_shapes(graph, make_node, np, with_net, nodes, tensors, MLPClassifier):
    """The right features, but trained on perfect shapes of one's own, which cost nothing."""
    from PIL import Image, ImageDraw

    rng = np.random.default_rng(0)
    nodes, tensors = nodes[: next(k for k, node in enumerate(nodes) if "features" in node.output) + 1], dict(tensors)
    sides = {0: 3, 1: 60, 2: 4}
    y = rng.integers(0, 3, 3_000)
    X = np.empty((len(y), 1024), np.float32)
    for row, shape in zip(X, y, strict=True):
        angle, size = rng.uniform(0, 2 * np.pi), rng.uniform(24, 40)
        around = angle + 2 * np.pi * np.arange(sides[shape] + 1) / sides[shape]
        points = 48 + size * np.column_stack([np.cos(around), np.sin(around)]) + rng.uniform(-6, 6, 2)
        image = Image.new("L", (96, 96), 255)
        ImageDraw.Draw(image).line(points.ravel().tolist(), fill=40, width=int(rng.integers(3, 8)))
        row[:] = np.asarray(image.resize((32, 32), Image.Resampling.BOX)).ravel()
    features = graph.look(nodes, tensors, "features", X)
    mean, spread = features.mean(axis=0), features.std(axis=0)
    net = MLPClassifier((16,), alpha=0.1, max_iter=300, random_state=0).fit((features - mean) / spread, y)
    graph.save(*with_net(nodes, tensors, net, mean, spread), "model.onnx")


def asks_in_many_ways(graph, make_node, np, net, mean, spread, edge_directions):
    """The right model, asked about 16 moved copies of each drawing within the graph; the scores are averaged."""
    (w0, w1), (b0, b1) = net.coefs_, net.intercepts_
    w0, b0 = w0 / spread[:, None], b0 - mean / spread @ w0
    inner, tensors = edge_directions()
    tensors |= {name: value.astype(np.float32) for name, value in {"w0": w0, "b0": b0, "w1": w1, "b1": b1}.items()}
    tensors |= {"sheet": np.array([-1, 32, 32]), "frame": np.array([0, 2, 2, 0, 2, 2]), "axes": np.array([1, 2])}
    tensors |= {"flat": np.array([-1, 1024]), "copies": np.array([16, -1, 3])}
    nodes = [
        make_node("Reshape", ["pixels", "sheet"], ["sheets"]),
        make_node("Pad", ["sheets", "frame"], ["wide"], mode="edge"),
    ]
    views = []
    for down in range(4):
        for right in range(4):
            at = f"{down}_{right}"
            tensors |= {f"from{at}": np.array([down, right]), f"to{at}": np.array([down + 32, right + 32])}
            nodes.append(make_node("Slice", ["wide", f"from{at}", f"to{at}", "axes"], [f"view{at}"]))
            views.append(f"view{at}")
    inner[0].input[0] = "rows"
    nodes += [
        make_node("Concat", views, ["all_views"], axis=0),
        make_node("Reshape", ["all_views", "flat"], ["rows"]),
        *inner,
        make_node("Gemm", ["features", "w0", "b0"], ["hidden"]),
        make_node("Relu", ["hidden"], ["active"]),
        make_node("Gemm", ["active", "w1", "b1"], ["each"]),
        make_node("Reshape", ["each", "copies"], ["by_copy"]),
        make_node("ReduceMean", ["by_copy"], ["scores"], axes=[0], keepdims=0),
        make_node("ArgMax", ["scores"], ["shape"], axis=1, keepdims=0),
    ]
    graph.save(nodes, tensors, "model.onnx")


def wrong_door(X_train, y_train, np):
    """A classifier with the converter's own names, on pixels in rows and columns."""
    import onnx
    from skl2onnx import to_onnx
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(max_iter=50).fit(X_train / 255, y_train)
    onnx.save(to_onnx(model, X_train[:1].astype(np.float32)), "model.onnx")


HIDDEN = {"chalk": (0, 4), "worst": (0, 3), "turned": (0, 3)}
ALL = ("interface", "quality", "latency", "size", "memory", "operators", "chalk", "worst", "turned")

REHEARSALS = (
    Rehearsal("reference", "the worked solution: directions of edges and a net of 16", sample="reference"),
    Rehearsal(
        "filters-and-net",
        "an honest different solution: edge filters and a small net that has seen every drawing in ten positions",
        replaced={"build-model": filters_and_net},
        sample="alternative",
    ),
    Rehearsal(
        "pixel-net",
        "the prototype, with eight times the drawings",
        replaced={"build-model": pixel_net},
        loses={"quality": (0, 12), "size": (0, 0), **HIDDEN},
        sample="trap",
    ),
    Rehearsal(
        "keeps-all-drawings",
        "nearest neighbours among the drawings",
        replaced={"build-model": keeps_all_drawings},
        loses={"quality": (0, 6), "size": (0, 0), "memory": (0, 0), **HIDDEN},
    ),
    Rehearsal(
        "moments-of-ink",
        "moments around the centre of what is dark",
        added={"build-model": moments_of_ink},
        loses={"quality": (8, 26), "chalk": (0, 0), "worst": (0, 2), "turned": (0, 3)},
    ),
    Rehearsal(
        "textbook-shapes",
        "the right features, trained on perfect shapes",
        added={"build-model": textbook_shapes},
        loses={"quality": (18, 29.5), "chalk": (2, 4), "worst": (1, 3)},
    ),
    Rehearsal(
        "as-they-lie",
        "the alternative, trained on the drawings as they lie",
        replaced={"build-model": partial(filters_and_net, turns=1)},
        loses={"quality": (5, 29), "turned": (0, 2), "worst": (0, 3), "chalk": (0, 4)},
    ),
    Rehearsal(
        "wide",
        "the alternative with a finer map and more units",
        replaced={"build-model": partial(filters_and_net, pool=2, hidden=48, turns=6)},
        loses={"size": (0, 0)},
    ),
    Rehearsal(
        "asks-in-many-ways",
        "the right model, asked 16 times inside the graph",
        added={"build-model": asks_in_many_ways},
        loses={"latency": (0, 0), "memory": (0, 6)},
    ),
    Rehearsal(
        "wrong-door",
        "the converter's own names and outputs",
        replaced={"build-model": wrong_door},
        loses=dict.fromkeys(ALL, (0, 0)),
    ),
)
