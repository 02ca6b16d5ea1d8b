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


def note_is_a_link(folder, place):
    """Where ingest leaves its note there is a link to somebody's file already."""
    for name in ("a.txt", "model.onnx", "z.txt"):
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to("somewhere")
        (folder / f"{name}.refused").symlink_to(place.submitted("ada") / "notes.txt")


def long_link(folder, place):
    """Names too long for a note beside them; a FIFO that hangs whoever reads it comes after."""
    import os

    for letter in "abyz":
        (folder / (letter * 250)).symlink_to(place.home / ".config" / "under-budget" / "key.json")
    os.mkfifo(folder / "zz-pipe")


def fifo(folder, place):
    """model.onnx is a pipe that nobody writes to."""
    import os

    (folder / "model.onnx").unlink()
    os.mkfifo(folder / "model.onnx")


def timestamp(folder, place):
    """nbgrader ends, with all that waits behind, on a time stamp that it can't read."""
    (folder / "timestamp.txt").write_text("yesterday, I swear\n")


def folders(folder, place):
    """Folders in the places of files."""
    for name in ("baseline.onnx", "report.json", "estimates.json", "public.npz", "executed.ipynb"):
        (folder / name / "inner").mkdir(parents=True)
        (folder / name / "inner" / "file.txt").write_text("x")


def notebook_folder(folder, place):
    """The notebook is a folder."""
    (folder / "f01-shrink-ensemble.ipynb").unlink()
    (folder / "f01-shrink-ensemble.ipynb").mkdir()
    (folder / "f01-shrink-ensemble.ipynb" / "file.txt").write_text("x")


def renamed(folder, place):
    """The notebook has another name."""
    (folder / "f01-shrink-ensemble.ipynb").rename(folder / "my solution (2).ipynb")


def strange_names(folder, place):
    """File names that are no text, hold line breaks or terminal codes."""
    import os

    for name in (b"\xff\xfe.txt", b"line\nbreak.txt", b"\x1b[2Jcode.txt", b"-rf", b"$(touch x)"):
        with open(os.path.join(os.fsencode(folder), name), "wb") as file:
            file.write(b"x")


ATTACKS = (
    Attack("writes the gradebook", "1,000 points for everybody", "harm", "run", cell=BOOK),
    Attack("writes the course", "changes config, hidden data and ada's files", "harm", "run", cell=CONFIG),
    Attack("startup file", "code in ~/.ipython for the next kernel", "harm", cell=STARTUP, canary=startup),
    Attack("detached process", "rewrites files after grading", "harm", cell=DAEMON),
    Attack("kills its parents", "SIGKILL to the program that runs it", "abort the batch", cell=KILLER),
    Attack("writes libraries", "changes site-packages and the cache", "harm", "run", cell=LIBRARY, canary=written),
    Attack("deletes everything", "removes all files of its folder", "harm", "run", cell=VANDAL, spoils=True),
    Attack(
        "note through a link", "ingest's note overwrites ada's file", "harm", files=note_is_a_link, spoils=True,
        plain=False,
    ),
    Attack("long names", "ingest stops at a name; a pipe comes after it", "abort the batch", files=long_link),
    Attack("pipe", "model.onnx is a pipe that hangs its reader", "abort the batch", files=fifo, spoils=True),
    Attack("false time stamp", "nbgrader ends on timestamp.txt", "abort the batch", files=timestamp),
    Attack("folders for files", "baseline.onnx and others are folders", "abort the batch", files=folders, spoils=True),
    Attack("notebook is a folder", "a folder named like the notebook", "abort the batch", files=notebook_folder,
           spoils=True),
    Attack("renamed notebook", "no notebook of the right name", "abort the batch", files=renamed, spoils=True),
    Attack("strange names", "file names that are no text", "abort the batch", files=strange_names),
)  # fmt: skip
