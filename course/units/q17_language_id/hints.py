"""Hints of q17, by step: from a nudge to nearly the way."""

HINTS: dict[str, tuple[str, ...]] = {
    "estimates": (
        "Write the unit beside every number, and multiply or divide until only the unit of the answer is left. "
        "Shares of windows are easiest with a thousand windows in mind.",
        "Each of the others falls into this n-gram's row with one in 8,192. Words become cells, cells become windows, "
        "minutes become hours.",
        "Of 1,000 windows, how many are strange and refused, how many known and refused? And of three windows, "
        "exactly two are wrong in three ways, all three in one.",
    ),
    "baseline": (
        "A table has a row for each character (modulo 4,096) and a column for each language. Count, divide by the "
        "sum of each column, take the logarithm. Nothing may have the probability 0: begin to count at 0.1.",
        "Row 0 is what stands behind the end of a window. It must speak for no language: set it to 0.",
        "In the graph: Cast `codes` to int64 (to=TensorProto.INT64), Mod with np.int64(4096), Gather(table, rows), "
        "ReduceSum over np.array([1]) with keepdims=0, ArgMax with axis=1 and keepdims=0. The table is float32.",
    ),
    "artifact": (
        "Look at the list of mistakes, and at how many known windows are refused. Three different things can be "
        "wrong: the rows (what the model sees), the table (what it knows), and the threshold (what it dares).",
        "Rows: runs of one to four characters, in small letters, all that is no letter made one and the same "
        "character. `Gather` from a table of 12,544 numbers makes small letters of everything below 0x3100. An "
        "n-gram's row is a sum of its characters times fixed large numbers, modulo a prime, modulo the rows of the "
        "table. A MatMul of [N, 40] with a matrix [40, 154] of such numbers makes all n-grams at once (int64; too "
        "large for float32).",
        "What stands behind the end, and n-grams with two breaks in them, get row 0 by `Where` and `add_whole`, and "
        "row 0 of the table is 0. Where all rows are 0, there is nothing to read.",
        "Counting: log((count + 0.05) / sum) for each row and language, times 16, moved to the middle and rounded, "
        "is an int8. Cut texts into windows of 40 that begin anywhere, and show each again with 26 characters of it "
        "beside a date, an address, a file name: what stands beside every language speaks for none.",
        "Unknown: divide the best language's sum by the number of n-grams. The result depends on the language (some "
        "alphabets have more letters), so compare it with that language's own median, on texts that were left out "
        "of the table: leave out a quarter of the texts, four times. Refuse below the 5 % quantile of the "
        "differences. In the graph: `Gather` the limit of the best language, `Mul` by the number of n-grams, "
        "`LessOrEqual`, `Where`.",
        "Learning instead: a vector of 32 numbers for each row, summed, divided by the root of the number of "
        "n-grams, and a sigmoid (not a softmax) for each language: then nothing forces one of them to be near 1. "
        "Show it nonsense too: words whose letters are stirred, beginnings of words with the ends of others; there "
        "all 64 should say no.",
    ),
}
