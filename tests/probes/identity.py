"""What a submitted notebook file says of itself counts for nothing: cells, tags, points, ids, kernels.

Each changes the file's JSON by something inert: a word, one point more, a comment.
"""

from __future__ import annotations

import copy
import json

from course.grading.probes import Probe


def find(data, grade_id):
    """The cell of that name in a notebook's JSON."""
    return next(cell for cell in data["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id)


def tests(data):
    """All test cells."""
    marks = [(cell, cell["metadata"].get("nbgrader", {})) for cell in data["cells"]]
    return [cell for cell, found in marks if found.get("grade") and not found.get("solution")]


def plain(source="# a probe", **more):
    """A code cell of the learner's own."""
    return {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": source} | more


def tags(data):
    for cell in tests(data):
        cell["metadata"]["tags"] = ["probe"]


def other_metadata(data):
    for cell in data["cells"]:
        cell["metadata"]["probe"] = {"a": 1}
    data["metadata"]["probe"] = data["metadata"]["title"] = "a probe"


def points(data):
    for cell in tests(data):
        cell["metadata"]["nbgrader"]["points"] += 1


def fewer_points(data):
    for cell in tests(data):
        cell["metadata"]["nbgrader"]["points"] -= 1


def marks_as_text(data):
    for cell in tests(data):
        cell["metadata"]["nbgrader"] |= {"points": "1", "locked": "no", "grade": "yes"}


def text_of_tests(data):
    for cell in tests(data):
        cell["source"] = "# a probe"


def empty_tests(data):
    for cell in tests(data):
        cell["source"] = ""


def text_in_lines(data):
    for cell in data["cells"]:
        cell["source"] = cell["source"].splitlines(True) if isinstance(cell["source"], str) else cell["source"]


def unlocked(data):
    for cell in tests(data):
        cell["source"] = "# a probe"
        cell["metadata"]["nbgrader"] |= {"locked": False, "solution": True}


def other_types(data):
    for cell, kind in zip(tests(data), ("markdown", "raw", "heading", "probe") * 5, strict=False):
        cell["cell_type"] = kind


def copied(data):
    data["cells"] += [copy.deepcopy(cell) | {"source": "# a probe"} for cell in tests(data)]


def deleted(data):
    data["cells"] = [cell for cell in data["cells"] if cell not in tests(data)]


def nothing_left(data):
    data["cells"] = []


def split(data):
    at = data["cells"].index(find(data, "build-model"))
    data["cells"].insert(at, copy.deepcopy(data["cells"][at]) | {"id": "half"})


def invented(data):
    cell = copy.deepcopy(find(data, "quality"))
    cell["metadata"]["nbgrader"] |= {"grade_id": "probe", "points": 1}
    data["cells"].append(cell | {"source": "# a probe", "id": "probe"})


def relabelled(data):
    cell = find(data, "build-model")
    cell["source"] = "# a probe"
    cell["metadata"]["nbgrader"] |= {"grade_id": "quality", "grade": True, "points": 1}


def first_of_two(data):
    data["cells"].insert(0, copy.deepcopy(find(data, "quality")) | {"source": "# a probe", "id": "first"})


def lookalikes(data):
    """Names of test cells in letters that look the same."""
    for number, like in enumerate(("qu\u0430lity", "quality\u200b", "\uff51uality", "quality ")):
        cell = copy.deepcopy(find(data, "quality")) | {"id": f"like-{number}", "source": "# a probe"}
        cell["metadata"]["nbgrader"] |= {"grade_id": like}
        data["cells"].append(cell)


def moved_first(data):
    data["cells"].sort(key=lambda cell: cell not in tests(data))


def turned_round(data):
    data["cells"].reverse()


def kernel(data):
    data["metadata"]["kernelspec"] = {"name": "python3", "display_name": "a probe", "language": "python"}


def no_metadata(data):
    data["metadata"] = {}


def same_ids(data):
    for cell in data["cells"]:
        cell["id"] = "same"


def no_ids(data):
    for cell in data["cells"]:
        cell.pop("id", None)


def ids_of_tests(data):
    data["cells"][:0] = [plain(id=cell.get("id", "quality")) for cell in tests(data)]


def outputs(data):
    for cell in tests(data):
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "a probe"}]


def attachments(data):
    find(data, "memo")["attachments"] = {"probe.txt": {"text/plain": "a probe"}}


def setup(data):
    find(data, "setup")["source"] = "# a probe"


def of_another_unit(data):
    for cell in data["cells"]:
        cell["id"] = f"other-{cell.get('id')}"
        if cell["metadata"].get("nbgrader"):
            cell["metadata"]["nbgrader"] |= {"grade": True, "solution": True, "locked": False, "points": 1}


def within_a_cell(data):
    data["cells"].append({"cells": [plain()], "metadata": {}})


def fields_of_other_types(data):
    for cell in data["cells"]:
        cell.update({"source": {"a": 1}, "metadata": {"nbgrader": [1], "tags": 3}, "id": ["x"], "outputs": "none"})


def cells_of_other_types(data):
    return {"cells": [None, 3, {"cell_type": "code", "metadata": []}, {"metadata": {"nbgrader": 1}}], "nbformat": 4}


def half_a_character(data):
    find(data, "memo")["source"] = "half a character: \ud83d"


def too_many_cells(data):
    data["cells"] += [plain(id=f"n{number}") for number in range(1_050)]


def long_cell(data):
    find(data, "build-model")["source"] = "# a probe\n" * 110_000


def long_file(data):
    return b" " * 50_100_000 + json.dumps(data).encode()


def no_notebook(data):
    return b"\xff\xfe this is no notebook"


def no_object(data):
    return b"[]"


def wide(data):
    return json.dumps(data).encode("utf-16")


CHANGES = {
    "tags": tags, "other metadata": other_metadata, "points": points, "fewer points": fewer_points,
    "marks as text": marks_as_text, "text of tests": text_of_tests, "empty tests": empty_tests,
    "text in lines": text_in_lines, "unlocked tests": unlocked, "other types of cells": other_types,
    "copied tests": copied, "deleted tests": deleted, "no cells": nothing_left, "split solution": split,
    "invented test": invented, "relabelled solution": relabelled, "first of two": first_of_two,
    "lookalikes": lookalikes, "tests moved first": moved_first, "order turned round": turned_round,
    "kernel": kernel, "no metadata": no_metadata, "same ids": same_ids, "no ids": no_ids,
    "ids of tests": ids_of_tests, "outputs of tests": outputs, "attachments": attachments, "changed setup": setup,
    "notebook of another unit": of_another_unit, "notebook within a cell": within_a_cell,
    "fields of other types": fields_of_other_types, "cells of other types": cells_of_other_types,
    "half a character": half_a_character, "1,050 cells more": too_many_cells, "a cell of 1.1 MB": long_cell,
    "a file of 50.1 MB": long_file, "no notebook": no_notebook, "no object": no_object, "wide characters": wide,
}  # fmt: skip
SHOWN = ("tags", "points", "text of tests", "deleted tests", "kernel", "invented test")
PROBES = tuple(Probe("identity", name, "rebuild", change, shows=name in SHOWN) for name, change in CHANGES.items())
