"""A submission's notebook, rebuilt: the released notebook with the learner's text in it.

The learner's file is read as data. Cells, their order, types, tags, points and ids all come from the release; from
the submission come the sources of solution cells, of unlocked code cells, further cells of code that the learner
added, and everything that was written in words, at its place. So duplicated, split, deleted or relabelled cells can't
change what is graded, and a file that is no notebook is graded as an untouched one, with a memo that waits for a
person.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from pathlib import Path

import nbformat

from course import notebooks
from course.grading.submissions import needed, words
from course.grading.submissions.remarks import KEY, Remark
from course.notebooks import Cell, essence

#: From this share of common words on, two cells are versions of one; how much of a cell is compared.
ALIKE, COMPARED = 0.3, 20_000


def rebuild(template: nbformat.NotebookNode, file: Path) -> tuple[nbformat.NotebookNode, list[Remark]]:
    """The released notebook with a learner's text in it, and what there is to say about the learner's file.

    `file` is where the notebook should be; it is looked for under other names as well.
    """
    try:
        found = notebooks.find(file.parent, file.stem)
    except notebooks.Unreadable as problem:
        notebook, said = copy.deepcopy(template), f"{problem} Its cells were graded as not attempted."
        for cell in _memos(notebook):
            cell.source = f"*{words.inert(said)} The memo waits to be marked by a person.*"
        return notebook, [Remark(f"{said} The memo is not marked: it waits for a person.")]
    remarks = [Remark(note, look="left out" in note) for note in found.notes]
    notebook, wrote = _filled(template, found.cells)
    for cell, released in zip(_memos(notebook), _memos(template), strict=True):
        if wrote and cell.source.strip() == released.source.strip():
            cell.source += "\n\n*(Nothing was written here. What was written elsewhere in the notebook stands there.)*"
            remarks.append(Remark("The memo's cell is as released, and words stand in other cells: mark those."))
    return notebook, remarks


def grade_id(cell: nbformat.NotebookNode) -> str:
    """What nbgrader calls a cell; empty if it calls it nothing."""
    return cell.get("metadata", {}).get("nbgrader", {}).get("grade_id", "")


def is_open(cell: nbformat.NotebookNode) -> bool:
    """True for cells of the release that a learner may change: solutions, and code that is not locked."""
    marks = cell.metadata.get("nbgrader")
    return bool(marks.get("solution")) if marks else cell.cell_type == "code"


def _memos(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "markdown" and is_open(cell)]


def _filled(template: nbformat.NotebookNode, cells: Sequence[Cell]) -> tuple[nbformat.NotebookNode, bool]:
    """The template with the learner's cells in it, and whether there are words in cells of their own."""
    notebook, places = copy.deepcopy(template), match(template.cells, cells)
    added: dict[int, list[nbformat.NotebookNode]] = {}
    taken: set[int] = set()
    place, wrote = -1, False
    for cell, index in zip(cells, places, strict=True):
        place = max(place, -1 if index is None else index)
        here = added.setdefault(place, [])
        if index is None:
            if cell.kind == "code" and not (cell.grade_id and cell.grades):
                here.append(nbformat.v4.new_code_cell(cell.source))
            text = "" if cell.kind == "code" else cell.source
        else:
            ours = notebook.cells[index]
            text = _take(ours, template.cells[index], cell, here, again=index in taken)
            taken.add(index)
        if text.strip():
            here.append(nbformat.v4.new_markdown_cell(words.shown(text)))
            wrote = True
    notebook.cells = [
        cell
        for index in range(-1, len(template.cells))
        for cell in ([notebook.cells[index]] if index >= 0 else []) + added.get(index, [])
    ]
    for number, cell in enumerate(cell for here in added.values() for cell in here):
        cell.id = f"added-{number}"
    unmarked = {cell.id: cell.source for cell in template.cells if cell.cell_type == "code" and not grade_id(cell)}
    for cell in notebook.cells:
        if unmarked.get(cell.id) == cell.source:
            cell.metadata[needed.RELEASED] = True
    return notebook, wrote


