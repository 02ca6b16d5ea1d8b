"""Where the checkout of the course lies, if there is one."""

from __future__ import annotations

import os
from pathlib import Path


def find() -> Path | None:
    """$COURSE_ROOT, else the current folder or the nearest above it, else the one this package lies in; or None.

    A checkout is a folder with nbgrader_config.py and source/, or release/ alone (a class's release, a learner's kit).
    """
    given = os.environ.get("COURSE_ROOT")
    here = Path.cwd()
    candidates = [Path(given)] if given else [here, *here.parents, Path(__file__).resolve().parents[1]]
    return next((at for at in candidates if _is_one(at)), None)


def _is_one(at: Path) -> bool:
    return (at / "nbgrader_config.py").is_file() and any((at / part).is_dir() for part in ("source", "release"))
