# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Autocomplete
#
# *Unit q10. One sitting: 90 to 120 minutes. You ship two files: `suggest.py`, which offers up to three ways to go on after each
# keystroke, and `model.bin`, what it has learned. It is measured how many keystrokes it saves on messages that nobody has
# seen, what the slowest keystroke costs, and whether it ever says what is nobody else's business.*
#
# [Brief](#1.-Brief) · [Design memo](#2.-Design-memo) · [Estimates](#3.-Estimates) · [Build](#4.-Build) ·
# [Ship check](#5.-Ship-check)
#
# Run the next cell first, and again whenever the kernel was restarted: what you saved to files is still there. Each step
# has a check, which says what was measured and what was asked. Stuck? Type `unit.hint()` into a cell of your own.

# %% locked="setup"
import course

unit = course.unit("q10-autocomplete", needs="0.1.0")

# %% [markdown]
# ## 1. Brief
#
# > How would you build a system that completes messages as they are typed?
#
# Most candidates draw a language model. Ask first *who types what, on what, and who reads it afterwards*.
#
# | You ask | They say |
# |---|---|
# | Who types? | Pilots and airfield staff, when an aircraft has hit a bird. A form on a tablet: date, place, species, and a field for remarks. That field is the one that they hate. |
# | Why? | They type at the edge of a runway, with gloves on, at night. A key takes 0.8 s. A usual remark has 80 characters. |
# | What do they write? | `FLK OF BIRDS CROSSED RWY AT ROTATION. NO DMG.` Capitals, and the trade's own spellings, which each airline group has made up for itself. No keyboard that you can buy knows one of them. And don't expect clean hands: some never find the key for capitals, and nobody goes back for a slip or a second space. |
# | What is there to learn from? | Some 9,700 remarks of the past years, and which station (an operator in a state) wrote each. |
# | Are there networks out there? | No. Everything happens on the tablet, from a file that comes with the monthly update. One megabyte for all of it, code and model. The tablets are from 2014. |
# | What happened last time? | We tried whole sentences from the archive. On the second day somebody typed `GATE 7 CODE` and was shown the code of another station's gate. It was in a remark; they had put it into thirty, so that their own people would find it. On the third day it was switched off. |
# | What else is in there? | Telephone numbers, names, registrations, pass phrases. We have found a few. Nobody will read 9,700 remarks to find the rest. |
# | So what may be suggested? | What everybody says. Our lawyer says: a thing is common if **three stations or more** wrote it. What only one or two wrote is theirs, however often they wrote it, and even if each word of it is harmless. |
# | Anything else from the lawyer? | Yes. Remarks are evidence. There is a list of beginnings of words, `INJUR` and `BLOOD` and some more: whoever wants to say that types it, letter by letter. A form that puts blood into a pilot's mouth is worth millions to the other side. |
# | How do we know that it works? | We'd like fewer keystrokes. But a suggestion must be read, and a look costs half a second, right or wrong. And one that comes late is worse than none: the finger is already on its way. |
#
# So there are three questions in one. What do people write next? Which of that may be said to *somebody else*? And what
# is the slowest answer? Here is the contract.
#
# ### What you ship
# `suggest.py` defines `suggest(text)`. The text is what stands in the field so far, from nothing to 20,000 characters, of any kind. It
# returns a list of at most three different suggestions: texts of 1 to 60 printable characters, each **what would be put
# right behind the text**. After `NO D` that may be `MG`, or `MG TO A/C`. A list may be empty. The same text gets the same
# suggestions, whatever was asked before, in every process. `suggest.py` may read `model.bin` from its own folder (`Path("model.bin")`), and
# use numpy and what comes with Python; the course itself is not on the tablet.
#
# **Right** is a suggestion if the message goes on exactly so, small letters or capitals, and a word ends there (what comes next
# is no letter and no digit). A tap on it is one keystroke; it writes the suggestion, and the space behind it if there is one. Our
# typist looks at each keystroke, taps the suggestion that writes most if that is two characters or more, and otherwise types
# the next character. *Keystrokes saved* is the share of all characters of all messages that he did not need one for. No
# message is one of the past: those whose letters are the same as those of a past one are left out.
#
# **Private** is a word that fewer than three stations wrote in the past; words are runs of letters and digits. It must not be
# in a suggestion, or be completed by one. The same goes for *words in a row* inside a suggestion that fewer than three stations wrote so,
# each common or not. Some secrets were planted to test that. A number, a name or a registration has come out if it is suggested or completed
# when somebody types the words before it and its first characters. A pass phrase has come out if three of its words in
# a row are suggested, each before its first letter.
#
# **Blocked** is a suggestion if a word that it begins, continues or ends then begins with one of the blocked beginnings,
# in capitals or not. A word begins behind everything that is no letter: `DMG/INJURY` has one in it, and `(BLOOD`.

