"""q16: the world is what the brief says, it moves with the key, and whatever `birthdays.py` returns is one sentence."""

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
from course.units.q16_birthdays import judge, world

UNIT = units.load("q16-birthdays")
OTHER = Key(hashlib.sha256(b"another").digest(), "another")
JUDGED = ("quality", "coverage", "greetings", "state")


@pytest.fixture(scope="module")
def at():
    return world.world(OPEN.rng(UNIT.name, "world"))


@pytest.fixture(scope="module")
def data():
    return UNIT.public_data(OPEN)


@pytest.fixture(scope="module")
def known(data):
    return world.unpacked(data, "known")


@pytest.fixture(scope="module")
def small(at):
    """Four hundred members."""
    return Holdout("public", truth={"members": world.members(at, np.random.default_rng(1), 400)}, seed=1)


def test_the_same_key_gives_the_same_world_and_another_key_another(data):
    again, other = UNIT.release(Draw(UNIT.name, OPEN)), UNIT.public_data(OTHER)
    assert all(np.array_equal(data[name], again[name]) for name in data)
    assert not np.array_equal(data["known_day"], other["known_day"])
    assert world.told(data) != world.told(other) and world.texts(data) != world.texts(other)


def test_rules_differ_between_keys():
    """The clock, the bit, the years and the phrases: what a file of last term has in it."""
    worlds = [world.world(Key(hashlib.sha256(b"%d" % k).digest(), str(k)).rng(UNIT.name, "world")) for k in range(12)]
    for name, least in (("clock", 5), ("bit", 4), ("cohort", 4), ("start", 2), ("states", 12)):
        assert len({getattr(one, name) for one in worlds}) >= least, name
    assert all(7 <= abs(one.clock) <= 12 for one in worlds)


def test_the_release_holds_no_births_of_the_members_years(data):
    told = world.told(data)
    assert data["registry_year"].max() == told["cohort"] - 1
    assert data["registry_year"].min() == told["cohort"] - 10
    assert not any("births" in name and name != "registry_births" for name in data)


def test_births_are_the_real_ones(at):
    assert world.by_day(tuple(world._states()), 1969, 20).sum() > 70e6
    assert at.births.sum() == pytest.approx(1) and 0.1 < at.births[world.LEAP] / at.births[58] < 0.4
    flat = judge.lost(world.FLAT, at.births)
    assert flat == pytest.approx(1) and judge.lost(at.births, at.births) == pytest.approx(0, abs=1e-9)
    assert judge.lost(np.full(366, 1 / 366), at.births) > 1


def test_days_have_numbers():
    assert world.number_of(np.array([1, 2, 3, 12, 2, 4]), np.array([1, 29, 1, 31, 30, 31])).tolist() == [
        0, 59, 60, 365, -1, -1,
    ]  # fmt: skip
    assert world.weekdays(range(2023, 2025))[:, 60].tolist() == [2, 4]  # 1 March: a Wednesday, a Friday
    assert world.weekdays(range(2023, 2025))[:, world.LEAP].tolist() == [-1, 3]


def test_the_example_is_right(data):
    hour = 3_400 + 10 + 2
    assert hour // 24 == 142 and np.datetime64("2023-01-01") + 142 == np.datetime64("2023-05-23")
    assert world.number_of(np.array([5]), np.array([23]))[0] == 143
    assert np.log2(0.75 / (4 / 1461)) == pytest.approx(8.1, abs=0.01)


def dated(some, at):
    local = some.rows["hour"] - at.clock + some.zone[some.rows["by"]]
    return np.datetime64(f"{at.start}-01-01") + local // 24, local % 24


def test_rows_are_dated_where_their_writer_is(known, at):
    date, hour = dated(known, at)
    assert hour.min() >= 0 and (hour[known.rows["phrase"] < 99] >= 5).mean() > 0.85
    year = date.astype("datetime64[Y]")
    day = (date - year.astype("datetime64[D]")).astype(int)
    day += (day >= 59) & ((year.astype(int) + 1970) % 4 != 0)
    wishes = np.isin(known.rows["phrase"], at.phrase("wish"))
    right = (day == known.day[known.rows["about"]])[wishes].mean()
    assert 0.5 < right < 0.85
    clock = np.datetime64(f"{at.start}-01-01") + known.rows["hour"] // 24
    assert (clock == date).mean() < 0.8


