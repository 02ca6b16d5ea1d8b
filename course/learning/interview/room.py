"""`Room`: an interview as plain calls in a notebook; each shows what comes next. The terminal uses it as well."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from course.learning.interview import record, show
from course.learning.interview.deck import Card
from course.learning.interview.rubric import follow_up
from course.learning.interview.scorecard import scorecard
from course.learning.interview.talk import Interview
from course.learning.panels import Words
from course.learning.progress import Progress
from course.learning.steps import ESTIMATES_STEP
from course.problem import Problem

if TYPE_CHECKING:
    from course.units.base import Unit

PRICES = (
    f"A question that is answered takes {record.QUESTION} minutes, one that I don't understand {record.NONE_OF_THEM}, "
    f"reading all my cards {record.BROWSE}; each row of the rubric that you speak about takes {record.ROW}, "
    f"a follow-up {record.FOLLOW_UP}. Minutes are counted, not measured."
)


class Room:
    """An interview in a notebook: ask, take, none, browse, design, answer, end. Each costs minutes of 45."""

    def __init__(self, unit: Unit, folder: Path | None = None, *, again: bool = False, last: bool = False) -> None:
        self._unit = unit
        self._progress = Progress()
        self.interview = Interview(unit, folder, again=again, last=last, progress=self._progress)
        self._waiting: list[str] = []

    @classmethod
    def last(cls, unit: Unit, folder: Path | None = None) -> Room:
        """The last interview, ended or not. Raises Problem if there was none."""
        if not Progress().record(unit.name).interviews:
            raise Problem(f"You were not interviewed about {unit.name} yet. Begin with: course interview {unit.name}")
        return cls(unit, folder, last=True)

    def __repr__(self) -> str:
        return repr(self._opening())

    def _repr_html_(self) -> str:
        return self._opening()._repr_html_()

    def _opening(self) -> Words:
        more = [PRICES] + ([] if self.interview.deck.written else [no_deck(self._unit.name)])
        if self.interview.goes_on:
            more.append(
                "You were here before: the interview goes on where you left it; interview(again=True) begins anew."
            )
        calls = (
            'talk = unit.interview()\ntalk.ask("...")    # then talk.take(1), or talk.none()\n'
            'talk.browse()     # all cards\ntalk.design("...")  # or talk.design("...", row="Metric")\ntalk.end()'
        )
        return Words(f"“{self._unit.brief}”", self.clock(), *more, code=[calls])

    def clock(self) -> str:
        """How many minutes are left."""
        left = self.interview.talk.left
        return f"{left} of {record.CLOCK} minutes left."

    def ask(self, question: str) -> Words:
        """Ask in your own words; the three nearest cards are offered."""
        offer = self.interview.ask(question)
        return Words("Do you mean", *numbered(offer), "talk.take(1) takes the first, talk.none() none of them.")

    def take(self, number: int) -> Words:
        """Take one of the cards that are offered."""
        card = self.interview.take(number)
        return Words(card.asks, show.plain(card.says), self.clock())

    def none(self) -> Words:
        """None of these was meant."""
        self.interview.none()
        return Words("Then say it in other words, please.", self.clock())

    def browse(self) -> Words:
        """All cards, for more minutes."""
        offer = self.interview.browse()
        return Words("All that one could ask", *numbered(offer), "talk.take(NUMBER) takes one.", self.clock())

    def design(self, text: str = "", row: str = "") -> Words:
        """Say your design: all of it, or about one row of the rubric. Without a text: the rows there are."""
        if not text:
            asks = [f"{one.name} ({one.points})" for one in self.interview.rubric]
            return Words("Speak about", *asks, 'talk.design("...", row="Metric"), or all at once: talk.design("...")')
        left = self.interview.say(text, row)
        if row and len(self.interview.talk.design) < len(self.interview.rubric):
            return Words("Go on.", self.clock())
        self._waiting = [one.name for one in left]
        return self._next()

    def answer(self, text: str) -> Words:
        """Answer the follow-up that was asked last."""
        if not self._waiting:
            raise Problem('Nothing was asked. Say your design first: talk.design("...")')
        self.interview.answer(self._waiting.pop(0), text)
        return self._next()

    def _next(self) -> Words:
        if not self._waiting or not self.interview.talk.left:
            return Words("Thank you.", "talk.end() shows what this interview looked like.", self.clock())
        row = next(one for one in self.interview.rubric if one.name == self._waiting[0])
        return Words(follow_up(row), 'talk.answer("..."), or talk.end()', self.clock())

    def end(self) -> show.Mirror:
        """End it, and see what it looked like."""
        self.interview.end()
        return self.card()

    def card(self) -> show.Mirror:
        """The scorecard as it is now."""
        one, record_ = self.interview, self._progress.record(self._unit.name)
        kept = record_.step(ESTIMATES_STEP).state == "kept"
        made = scorecard(
            self._unit.name, self._unit.brief, one.deck, one.rubric, one.talk, one.before, self._unit.estimates, kept
        )
        return show.Mirror(**vars(made))


def numbered(cards: tuple[Card, ...]) -> list[str]:
    """Questions with the numbers by which they are taken."""
    return [f"{number}  {card.means or card.asks}" for number, card in enumerate(cards, 1)]


def no_deck(name: str) -> str:
    """What is said where only the brief's facts are known."""
    return f"Nobody has written a deck for {name} yet, so it is played with the facts of its brief alone."


def marked(unit: Unit, folder: Path | None = None, progress: Progress | None = None) -> show.MarkedBrief:
    """The brief's facts, with those marked that the last interview asked for."""
    from course.learning.interview.deck import deck
    from course.learning.interview.facts import brief

    talks = (progress or Progress()).record(unit.name).interviews
    asked = talks[-1].cards if talks else ()
    return show.MarkedBrief(unit.brief, deck(unit, brief(unit, folder)).facts, asked)
