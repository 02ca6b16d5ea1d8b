"""Where other people's code runs: bubblewrap, no network, no home, nothing of the course but its code.

A sandbox sees the Python installation, the package `course`, fonts and what it is given to read. Everything that it may
write to is memory of a limited size. From outside a guard watches it: time, tasks (processes and threads), memory.

`program` starts a program on a copy of a folder and takes one message of bytes from it (a notebook, the test cells);
`command` is what stands before any other program (a model, a learner's functions).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO

from course import syscalls, threads
from course.guests import guests
from course.key import Key
from course.package import FOLDER
from course.problem import Problem

#: Bytes of what can be written: the working folder of a notebook, /tmp, /dev/shm. All of it is memory.
FOLDER_BYTES, TMP_BYTES, SHM_BYTES = 1_000_000_000, 600_000_000, 100_000_000
#: Tasks (processes and threads) and resident bytes of everything in a sandbox, and how often a guard looks.
MOST_TASKS, MOST_RESIDENT, LOOK_S = 400, 8_000_000_000, 0.1
#: Set inside the sandbox of the test cells: a sandbox within that one is made a little differently.
INSIDE = "COURSE_INSIDE_SANDBOX"
HOW_TO = (
    "Install bubblewrap (Debian, Ubuntu: `apt install bubblewrap`; Fedora: `dnf install bubblewrap`), "
    "or grade in a container."
)
HERE = "/submission"
#: Parts of /proc that are settings of the kernel: root's even in a sandbox, where the grader is root.
_OF_THE_KERNEL = ("sys", "irq", "bus", "scsi", "acpi", "fs", "driver", "tty", "sysrq-trigger")


@cache
def problem() -> str:
    """Why other people's code can't be isolated here, in one sentence; empty if it can."""
    if os.environ.get(INSIDE):
        return ""
    if not sys.platform.startswith("linux"):
        return f"Submissions can only be isolated on Linux. {HOW_TO}"
    if shutil.which("bwrap") is None:
        return f"Submissions can't be isolated: bubblewrap is missing. {HOW_TO}"
    return _refusal([*command(), "true"])


@cache
def nests() -> bool:
    """True if a sandbox can be made within a sandbox: then the test cells get one as well (some hosts forbid it)."""
    inner = command(inside=True)
    return not problem() and not _refusal([*command(within=True), *inner, "true"])


def _refusal(arguments: list[str]) -> str:
    try:
        trial = subprocess.run(arguments, env=_outer(), stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return f"Submissions can't be isolated: bubblewrap does not start here. {HOW_TO}"
    said = trial.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
    return f"Submissions can't be isolated: bubblewrap is refused here ({said[-1]}). {HOW_TO}" * bool(trial.returncode)


def require(secret: Key) -> None:
    """No sandbox, no key: raises Problem where a private key would be used without isolation."""
    if problem() and not secret.open:
        raise Problem(f"{problem()} Until then only the open key may be used for grading.")


def command(
    *,
    read: Mapping[Path, str] | None = None,
    write: Path | None = None,
    environment: Mapping[str, str] | None = None,
    folder_bytes: int = 0,
    within: bool = False,
    inside: bool | None = None,
) -> list[str]:
    """The bubblewrap command that stands before a program.

    Parameters
    ----------
    read : paths that can be read, and where they lie inside.
    write : the folder that is the working folder, and can be changed from inside.
    folder_bytes : instead, the size of a working folder that is memory.
    within : further sandboxes may be made inside (it also shows the limits of this machine's CPU to the canary).
    inside : this is such a sandbox within a sandbox; by default, if `INSIDE` is set.
    """
    inside = bool(os.environ.get(INSIDE)) if inside is None else inside
    arguments = [
        "bwrap", "--die-with-parent", "--new-session", "--unshare-user", "--unshare-pid", "--unshare-net",
        "--unshare-ipc", "--unshare-uts", "--hostname", "grader", "--uid", "65534", "--gid", "65534",
        "--cap-drop", "ALL", *([] if within else ["--disable-userns"]),
        # The kernel mounts /proc in full or not at all. From inside, the outer one shows names, nobody's memory.
        *(["--bind", "/proc", "/proc"] if inside else ["--proc", "/proc"]),
        # A sandbox within this one has to set its own limit of user namespaces there.
        *(part for name in _OF_THE_KERNEL for part in ("--ro-bind-try", *[f"/proc/{name}"] * 2) if not within),
        "--dev", "/dev", "--size", str(SHM_BYTES), "--tmpfs", "/dev/shm", "--size", str(TMP_BYTES), "--tmpfs", "/tmp",
    ]  # fmt: skip
    for top in ("/bin", "/sbin", "/lib", "/lib64", "/lib32"):
        if os.path.islink(top):
            arguments += ["--symlink", os.readlink(top), top]
        elif os.path.isdir(top):
            arguments += ["--ro-bind", top, top]
    for file in ("/etc/ld.so.cache", "/etc/fonts", "/etc/localtime", "/etc/alternatives"):
        arguments += ["--ro-bind-try", file, file]
    if within:
        arguments += ["--ro-bind-try", "/sys/fs/cgroup", "/sys/fs/cgroup"]
    known = [Path("/usr"), Path(sys.prefix), Path(sys.base_prefix), FOLDER]
    for path in dict.fromkeys(path.resolve() for path in known):
        arguments += ["--ro-bind", str(path), str(path)]
    if Path(sys.prefix) != Path(sys.prefix).resolve():
        arguments += ["--ro-bind", sys.prefix, sys.prefix]
    for guest in guests().values():  # elsewhere installed for editing, and its secrets for nobody
        arguments += ["--ro-bind", str(guest.home), str(guest.home)]
        arguments += [part for folder in guest.secret for part in ("--tmpfs", str(folder))]
    for path, place in (read or {}).items():
        arguments += ["--ro-bind", str(path), place]
    if folder_bytes:
        arguments += ["--size", str(folder_bytes), "--tmpfs", HERE, "--chdir", HERE]
    elif write:
        arguments += ["--bind", str(write), HERE, "--chdir", HERE]
    arguments += ["--remount-ro", "/dev", "--remount-ro", "/"]
    for name, value in (environment or {}).items():
        arguments += ["--setenv", name, value]
    return arguments


def _outer() -> dict[str, str]:
    """bubblewrap's own environment: /proc/1/environ shows it inside, so there is nothing in it."""
    return {"PATH": os.environ.get("PATH", os.defpath)}


def start(arguments: Sequence[str], sandboxed: bool, environment: Mapping[str, str], **more) -> subprocess.Popen:
    """Start a program in a session of its own; `environment` is all that it sees, unless the sandbox sets it."""
    process = (_start_inside if sandboxed else _start)(list(arguments), environment, **more)
    with _counting:
        _running.add(process)
    if _stopped.is_set():
        kill(process)
        raise Problem("The run was stopped.")
    return process


def _start(arguments: list[str], environment: Mapping[str, str], **more) -> subprocess.Popen:
    return subprocess.Popen(arguments, env={**environment, **_windows()}, start_new_session=True, **more)


def _start_inside(arguments: list[str], environment: Mapping[str, str], **more) -> subprocess.Popen:
    reader, writer = os.pipe()
    try:
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(syscalls.program())
        arguments[1:1] = ["--seccomp", str(reader)] * bool(syscalls.program())
        return subprocess.Popen(arguments, env=_outer(), start_new_session=True, pass_fds=(reader,), **more)
    finally:
        os.close(reader)


_running: weakref.WeakSet[subprocess.Popen] = weakref.WeakSet()
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


def python_environment(home: str) -> dict[str, str]:
    """What a Python program of the course sees of the environment: nothing of the grader's own."""
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
        "HOME": home,
        "COURSE_DATA": os.devnull,  # a learner's checks leave nothing behind here
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MPLBACKEND": "agg",
        **threads.ONE,
    }


