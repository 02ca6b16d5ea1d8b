"""Layers as `router.onnx`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


def save(layers: Sequence[tuple[np.ndarray, np.ndarray]], file: str | Path) -> None:
    """Save a router of these layers.

    Parameters
    ----------
    layers : (weights (inputs, outputs), shift (outputs,)) of each, with a ReLU between two. The last has 7 outputs:
        log odds of the teams, of which a softmax makes chances, and of being urgent, of which a sigmoid does.
    file : where to.
    """
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper

    from course.contract.calibration import IR_VERSION, OPSET

    nodes, weights, last = [], [], "features"
    for number, (weight, shift) in enumerate(layers):
        for name, values in (("w", weight), ("b", shift)):
            weights.append(numpy_helper.from_array(np.ascontiguousarray(values, np.float32), f"{name}{number}"))
        nodes.append(helper.make_node("Gemm", [last, f"w{number}", f"b{number}"], [f"z{number}"]))
        last = f"z{number}"
        if number + 1 < len(layers):
            nodes.append(helper.make_node("Relu", [last], [f"a{number}"]))
            last = f"a{number}"
    weights.append(numpy_helper.from_array(np.array([6, 1]), "parts"))
    nodes += [
        helper.make_node("Split", [last, "parts"], ["teams", "haste"], axis=1),
        helper.make_node("Softmax", ["teams"], ["chances"], axis=1),
        helper.make_node("Sigmoid", ["haste"], ["chance"]),
        helper.make_node("Concat", ["chances", "chance"], ["scores"], axis=1),
    ]
    columns = len(layers[0][0])
    graph = helper.make_graph(
        nodes,
        "router",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, [None, columns])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [None, 7])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    Path(file).write_bytes(model.SerializeToString())
