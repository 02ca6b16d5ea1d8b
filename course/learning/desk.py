"""`Desk`: a unit as seen from a notebook, working in the folder in which the notebook runs."""

from __future__ import annotations

import contextlib
import difflib
import io
import os
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, NoReturn, TypeVar

from course import key
from course.contract.measure import Progress as Tell
from course.contract.measure import artifact_digest, measure
from course.contract.terms.holdout import PUBLIC_FILE, read
from course.contract.terms.report import EARNS, Clause, Measurement, Report, settle
from course.learning import kept
from course.learning.panels import Answers, Comparison, Later, NotKept, Panel, Points, Terms, Words, WorkedMemo
from course.learning.progress import Progress, Record
from course.learning.steps import ARTIFACT_STEP, ESTIMATES_STEP, WORDS, chosen, clauses, state, step_of, steps
from course.learning.ticker import echoes, ticker
from course.problem import Problem

if TYPE_CHECKING:
    import numpy as np

    from course.contract.terms.holdout import Holdout
    from course.units.base import Unit

#: Names the file with the private hold-out, in the trusted process of a grading run, and only there: measure on that.
PRIVATE = "COURSE_PRIVATE_HOLDOUT"
Shown = TypeVar("Shown")


class Stopped(Problem):
    """A check was interrupted."""

    status = 130


class FileChanged(Problem):
    """What was handed in changed while it was measured."""


