"""q07: the world is what the brief says, it moves with the key, and whatever `trends.py` returns is one sentence."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import defaultdict

import numpy as np
import pytest
from conftest import ROOT

from course import units
from course.contract.artifacts.modules import read
from course.contract.measure import measure
from course.contract.processes.calls import CallError
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import EARNS
from course.grading.authoring.lessons import WRITES, Lesson
from course.grading.authoring.rehearse import rehearsals
from course.key import OPEN, Key
from course.problem import Problem
from course.units.q07_trending_tags import world
from course.units.q07_trending_tags.judge import MOST, busy, judged, listed, runs
from course.units.q07_trending_tags.timed import Restarts

UNIT = units.load("q07-trending-tags")
OTHER = Key(hashlib.sha256(b"another").digest(), "another")
WATCH = ("quality", "everyday", "delay", "spam", "state")


@pytest.fixture(scope="module")
def modules():
    """The texts of `trends.py` in the reference and in its alternative."""
    lesson = Lesson(UNIT, ROOT)
    others = {one.name: one.cells(lesson.solutions()) for one in rehearsals(UNIT, ROOT)}
    texts = {"reference": lesson.solutions()["write-trends"], "bitmaps": others["bitmaps"]["write-trends"]}
    return {name: WRITES.sub("", text) for name, text in texts.items()}


@pytest.fixture(scope="module")
def public():
    return UNIT.public_holdout(UNIT.public_data(OPEN))


@pytest.fixture(scope="module")
def private():
    return UNIT.private_holdout(OPEN)


@pytest.fixture(scope="module")
def small(public):
    """Three weeks without a post, and a last one of which most posts are gone."""
    of = public.truth["stream"]
    keep = np.isin(of.tags, list(of.kinds)) | (np.random.default_rng(3).random(len(of.tags)) < 0.05)
    keep[: of.ends[world.QUIET * world.WEEK - 1]] = False
    ends = np.concatenate([[0], keep.cumsum()])[of.ends]
    thin = dataclasses.replace(of, tags=of.tags[keep], accounts=of.accounts[keep], ends=ends)
    return Holdout("public", truth={"stream": thin, "truth": world.truth(thin)})


def test_the_same_key_gives_the_same_world_and_another_key_another(public, private):
    first, again, other = (UNIT.public_data(key) for key in (OPEN, OPEN, OTHER))
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert all(values.dtype.kind in "iu" for values in first.values())
    habits = [world.world(key.rng(UNIT.name, "world")) for key in (OPEN, OTHER)]
    assert not np.isin(habits[0].names[:96], habits[1].names[:96]).any()
    assert not np.array_equal(habits[0].habits, habits[1].habits)
    assert len(first["tags"]) != len(other["tags"])
    bursts = [set(one.truth["stream"].kinds) for one in (public, private)]
    known = {int(tag) for tag in habits[0].names[:96]}
    assert not (bursts[0] & bursts[1]) - known


def test_public_arrays_hold_the_stream(public):
    made, read = world.unpacked(UNIT.public_data(OPEN)), public.truth["stream"]
    again = world.unpacked(world.packed(made))
    for field in dataclasses.fields(world.Stream):
        for one in (made, again):
            left, right = getattr(one, field.name), getattr(read, field.name)
            assert left == right if field.name == "kinds" else np.array_equal(left, right)
    assert not {"small", "crowd"} & set(read.kinds.values())


def test_batches_are_as_the_brief_says(public):
    of = public.truth["stream"]
    assert len(of) == 4 * 672 and sum(len(of.batch(at)["tags"]) for at in range(0, len(of), 7)) > 0
    for at in (0, 1, 671, 672, 2_687):
        batch = of.batch(at)
        assert batch["time"] == at % 672 * 15
        assert len(batch["tags"]) == len(batch["accounts"]) == np.diff(of.ends, prepend=0)[at]
        assert batch["tags"].dtype == batch["accounts"].dtype == np.int64
    sizes = np.diff(of.ends, prepend=0)
    assert 2_000 < 4 * sizes.mean() < 2_900 and 4_500 < 4 * sizes.max() < 7_500
    tags, counts = np.unique(of.tags, return_counts=True)
    assert 150_000 < len(tags) < 250_000 and (counts == 1).mean() > 0.5


def test_what_trends_is_an_exact_count(public):
    """By sets, as the brief has it, at some batches."""
    of, truth = public.truth["stream"], public.truth["truth"]
    rng = np.random.default_rng(0)
    last = world.QUIET * world.WEEK

    def accounts(at):
        found = defaultdict(set)
        for batch in of.batches(at - 3, at + 1):
            for tag, account in zip(batch["tags"].tolist(), batch["accounts"].tolist(), strict=True):
                found[tag].add(account)
        return {tag: len(some) for tag, some in found.items()}

    busy = np.flatnonzero(truth.trends.any(axis=0))
    for at in [*rng.choice(busy, 4, replace=False).tolist(), 5]:
        counts = [accounts(last + at - k * world.WEEK) for k in range(4)]
        trends = {
            tag
            for tag, count in counts[0].items()
            if count >= 40 and count >= 4 * sum(one.get(tag, 0) for one in counts[1:]) / 3
        }
        assert trends == set(truth.tags[truth.trends[:, at]].tolist())
        plain = set(truth.tags[truth.plain[:, at]].tolist())
        for tag in truth.tags.tolist():
            usual = sum(one.get(tag, 0) for one in counts[1:]) / 3
            assert (tag in plain) == (counts[0].get(tag, 0) < 20 or counts[0].get(tag, 0) < 2 * usual)


def test_what_was_planted_trends_and_nothing_else_does(public, private):
    for holdout in (public, private):
        of, truth = holdout.truth["stream"], holdout.truth["truth"]
        trending = set(truth.tags[truth.trends.any(axis=1)].tolist())
        assert trending <= set(of.kinds) and not trending & set(of.spam.tolist())
        assert truth.trends.sum(axis=0).max() <= world.K
    kinds = [private.truth["stream"].kinds[tag] for tag in trending]
    assert {kind: kinds.count(kind) for kind in world.KINDS} == {
        "rare": 12, "known": 14, "newborn": 12, "small": 12, "crowd": 9,
    }  # fmt: skip


def test_habits_rise_as_bursts_do(public):
    """Without the week there would be nothing to tell them apart by."""
    truth = public.truth["truth"]
    steep = (truth.usual[:, 8:] >= world.MANY) & (truth.usual[:, 8:] >= 4 * truth.usual[:, :-8])
    assert steep.any(axis=1).sum() > 60
    assert ((truth.now >= world.MANY) & ~truth.trends).any(axis=1).sum() > 60


def test_new_tags_are_new_and_spammers_are_few_accounts(private):
    of = private.truth["stream"]
    before = set(np.unique(of.tags[: of.ends[world.QUIET * world.WEEK - 1]]).tolist())
    new = [tag for tag, kind in of.kinds.items() if kind == "newborn" and tag not in before]
    assert len(new) == 12
    for tag, end in zip(of.spam.tolist(), of.spam_ends.tolist(), strict=True):
        rows = slice(of.ends[end - 5], of.ends[end - 1])
        here = of.tags[rows] == tag
        assert here.sum() > 100 and len(np.unique(of.accounts[rows][here])) <= 12


def shown(truth, change):
    """Lists of what trends, changed by a function of (batch, list)."""
    return [change(at, truth.tags[truth.trends[:, at]].tolist()) for at in range(world.WEEK)]


def test_what_a_list_is_worth(public):
    of, truth = public.truth["stream"], public.truth["truth"]
    plain, spam = int(truth.tags[truth.usual.min(axis=1).argmax()]), int(of.spam[-1])
    perfect = judged(of, truth, shown(truth, lambda at, some: some))
    assert perfect.quality == perfect.share() == 1 and perfect.wait == 0 and not perfect.wrong and not perfect.spam
    empty = judged(of, truth, shown(truth, lambda at, some: []))
    assert empty.quality == 0 and empty.share() == 0 and empty.wait == 60
    late = judged(of, truth, [[], [], *shown(truth, lambda at, some: some)][: world.WEEK])
    assert late.wait == pytest.approx(30, abs=3)
    half = judged(of, truth, shown(truth, lambda at, some: [*some, plain][: 2 * len(some)]))
    assert half.share() == 1 and 0.2 < half.wrong_share <= 0.5
    drowned = judged(of, truth, shown(truth, lambda at, some: [*some, *range(1, len(some) + 2)]))
    assert drowned.share() == 0 and drowned.quality == 0
    spammed = judged(of, truth, shown(truth, lambda at, some: [*some, spam] if at == 300 else some))
    assert spammed.spam == {spam} and not spammed.wrong and spammed.spam_share == 1 / 14


def test_pauses_of_two_hours_part_bursts():
    trends = np.zeros(100, dtype=bool)
    trends[[3, 4, 12, 40, 49]] = True
    assert runs(trends) == [(3, 12), (40, 40), (49, 49)]


def test_restarts_come_while_something_trends(public, private):
    for holdout in (public, private):
        trends = holdout.truth["truth"].trends
        cuts = busy(holdout.truth["truth"])
        assert len(cuts) == 4 and all(trends[:, cut - 1].any() and cut % 4 for cut in cuts)


def test_what_is_kept_over_night_is_what_the_contract_says():
    assert UNIT.term("state").budget == MOST


def test_estimates_follow_from_the_brief():
    made = {
        "table_megabytes": 200_000 * 168 * 2 / 1e6,
        "profiles": (65_536 - 20_480) / 180,
        "lost_pairs": 1_000 * (1 - np.exp(-20_000 / 65_536)) ** 4,
        "ghosts_two": 2_000 * (1 - (1 - 1 / 1_536) ** 40) ** 2,
        "ghosts_four": 2e6 * (1 - (1 - 1 / 768) ** 40) ** 4,
    }
    for name, estimate in UNIT.estimates.items():
        assert estimate.accepts(made[name]), name
    # What the quick mistakes give: no number of its own for the tag, one probe, one row.
    assert not UNIT.estimates["profiles"].accepts(45_056 / 168)
    assert not UNIT.estimates["lost_pairs"].accepts(1_000 * (1 - np.exp(-5_000 / 65_536)))
    assert not UNIT.estimates["ghosts_two"].accepts(2_000 * (1 - (1 - 1 / 1_536) ** 40))


def examined(folder, text, holdout, wanted):
    (folder / "trends.py").write_text(text, encoding="utf-8")
    return measure(UNIT, folder, holdout, wanted=wanted)


@pytest.mark.parametrize("name", ["reference", "bitmaps"])
def test_honest_solutions_pass_in_a_world_that_they_were_not_made_for(name, modules, tmp_path):
    report = examined(tmp_path, modules[name], UNIT.private_holdout(OTHER), (*WATCH, "small", "crowd", "newborn"))
    assert report.kept, report


class Says:
    """A counter whose lists are what it is told."""

    def __init__(self, value):
        self.value = value

    def call(self, name, *args):
        return self.value


@pytest.mark.parametrize(
    "value",
    [None, "love", {}, 7, [1.0], [float("nan")], [True], ["7"], [None], list(range(11)), [7, 7], [[7]], np.ones(3)],
)
def test_a_list_that_is_none_is_one_sentence(value):
    with pytest.raises(
        CallError, match=r"^Called `Trends.top\(10\)`: got .*, expected a list of at most 10 different tags"
    ):
        listed(Says(value), 10)


def test_lists_may_be_arrays_or_tuples():
    assert listed(Says(np.array([2**62, 3])), 10) == [2**62, 3] and listed(Says((5,)), 10) == [5]
    assert listed(Says([]), 10) == []


TOP = "\n\n\nclass Trends(Trends):\n    def top(self, k):\n        found = super().top(k)\n        return "
KEPT = ("state", "quality")
#: What is put behind the alternative, the clauses that it costs, and what must be said there.
ADDED = {
    "too many": (TOP + "list(range(k + 1))", WATCH, "expected a list of at most"),
    "a set": (TOP + "set(found)", WATCH, "can't be passed"),
    "huge": (TOP + "bytes(80_000_000)", WATCH, "at most 67 MB"),
    "raises": (
        "\n\n\ndef fails(self, batch):\n    raise KeyError('love')\n\n\nTrends.update = fails",
        WATCH,
        "KeyError",
    ),
    "ends": (TOP + "__import__('os')._exit(0)", WATCH, "ended while"),
    "no bytes": ("\n\nTrends.state = lambda self: 'text'", KEPT, "expected a bytes"),
    "no restore": ("\n\ndel Trends.restore", KEPT, "AttributeError"),
    "no class": ("\n\ndel Trends", WATCH, "does not define `class Trends`"),
}


@pytest.mark.parametrize("case", ADDED)
def test_what_can_not_be_judged_is_one_sentence_and_earns_nothing(case, modules, small, tmp_path):
    change, costs, sentence = ADDED[case]
    report = examined(tmp_path, f"{modules['bitmaps']}{change}\n", small, costs)
    assert report.points == 0
    assert all(sentence in report[name].advice and "\n" not in report[name].advice for name in costs), report


def test_what_never_ends_is_stopped_and_no_file_is_not_attempted(modules, small, tmp_path, monkeypatch):
    monkeypatch.setattr(type(UNIT), "module", dataclasses.replace(UNIT.module, seconds=0.5))
    slow = "\n\n\ndef waits(self, batch):\n    while True:\n        pass\n\n\nTrends.update = waits\n"
    report = examined(tmp_path, modules["bitmaps"] + slow, small, ("quality", "state"))
    assert report.points == 0 and "did not answer within 0.5 s" in report["quality"].advice
    (tmp_path / "trends.py").unlink()
    report = measure(UNIT, tmp_path, small, wanted=("baseline", "quality", "restart"))
    assert {clause.verdict for clause in report.clauses} == {"not attempted"}


#: What breaks one promise of the contract alone, and the sentence.
ODD = {
    "changes": ("batch['tags'][:] = 0", "A batch was changed"),
    "noise": ("self.noise = __import__('os').urandom(1)[0] + 1", "in a second process"),
}


@pytest.mark.parametrize("case", ODD)
def test_promises_are_tried_one_by_one(case, modules, public, tmp_path):
    change, sentence = ODD[case]
    text = f"""{modules["bitmaps"]}


