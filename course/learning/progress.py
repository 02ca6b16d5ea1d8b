"""What a learner has done so far: a small JSON file in the user's data folder.

It is written whole, under a lock, so that two notebooks at once lose nothing. A damaged file is moved aside, never
deleted. Where nothing can be written (a read-only home, or $COURSE_DATA is the null device because nothing shall be)
the same is remembered for as long as the process lives.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import filelock
import platformdirs

from course import checkout
from course.contract.terms.report import EARNS, Clause, Report
from course.learning.interview.record import Talk
from course.learning.steps import ARTIFACT_STEP, State, state

FILE = "progress.json"
#: Attempts that are remembered of each unit.
MOST_ATTEMPTS = 20
#: Seconds to wait for another notebook that is writing.
PATIENCE_S = 10


@dataclass
class Step:
    """Where one step stands: its last state, clauses kept, distinct attempts, hints and solution seen."""

    state: State = "not attempted"
    kept: int = 0
    of: int = 0
    attempts: int = 0
    last: str = ""  # the name of what was measured last, so that the same again is no attempt
    hints: int = 0
    solution: str = ""  # "", "kept" (seen after the step was kept) or "anyway" (seen before)


@dataclass
class Attempt:
    """One measured artifact: points, and by clause the value and how it is shown."""

    points: float = 0.0
    values: dict[str, float] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)


@dataclass
class Record:
    """All about one unit."""

    steps: dict[str, Step] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)  # the latest, oldest first
    best: Attempt | None = None
    memo: str = ""  # "", "written" or "compared" with the worked one
    interviews: list[Talk] = field(default_factory=list)  # the latest, oldest first

    def step(self, name: str) -> Step:
        """The step of that name; a new one if nothing was done there."""
        return self.steps.setdefault(name, Step())

    def take(self, step: str, name: str, report: Report) -> None:
        """Enter what a check found; `name` tells one submission from another."""
        entry = self.step(step)
        before = (entry.state, entry.last)
        entry.state = state(report.clauses)
        entry.kept = sum(clause.verdict in EARNS for clause in report.clauses)
        entry.of = len(report.clauses)
        if entry.state == "not attempted" or name == before[1]:
            return
        entry.last = name
        entry.attempts += 1
        if step != ARTIFACT_STEP:
            return
        found = [clause for clause in report.clauses if clause.value is not None]
        attempt = Attempt(report.points, {c.name: c.value for c in found}, {c.name: c.shown for c in found})
        if not found:
            return
        self.attempts = [*self.attempts, attempt][-MOST_ATTEMPTS:]
        if self.best is None or _rank(attempt, found) > _rank(self.best, found):
            self.best = attempt


def _rank(attempt: Attempt, clauses: list[Clause]) -> tuple[float, float]:
    """More points are better; among equals, better quality."""
    quality = next((clause for clause in clauses if clause.name == "quality"), None)
    value = attempt.values.get("quality", -math.inf)
    return attempt.points, -value if quality and quality.better == "lower" and value > -math.inf else value


class Progress:
    """The progress file. `notes` collects sentences that the learner should read once."""

    def __init__(self, folder: Path | None = None) -> None:
        given = os.environ.get("COURSE_DATA")
        self.file = (folder or (Path(given) if given else _data_folder())) / FILE
        self.notes: list[str] = []

    def records(self) -> dict[str, Record]:
        """Everything that is known, by unit. Never raises."""
        return self._read() | _unsaved.get(self.file, {})

    def record(self, unit: str) -> Record:
        """What is known about one unit."""
        return self.records().get(unit, Record())

    def change(self, unit: str, change: Callable[[Record], None]) -> Record:
        """Let `change` alter the unit's record, and keep it. Never raises for the file's sake."""
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with filelock.FileLock(self.file.with_suffix(".lock"), timeout=PATIENCE_S):
                records = self.records()
                change(record := records.setdefault(unit, Record()))
                self._write(records)
                _unsaved.pop(self.file, None)
        except (OSError, filelock.Timeout, NotImplementedError):
            record = self.record(unit)
            change(record)
            if self.file not in _unsaved and self.file.parent != Path(os.devnull):
                self.notes.append(f"Your progress can't be saved in {self.file.parent}; `course doctor` says why.")
            _unsaved.setdefault(self.file, {})[unit] = record
        return record

    def _read(self) -> dict[str, Record]:
        try:
            text = self.file.read_text(encoding="utf-8")
        except OSError:
            return {}
        except ValueError:
            return self._damaged()
        try:
            return {name: _record(found) for name, found in json.loads(text)["units"].items()}
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return self._damaged()

    def _damaged(self) -> dict[str, Record]:
        for number in range(1, 1000):
            aside = self.file.with_name(f"{self.file.stem}.damaged-{number}.json")
            if not aside.exists():
                break
        try:
            os.replace(self.file, aside)
        except OSError:
            return {}
        self.notes.append(f"The progress file was damaged. It is now {aside}, and a new one was begun.")
        return {}

    def _write(self, records: dict[str, Record]) -> None:
        text = json.dumps({"version": 1, "units": {n: dataclasses.asdict(r) for n, r in records.items()}}, indent=1)
        handle, path = tempfile.mkstemp(dir=self.file.parent, prefix=FILE)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as out:
                out.write(text + "\n")
            os.replace(path, self.file)
        except OSError:
            Path(path).unlink(missing_ok=True)
            raise


#: Records that could not be saved, by file: as good as the file for as long as this process lives.
_unsaved: dict[Path, dict[str, Record]] = {}


def _data_folder() -> Path:
    """The user's data folder; a checkout has a part of its own there, because its work lies in it."""
    home, root = Path(platformdirs.user_data_path("under-budget", appauthor=False)), checkout.find()
    return home / f"{root.name}-{hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:8]}" if root else home


def _record(data: dict) -> Record:
    """A record as it was written. Raises TypeError, ValueError or AttributeError if it is none."""
    best = data.get("best")
    return Record(
        {str(name): _known(Step, step) for name, step in data["steps"].items()},
        [_known(Attempt, attempt) for attempt in data["attempts"]],
        _known(Attempt, best) if best else None,
        str(data.get("memo", "")),
        [_known(Talk, talk).sound() for talk in data.get("interviews", [])],
    )


def _known(kind: type, data: dict):
    """An object of `kind` from what is known of its fields; each must be of the type of its default."""
    made = kind()
    for item in dataclasses.fields(kind):
        if item.name not in data:
            continue
        value, default = data[item.name], getattr(made, item.name)
        if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if type(value) is not type(default):
            raise TypeError(f"{item.name} is no {type(default).__name__}")
        setattr(made, item.name, value)
    return made
