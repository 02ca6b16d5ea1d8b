# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Luck on the leaderboard
#
# *Unit f03. One sitting: 60 to 120 minutes. You ship a Python module, `leaderboard.py`, and people who want the top of
# your board without a model will try to get there.*
#
# [Brief](#1.-Brief) · [Design memo](#2.-Design-memo) · [Estimates](#3.-Estimates) · [Build](#4.-Build) ·
# [Ship check](#5.-Ship-check)
#
# Run the next cell first, and again whenever the kernel was restarted: what you saved to files is still there. Each step
# has a check, which says what was measured and what was asked. Stuck? Type `unit.hint()` into a cell of your own.

# %% locked="setup"
import course

unit = course.unit("f03-leaderboard-luck", needs="0.1.0")

# %% [markdown]
# ## 1. Brief
#
# > We run a model competition. Build the leaderboard.
#
# It sounds like a table with an `ORDER BY`. Ask what happened last time, and you hear why they are asking you.
#
# | You ask | They say |
# |---|---|
# | What is predicted? | A railway wants to know which wheel bearings will not last until the next service, from their sound: 1 if a bearing is worn, 0 if not. |
# | What is a submission? | One prediction for each bearing of the hold-out, an array of 0 and 1. The score is the share that is right. |
# | Where do the labels come from? | Each bearing was taken off, opened and judged by a fitter, at €90. This season's hold-out has 2,500 rows, €225,000. Others have 2,400 to 3,600. There will be no fresh hold-out every week. |
# | Who takes part? | 212 teams last season, with 5,000 submissions between them. The prize is a contract for two years. |
# | What happened last season? | The winner's score on the board was 71.4 %. In the workshop the model got 58 % right. The runner-up, with 66 % on the board and 66 % in the workshop, has taken a job elsewhere. |
# | Did they cheat? | We don't know. They submitted 1,900 times. Assume that anybody can read your code, sees every score that you show, and sends whatever helps: coin flips by the thousand, small changes to what did best, one row at a time, the same thing twice. Only the labels are secret. |
# | So may I stop showing scores? | No. Teams that find something real gain five points or more at a time, and they must see it within a submission or two, or they go home. Often the best model comes last. |
# | Are half of the bearings worn? | Between a third and two thirds, this season. On some lines it is one in ten. |
# | How is it run? | As a service that is restarted whenever somebody deploys. The labels are mounted; everything else that your board needs afterwards must fit into the 650 bytes that we keep for each competition. |
# | How fast? | Next year's hold-out comes from the trains' own sensors and has 100,000 rows. A submission may cost five times what computing its accuracy costs, however many came before it: a submission is checked while its team waits, and the board shares a core with the page. |
#
# So the board is not a table. It is **a measuring instrument that the measured are allowed to play with**, and every
# score that it shows is a little piece of the answer key. Here is the contract.

# %%
unit.contract()

# %% [markdown]
# `leaderboard.py` defines the class `Leaderboard`.
#
# - `Leaderboard(labels, seed)` is a new board. `labels` is an array of 0 and 1; `seed` is an integer for whatever you draw.
# - `submit(predictions)` returns the score that is shown for this submission, between 0 and 1. Predictions are an array of
#   0 and 1, of any integer type or bool. An array of another length, or with anything else in it, raises `ValueError` and
#   changes nothing. What you are given belongs to the caller: leave it as it is.
# - `state()` returns bytes, and `Leaderboard.restore(labels, state)`, a class method, gives a board that goes on, in another
#   process, as if nothing had happened.
# - The same labels, seed and submissions give the same scores in every process.
#
# What people read is **the top of the board: the highest score shown so far**. It is compared with the truth: the highest
# accuracy *on new bearings* of any model submitted so far. (Here that is known, because the world is simulated; a coin flip
# is right in half of all new rows, whatever it scored.) You decide what `submit` returns: the score of this submission, or
# that of the leader, or something between. *Error of the top* is the mean distance to the truth over several
# seasons, in points, under attack and in honest play; **the worse of the two counts**. In each of these games the service is
# stopped once, at any moment, and goes on from the state in another process; a state that can't be had is lost. *Cost of a
# submission* is measured on a board of 100,000 rows, among coin flips with real steps between them: its top must stay within
# three points of the best model. *Real steps* are those that raise
# the truth by five points or more; a step is seen if the top rises by half of it within two submissions.
#
# The file must stand alone: what it imports, it imports itself, and no variable of this notebook exists where it runs.
# That is how modules are shipped, and why a cell below writes it to disk instead of defining the class here.