# --- a program that leaves one message ----------------------------------------------------------------------------


class Stopped(Exception):
    """The guard ended a program; the message is one sentence."""


def program(
    arguments: Sequence[str],
    folder: Path,
    *,
    seconds: float,
    most_bytes: int,
    read: Mapping[Path, str] | None = None,
    environment: Mapping[str, str] | None = None,
    within: bool = False,
    isolated: bool | None = None,
) -> bytes:
    """Run a program on a copy of `folder` and return what it wrote to its standard output.

    Inside, the copy is the working folder: the program finds it at `$COURSE_INPUT` and copies what it needs. All it
    started is killed in the end. Raises Stopped for a program that takes too long, says too much, or grows too large.
    """
    isolated = not problem() if isolated is None else isolated
    with scratch() as outside:
        if isolated:
            given = {"COURSE_INPUT": "/input", **python_environment(HERE), **(environment or {})}
            where = {folder: "/input", **(read or {})}
            before = command(read=where, folder_bytes=FOLDER_BYTES, within=within, environment=given, inside=False)
        else:
            given = {"COURSE_INPUT": str(folder), **python_environment(str(outside)), **(environment or {})}
            before = []
        with tempfile.TemporaryFile() as errors:  # not a pipe: what is written there would fill this process
            process = start(
                [*before, *arguments], isolated, given,
                cwd=outside, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
            )  # fmt: skip
            with guarded(process, seconds, outer=within) as guard:
                message = _take(process.stdout, most_bytes, guard)
                reason = guard.reason
                if not isolated:  # a sandbox leaves nothing behind, and is not asked to end
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        process.wait(5)
        if reason:
            raise Stopped(reason)
        return message


