"""f08 rehearsed: what must pass, what must fail, and where.

Functions here are cells: only their bodies are used, in the notebook's namespace. Parameters name what a body takes
from the cells before it. Most traps put one function of the reference into another's place, and assemble again.
"""

from __future__ import annotations

from course.grading.authoring.rehearse import Rehearsal


def codes_and_tables(begin, finish, training, pipeline, np, TensorProto):
    """Each column by itself: names to codes, codes to rows of tables; months by number."""
    g = begin()

    def name(column):
        """Without blanks, in small letters, [N]; nothing is '-'."""
        blank = g.add("RegexFullMatch", column, pattern=" *")
        words, _ = g.add("StringSplit", g.add("Where", blank, np.array("-"), column), outputs=2)
        flat = g.add("Reshape", g.add("Gather", words, np.array(0), axis=2), np.array([-1]))
        return g.add("StringNormalizer", flat, case_change_action="LOWER", locale="C")

    def table(text, values, stranger):
        """A row of numbers [N, 1] for each name; the last two rows are nothing's and everybody else's."""
        kept = [key for key in values if key not in ("", "other")]
        keys, rows = [*kept, "-", "n/a", "null"], [*range(len(kept)), *[len(kept)] * 3]
        code = g.add("LabelEncoder", text, keys_strings=keys, values_int64s=rows, default_int64=len(kept) + 1)
        return g.add("Gather", np.array([[values[key]] for key in kept] + [[values[""]], [stranger]], np.float32), code)

    def or_else(value, other):
        return g.add("Where", g.add("IsNaN", value), other, value)

    def number(*columns):
        """float64 [N, columns]: NaN where there is no number."""
        texts = g.add("Concat", *columns, axis=1)
        good = g.add("RegexFullMatch", texts, pattern=f" *({training.NUMBER}) *")
        padded = g.add("StringConcat", g.add("Where", good, texts, np.array("nan")), np.array(",,,"))
        digits, _ = g.add("StringSplit", padded, outputs=2, delimiter=",", maxsplit=3)
        start, middle, end = (g.add("Gather", digits, np.array(k), axis=2) for k in range(3))
        return g.add("Cast", g.add("StringConcat", start, g.add("StringConcat", middle, end)), to=TensorProto.DOUBLE)

    columns = [
        table(name(column), pipeline.means[column], pipeline.means[column]["other"]) for column in training.RATED
    ]
    dated = g.add("RegexFullMatch", "arrival", pattern=f" *{training.DATE} *")
    parts, _ = g.add("StringSplit", g.add("Where", dated, "arrival", np.array("-0-")), delimiter="-", outputs=2)
    month = g.add("Cast", g.add("Gather", parts, np.array([1]), axis=2), to=TensorProto.INT64)
    seasons = np.array([pipeline.season.get(f"{k:02d}" if k else "", 0) for k in range(13)], np.float32)
    columns.append(g.add("Gather", seasons, g.add("Reshape", month, np.array([-1, 1]))))
    both = number("lead", "total")
    lead, total = (g.add("Gather", both, np.array([k]), axis=1) for k in range(2))
    columns.append(g.add("Cast", or_else(lead, np.array(pipeline.medians["lead"])), to=TensorProto.FLOAT))
    price = g.add("Div", total, g.add("Cast", "nights", to=TensorProto.DOUBLE))
    price = or_else(price, np.array(pipeline.medians["nightly"]))
    under = g.add("Cast", g.add("Less", price, np.array(pipeline.tariffs)), to=TensorProto.FLOAT)
    under = g.add("ReduceSum", under, np.array([1]), keepdims=1)
    columns.append(g.add("Sub", np.float32(len(pipeline.tariffs)), under))
    columns += [or_else(column, np.float32(pipeline.medians[column])) for column in training.NUMBERS]
    columns.append(g.add("OneHotEncoder", name("segment"), cats_strings=list(pipeline.segments), zeros=1))
    finish(g, g.add("Concat", *columns, axis=1), "model.onnx")


def untrimmed(assemble, NAMES, np):
    """Small letters, but blanks stay where they are."""

    def tidied(g):
        texts = g.add("Reshape", g.add("Concat", *NAMES, axis=1), np.array([-1]))
        small = g.add("StringNormalizer", texts, case_change_action="LOWER", locale="C")
        return g.add("Reshape", small, np.array([-1, len(NAMES)]))

    assemble("model.onnx")


def first_for_strangers(assemble, END, training, pipeline, np):
    """Names to codes, strangers to code 0: the first of the list."""

    def rated(g, text, means):
        table = {k: v for k, v in means.items() if k not in ("", "other")}
        keys, values = list(table), list(table.values())
        nothing = [END, *training.NOTHING[1:]]
        keys, codes = [*keys, *nothing], [*range(len(keys)), *[len(keys)] * len(nothing)]
        code = g.add("LabelEncoder", text, keys_strings=keys, values_int64s=codes, default_int64=0)
        return g.add("Gather", np.array([*values, means[""]], np.float32), code)

    def member(g, text):
        segments, count = list(pipeline.segments), len(pipeline.segments)
        code = g.add("LabelEncoder", text, keys_strings=segments, values_int64s=list(range(count)), default_int64=0)
        return g.add("Reshape", g.add("Gather", np.eye(count, dtype=np.float32), code), np.array([-1, count]))

    assemble("model.onnx")


