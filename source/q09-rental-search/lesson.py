# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Rental search
#
# *Unit q09. One sitting: 90 to 120 minutes. You ship `model.onnx`: candidates of a search in, a score each out. You learn it from a log
# in which the top of the page was clicked because it was the top of the page. It is measured what the first ten would be booked.*
#
# [Brief](#1.-Brief) · [Design memo](#2.-Design-memo) · [Estimates](#3.-Estimates) · [Build](#4.-Build) ·
# [Ship check](#5.-Ship-check)
#
# Run the next cell first, and again whenever the kernel was restarted: what you saved to files is still there. Each step
# has a check, which says what was measured and what was asked. Stuck? Type `unit.hint()` into a cell of your own.

# %% locked="setup"
import course

unit = course.unit("q09-rental-search", needs="0.1.0")

# %% [markdown]
# ## 1. Brief
#
# > How would you build a system that ranks holiday homes for a search?
#
# In March a lighthouse keeper's daughter put her father's cottage on the site: two rooms, the sea in all windows, €70. By the end of
# April it had been on eleven hundred pages, at place 23 of 24. Nobody had clicked it, so it stayed there, *because nobody had clicked it*.
# She has taken it off again and written a letter. Teresa, who has run the search for a month, keeps the letter on her desk.
#
# | You ask | They say |
# |---|---|
# | What decides the order today? | *Teresa:* Clicks of the last 90 days. The price, dearest first: our commission is a share of it. And whoever has *instant booking* is pushed up, by a campaign of years ago. I found that last week; nobody knew that it was still on. |
# | And a new home? | Has no clicks. If it is cheap as well, and its owner likes to be asked, it is at the bottom for good. |
# | What do you want instead? | Bookings. We live on them, not on clicks. The first ten count, the first more than the tenth. |
# | Is that not the same? | *Davide, who talks to hosts and guests:* One home in seven is a postcard: one wonderful photograph, four more of a parking lot. Everybody clicks it, and then nobody books it. |
# | Does everybody see the whole page? | There are 24 homes on it. On a phone, next to nobody scrolls down. At a desk they do, a bit. |
# | Does the place change what people think of a home? | *Oumar, who keeps the logs:* I have looked for that and found nothing. Who doesn't look doesn't click; who looks decides by what the card shows. Whether a click becomes a booking has nothing to do with the place. |
# | How do you know? | For a fortnight some pages were shuffled, the whole 24. It cost us a few bookings a day, and Renske in finance asked every day when it would end. |
# | May I have more of that? | You may ask Renske. |
# | Whom do I rank for? | Families of six, couples, people who book for tomorrow and those who book for next August. We know what seven in ten of them paid for a night when they booked before. |
# | What do you know of a home? | What its page says. Of those older than a month what the site remembers: stars, reviews, how often shown, clicked and booked. That is in a store, which is down now and then. |
# | Who is new? | In the log, one home in seven. In May, when your model goes live, it will be three in ten: hosts open for the summer. |
# | Only euros? | Euros and pounds. In May we open in Norway. Same people, same taste, prices in kroner. |
# | How fast? | A usual search has 24 candidates. Lisbon in June has 1,000, scored in one call on one core while somebody waits. |
# | Who checks that it is good? | It is all simulated here, so when it is graded we know each home's true chance with each searcher, and nobody has to be lucky. On your own desk there are the shuffled pages, and chance. |
#
# So you have a large log that is wrong in a way that can be understood, and a small one that is right. Here is the contract.

# %%
unit.contract()

