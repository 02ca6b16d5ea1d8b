"""The call interface: modules that answer with something else than plain values, and programs beside the grader.

A module of the corpus is asked `answer([1, 2, 3])` three times. It finds `reply(bytes)`, which writes to the grader's
pipe as the honest side does, and `sent(tree, *blobs)`, which makes an answer of any JSON tree with blobs behind it.
"""

from __future__ import annotations

from course.grading.attacks import Attack

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

def sent(tree, *blobs):
    values = packed([tree], *blobs)
    said = packed({"dict": [["id", number()], ["values", {"bytes": 0}]]}, values)
    reply(len(said).to_bytes(8, "big") + said)
    os._exit(0)

def answer(values):
    return hostile(values)
"""


def module(body: str) -> str:
    """A module with `hostile` in it."""
    return HEAD + body


PICKLE = """
def hostile(values):
    import pickle
    class Bad:
        def __reduce__(self): return os.system, ("touch /tmp/pickled-by-mallory",)
    content = pickle.dumps(Bad())
    reply(len(content).to_bytes(8, "big") + content)
"""
OBJECTS = """
class Any(list):
    def __eq__(self, other): return True
    def __float__(self): return 30.0
    def __len__(self): return 10 ** 9
    def __iter__(self): raise SystemExit
    def __reduce__(self): return os.system, ("true",)
def hostile(values):
    return Any()
"""
LAMBDA = "def hostile(values): return lambda: 30.0"
ARRAY_OF_OBJECTS = """
def hostile(values):
    import numpy as np
    class Bad:
        def __eq__(self, other): return True
    return np.array([Bad()], dtype=object)
"""
LYING_SHAPE = 'def hostile(values): sent({"array": ["<f8", [10 ** 12], 0]}, bytes(64))'
NEGATIVE_SHAPE = 'def hostile(values): sent({"array": ["<f8", [-1, -8], 0]}, bytes(64))'
LYING_BLOBS = """
def hostile(values):
    head = json.dumps([{"bytes": 0}, [10 ** 15, -(10 ** 15), 8]]).encode()
    content = len(head).to_bytes(8, "big") + head + bytes(8)
    reply(len(content).to_bytes(8, "big") + content)
"""
ONE_BLOB = """
def hostile(values):
    one = {"array": ["|u1", [20_000_000], 0]}
    sent([one] * 150, bytes(20_000_000))
"""
ONE_BLOB_AS_BYTES = 'def hostile(values): sent([{"bytes": 0}] * 150, bytes(20_000_000))'
TABLES = 'def hostile(values): sent([{"table": [[], [None, 10_000_000, None]]}] * 300_000)'
SERIES = 'def hostile(values): sent([{"series": [None, {"objects": [[0], []]}, [None, 0, None]]}] * 300_000)'
COLLIDING = """
def hostile(values):
    sent({"dict": [[k * (2 ** 61 - 1), 0] for k in range(1, 60_000)]})
"""
COLLIDING_TUPLES = """
def hostile(values):
    sent({"dict": [[{"tuple": [k * (2 ** 61 - 1)]}, 0] for k in range(1, 60_000)]})
"""
DEEP = """
def hostile(values):
    content = b"[" * 1_000_000 + b"]" * 1_000_000
    content = len(content).to_bytes(8, "big") + content
    reply(len(content).to_bytes(8, "big") + content)
    os._exit(0)
"""
DEEP_TREE = """
def hostile(values):
    tree = 1
    for _ in range(300): tree = [tree]
    sent(tree)
"""
DEEP_VALUE = """
def hostile(values):
    for _ in range(100_000): values = [values]
    return values
