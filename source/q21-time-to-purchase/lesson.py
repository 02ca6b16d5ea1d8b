# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Time to purchase
#
# *Unit q21. One sitting: 100 to 120 minutes. You ship a file, `nudge.py`, that reads a shop's log and then says each Monday which of three nudges,
# or none, every customer gets. A hidden experiment measures in shops you have not seen how many days sooner they buy something they keep, and what that costs.*
#
# [Brief](#1.-Brief) · [Design memo](#2.-Design-memo) · [Estimates](#3.-Estimates) · [Build](#4.-Build) ·
# [Ship check](#5.-Ship-check)
#
# Run the next cell first, and again whenever the kernel was restarted: what you saved to files is still there. Each step
# has a check, which says what was measured and what was asked. Stuck? Type `unit.hint()` into a cell of your own.

# %% locked="setup"
import course

unit = course.unit("q21-time-to-purchase", needs="0.1.0")

# %% [markdown]
# ## 1. Brief
#
# > Our customers take too long to buy again. Can you shorten that?
#
# *Full Bowl* posts food for cats and dogs. If the animal won't eat it, the parcel may come back, opened, money returned. In spring a new head of sales
# put one number on the wall: *days to the next purchase*. Vouchers went out by the thousand, the number fell by three days, and in June the warehouse in
# Breda ran out of shelves: they were full of tins that cats had looked at once.
#
# Maud Okafor runs the mailings. Jip is her team: he writes to customers, and he is good at it, he says.
#
# | You ask | She says |
# |---|---|
# | What can we send? | A *reminder*: one line, the bowl is nearly empty. *Advice*: a dietician looks at what the animal gets and writes. A *voucher*: a share off the next basket, whatever is in it. |
# | What do they cost? | The table under *Look first* has this term's prices. A voucher costs nothing until it's used, and then its share of the basket. It's used by everybody who buys in that week. |
# | When? | Every Monday, for six weeks, to anybody who has not bought since the season began. After the first purchase a customer is left alone. |
# | How often? | The table says how many nudges a customer may get in a season. What's asked beyond that is not sent, and I'll hear about it. |
# | How long does it work? | A week. By the next Monday a mail is forgotten. A second one, and each after it, does some six tenths of the good that the first did, and all of the harm. |
# | Does it ever hurt? | Some people buy later when we write to them. Ask my sister. |
# | How were they chosen so far? | Jip looks at the basket page. Who left it full on Sunday gets a mail on Monday, and see, they buy! He also writes to some that he has not seen for long. |
# | Is the basket page in the log? | No. It is gone on Tuesday. |
# | Was anything ever drawn by lot? | One row in five. Legal made us. 31 % of those got nothing, 23 % each of the nudges. They are marked. |
# | How many customers? | Each of our shops has its own customers, its own log of 20,000 rows, and moves to its own tune: what works in Ghent fails in Aarhus. So don't bring me a model, bring me something that learns one. |
# | What do you want to see? | Days to a purchase that *stays*. If it comes back it was none: count it as six weeks. |
# | And returns? | No more per purchase than if we kept our mouths shut. That's not for trading. Least of all from those who send back a lot already. |
# | New customers? | One order or two: their rhythm is a guess. They count like everybody, and I look at them apart. |
# | What limits are there? | 1.15 nudges a customer and 1.10 euros, taken over all. The model goes into a field of the mail program, 1,000 bytes. And a Monday has 600,000 customers: what you do for each has to be light. |
# | How will you know? | In six shops that you haven't seen we run a season with your nudges and one with none, and count. |
#
# Here is the contract.
#
# `nudge.py` defines two functions. Beside it may lie `rules.json`, a file of yours with this term's rules, which it can open by that name.
#
# - `learn(log)` gets a shop's log and returns `bytes`, the model. It is called once for each shop, in a process of its own. A log may be short;
#   a nudge may never have been drawn by lot in it, and nothing may have come back.
# - `choose(model, customers)` gets the model and the columns of any number of customers, none included, and returns an array of whole numbers from 0 (nothing) to 3, one
#   for each. Each Monday is a process of its own that knows what the model and the columns say. A customer gets the same alone as among others.
#
# Both give the same for the same, in every process, and leave what they are given as it is. Customers are a dict of float32 arrays:
#
# | Column | is |
# |---|---|
# | `since` | days since the last purchase |
# | `gap` | usual days between purchases |
# | `orders` | orders so far |
# | `visits` | visits to the site in the last week |
# | `opens` | share of our mails that were opened; NaN where her mail program doesn't tell |
# | `bargains` | share of orders with a voucher |
# | `novel` | share of orders with something not bought before |
# | `app` | 1 for those who order by telephone app |
# | `animals` | animals that are fed |
# | `basket` | usual basket, euros |
# | `sent_back` | share of orders sent back |
# | `nudged` | nudges in this season so far |
# | `left` | days left in the season: 42 on the first Monday, 7 on the last |
#
# A log has the same columns, as they were on a Monday on which someone was first considered (so `nudged` is 0 and `left` 42), and: `nudge`, what was sent; `by_lot`,
# True where that was drawn by lot; `bought`, whether within 42 days; `days`, when (1 to 42; 42 where not); `back`, whether it came back. Nobody in a log got a second nudge.
#
# A customer is **new** with one or two orders, and **picky** with `sent_back` of 0.2 or more.

