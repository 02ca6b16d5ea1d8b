"""f12: the world is what the brief says, it moves with the key, and whatever `monitor.py` returns is one sentence."""

from __future__ import annotations

import dataclasses
import hashlib

import numpy as np
import pytest
from conftest import ROOT

from course import units
from course.contract.artifacts.modules import read
from course.contract.measure import measure
from course.contract.processes.calls import CallError
from course.contract.terms.estimates import Estimate
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import EARNS
from course.grading.authoring.lessons import WRITES, Lesson
from course.grading.authoring.rehearse import rehearsals
from course.key import OPEN, Key
from course.problem import Problem
from course.units.f12_drift_watch import judge, world
from course.units.f12_drift_watch.judge import outcome

UNIT = units.load("f12-drift-watch")
OTHER = Key(hashlib.sha256(b"another").digest(), "another")
#: All but the timing and what is not of `monitor.py`.
QUICK = tuple(term.name for term in UNIT.terms if term.name not in ("estimates", "baseline", "throughput"))
WATCH = ("quality", "urgent", "slow", "false_alarms")


@pytest.fixture(scope="module")
def modules():
    """The texts of `monitor.py` in the reference and in its alternative."""
    lesson = Lesson(UNIT, ROOT)
    others = {one.name: one.cells(lesson.solutions()) for one in rehearsals(UNIT, ROOT)}
    texts = {"reference": lesson.solutions()["write-monitor"], "windows": others["windows"]["write-monitor"]}
    return {name: WRITES.sub("", text) for name, text in texts.items()}


@pytest.fixture(scope="module")
def at():
    return world.world(OPEN.rng(UNIT.name, "world"))


@pytest.fixture(scope="module")
def small():
    """A hold-out of few streams."""
    made, rng = world.world(OTHER.rng(UNIT.name, "world")), np.random.default_rng(3)
    past = world.history(made, rng, made.starts[0])
    streams = world.incidents(made, rng, 1) + world.healthy(made, rng, made.starts[0] + world.HISTORY, 1)
    return Holdout("public", truth={"history": past, "streams": streams})


def run(text):
    names: dict = {}
    exec(compile(text, "monitor.py", "exec"), names)
    return names["Monitor"]


def test_the_same_key_gives_the_same_world_and_another_key_another():
    first, again, other = (UNIT.public_data(key) for key in (OPEN, OPEN, OTHER))
    assert all(np.array_equal(first[name], again[name], equal_nan=first[name].dtype.kind == "f") for name in first)
    assert all(values.dtype.kind in "iuf" for values in first.values())
    assert first["features"].shape != other["features"].shape
    public, private = UNIT.public_holdout(first).truth, UNIT.private_holdout(OPEN).truth
    assert not set(public["history"].when) & set(private["history"].when)
    assert public["history"].delay == private["history"].delay == private["streams"][0].delay


def test_public_arrays_hold_all_streams(at):
    rng = OPEN.rng(UNIT.name, "public")
    past = world.history(at, rng, at.starts[0])
    made = [past, *world.incidents(at, rng, 3)]
    read = UNIT.public_holdout(UNIT.public_data(OPEN)).truth
    for one, other in zip(made, [read["history"], *read["streams"]], strict=False):
        for field in dataclasses.fields(world.Stream):
            assert np.array_equal(
                getattr(one, field.name), getattr(other, field.name), equal_nan=field.name == "features"
            )


def test_batches_and_history_are_as_the_brief_says():
    past = UNIT.private_holdout(OPEN).truth["history"]
    table, batches = past.table, past.batches
    assert len(batches) == len(past) == world.HISTORY and table["batch"].max() < world.HISTORY
    assert sum(len(one["score"]) for one in batches) == len(table["score"])
    for k in (0, 30, 400, 671):
        here = table["batch"] == k
        for name in ("features", "version", "score"):
            assert np.array_equal(table[name][here], batches[k][name], equal_nan=name == "features")
        for name in world.CALENDAR:
            assert set(table[name][here].tolist()) <= {batches[k][name]}
        if k + past.delay < len(batches):
            late = batches[k + past.delay]["outcomes"]
            assert np.array_equal(late["refund"], table["refund"][here]) and np.array_equal(
                late["score"], table["score"][here]
            )
    hours = [24 * one["weekday"] + one["hour"] for one in batches]
    assert (np.diff(hours) % world.WEEK == 1).all()
    assert not (np.delete(table["features"], world.TEMPERATURE, axis=1) == 0).any()


