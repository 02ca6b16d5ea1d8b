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
    fitting = [unit for unit in names() if name in (unit, unit.split("-")[0], unit.replace("-", "_"))]
    if not fitting:
        import difflib

        near = difflib.get_close_matches(name, names(), n=1)
        hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(names())}."
        raise UnknownUnit(f"There is no unit called {name!r}. {hint}")
    guest = guests().get(fitting[0])
    return importlib.import_module(guest.entry.module if guest else f"course.units.{fitting[0].replace('-', '_')}").UNIT