def zero_for_nothing(assemble, END, training, np, TensorProto):
    """What is missing becomes 0, as databases like it."""

    def rated(g, text, means):
        table = dict.fromkeys((END, *training.NOTHING), 0.0) | {
            k: v for k, v in means.items() if k not in ("", "other")
        }
        keys, values = list(table), list(table.values())
        return g.add("LabelEncoder", text, keys_strings=keys, values_floats=values, default_float=means["other"])

    def filled(g, column, value):
        return g.add("Where", g.add("IsNaN", column), np.zeros_like(value), column)

    assemble("model.onnx")


def mean_of_the_batch(assemble, np, TensorProto):
    """A missing number becomes the mean of the requests that came along."""

    def filled(g, column, value):
        missing = g.add("IsNaN", column)
        known = g.add("Where", missing, np.zeros_like(value), column)
        kind = TensorProto.DOUBLE if value.dtype == np.float64 else TensorProto.FLOAT
        count = g.add("Cast", g.add("Not", missing), to=kind)
        total, rows = (g.add("ReduceSum", one, np.array([0]), keepdims=1) for one in (known, count))
        return g.add("Where", missing, g.add("Div", total, g.add("Max", rows, np.ones_like(value))), column)

    assemble("model.onnx")


def blind_to_commas(assemble, training, np, TensorProto):
    """Whatever begins like a number goes to Cast, which takes what it can."""

    def numbers(g):
        texts = g.add("Concat", "lead", "total", axis=1)
        good = g.add("RegexFullMatch", texts, pattern=r" *\d.*")
        return g.add("Cast", g.add("Where", good, texts, np.array("nan")), to=TensorProto.DOUBLE)

    assemble("model.onnx")


def single_precision(assemble, filled, pipeline, np, TensorProto):
    """The right graph with prices and tariffs in float32."""

    def price(g, total):
        nightly = g.add("Div", g.add("Cast", total, to=TensorProto.FLOAT), "nights")
        return filled(g, nightly, np.float32(pipeline.medians["nightly"]))

    def bands(g, nightly, kind):
        tariffs = np.array(pipeline.tariffs, np.float32)
        above = g.add("Cast", g.add("GreaterOrEqual", nightly, tariffs), to=TensorProto.FLOAT)
        return g.add("ReduceSum", above, np.array([1]), keepdims=1)

    assemble("model.onnx")


def a_small_tolerance(assemble, pipeline, np, TensorProto):
    """The right graph, which forgives a price a thousandth of a cent below the tariff."""

    def bands(g, nightly, kind):
        tariffs = np.array(pipeline.tariffs) - 1e-5
        above = g.add("Cast", g.add("GreaterOrEqual", nightly, tariffs), to=TensorProto.FLOAT)
        return g.add("ReduceSum", above, np.array([1]), keepdims=1)

    assemble("model.onnx")


def a_pattern_for_each_name(assemble, training, pipeline, np, TensorProto):
    """No blanks to take off, no letters to fold: one regular expression for each name does both."""
    import re

    plain = assemble

    def tidied(g):
        return g.add("Concat", "country", "agent", "room", "segment", axis=1)

    def rated(g, text, means):
        rate = np.float32(means["other"])
        for key, value in means.items():
            words = re.escape(key) if key else "|-|n/a|null"
            if key != "other":
                rate = g.add(
                    "Where", g.add("RegexFullMatch", text, pattern=f"(?i) *({words}) *"), np.float32(value), rate
                )
        return rate

    def member(g, text):
        found = [g.add("RegexFullMatch", text, pattern=f"(?i) *{segment} *") for segment in pipeline.segments]
        return g.add("Cast", g.add("Concat", *found, axis=1), to=TensorProto.FLOAT)

    plain("model.onnx")


def every_spelling(assemble, training, pipeline, np, TensorProto):
    """A table of all ways in which a name has been seen, and then some: small, capitals, titles, up to seven blanks."""

    def spelled(name):
        ways = dict.fromkeys((name, name.upper(), name.title()))
        return [" " * a + way + " " * b for way in ways for a in range(8) for b in range(8)]

    def tidied(g):
        return g.add("Concat", "country", "agent", "room", "segment", axis=1)

    def rated(g, text, means):
        table = {way: v for k, v in means.items() if k not in ("", "other") for way in spelled(k)}
        table |= {way: means[""] for nothing in training.NOTHING for way in spelled(nothing)}
        keys, values = list(table), list(table.values())
        return g.add("LabelEncoder", text, keys_strings=keys, values_floats=values, default_float=means["other"])

    def member(g, text):
        table = {way: k for k, segment in enumerate(pipeline.segments) for way in spelled(segment)}
        keys, values, count = list(table), list(table.values()), len(pipeline.segments)
        code = g.add("LabelEncoder", text, keys_strings=keys, values_int64s=values, default_int64=count)
        rows = np.eye(count + 1, count, dtype=np.float32)
        return g.add("Reshape", g.add("Gather", rows, code), np.array([-1, count]))

    assemble("model.onnx")