class Trends(Trends):
    noise = 0

    def update(self, batch):
        super().update(batch)
        {change}

    def top(self, k):
        found = super().top(k)
        return found[: self.noise % 3] if self.noise else found
"""
    report = examined(tmp_path, text, public, ("interface",))
    assert report["interface"].points < 6 and sentence in report["interface"].advice, report


def test_what_is_timed_is_what_is_judged(modules, public, tmp_path):
    """Who is quick in a process that had a counter before gives other lists there, and that is seen."""
    quick = """


class Trends(Trends):
    made = 0

    def __init__(self):
        super().__init__()
        self.first = not Trends.made
        Trends.made += 1

    def top(self, k):
        return super().top(k) if self.first else []
"""
    stream, truth = public.truth["stream"], public.truth["truth"]
    for text, caught in ((modules["bitmaps"], False), (modules["bitmaps"] + quick, True)):
        (tmp_path / "trends.py").write_text(text, encoding="utf-8")
        ship = read(tmp_path, UNIT.module)
        some = Restarts(ship, stream, truth)
        assert all(any(one.again) for one in some.some), "each has something to list"
        with ship.open() as shipped:
            some.check([(0, 1)], some.play(shipped, [(0, 1)]))
            again = some.play(shipped, [(0, 2), (1, 3)])
            if caught:
                with pytest.raises(CallError, match="while it was timed"):
                    some.check([(0, 2), (1, 3)], again)
            else:
                some.check([(0, 2), (1, 3)], again)


def test_what_is_kept_beside_the_state_is_lost(modules, small, tmp_path):
    """A counter that lives in a global, and whose state is empty."""
    text = f"""{modules["bitmaps"]}

