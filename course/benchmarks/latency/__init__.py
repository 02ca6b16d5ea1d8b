"""The flake study: models near their latency budgets, graded under load; how often the verdict is wrong.

Models of five families, each of known cost, stand at 0.75, 0.9, 1.1 and 1.33 of a budget and are graded in fresh
processes while the machine is idle, busy, short of memory bandwidth, busy in bursts, or grading something else. The
usual ways to time a model get the same work beside it.

A full study takes about 45 minutes and appends each grading to a file in the course's cache folder, so one that was
stopped goes on where it was; delete the file to start anew. A quick one does 40 gradings and writes nothing.
`python -m course.benchmarks.latency` makes the tables and the picture of handbook/latency.md from the records that are
kept here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

from course import cache
from course.benchmarks.latency import models, sheets, stats, study

#: The records of the study that the handbook tells of.
KEPT = Path(__file__).with_name("records.csv")
QUICK_TASKS = 8


def run(quick: bool, progress: Callable[[str], None]) -> dict[str, list[dict]]:
    """`records`: every grading and quiet value (`study.Record`); `counts`: by load and position (`stats.Count`)."""
    subjects = models.build()
    path = None if quick else cache.own() / "latency-study.csv"
    tasks = study.plan(subjects, 1 if quick else study.ROUNDS, QUICK_TASKS if quick else None)
    records = study.run(subjects, tasks, path, progress)
    known, counts = stats.errors(records), []
    groups: dict[tuple[str, float], list[study.Record]] = {}
    for record in stats.graded(records):
        groups.setdefault((record.load, record.position), []).append(record)
    for (load, position), some in groups.items():
        counts.append({"load": load, "position": position, **dataclasses.asdict(stats.count(some, known))})
    return {"records": [dataclasses.asdict(record) for record in records], "counts": counts}


def table(result: dict[str, list[dict]]):
    """Verdicts by load and position, the naive methods beside them, the models, and all of it in short."""
    from rich.console import Group

    records = [study.Record(**record) for record in result["records"]]
    made = [sheet(records) for sheet in (sheets.by_load, sheets.beside, sheets.by_model)]
    return Group(*(sheet.rich() for sheet in made if sheet.rows), *sheets.in_short(records))
