"""Before nbgrader copies a submission: move aside what must not be copied or opened.

nbgrader swallows exceptions of its hooks, so this never refuses a submission: what may not stay is moved to quarantine/
(nothing is lost) and a short note is left in its place, which the gate shows to the learner.
"""

from __future__ import annotations

import logging
import os
import shutil
import stat
from pathlib import Path

from course.contract.gate import too_large
from course.grading.places import root

MOST_BYTES = 50_000_000
log = logging.getLogger("course")


def ingest(assignment: str, student: str, notebooks: list[str]) -> None:
    """nbgrader's hook, called once a submission with the paths of its notebooks."""
    for folder in {Path(notebook).parent for notebook in notebooks}:
        for path in [Path(where) / name for where, _, names in os.walk(folder) for name in names]:
            _consider(path, folder)


def _consider(path: Path, folder: Path) -> None:
    found = path.lstat()
    if stat.S_ISREG(found.st_mode) and found.st_nlink == 1 and found.st_size <= MOST_BYTES:
        return
    if stat.S_ISREG(found.st_mode) and found.st_size > MOST_BYTES:
        reason = too_large(path.name, found.st_size, MOST_BYTES)
    else:
        reason = f"{path.name} is a link or a special file; hand in the model itself, as an ordinary file."
    student, unit = folder.resolve().parts[-2:]
    aside = root() / "quarantine" / student / unit / path.relative_to(folder)
    aside.parent.mkdir(parents=True, exist_ok=True)
    if stat.S_ISREG(found.st_mode) or stat.S_ISLNK(found.st_mode):
        if aside.exists() or aside.is_symlink():
            aside.unlink()
        shutil.move(path, aside)
    else:
        path.unlink()  # a FIFO, socket or device holds nothing that could be kept
    path.with_name(path.name + ".refused").write_text(reason, encoding="utf-8")
    log.warning("%s: %s", student, reason)
