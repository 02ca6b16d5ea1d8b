"""A notebook that is opened after an interview begins its brief with the facts that were asked for marked."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from course.learning.guide import by_grader
from course.learning.progress import Progress
from course.learning.ticker import in_notebook
from course.problem import Problem

if TYPE_CHECKING:
    from course.units.base import Unit


def remind(unit: Unit, folder: Path | None = None) -> None:
    """Show it in a notebook, if the last interview about this unit was ended; elsewhere do nothing."""
    if by_grader() or not in_notebook():
        return
    talks = Progress().record(unit.name).interviews
    if not talks or not talks[-1].done:
        return
    from IPython.display import display

    from course.learning.interview.room import marked

    with contextlib.suppress(Problem):  # a brief that is not in reach says nothing
        display(marked(unit, folder))
