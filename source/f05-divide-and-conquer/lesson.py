# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Divide and conquer
#
# *Unit f05. One sitting: 90 to 120 minutes. You ship a support desk: a file `desk.py`, with rules for what a rule does exactly, and
# `router.onnx`, for what it does not. Beside both stands a hosted model that answers anything, for 20 cents a question.*
#
# [Brief](#1.-Brief) · [Design memo](#2.-Design-memo) · [Estimates](#3.-Estimates) · [Build](#4.-Build) ·
# [Ship check](#5.-Ship-check)
#
# Run the next cell first, and again whenever the kernel was restarted: what you saved to files is still there. Each step
# has a check, which says what was measured and what was asked. Stuck? Type `unit.hint()` into a cell of your own.

# %% locked="setup"
import course

unit = course.unit("f05-divide-and-conquer", needs="0.1.0")

# %% [markdown]
# ## 1. Brief
#
# > Our support desk drowns. Put an AI in front of it.
#
# The desk belongs to Aulos, who sell, rent out and repair musical instruments by mail, in six countries. Eleven hundred letters
# a day. The invitation came with a slide that has one box on it. You ask what happens inside the box.
#
# | You ask | They say |
# |---|---|
# | What is done with a letter? | Somebody blackens card numbers, IBANs and mail addresses, because the teams may not see them. Order numbers are copied into a field. Robots' letters and copies are closed. The customer is told when we shall answer. Then it goes to one of six teams, and urgent ones go on top. |
# | Who does what? | `accounts`, `billing`, `delivery`, `rentals`, `sales`, `workshop`. It grew. A cracked bridge is the courier's fault or the workshop's work, and a rented one may be the rentals' business; the teams agree among themselves. It isn't written down, but there are 3,000 past letters with the team that answered them in the end. A few were answered by the wrong one. |
# | Who writes? | Parents on a phone, with a slip in every other line. Teachers, who tell the whole story first. And people who leave our last three mails standing below theirs. |
# | How is it done today? | A list of up to 14 words for each team. It was tried, and the letters went in circles: *"The parcel came quickly, thank you. Who do I tell that I have moved?"* went to `delivery`, whose word it uses. |
# | What is the AI? | A hosted model, a very good one. It needs eighty pages of our handbook with each question: 20 cents. It finds the right team in 97 of 100, and knows what is urgent in 97. It hides what is to be hidden in 98 of 100. It names the right order numbers in 98, sees robots in 99 and copies in 97. When it works out a time to reply it forgets a holiday, or summer time: 88 of 100. |
# | Two in a hundred isn't much. | Tell that to the one whose card number was in the training course for new colleagues. One letter in four holds something to hide. |
# | And rules? | For blackening there was a rule once: *sixteen digits*. It blackened parcel numbers, and the courier could not find the parcels. It missed cards with nineteen. |
# | What do mistakes cost? | Here is the list. Our accountant made it. |
#
# | What | costs |
# |---|---|
# | a question to the hosted model | €0.20 |
# | a number or address that can still be read | €40 |
# | text that was blackened or changed otherwise | €1.20 |
# | wrong or missing order numbers | €1.20 |
# | a robot that is answered (it answers back) | €0.60 |
# | a copy that is answered once more | €2.40 |
# | a letter that is closed though somebody waits | €12 |
# | a wrong time to reply (a voucher) | €5 |
# | the wrong team, four minutes of an agent | €2.40 |
# | an urgent letter that is not on top | €9 |
# | one on top that is not urgent | €1.50 |
#
# One box on a slide is seven questions about each letter. For each ask three things: *is there a rule, and is it
# written down? What does being wrong in one of fifty cost? Who knows better, and for how much?* The answers differ from question to
# question. Here is the contract.

# %%
unit.contract()

