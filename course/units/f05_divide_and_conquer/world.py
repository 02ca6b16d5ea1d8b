"""The world of f05: letters to a desk, what is right for each of them, and what a hosted model would say.

Everything is simulated, from the course's key: who does what at the desk, its hours, its promises. What is right is
known because letters are put together: a card number that is to be hidden was put there.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from course.units.f05_divide_and_conquer import clock, words

TEAMS = ("accounts", "billing", "delivery", "rentals", "sales", "workshop")
#: What rules say about a letter, and all that is said about it.
RULED = ("text", "orders", "automatic", "copy_of", "reply_by")
FIELDS = (*RULED, "team", "urgent")
#: The words by which a record leaves a field to others.
ASK, ROUTER = "ask", "router"
#: Numbers that a letter becomes for the router.
COLUMNS = 2048
#: Letters that say the same are copies within so many hours.
HOURS = 72
#: How often the hosted model is wrong, by field.
WRONG = {
    "text": 0.02, "orders": 0.02, "automatic": 0.01, "copy_of": 0.03, "reply_by": 0.12, "team": 0.03, "urgent": 0.03,
}  # fmt: skip
#: Share of past letters that were passed on to a wrong team and answered there.
MISLABELLED = 0.04
#: Letters and digits of an IBAN, by country.
IBANS = {"BE": 16, "DE": 22, "FI": 18, "IE": 22, "IS": 26, "PT": 25}
#: Weights of an order number's first eight digits; the check is the rest of their sum by 11, X for 10.
WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9)
ITEMS = tuple(sorted(words.ITEMS))
#: Words of a team on the desk's list.
LISTED = 14

Ticket = dict[str, Any]


@dataclass(frozen=True)
class World:
    """What a key decides: for each request the team that does it, and the desk's tables."""

    teams: tuple[str, ...]
    rented: frozenset[int]  # requests that the rentals do if the instrument is rented
    tables: dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """A kind of letters: shares of letters or words, and how many asides."""

    typos: float = 0.02
    asides: tuple[int, int] = (0, 4)
    quoted: float = 0.25
    sent_again: float = 0.06
    automatic: float = 0.06
    odd: float = 1.0  # times as many numbers of all kinds
    season: tuple[str, ...] = ()  # days around which letters come


USUAL = Kind()
SLICES = {
    "typos": Kind(typos=0.18),
    "long": Kind(asides=(4, 7), quoted=1.0),
    "rare": Kind(odd=2.5, sent_again=0.2, automatic=0.2, season=(
        "2026-03-27", "2026-04-02", "2026-05-13", "2026-10-23", "2026-12-22", "2026-12-30",
    )),
}  # fmt: skip


@dataclass(frozen=True)
class Days:
    """Letters in the order in which they came, what is right, and what the hosted model says, by field."""

    tickets: list[Ticket]
    right: dict[str, list]
    hosted: dict[str, list]

    def __len__(self) -> int:
        return len(self.tickets)

    def waits(self, k: int) -> bool:
        """Whether somebody is to answer the letter at place k."""
        return not self.right["automatic"][k] and self.right["copy_of"][k] is None

    def only(self, k: int) -> Days:
        """The letter at place k by itself."""
        right, hosted = ({name: some[k : k + 1] for name, some in part.items()} for part in (self.right, self.hosted))
        return Days(self.tickets[k : k + 1], right, hosted)


def world(rng: np.random.Generator) -> World:
    """Draw a world."""
    swapped = rng.random(len(words.REQUESTS)) < 0.4
    teams = tuple(one[int(s)] for one, s in zip(words.REQUESTS, swapped, strict=True))
    damage = [k for k, one in enumerate(words.REQUESTS) if "workshop" in one[:2] and "{part}" in one[2][0]]
    rented = frozenset(k for k in damage if teams[k] != "rentals" and rng.random() < 0.5)
    return World(teams, rented, clock.tables(rng))


