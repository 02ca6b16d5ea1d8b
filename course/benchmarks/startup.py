"""How long the command line and the package take to start, beside `python -c pass` and `import sklearn`."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from rich.table import Table

PROGRAMS = {
    "python -c pass": ["-c", "pass"],
    "import course": ["-c", "import course"],
    "course --help": ["-m", "course", "--help"],
    "course units": ["-m", "course", "units"],
    "import sklearn": ["-c", "import sklearn"],
}


def run(quick: bool, progress: Callable[[str], None]) -> dict[str, list[float]]:
    """Wall seconds of each program, measured in turns; the first turn only warms the file cache."""
    times: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    turns = 4 if quick else 16
    for turn in range(turns):
        progress(f"turn {turn + 1} of {turns}")
        for name, arguments in PROGRAMS.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
            if turn:
                times[name].append(time.perf_counter() - start)
    return times


def table(result: dict[str, list[float]]) -> Table:
    """Medians, and ratios to the two yardsticks."""
    made = Table("Program", "Median", "Least to most", "/ python -c pass", "/ import sklearn", title="Start-up")
    bare, sklearn = (statistics.median(result[name]) for name in ("python -c pass", "import sklearn"))
    for name, times in result.items():
        middle = statistics.median(times)
        spread = f"{min(times):.3f} to {max(times):.3f} s"
        made.add_row(name, f"{middle:.3f} s", spread, f"{middle / bare:.1f}", f"{middle / sklearn:.2f}")
    return made