# %%
unit.contract()

# %% [markdown]
# In the experiment all chances are drawn once, and played with your nudges and with none, so the difference is yours. Whether a parcel comes back is not drawn: its
# chance is counted. *The best* is a policy that knows how each nudge moves each customer in that shop (not whose basket is full); it is no limit,
# for it spends less than you may: about 0.7 nudges and 0.7 euros a customer, and it saves some two and a half days of 20.

# %% [markdown]
# ## 2. Design memo
#
# Before you build: write down what you would do and why, for a colleague who has read the brief and nothing else. One
# page, 900 words at most. It is marked by hand against this rubric, and you can mark yourself with it first.
#
# | | Points | Full points if the memo ... |
# |---|---|---|
# | Goal and users | 2 | says who gains by a sooner purchase (½), and who pays for one that comes back (½) or would have come anyway (1) |
# | Constraints | 3 | turns nudges, euros and returns into a price or a line for each nudge (2), and bytes into what a model may hold (1) |
# | Data | 3 | says why the team's rows mislead (1) and in which direction (½), and what the rows by lot can tell (½) and can't (1) |
# | Metric | 2 | counts days to a kept purchase against no nudge (1), with returns as a bound that is not traded (1) |
# | Baseline | 2 | names one nudge for all, or none (1), and what is wrong with it (1) |
# | Serving | 3 | argues for one way to estimate effects (½) and one rule to choose (½), against two others (2) |
# | Monitoring | 2 | keeps a share drawn by lot for ever (1), and says what is read from it (½) and when (½) |
# | What could go wrong | 3 | names three failures particular to nudging (1½), and what is done about each (1½) |

