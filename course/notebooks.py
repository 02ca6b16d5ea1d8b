"""Notebook files as they really come: which file it is, and what stands in it. One way to read them for everybody.

A notebook is read as plain data, whatever wrote it: formats 2 to 4, with a byte order mark, with outputs of any size.
Nothing of it is trusted, and nothing is run. What can't be read says so in one sentence, with what to do.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from course.problem import Problem, readable

#: Bytes of a file that is opened, outputs and all, and the objects, lists and values in it.
MOST_BYTES, MOST_PARTS = 50_000_000, 8_000_000
#: Characters of one cell's text, and cells.
MOST_SOURCE, MOST_CELLS = 1_000_000, 1_000
#: Where else a notebook is looked for: folders in each other, files.
MOST_DEPTH, MOST_FILES = 3, 20
#: The folders of machines, not of people.
_NOBODYS = re.compile(r"\..*|__.*")
_AGAIN = "Open it in Jupyter, save it, and hand that file in"


class Unreadable(Problem):
    """There is no notebook here that can be read; the message says why, and what to do."""


@dataclass(frozen=True)
class Cell:
    """A cell as it was saved: its kind (code, markdown or raw), text, id, and what nbgrader calls it ("" if nothing).

    `grades` is true where nbgrader's marks say that the cell is the course's own: a test or a locked cell.
    """

    kind: str
    source: str
    id: str = ""
    grade_id: str = ""
    grades: bool = False


@dataclass(frozen=True)
class Notebook:
    """What was found: the file, its cells, and sentences about what is not as it should be."""

    file: Path
    cells: tuple[Cell, ...]
    notes: tuple[str, ...] = ()


def find(folder: Path, name: str) -> Notebook:
    """The notebook called `name` in a folder; else the one that stands there under another name, or a folder deeper.

    Raises Unreadable if there is none, none that can be read, or several of which no one can say which is meant.
    """
    own, reasons = folder / f"{name}.ipynb", []
    try:
        return read(own)
    except FileNotFoundError:
        refused = own.with_name(own.name + ".refused")
        if refused.is_file() and not refused.is_symlink() and refused.stat().st_size < 1000:
            reasons.append(readable(refused.read_text(encoding="utf-8", errors="replace")))
    except Unreadable as problem:
        reasons.append(str(problem))
    found = []
    for file in others(folder, own):
        try:
            found.append(read(file))
        except (FileNotFoundError, Unreadable) as problem:
            reasons.append(str(problem))
    marked = [one for one in found if any(cell.grade_id for cell in one.cells)] or found
    shown = [readable(one.file.relative_to(folder).as_posix(), 100) for one in marked]
    if marked and all(one.cells == marked[0].cells for one in marked):
        there = " ".join(reasons) or f"There is no {name}.ipynb."
        return Notebook(
            marked[0].file, marked[0].cells, (f"{there} {shown[0]} was read in its place.", *marked[0].notes)
        )
    if marked:
        reasons.append(
            f"There are {len(marked)} notebooks, {', '.join(shown[:5])}, and none is called {name}.ipynb: hand in the "
            "one that counts under that name."
        )
    for text in (own.with_suffix(ending) for ending in (".py", ".md", ".Rmd", ".qmd")):
        if not reasons and text.is_file():  # what jupytext keeps beside a notebook, or instead of it
            reasons.append(f"There is no notebook, only {text.name}: jupytext --to ipynb makes {name}.ipynb of it.")
    raise Unreadable(" ".join(reasons) or f"There is no notebook: hand in {name}.ipynb.")


def others(folder: Path, own: Path) -> list[Path]:
    """Notebooks in a folder besides `own`, and in the folders in it; those that stand highest come first."""
    return sorted(_walk(folder, own), key=lambda file: (len(file.parts), file.name))[:MOST_FILES]


def _walk(folder: Path, own: Path) -> Iterator[Path]:
    for where, folders, names in os.walk(folder):
        deep = len(Path(where).relative_to(folder).parts) >= MOST_DEPTH
        folders[:] = [] if deep else sorted(name for name in folders if not _NOBODYS.fullmatch(name))
        for name in names:
            file = Path(where) / name
            if file.suffix.lower() == ".ipynb" and not name.startswith(".") and file != own:
                yield file


def read(file: Path) -> Notebook:
    """A notebook file. Raises FileNotFoundError; Unreadable with a sentence for what is no notebook."""
    name = readable(file.name, 100)
    try:
        if not file.is_file():
            raise FileNotFoundError(name)
        size = file.stat().st_size
        if size > MOST_BYTES:
            raise Unreadable(
                f"{name} has {size / 1e6:,.0f} MB, and over {MOST_BYTES / 1e6:.0f} MB nothing is opened. "
                "Clear its outputs (Edit > Clear Outputs of All Cells), save it, and hand that file in."
            )
        content = file.read_bytes()
    except PermissionError as error:
        raise Unreadable(f"{name} can't be opened ({error.strerror}).") from None
    text = _text(content)
    if sum(map(text.count, "{[,")) > MOST_PARTS:
        raise Unreadable(f"{name} holds too much to be opened. Clear its outputs, save it, and hand that file in.")
    try:
        found = json.loads(text)
        cells = _cells(found)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Unreadable(f"{name} {_diagnosis(content, text, error)} {_AGAIN}.") from None
    notes = []
    if len(cells) > MOST_CELLS:
        notes.append(f"{name} has {len(cells):,} cells; those after the first {MOST_CELLS:,} were left out.")
    made = []
    for number, cell in enumerate(cells[:MOST_CELLS], 1):
        plain = _plain(cell)
        if plain is None:
            continue
        if len(plain.source) > MOST_SOURCE and plain.kind == "code":
            notes.append(f"Cell {number} of {name} has over {MOST_SOURCE:,} characters of code and was left out.")
            continue
        made.append(plain)
    return Notebook(file, tuple(made), tuple(notes))


def essence(source: str) -> str:
    """What matters of code: no comments in lines of their own, no empty lines, no white space at ends."""
    lines = (line.rstrip() for line in source.splitlines())
    return "\n".join(line for line in lines if line and not line.lstrip().startswith("#"))


def _text(content: bytes) -> str:
    for mark, code in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return content.decode(code, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")  # what an editor of Windows saves


def _diagnosis(content: bytes, text: str, error: Exception) -> str:
    start = text[:200].lstrip().casefold()
    if not text.strip("\0 \t\r\n"):
        return "is no notebook: it is empty."
    if content.startswith(b"PK\x03\x04"):
        return "is no notebook but a zip archive."
    if start.startswith("<"):
        return "is no notebook but a web page."
    if re.search(r"^(<{7} |={7}$|>{7} )", text, re.MULTILINE):
        return "is no notebook any more: git has put marks of a merge into it."
    if isinstance(error, json.JSONDecodeError) and start.startswith("{"):
        ends = error.pos >= len(text.rstrip()) - 1 or "Unterminated" in error.msg
        where = "its end is missing" if ends else f"line {error.lineno} can't be read"
        return f"is no notebook any more, it is damaged: {where}."
    return "is no notebook."


def _cells(found: dict) -> list:
    """The cells of a notebook of any format. Raises KeyError, TypeError or ValueError for what is none."""
    cells = found["cells"] if "cells" in found else [cell for sheet in found["worksheets"] for cell in sheet["cells"]]
    if not isinstance(cells, list):
        raise ValueError("no list")
    if cells and not any(isinstance(cell, dict) for cell in cells):
        raise ValueError("no cells")
    return cells


def _plain(cell: object) -> Cell | None:
    if not isinstance(cell, dict):
        return None
    kind = cell.get("cell_type")
    source = cell.get("source", cell.get("input", ""))
    source = "".join(map(str, source)) if isinstance(source, list) else "" if source is None else str(source)
    source = source.encode("utf-8", "replace").decode("utf-8")  # half a character could not be written again
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    if kind == "heading":  # of format 3
        kind, level = "markdown", cell.get("level")
        source = f"{'#' * (level if isinstance(level, int) and 0 < level < 7 else 1)} {source}"
    if kind not in ("code", "markdown", "raw"):
        return None
    metadata = cell.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    marks = metadata.get("nbgrader")
    marks = marks if isinstance(marks, dict) else {}
    return Cell(
        kind,
        source,
        str(cell.get("id") or metadata.get("id") or ""),  # Colab keeps it in the metadata
        str(marks.get("grade_id") or ""),
        bool(marks.get("locked") or marks.get("grade")) and not marks.get("solution"),
    )
