# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Clean the data
#
# *Unit f07. One sitting: 90 to 120 minutes. You ship a file, `clean.py`, and it is measured: which faults it finds, what
# it does to good rows, what a model learns from what it keeps, and what a row costs.*
#
# [Brief](#1.-Brief) · [Design memo](#2.-Design-memo) · [Estimates](#3.-Estimates) · [Build](#4.-Build) ·
# [Ship check](#5.-Ship-check)
#
# Run the next cell first, and again whenever the kernel was restarted: what you saved to files is still there. Each step
# has a check, which says what was measured and what was asked. Stuck? Type `unit.hint()` into a cell of your own.

# %% locked="setup"
import course

unit = course.unit("f07-clean-data", needs="0.1.0")

# %% [markdown]
# ## 1. Brief
#
# > The step model got worse. Clean up the sign-up data, will you?
#
# That is all the interviewer says. Many candidates open pandas and type `dropna`. A good one asks first. Here is what the
# answers would be.
#
# | You ask | They say |
# |---|---|
# | What is the model for? | Our app counts steps and tells people how far they ran: steps times step length. Step length is predicted from height, weight, age and sex. |
# | What is in the table? | One row for each time somebody signed up and walked a measured kilometre: what they typed, and the step length in cm that their phone worked out. 40 million rows, exported every night, to be clean within 15 minutes on one core. |
# | What changed? | In spring the form lost its unit picker: height is one text box now. People type `5'4"`, `165cm`, `5.4`, `170,5`, `1.70`. |
# | Only the form? | Two makes of phone report the step length in inches or with its sign flipped. An older export wrote stand-ins where nothing was known. Some clients send the box for weight in the place of the one for height. |
# | Can't we drop what we can't read? | Half of all customers write feet and inches, or a unit. A model without them works for the other half. |
# | Are outliers errors? | We sponsor two basketball clubs, and short people run too. From 120 to 220 cm everybody is a customer. |
# | What happens to a row that we refuse? | It goes to a queue, one for each kind of fault: a customer is asked again, a walk is repeated, accounts are merged. A row in the wrong queue costs a colleague ten minutes; a good row there, a customer's patience. |
# | How is the model tested? | On the rows marked `test`, fixed long ago. People sign up twice, so the same person may be in `train` and in `test`; then the score flatters us, and the `train` row must go. |
# | Who calls this? | Last night's export does, with millions of rows; the sign-up form does, with one; and a back-fill does, over tables that were cleaned before. All three go on using the table that they passed in. |
#
# So the job is not to make the table look tidy. It is to **decide, row by row and by rules that somebody can read, what is
# repaired, what is refused and why, and to leave everything else alone.** Here are the rules that came out of the
# conversation.
#
# ### What comes in
# `clean(frame)` gets a DataFrame with the columns `row` (a whole number, different in every row), `part`, `email`, `sex`,
# `height`, `weight`, `born`, `signed_up`, `exported` (the day of the export) and `step`. All but `row` are text. Columns
# come in any order, there may be further ones (drop them), and the index means nothing. What is not there is an empty
# text, `None` or `NaN`. A table that was cleaned before, with numbers and dates in place of texts, is a table like any
# other.
#
# Texts are compared in lower case and without white space around them. Inside, white space of any kind may stand between
# a number and what follows it. A *number* is digits, perhaps with a decimal point or comma and more digits: `70`, `70.5`,
# `70,5`. Nobody here writes thousands with commas.
#
# ### What is repaired
#
# | Column | becomes | by these rules |
# |---|---|---|
# | `part` | text | `train` or `test` |
# | `email` | text | lower case, without a tag: everything from a `+` to the `@` goes (`Ann+run@post.example` is `ann@post.example`) |
# | `sex` | text | `f`, `female`, `woman` are `female`; `m`, `male`, `man` are `male`; all else is `unstated` |
# | `height` and `weight` | | where the text of `height` ends in a number and a weight's unit (`kg`, `lb`, `lbs`, `pound`, `pounds`), the boxes were swapped: swap their texts back, then read both |
# | `height` | cm, float | see below |
# | `weight` | kg, float | a number, perhaps with a weight's unit (1 lb is 0.45359237 kg; without a unit it is kg), from 30 to 250 kg. All else is `NaN`: weight is optional and never a reason to refuse a row |
# | `born`, `signed_up`, `exported` | datetime64 | `1987-03-02` or `02.03.1987`, all digits written. Nothing else is a date: `02/03/1987` doesn't say which is the month |
# | `step` | cm, float | a number, perhaps with a minus, which is dropped. It is cm if it is 0.30 to 0.60 of the height; else it is inches if 2.54 times it is. All else can't be read |
#
# **Height** is read by the first line that fits, and must come out between 120 and 220 cm:
#
# | Written | Read as |
# |---|---|
# | whole feet from 4 to 7, then `'`, `ft`, `feet`, `foot` or white space, perhaps `and`, then inches: a number below 12, perhaps with `"`, `''`, `in`, `inch` or `inches` behind it | feet and inches: `5'10"`, `5 ft 10`, `5 feet and 8.11 inches`, `6 04` |
# | whole feet from 4 to 7 alone, or with `'`, `ft`, `feet` or `foot` | feet: `6`, `6'`, `6 ft` |
# | whole feet from 4 to 7, a point or a comma, then one or two digits below 12 | feet and inches: `5.4` and `5,4` are 5 feet 4, `5.1` is 5 feet 1, `5.10` is 5 feet 10. `5.25` is nothing |
# | `1m78` | metres and two digits of cm |
# | a number and `cm`, `mm`, `m`, or for inches `"`, `''`, `in`, `inch`, `inches` | as it says: `178,5 cm`, `1780 mm`, `1.78m`, `70"` |
# | a number alone: 1.2 to 2.2, 48 to 87, 120 to 220, 1200 to 2200 | metres, inches, cm, mm |
#
# Word processors make `’` or `′` of `'`, and `”` or `″` of `"`; they mean the same. An inch is 2.54 cm, a foot has 12.
#
# ### What is refused
# A row has one kind of fault, the first of these that applies; after the repairs above.
#
# | Kind | A row is refused if |
# |---|---|
# | `missing` | its `height`, `born`, `signed_up` or `step` stands for nothing: empty or not there; `-`, `?`, `n/a`, `none`, `null`; the number 0, 999 or −1 however written (`0.0`); for a date also `1900-01-01` and `0000-00-00` |
# | `height` | its height can't be read |
# | `time` | one of its dates can't be read, or it was signed up after the day of the export, or fewer than 5,844 days (16 years) or more than 36,525 days (100 years) after birth |
# | `label` | its step can't be read |
# | `duplicate`, `leak` | the same person has another row that is good so far and goes first. The same person is the same `email`, repaired. The row that stays is the one with the smallest `row` in `test`, or, if the person has none there, in `train`. All others go: `leak` if one stays in `test` and this one is in `train`, else `duplicate` |
#
# Nothing else is a fault. Twins have everything in common but their address; tall people are tall.
#
# ### What goes out
# Two tables. The good rows, with exactly the ten columns, in the types and units above (`row` stays a whole number). And
# the quarantine, with `row` and `kind`. Every row of the input is in one of the two, once; the order of rows in them means
# nothing. A table without rows gives two tables without rows, with their columns.
#
# Cleaning what was cleaned changes nothing. A row's fate depends on the rules and, for `duplicate` and `leak`, on the
# other rows of the same person: never on the order of rows, on averages of the table or on today's date. The table that
# was passed in is as it was.

