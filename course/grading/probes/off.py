"""The guard switched off, one channel's at a time: only to show that probes can fail. Nothing else imports this."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import nbformat

from course import sandbox
from course.contract.artifacts import gate
from course.contract.cost import throughput
from course.contract.processes import calls
from course.grading.execution import student
from course.grading.submissions import ingest, words
from course.grading.submissions import rebuild as reading
from course.sandbox import groups, programs


@contextlib.contextmanager
def off(channel: str) -> Iterator[None]:
    """Without what stops the probes of a channel, for all of this process."""
    changes = _CHANGES.get(channel, _NO_SANDBOX)
    with contextlib.ExitStack() as stack:
        for where, name, value in changes:
            stack.enter_context(mock.patch.object(where, name, value))
        yield


def _as_it_is(template: nbformat.NotebookNode, file: Path) -> tuple[nbformat.NotebookNode, str]:
    return nbformat.read(file, as_version=4), ""


def _let_through(content: bytes, spec: gate.ModelSpec, **named: str) -> gate.Model:
    return gate.Model(content, len(content), 0, {})


def _believed(self: calls.Shipped, content: bytes, number: int | None, name: str) -> dict:
    return calls.plain.loads(content)


def _shown(output: Any) -> Any:
    return output


def _nothing(*arguments: Any, **named: Any) -> None:
    return None


_NO_SANDBOX = (
    (programs, "problem", lambda: "switched off"),
    (sandbox, "problem", lambda: "switched off"),
    (sandbox, "nests", lambda: False),
)
_CHANGES = {
    "limits": (
        (sandbox.Guard, "_watch", _nothing),
        (groups, "known", _nothing),
        (student, "CELL_BYTES", 10**9),
        (student, "NOTEBOOK_BYTES", 10**9),
    ),
    "identity": ((reading, "rebuild", _as_it_is),),
    "files": ((ingest, "clean", _nothing),),
    "gate": ((gate, "check", _let_through),),
    "calls": ((calls.Shipped, "checked", _believed), (calls, "MOST_ANSWER", 10**9)),
    "timing": ((throughput.Side, "compare", _nothing), (throughput.Side, "alone", lambda self: True)),
    "markup": ((student, "_inert", _shown), (words, "inert", _shown)),
}
