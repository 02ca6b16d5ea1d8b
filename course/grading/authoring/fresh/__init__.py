"""`course new-unit`: the places of a new unit, with a tiny one in them that works from end to end.

What is written is text with a few names put in; from then on it is the author's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from course import guests, units
from course.package import VERSION
from course.problem import Problem

HERE = Path(__file__).parent
_OWN, _GUEST = re.compile(r"[fq]\d\d(-[a-z0-9]+)+"), re.compile(r"x\d\d(-[a-z0-9]+)+")


class NewUnitProblem(Problem):
    """A unit can't be begun there; the message says why."""


def begin(name: str, root: Path) -> list[Path]:
    """Write a new unit of the course into the checkout `root`; the files. Raises NewUnitProblem."""
    if not _OWN.fullmatch(name):
        raise NewUnitProblem(
            f"{name!r} is no name for a unit: f or q, two digits, a few words, such as q03-replacements."
        )
    _not_there(name)
    module = name.replace("-", "_")
    places = {
        **_code(root / "course" / "units" / module),
        root / "source" / name / "lesson.py": "lesson",
        root / "tests" / "rehearsals" / f"{module}.py": "rehearsals",
    }
    return _write(places, _names(name, f"course.units.{module}"))


def begin_package(distribution: str, folder: Path, name: str) -> list[Path]:
    """Write a package that brings a unit called `name` into the new `folder`; the files. Raises NewUnitProblem."""
    if not _GUEST.fullmatch(name):
        raise NewUnitProblem(f"{name!r} is no name for a unit from elsewhere: x, two digits, words: x01-shop-search.")
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", distribution):
        raise NewUnitProblem(
            f"{distribution!r} is no name for a package: small letters, digits, hyphens: ours-shop-search."
        )
    _not_there(name)
    top, module = distribution.replace("-", "_"), name.replace("-", "_")
    inside = folder / top
    places = {
        folder / "pyproject.toml": "pyproject",
        inside / "__init__.py": "",
        inside / "units" / "__init__.py": "",
        **_code(inside / "units" / module),
        inside / "source" / name / "lesson.py": "lesson",
        inside / "rehearsals" / f"{module}.py": "rehearsals",
    }
    more = {"DIST": distribution, "TOP": top}
    return _write(places, _names(name, f"{top}.units.{module}") | more)


def _code(folder: Path) -> dict[Path, str]:
    return {folder / "__init__.py": "unit", folder / "contract.toml": "contract"} | {
        folder / f"{part}.py": part for part in ("world", "yardstick", "hints")
    }


def _names(name: str, package: str) -> dict[str, str]:
    short, _, words = name.partition("-")
    title = words.replace("-", " ")
    return {
        "NAME": name, "SHORT": short, "PACKAGE": package, "TITLE": title.capitalize(), "TITLE_LOWER": title,
        "CLASS": "".join(part.capitalize() for part in words.split("-")), "VERSION": VERSION,
    }  # fmt: skip


def _not_there(name: str) -> None:
    taken = [known for known in units.names() if known.split("-")[0] == name.split("-")[0]]
    if taken:
        raise NewUnitProblem(f"There is {taken[0]} already; choose another number.")


def _write(places: Mapping[Path, str], names: Mapping[str, str]) -> list[Path]:
    there = [place for place in places if place.exists()]
    if there:
        raise NewUnitProblem(f"{there[0]} is there already; nothing was written.")
    for place, template in places.items():
        text = (HERE / f"{template}.txt").read_text(encoding="utf-8") if template else ""
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(re.sub(r"@([A-Z_]+)@", lambda found: names[found[1]], text), encoding="utf-8")
    units.names.cache_clear()
    units.own.cache_clear()
    guests.guests.cache_clear()
    return list(places)
