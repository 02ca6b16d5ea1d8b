"""Which gradebook is used, and whether it can be reached.

`nbgrader_config.py` says which: the file gradebook.db beside it, or another database (PostgreSQL) by its URL. No URL is
ever shown: it may hold a password.
"""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from course.problem import Problem, readable

if TYPE_CHECKING:
    from nbgrader.api import Gradebook

#: The environment variable with the URL of a gradebook: it keeps a password out of the checkout.
VARIABLE = "COURSE_DB_URL"
SETTINGS = "nbgrader_config.py"
#: Seconds to wait for a database server.
PATIENCE_S = 10
_FORM = f"Write it into {VARIABLE} as postgresql+psycopg://USER@HOST/DATABASE"


def chosen(root: Path) -> str:
    """The URL that `configure` gives to nbgrader: $COURSE_DB_URL, else that of a file in `root`."""
    return os.environ.get(VARIABLE) or _file(root)


def url(root: Path) -> str:
    """The URL that nbgrader uses in the course in `root`, read from its settings as nbgrader reads it."""
    from traitlets.config import PyFileConfigLoader

    return PyFileConfigLoader(SETTINGS, str(root)).load_config().CourseDirectory.get("db_url", chosen(root))


@functools.cache
def require(address: str) -> None:
    """End a command of nbgrader with one sentence where its gradebook can't be used: it would show a traceback.

    Called while nbgrader reads its settings, when any other exception is passed over, and the settings with it. A
    server (JupyterLab with a formgrader) is not ended.
    """
    from traitlets.config import Application

    if address.startswith("sqlite:") or not Application.initialized():
        return
    from nbgrader.apps import NbGrader

    if isinstance(Application.instance(), NbGrader):
        try:
            is_made(address)
        except Problem as problem:
            print(f"[course | ERROR] {problem}", file=sys.stderr)
            sys.exit(problem.status)


def copy_settings(course: Path, folder: Path) -> None:
    """Give a trial course in `folder` the settings of `course`, but a gradebook of its own."""
    settings = (course / SETTINGS).read_text(encoding="utf-8")
    own = f"get_config().CourseDirectory.db_url = {_file(folder)!r}"
    (folder / SETTINGS).write_text(f"{settings}\n{own}\n", encoding="utf-8")


def _file(root: Path) -> str:
    return f"sqlite:///{root / 'gradebook.db'}"


def is_made(address: str) -> bool:
    """Is there a gradebook at this URL (True), or an empty database in which nbgrader will make one (False)?

    Raises Problem where no database can be opened: the URL, the driver, the server or the account is not right.
    """
    from sqlalchemy import create_engine, inspect
    from sqlalchemy.engine import make_url

    with _in_plain_words():
        found = make_url(address)
        if "@" in (found.host or ""):
            raise Problem(f"The gradebook's URL has more than one @. {_FORM}; an @ in a password is written %40.")
        if found.get_backend_name() == "sqlite" and found.database and not Path(found.database).exists():
            return False  # to look is not to make one
        # libpq waits for minutes for a server that does not answer.
        patience = {"connect_timeout": PATIENCE_S} if found.get_driver_name() == "psycopg" else {}
        engine = create_engine(found, connect_args=patience)
        try:
            return inspect(engine).has_table("notebook")
        finally:
            engine.dispose()


def students(where: str, unit: str) -> set[str]:
    """Who is graded in this unit, by the gradebook at this URL."""
    from nbgrader.api import Assignment, SubmittedAssignment

    if not is_made(where):
        return set()
    with opened(where) as book:
        found = book.db.query(SubmittedAssignment.student_id).join(Assignment).filter(Assignment.name == unit)
        return {row[0] for row in found}


def waiting(where: str, unit: str, student: str) -> dict[str, float]:
    """Points that a person has still to give to a submission, by cell, by the gradebook at this URL."""
    from nbgrader.api import MissingEntry

    if not is_made(where):
        return {}
    with opened(where) as book:
        try:
            notebooks = book.find_submission(unit, student).notebooks
        except MissingEntry:
            return {}
        grades = [grade for notebook in notebooks for grade in notebook.grades]
        return {grade.cell.name: grade.cell.max_score for grade in grades if grade.needs_manual_grade}


def keep_engines() -> None:
    """Let nbgrader, in this process, use one engine for a gradebook.

    It makes one for each of nine questions that it asks about a submission, and a new engine compiles every statement
    again: half of the time that recording takes.
    """
    from nbgrader import api

    if not hasattr(api.create_engine, "cache_info"):
        api.create_engine = functools.cache(api.create_engine)


@contextlib.contextmanager
def opened(address: str) -> Iterator[Gradebook]:
    """nbgrader's gradebook at this URL, closed in the end. Raises Problem where the database fails."""
    from nbgrader.api import Gradebook

    with _in_plain_words(), Gradebook(address) as book:
        yield book


@contextlib.contextmanager
def _in_plain_words() -> Iterator[None]:
    from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

    try:
        yield
    except ModuleNotFoundError as error:
        raise Problem(
            f"The gradebook's URL asks for the driver {error.name}, which is not installed. {_FORM}; "
            "`make class` installs its driver."
        ) from None
    except (ArgumentError, ValueError):  # a ValueError may quote what was taken for a port
        raise Problem(f"The gradebook's URL can't be read. {_FORM}.") from None
    except SQLAlchemyError as error:
        reason = readable(str(error.orig if isinstance(error, DBAPIError) else error), 300).rstrip(".?")
        raise Problem(f"The gradebook can't be used: {reason}. See to the database, then try again.") from None
