"""Latency: the statistics, the loop on simulated time, the calibration model. Nothing here judges wall-clock time."""

from __future__ import annotations

import hashlib
import math
import random

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.contract.cost import canary, clock, sampling
from course.contract.cost import latency as latency_module
from course.contract.cost.calibration import calibration_model, calibration_rows
from course.contract.cost.latency import latency
from course.contract.cost.memory import trivial_model
from course.contract.cost.sequential import ALPHA, LOOKS, at_look, judge, median_interval, next_look

logs = st.lists(st.floats(-3, 3, allow_nan=False), max_size=LOOKS[-1])


# The sign test


def chance(p_over: float, wanted: str) -> float:
    """The exact chance of a verdict when every comparison lies over the budget with chance `p_over`."""

    paths, found = {0: 1.0}, 0.0
    for n in range(1, LOOKS[-1] + 1):
        after: dict[int, float] = {}
        for over, weight in paths.items():
            after[over + 1] = after.get(over + 1, 0) + weight * p_over
            after[over] = after.get(over, 0) + weight * (1 - p_over)
        if n in LOOKS:
            found += sum(weight for over, weight in after.items() if at_look(n, over) == wanted)
            after = {over: weight for over, weight in after.items() if at_look(n, over) is None}
        paths = after
    return found


def test_a_model_at_its_budget_is_called_broken_at_most_8_times_in_a_million():
    assert 1e-7 < chance(0.5, "broken") <= len(LOOKS) * ALPHA
    assert 1e-7 < chance(0.5, "kept") <= len(LOOKS) * ALPHA


def test_clear_cases_are_decided():
    assert chance(0.02, "kept") > 0.999
    assert chance(0.98, "broken") > 0.999


@pytest.mark.parametrize(("ratio", "verdict"), [(0.75, "kept"), (1.33, "broken")])
def test_heavy_tailed_noise_leads_to_no_wrong_verdict_25_percent_away(ratio, verdict):
    rng = np.random.default_rng(7)
    noise = 0.08 * rng.standard_t(2, (3000, LOOKS[-1])) + 0.02 * rng.standard_normal((3000, 1))
    found = [judge((math.log(ratio) + row).tolist(), 0.0) for row in noise]
    assert set(found) <= {verdict, "too close to call"}
    assert found.count(verdict) > 0.995 * len(found)


def test_a_ratio_at_the_budget_is_left_open_whatever_the_noise():
    rng = np.random.default_rng(8)
    for noise in (rng.standard_cauchy((500, 96)), rng.standard_normal((500, 96)) * 1e-4):
        assert {judge(row.tolist(), 0.0) for row in noise} == {"too close to call"}


def test_no_verdict_before_the_first_look_and_none_between_looks():
    assert judge([-5.0] * 19, 0.0) is None
    assert judge([-5.0] * 20, 0.0) == "kept"
    assert judge([5.0] * 20, 0.0) == "broken"
    assert judge([5.0] + [-5.0] * 22, 0.0) is None
    assert judge([5.0] + [-5.0] * 31, 0.0) == "kept"
    assert judge([0.0] * 20, 0.0) == "kept", "exactly at the budget keeps it"
    assert [next_look(n) for n in (0, 19, 20, 95, 96)] == [20, 20, 24, 96, 96]


@given(logs, st.floats(-2, 2), st.integers(0, LOOKS[-1]))
def test_the_first_verdict_is_final(values, budget, cut):
    early = judge(values[:cut], budget)
    assert early in (None, judge(values, budget))


@given(logs, st.floats(-2, 2), st.floats(0, 5))
def test_slower_is_never_better(values, budget, more):
    order = ("kept", "too close to call", None, "broken")
    before, after = judge(values, budget), judge([value + more for value in values], budget)
    if before == "broken":
        assert after == "broken"
    if after == "kept":
        assert before == "kept"
    assert {before, after} <= set(order)


@pytest.mark.parametrize("n", [6, 20, 33])
def test_the_interval_covers_a_skewed_median(n):
    rng = np.random.default_rng(9)
    inside = 0
    for row in rng.exponential(size=(2000, n)):
        middle, low, high = median_interval(row.tolist())
        assert low <= middle <= high
        inside += low <= math.log(2) <= high
    assert 0.945 < inside / 2000 < 0.99


