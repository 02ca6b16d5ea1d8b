"""`nbgrader export`: the class's grades, without practice and without units that nobody handed in."""

from __future__ import annotations

from nbgrader.plugins.export import CsvExportPlugin
from traitlets import default

from course.grading.classes.practice import is_practice


class Exporter(CsvExportPlugin):
    """nbgrader's own sheet, in export.csv: grades.csv is what `course grade --csv` may be told to write."""

    @default("to")
    def _to_default(self):
        return "export.csv"

    def export(self, gradebook):
        """Write the sheet of those units that somebody handed in, and of those students who are no practice."""
        self.student = self.student or [one.id for one in gradebook.students if not is_practice(one.id)]
        self.assignment = self.assignment or [one.name for one in gradebook.assignments if one.num_submissions]
        super().export(gradebook)
