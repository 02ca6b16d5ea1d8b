"""q11: the world is what the brief says and moves with the key; the judge does what the contract says."""

from __future__ import annotations

import hashlib
import random
from collections import Counter

import numpy as np
import pytest

from course import units
from course.contract.measure import measure
from course.contract.processes.calls import CallError
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import EARNS
from course.key import OPEN, Key
from course.problem import Problem
from course.units import q11_duplicate_questions
from course.units.q11_duplicate_questions import judge, lexicon, promises, world
from course.units.q11_duplicate_questions.world import Asked

UNIT = units.load("q11-duplicate-questions")
OTHER = Key(hashlib.sha256(b"another").digest(), "another")


@pytest.fixture(scope="module")
def at():
    return world.world(OTHER.rng(UNIT.name, "world"))


@pytest.fixture(scope="module")
def hidden():
    return UNIT.private_holdout(OTHER).truth


def test_another_key_gives_another_forum(at):
    other = world.world(OPEN.rng(UNIT.name, "world"))
    assert not set(at.texts) & set(other.texts[:2_000]) or len(set(at.texts) & set(other.texts)) < 0.1 * len(at.texts)
    assert set(at.products) != set(other.products) and at.house != other.house and at.unseen != other.unseen


def test_public_arrays_hold_what_is_public_and_no_more(at):
    data = UNIT.public_data(OTHER)
    assert all(values.dtype.kind in "iuf" for values in data.values())
    assert tuple(world.stored_of(data)) == at.texts and len(at.texts) == world.STORED == len(set(at.stored))
    flags, asked = world.flags_of(data), world.asked_of(data)
    assert len(flags) == world.FLAGS and sum(same for *_, same in flags) == world.FLAGS // 2
    assert sum(one.same >= 0 for one in asked) == world.AGAIN["public"]
    assert sum(one.same < 0 for one in asked) == world.NEW["public"] == 5 * world.AGAIN["public"]


def test_who_comes_new_has_words_that_were_never_written_here(at, hidden):
    data = UNIT.public_data(OTHER)
    public = {word for one in world.asked_of(data) for word in world.tokens(one.text)}
    private = {word for one in hidden["asked"] for word in world.tokens(one.text)}
    read = {word for text in (*at.texts, *(text for text, _, _ in world.flags_of(data))) for word in world.tokens(text)}
    mine, theirs = at.unseen["public"], at.unseen["private"]
    assert len(mine) == len(theirs) == world.UNSEEN and not mine & theirs
    assert not read & (mine | theirs) and mine <= public and theirs <= private
    assert not public & theirs and not private & mine
    assert mine | theirs <= set(world.vectors_of(data)[0])


def test_vectors_tell_newcomers_words_right(at):
    """The nearest word of the lexicon is one of the same line, by some way."""
    words, vectors = world.vocabulary()
    place, line = {word: k for k, word in enumerate(words)}, {}
    for one in world.every_line():
        for word in world.said(one):
            line.setdefault(word, set()).add(one)
    known = sorted(word for word in line if word in place)
    table = vectors[[place[word] for word in known]].astype(np.float32)
    for word in at.unseen["public"] | at.unseen["private"]:
        near = table @ vectors[place[word]].astype(np.float32)
        best = known[max((k for k in range(len(known)) if known[k] != word), key=lambda k: near[k])]
        assert line[best] & line[word], (word, best)


def test_vectors_are_of_length_one_and_coined_names_have_none(at):
    words, vectors = world.vocabulary()
    assert vectors.dtype == np.float16 and vectors.shape == (len(words), world.DIMENSIONS)
    assert np.allclose(np.linalg.norm(vectors.astype(np.float32), axis=1), 1, atol=2e-3)
    assert list(words) == sorted(set(words))
    assert not {name.lower() for name in (*at.products, *at.house.values())} & set(words)


def test_a_neighbour_differs_in_one_thing_and_is_another_meaning():
    draw = random.Random(3)
    for _ in range(300):
        one = world.meaning(draw)
        for what in world.changes(one):
            other = world.neighbour(one, draw, what)
            assert other != one and sum(a != b for a, b in zip(one, other, strict=True)) == 1, what


