"""`Work`: the files in a learner's folder, and what is measured of them; an unchanged submission is measured once."""

from __future__ import annotations

import contextlib
import io
import os
import warnings
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from course import key
from course.contract.measure import Progress as Tell
from course.contract.measure import artifact_digest, measure
from course.contract.terms.holdout import PUBLIC_FILE, read
from course.contract.terms.report import Report
from course.learning import kept
from course.learning.progress import Progress
from course.learning.steps import clauses, steps
from course.learning.ticker import ticker
from course.problem import Problem

if TYPE_CHECKING:
    import numpy as np

    from course.contract.terms.holdout import Holdout
    from course.units.base import Unit

#: Names the file with the private hold-out, in the trusted process of a grading run, and only there: measure on that.
PRIVATE = "COURSE_PRIVATE_HOLDOUT"


class Stopped(Problem):
    """A check was interrupted."""

    status = 130


class FileChanged(Problem):
    """What was handed in changed while it was measured."""


class Work:
    """A unit's files in a folder (by default the current one, whichever that is by then), and their reports."""

    def __init__(self, unit: Unit, folder: Path | None, progress: Progress) -> None:
        self.unit, self._folder, self._progress = unit, folder, progress
        self._reports: dict[str, Report] = {}

    @property
    def folder(self) -> Path:
        """Where the files of this submission lie."""
        return self._folder or Path.cwd()

    @cached_property
    def data(self) -> Mapping[str, np.ndarray]:
        """The public arrays: from the file that came with the notebook, else made from the open key."""
        import numpy as np

        file = self.folder / PUBLIC_FILE
        if not file.is_file():
            return self.unit.public_data(key.OPEN)
        try:
            with np.load(file, allow_pickle=False) as found:
                return {name: found[name] for name in found.files}
        except (OSError, ValueError, EOFError, KeyError):
            raise Problem(f"{PUBLIC_FILE} is damaged; copy it again from the released unit.") from None

    @cached_property
    def holdout(self) -> Holdout:
        """The public hold-out."""
        return self.unit.public_holdout(self.data)

    def report(self, *wanted: str, progress: Tell | None = None, fresh: bool = False) -> Report:
        """Measure some steps (or all) of what lies in the folder; an unchanged submission is measured only once."""
        unit = self.unit
        parts: dict[str, Report] = {}
        with contextlib.ExitStack() as stack:
            for step in wanted or steps(unit):
                name = self._name(step)
                found = None if fresh else self._reports.get(name) or kept.find(name)
                if found is None:
                    progress = progress or stack.enter_context(ticker())
                    found = self._measured(step, progress)
                    if name != self._name(step):
                        raise FileChanged("A file changed while it was measured. Run the check again.")
                    kept.keep(name, found)
                self._reports[name] = parts[step] = found
                self._progress.change(unit.name, lambda record, *, a=(step, name, found): record.take(*a))
        by_name = {clause.name: clause for part in parts.values() for clause in part.clauses}
        ordered = tuple(by_name[term.name] for term in unit.terms if term.name in by_name)
        hidden = sum(term.hidden for term in unit.terms) if parts.keys() == set(steps(unit)) else 0
        return Report(unit.name, "public", ordered, tuple(unit.landmarks()), hidden)

    def _name(self, step: str) -> str:
        return kept.name_of(self.unit, self.folder, step, self.folder / PUBLIC_FILE)

    def _measured(self, step: str, tell: Tell) -> Report:
        try:
            with quiet():
                return measure(self.unit, self.folder, self.holdout, progress=tell, wanted=clauses(self.unit, step))
        except KeyboardInterrupt:
            raise Stopped("The check was stopped. Nothing is lost: run it again when you like.") from None

    def graded(self) -> Report:
        """Everything, measured on the private hold-out and kept beside what was handed in."""
        digest = artifact_digest(self.unit, self.folder)
        if digest not in self._reports:
            with quiet():
                self._reports[digest] = measure(self.unit, self.folder, read(Path(os.environ[PRIVATE])))
            (self.folder / "report.json").write_text(self._reports[digest].to_json(), encoding="utf-8")
        return self._reports[digest]


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep stderr out of a test cell: nbgrader gives 0 points to a cell that merely warned.

    What native code writes to file descriptor 2 is caught too. An exception still shows.
    """
    saved = os.dup(2)
    sink = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(sink, 2)
        with contextlib.redirect_stderr(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(sink)
