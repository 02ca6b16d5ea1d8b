"""A program that leaves one message of bytes: a notebook that is run, the test cells."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from course.sandbox import limits
from course.sandbox.bubble import HERE, command, problem, python_environment
from course.sandbox.guard import Guard, guarded
from course.sandbox.processes import start
from course.sandbox.scratch import scratch


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
            before = command(
                read=where, folder_bytes=limits.FOLDER_BYTES, within=within, environment=given, inside=False
            )
        else:
            given = {"COURSE_INPUT": str(folder), **python_environment(str(outside)), **(environment or {})}
            before = []
        with tempfile.TemporaryFile() as errors:  # not a pipe: what is written there would fill this process
            process = start(
                [*before, *arguments], isolated, given, outer=within,
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
