"""Reaching a network, other processes, another sandbox: everything that is reached for is the probes' own."""

from __future__ import annotations

import contextlib
import functools
import socket
import subprocess
import sys
import threading

from course import sandbox
from course.contract.processes import calls
from course.grading.probes import HELD, THROUGH, Probe

CONNECT = f"""
import socket
def connected(port):
    try:
        socket.create_connection(("127.0.0.1", port), 2).close()
        return {THROUGH!r} + " it connected to a listener"
    except OSError:
        return "no"
"""
MODULE = "\ndef answer(values): return connected(PORT)\n"
ESCAPE = f"""
import ctypes, os
def answer(values):
    libc, through = ctypes.CDLL(None, use_errno=True), []
    for flags in (0x10000000, 0x00020000, 0x20000000, 0x02000000):  # user, mount, process, control group
        if libc.unshare(flags) == 0: through.append({THROUGH!r} + f" a namespace was made ({{flags:x}})")
    for kind in (1, 10, 15, 27):  # what a module needs no capability for, and would need one: raw, packet, ...
        try: socket.socket(socket.AF_INET, socket.SOCK_RAW, kind).close(); through.append({THROUGH!r} + " raw")
        except OSError: pass
    if os.getuid() in (0,): through.append({THROUGH!r} + " it is root")
    return through
"""
SIGNAL = f"""
import os
def inner(process):  # its numbers, from the outermost namespace that is seen here to its own
    return next(line for line in open(f"/proc/{{process}}/status") if line.startswith("NSpid")).split()[1:]
def answer(values):
    through, known = [], {{}}
    for process in filter(str.isdigit, os.listdir("/proc")):
        try: known[process] = inner(process), open(f"/proc/{{process}}/cmdline").read()
        except (OSError, StopIteration): pass
    deepest = max(len(numbers) for numbers, _ in known.values())
    own = {{numbers[-1] for numbers, _ in known.values() if len(numbers) == deepest}} if deepest > 1 else set()
    for process, (numbers, text) in known.items():
        if "take_over_output" in text and process not in own:
            try: os.kill(int(process), 0)  # nothing is sent: only whether it could be
            except OSError: continue
            through.append({THROUGH!r} + " the test cells could be sent a signal")
    return through
"""


@contextlib.contextmanager
def listening():
    """A listener on loopback; its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        done = threading.Event()

        def accept():
            while not done.is_set():
                with contextlib.suppress(OSError):
                    server.accept()[0].close()

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            done.set()
            thread.join()


def from_a_program(bench):
    """A program in a sandbox connects to a listener of this test."""
    with listening() as port, sandbox.scratch() as given:
        source = f"{CONNECT}\nprint(connected({port}))"
        said = sandbox.program([sys.executable, "-I", "-c", source], given, seconds=20, most_bytes=10_000).decode()
    return said.partition(THROUGH)[2].strip()


def from_a_module(bench):
    """A module that was handed in connects to a listener of this test."""
    with listening() as port:
        module = calls.Module("answer.py", f"PORT = {port}\n{CONNECT}{MODULE}".encode(), {})
        with calls.serve(module) as shipped:
            return shipped.call("answer", [1]).partition(THROUGH)[2].strip()


ABSTRACT = f"""
import socket
try:
    made = socket.socket(socket.AF_UNIX)
    made.connect("\\0PROBE")
    print({THROUGH!r}, "it connected to a socket without a name")
except OSError: pass
"""


def by_a_name(bench):
    """A socket in the abstract namespace belongs to a network, not to a file system."""
    with socket.socket(socket.AF_UNIX) as server, sandbox.scratch() as given:
        name = f"probe-{id(server)}"
        server.bind(f"\0{name}")
        server.listen()
        source = ABSTRACT.replace("PROBE", name)
        said = sandbox.program([sys.executable, "-I", "-c", source], given, seconds=20, most_bytes=10_000).decode()
    return said.partition(THROUGH)[2].strip()


#: Two programs at once: the first holds something of a file that both may read, the second says what it can tell.
HOLD = {
    "a lock": "import fcntl; file = open(fcntl.__file__ if hasattr(fcntl, '__file__') else sys.executable); "
              "fcntl.flock(file, fcntl.LOCK_EX)",
    "a record lock": "import fcntl; file = open(sys.executable, 'rb'); fcntl.lockf(file, fcntl.LOCK_SH)",
}  # fmt: skip
TELL = {
    "a lock": """
import fcntl
file = open(fcntl.__file__ if hasattr(fcntl, "__file__") else sys.executable)
try: fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError: print(THROUGH, "one sandbox saw what another did")
""",
    "a record lock": """
import fcntl, struct
file = open(sys.executable, "rb")
try:
    asked = struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0)
    if struct.unpack("hhqqi4x", fcntl.fcntl(file, fcntl.F_GETLK, asked))[0] != fcntl.F_UNLCK:
        print(THROUGH, "one sandbox saw what another did")
except OSError: pass
""",
    "a notification": """
import ctypes, os, select, time
libc = ctypes.CDLL(None)
watch = libc.inotify_init1(0)
if watch >= 0 and libc.inotify_add_watch(watch, sys.executable.encode(), 0x20) >= 0:
    print("ready", flush=True)
    if select.select([watch], [], [], 10)[0]: print(THROUGH, "one sandbox saw what another did")
""",
}


def between(bench, what):
    """Two sandboxes at once: can one tell what the other does with a file that both may read?"""
    first = HOLD.get(what, "")
    holder = f"import sys, time\n{first}\nprint('ready', flush=True)\ntime.sleep(20)"
    teller = f"import sys\nTHROUGH = {THROUGH!r}\n{TELL[what]}"
    isolated = not sandbox.problem()
    before = sandbox.command() if isolated else []

    def begin(source):
        return sandbox.start(
            [*before, sys.executable, "-I", "-c", source], isolated, sandbox.python_environment("/tmp"),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        )  # fmt: skip

    if first:
        with sandbox.guarded(one := begin(holder), 30):
            assert one.stdout.readline() == b"ready\n"
            with sandbox.guarded(two := begin(teller), 30):
                said = two.stdout.read().decode()
    else:
        with sandbox.guarded(two := begin(teller), 30):
            if two.stdout.readline() != b"ready\n":
                return HELD
            with sandbox.guarded(one := begin("open(__import__('sys').executable, 'rb').read(1)"), 30):
                one.wait()
            said = two.stdout.read().decode()
    return said.partition(THROUGH)[2].strip()


PROBES = (
    Probe("reaching", "a listener, from a notebook's sandbox", "look", from_a_program, shows=True),
    Probe("reaching", "a listener, from a module", "look", from_a_module, shows=True),
    Probe("reaching", "a socket without a file", "look", by_a_name, shows=True),
    *(
        Probe("reaching", f"another sandbox, by {what}", "look", functools.partial(between, what=what), shows=True)
        for what in TELL
    ),
    Probe("reaching", "namespaces of its own", "call", "import socket\n" + ESCAPE),
    Probe("reaching", "the test cells, by a signal", "nested", SIGNAL),
)
