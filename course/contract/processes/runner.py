"""Run a model in a throw-away process: a sandbox of its own, an empty environment, one thread, hard limits.

The parent sends bytes that the gate has checked and features, never labels; back come numbers and arrays of bounded
size, read without pickle. Whatever goes wrong becomes one sentence.
"""

from __future__ import annotations

import json
import math
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from course import sandbox, threads
from course.contract.processes import exchange
from course.problem import Problem, readable

if TYPE_CHECKING:
    import numpy as np

Progress = Callable[[int, int], None]
#: Bytes of a line that the process prints, and lines of its output that are kept.
MOST_LINE, MOST_LINES = 500, 20
#: Address space of the process; far above what onnxruntime itself asks for.
MEMORY_BYTES = 6 * 2**30
CHILD = (sys.executable, "-I", "-X", "utf8", str(Path(__file__).parents[1] / "inside" / "runner_child.py"))
#: Wall time over CPU time that a busy machine may need: a grade must not depend on what else runs.
PATIENCE = 5.0
INCOMPLETE = "The process that ran the model gave no complete answer; try again."


class RunnerError(Problem):
    """The model could not be run. The message is one sentence for the learner; `output` is what the process printed."""

    def __init__(self, sentence: str, output: str = ""):
        super().__init__(readable(sentence))  # it may quote names of the model
        self.output = output


def predict(
    model: bytes, batches: Sequence[Mapping[str, np.ndarray]], *, timeout_s: float = 60.0, rows: int = 0
) -> list[list[np.ndarray]]:
    """Run a model on every batch, in one fresh process, on one thread.

    Parameters
    ----------
    model : an ONNX file that the gate let through.
    batches : for each batch the inputs by name; first axis = row. Strings as object or str arrays.
    timeout_s : CPU time for all of it, with loading; on a busy machine `PATIENCE` times as much wall time.
    rows : run each batch in parts of so many rows, as where a call's cost is measured, and join the answers; 0: whole.
        A model so slow that this would take long is run on whole batches all the same: its cost is no secret.

    Returns
    -------
    For each batch all outputs in the model's order. Strings come back as object arrays; NaN is passed on.

    Raises
    ------
    RunnerError
        onnxruntime refuses the model or the inputs, or the process ran out of time or memory, or died.
    """
    arrays = {f"{k}/{name}": values for k, batch in enumerate(batches) for name, values in batch.items()}
    settings = {"batches": len(batches), "rows": rows}
    said, found = run("predict", {"model": model}, arrays, settings, timeout_s=timeout_s, patience=PATIENCE)
    try:
        names = [[f"{k}/{j}" for j in range(said["outputs"])] for k in range(len(batches))]
        return [[exchange.with_text(found[name]) for name in row] for row in names]
    except (KeyError, TypeError):
        raise RunnerError(INCOMPLETE) from None


def run(
    task: str,
    models: Mapping[str, bytes],
    arrays: Mapping[str, np.ndarray],
    settings: Mapping[str, object],
    *,
    timeout_s: float,
    patience: float = 1.0,
    progress: Progress | None = None,
) -> tuple[dict, dict[str, np.ndarray]]:
    """Do one of the tasks of `inside.runner_child` in a fresh process; its answer as plain data and arrays by name.

    It may use `timeout_s` of CPU time, and `patience` times as much wall time. Raises RunnerError. `progress` is called
    with the pairs of numbers that the task reports.
    """
    with tempfile.TemporaryDirectory(dir=sandbox.home(), ignore_cleanup_errors=True) as name:
        folder = Path(name)
        for key, content in models.items():
            (folder / f"{key}.onnx").write_bytes(content)
        exchange.write_arrays(folder / "inputs.npz", arrays)
        limits = {"memory_bytes": MEMORY_BYTES, "cpu_s": math.ceil(timeout_s), "file_bytes": exchange.MOST_FILE}
        (folder / "task.json").write_text(json.dumps({"task": task, "limits": limits, "settings": dict(settings)}))
        code, output = _run_process(folder, patience * timeout_s, progress)
        said = exchange.read_answer(folder / "answer.json")
        if "error" in said:
            raise RunnerError(str(said["error"])[:500], output)
        if code or not said:
            raise RunnerError(_death(code, timeout_s), output)
        try:
            return said, exchange.read_arrays(folder / "arrays.npz")
        except ValueError:
            raise RunnerError("The model's outputs could not be read back; return plain arrays.", output) from None


def _run_process(folder: Path, timeout_s: float, progress: Progress | None) -> tuple[int, str]:
    """Start the child in `folder`, isolated where that is possible, and wait for it; its exit code and last output."""
    isolated = not sandbox.problem()
    environment = {
        **threads.ONE,
        "TMPDIR": sandbox.HERE if isolated else str(folder),
    }
    before = sandbox.command(write=folder, environment=environment) if isolated else []
    process = sandbox.start(
        [*before, *CHILD], isolated, environment,
        cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    kept: list[str] = []
    with sandbox.guarded(process, timeout_s) as guard:
        while line := process.stdout.readline(MOST_LINE):
            word, *numbers = line.decode("utf-8", "replace").split() or [""]
            if word == exchange.PROGRESS and len(numbers) == 2 and all(n.isdecimal() for n in numbers):
                if progress:
                    progress(int(numbers[0]), int(numbers[1]))
            else:
                kept = [*kept, line.decode("utf-8", "replace").rstrip()][-MOST_LINES:]
        code = process.wait()
    if guard.reason:
        raise RunnerError(_too_long(timeout_s) if guard.late else _death(-signal.SIGKILL, timeout_s), "\n".join(kept))
    return code, "\n".join(kept)


def _too_long(seconds: float) -> str:
    return f"The run took longer than {seconds:g} s and was stopped: use a smaller model or a simpler graph."


def _death(code: int, timeout_s: float) -> str:
    code = 128 - code if code > 128 else code  # bubblewrap's way to tell of a signal
    name = signal.Signals(-code).name if code < 0 and -code in set(signal.Signals) else f"exit code {code}"
    if name == "SIGXCPU":
        return _too_long(timeout_s)
    if name == "SIGKILL":
        return "The process that ran the model was killed, most likely for want of memory: use a smaller model."
    return f"The model crashed the process that ran it ({name}): export it again with plain operators."