def test_slices_are_half_stored_and_half_one_step_off(at, hidden):
    for name in (*q11_duplicate_questions.SLICES, "words"):
        some = hidden[name]
        assert len(some) == world.SLICE and sum(one.same >= 0 for one in some) == world.SLICE // 2
    assert all(at.stored[one.same].route for one in hidden["sides"] if one.same >= 0)
    assert all(at.stored[one.same].never for one in hidden["negation"] if one.same >= 0)
    newcomers = [bool(at.unseen["private"] & _forms(one.text)) for one in hidden["words"]]
    assert sum(newcomers) > 0.8 * len(newcomers), "a slip may hide the word, and nothing else"


def _forms(text):
    return {form for word in world.tokens(text) for form in (word, word[:-1], word[:-2])}


def test_a_repeated_question_is_asked_in_other_words(at, hidden):
    again = [one for one in hidden["asked"] if one.same >= 0]
    assert all(world.tokens(one.text) != world.tokens(at.texts[one.same]) for one in again)
    assert len({one.same for one in again}) > 0.95 * len(again)


def test_no_line_of_chat_says_what_a_question_may_say():
    lines = {word for line in world.every_line() for word in world.said(line)} | set(lexicon.NUMBERS)
    for text in (*lexicon.HELLO, *lexicon.THANKS):
        assert not lines & set(world.tokens(text)), text


def test_a_line_of_the_lexicon_shares_no_word_with_another_of_its_family():
    for family in world._families():
        times = Counter(word for line in family for word in world.said(line))
        assert not [word for word, n in times.items() if n > 1]


@pytest.mark.parametrize("word", ["printer", "remove", "pillow"])
def test_a_slip_is_a_letter_lacking_twice_or_exchanged(word):
    draw = random.Random(1)
    for _ in range(60):
        made = world.slip(word, draw)
        assert made[0] == word[0] and abs(len(made) - len(word)) <= 1
        assert len(made) != len(word) or sorted(made) == sorted(word)
    assert world.slip("map", draw) == "map"


def test_plurals():
    assert [world.plural(one) for one in ("box", "diary", "boy", "watch", "phone")] == [
        "boxes", "diaries", "boys", "watches", "phones",
    ]  # fmt: skip


def test_the_worked_example_of_the_contract():
    asked = [Asked("a", 4), Asked("b", 7), *[Asked("c", -1)] * 4]
    given = [(17, 4), (), (), (), (), (9,)]
    assert judge.recall(asked, given) == 0.5 and judge.recall(asked, given, 1) == 0
    assert judge.false_duplicates(asked, given) == 0.25
    assert judge.right(asked, given) == 4 / 6


@pytest.fixture(scope="module")
def few():
    """A hold-out of forty questions."""
    whole = UNIT.public_holdout(UNIT.public_data(OTHER)).truth
    return Holdout("public", truth={**whole, "asked": whole["asked"][:40]})


#: What `find` returns, and what must be said of it.
RETURNED = {
    "another text": ("'old'", "got 'old'"),
    "nothing": ("None", "one to 5 different"),
    "no ids": ("[]", "one to 5 different"),
    "six": ("[1, 2, 3, 4, 5, 6]", "one to 5 different"),
    "twice": ("[7, 7]", "one to 5 different"),
    "too large": ("[50000]", "one to 5 different"),
    "negative": ("[-1]", "one to 5 different"),
    "bool": ("[True]", "one to 5 different"),
    "NaN": ("[float('nan')]", "one to 5 different"),
    "texts": ("['1']", "one to 5 different"),
    "a set": ("{1}", "a set"),
    "raises": ("[][0]", "`find` failed: IndexError"),
    "ends": ("__import__('os')._exit(0)", "ended while"),
}


