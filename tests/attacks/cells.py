"""Metadata and cells: a notebook file that says something else than the release."""

from __future__ import annotations

import copy
import json

from attacks.honest import find, tests
from course.grading.attacks import Attack


def tagged(data):
    for cell in tests(data):
        cell["metadata"]["tags"] = ["skip-execution", "raises-exception"]


def points(data):
    for cell in tests(data):
        cell["metadata"]["nbgrader"]["points"] = 1000


def negative_points(data):
    for cell in tests(data):
        cell["metadata"]["nbgrader"]["points"] = -5


def overwritten(data):
    for cell in tests(data):
        cell["source"] = "30.0"


def empty_tests(data):
    for cell in tests(data):
        cell["source"] = ""


def unlocked(data):
    for cell in tests(data):
        cell["source"] = "30.0"
        cell["metadata"]["nbgrader"] |= {"locked": False, "solution": True}


def as_markdown(data):
    for cell in tests(data):
        cell["cell_type"] = "markdown"
        cell.pop("outputs", None)
        cell.pop("execution_count", None)


def as_raw(data):
    for cell in tests(data):
        cell["cell_type"] = "raw"


def copied_tests(data):
    data["cells"] += [copy.deepcopy(cell) | {"source": "30.0", "id": f"copy-{n}"} for n, cell in enumerate(tests(data))]


def deleted_tests(data):
    data["cells"] = [cell for cell in data["cells"] if cell not in tests(data)]


def split_solution(data):
    at = data["cells"].index(find(data, "build-model"))
    data["cells"].insert(at, copy.deepcopy(data["cells"][at]) | {"id": "half"})


def invented(data):
    cell = copy.deepcopy(find(data, "quality"))
    cell["metadata"]["nbgrader"] |= {"grade_id": "bonus", "points": 500}
    data["cells"].append(cell | {"source": "500.0", "id": "bonus"})


def relabelled(data):
    cell = find(data, "build-model")
    cell["source"] = "30.0"
    cell["metadata"]["nbgrader"] |= {"grade_id": "quality", "grade": True, "points": 30}


def first_of_two(data):
    data["cells"].insert(0, copy.deepcopy(find(data, "quality")) | {"source": "30.0", "id": "first"})


