"""One interview as it is remembered: plain lists and texts, in the progress file."""

from __future__ import annotations

from dataclasses import dataclass, field

#: Minutes of an interview, and what things take. They are counted, not measured: think as long as you like.
CLOCK = 45
QUESTION, NONE_OF_THEM, BROWSE, ROW, FOLLOW_UP = 3, 1, 6, 3, 1
#: Interviews that are remembered of each unit.
MOST_TALKS = 5


@dataclass
class Talk:
    """What was asked, taken and said, in order.

    `asked` holds a dict for each card that was taken: question (in the learner's words; empty if found by browsing),
    card (the card's question), kind, minutes. `design` is what was said, by row of the rubric ("" for all at once);
    `answers` are those to follow-ups, by row.
    """

    spent: int = 0
    missed_tries: int = 0
    browsed: int = 0
    done: bool = False
    asked: list = field(default_factory=list)
    design: dict = field(default_factory=dict)
    answers: dict = field(default_factory=dict)

    @property
    def left(self) -> int:
        """Minutes that are left."""
        return max(CLOCK - self.spent, 0)

    @property
    def cards(self) -> tuple[str, ...]:
        """Questions of the cards that were taken, in order."""
        return tuple(one["card"] for one in self.asked)

    def sound(self) -> Talk:
        """Itself, if its parts are what they should be. Raises TypeError or KeyError else."""
        for one in self.asked:
            if not all(isinstance(one[key], str) for key in ("question", "card", "kind")):
                raise TypeError("an interview's question is no text")
        for said in (self.design, self.answers):
            if not all(isinstance(text, str) for pair in said.items() for text in pair):
                raise TypeError("what was said in an interview is no text")
        return self
