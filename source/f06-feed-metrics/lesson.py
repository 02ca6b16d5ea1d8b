# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Metrics for a feed
#
# *Unit f06. One sitting: 90 to 120 minutes. You ship a file, `metrics.py`, with a metric for feed rankers and a function that
# says from old logs what a new policy would earn. They are measured by whether the metric orders rankers as readers' staying
# does, how soon it sees a change, how much it reads, and whether your intervals hold the truth.*
#
# [Brief](#1.-Brief) · [Design memo](#2.-Design-memo) · [Estimates](#3.-Estimates) · [Build](#4.-Build) ·
# [Ship check](#5.-Ship-check)
#
# Run the next cell first, and again whenever the kernel was restarted: what you saved to files is still there. Each step
# has a check, which says what was measured and what was asked. Stuck? Type `unit.hint()` into a cell of your own.

# %% locked="setup"
import course

unit = course.unit("f06-feed-metrics", needs="0.1.0")

# %% [markdown]
# ## 1. Brief
#
# > Our feed needs a metric. Which one?
#
# "Click rate" is what everybody says first, and it is what the feed has been tuned for since spring. You ask what happened
# since.
#
# | You ask | They say |
# |---|---|
# | What is in the feed? | Short stories, by subscription. 120,000 sessions a day. A ranker decides what a reader is shown; 100 tests of new rankers run at any time, with two arms each, so an arm gets 600 sessions a day. |
# | What do you want of a ranker? | That readers are still there after 28 days; 45 of 100 are. Everything else is a means. |
# | Then why not measure that? | We do, for the big ones. A test ties up its readers for months, and most rankers are dropped after a week. We need to know within 7 days of traffic whether a change is worth a point of retention (45 % or 46 %). |
# | What went wrong with clicks? | One ranker in five lives on headlines now. Readers click, are back in the feed within seconds, and leave us in autumn. Next year nearly all will bait, if we keep paying for clicks. |
# | And time spent? | We had that before. One in thirty leaves a story open and goes to lunch. And rankers that like long stories look good, whoever reads them. |
# | Ask the readers? | One session in fifty answers the survey. |
# | Do they come back? | That we log: hours until the next session, at most 168. It is known a week later, of course. |
# | What else is logged? | Hides, shares, stories finished. What a share means we can't agree on: joy or anger? Or whether finished stories are good, or just short. |
# | Are tests comparable? | Arms of one test are. Weeks aren't: one brings newcomers from a campaign, another only regulars. The metric shall say how good the *ranker* is, whoever came. |
# | Where does the metric run? | On a dashboard that keeps a year of sessions in memory. You get 8 bytes of each session. |
# | Is there anything to learn from? | 80 past rankers: 1,000 sessions with each, and the retention that came out, measured on some 20,000 readers. |
# | You said *policy*, too? | A sister shop runs a bandit on three campaigns and logs the probability of whatever it shows. Before anyone tests a new policy there, I want its value from those logs, with an interval that I can believe. Also for bold policies. |
#
# So the brief is two questions about the same thing: **what can be believed before it was tried for long enough?** The first
# is about a number to steer by, the second about a policy that nobody has run. Here is the contract for both.

# %%
unit.contract()

