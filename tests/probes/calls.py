"""The call interface: modules that answer early, late, twice, too much, or with something that is no plain value.

A module is asked `answer([1, 2, 3])` three times. It finds `reply(bytes)`, which writes to the grader's pipe as the
honest side does, `sent(tree, *blobs)`, which makes an answer of any JSON tree with blobs behind it, and `early(count)`,
which answers the requests 1 to `count` before they are made.
"""

from __future__ import annotations

import functools

from course.contract.processes import calls
from course.grading.probes import HELD, THROUGH, Probe

#: The pipe to the grader and the number of the request, found as any module would find them.
HEAD = """
import json, os, sys

def number():
    frame = sys._getframe()
    while frame and "request" not in frame.f_locals:
        frame = frame.f_back
    return frame.f_locals["request"]["id"]

def pipes():
    for name in os.listdir("/proc/self/fd"):
        try:
            if os.readlink(f"/proc/self/fd/{name}").startswith("pipe:"):
                yield int(name)
        except OSError:
            pass

def reply(content):
    for pipe in pipes():
        try:
            os.write(pipe, content)
            return
        except OSError:  # the end that is read from
            pass

def packed(tree, *blobs):
    head = json.dumps([tree, [len(blob) for blob in blobs]]).encode()
    return len(head).to_bytes(8, "big") + head + b"".join(blobs)

def sent(tree, *blobs, id=None):
    said = packed({"dict": [["id", number() if id is None else id], ["values", {"bytes": 0}]]}, packed([tree], *blobs))
    reply(len(said).to_bytes(8, "big") + said)

def early(count):
    for k in range(1, count + 1): sent("THROUGH sent early", id=k)

def answer(values):
    return probe(values)
""".replace("THROUGH", THROUGH)
#: Bodies of `probe(values)`: what is answered in place of a plain value. The bytes of an answer are the course's own.
ANSWERS = {
    "bytes that are no answer": "reply(bytes(100))",
    "a size of 8 exabytes": "reply((2 ** 63).to_bytes(8, 'big') + bytes(100))",
    "a size a little too large": "reply((64 * 2**20 + 1).to_bytes(8, 'big') + bytes(100))",
    "65 MB": "return bytes(65 * 2**20)",
    "a subclass of a list": "return type('Any', (list,), {'__eq__': lambda self, other: True})([1])",
    "a subclass of a number": f"return type('Any', (float,), {{'__repr__': lambda self: {THROUGH!r}}})(1)",
    "a subclass of text": f"return type('Any', (str,), {{'__repr__': lambda self: {THROUGH!r}}})('x')",
    "a function": "return lambda: 1",
    "a set": "return {1, 2}",
    "a class": "return type('Any', (), {})",
    "an object": "return object()",
    "an array of objects": "import numpy as np\n    return np.array([object()], dtype=object)",
    "a list in itself": "values.append(values)\n    return values",
    "100 lists in each other": "for _ in range(100): values = [values]\n    return values",
    "no numbers": "return [float('nan'), float('inf'), -float('inf'), 10 ** 400]",
    "a shape that is too large": "sent({'array': ['<f8', [10 ** 6], 0]}, bytes(64))",
    "a shape below zero": "sent({'array': ['<f8', [-1], 0]}, bytes(64))",
    "one part used twice": "sent([{'bytes': 0}] * 2, bytes(1000))",
    "a part that is missing": "sent({'bytes': 3}, bytes(8))",
    "3,001 tables": "sent([{'table': [[], [None, 1, None]]}] * 3001)",
    "5,001 odd keys": "sent({'dict': [[{'tuple': [k]}, 0] for k in range(5001)]})",
    "a million lists": "sent([[]] * 1_000_001)",
    "a kind of value that there is none of": "sent({'probe': '1'})",
    "a time outside all calendars": "sent([{'time': 10 ** 30}])",
    "an exception with 10 kB of words": "raise ValueError('\\x1b[1m <x-probe> \\u202e' + 'x' * 10_000)",
    "an exception with a long name": "raise type('Bad\\x1b[1m\\n' + '<x-probe>' * 100, (Exception,), {})()",
    "an exception that ends": "class Bad(Exception):\n        def __str__(self): os._exit(3)\n    raise Bad",
    "an exit": "raise SystemExit(0)",
    "a sudden end": "os._exit(0)",
    "too late": "import time\n    time.sleep(4)\n    return 'THROUGH answered late'".replace("THROUGH", THROUGH),
    "a byte now and then": "import time\n    reply((1000).to_bytes(8, 'big'))\n"
                           "    for _ in range(12):\n        reply(b'x')\n        time.sleep(0.5)",
    "twenty answers to one request": "early(20)\n    return 1",
    "2 MB of answers that nobody asked for": "for _ in range(20): reply(bytes(100_000))",
    "10 MB printed": "for stream in (sys.stdout, sys.stderr, sys.__stdout__): stream.write('x' * 10**7)\n    return 1",
    "a signal to all that it can reach": "import signal\n    for process in (1, os.getppid()):\n"
                                         "        try: os.kill(process, signal.SIGKILL)\n"
                                         "        except OSError: pass\n    return 1",
    "memory": "held = bytearray(b'x') * 700_000_000\n    import time\n    time.sleep(1)\n"
              f"    return {THROUGH!r} + ' had 700 MB'",
    "processes": "import time\n    made = []\n    try:\n        for _ in range(100):\n"
                 "            made.append(os.fork())\n            if not made[-1]: time.sleep(5); os._exit(0)\n"
                 "    except OSError: pass\n    time.sleep(1)\n"
                 f"    return {THROUGH!r} + ' had 100 processes' if len(made) == 100 else 1",
    "another course": "sys.meta_path[:] = [f for f in sys.meta_path if type(f).__name__ != '_Alone']\n"
                      "    import course\n    return len(course.__version__)",
}  # fmt: skip
#: What runs when the module is loaded.
LOADED = {
    "answers before they are asked for": "import threading\nthreading.Timer(0.2, early, [50]).start()\n"
                                         "def probe(values):\n    import time\n    time.sleep(0.6)\n    return 1",
    "a greeting that is none": "said = packed({'dict': [['id', None], ['defines', 3]]})\n"
                               "reply(len(said).to_bytes(8, 'big') + said)\nimport time\ntime.sleep(12)",
    "loading without end": "import time\ntime.sleep(14)",
    "answers after the end": "import atexit\natexit.register(lambda: reply(bytes(100_000)))\n"
                             "def probe(values): raise SystemExit(0)",
    "everything replaced": "import builtins\nbuiltins.isinstance = lambda *a: True\njson.loads = lambda *a, **k: []\n"
                           "def probe(values): return 1",
}  # fmt: skip
LATE = ("too late", "a byte now and then", "processes")


