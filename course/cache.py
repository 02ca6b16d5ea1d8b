"""Folders for what takes long to make and can always be made again.

`shared` is what notebooks take from the cache (the winner of f01): a student's code can read it while it is graded.
`own` is everything else (rehearsed models, solutions among them): it never does.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

if TYPE_CHECKING:
    import numpy as np


def shared() -> Path:
    """The folder that notebooks read, made if it is not there: $COURSE_CACHE, else one in the user's cache folder."""
    given = os.environ.get("COURSE_CACHE")
    return _made(Path(given) if given else _home() / "shared")


def own() -> Path:
    """The folder that student's code never sees, made if it is not there."""
    return _made(_home() / "own")


def reports() -> Path:
    """The folder of reports of a learner's own checks: in $COURSE_DATA, else in `own`."""
    given = os.environ.get("COURSE_DATA")
    return _made((Path(given) if given else own()) / "reports")


def _home() -> Path:
    return Path(platformdirs.user_cache_path("under-budget", appauthor=False))


def _made(where: Path) -> Path:
    with contextlib.suppress(OSError):
        where.mkdir(parents=True, exist_ok=True)
    return where


def content(file: Path, make: Callable[[], bytes]) -> bytes:
    """The bytes kept in `file`, made now if they are not there. A folder that can't be written costs only time."""
    with contextlib.suppress(OSError):
        return file.read_bytes()
    made = make()
    with contextlib.suppress(OSError):
        handle, path = tempfile.mkstemp(dir=file.parent)
        with os.fdopen(handle, "wb") as out:
            out.write(made)
        os.replace(path, file)
    return made


def arrays(file: Path, make: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Like `content`, for arrays by name; a damaged file is made anew."""
    import io

    import numpy as np

    def dump() -> bytes:
        out = io.BytesIO()
        np.savez_compressed(out, **make())
        return out.getvalue()

    for _ in range(2):
        try:
            with np.load(io.BytesIO(content(file, dump)), allow_pickle=False) as found:
                return {key: found[key] for key in found.files}
        except (ValueError, OSError, EOFError, KeyError):
            file.unlink(missing_ok=True)
    return make()