# %% [markdown] memo="memo" points=20
# ### BEGIN SOLUTION
# **Goal and users.** Animals don't run out of food, and the shop sells a little sooner: for that, people get mails. Customers pay for a wrong nudge with a parcel to
# pack up, the warehouse with shelves, Maud with a voucher for a purchase that was coming anyway. The last is invisible in her reports, where it looks like success.
#
# **Constraints.** About one nudge and one euro each, over six Mondays; so five customer-Mondays in six get nothing. A reminder costs five cents, advice the better part of
# two euros, a voucher 15 % of a 35-euro basket: 5.25 if used. At 30 % use that is 1.60 to send. I give each euro a price in days and each nudge a line; both are raised until the budgets hold
# with a quarter to spare. Returns are no budget to spend: a purchase that comes back counts as none, which makes vouchers for those who return dear by themselves. 1,000 bytes are 250 numbers.
#
# **Data.** Jip writes to full baskets. Whoever has one buys, written to or not; so in his rows nudges seem to add tens of points. He also writes to the lapsed, whom nothing moves, which hides effects
# that exist. No column holds the basket, so no model of his rows can take it out, and four times as many rows make the wrong answer more certain. By lot there are 4,000 rows, 920 a nudge: unbiased,
# and enough for a few numbers for each nudge, not for a forest. Measured over six weeks an effect of 1.6 days drowns in a spread of 16; the nudge acts within a week, and there the same
# effect is 8 points on 30 %: as sure as with three times the rows.
#
# **Metric.** Days to a purchase that is kept, 42 where there is none, against the same customers without a nudge. Bound: returns per purchase, all and picky customers, at most as without. Reported beside: nudges, euros, share of nudges that helped.
#
# **Baseline.** The nudge that did best by lot, to everybody until the cap. Advice usually: saves a day or so, costs three times the money.
#
# **Serving.** Two logistic regressions on the rows by lot: bought within the week; sent back, among those. Columns, and columns times nudge, with a ridge. Effect on a kept purchase x days it comes forward - euros - line; the largest wins,
# none if it's negative. Not an outcome model on all rows (full baskets). Not the most likely buyers (they buy anyway). Not a forest for each nudge: differences of four noisy surfaces are noise, and three quarters of a megabyte.
# Each Monday needs two matrix products.
#
# **Monitoring.** One customer in ten stays by lot for ever, with all arms. Weekly: kept purchases within seven days, policy against none, with an interval; returns against none, overall and picky; euros. Retrain each season; stop vouchers if
# the returns' interval lies above 1. Complaints and unsubscriptions, which no column has.
#
# **What could go wrong.** Purchases brought forward are missing later: look at kept purchases in twelve weeks too. People learn to wait for vouchers: watch full-price orders of those who got two. The lot isn't random (someone skips "good customers"): compare columns between arms before each training.
# New customers' rhythm is a guess, and "overdue" is wrong for them: judge them apart. Effects differ by shop: never carry a model across. The lot is cut because "it costs sales": it costs a tenth of two days, and without it nobody knows anything.
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
# - `error_days`: by lot 1,240 rows got nothing and 920 the advice. Days to a kept purchase have a standard deviation of 16 in both. What is the standard
#   error of the difference of the two means, in days?
# - `error_week`: in both groups about 30 % buy within a week and keep it. What is the standard error of the difference of the two shares, in percentage points?
# - `more_rows`: a nudge raises that share by 8 points, and each such purchase comes 20 days sooner, so days fall by 1.6 on average. How many times as many rows
#   does it take to be as certain by days as one is by the week?
# - `apparent`: 16 % of customers have a full basket. Of these 60 % buy in the week, of the others 15 %, and nudges do nothing at all. The team writes to 85 % of full
#   baskets and to 8 % of the others. By how many percentage points do those who were written to buy more often?
# - `voucher_euros`: a voucher takes 15 % off a basket of 35 euros. 20 % of a group would have bought that week; with the voucher 30 % do. How many euros of vouchers does each
#   *additional* purchase cost?
# - `fast_returns`: without a voucher a customer buys on day 20, and sends it back with 16 %. With it, on day 8, and 40 %. How many days to a kept purchase does it save?

# %% solution="answer-estimates"
error_days = None
error_week = None
more_rows = None
apparent = None
voucher_euros = None
fast_returns = None
### BEGIN SOLUTION
rows = (1 / 920 + 1 / 1240) ** 0.5
error_days = 16 * rows
error_week = 100 * (0.30 * 0.70) ** 0.5 * rows
more_rows = ((8 / error_week) / (1.6 / error_days)) ** 2
written, others = 0.85 * 0.16 + 0.08 * 0.84, 0.15 * 0.16 + 0.92 * 0.84
apparent = 100 * (0.60 - 0.15) * (0.85 * 0.16 / written - 0.15 * 0.16 / others)
voucher_euros = 0.30 * 0.15 * 35 / (0.30 - 0.20)
fast_returns = (0.84 * 20 + 0.16 * 42) - (0.60 * 8 + 0.40 * 42)
### END SOLUTION
unit.answer(
    error_days=error_days,
    error_week=error_week,
    more_rows=more_rows,
    apparent=apparent,
    voucher_euros=voucher_euros,
    fast_returns=fast_returns,
)