"""
ITSELF = "def hostile(values):\n    values.append(values)\n    return values"
HUGE_SIZE = 'def hostile(values): reply((2 ** 63).to_bytes(8, "big") + bytes(1000))'
HUGE = "def hostile(values): return bytes(200_000_000)"
SMALL_LISTS = """
def hostile(values):
    head = b'[[[' + b'[],' * 15_000_000 + b'[]]], []]'
    values = len(head).to_bytes(8, "big") + head
    said = packed({"dict": [["id", number()], ["values", {"bytes": 0}]]}, values)
    reply(len(said).to_bytes(8, "big") + said)
    os._exit(0)
"""
DIGITS = """
def hostile(values):
    head = b'[' + b'9' * 1_000_000 + b', []]'
    content = len(head).to_bytes(8, "big") + head
    reply(len(content).to_bytes(8, "big") + content)
"""
NOT_A_NUMBER = 'def hostile(values): return [float("nan"), float("inf"), -float("inf"), 10 ** 4000]'
TIMES = 'def hostile(values): sent([{"time": 10 ** 30}, {"time": -(10 ** 30)}, {"time": 1.5}])'
ENDLESS = "def hostile(values):\n    while True: pass"
DRIP = """
def hostile(values):
    import time
    reply((10 ** 6).to_bytes(8, "big"))
    while True:
        reply(b"x")
        time.sleep(0.05)
"""
NEVER_LOADED = "import time\ntime.sleep(1000)"
EARLY = """
def early(count):
    for k in range(1, count):
        values = packed([30.0])
        said = packed({"dict": [["id", k], ["values", {"bytes": 0}]]}, values)
        reply(len(said).to_bytes(8, "big") + said)
"""
#: The answers to requests that have not been made.
AHEAD = f"{EARLY}\nimport threading, time\ndef hostile(values): return 1\nthreading.Timer(0.2, early, [50]).start()\n"
EXTRA = f"{EARLY}\ndef hostile(values):\n    early(20)\n    return 1"
AFTER_END = """
import atexit
atexit.register(lambda: reply(bytes(10_000_000)))
def hostile(values): raise SystemExit(0)
"""
MESSAGE = """
def hostile(values):
    words = "\\x1b[2J\\n[AutogradeApp | ERROR] ada cheated <script>alert(1)</script> \\u202e"
    raise ValueError(words + "x" * 10_000_000)
"""
NAMED = """
def hostile(values):
    raise type("Bad\\x1b[2J\\n" + "<script>" * 1_000_000, (Exception,), {})()
"""
STR = """
class Bad(Exception):
    def __str__(self): os._exit(3)
def hostile(values): raise Bad
"""
LINES = """
def hostile(values):
    said = packed({"dict": [["id", number()], ["error", {"dict": [["type", [1] * 1_000_000], ["words", {"dict": []}],
        ["line", 10 ** 4000]]}]]})
    reply(len(said).to_bytes(8, "big") + said)
"""
DEFINES = """
said = packed({"dict": [["id", None], ["defines", 3]]})
reply(len(said).to_bytes(8, "big") + said)
import time
time.sleep(1000)
"""
FLOOD = """
def hostile(values):
    while True:
        reply(bytes(2 ** 20))
"""
PRINTED = """
def hostile(values):
    for stream in (sys.stdout, sys.stderr, sys.__stdout__):
        stream.write("x" * 50_000_000)
    os.write(1, bytes(50_000_000))
    os.write(2, bytes(50_000_000))
    return 1
"""
FORKED = """
def hostile(values):
    import subprocess
    subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(300)", MARK, ME], start_new_session=True)
    if os.fork() == 0:
        os.setsid()
        while True: pass
    return 1
"""
THREADS = """
def hostile(values):
    import threading, time
    made = 0
    try:
        for made in range(3000): threading.Thread(target=time.sleep, args=(100,), daemon=True).start()
    except RuntimeError:
        pass
    time.sleep(1)
    return f"had {made} threads"
"""
PATCHED = """
import builtins, struct
frame = sys._getframe()
while "plain" not in frame.f_locals: frame = frame.f_back
plain = frame.f_locals["plain"]
import numpy as np
class Always(float):
    def __eq__(self, other): return True
    def __lt__(self, other): return True
    def __repr__(self): return "30.0"