def changes_arguments(bench):
    """A call that changes its arguments is seen."""
    module = calls.Module("answer.py", b"def answer(values):\n    values.append(4)\n    return 1\n", {})
    with calls.serve(module) as shipped:
        return "a change was not seen" if shipped.leaves_alone("answer", [1, 2, 3]) else HELD


def keeps_state(bench, source):
    """Nothing that one process of a module leaves is there in the next."""
    module = calls.Module("answer.py", source.encode(), {})
    seen = []
    for _ in range(2):
        with calls.serve(module) as shipped:
            seen.append(shipped.call("answer", [1]))
    return "state was kept between processes" if seen[1] else HELD


STATES = {
    "a name": "kept = []\ndef answer(values):\n    kept.append(1)\n    return len(kept) > 1",
    "a file": """
import os
def answer(values):
    there = False
    for place in (".", "/tmp", "/dev/shm"):
        path = f"{place}/probe-marker-state"
        there = there or os.path.exists(path)
        try: open(path, "w").close()
        except OSError: pass
    return there
""",
    "a process": """
import os, time
def answer(values):
    there = any(b"probe-marker-process" in open(f"/proc/{n}/cmdline", "rb").read() for n in os.listdir("/proc")
                if n.isdigit() and os.path.exists(f"/proc/{n}/cmdline"))
    os.spawnlp(os.P_NOWAIT, "sh", "sh", "-c", "sleep 20", "probe-marker-process")
    time.sleep(0.2)
    return there
""",
}


def _call(name, source, **more):
    return Probe("calls", name, "call", HEAD + source, **more)


SHOWN = ("twenty answers to one request",)
PROBES = (
    *(
        _call(name, f"def probe(values):\n    {body}\n", seconds=2 if name in LATE else 5, shows=name in SHOWN)
        for name, body in ANSWERS.items()
    ),
    *(_call(f"{name}, while loading", source, seconds=3) for name, source in LOADED.items()),
    Probe("calls", "a call that changes its arguments", "look", changes_arguments),
    *(
        Probe("calls", f"state in {name}", "look", functools.partial(keeps_state, source=source))
        for name, source in STATES.items()
    ),
)
