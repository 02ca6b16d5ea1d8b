"""The gate: what a file must be before onnxruntime may see it.

Everything that enters a measurement passes here: one regular file of bounded size, that parses as ONNX, uses only
allowed operators, keeps no data outside itself and has the inputs and outputs that the unit states. What leaves is a
fresh serialisation without metadata.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from course.contract.artifacts.mend import put_in_order, set_shape
from course.contract.artifacts.operators import MICROSOFT, SUBGRAPHS, instead
from course.problem import Problem, readable

#: Domains of operators that may appear, with what emits them.
DOMAINS = {"": "onnx", "ai.onnx": "onnx", "ai.onnx.ml": "skl2onnx", "com.microsoft": "onnxruntime's quantiser"}
MAX_NODES = 2_000
#: Locales that are there on every machine.
LOCALES = {"C", "POSIX"}
#: What onnxruntime asks the system for where a graph names none.
DEFAULT_LOCALE = b"en_US.UTF-8"


class Refused(Problem):
    """The file is not let through; the message is one sentence for the learner."""

    def __init__(self, sentence: str):
        super().__init__(readable(sentence))  # it may quote names of the file


@dataclass(frozen=True)
class Tensor:
    """An input or output: numpy dtype name ("object" for text) and shape; None is the number of rows."""

    dtype: str
    shape: tuple[int | None, ...]

    def __str__(self) -> str:
        kind = "string" if self.dtype == "object" else self.dtype
        return f"{kind}[{', '.join('N' if n is None else str(n) for n in self.shape)}]"


@dataclass(frozen=True)
class ModelSpec:
    """What a unit says about its model file.

    `most_bytes` is the cap beyond which nothing is even read; `batch`, rows a call where cost and memory are measured.
    """

    inputs: Mapping[str, Tensor]
    outputs: Mapping[str, Tensor]
    most_bytes: int = 4_000_000
    file: str = "model.onnx"
    batch: int = 1


@dataclass(frozen=True)
class Model:
    """A model that passed: `content` is what may be run, `size` the bytes of the file as handed in."""

    content: bytes = field(repr=False)
    size: int
    operators: int
    histogram: Mapping[str, int]


def read(path: Path, spec: ModelSpec) -> Model:
    """Read a model file through the gate.

    Raises
    ------
    FileNotFoundError
        There is no such file: not attempted.
    Refused
        The file may not be used; the message says why in one sentence.
    """
    return check(content(path, spec.most_bytes), spec, name=path.name)


def content(path: Path, most: int) -> bytes:
    """The bytes of an ordinary file. Raises FileNotFoundError; Refused for a link, or for more than `most` bytes."""
    refusal = path.with_name(path.name + ".refused")
    try:
        found = path.lstat()
    except FileNotFoundError:
        if refusal.is_file() and refusal.stat().st_size < 1000:
            raise Refused(refusal.read_text(encoding="utf-8", errors="replace")) from None
        raise
    if not stat.S_ISREG(found.st_mode) or (found.st_nlink > 1 and os.name == "posix"):
        raise Refused(f"{path.name} is a link or a special file; hand in the file itself, as an ordinary file.")
    if found.st_size > most:
        raise Refused(too_large(path.name, found.st_size, most))
    with open(path, "rb") as file:
        return file.read(most + 1)


def too_large(name: str, size: int, most: int) -> str:
    """The sentence for a file of `size` bytes where `most` are let in."""
    return f"{name} has {size / 1e6:,.1f} MB; nothing over {most / 1e6:,.1f} MB is opened here, so it was not measured."


def check(content: bytes, spec: ModelSpec, *, name: str = "model.onnx") -> Model:
    """The model in `content` (bytes of an ONNX file) if it may be run. Raises Refused with one sentence if not."""
    import onnx
    from google.protobuf.message import DecodeError

    proto = onnx.ModelProto()
    try:
        proto.ParseFromString(content)
    except DecodeError:
        raise Refused(f"{name} is no ONNX file: save it with `SerializeToString()` of a converted model.") from None
    graph = proto.graph
    if not graph.node:
        raise Refused(f"{name} is no ONNX model (it holds no graph): save a converted model into it.")
    if proto.functions:
        raise Refused(f"{name} defines functions of its own; export it with plain operators only.")
    if len(graph.node) > MAX_NODES:
        raise Refused(f"{name} has {len(graph.node):,} operators; at most {MAX_NODES:,} are accepted.")
    _check_versions(proto, name)
    histogram: dict[str, int] = {}
    named: set[str] = set()
    for node in graph.node:
        if node.name in named:
            raise Refused(f"{name} has two operators called {node.name[:40]!r}; give each another name, or none.")
        named |= {node.name} - {""}
        _check_node(node, name)
        histogram[node.op_type] = histogram.get(node.op_type, 0) + 1
    _check_tensors(graph, name)
    _check_interface(graph, spec, name)
    put_in_order(graph)
    del proto.metadata_props[:]
    proto.doc_string = graph.doc_string = ""
    try:
        onnx.checker.check_model(proto)
    except (onnx.checker.ValidationError, ValueError) as error:
        raise Refused(f"{name} is no valid ONNX model: {readable(str(error), 300) or 'no reason given'}") from None
    return Model(proto.SerializeToString(), len(content), len(graph.node), histogram)


def _check_versions(proto, name: str) -> None:
    """Whether the operators are of versions that exist, so that the sentence says which do."""
    import onnx

    newest = {"": onnx.defs.onnx_opset_version(), "com.microsoft": 1}
    newest["ai.onnx.ml"] = max(
        version for domain, version in onnx.helper.OP_SET_ID_VERSION_MAP if domain == "ai.onnx.ml"
    )
    for opset in proto.opset_import:
        domain = "" if opset.domain == "ai.onnx" else opset.domain
        if domain in newest and not 1 <= opset.version <= newest[domain]:
            what = f"operators of {domain or 'ONNX'} in version {opset.version}"
            raise Refused(f"{name} asks for {what}; there are 1 to {newest[domain]}: export with one of these.")


def _check_node(node, name: str) -> None:
    import onnx

    if node.domain not in DOMAINS or (node.domain == "com.microsoft" and node.op_type not in MICROSOFT):
        raise Refused(
            f"{name} uses the operator {node.domain or 'onnx'}.{node.op_type}, which is not on the list"
            f"{instead(node.domain, node.op_type)}."
        )
    graphs = (onnx.AttributeProto.GRAPH, onnx.AttributeProto.GRAPHS)
    if node.op_type in SUBGRAPHS or any(attribute.type in graphs for attribute in node.attribute):
        neighbours = " (k nearest neighbours become one: train a model that sums rows up)" * (node.op_type == "Scan")
        raise Refused(
            f"{name} uses {node.op_type}, an operator with a graph inside{neighbours}; unroll it or do without."
        )
    if node.op_type == "StringNormalizer":
        _check_locale(node, name)
    for attribute in node.attribute:
        for tensor in (attribute.t, *attribute.tensors):
            _check_tensor(tensor, name)


def _check_locale(node, name: str) -> None:
    """Whether text is changed by rules that only some machines have: which ones do must not decide a grade."""
    import onnx

    given = {one.name: onnx.helper.get_attribute_value(one) for one in node.attribute}
    used = given.get("case_change_action", b"NONE") != b"NONE" or (
        given.get("stopwords") and not given.get("is_case_sensitive")
    )
    locale = given.get("locale", DEFAULT_LOCALE).decode("utf-8", "replace")
    if used and locale not in LOCALES:
        default = "" if "locale" in given else " (its default)"
        raise Refused(
            f"{name} has a StringNormalizer for the locale {locale[:40]!r}{default}, and "
            "can't be loaded by a machine without it: set locale='C', which every machine has."
        )


def _check_tensors(graph, name: str) -> None:
    for tensor in graph.initializer:
        _check_tensor(tensor, name)
    for sparse in graph.sparse_initializer:
        _check_tensor(sparse.values, name)
        _check_tensor(sparse.indices, name)


def _check_tensor(tensor, name: str) -> None:
    import onnx

    if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data:
        raise Refused(f"{name} keeps weights in another file; save everything in one file (no external data).")


def _check_interface(graph, spec: ModelSpec, name: str) -> None:
    """Names, types and shapes of both sides; how many rows outputs declare is not believed but measured, so it is set.

    A free first axis of an input must be free in the file too: onnxruntime would take no other number of rows.
    """
    weights = {tensor.name for tensor in graph.initializer}
    inputs = [value for value in graph.input if value.name not in weights]
    _check_side(inputs, spec.inputs, "input", name)
    for value in graph.output:
        wanted, rows = spec.outputs.get(value.name), _tensor(value).shape[:1]
        if wanted and value.type.HasField("tensor_type") and (not rows or rows != wanted.shape[:1]):
            _free_rows(value, wanted)
    _check_side(graph.output, spec.outputs, "output", name)
    for value in inputs:
        if not value.type.tensor_type.HasField("shape"):
            set_shape(value, spec.inputs[value.name].shape)
    for value in [one for one in graph.value_info if not one.type.tensor_type.HasField("shape")]:
        graph.value_info.remove(value)  # a note on the way that says nothing, and that the checker refuses


def _free_rows(value, wanted: Tensor) -> None:
    """Let an output declare as many rows as there are; nothing else of what it declares is touched."""
    found = _tensor(value).shape
    if not found or (len(found) == len(wanted.shape) and found[1:] == wanted.shape[1:]):
        set_shape(value, wanted.shape)


def _check_side(values: Iterable, wanted: Mapping[str, Tensor], side: str, name: str) -> None:
    found = {value.name: _tensor(value) for value in values}
    if set(found) != set(wanted):
        raise Refused(f"{name} has the {side} {_listed(found)}; the contract asks for {_listed(wanted)}.")
    for key, want in wanted.items():
        got = found[key]
        shape_known = bool(got.shape)
        wrong = shape_known and (
            len(got.shape) != len(want.shape)
            or any(w is not None and g is not None and g != w for g, w in zip(got.shape, want.shape, strict=True))
            or (got.shape[0] is not None and want.shape[0] is None)
        )
        if got.dtype != want.dtype or wrong:
            free = got.dtype == want.dtype and got.shape[1:] == want.shape[1:]
            how = f" Convert it with the shape {want}: its first axis is the number of rows, and free." if free else ""
            raise Refused(f"{side} {key!r} of {name} is {got}; the contract asks for {want}.{how}")


def _listed(tensors: Mapping[str, Tensor]) -> str:
    first = ", ".join(f"{key[:40]!r} {tensor}" for key, tensor in list(tensors.items())[:4])
    return f"{first} and {len(tensors) - 4:,} more" if len(tensors) > 4 else first or "(none)"


def _tensor(value) -> Tensor:
    import onnx

    if value.type.WhichOneof("value") != "tensor_type":
        return Tensor(value.type.WhichOneof("value") or "untyped", ())
    kind = value.type.tensor_type
    try:
        dtype = onnx.helper.tensor_dtype_to_np_dtype(kind.elem_type).name
    except KeyError:
        dtype = "untyped"
    return Tensor(dtype, tuple(d.dim_value if d.HasField("dim_value") else None for d in kind.shape.dim))