# %% [markdown]
# `desk.py` defines two functions.
#
# **`read(tickets, tables)`** takes a list of letters in the order in which they came (it may be empty) and returns a pair: a list with
# a record for each, and *features*, a float32 array `[letters, 2048]`, a row for each, all finite: what the router is to see. A letter
# is a dict:
#
# | Key | is |
# |---|---|
# | `id`, `customer` | whole numbers |
# | `time` | when it came, in UTC: `"2026-05-04 09:30"` |
# | `country`, `plan` | `"BE"`, `"DE"`, `"FI"`, `"IE"`, `"IS"` or `"PT"`; `"basic"`, `"plus"` or `"school"` |
# | `headers` | a dict of text by name, such as `{"Precedence": "bulk"}` |
# | `text` | lines, with `"\n"` between them; there may be none, or thousands, in any alphabet. A line that begins with `>` is quoted from an earlier mail |
#
# A record is a dict with seven fields. Each may be the word `"ask"` instead: then the hosted model is asked, and its answer stands.
#
# | Field | is |
# |---|---|
# | `text` | the text, with what is to be hidden replaced by `[mail]`, `[iban]` or `[card]`, and otherwise sign for sign as it was |
# | `orders` | a list of the order numbers in the text, each once, in the order in which they appear, written as `"A123456789"` or `"A12345678X"` |
# | `automatic` | `True` if a robot wrote it, else `False` |
# | `copy_of` | the `id` of the letter that it is a copy of, else `None` |
# | `reply_by` | until when an answer is promised, in UTC, written as `time` is |
# | `team` | one of the six teams, or `"router"` |
# | `urgent` | `True` or `False`, or `"router"` |
#
# Letters with `automatic` true or a `copy_of` are closed: nobody answers them. Of the others, those with `"router"` in a field have
# their features put through the router.
#
# **`decide(scores)`** takes what the router says, a float32 array `[letters, 7]`, perhaps of no letter, and returns a list of pairs `[team, urgent]`, where
# either may be `"ask"`. A pair fills the fields that said `"router"`.
#
# **`router.onnx`** takes `features`, float32 `[N, 2048]`, and gives `scores`, float32 `[N, 7]`: what the seven mean is between
# it and `decide`.
#
# The rules, as the desk has them in writing. *Letters and digits* are of any alphabet, unless a range is given.
#
# - **Mail addresses**, hidden first: one or more of `A-Z a-z 0-9 . _ % + -`, then `@`, then two or more labels with dots between them:
#   labels are of `A-Z a-z 0-9 -`, and the last is two or more of `A-Z a-z` only. As long as possible; a full stop that ends a sentence is none of it.
#   What stands directly before or after it does not matter.
# - **IBANs**, hidden next: BE and 14 more signs (16 in all), DE 22, FI 18, IE 22, IS 26, PT 25 in all. After the country come two
#   digits, then `A-Z 0-9`; lower case is fine; between any two signs there may be one space. No letter or digit stands directly before it or after
#   it. And the check is right: without spaces, in capitals, first four signs moved to the end, A to Z replaced by 10 to 35, the number leaves
#   1 when divided by 97.
# - **Card numbers**, hidden last: a *run* begins with a digit `0-9` and goes on as far as digits do; between two digits may be one space
#   or one hyphen. It is a card number if it has 13 to 19 digits, no letter or digit directly before it or after it, and Luhn's check is right:
#   from the right, every second digit is doubled, minus 9 if that is above 9, and the sum of all is divisible by 10.
# - **Order numbers**: `A`, eight digits, and a check, which is a digit or `X`. Lower case is fine, so is the letter O for a zero, and one space
#   or hyphen between any two signs; no letter or digit directly before it or after it. The check is the rest of 2 × first digit + 3 × second +
#   ... + 9 × eighth, divided by 11, with X for 10. What fails it is none. Quoted lines count, and
#   so does what is to be hidden: orders are looked for in the text as it came.
# - **Robots**: the header `Auto-Submitted` is there and its value up to the first `;` is not `no`; or `Precedence` is `bulk`, `junk` or
#   `auto_reply`. Names and values in upper or lower case, spaces around them don't matter. What the letter says does not
#   matter at all.
# - **Copies**: of the letters of the same customer, given before it in the same list and at most 72 hours older, the earliest whose lines
#   that are not quoted have the same letters and digits one after another, in lower case; all other signs are skipped. Letters without any have the
#   same: none.
# - **Time to reply**: so many minutes of opening time after the letter came, `tables["promise"][plan]`, a whole number from 1 on. `tables["open"][country]` has for
#   Monday to Sunday a list of `["08:30", "12:00"]` and so on, `tables["closed"][country]` the dates when it is closed all day; both
#   are in local time. `tables["zones"][country]` is a list of `[since, ahead]`: from `since` on, in UTC, clocks are `ahead` minutes ahead of UTC.
#   Clocks never change during opening hours. If the last minute ends when the desk closes, then that is the time. Tables may change with any call.
#
# Both functions leave what they are given alone, and say the same in every process; of a letter they say the same whatever stands beside it,
# but for `copy_of`. `desk.py` must stand alone: it imports what it needs, and there is no internet. Standard library, numpy and scikit-learn
# are there. The *bill* is everything on the list, for 1,000 letters. Hiding and orders are charged for every letter; reply, team and urgency
# only for letters that somebody is to answer and that were not closed. *Letters that reach the right team* are counted among those that
# somebody is to answer. *Counting its words* is finding all words with a regular expression and adding 1 to a column each.
# While reading is timed it gets 60 letters a call, and what it says of them is judged as well. The router's latency is measured on single rows of
# your own features.

