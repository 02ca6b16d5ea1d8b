"""q26 rehearsed: what must pass, what must fail, and where.

Functions here are cells: only their bodies are used, in the notebook's namespace. Parameters name what a body takes
from the cells before it.
"""

from __future__ import annotations

from functools import partial

from course.grading.authoring.rehearse import Rehearsal


def filters_and_net(X_train, y_train, Graph, PIXELS, np, pool=4, hidden=16, turns=10):
    """Oriented edge filters, pooled, and a small net that saw each drawing in ten positions, half of them inverted.

    With one turn drawings stay as they lie.
    """
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
    g = Graph(PIXELS)
    found = g.add("Conv", g.add("Reshape", "pixels", np.array([-1, 1, 32, 32])), filters, pads=[2] * 4)
    pooled = g.add("MaxPool", g.add("Abs", found), kernel_shape=[pool] * 2, strides=[pool] * 2)
    features = g.add("Reshape", pooled, np.array([0, -1]))
    rows = np.concatenate([g.look(features, copies()) for _ in range(turns)])
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    net = MLPClassifier((hidden,), alpha=0.3, max_iter=40, random_state=0)
    net.fit((rows - mean) / spread, np.tile(y_train, turns))
    first = net.coefs_[0] / spread[:, None]
    layers = [(first, net.intercepts_[0] - mean @ first), (net.coefs_[1], net.intercepts_[1])]
    value = features
    for k, (weights, shift) in enumerate(layers):  # weights in half precision
        value = g.add("Relu", value) if k else value
        value = g.add("Gemm", value, g.add("Cast", weights.astype(np.float16), to=1), shift.astype(np.float32))
    g.save("model.onnx", shape=g.add("ArgMax", value, axis=1, keepdims=0))


def pixel_net(X_train, y_train, Graph, PIXELS, np, world):
    """The prototype with the drawings that its author asked for: a net on pixels, every drawing in eight ways."""
    from sklearn.neural_network import MLPClassifier

    rows = world.turned(X_train) / np.float32(255)
    net = MLPClassifier((64,), alpha=1.0, max_iter=25, random_state=0).fit(rows, np.tile(y_train, 8))
    g = Graph(PIXELS)
    (w0, w1), (b0, b1) = net.coefs_, net.intercepts_
    g.save("model.onnx", shape=g.add("ArgMax", g.dense("pixels", [(w0 / 255, b0), (w1, b1)]), axis=1, keepdims=0))


def keeps_all_drawings(X_train, y_train, Graph, PIXELS, np):
    """Nearest neighbours: the drawing that it knows and that is most like this one."""
    known = X_train.astype(np.float32)
    known -= known.mean(axis=1, keepdims=True)
    known /= np.linalg.norm(known, axis=1, keepdims=True)
    g = Graph(PIXELS)
    nearest = g.add("ArgMax", g.add("MatMul", "pixels", known.T.copy()), axis=1, keepdims=0)
    g.save("model.onnx", shape=g.add("Gather", y_train.astype(np.int64), nearest))


def moments_of_ink(X_train, y_train, Graph, PIXELS, np, trained):
    """Moments around the centre of all that is dark, as books on vision have them."""
    down, right = np.mgrid[:32, :32].reshape(2, 1, 1024).astype(np.float32)
    g = Graph(PIXELS)

    def total(value, *times):
        for one in times:
            value = g.add("Mul", value, one)
        return g.add("ReduceSum", value, np.array([1]))

    def times(a, b):
        return g.add("Mul", a, b)

    ink = g.add("Relu", g.add("Sub", np.float32(140), "pixels"))
    mass = g.add("Add", total(ink), np.float32(1))
    x = g.add("Sub", right, g.add("Div", total(ink, right), mass))
    y = g.add("Sub", down, g.add("Div", total(ink, down), mass))
    square = g.add("Add", times(x, x), times(y, y))
    far = g.add("Sqrt", square)
    sizes = {2: g.add("Div", total(ink, square), mass)}
    sizes[1] = g.add("Pow", sizes[2], np.float32(0.5))
    sizes |= {3: times(sizes[2], sizes[1]), 4: times(sizes[2], sizes[2])}

    def moment(value, k):
        return g.add("Div", total(ink, value), times(mass, sizes[k]))

    real, imaginary, found = x, y, []
    for k in (2, 3, 4):  # powers of x + iy: the length of their mean does not depend on how the paper lies
        real, imaginary = (
            g.add("Sub", times(real, x), times(imaginary, y)),
            g.add("Add", times(real, y), times(imaginary, x)),
        )
        pair = g.add("Concat", moment(real, k), moment(imaginary, k), axis=1)
        found.append(g.add("ReduceL2", pair, axes=[1], keepdims=1))
    found += [moment(far, 1), moment(times(square, far), 3), moment(times(square, square), 4)]
    features = g.add("Concat", *found, axis=1)
    layers = trained(g.look(features, X_train), y_train)
    g.save("model.onnx", shape=g.add("ArgMax", g.dense(features, layers), axis=1, keepdims=0))


def textbook_shapes(g, features, np, trained):
    """The right features, but trained on perfect shapes of one's own, which cost nothing."""
    from PIL import Image, ImageDraw

    rng = np.random.default_rng(0)
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
    layers = trained(g.look(features, X), y)
    g.save("model.onnx", shape=g.add("ArgMax", g.dense(features, layers), axis=1, keepdims=0))


def asks_in_many_ways(Graph, PIXELS, np, layers, edge_directions):
    """The right model, asked about 16 moved copies of each drawing within the graph; the scores are averaged."""
    h = Graph(PIXELS)
    sheets = h.add("Reshape", "pixels", np.array([-1, 32, 32]))
    wide = h.add("Pad", sheets, np.array([0, 2, 2, 0, 2, 2]), mode="edge")
    corners = [np.array([down, right]) for down in range(4) for right in range(4)]
    views = [h.add("Slice", wide, corner, corner + 32, np.array([1, 2])) for corner in corners]
    rows = h.add("Reshape", h.add("Concat", *views, axis=0), np.array([-1, 1024]))
    each = h.add("Reshape", h.dense(edge_directions(h, rows), layers), np.array([16, -1, 3]))
    scores = h.add("ReduceMean", each, axes=[0], keepdims=0)
    h.save("model.onnx", shape=h.add("ArgMax", scores, axis=1, keepdims=0))


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