def test_the_calendar_and_the_weather_are_real():
    temperature, holiday, rhythm = world.packaged()
    assert len(temperature) == world.YEAR and 40 < temperature.max() < 45
    assert np.flatnonzero(holiday)[[0, 1]].tolist() == [0, 26] and holiday.sum() == 10  # New Year, Australia Day
    assert -12 < np.diff(temperature).min() < -11
    assert rhythm.mean() == pytest.approx(1) and (rhythm[:, 3] < 0.1).all()


@pytest.mark.parametrize("key", [OPEN, OTHER], ids=lambda key: key.term)
def test_scores_are_honest_until_something_is_wrong(key):
    truth = UNIT.private_holdout(key).truth
    for stream in [truth["history"], *truth["streams"], *truth["holidays"]]:
        good = stream.ends[stream.onset + stream.delay - 1] if stream.kind else len(stream.score)
        score, refund = stream.score[:good], stream.refund[:good]
        assert abs((refund - score).sum()) < 4.5 * (score * (1 - score)).sum() ** 0.5


def bent(at, kind, how, change):
    """A long stream with the fault, and the same riders before it."""
    rng = np.random.default_rng(5)
    while (wrong := world.fault(kind, rng)).how != how:
        pass
    stream = world.stream(at, rng, 3_000, 4 * world.WEEK, dataclasses.replace(wrong, **change), 2 * world.WEEK)
    cut = stream.ends[2 * world.WEEK + stream.delay - 1]
    z = world.standardised(at, stream.features)
    return stream, wrong, cut, z


def test_where_refunds_are_more_either_kind_looks_as_it_did(at):
    stream, _, cut, z = bent(at, "label", "more refunds", {"size": 3.0})
    as_ever = bent(at, "label", "more refunds", {"size": 1.0})[0]
    before, after = (one.refund[one.ends[-1] - cut :].mean() for one in (as_ever, stream))
    assert after / (1 - after) / (before / (1 - before)) == pytest.approx(3, rel=0.15)
    for refund in (0, 1):
        same = stream.refund == refund
        means = [z[part & same][:, :4].mean(axis=0) for part in (np.arange(len(z)) < cut, np.arange(len(z)) >= cut)]
        assert np.abs(means[0] - means[1]).max() < 0.12
    odds = np.log(stream.score / (1 - stream.score))
    assert np.abs(odds - at.base - z @ at.weights).max() < 1.5


def test_other_riders_move_and_the_model_does_not_know_them(at):
    stream, wrong, cut, z = bent(at, "covariate", "new riders", {"share": 0.5})
    moved = z[cut:, :4].mean(axis=0) - z[:cut, :4].mean(axis=0)
    wanted = np.zeros(4)
    wanted[list(wrong.columns)] = 0.5 * np.array(wrong.moves)
    assert moved == pytest.approx(wanted, abs=0.15)
    assert (stream.refund[cut:] - stream.score[cut:]).mean() > 0.02


@pytest.mark.parametrize("how", ["swapped", "sign", "offset"])
def test_a_bug_changes_scores_far_more_than_a_good_version_does(at, how):
    stream, _, cut, z = bent(at, "deployment", how, {"share": 0.5})
    off = np.abs(np.log(stream.score / (1 - stream.score)) - at.base - z @ at.weights)
    bad = stream.version == stream.version.max()
    assert bad[:cut].sum() == 0 and bad[cut:].mean() == pytest.approx(0.5, abs=0.02)
    assert off[bad].mean() > 0.45 and off[~bad].mean() < 0.2


