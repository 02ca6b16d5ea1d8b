# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Real schools
#
# *Unit q13. One sitting: 90 to 120 minutes. You ship a file, `audit.py`, that looks at a directory of high schools, spends 300 credits on
# questions, and says two things: between which bounds the share of real schools lies, and which entries may go. It is measured on
# hundreds of audits whether the bounds hold as often as they promise, how narrow they are, and who was taken off by mistake.*
#
# [Brief](#1.-Brief) · [Design memo](#2.-Design-memo) · [Estimates](#3.-Estimates) · [Build](#4.-Build) ·
# [Ship check](#5.-Ship-check)
#
# Run the next cell first, and again whenever the kernel was restarted: what you saved to files is still there. Each step
# has a check, which says what was measured and what was asked. Stuck? Type `unit.hint()` into a cell of your own.

# %% locked="setup"
import course

unit = course.unit("q13-real-schools", needs="0.1.0")

# %% [markdown]
# ## 1. Brief
#
# > Which share of the high schools that people list is real?
#
# "Ninety-nine per cent", said the vice president, on a stage in Lisbon, because somebody had clicked through a hundred profiles and found one
# Hogwarts. A journalist then found the *Royal Atlantic College of Distinction*: a letter box, a price list, and eleven hundred graduates on
# the network. The week before, Solveig Aune had written by hand. Her school on an island has six pupils, it had been
# deleted as spam, and she would like it back, please, for she is its headmistress, and its caretaker.
#
# Leila Haddad owns the directory, one for each country. She has a budget, a deadline, and a dislike of percentages without a second number.
#
# | You ask | She says |
# |---|---|
# | Where do entries come from? | Whoever fills in a profile types a name. What is not there yet is there from then on. |
# | What is in there that is no school? | Jokes. Stubs: streets, firms, "aaa", a school's football club. And diploma mills, which take care to look like schools: a site, a place, alumni. |
# | How many are no school? | That is the question. In some countries one in 250 or fewer, in others nearly a third. We checked 24 countries to the last entry. Never again. |
# | Share of entries, or of schools? | Of schools. People spell. *St Mary's*, *Saint Marys*, *SMHS*: the matcher gives all three one number, and each number counts **once**. |
# | Who checks? | Bram's desk: a search on the web, a look at the ministry's list. One credit for a school, whatever its spellings. What they say is right. |
# | Do they always find out? | No. Then they say *can't tell*. Seldom for an ordinary school; often for what is made to look like one. In a third of the countries Bram is short of hands, and can't tell two to three times as often. |
# | And then? | Then Yusra phones the education authority. That takes her a morning and costs four credits, and she always finds out. |
# | What may an audit spend? | 300 credits, in twelve working days. The desk gets a list in the morning and answers in the evening; so does Yusra. |
# | What do you want to publish? | Two numbers, low and high. In nine countries out of ten the truth has to lie between them. And make it narrow: "between 70 and 100 %" is true, and I would be laughed at. |
# | Is that so hard? | The last one who did it promised nine in ten and held eight. In the countries where next to all is real he found no fake among his few, and announced "100 %, plus or minus 0". |
# | What do you take off? | What is no school, if you are sure. Of what goes, 95 % and more must have deserved it: in countries with many fakes *and* in those with few. |
# | Why both? | Because where fakes are rare, most of what looks like one is a school. |
# | Who is hurt? | Solveig. The tiny, the new, the ones with foreign names. Of 10,000 such that are real, I'll explain thirty. |
# | How large is it? | Two to four thousand schools for most countries, with twice as many spellings. Eventually a million entries in one night. |
#
# So there are two questions that need each other. To know how many are fake you don't have to know which; to say which, you have to know how
# many. Here is the contract.
#
# `audit.py` defines the class `Audit`. Beside it may lie `model.onnx`, `model.npz` or both, which it can open by these names.
#
# - `Audit(listings, seed)` begins an audit. What is drawn at random is drawn from `seed`, a whole number of 0 or more.
# - `ask(answers)` says what is to be checked today: `{"desk": schools, "call": schools}`, lists or arrays of different numbers of schools. It is
#   called once a day, with all answers so far, on twelve days at most. Two empty lists end the audit before. The list of the twelfth day is answered
#   too, and nothing is asked after it. A call need not follow a desk check. What is asked twice is paid twice. A school is **settled** once the desk or a call has said
#   what it is; *can't tell* settles nothing.
# - `share(answers)` returns `(low, high)`, 0 ≤ low ≤ high ≤ 1: an interval for the share of schools in this directory that are
#   real, which is to hold in 90 % of audits.
# - `delist(answers)` returns the schools, a list or an array of different numbers, that are to be taken off.
#
# The last two must be ready to answer before anything was asked, and for a directory of one school. A day's list for which the credits that are left don't
# suffice is not answered, and ends the audit. Listings are a dict of arrays, a row for each spelling, in no order:
#
# | Column | is |
# |---|---|
# | `school` | number of the school, from 0 on without a gap; its spellings share it |
# | `members` | people who list this spelling |
# | `years` | different years of graduation among them |
# | `linked` | how many of them have a classmate among their contacts |
# | `mail` | how many confirmed an address at the school's own domain |
# | `odd` | how odd the name is: bits a letter, by a model of school names |
# | `place` | 1 if there is the name of a place in it |
# | `site` | 1 if a site of the school is known |
# | `age` | years since the spelling was first listed, at most 20 |
# | `foreign` | 1 if it is spelled in another language than the country's |
#
# Answers are a dict of arrays, a row for each check so far, in order: `school`; `call`, True for a call; `said`, 1 for *is a school*, 0 for
# *is not*, 2 for *can't tell*. All answers are the same in every process; what you are given stays as it is; another seed asks about
# other schools.
#
# A school is **strange** if it has fewer than 8 members in all, or a foreign spelling, or no spelling that is two years old.

