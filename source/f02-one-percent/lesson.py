# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 95 % or 96 %?
#
# *Unit f02. One sitting: 60 to 120 minutes. You ship a small file of code, `policy.py`, that chooses between models. It is
# measured by the money that its choices lose.*
#
# [Brief](#1.-Brief) · [Design memo](#2.-Design-memo) · [Estimates](#3.-Estimates) · [Build](#4.-Build) ·
# [Ship check](#5.-Ship-check)
#
# Run the next cell first, and again whenever the kernel was restarted: what you saved to files is still there. Each step
# has a check, which says what was measured and what was asked. Stuck? Type `unit.hint()` into a cell of your own.

# %% locked="setup"
import course

unit = course.unit("f02-one-percent", needs="0.1.0")

# %% [markdown]
# ## 1. Brief
#
# > One model is 95 % right, the other 96 %. Which one do we ship?
#
# "96 %" is the answer of a leaderboard. You ask what the point is worth, what it costs, and whether it is there at all.
#
# | You ask | They say |
# |---|---|
# | What does the model do? | We host the search box of 40,000 online shops. A shopper types "size 9 trail"; the shop's model names the aisle, and the page opens there. |
# | Which shop is it about? | All of them. Each has a model of its own, and every night the pipeline trains new candidates: with the one in service there are 2 to 8 to choose from. A person looked at each choice when we had 200 shops. |
# | What is a right answer worth? | It depends on what they sell. A right aisle earns a shop 1 to 8 cents (`right_eur`), a wrong one loses up to 6 (`wrong_eur`, not above 0); the two lie 3 to 10 cents apart. |
# | How many searches? | 100,000 to a million a month in most shops. But we host village shops with 5,000, and a few chains with five million. |
# | What does waiting cost? | Every search earns a shop 10 to 60 cents whatever we answer (`sales_eur`), if the page is quick. Some shops lose 1.5 % of that for each 100 ms (`slowdown` 0.015), some nothing that we can measure. |
# | What does serving cost? | Replicas, rented by the month: two at least for the current model, more where there is more traffic, each dearer where a model needs more memory. And upkeep: a share of somebody's hours. |
# | Where do the percentages come from? | A person labels past searches of the shop, 100 to 2,000 as a rule, 40 for a shop that joined last week, 6,000 for a chain. All candidates of a shop answer the same rows. |
# | How do candidates come about? | By a recipe. *retrained*: the current model on newer rows. *tuned*: other hyperparameters, up to six runs. *larger*: a bigger model, up to six runs. *ensemble*: several, averaged. *distilled*: a small one that learned from a big one. |
# | Do gains come true? | We let every candidate of 1,500 past decisions answer real searches, unseen by shoppers, until its accuracy was known to a hundredth of a point. You get all of that. |
# | How fast must it be? | Sales wants every choice under 25 what-ifs (holiday traffic, other prices), each night for each shop, within 10 minutes on one core that is three times slower than your laptop's. Most of that goes into fetching decisions. |
# | Who signs it off? | Finance. They read the whole file. Two pages, please: 4,000 characters, with whatever lies beside it. |
#
# So it isn't about one pair of models. It is: **how far do you believe a test set, if belief costs money?** Here is the
# contract.

# %%
unit.contract()

# %% [markdown]
# `policy.py` defines `choose(candidates, shop)` and returns the `name` of one candidate.
#
# - `candidates` is a list of 2 to 8 dicts, in no particular order. Each has `name`, `recipe` (exactly one is
#   `"current"`, the model in service), `replicas` and `replica_eur` (number, and € a month for each), `upkeep_eur`
#   (€ a month), `latency_ms`, and `right`: a numpy array of bools, one for each labelled row. Row 17 is the same search
#   for all candidates of a decision.
# - `shop` is a dict: `searches` a month, `right_eur`, `wrong_eur` and `sales_eur` (€ a search), and `slowdown` (the share
#   of `sales_eur` that is lost for each 100 ms of latency).
#
# Every decision gets an answer: also where two candidates have the same bits, where nobody made a mistake on any row, or
# where nobody searched this month. The answer depends on the decision alone, not on the order of the candidates, on
# chance, or on earlier calls, and arguments are left as they were. The file must stand alone: its imports are inside it,
# and it knows nothing of this notebook, because in production there is no notebook. What it has learned from past
# decisions it may read from a file `gains.json` beside it; both count as bytes.
#
# *Money lost* is what the truly best candidate would have earned less what your choice earns, in € a month, with the
# accuracies that came out later. It is stated as a share of what is lost *at face value*: by the rule that prices
# everything correctly and takes each accuracy to be exactly what the test set shows. Time is a ratio as well: to a program
# that counts right rows one by one, in a Python loop, on usual decisions. What fetching leaves of the night is six
# tenths of what that program takes: enough to look at all rows once, candidates side by side. What is timed is judged: the same decisions get the same answers where nobody times them.

