"""f10: the world is what it says, its truth is found by other ways, and whatever `store.py` returns is one sentence."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from course import units
from course.contract.measure import measure
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import EARNS
from course.grading.authoring.lessons import WRITES, Lesson
from course.grading.authoring.rehearse import rehearsals
from course.key import OPEN, Key
from course.problem import Problem
from course.units.f10_feature_store import world

UNIT = units.load("f10-feature-store")
OTHER = Key(hashlib.sha256(b"another").digest(), "another")
#: All but the timing and what is not of `store.py`.
QUICK = tuple(term.name for term in UNIT.terms if term.name not in ("estimates", "baseline", "throughput"))


@pytest.fixture(scope="module")
def modules():
    """The texts of `store.py` in the reference and in its alternative."""
    lesson = Lesson(UNIT, ROOT)
    others = {one.name: one.cells(lesson.solutions()) for one in rehearsals(UNIT, ROOT)}
    texts = {"reference": lesson.solutions()["write-store"], "other": others["two-engines"]["write-store"]}
    return {name: WRITES.sub("", text) for name, text in texts.items()}


def run(text):
    names: dict = {}
    exec(compile(text, "store.py", "exec"), names)
    return names


def test_the_same_key_gives_the_same_world_and_another_key_another():
    first, again, other = (UNIT.public_data(key) for key in (OPEN, OPEN, OTHER))
    assert all(np.array_equal(first[name], again[name], equal_nan=first[name].dtype.kind == "f") for name in first)
    assert all(values.dtype.kind in "iufUb" for values in first.values())
    assert list(first["definitions"]) != list(other["definitions"])
    assert not set(first["events_event_time"]) & set(UNIT.private_holdout(OPEN).truth["season"].events["event_time"])


def test_public_arrays_hold_the_whole_public_season():
    at = world.world(OPEN.rng(UNIT.name, "world"))
    made = world.season(at.days[0], at, OPEN.rng(UNIT.name, "public"))
    read = UNIT.public_holdout(UNIT.public_data(OPEN)).truth["season"]
    pd.testing.assert_frame_equal(read.events, made.events)
    pd.testing.assert_frame_equal(read.requests, made.requests)
    assert read.definitions == made.definitions and (read.late == made.late).all() and (read.train == made.train).all()


@pytest.mark.parametrize("key", [OPEN, OTHER], ids=lambda key: key.term)
def test_a_season_is_as_the_brief_says(key):
    truth = UNIT.private_holdout(key).truth
    for name, season in truth.items():
        events = season.events
        assert (events.groupby("id")[["entity", "reading", "event_time"]].nunique() == 1).all(axis=None), name
        assert (events.groupby(["id", "revision"])["value"].nunique(dropna=False) == 1).all(), name
        assert season.requests["time"].is_monotonic_increasing and (events["arrived"] < events["event_time"]).any()
        assert {"of", "how", "reading", "seconds", "feature"} == set(season.definitions[0])
    calm, storm = (truth[name].events.sort_values("arrived", kind="stable") for name in ("season", "storm"))
    assert calm.groupby("id")["revision"].is_monotonic_increasing.all()
    assert not storm.groupby("id")["revision"].is_monotonic_increasing.all()
    assert {one["how"] for one in truth["others"].definitions} == set(world.HOWS)
    assert 0.2 < truth["season"].best_skill < 0.5


def by_hand(season, request):
    """The contract's four steps over the list of deliveries."""
    found = []
    for one in season.definitions:
        newest = {}
        for event in season.messages:
            wanted = event["reading"] == one["reading"] and event["entity"] == request[one["of"]]
            if wanted and event["arrived"] <= request["time"]:
                newest[event["id"]] = max(newest.get(event["id"], event), event, key=lambda e: e["revision"])
        inside = [
            (event["event_time"], event["id"], event["value"])
            for event in newest.values()
            if request["time"] - one["seconds"] < event["event_time"] <= request["time"]
            and not math.isnan(event["value"])
        ]
        values = [value for _, _, value in sorted(inside)]
        ways = {"last": lambda v: v[-1], "sum": sum, "mean": np.mean, "max": max}
        found.append(len(values) if one["how"] == "count" else ways[one["how"]](values) if values else math.nan)
    return found


