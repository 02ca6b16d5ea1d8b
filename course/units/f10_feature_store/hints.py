"""Hints of f10, by step, from a nudge to nearly the way."""

HINTS = {
    "estimates": (
        "Write each unit beside its number: flights a day, lookups a flight, bytes a report. What cancels?",
        "Live is what some window still reaches: for an airport, reports an hour times hours of the window.",
        "For the last one, ask the opposite: how likely is it that all eight reports had arrived?",
    ),
    "baseline": (
        '`pandas.merge_asof(requests, reports, left_on="time", right_on="event_time", by=...)` finds for each '
        "request the last report of its entity before it. Both tables must be sorted by their times.",
        'Rename the request\'s column `one["of"]` to `entity` before you merge; leave out reports without value.',
        "`offline` returns a DataFrame with a column of floats for each definition's `feature`. The store needs "
        "one dict, (entity, reading) to the value that came last; `lookup` returns a list with one float for each "
        'definition, `float("nan")` where there is none.',
    ),
    "artifact": (
        "Write the online store first, and let the contract's four steps be four lines of `lookup`. Then ask "
        "yourself what `offline` is, if the log is sorted by `arrived`.",
        "Keep readings in a dict by (entity, reading), and in it a dict by `id` to (event_time, revision, value). "
        "A delivery goes in if its id is new or its revision is higher; that settles repeats, corrections, and "
        "what comes in the wrong order. A withdrawn report stays, with its NaN, until it is too old.",
        "Too old is older than the longest window that reads this reading, before `now` of the last `ingest`: "
        "later lookups can't reach it. Sweep now and then, and before `state()`.",
        "Exactly equal needs one order of addition, or a sum that has none: `math.fsum`. One function that takes "
        "the readings of a window and returns the feature, called by both sides, can't disagree with itself.",
        "`offline`: a new Store; requests in the order of their times; before each, ingest what arrived until it; "
        "put the answers back into the requests' order; a DataFrame with the features' names as columns, floats.",
        "`state()` can be `json.dumps([now, [[entity, reading, [[id, event_time, revision, value], ...]], ...]])"
        ".encode()` (JSON's keys are texts, so write the ids as items), and `restore` reads it back.",
    ),
}