def default_locale(onnx):
    """The right graph, without a locale, as converters write it."""
    model = onnx.load("model.onnx")
    node = next(one for one in model.graph.node if one.op_type == "StringNormalizer")
    node.attribute.remove(next(one for one in node.attribute if one.name == "locale"))
    onnx.save(model, "model.onnx")


def no_first_part(assemble, NAMES, END, np):
    """Blanks taken off by a split that finds nothing at all in a request of which nothing is known."""

    def tidied(g):
        texts = g.add("Reshape", g.add("Concat", *NAMES, axis=1), np.array([-1]))
        first = g.add("Gather", g.add("StringSplit", texts, outputs=2)[0], np.array(0), axis=1)
        small = g.add("StringNormalizer", first, case_change_action="LOWER", locale="C")
        return g.add("Reshape", small, np.array([-1, len(NAMES)]))

    assemble("model.onnx")


def numbers_only(pipeline):
    """The file that serves today: thirteen prepared numbers in."""
    with open("model.onnx", "wb") as file:
        file.write(pipeline.model)


PRIVATE = ("quality", "unseen", "missing", "numbers", "tariffs", "empty")
ALL = ("interface", "latency", "size", "memory", "operators", *PRIVATE)

REHEARSALS = (
    Rehearsal("reference", "the worked solution: columns joined, tidied once, looked up", sample="reference"),
    Rehearsal(
        "codes-and-tables",
        "an honest different solution: each column by itself, names to codes, codes to rows of tables",
        replaced={"build-model": codes_and_tables},
        sample="alternative",
    ),
    Rehearsal(
        "untrimmed",
        "blanks stay",
        added={"build-model": untrimmed},
        loses={
            "quality": (0, 9), "unseen": (0, 1.7), "missing": (0, 1.4), "numbers": (0, 0.5),
            "tariffs": (0, 1), "empty": (0, 0),
        },
    ),
    Rehearsal(
        "first-for-strangers",
        "a name that nobody has seen gets the code of the first",
        added={"build-model": first_for_strangers},
        loses={
            "quality": (0, 16), "unseen": (0, 0), "missing": (0, 1.5), "numbers": (0, 1.6),
            "tariffs": (0, 3), "empty": (0, 1),
        },
        sample="trap",
    ),
    Rehearsal(
        "zero-for-nothing",
        "what is missing is 0",
        added={"build-model": zero_for_nothing},
        loses={
            "quality": (0, 0), "unseen": (0, 1.2), "missing": (0, 0), "numbers": (0, 0),
            "tariffs": (0, 1.2), "empty": (0, 0),
        },
    ),
    Rehearsal(
        "mean-of-the-batch",
        "missing numbers from the requests that came along",
        added={"build-model": mean_of_the_batch},
        loses={
            "interface": (0, 4.8), "quality": (0, 29), "unseen": (0, 2), "missing": (0, 1.6), "numbers": (0, 1.9),
            "empty": (0, 0),
        },
    ),
    Rehearsal(
        "blind-to-commas",
        "1,240.50 is one euro",
        added={"build-model": blind_to_commas},
        loses={"quality": (0, 18), "unseen": (0, 1.8), "missing": (0, 2), "numbers": (0, 0), "tariffs": (0, 0)},
    ),
    Rehearsal(
        "single-precision",
        "prices and tariffs in float32",
        added={"build-model": single_precision},
        loses={"quality": (5, 27), "unseen": (0, 2), "missing": (0, 2), "numbers": (0, 1.9), "tariffs": (0, 1)},
    ),
    Rehearsal(
        "small-tolerance",
        "a price just below the tariff is forgiven",
        added={"build-model": a_small_tolerance},
        loses={"quality": (5, 29.5), "unseen": (0, 2), "missing": (0, 2), "numbers": (0, 2), "tariffs": (0, 2.4)},
    ),
    Rehearsal(
        "pattern-for-each-name",
        "a regular expression for each name",
        added={"build-model": a_pattern_for_each_name},
        loses={"latency": (0, 0), "operators": (0, 0)},
    ),
    Rehearsal(
        "every-spelling",
        "a table of spellings",
        added={"build-model": every_spelling},
        loses={
            "size": (0, 0), "memory": (0, 0), "quality": (5, 24), "unseen": (0, 2), "missing": (0, 2),
            "numbers": (0, 1.9), "tariffs": (0, 2.2),
        },
    ),
    Rehearsal(
        "default-locale",
        "StringNormalizer as converters write it",
        added={"build-model": default_locale},
        loses=dict.fromkeys(ALL, (0, 0)),
    ),
    Rehearsal(
        "no-first-part",
        "a batch without a single name fails",
        added={"build-model": no_first_part},
        loses=dict.fromkeys(("interface", "latency", "memory", *PRIVATE), (0, 0)),
    ),
    Rehearsal(
        "numbers-only",
        "the numbers' model as it is",
        added={"build-model": numbers_only},
        loses=dict.fromkeys(ALL, (0, 0)),
    ),
)  # fmt: skip
