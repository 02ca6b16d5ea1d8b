"""`nbgrader zip_collect`: which files of a platform's archive are collected, and whose they are."""

from __future__ import annotations

from pathlib import Path

from nbgrader.plugins.zipcollect import FileNameCollectorPlugin
from traitlets import default

from course import units

#: How Canvas names a file (student_4711_98765_file.py, student_LATE_4711_98765_file-1.py), Moodle (First
#: Last_4711_assignsubmission_file/file.py) and Blackboard (unit_student_attempt_2027-01-30-15-00-00_file.py).
NAMES = (
    r".*/(?:(?P<student_id>[^/]+?)(?:_LATE)?_\d+_\d+_(?P<file_id>[^/]+)"
    r"|(?P<moodle>[^/]+)_\d+_assignsubmission_file_?(?:/(?P<moodle_file>.+)|_(?P<flat>[^/]+))"
    r"|[^/]*_(?P<blackboard>[^/_]+)_attempt_(?P<timestamp>[0-9-]+)_(?P<blackboard_file>[^/]+))$"
)


class Collector(FileNameCollectorPlugin):
    """Takes the files that units name, not notebooks alone; nbgrader's options work as ever."""

    @default("valid_ext")
    def _valid_ext_default(self):
        return sorted({Path(file).suffix for name in units.names() for file in units.load(name).files} | {".ipynb"})

    @default("named_regexp")
    def _named_regexp_default(self):
        return NAMES

    def collect(self, submitted_file: str) -> dict | None:
        """Whose file it is, and what it is called; None for one that is not collected."""
        found = super().collect(submitted_file)
        if not found:
            return None
        student = found.get("student_id") or found.get("moodle") or found.get("blackboard")
        file = found.get("file_id") or found.get("moodle_file") or found.get("flat") or found.get("blackboard_file")
        if not student or not file:
            return None
        named = {"student_id": student, "file_id": file, "timestamp": found.get("timestamp")}
        return {name: value for name, value in named.items() if value is not None}
