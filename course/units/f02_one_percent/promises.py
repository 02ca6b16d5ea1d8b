"""Four promises of the contract, each tried by itself. All raise CallError where they are broken."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from course.contract.artifacts.modules import Ship
from course.contract.processes.calls import CallError, Shipped
from course.units.f02_one_percent.judge import TOGETHER, choices
from course.units.f02_one_percent.world import Decision


def _odd(ship: Ship, shipped: Shipped, usual: Sequence[Decision]) -> None:
    """Decisions that happen rarely: two models with the same bits, no fault on any row, a month without searches."""
    first, second, third = usual[:3]
    same = [c | {"right": first.candidates[0]["right"].copy()} for c in first.candidates]
    perfect = [c | {"right": c["right"] | True} for c in second.candidates]
    for decision in (
        dataclasses.replace(first, candidates=same),
        dataclasses.replace(second, candidates=perfect),
        dataclasses.replace(third, shop=third.shop | {"searches": 0.0}),
    ):
        choices(shipped, [decision])


def _usual(ship: Ship, shipped: Shipped, usual: Sequence[Decision]) -> None:
    choices(shipped, usual[: 4 * TOGETHER])


def _again(ship: Ship, shipped: Shipped, usual: Sequence[Decision]) -> None:
    some = usual[: 4 * TOGETHER]
    first = choices(shipped, some)
    with ship.open() as other:
        if first != choices(other, some[::-1])[::-1]:
            raise CallError(
                "`choose` gave another name for the same decision in a fresh process: leave out chance and memory."
            )


def _order(ship: Ship, shipped: Shipped, usual: Sequence[Decision]) -> None:
    clear = [decision for decision in usual if _no_ties(decision)][: 2 * TOGETHER]
    turned = [dataclasses.replace(one, candidates=one.candidates[::-1], accuracy=one.accuracy[::-1]) for one in clear]
    if choices(shipped, clear) != choices(shipped, turned):
        raise CallError("`choose` gave another name when the same candidates came in another order.")


def _no_ties(decision: Decision) -> bool:
    """True if candidates differ in recipe, in costs and in how many rows they have right: then order can't decide."""
    count = len(decision.candidates)
    costs = {(c["replicas"] * c["replica_eur"] + c["upkeep_eur"], c["latency_ms"]) for c in decision.candidates}
    scores = {int(c["right"].sum()) for c in decision.candidates}
    return len(costs) == len(scores) == count


PROMISES = (_usual, _odd, _again, _order)
