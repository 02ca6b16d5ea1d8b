"""Rebuilding a notebook: whatever was handed in, what is graded is the release with the learner's text in it."""

from __future__ import annotations

import copy
import json

import nbformat
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from course import notebooks
from course.grading.execution import student
from course.grading.submissions.rebuild import grade_id, is_open, rebuild

RELEASED = nbformat.read(ROOT / "release/f01-shrink-ensemble/f01-shrink-ensemble.ipynb", as_version=4)
GRADED = {c.metadata.nbgrader.grade_id: c for c in RELEASED.cells if c.metadata.get("nbgrader", {}).get("grade")}


@pytest.fixture
def handed_in(tmp_path):
    """Write a notebook (or any JSON, or bytes) as a submission and rebuild it."""

    def write(content):
        file = tmp_path / "f01-shrink-ensemble.ipynb"
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        file.write_bytes(data)
        notebook, said = rebuild(RELEASED, file)
        return notebook, " ".join(remark.text for remark in said)

    return write


def cell(notebook, grade_id):
    found = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id]
    assert len(found) == 1
    return found[0]


def theirs():
    return json.loads(nbformat.writes(copy.deepcopy(RELEASED)))


def find(data, grade_id):
    return next(c for c in data["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == grade_id)


def assert_untouched(notebook):
    """Every graded cell is there once, as released; ids are unique; it is a valid notebook."""
    for name, released in GRADED.items():
        now = cell(notebook, name)
        assert now.metadata == released.metadata and now.cell_type == released.cell_type
        if not released.metadata.nbgrader.solution:
            assert now.source == released.source
    ids = [c.id for c in notebook.cells]
    assert len(ids) == len(set(ids))
    nbformat.validate(notebook)


def test_the_learners_text_arrives(handed_in):
    data = theirs()
    find(data, "build-model")["source"] = ["x = 1\n", "y = 2"]
    find(data, "memo")["source"] = "My memo"
    notebook, problem = handed_in(data)
    assert not problem and cell(notebook, "build-model").source == "x = 1\ny = 2"
    assert cell(notebook, "memo").source == "My memo"
    assert_untouched(notebook)


def test_markup_in_a_memo_is_text(handed_in):
    data = theirs()
    find(data, "memo")["source"] = "a < b <script>alert(1)</script> <img src=x onerror=alert(1)> <!-- x"
    notebook, _ = handed_in(data)
    assert cell(notebook, "memo").source == (
        "a < b &lt;script>alert(1)&lt;/script> &lt;img src=x onerror=alert(1)> &lt;!-- x"
    )


@pytest.mark.parametrize(
    ("memo", "text"),
    [
        ("[x](javascript:f())", "[x](javascript\u200b:f())"),
        (r"[x](JavaScript\:f())", "[x](JavaScript\u200b\\:f())"),
        ("[x](&#106;avascript&colon;f())", "[x](&amp;#106;avascript&amp;colon;f())"),
        ("![x](attachment:y.png)", "![x](attachment\u200b:y.png)"),
        ("R&D, a & b, 1 < 2, $x &= y$", "R&D, a & b, 1 < 2, $x &= y$"),
        ("# Title\n\n**bold** [link](https://example.org/?a=1&b=2)", None),
    ],
)
def test_a_memo_keeps_its_markdown_and_nothing_that_runs(handed_in, memo, text):
    data = theirs()
    find(data, "memo")["source"] = memo
    notebook, _ = handed_in(data)
    assert cell(notebook, "memo").source == (memo if text is None else text)


def test_cells_of_their_own_stay_where_they_put_them(handed_in):
    data = theirs()
    at = data["cells"].index(find(data, "build-model"))
    data["cells"].insert(at, {"cell_type": "code", "source": "helper = 1", "metadata": {}, "outputs": []})
    notebook, _ = handed_in(data)
    sources = [c.source for c in notebook.cells]
    assert sources.index("helper = 1") < notebook.cells.index(cell(notebook, "build-model"))
    assert_untouched(notebook)


def test_a_split_or_copied_solution_keeps_both_halves(handed_in):
    data = theirs()
    first = find(data, "build-model")
    first["source"] = "a = 1"
    second = copy.deepcopy(first) | {"source": "b = a + 1"}
    data["cells"].insert(data["cells"].index(first) + 1, second)
    notebook, _ = handed_in(data)
    at = notebook.cells.index(cell(notebook, "build-model"))
    assert [c.source for c in notebook.cells[at : at + 2]] == ["a = 1", "b = a + 1"]
    assert_untouched(notebook)


@pytest.mark.parametrize("what", ["edit", "tags", "points", "type", "delete", "duplicate", "move", "relabel", "old"])
def test_test_cells_cannot_be_changed(handed_in, what):
    data = theirs()
    target = find(data, "quality")
    match what:
        case "edit":
            target["source"] = "30.0"
        case "tags":
            target["metadata"]["tags"] = ["skip-execution", "raises-exception"]
        case "points":
            target["metadata"]["nbgrader"]["points"] = 1000
        case "type":
            target["cell_type"] = "markdown"
        case "delete":
            data["cells"].remove(target)
        case "duplicate":
            data["cells"].append(copy.deepcopy(target) | {"source": "30.0"})
        case "move":
            data["cells"].insert(0, data["cells"].pop(data["cells"].index(target)))
        case "relabel":
            find(data, "build-model")["metadata"]["nbgrader"]["grade_id"] = "quality"
        case "old":
            for one in data["cells"]:
                one["metadata"].get("nbgrader", {}).pop("schema_version", None)
            data["nbformat_minor"] = 0
    notebook, _ = handed_in(data)
    assert_untouched(notebook)


@pytest.mark.parametrize("junk", [b"", b"\xff\xfe", b"{", b"[]", b"null", b'{"cells": 3}', b'{"cells": [1, null]}'])
def test_what_is_no_notebook_is_graded_as_untouched(handed_in, junk):
    notebook, problem = handed_in(junk)
    assert "no notebook" in problem and "waits for a person" in problem
    words = cell(notebook, "memo")
    assert "no notebook" in words.source and "waits" in words.source  # so nbgrader asks a person for marks
    assert [c.source for c in notebook.cells if c is not words] == [
        c.source for c in RELEASED.cells if grade_id(c) != "memo"
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)
CELLS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "cell_type": st.sampled_from(["code", "markdown", "raw"]) | JSON,
            "source": st.text(max_size=20) | st.lists(st.text(max_size=5), max_size=3) | JSON,
            "id": st.sampled_from([c.id for c in RELEASED.cells]) | JSON,
            "metadata": st.fixed_dictionaries(
                {"nbgrader": st.fixed_dictionaries({"grade_id": st.sampled_from(list(GRADED))})}
            )
            | JSON,
        },
    ),
    max_size=12,
)


