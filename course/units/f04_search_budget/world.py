"""The world of f04: metered labs, made of learning curves that real models left on real data.

`record.py` trained 72 configurations on six tasks and wrote down their errors step by step. A lab shows most of those
of one task, in a new order and bent: each curve runs at another pace and ends at another height than the one on
record, some break off, and errors are counted on a new validation set. Who knows the record knows how curves look, and
not who wins.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from course.units.f04_search_budget.record import CURVES, STEPS

#: Configurations of a lab; nights until it closes.
SIZES, NIGHTS = (48, 72), 60
#: Steps at the end of a training over which its true error is averaged.
LAST = 5
#: Share of a validation set's chance that all errors of one configuration have in common: its rows stay the same.
COMMON = 0.5
#: Searches at random by which regret is measured.
SEARCHES = 200


@dataclass(frozen=True)
class World:
    """What a key decides about all labs.

    Attributes
    ----------
    bend : standard deviation of how far a curve ends from its recorded height, in the logarithm of the error.
    dear : how much of that a price that is e times as high brings.
    pace : least and largest exponent of a lab's time: at 2, half of the steps bring what a quarter of them did.
    """

    bend: float
    dear: float
    pace: tuple[float, float]


@dataclass(frozen=True)
class Kind:
    """A kind of labs: what is drawn for each of them, as ranges.

    Attributes
    ----------
    bill : what may be spent, as a share of training everything to the end.
    rows : rows of the validation set.
    slower : what the exponent of time is multiplied by.
    crashes : share of configurations that break off, beside those that did so on record.
    """

    bill: tuple[float, float] = (0.10, 0.18)
    rows: tuple[float, float] = (1_000, 4_000)
    slower: tuple[float, float] = (1.0, 1.5)
    crashes: float = 0.05


USUAL = Kind()
SLICES = {
    "slow": Kind(slower=(1.6, 2.0)),
    "noisy": Kind(rows=(80, 160)),
    "crashes": Kind(crashes=0.35),
    "tight": Kind(bill=(0.05, 0.08)),
}


@dataclass(frozen=True)
class Lab:
    """One task, its configurations, and what each would show.

    Attributes
    ----------
    prices : int (configurations,), € for a step.
    bill : € for everything.
    shown : float (configurations, STEPS), the error after each step on the validation set; NaN once it has diverged.
    final : float (configurations,), the true error at the end.
    """

    prices: np.ndarray
    bill: int
    shown: np.ndarray
    final: np.ndarray

    @cached_property
    def regrets(self) -> np.ndarray:
        """For each configuration the share of its errors that the best one would not make."""
        return 1 - self.final.min() / self.final

    @cached_property
    def random(self) -> float:
        """Expected regret of training to the end in random order, while the bill lasts."""
        draws = np.random.default_rng(len(self.prices))
        order = draws.permuted(np.tile(np.arange(len(self.prices)), (SEARCHES, 1)), axis=1)
        paid = self.prices[order].cumsum(axis=1) * STEPS <= self.bill
        shown = np.nan_to_num(self.shown[:, -LAST:].mean(axis=1), nan=1.0)
        named = np.take_along_axis(order, np.where(paid, shown[order], 2.0).argmin(axis=1)[:, None], axis=1)
        return float(self.regrets[named].mean())


class Session:
    """A search in a lab: trains what is asked for, bills it, and refuses what the bill does not cover.

    Attributes
    ----------
    done : steps that each configuration was trained.
    spent, nights : € billed, nights in the lab.
    refused : the bill did not cover what was asked for, so the search was over.
    ended : the search asked for nothing more, so it was over.
    """

    def __init__(self, lab: Lab):
        self.lab, self.done = lab, [0] * len(lab.prices)
        self.spent, self.nights, self.refused, self.ended = 0, 0, False, False

    @property
    def over(self) -> bool:
        """Whether the lab trains nothing more."""
        return self.refused or self.ended or self.nights >= NIGHTS

    def told(self) -> dict:
        """What a search is given: plain numbers and lists, made anew."""
        return {
            "prices": self.lab.prices.tolist(),
            "steps": STEPS,
            "bill": self.lab.bill,
            "spent": self.spent,
            "night": self.nights,
            "curves": [self.lab.shown[k, :steps].tolist() for k, steps in enumerate(self.done)],
        }

    def train(self, requests: Sequence[tuple[int, int]]) -> None:
        """One night: (configuration, steps), each configuration at most once, and never beyond its last step."""
        until = list(self.done)
        for number, steps in requests:
            until[number] = min(until[number] + steps, STEPS)
        cost = int(np.dot(np.subtract(until, self.done), self.lab.prices))
        self.ended, self.refused = not requests, self.spent + cost > self.lab.bill
        if not self.over:
            self.done, self.spent, self.nights = until, self.spent + cost, self.nights + 1


@cache
def recorded() -> Mapping[str, tuple[np.ndarray, np.ndarray, float]]:
    """By task: curves (configurations, steps; NaN once diverged), weights (configurations,), the error of guessing."""
    found: dict[str, list] = {}
    with CURVES.open(encoding="utf-8", newline="") as file:
        for task, classes, held_out, weights, wrong in list(csv.reader(file))[1:]:
            errors = np.array(wrong.split(), float)
            errors = np.where(errors < 0, np.nan, errors / int(held_out))
            found.setdefault(task, []).append((errors, int(weights), 1 - 1 / int(classes)))
    return {
        task: (np.stack([one[0] for one in rows]), np.array([one[1] for one in rows]), rows[0][2])
        for task, rows in found.items()
    }


def world(rng: np.random.Generator) -> World:
    """Draw a world."""
    low = rng.uniform(0.9, 1.2)
    return World(float(rng.uniform(0.10, 0.14)), float(rng.uniform(-0.05, 0.05)), (float(low), float(low + 0.5)))


def labs(at: World, rng: np.random.Generator, count: int, kind: Kind = USUAL) -> list[Lab]:
    """Draw labs of one kind, tasks in turns."""
    tasks = list(recorded())
    order = [tasks[k % len(tasks)] for k in rng.permutation(count)]
    return [lab(at, rng, task, kind) for task in order]


def lab(at: World, rng: np.random.Generator, task: str, kind: Kind) -> Lab:
    """Draw a lab."""
    curves, weights, guess = recorded()[task]
    chosen = rng.permutation(len(curves))[: rng.integers(*SIZES, endpoint=True)]
    count = len(chosen)
    size = (weights[chosen] / weights.max()) ** 0.5
    prices = np.maximum(np.round((2 + 16 * size) * np.exp(rng.normal(rng.normal(0, 0.2), 0.2, count))), 1).astype(int)
    drawn = rng.normal(0, at.bend, count) + at.dear * (np.log(prices) - np.log(prices).mean())
    pace = rng.uniform(*kind.slower) * rng.uniform(*at.pace) * np.exp(rng.normal(0, 0.25, count))
    true = np.stack([bent(curves[k], guess, pace[i], drawn[i]) for i, k in enumerate(chosen)])
    for i in np.flatnonzero(rng.random(count) < kind.crashes):
        true[i, rng.integers(2, 2 * STEPS // 3) :] = np.nan
    final = np.where(np.isnan(true[:, -1]), guess, true[:, -LAST:].mean(axis=1))
    rows = np.exp(rng.uniform(*np.log(kind.rows)))
    luck = COMMON**0.5 * rng.standard_normal((count, 1)) + (1 - COMMON) ** 0.5 * rng.standard_normal((count, STEPS))
    shown = np.clip(true + luck * np.sqrt(true * (1 - true) / rows), 0, 1).round(4)
    bill = int(rng.uniform(*kind.bill) * prices.sum() * STEPS)
    return Lab(prices, bill, shown, final)


def bent(curve: np.ndarray, guess: float, pace: float, height: float) -> np.ndarray:
    """A recorded curve at another pace (same end), and drawn to another height the nearer it comes to its end."""
    part = np.arange(1, STEPS + 1) / STEPS
    made = np.interp(STEPS * part**pace, np.arange(STEPS + 1), [guess, *curve])  # NaN where the next step is NaN
    return np.clip(made * np.exp(height * part), 1e-3, np.maximum(made, guess))


def search(lab: Lab, plan: Callable[[dict], Sequence], pick: Callable[[dict], int]) -> tuple[int, Session]:
    """A whole search by functions that are at hand: the configuration that they name, and what happened."""
    session = Session(lab)
    while not session.over:
        session.train([(int(number), int(steps)) for number, steps in plan(session.told())])
    return int(pick(session.told())), session


def midway(lab: Lab, draws: np.random.Generator | None = None) -> dict:
    """What a search is told in the middle of halving; its configurations in another order, if there are `draws`."""
    count = len(lab.prices)
    order = np.arange(count) if draws is None else draws.permutation(count)
    session = Session(Lab(lab.prices[order], lab.bill, lab.shown[order], lab.final[order]))
    for part, steps in ((1, 1), (2, 2), (4, 3), (8, 6)):
        last = [session.lab.shown[k, max(done - 1, 0)] for k, done in enumerate(session.done)]
        session.train([(int(k), steps) for k in np.argsort(last)[: count // part]])
    return session.told()


def packed(labs: Sequence[Lab], name: str) -> dict[str, np.ndarray]:
    """Labs as arrays one behind the other; errors in units of 0.0001, and 65535 for NaN."""
    shown = np.concatenate([lab.shown for lab in labs])
    return {
        f"{name}_sizes": np.array([len(lab.prices) for lab in labs]),
        f"{name}_bills": np.array([lab.bill for lab in labs]),
        f"{name}_prices": np.concatenate([lab.prices for lab in labs]),
        f"{name}_shown": np.where(np.isnan(shown), 65535, np.round(shown * 10_000)).astype(np.uint16),
        f"{name}_final": np.concatenate([lab.final for lab in labs]),
    }


def unpacked(data: Mapping[str, np.ndarray], name: str) -> list[Lab]:
    """The labs that `packed` wrote."""
    shown = np.where(data[f"{name}_shown"] == 65535, np.nan, data[f"{name}_shown"] / 10_000)
    at = np.cumsum(data[f"{name}_sizes"])[:-1]
    parts = [np.split(one, at) for one in (data[f"{name}_prices"], shown, data[f"{name}_final"])]
    return [Lab(one[0], int(bill), *one[1:]) for bill, *one in zip(data[f"{name}_bills"], *parts, strict=True)]
