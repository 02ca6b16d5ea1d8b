"""The command line: `course` or `python -m course`. Everything heavy is imported by the command that needs it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from course.problem import Problem

app = typer.Typer(
    name="course",
    help="Under Budget: machine learning systems design, autograded.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
key_app = typer.Typer(help="The instructor's key, from which hidden hold-outs are drawn.", no_args_is_help=True)
app.add_typer(key_app, name="key")

UnitName = Annotated[
    str, typer.Argument(metavar="UNIT", help="A unit's name, such as f01-shrink-ensemble or just f01.")
]
MaybeUnit = Annotated[str | None, typer.Argument(metavar="[UNIT]", help="One unit; all of them by default.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


@app.command()
def units() -> None:
    """List the units there are."""
    from rich.table import Table

    from course import units as all_units

    table = Table("Unit", "Title", "The question", title="Units", title_justify="left")
    for name in all_units.names():
        unit = all_units.load(name)
        table.add_row(name, unit.title, unit.brief)
    _console().print(table)


@app.command()
def check(
    unit: UnitName,
    dir: Annotated[Path | None, typer.Option(help="Where the files lie; release/UNIT or the current folder.")] = None,
    as_json: AsJson = False,
) -> None:
    """Measure what you built on the public hold-out. Exit status 0 only if every clause is kept."""
    from course.contract.show.terminal import show
    from course.learning.desk import Desk

    chosen = _unit(unit)
    folder = dir or _work_folder(chosen.name)
    if not folder.is_dir():
        raise Problem(f"There is no folder {folder}. Say where your files are: course check {unit} --dir FOLDER")
    console = _console(stderr=as_json)
    with console.status("measuring") as status:
        report = Desk(chosen, folder).report(progress=lambda words: status.update(f"{words} …"))
    if as_json:
        print(report.to_json())
    else:
        show(report, console)
    raise typer.Exit(0 if report.kept else 1)


@app.command()
def grade(
    unit: UnitName,
    samples: Annotated[bool, typer.Option("--samples", help="Hand in three sample submissions first.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Grade again what was graded already.")] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Submissions whose notebooks run at the same time.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Grade every submission of a unit with nbgrader, write feedback, and print the table."""
    from course.grading import klass
    from course.grading.places import root

    chosen = _unit(unit)
    klass.grade(
        chosen, root(), samples=samples, force=force, jobs=jobs, as_json=as_json, console=_console(stderr=as_json)
    )


@app.command()
def release(unit: MaybeUnit = None) -> None:
    """Make the notebooks from the lessons: source/UNIT/UNIT.ipynb, and release/ through nbgrader."""
    from course.grading import klass
    from course.grading.places import root

    for chosen in _units(unit):
        klass.release(chosen, root(), _console())


@app.command()
def rehearse(unit: MaybeUnit = None, as_json: AsJson = False) -> None:
    """Run the rehearsal submissions: expected against actual points. Exit status 0 only if all are as expected."""
    from course.grading import proof

    good = proof.rehearse(_units(unit), as_json=as_json, console=_console(stderr=as_json))
    raise typer.Exit(0 if good else 1)


@app.command()
def margins(
    unit: MaybeUnit = None,
    keys: Annotated[int, typer.Option(min=1, help="How many keys (worlds) to try.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Show how far each rehearsal is from each budget. Exit status 0 only if the margins hold."""
    from course.grading import proof

    good = proof.margins(_units(unit), keys=keys, as_json=as_json, console=_console(stderr=as_json))
    raise typer.Exit(0 if good else 1)


@app.command()
def bench(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Which benchmark; `course bench list` names them.")],
    quick: Annotated[bool, typer.Option("--quick", help="A short run: fewer repeats, wider intervals.")] = False,
    as_json: AsJson = False,
) -> None:
    """Measure something side by side and print the figures."""
    from course import benchmarks

    benchmarks.run(name, quick=quick, as_json=as_json, console=_console(stderr=as_json))


@app.command()
def attacks(
    ours: Annotated[bool, typer.Option("--ours", help="This course alone, without plain nbgrader.")] = False,
    as_json: AsJson = False,
) -> None:
    """Hand in hostile submissions, here and under plain nbgrader. Exit status 0 only if none gains anything here."""
    from course.grading.attacks import command
    from course.grading.places import root

    good = command.show(root(), _console(stderr=as_json), ours_only=ours, as_json=as_json)
    raise typer.Exit(0 if good else 1)


@key_app.command("new")
def key_new(term: Annotated[str, typer.Option(help="The term it is for, such as 2027-spring.")]) -> None:
    """Make an instructor's key. From then on this account grades with it."""
    from course import key

    file = key.make(term)
    print(f"Made a key for {term} in {file} (mode 0600). Back it up: grades can only be reproduced with it.")


@key_app.command("show")
def key_show() -> None:
    """Say which key is in use. Never prints the key itself."""
    from course import key

    now = key.current()
    what = "the open key: everyone may know it" if now.open else f"your own key for {now.term}, from {key.path()}"
    print(f"{what} (fingerprint {now.fingerprint()})")


def _console(stderr: bool = False):
    from rich.console import Console

    # Piped output has no width of its own: wide enough for every table, and no escape codes.
    return Console(stderr=stderr, width=None if sys.stdout.isatty() or stderr else 140, highlight=False)


def _unit(name: str):
    from course import units as all_units

    return all_units.load(name)


def _units(name: str | None) -> list:
    from course import units as all_units

    return [all_units.load(one) for one in ([name] if name else all_units.names())]


def _work_folder(name: str) -> Path:
    """Where a learner's files are most likely: here, or in release/ of a checkout."""
    released = Path("release") / name
    return released if released.is_dir() else Path()


def main() -> None:
    """Run the command line; a problem that a person can put right is one sentence and exit status 2."""
    try:
        app()
    except Problem as problem:
        print(f"course: {problem}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("course: stopped; nothing was lost.", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
