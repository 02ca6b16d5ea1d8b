"""Back-of-the-envelope numbers of f10, from its brief."""

from course.contract.terms.estimates import Estimate

ESTIMATES = {
    "lookups_per_second": Estimate(
        "How many lookups a second come in the busiest hour?", "lookups/s", 130, 140,
        "30,000 flights x 180 lookups = 5.4e6 a day; 9 % of them in 3,600 s: 135",
    ),
    "state_megabytes": Estimate(
        "How much does a store hold that keeps live reports only?", "MB", 2.8, 3.3,
        "6,000 aircraft x 2 + 60 airports x (60 x 2 + 3 x 6) = 20,280 reports of 150 bytes",
    ),
    "history_gigabytes": Estimate(
        "How much does one hold after a year that keeps everything?", "GB", 9.7, 10.5,
        "(30,000 x 6 + 60 x 24 x 3) x 365 = 67e6 deliveries of 150 bytes",
    ),
    "replay_minutes": Estimate(
        "How long is a restart that plays the year's log again, at 10 µs a delivery?", "minutes", 10.8, 11.6,
        "67.3e6 x 10 µs = 673 s; 3 MB of state are read in a moment",
    ),
    "leaky_percent": Estimate(
        "In which share of training rows does a join on event time put into a mean of 8 reports at least one that"
        " was not there?", "% of rows", 42, 46,
        "1 - 0.93^8 = 44 %: the complement of all eight having arrived",
    ),
}  # fmt: skip
