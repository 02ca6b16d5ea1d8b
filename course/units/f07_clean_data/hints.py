"""Hints of f07, by step, from a nudge to nearly the way."""

HINTS = {
    "estimates": (
        "Three are rows times something for each row. Write the units beside every number before you multiply.",
        "Step length is a share of height, so the distance is off by the same share as the height. Work in inches.",
        "Beyond three standard deviations lie 0.27 % of a normal distribution, both sides together.",
    ),
    "baseline": (
        '`pd.to_numeric` and `pd.to_datetime` with `errors="coerce"` make what they can\'t read missing.',
        "What `dropna` takes out goes into quarantine as `missing`, what `drop_duplicates` does as `duplicate`.",
        "Every row has a number of its own, so leave `row` out of the columns in which rows are compared.",
    ),
    "artifact": (
        "One step at a time: texts in lower case without blanks, then one function for each column that reads it, "
        "then one kind for each row, and repeats last, among the rows that are still good.",
        "Heights: one regular expression with a named group for each number and each unit, `str.extract`, and then "
        "arithmetic on whole columns. Never turn the text into a number first: 5.10 and 5.1 are different people.",
        "Cleaning twice must change nothing, so every reader must take what it has written itself: heights as "
        "floats in cm, dates as dates. Turn a column into text first, or look at its dtype.",
        "`np.select` with the conditions in the order of the list gives every row the first kind that applies.",
        "Sort the good rows by `row`, look for addresses that also have a row in `test`, take their `train` rows "
        "out, and then use `duplicated`.",
    ),
}
