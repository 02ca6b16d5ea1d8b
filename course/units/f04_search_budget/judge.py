"""Searches in labs, night by night; what was asked for, checked; and the regret of what was named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import numpy as np

from course.contract.processes.calls import CallError, Shipped, mismatch
from course.units.f04_search_budget.world import Lab, Session
from course.units.kit.replay import Replay

#: Labs whose night is planned in one exchange; nights of one exchange that is timed.
TOGETHER, PLANNED = 40, 20

Kind = TypeVar("Kind", bound=Session)


def search(shipped: Shipped, labs: Sequence[Lab], kind: type[Kind] = Session) -> tuple[list[int], list[Kind]]:
    """Search in all labs, night by night: the configurations that were named, and what happened. Raises CallError."""
    sessions = [kind(lab) for lab in labs]
    named: list[int] = []
    for some in (sessions[at : at + TOGETHER] for at in range(0, len(sessions), TOGETHER)):
        while running := [session for session in some if not session.over]:
            for session, one, value in _asked(shipped, "plan", running):
                session.train(requests(value, one))
        named += [number(value, "pick", one) for _, one, value in _asked(shipped, "pick", some)]
    return named, sessions


def _asked(shipped: Shipped, name: str, sessions: Sequence[Session]) -> Iterator[tuple[Session, dict, Any]]:
    """Each session, what it was told, and what the function answers."""
    told = [session.told() for session in sessions]
    return zip(sessions, told, shipped.map(name, [(one,) for one in told]), strict=True)


def requests(value: Any, told: dict) -> list[tuple[int, int]]:
    """What `plan` asked for, checked. Raises CallError."""
    wanted = "a list of [configuration, steps] in whole numbers, each configuration once"
    if not isinstance(value, list | tuple) or not all(isinstance(one, list | tuple) and len(one) == 2 for one in value):
        raise CallError(mismatch("plan", ["lab"], value, wanted))
    made = [(number(one[0], "plan", told), one[1]) for one in value]
    if len({which for which, _ in made}) < len(made) or any(type(n) is not int or not n >= 1 for _, n in made):
        raise CallError(mismatch("plan", ["lab"], value, f"{wanted}, and at least one step"))
    return made


def number(value: Any, name: str, told: dict) -> int:
    """The number of a configuration, checked. Raises CallError."""
    count = len(told["prices"])
    if type(value) is not int or not 0 <= value < count:
        raise CallError(mismatch(name, ["lab"], value, f"the number of a configuration, an int from 0 to {count - 1}"))
    return value


def regrets(named: Sequence[int], sessions: Sequence[Session]) -> tuple[float, float]:
    """Mean regret of what was named, and of searches at random in the same labs."""
    lost = sum(float(session.lab.regrets[one]) for session, one in zip(sessions, named, strict=True))
    return lost / len(sessions), sum(session.lab.random for session in sessions) / len(sessions)


class Watched(Session):
    """A search that takes notes: of each night what was told, what was asked for, and what came of it."""

    def __init__(self, lab: Lab):
        super().__init__(lab)
        self.notes: list[tuple] = []
        self.asked: list[tuple[dict, list[tuple[int, int]]]] = []

    def train(self, requests: Sequence[tuple[int, int]]) -> None:
        """One night, and a note of it."""
        before = self.spent
        self.asked.append((self.told(), list(requests)))
        super().train(requests)
        curves = [curve for curve in self.told()["curves"] if curve]
        shown = [curve[-1] for curve in curves if curve[-1] == curve[-1]]
        end = "refused: over the bill" if self.refused else "the search ends" if self.ended else ""
        many = len(requests), sum(steps for _, steps in requests)
        self.notes.append((*many, self.spent - before, self.lab.bill - self.spent, min(shown, default=None), end))


class Nights:
    """Nights of searches that were carried out, in any order: to be planned again, and in the same way."""

    def __init__(self, asked: Sequence[tuple[dict, list[tuple[int, int]]]]):
        self._asked, self._left = asked, (None, [])
        self._wanted: list[list[tuple[int, int]]] = []

    def fresh(self, draws: np.random.Generator) -> list[tuple]:
        """The arguments of one exchange: nights that this process has not seen, as long as there are some."""
        of, left = self._left
        if of is not draws or len(left) < PLANNED:
            left = draws.permutation(len(self._asked)).tolist()
        self._left = draws, left[PLANNED:]
        some = [self._asked[at] for at in left[:PLANNED]]
        self._wanted = [wanted for _, wanted in some]
        return [(told,) for told, _ in some]

    def check(self, many: Sequence[tuple], values: list) -> None:
        """The plans must be those of the searches. Raises CallError."""
        for (told,), value, wanted in zip(many, values, self._wanted, strict=True):
            if requests(value, told) != wanted:
                raise CallError(
                    "`plan` asked for other steps while it was timed than in a search that came to the same."
                )


def nights(shipped: Shipped, labs: Sequence[Lab]) -> Nights:
    """The nights of searches in these labs, carried out as they are judged. Raises CallError."""
    _, sessions = search(shipped, labs, Watched)
    return Nights([night for session in sessions for night in session.asked])


def replayed(shipped: Shipped, lab: Lab, case: int) -> Replay:
    """A search, night by night. Raises CallError."""
    (named,), (session,) = search(shipped, [lab], Watched)
    rows = [(night, *note) for night, note in enumerate(session.notes, 1)]
    heads = ("night", "configurations", "steps asked for", "€ paid", "€ left", "lowest error shown", "")
    best, steps = int(lab.final.argmin()), session.done
    said = (
        f"`pick` named {named}, trained for {steps[named]} steps, true error {lab.final[named]:.2%}; the best "
        f"was {best} with {lab.final[best]:.2%}, trained for {steps[best]}. Regret {lab.regrets[named]:.1%}; random "
        f"search's in this lab is {lab.random:.1%}."
    )
    return Replay(f"Lab {case}: {len(lab.prices)} configurations, a bill of €{lab.bill:,}", heads, rows, said)
