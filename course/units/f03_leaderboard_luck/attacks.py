"""Those who want the top of the board without a model. They know the board's code; they see what it shows.

Each attack is given `ask`: it takes a list of submissions, in order, and gives the score shown for each. What an attack
submits is no better on new rows than what it began with, whatever it has learnt about rows of the hold-out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

Ask = Callable[[Sequence[np.ndarray]], Sequence[float]]
#: Submissions that are sent together: an attack adapts after each block.
BLOCK, SMALL_BLOCK = 50, 10
#: Blocks of coin flips between two votes, and rows that are flipped on the way to an edge.
VOTE_EVERY, WALK = 10, 400


def coins(rng: np.random.Generator, count: int, rows: int) -> np.ndarray:
    """Coin flips, uint8 (count, rows)."""
    packed = rng.integers(0, 256, (count, -(-rows // 8)), dtype=np.uint8)
    return np.ascontiguousarray(np.unpackbits(packed, axis=1)[:, :rows])


def boosting(ask: Ask, rows: int, rng: np.random.Generator, submissions: int) -> np.ndarray:
    """Coin flips by the thousand; those that were shown a high score vote, those with a low one vote against.

    The attack of Blum and Hardt ("The Ladder: a reliable leaderboard for machine learning competitions", 2015),
    with votes handed in on the way. Returns the scores shown, in order. True accuracy: one half throughout.
    """
    shown: list[float] = []
    tally = np.zeros(rows)
    for number in range(1, submissions // BLOCK + 1):
        tried = coins(rng, BLOCK, rows)
        before = max(shown, default=0.0)
        got = np.asarray(ask(list(tried)), float)
        rose = got > np.maximum.accumulate(np.concatenate([[before], got[:-1]]))
        # A board that shows everyone the top tells only when it rises.
        flat = np.all(np.diff(got) >= 0)
        weights = rose.astype(float) if flat else np.sign(got - np.median(got))
        tally += weights @ (2.0 * tried - 1)
        shown += got.tolist()
        if number % VOTE_EVERY == 0:
            shown += ask([(tally > 0).astype(np.uint8)])
    return np.array(shown)


def climbing(ask: Ask, start: np.ndarray, rng: np.random.Generator, submissions: int) -> np.ndarray:
    """Flip some rows of what did best, keep what is shown a higher score, go on from there.

    Returns the scores shown, in order. True accuracy: at most that of `start`.
    """
    rows, best = len(start), start
    shown = list(ask([start]))
    top = shown[0]
    sizes = 2 ** np.arange(int(np.log2(rows)))
    for _ in range(submissions // SMALL_BLOCK):
        tried = []
        for count in rng.choice(sizes, SMALL_BLOCK):
            other = best.copy()
            other[rng.integers(rows, size=count)] ^= 1
            tried.append(other)
        got = np.asarray(ask(tried), float)
        if got.max() > top:
            top, best = got.max(), tried[int(got.argmax())]
        shown += got.tolist()
    return np.array(shown)


def probing(ask: Ask, start: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Read the labels one by one: flip a row, see whether the score moves.

    Where scores are rounded, the attack first flips rows until the score shown changes: there one row more is enough
    to change it again. Returns the scores shown, in order. True accuracy: that of `start`, since what was read is
    true of these rows alone.
    """
    rows = len(start)
    shown = list(ask([start]))
    edge, level, last = start, shown[0], start
    order = rng.permutation(rows)
    for at in range(0, min(WALK, rows), BLOCK):
        walk = []
        for row in order[at : at + BLOCK]:
            last = last.copy()
            last[row] ^= 1
            walk.append(last)
        got = ask(walk)
        shown += got
        changed = next((k for k, score in enumerate(got) if score != shown[0]), None)
        if changed is not None:
            before = walk[changed - 1] if changed else edge
            edge, level = (walk[changed], got[changed]) if got[changed] < shown[0] else (before, shown[0])
            break
        edge = last
    else:
        edge, level = start, shown[0]
    read = edge.copy()
    for at in range(0, rows, BLOCK):
        probes = []
        for row in order[at : at + BLOCK]:
            probe = edge.copy()
            probe[row] ^= 1
            probes.append(probe)
        got = np.asarray(ask(probes), float)
        read[order[at : at + BLOCK][got > level]] ^= 1
        shown += got.tolist()
    shown += ask([read])
    return np.array(shown)
