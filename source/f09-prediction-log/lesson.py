# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The prediction log
#
# *Unit f09. One sitting: 90 to 120 minutes. You ship a file, `logbook.py`: `encode` turns events into bytes, `decode` turns
# bytes into events, `forget` takes a person out of the bytes. It is measured whether the log can answer the questions that
# will be asked of it, what it costs, what it survives, and what it gives away.*
#
# [Brief](#1.-Brief) · [Design memo](#2.-Design-memo) · [Estimates](#3.-Estimates) · [Build](#4.-Build) ·
# [Ship check](#5.-Ship-check)
#
# Run the next cell first, and again whenever the kernel was restarted: what you saved to files is still there. Each step
# has a check, which says what was measured and what was asked. Stuck? Type `unit.hint()` into a cell of your own.

# %% locked="setup"
import course

unit = course.unit("f09-prediction-log", needs="0.1.0")

# %% [markdown]
# ## 1. Brief
#
# > The next model will be trained and judged from what this one does today. Design the log.
#
# Most candidates start with a message queue. A log is first of all a list of *questions that somebody will ask in a
# year*, when nothing that was left out can be added any more. So ask who will read it.
#
# | You ask | They say |
# |---|---|
# | What does the model do? | A city library's app opens on one recommended book. Retrieval finds 10 to 20 candidates, the model gives each a probability, one of them is drawn and shown. |
# | Drawn? Not the best? | Nearly always the best. In 3 or 4 visits of a hundred it is any candidate, with equal chances: somebody insisted on that, and left. |
# | What is a success? | Minutes read in the following days. The loans system reports them: "so far 12", later "so far 85". Reports come minutes to days late, in any order, some twice, and a few overtake the decision that they are about. |
# | Who reads the log? | We do. We train the next model from it: context, candidates, what was shown, what came of it. And last year a challenger looked 30 % better offline, went live, and was worse. The next one shall be *replayed* on the log first: what would it have earned, plus or minus what? |
# | Could you replay last year's? | No. When we asked, the log had what was shown, and nothing of what might have been shown instead. |
# | Is there personal data? | The library card, the network address and the device are in every event. What people read is nobody's business: that was a librarian's oath before it was a law. And whoever asks to be deleted must be gone within a month, from all files. |
# | Who could see the files? | They lie in an archive, copies go to two universities. The key is in a vault; assume that everything else leaks, your code included. There are ten million possible card numbers. |
# | Do files get damaged? | The archive is tape and old disks. A bit flips, a sector is gone; when a server dies, its last write ends in the middle. |
# | How is it written? | Each server appends what has gathered, 32 events or just one. Files are concatenated at night, in any order. |
# | How large is it? | 300,000 readers, 2 million visits a day, 1.9 reports a visit, 10 % of all in the busiest hour. Today's lines of JSON take 180 bytes an event. |
# | Is this the first log? | The third. Files of both earlier versions are in the archive, whole, and must stay readable: with cards in them. |
#
# The quantity that nobody logged has a name: the **propensity**, the probability with which the policy showed what it
# showed. With it, a reward $r$ earned by showing $a$ counts for a new policy $\pi$ as
#
# $$\hat V(\pi) = \frac{1}{n} \sum_i \frac{\pi(a_i \mid x_i)}{p_i} \, r_i$$
#
# (inverse propensity scoring; Horvitz and Thompson, 1952). Where the new policy would have done the same more often than
# the old one did, the row counts for more than one. Without $p_i$ there is no way back. Here is the contract.
#
# ### Events
# A **decision** is a dict with
#
# | Field | is | at most, at least |
# |---|---|---|
# | `kind` | `"decision"` | |
# | `id` | a whole number, random | 0 to 2⁶³ − 1 |
# | `time` | seconds since 1970, whole | 0 to 2³² − 1 |
# | `card` | the library card, text: `L` and seven digits, `L0412387` | |
# | `address`, `device` | of the network, of the app: text | |
# | `model` | the number of the model that decided | 0 to 2³¹ − 1 |
# | `context` | six numbers: days since the last visit, loans ever, minutes read ever, pages left, share of audio books, hour | 0 to 10⁷ each |
# | `candidates` | a list of different catalogue numbers | 1 to 60 of them, each from 0 to 2³¹ − 1 |
# | `probabilities` | the policy's, one for each candidate | 10⁻⁶ to 1 |
# | `action` | the candidate that was shown | |
#
# and a **label** is a dict with `kind` (`"label"`), the `id` of the decision that it is about, the `time` for which it was
# counted, and `minutes` read until then, 0 to 50,000. Of several labels of a decision the one with the latest `time` counts.
#
# ### What you ship
# `logbook.py` defines three functions. The `key` is 32 bytes, and the same for as long as there is a log.
#
# - `encode(events, key)`: a list of such dicts, in any order, to bytes. **Bytes behind bytes are a log**: whatever
#   `encode` has returned, in one call or in a thousand, can be put together.
# - `decode(data, key)`: the events of a log, as a list of dicts in the order in which they were written. A decision
#   has `kind`, `id`, `time`, `person`, `model`, `context`, `candidates`, `action` and `propensity`, a label what it had.
#   Whole numbers are exact, and candidates in their order. Numbers of a `context` and `minutes` may be off by 1 % and
#   another 0.01. The propensity is a probability, not 0, and never off by more than a tenth; whether a tenth is good
#   enough for thousands of them added up is for you to find out.
# - `person` is a text: the same for the same card, another for another card, in files of all versions. Nobody who lacks
#   the key can tell from the log whose it is; not with your code, nor by trying out cards. The same goes for anything else
#   that names a person.
# - Of a **damaged** log, `decode` returns all records that are whole, and nothing else: no record that was hit,
#   and none that nobody wrote.
# - `forget(data, card, key)`: the bytes of the log without that card's decisions and without the labels about them, wherever
#   they are in the file. What `decode` says of everybody else is exactly as before. Bytes that can't be read are
#   left out, because nobody knows whose they were.
# - `decode` and `forget` take files of both **old versions** as well. Such a file is of one version throughout, and whole;
#   what `forget` leaves of it may be in a newer one. What `forget` has left, of any file, stays a file by itself.
#
# The same arguments give the same answers in every process, and events are left as they are.
#
# ### The old versions
# **Version 1** is a line of JSON for each event, with a newline behind each. `t` is the time in *milli*seconds (drop
# what is below a second), `id` is written with 16 hexadecimal digits. A decision has `card`, `v` (the model), `x` (the
# context), `c` (candidates), `a` (the *place* of the action in `c`, from 0) and `p` (probabilities); a label has `min`.
#
# **Version 2** begins with the four bytes `LB2\n`. Behind them stand C structures, little-endian and without padding:
#
# | | Python's `struct` | fields in turn |
# |---|---|---|
# | decision | `<BQIIIBBH6f`, then `<I` for each candidate | 1, id, time, digits of the card as a number, model, number of candidates, place of the action, propensity as −1000·log₂(p), context |
# | label | `<BQIf` | 2, id, time, minutes |

