"""The least that a choice costs: columns to an array, one weighted sum for each nudge, the largest."""

import numpy as np

WEIGHTS = np.linspace(-1, 1, 52).reshape(13, 4)


def choose(model, customers):
    """The nudge with the largest sum."""
    table = np.stack([np.nan_to_num(values) for values in customers.values()], axis=1).astype(float)
    return np.argmax(np.log1p(table) @ WEIGHTS, axis=1)
