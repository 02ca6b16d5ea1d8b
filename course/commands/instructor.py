"""Commands of those who teach."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from course.commands.shared import AsJson, MaybeUnit, UnitName, app, make_console, unit_named, units_named

key_app = typer.Typer(help="The instructor's key, from which hidden hold-outs are drawn.", no_args_is_help=True)
app.add_typer(key_app, name="key")


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
    Exit status 1: all is graded, and somebody's submission needs a look (!); 2: something could not be graded.
    """
    import json

    from course.contract.cost import canary
    from course.grading.classes import klass, rows
    from course.grading.classes import practice as practising
    from course.grading.places import root

    chosen, console = unit_named(unit), make_console(stderr=as_json)
    if csv:
        rows.require_ours(csv)
    where = root()
    if samples or mine:
        where = practising.course(chosen, root())
    if samples:
        practising.hand_in_samples(chosen, root(), where, console)
    if mine:
        practising.hand_in_mine(chosen, where, console)

    def show(table: list[rows.Row]) -> None:
        if csv:
            rows.write_csv(chosen, table, csv)
        if as_json:
            print(json.dumps([rows.plain(row) for row in table], indent=1))
        elif table:
            console.print(rows.table(chosen, table))

    how = klass.How(jobs or canary.look().cpus, scheduler, force or no_cache, no_cache)
    look = klass.grade(chosen, where, how, console, show, only=students or ())
    raise typer.Exit(1 if look else 0)


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

    review(unit_named(unit), root(), html=html, as_json=as_json, console=make_console(stderr=as_json))


@app.command()
def memos(
    unit: MaybeUnit = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write a page to print instead.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show rubric, middling and worked memo beside each other: what to mark design memos against.

    They give answers away: they are for instructors.
    """
    from course.grading import memos as shown

    shown.show(units_named(unit), make_console(stderr=as_json), html=html, as_json=as_json)


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


@app.command()
def practice(
    clear: Annotated[bool, typer.Option("--clear", help="Remove all of it, also from a class's gradebook.")] = False,
) -> None:
    """Say what was handed in for practice (--samples, --mine). It lies in practice/, where no class sees it."""
    from course.grading.classes import practice as practising
    from course.grading.places import root

    if clear:
        gone = practising.clear(root())
        print(f"Removed: {', '.join(gone)}." if gone else "There was no practice.")
        return
    found = sorted(path.parent.name for path in (root() / practising.FOLDER / "submitted").glob("*/*"))
    print(f"practice/: {', '.join(dict.fromkeys(found))}." if found else "There is no practice.")


@app.command("move-gradebook")
def move_gradebook(
    to: Annotated[str, typer.Argument(metavar="URL", help="An empty database: postgresql+psycopg://USER@HOST/NAME.")],
) -> None:
    """Copy the gradebook in use (grades, due dates, names, marks given by hand) into another database."""
    from course.grading.classes import gradebook, moving
    from course.grading.places import root

    copied = moving.copy(gradebook.url(root()), to)
    print(f"Copied {sum(copied.values()):,} rows of {len(copied)} tables; the old gradebook is as it was.")
    print(f"From now on, in every terminal: export {gradebook.VARIABLE}=... (that URL)")
