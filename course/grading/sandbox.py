"""Where a student's notebook runs when it is graded: bubblewrap, no network, no home, nothing of the course but code.

The sandbox sees the Python installation, the package `course`, fonts and the cache of public artefacts, all read-only,
and one folder of its own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import course
from course.key import Key
from course.problem import Problem

#: What /tmp may hold inside: it is memory.
TMP_BYTES = "500000000"
HOW_TO = (
    "Install bubblewrap (Debian, Ubuntu: `apt install bubblewrap`; Fedora: `dnf install bubblewrap`), "
    "or grade in a container."
)


@cache
def problem() -> str:
    """Why submissions can't be isolated here, in one sentence; empty if they can."""
    if not sys.platform.startswith("linux"):
        return f"Submissions can only be isolated on Linux. {HOW_TO}"
    if shutil.which("bwrap") is None:
        return f"Submissions can't be isolated: bubblewrap is missing. {HOW_TO}"
    try:
        trial = subprocess.run(
            [*command(Path(os.devnull).parent), sys.executable, "-c", ""], env=_outer(), capture_output=True, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return f"Submissions can't be isolated: bubblewrap does not start here. {HOW_TO}"
    if trial.returncode:
        said = trial.stderr.decode(errors="replace").strip().splitlines()
        return (
            f"Submissions can't be isolated: bubblewrap is refused here ({said[-1] if said else 'no reason'}). {HOW_TO}"
        )
    return ""


def require(secret: Key) -> None:
    """No sandbox, no key: raises Problem where a private key would be used without isolation."""
    if problem() and not secret.open:
        raise Problem(f"{problem()} Until then only the open key may be used for grading.")


def command(folder: Path, *, extra: tuple[Path, ...] = ()) -> list[str]:
    """The bubblewrap command before which a program runs with `folder` as its own and `extra` to read."""
    package = Path(course.__file__).parent
    read = [Path("/usr"), Path(sys.prefix), Path(sys.base_prefix), package, *extra]
    arguments = [
        "bwrap", "--die-with-parent", "--new-session", "--unshare-all", "--unshare-user", "--disable-userns",
        "--uid", "65534", "--gid", "65534", "--cap-drop", "ALL", "--hostname", "grader",
        "--proc", "/proc", "--dev", "/dev", "--size", TMP_BYTES, "--tmpfs", "/tmp", "--tmpfs", "/home",
    ]  # fmt: skip
    for top in ("/bin", "/sbin", "/lib", "/lib64", "/lib32"):
        if os.path.islink(top):
            arguments += ["--symlink", os.readlink(top), top]
        elif os.path.isdir(top):
            arguments += ["--ro-bind", top, top]
    for file in ("/etc/ld.so.cache", "/etc/fonts", "/etc/localtime", "/etc/alternatives"):
        arguments += ["--ro-bind-try", file, file]
    for path in dict.fromkeys(path.resolve() for path in read if path.exists()):
        arguments += ["--ro-bind", str(path), str(path)]
    if Path(sys.prefix) != Path(sys.prefix).resolve():
        arguments += ["--ro-bind", sys.prefix, sys.prefix]
    return [*arguments, "--bind", str(folder), "/submission", "--chdir", "/submission"]


def _outer() -> dict[str, str]:
    """bubblewrap's own environment: /proc/1/environ shows it inside, so there is nothing in it."""
    return {"PATH": os.environ.get("PATH", os.defpath)}


def run(
    arguments: list[str], folder: Path, environment: dict[str, str], *, seconds: float, read: tuple[Path, ...] = ()
) -> subprocess.CompletedProcess:
    """Run a program on a student's code, isolated where that is possible; killed with all it started after `seconds`.

    Raises subprocess.TimeoutExpired. Standard output and error are capped by going to files in a place of their own.
    """
    isolated = not problem()
    inside = "/submission" if isolated else str(folder)
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
        "HOME": inside,
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MPLBACKEND": "agg",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    } | environment
    if isolated:
        settings = [part for name, value in environment.items() for part in ("--setenv", name, value)]
        arguments = [*command(folder, extra=read), *settings, *arguments]
    with tempfile.TemporaryFile() as errors:  # not a pipe: what is written there would fill this process
        process = subprocess.Popen(
            arguments,
            cwd=folder,
            env=_outer() if isolated else environment | _windows(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )
        try:
            process.wait(timeout=seconds)
        finally:
            _kill(process)
        errors.seek(max(errors.seek(0, os.SEEK_END) - 4000, 0))
        return subprocess.CompletedProcess(arguments, process.returncode, b"", errors.read(4000))


def _windows() -> dict[str, str]:
    """What a process on Windows can't start without."""
    return {name: os.environ[name] for name in ("SYSTEMROOT", "TEMP") if name in os.environ}


def _kill(process: subprocess.Popen) -> None:
    """End a process and all it started, also what outlived it in its session."""
    import contextlib
    import signal

    with contextlib.suppress(ProcessLookupError, PermissionError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()
