"""Probes: what the guard must stop, tried harmlessly, one channel after another.

The probes are the package tests/probes of the checkout. Each does something small that must not come through, and says
so if it did. They are harmless and bounded also where the guard is off (see `off`): what is read is a marker that was
laid out for it, what is written lies in a folder of its own, and it ends by itself within a minute, with at most 1 GB
and 450 tasks. `way` says how a probe is made and judged (see `ways`); `given` is what that way needs:

    cell      text of a cell; those of all probes run in one notebook of the student's process
    alone     text of a cell that runs in a notebook of its own
    program   text of a Python program in a sandbox
    rebuild   a function that changes a notebook's JSON, before it is read as a submission
    ingest    a function that puts files into a submission's folder, before it is put in order
    gate      a function that makes a model file, which must be refused
    call      text of a module, whose function `answer` is called three times
    nested    the same, from within the sandbox of the test cells
    class     a function that changes a submission of a class that `nbgrader autograde` grades
    look      a function that is called with the Bench and says what came through
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course.problem import Problem

#: What a submission could come through by, each with the question that its probes ask.
CHANNELS = {
    "separation": "Is anything that student cells change still there where test cells run?",
    "reading": "Can a submission read keys, sources, other students, the grader's home and environment?",
    "writing": "Can it write there, or leave something that acts later?",
    "reaching": "Can it reach a network, other processes, or another submission?",
    "limits": "Is a little more than allowed stopped: time, tasks, memory, files, output?",
    "identity": "Do cells, tags, points, ids or kernels of the submitted file count?",
    "files": "Does a link, a special file, a strange name or too much of anything get past the order?",
    "gate": "Does a model with a refused operator, type, dimension or size get through?",
    "calls": "Is an answer taken that comes early, late, twice, too large, or as something else?",
    "timing": "Is time taken as the module would like it, or does other behaviour while timed pay?",
    "markup": "Is a person's text live where it is shown: page, formgrader, report, terminal, log, sheet?",
}
WAYS = ("cell", "alone", "program", "rebuild", "ingest", "gate", "call", "nested", "class", "look")
#: What an outcome is called where nothing came through; what a probe prints if something did.
HELD, THROUGH = "", "through:"


@dataclass(frozen=True)
class Probe:
    """One probe. `look` is called with the Scene afterwards: what came through, beyond what is always looked for?

    `shows` marks those that come through where the guard of their channel is off: they show that probes can fail.
    """

    channel: str
    name: str
    way: str
    given: Any
    look: Callable[[Any], str] | None = None
    shows: bool = False
    seconds: float = 15.0
    spoils: bool = False  # it damages its own submission: that it earns less is right

    @property
    def title(self) -> str:
        """The channel and the name: no other probe has them."""
        return f"{self.channel}: {self.name}"

    def __post_init__(self) -> None:
        assert self.channel in CHANNELS and self.way in WAYS, self.name


@dataclass(frozen=True)
class Scene:
    """What can be looked at after a probe."""

    shown: str  # everything that comes back: outputs, files, pages
    note: str = ""  # the sentence that goes to the grader's log
    seconds: float = 0.0
    grown: float = 0.0  # MB by which the grader's peak memory grew meanwhile
    folder: Path | None = None  # of the submission, or of what was graded
    page: str = ""  # HTML of the feedback page


def corpus(root: Path) -> tuple[Probe, ...]:
    """The probes of the checkout `root`. Raises Problem if it has none."""
    file = root / "tests" / "probes" / "__init__.py"
    if not file.is_file():
        raise Problem(f"There are no probes: {file.relative_to(root)} is missing.")
    spec = importlib.util.spec_from_file_location("probes", file, submodule_search_locations=[str(file.parent)])
    module = importlib.util.module_from_spec(spec)
    sys.modules["probes"] = module
    spec.loader.exec_module(module)
    return module.PROBES
