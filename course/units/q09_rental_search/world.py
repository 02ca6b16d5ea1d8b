"""The world of q09: holiday homes, people who search, and pages on which the top gets the looks.

All of it is simulated; nobody publishes a search log with the truth beside it. Clicks follow the position-based model
(Craswell et al., 2008; Joachims, Swaminathan and Schnabel, "Unbiased Learning-to-Rank with Biased Feedback", WSDM
2017): a home is clicked if its place is looked at *and* it appeals, and the first of the two knows nothing of the
home. A booking needs a click; whether it follows has nothing to do with the place. How much each thing weighs, and
how steeply looks fall from place to place on a phone and on a desk, come from the key.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: What a search says, in the order of the model's input; what a home's page says; and what the site remembers of it.
SEARCH = ("guests", "nights", "lead", "phone", "usual_price")
HOME = (
    "price", "rate", "sleeps", "distance", "photo", "pictures", "amenities", "free_cancel", "instant", "days_listed",
)  # fmt: skip
HISTORY = ("review_score", "reviews", "shown_90d", "clicks_90d", "bookings_90d")
COLUMNS = (*SEARCH, *HOME, *HISTORY)
AT = {name: k for k, name in enumerate(COLUMNS)}

#: Homes on a page, and how many of them are "the first".
PAGE, TOP = 24, 10
#: A home is new in its first month; the site remembers nothing of it.
NEW_DAYS = 30
#: Euros for a unit of a market's money: two markets in euros, one in pounds. The next one opens in kroner.
RATES, KRONER = (1.0, 1.0, 1.17), 0.088
HOMES = 1_500  # of a market
NEW = {"log": 0.14, "live": 0.3}


@dataclass(frozen=True)
class World:
    """What people do in this world: all of it from the key."""

    photo: float  # what a beautiful picture does for clicks
    over: tuple[float, float]  # what a price over the budget costs, in clicks and in bookings
    far: float  # what the way to the beach costs, in clicks
    stars: float  # what good reviews bring, in clicks
    quality: float  # what a good home brings, in bookings
    bait: float  # share of homes that have one beautiful picture, and little behind it
    steep: tuple[float, float]  # how steeply looks fall, at a desk and on a phone


def world(rng: np.random.Generator) -> World:
    """One world, drawn."""
    return World(
        photo=float(rng.uniform(0.8, 0.92)),
        over=(float(rng.uniform(2.9, 3.3)), float(rng.uniform(1.8, 2.2))),
        far=float(rng.uniform(0.38, 0.52)),
        stars=float(rng.uniform(0.2, 0.4)),
        quality=float(rng.uniform(0.98, 1.12)),
        bait=float(rng.uniform(0.13, 0.17)),
        steep=(float(rng.uniform(0.9, 1.1)), float(rng.uniform(1.3, 1.5))),
    )


def looks(at: World, phone: np.ndarray, position: np.ndarray) -> np.ndarray:
    """Probability that a place (1 is the first) is looked at: position ** -steep."""
    return position ** -np.where(np.asarray(phone) > 0, at.steep[1], at.steep[0])


@dataclass(frozen=True)
class Homes:
    """Homes of some markets: `table` float32 (n, 15) has HOME and HISTORY; the rest only the simulation knows."""

    table: np.ndarray
    market: np.ndarray
    quality: np.ndarray
    charm: np.ndarray
    bait: np.ndarray

    def __len__(self) -> int:
        return len(self.table)


@dataclass(frozen=True)
class Pages:
    """Searches with their candidates: what was seen, and what the simulation knows.

    `search` float32 (n, 5) has SEARCH, `home` int (n, m) the candidates in the order of the page. `clicked` and
    `booked` bool (n, m) are what happened. `appeal` and `chance` (n, m) are the true probabilities, of what is looked
    at, to be clicked and to be booked.
    """

    search: np.ndarray
    home: np.ndarray
    clicked: np.ndarray
    booked: np.ndarray
    appeal: np.ndarray
    chance: np.ndarray


def homes(
    rng: np.random.Generator, at: World, new: float, rates: tuple[float, ...] = RATES, each: int = HOMES
) -> Homes:
    """Homes of one market for each rate, `new` of them a share that came within the last month."""
    n = each * len(rates)
    market = np.repeat(np.arange(len(rates)), each)
    rate = np.array(rates)[market]
    sleeps = rng.choice([2, 3, 4, 5, 6, 8, 10], n, p=[0.24, 0.14, 0.26, 0.12, 0.13, 0.08, 0.03])
    bait = rng.random(n) < at.bait
    amenities = np.clip(np.round(rng.normal(10, 3.5, n)), 0, 20)
    pictures = np.where(bait, 2 + rng.poisson(4, n), 3 + rng.poisson(rng.gamma(4, 3.5, n)))
    quality = 0.5 * (amenities - 10) / 3.5 + 0.3 * np.clip((pictures - 16) / 8, -1.5, 1.5) + rng.normal(0, 0.6, n)
    quality -= 0.9 * bait
    photo = np.clip(rng.normal(5.6, 1.5, n) + 0.2 * quality + 2.6 * bait, 0, 10)
    distance = rng.gamma(1.3, 2.2, n)
    euros = 34 * sleeps**0.75 * np.exp(0.14 * quality + 0.03 * (photo - 6) - 0.05 * distance + rng.normal(0, 0.35, n))
    charm = rng.normal(0, 0.3, n)
    young = rng.random(n) < new
    days = np.where(young, rng.integers(0, NEW_DAYS, n), NEW_DAYS + rng.gamma(1.4, 500, n))

    # What the site remembers: above all how often a home was shown, which was luck that fed on itself.
    shown = np.round(rng.lognormal(6.2, 1.3, n) * np.clip(days / 200, 0.2, 1))
    place = np.exp(0.25 * np.log(shown / 500 + 1e-9) + rng.normal(np.log(0.2), 0.3, n)).clip(0.01, 0.9)
    appeal = _expit(-1.2 + at.photo * (photo - 6) / 1.5 - at.far * np.log1p(distance) + charm)
    clicks = rng.poisson(shown * place * appeal)
    bookings = rng.binomial(clicks, 0.12 * _expit(at.quality * quality) * 2)
    reviews = rng.poisson(0.02 * days * rng.gamma(2, 0.5, n)) + rng.binomial(bookings, 0.5)
    score = 4.5 + 0.28 * quality + rng.normal(0, 0.5, n) / np.sqrt(np.maximum(reviews, 1))
    history = np.stack(
        [np.where(reviews >= 3, np.clip(score, 1, 5).round(2), np.nan), reviews, shown, clicks, bookings], 1
    )
    history[young] = np.nan
    table = [
        np.round(euros / rate, 0 if max(rates) >= 1 else -1), rate, sleeps, distance.round(2), photo.round(1), pictures,
        amenities, rng.random(n) < 0.45, rng.random(n) < 0.5, np.floor(days),
    ]  # fmt: skip
    return Homes(np.column_stack([*table, history]).astype(np.float32), market, quality, charm, bait)


def searches(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Columns of SEARCH, float32 (n, 5), and what each searcher would pay for a night in euros (n,)."""
    guests = rng.choice([1, 2, 3, 4, 5, 6, 8], n, p=[0.06, 0.42, 0.13, 0.22, 0.07, 0.07, 0.03])
    phone = rng.random(n) < 0.55
    budget = 52 * np.maximum(guests, 1.5) ** 0.7 * np.exp(rng.normal(0, 0.45, n) - 0.1 * phone)
    known = rng.random(n) < 0.7
    usual = np.where(known, np.round(budget * rng.lognormal(0, 0.12, n)), np.nan)
    lead = np.round(rng.gamma(1.1, 45, n))
    return np.column_stack([guests, rng.geometric(0.2, n), lead, phone, usual]).astype(np.float32), budget


