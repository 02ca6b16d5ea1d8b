"""q16 rehearsed: what must pass, what must fail, and where.

Functions here are cells: only their bodies are used, as the text of `birthdays.py` or as what follows it. Parameters
name what a body takes from the reference's text before it.
"""

from __future__ import annotations

from course.grading.authoring.rehearse import Rehearsal


def by_date():
    """One number for each member's date: its most telling phrase, and how many rows; no kinds, no hours."""
    import functools
    import zlib

    import numpy as np

    @functools.cache
    def kept():
        with np.load("rules.npz") as rules, np.load("tables.npz") as tables:
            return {**rules, **tables}

    def prior():
        return np.array(kept()["year"])

    class Birthdays:
        def __init__(self, people):
            self.zone, rules = people["zone"].astype(int), kept()
            self.clock, start = int(rules["clock"]), int(rules["start"])
            self.no = people["settings"] & (1 << int(rules["bit"])) > 0
            self.old = np.zeros((0, 3), np.int64)  # member, date, code
            self.new = np.zeros((0, 3), np.int64)  # member, date, phrase
            self.begin = (np.datetime64(f"{start}-01-01") - np.datetime64("2020-01-01")).astype(int)

        def update(self, out, rows):
            self.no[out] = True
            self.old, self.new = (some[~self.no[some[:, 0]]] for some in (self.old, self.new))
            good = ~self.no[rows["about"]] & ~self.no[rows["by"]]
            good &= (rows["also"] < 0) | ~self.no[np.maximum(rows["also"], 0)]
            if good.any():
                rows = {name: values[good].astype(int) for name, values in rows.items()}
                date = (rows["hour"] - self.clock + self.zone[rows["by"]]) // 24
                two = rows["also"] >= 0
                who = np.concatenate([rows["about"], rows["also"][two]])
                date, phrase = (np.concatenate([one, one[two]]) for one in (date, rows["phrase"]))
                self.new = np.concatenate([self.new, np.stack([who, date, phrase], axis=1)])
                self.settle(self.new[:, 1].max() - 9)

        def settle(self, before):
            done = self.new[:, 1] < before
            if done.any():
                self.old = np.concatenate([self.old, self.coded(self.new[done])])
                self.new = self.new[~done]

        def coded(self, some):
            family = kept()["family"][some[:, 2]]
            rank = kept()["rank"][some[:, 2]]
            order = np.argsort((some[:, 0] << 26) + (some[:, 1] + 5 << 14) + (family << 7) + rank)
            some, family = some[order], family[order]
            key = (some[:, 0] << 20) + (some[:, 1] << 8) + family
            first = np.append(True, key[1:] != key[:-1])[: len(some)]
            rows = np.diff(np.append(np.flatnonzero(first), len(some)))
            made = some[first]
            made[:, 2] = made[:, 2] * 4 + np.minimum(rows, 4) - 1
            return made

        def posterior(self, members):
            members = np.asarray(members)
            every, back = np.unique(members, return_inverse=True)
            where = np.full(len(self.zone), -1)
            where[every] = np.arange(len(every))
            facts = np.concatenate([self.old, self.coded(self.new)])
            facts = facts[where[facts[:, 0]] >= 0]
            score = np.tile(np.log(kept()["year"]), (len(every), 1))
            at, table = where[facts[:, 0]] * 366, kept()["table"][facts[:, 2]]
            day = (facts[:, 1, None] - np.arange(-10, 11) + self.begin) % 1461  # 2020 begins with a leap year
            year = np.where(day < 366, 0, (day - 1) // 365)
            day = np.where(day < 366, day, (day - 1) % 365)
            day += (year > 0) & (day >= 59)
            flat = np.bincount((at[:, None] + day).ravel(), table.ravel(), score.size)
            # Who has no 29 February is wished well a day before or after.
            row, step = np.nonzero((year > 0) & (day == 58))
            mean = np.logaddexp(table[row, step], table[row, np.maximum(step - 1, 0)]) - np.log(2)
            flat = flat + np.bincount(at[row] + 59, mean, flat.size)
            score += flat.reshape(score.shape)
            score = np.exp(score - score.max(axis=1, keepdims=True))
            score /= score.sum(axis=1, keepdims=True)
            score[self.no[every]] = kept()["year"]
            return score[back]

        def greet(self, members):
            found = self.posterior(members)
            return [int(row.argmax()) if row.max() > 0.9 and not no else -1 for row, no in zip(found, self.no[members])]  # noqa: B905

        def state(self):
            parts = []
            for some in (self.old, self.new):
                some = some[np.argsort((some[:, 0] << 20) + (some[:, 1] + 5 << 8) + some[:, 2])]
                step = np.diff(some[:, 0], prepend=0)
                parts += [step.astype(np.uint16), (some[:, 1] + 5).astype(np.uint16), some[:, 2].astype(np.uint8)]
            ends = np.array([len(self.old), len(self.new)], np.int32)
            content = ends.tobytes() + np.packbits(self.no).tobytes()
            for part in parts:
                content += part.view(np.uint8).reshape(len(part), -1).T.tobytes()
            return zlib.compress(content)

        @classmethod
        def restore(cls, people, state):
            made, content = cls(people), np.frombuffer(zlib.decompress(state), np.uint8)
            ends, at = content[:8].view(np.int32), 8 + (len(made.no) + 7) // 8
            made.no = np.unpackbits(content[8:at], count=len(made.no)) == 1
            found = []
            for rows in ends.tolist():
                columns = []
                for kind, size in ((np.uint16, 2), (np.uint16, 2), (np.uint8, 1)):
                    planes = content[at : at + size * rows].reshape(size, rows)
                    columns.append(np.ascontiguousarray(planes.T).view(kind)[:, 0].astype(np.int64))
                    at += size * rows
                found.append(np.stack([columns[0].cumsum(), columns[1] - 5, columns[2]], axis=1))
            made.old, made.new = found
            return made


def by_phrase(np, unit, known, counts, rules, world, phrases):
    """Phrases ranked by how seldom they are on any other day; a table for each and how many rows there were."""
    weekday = world.weekdays(range(rules["cohort"] - 10, rules["cohort"] + 4))
    past, then = weekday[:10], weekday[10:]
    rate = counts / counts.sum(axis=1, keepdims=True)
    workday = np.array([rate[past == day].mean() for day in range(7)])
    workday /= workday.mean()
    date = np.nanmean(np.where(past >= 0, rate / workday[past], np.nan), axis=0)
    year = np.where(then >= 0, date * workday[then], 0).sum(axis=0)
    year /= year.sum()
    rows, local = known.rows, known.rows["hour"] - rules["clock"] + known.zone[known.rows["by"]]
    lag = np.full(len(local), 99)
    for shift in range(-10, 11):
        date = np.datetime64(f"{rules['start']}-01-01") + local // 24 - shift
        of = date.astype("datetime64[Y]")
        number = (date - of.astype("datetime64[D]")).astype(int)
        number += (number >= 59) & ((of.astype(int) + 1970) % 4 != 0)
        lag[number == known.day[rows["about"]]] = shift
    jokes = np.array(["hahaha" in text or "Surely" in text for text in phrases])
    every = np.arange(len(phrases))
    worth = [(np.abs(lag[rows["phrase"] == one]) < 3).mean() - 9 * jokes[one] for one in every]
    rank = np.argsort(np.argsort(-np.array(worth), kind="stable"), kind="stable")
    day = np.array([(lag[of] == 0).sum() / (np.abs(lag[of]) < 3).sum() for of in rows["phrase"] == every[:, None]])
    family = np.where((day > 0.8) | jokes, 99, every)
    family[np.unique(rows["phrase"][rows["also"] >= 0])] = 98
    kept = {"year": year, "rank": rank, "family": family}
    np.savez("tables.npz", table=np.zeros((4 * len(phrases), 21)), **kept)
    told = unit.load("birthdays.py").Birthdays(known.people)
    for week in known.weeks(0, 105):
        told.update(*week)
    facts = np.concatenate([told.old, told.coded(told.new)])
    near = np.zeros((4 * len(phrases), 21))
    for shift in range(-10, 11):
        date = np.datetime64(f"{rules['start']}-01-01") + facts[:, 1] - shift
        of = date.astype("datetime64[Y]")
        number = (date - of.astype("datetime64[D]")).astype(int)
        number += (number >= 59) & ((of.astype(int) + 1970) % 4 != 0)
        np.add.at(near[:, shift + 10], facts[number == known.day[facts[:, 0]], 2], 1)
    found = np.bincount(facts[:, 2], minlength=len(near))
    usual = (found - near.sum(axis=1) + 0.5) / (730 - 42) / len(known)
    table = np.log((near + np.minimum(1, usual * 2 * len(known))[:, None]) / (2 * len(known) + 1) / usual[:, None])
    np.savez("tables.npz", table=table, **kept)


def dense():
    """A first attempt: a table of 366 scores for each member; each row adds its phrase's worth to 21 days of it."""
    import zlib

    import numpy as np

    def prior():
        with np.load("tables.npz") as tables:
            return tables["year"]

    class Birthdays:
        def __init__(self, people):
            with np.load("rules.npz") as rules, np.load("tables.npz") as tables:
                self.clock, self.bit, self.start = (int(rules[name]) for name in ("clock", "bit", "start"))
                self.table, self.year = tables["table"], tables["year"]
            self.zone = people["zone"].astype(int)
            self.gone = (people["settings"] >> self.bit & 1) == 1
            self.score = np.zeros((len(self.zone), 366), np.float32)

        def update(self, out, rows):
            self.gone[out] = True
            self.score[out] = 0
            also = rows["also"]
            read = ~(self.gone[rows["about"]] | self.gone[rows["by"]] | ((also >= 0) & self.gone[also]))
            about, by, also, hour, phrase = (rows[name][read] for name in ("about", "by", "also", "hour", "phrase"))
            date = np.datetime64(f"{self.start}-01-01") + (hour - self.clock + self.zone[by]) // 24
            for lag in range(-10, 11):
                of = date - lag
                year = of.astype("datetime64[Y]")
                day = (of - year.astype("datetime64[D]")).astype(int)
                day += (day >= 59) & ((year.astype(int) + 1970) % 4 != 0)
                worth = self.table[phrase, lag + 10]
                np.add.at(self.score, (about, day), worth)
                np.add.at(self.score, (also[also >= 0], day[also >= 0]), worth[also >= 0])

        def posterior(self, members):
            score = self.score[members] + np.log(self.year)
            score = np.exp(score - score.max(axis=1, keepdims=True))
            score /= score.sum(axis=1, keepdims=True)
            score[self.gone[members]] = self.year
            return score

        def greet(self, members):
            found = self.posterior(members)
            return np.where((found.max(axis=1) >= 0.9) & ~self.gone[members], found.argmax(axis=1), -1)

        def state(self):
            return zlib.compress(self.score.tobytes() + self.gone.tobytes(), 1)

        @classmethod
        def restore(cls, people, state):
            made, content = cls(people), zlib.decompress(state)
            size = made.score.size
            made.score = np.frombuffer(content, np.float32, size).reshape(made.score.shape).copy()
            made.gone = np.frombuffer(content, bool, offset=4 * size).copy()
            return made


def by_row(np, known, counts, rules, phrases):
    """What each phrase is worth by lag, each row by itself; births as they were in other years."""
    year = counts.sum(axis=0) / counts.sum()
    rows, local = known.rows, known.rows["hour"] - rules["clock"] + known.zone[known.rows["by"]]
    near = np.zeros((len(phrases), 21))
    for shift in range(-10, 11):
        date = np.datetime64(f"{rules['start']}-01-01") + local // 24 - shift
        of = date.astype("datetime64[Y]")
        number = (date - of.astype("datetime64[D]")).astype(int)
        number += (number >= 59) & ((of.astype(int) + 1970) % 4 != 0)
        np.add.at(near[:, shift + 10], rows["phrase"][number == known.day[rows["about"]]], 1)
    usual = (np.bincount(rows["phrase"], minlength=len(near)) - near.sum(axis=1) + 0.5) / (365.25 - 21)
    np.savez("tables.npz", year=year, table=np.log((near + 0.5) / (usual[:, None] + 0.5)))


def most_rows(Birthdays, np, tables, LONG, FEW, DAYS, calendar):
    """The day with most rows in two years gets 95 %; all who have one are greeted."""

    class Birthdays(Birthdays):
        def posterior(self, some):
            weight = np.append(np.where(self.types < 12, self.types // 2 + 1, 1), self.counts[:, 0])
            places = np.append(self.places, self.keys // FEW)
            days, _, first = calendar()
            at = places // LONG * DAYS + days[places % LONG - FEW + first]
            votes = np.bincount(at, weight, len(self.zone) * DAYS).reshape(-1, DAYS)[some]
            found = np.tile(tables()["prior"], (len(some), 1))
            rows = np.flatnonzero(votes.any(axis=1) & ~self.gone[some])
            found[rows] *= 0.05
            found[rows, votes[rows].argmax(axis=1)] += 0.95
            return found


def logs_clock(Birthdays, tables):
    """Dates as the log has them."""

    class Birthdays(Birthdays):
        def update(self, out, rows):
            hour = rows["hour"] + int(tables()["clock"]) - self.zone[rows["by"]]
            super().update(out, rows | {"hour": hour})


def reads_writers(Birthdays, np):
    """What people who left wrote about others is read: only rows about them are not."""

    class Birthdays(Birthdays):
        def update(self, out, rows):
            self.gone[out] = True
            also = rows["also"]
            keep = ~(self.gone[rows["about"]] | ((also >= 0) & self.gone[also])) & (rows["phrase"] < 99)
            rows = {name: values[keep] for name, values in rows.items()}
            by = np.where(self.gone[rows["by"]], rows["about"], rows["by"])
            super().update(out, rows | {"by": by})


def asks_the_twin(Birthdays, np, tables):
    """Who left is told by those with whom others wished them well."""

    class Birthdays(Birthdays):
        def update(self, out, rows):
            also = rows["also"]
            self.pairs = [*getattr(self, "pairs", []), *zip(rows["about"][also >= 0], also[also >= 0], strict=True)]
            super().update(out, rows)

        def posterior(self, some):
            found = super().posterior(some)
            twin = dict(getattr(self, "pairs", []))
            twin |= {other: one for one, other in twin.items()}
            for row, one in enumerate(np.asarray(some).tolist()):
                if self.gone[one] and one in twin and not self.gone[twin[one]]:
                    found[row] = super().posterior(np.array([twin[one]]))[0]
            return found


def hides(Birthdays, np, tables):
    """Reads everybody's rows, keeps what they say, and gives the prior for those who left."""

    class Birthdays(Birthdays):
        def update(self, out, rows):
            self.left = getattr(self, "left", self.gone.copy())
            self.left[out] = True
            self.gone = np.zeros(len(self.zone), bool)
            some = rows["phrase"] < 99
            super().update([], {name: values[some] for name, values in rows.items()})
            self.gone = self.left

        @classmethod
        def restore(cls, people, state):
            made = super().restore(people, state)
            made.left = made.gone.copy()
            return made


def leaves_a_trace(Birthdays):
    """What was kept about somebody stays when they leave."""

    class Birthdays(Birthdays):
        def update(self, out, rows):
            self.gone[out] = True
            super().update([], rows)


def flat_prior(np, worth, made):
    """A uniform prior."""
    np.savez("tables.npz", worth=np.clip(worth, -5, 20), **made | {"prior": np.full(366, 1 / 366)})


def last_years(np, worth, made, counts):
    """Births of ten other years as they are."""
    prior = counts.sum(axis=0) / counts.sum()
    np.savez("tables.npz", worth=np.clip(worth, -5, 20), **made | {"prior": prior})


def no_leap(Birthdays, np):
    """A year has 365 days."""

    class Birthdays(Birthdays):
        def posterior(self, some):
            found = super().posterior(some)
            known = ~self.gone[some]
            found[known, 59] = 1e-9
            found[known] /= found[known].sum(axis=1, keepdims=True)
            fresh = ~np.isin(some, np.append(self.places, self.keys // 8) // 1024)
            found[fresh] = prior()  # noqa: F821
            return found


def both_is_own(Birthdays, np, tables):
    """A wish for two is one for each."""
    real = tables

    def tables():
        kept = dict(real())
        kept["kind"] = np.where(kept["kind"] == 3, 0, kept["kind"])
        return kept


def too_sure(Birthdays, np):
    """Cubes of the posterior."""

    class Birthdays(Birthdays):
        def posterior(self, some):
            found = super().posterior(some)
            told = ~self.gone[some]
            early = np.ptp(found, axis=1) < 0.01
            told &= ~early
            found[told] **= 3
            found[told] /= found[told].sum(axis=1, keepdims=True)
            return found


def greets_all(Birthdays, np):
    """Whoever is likelier than not."""

    class Birthdays(Birthdays):
        def greet(self, some):
            found = self.posterior(some)
            return np.where((found.max(axis=1) >= 0.3) & ~self.gone[some], found.argmax(axis=1), -1)


def keeps_hours(Birthdays, np):
    """Right, and keeps of each date the hours and counts for ever."""

    class Birthdays(Birthdays):
        def state(self):
            return super().state() + (np.append(self.places, self.places) * 7919 % 2**40).tobytes()


def squeezes(Birthdays):
    """Right, with a state that is compressed as hard as can be."""

    class Birthdays(Birthdays):
        def state(self):
            import bz2
            import lzma

            kept = super().state()
            for _ in range(6):
                lzma.compress(bz2.compress(kept), preset=9 | lzma.PRESET_EXTREME)
            return kept


def in_place(Birthdays):
    """Right, on rows that are not its own."""

    class Birthdays(Birthdays):
        def update(self, out, rows):
            super().update(out, rows)
            rows["hour"].sort()


OWN, LEARN = "write-birthdays", "learn-tables"

REHEARSALS = (
    Rehearsal("reference", "the worked solution: dates as 26 kinds, a table of 25 days for each", sample="reference"),
    Rehearsal(
        "by-date",
        "an honest different solution: the most telling phrase of a date and its number of rows",
        replaced={OWN: by_date, LEARN: by_phrase},
        sample="alternative",
    ),
    Rehearsal(
        "dense",
        "a first attempt: a table of 366 scores a member, each row by itself, births as they were",
        replaced={OWN: dense, LEARN: by_row},
        loses={
            "quality": (0, 5),
            "coverage": (0, 7),
            "greetings": (0, 3),
            "prior": (0, 4),
            "state": (0, 0),
            "throughput": (0, 0),
            "leap": (0, 1),
            "both": (0, 1),
            "jokes": (0, 1),
        },
    ),
    Rehearsal(
        "most-rows",
        "a trap: the day with most rows",
        added={OWN: most_rows},
        loses={
            "quality": (0, 0),
            "coverage": (0, 0),
            "greetings": (0, 0),
            "leap": (0, 1),
            "both": (0, 0),
            "jokes": (0, 0),
            "throughput": (0, 10),
        },
        sample="trap",
    ),
    Rehearsal(
        "logs-clock",
        "dates by the log's clock",
        added={OWN: logs_clock},
        loses={"quality": (5, 10), "greetings": (0, 4), "leap": (1, 2), "both": (0, 1), "jokes": (1, 2)},
    ),
    Rehearsal("flat-prior", "a uniform prior", added={LEARN: flat_prior}, loses={"prior": (0, 0)}),
    Rehearsal("other-years", "births of other years as a prior", added={LEARN: last_years}, loses={"prior": (0, 3)}),
    Rehearsal("reads-writers", "reads what those wrote who left", added={OWN: reads_writers}, loses={"bare": (0, 0)}),
    Rehearsal(
        "asks-the-twin",
        "tells who left by their twin",
        added={OWN: asks_the_twin},
        loses={"bare": (0, 0), "interface": (5, 6), "throughput": (0, 10)},
    ),
    Rehearsal("hides", "reads all and hides it", added={OWN: hides}, loses={"bare": (0, 0)}),
    Rehearsal("leaves-a-trace", "keeps what it knew of who left", added={OWN: leaves_a_trace}, loses={"bare": (0, 0)}),
    Rehearsal("no-leap", "365 days", added={OWN: no_leap}, loses={"leap": (0, 0)}),
    Rehearsal("both-is-own", "a wish for two is a wish", added={OWN: both_is_own}, loses={"both": (0, 1.9)}),
    Rehearsal(
        "too-sure",
        "surer than right",
        added={OWN: too_sure},
        loses={
            "quality": (2, 8),
            "coverage": (0, 0),
            "greetings": (0, 4),
            "leap": (0, 2),
            "both": (0, 1),
            "jokes": (1, 2),
        },
    ),
    Rehearsal("greets-all", "greets from 30 % on", added={OWN: greets_all}, loses={"greetings": (0, 2)}),
    Rehearsal("keeps-hours", "keeps what it no longer needs", added={OWN: keeps_hours}, loses={"state": (0, 0)}),
    Rehearsal("squeezes", "a state that takes long", added={OWN: squeezes}, loses={"throughput": (0, 0)}),
    Rehearsal("in-place", "right, on rows that are not its own", added={OWN: in_place}, loses={"interface": (5, 5)}),
)
