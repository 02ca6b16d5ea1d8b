"""f11: the queue is what theory says, the world what the brief says, and verdicts allow for how costs are measured."""

from __future__ import annotations

import dataclasses
import hashlib
import math
import random

import numpy as np
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from course import units
from course.contract.artifacts import gate
from course.contract.artifacts.modules import read
from course.contract.cost import batches, sampling
from course.contract.measure import measure
from course.contract.processes import runner
from course.contract.processes.runner import RunnerError
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import EARNS
from course.grading.authoring.lessons import WRITES, Lesson
from course.key import OPEN, Key
from course.problem import Problem
from course.units.f11_scale_inference import fleet, judge, nets, world
from course.units.f11_scale_inference.queueing import Rules, simulate

UNIT = units.load("f11-scale-inference")
OTHER = Key(hashlib.sha256(b"another").digest(), "another")
COSTS = {"small": {1: 24.0, 8: 36.0, 64: 80.0}, "large": {1: 45.0, 8: 135.0, 64: 850.0}}
POLICY = WRITES.sub("", Lesson(UNIT, ROOT).solutions()["write-policy"])


# The queue against closed forms


def waits(load, workers, service, count=60_000, seed=0):
    """Seconds in the queue (count,), where a request takes 1 s on average and workers are busy for `load`."""
    times = np.cumsum(np.random.default_rng(seed).exponential(size=count)) / (load * workers)
    taken = []

    def takes(step, rows):
        taken.append(service())
        return taken[-1]

    served = simulate(times, [None] * count, [False] * count, workers, takes, Rules())
    # Requests begin in the order they come, so the n-th batch is the n-th request.
    return served.seconds - np.array(taken), served


def batch_means(values, parts=40):
    """Mean, and its standard error from means of long parts, which hardly depend on each other."""
    means = np.array([part.mean() for part in np.array_split(values, parts)])
    return means.mean(), means.std(ddof=1) / parts**0.5


def erlang_c(load, workers):
    """The chance that one has to wait in M/M/c, all workers being busy for `load`."""
    offered = load * workers
    last = offered**workers / math.factorial(workers) / (1 - load)
    return last / (sum(offered**k / math.factorial(k) for k in range(workers)) + last)


@pytest.mark.parametrize("load", [0.3, 0.6, 0.8])
def test_one_worker_with_equal_requests_is_m_d_1(load):
    """Pollaczek and Khinchine: load / (1 - load) / 2 of what a request takes."""
    found, served = waits(load, 1, lambda: 1.0)
    mean, error = batch_means(found)
    assert abs(mean - load / (1 - load) / 2) < 4 * error and error < 0.05 * mean
    assert served.busy == pytest.approx(load, rel=0.03)


@pytest.mark.parametrize(("load", "workers"), [(0.5, 1), (0.7, 3), (0.8, 8)])
def test_workers_with_exponential_requests_are_m_m_c(load, workers):
    """Erlang: who waits, how long on average, and at a percentile."""
    rng = np.random.default_rng(workers)
    found, _ = waits(load, workers, rng.exponential)
    wait = erlang_c(load, workers)
    late = -math.log(0.02 / wait) / (workers * (1 - load))  # what 2 of 100 wait longer than
    for values, expected in (
        (found > 1e-9, wait),
        (found, wait / (workers * (1 - load))),
        (found > late, 0.02),
    ):
        mean, error = batch_means(values)
        assert abs(mean - expected) < 4 * error and error < 0.2 * expected


# The queue by hand


def run(times, rules, keys=None, flags=None, workers=1, takes=lambda step, rows: 1.0):
    count = len(times)
    return simulate(times, keys or [None] * count, flags or [False] * count, workers, takes, rules)


def test_a_free_worker_takes_what_is_there():
    served = run([0, 0, 0, 0.5, 0.6], Rules(small_batch=2))
    assert served.seconds.tolist() == pytest.approx([1, 1, 2, 1.5, 2.4]) and served.batches == (3, 0)


def test_a_batch_goes_when_it_is_full_or_the_first_has_waited():
    served = run([0, 0.2, 5, 5.1, 5.2], Rules(small_batch=3, small_wait=0.5), workers=2)
    assert served.seconds.tolist() == pytest.approx([1.5, 1.3, 1.2, 1.1, 1.0]) and served.batches == (2, 0)


