"""Throughput: the loop on simulated costs, what a hostile function gains, and that real processes can be timed at all.

No verdict here rests on wall-clock time: real processes are only asked for what differs a hundredfold.
"""

from __future__ import annotations

import random
import time

import pytest

from course.contract.cost import clock, sampling, side, throughput
from course.contract.processes import calls
from course.contract.processes.calls import Module


class Side:
    """A function of known cost, with noise, in a simulated process. `helped` is the share done by another process."""

    def __init__(self, cost, *, noise=0.1, floor=0.001, helped=0.0, seed=0):
        self.cost, self.noise, self.floor, self.helped = cost, noise, floor, helped
        self.asked, self._rng, self.delayed = [], random.Random(seed), 0.0

    def run(self, many, *, called=True):
        self.asked.append((tuple(many), called))
        wall = (self.floor + self.cost * called) * (1 + self._rng.expovariate(1 / self.noise))
        return wall, min(wall, self.floor + self.cost * called * (1 - self.helped))

    def alone(self):
        return not self.helped


@pytest.fixture(autouse=True)
def no_sleep(monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda seconds: None)


def fresh(rng):
    return [(int(number),) for number in rng.integers(0, 2**40, 3)]


def verdict(model, budget=1.0, seed=3):
    theirs, ours = Side(model, seed=seed), Side(0.01, seed=seed + 1)
    return throughput._sample(theirs, ours, fresh, budget, seed, None), theirs, ours


@pytest.mark.parametrize(("share", "word"), [(0.5, "kept"), (0.75, "kept"), (1.33, "broken"), (2, "broken")])
@pytest.mark.parametrize("seed", range(5))
def test_a_clear_case_is_decided(share, word, seed):
    found, *_ = verdict(0.01 * share, seed=seed)
    assert found.verdict(1.0) == word and not found.far


def test_what_the_interface_costs_is_taken_off_both_sides():
    theirs, ours = Side(0.0075, floor=0.1, noise=1e-6), Side(0.01, floor=0.1, noise=1e-6)
    found = throughput._sample(theirs, ours, fresh, 1.0, 1, None)
    assert found.verdict(1.0) == "kept"
    assert [round(model / cal, 2) for model, cal in zip(found.model, found.cal, strict=True)] == [0.75] * len(
        found.model
    )


def test_far_over_the_budget_ends_early():
    found, *_ = verdict(0.2)
    assert found.far and found.verdict(1.0) == "broken" and len(found.model) == 20


def test_a_function_that_costs_nothing_is_kept():
    found, *_ = verdict(0.0)
    assert found.verdict(1.0) == "kept" and min(found.model) > 0


def test_no_arguments_are_sent_twice_and_both_get_the_same():
    _, theirs, ours = verdict(0.0075)
    sent = [many for many, _ in theirs.asked]
    assert len(sent) == len(set(sent)) > 60
    assert {many for many, called in ours.asked if called} == set(sent)


def test_work_done_in_another_process_is_charged_by_wall_time():
    theirs, ours = Side(0.02, helped=0.99), Side(0.01)
    assert throughput._sample(theirs, ours, fresh, 1.0, 1, None).verdict(1.0) == "broken"


def test_progress_is_told():
    said = []
    throughput._sample(Side(0.005), Side(0.01), fresh, 1.0, 1, lambda *done: said.append(done))
    assert said[0] == (1, 20) and said[-1][0] == len(said)


SLOW = Module("policy.py", b"def work(x):\n    return sum(range(20_000))\n", {})
QUICK = Module("yardstick.py", b"def work(x):\n    return x\n", {})


def test_real_processes():
    found = throughput.throughput(SLOW, QUICK, "work", lambda rng: [(1,)] * 5, 1.0, seed=1)
    assert found.verdict == "broken" and found.confirmed and "Far over the budget" in found.note
    found = throughput.throughput(QUICK, SLOW, "work", lambda rng: [(1,)] * 5, 0.5, seed=1)
    assert found.verdict == "kept" and found.us_per_row < found.cal_us_per_row


def test_a_call_that_fails_says_so():
    bad = Module("policy.py", b"def work(x):\n    return 1 / 0\n", {})
    with pytest.raises(calls.CallError, match=r"ZeroDivisionError in line 2 of policy\.py"):
        throughput.throughput(bad, QUICK, "work", lambda rng: [(1,)], 1.0, seed=1)


@pytest.fixture
def latest_kept(monkeypatch):
    """The exchange that is asked again is the latest; by chance it could be the first, which such tests don't catch."""
    monkeypatch.setattr(side.secrets, "randbelow", lambda most: 0)


def test_answers_that_are_given_only_while_timed_are_found(latest_kept):
    text = b"asked = 0\ndef work(x):\n    global asked\n    asked += 1\n    return x if asked < 3 else 0\n"
    with pytest.raises(calls.CallError, match="other answers to the same arguments"):
        throughput.throughput(Module("policy.py", text, {}), QUICK, "work", lambda rng: [(7,)] * 2, 9.0, seed=1)


SUM_TEXT = """
import time
class Sum:
    def __init__(self):
        self.sum = self.asked = 0
    def add(self, x):
        self.asked += 1
        self.sum += x
        return {}
"""
SUMS = Module("yardstick.py", SUM_TEXT.format("self.sum").encode(), {})


def summed(answer, **kwargs):
    """An object whose `add` returns `answer`, timed against one that returns the sum."""

    def start(shipped):
        return shipped.make("Sum")

    def fresh(rng):
        return [(int(number),) for number in rng.integers(0, 2**30, 5)]

    theirs = Module("policy.py", SUM_TEXT.format(answer).encode(), {})
    return throughput.throughput(theirs, SUMS, "add", fresh, 1000.0, seed=1, start=start, **kwargs)


