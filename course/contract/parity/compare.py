"""The comparison: which share of rows is answered differently, by how much, and what the likely cause is."""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from course.contract.parity.answers import Answers, File, answered
from course.contract.parity.apart import apart, joined, missing, most, said, shown, spread
from course.contract.parity.cases import Case, likely
from course.contract.parity.edges import edges
from course.problem import Problem, readable

#: Two scores this close to each other are a tie that rounding decides.
TIE = 1e-5
#: Rows that are asked alone, and rows of the other batch.
ALONE, BATCH = 4, 97
GIVEN = "rows as given"


@dataclass(frozen=True)
class Part:
    """One output on one kind of rows: how many rows there are, and how many are answered differently."""

    rows_of: str
    output: str
    rows: int
    differ: int
    most: float = math.nan  # the largest difference; NaN where answers are labels or have another shape


@dataclass(frozen=True)
class Row:
    """A row that is answered differently: what it is, and both answers."""

    rows_of: str
    number: int
    output: str
    values: str
    model: str
    file: str


@dataclass(frozen=True)
class Parity:
    """What a comparison found. `kept` is true if no row of any kind was answered differently."""

    file: str
    parts: tuple[Part, ...]
    worst: tuple[Row, ...] = ()
    causes: tuple[Case, ...] = ()
    not_compared: tuple[str, ...] = ()

    @property
    def kept(self) -> bool:
        """Does the file answer as the model does, on all rows?"""
        return not any(part.differ for part in self.parts)

    @property
    def sentence(self) -> str:
        """All of it in a few words: what differs on how many rows, the likely cause, what to do."""
        if self.kept:
            rows = sum({part.rows_of: part.rows for part in self.parts}.values())
            return f"{self.file} answers as the model does on all of {rows:,} rows."
        part = max(self.parts, key=lambda one: (one.rows_of == GIVEN and one.differ > 0, one.differ / max(one.rows, 1)))
        far = f", by up to {part.most:.2g}" if math.isfinite(part.most) else ""
        where = f"({part.rows_of}, output {part.output!r}{far})"
        about = f"{self.file} answers {percent(part.differ / part.rows)} of {part.rows:,} rows differently {where}."
        if not self.causes:
            return f"{about} No known fault of a converter fits: look at the worst rows."
        return f"{about} {self.causes[0].happens} {self.causes[0].instead}"


def percent(share: float) -> str:
    """A share in words that never round something down to nothing."""
    return f"{100 * share:.{1 if share >= 0.001 or not share else 3}f} %"


def compare(
    model: Any,
    file: str | Path | bytes,
    rows: Any,
    *,
    outputs: tuple[str, ...] = (),
    name: str = "",
    tried: bool = True,
) -> Parity:
    """Run a fitted estimator and an ONNX file on the same rows, and on edges made from them.

    Parameters
    ----------
    model : what was fitted with scikit-learn, or a function that takes rows and returns an array, or arrays by name.
    file : a path, or the bytes of a model.
    rows : numbers (n, k), text (n,), or a DataFrame whose columns are the file's inputs.
    outputs : the outputs that count; all of them by default.
    name : what the file is called in sentences; its own name by default.
    tried : also try edges, one row at a time, and other batches.

    Raises Problem where one of both can't be run on these rows.
    """
    content = file if isinstance(file, bytes) else _read(Path(file))
    name = name or ("the graph" if isinstance(file, bytes) else Path(file).name)
    graph = File(content, outputs)
    if not len(rows):
        raise Problem("there are no rows to compare: give some of those that the model was fitted on, or a hold-out's.")
    rows = graph.same(rows)
    found = _Found(model, graph, name)
    told = graph.ask(rows)
    kinds = {GIVEN: rows, **(edges(rows) if tried else {})}
    answers = answered(model, kinds, told)
    if GIVEN not in answers:
        try:
            Answers(model, rows).ask(told)
        except Exception as error:
            raise Problem(f"the model can't answer these rows: {readable(str(error), 160)}") from None
    found.take({GIVEN: rows}, answers, told)
    if tried:
        found.try_edges({kind: some for kind, some in kinds.items() if kind != GIVEN and kind in answers}, answers)
        found.batches(rows, told)
    return found.parity(content)


def _alike(mine: tuple[int, ...], theirs: tuple[int, ...]) -> bool:
    """Are these shapes of one row the same, where one number may stand by itself or in a column?"""
    return (mine or (1,)) == (theirs or (1,))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Problem(f"{path} can't be read ({error.strerror}): save the model there first.") from None


