"""A module as an artifact: measured over the call interface, whatever it does; always a Report, one sentence each."""

from __future__ import annotations

import math

import numpy as np
import pytest
from conftest import linear_model
from onnx import helper
from toys import COUNTER, GOOD, SIGN, hand_in

from course import key, sandbox
from course.contract.artifacts import models
from course.contract.artifacts.gate import ModelSpec, Tensor
from course.contract.artifacts.modules import ModuleSpec, clauses
from course.contract.measure import artifact_digest, measure
from course.contract.processes import calls

CHEAP = ("estimates", "baseline", "alone", "quality", "size", "large")
isolated = pytest.mark.skipif(bool(sandbox.problem()), reason=sandbox.problem() or "isolated")


def report(folder, unit=SIGN, wanted=CHEAP):
    return measure(unit, folder, unit.private_holdout(key.OPEN), wanted=wanted)


def test_a_good_function_keeps_everything(tmp_path):
    found = measure(SIGN, hand_in(tmp_path, SIGN), SIGN.private_holdout(key.OPEN))
    assert found.kept and found.points == 80 and [c.name for c in found.clauses] == [t.name for t in SIGN.terms]
    assert 0.3 < found["baseline"].value < 0.7, "always 'up' is right about half the time"
    assert found["size"].value == len(GOOD["policy.py"]) and found["throughput"].value < 2


def test_an_object_lives_in_its_process_and_survives_a_restart(tmp_path):
    found = report(hand_in(tmp_path, COUNTER), COUNTER, ("estimates", "quality", "state"))
    assert found.points == 60 and found["state"].value == 8
    forgets = GOOD["counter.py"].replace("(self.total,) = ", "_ = ")
    found = report(hand_in(tmp_path, COUNTER, counter_py=forgets), COUNTER, ("quality", "state"))
    assert found["quality"].points == 0 and found["state"].verdict == "kept"


def test_nothing_handed_in_is_not_attempted(tmp_path):
    found = report(tmp_path)
    assert {clause.verdict for clause in found.clauses} == {"not attempted"} and found.points == 0
    hand_in(tmp_path, SIGN, policy_py="# your code here\n\n", baseline_py="# your code here\n")
    found = report(tmp_path)
    assert found["quality"].verdict == found["baseline"].verdict == "not attempted"
    assert "no code in policy.py" in found["quality"].advice


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def choose(number): return number", "expected one of ['up', 'down']"),
        ("def choose(number): return float('nan')", "got nan"),
        ("def choose(number): return None", "got None"),
        ("def choose(number): return {'up'}", "returned a set, which can't be passed"),
        ("def choose(number): return choose", "returned a function, which can't be passed"),
        ("def choose(number):\n    x = 1\n    return number['x']", "TypeError in line 3 of policy.py"),
        ("def choose(): return 'up'", "TypeError"),
        ("def choose(number): raise SystemExit", "SystemExit in line 1"),
        ("def choose(number): raise KeyboardInterrupt('stop')", "KeyboardInterrupt"),
        ("import os\ndef choose(number): os._exit(0)", "ended while `choose` ran"),
        ("import ctypes\ndef choose(number): ctypes.string_at(0)", "ended while `choose` ran"),
        ("def choose(number):\n    while True: pass", "did not answer within 2 s"),
        ("def choose(number): return 'u' * 2_000_000", "at most 67 MB are taken"),
        ("def choose(number): return [0] * 10**10", "MemoryError"),
        ("def choose(number): choose(number)", "RecursionError"),
        ("def other(number): return 'up'", "does not define `choose(number) -> 'up' or 'down'`"),
        ("choose = 3", "TypeError"),
        ("def choose(number):\nreturn 'up'", "policy.py can't be loaded: IndentationError in line 2"),
        ("from course.units import load", "no package `course`"),
        ("def choose(number): import course.key", "no package `course`"),
        ("import nothing_of_this_name", "ModuleNotFoundError in line 1"),
        ("1 / 0\ndef choose(number): return 'up'", "policy.py can't be loaded: ZeroDivisionError in line 1"),
        ("while True: pass", "did not answer within"),
        ("raise SystemExit\n", "policy.py can't be loaded: SystemExit"),
        ("class E(Exception):\n    def __str__(self): return '\\x1b[31m' + '<b>' * 500\nraise E", "can't be loaded: E"),
        ("class E(Exception):\n    def __str__(self): raise E\ndef choose(n): raise E", "`choose` failed: E"),
    ],
)
def test_what_goes_wrong_is_one_sentence(tmp_path, text, words, monkeypatch):
    monkeypatch.setattr(calls, "LOAD_S", 3.0)
    found = report(hand_in(tmp_path, SIGN, policy_py=text + "\n"), wanted=("quality", "baseline"))
    assert found["quality"].verdict == "broken" and found["quality"].points == 0
    said = found["quality"].advice
    assert words in said and said.isprintable() and len(said) < 500 and said.count("\n") == 0
    assert found["baseline"].verdict == "kept", "the baseline is another file"