def test_what_takes_longer_in_batches_is_charged_so():
    served = run([0, 0, 0], Rules(small_batch=8), takes=lambda step, rows: 1 + rows / 10)
    assert served.seconds.tolist() == pytest.approx([1.3] * 3)


def test_the_large_queue_goes_first_and_a_batch_of_it_answers_at_its_end():
    served = run(
        [0, 0.5, 0.6],
        Rules(large_batch=4),
        flags=[True, False, True],
        takes=lambda step, rows: (1.0, 10.0)[step],
    )
    # The first is escalated at 1 and done at 11; the second is read at 12; the third at 13, and escalated until 23.
    assert served.seconds.tolist() == pytest.approx([11, 11.5, 22.4]) and served.batches == (3, 2)
    waiting = run([0], Rules(large_wait=3.0, large_batch=4), flags=[True])
    assert waiting.seconds.tolist() == pytest.approx([1 + 3 + 1])


def test_a_cached_answer_is_there_at_once_and_a_pending_one_when_it_is():
    served = run([0, 0.5, 3, 4], Rules(entries=5), keys=["a", "a", "a", "b"])
    assert served.seconds.tolist() == pytest.approx([1, 0.5, 0, 1])
    assert served.source.tolist() == [0, 0, 0, 3] and served.cached.tolist() == [False, True, True, False]


def test_what_was_not_used_for_longest_makes_room():
    at, keys = [0, 2, 4, 6, 8, 10], ["a", "b", "a", "c", "a", "b"]
    assert run(at, Rules(entries=2), keys=keys).source.tolist() == [0, 1, 0, 3, 0, 5]
    assert run(at, Rules(entries=3), keys=keys).source.tolist() == [0, 1, 0, 3, 0, 1]
    assert not run(at, Rules(entries=0), keys=keys).cached.any()
    assert not run(at, Rules(entries=9), keys=[None] * 6).cached.any()


def test_no_requests_no_trouble_and_disorder_is_refused():
    assert run([], Rules()).seconds.tolist() == []
    for times, workers in (([1, 0], 1), ([0, 1], 0)):
        with pytest.raises(ValueError, match="in order"):
            run(times, Rules(), workers=workers)


cases = st.lists(
    st.tuples(st.floats(0, 2), st.sampled_from(["a", "b", "c", None]), st.booleans()), min_size=1, max_size=40
)
rulings = st.builds(
    Rules,
    st.integers(1, 5),
    st.sampled_from([0.0, 0.3]),
    st.integers(1, 5),
    st.sampled_from([0.0, 0.3]),
    st.integers(0, 3),
)


@settings(max_examples=200)
@given(cases, rulings, st.integers(1, 4))
def test_whatever_comes_is_answered_once_by_its_own_kind(some, rules, workers):
    times = np.cumsum([gap for gap, *_ in some])
    keys, flags = [key for _, key, _ in some], [flag for *_, flag in some]
    takes = (0.7, 1.1)
    served = run(times, rules, keys, flags, workers, lambda step, rows: takes[step])
    own = ~served.cached
    least = np.array([takes[0] + takes[1] * flag for flag in flags])
    assert (served.seconds[own] >= least[own] - 1e-9).all() and (served.seconds >= 0).all()
    for request, source in enumerate(served.source):
        assert source == request or (keys[request] == keys[source] is not None and source < request and rules.entries)
    assert sum(served.batches) >= own.sum() / 5 and 0 < served.busy <= 1 + 1e-9


@given(st.integers(1, 64), st.sampled_from([0, 1]))
def test_what_a_batch_takes_lies_on_straight_lines(rows, step):
    takes, some = fleet.service(COSTS), COSTS[fleet.STEPS[step]]
    assert takes(step, rows) * 1000 == pytest.approx(np.interp(rows, list(some), list(some.values())))
    assert fleet.service(COSTS, 0.9)(step, rows) == pytest.approx(0.9 * takes(step, rows))


# Costs of batches, on simulated time and from what a process says


