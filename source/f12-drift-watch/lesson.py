# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Drift watch
#
# *Unit f12. One sitting: 90 to 120 minutes. You ship a file, `monitor.py`, that looks at what a model in production is
# given and says, hour by hour: all is well, or what to do. It is measured how often it is right, how soon, and how often
# it gets somebody out of bed for nothing.*
#
# [Brief](#1.-Brief) · [Design memo](#2.-Design-memo) · [Estimates](#3.-Estimates) · [Build](#4.-Build) ·
# [Ship check](#5.-Ship-check)
#
# Run the next cell first, and again whenever the kernel was restarted: what you saved to files is still there. Each step
# has a check, which says what was measured and what was asked. Stuck? Type `unit.hint()` into a cell of your own.

# %% locked="setup"
import course

unit = course.unit("f12-drift-watch", needs="0.1.0")

# %% [markdown]
# ## 1. Brief
#
# > The model is live. Tell us when something is wrong with it.
#
# There is a library for that, with a dashboard, and it was installed here too: a test for each column, each hour, red if
# p < 0.05. It was red from the first hour on. Nobody has looked at it since March. Ask what happened in March.
#
# | You ask | They say |
# |---|---|
# | What is the model for? | We rent out e-bikes. When a rider unlocks one, the model says how likely the ride is to end in a refund, because the motor gives out on the way. Above a threshold the app offers another bike. It is a logistic regression in battery charge, log(1 + distance), log(1 + climb), charging cycles and temperature. |
# | What went wrong so far? | In March the bikes' firmware began to send the charge as a fraction instead of a percentage. In May somebody shipped a version with two weights swapped. In August we opened the hills, with riders that the model had never seen. In October a batch of old batteries came back from repair: twice the refunds, and each of them looked like refunds always do. |
# | What did you do? | Each time the same: retrain. That took three days, and helped in August. In March the new model learned that nobody has any charge; it broke again when the firmware was mended. |
# | What should have been done? | March: get the column fixed at its source. May: put the old version back, five minutes. August: retrain, on rides from the hills. October: move all odds by one factor (recalibrate), an hour's work; nothing about the *riders* had changed. |
# | When do you know that a ride was refunded? | When its claims are closed: after 28 hours in an average city, and always the same in one. Between cities it differs, from a day to a day and a half; a cell below prints what it is in yours. |
# | What does a bad hour cost? | 36 rentals an hour in an average city, 72 cents for each that is scored by a broken model. 80 cities, a monitor each. |
# | And an alarm? | Somebody gets up and looks. Who was called for nothing doesn't hurry the next time. |
# | What is normal? | People ride to work in the morning, and further and higher on days off; public holidays are Sundays to them. Batteries are charged at night. In Melbourne it can be 43 °C, or fall by eleven degrees within an hour. After a football match there are four times as many rentals. New versions of the model come every week or two, and are a little different: that's what they are for. One value in a hundred is missing. |
# | Does everything break at once? | The firmware is rolled out over two days, riders find out about new hills slowly, and a new version sometimes gets a quarter of the rentals first. |
# | What may the monitor keep? | Its state is saved after each batch, for each city. Sixteen kilobytes. It is restarted as we like. |
#
# So the question is not "has the distribution changed": it changes every morning. It is **what has changed that should not,
# and who can mend it**. Here is the contract.
#
# `monitor.py` defines the class `Monitor`.
#
# - `Monitor(history)` is a new one. The history is a dict of arrays with a row for each rental of four weeks in which all was
#   well: `batch` (0 to 671, the hour of the history), the fields `hour` to `score` of the table below, and `refund`.
# - `update(batch)` takes the batch of the next hour and returns one of `"ok"`, `"fix upstream"`, `"roll back"`, `"retrain"`
#   and `"recalibrate"`. Anything but `"ok"` is an alarm: somebody is called, each time. If nothing is done about it, nothing
#   was wrong, and you should begin to gather evidence anew.
# - `state()` returns bytes, and `Monitor.restore(state)`, a class method, gives a monitor that goes on, in another process,
#   as if nothing had happened.
#
# A batch is a dict; those of a stream follow on each other hour by hour, and it may begin at any hour of any week:
#
# | Field | is |
# |---|---|
# | `hour`, `weekday`, `holiday` | 0 to 23; 0 (Monday) to 6; whether it is a public holiday |
# | `features` | floats, a row for each rental: `charge` (%), `distance` (km), `climb` (m), `cycles`, `temperature` (°C, by the bike's own thermometer). NaN is missing; none is ever 0, but the temperature. There may be no rental at all |
# | `version`, `score` | for each rental, which version of the model scored it, a whole number, and the probability that it gave |
# | `outcomes` | of the rentals whose claims were closed in this hour: their `score` then, and `refund`, 0 or 1 |
#
# Of what is wrong there are four kinds, one in a stream at most:
#
# | Kind | What happens | Right answer |
# |---|---|---|
# | `column` | one column is not what it was: many values missing, or 0, or all stuck at one value, or in another unit | `fix upstream` |
# | `deployment` | a version with a bug: for the same rental it gives another score, by far more than good versions differ | `roll back` |
# | `covariate` | other riders come as well: two or three columns move, never the weather alone, and refunds are not what the model thinks | `retrain` |
# | `label` | the odds of a refund are multiplied by more than two; rentals with a refund look as they did, and so do those without | `recalibrate` |
#
# Your answer to a fault is **your first alarm since it began**. It must be the right one and come within 96 hours. Somebody
# whom you called for nothing within the 24 hours before the fault does not hear it. All answers are the same in every
# process, and what you are given stays as it is.

