"""The measuring loop: what two models cost, interleaved, until the sign test decides or time is up.

It knows no onnxruntime: the clock, the sleep and both models are passed in, so that tests run it on simulated time.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from course.contract.cost import sequential
from course.contract.cost.clock import Clock, overhead

Run = Callable[[int], object]
#: Hard limits in seconds: for one process, and for what follows the first look.
LIMIT_S, AFTER_FIRST_LOOK_S = 30.0, 5.0
#: From this many times the budget a model is far over it: it gets fewer rows and passes and less time.
FAR, FAR_LIMIT_S = sequential.FAR, 8.0
#: Seconds of calls that one super-block may take, which sets its number of rows; beyond the latter, of passes too.
BLOCK_S, FAR_BLOCK_S, MOST_BLOCK_S = 0.1, 0.025, 1.0
MOST_ROWS, PASSES = 128, 4
WARM_CALLS, WARM_S = 300, 0.3
#: A re-warm after a sleep: up to 1 ms of calls, at most 32.
REWARM_S, REWARM_CALLS = 0.001, 32
SLEEP_S = 0.008


@dataclass
class Samples:
    """Seconds a call, one pair for each super-block, and whether sampling was cut short for a model far over budget."""

    model: list[float] = field(default_factory=list)
    cal: list[float] = field(default_factory=list)
    far: bool = False

    @property
    def log_ratios(self) -> list[float]:
        """Log of the model's cost over the calibration model's, one for each super-block."""
        return [math.log(model / cal) for model, cal in zip(self.model, self.cal, strict=True)]

    def decided(self, budget: float) -> bool:
        """True if the sign test has a verdict."""
        return sequential.judge(self.log_ratios, math.log(budget)) is not None

    def verdict(self, budget: float) -> sequential.Verdict:
        """The verdict on what was sampled; see `sequential.settled`."""
        return sequential.settled(self.log_ratios, math.log(budget))


class Deck:
    """Draws from `size` rows without putting back; shuffles all of them anew when what is left does not suffice."""

    def __init__(self, size: int, rng: random.Random):
        self._all, self._left, self._rng = list(range(size)), [], rng

    def draw(self, count: int) -> list[int]:
        """`count` different rows (all of them if there are fewer)."""
        if len(self._left) < count:
            self._left = self._rng.sample(self._all, len(self._all))
        drawn, self._left = self._left[:count], self._left[count:]
        return drawn


class Stopwatch:
    """Seconds that one call costs: the lesser of wall and thread CPU time, each without the clock's own share."""

    def __init__(self, clock: Clock):
        self.clock = clock
        self._wall, self._cpu = overhead(clock)

    def now(self) -> float:
        """Wall time in seconds."""
        return self.clock()[0] * 1e-9

    def time(self, run: Run, row: int) -> float:
        """Seconds of `run(row)`, at least 1 ns."""
        clock = self.clock
        wall, cpu = clock()
        run(row)
        wall_end, cpu_end = clock()
        return max(min(wall_end - wall - self._wall, cpu_end - cpu - self._cpu), 1) * 1e-9


