"""What is wrong with an installation, in plain words."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from course import cache, checkout, key
from course.learning.progress import Progress
from course.problem import Problem

LEAST, MOST = (3, 11), (3, 13)
LOCK = "requirements.lock"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. "mend" must be done before the course works; a "note" may stay as it is."""

    state: Literal["good", "note", "mend"]
    about: str
    said: str

    @property
    def where(self) -> str:
        """Where the handbook says more about it."""
        return f"handbook/troubleshooting.md#doctor-{self.about.lower().replace(' ', '-')}"


def examine() -> Iterator[Finding]:
    """Look at everything that the course needs, one thing after another."""
    yield _python()
    temporary = _temporary()
    yield temporary
    if temporary.state == "mend":  # nothing else can be looked at
        return
    yield _packages()
    yield _kernel()
    for about, folder in (
        ("cache", cache.shared()),
        ("cache of reports", cache.reports()),
        ("progress", Progress().file.parent),
    ):
        yield _writable(about, folder)
    yield _progress()
    yield _key()
    yield _isolation()
    yield _account()
    yield _path()


def _path() -> Finding:
    root = checkout.find()
    odd = sorted(set(str(root or "")) & set("[]*?"))
    if odd:
        where = f"the checkout's path has {' and '.join(odd)} in it ({root})"
        return Finding("note", "path", f"{where}: to learn it does not matter; to grade a class, move the checkout.")
    return Finding("good", "path", str(root or "no checkout"))


def _python() -> Finding:
    version = sys.version_info[:2]
    said = f"{version[0]}.{version[1]}, {sys.executable}"
    if LEAST <= version <= MOST:
        return Finding("good", "Python", said)
    wanted = "make setup PYTHON=python3.12"
    return Finding("mend", "Python", f"{said}; the course needs 3.11 to 3.13. Remove .venv, then: {wanted}")


def _temporary() -> Finding:
    try:
        return Finding("good", "temporary folder", tempfile.gettempdir())
    except OSError:
        tried = ", ".join(dict.fromkeys(filter(None, (os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP")))))
        said = f"no temporary folder can be written ({tried or '/tmp, /var/tmp'}). Make room, or name one with TMPDIR."
        return Finding("mend", "temporary folder", said)


def _packages() -> Finding:
    root = checkout.find()
    file = root and root / LOCK
    if not file or not file.is_file():
        return Finding("note", "packages", f"there is no {LOCK} here to compare them with.")
    from packaging.requirements import Requirement

    wrong, number = [], 0
    for line in file.read_text(encoding="utf-8").splitlines():
        text = line.partition("#")[0].strip()
        if not text or text.startswith("-"):
            continue
        wanted = Requirement(text)
        if wanted.marker and not wanted.marker.evaluate():
            continue
        number += 1
        try:
            there = metadata.version(wanted.name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{wanted.name} is missing")
            continue
        if not wanted.specifier.contains(there, prereleases=True):
            wrong.append(f"{wanted.name} is {there}, not {str(wanted.specifier).lstrip('=')}")
    if wrong:
        more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
        return Finding(
            "mend", "packages", f"{'; '.join(wrong[:3])}{more}. Mend it with: rm .venv/.installed; make setup"
        )
    return Finding("good", "packages", f"all {number} are those of {LOCK}")


def _kernel() -> Finding:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    install = f"{Path(sys.executable).name} -m ipykernel install --sys-prefix"
    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        return Finding("mend", "notebook kernel", f"there is no kernel python3. Make it with: {install}")
    program = shutil.which(spec.argv[0]) or spec.argv[0]
    same = spec.argv[0] in ("python", "python3") or Path(program).parent == Path(sys.executable).parent
    if same:
        return Finding("good", "notebook kernel", f"python3, from {spec.resource_dir}")
    return Finding(
        "mend", "notebook kernel", f"python3 starts {program}, where the course is not. Mend it with: {install}"
    )


def _writable(about: str, folder: Path) -> Finding:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder):
            pass
    except OSError as error:
        why = (
            f"{folder} can't be written ({error.strerror}): everything works, and is forgotten or made again each time"
        )
        return Finding(
            "mend", about, f"{why}. Make that folder yours, or say another with COURSE_CACHE and COURSE_DATA."
        )
    return Finding("good", about, str(folder))


def _progress() -> Finding:
    progress = Progress()
    records = progress.records()
    if progress.notes:
        return Finding("note", "progress file", progress.notes[0])
    return Finding("good", "progress file", f"{len(records)} unit{'s' * (len(records) != 1)} in {progress.file}")


def _key() -> Finding:
    try:
        now = key.current()
    except Problem as problem:
        return Finding("mend", "key", str(problem))
    return Finding("good", "key", "the open key" if now.open else f"your own, for {now.term} (for grading a class)")


def _isolation() -> Finding:
    from course import sandbox

    problem = sandbox.problem()
    if problem:
        return Finding("note", "isolation", f"{problem} To learn and to check yourself it is not needed.")
    return Finding("good", "isolation", "submissions can be isolated when they are graded")


def _account() -> Finding:
    from course import sandbox

    return Finding("good" if sandbox.counted() else "note", "memory of submissions", sandbox.account())


def plain(findings: list[Finding]) -> str:
    """The findings as JSON."""
    return json.dumps([{"state": f.state, "about": f.about, "said": f.said} for f in findings], indent=1)
