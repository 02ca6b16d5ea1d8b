"""Hints of q18, by step, from a nudge to nearly the way."""

HINTS = {
    "estimates": (
        "`break_even`: today's value V becomes 0.99⁴ V, of which 95 % are left; the ask costs 1.02 of itself. "
        "Where are both equal?",
        "`most_overrated`: the largest of n normal draws lies near the point that one draw in n exceeds; for 140 "
        "that is a bit over two and a half spreads.",
        "`true_bargain`: your value and the ask are two readings of one worth. Weigh each by one over its "
        "variance; the ask has most of the weight.",
        "`which_error`: the next error is equally likely to fall into any of the 300 gaps between 299 errors. "
        "`dear_held`: 17 / 18 of a spread to each side of a normal.",
    ),
    "baseline": (
        "One rate for each sale: `np.log(sales['price'] / sales['area'])`. A low and a high rate for each grade; "
        "times the house's own area.",
        "`np.abs(sales['quality'] - grade) <= 1` finds sales of like quality; `np.quantile(rates, (0.05, 0.95))` "
        "is nearly all of it.",
        "Return `{'low': area * np.exp(low), 'high': area * np.exp(high)}`. With fewer than ten like sales take "
        "the quantiles of all.",
    ),
    "artifact": (
        "Three parts: what a house is worth without the market (the model), where the market is (recent sales), "
        "what a margin is worth (the log). Try each by itself; `picture.months` shows the first two by tenths, the"
        " third by months.",
        "The model: logarithms of price; a column for each month takes the market out and is dropped when you "
        "serve. Logarithms of areas, ages instead of years, a bend or two, streets with a penalty. Its second "
        "number: fit log |error| by the same columns, a steeper slope for dear houses included; or the errors of "
        "rows that were kept apart.",
        "Today: error of each recent sale = log price - value - season. Regress it on 1 and on (its month - "
        "today), weighted by one over spread squared: the first is the level, the second a month's trend. Quality "
        "and age may get a slope as well; penalise all but the level.",
        "Bounds: divide recent errors by their spread, take the quantiles at 5 and 95 %, multiply with each "
        "house's spread. With a street that has few sales add the doubt about it in squares.",
        "The log: in the days of each deal the model's value is known as well. Regress log(resold / ask), less "
        "what the market did meanwhile, on the ask's distance from your value. The slope is far from -1. Now let "
        "it depend on the spread: slope x t² / (t² + spread²), and try some t.",
        "Buy by expected profit a dollar: 0.95 x exp(expected gain + trend and season of four months) - 1.02; "
        "nothing below zero, and stop where the money stops. The money needn't be spent.",
        "Too slow? The market needs one small linear system a call, `np.bincount` sums by street, and nothing is "
        "looped over but the houses that are bought. Too large? Two formulas in one graph are ten kilobytes.",
    ),
}
