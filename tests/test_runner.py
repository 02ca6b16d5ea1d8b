"""The throw-away process: what comes back, and what is said when something goes wrong."""

from __future__ import annotations

import contextlib
import os
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from course import sandbox, threads
from course.contract.cost.latency import latency
from course.contract.cost.memory import memory, trivial_model
from course.contract.inside import runner_child
from course.contract.processes import exchange, runner
from course.contract.processes.runner import RunnerError, predict

FLOAT, TEXT = TensorProto.FLOAT, TensorProto.STRING


def graph(nodes, inputs, outputs, weights=()) -> bytes:
    """An ONNX model from nodes, and {name: (type, shape)} of its inputs and outputs."""
    sides = [[helper.make_tensor_value_info(name, *kind) for name, kind in side.items()] for side in (inputs, outputs)]
    made = helper.make_graph(nodes, "test", *sides, [numpy_helper.from_array(v, k) for k, v in dict(weights).items()])
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    return helper.make_model(made, opset_imports=opsets, ir_version=8).SerializeToString()


def chain(products: int, width: int = 1500) -> bytes:
    """A model of a few bytes whose every product of matrices takes long."""
    nodes = [
        helper.make_node("Expand", ["X", "shape"], ["m0"]),
        *(helper.make_node("MatMul", [f"m{i}", "m0"], [f"m{i + 1}"]) for i in range(products)),
        helper.make_node("ReduceMax", [f"m{products}"], ["Y"], axes=[1], keepdims=0),
    ]
    shape = np.array([width, width], np.int64)
    return graph(nodes, {"X": (FLOAT, [1, 1])}, {"Y": (FLOAT, None)}, {"shape": shape})


def fill(elements: int) -> bytes:
    """A model that returns `elements` zeros."""
    weights = {"shape": np.array([elements], np.int64)}
    nodes = [
        helper.make_node("ConstantOfShape", ["shape"], ["zeros"]),
        helper.make_node("ReduceMax", ["X"], ["x"], keepdims=0),
        helper.make_node("Add", ["zeros", "x"], ["Y"]),
    ]
    return graph(nodes, {"X": (FLOAT, [None, 1])}, {"Y": (FLOAT, None)}, weights)


def said(caught) -> str:
    """The sentence of a caught error, after checking that it is one."""
    text = str(caught.value)
    assert text[0].isalpha()
    assert text.endswith(".")
    assert "\n" not in text
    assert "Traceback" not in text
    assert len(text) < 400
    return text


ONE = [{"X": np.zeros((1, 1), np.float32)}]


def test_all_outputs_of_all_batches_come_back_in_order():
    model = graph(
        [helper.make_node("Neg", ["B"], ["out1"]), helper.make_node("Identity", ["A"], ["out2"])],
        {"A": (FLOAT, [None, 2]), "B": (TensorProto.DOUBLE, [None])},
        {"out1": (TensorProto.DOUBLE, [None]), "out2": (FLOAT, [None, 2])},
    )
    rng = np.random.default_rng(0)
    batches = [{"A": rng.random((n, 2), np.float32), "B": rng.random(n)} for n in range(12, 0, -1)]
    found = predict(model, batches)
    assert len(found) == 12
    for batch, (first, second) in zip(batches, found, strict=True):
        assert first.dtype == np.float64
        assert np.array_equal(first, -batch["B"])
        assert np.array_equal(second, batch["A"])


def test_nan_and_infinity_pass():
    rows = np.array([[np.nan], [np.inf], [-np.inf]], np.float32)
    ((found,),) = predict(trivial_model(), [{"X": rows}])
    assert np.array_equal(found, rows, equal_nan=True)


def test_text_goes_in_and_comes_out():
    model = graph([helper.make_node("Identity", ["file"], ["Y"])], {"file": (TEXT, [None])}, {"Y": (TEXT, [None])})
    words = np.array(["one", "", "drei ß"], object)
    for given in (words, words.astype(str)):
        ((found,),) = predict(model, [{"file": given}])
        assert found.dtype == object
        assert found.tolist() == words.tolist()
    with pytest.raises(TypeError, match="not all text"):
        predict(model, [{"file": np.array(["a", 1], object)}])