# %% [markdown]
# ## 2. Design memo
#
# How would you decide, for 40,000 shops, so that Finance signs it? One page (at most 900 words) for a colleague who
# has read the brief and nothing else. It is marked by hand against this rubric, and you can mark yourself with it first.
#
# | | Points | Full points if the memo ... |
# |---|---|---|
# | Goal and users | 2 | says who gains when a better model is chosen (1) and who pays (1); not "choose the more accurate model" |
# | Constraints | 3 | turns the brief into time for one decision (1) and bytes of the file (1), and finds with numbers a kind of shop where a point can't pay (1) |
# | Data | 3 | says what a test set of a few hundred rows can't show, with a number (1), what is gained because all candidates answer the same rows (1), and what the past decisions add (1) |
# | Metric | 2 | names one number in money (1), and says what it is compared with (1) |
# | Baseline | 2 | names the plainest rule that could decide tonight (1), and what it gets wrong (1) |
# | Serving | 3 | says what is in the file and what beside it (1), how it gets new constants (1), how a bad choice is undone (1) |
# | Monitoring | 2 | says what is compared with what after a switch (1), and at which gap somebody is called (1) |
# | What could go wrong | 3 | names three failures particular to choosing between models (1½), and what is done about each (1½) |

# %% [markdown] memo="memo" points=20
# ### BEGIN SOLUTION
# **Goal and users.** Shoppers land in the right aisle, the shop sells more, and our hosting bill comes out of what it pays
# us. A point of accuracy is worth 30 to 1,000 € a month to most shops, and 2 to 5 € to a village shop: one more replica
# at 40 € eats that eight times over. So the goal is profit for each shop, not accuracy, and a cheaper model that is no
# better is as good a find as a better one.
#
# **Constraints.** 40,000 shops x 25 what-ifs in 600 s is 600 µs on their core, 200 µs on my laptop, most of it for
# fetching: a pass over the bits, no resampling. Two pages of code, with what the past taught as ten numbers beside it.
#
# **Data.** On 400 rows one model's standard error is a point. Two candidates on the same rows are compared better than that,
# because both miss the same hard rows: only rows on which they disagree say anything. And whoever shows the best of
# six runs shows luck as well. The past decisions say what no single test set can: which gains of which recipe came true.
#
# **Metric.** € a month lost against the candidate that was truly best, averaged over decisions, beside what the face-value
# rule loses on the same ones. Guardrail: no slice (small shops, tiny test sets) loses more than at face value.
#
# **Baseline.** Price everything, take the test set at its word. It is right about machines, latency and traffic, which the
# leaderboard ignores, and it falls for every lucky run.
#
# **Serving.** `policy.py`, a pure function, and `gains.json`, the mean and the variance of true gains for each recipe. The
# constants are fitted anew each quarter from shadow runs, reviewed as a diff of ten numbers, and rolled out to one shop in
# a hundred first. The model that was replaced stays warm for a week, so that a choice can be taken back in minutes.
#
# **Monitoring.** After each switch: expected against realised gain, by recipe. If realised gains of a recipe are below
# expectation by two standard errors over a month, its constants are wrong and somebody is called. Also the share of shops
# that switch in a night: it doubles when something upstream broke.
#
# **What could go wrong.** A recipe changes and keeps its name, so its past says nothing: recipes get a version. The same
# rows are used night after night, and candidates are tuned on them: rows are drawn anew each month. A shop's price changes
# and the choice flips to and fro every night: switching has a cost, and belongs in the price once it is known. Labels
# come from one person who prefers the current model's answers: a tenth of the rows is labelled twice.
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
# Take one shop: 400,000 searches a month, a right answer earns 3 cents and a wrong one loses 2, every search earns
# 15 cents besides, and 1 % of that is lost for each 100 ms. `unit.answer` tells you if an answer isn't a number; the
# check below tells you if it is right.
#
# - `point_eur`: what is one point of accuracy worth to this shop, in € a month?
# - `slower_eur`: what does it cost the shop, in € a month, if every search takes 40 ms longer?
# - `rows_unpaired`: a 95 % and a 96 % model are each tested on *rows of their own*. How many rows must each have for the
#   gap of one point to be two standard errors?
# - `rows_paired`: the same, if both answer *the same* rows and disagree on 3 % of them?
# - `best_of_eight`: eight models are all 95 % right, and each is tested on 500 rows of its own. What does the best of them
#   show on average, in % of rows?
# - `decision_us`: how long may one decision take on your laptop, in µs, if fetching it is part of it?

