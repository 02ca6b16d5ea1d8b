"""Back-of-the-envelope numbers of f09, from its brief."""

from course.contract.terms.estimates import Estimate

ESTIMATES = {
    "events_per_second": Estimate(
        "How many events a second are written in the busiest hour?", "events/s", 155, 167,
        "2,000,000 x (1 + 1.9) = 5.8e6 a day; 10 % of them in 3,600 s: 161",
    ),
    "gigabytes_a_year": Estimate(
        "How much does the log grow in a year at 45 bytes an event?", "GB", 92, 99,
        "5.8e6 x 365 x 45 bytes = 95 GB; today's lines of 180 bytes would be 381 GB",
    ),
    "guess_seconds": Estimate(
        "How long does it take to find every card behind unkeyed hashes, at 2 million hashes a second?",
        "s", 4.9, 5.1,
        "There are 10^7 card numbers: 10^7 / 2e6 = 5 s for all of them",
    ),
    "people_mixed_up": Estimate(
        "How many pairs of 300,000 readers share a pseudonym of 32 bits?", "pairs", 10, 11,
        "300,000² / 2 pairs = 4.5e10, each with one chance in 2^32: 10.5. With 64 bits: 2.4e-9",
    ),
    "visits_to_log": Estimate(
        "How many visits must be logged until 400 of them show what the new policy would?",
        "visits", 155_000, 165_000,
        "a given one of 16 books is shown at random in 0.04 / 16 = 0.25 % of visits: 400 / 0.0025 = 160,000",
    ),
}  # fmt: skip
