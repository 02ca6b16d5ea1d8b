# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The feature store
#
# *Unit f10. One sitting: 90 to 120 minutes. You ship a file, `store.py`, that computes features twice: as a table for
# training, from a log of everything that was ever reported, and as lookups in a service that hears of things one after
# another. It is measured whether both say what was known at the time, whether they say the same, and what that costs.*
#
# [Brief](#1.-Brief) · [Design memo](#2.-Design-memo) · [Estimates](#3.-Estimates) · [Build](#4.-Build) ·
# [Ship check](#5.-Ship-check)
#
# Run the next cell first, and again whenever the kernel was restarted: what you saved to files is still there. Each step
# has a check, which says what was measured and what was asked. Stuck? Type `unit.hint()` into a cell of your own.

# %% locked="setup"
import course

unit = course.unit("f10-feature-store", needs="0.1.0")

# %% [markdown]
# ## 1. Brief
#
# > The delay model is great in the notebook and useless in production. Build the feature store.
#
# The words "feature store" make many candidates draw boxes with product names in them. Ask what "great" and "useless"
# mean, and the problem gets small enough to solve.
#
# | You ask | They say |
# |---|---|
# | What does the model do? | 40 minutes to an hour before a flight is due to leave, it says how likely the flight is to leave 15 minutes late or more. Then we still can move passengers and crews. |
# | How great, how useless? | We look at the Brier skill: 1 is an oracle, 0 is always saying the usual share of late flights. On the test set it was 0.99. Live, last month, it was 0, give or take. |
# | Same code? | No. The training table is SQL over the warehouse, joined on the time of the event. The service is Java, from another team. They have the same feature names. |
# | What does the warehouse hold? | Every report that we ever got, with the time that it is about and the time that it arrived. The weather report for 10:00 is usually here by 10:05, sometimes at noon. When a station or an airline's link is down, hours of reports arrive at once. |
# | Do reports change? | All the time. An airline announces a flight's delay an hour and a half before departure, mostly "0", and overwrites that until the flight has left: the last revision is what the delay *was*. Weather is corrected or withdrawn, too. |
# | Does everything arrive once? | At least once. The queue delivers again what it isn't sure of. |
# | How old may a report be? | That depends on the feature. Visibility from two hours ago is no visibility. How late this aircraft landed last time matters for half a day. |
# | Who else uses this? | Today one team, with eight features. The cargo team wants others from the same log next month, and will not wait for us to write code. |
# | How is it run? | The app asks for each of the group's 30,000 flights a day once a minute during its last three hours; the busiest hour has 9 % of the day's lookups. The service restarts with every deployment and goes on from its saved state. |
# | How large is it? | 60 airports with about 60 departures an hour each and three weather readings an hour; 6,000 aircraft. A stored report takes about 150 bytes. |
#
# So there are two questions, and most of the trouble comes from mixing them: *when did it happen*, and *since when did we
# know?* A training row must be made of **what was known at the time of its request**: nothing else will ever be known in
# service at such a time. And it must be made **the same way**. Here is the contract.
#
# ### Reports
# An event is one *delivery* of a *revision* of a report:
#
# | Field | is |
# |---|---|
# | `id` | a whole number, the same for all revisions of a report; not in the order of time |
# | `revision` | 0, 1, 2, ...: a higher one replaces the lower ones |
# | `entity`, `reading` | what it is about, as text: an airport or an aircraft (`LGA`, `N725MQ`), and what was read there (`wind`, `departure`, ...) |
# | `value` | a float; `NaN` withdraws the report: it counts for nothing, unless a still higher revision gives it a value again |
# | `event_time` | seconds (UTC, since 1970), whole: the time that it is about. May be later than its arrival: the station's 10:00 report can be sent at 9:51. A `delay` is about the time when it is first due to be announced, not about the departure |
# | `arrived` | seconds: when we got this delivery |
#
# `entity`, `reading` and `event_time` are the same in all revisions of a report. The same revision may be delivered
# more than once, with the same content. Nothing is promised about the order in which revisions and repeats arrive.
#
# ### Features
# A *request* has a `time` and names entities: `origin`, `plane`, `alternate` (the airport to go to if the other is shut).
# A feature is *defined once*, as data:
# `{"feature": "rain", "reading": "rain", "of": "origin", "how": "sum", "seconds": 14400}` is, at a request's time *t*, made
# of all reports
#
# 1. of the reading `rain`, about the entity that the request names in its field `origin`;
# 2. that were **known**: of each report, the highest revision among the deliveries with `arrived` ≤ *t*;
# 3. that were not withdrawn by that revision;
# 4. with *t* − 14400 < `event_time` ≤ *t*.
#
# Their values make one float: `how` is `count`, `sum`, `mean`, `max`, or `last`: the value with the latest `event_time`; of
# several at that time the one with the largest `id`. Where there is no report, `count` is 0 and all others are `NaN`.
# Any definition may come, with any window and any of these five ways, on any reading and any field of the request that
# names an entity.
#
# ### What you ship
# `store.py` defines two things.
#
# - `offline(definitions, events, requests)`: definitions are a list of dicts; events and requests are tables (DataFrames),
#   with rows and columns in any order, perhaps further columns, and any index. It returns a table with one row for each
#   request, in the order of the requests, and one column of floats for each definition, named and ordered as they are.
# - `class Store`: `Store(definitions)` is an empty one. `ingest(events, now)` takes deliveries as a list of dicts, in the
#   order of their arrival; after the call the store knows everything that arrived until `now`. `now` never decreases.
#   `lookup(request)` takes a dict whose `time` is not before the last `now`, and nothing has arrived in between; it
#   returns a list of floats, one for each definition. Lookups after one `ingest` come in any order of their times.
#   `state()` returns bytes; `Store.restore(definitions, state)`, a class method, gives a store in another process that
#   goes on as if nothing had happened.
#
# A request names something in every field that a definition asks for. What no report is about is no mistake: there, as anywhere,
# a count is 0 and all else `NaN`.
#
# The answers are the same in every process, what you are given stays as it is, and numbers may be off by 10⁻⁶ and another
# 10⁻⁶ of what is right.
# Between `offline` and `lookup` there is no such tolerance: they must give **exactly the same** floats for the same
# request.

