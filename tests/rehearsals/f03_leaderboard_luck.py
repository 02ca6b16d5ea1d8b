"""f03 rehearsed: what must pass, what must fail, and where.

Functions here are cells: only their bodies are used, at the end of the reference's module or in its place. Parameters
name what a body takes from that module.
"""

from __future__ import annotations

from course.grading.authoring.rehearse import Rehearsal


def two_halves():
    """No level for a whole season: one half of the rows proposes a leader, and the other half must agree.

    After the reusable hold-out of Dwork and others (2015): the second half answers only what passed the first.
    """
    import numpy as np

    class Leaderboard:
        def __init__(self, labels, seed):
            self.labels = np.array(labels, np.uint8)
            self.seed, self.leader = seed, None
            self.first = np.random.default_rng(seed).permutation(len(labels)) % 2 == 1

        def submit(self, predictions):
            given = np.asarray(predictions)
            if given.shape != self.labels.shape or not ((given == 0) | (given == 1)).all():
                raise ValueError("one prediction a row, each 0 or 1")
            right = given == self.labels
            if self.leader is None or self.agree(right):
                self.leader = right
            return float(self.leader.mean())

        def agree(self, right):
            won, lost = right & ~self.leader, self.leader & ~right
            for half in (self.first, ~self.first):
                wins, losses = np.count_nonzero(won & half), np.count_nonzero(lost & half)
                lead, rows = wins - losses, np.count_nonzero(half)
                if lead <= 2.7 * (wins + losses - lead**2 / rows) ** 0.5:
                    return False
            return True

        def state(self):
            bits = b"" if self.leader is None else np.packbits(self.leader).tobytes()
            return self.seed.to_bytes(8, "big") + bits

        @classmethod
        def restore(cls, labels, state):
            board = cls(labels, int.from_bytes(state[:8], "big"))
            if len(state) > 8:
                board.leader = np.unpackbits(np.frombuffer(state[8:], np.uint8), count=len(labels)).astype(bool)
            return board


def exact(Leaderboard, np):
    """The plain board."""

    class Exact(Leaderboard):
        def submit(self, predictions):
            super().submit(predictions)
            return float((np.asarray(predictions) == self.labels).mean())

    Leaderboard = Exact


def two_decimals(Leaderboard, np):
    """The plain board, rounded."""

    class Rounded(Leaderboard):
        def submit(self, predictions):
            super().submit(predictions)
            return round(float((np.asarray(predictions) == self.labels).mean()), 2)

    Leaderboard = Rounded


def heavy_noise(Leaderboard, np):
    """Every score with noise of four points: drawn anew, kept in the state, and no help."""

    class Noisy(Leaderboard):
        def __init__(self, labels, seed):
            super().__init__(labels, seed)
            self.seed, self.count = seed, 0

        def submit(self, predictions):
            super().submit(predictions)
            self.count += 1
            noise = np.random.default_rng([self.seed, self.count]).normal(0, 0.04)
            return min(max(float((np.asarray(predictions) == self.labels).mean()) + noise, 0.0), 1.0)

        def state(self):
            return b"%d %d" % (self.seed, self.count)

        @classmethod
        def restore(cls, labels, state):
            seed, count = map(int, state.split())
            board = cls(labels, seed)
            board.count = count
            return board

    Leaderboard = Noisy


def never(Leaderboard):
    """The first score, for ever."""
    Leaderboard._leads = lambda self, right, hits: False


def textbook(Leaderboard):
    """The Ladder without a parameter as it is printed: one standard error is a step."""

    def leads(self, right, hits):
        change = right.astype(float) - self.right
        return change.mean() > change.std() / len(change) ** 0.5

    Leaderboard._leads = leads


def chance_level(Leaderboard, np):
    """Coin flips are shown as 50 %, everything above four standard deviations of that exactly."""

    class Chance(Leaderboard):
        def submit(self, predictions):
            super().submit(predictions)
            score = float((np.asarray(predictions) == self.labels).mean())
            return score if score > 0.5 + 2 / len(self.labels) ** 0.5 else 0.5

    Leaderboard = Chance


def quota(Leaderboard, np):
    """Exact scores for the first 300 submissions; then the board is closed and shows its top."""

    class Quota(Leaderboard):
        def __init__(self, labels, seed):
            super().__init__(labels, seed)
            self.count, self.top = 0, 0.0

        def submit(self, predictions):
            super().submit(predictions)
            self.count += 1
            if self.count > 300:
                return self.top
            score = float((np.asarray(predictions) == self.labels).mean())
            self.top = max(self.top, score)
            return score

        def state(self):
            return f"{self.count} {self.top}".encode()

        @classmethod
        def restore(cls, labels, state):
            board, (count, top) = cls(labels, 0), state.split()
            board.count, board.top = int(count), float(top)
            return board

    Leaderboard = Quota