# %% [markdown]
# **The metric.** `columns()` returns the list of columns that it reads, `metric(sessions)` a number; more is better.
# `sessions` is a DataFrame with these columns *and no others*, so what you name is what you get and what is counted.
# Order of rows and columns and the index mean nothing, and there may be any number of sessions, one or more; nobody need have
# clicked. The result is always a finite number, and depends on nothing but `sessions`.
# Columns are unsigned integers of so many bytes, so make floats of them before you subtract: 1 − 2 is 255 in one byte.
#
# | Column | Bytes | What it is |
# |---|---|---|
# | `visits_before` | 1 | the reader's sessions in the four weeks before the test |
# | `joined_days` | 2 | days since the reader joined |
# | `shown` | 2 | stories shown in this session |
# | `clicks` | 1 | stories opened |
# | `quick_backs` | 1 | of these, left within ten seconds |
# | `finished` | 1 | of these, read to the end |
# | `hides` | 1 | stories hidden ("not for me") |
# | `shares` | 1 | stories shared |
# | `dwell_s` | 4 | seconds in opened stories |
# | `session_s` | 4 | seconds in all |
# | `survey` | 1 | stars from 1 to 5; 0 where nobody asked or answered |
# | `gap_h` | 2 | hours until the reader's next session; 168 if it did not come within a week |
#
# *Rank agreement* is Spearman's correlation of the metric with 28-day retention, over rankers with 1,000 sessions each.
# *Days until a change is seen*: there are three changes, each worth one point of retention (stories fit better, less bait,
# less annoyance). From how far the metric moves (measured on arms two points apart, and halved) and how much it varies
# between tables of 400 sessions follows how many sessions an arm needs for a two-sided test at 5 % with 80 % power. The
# slowest of the three counts, and a metric that reads `gap_h` waits 7 days more.
#
# **Value from a log.** `offline_value(log, policy)` returns three numbers `(value, low, high)`: what the policy would earn a
# row, and an interval meant to hold the true value in 95 of 100 logs. `log` is a DataFrame with five whole-number codes for the
# context (`position`, `age`, `gender`, `since`, `region`), and `item`, `propensity` (the probability with which the bandit
# showed that item there and then) and `reward` (0 or 1). `policy` is an array (rows, items): the probability with which
# the new policy would show each item in that row. Fewer than 80 of 100 is not called honest; half an interval may be 36 % of
# the true value, on average over logs.
#
# Both functions are called in a process where nothing of this notebook exists: imports are inside the file, and what was
# learned from past rankers goes into `weights.json` beside it (`Path(__file__).with_name("weights.json")`). Arguments are
# left as they were, and equal arguments give equal answers.

# %% [markdown]
# ## 2. Design memo
#
# Before you build: which metrics, and why should anybody believe them? One page (at most 900 words) for a colleague
# who has read the brief and nothing else. It is marked by hand against this rubric, and you can mark yourself with it first.
#
# | | Points | Full points if the memo ... |
# |---|---|---|
# | Goal and users | 2 | says what the company wants in the end (½), who is steered by the metric (½), and what they will do to it (1) |
# | Constraints | 3 | turns traffic, one point of retention and a week into the sessions that there are (1) and those that retention would need (1), and says what that rules out (1) |
# | Data | 3 | says what past rankers can teach (1) and can't (1), and what logged probabilities are needed for (1) |
# | Metric | 3 | names one metric to steer by, as a formula or a list of what is added up (1), and two guardrails (1), and says how the first is fooled (1) |
# | Baseline | 2 | names a plain metric that is right but slow (1), and one that is fast but wrong (1) |
# | Serving | 2 | says what is read of each session, in bytes (½), where weights come from (½), and how they are renewed (1) |
# | Monitoring | 2 | says how it is noticed that the metric and retention drift apart (1), and at which value somebody is called (1) |
# | What could go wrong | 3 | names three failures particular to surrogate metrics or to values from logs (1½), with remedies (1½) |