def _take(ours, released, cell: Cell, here: list, *, again: bool) -> str:
    """Put a learner's version of a released cell in its place; what is left are words for a cell below it."""
    if not is_open(released):
        if released.cell_type != "markdown" or cell.kind == "code":
            return ""
        known = {line.strip() for line in released.source.splitlines()}
        return "\n".join(line for line in cell.source.splitlines() if line.strip() not in known)
    if released.cell_type == "markdown":
        text = words.shown(cell.source)
        if not again:
            ours.source = text
        elif text.strip() not in ours.source:  # the second half of a cell that was split, or another version
            ours.source = f"{ours.source}\n\n{text}"
        return ""
    if cell.kind != "code":  # turned into words, so that it doesn't run
        ours.source = ours.source if again else ""
        return cell.source
    if again:  # the second half of a cell that was split or copied
        here.append(nbformat.v4.new_code_cell(cell.source))
        return ""
    ours.source = cell.source
    if grade_id(released) and essence(cell.source) == essence(released.source):
        ours.metadata[KEY] = "stub"
    return ""


def match(template: Sequence[nbformat.NotebookNode], cells: Sequence[Cell]) -> list[int | None]:
    """Which cell of the template each of a learner's cells is; None for the learner's own.

    By what nbgrader calls it, by its id, by its text; and else, between two cells that are known, by likeness, and in a
    notebook without ids by its order.
    """
    by_grade_id = {grade_id(cell): index for index, cell in reversed(list(enumerate(template))) if grade_id(cell)}
    by_id = {cell.id: index for index, cell in enumerate(template)}
    places = [by_grade_id.get(cell.grade_id, by_id.get(cell.id)) for cell in cells]
    no_ids = not any(cell.id in by_id for cell in cells)
    claimed = {place for place in places if place is not None}
    ours = [i if i in claimed else (cell.cell_type, cell.source.strip()) for i, cell in enumerate(template)]
    theirs = [
        (cell.kind, cell.source.strip()) if place is None else place for cell, place in zip(cells, places, strict=True)
    ]
    for i, n, size in SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks():
        for step in range(size):
            places[n + step] = i + step
            claimed.add(i + step)
    for (low, high), numbers in _gaps(places, len(template)).items():
        for kind in ("code", "markdown"):
            free = [i for i in range(low + 1, high) if i not in claimed and _may_be(template[i], kind)]
            waiting = [number for number in numbers if cells[number].kind == kind]
            pairs = _alike([template[i].source for i in free], [cells[n].source for n in waiting])
            if no_ids and not pairs and len(free) == len(waiting):
                pairs = [(i, i) for i in range(len(free))]
            for i, n in pairs:
                places[waiting[n]] = free[i]
                claimed.add(free[i])
    return places


def _gaps(places: Sequence[int | None], end: int) -> dict[tuple[int, int], list[int]]:
    """Cells that are not known, by the places between which they stand."""
    gaps: dict[tuple[int, int], list[int]] = {}
    after, highs = end, []
    for place in reversed(places):
        highs.append(after)
        after = after if place is None else min(place, after)
    low = -1
    for number, (place, high) in enumerate(zip(places, reversed(highs), strict=True)):
        if place is not None:
            low = max(low, place)
        elif high > low + 1:
            gaps.setdefault((low, high), []).append(number)
    return gaps


def _may_be(cell: nbformat.NotebookNode, kind: str) -> bool:
    return cell.cell_type == kind and (is_open(cell) or (kind == "markdown" and not grade_id(cell)))


def _alike(ours: Sequence[str], theirs: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs that are versions of each other, the most alike first; each is in one pair at most."""
    if not ours or not theirs:
        return []
    ours, theirs = ([set(re.findall(r"\w+", text[:COMPARED])) for text in texts] for texts in (ours, theirs))
    found = sorted((-len(a & b) / max(len(a | b), 1), i, n) for i, a in enumerate(ours) for n, b in enumerate(theirs))
    pairs: list[tuple[int, int]] = []
    for share, i, n in found:
        if share <= -ALIKE and not any(i == one or n == other for one, other in pairs):
            pairs.append((i, n))
    return pairs