def keywords(at: World) -> dict[str, list[str]]:
    """The desk's own list: for each team words by which its people would know their letters."""
    counts: dict[str, Counter] = defaultdict(Counter)
    for team, (*_, patterns) in zip(at.teams, words.REQUESTS, strict=True):
        for word in re.findall("[a-z]{4,}", re.sub("{[a-z]+}", "", " ".join(patterns).lower())):
            counts[word][team] += 1
    found: dict[str, list[str]] = {team: [] for team in TEAMS}
    for word, teams in sorted(counts.items(), key=lambda one: (-sum(one[1].values()), one[0])):
        (team, most), *_ = teams.most_common(1)
        if most >= 0.6 * sum(teams.values()) and len(found[team]) < LISTED and len(word) > 4:
            found[team].append(word)
    return {team: sorted(some) for team, some in found.items()}


BRACKET = re.compile(r"\[([^\[\]]*)\]")


def say(rng: random.Random, pattern: str, item: str = "", part: str = "") -> str:
    """One of the sentences of a pattern."""
    pattern = BRACKET.sub(lambda found: rng.choice(found[1].split("|")), pattern)
    return re.sub(r" +([.,;:?!]|$)", r"\1", re.sub("  +", " ", pattern.replace("{item}", item).replace("{part}", part)))


def mistyped(rng: random.Random, text: str, share: float) -> str:
    """Some words with two letters swapped, one dropped or one doubled."""
    made = []
    for word in text.split(" "):
        if len(word) > 3 and word.isalpha() and rng.random() < share:
            at, how = rng.randrange(1, len(word) - 1), rng.randrange(3)
            a, b = word[at], word[at + 1 : at + 2]
            word = word[:at] + (b + a if how == 0 else "" if how == 1 else a + a) + word[at + (2 if how == 0 else 1) :]
        made.append(word)
    return " ".join(made)


# Numbers


def digits(rng: random.Random, count: int) -> str:
    """So many digits."""
    return f"{rng.randrange(10**count):0{count}d}"


def luhn(number: str) -> bool:
    """Whether a number's last digit is what Luhn's sum asks for."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 * (value > 9)
    return total % 10 == 0


def with_luhn(number: str, right: bool = True) -> str:
    """The number with its last digit changed, if it takes that."""
    while luhn(number) != right:
        number = number[:-1] + str((int(number[-1]) + 1) % 10)
    return number


def mod97(iban: str) -> int:
    """What the check of an IBAN gives: 1 if it is one."""
    return int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97


def grouped(rng: random.Random, text: str, marks: str = "  -") -> str:
    """In groups of four, or not."""
    if rng.random() < 0.4:
        return text
    return rng.choice(marks).join(text[k : k + 4] for k in range(0, len(text), 4))


def card(rng: random.Random) -> str:
    """A card's number, as people write it."""
    size = rng.choice((13, 14, 15, 16, 16, 16, 16, 17, 18, 19))
    return grouped(rng, with_luhn(str(rng.randrange(3, 7)) + digits(rng, size - 1)))


def iban(rng: random.Random, right: bool = True) -> str:
    """An IBAN as people write it, or one whose check is wrong."""
    country = rng.choice(sorted(IBANS))
    own = digits(rng, IBANS[country] - 4)
    if country == "IE":
        own = "".join(rng.choice("ABDEIKNORSTU") for _ in range(4)) + own[4:]
    check = 98 - mod97(f"{country}00{own}")
    if not right:
        check = (check - 2 + rng.randrange(1, 97)) % 97 + 2
    if not right and luhn(own.lstrip("ABDEIKNORSTU")):  # it would be a card's number, where letters end
        return iban(rng, right)
    text = grouped(rng, f"{country}{check:02d}{own}", "   ")
    return text.lower() if rng.random() < 0.2 else text


def mail(rng: random.Random) -> str:
    """A mail address."""
    name = rng.choice(("tom", "marta.v", "aino_k", "office", "music-school", "j.peeters+violin", "una%home"))
    house = rng.choice(("example", "st-cecilia", "mail.example", "orchestra22", "conservatory.example"))
    number = digits(rng, 2) if rng.random() < 0.5 else ""
    found = f"{name}{number}@{house}.{rng.choice(('org', 'com', 'be', 'co.uk', 'school'))}"
    return found.upper() if rng.random() < 0.1 else found


