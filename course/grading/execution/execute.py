"""`TrustedExecute`: how `nbgrader autograde` runs a submission.

The student's cells run first, in a process of their own that ends before anything is graded. Then the setup and test
cells, whose text comes from the course, run in a second process, in a folder that holds nothing but the submission's
files (see `work`). What was graded already, by `course grade` ahead of nbgrader or in an earlier run, is taken from
where results are kept. A fault in a test cell is a fault of the course: it stops this submission with an error, it
never costs points.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Integer

from course import key, sandbox
from course.grading.classes import results
from course.grading.execution import student, trusted, work
from course.grading.submissions import needed, remarks
from course.problem import Problem
from course.units import load


class TrustedExecute(NbGraderPreprocessor):
    """Runs the student's cells and the test cells in two separate processes."""

    seconds = Integer(0, help="Seconds that a notebook may take in all; 0: what the unit says.").tag(config=True)

    def preprocess(self, nb, resources):
        """Fill in the outputs of all cells of a rebuilt notebook."""
        secret = key.current()
        sandbox.require(secret)
        unit, name = load(resources["nbgrader"]["assignment"]), resources["nbgrader"]["student"]
        folder = Path(resources["metadata"]["path"] or ".")
        task = work.task(unit, nb, folder, secret, self.seconds or unit.seconds)
        result = results.fetch(task.digest)
        if result is None:
            result = work.do(task)
            if result.unmeasured:
                self.log.info("%s: measured again, as there was too little evidence", name)
                result = work.do(task)
            results.keep(task.digest, result)
        if result.problem:
            self.log.error("%s was not graded: %s", name, result.problem)
            raise Problem(result.problem)
        if result.note:
            self.log.warning("%s: %s", name, result.note)
        spared = needed.spared(student.part(nb), unit.files)
        for cell in nb.cells:
            if cell.id in spared:
                cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=needed.SAID)]
            elif cell.cell_type == "code":
                cell.outputs = [nbformat.from_dict(output) for output in result.outputs.get(cell.id, [])]
        said = [*remarks.unpacked(nb.metadata.pop(remarks.KEY, []))]
        said += remarks.about_run(task.files, result.files, unit.files, result.note)
        if said:
            nb.cells.insert(0, nbformat.v4.new_markdown_cell(remarks.cell(said), id="about-this-submission"))
        self._keep(result.files, folder, unit)
        remarks.write(folder, said)
        return nb, resources

    def _keep(self, files: dict[str, bytes], folder: Path, unit) -> None:
        """Put the files that were graded, and the report, beside the autograded notebook."""
        for name in (*unit.files, trusted.REPORT):
            target = folder / name
            if target.is_dir() and not target.is_symlink():
                shutil.rmtree(target)
            target.unlink(missing_ok=True)
            if name in files:
                target.write_bytes(files[name])