@given(CELLS)
@settings(max_examples=150, deadline=None)
def test_no_notebook_whatever_breaks_the_rebuild(tmp_path_factory, cells):
    file = tmp_path_factory.mktemp("s") / "n.ipynb"
    file.write_text(json.dumps({"cells": cells}))
    notebook, _ = rebuild(RELEASED, file)
    assert_untouched(notebook)


def test_a_stub_that_nobody_touched_is_not_run(tmp_path):
    """It would write over a file that was made elsewhere."""
    notebook = copy.deepcopy(RELEASED)
    solutions = [cell for cell in notebook.cells if cell.cell_type == "code" and is_open(cell)]
    marked = [cell for cell in solutions if cell.metadata.get("nbgrader")]
    marked[0].source += "\nx = 1"
    (tmp_path / "f.ipynb").write_text(nbformat.writes(notebook))
    rebuilt, _ = rebuild(RELEASED, tmp_path / "f.ipynb")
    left = {grade_id(cell) for cell in student.part(rebuilt)}
    assert grade_id(marked[0]) in left
    assert not {grade_id(cell) for cell in marked[1:]} & left and len(marked) > 2


# --- words, and cells without ids -----------------------------------------------------------------------------------

FIRST, SECOND = "FIRST paragraph of my memo.", "SECOND paragraph of my memo."


def own_words(text, kind="markdown"):
    return {"cell_type": kind, "id": "mine", "metadata": {}, "source": text}


def waits(notebook):
    """True if nbgrader asks a person to mark the memo."""
    from nbgrader.utils import determine_grade

    memo = copy.deepcopy(cell(notebook, "memo"))
    return determine_grade(memo)[0] is None


