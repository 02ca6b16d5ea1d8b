# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # One graph
#
# *Unit f08. One sitting: 90 to 120 minutes. You ship a file, `model.onnx`, that takes a request as it was typed and gives the rate
# that the training code would have given. It is measured how often the two agree, and what the file costs.*
#
# [Brief](#1.-Brief) · [Design memo](#2.-Design-memo) · [Estimates](#3.-Estimates) · [Build](#4.-Build) ·
# [Ship check](#5.-Ship-check)
#
# Run the next cell first, and again whenever the kernel was restarted: what you saved to files is still there. Each step
# has a check, which says what was measured and what was asked. Stuck? Type `unit.hint()` into a cell of your own.

# %% locked="setup"
import course

unit = course.unit("f08-one-graph", needs="0.1.0")

# %% [markdown]
# ## 1. Brief
#
# > The quotes on the portals are not the ones in the notebook. Which of the two is wrong?
#
# Neither, it turns out, and that is the trouble. Forty resort hotels on the western Algarve share one booking office. Travel
# portals ask it what a stay would cost; a model answers. Inês trained it, in pandas. Tomasz serves it, in Java. Both have tests,
# and all of them pass.
#
# | You ask | They say |
# |---|---|
# | What is the model? | Boosted trees, exported to ONNX long ago. That file takes thirteen *numbers* and is the same on both sides. Nobody doubts it. |
# | Then what differs? | What happens before it. A request has nine columns: names, a date, numbers that are text. Inês turns them into thirteen numbers in 60 lines of pandas. Tomasz read these and wrote 400 lines of Java. |
# | How often? | One quote in eight is not Inês's. In half of these the portal asks too little, by €6 a night on average; in the others too much. |
# | Since when? | We noticed in August. One portal had begun to send the country as `"PRT "`, with a blank: to Java an unknown country, to pandas Portugal. We mended it. Then came `"1,240.50"`. Java read one euro. |
# | Why not serve the pandas? | We tried: 9 ms for a request, and our operators run a C++ service without a Python in it. It loads ONNX. |
# | How much traffic? | 18 million requests a day, 12 % of them in the busiest hour; 1,900 bookings a day of 4.3 nights on average. |
# | What do portals send? | What people and programs type. Eight requests in ten have something: capitals, blanks, an empty field, a country or an agent that we have never heard of, a comma in a number, "on request" where a price should be. |
# | Where does it run? | In containers without anything. `locale -a` prints `C`, `C.utf8` and `POSIX`. |
# | May we change what the training code does? | No. It was trained on what it does; it also does it to next year's rows. If something in it is odd, tell Inês. Until then odd is right. |
#
# So nobody has to be *right*: training and serving have to be **the same**, and two programs that must stay the same
# should be one. The graph that is served must begin where the request does. Here is the contract.
#
# `model.onnx` has nine inputs and one output, each of shape [N, 1], where N is 1 or more. It treats every row by itself. A graph that is written by hand
# names its version of operators: opset 20 has those for texts, and `ai.onnx.ml` 3 the tables (`Graph`, below, writes both).
#
# | Name | Type | is |
# |---|---|---|
# | `country`, `agent`, `room`, `segment` | string | names, in any mixture of small letters and capitals, with any number of blanks before and after. A name holds no blank inside, and letters are ASCII |
# | `arrival` | string | a date like `2017-03-25`, blanks before and after |
# | `lead` | string | days from the request to the arrival |
# | `total` | string | the list price of the whole stay, in euros |
# | `nights`, `guests` | float32 | 1 or more; NaN where missing |
# | `rate` (output) | float32 | euros a night, never NaN |
#
# - **Nothing** in a text is typed as `""`, `-`, `n/a` or `null`, with blanks and capitals as above. Any field of a request may be missing, or all of them.
# - **Numbers** in `lead` and `total` are what the training code's pattern says: digits, with a comma before each three or with none, and
#   perhaps a point and more digits; blanks before and after. There are nine digits at most before the point and nine behind it. All else is no number, and counts as missing.
# - **Names** that the training code has no entry for may turn up any day.
#
# What the answer must be is not described here, but *done*: by `training.py`, which you will read below. A request **agrees** if your
# rate is within half a cent of `pipeline.predict`.

