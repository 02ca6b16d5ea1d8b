"""Where things lie in a checkout of the course."""

from __future__ import annotations

from pathlib import Path

from course import checkout
from course.problem import Problem

#: What a learner never sees: nbgrader copies it neither out of source/ nor from submission to feedback.
NEVER_RELEASED = ("lesson.py", "middling.md", "*.pyc", "__pycache__", ".ipynb_checkpoints", "report.json", ".graded*")


class NoCourse(Problem):
    """There is no checkout here; the message says what to do."""


def require_plain(root: Path) -> None:
    """Raises NoCourse for a checkout whose path nbgrader would take for a pattern: it would find nothing in it."""
    odd = "".join(sorted(set(str(root)) & set("[]*?")))
    if odd:
        raise NoCourse(
            f"nbgrader can't grade in a folder whose path has {' or '.join(odd)} in it ({root}): it takes them for a "
            "pattern. Move the checkout to a path without."
        )


def root() -> Path:
    """The checkout: $COURSE_ROOT, else the current folder or the nearest above it, else the one this package lies in.

    Raises NoCourse when none of them holds an nbgrader_config.py and source/.
    """
    found = checkout.find()
    if found is None or not (found / "source").is_dir():
        raise NoCourse("This command needs a checkout of the course: change into the folder with nbgrader_config.py.")
    return found
