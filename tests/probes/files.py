"""The files of a submission: links, special files, names, numbers and sizes, each a little out of order."""

from __future__ import annotations

import os
import socket

from course.grading.probes import Probe
from course.grading.probes.place import UNIT

NOTEBOOK = f"{UNIT}.ipynb"


def _key(place):
    return place.home / ".config" / "under-budget" / "key.json"


def _in_place_of(folder, name, target):
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(target)


# --- links --------------------------------------------------------------------------------------------------------


def link_to_key(folder, place):
    _in_place_of(folder, "estimates.json", _key(place))


def link_to_notebook(folder, place):
    _in_place_of(folder, NOTEBOOK, place.submitted("ada") / NOTEBOOK)


def link_to_itself(folder, place):
    (folder / "self.txt").symlink_to("self.txt")


def link_to_folder(folder, place):
    (folder / "others").symlink_to(place.submitted("ada"), target_is_directory=True)
    (folder / "home").symlink_to(place.home, target_is_directory=True)


def linked_time(folder, place):
    (folder / "timestamp.txt").symlink_to(_key(place))


def folder_is_a_link(folder, place):
    folder.rename(folder.with_name("moved"))
    folder.symlink_to(place.submitted("ada"))


def student_is_a_link(folder, place):
    folder.parent.rename(folder.parents[1] / "moved")
    folder.parent.symlink_to(place.submitted("ada").parent)


def note_is_a_link(folder, place):
    """Where a note of what was set aside would be written there is a link to somebody's file already."""
    for name in ("a.txt", "model.onnx", "z.txt"):
        _in_place_of(folder, name, "somewhere")
        (folder / f"{name}.refused").symlink_to(place.submitted("ada") / "notes.txt")


def hard_link(name, target):
    def make(folder, place):
        (folder / name).unlink(missing_ok=True)
        (folder / name).hardlink_to(target(place))

    return make


def many_hard_links(folder, place):
    (folder / "one.bin").write_bytes(bytes(1_000_000))
    for number in range(300):
        (folder / f"link-{number}").hardlink_to(folder / "one.bin")


def own_names(folder, place):
    (folder / "same.onnx").hardlink_to(folder / "model.onnx")


def own_name_lost(scene):
    """Is one of the two names of an own file gone? That is nobody's harm."""
    return "" if (scene.folder / "same.onnx").is_file() else "a file of its own was lost"


# --- special files and folders ------------------------------------------------------------------------------------


def pipe(folder, place):
    os.mkfifo(folder / "notes")


def made_socket(folder, place):
    here = os.getcwd()
    made = socket.socket(socket.AF_UNIX)
    try:
        os.chdir(folder)  # names of sockets are short
        made.bind("s")
    finally:
        os.chdir(here)
        made.close()


def folders_for_files(folder, place):
    for name in ("baseline.onnx", "report.json", "estimates.json", "public.npz", "timestamp.txt"):
        (folder / name / "inner").mkdir(parents=True)
        (folder / name / "inner" / "file.txt").write_text("a probe")


def model_is_a_folder(folder, place):
    (folder / "model.onnx").unlink()
    (folder / "model.onnx").mkdir()
    (folder / "model.onnx" / "model.onnx").write_text("a probe")
    (folder / "model.onnx.refused").mkdir()


def notebook_is_a_folder(folder, place):
    (folder / NOTEBOOK).unlink()
    (folder / NOTEBOOK).mkdir()
    (folder / NOTEBOOK / "file.txt").write_text("a probe")


def closed(folder, place):
    (folder / "closed").mkdir()
    (folder / "closed" / "file.txt").write_text("a probe")
    (folder / "closed").chmod(0)
    (folder / "closed.txt").write_text("a probe")
    (folder / "closed.txt").chmod(0)


# --- names --------------------------------------------------------------------------------------------------------


def long_names(folder, place):
    for letter in "abyz":
        (folder / (letter * 250)).symlink_to(_key(place))


def strange_names(folder, place):
    names = (b"\xff\xfe.txt", b"line\nbreak.txt", b"\x1b[1mbold.txt", b"-rf", b"$(true)", b"a[b]*?.txt", b" ", b"~")
    for name in (*names, "\u202etxt.probe".encode(), "mode\u0301l.onnx".encode(), "модель.onnx".encode()):
        with open(os.path.join(os.fsencode(folder), name), "wb") as file:
            file.write(b"a probe")


