"""A fitted classifier and a rule behind it, as the one ONNX file that the contract asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from course.units.q02_card_fraud.world import AT, COLUMNS

OPSETS = {"": 17, "ai.onnx.ml": 3}


class Graph:
    """Operators behind a classifier of scikit-learn that was fitted on `columns` (names), in this order.

    `score` names its probability of the class 1, `column` gives the name of a column: float32 [N], both. Without a
    classifier there is no `score`, and everything is yours to add; "payments" is the input, float32 [N, 22].
    """

    def __init__(self, classifier: Any = None, columns: Sequence[str] = ()):
        self._tensors, self._nodes = [], []
        if classifier is not None:
            self.score = self._of(classifier, columns)

    def _of(self, classifier: Any, columns: Sequence[str]) -> str:
        from skl2onnx import to_onnx

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
        return self.add("Gather", names[exits[1]], np.array(1), axis=1)

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
        kinds = {"probability": TensorProto.FLOAT, "review": TensorProto.INT64}
        outputs = [helper.make_tensor_value_info(name, kind, ["N"]) for name, kind in kinds.items()]
        onnx.save(self._model([*self._nodes, *ends], outputs), path)

    def look(self, value: str, X: np.ndarray) -> np.ndarray:
        """What the graph has at the name `value`, a float32, for payments (N, 22): to train what comes behind it."""
        import onnxruntime
        from onnx import TensorProto, helper

        ends = [helper.make_node("Identity", [value], ["seen"])]
        outputs = [helper.make_tensor_value_info("seen", TensorProto.FLOAT, None)]
        content = self._model([*self._nodes, *ends], outputs).SerializeToString()
        session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
        return session.run(None, {"payments": np.asarray(X, np.float32)})[0]

    def _model(self, nodes: list, outputs: list):
        from onnx import TensorProto, helper

        inputs = [helper.make_tensor_value_info("payments", TensorProto.FLOAT, ["N", len(COLUMNS)])]
        graph = helper.make_graph(nodes, "card_fraud", inputs, outputs, self._tensors)
        opsets = [helper.make_opsetid(domain, version) for domain, version in OPSETS.items()]
        return helper.make_model(graph, opset_imports=opsets, ir_version=9)


def ask(path: str, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`probability` and `review` of a saved model for payments (N, 22)."""
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return tuple(session.run(["probability", "review"], {"payments": np.asarray(X, np.float32)}))
