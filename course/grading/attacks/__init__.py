"""The attack corpus: submissions that want more than their files deserve, and what came of each.

The corpus is the package tests/attacks of the checkout. Every attack is an honest submission with something changed.
Each is judged at the cheapest level that proves it (`ours`), and under plain nbgrader where that compares (`plain`):

    rebuild   reading the notebook file           call      a module, served and called
    ingest    the files of the submission         nested    the same from within the sandbox of the test cells
    gate      the model file                      run       the student's process, without grading
    measure   the files that are graded, run      class     one class, graded by `nbgrader autograde`
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from course.grading.attacks.place import UNIT, Place
from course.problem import Problem

GOALS = ("raise", "leak", "harm", "escape a limit", "abort the batch")
LEVELS = ("rebuild", "ingest", "gate", "measure", "call", "nested", "run", "class")
#: Seconds that a notebook of the corpus may take, and what an outcome is called where nothing was gained.
SECONDS = 15
HELD = ""
#: Stands in the command line of every process that an attack leaves behind.
MARK = "attack-left-behind"

__all__ = ["GOALS", "HELD", "LEVELS", "MARK", "SECONDS", "UNIT", "Attack", "Place", "Scene", "corpus", "student_name"]


@dataclass(frozen=True)
class Attack:
    """One hostile submission.

    `cell` is the text of the cell `build-model`; it finds the names COURSE (the course folder), HOME_FOLDER (of the
    grader), CACHE, ME (the name of the attacking student) and MARK. `notebook` changes the notebook's JSON in place, or
    returns what is handed in instead; `files` puts files into the submission's folder; `model` makes model.onnx.
    `module` is the text of a module, which finds the same names and is asked `answer([1, 2, 3])` three times.
    `canary` says after grading what the attack achieved beyond what is always looked for ('' if nothing).
    """

    name: str
    aim: str
    goal: str
    level: str = "class"
    cell: str = ""
    notebook: Callable[[dict], dict | bytes | None] | None = None
    files: Callable[[Path, Place], None] | None = None
    model: Callable[[], bytes] | None = None
    module: str = ""
    canary: Callable[[Scene], str] | None = None
    spoils: bool = False  # it ruins its own artifact: fewer points are right
    plain: bool = True  # plain nbgrader has something to compare with
    seconds: int = SECONDS
    known: str = ""  # why it is known not to be held; the test expects that

    def __post_init__(self) -> None:
        assert self.goal in GOALS and self.level in LEVELS, self.name


@dataclass(frozen=True)
class Scene:
    """What a canary can look at after an attack."""

    place: Place
    student: str
    shown: str  # everything that comes back: notebook, files, feedback
    note: str = ""  # the sentence that goes to the grader's log
    seconds: float = 0.0
    size: int = 0  # bytes of the notebook that comes out
    page: Path | None = None  # the feedback page
    grown: float = 0.0  # MB by which the grader's peak memory grew meanwhile


def corpus(root: Path) -> tuple[Attack, ...]:
    """The attacks of the checkout `root`. Raises Problem if it has none."""
    file = root / "tests" / "attacks" / "__init__.py"
    if not file.is_file():
        raise Problem(f"There are no attacks: {file.relative_to(root)} is missing.")
    spec = importlib.util.spec_from_file_location("attacks", file, submodule_search_locations=[str(file.parent)])
    module = importlib.util.module_from_spec(spec)
    sys.modules["attacks"] = module
    spec.loader.exec_module(module)
    return module.CORPUS


def student_name(attack: Attack) -> str:
    """The student who hands in an attack: graded after ada and before zoe, who are honest."""
    return "mallory-" + attack.name.replace(" ", "-")
