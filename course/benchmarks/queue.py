"""f11's queue against threads that serve a real model: what was computed beside what was measured."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

import numpy as np
from rich.table import Table

from course.contract.cost.calibration import calibration_model, calibration_rows
from course.contract.inside.runner_child import load
from course.units.f11_scale_inference.queueing import Rules, Service, simulate

#: Rows of the calibration model that a request is in each step; shares that go on to the second step and are new.
ROWS, ESCALATED, NEW = (100, 500), 0.15, 0.5
#: Requests a phone sends at once; how busy workers shall be, by the costs that were measured; seconds of each run.
TOGETHER, LOADS, SECONDS, QUICK_S = 3, (0.3, 0.5, 0.7), 20.0, 4.0
RULES = {
    "one by one": Rules(),
    "what is there": Rules(small_batch=8, large_batch=4),
    "wait 20 ms for 8, cache": Rules(small_batch=8, small_wait=0.02, large_batch=4, large_wait=0.02, entries=1_000),
}
SIZES = range(1, 9)


def run(quick: bool, progress: Callable[[str], None]) -> list[dict]:
    """A record for each rule and load: mean, median and p99 in ms, computed and measured."""
    with tempfile.TemporaryDirectory(prefix="course-") as folder:
        file = Path(folder) / "cal.onnx"
        file.write_bytes(calibration_model())
        session = load(str(file))
    rows = calibration_rows(ROWS[1] * SIZES[-1], 0)

    def work(step: int, count: int) -> None:
        session.run(None, {"X": rows[: ROWS[step] * count]})

    workers, seconds = max((os.cpu_count() or 1) // 2, 1), QUICK_S if quick else SECONDS
    rng, records = np.random.default_rng(0), []
    for name, rules in RULES.items():
        for load_ in LOADS:
            progress(f"{name}, {load_:.0%} busy: what batches take")
            takes = _measured(work)
            times, keys, flags = _requests(rng, load_, workers, seconds, takes, rules)
            found = simulate(times, keys, flags, workers, takes, rules)
            progress(f"{name}, {load_:.0%} busy: {len(times):,} requests in {seconds:.0f} s")
            served = Threads(work, rules, workers).serve(times, keys, flags)
            records.append(
                {"rules": name, "load": load_, "requests": len(times), "workers": workers}
                | {f"{what}, computed": ms for what, ms in _summary(found.seconds).items()}
                | {f"{what}, measured": ms for what, ms in _summary(served).items()}
            )
    return records


def _summary(seconds: np.ndarray) -> dict[str, float]:
    return {
        "mean": float(seconds.mean()) * 1000,
        "p50": float(np.quantile(seconds, 0.5)) * 1000,
        "p99": float(np.quantile(seconds, 0.99)) * 1000,
    }


def _measured(work: Callable[[int, int], None]) -> Service:
    """Median seconds of a batch, by step and number of requests."""
    table = {}
    for step in (0, 1):
        for count in SIZES:
            spans = []
            for _ in range(15):
                start = time.perf_counter()
                work(step, count)
                spans.append(time.perf_counter() - start)
            table[step, count] = float(np.median(spans))
    return lambda step, count: table[step, count]


def _requests(rng: np.random.Generator, load: float, workers: int, seconds: float, takes: Service, rules: Rules):
    """Times, keys and flags of requests that keep workers so busy if each is a batch of its own."""
    each = (takes(0, 1) + ESCALATED * takes(1, 1)) * (NEW if rules.entries else 1)
    count = int(load * workers / each * seconds / TOGETHER)
    times = np.repeat(np.sort(rng.uniform(0, seconds, count)), TOGETHER)
    keys = np.arange(len(times))
    again = np.flatnonzero(rng.random(len(keys)) > NEW)
    keys[again] = keys[np.maximum(again - rng.integers(1, 60, len(again)), 0)]
    flags = rng.random(len(keys)) < ESCALATED
    return times, keys.tolist(), flags[keys]


class Threads:
    """The same rules, by a clock: workers are threads, and what they work on is real."""

    def __init__(self, work: Callable[[int, int], None], rules: Rules, workers: int):
        self._work, self._rules, self._count = work, rules, workers
        self._queues: tuple[deque, deque] = (deque(), deque())
        self._most, self._waits = (rules.small_batch, rules.large_batch), (rules.small_wait, rules.large_wait)
        self._state, self._filed, self._pending = threading.Condition(), set(), {}
        self._left, self._end = 0, np.zeros(0)

    def serve(self, times: np.ndarray, keys: list, flags: np.ndarray) -> np.ndarray:
        """Seconds until each request's answer. The cache is larger than what comes: nothing is ever dropped."""
        self._keys, self._flags, self._left, self._end = keys, flags, len(keys), np.zeros(len(keys))
        threads = [threading.Thread(target=self._serve, daemon=True) for _ in range(self._count)]
        self._start = time.perf_counter() + 0.1
        for thread in threads:
            thread.start()
        for request, at in enumerate(times.tolist()):
            while (left := at - self._now()) > 0:
                time.sleep(left)
            with self._state:
                self._come(request, keys[request])
                self._state.notify()
        for thread in threads:
            thread.join()
        return self._end - times

    def _now(self) -> float:
        return time.perf_counter() - self._start

    def _come(self, request: int, key: object) -> None:
        if self._rules.entries and key in self._filed:
            self._answer(request)
        elif self._rules.entries and key in self._pending:
            self._pending[key].append(request)
        else:
            self._pending[key] = []
            self._queues[0].append((self._now(), request))

    def _answer(self, request: int) -> None:
        self._end[request] = self._now()
        self._left -= 1

    def _serve(self) -> None:
        while True:
            with self._state:
                while not (found := self._next()):
                    if not self._left:
                        self._state.notify_all()
                        return
                    heads = [queue[0][0] + wait for queue, wait in zip(self._queues, self._waits, strict=True) if queue]
                    self._state.wait(max(min(heads) - self._now(), 0) if heads else 0.05)
            step, batch = found
            self._work(step, len(batch))
            with self._state:
                for request in batch:
                    if step == 0 and self._flags[request]:
                        self._queues[1].append((self._now(), request))
                        continue
                    self._answer(request)
                    self._filed.add(self._keys[request])
                    for other in self._pending.pop(self._keys[request], ()):
                        self._answer(other)

    def _next(self) -> tuple[int, list[int]] | None:
        """A batch that is to be served now, the large step's first."""
        for step in (1, 0):
            queue, most = self._queues[step], self._most[step]
            if queue and (len(queue) >= most or self._now() >= queue[0][0] + self._waits[step]):
                return step, [queue.popleft()[1] for _ in range(min(len(queue), most))]
        return None


def table(result: list[dict]) -> Table:
    """Computed beside measured, and their ratio."""
    heads = ("Rules", "Busy", "Requests", "mean", "p50", "p99")
    made = Table(*heads, title="ms until the answer: computed, measured, and their ratio")
    for record in result:
        cells = []
        for what in ("mean", "p50", "p99"):
            computed, measured = record[f"{what}, computed"], record[f"{what}, measured"]
            cells.append(f"{computed:.1f}  {measured:.1f}  ×{measured / computed:.2f}")
        made.add_row(record["rules"], f"{record['load']:.0%}", f"{record['requests']:,}", *cells)
    ratios = [record["p99, measured"] / record["p99, computed"] for record in result]
    made.caption = (
        f"{result[0]['workers']} worker(s); p99 measured is {min(ratios):.2f} to {max(ratios):.2f} times p99 computed."
    )
    return made
