"""Decisions put to a policy, and the money that its choices lose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from course.contract.artifacts.modules import Ship
from course.contract.processes import expect
from course.contract.processes.calls import Shipped
from course.units.f02_one_percent import rules, world
from course.units.f02_one_percent.world import Decision
from course.units.kit.replay import Replay

#: Decisions of one exchange when they are judged.
TOGETHER = 50
#: Decisions of one exchange when they are timed; the candidates and rows of each.
TIMED, CANDIDATES, ROWS = 16, 8, 1000


def lost(ship: Ship, decisions: Sequence[Decision]) -> tuple[float, float]:
    """€ a month lost in a decision, on average: by the policy, and by taking tests at face value. Raises CallError."""
    with ship.open() as shipped:
        names = choices(shipped, decisions)
    mine = sum(decision.lost(name) for decision, name in zip(decisions, names, strict=True))
    return mine / len(decisions), rules.lost(decisions, rules.face_value)


def choices(shipped: Shipped, decisions: Sequence[Decision]) -> list[str]:
    """The name chosen in each decision. Raises CallError for anything that is none."""
    names: list[Any] = []
    for start in range(0, len(decisions), TOGETHER):
        some = [(decision.candidates, decision.shop) for decision in decisions[start : start + TOGETHER]]
        names += shipped.map("choose", some)
    return [
        expect.one_of(name, [c["name"] for c in decision.candidates], "choose", (decision.candidates, decision.shop))
        for decision, name in zip(decisions, names, strict=True)
    ]


def replayed(shipped: Shipped, decision: Decision, case: int) -> Replay:
    """A decision, candidate by candidate, and which of them is chosen. Raises CallError."""
    (name,) = choices(shipped, [decision])
    shop, best = decision.shop, decision.profits.max()
    rows = []
    for candidate, true, earns in zip(decision.candidates, decision.accuracy, decision.profits, strict=True):
        shown = float(candidate["right"].mean())
        believed = world.profit(candidate, shown, shop)
        marks = ["chosen"] * (candidate["name"] == name) + ["best"] * bool(earns == best)
        money = (round(believed), round(float(earns)))
        rows.append((candidate["name"], candidate["recipe"], f"{shown:.2%}", f"{true:.2%}", *money, ", ".join(marks)))
    heads = ("candidate", "recipe", "shown", "true", "€ a month if shown were true", "€ a month", "")
    tested = len(decision.candidates[0]["right"])
    title = f"Decision {case}: {shop['searches']:,.0f} searches a month, tested on {tested:,} rows"
    plain = decision.lost(rules.face_value(decision.candidates, shop))
    said = f"`choose` gives {name}, which loses €{decision.lost(name):,.0f} a month; face value loses €{plain:,.0f}."
    return Replay(title, heads, rows, said)


def timed(rng: np.random.Generator) -> list[tuple]:
    """Decisions of one size; chance alone decides the rest, because only how much there is to read takes time."""
    shape = (TIMED, CANDIDATES, ROWS)
    right = np.frombuffer(rng.bytes(TIMED * CANDIDATES * ROWS), dtype=np.uint8).reshape(shape) < 243
    costs = rng.uniform(1, 50, (TIMED, CANDIDATES, len(world.COSTS))).tolist()
    recipes = ("current", *world.RECIPES, *world.RECIPES)[:CANDIDATES]
    shop = {"searches": 400_000.0, "right_eur": 0.03, "wrong_eur": -0.02, "sales_eur": 0.1, "slowdown": 0.01}
    return [
        (
            [
                {
                    "name": f"m-{j}",
                    "recipe": recipe,
                    **dict(zip(world.COSTS, costs[i][j], strict=True)),
                    "right": right[i, j],
                }
                for j, recipe in enumerate(recipes)
            ],
            shop,
        )
        for i in range(TIMED)
    ]
