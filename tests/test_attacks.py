"""The attack corpus: each attack earns what its files deserve, and gains nothing else."""

from __future__ import annotations

import contextlib
import errno
import html
import json
import subprocess
import sys
from collections import Counter

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from lab import Lab, require_browser

from course import patience, sandbox, syscalls
from course.contract.processes import plain
from course.grading import attacks
from course.grading.attacks.ours import Ours
from course.grading.attacks.place import kill_survivors
from course.grading.attacks.plain import Plain
from course.grading.submissions import parcel

CORPUS = attacks.corpus(ROOT)
isolated = pytest.mark.skipif(bool(sandbox.problem()), reason=sandbox.problem() or "isolated")


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """The course in which the class was graded, and what each attack gained."""
    ours = Ours(CORPUS, ROOT, tmp_path_factory.mktemp("attacks") / "ours")
    yield ours, ours.outcomes()
    kill_survivors()


def test_the_corpus_is_large_and_its_names_are_its_own():
    assert len(CORPUS) >= 60 and max(Counter(attack.name for attack in CORPUS).values()) == 1
    assert {attack.goal for attack in CORPUS} == set(attacks.GOALS)
    assert len({attacks.student_name(attack) for attack in CORPUS}) == len(CORPUS)


@isolated
@pytest.mark.slow
@pytest.mark.parametrize(
    "attack",
    [
        pytest.param(
            attack, id=attack.name, marks=[pytest.mark.xfail(strict=True, reason=attack.known)] * bool(attack.known)
        )
        for attack in CORPUS
    ],
)
def test_it_gains_nothing(judged, attack):
    assert judged[1][attack.name] == attacks.HELD


@isolated
@pytest.mark.slow
def test_plain_nbgrader_grades_honest_work_and_is_beaten(tmp_path):
    plain = Plain(tmp_path)
    plain.check()
    tag = next(attack for attack in CORPUS if attack.name == "skip-execution tag")
    assert plain.outcome(tag).startswith("raised: 30 of 30 points")


@isolated
@pytest.mark.slow
@pytest.mark.browser
def test_nothing_of_a_submission_runs_in_the_formgrader(judged):
    from attacks.markup import attacked
    from nbgrader.api import Gradebook

    require_browser()
    root = judged[0].place.root
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as book:
        found = {one.student.id: one.notebooks[0].id for one in book.assignment_submissions(attacks.UNIT)}
    opened = [student for student in found if "markup" in student]
    assert len(opened) >= 8
    with Lab(root, timeout=120) as lab:
        page = lab.context.new_page()
        for student in opened:
            address = f"{lab.url}/formgrader/submissions/{found[student]}/?token={lab.token}"
            answer = page.goto(address, wait_until="load")
            assert answer.status == 200 and "Manual Grading" in page.locator("body").inner_text(), student
            assert not attacked(page), student


@pytest.mark.browser
@pytest.mark.parametrize("markup", ["<script>window.attacked = 1</script>", "<a href='javascript:window.attacked=1'>x"])
def test_what_runs_is_noticed(tmp_path, markup):
    from attacks.markup import live, ran_in_browser

    require_browser()
    page = tmp_path / "page.html"
    page.write_text(f"<!doctype html><html><body>{markup}</body></html>")
    assert ran_in_browser(page)
    scene = attacks.Scene(None, "mallory", "", page=page)
    assert "live" in live(scene)
    page.write_text(f"<!doctype html><html><body>{html.escape(markup)}</body></html>")
    assert not ran_in_browser(page) and not live(scene)


@pytest.mark.parametrize(
    "tree",
    [
        *({"array": [kind, [1], 0]} for kind in (
            "O", "|O", "V8", "f8,f8", "(3,)f8", "(1000000000,)f8", "{}", "(1,", "(1,f4", "<U1000000000", "M8[", "O8,i4",
            "m8[5000000000D]", "f8,(", "x" * 100_000, "()" * 5_000, "S5", ">f16", "2**9f4", "1" * 5000 + "f4",
        )),
        {"dict": 3}, {"dict": [[[], 1]]}, {"tuple": None}, {"bytes": "0"}, {"bytes": -2}, {"bytes": 10**20},
        {"table": []}, {"table": [[[1, 2]], 3, 4]}, {"table": [[], [None, "x", None]]}, {"index": {"array": []}},
        {"series": {}}, {"series": [None, {"texts": [1]}, [None, 1, None]]}, {"texts": [1]},
        {"objects": [[10**30], []]}, {"array": ["<f8", [2], 0]}, {"array": ["<f8", [-1], 0]},
        {"array": ["<f8", ["1"], 0]}, {"array": ["<f8", [10**12], 0]}, {}, {"a": 1, "b": 2}, {"eval": "1"},
        [{"bytes": 0}, {"bytes": 0}], [{"array": ["<f8", [1], 0]}] * 2, {"time": 10**30}, {"time": None},
    ],
    ids=str,
)  # fmt: skip
def test_nothing_that_no_value_has_is_read(tree):
    head = json.dumps([tree, [8]]).encode()
    with pytest.raises(ValueError, match=r"\w"):
        plain.loads(len(head).to_bytes(8, "big") + head + bytes(8))


@given(st.binary(max_size=60), st.integers(0, 80))
@settings(max_examples=300)
def test_no_bytes_whatever_are_more_than_a_value_or_a_refusal(content, size):
    for message in (content, size.to_bytes(8, "big") + content):
        with contextlib.suppress(ValueError):
            plain.loads(message)
        with contextlib.suppress(ValueError):
            parcel.opened(message)


@isolated
def test_kernel_calls_without_a_limit_are_denied():
    program = "import os\ntry: os.memfd_create('x')\nexcept OSError as error: print(error.errno)"
    process = sandbox.start(
        [*sandbox.command(), sys.executable, "-c", program], True, {}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    )
    said, _ = patience.finished(process, 60)
    assert said.decode().strip() == str(errno.ENOSYS) or not syscalls.program()
