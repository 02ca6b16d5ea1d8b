"""Results of grading that are kept, by the digest of what was graded: an unchanged class is graded from here.

The folder is the grader's own; no student's code can see it. Any number of processes may use it at once.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import zipfile
from pathlib import Path

from course import cache
from course.grading.execution.work import Result

#: Names another folder, for instance one that is used for a single run.
FOLDER = "COURSE_RESULTS"
#: Bytes of all results; beyond that those that were not used for longest are removed, but none of the last day: they
#: may wait to be recorded.
MOST_BYTES, SAFE_S = 4_000_000_000, 86_400


def folder() -> Path:
    """Where results are kept."""
    given = os.environ.get(FOLDER)
    where = Path(given) if given else cache.own() / "graded"
    with contextlib.suppress(OSError):
        where.mkdir(parents=True, exist_ok=True, mode=0o700)
    return where


def has(digest: str) -> bool:
    """True if there is a result, and it will not be removed soon."""
    try:
        os.utime(_file(digest))
    except OSError:
        return False
    return True


def fetch(digest: str) -> Result | None:
    """The result that was kept under a digest, or None; a damaged one is as good as none."""
    try:
        with zipfile.ZipFile(_file(digest)) as archive:
            said = json.loads(archive.read("said.json"))
            files = {name: archive.read(f"files/{name}") for name in said["files"]}
        os.utime(_file(digest))
        return Result(said["outputs"], files, said["note"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, NotImplementedError):
        return None


def keep(digest: str, result: Result) -> None:
    """Keep a result, unless it is none. A folder that can't be written costs only time."""
    if result.problem:
        return
    said = {"outputs": result.outputs, "note": result.note, "files": list(result.files)}
    with contextlib.suppress(OSError):
        handle, half = tempfile.mkstemp(dir=folder(), suffix=".half")
        try:
            with (
                os.fdopen(handle, "wb") as file,
                zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out,
            ):
                out.writestr("said.json", json.dumps(said))
                for name, content in result.files.items():
                    out.writestr(f"files/{name}", content)
            os.replace(half, _file(digest))
        finally:
            Path(half).unlink(missing_ok=True)


def prune(most: int = MOST_BYTES) -> None:
    """Remove what was not used for longest until `most` bytes are left, and what was left half done.

    Nothing goes that was used within a day of the newest.
    """
    found = []
    with contextlib.suppress(OSError):
        for path in folder().iterdir():
            about = path.stat()
            found.append((about.st_mtime, about.st_size, path))
    found.sort(reverse=True)
    total = 0
    for used, size, path in found:
        total += size
        if found[0][0] - used > SAFE_S and (total > most or path.suffix == ".half"):
            with contextlib.suppress(OSError):
                path.unlink()


def _file(digest: str) -> Path:
    return folder() / f"{digest}.zip"
