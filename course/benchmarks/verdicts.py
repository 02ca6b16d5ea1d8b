"""Do verdicts repeat? f01's reference and its slow graph, and functions near a budget, graded under every load.

`python -m course.benchmarks.verdicts` keeps the result of a full run (most of an hour) for handbook/latency.md.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from course import key
from course.benchmarks.latency.loads import load
from course.benchmarks.latency.sheets import Sheet
from course.benchmarks.latency.study import LOADS
from course.contract.calls import Module
from course.contract.gate import read
from course.contract.latency import Latency, latency
from course.contract.throughput import throughput
from course.grading import rehearse
from course.grading.places import root
from course.grading.release import public_bytes
from course.units import load as load_unit

KEPT = Path(__file__).with_name("verdicts.json")
#: Gradings of each subject under each load.
TIMES, QUICK_TIMES = {"f01": 50, "functions": 10}, 1
#: f01's rehearsals and the verdict of each; the positions of functions (true ratio over budget) and theirs.
REHEARSED = {"reference": "kept", "slow-graph": "broken"}
POSITIONS = {0.75: "kept", 1.33: "broken"}
LOOP = "def work(x):\n    total = 0\n    for i in range({rounds}):\n        total += i * x\n    return total\n"


@dataclass(frozen=True)
class Subject:
    """Something that is graded again and again, and the verdict that it must get."""

    name: str
    right: str
    grade: Callable[[int], Latency]
    times: int


def run(quick: bool, progress: Callable[[str], None]) -> list[dict]:
    """One record for each subject and load: gradings, verdicts, wrong ones, the ratios' range, median seconds."""
    records = []
    with tempfile.TemporaryDirectory(prefix="course-") as scratch:
        subjects = [*_of_f01(Path(scratch), progress), *_functions(progress)]
    for number, name in enumerate(LOADS):
        for subject in subjects:
            times = QUICK_TIMES if quick else subject.times
            progress(f"{name}: {subject.name}")

            def grade(seed: int, subject: Subject = subject) -> tuple[str, float, float]:
                started = time.monotonic()
                found = subject.grade(seed)
                return found.verdict, found.ratio, time.monotonic() - started

            with load(name), ThreadPoolExecutor(2 if name == "second grader" else 1) as pool:
                graded = list(pool.map(grade, range(1000 * number, 1000 * number + times)))
            verdicts = Counter(verdict for verdict, *_ in graded)
            fine = verdicts[subject.right] + verdicts["too close to call"]
            records.append(
                {
                    "subject": subject.name, "load": name, "right": subject.right, "gradings": times,
                    "verdicts": dict(verdicts), "wrong": times - fine, "least": min(r for _, r, _ in graded),
                    "most": max(r for _, r, _ in graded), "seconds": statistics.median(s for *_, s in graded),
                }
            )  # fmt: skip
    return records


def _of_f01(folder: Path, progress: Callable[[str], None]) -> list[Subject]:
    unit, where = load_unit("f01"), root()
    known = {rehearsal.name: rehearsal for rehearsal in rehearse.rehearsals(unit, where)}
    rows = unit.public_holdout(unit.public_data(key.OPEN)).timing.inputs
    found = []
    for name, right in REHEARSED.items():
        progress(f"building f01, {name}")
        rehearse.build(unit, known[name], public_bytes(unit, key.OPEN), where, folder)
        model = read(folder / unit.artifact, unit.model).content
        budget = unit.term("latency").budget

        def grade(seed: int, model: bytes = model, budget: float = budget) -> Latency:
            return latency(model, rows, budget, seed=seed)

        found.append(Subject(f"f01, {name}", right, grade, TIMES["f01"]))
    return found


def _functions(progress: Callable[[str], None]) -> list[Subject]:
    """A loop against a yardstick of half its length; the budget puts it at each position of its quiet ratio."""
    theirs = Module("policy.py", LOOP.format(rounds=2000).encode(), {})
    ours = Module("yardstick.py", LOOP.format(rounds=1000).encode(), {})

    def ask(budget: float, seed: int) -> Latency:
        return throughput(
            theirs, ours, "work", lambda rng: [(int(x),) for x in rng.integers(0, 1000, 100)], budget, seed=seed
        )

    progress("functions, quiet")
    truth = statistics.median(ask(10.0, seed).ratio for seed in range(5))
    return [
        Subject(f"a function at {position:g}", right, lambda seed, b=truth / position: ask(b, seed), TIMES["functions"])
        for position, right in POSITIONS.items()
    ]


def table(result: list[dict]):
    """Verdicts by subject and load, and all of it in two sentences."""
    from rich.console import Group

    return Group(sheet(result).rich(), *in_short(result))


def sheet(result: list[dict]) -> Sheet:
    """Verdicts by subject and load."""
    columns = ("Graded", "Load", "Gradings", "Kept", "Too close", "Broken", "Wrong", "Ratios", "Median s")
    rows = []
    for record in result:
        counts = (str(record["verdicts"].get(verdict, 0)) for verdict in ("kept", "too close to call", "broken"))
        ratios = f"{record['least']:.2f} to {record['most']:.2f}"
        ends = (str(record["wrong"]), ratios, f"{record['seconds']:.1f}")
        rows.append((record["subject"], record["load"], str(record["gradings"]), *counts, *ends))
    return Sheet("The same thing graded again and again", columns, tuple(rows))


def in_short(result: list[dict]) -> list[str]:
    """The run in two sentences."""
    from course.benchmarks.latency.stats import upper_bound

    said = []
    for words, chosen in (
        ("f01's reference and its slow graph", [record for record in result if record["subject"].startswith("f01")]),
        ("Functions at 0.75 and 1.33 of a budget", [r for r in result if not r["subject"].startswith("f01")]),
    ):
        if not chosen:
            continue
        count, wrong = sum(r["gradings"] for r in chosen), sum(r["wrong"] for r in chosen)
        right = sum(r["verdicts"].get(r["right"], 0) for r in chosen)
        bound = upper_bound(wrong, count)
        said.append(
            f"{words}, graded {count} times under five loads: {right} right, {wrong} wrong, {count - right - wrong} "
            f"too close to call (at most {bound:.1%} wrong with 95 % confidence)."
        )
    return said


if __name__ == "__main__":
    KEPT.write_text(json.dumps(run(False, lambda words: print(words, flush=True)), indent=1) + "\n", encoding="utf-8")
