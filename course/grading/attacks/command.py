"""`course attacks`: the whole corpus against plain nbgrader and against this course, side by side."""

from __future__ import annotations

import json
import logging
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from course import sandbox
from course.grading.attacks import corpus
from course.grading.attacks.ours import Ours
from course.grading.attacks.place import kill_survivors
from course.grading.attacks.plain import Plain
from course.problem import Problem


def show(root: Path, console: Console, *, ours_only: bool, as_json: bool) -> bool:
    """Run the corpus and print what came of every attack.

    True if this course held against all, and (unless `ours_only`) plain nbgrader was beaten by some: an attack that
    beats nobody proves nothing. Raises Problem where nothing can be isolated.
    """
    if sandbox.problem():
        raise Problem(f"{sandbox.problem()} The attacks are only run where they can't do harm.")
    logging.getLogger("course").addHandler(logging.NullHandler())  # what is told of submissions is part of the play
    attacks = corpus(root)
    compared = [attack for attack in attacks if attack.plain and not ours_only]
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with (
        tempfile.TemporaryDirectory(prefix="course-", ignore_cleanup_errors=True) as name,
        Progress(*columns, console=console, transient=True) as progress,
    ):
        other = Plain(Path(name) / "plain")
        if compared:
            other.check()
        task = progress.add_task("this course", total=len(attacks))
        judge = Ours(attacks, root, Path(name) / "ours")
        try:
            ours = judge.outcomes(
                lambda attack: progress.update(task, advance=1, description=f"this course: {attack.name}")
            )
        finally:
            kill_survivors()
        task = progress.add_task("plain nbgrader", total=len(compared))

        def beaten(attack) -> str:
            found = other.outcome(attack)
            progress.advance(task)
            return found

        with ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
            plain = dict(zip((attack.name for attack in compared), pool.map(beaten, compared), strict=True))
    broken = [attack for attack in attacks if ours[attack.name]]
    gained = [attack for attack in compared if plain[attack.name]]
    if as_json:
        rows = [
            {"attack": attack.name, "aim": attack.aim, "goal": attack.goal, "level": attack.level,
             "ours": ours[attack.name], "plain": plain.get(attack.name),
             "seconds": round(judge.seconds[attack.name], 2)}
            for attack in attacks
        ]  # fmt: skip
        print(json.dumps(rows, indent=1))
    else:
        table = Table("Attack", "Goal", *([] if ours_only else ["Plain nbgrader"]), "This course")
        for attack in attacks:
            beside = [] if ours_only else [plain.get(attack.name, "not compared") or "holds"]
            table.add_row(attack.name, attack.goal, *beside, ours[attack.name] or "holds")
        console.print(table)
        if compared:
            console.print(f"Plain nbgrader: {len(gained)} of {len(compared)} attacks gained something.")
        console.print(f"This course: {len(broken)} of {len(attacks)} attacks gained something.")
    return not broken and (ours_only or bool(gained))
