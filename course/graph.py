"""Writing ONNX by hand: operators one after another, numpy values among them, one file at the end.

    g = Graph({"pixels": (np.float32, 1024)})
    scores = g.add("Gemm", "pixels", weights, bias)
    g.save("model.onnx", shape=g.add("ArgMax", scores, axis=1, keepdims=0))

Converters know scikit-learn's own models; what must happen before and behind them is written like this.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from course.contract.cost.calibration import ML_OPSET, OPSET

ML, IR_VERSION = "ai.onnx.ml", 9


class Graph:
    """A model that grows by one operator at a time.

    Parameters
    ----------
    inputs : each input's name, with its dtype and the sizes behind its rows: {"pixels": (np.float32, 1024)} is
        float32 [N, 1024], {"texts": (object,)} is text [N].
    opset : version of ONNX's own operators; 17 does for numbers, text needs 20.
    ml : version of the operators of ai.onnx.ml: `LabelEncoder` knows a NaN among its keys from 4 on, `TreeEnsemble`
        came with 5. Converted trees are of 3.
    """

    def __init__(self, inputs: Mapping[str, tuple], *, opset: int = OPSET, ml: int = ML_OPSET):
        self._inputs = {name: (np.dtype(dtype), sizes) for name, (dtype, *sizes) in inputs.items()}
        self._opsets = {"": opset, ML: ml}
        self._nodes: list[onnx.NodeProto] = []
        self._tensors: dict[str, onnx.TensorProto] = {}
        self._values = {"", *self._inputs}  # "" stands for an optional input that is left out

    def add(self, operator: str, *inputs: str | np.ndarray, outputs: int = 1, **attributes: Any) -> Any:
        """Append an operator; the name of its result, or a list of names where it has several `outputs`.

        Inputs are names, of the graph's inputs or of other results, or numpy values: np.float32(8) beside
        float32, as ONNX converts nothing by itself. Raises ValueError for an operator that ONNX has not, or a name that
        the graph has not.
        """
        given = [self._known(one) if isinstance(one, str) else self._constant(one) for one in inputs]
        domain = self._domain(operator)
        made = [f"{operator}{len(self._nodes)}" + (f"_{k}" if k else "") for k in range(outputs)]
        self._nodes.append(helper.make_node(operator, given, made, domain=domain, **attributes))
        self._values.update(made)
        return made[0] if outputs == 1 else made

    def dense(self, value: str, layers: Iterable[tuple[np.ndarray, np.ndarray]]) -> str:
        """Append layers, each (weights (inputs, outputs), shift (outputs,)), in float32 and with a ReLU between two."""
        for k, (weights, shift) in enumerate(layers):
            value = self.add("Relu", value) if k else value
            value = self.add("Gemm", value, np.asarray(weights, np.float32), np.asarray(shift, np.float32))
        return value

    def trees(self, value: str, model: Any) -> str:
        """Append trees that were fitted with scikit-learn as they are, behind the features `value`, float32 [N, k].

        What converters lose is kept: the way of missing values, splits by categories. The result is float32 [N, 1] of a
        regressor, the probabilities [N, classes] of a classifier. The graph's `ml` must be 5. Raises TypeError for
        models that are no trees.
        """
        from course import trees

        return trees.append(self, value, model)

    def convert(self, model: Any, value: str, rows: np.ndarray, *, wanted: str) -> str:
        """Append a fitted model as skl2onnx converts it, behind the features `value`; the name of its output `wanted`.

        The model and what was converted are asked about `rows`, features of some hundred rows that will come. Raises
        Differs where they answer differently, with the likely cause and what to do.
        """
        from course.contract.parity import converted

        made = converted(model, np.asarray(rows, np.float32), opset=self._opsets[""], outputs=(wanted,))
        names = [one.name for one in made.graph.output]
        return self.insert(made, value)[names.index(wanted)]

    def probabilities(self, classifier: Any, value: str, rows: np.ndarray) -> str:
        """Append a fitted classifier behind the features `value`: float32 [N, classes].

        It is converted, and compared on `rows`; with `ml=5` it must be trees, which are written by hand.
        """
        if self._opsets[ML] >= 5:
            return self.trees(value, classifier)
        return self.convert(classifier, value, rows, wanted="probabilities")

    def insert(self, model: onnx.ModelProto, *inputs: str) -> list[str]:
        """Append all of another model, such as a converter's; the names of its outputs here.

        `inputs` are the names that its own inputs get, in their order. Its operators must be of this graph's versions.
        """
        inner = model.graph
        prefix = f"inner{len(self._nodes)}_"
        stored = {tensor.name for tensor in inner.initializer}
        entries = [one.name for one in inner.input if one.name not in stored]
        names = dict(zip(entries, map(self._known, inputs), strict=True)) | {"": ""}

        def renamed(name: str) -> str:
            return names.get(name, prefix + name)

        for tensor in inner.initializer:
            copy = onnx.TensorProto()
            copy.CopyFrom(tensor)
            copy.name = renamed(tensor.name)
            self._tensors[copy.name] = copy
        for node in inner.node:
            if node.domain == ML and onnx.defs.get_schema(node.op_type, self._opsets[ML], ML).deprecated:
                raise ValueError(f"ai.onnx.ml {self._opsets[ML]} has no {node.op_type} any more: Graph.trees, or ml=3.")
        self._nodes += [_renamed(node, renamed) for node in inner.node]
        made = [renamed(one.name) for one in inner.output]
        self._values.update(made)
        return made

    def model(self, **outputs: str) -> onnx.ModelProto:
        """The model with these outputs, `name=value`, and with nothing in it that they don't need.

        Types and shapes of outputs are found by onnxruntime, which also refuses what does not fit together.
        """
        for value in outputs.values():
            self._known(value)
        names: dict[str, str] = {}  # results that are outputs get their names
        made = {name for node in self._nodes for name in node.output}
        ends = [
            helper.make_node("Identity", [value], [name])
            for name, value in outputs.items()
            if value not in made or names.setdefault(value, name) != name
        ]
        nodes, wanted = [], set(outputs.values())
        for node in reversed(self._nodes):
            if wanted & set(node.output):
                wanted |= set(node.input)
                nodes.insert(0, _renamed(node, lambda name: names.get(name, name)))
        nodes += [_renamed(end, lambda name: names.get(name, name)) for end in ends]
        graph = helper.make_graph(
            nodes,
            "graph",
            [
                helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(dtype), ["N", *sizes])
                for name, (dtype, sizes) in self._inputs.items()
            ],
            [onnx.ValueInfoProto(name=name) for name in outputs],
            [tensor for name, tensor in self._tensors.items() if name in wanted],
        )
        used = {node.domain for node in nodes} | {""}
        opsets = [helper.make_opsetid(domain, version) for domain, version in self._opsets.items() if domain in used]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=_ir(self._opsets))
        for end, found in zip(model.graph.output, _session(model).get_outputs(), strict=True):
            kind = _KINDS.get(found.type, found.type[len("tensor(") : -1].upper())
            sizes = [size if isinstance(size, int) else None for size in found.shape]
            sizes = ["N", *sizes[1:]] if sizes else sizes
            end.CopyFrom(helper.make_tensor_value_info(end.name, onnx.TensorProto.DataType.Value(kind), sizes))
        return model

    def save(self, path: str | Path, **outputs: str) -> None:
        """Write the model with these outputs: `g.save("model.onnx", shape=value)`."""
        onnx.save(self.model(**outputs), path)

    def look(self, value: str, *inputs: np.ndarray, rows: int = 500) -> np.ndarray:
        """What the graph has at `value` for these inputs, `rows` rows at a time: to train what comes behind it."""
        session = _session(self.model(seen=value))
        given = {
            name: np.asarray(one, dtype) for (name, (dtype, _)), one in zip(self._inputs.items(), inputs, strict=True)
        }
        starts = range(0, max(len(inputs[0]), 1), rows)
        parts = [{name: one[k : k + rows] for name, one in given.items()} for k in starts]
        return np.concatenate([session.run(None, part)[0] for part in parts])

    def _domain(self, operator: str) -> str:
        """The domain that has an operator of this name, in this graph's version of it. Raises ValueError."""
        for domain, version in self._opsets.items():
            if onnx.defs.has(operator, version, domain):
                return domain
        later = {schema.name: schema for schema in onnx.defs.get_all_schemas() if schema.domain in self._opsets}
        if operator in later:
            which = {"": "opset", ML: "ml"}[later[operator].domain]
            since = later[operator].since_version
            raise ValueError(f"{operator!r} came with version {since}: use Graph(..., {which}={since}).")
        raise ValueError(f"ONNX has no operator {operator!r}.{_near(operator, later)}")

    def _known(self, name: str) -> str:
        if name not in self._values:
            raise ValueError(f"The graph has no value {name!r}.{_near(name, self._values)}")
        return name

    def _constant(self, value: Any) -> str:
        value = np.asarray(value)
        tensor = numpy_helper.from_array(value.astype(object) if value.dtype.kind == "U" else value)
        tensor.name = f"t{hashlib.sha256(tensor.SerializeToString()).hexdigest()[:12]}"  # equal values are stored once
        self._tensors[tensor.name] = tensor
        return tensor.name


#: onnxruntime's names of types that ONNX calls by others.
_KINDS = {"tensor(float)": "FLOAT", "tensor(double)": "DOUBLE"}


def _renamed(node: onnx.NodeProto, new: Callable[[str], str]) -> onnx.NodeProto:
    """The same node between other names. It is called as its result is: onnxruntime's messages name nodes."""
    copy = onnx.NodeProto()
    copy.CopyFrom(node)
    copy.input[:], copy.output[:] = map(new, node.input), map(new, node.output)
    copy.name = copy.output[0]
    return copy


def _session(model: onnx.ModelProto):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # errors are raised
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def _ir(opsets: Mapping[str, int]) -> int:
    """The version of the file format that these operators need; older ones are read by more."""
    return IR_VERSION if opsets[ML] < 5 else 10


def _near(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f" Did you mean {near[0]!r}?" if near else ""
