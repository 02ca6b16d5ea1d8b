# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Triangle, circle or square
#
# *Unit q26. One sitting: 60 to 120 minutes. You ship `model.onnx`, twenty kilobytes at most, that looks at a child's drawing
# and says what it is.*
#
# [Brief](#1.-Brief) · [Design memo](#2.-Design-memo) · [Estimates](#3.-Estimates) · [Build](#4.-Build) ·
# [Ship check](#5.-Ship-check)
#
# Run the next cell first, and again whenever the kernel was restarted: what you saved to files is still there. Each step
# has a check, which says what was measured and what was asked. Stuck? Type `unit.hint()` into a cell of your own.

# %% locked="setup"
import course

unit = course.unit("q26-shapes", needs="0.1.0")

# %% [markdown]
# ## 1. Brief
#
# > Tell me whether a child has drawn a triangle, a circle or a square.
#
# It sounds like the first exercise of a course on image recognition, and most candidates say "a convolutional network" before
# the sentence is over. One of them asked what it would run on, and got the job.
#
# | You ask | They say |
# |---|---|
# | Who wants to know? | The child, three to six years old, who can't read yet. We make wooden toys. This one is a box with paper in it: you draw, you close the lid, it says "a triangle!" |
# | What does it see? | A sensor in the lid, 32 × 32 pixels of grey, 0 black to 255 white. The lid's edge throws a shadow, and cheap sensors have noise. |
# | What does it run on? | A controller for 40 cents that does 2 million multiplications a second, and has 20 kB left for a model. It may think for two seconds; the child is opening the lid again by then. |
# | Can we update it? | No. The memory is written in the factory, in March. The box is sold for five years. |
# | What do children draw with? | Crayons; pencils, faintly; felt-tips, and then they fill the shape in. Some go round twice. In autumn there will be a set with chalk and black paper. It is being made; nobody has drawn with it. |
# | How does the paper lie? | Any way up, and from either side of the box. Shapes are anywhere on it, from half as wide as the sheet to nearly as wide. |
# | What is a triangle? | Three sides, no corner sharper than 40°. Squares are up to a seventh longer than wide, circles up to a seventh flatter. Lines wobble, they don't meet, or they run on past the beginning. |
# | Only those three? | Only those three. But three-year-olds don't stop drawing when the shape is done: there are strokes beside it, and through it. |
# | What does a mistake cost? | A child that is told something wrong shrugs. One that is told something wrong twice in a row puts the box away. |
# | What have we got? | Drawings of two kindergartens: each a hundred of every shape with every pen, but for the chalk. And a prototype. |
# | What is the prototype? | Our working student's net, 64 hidden units on the pixels. It is right half of the time, and takes a quarter of a megabyte. He says that he needs more drawings. |
#
# Does he? Here is the contract.

# %%
unit.contract()

# %% [markdown]
# `model.onnx` has one input, `pixels`, float32 of shape [N, 1024] (32 rows of 32 pixels, row by row, 0 is black and 255 white), and
# one output, `shape`, int64 of shape [N]: 0 for a triangle, 1 for a circle, 2 for a square. It treats every drawing by itself,
# and all that is done to pixels is in the graph. Graphs are written for opset 17 (`Graph`, below, does so).
#
# The cost of a drawing is measured one at a time on one core, as a multiple of a small *calibration model* that runs in
# turns with yours; the check shows microseconds beside it.

# %% [markdown]
# ## 2. Design memo
#
# Before you build: write down what you would do and why, for a colleague who has read the brief and nothing else. One
# page, 900 words at most. It is marked by hand against this rubric, and you can mark yourself with it first.
#
# | | Points | Full points if the memo ... |
# |---|---|---|
# | Goal and users | 2 | says what the child gets out of it (1), and what is worse than no answer (1) |
# | Constraints | 3 | turns the brief into bytes, as a number of weights (1), and multiplications for one drawing (1), and names the constraint that can't be mended later (1) |
# | Data | 3 | says what 1,200 drawings show (½) and what they can't (1), how the rest is made, the chalk included (1), and what stays apart for the test (½) |
# | Metric | 2 | chooses a number for the child's experience (1), and guards the worst group (1) |
# | Baseline | 2 | names the plainest model (1) and says what its failure shows (1) |
# | Serving | 3 | describes one design that fits the box (1) and argues for it against two others, at least one of which has no learning in it (2) |
# | Monitoring | 2 | names a way to learn anything from a box without a network (1), and says what is counted and what for (1) |
# | What could go wrong | 3 | names three failures particular to this toy (1½), and what is done about each (1½) |

