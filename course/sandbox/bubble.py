"""What a sandbox sees: the bubblewrap command that stands before a program, and whether it works here."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from course import threads
from course.guests import guests
from course.key import Key
from course.package import FOLDER
from course.problem import Problem
from course.sandbox import limits

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
        trial = subprocess.run(
            arguments, env=outer_environment(), stdin=subprocess.DEVNULL, capture_output=True, timeout=60
        )
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
        "--dev", "/dev", "--size", str(limits.SHM_BYTES), "--tmpfs", "/dev/shm",
        "--size", str(limits.TMP_BYTES), "--tmpfs", "/tmp",
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
        arguments += [part for folder in guest.secret for part in ("--size", "4096", "--tmpfs", str(folder))]
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


def outer_environment() -> dict[str, str]:
    """bubblewrap's own environment: /proc/1/environ shows it inside, so there is nothing in it."""
    return {"PATH": os.environ.get("PATH", os.defpath)}


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