# %% [markdown]
# ## 2. Design memo
#
# Before you build: write down what you would do and why, for a colleague who has read the brief and nothing else. One
# page, 900 words at most. It is marked by hand against this rubric, and you can mark yourself with it first.
#
# | | Points | Full points if the memo ... |
# |---|---|---|
# | Goal and users | 2 | says who reads a letter after the desk and who pays for its mistakes (1), and what is *not* asked for (1) |
# | Constraints | 3 | turns the price list into euros for two blocks or more (1) and into a chance from which on a question pays (1); says which price shapes the design (1) |
# | Data | 3 | says what past letters can teach and what they can't (1), where they are wrong (1), and which lines are not the customer's (1) |
# | Metric | 2 | one bill from end to end (1), and beside it what must be exact (½), and why the bill alone does not show that (½) |
# | Baseline | 2 | names both ends, lists of words (½) and the model for everything (½), and what each costs or gets wrong (1) |
# | Serving | 3 | says for each of the seven blocks rule, router or question (1), with a reason for those that differ (1), and what happens if the hosted model is down (1) |
# | Monitoring | 2 | says how one would notice a wrong rule (½), a tired router (1) and a changed hosted model (½) |
# | What could go wrong | 3 | names three failures particular to such desks (1½), and what is done about each (1½) |