# %%
unit.contract()

# %% [markdown]
# *Width and misses* is the interval score of Gneiting and Raftery (2007): the width, and for an interval that doesn't hold the truth 20 times
# what it misses by; that, divided by the width of Wilson's 90 % interval for 300 plain, perfect labels in that directory, and averaged. Nothing
# but an honest and narrow interval makes it small. Each directory is audited four times, with four seeds. What you delist is judged by schools that
# were not checked; the *worse half* is that of directories with many, or with few, that are no school. The *cost* is
# that of whole audits, as they are judged, beside audits that sum each column by school, sort by a weighted sum, and settle a plain sample of sixty. The four audits of a
# directory run in processes of their own: what one learns, the others don't know.

# %% [markdown]
# ## 2. Design memo
#
# Before you build: write down what you would do and why, for a colleague who has read the brief and nothing else. One
# page, 900 words at most. It is marked by hand against this rubric, and you can mark yourself with it first.
#
# | | Points | Full points if the memo ... |
# |---|---|---|
# | Goal and users | 2 | says who reads the interval and what an error costs them (1), and who is hit by the list and what they lose (1) |
# | Constraints | 3 | turns 300 credits into settled schools, for a ready desk (1) and for a short-handed one (1); says what that allows (1) |
# | Data | 3 | says what is counted: schools, not entries (1), what counting entries would do to the share (½), for whom an answer is missing (½), and why that is no accident (1) |
# | Metric | 2 | judges coverage and width together (1), and the list by its precision where it is hardest (1) |
# | Baseline | 2 | names a plain sample with a proper interval (1), and what goes wrong with an improper one (1) |
# | Serving | 3 | describes one design of sample, estimate and list (1), argues for it against two others (1); says what is used for planning and what for publishing (1) |
# | Monitoring | 2 | says how one would notice that intervals no longer hold (1), and how one hears of schools wrongly taken off (1) |
# | What could go wrong | 3 | names three failures particular to audits and lists (1½), and what is done about each (1½) |

