"""Hints of f03, by step, from a nudge to nearly the way."""

HINTS = {
    "estimates": (
        "A score is a mean of 2,500 coin flips. What is the standard deviation of one flip, and of the mean?",
        "`scipy.stats.norm.ppf(1 - 1/k)` is close to the largest of k normal draws; sqrt(2 ln k) is a bound.",
        "For the vote: by how much does one kept vector lean to the right answer in a row (twice its excess over "
        "one half)? Add 2,500 of them, divide by the standard deviation of their sum, and ask `norm.cdf`.",
        "For the gain: the rows in which both versions are right or both wrong cancel. Only 6 % of rows vary.",
    ),
    "baseline": (
        "One line of arithmetic in `submit`: the share of rows in which predictions and labels agree.",
        "`baseline.py` needs the same class as `leaderboard.py`: `Leaderboard(labels, seed)` with `submit`.",
        "Keep the labels in `__init__`, and let `submit` return an ordinary number: "
        "`float((predictions == self.labels).mean())`.",
    ),
    "artifact": (
        "An attack lives on differences between shown scores. Which submissions need to be shown a score of their own?",
        "Blum and Hardt's Ladder shows everybody the leader's score until somebody is better by more than chance. "
        "What is chance, for the best of thousands? You computed it in the estimates.",
        "Compare a newcomer with the leader in the rows in which they differ: if it wins g of them and loses l, "
        "then g - l has a standard deviation of about sqrt(g + l).",
        "The state is what `submit` reads next time: the leader's score, and in which rows it was right "
        "(`np.packbits`). If you draw noise, also how much of it was drawn.",
    ),
}
