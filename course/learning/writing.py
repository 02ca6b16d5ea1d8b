"""`%%writefile` that loses nobody's work, in a notebook that has called `course.unit`.

A cell with nothing but a stub never writes over a file that holds more (Validate and Run All run stubs, whoever wrote
the module in an editor). A cell that replaces what no cell wrote keeps the former file beside it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sys
from pathlib import Path

from course.learning.progress import Progress
from course.notebooks import essence

#: What cells wrote, as digests: that may be written over. The last so many are remembered.
MEMORY, MOST = "written.txt", 2_000


def install() -> None:
    """Put it in place of IPython's own in this notebook; elsewhere do nothing."""
    ipython = sys.modules.get("IPython")
    shell = ipython and ipython.get_ipython()
    own = shell and shell.find_cell_magic("writefile")
    if not own or hasattr(own, "careful"):
        return

    def writefile(line: str, cell: str) -> None:
        """Write the cell to a file, but for a stub over a file that holds more; see IPython's %%writefile."""
        words = line.split()
        path = Path(os.path.expanduser(line.strip().strip("\"'")))
        if any(word in ("-a", "--append") for word in words) or not path.is_file() or not _spares(path, cell):
            own(line, cell)
        else:
            return
        with contextlib.suppress(OSError):
            _remember(path.read_bytes())

    writefile.careful = True
    shell.register_magic_function(writefile, "cell")


def _spares(path: Path, cell: str) -> bool:
    """True if the file must stay. Where a file is replaced that no cell wrote, it is kept beside it first."""
    there = path.read_bytes()
    ours = {line.strip() for line in cell.splitlines()} | {""}
    if any(line.strip() not in ours for line in there.decode("utf-8", "replace").splitlines()):
        if not essence(cell).strip():
            print(
                f"{path.name} was left as it is: it holds more than this cell, which is still the stub. "
                f"Write into one of them; the file is what is measured."
            )
            return True
        if there != cell.encode() and not _is_known(there):
            kept = next(at for n in range(1, 10_000) if not (at := path.with_name(f"{path.name}.before-{n}")).exists())
            shutil.copyfile(path, kept)
            print(f"{path.name} held something that no cell wrote: it is kept beside it, as {kept.name}.")
    return False


def _memory() -> Path:
    return Progress().file.parent / MEMORY


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _is_known(content: bytes) -> bool:
    try:
        return _digest(content) in _memory().read_text(encoding="utf-8").split()
    except (OSError, ValueError):
        return False


def _remember(content: bytes) -> None:
    file = _memory()
    with contextlib.suppress(OSError, ValueError):
        known = file.read_text(encoding="utf-8").split() if file.is_file() else []
        digest = _digest(content)
        if digest not in known:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("\n".join([*known, digest][-MOST:]) + "\n", encoding="utf-8")
