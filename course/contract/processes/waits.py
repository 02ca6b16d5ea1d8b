"""What the machine is to blame for: how long a process and this thread were ready to run and had no CPU (Linux)."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Waits:
    """Seconds since the start of both: `delayed`, that they waited for a CPU together; `ran`, that this thread ran."""

    delayed: float
    ran: float


def waits(pid: int) -> Waits | None:
    """Of the process `pid`, all its threads, and of the calling thread; None where the system does not say."""
    try:
        ran, delayed, _ = map(int, Path("/proc/thread-self/schedstat").read_text().split())
        for task in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError):
                delayed += int(Path(f"/proc/{pid}/task/{task}/schedstat").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return Waits(delayed * 1e-9, ran * 1e-9)
