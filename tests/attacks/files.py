"""The files of a submission: names, links, kinds, numbers and sizes that nbgrader or a person trips over."""

from __future__ import annotations

import os
import socket

from attacks.honest import refused
from course.grading.attacks import Attack

NOTEBOOK = "f01-shrink-ensemble.ipynb"
SHOW = """
import os
for name in ("mine.txt", "timestamp.txt"):
    print(open(name, errors="replace").read() if os.path.exists(name) else "")
"""


def _key(place):
    return place.home / ".config" / "under-budget" / "key.json"


# --- hard links ---------------------------------------------------------------------------------------------------


def link_to_notes(folder, place):
    """A file of one's own is ada's file: what is printed of it is hers, what is changed in it is changed for her."""
    (folder / "mine.txt").hardlink_to(place.submitted("ada") / "notes.txt")


def link_to_model(folder, place):
    """The model is ada's."""
    (folder / "model.onnx").unlink()
    (folder / "model.onnx").hardlink_to(place.submitted("ada") / "model.onnx")


def link_to_book(folder, place):
    """The notebook is ada's."""
    (folder / NOTEBOOK).unlink()
    (folder / NOTEBOOK).hardlink_to(place.submitted("ada") / NOTEBOOK)


def link_to_key(folder, place):
    (folder / "mine.txt").hardlink_to(_key(place))


def link_to_course(folder, place):
    """A file of the course that was made after the submission."""
    secret = place.root / "gradebook.db"
    secret.write_text(place.tokens["key"])
    (folder / "mine.txt").hardlink_to(secret)


def many_links(folder, place):
    """Two thousand names of one file of 40 MB: copied one by one they would fill the disk."""
    with open(folder / "big.bin", "wb") as file:
        file.truncate(40_000_000)
    for number in range(2_000):
        (folder / f"link-{number}").hardlink_to(folder / "big.bin")


def own_links(folder, place):
    """Two names of one file in one submission are nobody's harm: both stay."""
    (folder / "same.onnx").hardlink_to(folder / "model.onnx")


def own_links_lost(scene):
    """Is one of the two names gone?"""
    return "" if (scene.place.submitted(scene.student) / "same.onnx").is_file() else "lost a file of its own"


# --- links and folders --------------------------------------------------------------------------------------------


def folder_is_ada(folder, place):
    """The whole submission is a link to ada's."""
    folder.rename(folder.with_name("moved"))
    folder.symlink_to(place.submitted("ada"))


def student_is_ada(folder, place):
    """The folder of the student is a link to ada's."""
    folder.parent.rename(folder.parents[1] / "moved")
    folder.parent.symlink_to(place.submitted("ada").parent)


def linked_time(folder, place):
    """The time stamp is the key: nbgrader prints what it can't read."""
    (folder / "timestamp.txt").symlink_to(_key(place))


def folders(folder, place):
    """Folders in the places of files."""
    for name in ("baseline.onnx", "report.json", "estimates.json", "public.npz", "timestamp.txt"):
        (folder / name / "inner").mkdir(parents=True)
        (folder / name / "inner" / "file.txt").write_text("x")


def model_is_folder(folder, place):
    """The model is a folder with a model in it, and its note is one too."""
    (folder / "model.onnx").rename(folder / "inner.onnx")
    (folder / "model.onnx").mkdir()
    (folder / "inner.onnx").rename(folder / "model.onnx" / "model.onnx")
    (folder / "model.onnx.refused").mkdir()


def notebook_folder(folder, place):
    """The notebook is a folder."""
    (folder / NOTEBOOK).unlink()
    (folder / NOTEBOOK).mkdir()
    (folder / NOTEBOOK / "file.txt").write_text("x")


def note_is_a_link(folder, place):
    """Where ingest leaves its note there is a link to somebody's file already."""
    for name in ("a.txt", "model.onnx", "z.txt"):
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to("somewhere")
        (folder / f"{name}.refused").symlink_to(place.submitted("ada") / "notes.txt")


def closed(folder, place):
    """Files and folders that nobody may read; their owner may change that."""
    (folder / "closed").mkdir()
    (folder / "closed" / "file.txt").write_text("x")
    (folder / "closed").chmod(0)
    (folder / "closed.txt").write_text("x")
    (folder / "closed.txt").chmod(0)