# %%
unit.contract()

# %% [markdown]
# The cost of a request is measured one request at a time on one core, as a multiple of a small *calibration model* that runs in turns
# with yours. Models are read, checked and run in a process with an empty environment. Robustness is measured at grading: batches of nothing but
# what the contract allows and a quiet day shows little of.

# %% [markdown]
# ## 2. Design memo
#
# Before you build: write down what you would do and why, for a colleague who has read the brief and nothing else. One
# page, 900 words at most. It is marked by hand against this rubric, and you can mark yourself with it first.
#
# | | Points | Full points if the memo ... |
# |---|---|---|
# | Goal and users | 2 | says who loses what when the two sides differ (1), and why "fix the Java" is no goal (1) |
# | Constraints | 3 | turns the brief into requests a second (1) and cores (½), and says what the containers lack (½) and which of it rules out pandas (1) |
# | Data | 3 | says what arrives in names (½) and in numbers as text (½), and what the training code makes of every kind of nothing (1) and of every stranger (1) |
# | Metric | 2 | measures agreement request by request (½), with a tolerance (½) and a reason for it (½), apart for each kind of mess (½) |
# | Baseline | 2 | names what serves today and how often it agrees (1), and a plainer graph (1) |
# | Serving | 3 | draws the line between graph and program: what each does (1), and argues for it against two other ways to keep both sides equal (2) |
# | Monitoring | 2 | says how disagreement would be noticed in production (1), by whom (½), and within how many requests (½) |
# | What could go wrong | 3 | names three failures particular to such a graph (1½), and what is done about each (1½) |

# %% [markdown] memo="memo" points=20
# ### BEGIN SOLUTION
# **Goal and users.** Hotels are paid the quote that the portal showed. Half of the quotes that differ are too low, some €1.1 million
# a year; the others drive guests away, which nobody counts. Fixing the Java mends yesterday's difference: the next change of the
# training code makes the next. The goal is that there is no second program that could differ.
#
# **Constraints.** 18 million a day with 12 % in one hour are 600 requests a second. Pandas at 9 ms would take 5.4 cores and a
# Python that is not there. No locale but C, so nothing that folds case by the rules of en_US. Some hundred microseconds
# a request are fine; no Python in the service is what rules pandas out.
#
# **Data.** Names: capitals, blanks, four spellings of nothing, strangers. Nothing has an entry of its own, a stranger is `other`, a
# strange segment is all zeros. Numbers as text: commas, and much that is none: then the median. Price per night is cut at
# tariffs in float64, and half of all prices are just on one. NaN in nights makes the price per night missing too.
#
# **Metric.** Share of requests within half a cent: a quote is shown in cents, and sums of trees in float32 differ by far less. Apart for
# blanks and capitals, nothings, strangers, commas and no numbers. The mean error in euros beside it, not instead: it hides rare large errors.
#
# **Baseline.** The Java agrees on seven requests in eight. The plainest graph looks names up as they come and reads tidy numbers:
# right for tidy requests, two in ten.
#
# **Serving.** The graph takes the nine columns as they are; the program passes bytes through and knows nothing. Not a shared library of
# preparation in C++: a third program that must equal the second. Not a service of Inês's pandas: dear, and one more thing that is down at
# night. A feature store would hold prepared numbers, but each request is new. File and training code carry one version, and
# the export refuses to write a graph that does not agree with the pipeline on a stored set of requests.
#
# **Monitoring.** One request in a thousand is logged raw, with its rate, and priced again by the pipeline at night: at 18,000 a day a
# disagreement of one in a thousand shows on the first. Inês is called. Shares of nothing, strangers and no numbers by portal, daily: a portal that changed its
# format agrees perfectly and is wrong.
#
# **What could go wrong.** A `Cast` meets a text that is no number, and the batch fails: only what matches the pattern reaches it, and
# a batch of empty requests is in the tests. A tariff in float32 puts a price on the other side: compare in float64, test stays
# just on a tariff. The converter's default locale: the image is tested with `LC_ALL=C`. A new pandas parses differently: its version
# is pinned, stored requests are priced again at each update. Non-ASCII letters are not folded in C: refuse such names at
# training, too.
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
# - `peak_per_second`: how many requests a second come in the busiest hour?
# - `pandas_cores`: how many cores would the training code keep busy then, at 9 ms a request?
# - `euros_a_year`: what do quotes that are too low cost in a year (365 days), in €? Requests that become bookings differ as often as others.
# - `gap_in_millionths`: how far above 1,200 € is the next number that float32 can hold, in millionths of a euro?
# - `spelling_megabytes`: an agent's name has 16 letters, each of which may be small or a capital, and there may be 0 to 3 blanks
#   before it and 0 to 3 behind. How many MB (10⁶ bytes) is a table of all ways to type it, at 20 bytes each?

