# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Trending tags
#
# *Unit q07. One sitting: 90 to 120 minutes. You ship a file, `trends.py`, that reads the posts of a region as they come and says
# at any time which tags trend. It may remember 64 KiB. It is measured how much of what it lists does trend, how soon, and
# whether it still knows on the next morning what Tuesdays are like.*
#
# [Brief](#1.-Brief) · [Design memo](#2.-Design-memo) · [Estimates](#3.-Estimates) · [Build](#4.-Build) ·
# [Ship check](#5.-Ship-check)
#
# Run the next cell first, and again whenever the kernel was restarted: what you saved to files is still there. Each step
# has a check, which says what was measured and what was asked. Stuck? Type `unit.hint()` into a cell of your own.

# %% locked="setup"
import course

unit = course.unit("q07-trending-tags", needs="0.1.0")

# %% [markdown]
# ## 1. Brief
#
# > How would you build a system that shows which tags are trending?
#
# They have one. Under the search field of their photo app there are ten tags, and they have been the same ten since the spring:
# *love*, *food*, *sunset*. On the night when the old market hall burned, twelve hundred people posted the fire, and the
# strip said *sunset*. Ask what they would have liked to see.
#
# | You ask | They say |
# |---|---|
# | What is shown today? | The tags with most posts in the last hour. Nobody taps on them any more. |
# | What is wrong with that? | Everybody knows that people love food. We want what is *unusual*: the fire, a goal, a song that came out at noon. |
# | Is every rise unusual? | No. *goodmorning* goes from 2 an hour to 150 each day at seven. Every Thursday at nine a quiz show has its hundred and fifty, in an hour in which it has none on a Wednesday. Saturday has its market. The first is news to a system that looks at the hour before, the others to one that looks at yesterday, and none of them to anybody else. |
# | And if the show comes on a Tuesday? | Then that is news. |
# | Who games it? | A restaurant with a script: one account that posts its own tag four hundred times an hour. We count people, not posts. Since they found that out, some have a shelf of phones, up to ten. |
# | How much comes in? | In an average region 2,400 posts an hour, up to 6,000 in the evening. 200,000 different tags in four weeks, and more than half of them came once. |
# | How large is a burst? | Sometimes a few hundred people an hour, sometimes just enough to count. On an ordinary day there are half a dozen, between breakfast and midnight; on the night of a storm there are nine in one evening. Most tags that burst are ones that hardly anybody had used before, or nobody at all. |
# | How soon must it be there? | Within a quarter of an hour; after an hour it is in the papers. |
# | What if nothing trends? | Then show nothing. A list of which more than half is wrong isn't read, and what is right in it isn't seen either. |
# | Where does it run? | In the process that takes the posts in, in each of 300 regions. It must not wait for a database. Its state is copied to a stand-by machine, so it may have 64 KiB. What is larger is not copied. |
# | How often is it restarted? | Each midnight, when we deploy, and whenever a machine dies. |
# | Do we have to tell you what is usual? | Nobody can, it is different in each region and it changes. Let it listen for three weeks first; nobody looks at it before. |
#
# So the question is not what is popular, and not what is rising either. It is **what far more people use in this hour than in such an
# hour of such a day**, and the whole difficulty is to know the last part without the room to write it down. Here is the contract.
#
# `trends.py` defines the class `Trends`.
#
# - `Trends()` is a new one. It has seen nothing.
# - `update(batch)` takes the next quarter of an hour, and returns nothing.
# - `top(k)` returns a list of at most `k` different tags that trend now, the clearest first; `top(3)` is the beginning of
#   `top(10)`. It may be shorter, or empty, and it may be asked at any time.
# - `state()` returns bytes, and `Trends.restore(state)`, a class method, gives one that goes on, in another process, as if
#   nothing had happened. A state of more than 65,536 bytes is not kept: then the next day begins with `Trends()`.
#
# A batch is a dict; those of a stream follow on each other, and it may begin at any quarter of the week:
#
# | Field | is |
# |---|---|
# | `time` | minute of the week in which the quarter begins: 0 on Monday at midnight, 15, 30, ... 10,065 |
# | `tags` | an array of whole numbers from 0 to 2⁶³ - 1, a post each: the tag. Tags were numbered elsewhere, at random |
# | `accounts` | an array of as many such numbers: who posted it. There may be no post at all |
#
# **What trends.** Take the last four batches, the hour up to now. A tag's *accounts* are the different accounts that used
# it in them. Its *usual* is the mean of what its accounts were in the same hour of the week, one, two and three weeks ago.
#
# | A tag | if |
# |---|---|
# | trends | it has 40 accounts or more, and at least 4 times the usual |
# | does not trend | it has fewer than 20 accounts, or less than twice the usual |
# | may be called either | it lies between |
#
# You are asked for `top(10)` after each batch of the fourth week, from a counter that has had the three weeks before and was
# restored each midnight. All answers are the same in every process, and what you are given stays as it is.

