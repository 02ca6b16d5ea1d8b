# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A search with a bill
#
# *Unit f04. One sitting: 60 to 120 minutes. You ship a Python module, `search.py`, that decides each evening which networks
# are trained a little further that night, and in the end which one is the best, in a lab that bills every step.*
#
# [Brief](#1.-Brief) · [Design memo](#2.-Design-memo) · [Estimates](#3.-Estimates) · [Build](#4.-Build) ·
# [Ship check](#5.-Ship-check)
#
# Run the next cell first, and again whenever the kernel was restarted: what you saved to files is still there. Each step
# has a check, which says what was measured and what was asked. Stuck? Type `unit.hint()` into a cell of your own.

# %% locked="setup"
import course

unit = course.unit("f04-search-budget", needs="0.1.0")

# %% [markdown]
# ## 1. Brief
#
# > They searched with 450 GPUs for a week. You have three thousand euros. Find us a network.
#
# "They" are the authors of a paper on architecture search that somebody left on the printer. Its result can't be bought with
# three thousand euros. What can? Ask.
#
# | You ask | They say |
# |---|---|
# | Who needs networks? | We do quality control for small factories: cracked tiles, wrong labels, a bottle without a cap. Every customer has other images and gets a network of their own. 40 customers a month. |
# | Where do the candidates come from? | A generator writes 48 to 72 configurations for each customer: kind of model, layers, rates, penalties. We used to choose among them by looking. Then we checked how often we were right, and stopped looking. |
# | Where are they trained? | In a rented lab that bills every training step. A step costs between one and some thirty euros, depending on the configuration; €8 on average. To the end it is 60 steps. |
# | What do we see? | After each step the error on the customer's validation set: 1,000 to 4,000 images, for some customers a hundred. |
# | What if we stop one early? | The lab keeps its weights. You can go on with it any night, from where it stopped. |
# | What do you do today? | We go through the list and train each to the end until the money is out. That gets us through eight or nine of sixty. Somebody proposes to shuffle the list first. |
# | Then why not look at all of them for a step or two, and go on with the best? | We tried. In March the network that won in the end had been number 31 of 50 after the second step. Some start slowly; those with small rates mostly, but you don't see the rates. |
# | Does training fail? | Now and then the numbers overflow. Then the error is NaN for good, and the step is billed all the same. |
# | What is the bill? | It is agreed with the customer: usually 10 to 18 % of what training everything would cost, €1,700 to €7,900, sometimes half of that. The lab refuses a night that would go beyond it, and closes the account. |
# | How long may it take? | The lab works at night. What you ask for in one evening is trained side by side and is there the next morning. Customers are promised two weeks: 14 nights, on average. After 60 nights the lab closes, whatever happened. |
# | Who waits for your code? | At six in the evening all searches are planned in one process, before the lab's night tariff is assigned. Two and a half times what a straight line through every curve takes in plain Python is fine; optimisers that take a second for each search are not. |
# | What is a bad choice worth? | The customer pays for each wrong image. A network with 5 % errors where 4 % could be had makes a fifth of its errors for nothing. |
#
# So nobody asks you to train anything well. You are asked **what to find out next, and what it may cost**, some ten times in a
# row, and to notice when what you know is not yet worth believing. Here is the contract.

# %%
unit.contract()

# %% [markdown]
# `search.py` defines two functions. Both take a `lab`, a dict that says everything there is to know on that evening:
#
# | Key | is |
# |---|---|
# | `prices` | a list of whole numbers: € for one step of each configuration. A configuration is known by its place in this list |
# | `steps` | 60: steps of a whole training |
# | `bill`, `spent` | €: what may be spent, and what has been; whole numbers |
# | `night` | how many nights there have been: 0 on the first evening |
# | `curves` | a list for each configuration: the errors after each step that it was trained so far, between 0 and 1; NaN from the step on in which it diverged; empty for one that was not trained |
#
# - `plan(lab)` returns what is to be trained tonight: a list of `[configuration, steps]`, each configuration at most once,
#   both whole numbers, at least one step. It means *so many more steps*; the lab stops at the 60th and bills what it trained.
#   An empty list ends the search, and a search must end itself. A night that costs more than what is left of the bill is
#   refused as a whole, and that ends the search too.
# - `pick(lab)` is asked once, when the search has ended, however it did, and returns the number of the configuration that
#   is named. It must not be one that has diverged while another is known that has not. It need not have been trained to the end.
#
# Both depend on `lab` alone: the same in every process and in any order of labs, and they leave what they are given as it
# is. A `lab` may have one configuration only, or no money in it. `search.py` must stand alone: it imports what it needs,
# and may read one further file that you ship beside it, `learned.json`.
#
# *Regret* is the share of the named network's errors that the best configuration of the lab would not make, both trained to
# the end, on new images: (its error - best error) / its error, averaged over labs. It is shown in percent of the regret of
# *random search*: train to the end in random order while the bill lasts, and name the one with the lowest last five errors.
# 100 % is what shuffling the list gets. *A line through every curve* is a least-squares line in logarithms, in plain
# Python loops. What is timed are nights of your own searches, planned once more in any order: with the same plans.

