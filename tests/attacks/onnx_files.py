"""Model files. Those that the gate lets through are loaded and run in the throw-away process."""

from __future__ import annotations

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from attacks.honest import proto
from course.grading.attacks import Attack


def changed(change):
    """A model file: the honest model after `change`."""

    def make():
        model = proto()
        change(model)
        return model.SerializeToString()

    return make


def after(*nodes, tensors=(), domain=""):
    """A model file: the honest model with nodes in front; `p` is what they hand on."""

    def make():
        model = proto(nodes)
        model.graph.initializer.extend(tensors)
        if domain:
            model.opset_import.append(helper.make_opsetid(domain, 1))
        return model.SerializeToString()

    return make


def external(model):
    model.graph.initializer[0].ClearField("raw_data")
    model.graph.initializer[0].data_location = TensorProto.EXTERNAL
    model.graph.initializer[0].external_data.add(key="location", value="../../../etc/passwd")


def external_quietly(model):
    model.graph.initializer[0].external_data.add(key="location", value="/proc/self/environ")


def sparse_external(model):
    values = numpy_helper.from_array(np.ones(1, np.float32), "sp")
    values.data_location = TensorProto.EXTERNAL
    values.external_data.add(key="location", value="/etc/passwd")
    indices = numpy_helper.from_array(np.zeros(1, np.int64), "i")
    model.graph.sparse_initializer.append(helper.make_sparse_tensor(values, indices, [4]))


def functions(model):
    node = helper.make_node("Identity", ["a"], ["b"])
    model.functions.append(helper.make_function("own", "F", ["a"], ["b"], [node], [helper.make_opsetid("", 17)]))


def session_options(model):
    model.metadata_props.add(key="ort_config", value='{"session_options": {"intra_op_num_threads": 64}}')


def training(model):
    model.training_info.add().algorithm.CopyFrom(model.graph)


def many_nodes(model):
    for number in range(100_000):
        model.graph.node.add(op_type="Identity", input=["pixels"], output=[f"n{number}"])


def many_outputs(model):
    for number in range(20_000):
        model.graph.output.add(name=f"digit{number}" + "x" * 50)


def long_operator(model):
    model.graph.node[0].op_type = "<script>" * 200_000


def terminal_codes(model):
    model.graph.node[0].op_type = "\x1b[2J\x1b]0;mallory\x07\n[AutogradeApp | ERROR] "


def terminal_names(model):
    model.graph.input[0].name = model.graph.node[0].input[0] = "\x1b[2J\n\u202epixels"


def terminal_outputs(model):
    """An output whose name and shape onnxruntime complains about."""
    model.graph.node[0].attribute.add(name="\x1b[2J\n", type=2, i=1)


def fixed_rows(model):
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 3000


def negative_rows(model):
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = -1


def huge_dims(model):
    model.graph.initializer[0].dims[:] = [2**40, 2**40]


def cycle(model):
    model.graph.node[0].input[0] = "digit"


def no_opset(model):
    del model.opset_import[:]


def depth_bomb():
    """Messages within messages, far beyond what a parser should follow."""
    inner = b""
    for _ in range(5000):  # ModelProto.graph (7) > node (1) > attribute (5) > g (6) > node ...
        size, head = len(inner), b""
        while True:
            head += bytes([size & 127 | (128 if size > 127 else 0)])
            size >>= 7
            if not size:
                break
        inner = b"\x32" + head + inner
    return inner


def float64():
    return proto(dtype=TensorProto.DOUBLE).SerializeToString()


def wrong_magic():
    return b"ORTM" + proto().SerializeToString()


def own_format():
    """The start of onnxruntime's own format, which no gate reads."""
    return b"\x20\x00\x00\x00ORTM" + bytes(4000)


def pickled():
    return b"\x80\x04cposix\nsystem\n(S'touch pickled'\ntR."


def _branch(name):
    return helper.make_graph(
        [helper.make_node("Constant", [], [f"{name}o"], value=numpy_helper.from_array(np.zeros((1, 784), np.float32)))],
        name, [], [helper.make_tensor_value_info(f"{name}o", TensorProto.FLOAT, [1, 784])],
    )  # fmt: skip


def _value(shape, name="shape"):
    return numpy_helper.from_array(np.array(shape, np.int64), name)


ONE = numpy_helper.from_array(np.array([1.0], np.float32), "one")
CONDITION = numpy_helper.from_array(np.array(True), "c")
LOOP_BODY = helper.make_graph(
    [helper.make_node("Identity", ["k"], ["k2"])],
    "body",
    [
        helper.make_tensor_value_info("i", TensorProto.INT64, []),
        helper.make_tensor_value_info("k", TensorProto.BOOL, []),
    ],
    [helper.make_tensor_value_info("k2", TensorProto.BOOL, [])],
)


def own_operator():
    """An operator that only an own library has."""
    return after(helper.make_node("E", ["pixels"], ["p"], domain="my"), domain="my")()


def branched():
    """A graph in each branch."""
    node = helper.make_node("If", ["c"], ["p"], then_branch=_branch("t"), else_branch=_branch("e"))
    return after(node, tensors=[CONDITION])()


def looped():
    """A loop without a number of rounds, whose condition never changes."""
    loop = helper.make_node("Loop", ["", "c"], [], body=LOOP_BODY)
    return after(loop, helper.make_node("Identity", ["pixels"], ["p"]), tensors=[CONDITION])()