def order(rng: random.Random) -> str:
    """A canonical order number: letter A, eight digits, a check."""
    own = digits(rng, 8)
    rest = sum(w * int(d) for w, d in zip(WEIGHTS, own, strict=True)) % 11
    return f"A{own}{'X' if rest == 10 else rest}"


def written(rng: random.Random, number: str) -> str:
    """An order number as people write it."""
    how = rng.randrange(5)
    if how == 0:
        return number
    if how == 1:
        return f"{number[0]}-{number[1:5]}-{number[5:9]}-{number[9]}"
    if how == 2:
        return f"{number[0]} {number[1:5]} {number[5:9]} {number[9]}"
    if how == 3:
        return number.lower()
    return number.replace("0", "O") if rng.random() < 0.5 else f"{number[:9]}-{number[9]}"


def mistaken(rng: random.Random) -> str:
    """What looks like an order number, and is none: one digit is another."""
    number, at = order(rng), rng.randrange(1, 9)
    return number[:at] + str((int(number[at]) + rng.randrange(1, 10)) % 10) + number[at + 1 :]


# Letters


def letter(at: World, rng: random.Random, kind: Kind) -> tuple[str, list[str], str, bool]:
    """A letter with what is to be hidden in marks, its orders, its team, whether it is urgent."""
    item = rng.choice(ITEMS)
    part, rented = rng.choice(words.ITEMS[item]), rng.random() < 0.3
    number = rng.randrange(len(words.REQUESTS))
    team = "rentals" if rented and number in at.rented else at.teams[number]

    def said(pattern: str, own: bool = True) -> str:
        it = item if own or rng.random() < 0.5 else rng.choice(ITEMS)
        its = part if it == item else rng.choice(words.ITEMS[it])
        return mistyped(rng, say(rng, pattern, f"rented {it}" if own and rented else it, its), kind.typos)

    asides = [said(rng.choice(words.ASIDES), own=False) for _ in range(rng.randint(*kind.asides))]
    main = [said(rng.choice(words.REQUESTS[number][2]))]
    tone, urgent = rng.random(), False
    if tone < 0.5:
        which = words.URGENT if tone < 0.12 else words.CALM if tone < 0.40 else words.VAGUE
        main.append(said(rng.choice(which)))
        urgent = tone < 0.12 or (tone >= 0.40 and rng.random() < 0.3)
    split, orders = rng.randrange(len(asides) + 1), []
    sentences = [*asides[:split], *main, *asides[split:]]
    for sentence in numbers(rng, kind, orders):
        sentences.insert(rng.randrange(len(sentences) + 1), sentence)
    body = "".join(one + (" " if rng.random() < 0.8 else "\n") for one in sentences).rstrip()
    lines = [say(rng, rng.choice(words.GREETINGS)), body, say(rng, rng.choice(words.CLOSINGS)), rng.choice(words.NAMES)]
    if rng.random() < kind.quoted:
        lines += [f"> {say(rng, rng.choice(words.QUOTED), item, part)}" for _ in range(rng.randrange(1, 4))]
        if rng.random() < 0.15 * kind.odd:
            lines.append(f"> From: {marked('mail', mail(rng))}")
    return "\n".join(filter(None, lines)), orders, team, urgent


def numbers(rng: random.Random, kind: Kind, orders: list[str]) -> Iterator[str]:
    """Sentences with numbers; the orders that they name are put into the list."""

    def chance(share: float) -> bool:
        return rng.random() < min(share * kind.odd, 0.9)

    if rng.random() < 0.5:
        some = [order(rng) for _ in range(1 + (rng.random() < 0.2))]
        orders += some
        yield rng.choice(words.ORDERS if len(some) > 1 else words.ORDER).format(*(written(rng, one) for one in some))
    if chance(0.06):
        yield rng.choice(words.ORDER).format(written(rng, mistaken(rng)))
    if chance(0.10):
        yield rng.choice(words.CARD).format(marked("card", card(rng)))
    if chance(0.05):
        yield rng.choice(words.IBAN).format(marked("iban", iban(rng)))
    if chance(0.10):
        yield rng.choice(words.MAIL).format(marked("mail", mail(rng)))
    if chance(0.08):
        yield rng.choice(words.OTHER).format(other(rng))
    if chance(0.02):
        yield rng.choice(words.IBAN).format(iban(rng, right=False))
    if chance(0.06):
        yield rng.choice(words.PHONE)