def remembers(Leaderboard, np):
    """The reference, with every submission kept lest one counts twice, and rows counted one by one."""
    import json

    class Remembers(Leaderboard):
        def __init__(self, labels, seed):
            super().__init__(labels, seed)
            self.past = {}

        def submit(self, predictions):
            score = super().submit(predictions)
            hits = sum(given == label for given, label in zip(predictions.tolist(), self.labels.tolist(), strict=True))
            self.past[np.packbits(predictions).tobytes()] = hits
            return score

        def state(self):
            past = {one.hex(): hits for one, hits in self.past.items()}
            return json.dumps([super().state().hex(), past]).encode()

        @classmethod
        def restore(cls, labels, state):
            leader, past = json.loads(state)
            board = super().restore(labels, bytes.fromhex(leader))
            board.past = {bytes.fromhex(one): hits for one, hits in past.items()}
            return board

    Leaderboard = Remembers


def forgets(Leaderboard):
    """The state is the score that is shown, as on the page; who leads, row by row, is forgotten."""

    class Forgets(Leaderboard):
        floor = 0.0

        def submit(self, predictions):
            return max(super().submit(predictions), self.floor)

        def state(self):
            return str(self.hits / len(self.labels)).encode()

        @classmethod
        def restore(cls, labels, state):
            board = cls(labels, 0)
            board.floor = float(state)
            return board

    Leaderboard = Forgets


def percent(Leaderboard):
    """A good board that shows percent."""

    class Percent(Leaderboard):
        def submit(self, predictions):
            return 100 * super().submit(predictions)

    Leaderboard = Percent


BOARD = "write-leaderboard"
OPEN_BOOK = {"quality": (0, 0), "climbing": (0, 0), "rare": (0, 0)}

REHEARSALS = (
    Rehearsal("reference", "the worked solution: a paired Ladder at a season's level", sample="reference"),
    Rehearsal(
        "two-halves",
        "an honest different solution: one half proposes, the other agrees",
        replaced={BOARD: two_halves},
        sample="alternative",
    ),
    Rehearsal("exact", "a trap: exact scores", added={BOARD: exact}, loses=OPEN_BOOK, sample="trap"),
    Rehearsal(
        "two-decimals",
        "scores rounded to two decimals",
        added={BOARD: two_decimals},
        loses={"quality": (0, 0), "rare": (0, 0)},
    ),
    Rehearsal(
        "heavy-noise",
        "scores with noise of four points",
        added={BOARD: heavy_noise},
        loses={**OPEN_BOOK, "gains": (0, 10), "late": (0, 3), "throughput": (0, 0)},
    ),
    Rehearsal(
        "never",
        "the first score, for ever",
        added={BOARD: never},
        loses={"quality": (0, 3), **dict.fromkeys(("gains", "late", "throughput"), (0, 0))},
    ),
    Rehearsal(
        "textbook",
        "the Ladder without a parameter, as printed, and with floats for rows",
        added={BOARD: textbook},
        loses={"quality": (0, 20), "climbing": (0, 0), "throughput": (0, 0)},
    ),
    Rehearsal(
        "chance-level",
        "what looks like coin flips is shown as 50 %, the rest exactly",
        added={BOARD: chance_level},
        loses={"interface": (5, 6), "quality": (15, 20), "climbing": (0, 0), "rare": (0, 0)},
    ),
    Rehearsal(
        "quota",
        "exact scores for 300 submissions, then none",
        added={BOARD: quota},
        loses={"quality": (15, 20), "climbing": (0, 4), "late": (0, 0), "throughput": (0, 0)},
    ),
    Rehearsal(
        "remembers",
        "a board that keeps all submissions, and counts rows in a loop",
        added={BOARD: remembers},
        loses={"state": (0, 0), "throughput": (0, 0)},
    ),
    Rehearsal(
        "forgets",
        "a board whose state is the score alone",
        added={BOARD: forgets},
        loses={"restart": (0, 0), "quality": (5, 20), "climbing": (0, 4), "rare": (0, 3), "late": (0, 3)},
    ),
    Rehearsal(
        "percent",
        "a board that shows percent",
        added={BOARD: percent},
        loses={
            "interface": (0, 3),
            **dict.fromkeys(("quality", "gains", "restart", "climbing", "rare", "late", "state", "throughput"), (0, 0)),
        },
    ),
)
