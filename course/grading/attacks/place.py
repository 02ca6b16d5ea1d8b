"""A course in a temporary folder, with secrets laid out in it, and what is left of it after an attack."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from course import cache, key
from course.problem import Problem

if TYPE_CHECKING:
    from course.grading.attacks import Attack

UNIT = "f01-shrink-ensemble"


@dataclass(frozen=True)
class Place:
    """A course, a home, a cache; `tokens` are strings that nobody may see."""

    root: Path
    home: Path
    cache: Path
    tokens: dict[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """What nbgrader is started with: another home, the open key, programs of this Python first."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        return {
            **os.environ, "PATH": path, "HOME": str(self.home), "COURSE_CACHE": str(self.cache),
            "COURSE_KEY_FILE": str(self.root / "no-key.json"), "COURSE_CANARY": self.tokens["environment"],
        }  # fmt: skip

    def submitted(self, name: str) -> Path:
        """The folder that a student hands in."""
        return self.root / "submitted" / name / UNIT

    def notebook(self, name: str) -> Path:
        """The autograded notebook of a student."""
        return self.root / "autograded" / name / UNIT / f"{UNIT}.ipynb"

    def page(self, name: str) -> Path:
        """The feedback page of a student."""
        return self.root / "feedback" / name / UNIT / f"{UNIT}.html"


def make_place(folder: Path) -> Place:
    """A folder for a course, with a home that holds a key and a cache that holds a rehearsed model."""
    tokens = {name: hashlib.sha256(os.urandom(32)).hexdigest() for name in ("key", "environment", "ada", "rehearsal")}
    place = Place(folder / "course", folder / "home", folder / "cache", tokens)
    for made in (place.root, place.home, place.cache):
        made.mkdir(parents=True)
    # What is made while something is graded would be taken for a change.
    for file in cache.shared().glob("f01-*.npz"):
        shutil.copy(file, place.cache)
    rehearsed = place.home / ".cache" / "under-budget" / "own" / "rehearsal-0123456789abcdef.zip"
    rehearsed.parent.mkdir(parents=True)
    rehearsed.write_text(tokens["rehearsal"], encoding="utf-8")
    secret = place.home / ".config" / key.COURSE / "key.json"
    secret.parent.mkdir(parents=True)
    secret.write_text(json.dumps({"secret": tokens["key"], "term": "spring"}), encoding="utf-8")
    secret.chmod(0o600)
    return place


def hand_in(attack: Attack | None, name: str, place: Place, released: Path, model: bytes, estimates: str = "") -> Path:
    """Write a submission: the honest one, changed as the attack says."""
    folder = place.submitted(name)
    folder.mkdir(parents=True)
    data = json.loads(released.read_text(encoding="utf-8"))
    for cell in data["cells"]:
        known = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if known == "build-model":
            cell["source"] = with_names(attack.cell, name, place) if attack and attack.cell else ""
        elif known == "answer-estimates" and estimates:
            cell["source"] = estimates
        elif cell["cell_type"] == "code" and not known:
            cell["source"] = ""  # the explorations of the lesson, which take time
    (folder / "model.onnx").write_bytes(attack.model() if attack and attack.model else model)
    (folder / "notes.txt").write_text(place.tokens["ada"] if name == "ada" else "notes", encoding="utf-8")
    changed = (attack.notebook(data) if attack and attack.notebook else None) or data
    content = changed if isinstance(changed, bytes) else json.dumps(changed).encode()
    (folder / f"{UNIT}.ipynb").write_bytes(content)
    if attack and attack.files:
        attack.files(folder, place)
    return folder


def with_names(source: str, student: str, place: Place) -> str:
    """A program that knows where it is: the course, the home of the grader, the cache, its own name."""
    from course.grading.attacks import MARK

    names = {"COURSE": place.root, "HOME_FOLDER": place.home, "CACHE": place.cache, "ME": student, "MARK": MARK}
    return "\n".join([*(f"{name} = {str(value)!r}" for name, value in names.items()), source])


def snapshot(place: Place) -> dict[str, str]:
    """Digests of everything that no submission may change."""
    watched = [place.home, place.cache, place.root / "source", place.root / "release", place.submitted("ada")]
    # Jupyter and matplotlib keep notes of their own in a home; `.ipython` holds code that would be run.
    noise = (
        ".local", ".jupyter", ".cache", "history.sqlite", ".config/matplotlib", "startup/README", "profile_default/log",
    )  # fmt: skip
    files = [path for top in watched for path in top.rglob("*") if not any(word in str(path) for word in noise)]
    found = [*files, place.root / "nbgrader_config.py"]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in found if path.is_file()}


def nbgrader(place: Place, *arguments: str, seconds: float = 1500) -> subprocess.CompletedProcess:
    """Run an nbgrader command in the course of `place`. Raises subprocess.TimeoutExpired."""
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=place.root, env=place.environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True,
        errors="replace", timeout=seconds, check=False,
    )  # fmt: skip


def must(ran: subprocess.CompletedProcess) -> None:
    """Raise Problem where a command that has to succeed did not."""
    if ran.returncode:
        raise Problem(f"nbgrader failed: {ran.stderr[-1000:]}")


def survivors(name: str = "") -> list[int]:
    """Processes that attacks left behind (those of one student, or of any)."""
    from course.grading.attacks import MARK

    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            line = (process / "cmdline").read_bytes().decode(errors="replace")
            if MARK in line and name in line and int(process.name) != os.getpid():
                found.append(int(process.name))
    return found


def kill_survivors(name: str = "") -> None:
    """End what attacks left behind."""
    for process in survivors(name):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(process, signal.SIGKILL)


def text(path: Path) -> str:
    """A file's text as a person would see it; '' if there is none or it is huge."""
    try:
        return path.read_text(encoding="utf-8", errors="replace") if path.stat().st_size < 50_000_000 else ""
    except OSError:
        return ""
