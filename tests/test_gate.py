"""What the gate lets in, and the one sentence for each thing that it doesn't."""

from __future__ import annotations

import copy
import os

import numpy as np
import onnx
import pytest
from conftest import linear_model, save
from onnx import TensorProto, helper, numpy_helper

from course.contract.artifacts.gate import ModelSpec, Refused, Tensor, read

SPEC = ModelSpec({"pixels": Tensor("float32", (None, 784))}, {"digit": Tensor("int64", (None,))}, most_bytes=1_000_000)


def refusal(path) -> str:
    with pytest.raises(Refused) as caught:
        read(path, SPEC)
    text = str(caught.value)
    assert ("\n" not in text and text.endswith((".", ")"))) or "valid ONNX" in text
    return text


def test_a_plain_model_passes_and_comes_out_without_metadata(tmp_path):
    model = linear_model()
    model.metadata_props.add(key="ort_config", value="{}")
    found = read(save(model, tmp_path / "model.onnx"), SPEC)
    assert found.operators == 2 and found.histogram == {"MatMul": 1, "ArgMax": 1}
    assert found.size == (tmp_path / "model.onnx").stat().st_size
    assert not onnx.load_from_string(found.content).metadata_props


def test_missing_is_told_apart_from_wrong(tmp_path):
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "model.onnx", SPEC)


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x00" * 100, b"PK\x03\x04 a zip", bytes(range(256)) * 20])
def test_a_file_that_is_no_onnx(tmp_path, content):
    (tmp_path / "model.onnx").write_bytes(content)
    assert "no ONNX" in refusal(tmp_path / "model.onnx")


def test_too_large_is_not_even_read(tmp_path):
    path = tmp_path / "model.onnx"
    with open(path, "wb") as file:
        file.truncate(3_000_000_000)  # sparse: costs no disk
    assert "3,000.0 MB" in refusal(path)


@pytest.mark.skipif(os.name != "posix", reason="links and FIFOs are POSIX")
@pytest.mark.parametrize("kind", ["symlink", "hard link", "fifo", "directory"])
def test_only_ordinary_files(tmp_path, kind):
    path, real = tmp_path / "model.onnx", save(linear_model(), tmp_path / "real")
    match kind:
        case "symlink":
            path.symlink_to(real)
        case "hard link":
            path.hardlink_to(real)
        case "fifo":
            os.mkfifo(path)
        case "directory":
            path.mkdir()
    assert "special file" in refusal(path)


def test_wrong_names_types_and_shapes(tmp_path):
    path = tmp_path / "model.onnx"
    assert "'X'" in refusal(save(linear_model(names=("X", "digit")), path))
    assert "'label'" in refusal(save(linear_model(names=("pixels", "label")), path))
    assert "float64" in refusal(save(linear_model(dtype=TensorProto.DOUBLE), path))
    assert "784" in refusal(save(linear_model(features=64), path))
    fixed = linear_model()
    fixed.graph.input[0].type.tensor_type.shape.dim[0].Clear()
    fixed.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    assert "float32[1, 784]" in refusal(save(fixed, path))


def test_operators_that_are_not_on_the_list(tmp_path):
    path = tmp_path / "model.onnx"
    custom = linear_model(nodes=[helper.make_node("Evil", ["pixels"], ["x"], domain="my.domain")])
    assert "my.domain.Evil" in refusal(save(custom, path))
    own = linear_model(nodes=[helper.make_node("FusedConv", ["pixels"], ["x"], domain="com.microsoft")])
    assert "FusedConv" in refusal(save(own, path))


def test_graphs_inside_operators(tmp_path):
    inner = helper.make_graph([], "inner", [], [])
    branch = helper.make_node("If", ["pixels"], ["x"], then_branch=inner, else_branch=inner)
    assert "graph inside" in refusal(save(linear_model(nodes=[branch]), tmp_path / "model.onnx"))


def test_functions_and_external_data_and_too_many_operators(tmp_path):
    path = tmp_path / "model.onnx"
    local = linear_model()
    local.functions.add(name="f", domain="f")
    assert "functions" in refusal(save(local, path))
    outside = linear_model()
    outside.graph.initializer[0].data_location = TensorProto.EXTERNAL
    outside.graph.initializer[0].external_data.add(key="location", value="/etc/passwd")
    assert "external data" in refusal(save(outside, path))
    hidden = linear_model(nodes=[helper.make_node("Identity", ["pixels"], ["x"])])
    tensor = numpy_helper.from_array(np.zeros(1, np.float32), "t")
    tensor.external_data.add(key="location", value="/etc/passwd")
    hidden.graph.node[0].attribute.add(name="value", type=onnx.AttributeProto.TENSOR).t.CopyFrom(tensor)
    assert "external data" in refusal(save(hidden, path))
    many = [helper.make_node("Identity", ["pixels" if i == 0 else f"x{i - 1}"], [f"x{i}"]) for i in range(3000)]
    assert "3,002 operators" in refusal(save(linear_model(nodes=many), path))


