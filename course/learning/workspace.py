"""Where a learner's own files lie.

In a checkout that is `my-work/UNIT`: beside `release/`, which stays as it was handed out, so that an update never meets
somebody's work. Elsewhere it is the current folder.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from course import checkout, units
from course.guests import guests
from course.problem import Problem

if TYPE_CHECKING:
    from course.units.base import Unit

FOLDER = "my-work"


def home() -> Path:
    """The folder in which a learner's units lie."""
    found = checkout.find()
    return found / FOLDER if found else Path.cwd()


def released(unit: Unit) -> Path | None:
    """The released folder of a unit, or None if there is none here."""
    found = checkout.find()
    guest = guests().get(unit.name)
    places = [found or Path.cwd(), *([guest.home] if guest else [])]
    folders = (place / "release" / unit.name for place in places)
    return next((folder for folder in folders if (folder / f"{unit.name}.ipynb").is_file()), None)


def start(unit: Unit, target: Path | None = None, *, force: bool = False) -> tuple[Path, Path | None]:
    """Put a fresh copy of the released unit into `target`; by default into the learner's folder.

    Work is never overwritten: with `force`, what is there is kept under a new name.

    Returns
    -------
    The folder, and where the former one is kept now (None if there was none).

    Raises
    ------
    Problem
        There is no released unit, something is there already, or the folder can't be written.
    """
    origin = released(unit)
    if origin is None:
        raise Problem(f"There is no released unit here: no release/{unit.name}/{unit.name}.ipynb.")
    target = target or home() / unit.name
    there = os.path.lexists(target) and not (target.is_dir() and not any(target.iterdir()))
    if there and not force:
        raise Problem(
            f"{shown(target)} is there already and was left as it is. "
            f"`course start {unit.name} --force` makes a fresh copy and keeps yours beside it."
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=".start-", dir=target.parent))
        try:
            for name in _given(unit, origin):
                shutil.copyfile(origin / name, fresh / name)
            fresh.chmod(0o755)
            backup = _backup(target) if there else None
            if backup:
                os.rename(target, backup)
            elif target.is_dir():
                target.rmdir()
            os.rename(fresh, target)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    except OSError as error:
        problem = f"{shown(target)} can't be written ({error.strerror}). Choose another folder with --dir."
        raise Problem(problem) from None
    return target, backup


def start_missing(wanted: list[Unit]) -> list[Path]:
    """Start every released unit that the learner does not have yet; the folders that are new."""
    missing = [unit for unit in wanted if released(unit) and not os.path.lexists(home() / unit.name)]
    return [start(unit)[0] for unit in missing]


def _given(unit: Unit, origin: Path) -> list[str]:
    """What a release hands out: its files, without what somebody who worked there has made."""
    made = (*unit.files, "report.json")
    return sorted(path.name for path in origin.iterdir() if path.is_file() and path.name not in made)


def _backup(target: Path) -> Path:
    numbers = range(1, 10_000)
    return next(at for n in numbers if not os.path.lexists(at := target.with_name(f"{target.name}.backup-{n}")))


def find(unit: Unit, given: Path | None = None) -> Path:
    """The folder in which a unit's files are looked for.

    The one that is `given` (or the one in which the given notebook lies), else the current folder if it is the unit's,
    else the unit's folder in it, in the learner's folder, in release/. Raises Problem if there is none.
    """
    if given is not None:
        folder = given.parent if given.suffix == ".ipynb" and not given.is_dir() else given
        if not folder.is_dir() or (folder != given and not given.is_file()):
            raise Problem(f"There is no {given}. Say where your files are: course check {unit.name} --dir FOLDER")
        return folder
    here = Path.cwd()
    mine = here.name == unit.name or (here / f"{unit.name}.ipynb").is_file()
    if mine or ((here / unit.artifact).is_file() and here.name not in units.names()):
        return here
    places = [here / unit.name, home() / unit.name, released(unit)]
    found = next((place for place in places if place is not None and place.is_dir()), None)
    if found is None:
        raise Problem(f"You have no folder of {unit.name} yet. Begin with: course start {unit.name}")
    return found


def shown(path: Path) -> str:
    """A path as it reads best: from the current folder if it lies in it."""
    try:
        return str(path.resolve().relative_to(Path.cwd().resolve()))
    except ValueError:
        return str(path)
