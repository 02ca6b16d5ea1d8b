"""Hints of q02, by step: from a nudge to nearly the way."""

HINTS = {
    "estimates": (
        "Write the unit beside every number, and say for each rate of what it is a share.",
        "A call about a payment of amount a gains a - 3 with probability p and loses 5 + 3 otherwise. Odds are "
        "p / (1 - p); balancing the classes multiplied them by 0.997 / 0.003.",
        "The delay's log is normal around ln 30 with spread 0.5: scipy.stats.norm.cdf((log(21) - log(30)) / 0.5). "
        "A count of n has a standard deviation of about sqrt(n).",
    ),
    "baseline": (
        "A logistic regression on what the payment itself says; what it flags should be worth a call in euros.",
        "Make a pipeline of SimpleImputer, StandardScaler and LogisticRegression, fitted on the columns `world.NOW`; "
        "then Graph(pipeline, world.NOW).",
        "pays = graph.add('Mul', graph.score, graph.add('Add', graph.column('amount'), np.float32(5))); "
        "graph.save('baseline.onnx', graph.score, graph.add('Greater', pays, np.float32(8))).",
    ),
    "artifact": (
        "Ask of every column and every label: would I have had this number at the till? Then look at when the known "
        "frauds of the table were done.",
        "Leave the three `..._at_export` columns out. Frauds of the last weeks are mostly labelled honest: leave these "
        "weeks out, or weigh each known fraud by 1 / (share of frauds that are known at its age). Boosted trees of few "
        "leaves take NaN as it is; add copies of rows with the history columns at NaN: an outage is nothing new then.",
        "The shadow month has complete labels and was not trained on: shift the logit of the score until the "
        "probabilities there add up to the number of frauds. Then choose how much a call must be worth (more than 0!) "
        "by `judge.share` on that month: the desk does seven a day, first come first served.",
        "HistGradientBoostingClassifier(max_iter=100, max_leaf_nodes=8, min_samples_leaf=60) on world.NOW + "
        "world.HISTORY; a third of the rows again as world.outage(X). In the graph: Log(p / (1 - p)) + shift, Sigmoid; "
        "worth = p * (amount + 5) - 8; flag where worth > 12 * max(load, 1) ** 1.5 or so, because on a day with three "
        "times the payments only the best third can be looked at.",
    ),
}