def test_a_refusal_left_by_ingest_is_shown(tmp_path):
    (tmp_path / "model.onnx.refused").write_text("model.onnx has 3,000.0 MB; it was not measured.")
    assert "3,000.0 MB" in refusal(tmp_path / "model.onnx")


def text_model(**attributes) -> onnx.ModelProto:
    """A StringNormalizer on "name", text (N,)."""
    sides = [helper.make_tensor_value_info(name, TensorProto.STRING, ["N"]) for name in ("name", "small")]
    node = helper.make_node("StringNormalizer", ["name"], ["small"], **attributes)
    graph = helper.make_graph([node], "g", sides[:1], sides[1:])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


TEXT = ModelSpec({"name": Tensor("object", (None,))}, {"small": Tensor("object", (None,))})


@pytest.mark.parametrize(
    ("attributes", "passes"),
    [
        ({"case_change_action": "LOWER", "locale": "C"}, True),
        ({"case_change_action": "UPPER", "locale": "POSIX"}, True),
        ({}, True),
        ({"stopwords": ["a"], "is_case_sensitive": 1}, True),
        ({"case_change_action": "LOWER"}, False),
        ({"case_change_action": "LOWER", "locale": "en_US"}, False),
        ({"case_change_action": "LOWER", "locale": ""}, False),
        ({"stopwords": ["a"]}, False),
    ],
)
def test_text_that_only_some_machines_can_fold_is_refused_on_all(tmp_path, attributes, passes):
    path = save(text_model(**attributes), tmp_path / "model.onnx")
    if passes:
        from course.contract.processes.runner import predict

        ((found,),) = predict(read(path, TEXT).content, [{"name": np.array(["B"], object)}])  # it loads anywhere
        assert found.tolist() == ["b" if attributes.get("case_change_action") == "LOWER" else "B"]
        return
    with pytest.raises(
        Refused, match=r"StringNormalizer for the locale '.*'.*: set locale='C', which every machine has"
    ):
        read(path, TEXT)


def test_text_is_called_string(tmp_path):
    path = save(text_model(), tmp_path / "model.onnx")
    number = ModelSpec({"name": Tensor("float32", (None,))}, TEXT.outputs)
    with pytest.raises(Refused, match=r"is string\[N\]; the contract asks for float32\[N\]"):
        read(path, number)


def small(opsets, names=("first", "second"), ir_version=10) -> onnx.ModelProto:
    """Two operators on float32 [N, 3], called so, of these versions."""
    sides = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", 3]) for name in ("x", "y")]
    nodes = [
        helper.make_node("Relu", ["x"], ["h"], name=names[0]),
        helper.make_node("Neg", ["h"], ["y"], name=names[1]),
    ]
    graph = helper.make_graph(nodes, "g", sides[:1], sides[1:])
    versions = [helper.make_opsetid(domain, version) for domain, version in opsets.items()]
    return helper.make_model(graph, opset_imports=versions, ir_version=ir_version)


SMALL = ModelSpec({"x": Tensor("float32", (None, 3))}, {"y": Tensor("float32", (None, 3))})


@pytest.mark.parametrize(
    ("opsets", "words"),
    [
        ({"": 17}, ""),
        ({"": 22, "ai.onnx.ml": 5}, ""),
        ({"": 99}, r"operators of ONNX in version 99; there are 1 to 28"),
        ({"": 0}, r"operators of ONNX in version 0; there are 1 to"),
        ({"": 17, "ai.onnx.ml": 6}, r"operators of ai\.onnx\.ml in version 6; there are 1 to 5"),
        ({"": 17, "com.microsoft": 2}, r"operators of com\.microsoft in version 2; there are 1 to 1"),
    ],
)
def test_versions_of_operators_that_do_not_exist_are_named_with_those_that_do(tmp_path, opsets, words):
    path = save(small(opsets), tmp_path / "model.onnx")
    if not words:
        assert read(path, SMALL).operators == 2
        return
    with pytest.raises(Refused, match=words):
        read(path, SMALL)


def test_two_operators_of_one_name_are_refused_and_two_without_are_not(tmp_path):
    path = tmp_path / "model.onnx"
    read(save(small({"": 17}, ("", "")), path), SMALL)
    with pytest.raises(Refused, match="two operators called 'same'; give each another name, or none"):
        read(save(small({"": 17}, ("same", "same")), path), SMALL)


def test_the_default_locale_in_the_sentence_is_what_onnxruntime_asks_for(tmp_path):
    path = save(text_model(case_change_action="LOWER"), tmp_path / "model.onnx")
    with pytest.raises(Refused, match=r"locale 'en_US\.UTF-8' \(its default\), and can't be loaded"):
        read(path, TEXT)


# --- what is put right, and what to do instead ----------------------------------------------------------------------


def digit(model) -> onnx.ValueInfoProto:
    return model.graph.output[0]