# %%
unit.contract()

# %% [markdown]
# A *burst* is a tag that trends, for half an hour or longer; pauses of up to two hours are part of it. It was *found in time* if it was in
# a list, in its first hour, of which at most half did not trend. Minutes count from the first batch after which it trends; what was
# not found in time counts 60. *Entries that trend and bursts found, together* is the harmonic mean of two shares: that of entries, without
# those that may be called either and those of spammers, and that of bursts. A spammer's tag was *listed* if it was in a list when it did not
# trend. The *cost of a batch and a list* is a ratio to sorting the batch with numpy, counting each tag's accounts, and taking the ten
# largest counts.

# %% [markdown]
# ## 2. Design memo
#
# Before you build: write down what you would do and why, for a colleague who has read the brief and nothing else. One
# page, 900 words at most. It is marked by hand against this rubric, and you can mark yourself with it first.
#
# | | Points | Full points if the memo ... |
# |---|---|---|
# | Goal and users | 2 | says who looks at the strip and what they want from it (1), and whom a wrong entry helps (1) |
# | Constraints | 3 | turns the brief into bytes for each tag (1), posts a second (½) and minutes (½); says which one shapes the design (1) |
# | Data | 3 | says what moves in a normal week, by two rhythms or more (1), what the many rare tags are like (1), and what a post can't tell about people (1) |
# | Metric | 2 | measures entries and bursts (½), delay (½) and spam (½), and says why none of them alone is enough (½) |
# | Baseline | 2 | names what there is today (½) and a better simple rule (½), and how each fails (1) |
# | Serving | 3 | says what is exact, what is a sketch and what is forgotten, within 64 KiB (1½); argues for it against two other designs (1); says what a batch costs (½) |
# | Monitoring | 2 | names a number or a trial that shows, without a judge of each entry, that the lists have become wrong (1), and says what it is held against (1) |
# | What could go wrong | 3 | names three failures particular to trends and sketches (1½), and what is done about each (1½) |

