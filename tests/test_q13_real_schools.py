"""q13: the world is what the brief says, it moves with the key, and whatever `audit.py` returns is one sentence."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import numpy as np
import pytest

from course import units
from course.contract.artifacts.modules import Ship
from course.contract.measure import measure
from course.contract.processes.calls import Module, Purse
from course.contract.terms.holdout import Holdout
from course.key import OPEN, Key
from course.problem import Problem
from course.units.kit.worlds import Draw
from course.units.q13_real_schools import judge, world, yardstick

UNIT = units.load("q13-real-schools")
OTHER = Key(hashlib.sha256(b"another").digest(), "another")
JUDGED = ("coverage", "quality", "precision", "recall", "spent")


@pytest.fixture(scope="module")
def data():
    return UNIT.public_data(OPEN)


@pytest.fixture(scope="module")
def past(data):
    return world.unpacked(data, "past")


@pytest.fixture(scope="module")
def private():
    return UNIT.private_holdout(OPEN).truth["directories"]


@pytest.fixture(scope="module")
def small(data):
    """Four directories of 300 schools each."""
    some = world.unpacked(data, "public")
    some = sorted(some, key=lambda one: one.share)[::10]
    return Holdout("public", truth={"directories": [one.first(300) for one in some]})


def test_the_same_key_gives_the_same_world_and_another_key_another(data):
    again, other = UNIT.release(Draw(UNIT.name, OPEN)), UNIT.public_data(OTHER)
    assert all(np.array_equal(data[name], again[name]) for name in data)
    assert not np.array_equal(data["past_kinds"][:2_000], other["past_kinds"][:2_000])
    looks = [world.world(key.rng(UNIT.name, "world")) for key in (OPEN, OTHER)]
    assert np.abs(looks[0] / looks[1] - 1).max() > 0.1


def test_public_arrays_hold_the_directories(data, past):
    again = world.packed(past, "past")
    assert all(np.array_equal(again[name], data[name]) for name in again)
    made = world.directories(world.world(OPEN.rng(UNIT.name, "world")), OPEN.rng(UNIT.name, "past"), 24)
    for left, right in zip(made, past, strict=True):
        assert np.array_equal(left.kinds, right.kinds) and np.array_equal(left.dark, right.dark)
        for name in world.COLUMNS:
            assert left.listings[name].dtype == right.listings[name].dtype, name
            assert np.array_equal(left.listings[name], right.listings[name]), name


def test_directories_are_as_the_brief_says(past, private):
    for one in past:
        rows = one.listings
        assert tuple(rows) == world.COLUMNS and np.array_equal(np.unique(rows["school"]), np.arange(len(one)))
        assert 2_000 <= len(one) <= 4_000
        assert (rows["members"] >= 1).all() and (rows["years"] >= 1).all() and (rows["age"] <= 20).all()
        for name in ("years", "linked", "mail"):
            assert (rows[name] <= rows["members"]).all(), name
        assert all(set(np.unique(rows[name])) <= {0, 1} for name in ("place", "site", "foreign"))
    shares = [1 - one.share for one in private]
    assert min(shares) < 0.006 and 0.24 < max(shares) < 0.34
    assert 25 <= sum(one.few for one in private) <= 45 and 20 <= sum(one.silent for one in private) <= 45
    assert 1.5 < np.mean([len(one.listings["school"]) / len(one) for one in past]) < 2.2


def test_what_the_desk_can_not_tell_is_no_accident(past):
    """Leaving it out would say that more is real, in nearly every directory."""
    gains = [one.real[~one.dark].mean() - one.share for one in past]
    assert np.mean(np.array(gains) > 0) > 0.9
    kinds, dark = (np.concatenate([getattr(one, name) for one in past]) for name in ("kinds", "dark"))
    rates = [dark[kinds == kind].mean() for kind in range(5)]
    assert rates[0] < 0.06 and rates[4] > 0.65 and rates[4] > 2 * rates[1]


def test_entries_flatter(past):
    """Real schools have more spellings, so a share of entries is another than one of schools."""
    assert np.mean([one.real[one.listings["school"]].mean() - one.share for one in past]) > 0.01


def test_strange_schools_look_like_others(past):
    strange, real = (
        np.concatenate(list(values)) for values in zip(*((d.strange(), d.real) for d in past), strict=True)
    )
    assert 0.1 < strange[real].mean() < 0.35 and strange[~real].mean() > 0.4


def test_strange_is_what_the_contract_says(past):
    one = past[3]
    rows, marks = one.listings, one.strange()
    for school in range(0, len(one), 97):
        mine = rows["school"] == school
        tiny, new = rows["members"][mine].sum() < 8, rows["age"][mine].max() < 2
        assert marks[school] == (tiny or new or rows["foreign"][mine].any())


def test_checks_say_what_is(past):
    one = past[0]
    every = np.arange(len(one))
    desk, call = one.answer(every, False), one.answer(every, True)
    assert np.array_equal(call == world.IS, one.real) and np.array_equal(desk == world.CANT, one.dark)
    assert np.array_equal(desk[~one.dark], call[~one.dark])


def test_a_directory_with_other_numbers_is_the_same_directory(past):
    one, again = past[1], past[1].renumbered(np.random.default_rng(0))
    assert again.share == one.share and again.strange().sum() == one.strange().sum()
    assert not np.array_equal(again.kinds, one.kinds) and again.listings["school"].dtype == np.int32

    def schools(of):
        members = np.bincount(of.listings["school"], of.listings["members"])
        return sorted(zip(members, of.kinds, of.dark, of.strange(), strict=True))

    assert schools(one) == schools(again)


def test_plain_is_wilson():
    """Against the two bounds, written out."""
    n, z = 300, 1.6449
    for p in (0.5, 0.9, 0.997):
        roots = np.roots([1 + z * z / n, -(2 * p + z * z / n), p * p])
        assert judge.plain(p) == pytest.approx(abs(roots[0] - roots[1]), rel=1e-6)


def audited(of, low, high, delisted=(), checked=()):
    return judge.Audited(of, low, high, np.array(delisted, int), 300, np.array(checked, int))


def test_scores_count_width_and_twenty_times_what_is_missed(past):
    one = past[0]
    held, missed = audited(one, one.share - 0.01, one.share + 0.02), audited(one, one.share + 0.01, one.share + 0.02)
    assert held.covers and not missed.covers
    assert held.score == pytest.approx(0.03 / held.plain)
    assert missed.score == pytest.approx((0.01 + 20 * 0.01) / missed.plain)
    assert judge.coverage([held, missed]) == 0.5


def test_lists_are_judged_by_what_was_not_checked(past):
    many, few = (sorted(past, key=lambda one: one.share)[at] for at in (0, -1))
    none, school = (np.flatnonzero(few.real == real) for real in (False, True))
    good = audited(many, 0, 1, np.flatnonzero(~many.real))
    mixed = audited(few, 0, 1, [*none[:3], school[0]])
    assert judge.precision([good, mixed]) == 0.75
    checked = audited(few, 0, 1, [*none[:3], school[0]], [school[0], none[0]])
    assert judge.precision([good, checked]) == 1
    assert judge.recall([checked]) == pytest.approx(2 / (len(none) - 1))
    assert judge.precision([good, audited(few, 0, 1)]) is None
    strange = few.strange() & few.real
    assert judge.hurt([audited(few, 0, 1, np.flatnonzero(strange)[:2])]) == 2 / strange.sum()
    assert judge.hurt([audited(few, 0, 1, np.flatnonzero(~strange))]) == 0


def test_estimates_follow_from_the_brief():
    odds = 9 * (0.01 / 0.99) / (0.08 / 0.92)
    made = {
        "plain_points": 164.5 * (0.08 * 0.92 / 300) ** 0.5,
        "none_found": 100 * 0.995**300,
        "settled": 300 / 1.4,
        "two_strata": 164.5 * (0.9 * (0.01 * 0.99) ** 0.5 + 0.1 * 0.24**0.5) / 214**0.5,
        "elsewhere": 100 * odds / (1 + odds),
    }
    for name, estimate in UNIT.estimates.items():
        assert estimate.accepts(made[name]), name
    # What the quick mistakes give: a 95 % interval, calls that are free, a split by size, and no correction.
    assert not UNIT.estimates["plain_points"].accepts(196 * (0.08 * 0.92 / 300) ** 0.5)
    assert not UNIT.estimates["settled"].accepts(300 / 1.5)
    by_size = 164.5 * ((0.9 * 0.01 * 0.99 + 0.1 * 0.24) / 214) ** 0.5
    assert not UNIT.estimates["two_strata"].accepts(by_size)
    assert not UNIT.estimates["elsewhere"].accepts(90)


#: A plain sample at the desk: what the sentences below are said of.
PLAIN = """import numpy as np


