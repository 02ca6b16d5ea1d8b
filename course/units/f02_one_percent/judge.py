"""Decisions put to a policy, and the money that its choices lose."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

import numpy as np

from course.contract.artifacts.modules import Ship
from course.contract.processes import expect
from course.contract.processes.calls import CallError, Shipped
from course.units.f02_one_percent import rules, world
from course.units.f02_one_percent.world import Decision, Gains
from course.units.kit.replay import Replay

#: Decisions of one exchange, judged or timed; timed exchanges that are asked again.
TOGETHER, AGAIN = 25, 10


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


class Timed:
    """Exchanges of fresh decisions, as many and of the same kind as those that are judged; some are asked again."""

    def __init__(self, gains: Gains):
        self._gains, self._seen = gains, 0
        self._kept: list[tuple[Sequence[tuple], list]] = []

    def fresh(self, rng: np.random.Generator) -> list[tuple]:
        """The arguments of one exchange."""
        some = world.apart(self._gains, TOGETHER, rng)
        return [(decision.candidates, decision.shop) for decision in some]

    def check(self, many: Sequence[tuple], names: list) -> None:
        """Names of candidates, or CallError; any exchange may be kept, each with the same chance."""
        for args, name in zip(many, names, strict=True):
            expect.one_of(name, [c["name"] for c in args[0]], "choose", args)
        self._seen += 1
        at = secrets.randbelow(self._seen)
        if len(self._kept) < AGAIN:
            self._kept.append((many, names))
        elif at < AGAIN:
            self._kept[at] = (many, names)

    def again(self, ship: Ship) -> None:
        """A process that nobody times must give the same answers to what was kept. Raises CallError."""
        with ship.open() as shipped:
            for many, names in self._kept:
                if shipped.map("choose", many) != names:
                    raise CallError("`choose` gave other answers to the same decisions while it was timed.")
