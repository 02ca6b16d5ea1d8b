"""Files of several students with the same bytes, and what the course knows about them."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from course.contract.terms.estimates import ESTIMATES
from course.grading.authoring.lessons import WRITES, Lesson
from course.units.base import Unit

#: Files of fewer bytes are not compared: honest ones may well be the same.
TRIVIAL = 200


@dataclass(frozen=True)
class Same:
    """Students whose graded file has the same bytes; `known` says so if those are the course's own."""

    file: str
    bytes: int
    students: tuple[str, ...]
    known: str


def same_files(unit: Unit, root: Path, folders: dict[str, Path]) -> tuple[tuple[Same, ...], int]:
    """Groups of students with the same file, the artifact's first and the largest first; files left as released."""
    released, solved = _course_files(unit, root)
    groups, untouched = [], 0
    for name in (name for name in unit.files if name != ESTIMATES):
        by_size: dict[int, list[str]] = defaultdict(list)
        for student, folder in folders.items():
            file = folder / name
            if file.is_file() and not file.is_symlink():
                by_size[file.stat().st_size].append(student)
        given = set(released.get(name, {}).values())
        for size, students in by_size.items():
            if size not in given and (size < TRIVIAL or len(students) < 2):
                continue
            by_digest: dict[str, list[str]] = defaultdict(list)
            for student in students:
                by_digest[_digest(folders[student] / name)].append(student)
            for digest, who in by_digest.items():
                if digest in released.get(name, {}):
                    untouched += len(who)
                elif len(who) > 1 and size >= TRIVIAL:
                    known = "the worked solution's own bytes" if digest in solved.get(name, {}) else ""
                    groups.append(Same(name, size, tuple(who), known))
    order = {name: number for number, name in enumerate(unit.files)}
    return tuple(sorted(groups, key=lambda same: (order[same.file], -len(same.students), same.students))), untouched


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _course_files(unit: Unit, root: Path) -> tuple[dict[str, dict[str, int]], dict[str, dict[str, int]]]:
    """What the course gave, and what its worked solution would write: by file name, the digests with their sizes."""
    from course.grading.submissions.submission import released as released_notebook

    released, solved = defaultdict(dict), defaultdict(dict)
    lesson = Lesson(unit, root)
    for name in unit.files:
        file = lesson.student.parent / name
        if file.is_file():
            released[name][_digest(file)] = file.stat().st_size
    if lesson.instructor.is_file():
        stubs = [cell.source for cell in released_notebook(lesson.instructor).cells]
        for texts, into in ((stubs, released), (lesson.solutions().values(), solved)):
            for text in texts:
                if head := WRITES.match(text):
                    for written in (text[head.end() :], text[head.end() :] + "\n"):
                        content = written.encode()
                        into[head[1]][hashlib.sha256(content).hexdigest()] = len(content)
    return released, solved