# %%
unit.contract()

# %% [markdown]
# *Values right* are counted over all requests and features, offline and online, and the worse of the two counts. *Skill
# of your model in service*: a forest is trained on your offline table of four days, and predicts the flights of the two
# days after from what your store answers; its Brier skill is divided by that of a forest that has the right features on
# both sides. *A poisoned future* is the same log up to some time, and behind that time nothing, or other values, forged
# revisions and backdated reports: requests before that time must not notice. An entity is *live* if some report about it
# is within the longest window of its reading; the state is weighed at two times of the last flights that nobody knows beforehand,
# and only if answers after a restart, in another process, are the same. *The plain loop* is a Python dict with a list of reports for each entity and reading, and a loop over the
# list; lookups are timed after a day and a half of reports, and their answers are judged as well.

# %% [markdown]
# ## 2. Design memo
#
# Before you build: write down what you would do and why, for a colleague who has read the brief and nothing else. One
# page, 900 words at most. It is marked by hand against this rubric, and you can mark yourself with it first.
#
# | | Points | Full points if the memo ... |
# |---|---|---|
# | Goal and users | 2 | says who trusts these numbers (1), and why a skill of 0.99 should have frightened somebody (1) |
# | Constraints | 3 | turns the brief into lookups a second (1) and bytes that must be live (1), and says what a restart may cost (1) |
# | Data | 3 | tells the time of an event from the time of its arrival (1), and says what corrections (1), repeats (½) and outages (½) do |
# | Metric | 2 | measures right values (½), equality of both sides (½) and the model in service (½), and says how one can be broken while another holds (½) |
# | Baseline | 2 | names the join that is there today (1), and what exactly it lets in (1) |
# | Serving | 3 | says where the one definition lives (1), how both sides are made of it (1), and what the state is: what is kept, and for how long (1) |
# | Monitoring | 2 | says how a difference between training and service is found, by comparing which values (1), and that it is found within a day (1) |
# | What could go wrong | 3 | names three failures particular to feature stores (1½), and what is done about each (1½) |