# %%
unit.contract()

# %% [markdown]
# *The slowest keystroke of a hundred* is the 99th percentile over 500 keystrokes, each the fastest of five runs, as a ratio to the
# usual cost of *one look at each of 4,000 words*, in Python. *Memory* is what the process holds when all
# messages were typed, beyond what one holds that knows nothing.

# %% [markdown]
# ## 2. Design memo
#
# Before you build: write down what you would do and why, for a colleague who has read the brief and nothing else. One
# page, 900 words at most. It is marked by hand against this rubric, and you can mark yourself with it first.
#
# | | Points | Full points if the memo ... |
# |---|---|---|
# | Goal and users | 2 | says who gains what in seconds (½), who can be hurt (1), writers of the past among them, and what the form must not become (½) |
# | Constraints | 3 | turns the brief into time a keystroke (½), bytes (½) and a rule about stations (½); states an assumption where the brief is silent (½); says what shapes the design (1) |
# | Data | 3 | says how past and test are split so that copies don't count (1), what is private in it and how that is decided (1), what is blocked and how it could slip through (1) |
# | Metric | 2 | has an offline metric (½) and one from the field (taken suggestions, time or corrections) (½), and says where they part (1) |
# | Baseline | 2 | names one that needs no context (1), with what it must be beaten by (1) |
# | Serving | 3 | describes one design: the model and what is on the device (1), new words and personal words (1); argues for it against two others (1) |
# | Monitoring | 2 | says what is measured in the field without sending what people type (1), and what stops a release (1) |
# | What could go wrong | 3 | names three failures particular to autocomplete (suggestions that change what is written are one) (1½), and what is done about each (1½) |

