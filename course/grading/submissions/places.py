"""Files that are not called what they should be, or lie a folder deeper: browsers and platforms rename files."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from course.problem import readable

QUARANTINE = "quarantine"
#: What browsers, file managers and platforms add to a name.
_MORE = r"([ _.-]*(\(\d{1,3}\)|\d{1,3}|copy|final|new))*"


def files_in(folder: Path, names: Sequence[str]) -> dict[str, bytes]:
    """What is handed in beside the notebook, by path: ordinary files, each of `names` also where it was renamed."""
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in _files(folder)}
    taken, _ = renamed(folder, names)
    return found | {name: found[path.relative_to(folder).as_posix()] for name, path in taken.items()}


def renamed(folder: Path, names: Sequence[str]) -> tuple[dict[str, Path], list[tuple[str, bool]]]:
    """Files that stand for missing ones of `names`; sentences, each with whether somebody must look."""
    missing = [name for name in names if not os.path.lexists(folder / name)]
    missing = [name for name in missing if not (folder / f"{name}.refused").is_file()]
    if not missing:
        return {}, []
    there, taken, said = _files(folder), {}, []
    for name in missing:
        stem, ending = os.path.splitext(name)
        pattern = re.compile(rf"(copy of )?{re.escape(stem)}{_MORE}{re.escape(ending)}", re.IGNORECASE)
        fitting = [path for path in there if pattern.fullmatch(path.name)]
        shown = [readable(path.relative_to(folder).as_posix(), 100) for path in fitting]
        if fitting and len({path.read_bytes() for path in fitting}) == 1:
            taken[name] = fitting[0]
            said.append((f"There is no {name}; {shown[0]} was taken in its place.", False))
        elif fitting:
            said.append(
                (
                    f"There is no {name}, but {len(fitting)} files may be meant ({', '.join(shown[:5])}): none was "
                    "taken. Hand in the one that counts under its own name.",
                    True,
                )
            )
    return taken, said


def _files(folder: Path) -> list[Path]:
    found = []
    for where, _, names in os.walk(folder):
        for path in (Path(where) / name for name in sorted(names)):
            if not path.is_symlink() and path.is_file() and path.suffix != ".ipynb" and path.name != "report.json":
                found.append(path)
    return sorted(found)
