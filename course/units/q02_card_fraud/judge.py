"""What a model's flags are worth at the desk."""

from __future__ import annotations

import numpy as np

from course.units.kit.replay import Replay
from course.units.q02_card_fraud import world


def looked_at(desk: np.ndarray, day: np.ndarray, flagged: np.ndarray, reviews: int = world.REVIEWS) -> np.ndarray:
    """Which flagged payments (in order of time) the desks look at: each day's first `reviews`, bool (N,)."""
    rows = np.flatnonzero(flagged)
    rows = rows[np.lexsort((rows, day[rows], desk[rows]))]
    place = desk[rows] * 100_000 + day[rows]
    new = np.r_[True, place[1:] != place[:-1]] if len(rows) else np.zeros(0, bool)
    turn = np.arange(len(rows)) - np.maximum.accumulate(np.where(new, np.arange(len(rows)), 0))
    found = np.zeros(len(flagged), bool)
    found[rows[turn < reviews]] = True
    return found


def worth(amount: np.ndarray, fraud: np.ndarray) -> np.ndarray:
    """Euros that a look at each payment saves."""
    return np.where(fraud, amount, -world.GOODWILL) - world.COST


def best(desk: np.ndarray, day: np.ndarray, amount: np.ndarray, fraud: np.ndarray) -> np.ndarray:
    """What somebody who knows all frauds has looked at: each day's largest ones, bool (N,)."""
    gain = worth(amount, fraud)
    order = np.lexsort((-gain, day, desk))
    return _back(order, looked_at(desk[order], day[order], gain[order] > 0))


def _back(order: np.ndarray, values: np.ndarray) -> np.ndarray:
    found = np.empty_like(values)
    found[order] = values
    return found


def share(
    X: np.ndarray,
    day: np.ndarray,
    desk: np.ndarray,
    fraud: np.ndarray,
    review: np.ndarray,
    only: np.ndarray | None = None,
) -> float:
    """Euros that the desks save if payments with `review` are flagged, as a share of what can be saved at all.

    What can be saved is what somebody who knows all frauds saves with as many reviews. With `only` (bool, N), the same
    flags, but counted on these payments alone.
    """
    amount = X[:, world.AT["amount"]].astype(float)
    gain, counted = worth(amount, fraud), np.ones(len(X), bool) if only is None else only
    found = looked_at(desk, day, np.asarray(review).astype(bool)) & counted
    return float(gain[found].sum() / gain[best(desk, day, amount, fraud) & counted].sum())


def factor(probability: np.ndarray, fraud: np.ndarray) -> float:
    """How many times too many or too few frauds the probabilities promise; 1 is right."""
    promised, was = float(np.sum(probability, dtype=float)), float(fraud.sum())
    return max(promised / was, was / promised) if promised > 0 else float("inf")


def replayed(
    X: np.ndarray, day: np.ndarray, desk: np.ndarray, fraud: np.ndarray, review: np.ndarray, of: int
) -> Replay:
    """The month of the desk `of`, day by day: what was flagged, what was looked at, and what that saved."""
    amount = X[:, world.AT["amount"]].astype(float)
    gain, flagged = worth(amount, fraud), np.asarray(review).astype(bool)
    seen, could = looked_at(desk, day, flagged), best(desk, day, amount, fraud)
    rows = []
    for one in np.unique(day[desk == of]):
        here = (desk == of) & (day == one)
        counts = [int((here & some).sum()) for some in (here, flagged, fraud, seen & fraud, flagged & fraud & ~seen)]
        saved = [round(float(gain[here & some].sum())) for some in (seen, could)]
        rows.append((int(one), *counts, *saved))
    heads = ("day", "payments", "flagged", "frauds", "of them looked at", "flagged too late", "€ saved", "€ at best")
    mine = desk == of
    saved, most = float(gain[seen & mine].sum()), float(gain[could & mine].sum())
    said = (
        f"This desk saved €{saved:,.0f} of €{most:,.0f}, {saved / most:.0%}. It looked at {int((seen & mine).sum())} "
        f"payments, {int((seen & mine & fraud).sum())} of them frauds, of {int((mine & fraud).sum())}."
    )
    return Replay(f"Desk {of}, {len(rows)} days with {int(mine.sum()):,} payments", heads, rows, said)
