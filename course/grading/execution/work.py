"""The work of grading one submission: a Task of plain data in, a Result of plain data out.

`do` runs the student's cells, and then the test cells on what they left, each in a sandbox of its own. It needs neither
gradebook nor checkout, so it can run in nbgrader's process, in several threads of `course grade`, or on another machine
that has this version of the course; the Result is the same, and it is kept under the Task's digest (see `results`).
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import sysconfig
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from course import cache, sandbox
from course.contract.terms import holdout
from course.contract.terms.report import Report
from course.grading.authoring.release import public_bytes
from course.grading.execution import student, trusted
from course.grading.submissions import needed, places
from course.guests import guests
from course.key import Key
from course.package import FOLDER
from course.problem import Problem
from course.units import load
from course.units.base import Unit


@dataclass(frozen=True)
class Task:
    """All that grading one submission depends on. `secret` is the unit's own key (or the open one), never the course's.

    Cells are (id, text): those of the student's process, and those that the course trusts. A Task says which code it
    wants to be graded by, so that a machine with another version does not answer.
    """

    unit: str
    theirs: tuple[tuple[str, str], ...]
    ours: tuple[tuple[str, str], ...]
    files: Mapping[str, bytes] = field(repr=False)
    secret: Key
    seconds: float
    code: str

    @functools.cached_property
    def digest(self) -> str:
        """Equal digests mean an equal Result, but for what chance and a machine's speed decide."""
        said = [self.unit, self.theirs, self.ours, self.seconds, self.secret.fingerprint(32)]
        # What ran without a sandbox is not to be taken for what ran in one.
        said += [self.code, _libraries(), bool(sandbox.problem())]
        digest = hashlib.sha256(json.dumps(said).encode())
        for name, content in sorted(self.files.items()):
            digest.update(b"\0" + os.fsencode(name) + b"\0%d\0" % len(content) + content)
        return digest.hexdigest()


@dataclass(frozen=True)
class Result:
    """What came of a Task: outputs by cell id and the files that were graded, report.json among them.

    `note` is what went wrong with the student's cells; `problem` why nothing was graded. That is never the student's
    fault: it can be tried again.
    """

    outputs: dict[str, list[dict]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    note: str = ""
    problem: str = ""

    @property
    def unmeasured(self) -> tuple[str, ...]:
        """Names of the clauses for which there was too little evidence: the machine was busy, or stood still."""
        try:
            report = Report.from_json(self.files[trusted.REPORT].decode())
        except (KeyError, ValueError):
            return ()
        return tuple(clause.name for clause in report.clauses if clause.verdict == "not measured")


def task(unit: Unit, notebook: nbformat.NotebookNode, folder: Path, secret: Key, seconds: float) -> Task:
    """The Task for a rebuilt notebook and the files beside it."""
    theirs = student.part(notebook)
    spared = needed.spared(theirs, unit.files)
    return Task(
        unit.name,
        tuple((cell.id, cell.source) for cell in theirs if cell.id not in spared),
        tuple((cell.id, cell.source) for cell in notebook.cells if student.is_trusted(cell)),
        places.files_in(folder, unit.files),
        secret if secret.open else secret.for_unit(unit.name),
        seconds,
        code(),
    )


def do(task: Task) -> Result:
    """Grade one submission. What keeps the course from grading it is said in the Result's `problem`."""
    try:
        if task.code != code():
            raise Problem("A worker has another version of the course; install the same one on all machines.")
        sandbox.require(task.secret)
        unit, public, hidden = _ready(task.unit, task.secret)
        ran = student.run(
            task.theirs, task.files, unit.files, seconds=task.seconds, public=public, cache=cache.shared()
        )
        outputs, made = trusted.run(task.ours, ran.files, hidden, cache.shared())
        for cell, found in outputs.items():
            for output in found:
                if output["output_type"] == "error":
                    raise Problem(
                        f"a test cell failed by itself ({output['ename']}: {output['evalue']}): "
                        f"{dict(task.ours)[cell].splitlines()[0]}"
                    )
        return Result(ran.outputs | outputs, ran.files | made, ran.note)
    except Problem as problem:
        return Result(problem=str(problem))


# --- what is made once a process, not once a submission -------------------------------------------------------------

_making = threading.Lock()


def _ready(name: str, secret: Key) -> tuple[Unit, bytes | None, Path]:
    """The unit, the public data that its notebooks find (None: they make it), and a file with the private hold-out."""
    with _making:
        return _made(name, secret)


@functools.lru_cache(maxsize=1)
def _made(name: str, secret: Key) -> tuple[Unit, bytes | None, Path]:
    unit = load(name)
    private = Path(tempfile.mkdtemp(dir=sandbox.home()))
    holdout.write(unit.private_holdout(secret), private / "holdout")
    return unit, None if secret.open else public_bytes(unit, secret), private / "holdout"


@functools.cache
def code() -> str:
    """A digest of the course's own code, as far as grades may depend on it."""
    digest = hashlib.sha256()
    for package in (FOLDER, *dict.fromkeys(guest.home for guest in guests().values())):
        files = (path for part in ("*.py", "*.json", "*.toml") for path in package.rglob(part))
        for file in sorted(path for path in files if package / "benchmarks" not in path.parents):
            digest.update(file.relative_to(package).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


@functools.cache
def _libraries() -> list[str]:
    """Names and versions of everything that is installed, Python's own among them."""
    places = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    names = {path.name for place in places for path in Path(place).glob("*.dist-info")}
    return [sysconfig.get_python_version(), *sorted(names)]