json.dumps = lambda *a, **k: "[30.0, []]"
plain.dumps = lambda value: b"\\x00" * 8 + b"[]"
np.ndarray.tobytes = lambda self: b""
builtins.isinstance = lambda *a: True
def hostile(values): return Always()
"""
WRITTEN = """
def hostile(values):
    found = []
    library = os.path.dirname(json.__file__)
    for name in ("answer.py", "task.json", "/usr/x", "/x", "/dev/x", "/submission/x", library + "/x"):
        try:
            open(name, "w").write("x")
            found.append(name)
        except OSError:
            pass
    return "could write " + ", ".join(found) if found else 1
"""
STOPPED = "import signal\ndef hostile(values): os.kill(os.getpid(), signal.SIGSTOP)"
KILLS = """
import signal
def hostile(values):
    for process in (1, os.getppid(), -1):
        try: os.kill(process, signal.SIGKILL)
        except OSError: pass
    return 1
"""
MEMORY = """
def hostile(values):
    held = []
    while True: held.append(bytearray(os.urandom(1) * 2 ** 26))
"""
DEBRIS = """
def hostile(values):
    for where in ("/tmp", "/dev/shm"):
        try:
            for k in range(100):
                handle = os.open(f"{where}/big-{k}", os.O_CREAT | os.O_WRONLY)
                os.posix_fallocate(handle, 0, 90_000_000)
            return "had no limit of " + where
        except OSError:
            pass
    return 1
"""
NETWORK = """
def hostile(values):
    import socket
    for address in (("127.0.0.1", 22), ("1.1.1.1", 53)):
        try:
            socket.create_connection(address, 1)
            return "connected to somewhere"
        except OSError:
            pass
    return 1
"""
SECRETS = """
sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__name__ != "_Alone"]
import course
def hostile(values):
    found = [str(dict(os.environ))]
    for top in (COURSE, HOME_FOLDER, CACHE, "/tmp", "/dev/shm", "/submission", "/input", "/root", "/home"):
        for where, _, names in os.walk(top):
            if where.startswith((sys.prefix, sys.base_prefix, *course.__path__)): continue  # what anybody may read
            for name in names:
                try: found.append(open(os.path.join(where, name), errors="replace").read(200_000))
                except OSError: pass
    for process in os.listdir("/proc"):
        for what in ("environ", "cmdline", "fd/0", "fd/1", "fd/3", "fd/4", "cwd/own.txt", "root/input/key.json"):
            try:  # not waiting: some of these are pipes
                handle = os.open(f"/proc/{process}/{what}", os.O_RDONLY | os.O_NONBLOCK)
                found.append(os.read(handle, 20_000).decode(errors="replace"))
            except OSError: pass
    return "\\n".join(found)
"""


FORK_BOMB = """
import signal
def hostile(values):
    made = 0
    try:
        for made in range(3000):
            if os.fork() == 0:
                signal.pause()
    except OSError:
        pass
    import time
    time.sleep(2)
    return f"had {made} processes"
"""
CHILDREN = """
def hostile(values):
    import time
    for _ in range(6):
        if os.fork() == 0:
            held = [bytearray(b"x" * 2 ** 24) for _ in range(32)]
            time.sleep(100)
    time.sleep(5)
    return "had no limit of memory"
"""
PTRACE = """
def hostile(values):
    import ctypes
    libc, found = ctypes.CDLL(None, use_errno=True), []
    for process in map(int, filter(str.isdigit, os.listdir("/proc"))):
        if libc.ptrace(16, process, 0, 0) == 0:  # PTRACE_ATTACH
            found.append(f"attached to {process}")
        try:
            spans = [line.split()[0] for line in open(f"/proc/{process}/maps") if " rw" in line]
            with open(f"/proc/{process}/mem", "rb") as memory:
                for span in spans:
                    low, high = (int(end, 16) for end in span.split("-"))
                    memory.seek(low)
                    if process not in (os.getpid(),):
                        found.append(memory.read(min(high - low, 2 ** 22)).decode(errors="replace"))
        except (OSError, ValueError, OverflowError):
            pass
    return "\\n".join(found)[:40_000_000]
