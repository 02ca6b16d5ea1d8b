"""The flake study: what is graded in which order, and the file of records that lets it go on after a break."""

from __future__ import annotations

import contextlib
import csv
import dataclasses
import os
import random
import statistics
import time
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from threading import Lock

import numpy as np

from course.benchmarks.latency.loads import CHILDREN, load
from course.benchmarks.latency.models import Subject
from course.benchmarks.latency.naive import Naive
from course.contract.cost.latency import latency
from course.contract.cost.sampling import FAR

LOADS = tuple(CHILDREN)
#: Where a model stands, as its true ratio over the budget. Half of the gradings at `CLEAR` lie on either side.
CLEAR, NEAR = (0.75, 1.33), (0.9, 1.1)
#: Processes, and calls of the naive methods, from which a model's quiet values are medians.
QUIET_RUNS = 5
ROUNDS = 17
ROWS = 512
QUIET = "quiet"


@dataclass(frozen=True)
class Task:
    """One grading to be done."""

    round: int
    load: str
    model: str
    position: float
    copy: int = 0


@dataclass(frozen=True)
class Record:
    """One grading that was done. `load` "quiet" is a model's reference: its true ratio and naive values.

    `ratio` is in calibration models, `one_run` and `median_of_runs` are microseconds a call, `ratio_of_means` is in
    calibration models; `seconds` is wall time to the verdict. Records of several machines are told apart by `machine`:
    each has reference values of its own.
    """

    round: int
    load: str
    model: str
    family: str
    position: float
    copy: int
    verdict: str
    ratio: float
    blocks: int
    seconds: float
    one_run: float
    median_of_runs: float
    ratio_of_means: float
    machine: int = 1

    @property
    def subject(self) -> tuple[int, str]:
        """What was graded, and where."""
        return self.machine, self.model

    @property
    def task(self) -> Task:
        """What it is a record of."""
        return Task(self.round, self.load, self.model, self.position, self.copy)


FIELDS = tuple(field.name for field in dataclasses.fields(Record))


def plan(subjects: Mapping[str, Subject], rounds: int, most: int | None = None) -> list[tuple[str, list[Task]]]:
    """All gradings as (load, tasks) in the order they are done: by round, every load in each.

    A round takes one model of each family, the small one in even rounds, at both clear positions. The second grader's
    load, where two run at a time, has each of them twice. Every third round has two models near their budgets as well.
    `most` limits the tasks of a load in a round, for a quick study.
    """
    families: dict[str, list[str]] = {}
    for subject in subjects.values():
        families.setdefault(subject.family, []).append(subject.name)
    found = []
    for number in range(rounds):
        rng = random.Random(number)
        models = [names[number % len(names)] for names in families.values()]
        for name in rng.sample(LOADS, len(LOADS)):
            copies = range(2 if name == "second grader" else 1)
            tasks = [Task(number, name, model, p, copy) for model in models for p in CLEAR for copy in copies]
            if number % 3 == 0:
                tasks += [Task(number, name, models[(number + k) % len(models)], p) for k, p in enumerate(NEAR)]
            found.append((name, rng.sample(tasks, len(tasks))[:most]))
    return found


def read(path: Path) -> list[Record]:
    """The records in the file, in order; none if there is no file. A last line that was cut off is left out."""
    kinds = {field.name: {"int": int, "float": float}.get(field.type, str) for field in dataclasses.fields(Record)}
    found = []
    with contextlib.suppress(FileNotFoundError), path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(line for line in file if line.endswith("\n")):
            found.append(Record(**{name: kind(row[name]) for name, kind in kinds.items() if row.get(name) is not None}))
    return found


def mend(path: Path) -> None:
    """Make the file fit to be appended to: cut off a last line that has no end, write the header if there is none."""
    whole = path.read_bytes() if path.exists() else b""
    whole = whole[: whole.rfind(b"\n") + 1] or (",".join(FIELDS) + "\n").encode()
    path.write_bytes(whole)


