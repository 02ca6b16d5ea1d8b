"""Reading what a student may not see. Whether it was seen is looked for in all that comes back."""

from __future__ import annotations

from attacks.honest import find
from course.grading.attacks import Attack

TREE = """
from pathlib import Path
for path in list(Path(COURSE, "source").rglob("*.ipynb")) + list(Path(COURSE, "source").rglob("*.py")):
    print(path.read_text()[:200_000])
"""
LABELS = """
import numpy as np
print(np.load(COURSE + "/source/hidden.npz")["note"])
"""
SHELL = "get_ipython().system('cat ' + COURSE + '/submitted/*/*/notes.txt ' + COURSE + '/source/*/*')"
OTHERS = "from pathlib import Path\nfor path in Path(COURSE, 'submitted').rglob('notes.txt'): print(path.read_text())"
BOOK = """
print(open(COURSE + "/gradebook.db", "rb").read().decode(errors="replace"))
print("read the gradebook")
"""
KEY = "print(open(HOME_FOLDER + '/.config/under-budget/key.json').read())"
ENVIRONMENT = """
import glob, os
print(dict(os.environ))
for path in glob.glob("/proc/*/environ"):
    try:
        print(open(path).read())
    except OSError as error:
        print(error)
"""
PARENTS = """
import glob
for path in glob.glob("/proc/*/root") + glob.glob("/proc/*/cwd"):
    for name in (COURSE + "/submitted/ada", HOME_FOLDER + "/.config/under-budget"):
        try:
            for root, _, files in __import__("os").walk(path + name):
                for file in files:
                    print(open(root + "/" + file, errors="replace").read()[:1000])
        except OSError as error:
            print(error)
"""
REHEARSED = """
import glob, shutil
for path in glob.glob(CACHE + "/rehearsal-*") + glob.glob(HOME_FOLDER + "/.cache/under-budget/own/*"):
    print(open(path, errors="replace").read())
    shutil.copy(path, "model.onnx")
"""
LINKED = """
import os
os.remove("model.onnx")
os.symlink(HOME_FOLDER + "/.config/under-budget/key.json", "model.onnx")
os.symlink("/proc/self/environ", "baseline.onnx")
"""
HARD = """
import os
try:
    os.link(COURSE + "/submitted/ada/f01-shrink-ensemble/notes.txt", "baseline.onnx")
except OSError as error:
    print(error)
"""


def _home(folder, place):
    return place.home / ".config" / "under-budget" / "key.json"


def link_to_key(folder, place):
    """Estimates and notes are the grader's key, by links of both kinds; folders are those of others."""
    (folder / "estimates.json").symlink_to(_home(folder, place))
    (folder / "my-notes.txt").symlink_to(_home(folder, place))
    (folder / "copied.txt").hardlink_to(_home(folder, place))
    linked_folder(folder, place)


def linked_folder(folder, place):
    """A folder of the submission is the folder of everybody's submissions."""
    (folder / "others").symlink_to(place.root / "submitted" / "ada", target_is_directory=True)
    (folder / "home").symlink_to(place.home, target_is_directory=True)


def linked_notebook(folder, place):
    """The notebook is somebody else's."""
    file = folder / "f01-shrink-ensemble.ipynb"
    file.unlink()
    file.symlink_to(place.submitted("ada") / file.name)


def shown_links(data):
    """Cells that print the files of the folder, which may be links."""
    find(data, "build-model")["source"] = (
        "import pathlib\nfor path in pathlib.Path('.').rglob('*'):\n"
        "    try: print(path, path.read_text()[:10_000])\n    except (OSError, ValueError) as error: print(error)\n"
        "for folder in ('others', 'home'):\n    for path in pathlib.Path(folder).rglob('*'):\n"
        "        try: print(path, path.read_text()[:9_999])\n"
        "        except (OSError, ValueError) as error: print(error)"
    )


def _run(name, aim, cell, **more):
    return Attack(name, aim, "leak", "run", cell=cell, **more)


ATTACKS = (
    _run("reads source", "prints the solutions", TREE),
    _run("reads hidden labels", "prints what the hidden tests use", LABELS),
    _run("asks the shell", "cat through the shell", SHELL),
    _run("reads other submissions", "prints what ada handed in", OTHERS),
    _run(
        "reads the gradebook", "prints everybody's marks", BOOK,
        canary=lambda scene: "read the gradebook" if "SQLite format 3" in scene.shown else "",
    ),
    _run("reads the key", "prints the instructor's key", KEY),
    _run("reads environments", "prints the environment of every process", ENVIRONMENT),
    _run("looks through proc", "walks from other processes' roots", PARENTS),
    _run("takes a rehearsed model", "copies the reference solution's model from the cache", REHEARSED),
    _run("link made by a cell", "model.onnx is a link to the key", LINKED, spoils=True),
    _run("hard link made by a cell", "baseline.onnx is ada's file", HARD),
    Attack("links", "links to the key and to folders of others", "leak", notebook=shown_links, files=link_to_key),
    Attack("link to a notebook", "the notebook is ada's", "leak", "ingest", files=linked_notebook, spoils=True),
)  # fmt: skip
