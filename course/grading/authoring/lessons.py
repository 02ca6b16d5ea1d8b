"""Lessons as text: source/<unit>/lesson.py (jupytext percent format) to notebooks.

A cell's header says what nbgrader shall make of it; ids and points follow from that, so they are written only once:

    # %% locked="setup"                    read-only code, also run before the test cells
    # %% solution="build-model"                  the learner's code, cleared between BEGIN SOLUTION and END SOLUTION
    # %% test="quality"                    a test cell, worth what the unit's clause of that name is worth
    # %% [markdown] memo="design" points=20      an answer in words, marked by hand
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import nbformat

from course.guests import guests
from course.units import load
from course.units.base import Unit

_KINDS = ("locked", "solution", "test", "memo")
#: The first line of a cell that writes a module.
WRITES = re.compile(r"%%writefile (\S+)\n")
_SOLUTION = re.compile(r"^[ \t]*### BEGIN SOLUTION\n(.*?)^[ \t]*### END SOLUTION\n?", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Lesson:
    """A unit's lesson in a checkout: the text, the instructor's notebook, the student's."""

    unit: Unit
    root: Path

    @property
    def source(self) -> Path:
        """The folder of the instructor's version; that of a unit from elsewhere lies in its package."""
        guest = guests().get(self.unit.name)
        return (guest.home if guest else self.root) / "source" / self.unit.name

    @property
    def instructor(self) -> Path:
        """The notebook made from the text."""
        return self.source / f"{self.unit.name}.ipynb"

    @property
    def student(self) -> Path:
        """The notebook that nbgrader makes from the instructor's."""
        return self.root / "release" / self.unit.name / f"{self.unit.name}.ipynb"

    def notebook(self) -> nbformat.NotebookNode:
        """The instructor's notebook as it follows from the text; the same text gives the same bytes."""
        import jupytext

        read = jupytext.read(self.source / "lesson.py", fmt="py:percent")
        cells = [self._cell(cell, number) for number, cell in enumerate(read.cells)]
        if (about := self.unit.about) and cells[0].cell_type == "markdown":
            before, _, last = cells[0].source.rpartition("\n\n")  # the last paragraph says how to go on
            cells[0].source = "\n\n".join(filter(None, (before, about.head, last)))
        metadata = {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
        return nbformat.v4.new_notebook(cells=cells, metadata=metadata)

    def _cell(self, cell: nbformat.NotebookNode, number: int) -> nbformat.NotebookNode:
        kind = next((kind for kind in _KINDS if kind in cell.metadata), None)
        name = cell.metadata[kind] if kind else None
        new = nbformat.v4.new_code_cell if cell.cell_type == "code" else nbformat.v4.new_markdown_cell
        made = new(cell.source, id=f"{number:02d}-{name or 'text'}")
        if not kind:
            return made
        grade = kind in ("test", "memo")
        made.metadata["nbgrader"] = {
            "grade": grade,
            "grade_id": name,
            "locked": kind in ("locked", "test"),
            "schema_version": 3,
            "solution": kind in ("solution", "memo"),
            "task": False,
            "cell_type": cell.cell_type,
        }
        if grade:
            points = self.unit.term(name).worth if kind == "test" else cell.metadata["points"]
            made.metadata["nbgrader"]["points"] = int(points) if points == int(points) else points
        if kind in ("locked", "test"):
            made.metadata |= {"editable": False, "deletable": False}
        return made

    def instructor_text(self) -> str:
        """All cells of the instructor's notebook as one text."""
        return "\n".join(cell.source for cell in self.notebook().cells)

    def solutions(self) -> dict[str, str]:
        """The reference solution: the text of each solution and memo cell, by its name."""
        cells = [cell for cell in self.notebook().cells if cell.metadata.get("nbgrader", {}).get("solution")]
        return {cell.metadata.nbgrader.grade_id: _SOLUTION.sub(r"\1", cell.source).strip() for cell in cells}

    def program(self, changed: dict[str, str], only: tuple[str, ...] = ()) -> str:
        """Setup and solution cells as one program, with some cells' text replaced.

        Raises KeyError if a changed cell is not in the lesson.
        """
        sources = self.solutions()
        for name in changed:
            if name not in sources:
                raise KeyError(f"{self.unit.name} has no solution cell {name!r}; it has: {', '.join(sources)}")
        parts = []
        for cell in self.notebook().cells:
            marks = cell.metadata.get("nbgrader", {})
            if cell.cell_type != "code" or marks.get("grade"):
                continue
            if marks.get("solution") and (not only or marks["grade_id"] in only):
                parts.append(changed.get(marks["grade_id"], sources[marks["grade_id"]]))
            elif marks.get("locked"):
                parts.append(cell.source)
        return "\n\n".join(map(_plain_python, parts)) + "\n"

    def submission(self, changed: dict[str, str]) -> nbformat.NotebookNode:
        """The released notebook as a student hands it in who gave the reference answers, but for some cells."""
        from course.grading.submissions.submission import released

        notebook = released(self.instructor)
        answers = self.solutions() | changed
        for cell in notebook.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            if name in answers and cell.metadata.nbgrader.solution:
                cell.source = answers[name]
        return notebook

    def settle(self) -> None:
        """Let nbgrader find a unit from elsewhere: source/ of the checkout gets a link to its package's folder."""
        place = self.root / "source" / self.unit.name
        if place.resolve() == self.source.resolve() or place.is_dir():
            return
        place.unlink(missing_ok=True)  # a link to where the package was
        try:
            place.symlink_to(self.source, target_is_directory=True)
        except OSError:  # Windows, without the right to make links
            shutil.copytree(self.source, place)

    def write(self) -> bool:
        """Write the instructor's notebook where it differs from what is there; True if it was written."""
        text = nbformat.writes(self.notebook()) + "\n"
        if self.instructor.is_file() and self.instructor.read_text(encoding="utf-8") == text:
            return False
        self.instructor.write_text(text, encoding="utf-8")
        return True


def _plain_python(source: str) -> str:
    """A cell's source for a program without IPython: a cell that writes a file becomes a call that does."""
    head = WRITES.match(source)
    if not head:
        return source
    return f"__import__('pathlib').Path({head[1]!r}).write_text({source[head.end() :]!r}, encoding='utf-8')"


def lesson(name: str, root: Path) -> Lesson:
    """The lesson of a unit in the checkout `root`. Raises UnknownUnit."""
    return Lesson(load(name), root)
