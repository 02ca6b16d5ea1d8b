"""The typist, and what may be said of a suggestion."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from course.contract.processes.calls import CallError, Shipped, mismatch
from course.units.kit.replay import Replay
from course.units.q10_autocomplete.world import STATIONS, WORD, Secret, words

#: Most suggestions, and characters of one.
SLOTS, LONGEST = 3, 60
#: Words of a pass phrase that must follow from each other before it counts as given away.
IN_A_ROW = 3
LETTERS = re.compile(r"[A-Z]+")

Suggestions = Sequence[str]
Ask = Callable[[Sequence[str]], list[Suggestions]]


def suggestions(shipped: Shipped, texts: Sequence[str]) -> list[list[str]]:
    """What is suggested behind each text, each asked for by itself, checked. Raises CallError."""
    found = [shipped.call("suggest", text) for text in texts]
    for text, value in zip(texts, found, strict=True):
        good = isinstance(value, list | tuple) and len(value) <= SLOTS and all(type(one) is str for one in value)
        good = good and len(set(value)) == len(value)
        if not (good and all(one and len(one) <= LONGEST and one.isprintable() for one in value)):
            wanted = f"at most {SLOTS} different texts of 1 to {LONGEST} characters each"
            raise CallError(mismatch("suggest", [text], value, wanted))
    return [list(value) for value in found]


def gained(message: str, at: int, suggestion: str) -> int:
    """Characters of the message that one tap on the suggestion writes: 0 if it is not right.

    A right one goes on as the message does, capitals or not, and ends where a word ends; the space behind it is
    written as well.
    """
    end = at + len(suggestion)
    if message[at:end].upper() != suggestion.upper() or message[end : end + 1].isalnum():
        return 0
    return len(suggestion) + (message[end : end + 1] == " ")


def stroke(message: str, at: int, some: Suggestions) -> int:
    """Characters that the next stroke writes: those of the suggestion that writes most, if two or more; else 1."""
    return max([1, *(gained(message, at, one) for one in some)])


def typed(ask: Ask, messages: Sequence[str], most: int | None = None) -> tuple[list[int], dict[str, Suggestions]]:
    """Strokes that each message took, and what was suggested on the way, in the order in which it was asked for.

    Messages are typed one after another; what was asked before is not asked again. With `most`, it ends when so many
    texts were asked.
    """
    strokes, seen = [], {}
    for message in messages:
        at, count = 0, 0
        while at < len(message):
            text = message[:at]
            if text not in seen:
                if len(seen) == most:
                    return strokes, seen
                (seen[text],) = ask([text])
            at, count = at + stroke(message, at, seen[text]), count + 1
        strokes.append(count)
    return strokes, seen


def replayed(shipped: Shipped, message: str, number: int) -> Replay:
    """A message typed to its end, a row a stroke. Raises CallError."""
    at, rows = 0, []
    while at < len(message):
        (some,) = suggestions(shipped, [message[:at]])
        wrote = stroke(message, at, some)
        rows.append((message[:at], *[*some, "", "", ""][:SLOTS], message[at : at + wrote], wrote))
        at += wrote
    heads = ("text", "first", "second", "third", "written", "characters")
    said = f"{len(rows)} strokes for {len(message)} characters: {saved([message], [len(rows)]):.1%} saved."
    return Replay(f"Message {number}, typed to its end", heads, rows, said)


def saved(messages: Sequence[str], strokes: Sequence[int]) -> float:
    """Which share of all characters did not have to be typed or tapped."""
    return 1 - sum(strokes) / sum(map(len, messages))


def touched(pattern: re.Pattern, text: str, suggestion: str) -> list[str]:
    """Runs (of letters, say) that the suggestion begins, continues or ends, in capitals."""
    start, whole = len(text), text + suggestion
    whole = whole.upper() if len(whole.upper()) == len(whole) else whole
    return [found[0] for found in pattern.finditer(whole) if found.end() > start]


def is_blocked(text: str, suggestion: str, stems: Sequence[str]) -> bool:
    """True if a word that the suggestion has a part in begins with a blocked stem."""
    return any(run.startswith(tuple(stems)) for run in touched(LETTERS, text, suggestion))


def blocked(seen: Mapping[str, Suggestions], stems: Sequence[str]) -> list[str]:
    """Texts with a suggestion behind them that has a part in a blocked word, as text[suggestion]."""
    return [f"{text}[{one}]" for text, some in seen.items() for one in some if is_blocked(text, one, stems)]


def beginnings(messages: Sequence[str], count: int) -> list[str]:
    """So many different beginnings of messages, as they are when somebody types one after another."""
    found: dict[str, None] = {}
    for message in messages:
        found |= dict.fromkeys(message[:k] for k in range(len(message)))
        if len(found) >= count:
            break
    return list(found)[:count]


def private_words(seen: Mapping[str, Suggestions], writers: Mapping[str, set[int]]) -> set[str]:
    """Words that were suggested and that too few stations wrote."""
    said = {word for text, some in seen.items() for one in some for word in touched(WORD, text, one)}
    return {word for word in said if len(writers.get(word, ())) < STATIONS}


def leaked(ask: Ask, secrets: Iterable[Secret]) -> list[Secret]:
    """Secrets that come out, by themselves or behind other words, when somebody types what stands before them.

    A number or name comes out if it is in a suggestion, or completed by one. A phrase does if three of its words in a
    row are suggested, each before its first letter.
    """
    found = []
    for secret in secrets:
        texts = _prefixes(secret)
        given = dict(zip(texts, ask(texts), strict=True))
        if secret.kind == "phrase" and _follows(secret, given):
            found.append(secret)
        elif secret.kind != "phrase":
            said = {word for text, some in given.items() for one in some for word in touched(WORD, text, one)}
            if secret.words in said:
                found.append(secret)
    return found


def _prefixes(secret: Secret) -> list[str]:
    """What somebody types who is after a secret."""
    whole, start = secret.text, len(secret.lead)
    if secret.kind == "phrase":
        ends = [k + 1 for k in range(start, len(whole)) if whole[k] == " "]
    else:
        ends = list(range(max(start - 3, 1), len(whole)))
    return [before + whole[:end] for before in ("", "NO DMG. ") for end in ends]


def _follows(secret: Secret, given: Mapping[str, Suggestions]) -> bool:
    for before in ("", "NO DMG. "):
        text, row = f"{before}{secret.lead} ", 0
        for word in words(secret.words):
            row = row + 1 if any(words(one)[:1] == [word] for one in given[text]) else 0
            if row == IN_A_ROW:
                return True
            text += f"{word} "
    return False
