"""`course probes`: all probes, what they saw, and the handbook's table of them."""

from __future__ import annotations

import json
import logging
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from course import sandbox
from course.grading.probes import CHANNELS, Probe, corpus
from course.grading.probes.bench import Bench
from course.grading.probes.judge import outcomes
from course.problem import Problem


def show(root: Path, console: Console, *, channel: str, as_json: bool) -> bool:
    """Run the probes (of one channel, or of all) and print what each saw. True if nothing came through.

    Raises Problem where nothing can be isolated, and for a channel that there is none of.
    """
    if sandbox.problem():
        raise Problem(f"{sandbox.problem()} Without it there is nothing to probe.")
    if channel and channel not in CHANNELS:
        raise Problem(f"There is no channel {channel!r}. There are: {', '.join(CHANNELS)}.")
    logging.getLogger("course").addHandler(logging.NullHandler())  # what is told of submissions is part of the play
    probes = [probe for probe in corpus(root) if not channel or probe.channel == channel]
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with (
        tempfile.TemporaryDirectory(prefix="course-", ignore_cleanup_errors=True) as name,
        Progress(*columns, console=console, transient=True) as progress,
    ):
        task = progress.add_task("probes", total=len(probes))
        bench = Bench(root, Path(name) / "bench")
        seen = outcomes(bench, probes, lambda probe: progress.update(task, advance=1, description=probe.channel))
    through = [probe for probe in probes if seen[probe.title]]
    if as_json:
        print(json.dumps(record(probes, seen), indent=1))
    else:
        table = Table("Channel", "Probe", "What came through")
        for probe in probes:
            table.add_row(probe.channel, probe.name, seen[probe.title] or "nothing")
        console.print(table)
        console.print(f"{len(through)} of {len(probes)} probes came through.")
    return not through


def record(probes: Sequence[Probe], seen: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """What came through, by channel and probe ('' is nothing)."""
    found: dict[str, dict[str, str]] = {}
    for probe in probes:
        found.setdefault(probe.channel, {})[probe.name] = seen[probe.title]
    return found


def markdown(found: Mapping[str, Mapping[str, str]]) -> str:
    """The handbook's table: a line for each channel."""
    lines = ["| Channel | Asked | Probes | What came through |", "| --- | --- | --- | --- |"]
    for channel, probes in found.items():
        through = [f"{name}: {said}" for name, said in probes.items() if said]
        names = "; ".join(probes)
        lines.append(
            f"| {channel} | {CHANNELS[channel]} | {len(probes)}: {names} | {'; '.join(through) or 'nothing'} |"
        )
    return "\n".join(lines)