# %% [markdown]
# ## 2. Design memo
#
# Before you build: write down what you would do and why, for a colleague who has read the brief and nothing else. One
# page (at most 900 words). It is marked by hand against this rubric, and you can mark yourself with it first.
#
# | | Points | Full points if the memo ... |
# |---|---|---|
# | Goal and users | 2 | says who pays for a search and who for a bad choice (1), and what is *not* asked for (1) |
# | Constraints | 3 | turns the brief into numbers: how many trainings the bill is (½), what a look at everything costs (1), how many decisions the nights allow (½); says which one shapes the design (1) |
# | Data | 3 | says what a curve shows early (½) and what it hides: noise, with a number (1), slow starters (½), divergence (½), prices (½) |
# | Metric | 2 | defines regret on new data (1), against a yardstick (½), over many labs (½) |
# | Baseline | 2 | names list order and random order (1), and why they come to the same (1) |
# | Serving | 3 | argues for one design (1) against two others (1), and says what happens at the edge of the bill (½) and after a restart (½) |
# | Monitoring | 2 | says how one would learn that choices have become worse (1), and one thing that shows it from the searches of each day alone (1) |
# | What could go wrong | 3 | names three failures particular to such searches (1½), and what is done about each (1½) |

# %% [markdown] memo="memo" points=20
# ### BEGIN SOLUTION
# **Goal and users.** The customer pays for steps and, later, for every wrong image; the factory wants a network in two
# weeks. Not asked for: the best network there is, or a good curve for each.
#
# **Constraints.** 60 configurations × 60 steps × €8 is €29,000; the bill is 10 to 18 % of that, eight or nine trainings. One
# step for everything costs 1.7 %: looking is cheap, believing is dear. 14 nights allow ten rounds, so each cut can be gentle.
# The bill shapes the design; nights forbid one decision at a time.
#
# **Data.** An error of 10 % has a standard deviation of 0.7 points on 2,000 images, 3 on 100: more than what separates the good.
# In past labs the order after step 2 correlates with the last by a quarter only; one winner in ten began behind
# 39 others. One in twenty diverges. Dear configurations are large; they win more often, but not per euro.
#
# **Metric.** Avoidable share of the named network's errors on new images, over hundreds of labs, against random search in the
# same labs. Beside it: overdrawn bills, nights, time.
#
# **Baseline.** The list in order. Its order means nothing, so shuffling changes nothing: both get the best of eight.
#
# **Serving.** Halving with a factor of 1.5: one step for all; then each night an equal share of what is left for those that
# promise most. Promise is the mean of recent errors plus 40 % of what a line in logarithms adds. Against a factor of
# three: fewer nights, but two thirds are dropped after one look, slow starters first. Against a bandit or Bayesian optimisation, a
# step at a time: sharper per euro perhaps, but hundreds of nights, and a model of curves that must be right. All state is in
# the lab, so a restart loses nothing; a night is added up before it is asked for.
#
# **Monitoring.** Once a month one lab is trained to the end: its regret is the truth. Daily: share of the bill left over, nights,
# NaN by customer, rank correlation between rounds.
#
# **What could go wrong.** A schedule that drops the rate at step 50 turns curves over at the end: the last round keeps
# several. Winner's curse: means of five errors are compared, and the customer is told the error on new images.
# Validation images of one shift only: all curves are wrong together, so split by day.
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
# Six numbers, on the back of an envelope. For the last four: a lab with 48 configurations, each at €9 a step, 60 steps to the
# end, a bill of €3,000.
#
# - `gpu_years`: how many GPU-years are 450 GPUs for 7 days?
# - `growth`: between AlexNet and AlphaGo Zero lie 63 months, in which the compute of the largest training runs doubled every
#   3.5 months. By what factor did it grow?
# - `to_the_end`: how many configurations does the bill train to the end?
# - `chance_percent`: five are trained to the end, drawn at random. How likely is it, in %, that one of the best three of the
#   48 is among them?
# - `halving_eur`: instead, all 48 are trained to step 2, the best 16 of them to step 6, the best 5 to step 20, and the
#   best 2 to step 60, each going on from where it stopped. What is the bill, in €?
# - `noise_points`: a network errs on 10 % of all images. What is the standard deviation of its error on 500 images, in
#   points (hundredths)?

