"""The other side of `runner`: what happens inside the throw-away process.

Started as a file, in a folder that holds `task.json`, the models and `inputs.npz`; leaves `answer.json` and
`arrays.npz`. It limits itself before it loads anything, because a hook between fork and exec is not safe where the
parent has threads.
"""

from __future__ import annotations

import contextlib
import json
import math
import re
import sys
from pathlib import Path


class Stop(Exception):
    """The task can't go on; the message is one sentence for the learner."""


def main() -> None:
    """Do the task that lies in the current folder."""
    task = json.loads(Path("task.json").read_text())
    _limit(**task["limits"])
    # Isolated mode leaves out the package's own folder unless it is installed.
    sys.path.append(str(Path(__file__).resolve().parents[3]))
    try:
        answer = {"predict": _predict, "latency": _latency, "batches": _batches, "memory": _memory}[task["task"]](
            **task["settings"]
        )
    except Stop as stop:
        answer = {"error": str(stop)}
    except MemoryError:
        answer = {"error": _out_of_memory()}
    Path("answer.json").write_text(json.dumps(answer), encoding="utf-8")


def _limit(memory_bytes: int, cpu_s: int, file_bytes: int) -> None:
    """Limit this process where the system can (POSIX). macOS may refuse the limit on memory; the others hold there."""
    try:
        import resource
    except ImportError:
        return
    limits = {
        "RLIMIT_AS": memory_bytes,
        "RLIMIT_CPU": cpu_s,
        "RLIMIT_FSIZE": file_bytes,
        "RLIMIT_CORE": 0,
    }
    for name, most in limits.items():
        which = getattr(resource, name, None)
        if which is not None:
            hard = resource.getrlimit(which)[1]
            hard = math.inf if hard == resource.RLIM_INFINITY else hard
            # The softer limit of CPU time ends the process with a signal that says so.
            most = min(most, hard), min(most + 5 * (name == "RLIMIT_CPU"), hard)
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(which, most)