# %% [markdown] memo="memo" points=20
# ### BEGIN SOLUTION
# **Goal and users.** Six teams read what comes out, customers wait for it, the data protection officer pays for leaks. Not asked for: answers
# to letters, or an AI.
#
# **Constraints.** Seven questions are €1,400 for 1,000 letters before the first mistake. Hiding at 98 % leaks in five letters of 1,000: €200.
# Times at 88 % cost €600 in vouchers. A rule is right in all of them for nothing. A team costs €2.40 if wrong, so a question pays from a
# chance of 11 % on; urgency is lopsided, €9 against €1.50. The €40 shapes the design: what can be exact must be.
#
# **Data.** 3,000 letters teach who does what, though some four in a hundred name a wrong team. They teach nothing about cards: there the
# check digits are the truth. Quoted lines are our own words, full of other teams' nouns.
#
# **Metric.** Euros for 1,000 letters on later ones. Beside it, letters with any mistake of a rule: one leak is invisible in a bill and is
# still one too many.
#
# **Baseline.** Lists of words: free, and wrong in every second letter. The model for everything: right teams, and more than a euro for each
# letter, with leaks.
#
# **Serving.** Hide, orders, robots, copies, times: rules, each a function with its tests. Team and urgency: one linear router on hashed words and
# pairs, 60 kB, and the hosted model where the router's doubt is worth 20 cents. Not a rule for the team: nobody wrote it down. Not a larger
# network: it brings less than the questions that remain. If the hosted model is down, the router's best guess goes out, marked.
#
# **Monitoring.** Rules: a daily file of planted letters that must come out sign for sign. Router: the share that is asked, and teams that pass letters on.
# Hosted model: one letter in 200 is asked although the router is sure; where they differ somebody looks.
#
# **What could go wrong.** The teams agree anew who does what: letters passed on rise within a day, the router is trained again. A new country without an IBAN length:
# the list is a table with an owner, an unknown country alarms. Chances that are too bold after a retraining ask too little: calibration is checked
# before each release. A customer's robot answers ours without a header: more than five letters an hour from one customer are held.
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
# Six numbers from the brief, on the back of an envelope. Units are in the question; `unit.answer` tells you if an answer
# isn't a number, not whether it is right. The check below does.
#
# - `ask_all_eur`: what do the questions alone cost for 1,000 letters, in €, if all seven are asked about each?
# - `leaks_eur`: one letter in four holds something to hide, once. What do leaks cost for 1,000 letters, in €, if the hosted model hides it?
# - `ask_from_percent`: the router gives a team, with a chance that it is wrong. From which chance on, in %, does a question about the team
#   cost less than going without?
# - `urgent_from_percent`: without asking, from which chance of being urgent on, in %, should a letter go on top?
# - `luhn_by_luck`: of 1,000 parcel numbers of 16 random digits, how many pass Luhn's check?
# - `router_kilobytes`: a linear router has a weight for each of 2,048 columns and 7 scores, and a shift for each score, 4 bytes each.
#   How many kB (1,000 bytes)?

# %% solution="answer-estimates"
ask_all_eur = None
leaks_eur = None
ask_from_percent = None
urgent_from_percent = None
luhn_by_luck = None
router_kilobytes = None
### BEGIN SOLUTION
ask_all_eur = 1000 * 7 * 0.20
leaks_eur = 1000 * 0.25 * 0.02 * 40
ask_from_percent = 100 * (0.20 + 0.03 * 2.40) / 2.40  # p x 2.40 = 0.20 + 0.03 x 2.40
urgent_from_percent = 100 * 1.50 / (9 + 1.50)  # p x 9 = (1 - p) x 1.50
luhn_by_luck = 1000 / 10
router_kilobytes = 7 * (2048 + 1) * 4 / 1000
### END SOLUTION
unit.answer(
    ask_all_eur=ask_all_eur,
    leaks_eur=leaks_eur,
    ask_from_percent=ask_from_percent,
    urgent_from_percent=urgent_from_percent,
    luhn_by_luck=luhn_by_luck,
    router_kilobytes=router_kilobytes,
)

# %%
unit.check("estimates")

# %% test="estimates"
unit.grade("estimates")

# %% [markdown]
# The first two are what the box on the slide costs before anybody has read a letter. The third and fourth are all that
# `decide` needs to know, if the router's chances can be believed: whether they can is something to measure. The fifth
# says that a check digit is a filter, not a proof: what else does the brief say about where a number stands?

# %% [markdown]
# ## 4. Build
#
# ### Look first
# 3,000 letters of February and, as your public hold-out, 800 of two weeks in spring. They are simulated: who does what, hours and
# promises are drawn for this course; public holidays and summer time are those of 2026.

# %% locked="data"
from collections import Counter

import numpy as np

from course.units.f05_divide_and_conquer import export, picture, service, world

told = world.told(unit.data)
tables, keywords = told["tables"], told["keywords"]
past, public = (world.unpacked(unit.data, name) for name in ("history", "public"))

