"""Reports of public checks, kept by content: a check of an unchanged artifact is instant, in any kernel or terminal.

Only the learner's own checks read or write this. Grading measures: it never looks here.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from course import cache as folders
from course.contract.measure import artifact_digest
from course.contract.terms.estimates import ESTIMATES
from course.contract.terms.report import Report
from course.learning.steps import ESTIMATES_STEP
from course.package import FOLDER, VERSION

if TYPE_CHECKING:
    from course.units.base import Unit

#: Reports that are kept, of all units; each has a few kilobytes.
MOST = 1000


def name_of(unit: Unit, folder: Path, step: str, public: Path) -> str:
    """A name for everything that a step's report follows from: files, public data, the unit, what measures."""
    digest = hashlib.sha256(f"{VERSION} | {unit.name} | {step} | ".encode())
    names = [name for name in unit.files if (name == ESTIMATES) == (step == ESTIMATES_STEP)]
    digest.update(artifact_digest(unit, folder, names).encode())
    digest.update(public.read_bytes() if public.is_file() else b"open")
    digest.update(_code(sys.modules[type(unit).__module__].__file__ or ""))
    return digest.hexdigest()[:40]


@cache
def _code(module: str) -> bytes:
    """A digest of the code that measures and of the unit's own."""
    unit = Path(module)
    files = [*(FOLDER / "contract").rglob("*.py"), *(FOLDER / "units" / "kit").rglob("*.py")]
    own = (path for part in ("*.py", "*.toml") for path in unit.parent.rglob(part))
    files += own if unit.name == "__init__.py" else [unit]
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.read_bytes())
    return digest.digest()


def find(name: str) -> Report | None:
    """The report of that name, if it was kept and can be read."""
    try:
        return Report.from_json(_file(name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def keep(name: str, report: Report) -> None:
    """Keep a report, unless something could not be measured: the machine may be to blame, so it is looked at anew."""
    if any((c.verdict == "broken" and c.value is None) or c.verdict == "not measured" for c in report.clauses):
        return
    with contextlib.suppress(OSError):  # a folder that can't be written costs only time
        file = _file(name)
        handle, path = tempfile.mkstemp(dir=file.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(report.to_json())
        os.replace(path, file)
        _prune(file.parent)


def _prune(folder: Path) -> None:
    """Drop the reports that were made longest ago, if there are too many: they can be made again."""
    reports = [(path.stat().st_mtime_ns, path) for path in folder.glob("*.json")]
    for _, path in sorted(reports)[:-MOST]:
        path.unlink(missing_ok=True)


def _file(name: str) -> Path:
    return folders.reports() / f"{name}.json"