# %%
unit.contract()

# %% [markdown]
# A number is right within 0.1 cm or kg. *F1 over kinds* is, for each of the six kinds, the harmonic mean of precision
# (how much of what you put into this queue belongs there) and recall (how much of what belongs there you found),
# averaged over kinds. R² is that of a linear model of step length, trained on your rows of `train` and tested on people who
# were measured by hand, divided by that of the same model trained on perfectly clean rows.
#
# The cost of a row is measured on tables of 1,500 rows, as a multiple of what a few lines of *plain pandas* cost on the
# same table in turns with yours: they trim and lower all texts, read the numbers and dates that read by themselves, and
# drop repeated addresses. They mend nothing, so you may cost more, but not many times more. What you answer while it is timed
# is judged as well.

# %% [markdown]
# ## 2. Design memo
#
# Before you build: write down what you would do and why, for a colleague who has read the brief and nothing else. One
# page, 900 words at most. It is marked by hand against this rubric, and you can mark yourself with it first.
#
# | | Points | Full points if the memo ... |
# |---|---|---|
# | Goal and users | 2 | names those who are worse off when a row is wrong (½), lost (½) or sent to the wrong queue (½), and who is fooled by repeats (½) |
# | Constraints | 3 | turns 40 million rows in 15 minutes into time (1) and memory (1) for a row, and says what both forbid (1) |
# | Data | 3 | says which column is ambiguous and how its scales are told apart (1), where three kinds of fault come from (1), and what must never be guessed (1) |
# | Metric | 2 | measures refused rows and kept rows separately (½), by kind (½), and says why accuracy over rows would hide both (1) |
# | Baseline | 2 | names the plainest thing that could run tonight (1), and what it does to customers who write feet and inches (1) |
# | Serving | 3 | says where this code runs (½), how one version of it serves all three callers (1½), and how a rule is changed (1) |
# | Monitoring | 2 | says what is counted every night, against what (1), and at which value somebody is called (1) |
# | What could go wrong | 3 | names three failures particular to this form, its phones or its exports (1½), and what is done about each (1½) |

