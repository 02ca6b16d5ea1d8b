"""The attack corpus: submissions that want more than their files deserve, and what came of each.

The corpus is the package tests/attacks of the checkout. Every attack is an honest submission with something changed.
Each is judged at the cheapest level that proves it:

    rebuild   reading the notebook file           run    the student's process, without grading
    gate      the model file                      class  one class, graded by `nbgrader autograde`
    measure   the model file, loaded and run
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from rich.console import Console
from rich.table import Table

from course import cache, key, units
from course.contract import gate
from course.grading import klass, student, submission
from course.grading.lessons import Lesson
from course.problem import Problem

UNIT = "f01-shrink-ensemble"
GOALS = ("raise", "leak", "harm", "escape a limit", "abort the batch")
LEVELS = ("rebuild", "gate", "measure", "run", "class")
#: Seconds that a notebook of the corpus may take, and what an outcome is called where nothing was gained.
SECONDS = 15
HELD = ""
#: Stands in the command line of every process that an attack leaves behind.
MARK = "attack-left-behind"


@dataclass(frozen=True)
class Attack:
    """One hostile submission.

    `cell` is the text of the cell `build-model`; it finds the names COURSE (the course folder), HOME_FOLDER (of the
    grader), CACHE and ME (the name of the attacking student). `notebook` changes the notebook's JSON in place, or
    returns what is handed in instead; `files` puts files into the submission's folder; `model` makes model.onnx.
    `canary` says after grading what the attack achieved beyond what is always looked for ('' if nothing).
    """

    name: str
    aim: str
    goal: str
    level: str = "class"
    cell: str = ""
    notebook: Callable[[dict], dict | bytes | None] | None = None
    files: Callable[[Path, Place], None] | None = None
    model: Callable[[], bytes] | None = None
    canary: Callable[[Scene], str] | None = None
    spoils: bool = False  # it ruins its own artifact: fewer points are right
    plain: bool = True  # plain nbgrader has something to compare with
    seconds: int = SECONDS
    known: str = ""  # why it is known not to be held; the test expects that

    def __post_init__(self) -> None:
        assert self.goal in GOALS and self.level in LEVELS, self.name


@dataclass(frozen=True)
class Place:
    """A course in a temporary folder, with secrets laid out in it; `tokens` are strings that nobody may see."""

    root: Path
    home: Path
    cache: Path
    tokens: dict[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """What nbgrader is started with: another home, the open key, programs of this Python first."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        return {
            **os.environ, "PATH": path, "HOME": str(self.home), "COURSE_CACHE": str(self.cache),
            "COURSE_KEY_FILE": str(self.root / "no-key.json"), "COURSE_CANARY": self.tokens["environment"],
        }  # fmt: skip

    def submitted(self, name: str) -> Path:
        """The folder that a student hands in."""
        return self.root / "submitted" / name / UNIT


@dataclass(frozen=True)
class Scene:
    """What a canary can look at after an attack: the place, what is shown to the student, files, outcome of the run."""

    place: Place
    student: str
    shown: str
    seconds: float = 0.0
    size: int = 0  # bytes of the notebook that comes out
    pages: str = ""  # the feedback page


def corpus(root: Path) -> tuple[Attack, ...]:
    """The attacks of the checkout `root`. Raises Problem if it has none."""
    file = root / "tests" / "attacks" / "__init__.py"
    if not file.is_file():
        raise Problem(f"There are no attacks: {file.relative_to(root)} is missing.")
    spec = importlib.util.spec_from_file_location("attacks", file, submodule_search_locations=[str(file.parent)])
    module = importlib.util.module_from_spec(spec)
    sys.modules["attacks"] = module
    spec.loader.exec_module(module)
    return module.CORPUS


def student_name(attack: Attack) -> str:
    """The student who hands in an attack: graded after ada and before zoe, who are honest."""
    return "mallory-" + attack.name.replace(" ", "-")


# --- laying out ---------------------------------------------------------------------------------------------------


def make_place(folder: Path) -> Place:
    """A folder for a course, with a home that holds a key and a cache that holds a rehearsed model."""
    tokens = {name: hashlib.sha256(os.urandom(32)).hexdigest() for name in ("key", "environment", "ada", "rehearsal")}
    place = Place(folder / "course", folder / "home", folder / "cache", tokens)
    for made in (place.root, place.home, place.cache):
        made.mkdir(parents=True)
    for file in cache.shared().glob("f01-*.npz"):
        shutil.copy(file, place.cache)
    rehearsed = place.home / ".cache" / "under-budget" / "own" / "rehearsal-0123456789abcdef.zip"
    rehearsed.parent.mkdir(parents=True)
    rehearsed.write_text(tokens["rehearsal"], encoding="utf-8")
    secret = place.home / ".config" / key.COURSE / "key.json"
    secret.parent.mkdir(parents=True)
    secret.write_text(json.dumps({"secret": tokens["key"], "term": "spring"}), encoding="utf-8")
    secret.chmod(0o600)
    return place


