"""What a look at a batch costs at the least: the profile of each column and of the scores, against the history's."""

import numpy as np


class Monitor:
    """Profiles by hour; it compares and never complains."""

    def __init__(self, history):
        self.spread = np.nanstd(history["features"], axis=0)
        self.usual = np.zeros((24, 5))
        for hour in range(24):
            rows = np.nan_to_num(history["features"][history["hour"] == hour])
            self.usual[hour] = rows.sum(axis=0) / max(len(rows), 1)
        self.score = history["score"].mean()
        self.far = 0

    def update(self, batch):
        """Always "ok"."""
        features = batch["features"]
        known = ~np.isnan(features)
        if len(features) and known.any(axis=0).all():
            mean, spread = np.nanmean(features, axis=0), np.nanstd(features, axis=0)
            least, most = np.nanmin(features, axis=0), np.nanmax(features, axis=0)
            usual = self.usual[batch["hour"]]
            self.far += int((np.abs(mean - usual) > 0.5 * self.spread).sum() + (spread > 2 * self.spread).sum())
            self.far += int((least < usual - 6 * self.spread).sum() + (most > usual + 6 * self.spread).sum())
            self.far += int((known.mean(axis=0) < 0.9).sum() + (abs(batch["score"].mean() - self.score) > 0.1))
        return "ok"
