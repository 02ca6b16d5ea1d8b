"""q15: the world is what the brief says, chances are those of what happens, and whatever comes back is one sentence."""

from __future__ import annotations

import dataclasses
import hashlib

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
from course.units.q15_tired_or_paused import judge, world, yardstick

UNIT = units.load("q15-tired-or-paused")
OTHER = Key(hashlib.sha256(b"another").digest(), "another")
JUDGED = ("quality", "calibration", "value", "contacts", "asof")


@pytest.fixture(scope="module")
def data():
    return UNIT.public_data(OPEN)


@pytest.fixture(scope="module")
def plays(data):
    return world.plays(data, "log")


@pytest.fixture(scope="module")
def june(data):
    return world.unpacked(data, "public")


@pytest.fixture(scope="module")
def july():
    """Three nights with true chances."""
    at = world.world(OPEN.rng(UNIT.name, "world"))
    return world.nights(at, np.random.default_rng(5), (550, 560, 570), 3_000)


@pytest.fixture(scope="module")
def small(june, data):
    """Two nights of 120 pairs each."""
    some = [night.some(np.random.default_rng(k), 120) for k, night in enumerate(june[:2])]
    return Holdout("public", truth={"nights": some, "prices": data["prices"], "best": float(data["best"])}, seed=1)


def test_worlds_move_with_the_key():
    one, other = (world.world(key.rng(UNIT.name, "world")) for key in (OPEN, OTHER))
    assert not np.array_equal(one.remind, other.remind) and not np.array_equal(one.other, other.other)
    assert sorted(one.remind) == pytest.approx(sorted(other.remind))


def test_june_is_packed_and_unpacked(data, june):
    again = world.packed(june, "public")
    assert all(np.array_equal(again[name], data[name]) for name in again)
    assert sum(map(len, june)) == data["public_sizes"].sum() and [one.now for one in june] == [*world.PUBLIC]


def test_the_log_ends_on_its_last_day(data, plays):
    assert plays["told"].max() == world.END and (plays["told"] >= plays["day"]).all()
    assert (plays["told"] - plays["day"]).max() <= 10
    assert 0.1 < (plays["told"] > plays["day"]).mean() < 0.3
    assert set(np.unique(plays["what"])) == {0, 1, 2} and (plays["done"][plays["what"] == 0] == 0).all()
    assert (data["sent_night"] >= 482).all() and (data["sent_night"] <= 514).all()
    assert len(np.unique(data["sent_pair"])) == len(data["sent_pair"])
    assert 0.1 < (data["sent_night"] <= world.END - 30).mean() < 0.25


def test_shares_of_the_trial_are_as_written_down(data):
    share, action = data["sent_propensity"], data["sent_action"]
    for one in np.unique(share, axis=0):
        here = (share == one).all(axis=1)
        found = np.bincount(action[here], minlength=3) / here.sum()
        assert np.abs(found - one).max() < 4 * np.sqrt(0.25 / here.sum())


def test_pairs_are_asked_about_as_the_brief_says(june, july):
    for night in (*june, *july):
        silent, _ = night.silence()
        known = (night.plays["what"] == 1) & (night.plays["told"] <= night.now)
        assert ((silent >= 7) & (silent <= 60)).all()
        assert np.bincount(night.plays["pair"][known], minlength=len(night)).min() >= 3


def test_chances_are_those_of_what_happens(july):
    """As many return as the chances say, and what each action does is as the brief tells."""
    chance = np.concatenate([one.chance for one in july])
    action, back = (np.concatenate([getattr(one, name) for one in july]) for name in ("action", "back"))
    own = chance[np.arange(len(chance)), action]
    assert abs((back - own).mean()) < 4 * np.sqrt((own * (1 - own)).mean() / len(own))
    assert (chance >= 0).all() and (chance <= 1).all()
    assert (chance[:, 1] < chance[:, 0]).mean() > 0.1 and (chance[:, 2] > chance[:, 0] + 0.2).mean() > 0.05