def hand_in(attack: Attack | None, name: str, place: Place, released: Path, model: bytes, estimates: str = "") -> Path:
    """Write a submission: the honest one, changed as the attack says."""
    folder = place.submitted(name)
    folder.mkdir(parents=True)
    data = json.loads(released.read_text(encoding="utf-8"))
    for cell in data["cells"]:
        known = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if known == "build-model":
            cell["source"] = _cell(attack, name, place) if attack and attack.cell else ""
        elif known == "answer-estimates" and estimates:
            cell["source"] = estimates
        elif cell["cell_type"] == "code" and not known:
            cell["source"] = ""  # the explorations of the lesson, which take time
    (folder / "model.onnx").write_bytes(attack.model() if attack and attack.model else model)
    (folder / "notes.txt").write_text(place.tokens["ada"] if name == "ada" else "notes", encoding="utf-8")
    changed = (attack.notebook(data) if attack and attack.notebook else None) or data
    content = changed if isinstance(changed, bytes) else json.dumps(changed).encode()
    (folder / f"{UNIT}.ipynb").write_bytes(content)
    if attack and attack.files:
        attack.files(folder, place)
    return folder


def _cell(attack: Attack, name: str, place: Place) -> str:
    names = {"COURSE": place.root, "HOME_FOLDER": place.home, "CACHE": place.cache, "ME": name, "MARK": MARK}
    return "\n".join([*(f"{known} = {str(value)!r}" for known, value in names.items()), attack.cell])


def _snapshot(place: Place) -> dict[str, str]:
    """Digests of everything that no submission may change."""
    watched = [place.home, place.cache, place.root / "source", place.root / "release", place.submitted("ada")]
    files = [path for top in watched for path in top.rglob("*") if path.is_file()]
    # Jupyter and matplotlib keep notes of their own in a home; `.ipython` holds code that would be run.
    noise = (
        ".local",
        ".jupyter",
        ".cache",
        "history.sqlite",
        ".config/matplotlib",
        "startup/README",
        "profile_default/log",
    )
    files = [path for path in files if not any(word in str(path) for word in noise)]
    found = [*files, place.root / "nbgrader_config.py"]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in found if path.is_file()}


def _nbgrader(place: Place, *arguments: str, seconds: float = 1500) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=place.root, env=place.environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True,
        errors="replace", timeout=seconds, check=False,
    )  # fmt: skip


def _must(ran: subprocess.CompletedProcess) -> None:
    if ran.returncode:
        raise Problem(f"nbgrader failed: {ran.stderr[-1000:]}")


def survivors(name: str = "") -> list[int]:
    """Processes that attacks left behind (those of one student, or of any)."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            line = (process / "cmdline").read_bytes().decode(errors="replace")
            if MARK in line and name in line and int(process.name) != os.getpid():
                found.append(int(process.name))
    return found


def kill_survivors(name: str = "") -> None:
    """End what attacks left behind."""
    for process in survivors(name):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(process, signal.SIGKILL)


def _text(path: Path) -> str:
    """A file's text as a person would see it: without the escapes of JSON."""
    try:
        return path.read_text(encoding="utf-8", errors="replace") if path.stat().st_size < 50_000_000 else ""
    except OSError:
        return ""


def _gained(attack: Attack, scene: Scene) -> str:
    """What an attack gained, points aside."""
    for name, token in scene.place.tokens.items():
        if token in scene.shown:
            return f"leaked: {name}"
    if survivors(scene.student):
        return "left a process behind"
    return attack.canary(scene) if attack.canary else HELD


# --- this course --------------------------------------------------------------------------------------------------


