"""`course` or `python -m course`."""

from __future__ import annotations

import sys

# Each adds its commands, in the order in which the help names them.
from course.commands import author, instructor, learner  # noqa: F401
from course.commands.shared import app
from course.problem import Problem

#: What typer ends with at Ctrl-C.
INTERRUPTED = 130


def main() -> None:
    """Run the command line; a problem that a person can put right is one sentence and exit status 2."""
    try:
        app()
    except Problem as problem:
        print(f"course: {problem}", file=sys.stderr)
        sys.exit(problem.status)
    except SystemExit as end:
        if end.code == INTERRUPTED:
            print("course: stopped; nothing was lost.", file=sys.stderr)
        raise


if __name__ == "__main__":
    main()
