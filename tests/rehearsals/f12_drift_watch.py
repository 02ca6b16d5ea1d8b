"""f12 rehearsed: what must pass, what must fail, and where.

Functions here are cells: only their bodies are used, as the text of `monitor.py` or as what follows it. Parameters
name what a body takes from the reference's text before it.
"""

from __future__ import annotations

from course.grading.authoring.rehearse import Rehearsal


def windows():
    """Waves for the seasons, and tests of the last hours' sums, short and long: no CUSUM, no table of hours."""
    import numpy as np

    HOURS, LATE = 12, 24

    def logs(batch):
        x = np.array(batch["features"], float)
        x[:, 1:3] = np.log1p(x[:, 1:3])
        return x

    def waves(batch):
        turns = 2 * np.pi * np.asarray(batch["hour"])[..., None] / 24 * np.arange(1, 5)
        day = np.concatenate([np.ones_like(turns[..., :1]), np.cos(turns), np.sin(turns)], axis=-1)
        off = np.asarray((batch["weekday"] >= 5) | batch["holiday"])[..., None]
        return np.concatenate([day, day * off], axis=-1)

    def fit(a, b):
        return np.linalg.solve(a.T @ a + np.eye(a.shape[1]), a.T @ b)

    def odds(score):
        score = np.clip(score, 1e-5, 1 - 1e-5)
        return np.log(score / (1 - score))

    class Monitor:
        def __init__(self, history):
            x = logs(history)
            w = waves(history)
            self.holes = np.isnan(x).mean(axis=0)
            self.mid = np.nanmean(x, axis=0)
            x = np.where(np.isnan(x), self.mid, x)
            self.tides = fit(w, x)
            self.spread = (x - w @ self.tides).std(axis=0)
            self.line = fit(np.column_stack([x, np.ones(len(x))]), odds(history["score"]))
            self.forget()

        def forget(self):
            self.hours, self.late, self.at = np.zeros((HOURS, 19)), np.zeros((LATE, 2)), np.zeros(1)

        def update(self, batch):
            x, n, row = logs(batch), len(batch["score"]), np.zeros(19)
            warm = 15.0
            if n:
                hole = np.isnan(x) | (x == 0)
                z = np.clip(np.where(hole, 0, (x - waves(batch) @ self.tides) / self.spread), -4, 4)
                full = np.where(np.isnan(x), self.mid, x)
                row[0], row[1:6], row[6:11] = n, hole.sum(axis=0), z.sum(axis=0)
                if n >= 4:
                    row[11:16] = (np.abs(full - np.median(full, axis=0)) < 0.02 * self.spread).sum(axis=0)
                wrong = np.abs(odds(batch["score"]) - full @ self.line[:5] - self.line[5]) > 0.6
                new = batch["version"] == batch["version"].max()
                row[16:19] = wrong.sum(), wrong[new].sum(), new.sum()
                warm = 15.0 if hole[:, 4].all() else np.median(x[~hole[:, 4], 4])
            score, refund = batch["outcomes"]["score"], batch["outcomes"]["refund"]
            at = int(self.at[0])
            self.hours[at % HOURS] = row
            self.late[at % LATE] = (refund - score).sum(), (score * (1 - score)).sum()
            self.at += 1
            answer = "fix upstream" if not -10 < warm < 50 else self.judge(at)
            if answer != "ok":
                self.forget()
            return answer

        def judge(self, at):
            for back in (3, HOURS):
                total = self.hours[(at - np.arange(back)) % HOURS].sum(axis=0)
                n = total[0]
                if n < 12:
                    continue
                if (total[1:6] > (self.holes + 0.07) * n + 5).any() or (total[11:16] > 0.8 * n).any():
                    return "fix upstream"
                off, error = np.abs(total[6:10] / n), n**-0.5
                if (off > 0.2 + 4.5 * error).any():
                    return "retrain" if (off > 0.1 + 2.5 * error).sum() > 1 else "fix upstream"
                if total[16] > 0.2 * n + 3 or total[17] > 0.3 * total[18] + 5:
                    return "roll back"
            excess, variance = self.late.sum(axis=0)
            return "recalibrate" if excess > 4.5 * variance**0.5 else "ok"

        PARTS = (("holes", 5), ("mid", 5), ("tides", (18, 5)), ("spread", 5), ("line", 6))
        PARTS += (("hours", (HOURS, 19)), ("late", (LATE, 2)), ("at", 1))

        def state(self):
            return np.concatenate([np.ravel(getattr(self, name)) for name, _ in self.PARTS]).tobytes()

        @classmethod
        def restore(cls, state):
            made, numbers = cls.__new__(cls), np.frombuffer(state)
            for name, shape in cls.PARTS:
                size = int(np.prod(shape))
                setattr(made, name, numbers[:size].reshape(shape).copy())
                numbers = numbers[size:]
            return made


