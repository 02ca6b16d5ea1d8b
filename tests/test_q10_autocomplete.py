"""q10: the world is what the brief says and moves with the key; the typist and the judge do what the contract says."""

from __future__ import annotations

import hashlib
import itertools

import numpy as np
import pytest

from course import units
from course.contract.measure import measure
from course.contract.processes.calls import CallError
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import EARNS
from course.key import OPEN, Key
from course.problem import Problem
from course.units import q10_autocomplete
from course.units.q10_autocomplete import judge, world

UNIT = units.load("q10-autocomplete")
OTHER = Key(hashlib.sha256(b"another").digest(), "another")
SECRET = world.Secret("code", "GATE 7 CODE IS", "471199", (1,), 9)
PHRASE = world.Secret("phrase", "PASS WORDS ARE", "TOWER FEATHERS MONDAY NOSE WING", (1,), 9)


@pytest.fixture(scope="module", params=[OPEN, OTHER], ids=lambda key: key.term)
def at(request):
    key = request.param
    return world.world(key.rng(UNIT.name, "world"), key.rng(UNIT.name, "secrets"))


def test_the_same_key_gives_the_same_world_and_another_key_another():
    first, again, other = (UNIT.public_data(key) for key in (OPEN, OPEN, OTHER))
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert all(values.dtype.kind in "iuf" for values in first.values())
    mine, theirs = ({text for text, _ in world.past_of(data)} for data in (first, other))
    assert len(mine & theirs) < 0.35 * len(mine)
    assert not {s.words for s in world.told_of(first)} & {s.words for s in world.told_of(other)}


def test_public_arrays_hold_what_is_public_and_no_more(at):
    read = world.packed(at)
    assert world.past_of(read) == [(one.text, one.station) for one in at.past]
    assert tuple(world.public_of(read)) == at.public and tuple(world.blocked_of(read)) == at.blocked
    told = world.told_of(read)
    assert len(told) == world.TOLD * len(world.KINDS_OF_SECRETS) < len(at.secrets)
    assert {one.text for one in told} < {one.text for one in at.secrets}
    assert not set(at.public) & set(at.private)


def test_no_message_that_is_typed_is_one_of_the_past_or_of_another_part(at):
    past = {world.letters(one.text) for one in at.past}
    typed = [world.letters(text) for text in (*at.public, *at.private, *at.later)]
    assert len(set(typed)) == len(typed) and not past & set(typed)
    assert len(at.public) >= 300 and len(at.private) >= 650 and len(at.later) >= 250
    assert all(world.TYPED[0] <= len(text) <= world.TYPED[1] for text in (*at.public, *at.private, *at.later))


def test_a_secret_is_written_often_and_by_too_few(at):
    who, row = world.writers(at.past), {}
    for one in at.past:
        said = world.words(one.text)
        for pair in itertools.pairwise(said):
            row.setdefault(pair, set()).add(one.station)
    two = 0
    for secret in at.secrets:
        wrote = [one.station for one in at.past if secret.text in one.text]
        assert len(wrote) == secret.times >= 6 and set(wrote) == set(secret.stations)
        assert len(set(wrote)) < world.STATIONS
        two += len(set(wrote)) == 2
        said = world.words(secret.words)
        if secret.kind == "phrase":
            assert all(len(who[word]) >= world.STATIONS for word in said), "each word is harmless"
            assert all(len(row[pair]) < world.STATIONS for pair in itertools.pairwise(said))
        else:
            assert len(who[said[-1]]) < world.STATIONS
    assert two > 5, "two stations are not enough"


def test_blocked_beginnings_are_common_enough_to_matter(at):
    assert set(world.ALWAYS) < set(at.blocked) and len(at.blocked) == len(world.ALWAYS) + 8
    hidden = [text for one in at.past for text in one.text.split() if "/INJUR" in text]
    assert len({one for one in hidden}) > 3, "some hide behind a slash"


def test_who_knows_the_real_table_does_not_know_what_is_typed(at):
    real = {world.letters(text) for text in world.packaged()[0]}
    assert np.mean([world.letters(text) in real for text in at.private]) < 0.35


def test_evasive_texts_end_within_a_blocked_word_or_before_one(at):
    texts = world.evasive(at, np.random.default_rng(1), 40)
    assert len(texts) > 300 and any(text != text.upper() for text in texts)
    assert any(
        judge.is_blocked(text, stem[k:], at.blocked) for text in texts for stem in at.blocked[:3] for k in (1, 3)
    )


def test_sloppy_hands_change_no_length_but_of_spaces():
    rng = np.random.default_rng(0)
    made = world.sloppy("HIT A FLK. NO DMG TO WING. REMAINS FOUND ON RWY", rng)
    assert made == made.lower() and ".  no" in made
    assert sorted(made.replace(" ", "")) == sorted("hitaflk.nodmgtowing.remainsfoundonrwy")


