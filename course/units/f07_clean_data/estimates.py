"""Back-of-the-envelope numbers of f07, from its brief."""

from course.contract.terms.estimates import Estimate

ESTIMATES = {
    "microseconds_a_row": Estimate(
        "How long may one row take if 40 million rows must be clean within 15 minutes on one core?",
        "µs a row", 22, 23,
        "15 x 60 s / 40e6 rows = 22.5 µs",
    ),
    "loop_minutes": Estimate(
        "How long does a loop over the rows of a frame take for the export, at 75 µs a row?", "minutes", 48, 52,
        "40e6 x 75 µs = 3,000 s = 50 minutes",
    ),
    "memory_gb": Estimate(
        "How much memory do the export's 9 text columns take as Python strings of 60 bytes and a pointer of 8?",
        "GB", 23, 26,
        "40e6 x 9 x 68 bytes = 24.5 GB",
    ),
    "metres_lost": Estimate(
        "A runner of 5 feet 10 is stored as 5 feet 1. How much shorter does the app say her 10 km are?",
        "m", 1_270, 1_300,
        "step length is proportional to height: 9 of 70 inches are missing, 12.9 % of 10,000 m",
    ),
    "tall_customers": Estimate(
        "If heights were exactly normal, how many of 40 million customers would a rule of three standard "
        "deviations throw out?", "customers", 100_000, 125_000,
        "0.27 % of a normal distribution lies beyond three standard deviations: 108,000",
    ),
}  # fmt: skip
