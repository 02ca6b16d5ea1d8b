"""What the process tables say of a process and all its descendants: tasks, memory, CPU time (0 where there are none).

Resident pages are not all that a process can hold. Shared memory that it let go of, and what lies in sockets and pipes,
is in nobody's resident set: here every shared mapping counts in full, and every socket or pipe for what it may hold.
"""

from __future__ import annotations

import contextlib
import os
from functools import cache
from pathlib import Path

from course.sandbox import limits


def tree(pid: int) -> list[int]:
    """A process and all its descendants, parents first; only itself where the system does not say."""
    found, at = [pid], 0
    while at < len(found):
        with contextlib.suppress(OSError, ValueError):
            for thread in os.listdir(f"/proc/{found[at]}/task"):
                children = Path(f"/proc/{found[at]}/task/{thread}/children").read_text().split()
                found += [child for child in map(int, children) if child not in found]
        at += 1
    return found


def size(pid: int, beyond: float = 0) -> tuple[int, int]:
    """(tasks, bytes of memory) of a process and all its descendants; (0, 0) where the system does not say.

    What is not resident is looked for only where resident pages and address space together are more than `beyond`.
    """
    tasks = resident = address = 0
    family = tree(pid)
    for one in family:
        with contextlib.suppress(OSError, ValueError, IndexError):
            tasks += len(os.listdir(f"/proc/{one}/task"))
            mapped, pages = Path(f"/proc/{one}/statm").read_text().split()[:2]
            resident, address = resident + int(pages) * _page(), address + int(mapped) * _page()
    shared = _shared(family) if resident + address > beyond else 0
    return tasks, resident + shared + _waiting(family)


def _shared(family: list[int]) -> int:
    """Bytes of shared memory without a file that are mapped, but not resident."""
    mapped: dict[str, int] = {}
    resident = 0
    for one in family:
        own: dict[str, int] = {}
        with contextlib.suppress(OSError, ValueError, IndexError):
            for line in Path(f"/proc/{one}/maps").read_text(errors="replace").splitlines():
                if "/dev/zero (deleted)" in line or "/memfd:" in line:
                    span, kind, _, _, inode, *_ = line.split()
                    low, high = (int(end, 16) for end in span.split("-"))
                    own[inode] = own.get(inode, 0) + (high - low) * kind.endswith("s")
            if own:
                status = Path(f"/proc/{one}/status").read_text(errors="replace")
                resident += 1024 * int(status.partition("RssShmem:")[2].split()[0])
        for inode, extent in own.items():
            mapped[inode] = max(mapped.get(inode, 0), extent)
    return max(sum(mapped.values()) - resident, 0)


def _waiting(family: list[int]) -> int:
    """Bytes that may lie in sockets and pipes, where there are many open files."""
    files: list[str] = []
    for one in family:
        with contextlib.suppress(OSError):
            files += [f"/proc/{one}/fd/{name}" for name in os.listdir(f"/proc/{one}/fd")]
    if len(files) <= limits.MANY_FILES:
        return 0
    ends = set()
    for file in files:
        with contextlib.suppress(OSError):
            ends.add(os.readlink(file))
    return limits.SOCKET_BYTES * sum(end.startswith(("socket:", "pipe:")) for end in ends)


def held(pid: int) -> int:
    """Bytes of memory of a process and all its descendants, with the files that a sandbox keeps in memory."""
    inner, files = program_of(pid), 0
    if inner != pid:
        for place in ("tmp", "dev/shm"):
            with contextlib.suppress(OSError):
                found = os.statvfs(os.path.join(f"/proc/{inner}/root", place))
                files += (found.f_blocks - found.f_bfree) * found.f_frsize
    return size(pid)[1] + files


def cpu_s(pid: int) -> float:
    """CPU seconds of a process and its descendants, also of those that are gone, in steps of a clock tick (10 ms)."""
    ticks = 0
    for one in tree(pid):
        with contextlib.suppress(OSError, ValueError, IndexError):
            # The name, in brackets, may hold anything. Fields 14 to 17: user, system, and both of gone children.
            ticks += sum(map(int, Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def delay_s(pid: int) -> float:
    """Seconds that the process which waited longest, of a process and all its descendants, was ready and had no CPU."""
    waited = 0
    for one in tree(pid):
        with contextlib.suppress(OSError, ValueError, IndexError):
            waited = max(waited, int(Path(f"/proc/{one}/schedstat").read_text().split()[1]))
    return waited / 1e9


def program_of(pid: int) -> int:
    """The process that bubblewrap, started as `pid`, runs in its sandbox; `pid` itself if it is not bubblewrap."""
    for one in tree(pid):
        with contextlib.suppress(OSError):
            if Path(f"/proc/{one}/comm").read_text().strip() != "bwrap":
                return one
    return pid


@cache
def _page() -> int:
    return os.sysconf("SC_PAGE_SIZE")