# %% [markdown]
# `model.onnx` has one input, `candidates`, float32 of shape [N, 20], and one output, `score`, float32 [N]: of two candidates of a search the
# one with the higher score stands above. It scores every row by itself; N is anything from 1 to many thousands. Places are not
# among the columns: when a candidate is scored, it has none yet. Graphs are written for opset 17 and `ai.onnx.ml` 3 (`Graph`, below,
# does so). The columns, in this order:
#
# | | Name | is |
# |---|---|---|
# | 0 to 2 | `guests`, `nights`, `lead` | how many people, for how many nights, in how many days |
# | 3 | `phone` | 1 on a phone, 0 at a desk |
# | 4 | `usual_price` | euros a night that this person paid before; NaN if unknown |
# | 5, 6 | `price`, `rate` | for a night, in the market's money; euros for one unit of it: 1, 1.17 for pounds, **about 0.09 in the market that opens in May** |
# | 7 | `sleeps` | beds |
# | 8 | `distance` | km to the beach |
# | 9, 10 | `photo`, `pictures` | a machine's grade of the first picture, 0 to 10; how many there are |
# | 11 to 13 | `amenities`, `free_cancel`, `instant` | of 20 things from cot to kettle; 1 if a cancellation is free; 1 if it can be booked without asking |
# | 14 | `days_listed` | since it came to the site; **new** is under 30 |
# | 15, 16 | `review_score`, `reviews` | stars, 1 to 5, NaN with fewer than three reviews; how many |
# | 17 to 19 | `shown_90d`, `clicks_90d`, `bookings_90d` | of the last 90 days, in the order of those days |
#
# 15 to 19 come from the **history store**: NaN for every new home, and **for all homes while the store is down**.
#
# **What is measured.** A booking at place k of your order counts 1 / log₂(1 + k), from place 1 to 10, and nothing below. *Bookings in the
# first ten* are the sum over all searches, in % of that of the best order, which knows all chances (so it is the NDCG of all searches together). A shuffled
# page has about 40 %. A candidate's bookings are those that it would have if it were looked at: the same at every place.
#
# At grading that is counted for searches and homes that you have not seen, and besides for new homes alone (theirs in your first ten, over theirs in the best order's),
# with the history store down, in the market in kroner, and for searches with 1,000 candidates. The cost of a call with 1,000
# candidates is measured on one core, as a multiple of a small *calibration model* that gets 1,000 rows a call as well.

# %% [markdown]
# ## 2. Design memo
#
# Before you build: answer the question as it was asked, in a page (900 words at most), for Teresa and Renske: the one wants it built, the other pays. It
# is marked by hand against this rubric, and you can mark yourself with it first.
#
# | | Points | Full points if the memo ... |
# |---|---|---|
# | Goal and users | 2 | names three parties that an order helps or hurts (1), and says why clicks are not the goal (1) |
# | Constraints | 2 | turns 1,000 candidates and a person who waits into time for a candidate (½) and cores (½); says what is computed before the search and what at it (1) |
# | Data and its bias | 5 | says in arrows or words what causes a click and what a booking (1); which columns echo the old order (1); how looks are estimated, and from which pages (1); what shuffling costs (1), and who is shown too little to be learned about (1) |
# | Metric | 3 | chooses a measure for the first ten (½) with its noise on the shuffled pages (½); says why the log can't judge an order that differs from its own (1); names three slices (1) |
# | Baseline | 1 | names today's order (½), and the plainest model worth comparing with (½) |
# | Design and serving | 3 | argues for one way to learn (1) against two others (1); says what happens to new homes (½), and what when the store is down (½) |
# | Monitoring | 2 | says what is watched from the first day (1), and how the next log will be one that can be learned from (1) |
# | What could go wrong | 2 | names two ways in which hosts or the system itself react to the order (1), and what is done about each (1) |

