"""The house rules: who may import whom, and what no file may say."""

from __future__ import annotations

import ast
import re
import subprocess
import sys

import pytest
from conftest import ROOT

from course import units

#: A package may import from those named here (and from the small modules at the top: key, cache, problem).
MAY_IMPORT = {
    "contract": {"contract"},
    "units": {"contract", "units"},
    "learning": {"contract", "units", "learning"},
    "grading": {"contract", "units", "learning", "grading"},
    "benchmarks": {"contract", "units", "learning", "grading", "benchmarks"},
}


def imports(path):
    """Modules that a file imports at run time (not only for type checking)."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    checking = [n for n in ast.walk(tree) if isinstance(n, ast.If) and getattr(n.test, "id", "") == "TYPE_CHECKING"]
    skipped = {id(inner) for node in checking for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from ([f"course.{a.name}" for a in node.names] if node.module == "course" else [node.module])
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_who_may_import_whom(package):
    for path in (ROOT / "course" / package).rglob("*.py"):
        for name in imports(path):
            parts = name.split(".")
            if parts[0] == "course" and len(parts) > 1 and parts[1] in MAY_IMPORT:
                assert parts[1] in MAY_IMPORT[package], f"{path.relative_to(ROOT)} imports {name}"


def test_every_unit_has_its_three_places():
    for name in units.names():
        module = name.replace("-", "_")
        assert (ROOT / "source" / name / "lesson.py").is_file()
        assert (ROOT / "tests" / "rehearsals" / f"{module}.py").is_file()
        assert units.load(name).name == name


def test_no_file_names_a_machine():
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    for name in files:
        path = ROOT / name
        if not path.is_file() or path.suffix == ".png":
            continue
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"/(root|work|home/\w+)/|files\.pythonhosted|pypi\.org/simple", text), name


def test_the_container_for_graders_is_made_of_what_is_there():
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    copied = [name for line in re.findall(r"^COPY (.*) \S+$", text, re.MULTILINE) for name in line.split()]
    assert copied and all((ROOT / name).exists() for name in copied)
    python = re.search(r"^FROM python:(3\.\d+)-", text, re.MULTILINE)[1]
    assert python in ("3.11", "3.12", "3.13") and "bubblewrap" in text
    assert "--no-deps -r /opt/requirements-class.lock" in text, "what is installed is what is locked"
    assert "--no-deps" in text.split("-e /opt/package")[0].splitlines()[-1]


def imported_modules():
    """Every module of the package, with those of it that it imports anywhere, for type checking too."""
    files = {path: ".".join(path.relative_to(ROOT).with_suffix("").parts) for path in (ROOT / "course").rglob("*.py")}
    names = {path: name.removesuffix(".__init__") for path, name in files.items()}
    known, found = set(names.values()), {}
    for path, name in names.items():
        found[name] = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                wanted = [f"{node.module}.{alias.name}" for alias in node.names]
                found[name] |= {one if one in known else node.module for one in wanted}
            elif isinstance(node, ast.Import):
                found[name] |= {alias.name for alias in node.names}
        found[name] = (found[name] & known) - {name}
    return found


def test_nobody_imports_in_a_circle():
    left = imported_modules()
    while free := [name for name, wanted in left.items() if not wanted & left.keys()]:
        for name in free:
            del left[name]
    # What remains imports in a circle, or something that does: only those are named that are reached from themselves.
    assert not left, sorted(left)


def test_no_file_is_three_things():
    """A file of over 300 lines; a unit's world may be as long as it is."""
    long = {
        str(path.relative_to(ROOT)): lines
        for path in (ROOT / "course").rglob("*.py")
        if path.name != "world.py" and (lines := len(path.read_text(encoding="utf-8").splitlines())) > 300
    }
    assert not long


def test_a_unit_is_named_without_what_measures_it():
    """A check of what has not changed, a hint, a list: they load units and measure nothing."""
    heavy = ("numpy", "pandas", "scipy", "sklearn", "onnx", "onnxruntime", "matplotlib", "nbformat", "IPython")
    program = (
        "import sys\nfrom course import units\nimport course.learning.desk\n"
        f"for name in units.names():\n    units.load(name)\n    assert not set({heavy}) & set(sys.modules), name"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
