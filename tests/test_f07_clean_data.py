"""f07: the world is what it says, its truth is found by other ways, and whatever `clean` returns is one sentence."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from course import units
from course.contract.measure import measure
from course.contract.terms.report import EARNS
from course.grading.authoring.lessons import WRITES, Lesson
from course.grading.authoring.rehearse import rehearsals
from course.key import OPEN, Key
from course.problem import Problem
from course.units.f07_clean_data import judge, world

UNIT = units.load("f07-clean-data")
OTHER = Key(hashlib.sha256(b"another").digest(), "another")
MORE = [Key(hashlib.sha256(b"%d" % n).digest(), f"key {n}") for n in range(3)]
FRAME = ("kept", "right", "model", "again", "order")


@pytest.fixture(scope="module")
def modules():
    """The texts of `clean.py` in the reference and in its alternative."""
    from conftest import ROOT

    lesson = Lesson(UNIT, ROOT)
    reference = lesson.solutions()["write-clean"]
    others = {one.name: one.cells(lesson.solutions()) for one in rehearsals(UNIT, ROOT)}
    texts = {"reference": reference, "distinct": others["distinct-texts"]["write-clean"]}
    return {name: WRITES.sub("", text) for name, text in texts.items()}


def run(text):
    names: dict = {}
    exec(compile(text, "clean.py", "exec"), names)
    return names


def sheets(key):
    truth = UNIT.private_holdout(key).truth
    return [truth["sheet"], truth["writing"], truth["alone"], *truth["others"]]


@pytest.mark.parametrize("key", [OPEN, OTHER, *MORE], ids=lambda key: key.term)
@pytest.mark.parametrize("which", ["reference", "distinct"])
def test_the_truth_is_what_two_other_implementations_find(modules, which, key):
    """The world knows the truth because it planted the faults; these two find it in the text alone."""
    clean = run(modules[which])["clean"]
    for sheet in sheets(key):
        good, bad = clean(sheet.raw.copy())
        found = judge.checked((good, bad), sheet.raw)
        assert found.bad.equals(sheet.bad.astype(found.bad.dtypes))
        assert judge.share(found, sheet) == 1.0


def test_what_was_really_typed_is_read_as_the_reference_reads_it(modules):
    import pandas as pd

    typed, _ = world.reported()
    read = np.array([world.read(text) or np.nan for text in typed])
    reference = run(modules["reference"])
    theirs = reference["heights"](reference["texts"](pd.Series(typed)))
    assert np.allclose(read, theirs, equal_nan=True) and 900 < np.isfinite(read).sum() < 1095
    examples = {
        "5'10\"": 177.8,
        "5.10": 177.8,
        "5.1": 154.94,
        "6 04": 193.04,
        "170,5": 170.5,
        "1,70": 170.0,
        "70": 177.8,
    }
    assert {text: round(world.read(text), 6) for text in examples} == examples
    assert [world.read(text) for text in ("5.25", "5'12", "96", "100", "six feet")] == [None] * 5


def test_redrawn_answers_are_written_the_same_way():
    rng = np.random.default_rng(0)
    moved = [(text, world.redrawn(text, rng)) for text in world.reported()[0]]
    assert sum(old != new for old, new in moved) > 700
    for old, new in moved:
        assert (world.read(old) is None) == (world.read(new) is None)
        assert "".join(c for c in old if not c.isdigit()) == "".join(c for c in new if not c.isdigit())


def test_the_same_key_gives_the_same_world_and_another_key_another():
    first, again, other = (UNIT.public_data(key) for key in (OPEN, OPEN, OTHER))
    assert all(np.array_equal(first[name], again[name], equal_nan=first[name].dtype.kind == "f") for name in first)
    assert first["raw_exported"][0] != other["raw_exported"][0]
    assert all(values.dtype.kind in "iufU" for values in first.values())


def test_public_arrays_hold_the_whole_public_table():
    sheet = UNIT.public_holdout(UNIT.public_data(OPEN)).truth["sheet"]
    assert len(sheet.good) + len(sheet.bad) == len(sheet.raw) == sheet.raw["row"].nunique()
    assert set(sheet.bad["kind"]) == set(world.KINDS) and min(sheet.bad["kind"].value_counts()) >= 20
    assert not (sheet.raw.drop(columns="row") == "").any(axis=None)  # what is empty is missing


def test_the_first_key_learned_by_heart_is_no_answer_to_the_second():
    """A table of everything that the first key's sheets say about a row's text, asked about the second key's rows."""
    columns = [name for name in world.COLUMNS if name not in ("row", "exported", "email")]
    known: dict = {}
    first = UNIT.public_holdout(UNIT.public_data(OPEN)).truth["sheet"]
    for sheet in [first, *sheets(OPEN)]:
        good = sheet.good.set_index("row")
        for row, *texts in sheet.raw[["row", *columns]].fillna("").itertuples(index=False):
            known[tuple(texts)] = good.loc[row] if row in good.index else None
    second = UNIT.private_holdout(OTHER).truth["sheet"]
    asked = second.raw[columns].fillna("").itertuples(index=False, name=None)
    assert np.mean([texts in known for texts in asked]) < 0.01


