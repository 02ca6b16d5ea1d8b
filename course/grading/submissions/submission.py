"""nbgrader's ways in: which submissions a command is about, and what is read in place of what was handed in."""

from __future__ import annotations

import gc
import glob
import json
import os
import secrets
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
from course.grading.classes import gradebook, results, resume, rows
from course.grading.config import configure
from course.grading.execution.trusted import REPORT
from course.grading.submissions import contents, ingest, remarks
from course.grading.submissions.rebuild import rebuild
from course.problem import Problem
from course.units import load

#: Names a file with the names (JSON) of the students that an nbgrader command is about; by default it is about all.
STUDENTS = "COURSE_STUDENTS"


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
        recorded = gradebook.students(course.db_url, unit)
        for folder in sorted(found):
            student = Path(folder).parent.name
            try:
                ingest.clean(Path(folder))
                graded = Path(course.format_path(course.autograded_directory, student, unit))
                resume.drop_unfinished(graded, Path(folder), recorded=student in recorded)
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
        notebook, said = rebuild(released(source), Path(filename))
        said += remarks.about_files(Path(filename).parent, load(unit).files)
        for remark in said:
            self.log.warning("%s: %s", resources["nbgrader"]["student"], remark.text)
        notebook.metadata[remarks.KEY] = remarks.packed(said)
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

    def from_notebook_node(self, nb, resources=None, **kwargs):
        """The page, with the contract at its head."""
        page, resources = super().from_notebook_node(nb, resources=resources, **kwargs)
        where = resources["nbgrader"]
        course = self.parent.coursedir
        folder = course.format_path(course.autograded_directory, where["student"], where["assignment"])
        waiting = gradebook.waiting(course.db_url, where["assignment"], where["student"])
        return contents.put(page, rows.read_report(Path(folder, REPORT)), waiting), resources


def make_releasable(assignment: str, student: str, notebooks: list[str]) -> None:
    """nbgrader's hook, called when feedback was written: `nbgrader release_feedback` needs two files beside it.

    Whoever was not collected through the exchange has none. nbgrader has no way to give such feedback back by itself;
    it must not end there, and leave the class without theirs.
    """
    for notebook in notebooks:
        graded = Path(notebook).parent
        folder = graded.parents[2] / "feedback" / graded.parent.name / graded.name
        for name, text in ((ingest.TIME, ""), ("submission_secret.txt", secrets.token_hex(64))):
            if folder.is_dir() and not (folder / name).exists():
                (folder / name).write_text(text, encoding="utf-8")


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