# %%
unit.check("estimates")

# %% test="estimates"
unit.grade("estimates")

# %% [markdown]
# The fourth is what Jip sees, of nudges that do nothing. The last is what the number on the wall did: twelve days by its own account, two by Maud's.

# %% [markdown]
# ## 4. Build
#
# ### Look first
# Three shops, with their logs. How long households wait between purchases of cat and dog food is real: it follows 5,756 waits of 462
# households in a grocer's records of one year (*The Complete Journey*, which 84.51° published; the R original is CC0; only quantiles are kept here). What is wrong with it: a
# grocer is no mail order, purchases elsewhere are not seen, and a household with fewer than five is not counted. Customers, columns and what moves them are simulated.

# %% locked="data"
import json

import numpy as np

from course.units.q21_time_to_purchase import picture, shops, world

some = shops(unit.data)
rules = some[0].rules
for number, name in enumerate(rules.names):
    print(f"{number} = {name:<9} {rules.euros[number]:.2f} euros to send")
print(f"A voucher takes {rules.off:.0%} off. A customer gets at most {rules.most} nudges in a season.")

# %%
log = some[0].log
drawn = log["by_lot"]
print(f"{len(drawn):,} rows, {drawn.sum():,} of them by lot")
for number, name in enumerate(rules.names):
    rows = [drawn & (log["nudge"] == number), ~drawn & (log["nudge"] == number)]
    week = [(log["bought"] & (log["days"] <= 7))[one].mean() for one in rows]
    back = [log["back"][one & log["bought"]].mean() for one in rows]
    print(
        f"{name:>9}: by lot {rows[0].sum():>5,} rows, {week[0]:3.0%} buy in a week, {back[0]:3.0%} of purchases come back; "
        f"the team {rows[1].sum():>6,} rows, {week[1]:3.0%}, {back[1]:3.0%}"
    )
for name in world.COLUMNS:
    print(f"{name:>9}:", *(f"{value:.4g}" for value in log[name][:8]))

# %%
picture.two_logs(some[0])

# %% [markdown]
# Grey and hatched: what the team's rows say. Dark: the lot, with 90 % intervals. By the team's rows whatever is sent brings the purchase days sooner. By lot it is one day or so, if
# any; and once it is asked what was kept, the voucher loses days. What is to be found is not *which nudge* but *which nudge for whom*: an average near nothing can be made of people whom
# it moves a lot and others whom it puts off.
#
# ### The baseline
# One nudge for all: of the three, the one that did best by lot (mean days to a kept purchase, 42 where there is none). Send it to everybody who has had fewer nudges than the
# rules allow. It breaks half the contract; it is where you start.
#
# `rules.json` is how this term's rules get into your module. The first cell writes it; nothing but your own code reads it.
#
# From here on you write *modules*. The cell below starts with `%%writefile baseline.py`: running it saves the rest of
# the cell as that file, and runs nothing. When it is called, it runs elsewhere, in a process that has never seen this
# notebook: so it brings its own imports, and no variable of the notebook exists there. That is what shipping means.

# %% locked="rules"
with open("rules.json", "w", encoding="utf-8") as file:
    json.dump(
        {
            "euros": rules.euros.tolist(),  # to send, by number
            "voucher": rules.voucher,  # its number
            "off": rules.off,  # share of the basket
            "most": rules.most,  # nudges a customer in a season
        },
        file,
    )

# %% solution="write-baseline"
# %%writefile baseline.py
### BEGIN SOLUTION
"""One nudge for all: the one that did best by lot."""

import json

import numpy as np

with open("rules.json", encoding="utf-8") as file:
    RULES = json.load(file)