def test_the_interval_of_few_values_is_their_range():
    assert median_interval([3.0, 1.0, 2.0]) == (2.0, 1.0, 3.0)
    with pytest.raises(ValueError, match="at least one"):
        median_interval([])


# The loop, on simulated time


class World:
    """Simulated time: every call moves both clocks by its cost; disturbances move the wall clock alone."""

    def __init__(self, model, cal=lambda i, calls: 20_000, noise=None):
        self.wall = self.cpu = self.slept = 0
        self.calls = {"model": 0, "cal": 0}
        self.rows: list[int] = []
        self._cost = {"model": model, "cal": cal}
        self._noise = noise or (lambda: 0)
        self.reports: list[tuple[int, int]] = []

    def clock(self):
        self.wall += 100
        self.cpu += 100
        return self.wall, self.cpu

    def sleep(self, seconds):
        self.slept += 1
        self.wall += int(seconds * 1e9)

    def run(self, which, i):
        cost = self._cost[which](i, self.calls[which])
        self.calls[which] += 1
        self.cpu += cost
        self.wall += cost + self._noise()
        if which == "model":
            self.rows.append(i)

    def sample(self, budget, rows=512, seed=1):
        return sampling.sample(
            self.clock,
            self.sleep,
            lambda i: self.run("model", i),
            lambda i: self.run("cal", i),
            rows,
            budget,
            random.Random(seed),
            lambda *done: self.reports.append(done),
        )


def test_the_loop_measures_the_ratio_and_stops_at_the_first_look():
    world = World(lambda i, calls: 10_000)
    found = world.sample(budget=1.0)
    assert found.verdict(1.0) == "kept"
    assert found.model == pytest.approx([10e-6] * 20)
    assert found.cal == pytest.approx([20e-6] * 20)
    assert world.reports[0] == (1, 20)
    assert world.reports[-1] == (20, 24)
    assert world.slept == 20 * 2 * sampling.PASSES


def test_the_clocks_own_cost_is_not_charged():
    assert clock.overhead(World(None).clock) == (100, 100)
    assert sampling.Stopwatch(World(None).clock).time(lambda i: None, 0) == pytest.approx(1e-9)


def test_cost_hidden_in_rare_rows_is_charged():
    """One row in 16 costs 40 times as much: the median row is at a quarter of the budget, the mean is not."""
    world = World(lambda i, calls: 200_000 if i % 16 == 0 else 5_000)
    assert world.sample(budget=0.5).verdict(0.5) == "broken"
    assert World(lambda i, calls: 5_000).sample(budget=0.5).verdict(0.5) == "kept"


def test_what_is_slow_only_at_first_is_not_charged():
    """Neither a slow start nor a slow first call after every sleep."""
    start = World(lambda i, calls: 900_000 if calls < 250 else 10_000)
    found = start.sample(budget=0.75)
    assert found.verdict(0.75) == "kept"
    assert not found.far
    slept = [0]

    def cold(i, calls):
        first, slept[0] = slept[0] != world.slept, world.slept
        return 500_000 if first else 10_000

    world = World(cold)
    found = world.sample(budget=0.75)
    assert found.model == pytest.approx([10e-6] * 20)


def test_disturbances_of_the_wall_clock_are_not_charged():
    rng = random.Random(3)
    world = World(lambda i, calls: 10_000, noise=lambda: rng.choice([0, 0, 0, 3_000_000]))
    found = world.sample(budget=0.6)
    assert found.verdict(0.6) == "kept"
    assert max(found.model) == pytest.approx(10e-6)


def test_disturbed_calls_are_not_charged_where_there_is_wall_time_only():
    rng = random.Random(4)
    world = World(lambda i, calls: 10_000, noise=lambda: 400_000 if rng.random() < 0.03 else 0)
    clock = world.clock
    world.clock = lambda: (clock()[0],) * 2
    assert world.sample(budget=0.65).verdict(0.65) == "kept"


def test_a_model_far_over_budget_is_stopped_early():
    world = World(lambda i, calls: 20_000_000)
    found = world.sample(budget=1.0)
    assert found.far
    assert found.verdict(1.0) == "broken"
    assert world.calls["model"] < 100
    assert world.wall < 3e9


