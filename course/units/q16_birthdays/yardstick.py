"""What it costs at the least: a week's rows sorted by member and date, and exponentials for each who is asked about."""

import zlib

import numpy as np


class Birthdays:
    """Counts rows of the same date, and knows nothing else."""

    def __init__(self, people):
        self.zone = people["zone"].astype(np.int64)
        self.counts = [np.zeros(0, np.int64)]

    @classmethod
    def restore(cls, people, state):
        """A new one."""
        return cls(people)

    def update(self, out, rows):
        """Rows of each member and date."""
        keys = rows["about"] * np.int64(1000) + (rows["hour"] + self.zone[rows["by"]]) // 24
        self.counts.append(np.unique(keys, return_counts=True)[1])

    def posterior(self, some):
        """Exponentials of nothing much, with sum 1."""
        made = np.exp(np.add.outer(some % 7 * 1e-3, np.arange(366) * 1e-5))
        return made / made.sum(axis=1, keepdims=True)

    def greet(self, some):
        """Where they are largest."""
        return np.argmax(self.posterior(some), axis=1)

    def state(self):
        """Counts, packed."""
        return zlib.compress(np.concatenate(self.counts).astype(np.uint8).tobytes(), 1)
