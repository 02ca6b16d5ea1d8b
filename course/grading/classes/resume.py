"""What is graded, and of what: half-done grading goes on, and what was handed in anew is graded anew.

nbgrader skips a submission whose autograded folder is there, however little is in it, and whatever was handed in since.
So a folder that is finished gets a list, as the last thing: a digest of what was handed in, and its own files. A folder
that lacks its list, or a file of it, is half-done.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import logging
import os
import signal
import stat
import sys
from pathlib import Path

from nbgrader.utils import rmtree

from course.grading.submissions.ingest import MOST_BYTES

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
        half.write_text("\0".join([_digest(submission), *_files(folder)]), encoding="utf-8", errors="surrogateescape")
        os.replace(half, folder / LIST)


def is_finished(folder: Path, submission: Path) -> bool:
    """True for an autograded folder of which everything was written, for what lies in the submission's folder now."""
    return not _unfinished(folder, submission)


def drop_unfinished(folder: Path, submission: Path, *, recorded: bool = True) -> None:
    """Remove an autograded folder that is not finished, so that nbgrader grades it again instead of skipping it.

    One that is not `recorded` in the gradebook in use was graded into another one: it is as good as unfinished.
    """
    if not os.path.lexists(folder):
        return
    if why := _unfinished(folder, submission) or ("" if recorded else "it is not in this gradebook"):
        log.warning("%s: %s; it is graded again.", folder.parent.name, why)
        rmtree(folder)


def _unfinished(folder: Path, submission: Path) -> str:
    try:
        graded, *files = (folder / LIST).read_text(encoding="utf-8", errors="surrogateescape").split("\0")
    except OSError:
        return "grading was cut off"
    if not set(files) <= set(_files(folder)):
        return "grading was cut off"
    return "" if graded == _digest(submission) else "something else was handed in since"


def _digest(submission: Path) -> str:
    """A digest of what was handed in; it may be anything, so links and what is too large are not opened."""
    digest = hashlib.sha256()
    if submission.is_symlink() or submission.parent.is_symlink():
        return ""
    for name in _files(submission):
        path = submission / name
        with contextlib.suppress(OSError):
            found = path.lstat()
            digest.update(b"\0" + os.fsencode(name) + b"\0" + str(found.st_size).encode() + b"\0")
            if stat.S_ISREG(found.st_mode) and found.st_size <= MOST_BYTES:
                digest.update(path.read_bytes())
    return digest.hexdigest()


def end_with_parent() -> None:
    """End this process when `course grade`, which started it, is killed: else it would go on, and hold the lock."""
    parent = os.environ.pop(PARENT, "")
    if not parent or not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if os.getppid() != int(parent):  # it was killed before that
        os.kill(os.getpid(), signal.SIGKILL)


def _files(folder: Path) -> list[str]:
    """Names of everything but folders. Without recursion: what was handed in may be thousands of folders deep."""
    names, waiting = [], [""]
    while waiting:
        here = waiting.pop()
        with contextlib.suppress(OSError), os.scandir(folder / here) as inside:  # a path may be too long
            for entry in inside:
                name = f"{here}/{entry.name}" if here else entry.name
                (waiting if entry.is_dir(follow_symlinks=False) else names).append(name)
    return sorted(name for name in names if not name.startswith(LIST))
