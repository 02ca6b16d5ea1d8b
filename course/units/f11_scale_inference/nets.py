"""Networks of scikit-learn as ONNX files that keep the contract: `pixels` in, `probabilities` out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from course.contract.calibration import IR_VERSION, OPSET
from course.units.f11_scale_inference.world import SIDE

if TYPE_CHECKING:
    from onnx import ModelProto

#: Directions of the edge filters, their width in pixels, and how far apart their strengths are pooled.
DIRECTIONS, WIDTH, STEP = 8, 5, 2


def _edge_filters() -> np.ndarray:
    """One filter a direction, float32 (8, 1, 5, 5): how much darker it gets that way; nobody has trained them."""
    axis = np.arange(WIDTH) - WIDTH // 2
    down, right = np.meshgrid(axis, axis, indexing="ij")
    turns = np.arange(DIRECTIONS) * 2 * np.pi / DIRECTIONS
    made = [np.exp(-(down**2 + right**2) / 2) * (np.cos(turn) * right + np.sin(turn) * down) for turn in turns]
    return np.stack([one / (255 * np.abs(one).sum()) for one in made])[:, None].astype(np.float32)


def _edge_graph() -> tuple[list, dict[str, np.ndarray]]:
    from onnx import helper

    tensors = {"filters": _edge_filters(), "image": np.array([-1, 1, SIDE, SIDE]), "row": np.array([0, -1])}
    nodes = [
        helper.make_node("Reshape", ["pixels", "image"], ["images"]),
        helper.make_node("Conv", ["images", "filters"], ["edges"], pads=[WIDTH // 2] * 4),
        helper.make_node("Relu", ["edges"], ["strong"]),
        helper.make_node("AveragePool", ["strong"], ["pooled"], kernel_shape=[4, 4], strides=[STEP] * 2, pads=[1] * 4),
        helper.make_node("Reshape", ["pooled", "row"], ["features"]),
    ]
    return nodes, tensors


def edges(pixels: np.ndarray) -> np.ndarray:
    """How strong edges of eight directions are, and where: float32 (n, 392) of crops (n, 196)."""
    import onnxruntime

    nodes, tensors = _edge_graph()
    content = _model(nodes, tensors, ("features", DIRECTIONS * (SIDE // STEP) ** 2)).SerializeToString()
    return onnxruntime.InferenceSession(content).run(None, {"pixels": np.asarray(pixels, np.float32)})[0]


def write(net: Any, path: str, *, scale: float = 1.0, of_edges: bool = False) -> None:
    """Save a trained network as an ONNX file.

    `net` is an `MLPClassifier` or a `LogisticRegression` of the ten digits, trained on crops divided by `scale`, or on
    their `edges` divided by `scale` where `of_edges` is set; the graph then holds the filters as well.
    """
    import onnx
    from onnx import helper

    if hasattr(net, "coefs_"):
        layers = list(zip(net.coefs_, net.intercepts_, strict=True))
    else:
        layers = [(net.coef_.T, net.intercept_)]
    nodes, tensors = _edge_graph() if of_edges else ([], {})
    at = "features" if of_edges else "pixels"
    for k, (weights, offsets) in enumerate(layers):
        tensors |= {f"w{k}": (weights / (1 if k else scale)).astype(np.float32), f"b{k}": offsets.astype(np.float32)}
        nodes.append(helper.make_node("Gemm", [at, f"w{k}", f"b{k}"], [f"sum{k}"]))
        if k < len(layers) - 1:
            nodes.append(helper.make_node("Relu", [f"sum{k}"], [f"unit{k}"]))
        at = f"unit{k}"
    nodes.append(helper.make_node("Softmax", [f"sum{len(layers) - 1}"], ["probabilities"], axis=1))
    onnx.save(_model(nodes, tensors, ("probabilities", 10)), path)


def _model(nodes: list, tensors: dict[str, np.ndarray], output: tuple[str, int]) -> ModelProto:
    from onnx import TensorProto, helper, numpy_helper

    graph = helper.make_graph(
        nodes,
        "digits",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["N", SIDE * SIDE])],
        [helper.make_tensor_value_info(output[0], TensorProto.FLOAT, ["N", output[1]])],
        [numpy_helper.from_array(values, name) for name, values in tensors.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
