"""Back-of-the-envelope numbers of f05, from its brief."""

from course.contract.terms.estimates import Estimate

ESTIMATES = {
    "ask_all_eur": Estimate(
        "What do questions cost for 1,000 letters if the hosted model is asked everything?", "€", 1_390, 1_410,
        "1,000 x 7 x €0.20 = €1,400",
    ),
    "leaks_eur": Estimate(
        "What do leaks cost for 1,000 letters if the hosted model hides what is to be hidden?", "€", 195, 205,
        "1,000 x 0.25 x 0.02 x €40 = €200",
    ),
    "ask_from_percent": Estimate(
        "From which chance that the router's team is wrong does a question pay?", "%", 11.2, 11.5,
        "p x 2.40 = 0.20 + 0.03 x 2.40, so p = 0.03 + 0.20 / 2.40 = 11.3 %",
    ),
    "urgent_from_percent": Estimate(
        "From which chance of being urgent is a letter best called urgent, if nobody is asked?", "%", 14, 14.6,
        "p x 9 = (1 - p) x 1.50, so p = 1.5 / 10.5 = 14.3 %",
    ),
    "luhn_by_luck": Estimate(
        "How many of 1,000 parcel numbers with 16 digits at random pass Luhn's check?", "numbers", 95, 105,
        "For each 15 digits one last digit of ten is right: 100",
    ),
    "router_kilobytes": Estimate(
        "How large is a linear router, with 4 bytes for each weight?", "kB", 56, 59,
        "7 x (2,048 + 1) x 4 bytes = 57.4 kB",
    ),
}  # fmt: skip
