"""`%%writefile` and Validate lose nobody's work."""

from __future__ import annotations

import copy
import json
import subprocess
import sys

import pytest
from conftest import ROOT
from IPython.core.interactiveshell import InteractiveShell

from course.learning import writing

STUB = "# your code here\n"


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """A notebook's shell in an empty folder, in which a unit was opened."""
    shell = InteractiveShell()
    import IPython

    monkeypatch.setattr(IPython, "get_ipython", lambda: shell)
    monkeypatch.chdir(tmp_path)
    writing.install()
    writing.install()  # the setup cell may run again
    return shell


def write(shell, text, line="policy.py"):
    shell.run_cell_magic("writefile", line, text)


def test_a_stub_leaves_what_was_written_elsewhere(shell, tmp_path, capsys):
    file = tmp_path / "policy.py"
    for text in ("x = 1\n", "# two hours of work\n", "def f():\n    return 1\n"):
        file.write_text(text)
        write(shell, STUB)
        assert file.read_text() == text
        assert "policy.py was left as it is: it holds more than this cell" in capsys.readouterr().out
    file.write_text(STUB)
    write(shell, STUB)
    assert file.read_text() == STUB


def test_what_no_cell_wrote_is_kept_beside(shell, tmp_path, capsys):
    file = tmp_path / "policy.py"
    write(shell, "x = 1\n")
    write(shell, "x = 2\n")  # a cell replaces what a cell wrote
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["policy.py"]
    for number in (1, 2):
        file.write_text(f"edited = {number}\n")
        write(shell, "x = 3\n")
        assert file.read_text() == "x = 3\n"
        assert (tmp_path / f"policy.py.before-{number}").read_text() == f"edited = {number}\n"
        assert f"kept beside it, as policy.py.before-{number}" in capsys.readouterr().out


def test_it_still_is_writefile(shell, tmp_path):
    write(shell, "x = 1\n", '"a b.py"')
    write(shell, "y = 2\n", '-a "a b.py"')
    assert (tmp_path / "a b.py").read_text() == "x = 1\ny = 2\n"


def test_outside_of_a_notebook_nothing_happens(monkeypatch):
    import IPython

    monkeypatch.setattr(IPython, "get_ipython", lambda: None)
    writing.install()


@pytest.mark.slow
def test_validate_takes_a_split_memo_and_leaves_the_module(tmp_path):
    name = "f02-one-percent"
    notebook = json.loads((ROOT / "release" / name / f"{name}.ipynb").read_text(encoding="utf-8"))
    cells = notebook["cells"]
    for cell in cells:
        if cell["cell_type"] == "code" and not cell["metadata"].get("nbgrader"):
            cell["source"] = "pass"
    at = next(i for i, c in enumerate(cells) if c["metadata"].get("nbgrader", {}).get("grade_id") == "memo")
    cells.insert(at + 1, copy.deepcopy(cells[at]) | {"id": "mine", "source": "second half"})
    (tmp_path / f"{name}.ipynb").write_text(json.dumps(notebook))
    (tmp_path / "policy.py").write_text("# two hours of work, in the editor's tab\n")
    ran = subprocess.run(
        [sys.executable, "-m", "nbgrader", "validate", str(tmp_path / f"{name}.ipynb")],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert "Traceback" not in ran.stderr and "fatal" not in ran.stderr, ran.stderr
    assert "VALIDATION FAILED" in ran.stdout  # nothing is built yet
    assert (tmp_path / "policy.py").read_text() == "# two hours of work, in the editor's tab\n"
