"""Killed at any moment: `course grade` of 12 submissions, killed with its group at 50 random moments, and begun again.

A round is a fresh class that is graded, killed, and graded on, some times, until a run comes to its end. Then its
gradebook must be that of an undisturbed run, with nothing graded twice; and after each kill nothing may be left: no
process, no sandbox, no folder, no control group, no lock.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from rich.table import Table

from course import sandbox
from course.benchmarks import class_
from course.grading.classes import gradebook, resume
from course.grading.places import root
from course.problem import Problem
from course.sandbox import groups

UNIT = class_.UNIT
#: Submissions and kills, and the same for a quick run; kills of one round at most.
STUDENTS, KILLS, QUICK_STUDENTS, QUICK_KILLS, A_ROUND = 12, 50, 3, 5, 6
#: Seconds in which all that a killed run had must be gone.
GONE_S = 20.0
FAULTS = (
    "gradebooks that differ", "results made twice", "submissions recorded twice", "runs that failed",
    "processes left", "folders left", "control groups left",
)  # fmt: skip


def run(quick: bool, progress: Callable[[str], None]) -> dict[str, int]:
    """Submissions, kills, how many of them before the end, rounds, and how often each fault was seen."""
    if sandbox.problem() or not sys.platform.startswith("linux"):
        raise Problem(f"This is only measured on Linux, with isolation. {sandbox.problem()}")
    students, kills = (QUICK_STUDENTS, QUICK_KILLS) if quick else (STUDENTS, KILLS)
    draws = random.Random(0)
    found = Counter({"submissions": students} | dict.fromkeys(("kills", "before the end", "rounds", *FAULTS), 0))
    with tempfile.TemporaryDirectory(prefix="course-") as scratch:
        course = Path(scratch) / "course"
        class_._hand_in(course, students, plain=False, train=False)
        for folder in course.glob(f"submitted/*/{UNIT}"):
            (folder / "model.onnx").write_bytes(b"no model")  # what is measured differs a little every time
        progress("an undisturbed run")
        calm = Round(course, Path(scratch) / "calm")
        seconds = calm.finish(found)
        while found["kills"] < kills:
            found["rounds"] += 1
            one = Round(course, Path(scratch) / f"round-{found['rounds']}")
            for _ in range(draws.randint(1, min(A_ROUND, kills - found["kills"]))):
                found["kills"] += 1
                progress(f"kill {found['kills']} of {kills}")
                one.kill(draws.uniform(0, seconds), found)
            one.finish(found)
            found["gradebooks that differ"] += one.says() != calm.says()
            shutil.rmtree(one.course.parent)
    return dict(found)


def table(result: dict[str, int]) -> Table:
    """A line for each figure."""
    made = Table("Killed and begun again", "")
    for name, count in result.items():
        made.add_row(name, str(count))
    return made


def markdown(result: dict[str, int]) -> str:
    """The same for the handbook, as a sentence."""
    seen = [f"{name}: {result[name]}" for name in FAULTS]
    how = f"{result['kills']} times in {result['rounds']} rounds, {result['before the end']} of them before the end"
    return f"{result['submissions']} submissions, killed {how}. Seen: {'; '.join(seen)}."


class Round:
    """A class in a folder of its own, with temporary files and results of its own."""

    def __init__(self, course: Path, folder: Path) -> None:
        self.course, self._temporary = folder / "course", folder / "tmp"
        shutil.copytree(course, self.course)
        gradebook.copy_settings(root(), self.course)  # its gradebook is its own
        self._temporary.mkdir()
        self._known: dict[Path, int] = {}

    def _start(self) -> subprocess.Popen:
        environment = class_._environment(self.course) | {"TMPDIR": str(self._temporary)}
        return subprocess.Popen(
            [sys.executable, "-m", "course", "grade", UNIT, "--jobs", "2"], cwd=self.course, env=environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip

    def finish(self, found: Counter[str]) -> float:
        """Grade to the end; seconds that it took."""
        started = time.monotonic()
        found["runs that failed"] += self._start().wait() != 0
        self._look(found)
        found["folders left"] += self._left()
        return time.monotonic() - started

    def kill(self, seconds: float, found: Counter[str]) -> None:
        """Start grading, and kill it after so many seconds, if it has not ended."""
        process = self._start()
        end = time.monotonic() + seconds
        while time.monotonic() < end and process.poll() is None:
            time.sleep(0.01)
        family = [(pid, _born(pid)) for pid in sandbox.tree(process.pid)]
        if process.poll() is None:
            found["before the end"] += 1
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        found["processes left"] += sum(_wait(lambda one=one: _born(one[0]) != one[1]) for one in family)
        found["folders left"] += self._left()
        kind = groups.known()
        parents = kind.parents if kind else ()
        left = [f"course-{pid}-*" for pid, _ in family]
        found["control groups left"] += _wait(lambda: not any(any(p.glob(name)) for p in parents for name in left))
        self._look(found)

    def _left(self) -> bool:
        return _wait(lambda: not any(self._temporary.iterdir()))

    def _look(self, found: Counter[str]) -> None:
        """Is what was made already still the same file?"""
        made = {"results made twice": (self.course / "results").glob("*.zip")}
        made["submissions recorded twice"] = self.course.glob(f"autograded/*/*/{resume.LIST}")
        for fault, files in made.items():
            for file in files:
                number = file.stat().st_ino
                found[fault] += self._known.setdefault(file, number) != number

    def says(self) -> list[tuple]:
        """What the gradebook says."""
        return class_._grades(self.course)


def _born(pid: int) -> str:
    """When a process began, as the system writes it; '' if there is none (or only what is left of one)."""
    try:
        state, *fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if state == "Z" else fields[18]


def _wait(gone: Callable[[], bool]) -> bool:
    """True if it does not become true in time."""
    end = time.monotonic() + GONE_S
    while not gone():
        if time.monotonic() > end:
            return True
        time.sleep(0.05)
    return False