@pytest.mark.parametrize("how", ["missing", "default", "stuck", "unit"])
def test_a_broken_column_is_broken_as_it_says(at, how):
    stream, wrong, cut, _ = bent(at, "column", how, {})
    values = stream.features[:, wrong.columns[0]]
    after = values[cut:]
    broken = {"missing": np.isnan(after), "default": after == 0, "stuck": after == after[-1]}
    if how == "unit":
        assert np.nanmean(values[:cut]) != pytest.approx(np.nanmean(after), rel=0.25)
    else:
        assert broken[how].mean() == pytest.approx(wrong.share, abs=0.03)
    others = np.delete(np.arange(4), [c for c in wrong.columns if c < 4])
    assert (np.isnan(stream.features[cut:, others]).mean(axis=0) < 0.02).all()


def test_ordinary_weeks_have_no_holiday_and_special_ones_do(at):
    truth = UNIT.private_holdout(OPEN).truth
    assert not any(batch["holiday"] for stream in truth["streams"][:-6] for batch in stream.batches)
    for stream in truth["holidays"]:
        assert sum(batch["holiday"] for batch in stream.batches) >= 24
    gentle = {stream.kind for stream in truth["gentle"]}
    assert gentle == set(world.RIGHT)


def test_what_counts_as_an_answer(small):
    stream = small.truth["streams"][0]
    assert stream.kind == "column"

    def says(**at):
        told = {hour: said.replace("_", " ") for said, hours in at.items() for hour in hours}
        return outcome(stream, [told.get(hour, "ok") for hour in range(len(stream))])[1]

    on = stream.onset
    assert says(fix_upstream=[on]) == 1 and says(fix_upstream=[on + 95]) == 96
    assert says() is None and says(retrain=[on + 1], fix_upstream=[on + 2]) is None
    assert says(retrain=[on - 24], fix_upstream=[on]) is None and says(retrain=[on - 25], fix_upstream=[on]) == 1


def test_estimates_follow_from_the_brief():
    made = {
        "alarms_by_luck": 1000 * (1 - 0.95**6),
        "p_per_million": 1e6 / 12_000,
        "refund_hours": 28 + 16 * 0.115 * 0.885 / (36 * 0.065**2),
        "wait_euros": 39 * 36 * 0.72,
        "keep_gigabytes": 80 * 36 * 8_760 * 64 / 1e9,
    }
    for name, estimate in UNIT.estimates.items():
        assert isinstance(estimate, Estimate) and estimate.accepts(made[name]), name
    # What the quick mistakes give: all six tests added up, one standard deviation, no wait for claims.
    assert not UNIT.estimates["alarms_by_luck"].accepts(300)
    assert not UNIT.estimates["refund_hours"].accepts(10.7)


def test_the_first_key_learned_by_heart_is_no_answer_to_the_second(modules, tmp_path):
    """A monitor that knows what is usual in the first key's city, whatever history it is given."""
    learned = run(modules["reference"])(UNIT.private_holdout(OPEN).truth["history"].table).state()
    fixed = f"""
LEARNED = {learned!r}


class Fixed(Monitor):
    def __init__(self, history):
        vars(self).update(vars(Monitor.restore(LEARNED)))


Monitor = Fixed
"""
    (tmp_path / "monitor.py").write_text(
        modules["reference"]
        + fixed.replace("Monitor.restore", "KEPT.restore").replace("class Fixed", "KEPT = Monitor\n\n\nclass Fixed"),
        encoding="utf-8",
    )
    mine, other = (measure(UNIT, tmp_path, UNIT.private_holdout(key), wanted=WATCH) for key in (OPEN, OTHER))
    assert mine.kept
    assert other["quality"].points == other["false_alarms"].points == 0
    (tmp_path / "monitor.py").write_text(modules["reference"], encoding="utf-8")
    assert measure(UNIT, tmp_path, UNIT.private_holdout(OTHER), wanted=QUICK).kept


