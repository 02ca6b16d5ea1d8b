"""Hints of q16, by step, from a nudge to nearly the way."""

HINTS = {
    "estimates": (
        "`flat_bits` is a logarithm to the base 2; `leapers` needs the days of four years; a GB is 1,000,000,000 "
        "bytes.",
        "`wrong_date`: with a clock 12 hours behind, 13:00 is 1:00 of the same date, and 11:00 is 23:00 of the "
        "day before.",
        "`party`: count in how many two-year histories there is a burst of each kind, and divide. `break_even`: "
        "at p, a greeting is worth p - 9 (1 - p).",
    ),
    "baseline": (
        "The writer's day is (hour - clock + zone of the writer) // 24, counted from the first day of the log. "
        'Which day of the year is that? `np.datetime64(f"{start}-01-01") + day` knows; year 2024 has all 366 '
        "days.",
        "A table of counts, members x 366, is enough here: add one with `np.add.at`. `settings >> bit & 1` says "
        "who is left out; whoever is in `out` joins them, and their counts go back to 0.",
        "`posterior`: the flat calendar for all; for those with a count, 0.3 of it, and 0.7 more on the day with "
        "the largest. `greet` may return -1 for all. The counts, through `zlib.compress`, are a state.",
    ),
    "artifact": (
        "Three parts: when something was said (clock, zone, date), what it is worth (a table learnt from members "
        "whose days are known), and what has to be remembered (as little as the table needs). Do them in that "
        "order.",
        "A table: for each kind of row, how often it comes 12 days before to 12 days after a birthday, by how "
        "often it comes on any other day. The logarithm is what a row adds to the score of each of 25 days; the "
        "prior's logarithm comes on top, and exp and a sum of 1 make it a posterior.",
        "Twelve wishes of one evening aren't twelve rows: let a member's date be one thing, whose kind is how "
        "many wishes it had, whether all came within a few hours, and whether somebody joked. The table learns "
        "what each is worth.",
        "Somebody born on 29 February is wished well on 28 February or 1 March where there is no 29th: give that "
        "day the mean of the two likelihoods. Rows for two are rows about each, of a kind of their own, and don't "
        "stand for themselves: they lie on two days and between. Learn what a pair's days say *together*.",
        "The prior: births of a date in ten years = level of the year x factor of the weekday x height of the "
        "date. Fit the three in turns, then put the weekdays of the members' own years in. Try it: fit six years,"
        " and foretell four.",
        "The state: when a day is ten days old nothing more comes to it. What remains of it is a date and a "
        "number below 26: sort by member, write counts, dates and numbers one after another, and compress.",
        "Who is left out: make a mask from `about`, `by` and `also` before you look at anything else, and index "
        "with it. When somebody leaves, drop what is kept about them.",
    ),
}
