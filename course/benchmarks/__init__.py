"""Benchmarks: one module each with a docstring and `run(quick, progress) -> dict`, and `table(result)` to print it.

Timings are judged here and nowhere else, as ratios of things measured side by side.
"""

from __future__ import annotations

import importlib
import json
import keyword
import pkgutil

from rich.console import Console

from course.problem import Problem


def names() -> list[str]:
    """Every benchmark there is, found by looking. A module whose name would be Python's ends in an underscore."""
    return sorted(module.name.rstrip("_") for module in pkgutil.iter_modules(__path__))


def run(name: str, *, quick: bool, as_json: bool, console: Console) -> None:
    """Run one benchmark and print its table, or JSON. Raises Problem for an unknown name."""
    if name == "list":
        for known in names():
            console.print(f"{known}: {(_module(known).__doc__ or '').partition(chr(10))[0]}")
        return
    if name not in names():
        raise Problem(f"There is no benchmark called {name!r}. There are: {', '.join(names())}.")
    module = _module(name)
    with console.status(name) as status:
        result = module.run(quick, lambda words: status.update(f"{name}: {words}"))
    if as_json:
        print(json.dumps(result, indent=1))
    else:
        console.print(module.table(result))


def _module(name: str):
    return importlib.import_module(f"{__name__}.{name}{'_' * keyword.iskeyword(name)}")