# %% [markdown]
# ## 2. Design memo
#
# Before you build: write down what you would do and why, for a colleague who has read the brief and nothing else. One
# page (at most 900 words). It is marked by hand against this rubric, and you can mark yourself with it first.
#
# | | Points | Full points if the memo ... |
# |---|---|---|
# | Goal and users | 2 | says what a shown score must be for the railway (½), for an honest team (1) and for the organiser (½) |
# | Constraints | 3 | turns the brief into numbers: points of luck on 2,500 rows (1), what 650 bytes hold (½), what a submission may cost (½); says which one shapes the design (1) |
# | Data | 3 | says what the hold-out is (½) and costs (½), how it is used up (1), and what in it differs between lines and seasons (1) |
# | Metric | 2 | measures the board against accuracy on new rows (1), under attack (½) *and* in honest play (½) |
# | Baseline | 2 | names the plain board (½), says how it is beaten (1), and by how much, in a number (½) |
# | Serving | 3 | says which score is shown when (1), what the state is (1), what happens at a restart (½) and with a malformed submission (½) |
# | Monitoring | 2 | says what would show, during a season, that somebody plays with the board (1), and at which value who does what (1) |
# | What could go wrong | 3 | names three failures particular to leaderboards (1½), and what is done about each (1½) |

# %% [markdown] memo="memo" points=20
# ### BEGIN SOLUTION
# **Goal and users.** The railway buys the model at the top, so the top must be what that model does in the workshop. An
# honest team needs to learn quickly whether five points of work were five points. The organiser needs both from €225,000 of
# labels that can't be bought again every week.
#
# **Constraints.** One score has a standard deviation of √(0.25 / 2,500) = 1 point; the luckiest of 5,000 coin flippers is
# expected at 53.7 %. Two versions of a model that differ in 6 % of rows are compared to within half a point, because the
# rows on which they agree cancel. A lead that none of 5,000 useless newcomers should reach is 4.3 standard
# deviations. 650 bytes hold one bit for each of 3,600 rows, and nothing like 5,000 submissions. Luck shapes the design:
# bytes and time follow.
#
# **Data.** 2,400 to 3,600 bearings, opened by hand. Each score that depends on the labels tells something about them, and
# that can't be taken back: the hold-out is spent by showing, not by looking. The share of worn bearings differs from one
# in two to one in ten, so nothing in the board may assume that chance is 50 %.
#
# **Metric.** Distance between the top of the board and the best true accuracy so far, in points: at the end of an attack by
# coin flips, whose truth I know, and over honest seasons. Second: share of real steps that show within two submissions. The
# first alone is won by a board that never moves.
#
# **Baseline.** Exact scores. In honest play it is right to a point; with 2,500 coin flips and a vote anybody gets it to show
# over 70 % for nothing.
#
# **Serving.** Blum and Hardt's Ladder, with my own significance level: everybody is shown the leader's score until a newcomer
# beats the leader, in the rows where they differ, by 4.26 standard deviations. State: a bit a row for what the leader
# got right; the score follows from it. No noise, so no generator to save. A malformed submission is refused
# before anything changes. Save after each change of leader, before the score is shown.
#
# **Monitoring.** Changes of leader per thousand submissions; submissions that agree with the leader in all but a few rows;
# teams with hundreds of submissions and no gain; the share of ones in what is sent. A second hold-out of 500 rows is
# never used for scores: the leader is scored on it in private each week, and if it is three points below the board, I am called.
#
# **What could go wrong.** Several small changes that are each luck: the level is for the whole season's 5,000 tries, not for
# one. A real gain that is smaller than two points stays unseen: it is added to the next one, and teams are told the
# resolution. A season of 50,000 submissions: the level must be set anew, 4.8 instead of 4.3. A first submission that is
# lucky: its luck, a point, stays on the board until somebody is better. A board restored from an older state would
# believe in an old leader: the state is written before the score is shown.
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
# Five numbers, on the back of an envelope; `scipy.stats.norm` is allowed.
#
# - `luck_points`: the standard deviation of a coin flipper's score on 2,500 rows, in points (hundredths of the whole).
# - `luckiest_percent`: the score, in %, that you expect of the luckiest of 5,000 coin flippers.
# - `boosted_percent`: somebody keeps those of the 5,000 vectors whose exact score was above one half, and submits the
#   majority vote of the kept ones. What does a plain board show, in %?
# - `gain_points`: two versions of a model differ in 6 % of the 2,500 rows. By how many points must the newer one lead, if of
#   5,000 such newcomers *that are no better* one or more should pass only in one season of twenty?
# - `everything_megabytes`: how many megabytes (10⁶ bytes) does a board remember that keeps all 5,000 submissions, one bit
#   a row?

