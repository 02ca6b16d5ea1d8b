"""Parity: are known faults of converters found and named, is it silent otherwise, and what does it cost?"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from typing import Any

from rich.table import Table

ROWS = 2_000


def run(quick: bool, progress: Callable[[str], None]) -> list[dict]:
    """Each model, converted and compared in turns: CPU seconds of both (medians), what was found, what was expected.

    A turn converts and then compares on 2,000 fresh rows. `quick` takes one turn on 400 rows.
    """
    from course.benchmarks.parity.honest import honest
    from course.benchmarks.parity.models import Data, convert, faulty, quantised

    os.environ.setdefault("LOKY_MAX_CPU_COUNT", "1")
    data = Data(400 if quick else ROWS)
    known = {name: (case, make) for name, (case, make) in faulty().items()}
    known |= {name: ("", make) for name, make in honest().items()}
    records = []
    for number, (name, (case, make)) in enumerate(known.items(), 1):
        progress(f"{number} of {len(known)}: {name}")
        model, rows = make(data)
        way = quantised if case == "dynamic quantisation" else convert
        records.append({"model": name, "expected": case, **_turns(model, rows, way, 1 if quick else 3)})
    return records


def _turns(model: Any, rows: Any, way: Callable, turns: int) -> dict:
    from course.contract.parity import compare

    converting, comparing = [], []
    for turn in range(turns):
        start = time.process_time()
        content = way(model, rows)
        middle = time.process_time()
        found = compare(model, content, rows)
        if turn or turns == 1:  # the first warms up
            converting.append(middle - start)
            comparing.append(time.process_time() - middle)
    differ = max(part.differ / part.rows for part in found.parts if part.rows_of == "rows as given")
    return {
        "named": [cause.name for cause in found.causes],
        "kept": found.kept,
        "share": differ,
        "converting": statistics.median(converting),
        "comparing": statistics.median(comparing),
    }


def right(record: dict) -> bool:
    """Is the known fault named first, or, where there is none, nothing said?"""
    return record["named"][:1] == [record["expected"]] if record["expected"] else record["kept"]


def table(result: list[dict]) -> Table:
    """The records as a table."""
    made = Table("Model", "Rows that differ", "Named", "Right", "Converting", "Comparing", "Ratio")
    for one in result:
        made.add_row(
            one["model"],
            f"{one['share']:.1%}",
            ", ".join(one["named"][:1]) or ("nothing" if one["kept"] else "no known fault"),
            "✓" if right(one) else "✗",
            f"{one['converting'] * 1000:,.0f} ms",
            f"{one['comparing'] * 1000:,.0f} ms",
            f"{one['comparing'] / one['converting']:.2f}",
        )
    made.caption = summary(result)
    return made


def summary(result: list[dict]) -> str:
    """How many faults were named, how many honest conversions passed in silence, what comparing costs."""
    wrong, plain = ([one for one in result if bool(one["expected"]) is fault] for fault in (True, False))
    total = sum(one["comparing"] for one in result) / sum(one["converting"] for one in result)
    middle = statistics.median(one["comparing"] / one["converting"] for one in result)
    return (
        f"Named: {sum(map(right, wrong))} of {len(wrong)} faults; silent on {sum(map(right, plain))} of {len(plain)} "
        f"honest conversions. Comparing costs {total:.2f} of converting, all models together; {middle:.2f} the median."
    )
