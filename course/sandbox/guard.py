"""The guard: looks at a process from outside, and ends it when its time is up or when it has grown too large."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

from course.sandbox import limits, tables
from course.sandbox.processes import Process, kill


class Guard:
    """Ends a process, with all it started, when its time is up or when it has grown too large.

    It looks from outside, because limits that a process sets itself bind neither its children together nor root. What
    a process tree has is read from /proc; where there is none (macOS, Windows) only the time is guarded. Time that it
    waited for a CPU does not count, but for at most as long again: on a machine that is too busy nobody is late for
    that, and whoever keeps himself waiting gains little.
    """

    def __init__(self, process: Process, seconds: float, *, outer: bool = False):
        self._reason, self.late = "", False
        self._tasks = limits.MOST_TASKS * (limits.OUTER_TASKS if outer else 1)
        self._memory = limits.MOST_MEMORY * (limits.OUTER_MEMORY if outer else 1)
        self._patience = 10 if outer else 1
        self._process = process
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.allow(seconds)

    @property
    def reason(self) -> str:
        """Why the process was ended, as a sentence; empty if it was not."""
        if not self._reason and self._process.group and self._process.group.overrun():
            self._reason = self._too_large()
        return self._reason

    def _too_large(self) -> str:
        return f"It used more than {self._memory / 1e9:g} GB of memory."

    def allow(self, seconds: float) -> None:
        """Give the process this many seconds from now."""
        self._seconds, self._until, self._kept_waiting = seconds, time.monotonic() + seconds, 0.0

    def end(self, reason: str) -> None:
        """End the process now."""
        self._reason = self._reason or reason
        kill(self._process)

    def _watch(self) -> None:
        seen, waited = 0, tables.delay_s(self._process.pid)
        while not self._over.wait(limits.LOOK_S):
            before, waited = waited, tables.delay_s(self._process.pid)
            self._kept_waiting += max(waited - before, 0)
            if time.monotonic() > self._until + min(self._kept_waiting, self._seconds):
                self.late = True
                self.end(f"It did not end within {self._seconds:g} s.")
            tasks, memory = tables.size(self._process.pid, self._memory)
            seen = seen + 1 if tasks > self._tasks or memory > self._memory else 0
            if seen >= self._patience:
                many = f"It had more than {self._tasks} processes and threads at once."
                self.end(many if tasks > self._tasks else self._too_large())
            if self.reason:  # the kernel's, too
                kill(self._process)
                return


@contextlib.contextmanager
def guarded(process: Process, seconds: float, *, outer: bool = False) -> Iterator[Guard]:
    """Watch a process (`outer`: one that makes sandboxes itself); in the end it is killed, with all it started."""
    guard = Guard(process, seconds, outer=outer)
    guard._thread.start()
    try:
        yield guard
    finally:
        guard._over.set()
        guard._reason = guard.reason  # the kernel's account goes with the process
        kill(process)
        guard._thread.join()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()
