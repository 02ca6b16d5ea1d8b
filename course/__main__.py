"""The command line: `course` or `python -m course`. Everything heavy is imported by the command that needs it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from course.problem import Problem

#: What typer ends with at Ctrl-C.
INTERRUPTED = 130

app = typer.Typer(
    name="course",
    help="Under Budget: machine learning systems design, autograded.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
key_app = typer.Typer(help="The instructor's key, from which hidden hold-outs are drawn.", no_args_is_help=True)
app.add_typer(key_app, name="key")


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
def start(
    unit: MaybeUnit = None,
    dir: Annotated[Path | None, typer.Option(help="The folder to make; my-work/UNIT in a checkout.")] = None,
    force: Annotated[bool, typer.Option("--force", help="A fresh copy; what was there is kept as a backup.")] = False,
) -> None:
    """Put a fresh copy of a released unit (by default of all that you don't have yet) into your own folder."""
    from course.learning import workspace

    if unit is None:
        if dir or force:
            raise Problem("Say which unit: course start UNIT")
        for folder in workspace.start_missing(_units(None)):
            print(f"new: {workspace.shown(folder)}")
        return
    chosen = _unit(unit)
    folder, backup = workspace.start(chosen, dir, force=force)
    if backup:
        print(f"Your former folder is now {workspace.shown(backup)}")
    notebook = workspace.shown(folder / f"{chosen.name}.ipynb")
    print(f"{notebook} is yours: open it in JupyterLab (make learn) or in VS Code.")


@app.command()
def check(
    unit: UnitName,
    dir: Annotated[Path | None, typer.Option(help="Where the files or the notebook lie; else found by itself.")] = None,
    step: StepName = None,
    watch: Annotated[bool, typer.Option("--watch", help="Measure again when a file changes; Ctrl-C ends it.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Measure again even if nothing has changed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Measure what you built on the public hold-out. Exit status 0 only if every clause is kept.

    UNIT may also be the path of a notebook, or of a folder that has the unit's name.
    """
    from course.contract.show.terminal import show
    from course.learning.desk import Desk, FileChanged
    from course.learning.watch import changes
    from course.learning.workspace import find

    chosen, dir = _unit_or_path(unit, dir)
    folder = find(chosen, dir)
    desk = Desk(chosen, folder, terminal=True)
    for _ in changes(chosen, folder) if watch else (None,):
        try:
            panel = desk.look(step, fresh=fresh)
        except FileChanged:
            if watch:
                continue
            raise
        if as_json:
            print(panel.report.to_json(), flush=True)
        else:
            console = _console()
            console.print(f"Files: {folder}", highlight=False, markup=False, soft_wrap=True)
            show(panel.report, console, panel.said)
    raise typer.Exit(0 if panel.report.kept else 1)


@app.command()
def hint(unit: UnitName, step: StepName = None) -> None:
    """Give the next hint for a step; by default for the first that is not kept yet."""
    from course.learning.desk import Desk

    Desk(_unit(unit), terminal=True).hint(step)


@app.command()
def solution(
    unit: UnitName,
    step: StepName = None,
    anyway: Annotated[bool, typer.Option("--anyway", help="Also where the step is not kept yet.")] = False,
) -> None:
    """Show the worked solution of steps that are kept."""
    from course.learning.desk import Desk
    from course.learning.workspace import find

    chosen = _unit(unit)
    Desk(chosen, find(chosen), terminal=True).solution(step, anyway=anyway)


@app.command()
def progress(as_json: AsJson = False) -> None:
    """Show where you stand in all units, and what comes next."""
    import json

    from course.learning import overview
    from course.learning.progress import Progress

    kept = Progress()
    records = kept.records()
    standings = [overview.standing(unit, records.get(unit.name) or kept.record(unit.name)) for unit in _units(None)]
    if as_json:
        print(json.dumps(overview.plain(standings), indent=1))
    else:
        overview.show(standings, _console(width=80))
    for note in dict.fromkeys(kept.notes):
        print(note, file=sys.stderr)


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Say in plain words what is wrong with this installation. Exit status 1 if something must be done."""
    from course.learning import doctor as looks

    findings = []
    for finding in looks.examine():
        findings.append(finding)
        if not as_json:
            sign = {"good": "✓", "note": "○", "mend": "✗"}[finding.state]
            print(f"{sign} {finding.about}: {finding.said}", flush=True)
    wrong = sum(finding.state == "mend" for finding in findings)
    if as_json:
        print(looks.plain(findings))
    else:
        print(f"{wrong} to mend (✗)." if wrong else "Nothing to do.")
    raise typer.Exit(1 if wrong else 0)


@app.command()
def grade(
    unit: UnitName,
    samples: Annotated[bool, typer.Option("--samples", help="Hand in three sample submissions first.")] = False,
    mine: Annotated[bool, typer.Option("--mine", help="Hand in your own work first, as the student `me`.")] = False,
    students: Annotated[
        list[str] | None, typer.Option(help="Only students with this name or pattern, such as 'a*'; may be repeated.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Record again what was graded already.")] = False,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Run and measure again what is known already.")] = False,
    jobs: Annotated[int, typer.Option(min=0, help="Submissions graded at the same time; 0: one for each CPU.")] = 0,
    scheduler: Annotated[str, typer.Option(help="A Dask scheduler whose workers grade: tcp://HOST:8786.")] = "",
    csv: Annotated[Path | None, typer.Option(help="Write a table of points, values and verdicts here.")] = None,
    as_json: AsJson = False,
) -> None:
    """Grade every submission of a unit, record it with nbgrader, write feedback, and print the table.

    What was graded and has not changed since is left alone, so the same command goes on after an interruption.
    """
    import json

    from course.contract.cost import canary
    from course.grading.classes import klass
    from course.grading.places import root

    chosen, console = _unit(unit), _console(stderr=as_json)
    if samples:
        klass.hand_in_samples(chosen, root(), console)
    if mine:
        klass.hand_in_mine(chosen, root(), console)

    def show(rows: list[klass.Row]) -> None:
        if csv:
            klass.write_csv(chosen, rows, csv)
        if as_json:
            print(json.dumps([klass.plain(row) for row in rows], indent=1))
        elif rows:
            console.print(klass.table(chosen, rows))

    how = klass.How(jobs or canary.look().cpus, scheduler, force or no_cache, no_cache)
    klass.grade(chosen, root(), how, console, show, only=students or ())


@app.command()
def report(
    unit: UnitName,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Where the page goes; build/report-UNIT.html.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show where a graded class stands, clause by clause, and write a page with pictures of it.

    Both name students: they are for instructors.
    """
    from course.grading.places import root
    from course.grading.review import review

    review(_unit(unit), root(), html=html, as_json=as_json, console=_console(stderr=as_json))


@app.command()
def release(unit: MaybeUnit = None) -> None:
    """Make the notebooks from the lessons: source/UNIT/UNIT.ipynb, and release/ through nbgrader."""
    from course.grading.classes import klass
    from course.grading.places import root

    for chosen in _units(unit):
        klass.release(chosen, root(), _console())


@app.command()
def rehearse(
    unit: MaybeUnit = None,
    quick: Annotated[bool, typer.Option("--quick", help="The three samples alone, not timed.")] = False,
    only: Annotated[str, typer.Option("--only", metavar="NAME", help="One rehearsal, such as reference.")] = "",
    as_json: AsJson = False,
) -> None:
    """Run the rehearsal submissions: expected against actual points. Exit status 0 only if all are as expected."""
    from course.grading.authoring import proof

    good = proof.rehearse(_units(unit), quick=quick, only=only, as_json=as_json, console=_console(stderr=as_json))
    raise typer.Exit(0 if good else 1)


@app.command()
def margins(
    unit: MaybeUnit = None,
    keys: Annotated[int, typer.Option(min=1, help="How many keys (worlds) to try.")] = 1,
    first: Annotated[int, typer.Option(min=0, help="The first one's number; 0 is the key in use.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Show how far each rehearsal is from each budget. Exit status 0 only if the margins hold."""
    from course.grading.authoring import proof

    good = proof.margins(_units(unit), keys=keys, first=first, as_json=as_json, console=_console(stderr=as_json))
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


def _console(stderr: bool = False, width: int = 140):
    from rich.console import Console

    # Piped output has no width of its own (unless $COLUMNS gives it one): wide enough for every table.
    own = sys.stdout.isatty() or stderr or os.environ.get("COLUMNS")
    return Console(stderr=stderr, width=None if own else width, highlight=False)


def _unit(name: str):
    from course import units as all_units

    return all_units.load(name)


def _units(name: str | None) -> list:
    from course import units as all_units

    return [all_units.load(one) for one in ([name] if name else all_units.names())]


def _unit_or_path(given: str, dir: Path | None):
    """The unit, and where it was said to lie: `given` may be a notebook or a folder that has the unit's name."""
    from course import units as all_units

    path = Path(given)
    try:
        return _unit(given), dir
    except all_units.UnknownUnit:
        if not path.exists():
            raise
    where = path.resolve()
    for name in (where.stem if where.suffix == ".ipynb" else where.name, where.parent.name):
        if name in all_units.names():
            return _unit(name), path
    raise Problem(f"{given} does not have a unit's name. Say which unit it is: course check UNIT --dir {given}")


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
