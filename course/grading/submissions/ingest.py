"""Before nbgrader opens a submission: set aside what must not be copied or opened.

A submission is made of ordinary files, not too many, not too large, not too deep, each with one name. What is not so is
moved to quarantine/ (nothing is lost), a note is left in its place, which the gate shows to the learner, and the log
says so to the instructor. A submission is never refused as a whole.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import stat
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from nbgrader.utils import parse_utc

from course import key
from course.contract.artifacts.gate import too_large
from course.contract.terms.holdout import PUBLIC_FILE
from course.grading.submissions.places import QUARANTINE
from course.problem import Problem

#: Limits of one file and of a submission: bytes, bytes in all, files, folders in each other.
MOST_BYTES = 50_000_000
MOST_TOTAL = 200_000_000
MOST_FILES = 500
MOST_DEPTH = 8
TIME, MOST_TIME = "timestamp.txt", 1000
LINK = "is a link or a special file; hand in the model itself, as an ordinary file."
FOLDER = "is a folder; hand in the model itself, as an ordinary file."
log = logging.getLogger("course")


def unusable(student: str) -> str:
    """Why nbgrader can't grade under this name of a folder in submitted/; empty if it can."""
    if student.startswith(".") or not student.isprintable():
        what = "begins with a full stop" if student.startswith(".") else "has letters that can't be printed"
        return f"its name {what}, which nbgrader can't take; give the folder in submitted/ another name"
    return ""


def clean(folder: Path) -> None:
    """Make a submission, submitted/STUDENT/UNIT, safe to copy and open."""
    for link in (folder.parent, folder):
        if link.is_symlink():
            _set_aside(link, folder)
            _tell(folder, "there was a link in place of the folder; it was graded as not attempted.")
    folder.mkdir(parents=True, exist_ok=True)
    if any(stat.S_ISREG(found.st_mode) and found.st_nlink > 1 for _, found in _walk(folder)):
        _separate(folder.parents[1])
    names = _expected(folder)
    files, size, too_much, unreadable = 0, 0, 0, 0
    for path, found in sorted(_walk(folder), key=lambda item: (item[0].name not in names, item[0])):
        try:
            if not path.name.isprintable():  # nbgrader's log shows names as they are
                unreadable += 1
                _set_aside(path, folder)
            elif stat.S_ISDIR(found.st_mode) and path.name not in names:
                too_much += 1
                _set_aside(path, folder)
            elif not stat.S_ISREG(found.st_mode):
                _refuse(path, folder, f"{path.name} {FOLDER if stat.S_ISDIR(found.st_mode) else LINK}")
            elif found.st_size > (most := MOST_TIME if path.name == TIME else MOST_BYTES):
                _refuse(path, folder, too_large(path.name, found.st_size, most))
            elif files >= MOST_FILES or size + found.st_size > MOST_TOTAL:
                too_much += 1
                _set_aside(path, folder)
            else:
                files, size = files + 1, size + found.st_size
                if not os.access(path, os.R_OK):
                    path.chmod(0o644)
        except OSError as error:  # a name too long for quarantine, say
            _tell(folder, f"{path.name} could not be set aside ({error.strerror}).")
            with contextlib.suppress(OSError):
                if stat.S_ISLNK(found.st_mode):
                    path.unlink()
    if unreadable:
        _tell(folder, f"{unreadable:,} files or folders were left out, whose names can't be shown.")
    if too_much:
        limit = f"at most {MOST_FILES} files of {MOST_TOTAL // 10**6} MB in all, {MOST_DEPTH} folders deep"
        _tell(folder, f"{too_much:,} files or folders were left out; a submission has {limit}.")
    _check_time(folder)


def _expected(folder: Path) -> set[str]:
    """Names of files that are looked for: no folder may stand in their places."""
    from course import units

    try:
        files = units.load(folder.name).files
    except Problem:
        files = ()
    return {*files, f"{folder.name}.ipynb", TIME, PUBLIC_FILE, "report.json"}