# %% solution="answer-estimates"
peak_per_second = None
pandas_cores = None
euros_a_year = None
gap_in_millionths = None
spelling_megabytes = None
### BEGIN SOLUTION
peak_per_second = 18e6 * 0.12 / 3600
pandas_cores = peak_per_second * 0.009
euros_a_year = 1900 / 8 / 2 * 4.3 * 6 * 365
gap_in_millionths = 2.0 ** (10 - 23) * 1e6  # 1,200 is between 2**10 and 2**11
spelling_megabytes = 2**16 * 4 * 4 * 20 / 1e6
### END SOLUTION
unit.answer(
    peak_per_second=peak_per_second,
    pandas_cores=pandas_cores,
    euros_a_year=euros_a_year,
    gap_in_millionths=gap_in_millionths,
    spelling_megabytes=spelling_megabytes,
)

# %%
unit.check("estimates")

# %% test="estimates"
unit.grade("estimates")

# %% [markdown]
# The fourth looks harmless: who counts in fractions of a cent? Somebody who asks whether a price is *at least* the tariff. The fifth is
# the price of not finding a way to take blanks off.

# %% [markdown]
# ## 4. Build
#
# ### Look first
# The bookings are real: a resort hotel in the Algarve, 2016 and 2017 (`hotel_rates` of the R package *modeldata*, after Antonio, de Almeida and
# Nunes, 2019; agents' names were made up there). List prices, and the way requests are typed, are simulated. You get the fitted
# pipeline and 1,500 raw requests with its answers. (The package knows the rates that were agreed. They answer nothing here: asked is what the
# pipeline says.)

# %% locked="data"
import inspect
import re

import numpy as np
import onnx
from onnx import TensorProto

from course.graph import Graph
from course.units.f08_one_graph import picture, training, world

pipeline = training.load(unit.data)
frame = world.frame(unit.data)
assert np.array_equal(pipeline.predict(frame), unit.data["answers"])

# %%
frame.iloc[:12]

# %% [markdown]
# The first one is no mistake: somebody asked and told us nothing. It has a rate, too. And this is the training code, all of what matters.

# %%
for part in (training.tidy, training.number, training.month, training.Pipeline.prepare):
    print(inspect.getsource(part))
print("NOTHING =", training.NOTHING)
print("NUMBER  =", training.NUMBER)
print("DATE    =", training.DATE)

# %% [markdown]
# And this is what it learned. Everything that you need is an attribute of `pipeline`.

# %%
for column, means in pipeline.means.items():
    print(f"means[{column!r}]: {len(means)} names, among them", dict(list(means.items())[:4]))
for name in ("segments", "season", "medians", "tariffs", "features"):
    print(f"{name}: {getattr(pipeline, name)}")

# %% [markdown]
# ### A graph by hand
# Converters know scikit-learn's own transformers. They don't know Inês's pandas, so this graph is written by hand; it is not as
# bad as it sounds. A `Graph` collects operators: `add` takes names of tensors or numpy values and gives the name of the result, or a list of
# names where you ask for several (`outputs=2`). `begin` makes one with the nine columns, `finish` puts the trees behind and writes the file.