def marked(kind: str, text: str) -> str:
    """Text that is to be hidden, between signs that no letter has."""
    return f"\ue000{kind}\ue001{text}\ue002"


MARKED = re.compile("\ue000(.*?)\ue001(.*?)\ue002")


def other(rng: random.Random) -> str:
    """A number that looks like a card's: too short, too long, wrong by Luhn, or with a letter before it."""
    if rng.random() < 0.25:
        return f"{rng.choice('HKZ')}{with_luhn(digits(rng, 15))}"
    size = rng.choice((12, 14, 16, 16, 18, 20, 22))
    return grouped(rng, with_luhn(digits(rng, size), size in (12, 20, 22)))


def normal(text: str) -> str:
    """What makes two letters the same: letters and digits, in lower case, of lines that are not quoted."""
    own = " ".join(line for line in text.split("\n") if not line.startswith(">"))
    return "".join(sign for sign in own.lower() if sign.isalnum())


def again(rng: random.Random, text: str) -> str:
    """The same letter, as a mail program or an impatient customer would send it."""
    lines = [line for line in text.split("\n") if not line.startswith(">") or rng.random() < 0.5]
    how = rng.randrange(4)
    if how == 0:
        lines = [line if any(sign.isdigit() or sign == "@" for sign in line) else line.upper() for line in lines]
    elif how == 1:
        lines = [line.replace(". ", "!  ").replace(", ", " - ") for line in lines]
    elif how == 2:
        lines = [*lines, "> " + say(rng, rng.choice(words.QUOTED), "flute")]
    return "\n".join(["", *lines, ""] if how == 3 else lines)


HEADERS = (  # header, value, whether it says that nobody wrote this
    ("Auto-Submitted", "auto-replied", True), ("auto-submitted", "Auto-Generated; owner=desk", True),
    ("Precedence", "bulk", True), ("PRECEDENCE", " Auto_Reply", True), ("precedence", "junk ", True),
    ("Auto-Submitted", "no", False), ("auto-submitted", "No ; checked", False), ("Precedence", "list", False),
    ("X-Mailer", "auto-replied", False), ("Precedence", "normal", False),
)  # fmt: skip


def days(at: World, seed: np.random.Generator, count: int, since: str, kind: Kind = USUAL) -> Days:
    """Letters of two weeks from a day on, or of the days around which a kind comes."""
    rng = random.Random(seed.bytes(32))
    starts = [datetime.strptime(one, "%Y-%m-%d") for one in (kind.season or (since,))]
    length = (5 if kind.season else 14) * 1440
    times = sorted(rng.choice(starts) + timedelta(minutes=rng.randrange(length)) for _ in range(count))
    raw: list[str] = []
    made: list[Ticket] = []
    right: dict[str, list] = defaultdict(list)
    people: list[int] = []  # letters that somebody wrote
    for number, when in enumerate(times):
        headers = {"From": "customer", "Received": "by mx3"}
        text, orders, team, urgent = letter(at, rng, kind)
        sender = {"customer": rng.randrange(10_000, 99_999), "country": rng.choice(sorted(clock.ZONES))}
        sender["plan"] = rng.choice(("basic", "basic", "basic", "plus", "school"))
        name, value, automatic = rng.choice(HEADERS)
        chosen = rng.random() < (2 * kind.automatic if automatic else 0.2)
        automatic = automatic and chosen
        if chosen:
            headers[name] = value
        if automatic and rng.random() < 0.8:
            text, orders = say(rng, rng.choice(words.AWAY)), []
        elif people and rng.random() < kind.sent_again:
            old, how = rng.choice(people[-12:] if rng.random() < 0.7 else people[-200:]), rng.random()
            sender = {name: made[old][name] for name in sender}
            orders, team, urgent = (right[field][old] for field in ("orders", "team", "urgent"))
            text = again(rng, raw[old])
            if how > 0.85:  # a colleague
                sender |= {"customer": sender["customer"] + 1}
            elif how > 0.7:
                text += "\nAny news?"
            elif how > 0.6:
                own = order(rng)
                text, orders = f"{text}\nNow it is {own}.", [*orders, own]
        raw.append(text)
        plain, hidden = MARKED.sub(r"\2", text), MARKED.sub(r"[\1]", text)
        made.append(
            {"id": 100_000 + 7 * number, "time": when.strftime(clock.FORM), **sender, "headers": headers, "text": plain}
        )
        found = {"text": hidden, "orders": orders, "automatic": automatic, "team": team, "urgent": urgent}
        for field, value in (found | {"secrets": [one[1] for one in MARKED.findall(text)]}).items():
            right[field].append(value)
        if not automatic:
            people.append(number)
    right |= {"copy_of": copies(made), "reply_by": clock.due(at.tables, made)}
    return Days(made, dict(right), {field: wrong_now_and_then(rng, field, made, right) for field in FIELDS})