# %% [markdown] memo="memo" points=20
# ### BEGIN SOLUTION
# **Goal and users.** Runners whose distances are right: a height that is 13 % off makes every distance 13 % off, and they
# notice on the first measured race. Customers who are asked again for something they gave correctly. Colleagues who work
# the queues at ten minutes a row. The modelling team, whose test score is too good as long as people sit on both sides.
#
# **Constraints.** 15 minutes for 40 million rows are 22.5 µs a row on one core. A loop that makes an object for each row
# takes 75 µs, 50 minutes: no. Nine text columns are 24 GB as Python strings: the export is cleaned in slices of some
# 100,000 rows. That forbids anything that needs the whole table, except for repeats, which need only `row`, `part` and
# `email` of the good rows: a second, small pass over the slices' results.
#
# **Data.** The ambiguous column is `height`: five scales in one box, told apart by unit or by size, because no person is
# 2 to 4 feet or 90 to 120 cm tall *and* a customer. The form made that, the phones made inches and signs in `step`, the old
# export made stand-ins, clients swapped boxes, people sign up twice. Never guess: `5.25`, `02/03/1987`, `96`. Those are
# asked again. And never turn text into a number before it is understood: `5.10` and `5.1` are nine inches apart.
#
# **Metric.** For refused rows precision and recall by kind, because each kind is a queue with its own cost, and rare
# kinds drown in an average over rows: four rows in five are good, so refusing none is 80 % right. For kept rows, the share
# of good rows kept and the share with every value right. Then the step model on people measured by hand, because a few wrong
# heights among a thousand bend a line that row counts call clean. Guardrail: the same figures for feet and for metric.
#
# **Baseline.** `to_numeric`, `dropna`, `drop_duplicates`. It could run tonight. It throws out everybody who writes a unit
# or feet and inches, keeps 5.4 as 5.4 cm and 999 as a step, and finds no repeat, because the second row differs by a
# capital letter.
#
# **Serving.** One function in one file, pure: no clock (the day of the export is a column), no averages of the table, no
# change to what was passed in. So the nightly job, the form with one row and the back-fill over cleaned tables call the same
# version; cleaning twice is cleaning once. A rule is changed in the table of rules, with an example that becomes a
# test, and the back-fill is compared with the version before: which rows changed, by rule.
#
# **Monitoring.** Every night, by client version and country: share of rows by kind; share of heights by way of writing;
# mean and quartiles of height and of step over height. Alarm when a kind's share doubles or a way of writing that no rule
# reads passes one in a thousand. A hundred refused and a hundred kept rows a week are read by a person.
#
# **What could go wrong.** A new client sends centimetres as `1780 mm` or a new word for nothing: refused in numbers, so the
# share by kind tells, and a rule is added. A stand-in inside the range (a form that defaults to 170 cm): no rule sees it;
# a spike at one value does. A person whose good row is refused and whose bad copy stays: repeats are judged last, among good
# rows. `train` rows leak because an address was compared before it was repaired: compared after. A cleaned table is cleaned
# again and inches are multiplied twice: whatever is written must be read as itself, and a test cleans twice.
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
# - `microseconds_a_row`: how long may one row take, in µs, if 40 million rows must be clean within 15 minutes on one core?
# - `loop_minutes`: a loop with `iterrows` takes about 75 µs a row here. How many minutes is that for the export?
# - `memory_gb`: how many GB do the export's nine text columns take, at 60 bytes for a Python string and 8 for the pointer
#   to it?
# - `metres_lost`: a runner of 5 feet 10 typed `5.10`; it went through `float` and came out as 5 feet 1. How many metres
#   shorter does the app say her 10 km are, if step length is proportional to height?
# - `tall_customers`: if heights were exactly normal, and every one of them right, how many of 40 million customers would a
#   rule of three standard deviations throw out?

