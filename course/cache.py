"""A folder for what takes long to make and can always be made again (the winner of f01, rehearsed models)."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


def folder() -> Path:
    """The cache folder, made if it is not there: $COURSE_CACHE, else the user's cache folder."""
    given = os.environ.get("COURSE_CACHE")
    home = os.environ.get("XDG_CACHE_HOME") or (os.environ.get("LOCALAPPDATA") if os.name == "nt" else None)
    where = Path(given) if given else (Path(home) if home else Path.home() / ".cache") / "under-budget"
    with contextlib.suppress(OSError):
        where.mkdir(parents=True, exist_ok=True)
    return where


def content(name: str, make: Callable[[], bytes]) -> bytes:
    """The bytes kept under `name`, made now if they are not there. A folder that can't be written costs only time."""
    file = folder() / name
    with contextlib.suppress(OSError):
        return file.read_bytes()
    made = make()
    with contextlib.suppress(OSError):
        handle, path = tempfile.mkstemp(dir=file.parent)
        with os.fdopen(handle, "wb") as out:
            out.write(made)
        os.replace(path, file)
    return made


def arrays(name: str, make: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Like `content`, for arrays by name; a damaged file is made anew."""
    import io

    import numpy as np

    def dump() -> bytes:
        out = io.BytesIO()
        np.savez_compressed(out, **make())
        return out.getvalue()

    for _ in range(2):
        try:
            with np.load(io.BytesIO(content(name, dump)), allow_pickle=False) as found:
                return {key: found[key] for key in found.files}
        except (ValueError, OSError, EOFError, KeyError):
            (folder() / name).unlink(missing_ok=True)
    return make()