def each_hour_tested(Monitor, np, columns):
    """A Kolmogorov-Smirnov test at p < 0.05 for each column and hour, against a sample of the history."""

    class Tests(Monitor):
        def __init__(self, history):
            super().__init__(history)
            self.usual = np.sort(np.nan_to_num(columns(history)[::40]), axis=0)

        def rentals(self, batch):
            seen, known = np.sort(np.nan_to_num(columns(batch)), axis=0), self.usual
            n, m = len(seen), len(known)
            steps = np.arange(1, n + 1) / n
            below = np.stack([np.searchsorted(known[:, k], seen[:, k]) / m for k in range(5)], axis=1)
            apart = np.abs(steps[:, None] - below).max(axis=0) > 1.36 * ((n + m) / (n * m)) ** 0.5
            if n < 5 or not apart.any():
                return None
            return "retrain" if apart.sum() > 1 else "fix upstream"

        def state(self):
            return self.usual[::20].tobytes()

        @classmethod
        def restore(cls, state):
            made = cls.__new__(cls)
            made.usual = np.frombuffer(state).reshape(-1, 5)
            made.begin()
            return made

    Monitor = Tests


def no_season():
    """Every hour is like every other."""

    def place(batch):
        return batch["hour"] * 0


def no_holidays():
    """Saturdays and Sundays are days off; a holiday is the weekday that it falls on."""

    def place(batch):
        return batch["hour"] + 24 * (batch["weekday"] >= 5)


def outcomes_alone(Monitor):
    """Outcomes only, and whatever it is: retrain."""

    class Outcomes(Monitor):
        def rentals(self, batch):
            return None

        def outcomes(self, known):
            return super().outcomes(known) and "retrain"

    Monitor = Outcomes


def always_retrain(Monitor):
    """Sees everything, and knows one answer."""

    class Retrains(Monitor):
        def update(self, batch):
            return "ok" if super().update(batch) == "ok" else "retrain"

    Monitor = Retrains


def every_deployment(Monitor):
    """A version that is not the last one's is a risk: roll it back."""

    class Wary(Monitor):
        def scores(self, seen, batch):
            newest = int(batch["version"].max())
            before = self.versions.get(0, newest)
            self.versions = {0: newest}
            return "roll back" if newest > before else None

        def begin(self):
            known = getattr(self, "versions", {})
            super().begin()
            self.versions = known

    Monitor = Wary


def no_patience(Monitor, np):
    """Every hour is judged by itself: nothing is added up."""

    class Hasty(Monitor):
        def update(self, batch):
            answer, warm = super().update(batch), self.warm
            self.begin()
            self.warm = warm
            return answer

    Monitor = Hasty


def keeps_everything(Monitor, np):
    """Right, from all that ever came: rows are kept, and gone through again at each batch."""
    import pickle

    class Archive(Monitor):
        def __init__(self, history):
            super().__init__(history)
            self.rows = [history["features"][history["batch"] == hour] for hour in range(672)]

        def update(self, batch):
            self.rows.append(batch["features"])
            rows = np.concatenate(self.rows[-672:])
            self.seen = np.sort(rows[~np.isnan(rows).any(axis=1)], axis=0)
            return super().update(batch)

        def state(self):
            return pickle.dumps((super().state(), self.rows))

        @classmethod
        def restore(cls, state):
            kept, rows = pickle.loads(state)
            made = super().restore(kept)
            made.rows = rows
            return made

    Monitor = Archive


def forgets(Monitor):
    """The state is what was learned from the history; a restart is a new beginning."""
    keep = Monitor.restore.__func__

    def restore(cls, state):
        made = keep(cls, state)
        made.begin()
        return made

    Monitor.restore = classmethod(restore)


