"""Calling a learner's functions: in a throw-away process with a sandbox of its own, over plain data.

    with calls.serve(module) as shipped:
        name = shipped.call("choose", candidates)
        board = shipped.make("Leaderboard", rows=1000)      # an object that lives there
        scores = board.map("submit", [(first,), (second,)])  # one exchange for many calls
        again = shipped.make("Leaderboard.restore", state)  # a class method

Arguments and results are what `plain` can pass. A process sees the arguments of the calls that it answers, and nothing
else of a hold-out. Whatever goes wrong becomes one sentence.
"""

from __future__ import annotations

import contextlib
import json
import math
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Protocol

from course import sandbox
from course.contract.processes import plain
from course.contract.processes.waits import waits
from course.problem import Problem

CHILD = (sys.executable, "-I", "-X", "utf8", str(Path(__file__).parents[1] / "inside" / "callee_child.py"))
#: Address space of the process, bytes of one answer, seconds to start and load a module.
MEMORY_BYTES, MOST_ANSWER, LOAD_S = 6 * 2**30, 64 * 2**20, 30.0
ALLOWED = "plain numbers, text, lists, dicts, arrays or tables"


class CallError(Problem):
    """A call failed. The message is one sentence for the learner."""


class Purse:
    """Seconds that a module may take in all its processes together, on top of what each exchange may.

    What the machine kept it waiting does not count, for at most as long again.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds, self.spent = seconds, 0.0

    @contextlib.contextmanager
    def pay(self, pid: int, file: str) -> Iterator[None]:
        """Charge what happens inside. Raises CallError where the purse is empty."""
        if self.spent > self.seconds:
            raise CallError(f"{file} took more than {self.seconds:g} s in all, so nothing more of it is measured.")
        before, start = waits(pid), time.monotonic()
        try:
            yield
        finally:
            wall, after = time.monotonic() - start, waits(pid)
            delayed = after.delayed - before.delayed if before and after else 0.0
            self.spent += max(wall - delayed, wall / 2)


@dataclass(frozen=True)
class Module:
    """A module that is to be served: its file name, its text, and further files that lie beside it."""

    file: str
    content: bytes
    beside: Mapping[str, bytes]


class Meter(Protocol):
    """Who times exchanges (see `cost.side`)."""

    def timed(self, request: dict, send: Callable[[], bytes]) -> bytes:
        """What `send` returns."""


class Remote:
    """Functions that run elsewhere: those of a module, or the methods of an object that lives there."""

    def __init__(self, shipped: Shipped, on: int | None, title: str):
        self.shipped, self.on, self._title = shipped, on, title

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """What the function called `name` returns. Raises CallError."""
        return self._ask(name, [(args, kwargs)])[0]

    def map(self, name: str, many: Sequence[Sequence[Any]]) -> list[Any]:
        """What it returns for each tuple of arguments, one after another, in one exchange. Raises CallError."""
        return self._ask(name, [(args, {}) for args in many])

    def make(self, name: str, *args: Any, **kwargs: Any) -> Remote:
        """What it returns (an object of a class, say), kept there for further calls. Raises CallError."""
        return Remote(self.shipped, self._ask(name, [(args, kwargs)], keep=True)[0], f"{self._title}{name}.")

    def leaves_alone(self, name: str, *args: Any, **kwargs: Any) -> bool:
        """True if the function, called so, changes none of its arguments; it may return anything. Raises CallError."""
        request = self.shipped.request(self.on, name, [(args, kwargs)], keep=True, watch=True)
        return not self.shipped.exchange(request, self._title + name).get("changed")

    def _ask(self, name: str, calls: Sequence[tuple], keep: bool = False) -> list[Any]:
        request = self.shipped.request(self.on, name, calls, keep=keep)
        return self.shipped.values(self.shipped.exchange(request, self._title + name), len(calls), self._title + name)


class Shipped(Remote):
    """A module in its process. `seconds` is how long one exchange may take; it may be set anew at any time."""

    def __init__(self, process: subprocess.Popen, guard: sandbox.Guard, file: str, seconds: float, purse: Purse):
        super().__init__(self, None, "")
        self.seconds, self._purse = seconds, purse
        self._process, self._guard, self.file = process, guard, file
        self.meter: Meter | None = None  # who times exchanges, if anybody does

    @property
    def pid(self) -> int:
        """The process that was started: bubblewrap, where there is a sandbox."""
        return self._process.pid

    @cached_property
    def program(self) -> int:
        """The process in which the module is loaded."""
        return sandbox.program_of(self._process.pid)

    @property
    def resident_bytes(self) -> int:
        """Memory of the process and all it started, files in memory too; 0 where the system does not say."""
        return sandbox.held(self._process.pid)

    def request(
        self, on: int | None, name: str, calls: Sequence[tuple], *, keep: bool = False, watch: bool = False
    ) -> dict:
        """A request as plain data; with an empty name nothing is called, only the arguments are passed."""
        # Nobody can send an answer ahead who does not know the number that it must have.
        return {"id": secrets.randbits(60), "on": on, "name": name, "calls": list(calls), "keep": keep, "watch": watch}

    def exchange(self, request: dict, name: str) -> dict:
        """Send a request and take the answer: a dict with "values" as bytes. Raises CallError."""
        content = plain.dumps(request)
        send = partial(self.send, content, name)
        return self.checked(self.meter.timed(request, send) if self.meter else send(), request["id"], name)

    def send(self, content: bytes, name: str) -> bytes:
        """Send a request's bytes and take the answer's. Raises CallError."""
        self._guard.allow(self.seconds)
        try:
            with self._purse.pay(self.program, self.file):
                self._process.stdin.write(len(content).to_bytes(8, "big") + content)
                self._process.stdin.flush()
                return self.take(name)
        except OSError:
            raise self.dead(name) from None
        finally:
            self._guard.allow(math.inf)

    def take(self, name: str) -> bytes:
        """The bytes of the next answer. Raises CallError."""
        size = int.from_bytes(self._process.stdout.read(8), "big")
        if size > MOST_ANSWER:
            raise CallError(f"`{name}` returned {size / 1e6:,.0f} MB; at most {MOST_ANSWER / 1e6:.0f} MB are taken.")
        content = self._process.stdout.read(size)
        if not size or len(content) < size:
            raise self.dead(name)
        return content

    def checked(self, content: bytes, number: int | None, name: str) -> dict:
        """An answer as a dict, if it is one and tells of no failure. Raises CallError."""
        try:
            said = plain.loads(content)
        except ValueError:
            said = None
        if not isinstance(said, dict) or said.get("id") != number:
            raise CallError(f"`{name}` gave an answer that can't be read; return {ALLOWED}.")
        if "unpassable" in said:
            raise CallError(f"`{name}` returned {_clean(said['unpassable'])}, which can't be passed: return {ALLOWED}.")
        if "error" in said:
            raise CallError(_failure(said["error"], name, self.file))
        return said

    def values(self, said: dict, count: int, name: str) -> list[Any]:
        """The values of an answer to `count` calls. Raises CallError."""
        try:
            values = plain.loads(said["values"])
            if isinstance(values, list) and len(values) == count:
                return values
        except (ValueError, KeyError, TypeError):
            pass
        raise CallError(f"`{name}` gave an answer that can't be read; return {ALLOWED}.")

    def dead(self, name: str) -> CallError:
        """Why there is no answer."""
        if self._guard.late:
            return CallError(f"`{name}` did not answer within {self.seconds:g} s.")
        if self._guard.reason:
            return CallError(f"{self.file} was stopped while `{name}` ran. {self._guard.reason}")
        return CallError(f"The process that ran {self.file} ended while `{name}` ran; don't end it from inside.")


@contextlib.contextmanager
def serve(
    module: Module, defines: Mapping[str, str] | None = None, *, seconds: float = 10.0, purse: Purse | None = None
) -> Iterator[Shipped]:
    """Run a module in a fresh process, for as long as the context lasts.

    Parameters
    ----------
    defines : names that it must define, each with its signature as learners know it.
    seconds : how long one exchange may take.
    purse : what several processes of the module may take together; without one there is no such limit.

    Raises CallError if it can't be loaded or does not define what it must.
    """
    isolated = not sandbox.problem()
    with tempfile.TemporaryDirectory(dir=sandbox.home(), ignore_cleanup_errors=True) as name:
        folder = Path(name)
        for file, content in {module.file: module.content, **module.beside}.items():
            (folder / file).write_bytes(content)
        task = {"file": module.file, "memory_bytes": MEMORY_BYTES}
        (folder / "task.json").write_text(json.dumps(task), encoding="utf-8")
        environment = sandbox.python_environment("/tmp" if isolated else str(folder))
        before = sandbox.command(read={folder: sandbox.HERE}, environment=environment) if isolated else []
        chdir = ["--chdir", sandbox.HERE] if isolated else []
        process = sandbox.start(
            [*before, *chdir, *CHILD], isolated, environment,
            cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        with sandbox.guarded(process, LOAD_S) as guard:
            purse = purse or Purse(math.inf)
            shipped = Shipped(process, guard, module.file, LOAD_S, purse)
            with purse.pay(process.pid, module.file):
                said = shipped.checked(shipped.take(module.file), None, module.file)
            guard.allow(math.inf)
            shipped.seconds = seconds
            names = said.get("defines")
            for wanted, signature in (defines or {}).items():
                if not isinstance(names, list) or wanted not in names:
                    raise CallError(f"{module.file} does not define `{signature}`.")
            yield shipped


def _failure(error: Any, name: str, file: str) -> str:
    told = error if isinstance(error, dict) else {}
    kind, words, line = _clean(told.get("type", "an error")), _clean(told.get("words", "")), told.get("line")
    where = f" in line {line} of {file}" if isinstance(line, int) and 0 < line < 10**7 else ""
    what = f"{file} can't be loaded" if name == file else f"`{name}` failed"
    return f"{what}: {kind}{where}{f' ({words})' if words else ''}."


def _clean(text: Any) -> str:
    """Words from the other side, as one short line without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())[:200].rstrip(".")


def shown(value: Any, most: int = 80) -> str:
    """A value in a few characters, for a sentence."""
    text = _clean(repr(value))
    return text if len(text) <= most else f"{text[: most - 1]}…"


def mismatch(name: str, args: Sequence[Any], got: Any, expected: str) -> str:
    """The sentence "Called, got, expected" for a function that returned something else than was asked for."""
    called = ", ".join(shown(value, 40) for value in args)
    return f"Called `{name}({called})`: got {shown(got)}, expected {expected}."
