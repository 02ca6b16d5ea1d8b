"""Bombs and processes. All are bounded: they show that a limit is missing without hurting the machine."""

from __future__ import annotations

from course.grading.attacks import MARK, Attack

FORKS = f"""
import subprocess, sys
made = []
try:
    for _ in range(60):
        made.append(subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(300)", {MARK!r}, ME],
            start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
except OSError as error:
    print(error)
print(len(made), "processes")
"""
PROCESSES = """
import os, signal
made = []
try:
    for _ in range(600):
        process = os.fork()
        if process == 0:
            signal.pause()
            os._exit(0)
        made.append(process)
except OSError as error:
    print(error)
print("had", "very many" if len(made) == 600 else "few", "processes")
for process in made:
    os.kill(process, signal.SIGKILL)
"""
MEMORY = """
import mmap
held = []
try:
    for _ in range(40):
        held.append(mmap.mmap(-1, 2**30))  # never touched: address space, no memory
    print("had no limit of memory")
except (MemoryError, OSError) as error:
    print("stopped:", error)
held.clear()
"""
MEMFD = """
import os
held = []
try:
    for number in range(8):
        held.append(os.memfd_create("held"))
        os.posix_fallocate(held[-1], 0, 250_000_000)
    import time
    time.sleep(1)
    print("had no limit of memory")
except OSError as error:
    print("stopped:", error)
"""
SEGMENTS = """
import ctypes, time
libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
made = 0
for number in range(8):
    segment = libc.shmget(0, ctypes.c_size_t(250_000_000), 0o1600)
    if segment < 0: break
    place = libc.shmat(segment, None, 0)
    ctypes.memset(place, 1, 250_000_000)
    libc.shmdt(ctypes.c_void_p(place))
    made += 1
time.sleep(1)
print("had no limit of memory" if made == 8 else "stopped")
for segment in range(made): libc.shmctl(segment, 0, None)
"""
JUST_UNDER = """
import subprocess, sys, time
code = "held = bytearray(b'x' * 200_000_000); import time; time.sleep(100)"
for number in range(10): subprocess.Popen([sys.executable, "-S", "-c", code])
time.sleep(6)
print("had no limit of memory")
"""
THREADS = """
import threading, time
try:
    for made in range(2000): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
except RuntimeError as error:
    print(error)
time.sleep(1)
print("had very many threads")
"""
DISK = """
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try:
    with open("big.bin", "wb") as file:
        file.truncate(500_000_000)
    print("had no limit of one file")
except OSError as error:
    print("stopped:", error)
"""
DISKS = """
import os
try:
    for number in range(8):
        handle = os.open(f"big-{number}.bin", os.O_CREAT | os.O_WRONLY)
        os.posix_fallocate(handle, 0, 250_000_000)
        os.close(handle)
    print("had no limit of disk")
except OSError as error:
    print("stopped:", error)
"""
SHARED = """
import os
try:
    for number in range(6):
        handle = os.open(f"/tmp/big-{number}.bin", os.O_CREAT | os.O_WRONLY)
        os.posix_fallocate(handle, 0, 200_000_000)
        os.close(handle)
    print("had no limit of /tmp")
except OSError as error:
    print("stopped:", error)
"""
DEEP = """
import os
for _ in range(3000):
    os.mkdir("d")
    os.chdir("d")
"""
MANY = """
for number in range(20_000):
    open(f"file-{number}", "w").close()
"""
PRINTER = "print('x' * 100_000_000)\nprint('the end')"
LINES = "for _ in range(300): print('y' * 100_000)"
PICTURES = """
from IPython.display import display
for _ in range(100):
    display({"image/png": "A" * 400_000}, raw=True)
"""
STDERR = """
import os
chunk = b"z" * 2**20
for process in ("self", str(os.getppid()), "1"):
    try:
        handle = os.open(f"/proc/{process}/fd/2", os.O_WRONLY)
        for _ in range(600):
            os.write(handle, chunk)
    except OSError as error:
        print(error)
"""
ENDLESS = "while True: pass"
DEAF = "import signal\nfor number in (2, 15): signal.signal(number, signal.SIG_IGN)\nwhile True: pass"
NATIVE = "import re\nre.match(r'(a+)+$', 'a' * 64 + 'b')"
ASLEEP = "import ctypes\nctypes.CDLL(None).sleep(10_000)"
EXIT = "import os\nos._exit(0)"
QUIT = "raise SystemExit"
CLOSED = "import os\nos.closerange(3, 200)"
FAULT = "import ctypes\nctypes.string_at(0)"
STOPPED = "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)"
STOPPED_PARENT = "import os, signal\nos.kill(os.getppid(), signal.SIGSTOP)"
NETWORK = """
import socket
for address in (("127.0.0.1", PORT), ("1.1.1.1", 53)):
    try:
        socket.create_connection(address, 2)
        print("connected to somewhere")
    except OSError as error:
        print(error)
"""
INPUT = "input('name? ')"


