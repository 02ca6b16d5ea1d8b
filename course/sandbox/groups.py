"""A control group for each sandbox, where the system lets us make one: the kernel counts memory and tasks itself.

The kernel's account has everything: pages that nobody maps any more, files in memory, what lies in sockets. It is asked
for under the group of this process, so limits above stay as they are. Version 2 lets us where the group was delegated
(`systemd-run --user --scope -p Delegate=yes COMMAND`), version 1 where this is root. Elsewhere `tables` has to do.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import sys
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

MOUNT = Path("/sys/fs/cgroup")
#: Names of groups begin with this and the process that made them; where processes of a delegated group are moved to.
NAME, MAIN = f"course-{os.getpid()}-", "course-main"
_numbers = itertools.count()


@dataclass(frozen=True)
class Kind:
    """A version of control groups: the folders in which groups are made, and its names of files."""

    version: int
    parents: tuple[Path, ...]

    @property
    def memory(self) -> str:
        """The file that holds the limit of memory."""
        return "memory.max" if self.version == 2 else "memory.limit_in_bytes"

    @property
    def events(self) -> str:
        """The file that tells how many processes were ended because the group had too much memory."""
        return "memory.events" if self.version == 2 else "memory.oom_control"


@dataclass(frozen=True)
class Group:
    """One sandbox's group, a folder for each hierarchy that it is in."""

    kind: Kind
    folders: tuple[Path, ...]

    def enter(self) -> list[str]:
        """What stands before a command that is to run in the group."""
        files = [str(folder / "cgroup.procs") for folder in self.folders]
        into = "; ".join(f'echo 0 > "${number}" || exit 1' for number, _ in enumerate(files, 1))
        return ["/bin/sh", "-c", f'{into}; shift {len(files)}; exec "$@"', "sh", *files]

    def overrun(self) -> bool:
        """True if the kernel had to end something of the group, for want of memory."""
        said = _read(self.folders[0] / self.kind.events)
        return any(line.split()[1] != "0" for line in said.splitlines() if line.startswith("oom_kill "))

    def remove(self) -> None:
        """Give the group back. Its processes were killed; the kernel may take a moment."""
        for folder in self.folders:
            for _ in range(200):
                try:
                    folder.rmdir()
                    break
                except FileNotFoundError:
                    break
                except OSError:
                    time.sleep(0.005)


def made(tasks: float, memory: float) -> Group | None:
    """A new group with these limits, or None where there can be none."""
    kind = known()
    if kind is None:
        return None
    name = f"{NAME}{next(_numbers)}"
    group = Group(kind, tuple(parent / name for parent in kind.parents))
    try:
        for folder in group.folders:
            folder.mkdir()
        (group.folders[0] / kind.memory).write_text(str(int(memory)))
        (group.folders[-1] / "pids.max").write_text(str(int(tasks)))
    except OSError:
        group.remove()
        return None
    with contextlib.suppress(OSError):  # version 2 has it where there is swap
        (group.folders[0] / "memory.swap.max").write_text("0")
    return group


@cache
def known() -> Kind | None:
    """Which control groups this process may make, found by trying; None: none."""
    if not sys.platform.startswith("linux"):
        return None
    for kind in _candidates(_read(Path("/proc/self/cgroup"))):
        trial = [parent / f"{NAME}trial" for parent in kind.parents]
        try:
            for folder in trial:
                folder.mkdir()
            if (trial[0] / kind.memory).is_file() and (trial[-1] / "pids.max").is_file():
                return kind
        except OSError:
            pass
        finally:
            for folder in trial:
                with contextlib.suppress(OSError):
                    folder.rmdir()
    return None


def _candidates(said: str) -> list[Kind]:
    """Where to try, from the text of /proc/self/cgroup."""
    own = {}
    for line in said.splitlines():
        number, _, rest = line.partition(":")
        names, _, path = rest.partition(":")
        own |= dict.fromkeys(["2"] if number == "0" else names.split(","), path.lstrip("/"))
    found = []
    if "2" in own and (MOUNT / "cgroup.controllers").is_file():
        folder = MOUNT / own["2"]
        folder = folder.parent if folder.name == MAIN else folder
        if _delegated(folder):
            found.append(Kind(2, (folder,)))
    if {"memory", "pids"} <= own.keys():
        # In a container the path may be the host's; its own group is then the mount itself.
        inner = [(MOUNT / name, MOUNT / name / own[name]) for name in ("memory", "pids")]
        found.append(Kind(1, tuple(path if path.is_dir() else mount for mount, path in inner)))
    return found


def _delegated(folder: Path) -> bool:
    """Have groups below this one limits of memory and tasks? Where it holds this process alone, it is arranged so."""
    switch = folder / "cgroup.subtree_control"
    wanted = {"memory", "pids"}
    if wanted <= set(_read(switch).split()):
        return True
    if not wanted <= set(_read(folder / "cgroup.controllers").split()):
        return False
    if _read(folder / "cgroup.procs").split() != [str(os.getpid())]:
        return False  # others are in it, who are not ours to move
    try:
        (folder / MAIN).mkdir(exist_ok=True)
        (folder / MAIN / "cgroup.procs").write_text(str(os.getpid()))
        switch.write_text("+memory +pids")
    except OSError:
        with contextlib.suppress(OSError):
            (folder / "cgroup.procs").write_text(str(os.getpid()))
        return False
    return True


def in_words() -> str:
    """Which account is in force, for a person."""
    kind = known()
    if kind:
        return f"memory and tasks are counted by the kernel (control groups, version {kind.version})"
    return (
        "memory and tasks are counted from the process tables; for the kernel's own account start it with: "
        "systemd-run --user --scope -p Delegate=yes COMMAND"
    )


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