"""
KILLS_OUTSIDE = """
import ctypes, signal
def hostile(values):
    libc = ctypes.CDLL(None)
    for process in map(int, filter(str.isdigit, os.listdir("/proc"))):
        try: os.kill(process, 0 if process in (os.getpid(), 1) else signal.SIGKILL)
        except OSError: pass
        try:
            handle = os.open(f"/proc/{process}", os.O_RDONLY)
            if os.readlink("/proc/self").isdigit() and process != int(os.readlink("/proc/self")):
                libc.syscall(424, handle, 9, None, 0)  # pidfd_send_signal
        except OSError: pass
    return 1
"""
ESCAPES = """
import ctypes
def hostile(values):
    libc, found = ctypes.CDLL(None, use_errno=True), []
    for flags in (0x10000000, 0x00020000, 0x10020000, 0x20000000, 0x02000000):  # new user, mount, pid, cgroup
        if libc.unshare(flags) == 0: found.append(f"could write: unshare {flags:x}")
    if libc.mount(b"none", b"/tmp", b"tmpfs", 0, None) == 0: found.append("could write: mount")
    if libc.umount2(b"/proc", 2) == 0: found.append("could write: umount")
    for top in ("sys", "irq", "bus", "scsi", "acpi", "fs", "driver", "tty", "sysrq-trigger", "1", "self/uid_map"):
        for where, _, names in os.walk("/proc/" + top) if os.path.isdir("/proc/" + top) else [("/proc", (), [top])]:
            for name in names:
                try: os.close(os.open(f"{where}/{name}", os.O_WRONLY))  # nothing is written: it might be true
                except OSError: continue
                if top not in ("1", "self/uid_map"): found.append(f"could write: {where}/{name}")
    try:
        os.mknod("/tmp/disk", 0o60600, os.makedev(254, 0))
        found.append("could write: device")
    except OSError: pass
    return str(found)
