"""A plain audit: each column summed by school, a weighted sum, a plain sample and what was found in it."""

import numpy as np

COLUMNS = ("members", "years", "linked", "mail", "odd", "place", "site", "age", "foreign")


class Audit:
    """Sixty schools are asked about, and settled."""

    def __init__(self, listings, seed):
        school = listings["school"]
        size = int(school.max()) + 1
        sums = np.stack([np.bincount(school, listings[name], size) for name in COLUMNS], axis=1)
        self.score = 1 / (1 + np.exp(-np.log1p(sums) @ np.linspace(-1, 1, len(COLUMNS))))
        self.order = np.random.default_rng(seed).permutation(size)

    def ask(self, answers):
        """Sixty on the first day; calls for those of whom the desk can't tell on the second."""
        unsettled = answers["school"][~answers["call"] & (answers["said"] == 2)]
        called = answers["call"].any()
        return {"desk": [] if len(answers["school"]) else self.order[:60], "call": [] if called else unsettled}

    def share(self, answers):
        """Two standard errors and one label of each kind."""
        said = answers["said"][answers["said"] != 2]
        n, k = len(said) + 2, (said == 1).sum() + 1
        half = 2 * np.sqrt(k * (n - k) / n**3)
        return max(float(k / n - half), 0.0), min(float(k / n + half), 1.0)

    def delist(self, answers):
        """What was found, and the highest scores."""
        return np.union1d(np.argsort(-self.score, kind="stable")[:20], answers["school"][answers["said"] == 0])
