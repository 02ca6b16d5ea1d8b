"""Under Budget: machine learning systems design, autograded.

In a notebook::

    import course

    unit = course.unit("f01-shrink-ensemble")
    unit.check("estimates")  # a step
    unit.hint()  # what to try next
    unit.check()  # measure what you built against the whole contract
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from course import threads
from course.package import VERSION

if TYPE_CHECKING:
    from course.learning.desk import Desk

__version__ = VERSION

threads.limit()


def unit(name: str, needs: str = __version__) -> Desk:
    """The learner's side of the unit called `name`, working in the current folder.

    `needs` is the version of the course that a notebook was written for. Raises Problem if this one is older.
    """
    from course.learning import writing
    from course.learning.desk import Desk
    from course.learning.interview.reminder import remind
    from course.problem import Problem
    from course.units import load

    if _parts(needs) > _parts(__version__):
        raise Problem(
            f"This notebook was written for course {needs} and you have {__version__}. Update it: git pull, make setup."
        )
    writing.install()
    desk = Desk(load(name))
    remind(load(name), desk.folder)
    return desk


def _parts(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdecimal()]
