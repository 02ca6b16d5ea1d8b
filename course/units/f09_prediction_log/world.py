"""The world of f09: a library's app that recommends a book, what the loans say later, and policies to come next.

Everything is simulated, from the course's key: readers, books, the policy that chose, how long people read, and how
late that is told. What a policy is really worth is known, because the expected minutes of every book are.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

HOUR, DAY = 3_600, 86_400
#: The numbers of a context; medians and spreads (of the logarithm) of the first four.
CONTEXT = ("days since the last visit", "loans ever", "minutes read ever", "pages left", "share of audio", "hour")
MEDIANS, SPREADS = np.array([4.0, 40.0, 6_000.0, 150.0]), np.array([1.2, 1.3, 1.5, 1.0])
#: What a log must be able to hold at the most.
MOST_NUMBER, MOST_MINUTES, MOST_CANDIDATES, LEAST_PROBABILITY = 1e7, 50_000.0, 60, 1e-6
#: Traits of a book; decisions of a log; policies that are replayed, of so many that are drawn.
TRAITS, DECISIONS, POLICIES, DRAWN = 3, 2_200, 24, 60
#: Policies are asked about whose true value is within so many standard errors of what complete events say.
CLEAR = 1.0
#: Events that the service writes at a time; events of an old log.
FLUSH, OLD = 32, 640
DEVICES = ("Android 14; SM-A546B", "Android 15; Pixel 8a", "iOS 18.4; iPhone14,7", "iPadOS 18.3; iPad13,18")

Event = Mapping[str, Any]
#: What a policy is judged by: context, candidates, what was shown, propensity, minutes.
Row = tuple[Sequence[float], Sequence[int], int, float, float]


@dataclass(frozen=True)
class World:
    """What a key decides.

    books : (books,) catalogue numbers, sorted. traits : (books, TRAITS).
    taste, choice : (TRAITS, numbers of a context + 1): what readers like; what the policy in use thinks they like.
    explore, heat : share of choices at random; how much the policy prefers what it thinks best.
    reading, minutes : logit of the chance that an average book is read; minutes of a book that is.
    most : most candidates. late : days until a report arrives, in the mean. repeated : share of reports sent twice.
    """

    books: np.ndarray
    traits: np.ndarray
    taste: np.ndarray
    choice: np.ndarray
    explore: float
    heat: float
    reading: float
    minutes: float
    most: int
    late: float
    repeated: float
    start: int
    models: tuple[int, int]


@dataclass(frozen=True)
class Log:
    """Events in the order of their arrival, and what is true of them.

    cards : library cards of those who visited. key : the log's key.
    books, traits : the shelf. policies : (policies, TRAITS, numbers + 1), worth `values` minutes a visit.
    """

    events: tuple[Event, ...]
    cards: tuple[str, ...]
    key: bytes
    books: np.ndarray
    traits: np.ndarray
    policies: np.ndarray
    values: np.ndarray

    @cached_property
    def decisions(self) -> list[Event]:
        """The decisions."""
        return [one for one in self.events if one["kind"] == "decision"]

    @cached_property
    def minutes(self) -> dict[int, float]:
        """Minutes read after each decision, by its id."""
        return joined(self.events)

    @cached_property
    def complete(self) -> tuple[np.ndarray, np.ndarray]:
        """Values of the policies, and their standard errors, from complete events."""
        return self.replay([
            (one["context"], one["candidates"], one["action"], propensity(one), self.minutes[one["id"]])
            for one in self.decisions
        ])  # fmt: skip

    def replay(self, rows: Sequence[Row]) -> tuple[np.ndarray, np.ndarray]:
        """Minutes a visit under each policy and their standard errors, by inverse propensity scoring."""
        context = np.array([one[0] for one in rows], dtype=float)
        candidates = padded([one[1] for one in rows])
        places = np.array([one[1].index(one[2]) for one in rows])
        weighted = np.array([one[4] / one[3] for one in rows])
        found = [
            interval(taken(by(self.books, self.traits, weights, context, candidates), places) * weighted)
            for weights in self.policies
        ]
        values, errors = np.array(found).T
        return values, errors

    def flushes(self, size: int = FLUSH, most: int | None = None) -> list[list[Event]]:
        """The events (or the first of them) as the service writes them."""
        events = self.events[:most]
        return [list(events[k : k + size]) for k in range(0, len(events), size)]

    def window(self, rng: np.random.Generator, size: int) -> list[Event]:
        """So many events one after another, as if other people's: with other ids and cards."""
        start = int(rng.integers(len(self.events) - size + 1))
        events = self.events[start : start + size]
        ids = dict(zip(sorted({one["id"] for one in events}), rng.integers(2**62, size=size).tolist(), strict=False))
        cards = {one["card"] for one in events if one["kind"] == "decision"}
        others = rng.choice(10**7 - 1, len(cards), replace=False) + 1
        names = {card: f"L{number:07d}" for card, number in zip(sorted(cards), others.tolist(), strict=True)}
        return [
            {**one, "id": ids[one["id"]]} | ({"card": names[one["card"]]} if one["kind"] == "decision" else {})
            for one in events
        ]


