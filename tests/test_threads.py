"""One thread, told once: for what is imported after the course, before it, and in what the course starts."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from course import sandbox, threads

LOOK = """
import json, os
import sklearn.ensemble, sklearn.linear_model, threadpoolctl
print(json.dumps([pool["num_threads"] for pool in threadpoolctl.threadpool_info()]))
"""
SESSION = """
import os
import onnx, onnxruntime
from course.graph import Graph
graph = Graph({"x": ("float32", 4)})
model = graph.model(y=graph.add("Relu", "x"))
before = len(os.listdir("/proc/self/task"))
session = onnxruntime.InferenceSession(model.SerializeToString())
print(len(os.listdir("/proc/self/task")) - before)
"""


def told(program, **more):
    environment = {name: value for name, value in os.environ.items() if name not in threads.ONE} | more
    ran = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout.splitlines()[-1])


@pytest.mark.parametrize("before", ["import course", "import sklearn.ensemble, course", "import numpy, course"])
def test_every_library_has_one_thread_whenever_it_was_imported(before):
    found = told(f"{before}\n{LOOK}")
    assert len(found) >= 2 and set(found) == {1}


def test_who_asks_for_more_has_more():
    assert 3 in told(f"import course\n{LOOK}", OMP_NUM_THREADS="3")


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="threads are counted in /proc")
def test_a_session_of_onnxruntime_starts_no_thread():
    assert told(f"import course\n{SESSION}") == 0


def test_what_runs_in_a_sandbox_is_told_the_same():
    assert threads.ONE.items() <= sandbox.python_environment("/").items()
