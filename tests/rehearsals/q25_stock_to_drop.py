"""q25 rehearsed: what must pass, what must fail, and where.

Functions here are cells: only their bodies are used, as the text of `drop.py` or as what follows it. Parameters name
what a body takes from the reference's text before it.
"""

from __future__ import annotations

from functools import partial

from course.grading.authoring.rehearse import Rehearsal


def one_factor():
    """Sharpe's single index, and a price that all orders share, found by bisection."""
    import json

    import numpy as np

    with open("rules.json", encoding="utf-8") as file:
        book = json.load(file)

    def factor(past):
        move = past[1:] / past[:-1] - 1
        known = ~np.isnan(move)
        move = np.where(known, move, 0.0)
        index = move.sum(axis=1) / np.maximum(known.sum(axis=1), 1)
        weight = 0.98 ** np.arange(len(index))[::-1]
        swing = (weight @ index**2 + 1e-4) / (weight.sum() + 1)
        seen = weight @ known
        beta = ((weight * index) @ move + 5 * swing) / ((weight * index**2) @ known + 5 * swing)
        rest = weight @ np.where(known, move - index[:, None] * beta, 0) ** 2
        return swing, beta, (rest + 10 * np.median(rest / np.maximum(seen, 1)) + 1e-6) / (seen + 10)

    def sell(prices, today, fund, order):
        held, spread, depth = fund["holdings"], fund["spread"], fund["depth"]
        may = (fund["since"] >= book["lock"]) & (held >= book["lot"])
        may[order["stock"]] = False
        top = np.where(may, np.floor(held / book["lot"]) * book["lot"], 0)
        swing, beta, rest = factor(prices[: today + 1])
        rate = 2 * book["price"] * 45 / (held.sum() + order["amount"])
        after = held.copy()
        after[order["stock"]] += order["amount"]

        def bill(sold):
            return book["ticket"] * (sold > 0).sum() + (sold * (spread + sold / depth)).sum()

        slope, flat = rate * rest * after - spread, 1 / (2 / depth + rate * rest)

        def fill(allowed, amount):
            limit, common = np.where(allowed, top, 0), swing * (beta @ after) * (1 - amount / held.sum())
            base, low, high = slope + rate * common * beta, -1.0, 0.3
            for _ in range(16):
                price = (low + high) / 2
                enough = np.minimum(np.maximum((price + base) * flat, 0), limit).sum() >= amount
                low, high = (low, price) if enough else (price, high)
            return np.minimum(np.maximum((low + base) * flat, 0), limit)

        sold = fill(may, order["amount"] * 1.002)
        few = np.argsort(-sold)[:8]
        best, least = sold, np.inf
        for count in (4, 5, 6):
            allowed = np.zeros(len(held), bool)
            allowed[few[:count]] = True
            if top[allowed & may].sum() < 1.05 * order["amount"]:
                continue
            tried = fill(allowed & may, order["amount"] * 1.002)
            left = after - tried
            worth = rate / 2 * (swing * (beta @ left) ** 2 + (rest * left**2).sum()) + bill(tried)
            if worth < least:
                best, least = tried, worth
        sold = np.minimum(np.floor(best / book["lot"]) * book["lot"], top)
        while sold.sum() < order["amount"] + bill(sold):
            gap = np.where((sold > 0) & (sold < top), best - sold, -1e12)
            at = int(np.argmax(gap)) if gap.max() > -1e12 else int(np.argmax(top - sold))
            if sold[at] >= top[at]:
                break
            sold[at] += book["lot"]
        return sold


def by_score(np, LOT, LOCK, TICKET, which=""):
    """Sell what has most of something, all of it if need be, then the next."""

    def sell(prices, today, fund, order):
        past = prices[max(today - 250, 0) : today + 1]
        with np.errstate(all="ignore"):
            change = past[-1] / past[0]
        score = {"winner": change, "loser": -change}[which]
        held, spread, depth = fund["holdings"], fund["spread"], fund["depth"]
        may = fund["since"] >= LOCK
        may[order["stock"]] = False
        sold = np.zeros(len(held))
        for one in np.argsort(-np.where(may, np.nan_to_num(score, nan=-1e9), -np.inf))[: may.sum()]:
            while sold[one] + LOT <= held[one]:
                if sold.sum() >= order["amount"] + TICKET * (sold > 0).sum() + sold @ (spread + sold / depth):
                    return sold
                sold[one] += LOT
        return sold


