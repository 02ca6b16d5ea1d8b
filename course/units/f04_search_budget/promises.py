"""Four promises of the contract. All raise CallError where they are broken."""

from __future__ import annotations

from collections.abc import Sequence

from course.contract.artifacts.modules import Ship
from course.contract.processes.calls import CallError, Shipped
from course.units.f04_search_budget import world
from course.units.f04_search_budget.judge import number, requests, search
from course.units.f04_search_budget.world import Lab


def _odd(lab: Lab) -> list[dict]:
    """What a search may be told that is rare: one configuration, no money, everything diverged but one."""
    told = world.midway(lab)
    alive = max(range(len(told["curves"])), key=lambda k: told["curves"][k][-1])
    diverged = [curve if k == alive else [*curve[:-1], float("nan")] for k, curve in enumerate(told["curves"])]
    return [
        told | {"prices": told["prices"][:1], "curves": [[]], "spent": 0, "night": 0},
        told | {"bill": 0, "spent": 0, "night": 0, "curves": [[] for _ in told["curves"]]},
        told | {"curves": diverged},
    ]


def _plans(ship: Ship, shipped: Shipped, labs: Sequence[Lab]) -> None:
    for told in _odd(labs[0]):
        requests(shipped.call("plan", told), told)


def _picks(ship: Ship, shipped: Shipped, labs: Sequence[Lab]) -> None:
    for told in _odd(labs[0]):
        named = number(shipped.call("pick", told), "pick", told)
        if any(curve and curve[-1] == curve[-1] for curve in told["curves"]):
            last = told["curves"][named][-1:]
            if last and last[0] != last[0]:
                raise CallError("`pick` named a configuration that had diverged, and there was one that had not.")


def _ends(ship: Ship, shipped: Shipped, labs: Sequence[Lab]) -> None:
    _, sessions = search(shipped, labs)
    if not all(session.ended or session.refused for session in sessions):
        raise CallError("A search did not end by itself: `plan` must return an empty list when it has done enough.")


def _again(ship: Ship, shipped: Shipped, labs: Sequence[Lab]) -> None:
    found = []
    with ship.open() as other:
        for where, order in ((shipped, labs), (other, labs[::-1])):
            named, sessions = search(where, order)
            found.append([(one, session.done) for one, session in zip(named, sessions, strict=True)])
    if found[0] != found[1][::-1]:
        raise CallError("In a second process, with labs in another order, a search asked for other steps; it must not.")


PROMISES = (_plans, _picks, _ends, _again)