@pytest.mark.parametrize("name", ["season", "others", "storm"])
def test_the_truth_is_what_the_contract_says(name):
    season = UNIT.private_holdout(OTHER).truth[name]
    for place in np.random.default_rng(1).integers(len(season.requests), size=12):
        wanted = by_hand(season, season.requests.iloc[place].to_dict())
        assert season.truth[place] == pytest.approx(wanted, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("name", ["season", "others", "storm"])
@pytest.mark.parametrize("which", ["reference", "other"])
def test_the_truth_is_what_two_other_implementations_find(modules, which, name):
    names = run(modules[which])
    for key in (OPEN, OTHER):
        season = UNIT.private_holdout(key).truth[name]
        log = season.events.sample(frac=1, random_state=1)
        table = names["offline"](list(season.definitions), log, season.requests).to_numpy()
        assert np.allclose(table, season.truth, rtol=0, atol=1e-9, equal_nan=True)


def test_a_poisoned_log_is_the_same_until_then():
    season = UNIT.private_holdout(OPEN).truth["season"]
    now = int(season.requests["time"].quantile(0.5))
    for log in world.poisoned(season.events, now, np.random.default_rng(2)):
        known = log[log["arrived"] <= now].sort_values(["id", "revision", "arrived"], ignore_index=True)
        pd.testing.assert_frame_equal(known, season.events[season.events["arrived"] <= now].reset_index(drop=True))
    later = log[log["arrived"] > now]
    assert len(later) > len(season.events) - len(known)
    assert later.merge(season.events, on=list(world.COLUMNS)).shape[0] < len(later) / 2
    assert (later["event_time"] <= now).any() and later["id"].isin(known["id"]).any()


def test_the_first_key_learned_by_heart_is_no_answer_to_the_second(modules, tmp_path):
    """A store that takes the first key's definitions for the only ones, and a table of its requests' answers."""
    first = UNIT.private_holdout(OPEN).truth["season"]
    windows = {one["feature"]: one["seconds"] for one in first.definitions}
    fixed = f"""
WINDOWS = {windows!r}


class Fixed(Store):
    def __init__(self, definitions):
        super().__init__([{{**one, "seconds": WINDOWS.get(one["feature"], 3600)}} for one in definitions])


Store = Fixed
"""
    (tmp_path / "store.py").write_text(modules["reference"] + fixed, encoding="utf-8")
    wanted = ("quality", "others")
    mine, other = (measure(UNIT, tmp_path, UNIT.private_holdout(key), wanted=wanted) for key in (OPEN, OTHER))
    assert mine["quality"].verdict == "kept" and mine["others"].points == 0
    assert other["quality"].verdict == "broken" and other["others"].points == 0
    asked = UNIT.private_holdout(OTHER).truth["season"].requests
    assert not set(zip(first.requests["time"], first.requests["plane"], strict=True)) & set(
        zip(asked["time"], asked["plane"], strict=True)
    )
    (tmp_path / "store.py").write_text(modules["reference"], encoding="utf-8")
    assert measure(UNIT, tmp_path, UNIT.private_holdout(OTHER), wanted=QUICK).kept


@pytest.fixture(scope="module")
def small():
    """A public hold-out of few flights."""
    at = world.world(OTHER.rng(UNIT.name, "world"))
    season = world.season(at.days[0], at, np.random.default_rng(3), days=3, served=1, flights_a_day=60)
    return Holdout("public", truth={"season": season})


def examined(folder, text, holdout, wanted):
    (folder / "store.py").write_text(text, encoding="utf-8")
    return measure(UNIT, folder, holdout, wanted=wanted)


OFFLINE = """

old = offline


def offline(definitions, events, requests):
    made = old(definitions, events, requests)
"""
STORE = "\n\n\nclass Store(Store):\n"
LOOKUP = STORE + "    def lookup(self, request):\n        found = super().lookup(request)\n"
TABLE, ASKED, KEPT = ("quality", "poisoned"), ("quality", "parity", "model"), ("state", "restart")
#: What is put behind the module in which both sides are apart, the clauses that it costs, and what must be said there.
ADDED = {
    "no table": (OFFLINE + "    return made.to_numpy()", TABLE, "expected a DataFrame"),
    "no column": (OFFLINE + "    return made.drop(columns='rain')", TABLE, "'rain'"),
    "fewer rows": (OFFLINE + "    return made.iloc[1:]", TABLE, "one for each request"),
    "texts": (OFFLINE + "    return made.astype(str)", TABLE, "expected floats"),
    "infinite": (OFFLINE + "    return made.fillna(float('inf'))", TABLE, "finite numbers or NaN"),
    "raises": (OFFLINE + "    raise KeyError('wind')", TABLE, "`offline` failed: KeyError"),
    "a dict": (LOOKUP + "        return {'wind': 1.0}", ASKED, "8 values in a list or an array"),
    "too few": (LOOKUP + "        return found[:-1]", ASKED, "8 values"),
    "None": (LOOKUP + "        return [None, *found[1:]]", ASKED, "finite numbers or NaN"),
    "ends": (LOOKUP + "        import os; os._exit(0)", (*ASKED, *KEPT), "ended while"),
    "no bytes": ("\n\nStore.state = lambda self: 'text'", KEPT, "expected a bytes"),
    "no restore": ("\n\ndel Store.restore", KEPT, "AttributeError"),
    "no store": ("\n\ndel Store", (*TABLE, "restart"), "does not define `class Store`"),
}


@pytest.mark.parametrize("case", ADDED)
def test_what_can_not_be_judged_is_one_sentence_and_earns_nothing(case, modules, small, tmp_path):
    change, costs, sentence = ADDED[case]
    report = examined(tmp_path, f"{modules['other']}{change}\n", small, costs)
    assert report.points == 0
    assert all(sentence in clause.advice and clause.advice.count("\n") == 0 for clause in report.clauses), report


def test_a_side_that_fails_leaves_the_others_alone(modules, small, tmp_path):
    table = examined(tmp_path, f"{modules['other']}{ADDED['no table'][0]}\n", small, ("interface", *KEPT))
    assert table["interface"].points == 1 and table["state"].verdict == table["restart"].verdict == "kept"
    store = examined(tmp_path, f"{modules['other']}{ADDED['ends'][0]}\n", small, ("interface", "poisoned"))
    assert store["interface"].points == 1 and store["poisoned"].verdict == "kept"
    empty = "\n\nimport pickle\n\nStore.state = lambda self: pickle.dumps(({}, {}))\n"
    state = examined(tmp_path, f"{modules['other']}{empty}", small, ("quality", *KEPT))
    assert "such a state is not weighed" in state["state"].advice and state["restart"].points == 0
    assert state["quality"].verdict == "kept"


#: What changes an argument.
ODD = {
    "events": OFFLINE + "    events['value'] = 0.0\n    return made",
    "requests": OFFLINE + "    requests.sort_values('time', inplace=True)\n    return made",
    "definitions": OFFLINE + "    definitions.pop()\n    return made",
    "messages": STORE
    + "    def ingest(self, events, now):\n        super().ingest(events, now)\n        events.clear()",
    "request": LOOKUP + "        request.clear()\n        return found",
}


@pytest.mark.parametrize("case", ODD)
def test_what_belongs_to_the_caller_is_a_clause_of_its_own(case, modules, small, tmp_path):
    report = examined(tmp_path, f"{modules['other']}{ODD[case]}\n", small, ("untouched", "parity"))
    assert {clause.name for clause in report.clauses if clause.verdict not in EARNS} == {"untouched"}


def test_the_order_of_columns_and_answers_of_another_process_are_looked_at(modules, small, tmp_path):
    turned = OFFLINE + "    return made.iloc[:, ::-1]\n"
    report = examined(tmp_path, modules["other"] + turned, small, ("interface", "quality"))
    assert report["interface"].points == 3 and "got the columns" in report["interface"].advice
    assert report["quality"].verdict == "kept"
    noise = "\n\nimport os\n\nNOISE = 1 + int.from_bytes(os.urandom(4), 'big') * 1e-18\n"
    change = noise + LOOKUP + "        return [one * NOISE for one in found]\n"
    report = examined(tmp_path, modules["other"] + change, small, ("interface", "quality", "restart"))
    assert report["interface"].points == 3 and "in a second process" in report["interface"].advice
    assert report["quality"].verdict == "kept" and report["restart"].verdict == "broken"


def test_a_flight_is_replayed_on_all_sides(modules, small, tmp_path):
    (tmp_path / "store.py").write_text(modules["reference"] + OFFLINE + "    return made.assign(rain=7.0)\n", "utf-8")
    season = small.truth["season"]
    last = int((~season.train).sum()) - 1
    played = UNIT.replay(tmp_path, small, last)
    rows = {row[0]: row[3:] for row in played.rows}
    assert list(rows) == [one["feature"] for one in season.definitions] and "wrong offline is 0." in played.said
    assert rows["rain"][1] == 7.0 and all(str(row[0]) == str(row[2]) == str(row[3]) for row in rows.values())
    assert list(played.frame().columns) == list(played.columns)
    with pytest.raises(Problem, match=f"flights 0 to {last}"):
        UNIT.replay(tmp_path, small, last + 1)


def test_what_is_remembered_outside_of_the_state_is_gone(modules, small, tmp_path):
    """A module that keeps its reports in a global and gives an empty state."""
    change = """

KEPT = {}


class Store(Store):
    def __init__(self, definitions):
        super().__init__(definitions)
        KEPT.setdefault("store", self)

    def state(self):
        return b""

    @classmethod
    def restore(cls, definitions, state):
        return KEPT.get("store") or cls(definitions)
"""
    report = examined(tmp_path, modules["reference"] + change, small, ("state", "restart"))
    assert report.points == 0 and "such a state is not weighed" in report["state"].advice


def test_what_is_timed_is_judged(modules, small, tmp_path, no_clock):
    """A store that answers what it said first, once it has been asked for more than one burst."""
    change = """

SAID = []


class Store(Store):
    def lookup(self, request):
        SAID.append(None)
        if len(SAID) > 160 and hasattr(self, "first"):
            return self.first
        self.first = super().lookup(request)
        return self.first
"""
    report = examined(tmp_path, modules["reference"] + change, small, ("throughput",))
    assert report["throughput"].points == 0 and "what is timed is judged" in report["throughput"].advice
    report = examined(tmp_path, modules["reference"], small, ("throughput",))
    assert report["throughput"].verdict == "kept"


def test_what_never_ends_is_stopped_and_no_file_is_not_attempted(modules, small, tmp_path, monkeypatch):
    import dataclasses

    monkeypatch.setattr(type(UNIT), "module", dataclasses.replace(UNIT.module, seconds=0.5))
    loop = OFFLINE + "    while True:\n        pass\n"
    report = examined(tmp_path, modules["reference"] + loop, small, ("quality", "poisoned"))
    assert report.points == 0 and "did not answer within 0.5 s" in report["quality"].advice
    (tmp_path / "store.py").unlink()
    report = measure(UNIT, tmp_path, small, wanted=("baseline", "quality", "untouched"))
    assert {clause.verdict for clause in report.clauses} == {"not attempted"}
