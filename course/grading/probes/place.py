"""A course in a temporary folder, with markers where nobody may look, and what is left of it after a probe."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from course import cache, key
from course.problem import Problem

UNIT = "f01-shrink-ensemble"
#: How every marker begins. A probe that looks for markers reports nothing else.
MARKER = "probe-marker-"


@dataclass(frozen=True)
class Place:
    """A course, a home, a cache; `markers` are strings that nobody may see, by where they lie."""

    root: Path
    home: Path
    cache: Path
    markers: dict[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """What nbgrader is started with: another home, the open key, programs of this Python first."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        return {
            **os.environ, "PATH": path, "HOME": str(self.home), "COURSE_CACHE": str(self.cache),
            "COURSE_KEY_FILE": str(self.root / "no-key.json"), "COURSE_MARKER": self.markers["environment"],
        }  # fmt: skip

    def submitted(self, name: str) -> Path:
        """The folder that a student hands in."""
        return self.root / "submitted" / name / UNIT

    def graded(self, name: str) -> Path:
        """The folder of what was graded."""
        return self.root / "autograded" / name / UNIT

    def page(self, name: str) -> Path:
        """The feedback page of a student."""
        return self.root / "feedback" / name / UNIT / f"{UNIT}.html"

    def names(self) -> str:
        """Lines of Python by which a probe knows where it is."""
        known = {"COURSE": self.root, "HOME_FOLDER": self.home, "CACHE": self.cache, "MARKER": MARKER}
        return "\n".join(f"{name} = {str(value)!r}" for name, value in known.items()) + "\n"


def make_place(folder: Path) -> Place:
    """A folder for a course, with a home that holds a key and a cache that holds a rehearsed model."""
    names = ("key", "environment", "ada", "rehearsal", "source", "gradebook")
    markers = {name: f"{MARKER}{name}-{hashlib.sha256(os.urandom(32)).hexdigest()[:24]}" for name in names}
    place = Place(folder / "course", folder / "home", folder / "cache", markers)
    place.cache.mkdir(parents=True)
    for file in cache.shared().glob("f01-*.npz"):
        shutil.copy(file, place.cache)
    secret = place.home / ".config" / key.COURSE / "key.json"
    for file, text in (
        (secret, json.dumps({"secret": markers["key"], "term": "spring"})),
        (place.home / ".cache" / "under-budget" / "own" / "rehearsal-0.zip", markers["rehearsal"]),
        (place.root / "source" / "hidden.txt", markers["source"]),
        (place.root / "marks.db", markers["gradebook"]),
        (place.submitted("ada") / "notes.txt", markers["ada"]),
    ):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    secret.chmod(0o600)
    return place


def snapshot(place: Place) -> dict[str, str]:
    """Digests of everything that no submission may change."""
    watched = [place.home, place.cache, place.root / "source", place.root / "release", place.submitted("ada")]
    # Jupyter and matplotlib keep notes of their own in a home; `.ipython` holds code that would be run.
    noise = (
        ".local", ".jupyter", ".cache", "history.sqlite", ".config/matplotlib", "startup/README", "profile_default/log",
    )  # fmt: skip
    files = [path for top in watched for path in top.rglob("*") if not any(word in str(path) for word in noise)]
    found = [*files, place.root / "nbgrader_config.py", place.root / "marks.db"]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in found if path.is_file()}


def nbgrader(place: Place, *arguments: str) -> subprocess.CompletedProcess:
    """Run an nbgrader command in the course of `place`."""
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=place.root, env=place.environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True,
        errors="replace", check=False,
    )  # fmt: skip


def must(ran: subprocess.CompletedProcess) -> None:
    """Raise Problem where a command that has to succeed did not."""
    if ran.returncode:
        raise Problem(f"nbgrader failed: {ran.stderr[-1000:]}")


def text(path: Path) -> str:
    """A file's text as a person would see it; '' if there is none or it is huge."""
    try:
        return path.read_text(encoding="utf-8", errors="replace") if path.stat().st_size < 50_000_000 else ""
    except OSError:
        return ""