# %% solution="answer-estimates"
luck_points = None
luckiest_percent = None
boosted_percent = None
gain_points = None
everything_megabytes = None
### BEGIN SOLUTION
from scipy.stats import norm

rows, submissions = 2500, 5000
luck_points = 100 * (0.25 / rows) ** 0.5
luckiest_percent = 50 + luck_points * norm.ppf(1 - 0.56 / submissions)  # about the mean of the largest
# A score above one half is on average sqrt(2 / pi) = 0.8 standard deviations above it. Half of the vectors are kept.
kept, lean = submissions / 2, 2 * (2 / 3.1416) ** 0.5 * luck_points / 100
boosted_percent = 100 * norm.cdf(lean * kept**0.5)
gain_points = 100 * norm.isf(0.05 / submissions) * (0.06 / rows) ** 0.5
everything_megabytes = submissions * rows / 8 / 1e6
### END SOLUTION
unit.answer(
    luck_points=luck_points,
    luckiest_percent=luckiest_percent,
    boosted_percent=boosted_percent,
    gain_points=gain_points,
    everything_megabytes=everything_megabytes,
)

# %%
unit.check("estimates")

# %% test="estimates"
unit.grade("estimates")

# %% [markdown]
# Put the second and the third side by side: what luck is worth, and what *asking* is worth with the very same 5,000
# vectors, because each answer says a little about every row. A leaderboard has to survive not the luckiest visitor but
# the most attentive one.

# %% [markdown]
# ## 4. Build
#
# ### Look first
# Three seasons of last year's competition, with what nobody knew then: the true accuracy of each submission.

# %% locked="data"
from course.units.f03_leaderboard_luck.world import Season

fields = [unit.data[name] for name in ("labels", "submissions", "truth", "steps")]
seasons = [Season(*season) for season in zip(*fields, strict=True)]

# %%
first = seasons[0]
scores = (first.submissions == first.labels).mean(axis=1)
off = 100 * (scores - first.truth)
print(f"{len(first.labels):,} rows, {first.labels.mean():.0%} ones, {len(scores)} submissions")
print(f"score minus truth: {off.mean():+.1f} points on average, standard deviation {off.std():.1f}")
for k in first.steps:
    print(
        f"a real step at submission {k}: truth {first.best[k - 1]:.1%} to {first.truth[k]:.1%}, score {scores[k]:.1%}"
    )

# %% [markdown]
# The scores of a season are wrong *together*: if the rows happen to be easy, they are easy for everybody. That is why the
# spread of score minus truth is smaller here than what you estimated for one score, and why comparing two submissions row by
# row says more than comparing two scores.
#
# ### The baseline
# The board that everybody builds: `submit` returns the exact score. Write it as `baseline.py`, the same class with
# `__init__` and `submit`; it needs no state.


# %% solution="write-baseline"
# %%writefile baseline.py
### BEGIN SOLUTION
class Leaderboard:
    def __init__(self, labels, seed):
        self.labels = labels

    def submit(self, predictions):
        return float((predictions == self.labels).mean())


### END SOLUTION

# %%
unit.check("baseline")

# %% test="baseline"
unit.grade("baseline")

# %% [markdown]
# Now let it play: a real season, and an attacker without a model. The attack is Blum and Hardt's: send coin flips, fifty at
# a time; let those that were shown a high score vote for their predictions, and those with a low one against; hand in the
# vote now and then. On the left you should see the board follow the grey truth in steps. On the right the truth is a
# flat grey line at 50 %, because nobody there has a model; watch where the board goes.

# %%
from course.units.f03_leaderboard_luck.picture import draw

draw(unit, seasons[0], {"exact scores": "baseline.py"})

