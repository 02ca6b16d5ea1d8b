"""`python -m course.benchmarks.latency [FILE]`: write the figures and the picture of handbook/latency.md.

They are made from the records that the repository keeps; a FILE, as a full `course bench latency` leaves it, takes
their place first.
"""

from __future__ import annotations

import sys
from pathlib import Path

from course.benchmarks.latency import KEPT, page, study
from course.grading.places import root


def main(arguments: list[str]) -> None:
    """Keep the records of the file, if one is named; then write page and picture."""
    if arguments:
        KEPT.write_bytes(Path(arguments[0]).read_bytes())
    handbook = root() / "handbook"
    text = (handbook / "latency.md").read_text(encoding="utf-8")
    text, png = page.made(text, study.read(KEPT))
    (handbook / "latency.md").write_text(text, encoding="utf-8")
    (handbook / "latency.png").write_bytes(png)


if __name__ == "__main__":
    main(sys.argv[1:])
