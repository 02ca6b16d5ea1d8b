"""How each kind of probe is made and judged, one at a time."""

from __future__ import annotations

import json
import resource
import shutil
import sys
import time
from pathlib import Path

import nbformat

from course import notebooks, sandbox
from course.contract.artifacts import gate
from course.contract.processes import calls
from course.grading.execution import student
from course.grading.probes import HELD, THROUGH, Probe, Scene
from course.grading.probes.bench import Bench
from course.grading.probes.place import MARKER, make_place, snapshot
from course.grading.submissions import ingest, parcel
from course.grading.submissions import rebuild as reading

#: MB that the grader may grow by while it reads what came back, CPU seconds that it may take for it.
MOST_MB, MOST_CPU_S = 900, 15.0
#: What stands in for the test cells: it holds a marker in files, in its environment and in memory.
_TEST_CELLS = """
import os
from pathlib import Path
from course import notebooks, sandbox
from course.contract.processes import calls
from course.grading.submissions import parcel
from course.sandbox import limits

limits.MOST_MEMORY, limits.MOST_TASKS = 600_000_000, 80
out = parcel.take_over_output()
given = Path(os.environ.pop("COURSE_INPUT"))
secret = (given / "key.txt").read_text()
own = Path("own.txt")
own.write_text(secret)
try:
    with calls.serve(calls.Module("answer.py", (given / "module.py").read_bytes(), {}), seconds=20) as shipped:
        said = str([shipped.call("answer", [1, 2, 3]) for _ in range(3)])
except calls.CallError as error:
    said = str(error)
parcel.send(out, {"said": said[:1_000_000], "own": own.read_text()}, {})
"""


def found(bench: Bench, probe: Probe, scene: Scene) -> str:
    """What came through: a marker, words of the probe's own, or what it looks for itself."""
    for name, marker in bench.place.markers.items():
        if marker in scene.shown:
            return f"the marker of {name} was seen"
    if THROUGH in scene.shown:
        return scene.shown.partition(THROUGH)[2].strip().splitlines()[0][:100]
    return probe.look(scene) if probe.look else HELD


def alone(bench: Bench, probe: Probe) -> str:
    """A cell in a notebook of its own, in the student's process."""
    files = {"model.onnx": b"handed in"}
    start, peak = time.monotonic(), _peak()
    ran = student.run(
        [("probe", bench.place.names() + probe.given)], files, bench.unit.files, seconds=probe.seconds,
        cache=bench.place.cache,
    )  # fmt: skip
    shown = json.dumps(ran.outputs, ensure_ascii=False) + ran.note
    shown.encode("utf-8")
    if ran.files != files and not probe.spoils:
        return "what is graded was changed"
    return found(bench, probe, Scene(shown, ran.note, time.monotonic() - start, _peak() - peak))


def program(bench: Bench, probe: Probe) -> str:
    """A Python program in a sandbox."""
    with sandbox.scratch() as given:
        source = bench.place.names() + probe.given
        try:
            said = sandbox.program(
                [sys.executable, "-I", "-c", source], given, seconds=probe.seconds, most_bytes=1_000_000
            ).decode(errors="replace")
        except sandbox.Stopped as stopped:
            said = str(stopped)
    return found(bench, probe, Scene(said))


def rebuild(bench: Bench, probe: Probe) -> str:
    """A notebook file is read as a submission: cells, their order, marks and ids are the release's."""
    data = json.loads(bench.lesson.student.read_text(encoding="utf-8"))
    content = probe.given(data) or data
    with sandbox.scratch() as folder:
        file = folder / "notebook.ipynb"
        file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        try:
            notebook, _ = reading.rebuild(bench.released, file)
            nbformat.validate(notebook)
            written = nbformat.writes(notebook)
            written.encode("utf-8")
        except Exception as error:  # whatever it is, this submission would not be graded
            return f"not graded: {type(error).__name__}"
    graded = [(c.source, c.metadata, c.cell_type) for c in notebook.cells if _is_test(c)]
    if graded != [(c.source, c.metadata, c.cell_type) for c in bench.released.cells if _is_test(c)]:
        return "a test cell was changed"
    ids = [cell.id for cell in notebook.cells]
    if len(ids) != len(set(ids)):
        return "cells share an id"
    if len(ids) > len(bench.released.cells) + notebooks.MOST_CELLS or len(written) > notebooks.MOST_BYTES:
        return "a notebook without limits"
    if notebook.metadata != bench.released.metadata or any("attachments" in cell for cell in notebook.cells):
        return "more than text was taken"
    return HELD


def _is_test(cell: nbformat.NotebookNode) -> bool:
    marks = cell.metadata.get("nbgrader", {})
    return bool(marks.get("grade")) and not marks.get("solution")