# %% [markdown] memo="memo" points=20
# ### BEGIN SOLUTION
# **Goal and users.** A child wants to be understood. Right names teach; a wrong one that sounds sure teaches something false, and
# two in a row end the game. Parents pay for a toy that is still in use in June.
#
# **Constraints.** 20 kB: 5,000 weights of four bytes, or 10,000 of two. Two seconds at 2 million multiplications: 4 million for a
# drawing. So arithmetic is plentiful and memory is not: compute features, don't store templates. What can't be mended is
# everything: the model is frozen in March and meets chalk in autumn.
#
# **Data.** 1,200 drawings hold each shape in perhaps a hundred positions, of thousands that are possible. More drawings would help
# slowly; what I know about paper helps at once: turned, mirrored, moved and inverted drawings keep their names. So either
# the features don't see such changes, or I make the copies. Chalk can't be collected, but light on dark can be made: 255 minus each pixel. The other kindergarten stays a hold-out.
#
# **Metric.** Accuracy over shapes and pens in equal parts, because no child should own the wrong pen. Pairs of wrong answers
# in a row follow from it. Guardrails: the worst of twelve groups (read with care, the least of twelve is unlucky), and the share of
# drawings whose name does not change when the paper is turned.
#
# **Baseline.** A linear model on pixels: 45 %, where guessing has 33. It does not fail for want of data alone: no single pixel says
# anything about a shape that may lie anywhere.
#
# **Serving.** Slopes at each pixel, their directions as angles times 2, 4, 6, 8, averaged: four numbers that no turn changes and few lines confuse,
# three weightings of each, and a net of 16 units. *Against a convolutional net on turned copies*: as good, four times the
# bytes, and what it does on its side is hoped, not known. *Against counting corners without any learning*: finding corners
# needs closed, clean lines; children don't draw those. *Against a Hough transform*: finds lines through clutter, but a filled
# circle has none and its table of votes is larger than our memory. A 'shape' that is not sure could say "hm, draw it again!": the
# scores allow that without another model.
#
# **Monitoring.** No network. Thirty boxes in kindergartens with a memory card, each term; the shop's returns; a button "no!" that
# counts, read out when a box comes back.
#
# **What could go wrong.** Chalk on black inverts everything: the features use directions of edges without their sign, and
# inverted drawings are tested now. A new sensor batch with a brighter corner: slopes do not see a constant, and weak ones count little.
# Squared paper in the box: its lines are edges in two directions, which is what a square looks like; the manual asks for blank paper, and
# the scores' doubt speaks. A house (a triangle on a square): out of the contract, and the most frequent drawing of all; tell marketing before March.
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
# - `pixel_net_kb`: how many kB (1,000 bytes) does the prototype take: 64 hidden units on all pixels, three outputs, four bytes a number?
# - `filters_ms`: how many milliseconds does the controller take for eight filters of 5 × 5 pixels, at every pixel of a drawing?
# - `wrong_twice`: a child makes 12 drawings a day, and each is read right with 92 %, independently. How often in 30 days is it
#   told something wrong twice in a row? (Count the pairs of neighbours within a day that are both wrong.)
# - `half_width`: 92 % of 1,200 drawings are read right. By how many points does the 95 % interval of the accuracy reach to each side?
# - `luckless_percent`: three shapes with four pens are twelve groups of 100 drawings. If all are truly read right with 90 %, how
#   likely is it, in %, that at least one group shows 84 or fewer?