# %% [markdown] memo="memo" points=20
# ### BEGIN SOLUTION
# **Goal and users.** Leila publishes two numbers; a journalist will test them. If they don't hold, nobody believes the next. Members whose
# school is taken off lose a line of their past; a mill that stays sells another diploma. The first error is ours, the second is the mill's.
#
# **Constraints.** 300 credits are not 300 schools. Where the desk can't tell of 10 % they settle 214; in a sample of doubtful entries it can't tell of
# 30 %, and they settle 136. Of 3,000 schools that is 5 %: no list can be made by hand. It has to be a score, and the score has to be checked.
#
# **Data.** One row a spelling; real schools have more spellings than jokes, so entries flatter us. The past directories are complete and have other
# shares. The desk can't tell of mills most of all: missing answers are missing *because* of what they are. Leaving them out says
# "more real than is true", everywhere.
#
# **Metric.** Coverage over many audits, in all directories and where fakes are rare; width beside a plain sample's; both in one as interval
# score. For the list: precision in the worse half, recall, and real strange schools per 10,000.
#
# **Baseline.** A plain sample, calls for all of whom the desk can't tell, Wilson. Honest and wide. With p ± 1.645 s it is 100 % ± 0
# wherever no fake was found, which at 0.5 % happens every fifth time.
#
# **Serving.** A classifier's score puts schools into six strata; checks go where W sqrt(p(1 - p)) is large, a fifth of them to everybody;
# each stratum weighs what it has of schools. The score decides where we look; in what we publish it weighs no more than one or two checks in each stratum. Not the mean of the scores: mills differ from
# country to country, and its error has no bounds. Not only the suspicious: they say nothing about the rest. A day's list is at most
# a fifth of the credits left, so that each can be settled. For the list the odds of a score are adjusted to the share that
# the audit has just found, and 95 % is the line.
#
# **Monitoring.** Once a year one country to the last entry; shares of strata against what the score foretold; appeals for each 1,000 delisted, with an
# answer within a day, and all appeals by strange schools read by a person.
#
# **What could go wrong.** Mills learn to look better: the bottom stratum hides them, so it is never left unchecked. The matcher joins two schools, or parts
# one: sample its pairs too. Bram's desk guesses under pressure instead of saying *can't tell*: call a few of those that were settled. The line is set
# on rows of which other spellings were trained on: keep whole directories apart.
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
# - `plain_points`: 300 schools are drawn at random and settled; 8 % are none. How far does a 90 % interval (1.645 standard errors) reach to each side, in
#   percentage points?
# - `none_found`: in a directory 0.5 % are no school. In what percentage of samples of 300 is there not one?
# - `settled`: the desk can't tell of 10 %, and each of those is called. How many schools do 300 credits settle?
# - `two_strata`: a score parts a directory: 90 % of schools, of which 1 % are none, and 10 %, of which 60 % are none. 214 checks are split
#   between them in the best way. How far does the interval reach to each side, in percentage points?
# - `elsewhere`: in the past directories, where 8 % are no school, 90 % of schools with a certain score are none. What percentage is that in a
#   directory where only 1 % are none, if schools and others look as they do everywhere?

# %% solution="answer-estimates"
plain_points = None
none_found = None
settled = None
two_strata = None
elsewhere = None
### BEGIN SOLUTION
plain_points = 100 * 1.645 * (0.08 * 0.92 / 300) ** 0.5
none_found = 100 * 0.995**300
settled = 300 / (1 + 0.1 * 4)
two_strata = 100 * 1.645 * (0.9 * (0.01 * 0.99) ** 0.5 + 0.1 * (0.6 * 0.4) ** 0.5) / 214**0.5
odds = 9 * (0.01 / 0.99) / (0.08 / 0.92)
elsewhere = 100 * odds / (1 + odds)
### END SOLUTION
unit.answer(
    plain_points=plain_points,
    none_found=none_found,
    settled=settled,
    two_strata=two_strata,
    elsewhere=elsewhere,
)

# %%
unit.check("estimates")

# %% test="estimates"
unit.grade("estimates")

# %% [markdown]
# The first and the fourth are the same directory, nearly: 6.9 % and 8 %. With fewer checks the interval is little more than half as wide.
# The score need not be right for that, only useful. The fifth is why a line that is safe in one country is a coin's toss in the next.

# %% [markdown]
# ## 4. Build
#
# ### Look first
# `past` holds the 24 directories that were checked to the last school, `now` has 40 others to try audits on. They are simulated: nobody publishes
# which schools don't exist. Of each you get what an audit sees (`listings`), and what it doesn't: `kinds`, what each school is, `real`, and `dark`,
# whether the desk can't tell.

# %% locked="data"
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from course.units.q13_real_schools import picture, world

past = world.unpacked(unit.data, "past")
now = world.unpacked(unit.data, "public")

# %%
spellings = sum(len(one.listings["school"]) for one in past)
print(f"{sum(map(len, past)):,} schools, {spellings:,} spellings, in the past directories")
shares = np.array([1 - one.share for one in past])
print(f"no school are {shares.min():.1%} to {shares.max():.1%} of a directory's, {np.mean(shares):.1%} on average")
for number, kind in enumerate(world.KINDS):
    of = np.concatenate([one.kinds for one in past]) == number
    dark = np.concatenate([one.dark for one in past])[of].mean()
    strange = np.concatenate([one.strange() for one in past])[of].mean()
    print(f"{kind:>9}: {of.sum():>6,} schools; the desk can't tell of {dark:4.0%}; {strange:4.0%} are strange")