# %% [markdown] memo="memo" points=20
# ### BEGIN SOLUTION
# **Goal and users.** The typist at the runway: 64 s for a remark today; half of the keystrokes, minus a look at each of the
# others, gives back 12 s. Whoever wrote the past is a user too: their codes and names must stay theirs. And investigators read
# remarks as testimony. The form must not become an author.
#
# **Constraints.** No network, one megabyte, an old tablet: an answer well before the next key, at the 99th percentile, because
# a third of all remarks meets one of the slowest hundredth. What fewer than three stations wrote does not exist. I assume
# that a station is the unit of privacy (people are not told apart), that text is English, and that updates are monthly. The
# station rule shapes the design: whatever is suggested must be traceable to the stations that wrote it.
#
# **Data.** 9,700 remarks, many of them copies (`NO DMG.`): a random split would score the copies, so test messages with letters
# of a past one go, and a later period is a slice. For each word, pair and triple the *set of stations* is kept while counting; below three
# it is dropped before anything is saved. Counting uses is no protection: the gate code was written thirty times. Blocked
# beginnings are looked for in the finished text, behind each character that is no letter, in capitals.
#
# **Metric.** Offline: share of keystrokes saved by a typist who takes what is right. It is an upper bound: people overlook, and
# each look costs 0.5 s. In the field: seconds a remark, share of shown suggestions that are taken, and of taken ones that are deleted
# again. They part where short completions save strokes and cost looks.
#
# **Baseline.** The commonest words that begin as typed. It needs no context, saves two strokes of five, and is what a phone
# does on its first day. Context must bring six points more, or it is not worth its bytes.
#
# **Serving.** Shares of words after the last two words, mixed with those after one and after none (each weighted by how often that
# context brought something new); tables kept by the station rule, under 100 kB; the best words for each beginning
# made when loading; a second word comes along where it is nearly sure. *Against a small neural network*: it may know more of what follows
# what, but nobody can say which station taught it a word, so the rule could only be had by training with differential privacy, and
# 9,700 remarks are few for that. *Against finding whole past sentences*: the largest savings on copies, and it is the
# machine that showed the gate code. Cold start: a new station gets the house's tables at once. Personal words: a
# count on the tablet, never uploaded, mixed in last, cleared at sign-off because tablets are shared.
#
# **Monitoring.** Counters alone leave the tablet: keystrokes, taps, deletions, time, p99, by version. A release is stopped by any planted
# secret that comes out, any blocked word, or half a point lost on the last month.
#
# **What could go wrong.** *It writes the statistics*: `NO DMG` is offered before anybody has looked; compare the share of remarks without
# damage with and without suggestions, in a random tenth, and offer nothing about damage until that field is filled in. *It
# learns from itself*: taps count as text next month; mark them, and count only typed words. *Three stations of one owner*
# share a secret: count owners, not stations, where known. *A blocked word in two halves* (`DMG/INJ` + `URY`): judge what stands there after
# the tap. *One slow branch*, for unknown words, which no mean shows: p99 in the release check.
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
# Five numbers, on the back of an envelope. Units are in the question; `unit.answer` tells you if an answer isn't a number,
# not whether it is right. The check below does.
#
# - `table_megabytes`: the past has some 80,000 different triples of words in a row. How many MB (10⁶ bytes) does a plain table of all of them take, with
#   three numbers of 4 bytes and a count of 2 bytes each?
# - `seconds_saved`: a remark of 80 characters, 0.8 s a keystroke. With suggestions half of the keystrokes go, but before each of those
#   that remain there is a look of 0.5 s. How many seconds are saved?
# - `reports_with_a_wait`: a remark takes 40 keystrokes. Which share of remarks, in %, meets at least one keystroke that is
#   among the slowest hundredth?
# - `keystrokes_to_time`: you time n random keystrokes and take the slowest. From which n on is it, with a certainty of 99 %, among
#   the slowest hundredth of all keystrokes?
# - `weeks_until_known`: a new type of aircraft comes to 60 stations. Each writes 0.2 remarks a week, one in 40 names the type. After how many
#   weeks may it be suggested, on average, if the first three uses come from different stations?

# %% solution="answer-estimates"
table_megabytes = None
seconds_saved = None
reports_with_a_wait = None
keystrokes_to_time = None
weeks_until_known = None
### BEGIN SOLUTION
import math

table_megabytes = 80_000 * (3 * 4 + 2) / 1e6
seconds_saved = 80 * 0.8 - 40 * (0.8 + 0.5)
reports_with_a_wait = 100 * (1 - 0.99**40)
keystrokes_to_time = math.ceil(math.log(0.01) / math.log(0.99))
weeks_until_known = 3 / (60 * 0.2 / 40)
### END SOLUTION
unit.answer(
    table_megabytes=table_megabytes,
    seconds_saved=seconds_saved,
    reports_with_a_wait=reports_with_a_wait,
    keystrokes_to_time=keystrokes_to_time,
    weeks_until_known=weeks_until_known,
)

# %%
unit.check("estimates")

# %% test="estimates"
unit.grade("estimates")

# %% [markdown]
# The first says that counting everything and storing it is no plan. The second is why a suggestion that saves one letter
# saves less time than the look at it costs. The third is what a mean hides, and the fourth how many measurements it takes to see it. The last is the price of
# the lawyer's rule, in weeks.

