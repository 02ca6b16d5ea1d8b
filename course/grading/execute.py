"""`TrustedExecute`: how `nbgrader autograde` runs a submission.

The student's cells run first, in a process of their own that ends before anything is graded. Then the setup and test
cells, whose text comes from the course, run in a second process, in a folder that holds nothing but the submission's
files. A fault in a test cell is a fault of the course: it stops this submission with an error, it never costs points.
"""

from __future__ import annotations

import functools
import shutil
from collections.abc import Callable
from pathlib import Path

from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Integer

from course import cache, key, sandbox
from course.grading import ahead, student, trusted
from course.problem import Problem
from course.units import load


@functools.lru_cache(maxsize=1)
def _prepare(name: str, secret: key.Key, tell: Callable[[str], None]) -> None:
    """Once a run, not once a submission."""
    unit = load(name)
    unit.prepare(unit.public_data(secret), tell)


class TrustedExecute(NbGraderPreprocessor):
    """Runs the student's cells and the test cells in two separate processes."""

    seconds = Integer(0, help="Seconds that a notebook may take in all; 0: what the unit says.").tag(config=True)

    def preprocess(self, nb, resources):
        """Fill in the outputs of all cells of a rebuilt notebook."""
        unit = load(resources["nbgrader"]["assignment"])
        secret = key.current()
        sandbox.require(secret)
        folder = Path(resources["metadata"]["path"] or ".")
        _prepare(unit.name, secret, self.log.info)
        ran = ahead.run_or_fetch(unit, student.part(nb), folder, self.seconds or unit.seconds)
        if ran.note:
            self.log.warning("%s: %s", resources["nbgrader"]["student"], ran.note)
        cells = [cell for cell in nb.cells if student.is_trusted(cell)]
        try:
            outputs, made = trusted.run(unit, cells, ran.files, secret, cache.shared())
            self._sound(cells, outputs)
        except Problem as problem:
            self.log.error("%s was not graded: %s", resources["nbgrader"]["student"], problem)
            raise
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.outputs = outputs[cell.id] if student.is_trusted(cell) else ran.outputs.get(cell.id, [])
        self._keep(ran.files | made, folder, unit)
        return nb, resources

    def _sound(self, cells, outputs) -> None:
        """Raise Problem if a test cell failed by itself."""
        for cell in cells:
            for output in outputs[cell.id]:
                if output.output_type == "error":
                    name = cell.metadata.nbgrader.grade_id
                    raise Problem(f"the test cell {name} failed by itself ({output.ename}: {output.evalue})")

    def _keep(self, files: dict[str, bytes], folder: Path, unit) -> None:
        """Put the files that were graded, and the report, beside the autograded notebook."""
        for name in (*unit.files, trusted.REPORT):
            target = folder / name
            if target.is_dir() and not target.is_symlink():
                shutil.rmtree(target)
            target.unlink(missing_ok=True)
            if name in files:
                target.write_bytes(files[name])
