"""What a question must be before it is looked at: there, short, and in English. Each refusal is one kind sentence."""

from __future__ import annotations

from course.learning.interview.matcher import Matcher
from course.learning.interview.pieces import words

#: Characters of a question, and of what is said about a design.
LONGEST, LONGEST_DESIGN = 400, 20_000
#: Words that nearly every English question has one of.
_ENGLISH = frozenset(
    words(
        "a an the is are was were be been am do does did of to in on at for and or if it its that this these those "
        "there we you they he she i my our your me us them what which how who whom whose when where why with without "
        "has have had can could should would will may might must as by from any some not no many much more most so"
    )
)


def refusal(question: str, matcher: Matcher) -> str:
    """Why a question can't be looked at, as a sentence; "" if it can."""
    said = question.strip()
    if not said:
        return "I am listening: what would you like to know?"
    if len(said) > LONGEST:
        return (
            f"That were {len(said):,} characters; ask me one thing at a time, in {LONGEST} at most, "
            "and it costs you nothing to try again."
        )
    letters = [letter for letter in said if letter.isalpha()]
    if not letters:
        return "I can't find a word in that; ask me in a few plain words, please."
    foreign = sum(letter > "ɏ" for letter in letters) * 2 > len(letters)
    found = words(said)
    unheard = len(found) > 2 and not _ENGLISH.intersection(found) and not matcher.knows(said)
    if foreign or unheard or not found:
        return "I am sorry, I understand English only; could you ask that in English?"
    return ""
