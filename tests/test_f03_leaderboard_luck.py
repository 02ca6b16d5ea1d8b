"""f03: a world whose truth is right and moves with the key; what a bad board is told, and what it costs."""

from __future__ import annotations

import hashlib
import textwrap

import numpy as np
import pytest
from conftest import ROOT

from course import key, units
from course.contract.measure import measure
from course.grading.authoring.lessons import Lesson
from course.problem import Problem
from course.units.f03_leaderboard_luck import attacks, world

UNIT = units.load("f03")
OTHER = key.Key(b"another key of the course, for tests", "another term")
#: All but the timing.
QUICK = ("interface", "quality", "gains", "state", "restart", "climbing", "rare", "late")


def reference() -> str:
    return Lesson(UNIT, ROOT).solutions()["write-leaderboard"].partition("\n")[2]


def judged(folder, text, wanted=QUICK, secret=key.OPEN):
    (folder / "leaderboard.py").write_text(text, encoding="utf-8")
    return measure(UNIT, folder, UNIT.private_holdout(secret), exact=True, wanted=wanted)


def test_the_world_follows_from_the_key():
    one, again, other = (UNIT.public_data(secret) for secret in (key.OPEN, key.OPEN, OTHER))
    assert all(np.array_equal(one[name], again[name]) for name in one)
    assert one["labels"].shape != other["labels"].shape
    private = UNIT.private_holdout(key.OPEN).truth["seasons"]
    assert not any(np.array_equal(season.labels, labels) for season in private for labels in one["labels"])


def test_true_accuracies_are_those_of_new_rows():
    """On a hold-out of half a million rows each score is the truth, and labels do not matter."""
    season = world.season(np.random.default_rng(1), rows=500_000, ones=0.3, teams=3)
    right = season.submissions[::6] == season.labels
    assert right.mean(axis=1) == pytest.approx(season.truth[::6], abs=0.003)
    assert right[:, season.labels == 1].mean(axis=1) == pytest.approx(season.truth[::6], abs=0.006)
    assert (season.truth[season.steps] - season.best[season.steps - 1] >= world.STEP[0] - 1e-9).all()


def test_attacks_work_on_plain_boards_and_not_on_one_that_tells_nothing():
    rng = np.random.default_rng(2)
    labels = world.labels(rng, 2500, 0.1)

    def exact(many):
        return [float((one == labels).mean()) for one in many]

    def rounded(many):
        return [round(score, 2) for score in exact(many)]

    def silent(many):
        return [0.5] * len(many)

    zeros = np.zeros(2500, np.uint8)
    (start,) = attacks.coins(rng, 1, 2500)
    assert attacks.boosting(exact, 2500, rng, 2000).max() > 0.65
    assert attacks.boosting(rounded, 2500, rng, 2000).max() > 0.65
    assert attacks.climbing(exact, start, rng, 2000).max() > 0.6
    assert attacks.probing(exact, zeros, rng).max() == 1
    assert attacks.probing(rounded, zeros, rng).max() > 0.97
    assert attacks.boosting(silent, 2500, rng, 500).max() == 0.5


def test_the_answers_of_one_key_are_none_under_another(tmp_path):
    """A board that knows the true best score after each submission of one world's seasons."""
    known = {}
    for season in UNIT.private_holdout(key.OPEN).truth["seasons"]:
        for one, best in zip(season.submissions, season.best, strict=True):
            known[hashlib.md5(one.tobytes()).hexdigest()] = round(float(best), 4)
    text = f"KNOWN = {known!r}\n" + textwrap.dedent("""
        import hashlib
        class Leaderboard:
            def __init__(self, labels, seed):
                pass
            def submit(self, predictions):
                return KNOWN.get(hashlib.md5(predictions.tobytes()).hexdigest(), 0.5)
    """)
    wanted = ("quality", "gains")
    report, other = judged(tmp_path, text, wanted), judged(tmp_path, text, wanted, OTHER)
    assert report["quality"].verdict == report["gains"].verdict == "kept" and report["quality"].value < 1e-4
    assert other["quality"].points == other["gains"].points == 0
    assert judged(tmp_path, reference(), QUICK, OTHER).kept


SUBMIT = "class Leaderboard(Leaderboard):\n    def submit(self, predictions):\n        {}\n"
EVERY = ("quality", "gains", "climbing", "rare", "late")