# %% solution="answer-estimates"
microseconds_a_row = None
loop_minutes = None
memory_gb = None
metres_lost = None
tall_customers = None
### BEGIN SOLUTION
microseconds_a_row = 15 * 60 / 40e6 * 1e6
loop_minutes = 40e6 * 75e-6 / 60
memory_gb = 40e6 * 9 * (60 + 8) / 1e9
metres_lost = 10_000 * 9 / 70
tall_customers = 40e6 * 0.0027
### END SOLUTION
unit.answer(
    microseconds_a_row=microseconds_a_row,
    loop_minutes=loop_minutes,
    memory_gb=memory_gb,
    metres_lost=metres_lost,
    tall_customers=tall_customers,
)

# %%
unit.check("estimates")

# %% test="estimates"
unit.grade("estimates")

# %% [markdown]
# The last two belong together. A rule that looks for unlikely values throws out all those people who are merely tall, and
# keeps 5 feet 1, which is a likely height. The value that shortened her run is not an outlier at all.

# %% [markdown]
# ## 4. Build
#
# ### Look first
# The public table, and what it must become: the good rows and the quarantine.

# %% locked="data"
import pandas as pd
from IPython.display import display

from course.units.f07_clean_data import world

raw, good, bad, lab = (world.unpacked(unit.data, name) for name in ("raw", "good", "bad", "lab"))

# %%
print(f"{len(raw):,} rows: {len(good):,} good, {len(bad):,} to be refused")
display(raw.sample(8, random_state=1), bad["kind"].value_counts())

# %% [markdown]
# Most of these answers are simulated. Three heights in ten are not: students in an American course typed them into a box
# that asked for inches (`reported_heights` in the R package *dslabs*; here the numbers in them are moved a little, the way
# of writing is theirs). What did they type, if one looks at the first number alone?

# %%
import matplotlib.pyplot as plt
import numpy as np

first = raw["height"].str.extract(r"(\d+(?:[.,]\d+)?)")[0].str.replace(",", ".").astype(float)
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 3.6))
left.hist(first[first > 0], bins=np.geomspace(0.5, 3000, 90), color="0.35")
for low, high, name, hatch in [
    (1.2, 2.2, "m", "///"),
    (4, 7.9, "feet", "..."),
    (48, 87, "inches", "\\\\\\"),
    (120, 220, "cm", "xxx"),
]:
    left.axvspan(low, high, facecolor="none", edgecolor="0.7", hatch=hatch, zorder=0)
    label = left.text((low * high) ** 0.5, 0.92, name, ha="center", transform=left.get_xaxis_transform())
    label.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1})
left.margins(y=0.15)
left.set(
    xscale="log",
    xlabel="first number in `height`, as typed",
    ylabel="rows",
    title="Four scales in one box",
)
right.hist(good["height"], bins=np.arange(118, 223, 3), color="0.35")
for at in good["height"].mean() + np.array([-3, 3]) * good["height"].std():
    right.axvline(at, color="black", linestyle="--")