def copies(tickets: Sequence[Ticket]) -> list[int | None]:
    """For each letter the id of the earliest of the last 72 hours that says the same, of the same customer; None."""
    found: list[int | None] = []
    seen: dict[tuple[int, str], list[tuple[datetime, int]]] = defaultdict(list)
    for one in tickets:
        when = datetime.strptime(one["time"], clock.FORM)
        before = seen[one["customer"], normal(one["text"])]
        within = [number for then, number in before if when - then <= timedelta(hours=HOURS)]
        found.append(within[0] if within else None)
        before.append((when, one["id"]))
    return found


def wrong_now_and_then(rng: random.Random, field: str, tickets: Sequence[Ticket], right: Mapping[str, list]) -> list:
    """What the hosted model says about a field of each letter."""
    said = []
    for number, (ticket, value) in enumerate(zip(tickets, right[field], strict=True)):
        draw, slips = rng.random(), rng.random() < WRONG[field]
        if not slips:
            said.append(value)
        elif field == "text":  # one that is left as it is, or a word too few
            secret = right["secrets"][number][:1]
            said.append(ticket["text"] if secret else value.replace(" ", " [card] ", 1))
        elif field == "orders":
            said.append(value[1:] if value else [])
        elif field == "copy_of":
            said.append(None if value else tickets[max(number - 1, 0)]["id"] if number else None)
        elif field == "reply_by":
            hour = 1 if draw < 0.5 else -1
            said.append((datetime.strptime(value, clock.FORM) + timedelta(hours=hour)).strftime(clock.FORM))
        elif field == "team":
            said.append(rng.choice([one for one in TEAMS if one != value]))
        else:
            said.append(not value)
    return said


def past(at: World, seed: np.random.Generator, count: int) -> Days:
    """Letters of two weeks in winter, with the teams that answered them in the end: now and then a wrong one."""
    found = days(at, seed, count, "2026-02-02")
    rng = random.Random(seed.bytes(32))
    teams = [rng.choice(TEAMS) if rng.random() < MISLABELLED else team for team in found.right["team"]]
    return Days(found.tickets, found.right | {"team": teams}, found.hosted)


def packed(at: World, parts: Mapping[str, Days]) -> dict[str, np.ndarray]:
    """Letters, the desk's tables and its list of words, as bytes."""
    told = {"tables": at.tables, "keywords": keywords(at)}
    made = {"told": told} | {
        f"{name}_{part}": getattr(days, part) for name, days in parts.items() for part in ("tickets", "right", "hosted")
    }
    return {name: np.frombuffer(json.dumps(value).encode(), np.uint8) for name, value in made.items()}


def told(data: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """`tables`, and `keywords` by team."""
    return json.loads(data["told"].tobytes())


def unpacked(data: Mapping[str, np.ndarray], name: str) -> Days:
    """The letters that `packed` wrote."""
    return Days(*(json.loads(data[f"{name}_{part}"].tobytes()) for part in ("tickets", "right", "hosted")))
