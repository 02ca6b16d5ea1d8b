"""What a class costs: plain nbgrader, this course one by one and side by side, from what is known, and how it grows.

Everything is measured in one run, one thing after another: wall and CPU seconds of whole commands (see `trust` for how
CPU time is accounted for). A student's notebook trains a small network for some seconds; plain nbgrader measures on the
same private hold-out, in the student's kernel, and nothing of it is isolated. It also runs the checks of the lesson,
which this course leaves out: they measure what is measured for the grade. How the cost grows is measured on classes
of small submissions whose cells and models are not run, because that part grows with the class by definition:
    python -m course.benchmarks.class_ FOLDER     (grades the class there in that way, and prints what it took)
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console, Group
from rich.table import Table

from course import cache, key, sandbox
from course.benchmarks.trust import PLAIN, hand_in, spent
from course.contract.terms import holdout
from course.contract.terms.report import Report
from course.grading.classes import gradebook, klass, results, spread
from course.grading.execution import work
from course.grading.execution.trusted import REPORT
from course.grading.places import root
from course.learning.work import PRIVATE
from course.problem import Problem
from course.units import load

UNIT = "f01-shrink-ensemble"
STUDENTS, QUICK_STUDENTS = 20, 4
SIZES, QUICK_SIZES = (20, 200, 2000), (5, 20)
JOBS = 2
#: What the class of the last table has, and the threads of workers that it is computed for.
LARGE, WORKERS = 20_000, (10, 100)
TRAIN = """
from sklearn.neural_network import MLPClassifier
network = MLPClassifier((64,), max_iter=12, tol=0, random_state={seed})
network.fit(unit.data["X_train"] / 255, unit.data["y_train"])
"""


def run(quick: bool, progress: Callable[[str], None]) -> dict:
    """Seconds of every way to grade one class, whether the grades are the same, and how the cost grows."""
    if problem := sandbox.problem():
        raise Problem(f"There is nothing to measure without isolation. {problem}")
    count = QUICK_STUDENTS if quick else STUDENTS
    ways: dict[str, dict[str, float]] = {}
    grades = []
    with tempfile.TemporaryDirectory(prefix="course-") as scratch:
        plain, ours, side = (Path(scratch) / name for name in ("plain", "ours", "side"))
        for course in (plain, ours, side):
            _hand_in(course, count, plain=course == plain, train=True)
        record = [sys.executable, "-m", "nbgrader"]
        grade = [sys.executable, "-m", "course", "grade", UNIT, "--jobs", str(JOBS)]
        for way, course, command in (
            ("plain nbgrader autograde", plain, [*record, "autograde", UNIT]),
            ("plain nbgrader generate_feedback", plain, [*record, "generate_feedback", UNIT]),
            ("this course, nbgrader autograde", ours, [*record, "autograde", UNIT]),
            ("the same again, all known", ours, [*record, "autograde", UNIT, "--force"]),
            (f"course grade --jobs {JOBS}, with feedback", side, grade),
        ):
            progress(f"{way}, {count} submissions")
            cpu, wall = spent(command, course, _environment(course, plain=course == plain))
            ways[way] = {"wall": wall, "cpu": cpu}
            grades.append(_grades(course))
        grown = []
        for size in QUICK_SIZES if quick else SIZES:
            progress(f"a class of {size:,}, nothing of it run")
            course = Path(scratch) / f"class-{size}"
            _hand_in(course, size, plain=False, train=False)
            command = [sys.executable, "-m", "course.benchmarks.class_", str(course)]
            ran = subprocess.run(command, env=_environment(course), capture_output=True, text=True)
            if ran.returncode:
                raise Problem(f"the class of {size} was not graded: {ran.stderr[-500:]}")
            grown.append({"students": size, **json.loads(ran.stdout.splitlines()[-1])})
        verdicts = [_verdicts(course) for course in (ours, side)]
    a, b, c, again, d = ways.values()
    return {
        "students": count,
        "ways": ways,
        "side by side over plain": d["wall"] / (a["wall"] + b["wall"]),
        "overhead": (c["cpu"] - a["cpu"]) / count,
        "regrade faster": a["wall"] / again["wall"],
        "same grades": all(found == grades[0] for found in grades),
        "same verdicts": verdicts[0] == verdicts[1],
        "growth": grown,
        "a submission": c["wall"] / count,
    }


def table(result: dict) -> Group:
    """Three tables: ways to grade, growth, and what a large class would need."""
    heads, rows, words = _parts(result)
    made: list = []
    for name, (title, columns) in heads.items():
        one = Table(*columns, title=title, title_justify="left")
        for row in rows[name]:
            one.add_row(*row)
        made += [one, words[name], ""]
    return Group(*made)


def markdown(result: dict) -> str:
    """The same for the handbook."""
    heads, rows, words = _parts(result)
    made = []
    for name, (title, columns) in heads.items():
        lines = [columns, ["---"] * len(columns), *rows[name]]
        made += [
            f"**{title}**",
            "",
            *(f"| {' | '.join(line)} |" for line in lines),
            "",
            *filter(None, [words[name]]),
            "",
        ]
    return "\n".join(made)


def _parts(result: dict) -> tuple[dict[str, tuple[str, list[str]]], dict[str, list[list[str]]], dict[str, str]]:
    """Of each table the title and heads of columns, the rows, and what is said below."""
    count, last = result["students"], result["growth"][-1]
    each = {name: last[name] / last["students"] for name in ("ahead", "recorded")}
    needs = []
    for workers in WORKERS:
        graded = LARGE * max(result["a submission"] / workers, each["ahead"]) / 3600
        recorded = LARGE * each["recorded"] / 3600
        needs.append([str(workers), f"{graded + recorded:.1f}", f"{recorded:.1f}"])
    heads = {
        "ways": (f"{count} submissions", ["", "Wall s", "CPU s", "Wall s a submission"]),
        "growth": (
            "What grows with the class: nothing of it run, all of it read, recorded and told",
            ["Students", "Wall s", "ms a student", "MB of `course grade`"],
        ),
        "needs": (f"Computed: {LARGE:,} submissions", ["Threads of workers", "Hours", "Recording and feedback alone"]),
    }
    rows = {
        "ways": [
            [name, f"{took['wall']:.1f}", f"{took['cpu']:.1f}", f"{took['wall'] / count:.2f}"]
            for name, took in result["ways"].items()
        ],
        "growth": [
            [
                f"{one['students']:,}",
                f"{one['wall']:.1f}",
                f"{1e3 * one['wall'] / one['students']:.0f}",
                f"{one['mb']:.0f}",
            ]
            for one in result["growth"]
        ],
        "needs": needs,
    }
    words = {
        "ways": (
            f"Side by side, with feedback and full trust: {result['side by side over plain']:.2f} of plain's time. "
            f"CPU time over plain's: {result['overhead']:+.2f} s a submission. "
            f"All known: {result['regrade faster']:.0f} times faster than plain. "
            f"Grades {'are the same in all ways' if result['same grades'] else 'DIFFER'}; verdicts, of latency too, "
            f"{'are the same' if result['same verdicts'] else 'DIFFER'} one by one and side by side."
        ),
        "growth": "",
        "needs": (
            "Grading takes what a submission took one by one above, divided by the threads, or what reading and "
            "shipping it took in the largest class, whichever is more; then recording and feedback as in that class, "
            f"with {JOBS} processes."
        ),
    }
    return heads, rows, words


def _hand_in(course: Path, students: int, *, plain: bool, train: bool) -> None:
    where, unit = root(), load(UNIT)
    shutil.copytree(where / "source" / UNIT, course / "source" / UNIT, ignore=shutil.ignore_patterns("lesson.py"))
    if plain:
        (course / "nbgrader_config.py").write_text(PLAIN, encoding="utf-8")
        holdout.write(unit.private_holdout(key.OPEN), course / "holdout")
    else:
        gradebook.copy_settings(where, course)
    for number in range(students):
        hand_in(course, number, TRAIN.format(seed=number) if train else f"# {number}")
    spent([sys.executable, "-m", "nbgrader", "generate_assignment", UNIT, "--create"], course, _environment(course))


def _environment(course: Path, *, plain: bool = False) -> dict[str, str]:
    programs = str(Path(sys.executable).parent)
    more = {PRIVATE: str(course / "holdout")} if plain else {}
    return os.environ | more | {
        "PATH": programs + os.pathsep + os.environ.get("PATH", os.defpath),
        "COURSE_KEY_FILE": str(course / "no-key.json"),
        "COURSE_CACHE": str(cache.shared()),
        "COURSE_ROOT": str(course),
        "COURSE_DATA": str(course / "data"),  # plain nbgrader runs checks as a learner does, who has progress
        results.FOLDER: str(course / "results"),  # nothing is known from an earlier run
    }  # fmt: skip


def _grades(course: Path) -> list[tuple]:
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        return sorted(
            (one.student.id, grade.name, grade.auto_score)
            for one in book.assignment_submissions(UNIT)
            for notebook in one.notebooks
            for grade in notebook.grades
            if grade.cell.cell_type == "code"
        )


def _verdicts(course: Path) -> dict[str, list[str]]:
    files = course.glob(f"autograded/*/*/{REPORT}")
    return {file.parents[1].name: [c.verdict for c in Report.from_json(file.read_text()).clauses] for file in files}


_do, _known = work.do, []


def once(task: work.Task) -> work.Result:
    """In place of `work.do`: what came of the first task, for every task."""
    _known.extend([] if _known else [_do(task)])
    return _known[0]


def main(course: Path) -> None:
    """Grade a class with one result for everybody, made once; print seconds and the most memory that was used."""
    from course.benchmarks import class_  # by its name: what Dask is given must not be this program's own

    unit, run_all = load(UNIT), spread.run_all
    ahead: list[float] = []

    def timed(*arguments, **named) -> None:
        started = time.monotonic()
        run_all(*arguments, **named)
        ahead.append(time.monotonic() - started)

    work.do, spread.run_all = class_.once, timed
    run_all(unit, course, ["student-00000"], jobs=1, scheduler="", done=lambda name, problem: None)
    console = Console(stderr=True, quiet=True)
    started = time.monotonic()
    klass.grade(unit, course, klass.How(jobs=JOBS), console, len)
    wall = time.monotonic() - started
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(json.dumps({"wall": wall, "ahead": ahead[0], "recorded": wall - ahead[0], "mb": most}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