def put_in_order(bench: Bench, probe: Probe) -> str:
    """Files in a class of two: what is left may be copied and opened, and nothing of anybody's is lost."""
    with sandbox.scratch() as scratch:
        place = make_place(scratch)
        ada, mallory = (_files(place.submitted(name), bench) for name in ("ada", "mallory"))
        probe.given(mallory, place)
        before = snapshot(place)
        try:
            for folder in (ada, mallory):
                ingest.clean(folder)
        except Exception as error:  # whatever it is, this submission would not be graded
            return f"not graded: {type(error).__name__}"
        if snapshot(place) != before:
            return "ada's files or the grader's were changed"
        foreign = {Path(path).stat().st_ino for path in before} | {place.root.joinpath("marks.db").stat().st_ino}
        for folder, others in ((ada, set()), (mallory, foreign)):
            if why := _unfit(folder, others):
                return f"{folder.parent.name}: {why}"
        if not probe.spoils and (mallory / "model.onnx").read_bytes() != b"mallory's model":
            return "an honest file was set aside"
        return probe.look(Scene("", folder=mallory)) if probe.look else HELD


def _files(folder: Path, bench: Bench) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_text(f"{folder.parent.name}'s model")
    shutil.copy(bench.lesson.student, folder)
    return folder


def _unfit(folder: Path, foreign: set[int]) -> str:
    """Why the files of a submission can't be copied and opened without a care; '' if they can."""
    if folder.is_symlink() or not folder.is_dir():
        return "there is no folder"
    files = list(folder.rglob("*"))
    if len(files) > 2 * ingest.MOST_FILES + 10:
        return "too many files"
    for path in files:
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            return "a link or special file is left"
        if path.stat().st_ino in foreign:
            return "a name of somebody else's file is left"
        if path.is_file() and path.stat().st_size > ingest.MOST_BYTES:
            return "a file that is too large is left"
        if len(path.relative_to(folder).parts) > ingest.MOST_DEPTH + 1:
            return "folders that are too deep are left"
    if sum(path.stat().st_size for path in files if path.is_file()) > ingest.MOST_TOTAL:
        return "too much is left"
    return HELD


def refused(bench: Bench, probe: Probe) -> str:
    """A model file at the gate. It never meets onnxruntime."""
    try:
        model = gate.check(probe.given(), bench.unit.model)
    except gate.Refused as refusal:
        good = len(str(refusal)) < 1000 and str(refusal).isprintable()
        return HELD if good else "a refusal that can't be shown"
    except Exception as error:  # whatever it is, the test cell would fail
        return f"the gate failed: {type(error).__name__}"
    if probe.look:
        return probe.look(Scene(model.content.decode("latin-1")))
    return "it was let through"


def call(bench: Bench, probe: Probe) -> str:
    """A module is asked `answer([1, 2, 3])` three times; each answer is a value, or there is one sentence."""
    start, work, peak = time.monotonic(), time.thread_time(), _peak()
    module = calls.Module("answer.py", (bench.place.names() + probe.given).encode(), {})
    said: list[object] = []
    try:
        with calls.serve(module, {"answer": "answer(values)"}, seconds=probe.seconds) as shipped:
            said += [shipped.call("answer", [1, 2, 3]) for _ in range(3)]
    except calls.CallError as error:
        said.append(str(error))
        if len(str(error)) > 700 or not str(error).isprintable():
            return "a sentence that can't be shown"
    except Exception as error:  # whatever it is, the test cell may fail
        return f"not graded: {type(error).__name__}"
    grown = _peak() - peak
    if (work := time.thread_time() - work) > MOST_CPU_S:  # wall time says little on a busy machine
        return f"the grader was kept at work for {work:.0f} s"
    if grown > MOST_MB:
        return f"the grader took {grown:,.0f} MB"
    return found(bench, probe, Scene(str(said)[:5_000_000], seconds=time.monotonic() - start, grown=grown))


def nested(bench: Bench, probe: Probe) -> str:
    """A module behind a process as the test cells have it, which holds a marker in files and in memory.

    It has a sandbox of its own only where the machine can make one within another, as with the test cells.
    """
    within = sandbox.nests()
    marker = f"{MARKER}test-cells"
    with sandbox.scratch() as given:
        (given / "key.txt").write_text(marker, encoding="utf-8")
        (given / "module.py").write_text(bench.place.names() + probe.given, encoding="utf-8")
        try:
            message = sandbox.program(
                [sys.executable, "-P", "-c", _TEST_CELLS], given, seconds=60, most_bytes=10**7, within=within,
                isolated=within, environment={"OWN_MARKER": marker} | ({sandbox.INSIDE: "1"} if within else {}),
            )  # fmt: skip
            data, _ = parcel.opened(message)
        except (sandbox.Stopped, ValueError) as error:
            return f"not graded: {error}"
    if data["own"] != marker:
        return "files of the test cells were changed"
    if marker in data["said"]:
        return "the marker of the test cells was seen"
    return found(bench, probe, Scene(data["said"]))


def look(bench: Bench, probe: Probe) -> str:
    """Whatever the probe does itself."""
    return probe.given(bench)


def _peak() -> float:
    """Peak memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


WAYS = {
    "alone": alone, "program": program, "rebuild": rebuild, "ingest": put_in_order, "gate": refused, "call": call,
    "nested": nested, "look": look,
}  # fmt: skip