# %%
unit.contract()

# %% [markdown]
# Nothing is judged before an undamaged log gives back all its decisions. *Answers right* is the mean of two shares. *Training rows*: decisions that come back right (all but the propensity), with
# a person who is one card's alone, joined with the right minutes. *Policies*: two dozen new policies are replayed on your log,
# and their true value, which is known here, must lie in the 95 % interval, which may be 15 % wider than the one from
# complete events. *Lost to one damage*: copies of a log get one flipped bit each, and some end in the middle of what
# `encode` returned, where only what it had returned before must be read; a record that nobody wrote counts as twenty. *Size*
# is that of a log written 32 events at a time. *Deletions* are tried on files with and without damage, put together in any
# order. *Without the key*: somebody with the file, your code, all cards and a decompressor. *Lines of JSON* write and read the
# fields that you must return, in the clear; each call of either gets 150 events, or a log of as many, and what you answer then is
# judged as well. Whoever writes, reads or forgets is another process: what is not in the bytes is lost.

# %% [markdown]
# ## 2. Design memo
#
# Before you build: write down what you would do and why, for a colleague who has read the brief and nothing else. One
# page, 900 words at most. It is marked by hand against this rubric, and you can mark yourself with it first.
#
# | | Points | Full points if the memo ... |
# |---|---|---|
# | Goal and users | 2 | lists three questions or more that the log must answer (1), and who asks each (1) |
# | Constraints | 3 | turns the brief into events a second (1), bytes a year (1), and says what a damaged place may cost (1) |
# | Data | 3 | says of cards and addresses, context, candidates, probabilities and labels whether each is kept and how exactly (1), which question needs it (1), and what is dropped or replaced, and why (1) |
# | Metric | 2 | measures the log by its answers, ½ each: rows, replayed intervals, deletions, damage (2) |
# | Baseline | 2 | names today's lines of JSON and what they cost (1), and what they can't answer whatever is done later (1) |
# | Serving | 3 | describes the record (½), the pseudonym (½) and the deletion (1), and argues for them against two other designs (1) |
# | Monitoring | 2 | says what is watched that moves when the log goes bad (1), soon enough that it can still be repaired (1) |
# | What could go wrong | 3 | names three failures particular to such logs (1½), and what is done about each (1½) |

