"""A little over each limit. Whatever a probe holds or starts is bounded, and ends by itself within a minute."""

from __future__ import annotations

from course.grading.probes import THROUGH, Probe

SLEEPS = f"import time\ntime.sleep(6)\nprint({THROUGH!r}, 'it was not stopped')"
DEAF = f"""
import signal, time
for number in (2, 15): signal.signal(number, signal.SIG_IGN)
end = time.monotonic() + 8
while time.monotonic() < end: pass
print({THROUGH!r}, "it was not stopped")
"""
TASKS = f"""
import os, time
made = []
try:
    for _ in range(120):
        process = os.fork()
        if process == 0:
            time.sleep(6)
            os._exit(0)
        made.append(process)
except OSError: pass
time.sleep(2)
if len(made) == 120: print({THROUGH!r}, "it had 120 processes at once", flush=True)
for process in made: os.waitpid(process, 0)
"""
THREADS = f"""
import threading, time
made = 0
try:
    for made in range(1, 121): threading.Thread(target=time.sleep, args=(4,)).start()
except RuntimeError: pass
time.sleep(1)
if made == 120: print({THROUGH!r}, "it had 120 threads at once", flush=True)
"""
MEMORY = f"""
import time
held = bytearray(b"x") * 750_000_000
time.sleep(1)
print({THROUGH!r}, "it had 750 MB")
"""
MEMORY_OF_MANY = f"""
import os, time
for _ in range(5):
    if os.fork() == 0:
        held = bytearray(b"x") * 150_000_000
        time.sleep(20)
        os._exit(0)
time.sleep(10)
print({THROUGH!r}, "they had 750 MB")
"""
SHARED = f"""
import mmap, time
held = mmap.mmap(-1, 750_000_000)  # shared, without a file
for at in range(0, 750_000_000, 4096): held[at] = 1
held.madvise(mmap.MADV_DONTNEED)  # nobody's any more, and still there
time.sleep(1)
print({THROUGH!r}, "it had 750 MB of shared memory")
"""
SOCKETS = f"""
import resource, socket, time
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 9000), most))
ends, filled, block = [], 0, bytes(60_000)
try:
    while filled < 750_000_000 and len(ends) < 4200:
        pair = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        ends.append(pair)
        for end in pair:
            end.setblocking(False)
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 10**6)
            try:
                while filled < 750_000_000: filled += end.send(block)
            except OSError: pass
except OSError: pass
time.sleep(1)
print({THROUGH!r} if filled >= 700_000_000 else "no", filled // 10**6, "MB in sockets")
"""
UNSEEN = f"""
import ctypes
libc = ctypes.CDLL(None)
made = {{"memfd": libc.memfd_create(b"probe", 0), "segment": libc.shmget(0, ctypes.c_size_t(4096), 0o1600),
    "queue": libc.msgget(0, 0o1600), "semaphores": libc.semget(0, 1, 0o1600)}}
for name, number in made.items():
    if number >= 0: print({THROUGH!r}, name, "could be made")
"""
FILES = f"""
import os
for place in (".", "/tmp", "/dev/shm"):
    made = []
    try:
        for number in range(7):
            made.append(f"{{place}}/probe-{{number}}")
            with open(made[-1], "wb") as file: file.write(bytes(10_000_000))
        print({THROUGH!r}, "70 MB in", place)
    except OSError: pass
    for path in made: os.path.exists(path) and os.remove(path)
"""
LARGE = f"""
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try:
    with open("probe.bin", "wb") as file: file.truncate(450_000_000)  # a hole: no byte of it is written
    print({THROUGH!r}, "one file of 450 MB")
except OSError: pass
"""
SAID = "print('x' * 1_100_000)"
PRINTED = "print('x' * 700_000)\nprint('the end')"
LINES = "for _ in range(40): print('y' * 30_000)"
PICTURES = """
from IPython.display import display
for _ in range(40): display({"image/png": "A" * 300_000}, raw=True)
"""
EMPTY = """
from IPython.display import publish_display_data
for _ in range(5_000): publish_display_data({})
"""
ERRORS = """
import os
for _ in range(200): os.write(2, bytes(2**20))
"""
EXITS = "import os\nos._exit(0)"
QUITS = "raise SystemExit"
CLOSES = "import os\nos.closerange(3, 200)"
STOPS = (
    "import os, signal, subprocess, sys\n"
    "subprocess.Popen([sys.executable, '-S', '-c', f'import os, signal, time; time.sleep(20); "
    "os.kill({os.getpid()}, signal.SIGCONT)'])\nos.kill(os.getpid(), signal.SIGSTOP)"
)
INPUT = "input('name? ')"
LEFT = """
import subprocess, sys
for _ in range(30):
    subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(50)"], start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
"""
DEEP = """
import os
here = os.getcwd()
for _ in range(1200):
    os.mkdir("d")
    os.chdir("d")
os.chdir(here)
"""
MANY = "for number in range(3_000): open(f'file-{number}', 'w').close()"


def long(scene):
    """Was more taken back than may be?"""
    return f"{len(scene.shown) / 1e6:.1f} MB came back" if len(scene.shown) > 650_000 else ""


def pictures(scene):
    """The same for a whole notebook."""
    return f"{len(scene.shown) / 1e6:.1f} MB came back" if len(scene.shown) > 9_000_000 else ""


def many(scene):
    """Were there more outputs than are kept?"""
    return "more than 4,000 outputs" if scene.shown.count('"output_type"') > 4_000 else ""


def late(scene):
    """Did it last much longer than it may?"""
    return f"it held the grader for {scene.seconds:.0f} s" if scene.seconds > 55 else ""


def grown(scene):
    """Did the process that grades take up what was written?"""
    return f"the grader took {scene.grown:,.0f} MB" if scene.grown > 500 else ""


def _limit(name, source, way="program", **more):
    return Probe("limits", name, way, source, **more)


PROBES = (
    _limit("time", SLEEPS, seconds=2, shows=True),
    _limit("time, deaf to signals", DEAF, seconds=2, shows=True),
    _limit("processes", TASKS, shows=True),
    _limit("threads", THREADS, shows=True),
    _limit("memory", MEMORY, shows=True),
    _limit("memory of five together", MEMORY_OF_MANY, shows=True),
    _limit("shared memory that was let go of", SHARED, shows=True),
    _limit("memory in sockets", SOCKETS, seconds=30, shows=True),
    _limit("memory of nobody", UNSEEN),
    _limit("files", FILES),
    _limit("what a program says", SAID, look=lambda scene: "1.1 MB came back" if "xxx" in scene.shown else ""),
    _limit("one large file", LARGE, "alone"),
    _limit("a long line", PRINTED, "alone", look=long),
    _limit("many lines", LINES, "alone", look=long),
    _limit("many pictures", PICTURES, "alone", look=pictures),
    _limit("many outputs", EMPTY, "alone", look=many),
    _limit("much on the error stream", ERRORS, "alone", look=grown),
    _limit("a kernel that exits", EXITS, "alone", look=late),
    _limit("a kernel that quits", QUITS, "alone", look=late),
    _limit("a kernel without connections", CLOSES, "alone", look=late, seconds=5),
    _limit("a kernel that stands still", STOPS, "alone", look=late, seconds=4),
    _limit("a question to nobody", INPUT, "alone", look=late),
    _limit("processes that stay", LEFT, "alone", look=late),
    _limit("deep folders", DEEP, "alone"),
    _limit("many files", MANY, "alone"),
)