# --- other kinds --------------------------------------------------------------------------------------------------


def fifo(folder, place):
    """model.onnx is a pipe that nobody writes to."""
    (folder / "model.onnx").unlink()
    os.mkfifo(folder / "model.onnx")


def time_is_a_pipe(folder, place):
    """nbgrader reads the time stamp before any hook."""
    os.mkfifo(folder / "timestamp.txt")


def sockets(folder, place):
    """A socket, which can't be copied."""
    here = os.getcwd()
    made = socket.socket(socket.AF_UNIX)
    try:
        os.chdir(folder)  # names of sockets are short
        made.bind("s")
    finally:
        os.chdir(here)
        made.close()


# --- names --------------------------------------------------------------------------------------------------------


def long_link(folder, place):
    """Names too long for a note beside them; a FIFO that hangs whoever reads it comes after."""
    for letter in "abyz":
        (folder / (letter * 250)).symlink_to(_key(place))
    os.mkfifo(folder / "zz-pipe")


def strange_names(folder, place):
    """File names that are no text, hold line breaks, terminal codes, or turn round what is read after them."""
    names = (b"\xff\xfe.txt", b"line\nbreak.txt", b"\x1b[2Jcode.txt", b"-rf", b"$(touch x)", b"a[b]*?.txt")
    for name in (*names, "\u202etxt.evil".encode(), "mode\u0301l.onnx".encode(), "модель.onnx".encode()):
        with open(os.path.join(os.fsencode(folder), name), "wb") as file:
            file.write(b"x")


def renamed(folder, place):
    """The notebook has another name."""
    (folder / NOTEBOOK).rename(folder / "my solution (2).ipynb")


def other_notebooks(folder, place):
    """Notebooks of other units, and copies of this one in folders."""
    content = (folder / NOTEBOOK).read_bytes()
    for name in ("f02-serve.ipynb", f"copy/{NOTEBOOK}", f".ipynb_checkpoints/{NOTEBOOK}", "Untitled.ipynb"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)


def markers(folder, place):
    """The signs by which grading knows what it has done."""
    for name in (".graded", ".graded.half", "report.json", ".grading.lock", "gradebook.db"):
        (folder / name).write_text("model.onnx")


# --- time stamps --------------------------------------------------------------------------------------------------


def _time(text):
    def write(folder, place):
        (folder / "timestamp.txt").write_text(text)

    return write


def _not_readable(scene):
    """Is there a time stamp left that nbgrader can't read?"""
    from nbgrader.utils import parse_utc

    file = scene.place.submitted(scene.student) / "timestamp.txt"
    try:
        parse_utc(file.read_text().strip())
    except FileNotFoundError:
        return ""
    except Exception as error:
        return f"a time stamp that ends nbgrader ({type(error).__name__})"
    return ""


# --- how much -----------------------------------------------------------------------------------------------------


def many_files(folder, place):
    """Five thousand files, each to be copied and named in the log."""
    for number in range(5_000):
        (folder / f"file-{number}").touch()


def many_folders(folder, place):
    for number in range(2_000):
        (folder / f"folder-{number}").mkdir()


