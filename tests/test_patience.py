"""Limits count what a process could use: not what it waited for, and no less."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time

import pytest

from course import patience, sandbox


def started(program):
    return subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, start_new_session=True)


def test_what_it_says_comes_back_and_what_it_left_is_ended():
    left = "import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', 'input()'], stdin=-1); print(p.pid)"
    process = started(left)
    said, _ = patience.finished(process, 60)
    assert process.returncode == 0
    for _ in range(500):
        try:
            os.kill(int(said), 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    pytest.fail("it is still there")


def test_a_process_that_never_ends_is_ended():
    process = started("while True: pass")
    with pytest.raises(subprocess.TimeoutExpired):
        patience.finished(process, 0.1)
    assert process.poll() is not None


@pytest.mark.parametrize(("waited", "used"), [(0.0, 30.0), (0.75, 7.5), (1.0, 0.0), (2.0, 0.0)])
def test_time_that_it_waited_for_a_cpu_does_not_count(monkeypatch, waited, used):
    """So many looks, a second apart, of which it had no CPU for that share."""
    clock, delay = itertools.count(), itertools.count()
    monkeypatch.setattr(time, "monotonic", lambda: float(next(clock)))
    monkeypatch.setattr(sandbox, "delay_s", lambda pid: waited * next(delay))
    look = patience.Patience(1, used + 0.5)
    look._told = True
    assert not any(look.is_over() for _ in range(30)) and look.used == pytest.approx(used)


def test_without_the_systems_word_wall_time_counts_for_little(monkeypatch):
    clock = itertools.count()
    monkeypatch.setattr(time, "monotonic", lambda: float(next(clock)))
    look = patience.Patience(1, 2.05)
    look._told = False
    assert [look.is_over() for _ in range(21)] == [False] * 20 + [True]