def learn(log):
    kept = np.where(log["bought"] & ~log["back"], log["days"], 42)
    days = [kept[log["by_lot"] & (log["nudge"] == nudge)] for nudge in (1, 2, 3)]
    return bytes([1 + int(np.argmin([one.mean() if len(one) else 42 for one in days]))])


def choose(model, customers):
    return np.where(customers["nudged"] < RULES["most"], model[0], 0)


### END SOLUTION

# %%
unit.check("baseline")

# %% test="baseline"
unit.grade("baseline")

# %% [markdown]
# Who has a kept purchase by which day, and what it took:

# %%
picture.seasons(unit, some, {"one for all": "baseline.py"})

# %% [markdown]
# ### Your own
# Write `nudge.py`. Some things that are worth a thought before you begin:
#
# - Which rows may say what a nudge does? What are the others good for, if anything?
# - What do you predict: days, a purchase in the week, a *kept* purchase in the week? How sure can 920 rows make you of each?
# - How many numbers can you afford for each nudge?
# - On the last Monday a purchase can come six days sooner at most. The log has only first Mondays.
# - What does a voucher cost if she would have bought anyway?
# - Which line above nothing must a nudge clear, so that there is one for each customer on average, and not two?

# %% solution="write-nudge"
# %%writefile nudge.py
### BEGIN SOLUTION
"""Effects from the rows by lot, on the week that a nudge lasts; worth in days less euros, and a line."""

import json

import numpy as np

with open("rules.json", encoding="utf-8") as file:
    RULES = json.load(file)
#: Days that a nudge has to save; days that a euro is worth, and a return; what a second nudge keeps; the ridge.
LINE, EURO, RETURN, AGAIN, RIDGE = 1.4, 0.9, 8.0, 0.7, 4.0
#: Columns of `table`; of which an effect may depend on the first; columns of `plain`.
COLUMNS, MOVES, PLAIN = 12, 9, 15


def table(customers):
    """Float (n, 12): a one, and eleven columns about 0 in mean and 1 in spread; what isn't known is as usual."""
    c = {name: np.asarray(values, float) for name, values in customers.items()}
    columns = [
        (np.log((c["since"] + 3) / c["gap"]).clip(-2.5, 2) + 0.4) / 0.9,
        (np.log1p(c["visits"]) - 0.8) / 0.6,
        np.nan_to_num(c["opens"] - 0.44) / 0.24,
        (c["bargains"] - 0.33) / 0.22,
        (c["novel"] - 0.37) / 0.22,
        (c["app"] - 0.45) / 0.5,
        (np.log(c["animals"]) - 0.5) / 0.55,
        (np.log(c["basket"]) - 3.5) / 0.45,
        (c["sent_back"] - 0.12) / 0.11,
        np.log(c["gap"] / 28) / 0.6,
        (np.log(c["orders"]) - 1.5) / 0.9,
    ]
    return np.stack([np.ones(len(c["since"])), *columns], axis=1)


def plain(z):
    """What tells of a purchase without a nudge: the columns, and bends of how due it is."""
    due = z[:, 1:2]
    return np.concatenate([z, due**2, due**3, due * z[:, 10:11]], axis=1)


def logistic(bare, z, nudge, y):
    """Weights of a ridge regression: those of `bare`, then those of the first columns of z for each nudge."""
    x = np.concatenate([bare, *((nudge == k)[:, None] * z[:, :MOVES] for k in (1, 2, 3))], axis=1)
    ridge = np.full(x.shape[1], RIDGE)
    ridge[[0, *(bare.shape[1] + MOVES * k for k in range(3))]] = 0.3  # what moves everybody is nearly free
    w = np.zeros(x.shape[1])
    for _ in range(12):  # Newton's steps
        p = 1 / (1 + np.exp(-x @ w))
        w += np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x + np.diag(ridge), x.T @ (y - p) - ridge * w)
    return w


