"""Hints of q09, by step: from a nudge to nearly the way."""

HINTS = {
    "estimates": (
        "Write the unit beside every number. A click at a place stands for one over the share of looks that the "
        "place gets.",
        "Looks at place k are k^-0.7 of those at place 1: add them up over 3 places and over 24. A booking needs "
        "a click and then a yes: multiply.",
        "A count of n has a standard deviation of about sqrt(n): its 95 % interval reaches 1.96 / sqrt(n) of it "
        "to each side. Solve for n, then for days. Cores: busy seconds in a second, over the share that may be in"
        " use.",
    ),
    "baseline": (
        "What most people would hand in: you will want to know by how much everything else is better.",
        "Trees take NaN as it is: HistGradientBoostingClassifier on all columns, `booked` as labels, the log as it is.",
        "graph = Graph(); features = graph.columns(*world.COLUMNS); trees = "
        "HistGradientBoostingClassifier(max_iter=60, max_leaf_nodes=8).fit(graph.look(features, X_log), booked); "
        "graph.save('baseline.onnx', graph.probability(trees, features)).",
    ),
    "artifact": (
        "A click needs a look and appeal, a booking needs a click and a yes. Only one of the three has to do with"
        " the place.",
        "On shuffled pages homes are alike at all places, so clicks at a place over clicks at place 1 are its "
        "share of looks: fit one power of the place for desks and one for phones.",
        "Train two models. Appeal: clicks on all rows, a click weighing one over its place's looks (no more than "
        "20 or so), everything else 1. A yes: bookings, on clicked rows alone, no weights. The score is the "
        "product.",
        "In the graph: euros = price x rate; its log less the log of usual_price, and of guests^0.7 where that is"
        " NaN; sleeps less guests; clicks over times shown, bookings over clicks, instead of counts. A third of "
        "the rows again as `world.outage(X)`: then NaN is nothing new. "
        "HistGradientBoostingClassifier(max_iter=80, max_leaf_nodes=8) for both.",
    ),
}
