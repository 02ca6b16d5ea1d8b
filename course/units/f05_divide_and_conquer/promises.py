"""Four promises of the contract, each tried by itself. All raise CallError where they are broken."""

from __future__ import annotations

import numpy as np

from course.contract.artifacts.modules import Ship
from course.contract.processes.calls import CallError, Shipped
from course.units.f05_divide_and_conquer.judge import decided, taken
from course.units.f05_divide_and_conquer.world import Ticket
from course.units.kit import judges


def _odd(ship: Ship, shipped: Shipped, tickets: list[Ticket], tables: dict) -> None:
    """No letter, an empty one, a long one, only quoted lines, other alphabets; no row of scores."""
    texts = ("", " \n\n", "> quoted\n> and nothing else", "Καλημέρα 🎻 " * 2_000, "1" * 20_000)
    taken(shipped, [], tables)
    taken(shipped, [tickets[0] | {"id": k, "text": text} for k, text in enumerate(texts)], tables)
    decided(shipped, np.zeros((0, 7), np.float32))
    decided(shipped, np.full((1, 7), 0.5, np.float32))


def _alone(ship: Ship, shipped: Shipped, tickets: list[Ticket], tables: dict) -> None:
    """A letter by itself is read as among others, but for what it may be a copy of."""
    records, features = taken(shipped, tickets, tables)
    for k in range(0, len(tickets), 12):
        (record,), row = taken(shipped, [tickets[k]], tables)
        same = {name: value for name, value in record.items() if name != "copy_of"}
        before = {name: value for name, value in records[k].items() if name != "copy_of"}
        if same != before or not np.allclose(row[0], features[k], rtol=1e-4, atol=1e-6):
            raise CallError("`read` makes something else of a letter alone than among others.")


def _again(ship: Ship, shipped: Shipped, tickets: list[Ticket], tables: dict) -> None:
    scores = np.random.default_rng(5).dirichlet(np.ones(7), len(tickets)).astype(np.float32)

    def said(one: Shipped) -> list:
        return [*taken(one, tickets, tables), [list(pair) for pair in decided(one, scores)]]

    judges.twice(ship, shipped, said, "The same letters were read otherwise (`hash` of text differs, for one)")


def _untouched(ship: Ship, shipped: Shipped, tickets: list[Ticket], tables: dict) -> None:
    if not shipped.leaves_alone("read", tickets, tables):
        raise CallError("`read` changed the letters or the tables that it was given; work on copies.")


PROMISES = (_odd, _alone, _again, _untouched)