def sample(
    clock: Clock,
    sleep: Callable[[float], None],
    run_model: Run,
    run_cal: Run,
    rows: int,
    budget: float,
    rng: random.Random,
    progress: Callable[[int, int], None] | None = None,
) -> Samples:
    """Compare the two models in super-blocks until the sign test decides or time is up.

    Parameters
    ----------
    clock : wall and CPU time, see `clock.Clock`.
    sleep : waits for the given seconds.
    run_model, run_cal : run one call on row (or batch) i, 0 <= i < rows.
    rows : the size of the pool. Every super-block takes fresh rows until the pool is used up; then it is shuffled.
    budget : the largest ratio of costs that is kept.
    rng : for the order of rows and passes, and for the sleeps.
    progress : called after each super-block with (super-blocks done, super-blocks at the next look).

    A super-block costs every row at the least of four passes (so a moment's disturbance is not charged) and every
    model at the mean over rows (so a slow branch is). Rows are as many as fit into `BLOCK_S`, 1 to 128; where not even
    one row does four times, it is passed once (`MOST_BLOCK_S`). A model that the warm-up found far over its budget gets
    a quarter of that and 8 s: the sign test is the same, and one pass more or less does not matter there.
    """
    watch = Stopwatch(clock)
    runs = (run_model, run_cal)
    deck = Deck(rows, rng)
    started = watch.now()
    costs = []
    for run in runs:
        _warm_up(watch, run, deck)
        costs.append(_pilot(watch, run, deck))
    far = costs[0] > FAR * budget * costs[1]
    passes = PASSES if sum(costs) * PASSES <= (FAR_BLOCK_S if far else MOST_BLOCK_S) else 1
    count = int((FAR_BLOCK_S if far else BLOCK_S) / (passes * sum(costs)))
    count = min(max(count, 1), MOST_ROWS, rows)
    warm = [min(int(REWARM_S / cost), REWARM_CALLS) for cost in costs]
    found = Samples(far=far)
    deadline = started + (FAR_LIMIT_S if far else LIMIT_S)
    while not found.model or watch.now() < deadline:
        means = _super_block(watch, sleep, runs, deck, count, passes, warm, rng)
        found.model.append(means[0])
        found.cal.append(means[1])
        done = len(found.model)
        if progress:
            progress(done, sequential.next_look(done))
        if found.decided(budget):
            break
        if done == sequential.LOOKS[0]:
            deadline = min(deadline, watch.now() + AFTER_FIRST_LOOK_S)
    return found


def compare(
    clock: Clock,
    sleep: Callable[[float], None],
    run_model: Run,
    run_cal: Run,
    rows: int,
    blocks: int,
    rng: random.Random,
) -> Samples:
    """A few super-blocks, for an estimate rather than a verdict: see `sample`. At least one, however slow a call is."""
    watch, runs, deck = Stopwatch(clock), (run_model, run_cal), Deck(rows, rng)
    started = watch.now()
    costs = []
    for run in runs:
        _warm_up(watch, run, deck)
        costs.append(_pilot(watch, run, deck))
    passes = PASSES if sum(costs) * PASSES <= MOST_BLOCK_S else 1
    count = min(max(int(FAR_BLOCK_S / (passes * sum(costs))), 1), MOST_ROWS, rows)
    warm = [min(int(REWARM_S / cost), REWARM_CALLS) for cost in costs]
    found = Samples()
    while not found.model or (len(found.model) < blocks and watch.now() < started + FAR_LIMIT_S):
        for spans, mean in zip(
            (found.model, found.cal), _super_block(watch, sleep, runs, deck, count, passes, warm, rng), strict=True
        ):
            spans.append(mean)
    return found


def _warm_up(watch: Stopwatch, run: Run, deck: Deck) -> None:
    end = watch.now() + WARM_S
    for _ in range(WARM_CALLS):
        run(deck.draw(1)[0])
        if watch.now() > end:
            return


def _pilot(watch: Stopwatch, run: Run, deck: Deck) -> float:
    """A first idea of a call's mean seconds, from up to 64 calls."""
    end = watch.now() + WARM_S / 4
    spans = []
    for _ in range(64):
        spans.append(watch.time(run, deck.draw(1)[0]))
        if watch.now() > end:
            break
    return sum(spans) / len(spans)


def _super_block(
    watch: Stopwatch,
    sleep: Callable[[float], None],
    runs: tuple[Run, Run],
    deck: Deck,
    count: int,
    passes: int,
    warm: list[int],
    rng: random.Random,
) -> list[float]:
    """Mean seconds a call of each model, over `count` fresh rows."""
    chosen = deck.draw(count)
    least = [[math.inf] * len(chosen) for _ in runs]
    for _ in range(passes):
        for which in rng.sample((0, 1), 2):
            run, best = runs[which], least[which]
            sleep(rng.uniform(0, SLEEP_S))
            for row in deck.draw(warm[which]):  # other rows, so that what is timed stays fresh
                run(row)
            for place, row in enumerate(chosen):
                best[place] = min(best[place], watch.time(run, row))
    return [sum(best) / len(best) for best in least]