def other_notebooks(folder, place):
    content = (folder / NOTEBOOK).read_bytes()
    for name in ("f02-serve.ipynb", f"copy/{NOTEBOOK}", f".ipynb_checkpoints/{NOTEBOOK}", "Untitled.ipynb"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)


def signs_of_grading(folder, place):
    for name in (".graded", ".graded.half", ".grading.lock", "gradebook.db", "nbgrader_config.py"):
        (folder / name).write_text("model.onnx")


def libraries(folder, place):
    for name in ("course", "sklearn", "onnxruntime"):
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text("probe = 1\n")
    for name in ("random.py", "json.py", "sitecustomize.py", "ipykernel_launcher.py", "ipython_config.py"):
        (folder / name).write_text("probe = 1\n")


# --- times and sizes ----------------------------------------------------------------------------------------------


def no_time(folder, place):
    (folder / "timestamp.txt").write_text("the day before yesterday\n")


def long_time(folder, place):
    (folder / "timestamp.txt").write_text("1" * 2_000)


def not_readable(scene):
    """Is there a time stamp left that can't be read?"""
    return "a time stamp that can't be read is left" if (scene.folder / "timestamp.txt").exists() else ""


def many_files(folder, place):
    for number in range(1_100):
        (folder / f"file-{number}").touch()


def many_folders(folder, place):
    for number in range(1_100):
        (folder / f"folder-{number}").mkdir()


def deep(folder, place):
    here = folder
    for _ in range(12):
        here = here / "d"
        here.mkdir()
    (here / "file.txt").write_text("a probe")


def large(folder, place):
    with open(folder / "big.bin", "wb") as file:
        file.truncate(51_000_000)  # a hole: takes no place on the disk


def much(folder, place):
    for number in range(6):
        with open(folder / f"half-{number}.bin", "wb") as file:
            file.truncate(40_000_000)


def _order(name, given, **more):
    return Probe("files", name, "ingest", given, **more)


def renamed(folder, data, place):
    (folder / "my solution (2).ipynb").write_text("{}")
    (folder / NOTEBOOK).mkdir()


def odd(folder, data, place):
    for change in (libraries, folders_for_files, link_to_folder, long_names, strange_names, signs_of_grading):
        change(folder, place)


PROBES = (
    _order("a link to the key", link_to_key, shows=True),
    _order("a link to another's notebook", link_to_notebook, spoils=True),
    _order("a link to itself", link_to_itself),
    _order("links to folders", link_to_folder),
    _order("a time stamp that is a link", linked_time),
    _order("a folder that is a link", folder_is_a_link, spoils=True),
    _order("a student that is a link", student_is_a_link, spoils=True),
    _order("notes that are links", note_is_a_link, spoils=True),
    _order("a hard link to another's notes", hard_link("mine.txt", lambda place: place.submitted("ada") / "notes.txt"),
           shows=True),
    _order("a hard link to another's model",
           hard_link("model.onnx", lambda place: place.submitted("ada") / "model.onnx"), spoils=True),
    _order("a hard link to the key", hard_link("mine.txt", _key)),
    _order("a hard link to the gradebook", hard_link("mine.txt", lambda place: place.root / "marks.db")),
    _order("300 hard links", many_hard_links),
    _order("two names of an own file", own_names, look=own_name_lost),
    _order("a pipe", pipe, shows=True),
    _order("a socket", made_socket),
    _order("folders in places of files", folders_for_files),
    _order("a model that is a folder", model_is_a_folder, spoils=True),
    _order("a notebook that is a folder", notebook_is_a_folder),
    _order("files that nobody may read", closed),
    _order("long names", long_names),
    _order("strange names", strange_names),
    _order("other notebooks", other_notebooks),
    _order("signs of grading", signs_of_grading),
    _order("names of libraries", libraries),
    _order("a time stamp that is none", no_time, look=not_readable, shows=True),
    _order("a time stamp of 2 kB", long_time, look=not_readable),
    _order("1,100 files", many_files, shows=True),
    _order("1,100 folders", many_folders),
    _order("folders 12 deep", deep, shows=True),
    _order("a file of 51 MB", large, shows=True),
    _order("240 MB in six files", much, shows=True),
    Probe("files", "no notebook of that name, in a class", "class", renamed, spoils=True),
    Probe("files", "much that is odd, in a class", "class", odd),
)  # fmt: skip
