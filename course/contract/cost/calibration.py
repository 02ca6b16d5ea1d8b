"""The calibration model: what one unit of latency is.

A small mix of what learners hand in (logistic regression, 100 boosted trees of depth 6, an MLP 256x256), because a
reference of one kind carries a bias of its own under load. No training: the weights come straight from a bit
generator's integers and are scaled by powers of two, so that the file is the same bit for bit everywhere.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

FEATURES = 64
CLASSES = 10
HIDDEN = 256
TREES = 100
DEPTH = 6
#: What onnxruntime 1.32 and a few years of its predecessors read.
IR_VERSION, OPSET, ML_OPSET = 8, 17, 3


def _dyadic(seed: int, shape: tuple[int, ...]) -> np.ndarray:
    """float32 in [-1, 1), multiples of 2**-23: exact, so equal on every platform and numpy."""
    import numpy as np

    count = int(np.prod(shape))
    raw = np.random.PCG64(seed).random_raw(count) >> np.uint64(40)
    return ((raw.astype(np.int64) - 2**23).astype(np.float32) * np.float32(2**-23)).reshape(shape)


def calibration_rows(n: int, seed: int) -> np.ndarray:
    """`n` fresh rows for the calibration model's input "X": float32 (n, 64), uniform in [-1, 1)."""
    return _dyadic(seed, (n, FEATURES))


@cache
def calibration_model() -> bytes:
    """The calibration model as ONNX bytes, 0.72 MB: input "X" float32 (N, 64), output "Y" float32 (N, 10)."""
    from onnx import TensorProto, helper, numpy_helper

    layers = {
        "linear": (FEATURES, CLASSES),
        "first": (FEATURES, HIDDEN),
        "second": (HIDDEN, HIDDEN),
        "last": (HIDDEN, CLASSES),
    }
    weights = []
    for seed, (name, shape) in enumerate(layers.items(), start=1):
        weights.append(numpy_helper.from_array(_dyadic(seed, shape) * 0.125, f"{name}.w"))
        weights.append(numpy_helper.from_array(_dyadic(100 + seed, shape[1:]) * 0.125, f"{name}.b"))
    nodes = [
        helper.make_node("Gemm", ["X", "linear.w", "linear.b"], ["linear"]),
        helper.make_node("Softmax", ["linear"], ["linear.p"], axis=1),
        helper.make_node("Gemm", ["X", "first.w", "first.b"], ["first"]),
        helper.make_node("Relu", ["first"], ["first.a"]),
        helper.make_node("Gemm", ["first.a", "second.w", "second.b"], ["second"]),
        helper.make_node("Relu", ["second"], ["second.a"]),
        helper.make_node("Gemm", ["second.a", "last.w", "last.b"], ["last"]),
        helper.make_node("Softmax", ["last"], ["last.p"], axis=1),
        helper.make_node("TreeEnsembleRegressor", ["X"], ["trees"], domain="ai.onnx.ml", **_trees()),
        helper.make_node("Add", ["linear.p", "last.p"], ["both"]),
        helper.make_node("Add", ["both", "trees"], ["Y"]),
    ]
    graph = helper.make_graph(
        nodes,
        "calibration",
        [helper.make_tensor_value_info("X", TensorProto.FLOAT, [None, FEATURES])],
        [helper.make_tensor_value_info("Y", TensorProto.FLOAT, [None, CLASSES])],
        weights,
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", ML_OPSET)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
    return model.SerializeToString(deterministic=True)


def _trees() -> dict[str, object]:
    """Attributes of the boosted trees: complete trees in heap order, thresholds around the middle of the rows."""
    import numpy as np

    inner, every = 2**DEPTH - 1, 2 ** (DEPTH + 1) - 1
    ids = np.arange(every)
    branch = ids < inner
    features = np.random.PCG64(31).random_raw(TREES * every).reshape(TREES, every) % np.uint64(FEATURES)
    leaves = every - inner
    return {
        "n_targets": 1,
        "nodes_treeids": np.repeat(np.arange(TREES), every).tolist(),
        "nodes_nodeids": np.tile(ids, TREES).tolist(),
        "nodes_featureids": np.where(branch, features, 0).astype(np.int64).ravel().tolist(),
        "nodes_modes": np.tile(np.where(branch, "BRANCH_LEQ", "LEAF"), TREES).tolist(),
        "nodes_values": np.where(branch, _dyadic(32, (TREES, every)) * np.float32(0.5), 0).ravel().tolist(),
        "nodes_truenodeids": np.tile(np.where(branch, 2 * ids + 1, 0), TREES).tolist(),
        "nodes_falsenodeids": np.tile(np.where(branch, 2 * ids + 2, 0), TREES).tolist(),
        "target_treeids": np.repeat(np.arange(TREES), leaves).tolist(),
        "target_nodeids": np.tile(ids[inner:], TREES).tolist(),
        "target_ids": [0] * (TREES * leaves),
        "target_weights": (_dyadic(33, (TREES * leaves,)) * np.float32(2**-7)).tolist(),
    }