# %% solution="answer-estimates"
pixel_net_kb = None
filters_ms = None
wrong_twice = None
half_width = None
luckless_percent = None
### BEGIN SOLUTION
from scipy.stats import binom

pixel_net_kb = (1024 * 64 + 64 + 64 * 3 + 3) * 4 / 1000
filters_ms = 8 * 25 * 1024 / 2e6 * 1000
wrong_twice = 30 * 11 * 0.08**2
half_width = 100 * 1.96 * (0.92 * 0.08 / 1200) ** 0.5
luckless_percent = 100 * (1 - (1 - binom.cdf(84, 100, 0.9)) ** 12)
### END SOLUTION
unit.answer(
    pixel_net_kb=pixel_net_kb,
    filters_ms=filters_ms,
    wrong_twice=wrong_twice,
    half_width=half_width,
    luckless_percent=luckless_percent,
)

# %%
unit.check("estimates")

# %% test="estimates"
unit.grade("estimates")

# %% [markdown]
# The first two together turn the usual order around: in this box, computing is cheap and remembering is not. The last is a
# warning for later: before you repair the worst group of twelve, ask whether it is worse or was unlucky.

# %% [markdown]
# ## 4. Build
#
# ### Look first
# A row for each pen, from the first kindergarten.

# %% locked="data"
import numpy as np

from course.graph import Graph
from course.units.q26_shapes import world

X_train, y_train, pen_train = (unit.data[f"{name}_train"] for name in ("X", "y", "pen"))
X_public, y_public = unit.data["X_public"], unit.data["y_public"]
PIXELS = {"pixels": (np.float32, 1024)}  # the model's input

# %%
import matplotlib.pyplot as plt

figure, axes = plt.subplots(4, 12, figsize=(10.5, 3.8))
for row, pen in enumerate(world.PENS):
    for shape in range(3):
        for k, pixels in enumerate(X_train[(pen_train == row) & (y_train == shape)][:4]):
            axes[row, 4 * shape + k].imshow(pixels.reshape(32, 32), cmap="gray", vmin=0, vmax=255)
            axes[row, 4 * shape + k].set(xticks=[], yticks=[])
    axes[row, 0].set_ylabel(pen)
figure.suptitle("triangles, circles, squares")
plt.show()

# %% [markdown]
# You read all of them without effort, tilted, faint and scribbled on. A model that gets pixels does not see what you see: to
# it, a square that is moved by three pixels and turned by 20° is another set of 1,024 numbers.
#
# ### The baseline
# The plainest model, to see how far pixels go: a linear one, saved as `baseline.onnx`. `g = Graph(PIXELS)` is a graph that has its input
# only; `g.add("Conv", "pixels", filters)` appends an operator (inputs are names or numpy values, attributes go behind) and gives
# the name of its result; `g.save("baseline.onnx", shape=name)` writes what leads to it.

# %% solution="build-baseline"
### BEGIN SOLUTION
from sklearn.linear_model import LogisticRegression

plain = LogisticRegression(C=0.001, max_iter=300).fit(X_train / 255, y_train)
g = Graph(PIXELS)
scores = g.dense("pixels", [(plain.coef_.T / 255, plain.intercept_)])
g.save("baseline.onnx", shape=g.add("ArgMax", scores, axis=1, keepdims=0))
### END SOLUTION

# %%
unit.check("baseline")

# %% test="baseline"
unit.grade("baseline")

# %% [markdown]
# Guessing has 33 %. What is *the same* in all squares, then? Below, each drawing was asked one question: in which direction
# does the grey change, and how strongly, at each of its pixels? The shares of all directions make one curve for a drawing, which is
# slid along until its highest point is at 0. Each panel shows the curves of all drawings of a shape: the middle half of
# them (grey) and the median (black).

# %%
from scipy.ndimage import gaussian_filter1d, sobel

