"""Shared by all tests: the checkout, an account without a key, small ONNX models."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import onnx
import proved
import pytest
from hypothesis import HealthCheck, settings
from onnx import TensorProto, helper, numpy_helper

from course import units

# A shell's background job ignores Ctrl-C, and so would everything that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# No test is judged by the clock.
settings.register_profile("course", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("course")

# No test is graded into an instructor's gradebook.
os.environ.pop("COURSE_DB_URL", None)

ROOT = Path(__file__).resolve().parents[1]


#: The files that take longest, in this order: what begins last is what everybody waits for.
LONGEST = (
    "test_rehearsals",
    "test_browser",
    "test_probes",
    "test_grading",
    "test_class",
    "test_resume",
    "test_teaching",
    "test_site",
)


def pytest_report_header():
    """Say what is not proved anew."""
    names = units.names()
    full, turn, more = proved.in_full(names), proved.in_turn(names), proved.changed(names)
    short = [", ".join(name.split("-")[0] for name in some) for some in (full, turn)]
    left = len({*more} - {*full})
    return (
        f"proved in full: {short[0] or 'nothing, since nothing changed'}; references whose turn it is: {short[1]}"
        f"{f'; {left} more that changed are not' if left else ''} (`make prove` proves all units)"
    )


def pytest_collection_modifyitems(items):
    """Begin with what takes longest."""
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))


@pytest.fixture
def no_clock(monkeypatch):
    """What is timed is asked in three exchanges and judged; it keeps its budget, however long it takes."""
    from course.contract.cost.latency import Latency
    from course.contract.cost.throughput import itself
    from course.contract.processes import calls
    from course.units.kit import judges

    def asked(module, yardstick, name, fresh, budget, *, seed, start=itself, remembers=False, check=None):
        draws = np.random.default_rng([seed, 1])
        with calls.serve(module) as theirs:
            remote = start(theirs)
            for _ in range(3):
                many = fresh(draws)
                answers = remote.map(name, many)
                if check:
                    check(many, answers)
        return Latency(budget / 2, budget / 2, budget / 2, budget, 3, "kept", 1.0, 1.0, False, "")

    monkeypatch.setattr(judges, "throughput", asked)


@pytest.fixture(autouse=True, scope="session")
def no_results(tmp_path_factory):
    """Nothing is known from grading before these tests."""
    os.environ["COURSE_RESULTS"] = str(tmp_path_factory.mktemp("results"))


@pytest.fixture(autouse=True)
def no_key(tmp_path, monkeypatch):
    """Every test starts as a self-learner who has done nothing yet: no key file, no progress, no reports kept."""
    monkeypatch.setenv("COURSE_KEY_FILE", str(tmp_path / "no-key.json"))
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "no-progress"))


@pytest.fixture
def root() -> Path:
    """The checkout."""
    return ROOT


def linear_model(features=784, classes=10, *, scale=1.0, names=("pixels", "digit"), nodes=(), dtype=TensorProto.FLOAT):
    """An ONNX ModelProto: Gemm and ArgMax with seeded weights; further nodes may be put in front."""
    weights = np.random.default_rng(0).normal(size=(features, classes)).astype(np.float32) * np.float32(scale)
    first = nodes[-1].output[0] if nodes else names[0]
    graph = helper.make_graph(
        [
            *nodes,
            helper.make_node("MatMul", [first, "w"], ["scores"]),
            helper.make_node("ArgMax", ["scores"], [names[1]], axis=1, keepdims=0),
        ],
        "g",
        [helper.make_tensor_value_info(names[0], dtype, ["N", features])],
        [helper.make_tensor_value_info(names[1], TensorProto.INT64, ["N"])],
        [numpy_helper.from_array(weights, "w")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


@pytest.fixture
def digits_model():
    """`linear_model`, as a fixture."""
    return linear_model


def save(model: onnx.ModelProto, path: Path) -> Path:
    """Write a model without checking it."""
    path.write_bytes(model.SerializeToString())
    return path