# %%
unit.contract()

# %% [markdown]
# *Hours until* a right answer count from the first hour of the fault (1 if it is seen at once); a wrong answer, or none, is 96. *False
# alarms* are counted in all hours without a fault: before one begins, and in streams that have none. The *cost of a batch* is a
# ratio to its *profile*: with numpy, mean, spread, least and largest value and gaps of all columns, compared with the history's.

# %% [markdown]
# ## 2. Design memo
#
# Before you build: write down what you would do and why, for a colleague who has read the brief and nothing else. One
# page, 900 words at most. It is marked by hand against this rubric, and you can mark yourself with it first.
#
# | | Points | Full points if the memo ... |
# |---|---|---|
# | Goal and users | 2 | says who is called and what each can do about it (1), and what a false alarm costs beyond the night (1) |
# | Constraints | 3 | turns the brief into false alarms of tests each hour (1), hours of blindness and their euros (1), bytes a city (½); says which one shapes the design (½) |
# | Data | 3 | says what each of columns, scores beside versions, and outcomes can show (1½) and how soon (½), and what moves in healthy weeks (1) |
# | Metric | 2 | measures right answers, delay and false alarms together (1), and says why one of them alone can be had for nothing (1) |
# | Baseline | 2 | names what there is today (½), and its two failures (1), with a number for one of them (½) |
# | Serving | 3 | argues for one design (1) against two others (1), and says what the state holds (½) and what an update costs (½) |
# | Monitoring | 2 | says who or what notices that the monitor is dead (1), and that it is deaf: alive and never alarming (1) |
# | What could go wrong | 3 | names three failures particular to drift monitors (1½), and what is done about each (1½) |

