"""What an audit costs at the least: each column summed by school, one weighted sum, and the highest scores."""

import numpy as np

COLUMNS = ("members", "years", "linked", "mail", "odd", "place", "site", "age", "foreign")


def step(listings):
    """The 60 schools with the highest score."""
    school = listings["school"]
    size = int(school.max()) + 1
    sums = np.stack([np.bincount(school, listings[name], size) for name in COLUMNS], axis=1)
    score = 1 / (1 + np.exp(-np.log1p(sums) @ np.linspace(-1, 1, len(COLUMNS))))
    return {"desk": np.argsort(-score, kind="stable")[:60].tolist(), "call": []}