# %% [markdown] memo="memo" points=20
# ### BEGIN SOLUTION
# **Goal and users.** The operations centre moves people on the strength of a probability, so the probability must be as
# good 45 minutes before departure as it looked in training. Modellers need tables that they can believe. 0.99 for
# delays is not skill: nobody knows a delay that well an hour ahead, so the table knew it afterwards.
#
# **Constraints.** 30,000 × 180 lookups a day, 9 % of them in one hour: 135 a second at the peak, one core even at a
# millisecond each; but a scan of a year's log for each lookup is out. Live are some 20,000 reports, 3 MB; everything in a year
# would be 10 GB. Restart from 3 MB is instant, replaying a year's log is 11 minutes without service. Exactness, not speed,
# shapes the design.
#
# **Data.** Two times. The event's time says into which window a report belongs, its arrival says who could know it.
# Corrections share the report's id, so only the highest revision *that had arrived* counts; the warehouse's last revision
# is the future. Repeats must not be counted twice. After an outage hours of reports arrive together: they are in windows
# that have been asked for already, and those answers stand. Stations stamp ahead: a report may wait for its time.
#
# **Metric.** Share of values equal to what the contract says, for each side. Share of requests in which both sides are equal
# to the last bit: a tolerance would hide the day when they part. Brier skill of a model trained on one side and asked on the
# other, which is what the centre feels. Each can be broken while the others hold: two wrong sides may agree.
#
# **Baseline.** `merge_asof` on the event's time, over newest revisions; a dict of last values in service. It lets in
# reports that came later and, worse, the airline's final word on the very delay that is to be predicted.
#
# **Serving.** Definitions are data, versioned, read by both sides. One class answers lookups; training is the log played
# back through that same class in the order of arrival, with requests asked at their times. So there is no second
# implementation that could differ. State: for each entity and reading the live reports by id, with revision, withdrawn ones
# too, as long as the longest window on that reading reaches back. Saved every minute; a restart reads it and the
# queue's last minute.
#
# **Monitoring.** One lookup in a thousand is logged with its answer; each night `offline` is run for those requests and
# compared bit by bit: the share that differs is 0, or somebody is called. Beside it: lag between event and arrival by
# reading (95th percentile), share of NaN by feature, live reports and bytes by entity, repeats and corrections an hour.
#
# **What could go wrong.** A window of a new feature is longer than what the store has kept: answers are NaN or too small
# until it has filled, so a definition is served only after its window. A station's clock runs days ahead: its reports never
# leave; cap how far ahead they may be, and alarm. A link is down: `last` falls to NaN by its window, and the model must have
# seen such rows in training, which it has if the table is honest. Late corrections after sweeping would bring back a report
# that was withdrawn: nothing older than the window is taken in. The log was compacted to newest revisions to save money:
# then no honest table can be made at all, so the deliveries are kept.
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
# - `lookups_per_second`: how many lookups a second come in the busiest hour?
# - `state_megabytes`: how many MB (10⁶ bytes) does a store hold that keeps live reports only? Count two for each aircraft;
#   for each airport its departures of the last two hours and its weather readings of the last six.
# - `history_gigabytes`: how many GB does it hold after a year, if it keeps everything? Count six deliveries for each of the
#   30,000 flights a day, and the weather once.
# - `replay_minutes`: how many minutes is a restart that plays that year again, at 10 µs a delivery?
# - `leaky_percent`: 7 % of departures are reported only after somebody has asked. A feature is the mean of 8 reports. In
#   which share of training rows, in %, does a join on the time of the event put at least one into the mean that was not
#   there, if reports are late independently of each other?

# %% solution="answer-estimates"
lookups_per_second = None
state_megabytes = None
history_gigabytes = None
replay_minutes = None
leaky_percent = None
### BEGIN SOLUTION
lookups_per_second = 30_000 * 180 * 0.09 / 3_600
state_megabytes = (6_000 * 2 + 60 * (60 * 2 + 3 * 6)) * 150 / 1e6
deliveries = (30_000 * 6 + 60 * 24 * 3) * 365
history_gigabytes = deliveries * 150 / 1e9
replay_minutes = deliveries * 10e-6 / 60
leaky_percent = 100 * (1 - 0.93**8)
### END SOLUTION
unit.answer(
    lookups_per_second=lookups_per_second,
    state_megabytes=state_megabytes,
    history_gigabytes=history_gigabytes,
    replay_minutes=replay_minutes,
    leaky_percent=leaky_percent,
)

