"""f10: the world is what it says, its truth is found by other ways, and whatever `store.py` returns is one sentence."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from course import units
from course.contract.holdout import Holdout
from course.contract.measure import measure
from course.contract.report import EARNS
from course.grading.lessons import WRITES, Lesson
from course.grading.rehearse import rehearsals
from course.key import OPEN, Key
from course.units.f10_feature_store import world

UNIT = units.load("f10-feature-store")
OTHER = Key(hashlib.sha256(b"another").digest(), "another")
#: All but the timing.
QUICK = tuple(
    term.name for term in UNIT.terms if term.name not in ("estimates", "baseline", "throughput") and not term.hidden
)


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
    assert len(later) > len(season.events) - len(known) and (later["value"].abs() == 1e6).all()
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
    assert measure(UNIT, tmp_path, UNIT.private_holdout(OTHER), wanted=(*QUICK, "others", "storm")).kept


@pytest.fixture(scope="module")
def small():
    """A public hold-out of few flights."""
    at = world.world(OTHER.rng(UNIT.name, "world"))
    season = world.season(at.days[0], at, np.random.default_rng(3), days=4, flights_a_day=60)
    return Holdout("public", truth={"season": season})


def examined(folder, text, holdout, wanted=QUICK):
    (folder / "store.py").write_text(text, encoding="utf-8")
    return measure(UNIT, folder, holdout, wanted=wanted)


BOTH = ("quality", "parity", "model")
OFFLINE = """

old = offline


def offline(definitions, events, requests):
    made = old(definitions, events, requests)
"""
STORE = "\n\n\nclass Store(Store):\n"
LOOKUP = STORE + "    def lookup(self, request):\n        found = super().lookup(request)\n"
#: What is put behind the reference, the clauses that it costs, and what must be said of the first.
ADDED = {
    "no table": (OFFLINE + "    return made.to_numpy()", {*BOTH, "poisoned"}, "expected a DataFrame"),
    "no column": (OFFLINE + "    return made.drop(columns='rain')", {*BOTH, "poisoned"}, "'rain'"),
    "fewer rows": (OFFLINE + "    return made.iloc[1:]", {*BOTH, "poisoned"}, "one for each request"),
    "texts": (OFFLINE + "    return made.astype(str)", {*BOTH, "poisoned"}, "expected floats"),
    "infinite": (OFFLINE + "    return made.fillna(float('inf'))", {*BOTH, "poisoned"}, "finite numbers or NaN"),
    "raises": (OFFLINE + "    raise KeyError('wind')", {*BOTH, "poisoned", "untouched"}, "`offline` failed: KeyError"),
    "other order": (OFFLINE + "    return made.iloc[:, ::-1]", set(), ""),
    "a dict": (LOOKUP + "        return {'wind': 1.0}", {*BOTH, "state", "restart"}, "values in a list or an array"),
    "too few": (LOOKUP + "        return found[:-1]", {*BOTH, "state", "restart"}, "8 values"),
    "None": (LOOKUP + "        return [None, *found[1:]]", {*BOTH, "state", "restart"}, "finite numbers or NaN"),
    "ends": (LOOKUP + "        import os; os._exit(0)", {*BOTH, "state", "restart", "untouched"}, "ended while"),
    "no bytes": ("\n\nStore.state = lambda self: 'text'\n", {"state", "restart"}, "expected a bytes"),
    "no restore": ("\n\ndel Store.restore\n", {"state", "restart"}, "AttributeError"),
    "no store": ("\n\ndel Store\n", set(QUICK), "does not define `class Store`"),
    "empty state": (
        "\n\nStore.state = lambda self: b'[0,[]]'\n",
        {"state", "restart"},
        "such a state is not weighed",
    ),
}


@pytest.mark.parametrize("case", ADDED)
def test_what_can_not_be_judged_is_one_sentence_and_costs_its_own_clauses(case, modules, small, tmp_path):
    change, costs, sentence = ADDED[case]
    if case == "ends":
        change = change.replace("os._exit(0)", "os._exit(0) if 'nowhere' != request['origin'] else None")
    report = examined(tmp_path, modules["reference"] + change + "\n", small)
    lost = {clause.name for clause in report.clauses if clause.verdict not in EARNS}
    assert lost == costs | {"interface"} or (case in ("no bytes", "no restore", "empty state") and lost == costs)
    first = next((name for name in ("quality", "state") if name in costs), "")
    assert not first or sentence in report[first].advice, report[first]
    assert all(clause.advice.count("\n") == 0 for clause in report.clauses)


#: What changes an argument, or the answers from one process to the next.
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
    report = examined(tmp_path, modules["reference"] + ODD[case] + "\n", small)
    assert {clause.name for clause in report.clauses if clause.verdict not in EARNS} == {"untouched"}


def test_answers_that_differ_between_processes_are_found(modules, small, tmp_path):
    noise = "\n\nimport os\n\nNOISE = int.from_bytes(os.urandom(4), 'big') * 1e-18\n"
    change = noise + LOOKUP + "        return [one + NOISE for one in found]"
    report = examined(tmp_path, modules["reference"] + change + "\n", small, ("interface", "quality", "restart"))
    assert report["interface"].points == 3 and "in a second process" in report["interface"].advice
    assert report["quality"].verdict == "kept" and report["restart"].verdict == "broken"


def test_what_never_ends_is_stopped_and_no_file_is_not_attempted(modules, small, tmp_path, monkeypatch):
    import dataclasses

    monkeypatch.setattr(type(UNIT), "module", dataclasses.replace(UNIT.module, seconds=0.5))
    loop = OFFLINE + "    while True:\n        pass\n"
    report = examined(tmp_path, modules["reference"] + loop, small, ("quality", "poisoned"))
    assert report.points == 0 and "did not answer within 0.5 s" in report["quality"].advice
    (tmp_path / "store.py").unlink()
    report = measure(UNIT, tmp_path, small, wanted=("baseline", *QUICK))
    assert {clause.verdict for clause in report.clauses} == {"not attempted"}
