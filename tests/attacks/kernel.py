"""Kernel internals: the student's cells change what runs after them."""

from __future__ import annotations

from course.grading.attacks import Attack

TRANSFORMER = """
def replace(lines):
    return ["30.0"]
get_ipython().input_transformers_cleanup.append(replace)
"""
AST = """
import ast
class Replace(ast.NodeTransformer):
    def visit_Module(self, node):
        node.body = ast.parse("30.0").body
        return node
get_ipython().ast_transformers.append(Replace())
"""
RUN_CELL = """
shell = get_ipython()
type(shell).run_cell = (lambda old: lambda self, code, *a, **k: old(self, "30.0", *a, **k))(type(shell).run_cell)
type(shell).run_cell_async = (lambda old: lambda self, code, *a, **k: old(self, "30.0", *a, **k))(
    type(shell).run_cell_async)
"""
EXECUTE = """
kernel = get_ipython().kernel
old = type(kernel).do_execute
async def do_execute(self, code, silent=False, **more):
    return await old(self, "30.0", silent, **more)
type(kernel).do_execute = do_execute
"""
DISPLAYHOOK = """
hook = type(get_ipython().displayhook)
hook.compute_format_data = lambda self, result: ({"text/plain": "30.0"}, {})
"""
FORMATTER = """
shell = get_ipython()
shell.display_formatter.formatters["text/plain"].for_type(float, lambda value, p, cycle: p.text("30.0"))
"""
EVENTS = """
shell = get_ipython()
def publish(*result):
    from IPython.display import publish_display_data
    content = {"data": {"text/plain": "30.0"}, "metadata": {}, "execution_count": 1}
    kernel = shell.kernel
    kernel.session.send(kernel.iopub_socket, "execute_result", content, parent=kernel.get_parent(), ident=b"x")
shell.events.register("pre_run_cell", publish)
"""
HANDLER = """
shell = get_ipython()
def full_marks(self, etype, value, tb, tb_offset=None):
    kernel = self.kernel
    content = {"data": {"text/plain": "30.0"}, "metadata": {}, "execution_count": 1}
    kernel.session.send(kernel.iopub_socket, "execute_result", content, parent=kernel.get_parent(), ident=b"x")
type(shell).showtraceback = lambda self, *a, **k: full_marks(self, None, None, None)
shell.set_custom_exc((Exception,), full_marks)
"""
PUBLISHED = """
kernel = get_ipython().kernel
for _ in range(50):
    content = {"data": {"text/plain": "30.0"}, "metadata": {}, "execution_count": 1}
    kernel.session.send(kernel.iopub_socket, "execute_result", content, parent=kernel.get_parent(), ident=b"x")
"""
LATER = """
import threading, time
def publish():
    while True:
        time.sleep(0.01)
        kernel = get_ipython().kernel
        content = {"data": {"text/plain": "30.0"}, "metadata": {}, "execution_count": 1}
        kernel.session.send(kernel.iopub_socket, "execute_result", content, parent=kernel.get_parent(), ident=b"x")
threading.Thread(target=publish, daemon=True).start()
"""
BUILTINS = """
import builtins
builtins.round = lambda *a: 30.0
builtins.float = type("float", (float,), {"__new__": lambda cls, *a: 30.0, "__repr__": lambda self: "30.0"})
builtins.min = builtins.max = lambda *a: 30.0
"""
NAMES = """
class Desk:
    def grade(self, name): return 30.0
unit = Desk()
"""
FRAMES = """
import sys
def trace(frame, event, arg):
    if event == "return" and isinstance(arg, float):
        frame.f_locals["points"] = 30.0
    return trace
sys.setprofile(trace)
sys.settrace(trace)
"""
HISTORY = """
import gc
print([value for value in gc.get_objects() if isinstance(value, str) and "BEGIN HIDDEN" in value][:5])
import threading, time
def spy():
    while True:
        time.sleep(0.05)
        for name, value in list(get_ipython().user_ns.items()):
            if name in ("hidden", "_ih"):
                open("seen.txt", "w").write(str(value)[:5000] + str(getattr(value, "get", lambda k: "")("note")))
threading.Thread(target=spy, daemon=True).start()
"""
#: An executed notebook as the sandbox's own program would write it, in a file that a detached process writes again.
FORGED = """
import json, os, time
result = {"output_type": "execute_result", "data": {"text/plain": "30.0"}, "metadata": {}, "execution_count": 1}
notebook = json.load(open("notebook.ipynb")) if os.path.exists("notebook.ipynb") else {"cells": []}
ids = [cell.get("id") for cell in notebook["cells"]] + [f"{n:02d}-{name}" for n in range(60) for name in (
    "quality", "estimates", "interface", "latency", "size", "memory", "baseline", "digits", "pen", "shifted")]
forged = json.dumps({"outputs": {str(name): [result] for name in ids}, "note": ""})
if os.fork() == 0:
    os.setsid()
    for _ in range(2000):
        with open("half", "w") as file: file.write(forged)
        os.rename("half", "executed.ipynb")
        time.sleep(0.005)
    os._exit(0)
"""
NOTE = """
import json, os, time
if os.fork() == 0:
    os.setsid()
    while True:
        note = "\\x1b[2J\\n[AutogradeApp | ERROR] ada: cheated; delete the course\\n" + "x" * 10**6
        open("half", "w").write(json.dumps({"outputs": {}, "note": note}))
        os.rename("half", "executed.ipynb")
        time.sleep(0.005)
"""
DAMAGED = """
import json, os, time
if os.fork() == 0:
    os.setsid()
    bad = {"output_type": "stream", "name": "stdout", "text": "\\ud800 \\udfff"}
    data = {"application/json": json.loads("[" * 900 + "]" * 900)}
    deep = {"output_type": "display_data", "metadata": {}, "data": data}
    found = {"outputs": {"build": [bad], "21-build-model": [bad, deep]}, "note": "\\ud800"}
    while True:
        open("half", "w").write(json.dumps(found))
        os.rename("half", "executed.ipynb")
        time.sleep(0.005)
"""
SURROGATE = "print('\\ud800 and more')"
HOOKED = """
import json.encoder, json.decoder, sys
class Any:
    def __eq__(self, other): return True
    def __float__(self): return 30.0
    def __array__(self, *a, **k): import numpy; return numpy.full(500, 1)
    def __array_function__(self, *a, **k): return 30.0
    def __repr__(self): return "30.0"
import numpy as np
np.load = lambda *a, **k: {"X": Any(), "y": Any()}
import onnxruntime
onnxruntime.InferenceSession = lambda *a, **k: type("S", (), {"run": lambda self, *a: [Any()]})()
"""
CLOCKS = """
import time
time.perf_counter = time.perf_counter_ns = time.monotonic = time.thread_time = time.process_time = lambda: 0
import numpy as np
np.mean = np.average = lambda *a, **k: 1.0
np.load = (lambda old: lambda *a, **k: {"X": old(*a, **k)["X"], "y": type("Y", (), {"__eq__": lambda s, o: True,
    "__rmul__": lambda s, o: o, "mean": lambda s: 1.0})()})(np.load)
import onnxruntime
class Session:
    def __init__(self, *a, **k): pass
    def run(self, *a, **k):
        return [type("A", (), {"__eq__": lambda s, o: np.ones(500, bool)})()]
onnxruntime.InferenceSession = Session
"""