# %% solution="answer-estimates"
point_eur = None
slower_eur = None
rows_unpaired = None
rows_paired = None
best_of_eight = None
decision_us = None
### BEGIN SOLUTION
point_eur = 400_000 * 0.01 * (0.03 + 0.02)
slower_eur = 400_000 * 0.15 * 0.01 * 40 / 100
rows_unpaired = 4 * (0.95 * 0.05 + 0.96 * 0.04) / 0.01**2
rows_paired = 4 * (0.03 - 0.01**2) / 0.01**2
best_of_eight = 100 * (0.95 + 1.42 * (0.95 * 0.05 / 500) ** 0.5)
decision_us = 600 / (40_000 * 25) / 3 * 1e6
### END SOLUTION
unit.answer(
    point_eur=point_eur,
    slower_eur=slower_eur,
    rows_unpaired=rows_unpaired,
    rows_paired=rows_paired,
    best_of_eight=best_of_eight,
    decision_us=decision_us,
)

# %%
unit.check("estimates")

# %% test="estimates"
unit.grade("estimates")

# %% [markdown]
# Put the first two side by side: the better model that answers 40 ms later has lost more than its point brought in,
# before a single machine is paid. And look at the fifth again. *95 % or 96 %?* can be the same model, tested eight times.

# %% [markdown]
# ## 4. Build
#
# ### Look first
# `history` holds the 1,500 past decisions. Of each you have `candidates` and `shop`, just as `choose` will get them, and
# what nobody knew that night: `accuracy`, the true one of each candidate, and `profits`, what each would have earned.

# %% locked="data"
import numpy as np
import pandas as pd

from course.units.f02_one_percent import rules, world

history = world.unpack(unit.data, "history")

# %%
decision = history[0]
print(decision.shop)
table = pd.DataFrame(decision.candidates)
table["rows"] = table["right"].map(len)
table["shown"] = table.pop("right").map(lambda right: f"{right.mean():.2%}")
table["true"] = [f"{accuracy:.2%}" for accuracy in decision.accuracy]
table["profit"] = decision.profits.round()
table

# %% [markdown]
# ### What the usual rules lose
# Five rules that people defend in meetings, and face value beside them, on all past decisions. `sure_of` cuts every gain
# over the current model by one standard error before it is priced: once by that of two models tested on different rows,
# once by that of the same rows. Each is a few lines; `rules??` in a cell of your own shows them.

# %%
usual = {
    "best accuracy": rules.best_accuracy,
    "cheapest": rules.cheapest,
    "cheapest above 95 %": rules.good_enough,
    "a standard error less, unpaired": rules.sure_of(paired=False),
    "a standard error less, paired": rules.sure_of(paired=True),
    "face value": rules.face_value,
}
euros = pd.Series({name: rules.lost(history, rule) for name, rule in usual.items()}, name="€ lost a decision, a month")
pd.DataFrame({euros.name: euros.round(1), "% of face value": (100 * euros / euros["face value"]).round()})

# %% [markdown]
# The leaderboard's rule buys points that nobody needs, and makes shoppers wait for them; the miser's saves machines and
# loses sales. Caution without pairing loses about twice as much as face value, because it throws away gains that were
# really there: candidates miss the same hard rows, and the unpaired formula takes that agreement for noise. With the right
# standard error, caution is about as good as face value, and that is all: it cuts every gain that it doubts, and never
# asks what gains of that recipe usually were. So look at what came true.
#
# ### What came true
# Each mark is a candidate of a past decision: how much better than the current model the test set said it was, and how
# much better it was.

# %%
import matplotlib.pyplot as plt

shown = {recipe: [] for recipe in world.RECIPES}
for decision in history:
    now = next(i for i, c in enumerate(decision.candidates) if c["recipe"] == "current")
    tested = np.array([c["right"].mean() for c in decision.candidates])
    for i, candidate in enumerate(decision.candidates):
        if i != now:
            gains = 100 * (tested[i] - tested[now]), 100 * (decision.accuracy[i] - decision.accuracy[now])
            shown[candidate["recipe"]].append((*gains, len(candidate["right"])))

