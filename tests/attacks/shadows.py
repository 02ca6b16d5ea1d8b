"""Shadowing: files of the submission that have the names of libraries, and patched modules."""

from __future__ import annotations

import sys

from course.grading.attacks import Attack

FAKE = "class InferenceSession:\n    def __init__(self, *a, **k): pass\n    def run(self, *a): return [Same()]\n"
SAME = "class Same:\n    def __eq__(self, other):\n        import numpy\n        return numpy.ones(500)\n"
MODULES = """
import sys, types
fake = types.ModuleType("course")
class Desk:
    def grade(self, name): return 30.0
fake.unit = lambda name: Desk()
for name in list(sys.modules):
    if name == "course" or name.startswith("course."):
        sys.modules[name] = fake
session = types.ModuleType("onnxruntime")
class Same:
    def __eq__(self, other):
        import numpy
        return numpy.ones(500)
session.InferenceSession = lambda *a, **k: type("S", (), {"run": lambda self, *a: [Same()]})()
sys.modules["course"] = fake
sys.modules["onnxruntime"] = session
"""
IMPORTS = """
import builtins
old = builtins.__import__
class Same:
    def __eq__(self, other):
        import numpy
        return numpy.ones(500)
def fake(name, *more, **others):
    module = old(name, *more, **others)
    if name == "onnxruntime":
        module.InferenceSession = lambda *a, **k: type("S", (), {"run": lambda self, *a: [Same()]})()
    return module
builtins.__import__ = fake
"""
WRITTEN = f"open('onnxruntime.py', 'w').write({SAME + FAKE!r})\nopen('course.py', 'w').write('raise SystemExit')"


ENVIRONMENT = """
import os, pathlib
games = {"COURSE_PRIVATE_HOLDOUT": "1", "COURSE_KEY_FILE": "/submission/key.json", "COURSE_ROOT": "/submission",
    "COURSE_CACHE": "/submission", "COURSE_INSIDE_SANDBOX": "1", "COURSE_RUNS_AHEAD": "/submission",
    "COURSE_INPUT": "/",
    "PYTHONPATH": "/submission", "PYTHONSTARTUP": "/submission/x.py", "LD_PRELOAD": "/submission/x.so",
    "PATH": "/submission"}
os.environ.update(games)
for name in (".bashrc", ".profile", ".pam_environment"):
    pathlib.Path.home().joinpath(name).write_text("\\n".join(f"export {k}={v}" for k, v in games.items()))
pathlib.Path("key.json").write_text('{"secret": "' + "00" * 32 + '", "term": "open"}')
"""
PUBLIC = """
import numpy as np
from IPython import get_ipython
get_ipython().run_cell_magic("writefile", "public.npz", "no data")
np.savez("public.npz", X_public=np.zeros((10, 784)), y_public=np.zeros(10, int), X=np.zeros((1, 784)), y=np.zeros(1))
get_ipython().run_cell_magic("writefile", "report.json", '{"clauses": []}')
get_ipython().run_cell_magic("writefile", "f01-shrink-ensemble.ipynb", '{"cells": []}')
"""


def libraries(folder, place):
    """Every name that somebody might import from the submission's folder."""
    (folder / "onnxruntime.py").write_text(SAME + FAKE)
    for name in ("course", "sklearn"):
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text(
            "def unit(name): return Desk()\nclass Desk:\n    def grade(s, n): return 30.0\n"
        )


def starters(folder, place):
    """What an interpreter or a kernel may load before anything else."""
    bad = "import os; open(os.path.expanduser('~/started-by-mallory'), 'w').write('x')\n"
    packages = f".local/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    names = ["sitecustomize.py", "usercustomize.py", "ipykernel_launcher.py", "ipython_config.py", "random.py"]
    names += ["conftest.py", "json.py", "nbformat.py", "setup.py", "_pytest.py"]
    names += [".ipython/profile_default/startup/00.py", f"{packages}/usercustomize.py", f"{packages}/sitecustomize.py"]
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(bad)
    (folder / packages / "bad.pth").write_text(bad.replace("\n", ""))
    (folder / ".pydistutils.cfg").write_text("[install]\nprefix=/tmp")
    (folder / ".config" / "matplotlib").mkdir(parents=True)
    (folder / ".config" / "matplotlib" / "matplotlibrc").write_text("backend: module://random")
    configs(folder, place)
    (folder / "ipykernel").mkdir()
    (folder / "ipykernel" / "__init__.py").write_text(bad)


def configs(folder, place):
    """Settings of nbgrader and Jupyter from the submission's folder."""
    for name in ("nbgrader_config.py", "jupyter_config.py", "jupyter_nbconvert_config.py"):
        (folder / name).write_text(
            "c = get_config()\nc.ClearSolutions.code_stub = {'python': '30.0'}\nraise SystemExit(1)\n"
        )


def report(folder, place):
    """A report of one's own."""
    (folder / "report.json").write_text('{"unit": "f01-shrink-ensemble", "holdout": "private", "clauses": []}')


ATTACKS = (
    Attack("shadowed libraries", "onnxruntime, sklearn and course from the submission", "raise", files=libraries),
    Attack(
        "shadowed starters", "sitecustomize, ipykernel_launcher and settings in the submission", "harm", files=starters
    ),
    Attack("replaced modules", "sys.modules holds another course and onnxruntime", "raise", "run", cell=MODULES),
    Attack("patched import", "an import that gives another onnxruntime", "raise", "run", cell=IMPORTS),
    Attack("written libraries", "a cell writes libraries for the test cells", "raise", "run", cell=WRITTEN),
    Attack(
        "games with the environment", "COURSE_* and others for whatever runs next", "raise", "run", cell=ENVIRONMENT
    ),
    Attack("written public data", "%%writefile over data, report and notebook", "raise", "run", cell=PUBLIC),
    Attack("report handed in", "a report.json of one's own", "raise", files=report, plain=False),
)