# %% [markdown] memo="memo" points=20
# ### BEGIN SOLUTION
# **Goal and users.** Four readers. Training asks for rows: context, what was shown, minutes in the end. Whoever wants to
# replace the model asks what it would have earned, with an interval. A reader of the library asks to be deleted. And whoever
# repairs the archive asks what is still whole. Readers' privacy is a goal, not an obstacle: the copies *will* leak.
#
# **Constraints.** 5.8 million events a day, 160 a second at the peak: any language can write that, so the budget is bytes:
# 95 GB a year at 45 bytes instead of 380. Nothing is ever rewritten but by a deletion; a damaged byte may cost one record.
#
# **Data.** Kept: id (joins), time (orders reports), a pseudonym (joins, deletion), model, context in two bytes a
# number (0.03 %), all candidates (a new policy must be able to choose), the action, and *one* propensity, on a logarithmic
# scale: weights are ratios, so relative errors matter, and 0.2 % rounded to whole percent is a division by zero. Dropped:
# the other probabilities (replay never asks), address, device (no question needs them). A label is a record of its own,
# written when it comes: joined by readers, latest time first, so late, repeated and overtaking ones need no care.
#
# **Metric.** Share of right rows; share of policies whose true value is in the log's interval; deletions that leave nothing
# and touch nobody else; records lost for each damage, and records invented, which is worse.
#
# **Baseline.** Today's lines: 180 bytes, cards in the clear, no propensity. Their replay is not noisy, it is wrong, and no
# later cleverness brings the probability back.
#
# **Serving.** Each record stands alone: length, CRC-32, version and kind, fields. Behind damage the reader tries the next
# byte until a checksum fits. *Against compressed blocks*: they save some bytes on JSON, little on packed
# numbers (ids and pseudonyms are random), and a bit costs 32 events. *Against a table of readers beside the log*, with
# numbers in it: deletion is one row, but the table is a second file to lose and everything to steal. The pseudonym is
# HMAC-SHA-256 of the card, 8 bytes; ten million bare hashes are tried in five seconds. Deletion reads the file twice: the
# person's ids, then everything without them and their labels.
#
# **Monitoring.** Every hour: share of decisions with a label after a week, mean of 1/(K·p) over visits with K candidates (it
# must be near 1, or propensities are wrong), bad checksums, bytes an event, persons with impossibly many visits.
#
# **What could go wrong.** The policy changes and logs the old one's probability: the mean above drifts. A key is lost: no
# deletion any more, so it is in the vault twice. A late label of a forgotten decision arrives: it names nobody, and the
# nightly job drops labels without decision after a month. Somebody adds a field with free text: the version byte changes, and
# a review asks which question needs it.
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
# Five numbers from the brief, on the back of an envelope. Units are in the question; `unit.answer` tells you if an answer
# isn't a number, not whether it is right. The check below does.
#
# - `events_per_second`: how many events (decisions and reports) a second are written in the busiest hour?
# - `gigabytes_a_year`: by how many GB (10⁹ bytes) does the log grow in a year, at 45 bytes an event?
# - `guess_seconds`: pseudonyms are SHA-256 of the card, without a key. How many seconds does it take to compute those of all
#   card numbers, at 2 million a second?
# - `people_mixed_up`: pseudonyms are 32 bits of a good hash. How many *pairs* of the 300,000 readers do you expect to share one?
# - `visits_to_log`: a new policy always shows one certain book of the 16 candidates, which today is shown only at random, in
#   4 % of visits any of the 16. How many visits must be logged until 400 of them show what the new policy would?

