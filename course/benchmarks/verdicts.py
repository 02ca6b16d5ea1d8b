"""Do verdicts repeat? f01's reference and its slow graph, functions and tails near a budget, graded under every load.

`python -m course.benchmarks.verdicts [f01] [functions] [tails]` keeps the result of a full run (an hour for all), or of
the parts that are named, for handbook/latency.md.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from course import key
from course.benchmarks.latency.loads import load
from course.benchmarks.latency.sheets import Sheet
from course.benchmarks.latency.study import LOADS
from course.contract.artifacts.gate import read
from course.contract.cost.latency import Latency, latency
from course.contract.cost.tail import FEWEST, WARM, Tail, tail
from course.contract.cost.throughput import throughput
from course.contract.processes.calls import Module
from course.grading.authoring import rehearse
from course.grading.authoring.release import public_bytes
from course.grading.places import root
from course.units import load as load_unit

KEPT = Path(__file__).with_name("verdicts.json")
#: Gradings of each subject under each load.
TIMES, QUICK_TIMES = {"f01": 50, "functions": 10, "tails": 10}, 1
#: How subjects of each part begin, and what they are in a sentence.
PARTS = {
    "f01": ("f01", "f01's reference and its slow graph"),
    "functions": ("a function", "Functions at 0.75 and 1.33 of a budget"),
    "tails": ("a tail", "Tails (the slowest of a hundred calls) at 0.75 and 1.33 of a budget"),
}
#: f01's rehearsals and the verdict of each; the positions of functions and tails (true ratio over budget) and theirs.
REHEARSED = {"reference": "kept", "slow-graph": "broken"}
POSITIONS = {0.75: "kept", 1.33: "broken"}
SLOW = (
    "def work(x):\n    total = 0\n    for i in range({usual} if x % {every} else {slow}):\n        total += i * x\n"
    "    return total\n"
)
LOOP = "def work(x):\n    total = 0\n    for i in range({rounds}):\n        total += i * x\n    return total\n"


@dataclass(frozen=True)
class Subject:
    """Something that is graded again and again, and the verdict that it must get."""

    name: str
    right: str
    grade: Callable[[int], Latency | Tail]
    times: int


def run(quick: bool, progress: Callable[[str], None], parts: Sequence[str] = tuple(PARTS)) -> list[dict]:
    """One record for each subject and load: gradings, verdicts, wrong ones, the ratios' range, median seconds."""
    records = []
    made = {"f01": _of_f01, "functions": _functions, "tails": _tails}
    subjects = [subject for part in parts for subject in made[part](progress)]
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


def _of_f01(progress: Callable[[str], None]) -> list[Subject]:
    unit, where = load_unit("f01"), root()
    known = {rehearsal.name: rehearsal for rehearsal in rehearse.rehearsals(unit, where)}
    rows = unit.public_holdout(unit.public_data(key.OPEN)).timing.inputs
    found = []
    for name, right in REHEARSED.items():
        progress(f"building f01, {name}")
        with tempfile.TemporaryDirectory(prefix="course-") as folder:
            rehearse.build(unit, known[name], public_bytes(unit, key.OPEN), where, Path(folder))
            model = read(Path(folder, unit.artifact), unit.model).content
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
    return _placed("functions", ask, 10.0)


def _tails(progress: Callable[[str], None]) -> list[Subject]:
    """A loop that is ten times as long for one call in thirty, against a yardstick of its usual length."""
    theirs = Module("policy.py", SLOW.format(usual=6_000, slow=60_000, every=30).encode(), {})
    ours = Module("yardstick.py", LOOP.format(rounds=6_000).encode(), {})
    count = FEWEST + WARM

    def ask(budget: float, seed: int) -> Tail:
        calls = np.random.default_rng(seed).permutation(10 * count)[:count]
        return tail(theirs, ours, "work", [(int(x),) for x in calls], budget)

    progress("tails, quiet")
    return _placed("tails", ask, 30.0)


def _placed(part: str, ask: Callable[[float, int], Latency | Tail], wide: float) -> list[Subject]:
    """What `ask(budget, seed)` grades, with budgets that put it at each position of its ratio, quiet and `wide`."""
    truth = statistics.median(ask(wide, seed).ratio for seed in range(5))
    return [
        Subject(f"{PARTS[part][0]} at {position:g}", right, lambda seed, b=truth / position: ask(b, seed), TIMES[part])
        for position, right in POSITIONS.items()
    ]


def table(result: list[dict]):
    """Verdicts by subject and load, and all of it in short."""
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
    """A sentence for each part of the run."""
    from course.benchmarks.latency.stats import upper_bound

    said = []
    for begins, words in PARTS.values():
        chosen = [record for record in result if record["subject"].startswith(begins)]
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


def main(parts: Sequence[str]) -> None:
    """Grade the parts again, and keep what is known of the others."""
    if unknown := [part for part in parts if part not in PARTS]:
        raise SystemExit(f"There is no part {unknown[0]!r}; there are: {', '.join(PARTS)}.")
    found = run(False, lambda words: print(words, flush=True), parts)
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    again = tuple(PARTS[part][0] for part in parts)
    found += [record for record in kept if not record["subject"].startswith(again)]
    order = [begins for begins, _ in PARTS.values()]
    found.sort(key=lambda record: (LOADS.index(record["load"]), order.index(_begins(record))))
    KEPT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _begins(record: dict) -> str:
    return next(begins for begins, _ in PARTS.values() if record["subject"].startswith(begins))


if __name__ == "__main__":
    main(sys.argv[1:] or tuple(PARTS))