@pytest.mark.parametrize(("cost", "blocks"), [(10_000, 7), (400_000_000, 7), (30_000_000_000, 1)])
def test_batches_are_compared_a_few_times_however_slow_they_are(cost, blocks):
    now = [0]

    def spend(some):
        now[0] += some

    def clock():
        return now[0], now[0]

    found = sampling.compare(
        clock,
        lambda seconds: spend(int(seconds * 1e9)),
        lambda i: spend(cost),
        lambda i: spend(20_000),
        9,
        7,
        random.Random(0),
    )
    assert found.model == pytest.approx([cost * 1e-9] * len(found.model)) and found.cal == pytest.approx(
        [20e-6] * len(found.cal)
    )
    assert len(found.model) == len(found.cal) and min(blocks, 2) <= len(found.model) + (blocks == 1) <= 7 + 1


def test_ratios_are_those_of_the_sizes(monkeypatch):
    said = {"found": [[[2.0, 9.0, 3.0], [1.0, 3.0, 1.0]], [[1.0], [4.0]]]}
    monkeypatch.setattr(runner, "run", lambda *_, **__: (said, {}))
    rows = {"pixels": np.zeros((64, 4))}
    assert batches.ratios(b"", rows, (1, 8), seed=0) == {1: 3.0, 8: 0.25}
    for wrong in ({}, {"found": [[[1.0], [0.0]], [[1.0], [1.0]]]}, {"found": [[[], []], [[], []]]}, {"found": [1, 2]}):
        said = wrong
        with pytest.raises(RunnerError):
            batches.ratios(b"", rows, (1, 8), seed=0)
    with pytest.raises(ValueError, match="at least as many"):
        batches.ratios(b"", rows, (1, 65), seed=0)


def test_a_real_model_is_run_in_batches_of_each_size(models):
    found = batches.ratios(models[0], {"pixels": np.zeros((200, 196), np.float32)}, (1, 64), seed=0)
    assert set(found) == {1, 64} and all(0 < ratio < 1000 for ratio in found.values())
    beside = batches.ratios(
        models[0], {"pixels": np.zeros((200, 196), np.float32)}, (1, 64), seed=0, yardstick=nets.house("large")
    )
    assert set(beside) == {1, 64} and all(0 < ratio < 1000 for ratio in beside.values())


@pytest.mark.parametrize(("step", "spec"), [("small", judge.SMALL), ("large", judge.LARGE)])
def test_the_nets_that_costs_are_told_in_keep_the_contract(step, spec):
    gate.check(nets.house(step), spec, name=spec.file)
    pixels = np.random.default_rng(0).integers(0, 256, (50, 196)).astype(np.float32)
    (said,) = runner.predict(nets.house(step), [{"pixels": pixels}])
    assert said[0].shape == (50, 10) and np.allclose(said[0].sum(axis=1), 1, atol=1e-5)
    assert nets.house(step) == nets.house.__wrapped__(step), "the same everywhere"
    assert sorted(fleet.HOUSE[step].values()) == list(fleet.HOUSE[step].values())


# The world


def test_the_same_key_gives_the_same_world_and_another_key_another():
    first, other = UNIT.public_data(OPEN), UNIT.public_data(OTHER)
    again = UNIT.public_holdout(first).truth
    assert all(values.dtype.kind in "iufb" for values in first.values())
    assert not np.array_equal(first["forecast"], other["forecast"])
    assert not np.array_equal(first["X_train"][:500], other["X_train"][:500])
    for hour, name in zip(again["hours"], ("quiet", "middle", "rush"), strict=True):
        assert hour.name == name and hour.digits.max() < 10
        assert np.array_equal(hour.pixels, first[f"{name}_pixels"]) and hour.hour == first[f"{name}_hour"]
    assert (UNIT.private_holdout(OPEN).truth["forecast"] != first["forecast"]).all()


def test_nobody_writes_in_two_places():
    rows = world.split(OPEN.rng(UNIT.name, "split"))
    assert sorted(np.concatenate(list(rows.values()))) == list(range(5000))


