"""Valid and odd: 1,000 notebooks, models and sets of estimates; each gets a grade or a sentence, no batch is aborted.

hypothesis makes them: all sizes, orders, types, names, versions and shapes that the formats allow. Notebooks are graded
as one class by `course grade`, with what came of one in place of running each; models pass the gate and are run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, checker, helper, numpy_helper
from rich.console import Console
from rich.table import Table

from course import key, sandbox
from course.benchmarks import class_
from course.contract.artifacts import gate
from course.contract.measure import measure
from course.contract.processes import runner
from course.contract.terms.report import Report
from course.grading.authoring.lessons import Lesson
from course.grading.classes import klass
from course.grading.classes.commands import GradingProblem
from course.grading.classes.rows import Row
from course.grading.execution import work
from course.grading.places import root
from course.problem import Problem
from course.units import load

UNIT = class_.UNIT
COUNT, QUICK = 1_000, 100
WORDS = st.text(max_size=40)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


def run(quick: bool, progress: Callable[[str], None]) -> dict[str, dict[str, int]]:
    """How many ended in which way, for "notebooks", "models" and "estimates"; a fault by its name."""
    if problem := sandbox.problem():
        raise Problem(f"Odd models are only run where they are isolated. {problem}")
    count = QUICK if quick else COUNT
    found = {}
    for name, judged in (("estimates", estimates), ("models", models), ("notebooks", notebooks)):
        progress(f"{count:,} {name}")
        found[name] = dict(sorted(judged(count).items()))
    return found


def table(result: dict[str, dict[str, int]]) -> Table:
    """A line for each way to end."""
    made = Table("Of", "Ended as", "How many", title="Valid and odd")
    for name, ends in result.items():
        for end, count in ends.items():
            made.add_row(name, end, f"{count:,}")
    return made


def markdown(result: dict[str, dict[str, int]]) -> str:
    """The same for the handbook."""
    lines = ["| | Ended as |", "| --- | --- |"]
    for name, ends in result.items():
        lines.append(f"| {name} | {'; '.join(f'{end}: {count:,}' for end, count in ends.items())} |")
    return "\n".join(lines)


def drawn(strategy: st.SearchStrategy, count: int) -> list:
    """So many values of a strategy, always the same ones."""
    values: list = []

    @settings(
        max_examples=count, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(strategy)
    def keep(value: Any) -> None:
        values.append(value)

    keep()
    return [values[number % len(values)] for number in range(count)]


# --- estimates ----------------------------------------------------------------------------------------------------


def estimates(count: int) -> Counter[str]:
    """Measure sets of estimates: right names, odd values, and names that nobody asked for."""
    unit = load(UNIT)
    numbers = st.floats() | st.integers(-(10**30), 10**30) | JSON
    asked = st.fixed_dictionaries({}, optional=dict.fromkeys(unit.estimates, numbers))
    sets = drawn(st.tuples(asked, st.dictionaries(WORDS, JSON, max_size=3)), count)
    holdout = unit.public_holdout(unit.public_data(key.OPEN))
    ends: Counter[str] = Counter()
    with sandbox.scratch() as folder:
        for known, others in sets:
            (folder / "estimates.json").write_text(json.dumps(others | known), encoding="utf-8")
            ends[_ended(lambda: _estimated(unit, folder, holdout))] += 1
    return ends


def _estimated(unit: Any, folder: Path, holdout: Any) -> str:
    report = measure(unit, folder, holdout, wanted=("estimates",))
    clause = Report.from_json(report.to_json())["estimates"]
    return "judged, with a sentence" if clause.advice else "judged"


# --- models -------------------------------------------------------------------------------------------------------

NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)
#: Operators of one input that keep a float32 array's shape.
PLAIN = ("Identity", "Relu", "Sigmoid", "Neg", "Abs", "Tanh", "Exp", "Floor", "Softplus", "Sign", "Elu", "Ceil")


@st.composite
def model_files(draw: Callable) -> bytes:
    """A valid model file: scores of pixels by a few operators, whatever they and their parts are called."""
    name = iter(draw(st.lists(NAMES, min_size=40, max_size=40, unique=True)))
    features = draw(st.sampled_from([784] * 20 + [1, 783, 785]))
    kind = draw(st.sampled_from([TensorProto.FLOAT] * 30 + [TensorProto.DOUBLE, TensorProto.INT64, TensorProto.STRING]))
    rows = draw(st.sampled_from(["N"] * 8 + ["batch", "", None, 1, 7]))
    first = draw(st.sampled_from(["pixels"] * 20 + ["scans"]))
    here, nodes, tensors = first, [], []
    for operator in draw(st.lists(st.sampled_from((*PLAIN, "Add", "Mul", "Cast", "Flatten")), max_size=6)):
        there, inputs, more = next(name), [here], {}
        if operator in ("Add", "Mul"):
            shape = draw(st.sampled_from([(), (1,), (features,), (1, features)]))
            value = draw(st.floats(width=32) | st.sampled_from([0.0, 1.0]))
            tensors.append(numpy_helper.from_array(np.full(shape, value, np.float32), next(name)))
            inputs.append(tensors[-1].name)
        elif operator == "Cast":
            more = {"to": TensorProto.FLOAT}
        nodes.append(helper.make_node(operator, inputs, [there], name=draw(WORDS.map(_utf8)), **more))
        here = there
    classes = draw(st.sampled_from([10, 10, 1, 3]))
    weights = np.random.default_rng(draw(st.integers(0, 9))).normal(size=(features, classes)).astype(np.float32)
    tensors.append(
        numpy_helper.from_array(weights * np.float32(draw(st.sampled_from([1, 1e-30, 1e30, 0]))), next(name))
    )
    matrix = tensors[-1].name
    tensors += [numpy_helper.from_array(np.ones(3), next(name)) for _ in range(draw(st.integers(0, 2)))]
    scores = next(name)
    nodes.append(helper.make_node("MatMul", [here, matrix], [scores]))
    nodes.append(helper.make_node("ArgMax", [scores], ["digit"], axis=draw(st.sampled_from([1, 1, -1])), keepdims=0))
    outputs = [helper.make_tensor_value_info("digit", TensorProto.INT64, [rows])]
    if draw(st.integers(0, 5)) == 0:
        outputs.append(helper.make_tensor_value_info(scores, TensorProto.FLOAT, [rows, classes]))
    graph = helper.make_graph(
        nodes, draw(NAMES), [helper.make_tensor_value_info(first, kind, [rows, features])], outputs, tensors,
        doc_string=draw(WORDS.map(_utf8)),
    )  # fmt: skip
    opset, version = draw(st.integers(9, 21)), draw(st.integers(4, 10))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=version)
    helper.set_model_props(model, draw(st.dictionaries(WORDS.map(_utf8), WORDS.map(_utf8), max_size=3)))
    checker.check_model(model)
    return model.SerializeToString()


def _utf8(words: str) -> str:
    return words.encode("utf-8", "replace").decode()


def models(count: int) -> Counter[str]:
    """Pass model files through the gate, and run those that it lets through on five rows."""
    spec = load(UNIT).model
    rows = np.random.default_rng(0).uniform(0, 255, (5, 784)).astype(np.float32)

    def judged(content: bytes) -> str:
        return _ended(lambda: _run(content, spec, rows))

    with ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        return Counter(pool.map(judged, drawn(model_files(), count)))


def _run(content: bytes, spec: gate.ModelSpec, rows: np.ndarray) -> str:
    try:
        model = gate.check(content, spec)
    except gate.Refused as refusal:
        return _sentence("refused", str(refusal))
    try:
        ((digits, *_),) = runner.predict(model.content, [{"pixels": rows}])
    except runner.RunnerError as error:
        return _sentence("let through, not run", str(error))
    return "run" if isinstance(digits, np.ndarray) else "FAULT: no array"


# --- notebooks ----------------------------------------------------------------------------------------------------


@st.composite
def notebook_files(draw: Callable, released: dict) -> dict:
    """A valid notebook: the release's cells, some of them, in some order, with others between."""
    cells = [dict(cell) for cell in draw(st.permutations(released["cells"]))[: draw(st.integers(0, 60))]]
    for cell in cells:
        if draw(st.booleans()):
            cell["source"] = draw(WORDS | st.lists(WORDS, max_size=3))
        cell["metadata"] = dict(cell["metadata"]) | draw(st.dictionaries(st.sampled_from(["a", "tags"]), st.just([])))
    for _ in range(draw(st.integers(0, 6))):
        kind = draw(st.sampled_from(["code", "markdown", "raw"]))
        made = {"cell_type": kind, "source": draw(WORDS | st.lists(WORDS, max_size=3))}
        made["metadata"] = draw(st.dictionaries(WORDS.filter(lambda word: word not in _KNOWN), JSON, max_size=3))
        if kind == "code":
            made |= {
                "outputs": draw(st.lists(_OUTPUTS, max_size=3)),
                "execution_count": draw(st.none() | st.integers(0, 10**6)),
            }
        elif draw(st.booleans()):
            made["attachments"] = draw(st.dictionaries(WORDS, st.just({"text/plain": "x"}), max_size=2))
        cells.insert(draw(st.integers(0, len(cells))), made)
    minor = draw(st.sampled_from([5, 5, 5, 4, 2, 0]))
    for number, cell in enumerate(cells):
        cell.pop("id", None)
        if minor == 5:
            cell["id"] = draw(st.sampled_from([f"c{number}", f"_{number}-", f"{number:064d}"]))
    metadata = draw(st.sampled_from([{}, released["metadata"], {"title": "x"}, {"authors": [], "probe": {"a": None}}]))
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": minor}