def test_nodes_are_put_in_order(tmp_path):
    """As onnxruntime's own converter to half precision leaves them: it casts at the end of the list."""
    from course.contract.processes.runner import predict

    model = linear_model(
        nodes=[helper.make_node("Identity", ["pixels"], ["x"]), helper.make_node("Relu", ["x"], ["y"])]
    )
    pixels = np.random.default_rng(1).random((5, 784)).astype(np.float32)
    plain = read(save(model, tmp_path / "model.onnx"), SPEC).content
    nodes = [copy.deepcopy(node) for node in model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(reversed(nodes))
    found = read(save(model, tmp_path / "model.onnx"), SPEC)
    ordered = onnx.load_from_string(found.content)
    assert [node.op_type for node in ordered.graph.node] == ["Identity", "Relu", "MatMul", "ArgMax"]
    (one,), (two,) = predict(found.content, [{"pixels": pixels}]), predict(plain, [{"pixels": pixels}])
    assert np.array_equal(one[0], two[0])


def test_nodes_that_need_each_other_are_one_whole_sentence(tmp_path):
    model = linear_model(
        nodes=[helper.make_node("Add", ["pixels", "y"], ["x"]), helper.make_node("Relu", ["x"], ["y"])]
    )
    text = refusal(save(model, tmp_path / "model.onnx"))
    assert "topologically sorted" in text and not text.rstrip().endswith("of node:")


@pytest.mark.parametrize("shape", [["N"], [1], [7], None])
def test_the_rows_that_an_output_declares_are_not_believed_but_measured(tmp_path, shape):
    model = linear_model()
    kind = digit(model).type.tensor_type
    kind.ClearField("shape")
    if shape is not None:
        digit(model).CopyFrom(helper.make_tensor_value_info("digit", TensorProto.INT64, shape))
    content = read(save(model, tmp_path / "model.onnx"), SPEC).content
    assert onnx.load_from_string(content).graph.output[0].type.tensor_type.shape.dim[0].dim_param == "N"


def test_an_output_of_another_rank_is_refused_with_both(tmp_path):
    model = linear_model()
    digit(model).CopyFrom(helper.make_tensor_value_info("digit", TensorProto.INT64, ["N", 1]))
    assert "int64[N, 1]; the contract asks for int64[N]" in refusal(save(model, tmp_path / "model.onnx"))


def test_an_input_of_one_row_says_how_to_convert(tmp_path):
    fixed = linear_model()
    fixed.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    text = refusal(save(fixed, tmp_path / "model.onnx"))
    assert "Convert it with the shape float32[N, 784]" in text


def test_a_note_on_the_way_without_a_shape_is_dropped(tmp_path):
    model = linear_model()
    model.graph.value_info.append(helper.make_tensor_value_info("scores", TensorProto.FLOAT, None))
    model.graph.input[0].type.tensor_type.ClearField("shape")
    assert read(save(model, tmp_path / "model.onnx"), SPEC).operators == 2


@pytest.mark.parametrize(
    ("domain", "operator", "sentence"),
    [
        ("com.microsoft", "MatMulNBits", "quant_format=QuantFormat.QDQ"),
        ("com.microsoft", "FusedConv", "ORT_ENABLE_BASIC"),
        ("com.microsoft.nchwc", "Conv", "ORT_ENABLE_BASIC"),
        ("com.microsoft", "CDist", "k nearest neighbours don't pass"),
        ("com.microsoft", "Attention", "The list: "),
        ("my.domain", "Evil", "The list: "),
    ],
)
def test_what_to_do_instead(tmp_path, domain, operator, sentence):
    node = helper.make_node(operator, ["pixels"], ["x"], domain=domain)
    assert sentence in refusal(save(linear_model(nodes=[node]), tmp_path / "model.onnx"))


def test_the_list_is_where_the_sentence_says():
    from course.contract.artifacts import operators

    assert operators.MICROSOFT and "course.contract.artifacts.operators.MICROSOFT" in operators.instead("", "X")


def test_four_bits_in_onnx_own_operators_pass(tmp_path):
    """As onnxruntime's quantiser writes them with quant_format=QDQ."""
    from course.contract.processes.runner import predict

    weights = helper.make_tensor("q", TensorProto.INT4, [784, 10], np.tile([1, -2], 3920).astype(np.int8))
    model = linear_model()
    model.opset_import[0].version, model.ir_version = 21, 10
    del model.graph.initializer[:]
    model.graph.initializer.extend([weights, numpy_helper.from_array(np.ones(10, np.float32), "scale")])
    model.graph.node.insert(0, helper.make_node("DequantizeLinear", ["q", "scale"], ["w"], axis=1))
    found = read(save(model, tmp_path / "model.onnx"), SPEC)
    ((answer,),) = predict(found.content, [{"pixels": np.ones((3, 784), np.float32)}])
    assert answer.shape == (3,)