for name, values in past[0].listings.items():
    print(f"{name:>9}:", *(f"{value:.4g}" for value in values[:8]))

# %% [markdown]
# Whoever leaves out what the desk can't tell leaves out mills. How much could a score help? Here is a quick one: a linear model of the
# columns, summed up by school, made from half of the past directories and shown on the other half.


# %%
def quick(listings):
    """A row for each school: its columns' sums over spellings, as logarithms."""
    columns = [np.bincount(listings["school"], listings[name]) for name in world.COLUMNS[1:]]
    return np.log1p(np.stack(columns, axis=1))


linear = make_pipeline(StandardScaler(), LogisticRegression(max_iter=200))
linear.fit(np.concatenate([quick(one.listings) for one in past[::2]]), np.concatenate([~one.real for one in past[::2]]))
picture.scores(past[1::2], [linear.predict_proba(quick(one.listings))[:, 1] for one in past[1::2]])

# %% [markdown]
# Left is the whole idea of the sample. Four schools in ten have a score at which next to nothing is wrong; checking them one after another says
# *school, school, school*. The black bars are the checks that would make the interval narrowest: about half of them go to the fifth of schools with
# 3 % or more. But no black bar is empty: low scores are where mills hide, and a fraction of a per cent of that many schools is not nothing. A better
# score than this one moves the bars apart. Right is the trap: the dashed line is what you would find if you asked only the desk.
#
# ### The baseline
# An honest plain sample. Draw schools at random; have each checked at the desk; call where it can't tell; no more than 300 credits. Wilson's interval for
# the share, from all schools that were settled (before any is, 0 to 1). `delist` may return `[]`.
#
# From here on you write *modules*. The cell below starts with `%%writefile baseline.py`: running it saves the rest of
# the cell as that file, and runs nothing. When it is called, it runs elsewhere, in a process that has never seen this
# notebook: so it brings its own imports, and no variable of the notebook exists there. That is what shipping means.

# %% solution="write-baseline"
# %%writefile baseline.py
### BEGIN SOLUTION
import numpy as np


class Audit:
    """A plain sample, settled to the last, and Wilson's interval."""

    def __init__(self, listings, seed):
        self.order = np.random.default_rng(seed).permutation(int(listings["school"].max()) + 1)
        self.days = 0

    def ask(self, answers):
        self.days += 1
        desk = ~answers["call"]
        unsettled = np.setdiff1d(answers["school"][desk & (answers["said"] == 2)], answers["school"][~desk])
        left = 300 - desk.sum() - 4 * (~desk).sum() - 4 * len(unsettled)
        # Each of them may cost five, and the last day is for calls alone.
        more = left // 5 if self.days < 12 else 0
        return {"desk": self.order[desk.sum() :][:more], "call": unsettled}

    def share(self, answers):
        said = answers["said"][answers["said"] != 2]
        n, k, z = len(said), (said == 1).sum(), 1.645
        if not n:
            return 0.0, 1.0
        middle = (k + z * z / 2) / (n + z * z)
        half = z / (n + z * z) * np.sqrt(k * (n - k) / n + z * z / 4)
        return max(float(middle - half), 0.0), min(float(middle + half), 1.0)

    def delist(self, answers):
        return []


### END SOLUTION

# %%
unit.check("baseline")

# %% test="baseline"
unit.grade("baseline")

# %% [markdown]
# An interval for each of the 40 directories, drawn around the truth, from few fakes on the left to many on the right.

# %%
picture.intervals(unit, now, {"a plain sample": "baseline.py"})

# %% [markdown]
# It holds what it promises, and says little. On the left it can't tell one fake in 250 schools from one in 50.
#
# ### Your audit
# Write `audit.py`, and train the model that it opens. Some things that are worth a thought before you begin:
#
# - A school is a row. What of its spellings do you add up, and of what do you take the largest?
# - Where do you look, and how many times more often than elsewhere? Can the interval know that?
# - In a stratum of 2,500 schools forty were checked, and all are real. What is its variance? (Not 0.)
# - How much of the score may be in what you publish? What if it is wrong in this country?
# - The day's list: what is the most that it can cost, with what follows from it tomorrow?
# - Which share does `delist` have to know that the training data can't tell it?

