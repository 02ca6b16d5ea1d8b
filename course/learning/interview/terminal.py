"""An interview in a terminal: lines in, lines out, nothing but the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from course.learning.interview import show
from course.learning.interview.room import PRICES, Room, no_deck, numbered
from course.learning.interview.rubric import follow_up
from course.learning.interview.talk import Interview, Refused

if TYPE_CHECKING:
    from course.learning.rubric import Criterion

HELP = """\
Type a question in your own words. Or one of these words alone:
  deck      read all that one could ask
  design    you have asked enough: say your design
  end       leave it there and see what it looked like
Ctrl-C leaves; the interview goes on when you come back."""
BACK = "Left. What was said is kept: the same command goes on."


def hold(room: Room, read: Callable[[str], str] = input, say: Callable[[str], None] = print) -> bool:
    """Hold an interview. Returns False if it was left before its end; then the record is kept all the same."""
    one = room.interview
    try:
        say(f"\n“{one.unit.brief}”\n" if not one.goes_on else f"\n“{one.unit.brief}” You were here before; we go on.\n")
        if not one.deck.written:
            say(show.lines(no_deck(one.unit.name)))
        say(f"{show.lines(PRICES)}\n{HELP}\n")
        if _questions(room, read, say):
            _design(one, read, say)
    except (KeyboardInterrupt, EOFError):
        say(f"\n{BACK}")
        return False
    say("")
    say(repr(room.end()))
    return True


def _questions(room: Room, read: Callable, say: Callable) -> bool:
    """The part in which the candidate asks. True if a design follows."""
    one = room.interview
    while True:
        typed = read(f"[{one.talk.left} min] you ask> ")
        word = typed.strip().casefold()
        if word in ("design", "end"):
            return word == "design"
        if word in ("help", "?"):
            say(HELP)
            continue
        try:
            offer = one.browse() if word == "deck" else one.ask(typed)
            _choose(one, offer, read, say)
        except Refused as refused:
            say(show.lines(str(refused)))
            if not one.talk.left:
                return True


def _choose(one: Interview, offer: tuple, read: Callable, say: Callable) -> None:
    """One of the cards, or none of them."""
    say("\n".join(["Do you mean", *(f"  {line}" for line in numbered(offer)), "  0  none of these"]))
    while True:
        typed = read("number> ").strip()
        try:
            if typed == "0":
                one.none()
                say("Then say it in other words, please.")
            else:
                card = one.take(int(typed) if typed.isascii() and typed.isdigit() else -1)
                say(f"\n{show.lines(card.asks)}\n{show.lines(show.plain(card.says), '  ')}\n")
            return
        except Refused as refused:
            say(str(refused))
            if not one.offer or one.talk.left < 1 or "no time" in str(refused):
                return


def _design(one: Interview, read: Callable, say: Callable) -> None:
    """The part in which the candidate speaks about the design, and is asked about what was not touched."""
    rows = [row for row in one.rubric if row.name not in one.talk.design]
    if rows:
        say(
            f"\nSay your design aloud: {', '.join(row.name for row in one.rubric)}.\n"
            "All at once (a), or row by row (Enter)? An empty line ends what you say."
        )
        if read("a or Enter> ").strip().casefold().startswith("a"):
            _try(one, _lines("design> ", read), "", say)
        else:
            for row in rows:
                say(f"\n{row.name} [{one.talk.left} min]")
                _try(one, _lines("> ", read), row.name, say)
    for row in one.untouched():
        if not one.talk.left:
            say("Time is up.")
            return
        _follow(one, row, read, say)


def _follow(one: Interview, row: Criterion, read: Callable, say: Callable) -> None:
    say(f"\n{follow_up(row)} [{one.talk.left} min]")
    one.answer(row.name, _lines("> ", read))


def _try(one: Interview, text: str, row: str, say: Callable) -> None:
    """Take what was said; an empty text is nothing, and costs nothing."""
    if text:
        try:
            one.say(text, row)
        except Refused as refused:
            say(str(refused))


def _lines(prompt: str, read: Callable) -> str:
    """Lines until an empty one."""
    found = []
    while line := read(prompt).strip():
        found.append(line)
    return "\n".join(found)
