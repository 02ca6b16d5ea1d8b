"""The first hour: set-up, first grade, checks, a class and the tests, beside an earlier build of the course.

$COURSE_BEFORE names a checkout of that build, set up as it sets itself up. Each thing is done by both builds in turns;
what takes minutes is done once each. Figures go into a record, by part, so that parts can be measured one at a time:
    python -m course.benchmarks.firsthour setup grade      (measures these parts anew; without one, prints the table)

Wall seconds are those of a machine that does nothing else; where it does, CPU seconds tell more.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from course import units
from course.benchmarks.trust import spent
from course.grading.places import root
from course.problem import Problem

BEFORE = "COURSE_BEFORE"
KEPT = Path(__file__).with_name("firsthour.json")
GRADED = "f01-shrink-ensemble"
#: The units whose first check cost most CPU time before.
DEAREST = ("q13", "f10", "q07", "f05", "f12")
#: What each part is allowed, as a share of the build before: of wall time or of CPU time.
ASKED = {
    "set-up": ("wall", 0.2),
    "make grade, set up": ("wall", 0.35),
    "make test, set up": ("wall", 0.5),
    "class of 20, side by side": ("wall", None),
    "first check, five dearest": ("cpu", 0.6),
    "second check, all units": ("wall", None),
    "student of 2,000, nothing run": ("wall", 0.5),
}


def run(quick: bool, progress: Callable[[str], None]) -> dict:
    """All parts, before and after: seconds of wall and CPU time, by part and build; the record that is kept.

    `quick` measures the set-up and the first grade alone.
    """
    for part in ("setup", "grade") if quick else PARTS:
        measure(part, progress)
    return record()


def record() -> dict:
    """What is on record: for each thing, for "before" and "after", a list of {"wall": s, "cpu": s}; and peers."""
    return json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.is_file() else {}


def measure(part: str, progress: Callable[[str], None]) -> None:
    """Measure one part and put it on record. Raises Problem where there is nothing to compare with."""
    before = Path(os.environ.get(BEFORE, ""))
    if not os.environ.get(BEFORE) or not (before / "course").is_dir():
        raise Problem(f"Say with {BEFORE} where a checkout of an earlier build lies: this is measured beside it.")
    builds = {"before": before, "after": root()}
    found: dict[str, dict[str, list[dict[str, float]]]] = {}
    for what, build, cost in PARTS[part](builds, progress):
        found.setdefault(what, {}).setdefault(build, []).append(cost)
        KEPT.write_text(json.dumps(record() | found, indent=1) + "\n", encoding="utf-8")


def _cost(command: list[str], folder: Path, **more: str) -> dict[str, float]:
    # What a Python of the course compiles is compiled once, as on anybody's machine.
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    cpu, wall = spent(command, folder, own | more)
    return {"wall": wall, "cpu": cpu}


def _fresh(build: Path, folder: Path) -> Path:
    """A clone of what a build has committed."""
    subprocess.run(["git", "clone", "--quiet", str(build), str(folder)], check=True)
    return folder


Costs = Iterator[tuple[str, str, dict[str, float]]]


def _setup(builds: dict[str, Path], progress: Callable[[str], None]) -> Costs:
    """From a fresh clone with empty caches to the end of `make setup`, and the first import after it."""
    with tempfile.TemporaryDirectory(prefix="course-") as scratch:
        for name, build in builds.items():
            progress(f"set-up, {name}")
            clone, caches = _fresh(build, Path(scratch) / name), Path(scratch) / f"{name}-caches"
            # The first import belongs to it: not every installer compiles.
            first = "make setup && .venv/bin/python -c 'import sklearn.ensemble, pandas, onnx, matplotlib.pyplot'"
            empty = {"UV_CACHE_DIR": str(caches / "uv"), "PIP_CACHE_DIR": str(caches / "pip")}
            yield "set-up", name, _cost(["sh", "-c", first], clone, **empty)
            shutil.rmtree(clone / ".venv")


def _grade(builds: dict[str, Path], progress: Callable[[str], None]) -> Costs:
    """`make grade` on a clone that was never graded in, with what the build installed."""
    with tempfile.TemporaryDirectory(prefix="course-") as scratch:
        for name, build in builds.items():
            progress(f"make grade, {name}")
            clone = _with_packages(build, _fresh(build, Path(scratch) / name))
            yield "make grade, set up", name, _cost(["make", "grade"], clone, **_nothing_known(Path(scratch) / name))


def _tests(builds: dict[str, Path], progress: Callable[[str], None]) -> Costs:
    """`make test` on a fresh clone."""
    with tempfile.TemporaryDirectory(prefix="course-") as scratch:
        for name, build in builds.items():
            progress(f"make test, {name}")
            clone = _with_packages(build, _fresh(build, Path(scratch) / name))
            yield "make test, set up", name, _cost(["make", "test"], clone, **_nothing_known(Path(scratch) / name))


def _checks(builds: dict[str, Path], progress: Callable[[str], None]) -> Costs:
    """`course check` of every unit's reference, for the first time and again, by the command of each build."""
    with tempfile.TemporaryDirectory(prefix="course-") as scratch:
        for unit in units.names():
            for name, build in builds.items():
                progress(f"checks of {unit}, {name}")
                folder = Path(scratch) / name / unit
                made = [str(build / ".venv/bin/python"), "-c", _REFERENCE, unit, str(folder)]
                subprocess.run(made, cwd=build, check=True, stdout=subprocess.DEVNULL)
                check = [str(build / ".venv/bin/course"), "check", unit, "--dir", str(folder)]
                known = {"COURSE_DATA": str(Path(scratch) / f"{name}-data")}
                for what in ("first", "second"):
                    yield f"{what} check, {unit}", name, _cost(check, build, **known)


