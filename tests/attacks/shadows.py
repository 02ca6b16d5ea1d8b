"""Shadowing: files of the submission that have the names of libraries, and patched modules."""

from __future__ import annotations

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
    for name in ("sitecustomize.py", "usercustomize.py", "ipykernel_launcher.py", "ipython_config.py", "random.py"):
        (folder / name).write_text(bad)
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
    Attack("replaced modules", "sys.modules holds another course and onnxruntime", "raise", cell=MODULES),
    Attack("patched import", "an import that gives another onnxruntime", "raise", "run", cell=IMPORTS),
    Attack("written libraries", "a cell writes libraries for the test cells", "raise", "run", cell=WRITTEN),
    Attack("report handed in", "a report.json of one's own", "raise", files=report, plain=False),
)
