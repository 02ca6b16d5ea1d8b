"""The corpus under this course."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat

from course import key, sandbox, units
from course.contract.artifacts import gate
from course.contract.processes import calls
from course.contract.terms.report import Report
from course.grading.attacks import HELD, SECONDS, UNIT, Attack, Scene, student_name
from course.grading.attacks.place import hand_in, make_place, must, nbgrader, snapshot, survivors, text, with_names
from course.grading.authoring.lessons import Lesson
from course.grading.classes import gradebook
from course.grading.classes.rows import Row, table_rows
from course.grading.execution import student
from course.grading.submissions import ingest, parcel, places, submission
from course.grading.submissions.rebuild import rebuild

#: What the sandbox of the test cells does with a module of the corpus.
_TEST_CELLS = """
import os
from pathlib import Path
from course import sandbox
from course.contract.processes import calls
from course.grading.submissions import parcel

sandbox.MOST_RESIDENT = 1_000_000_000
out = parcel.take_over_output()
given = Path(os.environ.pop("COURSE_INPUT"))
secret = (given / "key.json").read_text()
for own in (Path("own.txt"), Path("/tmp/own.txt"), Path("/dev/shm/own.txt")):
    own.write_text(secret)
try:
    with calls.serve(calls.Module("answer.py", (given / "module.py").read_bytes(), {}), seconds=20) as shipped:
        said = str([shipped.call("answer", [1, 2, 3]) for _ in range(3)])
except calls.CallError as error:
    said = str(error)