# %% solution="answer-estimates"
events_per_second = None
gigabytes_a_year = None
guess_seconds = None
people_mixed_up = None
visits_to_log = None
### BEGIN SOLUTION
events_a_day = 2_000_000 * (1 + 1.9)
events_per_second = events_a_day * 0.10 / 3_600
gigabytes_a_year = events_a_day * 365 * 45 / 1e9
guess_seconds = 10**7 / 2e6
people_mixed_up = 300_000**2 / 2 / 2**32
visits_to_log = 400 / (0.04 / 16)
### END SOLUTION
unit.answer(
    events_per_second=events_per_second,
    gigabytes_a_year=gigabytes_a_year,
    guess_seconds=guess_seconds,
    people_mixed_up=people_mixed_up,
    visits_to_log=visits_to_log,
)

# %%
unit.check("estimates")

# %% test="estimates"
unit.grade("estimates")

# %% [markdown]
# The third and the fourth together say what a pseudonym is. A hash that anybody can compute is the card number in another
# alphabet. And one that is too short deletes a stranger. The last one says what the rare visits are worth: 400 rows of all those
# decide, and each of them enters with a weight of hundreds. Whatever the log does to *their* propensities, it does to the
# answer.

# %% [markdown]
# ## 4. Build
#
# ### Look first
# Two weeks of a small branch: everything is simulated, so it is known what any policy would really have earned.

# %% locked="data"
import matplotlib.pyplot as plt
import numpy as np

from course.units.f09_prediction_log import world

log = world.unpacked(unit.data)
old = {name: unit.data[name].tobytes() for name in ("version_1", "version_2")}
events, key = list(log.events), log.key

# %%
first = log.decisions[0]
for name, value in first.items():
    print(f"{name:14} {value}")
print(*(one for one in events if one["kind"] == "label" and one["id"] == first["id"]), sep="\n")
labels = len(events) - len(log.decisions)
print(f"\n{len(events):,} events: {len(log.decisions):,} decisions by {len(log.cards)} readers, {labels:,} labels")
print(old["version_1"][:240], old["version_2"][:60], sep="\n")

# %% [markdown]
# ### What a replay asks of the log
# Below, on the left: how likely was what was shown? On the right: which part of the new policies' values comes from which
# rows?

# %%
chances = np.array([world.propensity(one) for one in log.decisions])
minutes = np.array([log.minutes[one["id"]] for one in log.decisions])
context = np.array([one["context"] for one in log.decisions])
candidates = world.padded([one["candidates"] for one in log.decisions])
places = np.array([one["candidates"].index(one["action"]) for one in log.decisions])
order, shares = np.argsort(chances), []
for weights in log.policies:
    new = world.taken(world.by(log.books, log.traits, weights, context, candidates), places)
    part = (new / chances * minutes)[order]
    shares.append(part.cumsum() / part.sum())