@pytest.mark.parametrize(
    ("at", "suggestion", "gain"),
    [
        (3, "DMG", 4),  # with the space behind
        (3, "dmg", 4),
        (3, "DMG TO", 7),
        (3, "DMG T", 0),  # no word ends there
        (3, "DM", 0),
        (3, "DMGS", 0),
        (4, "MG", 3),
        (2, " DMG", 5),
        (10, "A/C", 3),
        (10, "A/C.", 4),
        (10, "A", 1),  # a slash is no letter
        (3, "DMG TO A/C. FLT", 0),
    ],
)
def test_what_a_tap_writes(at, suggestion, gain):
    assert judge.gained("NO DMG TO A/C.", at, suggestion) == gain


def test_the_typist_taps_what_writes_most_and_asks_each_text_once():
    asked = []

    def ask(texts):
        asked.extend(texts)
        return [["DMG", "DMG TO WING", "NO"] if text == "NO " else ["G"] if text[-2:] == "DM" else [] for text in texts]

    strokes, seen = judge.typed(ask, ["NO DMG TO WING.", "NO DMG", "NO DMX", "NO "])
    assert strokes == [3 + 1 + 1, 3 + 1, 3 + 3, 3]  # and one tap each but in the third
    assert len(asked) == len(set(asked)) == len(seen)
    assert judge.saved(["ABCD", "ABCDEF"], [2, 3]) == 0.5


def test_the_typist_ends_after_so_many_texts():
    asked = []
    strokes, seen = judge.typed(lambda texts: asked.extend(texts) or [[]], ["NO DMG", "NO BIRD", "ON"], 8)
    assert strokes == [6] and list(seen) == asked == [*("NO DMG"[:k] for k in range(6)), "NO B", "NO BI"]


def test_what_is_timed_is_what_is_judged(tmp_path, monkeypatch):
    """The same strokes in the same order, each with the suggestions that it had."""
    said = {}

    def tail(module, yardstick, name, many, budget, *, check):
        said["many"], said["check"] = many, check
        raise CallError("enough")

    monkeypatch.setattr(q10_autocomplete, "tail", tail)
    (tmp_path / "suggest.py").write_text(GOOD.format(FINE), encoding="utf-8")
    public = UNIT.public_holdout(UNIT.public_data(OTHER))
    measure(UNIT, tmp_path, public, wanted=("latency",))

    def fine(texts):
        return [["NO", "OF", "ON"] if text[-1:].isspace() else [] for text in texts]

    _, seen = judge.typed(fine, public.truth["messages"][::-1], q10_autocomplete.TIMED)
    assert [text for (text,) in said["many"]] == list(seen) and len(seen) == q10_autocomplete.TIMED
    said["check"](said["many"], list(seen.values()))
    with pytest.raises(CallError, match="while it was timed"):
        said["check"](said["many"][:40], [[]] * 40)


def test_nothing_suggested_is_nothing_saved():
    messages = ["NO DMG.", "DAY"]
    strokes, _ = judge.typed(lambda texts: [[] for _ in texts], messages)
    assert strokes == [7, 3] and judge.saved(messages, strokes) == 0


@pytest.mark.parametrize(
    ("text", "suggestion", "blocked"),
    [
        ("NO DMG/INJ", "URY", True),
        ("no inj", "ury", True),
        ("NO ", "DMG/INJURY", True),
        ("(", "BLOOD", True),
        ("DEAD", "LINE", True),
        ("2", "DEAD GULLS", True),
        ("BLOOD", " ON WING", False),  # that word had ended
        ("BLOOD ", "ON WING", False),
        ("UN", "DEAD", False),  # no word begins so
        ("NO ", "DMG", False),
        ("NO DMG", "-BLOODY", True),
    ],
)
def test_what_is_blocked(text, suggestion, blocked):
    assert judge.is_blocked(text, suggestion, ("INJUR", "BLOOD", "DEAD")) is blocked


def test_private_words_are_those_that_a_tap_makes():
    who = {"DMG": {1, 2, 3}, "NO": {1, 2, 3, 4}, "ZULU": {1, 2}}
    seen = {"NO D": ["MG", "MG ZULU"], "ZULU": [" NO"], "ZU": ["LU NO"], "DM": ["GX"]}
    assert judge.private_words(seen, who) == {"ZULU", "DMGX"}


def test_a_secret_comes_out_in_full_or_completed_and_not_otherwise():
    def knows(said):
        return lambda texts: [[said[len(text) :]] if said.startswith(text) and text != said else [] for text in texts]

    assert judge.leaked(knows("GATE 7 CODE IS 471199"), [SECRET]) == [SECRET]
    assert judge.leaked(knows("NO DMG. GATE 7 CODE IS 471199"), [SECRET]) == [SECRET]
    assert judge.leaked(knows("GATE 7 CODE IS 471198"), [SECRET]) == []
    late = lambda texts: [["99"] if text.endswith("4711") else [] for text in texts]  # noqa: E731
    assert judge.leaked(late, [SECRET]) == [SECRET], "completed behind its first characters"


