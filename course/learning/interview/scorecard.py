"""What an interview showed, as plain data: a mirror, and no grade."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from course.learning.interview import record
from course.learning.interview.deck import KINDS, Deck
from course.learning.interview.record import Talk
from course.learning.interview.rubric import follow_up, sentences, touched
from course.learning.rubric import Criterion

if TYPE_CHECKING:
    from course.contract.terms.estimates import Estimate

MIRROR = (
    "This is a mirror and no grade: it counts what was asked and finds words, and it can't tell a good sentence from a "
    "bad one."
)
_NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?")
#: Sentences with numbers that are shown.
MOST_NUMBERS = 8


@dataclass(frozen=True)
class Asked:
    """A card that was taken: in which words, what was answered, what it changes or why it is worth little."""

    question: str
    card: str
    kind: str
    says: str
    worth: str


@dataclass(frozen=True)
class Missed:
    """A fact that nobody asked for."""

    card: str
    says: str
    changes: str
    costs: str


@dataclass(frozen=True)
class Row:
    """A row of the rubric with the sentence that touches it, or with what an interviewer would still ask."""

    name: str
    points: int
    sentence: str
    follow_up: str


@dataclass(frozen=True)
class Number:
    """An estimate beside what was said. `wanted` is the accepted range, once the learner's own estimates are kept."""

    question: str
    wanted: str
    said: str


@dataclass(frozen=True)
class Then:
    """The interview before this one."""

    facts: int
    rows: int
    new: tuple[str, ...]  # facts that were asked for now and not then
    lost: tuple[str, ...]


@dataclass(frozen=True)
class Scorecard:
    """All of it."""

    unit: str
    brief: str
    minutes: Mapping[str, int]
    asked: tuple[Asked, ...]
    missed: tuple[Missed, ...]
    rows: tuple[Row, ...]
    numbers: tuple[Number, ...]
    told: tuple[str, ...]  # sentences with numbers
    before: Then | None = None
    said: str = field(default=MIRROR)

    @property
    def facts(self) -> int:
        """How many facts were asked for."""
        return sum(one.kind == "fact" for one in self.asked)

    def plain(self) -> dict:
        """The same for programs."""
        return asdict(self)


def scorecard(
    unit: str,
    brief: str,
    deck: Deck,
    rubric: tuple[Criterion, ...],
    talk: Talk,
    before: Talk | None = None,
    estimates: Mapping[str, Estimate] | None = None,
    kept: bool = False,
) -> Scorecard:
    """The scorecard of an interview; `kept` says that the estimates are kept, so that their ranges may be shown."""
    asked = []
    for one in talk.asked:
        card = deck.named(one["card"])
        if card:  # a brief that was rewritten since has forgotten others
            worth = card.changes if card.is_fact else KINDS.get(card.kind, "")
            asked.append(Asked(one["question"], card.means or card.asks, card.kind, card.says, worth))
    taken = set(talk.cards)
    missed = [
        Missed(card.means or card.asks, card.says, card.changes, card.costs)
        for card in deck.facts
        if card.asks not in taken
    ]
    rows = []
    for one in touched(rubric, talk.design, talk.answers):
        still = "" if one.sentence else follow_up(one.row)
        rows.append(Row(one.row.name, one.row.points, one.sentence, still))
    said = [part for text in (*talk.design.values(), *talk.answers.values()) for part in sentences(text)]
    told = [part for part in said if _NUMBER.search(part)]
    return Scorecard(
        unit,
        brief,
        _minutes(talk, asked),
        tuple(asked),
        tuple(missed),
        tuple(rows),
        tuple(_number(one, told, kept) for one in (estimates or {}).values()),
        tuple(told[:MOST_NUMBERS]),
        _then(deck, rubric, talk, before) if before else None,
    )


def _minutes(talk: Talk, asked: list[Asked]) -> dict[str, int]:
    """Where the minutes went."""
    facts = sum(one.kind == "fact" for one in asked) * record.QUESTION
    others = len(talk.asked) * record.QUESTION - facts
    tries, browsing = talk.missed_tries * record.NONE_OF_THEM, talk.browsed * record.BROWSE
    return {
        "of": record.CLOCK,
        "spent": talk.spent,
        "facts": facts,
        "questions worth little": others,
        "questions not understood": tries,
        "reading the deck": browsing,
        "design": max(talk.spent - facts - others - tries - browsing, 0),
    }


def _number(estimate: Estimate, told: list[str], kept: bool) -> Number:
    if not kept:
        return Number(estimate.question, "", "")
    fits = [part for part in told if any(estimate.accepts(float(n.replace(",", ""))) for n in _NUMBER.findall(part))]
    unit = f" {estimate.unit}" if estimate.unit else ""
    return Number(estimate.question, f"{estimate.low:,.4g} to {estimate.high:,.4g}{unit}", fits[0] if fits else "")


def _then(deck: Deck, rubric: tuple[Criterion, ...], talk: Talk, before: Talk) -> Then:
    order = [card.asks for card in deck.facts]
    now, then = set(talk.cards), set(before.cards)
    return Then(
        sum(asks in then for asks in order),
        sum(bool(one.sentence) for one in touched(rubric, before.design, before.answers)),
        tuple(asks for asks in order if asks in now - then),
        tuple(asks for asks in order if asks in then - now),
    )
