"""nbgrader's own commands as `course` calls them: in a process of their own, with a log, one sentence if they fail."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from course import sandbox
from course.grading.classes import gradebook, resume
from course.grading.submissions import submission
from course.problem import Problem
from course.units.base import Unit

LOG = "build/nbgrader.log"


class GradingProblem(Problem):
    """nbgrader did not do what was asked; the message says what to do."""


def nbgrader(
    root: Path, *arguments: str, environment: Mapping[str, str] | None = None, students: Sequence[str] | None = None
) -> None:
    """Run one nbgrader command, about some students; its output goes to the log.

    Raises GradingProblem with its first complaint.
    """
    log = root / LOG
    log.parent.mkdir(exist_ok=True)
    # nbgrader calls alembic by its bare name: the environment's programs come first on the path.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    more = {"PATH": path, resume.PARENT: str(os.getpid())} | dict(environment or {})
    with (
        tempfile.TemporaryDirectory(dir=sandbox.home()) as scratch,
        log.open("a+", encoding="utf-8", errors="replace") as out,
    ):
        if students is not None:
            more[submission.STUDENTS] = str(Path(scratch) / "students.json")
            Path(more[submission.STUDENTS]).write_text(json.dumps(students), encoding="utf-8")
        print("$ nbgrader", *arguments, file=out, flush=True)
        start = out.seek(0, os.SEEK_END)
        ran = subprocess.run(
            [sys.executable, "-m", "nbgrader", *arguments],
            cwd=root,
            env=os.environ | more,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        )
        out.seek(start)
        said = out.read()
    if ran.returncode:
        errors = [line.split("]", 1)[-1].strip() for line in said.splitlines() if "ERROR]" in line]
        noise = ("Traceback", "There was an error processing", "Please see the the above")
        known = [line for line in errors if line and not line.startswith(noise)]
        raise GradingProblem(f"nbgrader {arguments[0]}: {known[0] if known else 'failed; see ' + LOG}")


def is_known(unit: Unit, root: Path) -> bool:
    """Is the unit in the gradebook, with all its cells? They are entered one by one, so a killed run leaves some."""
    import nbformat
    from nbgrader.api import MissingEntry

    where = gradebook.url(root)
    if not gradebook.is_made(where):
        return False
    notebook = nbformat.read(root / "source" / unit.name / f"{unit.name}.ipynb", as_version=4)
    marks = [cell.metadata.get("nbgrader", {}) for cell in notebook.cells]
    expected = {m.grade_id for m in marks if any(m.get(kind) for kind in ("grade", "solution", "locked", "task"))}
    with gradebook.opened(where) as book:
        try:
            entered = book.find_notebook(unit.name, unit.name).source_cells
        except MissingEntry:
            return False
    return expected <= {cell.name for cell in entered}
