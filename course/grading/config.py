"""What nbgrader_config.py sets: our execution, our reading of submissions, and what never leaves source/."""

from __future__ import annotations

import glob
from pathlib import Path
from types import SimpleNamespace

from course.grading.classes import gradebook
from course.grading.places import NEVER_RELEASED


def take_names_literally() -> None:
    """Let nbgrader, in this process, find submissions by their names: it takes brackets in them for a pattern."""
    from nbgrader.converters import base

    base.glob = SimpleNamespace(glob=lambda pattern: glob.glob(pattern.replace("[", "[[]")))


def tolerate_split_cells() -> None:
    """Let Validate, in this process, take a cell that was split or copied as grading does: it would end in a traceback.

    nbgrader has no setting for what Validate runs a notebook through.
    """
    from nbgrader.validator import Validator

    own = Validator._preprocess
    if hasattr(own, "tolerant"):
        return

    def preprocess(self, notebook):
        seen = set()
        for cell in notebook.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            if name in seen:
                del cell.metadata["nbgrader"]  # a second half: it runs, and is no cell of nbgrader's
            elif name:
                seen.add(name)
        return own(self, notebook)

    preprocess.tolerant = True
    Validator._preprocess = preprocess


def configure(c, root: Path) -> None:
    """Fill nbgrader's configuration object `c` for a course that lies in `root`. Safe to run several times."""
    c.CourseDirectory.root = str(root)
    c.CourseDirectory.course_id = "under-budget"
    c.CourseDirectory.db_url = gradebook.chosen(root)
    gradebook.require(c.CourseDirectory.db_url)
    take_names_literally()
    tolerate_split_cells()
    c.CourseDirectory.ignore = [*NEVER_RELEASED, ".DS_Store"]
    c.CourseDirectory.max_file_size = 20_000  # kB

    c.GenerateAssignment.exporter_class = "course.grading.authoring.release.ReleaseExporter"
    c.ClearSolutions.code_stub = {"python": "# your code here"}
    c.ClearSolutions.text_stub = "*Your answer here.*"

    c.Autograde.exporter_class = "course.grading.submissions.submission.SubmissionExporter"
    c.Autograde.post_convert_hook = "course.grading.classes.resume.finish"
    # What was rebuilt from the source version needs no cleaning: it has no outputs, and nobody else's metadata.
    c.Autograde.sanitize_preprocessors = ["nbgrader.preprocessors.OverwriteCells"]
    c.Autograde.autograde_preprocessors = [
        "course.grading.execution.execute.TrustedExecute",
        "nbgrader.preprocessors.LimitOutput",
        "nbgrader.preprocessors.SaveAutoGrades",
        "nbgrader.preprocessors.AssignLatePenalties",
    ]
    # A cell may train a model: nbgrader's 30 s are for cells that don't. Validate uses this too.
    c.Execute.timeout = 300
    c.Execute.shutdown_kernel = "immediate"
    c.ZipCollectApp.collector_plugin = "course.grading.submissions.collect.Collector"
    c.ExportApp.plugin_class = "course.grading.classes.export.Exporter"
    c.GenerateFeedback.force = True
    c.GenerateFeedback.post_convert_hook = "course.grading.submissions.submission.make_releasable"
    c.GenerateFeedback.exporter_class = "course.grading.submissions.submission.FeedbackExporter"
