"""`TrustedExecute`: how `nbgrader autograde` runs a submission.

The student's cells run first, in a process of their own that ends before anything is graded. Then the setup and test
cells, whose text comes from the course, run in a second kernel, in a folder that holds nothing but the submission's
files. A fault in a test cell is a fault of the course: it stops this submission with an error, it never costs points.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from nbgrader import utils
from nbgrader.preprocessors import Execute
from traitlets import Integer

from course import key
from course.grading import ahead, sandbox, student
from course.learning.desk import PRIVATE
from course.problem import Problem
from course.units import load


class TrustedExecute(Execute):
    """Runs the student's cells and the test cells in two separate processes."""

    seconds = Integer(0, help="Seconds that a notebook may take in all; 0: what the unit says.").tag(config=True)

    def preprocess(self, nb, resources, km=None):
        """Fill in the outputs of all cells of a rebuilt notebook."""
        unit = load(resources["nbgrader"]["assignment"])
        secret = key.current()
        sandbox.require(secret)
        folder = Path(resources["metadata"]["path"] or ".")
        unit.prepare(unit.public_data(secret), self.log.info)
        ran = ahead.run_or_fetch(unit, student.part(nb), folder, self.seconds or unit.seconds)
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.outputs = ran.outputs.get(cell.id, [])
        if ran.note:
            self.log.warning("%s: %s", resources["nbgrader"]["student"], ran.note)
        with tempfile.TemporaryDirectory(prefix="course-") as stage:
            for name, content in ran.files.items():
                (Path(stage) / name).write_bytes(content)
            self._grade(nb, resources, Path(stage))
            self._keep(Path(stage), folder, unit)
        return nb, resources

    def _grade(self, nb, resources, stage: Path) -> None:
        trusted = [cell for cell in nb.cells if student.is_trusted(cell)]
        part = nb.copy()
        part.cells = trusted
        place = resources["metadata"]["path"]
        resources["metadata"]["path"] = str(stage)
        try:
            with utils.setenv(**{PRIVATE: "1"}):
                super().preprocess(part, resources)
        finally:
            resources["metadata"]["path"] = place
        for cell in trusted:
            for output in cell.outputs:
                if output.output_type == "error":
                    name = cell.metadata.nbgrader.grade_id
                    sentence = f"the test cell {name} failed by itself ({output.ename}: {output.evalue})"
                    self.log.error("%s was not graded: %s", resources["nbgrader"]["student"], sentence)
                    raise Problem(sentence)

    def _keep(self, stage: Path, folder: Path, unit) -> None:
        """Put the files that were graded, and the report, beside the autograded notebook."""
        for name in (*unit.files, "report.json"):
            target = folder / name
            if target.is_dir() and not target.is_symlink():
                shutil.rmtree(target)
            target.unlink(missing_ok=True)
            if (stage / name).is_file():
                target.write_bytes((stage / name).read_bytes())
