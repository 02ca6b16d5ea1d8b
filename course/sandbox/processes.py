"""Starting programs, in sandboxes and without, and ending them."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import weakref
from collections.abc import Mapping, Sequence

from course.problem import Problem
from course.sandbox import groups, limits, syscalls
from course.sandbox.bubble import outer_environment


class Process(subprocess.Popen):
    """A program that was started here, and the control group that counts what it has (None: there is none)."""

    group: groups.Group | None = None


def start(
    arguments: Sequence[str], sandboxed: bool, environment: Mapping[str, str], *, outer: bool = False, **more
) -> Process:
    """Start a program in a session of its own; `environment` is all that it sees, unless the sandbox sets it.

    `outer` is for a program that makes sandboxes itself: what they have counts as its own.
    """
    process = _start_inside(list(arguments), outer, **more) if sandboxed else _start(arguments, environment, **more)
    with _counting:
        _running.add(process)
    if _stopped.is_set():
        kill(process)
        raise Problem("The run was stopped.")
    return process


def _start(arguments: Sequence[str], environment: Mapping[str, str], **more) -> Process:
    return Process(list(arguments), env={**environment, **_windows()}, start_new_session=True, **more)


def _start_inside(arguments: list[str], outer: bool, **more) -> Process:
    # The guard shall be the first to see too many tasks: it has a sentence for them.
    tasks = limits.MOST_TASKS * (limits.OUTER_TASKS if outer else 1.2)
    group = groups.made(tasks, limits.MOST_MEMORY * (limits.OUTER_MEMORY if outer else 1))
    reader, writer = os.pipe()
    try:
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(syscalls.program())
        arguments[1:1] = ["--seccomp", str(reader)] * bool(syscalls.program())
        arguments = [*group.enter(), *arguments] if group else arguments
        process = Process(arguments, env=outer_environment(), start_new_session=True, pass_fds=(reader,), **more)
        process.group = group
        return process
    finally:
        os.close(reader)


_running: weakref.WeakSet[Process] = weakref.WeakSet()
_counting, _stopped = threading.Lock(), threading.Event()


def stop_all() -> None:
    """End all programs of this process, in whatever threads they were started, and let none begin any more."""
    _stopped.set()
    with _counting:
        running = list(_running)
    for process in running:
        kill(process)


def _windows() -> dict[str, str]:
    """What a process on Windows can't start without."""
    return {name: os.environ[name] for name in ("SYSTEMROOT", "TEMP", "TMP") if os.name == "nt" and name in os.environ}


def kill(process: Process) -> None:
    """End a process and its group, whatever they are doing; with a sandbox everything in it ends."""
    try:
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except (ProcessLookupError, PermissionError):  # gone already (macOS says so with the latter)
        pass
    process.wait()
    if process.group:
        process.group.remove()
