"""Letters that are timed: those of a hold-out under other names and with a word more, and judged as those are."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from course.contract.artifacts.gate import ModelSpec
from course.contract.artifacts.modules import Ship
from course.contract.processes.calls import CallError
from course.units.f05_divide_and_conquer.judge import decided, formed, scored, served
from course.units.f05_divide_and_conquer.service import SHAPES, through
from course.units.f05_divide_and_conquer.world import Days

#: Letters of one exchange; exchanges that are judged; answers, and questions, for 100 letters that may be wrong or
#: asked more often when timed: the word more changes what a router sees a little.
TIMED, JUDGED, MORE, ASKED = 60, 8, 2, 10
#: Letters of the word that makes a letter another one: none that an order number may have.
CONSONANTS = list("bcdfghjklmnpqrstvwz")
#: Fields that are compared.
FIELDS = tuple(name for name in SHAPES if name != "copy_of")


class Timed:
    """Draws lists of letters, and keeps some of the answers, which nobody can foresee."""

    def __init__(self, days: Days, tables: Mapping[str, Any]) -> None:
        self._days, self._tables = days, dict(tables)
        self._alone = [k for k in range(len(days)) if days.right["copy_of"][k] is None]
        self._last: tuple[list[int], Days] = [], days
        self._kept: list[tuple[list[int], Days, Any]] = []
        self._seen = 0

    def fresh(self, draws: np.random.Generator) -> Sequence[tuple]:
        """The arguments of one exchange."""
        places = sorted(draws.choice(self._alone, min(TIMED, len(self._alone)), replace=False).tolist())
        self._last = places, renewed(self._days, places, draws)
        return [(self._last[1].tickets, self._tables)]

    def check(self, many: Sequence[tuple], answers: list) -> None:
        """Keep the answer to what was drawn last, or don't."""
        self._seen += 1
        place = len(self._kept) if len(self._kept) < JUDGED else secrets.randbelow(self._seen)
        if place < JUDGED:
            self._kept[place : place + 1] = [(*self._last, answers[0])]

    def compare(self, ship: Ship, router: ModelSpec) -> None:
        """Put what was kept through the desk. Raises CallError if more of it is wrong than of the original letters."""
        usual = served(ship, router, self._days, self._tables)
        more, count, asked = dict.fromkeys(FIELDS, 0), 0, 0
        for places, days, answer in self._kept:
            records, features = formed(answer, len(days))
            with ship.open() as shipped:
                found = through(
                    days,
                    records,
                    lambda rows, features=features: scored(ship, router, features[rows]),
                    lambda scores, shipped=shipped: decided(shipped, scores),
                )
            count += len(days)
            asked += found.questions - sum(k in places for k, _ in usual.asked)
            for name in FIELDS:
                right = self._days.right[name]
                more[name] += sum(a != b for a, b in zip(found.said[name], days.right[name], strict=True))
                more[name] -= sum(usual.said[name][k] != right[k] for k in places)
        if asked > max(ASKED, ASKED * count / 100):
            raise CallError(
                f"While reading was timed, the hosted model would have been asked {asked} times more about {count} "
                "letters than elsewhere: what is timed is judged."
            )
        for name, letters in more.items():
            if letters > max(MORE, MORE * count / 100):
                raise CallError(
                    f"While reading was timed, `{name}` was wrong in {letters} of {count} letters more than elsewhere: "
                    "what is timed is judged."
                )


def renewed(days: Days, places: Sequence[int], rng: np.random.Generator) -> Days:
    """The letters at these places, with other ids and customers, and a word more at the end of a line."""
    ids, customers = (rng.choice(900_000, len(places), replace=False) + 100_000 for _ in range(2))
    right, hosted = (
        {name: [some[k] for k in places] for name, some in part.items()} for part in (days.right, days.hosted)
    )
    tickets = []
    for at, k in enumerate(places):
        ticket = days.tickets[k]
        line, word = int(rng.integers(ticket["text"].count("\n") + 1)), "".join(rng.choice(CONSONANTS, 7))
        tickets.append(
            ticket | {"id": int(ids[at]), "customer": int(customers[at]), "text": _longer(ticket["text"], line, word)}
        )
        for part in (right, hosted):
            part["text"][at], part["copy_of"][at] = _longer(part["text"][at], line, word), None
    return Days(tickets, right, hosted)


def _longer(text: str, line: int, word: str) -> str:
    lines = text.split("\n")
    return "\n".join([*lines[:line], f"{lines[line]} {word}", *lines[line + 1 :]])