def test_passive_lives_return_as_often_as_the_chances_say():
    """Two ways to the same: living day by day, and the chances of states."""
    at = world.world(np.random.default_rng(3))
    rng = np.random.default_rng(4)
    of = world.pairs(at, rng, 4_000)
    start, night = np.full(4_000, 380), 440
    asked = world.lives(at, np.random.default_rng(9), of, start, {night: 1.0}, night)
    free = world.lives(at, np.random.default_rng(9), of, start, {}, night + 30)
    drawn = np.flatnonzero(asked.night == night)
    chance = world.returns(at, of.take(drawn), asked.state[drawn], np.full(len(drawn), night), 0)[:, -1]
    later = (free.plays["what"] == 1) & (free.plays["day"] > night)
    back = np.bincount(free.plays["pair"][later], minlength=4_000)[drawn] > 0
    assert len(drawn) > 300 and abs(back.mean() - chance.mean()) < 4 * np.sqrt(0.2 / len(drawn))


def test_messages_work_at_their_own_pace():
    at = world.world(np.random.default_rng(3))
    of = world.pairs(at, np.random.default_rng(1), 2_000)
    night = np.full(2_000, 500)
    paused = [world.returns(at, of, np.full(2_000, world.PAUSED), night, k).mean(axis=0) for k in range(3)]
    tired = [world.returns(at, of, np.full(2_000, world.TIRED), night, k).mean(axis=0) for k in range(3)]
    active = [world.returns(at, of, np.full(2_000, world.ACTIVE), night, k).mean(axis=0) for k in range(3)]
    assert paused[1][6] > paused[0][6] + 0.1 and paused[1][-1] > paused[0][-1]
    assert abs(tired[2][11] - tired[0][11]) < 0.01 and tired[2][-1] > tired[0][-1] + 0.1
    assert active[1][4] > active[0][4] + 0.1 and abs(active[1][-1] - active[0][-1]) < 0.03


def test_what_is_told_later_belongs_to_others(july):
    """Whoever reads on is right no more often than chance."""
    night = july[0]
    later = (night.plays["what"] == 1) & (night.plays["day"] > night.now) & (night.plays["day"] <= night.now + 30)
    seen = np.bincount(night.plays["pair"][later], minlength=len(night)) > 0
    assert abs(np.corrcoef(seen, night.back)[0, 1]) < 0.25


def test_a_night_with_other_numbers_is_the_same_night(june):
    night = june[3]
    again = night.some(np.random.default_rng(0), len(night))
    for left, right in zip(night.silence(), again.silence(), strict=True):
        assert sorted(left) == sorted(right)
    assert again.plays["pair"].dtype == np.int32 and sorted(again.action) == sorted(night.action)


def made(chance, said, action, now=550):
    chance = np.array(chance, float)
    plays = {name: np.array([0, 0, 0], np.int32) for name in world.COLUMNS}
    night = world.Night(
        now, plays, {}, np.zeros(len(chance), int), np.ones((len(chance), 3)) / 3, chance[:, 0] > 2, chance
    )
    return judge.Answered(night, np.array(said, float), np.array(action))


def test_the_worked_example_of_the_contract():
    chance = [[0.9, 0.92, 0.85], [0.5, 0.75, 0.45], [0.45, 0.46, 0.4], [0.1, 0.06, 0.5]]
    one = made(chance, [0.9, 0.5, 0.4, 0.1], [0, 1, 0, 2])
    prices = np.array([5, 0.8, 1.2])
    assert judge.value([one], prices)[0] == pytest.approx(1.25 / 4)
    assert judge.best([one.of], prices) == pytest.approx(0.2)
    assert judge.busiest([one]) == 0.5
    assert judge.calibration(judge.rows([one]), 2) == pytest.approx(np.sqrt(0.025**2 / 2))


def test_skill_is_what_log_loss_saves():
    chance = [[0.8, 0, 0], [0.2, 0, 0]]
    loss = -(0.8 * np.log(0.8) + 0.2 * np.log(0.2))
    skill, error = judge.skill(judge.rows([made(chance, [0.8, 0.2], [0, 0])]))
    assert skill == pytest.approx(1 - loss / np.log(2)) and error == 0
    assert judge.skill(judge.rows([made(chance, [0.5, 0.5], [0, 0])]))[0] == pytest.approx(0)


