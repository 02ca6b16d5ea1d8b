# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Image search
#
# *Unit q06. One sitting: 60 to 120 minutes. You ship a small file of code, `scale.py`.*
#
# Run the next cell first, and again whenever the kernel was restarted: what you saved to files is still there. Each step
# has a check, which says what was measured and what was asked. Stuck? Type `unit.hint()` into a cell of your own.

# %% locked="setup"
import course

unit = course.unit("q06-image-search", needs="0.1.0")

# %% [markdown]
# ## 1. Brief
#
# > Which parcels are over two kilograms?
#
# | You ask | They say |
# |---|---|
# | What is known of a parcel? | Fifteen readings of a scale on a belt that shakes, in kilograms. |
# | How good is a reading? | It scatters by 0.4 kg. And sometimes the scale drops to zero for a moment; on some belts often. |
# | How many parcels? | A thousand a second, and the controller gives a tenth of a core. |
#
# Here is the contract.

# %%
unit.contract()

# %% [markdown]
# `scale.py` defines `over(readings)`. `readings` is an array of floats, a row of fifteen for each parcel (there may be one
# row, or none); it returns an array of bools, one for each parcel: is it over 2.0 kg?
#
# ## 2. Design memo
#
# | Row | Points | Full points for |
# |---|---|---|
# | Goal and users | 4 | who reads the answer, and what a wrong one costs each way |
# | Data | 4 | what a reading is worth, and what a zero means |
# | Metric and baseline | 4 | the share of right answers, and what one reading alone reaches |
# | Serving | 4 | the time of a parcel from the belt's speed |
# | Monitoring | 4 | one number that shows a scale that drops too often, and who acts on it |

# %% [markdown] memo="memo" points=20
# ### BEGIN SOLUTION
# **Goal and users.** The sorter sends what is over to another belt; a heavy parcel on the light belt stops it, a light one
# on the heavy belt costs a euro.
#
# **Data.** A reading scatters by 0.4 kg, fifteen of them by 0.1. A zero says nothing of the parcel.
#
# **Metric and baseline.** The share of right answers; one reading alone is right about eight of ten parcels.
#
# **Serving.** 1,000 parcels a second in a tenth of a core: 100 µs each.
#
# **Monitoring.** The share of zeros an hour; over 20 % the belt's mechanic is called.
# ### END SOLUTION

# %%
unit.memo()

# %% [markdown]
# ## 3. Estimates
#
# - `microseconds`: a thousand parcels a second pass, and the controller gives a tenth of a core. How long may one take?
# - `spread`: how far does the mean of fifteen readings scatter, in kg?

# %% solution="answer-estimates"
estimates = dict(
    microseconds=None,
    spread=None,
)
### BEGIN SOLUTION
estimates = dict(
    microseconds=0.1 / 1_000 * 1e6,
    spread=0.4 / 15**0.5,
)
### END SOLUTION
unit.answer(**estimates)

# %%
unit.check("estimates")

# %% test="estimates"
unit.grade("estimates")

# %% [markdown]
# ## 4. Build
#
# Past parcels, and what they really weighed.

# %%
data = unit.data
data["readings"].shape, data["weight"].shape

# %% [markdown]
# ### The baseline
# The first reading alone. The first line of the cell writes what follows to a file instead of running it; leave it there.

# %% solution="write-baseline"
# %%writefile baseline.py
### BEGIN SOLUTION
"""The first reading alone."""


def over(readings):
    """True where it is over the limit."""
    return readings[:, 0] > 2.0


### END SOLUTION

# %%
unit.check("baseline")

# %% test="baseline"
unit.grade("baseline")

# %% [markdown]
# ### Your own

# %% solution="write-scale"
# %%writefile scale.py
### BEGIN SOLUTION
"""The mean of the readings that are none of the scale's drops."""

import numpy as np


def over(readings):
    """True where the mean of what was read is over the limit."""
    there = readings != 0
    return (readings * there).sum(axis=1) > 2.0 * np.maximum(there.sum(axis=1), 1)


### END SOLUTION

# %% [markdown]
# Which parcels did it get wrong? `unit.replay(0)` in a cell of your own shows twenty, as the judge sees them.
#
# ## 5. Ship check

# %%
unit.check()

# %% test="interface"
unit.grade("interface")

# %% test="quality"
unit.grade("quality")

# %% test="throughput"
unit.grade("throughput")

# %% test="size"
unit.grade("size")

# %% test="stuck"
### BEGIN HIDDEN TESTS
"""Parcels of a scale that often drops to zero."""
### END HIDDEN TESTS
unit.grade("stuck")

# %% [markdown]
# ### Where this comes from
# - John W. Tukey (1960), *A survey of sampling from contaminated distributions*: averages that a few wrong readings don't spoil.
