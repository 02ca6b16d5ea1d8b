"""q07 rehearsed: what must pass, what must fail, and where.

Functions here are cells: only their bodies are used, as the text of `trends.py` or as what follows it. Parameters
name what a body takes from the reference's text before it.
"""

from __future__ import annotations

from course.grading.authoring.rehearse import Rehearsal


def bitmaps():
    """Small bitmaps for the hour, and one sketch of hours of the week into which only counts that matter go."""
    import numpy as np

    CELLS, LAYERS, WORTH, LEAST = 10_240, 3, 8, 2
    ODD = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
    ONES = np.array([bin(k).count("1") for k in range(256)])

    def mix(x, k):
        x = x.astype(np.uint64) * np.uint64(ODD[k])
        x = (x ^ (x >> np.uint64(31))) * np.uint64(0xD6E8FEB86659FD93)
        return x ^ (x >> np.uint64(32))

    class Trends:
        def __init__(self):
            # Each of four quarters: tags that came twice, and 128 bits each, of which every account sets one.
            self.quarters = [(np.zeros(0, np.int64), np.zeros((0, 16), np.uint8))] * 4
            self.usual = np.zeros((LAYERS, CELLS), np.uint8)
            self.batches, self.time = 0, 0

        def update(self, batch):
            self.time = batch["time"]
            self.batches += 1
            order = np.argsort(batch["tags"], kind="stable")
            tags, who = batch["tags"][order], batch["accounts"][order]
            names, first, count = np.unique(tags, return_index=True, return_counts=True)
            often = np.flatnonzero(count >= LEAST)
            bit = (mix(who, 0) % np.uint64(128)).astype(np.int64)
            maps = np.zeros((len(often), 128), bool)
            row = np.repeat(np.arange(len(often)), count[often])
            column = np.concatenate([bit[first[k] : first[k] + count[k]] for k in often]) if len(often) else []
            maps[row, np.array(column, int)] = True
            some = maps.sum(axis=1) >= LEAST
            self.quarters = [*self.quarters[1:], (names[often][some], np.packbits(maps[some], axis=1))]
            if self.time % 60 == 45:
                self.learn()

        def hour(self):
            tags, which = np.unique(np.concatenate([t for t, _ in self.quarters]), return_inverse=True)
            maps = np.zeros((len(tags), 16), np.uint8)
            np.bitwise_or.at(maps, which, np.concatenate([m for _, m in self.quarters]))
            empty = np.maximum(128 - ONES[maps].sum(axis=1), 0.5)
            return tags, -128 * np.log(empty / 128)

        def cells(self, tags, hour):
            key = tags * 168 + hour
            return np.stack([(mix(key, k) % np.uint64(CELLS)).astype(np.int64) for k in range(LAYERS)])

        def read(self, cells):
            return 3.0 * np.min([row[at] for row, at in zip(self.usual, cells, strict=True)], axis=0)

        def learn(self):
            tags, count = self.hour()
            tags, count = tags[count >= WORTH], count[count >= WORTH]
            cells = self.cells(tags, self.time // 60)
            before = self.read(cells)
            weight = 1 / min(3, 1 + (self.batches - 1) // 672)
            wanted = before + weight * (count - before)
            for row, at in zip(self.usual, cells, strict=True):
                old = 3.0 * row[at]
                row[at] = np.clip(np.where(old <= before, wanted, np.maximum(old, wanted)) / 3, 0, 255)

        def top(self, k):
            tags, count = self.hour()
            tags, count = tags[count >= 30], count[count >= 30]
            if not len(tags):
                return []
            now, share = self.time // 60, (self.time % 60 + 15) / 60
            usual = share * self.read(self.cells(tags, now))
            usual = usual + (1 - share) * self.read(self.cells(tags, (now - 1) % 168))
            surprise = (count - 2.9 * usual) / np.sqrt(count)
            order = np.argsort(-surprise, kind="stable")
            return [int(tags[j]) for j in order if surprise[j] > 0][:k]

        def state(self):
            head = np.array([self.batches, self.time, *(len(t) for t, _ in self.quarters)], np.int64)
            rest = [part.tobytes() for pair in self.quarters for part in pair]
            return b"".join([head.tobytes(), self.usual.tobytes(), *rest])

        @classmethod
        def restore(cls, state):
            made, head = cls(), np.frombuffer(state[:48], np.int64)
            made.batches, made.time = int(head[0]), int(head[1])
            made.usual = np.frombuffer(state, np.uint8, LAYERS * CELLS, 48).reshape(LAYERS, CELLS).copy()
            at, made.quarters = 48 + LAYERS * CELLS, []
            for n in head[2:].tolist():
                tags = np.frombuffer(state, np.int64, n, at)
                maps = np.frombuffer(state, np.uint8, 16 * n, at + 8 * n).reshape(n, 16)
                made.quarters.append((tags, maps))
                at += 24 * n
            return made


def most_popular(Trends, np, places, ROWS, WIDTH):
    """The ten tags with most accounts."""

    class Popular(Trends):
        def top(self, k):
            some = self.candidates[self.candidates >= 0]
            count = self.estimate(places(some, ROWS, WIDTH))
            return some[np.argsort(-count, kind="stable")][:k].tolist()

    Trends = Popular


def mean_of_the_week(Trends, np, FINE):
    """What is usual is the same at all hours."""

    class Flat(Trends):
        def top(self, k):
            kept, mean = self.week, ((self.week / FINE) ** 2).mean(axis=1)
            self.week = np.repeat(FINE * np.sqrt(mean)[:, None], 168, axis=1)
            shown = super().top(k)
            self.week = kept
            return shown

    Trends = Flat


def hours_of_the_day(Trends, np, FINE):
    """What is usual is the same on all days."""

    class Daily(Trends):
        def top(self, k):
            kept, mean = self.week, ((self.week / FINE) ** 2).reshape(-1, 7, 24).mean(axis=1)
            self.week = np.tile(FINE * np.sqrt(mean), (1, 7))
            shown = super().top(k)
            self.week = kept
            return shown

    Trends = Daily


def never_what_was_popular(Trends, np):
    """A tag that had a busy hour in any week is no news."""

    class Jaded(Trends):
        def top(self, k):
            kept = self.week
            self.week = np.repeat(kept.max(axis=1, keepdims=True), 168, axis=1)
            shown = super().top(k)
            self.week = kept
            return shown

    Trends = Jaded


def counts_posts(Trends):
    """Every post counts."""

    class Posts(Trends):
        def new(self, tags, accounts):
            return tags

    Trends = Posts


def once_a_batch(Trends):
    """An account counts once in each batch."""

    class Batchwise(Trends):
        def update(self, batch):
            self.pairs[:] = 0
            super().update(batch)

    Trends = Batchwise


def full_hours(Trends, np, CANDIDATES):
    """A new list at each full hour."""

    class Hourly(Trends):
        PARTS = (*Trends.PARTS, ("shown", np.int64, (CANDIDATES,)))

        def update(self, batch):
            super().update(batch)
            if batch["time"] % 60 == 45:
                shown = super().top(CANDIDATES)
                self.shown[:] = -1
                self.shown[: len(shown)] = shown

        def top(self, k):
            return self.shown[self.shown > 0][:k].tolist()

    Trends = Hourly


def two_rows(Trends, np):
    """The same bytes in two rows."""
    ROWS, WIDTH = 2, 1536  # noqa: F841

    class Wide(Trends):
        PARTS = tuple((name, kind, (4, 2, 1536) if name == "window" else shape) for name, kind, shape in Trends.PARTS)

    Trends = Wide


def needs_a_past(Trends):
    """What has no usual week can't be unusual."""

    class Known(Trends):
        def top(self, k):
            past = set(self.known[(self.week > 0).sum(axis=1) > 12].tolist())
            return [tag for tag in super().top(100) if tag in past][:k]

    Trends = Known


def cautious(Trends):
    """Eighty accounts, to be sure."""
    SHOWN = 80  # noqa: F841


def one_at_a_time(Trends):
    """Never more than the clearest one."""

    class One(Trends):
        def top(self, k):
            return super().top(1)

    Trends = One


def exact_tables():
    """Dicts of everything: the last hour's accounts, and each tag's week."""
    import pickle
    from collections import defaultdict, deque

    class Trends:
        def __init__(self):
            self.quarters, self.week, self.time, self.batches = deque(maxlen=4), {}, 0, 0

        def update(self, batch):
            self.time, accounts = batch["time"], defaultdict(set)
            self.batches += 1
            for tag, account in zip(batch["tags"].tolist(), batch["accounts"].tolist(), strict=True):
                accounts[tag].add(account)
            self.quarters.append(dict(accounts))
            if self.time % 60 == 45:
                for tag, count in self.hour(1).items():
                    hours = self.week.setdefault(tag, {})
                    hours[self.time // 60] = hours.get(self.time // 60, 0) + count

        def hour(self, least):
            most = defaultdict(int)
            for quarter in self.quarters:
                for tag, some in quarter.items():
                    most[tag] += len(some)
            busy = [tag for tag, count in most.items() if count >= least]
            return {tag: len(set().union(*(one.get(tag, ()) for one in self.quarters))) for tag in busy}

        def top(self, k):
            hour, part = self.time // 60, (self.time % 60 + 15) / 60
            weeks, found = max(min(self.batches // 672, 3), 1), []
            for tag, count in self.hour(30).items():
                if count >= 30:
                    hours = self.week.get(tag, {})
                    usual = part * hours.get(hour, 0) + (1 - part) * hours.get((hour - 1) % 168, 0)
                    if count >= 3 * usual / weeks:
                        found.append((count / (usual + 1), tag))
            return [tag for _, tag in sorted(found, reverse=True)[:k]]

        def state(self):
            return pickle.dumps((list(self.quarters), self.week, self.time, self.batches))

        @classmethod
        def restore(cls, state):
            made = cls()
            quarters, made.week, made.time, made.batches = pickle.loads(state)
            made.quarters.extend(quarters)
            return made


def post_by_post(Trends, np, PROBES):
    """The same Bloom filter, a post at a time."""

    class Slow(Trends):
        def new(self, tags, accounts):
            fresh = []
            for tag, account in zip(tags.tolist(), accounts.tolist(), strict=True):
                key, had = hash((tag, account)), True
                for _ in range(PROBES):
                    key = (key * 0x5851F42D4C957F2D + 0x14057B7EF767814F) % 2**64
                    place, bit = key >> 51, 1 << (key >> 48 & 7)
                    had = had and bool(self.pairs[place] & bit)
                    self.pairs[place] |= bit
                if not had:
                    fresh.append(tag)
            return np.array(fresh, dtype=np.int64)

    Trends = Slow


def forgets_the_hour(Trends, np):
    """The state is what was learned; the last hour is gone."""
    keep = Trends.restore.__func__

    def restore(cls, state):
        made = keep(cls, state)
        made.window[:] = 0
        made.pairs[:] = 0
        return made

    Trends.restore = classmethod(restore)


def in_a_global(Trends):
    """All that a counter knows lies beside it in the process, and the state says nothing."""
    LAST = []

    class Elsewhere(Trends):
        def update(self, batch):
            super().update(batch)
            LAST[:] = [self]

        def state(self):
            return b""

        @classmethod
        def restore(cls, state):
            return LAST[0] if LAST else cls()

    Trends = Elsewhere


def quick_when_watched(Trends):
    """It sorts twenty times, but in a process that had a counter before it lists nothing, at once."""
    MADE = []

    class Watched(Trends):
        def __init__(self):
            super().__init__()
            self.first = not MADE
            MADE.append(1)

        def update(self, batch):
            if self.first:
                for _ in range(20):
                    self.pairs_of = sorted(zip(batch["tags"].tolist(), batch["accounts"].tolist(), strict=True))
                super().update(batch)

    Trends = Watched


def in_place(Trends):
    """Right, and the caller's posts are sorted."""

    class Sorts(Trends):
        def update(self, batch):
            order = batch["tags"].argsort(kind="stable")
            batch["tags"][:], batch["accounts"][:] = batch["tags"][order], batch["accounts"][order]
            super().update(batch)

    Trends = Sorts


TRENDS = "write-trends"
SLICES = {"small": (0, 4), "crowd": (0, 3), "newborn": (0, 3)}

REHEARSALS = (
    Rehearsal("reference", "the worked solution: sketches for the hour, profiles for the week", sample="reference"),
    Rehearsal(
        "bitmaps",
        "an honest different solution: bitmaps for the hour, a sketch for the week",
        replaced={TRENDS: bitmaps},
        sample="alternative",
    ),
    Rehearsal(
        "most-popular",
        "a trap: the ten tags with most accounts",
        added={TRENDS: most_popular},
        loses={"quality": (0, 0), "everyday": (0, 0), "delay": (0, 0), "spam": (3, 6)}
        | {"small": (0, 0), "crowd": (0, 3), "newborn": (0, 0)},
        sample="trap",
    ),
    Rehearsal(
        "mean-of-the-week",
        "the reference without hours",
        added={TRENDS: mean_of_the_week},
        loses={"quality": (0, 0), "everyday": (0, 0), "delay": (0, 2), **SLICES},
    ),
    Rehearsal(
        "hours-of-the-day",
        "the reference without days",
        added={TRENDS: hours_of_the_day},
        loses={"quality": (0, 5), "everyday": (0, 0), "delay": (4, 6), **SLICES},
    ),
    Rehearsal(
        "never-what-was-popular",
        "what was busy in any week is no news",
        added={TRENDS: never_what_was_popular},
        loses={"quality": (6, 10), "delay": (2, 5.5)},
    ),
    Rehearsal(
        "counts-posts",
        "every post counts",
        added={TRENDS: counts_posts},
        loses={"quality": (7, 12), "everyday": (0, 6), "spam": (0, 0), "delay": (4, 6), **SLICES},
    ),
    Rehearsal(
        "once-a-batch",
        "an account counts once in each batch",
        added={TRENDS: once_a_batch},
        loses={"spam": (0, 1)},
    ),
    Rehearsal(
        "full-hours",
        "a new list at each full hour",
        added={TRENDS: full_hours},
        loses={"quality": (9, 12), "everyday": (3, 6), "delay": (0, 5)},
    ),
    Rehearsal(
        "two-rows",
        "the same bytes in two rows: ghosts",
        added={TRENDS: two_rows},
        loses={"quality": (0, 11), "everyday": (0, 3), "delay": (2, 6), **SLICES},
    ),
    Rehearsal(
        "needs-a-past",
        "what has no usual week is not listed",
        added={TRENDS: needs_a_past},
        loses={"quality": (0, 0), "everyday": (3, 6), "delay": (0, 0)}
        | {"small": (0, 0), "crowd": (0, 0), "newborn": (0, 0)},
    ),
    Rehearsal(
        "cautious",
        "eighty accounts, to be sure",
        added={TRENDS: cautious},
        loses={"quality": (6, 12), "delay": (0, 2), "small": (0, 1)},
    ),
    Rehearsal(
        "one-at-a-time",
        "one tag at most",
        added={TRENDS: one_at_a_time},
        loses={"quality": (6, 12), "delay": (0, 5.5), "small": (0, 4), "crowd": (0, 2.5)},
    ),
    Rehearsal(
        "exact-tables",
        "exact counts of everything: too large to be kept over night",
        replaced={TRENDS: exact_tables},
        loses={"quality": (0, 0), "everyday": (0, 0), "delay": (0, 2), "state": (0, 0), **SLICES},
    ),
    Rehearsal(
        "post-by-post",
        "right, a post at a time",
        added={TRENDS: post_by_post},
        loses={"throughput": (0, 0)},
    ),
    Rehearsal(
        "forgets-the-hour",
        "the state holds the week alone",
        added={TRENDS: forgets_the_hour},
        loses={"quality": (8, 12), "everyday": (2, 6), "restart": (0, 0)},
    ),
    Rehearsal(
        "in-a-global",
        "right as long as the process lives: the state is empty",
        added={TRENDS: in_a_global},
        loses={"quality": (0, 0), "everyday": (0, 0), "delay": (0, 2), "restart": (0, 3), **SLICES},
    ),
    Rehearsal(
        "quick-when-watched",
        "slow, and quick where it thinks that it is timed, with empty lists",
        added={TRENDS: quick_when_watched},
        loses={"throughput": (0, 0), "interface": (3, 6)},
    ),
    Rehearsal(
        "in-place",
        "right, on arrays that are not its own",
        added={TRENDS: in_place},
        loses={"interface": (5, 5)},
    ),
)