LAST = []


class Trends(Trends):
    def update(self, batch):
        super().update(batch)
        LAST[:] = [self]

    def state(self):
        return b""

    @classmethod
    def restore(cls, state):
        return LAST[0] if LAST else cls()
"""
    report = examined(tmp_path, text, small, ("restart",))
    assert report["restart"].points == 0


def test_a_day_is_replayed_as_it_is_judged(modules, small, tmp_path):
    """What the table says of a day is what the judge counts, restarts included."""
    (tmp_path / "trends.py").write_text(modules["bitmaps"], encoding="utf-8")
    told = UNIT.replay(tmp_path, small, 0)
    table, trends = told.frame(), small.truth["truth"].trends[:, : world.DAY]
    assert len(table) == world.DAY and table["until"].tolist()[-1] == "24:00"
    missed, wrong = (
        table[name].str.count(r"\(") for name in ("trend and are not listed", "are listed and do not trend")
    )
    assert (table["trend"] + missed).tolist() == trends.sum(axis=0).tolist() and trends.any()
    assert table["trend"].sum() > 0 and (table["trend"] + wrong <= table["listed"]).all()
    with pytest.raises(Problem, match="days 0"):
        UNIT.replay(tmp_path, small, 7)


def test_a_state_that_is_too_large_is_forgotten_each_night(modules, public, tmp_path):
    text = f"{modules['bitmaps']}\n\nkeep = Trends.state\nTrends.state = lambda self: keep(self) + bytes({MOST})\n"
    report = examined(tmp_path, text, public, WATCH)
    assert report["state"].points == 0 and report["everyday"].verdict not in EARNS
    assert "On 28 nights the state was larger than 64 KiB" in report["everyday"].advice


def test_a_counter_that_lists_nothing_earns_quiet_alone(small, tmp_path):
    text = (
        "class Trends:\n    def update(self, batch):\n        pass\n    def top(self, k):\n        return []\n"
        "    def state(self):\n        return b''\n    @classmethod\n"
        "    def restore(cls, state):\n        return cls()\n"
    )
    report = examined(tmp_path, text, small, (*WATCH, "restart"))
    assert {clause.name for clause in report.clauses if clause.points} == {"everyday", "spam", "state"}
    assert "No list had any tag" in report["restart"].advice


def test_pictures_are_drawn_of_what_is_there(public, modules, capsys):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    from course.units.q07_trending_tags import picture

    class Desk:
        def load(self, file):
            if file == "missing.py":
                raise Problem("There is no missing.py yet.")
            names: dict = {}
            exec(compile(modules["bitmaps"] if file == "trends.py" else "", file, "exec"), names)
            return type("module", (), {"Trends": names["Trends"]} if "Trends" in names else {})

    picture.week(public.truth["stream"], public.truth["truth"])
    files = {"one": "trends.py", "two": "missing.py", "three": "empty.py"}
    picture.lists(Desk(), public.truth["stream"], public.truth["truth"], files)
    said = capsys.readouterr().out
    assert "bursts were found in time" in said and "no missing.py" in said and "no Trends in empty.py" in said
    assert len(plt.get_fignums()) == 2
    plt.close("all")
