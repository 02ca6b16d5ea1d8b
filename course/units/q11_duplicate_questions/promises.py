"""Six promises of the contract, each tried by itself. All raise CallError where they are broken."""

from __future__ import annotations

from collections.abc import Sequence

from course.contract.artifacts.modules import Ship
from course.contract.processes.calls import CallError, Shipped, shown
from course.units.kit import judges
from course.units.q11_duplicate_questions.judge import answers

#: Nothing, signs, other languages: none of it was ever asked here.
NOTHING = (
    "", " ", "\n\t ", "?", "?!?!", "...", "12", "((", "\\d+[", "\x00", "🦅🦅", "ß", "None",
    "Wie lösche ich mein Lichtbild?", "Как удалить фотографию?", "Πώς διαγράφω μια φωτογραφία;", "如何删除照片？",
    "Hoe verwijder ik mijn foto?", "Comment effacer une photographie ?", "¿Cómo borro una fotografía?",
)  # fmt: skip
LONG = 10_000


def _ordinary(ship: Ship, shipped: Shipped, texts: Sequence[str]) -> None:
    """Both kinds of answers are given."""
    given = answers(shipped, texts)
    if not any(given) or all(given):
        raise CallError(f"All of {len(texts)} questions got {'ids' if all(given) else 'new'}: some are new, some not.")


def _nothing(ship: Ship, shipped: Shipped, texts: Sequence[str]) -> None:
    """What says nothing, and what is in another language, is new."""
    for text, ids in zip(NOTHING, answers(shipped, NOTHING), strict=True):
        if ids:
            raise CallError(f'Called `find({shown(text, 40)})`: got ids, expected "new".')


def _long(ship: Ship, shipped: Shipped, texts: Sequence[str]) -> None:
    """Ten thousand characters, of questions and of anything."""
    answers(shipped, [" ".join(texts)[:LONG], "a" * LONG, "a " * (LONG // 2), "?" * LONG, "not 7 " * (LONG // 6)])


def _capitals(ship: Ship, shipped: Shipped, texts: Sequence[str]) -> None:
    """Capitals and blanks mean nothing."""
    given = answers(shipped, texts)
    for change in (str.upper, str.lower, lambda text: f"  {text.replace(' ', '  ')}\n"):
        if answers(shipped, [change(text) for text in texts]) != given:
            raise CallError("Capitals, small letters or more blanks changed an answer; they mean nothing.")


def _again(ship: Ship, shipped: Shipped, texts: Sequence[str]) -> None:
    judges.twice(ship, shipped, lambda one: answers(one, texts), "The same questions got other answers")


def _order(ship: Ship, shipped: Shipped, texts: Sequence[str]) -> None:
    with ship.open() as other:
        if answers(shipped, texts) != answers(other, texts[::-1])[::-1]:
            raise CallError("An answer depends on what was asked before; only the question may count.")


#: `_again` first: there neither process has a past.
PROMISES = (_again, _ordinary, _nothing, _long, _capitals, _order)
