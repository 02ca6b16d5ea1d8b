"""What deciding costs at the least: sorting the readings of each parcel."""

import numpy as np


def over(readings):
    """True where the reading in the middle is over the limit."""
    return np.sort(readings, axis=1)[:, readings.shape[1] // 2] > 2.0
