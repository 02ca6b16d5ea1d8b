"""Memory: what loading and running a model adds to a process, at its peak."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from course.contract.processes import runner

if TYPE_CHECKING:
    import numpy as np

ROWS = 64


@dataclass(frozen=True)
class Memory:
    """Peak resident memory that the model adds (MB = 10**6 bytes), and CPU seconds to load it."""

    peak_mb: float
    load_cpu_s: float


def memory(model: bytes, rows: Mapping[str, np.ndarray], batch: int = 1, *, timeout_s: float = 60.0) -> Memory:
    """Measure a model's memory in a process of its own.

    Parameters
    ----------
    model : an ONNX file that the gate let through.
    rows : inputs by name, first axis = row. The first 64 rows (at least one batch) are run.
    batch : rows a call.

    What is counted starts after onnxruntime has loaded and run a trivial model, so its own memory is not charged.
    Raises RunnerError as `runner.predict` does, ValueError when there are too few rows for a batch.
    """
    some = {name: values[: max(ROWS, batch)] for name, values in rows.items()}
    if min(len(values) for values in some.values()) < batch:
        raise ValueError(f"measuring in batches of {batch} needs at least as many rows")
    models = {"model": model, "trivial": trivial_model()}
    said, _ = runner.run("memory", models, some, {"batch": batch}, timeout_s=timeout_s)
    try:
        return Memory(float(said["bytes"]) / 1e6, float(said["load_cpu_s"]))
    except (KeyError, TypeError, ValueError):
        raise runner.RunnerError(runner.INCOMPLETE) from None


@cache
def trivial_model() -> bytes:
    """The smallest model there is: "Y" = "X", float32 (N, 1)."""
    from onnx import TensorProto, helper

    from course.contract.cost.calibration import IR_VERSION, OPSET

    sides = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, 1]) for name in "XY"]
    graph = helper.make_graph([helper.make_node("Identity", ["X"], ["Y"])], "trivial", sides[:1], sides[1:])
    opsets = [helper.make_opsetid("", OPSET)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION).SerializeToString()


def trivial_row() -> np.ndarray:
    """One row for the trivial model."""
    import numpy as np

    return np.zeros((1, 1), np.float32)


def start_peak() -> int:
    """Start counting this process's peak memory anew where the system can; `peak` as it is then.

    Linux resets the high-water mark to what is resident now. Elsewhere the mark can't be reset: what a model adds below
    an earlier peak stays unseen there (macOS and Windows: untested).
    """
    _small_pages()
    with contextlib.suppress(OSError), open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    return peak()


def peak() -> int:
    """This process's peak resident memory in bytes since `start_peak`, or since its start.

    On Linux without pages of files: those are code of libraries that a model makes use of, which all processes share,
    and how many of them come at once depends on what the system has read before.
    """
    with contextlib.suppress(OSError, ValueError, KeyError), open("/proc/self/status") as file:
        kilobytes = {line.split(":")[0]: line.split()[1] for line in file if line.startswith(("VmHWM:", "RssFile:"))}
        return 1024 * (int(kilobytes["VmHWM"]) - int(kilobytes["RssFile"]))
    if sys.platform == "win32":
        return _windows_peak()
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _small_pages() -> None:
    """No huge pages for this process (Linux): where they are on for all, peaks would move in steps of 2 MB."""
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(41, 1, 0, 0, 0)  # PR_SET_THP_DISABLE


def _windows_peak() -> int:
    import ctypes
    from ctypes import wintypes

    sizes = ("peak", "now", "q1", "q2", "q3", "q4", "pagefile", "peak_pagefile")

    class Counters(ctypes.Structure):
        _fields_ = [
            ("cb", wintypes.DWORD),
            ("faults", wintypes.DWORD),
            *((name, ctypes.c_size_t) for name in sizes),
        ]

    counters = Counters(cb=ctypes.sizeof(Counters))
    kernel = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined]
    kernel.GetCurrentProcess.restype = wintypes.HANDLE
    kernel.K32GetProcessMemoryInfo.argtypes = [wintypes.HANDLE, ctypes.POINTER(Counters), wintypes.DWORD]
    kernel.K32GetProcessMemoryInfo(kernel.GetCurrentProcess(), ctypes.byref(counters), counters.cb)
    return counters.peak