def test_a_worse_quarantine_scores_less():
    bad = UNIT.private_holdout(OPEN).truth["sheet"].bad
    assert set(world.f1(bad, bad).values()) == {1.0}
    half = bad[bad["kind"] != "leak"]
    assert world.f1(half, bad)["leak"] == 0.0 and world.f1(half, bad)["time"] == 1.0
    renamed = bad.assign(kind=bad["kind"].replace("leak", "duplicate"))
    assert 0.5 < world.f1(renamed, bad)["duplicate"] < 1.0


@pytest.fixture(scope="module")
def small():
    """A public hold-out of a few rows."""
    from course.contract.terms.holdout import Holdout

    rng = np.random.default_rng(1)
    at = world.world(rng)
    return Holdout("public", truth={"sheet": world.sheet(150, at, rng), "lab": world.lab(60, at, rng)})


OLD = "old = clean\n\n\ndef clean(frame):\n    a, b = old(frame)\n    "
#: What is put behind the reference, and what must be said.
ADDED = {
    "raises": ("def clean(frame):\n    raise KeyError('height')", "`clean` failed: KeyError in line"),
    "one table": ("def clean(frame):\n    return frame", "got DataFrame, expected two tables"),
    "no table": ("def clean(frame):\n    return 1, 2", "expected a DataFrame"),
    "no column": (OLD + "return a.drop(columns='step'), b", "'step'"),
    "other kind": (OLD + "return a, b.assign(kind='odd')", "'odd'"),
    "no kind": (OLD + "return a, b.assign(kind=None)", "got the kind None"),
    "same row": (OLD + "return a.assign(row=a['row'].max()), b", "twice"),
    "in both": (OLD + "b.loc[len(b)] = [a['row'].min(), 'label']\n    return a, b", "in both tables"),
    "other row": (OLD + "return a.assign(row=a['row'] + 0.5), b", "row numbers of"),
}


def examined(folder, text, holdout, wanted):
    (folder / "clean.py").write_text(text, encoding="utf-8")
    return measure(UNIT, folder, holdout, wanted=wanted)


@pytest.mark.parametrize("case", ADDED)
def test_what_can_not_be_judged_is_one_sentence_and_earns_nothing(case, modules, small, tmp_path):
    text, sentence = ADDED[case]
    report = examined(tmp_path, f"{modules['reference']}\n\n{text}\n", small, ("quality", "again", "order"))
    assert report.points == 0
    assert all(sentence in clause.advice and clause.advice.count("\n") == 0 for clause in report.clauses), (
        report.clauses
    )


RANDOM = "import os\n    a['step'] += int.from_bytes(os.urandom(4), 'big') * 1e-12\n    return a, b"
#: What is wrong, and the clauses that it costs.
ALONE = {
    "mutates": ("frame['note'] = 1\n    return a, b", {"untouched"}),
    "texts for dates": ("return a.assign(born=a['born'].astype('str')), b", {"interface", "model"}),
    "no heights": ("return a.assign(height=float('nan')), b", {"right", "model", "again"}),
    "loses rows": ("return a, b.iloc[3:]", {"interface", "quality", "order"}),
    "lists": ("return a.assign(height=[[1.0]] * len(a)), b", {"interface", "right", "model", "again"}),
    "at random": (RANDOM, {"interface", "again", "order"}),
    "by position": ("return a.assign(weight=[float(k) for k in range(len(a))]), b", {"right", "order"}),
}


