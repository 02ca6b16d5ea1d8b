"""`python -m course.benchmarks.latency [FILE...]`: write the figures and the picture of handbook/latency.md.

They are made from the records that the repository keeps; FILEs, as a full `course bench latency` leaves one on each
machine, take their place first.
"""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

from course.benchmarks.latency import KEPT, page, study
from course.grading.places import root


def main(arguments: list[str]) -> None:
    """Keep the records of the files, if some are named, a machine each; then write page and picture."""
    if arguments:
        records = [study.read(Path(file)) for file in arguments]
        KEPT.unlink(missing_ok=True)
        study.mend(KEPT)
        for machine, some in enumerate(records, 1):
            for record in some:
                study.append(KEPT, dataclasses.replace(record, machine=machine))
    handbook = root() / "handbook"
    text = (handbook / "latency.md").read_text(encoding="utf-8")
    text, png = page.made(text, study.read(KEPT))
    (handbook / "latency.md").write_text(text, encoding="utf-8")
    (handbook / "latency.png").write_bytes(png)


if __name__ == "__main__":
    main(sys.argv[1:])
