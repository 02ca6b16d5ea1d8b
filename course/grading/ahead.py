"""Running notebooks ahead of nbgrader, several at a time; nbgrader then takes up what came of each.

nbgrader goes through a class one submission after another. Most of that time is the students' own code, which needs no
gradebook: `course grade --jobs N` runs it first, in N processes, and leaves each result in a private folder under a
digest of everything that the run depended on. `TrustedExecute` looks there before it runs a notebook itself.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import logging
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import nbformat

from course import cache, key
from course.grading import ingest, student, submission
from course.grading.release import public_bytes
from course.units import load
from course.units.base import Unit

log = logging.getLogger("course")
#: Names the folder with the results; set by `course grade` for nbgrader's process.
FOLDER = "COURSE_RUNS_AHEAD"


def run_or_fetch(unit: Unit, notebook: nbformat.NotebookNode, folder: Path, seconds: float) -> student.Run:
    """What comes of running a student's part of a notebook on a copy of `folder`: fetched if it was run ahead."""
    secret = key.current()
    public = None if secret.open else _public(unit.name, secret)
    where = os.environ.get(FOLDER)
    kept = Path(where) / f"{_digest(notebook, folder, public, seconds)}.json" if where else None
    if kept and kept.is_file():
        return _load(kept)
    ran = student.run(notebook, folder, unit.files, seconds=seconds, public=public, cache=cache.shared())
    if kept:
        _dump(ran, kept)
    return ran


@functools.lru_cache(maxsize=1)
def _public(name: str, secret: key.Key) -> bytes:
    """Made once a run, not once a submission."""
    return public_bytes(load(name), secret)


def run_all(unit: Unit, root: Path, students: list[str], jobs: int, done: Callable[[str], None]) -> None:
    """Run the notebooks of `students` ahead, `jobs` at a time; `done` is told each name as it is finished."""
    template = submission.released(root / "source" / unit.name / f"{unit.name}.ipynb")

    def one(name: str) -> str:
        folder = root / "submitted" / name / unit.name
        try:
            notebook, _ = submission.rebuild(template, folder / f"{unit.name}.ipynb")
            run_or_fetch(unit, student.part(notebook), folder, unit.seconds)
        except Exception as error:  # nbgrader runs it again, and says there what is wrong with it
            log.warning("%s could not be run ahead: %s", name, error)
        return name

    for name in students:  # before any runs: putting one submission in order may concern another
        ingest.clean(root / "submitted" / name / unit.name)
    with ThreadPoolExecutor(jobs) as pool:
        for finished in as_completed([pool.submit(one, name) for name in students]):
            done(finished.result())


def _digest(notebook: nbformat.NotebookNode, folder: Path, public: bytes | None, seconds: float) -> str:
    digest = hashlib.sha256(json.dumps([seconds, [(c.id, c.source) for c in notebook.cells]]).encode())
    digest.update(public or b"")
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.suffix != ".ipynb" and path.name != "report.json":
            digest.update(b"\0" + os.fsencode(path.relative_to(folder)) + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _dump(ran: student.Run, file: Path) -> None:
    files = {name: base64.b64encode(content).decode() for name, content in ran.files.items()}
    half = file.with_suffix(".half")
    half.write_text(json.dumps({"outputs": ran.outputs, "files": files, "note": ran.note}), encoding="utf-8")
    half.rename(file)


def _load(file: Path) -> student.Run:
    data = json.loads(file.read_text(encoding="utf-8"))
    outputs = {cell: [nbformat.from_dict(output) for output in found] for cell, found in data["outputs"].items()}
    return student.Run(outputs, {name: base64.b64decode(text) for name, text in data["files"].items()}, data["note"])
