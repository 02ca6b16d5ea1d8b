"""A gradebook in PostgreSQL: what a class earns there is, row for row, what it earns in SQLite."""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from conftest import ROOT
from test_grading import UNIT, hand_in, nbgrader

from course import sandbox
from course.grading.classes import gradebook
from course.grading.classes.commands import is_known
from course.grading.classes.rows import table_rows
from course.grading.config import configure
from course.problem import Problem

#: Debian keeps the programs of a server off the path.
INITDB = max(
    Path("/usr/lib/postgresql").glob("*/bin/initdb"),
    key=lambda path: float(path.parts[-3]),
    default=shutil.which("initdb"),
)
SECRET = "correct-horse"
#: Letters that a URL has to encode.
PASSWORD = f"{SECRET}@50%/x:y"
#: Students whose names differ in case alone, and are not ASCII.
STUDENTS = ("Zoë Müller", "zoë müller")
LOOK = """
import glob, os
print(dict(os.environ))
for path in glob.glob("/proc/*/environ"):
    try:
        print(open(path).read())
    except OSError as error:
        print(error)
"""


@pytest.fixture(scope="module")
def server():
    """A throw-away PostgreSQL that nobody else can reach; makes an empty database and returns its URL."""
    if not INITDB:
        pytest.skip("PostgreSQL is missing (apt install postgresql)")
    import psycopg

    folder = Path(tempfile.mkdtemp(prefix="course-"))  # a tmp_path of root's is closed to the account of the server
    account = {}
    if os.getuid() == 0:  # as which PostgreSQL refuses to run
        nobody = pwd.getpwnam("nobody")
        account = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    more = {"cwd": folder, "env": {"PATH": os.environ["PATH"], "LC_ALL": "C"}, "stdin": subprocess.DEVNULL, **account}
    (folder / "password").write_text(PASSWORD)
    (folder / "password").chmod(0o644)
    running = None
    try:
        subprocess.run(
            [INITDB, "--pgdata=data", "--username=grader", "--pwfile=password", "--auth=scram-sha-256",
             "--encoding=UTF8", "--locale=C", "--no-sync"],
            check=True, capture_output=True, **more,
        )  # fmt: skip
        with open(folder / "log.txt", "wb") as log:
            running = subprocess.Popen(
                [Path(INITDB).with_name("postgres"), "-D", "data", "-k", folder, "-c", "listen_addresses=", "-F"],
                stdout=log, stderr=log, **more,
            )  # fmt: skip

        def database(name: str) -> str:
            with psycopg.connect(host=str(folder), user="grader", password=PASSWORD, dbname="postgres") as connection:
                connection.autocommit = True
                connection.execute(f"CREATE DATABASE {name}")
            return f"postgresql+psycopg://grader:{quote(PASSWORD, safe='')}@/{name}?host={folder}"

        for _ in range(600):
            with contextlib.suppress(psycopg.OperationalError):
                database("ready")
                break
            assert running.poll() is None, (folder / "log.txt").read_text()
            time.sleep(0.1)
        yield database
    finally:
        if running:
            running.send_signal(signal.SIGINT)  # without waiting for clients
            try:
                running.wait(20)
            except subprocess.TimeoutExpired:
                running.kill()
        shutil.rmtree(folder)


def make_course(root: Path) -> Path:
    root.mkdir()
    shutil.copy(ROOT / "nbgrader_config.py", root)
    for part in ("source", "release"):
        shutil.copytree(ROOT / part / UNIT.name, root / part / UNIT.name)
    return root


def formgrader(root: Path, address: str):
    """What a formgrader asks, and writes marks with."""
    from nbgrader.apps import NbGraderAPI
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

    settings = Config()
    configure(settings, root)
    settings.CourseDirectory.db_url = address
    return NbGraderAPI(CourseDirectory(config=settings), config=settings)


