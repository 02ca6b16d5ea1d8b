"""Hints of q13, by step, from a nudge to nearly the way."""

HINTS = {
    "estimates": (
        "A share p of n labels varies by sqrt(p (1 - p) / n); a 90 % interval reaches 1.645 times that to each side.",
        "`none_found`: every one of 300 labels has to be a real school. `settled`: on average a school costs its desk "
        "check, and one time in ten a call of 4 credits on top.",
        "`two_strata`: with the best split the standard error is (W1 s1 + W2 s2) / sqrt(n), where W is a stratum's "
        "share of schools and s = sqrt(p (1 - p)) within it (Neyman, 1934).",
        "`elsewhere`: a score of 90 % is odds of 9. Divide by the odds of being no school that it was made with "
        "(0.08 / 0.92), and multiply with those that hold there (0.01 / 0.99).",
    ),
    "baseline": (
        "Draw an order of all schools from the seed, and check them in that order: `np.random.default_rng(self.seed)`. "
        "Schools are numbered 0, 1, ...: `listings['school'].max() + 1` of them.",
        "A day's list that can't overspend has a fifth of the credits left, as each school may cost 1 + 4. Call on the "
        "next day for those that the desk couldn't tell. What was spent, `answers` tells.",
        "Wilson's interval for k of n: centre (k + z²/2) / (n + z²), half-width z / (n + z²) x "
        "sqrt(k (n - k) / n + z²/4), z = 1.645. With no label at all, return (0, 1). `delist` may return [].",
    ),
    "artifact": (
        "Three parts that lean on each other: a score for each school, a sample that is denser where the score is "
        "uncertain, and a list that needs to know the share. Build them in that order, and try each by itself.",
        "The score: one row for each *school*, summed up over its spellings (`np.bincount`), and a classifier trained "
        "on the past directories. When you compare classifiers keep whole directories apart, not rows.",
        "A score is made for the share of the past directories. Elsewhere multiply its odds with a factor; the factor "
        "can be found from the scores alone: repeat 'the share is the mean of the adjusted scores' (Saerens, Latinne "
        "and Decaestecker, 2002). It is good enough to plan by, and no estimate to publish.",
        "The sample: five to eight strata of like scores, with more checks where W sqrt(p (1 - p)) is larger (Neyman, "
        "1934) and a fifth of all checks spread over everybody, in case the score is wrong. Weigh each stratum by its "
        "share of schools, never by its share of checks.",
        "The desk can't tell of those that hide best. Each of them has to be settled by a call, or they must count for "
        "more than those of whom it can (Hansen and Hurwitz, 1946).",
        "The interval: the variance is the sum of W² p (1 - p) / n. Put a little of the score's p into each stratum's "
        "share, or a stratum without a find has no variance. Then p (1 - p) / variance is the number of plain labels "
        "that this is worth: give it to Wilson's formula (Korn and Graubard, 1998).",
        "The list: adjust the scores to the share that holds in this directory, and delist from about 95 % on. What "
        "a check said goes before any score.",
    ),
}