figure, axes = plt.subplots(1, 5, figsize=(13, 3.4), sharex=True, sharey=True)
for axis, (recipe, marks) in zip(axes, shown.items(), strict=True):
    test, true, rows = np.array(marks).T
    axis.axline((0, 0), slope=1, color="black", linestyle=":", label="face value")
    for some, mark, line, name in [
        (rows < 300, "x", "--", "under 300 rows"),
        (rows > 1000, ".", "-", "over 1,000 rows"),
    ]:
        axis.plot(
            test[some], true[some], mark, markersize=3, alpha=0.35, color="tab:red" if mark == "x" else "tab:blue"
        )
        ends = np.array([-3, 4])
        axis.plot(ends, np.polyval(np.polyfit(test[some], true[some], 1), ends), line, color="black", label=name)
    axis.set(title=recipe, xlim=(-3, 4), ylim=(-2.5, 3), xlabel="gain shown, points")
axes[0].set_ylabel("gain that came true, points")
axes[0].legend(fontsize=8, loc="upper left")
figure.tight_layout()
plt.show()

# %% [markdown]
# *In the picture:* one panel for each recipe, shown gain across, true gain upwards. Crosses are tests on fewer than 300
# rows with the dashed line fitted to them, dots are tests on more than 1,000 rows with the solid line; the dotted diagonal
# is face value. Nearly all lines are flatter than the diagonal, the dashed ones flatter still: a point shown is a fraction
# of a point gained, and the fraction depends on the recipe *and* on the rows. Where a line stands at a shown gain of zero
# you read what a recipe gains when its test says "no difference". (Another term, another world: other recipes may be the
# good ones.)
#
# How noisy a gain is depends on one more thing. Here is on how many rows candidates disagree with the current model, and
# what that makes of a standard error on 400 rows.

# %%
noise = []
for decision in history:
    current = next(c for c in decision.candidates if c["recipe"] == "current")["right"]
    noise += [(c["recipe"], (c["right"] != current).mean(), c["right"].mean()) for c in decision.candidates]
noise = pd.DataFrame(noise, columns=["recipe", "disagree", "right"]).groupby("recipe").mean().loc[list(world.RECIPES)]
pd.DataFrame(
    {
        "rows on which they disagree, %": 100 * noise["disagree"],
        "standard error, same rows, points": 100 * (noise["disagree"] / 400) ** 0.5,
        "standard error, different rows, points": 100 * (2 * noise["right"] * (1 - noise["right"]) / 400) ** 0.5,
    }
).round(2)

# %% [markdown]
# ### The baseline
# The face-value rule, as a module: price every candidate in € a month, with its accuracy on the test set, and return the
# name of the one that earns the most. It goes through the same door as your policy. The first line of the cell is a
# magic that writes what follows to a file instead of running it; leave it where it is.

# %% solution="write-baseline"
# %%writefile baseline.py
### BEGIN SOLUTION
"""The candidate that would earn the most if tests were the truth."""


def profit(candidate, accuracy, shop):
    """€ a month: answers, sales less what waiting costs, less machines and people."""
    answers = accuracy * shop["right_eur"] + (1 - accuracy) * shop["wrong_eur"]
    sales = shop["sales_eur"] * (1 - shop["slowdown"] * candidate["latency_ms"] / 100)
    serving = candidate["replicas"] * candidate["replica_eur"] + candidate["upkeep_eur"]
    return shop["searches"] * (answers + sales) - serving


def choose(candidates, shop):
    """The name of the candidate to serve."""
    return max(candidates, key=lambda candidate: profit(candidate, candidate["right"].mean(), shop))["name"]


### END SOLUTION

# %%
unit.check("baseline")

# %% test="baseline"
unit.grade("baseline")

# %% [markdown]
# ### What the past teaches
# Whatever your policy should know about recipes: work it out from `history` here, and save it as `gains.json`, so that
# `policy.py` holds no number that somebody copied by hand. (If your policy needs no such file, leave this cell empty.)

# %% solution="learn-gains"
### BEGIN SOLUTION
# How much true gains vary is known without any noise: the shadow runs gave the truth. So the mean and the variance of
# each recipe's true gains are all that is needed; how noisy a *shown* gain is, each decision's own rows will say.
import json

true_gains = {recipe: [] for recipe in world.RECIPES}
for past in history:
    recipes = [candidate["recipe"] for candidate in past.candidates]
    for recipe, gain in zip(recipes, past.accuracy - past.accuracy[recipes.index("current")], strict=True):
        if recipe != "current":
            true_gains[recipe].append(gain)
