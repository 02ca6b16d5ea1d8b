"""A queue, event by event: who waits how long when workers take requests in batches.

Exact and deterministic: no time step and no randomness of its own. It knows no model and no clock; what a batch takes
is passed in as a function. `tests/test_f11_scale_inference.py` compares it with closed forms (M/D/1, M/M/c), and
`course bench queue` with threads that serve a real model.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

#: Seconds that a worker takes for a batch: (step, rows) -> seconds. Steps are 0 (small model) and 1 (large model).
Service = Callable[[int, int], float]


@dataclass(frozen=True)
class Rules:
    """How workers take requests. Waits are in seconds."""

    small_batch: int = 1
    small_wait: float = 0.0
    large_batch: int = 1
    large_wait: float = 0.0
    entries: int = 0  # answers that the cache holds; 0 is no cache


@dataclass(frozen=True)
class Served:
    """What became of each request, in the order they came.

    `seconds` until its answer; `source` the request whose answer it got (itself if a worker answered it); `busy` the
    share of their time in which workers worked; `batches` of each step.
    """

    seconds: np.ndarray
    source: np.ndarray
    busy: float
    batches: tuple[int, int]

    @property
    def cached(self) -> np.ndarray:
        """Which requests got another one's answer."""
        return self.source != np.arange(len(self.source))


def simulate(
    times: Sequence[float],
    keys: Sequence[object],
    escalated: Sequence[bool],
    workers: int,
    service: Service,
    rules: Rules,
) -> Served:
    """Serve requests that come at `times` (seconds, in order).

    Parameters
    ----------
    keys : for each request what it is filed under in the cache; None is never filed. Where the answer of an equal key
        is in the cache, it is given at once; where a worker is on it, the request waits for that answer. Answers are
        filed when they are there, and the one that was not used for longest makes room.
    escalated : for each request whether it needs the large model after the small one.
    workers : all alike, each works on one batch at a time and leaves none unfinished.
    service : what a batch takes.
    rules : a free worker takes what waits for the large model first, then what waits for the small one: as soon as a
        full batch waits, or the first of them has waited as long as the rules say, and then as many as a batch holds.

    Raises ValueError if the times are not in order, or there is no worker.
    """
    arrivals = np.asarray(times, float).tolist()
    if any(after < before for before, after in itertools.pairwise(arrivals)) or workers < 1:
        raise ValueError("times must be in order, and there must be a worker")
    count, flags = len(arrivals), np.asarray(escalated, bool).tolist()
    end, source = [0.0] * count, list(range(count))
    queues: tuple[deque, deque] = (deque(), deque())  # of (since when, request)
    most, waits = (rules.small_batch, rules.large_batch), (rules.small_wait, rules.large_wait)
    done: list[tuple[float, int, int, list[int]]] = []  # (when, number, step, requests)
    filed: OrderedDict = OrderedDict()
    pending: dict = {}
    free, at, number, busy, batches = workers, 0, 0, 0.0, [0, 0]

    def answered(request: int, now: float) -> None:
        end[request] = now
        key = keys[request] if rules.entries else None
        if key is None:
            return
        for other in pending.pop(key):
            end[other], source[other] = now, request
        filed[key] = request
        filed.move_to_end(key)
        if len(filed) > rules.entries:
            filed.popitem(last=False)

    while at < count or done or queues[0] or queues[1]:
        now = arrivals[at] if at < count else math.inf
        if done and done[0][0] < now:
            now = done[0][0]
        if free:
            for queue, wait in zip(queues, waits, strict=True):
                if queue and queue[0][0] + wait < now:
                    now = queue[0][0] + wait
        while done and done[0][0] <= now:
            _, _, step, batch = heapq.heappop(done)
            free += 1
            for request in batch:
                if step == 0 and flags[request]:
                    queues[1].append((now, request))
                else:
                    answered(request, now)
        while at < count and arrivals[at] <= now:
            key = keys[at] if rules.entries else None
            if key is None:
                queues[0].append((now, at))
            elif key in filed:
                filed.move_to_end(key)
                end[at], source[at] = now, filed[key]
            elif key in pending:
                pending[key].append(at)
            else:
                pending[key] = []
                queues[0].append((now, at))
            at += 1
        for step in (1, 0):
            queue = queues[step]
            while free and queue and (len(queue) >= most[step] or now >= queue[0][0] + waits[step]):
                batch = [queue.popleft()[1] for _ in range(min(len(queue), most[step]))]
                takes = service(step, len(batch))
                heapq.heappush(done, (now + takes, number, step, batch))
                free, number, busy = free - 1, number + 1, busy + takes
                batches[step] += 1
    span = max(end, default=0.0) - (arrivals[0] if count else 0.0)
    seconds = np.asarray(end) - np.asarray(arrivals)
    return Served(seconds, np.asarray(source, int), busy / (workers * span) if span else 0.0, tuple(batches))