# %% [markdown] memo="memo" points=20
# ### BEGIN SOLUTION
# **Goal and users.** The person on call, and behind them four teams: firmware, release, modelling, operations. An alarm that
# does not say which of them can help costs three days, as retraining did. One that is false costs the next one too.
#
# **Constraints.** Six tests an hour at p < 0.05 are 265 alarms in 1,000 healthy hours; one in 2,000 hours needs p = 0.00008.
# Outcomes are 28 hours old, and a doubling takes eleven more to show: 39 hours at €26, €1,011 in each city. A broken column or
# version must be seen without them. 16 kB hold sums, not rows. Delay by kind shapes the design.
#
# **Data.** Columns show other riders and broken pipes within hours, but move every morning, on days off and with the weather. Scores
# are a known function of columns, so what is left between both is the version's doing. Outcomes are the only witness
# of refunds, and late.
#
# **Metric.** Share of faults whose first alarm is right; hours until it, urgent kinds apart; false alarms in 1,000 hours. Always
# alarming has no delay, never alarming no false alarms: each alone is free.
#
# **Baseline.** Outcomes against scores over two days, answer `retrain`: right in one kind of four, blind for 28 hours. The
# dashboard before it was red in three of four healthy hours.
#
# **Serving.** Four CUSUMs of what is left when the usual is taken off: holes, columns by hour and day off, scores given
# columns, outcomes given scores. The first to cross says what to do; one column alone is a pipe, several are riders.
# Not two-sample tests against a window of rows: a week of rows is 300 kB, and the season is in the window. Not a classifier
# that tells old rows from new: it finds *that* they differ, not who must act, for many times the CPU. State: 48
# means a column, a line, some sums, 6 kB; an update is a few passes over 36 rows.
#
# **Monitoring.** A heartbeat for each city. Once a week a broken column is played to a copy of each monitor, which must
# answer. Alarms by city and month, with what they turned out to be.
#
# **What could go wrong.** The history was not healthy: its refunds are tested against its scores first. Two faults at
# once: the first is handled, evidence begins anew, the second shows. Habits change over a year: usual means are learned
# again each month, from weeks without an alarm, or the monitor learns to like a slow drift. A good version with a new column is
# far from the line and no bug: a release announces itself, and the line is fitted again.
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
# Five numbers from the brief, on the back of an envelope. Units are in the question; `unit.answer` tells you if an answer
# isn't a number, not whether it is right. The check below does.
#
# - `alarms_by_luck`: five columns and the score are tested each hour, and any p < 0.05 is an alarm. In how many of 1,000 healthy
#   hours is there one, if each test is perfect and all are independent?
# - `p_per_million`: at which p, in millionths, would the six together alarm once in 2,000 healthy hours?
# - `refund_hours`: of 36 rentals an hour 9 % were refunded. Now it is 18 %, and as rides look a little more like refunds, the
#   mean score has risen to 11.5 %. Refunds minus scores are summed over outcomes. After how many hours, from the first bad one,
#   does the sum stand four of its standard deviations above 0? (Take the variance that the scores promise,
#   0.115 × 0.885 for each rental; the first outcomes come after 28 hours.)
# - `wait_euros`: what does a version with a bug cost in one city, in €, if it is seen after 39 hours?
# - `keep_gigabytes`: how many GB (10⁹ bytes) do the 80 monitors hold after a year (8,760 hours), if each keeps all rentals, as
#   eight floats of 8 bytes each?

# %% solution="answer-estimates"
alarms_by_luck = None
p_per_million = None
refund_hours = None
wait_euros = None
keep_gigabytes = None
### BEGIN SOLUTION
alarms_by_luck = 1000 * (1 - 0.95**6)
p_per_million = 1e6 / (2000 * 6)
excess, spread = 36 * (0.18 - 0.115), (36 * 0.115 * 0.885) ** 0.5  # of an hour
refund_hours = 28 + (4 * spread / excess) ** 2
wait_euros = 39 * 36 * 0.72
keep_gigabytes = 80 * 36 * 8760 * 8 * 8 / 1e9
### END SOLUTION
unit.answer(
    alarms_by_luck=alarms_by_luck,
    p_per_million=p_per_million,
    refund_hours=refund_hours,
    wait_euros=wait_euros,
    keep_gigabytes=keep_gigabytes,
)

# %%
unit.check("estimates")

# %% test="estimates"
unit.grade("estimates")

# %% [markdown]
# The first number says how often a dashboard is red for nothing even if every test on it is right. Theirs was worse, and the
# next cells show why. The third and fourth say what waiting costs: outcomes are the only honest judge, and they
# come when the money is gone.

# %% [markdown]
# ## 4. Build
#
# ### Look first
# One city. Temperatures and public holidays are real: Melbourne, 2014 (from the R package *fpp2*); so is the rhythm of the
# hours, which is that of 10,000 taxi trips (*modeldata*). Riders, batteries and refunds are simulated. You get four good weeks
# and then fifteen streams: three of each kind of fault, with the hour in which it began, and three without.

