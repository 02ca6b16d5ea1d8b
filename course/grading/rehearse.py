"""Rehearsals: submissions whose points are known beforehand. They prove a unit's budgets.

`tests/rehearsals/<unit>.py` defines `REHEARSALS`. A rehearsal is the reference solution with some cells replaced; the
replacement is the body of a function, so that it is linted and read like any other code.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import inspect
import io
import json
import subprocess
import sys
import tempfile
import textwrap
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

import course
from course import cache, key
from course.contract.measure import PRODUCTION, measure
from course.contract.report import EARNS, Report, Term
from course.contract.show import SIGNS
from course.grading.lessons import Lesson
from course.grading.places import root as course_root
from course.grading.release import public_bytes
from course.problem import Problem
from course.units.base import Unit

#: The reference must stay at least this far inside every production budget.
ROOM = 0.10
SECONDS = 300.0


class RehearsalProblem(Problem):
    """A rehearsal did not run; the message ends with what it said."""


@dataclass(frozen=True)
class Rehearsal:
    """One submission whose points are known.

    `loses` names the clauses that it must not keep, each with the fewest and the most points it may earn there;
    every other clause must be kept. `replaced` gives a function for each solution cell that differs from the reference,
    `added` one for each that goes on where the reference ends.
    """

    name: str
    about: str
    replaced: Mapping[str, Callable] = field(default_factory=dict)
    added: Mapping[str, Callable] = field(default_factory=dict)
    loses: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    sample: str = ""  # under this name `course grade --samples` hands it in

    def cells(self, reference: Mapping[str, str]) -> dict[str, str]:
        """The text of the cells that differ from the reference's."""
        added = {cell: f"{reference[cell]}\n\n{body(function)}" for cell, function in self.added.items()}
        return added | {cell: body(function) for cell, function in self.replaced.items()}

    def expects(self, term: Term) -> tuple[float, float]:
        """Fewest and most points for a clause."""
        return self.loses.get(term.name, (term.worth, term.worth))


def body(function: Callable) -> str:
    """The text of a function's body, without its docstring, as a notebook cell would have it."""
    source = textwrap.dedent(inspect.getsource(function))
    parsed = ast.parse(source).body[0]
    statements = parsed.body[1:] if ast.get_docstring(parsed) else parsed.body  # type: ignore[attr-defined]
    lines = source.splitlines()[statements[0].lineno - 1 :]
    return textwrap.dedent("\n".join(lines)).strip()