# %%
unit.check("estimates")

# %% test="estimates"
unit.grade("estimates")

# %% [markdown]
# Look at the last one again. "Only 7 % of reports are late" sounds like a detail; you have just worked out how many rows it
# touches: a feature is as leaky as its leakiest part. And the first says something about where *not* to spend your time: so
# few lookups a second are not much. What a lookup must not do is grow with the log.

# %% [markdown]
# ## 4. Build
#
# ### Look first
# A week at three airports. Flights, delays, aircraft and weather are real: New York in 2013, from the R package
# *nycflights13*, with a fifth of the flights. When each report arrived, what was announced, corrected, repeated or held up is
# simulated.

# %% locked="data"
import numpy as np
import pandas as pd
from IPython.display import display

from course.units.f10_feature_store import world

season = world.unpacked(unit.data)
definitions, events, requests = list(season.definitions), season.events, season.requests
train, late = season.train, season.late

# %%
print(
    f"{len(events):,} deliveries of {events['id'].nunique():,} reports; {len(requests):,} requests, {train.sum()} to train on"
)
print(f"{late[train].mean():.0%} of the flights to train on left late, {late[~train].mean():.0%} of those to serve")
display(pd.DataFrame(definitions), requests.head(3))
delays = events[events["reading"] == "delay"].groupby("id")["value"].agg(["first", "last", "size"])
some = delays.query("first == 0 and last > 30").sort_values("size").index[-1]
display(events[events["id"] == some].sort_values("arrived"))

# %% [markdown]
# The last table is the life of one report: an airline on the delay of one flight. All its deliveries are *about* the same
# time; they arrived hours apart, and the last one is the truth, told when it no longer helps. How long does it take until
# the final word on something is known?

# %%
import matplotlib.pyplot as plt

final = events.sort_values(["id", "revision", "arrived"], ascending=[True, False, True]).drop_duplicates("id")
first = events.sort_values("arrived").drop_duplicates("id")
figure, axes = plt.subplots(1, 2, figsize=(11, 3.6), sharey=True)
styles = {"delay": "-", "departure": "--", "arrival": "-.", "wind": ":"}
for axis, known, title in zip(axes, (first, final), ("Heard of it at all", "Heard the final word"), strict=True):
    for reading, style in styles.items():
        hours = np.sort(known.loc[known["reading"] == reading].eval("arrived - event_time")) / 3600
        axis.plot(hours, np.linspace(0, 1, len(hours)), style, color="black", label=reading)
    axis.set(xlim=(-0.3, 5), xlabel="hours from the event's time to the arrival", title=title)
axes[0].set_ylabel("share of reports")
axes[1].legend(title="reading", loc="lower right")
figure.tight_layout()
plt.show()

# %% [markdown]
# Two curves for each reading: the share of reports that we had heard of after so many hours (left), and of which the
# last revision had come (right). On the left all four rise steeply, and the last tenth takes hours. On the right the
# solid line, `delay`, stays at zero for more than an hour and then climbs slowly: nobody knows how late a flight will be
# before it leaves. The request for that flight is made about an hour after the first announcement, before the line
# begins to climb. And the dotted line of the wind starts left of zero: the report for 10:00 is sent before 10:00.
#
# ### The baseline
# What is there today, in few lines. Offline: from the newest revision of every report, for each definition the last value
# whose `event_time` is not after the request, by `pandas.merge_asof`; no window, whatever `how` says. Online: a dict with
# the value that came last for each entity and reading. No `state` yet.
#
# From here on you write *modules*. The cell below starts with `%%writefile baseline.py`: running it saves the rest of
# the cell as that file, and runs nothing. When it is called, it runs elsewhere, in a process that has never seen this
# notebook: so it brings its own imports, and no variable of the notebook exists there. That is what shipping means.