def world(rng: np.random.Generator) -> World:
    """A world, drawn."""
    size = int(rng.integers(3_000, 6_000))
    taste = rng.normal(0, 1, (TRAITS, len(CONTEXT) + 1)) * np.array([0.5] * len(CONTEXT) + [0.8])
    return World(
        books=np.sort(rng.choice(int(rng.integers(200_000, 900_000)), size, replace=False)) + 1,
        traits=rng.normal(0, 1, (size, TRAITS)),
        taste=taste,
        choice=0.7 * taste + rng.normal(0, 0.25, taste.shape),
        explore=float(rng.uniform(0.03, 0.042)),
        heat=float(rng.uniform(3.0, 4.0)),
        reading=float(rng.uniform(-1.2, -0.5)),
        minutes=float(rng.uniform(60, 160)),
        most=int(rng.integers(16, 21)),
        late=float(rng.uniform(0.6, 1.6)),
        repeated=float(rng.uniform(0.05, 0.12)),
        start=int(rng.integers(2_050, 2_800)) * 10**6,
        models=tuple(np.sort(rng.integers(100, 4_000, 2)).tolist()),
    )


def log(at: World, rng: np.random.Generator, decisions: int = DECISIONS, policies: int = POLICIES) -> Log:
    """Two weeks of decisions and reports, and policies whose intervals from complete events hold the truth clearly."""
    usual = np.minimum(MEDIANS * np.exp(SPREADS * rng.normal(size=(decisions, len(MEDIANS)))), MOST_NUMBER)
    context = np.column_stack([usual, rng.beta(0.6, 1.2, decisions), rng.uniform(0, 24, decisions)])
    shown = [
        at.books[rng.choice(len(at.books), int(size), replace=False)].tolist()
        for size in rng.integers(10, at.most + 1, decisions)
    ]
    candidates = padded(shown)
    greedy = by(at.books, at.traits, at.choice, context, candidates, at.heat)
    chances = (1 - at.explore) * greedy + at.explore * (candidates > 0) / (candidates > 0).sum(axis=1, keepdims=True)
    places = (chances.cumsum(axis=1) < rng.random((decisions, 1))).sum(axis=1)
    reading = 1 / (1 + np.exp(-at.reading - scores(at.books, at.traits, at.taste, context, candidates)))
    weights = np.array([_newcomer(at, rng) for _ in range(DRAWN)]) if policies else np.empty((0, *at.taste.shape))
    wanted = [by(at.books, at.traits, one, context, candidates) for one in weights]
    values = np.array([at.minutes * (one * reading).sum(axis=1).mean() for one in wanted])
    ratios = [taken(one, places) / taken(chances, places) for one in wanted]
    for _ in range(200):  # until luck is even: intervals of one log miss together
        read = rng.random(decisions) < taken(reading, places)
        whole = np.round(np.where(read, at.minutes * rng.gamma(2.0, 0.5, decisions), 0.0), 1)
        found, errors = np.array([interval(one * whole) for one in ratios]).reshape(-1, 2).T
        clear = np.abs(found - values) < CLEAR * errors
        if clear.sum() >= policies:
            break
    chosen = np.flatnonzero(clear)[:policies]
    cards = [f"L{number:07d}" for number in rng.choice(10**7 - 1, decisions // 4 + 10, replace=False) + 1]
    visits = [
        (context[k].tolist(), shown[k], chances[k, : len(shown[k])].tolist(), int(places[k]), float(whole[k]))
        for k in range(decisions)
    ]
    events = _arrived(at, rng, cards, visits)
    seen = {one["card"] for one in events if one["kind"] == "decision"}
    return Log(
        events, tuple(sorted(seen)), rng.bytes(32), at.books, at.traits, weights[chosen], values[chosen]
    )  # fmt: skip


def _newcomer(at: World, rng: np.random.Generator) -> np.ndarray:
    return (
        rng.uniform(-0.8, 0.6) * at.choice + rng.uniform(0, 1) * at.taste + rng.normal(0, 0.3, at.taste.shape)
    )  # fmt: skip


def _arrived(at: World, rng: np.random.Generator, cards: Sequence[str], visits: Sequence[tuple]) -> tuple[Event, ...]:
    """Decisions and reports, in the order in which they reach the log: some decisions after what came of them."""
    people = {card: (_address(rng), _device(rng)) for card in cards}
    arrivals: list[tuple[float, Event]] = []
    for context, candidates, chances, place, whole in visits:
        card = cards[int(len(cards) * rng.random() ** 2.5)]  # some come every day
        time = at.start + int(rng.integers(14 * DAY))
        event = {
            "kind": "decision",
            "id": int(rng.integers(2**62)),
            "time": time,
            "card": card,
            "address": people[card][0],
            "device": people[card][1],
            "model": at.models[int(time > at.start + 7 * DAY)],
            "context": context,
            "candidates": candidates,
            "probabilities": chances,
            "action": candidates[place],
        }
        arrivals.append((time + rng.exponential(20) + (rng.random() < 0.06) * rng.uniform(0, 2 * HOUR), event))
        arrivals += _reports(at, rng, event, whole)
    return tuple(event for _, event in sorted(arrivals, key=lambda one: one[0]))


def _reports(at: World, rng: np.random.Generator, decision: Event, whole: float) -> list[tuple[float, Event]]:
    """What is told of one decision: minutes so far, once or more often; each report late by itself, some sent twice."""
    count = 1 + (whole > 0) * int(rng.integers(0, 3))
    times = decision["time"] + 30 + np.sort(rng.exponential(0.3 * HOUR if whole == 0 else 2 * DAY, count)).astype(int)
    shares = np.append(np.sort(rng.random(count - 1)), 1.0)
    found = []
    for k, (time, share) in enumerate(zip(times.tolist(), shares.tolist(), strict=True)):
        label = {"kind": "label", "id": decision["id"], "time": time + k, "minutes": round(whole * share, 1)}
        arrival = time + (rng.exponential(at.late * DAY) if rng.random() < 0.6 else rng.exponential(600))
        found.append((arrival, label))
        if rng.random() < at.repeated:
            found.append((arrival + rng.exponential(DAY), label))
    return found


def _address(rng: np.random.Generator) -> str:
    return ".".join(map(str, rng.integers(11, 250, 4).tolist()))


def _device(rng: np.random.Generator) -> str:
    version, kind = ".".join(map(str, rng.integers(2, 19, 3).tolist())), DEVICES[int(rng.integers(len(DEVICES)))]
    return f"LibraryApp/{version} ({kind}; {rng.bytes(4).hex()})"


def standard(context: np.ndarray) -> np.ndarray:
    """Contexts (rows, numbers) as models see them: centred, of about unit spread, with a column of ones."""
    usual = (np.log1p(context[:, :4]) - np.log1p(MEDIANS)) / SPREADS
    return np.column_stack([usual, (context[:, 4:] - [0.35, 12.0]) / [0.3, 7.0], np.ones(len(context))])


def padded(candidates: Sequence[Sequence[int]]) -> np.ndarray:
    """Catalogue numbers of candidates as a table, filled up with 0."""
    table = np.zeros((len(candidates), max(map(len, candidates))), dtype=int)
    for row, one in enumerate(candidates):
        table[row, : len(one)] = one
    return table


def scores(
    books: np.ndarray, traits: np.ndarray, weights: np.ndarray, context: np.ndarray, candidates: np.ndarray
) -> np.ndarray:
    """A score for each candidate of each row; none (-inf) where there is no candidate."""
    found = np.einsum("rct,rt->rc", traits[np.searchsorted(books, candidates)], standard(context) @ weights.T)
    return np.where(candidates > 0, found, -np.inf)


def by(
    books: np.ndarray,
    traits: np.ndarray,
    weights: np.ndarray,
    context: np.ndarray,
    candidates: np.ndarray,
    heat: float = 0.8,
) -> np.ndarray:
    """Probabilities of a softmax policy for the candidates of each row."""
    found = scores(books, traits, weights, context, candidates)
    risen = np.exp(heat * (found - found.max(axis=1, keepdims=True)))
    return risen / risen.sum(axis=1, keepdims=True)


def taken(rows: np.ndarray, places: np.ndarray) -> np.ndarray:
    """One entry of each row."""
    return rows[np.arange(len(rows)), places]


def interval(each: np.ndarray) -> tuple[float, float]:
    """The mean of weighted rewards and its standard error (Horvitz and Thompson, 1952)."""
    return float(each.mean()), float(each.std() / len(each) ** 0.5)


def joined(events: Iterable[Event]) -> dict[int, float]:
    """Minutes by id: of the reports about a decision, the one with the latest time counts."""
    newest: dict[int, tuple[int, float]] = {}
    for one in events:
        if one["kind"] == "label":
            newest[one["id"]] = max(newest.get(one["id"], (-1, 0.0)), (one["time"], one["minutes"]))
    return {number: minutes for number, (_, minutes) in newest.items()}


def propensity(decision: Event) -> float:
    """The probability of what was shown, of an event as it comes."""
    return decision["probabilities"][decision["candidates"].index(decision["action"])]


def limits(at: World, rng: np.random.Generator, decisions: int = 150) -> Log:
    """Events at the limits of what the contract allows: largest, smallest, fewest and most of everything."""

    def wide(most: float) -> float:
        return float(rng.choice([0.0, most, most ** rng.random(), rng.random()]))

    events: list[Event] = []
    for number in rng.integers(0, 2**63 - 1, decisions).tolist():
        count = int(rng.choice([1, 2, MOST_CANDIDATES, rng.integers(1, MOST_CANDIDATES)]))
        highest = 2 ** int(rng.integers(7, 32))
        candidates = rng.choice(highest - 1, count, replace=False).tolist()
        candidates[0] = highest - 1
        chances = np.maximum(rng.dirichlet(np.full(count, 0.1)), LEAST_PROBABILITY)
        place = int(rng.choice([0, chances.argmin(), chances.argmax()]))
        events.append(
            {
                "kind": "decision",
                "id": number,
                "time": int(rng.choice([0, 2**32 - 1, rng.integers(2**32)])),
                "card": f"L{int(rng.choice([1, 10**7 - 1, rng.integers(1, 10 ** int(rng.integers(1, 8)))])):07d}",
                "address": _address(rng),
                "device": _device(rng),
                "model": int(rng.choice([0, 2**31 - 1, rng.integers(2**31)])),
                "context": [wide(MOST_NUMBER) for _ in CONTEXT],
                "candidates": candidates,
                "probabilities": chances.tolist(),
                "action": candidates[place],
            }
        )
        events.append(
            {"kind": "label", "id": number, "time": int(rng.integers(2**32)), "minutes": round(wide(MOST_MINUTES), 1)}
        )
    cards = {one["card"] for one in events if one["kind"] == "decision"}
    nothing = np.empty((0, *at.taste.shape))
    return Log(tuple(events), tuple(sorted(cards)), rng.bytes(32), at.books, at.traits, nothing, np.empty(0))


def version_1(events: Iterable[Event], rng: np.random.Generator) -> bytes:
    """Events as the first version of the log wrote them: a line of JSON each."""
    lines = []
    for one in events:
        made = {"t": one["time"] * 1_000 + int(rng.integers(1_000)), "id": f"{one['id']:016x}"}
        if one["kind"] == "label":
            made["min"] = one["minutes"]
        else:
            place = one["candidates"].index(one["action"])
            made |= {"card": one["card"], "v": one["model"], "x": one["context"], "c": one["candidates"]}
            made |= {"a": place, "p": one["probabilities"]}
        lines.append(json.dumps(made) + "\n")
    return "".join(lines).encode()


def version_2(events: Iterable[Event]) -> bytes:
    """Events as the second version wrote them: C structures."""
    parts = [b"LB2\n"]
    for one in events:
        parts.append(struct.pack("<BQI", 1 + (one["kind"] == "label"), one["id"], one["time"]))
        if one["kind"] == "label":
            parts.append(struct.pack("<f", one["minutes"]))
            continue
        count, place = len(one["candidates"]), one["candidates"].index(one["action"])
        chance = round(-1_000 * math.log2(propensity(one)))
        parts.append(struct.pack("<IIBBH6f", int(one["card"][1:]), one["model"], count, place, chance, *one["context"]))
        parts.append(struct.pack(f"<{count}I", *one["candidates"]))
    return b"".join(parts)


def older(found: Log, rng: np.random.Generator) -> dict[str, bytes]:
    """The first events of a log as both old versions wrote them."""
    events = found.events[:OLD]
    return {"version_1": version_1(events, rng), "version_2": version_2(events)}


def flipped(data: bytes, place: int, bit: int) -> bytes:
    """The same bytes but for one bit."""
    return data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 :]


def stormed(pieces: Sequence[bytes], rng: np.random.Generator) -> tuple[bytes, set[int]]:
    """Pieces of a log after a bad week: torn writes, sectors of zeros or noise, foreign bytes, flipped bits.

    Returns what is left as one file, and the numbers of the pieces that were touched.
    """
    made, starts, hit = bytearray(), [], set()
    torn = set(rng.choice(len(pieces), len(pieces) // 40, replace=False).tolist())
    for number, piece in enumerate(pieces):
        starts.append(len(made))
        whole = len(piece) if number not in torn else int(rng.integers(1, max(len(piece), 2)))
        if number in torn:
            hit.add(number)
            piece = piece[:whole] + (rng.bytes(int(rng.integers(1, 60))) if rng.random() < 0.5 else b"")
        made += piece
    ends = [*starts[1:], len(made)]
    for k in range(len(pieces) // 40):
        size = 1 if k % 2 else min(512, len(made))
        place = int(rng.integers(len(made) - size + 1))
        noise = rng.bytes(size) if rng.random() < 0.5 else bytes(size)
        made[place : place + size] = noise if size > 1 else bytes([made[place] ^ 1 << int(rng.integers(8))])
        spans = enumerate(zip(starts, ends, strict=True))
        hit |= {number for number, (low, high) in spans if low < place + size and high > place}
    return bytes(made), hit


def packed(found: Log) -> dict[str, np.ndarray]:
    """A log as arrays of numbers."""
    texts = {"events": json.dumps(found.events), "cards": json.dumps(found.cards)}
    made = {name: np.frombuffer(text.encode(), np.uint8) for name, text in texts.items()}
    made |= {name: getattr(found, name) for name in ("books", "traits", "policies", "values")}
    return made | {"key": np.frombuffer(found.key, np.uint8)}


def unpacked(data: Mapping[str, np.ndarray]) -> Log:
    """The log of `packed`."""
    events, cards = (json.loads(data[name].tobytes()) for name in ("events", "cards"))
    shelf = [data[name] for name in ("books", "traits", "policies", "values")]
    return Log(tuple(events), tuple(cards), data["key"].tobytes(), *shelf)
