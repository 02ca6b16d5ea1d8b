"""What a submission costs at the least: its accuracy."""


class Leaderboard:
    """The board that shows every score."""

    def __init__(self, labels, seed):
        self.labels = labels

    def submit(self, predictions):
        """The share of predictions that are right."""
        return (predictions == self.labels).mean()