right.set(
    yscale="log",
    xlabel="height of good rows in cm (dashed: mean ± 3 standard deviations)",
    ylabel="rows, logarithmic",
    title="All of them customers",
)
figure.tight_layout()
plt.show()
print(
    f"mean ± 3 standard deviations of the numbers as typed: {first.mean() - 3 * first.std():,.0f} to {first.mean() + 3 * first.std():,.0f}"
)

# %% [markdown]
# On the left, four islands: the numbers as typed have no mean that means anything, and three standard deviations around it
# hold nearly everything, `5.4` included. But between the islands there is water: 1.2 to 2.2 can only be metres, 48 to 87
# only inches. Rules that know how tall people are need no statistics. On the right, the same column once it is understood,
# on a logarithmic scale: the bumps at both ends are the clubs and short runners, and the dashed lines cut right
# through them.
#
# ### The baseline
# The plainest thing that could run tonight: turn columns into numbers and dates with `errors="coerce"`, drop rows in which
# `height`, `step` or a date is missing, drop repeated rows, and put what was dropped into quarantine as `missing` and
# `duplicate`.
#
# From here on you write *modules*. The cell below starts with `%%writefile baseline.py`: running it saves the rest of
# the cell as that file, and runs nothing. When it is called, it runs elsewhere, in a process that has never seen this
# notebook: so it brings its own imports, and no variable of the notebook exists there. That is what shipping means.

# %% solution="write-baseline"
# %%writefile baseline.py
### BEGIN SOLUTION
import pandas as pd


def clean(frame):
    """Read what reads by itself, drop what does not, drop repeated rows."""
    table = frame.copy()
    for name in ("height", "weight", "step"):
        table[name] = pd.to_numeric(table[name], errors="coerce")
    for name in ("born", "signed_up", "exported"):
        table[name] = pd.to_datetime(table[name], format="%Y-%m-%d", errors="coerce")
    whole = table.dropna(subset=["height", "step", "born", "signed_up", "exported"])
    kept = whole.drop_duplicates(subset=[name for name in table if name != "row"])
    gone = {"missing": table.index.difference(whole.index), "duplicate": whole.index.difference(kept.index)}
    quarantine = pd.concat([pd.DataFrame({"row": table.loc[rows, "row"], "kind": kind}) for kind, rows in gone.items()])
    return kept, quarantine


### END SOLUTION

# %%
unit.check("baseline")

# %% test="baseline"
unit.grade("baseline")

# %% [markdown]
# The baseline's points are for running through the same door as the real thing, not for finding much. What did it do?

# %%
plain = unit.load("baseline.py")
if hasattr(plain, "clean"):
    kept, quarantine = plain.clean(raw)
    print(f"kept {len(kept):,} of {len(raw):,} rows, {kept['row'].isin(good['row']).mean():.0%} of them good ones")
    print(f"smallest and largest height kept: {kept['height'].min():g} and {kept['height'].max():g} cm")
    print(f"R² on people measured by hand: {world.r2(kept, lab):.2f}; trained on clean rows: {world.r2(good, lab):.2f}")
    print({kind: round(score, 2) for kind, score in world.f1(quarantine, bad).items()})

# %% [markdown]
# It threw out four good rows in five, kept people of -1 and 5.4 cm and of many metres, and an R² below zero says that the
# model would do better to guess the mean for everybody. `dropna` and `drop_duplicates` answer the question *is something
# there?* Nearly all that is wrong here is there.
#
# ### Your cleaning
# Write `clean.py`. One step at a time works best: read every column by its rules, then decide on the kinds in their order,
# then repeats among the rows that are still good. The public table shows you what is common. The rules above are
# what is promised, and they name more than one table can show.

# %% solution="write-clean"
# %%writefile clean.py
### BEGIN SOLUTION
import numpy as np
import pandas as pd

