"""Before nbgrader copies a submission: move aside what must not be copied or opened.

nbgrader swallows exceptions of its hooks, so this never refuses a submission: what may not stay is moved to quarantine/
(nothing is lost) and a short note is left in its place, which the gate shows to the learner.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import stat
from pathlib import Path

from nbgrader.utils import parse_utc

from course.contract.gate import too_large
from course.grading.places import root

MOST_BYTES = 50_000_000
log = logging.getLogger("course")


def ingest(assignment: str, student: str, notebooks: list[str]) -> None:
    """nbgrader's hook, called once a submission with the paths of its notebooks."""
    for folder in {Path(notebook).parent for notebook in notebooks}:
        for path in [Path(where) / name for where, _, names in os.walk(folder) for name in names]:
            try:
                _consider(path, folder)
            except OSError:  # a name too long for quarantine, say: then a link or pipe goes without being kept
                with contextlib.suppress(OSError):
                    if not stat.S_ISREG(path.lstat().st_mode):
                        path.unlink()
        _check_time(folder)


def _check_time(folder: Path) -> None:
    """Drop a time stamp that nbgrader can't read: it would end there, and leave the rest of the class ungraded."""
    file = folder / "timestamp.txt"
    try:
        text = file.read_text(encoding="utf-8").strip()
        if text:
            parse_utc(text)
    except FileNotFoundError:
        return
    except Exception as error:  # dateutil has many
        log.warning("%s: the time stamp can't be read (%s); it was left out.", folder.parent.name, type(error).__name__)
        _shelve(file, folder)


def _shelve(path: Path, folder: Path) -> None:
    student, unit = folder.resolve().parts[-2:]
    aside = root() / "quarantine" / student / unit / path.relative_to(folder)
    aside.parent.mkdir(parents=True, exist_ok=True)
    aside.unlink(missing_ok=True)
    shutil.move(path, aside)


def _consider(path: Path, folder: Path) -> None:
    found = path.lstat()
    if stat.S_ISREG(found.st_mode) and found.st_nlink == 1 and found.st_size <= MOST_BYTES:
        return
    if stat.S_ISREG(found.st_mode) and found.st_size > MOST_BYTES:
        reason = too_large(path.name, found.st_size, MOST_BYTES)
    else:
        reason = f"{path.name} is a link or a special file; hand in the model itself, as an ordinary file."
    if stat.S_ISREG(found.st_mode) or stat.S_ISLNK(found.st_mode):
        _shelve(path, folder)
    else:
        path.unlink()  # a FIFO, socket or device holds nothing that could be kept
    note = path.with_name(path.name + ".refused")
    note.unlink(missing_ok=True)  # it may be a link to somebody's file
    note.write_text(reason, encoding="utf-8")
    log.warning("%s: %s", folder.resolve().parts[-2], reason)