# %% [markdown] memo="memo" points=20
# ### BEGIN SOLUTION
# **Goal and users.** Guests want a home that they will be happy to have booked; hosts want a fair chance to be seen; the site lives on the
# commission. An order by clicks serves none of them for long: postcards fill the top, guests click and leave, good hosts
# with plain pictures take their homes elsewhere. Goal: bookings of the first ten, with new homes as a promise of its own.
#
# **Constraints.** A search may take 300 ms to be shown; 50 of them are ours, for finding candidates, features and scores. At 1,000
# candidates and 10 ms for scores that is 10 µs each: small trees or a linear model, not a large net over pictures. Grades of photographs,
# counts and stars are computed each night and looked up; only what joins a searcher and a home (price against what she pays, beds
# against guests) is computed at the search, in the graph, so that training and serving can't differ. 90 large searches a second are about one core.
#
# **Data and its bias.** *place → look; look and appeal → click; click and quality → booking*. The old order chose the place from `clicks_90d`, `instant`
# and the price, so in the log all three are "good" even for a home that nobody likes: they are causes of the look. `shown_90d` and the other counts echo it too; ratios
# (clicks over shown, bookings over clicks) do so much less. On shuffled pages the place knows nothing of the home, so clicks at a place over
# clicks at the first are looks. Phones and desks apart: half of a phone's log is about the top three. A power of the place has one
# number for each, with little noise. Then a click at place k weighs 1 / looks(k), but not more than 20 or so: beyond that a few lucky clicks at the bottom
# outvote everybody. Bookings are learned among clicks only; there the place has no say, and no weight is needed. Shuffling costs the difference between the two orders' bookings on these pages;
# I would keep it on one page in fifty for ever, because each new model bends its own log. Too little is known about new homes, and about pairs
# that no page shows together.
#
# **Metric.** Bookings in the first ten, discounted by place as DCG does, over those of the best order. On the shuffled pages the bookings that there were
# stand for the chance, without weights, because each home was at each place alike; some five hundred bookings give the ratio a noise of a
# few per cent, so candidates are compared on the same pages. Clicks or bookings of the log can't judge: they prefer whatever agrees with the old order. Slices: new homes, phones, large groups, the store down, each market.
#
# **Baseline.** The order of today; then trees on all columns with bookings as labels, which is what the echo does to a learner who does not ask.
#
# **Design and serving.** Two small models, multiplied: appeal (clicks, weighted by looks) and the yes (bookings among clicks). *Against one
# model of bookings:* fewer positives by a factor of five, and each of them carries the weight for its place. *Against learning from shuffled pages alone:* unbiased and dear;
# an order of magnitude fewer bookings. *Against the place as a feature, held at 1 when served:* works if the place is not too well predicted by the others; here
# the old order is made of three columns, and a tree shares the credit between them as it likes. New homes: history is NaN, as for all homes while the store is down, and the model has seen both,
# with weights that count the few looks they had. If the store is down the same file answers.
#
# **Monitoring.** From the first hour: share of new homes in the first ten, of NaN by column, calls over 50 ms, the mean price at the top by market. Weekly: bookings of shuffled
# pages by model, old and new on the same pages. The log keeps the place, the device, the model's version and whether the page was shuffled, or it can't be learned from.
#
# **What could go wrong.** *Hosts learn*: better photographs for the same house. The yes-model sees bookings fall and follows within weeks; complaints per booking are a slice. *The loop closes again:* this model's favourites get
# the looks and the history; ratios and the shuffled fiftieth keep it open. *A new market:* currency, other distances; ranges are checked before it opens. *The best home is gone after one booking:* the
# order of tomorrow has to know what is free; candidates come from the calendar, and counts are per day free. *Prices follow the order:* hosts who see themselves on top raise them.
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
# Five numbers on the back of an envelope. Units are in the question; `unit.answer` tells you if an answer isn't a number, not whether
# it is right. The check below does.
#
# - `stands_for`: if looks on a phone fall as place^-1.2, for how many clicks at place 1 does one click at place 20 stand?
# - `top_three_percent`: if looks at a desk fall as place^-0.7, which share of all looks at a page of 24 go to the first three, in %?
# - `plain_over_postcard`: a postcard is clicked by 30 % of those who look at it, and booked by 2 % of those who click. A plain house is clicked by
#   12 % and booked by 10 %. How many times as many bookings does the plain house bring, out of as many looks?
# - `cores`: on a Sunday evening in June there are 90 searches a second with 1,000 candidates each. A candidate takes 4 µs. How many cores, if each may be
#   busy half of the time?
# - `days`: of 30,000 pages a day, 1 in 20 is shuffled, and a shuffled page brings 0.2 bookings. After how many days does the 95 % interval of their number
#   reach 4 % to each side, if bookings come independently?

