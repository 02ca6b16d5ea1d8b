"""What a learner waits for: starting, checking, checking again; beside `python -c pass` and `import sklearn`."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.table import Table

from course import checkout, key, units
from course.contract.measure import measure
from course.grading.authoring.rehearse import build, rehearsals
from course.grading.authoring.release import public_bytes
from course.learning.workspace import start
from course.problem import Problem

UNIT = "f01"
BARE, YARDSTICK = "python -c pass", "import sklearn"
ARTIFACT, CHECK, AGAIN = "the artifact's own evaluation", "course check f01", "course check f01, unchanged"
#: What the course promises: seconds, and beyond the artifact's own evaluation for a check.
PROMISED = {"import course": 0.3, "course --help": 0.5}
PROMISED_BEYOND = 3.0


def run(quick: bool, progress: Callable[[str], None]) -> dict[str, list[float]]:
    """Wall seconds of each program, measured in turns; the first turn only warms the file cache.

    The artifact is the unit's reference. Its own evaluation is `measure` in this process, everything imported and the
    hold-out made.
    """
    root = checkout.find()
    if root is None:
        raise Problem("This benchmark needs a checkout of the course.")
    unit = units.load(UNIT)
    turns = 3 if quick else 11
    with tempfile.TemporaryDirectory(prefix="course-") as scratch:
        folder, data = Path(scratch) / unit.name, Path(scratch) / "data"
        start(unit, folder)
        progress("building the reference")
        reference = next(rehearsal for rehearsal in rehearsals(unit, root) if rehearsal.is_reference)
        build(unit, reference, public_bytes(unit, key.OPEN), root, folder)
        holdout = unit.public_holdout(unit.public_data(key.OPEN))
        course, check = ["-m", "course"], ["-m", "course", "check", UNIT, "--dir", str(folder)]
        programs = {
            BARE: ["-c", "pass"],
            "import course": ["-c", "import course"],
            "course --help": [*course, "--help"],
            "course units": [*course, "units"],
            "course progress": [*course, "progress"],
            YARDSTICK: ["-c", "import sklearn"],
            CHECK: [*check, "--fresh"],
            AGAIN: check,
        }
        times: dict[str, list[float]] = {name: [] for name in (*programs, ARTIFACT)}
        for turn in range(turns):
            for name, arguments in programs.items():
                progress(f"{turn + 1} of {turns}: {name}")
                began = time.perf_counter()
                subprocess.run(
                    [sys.executable, *arguments],
                    check=True,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env=os.environ | {"COURSE_DATA": str(data)},
                )
                _note(times[name], turn, began)
            progress(f"{turn + 1} of {turns}: {ARTIFACT}")
            began = time.perf_counter()
            measure(unit, folder, holdout)
            _note(times[ARTIFACT], turn, began)
    return times


def _note(times: list[float], turn: int, began: float) -> None:
    if turn:
        times.append(time.perf_counter() - began)


def table(result: dict[str, list[float]]) -> Table:
    """Medians, ratios to the two yardsticks, and what was promised."""
    made = Table(
        "What", "Median", "Least to most", f"/ {BARE}", f"/ {YARDSTICK}", "Promised", title="A learner waits for"
    )
    middle = {name: statistics.median(times) for name, times in result.items()}
    promised = {name: f"under {most} s" for name, most in PROMISED.items()}
    beyond = middle[CHECK] - middle[ARTIFACT]
    promised[CHECK] = f"evaluation + at most {PROMISED_BEYOND:g} s; it is + {beyond:.1f} s"
    for name, times in result.items():
        spread = f"{min(times):.2f} to {max(times):.2f} s"
        bare, sklearn = middle[name] / middle[BARE], middle[name] / middle[YARDSTICK]
        made.add_row(name, f"{middle[name]:.2f} s", spread, f"{bare:.1f}", f"{sklearn:.2f}", promised.get(name, ""))
    return made