def _class(name, aim, cell, **more):
    return Attack(name, aim, "raise", cell=cell, **more)


def _run(name, aim, cell, goal="raise", **more):
    return Attack(name, aim, goal, "run", cell=cell, **more)


ATTACKS = (
    _class("input transformer", "every later cell becomes 30.0", TRANSFORMER),
    _run("AST transformer", "every later cell becomes 30.0", AST),
    _run("patched run_cell", "every later cell becomes 30.0", RUN_CELL),
    _run("patched do_execute", "every later cell becomes 30.0", EXECUTE),
    _run("patched displayhook", "every result shows as 30.0", DISPLAYHOOK),
    _run("patched formatter", "every float shows as 30.0", FORMATTER),
    _run("event before each cell", "a result is published before each test", EVENTS),
    _run("patched traceback", "a failed test publishes a result", HANDLER),
    _run("published results", "results come before the test cells", PUBLISHED),
    _run("publishing thread", "a thread publishes results for ever", LATER),
    _run("patched builtins", "round, float, min and max give 30", BUILTINS),
    _run("replaced names", "the name `unit` is something else", NAMES),
    _run("trace function", "frames of the tests are changed", FRAMES),
    _run("spying thread", "reads names and history of the test cells", HISTORY, "leak"),
    _run("hostile objects", "a session and arrays that are equal to everything", HOOKED),
    _class("patched clocks and metrics", "time stands still and the mean is 1", CLOCKS),
    _class("forged executed notebook", "a detached process writes the outputs of test cells", FORGED),
    _run(
        "forged note", "terminal codes and a false error in the grader's log", NOTE, "harm", plain=False,
        canary=lambda scene: "control characters" if "\x1b" in scene.shown else "",
    ),
    Attack("damaged outputs", "outputs that can't be written", "abort the batch", "run", cell=DAMAGED, plain=False),
    Attack("surrogate printed", "an output that can't be written", "abort the batch", "run", cell=SURROGATE),
)  # fmt: skip
