"""An interview as it goes on: who asks, what is offered, what it costs. Nothing here knows a terminal or a notebook.

Every step is kept in the progress file at once, so nothing is lost at Ctrl-C, and the same interview goes on later.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from course.learning.interview import facts, record, rubric
from course.learning.interview.deck import Card, Deck, deck
from course.learning.interview.heard import LONGEST_DESIGN, refusal
from course.learning.interview.matcher import Matcher, matcher
from course.learning.interview.record import Talk
from course.learning.progress import Progress, Record
from course.learning.rubric import Criterion
from course.problem import Problem

if TYPE_CHECKING:
    from course.units.base import Unit

OFFERED = 3


class Refused(Problem):
    """Something that was said can't be taken; the message is one sentence, and it costs nothing."""


class Interview:
    """One unit's interview: the one that was begun and not ended, else a new one.

    Parameters
    ----------
    folder : where the learner's notebook lies; the current folder by default.
    again : begin anew, also where one was not ended.
    last : the last one, also where it was ended: to look at.
    """

    def __init__(
        self,
        unit: Unit,
        folder: Path | None = None,
        *,
        again: bool = False,
        last: bool = False,
        progress: Progress | None = None,
    ) -> None:
        self.unit, self.folder, self._progress = unit, folder, progress or Progress()
        brief = facts.brief(unit, folder)
        self.deck: Deck = deck(unit, brief)
        self.rubric: tuple[Criterion, ...] = brief.rubric
        self._offer: tuple[Card, ...] = ()
        self._question = ""
        kept = self._progress.record(unit.name).interviews
        self.goes_on = bool(kept) and (last or (not kept[-1].done and not again))
        if not self.goes_on:
            self._progress.change(unit.name, lambda entry: _begin(entry, again))

    @property
    def talk(self) -> Talk:
        """What has been said so far."""
        return self._progress.record(self.unit.name).interviews[-1]

    @property
    def before(self) -> Talk | None:
        """The last interview that was ended before this one."""
        return next((one for one in self._progress.record(self.unit.name).interviews[-2::-1] if one.done), None)

    @property
    def notes(self) -> list[str]:
        """Sentences about the progress file that a person should read."""
        return self._progress.notes

    @property
    def offer(self) -> tuple[Card, ...]:
        """The cards that can be taken now."""
        return self._offer

    @cached_property
    def _matcher(self) -> Matcher:
        return matcher(self.deck)

    def ask(self, question: str) -> tuple[Card, ...]:
        """The cards nearest to a question in one's own words. Costs nothing until one is taken, or none is right."""
        self._open(record.NONE_OF_THEM)
        if reason := refusal(question, self._matcher):
            raise Refused(reason)
        self._question = " ".join(question.split())
        self._offer = tuple(self._matcher.near(self._question, OFFERED))
        return self._offer

    def take(self, number: int) -> Card:
        """Take one of the cards that are offered, from 1 on: its answer is read out."""
        if not self._offer:
            raise Refused("Ask me something first, in your own words.")
        if not 1 <= number <= len(self._offer):
            raise Refused(f"There are {len(self._offer)} to choose from: say a number from 1 to {len(self._offer)}.")
        card = self._offer[number - 1]
        if card.asks in self.talk.cards:
            self._offer = ()
            return card  # asked before: it is read out again for nothing
        self._open(record.QUESTION)
        entry = {"question": self._question, "card": card.asks, "kind": card.kind}
        self._change(lambda talk: talk.asked.append(entry), record.QUESTION)
        self._offer, self._question = (), ""
        return card

    def none(self) -> None:
        """None of the cards is what was meant."""
        if not self._offer:
            raise Refused("Ask me something first, in your own words.")
        self._open(record.NONE_OF_THEM)
        self._offer = ()

        def change(talk: Talk) -> None:
            talk.missed_tries += 1

        self._change(change, record.NONE_OF_THEM)

    def browse(self) -> tuple[Card, ...]:
        """All cards, mixed: their questions can be read, and taken like those that are offered."""
        self._open(record.BROWSE)

        def change(talk: Talk) -> None:
            talk.browsed += 1

        self._change(change, record.BROWSE)
        self._offer, self._question = (
            tuple(sorted(self.deck.cards, key=lambda card: (card.means or card.asks).casefold())),
            "",
        )
        return self._offer

    def say(self, text: str, row: str = "") -> list[Criterion]:
        """A part of the design: about one row of the rubric, or about everything. Returns rows nobody has touched."""
        text = text.strip()
        if not text:
            raise Refused("Say something first: a sentence or two will do.")
        if len(text) > LONGEST_DESIGN:
            raise Refused(f"That were {len(text):,} characters; a page has fewer than {LONGEST_DESIGN:,}. Be short.")
        if row and row not in {one.name for one in self.rubric}:
            raise Refused(f"There is no row {row!r}. There are: {', '.join(one.name for one in self.rubric)}.")
        costs = record.ROW if row else record.ROW * max(len(self.rubric), 1)
        if row in self.talk.design:
            costs = 0  # said again in other words
        # Whoever has asked until the end may still say what they can: the clock stops at its end.
        self._change(lambda talk: talk.design.__setitem__(row, text), min(costs, self.talk.left))
        return self.untouched()

    def untouched(self) -> list[Criterion]:
        """Rows of the rubric that nothing touches so far."""
        talk = self.talk
        found = rubric.touched(self.rubric, talk.design, talk.answers)
        return [one.row for one in found if not one.sentence]

    def answer(self, row: str, text: str) -> None:
        """The answer to a follow-up about a row."""
        if not text.strip():
            return
        self._change(lambda talk: talk.answers.__setitem__(row, text.strip()[:LONGEST_DESIGN]), record.FOLLOW_UP)

    def end(self) -> None:
        """The interview is over."""
        self._change(lambda talk: setattr(talk, "done", True), 0)

    def _open(self, minutes: int) -> None:
        if self.talk.done:
            raise Refused("This interview is over; begin another one to ask again.")
        if self.talk.left < minutes:
            raise Refused(f"{_minutes(self.talk.left)} left: no time for that. Tell me your design.")

    def _change(self, change: Callable[[Talk], object], minutes: int) -> None:
        def both(entry: Record) -> None:
            talk = entry.interviews[-1]
            change(talk)
            talk.spent = min(talk.spent + minutes, record.CLOCK)

        self._progress.change(self.unit.name, both)


def _minutes(number: int) -> str:
    return f"{number} minute{'s' * (number != 1)}"


def _begin(entry: Record, again: bool) -> None:
    if entry.interviews and not entry.interviews[-1].done and again:
        if entry.interviews[-1].asked or entry.interviews[-1].design:
            entry.interviews[-1].done = True
        else:
            entry.interviews.pop()
    entry.interviews = [*entry.interviews, Talk()][-record.MOST_TALKS :]