# %% solution="write-audit"
# %%writefile audit.py
### BEGIN SOLUTION
"""An audit: strata of a score, calls for what the desk can't tell, a line that moves with the share."""

from functools import cache

import numpy as np
import onnxruntime

CREDITS, CALL, DAYS, Z = 300, 4, 12, 1.645
#: Strata; the share of checks that goes to everybody alike; checks that the score is worth; where a school goes.
STRATA, ALIKE, WORTH, LINE = 6, 0.2, 1.5, 0.955


def features(listings):
    """A row for each school: float32 (schools, 12)."""
    school = listings["school"]
    size = int(school.max()) + 1
    spellings = np.maximum(np.bincount(school, minlength=size), 1)
    total = {name: np.bincount(school, listings[name], size) for name in listings if name != "school"}
    members = np.maximum(total["members"], 1)
    most = {name: np.zeros(size) for name in ("years", "age")}
    for name, values in most.items():
        np.maximum.at(values, school, listings[name])
    columns = [
        np.log(members), spellings, most["years"], most["years"] / members, most["age"],
        total["linked"] / members, total["linked"], total["mail"] / members, total["mail"], total["odd"] / spellings,
        2 * (total["place"] > 0) + (total["site"] > 0), total["foreign"] > 0,
    ]  # fmt: skip
    return np.stack(columns, axis=1).astype(np.float32)


@cache
def model():
    """The model beside this file, once it is needed."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession("model.onnx", options, providers=["CPUExecutionProvider"])


def likelihood(listings):
    """How many times likelier each school's columns are for what is none than for a school."""
    score = model().run(None, {model().get_inputs()[0].name: features(listings)})[-1][:, 1]
    score = np.clip(score.astype(float), 1e-6, 1 - 1e-6)
    with np.load("model.npz") as past:
        share = float(past["share"])
    return score / (1 - score) * (1 - share) / share


def given(likelihood, share):
    """Probability of being none, where that share is."""
    odds = likelihood * share / (1 - share)
    return odds / (1 + odds)


class Audit:
    """Sampled by strata, published by strata."""

    def __init__(self, listings, seed):
        self.likelihood, self.days = likelihood(listings), 0
        self.size, share = len(self.likelihood), 0.05
        for _ in range(50):  # a guess by the scores alone, to plan with (Saerens and others, 2002)
            share = float(np.clip(given(self.likelihood, share).mean(), 0.001, 0.9))
        score = given(self.likelihood, share)
        doubt = np.sqrt(score * (1 - score))
        rising = np.argsort(score, kind="stable")
        steps = np.cumsum(doubt[rising])
        self.stratum = np.empty(self.size, int)
        self.stratum[rising] = np.minimum(STRATA * steps / steps[-1], STRATA - 1).astype(int)
        self.weight = np.bincount(self.stratum, minlength=STRATA) / self.size
        schools = np.maximum(np.bincount(self.stratum, minlength=STRATA), 1)
        self.guess = np.bincount(self.stratum, score, STRATA) / schools
        checks = self.weight * np.sqrt(self.guess * (1 - self.guess))
        checks = (1 - ALIKE) * checks / max(checks.sum(), 1e-12) + ALIKE * self.weight
        # An order whose every beginning has the right share of each stratum, and chance within it.
        place = np.empty(self.size)
        rng = np.random.default_rng(seed)
        for stratum in range(STRATA):
            rows = np.flatnonzero(self.stratum == stratum)
            place[rng.permutation(rows)] = (np.arange(len(rows)) + rng.random()) / max(checks[stratum], 1e-12)
        self.order = np.argsort(place, kind="stable")

    def ask(self, answers):
        self.days += 1
        desk = ~answers["call"]
        dark = np.setdiff1d(answers["school"][desk & (answers["said"] == 2)], answers["school"][~desk])
        left = CREDITS - desk.sum() - CALL * (~desk).sum() - CALL * len(dark)
        more = left // (1 + CALL) if self.days < DAYS else 0
        return {"desk": self.order[desk.sum() :][:more], "call": dark}

    def estimate(self, answers):
        """Estimated share of what is no school, and how many plain labels that is worth."""
        settled = answers["said"] != 2
        stratum = self.stratum[answers["school"][settled]]
        n = np.bincount(stratum, minlength=STRATA)
        none = np.bincount(stratum, answers["said"][settled] == 0, STRATA)
        part = (none + WORTH * self.guess) / (n + WORTH)
        share = float(np.clip(self.weight @ part, 1e-6, 1 - 1e-6))
        variance = (self.weight**2 * part * (1 - part) / np.maximum(n, 1)).sum()
        return share, share * (1 - share) / max(variance, 1e-12) if n.sum() else 0.0

    def share(self, answers):
        share, n = self.estimate(answers)
        if n <= 0:
            return 0.0, 1.0
        # Wilson's interval, of as many labels (Korn and Graubard, 1998, do so with another).
        middle = (share + Z * Z / 2 / n) / (1 + Z * Z / n)
        half = Z / (1 + Z * Z / n) * np.sqrt(share * (1 - share) / n + Z * Z / 4 / n / n)
        return max(float(1 - middle - half), 0.0), min(float(1 - middle + half), 1.0)

    def delist(self, answers):
        none = given(self.likelihood, self.estimate(answers)[0]) >= LINE
        settled = answers["said"] != 2
        none[answers["school"][settled]] = answers["said"][settled] == 0
        return np.flatnonzero(none)