# %% [markdown] memo="memo" points=20
# ### BEGIN SOLUTION
# **Goal and users.** Readers who stay. A hundred teams are steered by the number: whatever it rewards, they will make more
# of, within a quarter. Clicks were rewarded, so we got bait. The metric has to be something that is still good for
# readers when everybody optimises it.
#
# **Constraints.** 600 sessions an arm a day, 7 days: 4,200 sessions. Retention itself needs 38,800 readers an arm for one
# point, 65 days, and then 28 more. So retention can't steer, nor can "came back within a week", which is as noisy and a week
# late. The metric must move by 0.06 standard deviations of a session for one point. 8 bytes of a session: counts of what
# readers do, no floats.
#
# **Data.** 80 past rankers with retention are few, and 80,000 sessions in which we know who came back are many. What a
# session did to the wish to return can be learned from the sessions; whether that adds up to retention is checked on the 80.
# Neither says anything about behaviour that no past ranker caused. The shop's logs are worth something only
# because they hold the probability of what was shown: without it "clicked more" can't be told from "shown more".
#
# **Metric.** To steer by: expected habit, a weighted sum of opened stories, quick backs, hides, shares and finished
# stories, with weights learned from who came back, divided by what readers of that activity usually do. Fooled by anything that
# makes one of the five cheap (a share button that covers the text). Guardrails: the share of sessions that come back (slow
# but hard to fool) and hides by newcomers; retention itself in a hold-back of 1 % of readers for a year.
#
# **Baseline.** Right but slow: came back within a week; two or three months for a point. Fast but wrong: click rate; it goes up
# when readers leave. For logs: the plain inverse-propensity mean, right on average over many logs and useless in one.
#
# **Serving.** Six columns of one byte. Weights in a file of seven numbers, fitted anew each quarter from the latest
# tests, reviewed as a diff. Old and new weights run side by side for a month, because a metric that changes can't be compared.
#
# **Monitoring.** For each test that runs to the end: what the metric promised against the retention that came. If the rank
# correlation over the last 30 falls below 0.9, or if rankers of one team are always over-promised, somebody is called.
# For logs: sum of weights over rows (must be near 1), largest weight, effective rows; and the value of the policy that runs
# now, which is known.
#
# **What could go wrong.** Weights are correlations: a share may be a sign of people who would return anyway; adjust for
# activity, and test one change that moves shares alone. A week of newcomers looks like a bad ranker: compare with what such
# readers usually do. Bait learns to hold readers for eleven seconds: the threshold is drawn anew. A log with one row of
# probability 0.000001 doubles an estimate: weights are clipped, and what clipping loses is made up by a model. An
# interval that is too narrow gets a policy shipped: coverage is checked on simulated rewards before anyone sees a value.
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
# Five numbers, on the back of an envelope. An arm gets 600 sessions a day. A difference of two means over n sessions each
# is seen by a two-sided test at 5 % with 80 % power once it is 1.96 + 0.84 = 2.8 standard errors; that error's square is
# twice the variance of one session, divided by n.
#
# - `retention_days`: 45 % of readers stay 28 days, and a change would make it 46 %. How many days of traffic does a test of
#   retention *itself* need (before waiting 28 days), if every session is another reader?
# - `shift_days`: a metric moves by 0.09 of a session's standard deviation under the same change. How many days now?
# - `memory_mb`: how many MB does the dashboard take for a year of 120,000 sessions a day, at 8 bytes each?
# - `one_click`: the shop's log has a row whose item was shown with probability 0.000001 (it is there, look). A new policy
#   would show it with probability 0.02. If that row was clicked, how much does it add, alone, to the plain inverse-propensity
#   mean over 2,000 rows, in clicks a row?
# - `effective_rows`: weights of 2,000 rows sum to 2,000, and their squares to 32,000. How many equally weighted rows would be
#   as good, (sum of weights)² / (sum of squares)?

# %% solution="answer-estimates"
retention_days = None
shift_days = None
memory_mb = None
one_click = None
effective_rows = None
### BEGIN SOLUTION
retention_days = 2 * 0.45 * 0.55 * 2.8**2 / 0.01**2 / 600
shift_days = 2 * 2.8**2 / 0.09**2 / 600
memory_mb = 120_000 * 365 * 8 / 1e6
one_click = 0.02 / 0.000001 / 2_000
effective_rows = 2_000**2 / 32_000
### END SOLUTION
unit.answer(
    retention_days=retention_days,
    shift_days=shift_days,
    memory_mb=memory_mb,
    one_click=one_click,
    effective_rows=effective_rows,
)

# %%
unit.check("estimates")

# %% test="estimates"
unit.grade("estimates")

# %% [markdown]
# Divide the first by the second: that is the case for a surrogate, if the metric is right. The fourth is the case against
# a formula that is unbiased: one is the most that a row can earn, and what does this one count for?

# %% [markdown]
# ## 4. Build
#
# ### Look first
# `past` are the 80 rankers: `past.sessions`, 1,000 rows with each, one ranker after another, and `past.retention`. `shops` are
# the three campaigns. The sessions are simulated, and what a share or a finished story is worth differs from term to term.
# The shop is real: contexts, items and probabilities of a week of a fashion shop's bandit (Open Bandit Dataset, Saito et al.
# 2020, CC BY 4.0; its features are hashed, the names of the codes are ours). Real clicks are too few to check an interval
# with: some 50 in 10,000 rows. So each log here has rewards drawn anew from a model that was fitted to those clicks, at
# a rate of about one in ten and with tastes of its own. The truth is then known, for as many logs as you like.

# %% locked="data"
import numpy as np
import pandas as pd
from IPython.display import display

from course.units.f06_feed_metrics import CAMPAIGNS, logs, rankers

past = rankers.unpacked(unit.data, "past")
shops = [logs.unpacked(unit.data, name) for name in CAMPAIGNS]

# %%
print(f"retention of past rankers: {past.retention.min():.1%} to {past.retention.max():.1%}")
past.sessions.sample(6, random_state=2)

# %% [markdown]
# What would the usual metrics have said about these rankers? For each, its rank agreement with retention.