@pytest.mark.parametrize("case", RETURNED)
def test_what_can_not_be_judged_is_one_sentence_and_earns_nothing(case, few, tmp_path):
    returned, sentence = RETURNED[case]
    (tmp_path / "find.py").write_text(f"def find(question):\n    return {returned}\n", encoding="utf-8")
    report = measure(UNIT, tmp_path, few, wanted=("quality", "first", "false"))
    assert report.points == 0
    assert all(sentence in clause.advice and "\n" not in clause.advice for clause in report.clauses), report


def test_always_new_sends_nobody_away_and_finds_nothing(few, tmp_path):
    (tmp_path / "find.py").write_text("def find(question):\n    return 'new'\n", encoding="utf-8")
    report = measure(UNIT, tmp_path, few, wanted=("quality", "first", "false", "size", "interface"))
    assert report["quality"].value == report["first"].value == 0 and report["quality"].points == 0
    assert report["false"].value == 0 and report["false"].verdict in EARNS
    assert report["interface"].value == 5 and "All of 40 questions got new" in report["interface"].advice


def test_a_missing_index_is_one_sentence(few, tmp_path):
    (tmp_path / "find.py").write_text(
        "open('index.bin')\n\n\ndef find(question):\n    return 'new'\n", encoding="utf-8"
    )
    report = measure(UNIT, tmp_path, few, wanted=("quality", "size"))
    assert report["quality"].points == 0 and "FileNotFoundError" in report["quality"].advice


@pytest.mark.parametrize(
    ("promise", "body", "sentence"),
    [
        ("_ordinary", "return [1]", "All of 40 questions got ids"),
        ("_capitals", "return [len(question)] if 'a' in question else 'new'", "Capitals, small letters or more blanks"),
        ("_nothing", "return [1] if len(question) == 3 else 'new'", 'got ids, expected "new"'),
        ("_long", "return 'new' if len(question) < 5000 else None", "one to 5 different"),
        ("_order", "SEEN.append(1)\n    return [len(SEEN)]", "asked before"),
        ("_again", "return [id(SEEN) // 16 % 50_000]", "second process"),
    ],
)
def test_each_broken_promise_is_said(promise, body, sentence, few, tmp_path, monkeypatch):
    (tmp_path / "find.py").write_text(f"SEEN = []\n\n\ndef find(question):\n    {body}\n", encoding="utf-8")
    monkeypatch.setattr(promises, "PROMISES", (getattr(promises, promise),))
    report = measure(UNIT, tmp_path, few, wanted=("interface",))
    assert sentence in report["interface"].advice


def test_what_is_timed_is_what_is_judged(tmp_path, monkeypatch):
    said = {}

    def tail(module, yardstick, name, many, budget, *, check):
        said["many"], said["check"] = many, check
        raise CallError("enough")

    monkeypatch.setattr(q11_duplicate_questions, "tail", tail)
    (tmp_path / "find.py").write_text("def find(question):\n    return [len(question)]\n", encoding="utf-8")
    public = UNIT.public_holdout(UNIT.public_data(OTHER))
    measure(UNIT, tmp_path, public, wanted=("latency",))
    texts = [text for (text,) in said["many"]]
    assert len(set(texts)) == len(texts) == q11_duplicate_questions.TIMED
    said["check"](said["many"], [[len(text)] for text in texts])
    with pytest.raises(CallError, match="while it was timed"):
        said["check"](said["many"][:3], ["new"] * 3)


def test_a_question_is_replayed_as_it_is_judged(few, tmp_path):
    one = next(k for k, asked in enumerate(few.truth["asked"]) if asked.same >= 0)
    place = few.truth["asked"][one].same
    (tmp_path / "find.py").write_text(f"def find(question):\n    return [3, {place}]\n", encoding="utf-8")
    told = UNIT.replay(tmp_path, few, one)
    assert told.frame()["id"].tolist() == [3, place] and "is among the answers" in told.said
    with pytest.raises(Problem, match="questions 0 to 39"):
        UNIT.replay(tmp_path, few, 40)


def test_no_file_is_not_attempted(few, tmp_path):
    report = measure(UNIT, tmp_path, few, wanted=("baseline", "quality", "false", "memory"))
    assert {clause.verdict for clause in report.clauses} == {"not attempted"}