# %% [markdown] memo="memo" points=20
# ### BEGIN SOLUTION
# **Goal and users.** People who open the app and ask "what is going on here?". They tap on what they did not know yet. A wrong
# entry bores them, and a spammer's entry is an advertisement that nobody paid us for.
#
# **Constraints.** 200,000 tags in 64 KiB are a third of a byte each, so most tags can't even be remembered, and a usual week of
# each would be 67 MB. 2,400 posts an hour are less than one a second: time is no problem, unless 300 regions share a machine.
# Fifteen minutes mean lists by the batch, not by the full hour. Memory shapes the design.
#
# **Data.** Three rhythms: everybody's day, tags with an hour of the day, tags with an hour of the week. Under a hundred
# tags have them; everything else is rare, and for a rare tag the usual is 0, which costs nothing to store. A post has an
# account, not a person: ten phones are ten accounts, so a limit of 40 must hold against them within a sliding hour.
#
# **Metric.** Share of entries that trend, share of bursts found within their first hour, minutes until then, spammers listed. An empty strip
# has no wrong entry; one that lists everything finds every burst; so both together, and delay and spam beside them.
#
# **Baseline.** Most posts: the same ten for ever. Four times the hour before: finds bursts, but every morning and every show is one too.
#
# **Serving.** The last hour in four count-min sketches that rotate: anybody's tag, 12 kB, wrong upwards only. The usual week in 168 bytes for each
# of 150 tags that were busy once, idlest out. A Bloom filter of (tag, account) pairs of this hour. Not a table of all tags
# (67 MB). Not one sketch of all (tag, hour) pairs: 400,000 posts a week in 30,000 cells leave 13 in each, for every tag. Not a
# decaying average: it is wrong every Thursday at nine. A batch is a few array operations.
#
# **Monitoring.** The share of entries that were also there a week ago at this hour; how many lists are empty; a made-up burst is
# played to a copy each day; taps by entry.
#
# **What could go wrong.** Ghosts: a rare tag lies beside busy ones in all rows; more rows, and compare with the batch. A burst
# becomes the usual of the next week: in a mean of three weeks it is a third of that, and few burst twice. Clocks change in March: all
# rhythms are an hour off for a week; give the counter local time. More habits than places: the idlest tag's week is lost and
# its next show trends; count evictions of tags that come back.
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
# - `table_megabytes`: the exact way. For each of 200,000 tags, a number of two bytes for each of the 168 hours of a week. How many MB
#   (10⁶ bytes)?
# - `profiles`: of 64 KiB (65,536 bytes), 20 KiB (20,480) go into everything else. For how many tags is there room for a week,
#   at one byte an hour, with 12 bytes for the tag's number and when it was last busy?
# - `lost_pairs`: a *Bloom filter* remembers which pairs of tag and account there have been: each pair sets 4 of 65,536 bits, and
#   a pair whose 4 bits are all set is taken for known. 5,000 different pairs have come. Of 1,000 new ones, how many are lost?
# - `ghosts_two`: a *count-min sketch* has rows of counters; in each row a tag has one place by its hash, and it is
#   estimated by the least of its counters. 40 busy tags lie in a sketch of two rows of 1,536. Of 2,000 rare tags that
#   come in an hour, how many look busy, because in *each* row they share their place with a busy one?
# - `ghosts_four`: and if the same bytes are four rows of 768: how many in 1,000 hours?

# %% solution="answer-estimates"
table_megabytes = None
profiles = None
lost_pairs = None
ghosts_two = None
ghosts_four = None
### BEGIN SOLUTION
table_megabytes = 200_000 * 168 * 2 / 1e6
profiles = (65_536 - 20_480) / (168 + 12)
lost_pairs = 1_000 * (1 - 2.718281828 ** (-4 * 5_000 / 65_536)) ** 4
ghosts_two = 2_000 * (1 - (1 - 1 / 1_536) ** 40) ** 2
ghosts_four = 1_000 * 2_000 * (1 - (1 - 1 / 768) ** 40) ** 4
### END SOLUTION
unit.answer(
    table_megabytes=table_megabytes,
    profiles=profiles,
    lost_pairs=lost_pairs,
    ghosts_two=ghosts_two,
    ghosts_four=ghosts_four,
)

# %%
unit.check("estimates")

# %% test="estimates"
unit.grade("estimates")

# %% [markdown]
# The first two numbers are the unit in a nutshell: a week of everybody is a thousand times too large, a week of two hundred and fifty
# is not. Are there more than two hundred and fifty that need one? The last two say that a sketch has a shape as well as a size. One
# ghost an hour doesn't sound bad, until you remember that most hours have no burst at all.

# %% [markdown]
# ## 4. Build
#
# ### Look first
# Four weeks of one region. It is simulated: nobody gives away who posted what. You get all posts, which tags were made to burst and
# which belong to spammers, and from an exact count, which takes more memory than you have, what trended when in the last week.

# %% locked="data"
import numpy as np

from course.units.q07_trending_tags import picture, world

stream = world.unpacked(unit.data)
truth = world.truth(stream)

# %%
some, counts = np.unique(stream.tags, return_counts=True)
sizes = np.diff(stream.ends, prepend=0)
print(f"{len(stream.tags):,} posts in {len(stream):,} batches, on average {sizes.mean():.0f}, at most {sizes.max():,}")
print(f"{len(some):,} different tags; {(counts == 1).mean():.0%} came once")
least = world.MANY // world.TIMES
often = (truth.usual.max(axis=1) > least).sum()
print(
    f"{len(truth.tags)} had {world.FEW} accounts in an hour of the last week; {often} of them a usual above {least}, at some hour"
)
print(f"{truth.trends.any(axis=1).sum()} tags trend in the last week, {truth.trends.sum(axis=0).max()} at once at most")
for name, value in stream.batch(3 * world.WEEK + 40).items():
    print(f"{name:>8}: {value if np.isscalar(value) else value[:5].tolist()}")

