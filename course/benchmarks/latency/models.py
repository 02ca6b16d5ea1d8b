"""The models of the flake study: two of every family, built in seconds, the same weights every time.

What a model predicts does not matter here, only what a row of it costs, so nothing is trained but the trees.
"""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from course.contract.cost.calibration import IR_VERSION, ML_OPSET, OPSET


@dataclass(frozen=True)
class Subject:
    """A model that is graded: ONNX bytes, and `rows(n, rng)` that draws its inputs by name, first axis = row."""

    name: str
    family: str
    content: bytes
    rows: Callable[[int, np.random.Generator], dict[str, np.ndarray]]


def build() -> dict[str, Subject]:
    """All models by name, the small one of every family before the larger one; none above 1.5 MB."""
    made = [
        Subject("linear 64", "linear", _net([64, 10]), _dense(64)),
        Subject("linear 784", "linear", _net([784, 10]), _dense(784)),
        Subject("boosted 60", "trees", _boosted(), _dense(30)),
        Subject("forest 40", "trees", _forest(), _dense(30)),
        Subject("net 64", "net", _net([64, 64, 10]), _dense(64)),
        Subject("net 784", "net", _net([784, 400, 128, 10]), _dense(784)),
        Subject("int8 128", "int8 net", _int8([128, 256, 10]), _dense(128)),
        Subject("int8 784", "int8 net", _int8([784, 512, 128, 10]), _dense(784)),
        Subject("n-grams 2048", "text", _net([2048, 20]), _hashed(2048)),
        Subject("embedding 8192", "text", _embedding(8192, 32, 10), _tokens(8192, 64)),
    ]
    return {subject.name: subject for subject in made}


def _model(nodes: list, x, outputs: int, weights: dict[str, np.ndarray]) -> bytes:
    graph = helper.make_graph(
        nodes,
        "subject",
        [x],
        [helper.make_tensor_value_info("Y", TensorProto.FLOAT, ["N", outputs])],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    opsets = [helper.make_opsetid("", OPSET)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION).SerializeToString()


def _net(sizes: list[int]) -> bytes:
    """Dense layers with ReLU between them and a softmax at the end; a single layer is a linear model."""
    rng = np.random.default_rng(sizes)
    nodes, weights, last = [], {}, "X"
    for k, (before, after) in enumerate(pairwise(sizes)):
        weights[f"w{k}"] = (rng.standard_normal((before, after)) / before**0.5).astype(np.float32)
        weights[f"b{k}"] = rng.standard_normal(after).astype(np.float32)
        nodes.append(helper.make_node("MatMul", [last, f"w{k}"], [f"m{k}"]))
        nodes.append(helper.make_node("Add", [f"m{k}", f"b{k}"], [f"a{k}"]))
        last = f"a{k}"
        if after != sizes[-1]:
            nodes.append(helper.make_node("Relu", [last], [f"r{k}"]))
            last = f"r{k}"
    nodes.append(helper.make_node("Softmax", [last], ["Y"], axis=1))
    return _model(nodes, helper.make_tensor_value_info("X", TensorProto.FLOAT, ["N", sizes[0]]), sizes[-1], weights)


def _int8(sizes: list[int]) -> bytes:
    """The same with 8-bit weights, by onnxruntime's own quantiser."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    logging.getLogger().setLevel(logging.ERROR)  # the quantiser advises to pre-process
    with tempfile.TemporaryDirectory(prefix="course-") as name:
        source, target = Path(name, "float.onnx"), Path(name, "int8.onnx")
        source.write_bytes(_net(sizes))
        quantize_dynamic(source, target, weight_type=QuantType.QInt8)
        return target.read_bytes()


def _embedding(vocabulary: int, width: int, classes: int) -> bytes:
    """A row is 64 token numbers: the mean of their vectors, then a linear model."""
    rng = np.random.default_rng(vocabulary)
    weights = {
        "vectors": rng.standard_normal((vocabulary, width)).astype(np.float32),
        "w": rng.standard_normal((width, classes)).astype(np.float32),
        "b": rng.standard_normal(classes).astype(np.float32),
    }
    nodes = [
        helper.make_node("Gather", ["vectors", "X"], ["found"]),
        helper.make_node("ReduceMean", ["found"], ["mean"], axes=[1], keepdims=0),
        helper.make_node("Gemm", ["mean", "w", "b"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["Y"], axis=1),
    ]
    return _model(nodes, helper.make_tensor_value_info("X", TensorProto.INT64, ["N", 64]), classes, weights)


def _boosted() -> bytes:
    from sklearn.ensemble import GradientBoostingRegressor

    X, y = _task()
    return _converted(GradientBoostingRegressor(n_estimators=60, max_depth=4, random_state=0).fit(X, y))


def _forest() -> bytes:
    from sklearn.ensemble import RandomForestRegressor

    X, y = _task()
    return _converted(RandomForestRegressor(n_estimators=40, max_leaf_nodes=110, random_state=0).fit(X, y))


def _task() -> tuple[np.ndarray, np.ndarray]:
    """Rows for the trees to be grown on: X (1200, 30) float32, y (1200,)."""
    rng = np.random.default_rng(30)
    X = rng.standard_normal((1200, 30)).astype(np.float32)
    return X, np.sin(X[:, :10]).sum(axis=1) + X[:, 10] * X[:, 11] + 0.1 * rng.standard_normal(1200)


def _converted(model) -> bytes:
    from skl2onnx import to_onnx

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = to_onnx(model, np.zeros((1, 30), np.float32), target_opset={"": OPSET, "ai.onnx.ml": ML_OPSET})
    return made.SerializeToString()


def _dense(features: int):
    return lambda n, rng: {"X": rng.standard_normal((n, features)).astype(np.float32)}


def _hashed(features: int):
    """Counts of n-grams: about 60 of the features are not zero."""
    return lambda n, rng: {"X": rng.poisson(60 / features, (n, features)).astype(np.float32)}


def _tokens(vocabulary: int, length: int):
    """Token numbers, a few of them frequent and most of them rare."""
    return lambda n, rng: {"X": np.minimum(rng.zipf(1.3, (n, length)), vocabulary) - 1}