sheets = gaussian_filter1d(gaussian_filter1d(X_train.reshape(-1, 32, 32).astype(float), 1, axis=1), 1, axis=2)
down, right = sobel(sheets, axis=1)[:, 1:-1, 1:-1], sobel(sheets, axis=2)[:, 1:-1, 1:-1]
bins = (np.degrees(np.arctan2(down, right)) % 360 // 5).astype(int)
strength = down**2 + right**2
curves = np.zeros((len(sheets), 72))
for k in range(len(sheets)):
    curves[k] = np.bincount(bins[k].ravel(), strength[k].ravel(), minlength=72) / strength[k].sum()
curves = gaussian_filter1d(curves, 1.5, axis=1, mode="wrap")
curves = np.array([np.roll(curve, 36 - curve.argmax()) for curve in curves])

figure, axes = plt.subplots(1, 3, figsize=(10.5, 3), sharey=True, layout="constrained")
angles = 5 * np.arange(-36, 36)
for shape, axis in enumerate(axes):
    low, middle, high = 100 * np.quantile(curves[y_train == shape], [0.25, 0.5, 0.75], axis=0)
    axis.fill_between(angles, low, high, color="0.8")
    axis.plot(angles, middle, color="black")
    axis.set(title=world.SHAPES[shape], xticks=range(-180, 181, 90), xlabel="degrees from the strongest direction")
axes[0].set_ylabel("% of all change")
plt.show()

# %% [markdown]
# Squares have four hills, 90° apart. Triangles have two broad humps, where the other sides point; their corners differ, so no two
# triangles agree on the place. Circles have next to nothing but the hill that the sliding itself put there. None of this depends on
# where the shape is, how large it is, or how the paper lies, and that's the whole point: *somebody thought about it before
# any weight was trained*.
#
# ### Your model
# Save it as `model.onnx`. There are at least two honest ways to go on from here:
#
# - **Ask questions that don't depend on the paper.** Features in which place and angle cancel out, such as the strength of
#   a wave of a certain length in these curves, and a very small net on top.
# - **Let a small net find out.** Fixed or trained filters, pooling, a hidden layer; and every drawing in many positions, so that
#   it has to.
#
# A graph can do more than multiply matrices: `Conv`, `Mul`, `Sqrt`, `Abs`, `MaxPool`, `ReduceSum`, `Reshape`, `Concat`; and
# `g.dense(name, [(weights, shift), ...])` appends the layers of a net. `g.look(name, pixels)` gives what your graph has there: compute
# features with the graph itself and there is only one definition of them. `world.turned(pixels)` lays drawings in all eight ways. Leave
# `X_public` out of training, or the check below tells you nothing.

# %% solution="build-model"
### BEGIN SOLUTION
# Directions as complex numbers. At each pixel the slope (a, b) has an angle; (a² - b², 2ab) / (a² + b²) is the point of the unit
# circle at twice that angle, where both edges of a stroke fall together. Its powers are at 4, 6, 8 times the angle: the
# mean of the second is long where directions repeat every 90° (squares), of the third every 60° (triangles). A turn of the paper turns
# the means, and their lengths stay. Weighted by the slope's length, its square and its cube: what is faint counts less and less.
from sklearn.neural_network import MLPClassifier

ORDERS = 4


def edge_directions(g, pixels="pixels"):
    """From pixels (N, 1024) to lengths of means (N, 12)."""
    axis = np.arange(5) - 2
    down, right = np.meshgrid(axis, axis, indexing="ij")
    bell = np.exp(-(down**2 + right**2) / 2) / 255
    slopes = np.stack([bell * right, bell * down])[:, None].astype(np.float32)
    sheets = g.add("Reshape", pixels, np.array([-1, 1, 32, 32]))
    a, b = g.add("Split", g.add("Conv", sheets, slopes), axis=1, outputs=2)
    aa, bb, ab = g.add("Mul", a, a), g.add("Mul", b, b), g.add("Mul", a, b)
    r2 = g.add("Add", g.add("Add", aa, bb), np.float32(1e-8))
    r1 = g.add("Sqrt", r2)
    cosines = [g.add("Div", g.add("Sub", aa, bb), r2)]
    sines = [g.add("Div", g.add("Add", ab, ab), r2)]
    for _ in range(ORDERS - 1):  # the next power: once more times the first
        c, s = cosines[-1], sines[-1]
        cosines.append(g.add("Sub", g.add("Mul", c, cosines[0]), g.add("Mul", s, sines[0])))
        sines.append(g.add("Add", g.add("Mul", c, sines[0]), g.add("Mul", s, cosines[0])))
    waves = g.add("Reshape", g.add("Concat", *cosines, *sines, axis=1), np.array([0, 2 * ORDERS, -1]))
    weights = g.add("Concat", r1, r2, g.add("Mul", r1, r2), axis=1)
    weights = g.add("Reshape", weights, np.array([0, 3, -1]))
    sums = g.add("MatMul", waves, g.add("Transpose", weights, perm=[0, 2, 1]))
    total = g.add("Transpose", g.add("ReduceSum", weights, np.array([2])), perm=[0, 2, 1])
    pairs = g.add("Reshape", g.add("Div", sums, total), np.array([0, 2, -1]))
    return g.add("ReduceL2", pairs, axes=[1], keepdims=0)


def trained(features, shapes):
    """Layers of a net that brings features to mean 0 and spread 1 within its first weights."""
    mean, spread = features.mean(axis=0), features.std(axis=0)
    net = MLPClassifier((16,), alpha=0.1, max_iter=1000, random_state=0).fit((features - mean) / spread, shapes)
    first = net.coefs_[0] / spread[:, None]
    return [(first, net.intercepts_[0] - mean @ first), (net.coefs_[1], net.intercepts_[1])]


g = Graph(PIXELS)
features = edge_directions(g)
layers = trained(g.look(features, X_train), y_train)
g.save("model.onnx", shape=g.add("ArgMax", g.dense(features, layers), axis=1, keepdims=0))
### END SOLUTION

# %% [markdown]
# What does it still read wrong? Look before you tune: if you'd have hesitated as well, that's the drawings.

# %%
from pathlib import Path

import onnxruntime

if Path("model.onnx").exists():
    session = onnxruntime.InferenceSession("model.onnx")
    said = session.run(None, {"pixels": X_public.astype(np.float32)})[0]
    wrong = np.flatnonzero(said != y_public)
    print(f"{len(wrong)} of {len(said):,} are read wrong; these are some of them")
    figure, axes = plt.subplots(2, 8, figsize=(10.5, 3.4))
    for axis in axes.ravel():
        axis.set_axis_off()
    for axis, k in zip(axes.ravel(), wrong, strict=False):
        axis.imshow(X_public[k].reshape(32, 32), cmap="gray", vmin=0, vmax=255)
        axis.set_title(f"a {world.SHAPES[y_public[k]]},\nread as {world.SHAPES[said[k]]}", fontsize=8)
    figure.tight_layout()
    plt.show()

# %% [markdown]
# ## 5. Ship check
# Everything that can be measured here, on the other kindergarten's drawings. Run it as often as you like.

# %%
unit.check()

# %% [markdown]
# The cells below are what gets graded, a clause each. Here they measure on the public hold-out; at grading, on drawings that
# nobody has seen, together with checks of how the model stands up to what the brief says about children, pens and paper.

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

# %% test="chalk"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("chalk")
### END HIDDEN TESTS

# %% test="worst"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("worst")
### END HIDDEN TESTS

# %% test="turned"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("turned")
### END HIDDEN TESTS

# %% [markdown]
# ### Where this comes from
# - Josef Bigün and Gösta Granlund (1987), *Optimal orientation detection of linear symmetry*: directions at twice their angle.
# - Navneet Dalal and Bill Triggs (2005), *Histograms of oriented gradients for human detection*: what an edge's direction says.
# - Ming-Kuei Hu (1962), *Visual pattern recognition by moment invariants*: numbers that no turn of the paper changes.
# - Patrice Simard, Dave Steinkraus and John Platt (2003), *Best practices for convolutional neural networks applied to visual document analysis*: drawings
#   laid in many ways.