class Audit:
    def __init__(self, listings, seed):
        self.order = np.random.default_rng(seed).permutation(int(listings["school"].max()) + 1)

    def ask(self, answers):
        return {"desk": [] if len(answers["school"]) else self.order[:200], "call": []}

    def share(self, answers):
        return 0.0, 1.0

    def delist(self, answers):
        return answers["school"][answers["said"] == 0]
"""


def examined(folder, text, holdout, wanted):
    (folder / "audit.py").write_text(text, encoding="utf-8")
    return measure(UNIT, folder, holdout, wanted=wanted)


def test_a_plain_sample_serves_and_delists_nothing_that_counts(small, tmp_path):
    report = examined(tmp_path, PLAIN, small, (*JUDGED, "interface", "size"))
    kept = {clause.name for clause in report.clauses if clause.points == clause.worth}
    assert kept == {"coverage", "spent", "interface", "size"}, report
    assert "nothing was delisted" in report["precision"].advice


ADDED = "\n\nclass Audit(Audit):\n    def {}(self, answers):\n        {}\n"
#: What is put behind the plain sample, and what must be said.
WRONG = {
    "no dict": ("ask", "return [1, 2]", "a dict with 'desk' and 'call'"),
    "a key too few": ("ask", "return {'desk': []}", "a dict with 'desk' and 'call'"),
    "twice": ("ask", "return {'desk': [3, 3], 'call': []}", "different whole numbers from 0 to"),
    "not there": ("ask", "return {'desk': [], 'call': [10**6]}", "different whole numbers from 0 to"),
    "names": ("ask", "return {'desk': ['St Mary'], 'call': []}", "different whole numbers from 0 to"),
    "a mask": ("delist", "return np.zeros(300, bool)", "different whole numbers from 0 to"),
    "turned round": ("share", "return 0.9, 0.1", "two numbers, 0 <= low <= high <= 1"),
    "nothing": ("share", "return None", "two numbers, 0 <= low <= high <= 1"),
    "no number": ("share", "return float('nan'), 1.0", "two numbers, 0 <= low <= high <= 1"),
    "beyond": ("share", "return 0.9, 1.02", "two numbers, 0 <= low <= high <= 1"),
    "raises": ("share", "return 1 / 0", "ZeroDivisionError"),
    "a set": ("delist", "return set()", "can't be passed"),
    "ends": ("delist", "__import__('os')._exit(0)", "ended while"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_can_not_be_judged_is_one_sentence_and_earns_nothing(case, small, tmp_path):
    method, line, sentence = WRONG[case]
    report = examined(tmp_path, PLAIN + ADDED.format(method, line), small, JUDGED)
    assert report.points == 0
    assert all(sentence in report[name].advice and "\n" not in report[name].advice for name in JUDGED), report


#: What breaks one promise of the contract alone, and the sentence.
ODD = {
    "not drawn": ("ask", "return {'desk': [] if len(answers['school']) else [0], 'call': []}", "must be drawn"),
    "changes": ("share", "answers['said'][:1] = 1; return 0.0, 1.0", "changed the answers"),
    "noise": ("share", "import os; return 0.0, int.from_bytes(os.urandom(6)) / 2**48", "in a second process"),
    "not early": ("delist", "return [int(answers['school'][0])]", "IndexError"),
}  # fmt: skip


@pytest.mark.parametrize("case", ODD)
def test_promises_are_tried_one_by_one(case, small, tmp_path):
    method, line, sentence = ODD[case]
    report = examined(tmp_path, PLAIN + ADDED.format(method, line), small, ("interface",))
    assert 3 <= report["interface"].points < 6 and sentence in report["interface"].advice, report


def test_what_does_not_load_keeps_no_promise(small, tmp_path):
    report = examined(tmp_path, "import nothing_of_the_kind\n", small, ("interface", "quality"))
    assert report.points == 0 and "can't be loaded" in report["interface"].advice
    (tmp_path / "audit.py").unlink()
    report = measure(UNIT, tmp_path, small, wanted=("baseline", "quality", "size"))
    assert {clause.verdict for clause in report.clauses} == {"not attempted"}


class Tells:
    """An audit that asks for so many calls a day, and counts its days."""

    def __init__(self, calls):
        self.calls, self.days = calls, 0

    def make(self, name, listings, seed):
        return self

    def call(self, name, answers):
        if name == "ask":
            self.days += 1
            return {"desk": [], "call": list(range(self.calls))}
        return [0, 1] if name == "share" else []


@pytest.mark.parametrize(
    ("calls", "days", "spent", "checked"), [(1, 12, 48, 1), (75, 2, 600, 75), (76, 1, 304, 0), (0, 1, 0, 0)]
)
def test_audits_end_after_twelve_days_or_where_credits_do_not_suffice(past, calls, days, spent, checked):
    asks = Tells(calls)
    found = judge.audited(asks, past[0], 1)
    assert found.spent == spent and asks.days == days
    assert np.array_equal(found.checked, np.arange(checked))


def test_a_replay_is_an_audit_as_it_is_judged(small, tmp_path):
    (tmp_path / "audit.py").write_text(PLAIN, encoding="utf-8")
    of = small.truth["directories"][1]
    found = UNIT.replay(tmp_path, small, 1)
    table = found.frame()
    assert table["credits so far"].tolist() == [200, 200] and table["at the desk"].tolist() == [200, 0]
    asked = np.random.default_rng(1).permutation(len(of))[:200]
    assert table["can't tell"].sum() == of.dark[asked].sum()
    assert table["is none"].sum() == (~of.real & ~of.dark)[asked].sum()
    assert f"the truth is {of.share:.1%}, so it holds" in found.said
    with pytest.raises(Problem, match="directories 0 to 3"):
        UNIT.replay(tmp_path, small, 4)


def ship(text):
    return Ship(Module("audit.py", text.encode(), {}), UNIT.module, Purse(60.0))


def test_the_yardstick_audits_as_everybody_does(past):
    class Here:
        def __init__(self, of):
            self.of = of

        def make(self, name, *args):
            return Here(getattr(self.of, name)(*args))

        def call(self, name, *args):
            return getattr(self.of, name)(*args)

    found = judge.audited(Here(yardstick), past[0], 3)
    assert 60 <= found.spent <= 300 and len(found.checked) == 60 and found.covers


#: A probe: it remembers by their listings which directories it met, and gives a wrong answer where it meets one again.
REMEMBERS = (
    PLAIN
    + """