# %%
for k in range(3):
    ticket = past.tickets[k]
    print({name: value for name, value in ticket.items() if name != "text"})
    print(ticket["text"])
    print("->", {name: past.right[name][k] for name in world.FIELDS if name != "text"}, "\n")
print("to be answered:", sum(past.waits(k) for k in range(len(past))), "of", len(past))
print("with something to hide:", sum(map(bool, past.right["secrets"])))
print("teams:", dict(Counter(past.right["team"])))
print("urgent:", sum(past.right["urgent"]))

# %% [markdown]
# `past.tickets` is what `read` is given, `past.right` has for each field a list of what is right (for `team`: who answered in the
# end) and, as `secrets`, what was to be hidden. `past.hosted` has what the hosted model said about them. What would it cost to ask it everything?

# %%
everything = [dict.fromkeys(world.FIELDS, "ask") for _ in public.tickets]
asked = service.through(public, everything, None, None)
picture.bills({"ask everything": asked}, public)

# %% [markdown]
# ### The baseline
# What a cautious colleague would do by tonight: the list of words for the team (count the different words of a team's list in the letter,
# take the team with most, the first of them in a tie), nothing is urgent, no letter is closed, and the hosted model is asked for what has to do with
# numbers: `text`, `orders` and `reply_by`. There is no router yet, and it takes none: features are all zero.
#
# The file `baseline.py` is called in a process of its own that knows nothing of this notebook, so the list must stand in it. `keywords` has it, a
# dict of words by team. Begin the cell below with `%%writefile baseline.py`, which saves the rest of the cell as that file and runs nothing, and
# copy the printed list into it; or put the text together and save it, with `repr(keywords)` in it and `Path("baseline.py").write_text(...)`.

# %%
print(keywords)

# %% solution="write-baseline"
### BEGIN SOLUTION
from pathlib import Path

BASELINE = """import re

import numpy as np

WORDS = KEYWORDS


def read(tickets, tables):
    records = []
    for ticket in tickets:
        said = set(re.findall("[a-z]+", ticket["text"].lower()))
        team = max(WORDS, key=lambda one: len(said.intersection(WORDS[one])))
        record = dict.fromkeys(("text", "orders", "reply_by"), "ask")
        records.append(record | {"automatic": False, "copy_of": None, "team": team, "urgent": False})
    return records, np.zeros((len(tickets), 2048), np.float32)


def decide(scores):
    return [["sales", False] for _ in scores]
"""
Path("baseline.py").write_text(BASELINE.replace("KEYWORDS", repr(keywords)), encoding="utf-8")
### END SOLUTION

# %%
unit.check("baseline")

# %% test="baseline"
unit.grade("baseline")

# %% [markdown]
# `service.play(module, days, tables, router)` puts letters through a desk that is at hand. It returns what was said in the end:
# `.said` has a list for each field, `.questions` how often the hosted model was asked, `.accuracy(days)` the share that reaches the right team,
# `.bill(days)` the bill by what it is for.


# %%
def draw(**files):
    """The bill of some desks: name=file."""
    played = {"ask everything": asked}
    for name, file in files.items():
        if not (unit.folder / file).is_file():
            continue
        module = unit.load(file)
        if hasattr(module, "read") and hasattr(module, "decide"):
            played[name] = service.play(module, public, tables, unit.folder / "router.onnx")
    picture.bills(played, public)


draw(words="baseline.py")

# %% [markdown]
# Two bars, and no block in them that is small in both for the same reason. One pays for questions whose answers a rule knows, and then
# for the wrong ones among them. The other guesses where guessing costs most. Neither is a matter of a better prompt or a longer list.
#
# ### Your desk
# Write `desk.py`: first the five rules, each as a function that you can try here with `unit.load("desk.py")` (compare with `past.right`, 3,000
# letters, before you believe one), then features, then `read` and `decide`.
#
# For features, hash: a column for each word is no contract, because words are invented daily. `zlib.crc32(word.encode()) % 2048` is the same in
# every process; `hash(word)` is not. Ask what a *word* tells and what a pair of neighbours does, and whose words they are.

