"""Rehearsals: submissions whose points are known beforehand. They prove a unit's budgets.

`tests/rehearsals/<unit>.py` defines `REHEARSALS`. A rehearsal is the reference solution with some cells replaced; the
replacement is the body of a function, so that it is linted and read like any other code.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.util
import inspect
import io
import subprocess
import sys
import tempfile
import textwrap
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from course import cache, patience
from course.contract.measure import measure
from course.contract.terms.holdout import PUBLIC_FILE
from course.contract.terms.report import EARNS, Report, Term
from course.grading.authoring.lessons import WRITES, Lesson
from course.grading.authoring.release import public_bytes
from course.guests import guests
from course.key import Key
from course.package import FOLDER
from course.problem import Problem
from course.units.base import Unit

#: Seconds that the program of one rehearsal could use.
SECONDS = 300.0
#: Clauses that are a time.
TIMES = {"latency", "throughput"}


class RehearsalProblem(Problem):
    """A rehearsal did not run; the message ends with what it said."""


@dataclass(frozen=True, eq=False)
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
        heads = {cell: WRITES.match(reference[cell]) for cell in self.replaced}
        replaced = {cell: (heads[cell][0] if heads[cell] else "") + body(f) for cell, f in self.replaced.items()}
        return added | replaced

    @property
    def is_timed(self) -> bool:
        """True if its time is part of what it must show: it is honest, or too slow."""
        return not self.loses or bool(TIMES & self.loses.keys())

    @property
    def is_reference(self) -> bool:
        """True for the worked solution itself."""
        return not (self.replaced or self.added)

    def expects(self, term: Term) -> tuple[float, float]:
        """Fewest and most points for a clause."""
        return self.loses.get(term.name, (term.worth, term.worth))


def body(function: Callable) -> str:
    """The text of a function's body, without its docstring, as a notebook cell would have it.

    Parameters that have a value, by default or from functools.partial, are set in its first lines.
    """
    given = function.keywords if isinstance(function, functools.partial) else {}
    function = function.func if given else function
    known = {name: one.default for name, one in inspect.signature(function).parameters.items()} | given
    settings = "".join(f"{name} = {value!r}\n" for name, value in known.items() if value is not inspect.Parameter.empty)
    source = textwrap.dedent(inspect.getsource(function))
    parsed = ast.parse(source).body[0]
    statements = parsed.body[1:] if ast.get_docstring(parsed) else parsed.body  # type: ignore[attr-defined]
    lines = source.splitlines()[statements[0].lineno - 1 :]
    return settings + textwrap.dedent("\n".join(lines)).strip()


def rehearsals(unit: Unit, root: Path) -> tuple[Rehearsal, ...]:
    """The rehearsals of a unit. Raises RehearsalProblem if it has none."""
    guest = guests().get(unit.name)
    where = guest.home / "rehearsals" if guest else root / "tests" / "rehearsals"
    file = where / f"{unit.name.replace('-', '_')}.py"
    if not file.is_file():
        raise RehearsalProblem(f"{unit.name} has no rehearsals: there is no {file}.")
    spec = importlib.util.spec_from_file_location(f"rehearsals_{file.stem}", file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module.REHEARSALS


def build(unit: Unit, rehearsal: Rehearsal, public: bytes, root: Path, folder: Path) -> None:
    """Make a rehearsal's files in `folder`: run its cells beside `public.npz`, or take what they made before."""
    lesson = Lesson(unit, root)
    program = lesson.program(rehearsal.cells(lesson.solutions()))
    # What a cell can import; the __init__ of units holds budgets, and the world's effect is in `public`.
    guest = guests().get(unit.name)
    places = [FOLDER / "units", *([guest.home / "units"] if guest else [])]
    modules = [FOLDER / "graph.py", *(file for place in places for file in sorted(place.rglob("[!_]*.py")))]
    code = b"".join(path.read_bytes() for path in modules)
    digest = hashlib.sha256(program.encode() + public + code + sys.version.encode()).hexdigest()
    packed = cache.content(
        cache.own() / f"rehearsal-{digest[:32]}.zip", lambda: _make(unit, rehearsal, program, public)
    )
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        archive.extractall(folder)


def _make(unit: Unit, rehearsal: Rehearsal, program: str, public: bytes) -> bytes:
    with tempfile.TemporaryDirectory(prefix="course-") as scratch:
        work = Path(scratch)
        (work / PUBLIC_FILE).write_bytes(public)
        (work / "program.py").write_text(program, encoding="utf-8")
        running = subprocess.Popen(
            [sys.executable, "program.py"], cwd=work, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace",
        )  # fmt: skip
        try:
            _, said = patience.finished(running, SECONDS)
        except subprocess.TimeoutExpired:
            raise RehearsalProblem(f"{unit.name}, {rehearsal.name}: did not end within {SECONDS:.0f} s.") from None
        if running.returncode:
            raise RehearsalProblem(f"{unit.name}, {rehearsal.name} failed:\n{said[-2000:]}")
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in unit.files:
                if (work / name).is_file():
                    archive.writestr(zipfile.ZipInfo(name), (work / name).read_bytes())
        return out.getvalue()


def perform(
    unit: Unit, secret: Key, root: Path, chosen: Mapping[Rehearsal, bool], *, exact: bool = False
) -> Iterator[tuple[Rehearsal, Report]]:
    """Rehearsals of a unit in the world of one key, each built and measured on the private hold-out.

    `chosen` says of each whether its time is measured too, which costs more than all the rest.
    """
    public, holdout = public_bytes(unit, secret), unit.private_holdout(secret)
    for rehearsal, timed in chosen.items():
        wanted = {term.name for term in unit.terms} - (set() if timed else TIMES)
        with tempfile.TemporaryDirectory(prefix="course-") as scratch:
            build(unit, rehearsal, public, root, Path(scratch))
            yield rehearsal, measure(unit, Path(scratch), holdout, exact=exact, wanted=wanted)


def surprises(unit: Unit, rehearsal: Rehearsal, report: Report) -> list[str]:
    """Where a report is not what the rehearsal expects of what was measured; empty if all is as it should be."""
    found = []
    for term in unit.terms:
        if term.name not in report:
            continue
        low, high = rehearsal.expects(term)
        points = report[term.name].points
        if not low <= points <= high:
            wanted = f"{low:g}" if low == high else f"{low:g} to {high:g}"
            found.append(f"{term.name}: {points:g} points, expected {wanted}")
        if term.worth == 0 and term.name not in rehearsal.loses and report[term.name].verdict not in EARNS:
            found.append(f"{term.name}: {report[term.name].verdict}")
    return found
