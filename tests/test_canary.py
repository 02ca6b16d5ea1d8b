"""The canary: what it reads in the system's texts, and what a verdict is worth on a machine that is not fair."""

from __future__ import annotations

import math
from pathlib import PurePosixPath

import numpy as np
import pytest

from course.contract.cost import canary, sampling
from course.contract.cost import latency as latency_module
from course.contract.cost.canary import Look, folders, quota, quota_v1, steal, throttled, unfair
from course.contract.cost.latency import latency

FAIR = Look(cpus=2, quota=math.inf, throttled=3, stolen=50, wanted=1000)


@pytest.mark.parametrize(
    ("text", "cpus"),
    [("max 100000\n", math.inf), ("50000 100000\n", 0.5), ("200000 100000", 2), ("25000", 0.25), ("", math.inf),
     ("0 100000", math.inf), ("nonsense", math.inf)],
)  # fmt: skip
def test_quota(text, cpus):
    assert quota(text) == cpus


@pytest.mark.parametrize(
    ("allowed", "period", "cpus"),
    [("-1\n", "100000\n", math.inf), ("50000\n", "100000\n", 0.5), ("", "", math.inf), ("50000", "0", math.inf)],
)
def test_quota_of_the_first_version(allowed, period, cpus):
    assert quota_v1(allowed, period) == cpus


def test_throttling():
    assert throttled("usage_usec 12\nnr_periods 9\nnr_throttled 4\nthrottled_usec 77\n") == 4
    assert throttled("nr_throttled many") == throttled("") == 0


def test_steal_is_a_share_of_what_was_wanted():
    """Idle time and waiting for disks are not wanted; guest time is part of user time already."""
    assert steal("cpu  100 10 20 5000 300 1 2 30 60 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n") == (30, 163)
    assert steal("cpu 1 2 3 4\n") == steal("") == (0, 0)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("0::/a/b\n", ["", "a", "a/b"]),
        ("0::/\n", [""]),
        ("5:memory:/m\n4:cpu,cpuacct:/c\n", ["cpu,cpuacct", "cpu,cpuacct/c"]),
        ("3:cpuset:/x\n2:cpuacct:/y\n1:name=systemd:/\n", []),
        ("", []),
    ],
)
def test_where_the_limits_are(text, found):
    assert set(folders(text)) == {PurePosixPath("/sys/fs/cgroup", name) for name in found}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, ""),
        ({"cpus": 1}, ""),
        ({"cpus": 0}, "only 0 of the 1 CPU"),
        ({"quota": 0.5}, "only 0.5 of the 1 CPU"),
        ({"quota": 1.0}, ""),
        ({"throttled": 4}, "quota"),
        ({"stolen": 60, "wanted": 1099}, "10%"),
        ({"stolen": 60, "wanted": 1101}, ""),
    ],
)
def test_what_is_unfair(change, words):
    found = unfair(FAIR, Look(**{**vars(FAIR), **change}))
    assert words in found
    assert bool(found) == bool(words)


def test_a_machine_can_be_looked_at():
    before, after = canary.look(), canary.look()
    assert before.cpus >= 1
    assert before.quota > 0
    assert 0 <= before.stolen <= before.wanted <= after.wanted


def test_a_machine_that_says_nothing_is_fair(monkeypatch):
    monkeypatch.setattr(canary, "_read", lambda path: "")
    assert canary.look().quota == math.inf
    assert unfair(canary.look(), canary.look()) == ""


# In a verdict


def samples(ratio, far=False):
    return sampling.Samples([ratio * 2e-5] * 20, [2e-5] * 20, far)


@pytest.mark.parametrize(
    ("ratios", "quotas", "verdict", "waited"),
    [
        ([0.5], [0.5, 0.5], "kept", 0),
        ([1.5, 1.5], [2, 2], "broken", 0),
        ([1.5, 0.5], [0.5, 0.5], "too close to call", 0),
        ([1.5, 1.5, 1.5, 1.5], [0.5] * 4, "not measured", 1),
        ([1.5, 1.5, 1.5, 1.5], [0.5, 0.5, 2, 2], "broken", 1),
        ([1.5, 1.5, 0.5], [0.5] * 3, "kept", 1),
        ([5.0, 5.0], [0.5, 0.5], "broken", 0),
    ],
)
def test_broken_stands_only_on_a_fair_machine_or_far_over(monkeypatch, ratios, quotas, verdict, waited):
    runs, looks, sleeps = [samples(ratio) for ratio in ratios], list(quotas), []
    monkeypatch.setattr(latency_module, "_measure", lambda *_: runs.pop(0))
    monkeypatch.setattr(latency_module.time, "sleep", sleeps.append)
    monkeypatch.setattr(canary, "look", lambda: Look(2, looks.pop(0), 0, 0, 0))
    found = latency(b"", {"X": np.zeros((600, 1))}, 1.0, seed=1)
    assert found.verdict == verdict
    assert not runs
    assert len(sleeps) == waited
    assert ("counts as kept" in found.note) == (verdict == "too close to call")
    assert ("only 0.5 of the 1 CPU" in found.note) == (verdict == "not measured")