# %% solution="write-desk"
# %%writefile desk.py
### BEGIN SOLUTION
"""The desk: rules for what a rule does exactly, a router for what it does not, and a question where that pays."""

import re
import zlib
from bisect import bisect_right
from collections import defaultdict
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise

import numpy as np

TEAMS = ("accounts", "billing", "delivery", "rentals", "sales", "workshop")
COLUMNS, FORM = 2048, "%Y-%m-%d %H:%M"

# What is hidden
SIZES = {"BE": 16, "DE": 22, "FI": 18, "IE": 22, "IS": 26, "PT": 25}
IBAN = "|".join(f"{country}(?: ?[0-9]){{2}}(?: ?[0-9A-Z]){{{size - 4}}}" for country, size in SIZES.items())
IBAN = re.compile(rf"(?<![^\W_])(?:{IBAN})(?![^\W_])", re.IGNORECASE)
MAIL = re.compile(r"[A-Za-z0-9._%+-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}")
RUN = re.compile(r"[0-9](?:[ -]?[0-9])*")
DOUBLED = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9]


def iban(found):
    text = found[0].replace(" ", "").upper()
    good = int("".join(str(int(sign, 36)) for sign in text[4:] + text[:4])) % 97 == 1
    return "[iban]" if good else found[0]


def card(found):
    start, end = found.span()
    near = found.string[max(start - 1, 0) : start] + found.string[end : end + 1]
    digits = [int(sign) for sign in found[0] if sign.isdigit()]
    if not 13 <= len(digits) <= 19 or any(sign.isalnum() for sign in near):
        return found[0]
    total = sum(digits[-1::-2]) + sum(DOUBLED[digit] for digit in digits[-2::-2])
    return "[card]" if total % 10 == 0 else found[0]


def redact(text):
    return RUN.sub(card, IBAN.sub(iban, MAIL.sub("[mail]", text)))


# What is found
ORDER = re.compile(r"(?<![^\W_])A(?:[ -]?[0-9O]){8}[ -]?[0-9OX](?![^\W_])", re.IGNORECASE)


def orders(text):
    found = []
    for written in ORDER.findall(text):
        number = re.sub("[ -]", "", written).upper().replace("O", "0")
        rest = sum(weight * int(sign) for weight, sign in zip(range(2, 10), number[1:9], strict=True)) % 11
        if number[9] == ("X" if rest == 10 else str(rest)) and number not in found:
            found.append(number)
    return found


# What is closed
def automatic(headers):
    told = {name.strip().lower(): value.strip().lower() for name, value in headers.items()}
    submitted = told.get("auto-submitted", "no").split(";")[0].strip()
    return submitted != "no" or told.get("precedence") in ("bulk", "junk", "auto_reply")


def written_by_hand(text):
    return [line for line in text.split("\n") if not line.startswith(">")]


def copies(tickets):
    """For each letter the first of the last 72 hours that says the same."""
    seen, found = defaultdict(list), []
    for ticket in tickets:
        words = "".join(filter(str.isalnum, "".join(written_by_hand(ticket["text"])).lower()))
        when, before = datetime.strptime(ticket["time"], FORM), seen[ticket["customer"], words]
        found.append(next((one for then, one in before if when - then <= timedelta(hours=72)), None))
        before.append((when, ticket["id"]))
    return found