# %% solution="answer-estimates"
gpu_years = None
growth = None
to_the_end = None
chance_percent = None
halving_eur = None
noise_points = None
### BEGIN SOLUTION
from math import comb

gpu_years = 450 * 7 / 365
growth = 2 ** (63 / 3.5)
to_the_end = 3_000 // (60 * 9)
chance_percent = 100 * (1 - comb(45, 5) / comb(48, 5))
halving_eur = 9 * (48 * 2 + 16 * (6 - 2) + 5 * (20 - 6) + 2 * (60 - 20))
noise_points = 100 * (0.1 * 0.9 / 500) ** 0.5
### END SOLUTION
unit.answer(
    gpu_years=gpu_years,
    growth=growth,
    to_the_end=to_the_end,
    chance_percent=chance_percent,
    halving_eur=halving_eur,
    noise_points=noise_points,
)

# %%
unit.check("estimates")

# %% test="estimates"
unit.grade("estimates")

# %% [markdown]
# The second number is why the printer's paper exists; the fourth is what a budget that has not grown by that factor buys, if it
# is spent in the order of the list. The fifth costs less than the third, and has *looked at everything*. What it risks
# is hidden in the word "best": best so far.

# %% [markdown]
# ## 4. Build
#
# ### Look first
# Sixty labs of past customers who paid for everything: every configuration was trained to the end. The curves come from real
# training runs of scikit-learn models on real data (digits, hourly weather, flights, diamonds), which were bent: some slower, some
# ending higher or lower, and each customer has another validation set.

# %% locked="data"
import numpy as np

from course.units.f04_search_budget import world

past = world.unpacked(unit.data, "history")

# %%
import matplotlib.pyplot as plt

lab = past[0]
steps = np.arange(1, world.STEPS + 1)
order = np.argsort(lab.final)
print(f"{len(lab.prices)} configurations, €{lab.prices.min()} to €{lab.prices.max()} a step, bill €{lab.bill:,}")
print(f"training everything would cost €{lab.prices.sum() * world.STEPS:,}; expected regret at random {lab.random:.0%}")

figure, axes = plt.subplots(1, 2, figsize=(11, 3.8))
for number in order[::-1]:
    axes[0].plot(steps, 100 * lab.shown[number], color="0.8", linewidth=0.8)
for number, style in zip(order[:3], ("-", "--", ":"), strict=True):
    axes[0].plot(steps, 100 * lab.shown[number], "k", linestyle=style, label=f"ends with {lab.final[number]:.1%}")
axes[0].set(xscale="log", yscale="log", xlabel="step", ylabel="error, %", title="One lab: the best three, and the rest")
axes[0].set_yticks([2, 5, 10, 20, 50], ["2", "5", "10", "20", "50"])
axes[0].legend()
ranks = []
for one in past:
    there = np.where(np.isnan(one.shown), 9, one.shown)
    ranks.append([(there[:, k] < there[one.final.argmin(), k]).sum() / len(there) for k in range(world.STEPS)])
for part, style in ((0.5, "-"), (0.75, "--"), (0.9, ":")):
    axes[1].plot(
        steps, 100 * np.quantile(ranks, part, axis=0), "k", linestyle=style, label=f"in {part:.0%} of labs below"
    )
axes[1].set(
    xscale="log", xlabel="step", ylabel="% of configurations that lead it", title="Where the winner was", ylim=(0, None)
)
axes[1].legend()
for axis in axes:
    axis.set_xticks([1, 2, 5, 10, 20, 60], ["1", "2", "5", "10", "20", "60"])
    axis.minorticks_off()
figure.tight_layout()
plt.show()