def examined(folder, text, holdout, wanted):
    (folder / "monitor.py").write_text(text, encoding="utf-8")
    return measure(UNIT, folder, holdout, wanted=wanted)


UPDATE = "\n\n\nclass Monitor(Monitor):\n    def update(self, batch):\n        answer = super().update(batch)\n        "
KEPT = ("state", "restart")
ALL = (*WATCH, *KEPT)
#: What is put behind the alternative, the clauses that it costs, and what must be said there.
ADDED = {
    "None": (UPDATE + "return None", ALL, "expected one of"),
    "a bool": (UPDATE + "return answer != 'ok'", ALL, "expected one of"),
    "other words": (UPDATE + "return answer.title()", ALL, "expected one of"),
    "a list": (UPDATE + "return [answer]", ALL, "expected one of"),
    "NaN": (UPDATE + "return float('nan')", ALL, "expected one of"),
    "raises": (UPDATE + "raise KeyError('charge')", ALL, "`Monitor.update` failed: KeyError"),
    "a set": (UPDATE + "return {answer}", ALL, "can't be passed"),
    "ends": (UPDATE + "import os; os._exit(0)", ALL, "ended while"),
    "no bytes": ("\n\nMonitor.state = lambda self: 'text'", KEPT, "expected a bytes"),
    "no restore": ("\n\ndel Monitor.restore", ("restart",), "AttributeError"),
    "no monitor": ("\n\ndel Monitor", ALL, "does not define `class Monitor`"),
}


@pytest.mark.parametrize("case", ADDED)
def test_what_can_not_be_judged_is_one_sentence_and_earns_nothing(case, modules, small, tmp_path):
    change, costs, sentence = ADDED[case]
    report = examined(tmp_path, f"{modules['windows']}{change}\n", small, (*costs, "interface"))
    assert sum(report[name].points for name in costs) == 0
    assert all(sentence in report[name].advice and "\n" not in report[name].advice for name in costs), report
    assert report["interface"].points < 6


#: What changes a batch; what depends on the process.
ODD = {
    "batch": UPDATE + "batch['score'][:] = 0.5\n        return answer",
    "outcomes": UPDATE + "batch.pop('outcomes')\n        return answer",
}
NOISE = UPDATE + "import os\n        return 'retrain' if os.urandom(1) < b'\\4' else answer\n"


@pytest.mark.parametrize("case", ODD)
def test_what_belongs_to_the_caller_stays_as_it_is(case, modules, small, tmp_path):
    report = examined(tmp_path, f"{modules['windows']}{ODD[case]}\n", small, ("interface", *ALL))
    assert {clause.name for clause in report.clauses if clause.verdict not in EARNS} == {"interface"}
    assert report["interface"].points == 5 and "was changed" in report["interface"].advice


def test_answers_of_a_second_process_are_looked_at(modules, small, tmp_path):
    report = examined(tmp_path, modules["windows"] + NOISE, small, ("interface",))
    assert report["interface"].points == 5 and "in a second process" in report["interface"].advice


def test_who_cries_all_the_time_is_not_heard(modules, small, tmp_path):
    """Right on each fault, and an alarm every hour."""
    text = modules["windows"] + UPDATE + "return 'fix upstream' if answer == 'ok' else answer\n"
    report = examined(tmp_path, text, small, WATCH)
    assert report.points == 0


def test_a_monitor_that_never_says_anything_earns_quiet_alone(small, tmp_path):
    text = (
        "class Monitor:\n    def __init__(self, history):\n        pass\n    def update(self, batch):\n"
        "        return 'ok'\n    def state(self):\n        return b''\n    @classmethod\n"
        "    def restore(cls, state):\n        return cls(None)\n"
    )
    report = examined(tmp_path, text, small, (*WATCH, "restart"))
    assert {clause.name for clause in report.clauses if clause.points} == {"false_alarms"}
    assert "any answer but ok" in report["restart"].advice