# %% solution="answer-estimates"
stands_for = None
top_three_percent = None
plain_over_postcard = None
cores = None
days = None
### BEGIN SOLUTION
stands_for = 20**1.2
looks = [place**-0.7 for place in range(1, 25)]
top_three_percent = 100 * sum(looks[:3]) / sum(looks)
plain_over_postcard = (0.12 * 0.10) / (0.30 * 0.02)
cores = 90 * 1_000 * 4e-6 / 0.5
days = (1.96 / 0.04) ** 2 / (30_000 / 20 * 0.2)
### END SOLUTION
unit.answer(
    stands_for=stands_for,
    top_three_percent=top_three_percent,
    plain_over_postcard=plain_over_postcard,
    cores=cores,
    days=days,
)

# %%
unit.check("estimates")

# %% test="estimates"
unit.grade("estimates")

# %% [markdown]
# The first number is the trouble with weights: one lucky click at the bottom of a phone outvotes a whole screen of others. The last one is why
# shuffled pages are for checking: by the time they would do for learning, Renske has noticed.

# %% [markdown]
# ## 4. Build
#
# ### Look first
# 12,000 pages in the former order, and 3,000 that were shuffled. The homes of both are the same. No real site publishes such a log with the truth beside it, so this
# one is simulated. People in it behave by the model that most of the literature on this question assumes: *look and appeal* (Joachims, Swaminathan and Schnabel, 2017).

# %% locked="data"
import numpy as np
import pandas as pd

from course.units.q09_rental_search import judge, picture, world
from course.units.q09_rental_search.graph import Graph, ask

data = unit.data
# A row is one home on one page. In the log it stood where it stood for a reason, on shuffled pages by chance.
X_log, X_shuffled = (
    world.rows(data["homes"], data[f"search_{part}"], data[f"home_{part}"]) for part in ("log", "shuffled")
)
clicked, booked = data["clicked_log"].ravel(), data["booked_log"].ravel()
place = np.tile(np.arange(1, world.PAGE + 1), len(data["home_log"]))

# %%
for part in ("log", "shuffled"):
    clicks, bookings = (data[f"{what}_{part}"].sum() for what in ("clicked", "booked"))
    print(f"{part:>8}: {len(data[f'home_{part}']):,} pages of {world.PAGE}, {clicks:,} clicks, {bookings:,} bookings")
first = pd.DataFrame(X_log[: world.PAGE], columns=list(world.COLUMNS))
first.insert(0, "place", place[: world.PAGE])
first.insert(1, "clicked", clicked[: world.PAGE])
first.iloc[[0, 1, 2, 3, 10, 21, 22, 23]].drop(columns=list(world.SEARCH))

# %% [markdown]
# What is clicked where, who stands where, and what does a photograph bring?

# %%
picture.looks(data)

