"""f01 rehearsed: what must pass, what must fail, and where.

Functions here are cells: only their bodies are used, in the notebook's namespace. Parameters name what a body takes
from the cells before it.
"""

from __future__ import annotations

from course.grading.authoring.rehearse import Rehearsal


def fixed_filters(X_train, y_train, np, onnx):
    """No net at all: oriented edges (a convolution nobody trained), pooled to 7 x 7, and a linear model."""
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper
    from scipy import ndimage
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(0)

    def vary(pixels):
        """Each row once more: turned, moved, and for half of them with a thicker pen."""
        images = pixels.reshape(-1, 28, 28)
        turned = np.empty_like(images)
        for i, image in enumerate(images):
            a, s = rng.uniform(-0.2, 0.2, 2)
            matrix = np.array([[np.cos(a), -np.sin(a)], [np.sin(a) + s, np.cos(a)]]) * rng.uniform(0.9, 1.1)
            offset = 13.5 - matrix @ [13.5, 13.5] + rng.uniform(-2.5, 2.5, 2)
            ndimage.affine_transform(image, matrix, offset, output=turned[i], order=1)
        pen = rng.uniform(0, 1, (len(turned), 1, 1)) * (rng.random((len(turned), 1, 1)) < 0.5)
        wide = ndimage.maximum_filter(turned, size=(1, 3, 3))
        return (turned + pen * (wide - turned)).astype(np.float32).reshape(-1, 784)

    axis = np.arange(5) - 2
    down, right = np.meshgrid(axis, axis, indexing="ij")
    edges = [
        np.exp(-(down**2 + right**2) / 2.0) * (np.cos(a) * right + np.sin(a) * down)
        for a in np.arange(8) * 2 * np.pi / 8
    ]
    filters = np.stack([edge / np.abs(edge).sum() for edge in edges])[:, None].astype(np.float32)
    tensors = [
        numpy_helper.from_array(filters / 255, "filters"),
        numpy_helper.from_array(np.array([-1, 1, 28, 28]), "image"),
        numpy_helper.from_array(np.array([0, -1]), "row"),
    ]
    nodes = [
        helper.make_node("Reshape", ["pixels", "image"], ["x"]),
        helper.make_node("Conv", ["x", "filters"], ["edges"], pads=[2] * 4, strides=[2, 2]),
        helper.make_node("Relu", ["edges"], ["strong"]),
        helper.make_node("AveragePool", ["strong"], ["pooled"], kernel_shape=[4, 4], strides=[2, 2], pads=[1, 1, 1, 1]),
        helper.make_node("Reshape", ["pooled", "row"], ["features"]),
    ]

    def model(output, kind, shape):
        pixels = helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["N", 784])
        graph = helper.make_graph(nodes, "g", [pixels], [helper.make_tensor_value_info(output, kind, shape)], tensors)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)

    look = onnxruntime.InferenceSession(model("features", TensorProto.FLOAT, ["N", "F"]).SerializeToString())
    F = np.concatenate([look.run(None, {"pixels": vary(X_train)})[0] for _ in range(8)])
    spread = F.std(axis=0).mean()
    linear = LogisticRegression(max_iter=60, tol=1e-3).fit(F / spread, np.tile(y_train, 8))
    tensors += [
        numpy_helper.from_array((linear.coef_.T / spread).astype(np.float32), "w"),
        numpy_helper.from_array(linear.intercept_.astype(np.float32), "b"),
    ]
    nodes += [
        helper.make_node("Gemm", ["features", "w", "b"], ["scores"]),
        helper.make_node("ArgMax", ["scores"], ["digit"], axis=1, keepdims=0),
    ]
    onnx.save(model("digit", TensorProto.INT64, ["N"]), "model.onnx")


def small_forest(X_train, y_train, save):
    """A forest that fits the production budgets."""
    from sklearn.ensemble import RandomForestClassifier

    save(RandomForestClassifier(16, max_leaf_nodes=40, random_state=0).fit(X_train, y_train), "model.onnx")


def raw_net(X_train, y_train):
    """The small net on the rows as they are."""
    from course.units.f01_shrink_ensemble import compress

    compress.small_net(X_train, y_train, "model.onnx", hidden=40)


def every_row():
    """The small net on every row of the package, hold-outs' originals among them."""
    from course.units.f01_shrink_ensemble import compress, world

    compress.small_net(*world.load(), "model.onnx", hidden=40)


def every_row_redrawn(train, write):
    """The reference's recipe on every row of the package: what knowing all the writing gains."""
    from course.units.f01_shrink_ensemble import world

    write(train(*world.load()), "model.onnx")


def strong_member(X_train, y_train, redraw, save, np):
    """One strong member of the winner as it is, an RBF machine, and even on redrawn rows."""
    from sklearn.svm import SVC

    rng = np.random.default_rng(0)
    X = np.concatenate([X_train, redraw(X_train, rng), redraw(X_train, rng)])
    save(SVC(C=10, gamma=0.02 / 255**2).fit(X, np.tile(y_train, 3)), "model.onnx")


def asks_the_winner(redraw, X_train, y_train, np):
    """Distillation as the books have it: redrawn rows, labelled by the winner, teach the small net."""
    from course.units.f01_shrink_ensemble import compress
    from course.units.f01_shrink_ensemble.winner import winner

    rng = np.random.default_rng(0)
    rows = np.concatenate([redraw(X_train, rng) for _ in range(2)])
    teacher = winner(X_train, y_train)
    compress.distil(rows, teacher.predict_proba(rows), "model.onnx", hidden=40)


