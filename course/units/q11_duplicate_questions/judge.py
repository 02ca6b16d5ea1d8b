"""What is asked of a learner's `find`, and how its answers are judged."""

from __future__ import annotations

from collections.abc import Sequence

from course.contract.processes.calls import CallError, Remote, Shipped, mismatch
from course.units.kit.replay import Replay
from course.units.q11_duplicate_questions.world import STORED, Asked

#: Most ids in an answer, and what is said where nothing is the same.
MOST, NOTHING = 5, "new"
_WANTED = f'"{NOTHING}", or a list of one to {MOST} different whole numbers from 0 to {STORED - 1}'

#: Ids, best first; none for "new".
Answer = tuple[int, ...]


def answers(remote: Remote, texts: Sequence[str]) -> list[Answer]:
    """The answer to each question, each asked by itself, checked. Raises CallError."""
    return [checked(text, remote.call("find", text)) for text in texts]


def checked(text: str, value: object) -> Answer:
    """An answer as a tuple of ids. Raises CallError if it is none."""
    some = value.tolist() if hasattr(value, "tolist") else value
    if type(some) is str and some == NOTHING:
        return ()
    good = isinstance(some, list | tuple) and 1 <= len(some) <= MOST
    good = good and all(type(one) is int and 0 <= one < STORED for one in some)
    if not good or len(set(some)) < len(some):
        raise CallError(mismatch("find", [text], value, _WANTED))
    return tuple(some)


def recall(asked: Sequence[Asked], given: Sequence[Answer], most: int = MOST) -> float:
    """Of the questions that were asked before, the share whose stored one is among the first `most` ids."""
    found = [one.same in ids[:most] for one, ids in zip(asked, given, strict=True) if one.same >= 0]
    return sum(found) / len(found)


def false_duplicates(asked: Sequence[Asked], given: Sequence[Answer]) -> float:
    """Of the new questions, the share that got ids."""
    sent = [bool(ids) for one, ids in zip(asked, given, strict=True) if one.same < 0]
    return sum(sent) / len(sent)


def right(asked: Sequence[Asked], given: Sequence[Answer]) -> float:
    """The share of all questions that got the stored one among their ids, or "new" where there is none."""
    good = [one.same in ids if one.same >= 0 else not ids for one, ids in zip(asked, given, strict=True)]
    return sum(good) / len(good)


def replayed(shipped: Shipped, one: Asked, number: int, stored: Sequence[str]) -> Replay:
    """A question with what was answered, a row an id. Raises CallError."""
    (given,) = answers(shipped, [one.text])
    rows = [(place, stored[place], "the same" if place == one.same else "") for place in given]
    if one.same in given:
        said = "It was asked before, and the stored question is among the answers."
    elif one.same >= 0:
        said = f"It was asked before, and number {one.same} is missing: {stored[one.same]}"
    else:
        said = "It is new, and was sent to other questions." if given else "It is new, and that is what was answered."
    return Replay(f"Question {number}: {one.text}", ("id", "stored question", ""), rows, said)