# %% [markdown]
# On the left the black marks are shuffled pages. There, homes are the same at all places, so the fall is looks and nothing else: a straight line on these
# axes, a steeper one for phones. The white marks, of the former order, lie close to them: its top is little better than a draw, and is clicked all the same. In the middle, what this does to the new: they are where nobody looks. On the
# right, the better the photograph the more clicks, and the fewer of them become bookings. In all, as the last line says, a good photograph is still
# booked more often: it helps, by much less than its clicks say.
#
# ### Operators and classifiers in one file
# `Graph()` is a graph with the input "candidates". `graph.columns("price", "rate")` are columns, float32 [N, 2]; `graph.add(operator, inputs)` puts an ONNX
# operator behind them, and numpy values may stand among the inputs; `graph.add("Concat", a, b, axis=1)` puts results side by side. `graph.look(features, X)` gives what the
# graph has at `features` for rows X: train on that, and nothing can differ later. `graph.probability(classifier, features)` is a fitted classifier of scikit-learn, or a
# pipeline, float32 [N, 1], and `graph.save(path, score)` writes the file. The cheapest house first:
#
#     cheap = Graph()
#     cheap.save("model.onnx", cheap.add("Neg", cheap.columns("price")))
#
# `ask(path, X)` gives the scores of a file, and `judge.lift(score, data["booked_shuffled"])` how many times the bookings of a random order they bring on the shuffled
# pages, with its standard error; `data["best_shuffled"]` is the same number of the best order.
#
# ### The baseline
# What most people would hand in. Bookings are wanted, so bookings are the labels: boosted trees (`HistGradientBoostingClassifier`) on all columns of the
# log, as it is. Save it as `baseline.onnx`.

# %% solution="build-baseline"
### BEGIN SOLUTION
from sklearn.ensemble import HistGradientBoostingClassifier

graph = Graph()
features = graph.columns(*world.COLUMNS)
plain = HistGradientBoostingClassifier(max_iter=60, max_leaf_nodes=8, early_stopping=False, random_state=0)
plain.fit(graph.look(features, X_log), booked)
graph.save("baseline.onnx", graph.probability(plain, features))
### END SOLUTION

# %%
unit.check("baseline")

# %% test="baseline"
unit.grade("baseline")

# %% [markdown]
# ### Your model
# Save it as `model.onnx`. Four questions carry most of it:
#
# - **Was it looked at?** What share of looks does each place have, on a phone and at a desk? What follows for a click, and for a home that was not clicked?
# - **And then?** What makes people click, and what makes them book? Which of the two needs to know the place?
# - **Which columns echo the old order?** And in which form do they say something about the home itself?
# - **What is missing, and what is in another unit?** New homes, an outage (`world.outage(X)` makes one), people whose usual price nobody knows, kroner.
#
# `HistGradientBoostingClassifier` takes NaN as it is, before and after it is converted, and `fit` takes weights. Single trees, forests and
# extra trees take NaN too, but lose its way when they are converted: `graph.probability` compares, and refuses. With `Graph(ml=5)`
# trees are not converted but written by hand, and keep it.


# %% solution="build-model"
### BEGIN SOLUTION
# Looks: on shuffled pages a place's share of clicks is its share of looks. One power of the place for each device, the most
# likely one: each click fell on place k with probability k^-power, over the sum for all places.
def power(phone):
    clicks = data["clicked_shuffled"][data["search_shuffled"][:, world.AT["phone"]] == phone].sum(axis=0)
    places = np.arange(1, world.PAGE + 1)
    tried = np.arange(0, 2.5, 0.02)
    return max(tried, key=lambda one: clicks @ np.log(places**-one / (places**-one).sum()))


steep = [power(0), power(1)]
look = place ** -np.where(X_log[:, world.AT["phone"]] > 0, steep[1], steep[0])
print(f"looks fall as place^-{steep[0]:.2f} at a desk and as place^-{steep[1]:.2f} on a phone")