# %% solution="write-baseline"
# %%writefile baseline.py
### BEGIN SOLUTION
import pandas as pd


def offline(definitions, events, requests):
    """For each feature the last report before the request, from the newest revisions in the warehouse."""
    newest = events.sort_values(["id", "revision"]).drop_duplicates("id", keep="last").dropna(subset=["value"])
    newest = newest.sort_values("event_time")
    found = {}
    for one in definitions:
        asked = pd.DataFrame({"time": requests["time"].to_numpy(), "entity": requests[one["of"]].to_numpy()})
        asked["place"] = range(len(asked))
        reports = newest.loc[newest["reading"] == one["reading"], ["entity", "event_time", "value"]]
        joined = pd.merge_asof(asked.sort_values("time"), reports, left_on="time", right_on="event_time", by="entity")
        found[one["feature"]] = joined.sort_values("place")["value"].to_numpy(float)
    return pd.DataFrame(found)


class Store:
    """The value that came last, for each entity and reading."""

    def __init__(self, definitions):
        self.definitions, self.values = definitions, {}

    def ingest(self, events, now):
        for event in events:
            self.values[event["entity"], event["reading"]] = event["value"]

    def lookup(self, request):
        return [self.values.get((request[one["of"]], one["reading"]), float("nan")) for one in self.definitions]


### END SOLUTION

# %%
unit.check("baseline")

# %% test="baseline"
unit.grade("baseline")

# %% [markdown]
# The baseline's points are for running through the same door as the real thing. Now do what was done in production: train
# on its table, look at the score, ship. `world.played` plays the last two days to a store as they happened: it takes in what
# arrived, and is asked at each request's time.

# %%
served = ~train


def skills(module):
    """The table of all requests, and Brier skill: on the table's own last two days, and on the store's answers there."""
    table = module.offline(definitions, events, requests).to_numpy(float)
    store = module.Store(definitions)
    answers = world.played(
        season,
        requests[served],
        store.ingest,
        lambda rows: [store.lookup(one) for one in rows.to_dict("records")],
    )
    scores = [world.skill(table[train], late[train], asked, late[served]) for asked in (table[served], answers)]
    return table, answers, scores


def draw(scores):
    """Bars of both skills for each module, by name."""
    figure, axis = plt.subplots(figsize=(7, 3.2))
    for k, (own, live) in enumerate(scores.values()):
        bars = axis.bar([k - 0.18, k + 0.18], [own, live], 0.34, color=["0.85", "0.35"], edgecolor="black")
        bars[0].set_hatch("///")
        axis.bar_label(bars, labels=[f"table\n{own:.2f}", f"service\n{live:.2f}"], padding=2)
    axis.axhline(0, color="black", linewidth=0.8)
    axis.set_xticks(range(len(scores)), list(scores))
    axis.set(ylabel="Brier skill, last two days", ylim=(min(0, *(live for _, live in scores.values())) - 0.3, 1.3))
    figure.tight_layout()
    plt.show()


scores = {}
plain = unit.load("baseline.py")
if hasattr(plain, "offline") and hasattr(plain, "Store"):
    table, answers, scores["baseline"] = skills(plain)
    draw(scores)
    announced = [one["feature"] for one in definitions].index("announced")
    print(
        f"`announced` above 14 means late: right for {((table[:, announced] > 14) == late).mean():.1%} of the table, "
        f"for {((answers[:, announced] > 14) == late[served]).mean():.1%} of the answers in service"
    )

# %% [markdown]
# A hatched bar near 1 for the table, a dark one near or below 0 for the service: the brief, reproduced. The printed line says why.
# The model did what it was trained to do: it found a column that *is* the delay, and ignored the weather, the queue and the
# aircraft. In service that column holds what the airline had announced by then, and the model has learned nothing else.
# Note that no test on the table could have found this, however carefully its rows were split: the table was wrong on both
# sides of the split.
#
# ### Your store
# Write `store.py`. Two thoughts before you begin. *Online can't leak*: a store that has only been told what arrived until
# now can't know more. And *two implementations of one definition are two definitions*: what is the least code that the two
# sides have to have apart?