def learn(log):
    lot = log["by_lot"]
    log = {name: values[lot] for name, values in log.items()}
    z, nudge, week = table(log), log["nudge"], log["bought"] & (log["days"] <= 7)
    buys = logistic(plain(z), z, nudge, week)
    backs = logistic(z[week], z[week], nudge[week], log["back"][week])
    return np.concatenate([buys, backs]).astype(np.float32).tobytes()


def chances(bare, z, w, fade=1.0):
    """(n, 4): by nudge."""
    start = bare @ w[: bare.shape[1]]
    more = z[:, :MOVES] @ w[bare.shape[1] :].reshape(3, MOVES).T * fade
    return 1 / (1 + np.exp(-np.column_stack([start, start[:, None] + more])))


def choose(model, customers):
    w, z = np.frombuffer(model, np.float32).astype(float), table(customers)
    nudged, left = (np.asarray(customers[name], float)[:, None] for name in ("nudged", "left"))
    buy = chances(plain(z), z, w[: PLAIN + 3 * MOVES], np.where(nudged > 0, AGAIN, 1.0))
    back = buy * chances(z, z, w[PLAIN + 3 * MOVES :])
    keep = buy - back
    euros = np.tile(RULES["euros"], (len(z), 1))
    euros[:, RULES["voucher"]] += RULES["off"] * customers["basket"] * buy[:, RULES["voucher"]]
    # A purchase of this week comes before one that would come later: by some 60 % of the days that are left.
    worth = (keep - keep[:, :1]) * 0.6 * np.maximum(left - 4, 1) - EURO * euros - LINE
    worth -= RETURN * (back - buy * (back / buy)[:, :1])  # those that a nudge adds to what buyers send back anyway
    worth[:, 0] = 0
    worth[nudged[:, 0] >= RULES["most"], 1:] = -1
    return worth.argmax(axis=1)


### END SOLUTION

# %% [markdown]
# Both beside each other. `unit.replay(0)` shows your season of the first shop Monday by Monday, as it is judged.

# %%
picture.seasons(unit, some, {"one for all": "baseline.py", "your own": "nudge.py"})

# %% [markdown]
# ## 5. Ship check
# Everything that can be measured here, in a season of these three shops. Run it as often as you like.

# %%
unit.check()

# %% [markdown]
# The cells below are what gets graded, a clause each. Here they measure on the three shops; at grading on six others of the same rules, where other customers are
# moved by other nudges, together with checks of what the brief says about new customers, and about returns of those who send back a lot.

# %% test="interface"
unit.grade("interface")

# %% test="quality"
unit.grade("quality")

# %% test="returns"
unit.grade("returns")

# %% test="helped"
unit.grade("helped")

# %% test="nudges"
unit.grade("nudges")

# %% test="spend"
unit.grade("spend")

# %% test="throughput"
unit.grade("throughput")

# %% test="state"
unit.grade("state")

# %% test="capped"
unit.grade("capped")

# %% test="new"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("new")
### END HIDDEN TESTS

# %% test="picky"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("picky")
### END HIDDEN TESTS

# %% [markdown]
# ### Where this comes from
# - Donald Rubin (1974), *Estimating causal effects of treatments in randomized and nonrandomized studies*: what a nudge does is a difference of which one half is never seen.
# - Nicholas Radcliffe and Patrick Surry (1999), *Differential response analysis: modeling true responses by isolating the effect of a single action*: whom an
#   action moves, against who responds.
# - Victor Lo (2002), *The true lift model*: one regression with columns times treatment, as in the worked solution.
# - Sören Künzel, Jasjeet Sekhon, Peter Bickel and Bin Yu (2019), *Metalearners for estimating heterogeneous treatment effects using machine learning*: when a model
#   for each arm wastes the data.
# - Susan Athey, Raj Chetty, Guido Imbens and Hyunseung Kang (2019), *The surrogate index*: early outcomes in place of late ones, and what has to hold for it.
# - Ron Kohavi, Diane Tang and Ya Xu (2020), *Trustworthy Online Controlled Experiments*: guardrail metrics.
