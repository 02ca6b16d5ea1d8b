"""Hints of f06, by step: from a nudge to nearly the way."""

HINTS = {
    "estimates": (
        "The first two are one formula: sessions an arm = 2 x variance x 2.8² / difference². What is the variance of "
        "yes or no, if 45 of 100 say yes?",
        "In standard deviations the variance is 1: 2 x 2.8² / 0.09² sessions. Divide by 600 a day.",
        "A row's weight is the new probability over the logged one; the mean over 2,000 rows divides it by 2,000.",
        "Effective rows are the square of the sum of weights over the sum of their squares: 2,000² / 32,000.",
    ),
    "baseline": (
        "Three functions, all in one file, with `import numpy as np` inside it: `columns`, `metric`, `offline_value`.",
        '`columns` returns `["gap_h"]`, and `metric` the mean of `sessions["gap_h"] < 168`, as a float.',
        'The probability that the new policy gives to what was shown is `policy[np.arange(len(log)), log["item"]]`. '
        "Divide by `propensity`, multiply by `reward`; mean, and 1.96 standard errors of it to either side.",
    ),
    "artifact": (
        "The metric first. In which columns would a reader's *wish to come back* leave traces? `gap_h` itself comes "
        "too late in a test, but past sessions have it: it can say what clicks, quick backs, hides, shares and "
        "finished stories are worth.",
        "A logistic regression of `gap_h < 168` on those five counts *and* `np.log1p(visits_before)`, on all past "
        "sessions. Save the five weights to weights.json. The metric is their weighted sum; `visits_before` was only "
        "there so that regulars, who do more of everything and return anyway, don't bend the weights.",
        "Other crowds: readers who came often do more of everything. Fit a line of `clicks` on `visits_before` once, "
        "save level and slope, and divide the weighted sum by what the line expects of these readers: "
        '`level * len(sessions) + slope * sessions["visits_before"].sum()`. It is never 0, whoever clicked.',
        "The value. Clip weights at about 20: `weight = np.minimum(new / propensity, 20)`, and divide by their mean, "
        "so that they average 1. Then SNIPS is `value = (weight * reward).mean()`, and its error is that of "
        "`weight * (reward - value)`.",
        "Doubly robust: predict each row by its item's mean reward (drawn towards the overall mean by some 20 rows), "
        "take `(policy * mean).sum(axis=1)` plus `weight * (reward - mean[item])`, and 1.96 standard errors of that. "
        "Fit the means on other rows than those that they predict. Where clipping took much of the weight (its mean "
        "before dividing is far below 1), add some of what is lost to either side. Return "
        "`(float(value), float(low), float(high))`; a log without any reward gives three zeros.",
    ),
}