# When a reply is due
class Clock:
    """Opening hours of one country, in its own time."""

    def __init__(self, tables, country):
        zones = [
            (datetime.strptime(since, FORM), timedelta(minutes=ahead)) for since, ahead in tables["zones"][country]
        ]
        self.utc, self.ahead = [since for since, _ in zones], [ahead for _, ahead in zones]
        self.local = [since + ahead for since, ahead in zones]
        self.closed = set(tables["closed"][country])
        self.week = [[tuple(map(self.minutes, span)) for span in day] for day in tables["open"][country]]

    @staticmethod
    def minutes(text):
        return 60 * int(text[:2]) + int(text[3:])

    def due(self, when, left):
        utc = datetime.strptime(when, FORM)
        local = utc + self.ahead[bisect_right(self.utc, utc) - 1]
        day, now = local.date(), 60 * local.hour + local.minute
        while True:
            for start, end in () if day.isoformat() in self.closed else self.week[day.weekday()]:
                start = max(start, now)
                if end - start >= left:
                    local = datetime(day.year, day.month, day.day) + timedelta(minutes=start + left)
                    return (local - self.ahead[bisect_right(self.local, local) - 1]).strftime(FORM)
                left -= max(end - start, 0)
            day, now = day + timedelta(days=1), 0


# What is learned
WORD = re.compile(r"[^\W\d_]+")


@lru_cache(maxsize=100_000)
def column(gram):
    return zlib.crc32(gram.encode()) % COLUMNS


def features(texts):
    """Words and pairs of neighbours, in lines that are not quoted, hashed into columns; rows of length 1."""
    rows = np.zeros((len(texts), COLUMNS), np.float32)
    for row, text in zip(rows, texts, strict=True):
        words = WORD.findall(" ".join(written_by_hand(text)).lower())
        grams = {*words, *map(" ".join, pairwise(words))}
        if grams:
            row[[column(gram) for gram in grams]] = 1
            row /= np.sqrt(row.sum())
    return rows


def read(tickets, tables):
    clocks = {country: Clock(tables, country) for country in tables["zones"]}
    records = [
        {
            "text": redact(ticket["text"]),
            "orders": orders(ticket["text"]),
            "automatic": automatic(ticket["headers"]),
            "copy_of": copy,
            "reply_by": clocks[ticket["country"]].due(ticket["time"], tables["promise"][ticket["plan"]]),
            "team": "router",
            "urgent": "router",
        }
        for ticket, copy in zip(tickets, copies(tickets), strict=True)
    ]
    return records, features([ticket["text"] for ticket in tickets])


# What is decided
QUESTION, WRONG_TEAM, MISSED, HURRIED, SLIPS = 0.20, 2.40, 9.00, 1.50, 0.03


def decide(scores):
    """What costs least, if chances are what they say."""
    pairs = []
    for *teams, chance in scores.tolist():
        best = max(range(6), key=teams.__getitem__)
        team = TEAMS[best] if (1 - teams[best] - SLIPS) * WRONG_TEAM <= QUESTION else "ask"
        yes, no = (1 - chance) * HURRIED, chance * MISSED
        ask = QUESTION + SLIPS * (chance * MISSED + (1 - chance) * HURRIED)
        pairs.append([team, "ask" if ask < min(yes, no) else yes < no])
    return pairs


### END SOLUTION

# %% [markdown]
# Rules first: how many of the past letters does each get wrong? And which is the first?

# %%
desk = unit.load("desk.py")
if hasattr(desk, "read"):
    records, _ = desk.read(past.tickets, tables)
    for name in world.RULED:
        wrong = [k for k, one in enumerate(records) if one.get(name) != past.right[name][k]]
        print(f"{name}: {len(wrong)} of {len(past)} wrong")
        if wrong:
            print("   ", past.tickets[wrong[0]])
            print("    got", repr(records[wrong[0]].get(name)), "expected", repr(past.right[name][wrong[0]]))

# %% [markdown]
# ### The router
# Train it on the features of past letters that somebody was to answer, and save it as `router.onnx`. `export.save(layers, file)` writes a
# graph for you: `layers` is a list of `(weights [inputs, outputs], shifts [outputs])` with a ReLU between two, and the last has seven outputs: the
# first six go through a softmax, the seventh through a sigmoid. Any other graph that keeps the contract is as good (opset 17, if you write it by hand).