def graded(root: Path, patch: pytest.MonkeyPatch, address: str = "") -> str:
    """Grade a class twice, with marks by hand in between; all that nbgrader said."""
    if address:
        patch.setenv(gradebook.VARIABLE, address)
    assert not is_known(UNIT, root), "an empty database knows no unit"
    said = []

    def run(*arguments: str) -> None:
        ran = nbgrader(root, *arguments)
        assert ran.returncode == 0, ran.stderr
        said.append(ran.stdout + ran.stderr)

    def write_memo(notebook) -> None:
        (memo,) = (cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == "memo")
        memo.source = "A memo."

    for student in STUDENTS:
        hand_in(root, student, LOOK, change=write_memo)
    run("generate_assignment", UNIT.name, "--create", "--force")
    assert is_known(UNIT, root)
    run("autograde", UNIT.name, "--debug")
    with formgrader(root, gradebook.url(root)).gradebook as book:
        grade = book.find_grade("memo", UNIT.name, UNIT.name, STUDENTS[0])
        grade.manual_score, grade.extra_credit = 12.5, 1
        book.find_comment("memo", UNIT.name, UNIT.name, STUDENTS[0]).manual_comment = "Well argued, “Zoë”. " * 100
        book.db.commit()
    run("autograde", UNIT.name, "--force")
    run("generate_feedback", UNIT.name)
    run("export")
    return "".join(said)


def rows(address: str) -> dict[str, list]:
    """All that a gradebook holds, by table; ids are drawn at random, so each is replaced by what it stands for."""
    from nbgrader.api import Base
    from sqlalchemy import create_engine, text

    engine, meant, found = create_engine(address), {}, {}
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:  # a table comes after those that it refers to
            found[table.name] = []
            for row in connection.execute(table.select()).mappings():
                plain = {}
                for column in table.columns:
                    value = row[column.name]
                    if column.foreign_keys:
                        (key,) = column.foreign_keys
                        value = meant.get((key.column.table.name, value), value)
                    if column.foreign_keys or not re.fullmatch("[0-9a-f]{32}", str(value)):
                        plain[column.name] = value
                (own,) = table.primary_key.columns
                meant[table.name, row[own.name]] = repr(plain)
                found[table.name].append(repr(plain))
            found[table.name].sort()
        found["alembic_version"] = list(connection.execute(text("select * from alembic_version")).scalars())
    engine.dispose()
    return found


def shown(address: str, root: Path) -> tuple:
    """What a formgrader and the table show, without ids."""
    api = formgrader(root, address)
    lists = [api.get_assignments(), api.get_students(), api.get_submissions(UNIT.name)]
    lists += [api.get_notebooks(UNIT.name), api.get_notebook_submissions(UNIT.name, UNIT.name)]
    drawn = ("id", "index")  # a student's id is a name, and beside it wherever it matters
    plain = [sorted(str({name: one[name] for name in one if name not in drawn}) for one in some) for some in lists]
    return plain, (root / "export.csv").read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="module")
def classes(server, tmp_path_factory):
    """The same class with both gradebooks: URL, course and what nbgrader said."""
    made = {}
    for name in ("sqlite", "postgresql"):
        root = make_course(tmp_path_factory.mktemp(name) / "course")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("COURSE_KEY_FILE", str(root / "no-key.json"))
            address = server("class") if name == "postgresql" else ""
            said = graded(root, patch, address)
            made[name] = (gradebook.url(root), root, said)
    return made


@pytest.mark.slow
class TestAClass:
    """A class graded twice, in SQLite and in PostgreSQL."""

    def test_both_gradebooks_are_the_same_row_for_row(self, classes):
        (lite, beside, _), (large, elsewhere, _) = classes.values()
        assert lite.startswith("sqlite:") and large.startswith("postgresql+psycopg:")
        assert (beside / "gradebook.db").is_file() and not (elsewhere / "gradebook.db").exists()
        first, second = rows(lite), rows(large)
        assert len(first["grade"]) > 2 * len(STUDENTS) and len(first["submitted_assignment"]) == len(STUDENTS)
        assert any("12.5" in row for row in first["grade"]) and any("“Zoë”" in row for row in first["comment"])
        assert len(first["alembic_version"]) == 1
        for table in first:
            assert first[table] == second[table], table

    def test_formgrader_and_export_show_the_same(self, classes):
        (first, listed), (second, exported) = (shown(address, root) for address, root, _ in classes.values())
        assert first == second and len(first[1]) == len(STUDENTS)
        assert sorted(listed) == sorted(exported) and len(listed) == 1 + len(STUDENTS)

    def test_the_table_and_the_feedback_are_the_same(self, classes, monkeypatch):
        tables = []
        for address, root, _ in classes.values():
            monkeypatch.setenv(gradebook.VARIABLE, address)
            tables.append([(row.student, row.points, row.worth, row.by_hand) for row in table_rows(UNIT, root)])
            page = root / "feedback" / STUDENTS[0] / UNIT.name / f"{UNIT.name}.html"
            assert "Well argued, “Zoë”." in page.read_text(encoding="utf-8")
        assert tables[0] == tables[1] == [(student, 10, 80, 20) for student in STUDENTS], (
            "regraded memos are to be looked at again"
        )

    @pytest.mark.skipif(bool(sandbox.problem()), reason=sandbox.problem() or "isolated")
    def test_the_url_is_shown_to_nobody(self, classes):
        _, root, said = classes["postgresql"]
        notebook = root / "autograded" / STUDENTS[0] / UNIT.name / f"{UNIT.name}.ipynb"
        assert "COURSE_DATA" in notebook.read_text(encoding="utf-8"), "the student's cell looked at environments"
        written = [path for path in root.rglob("*") if path.is_file()]
        for text in (said, *(path.read_bytes().decode(errors="replace") for path in written)):
            assert SECRET not in text and f"{gradebook.VARIABLE}=" not in text and f"{gradebook.VARIABLE}'" not in text

    def test_no_connection_is_left_open(self, classes):
        import psycopg

        address, _, _ = classes["postgresql"]
        with psycopg.connect(address.replace("+psycopg", "")) as connection:
            others = "select count(*) from pg_stat_activity where datname = 'class' and pid != pg_backend_pid()"
            for _ in range(50):  # the server takes a moment to see that a client has gone
                (left,) = connection.execute(others).fetchone()
                if not left:
                    break
                connection.rollback()
                time.sleep(0.1)
        assert left == 0


