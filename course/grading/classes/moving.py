"""A gradebook moves to another database with all that is in it: due dates, names, marks given by hand, comments."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from course.grading.classes import gradebook
from course.problem import Problem

#: Rows that are copied at a time.
BLOCK = 1_000


def copy(origin: str, target: str) -> dict[str, int]:
    """Copy the gradebook at one URL into an empty database at another; how many rows of each table.

    Raises Problem where there is nothing to copy, or where the other gradebook has grades already.
    """
    from nbgrader.api import Base
    from sqlalchemy import create_engine, func, insert, select

    if not gradebook.is_made(origin):
        raise Problem("There is no gradebook to copy yet.")
    if gradebook.is_made(target):
        with gradebook.opened(target) as book:
            if book.students or book.assignments:
                raise Problem(
                    "The other gradebook has grades already; give an empty database, so that nothing is mixed."
                )
    # nbgrader makes the tables, and calls alembic by its bare name.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    with gradebook.opened(target):
        pass
    ends = [create_engine(where) for where in (origin, target)]
    copied: dict[str, int] = {}
    try:
        with ends[0].connect() as here, ends[1].begin() as there:
            for table in reversed(Base.metadata.sorted_tables):
                there.execute(table.delete())
            for table in Base.metadata.sorted_tables:
                for block in here.execute(select(table)).mappings().partitions(BLOCK):
                    there.execute(insert(table), [dict(row) for row in block])
                copied[table.name] = there.execute(select(func.count()).select_from(table)).scalar_one()
    finally:
        for end in ends:
            end.dispose()
    return copied