def test_a_failure_in_one_place_breaks_that_clause_alone(tmp_path):
    text = "def choose(number):\n    if number > 1e100: raise OverflowError('large')\n" + GOOD["policy.py"][20:]
    found = report(hand_in(tmp_path, SIGN, policy_py=text))
    assert found["quality"].points == 30 and found["large"].points == 0 and "OverflowError" in found["large"].advice


def test_changed_arguments_are_found(tmp_path):
    module = calls.Module("policy.py", b"def add(items): items.append(1)\ndef look(items): return len(items)\n", {})
    with calls.serve(module) as shipped:
        assert shipped.leaves_alone("look", [1, 2]) and not shipped.leaves_alone("add", [1, 2])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x00\x01" * 600, "no Python file"),
        (b"#" * 300_000, "was not measured"),
        (b"x = '\xff\xfe'\n", "SyntaxError"),
    ],
)
def test_files_that_are_no_module(tmp_path, content, words):
    (hand_in(tmp_path, SIGN) / "policy.py").write_bytes(content)
    found = report(tmp_path)
    assert found["quality"].verdict == "broken" and words in found["quality"].advice


def test_links_are_refused(tmp_path):
    (tmp_path / "elsewhere").write_text(GOOD["policy.py"])
    hand_in(tmp_path, SIGN, policy_py=None)
    (tmp_path / "policy.py").unlink(missing_ok=True)
    (tmp_path / "policy.py").symlink_to("elsewhere")
    assert "is a link" in report(tmp_path)["quality"].advice


def test_a_report_depends_on_every_file(tmp_path):
    digests = {artifact_digest(SIGN, hand_in(tmp_path, SIGN))}
    for name in ("policy.py", "baseline.py", "estimates.json"):
        (tmp_path / name).write_text("{}")
        digests.add(artifact_digest(SIGN, tmp_path))
    assert len(digests) == 4


# Hostile answers: the child is replaced by a script that says what it likes


def answers(monkeypatch, script):
    """Serve a module in a process that runs the given script instead of the course's own."""
    import sys
    import textwrap

    start = """
        import os, sys, json
        sys.path.append(ROOT)
        from course.contract.processes import plain
        out = os.fdopen(1, "wb")
        def say(content):
            out.write(len(content).to_bytes(8, "big") + content)
            out.flush()
        say(plain.dumps({"defines": ["choose"]}))
        def request():
            return plain.loads(sys.stdin.buffer.read(int.from_bytes(sys.stdin.buffer.read(8), "big")))
        def answer(**more):
            say(plain.dumps({"id": request()["id"], **more}))
    """.replace("ROOT", repr(str(calls.Path(calls.__file__).parents[2])))
    program = textwrap.dedent(start) + "\n" + textwrap.dedent(script)
    monkeypatch.setattr(calls, "CHILD", (sys.executable, "-I", "-c", program))
    with calls.serve(calls.Module("policy.py", b"", {}), seconds=2) as shipped:
        return shipped.call("choose", 1)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("import pickle\nsay(pickle.dumps({'id': request()['id'], 'values': []}))", "can't be read"),
        ("answer(values=b'nonsense')", "can't be read"),
        ("answer(values=plain.dumps([1, 2]))", "can't be read"),
        ("request(); say(plain.dumps({'id': 7, 'values': plain.dumps([1])}))", "can't be read"),
        ("request(); say(plain.dumps([1]))", "can't be read"),
        ("answer()", "can't be read"),
        ("answer(error=3)", "`choose` failed: an error."),
        ("answer(error={'type': 'E' * 9999, 'line': 'x'})", "`choose` failed: EEE"),
        ("answer(unpassable='\\x1b[31m<script>')", "can't be passed"),
        ("request(); out.write((2**40).to_bytes(8, 'big')); out.flush()", "at most 67 MB"),
        ("request(); out.write((100).to_bytes(8, 'big') + b'cut off'); out.flush()", "ended while"),
        ("say(plain.dumps({'id': 1, 'values': plain.dumps(['early'])})); request()", "can't be read"),
        ("import time; time.sleep(60)", "did not answer within 2 s"),
        ("out.write((1000).to_bytes(8, 'big')); out.flush(); import time; time.sleep(60)", "did not answer within 2 s"),
    ],
)
def test_answers_of_a_hostile_process_are_refused(monkeypatch, script, words):
    with pytest.raises(calls.CallError) as caught:
        answers(monkeypatch, script)
    assert words in str(caught.value) and str(caught.value).isprintable() and len(str(caught.value)) < 500