def seen(graph):
    """What joins searcher and home, and history as ratios: counts would echo the former order."""
    euros = graph.add("Log", graph.add("Mul", graph.columns("price"), graph.columns("rate")))
    guests = graph.columns("guests")
    dear = graph.add("Sub", euros, graph.add("Log", graph.columns("usual_price")))
    large = graph.add("Sub", euros, graph.add("Mul", graph.add("Log", guests), np.float32(0.7)))
    average = graph.add("Sub", large, np.float32(4.0))  # for those of whom nothing is known
    dear = graph.add("Where", graph.add("IsNaN", dear), average, dear)
    spare = graph.add("Sub", graph.columns("sleeps"), guests)
    counts = graph.columns("shown_90d", "clicks_90d", "bookings_90d")
    more = graph.add("Log", graph.add("Add", counts, np.float32([[10, 1, 1]])))
    less = graph.add("Log", graph.add("Add", counts, np.float32([[10, 10, 1]])))
    ratios = graph.add(
        "Sub", graph.add("Gather", more, np.array([1, 2]), axis=1), graph.add("Gather", less, np.array([0, 1]), axis=1)
    )
    as_they_are = graph.columns(
        "phone", "lead", "distance", "photo", "pictures", "amenities", "free_cancel", "instant", "review_score"
    )
    return graph.add("Concat", dear, large, spare, ratios, as_they_are, axis=1)


# A third of all rows once more, as they look while the history store is down.
again = np.random.default_rng(0).random(len(X_log)) < 0.33
graph = Graph()
features = seen(graph)
F = np.concatenate([graph.look(features, X_log), graph.look(features, world.outage(X_log[again]))])
clicked_both, booked_both = (np.r_[what, what[again]] for what in (clicked, booked))
weight = np.where(clicked, 1 / np.maximum(look, 0.05), 1)  # a click stands for those that nobody could make
settings = {"max_iter": 80, "max_leaf_nodes": 8, "min_samples_leaf": 80, "learning_rate": 0.12}
settings |= {"early_stopping": False, "random_state": 0}
appeal = HistGradientBoostingClassifier(**settings).fit(F, clicked_both, np.r_[weight, weight[again]])
says_yes = HistGradientBoostingClassifier(**settings).fit(F[clicked_both], booked_both[clicked_both])
graph.save("model.onnx", graph.add("Mul", graph.probability(appeal, features), graph.probability(says_yes, features)))
value, error = judge.lift(ask("model.onnx", X_shuffled), data["booked_shuffled"])
print(f"{value:.2f} times the bookings of a random order, give or take {2 * error:.2f}")
### END SOLUTION

# %% [markdown]
# What would the shuffled pages have brought in this order? To the left, bookings should fall from place to place; to the right, new homes should stand about as
# often at the top as elsewhere, unless there is something to say against them.

# %%
picture.order(data, {"baseline": "baseline.onnx", "model": "model.onnx"})

# %% [markdown]
# ## 5. Ship check
# Everything that can be measured here, on the shuffled pages and with the bookings that there happened to be: the check says how far chance alone may move it.
# And whoever trains on these pages has no check left.

# %%
unit.check()

# %% [markdown]
# The cells below are what gets graded, a clause each. Here they measure on the shuffled pages; at grading, on other homes and searches, by true chances, together
# with new homes, an outage, the market in kroner and searches with a thousand candidates.

# %% test="interface"
unit.grade("interface")

# %% test="quality"
unit.grade("quality")

# %% test="latency"
unit.grade("latency")

# %% test="size"
unit.grade("size")

# %% test="memory"
unit.grade("memory")

# %% test="new"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("new")
### END HIDDEN TESTS

# %% test="outage"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("outage")
### END HIDDEN TESTS

# %% test="kroner"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("kroner")
### END HIDDEN TESTS

# %% test="crowd"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("crowd")
### END HIDDEN TESTS

# %% [markdown]
# ### Where this comes from
# - Nick Craswell, Onno Zoeter, Michael Taylor and Bill Ramsey (2008), *An experimental comparison of click position-bias models*: look, and appeal.
# - Thorsten Joachims, Adith Swaminathan and Tobias Schnabel (2017), *Unbiased learning-to-rank with biased feedback*: clicks weighed by looks.
# - Kalervo Järvelin and Jaana Kekäläinen (2002), *Cumulated gain-based evaluation of IR techniques*: what a place counts.
