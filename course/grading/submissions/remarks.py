"""What there is to say about a submission besides its points: read under another name, not read, left out, replaced.

Each remark reaches the instructor (table, sheet, report) and the learner (the top of the feedback page).
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from course.contract.terms.estimates import ESTIMATES
from course.grading.submissions import places, words
from course.notebooks import essence
from course.problem import readable

#: Where they are kept, in an autograded folder. nbgrader never copies it (course/grading/places.py).
FILE = ".graded-remarks.json"
#: Where nbgrader keeps them on the way, in the notebook's metadata.
KEY = "course"


@dataclass(frozen=True)
class Remark:
    """One sentence or two; `look` is true where a person should look at the submission."""

    text: str
    look: bool = True


def about_files(folder: Path, names: Sequence[str]) -> list[Remark]:
    """What was set aside of a submission (submitted/STUDENT/UNIT), and which files were taken under another name."""
    found = []
    for note in sorted(folder.glob("*.refused")):
        if note.name.endswith(".ipynb.refused") or note.is_symlink() or not note.is_file():
            continue  # about a notebook, whoever reads it says so
        if note.stat().st_size < 1000:
            found.append(Remark(readable(note.read_text(encoding="utf-8", errors="replace"))))
    student, unit = folder.parts[-2:]
    aside = folder.parents[2] / places.QUARANTINE / student / unit
    if aside.is_dir():
        found.append(Remark(f"Something that can't be graded was set aside: it lies in quarantine/{student}/{unit}."))
    _, sentences = places.renamed(folder, names)
    return found + [Remark(sentence, look) for sentence, look in sentences]


def about_run(handed_in: dict[str, bytes], left: dict[str, bytes], names: Iterable[str], note: str) -> list[Remark]:
    """What a run did to the files that were handed in with the notebook, and how it ended."""
    found = [Remark(note, look=False)] if note else []
    for name in names:
        before, after = handed_in.get(name), left.get(name)
        if before is None or after is None or before == after:
            continue
        if name.endswith(".py") or name == ESTIMATES:
            if _meaning(name, before) != _meaning(name, after):
                found.append(
                    Remark(
                        f"{name} was handed in, and a cell of the notebook wrote another one over it. What the cell "
                        "wrote was measured; if the file is the one that counts, empty that cell."
                    )
                )
        else:
            found.append(
                Remark(f"{name} was handed in and made anew by the notebook; the new one was measured.", False)
            )
    return found


def _meaning(name: str, content: bytes) -> object:
    text = content.decode("utf-8", "replace")
    if name.endswith(".py"):
        return essence(text)
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def cell(remarks: Sequence[Remark]) -> str:
    """The remarks as the text of a cell at the top of the notebook."""
    lines = "\n".join(f"- {words.inert(remark.text)}" for remark in remarks)
    return f"**About this submission**\n\n{lines}"


def write(folder: Path, remarks: Sequence[Remark]) -> None:
    """Keep remarks in an autograded folder."""
    text = json.dumps([dataclasses.asdict(remark) for remark in remarks])
    (folder / FILE).write_text(text, encoding="utf-8")


def read(folder: Path) -> tuple[Remark, ...]:
    """The remarks in an autograded folder; none where they can't be read."""
    try:
        return unpacked(json.loads((folder / FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return ()


def packed(remarks: Sequence[Remark]) -> list[dict]:
    """Remarks as plain data."""
    return [dataclasses.asdict(remark) for remark in remarks]


def unpacked(data: list[dict]) -> tuple[Remark, ...]:
    """What `packed` made. Raises ValueError for anything else."""
    try:
        return tuple(Remark(str(one["text"]), bool(one["look"])) for one in data)
    except (TypeError, KeyError) as error:
        raise ValueError(type(error).__name__) from None
