"""Reading and writing from a student's cells, and from a module: markers lie where they should not get.

All cells run in one notebook; each tries one thing, and prints what came through.
"""

from __future__ import annotations

from course.grading.probes import THROUGH, Probe

READ = """
import glob, os, re
def read(*patterns):
    for pattern in patterns:
        for path in glob.glob(pattern, recursive=True):
            try:
                handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
                for marker in set(re.findall(MARKER + r"[\\w-]+", os.read(handle, 10**6).decode(errors="replace"))):
                    print(marker)
                os.close(handle)
            except OSError:
                pass
"""
WRITE = f"""
import os
def write(top, name):
    path = os.path.join(top, name)
    try:
        if not os.path.isdir(top): return  # a folder made here would be this sandbox's own
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "a") as file: file.write("by a probe")
        print({THROUGH!r}, path, "was written")
    except OSError:
        pass
"""
NOBODY = "read(COURSE + '/submitted/ada/*/notes.txt')"


def _read(name, source, **more):
    return Probe("reading", name, "cell", READ + source, **more)


def _write(name, source, **more):
    return Probe("writing", name, "cell", WRITE + source, **more)


#: A module that reads what the test cells hold: through /proc, by its own place, and from its parents' memory.
BEHIND = f"""{READ.replace("print(marker)", "said.append(marker)")}
said = []
def answer(values):
    read("/input/*", "/submission/own.txt", "/tmp/own.txt", "own.txt", "../own.txt")
    for process in (os.getppid(), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10):
        for what in ("environ", "cwd/own.txt", "root/input/key.txt", "root/submission/own.txt"):
            read(f"/proc/{{process}}/{{what}}")
    return said
"""
MEMORY = """
import os, re
def answer(values):
    found = []
    for process in {os.getppid(), *range(1, 12)} - {os.getpid()}:
        try:
            spans = [line.split()[0] for line in open(f"/proc/{process}/maps") if " rw" in line][:50]
            with open(f"/proc/{process}/mem", "rb") as memory:
                for span in spans:
                    low, high = (int(end, 16) for end in span.split("-"))
                    memory.seek(low)
                    found += re.findall(MARKER.encode() + rb"[a-z-]+", memory.read(min(high - low, 2**22)))
        except (OSError, ValueError, OverflowError):
            pass
    return [marker.decode() for marker in set(found)]
"""
OVERWRITE = f"""
import os
def answer(values):
    through = []
    for path in ("/submission/own.txt", "/input/key.txt", *(f"/proc/{{n}}/cwd/own.txt" for n in range(1, 12))):
        try:
            with open(path, "r+") as file: file.write("by a probe")
            through.append({THROUGH!r} + " " + path)
        except OSError:
            pass
    for path in ("answer.py", "task.json", "/usr/probe", "/etc/probe", "/probe"):
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT))
            through.append({THROUGH!r} + " " + path)
        except OSError:
            pass
    return through
"""
PROBES = (
    _read("the key", "read(HOME_FOLDER + '/.config/under-budget/key.json')", shows=True),
    _read("the source", "read(COURSE + '/source/**/*.txt', COURSE + '/source/**/*.ipynb')", shows=True),
    _read("another submission", NOBODY, shows=True),
    _read("another submission, by the shell", "get_ipython().system('cat ' + COURSE + '/submitted/*/*/notes.txt')"),
    _read("the gradebook", "read(COURSE + '/*.db')"),
    _read("a rehearsed model", "read(HOME_FOLDER + '/.cache/under-budget/own/*', CACHE + '/rehearsal-*')"),
    _read("environments", "print(*(v for v in os.environ.values() if MARKER in v))\nread('/proc/[0-9]*/environ')"),
    _read("roots of other processes", "read('/proc/[0-9]*/root' + HOME_FOLDER + '/.config/under-budget/key.json',"
          " '/proc/[0-9]*/cwd/submitted/ada/*/notes.txt')"),
    _read("a link to the key", "os.symlink(HOME_FOLDER + '/.config/under-budget/key.json', 'model.onnx')"),
    _read("a hard link to another submission",
          "import pathlib\nfor file in glob.glob(COURSE + '/submitted/ada/*/notes.txt'):\n"
          "    try: os.link(file, 'baseline.onnx')\n    except OSError: pass"),
    Probe("reading", "what the test cells hold", "nested", BEHIND),
    Probe("reading", "the memory of the test cells", "nested", MEMORY),
    _write("the gradebook", "write(COURSE, 'marks.db')", shows=True),
    _write("the course", "for name in ('nbgrader_config.py', 'source/hidden.txt'): write(COURSE, name)"),
    _write("another submission", "write(COURSE, 'submitted/ada/f01-shrink-ensemble/notes.txt')"),
    _write("startup files of the grader", "write(HOME_FOLDER, '.ipython/profile_default/startup/00-probe.py')"),
    _write("the cache", "write(CACHE, 'probe.npz')"),
    _write("libraries", "import IPython, course\nfor module in (IPython, course):\n"
           "    try:\n        os.close(os.open(module.__file__, os.O_WRONLY))\n"
           f"        print({THROUGH!r}, 'a library could be opened to write')\n    except OSError: pass", shows=True),
    _write("settings of the kernel", "for path in ('/proc/sys/kernel/core_pattern', '/proc/sysrq-trigger'):\n"
           "    try:\n        os.close(os.open(path, os.O_WRONLY))\n"
           f"        print({THROUGH!r}, path, 'could be opened for writing')\n    except OSError: pass"),
    Probe("writing", "what the test cells hold", "nested", OVERWRITE),
    Probe("writing", "a module's own folder", "call", OVERWRITE),
)  # fmt: skip
