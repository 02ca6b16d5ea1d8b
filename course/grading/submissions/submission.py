"""Reading a submission: whatever was handed in, what goes on is the released notebook with the learner's text in it.

The learner's file is read as data. Cells, their order, types, tags, points and ids all come from the release; from
the submission come the sources of solution cells (by grade_id), of unlocked code cells (by cell id), and further cells
that the learner added. So duplicated, split, deleted or relabelled cells can't change what is graded, and a file that
is no notebook is graded as an untouched one.
"""

from __future__ import annotations

import copy
import gc
import glob
import json
import os
import re
from pathlib import Path

import nbformat
from nbconvert.exporters import HTMLExporter, NotebookExporter
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors import (
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
)
from traitlets.config import Config

from course import key, sandbox
from course.grading.classes import gradebook, results, resume
from course.grading.config import configure
from course.grading.submissions import ingest
from course.problem import Problem

#: Names a file with the names (JSON) of the students that an nbgrader command is about; by default it is about all.
STUDENTS = "COURSE_STUDENTS"
MOST_BYTES = 20_000_000
MOST_SOURCE = 200_000
MOST_CELLS = 400
#: What becomes markup, a script or a missing picture when nbgrader's pages show a memo: it is made plain text there.
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_ENTITY = re.compile(r"&(?=#|\w+;)")
_SCHEME = re.compile(r"(script|attachment)(?=[\\\s]*:)", re.IGNORECASE)


class SubmissionExporter(NotebookExporter):
    """nbgrader's way in for autograding. Holds the lock of the gradebook for as long as it lives.

    It is made once a run, when nbgrader has found the submissions and before it opens any. So this is where they are
    put in order.
    """

    def __init__(self, **kwargs) -> None:
        super().__init__(**kwargs)
        resume.end_with_parent()
        try:
            sandbox.require(key.current())
            self._lock = _lock(Path(self.parent.coursedir.root))
        except Problem as problem:
            raise self._stop(str(problem)) from None
        gradebook.keep_engines()
        self.parent.assignments = self._submissions()
        results.prune()

    def _submissions(self) -> dict[str, list[str]]:
        """The notebooks to grade by submission. A submission without its notebook is there too, with its files."""
        course = self.parent.coursedir
        unit = course.assignment_id
        found = self.parent.assignments
        if course.notebook_id == "*":
            source = Path(course.format_path(course.source_directory, ".", unit))
            names = sorted(path.name for path in source.glob("*.ipynb"))
            folders = glob.glob(course.format_path(course.submitted_directory, course.student_id, unit))
            found = {folder: [os.path.join(folder, name) for name in names] for folder in folders}
        found = chosen(found)
        for folder in sorted(found):
            student = Path(folder).parent.name
            try:
                ingest.clean(Path(folder))
                graded = Path(course.format_path(course.autograded_directory, student, unit))
                resume.drop_unfinished(graded, Path(folder))
            except OSError as error:
                self.log.error("%s was not graded: %s", student, error)
                del found[folder]
        return found

    def from_filename(self, filename, resources=None, **kwargs):
        """Rebuild a submitted notebook; a file that was already rebuilt (the autograding pass) is read as it is."""
        if not self.parent._sanitizing:
            return super().from_filename(filename, resources=resources, **kwargs)
        coursedir = self.parent.coursedir
        unit = resources["nbgrader"]["assignment"]
        source = Path(coursedir.format_path(coursedir.source_directory, ".", unit)) / Path(filename).name
        notebook, problem = rebuild(released(source), Path(filename))
        if problem:
            self.log.warning("%s: %s", resources["nbgrader"]["student"], problem)
        resources.setdefault("metadata", {}).update(name=Path(filename).stem, path=str(Path(filename).parent))
        return self.from_notebook_node(notebook, resources=resources, **kwargs)

    def _stop(self, sentence: str) -> NbGraderException:
        """nbgrader ends without a word on this exception: it expects that the word was said before."""
        self.log.error(sentence)
        return NbGraderException(sentence)


class FeedbackExporter(HTMLExporter):
    """nbgrader's way in for feedback: of the students that are chosen."""

    def __init__(self, **kwargs) -> None:
        super().__init__(**kwargs)
        gradebook.keep_engines()
        if self.parent and hasattr(self.parent, "assignments"):
            self.parent.assignments = chosen(self.parent.assignments)


def chosen(submissions: dict[str, list[str]]) -> dict[str, list[str]]:
    """Of nbgrader's submissions (notebooks by folder) those of the students named in the file at $COURSE_STUDENTS."""
    file = os.environ.get(STUDENTS)
    if not file:
        return submissions
    names = set(json.loads(Path(file).read_text(encoding="utf-8")))
    return {folder: found for folder, found in submissions.items() if Path(folder).parent.name in names}


