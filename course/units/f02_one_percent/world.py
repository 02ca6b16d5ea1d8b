"""The world of f02: shops, their candidate models, what a labelled test set shows of them, and what is true.

Whether a row is answered right follows a Gaussian copula: each row has a difficulty that all candidates share, one that
the runs of a recipe share, and one of each run's own. So runs of one recipe are near-copies that are right and wrong
on nearly the same rows, and every candidate's true accuracy is known exactly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any

import numpy as np

#: How a candidate was made. "current" is in service; every decision has exactly one of those.
RECIPES = ("retrained", "tuned", "larger", "ensemble", "distilled")
#: How often each recipe is tried, the most runs of it, and how like its difficulties are to those of the current model.
OFTEN, RUNS = (0.18, 0.24, 0.28, 0.16, 0.14), (3, 6, 6, 2, 3)
ALIKE = {"retrained": 0.995, "tuned": 0.99, "larger": 0.85, "ensemble": 0.97, "distilled": 0.95}
#: Share of a row's difficulty that runs of one recipe have in common.
RUN_ALIKE = 0.995
#: Memory (price of a replica), compute (replicas, latency) and people (upkeep) relative to the current model: ranges.
SIZE = {"retrained": (1, 1), "tuned": (1, 1), "larger": (1.4, 2.4), "ensemble": (2.0, 4.0), "distilled": (0.6, 0.9)}
COMPUTE = {"retrained": (1, 1), "tuned": (1, 1), "larger": (1.3, 3.0), "ensemble": (2.0, 4.0), "distilled": (0.3, 0.7)}
UPKEEP = {"retrained": (1, 1), "tuned": (1, 1), "larger": (1.0, 1.6), "ensemble": (1.5, 3.0), "distilled": (1.0, 1.5)}
#: Mean true gain of a recipe over the current model, in points of accuracy, before the key shifts it; shifts; spreads.
MEANS = {"retrained": 0.15, "tuned": 0.1, "larger": 0.5, "ensemble": 0.6, "distilled": -0.4}
SHIFTS, SPREADS = (-0.4, -0.2, 0.0, 0.2, 0.4), (0.10, 0.25, 0.40, 0.60, 0.80)
#: Standard deviation between the runs of one recipe in one shop, points.
RUN_SPREAD = 0.06
SECONDS = 30 * 86_400  # a month
#: Numbers of a shop and of a candidate, in the order in which they are packed.
SHOP = ("searches", "right_eur", "wrong_eur", "sales_eur", "slowdown")
COSTS = ("replicas", "replica_eur", "upkeep_eur", "latency_ms")


@dataclass(frozen=True)
class Gains:
    """What recipes gain in one world: mean and standard deviation over shops, in shares (0.01 is a point)."""

    mean: Mapping[str, float]
    spread: Mapping[str, float]


@dataclass(frozen=True)
class Decision:
    """What `choose` is given, and what it is not: the true accuracy of each candidate, in their order."""

    candidates: list[dict[str, Any]]
    shop: dict[str, float]
    accuracy: np.ndarray = field(repr=False)

    @property
    def profits(self) -> np.ndarray:
        """What each candidate would truly earn, € a month."""
        return np.array([profit(c, a, self.shop) for c, a in zip(self.candidates, self.accuracy, strict=True)])

    def lost(self, name: str) -> float:
        """€ a month lost by choosing `name` and not the best."""
        profits = self.profits
        return float(profits.max() - profits[[c["name"] for c in self.candidates].index(name)])


@dataclass(frozen=True)
class Sort:
    """A sort of decisions: ranges that are drawn from, evenly on a logarithmic scale but for the candidates."""

    rows: tuple[float, float] = (100, 2000)
    searches: tuple[float, float] = (1e5, 1e6)
    stake: tuple[float, float] = (0.03, 0.10)  # €, what a right answer is worth more than a wrong one
    candidates: tuple[int, int] = (2, 8)


USUAL = Sort()
#: Sorts that are rare among usual decisions.
SLICES: Mapping[str, Sort] = {
    "small_shops": Sort(searches=(5e3, 4e4)),
    "tiny_tests": Sort(rows=(40, 120)),
    "rich_tests": Sort(rows=(3000, 6000), searches=(1e6, 5e6)),
    "many_candidates": Sort(candidates=(8, 8)),
}


def profit(candidate: Mapping[str, Any], accuracy: float, shop: Mapping[str, float]) -> float:
    """€ a month: answers, plus sales that waiting has not cost, less machines and people."""
    answers = accuracy * shop["right_eur"] + (1 - accuracy) * shop["wrong_eur"]
    sales = shop["sales_eur"] * (1 - shop["slowdown"] * candidate["latency_ms"] / 100)
    return (
        shop["searches"] * (answers + sales)
        - candidate["replicas"] * candidate["replica_eur"]
        - candidate["upkeep_eur"]
    )


def gains(rng: np.random.Generator) -> Gains:
    """What recipes gain in a key's world: which of them pays is the key's, how hard the choice is hardly differs."""
    weights = np.array(OFTEN) * (np.array(RUNS) + 1)
    weights /= weights.sum()  # about how many candidates are of each recipe
    while True:
        shifts, spreads = rng.permutation(SHIFTS), rng.permutation(SPREADS)
        # Nowhere does retraining make models worse, or distilling cost nothing: the choice would be another one there.
        plain = shifts[0] > min(SHIFTS) and shifts[-1] < max(SHIFTS)
        if plain and abs(weights @ shifts) < 0.08 and abs(weights @ spreads - 0.38) < 0.06:
            break
    return Gains(
        {name: (MEANS[name] + shift) / 100 for name, shift in zip(RECIPES, shifts.tolist(), strict=True)},
        {name: spread / 100 for name, spread in zip(RECIPES, spreads.tolist(), strict=True)},
    )


def draw(found: Gains, count: int, rng: np.random.Generator, sort: Sort = USUAL) -> list[Decision]:
    """`count` decisions. Rows, searches and stakes are spread evenly over their ranges: no few of them weigh much."""

    def even(low: float, high: float) -> np.ndarray:
        steps = (rng.permutation(count) + rng.random(count)) / count
        return low * (high / low) ** steps

    rows, searches, stakes = even(*sort.rows), even(*sort.searches), even(*sort.stake)
    return [_decision(found, int(rows[i]), searches[i], stakes[i], sort.candidates, rng) for i in range(count)]


def apart(found: Gains, count: int, rng: np.random.Generator) -> list[Decision]:
    """`count` usual decisions, each drawn for itself: as if they had been picked from very many."""

    def any_of(low: float, high: float) -> float:
        return float(low * (high / low) ** rng.random())

    return [
        _decision(found, int(any_of(*USUAL.rows)), any_of(*USUAL.searches), any_of(*USUAL.stake), USUAL.candidates, rng)
        for _ in range(count)
    ]


def learned(past: Sequence[Decision]) -> Gains:
    """What recipes gained in past decisions."""
    found: dict[str, list[float]] = {recipe: [] for recipe in RECIPES}
    for decision in past:
        recipes = [candidate["recipe"] for candidate in decision.candidates]
        for recipe, gain in zip(recipes, decision.accuracy - decision.accuracy[recipes.index("current")], strict=True):
            if recipe != "current":
                found[recipe].append(float(gain))
    return Gains({r: float(np.mean(g)) for r, g in found.items()}, {r: float(np.std(g)) for r, g in found.items()})


def _decision(
    found: Gains, rows: int, searches: float, stake: float, most: tuple[int, int], rng: np.random.Generator
) -> Decision:
    right = float(stake * rng.uniform(0.4, 0.8))
    shop = {
        "searches": float(round(searches, -2)),
        "right_eur": round(right, 4),
        "wrong_eur": round(right - float(stake), 4),
        "sales_eur": round(math.exp(rng.uniform(math.log(0.1), math.log(0.6))), 3),
        "slowdown": float(rng.choice([0.0, 0.005, 0.01, 0.015])),
    }
    price, latency, upkeep = rng.uniform(25, 60), rng.uniform(20, 70), rng.uniform(30, 120)
    peak = 6 * searches / SECONDS

    def candidate(recipe: str, size: float, compute: float, people: float) -> dict[str, Any]:
        return {
            "name": "",
            "recipe": recipe,
            "replicas": 1 + math.ceil(peak * latency * compute / 1000 / 0.5),  # half busy at the peak, one to spare
            "replica_eur": round(price * size, 2),
            "upkeep_eur": round(upkeep * people, 2),
            "latency_ms": round(latency * (0.5 + 0.5 * compute), 1),  # half of it is the network's
        }

    base = rng.uniform(0.935, 0.965)
    shared = rng.standard_normal(rows, dtype=np.float32)
    made, accuracy, difficulties = [candidate("current", 1, 1, 1)], [base], [shared]
    wanted = int(rng.integers(most[0], most[1] + 1))
    while len(made) < wanted:
        which = rng.choice(len(RECIPES), p=OFTEN)
        recipe = RECIPES[which]
        like = candidate(recipe, *(rng.uniform(*kind[recipe]) for kind in (SIZE, COMPUTE, UPKEEP)))
        family = _mixed(shared, ALIKE[recipe], rng)
        gain = found.mean[recipe] + found.spread[recipe] * rng.standard_normal()
        for _ in range(min(int(rng.integers(1, RUNS[which] + 1)), wanted - len(made))):
            made.append(dict(like))
            accuracy.append(min(base + gain + RUN_SPREAD / 100 * rng.standard_normal(), 0.995))
            difficulties.append(_mixed(family, RUN_ALIKE, rng))
    order = rng.permutation(wanted)
    names = rng.choice(46_656, wanted, replace=False)
    for one, difficulty, true, number in zip(made, difficulties, accuracy, names, strict=True):
        one["name"] = f"m-{np.base_repr(number, 36).lower():0>3}"
        one["right"] = difficulty < NormalDist().inv_cdf(true)
    return Decision([made[i] for i in order], shop, np.array(accuracy)[order])


def _mixed(difficulty: np.ndarray, alike: float, rng: np.random.Generator) -> np.ndarray:
    """Normal draws, one for each row, that have the correlation `alike`**0.5 with given ones."""
    fresh = rng.standard_normal(len(difficulty), dtype=np.float32)
    return np.float32(math.sqrt(alike)) * difficulty + np.float32(math.sqrt(1 - alike)) * fresh


def pack(decisions: Sequence[Decision], part: str) -> dict[str, np.ndarray]:
    """Decisions as plain arrays, whose names begin with `part`; `unpack` is the way back."""
    candidates = [c for decision in decisions for c in decision.candidates]
    bits = np.concatenate([c["right"] for c in candidates])
    arrays = {
        "shops": np.array([[decision.shop[name] for name in SHOP] for decision in decisions]),
        "candidates": np.array([len(decision.candidates) for decision in decisions]),
        "rows": np.array([len(decision.candidates[0]["right"]) for decision in decisions]),
        "names": np.array([c["name"] for c in candidates]),
        "recipes": np.array([c["recipe"] for c in candidates]),
        "costs": np.array([[c[name] for name in COSTS] for c in candidates], dtype=float),
        "accuracy": np.concatenate([decision.accuracy for decision in decisions]),
        "right": np.packbits(bits),
    }
    return {f"{part}_{name}": array for name, array in arrays.items()}


def unpack(data: Mapping[str, np.ndarray], part: str) -> list[Decision]:
    """The decisions of a part ("history" or "public") of the unit's data."""
    found = {name: data[f"{part}_{name}"] for name in ("shops", "candidates", "rows", "names", "recipes", "costs")}
    bits, accuracy = data[f"{part}_right"], data[f"{part}_accuracy"]
    right = np.unpackbits(bits).astype(bool)
    decisions, first, bit = [], 0, 0
    for shop, count, rows in zip(found["shops"].tolist(), found["candidates"], found["rows"], strict=True):
        candidates = []
        for i in range(first, first + count):
            costs = dict(zip(COSTS, found["costs"][i].tolist(), strict=True)) | {"replicas": int(found["costs"][i][0])}
            made = {"name": str(found["names"][i]), "recipe": str(found["recipes"][i]), **costs}
            candidates.append(made | {"right": right[bit : bit + rows].copy()})
            bit += rows
        decisions.append(Decision(candidates, dict(zip(SHOP, shop, strict=True)), accuracy[first : first + count]))
        first += count
    return decisions