class Ours:
    """The corpus under this course: `outcomes` gives for each attack what it gained ('' is right)."""

    def __init__(self, attacks: Iterable[Attack], root: Path, folder: Path) -> None:
        self.attacks = tuple(attacks)
        self.place = make_place(folder)
        self.unit = units.load(UNIT)
        shutil.copy(root / "nbgrader_config.py", self.place.root)
        shutil.copytree(root / "source", self.place.root / "source")
        _must(_nbgrader(self.place, "generate_assignment", UNIT, "--create"))
        self.place.tokens["source"] = "### BEGIN SOLUTION"
        self.lesson = Lesson(self.unit, self.place.root)
        self.released = nbformat.read(self.lesson.student, as_version=4)
        self._honest: dict[str, object] = {}

    def outcomes(self) -> dict[str, str]:
        """Judge every attack, each at its level; the class is graded once."""
        found: dict[str, str] = {}
        judges = {"rebuild": self._rebuilt, "gate": self._gated, "measure": self._measured, "run": self._ran}
        for attack in self.attacks:
            if attack.level in judges:
                found[attack.name] = judges[attack.level](attack)
        return found | self._class([attack for attack in self.attacks if attack.level == "class"])

    def _hand_in(self, attack: Attack | None, name: str) -> Path:
        from attacks.honest import refused

        # Estimates earn their points, and the model is refused at once: that leaves most points to be raised.
        estimates = self.lesson.solutions()["answer-estimates"]
        return hand_in(attack, name, self.place, self.lesson.student, refused(), estimates)

    def _rebuilt(self, attack: Attack) -> str:
        folder = self._hand_in(attack, student_name(attack))
        try:
            notebook, _ = submission.rebuild(self.released, folder / f"{UNIT}.ipynb")
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
        return HELD if len(ids) == len(set(ids)) else "cells share an id"

    def _gated(self, attack: Attack) -> str:
        try:
            model = gate.check(attack.model(), self.unit.model)
        except gate.Refused as refused:
            return HELD if len(str(refused)) < 1000 else "a refusal of more than 1,000 characters"
        except Exception as error:  # whatever it is, the test cell would fail
            return f"the gate failed: {type(error).__name__}"
        return attack.canary(Scene(self.place, "", repr(model.content))) if attack.canary else "let through"

    def _measured(self, attack: Attack) -> str:
        from course.contract.holdout import Holdout, Probe
        from course.contract.measure import measure

        open_data = self._honest.setdefault("data", self.unit.public_data(key.OPEN))
        probe = Probe({"pixels": open_data["X_public"][:200].astype("float32")})
        holdout = Holdout("public", {"rows": probe}, {"digit": open_data["y_public"][:200]}, timing=probe)
        with tempfile.TemporaryDirectory(prefix="course-") as folder:
            (Path(folder) / "model.onnx").write_bytes(attack.model())
            start = time.monotonic()
            report = measure(self.unit, Path(folder), holdout)
        if report["quality"].points or report["interface"].points == self.unit.term("interface").worth:
            return "earned points"
        return HELD if time.monotonic() - start < 120 else "kept the grader busy"

    def _ran(self, attack: Attack) -> str:
        if "files" not in self._honest:
            folder = self._hand_in(None, "honest-run")
            self._honest["files"] = self._run(folder, SECONDS).files
        folder = self._hand_in(attack, student_name(attack))
        (self.place.submitted("ada")).mkdir(parents=True, exist_ok=True)
        before, start = _snapshot(self.place), time.monotonic()
        try:
            ran = self._run(folder, attack.seconds)
        except Exception as error:  # whatever it is, this submission would not be graded
            return f"not graded: {type(error).__name__}"
        seconds = time.monotonic() - start
        try:
            shown = json.dumps(ran.outputs, ensure_ascii=False) + ran.note
            shown.encode("utf-8")
        except (UnicodeError, RecursionError, ValueError) as error:
            return f"not graded: {type(error).__name__}"
        files = b"".join(ran.files.values()).decode(errors="replace")
        scene = Scene(self.place, folder.parent.name, shown + files, seconds, len(shown))
        shutil.rmtree(folder.parent)
        if _snapshot(self.place) != before:
            return "changed files outside"
        if ran.files != self._honest["files"] and not attack.spoils:
            return "changed what is graded"
        return _gained(attack, scene)

    def _run(self, folder: Path, seconds: float) -> student.Run:
        notebook, _ = submission.rebuild(self.released, folder / f"{UNIT}.ipynb")
        part = student.part(notebook)
        # The locked cells only load data; without them a run takes half the time.
        part.cells = [cell for cell in part.cells if not cell.metadata.get("nbgrader", {}).get("locked")]
        return student.run(part, folder, self.unit.files, seconds=seconds, cache=self.place.cache)

    def _class(self, attacks: list[Attack]) -> dict[str, str]:
        for name in ("ada", "zoe"):
            shutil.rmtree(self.place.submitted(name).parent, ignore_errors=True)
            self._hand_in(None, name)
        shutil.rmtree(self.place.submitted("honest-run").parent, ignore_errors=True)
        for attack in attacks:
            self._hand_in(attack, student_name(attack))
        before = _snapshot(self.place)
        ran = _nbgrader(self.place, "autograde", UNIT, f"--TrustedExecute.seconds={SECONDS}")
        _nbgrader(self.place, "generate_feedback", UNIT)
        self.log = ran.stderr
        rows = {row.student: row for row in klass.table_rows(self.unit, self.place.root)}
        honest = {rows[name].points if name in rows and rows[name].report else None for name in ("ada", "zoe")}
        shared = ""
        if len(honest) != 1 or None in honest:
            shared = "the batch was aborted, or somebody else's row was changed"
        elif _snapshot(self.place) != before:
            after = _snapshot(self.place)
            changed = [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)]
            shared = f"files outside were changed: {', '.join(sorted(changed)[:3])}"
        return {attack.name: shared or self._row(attack, rows.get(student_name(attack)), *honest) for attack in attacks}

    def _row(self, attack: Attack, row: klass.Row | None, honest: float) -> str:
        name = student_name(attack)
        if row is None or (row.report is None and not attack.spoils):
            return "not graded"
        if row.points > honest:
            return f"raised: {row.points:g} points, not {honest:g}"
        if row.points < honest and not attack.spoils:
            return f"{row.points:g} points, not {honest:g}"
        notebook = self.place.root / "autograded" / name / UNIT / f"{UNIT}.ipynb"
        page = _text(self.place.root / "feedback" / name / UNIT / f"{UNIT}.html")
        size = notebook.stat().st_size if notebook.is_file() else 0
        return _gained(attack, Scene(self.place, name, _text(notebook) + page, 0.0, size, page))


