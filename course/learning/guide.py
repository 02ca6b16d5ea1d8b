"""`Guide`: what a learner may be shown on the way: pointers, hints, worked solutions, the memo beside its rubric."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from course.contract.terms.holdout import PUBLIC_FILE
from course.contract.terms.report import Clause, Report
from course.learning.panels import Words, WorkedMemo
from course.learning.progress import Progress, Record
from course.learning.steps import ARTIFACT_STEP, ESTIMATES_STEP, WORDS, chosen, state, step_of, steps
from course.learning.whereto import whereto
from course.learning.work import Work
from course.problem import Problem

if TYPE_CHECKING:
    from course.units.base import Unit


class Guide:
    """Hints and solutions of one unit, as far as a learner's record allows; sentences name calls that they can make."""

    def __init__(self, work: Work, progress: Progress, *, terminal: bool) -> None:
        self._unit: Unit = work.unit
        self._work, self._progress = work, progress
        self._terminal = terminal  # sentences name commands of the terminal, not calls in a notebook

    def pointers(self, report: Report) -> list[str]:
        """What a learner can do next about the first step of a report that is not kept."""
        found: dict[str, list[Clause]] = {}
        for clause in report.clauses:
            found.setdefault(step_of(clause.name), []).append(clause)
        states = {step: state(group) for step, group in found.items()}
        open_ = [step for step in steps(self._unit) if states.get(step, "kept") != "kept"]
        if not open_:
            if (self._work.folder / PUBLIC_FILE).is_file():  # a class's release
                return []
            if len(states) == 1:
                return [f"The worked solution: {self._call('solution', *states)}"]
            return [
                "What is left: grade yourself on data that nobody has seen, in a terminal: "
                f"`course grade {self._unit.name} --mine`. Then compare with the worked solution: "
                f"{self._call('solution')}"
            ]
        more = dict.fromkeys(filter(None, (whereto(clause.advice) for clause in found[open_[0]])))
        said = [f"What that sentence means: {place}" for place in more]
        hints = self._unit.hints.get(open_[0], ())
        if "not yet" not in states.values() or not hints:
            return said
        seen = self._progress.record(self._unit.name).step(open_[0]).hints
        gives = f"gives the next of {len(hints)} hints" if seen < len(hints) else "shows the last hint again"
        return [*said, f"Stuck on {WORDS[open_[0]]}? {self._call('hint', open_[0])} {gives}."]

    def _call(self, what: str, step: str = "", more: str = "") -> str:
        """How `what` is asked for, in a notebook or in a terminal."""
        if self._terminal:
            parts = [f"course {what} {self._unit.name}", step and f"--step {step}", more and f"--{more}"]
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
            return Words("Every public check is kept: there is nothing left to hint at.", after)
        step = waiting[0]
        hints = unit.hints.get(step, ())
        if not hints:
            return Words(f"There are no hints for {WORDS[step]} of this unit.")
        number = min(record.step(step).hints + 1, len(hints))
        self._change(lambda entry: setattr(entry.step(step), "hints", number))
        title = f"Hint {number} of {len(hints)} for {WORDS[step]}"
        after = "The next hint: run this again."
        if number == len(hints):
            when = "" if record.step(step).state == "kept" else "Once the step is kept, "
            after = f"That was the last. {when}{self._call('solution', step)} shows the worked solution."
        return Words(title, hints[number - 1], after)

    def solution(self, step: str | None = None, *, anyway: bool = False) -> Words:
        """The worked solution of a step (by default of all that are kept), once it is kept, or `anyway`."""
        from course.learning.solutions import worked

        unit = self._unit
        answers = worked(unit, self._work.folder, PUBLIC_FILE)
        record = self._progress.record(unit.name)
        asked = chosen(unit, step)
        ready = [name for name in asked if anyway or record.step(name).state == "kept"]
        if not ready:
            what = f"{WORDS[step]} {'are' if step == ESTIMATES_STEP else 'is'}" if step else "No step is"
            return Words(
                f"{what[0].upper()}{what[1:]} {'not ' if step else ''}kept yet.",
                f"Try the hints first: {self._call('hint', step or '')}",
                f"To see the worked solution all the same: {self._call('solution', step or '', 'anyway')}",
            )
        for name in ready:
            seen = "kept" if record.step(name).state == "kept" else "anyway"
            self._change(lambda entry, n=name, s=seen: _see(entry, n, s))
        paragraphs = []
        if ESTIMATES_STEP in ready:
            paragraphs = [f"{one.question}\n{one.why}" for one in unit.estimates.values()]
        code = [cell for name in ready if name != ESTIMATES_STEP for cell in answers.cells.get(name, ())]
        return Words(f"Worked solution: {', '.join(ready)}", *paragraphs, code=code)

    def memo(self, *, anyway: bool = False) -> Words | WorkedMemo:
        """Look at the design memo as it was last saved, and show the rubric as a checklist.

        Once the memo is written, a middling one with its marks stands beside it; once the artifact is kept as well, a
        worked one: it gives answers away.
        """
        from course.learning.memo import read
        from course.learning.middling import middling
        from course.learning.solutions import worked

        memo = read(self._unit, self._work.folder)
        if memo is None and by_grader():  # without the notebook's file
            return Words("The memo is marked by hand.")
        if memo is None:
            return Words(f"There is no notebook with a memo in {self._work.folder}; save the notebook first.")
        if not anyway and not memo.written:
            after = "Write it in the cell below the rubric, save the notebook (Ctrl+S), and run this again."
            return Words("○ The memo is not attempted yet, as the notebook was last saved.", after)
        if not anyway and memo.problems:
            after = "Save the notebook (Ctrl+S) after that, and run this again."
            return Words("✗ The memo is not ready to compare yet.", *memo.problems, after)
        try:
            answer = worked(self._unit, self._work.folder, PUBLIC_FILE).memo
            between = middling(self._unit, self._work.folder, PUBLIC_FILE)
        except Problem as problem:
            about = f"✓ The memo has {memo.words} words and names every row of the rubric."
            return Words(about, f"Mark it with the rubric above, then hand it in. {problem}")
        if not anyway and self._progress.record(self._unit.name).step(ARTIFACT_STEP).state != "kept":
            later = "A worked memo will stand here once the artifact is kept: it gives away what is still to be found."
            return WorkedMemo(memo, f"{later} To see it now: {self._call('memo', more='anyway')}", between)
        self._change(lambda entry: setattr(entry, "memo", "compared" if memo.written else "seen"))
        return WorkedMemo(memo, answer, between)

    def _change(self, change: Callable[[Record], None]) -> None:
        self._progress.change(self._unit.name, change)


def _see(record: Record, step: str, how: str) -> None:
    record.step(step).solution = record.step(step).solution or how


def by_grader() -> bool:
    """Is this the student's process of a grading run? Nothing of a learner's is kept there."""
    return os.environ.get("COURSE_DATA") == os.devnull
