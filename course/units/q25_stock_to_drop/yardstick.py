"""Pro rata, after a look at the sample covariance of a year: what a purchase costs is measured beside this."""

import numpy as np


def sell(prices, today, fund, order):
    """The same part of every holding, with two hundred euros on top; the covariance is looked at, and left at that."""
    past = prices[max(today - 250, 0) : today + 1]
    returns = np.nan_to_num(past[1:] / past[:-1] - 1)
    covariance = np.cov(returns.T)
    held = fund["holdings"].copy()
    held[order["stock"]] = 0
    if not np.isfinite(held @ covariance @ held):
        return held
    return held * min(order["amount"] * 1.01 / held.sum(), 1.0)