# %% [markdown]
# The third line is the one to build on. A tag whose usual is ten or less at all hours trends as soon as it has forty accounts: four
# times the usual is then no more than that. What is usual matters for the others, and those are few. What does such a week look like? Four tags, the last week of each. Grey is the usual,
# the line is what came, and it trends where the line is above the dots.

# %%
picture.week(stream, truth)

# %% [markdown]
# Above, two that are no news. The line climbs from one or two accounts to well over forty within two hours, and stays on its grey
# hill, because it does so each day, or each week. A rule that compares with an hour ago, or
# with yesterday, or with the mean of the week, is fooled by one of them. Below left is news: no hill beneath it.
# Below right is a spammer: the grey line, of posts, is as high as any burst, and the black one, of accounts, never comes near the dots.
#
# ### The baseline
# Better than what they have, and quickly written: list tags with at least 40 accounts in the last hour, and at least 4 times as many as in the
# hour before; most accounts first. Keep eight quarters in dicts; within a quarter an account counts once for each tag. It may forget
# everything when it is restarted: `state` returns `b""`.
#
# From here on you write *modules*. The cell below starts with `%%writefile baseline.py`: running it saves the rest of
# the cell as that file, and runs nothing. When it is called, it runs elsewhere, in a process that has never seen this
# notebook: so it brings its own imports, and no variable of the notebook exists there. That is what shipping means.

# %% solution="write-baseline"
# %%writefile baseline.py
### BEGIN SOLUTION
from collections import defaultdict, deque

import numpy as np


class Trends:
    """Accounts in the last hour beside those in the hour before."""

    def __init__(self):
        self.quarters = deque(maxlen=8)

    def update(self, batch):
        pairs = np.unique(np.stack([batch["tags"], batch["accounts"]]), axis=1)
        tags, counts = np.unique(pairs[0], return_counts=True)
        self.quarters.append(dict(zip(tags.tolist(), counts.tolist(), strict=True)))

    def top(self, k):
        now, before = defaultdict(int), defaultdict(int)
        for at, quarter in enumerate(reversed(self.quarters)):
            for tag, count in quarter.items():
                (now if at < 4 else before)[tag] += count
        some = [tag for tag, count in now.items() if count >= 40 and count >= 4 * before[tag]]
        return sorted(some, key=lambda tag: -now[tag])[:k]

    def state(self):
        return b""

    @classmethod
    def restore(cls, state):
        return cls()


### END SOLUTION

# %%
unit.check("baseline")

# %% test="baseline"
unit.grade("baseline")

# %% [markdown]
# What its lists had in them: above the line what does trend, below it what does not.

# %%
picture.lists(unit, stream, truth, {"against the hour before": "baseline.py"})

# %% [markdown]
# It finds the bursts, and loses them again: an hour later the hour before is high as well, and the tag is gone from the strip
# while the market hall still burns. And each day has its grey hours, in the morning, at noon and in the evening, when nothing happens
# but the day itself.
#
# ### Your counter
# Write `trends.py`. Some things that are worth a thought before you begin:
#
# - There are two memories: what came in the last hour, of any tag at all, and what is usual, of those that have a usual. Each has its own
#   errors. What happens if the first one is too high for a tag? If the second one is?
# - A sketch answers "how many of this one?", and never "which ones?". When do you have a tag's number at hand?
# - What is a *pair* of tag and account worth that you have seen already? How long do you have to know that?
# - The hour up to now is seldom a full hour of the clock.
# - Write down how many bytes each part gets before you write the part. It is all of your state.

# %% solution="write-trends"
# %%writefile trends.py
### BEGIN SOLUTION
"""What trends: accounts of the last hour, counted in sketches, beside what is usual at such an hour of the week."""

import numpy as np

