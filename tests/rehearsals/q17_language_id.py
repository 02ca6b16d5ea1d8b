"""q17 rehearsed: what must pass, what must fail, and where.

Functions here are cells: only their bodies are used, in the notebook's namespace. Parameters name what a body takes
from the cells before it.
"""

from __future__ import annotations

from functools import partial

from course.grading.authoring.rehearse import Rehearsal


def vectors(g, rows, np, TensorProto, UNKNOWN, texts_train, y_train, world, ROWS, company=0.5):
    """A vector for each row, summed, and a sigmoid for each language, trained together; nonsense is no language.

    `company`: the share of windows that are shown again beside what is in no language.

    Averaged vectors of hashed n-grams: Joulin et al., "Bag of tricks for efficient text classification", 2016;
    nonsense as counterexample: Hendrycks et al., "Deep anomaly detection with outlier exposure", 2018.
    """
    from scipy.sparse import csr_matrix

    rng = np.random.default_rng(0)
    shown, y, origin = [], [], []
    for k, (text, place) in enumerate(zip(texts_train, y_train, strict=True)):
        for a in range(0, max(len(text) - 20, 1), 20):
            shown.append(text[a : a + 40])
            y.append(place)
            origin.append(k)
    others = ("3.11.2026", "14:05", "v2.4", "49,90 €", "me@example.org", "www.example.org", "IMG_21.jpg", "report.pdf")
    half = np.flatnonzero(rng.random(len(shown)) < company)
    beside = [f"{shown[k][:26]} {others[rng.integers(8)]}" for k in half[::2]]
    beside += [f"{others[rng.integers(8)]} {shown[k][:26]}" for k in half[1::2]]
    # Nonsense: letters of each word in any order, or the beginnings of words with the ends of another text's.
    some = np.flatnonzero(rng.random(len(shown)) < 0.3)
    stirred = [" ".join("".join(rng.permutation(list(word))) for word in shown[k].split()) for k in some[::2]]
    alike, blended = {}, []
    for text in shown:
        alike.setdefault(max(text)[:1] > "ɏ" and ord(max(text)) // 256, []).append(text)
    for k in some[1::2]:
        group = alike[max(shown[k])[:1] > "ɏ" and ord(max(shown[k])) // 256]
        ends = group[rng.integers(len(group))].split()
        words = shown[k].split()
        pairs = [(word, ends[j % len(ends)]) for j, word in enumerate(words)] if ends else []
        blended.append(" ".join(a[: max((len(a) + 1) // 2, 1)] + b[len(b) // 2 :] for a, b in pairs)[:40])
    y, origin = np.array(y), np.array(origin)
    y = np.concatenate([y, y[half[::2]], y[half[1::2]], np.full(len(some), UNKNOWN)])
    origin = np.concatenate([origin, origin[half[::2]], origin[half[1::2]], origin[some[::2]], origin[some[1::2]]])
    at = g.look(rows, world.codes(shown + beside + stirred + blended))
    many = np.maximum((at > 0).sum(axis=1), 1)
    values = ((at > 0) / np.sqrt(many)[:, None]).astype(np.float32)
    X = csr_matrix((values.ravel(), at.ravel(), np.arange(0, at.size + 1, at.shape[1])), shape=(len(at), ROWS))
    aside = (rng.permutation(len(texts_train)) % 8 == 0)[origin]
    train, weight = np.flatnonzero(~aside), 1 / np.bincount(y)[y]
    weight = np.where(y < UNKNOWN, weight / weight[y < UNKNOWN].mean(), 1).astype(np.float32)
    truth = np.eye(UNKNOWN + 1, UNKNOWN, dtype=np.float32)[y]
    size, rate, width, epochs = 1024, 0.03, 32, 4
    E, c, U, b = (
        one.astype(np.float32)
        for one in (
            rng.normal(0, 0.1, (ROWS, width)),
            np.zeros(width),
            rng.normal(0, 0.3, (width, UNKNOWN)),
            np.full(UNKNOWN, -4.0),
        )
    )
    first, second = ([np.zeros_like(one) for one in (E, c, U, b)] for _ in range(2))
    step, steps = 0, epochs * (len(train) // size)
    for _ in range(epochs):
        order = rng.permutation(train)
        for begin in range(0, len(order) - size + 1, size):
            k = order[begin : begin + size]
            hidden = X[k] @ E + c
            slope = (1 / (1 + np.exp(-(hidden @ U + b))) - truth[k]) * weight[k][:, None] / size
            back = slope @ U.T
            step += 1
            slopes = (X[k].T @ back, back.sum(axis=0), hidden.T @ slope, slope.sum(axis=0))
            for one, now, m, v in zip((E, c, U, b), slopes, first, second, strict=True):  # Adam
                m += 0.1 * (now - m)
                v += 0.01 * (now * now - v)
                scale = rate * (1 - step / (steps + 1)) / (1 - 0.9**step)
                one -= scale * m / (np.sqrt(v / (1 - 0.99**step)) + 1e-8)
    unit_of = np.abs(E).max(axis=0) / 127
    table = np.rint(E / unit_of).astype(np.int8)
    table[0] = 0
    judged = aside & (y < UNKNOWN) & (many >= 20)
    least = np.quantile(((X[judged] @ (table * unit_of) + c) @ U + b).max(axis=1), 0.04)
    sums = g.add(
        "ReduceSum", g.add("Cast", g.add("Gather", table, rows), to=TensorProto.FLOAT), np.array([1]), keepdims=0
    )
    there = g.add("Cast", g.add("Min", rows, np.int64(1)), to=TensorProto.FLOAT)
    there = g.add("ReduceSum", there, np.array([1]), keepdims=1)
    mean = g.add("Div", sums, g.add("Sqrt", g.add("Max", there, np.float32(1))))
    mixed = (unit_of[:, None] * U).astype(np.float32)
    scores = g.add("Gemm", mean, mixed, (c @ U + b).astype(np.float32))
    sure = g.add("Greater", g.add("ReduceMax", scores, axes=[1], keepdims=1), np.float32(least))
    sure = g.add("And", sure, g.add("Greater", there, np.float32(0)))
    answer = g.add("Where", sure, g.add("ArgMax", scores, axis=1, keepdims=1), np.int64(UNKNOWN))
    g.save("model.onnx", language=g.add("Reshape", answer, np.array([-1])))


def letters_alone(letters, table, row, np, TensorProto):
    """What the firmware does today, in half precision."""
    found = letters.add("Cast", letters.add("Gather", table.astype(np.float16), row), to=TensorProto.FLOAT)
    scores = letters.add("ReduceSum", found, np.array([1]), keepdims=0)
    letters.save("model.onnx", language=letters.add("ArgMax", scores, axis=1, keepdims=0))


def blocks_of_unicode(np, Graph, CODES, TensorProto, UNKNOWN, texts_train, y_train):
    """Which alphabet? Each block of 128 code points has its most frequent languages."""
    counts = np.full((512, UNKNOWN), 0.1)
    for text, place in zip(texts_train, y_train, strict=True):
        np.add.at(counts[:, place], [ord(character) // 128 % 512 for character in text], 1)
    table = np.log(counts / counts.sum(axis=0)).astype(np.float32)
    h = Graph(CODES)
    codes = h.add("Cast", "codes", to=TensorProto.INT64)
    block = h.add("Mod", h.add("Div", codes, np.int64(128)), np.int64(512))
    scores = h.add("ReduceSum", h.add("Gather", table, block), np.array([1]), keepdims=0)
    h.save("model.onnx", language=h.add("ArgMax", scores, axis=1, keepdims=0))


def every_string(languages, world, np):
    """The reference on every string of the package, the hold-outs' messages among them: what knowing them gains."""
    said = [(text, place) for place, code in enumerate(languages) for text in world.strings()[code].values()]
    texts_train, y_train = [text for text, _ in said], np.array([place for _, place in said])  # noqa: F841


def never_unknown(g, scores, np):
    """The best of 64, whatever the text is."""
    g.save("model.onnx", language=g.add("ArgMax", scores, axis=1, keepdims=0))


def by_probability(g, scores, best, np, UNKNOWN, X, y, quarter, judged, logarithms, STEP):
    """The right table, and `unknown` where the best language is not probable enough among the 64."""
    top = np.zeros(len(y))
    for part in range(4):
        held = (X[quarter == part] @ logarithms(X[quarter != part], y[quarter != part])) / STEP
        top[quarter == part] = 1 / np.exp(held - held.max(axis=1, keepdims=True)).sum(axis=1)
    least = np.float32(np.quantile(top[judged], 0.05))
    probable = g.add("Softmax", g.add("Div", scores, np.float32(STEP)), axis=1)
    sure = g.add("GreaterOrEqual", g.add("ReduceMax", probable, axes=[1], keepdims=1), least)
    answer = g.add("Where", sure, best, np.int64(UNKNOWN))
    g.save("model.onnx", language=g.add("Reshape", answer, np.array([-1])))


def knows_the_strangers(g, rows, np, TensorProto, UNKNOWN, X, y, counted, logarithms, ROWS, codes_public, y_public):
    """A 65th language: what the public strangers speak."""
    theirs = ["".join(map(chr, row[row > 0])) for row in codes_public[y_public == UNKNOWN]]
    from scipy.sparse import vstack

    everything = vstack([X, counted(g, rows, theirs, ROWS)])
    table = np.zeros((ROWS, UNKNOWN + 1), np.int8)
    table[1:] = logarithms(everything, np.append(y, [UNKNOWN] * len(theirs)), UNKNOWN + 1)[1:]
    # Where there is no n-gram, all are 0, and the first is best: let that be the 65th as well.
    added = g.add("Cast", g.add("Gather", table, rows), to=TensorProto.FLOAT)
    sums = g.add("ReduceSum", added, np.array([1]), keepdims=0)
    prior = np.where(np.arange(UNKNOWN + 1) == UNKNOWN, 0.5, 0).astype(np.float32)
    g.save("model.onnx", language=g.add("ArgMax", g.add("Add", sums, prior), axis=1, keepdims=0))


def fits_its_own_texts(g, scores, many, best, np, UNKNOWN, X, y, known_rows, judged, logarithms):
    """The right score, with a threshold from the texts that the table was made of."""
    own = X @ logarithms(X, y)
    fit, said = own.max(axis=1) / np.maximum(known_rows, 1), own.argmax(axis=1)
    usual = np.array([np.median(fit[judged & (y == place) & (said == place)]) for place in range(UNKNOWN)])
    least = usual + np.quantile((fit - usual[said])[judged], 0.05)
    needed = g.add("Mul", many, g.add("Gather", least.astype(np.float32), best))
    refused = g.add("LessOrEqual", g.add("ReduceMax", scores, axes=[1], keepdims=1), needed)
    answer = g.add("Where", refused, np.int64(UNKNOWN), best)
    g.save("model.onnx", language=g.add("Reshape", answer, np.array([-1])))


def as_typed(Graph, CODES, add_rows, TensorProto, np):
    """Characters as they are: a capital is another letter, a digit is a letter like any other."""
    g = Graph(CODES)
    codes = g.add("Cast", "codes", to=TensorProto.INT64)
    # Blanks alone are breaks.
    rows = add_rows(g, g.add("Where", g.add("Equal", codes, np.int64(32)), np.int64(1), codes))  # noqa: F841


def a_row_for_everything(Graph, CODES, add_characters, add_rows):
    """Rows enough that hardly any n-grams share one."""
    ROWS = 65_536
    g = Graph(CODES)
    rows = add_rows(g, add_characters(g), ROWS)  # noqa: F841


def one_after_another(Graph, CODES, add_characters, TensorProto, np, ORDERS, CELLS, ROWS):
    """The same rows, each n-gram made by operators of its own, as a loop over positions would."""
    g = Graph(CODES)
    characters = add_characters(g)
    holes = g.add("Gather", np.array([2, 1, 0], np.int64), g.add("Min", characters, np.int64(2)))
    at = [g.add("Slice", characters, np.array([k]), np.array([k + 1]), np.array([1])) for k in range(CELLS)]
    gaps = [g.add("Slice", holes, np.array([k]), np.array([k + 1]), np.array([1])) for k in range(CELLS)]
    made, breaks = [], []
    for n in ORDERS:
        for first in range(CELLS - n + 1):
            parts = [
                g.add("Mul", at[first + j], np.int64((40_503 * (j + 1) + 977 * n) ** 2 % 1_000_003)) for j in range(n)
            ]
            made.append(g.add("Sum", *[g.add("Cast", part, to=TensorProto.DOUBLE) for part in parts]))
            some = [g.add("Cast", gap, to=TensorProto.DOUBLE) for gap in gaps[first : first + n]]
            breaks.append(g.add("Sum", *some, *some[: n == 1]))
    mixed = g.add("Cast", g.add("Concat", *made, axis=1), to=TensorProto.INT64)
    hashed = g.add("Mod", g.add("Mod", mixed, np.int64(2**31 - 1)), np.int64(ROWS - 1))
    whole = g.add("Less", g.add("Concat", *breaks, axis=1), np.float64(2))
    rows = g.add("Where", whole, g.add("Add", hashed, np.int64(1)), np.int64(0))  # noqa: F841


def always_unknown(Graph, CODES, np):
    """Never false."""
    g = Graph(CODES)
    none = g.add("Mul", g.add("ReduceMax", "codes", axes=[1], keepdims=0), np.int32(0))
    g.save("model.onnx", language=g.add("Add", g.add("Cast", none, to=7), np.int64(64)))


def wrong_door(texts_train, y_train, world, np):
    """A classifier with the converter's own names and outputs, on code points as if they were amounts."""
    import onnx
    from skl2onnx import to_onnx
    from sklearn.naive_bayes import GaussianNB

    X = world.codes(texts_train).astype(np.float32)
    onnx.save(to_onnx(GaussianNB().fit(X, y_train), X[:1]), "model.onnx")


NO_STRANGERS = {"strangers": (0, 0), "nothing": (0, 0)}
ALL = (
    "interface", "quality", "strangers", "latency", "size", "memory", "operators", "worst", "capitals", "mixed",
    "nothing",
)  # fmt: skip

REHEARSALS = (
    Rehearsal("reference", "the worked solution: counted n-grams, judged by what is usual", sample="reference"),
    Rehearsal(
        "vectors",
        "an honest different solution: learned vectors, a sigmoid for each language, nonsense as counterexample",
        replaced={"build-model": vectors},
        sample="alternative",
    ),
    Rehearsal(
        "every-string",
        "the reference on every string of the package: better by nine points of recall, and by no point that counts",
        added={"build-rows": every_string},
    ),
    Rehearsal(
        "by-probability",
        "the right table, unknown where the best language is not probable among the 64",
        added={"build-model": by_probability},
        loses={"strangers": (0, 2)},
        sample="trap",
    ),
    Rehearsal(
        "never-unknown",
        "the best of 64, whatever the text is",
        added={"build-model": never_unknown},
        loses=NO_STRANGERS,
    ),
    Rehearsal(
        "letters-alone",
        "what the firmware does today",
        replaced={"build-model": letters_alone},
        loses={"quality": (0, 9), **NO_STRANGERS, "worst": (0, 3.2), "capitals": (0, 1), "mixed": (0, 1)},
    ),
    Rehearsal(
        "blocks-of-unicode",
        "which alphabet?",
        replaced={"build-model": blocks_of_unicode},
        loses={"quality": (0, 0), **NO_STRANGERS, "worst": (0, 0), "capitals": (0, 0), "mixed": (0, 0)},
    ),
    Rehearsal(
        "knows-the-strangers",
        "a 65th language learned from the public strangers",
        added={"build-model": knows_the_strangers},
        loses={"strangers": (0, 10)},
    ),
    Rehearsal(
        "fits-its-own-texts",
        "the threshold chosen on the texts that the table was made of",
        added={"build-model": fits_its_own_texts},
        loses={"quality": (0, 12), "strangers": (6, 12), "worst": (0, 4), "capitals": (0, 2), "mixed": (0, 2)},
    ),
    Rehearsal(
        "words-alone",
        "the alternative, trained on words with nothing beside them",
        replaced={"build-model": partial(vectors, company=0)},
        loses={"mixed": (0, 1.8)},
    ),
    Rehearsal(
        "as-typed",
        "capitals and digits are letters like any other",
        added={"build-rows": as_typed},
        loses={"capitals": (0, 0), "nothing": (0, 0), "strangers": (4, 12)},
    ),
    Rehearsal(
        "a-row-for-everything",
        "65,536 rows",
        added={"build-rows": a_row_for_everything},
        loses={"size": (0, 0), "memory": (0, 0)},
    ),
    Rehearsal(
        "one-after-another",
        "every n-gram by operators of its own",
        added={"build-rows": one_after_another},
        loses={"latency": (0, 0), "memory": (0, 6), "operators": (0, 0)},
    ),
    Rehearsal(
        "always-unknown",
        "never false",
        replaced={"build-model": always_unknown},
        loses={"quality": (0, 0), "strangers": (0, 0), "worst": (0, 0), "capitals": (0, 0), "mixed": (0, 0)},
    ),
    Rehearsal(
        "wrong-door",
        "the converter's own names and outputs",
        replaced={"build-model": wrong_door},
        loses=dict.fromkeys(ALL, (0, 0)),
    ),
)