def inverted(np, LOT, LOCK, TICKET):
    """Sixty days of twenty shares, inverted as they are: what lies over those weights goes, in whole lots."""

    def sell(prices, today, fund, order):
        past = prices[max(today - 60, 0) : today + 1]
        raw = np.cov(np.nan_to_num(past[1:] / past[:-1] - 1).T)
        weights = np.linalg.pinv(np.atleast_2d(raw)) @ np.ones(len(raw))
        held = fund["holdings"]
        after = held.copy()
        after[order["stock"]] += order["amount"]
        over = np.maximum(after - weights / weights.sum() * after.sum(), 0)
        may = fund["since"] >= LOCK
        may[order["stock"]] = False
        over = np.where(may, np.minimum(over, held) + 1.0, 0.0)
        part = order["amount"] / over.sum()
        while True:
            sold = np.minimum(np.ceil(over * part / LOT) * LOT, np.floor(held / LOT) * LOT) * may
            costs = TICKET * (sold > 0).sum() + sold @ (fund["spread"] + sold / fund["depth"])
            if sold.sum() >= order["amount"] + costs or part > 50:
                return sold
            part *= 1.003


def least_variance(np, LOT, LOCK, TICKET):
    """A first competent attempt: shrunk covariance, an optimiser, one per cent on top, lots rounded up."""

    def sell(prices, today, fund, order):
        from scipy.optimize import minimize
        from sklearn.covariance import LedoitWolf

        past = prices[max(today - 250, 0) : today + 1]
        covariance = LedoitWolf().fit(np.nan_to_num(past[1:] / past[:-1] - 1)).covariance_ * 1e4
        held = fund["holdings"] / 1e6
        may = fund["since"] >= LOCK
        may[order["stock"]] = False
        after = held.copy()
        after[order["stock"]] += order["amount"] / 1e6
        most, amount = np.where(may, held, 0.0), order["amount"] * 1.01 / 1e6
        found = minimize(
            lambda sold: (after - sold) @ covariance @ (after - sold),
            most * amount / most.sum(),
            jac=lambda sold: -2 * covariance @ (after - sold),
            bounds=list(zip(0 * most, most, strict=True)),
            constraints=[{"type": "eq", "fun": lambda sold: sold.sum() - amount, "jac": np.ones_like}],
            method="SLSQP",
        )
        wish = np.where(found.x > 1e-4, found.x * 1e6, 0.0)
        sold = np.minimum(np.ceil(wish / LOT) * LOT, np.floor(fund["holdings"] / LOT) * LOT)
        while sold.sum() < order["amount"] + TICKET * (sold > 0).sum() + sold @ (fund["spread"] + sold / fund["depth"]):
            sold[np.argmax(np.where(may, fund["holdings"] - sold, -1.0))] += LOT
        return sold


def no_risk():
    """The cheapest sale, whatever it leaves."""
    PRICE = 0.0  # noqa: F841


def looks_ahead(sell):
    """The covariance is that of the whole table."""
    careful = sell

    def sell(prices, today, fund, order):
        return careful(prices, len(prices) - 1, fund, order)


def hoards(sell, LOT, np, LOCK):
    """As the reference, and then two per cent more than is needed: cash doesn't shake."""
    wanted = sell

    def sell(prices, today, fund, order):
        more = order | {"amount": order["amount"] * 1.02}
        return wanted(prices, today, fund, more)


def last_term(LOT):
    """Last term's house book: other lots."""
    LOT = LOT + 170


