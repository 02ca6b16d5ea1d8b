"""Hints of q25, by step, from a nudge to nearly the way."""

HINTS = {
    "estimates": (
        "An order of s euros costs 190 + 0.0014 s + s² / 60,000,000. Of n equal orders each has s = 520,000 / n.",
        "`best_orders`: the spread is the same for every n. What is left is 190 n + 520,000² / 60,000,000 / n; where "
        "is its slope zero?",
        "`returns_a_number`: a covariance is symmetric; count its diagonal and one half of the rest.",
        "`years_of_proof`: after T years the edge has added up to 2 % x T, and its standard error to 5 % x sqrt(T). "
        "`lucky`: all 24 fail the test with a chance of 0.95^24.",
    ),
    "baseline": (
        "What may be sold: `(fund['since'] >= lock)`, not the share that is bought. The same part of each of these.",
        "Round *down* to whole lots (`np.floor(x / lot) * lot`); then work out what these orders cost.",
        "As long as what is raised is less than amount and costs, sell a lot more of the largest holding that is left.",
    ),
    "artifact": (
        "Think of the sale lot by lot. The next lot of a share costs spread and impact, and saves risk: which share "
        "gives most for least?",
        "If C is the covariance and x the holdings after the purchase, a month's risk charge is about price x 21 x "
        "x'Cx / worth. Its slope by each holding is 2 x price x 21 x (C x) / worth: a matrix times a vector.",
        "Whoever sells today doesn't hold it next month either. Count the risk of two or three months, not of one.",
        "A ticket is paid for the first lot of a share alone. Let a share that has no order yet carry a part of it in "
        "its price, and sell in steps of a twelfth or so of the amount: then there are four to six orders.",
        "Covariance: a month or two say how much each share shakes now; a year and more say how shares move together. "
        "Give correlations that were seen on few days back to the mean of all (Ledoit and Wolf, 2004, say why).",
        "Missing prices: count the days for which both shares have a return, and divide by those. A newcomer with ten "
        "days has a variance mostly borrowed from the others.",
        "The last step: in whole lots until it is enough, and then take away every lot that can go.",
    ),
}
