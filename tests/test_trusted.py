"""The test cells' own process: it runs the course's text as a notebook would, and sees the unit's key alone."""

from __future__ import annotations

import nbformat
import pytest

from course import cache, key, sandbox
from course.contract.terms import holdout
from course.grading.execution import trusted
from course.grading.submissions import parcel
from course.problem import Problem

nests = pytest.mark.skipif(not sandbox.nests(), reason="no sandbox within a sandbox here")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Runs cells in the trusted process, with a hold-out that says what it is."""
    file = tmp_path_factory.mktemp("hidden") / "holdout"
    holdout.write(holdout.Holdout("private", truth={"told": "nobody"}), file)

    def cells(*sources, files=None):
        numbered = [(f"c{number}", source) for number, source in enumerate(sources)]
        outputs, made = trusted.run(numbered, files or {}, file, cache.shared())
        return [[nbformat.from_dict(one) for one in outputs[name]] for name, _ in numbered], made

    return cells


def text(outputs):
    return "".join(output.get("text", "") + output.get("data", {}).get("text/plain", "") for output in outputs)


def test_cells_run_one_after_another_as_in_a_notebook(run):
    cells = ("import os\nx = 2", "print('said')\nx + 1", "x = 1", "1 / 0", "None", "if x:\n    print(x)", "def f(:")
    outputs, made = run(*cells)
    assert [text(found) for found in outputs] == ["", "said\n3", "", "", "", "1\n", ""]
    assert outputs[1][1].output_type == "execute_result" and not made
    assert [outputs[3][0].ename, outputs[6][0].ename] == ["ZeroDivisionError", "SyntaxError"]


def test_what_is_written_to_stderr_does_not_show(run):
    said = "import sys, os, warnings\nprint('x', file=sys.stderr)\nos.write(2, b'y')\nwarnings.warn('z')\n3.0"
    outputs, _ = run(said)
    assert [output.output_type for output in outputs[0]] == ["execute_result"] and text(outputs[0]) == "3.0"


def test_it_gets_the_files_and_gives_the_report(run):
    cells = ("import os\nprint(sorted(os.listdir()))", "open('report.json', 'w').write('r')\nNone")
    outputs, made = run(*cells, files={"a": b"m"})
    assert text(outputs[0]) == "['a']\n" and made == {"report.json": b"r"}


def test_it_has_the_hold_out_and_no_key(run, monkeypatch):
    file = key.make("2027-spring")
    secret = key.current().secret.hex()
    see = """
import os
from pathlib import Path
from course import key
from course.contract.terms import holdout
print(key.current().open, holdout.read(Path(os.environ["COURSE_PRIVATE_HOLDOUT"])).truth["told"])
FILE, SECRET = %r, %r
for path in (FILE, "/proc/self/environ", "/proc/1/environ"):
    try:
        print(SECRET in open(path, errors="replace").read())
    except OSError as error:
        print(False)
""" % (str(file), secret)  # noqa: UP031 (the text is full of braces)
    said = text(run(see)[0][0]).split()
    assert said[:2] == ["True", "nobody"] and set(said[3:]) == {"False"}
    assert said[2] == "False" or not sandbox.nests()


@nests
def test_it_is_in_a_sandbox_and_what_it_runs_is_in_another(run, monkeypatch):
    monkeypatch.setenv("COURSE_CANARY", "secret of the grader")
    look = "import os\nprint(os.getuid(), sorted(os.environ), os.path.exists('/etc/passwd'))"
    outputs, _ = run(look)
    assert text(outputs[0]).startswith("65534") and text(outputs[0]).endswith("False\n")
    assert "COURSE_CANARY" not in str(outputs)
    inner = """
import os
from course.contract.processes import calls
MODULE = b'''
import glob, os
def see(hidden):
    found = []
    for place in [*glob.glob("/proc/[0-9]*/environ"), *glob.glob("/proc/[0-9]*/r*t" + hidden), hidden]:
        try:
            found.append(open(place, errors="replace").read())
        except OSError as error:
            found.append(error.strerror)
    return [found, os.listdir(), os.path.exists("/input")]
'''
with calls.serve(calls.Module("policy.py", MODULE, {})) as shipped:
    found, own, given = shipped.call("see", os.environ["COURSE_PRIVATE_HOLDOUT"])
print(sorted(set(found) & {"Permission denied", "No such file or directory"}), sorted(own), given)
print(any("COURSE_PRIVATE" in text or "nobody" in text for text in found))
"""
    said = text(run(inner)[0][0])
    assert "Permission denied" in said and "['policy.py', 'task.json'] False\nFalse" in said


def test_a_program_that_ends_early_is_no_fault_of_the_submission(run):
    with pytest.raises(Problem, match="did not come to their end"):
        run("import os\nos._exit(1)")


@pytest.mark.parametrize(
    "message",
    [b"", b"x", b"\xff" * 40, b"[]", (2).to_bytes(8, "big") + b"{}", (2**62).to_bytes(8, "big") + b"{}",
     (40).to_bytes(8, "big") + b'{"data": {}, "files": [["../x", 1]]}    x',
     (37).to_bytes(8, "big") + b'{"data": {}, "files": [["x", 10]]}   x',
     (37).to_bytes(8, "big") + b'{"data": {}, "files": [["x", -1]]}   x',
     (37).to_bytes(8, "big") + b'{"data": [], "files": [["x", 1]]}    x'],
)  # fmt: skip
def test_messages_that_are_no_parcel_are_refused(message):
    with pytest.raises(ValueError):
        parcel.opened(message)
