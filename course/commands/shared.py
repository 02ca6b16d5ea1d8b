"""What all commands share: the application, the arguments that recur, and how a unit is found by what was typed."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from course.package import VERSION
from course.problem import Problem

app = typer.Typer(
    name="course",
    help="Under Budget: machine learning systems design, autograded.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"course {VERSION}, Python {sys.version.split()[0]}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", help="Say which version this is.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Under Budget: machine learning systems design, autograded."""


def _names(incomplete: str) -> list[str]:
    """Units for the shell's completion."""
    from course import units as all_units

    return [name for name in all_units.names() if name.startswith(incomplete)]


def _steps(incomplete: str) -> list[str]:
    """Steps for the shell's completion."""
    from course.learning.steps import STEPS

    return [step for step in STEPS if step.startswith(incomplete)]


UnitName = Annotated[
    str,
    typer.Argument(
        metavar="UNIT", help="A unit's name, such as f01-shrink-ensemble or just f01.", autocompletion=_names
    ),
]
MaybeUnit = Annotated[
    str | None, typer.Argument(metavar="[UNIT]", help="One unit; all of them by default.", autocompletion=_names)
]
StepName = Annotated[
    str | None, typer.Option("--step", help="One step: estimates, baseline or artifact.", autocompletion=_steps)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def make_console(stderr: bool = False, width: int = 140):
    """A rich Console on standard output, or on standard error."""
    from rich.console import Console

    # Piped output has no width of its own (unless $COLUMNS gives it one): wide enough for every table.
    own = sys.stdout.isatty() or stderr or os.environ.get("COLUMNS")
    return Console(stderr=stderr, width=None if own else width, highlight=False)


def unit_named(name: str):
    """The unit that was typed. Raises UnknownUnit."""
    from course import units as all_units

    return all_units.load(name)


def units_named(name: str | None) -> list:
    """That unit, or all of them."""
    from course import units as all_units

    return [all_units.load(one) for one in ([name] if name else all_units.names())]


def unit_or_path(given: str, dir: Path | None):
    """The unit, and where it was said to lie: `given` may be a notebook or a folder that has the unit's name."""
    from course import units as all_units

    path = Path(given)
    try:
        return unit_named(given), dir
    except all_units.UnknownUnit:
        if not path.exists():
            raise
    where = path.resolve()
    for name in (where.stem if where.suffix == ".ipynb" else where.name, where.parent.name):
        if name in all_units.names():
            return unit_named(name), path
    raise Problem(f"{given} does not have a unit's name. Say which unit it is: course check UNIT --dir {given}")