# %% solution="write-store"
# %%writefile store.py
### BEGIN SOLUTION
"""Features of flights as they were known at a time: one definition, for training and for service."""

import json
import math

import pandas as pd

SWEEP = 600  # seconds between two sweeps


def feature(how, reports):
    """One feature from the reports in its window, each (event_time, id, value), in any order."""
    if how == "count":
        return float(len(reports))
    if not reports:
        return math.nan
    if how == "last":
        return float(max(reports)[2])
    values = [value for _, _, value in reports]
    if how == "max":
        return float(max(values))
    total = math.fsum(values)  # rounded once, so the order does not matter
    return total / len(values) if how == "mean" else total


class Store:
    """The live reports: by entity and reading, then by id, each in its highest revision so far."""

    def __init__(self, definitions):
        self.definitions = [dict(one) for one in definitions]
        self.keep = {}  # reading -> seconds of the longest window on it
        for one in self.definitions:
            self.keep[one["reading"]] = max(one["seconds"], self.keep.get(one["reading"], 0))
        self.live = {}  # (entity, reading) -> {id: (event_time, revision, value)}
        self.now = self.swept = -(10**18)

    def ingest(self, events, now):
        self.now = now
        for event in events:
            reading, when = event["reading"], event["event_time"]
            if reading not in self.keep or when <= now - self.keep[reading]:
                continue
            known = self.live.setdefault((event["entity"], reading), {})
            before = known.get(event["id"])
            if before is None or before[1] < event["revision"]:
                known[event["id"]] = (when, event["revision"], event["value"])
        if now >= self.swept + SWEEP:
            self.sweep()

    def sweep(self):
        """Forget what no later lookup can reach. What was withdrawn is kept as long: a repeat must not revive it."""
        for (entity, reading), known in list(self.live.items()):
            oldest = self.now - self.keep[reading]
            for number in [number for number, report in known.items() if report[0] <= oldest]:
                del known[number]
            if not known:
                del self.live[entity, reading]
        self.swept = self.now

    def lookup(self, request):
        time, found = request["time"], []
        for one in self.definitions:
            oldest, known = time - one["seconds"], self.live.get((request[one["of"]], one["reading"]), {})
            reports = [
                (when, number, value)
                for number, (when, _, value) in known.items()
                if oldest < when <= time and value == value  # a withdrawn value is NaN
            ]
            found.append(feature(one["how"], reports))
        return found

    def state(self):
        self.sweep()
        live = [[*key, [[number, *report] for number, report in known.items()]] for key, known in self.live.items()]
        return json.dumps([self.now, live], separators=(",", ":")).encode()

    @classmethod
    def restore(cls, definitions, state):
        store = cls(definitions)
        store.now, live = json.loads(state)
        store.swept = store.now
        for entity, reading, known in live:
            store.live[entity, reading] = {number: tuple(report) for number, *report in known}
        return store


def offline(definitions, events, requests):
    """The log played to a store in the order of its arrival, and the store asked at each request's time."""
    messages = events.sort_values("arrived").to_dict("records")
    asked = requests.to_dict("records")
    store, done, rows = Store(definitions), 0, [None] * len(asked)
    for place in sorted(range(len(asked)), key=lambda place: asked[place]["time"]):
        time, start = asked[place]["time"], done
        while done < len(messages) and messages[done]["arrived"] <= time:
            done += 1
        store.ingest(messages[start:done], time)
        rows[place] = store.lookup(asked[place])
    return pd.DataFrame(rows, columns=[one["feature"] for one in definitions], dtype=float)


### END SOLUTION

# %% [markdown]
# Is it right? `season.truth` holds the features of the public requests as the contract defines them. Here is what differs,
# by feature, on both sides; whether both sides are equal to the last bit; and the first request that goes wrong.