# %% locked="data"
import matplotlib.pyplot as plt
import numpy as np

from course.units.f12_drift_watch import picture, world

past, *streams = world.unpacked(unit.data)
history = past.table

# %%
scores, refunds = history["score"], history["refund"]
print(f"{len(past)} hours with {len(scores):,} rentals; claims are closed after {past.delay} hours")
print(f"scores promise {scores.mean():.2%} refunds, and there were {refunds.mean():.2%}")
for name, value in streams[0].batches[10].items():
    print(
        f"{name:>10}: {value if np.isscalar(value) else value['refund'] if name == 'outcomes' else value[:2].tolist()}"
    )

# %% [markdown]
# What the installed dashboard does, on a healthy stream: each hour, each column is compared with the history by a
# Kolmogorov-Smirnov test. Below are the shares of healthy hours in which p is below 0.05, and below 0.0001. A test that does
# what it says would show 5 % in the first row.

# %%
import pandas as pd
from IPython.display import display
from scipy.stats import ks_2samp

healthy = next(stream for stream in streams if not stream.kind)
known = history["features"][::10]
p = np.array(
    [
        [ks_2samp(known[:, k], batch["features"][:, k], nan_policy="omit").pvalue for k in range(5)]
        for batch in healthy.batches
        if len(batch["score"]) > 9
    ]
)
shares = pd.DataFrame({f"p < {level:g}": (p < level).mean(axis=0) for level in (0.05, 0.0001)}, index=world.COLUMNS).T
display(shares.assign(any=[(p < level).any(axis=1).mean() for level in (0.05, 0.0001)]).style.format("{:.0%}"))

# %% [markdown]
# Asking for more evidence hardly helps: the test is right, the hours *do* differ from the average of four weeks. It answers a
# question that nobody has asked. Look at one column for ten days, beside what the history says of such an hour on such a day
# (left), and at what is left when that is taken off (right).

# %%
usual, spread = np.zeros((2, 24)), np.nanstd(known[:, 1])


def day_off(batch):
    return ((batch["weekday"] >= 5) | batch["holiday"]) * 1


for place in np.ndindex(2, 24):
    some = history["features"][(day_off(history) == place[0]) & (history["hour"] == place[1]), 1]
    usual[place] = np.nanmean(some) if len(some) else np.nan
hours = [k for k, batch in enumerate(healthy.batches) if len(batch["score"]) > 9]
means = np.array([np.nanmean(healthy.batches[k]["features"][:, 1]) for k in hours])
wanted = np.array([usual[day_off(healthy.batches[k]), healthy.batches[k]["hour"]] for k in hours])
_, axes = plt.subplots(1, 2, figsize=(11, 3.4), layout="constrained")
axes[0].plot(hours, means, ".", color="black", label="mean of the hour")
axes[0].plot(hours, wanted, color="0.6", label="such hours in the history")
axes[0].set(xlabel="hours", ylabel="distance, km", title="What came")
axes[0].legend()
axes[1].plot(hours, (means - wanted) / spread, ".", color="black")
axes[1].axhline(0, color="0.6")
axes[1].set(xlabel="hours", ylabel="spreads", title="What was not to be expected", ylim=(-1.5, 1.5))
plt.show()

# %% [markdown]
# On the left two rhythms: the day's, and that of days off, on which people ride further. On the right neither; only the
# noise of some forty rides an hour is left. *That* is what can be tested.
#
# Now the faults. A row for each kind, from two days before until three days after; lines are smoothed over six hours. The
# dotted line on the right is when the first outcomes from after the onset come in.

# %%
picture.fingerprints(past, streams)