def memo_changed(how):
    data = theirs()
    memo = find(data, "memo")
    at = data["cells"].index(memo)
    match how:
        case "in the cell":
            memo["source"] = f"{FIRST}\n\n{SECOND}"
        case "below":
            data["cells"].insert(at + 1, own_words(f"{FIRST}\n\n{SECOND}"))
        case "split":
            memo["source"] = FIRST
            data["cells"].insert(at + 1, copy.deepcopy(memo) | {"source": SECOND, "id": "mine"})
        case "second half alone":
            data["cells"].insert(at + 1, copy.deepcopy(memo) | {"source": f"{FIRST}\n\n{SECOND}", "id": "mine"})
        case "typed anew":
            data["cells"][at] = own_words(f"{FIRST}\n\n{SECOND}")
        case "turned raw":
            memo |= {"cell_type": "raw", "source": f"{FIRST}\n\n{SECOND}"}
        case "a raw cell":
            data["cells"].insert(at + 1, own_words(f"{FIRST}\n\n{SECOND}", "raw"))
        case "turned into code":
            memo |= {"cell_type": "code", "source": f"{FIRST}\n\n{SECOND}", "outputs": []}
        case "with a huge picture":
            memo["source"] = f"{FIRST}\n\n![plan](data:image/png;base64,{'iVBO' * 55_000})\n\n{SECOND}"
        case "under the rubric":
            data["cells"][at - 1]["source"] = "".join(data["cells"][at - 1]["source"]) + f"\n\n{FIRST}\n{SECOND}"
        case "far too long":
            memo["source"] = f"{FIRST}\n\n{SECOND}" + "x" * 300_000
    return data


MEMOS = ["in the cell", "below", "split", "second half alone", "typed anew", "turned raw", "a raw cell",
         "turned into code", "with a huge picture", "under the rubric", "far too long"]  # fmt: skip


@pytest.mark.parametrize("how", MEMOS)
def test_whatever_was_written_reaches_who_marks_it(handed_in, how):
    notebook, said = handed_in(memo_changed(how))
    texts = [c.source for c in notebook.cells if c.cell_type == "markdown"]
    assert sum(FIRST in text for text in texts) == 1 == sum(SECOND in text for text in texts)
    where = next(number for number, c in enumerate(notebook.cells) if SECOND in c.source)
    assert abs(where - notebook.cells.index(cell(notebook, "memo"))) <= 1  # at its place
    assert waits(notebook)
    assert ("words stand in other cells" in said) == (how in ("below", "typed anew", "a raw cell", "under the rubric"))
    assert max(map(len, texts)) < 250_000 and ("Cut here" in " ".join(texts)) == (how == "far too long")
    assert_untouched(notebook)


def test_a_memo_that_nobody_wrote_is_no_work(handed_in):
    notebook, said = handed_in(theirs())
    assert not waits(notebook) and not said


def test_markup_in_words_elsewhere_is_text_too(handed_in):
    data = theirs()
    data["cells"].append(own_words("<script>f()</script> [x](javascript:f())", "raw"))
    notebook, _ = handed_in(data)
    assert notebook.cells[-1].source == "&lt;script>f()&lt;/script> [x](javascript\u200b:f())"
    assert notebook.cells[-1].cell_type == "markdown"


def test_a_small_picture_in_a_memo_is_kept(handed_in):
    import base64
    import struct

    def png(width, height):
        head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height)
        return base64.b64encode(head + bytes(200)).decode()

    data = theirs()
    find(data, "memo")["source"] = f"![a](data:image/png;base64,{png(90, 60)})"
    assert png(90, 60) in cell(handed_in(data)[0], "memo").source
    find(data, "memo")["source"] = f"![a](data:image/png;base64,{png(40_000, 40_000)})"  # 1.6 billion points
    text = cell(handed_in(data)[0], "memo").source
    assert "base64" not in text and "not-shown" in text


def stripped(data, *, ids=True, marks=False):
    """As Colab and Kaggle save it: formats without cell ids; some tools drop nbgrader's marks too."""
    data["nbformat_minor"] = 0
    for one in data["cells"]:
        one["source"] = "".join(one["source"])
        if ids:
            one.pop("id", None)
        if marks:
            one["metadata"].pop("nbgrader", None)
    return data