# %% [markdown]
# On the left the black lines win in the end; see where they were in the first steps, among grey ones that fall quickly and
# then stay. On the right the same for sixty labs: who wins in the end, and what share of configurations was ahead of it
# after so many steps. The solid line falls early, so in half of the labs the winner is among the leaders soon. The
# dotted line is why you can't cut hard: in one lab of ten it takes until far to the right. *How long must the field stay
# wide* is the whole problem, and every step of width is billed.
#
# ### The baseline
# What is done today: on the first evening, go through the list and ask for each to be trained to the end, as long as the
# bill covers it; then end. Name the one whose last error is the lowest.
#
# Each cell of this kind begins with `%%writefile`: it saves the rest of the cell as a file and runs nothing. The file is
# called in a process of its own that knows nothing of this notebook.


# %% solution="write-baseline"
# %%writefile baseline.py
### BEGIN SOLUTION
def plan(lab):
    if lab["night"] > 0:
        return []
    left, requests = lab["bill"], []
    for number, price in enumerate(lab["prices"]):
        if lab["steps"] * price > left:
            break
        requests.append([number, lab["steps"]])
        left -= lab["steps"] * price
    return requests


def pick(lab):
    trained = [number for number, curve in enumerate(lab["curves"]) if curve and curve[-1] == curve[-1]]
    return min(trained, key=lambda number: lab["curves"][number][-1], default=0)


### END SOLUTION

# %%
unit.check("baseline")

# %% test="baseline"
unit.grade("baseline")

# %% [markdown]
# `world.search(lab, plan, pick)` plays a whole search here, with functions that are at hand: it returns the number that was named
# and the `Session`, which has `spent`, `nights`, `refused` and the steps that each was trained, `done`. The picture shows where
# a search's money went: a row for each configuration, best on top, and how far it was trained.


# %%
def regret(module, labs):
    """Regret in percent of random search's, over some labs."""
    lost = [one.regrets[world.search(one, module.plan, module.pick)[0]] for one in labs]
    return 100 * np.mean(lost) / np.mean([one.random for one in labs])


def draw(files, lab):
    """How far each configuration was trained in one lab, for several searches (name -> file)."""
    figure, axes = plt.subplots(1, len(files), figsize=(5.5 * len(files), 4.2), sharey=True, squeeze=False)
    order = np.argsort(lab.final)
    for axis, (name, file) in zip(axes[0], files.items(), strict=True):
        module = unit.load(file)
        axis.set(title=f"{name}: nothing to draw yet", xlabel="steps", xlim=(0, world.STEPS))
        if not (hasattr(module, "plan") and hasattr(module, "pick")):
            axis.set_axis_off()
            continue
        named, session = world.search(lab, module.plan, module.pick)
        done = np.array(session.done)[order]
        axis.barh(np.arange(len(order)), done, color="0.6")
        place = int(np.flatnonzero(order == named)[0])
        axis.barh(place, done[place], color="black")
        axis.annotate("named", (done[place], place), xytext=(4, 0), textcoords="offset points", va="center")
        axis.set_title(f"{name}: regret {lab.regrets[named]:.0%}, €{session.spent:,}, nights: {session.nights}")
    axes[0][0].set_ylabel("configurations, the best on top")
    axes[0][0].invert_yaxis()
    figure.tight_layout()
    plt.show()


draw({"in order": "baseline.py"}, past[0])

# %% [markdown]
# A handful of full bars at random heights: a few configurations known to the last digit, and nothing known about fifty.
#
# ### Your search
# Three ideas from the literature, and what to ask of each before you use it:
#
# - **Successive halving** (Karnin and others, 2013; Jamieson and Talwalkar, 2016): a little for all, more for the better part, and so on. How
#   large is the part that goes on? The theory says "it hardly matters". Try it.
# - **Hyperband** (Li and others, 2017): several of those, from timid to bold, because nobody knows how early is too early. It pays
#   for the bad ones as well.
# - **Extrapolation** (Domhan and others, 2015): compare not where curves are but where they will be. A line in logarithms
#   is quick to compute. Is it right? You have sixty labs to find out by how much it exaggerates.
#
# Write `search.py`, and try variants on past labs with `regret(unit.load("search.py"), past)` before you believe one.
# Sixty labs are few: differences of some points are luck.

# %% solution="write-search"
# %%writefile search.py
### BEGIN SOLUTION
"""Which network to train on, and which to name: gentle halving, and a share of what each curve still promises."""

import math