def _take(pipe: IO[bytes], most: int, guard: Guard) -> bytes:
    parts, size = [], 0
    while part := pipe.read1(2**20):
        size += len(part)
        if size > most:
            guard.end("It left more than can be taken back.")
            return b""
        parts.append(part)
    return b"".join(parts)


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is removed in the end, whatever lies in it: rmtree gives up on folders 1,000 deep."""
    folder = Path(tempfile.mkdtemp(prefix="course-"))
    try:
        yield folder
    finally:
        if os.name == "posix":
            subprocess.run(["rm", "-rf", "--", str(folder)], stderr=subprocess.DEVNULL, check=False)
        else:
            shutil.rmtree(folder, ignore_errors=True)


# --- the guard ----------------------------------------------------------------------------------------------------


class Guard:
    """Ends a process, with all it started, when its time is up or when it has grown too large.

    It looks from outside, because limits that a process sets itself bind neither its children together nor root. What
    a process tree has is read from /proc; where there is none (macOS, Windows) only the time is guarded. Time that it
    waited for a CPU does not count, but for at most as long again: on a machine that is too busy nobody is late for
    that, and whoever keeps himself waiting gains little.
    """

    def __init__(self, process: subprocess.Popen, seconds: float, *, outer: bool = False):
        self.reason, self.late = "", False
        # Sandboxes inside have guards of their own, and those must be the first to see that something is too large.
        self._tasks, self._resident = MOST_TASKS * (10 if outer else 1), MOST_RESIDENT * (1.5 if outer else 1)
        self._patience = 10 if outer else 1
        self._process = process
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.allow(seconds)

    def allow(self, seconds: float) -> None:
        """Give the process this many seconds from now."""
        self._seconds, self._until, self._kept_waiting = seconds, time.monotonic() + seconds, 0.0

    def end(self, reason: str) -> None:
        """End the process now."""
        self.reason = self.reason or reason
        kill(self._process)

    def _watch(self) -> None:
        seen, waited = 0, delay_s(self._process.pid)
        while not self._over.wait(LOOK_S):
            before, waited = waited, delay_s(self._process.pid)
            self._kept_waiting += max(waited - before, 0)
            if time.monotonic() > self._until + min(self._kept_waiting, self._seconds):
                self.late = True
                self.end(f"It did not end within {self._seconds:g} s.")
            tasks, resident = size(self._process.pid)
            seen = seen + 1 if tasks > self._tasks or resident > self._resident else 0
            if seen < self._patience:
                pass
            elif tasks > self._tasks:
                self.end(f"It had more than {self._tasks} processes and threads at once.")
            else:
                self.end(f"It used more than {self._resident / 1e9:g} GB of memory.")
            if self.reason:
                return


@contextlib.contextmanager
def guarded(process: subprocess.Popen, seconds: float, *, outer: bool = False) -> Iterator[Guard]:
    """Watch a process (`outer`: one that makes sandboxes itself); in the end it is killed, with all it started."""
    guard = Guard(process, seconds, outer=outer)
    guard._thread.start()
    try:
        yield guard
    finally:
        guard._over.set()
        kill(process)
        guard._thread.join()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()


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


def size(pid: int) -> tuple[int, int]:
    """(tasks, resident bytes) of a process and all its descendants; (0, 0) where the system does not say."""
    tasks = resident = 0
    for one in tree(pid):
        with contextlib.suppress(OSError, ValueError, IndexError):
            tasks += len(os.listdir(f"/proc/{one}/task"))
            resident += int(Path(f"/proc/{one}/statm").read_text().split()[1]) * _page()
    return tasks, resident


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


def kill(process: subprocess.Popen) -> None:
    """End a process and its group, whatever they are doing; with a sandbox everything in it ends."""
    try:
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except (ProcessLookupError, PermissionError):  # gone already (macOS says so with the latter)
        pass
    process.wait()
