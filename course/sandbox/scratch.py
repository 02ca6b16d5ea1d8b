"""Folders for a while, that are gone afterwards whatever happens: also when this process is killed.

A process has one folder for all of them. Beside it waits a shell in a session of its own that does nothing until this
process is gone, and then removes the folder, and the control groups that were left.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from course.sandbox import groups
from course.sandbox.bubble import INSIDE

#: Waits for the end of its input. What was in a sandbox may take a moment to end, and write until then.
_KEEPER = """
cat > /dev/null
for turn in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    rm -rf -- "$1"
    left=
    for parent in "$3" "$4"; do
        for group in "$parent/$2"*; do
            if [ -d "$group" ]; then rmdir "$group" || left=1; fi
        done
    done
    if [ ! -e "$1" ] && [ -z "$left" ]; then exit 0; fi
    sleep 0.1
done
"""


def home() -> Path:
    """The folder of this process in which scratch folders are made."""
    return _home(os.getpid())


@cache
def _home(pid: int) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="course-"))
    if os.name != "posix" or os.environ.get(INSIDE):  # what is in a sandbox goes with it
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        return folder
    parents = [str(parent) for parent in kind.parents] if (kind := groups.known()) else []
    keeper = subprocess.Popen(
        ["/bin/sh", "-c", _KEEPER, "sh", str(folder), groups.NAME, *parents, *["/nowhere"] * (2 - len(parents))],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", start_new_session=True,
    )  # fmt: skip

    def end() -> None:
        if os.getpid() == pid:
            keeper.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                keeper.wait(5)

    atexit.register(end)
    return folder


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is removed in the end, whatever lies in it: rmtree gives up on folders 1,000 deep."""
    folder = Path(tempfile.mkdtemp(dir=home()))
    try:
        yield folder
    finally:
        if os.name == "posix":
            subprocess.run(["rm", "-rf", "--", str(folder)], stderr=subprocess.DEVNULL, check=False)
        else:
            shutil.rmtree(folder, ignore_errors=True)