@isolated
def test_a_module_sees_its_own_folder_and_no_more(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_CANARY", "secret of the grader")
    text = """
import os, socket, threading
def see(paths):
    found = {}
    for path in paths:
        try:
            found[path] = sorted(os.listdir(path)) if os.path.isdir(path) else open(path).read()
        except OSError as error:
            found[path] = type(error).__name__
    return found
def change(path):
    try:
        open(path, "w").close()
        return "changed"
    except OSError as error:
        return error.strerror
def connect(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1)
        return "connected"
    except OSError as error:
        return error.strerror
def grow(kind):
    made = []
    try:
        while len(made) < 5000:
            if kind == "threads":
                made.append(threading.Thread(target=threading.Event().wait, daemon=True))
                made[-1].start()
            elif kind == "files":
                handle = os.open(f"/tmp/{len(made)}", os.O_CREAT | os.O_WRONLY)
                os.posix_fallocate(handle, 0, 90_000_000)
                made.append(os.close(handle))
            else:
                made.append(os.fork())
                if not made[-1]:
                    threading.Event().wait()
    except (OSError, RuntimeError) as error:
        return len(made)
    return len(made)
"""
    own = str(tmp_path)
    with calls.serve(calls.Module("policy.py", text.encode(), {"data.json": b"{}"}), seconds=20) as shipped:
        seen = shipped.call("see", [sandbox.HERE, own, "/root", "/home", "/proc/1/environ", "/proc/self/environ"])
        assert seen[sandbox.HERE] == ["data.json", "policy.py", "task.json"]
        assert own not in seen or seen[own] == "FileNotFoundError"
        assert "secret of the grader" not in str(seen) and "CANARY" not in seen["/proc/self/environ"]
        assert shipped.call("change", "policy.py") == "Read-only file system"
        assert shipped.call("change", calls.__file__) == "Read-only file system"
        assert shipped.call("connect", 22) != "connected"
        assert shipped.call("grow", "files") < 20
    for kind in ("threads", "processes"):
        with calls.serve(calls.Module("policy.py", text.encode(), {}), seconds=20) as shipped:
            try:
                assert shipped.call("grow", kind) < 2000, "each takes address space, of which there is a limit"
            except calls.CallError as error:
                assert "more than 400 processes and threads" in str(error)


def test_shown_values_are_short_and_harmless():
    assert calls.shown({"a": "\x1b[31m\n" * 99}, 30).isprintable() and len(calls.shown("x" * 999)) == 80
    assert calls.mismatch("f", [1, "a"], math.nan, "a number") == "Called `f(1, 'a')`: got nan, expected a number."


class Guided(type(SIGN)):
    """A module that is shipped with a model; only the model is looked at."""

    name = "f99-guided"
    module = ModuleSpec("policy.py", {"choose": "choose(number)"}, beside=("model.onnx",))
    model = ModelSpec({"pixels": Tensor("float32", (None, 784))}, {"digit": Tensor("int64", (None,))})

    @clauses("alone")
    def alone(self, ship, holdout):
        """Its checks as those of a unit that ships a model alone."""
        rows = np.zeros((97, 784), np.float32)
        return {"alone": models.interface(ship.model(self.model), self.model, {"pixels": rows})}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "There is no model.onnx beside policy.py yet"),
        (b"PK", "model.onnx is no ONNX model"),
        (linear_model(features=3).SerializeToString(), "the contract asks for float32[N, 784]"),
        (
            linear_model(nodes=[helper.make_node("MatMul", ["pixels", "pixels"], ["other"])]).SerializeToString(),
            "onnxruntime can't run the model",
        ),
        (linear_model().SerializeToString(), ""),
    ],
    ids=["none", "no ONNX", "other inputs", "can't run", "good"],
)
def test_a_model_beside_a_module_is_measured_as_any_model(tmp_path, content, words):
    unit = Guided()
    hand_in(tmp_path, unit)
    if content:
        (tmp_path / "model.onnx").write_bytes(content)
    found = report(tmp_path, unit, ("alone", "large"))
    assert words in found["alone"].advice and (found["alone"].verdict == "broken") == bool(words)
    assert found["alone"].value == (None if words else 5) and found["large"].value == 1


def test_what_a_module_may_take_in_all_is_bounded_and_a_sentence():
    slow = calls.Module("policy.py", b"import time\ndef choose(x):\n    time.sleep(0.2)\n    return 'up'\n", {})
    purse = calls.Purse(0.9)
    with pytest.raises(calls.CallError, match=r"policy.py took more than 0.9 s in all"):
        for _ in range(3):  # several processes share it
            with calls.serve(slow, purse=purse) as shipped:
                for _ in range(3):
                    shipped.call("choose", 1)
    assert 0.9 < purse.spent < 3
