"""The units of the course: one module each, found by looking, no list to edit; and those that packages bring."""

from __future__ import annotations

import importlib
import pkgutil
import re
from functools import cache
from typing import TYPE_CHECKING

from course.guests import guests
from course.problem import Problem

if TYPE_CHECKING:
    from course.units.base import Unit

_MODULE = re.compile(r"[fq]\d\d_\w+")


class UnknownUnit(Problem):
    """There is no unit of that name; the message says which there are."""


@cache
def names() -> tuple[str, ...]:
    """Names of all units, in the order of the course: foundations (f), questions (q), those from elsewhere (x)."""
    return (*own(), *guests())


@cache
def own() -> tuple[str, ...]:
    """Names of the course's own units."""
    found = (module.name for module in pkgutil.iter_modules(__path__))
    return tuple(sorted(name.replace("_", "-") for name in found if _MODULE.fullmatch(name)))


def load(name: str) -> Unit:
    """The unit called `name` (`f01-shrink-ensemble`, or just `f01`). Raises UnknownUnit."""
    typed = name.lower().replace("_", "-")
    fitting = [unit for unit in names() if typed in (unit, unit.split("-")[0])]
    if not fitting:
        near = _near(typed)
        hint = f"Did you mean {near}?" if near else f"There are: {', '.join(names())}."
        raise UnknownUnit(f"There is no unit called {name!r}. {hint}")
    guest = guests().get(fitting[0])
    return importlib.import_module(guest.entry.module if guest else f"course.units.{fitting[0].replace('-', '_')}").UNIT


def _near(typed: str) -> str:
    """The unit that was probably meant; empty if none is near: q2 for q02, fraud for q02-card-fraud, a slip."""
    import difflib

    short = re.fullmatch(r"([a-z])0*(\d)", typed)
    wanted = f"{short[1]}0{short[2]}" if short else typed
    for fits in (lambda unit: unit.startswith(f"{wanted}-"), lambda unit: len(wanted) > 2 and wanted in unit):
        if found := [unit for unit in names() if fits(unit)]:
            return found[0]
    words = {part: unit for unit in reversed(names()) for part in (*unit.split("-"), unit.partition("-")[2], unit)}
    near = difflib.get_close_matches(wanted, words, n=1)
    return words[near[0]] if near else ""