# %% solution="train-router"
### BEGIN SOLUTION
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

features = unit.load("desk.py").read(past.tickets, tables)[1]
waits = [k for k in range(len(past)) if past.waits(k)]
X = csr_matrix(features[waits])
models = [
    LogisticRegression(C=40, max_iter=200).fit(X, np.array(past.right[name])[waits]) for name in ("team", "urgent")
]
assert tuple(models[0].classes_) == world.TEAMS
weights = np.vstack([model.coef_ for model in models]).T
export.save([(weights, np.concatenate([model.intercept_ for model in models]))], "router.onnx")
### END SOLUTION

# %% [markdown]
# `decide` takes the router at its word, so look whether that is worth anything, on letters that it has not seen. Dots on the line: what is said in
# eight of ten is so in eight of ten. Below the line it is too bold, and asks too little; above it is too shy, and asks for what it knows. What
# in your training moves the dots?

# %%
if (unit.folder / "router.onnx").is_file() and hasattr(desk, "read"):
    import onnxruntime

    session = onnxruntime.InferenceSession(str(unit.folder / "router.onnx"), providers=["CPUExecutionProvider"])
    open_ = [k for k in range(len(public)) if public.waits(k)]
    scores = session.run(None, {"features": desk.read(public.tickets, tables)[1][open_]})[0]
    best = scores[:, :6].argmax(axis=1)
    teams = np.array([world.TEAMS.index(public.right["team"][k]) for k in open_])
    print(f"{(best == teams).mean():.1%} of the router's own teams are right")
    picture.trust(scores[:, :6].max(axis=1), best == teams)

# %% [markdown]
# And all together. Questions should be left where two answers are both likely; everything that a rule says should have gone from the bar.

# %%
draw(words="baseline.py", yours="desk.py")

# %% [markdown]
# ## 5. Ship check
# Everything that can be measured here, on the 800 letters of spring. Run it as often as you like. `unit.replay(0)` in a cell of your own shows the
# letters of the first day (13 is the last) one by one, as they are judged: what was asked, what is wrong, what it costs.

# %%
unit.check()

# %% [markdown]
# The cells below are what gets graded, a clause each. Here they measure on the public letters; at grading, on others of the
# same desk, in another season, together with checks of how your desk stands up to letters that the brief allows and spring shows little of.

# %% test="interface"
unit.grade("interface")

# %% test="router"
unit.grade("router")

# %% test="quality"
unit.grade("quality")

# %% test="accuracy"
unit.grade("accuracy")

# %% test="redaction"
unit.grade("redaction")

# %% test="orders"
unit.grade("orders")

# %% test="dates"
unit.grade("dates")

# %% test="closed"
unit.grade("closed")

# %% test="latency"
unit.grade("latency")

# %% test="size"
unit.grade("size")

# %% test="memory"
unit.grade("memory")

# %% test="throughput"
unit.grade("throughput")

# %% test="rare"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("rare")
### END HIDDEN TESTS

# %% test="typos"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("typos")
### END HIDDEN TESTS

# %% test="long"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("long")
### END HIDDEN TESTS

# %% [markdown]
# ### Where this comes from
# - H. P. Luhn: *Computer for verifying numbers* (US patent 2,950,048, 1960): the check of card numbers. The check of an IBAN is that of
#   ISO 7064, modulo 97.
# - C. K. Chow: *On optimum recognition error and reject tradeoff* (1970): when to ask instead of answering.
# - K. Weinberger, A. Dasgupta, J. Langford, A. Smola and J. Attenberg: *Feature hashing for large scale multitask learning* (2009).
# - C. Guo, G. Pleiss, Y. Sun and K. Weinberger: *On calibration of modern neural networks* (2017).
# - D. Sculley and others: *Hidden technical debt in machine learning systems* (2015): the box on the slide is the smallest part.