@pytest.mark.parametrize("case", ALONE)
def test_what_is_wrong_costs_its_own_clauses(case, modules, small, tmp_path):
    change, costs = ALONE[case]
    text = f"{modules['reference']}\n\n\n{OLD}{change}\n"
    report = examined(tmp_path, text, small, ("interface", "untouched", "quality", *FRAME))
    lost = {clause.name for clause in report.clauses if clause.verdict not in EARNS}
    assert costs - {"quality", "model"} <= lost <= costs | {"model"}, {
        c.name: (c.verdict, c.advice) for c in report.clauses
    }


def test_what_differs_is_replayed(modules, small, tmp_path):
    sheet = small.truth["sheet"]
    row = int(sheet.good["row"].iloc[0])
    change = f"a.loc[a['row'] == {row}, 'weight'] = 99.5\n    return a, b"
    (tmp_path / "clean.py").write_text(f"{modules['reference']}\n\n\n{OLD}{change}\n", encoding="utf-8")
    played = UNIT.replay(tmp_path, small, 0)
    typed = sheet.raw.set_index("row").at[row, "weight"]
    assert [one[:2] for one in played.rows] == [(row, "weight")] and played.rows[0][2:4] == (typed, 99.5)
    assert "1 of" in played.said and list(played.frame().columns) == list(played.columns)
    assert [list(UNIT.replay(tmp_path, small, case).rows) for case in (1, 2)] == [[], []]
    change = "return a.assign(weight=a['weight'] + (a['row'] == a['row'].iloc[0])), b"
    (tmp_path / "clean.py").write_text(f"{modules['reference']}\n\n\n{OLD}{change}\n", encoding="utf-8")
    assert UNIT.replay(tmp_path, small, 1).rows and UNIT.replay(tmp_path, small, 2).rows
    with pytest.raises(Problem, match="3 is none"):
        UNIT.replay(tmp_path, small, 3)


def test_what_is_remembered_is_no_repair(modules, small, tmp_path):
    """A module that answers from what it has seen in the same process: cleaning twice and another order show it."""
    text = f"""{modules["reference"]}


SEEN = {{}}


{OLD}for row, weight in zip(a["row"], a["weight"]):
        SEEN.setdefault(row, (weight if weight == weight else 70.0) + len(SEEN) / 1000)
    return a.assign(weight=a["row"].map(SEEN)), b
"""
    report = examined(tmp_path, text, small, ("again", "order"))
    assert report.points == 0, report


def test_what_is_timed_is_judged(modules, small, tmp_path, no_clock):
    hurried = (
        f"{modules['reference']}\n\n\n{OLD}return (a, b) if len(frame) != 1_500 else (a.assign(height=170.0), b)\n"
    )
    report = examined(tmp_path, hurried, small, ("throughput", "right"))
    assert report["right"].verdict == "kept"
    assert report["throughput"].points == 0 and "what is timed is judged" in report["throughput"].advice
    report = examined(tmp_path, modules["reference"], small, ("throughput",))
    assert report["throughput"].verdict == "kept"


@pytest.mark.parametrize("key", [OPEN, OTHER], ids=lambda key: key.term)
def test_the_truth_of_a_timed_table_is_what_the_reference_finds(modules, key):
    sheet, clean = UNIT.private_holdout(key).truth["sheet"], run(modules["reference"])["clean"]
    made = world.timed(sheet, world.drawable(sheet), np.random.default_rng(4))
    assert judge.share(judge.checked(clean(made.raw.copy()), made.raw), made) == 1.0
    assert len(made.raw) == world.TIMED_ROWS and {"duplicate", "time"} <= set(made.bad["kind"])


def test_what_never_ends_is_stopped(modules, small, tmp_path, monkeypatch):
    import dataclasses

    monkeypatch.setattr(type(UNIT), "module", dataclasses.replace(UNIT.module, seconds=0.3))
    report = examined(tmp_path, "def clean(frame):\n    while True:\n        pass\n", small, ("quality", "untouched"))
    assert {clause.verdict for clause in report.clauses} == {"broken"}
    assert "did not answer within 0.3 s" in report["quality"].advice


def test_a_missing_file_is_not_attempted(small, tmp_path):
    report = measure(UNIT, tmp_path, small, wanted=("baseline", "quality", "again"))
    assert {clause.verdict for clause in report.clauses} == {"not attempted"}
