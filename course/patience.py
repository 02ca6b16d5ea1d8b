"""Limits of time on a machine that may be busy: what counts is the time that a process could have used.

That is wall time less the time that it was ready and had no CPU. Where the system does not say (macOS, Windows) it is
wall time, ten times as much of it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

from course import sandbox

LOOK_S = 0.5
#: Wall time counts so little where nothing is known about waiting.
UNKNOWN = 0.1


class Patience:
    """`is_over` once process `pid` and all it started could have used so many seconds; to be asked now and then."""

    def __init__(self, pid: int, seconds: float):
        self._pid, self._seconds = pid, seconds
        self._told = Path("/proc/self/schedstat").exists()
        self._at, self._waited, self.used = time.monotonic(), sandbox.delay_s(pid), 0.0

    def is_over(self) -> bool:
        """Is it over?"""
        now, waited = time.monotonic(), sandbox.delay_s(self._pid)
        passed = now - self._at
        # A process that has ended takes its waiting with it: then nothing of this look is taken off.
        self.used += max(passed - max(waited - self._waited, 0.0), 0.0) if self._told else passed * UNKNOWN
        self._at, self._waited = now, waited
        return self.used > self._seconds


def finished(process: subprocess.Popen, seconds: float) -> tuple[str, str]:
    """What a process (in a session of its own) writes to its pipes until it ends; whatever it left running is killed.

    Raises subprocess.TimeoutExpired if it has not ended when it could have used so many seconds.
    """
    patience = Patience(process.pid, seconds)
    try:
        while True:
            try:
                return process.communicate(timeout=LOOK_S)
            except subprocess.TimeoutExpired:
                if patience.is_over():
                    raise subprocess.TimeoutExpired(process.args, seconds) from None
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # nothing is left (macOS says the latter)
            if os.name == "posix":
                os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.wait()
