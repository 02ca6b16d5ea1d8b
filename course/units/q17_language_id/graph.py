"""Writing ONNX by hand: operators one after another, from `codes` to the model of the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from course.units.q17_language_id.world import CELLS

if TYPE_CHECKING:
    import onnx


class Graph:
    """A graph that begins with `codes`, int32 (N, 40), and grows by one operator at a time."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._tensors: dict[str, onnx.TensorProto] = {}

    def add(self, kind: str, *inputs: str | np.ndarray, **attributes: object) -> str:
        """Append an operator; the name of its result. Inputs: names of results (or "codes"), or numpy values."""
        from onnx import helper

        made = f"{kind}{len(self._nodes)}"
        names = [one if isinstance(one, str) else self._tensor(one) for one in inputs]
        self._nodes.append(helper.make_node(kind, names, [made], **attributes))
        return made

    def save(self, value: str, path: str) -> None:
        """Write what leads to `value`, int64 (N,), as a graph with the output `language`."""
        import onnx

        onnx.save(self._model(value, "language", onnx.TensorProto.INT64, ["N"]), path)

    def look(self, value: str, codes: np.ndarray, rows: int = 500) -> np.ndarray:
        """What the graph has at `value` for `codes` (n, 40), `rows` at a time: to train what comes behind it."""
        import onnxruntime

        model = self._model(value, "seen", 0, None).SerializeToString()
        session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
        codes = np.asarray(codes, dtype=np.int32)
        parts = [codes[k : k + rows] for k in range(0, max(len(codes), 1), rows)]
        return np.concatenate([session.run(None, {"codes": part})[0] for part in parts])

    def _tensor(self, value: np.ndarray) -> str:
        from onnx import numpy_helper

        name = f"t{len(self._tensors)}"
        self._tensors[name] = numpy_helper.from_array(np.asarray(value), name)
        return name

    def _model(self, value: str, name: str, kind: int, shape: list[str] | None) -> onnx.ModelProto:
        from onnx import TensorProto, helper

        nodes, wanted = [helper.make_node("Identity", [value], [name])], {value}
        for node in reversed(self._nodes):  # what the value does not need stays out
            if wanted & set(node.output):
                nodes.append(node)
                wanted |= set(node.input)
        tensors = [tensor for key, tensor in self._tensors.items() if key in wanted]
        given = helper.make_tensor_value_info("codes", TensorProto.INT32, ["N", CELLS])
        graph = helper.make_graph(nodes[::-1], "languages", [given], [_output(name, kind, shape)], tensors)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def _output(name: str, kind: int, shape: list[str] | None) -> onnx.ValueInfoProto:
    """An output of a graph; of kind 0 it has whatever type the graph gives it."""
    import onnx
    from onnx import helper

    return helper.make_tensor_value_info(name, kind, shape) if kind else onnx.ValueInfoProto(name=name)