class _Found:
    def __init__(self, model: Any, graph: File, name: str):
        self._model, self._graph, self._name = model, graph, name
        self._parts: list[Part] = []
        self._worst: list[tuple[float, Row]] = []
        self._signs: set[str] = set()  # what is true of the rows that differ: see Case.sign
        self._not: dict[str, str] = {}
        self._spread: dict[str, float] = {}

    def try_edges(self, kinds: dict[str, Any], answers: dict[str, Answers]) -> None:
        """Rows of these kinds; a file that fails on what the model answers differs."""
        if not kinds:
            return
        with contextlib.suppress(Problem):
            told = self._graph.ask(joined(list(kinds.values())))
            return self.take(kinds, answers, told)
        for kind, rows in kinds.items():
            try:
                self.take({kind: rows}, answers, self._graph.ask(rows))
            except Problem as problem:
                self._differ(kind, "all", rows, "answers", str(problem))

    def take(self, kinds: dict[str, Any], answers: dict[str, Answers], told: dict[str, np.ndarray]) -> None:
        """Compare the answers to rows of these kinds: `told` is what the file says of all of them."""
        count = sum(map(len, kinds.values()))
        for output, theirs in told.items():
            start = 0
            for kind, rows in kinds.items():
                meant = answers[kind].like(output, theirs)
                if meant is None:
                    self._not[output] = f"output {output!r} is no answer that the model gives by itself"
                    continue
                what, mine = meant
                if len(theirs) != count or not _alike(mine.shape[1:], theirs.shape[1:]):
                    self._signs.add("shape")
                    shapes = [count, *mine.shape[1:]], list(theirs.shape)
                    self._differ(kind, output, rows, *(f"shape {shape}" for shape in shapes))
                    continue
                part = theirs[start : start + len(rows)].reshape(len(rows), -1)
                start += len(rows)
                self._compared(kind, output, what, rows, mine.reshape(len(rows), -1), part, answers[kind])

    def _compared(
        self, kind: str, output: str, what: str, rows: Any, mine: np.ndarray, theirs: np.ndarray, answers: Answers
    ) -> None:
        if kind == GIVEN:
            self._spread[output] = spread(mine)
        far, differs = apart(what, mine, theirs, self._spread.get(output, 0.0))
        tied = answers.tied(TIE) if what == "label" and differs.any() else None
        if tied is not None and kind != GIVEN:
            differs = differs & ~tied  # made rows may tie by their making
        if differs.any():
            self._note_signs(what, rows, differs, tied)
        self._note(kind, output, rows, what, (far, differs, mine, theirs))

    def _differ(self, kind: str, output: str, rows: Any, model: str, file: str, at: int = 0) -> None:
        """All of these rows: there is nothing to compare one by one."""
        self._parts.append(Part(kind, output, len(rows), len(rows)))
        self._worst.append((math.inf, Row(kind, at, output, shown(rows, 0), model, file)))

    def _note(
        self, kind: str, output: str, rows: Any, what: str, found: tuple[np.ndarray, ...], first: int = 0
    ) -> None:
        far, differs, mine, theirs = found
        self._parts.append(Part(kind, output, len(rows), int(differs.sum()), most(what, far, differs)))
        for at in np.argsort(-np.where(differs, far, -1), kind="stable")[: min(3, int(differs.sum()))]:
            row = Row(kind, first + int(at), output, shown(rows, int(at)), said(mine[at]), said(theirs[at]))
            self._worst.append((float(far[at]), row))

    def _note_signs(self, what: str, rows: Any, differs: np.ndarray, tied: np.ndarray | None) -> None:
        self._signs.add(what)
        gone = missing(rows)
        if gone[differs].mean() >= 0.9:
            self._signs.add("missing")
        if tied is not None and tied[differs].mean() >= 0.9:
            self._signs.add("tie")

    def batches(self, rows: Any, told: dict[str, np.ndarray]) -> None:
        """Whether a row's answer depends on the rows beside it: alone, and in a batch of another size."""
        for start, stop in [*((k, k + 1) for k in range(min(ALONE, len(rows)))), (0, min(BATCH, len(rows)))]:
            part = rows.iloc[start:stop] if hasattr(rows, "iloc") else rows[start:stop]
            kind = "one row alone" if stop - start == 1 else f"a batch of {stop - start}"
            try:
                again = self._graph.ask(part)
            except Problem as problem:
                self._signs.add("batch")
                self._differ(kind, "all", part, "answers", str(problem), start)
                continue
            for output, theirs in again.items():
                if len(theirs) != len(part) or len(told[output]) != len(rows):
                    continue  # the shape was said already
                what = "values" if theirs.dtype.kind == "f" else "label"
                ours, theirs = told[output][start:stop].reshape(len(part), -1), theirs.reshape(len(part), -1)
                far, differs = apart(what, ours, theirs, self._spread.get(output, 0.0))
                self._note(kind, output, part, what, (far, differs, ours, theirs), start)
                if differs.any():
                    self._signs.add("batch")

    def parity(self, content: bytes) -> Parity:
        """The result, and the likely causes where there is a difference."""
        if not any(part.rows_of == GIVEN for part in self._parts):
            raise Problem(f"nothing of {self._name} could be compared: {'; '.join(self._not.values())}.")
        merged: dict[tuple[str, str], Part] = {}
        for part in self._parts:
            before = merged.get((part.rows_of, part.output))
            if before is not None:
                most = max(before.most, part.most) if math.isfinite(before.most) else part.most
                part = Part(part.rows_of, part.output, before.rows + part.rows, before.differ + part.differ, most)
            merged[part.rows_of, part.output] = part
        worst = [row for _, row in sorted(self._worst, key=lambda one: (one[1].rows_of != GIVEN, -one[0]))]
        differ = any(part.differ for part in merged.values())
        causes = likely(self._model, content, self._signs) if differ else ()
        kinds = list(dict.fromkeys(part.rows_of for part in merged.values()))
        parts = tuple(sorted(merged.values(), key=lambda part: kinds.index(part.rows_of)))
        return Parity(self._name, parts, tuple(worst[:3]), causes, tuple(self._not.values()))
