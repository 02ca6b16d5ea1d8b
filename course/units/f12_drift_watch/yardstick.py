"""What a look at a batch costs at the least: mean, spread and gaps of each column, against the history."""

import numpy as np


class Monitor:
    """Means and spreads by hour; it compares and never complains."""

    def __init__(self, history):
        rows = [history["features"][history["hour"] == hour] for hour in range(24)]
        self.usual = np.stack([np.nan_to_num(some).sum(axis=0) / max(len(some), 1) for some in rows])
        self.spread = np.nanstd(history["features"], axis=0)
        self.far = self.gone = 0

    def update(self, batch):
        """Always "ok"."""
        features = batch["features"]
        known = ~np.isnan(features)
        count = np.maximum(known.sum(axis=0), 1)
        values = np.where(known, features, 0)
        mean = values.sum(axis=0) / count
        spread = np.sqrt((np.where(known, features - mean, 0) ** 2).sum(axis=0) / count)
        off = np.abs(mean - self.usual[batch["hour"]]) / self.spread
        self.far += int((off > 0.5).sum()) + int((spread > 1.5 * self.spread).sum())
        self.gone += int((~known).sum())
        return "ok"