met = set()


class Audit(Audit):
    def __init__(self, listings, seed):
        super().__init__(listings, seed)
        key = np.sort(listings["members"]).tobytes()
        self.again = key in met
        met.add(key)

    def share(self, answers):
        return (0.0, 0.0) if self.again else (0.0, 1.0)
"""
)


def test_audits_of_a_directory_know_nothing_of_each_other(small):
    """Four audits of 300 credits in one process would be one of 1,200."""
    found = judge.audits(ship(REMEMBERS), small.truth["directories"], 1)
    assert len(found) == 16 and judge.coverage(found) == 1
    assert [id(one.of) for one in found] == [id(of) for of in small.truth["directories"] for _ in range(4)]


#: A probe: after as many audits as are judged in a process it thinks that it is timed, and does nothing any more.
IDLES = (
    PLAIN
    + """

made = 0


class Audit(Audit):
    def __init__(self, listings, seed):
        global made
        made += 1
        self.idle = made > 25
        if not self.idle:
            super().__init__(listings, seed)

    def ask(self, answers):
        return {"desk": [], "call": []} if self.idle else super().ask(answers)
"""
)


def test_what_is_timed_comes_out_as_it_does_elsewhere(small, tmp_path):
    report = examined(tmp_path, PLAIN, small, ("throughput",))
    assert report["throughput"].points == 8, report
    report = examined(tmp_path, IDLES, small, ("throughput",))
    assert report["throughput"].points == 0 and "while it was timed" in report["throughput"].advice, report


def test_pictures_are_drawn_of_what_is_there(past, capsys):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    from course.units.q13_real_schools import picture

    class Desk:
        def load(self, file):
            if file == "missing.py":
                raise Problem("There is no missing.py yet.")
            names: dict = {}
            exec(compile(PLAIN if file == "audit.py" else "", file, "exec"), names)
            return type("module", (), {"Audit": names["Audit"]} if "Audit" in names else {})

    some = past[:5]
    picture.scores(some, [np.where(one.real, 0.01, 0.7) for one in some])
    picture.intervals(Desk(), some, {"one": "audit.py", "two": "missing.py", "three": "empty.py"})
    said = capsys.readouterr().out
    assert "one: 5 of 5 intervals hold the truth" in said and "0% of what is no school is among them" in said
    assert "no missing.py" in said and "no Audit in empty.py" in said
    assert len(plt.get_fignums()) == 2
    plt.close("all")


def test_the_world_is_the_same_in_another_process(data):
    program = (
        "import hashlib, numpy as np; from course import units; from course.key import OPEN; "
        "d = units.load('q13-real-schools').public_data(OPEN); "
        "print(hashlib.sha256(b''.join(d[k].tobytes() for k in sorted(d))).hexdigest())"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()
    assert said == hashlib.sha256(b"".join(data[k].tobytes() for k in sorted(data))).hexdigest()