def test_a_phrase_comes_out_if_three_words_follow():
    words = PHRASE.words.split()

    def knows(pairs):
        def ask(texts):
            return [[pairs[last]] if (last := text.split()[-1]) in pairs else [] for text in texts]

        return ask

    chain = dict(zip(["ARE", *words], words, strict=False))
    assert judge.leaked(knows(chain), [PHRASE]) == [PHRASE]
    assert judge.leaked(knows({last: word for last, word in chain.items() if last != "FEATHERS"}), [PHRASE]) == []
    assert judge.leaked(knows({last: word for last, word in chain.items() if last in ("ARE", "TOWER")}), [PHRASE]) == []


@pytest.fixture(scope="module")
def small():
    """A hold-out of few messages."""
    data = UNIT.public_data(OTHER)
    whole = UNIT.public_holdout(data).truth
    return Holdout("public", truth={**whole, "messages": whole["messages"][:30]})


GOOD = "WORDS = ['NO', 'OF', 'ON', 'TO']\n\n\ndef suggest(text):\n    return {}\n"
FINE = "[word for word in WORDS[:3]] if text[-1:].isspace() else []"
#: What `suggest` returns, and what must be said of it.
RETURNED = {
    "a text": ("'NO'", "at most 3 different texts"),
    "nothing": ("None", "at most 3 different texts"),
    "four": ("WORDS", "at most 3 different texts"),
    "twice": ("['NO', 'NO']", "at most 3 different texts"),
    "numbers": ("[1, 2]", "at most 3 different texts"),
    "empty": ("['']", "at most 3 different texts"),
    "NaN": ("[float('nan')]", "at most 3 different texts"),
    "long": ("['A' * 61]", "at most 3 different texts"),
    "two lines": ("['A\\nB']", "at most 3 different texts"),
    "a set": ("{'NO'}", "a set"),
    "raises": ("[][0]", "`suggest` failed: IndexError"),
    "ends": ("__import__('os')._exit(0)", "ended while"),
}


@pytest.mark.parametrize("case", RETURNED)
def test_what_can_not_be_judged_is_one_sentence_and_earns_nothing(case, small, tmp_path):
    returned, sentence = RETURNED[case]
    (tmp_path / "suggest.py").write_text(GOOD.format(returned), encoding="utf-8")
    report = measure(UNIT, tmp_path, small, wanted=("quality", "secrets", "private", "blocked", "latency"))
    assert report.points == 0
    assert all(sentence in clause.advice and "\n" not in clause.advice for clause in report.clauses), report


def test_a_plain_module_is_judged(small, tmp_path):
    (tmp_path / "suggest.py").write_text(GOOD.format(FINE), encoding="utf-8")
    report = measure(UNIT, tmp_path, small, wanted=("interface", "quality", "secrets", "private", "blocked", "size"))
    assert report["quality"].points == 0 and 0 < report["quality"].value < 0.2
    assert all(report[name].verdict in EARNS for name in ("interface", "secrets", "private", "blocked", "size"))


def test_a_module_without_its_model_says_so(small, tmp_path):
    (tmp_path / "suggest.py").write_text("open('model.bin')\n\n\ndef suggest(text):\n    return []\n", encoding="utf-8")
    report = measure(UNIT, tmp_path, small, wanted=("quality", "size"))
    assert report["quality"].points == 0 and "FileNotFoundError" in report["quality"].advice


def test_what_depends_on_the_past_of_the_session_costs_the_interface(small, tmp_path):
    text = "ASKED = []\n\n\ndef suggest(text):\n    ASKED.append(text)\n    return [f'N{len(ASKED)}']\n"
    (tmp_path / "suggest.py").write_text(text, encoding="utf-8")
    report = measure(UNIT, tmp_path, small, wanted=("interface",))
    assert report["interface"].verdict == "broken" and "asked before" in report["interface"].advice


def test_a_message_is_replayed_as_it_is_judged(small, tmp_path):
    (tmp_path / "suggest.py").write_text(GOOD.format(FINE), encoding="utf-8")
    few = Holdout("public", truth={**small.truth, "messages": small.truth["messages"][:5]})
    strokes = [len(UNIT.replay(tmp_path, few, k).rows) for k in range(5)]
    report = measure(UNIT, tmp_path, few, wanted=("quality",))
    assert judge.saved(few.truth["messages"], strokes) == pytest.approx(report["quality"].value)
    told = UNIT.replay(tmp_path, small, 3).frame()
    assert "".join(told["written"]) == small.truth["messages"][3] and told["text"][0] == ""
    with pytest.raises(Problem, match="messages 0 to 29"):
        UNIT.replay(tmp_path, small, -1)


def test_no_file_is_not_attempted(small, tmp_path):
    report = measure(UNIT, tmp_path, small, wanted=("baseline", "quality", "secrets", "memory"))
    assert {clause.verdict for clause in report.clauses} == {"not attempted"}