def append(path: Path, record: Record) -> None:
    """Add a record to the file, with four significant digits; safe once this returns."""
    with path.open("a", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerow(_short(value) for value in dataclasses.astuple(record))
        file.flush()
        os.fsync(file.fileno())


def _short(value: object) -> object:
    return f"{value:.4g}" if isinstance(value, float) else value


def run(
    subjects: Mapping[str, Subject],
    tasks: Sequence[tuple[str, Sequence[Task]]],
    path: Path | None,
    progress: Callable[[str], None],
) -> list[Record]:
    """Do those of the tasks (see `plan`) that are not yet in the file at `path`; all records, the file's own first.

    Every record is appended to the file at once. Without a path nothing is written.
    """
    records: list[Record] = []
    if path:
        records = read(path)
        mend(path)
    lock = Lock()

    def note(record: Record) -> None:
        with lock:
            records.append(record)
            if path:
                append(path, record)

    with Naive(subjects) as first, Naive(subjects) as second:
        used = {task.model for _, some in tasks for task in some}
        known = {record.model for record in records if record.load == QUIET}
        for record in quiet([subjects[name] for name in subjects if name in used - known], first, progress):
            note(record)
        truth = {record.model: record.ratio for record in records if record.load == QUIET}
        done, total = {record.task for record in records}, sum(len(some) for _, some in tasks)
        for name, some in tasks:
            free: SimpleQueue[Naive] = SimpleQueue()
            for naive in (first, second):
                free.put(naive)

            def one(task: Task, free: SimpleQueue = free) -> None:
                naive = free.get()
                try:
                    note(grade(subjects[task.model], task, truth[task.model], naive))
                finally:
                    free.put(naive)
                progress(f"{sum(record.load != QUIET for record in records)} of {total} gradings, now {task.load}")

            left = [task for task in some if task not in done]
            if left:
                with load(name), ThreadPoolExecutor(2 if name == "second grader" else 1) as pool:
                    list(pool.map(one, left))
    return records


def grade(subject: Subject, task: Task, truth: float, naive: Naive) -> Record:
    """Time the model naively, then grade it with a budget that puts it at the task's position."""
    seed = zlib.crc32(repr(task).encode())
    estimates = naive.ask(subject.name)
    rows = subject.rows(ROWS, np.random.default_rng(seed))
    started = time.monotonic()
    found = latency(subject.content, rows, truth / task.position, seed=seed)
    seconds = time.monotonic() - started
    return _record(subject, task, found.verdict, found.ratio, found.blocks, seconds, estimates)


def quiet(subjects: Sequence[Subject], naive: Naive, progress: Callable[[str], None]) -> Iterable[Record]:
    """Each model's reference values: medians over several processes, the models in turns, with nothing else started."""
    ratios: dict[str, list[float]] = {subject.name: [] for subject in subjects}
    naives: dict[str, list[tuple[float, ...]]] = {subject.name: [] for subject in subjects}
    budgets: dict[str, float] = {subject.name: 1.0 for subject in subjects}
    seconds, blocks = dict.fromkeys(ratios, 0.0), dict.fromkeys(ratios, 0)
    for turn in range(QUIET_RUNS + 1):
        for subject in subjects:
            progress(f"quiet values, turn {turn + 1} of {QUIET_RUNS + 1}: {subject.name}")
            naives[subject.name].append(naive.ask(subject.name))
            rows = subject.rows(ROWS, np.random.default_rng([turn, len(subject.name)]))
            started = time.monotonic()
            found = latency(subject.content, rows, budgets[subject.name], seed=turn)
            seconds[subject.name] += time.monotonic() - started
            # The first turn only tells where the budget must be for the others to be decided at the first look.
            budgets[subject.name] = found.ratio * FAR
            if turn:
                ratios[subject.name].append(found.ratio)
                blocks[subject.name] += found.blocks
    for subject in subjects:
        middle = [statistics.median(values) for values in zip(*naives[subject.name], strict=True)]
        ratio = statistics.median(ratios[subject.name])
        task = Task(0, QUIET, subject.name, 0.0)
        yield _record(subject, task, "", ratio, blocks[subject.name], seconds[subject.name], middle)


def _record(subject: Subject, task: Task, verdict: str, ratio: float, blocks: int, seconds: float, naive) -> Record:
    return Record(
        task.round, task.load, task.model, subject.family, task.position, task.copy,
        verdict, ratio, blocks, seconds, *naive,
    )  # fmt: skip
