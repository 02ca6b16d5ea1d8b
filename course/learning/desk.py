"""`Desk`: a unit as seen from a notebook, working in the folder in which the notebook runs."""

from __future__ import annotations

import contextlib
import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from course.contract.measure import Progress as Tell
from course.contract.terms.report import EARNS, Report, settle
from course.learning.guide import Guide, by_grader
from course.learning.panels import Answers, Comparison, Later, NotKept, Panel, Points, Words, WorkedMemo
from course.learning.progress import Progress
from course.learning.promised import About, Played, Terms
from course.learning.steps import ARTIFACT_STEP, ESTIMATES_STEP, chosen, state, step_of
from course.learning.ticker import echoes, ticker
from course.learning.work import PRIVATE, Work, quiet
from course.problem import Problem

if TYPE_CHECKING:
    import numpy as np

    from course.learning.interview.room import Room
    from course.learning.interview.show import MarkedBrief
    from course.learning.parity import Sides
    from course.units.base import Unit

Shown = TypeVar("Shown")


class Desk:
    """A unit in a learner's folder: its data, its checks, hints and solutions, the clause that a test cell grades."""

    def __init__(self, unit: Unit, folder: Path | None = None, *, terminal: bool = False) -> None:
        self._unit = unit
        self._progress = Progress()
        self._work = Work(unit, folder, self._progress)
        self._guide = Guide(self._work, self._progress, terminal=terminal)

    def __repr__(self) -> str:
        return f"<unit {self._unit.name}: {self._unit.title}>"

    def __getattr__(self, name: str) -> NoReturn:
        known = [own for own in dir(type(self)) if not own.startswith("_")]
        close = difflib.get_close_matches(name, known, 1)
        meant = f"did you mean unit.{close[0]}?" if close else f"there are {', '.join(known)}."
        raise AttributeError(f"there is no unit.{name}; {meant}")

    @property
    def name(self) -> str:
        """The unit's name."""
        return self._unit.name

    @property
    def folder(self) -> Path:
        """Where the files of this submission lie."""
        return self._work.folder

    @property
    def data(self) -> Mapping[str, np.ndarray]:
        """The public arrays: from the file that came with the notebook, else made from the open key."""
        return self._work.data

    def load(self, file: str) -> ModuleType:
        """A module that a cell has written, loaded anew from the folder: to try its functions here."""
        from course.contract.inside.callee_child import load, told

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

    def contract(self, clause: str = "") -> Terms | About:
        """What is asked for: files, clauses, budgets and points; or one clause: what is counted, over what, and how."""
        if not clause:
            return _show(Terms(self._unit))
        with contextlib.suppress(KeyError):
            return _show(About(self._unit.term(clause)))
        names = [term.name for term in self._unit.terms]
        near = difflib.get_close_matches(clause, names, 1)
        meant = f'Did you mean unit.contract("{near[0]}")?' if near else f"There are: {', '.join(names)}."
        raise Problem(f"{self.name} has no clause {clause!r}. {meant}")

    def replay(self, case: int = 0) -> Played:
        """One public case, played with your artifact exactly as the judge plays it, step by step, as a table.

        `unit.replay(3).frame()` is a pandas table to work with.
        """
        played = Played(lambda: self._unit.replay(self.folder, self._work.holdout, case), later=by_grader())
        return _show(played if by_grader() else played.made())

    def answer(self, **estimates: float | None) -> None:
        """Hand in the estimates: saves them to estimates.json, and says which answers can't be taken."""
        from course.contract.terms.estimates import write_estimates

        try:
            problems = write_estimates(self._unit.estimates, self._work.folder, estimates)
        except OSError as error:
            raise Problem(
                f"Your answers can't be saved in {self._work.folder} ({error.strerror}); work in a folder of your own: "
                f"course start {self.name}"
            ) from None
        for problem in problems:
            print(problem)

    def check(self, step: str | None = None, *, fresh: bool = False) -> Panel:
        """Measure one step ("estimates", "baseline", "artifact") or everything, and show it beside the budgets.

        What was measured before and has not changed since is not measured again, unless `fresh` is true. Where a
        submission is graded nothing is measured here, because the test cells do it.
        """
        if by_grader():
            chosen(self._unit, step)
            return _show(Later(lambda: self.look(step, fresh=fresh)))
        return _show(self.look(step, fresh=fresh))

    def look(self, step: str | None = None, *, fresh: bool = False, tell: Tell | None = None) -> Panel:
        """What `check` shows, for a caller that shows it itself."""
        unit = self._unit
        wanted = chosen(unit, step)
        report = self._work.report(*wanted, progress=tell, fresh=fresh)
        said = [*self._progress.notes, *self._guide.pointers(report)]
        self._progress.notes.clear()
        if wanted == (ESTIMATES_STEP,):
            from course.contract.terms.estimates import read_estimates

            return Answers(report, said, unit.estimates, read_estimates(unit.estimates, self._work.folder))
        trail = [attempt.values for attempt in self._progress.record(self.name).attempts[:-1]]
        return Panel(report, said, trail, drawn=ARTIFACT_STEP in wanted, par=self._par(report))

    def report(self, *wanted: str, progress: Tell | None = None, fresh: bool = False) -> Report:
        """Measure some steps (or all) of what lies in the folder; an unchanged submission is measured only once."""
        return self._work.report(*wanted, progress=progress, fresh=fresh)

    def _par(self, report: Report) -> dict[str, str]:
        """What the reference reaches, as text, for clauses of steps that are kept: there it gives nothing away."""
        found = self._unit.par()
        shown = {}
        for step in {step_of(clause.name) for clause in report.clauses}:
            group = [clause for clause in report.clauses if step_of(clause.name) == step]
            if step != ESTIMATES_STEP and state(group) == "kept":
                shown |= {clause.name: clause.show(found[clause.name]) for clause in group if clause.name in found}
        return shown

    def hint(self, step: str | None = None) -> Words:
        """The next hint for a step; by default for the first that is not kept yet."""
        return _show(self._guide.hint(step))

    def solution(self, step: str | None = None, *, anyway: bool = False) -> Words:
        """The worked solution of a step (by default of all that are kept), once it is kept, or `anyway`."""
        return _show(self._guide.solution(step, anyway=anyway))

    def memo(self, *, anyway: bool = False) -> Words | WorkedMemo:
        """Look at the design memo as it was last saved, and show the rubric as a checklist.

        Once the memo is written, a middling one with its marks stands beside it; once the artifact is kept as well, a
        worked one: it gives answers away.
        """
        return _show(self._guide.memo(anyway=anyway))

    def interview(self, *, again: bool = False) -> Room | Words:
        """Be interviewed about the vague line: `talk = unit.interview()`, then talk.ask("..."), talk.design("...").

        One that was not ended goes on, unless `again` is true.
        """
        from course.learning.interview.room import Room

        if by_grader():
            return _show(Words("No interview is held where work is graded."))
        return _show(Room(self._unit, self.folder, again=again))

    def brief(self) -> MarkedBrief:
        """The facts of the brief; those that your last interview asked for are marked."""
        from course.learning.interview.room import marked

        return _show(marked(self._unit, self.folder, self._progress))

    def compare(self, files: Mapping[str, str]) -> Comparison:
        """Measure several models (name -> file) for quality, bytes and latency on the hold-out, and draw them."""
        from course.contract.artifacts.models import measure_model

        unit, wanted = self._unit, ("quality", "size", "latency")
        reports = {}
        with ticker() as tell, quiet():
            for number, (name, file) in enumerate(files.items(), 1):

                def about(words: str, name: str = name, number: int = number) -> None:
                    tell(f"{name}, {number} of {len(files)}: {words}")

                found = measure_model(unit, self._work.folder / file, self._work.holdout, wanted, about)
                measured = tuple(settle(unit.term(term), found[term]) for term in wanted)
                reports[name] = Report(unit.name, "public", measured, tuple(unit.landmarks()))
        return _show(Comparison(reports))

    def parity(self, model: Any, file: str, rows: Any, *, outputs: tuple[str, ...] = ()) -> Sides:
        """Does the file answer what the fitted model answers? Both are asked about `rows`, and about edges of them.

        `model` is an estimator of scikit-learn that takes the file's input, or a function that does and returns its
        answers by the names of outputs: `unit.parity(lambda X: {"probability": mine(X)}, "model.onnx", X)`. `outputs`
        are those that count; all by default. Shows the share of rows that differ, the worst, and the likely cause.
        """
        from course.contract.parity import compare
        from course.learning.parity import Sides

        with quiet():
            found = compare(model, self._work.folder / file, rows, outputs=tuple(outputs))
        return _show(Sides(found))

    def progress(self) -> contextlib.AbstractContextManager[Tell]:
        """`with unit.progress() as tell:` shows how far a long step is; `tell("training, 2 of 5")` fills the bar."""
        return ticker(lines=True)

    def grade(self, name: str) -> Points:
        """Points for one clause: the last expression of a test cell.

        Nothing that a submission does makes this raise: a clause that can't be measured earns 0 and says why. Only
        nbgrader's Validate gets an exception, because that is what its dialog can show: one line, no traceback.
        """
        from course.contract.show.page import page
        from course.contract.show.picture import picture

        private = bool(os.environ.get(PRIVATE))
        term = self._unit.term(name)
        if term.hidden and not private:
            points = Points(0.0)
            points.html = Words(f"{term.title}: measured when your work is graded.")._repr_html_()
            return points
        report = self._work.graded() if private else self._work.report(step_of(name))
        clause = report[name]
        if os.environ.get("NBGRADER_VALIDATING") and clause.verdict not in EARNS:
            raise NotKept(clause)
        points = Points(min(max(clause.points, 0.0), clause.worth))
        # A learner has the picture from `check`; in feedback it stands with the quality.
        drawn = picture(report) if private and name == "quality" and clause.value is not None else None
        points.html = page(report, only=[name], picture=drawn and drawn[0], alt=drawn[1] if drawn else "")
        if not private and not echoes():
            print(NotKept(clause) if clause.verdict not in EARNS else f"{clause.title}: ✓ kept: {clause.shown}")
        return points


def _show(panel: Shown) -> Shown:
    """Print where a value that is returned would not show by itself: in a script."""
    if not echoes() and not os.environ.get(PRIVATE):
        print(panel)
    return panel