_REFERENCE = """
import sys
from pathlib import Path
from course import checkout, key, units
from course.grading.authoring.rehearse import build, rehearsals
from course.grading.authoring.release import public_bytes
unit, folder = units.load(sys.argv[1]), Path(sys.argv[2])
folder.mkdir(parents=True)
reference = next(one for one in rehearsals(unit, checkout.find()) if one.is_reference)
build(unit, reference, public_bytes(unit, key.OPEN), checkout.find(), folder)
"""


def _class(builds: dict[str, Path], progress: Callable[[str], None]) -> Costs:
    """`course bench class` of each build: a class of 20, plain nbgrader beside it, and what grows with a class."""
    for name, build in builds.items():
        progress(f"course bench class, {name}")
        ran = subprocess.run(
            [str(build / ".venv/bin/course"), "bench", "class", "--json"], cwd=build, capture_output=True, text=True
        )
        if ran.returncode:
            raise Problem(f"course bench class failed: {ran.stderr[-500:]}")
        said = json.loads(ran.stdout)
        plain, feedback, *_, side = said["ways"].values()
        yield "class of 20, side by side", name, side
        yield "class of 20, side by side", f"peer {name}", {kind: plain[kind] + feedback[kind] for kind in plain}
        last = said["growth"][-1]
        share = {"wall": last["wall"] / last["students"], "cpu": float("nan")}
        yield "student of 2,000, nothing run", name, share


PARTS = {"setup": _setup, "grade": _grade, "check": _checks, "class": _class, "test": _tests}


def _with_packages(build: Path, clone: Path) -> Path:
    """The clone with the build's packages: its .venv, in which the course is the clone."""
    shutil.copytree(build / ".venv", clone / ".venv", symlinks=True)
    for file in (clone / ".venv").glob("lib/*/site-packages/*.pth"):
        file.write_text(file.read_text().replace(str(build), str(clone)))
    for file in (clone / ".venv").glob("lib/*/site-packages/__editable___*.py"):
        file.write_text(file.read_text().replace(str(build), str(clone)))
    for file in (clone / ".venv" / "bin").iterdir():
        if file.is_file() and not file.is_symlink() and file.read_bytes()[:2] == b"#!":
            file.write_bytes(file.read_bytes().replace(str(build).encode(), str(clone).encode()))
    for stamp in (".installed", ".installed-test"):
        (clone / ".venv" / stamp).touch()
    return clone