@pytest.mark.parametrize("key", [OPEN, OTHER], ids=lambda key: key.term)
def test_requests_are_as_the_brief_says(key):
    truth = UNIT.private_holdout(key).truth
    quiet, middle, rush = truth["hours"]
    day = truth["forecast"]
    assert 50 < day.min() < 70 and 1350 < day.max() < 1900 and day.argmax() in (19, 20, 21)
    assert day[quiet.hour] == day.min() and day[rush.hour] == day.max() and day.min() < day[middle.hour] < day.max()
    assert world.shares_opened() == pytest.approx(2.6, abs=0.05)
    for hour in (rush, truth["crowd"]):
        assert (np.diff(hour.times) >= 0).all() and set(hour.crops) == set(range(len(hour.pixels)))
        assert hour.handwritten.mean() == pytest.approx(1 / 8, abs=0.02)
        _, together = np.unique(hour.times, return_counts=True)
        assert together.min() == 3 and together.max() == 9
        assert len(np.unique(hour.pixels, axis=0)) == len(hour.pixels), "two photos are never the same"
    served = fleet.serve(rush, dict(PLAN), COSTS, [row.tobytes() for row in rush.pixels], rush.handwritten)
    assert 0.35 < 1 - served.cached[rush.times >= 0].mean() < 0.45


def test_rates_are_those_of_the_forecast_and_a_crowd_is_half_as_much_again():
    rng = np.random.default_rng(0)
    times, _ = world.requests(1_600, -10, 200, rng)
    inner = times[(times > 0)]
    assert len(inner) / 200 == pytest.approx(1_600, rel=0.05)
    more, _ = world.requests(1_600, -10, 200, rng, (20, 180))
    # Bills shared before the crowd are still opened in it, so it is a little less.
    assert np.mean((more > 60) & (more < 180)) * len(more) / 120 == pytest.approx(2_400, rel=0.06)


def test_corrected_photos_differ_by_strokes_alone():
    first, second = UNIT.private_holdout(OPEN).truth["corrected"]
    differ = first != second
    assert 0.02 < differ.mean() < 0.2 and differ.any(axis=1).mean() > 0.95
    assert np.abs(first.astype(int) - second)[differ].min() > world.STROKE
    images = differ.reshape(-1, 14, 14)
    assert not images[::4, 7:].any() and not images[1::4, :7].any() and not images[3::4, :, :7].any()


def test_estimates_follow_from_the_brief():
    new = 1600 / 2.6
    made = {
        "misses": new,
        "workers_large": new * 0.018,
        "workers_cascade": new * (0.0045 + 0.018 / 8),
        "fill_ms": 63 / (60 / 2.6) * 1000,
        "times_longer": 19 / 1.5,
    }
    assert all(UNIT.estimates[name].accepts(value) for name, value in made.items()) and set(made) == set(UNIT.estimates)
    # What the quick mistakes give: repeats are not new, the cascade's small model is for nothing, rates are not times.
    assert not UNIT.estimates["misses"].accepts(1600) and not UNIT.estimates["workers_cascade"].accepts(new * 0.018 / 8)
    assert not UNIT.estimates["fill_ms"].accepts(63 / 60 * 1000) and not UNIT.estimates["times_longer"].accepts(9.5)


# The judge, with costs that are given


PLAN = {
    "workers": [8] * 24,
    "small_batch": 32,
    "small_wait_ms": 0,
    "large_batch": 8,
    "large_wait_ms": 0,
    "cache_entries": 20_000,
}