def slow_graph(weights, helper, numpy_helper, TensorProto, onnx, np):
    """The right net in a slow graph: it is asked about 81 moved copies of each scan, and the answers are averaged."""
    reach = 4
    side = 2 * reach + 1
    w0, w1, b0, b1 = weights
    given = {
        "image": np.array([-1, 28, 28]),
        "frame": np.array([0, reach, reach, 0, reach, reach]),
        "axes": np.array([1, 2]),
        "flat": np.array([-1, 784]),
        "copies": np.array([side**2, -1, 10]),
        "w0_half": (w0 / 255).astype(np.float16),
        "w1_half": w1.astype(np.float16),
        "b0": b0.astype(np.float32),
        "b1": b1.astype(np.float32),
    }
    nodes = [helper.make_node("Cast", [f"{name}_half"], [name], to=TensorProto.FLOAT) for name in ("w0", "w1")]
    nodes += [
        helper.make_node("Reshape", ["pixels", "image"], ["x"]),
        helper.make_node("Pad", ["x", "frame"], ["wide"]),
    ]
    views = []
    for down in range(side):
        for right in range(side):
            at = f"{down}_{right}"
            given |= {f"from{at}": np.array([down, right]), f"to{at}": np.array([down + 28, right + 28])}
            nodes.append(helper.make_node("Slice", ["wide", f"from{at}", f"to{at}", "axes"], [f"view{at}"]))
            views.append(f"view{at}")
    nodes += [
        helper.make_node("Concat", views, ["views"], axis=0),
        helper.make_node("Reshape", ["views", "flat"], ["rows"]),
        helper.make_node("Gemm", ["rows", "w0", "b0"], ["z0"]),
        helper.make_node("Relu", ["z0"], ["a0"]),
        helper.make_node("Gemm", ["a0", "w1", "b1"], ["z1"]),
        helper.make_node("Softmax", ["z1"], ["p"], axis=1),
        helper.make_node("Reshape", ["p", "copies"], ["q"]),
        helper.make_node("ReduceMean", ["q"], ["mean"], axes=[0], keepdims=0),
        helper.make_node("ArgMax", ["mean"], ["digit"], axis=1, keepdims=0),
    ]
    graph = helper.make_graph(
        nodes,
        "digits",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["N", 784])],
        [helper.make_tensor_value_info("digit", TensorProto.INT64, ["N"])],
        [numpy_helper.from_array(value, name) for name, value in given.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), "model.onnx")


def blind_int8(weights, X_train, y_train, np):
    """The right net in 8 bits, its ranges taken from 200 faint thin strokes: thick pens saturate."""
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

    from course.units.f01_shrink_ensemble import compress

    faint = [X_train[y_train == d][np.argsort(X_train[y_train == d].sum(axis=1))[:20]] for d in range(10)]
    scans = np.concatenate(faint) * np.float32(0.4)

    class Reel(CalibrationDataReader):
        def __init__(self):
            self.rows = iter([{"pixels": scans[i : i + 1]} for i in range(len(scans))])

        def get_next(self):
            return next(self.rows, None)

    compress.write(weights, "plain.onnx")
    quantize_static(
        "plain.onnx",
        "model.onnx",
        Reel(),
        quant_format=QuantFormat.QDQ,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
    )


def wrong_door(X_train, y_train, np, onnx):
    """A good enough model with the converter's own names and both of its outputs."""
    from skl2onnx import to_onnx
    from sklearn.linear_model import LogisticRegression

    onnx.save(to_onnx(LogisticRegression(max_iter=50).fit(X_train, y_train), X_train[:1]), "model.onnx")


# Where training rows don't look like the line, both stresses are lost; the worst digit may or may not be.
SLICES = {"digits": (0, 4), "pen": (0, 1), "shifted": (0, 1)}
ALL = ("interface", "quality", "latency", "size", "memory", "operators", "digits", "pen", "shifted")

REHEARSALS = (
    Rehearsal("reference", "the worked solution: a small net on redrawn rows", sample="reference"),
    Rehearsal(
        "fixed-filters",
        "an honest different solution: edge filters and a linear model",
        replaced={"build-model": fixed_filters},
        sample="alternative",
    ),
    Rehearsal(
        "small-forest",
        "a forest that fits the box",
        replaced={"build-model": small_forest},
        loses={"quality": (0, 5), **SLICES},
    ),
    Rehearsal(
        "raw-net",
        "a trap: the small net on the rows as they are",
        replaced={"build-model": raw_net},
        loses={"quality": (0, 15), **SLICES},
        sample="trap",
    ),
    Rehearsal(
        "every-row",
        "the small net on every row of the package",
        replaced={"build-model": every_row},
        loses={"quality": (5, 24), **SLICES},
    ),
    Rehearsal(
        "every-row-redrawn",
        "the reference's recipe on every row of the package: shows what knowing them gains",
        added={"build-model": every_row_redrawn},
    ),
    Rehearsal(
        "strong-member",
        "an RBF machine on redrawn rows",
        added={"build-model": strong_member},
        loses={"latency": (0, 0), "size": (0, 0), "memory": (0, 0)},
    ),
    Rehearsal(
        "asks-the-winner",
        "redrawn rows with the winner's labels, which are wrong where it never looked",
        added={"build-model": asks_the_winner},
        loses={"quality": (5, 27), "digits": (0, 4), "pen": (0, 2), "shifted": (0, 1)},
    ),
    Rehearsal(
        "slow-graph",
        "the right net, asked 81 times inside the graph",
        added={"build-model": slow_graph},
        loses={"latency": (0, 0)},
    ),
    Rehearsal(
        "blind-int8",
        "the right net, quantised on the wrong scans",
        added={"build-model": blind_int8},
        loses={"pen": (0, 2.4)},
    ),
    Rehearsal(
        "wrong-door",
        "the converter's own names and outputs",
        replaced={"build-model": wrong_door},
        loses=dict.fromkeys(ALL, (0, 0)),
    ),
)