def said(words, result):
    """A canary: the words stand in what the notebook printed."""
    return lambda scene: result if words in scene.shown else ""


def large(scene):
    """Is what comes out of the notebook over 20 MB?"""
    return f"a notebook of {scene.size / 1e6:.0f} MB" if max(scene.size, len(scene.shown)) > 20_000_000 else ""


def memory_of_grader(scene):
    """Did the process that grades take up what the notebook wrote?"""
    return f"the grader took {scene.grown:,.0f} MB" if scene.grown > 900 else ""


def late(scene):
    """Did it last much longer than it may?"""
    return f"held the grader for {scene.seconds:.0f} s" if scene.seconds > 200 else ""


def network_cell():
    """A port of this machine that somebody listens on is found when the attack is made."""
    return NETWORK.replace("PORT", "22")


def _run(name, aim, goal, cell, **more):
    return Attack(name, aim, goal, "run", cell=cell, **more)


LIMIT, ABORT = "escape a limit", "abort the batch"
ATTACKS = (
    _run("processes left", "sixty processes that outlive the notebook", "harm", FORKS),
    _run("many processes", "six hundred processes at once", LIMIT, PROCESSES, canary=said("very many", "no limit")),
    _run("address space", "40 GB are asked for", LIMIT, MEMORY, canary=said("had no limit", "no limit")),
    _run("memory of no process", "2 GB in files without a name", LIMIT, MEMFD, canary=said("had no limit", "no limit"),
         plain=False),
    _run("memory segments", "2 GB in System V segments", LIMIT, SEGMENTS, canary=said("had no limit", "no limit"),
         plain=False),
    _run("memory of many", "2 GB in ten processes, each with little", LIMIT, JUST_UNDER, plain=False,
         canary=said("had no limit", "no limit")),
    _run("many threads", "two thousand threads", LIMIT, THREADS, canary=said("very many", "no limit")),
    _run("large file", "one file of 500 MB", LIMIT, DISK, canary=said("had no limit", "no limit")),
    _run("full disk", "2 GB in eight files", LIMIT, DISKS, canary=said("had no limit", "no limit")),
    _run("full tmp", "1.2 GB in /tmp, which is memory", LIMIT, SHARED, canary=said("had no limit", "no limit")),
    _run("deep folders", "3,000 folders in each other, which can't be removed", ABORT, DEEP, plain=False),
    _run("many files", "20,000 files", ABORT, MANY),
    _run("long line", "100 MB in one line", LIMIT, PRINTER, canary=large),
    _run("many lines", "30 MB in 300 lines", LIMIT, LINES, canary=large),
    _run("many pictures", "40 MB of pictures", LIMIT, PICTURES, canary=large),
    _run("flooded errors", "gigabytes into the grader's pipe", LIMIT, STDERR, canary=memory_of_grader, plain=False,
         seconds=5),
    _run("endless loop", "never ends", ABORT, ENDLESS, seconds=4, canary=late),
    _run("deaf loop", "ignores being interrupted", ABORT, DEAF, seconds=4, canary=late),
    _run("native loop", "a loop in C that can't be interrupted", ABORT, NATIVE, seconds=4, canary=late),
    _run("stops itself", "SIGSTOP to the kernel", ABORT, STOPPED, seconds=4, canary=late),
    _run("exit", "ends the kernel at once", ABORT, EXIT),
    _run("quit", "raises SystemExit", ABORT, QUIT),
    _run("closed files", "closes the kernel's connections", ABORT, CLOSED, seconds=5, canary=late),
    _run("segmentation fault", "reads address 0", ABORT, FAULT),
    _run("network", "connects to somewhere", LIMIT, network_cell(), canary=said("connected to", "had network"),
         plain=False),
    _run("asks for input", "waits for somebody to type", ABORT, INPUT),
)  # fmt: skip