# %%
from scipy.stats import spearmanr

usual = {
    "clicks per story shown": lambda s: s["clicks"].sum() / s["shown"].sum(),
    "clicks": lambda s: s["clicks"].mean(),
    "seconds in stories": lambda s: s["dwell_s"].mean(),
    "stars": lambda s: s["survey"][s["survey"] > 0].mean(),
    "finished stories": lambda s: s["finished"].mean(),
    "came back within a week": lambda s: (s["gap_h"] < 168).mean(),
}


def agreement(metric, trial):
    """Spearman's correlation of a metric with retention, over a trial's rankers."""
    return spearmanr([metric(table) for table in trial.tables(1_000)], trial.retention).statistic


pd.Series({name: agreement(metric, past) for name, metric in usual.items()}, name="rank agreement").round(2).to_frame()

# %% [markdown]
# And the other question: a log, a policy, the truth.

# %%
cases = [case for shop in shops for case in logs.cases(shop, 8, np.random.default_rng(1))]
case = cases[0]
print(
    f"policy: {case.policy.shape}; true value {case.value:.3f}; mean reward in the log {case.log['reward'].mean():.3f}"
)
case.log.head(4)

# %%
import matplotlib.pyplot as plt

figure, axes = plt.subplots(1, 3, figsize=(14, 4))
tables = list(past.tables(1_000))
baits = np.array([table["quick_backs"].sum() / table["clicks"].sum() for table in tables]) > 0.25
for axis, name in zip(axes, ["clicks", "came back within a week"], strict=False):
    values = np.array([usual[name](table) for table in tables])
    for some, mark, label in [(~baits, "o", "others"), (baits, "x", "a quarter of clicks left at once")]:
        axis.plot(values[some], 100 * past.retention[some], mark, color="black", markersize=5, label=label)
    axis.set(xlabel=f"{name}, mean of 1,000 sessions", ylabel="28-day retention, %")
axes[0].legend(fontsize=8, loc="upper right")
axes[0].margins(y=0.15)
axes[1].locator_params(axis="x", nbins=5)
axes[0].set_title("Fast: but which way is up?")
axes[1].set_title("The right way up, and a cloud")

