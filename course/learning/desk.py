"""`Desk`: a unit as seen from a notebook, working in the folder in which the notebook runs."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from course import key
from course.contract.measure import Progress, artifact_digest, measure
from course.contract.models import measure_model
from course.contract.report import EARNS, Clause, Measurement, Report, settle
from course.contract.show import SIGNS
from course.problem import Problem

if TYPE_CHECKING:
    import numpy as np

    from course.contract.holdout import Holdout
    from course.units.base import Unit

#: Set by the trusted kernel of a grading run, and only there: measure on the private hold-out.
PRIVATE = "COURSE_PRIVATE_HOLDOUT"
PUBLIC_FILE = "public.npz"


class Points(float):
    """Points earned by a clause. Prints as a plain number, which nbgrader reads; shows as a table in a notebook."""

    html: str = ""

    def _repr_html_(self) -> str:
        return self.html


class Panel:
    """A Report that shows itself: as a page in a notebook, as text elsewhere."""

    def __init__(self, report: Report) -> None:
        self.report = report

    def _repr_html_(self) -> str:
        from course.contract.show.page import page
        from course.contract.show.picture import picture

        drawn = picture(self.report)
        return page(self.report, picture=drawn[0], alt=drawn[1]) if drawn else page(self.report)

    def __repr__(self) -> str:
        from rich.console import Console

        from course.contract.show.terminal import show

        out = io.StringIO()
        show(self.report, Console(file=out, width=110, force_jupyter=False))
        return out.getvalue()


class Terms(Panel):
    """A contract before anything is measured."""

    def __init__(self, report: Report, hidden: float) -> None:
        super().__init__(report)
        self.hidden = hidden

    def _repr_html_(self) -> str:
        from course.contract.show.page import terms

        return terms(self.report, self.hidden)

    def __repr__(self) -> str:
        lines = [f"{c.title}: {c.asked}" + (f" ({c.worth:g} points)" if c.worth else "") for c in self.report.clauses]
        return "\n".join([*lines, f"Robustness, measured at grading ({self.hidden:g} points)"])


class Comparison:
    """Several models side by side."""

    def __init__(self, reports: Mapping[str, Report]) -> None:
        self.reports = reports

    def _repr_html_(self) -> str:
        from course.contract.show.page import comparison
        from course.contract.show.picture import picture

        points = [dataclasses.replace(report.you, name=name) for name, report in self.reports.items() if report.you]
        drawn = picture(next(iter(self.reports.values())), points, you=False)
        return comparison(self.reports, drawn)

    def __repr__(self) -> str:
        return "\n".join(
            f"{name:14}" + "  ".join(f"{SIGNS[c.verdict]} {c.name} {c.shown}" for c in report.clauses)
            for name, report in self.reports.items()
        )


class Desk:
    """A unit in a learner's folder: its data, its checks, the clause that a test cell grades."""

    def __init__(self, unit: Unit, folder: Path | None = None) -> None:
        self._unit = unit
        self._folder = folder
        self._reports: dict[str, Report] = {}

    def __repr__(self) -> str:
        return f"<unit {self._unit.name}: {self._unit.title}>"

    @property
    def name(self) -> str:
        """The unit's name."""
        return self._unit.name

    @property
    def folder(self) -> Path:
        """Where the files of this submission lie."""
        return self._folder or Path.cwd()

    @cached_property
    def data(self) -> Mapping[str, np.ndarray]:
        """The public arrays: from the file that came with the notebook, else made from the open key."""
        import numpy as np

        file = self.folder / PUBLIC_FILE
        if not file.is_file():
            return self._unit.public_data(key.OPEN)
        try:
            with np.load(file, allow_pickle=False) as found:
                return {name: found[name] for name in found.files}
        except (OSError, ValueError, EOFError, KeyError):
            raise Problem(f"{PUBLIC_FILE} is damaged; copy it again from the released unit.") from None

    @cached_property
    def _holdout(self) -> Holdout:
        if os.environ.get(PRIVATE):
            return self._unit.private_holdout(key.current())
        return self._unit.public_holdout(self.data)

    def answer(self, **estimates: float | None) -> None:
        """Hand in the estimates: saves them to estimates.json, and says which answers can't be taken."""
        from course.contract.estimates import write_estimates

        for problem in write_estimates(self._unit.estimates, self.folder, estimates):
            print(problem)

    def report(self, progress: Progress | None = None) -> Report:
        """Measure what lies in the folder; an unchanged submission is measured only once."""
        digest = artifact_digest(self._unit, self.folder)
        if digest not in self._reports:
            tell = progress or _ticker
            with _quiet():
                self._reports[digest] = measure(self._unit, self.folder, self._holdout, progress=tell)
            tell("")
            if os.environ.get(PRIVATE):
                (self.folder / "report.json").write_text(self._reports[digest].to_json(), encoding="utf-8")
        return self._reports[digest]

    def load(self, file: str) -> ModuleType:
        """A module that a cell has written, loaded anew from the folder: to try its functions here."""
        from course.contract._callee_child import load, told

        path = self.folder / file
        if not path.is_file():
            raise Problem(f"There is no {file} yet: run the cell that writes it.")
        try:
            return load(str(path))
        except Exception as error:
            found = told(error, str(path))
            raise Problem(
                f"{file} can't be loaded: {found['type']} in line {found['line']} ({found['words']})."
            ) from None

    def contract(self) -> Terms:
        """What is asked for: the clauses, their budgets and points, before anything is measured."""
        unit = self._unit
        terms = [term for term in unit.terms if not term.hidden]
        asked = tuple(settle(term, Measurement(None)) for term in terms)
        return Terms(Report(unit.name, "public", asked), sum(term.worth for term in unit.terms if term.hidden))

    def compare(self, files: Mapping[str, str]) -> Comparison:
        """Measure several models (name -> file) for quality, bytes and latency on the hold-out, and draw them."""
        wanted = ("quality", "size", "latency")
        reports = {}
        with _quiet():
            for name, file in files.items():
                found = measure_model(
                    self._unit,
                    self.folder / file,
                    self._holdout,
                    list(wanted),
                    lambda words, at=name: _ticker(f"{at}: {words}"),
                )
                clauses = tuple(settle(self._unit.term(term), found[term]) for term in wanted)
                reports[name] = Report(self._unit.name, "public", clauses, tuple(self._unit.landmarks()))
        _ticker("")
        return Comparison(reports)

    def check(self) -> Panel:
        """Measure everything that can be measured here, and show it beside the budgets."""
        return Panel(self.report())

    def grade(self, name: str) -> Points:
        """Points for one clause: the last expression of a test cell.

        Nothing that a submission does makes this raise: a clause that can't be measured earns 0 and says why. Only
        nbgrader's Validate gets an exception, because that is what its dialog can show: one line, no traceback.
        """
        from course.contract.show.page import page
        from course.contract.show.picture import picture

        report = self.report()
        clause = report[name]
        if os.environ.get("NBGRADER_VALIDATING") and clause.verdict not in EARNS:
            raise NotKept(clause)
        points = Points(min(max(clause.points, 0.0), clause.worth))
        drawn = picture(report) if name == "quality" and clause.value is not None else None
        points.html = page(report, only=[name], picture=drawn[0], alt=drawn[1]) if drawn else page(report, only=[name])
        return points


class NotKept(Exception):
    """A clause is not kept (raised only for Validate). Shows as one line instead of a traceback."""

    def __init__(self, clause: Clause) -> None:
        measured = f": {clause.shown}, asked for {clause.asked}" if clause.value is not None else ""
        super().__init__(f"{clause.title}: {SIGNS[clause.verdict]} {clause.verdict}{measured}. {clause.advice}".strip())

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def _ticker(words: str) -> None:
    """Say in a notebook what is being measured, in place of what was said before; no words clear it."""
    shell = "IPython" in sys.modules and sys.modules["IPython"].get_ipython()
    if not shell or not hasattr(shell, "kernel"):
        return
    from IPython.display import clear_output, display

    clear_output(wait=True)
    if words:
        display({"text/plain": f"{words} …"}, raw=True)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep stderr out of a test cell: nbgrader gives 0 points to a cell that merely warned.

    What native code writes to file descriptor 2 is caught too. An exception still shows.
    """
    saved = os.dup(2)
    sink = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(sink, 2)
        with contextlib.redirect_stderr(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(sink)