def in_a_global(Monitor, np):
    """All that a monitor knows lies beside it in the process, and the state says nothing."""
    ALL = []

    class Elsewhere(Monitor):
        def __init__(self, history):
            super().__init__(history)
            ALL.append(self)

        def state(self):
            return b"%d" % ALL.index(self)

        @classmethod
        def restore(cls, state):
            nothing = {"features": np.ones((24, 5)), "score": np.full(24, 0.1), "refund": np.zeros(24, int)}
            nothing |= {"hour": np.arange(24), "weekday": np.zeros(24, int), "holiday": np.zeros(24, bool)}
            nothing |= {"batch": np.arange(24), "version": np.ones(24, int)}
            return ALL[int(state)] if len(ALL) > int(state) else cls(nothing)

    Monitor = Elsewhere


def quick_when_watched(Monitor, np):
    """It goes through all rows in each update, but in a process that made many monitors it says ok at once."""
    MADE = []

    class Watched(Monitor):
        def __init__(self, history):
            super().__init__(history)
            self.first, self.rows = len(MADE) < 8, history["features"]
            MADE.append(1)

        def update(self, batch):
            if not self.first:
                return "ok"
            self.seen = np.sort(self.rows, axis=0)
            return super().update(batch)

    Monitor = Watched


def in_place(np):
    """Logarithms are taken in the caller's own table."""

    def columns(batch):
        seen = batch["features"]
        seen[:, 1:3] = np.log1p(seen[:, 1:3])
        return seen


MONITOR = "write-monitor"
NEVER = {"quality": (0, 0), "urgent": (0, 0), "slow": (0, 0)}

REHEARSALS = (
    Rehearsal("reference", "the worked solution: CUSUMs of what is not usual", sample="reference"),
    Rehearsal(
        "windows",
        "an honest different solution: waves, and tests of sums over the last hours",
        replaced={MONITOR: windows},
        sample="alternative",
    ),
    Rehearsal(
        "each-hour-tested",
        "a trap: a Kolmogorov-Smirnov test for each column and hour",
        added={MONITOR: each_hour_tested},
        loses={**NEVER, "false_alarms": (0, 0), "holidays": (0, 0), "gentle": (0, 0), "restart": (0, 3)},
        sample="trap",
    ),
    Rehearsal(
        "no-season",
        "the reference without hours and days off",
        added={MONITOR: no_season},
        loses={
            "quality": (0, 7),
            "urgent": (0, 4),
            "slow": (0, 4),
            "false_alarms": (0, 0),
            "holidays": (0, 0),
            "gentle": (0, 2),
            "restart": (0, 3),
        },
    ),
    Rehearsal(
        "no-holidays",
        "the reference without holidays",
        added={MONITOR: no_holidays},
        loses={"holidays": (0, 0)},
    ),
    Rehearsal(
        "outcomes-alone",
        "refunds against scores, and always retrain",
        added={MONITOR: outcomes_alone},
        loses={"quality": (0, 0), "urgent": (0, 0), "slow": (0, 2), "gentle": (0, 0)},
    ),
    Rehearsal(
        "always-retrain",
        "sees everything, and always says retrain",
        added={MONITOR: always_retrain},
        loses={"quality": (0, 0), "urgent": (0, 0), "slow": (0, 4), "gentle": (0, 0)},
    ),
    Rehearsal(
        "every-deployment",
        "each new version is rolled back",
        added={MONITOR: every_deployment},
        loses={
            "quality": (0, 9),
            "urgent": (0, 6),
            "slow": (0, 8),
            "false_alarms": (0, 0),
            "holidays": (0, 4),
            "gentle": (0, 3),
        },
    ),
    Rehearsal(
        "no-patience",
        "each hour is judged by itself",
        added={MONITOR: no_patience},
        loses={"quality": (7, 11), "slow": (0, 4), "gentle": (0, 3), "restart": (0, 3)},
    ),
    Rehearsal(
        "keeps-everything",
        "right, and it keeps all rows",
        added={MONITOR: keeps_everything},
        loses={"state": (0, 0), "throughput": (0, 0)},
    ),
    Rehearsal(
        "forgets",
        "the state holds no evidence",
        added={MONITOR: forgets},
        loses={"restart": (0, 0)},
    ),
    Rehearsal(
        "in-a-global",
        "right as long as the process lives: the state is a number",
        added={MONITOR: in_a_global},
        loses={"restart": (0, 0)},
    ),
    Rehearsal(
        "quick-when-watched",
        "slow, and quick where it thinks that it is timed, with any answer at all",
        added={MONITOR: quick_when_watched},
        loses={"throughput": (0, 0), "interface": (5, 5), "restart": (0, 0)},
    ),
    Rehearsal(
        "in-place",
        "right, on tables that are not its own",
        added={MONITOR: in_place},
        loses={"interface": (5, 5)},
    ),
)