#: Accounts within an hour, and times the usual, from which a tag is shown: between the two lines of the contract.
SHOWN, TIMES = 30, 3
#: The last hour: four quarters of a count-min sketch. Pairs of tag and account that the clock hour has had: a Bloom filter.
ROWS, WIDTH, BITS, PROBES = 4, 768, 2**16, 4
#: Tags whose week is known, and from how many accounts an hour on a week is worth knowing; tags that may be trending.
SLOTS, BUSY, CANDIDATES = 150, 15, 100
#: A profile is kept as roots: a byte holds up to 450 accounts, and is finest where they are few.
FINE = 12
MIX = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93], dtype=np.uint64)


def places(keys, count, size):
    """`count` places below `size` for each key: (count, keys)."""
    mixed = keys.astype(np.uint64) * MIX[:count, None]
    mixed ^= mixed >> np.uint64(29)
    mixed *= MIX[3]
    return ((mixed >> np.uint64(32)) % np.uint64(size)).astype(np.int64)


class Trends:
    """Sketches for the hour, which is anybody's; profiles for the week, which few tags have."""

    PARTS = (
        ("clock", np.int64, (3,)),  # batches so far, minute of the week, candidates
        ("window", np.uint8, (4, ROWS, WIDTH)),
        ("pairs", np.uint8, (BITS // 8,)),
        ("candidates", np.int64, (CANDIDATES,)),
        ("known", np.int64, (SLOTS,)),
        ("seen", np.int32, (SLOTS,)),
        ("week", np.uint8, (SLOTS, 168)),
    )

    def __init__(self):
        for name, kind, shape in self.PARTS:
            setattr(self, name, np.zeros(shape, dtype=kind))
        self.known -= 1
        self.candidates -= 1

    def update(self, batch):
        time = int(batch["time"])
        if time % 60 == 0 and self.clock[0]:
            # Not earlier: an hour must not be its own usual while it is asked for.
            self.learn((time // 60 - 1) % 168)
            self.pairs[:] = 0
        self.clock[0] += 1
        self.clock[1] = time
        tags = self.new(batch["tags"], batch["accounts"])
        sketch = self.window[time // 15 % 4]
        tags, counts = np.unique(tags, return_counts=True)
        where = places(tags, ROWS, WIDTH)
        for row, place in zip(sketch, where, strict=True):
            row[:] = np.minimum(np.bincount(place, counts, WIDTH), 255)
        some = tags[self.estimate(where) >= BUSY] if len(tags) else tags
        some = np.union1d(some, self.candidates[self.candidates >= 0])
        count = self.estimate(places(some, ROWS, WIDTH))
        best = np.argsort(-count)[:CANDIDATES]
        some = np.where(count >= BUSY, some, -1)[best]
        self.candidates[:] = -1
        self.candidates[: len(some)] = some

    def new(self, tags, accounts):
        """Tags of the pairs that this clock hour has not had."""
        pairs = np.unique(np.stack([tags, accounts]), axis=1) if len(tags) else np.zeros((2, 0), np.int64)
        keys = pairs[0].astype(np.uint64) * MIX[1] + pairs[1].astype(np.uint64) * MIX[2]
        bits = places(keys, PROBES, BITS)
        masks = (1 << (bits & 7)).astype(np.uint8)
        had = (self.pairs[bits >> 3] & masks).astype(bool).all(axis=0)
        np.bitwise_or.at(self.pairs, bits >> 3, masks)
        return pairs[0][~had]

    def estimate(self, where):
        """Accounts of the last hour: the least of the rows, which no other tag can make smaller."""
        total = self.window.sum(axis=0, dtype=np.int64)
        return np.min([row[place] for row, place in zip(total, where, strict=True)], axis=0)

    def learn(self, hour):
        """Put the clock hour that has ended into the profiles; a busy tag without one takes the place of the idlest."""
        busy = self.candidates[self.candidates >= 0]
        for tag in busy[~np.isin(busy, self.known)]:
            slot = self.seen.argmin()
            self.known[slot], self.week[slot], self.seen[slot] = tag, 0, self.clock[0]
        self.seen[np.isin(self.known, busy)] = self.clock[0]
        count = np.where(self.known >= 0, self.estimate(places(self.known, ROWS, WIDTH)), 0)
        before = (self.week[:, hour] / FINE) ** 2
        share = 1 / min(1 + (self.clock[0] - 1) // 672, 3)
        self.week[:, hour] = np.minimum(np.round(FINE * np.sqrt(before + share * (count - before))), 255)

    def top(self, k):
        some = self.candidates[self.candidates >= 0]
        if not len(some):
            return []
        count = self.estimate(places(some, ROWS, WIDTH))
        # The hour up to now is the last part of one clock hour and the first part of the next.
        hour, part = self.clock[1] // 60, (self.clock[1] % 60 + 15) / 60
        week = (self.week / FINE) ** 2
        usual = part * week[:, hour] + (1 - part) * week[:, hour - 1]
        match = some[:, None] == self.known
        expected = np.where(match.any(axis=1), usual[match.argmax(axis=1)], 0)
        times = count / np.maximum(expected, SHOWN / TIMES)
        best = np.argsort(-times, kind="stable")
        return [int(some[at]) for at in best if count[at] >= SHOWN and times[at] >= TIMES][:k]

    def state(self):
        return b"".join(getattr(self, name).tobytes() for name, _, _ in self.PARTS)

    @classmethod
    def restore(cls, state):
        made, at = cls(), 0
        for name, kind, shape in cls.PARTS:
            part = np.frombuffer(state, dtype=kind, count=int(np.prod(shape)), offset=at)
            setattr(made, name, part.reshape(shape).copy())
            at += part.nbytes
        return made


### END SOLUTION

# %% [markdown]
# Both beside each other. What you want to see is nothing below the line, and above it no gaps.

# %%
picture.lists(unit, stream, truth, {"against the hour before": "baseline.py", "your counter": "trends.py"})

# %% [markdown]
# Two questions that are cheap to ask here: how large is the state, and does it go on after a restart?

# %%
yours = unit.load("trends.py")
if hasattr(yours, "Trends") and hasattr(yours.Trends, "restore"):
    counter = yours.Trends()
    sizes = [len(counter.state())]
    for at in range(3 * world.WEEK + 90):
        counter.update(stream.batch(at))
        if at % world.DAY == 95:
            sizes.append(len(counter.state()))
    print(f"{sizes[0]:,} bytes of state when new, at most {max(sizes):,} within three weeks")
    again, same = yours.Trends.restore(counter.state()), []
    for at in range(3 * world.WEEK + 90, 3 * world.WEEK + 138):
        counter.update(stream.batch(at))
        again.update(stream.batch(at))
        same.append(counter.top(10) == again.top(10))
    print(f"after a restart, {sum(same)} of {len(same)} lists are the same")

# %% [markdown]
# ## 5. Ship check
# Everything that can be measured here, on these four weeks. Run it as often as you like. `unit.replay(2)` plays them to your counter
# as they are judged, with a restart each midnight in another process, and shows Wednesday of the last week, quarter by quarter.

# %%
unit.check()

# %% [markdown]
# The cells below are what gets graded, a clause each. Here they measure on the public weeks; at grading, on four others of the
# same region, together with checks of how your counter stands up to what the brief says and these weeks don't show.

# %% test="interface"
unit.grade("interface")

# %% test="quality"
unit.grade("quality")

# %% test="everyday"
unit.grade("everyday")

# %% test="delay"
unit.grade("delay")

# %% test="spam"
unit.grade("spam")

# %% test="state"
unit.grade("state")

# %% test="throughput"
unit.grade("throughput")

# %% test="restart"
unit.grade("restart")

# %% test="small"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("small")
### END HIDDEN TESTS

# %% test="crowd"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("crowd")
### END HIDDEN TESTS

# %% test="newborn"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("newborn")
### END HIDDEN TESTS

# %% [markdown]
# ### Where this comes from
# - Graham Cormode and S. Muthukrishnan (2005), *An improved data stream summary: the count-min sketch and its applications*.
# - Burton Bloom (1970), *Space/time trade-offs in hash coding with allowable errors*: the filter of pairs.
# - Kyu-Young Whang, Brad Vander-Zanden and Howard Taylor (1990), *A linear-time probabilistic counting algorithm for database
#   applications*: accounts counted in a bitmap.
# - Jon Kleinberg (2002), *Bursty and hierarchical structure in streams*: what a burst is.
