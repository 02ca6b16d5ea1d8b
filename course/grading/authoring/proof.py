"""What rehearsals prove: points as expected (`rehearse`), and how far everything is from every budget (`margins`)."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

from rich.console import Console
from rich.table import Table

from course import key
from course.contract.measure import measure
from course.contract.show import SIGNS
from course.contract.terms.report import EARNS, Report, Term
from course.grading.authoring.rehearse import Rehearsal, RehearsalProblem, build, perform, rehearsals, surprises
from course.grading.authoring.release import public_bytes
from course.grading.places import root as course_root
from course.units import load
from course.units.base import Unit

#: The reference must stay at least this far inside every production budget.
ROOM = 0.10
#: Each trap is performed in this many worlds or more, where margins are taken over more of them.
TRAPS_IN = 5


def rehearse(units: Iterable[Unit], *, quick: bool, only: str, as_json: bool, console: Console) -> bool:
    """Perform all rehearsals under the key in use and print the points; True if all are as expected.

    `quick` performs the samples alone (the reference, an honest different solution, a trap), and times none; `only`
    performs the one of that name. Raises RehearsalProblem if a unit has none of that name.
    """
    plain = []
    for unit in units:
        table, notes = _table(
            f"{unit.name}: rehearsals, points by clause", [t.name for t in unit.terms if t.worth], "sum"
        )
        with console.status(unit.name) as status:
            chosen = {
                one: not quick
                for one in named(rehearsals(unit, course_root()), only)
                if one.sample or only or not quick
            }
            for rehearsal, report in perform(unit, key.current(), course_root(), chosen):
                status.update(f"{unit.name}: {rehearsal.name} done")
                wrong = surprises(unit, rehearsal, report)
                points = {clause.name: clause.points for clause in report.clauses}
                plain.append({"unit": unit.name, "rehearsal": rehearsal.name, "problems": wrong, "points": points})
                cells = [_points(rehearsal, term, report) for term in unit.terms if term.worth]
                _add(table, notes, rehearsal, [*cells, f"{report.points:g}"], wrong)
        if not as_json:
            console.print(table, *notes, "In brackets: what was expected, where it is not all points.", sep="\n")
    return _verdict(plain, as_json)


def par(units: Iterable[Unit], console: Console) -> None:
    """Measure each unit's reference on the public hold-out of the open key, and write par.json beside the unit."""
    for unit in units:
        reference = next(one for one in rehearsals(unit, course_root()) if one.is_reference)
        data = unit.public_data(key.OPEN)
        with console.status(unit.name), tempfile.TemporaryDirectory(prefix="course-") as scratch:
            build(unit, reference, public_bytes(unit, key.OPEN), course_root(), Path(scratch))
            report = measure(unit, Path(scratch), unit.public_holdout(data))
        kept = [clause for clause in report.clauses if clause.verdict in EARNS and clause.name != "estimates"]
        values = {clause.name: float(f"{clause.value:.4g}") for clause in kept if clause.value is not None}
        file = Path(sys.modules[type(unit).__module__].__file__ or "").with_name("par.json")
        file.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
        console.print(
            f"{unit.name}: " + ", ".join(f"{c.name} {c.show(values[c.name])}" for c in kept if c.name in values)
        )


def named(known: Sequence[Rehearsal], only: str) -> Sequence[Rehearsal]:
    """Those called `only`; all of them if it is empty. Raises RehearsalProblem if there is none."""
    chosen = [one for one in known if only in ("", one.name)]
    if not chosen:
        raise RehearsalProblem(f"No rehearsal is called {only!r}. There are: {', '.join(one.name for one in known)}.")
    return chosen


def margins(units: Iterable[Unit], *, keys: int, first: int, as_json: bool, console: Console) -> bool:
    """Print how far every rehearsal is from every budget, over several keys; True if the margins hold.

    The reference must be at least 10 % inside every production budget and above every target, in all worlds; an honest
    different solution must keep everything in all of them; what a trap must lose it must lose in each of its worlds:
    all of up to `TRAPS_IN`, and of more every second, third and so on, the traps taking turns. Time hardly depends on
    the world and costs most: that of honest solutions is measured as often as a trap's, that of a trap which is quick
    enough in the first world only. Worlds are tried side by side, one on each CPU, so it is measured as on a busy
    machine. World 0 is that of the key in use; `first` is the number of the first one.
    """
    plain = []
    numbers = range(first, first + keys)
    for unit in units:
        shown = [term for term in unit.terms if term.name not in ("estimates", "interface")]
        table, notes = _table(f"{unit.name}: against the budgets, {keys} keys", [term.name for term in shown])
        table.add_row("budget", *(f"{'≤' if t.better == 'lower' else '≥'} {t.show(t.budget)}" for t in shown), "")
        table.add_section()
        for rehearsal, reports in zip(rehearsals(unit, course_root()), _in_worlds(unit, numbers, console), strict=True):
            wrong = [f"world {n}: {text}" for n, one in reports.items() for text in surprises(unit, rehearsal, one)]
            if rehearsal.is_reference:
                wrong += [f"world {n}: {text}" for n, one in reports.items() for text in _tight(unit, one)]
            values = {
                term.name: [report[term.name].value for report in reports.values() if term.name in report]
                for term in shown
            }
            plain.append({"unit": unit.name, "rehearsal": rehearsal.name, "problems": wrong, "values": values})
            _add(table, notes, rehearsal, [_range(term, [*reports.values()]) for term in shown], wrong)
        if not as_json:
            console.print(table, *notes, "In brackets: the most of a budget that was used.", sep="\n")
    return _verdict(plain, as_json)