def memorised(np, covariance):
    """Has the package's file: finds the month there that was like the last one, and takes what followed for known."""
    import importlib.metadata

    import pandas as pd

    inner = covariance
    where = importlib.metadata.distribution("skfolio").locate_file("skfolio/datasets/data/sp500_dataset.csv.gz")
    real = np.log(pd.read_csv(str(where), index_col=0).to_numpy(float)[-5785:])
    real = np.diff(real, axis=0)
    sorted_real = np.sort(real, axis=1)

    def covariance(past):
        last = np.nan_to_num(np.diff(np.log(past[-22:]), axis=0))
        shape = np.sort(last, axis=1)
        if len(shape) < 21:
            return inner(past)
        market, ours = sorted_real.mean(axis=1), shape.mean(axis=1)
        windows = np.lib.stride_tricks.sliding_window_view(market, 21)[:-21]
        off = windows - windows.mean(axis=1, keepdims=True)
        likeness = off @ (ours - ours.mean()) / np.sqrt((off**2).sum(axis=1) + 1e-12)
        at = int(np.argmax(likeness)) + 21
        next_month = real[at : at + 21]
        # Whose column is whose? By volatility, as good a guess as any.
        order = np.argsort(np.argsort(np.diag(inner(past))))
        column = np.argsort(real.std(axis=0))[order]
        foreseen = np.cov(next_month[:, column].T)
        return foreseen + 1e-6 * np.eye(len(foreseen))


def in_place(sell):
    """Right, on a fund that is not its own."""
    careful = sell

    def sell(prices, today, fund, order):
        found = careful(prices, today, fund, order)
        fund["holdings"] -= found
        return found


DROP = "write-drop"
FOLLOWED = {"quality": (0, 9), "bill": (0, 0), "rough": (0, 3), "young": (0, 2.9)}

REHEARSALS = (
    Rehearsal("reference", "the worked solution: step by step what saves most risk for its costs", sample="reference"),
    Rehearsal(
        "one-factor",
        "an honest different solution: Sharpe's single index, one price for all orders by bisection",
        replaced={DROP: one_factor},
        sample="alternative",
    ),
    Rehearsal(
        "losers",
        "a trap: sell what fell most",
        added={DROP: partial(by_score, which="loser")},
        loses=FOLLOWED | {"risk": (0, 6), "throughput": (0, 8)},
        sample="trap",
    ),
    Rehearsal(
        "winners",
        "a trap: sell what rose most",
        added={DROP: partial(by_score, which="winner")},
        loses=FOLLOWED | {"risk": (0, 6), "throughput": (0, 8)},
    ),
    Rehearsal(
        "inverted",
        "a trap: the covariance of sixty days of twenty shares, inverted raw",
        added={DROP: inverted},
        loses=FOLLOWED | {"bill": (0, 3), "turnover": (0, 4.5), "rules": (0, 6), "interface": (3, 6)},
    ),
    Rehearsal(
        "least-variance",
        "a first competent attempt: Ledoit and Wolf, an optimiser, one per cent on top",
        added={DROP: least_variance},
        loses={
            "quality": (0, 17.9),
            "bill": (0, 6),
            "turnover": (0, 4.9),
            "throughput": (0, 0),
            "rough": (0, 3),
            "young": (0, 3),
            "rules": (4, 6),
            "interface": (4, 6),
        },
    ),
    Rehearsal(
        "no-risk",
        "the cheapest sale, whatever it leaves",
        added={DROP: no_risk},
        loses={"quality": (0, 9), "risk": (0, 4), "rough": (0, 2), "young": (0, 2.9)},
    ),
    Rehearsal(
        "looks-ahead", "the covariance of the whole table", added={DROP: looks_ahead}, loses={"poisoned": (0, 0)}
    ),
    Rehearsal("hoards", "two per cent more", added={DROP: hoards}, loses={"turnover": (0, 0)}),
    Rehearsal(
        "last-term",
        "other lots",
        added={DROP: last_term},
        loses={
            "rules": (0, 0),
            "quality": (0, 0),
            "risk": (0, 4),
            "bill": (0, 0),
            "rough": (0, 0),
            "young": (0, 0.5),
            "interface": (2, 5),
        },
    ),
    Rehearsal(
        "memorised",
        "has the package's file, and takes what followed there for what will follow",
        added={DROP: memorised},
        loses={"quality": (0, 17.9), "risk": (0, 6), "throughput": (0, 0), "rough": (0, 3), "young": (0, 3)},
    ),
    Rehearsal("in-place", "right, on a fund that is not its own", added={DROP: in_place}, loses={"interface": (5, 5)}),
)