log, policy = cases[8].log, cases[8].policy
weights = np.sort(policy[np.arange(len(log)), log["item"]] / log["propensity"])[::-1]
axes[2].loglog(np.arange(1, len(weights) + 1), weights, color="black")
axes[2].axhline(20, linestyle="--", color="black")
axes[2].text(300, 24, "weight 20", fontsize=9)
axes[2].set(xlabel="row, by weight", ylabel="weight: new probability / logged one", title="Few rows carry it all")
figure.tight_layout()
plt.show()
heaviest = weights[: len(weights) // 100].sum() / weights.sum()
print(f"the heaviest hundredth of rows has {heaviest:.0%} of all weight; the largest weight is {weights[0]:,.0f}")

# %% [markdown]
# *In the picture:* left, clicks across and retention upwards, a mark for each past ranker. Crosses (rankers of whose clicks
# a quarter or more is left at once) lie low at the right: many clicks, few readers who stay; with them in it the cloud has
# no direction. In the middle, the share that came back: the cloud rises, crosses where they belong, but rankers of equal
# retention are spread wide, because 1,000 answers of yes or no have a standard error of more than a point. On the right,
# weights of one shop log in falling order on two logarithmic axes: three rows in four lie below 1, a handful of 2,000 above
# the dashed line at 20, and in some logs one of those in the thousands. A mean of reward times weight is decided by whether
# that handful was clicked.
#
# So there is a metric that is right and slow, and there is an estimate that is unbiased and wild. They are the baseline.
#
# ### The baseline
# `baseline.py` has the same three functions: `columns` names `gap_h`, `metric` is the share of sessions whose reader came back
# within a week, and `offline_value` is the plain inverse-propensity mean of reward times weight, with 1.96 standard errors to
# either side. The first line of the cell is a magic that writes what follows to a file instead of running it.

# %% solution="write-baseline"
# %%writefile baseline.py
### BEGIN SOLUTION
"""Right and slow; unbiased and wild."""

import numpy as np


def columns():
    """What `metric` reads."""
    return ["gap_h"]


def metric(sessions):
    """Share of sessions whose reader came back within a week."""
    return float((sessions["gap_h"] < 168).mean())


def offline_value(log, policy):
    """Inverse-propensity mean, and 1.96 standard errors to either side."""
    chosen = policy[np.arange(len(log)), log["item"].to_numpy(int)]
    each = chosen / log["propensity"].to_numpy() * log["reward"].to_numpy(float)
    value, error = each.mean(), each.std() / len(each) ** 0.5
    return float(value), float(value - 1.96 * error), float(value + 1.96 * error)


### END SOLUTION

# %%
unit.check("baseline")

# %% test="baseline"
unit.grade("baseline")

# %% [markdown]
# ### What past sessions teach
# Whatever your metric should know: work it out from `past` here, and save it as `weights.json`. (If it needs no such file,
# leave this cell empty.) Two sources are at hand. Eighty retentions, one a ranker: few, but the thing itself. And eighty thousand
# sessions of which you know who came back: only a step on the way, but so many of them.

# %% solution="learn-weights"
### BEGIN SOLUTION
# What a session's events do to the chance that its reader comes back, among readers who used to visit equally often
# (a surrogate index: Athey et al. 2019). Then how often readers of each past activity click, to compare like with like.
import json

from sklearn.linear_model import LogisticRegression

events = ["clicks", "quick_backs", "hides", "shares", "finished"]
seen = past.sessions
known = seen[events].assign(visits=np.log1p(seen["visits_before"]))
fitted = LogisticRegression(C=100, max_iter=1_000).fit(known, seen["gap_h"] < 168)
slope, level = np.polyfit(seen["visits_before"].astype(float), seen["clicks"].astype(float), 1)
learned = {
    "weights": dict(zip(events, fitted.coef_[0][:-1].tolist(), strict=True)),
    "usual": [float(level), float(slope)],
}
with open("weights.json", "w", encoding="utf-8") as file:
    json.dump(learned, file)
### END SOLUTION

# %% [markdown]
# ### Your module

# %% solution="write-metrics"
# %%writefile metrics.py
### BEGIN SOLUTION
"""A metric to steer a feed by, and the value of a policy from a log."""

import json
from pathlib import Path

import numpy as np

LEARNED = json.loads(Path(__file__).with_name("weights.json").read_text(encoding="utf-8"))
WEIGHTS = LEARNED["weights"]
#: Largest weight of a row; rows' worth of the overall mean in an item's mean; parts for cross-fitting.
CLIP, PRIOR, PARTS = 20.0, 20.0, 5


def columns():
    """What `metric` reads: a byte each."""
    return [*WEIGHTS, "visits_before"]


def metric(sessions):
    """What sessions did for the habit of reading, for each click that such readers usually make."""
    done = sum(weight * float(sessions[name].sum()) for name, weight in WEIGHTS.items())
    level, slope = LEARNED["usual"]
    return done / (level * len(sessions) + slope * float(sessions["visits_before"].sum()))


def offline_value(log, policy):
    """Value of a policy and a 95 % interval: doubly robust (Dudík et al. 2011), weights clipped and normalised.

    An item's mean reward, drawn towards the overall mean, predicts every row; weighted residuals correct the
    prediction where the policy and the log overlap. Each row is predicted from the other parts of the log. What
    clipping has taken away may be half as good or half as bad again as the usual row; the interval allows for that.
    """
    rows, items = policy.shape
    policy = policy.astype(float)
    item, reward = log["item"].to_numpy(int), log["reward"].to_numpy(float)
    weight = np.minimum(policy[np.arange(rows), item] / log["propensity"].to_numpy(), CLIP)
    lost = max(1.0 - weight.mean(), 0.0)  # weights are 1 on average, before they are clipped
    weight = weight / (weight.mean() or 1.0)
    predicted, residual = np.empty(rows), np.empty(rows)
    part = np.arange(rows) % PARTS
    for k in range(PARTS):
        here, rest = part == k, part != k
        if not here.any():
            continue
        count = np.bincount(item[rest], minlength=items)
        total = np.bincount(item[rest], reward[rest], minlength=items)
        mean = (total + PRIOR * reward.mean()) / (count + PRIOR)
        predicted[here], residual[here] = policy[here] @ mean, reward[here] - mean[item[here]]
    lift = (weight * residual).mean()
    each = predicted + lift + weight * (residual - lift)
    value = float(predicted.mean() + lift)
    half = float(1.96 * each.std() / rows**0.5 + 0.5 * lost * reward.mean())
    return value, value - half, value + half


### END SOLUTION

# %% [markdown]
# Try it as production will load it. First the metric: on past rankers, from which it may have learned, and sorted by how
# far off it places them. Then the intervals, beside the baseline's, for logs of the three campaigns.

# %%
yours = unit.load("metrics.py")
if hasattr(yours, "metric") and hasattr(yours, "columns"):
    reads = list(yours.columns())
    places = pd.DataFrame(
        {
            "metric": [yours.metric(table[reads]) for table in past.tables(1_000)],
            "retention": past.retention,
            **{
                name: [table[name].mean() for table in past.tables(1_000)]
                for name in ["clicks", "quick_backs", "hides"]
            },
        }
    )
    off = places["metric"].rank() - places["retention"].rank()
    print(f"{', '.join(reads)}: {sum(rankers.WIDTHS[name] for name in reads)} bytes")
    print(f"rank agreement on past rankers {places['metric'].corr(places['retention'], method='spearman'):.2f}")
    display(
        places.assign(places_too_high=off).sort_values("places_too_high", key=abs, ascending=False).head(6).round(2)
    )

# %%
if hasattr(yours, "offline_value"):
    figure, axes = plt.subplots(1, 2, figsize=(12, 4), sharey=True)
    plain = unit.load("baseline.py")
    for axis, (name, module) in zip(axes, {"baseline": plain, "yours": yours}.items(), strict=True):
        if not hasattr(module, "offline_value"):
            continue
        found = np.array([module.offline_value(case.log, case.policy) for case in cases])
        true = np.array([case.value for case in cases])
        held = (found[:, 1] <= true) & (true <= found[:, 2])
        for k, (value, low, high) in enumerate(found / true[:, None]):
            axis.plot([k, k], [low, high], "-" if held[k] else ":", color="black")
            axis.plot(k, value, "o" if held[k] else "x", color="black")
        axis.axhline(1, color="black", linewidth=0.7)
        axis.set(
            title=f"{name}: {held.mean():.0%} held, half width {np.mean((found[:, 2] - found[:, 1]) / 2 / true):.0%}",
            xlabel="log (eight of each campaign)",
            ylim=(0, 3),
        )
    axes[0].set_ylabel("estimate / true value")
    plt.show()

# %% [markdown]
# *In the picture:* one bar for each log, estimate over true value, which is the line at 1. Bars that miss it are dotted, with a
# cross for the estimate. On the left the baseline: most bars hold the truth, some because they reach out of the
# picture, and those say nothing. A good answer has bars on the right that are about as often right and a good deal shorter.
#
# ## 5. Ship check
# Everything that can be measured here, on 64 other rankers and on logs of the public halves of the campaigns. Run it as often
# as you like. Where does your metric place a ranker wrongly? `unit.replay(0)` in a cell of your own lists them, the worst
# first; `unit.replay(1)` to `unit.replay(3)` list the logs of a campaign, with your intervals and the truth.

# %%
unit.check()

# %% [markdown]
# The cells below are what gets graded, a clause each. Here they measure on the public hold-out; at grading, on rankers, readers
# and rows that nobody has seen, among them sorts that the brief has told you of and that are rare here.

# %% test="interface"
unit.grade("interface")

# %% test="untouched"
unit.grade("untouched")

# %% test="quality"
unit.grade("quality")

# %% test="coverage"
unit.grade("coverage")

# %% test="width"
unit.grade("width")

# %% test="bytes"
unit.grade("bytes")

# %% test="days"
unit.grade("days")

# %% test="bait"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("bait")
### END HIDDEN TESTS

# %% test="crowd"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("crowd")
### END HIDDEN TESTS

# %% test="far"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("far")
### END HIDDEN TESTS

# %% [markdown]
# ### Where this comes from
# - Prentice (1989), "Surrogate endpoints in clinical trials: definition and operational criteria", and Athey, Chetty, Imbens and
#   Kang (2019), "The surrogate index": what stands in for an outcome that comes too late.
# - Horvitz and Thompson (1952), "A generalization of sampling without replacement from a finite universe": inverse propensities.
# - Ionides (2008), "Truncated importance sampling", and Swaminathan and Joachims (2015), "The self-normalized estimator for
#   counterfactual learning": clipped weights, divided by their mean.
# - Dudík, Langford and Li (2011), "Doubly robust policy evaluation and learning"; Kish (1965), "Survey sampling", for how many rows
#   weighted ones are worth.
# - Saito, Aihara, Matsutani and Narita (2020), "Open Bandit Dataset and Pipeline": the logs.
