"""q16 rehearsed: what must pass, what must fail, and where.

Functions here are cells: only their bodies are used, as the text of `birthdays.py` or as what follows it. Parameters
name what a body takes from the reference's text before it.
"""

from __future__ import annotations

from course.grading.authoring.rehearse import Rehearsal


def by_date():
    """One number for each member's date: its most telling phrase, and how many rows; no kinds, no hours."""
    import functools
    import lzma

    import numpy as np

    @functools.cache
    def kept():
        with np.load("rules.npz") as rules, np.load("tables.npz") as tables:
            return {**rules, **tables}

    def prior():
        return np.array(kept()["year"])

    def coded(phrases):
        """What a date with these phrases is: five rows or more are as good as four."""
        rank = kept()["rank"]
        best = phrases[np.argmin(rank[phrases])]
        return int(best) * 4 + min(len(phrases), 4) - 1

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
            rank = kept()["rank"]
            some = some[np.lexsort((rank[some[:, 2]], some[:, 1], some[:, 0]))]
            first = np.append(True, np.any(some[1:, :2] != some[:-1, :2], axis=1))[: len(some)]
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
            at, table = where[facts[:, 0]], kept()["table"][facts[:, 2]]
            for step in range(-10, 11):
                day = (facts[:, 1] - step + self.begin) % 1461  # 2020 begins with a leap year
                year = np.where(day < 366, 0, (day - 1) // 365)
                day = np.where(day < 366, day, (day - 1) % 365)
                day += (year > 0) & (day >= 59)
                np.add.at(score, (at, day), table[:, step + 10])
                # Who has no 29 February is wished well a day before or after.
                near = (year > 0) & (day == 58)
                mean = (table[near, step + 10] + table[near, max(step + 9, 0)]) / 2
                np.add.at(score, (at[near], np.full(near.sum(), 59)), mean)
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
                some = some[np.lexsort(some.T)]
                some = some[np.argsort(some[:, 0], kind="stable")]
                step = np.diff(some[:, 0], prepend=0)
                parts += [step.astype(np.uint16), (some[:, 1] + 5).astype(np.uint16), some[:, 2].astype(np.uint8)]
            ends = np.array([len(self.old), len(self.new)], np.int32)
            content = ends.tobytes() + np.packbits(self.no).tobytes()
            for part in parts:
                content += part.view(np.uint8).reshape(len(part), -1).T.tobytes()
            return lzma.compress(content, preset=1)

        @classmethod
        def restore(cls, people, state):
            made, content = cls(people), np.frombuffer(lzma.decompress(state), np.uint8)
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
    worth = [(np.abs(lag[rows["phrase"] == one]) < 3).mean() - 9 * jokes[one] for one in range(len(phrases))]
    rank = np.argsort(np.argsort(-np.array(worth), kind="stable"), kind="stable")
    np.savez("tables.npz", year=year, rank=rank, table=np.zeros((4 * len(phrases), 21)))
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
    every = np.bincount(facts[:, 2], minlength=len(near))
    usual = (every - near.sum(axis=1) + 0.5) / (730 - 42) / len(known)
    table = np.log((near / len(known) / 2 + usual[:, None] * 0.5) / usual[:, None] / 1.5 + 0.3)
    np.savez("tables.npz", year=year, rank=rank, table=table)


REHEARSALS = (
    Rehearsal("reference", "the worked solution: dates as 26 kinds, a table of 25 days for each", sample="reference"),
    Rehearsal(
        "by-date",
        "an honest different solution: the most telling phrase of a date and its number of rows",
        replaced={"write-birthdays": by_date, "learn-tables": by_phrase},
        sample="alternative",
    ),
)
