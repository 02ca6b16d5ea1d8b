"""A fitted classifier and a rule behind it, as the one ONNX file that the contract asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from course.units.q02_card_fraud.world import AT, COLUMNS

OPSETS = {"": 17, "ai.onnx.ml": 3}


class Graph:
    """Operators behind a classifier of scikit-learn that was fitted on `columns` (names), in this order.

    `score` names its probability of the class 1, `column` gives the name of a column: float32 [N], both.
    """

    def __init__(self, classifier: Any, columns: Sequence[str]):
        from skl2onnx import to_onnx

        self._tensors, self._nodes = [], []
        place = np.array([AT[name] for name in columns])
        chosen = self.add("Gather", "payments", place, axis=1)
        row = np.zeros((1, len(columns)), np.float32)
        made = to_onnx(classifier, row, options={"zipmap": False}, target_opset=OPSETS).graph
        entry, exits = made.input[0].name, [one.name for one in made.output]
        names = {name: f"inner_{name}" for node in made.node for name in (*node.input, *node.output) if name}
        names[entry] = chosen
        for tensor in made.initializer:
            tensor.name = names.get(tensor.name, f"inner_{tensor.name}")
            self._tensors.append(tensor)
        for node in made.node:
            node.name = f"inner_{node.name}"
            node.input[:] = [names.get(name, name) for name in node.input]
            node.output[:] = [names.get(name, name) for name in node.output]
            self._nodes.append(node)
        self.score = self.add("Gather", names[exits[1]], np.array(1), axis=1)

    def column(self, name: str) -> str:
        """The name of one column of the payments, float32 [N]."""
        return self.add("Gather", "payments", np.array(AT[name]), axis=1)

    def add(self, operator: str, *inputs: str | np.ndarray, **attributes: Any) -> str:
        """The name of an operator's result. Inputs: names, or numpy values (np.float32(8) to go with float32)."""
        from onnx import helper, numpy_helper

        names = []
        for one in inputs:
            if not isinstance(one, str):
                self._tensors.append(numpy_helper.from_array(np.asarray(one), f"constant{len(self._tensors)}"))
                one = self._tensors[-1].name
            names.append(one)
        result = f"{operator}{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, names, [result], **attributes))
        return result

    def save(self, path: str, probability: str, review: str) -> None:
        """Write the file. `probability` names a float32 [N], `review` a bool [N] or a number that is 0 or 1."""
        import onnx
        from onnx import TensorProto, helper

        ends = [
            helper.make_node("Identity", [probability], ["probability"]),
            helper.make_node("Cast", [review], ["review"], to=TensorProto.INT64),
        ]
        graph = helper.make_graph(
            [*self._nodes, *ends],
            "card_fraud",
            [helper.make_tensor_value_info("payments", TensorProto.FLOAT, ["N", len(COLUMNS)])],
            [
                helper.make_tensor_value_info("probability", TensorProto.FLOAT, ["N"]),
                helper.make_tensor_value_info("review", TensorProto.INT64, ["N"]),
            ],
            self._tensors,
        )
        opsets = [helper.make_opsetid(domain, version) for domain, version in OPSETS.items()]
        onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=9), path)


def ask(path: str, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`probability` and `review` of a saved model for payments (N, 22)."""
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return tuple(session.run(["probability", "review"], {"payments": np.asarray(X, np.float32)}))
