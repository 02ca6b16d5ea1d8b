"""The world of q13: directories of schools that members typed in, what is behind each entry, and what checkers say.

A world fixes how real schools and three kinds of others look. A directory (a country's) has its own share of what is no
school, its own mix of their kinds, its own habits of mail, and its own checkers. Nothing here is real data: nobody
publishes which schools do not exist.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

#: What an entry is. The first two are schools.
KINDS = ("ordinary", "unusual", "joke", "stub", "mill")
REAL = 2
#: What a check may say.
NOT, IS, CANT = 0, 1, 2
#: Credits of a desk check, of a call, and of an audit; working days that it may take.
DESK, CALL, CREDITS, DAYS = 1, 4, 300, 12
#: A directory with a smaller share of what is no school has few; one whose desk can't tell of more is silent.
FEW, SILENT = 0.02, 0.10
#: Shares of what is no school, and how much more often a desk can't tell that is short of hands.
SHARES, LOUD = (0.004, 0.30), 3.0
#: Schools that look strange and are none the less: members, years since listed.
TINY, NEW = 8, 2
COLUMNS = ("school", "members", "years", "linked", "mail", "odd", "place", "site", "age", "foreign")
#: How columns lie in a file: kind of number, and what they are multiplied with.
STORED = {
    "school": (np.uint16, 1), "members": (np.uint16, 1), "years": (np.uint8, 1), "linked": (np.uint16, 1),
    "mail": (np.uint16, 1), "odd": (np.uint8, 10), "place": (np.uint8, 1), "site": (np.uint8, 1),
    "age": (np.uint8, 10), "foreign": (np.uint8, 1),
}  # fmt: skip
#: How far spellings fall off, and years that are told apart.
FALL, FIRST = 0.45, 20

#: By kind: mean and spread of log members, spellings beyond the first for each unit of it, graduation years that
#: occur, share of members with a classmate among them, share with a mail address of the school, bits of the name and
#: their spread, share whose name has a place, share with a site, mean years since listed, share of foreign spellings.
LOOKS = {
    "ordinary": (4.0, 1.1, 0.28, 30, 0.45, 0.12, 2.2, 0.40, 0.75, 0.75, 9.0, 0.03),
    "unusual": (2.0, 0.9, 0.22, 14, 0.32, 0.08, 2.9, 0.60, 0.45, 0.50, 2.5, 0.45),
    "joke": (2.1, 1.0, 0.10, 26, 0.05, 0.005, 3.3, 0.60, 0.06, 0.03, 5.5, 0.06),
    "stub": (1.8, 0.8, 0.10, 22, 0.07, 0.01, 3.0, 0.70, 0.30, 0.08, 6.5, 0.08),
    "mill": (3.5, 0.9, 0.24, 12, 0.34, 0.08, 2.2, 0.40, 0.65, 0.70, 4.0, 0.06),
}
#: How often the desk can't tell, by kind: the better an imitation, the less a search finds out.
DARK = (0.02, 0.15, 0.05, 0.35, 0.75)


@dataclass(frozen=True)
class Directory:
    """Listings, a row each; what is behind each school, and on which of them the desk can't tell.

    `listings` has `COLUMNS`; `kinds` and `dark` have a value for each school, in the order of its number.
    """

    listings: Mapping[str, np.ndarray]
    kinds: np.ndarray
    dark: np.ndarray

    @property
    def real(self) -> np.ndarray:
        """True for each school that is one."""
        return self.kinds < REAL

    @property
    def share(self) -> float:
        """Which share of the listed schools is real, each counted once."""
        return float(self.real.mean())

    def __len__(self) -> int:
        return len(self.kinds)

    def first(self, count: int) -> Directory:
        """The same with its first schools alone."""
        keep = self.listings["school"] < count
        rows = {name: values[keep] for name, values in self.listings.items()}
        return Directory(rows, self.kinds[:count], self.dark[:count])

    def renumbered(self, rng: np.random.Generator) -> Directory:
        """The same schools with other numbers, and their rows in another order."""
        of = rng.permutation(len(self))
        number = np.argsort(of).astype(np.int32)  # the school `of[k]` gets the number k
        order = rng.permutation(len(self.listings["school"]))
        rows = {name: values[order] for name, values in self.listings.items()}
        return Directory({**rows, "school": number[rows["school"]]}, self.kinds[of], self.dark[of])

    def strange(self) -> np.ndarray:
        """True for each school with few members, a foreign spelling, or that is new."""
        rows, size = self.listings, len(self)
        members = np.bincount(rows["school"], rows["members"], size)
        foreign = np.bincount(rows["school"], rows["foreign"], size) > 0
        age = np.zeros(size)
        np.maximum.at(age, rows["school"], rows["age"])
        return (members < TINY) | foreign | (age < NEW)

    @property
    def few(self) -> bool:
        """True if next to everything is real."""
        return self.share > 1 - FEW

    @property
    def silent(self) -> bool:
        """True if the desk often can't tell."""
        return float(self.dark.mean()) > SILENT

    def answer(self, schools: np.ndarray, call: bool) -> np.ndarray:
        """What a check says: `IS`, `NOT`, and at the desk `CANT`."""
        said = np.where(self.real[schools], IS, NOT)
        return said if call else np.where(self.dark[schools], CANT, said)


