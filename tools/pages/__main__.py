"""`PYTHONPATH=tools python -m pages [FOLDER]`: build the site into build/site, offline; a warning ends it."""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path

from course.problem import Problem
from pages.assemble import ROOT, assemble
from pages.finish import finish


def build(out: Path, source: Path | None = None) -> int:
    """Build the site into `out`; Sphinx's exit status. Raises SiteProblem."""
    from sphinx.cmd.build import main as sphinx

    source = source or out.with_name(out.name + "-source")
    assemble(source, repository=os.environ.get("GITHUB_REPOSITORY", ""))
    trees = out.with_name(out.name + "-trees")
    for former in (out, trees):
        shutil.rmtree(former, ignore_errors=True)
    status = sphinx(["-W", "--keep-going", "-n", "-q", "-d", str(trees), str(source), str(out)])
    finish(out)
    return status


def main(arguments: list[str]) -> int:
    """Build, and say where it lies."""
    out = Path(arguments[0]) if arguments else ROOT / "build" / "site"
    started = time.monotonic()
    try:
        status = build(out)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return problem.status
    if not status:
        print(f"{out / 'index.html'}: made in {time.monotonic() - started:.0f} s.")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