def _nothing_known(clone: Path) -> dict[str, str]:
    """Settings under which nothing is known from an earlier run."""
    return {
        "XDG_CACHE_HOME": str(clone.with_name(f"{clone.name}-cache")),
        "COURSE_DATA": str(clone.with_name(f"{clone.name}-data")),
        "COURSE_KEY_FILE": str(clone.with_name("no-key.json")),
    }


def rows(found: dict) -> Iterator[tuple[str, str, float, float, float | None, float]]:
    """What, which seconds, before, after, what share was asked for (if one), and the peer's (NaN without one)."""
    said = {what: {build: _middle(costs) for build, costs in of.items()} for what, of in found.items()}
    for prefix, name, chosen in (
        ("first check", "first check, five dearest", [unit for unit in units.names() if unit.startswith(DEAREST)]),
        ("second check", "second check, all units", list(units.names())),
    ):
        parts = [said[f"{prefix}, {unit}"] for unit in chosen if f"{prefix}, {unit}" in said]
        if parts:
            said[name] = {
                build: {kind: sum(part[build][kind] for part in parts) for kind in ("wall", "cpu")}
                for build in ("before", "after")
            }
    for what, (kind, share) in ASKED.items():
        if {"before", "after"} <= said.get(what, {}).keys():
            for one in (kind, *({"wall", "cpu"} - {kind})):
                before, after = said[what]["before"][one], said[what]["after"][one]
                peer = said[what].get("peer after", {}).get(one, float("nan"))
                if after == after:
                    yield what, one, before, after, share if one == kind else None, peer


def _middle(costs: list[dict[str, float]]) -> dict[str, float]:
    return {kind: statistics.median(cost[kind] for cost in costs) for kind in ("wall", "cpu")}


def table(found: dict) -> Table:
    """Before, after, ratio and peer; below, each unit's checks."""
    made = Table("", "Seconds of", "Before", "After", "Ratio", "Asked for", "Plain nbgrader", title="The first hour")
    for cells in _cells(found):
        made.add_row(*cells)
    return made


def _cells(found: dict) -> Iterator[list[str]]:
    for what, kind, before, after, share, peer in rows(found):
        asked = f"at most {share:g}" if share else ""
        beside = f"{peer:.1f} ({after / peer:.2f} of it)" if peer == peer else ""
        name = {"wall": "wall time", "cpu": "CPU time"}[kind]
        yield [what, name, f"{before:,.2f}", f"{after:,.2f}", f"{after / before:.2f}", asked, beside]
    for unit in units.names():
        both = [found.get(f"{what} check, {unit}") for what in ("first", "second")]
        if all(both):
            (a, b), (c, d) = ([_middle(one[build]) for build in ("before", "after")] for one in both)
            cost = f"{a['cpu']:.2f}", f"{b['cpu']:.2f}", f"{b['cpu'] / a['cpu']:.2f}"
            yield [f"{unit}, first check", "CPU time", *cost, "", ""]
            again = "at most 0.3 s"
            cost = f"{c['wall']:.2f}", f"{d['wall']:.2f}", f"{d['wall'] / c['wall']:.2f}"
            yield [f"{unit}, second check", "wall time", *cost, again, ""]


def markdown(found: dict) -> str:
    """The same for the handbook."""
    if not found:
        return "*Nothing is on record yet.*\n"
    heads = ["", "Seconds of", "Before", "After", "Ratio", "Asked for", "Plain nbgrader"]
    return "\n".join(f"| {' | '.join(line)} |" for line in [heads, ["---"] * len(heads), *_cells(found)])


def main(parts: list[str]) -> None:
    """Measure parts anew, then print the table."""
    for part in parts:
        measure(part, lambda words: print(words, file=sys.stderr, flush=True))
    Console(width=150).print(table(record()))


if __name__ == "__main__":
    main(sys.argv[1:])