#: Metadata that the format itself knows.
_KNOWN = {"name", "tags", "jupyter", "collapsed", "scrolled", "execution", "format", "deletable", "editable"}
_OUTPUTS = st.one_of(
    st.builds(lambda text: {"output_type": "stream", "name": "stdout", "text": text}, WORDS),
    st.builds(lambda text: {"output_type": "display_data", "data": {"text/plain": text}, "metadata": {}}, WORDS),
    st.builds(lambda a, b: {"output_type": "error", "ename": a, "evalue": b, "traceback": [a, b]}, WORDS, WORDS),
)


def notebooks(count: int) -> Counter[str]:
    """Hand in notebooks as one class, and grade it; those that are not valid are a fault of this benchmark."""
    released = json.loads(Lesson(load(UNIT), root()).student.read_text(encoding="utf-8"))
    made = drawn(notebook_files(released), count)
    with tempfile.TemporaryDirectory(prefix="course-") as scratch:
        course = Path(scratch) / "course"
        class_._hand_in(course, count, plain=False, train=False)
        for number, notebook in enumerate(made):
            nbformat.validate(notebook)
            folder = course / "submitted" / f"student-{number:05d}" / UNIT
            (folder / f"{UNIT}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
            (folder / "model.onnx").write_bytes(b"no model")  # nothing is measured here
        command = [sys.executable, "-m", "course.benchmarks.odd", str(course)]
        ran = subprocess.run(command, env=class_._environment(course), capture_output=True, text=True)
        if ran.returncode:
            return Counter({f"FAULT: the batch was aborted ({ran.stderr.strip()[-300:]})": count})
        return Counter(json.loads(ran.stdout.splitlines()[-1]))


def main(course: Path) -> None:
    """Grade a class with one result for everybody; print how many rows ended in which way."""
    unit = load(UNIT)
    work.do = class_.once
    ends: Counter[str] = Counter()
    rows: list[Row] = []
    try:
        klass.grade(unit, course, klass.How(jobs=2), Console(stderr=True, quiet=True), rows.extend)
    except GradingProblem as problem:
        print(problem, file=sys.stderr)
        ends["FAULT: the run complained"] += 1
    for row in rows:
        page = course / "feedback" / row.student / UNIT / f"{UNIT}.html"
        ends["graded, with feedback" if row.report and page.is_file() else "FAULT: not graded"] += 1
    missing = len(list((course / "submitted").iterdir())) - len(rows)
    ends += Counter({"FAULT: no row": missing})
    print(json.dumps(ends))


# --- how it ended -------------------------------------------------------------------------------------------------


def _ended(judged: Callable[[], str]) -> str:
    """What `judged` says, or the exception that it must not let through."""
    try:
        return judged()
    except Exception as error:
        return f"FAULT: {type(error).__name__}"


def _sentence(how: str, said: str) -> str:
    """How it ended, if the sentence can be shown."""
    return f"{how}, with a sentence" if said.isprintable() and 10 < len(said) < 1000 else f"FAULT: {how}, no sentence"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