def world(rng: np.random.Generator) -> np.ndarray:
    """How kinds look: rows of `LOOKS`, moved."""
    looks = np.array([LOOKS[kind] for kind in KINDS])
    looks[:, [1, 2, 3, 4, 5, 7, 10]] *= rng.uniform(0.85, 1.15, (len(KINDS), 7))
    looks[:, [0, 6]] += rng.uniform(-0.15, 0.15, (len(KINDS), 2))
    looks[:, [8, 9, 11]] *= rng.uniform(0.85, 1.1, (len(KINDS), 3))
    return looks


def directory(looks: np.ndarray, rng: np.random.Generator, share: float, loud: float) -> Directory:
    """A country's directory, of which about `share` is no school; `loud` moves how often its desk can't tell."""
    size = int(rng.integers(2_000, 4_000))
    mix = rng.dirichlet((2, 2, 2))
    chances = np.concatenate([(1 - share) * _split(rng.uniform(0.05, 0.15)), share * mix])
    kinds = rng.choice(len(KINDS), size, p=chances)
    odds = np.array(DARK) / (1 - np.array(DARK)) * loud
    dark = rng.random(size) < (odds / (1 + odds))[kinds]
    mu, sigma, again, years, linked, mail, bits, spread, place, site, age, foreign = looks[kinds].T
    members = np.ceil(np.exp(rng.normal(mu, sigma))).clip(1, 3_000)
    spellings = 1 + rng.poisson(again * np.log(members + 1)).clip(0, 8)
    school = np.repeat(np.arange(size), spellings)
    nth = np.arange(len(school)) - np.repeat(np.cumsum(spellings) - spellings, spellings)
    weight = FALL**nth
    many = rng.poisson(members[school] * weight / np.bincount(school, weight)[school]).clip(1)
    # A school's own share of linked members varies more than chance does.
    own = np.clip(linked * rng.lognormal(0, 0.3, size), 0, 0.95)[school]
    post = np.clip(mail * rng.lognormal(0, 0.6, size) * rng.uniform(0.4, 1.2), 0, 0.9)[school]
    since = np.minimum(rng.gamma(2, age / 2), FIRST)[school] * np.where(nth, rng.uniform(0, 1, len(school)), 1)
    bits = rng.normal(bits, spread)[school] + rng.normal(0, 0.3, len(school))
    abroad = (rng.random(size) < foreign)[school] & ((nth == 0) | (rng.random(len(school)) < 0.3))
    apart = years[school] * (1 - (1 - 1 / years[school]) ** many)
    columns = {
        "school": school.astype(np.int32),
        "members": many.astype(np.int32),
        "years": np.clip(np.round(apart + rng.normal(0, 1, len(school))), 1, many).astype(np.int32),
        "linked": rng.binomial(many, own).astype(np.int32),
        "mail": rng.binomial(many, post).astype(np.int32),
        "odd": np.round(bits.clip(0), 1).astype(np.float32),
        "place": ((rng.random(size) < place)[school] & (rng.random(len(school)) < 0.9)).astype(np.int32),
        "site": (rng.random(size) < site)[school].astype(np.int32),
        "age": np.round(since, 1).astype(np.float32),
        "foreign": abroad.astype(np.int32),
    }
    order = rng.permutation(len(school))
    return Directory({name: columns[name][order] for name in COLUMNS}, kinds, dark)


def directories(looks: np.ndarray, rng: np.random.Generator, count: int) -> list[Directory]:
    """So many, their shares spread evenly in logarithms; a third has a desk that is short of hands."""
    low, high = np.log(SHARES)
    shares = np.exp(low + (high - low) * (rng.permutation(count) + rng.random(count)) / count)
    louds = np.exp(rng.normal(0, 0.3, count)) * np.where(np.arange(count) % 3, 1, LOUD)
    return [directory(looks, rng, share, loud) for share, loud in zip(shares, louds, strict=True)]


def packed(some: Sequence[Directory], name: str) -> dict[str, np.ndarray]:
    """Directories as arrays whose names begin with `name`."""
    made = {"rows": np.array([len(one.listings["school"]) for one in some]), "sizes": np.array([*map(len, some)])}
    for column, (kind, scale) in STORED.items():
        made[column] = np.concatenate([np.round(one.listings[column] * scale) for one in some]).astype(kind)
    made["kinds"] = np.concatenate([one.kinds for one in some]).astype(np.uint8)
    made["dark"] = np.concatenate([one.dark for one in some])
    return {f"{name}_{part}": values for part, values in made.items()}


def unpacked(data: Mapping[str, np.ndarray], name: str) -> list[Directory]:
    """The directories that `packed` wrote under that name."""
    rows, sizes = (np.cumsum(data[f"{name}_{part}"])[:-1] for part in ("rows", "sizes"))
    columns = {}
    for column, (_, scale) in STORED.items():
        values = data[f"{name}_{column}"] / scale if scale > 1 else data[f"{name}_{column}"]
        columns[column] = np.split(values.astype(np.float32 if scale > 1 else np.int32), rows)
    kinds, dark = (np.split(data[f"{name}_{part}"], sizes) for part in ("kinds", "dark"))
    return [
        Directory({column: columns[column][at] for column in COLUMNS}, kinds[at].astype(np.int64), dark[at])
        for at in range(len(kinds))
    ]


def _split(unusual: float) -> np.ndarray:
    return np.array([1 - unusual, unusual])