class Desk:
    """A unit in a learner's folder: its data, its checks, hints and solutions, the clause that a test cell grades."""

    def __init__(self, unit: Unit, folder: Path | None = None, *, terminal: bool = False) -> None:
        self._unit = unit
        self._folder = folder
        self._terminal = terminal  # sentences name commands of the terminal, not calls in a notebook
        self._reports: dict[str, Report] = {}
        self._progress = Progress()

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
        return self._unit.public_holdout(self.data)

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

    def contract(self) -> Terms:
        """What is asked for: the clauses, their budgets and points, before anything is measured."""
        unit = self._unit
        terms = [term for term in unit.terms if not term.hidden]
        asked = tuple(settle(term, Measurement(None)) for term in terms)
        return _show(Terms(Report(unit.name, "public", asked), sum(term.worth for term in unit.terms if term.hidden)))

    def answer(self, **estimates: float | None) -> None:
        """Hand in the estimates: saves them to estimates.json, and says which answers can't be taken."""
        from course.contract.terms.estimates import write_estimates

        try:
            problems = write_estimates(self._unit.estimates, self.folder, estimates)
        except OSError as error:
            raise Problem(
                f"Your answers can't be saved in {self.folder} ({error.strerror}); work in a folder of your own: "
                f"course start {self.name}"
            ) from None
        for problem in problems:
            print(problem)

    def check(self, step: str | None = None, *, fresh: bool = False) -> Panel:
        """Measure one step ("estimates", "baseline", "artifact") or everything, and show it beside the budgets.

        What was measured before and has not changed since is not measured again, unless `fresh` is true. Where a
        submission is graded nothing is measured here, because the test cells do it.
        """
        if _run_by_grader():
            chosen(self._unit, step)
            return _show(Later(lambda: self.look(step, fresh=fresh)))
        return _show(self.look(step, fresh=fresh))

    def look(self, step: str | None = None, *, fresh: bool = False, tell: Tell | None = None) -> Panel:
        """What `check` shows, for a caller that shows it itself."""
        unit = self._unit
        wanted = chosen(unit, step)
        report = self.report(*wanted, progress=tell, fresh=fresh)
        said = [*self._progress.notes, *self._pointers(report)]
        self._progress.notes.clear()
        if wanted == (ESTIMATES_STEP,):
            from course.contract.terms.estimates import read_estimates

            return Answers(report, said, unit.estimates, read_estimates(unit.estimates, self.folder))
        trail = [attempt.values for attempt in self._progress.record(self.name).attempts[:-1]]
        return Panel(report, said, trail, drawn=ARTIFACT_STEP in wanted)

    def report(self, *wanted: str, progress: Tell | None = None, fresh: bool = False) -> Report:
        """Measure some steps (or all) of what lies in the folder; an unchanged submission is measured only once."""
        unit = self._unit
        parts: dict[str, Report] = {}
        with contextlib.ExitStack() as stack:
            for step in wanted or steps(unit):
                name = self._name(step)
                found = None if fresh else self._reports.get(name) or kept.find(name)
                if found is None:
                    progress = progress or stack.enter_context(ticker())
                    found = self._measured(step, progress)
                    if name != self._name(step):
                        raise FileChanged("A file changed while it was measured. Run the check again.")
                    kept.keep(name, found)
                self._reports[name] = parts[step] = found
                self._change(lambda record, *, a=(step, name, found): record.take(*a))
        by_name = {clause.name: clause for part in parts.values() for clause in part.clauses}
        ordered = tuple(by_name[term.name] for term in unit.terms if term.name in by_name)
        hidden = sum(term.hidden for term in unit.terms) if parts.keys() == set(steps(unit)) else 0
        return Report(unit.name, "public", ordered, tuple(unit.landmarks()), hidden)

    def _name(self, step: str) -> str:
        return kept.name_of(self._unit, self.folder, step, self.folder / PUBLIC_FILE)

    def _measured(self, step: str, tell: Tell) -> Report:
        try:
            with _quiet():
                return measure(self._unit, self.folder, self._holdout, progress=tell, wanted=clauses(self._unit, step))
        except KeyboardInterrupt:
            raise Stopped("The check was stopped. Nothing is lost: run it again when you like.") from None

    def _graded(self) -> Report:
        """Everything, measured on the private hold-out and kept beside what was handed in."""
        digest = artifact_digest(self._unit, self.folder)
        if digest not in self._reports:
            with _quiet():
                self._reports[digest] = measure(self._unit, self.folder, read(Path(os.environ[PRIVATE])))
            (self.folder / "report.json").write_text(self._reports[digest].to_json(), encoding="utf-8")
        return self._reports[digest]

    def _pointers(self, report: Report) -> list[str]:
        """What a learner can do next about the first step of a report that is not kept."""
        found: dict[str, list[Clause]] = {}
        for clause in report.clauses:
            found.setdefault(step_of(clause.name), []).append(clause)
        states = {step: state(group) for step, group in found.items()}
        open_ = [step for step in steps(self._unit) if states.get(step, "kept") != "kept"]
        if not open_:
            if (self.folder / PUBLIC_FILE).is_file():  # a class's release
                return []
            if len(states) == 1:
                return [f"The worked solution: {self._call('solution', *states)}"]
            return [
                f"What is left: grade yourself on data that nobody has seen, in a terminal: "
                f"`course grade {self.name} --mine`. Then compare with the worked solution: {self._call('solution')}"
            ]
        hints = self._unit.hints.get(open_[0], ())
        if "not yet" not in states.values() or not hints:
            return []
        seen = self._progress.record(self.name).step(open_[0]).hints
        gives = f"gives the next of {len(hints)} hints" if seen < len(hints) else "shows the last hint again"
        return [f"Stuck on {WORDS[open_[0]]}? {self._call('hint', open_[0])} {gives}."]

    def _call(self, what: str, step: str = "", more: str = "") -> str:
        """How `what` is asked for, in a notebook or in a terminal."""
        if self._terminal:
            parts = [f"course {what} {self.name}", step and f"--step {step}", more and f"--{more}"]
            return f"`{' '.join(filter(None, parts))}`"
        parts = [step and f'"{step}"', more and f"{more}=True"]
        return f"unit.{what}({', '.join(filter(None, parts))})"

    def hint(self, step: str | None = None) -> Words:
        """The next hint for a step; by default for the first that is not kept yet."""
        unit = self._unit
        record = self._progress.record(unit.name)
        waiting = [name for name in chosen(unit, step) if step or record.step(name).state != "kept"]
        if not waiting:
            after = "Hidden checks ask for what the brief says and the public data show little of: read it once more."
            return _show(Words("Every public check is kept: there is nothing left to hint at.", after))
        step = waiting[0]
        hints = unit.hints.get(step, ())
        if not hints:
            return _show(Words(f"There are no hints for {WORDS[step]} of this unit."))
        number = min(record.step(step).hints + 1, len(hints))
        self._change(lambda entry: setattr(entry.step(step), "hints", number))
        title = f"Hint {number} of {len(hints)} for {WORDS[step]}"
        after = "The next hint: run this again."
        if number == len(hints):
            when = "" if record.step(step).state == "kept" else "Once the step is kept, "
            after = f"That was the last. {when}{self._call('solution', step)} shows the worked solution."
        return _show(Words(title, hints[number - 1], after))

    def solution(self, step: str | None = None, *, anyway: bool = False) -> Words:
        """The worked solution of a step (by default of all that are kept), once it is kept, or `anyway`."""
        from course.learning.solutions import worked

        unit = self._unit
        answers = worked(unit, self.folder, PUBLIC_FILE)
        record = self._progress.record(unit.name)
        asked = chosen(unit, step)
        ready = [name for name in asked if anyway or record.step(name).state == "kept"]
        if not ready:
            what = f"{WORDS[step]} {'are' if step == ESTIMATES_STEP else 'is'}" if step else "No step is"
            return _show(
                Words(
                    f"{what[0].upper()}{what[1:]} {'not ' if step else ''}kept yet.",
                    f"Try the hints first: {self._call('hint', step or '')}",
                    f"To see the worked solution all the same: {self._call('solution', step or '', 'anyway')}",
                )
            )
        for name in ready:
            seen = "kept" if record.step(name).state == "kept" else "anyway"
            self._change(lambda entry, n=name, s=seen: _see(entry, n, s))
        paragraphs = []
        if ESTIMATES_STEP in ready:
            paragraphs = [f"{one.question}\n{one.why}" for one in unit.estimates.values()]
        code = [cell for name in ready if name != ESTIMATES_STEP for cell in answers.cells.get(name, ())]
        return _show(Words(f"Worked solution: {', '.join(ready)}", *paragraphs, code=code))

    def memo(self, *, anyway: bool = False) -> Words | WorkedMemo:
        """Look at the design memo as it was last saved, and show the rubric as a checklist.

        Once the memo is written and the artifact kept, a worked memo stands beside it: it gives answers away.
        """
        from course.learning.memo import read
        from course.learning.solutions import worked

        memo = read(self._unit, self.folder)
        if memo is None and _run_by_grader():  # without the notebook's file
            return _show(Words("The memo is marked by hand."))
        if memo is None:
            return _show(Words(f"There is no notebook with a memo in {self.folder}; save the notebook first."))
        if not anyway and not memo.written:
            after = "Write it in the cell below the rubric, save the notebook (Ctrl+S), and run this again."
            return _show(Words("○ The memo is not attempted yet, as the notebook was last saved.", after))
        if not anyway and memo.problems:
            after = "Save the notebook (Ctrl+S) after that, and run this again."
            return _show(Words("✗ The memo is not ready to compare yet.", *memo.problems, after))
        try:
            answer = worked(self._unit, self.folder, PUBLIC_FILE).memo
        except Problem as problem:
            about = f"✓ The memo has {memo.words} words and names every row of the rubric."
            return _show(Words(about, f"Mark it with the rubric above, then hand it in. {problem}"))
        if not anyway and self._progress.record(self.name).step(ARTIFACT_STEP).state != "kept":
            later = "A worked memo will stand here once the artifact is kept: it gives away what is still to be found."
            return _show(WorkedMemo(memo, f"{later} To see it now: {self._call('memo', more='anyway')}"))
        self._change(lambda entry: setattr(entry, "memo", "compared" if memo.written else "seen"))
        return _show(WorkedMemo(memo, answer))

    def compare(self, files: Mapping[str, str]) -> Comparison:
        """Measure several models (name -> file) for quality, bytes and latency on the hold-out, and draw them."""
        from course.contract.artifacts.models import measure_model

        unit, wanted = self._unit, ("quality", "size", "latency")
        reports = {}
        with ticker() as tell, _quiet():
            for number, (name, file) in enumerate(files.items(), 1):

                def about(words: str, name: str = name, number: int = number) -> None:
                    tell(f"{name}, {number} of {len(files)}: {words}")

                found = measure_model(unit, self.folder / file, self._holdout, wanted, about)
                measured = tuple(settle(unit.term(term), found[term]) for term in wanted)
                reports[name] = Report(unit.name, "public", measured, tuple(unit.landmarks()))
        return _show(Comparison(reports))

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
        report = self._graded() if private else self.report(step_of(name))
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

    def _change(self, change: Callable[[Record], None]) -> None:
        self._progress.change(self.name, change)


def _see(record: Record, step: str, how: str) -> None:
    record.step(step).solution = record.step(step).solution or how


def _run_by_grader() -> bool:
    """Is this the student's process of a grading run? Nothing of a learner's is kept there."""
    return os.environ.get("COURSE_DATA") == os.devnull


def _show(panel: Shown) -> Shown:
    """Print where a value that is returned would not show by itself: in a script."""
    if not echoes() and not os.environ.get(PRIVATE):
        print(panel)
    return panel


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