def load(file: str):
    """A session on an ONNX file: one thread, sequential, no spinning.

    From a path, not from bytes: among bytes onnxruntime would also take its own format, which no gate has checked.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 4
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's exceptions share no base class
        raise Stop(_sentence("onnxruntime can't load the model", error)) from None


def _sentence(start: str, error: Exception) -> str:
    text = str(error)
    if isinstance(error, MemoryError) or re.search(r"bad.?alloc|allocate memory", text):
        return _out_of_memory()
    if "Cast node" in text and re.search(r"\bsto(?:[dfi]|u?ll?)\b", text):
        return f"{start}: a Cast met text that is no number, and all rows failed with it; replace such text before it."
    text = re.sub(r"\[ONNXRuntimeError\] : \d+ : \w+ : ", "", text)
    text = re.sub(
        r"Non-zero status code returned while running (\w+) node\. Name:'[^']*' Status Message: ", r"\1 failed: ", text
    )
    text = re.sub(r"\S*/onnxruntime/\S+ [^\n]*?\) ", "", text)  # the file and function in onnxruntime's sources
    text = " ".join(text.split())
    return f"{start}: {text[:300].rstrip('. ') or type(error).__name__}."


def _out_of_memory() -> str:
    return "The model ran out of memory: use smaller weights or smaller intermediate results."


def _inputs() -> dict:
    """Arrays by name; text as objects: fields of fixed width would be converted anew for each call."""
    import numpy as np

    from course.contract.processes.exchange import with_text

    with np.load("inputs.npz", allow_pickle=False) as file:
        return {name: with_text(file[name]) for name in file.files}


def _run(session, feed: dict) -> list:
    try:
        return session.run(None, feed)
    except Exception as error:
        raise Stop(_sentence("onnxruntime can't run the model", error)) from None


#: CPU seconds for a batch in parts; what would take more is run whole.
PARTS_S = 5.0


def _predict(batches: int, rows: int) -> dict:
    """All outputs on every batch; inputs and outputs are named "batch/input" and "batch/number of the output"."""
    import numpy as np

    from course.contract.processes.exchange import MOST_RESULT

    arrays = _inputs()
    session = load("model.onnx")
    results, size = {}, 0
    for k in range(batches):
        feed = {name.partition("/")[2]: values for name, values in arrays.items() if name.startswith(f"{k}/")}
        for j, values in enumerate(_in_parts(session, feed, rows)):
            if not isinstance(values, np.ndarray):
                raise Stop(f"Output {session.get_outputs()[j].name!r} is no array: convert with `zipmap=False`.")
            results[f"{k}/{j}"] = values.astype(str) if values.dtype.kind == "O" else values
            size += results[f"{k}/{j}"].nbytes
            if size > MOST_RESULT:
                raise Stop(f"The model's outputs take more than {MOST_RESULT // 2**20} MB: return less for each row.")
    np.savez("arrays.npz", **results)
    return {"outputs": len(session.get_outputs())}


def _in_parts(session, feed: dict, rows: int) -> list:
    """The outputs for a batch that is run in parts of so many rows, joined.

    Those of the whole batch instead where the parts would take long, where one of them fails, and where the whole has
    another shape: what is wrong with it is to be seen.
    """
    import time

    import numpy as np

    count = min(len(values) for values in feed.values())
    whole = _run(session, feed)
    if not 0 < rows < count:
        return whole
    parts: list[list] = []
    started = time.thread_time()
    for start in range(0, count, rows):
        try:
            parts.append(_run(session, {name: values[start : start + rows] for name, values in feed.items()}))
        except Stop:
            return whole
        so_far = time.thread_time() - started
        if so_far > PARTS_S / 10 and so_far * count > PARTS_S * (start + rows):
            return whole
    sizes = [min(rows, count - start) for start in range(0, count, rows)]
    joined = []
    for outputs, all_of_it in zip(zip(*parts, strict=True), whole, strict=True):
        arrays = all(isinstance(one, np.ndarray) and len(one.shape) for one in outputs)
        if not arrays or [len(one) for one in outputs] != sizes or len({one.shape[1:] for one in outputs}) > 1:
            return whole  # it does not answer row by row
        joined.append(np.concatenate(outputs))
        if joined[-1].shape != getattr(all_of_it, "shape", None):
            return whole
    return joined


def _feeds(arrays: dict, batch: int) -> list[dict]:
    """The rows cut into batches; what does not fill a batch is left out."""
    rows = min(len(values) for values in arrays.values())
    starts = range(0, rows - batch + 1, batch)
    return [{name: values[i : i + batch] for name, values in arrays.items()} for i in starts]


def _latency(budget: float, batch: int, seed: int, cal_seed: int) -> dict:
    """Seconds a call of the model and of the calibration model, one pair for each super-block."""
    import random
    import time

    from course.contract.cost import clock, sampling
    from course.contract.processes.exchange import PROGRESS

    runs, count = _beside(batch, cal_seed)
    found = sampling.sample(
        clock.make_clock(),
        time.sleep,
        *runs,
        count,
        budget,
        random.Random(seed),
        lambda done, of: print(PROGRESS, done, of, flush=True),
    )
    return {"model": found.model, "cal": found.cal, "far": found.far}


def _batches(sizes: list[int], blocks: int, seed: int, cal_seed: int | None) -> dict:
    """Like `_latency`, in batches of each of the sizes, and only so many super-blocks: a list of pairs of lists."""
    import random
    import time

    from course.contract.cost import clock, sampling

    found = []
    for size in sizes:
        runs, count = _beside(size, cal_seed)
        made = sampling.compare(clock.make_clock(), time.sleep, *runs, count, blocks, random.Random(seed))
        found.append([made.model, made.cal])
    return {"found": found}


def _beside(batch: int, cal_seed: int | None) -> tuple[tuple, int]:
    """What runs the model and the known one on batch i, and the number of batches; no garbage collector.

    The calibration model gets rows of its own, by a seed. Without one, the known model takes the model's own inputs:
    the same batches from the other end, so that neither finds in a cache of the CPU what the other has just read.
    """
    import gc

    from course.contract.cost import calibration, clock

    clock.pin()
    feeds = _feeds(_inputs(), batch)
    model, cal = load("model.onnx"), load("cal.onnx")
    if cal_seed is None:
        cal_feeds = feeds[::-1]
    else:
        cal_feeds = _feeds({"X": calibration.calibration_rows(len(feeds) * batch, cal_seed)}, batch)
    for session, feed in ((model, feeds[0]), (cal, cal_feeds[0])):
        _run(session, feed)
    gc.collect()
    gc.disable()
    return (lambda i: model.run(None, feeds[i]), lambda i: cal.run(None, cal_feeds[i])), len(feeds)


def _memory(batch: int) -> dict:
    """Peak resident bytes that the model adds to a process that has run a trivial one, and CPU seconds to load it."""
    import time

    from course.contract.cost import memory

    feeds = _feeds(_inputs(), batch)
    trivial = load("trivial.onnx")
    for _ in range(3):
        _run(trivial, {"X": memory.trivial_row()})
    before = memory.start_peak()
    started = time.thread_time()
    session = load("model.onnx")
    seconds = time.thread_time() - started
    for feed in feeds:
        _run(session, feed)
    return {"bytes": max(memory.peak() - before, 0), "load_cpu_s": seconds}


if __name__ == "__main__":
    main()
