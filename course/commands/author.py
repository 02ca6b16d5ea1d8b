"""Commands of those who make units and prove them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from course.commands.shared import AsJson, MaybeUnit, app, make_console, units_named


@app.command()
def release(unit: MaybeUnit = None) -> None:
    """Make the notebooks from the lessons: source/UNIT/UNIT.ipynb, and release/ through nbgrader."""
    from course.grading.classes import releasing
    from course.grading.places import root

    for chosen in units_named(unit):
        releasing.release(chosen, root(), make_console())


@app.command("new-unit")
def new_unit(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Such as q03-replacements; x01-shop-search in a package.")
    ],
    package: Annotated[
        str, typer.Option(metavar="DIST", help="Make an installable package of that name that brings it.")
    ] = "",
) -> None:
    """Begin a unit: its places, with a tiny unit in them that is released, graded and rehearsed already."""
    from course.grading.authoring import fresh
    from course.grading.places import root

    if package:
        folder = Path.cwd() / package
        made = fresh.begin_package(package, folder, name)
        after = f"pip install -e {package}, then: course release {name}, course rehearse {name}"
    else:
        folder, made = root(), fresh.begin(name, root())
        after = f"course release {name}, then: course rehearse {name}"
    for file in made:
        print(f"new: {file.relative_to(folder.parent if package else folder)}")
    print(f"It works as it is. Next: {after}")


@app.command()
def par(unit: MaybeUnit = None) -> None:
    """Measure the reference on the public hold-out of the open key, and keep it: what learners may aim at."""
    from course.grading.authoring import proof

    proof.par(units_named(unit), make_console())


@app.command()
def rehearse(
    unit: MaybeUnit = None,
    quick: Annotated[bool, typer.Option("--quick", help="The three samples alone, not timed.")] = False,
    only: Annotated[str, typer.Option("--only", metavar="NAME", help="One rehearsal, such as reference.")] = "",
    as_json: AsJson = False,
) -> None:
    """Run the rehearsal submissions: expected against actual points. Exit status 0 only if all are as expected."""
    from course.grading.authoring import proof

    good = proof.rehearse(
        units_named(unit), quick=quick, only=only, as_json=as_json, console=make_console(stderr=as_json)
    )
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

    good = proof.margins(
        units_named(unit), keys=keys, first=first, as_json=as_json, console=make_console(stderr=as_json)
    )
    raise typer.Exit(0 if good else 1)


@app.command()
def bench(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Which benchmark; `course bench list` names them.")],
    quick: Annotated[bool, typer.Option("--quick", help="A short run: fewer repeats, wider intervals.")] = False,
    as_json: AsJson = False,
) -> None:
    """Measure something side by side and print the figures."""
    from course import benchmarks

    benchmarks.run(name, quick=quick, as_json=as_json, console=make_console(stderr=as_json))


@app.command()
def probes(
    channel: Annotated[str, typer.Argument(metavar="CHANNEL", help="One channel, such as gate; all without.")] = "",
    as_json: AsJson = False,
) -> None:
    """Try harmlessly what the guard must stop. Exit status 0 only if nothing came through."""
    from course.grading.places import root
    from course.grading.probes import command

    good = command.show(root(), make_console(stderr=as_json), channel=channel, as_json=as_json)
    raise typer.Exit(0 if good else 1)
