"""The gate: each thing that it refuses, by its smallest valid model. None of these is ever loaded or run."""

from __future__ import annotations

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from course.grading.probes import Probe


def proto(nodes=(), *, features=784, dtype=TensorProto.FLOAT, rows="N", tensors=(), domain=""):
    """pixels -> (nodes) -> MatMul -> ArgMax -> digit, with weights of ones."""
    weights = numpy_helper.from_array(np.ones((features, 10), np.float32), "w")
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
        [weights, *tensors],
    )
    opsets = [helper.make_opsetid("", 17), *([helper.make_opsetid(domain, 1)] if domain else [])]
    return helper.make_model(graph, opset_imports=opsets, ir_version=9)


def changed(change):
    """A model file: the plain model after `change`."""

    def make():
        model = proto()
        change(model)
        return model.SerializeToString()

    return make


def after(*nodes, **more):
    """A model file: the plain model with nodes in front."""
    return lambda: proto(nodes, **more).SerializeToString()


def _branch(name):
    value = numpy_helper.from_array(np.zeros((1, 784), np.float32))
    node = helper.make_node("Constant", [], [name], value=value)
    return helper.make_graph([node], name, [], [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 784])])


CONDITION, ONCE = numpy_helper.from_array(np.array(True), "c"), numpy_helper.from_array(np.array(1, np.int64), "once")
ONE_TURN = helper.make_graph(
    [helper.make_node("Identity", ["k"], ["k2"]), helper.make_node("Identity", ["x"], ["y"])],
    "body",
    [
        helper.make_tensor_value_info("i", TensorProto.INT64, []),
        helper.make_tensor_value_info("k", TensorProto.BOOL, []),
        helper.make_tensor_value_info("x", TensorProto.FLOAT, None),
    ],
    [helper.make_tensor_value_info("k2", TensorProto.BOOL, []), helper.make_tensor_value_info("y", 1, None)],
)
ROW = helper.make_graph(
    [helper.make_node("Identity", ["x"], ["y"])],
    "row",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, [784])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, [784])],
)


def own_function(model):
    node = helper.make_node("Identity", ["a"], ["b"])
    model.functions.append(helper.make_function("own", "F", ["a"], ["b"], [node], [helper.make_opsetid("", 17)]))


def elsewhere(model):
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="weights.bin")


def elsewhere_too(model):
    model.graph.initializer[0].external_data.add(key="location", value="weights.bin")


def sparse_elsewhere(model):
    values = numpy_helper.from_array(np.ones(1, np.float32), "sp")
    values.data_location = TensorProto.EXTERNAL
    values.external_data.add(key="location", value="weights.bin")
    indices = numpy_helper.from_array(np.zeros(1, np.int64), "i")
    model.graph.sparse_initializer.append(helper.make_sparse_tensor(values, indices, [4]))


def metadata(model):
    model.metadata_props.add(key="probe_key", value="a probe")
    model.doc_string = "probe_key"


def kept(scene):
    """Is it still there in what goes on?"""
    return "metadata goes on" if "probe_key" in scene.shown else ""


def many_nodes(model):
    for number in range(2_001):
        model.graph.node.add(op_type="Identity", input=["pixels"], output=[f"n{number}"])


def many_outputs(model):
    for number in range(50):
        model.graph.output.append(helper.make_tensor_value_info(f"digit{number}", TensorProto.INT64, ["N"]))


def other_input(model):
    model.graph.input[0].name = model.graph.node[0].input[0] = "scans"


def two_inputs(model):
    model.graph.input.append(helper.make_tensor_value_info("more", TensorProto.FLOAT, ["N", 784]))


def other_output(model):
    model.graph.output[0].name = model.graph.node[1].output[0] = "letter"


def bold_name(model):
    model.graph.input[0].name = model.graph.node[0].input[0] = "\x1b[1mpixels\u202e"


def bold_operator(model):
    model.graph.node[0].op_type = "\x1b[1mMatMul\n"


def long_operator(model):
    model.graph.node[0].op_type = "Probe" * 2_000


def fixed_rows(model):
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 3


def of_its_own(model):
    model.graph.node[0].input[0] = "digit"


def no_versions(model):
    del model.opset_import[:]


def no_graph(model):
    model.ClearField("graph")


def of_another_locale():
    node = helper.make_node(
        "StringNormalizer", ["t"], ["u"], case_change_action="LOWER", is_case_sensitive=0, locale="en_US"
    )
    text = numpy_helper.from_array(np.array(["a"], object), "t")
    return proto((node, helper.make_node("Identity", ["pixels"], ["p"])), tensors=(text,)).SerializeToString()


def _gate(name, model, **more):
    return Probe("gate", name, "gate", model, **more)


PROBES = (
    _gate("an operator of an own library", after(helper.make_node("E", ["pixels"], ["p"], domain="probe"),
                                                 domain="probe"), shows=True),
    _gate("an operator that is not on the list", after(
        helper.make_node("Inverse", ["pixels"], ["p"], domain="com.microsoft"), domain="com.microsoft"), shows=True),
    _gate("if", after(helper.make_node("If", ["c"], ["p"], then_branch=_branch("t"), else_branch=_branch("e")),
                      tensors=(CONDITION,)), shows=True),
    _gate("a loop of one turn", after(helper.make_node("Loop", ["once", "c", "pixels"], ["p"], body=ONE_TURN),
                                      tensors=(ONCE, CONDITION)), shows=True),
    _gate("a scan over rows", after(helper.make_node("Scan", ["pixels"], ["p"], body=ROW, num_scan_inputs=1))),
    _gate("a sequence of graphs", after(helper.make_node("SequenceMap", ["pixels"], ["p"], body=ROW))),
    _gate("a graph as an attribute", after(helper.make_node("Identity", ["pixels"], ["p"], g=ROW))),
    _gate("a function of its own", changed(own_function), shows=True),
    _gate("weights elsewhere", changed(elsewhere), shows=True),
    _gate("weights here and elsewhere", changed(elsewhere_too)),
    _gate("sparse weights elsewhere", changed(sparse_elsewhere)),
    _gate("metadata", changed(metadata), look=kept, shows=True),
    _gate("2,001 operators", changed(many_nodes), shows=True),
    _gate("50 outputs", changed(many_outputs)),
    _gate("another input", changed(other_input), shows=True),
    _gate("two inputs", changed(two_inputs)),
    _gate("another output", changed(other_output)),
    _gate("control characters in a name", changed(bold_name)),
    _gate("control characters in an operator", changed(bold_operator)),
    _gate("an operator of 10 kB", changed(long_operator)),
    _gate("float64 in", lambda: proto(dtype=TensorProto.DOUBLE).SerializeToString(), shows=True),
    _gate("text in", lambda: proto(dtype=TensorProto.STRING).SerializeToString()),
    _gate("785 features", lambda: proto(features=785).SerializeToString(), shows=True),
    _gate("a fixed number of rows", changed(fixed_rows), shows=True),
    _gate("a graph that feeds itself", changed(of_its_own)),
    _gate("no version", changed(no_versions)),
    _gate("no graph", changed(no_graph)),
    _gate("a locale that not every machine has", of_another_locale),
    _gate("no model", lambda: b"this is no model"),
    _gate("nothing", lambda: b""),
)  # fmt: skip