# %% [markdown]
# Read it by rows: which of the three moves, and when? (The slow waves of the middle column are the weather's, and no fault:
# before the onset they are there as well.) Where the mean of a broken column moves, scores move with it, because they are
# made of it; a column with holes, or stuck at a usual value, hardly shows here at all, so a mean is not enough to look at. A bad
# version leaves the columns alone, and its scores may be wrong one by one while their *mean* stays where it was: what would you
# have to compare a score with? Other riders move several columns at once. And where only refunds are more, there is next to
# nothing to see on the left, whatever you do: that row has to wait for the dotted line.
#
# ### The baseline
# What many teams have: they wait for outcomes. Sum `refund - score` over the outcomes of the last 48 hours; where it is more than four of
# its standard deviations from 0 (the variance of a refund is `score * (1 - score)`), answer `retrain` and begin anew.
#
# From here on you write *modules*. The cell below starts with `%%writefile baseline.py`: running it saves the rest of
# the cell as that file, and runs nothing. When it is called, it runs elsewhere, in a process that has never seen this
# notebook: so it brings its own imports, and no variable of the notebook exists there. That is what shipping means.

# %% solution="write-baseline"
# %%writefile baseline.py
### BEGIN SOLUTION
from collections import deque


class Monitor:
    """Refunds beside scores, over two days of outcomes."""

    def __init__(self, history):
        self.days = deque(maxlen=48)

    def update(self, batch):
        score, refund = batch["outcomes"]["score"], batch["outcomes"]["refund"]
        self.days.append((float((refund - score).sum()), float((score * (1 - score)).sum())))
        excess, variance = (sum(one) for one in zip(*self.days, strict=True))
        if abs(excess) <= 4 * variance**0.5:
            return "ok"
        self.days.clear()
        return "retrain"


### END SOLUTION

# %%
unit.check("baseline")

# %% test="baseline"
unit.grade("baseline")

# %% [markdown]
# Its alarms, stream by stream, until the first since the fault began (the thick grey line): that is the answer that counts. A
# filled mark is the right one, an empty one a wrong answer or a false alarm.

# %%
picture.timeline(unit, past, streams, {"outcomes alone": "baseline.py"})

# %% [markdown]
# Quiet where all is well, which is more than the dashboard could say of itself. But it is late for everything; it can't tell
# one fault from another; and some faults it never sees, because what it adds up is the total: a version that is wrong up and
# down in equal parts keeps the total.
#
# ### Your monitor
# Write `monitor.py`. Some things that are worth a thought before you begin:
#
# - Small differences that last are worth more than large ones that don't. *CUSUM* (Page, "Continuous inspection schemes", 1954) adds
#   surprises up, takes off a slack each time, and never falls below 0; *EWMA* and sliding windows do similar things. Each needs
#   a level, and you have four weeks to find one.
# - Which order do you ask in? A broken column makes scores strange and refunds too; a strange score breaks no column.
# - What does `update` really need of the past? Write that down first: it is your state.

# %% solution="write-monitor"
# %%writefile monitor.py
### BEGIN SOLUTION
"""What is wrong with the model, if anything: small surprises, added up, and whose they are."""

import json

import numpy as np

#: Holes (missing, or 0): the share of them that does not matter, and how many more are believed.
HOLES, GAPS = 0.05, 6
#: A stuck column: how little it varies, in spreads, and in how many rows at least.
STILL, ENOUGH = 0.01, 8
#: Of temperatures, in °C: what no weather is, and how far none goes within an hour.
COLDEST, HOTTEST, JUMP = -15, 50, 20
#: Drift of a column: spreads that do not matter, how many more are believed, and from where on another moves as well.
SLACK, DRIFT, ALSO = 0.3, 40, 2.8
#: Scores: log odds by which good versions differ, and how many more are believed.
TOLERANCE, WRONG = 0.35, 5
#: Refunds: the odds ratio that matters, and the log likelihood ratio that is believed.
RATIO, SURE = 1.7, 12


def columns(batch):
    """What the model sees (rows, 5), of a batch or a history: distance and climb as logarithms."""
    seen = np.array(batch["features"], dtype=float)
    seen[:, 1:3] = np.log1p(seen[:, 1:3])
    return seen


def place(batch):
    """0 to 23 on working days, 24 to 47 on days off."""
    return batch["hour"] + 24 * ((batch["weekday"] >= 5) | batch["holiday"])