DATES = ["born", "signed_up", "exported"]
KINDS = ["missing", "height", "time", "label", "duplicate", "leak"]
STAND_INS = ["", "-", "?", "n/a", "none", "null", "nan", "nat"]
SEXES = {"f": "female", "female": "female", "woman": "female", "m": "male", "male": "male", "man": "male"}
NUMBER, POUNDS, INCH, FOOT = r"\d+(?:[.,]\d+)?", r"kg|lbs?|pounds?", r"''|\"|inches|inch|in", r"'|feet|foot|ft"
HEIGHT = (
    rf"^(?:([4-7])(?:(?:\s*(?:{FOOT})\s*|\s+)(?:and\s+)?({NUMBER})\s*(?:{INCH})?|\s*(?:{FOOT})|\s*[.,]\s*(\d\d?))?"
    rf"|([12])\s*m\s*(\d\d)|({NUMBER})\s*(cm|mm|m|{INCH})?)$"
)
SCALE = {"cm": 1.0, "mm": 0.1, "m": 100.0, "''": 2.54, '"': 2.54, "inches": 2.54, "inch": 2.54, "in": 2.54}


def texts(column):
    """A column as texts in lower case without blanks around; what is missing reads "nan"."""
    return pd.Series([str(value).strip().lower() for value in column.astype("str")], dtype=object)


def numbers(column):
    return pd.to_numeric(column.str.replace(",", "."), errors="coerce")


def missing(column):
    """True where a text stands for nothing."""
    return column.isin(STAND_INS) | numbers(column).isin([0, 999, -1])


def heights(column):
    """Texts to cm by the rules; NaN where none applies or the height is out of range."""
    found = column.str.translate(str.maketrans("’′”″", "''\"\"")).str.extract(HEIGHT)
    feet, inches = found[0].astype(float), numbers(found[1].fillna(found[2]).fillna("0"))
    value = numbers(found[5])
    bands = [value.between(1.2, 2.2), value.between(48, 87), value.between(120, 220), value.between(1200, 2200)]
    bare = np.select(bands, [100.0, 2.54, 1.0, 0.1], np.nan)
    scale = np.where(found[6].isna(), bare, found[6].map(SCALE))
    cm = (found[3] + found[4]).astype(float).fillna(value * scale)
    cm = cm.where(feet.isna(), (feet * 12 + inches.where(inches < 12)) * 2.54)
    return cm.where(cm.between(120, 220))


def weights(column):
    """Texts to kg; NaN where they say no weight between 30 and 250."""
    found = column.str.extract(rf"^({NUMBER})\s*({POUNDS})?$")
    kg = numbers(found[0]) * np.where(found[1].isna() | (found[1] == "kg"), 1.0, 0.45359237)
    return kg.where(kg.between(30, 250))


def dates(column):
    """Texts to dates: year-month-day, or day.month.year."""
    iso = column.str.replace(r"^(\d\d)\.(\d\d)\.(\d{4})$", r"\3-\2-\1", regex=True)
    return pd.to_datetime(iso.where(iso.str.fullmatch(r"\d{4}-\d\d-\d\d")), format="%Y-%m-%d", errors="coerce")


def steps(column, height):
    """Texts to cm: whichever of cm and inches makes a step of this height."""
    step = numbers(column).abs()
    share = step / height
    return step.where(share.between(0.30, 0.60), (2.54 * step).where((2.54 * share).between(0.30, 0.60)))


def clean(frame):
    """The rows that may be trained on, in the contract's units, and `row` and `kind` of all others."""
    raw = {name: texts(frame[name]) for name in ["part", "email", "sex", "height", "weight", "step", *DATES]}
    swapped = raw["height"].str.contains(rf"\d\s*(?:{POUNDS})$").astype(bool)
    height, weight = raw["height"].where(~swapped, raw["weight"]), raw["weight"].where(~swapped, raw["height"])

    good = pd.DataFrame({"row": frame["row"].to_numpy(), "part": raw["part"].astype("str")})
    good["email"] = raw["email"].str.replace(r"\+[^@]*@", "@", regex=True).astype("str")
    good["sex"] = raw["sex"].map(SEXES).fillna("unstated").astype("str")
    good["height"], good["weight"] = heights(height), weights(weight)
    for name in DATES:
        good[name] = dates(raw[name])
    good["step"] = steps(raw["step"], good["height"])

    absent = missing(height) | missing(raw["step"])
    for name in ("born", "signed_up"):
        absent |= missing(raw[name]) | raw[name].isin(["1900-01-01", "0000-00-00"])
    days = (good["signed_up"] - good["born"]).dt.days
    timely = days.between(5_844, 36_525) & (good["signed_up"] <= good["exported"])
    kind = np.select([absent, good["height"].isna(), ~timely, good["step"].isna()], KINDS[:4], "").astype(object)

    # Repeats last: a person's good row must not go because of a row that is refused anyway.
    fine = good[kind == ""].sort_values("row")
    leak = fine["part"].eq("train") & fine["email"].isin(fine.loc[fine["part"] == "test", "email"])
    twice = fine[~leak].duplicated("email")
    kind[leak.index[leak]], kind[twice.index[twice]] = "leak", "duplicate"
    bad = pd.DataFrame({"row": good["row"], "kind": kind})[kind != ""]
    return good[kind == ""].reset_index(drop=True), bad.reset_index(drop=True)