def test_a_model_too_slow_for_the_first_look_is_judged_as_far_as_few_comparisons_go():
    world = World(lambda i, calls: 2_000_000_000)
    found = world.sample(budget=10.0)
    assert 0 < len(found.model) < 20
    assert found.verdict(10.0) == "broken"
    assert world.wall < 20e9
    close = World(lambda i, calls: 2_000_000_000, cal=lambda i, calls: 1_000_000_000)
    found = close.sample(budget=1.0)
    assert 0 < len(found.model) < 20
    assert found.verdict(1.0) == "broken", "every one of them lies at twice the budget"
    assert close.wall < 45e9


@pytest.mark.parametrize(
    ("ratios", "verdict"),
    [
        ([4.5, 5.0, 5.5], "broken"),
        ([1.2, 4.5, 5.0, 5.5], "broken"),
        ([0.9, 4.5, 5.0, 5.5], "not measured"),
        ([1.2, 2.0, 2.5, 5.0], "not measured"),
        ([1.6, 2.0, 2.5, 1.7, 1.8, 2.9, 1.9], "broken"),
        ([1.4, 2.0, 2.5, 1.7, 1.8, 2.9, 1.9], "not measured"),
        ([0.7, 0.75, 0.5, 0.6, 0.7, 0.4, 0.7], "kept"),
        ([0.7, 0.75, 0.5, 0.6, 0.7, 0.4], "not measured"),
        ([0.7, 0.85, 0.5, 0.6, 0.7, 0.4, 0.7], "not measured"),
        ([], "not measured"),
    ],
)
def test_one_disturbed_block_saves_nobody_who_is_far_over(ratios, verdict):
    """Where a process has no time for the first look, a block in which the yardstick was slow is one of many."""
    assert sampling.Samples(ratios, [1.0] * len(ratios), far=True).verdict(1.0) == verdict


def test_a_model_at_its_budget_is_too_close_to_call():
    rng = random.Random(5)
    world = World(
        lambda i, calls: int(20_000 * rng.uniform(0.7, 1.3)), cal=lambda i, c: int(2e4 * rng.uniform(0.7, 1.3))
    )
    found = world.sample(budget=1.0)
    assert found.verdict(1.0) == "too close to call"
    assert len(found.model) > 20


def test_sampling_ends_5_seconds_after_the_first_look():
    rng = random.Random(6)
    world = World(lambda i, calls: int(1e8 * rng.uniform(0.7, 1.3)), cal=lambda i, c: int(1e8 * rng.uniform(0.7, 1.3)))
    found = world.sample(budget=1.0)
    assert found.verdict(1.0) == "too close to call"
    assert 20 < len(found.model) < 28
    assert world.wall < 25e9


@given(st.integers(1, 60), st.lists(st.integers(1, 60), min_size=1, max_size=20), st.integers(0, 99))
def test_no_row_comes_twice_before_the_pool_is_used_up(size, counts, seed):
    deck, seen = sampling.Deck(size, random.Random(seed)), set()
    for count in counts:
        drawn = deck.draw(count)
        assert len(drawn) == min(count, size) == len(set(drawn))
        if len(seen) + count > size:
            seen = set()
        assert not seen & set(drawn)
        seen |= set(drawn)


# Clocks


