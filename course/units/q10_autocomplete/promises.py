"""Five promises of the contract, each tried by itself. All raise CallError where they are broken."""

from __future__ import annotations

from collections.abc import Sequence

from course.contract.artifacts.modules import Ship
from course.contract.processes.calls import CallError, Shipped
from course.units.kit import judges
from course.units.q10_autocomplete.judge import beginnings, suggestions

ODD = (
    "", " ", "   ", "\n", "?!", "#", "1", "((", "/", "Ünïcode ist", "Καλημέρα", "🦅 ", "\\d+[", "None", "\t\x00", "ß",
)  # fmt: skip


def _ordinary(ship: Ship, shipped: Shipped, messages: Sequence[str]) -> None:
    if not any(suggestions(shipped, beginnings(messages, 500))):
        raise CallError("Nothing was suggested behind any of 500 texts.")


def _odd(ship: Ship, shipped: Shipped, messages: Sequence[str]) -> None:
    """Nothing, spaces, other alphabets, signs, numbers."""
    suggestions(shipped, ODD)


def _long(ship: Ship, shipped: Shipped, messages: Sequence[str]) -> None:
    suggestions(shipped, [" ".join(messages)[:20_000], "A" * 5_000, "A " * 5_000, "\n".join(messages)])


def _again(ship: Ship, shipped: Shipped, messages: Sequence[str]) -> None:
    texts = beginnings(messages, 300)
    judges.twice(ship, shipped, lambda one: suggestions(one, texts), "The same texts got other suggestions")


def _order(ship: Ship, shipped: Shipped, messages: Sequence[str]) -> None:
    texts = beginnings(messages, 300)
    with ship.open() as other:
        if suggestions(shipped, texts) != suggestions(other, texts[::-1])[::-1]:
            raise CallError("What is suggested depends on what was asked before; only the text may count.")


#: `_again` first: there neither process has a past.
PROMISES = (_again, _ordinary, _odd, _long, _order)
