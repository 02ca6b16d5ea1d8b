"""All probes, judged: each its own way, what can be together together."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from course.grading.classes.rows import Row, table_rows
from course.grading.execution import student
from course.grading.probes import HELD, THROUGH, Probe, Scene
from course.grading.probes.bench import Bench, small_limits
from course.grading.probes.place import UNIT, nbgrader, snapshot, text
from course.grading.probes.ways import WAYS, found


def outcomes(
    bench: Bench, probes: Iterable[Probe], done: Callable[[Probe], None] = lambda probe: None
) -> dict[str, str]:
    """What came through, by title of the probe. `done` is told each that is judged."""
    probes = tuple(probes)

    def judge(probe: Probe) -> str:
        start = time.monotonic()
        outcome = WAYS[probe.way](bench, probe)
        bench.seconds[probe.title] = time.monotonic() - start
        done(probe)
        return outcome

    seen: dict[str, str] = {}
    together = [probe for probe in probes if probe.way in ("cell", "class")]
    with small_limits():
        for way, judged in (("cell", _cells), ("class", _class)):
            if some := [probe for probe in probes if probe.way == way]:
                start = time.monotonic()
                seen |= judged(bench, some)
                for probe in some:
                    bench.seconds[probe.title] = (time.monotonic() - start) / len(some)
                    done(probe)
        with ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
            single = [probe for probe in probes if probe not in together]
            seen |= dict(zip((probe.title for probe in single), pool.map(judge, single), strict=True))
    return seen


def _cells(bench: Bench, probes: list[Probe]) -> dict[str, str]:
    """All cells in one notebook of the student's process; each says itself what came through."""
    before = snapshot(bench.place)
    cells = [("start", bench.place.names())]
    cells += [(f"probe-{number}", probe.given) for number, probe in enumerate(probes)]
    ran = student.run(cells, {}, bench.unit.files, seconds=60, cache=bench.place.cache)
    changed = snapshot(bench.place) != before
    seen = {}
    for number, probe in enumerate(probes):
        outputs = ran.outputs.get(f"probe-{number}")
        shown = json.dumps(outputs) if outputs is not None else f"{THROUGH} it was not run ({ran.note})"
        files = b"".join(ran.files.values()).decode(errors="replace")
        seen[probe.title] = found(bench, probe, Scene(shown.replace("\\n", "\n") + files, ran.note))
        if not seen[probe.title] and probe.channel == "writing" and changed:
            seen[probe.title] = "files outside were changed"
    return seen


def _hand_in(bench: Bench, probe: Probe | None, name: str) -> None:
    """An honest submission, or one that a probe changed. Its model is refused at once: nothing is measured."""
    folder = bench.place.submitted(name)
    folder.mkdir(parents=True, exist_ok=True)
    data = json.loads(bench.lesson.student.read_text(encoding="utf-8"))
    for cell in data["cells"]:
        known = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if known == "answer-estimates":
            cell["source"] = bench.lesson.solutions()["answer-estimates"]
        elif cell["cell_type"] == "code" and not known:
            cell["source"] = ""  # the explorations of the lesson, which take time
    (folder / "model.onnx").write_bytes(b"no model")
    file = folder / f"{UNIT}.ipynb"
    if probe:
        probe.given(folder, data, bench.place)
    if not file.exists():
        file.write_text(json.dumps(data), encoding="utf-8")


def _class(bench: Bench, probes: list[Probe]) -> dict[str, str]:
    """One class, graded by `nbgrader autograde`: ada and zoe are honest, and the probes between them.

    Probes that change a submission in the same way share one.
    """
    changes = list(dict.fromkeys(probe.given for probe in probes))
    names = {probe.title: f"mallory-{changes.index(probe.given)}" for probe in probes}
    for name in ("ada", "zoe"):
        _hand_in(bench, None, name)
    for probe in {names[probe.title]: probe for probe in probes}.values():
        _hand_in(bench, probe, names[probe.title])
    before = snapshot(bench.place)
    bench.log = nbgrader(bench.place, "autograde", UNIT, "--TrustedExecute.seconds=60").stderr
    nbgrader(bench.place, "generate_feedback", UNIT)
    rows = {row.student: row for row in table_rows(bench.unit, bench.place.root)}
    honest = {rows[name].points if name in rows and rows[name].report else None for name in ("ada", "zoe")}
    if len(honest) != 1 or None in honest:
        return dict.fromkeys(names, "the batch was aborted, or somebody else's row was changed")
    if snapshot(bench.place) != before:
        return dict.fromkeys(names, "files outside were changed")
    return {probe.title: _row(bench, probe, names[probe.title], rows, *honest) for probe in probes}


def _row(bench: Bench, probe: Probe, name: str, rows: dict[str, Row], honest: float) -> str:
    row, page = rows.get(name), bench.place.page(name)
    if row is None or row.report is None or not page.is_file():
        return "not graded"
    if row.points > honest or (row.points < honest and not probe.spoils):
        return f"{row.points:g} points, not {honest:g}"
    graded = bench.place.graded(name)
    shown = text(graded / f"{UNIT}.ipynb") + text(page)
    return found(bench, probe, Scene(shown, bench.log, folder=graded, page=text(page))) or HELD