def pages(rng: np.random.Generator, at: World, there: Homes, n: int, *, shuffled: bool, size: int = PAGE) -> Pages:
    """`n` searches, each in one market with `size` candidates; the former ranker's order, or a shuffled one."""
    search, budget = searches(rng, n)
    each = np.bincount(there.market)[0]
    market = rng.integers(0, there.market.max() + 1, n)
    home = np.concatenate([_draw(rng, len(some), each, size) for some in np.array_split(market, n // 500 + 1)])
    home += each * market[:, None]
    if not shuffled:
        score = former(there.table)[home] + rng.normal(0, 0.5, home.shape)
        home = np.take_along_axis(home, np.argsort(-score, axis=1), 1)
    appeal, follows = behaviour(at, there, search, budget, home)
    clicked = rng.random(home.shape) < looks(at, search[:, 3:4], np.arange(1, size + 1)) * appeal
    booked = clicked & (rng.random(home.shape) < follows)
    return Pages(search, home, clicked, booked, appeal, appeal * follows)


def _draw(rng: np.random.Generator, n: int, each: int, size: int) -> np.ndarray:
    """`size` different numbers under `each` in random order, int (n, size)."""
    dice = rng.random((n, each))
    drawn = np.argpartition(dice, size - 1, axis=1)[:, :size]
    return np.take_along_axis(drawn, np.take_along_axis(dice, drawn, 1).argsort(axis=1), 1)


def former(table: np.ndarray) -> np.ndarray:
    """The former ranker's score: what was clicked, what is dear, and a campaign of years ago that nobody has ended."""
    column = {name: np.nan_to_num(table[:, AT[name] - len(SEARCH)]) for name in (*HOME, *HISTORY)}
    euros = column["price"] * column["rate"]
    return 0.6 * np.log1p(column["clicks_90d"]) + 2.5 * column["instant"] + 2.5 * np.log(euros)


def behaviour(at: World, there: Homes, search: np.ndarray, budget: np.ndarray, home: np.ndarray):
    """True probabilities (n, m): of a click on a home that is looked at, and of a booking after a click."""
    guests, lead = search[:, :1], search[:, 2:3]
    column = {name: there.table[:, k].astype(float) for k, name in enumerate((*HOME, *HISTORY))}
    price, sleeps = (column["price"] * column["rate"])[home], column["sleeps"][home]
    dear = np.log(price / budget[:, None])
    over, short = np.maximum(dear, 0), sleeps < guests
    stars = np.nan_to_num((column["review_score"] - 4.5) / 0.3)[home]
    quality = there.quality[home]
    appeal = (
        0.2 + at.photo * (column["photo"][home] - 6) / 1.5 - at.far * np.log1p(column["distance"][home])
        - at.over[0] * over - 0.3 * np.abs(dear) - 2.5 * short - 0.12 * np.maximum(sleeps - guests - 1, 0)
        + at.stars * stars + there.charm[home]
    )  # fmt: skip
    follows = (
        -1.0 + at.quality * quality - at.over[1] * over - 2.0 * short
        + 0.5 * column["free_cancel"][home] * (lead > 30) + 0.5 * column["instant"][home] * (lead < 8)
    )  # fmt: skip
    return _expit(appeal), _expit(follows)


def rows(table: np.ndarray, search: np.ndarray, home: np.ndarray) -> np.ndarray:
    """The model's input, float32 (n * m, 20): page after page, the candidates of each in their order."""
    return np.column_stack([np.repeat(search, home.shape[1], axis=0), table[home.ravel()]]).astype(np.float32)


def outage(X: np.ndarray) -> np.ndarray:
    """The same rows while nothing is remembered of any home."""
    X = X.copy()
    X[:, [AT[name] for name in HISTORY]] = np.nan
    return X


def _expit(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))
