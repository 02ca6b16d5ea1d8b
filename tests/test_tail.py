"""The tail of a function's cost: what is counted, what a hostile function gains, and when it is broken.

No verdict here rests on wall-clock time: real processes are only asked for what differs a hundredfold.
"""

from __future__ import annotations

import time

import pytest

from course.contract.cost import canary, tail
from course.contract.processes import calls
from course.contract.processes.calls import CallError, Module

MANY = [(number,) for number in range(tail.FEWEST + tail.WARM)]
YARDSTICK = Module("yardstick.py", b"def work(n):\n    return sum(range(8_000)) * 0 + n\n", {})


@pytest.fixture(autouse=True)
def no_sleep(monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda seconds: None)


@pytest.mark.parametrize(("count", "rank"), [(1, 1), (99, 99), (100, 99), (101, 100), (459, 455), (500, 495)])
def test_the_nearest_rank_is_the_least_value_that_enough_do_not_exceed(count, rank):
    values = list(range(count, 0, -1))
    assert tail.nearest_rank(values, 0.99) == rank
    assert sum(value <= rank for value in values) >= 0.99 * count > sum(value < rank for value in values)


def test_enough_calls_are_asked_for():
    assert 0.99**tail.FEWEST < 0.01 < 0.99 ** (tail.FEWEST - 1)
    with pytest.raises(ValueError, match=f"{tail.FEWEST + tail.WARM} calls"):
        tail.tail(YARDSTICK, YARDSTICK, "work", MANY[:-1], 1.0)


@pytest.fixture
def simulated(monkeypatch):
    """`tail` on sides of known cost: a function of (process, call) -> seconds."""

    def run(cost, noise=lambda process, call: 0.0):
        class Side:
            count = 0

            def __init__(self, shipped, name):
                self.theirs, self.values = shipped == "theirs", b""
                Side.count += self.theirs
                self.process = Side.count

            def run(self, some, *, called=True):
                ((call,),) = some
                worked = (cost(call) if self.theirs else 0.001) * called
                span = 0.1 + worked + (noise(self.process, call) if called else 0.0)
                return span, span

            def alone(self):
                return True

        class Served:
            def __init__(self, module, **_):
                self.which = module

            def __enter__(self):
                return self.which

            def __exit__(self, *_):
                return None

        monkeypatch.setattr(tail, "Side", Side)
        monkeypatch.setattr(calls, "serve", Served)
        monkeypatch.setattr(canary, "unfair", lambda before, after, needed=1.0: "")
        return tail.tail("theirs", "ours", "work", MANY, 0.5)

    return run


def test_one_slow_call_in_fifty_is_the_tail_and_one_in_two_hundred_is_not(simulated):
    often = simulated(lambda call: 0.004 if call % 50 == 0 else 0.0001)
    seldom = simulated(lambda call: 0.004 if call % 200 == 0 else 0.0001)
    assert often.verdict == "broken" and often.ratio == pytest.approx(4) and often.middle == pytest.approx(0.1)
    assert seldom.verdict == "kept" and seldom.ratio == pytest.approx(0.1)


def test_what_is_slow_in_one_process_alone_is_the_machine(simulated):
    found = simulated(
        lambda call: 0.0001, lambda process, call: 0.01 * (call % tail.PROCESSES == process % tail.PROCESSES)
    )
    assert found.verdict == "kept" and found.ratio == pytest.approx(0.1)


def test_broken_once_is_too_close_to_call(simulated):
    found = simulated(lambda call: 0.0001, lambda process, call: 0.01 * (process <= tail.PROCESSES))
    assert found.verdict == "too close to call" and "counts as kept" in found.note


def test_the_first_calls_warm_up(simulated):
    assert simulated(lambda call: 0.0001 if call >= tail.WARM else 1.0).verdict == "kept"


def test_real_processes_tell_a_hundredfold_apart_and_must_agree(monkeypatch):
    monkeypatch.setattr(tail, "PROCESSES", 2)
    quick = Module("quick.py", b"def work(n):\n    return n\n", {})
    slow = Module("slow.py", b"def work(n):\n    return n + 0 * sum(range(800_000 if n % 20 == 0 else 1))\n", {})
    assert tail.tail(quick, YARDSTICK, "work", MANY, 1.0).verdict == "kept"
    found = tail.tail(slow, YARDSTICK, "work", MANY, 1.0)
    assert found.verdict == "broken" and found.middle < 1 < found.ratio
    moody = Module("moody.py", b"import os\n\ndef work(n):\n    return os.urandom(4).hex()\n", {})
    with pytest.raises(CallError, match="other answers"):
        tail.tail(moody, YARDSTICK, "work", MANY, 1.0)