"""


def said(words, result):
    """A canary: the words stand in what came back."""
    return lambda scene: result if words in scene.shown else ""


def wrote(scene):
    """Could it write somewhere that lasts?"""
    return scene.shown if "could write" in scene.shown else ""


def _call(name, aim, body, goal="abort the batch", **more):
    return Attack(name, aim, goal, "call", module=module(body), plain=False, **more)


def _nested(name, aim, body, goal="abort the batch", **more):
    return Attack(name, aim, goal, "nested", module=module(body), plain=False, **more)


LIMIT = "escape a limit"
ATTACKS = (
    _call("pickled answer", "code that runs when the answer is read", PICKLE, "harm"),
    _call("hostile object answered", "a list that is equal to everything", OBJECTS, "raise"),
    _call("function answered", "a function instead of a value", LAMBDA, "raise"),
    _call("array of objects answered", "objects that are equal to everything", ARRAY_OF_OBJECTS, "raise"),
    _call("lying shape", "an array of 8 TB in 64 bytes", LYING_SHAPE, LIMIT),
    _call("negative shape", "an array of -1 by -8", NEGATIVE_SHAPE),
    _call("lying sizes", "parts that are longer than the whole", LYING_BLOBS, LIMIT),
    _call("one array 150 times", "3 GB out of 20 MB", ONE_BLOB, LIMIT),
    _call("one text 150 times", "3 GB out of 20 MB", ONE_BLOB_AS_BYTES, LIMIT),
    _call("300,000 tables", "minutes to make them", TABLES, LIMIT),
    _call("300,000 series", "minutes to make them", SERIES, LIMIT),
    _call("colliding keys", "a dict that takes minutes to fill", COLLIDING, LIMIT),
    _call("colliding tuples", "a dict that takes minutes to fill", COLLIDING_TUPLES, LIMIT),
    _call("deep JSON", "a parser that runs out of stack", DEEP),
    _call("deep tree", "300 lists in each other", DEEP_TREE),
    _call("deep value", "100,000 lists in each other", DEEP_VALUE),
    _call("value in itself", "a list that holds itself", ITSELF),
    _call("huge size", "an answer that claims 8 exabytes", HUGE_SIZE, LIMIT),
    _call("huge answer", "200 MB", HUGE, LIMIT),
    _call("many small lists", "60 MB that become gigabytes", SMALL_LISTS, LIMIT),
    _call("a million digits", "a number that takes long to read", DIGITS, LIMIT),
    _call("no numbers", "NaN, infinities and 4,000 digits", NOT_A_NUMBER),
    _call("impossible times", "times outside all calendars", TIMES),
    _call("endless function", "never answers", ENDLESS, seconds=3),
    _call("dripping answer", "a byte now and then", DRIP, seconds=3),
    _call("module never loaded", "sleeps while it is loaded", NEVER_LOADED, seconds=3),
    _call("answers ahead", "answers that nobody asked for yet", AHEAD, "raise"),
    _call("extra answers", "twenty answers to one request", EXTRA, "raise"),
    _call("answers after the end", "10 MB when it should be gone", AFTER_END),
    _call("hostile message", "terminal codes, markup and 10 MB in an exception", MESSAGE, "harm"),
    _call("hostile exception", "an exception whose name is 8 MB of markup", NAMED, "harm"),
    _call("exception that exits", "ends while its words are taken", STR),
    _call("false report", "an error with lists for words and 4,000 digits for a line", LINES),
    _call("false greeting", "a number where names are expected", DEFINES, seconds=3),
    _call("flooded pipe", "megabytes for ever", FLOOD, LIMIT, seconds=3),
    _call("much printed", "250 MB on all streams", PRINTED, LIMIT),
    _call("forked children", "processes that outlive the module", FORKED, "harm", seconds=3),
    _call("3,000 threads", "more than a machine likes", THREADS, LIMIT, canary=said("had 2999", "no limit of threads")),
    _call("patched from inside", "json, numpy, plain and isinstance replaced", PATCHED, "raise"),
    _call("writes its folder", "changes the module, its task, the machine", WRITTEN, "harm", canary=wrote),
    _call("module stops itself", "SIGSTOP", STOPPED, seconds=3),
    _call("module kills", "SIGKILL to all it can reach", KILLS),
    _call("memory of a module", "more and more", MEMORY, LIMIT),
    _call("memory in files", "gigabytes in /tmp and /dev/shm", DEBRIS, LIMIT, canary=said("no limit", "no limit")),
    _call("network of a module", "connects to somewhere", NETWORK, LIMIT, canary=said("connected to", "had network")),
    _call("secrets of a module", "reads all it can", SECRETS, "leak"),
    _nested("secrets behind the sandbox", "reads the key of the test cells", SECRETS, "leak"),
    _nested("memory behind the sandbox", "reads the memory of the test cells", PTRACE, "leak"),
    _nested("kills the test cells", "SIGKILL to all it can see", KILLS_OUTSIDE),
    _nested("writes behind the sandbox", "changes files of the test cells", WRITTEN, "harm", canary=wrote),
    _nested("fork bomb behind", "the test cells are ended with it", FORK_BOMB, canary=said("had 2999", "no limit")),
    _nested("memory behind", "the test cells are ended with it", CHILDREN, canary=said("no limit", "no limit")),
    _nested("escapes the sandbox", "makes user namespaces, mounts, devices", ESCAPES, "harm", canary=wrote),
)  # fmt: skip