def log_odds(score):
    score = np.clip(score, 1e-5, 1 - 1e-5)
    return np.log(score / (1 - score))


class Monitor:
    """What is usual is learned once; evidence is gathered by CUSUMs (Page, 1954)."""

    ARRAYS = ("usual", "spread", "line", "gaps", "drift", "since")

    def __init__(self, history):
        seen, where = columns(history), place(history)
        mean = np.nanmean(seen, axis=0)
        full = np.where(np.isnan(seen), mean, seen)
        rows = np.bincount(where, minlength=48)
        sums = np.stack([np.bincount(where, one, minlength=48) for one in (full - mean).T], axis=1)
        # Few ride at night: an hour borrows from the hours beside it.
        apart = np.abs((np.arange(24)[:, None] - np.arange(24) + 12) % 24 - 12)
        near = np.kron(np.eye(2), np.exp(-(apart**2) / 2))
        self.usual = mean + near @ sums / (near @ rows + 3)[:, None]
        self.spread = (full - self.usual[where]).std(axis=0)
        terms = np.column_stack([full, np.ones(len(full))])
        self.line = np.linalg.lstsq(terms, log_odds(history["score"]), rcond=None)[0]
        self.begin()

    def begin(self):
        """No evidence of anything."""
        self.gaps, self.drift, self.since = np.zeros(5), np.zeros((2, 4)), np.zeros((2, 4, 5))
        self.versions, self.refunds, self.warm = {}, 0.0, None

    def update(self, batch):
        late = self.outcomes(batch["outcomes"])
        answer = (self.rentals(batch) if len(batch["score"]) else None) or late
        if answer:
            self.begin()
        return answer or "ok"

    def rentals(self, batch):
        seen = columns(batch)
        hole = np.isnan(seen) | (seen == 0)
        if self.broken(np.where(hole, np.nan, seen), hole):
            return "fix upstream"
        return self.riders(seen, hole, place(batch)) or self.scores(seen, batch)

    def broken(self, seen, hole):
        """Are values there, do they vary, and can it be so warm?"""
        self.gaps = np.maximum(self.gaps + (hole - HOLES).sum(axis=0), 0)
        if (self.gaps > GAPS).any():
            return True
        full = (~hole).sum(axis=0) >= ENOUGH
        if full.any() and (np.nanstd(seen[:, full], axis=0) < STILL * self.spread[full]).any():
            return True
        if hole[:, 4].all():
            return False
        before, self.warm = self.warm, float(np.nanmedian(seen[:, 4]))
        jump = before is not None and abs(self.warm - before) > JUMP
        return jump or not COLDEST < self.warm < HOTTEST

    def riders(self, seen, hole, where):
        """Drift of each column but the weather. If one goes alone it is broken, if others come along it is people."""
        off = np.where(hole, 0, (seen - self.usual[where]) / self.spread)[:, :4]
        total = np.clip(off, -4, 4).sum(axis=0)
        self.drift = np.maximum(self.drift + np.stack([total, -total]) - SLACK * len(off), 0)
        self.since = (self.since + np.append(total, len(off))) * (self.drift > 0)[:, :, None]
        if self.drift.max() <= DRIFT:
            return None
        *moved, rows = self.since[np.unravel_index(self.drift.argmax(), self.drift.shape)]
        return "retrain" if (np.abs(moved) > ALSO * rows**0.5).sum() > 1 else "fix upstream"

    def scores(self, seen, batch):
        """Does each version follow the model's line?"""
        full = np.where(np.isnan(seen), self.usual.mean(axis=0), seen)
        off = np.abs(log_odds(batch["score"]) - full @ self.line[:5] - self.line[5]) - TOLERANCE
        for version in set(batch["version"].tolist()):
            more = float(off[batch["version"] == version].sum())
            self.versions[version] = max(self.versions.get(version, 0.0) + more, 0.0)
        self.versions = {version: wrong for version, wrong in self.versions.items() if wrong}
        return "roll back" if max(self.versions.values(), default=0) > WRONG else None

    def outcomes(self, known):
        """How much likelier are these refunds if all odds are higher than the scores say?"""
        score = np.clip(known["score"], 1e-3, 0.999)
        higher = RATIO * score / (1 + (RATIO - 1) * score)
        ratio = np.where(known["refund"] == 1, higher / score, (1 - higher) / (1 - score))
        self.refunds = max(self.refunds + float(np.log(ratio).sum()), 0.0)
        return "recalibrate" if self.refunds > SURE else None

    def state(self):
        arrays = {name: getattr(self, name).tolist() for name in self.ARRAYS}
        return json.dumps([arrays, list(self.versions.items()), self.refunds, self.warm]).encode()

    @classmethod
    def restore(cls, state):
        monitor = cls.__new__(cls)
        arrays, versions, monitor.refunds, monitor.warm = json.loads(state)
        vars(monitor).update({name: np.array(value) for name, value in arrays.items()})
        monitor.versions = dict(versions)
        return monitor