figure, axes = plt.subplots(1, 2, figsize=(11, 3.6), sharex=True)
axes[0].hist(chances, bins=np.logspace(-3, 0, 40), color="0.75", edgecolor="black")
axes[0].set(xscale="log", xlabel="propensity", ylabel="visits", title="How likely was what was shown?")
axes[1].plot(chances[order], 100 * np.transpose(shares), color="0.6", linewidth=0.7)
axes[1].plot(chances[order], 100 * np.mean(shares, axis=0), color="black", linewidth=2.5, label="mean of 24 policies")
axes[1].axvline(0.005, color="black", linestyle=":", label="0.005: rounds to 0 %")
axes[1].set(xlabel="propensity", ylabel="% of the value", title="Value that comes from rows up to there")
axes[1].legend(loc="lower right")
figure.tight_layout()
plt.show()
print(f"{(chances < 0.005).sum()} of {len(chances):,} visits lie left of the dotted line")

# %% [markdown]
# The bars on the left pile up near 1: nearly always the favourite was shown. The little heap around 0.003 is the few visits
# of the hundred where chance decided. On the right, each thin line is a new policy; it rises where its value comes from. The
# thick line has made half of its way or so when it passes the dotted one: a handful of visits, those that are
# hardest to store, carry as much as all others together.
#
# ### The baseline
# What is there today: `encode` writes a line of JSON for each event, with `kind`, `id`, `time`, `card`, `model`, `context`,
# `candidates` and `action`, or with `minutes`. `decode` reads the lines; the person is the card, and as propensity it says
# what people say who have none: one over the number of candidates. `forget` drops the lines with that card. No old versions.
#
# From here on you write *modules*. The cell below starts with `%%writefile baseline.py`: running it saves the rest of
# the cell as that file, and runs nothing. When it is called, it runs elsewhere, in a process that has never seen this
# notebook: so it brings its own imports, and no variable of the notebook exists there. That is what shipping means.

# %% solution="write-baseline"
# %%writefile baseline.py
### BEGIN SOLUTION
import json

FIELDS = ("kind", "id", "time", "card", "model", "context", "candidates", "action", "minutes")


def encode(events, key):
    lines = [json.dumps({name: event[name] for name in FIELDS if name in event}) for event in events]
    return "".join(line + "\n" for line in lines).encode()


def decode(data, key):
    events = [json.loads(line) for line in data.splitlines()]
    for event in events:
        if event["kind"] == "decision":
            event["person"] = event.pop("card")
            event["propensity"] = 1 / len(event["candidates"])
    return events


def forget(data, card, key):
    lines = data.splitlines(keepends=True)
    return b"".join(line for line in lines if json.loads(line).get("card") != card)


### END SOLUTION

# %%
unit.check("baseline")

# %% test="baseline"
unit.grade("baseline")

# %% [markdown]
# Now ask it what it was kept for. `world.joined` is how readers join labels, `log.replay` how they replay; each dot is a
# policy's value from the log with its 95 % interval, the line is what the policy is really worth.


# %%
def reread(module):
    """The log as a module has kept it, written 32 events at a time: bytes, and the events that they give back."""
    data = b"".join(module.encode(some, key) for some in log.flushes())
    return data, module.decode(data, key)


def rows_of(read):
    """What a replay needs, of all decisions that have a propensity."""
    read_minutes = world.joined(read)
    return [
        (one["context"], one["candidates"], one["action"], one["propensity"], read_minutes.get(one["id"], 0.0))
        for one in read
        if one["kind"] == "decision" and 0 < one["propensity"] <= 1
    ]


