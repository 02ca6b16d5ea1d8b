"""The usual ways to time a model, on the same work under the same load, in a process of their own.

They get more than they usually have: a process that is warm and stays up, one thread, fresh rows. This file is also the
program of that process: it reads a model's name from each line and answers with one line of JSON.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

#: Calls of one run, and runs.
CALLS, RUNS, WARM = 200, 5, 50
ROWS = 512
#: What is estimated, in the order of the answer: two in microseconds a call, one ratio to the calibration model.
METHODS = ("one run", "median of runs", "ratio of means")


class Naive:
    """The process; a context manager. `ask(name)` times one model, in about a tenth of a second."""

    def __init__(self, subjects: Mapping):
        import numpy as np

        from course.contract.cost.calibration import calibration_model, calibration_rows

        self._scratch = tempfile.TemporaryDirectory(prefix="course-")
        folder = Path(self._scratch.name)
        rng = np.random.default_rng(1)
        (folder / "cal.onnx").write_bytes(calibration_model())
        np.savez(folder / "cal.npz", X=calibration_rows(ROWS, 1))
        for subject in subjects.values():
            (folder / f"{subject.name}.onnx").write_bytes(subject.content)
            np.savez(folder / f"{subject.name}.npz", **subject.rows(ROWS, rng))
        self._process = subprocess.Popen(
            [sys.executable, "-I", __file__, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Naive:
        return self

    def __exit__(self, *_) -> None:
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()
        self._scratch.cleanup()

    def ask(self, name: str) -> tuple[float, float, float]:
        """What each of `METHODS` finds for the model called `name`."""
        self._process.stdin.write(name + "\n")
        self._process.stdin.flush()
        return tuple(json.loads(self._process.stdout.readline()))


def main(folder: Path) -> None:
    """Answer until there are no more lines."""
    import gc

    import numpy as np

    sys.path.append(str(Path(__file__).resolve().parents[3]))  # isolated mode leaves it out
    from course.contract.inside.runner_child import load

    known = {}
    for file in folder.glob("*.onnx"):
        with np.load(file.with_suffix(".npz")) as found:
            rows = {name: found[name] for name in found.files}
        feeds = [{name: values[i : i + 1] for name, values in rows.items()} for i in range(ROWS)]
        known[file.stem] = (load(str(file)), feeds)
    gc.collect()
    gc.disable()

    def runs(name: str) -> list[float]:
        """Mean microseconds a call, for each run."""
        session, feeds = known[name]
        for i in range(WARM):
            session.run(None, feeds[i])
        means = []
        for run in range(RUNS):
            started = time.perf_counter()
            for i in range(CALLS):
                session.run(None, feeds[(run * CALLS + i) % ROWS])
            means.append((time.perf_counter() - started) * 1e6 / CALLS)
        return means

    for line in sys.stdin:
        model, cal = runs(line.strip()), runs("cal")
        print(json.dumps([model[0], statistics.median(model), sum(model) / sum(cal)]), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
