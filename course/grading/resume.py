"""Grading that was killed goes on where it was: what is half-done is known, and is graded again by the same command.

nbgrader skips a submission whose autograded folder is there, however little is in it. So a folder that is finished
gets a list of its files, as the last thing; a folder that lacks its list, or a file of it, is half-done.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys
from pathlib import Path

from nbgrader.utils import rmtree

#: The list of files, in an autograded folder. nbgrader never copies it (course/grading/places.py).
LIST = ".graded"
#: Names the process that a grading run belongs to; set by `course grade` for nbgrader's.
PARENT = "COURSE_GRADE_PID"
log = logging.getLogger("course")


def finish(assignment: str, student: str, notebooks: list[str]) -> None:
    """nbgrader's hook, called when a submission was graded and everything of it was written."""
    for notebook in notebooks:
        submission = Path(notebook).parent
        folder = submission.parents[2] / "autograded" / submission.parent.name / submission.name
        half = folder / f"{LIST}.half"
        half.write_text("\0".join(_files(folder)), encoding="utf-8", errors="surrogateescape")
        os.replace(half, folder / LIST)


def is_finished(folder: Path) -> bool:
    """True for an autograded folder of which everything was written, and nothing was removed since."""
    try:
        listed = (folder / LIST).read_text(encoding="utf-8", errors="surrogateescape").split("\0")
    except OSError:
        return False
    return set(listed) <= set(_files(folder))


def drop_half_done(folder: Path) -> None:
    """Remove an autograded folder that is not finished, so that nbgrader grades it again instead of skipping it."""
    if os.path.lexists(folder) and not is_finished(folder):
        log.warning("%s: grading was cut off; it is graded again.", folder.parent.name)
        rmtree(folder)


def end_with_parent() -> None:
    """End this process when `course grade`, which started it, is killed: else it would go on, and hold the lock."""
    parent = os.environ.pop(PARENT, "")
    if not parent or not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if os.getppid() != int(parent):  # it was killed before that
        os.kill(os.getpid(), signal.SIGKILL)


def _files(folder: Path) -> list[str]:
    names = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in names if not name.startswith(LIST))