def draw(answers):
    """Values of all policies with their intervals, for each log by name."""
    order, place = np.argsort(log.values), np.arange(len(log.values))
    figure, axes = plt.subplots(1, len(answers), figsize=(5.5 * len(answers), 3.6), sharey=True, squeeze=False)
    for axis, (name, (values, errors)) in zip(axes[0], answers.items(), strict=True):
        held = np.abs(values - log.values) <= 1.96 * errors
        axis.plot(place, log.values[order], color="black", label="true value")
        axis.errorbar(
            place, values[order], 1.96 * errors[order], fmt="o", color="0.45", capsize=2, label="from the log"
        )
        axis.set(title=f"{name}: {held.sum()} of {len(held)} hold the truth", xlabel="policies", xticks=[])
    axes[0, 0].set_ylabel("minutes a visit")
    axes[0, 0].legend()
    figure.tight_layout()
    plt.show()


answers = {"complete events": log.complete}
plain = unit.load("baseline.py")
if hasattr(plain, "encode") and hasattr(plain, "decode"):
    data, read = reread(plain)
    answers["baseline"] = log.replay(rows_of(read))
    print(f"baseline: {len(data) / len(events):.0f} bytes an event; {log.cards[0].encode() in data = }")
draw(answers)

# %% [markdown]
# On the left the intervals are wide, and they hold the line. On the right they are far too high, and many are narrow: a
# confident wrong answer, of the kind that went live last year. The reason is in the first picture: without propensities, the
# favourite's many rows count as if they were draws among equals. More rows would make these intervals narrower still.
#
# ### Your log
# Write `logbook.py`. Before you choose a format, make three lists. What does a reader need, and how exactly? What happens
# to the *next* record when a bit flips in this one: where does it begin, and how do you know? And what can somebody do with
# your file, your code and a list of ten million cards?

# %% solution="write-logbook"
# %%writefile logbook.py
### BEGIN SOLUTION
"""A log of decisions and of what came of them: records that stand alone, each with its length and a checksum."""

import hmac
import json
import math
import struct
import zlib

#: Before each record: bytes of its body, and their CRC-32.
FRAME = struct.Struct("<HI")
#: A decision: version and kind, id, time, person, model, place of the action, code of the propensity, codes of the context,
#: bytes of a catalogue number; then the candidates. A label: version and kind, id, time, code of the minutes.
DECISION, LABEL = struct.Struct("<BQI8sIBH6HB"), struct.Struct("<BQIH")
IS_DECISION, IS_LABEL = 0x31, 0x32


def person_of(card, key):
    """A pseudonym of 8 bytes, as text: without the key nobody can make it, so nobody can try cards out."""
    return hmac.digest(key, card.encode(), "sha256")[:8].hex()


def code_of(number):
    """A number from 0 to ten million in two bytes: steps of 0.025 %, and of 0.00025 near 0."""
    return round(4_000 * math.log1p(number))


def number_of(code):
    return math.expm1(code / 4_000)


def kept(event, key):
    """What is kept of an event: what readers ask for, and of the person a pseudonym."""
    if event["kind"] == "label":
        return event
    place = event["candidates"].index(event["action"])
    return {**event, "person": person_of(event["card"], key), "propensity": event["probabilities"][place]}


def record(event):
    """The record of an event with the fields that `decode` returns."""
    if event["kind"] == "label":
        body = LABEL.pack(IS_LABEL, event["id"], event["time"], code_of(event["minutes"]))
        return FRAME.pack(len(body), zlib.crc32(body)) + body
    candidates = event["candidates"]
    width = max(max(candidates).bit_length() + 7 >> 3, 1)
    body = DECISION.pack(
        IS_DECISION,
        event["id"],
        event["time"],
        bytes.fromhex(event["person"]),
        event["model"],
        candidates.index(event["action"]),
        round(-3_000 * math.log2(event["propensity"])),
        *[code_of(number) for number in event["context"]],
        width,
    ) + b"".join([number.to_bytes(width, "little") for number in candidates])
    return FRAME.pack(len(body), zlib.crc32(body)) + body


