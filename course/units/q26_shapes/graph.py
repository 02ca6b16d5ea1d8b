"""Writing ONNX by hand: operators and numbers in, the model of the contract out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course.units.q26_shapes.world import SIDE

if TYPE_CHECKING:
    import onnx


def save(nodes: Sequence[onnx.NodeProto], tensors: Mapping[str, np.ndarray], path: str) -> None:
    """Save a graph from `pixels` to `shape`: `nodes` (onnx.helper.make_node) in order, and the numbers they take."""
    import onnx

    onnx.save(_model(nodes, tensors, "shape", onnx.TensorProto.INT64, ["N"]), path)


def look(
    nodes: Sequence[onnx.NodeProto], tensors: Mapping[str, np.ndarray], value: str, pixels: np.ndarray
) -> np.ndarray:
    """What such a graph has at `value`, a float32, for `pixels` (n, 1024): to train what comes behind it."""
    import onnx
    import onnxruntime

    model = _model(nodes, tensors, value, onnx.TensorProto.FLOAT, None)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    parts = np.array_split(
        np.asarray(pixels, dtype=np.float32), len(pixels) // 500 + 1
    )  # not all maps in memory at once
    return np.concatenate([session.run(None, {"pixels": part})[0] for part in parts])


def _model(nodes, tensors, output: str, kind: int, shape) -> onnx.ModelProto:
    from onnx import TensorProto, helper, numpy_helper

    used = {name for node in nodes for name in node.input}
    graph = helper.make_graph(
        list(nodes),
        "shapes",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["N", SIDE * SIDE])],
        [helper.make_tensor_value_info(output, kind, shape)],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in tensors.items() if name in used],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