# %% [markdown]
# ## 4. Build
#
# ### Look first
# The remarks are real: bird strikes in the United States, 1990 to 1999, from the Federal Aviation Administration's database (table `birds` of the R
# package *openintro*). Spellings are those of an invented airline group, some words have changed places with others of
# their kind, numbers and stations' numbers are made up, and so are all secrets.

# %% locked="data"
from collections import Counter, defaultdict

from course.units.q10_autocomplete import judge, picture, world

past = world.past_of(unit.data)  # pairs of a text and the number of the station that wrote it
blocked = world.blocked_of(unit.data)  # beginnings of words that are never suggested
messages = world.public_of(unit.data)  # to be typed: the public hold-out
told = world.told_of(unit.data)  # the secrets that somebody has found so far

# %%
stations = {station for _, station in past}
print(f"{len(past):,} remarks of {len(stations):,} stations; {len(messages)} others to be typed")
for text, station in past[:6]:
    print(f"{station}: {text}")
print("\nblocked:", *blocked)
print("\nfound so far:")
for secret in told:
    times = sum(secret.text in text for text, _ in past)
    who = {station for text, station in past if secret.text in text}
    print(f"  written {times:2} times by {len(who)} station{'s' * (len(who) > 1)}: {secret.text}")

# %% [markdown]
# Somebody proposes: "drop what was written fewer than ten times". Below, each grey dot is a word: how many stations wrote
# it (across), and how often it was written (up). The crosses are last words of secrets that were found: numbers, names, and words
# of pass phrases.

# %%
picture.people(past, told)

# %% [markdown]
# Codes, names and registrations hang on the left edge, higher than thousands of honest words: no line *across* parts them from what everybody
# says, one straight *up* at three stations does. But some crosses lie far to the right, in the midst of the grey: words of pass phrases. Each
# of those words is everybody's; only their order is a secret. What would you have to count the stations of, to see that?
#
# How much of what people write is common in that sense? The next cell answers that for words, pairs and triples.

# %%
for name, size in (("words", 1), ("pairs", 2), ("triples", 3)):
    times, writers = Counter(), defaultdict(set)
    for remark, number in past:
        row = remark.split()
        for k in range(len(row) - size + 1):
            some = tuple(row[k : k + size])
            times[some] += 1
            writers[some].add(number)
    often = [some for some in times if len(writers[some]) >= 3]
    share = sum(times[some] for some in often) / times.total()
    print(f"{len(times):6,} {name}, {len(often):5,} of them of three stations or more: {share:.0%} of all uses")

# %% [markdown]
# Few survive, and few are enough: the rule that the lawyer asked for is also what makes the model small.
#
# ### The baseline
# What a phone does on its first day: of the words that begin as the last, unfinished word of the text does, suggest the three
# commonest (what is missing of them). No context. Take words by splitting at spaces, without the signs at their end (`.,;:`); of these the ones that three stations or more
# wrote and that are not blocked, commonest first.
#
# From here on you write *modules*. They run elsewhere, in a process that has never seen this notebook: so a module brings its own
# imports, and no variable of the notebook exists there. The baseline is small enough to carry its words inside: let the cell
# below find the words and write `baseline.py` as a text, with `Path("baseline.py").write_text(...)`.

# %% solution="write-baseline"
### BEGIN SOLUTION
import re
from pathlib import Path

uses, who = Counter(), defaultdict(set)
for text, station in past:
    for word in text.split():
        uses[word.rstrip(".,;:")] += 1
        who[word.rstrip(".,;:")].add(station)
bad = re.compile(rf"(?<![A-Z])(?:{'|'.join(blocked)})")
common = [word for word, _ in uses.most_common() if word and len(who[word]) >= 3 and not bad.search(word)]

BASELINE = '''
WORDS = COMMON


def suggest(text):
    """Common words that begin as the last one does."""
    start = text.rpartition(" ")[2].upper()
    return [word[len(start) :] for word in WORDS if word.startswith(start) and word != start][:3]
'''
Path("baseline.py").write_text(BASELINE.replace("COMMON", repr(common)), encoding="utf-8")
### END SOLUTION

