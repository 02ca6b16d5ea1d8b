"""What an order is worth: bookings of its first ten, beside those of a shuffled page and of the best order."""

from __future__ import annotations

import numpy as np

from course.units.q09_rental_search.world import TOP

#: What a booking at each of the first ten places counts (Järvelin and Kekäläinen, 2002).
DISCOUNT = 1 / np.log2(1 + np.arange(1, TOP + 1))


def ranks(score: np.ndarray, pages: int) -> np.ndarray:
    """Each page's candidates from the highest score down: int (pages, m). Equal scores stay in the order given."""
    return np.argsort(-score.reshape(pages, -1), axis=1, kind="stable")


def lift(score: np.ndarray, gain: np.ndarray, only: np.ndarray | None = None) -> tuple[float, float]:
    """Discounted bookings in the first ten, over what a shuffled page has on average; and how far chance moves that.

    Parameters
    ----------
    score : the model's, (n * m,), page after page.
    gain : for each candidate the chance of a booking, or whether there was one, (n, m); on a page in random order one
        stands for the other.
    only : bool (n, m): bookings of these homes alone count, above and below the line.

    Returns
    -------
    The ratio, and its standard error over pages.
    """
    gain = np.asarray(gain, float) if only is None else np.where(only, gain, 0.0)
    order = ranks(score, len(gain))[:, :TOP]
    above = np.take_along_axis(gain, order, 1) @ DISCOUNT
    below = gain.mean(axis=1) * DISCOUNT.sum()
    ratio = above.sum() / below.sum()
    return float(ratio), float(np.sqrt(np.square(above - ratio * below).sum()) / below.sum())


def best(chance: np.ndarray, only: np.ndarray | None = None) -> float:
    """The lift of the best order: by the true chances (n, m) of a booking."""
    return lift(np.asarray(chance, float).ravel(), chance, only)[0]
