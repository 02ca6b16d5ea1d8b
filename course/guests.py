"""Units from elsewhere: installed packages that bring units of their own, found by the entry point `course.units`.

An entry names the unit and its module, `x01-shop-search = "ours_shop_search.units.x01_shop_search"`. Beside `units/`
the package holds what a checkout has for the course's own: `source/NAME/`, `release/NAME/`, `rehearsals/MODULE.py`.
Names begin with x and two digits, so they never meet one of the course's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path

from course.problem import Problem

GROUP = "course.units"
_NAME = re.compile(r"x\d\d-[a-z0-9][a-z0-9-]*")


class GuestProblem(Problem):
    """A package brings a unit in a way that can't be used; the message says what to do."""


@dataclass(frozen=True)
class Guest:
    """A unit from elsewhere: its name, the distribution that brings it, the entry point, the folder of its package."""

    name: str
    distribution: str
    entry: EntryPoint

    @property
    def home(self) -> Path:
        """The folder that holds units/, source/, release/ and rehearsals/."""
        top = self.entry.module.split(".")[0]
        spec = find_spec(top)
        if spec is None or not spec.submodule_search_locations:
            raise GuestProblem(f"{self.distribution} names the package {top} for {self.name}, and there is none.")
        return Path(next(iter(spec.submodule_search_locations))).resolve()

    @property
    def secret(self) -> tuple[Path, ...]:
        """Folders that no student's code may read: lessons with their solutions, rehearsals."""
        return tuple(folder for part in ("source", "rehearsals") if (folder := self.home / part).is_dir())


@cache
def guests() -> dict[str, Guest]:
    """All of them by name, in order. Raises GuestProblem for a name that can't be used or is there twice."""
    found: dict[str, Guest] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda one: one.name):
        brought = entry.dist.name if entry.dist else entry.module
        if not _NAME.fullmatch(entry.name):
            raise GuestProblem(
                f"{brought} brings a unit called {entry.name!r}; such names are like x01-shop-search. Rename it, or: "
                f"pip uninstall {brought}"
            )
        if entry.name in found:
            raise GuestProblem(
                f"{found[entry.name].distribution} and {brought} both bring a unit called {entry.name}. "
                f"Uninstall one of them: pip uninstall {brought}"
            )
        found[entry.name] = Guest(entry.name, brought, entry)
    return found
