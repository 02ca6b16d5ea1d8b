"""What a look at a batch costs at the least: the mean of each column, against its mean at that hour in the history."""

import numpy as np


class Monitor:
    """Means by hour; it compares and never complains."""

    def __init__(self, history):
        self.usual = np.zeros((24, 5))
        for hour in range(24):
            rows = [batch["features"] for batch in history if batch["hour"] == hour]
            self.usual[hour] = np.nan_to_num(np.concatenate(rows)).mean(axis=0)
        self.far = 0

    def update(self, batch):
        """Always "ok"."""
        features = batch["features"]
        if len(features):
            off = np.nansum(features, axis=0) / len(features) - self.usual[batch["hour"]]
            self.far += int((np.abs(off) > 0.5 * np.abs(self.usual[batch["hour"]])).sum())
        return "ok"
