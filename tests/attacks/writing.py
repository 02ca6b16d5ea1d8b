"""Writing outside one's own folder, and acting after one's time."""

from __future__ import annotations

from course.grading.attacks import MARK, Attack

BOOK = """
import sqlite3
try:
    book = sqlite3.connect(COURSE + "/gradebook.db", timeout=1)
    book.execute("update grade set manual_score = 1000, auto_score = 1000")
    book.commit()
    book.close()
except Exception as error:
    print(error)
"""
CONFIG = """
for name in ("nbgrader_config.py", "source/hidden.npz", "release/x.txt", "submitted/ada/f01-shrink-ensemble/notes.txt"):
    try:
        open(COURSE + "/" + name, "a").write("# by mallory")
    except OSError as error:
        print(error)
"""
STARTUP = """
import os
for home in (HOME_FOLDER, os.path.expanduser("~")):
    try:
        folder = home + "/.ipython/profile_default/startup"
        os.makedirs(folder, exist_ok=True)
        open(folder + "/00-mallory.py", "w").write("print('startup by mallory')")
    except OSError as error:
        print(error)
"""
DAEMON = f"""
import os, subprocess, sys
code = '''
import os, sys, time
course, me = sys.argv[2:]
for _ in range(1200):
    time.sleep(0.5)
    for path in ("model.onnx", course + "/submitted/ada/f01-shrink-ensemble/notes.txt"):
        try:
            open(path, "a").write("later")
        except OSError:
            pass
'''
subprocess.Popen([sys.executable, "-c", code, {MARK!r}, COURSE, ME], start_new_session=True, close_fds=True,
    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
"""
KILLER = """
import os, signal
for process in (os.getppid(), 1):
    try:
        os.kill(process, signal.SIGKILL)
    except OSError as error:
        print(error)
"""
LIBRARY = """
import glob, os, sysconfig
import IPython
for path in [IPython.__file__] + glob.glob(CACHE + "/*"):
    try:
        open(path, "ab").write(b"")
        os.utime(path)
        print("could write a library or the cache")
    except OSError as error:
        print(error)
"""
VANDAL = """
import os, shutil
for path in os.listdir("."):
    shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)
"""


def written(scene):
    """Did it open a library or the cache for writing?"""
    return "could write libraries" if "could write a library or the cache" in scene.shown else ""


def startup(scene):
    """Is there code in the grader's home that the next kernel would run?"""
    found = scene.place.home / ".ipython" / "profile_default" / "startup" / "00-mallory.py"
    return "code in the grader's home" if found.exists() else ""


ATTACKS = (
    Attack("writes the gradebook", "1,000 points for everybody", "harm", "run", cell=BOOK),
    Attack("writes the course", "changes config, hidden data and ada's files", "harm", "run", cell=CONFIG),
    Attack("startup file", "code in ~/.ipython for the next kernel", "harm", "run", cell=STARTUP, canary=startup),
    Attack("detached process", "rewrites files after grading", "harm", "run", cell=DAEMON),
    Attack("kills its parents", "SIGKILL to the program that runs it", "abort the batch", cell=KILLER, spoils=True),
    Attack("writes libraries", "changes site-packages and the cache", "harm", "run", cell=LIBRARY, canary=written),
    Attack("deletes everything", "removes all files of its folder", "harm", "run", cell=VANDAL, spoils=True),
)  # fmt: skip