def rehearsals(unit: Unit, root: Path) -> tuple[Rehearsal, ...]:
    """The rehearsals of a unit. Raises RehearsalProblem if it has none."""
    file = root / "tests" / "rehearsals" / f"{unit.name.replace('-', '_')}.py"
    if not file.is_file():
        raise RehearsalProblem(f"{unit.name} has no rehearsals: there is no {file.relative_to(root)}.")
    spec = importlib.util.spec_from_file_location(f"rehearsals_{file.stem}", file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module.REHEARSALS


def build(unit: Unit, rehearsal: Rehearsal, secret: key.Key, root: Path, folder: Path) -> None:
    """Make a rehearsal's files in `folder`: run its cells as a program, or take what they made before."""
    lesson = Lesson(unit, root)
    program = lesson.program(rehearsal.cells(lesson.solutions()))
    public = public_bytes(unit, secret)
    # What a cell can import from units; their __init__ holds budgets, and the world's effect is in `public`.
    modules = sorted(path for path in (Path(course.__file__).parent / "units").rglob("[!_]*.py"))
    package = b"".join(path.read_bytes() for path in modules)
    digest = hashlib.sha256(program.encode() + public + package + sys.version.encode()).hexdigest()
    packed = cache.content(f"rehearsal-{digest[:32]}.zip", lambda: _make(unit, rehearsal, program, public))
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        archive.extractall(folder)


def _make(unit: Unit, rehearsal: Rehearsal, program: str, public: bytes) -> bytes:
    with tempfile.TemporaryDirectory(prefix="course-") as scratch:
        work = Path(scratch)
        (work / "public.npz").write_bytes(public)
        (work / "program.py").write_text(program, encoding="utf-8")
        try:
            ran = subprocess.run(
                [sys.executable, "program.py"],
                cwd=work,
                capture_output=True,
                text=True,
                timeout=SECONDS,
                errors="replace",
            )
        except subprocess.TimeoutExpired:
            raise RehearsalProblem(f"{unit.name}, {rehearsal.name}: did not end within {SECONDS:.0f} s.") from None
        if ran.returncode:
            raise RehearsalProblem(f"{unit.name}, {rehearsal.name} failed:\n{ran.stderr[-2000:]}")
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in unit.files:
                if (work / name).is_file():
                    archive.writestr(zipfile.ZipInfo(name), (work / name).read_bytes())
        return out.getvalue()


def perform(unit: Unit, rehearsal: Rehearsal, secret: key.Key, root: Path, *, exact: bool = False) -> Report:
    """Build a rehearsal under a key and measure it on that key's private hold-out."""
    with tempfile.TemporaryDirectory(prefix="course-") as scratch:
        build(unit, rehearsal, secret, root, Path(scratch))
        return measure(unit, Path(scratch), unit.private_holdout(secret), exact=exact)


def surprises(unit: Unit, rehearsal: Rehearsal, report: Report) -> list[str]:
    """Where a report is not what the rehearsal expects; empty if all is as it should be."""
    found = []
    for term in unit.terms:
        low, high = rehearsal.expects(term)
        points = report[term.name].points
        if not low <= points <= high:
            wanted = f"{low:g}" if low == high else f"{low:g} to {high:g}"
            found.append(f"{term.name}: {points:g} points, expected {wanted}")
        if term.worth == 0 and term.name not in rehearsal.loses and report[term.name].verdict not in EARNS:
            found.append(f"{term.name}: {report[term.name].verdict}")
    return found


def rehearse(units: Iterable[Unit], *, as_json: bool, console: Console) -> bool:
    """Perform all rehearsals under the key in use and print the points; True if all are as expected."""
    good, plain = True, []
    root, secret = course_root(), key.current()
    for unit in units:
        table = Table(title=f"{unit.name}: rehearsals, points by clause", title_justify="left")
        for head in ("Rehearsal", *(term.name for term in unit.terms if term.worth), "Sum", "As expected"):
            table.add_column(head)
        for rehearsal in rehearsals(unit, root):
            with console.status(f"{unit.name}: {rehearsal.name}"):
                report = perform(unit, rehearsal, secret, root)
            wrong = surprises(unit, rehearsal, report)
            good &= not wrong
            plain.append({"unit": unit.name, "rehearsal": rehearsal.name, "surprises": wrong,
                          "points": {clause.name: clause.points for clause in report.clauses}})  # fmt: skip
            cells = [_points(rehearsal, term, report) for term in unit.terms if term.worth]
            table.add_row(
                rehearsal.name, *cells, f"{report.points:g}", "✓ yes" if not wrong else "✗ " + "; ".join(wrong)
            )
        if not as_json:
            console.print(table)
            console.print(
                "A cell with one number earned what was expected: all points, or (in brackets) the range given."
            )
    if as_json:
        print(json.dumps(plain, indent=1))
    return good


def _points(rehearsal: Rehearsal, term: Term, report: Report) -> str:
    low, high = rehearsal.expects(term)
    points = f"{report[term.name].points:g}"
    return (
        points
        if low == high == term.worth
        else f"{points} ({low:g}–{high:g})"
        if low != high
        else f"{points} ({low:g})"
    )


def margins(units: Iterable[Unit], *, keys: int, as_json: bool, console: Console) -> bool:
    """Print how far every rehearsal is from every budget, over one or several keys; True if the margins hold.

    The reference must be at least 10 % inside every production budget and above every target, in all worlds; what a
    trap must lose it must lose in all worlds.
    """
    good, plain = True, []
    root = course_root()
    secrets = [
        key.current(),
        *(key.Key(hashlib.sha256(b"margin %d" % n).digest(), f"margin {n}") for n in range(1, keys)),
    ]
    for unit in units:
        shown = [term for term in unit.terms if term.name not in ("estimates", "interface")]
        table = Table(title=f"{unit.name}: measured against the budget ({keys} keys)", title_justify="left")
        for head in ("Rehearsal", *(term.name for term in shown), "Holds"):
            table.add_column(head)
        table.add_row(
            "budget", *(f"{'≤' if term.better == 'lower' else '≥'} {term.show(term.budget)}" for term in shown), ""
        )
        table.add_section()
        for rehearsal in rehearsals(unit, root):
            reports = []
            for number, secret in enumerate(secrets, 1):
                with console.status(f"{unit.name}: {rehearsal.name}, key {number} of {keys}"):
                    reports.append(perform(unit, rehearsal, secret, root, exact=True))
            wrong = [text for report in reports for text in surprises(unit, rehearsal, report)]
            if not (rehearsal.loses or rehearsal.replaced or rehearsal.added):
                wrong += [text for report in reports for text in _tight(unit, report)]
            good &= not wrong
            plain.append({"unit": unit.name, "rehearsal": rehearsal.name, "problems": wrong,
                          "values": {t.name: [r[t.name].value for r in reports] for t in shown}})  # fmt: skip
            table.add_row(
                rehearsal.name, *(_range(term, reports) for term in shown), "✓" if not wrong else "✗ " + wrong[0]
            )
        if not as_json:
            console.print(table)
    if as_json:
        print(json.dumps(plain, indent=1))
    return good


def _tight(unit: Unit, report: Report) -> list[str]:
    found = []
    for term in unit.terms:
        share = report[term.name].share
        if term.name in PRODUCTION and (share is None or share > 1 - ROOM):
            found.append(f"{term.name}: only {1 - (share or 1):.0%} inside the budget")
    return found


def _range(term: Term, reports: list[Report]) -> str:
    clauses = [report[term.name] for report in reports]
    signs = "".join(dict.fromkeys(SIGNS[clause.verdict] for clause in clauses))
    values = [clause.value for clause in clauses if clause.value is not None]
    if not values:
        return f"{signs} —"
    low, high = min(values), max(values)
    text = term.show(low) if len(values) == 1 else f"{low * term.scale:,.{term.digits}f} to {term.show(high)}"
    shares = [clause.share for clause in clauses if clause.share is not None and term.better == "lower"]
    return f"{signs} {text}" + (f" ({max(shares):.0%})" if shares else "")