def opened(body):
    """The event of a record's body."""
    if body[0] == IS_LABEL:
        _, name, time, code = LABEL.unpack(body)
        return {"kind": "label", "id": name, "time": time, "minutes": number_of(code)}
    _, name, time, person, model, place, chance, *context, width = DECISION.unpack_from(body)
    candidates = [int.from_bytes(body[k : k + width], "little") for k in range(DECISION.size, len(body), width)]
    return decision(
        name,
        time,
        person.hex(),
        model,
        [number_of(code) for code in context],
        candidates,
        place,
        2 ** (chance / -3_000),
    )


def decision(name, time, person, model, context, candidates, place, propensity):
    return {
        "kind": "decision",
        "id": name,
        "time": time,
        "person": person,
        "model": model,
        "context": context,
        "candidates": candidates,
        "action": candidates[place],
        "propensity": propensity,
    }


def bodies(data):
    """Bodies whose checksum is right. Behind damage it looks for the next one at every byte."""
    at = 0
    while at + FRAME.size < len(data):
        size, check = FRAME.unpack_from(data, at)
        body = data[at + FRAME.size : at + FRAME.size + size]
        if size and body[0] in (IS_DECISION, IS_LABEL) and len(body) == size and zlib.crc32(body) == check:
            yield body
            at += FRAME.size + size
        else:
            at += 1


def version_1(data, key):
    """Events of the first version: lines of JSON."""
    for line in data.decode().splitlines():
        one = json.loads(line)
        name, time = int(one["id"], 16), one["t"] // 1_000
        if "min" in one:
            yield {"kind": "label", "id": name, "time": time, "minutes": one["min"]}
        else:
            person, place = person_of(one["card"], key), one["a"]
            yield decision(name, time, person, one["v"], one["x"], one["c"], place, one["p"][place])


def version_2(data, key):
    """Events of the second version: structures, one behind the other."""
    label, head = struct.Struct("<BQIf"), struct.Struct("<BQIIIBBH6f")
    at = 4
    while at < len(data):
        if data[at] == 2:
            _, name, time, minutes = label.unpack_from(data, at)
            yield {"kind": "label", "id": name, "time": time, "minutes": minutes}
            at += label.size
        else:
            _, name, time, card, model, count, place, chance, *context = head.unpack_from(data, at)
            candidates = list(struct.unpack_from(f"<{count}I", data, at + head.size))
            person = person_of(f"L{card:07d}", key)
            yield decision(name, time, person, model, context, candidates, place, 2 ** (chance / -1_000))
            at += head.size + 4 * count


def encode(events, key):
    return b"".join([record(kept(event, key)) for event in events])


def decode(data, key):
    if data.startswith(b'{"'):
        return list(version_1(data, key))
    if data.startswith(b"LB2\n"):
        return list(version_2(data, key))
    return [opened(body) for body in bodies(data)]


def forget(data, card, key):
    """First whose decisions those are, then everything but them and what was reported about them, written anew."""
    events, person = decode(data, key), person_of(card, key)
    gone = {event["id"] for event in events if event.get("person") == person}
    return b"".join([record(event) for event in events if event["id"] not in gone])


### END SOLUTION

# %% [markdown]
# Does it give back what it was given? The first thing that is not as it was:


# %%
def first_difference(read):
    """The first decoded event that is not the one that was written; nothing if all are."""
    if len(read) != len(events):
        return f"{len(read):,} events came back of {len(events):,}"
    for one, event in zip(read, events, strict=True):
        for name in one.keys() & event.keys():
            exact = name not in ("context", "minutes")
            if not (one[name] == event[name] if exact else np.allclose(one[name], event[name], rtol=0.01, atol=0.01)):
                return f"`{name}` of {one['kind']} {one['id']}: {one[name]}, was {event[name]}"
    return ""


