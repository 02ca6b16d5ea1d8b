"""What a night costs at the least: plays counted by pair, the last one found, a weighted sum."""

import numpy as np


def counted(history, now):
    """Plays so far, days since the last one, other shows since: (n,) each."""
    plays, size = history["plays"], len(history["pairs"]["genre"])
    known = plays["told"] <= now
    pair, day, what, done = (plays[name][known] for name in ("pair", "day", "what", "done"))
    mine = what == 1
    last = np.zeros(size, np.int64)
    np.maximum.at(last, pair[mine], day[mine])
    seen = np.bincount(pair[mine], minlength=size)
    liked = np.bincount(pair[mine], done[mine], size) / np.maximum(seen, 1)
    others = np.bincount(pair[~mine], day[~mine] > last[pair[~mine]], size)
    return np.log1p(np.stack([seen, now - last, liked, others, history["pairs"]["genre"]], axis=1))


def predict(history, now):
    """A weighted sum through a logistic function."""
    return 1 / (1 + np.exp(counted(history, now) @ np.linspace(-1, 1, 5)))


def act(history, now):
    """A reminder to those in the middle."""
    chance = predict(history, now)
    return ((chance > 0.3) & (chance < 0.6)).astype(np.int64)
