"""A plain month: prices by the square foot of recent sales of like quality, and what lies far below them."""

import numpy as np


def _rate(sales, quality):
    """Middle and spread of log price per square foot, by quality."""
    rate, sold = np.log(sales["price"] / sales["area"]), np.round(sales["quality"]).astype(int)
    middle, spread = np.full(11, np.median(rate)), np.full(11, rate.std())
    for one in range(1, 11):
        if (sold == one).sum() >= 8:
            middle[one], spread[one] = np.median(rate[sold == one]), rate[sold == one].std()
    at = np.clip(np.round(quality).astype(int), 0, 10)
    return middle[at], spread[at]


def quote(houses, sales):
    """Two spreads to each side."""
    middle, spread = _rate(sales, houses["quality"])
    log = middle + np.log(houses["area"])
    return {"low": np.exp(log - 2 * spread), "high": np.exp(log + 2 * spread)}


def buy(listings, sales, budget):
    """The cheapest for what they are, in order, while the money lasts."""
    middle, _ = _rate(sales, listings["quality"])
    order = np.argsort(np.log(listings["ask"] / listings["area"]) - middle, kind="stable")
    spent = np.cumsum(listings["ask"][order])
    return order[spent <= budget]
