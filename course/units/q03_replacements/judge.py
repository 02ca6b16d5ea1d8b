"""What five suggestions are worth: whether each can be had, and whether a household would have taken one of them."""

from __future__ import annotations

import numpy as np


def honest(items: np.ndarray, missing: np.ndarray, shelf: np.ndarray) -> np.ndarray:
    """Which suggestions (n, 5) can be had: on the shelf (n, 1800), not what is missing, and not said before. bool."""
    exists = (items >= 0) & (items < shelf.shape[1])
    there = np.take_along_axis(shelf, np.where(exists, items, 0), 1) > 0
    again = (items[:, :, None] == items[:, None]) & np.tri(items.shape[1], k=-1, dtype=bool)
    return exists & there & (items != missing[:, None]) & ~again.any(axis=2)


def caught(items: np.ndarray, good: np.ndarray, member: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """The chance (n,) that the household takes one of the suggestions that are `good`, (n, 5) both.

    `chance` (n, 40) is that of each `member` of the kind; with what was taken in its place, 1 or 0.
    """
    said = (member[:, :, None] == np.where(good, items, -2)[:, None]).any(axis=2)
    return (chance * said).sum(axis=1)


def best(chance: np.ndarray) -> float:
    """What five suggestions catch at most, on average, for one who knows the chances (n, 40)."""
    return float(np.sort(chance, axis=1)[:, -5:].sum(axis=1).mean())


def all_that_is_left(items: np.ndarray, member: np.ndarray, missing: np.ndarray, shelf: np.ndarray) -> np.ndarray:
    """True (n,) where the suggestions are every member of the kind that is left, once each, and -1 besides."""
    left = (member >= 0) & (np.take_along_axis(shelf, np.maximum(member, 0), 1) > 0) & (member != missing[:, None])
    wanted = np.sort(np.where(left, member, -1), axis=1)[:, -items.shape[1] :]
    return (np.sort(items, axis=1) == wanted).all(axis=1)