learned = {recipe: [float(np.mean(gains)), float(np.var(gains))] for recipe, gains in true_gains.items()}
with open("gains.json", "w", encoding="utf-8") as file:
    json.dump(learned, file)
### END SOLUTION

# %% [markdown]
# ### Your policy

# %% solution="write-policy"
# %%writefile policy.py
### BEGIN SOLUTION
"""Which candidate should serve a shop: the one that can be expected to earn the most.

A gain over the current model that a test shows is believed as far as gains of its recipe came true and as far as this
test can tell: the mean of a normal distribution, given a noisy look at it. Noise is that of a difference on the same
rows (McNemar, 1947): only rows on which the two models disagree add to it. What is expected of each candidate stays
fair however many there are, so the luckiest of many runs needs no further correction (Dawid, 1994).
"""

import json
from pathlib import Path

import numpy as np

# recipe -> mean and variance of the gains that came true, in shares of rows
GAINS = json.loads(Path(__file__).with_name("gains.json").read_text(encoding="utf-8"))


def expected_gains(candidates):
    """Gain in accuracy to be expected of each candidate over the current model."""
    right = np.array([candidate["right"] for candidate in candidates])
    current = right[[candidate["recipe"] for candidate in candidates].index("current")]
    rows = len(current)
    shown = (right.sum(axis=1) - current.sum()) / rows
    disagree = (right != current).sum(axis=1) / rows
    # One more row's worth of doubt: two models that agree on 50 rows may differ on the 51st.
    noise = (disagree - shown**2 + 1 / rows) / rows
    mean, variance = np.array([GAINS.get(candidate["recipe"], (0.0, 0.0)) for candidate in candidates]).T
    return mean + variance / (variance + noise) * (shown - mean)


def profit(candidate, gain, shop):
    """€ a month more than a free, instant model as accurate as the current one."""
    answers = gain * (shop["right_eur"] - shop["wrong_eur"])
    waiting = shop["sales_eur"] * shop["slowdown"] * candidate["latency_ms"] / 100
    serving = candidate["replicas"] * candidate["replica_eur"] + candidate["upkeep_eur"]
    return shop["searches"] * (answers - waiting) - serving


def choose(candidates, shop):
    """The name of the candidate to serve."""
    gains = expected_gains(candidates).tolist()
    earned = [profit(candidate, gain, shop) for candidate, gain in zip(candidates, gains, strict=True)]
    return candidates[earned.index(max(earned))]["name"]


### END SOLUTION

# %% [markdown]
# The same module as production will load it, to try here. These are decisions that it may have learned from, so what it
# loses here flatters it; the check below takes others.

# %%
policy = unit.load("policy.py")
if hasattr(policy, "choose"):
    print(f"{rules.lost(history, policy.choose):.1f} € lost a decision, at face value {euros['face value']:.1f} €")

# %% [markdown]
# ## 5. Ship check
# Everything that can be measured here, on the public hold-out: 1,000 decisions that are not in `history`. Run it as often
# as you like. One of them candidate by candidate, put to your policy exactly as the check does it: `unit.replay(0)` in a
# cell of your own, up to `unit.replay(999)`.

# %%
unit.check()

# %% [markdown]
# The cells below are what gets graded, a clause each. Here they measure on the public hold-out; at grading, on decisions
# that nobody has seen, among them sorts that are rare here and that the brief has told you of.

# %% test="interface"
unit.grade("interface")

# %% test="untouched"
unit.grade("untouched")

# %% test="quality"
unit.grade("quality")

# %% test="throughput"
unit.grade("throughput")

# %% test="size"
unit.grade("size")

# %% test="small_shops"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("small_shops")
### END HIDDEN TESTS

# %% test="tiny_tests"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("tiny_tests")
### END HIDDEN TESTS

# %% test="rich_tests"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("rich_tests")
### END HIDDEN TESTS

# %% test="many_candidates"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("many_candidates")
### END HIDDEN TESTS

# %% [markdown]
# ### Where this comes from
# - McNemar (1947), "Note on the sampling error of the difference between correlated proportions or percentages": only rows on
#   which two models disagree say which is better.
# - James and Stein (1961), "Estimation with quadratic loss", and Efron and Morris (1975), "Data analysis using Stein's estimator
#   and its generalizations": many noisy gains are better estimated together, each drawn towards the mean of its kind.
# - Dawid (1994), "Selection paradoxes of Bayesian inference": what is expected of the best of many needs no further correction.
