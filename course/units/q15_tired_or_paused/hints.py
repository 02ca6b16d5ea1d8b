"""Hints of q15, by step, from a nudge to nearly the way."""

HINTS = {
    "estimates": (
        "`per_pair` and `sending` are divisions; write the units beside the numbers. Two cores have two seconds of CPU "
        "time in every second.",
        "`followed`: a pair of night n is followed for 515 - n days. Which nights of 482 to 514 leave thirty?",
        "`miscalled`: after ten days of nothing twenty are left, and 98 % of a pair's days pass without a return.",
        "`noise`: variances add: sqrt(0.5 x 0.5 / 2,500 + 0.5 x 0.5 / 1,500).",
    ),
    "baseline": (
        "How many returned, of pairs that were silent for as long? Count it on nights of which thirty days are over.",
        "Six groups of silence are enough: up to 10 days, 14, 20, 30, 45 and more. `np.digitize` finds the group.",
        "Write the six shares that the cell above prints into baseline.py as a list; `act` returns "
        "`np.zeros(n, dtype=int)`.",
    ),
    "artifact": (
        "Two models. One learns from many nights before the trial, when nobody was sent anything: what happens alone. "
        "The other learns from the trial what a message adds. One function makes the columns for both.",
        "First line of that function: keep rows with `told <= now`. Then one row a pair, by `np.bincount` and "
        "`np.maximum.at`. Silence over the viewer's own gap, the share of an episode seen lately, and how often she "
        "watched other shows since, beside before: that tells tired from away.",
        "Nights: the label needs thirty days (and some for late news), and must end before the trial. You are judged "
        "in July and August, so take most nights from last summer, and give the model the day of the year.",
        "The trial: cut the thirty days into spells (3, 6, 10, 14, 18, 24, 30). A pair gives a row for each spell that "
        "it began, and that was seen to its end or to its return; the label is a return in that spell (Cox, 1972, for "
        "days in groups). A pair that was followed for twelve days says three things, and nothing about the fourth.",
        "A logistic regression of those rows: a constant a spell, your columns, log odds of `predict`; and for each "
        "action the same few columns again, once for all spells, once for the first two, once for the late ones: a "
        "message may work at once or slowly. Penalise it well (C = 0.01), or noise picks your pairs.",
        "The chance for an action is one less the product of (1 - hazard) over spells. Gain = worth x (that - the same "
        "for nothing) - cost. Sort the night by the largest gain, and send to at most three in ten, if they gain.",
    ),
}
