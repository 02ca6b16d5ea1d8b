"""The usual ways to choose, each in a few lines: to be measured, not to be believed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from course.units.f02_one_percent.world import Decision, profit

Rule = Callable[[Sequence[Mapping[str, Any]], Mapping[str, float]], str]


def best_accuracy(candidates: Sequence[Mapping[str, Any]], shop: Mapping[str, float]) -> str:
    """The leaderboard's rule."""
    return max(candidates, key=lambda c: c["right"].mean())["name"]


def cheapest(candidates: Sequence[Mapping[str, Any]], shop: Mapping[str, float]) -> str:
    """The one that costs least to serve."""
    return min(candidates, key=lambda c: c["replicas"] * c["replica_eur"] + c["upkeep_eur"])["name"]


def good_enough(candidates: Sequence[Mapping[str, Any]], shop: Mapping[str, float]) -> str:
    """The cheapest that is at least 95 % right; the best if none is."""
    good = [c for c in candidates if c["right"].mean() >= 0.95]
    return cheapest(good, shop) if good else best_accuracy(candidates, shop)


def face_value(candidates: Sequence[Mapping[str, Any]], shop: Mapping[str, float]) -> str:
    """The one that would earn the most if its accuracy were what the test set shows."""
    return max(candidates, key=lambda c: profit(c, float(c["right"].mean()), shop))["name"]


def sure_of(paired: bool) -> Rule:
    """The one that earns most more than the current model, with each gain cut by one standard error.

    The error is that of two models on the same rows (paired), or what it would be on two sets of rows (unpaired).
    """

    def rule(candidates: Sequence[Mapping[str, Any]], shop: Mapping[str, float]) -> str:
        current = next(c for c in candidates if c["recipe"] == "current")
        now, rows = float(current["right"].mean()), len(current["right"])

        def worst(candidate: Mapping[str, Any]) -> float:
            shown = float(candidate["right"].mean())
            differ = float((candidate["right"] != current["right"]).mean())
            spread = differ - (shown - now) ** 2 if paired else shown * (1 - shown) + now * (1 - now)
            cut = 0.0 if candidate is current else math.sqrt(max(spread, 0.0) / rows)
            return profit(candidate, shown - cut, shop)

        return max(candidates, key=worst)["name"]

    return rule


def lost(decisions: Sequence[Decision], rule: Rule) -> float:
    """€ a month that a rule loses in a decision, on average."""
    return float(np.mean([decision.lost(rule(decision.candidates, decision.shop)) for decision in decisions]))