def test_text_is_converted_once_and_not_in_each_call(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = np.array([["one"], ["drei ß"], [""]])
    exchange.write_arrays(tmp_path / "inputs.npz", {"text": words, "number": np.ones((3, 1), np.float32)})
    found = runner_child._inputs()
    assert found["text"].dtype == object and found["text"].tolist() == words.tolist()
    assert found["number"].dtype == np.float32
    assert all(feed["text"].dtype == object for feed in runner_child._feeds(found, 1))


def test_time_and_memory_are_measured_on_text():
    encoder = {"domain": "ai.onnx.ml", "keys_strings": ["a"], "values_floats": [1.0]}
    nodes = [helper.make_node("LabelEncoder", ["X"], ["Y"], **encoder)]
    model = graph(nodes, {"X": (TEXT, [None, 1])}, {"Y": (FLOAT, [None, 1])})
    rows = {"X": np.array([["a"], ["b"]] * 40)}
    assert memory(model, rows).peak_mb < 10
    assert latency(model, rows, 100.0, seed=0).verdict == "kept"


def test_what_text_does_to_a_graph_is_one_sentence():
    cast = [helper.make_node("Cast", ["X"], ["Y"], to=FLOAT)]
    with pytest.raises(RunnerError) as caught:
        predict(graph(cast, {"X": (TEXT, [None])}, {"Y": (FLOAT, [None])}), [{"X": np.array(["1", "n/a"], object)}])
    assert "a Cast met text that is no number" in said(caught)
    gather = [helper.make_node("Gather", ["X", "at"], ["Y"])]
    model = graph(gather, {"X": (FLOAT, [None])}, {"Y": (FLOAT, [])}, {"at": np.array(7)})
    with pytest.raises(RunnerError) as caught:
        predict(model, [{"X": np.zeros(1, np.float32)}])
    assert "can't run the model: Gather failed: indices element out of data bounds" in said(caught)


def test_rows_that_are_not_contiguous_are_fine():
    rows = np.arange(20, dtype=np.float32).reshape(20, 1)[::-2]
    ((found,),) = predict(trivial_model(), [{"X": rows}])
    assert np.array_equal(found, rows)


def test_garbage_is_refused_by_onnxruntime():
    for content in (b"garbage" * 100, b"", b"ORTM" * 40):
        with pytest.raises(RunnerError) as caught:
            predict(content, ONE)
        assert said(caught).startswith("onnxruntime can't load the model: ")


def test_onnxruntimes_own_format_is_refused(tmp_path):
    """The gate has not looked into it."""
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "model.ort")
    options.add_session_config_entry("session.save_model_format", "ORT")
    onnxruntime.InferenceSession(trivial_model(), options, providers=["CPUExecutionProvider"])
    content = (tmp_path / "model.ort").read_bytes()
    assert content[4:8] == b"ORTM"
    with pytest.raises(RunnerError) as caught:
        predict(content, ONE)
    assert said(caught).startswith("onnxruntime can't load the model: ")


def test_wrong_inputs_are_named():
    with pytest.raises(RunnerError, match="onnxruntime can't run the model") as caught:
        predict(trivial_model(), [{"Z": np.zeros((1, 1), np.float32)}])
    assert "X" in said(caught)


def test_a_model_that_takes_too_long_is_stopped():
    with pytest.raises(RunnerError, match="longer than 1 s") as caught:
        predict(chain(5000), ONE, timeout_s=1)
    said(caught)


def test_outputs_that_are_no_arrays_are_refused():
    nodes = [helper.make_node("ZipMap", ["X"], ["Y"], domain="ai.onnx.ml", classlabels_strings=["a"])]
    made = helper.make_map_type_proto(TEXT, helper.make_tensor_type_proto(FLOAT, None))
    output = helper.make_value_info("Y", helper.make_sequence_type_proto(made))
    inputs = [helper.make_tensor_value_info("X", FLOAT, [None, 1])]
    opsets = [helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(helper.make_graph(nodes, "g", inputs, [output]), opset_imports=opsets, ir_version=8)
    with pytest.raises(RunnerError, match="zipmap=False") as caught:
        predict(model.SerializeToString(), ONE)
    said(caught)


def test_outputs_have_a_cap():
    with pytest.raises(RunnerError, match="more than 256 MB") as caught:
        predict(fill(70_000_000), ONE)
    said(caught)


@pytest.mark.skipif(sys.platform != "linux", reason="the limit on memory is certain on Linux only")
def test_a_model_that_wants_more_memory_than_there_may_be_is_stopped():
    with pytest.raises(RunnerError, match="out of memory") as caught:
        predict(fill(2_500_000_000), ONE)
    said(caught)


# What a hostile or dying process may leave behind: the child is replaced by a script


@pytest.fixture
def child(monkeypatch):
    """Make the child run the given script; returns a function that runs it and gives what `runner.run` gives."""

    def run(script: str, timeout_s: float = 20.0, progress=None):
        monkeypatch.setattr(runner, "CHILD", (sys.executable, "-I", "-c", textwrap.dedent(script)))
        return runner.run("predict", {}, {}, {}, timeout_s=timeout_s, progress=progress)

    return run


def test_the_process_gets_an_empty_environment_and_a_folder_of_its_own(child, monkeypatch):
    monkeypatch.setenv("COURSE_KEY", "secret")
    monkeypatch.setenv("PYTHONPATH", os.getcwd())
    found, _ = child(
        """
        import json, os, sys
        json.dump({"env": dict(os.environ), "cwd": os.getcwd(), "files": sorted(os.listdir()), "path": sys.path,
                   "uid": os.getuid()}, open("answer.json", "w"))
        """
    )
    assert "COURSE_KEY" not in found["env"]
    assert "HOME" not in found["env"]
    assert not {name for name in found["env"] if name.startswith("ORT_")} - threads.ONE.keys()
    assert found["env"]["OMP_NUM_THREADS"] == "1"
    assert os.getcwd() not in found["path"] or os.getcwd() == str(Path(runner.__file__).parents[2])
    assert found["files"] == ["inputs.npz", "task.json"]
    assert not os.path.exists(found["cwd"])
    assert sandbox.problem() or (found["cwd"], found["uid"]) == (sandbox.HERE, 65534)


@pytest.mark.skipif(os.name != "posix", reason="signals and links of POSIX")
@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("import os; os.kill(os.getpid(), 9)", "memory"),
        ("import os; os.abort()", "SIGABRT"),
        ("raise SystemExit(3)", "exit code 3"),
        ("pass", "exit code 0"),
        ("open('answer.json', 'w').write('[' * 100_000)", "exit code 0"),
        ("open('answer.json', 'w').write('[1]')", "exit code 0"),
        ("import os; os.symlink('task.json', 'answer.json')", "exit code 0"),
        ("open('answer.json', 'w').write('{\"a\": 1}'); raise SystemExit(1)", "exit code 1"),
    ],
)
def test_a_death_is_told_in_one_sentence(child, script, words):
    with pytest.raises(RunnerError, match=words) as caught:
        child(script)
    said(caught)


