"""The attack corpus: each attack earns what its files deserve, and gains nothing else."""

from __future__ import annotations

from collections import Counter

import pytest
from conftest import ROOT

from course import sandbox
from course.grading import attacks
from course.grading.attacks.ours import Ours
from course.grading.attacks.place import kill_survivors

CORPUS = attacks.corpus(ROOT)
isolated = pytest.mark.skipif(bool(sandbox.problem()), reason=sandbox.problem() or "isolated")


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """What each attack gained; the class is graded once."""
    yield Ours(CORPUS, ROOT, tmp_path_factory.mktemp("attacks") / "ours").outcomes()
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
def test_it_gains_nothing(outcomes, attack):
    assert outcomes[attack.name] == attacks.HELD