### END SOLUTION

# %% [markdown]
# The model: trained on the past directories, saved as `model.onnx` (with `skl2onnx.to_onnx`, options `{"zipmap": False}` and `target_opset=17`), as
# arrays in `model.npz` (with `np.savez`), or as both. `unit.load("audit.py")` gives you the module that you have just written, so that the columns of training
# and those of serving are one function.

# %% solution="train-model"
### BEGIN SOLUTION
import onnx
from skl2onnx import to_onnx
from sklearn.ensemble import HistGradientBoostingClassifier

audit = unit.load("audit.py")
X = np.concatenate([audit.features(one.listings) for one in past])
y = np.concatenate([~one.real for one in past])
model = HistGradientBoostingClassifier(
    max_iter=200, learning_rate=0.1, max_leaf_nodes=8, l2_regularization=1.0, early_stopping=False, random_state=0
)
model.fit(X, y)
onnx.save(to_onnx(model, X[:1], options={"zipmap": False}, target_opset=17), "model.onnx")
np.savez("model.npz", share=y.mean())
### END SOLUTION

# %% [markdown]
# Both beside each other. What you want to see is a narrow band around the line, and a black bar or two in each ten.
# `unit.replay(0)` shows what your audit of the first directory asks and hears, day by day.

# %%
picture.intervals(unit, now, {"a plain sample": "baseline.py", "your audit": "audit.py"})

# %% [markdown]
# ## 5. Ship check
# Everything that can be measured here, on 160 audits of these 40 directories. Run it as often as you like. With so few, an honest 90 % can
# show itself as 86 or 94.

# %%
unit.check()

# %% [markdown]
# The cells below are what gets graded, a clause each. Here they measure on the public directories; at grading, on 400 audits of a hundred others,
# together with checks of what the brief says about directories in which next to all is real, about desks that are short of hands, and about Solveig.

# %% test="interface"
unit.grade("interface")

# %% test="coverage"
unit.grade("coverage")

# %% test="quality"
unit.grade("quality")

# %% test="precision"
unit.grade("precision")

# %% test="recall"
unit.grade("recall")

# %% test="spent"
unit.grade("spent")

# %% test="throughput"
unit.grade("throughput")

# %% test="size"
unit.grade("size")

# %% test="few"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("few")
### END HIDDEN TESTS

# %% test="silent"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("silent")
### END HIDDEN TESTS

# %% test="guard"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("guard")
### END HIDDEN TESTS

# %% [markdown]
# ### Where this comes from
# - Jerzy Neyman (1934), *On the two different aspects of the representative method*: where to look more often.
# - Morris Hansen and William Hurwitz (1946), *The problem of non-response in sample surveys*: those of whom the desk can't tell.
# - Edwin Wilson (1927), *Probable inference, the law of succession, and statistical inference*; Edward Korn and Barry Graubard (1998), *Confidence intervals
#   for proportions with small expected number of positive counts estimated from survey data*: intervals where next to nothing is found.
# - Marco Saerens, Patrice Latinne and Christine Decaestecker (2002), *Adjusting the outputs of a classifier to new a priori probabilities*: other shares.
# - Tilmann Gneiting and Adrian Raftery (2007), *Strictly proper scoring rules, prediction, and estimation*: the interval score.