def test_the_trial_estimates_what_is_true(july):
    """The same nights with and without true chances: estimates lie within what chance does."""
    prices, rng = np.array([5.5, 0.7, 1.2]), np.random.default_rng(2)
    found = [judge.Answered(one, one.chance[:, 0], rng.integers(0, 3, len(one))) for one in july]
    blind = [dataclasses.replace(one.of, chance=one.of.chance * np.nan) for one in found]
    public = [judge.Answered(night, one.chance, one.action) for night, one in zip(blind, found, strict=True)]
    (true, _), (value, error) = judge.value(found, prices), judge.value(public, prices)
    assert abs(true - value) < 4 * error
    (true, _), (skill, error) = (judge.skill(judge.rows(one)) for one in (found, public))
    assert abs(true - skill) < 4 * error
    assert judge.calibration(judge.rows(found)) < 1e-9 and judge.calibration(judge.rows(public)) < 0.06


def test_estimates_follow_from_the_brief():
    right = {
        "per_pair": 2 * 20 * 60 / 1.2, "followed": 400 / 33, "miscalled": 100 * (1 - 0.98**20), "breakeven": 80 / 5.5,
        "noise": 100 * (0.25 / 2500 + 0.25 / 1500) ** 0.5, "sending": 1.2e6 / 3 / 150 / 60,
    }  # fmt: skip
    assert all(one.accepts(right[name]) for name, one in UNIT.estimates.items())
    # The quick mistakes: one core, all thirty days, 2 % a day added up.
    wrong = {"per_pair": 1000, "followed": 100 * 3 / 33, "miscalled": 100 * (1 - 0.98**30)}
    assert not any(UNIT.estimates[name].accepts(value) for name, value in wrong.items())


#: A plain module: what the sentences below are said of.
PLAIN = """import numpy as np


def predict(history, now):
    return np.full(len(history["pairs"]["genre"]), 0.5)


def act(history, now):
    return np.zeros(len(history["pairs"]["genre"]), int)
"""


def examined(folder, text, holdout, wanted):
    (folder / "viewers.py").write_text(text, encoding="utf-8")
    return measure(UNIT, folder, holdout, wanted=wanted)


def test_a_plain_module_serves_and_earns_nothing_for_it(small, tmp_path):
    report = examined(tmp_path, PLAIN, small, (*JUDGED, "interface", "size"))
    kept = {clause.name for clause in report.clauses if clause.points == clause.worth}
    assert {"contacts", "asof", "interface", "size"} <= kept and not {"quality", "value"} & kept, report