# %% locked="builder"
INPUTS = dict.fromkeys(training.TEXTS, (object, 1)) | dict.fromkeys(training.NUMBERS, (np.float32, 1))


def begin():
    """A graph with nothing but the raw columns, each [N, 1]."""
    return Graph(INPUTS, opset=20)


def finish(g, features, path):
    """Write columns -> features -> trees -> rate. `features` names a tensor float32 [N, 13]."""
    (rate,) = g.insert(onnx.load_from_string(pipeline.model), features)
    g.save(path, rate=rate)


def tried(operator, texts, **attributes):
    """What one operator makes of some texts, or why it fails."""
    g = Graph({"texts": (object,)}, opset=20)
    try:
        made = g.add(operator, "texts", outputs=2 if operator == "StringSplit" else 1, **attributes)
        return g.look(made[0] if isinstance(made, list) else made, np.array(texts, dtype=object)).tolist()
    except Exception as error:
        said = re.sub(r"\. Name:'\w*' Status Message", "", " ".join(str(error).split()))
        return f"fails: {re.split('> |EXCEPTION : ', said)[-1][:75]}"


# %% [markdown]
# Operators that take text are few: `Concat`, `Gather`, `Reshape`, `Where` and `Equal` as for numbers, `StringConcat`, `StringSplit`,
# `StringNormalizer`, `RegexFullMatch`, `LabelEncoder` (a table), `OneHotEncoder`, and `Cast`. Their pages at onnx.ai say what they do. Not all
# that they do is what one expects:

# %%
print("Cast '79.90'                  ", tried("Cast", ["79.90"], to=TensorProto.DOUBLE))
print("Cast '1,240.50'               ", tried("Cast", ["1,240.50"], to=TensorProto.DOUBLE))
print("Cast '79.90', 'n/a'           ", tried("Cast", ["79.90", "n/a"], to=TensorProto.DOUBLE))
print("StringSplit '', ' PRT '       ", tried("StringSplit", ["", " PRT "]))
print("StringSplit '', '  '          ", tried("StringSplit", ["", "  "]))
print("StringNormalizer LOWER ' PRT' ", tried("StringNormalizer", [" PRT"], case_change_action="LOWER"))
print("... and with locale='C'       ", tried("StringNormalizer", [" PRT"], case_change_action="LOWER", locale="C"))

# %% [markdown]
# Read them one by one. `Cast` takes what it can of "1,240.50" and says nothing: that is the one euro of the brief. One text that is no
# number fails the *whole batch*. A split of nothing but blanks has no column to take anything from. And `StringNormalizer` without `locale`
# asks the system for en_US: if it worked here, your laptop has that locale. The containers have not, and `skl2onnx` leaves
# the attribute out where you don't set it: every text pipeline that was ever exported on a laptop and died in a container knows the story.
#
# Numbers have a trap as well. The training code divides the total by the nights and asks in which band of tariffs the result falls. Half of
# all stays cost *just* so many nights at a tariff. Which side of it are they on?

# %%
apart = [np.diff([steps < 0 for steps in picture.sides(one).values()], axis=0).sum() for one in pipeline.tariffs]
odd = pipeline.tariffs[np.argmax(apart)]
picture.boundary(odd)

# %% [markdown]
# No decimal price is a binary number. Its total isn't either, and what comes back from the division may be one step of the last digit away from
# the tariff, on either side. float64 and float32 have different steps, so they disagree about *different* stays. Is it wrong that a stay
# at the tariff falls below it? Perhaps; tell Inês. The trees were grown with just these bands. A tolerance that puts all of
# them above the tariff would be right and would not agree.
#
# ### The baseline
# A graph for tidy requests, as a first version would be. Names: `LabelEncoder` on the text as it is. Numbers: what `RegexFullMatch`
# takes for plain digits (`\d+(\.\d+)?`) is read in float32, all else gets the median. The month of a date. Segments compared with the five
# names. Then the thirteen columns side by side, in the order of `pipeline.features`, and `finish` as `baseline.onnx`. For instance:
#
# ```python
# g = begin()
# means = pipeline.means["room"]
# room = g.add("LabelEncoder", "room", keys_strings=list(means), values_floats=list(means.values()), default_float=means["other"])
# ```

