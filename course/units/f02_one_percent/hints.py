"""Hints of f02, by step: from a nudge to nearly the way."""

HINTS = {
    "estimates": (
        "Multiply until only the unit of the answer is left. A point of accuracy turns one search in a hundred from a "
        "wrong answer into a right one: what changes hands then?",
        "For the rows: what is the variance of one row's difference (one model right and the other wrong: +1 or -1; "
        "else 0)? Divided by the rows it is the square of the standard error, which shall be half a point.",
        "On different rows that variance is 0.95 x 0.05 + 0.96 x 0.04. On the same rows only those count on which the "
        "models disagree: 0.03, less the gap squared.",
        "The largest of eight draws from a normal distribution lies on average 1.42 standard deviations above its "
        "mean; one model's standard error is the root of 0.95 x 0.05 / 500.",
    ),
    "baseline": (
        "Nothing can be compared before everything is in one currency per month: write a function for that.",
        "Four sums: answers, sales less what waiting costs, machines, people. With true accuracies in place of tested "
        "ones your function must give `history[0].profits`.",
        "Every search earns `sales_eur`, less the share `slowdown` for each 100 ms of `latency_ms`; accuracy times "
        "`right_eur` plus the rest times `wrong_eur` is what answers bring. Choose the largest sum.",
    ),
    "artifact": (
        "Believe a gain as far as gains like it came true. Look at the picture: how much of a shown gain is that, for "
        "each recipe? And why would a gain on 2,000 rows deserve another answer than one on 100?",
        "Two numbers decide. How far true gains of a recipe vary from shop to shop: the past decisions say. How noisy "
        "this gain is: the rows say, and on how many of them the candidate and the current model disagree.",
        "If true gains of a recipe have mean m and variance t, and the noise of the shown gain has variance s, expect "
        "m + t / (t + s) x (shown - m). Noise: s = (share of rows on which they disagree - shown squared) / rows.",
        "Let one cell write m and t of each recipe to gains.json, and let policy.py read them when it is loaded. "
        "Expect a gain for each candidate, price it as the baseline does, choose the largest sum. Add a row's worth of "
        "doubt to the noise (1 / rows, within the bracket): two models that agreed on all of 50 rows may still differ. "
        "The best of eight needs no further correction: what is expected of each is already fair.",
    ),
}