yours = unit.load("logbook.py")
if hasattr(yours, "encode") and hasattr(yours, "decode"):
    data, read = reread(yours)
    print(f"{len(data) / len(events):.1f} bytes an event;", first_difference(read) or "everything came back")
    answers["your log"] = log.replay(rows_of(read))

# %% [markdown]
# And what the readers make of it. The third picture should look like the first one, interval by interval, from a
# third of the baseline's bytes.

# %%
draw(answers)

# %% [markdown]
# Now be unkind to it. Each character below is a copy of a small log with one bit flipped, at places from its beginning to its
# end: `.` if one record is missing, a figure (or `+`) if more are, `!` if something came back that nobody wrote. Behind
# it, a copy that was cut in the middle is read. Then the reader with most visits is forgotten, from a file that was put together
# in another order: many reports stand before the decision that they are about.

# %%
if hasattr(yours, "forget"):
    small = b"".join(yours.encode(some, key) for some in log.flushes(most=96))
    whole = [str(one) for one in yours.decode(small, key)]
    signs = ""
    for place in np.linspace(0, len(small) - 1, 100).astype(int).tolist():
        read = [str(one) for one in yours.decode(world.flipped(small, place, 4), key)]
        missing = len(whole) - len(read)
        signs += "!" if set(read) - set(whole) else "." if missing == 1 else str(missing) if 0 <= missing < 10 else "+"
    print(signs)
    print(f"half of the file: {len(yours.decode(small[: len(small) // 2], key))} of 96 events")
    file = b"".join([yours.encode(some, key) for some in log.flushes(most=640)][::-1])
    card = max(log.cards, key=lambda card: sum(one.get("card") == card for one in events[:640]))
    theirs = {one["id"] for one in events if one.get("card") == card}
    before, left = yours.decode(file, key), yours.decode(yours.forget(file, card, key), key)
    about = [sum(one["id"] in theirs for one in some) for some in (before, left)]
    print(
        f"{card}: of {len(before)} events {about[0]} are theirs or about them; after `forget` {about[1]} of {len(left)}"
    )

# %% [markdown]
# ## 5. Ship check
# Everything that can be measured here, on the public log. Run it as often as you like. `unit.replay(0)` to `unit.replay(6)` in a
# cell of your own show a deletion event by event, as it is judged, and the numbers from 7 on show damaged copies.

# %%
unit.check()

# %% [markdown]
# The cells below are what gets graded, a clause each. Here they measure on the public log; at grading, on other weeks of the
# same world, together with checks of how your log stands up to what the contract allows and these weeks don't show.

# %% test="interface"
unit.grade("interface")

# %% test="untouched"
unit.grade("untouched")

# %% test="quality"
unit.grade("quality")

# %% test="forgotten"
unit.grade("forgotten")

# %% test="damage"
unit.grade("damage")

# %% test="bytes"
unit.grade("bytes")

# %% test="throughput"
unit.grade("throughput")

# %% test="private"
unit.grade("private")

# %% test="versions"
unit.grade("versions")

# %% test="limits"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("limits")
### END HIDDEN TESTS

# %% test="storm"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("storm")
### END HIDDEN TESTS

# %% [markdown]
# ### Where this comes from
# - D. G. Horvitz and D. J. Thompson: *A generalization of sampling without replacement from a finite universe* (1952).
# - L. Li, W. Chu, J. Langford and X. Wang: *Unbiased offline evaluation of contextual-bandit-based news article recommendation
#   algorithms* (2011).
# - L. Bottou and others: *Counterfactual reasoning and learning systems* (2013): why propensities must be logged.
# - W. W. Peterson and D. T. Brown: *Cyclic codes for error detection* (1961): the checksum.
# - H. Krawczyk, M. Bellare and R. Canetti: *HMAC: keyed-hashing for message authentication* (1997).
# - S. Cheshire and M. Baker: *Consistent overhead byte stuffing* (1997): another way to find the next record.