#: What is put behind the plain module, and what must be said.
WRONG = {
    "too few": ("predict", "return [0.5]", "120 chances"),
    "percent": ("predict", "return np.full(120, 50.0)", "chances from 0 to 1"),
    "no number": ("predict", "return np.full(120, np.nan)", "chances from 0 to 1"),
    "nothing": ("predict", "return None", "120 chances"),
    "names": ("act", "return ['nothing'] * 120", "each 0, 1 or 2"),
    "a fourth": ("act", "return np.full(120, 3)", "each 0, 1 or 2"),
    "floats": ("act", "return np.zeros(120)", "each 0, 1 or 2"),
    "a table": ("act", "return np.zeros((120, 3), int)", "each 0, 1 or 2"),
    "raises": ("act", "return 1 / 0", "ZeroDivisionError"),
    "ends": ("predict", "__import__('os')._exit(0)", "ended while"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_can_not_be_judged_is_one_sentence_and_earns_nothing(case, small, tmp_path):
    name, line, sentence = WRONG[case]
    report = examined(tmp_path, f"{PLAIN}\n\ndef {name}(history, now):\n    {line}\n", small, JUDGED)
    assert report.points == 0
    assert all(sentence in report[name].advice and "\n" not in report[name].advice for name in JUDGED), report


#: What breaks one promise of the contract alone, and the sentence.
ODD = {
    "changes": ("history['plays']['day'][:1] = 0", "changed the history"),
    "order": ("return (np.arange(n) + history['plays']['day'][:1].sum() % 7) % 9 / 9", "another order"),
    "noise": ("import os; return np.full(n, int.from_bytes(os.urandom(6)) / 2**48)", "other answers"),
    "not empty": ("history['plays']['day'][0]", "IndexError"),
}


@pytest.mark.parametrize("case", ODD)
def test_promises_are_tried_one_by_one(case, small, tmp_path):
    line, sentence = ODD[case]
    head = "def predict(history, now):\n    n = len(history['pairs']['genre'])"
    text = f"{PLAIN}\n\n{head}\n    {line}\n    return np.full(n, 0.5)\n"
    report = examined(tmp_path, text, small, ("interface",))
    assert 3 <= report["interface"].points < 6, report
    assert sentence in report["interface"].advice or case == "noise", report


def test_who_looks_ahead_is_seen(small, tmp_path):
    text = PLAIN.replace("0.5)", "float(history['plays']['told'].max() > now) / 2)")
    report = examined(tmp_path, text, small, ("asof",))
    assert report["asof"].points == 0 and report["asof"].value == 0


def test_what_does_not_load_keeps_no_promise(small, tmp_path):
    report = examined(tmp_path, "import nothing_of_the_kind\n", small, ("interface", "quality"))
    assert report.points == 0 and "can't be loaded" in report["interface"].advice
    (tmp_path / "viewers.py").unlink()
    report = measure(UNIT, tmp_path, small, wanted=("baseline", "quality", "size"))
    assert {clause.verdict for clause in report.clauses} == {"not attempted"}


def test_a_replay_is_a_night_as_it_is_judged(small, tmp_path):
    (tmp_path / "viewers.py").write_text(PLAIN, encoding="utf-8")
    night = small.truth["nights"][1]
    table = UNIT.replay(tmp_path, small, 1).frame()
    assert table["came back"].tolist() == night.back.tolist() and set(table["your action"]) == {"nothing"}
    assert table["days silent"].tolist() == night.silence()[0].tolist()
    with pytest.raises(Problem, match="nights 0 to 1"):
        UNIT.replay(tmp_path, small, 2)


def test_the_yardstick_answers_as_everybody_does(june):
    class Here:
        def call(self, name, *args):
            return getattr(yardstick, name)(*args)

    found = judge.answered(Here(), june[0])
    assert len(found.chance) == len(june[0])


#: A probe: it remembers which nights it met.
REMEMBERS = (
    PLAIN
    + """

met = []


def predict(history, now):
    met.append(now)
    return np.full(len(history["pairs"]["genre"]), len(met) / 9)
"""
)


def test_nights_know_nothing_of_each_other(june):
    ship = Ship(Module("viewers.py", REMEMBERS.encode(), {}), UNIT.module, Purse(60.0))
    found = judge.every(ship, [night.some(np.random.default_rng(1), 5) for night in june[:3]])
    assert [one.chance[0] for one in found] == [1 / 9] * 3


def test_pictures_are_drawn_of_what_is_there(june, data, plays, capsys):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    from course.units.q15_tired_or_paused import picture

    class Desk:
        def load(self, file):
            if file == "missing.py":
                raise Problem("There is no missing.py yet.")
            names: dict = {}
            exec(compile(PLAIN if file == "viewers.py" else "", file, "exec"), names)
            return type("module", (), {name: staticmethod(names[name]) for name in ("predict", "act") if name in names})

    picture.trial(plays, data)
    picture.chances(Desk(), june[:2], {"one": "viewers.py", "two": "missing.py", "three": "empty.py"})
    said = capsys.readouterr().out
    assert "another show:" in said and "if who was not seen to return is called lost" in said
    assert "one: from 50% said" in said and "no missing.py" in said and "no predict and act in empty.py" in said
    assert len(plt.get_fignums()) == 2
    plt.close("all")


def test_the_same_key_gives_the_same_world(data):
    again = UNIT.release(Draw(UNIT.name, OPEN))
    assert all(np.array_equal(data[name], again[name]) for name in data)
