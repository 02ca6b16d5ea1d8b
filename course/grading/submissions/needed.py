"""Which cells of the release a submission can do without when it is graded: those that only show something.

A lesson's cells without a mark look at data, draw, or compare models. As long as a learner leaves such a cell as it was
released, and nothing that was handed in speaks of what it makes, it is the course's own text whose result is known.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator

import nbformat

#: Set on a cell whose text is the release's own and that nothing is graded by (see `rebuild`).
RELEASED = "released"
SAID = (
    "Not run again when graded: this cell is as it was released, and nothing that was handed in uses what it makes.\n"
)
_WORD = re.compile(r"[^\W\d]\w*")
#: With these a cell can speak of what others made without a name.
_ALL_NAMES = {"globals", "locals", "vars", "dir", "In", "Out", "_oh", "_ih", "get_ipython"}


def spared(cells: Collection[nbformat.NotebookNode], files: Collection[str]) -> set[str]:
    """Ids of code cells that need not run, of all those that a submission's process would run.

    `files` are those that a submission consists of: a cell that speaks of one of them is run.
    """
    waiting = {cell.id: made for cell in cells if (made := _makes(cell, files)) is not None}
    sources = {cell.id: cell.source for cell in cells}
    text = "\n".join(source for name, source in sources.items() if name not in waiting)
    while True:
        words = set(_WORD.findall(text))
        if words & _ALL_NAMES:
            return set()
        used = [name for name, made in waiting.items() if any(one in (text if "." in one else words) for one in made)]
        if not used:
            return set(waiting)
        for name in used:
            del waiting[name]
            text += "\n" + sources[name]


def _makes(cell: nbformat.NotebookNode, files: Collection[str]) -> set[str] | None:
    """Names and files that a cell makes, as far as its text tells; None for a cell that has to run."""
    if not cell.metadata.get(RELEASED):
        return None
    try:
        tree = ast.parse(cell.source)
    except SyntaxError:  # a magic
        return None
    made = set(_names(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
            while isinstance(node, ast.Attribute | ast.Subscript):
                node = node.value
            if not (isinstance(node, ast.Name) and node.id in made):
                return None  # it changes what is not its own
        elif isinstance(node, ast.Global | ast.Delete) or (isinstance(node, ast.alias) and node.name == "*"):
            return None
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if any(node.value in (file, file[-len(node.value) :]) for file in files if "." in node.value):
                return None
            if re.fullmatch(r"[\w-]*\.\w{1,5}", node.value):
                made.add(node.value)
    return None if not made and _only_asks(tree) else made


def _names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).partition(".")[0]


def _only_asks(tree: ast.Module) -> bool:
    """True for a lone `unit.contract()` or the like: it shows what a reader of the page wants, and costs nothing."""
    match tree.body:
        case [ast.Expr(ast.Call(ast.Attribute(ast.Name("unit"), name)))]:
            return name != "compare"
    return False