def released(source: Path, *, hidden: bool = False) -> nbformat.NotebookNode:
    """The student version of an instructor's notebook, made as `nbgrader generate_assignment` makes it.

    With `hidden`, its test cells are whole, as the gradebook has them. What lies in release/ is not used: a learner may
    be working there.
    """
    notebook = nbformat.read(source, as_version=4)
    settings = Config()
    configure(settings, source.parent)
    steps = [LockCells, ClearSolutions, ClearOutput, ComputeChecksums]
    if not hidden:
        steps += [ClearHiddenTests, ClearMarkScheme, ComputeChecksums]
    for step in steps:
        notebook, _ = step(config=settings).preprocess(notebook, {})
    return notebook


def rebuild(template: nbformat.NotebookNode, file: Path) -> tuple[nbformat.NotebookNode, str]:
    """The released notebook with a learner's text in it, and what was wrong with the learner's file ('' if nothing)."""
    cells, problem = _cells(file)
    by_grade_id = {
        _grade_id(cell): index for index, cell in reversed(list(enumerate(template.cells))) if _grade_id(cell)
    }
    by_id = {cell.id: index for index, cell in enumerate(template.cells)}
    notebook = copy.deepcopy(template)
    extra: dict[int, list] = {}
    taken: set[int] = set()
    place = -1
    for cell in cells:
        known = _grade_id(cell)
        index = by_grade_id.get(known) if known else by_id.get(cell["id"])
        theirs = index is not None and _open_to_learners(template.cells[index])
        if theirs and index not in taken:
            taken.add(index)
            words = template.cells[index].cell_type == "markdown"
            notebook.cells[index].source = _as_text(cell["source"]) if words else cell["source"]
        elif cell["cell_type"] == "code" and (theirs or (index is None and not known)):
            # A cell of the learner's own, or the second half of one that was split or copied.
            added = extra.setdefault(max(place, -1 if index is None else index), [])
            added += [nbformat.v4.new_code_cell(cell["source"])]
        place = max(place, -1 if index is None else index)
    notebook.cells = [
        cell
        for index in range(-1, len(template.cells))
        for cell in ([notebook.cells[index]] if index >= 0 else []) + extra.get(index, [])
    ]
    for number, cell in enumerate(cell for added in extra.values() for cell in added):
        cell.id = f"added-{number}"
    return notebook, problem


def _cells(file: Path) -> tuple[list[dict], str]:
    """A notebook file's cells as plain checked data: cell_type, source, id, grade_id."""
    try:
        if file.stat().st_size > MOST_BYTES:
            return [], f"{file.name} has over {MOST_BYTES // 10**6} MB; it was graded as not attempted."
        found = json.loads(file.read_text(encoding="utf-8"))
        cells = found["cells"]
        return [cell for cell in map(_plain, cells[:MOST_CELLS]) if cell], ""
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return [], f"{file.name} is no notebook; it was graded as not attempted."


def _plain(cell: dict) -> dict | None:
    source = cell.get("source", "")
    source = "".join(map(str, source)) if isinstance(source, list) else str(source)
    source = source.encode("utf-8", "replace").decode("utf-8")  # half a character could not be written again
    if cell.get("cell_type") not in ("code", "markdown") or len(source) > MOST_SOURCE:
        return None
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return {
        "cell_type": cell["cell_type"],
        "source": source,
        "id": str(cell.get("id", "")),
        "metadata": {"nbgrader": {"grade_id": str(grade_id)}} if grade_id else {},
    }


def _as_text(memo: str) -> str:
    """A memo whose markdown is kept, but in which no tag, entity, script or attachment is left."""
    memo = _TAG.sub("&lt;", _ENTITY.sub("&amp;", memo))
    return _SCHEME.sub("\\1\u200b", memo)  # an invisible space: no address begins like that


def _grade_id(cell: dict) -> str:
    return cell.get("metadata", {}).get("nbgrader", {}).get("grade_id", "")


def _open_to_learners(cell: nbformat.NotebookNode) -> bool:
    """True for cells of the release that a learner may change: solutions, and code that is not locked."""
    marks = cell.metadata.get("nbgrader")
    return bool(marks.get("solution")) if marks else cell.cell_type == "code"


def _lock(root: Path):
    """An exclusive lock on the course; freed when the returned file is closed or the process ends."""
    for _ in range(2):
        file = open(root / ".grading.lock", "a+", encoding="utf-8")  # noqa: SIM115 (held on purpose)
        try:
            if os.name == "nt":
                import msvcrt

                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return file
        except OSError:
            file.close()
            gc.collect()  # an earlier run of this process (a formgrader's) may not have been cleared away
    raise Problem("Another grading run is going on in this course; wait until it is done, then start this one again.")
