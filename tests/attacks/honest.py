"""The honest submission's model, and helpers that change a notebook's JSON."""

from __future__ import annotations

import numpy as np
from onnx import TensorProto, helper, numpy_helper


def proto(nodes=(), *, features=784, dtype=TensorProto.FLOAT, rows="N"):
    """pixels -> (nodes) -> MatMul -> ArgMax -> digit, with seeded weights."""
    weights = np.random.default_rng(0).normal(size=(features, 10)).astype(np.float32) / 100
    first = nodes[-1].output[0] if nodes else "pixels"
    graph = helper.make_graph(
        [
            *nodes,
            helper.make_node("MatMul", [first, "w"], ["s"]),
            helper.make_node("ArgMax", ["s"], ["digit"], axis=1, keepdims=0),
        ],
        "g",
        [helper.make_tensor_value_info("pixels", dtype, [rows, features])],
        [helper.make_tensor_value_info("digit", TensorProto.INT64, [rows])],
        [numpy_helper.from_array(weights, "w")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def model() -> bytes:
    """What every honest student hands in: random weights in a graph of two operators."""
    return proto().SerializeToString()


def refused() -> bytes:
    """A model that the gate refuses quickly: what the class hands in where nothing depends on measuring."""
    return proto(dtype=TensorProto.DOUBLE).SerializeToString()


def find(data, grade_id):
    """The cell of that name in a notebook's JSON."""
    return next(cell for cell in data["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id)


def tests(data):
    """All test cells."""
    marks = [(cell, cell["metadata"].get("nbgrader", {})) for cell in data["cells"]]
    return [cell for cell, found in marks if found.get("grade") and not found.get("solution")]