# %%
yours = unit.load("store.py")
if hasattr(yours, "offline") and hasattr(yours, "Store"):
    table, answers, scores["your store"] = skills(yours)
    names = [one["feature"] for one in definitions]
    right = {
        "offline": np.isclose(table, season.truth, atol=1e-6, equal_nan=True),
        "online": np.isclose(answers, season.truth[served], atol=1e-6, equal_nan=True),
    }
    display(
        pd.DataFrame({side: hits.mean(axis=0) for side, hits in right.items()}, index=names).T.style.format("{:.1%}")
    )
    equal = ((table[served] == answers) | (np.isnan(table[served]) & np.isnan(answers))).all(axis=1)
    print(f"both sides the same to the last bit: {equal.mean():.1%} of requests")
    wrong = np.flatnonzero(~right["offline"].all(axis=1))
    if len(wrong):
        display(
            requests.iloc[[wrong[0]]],
            pd.DataFrame([table[wrong[0]], season.truth[wrong[0]]], ["yours", "right"], names),
        )

# %% [markdown]
# And what the model makes of it, beside the baseline. The two bars on the right should be as high as each other, and much
# lower than 1: the first honest number of this project. The dark bar is the one that the operations centre gets.

# %%
if scores:
    draw(scores)

# %% [markdown]
# Three questions that are cheap to ask here, before the check asks them: does a poisoned future matter, what does the store
# remember after a week, and does it go on after a restart?

# %%
if hasattr(yours, "Store") and hasattr(yours.Store, "restore"):
    now = int(requests["time"].quantile(0.7))
    before = requests[requests["time"] <= now]
    honest = yours.offline(definitions, events, before)
    for name, log in zip(("nothing", "poison"), world.poisoned(events, now, np.random.default_rng(1)), strict=True):
        other = yours.offline(definitions, log, before)
        changed = (~(other.eq(honest) | (other.isna() & honest.isna()))).any(axis=1).sum()
        print(f"with {name} after that time, {changed} of {len(before)} requests are answered otherwise")
    store = yours.Store(definitions)
    told = [one for one in season.messages if one["arrived"] <= season.cut]
    store.ingest(told, season.cut)
    state = store.state()
    print(
        f"{len(told):,} deliveries taken in, {len(state):,} bytes of state for {season.live_entities(season.cut)} live entities"
    )
    asked = season.burst().to_dict("records")
    again = yours.Store.restore(definitions, state)
    same = sum(str(store.lookup(one)) == str(again.lookup(one)) for one in asked)
    print(f"after a restart, {same} of {len(asked)} lookups are the same")

# %% [markdown]
# ## 5. Ship check
# Everything that can be measured here, on the public week. Run it as often as you like. `unit.replay(0)` in a cell of your own shows
# the first of the flights that are served, feature by feature, as it is judged: what is right, your table, your store, and your
# store after restarts.

# %%
unit.check()

# %% [markdown]
# The cells below are what gets graded, a clause each. Here they measure on the public week; at grading, on another week of
# the same world, together with checks of how your store stands up to what the contract allows and the public week doesn't
# show.

# %% test="interface"
unit.grade("interface")

# %% test="untouched"
unit.grade("untouched")

# %% test="quality"
unit.grade("quality")

# %% test="parity"
unit.grade("parity")

# %% test="model"
unit.grade("model")

# %% test="throughput"
unit.grade("throughput")

# %% test="state"
unit.grade("state")

# %% test="restart"
unit.grade("restart")

# %% test="poisoned"
unit.grade("poisoned")

# %% test="others"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("others")
### END HIDDEN TESTS

# %% test="storm"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("storm")
### END HIDDEN TESTS

# %% [markdown]
# ### Where this comes from
# - R. Snodgrass and I. Ahn: *A taxonomy of time in databases* (1985): the time of an event and the time when it was known.
# - S. Kaufman, S. Rosset, C. Perlich and O. Stitelman: *Leakage in data mining: formulation, detection, and avoidance* (2012).
# - T. Akidau and others: *The dataflow model* (2015): what comes late, out of order and corrected.
# - G. W. Brier: *Verification of forecasts expressed in terms of probability* (1950).
# - J. R. Shewchuk: *Adaptive precision floating-point arithmetic and fast robust geometric predicates* (1997): sums that are rounded once.
# - H. Wickham: the R package *nycflights13*, flights and weather of New York in 2013.