@pytest.mark.parametrize(
    ("change", "broken", "sentence"),
    [
        (SUBMIT.format("return str(super().submit(predictions))"), EVERY, "expected a finite number between 0 and 1"),
        (SUBMIT.format("return float('nan')"), EVERY, "got nan, expected a finite number"),
        (SUBMIT.format("return super().submit(predictions[:-1])"), EVERY, "ValueError"),
        (SUBMIT.format("return [super().submit(predictions)]"), EVERY, "expected a finite number"),
        (SUBMIT.format("raise RuntimeError('no')"), EVERY, "RuntimeError"),
        (SUBMIT.format("import os; os._exit(0)"), EVERY, "ended while"),
        ("Leaderboard.state = lambda self: 'text'\n", ("state", "restart"), "expected a bytes"),
        ("del Leaderboard.restore\n", ("restart",), "AttributeError"),
        ("del Leaderboard\n", QUICK, "does not define `class Leaderboard`"),
    ],
)
def test_what_a_bad_board_is_told(tmp_path, change, broken, sentence):
    report = judged(tmp_path, f"{reference()}\n\n{change}", [*broken, "interface"])
    for name in broken:
        assert report[name].points == 0 and sentence in report[name].advice, report[name]
    assert report["interface"].points < 6


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (SUBMIT.format("score = super().submit(predictions); predictions[:] = 0; return score"), "were changed"),
        (
            f"import random\nOFF = random.random() / 1e6\n{SUBMIT.format('return super().submit(predictions) - OFF')}",
            "other",
        ),
        (SUBMIT.format("return super().submit((np.resize(predictions, len(self.labels)) > 0) * 1)"), "was taken"),
    ],
)
def test_each_promise_costs_one_point(tmp_path, change, sentence):
    report = judged(tmp_path, f"{reference()}\n\n{change}", ("interface", "quality"))
    assert report["interface"].points == 5 and sentence in report["interface"].advice
    if sentence != "other":  # boards are restarted in every game: scores that depend on the process may move the top
        assert report["quality"].verdict == "kept"


def test_a_submit_that_never_ends_and_no_file(tmp_path, monkeypatch):
    import dataclasses

    monkeypatch.setattr(type(UNIT), "module", dataclasses.replace(UNIT.module, seconds=0.5))
    report = judged(tmp_path, reference() + "\n\n" + SUBMIT.format("\n        while True: pass"), ("quality", "gains"))
    assert report.points == 0 and "did not answer within 0.5 s" in report["quality"].advice
    (tmp_path / "leaderboard.py").unlink()
    report = measure(UNIT, tmp_path, UNIT.private_holdout(key.OPEN), wanted=QUICK)
    assert {clause.verdict for clause in report.clauses} == {"not attempted"}


@pytest.mark.parametrize(
    "lazy",
    [
        "if len(predictions) > 50_000:\n    return 0.5",
        # It knows the board of next year by its size, looks at models there and not at what is like coin flips.
        "if len(predictions) > 50_000 and self.right is not None and abs((predictions[:4000] == self.labels[:4000])"
        ".mean() - 0.5) < 0.1:\n    return self.hits / len(self.labels)",
    ],
)
def test_what_is_shown_where_it_is_timed_is_judged(tmp_path, lazy):
    head, body, rest = reference().partition('takes the lead."""\n')
    found = judged(tmp_path, head + body + textwrap.indent(lazy, " " * 8) + "\n" + rest, ("throughput", "gains"))
    assert found["gains"].verdict == "kept" and found["throughput"].points == 0
    assert "On 100,000 rows the top of the board is 5" in found["throughput"].advice


GLOBAL = """
LEADERS = {}

class Leaderboard(Leaderboard):
    def submit(self, predictions):
        score = super().submit(predictions)
        LEADERS[self.labels.tobytes()] = self.right, self.hits
        return score

    def state(self):
        return b""

    @classmethod
    def restore(cls, labels, state):
        board = cls(labels, 0)
        board.right, board.hits = LEADERS.get(board.labels.tobytes(), (None, 0))
        return board
"""


def test_what_is_kept_beside_the_state_is_lost(tmp_path):
    report = judged(tmp_path, reference() + GLOBAL, ("restart", "quality", "gains", "state"))
    assert report["restart"].points == 0 and report["state"].value == 0


def test_replays_are_the_games_that_are_judged(tmp_path):
    (tmp_path / "leaderboard.py").write_text(reference(), encoding="utf-8")
    holdout = UNIT.public_holdout(UNIT.public_data(key.OPEN))
    report = measure(UNIT, tmp_path, holdout, wanted=("quality", "gains", "state", "restart"))
    honest, attack = UNIT.replay(tmp_path, holdout, 1), UNIT.replay(tmp_path, holdout, 4)
    assert len(honest.rows) == len(holdout.truth["seasons"][1].submissions)
    assert sum("a real step" in row for row in honest.rows) == world.STEPS
    ends = [float(UNIT.replay(tmp_path, holdout, case).rows[-1][2]) for case in (3, 4, 5)]
    off = np.abs(np.array(ends) - 50).mean()
    assert f"{off:.1f} under attack" in report["quality"].aside and len(attack.frame()) > 2000
    restarted = UNIT.replay(tmp_path, holdout, 6)
    assert f"{report['state'].value:,.0f} bytes; 100%" in restarted.said and report["restart"].value == 1
    with pytest.raises(Problem, match="games 0 to 6; 7 is none"):
        UNIT.replay(tmp_path, holdout, 7)


def test_the_worked_example_is_right():
    labels, sent = np.array([1, 0, 1, 1]), np.array([[1, 0, 0, 1]] * 3)
    names: dict = {}
    exec(reference(), names)
    assert (sent[0] == labels).mean() == 0.75
    with pytest.raises(ValueError, match="0 or 1"):
        names["Leaderboard"](labels, 0).submit(np.array([1, 0, 2, 1]))
    season = world.Season(labels, sent, np.array([0.54, 0.56, 0.61]), np.array([2]))
    shown = [0.55, 0.55, 0.62]
    assert np.abs(np.maximum.accumulate(shown) - season.best).mean() == pytest.approx(0.01)