@pytest.mark.parametrize(
    "save",
    [
        "np.savez_compressed('arrays.npz', a=np.zeros(10))",
        "np.savez('arrays.npz', a=np.array([{}], dtype=object))",
        "open('arrays.npz', 'wb').write(b'PK nonsense')",
        "np.savez('arrays.npz', a=np.zeros(300 * 2**17))",
    ],
)
def test_arrays_that_can_not_be_trusted_are_not_read(child, save):
    script = f"import numpy as np\nopen('answer.json', 'w').write('{{\"outputs\": 1}}')\n{save}"
    try:
        _, arrays = child(script)
    except RunnerError as error:
        assert "could not be read back" in str(error)
    else:
        assert arrays == {}, "a file that is too large is not even opened"


def test_output_is_capped_and_progress_is_told(child):
    seen = []
    with pytest.raises(RunnerError) as caught:
        child(
            f"""
            print("{exchange.PROGRESS} 1 20\\n{exchange.PROGRESS} 2 20\\n{exchange.PROGRESS} x y")
            for i in range(2000):
                print("noise", i, "x" * 2000)
            raise SystemExit(1)
            """,
            progress=lambda *done: seen.append(done),
        )
    assert seen == [(1, 20), (2, 20)]
    assert len(caught.value.output) <= runner.MOST_LINES * (runner.MOST_LINE + 1)
    assert "noise" not in str(caught.value)


@pytest.mark.skipif(os.name != "posix", reason="process groups of POSIX")
@pytest.mark.parametrize("end", ["time.sleep(60)", "open('answer.json', 'w').write('{\"a\": 1}')"])
def test_nothing_that_the_process_started_outlives_it(child, tmp_path, end):
    mark = f"mark of {tmp_path}"
    script = f"""
        import subprocess, sys, time
        quiet = dict(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", {mark!r}], **quiet)
        {end}
    """
    try:
        child(script, timeout_s=3)
    except RunnerError as error:
        assert "longer than 3 s" in str(error)
    for _ in range(200):
        if not _alive(mark):
            return
        time.sleep(0.02)
    pytest.fail("a process was left behind")


def _alive(mark: str) -> bool:
    """Is there a process with this word in its command line?"""
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if mark.encode() in process.read_bytes():
                return True
    return False


# Memory


def test_memory_is_charged_for_weights_and_only_for_them():
    weights = {"W": np.random.default_rng(0).random((2000, 2000), np.float32)}
    nodes = [helper.make_node("MatMul", ["X", "W"], ["Y"])]
    model = graph(nodes, {"X": (FLOAT, [None, 2000])}, {"Y": (FLOAT, [None, 2000])}, weights)
    rows = {"X": np.zeros((64, 2000), np.float32)}
    first, second = memory(model, rows), memory(model, rows)
    assert 16 <= first.peak_mb < 80
    assert abs(first.peak_mb - second.peak_mb) < 1
    assert first.load_cpu_s > 0
    assert memory(trivial_model(), {"X": np.zeros((64, 1), np.float32)}).peak_mb < 2
    with pytest.raises(ValueError, match="batches of 65"):
        memory(model, rows, batch=65)