def test_answers_of_an_object_are_compared_too(latest_kept):
    assert summed("x").verdict == "kept"
    with pytest.raises(calls.CallError, match="other answers to the same arguments"):
        summed("x if self.asked < 3 else 0")


def test_an_object_that_remembers_is_asked_all_again(latest_kept):
    assert summed("self.sum", remembers=True).verdict == "kept"
    with pytest.raises(calls.CallError, match="other answers to the same arguments"):
        summed("self.sum")
    with pytest.raises(calls.CallError, match="other answers to the same arguments"):
        summed("time.perf_counter()", remembers=True)


HELPED = b"""
import os
asked, ask = os.pipe()
told, tell = os.pipe()
if not os.fork():
    while True:
        os.read(asked, 1)
        sum(range(2_000_000))
        os.write(tell, b"x")
def work(x):
    os.write(ask, b"x")
    os.read(told, 1)
    return x
"""


@pytest.mark.skipif(clock.process_clock(1) is None, reason="no clock of another process here")
def test_a_helper_process_is_seen():
    with calls.serve(Module("policy.py", HELPED, {})) as shipped:
        one = side.Side(shipped, "work")
        spans = [one.run([(1,)] * 5) for _ in range(3)]
        assert not one.alone() and all(cost > present / 2 for present, cost in spans), "waiting for it is charged too"
    with calls.serve(SLOW) as shipped:
        one = side.Side(shipped, "work")
        one.run([(1,)] * 200)
        assert one.alone()


SLEEPY = Module("policy.py", b"import time\n\ndef work(x):\n    time.sleep(0.01)\n    return sum(range(2_000))\n", {})


def test_waiting_that_the_function_chose_is_charged():
    with calls.serve(SLEEPY) as shipped:
        one = side.Side(shipped, "work")
        assert min(one.run([(1,)] * 5)[1] for _ in range(3)) > 0.03
    found = throughput.throughput(SLEEPY, SLOW, "work", lambda rng: [(1,)] * 5, 2.0, seed=1)
    assert found.verdict == "broken"


def test_every_answer_that_is_timed_is_judged():
    seen = []

    def check(many, answers):
        seen.append(len(answers))
        if answers != [x for (x,) in many]:
            raise calls.CallError("`work` answered wrongly.")

    lying = Module("policy.py", b"n = 0\ndef work(x):\n    global n\n    n += 1\n    return x if n < 40 else 0\n", {})
    with pytest.raises(calls.CallError, match="wrongly"):
        throughput.throughput(lying, SLOW, "work", fresh, 1.0, seed=1, check=check)
    assert set(seen) == {3} and 10 < len(seen) < 20
    throughput.throughput(QUICK, SLOW, "work", fresh, 1.0, seed=1, check=check)


COUNTER = b"""
class Counter:
    def __init__(self, start):
        self.at = start
    def add(self, more):
        self.at += more + sum(range(%d)) * 0
    def total(self):
        return self.at
"""


def played(remote, many):
    """Cases of four exchanges each."""
    found = []
    for start, more in many:
        counter = remote.make("Counter", start)
        for _ in range(2):
            counter.call("add", more)
        found.append(counter.call("total"))
    return found


def test_a_case_of_several_exchanges_is_timed_as_a_whole():
    def fresh(rng):
        return [tuple(rng.integers(0, 2**40, 2).tolist())]

    def check(many, answers):
        if answers != [start + 2 * more for start, more in many]:
            raise calls.CallError("wrong")

    slow, quick = (Module(name, COUNTER % work, {}) for name, work in (("policy.py", 60_000), ("yardstick.py", 600)))
    found = throughput.throughput(slow, quick, played, fresh, 1.0, seed=1, check=check)
    assert found.verdict == "broken" and found.us_per_row > 10 * found.cal_us_per_row
    assert throughput.throughput(quick, slow, played, fresh, 0.5, seed=1, check=check).verdict == "kept"
    lazy = Module("policy.py", COUNTER % 1 + b"n = 0\n" + COUNTER.replace(b"return", b"return 0 *") % 1, {})
    with pytest.raises(calls.CallError, match="wrong"):
        throughput.throughput(lazy, slow, played, fresh, 1.0, seed=1, check=check)


def test_what_passing_a_case_costs_is_as_many_exchanges_without_a_call():
    with calls.serve(Module("policy.py", COUNTER % 300_000, {})) as shipped:
        one = side.Side(shipped, played)
        cost, floor = (min(one.run([(1, 2)], called=called)[1] for _ in range(3)) for called in (True, False))
        assert one.latest == [5] and floor < cost / 3 and [r["name"] for r in one._requests] == [
            "Counter", "add", "add", "total",
        ]  # fmt: skip


def test_cases_that_are_played_otherwise_elsewhere_are_found(latest_kept):
    noise = Module("policy.py", COUNTER.replace(b"self.at\n", b"__import__('time').perf_counter()\n") % 1, {})
    with pytest.raises(calls.CallError, match="gave other answers to the same"):
        throughput.throughput(
            noise, Module("yardstick.py", COUNTER % 600, {}), played, lambda rng: [(1, 2)], 99.0, seed=1
        )


def test_samples_without_cpu_time_are_wall_time():
    blocks = [{"model": [(3.0, 1.0)], "cal": [(2.0, 1.0)], "floor": [(1.0, 0.5)]}]
    assert throughput._samples(blocks, False, cpu=False) == sampling.Samples([2.0], [1.0], False)
    assert throughput._samples(blocks, False, cpu=True) == sampling.Samples([0.5], [0.5], False)
