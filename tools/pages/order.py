"""Which unit builds on which: checked, and put into an order in which everything is learned before it is used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from course.problem import Problem
from course.units.base import Unit
from course.units.kit.contract import FILE


class SiteProblem(Problem):
    """The site can't be made of what the units say; the message says what to mend."""


class Order:
    """All units by name, each with what it builds on and what builds on it.

    Raises SiteProblem for a unit that says nothing of itself, that builds on none that exists, or on itself.
    """

    def __init__(self, units: Iterable[Unit]) -> None:
        self.units: Mapping[str, Unit] = {unit.name: unit for unit in units}
        for name, unit in self.units.items():
            if unit.about is None:
                place = f"course/units/{name.replace('-', '_')}/{FILE}"
                raise SiteProblem(
                    f"{name} has no [about]: add story, objectives, builds_on and minutes to {place} "
                    "(course/units/kit/about.py says how)."
                )
        self.builds_on = {name: unit.about.builds_on for name, unit in self.units.items()}
        for name, wanted in self.builds_on.items():
            if unknown := [other for other in wanted if other not in self.units]:
                raise SiteProblem(f"{name} builds on {', '.join(unknown)}, which is no unit.")
        self.depth = self._depths()

    def _depths(self) -> dict[str, int]:
        """How many units stand one upon another below each."""
        found: dict[str, int] = {}
        left = dict(self.builds_on)
        while ready := [name for name, wanted in left.items() if all(other in found for other in wanted)]:
            for name in ready:
                found[name] = max((found[other] + 1 for other in left.pop(name)), default=0)
        if left:
            raise SiteProblem(f"These build on one another in a circle: {', '.join(sorted(left))}.")
        return {name: found[name] for name in self.units}

    def needed_by(self, name: str) -> tuple[str, ...]:
        """The units that name it."""
        return tuple(other for other, wanted in self.builds_on.items() if name in wanted)

    def before(self, name: str) -> tuple[str, ...]:
        """All that is needed before it, directly or not, in the order of the course."""
        found, ahead = set(), list(self.builds_on[name])
        while ahead:
            if (other := ahead.pop()) not in found:
                found.add(other)
                ahead += self.builds_on[other]
        return tuple(other for other in self.units if other in found)

    def minutes(self, names: Iterable[str]) -> int:
        """Minutes of several units together."""
        return sum(self.units[name].about.total for name in names)


def short(name: str) -> str:
    """f01 of f01-shrink-ensemble."""
    return name.split("-")[0]


def ships(unit: Unit) -> str:
    """The files that a unit ships, as code in Markdown."""
    return ", ".join(f"`{name}`" for name in unit.shipped)


def hours(minutes: float) -> str:
    """A time as people say it: 95 minutes, 1 h 35 min, 34 hours."""
    if minutes < 120:
        return f"{minutes:g} minutes"
    if minutes < 300:
        return f"{minutes // 60:g} h {minutes % 60:g} min" if minutes % 60 else f"{minutes // 60:g} hours"
    return f"{minutes / 60:.1f}".removesuffix(".0") + " hours"