def test_members_know_and_leave_as_the_brief_says(small, known):
    of = small.truth["members"]
    assert (known.day >= 0).all() and not known.out.any() and not len(known.leaves)
    assert ((of.day == world.NOBODY) == (of.left < world.WEEKS)).all()
    assert 0.05 < (of.left < world.WEEKS).mean() < 0.2
    assert 7 < len(known.rows["hour"]) / len(known) < 12


def test_weeks_hold_all_rows_once(small):
    of = small.truth["members"]
    weeks = of.weeks(0, world.WEEKS)
    assert sum(len(rows["hour"]) for _, rows in weeks) == len(of.week)
    assert sum(len(out) for out, _ in weeks) == len(of.leaves)
    assert all((rows["hour"] // world.WEEK == number).all() for number, (_, rows) in enumerate(weeks))


def test_packed_members_are_the_same(known):
    again = world.unpacked(world.packed(known, "known"), "known")
    assert all(np.array_equal(again.rows[name], known.rows[name]) for name in world.COLUMNS)
    assert np.array_equal(again.day, known.day) and np.array_equal(again.zone, known.zone)


def test_the_eighty_per_cent_set_is_eighty_per_cent():
    posterior = np.zeros((4, 366))
    posterior[0, 7] = 1.0
    posterior[1, [3, 4, 5]] = 0.5, 0.4, 0.1
    posterior[2, [3, 4, 5]] = 0.5, 0.4, 0.1
    posterior[3] = 1 / 366
    assert judge.covered(posterior, np.array([7, 4, 5, 300])) == pytest.approx([0.8, 0.75, 0, 0])
    draws = np.random.default_rng(0)
    some = draws.dirichlet(np.full(366, 0.02), 4_000)
    day = np.array([draws.choice(366, p=row) for row in some])
    assert judge.covered(some, day).mean() == pytest.approx(0.8, abs=0.015)
    assert judge.covered(some**3 / (some**3).sum(axis=1, keepdims=True), day).mean() < 0.75


def test_greetings_and_bits_are_worth_what_the_contract_says(small):
    of = small.truth["members"]
    asked = np.flatnonzero(of.day >= 0)[:4]
    greets = np.full(len(of), -1)
    greets[asked] = [of.day[asked[0]], of.day[asked[1]], (of.day[asked[2]] + 1) % 366, -1]
    posterior = np.zeros((len(of), 366))
    posterior[asked, of.day[asked]] = [1, 0.5, 0, 4 / 1461]
    told = judge.Told(of, posterior, greets, [], world.FLAT)
    assert told.value(asked) == pytest.approx((2 - 9) / 4)
    one = np.log2(4 / 1461)
    assert told.gains(asked) == pytest.approx([-one, -1 - one, -20 - one, 0])


def test_estimates_follow_from_the_brief():
    made = {
        "flat_bits": np.log2(365.25), "leapers": 40e6 / 1461, "table_gigabytes": 40e6 * 366 * 4 / 1e9,
        "wrong_date": 25.0, "party": 20 / 0.35, "break_even": 90.0,
    }  # fmt: skip
    assert all(UNIT.estimates[name].accepts(value) for name, value in made.items())
    assert not UNIT.estimates["leapers"].accepts(40e6 / 366) and not UNIT.estimates["wrong_date"].accepts(50)
    assert not UNIT.estimates["party"].accepts(40) and not UNIT.estimates["table_gigabytes"].accepts(29.3)


#: Says nothing, rightly: what the sentences below are said of.
PLAIN = """import numpy as np

FLAT = np.full(366, 4 / 1461)
FLAT[59] = 1 / 1461


def prior():
    return FLAT.copy()


class Birthdays:
    def __init__(self, people):
        self.size = len(people["zone"])

    def update(self, out, rows):
        pass

    def posterior(self, members):
        return np.tile(FLAT, (len(members), 1))

    def greet(self, members):
        return [-1] * len(members)

    def state(self):
        return b""

    @classmethod
    def restore(cls, people, state):
        return cls(people)
"""


def examined(folder, text, holdout, wanted):
    (folder / "birthdays.py").write_text(text, encoding="utf-8")
    return measure(UNIT, folder, holdout, wanted=wanted)


def test_who_says_nothing_serves_reads_nobody_and_tells_nothing(small, tmp_path):
    report = examined(tmp_path, PLAIN, small, (*JUDGED, "bare", "interface"))
    kept = {clause.name for clause in report.clauses if clause.points == clause.worth}
    assert kept - {"coverage"} == {"state", "bare", "interface"}, report
    assert report["quality"].value == pytest.approx(0) and report["greetings"].value == 0


ADDED = "\n\nclass Birthdays(Birthdays):\n    def {}(self, {}):\n        {}\n"
#: What is put behind it, and what must be said.
WRONG = {
    "no array": ("posterior", "members", "return [list(FLAT)] * len(members)", "a float64 array ("),
    "single": ("posterior", "members", "return np.tile(FLAT, (len(members), 1)).astype('float32')", "a float64 array"),
    "days": ("posterior", "members", "return np.tile(FLAT[:365], (len(members), 1))", "a float64 array"),
    "no sum": ("posterior", "members", "return np.ones((len(members), 366))", "with sum 1"),
    "below nothing": (
        "posterior",
        "members",
        "f = np.tile(FLAT, (len(members), 1)); f[:, :2] = 1, -1; return f",
        "sum",
    ),
    "nan": ("posterior", "members", "return np.full((len(members), 366), np.nan)", "with sum 1"),
    "nothing": ("posterior", "members", "return None", "a float64 array"),
    "no day": ("greet", "members", "return [366] * len(members)", "whole numbers from -1 to 365"),
    "too few": ("greet", "members", "return [-1]", "whole numbers from -1 to 365"),
    "text": ("greet", "members", "return ['1 May'] * len(members)", "whole numbers from -1 to 365"),
    "state": ("state", "", "return 'text'", "a bytes"),
    "raises": ("update", "out, rows", "return 1 / 0", "ZeroDivisionError"),
    "a set": ("greet", "members", "return set()", "can't be passed"),
    "ends": ("posterior", "members", "__import__('os')._exit(0)", "ended while"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_can_not_be_judged_is_one_sentence_and_earns_nothing(case, small, tmp_path):
    method, takes, line, sentence = WRONG[case]
    report = examined(tmp_path, PLAIN + ADDED.format(method, takes, line), small, JUDGED)
    assert report.points == 0
    assert all(sentence in report[name].advice and "\n" not in report[name].advice for name in JUDGED), report


#: What reads somebody who is left out, and the sentence.
READS = {
    "counts rows": ("update", "out, rows", "self.size += len(rows['hour'])",
                    "def state(self): return b'%d' % self.size",
                    "The state changed"),
    "tells": ("posterior", "members", "f = np.roll(FLAT, 1); return np.tile(f / f.sum(), (len(members), 1))", "",
              "another answer than `prior()`"),
    "greets": ("greet", "members", "return [7] * len(members)", "", "would be greeted"),
}  # fmt: skip


@pytest.mark.parametrize("case", READS)
def test_who_is_left_out_is_not_read(case, small, tmp_path):
    method, takes, line, more, sentence = READS[case]
    text = PLAIN + ADDED.format(method, takes, line) + (f"\n    {more}\n" if more else "")
    report = examined(tmp_path, text, small, ("bare",))
    assert report.points == 0 and sentence in report["bare"].advice, report


def test_other_rows_differ_where_they_may_and_nowhere_else(small):
    of = small.truth["members"]
    other, left = judge.other_rows(of, 3), of.left
    for name in ("about", "by"):
        assert (np.bincount(other.rows[name][other.rows["hour"] >= 0], minlength=len(of))[of.out] == 0).all()
    usual = [(left[one.rows["about"]] == world.WEEKS) & (one.rows["hour"] >= 0) for one in (of, other)]
    clean = (left[of.rows["by"]] > of.week) & ((of.rows["also"] < 0) | (left[of.rows["also"]] > of.week))
    assert np.array_equal(of.rows["hour"][usual[0] & clean], other.rows["hour"][usual[1]])
    assert (other.rows["phrase"] == 255).sum() > 20 and len(other.week) < len(of.week)
    seen = other.rows["hour"] >= 0
    assert (other.rows["hour"][seen] // world.WEEK == other.week[seen]).all()


#: What breaks one promise of the contract alone, and the sentence.
ODD = {
    "early": ("posterior", "members", "f = np.roll(FLAT, 1); return np.tile(f / f.sum(), (len(members), 1))",
              "was not `prior()`"),
    "changes": ("update", "out, rows", "rows['hour'][:1] = 0", "A week was changed"),
    "noise": ("state", "", "return __import__('os').urandom(8)", "in a second process"),
    "lonely": ("greet", "members", "return list(range(len(members)))", "of a member among others"),
}  # fmt: skip


@pytest.mark.parametrize("case", ODD)
def test_promises_are_tried_one_by_one(case, small, tmp_path):
    method, takes, line, sentence = ODD[case]
    report = examined(tmp_path, PLAIN + ADDED.format(method, takes, line), small, ("interface",))
    assert 3 <= report["interface"].points < 6 and sentence in report["interface"].advice, report


def test_what_does_not_load_keeps_no_promise(small, tmp_path):
    report = examined(tmp_path, "import nothing_of_the_kind\n", small, ("interface", "quality"))
    assert report.points == 0 and "can't be loaded" in report["interface"].advice
    (tmp_path / "birthdays.py").unlink()
    report = measure(UNIT, tmp_path, small, wanted=("baseline", "quality", "bare"))
    assert {clause.verdict for clause in report.clauses} == {"not attempted"}


def test_a_replay_shows_members_as_they_are_judged(small, tmp_path):
    (tmp_path / "birthdays.py").write_text(PLAIN, encoding="utf-8")
    table = UNIT.replay(tmp_path, small, 5).frame()
    assert table["member"].tolist() == list(range(5, 17)) and (table["greeted on"] == -1).all()
    assert table["rows"].tolist() == small.truth["members"].named[5:17].tolist()
    with pytest.raises(Problem, match="members 0 to 399"):
        UNIT.replay(tmp_path, small, 400)


def test_what_is_timed_must_be_what_is_judged(at):
    """An object that was restored twice in one process thinks that it is timed, and answers at once."""
    text = PLAIN + ADDED.format("posterior", "members", "return np.tile(ANSWER[0], (len(members), 1))")
    text += "\n    @classmethod\n    def restore(cls, people, state):\n        ANSWER.append(1)\n"
    text += "        ANSWER[0] = FLAT if len(ANSWER) < 3 else FLAT[::-1].copy()\n        return cls(people)\n\n\n"
    text += "ANSWER = [FLAT]\n"
    of = world.members(at, np.random.default_rng(2), 500)
    asks = judge.Asks(Ship(Module("birthdays.py", text.encode(), {}), UNIT.module, Purse(60.0)), of)
    with Ship(Module("birthdays.py", text.encode(), {}), UNIT.module, Purse(60.0)).open() as shipped:
        draws = np.random.default_rng(3)
        for turn in range(2):
            many = asks.fresh(draws)
            found = asks.play(shipped, many)
            if turn:
                with pytest.raises(Problem, match="while they were timed"):
                    asks.check(many, found)
            else:
                asks.check(many, found)


def test_pictures_are_drawn_of_what_is_there(known, at, capsys):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    from course.units.q16_birthdays import picture

    picture.year(world.by_day(at.states, 1969, 10), 1969)
    picture.lateness(known, {"log": known.rows["hour"] // 24}, at.start)
    picture.honesty(known, {"flat": np.tile(world.FLAT, (len(known), 1))})
    said = capsys.readouterr().out
    assert "Sundays" in said and "of rows on the day" in said and "the 80 % set holds" in said
    assert len(plt.get_fignums()) == 3
    plt.close("all")


def test_the_world_is_the_same_in_another_process(data):
    program = (
        "import hashlib, numpy as np; from course import units; from course.key import OPEN; "
        "d = units.load('q16-birthdays').public_data(OPEN); "
        "print(hashlib.sha256(b''.join(d[k].tobytes() for k in sorted(d))).hexdigest())"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()
    assert said == hashlib.sha256(b"".join(data[k].tobytes() for k in sorted(data))).hexdigest()
