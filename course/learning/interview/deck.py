"""A unit's deck: cards that a question can be met with. Facts are the brief's own; the rest stands in `interview.toml`.

That file lies beside the unit's module and holds what the brief doesn't: for each fact, named by its question, what it
changes, what missing it costs and how else one would ask for it; and further cards, which are worth little here.
CONTRIBUTING.md says how to write one. `python -m course.learning.interview.deck UNIT FILE` looks at one that lies
elsewhere.
"""

from __future__ import annotations

import sys
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course.learning.interview.facts import Brief, Fact, brief
from course.problem import Problem

if TYPE_CHECKING:
    from course.units.base import Unit

FILE = "interview.toml"
FACT = "fact"
#: What a card may be that is no fact, and how its answer is commented on.
KINDS = {
    "nobody knows": "Nobody knows, so your design has to do without.",
    "irrelevant": "True, and nothing in your design depends on it.",
    "can be assumed": "You could have assumed it and said so.",
}
#: Ways to ask that a card has at least; the longest clause that says what a fact changes or costs.
LEAST_OF_FACT, LEAST_OF_OTHER, LEAST_OTHERS, LONGEST = 20, 6, 6, 200


@dataclass(frozen=True)
class Card:
    """A question with its answer. `kind` is "fact" or one of `KINDS`; `wordings` are further ways to ask it.

    `means` is the question as it is offered, where the brief's own is understood only after the one before it.
    """

    asks: str
    says: str
    kind: str = FACT
    changes: str = ""
    costs: str = ""
    wordings: tuple[str, ...] = ()
    means: str = ""

    @property
    def is_fact(self) -> bool:
        """True for a row of the brief's table."""
        return self.kind == FACT


@dataclass(frozen=True)
class Deck:
    """All cards of a unit, facts first in the order of the brief. `written` is false where only facts are there."""

    unit: str
    cards: tuple[Card, ...]
    written: bool

    @property
    def facts(self) -> tuple[Card, ...]:
        """The cards that stand in the brief."""
        return tuple(card for card in self.cards if card.is_fact)

    def named(self, asks: str) -> Card | None:
        """The card with that question."""
        return next((card for card in self.cards if card.asks == asks), None)


class DeckProblem(Problem):
    """A deck that can't be used; the message says what is wrong, a line for each fault."""


def deck(unit: Unit, found: Brief | None = None, file: Path | None = None) -> Deck:
    """The deck of a unit. Raises DeckProblem for a file with faults, Problem where there is no brief."""
    found = found or brief(unit)
    file = file or beside(unit)
    if not file.is_file():
        return Deck(unit.name, tuple(Card(fact.asks, fact.says) for fact in found.facts), False)
    try:
        said = tomllib.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DeckProblem(f"{file} can't be read: {error}.") from None
    faults = _faults(said, found)
    if faults:
        raise DeckProblem("\n".join((f"{file} has faults:", *faults)))
    cards = [_fact(fact, said["facts"][fact.asks]) for fact in found.facts]
    cards += [Card(one["asks"], one["says"], one["kind"], wordings=_lines(one)) for one in said["others"]]
    return Deck(unit.name, tuple(cards), True)


def beside(unit: Unit) -> Path:
    """Where a unit's deck lies."""
    return Path(sys.modules[type(unit).__module__].__file__ or "").with_name(FILE)


def _fact(fact: Fact, said: Mapping[str, Any]) -> Card:
    return Card(fact.asks, fact.says, FACT, said["changes"], said["costs"], _lines(said), said.get("means", ""))


def _lines(card: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(line.strip() for line in card["wordings"].splitlines() if line.strip())


def _faults(said: Mapping[str, Any], found: Brief) -> list[str]:
    """What is wrong with a deck, in sentences."""
    if not isinstance(said.get("facts", {}), dict) or not isinstance(said.get("others", []), list):
        return ['facts are tables, [facts."The question?"], and other cards are [[others]].']
    faults = [f"It has [{name}], which means nothing here." for name in said.keys() - {"facts", "others"}]
    given, wanted = said.get("facts", {}), [fact.asks for fact in found.facts]
    faults += [f"The fact {asks!r} of the brief is missing." for asks in wanted if asks not in given]
    faults += [f"{asks!r} is no question of the brief." for asks in given if asks not in wanted]
    every: list[tuple[str, str]] = [(asks, asks) for asks in wanted]
    for asks, card in given.items():
        faults += _card_faults(asks, card, ("changes", "costs", "wordings"), LEAST_OF_FACT, every)
    others = said.get("others", [])
    if len(others) < LEAST_OTHERS:
        faults.append(f"It has {len(others)} other cards; {LEAST_OTHERS} are the least.")
    for number, card in enumerate(others, 1):
        asks = card.get("asks", f"other card {number}") if isinstance(card, dict) else f"other card {number}"
        faults += _card_faults(asks, card, ("asks", "says", "kind", "wordings"), LEAST_OF_OTHER, every)
        if isinstance(card, dict) and card.get("kind") not in KINDS:
            faults.append(f"{asks!r}: its kind is {card.get('kind')!r}; it can be {', '.join(KINDS)}.")
        every.append((asks, asks))
    if others and not faults and {card["kind"] for card in others} != KINDS.keys():
        faults.append(f"Other cards are of all three kinds: {', '.join(KINDS)}.")
    counts = Counter(" ".join(words.casefold().split()) for _, words in every)
    faults += [f"{words!r} stands in it {n} times." for words, n in counts.items() if n > 1]
    return faults


def _card_faults(asks: str, card: Any, fields: tuple[str, ...], least: int, every: list[tuple[str, str]]) -> list[str]:
    if not isinstance(card, dict):
        return [f"{asks!r} is no table."]
    faults = [f"{asks!r} has no {field}." for field in fields if not _is_text(card.get(field))]
    faults += [
        f"{asks!r} has {field!r}, which means nothing here." for field in card if field not in (*fields, "means")
    ]
    for field in ("changes", "costs"):
        text = card.get(field, "") if _is_text(card.get(field)) else ""
        if len(text) > LONGEST:
            faults.append(f"{asks!r}: {field} has {len(text)} characters; {LONGEST} are the most.")
        if text.endswith("."):
            faults.append(f"{asks!r}: {field} is a clause and ends without a full stop.")
    if _is_text(card.get("wordings")):
        lines = _lines(card)
        if len(lines) < least:
            faults.append(f"{asks!r} has {len(lines)} wordings; {least} are the least.")
        every += [(asks, line) for line in lines]
    return faults


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def main() -> None:
    """Look at a deck that lies elsewhere: say what is wrong with it, or how many cards it has."""
    from course.units import load

    unit = load(sys.argv[1])
    try:
        found = deck(unit, file=Path(sys.argv[2]) if len(sys.argv) > 2 else None)
    except Problem as problem:
        sys.exit(str(problem))
    others = len(found.cards) - len(found.facts)
    print(f"{unit.name}: {len(found.facts)} facts, {others} other cards{'' if found.written else '; no deck yet'}.")


if __name__ == "__main__":
    main()