def scanned():
    """A graph that is run for every row."""
    return after(helper.make_node("Scan", ["pixels"], ["p"], body=LOOP_BODY, num_scan_inputs=1))()


def hidden_graph():
    """An operator that has no graph, with one."""
    return after(helper.make_node("Identity", ["pixels"], ["p"], g=LOOP_BODY))()


def allocation():
    """A constant of 2**40 floats, added to the scores."""
    fill = helper.make_node("ConstantOfShape", ["shape"], ["big"], value=ONE)
    total = helper.make_node("ReduceSum", ["big"], ["sum"], keepdims=0)
    return after(fill, total, helper.make_node("Add", ["pixels", "sum"], ["p"]), tensors=[_value([2**20, 2**20])])()


def expanded():
    """One number expanded to 2**38 floats."""
    grown = helper.make_node("Expand", ["one", "shape"], ["big"])
    total = helper.make_node("ReduceSum", ["big"], ["sum"], keepdims=0)
    return after(
        grown, total, helper.make_node("Add", ["pixels", "sum"], ["p"]), tensors=[ONE, _value([2**19, 2**19])]
    )()


def tiled():
    """Every row tiled a million times."""
    grown = helper.make_node("Tile", ["pixels", "shape"], ["big"])
    total = helper.make_node("ReduceSum", ["big"], ["sum"], keepdims=0)
    return after(grown, total, helper.make_node("Add", ["pixels", "sum"], ["p"]), tensors=[_value([1, 10**6])])()


def ranged():
    """A range of 10**12 numbers."""
    ends = [
        numpy_helper.from_array(np.array(value, np.int64), name) for name, value in (("a", 0), ("b", 10**12), ("d", 1))
    ]
    grown = helper.make_node("Range", ["a", "b", "d"], ["big"])
    total = helper.make_node("ReduceMax", ["big"], ["top"], keepdims=0)
    cast = helper.make_node("Cast", ["top"], ["sum"], to=TensorProto.FLOAT)
    return after(grown, total, cast, helper.make_node("Add", ["pixels", "sum"], ["p"]), tensors=ends)()


def lying():
    """The output says [N]; what comes is something else."""
    model = proto()
    model.graph.node[1].attribute[1].i = 1
    return model.SerializeToString()


def out_of_range():
    """Rows that no table has."""
    take = helper.make_node("Gather", ["pixels", "shape"], ["p"], axis=1)
    return after(take, tensors=[_value([10**9] * 784)])()


def not_clean(scene):
    """Are session options left in what goes on?"""
    return "session options" if "ort_config" in scene.shown else ""


def _gate(name, aim, model, goal="escape a limit", **more):
    return Attack(name, aim, goal, "gate", model=model, plain=False, **more)


def _measure(name, aim, model, goal="escape a limit", **more):
    return Attack(name, aim, goal, "measure", model=model, plain=False, spoils=True, **more)


ATTACKS = (
    _gate("external data", "weights are read from another file", changed(external), "leak"),
    _gate("quiet external data", "weights here and a file named as well", changed(external_quietly), "leak"),
    _gate("sparse external data", "sparse weights from another file", changed(sparse_external), "leak"),
    _gate("custom domain", "an operator of an own library", own_operator),
    _gate("private operator", "an operator of onnxruntime that is not listed", after(
        helper.make_node("Inverse", ["pixels"], ["p"], domain="com.microsoft"), domain="com.microsoft")),
    _gate("if", "a graph in a branch", branched),
    _gate("loop", "a loop without end", looped),
    _gate("scan", "a graph over rows", scanned),
    _gate("hidden graph", "a graph as an attribute of an innocent operator", hidden_graph),
    _gate("functions", "functions of the model's own", changed(functions)),
    _gate("session options", "metadata that set threads", changed(session_options), canary=not_clean),
    _gate("100,000 operators", "a graph that takes long to look at", changed(many_nodes)),
    _gate("20,000 outputs", "a refusal that is longer than the file", changed(many_outputs)),
    _gate("long operator", "a name of 1.6 MB with markup", changed(long_operator)),
    _gate("terminal codes in an operator", "a refusal that clears the screen", changed(terminal_codes), "harm"),
    _gate("terminal codes in names", "a refusal that clears the screen", changed(terminal_names), "harm"),
    _gate("terminal codes in attributes", "a refusal that clears the screen", changed(terminal_outputs), "harm"),
    _gate("fixed rows", "lying dimension: 3,000 rows", changed(fixed_rows)),
    _gate("negative rows", "lying dimension: -1 rows", changed(negative_rows)),
    _gate("huge dimensions", "weights that claim 2**80 numbers", changed(huge_dims)),
    _gate("cycle", "a graph that feeds itself", changed(cycle)),
    _gate("no operator set", "a model without a version", changed(no_opset)),
    _gate("depth bomb", "messages 5,000 deep", depth_bomb),
    _gate("float64 input", "another type than asked for", float64),
    _gate("wrong magic", "bytes in front of a model", wrong_magic),
    _gate("own format of onnxruntime", "a format that no gate reads", own_format),
    _gate("pickle", "a pickle for a model", pickled),
    _measure("allocation", "a constant of 4 TB", allocation),
    _measure("expand", "one number grown to 1 TB", expanded),
    _measure("tile", "rows grown a million times", tiled),
    _measure("range", "a range of 8 TB", ranged),
    _measure("lying output", "another shape than it says", lying),
    _measure("out of range", "indices outside the data", out_of_range),
)  # fmt: skip