class Given:
    """Any classifier by its weights."""

    def __init__(self, weights):
        self.coef_, self.intercept_ = weights, np.zeros(10)


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A small model that reads a little, and a large one: bytes of each."""
    folder = tmp_path_factory.mktemp("models")
    data = UNIT.public_data(OPEN)
    rows, digits = data["X_train"][:3000].astype(float), data["y_train"][:3000]
    means = np.stack([rows[digits == digit].mean(axis=0) for digit in range(10)])
    made = Given(means / (means**2).sum(axis=1, keepdims=True) ** 0.5)
    features = nets.edges(rows)
    edged = Given(np.stack([features[digits == digit].mean(axis=0) for digit in range(10)]))
    nets.write(made, str(folder / "small.onnx"), scale=5)
    nets.write(edged, str(folder / "large.onnx"), scale=0.1, of_edges=True)
    return tuple((folder / f"{step}.onnx").read_bytes() for step in fleet.STEPS)


@pytest.fixture(scope="module")
def small():
    """A hold-out of few requests."""
    rng = np.random.default_rng(5)
    taken = world.photos("public", np.arange(300), rng)
    day = np.full(24, 300.0)
    day[3], day[20] = 60.0, 400.0
    truth = {
        "forecast": day,
        "hours": world.hours(day, taken, rng),
        "crowd": world.hour("crowd", 20, day[20], taken, rng, (3.0, 12.0)),
        "corrected": world.corrected(taken, 200, rng),
    }
    return Holdout("private", truth=truth)


@pytest.fixture
def folder(models, tmp_path, monkeypatch):
    """A folder with both models; costs are what they are said to be, and no process is timed."""
    for step, content in zip(fleet.STEPS, models, strict=True):
        (tmp_path / f"{step}.onnx").write_bytes(content)
    monkeypatch.setattr(fleet, "costs", lambda *_, **__: COSTS)
    monkeypatch.setattr(judge, "_KEPT", type(judge._KEPT)())
    return tmp_path


def examined(folder, holdout, wanted, text=POLICY):
    (folder / "policy.py").write_text(text, encoding="utf-8")
    return measure(UNIT, folder, holdout, wanted=wanted, exact=True)


COSTLY = ("p99", "bill", "crowd")
ALL = (*COSTLY, "quality", "wrong", "memory", "interface")
#: One clause of each function, and the contract.
QUICK = ("bill", "quality", "wrong", "interface")


def test_a_good_policy_keeps_what_is_not_its_models(folder, small):
    report = examined(folder, small, (*ALL, "size"))
    assert {clause.name for clause in report.clauses if clause.verdict not in EARNS} <= {"quality"}
    assert report["interface"].points == 6 and report["wrong"].value == 0


@pytest.mark.parametrize("case", [0, 2])
def test_an_hour_is_replayed_as_it_is_judged(case, folder, small):
    report = examined(folder, small, ("p99",))
    told = [UNIT.replay(folder, small, k) for k in range(3)]
    worst = max(int(one.said.split("within ")[1].split(" ms")[0].replace(",", "")) for one in told)
    assert worst == round(report["p99"].value)
    hour, table = small.truth["hours"][case], told[case].frame()
    assert table["requests"].sum() == len(hour.times) and table["second"].iloc[0] == -10
    assert 0 < table["from the cache"].sum() < len(hour.times)
    with pytest.raises(Problem, match="hours 0 to 2"):
        UNIT.replay(folder, small, 3)


def test_crops_are_read_in_batches_of_the_sizes_that_are_timed(folder, small, monkeypatch):
    """A model that is another one in small batches would be judged as that."""
    sizes = []

    def predict(content, batches):
        sizes.extend(len(batch["pixels"]) for batch in batches)
        return [[np.full((len(batch["pixels"]), 10), len(batch["pixels"]), np.float32)] for batch in batches]

    monkeypatch.setattr(judge, "predict", predict)
    (folder / "policy.py").write_text(POLICY, encoding="utf-8")
    said = judge.probabilities(read(folder, UNIT.module), judge.SMALL, np.zeros((700, 196), np.float32))
    assert set(sizes) >= set(fleet.SIZES) and max(sizes) == fleet.SIZES[-1] and sum(sizes) == 700
    assert said[:, 0].tolist() == [size for size in sizes for _ in range(size)]
    assert judge.probabilities(read(folder, UNIT.module), judge.SMALL, np.zeros((0, 196), np.float32)).shape == (0, 10)


def clear_costs(monkeypatch, *scales):
    """Costs of one measurement after another, as multiples of `COSTS`; how many were taken is in the list."""
    taken = []

    def measured(*_, **__):
        taken.append(scales[min(len(taken), len(scales) - 1)])
        return {step: {n: ms * taken[-1] for n, ms in some.items()} for step, some in COSTS.items()}

    monkeypatch.setattr(fleet, "costs", measured)
    return taken


def test_what_is_over_by_a_tenth_is_too_close_to_call_and_what_is_over_by_more_is_broken(folder, small, monkeypatch):
    """The bill is proportional to costs here: 20 workers each hour at a cost of 1."""
    text = POLICY + (
        "\n\ndef plan(forecast, costs):\n"
        "    return " + repr(PLAN) + " | {'workers': [int(min(20 * costs['small'][1] / 24, 64))] * 24}\n"
    )
    per_million = sum(small.truth["forecast"]) * 3600 / 1e6
    budget = 24 * 20 / per_million
    term = dataclasses.replace(UNIT.term("bill"), budget=budget)
    monkeypatch.setattr(type(UNIT), "terms", tuple(term if t.name == "bill" else t for t in UNIT.terms))
    for scales, verdict, count in (
        ((0.98,), "kept", 1),
        ((1.06,), "too close to call", 2),
        ((1.25,), "broken", 2),
        ((1.25, 0.95), "kept", 2),
        ((1.25, 1.06), "too close to call", 2),
    ):
        taken = clear_costs(monkeypatch, *scales)
        judge._KEPT.clear()
        found = examined(folder, small, ("bill",), text)["bill"]
        assert (found.verdict, len(taken)) == (verdict, count), scales
        assert ("too close to call" in found.advice) == (verdict == "too close to call")
    monkeypatch.setattr(judge.time, "sleep", lambda seconds: None)
    for scale, fair, verdict, count in (
        (1.25, (), "too close to call", 3),
        (1.25, (3,), "broken", 3),
        (1.25, (2,), "broken", 2),
        (2.5, (), "broken", 3),
    ):
        taken = clear_costs(monkeypatch, scale)

        def unfair(*_, taken=taken, fair=fair):
            return "" if len(taken) in fair else "This machine was held back"

        monkeypatch.setattr(judge.canary, "unfair", unfair)
        judge._KEPT.clear()
        found = examined(folder, small, ("bill",), text)["bill"]
        assert (found.verdict, len(taken)) == (verdict, count), (scale, fair)
        assert found.advice.startswith("This machine was held back") == (verdict == "too close to call")


def test_costs_are_measured_once_for_all_clauses(folder, small, monkeypatch):
    taken = clear_costs(monkeypatch, 1.0)
    examined(folder, small, ("p99", "crowd", "memory"))
    assert len(taken) == 1


def test_a_plan_that_is_far_from_enough_is_broken(folder, small):
    text = POLICY + "\n\ndef plan(forecast, costs):\n    return " + repr(PLAN | {"workers": [1] * 24, "small_batch": 1})
    report = examined(folder, small, COSTLY, text)
    assert report["p99"].verdict == report["crowd"].verdict == "broken" and report["bill"].verdict == "kept"


@pytest.mark.parametrize(
    ("keys", "wrong"),
    [
        ("[row.tobytes() for row in pixels]", False),
        ("[None] * len(pixels)", False),
        ("[row[:98].tobytes() for row in pixels]", True),
        ("[row[::7].tobytes() for row in pixels // 32]", True),
        ("[int(row.sum()).to_bytes(4, 'big') for row in pixels]", True),
        ("[b'one'] * len(pixels)", True),
    ],
    ids=["bytes", "none", "upper half", "sampled", "sum", "one"],
)
def test_a_key_that_different_crops_share_is_found(folder, small, keys, wrong):
    text = POLICY + f"\n\ndef cache_keys(pixels):\n    return {keys}\n"
    found = examined(folder, small, ("wrong", "interface"), text)
    assert (found["wrong"].value > 0) == wrong == (found["wrong"].points == 0) and found["interface"].points == 6


NO_PLAN = ("bill", "interface")
SAID = "\n\ndef plan(forecast, costs):\n    return " + repr(PLAN) + " | "
#: What is put behind the policy, the clauses that it costs, and what must be said there.
BAD = {
    "no dict": ("\n\ndef plan(forecast, costs):\n    return [8] * 24", NO_PLAN, "expected a dict"),
    "no workers": ("\n\ndef plan(forecast, costs):\n    return {}", NO_PLAN, "expected a dict with 'workers'"),
    "23 hours": (SAID + "{'workers': [8] * 23}", NO_PLAN, "24 values"),
    "half workers": (SAID + "{'workers': [2.5] * 24}", NO_PLAN, "whole number from 1 to 64"),
    "no worker": (SAID + "{'workers': [0] * 24}", NO_PLAN, "whole number from 1 to 64"),
    "NaN": (SAID + "{'small_wait_ms': float('nan')}", NO_PLAN, "a finite number between 0 and 5000"),
    "batch of 65": (SAID + "{'large_batch': 65}", NO_PLAN, "a finite number between 1 and 64"),
    "half a crop": (SAID + "{'large_batch': 7.5}", NO_PLAN, "must be a whole number"),
    "text": (SAID + "{'cache_entries': 'all'}", NO_PLAN, "a finite number between 0 and 1e+06"),
    "raises": ("\n\ndef plan(forecast, costs):\n    return costs['big']", NO_PLAN, "`plan` failed: KeyError"),
    "too few flags": (
        "\n\ndef escalate(probabilities):\n    return [True]",
        ("quality", "wrong", "interface"),
        "values in a list or an array",
    ),
    "shares for flags": (
        "\n\ndef escalate(probabilities):\n    return probabilities.max(axis=1)",
        ("quality", "wrong", "interface"),
        "True or False for each row",
    ),
    "text keys": (
        "\n\ndef cache_keys(pixels):\n    return [str(row.sum()) for row in pixels]",
        ("wrong", "interface"),
        "bytes, at most 256, or None",
    ),
    "long keys": (
        "\n\ndef cache_keys(pixels):\n    return [row.tobytes() * 2 for row in pixels]",
        ("wrong", "interface"),
        "bytes, at most 256, or None",
    ),
    "no function": ("\n\ndel plan", QUICK, "does not define `plan(forecast, costs) -> dict`"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_can_not_be_judged_is_one_sentence_and_earns_nothing(case, folder, small):
    change, costs, sentence = BAD[case]
    report = examined(folder, small, QUICK, f"{POLICY}{change}\n")
    assert {c.name for c in report.clauses if c.verdict not in EARNS} - {"quality"} == set(costs) - {"quality"}
    for name in costs:
        assert sentence in report[name].advice and "\n" not in report[name].advice, report[name]
        assert report[name].points == 0 or name == "interface"
    assert report["interface"].points < 6


ODD = {
    "row by row": (
        "\n\ndef escalate(probabilities):\n    best = probabilities.max(axis=1)\n    return best < best.mean()",
        "a row alone than in a batch",
    ),
    "another each time": (
        "\n\ndef cache_keys(pixels):\n    return [b'%d' % hash(row.tobytes()) for row in pixels]",
        "in a second process",
    ),
    "by place": (
        "\n\ndef cache_keys(pixels):\n    return [b'%d' % k for k in range(len(pixels))]",
        "another key alone",
    ),
    "in place": (
        "\n\nthrifty = plan\n\n\ndef plan(forecast, costs):\n    made = thrifty(forecast, costs)\n"
        "    forecast.sort()\n    return made",
        "changed its arguments",
    ),
}


@pytest.mark.parametrize("case", ODD)
def test_each_promise_is_tried_by_itself(case, folder, small):
    change, sentence = ODD[case]
    found = examined(folder, small, ("interface",), f"{POLICY}{change}\n")["interface"]
    assert found.points == 5 and sentence in found.advice


def test_models_are_looked_at_as_any_model(folder, small):
    content = (folder / "large.onnx").read_bytes()
    (folder / "large.onnx").unlink()
    report = examined(folder, small, ALL)
    assert "There is no large.onnx beside policy.py yet" in report["quality"].advice
    assert report["interface"].points == 5
    (folder / "large.onnx").write_bytes(content[:50])
    assert "large.onnx is no ONNX" in examined(folder, small, ("quality",))["quality"].advice
    broken = Given(np.full((10, 196), np.nan))
    nets.write(broken, str(folder / "small.onnx"))
    report = examined(folder, small, ("quality", "interface"))
    assert "small.onnx: The output 'probabilities' holds NaN" in report["quality"].advice


def test_what_never_ends_is_stopped_and_no_file_is_not_attempted(folder, small, monkeypatch):
    monkeypatch.setattr(type(UNIT), "module", dataclasses.replace(UNIT.module, seconds=0.5))
    report = examined(folder, small, ("bill",), POLICY + "\n\ndef plan(forecast, costs):\n    while True: pass\n")
    assert "`plan` did not answer within 0.5 s" in report["bill"].advice
    (folder / "policy.py").unlink()
    report = measure(UNIT, folder, small, wanted=("baseline", *ALL))
    assert {clause.verdict for clause in report.clauses} == {"not attempted"}