# %%
unit.check("baseline")

# %% test="baseline"
unit.grade("baseline")

# %% [markdown]
# Here is how four messages are typed with it. What is tapped stands in brackets, with the space behind it; everything else was typed.

# %%
short = [message for message in messages if len(message) < 75][:4]
picture.taps(unit, {"baseline": "baseline.py"}, short)

# %% [markdown]
# Look at the *beginnings* of words. The commonest words are the same three whatever stands before, so few words are tapped
# before their first letter, and those by luck: after `NO` comes `DMG` or what this house calls it, and everybody knows that but the baseline.
#
# ### Your system
# Two files. The next cell is `suggest.py`; the cell after it learns from `past` and writes `model.bin`, in whatever form you like. Some things that
# are worth a thought before you begin:
#
# - What is a context: the word before, the two before, with or without their punctuation? What do you do when it is new?
# - Where in all this is the lawyer's rule applied: to words, to pairs, to what is put together at the end?
# - What does the *unluckiest* keystroke cost: nothing typed yet, one letter, an unknown word?
# - Two words for one tap save more than one. When is the second one sure enough to take one of three places?

# %% solution="write-suggest"
# %%writefile suggest.py
### BEGIN SOLUTION
"""What comes next: words after two words, after one and after none, mixed; and what nearly always comes along."""

import json
import zlib
from pathlib import Path

AFTER, ALONG = json.loads(zlib.decompress(Path("model.bin").read_bytes()))
SHARES = dict(AFTER[""][1])
#: The commonest words for each beginning; whatever is further down is never among the best three.
BEGINNINGS = {}
for one in SHARES:
    for size in range(len(one)):
        some = BEGINNINGS.setdefault(one[:size], [])
        if len(some) < 6:
            some.append(one)


def suggest(text):
    """At most three ways to go on."""
    text = text[-300:].upper()
    before = ["^", "^", *text.split()]
    start = before.pop() if text and not text[-1].isspace() else ""
    scores, mass = {}, 1.0
    for context in (f"{before[-2]} {before[-1]}", before[-1]):
        # Witten and Bell (1991): what is new in a context, as often as something was, is left to the shorter one.
        new, words = AFTER.get(context, (1.0, ()))
        for word, share in words:
            if word.startswith(start):
                scores[word] = scores.get(word, 0.0) + mass * share
        mass *= new
    for word in BEGINNINGS.get(start, ()):
        scores.setdefault(word, 0.0)
    scores.pop(start, None)
    best = sorted(scores, key=lambda word: scores[word] + mass * SHARES[word], reverse=True)[:3]
    if best:
        more = ALONG.get(f"{before[-1]} {best[0]}") or ALONG.get(f" {best[0]}")
        if more:
            best = [best[0] + more, *best[:2]]
    return [word[len(start) :] for word in best]


### END SOLUTION

# %% [markdown]
# Now learn. Whatever is not in `model.bin` can't come out of it.

# %% solution="learn"
### BEGIN SOLUTION
import json
import zlib

STATIONS, MOST, SURE = 3, 30, 0.45


def bare(token):
    return token.rstrip('.,;:)!?"')


def may(said, who):
    """May that be suggested, which these stations wrote?"""
    return len(who) >= STATIONS and len(set(who)) >= STATIONS and not bad.search(said)


def counted(past):
    """Context -> word -> stations that wrote it there; and the same of what came along behind."""
    after, along = defaultdict(lambda: defaultdict(list)), defaultdict(lambda: defaultdict(list))
    for text, station in past:
        row = ["^", "^", *text.split()]
        for k in range(2, len(row)):
            word = bare(row[k])
            if not word:
                continue
            for context in ("", row[k - 1], f"{row[k - 2]} {row[k - 1]}"):
                after[context][word].append(station)
            behind = {" ".join(row[k : k + more])[len(word) :] for more in range(1, 5)}
            for rest in behind | {bare(rest) for rest in behind}:
                for before in ("", row[k - 1]):
                    along[f"{before} {word}"][rest].append(station)
    return after, along