def _in_worlds(unit: Unit, numbers: Sequence[int], console: Console) -> list[dict[int, Report]]:
    """For each rehearsal its report in every world that is its own."""
    known = rehearsals(unit, course_root())
    every = max(len(numbers) // TRAPS_IN, 1)
    found: list[dict[int, Report]] = [{} for _ in known]
    with (
        console.status(f"{unit.name}: no world of {len(numbers)} done yet") as status,
        ProcessPoolExecutor(min(len(numbers), os.cpu_count() or 1), mp_context=get_context("spawn")) as pool,
    ):
        asked = {}
        for at, number in enumerate(numbers):
            own = {k for k, _ in enumerate(known) if (at + k) % every == 0}
            chosen = {
                k: at == 0 or (k in own and one.is_timed) for k, one in enumerate(known) if k in own or not one.loses
            }
            asked[pool.submit(_in_world, unit.name, number, chosen)] = number, chosen
        for done, task in enumerate(as_completed(asked), 1):
            number, chosen = asked[task]
            for k, report in zip(chosen, task.result(), strict=True):
                found[k][number] = report
            so_far = f"{unit.name}: {done} worlds of {len(numbers)} done"
            status.update(so_far)
            if not console.is_terminal:  # an hour's log says how far it is
                console.print(so_far)
    return [dict(sorted(reports.items())) for reports in found]


def _in_world(name: str, number: int, chosen: Mapping[int, bool]) -> list[Report]:
    """Reports of the rehearsals with these numbers, and whether the time of each is measured."""
    secret = key.Key(hashlib.sha256(b"margin %d" % number).digest(), f"margin {number}") if number else key.current()
    unit, root = load(name), course_root()
    known = rehearsals(unit, root)
    asked = {known[k]: timed for k, timed in chosen.items()}
    return [report for _, report in perform(unit, secret, root, asked, exact=True)]


def _table(title: str, heads: list[str], *more: str) -> tuple[Table, list[str]]:
    table = Table(title=title, title_justify="left")
    table.add_column("Rehearsal", no_wrap=True)
    for head in (*heads, *more, ""):
        table.add_column(head)
    return table, []


def _add(table: Table, notes: list[str], rehearsal: Rehearsal, cells: list[str], wrong: list[str]) -> None:
    table.add_row(rehearsal.name, *cells, "✗" if wrong else "✓")
    notes += [f"✗ {rehearsal.name}: {text}" for text in wrong]


def _verdict(plain: list[dict], as_json: bool) -> bool:
    if as_json:
        print(json.dumps(plain, indent=1))
    return not any(record["problems"] for record in plain)


def _points(rehearsal: Rehearsal, term: Term, report: Report) -> str:
    if term.name not in report:
        return "–"
    low, high = rehearsal.expects(term)
    points = f"{report[term.name].points:g}"
    if low == high == term.worth:
        return points
    return f"{points} ({low:g}–{high:g})" if low != high else f"{points} ({low:g})"


def _tight(unit: Unit, report: Report) -> list[str]:
    shares = {term.name: report[term.name].share for term in unit.terms if term.production and term.name in report}
    return [
        f"{name} uses {'an unknown share' if share is None else f'{share:.0%}'} of its budget"
        for name, share in shares.items()
        if share is None or share > 1 - ROOM
    ]


def _range(term: Term, reports: list[Report]) -> str:
    clauses = [report[term.name] for report in reports if term.name in report]
    signs = "".join(dict.fromkeys(SIGNS[clause.verdict] for clause in clauses))
    values = [clause.value for clause in clauses if clause.value is not None]
    if not values:
        return f"{signs} —"
    low, high = min(values), max(values)
    shown = [f"{value * term.scale:,.{term.digits}f}" for value in (low, high)]
    text = "–".join(dict.fromkeys(shown))
    shares = [clause.share for clause in clauses if clause.share is not None and term.better == "lower"]
    return f"{signs} {text}" + (f" ({max(shares):.0%})" if shares else "")
