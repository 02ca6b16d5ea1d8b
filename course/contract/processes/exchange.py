"""The files that pass between `runner` and its throw-away process. What comes back is not trusted."""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

#: Bytes of arrays that a task may return, of a file that it may write; the word that opens a line of progress.
MOST_RESULT = 256 * 2**20
MOST_FILE = MOST_RESULT + 2**20
PROGRESS = "::progress"


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Save arrays by name as .npz, without pickle. Raises TypeError for objects that are not text."""
    import numpy as np

    with zipfile.ZipFile(path, "w") as file:  # not np.savez: an input called "file" would collide with its argument
        for name, values in arrays.items():
            with file.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, _plain(values, name), allow_pickle=False)


def _plain(values: np.ndarray, name: str) -> np.ndarray:
    import numpy as np

    values = np.asarray(values)
    if values.dtype.kind == "O":
        if not all(isinstance(value, str) for value in values.flat):
            raise TypeError(f"input {name!r} is an array of objects that are not all text")
        values = values.astype(str)
    return values


def with_text(values: np.ndarray) -> np.ndarray:
    """The array as onnxruntime gives it: text as objects, not in fields of fixed width."""
    return values.astype(object) if values.dtype.kind == "U" else values


def read_answer(path: Path) -> dict:
    """The JSON object in the file; empty if there is none."""
    try:
        said = json.loads(path.read_text(encoding="utf-8")) if _regular(path) else {}
    except (OSError, ValueError, RecursionError):
        said = {}
    return said if isinstance(said, dict) else {}


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays of an .npz file by name; empty if there is no regular file of acceptable size.

    Raises ValueError when the file can't be read or is compressed: stored plainly, its size bounds what it holds.
    """
    import numpy as np

    if not _regular(path):
        return {}
    try:
        with zipfile.ZipFile(path) as file:
            if any(member.compress_type != zipfile.ZIP_STORED for member in file.infolist()):
                raise ValueError("compressed")
        with np.load(path, allow_pickle=False) as found:
            return {name: found[name] for name in found.files}
    except (OSError, EOFError, KeyError, MemoryError, NotImplementedError, zipfile.BadZipFile) as error:
        raise ValueError(str(error)) from None


def _regular(path: Path) -> bool:
    """True if there is a regular file of acceptable size."""
    try:
        found = path.lstat()
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size <= MOST_FILE
