"""Hints of f12, by step, from a nudge to nearly the way."""

HINTS = {
    "estimates": (
        "For the first: how likely is it that none of six tests is below 0.05?",
        "The second is the same question the other way round; for so rare an event the six chances simply add up.",
        "An excess grows with n, its standard deviation with sqrt(n): when is the one four times the other? "
        "Nothing of it is seen before claims are closed.",
        "A float takes 8 bytes; count the numbers in a row, rows an hour, hours a year, cities.",
    ),
    "baseline": (
        "Only `batch['outcomes']` is needed: two arrays of the same length, what was scored and what became of it.",
        "Of `refund - score` the expected sum is 0 for an honest model, and the variance is the sum of "
        "`score * (1 - score)`.",
        "Keep both sums for the last 48 hours (a `collections.deque(maxlen=48)`); answer `retrain` where one is more "
        "than four roots of the other, and begin anew after that.",
    ),
    "artifact": (
        "Before any test: take columns minus their mean at such an hour (24 hours, working day or day off: 48 means). "
        "Which share of an hour's surprises is left?",
        "Four questions, four sums that are kept from hour to hour: are values there and do they vary; are they where "
        "they are at such an hour; does a score follow from its columns; do refunds follow from scores?",
        "CUSUM (Page, 1954): `s = max(0, s + surprise - slack)`, an alarm where `s` is above a level. Slack is what "
        "you don't care about, the level is how sure you want to be. Try both out on the history.",
        "The model is a logistic regression, so `log(score / (1 - score))` is a straight line in its columns: fit it "
        "once to the history (`numpy.linalg.lstsq`). Then a bug is a large difference, whatever the riders are like.",
        "One column that is far off is broken; several that are off together are other people. When one crosses the "
        "level first, ask of the others whether they are on their way.",
        "The weather is no drift: it may move by eleven degrees within an hour. A thermometer that speaks Fahrenheit "
        "moves by more than thirty.",
    ),
}
