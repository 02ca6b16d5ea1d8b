"""Which units are as they were when all that is known of them was last seen to hold: `make prove` says so.

A unit is opened and solved in a browser, and its samples are performed, when anything that they depend on has changed
since then: the unit, what it is measured or shown by, or a pinned package. Of others `make test` performs the
reference. The first two units, which ship a model and a module, are always proved in full.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from course import units

ROOT = Path(__file__).resolve().parents[1]
RECORD = Path(__file__).with_name("proved.json")
#: Set, everything is proved in full.
ALL = "COURSE_PROVE"
#: What every unit depends on.
SHARED = (
    "course/*.py",
    "course/contract/**/*.py",
    "course/learning/**/*.py",
    "course/units/*.py",
    "course/grading/authoring/lessons.py",
    "course/grading/authoring/rehearse.py",
    "course/grading/authoring/release.py",
    "tests/lab.py",
    "tests/test_browser.py",
    "requirements.lock",
)
#: What one unit depends on.
OWN = ("course/units/{module}/*", "course/units/{module}.py", "source/{name}/lesson.py", "tests/rehearsals/{module}.py")


def files(name: str, root: Path = ROOT) -> Iterator[Path]:
    """All files that the proof of a unit depends on, each once, in an order that is always the same."""
    module = name.replace("-", "_")
    patterns = (*SHARED, *(pattern.format(name=name, module=module) for pattern in OWN))
    return iter(sorted({path for pattern in patterns for path in root.glob(pattern) if path.is_file()}))


def digest(name: str, root: Path = ROOT) -> str:
    """What stands for the state of those files."""
    total = hashlib.sha256()
    for path in files(name, root):
        content = path.read_bytes()
        total.update(f"{path.relative_to(root).as_posix()} {len(content)}\n".encode() + content)
    return total.hexdigest()[:32]


def in_full(names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of all units that are to be proved in full."""
    if ALL in os.environ:
        return names
    known = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.is_file() else {}
    return tuple(name for name in names if name in names[:2] or known.get(name) != digest(name))


if __name__ == "__main__":
    record = {name: digest(name) for name in units.names()}
    RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(f"{len(record)} units are proved as they are; keep {RECORD.relative_to(ROOT)} with the change.")