def _is_test(cell: nbformat.NotebookNode) -> bool:
    marks = cell.metadata.get("nbgrader", {})
    return bool(marks.get("grade")) and not marks.get("solution")


# --- plain nbgrader -----------------------------------------------------------------------------------------------

_CONFIG = """
c = get_config()
c.CourseDirectory.root = {root!r}
c.CourseDirectory.course_id = "plain"
c.Execute.timeout = 10
"""
_TEST = """
import numpy as np
import onnxruntime
### BEGIN HIDDEN TESTS
hidden = np.load("../../../source/hidden.npz")
session = onnxruntime.InferenceSession("model.onnx", providers=["CPUExecutionProvider"])
digits = session.run(None, {"pixels": hidden["X"]})[0]
round(30 * float((digits == hidden["y"]).mean()), 1)
### END HIDDEN TESTS
"""


class Plain:
    """The corpus under plain nbgrader: a course for each attack, because attacks there ruin each other's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.honest = 0.0

    def outcome(self, attack: Attack) -> str:
        """What an attack gained: graded with ada before it and zoe after it."""
        from attacks.honest import model

        place = make_place(self.folder / student_name(attack))
        try:
            self._course(place)
            for who, name in ((None, "zoe"), (attack, student_name(attack))):
                hand_in(who, name, place, place.root / "release" / UNIT / f"{UNIT}.ipynb", model())
            before = _snapshot(place)
            return self._graded(attack, place, before)
        except subprocess.TimeoutExpired:
            return "hung the grader"
        except OSError as error:
            return f"the grader failed: {type(error).__name__}"
        finally:
            kill_survivors(student_name(attack))
            shutil.rmtree(self.folder / student_name(attack), ignore_errors=True)

    def _course(self, place: Place) -> None:
        import numpy as np

        hidden = place.root / "source" / "hidden.npz"
        hidden.parent.mkdir()
        rng = np.random.default_rng(1)
        rows = rng.uniform(0, 255, (500, 784)).astype("float32")
        np.savez(hidden, X=rows, y=rng.integers(0, 10, 500), note=np.array(place.tokens["ada"]))
        (place.root / "nbgrader_config.py").write_text(_CONFIG.format(root=str(place.root)), encoding="utf-8")
        (place.root / "source" / UNIT).mkdir()
        cells = [
            _plain_cell("setup", "import os", locked=True),
            _plain_cell("memo", "### BEGIN SOLUTION\nWords\n### END SOLUTION", solution=True, points=20),
            _plain_cell("build-model", "### BEGIN SOLUTION\nx = 1\n### END SOLUTION", solution=True),
            _plain_cell("quality", _TEST, locked=True, points=30),
        ]
        metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
        notebook = nbformat.v4.new_notebook(cells=cells, metadata=metadata)
        nbformat.write(notebook, place.root / "source" / UNIT / f"{UNIT}.ipynb")
        template = self.folder / "template"
        if not template.is_dir():  # the first course is made and grades ada for all
            from attacks.honest import model

            _must(_nbgrader(place, "generate_assignment", UNIT, "--create"))
            hand_in(None, "ada", place, place.root / "release" / UNIT / f"{UNIT}.ipynb", model())
            _must(_nbgrader(place, "autograde", UNIT))
            shutil.copytree(place.root, template)
        else:
            shutil.copytree(template, place.root, dirs_exist_ok=True, ignore=shutil.ignore_patterns("source", "*.py"))
            (place.submitted("ada") / "notes.txt").write_text(place.tokens["ada"], encoding="utf-8")
        place.tokens["source"] = "BEGIN SOLUTION"

    def _graded(self, attack: Attack, place: Place, before: dict[str, str]) -> str:
        name, start = student_name(attack), time.monotonic()
        _nbgrader(place, "autograde", UNIT, seconds=120)
        _nbgrader(place, "generate_feedback", UNIT, seconds=60)
        rows = _plain_rows(place)
        mine, zoe, ada = rows.get(name), rows.get("zoe"), rows.get("ada")
        if mine is not None and zoe is not None and mine > zoe:
            return f"raised: {mine:g} of 30 points, not {zoe:g}"
        if zoe is None:
            return "aborted the batch"
        if ada != zoe:
            return "changed somebody else's row"
        notebook = place.root / "autograded" / name / UNIT / f"{UNIT}.ipynb"
        page = _text(place.root / "feedback" / name / UNIT / f"{UNIT}.html")
        size = notebook.stat().st_size if notebook.is_file() else 0
        gained = _gained(attack, Scene(place, name, _text(notebook) + page, time.monotonic() - start, size, page))
        if not gained and _snapshot(place) != before:
            gained = "changed files outside"
        return gained or ("not graded" if mine is None and not attack.spoils else HELD)


def _plain_cell(name: str, source: str, *, solution=False, locked=False, points=None) -> nbformat.NotebookNode:
    make = nbformat.v4.new_markdown_cell if name == "memo" else nbformat.v4.new_code_cell
    cell = make(source, id=name)
    marks = {"grade": points is not None, "grade_id": name, "locked": locked, "schema_version": 3}
    cell.metadata["nbgrader"] = marks | {"solution": solution, "task": False, "cell_type": cell.cell_type}
    if points is not None:
        cell.metadata["nbgrader"]["points"] = points
    return cell


def _plain_rows(place: Place) -> dict[str, float | None]:
    """Points of the test cell by student; None where there are none."""
    from nbgrader.api import Gradebook

    rows: dict[str, float | None] = {}
    try:
        with Gradebook(f"sqlite:///{place.root / 'gradebook.db'}") as gradebook:
            for found in gradebook.assignment_submissions(UNIT):
                graded = (place.root / "autograded" / found.student.id / UNIT / f"{UNIT}.ipynb").is_file()
                scores = [grade.auto_score for book in found.notebooks for grade in book.grades if grade.auto_score]
                rows[found.student.id] = float(sum(scores)) if graded else None
    except Exception:  # a gradebook that can't be read holds nobody's points
        return {}
    return rows


# --- the command --------------------------------------------------------------------------------------------------


def show(root: Path, console: Console, *, ours_only: bool) -> bool:
    """Run the corpus and print what came of every attack; True if this course held against all."""
    attacks = corpus(root)
    with tempfile.TemporaryDirectory(prefix="course-", ignore_cleanup_errors=True) as name:
        with console.status(f"{len(attacks)} attacks on this course"):
            ours = Ours(attacks, root, Path(name) / "ours").outcomes()
        plain: dict[str, str] = {}
        if not ours_only:
            judge = Plain(Path(name) / "plain")
            compared = [attack for attack in attacks if attack.plain]
            for number, attack in enumerate(compared, 1):
                with console.status(f"plain nbgrader, {number} of {len(compared)}: {attack.name}"):
                    plain[attack.name] = judge.outcome(attack)
    table = Table("Attack", "Goal", *([] if ours_only else ["Plain nbgrader"]), "This course")
    for attack in attacks:
        other = [] if ours_only else [(plain[attack.name] or "holds") if attack.name in plain else "not compared"]
        table.add_row(attack.name, attack.goal, *other, ours[attack.name] or "holds")
    console.print(table)
    broken = [attack for attack in attacks if ours[attack.name]]
    if plain:
        console.print(f"Plain nbgrader: {sum(map(bool, plain.values()))} of {len(plain)} attacks gained something.")
    console.print(f"This course: {len(broken)} of {len(attacks)} attacks gained something.")
    return not broken