parcel.send(out, {"said": said[:5_000_000], "own": Path("own.txt").read_text()}, {})
"""
#: MB that the grader may grow by while it reads what came back, CPU seconds that it may take for it, and characters of
#: it that are looked through.
MOST_MB, MOST_CPU_S, MOST_SHOWN = 2500, 25.0, 20_000_000


class Ours:
    """`outcomes` gives for each attack what it gained ('' is right); `seconds`, how long judging it took."""

    def __init__(self, attacks: Iterable[Attack], root: Path, folder: Path) -> None:
        self.attacks = tuple(attacks)
        self.place = make_place(folder)
        self.unit = units.load(UNIT)
        self.seconds: dict[str, float] = {}
        self.log = ""
        gradebook.copy_settings(root, self.place.root)
        shutil.copytree(root / "source", self.place.root / "source")
        must(nbgrader(self.place, "generate_assignment", UNIT, "--create"))
        self.place.tokens["source"] = "### BEGIN SOLUTION"
        self.lesson = Lesson(self.unit, self.place.root)
        self.released = nbformat.read(self.lesson.student, as_version=4)
        self._lock = threading.Lock()

    def outcomes(self, done: Callable[[Attack], None] = lambda attack: None) -> dict[str, str]:
        """Judge every attack, each at its level; the class is graded once. `done` is told each that is judged."""
        judges = {
            "rebuild": self._rebuilt, "ingest": self._ingested, "gate": self._gated, "measure": self._measured,
            "call": self._called, "nested": self._nested, "run": self._ran,
        }  # fmt: skip
        if any(attack.level == "run" for attack in self.attacks):
            self._prepare_runs()

        def judge(attack: Attack) -> str:
            start = time.monotonic()
            found = judges[attack.level](attack)
            self.seconds[attack.name] = time.monotonic() - start
            done(attack)
            return found

        alone = [attack for attack in self.attacks if attack.level in judges]
        with _small_limits(), ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
            found = dict(zip((attack.name for attack in alone), pool.map(judge, alone), strict=True))
        together = [attack for attack in self.attacks if attack.level == "class"]
        if together:
            start = time.monotonic()
            found |= self._class(together)
            for attack in together:
                self.seconds[attack.name] = (time.monotonic() - start) / len(together)
                done(attack)
        return found

    def _hand_in(self, attack: Attack | None, name: str) -> Path:
        from attacks.honest import refused

        # Estimates earn their points, and the model is refused at once: that leaves most points to be raised.
        estimates = self.lesson.solutions()["answer-estimates"]
        return hand_in(attack, name, self.place, self.lesson.student, refused(), estimates)

    def _rebuilt(self, attack: Attack) -> str:
        folder = self._hand_in(attack, student_name(attack))
        try:
            notebook, _ = rebuild(self.released, folder / f"{UNIT}.ipynb")
            nbformat.validate(notebook)
            nbformat.writes(notebook).encode("utf-8")
        except Exception as error:  # whatever it is, this submission would not be graded
            return f"not graded: {type(error).__name__}"
        finally:
            shutil.rmtree(folder.parent)
        graded = [(c.source, c.metadata, c.cell_type) for c in notebook.cells if _is_test(c)]
        if graded != [(c.source, c.metadata, c.cell_type) for c in self.released.cells if _is_test(c)]:
            return "changed a test cell"
        ids = [cell.id for cell in notebook.cells]
        if len(ids) != len(set(ids)):
            return "cells share an id"
        if len(ids) > len(self.released.cells) + submission.MOST_CELLS or len(nbformat.writes(notebook)) > 30_000_000:
            return "a notebook without limits"
        if notebook.metadata != self.released.metadata or any("attachments" in cell for cell in notebook.cells):
            return "brought more than text"
        return HELD

    def _ingested(self, attack: Attack) -> str:
        """In a class of two, in a course of its own: what is left may be copied and opened, and nothing is lost."""
        with sandbox.scratch() as scratch:
            place = make_place(scratch)
            released = self.lesson.student
            ada = hand_in(None, "ada", place, released, b"ada's model")
            mallory = hand_in(attack, student_name(attack), place, released, b"mallory's model")
            before = snapshot(place)
            try:
                for folder in (ada, mallory):
                    ingest.clean(folder)
            except Exception as error:  # whatever it is, this submission would not be graded
                return f"not graded: {type(error).__name__}"
            if snapshot(place) != before:
                return "ada's files or the grader's were changed"
            foreign = {Path(path).stat().st_ino for path in before} | {
                path.stat().st_ino for path in place.root.glob("*")
            }
            for folder, others in ((ada, set()), (mallory, foreign)):
                if why := _unfit(folder, others):
                    return f"{folder.parent.name}: {why}"
            if not attack.spoils and (mallory / "model.onnx").read_bytes() != b"mallory's model":
                return "an honest file was set aside"
            shown = "".join(text(path) for path in mallory.rglob("*") if path.is_file())
            return _gained(attack, Scene(place, mallory.parent.name, shown))

    def _gated(self, attack: Attack) -> str:
        try:
            model = gate.check(attack.model(), self.unit.model)
        except gate.Refused as refused:
            return (
                HELD if len(str(refused)) < 1000 and str(refused).isprintable() else "a refusal that harms its reader"
            )
        except Exception as error:  # whatever it is, the test cell would fail
            return f"the gate failed: {type(error).__name__}"
        return attack.canary(Scene(self.place, "", repr(model.content))) if attack.canary else "let through"

    def _measured(self, attack: Attack) -> str:
        from course.contract.measure import measure
        from course.contract.terms.holdout import Holdout, Probe

        open_data = self.unit.public_data(key.OPEN)
        probe = Probe({"pixels": open_data["X_public"][:200].astype("float32")})
        holdout = Holdout("public", {"rows": probe}, {"digit": open_data["y_public"][:200]}, timing=probe)
        with sandbox.scratch() as folder:
            if attack.model:
                (folder / "model.onnx").write_bytes(attack.model())
            if attack.files:
                attack.files(folder, self.place)
            start = time.monotonic()
            try:
                report = measure(self.unit, folder, holdout)
                Report.from_json(report.to_json())
            except Exception as error:  # whatever it is, the test cell would fail
                return f"not graded: {type(error).__name__}"
        if report["estimates"].points:
            return "earned points for estimates"
        if report["quality"].points or report["interface"].points == self.unit.term("interface").worth:
            return "earned points"
        return HELD if time.monotonic() - start < 120 else "kept the grader busy"

    def _called(self, attack: Attack) -> str:
        start, work, peak = time.monotonic(), time.thread_time(), _peak()
        module = calls.Module("answer.py", self._module(attack), {})
        said: list[object] = []
        try:
            with calls.serve(module, {"answer": "answer(values)"}, seconds=attack.seconds) as shipped:
                said += [shipped.call("answer", [1, 2, 3]) for _ in range(3)]
        except calls.CallError as error:
            said.append(str(error))
            if len(str(error)) > 700 or not str(error).isprintable():
                return "a sentence that harms its reader"
        except Exception as error:  # whatever it is, the test cell may fail
            return f"not graded: {type(error).__name__}"
        seconds, grown = time.monotonic() - start, _peak() - peak
        if (work := time.thread_time() - work) > MOST_CPU_S:  # wall time says little on a busy machine
            return f"kept the grader at work for {work:.0f} s"
        if grown > MOST_MB:
            return f"the grader took {grown:,.0f} MB"
        return _gained(attack, Scene(self.place, student_name(attack), str(said)[:MOST_SHOWN], "", seconds))

    def _nested(self, attack: Attack) -> str:
        """From within a process as the test cells have it, which holds a key in files and in memory.

        It has a sandbox of its own only where the machine can make one within another, as with the test cells.
        """
        within = sandbox.nests()
        with sandbox.scratch() as given:
            token = self.place.tokens["key"]
            (given / "key.json").write_text(token, encoding="utf-8")
            (given / "module.py").write_bytes(self._module(attack))
            environment = {sandbox.INSIDE: "1"} if within else {}
            command = [sys.executable, "-P", "-c", _TEST_CELLS]
            try:
                message = sandbox.program(
                    command,
                    given,
                    seconds=90,
                    most_bytes=10**8,
                    within=within,
                    isolated=within,
                    environment=environment,
                )
                data, _ = parcel.opened(message)
            except (sandbox.Stopped, ValueError) as error:
                return f"not graded: {error}"
        if data["own"] != token:
            return "changed files of the test cells"
        return _gained(attack, Scene(self.place, student_name(attack), data["said"]))

    def _module(self, attack: Attack) -> bytes:
        return with_names(attack.module, student_name(attack), self.place).encode()

    def _prepare_runs(self) -> None:
        self._honest = self._run(self._hand_in(None, "honest-run"), SECONDS).files
        shutil.rmtree(self.place.submitted("honest-run").parent)
        ada = self.place.submitted("ada")
        ada.mkdir(parents=True)
        (ada / "notes.txt").write_text(self.place.tokens["ada"], encoding="utf-8")
        self._before = snapshot(self.place)

    def _ran(self, attack: Attack) -> str:
        folder = self._hand_in(attack, student_name(attack))
        start, peak = time.monotonic(), _peak()
        try:
            ran = self._run(folder, attack.seconds)
            shown = json.dumps(ran.outputs, ensure_ascii=False) + ran.note
            shown.encode("utf-8")
        except Exception as error:  # whatever it is, this submission would not be graded
            return f"not graded: {type(error).__name__}"
        seconds, grown = time.monotonic() - start, _peak() - peak
        files = b"".join(ran.files.values()).decode(errors="replace")
        scene = Scene(self.place, folder.parent.name, shown + files, ran.note, seconds, len(shown), grown=grown)
        shutil.rmtree(folder.parent)
        with self._lock:
            before, self._before = self._before, snapshot(self.place)
            if self._before != before:
                return "changed files outside"
        if ran.files != self._honest and not attack.spoils:
            return "changed what is graded"
        return _gained(attack, scene)

    def _run(self, folder: Path, seconds: float) -> student.Run:
        notebook, _ = rebuild(self.released, folder / f"{UNIT}.ipynb")
        # The locked cells only load data; without them a run takes half the time.
        cells = [cell for cell in student.part(notebook) if not cell.metadata.get("nbgrader", {}).get("locked")]
        sources, files = [(cell.id, cell.source) for cell in cells], places.files_in(folder, self.unit.files)
        return student.run(sources, files, self.unit.files, seconds=seconds, cache=self.place.cache)

    def _class(self, attacks: list[Attack]) -> dict[str, str]:
        for name in ("ada", "zoe"):
            shutil.rmtree(self.place.submitted(name).parent, ignore_errors=True)
            self._hand_in(None, name)
        for attack in attacks:
            self._hand_in(attack, student_name(attack))
        before = snapshot(self.place)
        ran = nbgrader(self.place, "autograde", UNIT, f"--TrustedExecute.seconds={SECONDS}")
        nbgrader(self.place, "generate_feedback", UNIT)
        self.log = ran.stderr
        rows = {row.student: row for row in table_rows(self.unit, self.place.root)}
        honest = {rows[name].points if name in rows and rows[name].report else None for name in ("ada", "zoe")}
        shared = ""
        if len(honest) != 1 or None in honest:
            shared = "the batch was aborted, or somebody else's row was changed"
        elif (after := snapshot(self.place)) != before:
            changed = [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)]
            shared = f"files outside were changed: {', '.join(sorted(changed)[:3])}"
        return {attack.name: shared or self._row(attack, rows.get(student_name(attack)), *honest) for attack in attacks}

    def _row(self, attack: Attack, row: Row | None, honest: float) -> str:
        name = student_name(attack)
        if row is None or row.report is None:
            return "not graded"
        if row.points > honest:
            return f"raised: {row.points:g} points, not {honest:g}"
        if row.points < honest and not attack.spoils:
            return f"{row.points:g} points, not {honest:g}"
        notebook, page = self.place.notebook(name), self.place.page(name)
        if not page.is_file():
            return "has no feedback"
        size = notebook.stat().st_size if notebook.is_file() else 0
        return _gained(attack, Scene(self.place, name, text(notebook) + text(page), "", 0.0, size, page))


def _gained(attack: Attack, scene: Scene) -> str:
    """What an attack gained, points aside."""
    for name, token in scene.place.tokens.items():
        if token in scene.shown:
            return f"leaked: {name}"
    for _ in range(30):  # the kernel takes a moment to end what was in a sandbox
        if not survivors(scene.student):
            break
        time.sleep(0.1)
    else:
        return "left a process behind"
    return attack.canary(scene) if attack.canary else HELD


def _is_test(cell: nbformat.NotebookNode) -> bool:
    marks = cell.metadata.get("nbgrader", {})
    return bool(marks.get("grade")) and not marks.get("solution")


def _unfit(folder: Path, foreign: set[int]) -> str:
    """Why the files of a submission can't be copied and opened without a care; '' if they can."""
    if folder.is_symlink() or not folder.is_dir():
        return "there is no folder"
    found = list(folder.rglob("*"))
    if len(found) > 3 * ingest.MOST_FILES:
        return "very many files"
    for path in found:
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            return "a link or special file is left"
        if path.stat().st_ino in foreign:
            return "a name of somebody else's file is left"
        if path.is_file() and path.stat().st_size > ingest.MOST_BYTES:
            return "a huge file is left"
        if len(path.relative_to(folder).parts) > ingest.MOST_DEPTH + 1:
            return "deep folders are left"
    return HELD


@contextlib.contextmanager
def _small_limits() -> Iterator[None]:
    """Limits of sandboxes small enough that running into them is quick and hurts nobody."""
    limits = {
        (sandbox, "MOST_RESIDENT"): 1_500_000_000,
        (calls, "MEMORY_BYTES"): 2 * 2**30,
        (calls, "LOAD_S"): 10.0,
        (student, "GRACE"): 10.0,
    }
    before = {(where, name): getattr(where, name) for where, name in limits}
    try:
        for (where, name), limit in limits.items():
            setattr(where, name, limit)
        yield
    finally:
        for (where, name), limit in before.items():
            setattr(where, name, limit)


def _peak() -> float:
    """Peak memory of this process so far, in MB."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
