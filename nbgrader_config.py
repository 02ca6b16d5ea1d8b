"""nbgrader's settings for this course; what each does is said in course/grading/config.py."""

from pathlib import Path

from course.grading.config import configure

configure(get_config(), Path(__file__).resolve().parent)  # noqa: F821 (nbgrader defines get_config)