### END SOLUTION

# %% [markdown]
# Where does it disagree with the public answer? First the rows in the wrong table or queue, then values.

# %%
yours = unit.load("clean.py")
if hasattr(yours, "clean"):
    kept, quarantine = yours.clean(raw)
    kinds = pd.DataFrame({"row": raw["row"]})
    for name, told in {"yours": quarantine, "expected": bad}.items():
        kinds[name] = kinds["row"].map(told.set_index("row")["kind"]).fillna("(kept)")
    display(kinds[kinds["yours"] != kinds["expected"]].merge(raw, on="row").head(10))
    both = kept.merge(good, on="row", suffixes=("", " expected"))
    for name in ("weight", "height", "step"):
        off = ~np.isclose(both[name].astype(float), both[f"{name} expected"], atol=0.1, equal_nan=True)
        if off.any():
            display(
                both.loc[off, ["row", name, f"{name} expected"]]
                .merge(raw[["row", name]], on="row", suffixes=("", " typed"))
                .head(5)
            )

# %% [markdown]
# Three questions that are cheap to ask here, before the check asks them: what happens to a table that is cleaned twice, to
# one row alone, and to the table that you passed in?

# %%
if hasattr(yours, "clean"):
    twice, more = yours.clean(kept)
    print(f"cleaned twice: {len(more)} rows refused, {'the same' if twice.equals(kept) else 'another'} table")
    print(f"one row alone: {[len(table) for table in yours.clean(raw.head(1))]} rows in the two tables")
    before = raw.copy()
    yours.clean(raw)
    print(f"the table passed in: {'as it was' if raw.equals(before) else 'changed'}")

# %% [markdown]
# ## 5. Ship check
# Everything that can be measured here, on the public table. Run it as often as you like. `unit.replay(0)` in a cell of your own
# shows row by row what differs from what must come out, `unit.replay(1)` what changes when the table is cleaned twice, and
# `unit.replay(2)` in another order: each as it is judged, by processes that have not seen the first table.

# %%
unit.check()

# %% [markdown]
# The cells below are what gets graded, a clause each. Here they measure on the public table; at grading, on rows that
# nobody has seen, together with checks of how `clean` stands up to what the rules allow and the public table doesn't
# show.

# %% test="interface"
unit.grade("interface")

# %% test="untouched"
unit.grade("untouched")

# %% test="quality"
unit.grade("quality")

# %% test="kept"
unit.grade("kept")

# %% test="right"
unit.grade("right")

# %% test="model"
unit.grade("model")

# %% test="throughput"
unit.grade("throughput")

# %% test="again"
unit.grade("again")

# %% test="order"
unit.grade("order")

# %% test="writing"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("writing")
### END HIDDEN TESTS

# %% test="alone"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("alone")
### END HIDDEN TESTS

# %% test="others"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("others")
### END HIDDEN TESTS

# %% [markdown]
# ### Where this comes from
# - R. A. Irizarry and A. Gill: the R package *dslabs*, whose `reported_heights` are what students really typed.
# - E. Rahm and H. H. Do: *Data cleaning: problems and current approaches* (2000).
# - I. P. Fellegi and A. B. Sunter: *A theory for record linkage* (1969): when are two rows one person?
# - S. Kapoor and A. Narayanan: *Leakage and the reproducibility crisis in machine-learning-based science* (2023).