def test_a_coarse_clock_is_noticed():
    now = [0]

    def wall():
        now[0] += 1_000
        return now[0]

    assert clock.is_fine(wall, wall)
    assert not clock.is_fine(lambda: now[0] // 15_600_000, wall)


def test_a_coarse_cpu_clock_is_replaced_by_wall_time(monkeypatch):
    monkeypatch.setattr(clock.time, "thread_time_ns", lambda: 0)
    wall, cpu = clock.make_clock()()
    assert wall == cpu > 0


# The calibration model


def test_the_calibration_model_is_the_same_bit_for_bit():
    assert len(calibration_model()) == 718_414
    digest = hashlib.sha256(calibration_model()).hexdigest()
    assert digest == "baba7bafcd8ffdca95a4c4d9b26606399f8188d01e790b9837ccb8dc8325c0d0"


def test_calibration_rows_are_fresh_and_take_many_ways_through_the_trees():
    rows = calibration_rows(200, 1)
    assert rows.shape == (200, 64)
    assert rows.dtype == np.float32
    assert rows.min() >= -1
    assert rows.max() < 1
    assert not np.isin(calibration_rows(200, 2), rows).all(axis=1).any()
    assert (calibration_rows(100, 1) == rows[:100]).all()
    session = onnxruntime.InferenceSession(calibration_model(), providers=["CPUExecutionProvider"])
    (answers,) = session.run(None, {"X": rows})
    assert answers.shape == (200, 10)
    assert np.isfinite(answers).all()
    assert len(np.unique(answers[:, 0])) == 200


# The whole


def samples(ratio, blocks=20, far=False):
    return sampling.Samples([ratio * 2e-5] * blocks, [2e-5] * blocks, far)


@pytest.mark.parametrize(
    ("runs", "verdict", "confirmed"),
    [
        ([samples(0.5)], "kept", False),
        ([samples(1.5), samples(1.5)], "broken", True),
        ([samples(1.5), samples(0.5)], "too close to call", False),
        ([samples(1.0, 19), samples(1.0, 19)], "not measured", False),
        ([samples(1.0, 19), samples(0.5)], "kept", False),
        ([samples(50, 2), samples(50, 2)], "broken", True),
        ([samples(50, 2, far=True), samples(50, 1, far=True)], "broken", True),
        ([samples(1.5), samples(1.4, 3), samples(1.5), samples(1.5)], "broken", True),
        ([samples(2.9, 2, far=True), samples(2.9, 2)], "not measured", False),
    ],
)
def test_broken_must_repeat_in_a_second_process(monkeypatch, runs, verdict, confirmed):
    left = list(runs)
    monkeypatch.setattr(latency_module, "_measure", lambda *_: left.pop(0))
    monkeypatch.setattr(canary, "unfair", lambda *_: "")  # whatever this machine goes through just now
    found = latency(b"", {"X": np.zeros((600, 1))}, 1.0, seed=1)
    assert (found.verdict, found.confirmed) == (verdict, confirmed)
    assert not left
    last = runs[-2:] if verdict == "broken" or "close" in verdict else runs[-1:]  # what was not measured is done anew
    assert found.blocks == sum(len(run.model) for run in last)
    assert found.cal_us_per_row == pytest.approx(20)
    assert bool(found.note) == (verdict in ("too close to call", "not measured") or runs[0].far)


@pytest.mark.parametrize(
    ("runs", "said"),
    [
        ([samples(1.4, 3)] * 2, "Only 3 comparisons could be made in the time there is, too few for a verdict"),
        ([samples(1.5), samples(0.5)], "lay over 1.00 and"),
    ],
)
def test_what_is_not_decided_is_only_called_close_where_it_is(monkeypatch, runs, said):
    left = list(runs)
    monkeypatch.setattr(latency_module, "_measure", lambda *_: left.pop(0))
    monkeypatch.setattr(canary, "unfair", lambda *_: "")
    assert said in latency(b"", {"X": np.zeros((600, 1))}, 1.0, seed=1).note


@settings(max_examples=20)
@given(st.sampled_from([0.0, -1.0, math.inf, math.nan]))
def test_a_budget_must_be_a_positive_number(budget):
    with pytest.raises(ValueError, match="budget"):
        latency(b"", {"X": np.zeros((600, 1))}, budget, seed=1)


def test_real_processes_agree_on_what_is_a_hundredfold_apart():
    """An empty graph against a budget 100 times its cost, and in batches against one thousands of times below it."""
    rows, reports = {"X": np.zeros((512, 1), np.float32)}, []
    kept = latency(trivial_model(), rows, 100.0, seed=2**200, progress=lambda *done: reports.append(done))
    assert kept.verdict == "kept"
    assert kept.low <= kept.ratio <= kept.high < 100
    assert kept.blocks >= 20
    assert reports[0] == (1, 20)
    assert reports[-1][0] == kept.blocks
    broken = latency(trivial_model(), rows, 1e-6, batch=128, seed=3)
    assert (broken.verdict, broken.confirmed) == ("broken", True)
    assert broken.note.startswith("Far over")
    with pytest.raises(ValueError, match="at least as many rows"):
        latency(trivial_model(), rows, 1.0, batch=513, seed=1)
