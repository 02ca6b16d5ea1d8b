"""Hints of q21, by step, from a nudge to nearly the way."""

HINTS = {
    "estimates": (
        "The difference of two means of n and m rows has the standard error s x sqrt(1/n + 1/m); for a share p, "
        "s is sqrt(p (1 - p)).",
        "`more_rows`: how many standard errors is the same effect, on either scale? Certainty grows with the root of "
        "the rows, so square the ratio.",
        "`apparent`: among 100 customers, how many of those written to have a full basket, and how many of the rest? "
        "Then weigh 60 % and 15 % accordingly, twice.",
        "`voucher_euros`: everybody who buys with it uses it, those too who would have bought without. "
        "`fast_returns`: a parcel that comes back counts as 42 days, before and after.",
    ),
    "baseline": (
        "The rows with `by_lot` are an experiment: there, and only there, groups with different nudges are alike.",
        "For each of these rows: its `days` if it was bought and not sent back, else 42. Average by `nudge`.",
        "`learn` can return `bytes([best])`; `choose` returns that number for all who had fewer nudges than the rules "
        "allow, as an array of whole numbers: `np.where(customers['nudged'] < most, model[0], 0)`.",
    ),
    "artifact": (
        "Learn from the rows by lot. The rest of the log is four times as many, and tells whom the team wrote to.",
        "A nudge is forgotten after a week; the 35 days that follow are noise. Ask what it does to *bought within "
        "seven days and kept*, and turn that into days afterwards.",
        "920 rows a nudge carry a few numbers each, no forest: one regression with the columns, and the columns "
        "again for each nudge (its effect), held small by a ridge. Standardise first; take logarithms of skewed ones.",
        "How due is she? `log(since / gap)` says more than both of them. Where `opens` isn't known, use what is usual.",
        "Returns are a second regression, on those who bought within the week. The chance of a kept purchase is "
        "buy x (1 - back), for each nudge and for none.",
        "The choice: (kept with - kept without) x days that this brings it forward, less what a nudge costs, less a "
        "line. Someone who buys today rather than later saves roughly 0.6 x the days that are `left`. A voucher costs "
        "its share of the basket times the chance that it is used.",
        "Raise the line and the price of a euro until nudges and euros lie well within their budgets. "
        "`unit.replay(0)` shows both for the first shop.",
    ),
}
