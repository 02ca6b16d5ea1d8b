"""What student cells change is not there in the test cells' process: markers are left, and looked for."""

from __future__ import annotations

import functools
import os
import threading
from pathlib import Path

from course import sandbox
from course.contract.terms import holdout
from course.grading.execution import student, trusted
from course.grading.probes import HELD, Probe
from course.key import OPEN

#: What student cells leave behind, each by its name.
LEAVE = """
import atexit, builtins, os, pathlib, subprocess, sys, threading, time, types
name = "PROBE_NAME"
builtins.probe_marker = name
sys.modules["probe_marker"] = types.ModuleType("probe_marker")
sys.path.insert(0, "/submission/probe_marker")
os.environ["PROBE_MARKER"] = name
os.environ["COURSE_PRIVATE_HOLDOUT"] = os.environ["PYTHONSTARTUP"] = "/submission/probe_marker.py"
sys.meta_path.insert(0, types.SimpleNamespace(find_spec=lambda *a, **k: None, probe_marker=name))
sys.setrecursionlimit(1234)
for place in (".", "/tmp", "/dev/shm", os.path.expanduser("~")):
    for file in (name, "course.py", "sitecustomize.py", "usercustomize.py"):
        if place == "." or file == name:
            pathlib.Path(place, file).write_text("probe_marker = 1")
startup = pathlib.Path.home() / ".ipython" / "profile_default" / "startup"
startup.mkdir(parents=True, exist_ok=True)
(startup / "probe_marker.py").write_text("import builtins; builtins.probe_marker = 1")
get_ipython().user_ns["unit"] = name
get_ipython().input_transformers_cleanup.append(lambda lines: lines)
threading.Thread(target=time.sleep, args=(1,), name=name, daemon=True).start()
subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(45)", name], start_new_session=True,
    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
os.umask(0o777)
"""
#: What the test cells look for: the name of a probe, and whether it is true there.
LOOK = """
import builtins, os, pathlib, sys, threading
name = "PROBE_NAME"
def left():
    for process in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if name.encode() in process.read_bytes() and process.parent.name != str(os.getpid()): return True
        except OSError: pass
    return False
seen = {
    "names of Python": hasattr(builtins, "probe_marker"), "modules": "probe_marker" in sys.modules,
    "module path": any("probe_marker" in path for path in sys.path),
    "environment": "PROBE_MARKER" in os.environ or "PYTHONSTARTUP" in os.environ,
    "finders of modules": any(hasattr(one, "probe_marker") for one in sys.meta_path),
    "recursion limit": sys.getrecursionlimit() == 1234,
    "own folder": os.path.exists(name) or os.path.exists("course.py"),
    "files in /tmp": os.path.exists("/tmp/" + name), "files in /dev/shm": os.path.exists("/dev/shm/" + name),
    "home": os.path.exists(os.path.expanduser("~/" + name)),
    "startup files": os.path.exists(os.path.expanduser("~/.ipython/profile_default/startup/probe_marker.py")),
    "the kernel": "get_ipython" in globals() or hasattr(builtins, "get_ipython"),
    "names of the kernel": "unit" in globals(),
    "threads": any(thread.name == name for thread in threading.enumerate()), "processes": left(),
    "course": not hasattr(__import__("course"), "__version__"), "mode of new files": os.umask(0o22) == 0o777,
}
print(*[what for what, there in seen.items() if there], "", sep="\\n")
"""
WHAT = (
    "names of Python", "modules", "module path", "environment", "finders of modules", "recursion limit", "own folder",
    "files in /tmp", "files in /dev/shm", "home", "startup files", "the kernel", "names of the kernel", "threads",
    "processes", "course", "mode of new files",
)  # fmt: skip
SHOWN = ("files in /tmp", "files in /dev/shm", "processes")


_one_at_a_time = threading.Lock()


def left_over(bench, what):
    """Is it seen by the test cells?"""
    with _one_at_a_time:
        seen = _both(bench, id(bench), bool(sandbox.problem()))
    return "it is there where test cells run" if what in seen else HELD


@functools.lru_cache(maxsize=4)
def _both(bench, number, bare):
    """Run student cells, then test cells on what they left; what the latter see. Made once for all probes."""
    name = f"probe_marker-{os.getpid()}-{number}-{bare}"
    ran = student.run(
        [("leave", LEAVE.replace("PROBE_NAME", name))], {"course.py": b"probe_marker = 1"}, bench.unit.files,
        seconds=30, cache=bench.place.cache,
    )  # fmt: skip
    errors = [output for output in ran.outputs["leave"] if output["output_type"] == "error"]
    assert not errors, errors
    hidden = bench.place.root / "holdout"
    if not hidden.exists():
        holdout.write(bench.unit.private_holdout(OPEN), hidden)
    try:
        outputs, _ = trusted.run([("look", LOOK.replace("PROBE_NAME", name))], ran.files, hidden, bench.place.cache)
    finally:
        for place in ("/tmp", "/dev/shm"):  # there are some where the guard is off
            Path(place, name).unlink(missing_ok=True)
    assert outputs["look"][0]["output_type"] == "stream", outputs
    return outputs["look"][0]["text"].splitlines()


PROBES = tuple(
    Probe("separation", f"left behind: {what}", "look", functools.partial(left_over, what=what), shows=what in SHOWN)
    for what in WHAT
)