@pytest.mark.parametrize("marks", [False, True])
def test_a_notebook_without_ids_is_the_notebook(handed_in, marks):
    """Each open cell once, as changed; and the learner's own where they stood."""
    data = theirs()
    opened = [c for c in data["cells"] if c["cell_type"] == "code" and not c["metadata"].get("nbgrader")]
    assert opened
    for number, one in enumerate(opened):
        one["source"] = "".join(one["source"]) + f"\nmine = {number}"
    find(data, "build-model")["source"] = "build = 1"
    find(data, "memo")["source"] = FIRST
    own = {"cell_type": "code", "metadata": {}, "outputs": [], "id": "own", "source": "helper = 1"}
    data["cells"].insert(data["cells"].index(find(data, "build-model")), own)
    with_ids, _ = handed_in(copy.deepcopy(data))
    without, _ = handed_in(stripped(data, marks=marks))
    runs = [
        [c.source for c in notebook.cells if c.cell_type == "code" and notebooks.essence(c.source)]
        for notebook in (without, with_ids)
    ]
    assert runs[0] == runs[1] and "build = 1" in runs[0]
    assert FIRST in "".join(c.source for c in without.cells) and waits(without)
    assert_untouched(without)


@pytest.mark.parametrize(
    "change",
    [lambda s: s + "\n\n", lambda s: s.replace("\n", "\r\n"), lambda s: s + "\n# see the file", lambda s: s + "  "],
)
def test_a_stub_that_differs_by_nothing_that_matters_is_not_run(handed_in, change):
    data = theirs()
    build = find(data, "build-model")
    build["source"] = change("".join(build["source"]))
    notebook, _ = handed_in(data)
    assert "build-model" not in {grade_id(c) for c in student.part(notebook)}
    build["source"] += "\nx = 1"
    notebook, _ = handed_in(data)
    assert "build-model" in {grade_id(c) for c in student.part(notebook)}


def test_a_cell_turned_into_words_is_not_run(handed_in):
    data = theirs()
    find(data, "build-model").update(cell_type="raw", source="train(for_hours=3)")
    notebook, _ = handed_in(data)
    assert "train(" not in "".join(c.source for c in notebook.cells if c.cell_type == "code")
    assert "train(" in "".join(c.source for c in notebook.cells if c.cell_type == "markdown")


# --- as public reports have it ---------------------------------------------------------------------------------------


def test_a_notebook_whose_marks_were_lost_is_matched_by_ids(handed_in):
    """nbgrader 424 and 1398: cells, or all of them, come back without nbgrader's metadata."""
    data = theirs()
    find(data, "memo")["source"] = FIRST
    find(data, "build-model")["source"] = "build = 1"
    for one in data["cells"]:
        one["metadata"] = {}
    notebook, said = handed_in(data)
    assert not said and cell(notebook, "memo").source == FIRST and cell(notebook, "build-model").source == "build = 1"


@pytest.mark.parametrize("form", ["md", "py:light", "py:percent"])
def test_a_round_trip_through_jupytext_loses_nothing(handed_in, form):
    """jupytext 41 and 165: ids and some metadata are lost on the way."""
    import jupytext

    data = theirs()
    find(data, "memo")["source"] = FIRST
    find(data, "build-model")["source"] = "build = 1"
    there = nbformat.reads(json.dumps(data), as_version=4)
    back = jupytext.reads(jupytext.writes(there, form), form)
    notebook, said = handed_in(json.loads(nbformat.writes(back)))
    assert not said and FIRST in cell(notebook, "memo").source
    assert [c.source for c in notebook.cells if "build = 1" in c.source] == ["build = 1"]
    assert_untouched(notebook)


@pytest.mark.parametrize("metadata", [None, {}, {"kernelspec": {"name": "julia-1.9"}}, {"colab": {}, "widgets": 3}])
def test_what_a_notebook_says_of_itself_does_not_matter(handed_in, metadata):
    """otter-grader 895 and colabtools 68: kernels without a language, of other names; and none at all."""
    data = theirs()
    find(data, "memo")["source"] = FIRST
    data["metadata"] = metadata
    data["cells"].append({"cell_type": "code", "source": None, "metadata": None, "outputs": None})
    notebook, said = handed_in(data)
    assert not said and cell(notebook, "memo").source == FIRST
    assert notebook.metadata == RELEASED.metadata