### END SOLUTION

# %% [markdown]
# Both in the same streams. What you want to see is one filled mark right of the grey line in each of the first twelve rows, and
# none anywhere else.

# %%
picture.timeline(unit, past, streams, {"outcomes alone": "baseline.py", "your monitor": "monitor.py"})

# %% [markdown]
# Two questions that are cheap to ask here: does it grow, and does it go on after a restart?

# %%
yours = unit.load("monitor.py")
if hasattr(yours, "Monitor") and hasattr(yours.Monitor, "restore"):
    monitor = yours.Monitor(history)
    sizes = [len(monitor.state())]
    for batch in past.batches:
        monitor.update(batch)
        sizes.append(len(monitor.state()))
    print(f"{sizes[0]:,} bytes of state when new, at most {max(sizes):,} within four weeks")
    stream = next(stream for stream in streams if stream.kind == "label")
    cut = stream.onset + stream.delay + 3
    monitor = yours.Monitor(history)
    for batch in stream.batches[:cut]:
        monitor.update(batch)
    again = yours.Monitor.restore(monitor.state())
    same = [monitor.update(batch) == again.update(batch) for batch in stream.batches[cut:]]
    print(f"after a restart, {sum(same)} of {len(same)} answers are the same")

# %% [markdown]
# ## 5. Ship check
# Everything that can be measured here, on the fifteen streams. Run it as often as you like. `unit.replay(0)` plays the first
# stream to your monitor as it is judged, and shows what came and what was answered, hour by hour.

# %%
unit.check()

# %% [markdown]
# The cells below are what gets graded, a clause each. Here they measure on the public streams; at grading, on others of the
# same city, with another month as their history, together with checks of how your monitor stands up to what the brief says
# and these streams don't show.

# %% test="interface"
unit.grade("interface")

# %% test="quality"
unit.grade("quality")

# %% test="urgent"
unit.grade("urgent")

# %% test="slow"
unit.grade("slow")

# %% test="false_alarms"
unit.grade("false_alarms")

# %% test="state"
unit.grade("state")

# %% test="throughput"
unit.grade("throughput")

# %% test="restart"
unit.grade("restart")

# %% test="holidays"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("holidays")
### END HIDDEN TESTS

# %% test="gentle"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("gentle")
### END HIDDEN TESTS

# %% [markdown]
# ### Where this comes from
# - Ewan Page (1954), *Continuous inspection schemes*: small differences, added up until they can't be chance.
# - Jose Moreno-Torres, Troy Raeder, Rocío Alaiz-Rodríguez, Nitesh Chawla and Francisco Herrera (2012), *A unifying view on dataset shift in
#   classification*: the kinds of shift, and what each leaves as it is.
# - Marco Saerens, Patrice Latinne and Christine Decaestecker (2002), *Adjusting the outputs of a classifier to new a priori probabilities*:
#   why one factor mends the odds when only refunds are more.
# - David Sculley and others (2015), *Hidden technical debt in machine learning systems*: what breaks around a model.
# - Temperatures and holidays: *fpp2* (Rob Hyndman); the rhythm of the hours: taxi trips of *modeldata* (Max Kuhn).
