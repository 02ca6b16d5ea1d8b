"""Hints of f08, by step: from a nudge to nearly the way."""

HINTS = {
    "estimates": (
        "Four are products of what the brief says: write the unit beside every factor. The busiest hour has its "
        "share of the day's requests, and 3,600 seconds.",
        "Only half of the quotes that differ are too low, and each is wrong for every night of the stay.",
        "float32 keeps 24 binary digits. 1,200 lies between 2^10 and 2^11, so its last digit is worth 2^(10 - 23). "
        "(`np.spacing(np.float32(1200))` agrees.)",
        "A letter is small or a capital: two ways for each of 16. Nought to three blanks are four ways, on each "
        "side. Multiply all of them, and then by the bytes of one.",
    ),
    "baseline": (
        "Begin with a graph that answers with too little, and look whether it loads: one name by `LabelEncoder`, "
        "all other columns constant. Then go on column by column.",
        "`LabelEncoder(keys_strings, values_floats, default_float)` of the domain ai.onnx.ml turns names [N, 1] "
        "into their means [N, 1]. Numbers as text: `RegexFullMatch` says which are numbers, `Where` puts 'nan' in "
        "place of the others, `Cast` reads what is left; `IsNaN` and `Where` put in the median.",
        "The month: `RegexFullMatch` with the pattern of a date, `Where` with '0-0-0' for all else, `StringSplit` "
        "at '-', `Gather` the middle part, `LabelEncoder` with `season`. Segments: `Equal` against a row of all "
        "names, [1, S], and `Cast`. The band: how many tariffs are not above the price? `GreaterOrEqual`, `Cast`, "
        "`ReduceSum`.",
        "`Concat` the columns on axis 1 in the order of `pipeline.features`; the model's only operator takes that "
        "as its input. Medians: `Where(IsNaN(x), median, x)`.",
    ),
    "artifact": (
        "Compare columns, not answers: give the graph a second output in your own tests, [N, 13], and put it "
        "beside `pipeline.prepare(frame)`. One column at a time is a short story.",
        "No operator strips blanks, but `StringSplit` without a delimiter splits at blanks and drops them: the "
        "first part is the name. Where there is no part there is no column to take it from, so join ' §' to every "
        "text first: what is empty becomes '§'. `StringNormalizer` wants one dimension; `Reshape` to [-1] before, "
        "back behind it.",
        "All four names can be joined side by side (`Concat`), made one long column, split, taken, made small and "
        "put back as [N, 4]: five operators instead of twenty. What stands for nothing gets keys of its own in "
        "each `LabelEncoder`.",
        "Commas: only after the pattern of a number has matched (blanks at the ends allowed), because '12,40' must "
        "not become 1240. Join ',,' to it, split at ',', take parts 0, 1 and 2 and join them with `StringConcat`: "
        "three parts are always there then.",
        "Prices: cast text to DOUBLE, nights to DOUBLE, divide, fill with the median, compare with the tariffs as "
        "float64. An epsilon repairs one side and breaks the other. Then and only then cast to FLOAT.",
    ),
}