def _walk(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Everything in a submission but ordinary folders, without following links; what is too deep or too much as one."""
    names, waiting, folders = _expected(folder), [(folder, 0)], 0
    while waiting:
        here, depth = waiting.pop()
        if not os.access(here, os.R_OK | os.W_OK | os.X_OK):
            with contextlib.suppress(OSError):
                here.chmod(0o755)
        try:
            inside = sorted(here.iterdir())
        except OSError:  # a folder that can't be listed can't be copied
            yield here, here.lstat()
            continue
        for path in inside:
            found = path.lstat()
            expected = depth == 0 and path.name in names
            inner = stat.S_ISDIR(found.st_mode) and path.name.isprintable()
            if inner and not expected and depth < MOST_DEPTH and folders < MOST_FILES:
                waiting.append((path, depth + 1))
                folders += 1
            else:
                yield path, found


# --- files with several names -----------------------------------------------------------------------------------


def _separate(submitted: Path) -> None:
    """Give every submission files of its own where hard links lead from one into another, or to a file elsewhere.

    A file is never older than the folder it was made in, so a folder younger than the file got it by a link: there it
    is set aside. Where ages don't tell, names in submissions stay: nobody loses a file because somebody linked to it.
    A file that has a name outside the submissions (a key, a gradebook) stays only where it was clearly made.
    """
    for (device, number), names in _names(submitted).items():
        about = names[0].lstat()
        owners = defaultdict(list)
        for name in names:
            if name.is_relative_to(submitted):
                owners[submitted / Path(*name.relative_to(submitted).parts[:2])].append(name)
        outside = about.st_nlink > len(names)
        if len(owners) == 1 and not outside and sum(map(len, owners.values())) == len(names):
            continue  # all names are in one submission
        keep = {owner for owner in owners if _made_in(owner, names[0])}
        if outside and (device, number) in _of_the_course(submitted.parent):
            keep = set()
        elif not keep and not outside:
            keep = set(owners)
        shown = ", ".join(owner.parent.name for owner in sorted(owners))
        log.warning("A file has names in several places (hard links): %s, found at %s.", names[0].name, shown)
        for owner in owners.keys() - keep:
            for name in owners[owner]:
                _refuse(name, owner, f"{name.name} {LINK}")
        for owner in keep:
            _own_copy(owners[owner])


def _names(submitted: Path) -> dict[tuple[int, int], list[Path]]:
    """Names by file of all files in submitted/ and quarantine/ that have several."""
    found = defaultdict(list)
    for top in (submitted, submitted.with_name(QUARANTINE)):
        for folder in sorted(top.glob("*/*")):
            if folder.is_dir() and not folder.is_symlink() and not folder.parent.is_symlink():
                for path, about in _walk(folder):
                    if stat.S_ISREG(about.st_mode) and about.st_nlink > 1:
                        found[about.st_dev, about.st_ino].append(path)
    return found


def _made_in(folder: Path, file: Path) -> bool:
    """True if a folder is as old as a file, or older; False where the file system doesn't keep times of birth."""
    ages = [_born(path) for path in (folder, file)]
    return None not in ages and ages[0] <= ages[1]


def _born(path: Path) -> float | None:
    found = path.lstat()
    if hasattr(found, "st_birthtime"):  # macOS, Windows
        return found.st_birthtime
    try:
        said = subprocess.run(["stat", "--format=%.9W", "--", path], capture_output=True, check=False).stdout
        return float(said) or None
    except (OSError, ValueError):
        return None


def _of_the_course(root: Path) -> set[tuple[int, int]]:
    """The files of the course and the key, which a submission may not be a name of, whatever its age."""
    apart = {root / "submitted", root / QUARANTINE}
    files = [path for top in root.iterdir() if top not in apart for path in (top, *top.rglob("*"))]
    found = [path.lstat() for path in (*files, key.path()) if path.exists()]
    return {(about.st_dev, about.st_ino) for about in found}


def _own_copy(names: list[Path]) -> None:
    """One copy of a file, in place of its old names in one submission."""
    with tempfile.TemporaryDirectory(dir=names[0].parent) as scratch:
        copy = Path(shutil.copy2(names[0], Path(scratch) / "copy"))
        for number, name in enumerate(names):
            link = Path(scratch) / f"link-{number}"
            link.hardlink_to(copy)
            os.replace(link, name)


# --- setting aside ----------------------------------------------------------------------------------------------


def _check_time(folder: Path) -> None:
    """Set aside a time stamp that nbgrader can't read: it would end there, and leave the rest of the class ungraded."""
    try:
        text = (folder / TIME).read_text(encoding="utf-8").strip()
        if text:
            parse_utc(text)
    except FileNotFoundError:
        return
    except Exception as error:  # dateutil has many
        _set_aside(folder / TIME, folder)
        _tell(folder, f"the time stamp can't be read ({type(error).__name__}); it was left out.")


def _refuse(path: Path, folder: Path, reason: str) -> None:
    """Set something aside and leave a note in its place."""
    _set_aside(path, folder)
    _tell(folder, reason)
    with contextlib.suppress(OSError):  # the name may be too long for a note beside it
        note = path.with_name(path.name + ".refused")
        if note.is_symlink() or note.exists():  # it may be a link to somebody's file
            _set_aside(note, folder)
        note.write_text(reason, encoding="utf-8")


def _set_aside(path: Path, folder: Path) -> None:
    """Move something into quarantine/STUDENT/UNIT, beside what is there under its name already."""
    found = path.lstat()
    if not any(kind(found.st_mode) for kind in (stat.S_ISREG, stat.S_ISDIR, stat.S_ISLNK)):
        path.unlink()  # a FIFO, socket or device holds nothing that could be kept
        return
    student, unit = folder.parts[-2:]
    within = path.relative_to(folder) if path != folder and path.is_relative_to(folder) else Path(path.name)
    aside = folder.parents[2] / QUARANTINE / student / unit / within
    number = 0
    while os.path.lexists(aside):
        number += 1
        aside = aside.with_name(f"{within.name}.{number}")
    aside.parent.mkdir(parents=True, exist_ok=True)
    path.rename(aside)


def _tell(folder: Path, sentence: str) -> None:
    readable = "".join(letter if letter.isprintable() else "?" for letter in sentence)
    log.warning("%s: %s", folder.parent.name, readable)