# %% solution="build-baseline"
### BEGIN SOLUTION
g = begin()
columns = []
for name in training.RATED:
    means = pipeline.means[name]
    keys, values = list(means), list(means.values())
    columns.append(g.add("LabelEncoder", name, keys_strings=keys, values_floats=values, default_float=means["other"]))


def months(g):
    """Mean rate of the month of arrival, [N, 1]."""
    good = g.add("RegexFullMatch", "arrival", pattern=f" *{training.DATE} *")
    parts, _ = g.add("StringSplit", g.add("Where", good, "arrival", np.array("0-0-0")), outputs=2, delimiter="-")
    keys, values = list(pipeline.season), list(pipeline.season.values())
    month = g.add("Gather", parts, np.array(1), axis=2)
    return g.add("LabelEncoder", month, keys_strings=keys, values_floats=values, default_float=pipeline.season[""])


def filled(g, column, value):
    """The column with `value` (of its own type) in place of NaN."""
    return g.add("Where", g.add("IsNaN", column), value, column)


def plain_number(g, name):
    good = g.add("RegexFullMatch", name, pattern=r"\d+(\.\d+)?")
    return g.add("Cast", g.add("Where", good, name, np.array("nan")), to=TensorProto.FLOAT)


def bands(g, nightly, kind):
    """How many tariffs are not above the price, float32 [N, 1]."""
    above = g.add("Cast", g.add("GreaterOrEqual", nightly, np.array(pipeline.tariffs, kind)), to=TensorProto.FLOAT)
    return g.add("ReduceSum", above, np.array([1]), keepdims=1)


medians = {name: np.float32(value) for name, value in pipeline.medians.items()}
columns.append(months(g))
columns.append(filled(g, plain_number(g, "lead"), medians["lead"]))
nightly = g.add("Div", plain_number(g, "total"), "nights")
columns.append(bands(g, filled(g, nightly, medians["nightly"]), np.float32))
columns += [filled(g, name, medians[name]) for name in ("nights", "guests")]
columns.append(g.add("Cast", g.add("Equal", "segment", np.array([pipeline.segments])), to=TensorProto.FLOAT))
finish(g, g.add("Concat", *columns, axis=1), "baseline.onnx")
### END SOLUTION

# %%
unit.check("baseline")

# %% test="baseline"
unit.grade("baseline")

# %% [markdown]
# Where it agrees with the training code, by kind of request (a request may be of several kinds):

# %%
picture.agreement(unit.data, {"baseline": "baseline.onnx"})

# %% [markdown]
# Tidy requests are right, as they should be. Of the others the graph gets some right by luck, because no tree asks for what was
# mangled. And the last bar has requests that are as tidy as the first ones, but for a price that is too round.
#
# ### Your graph
# Save it as `model.onnx`. Some advice before you begin:
#
# - Do what the training code *does*, line by line, not what you think it means. `other`, `""` and a strange segment are three different things.
# - Test as you go: a request of your own is one row of a frame with the columns of `frame`, and `pipeline.prepare` says which thirteen
#   numbers it should become. `picture.asked(file, world.arrays(rows))` asks a graph.
# - Every operator costs a microsecond or so, whatever it does. Columns that are treated alike can be treated at once.

# %% solution="build-model"
### BEGIN SOLUTION
NAMES = (*training.RATED, "segment")
END = "§"  # joined behind a blank to every name, so that there is a first part even where there is no name