def deep(folder, place):
    """Three thousand folders in each other: too deep for whoever walks through them."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(3000):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)


def large(folder, place):
    """Three gigabytes that take no place on the disk, but do when copied; and much in small files."""
    with open(folder / "big.bin", "wb") as file:
        file.truncate(3_000_000_000)
    for number in range(40):
        with open(folder / f"half-{number}.bin", "wb") as file:
            file.truncate(30_000_000)


def total(scene):
    """How much would be copied?"""
    found = sum(path.stat().st_size for path in scene.place.submitted(scene.student).rglob("*") if path.is_file())
    return f"{found / 1e6:,.0f} MB to copy" if found > 300_000_000 else ""


def _estimates(text):
    def write(folder, place):
        (folder / "estimates.json").write_text(text)

    return write


_WRONG = ("[" * 50_000, "9" * 50_000, "[]")
_FORGED = """{"crops_per_second": NaN, "microseconds_on_laptop": Infinity, "winner_cores": true,
"winner_update_hours": [11.0], "parcels_by_hand": {"__float__": 100}, "crops_per_second ": 1e999}"""


def _ingest(name, aim, files, goal="abort the batch", **more):
    return Attack(name, aim, goal, "ingest", files=files, **more)


ATTACKS = (
    _ingest("hard link to notes", "prints what ada wrote", link_to_notes, "leak", cell=SHOW),
    _ingest("hard link to a model", "hands in ada's model", link_to_model, "raise", spoils=True),
    _ingest("hard link to a notebook", "hands in ada's notebook", link_to_book, "raise"),
    _ingest("hard link to the key", "prints the key", link_to_key, "leak", cell=SHOW),
    _ingest("hard link to the course", "prints the gradebook", link_to_course, "leak", cell=SHOW),
    _ingest("2,000 hard links", "80 GB to copy", many_links, "escape a limit", canary=total),
    _ingest("two names", "a file with two names of one's own", own_links, "harm", canary=own_links_lost),
    _ingest("folder is a link", "hands in ada's folder", folder_is_ada, "raise", spoils=True),
    _ingest("student is a link", "hands in all that ada hands in", student_is_ada, "raise", spoils=True),
    _ingest("time stamp is a link", "nbgrader prints the key", linked_time, "leak", cell=SHOW),
    _ingest("folders in places of files", "what is copied over them fails", folders),
    _ingest("model is a folder", "a folder that can't be read as a file", model_is_folder, spoils=True),
    _ingest("notebook as a folder", "a folder named like the notebook", notebook_folder),
    _ingest("note through a link", "ingest's note overwrites ada's file", note_is_a_link, "harm", spoils=True),
    _ingest("unreadable files", "what can't be read stops the grader", closed),
    _ingest("pipe", "model.onnx is a pipe that hangs its reader", fifo, spoils=True),
    _ingest("time stamp is a pipe", "hangs nbgrader at the second hand-in", time_is_a_pipe),
    _ingest("socket", "a socket, which can't be copied", sockets),
    _ingest("long names", "ingest stops at a name; a pipe comes after it", long_link),
    _ingest("strange names", "file names that are no text", strange_names),
    _ingest("other notebooks", "notebooks of other units and copies", other_notebooks),
    _ingest("signs of grading", "looks as if it was graded", markers, "raise"),
    _ingest("false time stamp", "nbgrader ends on timestamp.txt", _time("yesterday, I swear\n"), canary=_not_readable),
    _ingest("time before time", "a year that no clock has", _time("0001-01-01 00:00:00 +14:00"), canary=_not_readable),
    _ingest("time after time", "a year beyond the last", _time("9999-12-31 23:59:59 -14:00"), canary=_not_readable),
    _ingest("time without end", "50 MB to parse", _time("1" * 40_000_000), canary=_not_readable),
    _ingest("5,000 files", "each is copied and logged", many_files, "escape a limit"),
    _ingest("2,000 folders", "each is walked through", many_folders, "escape a limit"),
    _ingest("3,000 folders deep", "a walk that runs out of stack", deep, plain=False),
    _ingest("gigabytes", "4 GB to copy", large, "escape a limit", canary=total),
    *(
        Attack(f"broken estimates {number}", "estimates that can't be read", "abort the batch", "measure", plain=False,
               files=_estimates(text), model=refused, spoils=True)
        for number, text in enumerate(_WRONG, 1)
    ),
    Attack("forged estimates", "NaN, infinity, true, lists and dicts for numbers", "raise", "measure", plain=False,
           files=_estimates(_FORGED), model=refused, spoils=True),
    # What nbgrader does with what is left:
    Attack("renamed notebook", "no notebook of the right name", "abort the batch", files=renamed, spoils=True),
    Attack("notebook is a folder", "a folder named like the notebook", "abort the batch", files=notebook_folder,
           spoils=True),
    Attack("folders for files", "baseline.onnx and others are folders", "abort the batch", files=folders),
    Attack("names that are no text", "odd file names", "abort the batch", files=strange_names),
    Attack("linked folder", "the submission is ada's", "raise", files=folder_is_ada, spoils=True),
)  # fmt: skip