def test_an_empty_database_is_no_gradebook_yet(server):
    assert not gradebook.is_made(server("empty"))


def test_which_gradebook(tmp_path, monkeypatch):
    root, trial = tmp_path / "course", tmp_path / "trial"
    root.mkdir()
    trial.mkdir()
    settings = root / gradebook.SETTINGS
    settings.touch()
    beside = f"sqlite:///{root / 'gradebook.db'}"
    assert gradebook.url(root) == beside
    shutil.copy(ROOT / gradebook.SETTINGS, root)
    assert gradebook.url(root) == beside
    monkeypatch.setenv(gradebook.VARIABLE, "postgresql+psycopg://grader@db/class")
    assert gradebook.url(root) == "postgresql+psycopg://grader@db/class"
    with settings.open("a") as file:
        file.write("\nget_config().CourseDirectory.db_url = 'postgresql+psycopg://db/other'\n")
    assert gradebook.url(root) == "postgresql+psycopg://db/other"
    gradebook.copy_settings(root, trial)
    assert gradebook.url(trial) == f"sqlite:///{trial / 'gradebook.db'}", "a trial is kept out of a class's gradebook"


WRONG = {
    "no URL": (SECRET, "can't be read"),
    "no such database system": (f"postgres://grader:{SECRET}@localhost/class", "can't be read"),
    "an @ that is not encoded": (f"postgresql+psycopg://grader:x@{SECRET}@localhost/class", "%40"),
    "a password in place of the port": (f"postgresql+psycopg://localhost:{SECRET}/class", "can't be read"),
    "a driver that is missing": (f"postgresql+pg8000://grader:{SECRET}@localhost/class", "driver pg8000"),
    "no server": (f"postgresql+psycopg://grader:{SECRET}@/class?host=/nowhere&password={SECRET}", "/nowhere"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_url_is_one_sentence_that_does_not_show_it(wrong):
    address, words = WRONG[wrong]
    with pytest.raises(Problem) as raised:
        gradebook.is_made(address)
    said = str(raised.value)
    assert words in said and SECRET not in said and said.isprintable()


def test_a_wrong_password_is_not_shown(server):
    address = server("locked")
    with pytest.raises(Problem, match="authentication failed") as raised:
        gradebook.is_made(address.replace(SECRET, "battery-staple"))
    assert "battery-staple" not in str(raised.value) and SECRET not in str(raised.value)


@pytest.mark.parametrize(
    ("command", "rest"),
    [("course", ["grade", UNIT.name]), ("nbgrader", ["autograde", UNIT.name]), ("nbgrader", ["export"])],
)
def test_a_command_without_its_gradebook_ends_at_once(tmp_path, command, rest):
    root = make_course(tmp_path / "course")
    address, words = WRONG["no server"]
    ran = subprocess.run(
        [sys.executable, "-m", command, *rest], cwd=root, capture_output=True, text=True,
        env=os.environ | {gradebook.VARIABLE: address, "COURSE_ROOT": str(root)},
    )  # fmt: skip
    assert ran.returncode == 2 and ran.stderr.count("\n") == 1 and words in ran.stderr
    assert SECRET not in ran.stdout + ran.stderr and not (root / "gradebook.db").exists()