# %% [markdown]
# Three things that organisers do about this, in the order in which they think of them:
#
# - **Round to two decimals.** The vote does not mind: it needs which half was better, not by how much.
# - **Add noise.** It has to be several times as large as the spread of coin flips, and then it hides the teams' gains as
#   well; and the top of the board, the highest of thousands of noisy scores, is where the noise was.
# - **Show less often.** The *Ladder* (Blum and Hardt, "The Ladder: a reliable leaderboard for machine learning
#   competitions", 2015) shows everybody the leader's score until a submission is better by a step; only then is something
#   told. Their variant without a parameter takes one standard error of the paired difference as the step. Is one enough,
#   against thousands of tries? You have estimated what is.
#
# A different way is Dwork and others' reusable hold-out ("The reusable holdout: preserving validity in adaptive data
# analysis", 2015): split the rows, let one part answer most questions, and consult the other only where it matters.
#
# ### Your board
# Write `leaderboard.py`. Before you trust it, be the attacker: you know your own code best. What would *you* send, if
# you wanted its top?

# %% solution="write-leaderboard"
# %%writefile leaderboard.py
### BEGIN SOLUTION
"""A leaderboard that believes in a new leader only where chance is no explanation."""

import numpy as np

#: Standard deviations by which a newcomer must lead: of 5,000 that are no better, one passes in one season of twenty.
LEVEL = 4.26


class Leaderboard:
    """The Ladder of Blum and Hardt (2015), compared row by row, at a level for a whole season."""

    def __init__(self, labels, seed):
        self.labels = np.array(labels, dtype=np.uint8)
        self.opposite = 1 - self.labels
        self.right = None  # bool (rows,): where the leader is right
        self.hits = 0

    def submit(self, predictions):
        """The leader's score, which is this submission's if it takes the lead."""
        given = np.asarray(predictions)
        if given.shape != self.labels.shape:
            raise ValueError(f"a submission has {len(self.labels)} predictions")
        right = given == self.labels
        hits = int(np.count_nonzero(right))
        if hits + np.count_nonzero(given == self.opposite) != len(right):
            raise ValueError("a prediction is 0 or 1")
        if self.right is None or self._leads(right, hits):
            self.right, self.hits = right, hits
        return self.hits / len(self.labels)

    def _leads(self, right, hits):
        """Is it better by more than chance? Rows that both got right, or both wrong, say nothing about that."""
        lead = hits - self.hits
        if lead <= 0:
            return False
        differ = np.count_nonzero(right != self.right)
        return lead > LEVEL * (differ - lead**2 / len(right)) ** 0.5

    def state(self):
        """One bit a row: where the leader is right. Its score follows, and nothing else is remembered."""
        return b"" if self.right is None else np.packbits(self.right).tobytes()

    @classmethod
    def restore(cls, labels, state):
        """The board that had this state."""
        board = cls(labels, 0)
        if state:
            bits = np.unpackbits(np.frombuffer(state, np.uint8), count=len(board.labels))
            board.right, board.hits = bits.astype(bool), int(bits.sum())
        return board


### END SOLUTION

# %% [markdown]
# Both boards in the same two games. In the honest season yours should follow the truth nearly as closely as exact scores
# do; what it costs is visible as small delays. Under attack it should stay near the line, within the luck of its first
# visitors.

# %%
draw(unit, seasons[0], {"exact scores": "baseline.py", "your board": "leaderboard.py"})

# %% [markdown]
# ## 5. Ship check
# Everything that can be measured here, on the three seasons above. Run it as often as you like. `unit.replay(0)` in a cell
# of your own plays one of the check's games submission by submission: 0 to 2 are the seasons as they were, 3 to 5 the same
# under attack, 6 is the restart.

# %%
unit.check()

# %% [markdown]
# The cells below are what gets graded, a clause each. Here they measure on the public seasons; at grading, on seasons with
# other rows and other teams, together with checks of how the board stands up to what the brief says about visitors.

# %% test="interface"
unit.grade("interface")

# %% test="quality"
unit.grade("quality")

# %% test="gains"
unit.grade("gains")

# %% test="state"
unit.grade("state")

# %% test="restart"
unit.grade("restart")

# %% test="throughput"
unit.grade("throughput")

# %% test="climbing"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("climbing")
### END HIDDEN TESTS

# %% test="rare"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("rare")
### END HIDDEN TESTS

# %% test="late"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("late")
### END HIDDEN TESTS

# %% [markdown]
# ### Where this comes from
# - Blum and Hardt (2015), "The Ladder: a reliable leaderboard for machine learning competitions": the attack by vote, and the board
#   that shows the leader's score until a step is real.
# - Dwork, Feldman, Hardt, Pitassi, Reingold and Roth (2015), "The reusable holdout: preserving validity in adaptive data
#   analysis": one part of the rows proposes, the other is asked seldom.
# - McNemar (1947), "Note on the sampling error of the difference between correlated proportions or percentages": the comparison
#   row by row.