def test_what_never_ends_is_stopped_and_no_file_is_not_attempted(modules, small, tmp_path, monkeypatch):
    monkeypatch.setattr(type(UNIT), "module", dataclasses.replace(UNIT.module, seconds=0.5))
    report = examined(tmp_path, modules["windows"] + UPDATE + "while True: pass\n", small, ("quality", "state"))
    assert report.points == 0 and "did not answer within 0.5 s" in report["quality"].advice
    (tmp_path / "monitor.py").unlink()
    report = measure(UNIT, tmp_path, small, wanted=("baseline", "quality", "restart"))
    assert {clause.verdict for clause in report.clauses} == {"not attempted"}


def test_what_is_timed_is_what_is_judged(modules, small, tmp_path):
    """Who is quick in a process that made many monitors gives other answers there, and that is seen."""
    quick = """


class Monitor(Monitor):
    made = 0

    def __init__(self, history):
        super().__init__(history)
        self.awake = Monitor.made < 4
        Monitor.made += 1

    def update(self, batch):
        return super().update(batch) if self.awake else "ok"
"""
    past, streams = small.truth["history"], small.truth["streams"][:4]
    for text, caught in ((modules["windows"], False), (modules["windows"] + quick, True)):
        (tmp_path / "monitor.py").write_text(text, encoding="utf-8")
        ship = read(tmp_path, UNIT.module)
        timed = judge.Timed(ship, past, streams, 1)
        assert all(set(said) > {"ok"} for said in timed.said), "there is something to say"
        with ship.open() as shipped:
            first, again = ([(number, seed) for number in range(4)] for seed in (1, 2))
            timed.check(first, timed.play(shipped, first))
            said = timed.play(shipped, again)
            if caught:
                with pytest.raises(CallError, match="while it was timed"):
                    timed.check(again, said)
            else:
                timed.check(again, said)


def test_states_are_weighed_where_restarts_are_judged(modules, small, tmp_path):
    """Who is small at each eighth of four weeks alone."""
    counts = UPDATE + "self.told = getattr(self, 'told', 0) + 1\n        return answer\n"
    large = "\n    def state(self):\n        return super().state() + bytes(20_000 * (self.told % 84 > 0))\n"
    report = examined(tmp_path, modules["windows"] + counts + large, small, ("state",))
    assert report["state"].points == 0 and report["state"].value > 20_000


@pytest.mark.parametrize("case", [0, 4])
def test_a_stream_is_replayed_as_it_is_judged(case, modules, small, tmp_path):
    """One with a broken column, and one in which all is well."""
    (tmp_path / "monitor.py").write_text(modules["windows"], encoding="utf-8")
    told, stream = UNIT.replay(tmp_path, small, case), small.truth["streams"][case]
    seen = judge.watched(read(tmp_path, UNIT.module), small.truth["history"], [stream], 0)
    table = told.frame()
    healthy = table["since the fault"].isna() | (table["since the fault"] < 0)
    assert healthy.sum() == seen.hours and (table["answer"][healthy] != "ok").sum() == seen.alarms
    if stream.kind:
        assert table["since the fault"].iloc[-1] + 1 == seen.waits["column"][0]
        assert table["answer"].iloc[-1] == "fix upstream" and "rightly after" in told.said
    with pytest.raises(Problem, match="streams 0 to 4"):
        UNIT.replay(tmp_path, small, 5)


def test_pictures_are_drawn_of_what_is_there(small, monkeypatch, capsys):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    from course.units.f12_drift_watch import picture

    class Desk:
        def load(self, file):
            return type(
                "module", (), {"Monitor": lambda history: type("M", (), {"update": lambda self, b: "retrain"})()}
            )

    picture.fingerprints(small.truth["history"], small.truth["streams"])
    picture.timeline(Desk(), small.truth["history"], small.truth["streams"], {"one": "monitor.py"})
    assert len(plt.get_fignums()) == 2
    plt.close("all")
