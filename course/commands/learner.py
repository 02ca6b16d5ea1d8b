"""Commands of those who learn."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from course.commands.shared import (
    AsJson,
    MaybeUnit,
    StepName,
    UnitName,
    app,
    make_console,
    unit_named,
    unit_or_path,
    units_named,
)
from course.problem import Problem


@app.command()
def units(as_json: AsJson = False) -> None:
    """List the units there are, and where you stand in each."""
    import json

    from rich.table import Column, Table

    from course.contract.show import STANDING
    from course.learning import overview

    every = overview.course(units_named(None))
    if as_json:
        keys = ("name", "title", "brief", "artifact")
        plain = [
            {key: getattr(unit, key) for key in keys} | {"minutes": overview.minutes(unit), "state": one.state}
            for unit, one in every
        ]
        print(json.dumps(plain, indent=1, ensure_ascii=False))
        return
    table = Table(
        Column("Unit", no_wrap=True), "Title", "The question", Column("Minutes", justify="right"),
        Column("State", no_wrap=True), title="Units", title_justify="left",
    )  # fmt: skip
    for unit, one in every:
        table.add_row(
            unit.name, unit.title, unit.brief, str(overview.minutes(unit) or "–"), f"{STANDING[one.state]} {one.state}"
        )
    make_console().print(table)


@app.command()
def start(
    unit: MaybeUnit = None,
    dir: Annotated[Path | None, typer.Option(help="The folder to make; my-work/UNIT in a checkout.")] = None,
    force: Annotated[bool, typer.Option("--force", help="A fresh copy; what was there is kept as a backup.")] = False,
) -> None:
    """Put a fresh copy of a released unit (by default of all that you don't have yet) into your own folder."""
    from course.learning import overview, welcome, workspace

    if unit is None:
        if dir or force:
            raise Problem("Say which unit: course start UNIT")
        every = units_named(None)
        made = workspace.start_missing(every)
        for folder in made:
            print(f"new: {workspace.shown(folder)}")
        if not made:
            print(f"Nothing new: what is released here lies in {workspace.shown(workspace.home())} already.")
        print(f"Begin with {workspace.shown(welcome.write(workspace.home(), overview.course(every)))}")
        return
    chosen = unit_named(unit)
    folder, backup = workspace.start(chosen, dir, force=force)
    if backup:
        print(f"Your former folder is now {workspace.shown(backup)}")
    notebook = workspace.shown(folder / f"{chosen.name}.ipynb")
    print(f"{notebook} is yours: open it in JupyterLab (make learn) or in VS Code.")
    print(f"To be asked first, as in an interview: course interview {chosen.name.split('-')[0]}")


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
    from course.learning.desk import Desk
    from course.learning.watch import changes
    from course.learning.work import FileChanged
    from course.learning.workspace import find

    chosen, dir = unit_or_path(unit, dir)
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
            console = make_console()
            console.print(f"Files: {folder}", highlight=False, markup=False, soft_wrap=True)
            show(panel.report, console, panel.said, panel.par)
    raise typer.Exit(0 if panel.report.kept else 1)


@app.command()
def parity(
    model: Annotated[Path, typer.Argument(help="A fitted estimator of yours, saved with joblib.dump or pickle.dump.")],
    file: Annotated[Path, typer.Argument(help="The ONNX file that was made from it.")],
    rows: Annotated[Path, typer.Argument(help="Rows to ask both about: .npy, .npz (its first array), or .csv.")],
    output: Annotated[list[str] | None, typer.Option(help="An output that counts; all of them by default.")] = None,
) -> None:
    """Say whether an ONNX file answers what the fitted model answers, and if not, why. Exit status 1 if not.

    Loading MODEL runs what it holds: only ever load a file that you made.
    """
    from course.contract.parity import compare
    from course.learning.parity import Sides
    from course.learning.saved import fitted, table

    found = Sides(compare(fitted(model), file, table(rows), outputs=tuple(output or ())))
    found.show(make_console())
    raise typer.Exit(0 if found.kept else 1)


@app.command()
def hint(unit: UnitName, step: StepName = None) -> None:
    """Give the next hint for a step; by default for the first that is not kept yet."""
    from course.learning.desk import Desk

    Desk(unit_named(unit), terminal=True).hint(step)


@app.command()
def solution(
    unit: UnitName,
    step: StepName = None,
    anyway: Annotated[bool, typer.Option("--anyway", help="Also where the step is not kept yet.")] = False,
) -> None:
    """Show the worked solution of steps that are kept."""
    from course.learning.desk import Desk
    from course.learning.workspace import find

    chosen = unit_named(unit)
    Desk(chosen, find(chosen), terminal=True).solution(step, anyway=anyway)


@app.command()
def interview(
    unit: UnitName,
    again: Annotated[bool, typer.Option("--again", help="Begin anew, also where one was not ended.")] = False,
    show: Annotated[bool, typer.Option("--show", help="Show the scorecard of the last one; ask nothing.")] = False,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the scorecard as a page, too.")] = None,
    as_json: AsJson = False,
) -> None:
    """Be interviewed: one vague line, 45 minutes that are counted, and a scorecard that is no grade.

    What you say is kept at once: after Ctrl-C the same command goes on. With --json the scorecard is printed as JSON.
    """
    from course.learning.interview.visit import visit

    visit(unit_named(unit), again=again, show=show, html=html, as_json=as_json)


@app.command()
def progress(
    as_json: AsJson = False,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write it as a page to print instead.")
    ] = None,
) -> None:
    """Show where you stand in all units, and what comes next."""
    import json

    from course.learning import overview
    from course.learning.progress import Progress

    kept = Progress()
    records = kept.records()
    standings = [
        overview.standing(unit, records.get(unit.name) or kept.record(unit.name)) for unit in units_named(None)
    ]
    if html:
        from course.contract.show.page import write
        from course.learning.keepsake import keepsake

        write(html, keepsake(standings))
        print(f"{html}: to be opened in a browser, and printed from there.")
    elif as_json:
        print(json.dumps(overview.plain(standings), indent=1))
    else:
        overview.show(standings, make_console(width=80))
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
            more = f"\n  More: {finding.where}" * (finding.state != "good")
            print(f"{sign} {finding.about}: {finding.said}{more}", flush=True)
    wrong = sum(finding.state == "mend" for finding in findings)
    if as_json:
        print(looks.plain(findings))
    else:
        print(f"{wrong} to mend (✗)." if wrong else "Nothing to do.")
    raise typer.Exit(1 if wrong else 0)