def old_schema(data):
    for cell in data["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["schema_version"] = 0


def new_schema(data):
    for cell in data["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["schema_version"] = 99


def other_kernel(data):
    data["metadata"]["kernelspec"] = {"name": "bash", "display_name": "Python 3", "language": "bash"}


def no_kernel(data):
    data["metadata"] = {}


def moved_first(data):
    for cell in tests(data):
        data["cells"].remove(cell)
        data["cells"].insert(0, cell)


def same_ids(data):
    for cell in data["cells"]:
        cell["id"] = "same"


def ids_of_tests(data):
    for number, cell in enumerate(tests(data)):
        new = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": "30.0"}
        data["cells"].insert(number, new | {"id": cell.get("id", "quality")})


def surrogates(data):
    find(data, "memo")["source"] = "a lone \ud800 surrogate"


def nested(data):
    return b'{"cells": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"


def huge_file(data):
    return b" " * 25_000_000 + json.dumps(data).encode()


def no_notebook(data):
    return b"\xff\xfe this is no notebook"


def nonsense(data):
    return {"cells": [None, 3, {"cell_type": "code", "metadata": []}, {"metadata": {"nbgrader": 1}}], "nbformat": 4}


def forged_outputs(data):
    for cell in tests(data):
        result = {"output_type": "execute_result", "data": {"text/plain": "30.0"}, "metadata": {}, "execution_count": 1}
        cell["outputs"] = [result]
        cell["metadata"]["tags"] = ["skip-execution"]


def format_3(data):
    """A notebook as they were in 2013: cells in worksheets."""
    cells = [
        {"cell_type": "code", "input": "30.0", "outputs": [], "metadata": cell["metadata"]} for cell in tests(data)
    ]
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": cells}]}


def nested_notebook(data):
    """A notebook for a cell's source, and one among the cells."""
    find(data, "build-model")["source"] = copy.deepcopy(data)
    data["cells"].append(copy.deepcopy(data))


def lookalikes(data):
    """Names of test cells in letters that look the same."""
    for number, like in enumerate(("qu\u0430lity", "quality\u200b", "\uff51uality", "quality ")):
        copied = copy.deepcopy(find(data, "quality")) | {"id": f"like-{number}", "source": "30.0"}
        copied["metadata"]["nbgrader"] |= {"grade_id": like, "points": 1000}
        data["cells"].append(copied)


def many_cells(data):
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": "1"}
    data["cells"] += [cell | {"id": f"n{number}"} for number in range(100_000)]


def long_cell(data):
    find(data, "build-model")["source"] = "x = 1\n" * 2_000_000


def huge_numbers(data):
    """Numbers that Python won't read, or reads as infinite."""
    text = json.dumps(data).replace('"execution_count": null', '"execution_count": 1e999', 1)
    return text.replace('"nbformat": 4', '"nbformat": ' + "4" * 10_000, 1).encode()


def twice_the_cells(data):
    """JSON with two lists of cells: which is meant?"""
    text = json.dumps(data)
    return (text[:-1] + ', "cells": ' + json.dumps([cell | {"source": "30.0"} for cell in tests(data)]) + "}").encode()


def wide_encoding(data):
    return json.dumps(data).encode("utf-16")


def other_unit(data):
    """A notebook of another unit, whose tests are called the same."""
    for cell in data["cells"]:
        cell["id"] = f"other-{cell.get('id')}"
        if cell["metadata"].get("nbgrader"):
            cell["source"] = "30.0"
            cell["metadata"]["nbgrader"] |= {"grade": True, "solution": True, "locked": False, "points": 100}


def types_of_everything(data):
    """Every field of every cell of a type that it should not have."""
    for cell in data["cells"]:
        cell.update({"source": {"a": 1}, "metadata": {"nbgrader": [1], "tags": 3}, "id": ["x"], "outputs": "none"})


def setup_changed(data):
    find(data, "setup")["source"] = "import sys; sys.modules['course'] = None"


def _rebuild(name, aim, notebook, goal="raise", **more):
    return Attack(name, aim, goal, "rebuild", notebook=notebook, **more)


ATTACKS = (
    Attack("skip-execution tag", "test cells are not run: full marks", "raise", notebook=tagged),
    _rebuild("edited points", "a clause is worth 1,000", points),
    _rebuild("negative points", "a clause is worth -5", negative_points),
    _rebuild("overwritten tests", "test cells that say 30.0", overwritten),
    _rebuild("empty tests", "test cells without a line", empty_tests),
    _rebuild("unlocked tests", "test cells relabelled as solutions, so that their text stays", unlocked),
    _rebuild("tests as markdown", "a cell that can't fail", as_markdown),
    _rebuild("tests as raw cells", "a cell that can't fail", as_raw),
    _rebuild("copied tests", "second copies that say 30.0", copied_tests),
    _rebuild("deleted tests", "no test, no zero", deleted_tests),
    _rebuild("split solution", "two cells of one name stop the batch", split_solution, "abort the batch"),
    _rebuild("invented test", "a new graded cell worth 500", invented),
    _rebuild("relabelled solution", "a solution cell that calls itself quality", relabelled),
    _rebuild("first of two", "an own cell of a test's name comes first", first_of_two),
    _rebuild("old schema", "old metadata stop the batch", old_schema, "abort the batch"),
    _rebuild("new schema", "metadata of the future stop the batch", new_schema, "abort the batch"),
    _rebuild("another kernel", "the tests run in a kernel of the student's choice", other_kernel),
    _rebuild("no kernel", "no metadata at all", no_kernel, "abort the batch"),
    _rebuild("tests moved first", "tests before the model is there", moved_first),
    _rebuild("same ids", "all cells have one id", same_ids, "abort the batch"),
    _rebuild("ids of tests", "own cells with the ids of test cells", ids_of_tests),
    _rebuild("changed setup", "the setup cell replaces the course", setup_changed),
    _rebuild("forged outputs", "outputs of test cells come with the file", forged_outputs),
    _rebuild("format of 2013", "cells where nobody looks for them", format_3, spoils=True),
    _rebuild("nested notebook", "a notebook within a cell", nested_notebook, "abort the batch"),
    _rebuild("lookalikes", "names of tests in Cyrillic letters", lookalikes),
    _rebuild("100,000 cells", "a notebook that takes an hour to run", many_cells, "escape a limit"),
    _rebuild("long cell", "12 MB in one cell", long_cell, "escape a limit"),
    _rebuild("huge numbers", "numbers that Python won't read", huge_numbers, "abort the batch", spoils=True),
    _rebuild("two lists of cells", "one to be read and one to be graded", twice_the_cells),
    _rebuild("wide encoding", "UTF-16", wide_encoding, "abort the batch", spoils=True),
    _rebuild("notebook of another unit", "other cells of the same names", other_unit),
    _rebuild("types of everything", "lists and numbers where text belongs", types_of_everything, "abort the batch"),
    _rebuild("lone surrogate", "text that can't be written", surrogates, "abort the batch"),
    _rebuild("nested JSON", "a parser that runs out of stack", nested, "abort the batch", spoils=True),
    _rebuild("huge notebook", "25 MB to parse", huge_file, "escape a limit", spoils=True),
    _rebuild("no notebook", "bytes that are no text", no_notebook, "abort the batch", spoils=True),
    _rebuild("nonsense cells", "JSON of another shape", nonsense, "abort the batch", spoils=True),
)
