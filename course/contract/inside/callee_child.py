"""The other side of `calls`: a throw-away process that runs a learner's module and answers calls of its functions.

Started as a file, in a folder that holds the module and `task.json`. Requests come on standard input and answers go to
what was standard output, each as 8 bytes of length and the bytes of `plain`. Everything here may be changed by the
module that it runs: nothing that it says is trusted.
"""

from __future__ import annotations

import contextlib
import json
import operator
import os
import sys
import traceback
import types
from collections.abc import Callable
from importlib.abc import MetaPathFinder
from pathlib import Path


def main() -> None:
    """Load the module, say what it defines, and answer until there are no more requests."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    sink = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(sink, descriptor)
    task = json.loads(Path("task.json").read_text(encoding="utf-8"))
    _limit(task["memory_bytes"])
    # Isolated mode leaves out the package's own folder unless it is installed.
    sys.path.append(str(Path(__file__).resolve().parents[3]))
    from course.contract.processes import plain

    _alone()

    def answer(value: object) -> None:
        content = plain.dumps(value)
        answers.write(len(content).to_bytes(8, "big") + content)
        answers.flush()

    file = task["file"]
    try:
        module = load(file)
    except BaseException as error:
        answer({"error": told(error, file)})
        return
    answer({"defines": sorted(name for name in vars(module) if not name.startswith("__"))})
    held: list[object] = []
    while size := requests.read(8):
        request = plain.loads(requests.read(int.from_bytes(size, "big")))
        said = {"id": request["id"]}
        try:
            said |= _do(request, module, held, plain.dumps)
            said["values"] = plain.dumps(said["values"])
        except plain.Unpassable as error:
            said = {"id": request["id"], "unpassable": str(error)}
        except BaseException as error:  # whatever it is, the course wants to tell the learner
            said = {"id": request["id"], "error": told(error, file)}
        answer(said)


def load(file: str) -> types.ModuleType:
    """Run the module's file, as an import would."""
    module = types.ModuleType(Path(file).stem)
    module.__file__ = file
    sys.modules[module.__name__] = module
    exec(compile(Path(file).read_bytes(), file, "exec"), vars(module))
    return module


class _Alone(MetaPathFinder):
    """Finds no package `course`: where a module is shipped to there is none."""

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:
        if fullname.partition(".")[0] == "course":
            raise ImportError("it must stand alone; where it runs there is no package `course`")


def _alone() -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "course"]:
        del sys.modules[name]
    sys.meta_path.insert(0, _Alone())


def _do(request: dict, module: types.ModuleType, held: list[object], dumps: Callable[[object], bytes]) -> dict:
    name = request["name"]
    if not name:  # only what passing the arguments costs
        return {"values": [None] * len(request["calls"])}
    home = module if request["on"] is None else held[request["on"]]
    function, values, changed = operator.attrgetter(name)(home), [], False
    for args, kwargs in request["calls"]:
        before = dumps([args, kwargs]) if request["watch"] else b""
        value = function(*args, **kwargs)
        changed = changed or (request["watch"] and dumps([args, kwargs]) != before)
        if request["keep"]:
            held.append(value)
            value = len(held) - 1
        values.append(value)
    return {"values": values, "changed": changed}


def told(error: BaseException, file: str) -> dict:
    """An exception as plain data: its type, its words, and the last line of the module that it passed."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    if isinstance(error, SyntaxError) and error.filename == file:
        lines = [error.lineno]
    words = error.msg if isinstance(error, SyntaxError) else ""
    with contextlib.suppress(Exception):
        words = words or str(error)
    return {"type": type(error).__name__, "words": words[:300], "line": lines[-1] if lines else None}


def _limit(memory_bytes: int) -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    for name, most in (("RLIMIT_AS", memory_bytes), ("RLIMIT_FSIZE", 100_000_000), ("RLIMIT_CORE", 0)):
        which = getattr(resource, name, None)
        if which is not None:
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(which, (most, most))


if __name__ == "__main__":
    main()