GROWTH = 1.5  # steps of a configuration, from one night to the next
TRUST = 0.4  # of what a line through the curve promises, this share is believed


def mean(values):
    return sum(values) / len(values)


def alive(curve):
    """Whether anything is known about it, and it has not diverged."""
    return bool(curve) and not math.isnan(curve[-1])


def promise(curve, steps):
    """The logarithm of the error that is expected at the end."""
    count = len(curve)
    late = curve[-max(1, count // 4) :]
    now, when = math.log(max(mean(late), 1e-4)), math.log(count - (len(late) - 1) / 2)
    if count < 3:
        return now
    early = curve[: count // 2]
    slope = (now - math.log(max(mean(early), 1e-4))) / (when - math.log((1 + len(early)) / 2))
    return now + TRUST * slope * (math.log(steps) - when)


def plan(lab):
    """The next round: a little further with the most promising, for an equal share of what is left."""
    curves, prices, steps = lab["curves"], lab["prices"], lab["steps"]
    left, longest = lab["bill"] - lab["spent"], max(map(len, curves))
    if longest == steps:
        return []
    if longest == 0:
        goal, purse, order = 1, left, range(len(curves))
    else:
        goal = math.ceil(GROWTH * longest)
        rounds = math.ceil(math.log(steps / longest) / math.log(GROWTH))
        if goal > 0.8 * steps:  # the last round
            goal, rounds = steps, 1
        purse = left / rounds
        order = [k for k, curve in enumerate(curves) if alive(curve)]
        order.sort(key=lambda k: promise(curves[k], steps))
    requests = []
    for k in order:
        cost = (goal - len(curves[k])) * prices[k]
        if cost <= purse or (cost <= left and not requests):
            requests.append([k, goal - len(curves[k])])
            purse, left = purse - cost, left - cost
    return requests


def pick(lab):
    """Of those that were trained longest, the one with the lowest errors in the end."""
    curves = lab["curves"]
    known = [k for k, curve in enumerate(curves) if alive(curve)]
    if not known:
        return 0
    longest = max(len(curves[k]) for k in known)
    return min((k for k in known if 2 * len(curves[k]) >= longest), key=lambda k: mean(curves[k][-5:]))


### END SOLUTION

# %% [markdown]
# The same lab again. Of a good search you should see that everything has been looked at; that most bars are stubs; that the
# longer they are the fewer they are, and the nearer to the top; and that two or three reach the end.

# %%
draw({"in order": "baseline.py", "your search": "search.py"}, past[0])
if hasattr(unit.load("search.py"), "plan"):
    print(f"regret on past labs: {regret(unit.load('search.py'), past):.0f} % of random search's")

# %% [markdown]
# ## 5. Ship check
# Everything that can be measured here, on 120 other labs. Run it as often as you like. `unit.replay(0)` in a cell of your
# own shows one of these searches night by night, up to `unit.replay(119)`.

# %%
unit.check()

# %% [markdown]
# The cells below are what gets graded, a clause each. Here they measure on the public labs; at grading, on labs of other
# customers, together with checks of the kinds of customers that the brief calls unusual.

# %% test="interface"
unit.grade("interface")

# %% test="untouched"
unit.grade("untouched")

# %% test="quality"
unit.grade("quality")

# %% test="bill"
unit.grade("bill")

# %% test="nights"
unit.grade("nights")

# %% test="throughput"
unit.grade("throughput")

# %% test="slow"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("slow")
### END HIDDEN TESTS

# %% test="noisy"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("noisy")
### END HIDDEN TESTS

# %% test="crashes"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("crashes")
### END HIDDEN TESTS

# %% test="tight"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("tight")
### END HIDDEN TESTS

# %% [markdown]
# ### Where this comes from
# - Real, Aggarwal, Huang and Le (2019), "Regularized evolution for image classifier architecture search": the 450 GPUs for a week.
# - Amodei and Hernandez (2018), "AI and compute": the doubling every 3.5 months.
# - Karnin, Koren and Somekh (2013), "Almost optimal exploration in multi-armed bandits", and Jamieson and Talwalkar (2016),
#   "Non-stochastic best arm identification and hyperparameter optimization": successive halving.
# - Domhan, Springenberg and Hutter (2015), "Speeding up automatic hyperparameter optimization of deep neural networks by
#   extrapolation of learning curves"; Li and others (2018), "Hyperband: a novel bandit-based approach to hyperparameter
#   optimization", for when to give up early and when not.
