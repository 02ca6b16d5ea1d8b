"""What is proved in full, and when: every unit's samples performed, its notebook opened and solved in a browser.

    python tests/proved.py      (`make prove`: all units, says how long it will take, and keeps a record)

`make test` proves in full what changed by itself since the record: a unit, its lesson, its rehearsals (of many that
changed some, by turns). Of all others it performs the reference of a few, which take turns from commit to commit; where
what units share has changed since (measuring, showing, a pinned package), those few are proved in full. So it takes no
longer with many units.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from course import units

ROOT = Path(__file__).resolve().parents[1]
RECORD = Path(__file__).with_name("proved.json")
#: Set, everything is proved in full.
ALL = "COURSE_PROVE"
#: How many units have their turn at a commit, and how many are proved in full where more than so many changed.
FEW, MOST = 3, 4
#: What every unit depends on.
SHARED = (
    "course/*.py",
    "course/contract/**/*.py",
    "course/sandbox/**/*.py",
    "course/units/kit/*.py",
    "course/learning/**/*.py",
    "course/units/*.py",
    "course/grading/authoring/lessons.py",
    "course/grading/authoring/rehearse.py",
    "course/grading/authoring/release.py",
    "tests/lab.py",
    "tests/test_browser.py",
    "requirements-test.lock",
)
#: What is performed once for all units, and when it is done again: a term, as the handbook has it.
ONCE = {"teaching": ("handbook/teaching.md", "tests/test_teaching.py", "course/commands/*.py", "nbgrader_config.py")}
#: What one unit depends on.
OWN = ("course/units/{module}/*", "course/units/{module}.py", "source/{name}/lesson.py", "tests/rehearsals/{module}.py")


def files(patterns: tuple[str, ...], root: Path = ROOT) -> Iterator[Path]:
    """All files of these patterns, each once, in an order that is always the same."""
    return iter(sorted({path for pattern in patterns for path in root.glob(pattern) if path.is_file()}))


def own(name: str) -> tuple[str, ...]:
    """The patterns of what one unit alone depends on."""
    return tuple(pattern.format(name=name, module=name.replace("-", "_")) for pattern in OWN)


def digest(patterns: tuple[str, ...], root: Path = ROOT) -> str:
    """What stands for the state of those files."""
    total = hashlib.sha256()
    for path in files(patterns, root):
        content = path.read_bytes()
        total.update(f"{path.relative_to(root).as_posix()} {len(content)}\n".encode() + content)
    return total.hexdigest()[:32]


def record() -> dict:
    """What was proved: digests of what units share and of each unit, and the seconds that it took."""
    nothing = {"shared": "", "once": {}, "units": {}, "seconds": None}
    return nothing | (json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.is_file() else {})


def in_turn(names: tuple[str, ...], few: int = FEW) -> tuple[str, ...]:
    """The few of these units whose turn it is at this commit; where there is no commit, the first."""
    ran = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    at = int(ran.stdout[:8] or "0", 16) % len(names)
    return (names * 2)[at : at + few]


def changed(names: tuple[str, ...]) -> tuple[str, ...]:
    """Those that are not as they were proved."""
    known = record()["units"]
    return tuple(name for name in names if known.get(name) != digest(own(name)))


def in_full(names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of all units that are to be proved in full."""
    if ALL in os.environ:
        return names
    theirs = changed(names)
    if len(theirs) > MOST:
        return in_turn(theirs, MOST)
    turn = in_turn(names) if record()["shared"] != digest(SHARED) else ()
    return tuple(name for name in names if name in {*turn, *theirs})


def is_due(name: str) -> bool:
    """Is what is performed once for all units to be performed now?"""
    return ALL in os.environ or record()["once"].get(name) != digest(ONCE[name])


def main() -> int:
    """Prove everything; 0 if it holds."""
    names, seconds = units.names(), record()["seconds"]
    last = f"the last time took {seconds / 60:.0f} minutes" if seconds else "the record does not say how long it takes"
    print(f"Proving all {len(names)} units, changed or not: {last}.", flush=True)
    started = time.monotonic()
    tests = ("tests/test_browser.py", "tests/test_rehearsals.py", "tests/test_teaching.py")
    command = [sys.executable, "-m", "pytest", "-n", "auto", "--maxprocesses", "4", "--dist", "loadfile", *tests]
    ran = subprocess.run(command, cwd=ROOT, env=os.environ | {ALL: "1"})
    if ran.returncode == 0:
        found = {name: digest(own(name)) for name in names}
        once = {name: digest(patterns) for name, patterns in ONCE.items()}
        seconds = round(time.monotonic() - started)
        made = {"shared": digest(SHARED), "seconds": seconds, "once": once, "units": found}
        RECORD.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
        print(f"{len(found)} units are proved as they are; keep {RECORD.relative_to(ROOT)} with the change.")
    return ran.returncode


if __name__ == "__main__":
    sys.exit(main())