def tidied(g):
    """The four names without blanks and in small letters, [N, 4]; `END` where there was nothing but blanks."""
    texts = g.add("Reshape", g.add("Concat", *NAMES, axis=1), np.array([-1]))
    parts, _ = g.add("StringSplit", g.add("StringConcat", texts, np.array(f" {END}")), outputs=2)
    first = g.add("Gather", parts, np.array(0), axis=1)
    small = g.add("StringNormalizer", first, case_change_action="LOWER", locale="C")
    return g.add("Reshape", small, np.array([-1, len(NAMES)]))


def rated(g, text, means):
    """Names [N, 1] to mean rates: kept names, what stands for nothing, and `other` for all else."""
    table = dict.fromkeys((END, *training.NOTHING), means[""]) | {
        k: v for k, v in means.items() if k not in ("", "other")
    }
    return g.add(
        "LabelEncoder", text,
        keys_strings=list(table), values_floats=list(table.values()), default_float=means["other"],
    )  # fmt: skip


def numbers(g):
    """`lead` and `total`, float64 [N, 2], NaN where there is no number."""
    texts = g.add("Concat", "lead", "total", axis=1)
    good = g.add("RegexFullMatch", texts, pattern=f" *({training.NUMBER}) *")
    texts = g.add("StringConcat", g.add("Where", good, texts, np.array("nan")), np.array(",,"))
    parts, _ = g.add("StringSplit", texts, outputs=2, delimiter=",")  # three parts at least
    first, second, third = (g.add("Gather", parts, np.array(k), axis=2) for k in range(3))
    return g.add("Cast", g.add("StringConcat", g.add("StringConcat", first, second), third), to=TensorProto.DOUBLE)


def price(g, total):
    """List price of a night as the training code has it, float64 [N, 1]."""
    nightly = g.add("Div", total, g.add("Cast", "nights", to=TensorProto.DOUBLE))
    return filled(g, nightly, np.array(pipeline.medians["nightly"]))


def member(g, text):
    """One column for each segment, all 0 for any other, [N, S]."""
    return g.add("Cast", g.add("Equal", text, np.array([pipeline.segments])), to=TensorProto.FLOAT)


def assemble(path):
    g = begin()
    names = tidied(g)
    country, agent, room, segment = (g.add("Gather", names, np.array([k]), axis=1) for k in range(4))
    lead, total = (g.add("Gather", both, np.array([k]), axis=1) for both in [numbers(g)] for k in range(2))
    columns = [rated(g, text, pipeline.means[name]) for name, text in zip(NAMES, (country, agent, room), strict=False)]
    columns.append(months(g))
    columns.append(g.add("Cast", filled(g, lead, np.array(pipeline.medians["lead"])), to=TensorProto.FLOAT))
    columns.append(bands(g, price(g, total), np.float64))
    columns += [filled(g, name, medians[name]) for name in ("nights", "guests")]
    columns.append(member(g, segment))
    finish(g, g.add("Concat", *columns, axis=1), path)


assemble("model.onnx")
### END SOLUTION

# %%
picture.agreement(unit.data, {"baseline": "baseline.onnx", "yours": "model.onnx"})

# %% [markdown]
# ## 5. Ship check
# Everything that can be measured here, on the public requests. Run it as often as you like.

# %%
unit.check()

# %% [markdown]
# The cells below are what gets graded, a clause each. Here they measure on the public requests; at grading, on requests that
# nobody has seen, together with what the contract allows and the public requests show little of.

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

# %% test="unseen"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("unseen")
### END HIDDEN TESTS

# %% test="missing"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("missing")
### END HIDDEN TESTS

# %% test="numbers"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("numbers")
### END HIDDEN TESTS

# %% test="tariffs"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("tariffs")
### END HIDDEN TESTS

# %% test="empty"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("empty")
### END HIDDEN TESTS

# %% [markdown]
# ### Where this comes from
# - D. Sculley and others (2015), *Hidden technical debt in machine learning systems*; Eric Breck and others (2017), *The ML test score*: training and
#   serving that compute the same thing twice.
# - David Goldberg (1991), *What every computer scientist should know about floating-point arithmetic*: prices just on a tariff.
# - Nuno Antonio, Ana de Almeida and Luis Nunes (2019), *Hotel booking demand datasets*: the bookings.