def kept(after, along):
    """What may be suggested of it: shares of words, and what is left for new ones; what comes along."""
    words, more = {}, {}
    for context, found in after.items():
        total, kinds = sum(map(len, found.values())), len(found)
        some = [(word, len(who) / (total + kinds)) for word, who in found.items() if may(word, who)]
        some.sort(key=lambda one: -one[1])
        if some:
            some = [(word, float(f"{share:.3g}")) for word, share in (some[:MOST] if context else some)]
            words[context] = (round(kinds / (total + kinds), 3), some)
    for pair, found in along.items():
        before, _, word = pair.rpartition(" ")
        uses = len(after[before][word])
        sure = {rest: len(who) / uses for rest, who in found.items() if rest and may(word + rest, who)}
        sure = {rest: share * len(rest) for rest, share in sure.items() if share >= SURE}
        if sure:
            more[pair] = max(sure, key=sure.get)
    return words, more


model = zlib.compress(json.dumps(kept(*counted(past)), separators=(",", ":")).encode(), 9)
Path("model.bin").write_bytes(model)
### END SOLUTION

# %% [markdown]
# The same four messages, and what each keystroke of fifty others costs on this machine, slowest last: the least of three runs each.

# %%
picture.taps(unit, {"yours": "suggest.py"}, short)
picture.costs(unit, {"baseline": "baseline.py", "yours": "suggest.py"}, messages[:50])

# %% [markdown]
# Where the line is flat, all keystrokes cost the same. Where it turns up at the right edge, some take another way through your code: find out
# which texts those are before somebody with gloves on does.
#
# And the question that ended last time's trial. `judge.leaked` does what the check does, with the secrets that were found so far. There are more.

# %%
yours = unit.load("suggest.py")
if hasattr(yours, "suggest"):
    out = judge.leaked(lambda texts: [yours.suggest(text) for text in texts], told)
    print(f"{len(out)} of {len(told)} secrets come out", *(secret.text for secret in out), sep="\n")

# %% [markdown]
# ## 5. Ship check
# Everything that can be measured here, on 300 messages. Run it as often as you like. `unit.replay(0)` types the first of them as it
# is judged, stroke by stroke, with what was suggested.

# %%
unit.check()

# %% [markdown]
# The cells below are what gets graded, a clause each. Here they measure on the public messages; at grading, on others of the
# same house, with all secrets that are in the past, together with checks of how your system stands up to what the brief and the
# contract say and these messages don't show.

# %% test="interface"
unit.grade("interface")

# %% test="quality"
unit.grade("quality")

# %% test="secrets"
unit.grade("secrets")

# %% test="private"
unit.grade("private")

# %% test="blocked"
unit.grade("blocked")

# %% test="latency"
unit.grade("latency")

# %% test="size"
unit.grade("size")

# %% test="memory"
unit.grade("memory")

# %% test="later"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("later")
### END HIDDEN TESTS

# %% test="sloppy"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("sloppy")
### END HIDDEN TESTS

# %% test="evasive"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("evasive")
### END HIDDEN TESTS

# %% [markdown]
# ### Where this comes from
# - Nicholas Carlini, Chang Liu, Úlfar Erlingsson, Jernej Kos and Dawn Song (2019), *The secret sharer: evaluating and testing unintended
#   memorization in neural networks*: planted secrets, and how they come out.
# - Latanya Sweeney (2002), *k-anonymity: a model for protecting privacy*: what enough others wrote too.
# - Thorsten Brants, Ashok Popat, Peng Xu, Franz Och and Jeffrey Dean (2007), *Large language models in machine translation*: fall back on
#   fewer words, without more ado.
# - Remarks: the wildlife strike database of the FAA, in *openintro* (Mine Çetinkaya-Rundel and others).
