"""The canary: can this machine give a fair verdict on latency just now?

Busy neighbours are what the protocol is made for. What it can't make up for is a CPU that is taken away in the middle
of a call: by a quota on the container, or by the host of a virtual machine. Linux says so; where nothing is said, the
machine counts as fair (macOS, Windows: untested).

The functions that take text need no machine; `look` reads this one.
"""

from __future__ import annotations

import contextlib
import math
import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

#: CPUs that one grader needs, and the largest share of wanted CPU time that the host may keep. Both are choices.
NEEDED, MOST_STOLEN = 1.0, 0.1
CGROUPS = PurePosixPath("/sys/fs/cgroup")


@dataclass(frozen=True)
class Look:
    """One look at the machine. Of the counters only differences between two looks mean something.

    `cpus` that this process may use, `quota` in CPUs (infinite if there is none), `throttled`: times that a cgroup was
    held back, `stolen` of `wanted`: ticks that the host kept of those in which something was to run.
    """

    cpus: int
    quota: float
    throttled: int
    stolen: int
    wanted: int


def look() -> Look:
    """Look at this machine now; what can't be read counts as fair."""
    stolen, wanted = steal(_read("/proc/stat"))
    levels = folders(_read("/proc/self/cgroup"))
    return Look(
        cpus=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        quota=min((_quota(folder) for folder in levels), default=math.inf),
        throttled=sum(throttled(_read(folder / "cpu.stat")) for folder in levels),
        stolen=stolen,
        wanted=wanted,
    )


def unfair(before: Look, after: Look, needed: float = NEEDED) -> str:
    """Why what was measured between two looks is not fair, as the start of a sentence; empty if it is."""
    usable = min(after.cpus, after.quota)
    if usable < needed:
        return f"This machine may use only {usable:.3g} of the {needed:g} CPU that measuring needs"
    if after.throttled > before.throttled:
        return "This machine was held back by its CPU quota while it measured"
    stolen, wanted = after.stolen - before.stolen, after.wanted - before.wanted
    if wanted > 0 and stolen > MOST_STOLEN * wanted:
        return f"The host of this virtual machine kept {stolen / wanted:.0%} of its CPU time while it measured"
    return ""


def quota(cpu_max: str) -> float:
    """CPUs from the text of cgroup 2's `cpu.max` ("quota period"); infinite for "max" and for what can't be read."""
    allowed, _, period = cpu_max.strip().partition(" ")
    try:
        return _cpus(int(allowed), int(period or 100_000))
    except ValueError:
        return math.inf


def quota_v1(quota_us: str, period_us: str) -> float:
    """CPUs from the texts of cgroup 1's `cpu.cfs_quota_us` and `cpu.cfs_period_us`; infinite for -1 (no quota)."""
    try:
        return _cpus(int(quota_us), int(period_us))
    except ValueError:
        return math.inf


def _cpus(allowed: int, period: int) -> float:
    return allowed / period if allowed > 0 and period > 0 else math.inf


def throttled(cpu_stat: str) -> int:
    """How often the cgroup was throttled, from the text of its `cpu.stat`; 0 if it does not say."""
    for line in cpu_stat.splitlines():
        name, _, value = line.partition(" ")
        if name == "nr_throttled" and value.strip().isdecimal():
            return int(value)
    return 0


def steal(stat: str) -> tuple[int, int]:
    """(stolen, wanted) ticks of all CPUs since the start, from the text of `/proc/stat`; (0, 0) if it does not say."""
    for line in stat.splitlines():
        name, *fields = line.split()
        if name == "cpu" and len(fields) >= 8 and all(field.isdecimal() for field in fields[:8]):
            user, nice, system, _idle, _iowait, irq, softirq, stolen = map(int, fields[:8])
            return stolen, user + nice + system + irq + softirq + stolen
    return 0, 0


def folders(cgroup: str) -> list[PurePosixPath]:
    """Where the limits of this process may be, from the text of `/proc/self/cgroup`: its CPU cgroups and all above.

    In a container the path may be the host's and not be there; its last ancestor, the mount itself, always is.
    """
    found: dict[PurePosixPath, None] = {}
    for line in cgroup.splitlines():
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if number != "0" and "cpu" not in controllers.split(","):
            continue
        mount = CGROUPS / controllers  # version 2 names no controllers and lies right there
        inner = mount / path.lstrip("/")
        found |= dict.fromkeys(folder for folder in (inner, *inner.parents) if folder.is_relative_to(mount))
    return list(found)


def _quota(folder: PurePosixPath) -> float:
    old = quota_v1(_read(folder / "cpu.cfs_quota_us"), _read(folder / "cpu.cfs_period_us"))
    return min(quota(_read(folder / "cpu.max")), old)


def _read(path: PurePosixPath | str) -> str:
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return Path(path).read_text(encoding="utf-8")
    return ""
